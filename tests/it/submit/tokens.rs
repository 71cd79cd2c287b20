//! Tokens minted by both services, anew after a 401, and shown nowhere.

use quadra::api::{Client, Error, Minting, Resource, Settings, TokenService};
use quadra::clock::Clock;
use secrecy::SecretString;

use super::provider::Provider;

fn client(provider: &Provider, service: TokenService, key: &str) -> Client {
    let minting = Minting {
        service,
        url: provider.url.clone(),
        email: "mario@rossi.example".to_owned(),
        api_key: SecretString::from(key),
        ttl_seconds: 3600,
    };
    let settings = Settings {
        base_url: provider.url.clone(),
        minting: Some(minting),
        backoff_ms: 1,
        ..Settings::default()
    };
    Client::new(settings, Clock::System).unwrap()
}

#[tokio::test]
async fn both_services_mint_once_for_many_calls() {
    for (service, path) in [(TokenService::V1, "/token"), (TokenService::V2, "/tokens")] {
        let provider = Provider::start().await;
        let client = client(&provider, service, "ap1-k3y");
        for _ in 0..3 {
            client.configurations().await.unwrap();
        }
        let script = provider.script();
        assert_eq!(script.minted, 1);
        assert_eq!(script.requests[0], format!("POST {path}"));
        let asked: serde_json::Value = serde_json::from_str(&script.bodies[0]).unwrap();
        assert_eq!((&asked["ttl"], asked["scopes"].as_array().unwrap().len()), (&3600.into(), 11));
    }
}

#[tokio::test]
async fn refused_token_is_minted_anew_once() {
    let provider = Provider::start().await;
    let client = client(&provider, TokenService::V2, "ap1-k3y");
    client.configurations().await.unwrap();
    // The vendor forgets the token.
    provider.script().good_tokens = vec!["another".to_owned()];
    client.configurations().await.unwrap();
    assert_eq!(provider.script().minted, 2);
    // Where a fresh token is refused too, there is no third.
    provider.script().good_tokens = vec!["another".to_owned()];
    let settings = client.get(Resource::Configurations, "x").await;
    assert!(settings.is_ok() || matches!(settings, Err(Error::Unreadable(_))), "{settings:?}");
    assert_eq!(provider.script().minted, 3);
}

#[tokio::test]
async fn wrong_key_is_told_without_showing_it() {
    let provider = Provider::start().await;
    let client = client(&provider, TokenService::V1, "wr0ng-k3y");
    let error = client.configurations().await.unwrap_err();
    assert!(matches!(error, Error::NotMinted(_)), "{error:?}");
    let shown = format!("{error} {error:?} {:?} {client:?}", error.hint());
    assert!(shown.contains("api.email") && !shown.contains("wr0ng"), "{shown}");
}

#[tokio::test]
async fn echoed_token_is_taken_out_of_errors() {
    let provider = Provider::start().await;
    provider.script().good_tokens = vec!["another".to_owned()];
    let settings = Settings {
        base_url: provider.url.clone(),
        token: SecretString::from("s3cr3t-t0ken"),
        ..Settings::default()
    };
    let client = Client::new(settings, Clock::System).unwrap();
    let error = client.configurations().await.unwrap_err();
    let shown = format!("{error} {error:?}");
    assert!(shown.contains("Wrong Token [secret]") && !shown.contains("s3cr3t"), "{shown}");
}
