//! `quadra credentials status|declare`: ages, said by people and shown to scripts.

use crate::world::World;

const CODE: &str = "RSSMRA80A01H501U";

fn world() -> World {
    let world = World::small();
    world.quadra("pull configurations").expect(0);
    world
}

fn code(world: &World) -> String {
    let status = world.quadra("credentials status --json").expect(0).json();
    status["credentials"][0]["tax_code"].as_str().unwrap().to_owned()
}

#[test]
fn unknown_age_is_shown_and_counts_for_scripts() {
    let world = world();
    let ran = world.quadra("credentials status").expect(0);
    assert!(ran.stdout.contains("unknown"), "{ran}");
    assert!(ran.stdout.contains("credentials declare"), "{ran}");
    world.quadra("credentials status --exit-code").expect(1);
    let one = &world.quadra("credentials status --json").expect(0).json()["credentials"][0];
    assert_eq!((one["state"].as_str(), one["days_left"].as_i64()), (Some("unknown"), None));
}

#[test]
fn declared_day_is_known_from_then_on() {
    let world = world();
    let code = code(&world);
    let today = quadra::clock::Clock::System.today_in_rome();
    let changed = today - chrono::Days::new(80);
    let ran = world
        .quadra(&format!("credentials declare {} --changed-on {changed}", code.to_lowercase()));
    assert!(ran.expect(0).stdout.contains("10 days left"));
    let one = &world.quadra("credentials status --json").expect(0).json()["credentials"][0];
    assert_eq!((one["state"].as_str(), one["days_left"].as_i64()), (Some("expiring"), Some(10)));
    assert_eq!(one["source"], "declared");
    world.quadra("credentials status --exit-code --days 9").expect(0);
    world.quadra("credentials status --exit-code --days 10").expect(1);
    // Said again with another day: the later word counts.
    world.quadra(&format!("credentials declare {code} --changed-on {today}")).expect(0);
    world.quadra("credentials status --exit-code --days 89").expect(0);
}

#[test]
fn wrong_declarations_change_nothing() {
    let world = world();
    let code = code(&world);
    for (arguments, told) in [
        (format!("{CODE} --changed-on 2026-01-01"), "no company uses the credentials of"),
        (format!("{code} --changed-on 2099-01-01"), "lies in the future"),
        (
            format!("{code} --changed-on 2026-01-01 --company 09876543217"),
            "does not use the credentials",
        ),
        (format!("{code} --changed-on 31/01/2026"), "invalid value"),
        (code.clone(), "--changed-on"),
    ] {
        let ran = world.quadra(&format!("credentials declare {arguments}")).expect(2);
        assert!(ran.stderr.contains(told), "{ran}");
    }
    assert_eq!(world.sql("select count(*) from portal_credentials"), ["0"]);
    let stranger = World::new();
    let ran =
        stranger.quadra(&format!("credentials declare {CODE} --changed-on 2026-01-01")).expect(2);
    assert!(ran.stderr.contains("quadra pull configurations"), "{ran}");
}
