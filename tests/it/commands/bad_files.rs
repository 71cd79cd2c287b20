//! Files that cannot be read: named, exit code 2, and the store as it was.

use crate::world::{World, with_filters};

/// Uploads a file into a store that has one good file already, and shows what is said.
fn refused(sample: &str, name: &str, said: &str) {
    let world = World::new();
    world.copy("samples/ledgers/portale-emesse/emesse.csv", "emesse.csv");
    world.quadra("upload emesse.csv").expect(0);
    let before = world.rows();
    world.copy(sample, name);
    let shown = world.shown(&format!("upload {name} --company 01234567897 {said}"));
    assert_eq!(world.rows(), before, "{shown}");
    assert!(shown.contains("exit code: 2"), "{shown}");
    assert!(shown.contains(name), "{shown}");
    let label = name.rsplit_once('.').unwrap().0;
    with_filters(|| insta::assert_snapshot!(format!("refused_{label}"), shown));
}

#[test]
fn unreadable_workbook_is_refused() {
    refused("samples/errors/unreadable.xlsx", "guasto.xlsx", "");
}

#[test]
fn empty_file_is_refused() {
    refused("samples/errors/empty.csv", "vuoto.csv", "");
}

#[test]
fn web_page_is_refused() {
    refused("samples/errors/web-page.xls", "pagina.xls", "");
}

#[test]
fn sheet_that_is_not_there_is_refused() {
    refused("samples/ledgers/registro-iva/acquisti.xlsx", "foglio.xlsx", "--sheet Febbraio");
}

#[test]
fn workbook_without_table_is_refused() {
    refused("samples/errors/no-table.xlsx", "senza-tabella.xlsx", "");
}

#[test]
fn workbook_with_two_tables_is_refused() {
    refused("samples/errors/two-tables.xlsx", "due-tabelle.xlsx", "");
}

#[test]
fn password_protected_workbook_is_refused() {
    refused("samples/errors/password.xlsx", "protetto.xlsx", "");
}

#[test]
fn heading_nobody_knows_is_refused() {
    refused("samples/errors/unknown-heading.csv", "ignoto.csv", "");
}

#[test]
fn unknown_layout_is_refused() {
    refused("samples/errors/bad-amount.csv", "forma.csv", "--layout registro-ivaa");
}

#[test]
fn rows_of_another_company_are_refused() {
    refused("samples/ledgers/demo/21177305022/ricevute-2026-02.csv", "altrui.csv", "");
}

#[test]
fn bad_amount_and_date_put_only_their_rows_aside() {
    let world = World::new();
    for name in ["bad-amount", "impossible-date"] {
        let file = format!("vendite-{name}.csv");
        world.copy(&format!("samples/errors/{name}.csv"), &file);
        let shown = world.shown(&format!("upload {file} --company 01234567897"));
        with_filters(|| insta::assert_snapshot!(name, shown));
    }
    assert_eq!(world.sql("select count(*) from ledger_entries"), ["4"]);
    assert_eq!(world.sql("select value from rejected_rows order by 1"), ["1.234,5x", "31/02/2026"]);
}

#[test]
fn file_of_bad_rows_only_is_refused() {
    let world = World::new();
    let text = "Numero documento;Data documento;Partita IVA;Cliente;Imponibile;IVA;Totale documento\n\
                1/E;03/02/2026;20041115203;Gigi;100,00;22,00;1.234,5x\n";
    world.write("vendite.csv", text);
    let shown = world.shown("upload vendite.csv --company 01234567897");
    with_filters(|| insta::assert_snapshot!(shown));
    assert!(world.books().values().all(|rows| *rows == 0));
}

#[test]
fn missing_file_and_folder_are_named() {
    let world = World::new();
    std::fs::create_dir(world.path("cartella")).unwrap();
    let shown = world.shown("upload manca.csv cartella");
    with_filters(|| insta::assert_snapshot!(shown));
    world.copy("samples/einvoices/IT33401825030_00001.xml", "cartella/IT33401825030_00001.xml");
    let inspected = world.shown("inspect cartella/IT33401825030_0001.xml altrove");
    with_filters(|| insta::assert_snapshot!("missing_invoice", inspected));
}
