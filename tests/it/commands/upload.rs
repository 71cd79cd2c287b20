//! `quadra upload`: each layout's sample, looked at, stored, known, and told as JSON.

use crate::world::{World, with_filters};

/// A sample of each layout, with what has to be said about it.
const SAMPLES: [(&str, &str); 10] = [
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
];

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
    assert_eq!(world.sql("select count(distinct layout) from ledger_files"), ["10"]);
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

#[test]
fn register_that_names_nobody_asks_whose_it_is() {
    let world = World::new();
    world.copy("samples/ledgers/registro-iva/acquisti.csv", "registro.csv");
    with_filters(|| insta::assert_snapshot!(world.shown("upload registro.csv")));
    assert!(world.books().values().all(|rows| *rows == 0));
}
