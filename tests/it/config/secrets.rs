//! Secrets: where they may come from, and that nothing shows them.

use secrecy::ExposeSecret as _;

use super::World;

#[test]
fn token_in_clear_is_refused_unseen() {
    let world = World::with("[api]\ntoken = 'f00dfeed'\n");
    insta::assert_snapshot!(world.refusal(), @"
    failed to read the settings: quadra.toml:2: `api.token` is a secret and is not taken from this file
    hint: remove it, and set QUADRA__API__TOKEN or name a file of mode 0600 in `api.token_file`
    ");
    let world = World::with("").flag("api.token", "f00dfeed");
    insta::assert_snapshot!(world.refusal(), @"
    failed to read the settings: flag for api.token: a secret is not taken from the command line
    hint: set QUADRA__API__TOKEN instead
    ");
}

#[test]
fn broken_toml_shows_line_but_no_value() {
    let world = World::with("[api]\nbase_url = 'https://a.example'\ntoken = f00dfeed\n");
    let refusal = world.refusal();
    assert!(!refusal.contains("f00dfeed"), "{refusal}");
    insta::assert_snapshot!(refusal, @"failed to read the settings: quadra.toml:3: not TOML: invalid boolean, expected `false`");
}

#[test]
fn token_file_must_be_private() {
    let text = "[api]\ntoken_file = 'token'\n";
    let config = World::with(text).file("token", "f00dfeed\n", 0o600).load().unwrap();
    assert_eq!(config.api.token.as_ref().unwrap().expose_secret(), "f00dfeed");
    assert!(World::with(text).file("token", "f00dfeed", 0o400).load().is_ok());

    for mode in [0o640, 0o604, 0o660] {
        assert!(World::with(text).file("token", "f00dfeed", mode).load().is_err());
    }
    let world = World::with(text).file("token", "f00dfeed\n", 0o644);
    insta::assert_snapshot!(world.refusal(), @"
    failed to read the settings: quadra.toml:2: `api.token_file` = `token` has mode 0644, so others than its owner may read the secret
    hint: run `chmod 600 token`
    ");
    insta::assert_snapshot!(World::with(text).refusal(), @"
    failed to read the settings: quadra.toml:2: `api.token_file` = `token` cannot be read: No such file or directory (os error 2)
    hint: name a file of yours with mode 0600, a secret a line
    ");
    insta::assert_snapshot!(World::with(text).file("token", "\n", 0o600).refusal(), @"failed to read the settings: quadra.toml:2: `api.token_file` = `token` is empty");
    insta::assert_snapshot!(World::with(text).file("token", "a\nb\n", 0o600).refusal(), @"failed to read the settings: quadra.toml:2: `api.token_file` = `token` has more than one line, or a control character");
}

#[test]
fn token_comes_from_the_strongest_place() {
    let token = |world: &World| world.load().unwrap().api.token.unwrap().expose_secret().to_owned();
    let world = World::with("[api]\ntoken_file = 'token'\n")
        .file("token", "from-file", 0o600)
        .file("other", "from-flag", 0o600);
    assert_eq!(token(&world), "from-file");
    let world = world.variable("QUADRA__API__TOKEN", "from-variable");
    assert_eq!(token(&world), "from-variable");
    let path = world.path("other").display().to_string();
    let world = world.flag("api.token_file", &path);
    assert_eq!(token(&world), "from-flag");
}

#[test]
fn token_named_twice_is_refused() {
    let world = World::with("").file("token", "from-file", 0o600);
    let path = world.path("token").display().to_string();
    let refusal = world
        .variable("QUADRA__API__TOKEN", "from-variable")
        .variable("QUADRA__API__TOKEN_FILE", &path)
        .refusal();
    insta::assert_snapshot!(refusal, @"failed to read the settings: QUADRA__API__TOKEN_FILE: both `api.token` and `api.token_file` are set: keep one");
}

#[test]
fn secrets_never_show_in_debug_or_description() {
    let config =
        World::with("[mail]\nhost='smtp.rossi.example'\nusername='u'\nfrom='q@rossi.example'")
            .variable("QUADRA__API__TOKEN", "f00dfeed")
            .variable("QUADRA__MAIL__PASSWORD", "s3cret!")
            .load()
            .unwrap();
    let shown = format!("{config:?} {:?}", config.describe());
    assert!(!shown.contains("f00dfeed") && !shown.contains("s3cret!"), "{shown}");
    assert_eq!(config.mail.unwrap().server.password.unwrap().expose_secret(), "s3cret!");
}
