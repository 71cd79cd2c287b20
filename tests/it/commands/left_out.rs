//! Rows that a company's own rules leave out, from the rules' files to statement and report.

use serde_json::Value;

use crate::world::World;

const COMPANY: &str = "19044175016";

/// Writes a sort's rules with one more that leaves rows out.
fn leave_out(world: &World, sort: &str, rule: &str) {
    let shown = world.quadra(&format!("rules show {sort}")).expect(0).stdout;
    let rule = format!("{shown}\n[[exclude]]\n{rule}\nbecause = \"prova di cassa\"\n");
    world.write(&format!("rules/{COMPANY}/{sort}.toml"), rule);
}

/// Compares the month's receipts, and returns each statement by its basis.
fn statements(world: &World) -> std::collections::BTreeMap<String, Value> {
    let ran = world
        .quadra(&format!("reconcile --period 2026-02 --kind receipts --company {COMPANY} --json"));
    let told = ran.json();
    let all = told["statements"].as_array().unwrap_or_else(|| panic!("{ran}"));
    all.iter().map(|one| (one["basis"].as_str().unwrap().to_owned(), one.clone())).collect()
}

/// Returns how many rows of a side are left out, and their cents.
fn left_out(statement: &Value, side: &str) -> (u64, i64) {
    let rows = statement[side]["classes"]["excluded"].as_u64().unwrap_or(0);
    let money = &statement["currencies"]["EUR"];
    assert_eq!(money["residual_cents"], 0);
    (rows, money[side]["classes"]["excluded"].as_i64().unwrap_or(0))
}

#[test]
fn each_sort_leaves_rows_out_of_its_own_statement() {
    let world = World::demo();
    world.quadra("pull receipts --period 2026-02 --quiet").expect(0);
    world.write(
        "inbox/receipts/19044175016/pos.csv",
        "Data operazione;Tipo operazione;Importo;Commissione;ID transazione;Terminale;Esito\n\
         03/02/2026;Acquisto;50,00;0,50;900001;00012345;Eseguita\n\
         24/02/2026;Acquisto;12,00;0,12;900002;00099999;Eseguita\n",
    );
    for name in world.files("inbox/receipts") {
        world.quadra(&format!("upload inbox/receipts/{name} --company {COMPANY}")).expect(0);
    }
    let before = statements(&world);
    let order = world.sql(
        "select number || ' ' || gross_cents from ledger_entries where kind = 'receipt' \
         and issue_date = '2026-02-03' order by number limit 1",
    );
    let (order, cents) = order[0].split_once(' ').unwrap();
    leave_out(&world, "takings", "side = \"both\"\ncolumn = \"issue_date\"\nis = [\"2026-02-03\"]");
    let by_number = format!("side = \"both\"\ncolumn = \"reference\"\nis = [\"{order}\"]");
    leave_out(&world, "receipts", &by_number);
    leave_out(
        &world,
        "settlements",
        "side = \"right\"\ncolumn = \"terminal\"\nis = [\"00099999\"]",
    );
    world.quadra("rules check").expect(0);
    let after = statements(&world);

    let added = |basis: &str, side: &str| {
        let ((rows, cents), (rows_before, cents_before)) =
            (left_out(&after[basis], side), left_out(&before[basis], side));
        (rows - rows_before, cents - cents_before)
    };
    for basis in ["takings_by_rate", "takings_by_tender"] {
        let (rows, cents) = added(basis, "left");
        assert!(rows > 5 && cents > 10_000, "{basis}: {rows} {cents}");
        let (rows, booked) = added(basis, "right");
        assert!(rows > 0 && booked > 10_000, "{basis}: {rows} {booked}");
        // Nothing else moved: the sides are as long and as much as they were.
        for side in ["left", "right"] {
            assert_eq!(after[basis][side]["rows"], before[basis][side]["rows"]);
            let total = |all: &Value| all["currencies"]["EUR"][side]["amount_cents"].clone();
            assert_eq!(total(&after[basis]), total(&before[basis]));
        }
    }
    assert_eq!(added("orders", "right"), (1, cents.parse().unwrap()));
    assert_eq!(added("orders", "left"), (1, cents.parse().unwrap()));
    assert_eq!(added("settlements", "right"), (1, 1_200));
    assert_eq!(added("settlements", "left"), (0, 0));

    world.quadra("report --period 2026-02 --kind receipts --format csv,json --out out --quiet");
    let files = world.files("out");
    let rows = files.iter().find(|name| name.contains(".csv") && !name.contains("findings"));
    let rows = world.read(&format!("out/{}", rows.unwrap_or_else(|| panic!("{files:?}"))));
    let said: Vec<&str> = rows.lines().filter(|line| line.contains("prova di cassa")).collect();
    assert!(said.len() > 10, "{rows}");
    assert!(said.iter().all(|line| line.contains(",excluded,")), "{said:?}");
}
