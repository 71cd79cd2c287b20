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

/// A world whose invoices' job mails to these recipients, with these further lines.
fn invoices(recipients: &str, more: &str) -> (World, Sink) {
    let mut world = mailing();
    let job = world.read("jobs/nightly-invoices.toml");
    let lines = format!("recipients = [{recipients}]\n{more}\n[schedule]");
    world.write("jobs/nightly-invoices.toml", job.replace("[schedule]", &lines));
    let sink = world.runtime().block_on(Sink::open());
    world.set("QUADRA__MAIL__PORT", &sink.port.to_string());
    (world, sink)
}

/// Runs the invoices' night as of a morning of March.
fn morning(world: &mut World, day: u32) -> Ran {
    world.set("QUADRA_CLOCK", &format!("2026-03-{day:02}T05:00:00Z"));
    world.quadra("run nightly-invoices --period 2026-02 --quiet")
}

/// Returns a part of each mail, in the order of queueing.
fn parts(world: &World, role: &str) -> Vec<String> {
    world.sql(&format!(
        "select cast(p.bytes as text) from delivery_parts as p join deliveries as d \
         on d.id = p.delivery_id where d.channel = 'mail' and p.role = '{role}' order by d.id"
    ))
}

fn attachments(world: &World) -> usize {
    world.sql("select file_name from delivery_parts where role = 'attachment'").len()
}

#[test]
fn each_recipient_reads_what_was_asked_for() {
    let (mut world, sink) = invoices(
        "'all@rossi.example', 'two@rossi.example', \
         'own@rossi.example | companies 21177305022', \
         'dear@rossi.example | kinds amount_differs missing_in_ledger | minimum 100.00'",
        "",
    );
    morning(&mut world, 10).expect(3);
    let to = world.sql(
        "select replace(address, char(10), ' ') from deliveries where channel = 'mail' order by 1",
    );
    assert_eq!(
        to,
        ["all@rossi.example two@rossi.example", "dear@rossi.example", "own@rossi.example"]
    );
    assert_eq!(sink.heard_so_far().messages.len(), 3);
    let page = |address: &str| {
        let query = format!(
            "select cast(p.bytes as text) from delivery_parts as p join deliveries as d \
             on d.id = p.delivery_id where d.address = '{address}' and p.role = 'html'"
        );
        world.sql(&query).remove(0)
    };
    let (own, dear) = (page("own@rossi.example"), page("dear@rossi.example"));
    for stranger in ["19044175016", "33401825030"] {
        assert!(!own.contains(stranger), "{stranger} is none of theirs");
    }
    assert!(own.contains("21177305022"));
    assert!(dear.contains("Fuori dal filtro di questo destinatario"), "{dear}");
    assert!(!dear.contains("Data diversa"));
    // What could not be looked at passes every filter.
    assert!(dear.contains("Contabilità non caricata"), "{dear}");
    for page in parts(&world, "html") {
        for foreign in ["<script", "<img", "http:", "https:", "<link", "url("] {
            assert!(!page.contains(foreign), "{foreign}");
        }
    }
    world.runtime().block_on(sink.stop());
}

#[test]
fn nothing_new_is_one_short_mail_or_none() {
    for (rule, mails) in [("short", 2), ("none", 1), ("full", 2)] {
        let (mut world, sink) = invoices("'a@rossi.example'", &format!("nothing_new = '{rule}'"));
        morning(&mut world, 10).expect(3);
        // Again on the same day: it says the same.
        morning(&mut world, 10).expect(3);
        assert_eq!(sink.heard_so_far().messages.len(), 1, "{rule}");
        morning(&mut world, 11).expect(3);
        assert_eq!(sink.heard_so_far().messages.len(), mails, "{rule}");
        let subjects = |world: &World| {
            world.sql("select subject from deliveries where channel = 'mail' order by id")
        };
        let is_short = |subject: &String| subject.starts_with("Niente di nuovo: INCOMPLETO");
        let short = subjects(&world).iter().filter(|one| is_short(one)).count();
        assert_eq!(short, usize::from(rule == "short"));
        let attached = attachments(&world);
        assert_eq!(attached, if rule == "full" { 2 } else { 1 }, "{rule}");
        // Another amount than yesterday: that is news, and told in full.
        world.execute(
            "update documents set gross_cents = gross_cents + 1000 where id = (select min(id) \
             from documents where kind = 'invoice' and company = '21177305022' \
             and direction = 'outgoing' and lifecycle = 'issued')",
        );
        morning(&mut world, 12);
        assert_eq!(subjects(&world).len(), mails + 1, "{rule}");
        assert!(!is_short(subjects(&world).last().unwrap()), "{rule}");
        world.runtime().block_on(sink.stop());
    }
}

#[test]
fn mail_that_did_not_arrive_was_not_read() {
    let (mut world, sink) = invoices("'a@rossi.example'", "");
    morning(&mut world, 10).expect(3);
    world.execute("update deliveries set state = 'unknown' where channel = 'mail'");
    morning(&mut world, 11).expect(3);
    let subjects = world.sql("select subject from deliveries where channel = 'mail' order by id");
    assert_eq!(subjects.len(), 2);
    assert!(!subjects[1].starts_with("Niente di nuovo"), "{subjects:?}");
    world.runtime().block_on(sink.stop());
}

#[test]
fn firm_of_many_companies_gets_a_line_each() {
    let (mut world, sink) = invoices("'a@rossi.example'", "mail_style = 'digest'");
    morning(&mut world, 10).expect(3);
    let (page, text) = (parts(&world, "html").remove(0), parts(&world, "text").remove(0));
    assert!(!page.contains("Abbinamento:"), "the findings are in the workbook");
    let lines: Vec<&str> = text.lines().filter(|line| line.starts_with("* ")).collect();
    assert_eq!(lines.len(), 2, "{text}");
    assert!(lines[0].contains("INCOMPLETO"), "the worst comes first: {text}");
    assert!(text.contains("\nQuadra 1 azienda su tutto.\n"), "{text}");
    assert_eq!(attachments(&world), 1);
    world.runtime().block_on(sink.stop());
}

#[test]
fn large_workbook_lies_in_the_folder() {
    let (mut world, sink) =
        invoices("'a@rossi.example', 'b@rossi.example | minimum 1000.00'", "formats = ['text']");
    world.configure("[mail]\nattachment_max_kb = 5");
    morning(&mut world, 10).expect(3);
    assert_eq!(attachments(&world), 0);
    let books: Vec<String> =
        world.files("out").into_iter().filter(|name| name.contains(".xlsx")).collect();
    assert_eq!(books.len(), 2, "{books:?}");
    for text in parts(&world, "text") {
        let told = text.lines().last().unwrap().to_owned();
        assert!(told.contains("troppo grande per la posta"), "{told}");
        assert!(books.iter().any(|name| told.contains(name)), "{told}");
    }
    world.runtime().block_on(sink.stop());
}
