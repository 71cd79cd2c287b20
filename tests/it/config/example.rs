//! `quadra.example.toml` shows every setting, rightly.

use std::fs;

use quadra::config::Config;

use super::{World, project};

#[test]
fn shown_settings_are_the_defaults() {
    let example = project("quadra.example.toml");
    let config = Config::load(Some(&example), [], &[]).unwrap();
    let bare = World::with("").load().unwrap();
    let values = |config: &Config| -> Vec<String> {
        config.describe().iter().map(|one| format!("{} = {}", one.key, one.value)).collect()
    };
    assert_eq!(values(&config), values(&bare));
}

#[test]
fn example_names_every_key() {
    let text = fs::read_to_string(project("quadra.example.toml")).unwrap();
    for one in World::with("").load().unwrap().describe() {
        let (section, key) = one.key.split_once('.').unwrap();
        let after = text.split_once(&format!("\n[{section}]\n")).expect("the section is shown").1;
        let body = after.split("\n[").next().unwrap();
        let is_secret =
            ["api.token", "api.api_key", "mail.password", "webhook.secret"].contains(&one.key);
        let shown = body.lines().any(|line| {
            line.trim_start_matches("# ").split_once(" = ").is_some_and(|(name, _)| name == key)
        });
        assert_eq!(shown, !is_secret, "{}", one.key);
    }
}

#[test]
fn every_commented_example_is_valid() {
    let text = fs::read_to_string(project("quadra.example.toml")).unwrap();
    let is_setting = |line: &str| {
        line.split_once(" = ")
            .is_some_and(|(key, _)| key.chars().all(|c| c.is_ascii_lowercase() || c == '_'))
    };
    let uncommented: Vec<&str> = text
        .lines()
        .map(|line| line.strip_prefix("# ").filter(|rest| is_setting(rest)).unwrap_or(line))
        .collect();
    let world = World::with(&uncommented.join("\n"));
    fs::create_dir(world.path("secrets")).unwrap();
    let world = world
        .file("secrets/api-token", "t", 0o600)
        .file("secrets/api-key", "k", 0o600)
        .file("secrets/webhook", "0123456789abcdef", 0o600)
        .file("secrets/mail-password", "p", 0o600)
        .file("company-root.pem", include_str!("../fixtures/mail-root.pem"), 0o644);
    let config = world.load().unwrap_or_else(|error| panic!("{error}"));
    assert!(config.mail.is_some() && config.api.token.is_some());
}
