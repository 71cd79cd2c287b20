//! Which events of a company are called back, where and how.

use std::collections::BTreeMap;
use std::net::IpAddr;

use axum::http::Uri;
use serde_json::value::RawValue;

use super::answer::Refusal;
use super::body::{invalid, optional, required};
use super::data::wire;
use super::habits::Habits;
use super::json::Object;

/// The events a company can subscribe to, with the spellings that were seen.
const EVENTS: [&str; 9] = [
    "receipt",
    "receipt-credentials",
    "receipt-retry",
    "receipt-error",
    "appointee",
    "customer-invoice",
    "supplier-invoice",
    "customer_invoice",
    "supplier_invoice",
];

/// The most repetitions a callback may ask for.
const RETRIES_MAX: u32 = 5;

/// Is one event with its callback as the vendor shows it; without one, the event is stopped.
pub(super) type Subscription = (String, Option<Object>);

/// Reads what a body subscribes to; none when it does not speak of it.
pub(super) fn read(body: &Object, habits: Habits) -> Result<Option<Vec<Subscription>>, Refusal> {
    let Some(wanted) = optional::<Vec<Object>>(body, "api_configurations")? else {
        return Ok(None);
    };
    if wanted.is_empty() {
        return Err(invalid("api_configurations"));
    }
    wanted.iter().map(|one| subscription(one, habits)).collect::<Result<_, _>>().map(Some)
}

/// Writes the subscriptions into a configuration: all of them, or those of the same events.
pub(super) fn apply(configuration: &mut Object, wanted: Vec<Subscription>, replaces: bool) {
    let mut list = if replaces {
        Vec::new()
    } else {
        configuration.objects("api_configurations").unwrap_or_default()
    };
    for (event, callback) in wanted {
        let place = list.iter().position(|one| one.string("event").as_ref() == Some(&event));
        match (place, callback) {
            (Some(place), Some(callback)) => list[place].set("callback", callback),
            (Some(place), None) => drop(list.remove(place)),
            (None, Some(callback)) => {
                let mut one = Object::default();
                one.set("event", event);
                one.set("callback", callback);
                list.push(one);
            }
            (None, None) => {}
        }
    }
    configuration.set("api_configurations", list);
}

/// Tells whether a callback would stay on this machine, unencrypted.
pub(super) fn is_loopback(url: &str) -> bool {
    let Ok(uri) = url.parse::<Uri>() else { return false };
    let host = uri.host().unwrap_or_default();
    let address = host.trim_matches(['[', ']']).parse::<IpAddr>();
    uri.scheme_str() == Some("http")
        && (host == "localhost" || address.is_ok_and(|address| address.is_loopback()))
}

fn subscription(wanted: &Object, habits: Habits) -> Result<Subscription, Refusal> {
    let event: String = required(wanted, "event")?;
    if !EVENTS.contains(&event.as_str()) {
        return Err(invalid("event"));
    }
    if wanted.raw("callback").is_none_or(|text| text == "null") {
        return Ok((event, None));
    }
    let callback: Object = required(wanted, "callback")?;
    let method: Option<String> = optional(&callback, "method")?;
    let method = method.unwrap_or_else(|| "JSON".into());
    if !["JSON", "POST"].contains(&method.as_str()) {
        return Err(invalid("method"));
    }
    let url: String = required(&callback, "url")?;
    let is_web = url.starts_with("http://") || url.starts_with("https://");
    if !is_web || url.parse::<Uri>().is_err() {
        return Err(invalid("url"));
    }
    if habits.foreign_callbacks_refused && !is_loopback(&url) {
        return Err(Refusal::bad(
            "Invalid field: url. The sandbox calls back http://127.0.0.1, http://[::1] and \
             http://localhost only",
        ));
    }
    let retry: u32 = optional(&callback, "retry")?.unwrap_or_default();
    if retry > RETRIES_MAX {
        return Err(invalid("retry"));
    }
    let field: Option<String> = optional(&callback, "field")?;
    let headers: Option<BTreeMap<String, String>> = optional(&callback, "headers")?;
    let custom: Option<Box<RawValue>> = optional(&callback, "custom")?;
    let text = wire::text(&wire::Callback {
        method: &method,
        url,
        user_id: "",
        username: "",
        field: field.as_deref().unwrap_or("data"),
        headers: headers.unwrap_or_default(),
        data: BTreeMap::new(),
        retry,
        scope: None,
        domain: None,
        custom: custom.as_deref(),
    });
    Ok((event, Some(Object::read(&text).expect("a struct is an object"))))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_this_machine_is_called() {
        for url in ["http://127.0.0.1:8081/x", "http://localhost/x", "http://[::1]:80/"] {
            assert!(is_loopback(url), "{url}");
        }
        for url in ["https://127.0.0.1/", "http://example.com/", "http://10.0.0.1/", "nonsense"] {
            assert!(!is_loopback(url), "{url}");
        }
    }

    #[test]
    fn null_callback_stops_event() {
        let mut configuration = Object::default();
        let body = r#"{"api_configurations":[{"event":"receipt","callback":{"url":"http://127.0.0.1/"}}]}"#;
        let wanted = read(&Object::read(body).unwrap(), Habits::default()).unwrap();
        apply(&mut configuration, wanted.unwrap(), false);
        assert!(configuration.text().contains(r#""event":"receipt""#));
        let stop = r#"{"api_configurations":[{"event":"receipt","callback":null}]}"#;
        let wanted = read(&Object::read(stop).unwrap(), Habits::default()).unwrap();
        apply(&mut configuration, wanted.unwrap(), false);
        assert_eq!(configuration.text(), r#"{"api_configurations":[]}"#);
    }
}
