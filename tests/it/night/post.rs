//! What a real mail server receives over some mornings: STARTTLS, a login, and every form of mail.

#![expect(clippy::unwrap_used, reason = "a test may stop at the first surprise")]

use serde_json::Value;

use crate::deliver::aiosmtpd::RealServer;
use crate::submit::write_private;
use crate::world::{World, repository};

/// A world whose mail goes to the server, over its own authority and with its login.
fn world(server: &RealServer) -> World {
    let mut world = World::demo();
    write_private(&world.path("mail-password"), "s3cret!\n");
    world.configure(&format!(
        "[mail]\nhost = \"localhost\"\nport = {}\nsecurity = \"starttls\"\nusername = \"quadra\"\n\
         password_file = \"mail-password\"\nca_file = \"{}\"\nfrom = \"Quadra <quadra@rossi.example>\"",
        server.port,
        server.authority().display()
    ));
    world.set("QUADRA_CLOCK", "2026-03-10T05:00:00Z");
    world
}

/// Lays down a job for the invoices of February, with these lines.
fn job(world: &World, name: &str, lines: &str) {
    let text = world.read("jobs/nightly-invoices.toml");
    world.write(
        &format!("jobs/{name}.toml"),
        text.replace("[schedule]", &format!("{lines}\n[schedule]")),
    );
}

/// Runs a job and returns the mails that came of it, by their first recipient.
fn night(world: &World, server: &RealServer, name: &str) -> Vec<Value> {
    let before = server.mails().len();
    let ran = world.quadra(&format!("run {name} --period 2026-02 --quiet"));
    assert!(matches!(ran.code, Some(0 | 3)), "{ran}");
    let mut mails = server.mails().split_off(before);
    mails.sort_by_key(|mail| mail["to"][0].to_string());
    mails
}

fn text<'a>(mail: &'a Value, key: &str) -> &'a str {
    mail[key].as_str().unwrap()
}

fn attachments(mail: &Value) -> usize {
    mail["attachments"].as_array().unwrap().len()
}

#[test]
fn every_form_of_mail_arrives_as_meant() {
    let Some(server) = RealServer::start("starttls") else { return };
    let mut world = world(&server);
    job(
        &world,
        "each",
        "recipients = ['all@rossi.example', 'own@rossi.example | companies 21177305022', \
         'dear@rossi.example | kinds amount_differs | minimum 100.00']",
    );
    let mails = night(&world, &server, "each");
    let [all, dear, own] = &mails[..] else { panic!("{mails:?}") };
    assert_eq!(
        text(all, "subject"),
        "INCOMPLETO: 1 verifica mancante; 19 differenze, € 84.121,70 – 3 aziende – 10/03/2026"
    );
    assert!(text(own, "subject").ends_with("Officine Meccaniche Valdarno S.p.A. – 10/03/2026"));
    assert!(
        !text(own, "html").contains("Studio Associato")
            && !text(own, "text").contains("Studio Associato")
    );
    assert!(text(dear, "text").contains("Fuori dal filtro di questo destinatario"), "{dear}");
    for mail in [all, dear, own] {
        assert_eq!((text(mail, "from"), attachments(mail)), ("Quadra <quadra@rossi.example>", 1));
        assert!(text(mail, "html").starts_with("<!DOCTYPE html>"));
        assert!(text(mail, "id").ends_with("@rossi.example>"), "{mail}");
    }
    let mut ids: Vec<&str> = mails.iter().map(|mail| text(mail, "id")).collect();
    ids.dedup();
    assert_eq!(ids.len(), 3);
    // The same morning again: nobody hears it twice.
    assert_eq!(night(&world, &server, "each"), [Value::Null; 0]);

    job(
        &world,
        "digest",
        "mail_style = 'digest'\nrecipients = ['firm@rossi.example']\nnothing_new = 'none'",
    );
    let mails = night(&world, &server, "digest");
    let [digest] = &mails[..] else { panic!("{mails:?}") };
    let companies = text(digest, "text").lines().filter(|line| line.starts_with("* ")).count();
    assert_eq!((companies, attachments(digest)), (2, 1), "{digest}");

    // The next morning nothing is new: three lines for some, nothing for who asked for none.
    world.set("QUADRA_CLOCK", "2026-03-11T05:00:00Z");
    let mails = night(&world, &server, "each");
    assert_eq!(mails.len(), 3);
    for mail in &mails {
        assert!(text(mail, "subject").starts_with("Niente di nuovo: "), "{mail}");
        assert!(text(mail, "text").starts_with("Niente di nuovo dall'ultima mail."), "{mail}");
        assert_eq!(attachments(mail), 0);
        assert!(text(mail, "html").len() < 1_500, "{mail}");
    }
    assert_eq!(night(&world, &server, "digest"), [Value::Null; 0]);

    // A workbook that is too large for mail lies in the folder, and the mail says where.
    let settings = world.read("quadra.toml").replace("[mail]", "[mail]\nattachment_max_kb = 5");
    world.write("quadra.toml", settings);
    job(&world, "large", "recipients = ['all@rossi.example']\nformats = ['text']");
    let mails = night(&world, &server, "large");
    let [large] = &mails[..] else { panic!("{mails:?}") };
    assert_eq!(attachments(large), 0);
    let book = world
        .files("out")
        .into_iter()
        .find(|name| name.contains("large") && name.contains(".xlsx"));
    let place = format!("out/{}", book.unwrap());
    assert!(
        text(large, "text").contains(&place) && text(large, "html").contains(&place),
        "{large}"
    );
    let log = server.stop();
    assert!(
        log.iter()
            .filter(|line| line.starts_with("encrypted"))
            .all(|line| line == "encrypted True")
    );
}

#[test]
fn warning_of_credentials_arrives_once() {
    let Some(server) = RealServer::start("starttls") else { return };
    let mut world = world(&server);
    let job = std::fs::read_to_string(repository().join("jobs/credential-watch.toml")).unwrap();
    let recipients = "recipients = ['Anna <anna@rossi.example>', 'b@rossi.example']\n[schedule]";
    world.write("jobs/credential-watch.toml", job.replace("[schedule]", recipients));
    let mails = night(&world, &server, "credential-watch");
    let [unknown] = &mails[..] else { panic!("{mails:?}") };
    assert!(
        text(unknown, "subject").starts_with("Scadenza sconosciuta: credenziali del portale"),
        "{unknown}"
    );
    assert_eq!(unknown["to"].as_array().unwrap().len(), 2);
    assert!(text(unknown, "text").contains("quadra credentials declare"), "{unknown}");
    assert_eq!(night(&world, &server, "credential-watch"), [Value::Null; 0]);
    // Somebody says the day; eighty-three days on there is a week left.
    let status = world.quadra("credentials status --json").expect(0).json();
    let code = status["credentials"][0]["tax_code"].as_str().unwrap().to_owned();
    world.quadra(&format!("credentials declare {code} --changed-on 2026-03-09")).expect(0);
    for (clock, expected) in [
        ("2026-03-12", None),
        ("2026-05-31", Some("Scade entro 7 giorni: credenziali del portale")),
        ("2026-06-01", None),
        ("2026-06-07", Some("Scaduto: credenziali del portale")),
        ("2026-06-08", None),
    ] {
        world.set("QUADRA_CLOCK", &format!("{clock}T05:00:00Z"));
        let mails = night(&world, &server, "credential-watch");
        let subjects: Vec<&str> = mails.iter().map(|mail| text(mail, "subject")).collect();
        match expected {
            None => assert_eq!(subjects, [""; 0], "{clock}"),
            Some(start) => assert!(
                subjects.len() == 1 && subjects[0].starts_with(start),
                "{clock}: {subjects:?}"
            ),
        }
    }
    server.stop();
}

#[test]
fn troubled_server_gets_no_mail_twice() {
    for (trouble, first, second, arrived) in [
        ("greylist", "queued 1", "sent 2", 1),
        ("refuse", "refused 1", "refused 1", 0),
        ("cut", "unknown 1", "unknown 1", 1),
    ] {
        let Some(server) = RealServer::troubled("starttls", trouble) else { return };
        let world = world(&server);
        job(&world, "each", "recipients = ['all@rossi.example']");
        let states = "select state || ' ' || attempts from deliveries where channel = 'mail'";
        let ran = world.quadra("run each --period 2026-02 --quiet").expect(3);
        assert!(ran.since_line("run ").contains("problem: mail to all@rossi.example"), "{ran}");
        assert_eq!(world.sql(states), [first], "{trouble}: {ran}");
        world.quadra("run each --period 2026-02 --quiet").expect(3);
        assert_eq!(world.sql(states), [second], "{trouble}");
        assert_eq!(server.mails().len(), arrived, "{trouble}");
        eprintln!("real mail server, {trouble}: first {first}, then {second}, {arrived} arrived");
        server.stop();
    }
}
