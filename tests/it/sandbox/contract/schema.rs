//! As much of OpenAPI 3.0 as it takes to hold an answer against the vendor's specification.

use std::path::{Path, PathBuf};

use serde_json::Value;

/// The vendor's specifications, where this machine has them.
pub(crate) fn specification(name: &str) -> Option<Value> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    // A worktree lies one folder deeper than the repository itself.
    let places: [PathBuf; 2] = ["../shared/oas", "../../shared/oas"].map(|place| root.join(place));
    let file = places.iter().map(|place| place.join(name)).find(|file| file.exists())?;
    Some(serde_json::from_str(&std::fs::read_to_string(file).unwrap()).unwrap())
}

/// Lets the departures of `tests/contract/allowed.json` in, as `allowed.py` does.
pub(crate) fn with_departures(mut specification: Value) -> Value {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/contract/allowed.json");
    let allowed: Value = serde_json::from_str(&std::fs::read_to_string(file).unwrap()).unwrap();
    let schemas = &mut specification["components"]["schemas"];
    schemas["Configuration"] = schemas["ITConfigurationResponse"]["properties"]["data"].clone();
    for entry in allowed["schemas"].as_array().unwrap() {
        assert!(entry["reason"].as_str().is_some_and(|reason| reason.len() > 20), "{entry}");
        let mut parts: Vec<&str> = entry["at"].as_str().unwrap().split('.').collect();
        let last = parts.pop().unwrap();
        let mut parent = &mut *schemas;
        for part in parts {
            parent = parent.get_mut(part).unwrap_or_else(|| panic!("{entry}: no `{part}`"));
        }
        let names = match last {
            "*" => entry["names"].as_array().unwrap().iter().map(|n| n.as_str().unwrap()).collect(),
            name => vec![name],
        };
        for name in names {
            let place = parent.get_mut(name).unwrap_or_else(|| panic!("{entry}: no `{name}`"));
            if let Some(whole) = entry.get("replace") {
                *place = whole.clone();
            }
            for (key, value) in entry["set"].as_object().into_iter().flatten() {
                place[key] = value.clone();
            }
            for key in entry["remove"].as_array().into_iter().flatten() {
                place.as_object_mut().unwrap().remove(key.as_str().unwrap());
            }
        }
    }
    admit(&mut specification, &allowed);
    specification
}

fn admit(specification: &mut Value, allowed: &Value) {
    let paths = specification["paths"].as_object_mut().unwrap();
    for (path, operations) in paths {
        for (method, operation) in operations.as_object_mut().unwrap() {
            let name = format!("{} {path}", method.to_uppercase());
            for entry in allowed["answers"].as_array().unwrap() {
                let operations = entry["operations"].as_array().unwrap();
                if operations.iter().any(|one| one == "*" || *one == name.as_str()) {
                    let status = entry["status"].as_str().unwrap();
                    let responses = operation["responses"].as_object_mut().unwrap();
                    responses.entry(status).or_insert(Value::Null);
                }
            }
        }
    }
}

/// Returns what of a value is not as its schema says, each with its place.
pub(crate) fn violations(
    specification: &Value,
    schema: &Value,
    value: &Value,
    at: &str,
) -> Vec<String> {
    if let Some(name) = schema["$ref"].as_str() {
        let name = name.trim_start_matches("#/components/schemas/");
        let schema = &specification["components"]["schemas"][name];
        assert!(schema.is_object(), "the specification has no schema {name}");
        return violations(specification, schema, value, at);
    }
    if value.is_null() && schema["nullable"] == true {
        return Vec::new();
    }
    if let Some(choices) = schema["oneOf"].as_array() {
        let fits = |choice: &Value| violations(specification, choice, value, at).is_empty();
        return if choices.iter().any(fits) {
            Vec::new()
        } else {
            vec![format!("{at}: {value} fits none of its choices")]
        };
    }
    let mut found = Vec::new();
    if !is_of_type(schema, value) {
        found.push(format!("{at}: {value} is no {}", schema["type"]));
    }
    let choices = schema["enum"].as_array();
    if choices.is_some_and(|choices| !choices.contains(value)) {
        found.push(format!("{at}: {value} is not listed"));
    }
    if let (Some(format), Some(text)) = (schema["format"].as_str(), value.as_str()) {
        let holds = match format {
            "date-time" => chrono::DateTime::parse_from_rfc3339(text).is_ok(),
            "date" => text.parse::<chrono::NaiveDate>().is_ok(),
            "email" => text.contains('@'),
            "uri" => text.contains("://"),
            _ => true,
        };
        if !holds {
            found.push(format!("{at}: {value} is no {format}"));
        }
    }
    for name in schema["required"].as_array().into_iter().flatten() {
        if value.get(name.as_str().unwrap()).is_none() {
            found.push(format!("{at}: {name} is missing"));
        }
    }
    for (name, property) in schema["properties"].as_object().into_iter().flatten() {
        if let Some(inner) = value.get(name) {
            found.extend(violations(specification, property, inner, &format!("{at}.{name}")));
        }
    }
    for (place, item) in value.as_array().into_iter().flatten().enumerate() {
        found.extend(violations(specification, &schema["items"], item, &format!("{at}[{place}]")));
    }
    found
}

fn is_of_type(schema: &Value, value: &Value) -> bool {
    match schema["type"].as_str() {
        Some("object") => value.is_object(),
        Some("array") => value.is_array(),
        Some("string") => value.is_string(),
        Some("number") => value.is_number(),
        Some("integer") => value.is_i64(),
        Some("boolean") => value.is_boolean(),
        _ => true,
    }
}
