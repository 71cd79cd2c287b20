//! `quadra compare`: two files, no store, no account; the files that it writes.

#![expect(clippy::unwrap_used, reason = "a test may stop at the first surprise")]

use std::path::Path;

use serde_json::Value;

use crate::world::{World, repository};

const RULES: &str = "keys = [\"invoice\"]\n[compare]\namount = \"0.01\"\ndate = \"1d\"\nvendor = \"exact\"\n\
                     [columns.right]\n\"Importo\" = \"amount\"\n";
const LEFT: &str = "invoice,amount,date,vendor\nA1,10.00,2026-01-05,Rossi\nA2,20.00,2026-01-06,Bianchi\n\
                    A3,30.00,2026-01-07,Verdi\nA4,40.00,2026-01-08,=1+1\nA4,40.00,2026-01-08,=1+1\nA5,50.00,2026-01-09,Neri\n";
const RIGHT: &str = "invoice;Importo;date;vendor\nA5;50,00;09/01/2026;Neri\nA4;40,00;08/01/2026;=1+1\n\
                     A3;31,00;07/01/2026;Verdi\nA2;20,01;07/01/2026;Bianchi\nB9;30,00;17/01/2026;<b>x</b>\n";

fn read(world: &World, name: &str) -> String {
    std::fs::read_to_string(world.path(name)).unwrap()
}

fn written() -> World {
    let world = World::new();
    world.write("rules.toml", RULES);
    world.write("left.csv", LEFT);
    world.write("right.csv", RIGHT);
    world
}

fn rows(text: &str) -> Vec<Vec<String>> {
    let mut reader = csv::ReaderBuilder::new().has_headers(false).from_reader(text.as_bytes());
    let record = |record: csv::StringRecord| record.iter().map(str::to_owned).collect();
    reader.records().map(|one| record(one.unwrap())).collect()
}

#[test]
fn files_are_written_as_the_contract_says() {
    let world = written();
    world.quadra("compare left.csv right.csv --rules rules.toml --out out").expect(0);
    let statement: Value = serde_json::from_str(&read(&world, "out/statement.json")).unwrap();
    assert_eq!(statement["verdict"], "breaks");
    assert_eq!(statement["left"]["rows"], 6);
    assert_eq!(statement["left"]["classes"]["duplicate"]["rows"], 1);
    let euro = &statement["currencies"]["EUR"];
    assert_eq!(euro["residual_cents"], 0);
    assert_eq!(euro["left"]["amount_cents"], 19_000);
    assert_eq!(euro["left"]["classes"]["differing"], 3_000);
    let matches = rows(&read(&world, "out/matches.csv"));
    assert_eq!(matches[0], ["left_row", "right_row", "class", "pass", "reason"]);
    let told: Vec<[&str; 3]> =
        matches[1..].iter().map(|row| [&row[0][..], &row[1][..], &row[2][..]]).collect();
    let within = "matched_within_tolerance";
    let expected =
        [["2", "4", within], ["3", "3", "differing"], ["4", "2", "matched"], ["6", "1", "matched"]];
    assert_eq!(told, expected);
    let findings = rows(&read(&world, "out/findings.csv"));
    let heading = "kind,severity,left_row,right_row,field,left_value,right_value,difference,nearest_row,reason";
    assert_eq!(findings[0].join(","), heading);
    let kinds: Vec<&str> = findings[1..].iter().map(|row| row[0].as_str()).collect();
    assert_eq!(kinds, ["amount_differs", "missing_right", "missing_left", "duplicate"]);
    assert_eq!(findings[1][7], "-1.00");
    // What came from outside is text on the page.
    let page = read(&world, "out/report.html");
    assert!(!page.contains("<b>x") && page.contains("A3"), "{page}");
    assert!(!Path::new(&world.path("out/report.xlsx")).exists());
}

#[test]
fn the_same_files_give_the_same_bytes() {
    let world = written();
    let command = "compare left.csv right.csv --rules rules.toml --format json,csv,html,xlsx --out";
    world.quadra(&format!("{command} one")).expect(0);
    world.quadra(&format!("{command} two")).expect(0);
    for name in ["statement.json", "matches.csv", "findings.csv", "report.html", "report.xlsx"] {
        let bytes = |folder: &str| std::fs::read(world.path(format!("{folder}/{name}"))).unwrap();
        assert_eq!(bytes("one"), bytes("two"), "{name}");
    }
}

#[test]
fn scripts_are_told_by_the_exit_code() {
    let world = written();
    world.quadra("compare left.csv right.csv --rules rules.toml --exit-code").expect(1);
    world.quadra("compare left.csv left.csv --rules rules.toml").expect(2);
    world.write("rules.toml", RULES.split("[columns").next().unwrap());
    let json = world.quadra("compare left.csv left.csv --rules rules.toml --json").expect(0);
    let statement: Value = serde_json::from_str(&json.stdout).unwrap();
    // The row that stands twice on either side pairs twice.
    assert_eq!(statement["verdict"], "reconciled");
    world.quadra("compare left.csv left.csv --rules rules.toml --exit-code").expect(0);
}

#[test]
fn wrong_rules_change_nothing() {
    let world = written();
    world.write("rules.toml", RULES.replace("vendor =", "vendro ="));
    let ran = world.quadra("compare left.csv right.csv --rules rules.toml --out out").expect(2);
    assert!(ran.stderr.contains("did you mean `vendor`?"), "{}", ran.stderr);
    assert!(!Path::new(&world.path("out")).exists());
    let ran = world.quadra("compare left.csv right.csv --out out").expect(2);
    assert!(ran.stderr.contains("match no known layout"), "{}", ran.stderr);
    world.quadra("compare left.csv nowhere.csv --rules rules.toml").expect(2);
}

#[test]
fn registers_are_compared_without_rules() {
    let world = World::new();
    let heading = "Data documento;Numero documento;Partita IVA;Ragione sociale;Imponibile;IVA;Totale documento";
    let left = format!(
        "{heading}\n05/02/2026;FPR 12/26;01234567897;Rossi srl;100,00;22,00;122,00\n\
         06/02/2026;13;01234567897;Rossi srl;50,00;11,00;61,00\n"
    );
    let right = format!(
        "{heading}\n06/02/2026;13;01234567897;Rossi srl;50,00;11,00;61,03\n\
         05/02/2026;0012;01234567897;Rossi srl;100,00;22,00;122,00\n"
    );
    world.write("left.csv", left);
    world.write("right.csv", right);
    let ran = world.quadra("compare left.csv right.csv --json --out out").expect(0);
    let statement: Value = serde_json::from_str(&ran.stdout).unwrap();
    assert_eq!(statement["left"]["classes"]["matched"]["rows"], 1, "{}", ran.stdout);
    assert_eq!(statement["left"]["classes"]["matched_within_tolerance"]["rows"], 1);
    let matches = read(&world, "out/matches.csv");
    assert!(matches.contains("number as normalised"), "{matches}");
}

/// What identifies a row may be wrong on one side: paired, but never said to agree.
#[test]
fn a_mistyped_party_or_number_differs() {
    let world = World::new();
    let heading = "Numero;Data;Partita IVA;Denominazione;Imponibile;IVA;Totale";
    let side = |rows: [&str; 4]| format!("{heading}\n{}\n", rows.join("\n"));
    world.write(
        "left.csv",
        side([
            "1;10/02/2026;01234567897;Alfa S.r.l.;100,00;22,00;122,00",
            "2;11/02/2026;01234567897;Alfa S.r.l.;200,00;44,00;244,00",
            "1234;12/02/2026;01234567897;Alfa S.r.l.;300,00;66,00;366,00",
            "5;13/02/2026;09876543217;Beta S.p.A.;400,00;88,00;488,00",
        ]),
    );
    world.write(
        "right.csv",
        side([
            "1;10/02/2026;01234567897;Alfa S.r.l.;100,00;22,00;122,00",
            "2;11/02/2026;09876543217;Beta S.p.A.;200,00;44,00;244,00",
            "1243;12/02/2026;01234567897;Alfa S.r.l.;300,00;66,00;366,00",
            "5;13/02/2026;;;400,00;88,00;488,00",
        ]),
    );
    world.quadra("compare left.csv right.csv --out out").expect(0);
    let classes: Vec<String> =
        rows(&read(&world, "out/matches.csv"))[1..].iter().map(|row| row[2].clone()).collect();
    assert_eq!(classes, ["matched", "differing", "differing", "matched"]);
    let findings = rows(&read(&world, "out/findings.csv"));
    let told: Vec<[&str; 3]> =
        findings[1..].iter().map(|row| [&row[4][..], &row[5][..], &row[6][..]]).collect();
    assert_eq!(
        told,
        [
            ["plain_number", "1234", "1243"],
            ["counterparty", "Alfa S.r.l. · 01234567897", "Beta S.p.A. · 09876543217"],
        ]
    );
    // Without numbers for either, or for one of them, the names decide.
    for party in [";Studio Verdi", "00000000000;Studio Verdi"] {
        let row = |party: &str| format!("{heading}\n7;10/02/2026;{party};100,00;22,00;122,00\n");
        world.write("left.csv", row(&party.replace("Studio Verdi", "Rossi Consulenze S.r.l.")));
        world.write("right.csv", row(party));
        world.quadra("compare left.csv right.csv --exit-code --out out").expect(1);
    }
    // An empty month has its heading row, and nothing else.
    world.write("right.csv", format!("{heading}\n"));
    let ran = world.quadra("compare left.csv right.csv --json --out out").expect(0);
    let statement: Value = serde_json::from_str(&ran.stdout).unwrap();
    assert_eq!(statement["left"]["classes"]["missing_right"]["rows"], 1, "{}", ran.stdout);
}

#[test]
fn a_shipped_workbook_equals_itself() {
    let world = World::new();
    let folder = "samples/ledgers/demo";
    for name in
        ["21177305022/registro-iva-vendite-2026-02.xlsx", "33401825030/fatture-emesse-2026-02.ods"]
    {
        let file = repository().join(folder).join(name);
        let ran = world.quadra(&format!("compare {0} {0} --json", file.display()));
        let statement: Value = serde_json::from_str(&ran.stdout).unwrap();
        let classes = statement["left"]["classes"].as_object().unwrap();
        assert!(classes["matched"]["rows"].as_u64().unwrap() > 5, "{ran}");
        assert!(classes.keys().all(|class| class == "matched" || class == "excluded"), "{ran}");
    }
}

#[test]
fn a_payment_file_equals_itself() {
    let world = World::new();
    let file = repository().join("samples/ledgers/pos-transazioni/transazioni.csv");
    let ran = world.quadra(&format!("compare {0} {0} --json", file.display())).expect(0);
    let statement: Value = serde_json::from_str(&ran.stdout).unwrap();
    assert_eq!(statement["verdict"], "reconciled", "{ran}");
    assert_eq!(statement["left"]["classes"]["matched"]["rows"], 4, "{ran}");
    // A fee that changed is a difference of its own.
    let text = std::fs::read_to_string(&file).unwrap();
    world.write("other.csv", text.replace("122,00;1,22;120,78", "122,00;1,32;120,78"));
    let ran = world.quadra(&format!("compare {} other.csv --json", file.display())).expect(0);
    let statement: Value = serde_json::from_str(&ran.stdout).unwrap();
    assert_eq!(statement["left"]["classes"]["differing"]["rows"], 1, "{ran}");
}

#[test]
fn files_that_no_layout_fits_are_told_of_rules() {
    let world = written();
    let ran = world.quadra("compare left.csv right.csv --out out").expect(2);
    assert!(ran.stderr.contains("any two tables compare with `--rules FILE`"), "{ran}");
    assert!(!ran.stderr.contains("--layout"), "an option that it has not: {ran}");
    let ran = world.quadra("compare left.csv rihgt.csv --rules rules.toml --out out").expect(2);
    assert!(ran.stderr.contains("did you mean `right.csv`?"), "{ran}");
}
