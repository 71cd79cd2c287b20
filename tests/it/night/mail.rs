//! The report's mail: one a day that says one thing, never two, never silently none.

use crate::smtp::{Act, Heard, Sink};
use crate::world::{Ran, World};

const NIGHT: &str = "run nightly-receipts --period 2026-02 --quiet";

/// A demo world whose receipts' job mails to two people, one with a comma in his name.
fn mailing() -> World {
    let mut world = World::demo();
    let job = world.read("jobs/nightly-receipts.toml");
    let recipients =
        "recipients = ['\"Rossi, Anna\" <anna@rossi.example>', \"b@rossi.example\"]\n[schedule]";
    world.write("jobs/nightly-receipts.toml", job.replace("[schedule]", recipients));
    world.set("QUADRA__MAIL__HOST", "127.0.0.1");
    world.set("QUADRA__MAIL__SECURITY", "none");
    world.set("QUADRA__MAIL__FROM", "Quadra <quadra@rossi.example>");
    world
}

/// Runs a night against a mail server that acts out of turn.
fn night(world: &mut World, acts: &[(&'static str, Act)]) -> (Ran, Heard) {
    let sink = world.runtime().block_on(Sink::start(acts));
    world.set("QUADRA__MAIL__PORT", &sink.port.to_string());
    let ran = world.quadra(NIGHT);
    let heard = sink.heard_so_far();
    world.runtime().block_on(sink.stop());
    (ran, heard)
}

fn states(world: &World) -> Vec<String> {
    world.sql("select state || ' ' || attempts from deliveries where channel = 'mail'")
}

#[test]
fn one_mail_with_text_page_and_workbook() {
    let mut world = mailing();
    let (ran, heard) = night(&mut world, &[]);
    ran.expect(0);
    let [mail] = &heard.messages[..] else { panic!("{:?}", heard.commands) };
    let mail = String::from_utf8(mail.clone()).unwrap();
    for part in ["multipart/alternative", "text/plain", "text/html", ".xlsx"] {
        assert!(mail.contains(part), "{part}");
    }
    let to: Vec<&String> =
        heard.commands.iter().filter(|command| command.starts_with("RCPT")).collect();
    assert_eq!(to, ["RCPT TO:<anna@rossi.example>", "RCPT TO:<b@rossi.example>"]);
    // The night after says the same: nothing is sent, and that is no failure.
    let (again, silence) = night(&mut world, &[]);
    again.expect(0);
    assert!(silence.commands.is_empty(), "{silence:?}");
    assert_eq!(states(&world), ["sent 1"]);
}

#[test]
fn mail_that_was_put_off_goes_out_next_time() {
    let mut world = mailing();
    let (ran, heard) = night(&mut world, &[("RCPT", Act::Say("451 come back later"))]);
    let ran = ran.expect(3);
    assert!(ran.since_line("run ").contains("451"), "{ran}");
    assert!(heard.messages.is_empty());
    assert_eq!(states(&world), ["queued 1"]);
    let (ran, heard) = night(&mut world, &[]);
    ran.expect(0);
    assert_eq!(heard.messages.len(), 1);
    assert_eq!(states(&world), ["sent 2"]);
}

#[test]
fn mail_without_a_server_at_home_waits() {
    let mut world = mailing();
    let sink = world.runtime().block_on(Sink::start(&[]));
    let nobody = world.runtime().block_on(sink.stop());
    world.set("QUADRA__MAIL__PORT", &nobody.to_string());
    world.quadra(NIGHT).expect(3);
    assert_eq!(states(&world), ["queued 1"]);
}

#[test]
fn mail_refused_for_good_is_shown_and_not_repeated() {
    let mut world = mailing();
    let (ran, _) = night(&mut world, &[("MAIL", Act::Say("550 unknown sender"))]);
    let ran = ran.expect(3);
    assert!(ran.since_line("run ").contains("(550): unknown sender"), "{ran}");
    assert_eq!(states(&world), ["refused 1"]);
    let (_, silence) = night(&mut world, &[]);
    assert!(silence.commands.is_empty(), "{silence:?}");
}

#[test]
fn mail_cut_off_after_its_end_is_unknown_for_ever() {
    let mut world = mailing();
    let (ran, heard) = night(&mut world, &[("DOT", Act::Cut)]);
    let ran = ran.expect(3);
    assert_eq!(heard.messages.len(), 1, "it may have arrived");
    assert!(ran.since_line("run ").contains("problem: mail to"), "{ran}");
    assert_eq!(states(&world), ["unknown 1"]);
    let (_, silence) = night(&mut world, &[]);
    assert!(silence.commands.is_empty(), "{silence:?}");
    assert_eq!(states(&world), ["unknown 1"]);
}

#[test]
fn crash_while_sending_is_unknown_and_not_repeated() {
    let mut world = mailing();
    night(&mut world, &[("RCPT", Act::Say("451 come back later"))]).0.expect(3);
    // What a process killed in the middle of its talk leaves behind.
    world.execute("update deliveries set state = 'sending' where channel = 'mail'");
    let (ran, silence) = night(&mut world, &[]);
    let ran = ran.expect(3);
    assert!(ran.since_line("run ").contains("they may have arrived"), "{ran}");
    assert!(silence.commands.is_empty(), "{silence:?}");
    assert_eq!(states(&world), ["unknown 1"]);
}
