//! Card transactions from the upload of a terminal's file to every report, by hand and at night.

use chrono::{Days, NaiveDate};

use crate::world::{World, with_filters};

const COMPANY: &str = "19044175016";
const HEADING: &str = "Data operazione;Tipo operazione;Importo;Commissione;Importo netto;ID transazione;Terminale;Data accredito;Esito\n";

/// Returns what a terminal's file says of the receipts that were paid electronically.
///
/// Planted are: a transaction that is not there, one of another amount, a day that was not
/// settled, one charged the next day, one on a day without takings, a payout that is 1.00
/// short, and a transaction that failed.
fn terminal(world: &World) -> String {
    let sales = world.sql(&format!(
        "select issue_date || ' ' || electronic_cents from documents where kind = 'receipt' \
         and company = '{COMPANY}' and electronic_cents <> 0 \
         and lifecycle not in ('never_issued', 'open') \
         and issue_date between '2026-02-01' and '2026-02-28' order by issue_date, source_id"
    ));
    let mut text = HEADING.to_owned();
    let mut paid = std::collections::BTreeMap::<NaiveDate, i64>::new();
    let mut seen = std::collections::BTreeMap::<String, u32>::new();
    for (place, sale) in sales.iter().enumerate() {
        let (day, cents) = sale.split_once(' ').unwrap();
        let (mut date, mut cents): (NaiveDate, i64) =
            (day.parse().unwrap(), cents.parse().unwrap());
        let nth = seen.entry(day.to_owned()).or_insert(0);
        *nth += 1;
        match (day, *nth) {
            ("2026-02-09", 2) | ("2026-02-17", _) => continue,
            ("2026-02-12", 1) => cents += 1_000,
            ("2026-02-20", 1) => date = date + Days::new(1),
            _ => {}
        }
        let fee = if cents > 0 { cents / 100 } else { 0 };
        let credited = date + Days::new(1);
        *paid.entry(credited).or_insert(0) += cents - fee;
        let kind = if cents > 0 { "Acquisto" } else { "Storno" };
        let terminal = ["00012345", "00067890"][place % 2];
        let [gross, fee, net] = [cents.abs(), fee, (cents - fee).abs()].map(euros);
        let (on, credited) = (written(date), written(credited));
        let row = format!("{on};{kind};{gross};{fee};{net};9{place:05};{terminal};{credited}");
        text.push_str(&row);
        text.push_str(";Eseguita\n");
    }
    text.push_str("22/02/2026;Acquisto;50,00;0,50;49,50;800001;00012345;;Eseguita\n");
    text.push_str("11/02/2026;Acquisto;75,00;0,00;75,00;800002;00012345;;Negata\n");
    for (day, cents) in paid {
        let cents = if day.to_string() == "2026-02-25" { cents - 100 } else { cents };
        let day = written(day);
        let row = format!("{day};Accredito;{};;;;;{day};Eseguita\n", euros(cents));
        text.push_str(&row);
    }
    text
}

fn euros(cents: i64) -> String {
    format!("{},{:02}", cents / 100, cents.abs() % 100)
}

fn written(day: NaiveDate) -> String {
    day.format("%d/%m/%Y").to_string()
}

/// Returns kind, amount and explanation of the findings about cards.
fn told(world: &World, report: &str) -> Vec<String> {
    let report: serde_json::Value = serde_json::from_str(&world.read(report)).unwrap();
    let findings = report["findings"].as_array().unwrap();
    let is_about_cards = |kind: &str| kind.contains("settle") || kind == "payout_differs";
    findings
        .iter()
        .filter(|one| is_about_cards(one["kind"].as_str().unwrap()))
        .map(|one| format!("{} {}: {}", one["kind"], one["at_risk_cents"], one["text"]))
        .collect()
}

/// Returns the one file of the report that ends so.
fn only(world: &World, ending: &str) -> String {
    let mut files = world.files("out");
    files.retain(|name| name.ends_with(ending));
    format!("out/{}", files.pop().unwrap())
}

#[test]
fn terminal_file_is_held_against_the_receipts() {
    let world = World::demo();
    world.quadra("pull receipts --period 2026-02 --quiet").expect(0);
    world.write("pos.csv", terminal(&world));
    let uploaded = world.shown(&format!("upload pos.csv --company {COMPANY}"));
    let arguments = format!("--period 2026-02 --kind receipts --company {COMPANY}");
    let shown = world.quadra(&format!("reconcile {arguments}")).expect(3);
    let statement = shown.since_line("Bottega del Porto S.r.l. – Corrispettivi (incassi elettr");
    world.quadra("report --period 2026-02 --format html,xlsx,csv,json,text --out out");
    let findings = told(&world, &only(&world, ".json"));
    let statement: Vec<&str> = statement.lines().take_while(|line| !line.is_empty()).collect();
    with_filters(|| {
        insta::assert_snapshot!([uploaded, statement.join("\n"), findings.join("\n")].join("\n\n"));
    });
    // The same sentences stand in every file of the report.
    let sentence = "per terminale: 00012345";
    for ending in [".html", "-findings.csv"] {
        let text = world.read(&only(&world, ending)).to_lowercase();
        assert!(text.contains(sentence), "{ending}");
    }
    assert_eq!(
        world.sql("select count(*) from ledger_files where layout = 'pos-transazioni'"),
        ["1"]
    );
    // Nothing is new the second time.
    let again = world.quadra(&format!("reconcile {arguments} --json")).expect(3).json();
    assert_eq!(again["findings"]["new"], 0);
}

#[test]
fn a_night_takes_the_terminal_file_from_its_inbox() {
    let world = World::demo();
    world.quadra("pull receipts --period 2026-02 --quiet").expect(0);
    world.write(&format!("inbox/receipts/{COMPANY}/pos.csv"), terminal(&world));
    world.quadra("run nightly-receipts --period 2026-02");
    let kinds = world.sql(
        "select kind || ' ' || count(*) || ' ' || sum(at_risk_cents) from findings \
         where kind like '%settle%' or kind = 'payout_differs' group by kind order by kind",
    );
    with_filters(|| insta::assert_snapshot!(kinds.join("\n")));
    let body = "select body from statements where basis = 'settlements'";
    let statement: serde_json::Value =
        serde_json::from_str(world.sql(body).last().unwrap()).unwrap();
    assert_eq!(statement["currencies"]["EUR"]["residual_cents"], 0);
    assert_eq!(statement["settled"]["EUR"]["unproved_payouts"], 0);
}

/// A terminal's file alone: what is missing is said to be about cards, in both languages.
#[test]
fn a_lonely_payment_file_says_what_it_lacks() {
    let mut world = World::demo();
    world.quadra("pull configurations --quiet").expect(0);
    world.quadra("pull receipts --period 2026-02 --quiet").expect(0);
    world.write(
        "pos.csv",
        format!("{HEADING}03/02/2026;Acquisto;50,00;0,50;49,50;900001;00012345;;Eseguita\n"),
    );
    // The second company issues invoices only: nothing says what it took.
    for (company, told) in [
        (COMPANY, ["registro dei corrispettivi", "register of takings and no export of orders"]),
        ("21177305022", ["Carte: il file di pagamento", "Cards: the payment file"]),
    ] {
        world.quadra(&format!("upload pos.csv --company {company}")).expect(0);
        let arguments = format!("--period 2026-02 --kind receipts --company {company}");
        world.quadra(&format!("reconcile {arguments} --quiet"));
        for (language, told) in ["it", "en"].into_iter().zip(told) {
            world.set("QUADRA__REPORT__LANGUAGE", language);
            let listed = world.sql(&format!(
                "select fingerprint from findings where company = '{company}' and state = 'open' \
                 and kind in ('ledger_missing', 'coverage_missing')"
            ));
            let shown = world.quadra(&format!("findings show {}", listed.join(" "))).expect(0);
            assert!(shown.stdout.contains(told), "{language}: {shown}");
        }
    }
}
