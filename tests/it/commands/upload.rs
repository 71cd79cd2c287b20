//! `quadra upload`: each layout's sample, looked at, stored, known, and told as JSON.

use crate::world::{World, with_filters};

/// A sample of each layout, with what has to be said about it.
const SAMPLES: [(&str, &str); 23] = [
    ("portale-emesse/emesse.csv", ""),
    ("portale-ricevute/ricevute.csv", ""),
    ("portale-messe-a-disposizione/messe.csv", ""),
    ("portale-transfrontaliere-emesse/estere.csv", ""),
    ("portale-transfrontaliere-ricevute/estere.csv", ""),
    ("portale-corrispettivi/corrispettivi.csv", "--company 01234567897"),
    ("registro-iva/acquisti.ods", "--company 01234567897"),
    ("registro-corrispettivi/febbraio.csv", "--company 01234567897"),
    ("incassi-giornalieri/febbraio.csv", "--company 01234567897"),
    ("ordini-shop/ordini.csv", "--company 01234567897"),
    ("danea-easyfatt/documenti.csv", "--company 01234567897"),
    ("danea-easyfatt-xml/documenti.xml", "--company 01234567897"),
    ("fatture-in-cloud/emesse.csv", "--company 01234567897"),
    ("registro-teamsystem/vendite.csv", "--company 01234567897"),
    ("registro-zucchetti/acquisti.csv", "--company 01234567897"),
    ("odoo-fatture/fatture.csv", "--company 01234567897"),
    ("sap-business-one/documenti.csv", "--company 01234567897"),
    ("righe-documenti/righe.csv", "--company 01234567897 --direction outgoing"),
    ("corrispettivi-giornata/giornate.csv", ""),
    ("ordini-woocommerce/ordini.csv", "--company 01234567897"),
    ("paypal-movimenti/attivita.csv", "--company 01234567897"),
    ("stripe-movimenti/saldo.csv", "--company 01234567897"),
    ("pos-transazioni/transazioni.csv", "--company 01234567897"),
];

#[test]
fn mistyped_company_and_direction_are_refused() {
    let world = World::new();
    world.copy("samples/ledgers/portale-emesse/emesse.csv", "emesse.csv");
    for (said, why) in [
        ("--company 01234567890", "`01234567890` is no tax id: its check digit is wrong"),
        ("--company DE811907980", "`DE811907980` is no tax id of an Italian company"),
        ("--direction both", "write `outgoing` or `incoming`"),
    ] {
        let ran = world.quadra(&format!("upload emesse.csv {said}")).expect(2);
        assert!(ran.stderr.contains(why), "{}", ran.stderr);
    }
}

#[test]
fn sample_of_each_layout_is_stored() {
    let world = World::new();
    let mut shown = Vec::new();
    for (sample, said) in SAMPLES {
        let file = sample.replace('/', "-");
        world.copy(&format!("samples/ledgers/{sample}"), &file);
        shown.push(world.shown(&format!("upload {file} {said}")));
    }
    with_filters(|| insta::assert_snapshot!(shown.join("\n\n")));
    assert_eq!(world.sql("select count(distinct layout) from ledger_files"), ["23"]);
    assert_eq!(
        world.sql("select sum(rows_stored) from ledger_files"),
        world.sql("select count(*) from ledger_entries")
    );
}

#[test]
fn preview_shows_columns_and_stores_nothing() {
    let world = World::new();
    world.copy("samples/errors/bad-amount.csv", "vendite.csv");
    let shown = world.shown("upload vendite.csv --preview --company 01234567897");
    with_filters(|| insta::assert_snapshot!(shown));
    assert!(world.books().values().all(|rows| *rows == 0));
}

#[test]
fn same_file_again_is_known() {
    let world = World::new();
    world.copy("samples/ledgers/portale-emesse/emesse.csv", "emesse.csv");
    world.quadra("upload emesse.csv").expect(0);
    let rows = world.books();
    std::fs::rename(world.path("emesse.csv"), world.path("altro-nome.csv")).unwrap();
    with_filters(|| insta::assert_snapshot!(world.shown("upload altro-nome.csv")));
    let told = world.quadra("upload altro-nome.csv --json").expect(0).json();
    assert_eq!(told["files"][0]["rows_stored"], 0);
    assert_eq!(told["files"][0]["layout"], "portale-emesse");
    assert!(told["files"][0]["rows_known"].as_i64().unwrap() > 0);
    assert_eq!(world.books(), rows);
}

#[test]
fn company_said_twice_differently_is_known() {
    let world = World::small();
    world.quadra("pull configurations").expect(0);
    let company = world.sql("select tax_id from companies").remove(0);
    world.copy("samples/ledgers/registro-iva/acquisti.csv", "acquisti.csv");
    // The only company there is, then the same one by its name.
    world.quadra("upload acquisti.csv").expect(0);
    let rows = world.books();
    world.quadra(&format!("upload acquisti.csv --company {company}")).expect(0);
    world.quadra(&format!("upload acquisti.csv --company IT{company}")).expect(0);
    assert_eq!(world.books(), rows);
}

#[test]
fn json_has_the_documented_shape() {
    let world = World::new();
    world.copy("samples/errors/bad-amount.csv", "vendite.csv");
    let shown = world.shown("upload vendite.csv --company 01234567897 --json --quiet");
    with_filters(|| insta::assert_snapshot!(shown));
}

#[test]
fn bad_file_never_stops_the_others() {
    let world = World::new();
    world.copy("samples/ledgers/portale-emesse/emesse.csv", "emesse.csv");
    world.copy("samples/ledgers/portale-ricevute/ricevute.csv", "ricevute.csv");
    world.copy("samples/errors/unknown-heading.csv", "ignoto.csv");
    let shown = world.shown("upload emesse.csv ignoto.csv ricevute.csv");
    with_filters(|| insta::assert_snapshot!(shown));
    assert_eq!(world.sql("select count(*) from ledger_files"), ["2"]);
}

/// Writes a register of February whose rows are (number, day, total).
fn register(world: &World, name: &str, rows: &[(&str, &str, &str)]) {
    let head = "Numero documento;Data documento;Cliente;Totale documento\n";
    let rows =
        rows.iter().map(|(number, day, total)| format!("{number};{day}/02/2026;Gigi;{total}\n"));
    world.write(name, format!("{head}{}", rows.collect::<String>()));
}

#[test]
fn later_export_takes_the_place_and_says_what_changed() {
    let world = World::new();
    register(
        &world,
        "prima.csv",
        &[("1", "13", "10,00"), ("2", "14", "20,00"), ("3", "20", "30,00")],
    );
    register(
        &world,
        "dopo.csv",
        &[("1", "13", "10,00"), ("2", "14", "25,00"), ("4", "20", "5,00")],
    );
    register(&world, "altro.csv", &[("9", "13", "1,00"), ("8", "14", "1,00")]);
    world.quadra("upload prima.csv --company 01234567897").expect(0);
    let preview = world.shown("upload dopo.csv --company 01234567897 --preview");
    assert_eq!(world.sql("select count(*) from ledger_files"), ["1"]);
    let stored = world.shown("upload dopo.csv --company 01234567897");
    let other = world.shown("upload altro.csv --company 01234567897");
    with_filters(|| insta::assert_snapshot!([preview, stored, other].join("\n\n")));
    assert_eq!(world.sql("select newer_id || ' ' || older_id from ledger_versions"), ["2 1"]);
}

#[test]
fn two_files_of_the_same_days_can_both_count() {
    let world = World::new();
    register(&world, "a.csv", &[("1", "13", "10,00")]);
    register(&world, "b.csv", &[("1", "13", "10,00"), ("2", "14", "1,00")]);
    world.quadra("upload a.csv --company 01234567897").expect(0);
    let told =
        world.quadra("upload b.csv --company 01234567897 --keep-both --json").expect(0).json();
    assert_eq!(told["files"][0]["beside"][0]["rows_same"], 1);
    assert_eq!(world.sql("select count(*) from ledger_versions"), ["0"]);
}

#[test]
fn confirmed_preview_is_remembered() {
    let world = World::new();
    world.write("strano 2026.csv", "Codice;Giorno;Valore\n1;13/02/2026;10,00\n");
    world.write("altro.csv", "Codice;Giorno;Valore\n2;14/02/2026;20,00\n");
    world.quadra("upload altro.csv --company 01234567897 --direction outgoing").expect(2);
    let columns = "--column Codice=number --column Giorno=issue_date --column Valore=gross";
    std::fs::rename(world.path("strano 2026.csv"), world.path("strano-2026.csv")).unwrap();
    let learn = format!(
        "upload strano-2026.csv {columns} --layout registro-iva --direction outgoing --learn"
    );
    let refused = world.shown(&learn);
    let taught = world.shown(&format!("{learn} --yes"));
    let known = world.shown("upload altro.csv --company 01234567897");
    with_filters(|| insta::assert_snapshot!([refused, taught, known].join("\n\n")));
    assert_eq!(world.sql("select layout from ledger_files"), ["strano"]);
}

#[test]
fn mistakes_in_columns_and_layouts_are_named() {
    let world = World::new();
    world.write("a.csv", "Codice;Giorno;Totale\n1;13/02/2026;10,00\n");
    let mut shown = Vec::new();
    for column in ["Codice=numbr", "Codic=number"] {
        let columns = format!("--column Giorno=issue_date --column {column} --layout registro-iva");
        shown.push(world.shown(&format!("upload a.csv {columns} --preview")));
    }
    std::fs::create_dir(world.path("layouts")).unwrap();
    world.write("layouts/mio.toml", "name = \"mio\"\ntitel = \"Mio\"\n");
    shown.push(world.shown("upload a.csv --preview"));
    with_filters(|| insta::assert_snapshot!(shown.join("\n\n")));
}

#[test]
fn register_that_names_nobody_asks_whose_it_is() {
    let world = World::new();
    world.copy("samples/ledgers/registro-iva/acquisti.csv", "registro.csv");
    with_filters(|| insta::assert_snapshot!(world.shown("upload registro.csv")));
    assert!(world.books().values().all(|rows| *rows == 0));
}
