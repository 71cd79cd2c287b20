//! `quadra rules`: rules of one's own are shown, checked, and used by the next comparison.

use crate::world::World;

#[test]
fn shipped_rules_can_be_a_file_of_ones_own() {
    let world = World::new();
    let shown = world.quadra("rules show issued").expect(0).stdout;
    assert!(shown.starts_with("# issued: shipped with the program\n"), "{shown}");
    assert!(world.quadra("rules check").expect(0).stdout.contains("the shipped ones apply"));
    world.write("rules/issued.toml", &shown);
    world.write("rules/01234567897/issued.toml", &shown);
    let checked = world.quadra("rules check").expect(0).stdout;
    assert_eq!(checked.matches("ok ").count(), 2, "{checked}");
    let again = world.quadra("rules show issued --company 01234567897").expect(0).stdout;
    assert!(again.contains("rules/01234567897/issued.toml"), "{again}");
    let others = world.quadra("rules show --json --company 09876543217").expect(0).stdout;
    let others: serde_json::Value = serde_json::from_str(&others).unwrap();
    assert!(others["rules"][0]["file"].as_str().unwrap().ends_with("rules/issued.toml"));
    assert!(others["rules"][1]["file"].is_null());
}

/// A shell empties `rules/issued.toml` before `rules show issued > rules/issued.toml` begins.
#[test]
fn an_emptied_file_shows_the_rules_behind_it() {
    let world = World::new();
    let shipped = world.quadra("rules show issued").expect(0).stdout;
    world.write("rules/01234567897/issued.toml", "");
    let own = "rules show issued --company 01234567897";
    assert_eq!(world.quadra(own).expect(0).stdout, shipped);
    let changed = shipped.replace("grace = \"3d\"", "grace = \"4d\"");
    world.write("rules/issued.toml", &changed);
    assert!(world.quadra(own).expect(0).stdout.contains("grace = \"4d\""));
    world.write("rules/issued.toml", "\n");
    assert_eq!(world.quadra(own).expect(0).stdout, shipped);
    // A night still refuses it: an empty file is no rules.
    world.quadra("rules check").expect(2);
    world.quadra("reconcile --period 2026-02").expect(2);
}

#[test]
fn a_column_nobody_has_names_the_nearest() {
    let world = World::new();
    let text = world.quadra("rules show received").expect(0).stdout;
    world.write("rules/received.toml", text.replace("\"plain_number\"", "\"plain_nmber\""));
    let checked = world.quadra("rules check").expect(2);
    assert!(checked.stdout.contains("did you mean `plain_number`?"), "{checked}");
    let checked = world.quadra("check --offline --json");
    assert!(checked.stdout.contains("did you mean `plain_number`?"), "{checked}");
    let ran = world.quadra("reconcile --period 2026-02").expect(2);
    assert!(ran.stderr.contains("did you mean `plain_number`?"), "{ran}");
    assert!(ran.stderr.contains("received.toml"), "{ran}");
}

#[test]
fn a_file_of_no_sort_is_named() {
    let world = World::new();
    world.write("rules/recieved.toml", "");
    let checked = world.quadra("rules check").expect(2);
    assert!(checked.stdout.contains("did you mean `received.toml`?"), "{checked}");
    let ran = world.quadra("rules show issued --company 01234567898").expect(2);
    assert!(ran.stderr.contains("its check digit is wrong"), "{}", ran.stderr);
    let ran = world.quadra("rules show isued").expect(2);
    assert!(ran.stderr.contains("did you mean `issued`?"), "{ran}");
}

/// The accountant's own rules of a company cannot be read: everybody's are taken, and said.
#[test]
fn a_company_with_bad_rules_is_compared_by_everybodys() {
    let world = World::demo();
    world.quadra("run nightly-invoices --period 2026-02 --quiet");
    let rows = "select basis, direction, body ->> 'left', body ->> 'right' from statements \
                where run_id = (select max(id) from runs) and company = '19044175016' \
                and direction = 'outgoing'";
    let before =
        world.sql(&rows.replace("basis, direction, ", "").replace(", body ->> 'right'", ""));
    let text = world.quadra("rules show issued").expect(0).stdout;
    let bad = text.replace("gross = \"0.05\"", "groos = \"0.05\"");
    world.write("rules/19044175016/issued.toml", &bad);
    let ran = world.quadra("run nightly-invoices --period 2026-02").expect(3);
    assert!(ran.stdout.contains("did you mean `gross`?"), "{ran}");
    assert_eq!(world.sql("select verdict from runs order by id desc limit 1"), ["incomplete"]);
    let found = world.sql(
        "select body from findings where kind = 'file_rejected' and state = 'open' \
         and company = '19044175016'",
    );
    assert_eq!(found.len(), 1, "{found:?}");
    assert!(found[0].contains("rules/19044175016/issued.toml"), "{}", found[0]);
    let after =
        world.sql(&rows.replace("basis, direction, ", "").replace(", body ->> 'right'", ""));
    assert_eq!(after, before, "the rows are those of everybody's rules");
    // The file is mended: the finding closes.
    world.write("rules/19044175016/issued.toml", &text);
    world.quadra("run nightly-invoices --period 2026-02 --quiet");
    let state = "select distinct state from findings where kind = 'file_rejected' \
                 and company = '19044175016'";
    assert_eq!(world.sql(state), ["resolved"]);
}

/// Issued in February, taken in and registered in June: a June row, and its partner is found
/// though it was issued four months before.
#[test]
fn rows_count_by_reception_and_registration() {
    let world = World::small();
    world.quadra("pull invoices --period 2026-02 --quiet").expect(0);
    world.quadra("pull configurations --quiet").expect(0);
    let one = "kind = 'invoice' and direction = 'incoming' and document_type = 'TD01' \
               and lifecycle <> 'never_issued'";
    let chosen = format!(
        "select source_id || ';' || number || ';' || issue_date || ';' || counterparty_tax_id \
         || ';' || replace(printf('%.2f', gross_cents / 100.0), '.', ',') from documents \
         where {one} order by source_id limit 2"
    );
    let chosen = world.sql(&chosen);
    let ids: Vec<&str> = chosen.iter().map(|row| row.split(';').next().unwrap()).collect();
    for id in &ids {
        world.execute(&format!(
            "update documents set created_at = '2026-06-09T08:00:00.000Z' where source_id = '{id}'"
        ));
    }
    let head = "Numero fattura;Data fattura;Data ricezione;Data registrazione;Partita IVA fornitore;Totale fattura;Imponibile\n";
    let cells: Vec<&str> = chosen[0].split(';').collect();
    let (number, day, party, gross) = (cells[1], cells[2], cells[3], cells[4]);
    let row = format!("{number};{day};09/06/2026;10/06/2026;{party};{gross};\n");
    // Another row shows that the register is of June.
    let other = "X/1;29/06/2026;29/06/2026;30/06/2026;09876543217;10,00;\n";
    world.write("acquisti-giugno.csv", format!("{head}{row}{other}"));
    world.quadra("upload acquisti-giugno.csv").expect(0);
    let matched = |world: &World| {
        let ran = world.quadra("reconcile --period 2026-06 --kind invoices --json");
        let told = ran.json();
        told["statements"]
            .as_array()
            .unwrap()
            .iter()
            .find(|one| one["direction"] == "incoming")
            .map_or(serde_json::Value::Null, |one| one["left"].clone())
    };
    let by_issue = matched(&world);
    assert!(by_issue.is_null() || by_issue["rows"] == 0, "{by_issue}");
    let text = world.quadra("rules show received").expect(0).stdout;
    let dates = "[columns.left]\nreception_date = \"counted\"\n[columns.right]\nregistration_date = \"counted\"\n";
    let counted = text.replace("date = \"issue_date\"", "date = \"counted\"");
    world.write("rules/received.toml", format!("{counted}\n{dates}"));
    let by_reception = matched(&world);
    assert_eq!(by_reception["rows"], ids.len(), "{by_reception}");
    let classes = &by_reception["classes"];
    let found = |class: &str| classes[class].as_u64().unwrap_or(0);
    assert_eq!(found("matched") + found("matched_within_tolerance") + found("differing"), 1);
    assert_eq!(found("missing_right"), ids.len() as u64 - 1, "{by_reception}");
    // The books' own reception is another day, and a name that rules know.
    let both = text.replace("date = \"issue_date\"", "date = \"reception_date\"");
    world.write("rules/received.toml", both);
    assert_eq!(matched(&world)["rows"], ids.len());
}

/// The same store gives the same night whatever the number of threads.
#[test]
fn threads_change_nothing_in_a_night() {
    let mut world = World::demo();
    world.quadra("pull all --period 2026-02 --quiet");
    for job in ["receipts", "invoices"] {
        for path in world.files(&format!("inbox/{job}")) {
            let company = path.split('/').next().unwrap().to_owned();
            world.quadra(&format!("upload inbox/{job}/{path} --company {company}")).expect(0);
        }
    }
    let mut told = Vec::new();
    for threads in ["1", "2", "8"] {
        world.quadra(&format!("store backup copy-{threads}.db")).expect(0);
        world.set("QUADRA__STORE__URL", &format!("sqlite://copy-{threads}.db"));
        world.set("POLARS_MAX_THREADS", threads);
        let out = format!("out-{threads}");
        world.quadra("reconcile --period 2026-02 --quiet");
        world.quadra(&format!("report --period 2026-02 --format csv,text --out {out} --quiet"));
        let files: Vec<String> = world
            .files(&out)
            .into_iter()
            .map(|name| world.mask(&world.read(&format!("{out}/{name}"))))
            .collect();
        assert!(files.len() > 1);
        told.push(without_instants(&files.concat()));
        world.unset("QUADRA__STORE__URL");
    }
    assert!(told[0].lines().count() > 1_000, "{}", told[0].lines().count());
    assert!(told.iter().all(|one| *one == told[0]));
}

/// Leaves out the lines that say when a report was made.
fn without_instants(text: &str) -> String {
    let is_instant = |line: &&str| !line.contains("Eseguita il");
    text.lines().filter(is_instant).collect::<Vec<_>>().join("\n")
}

/// What is learned is written as a file, and the file does what it says.
#[test]
fn suggested_number_rules_pair_once_they_are_in_place() {
    let world = World::demo();
    let name = "inbox/invoices/19044175016/registro-iva-vendite-2026-02.csv";
    let register = world.read(name);
    let shifted: Vec<String> = register
        .lines()
        .enumerate()
        .map(|(line, text)| {
            let mut cells: Vec<String> = text.split(';').map(ToOwned::to_owned).collect();
            let place = cells.iter().position(|cell| cell.contains('/') && cell.len() < 9);
            if let (Some(place), true) = (place, line > 0 && cells.len() > 3) {
                cells[place].push_str("-XQ");
            }
            cells.join(";")
        })
        .collect();
    world.write(name, shifted.join("\n") + "\n");
    world.quadra("run nightly-invoices --period 2026-02 --quiet");
    let otherwise = "select count(*) from findings where state = 'open' \
                     and company = '19044175016' and kind = 'number_differs'";
    let before: u64 = world.sql(otherwise)[0].parse().unwrap();
    let rules = world.quadra("findings suggest --toml").expect(0).stdout;
    assert!(rules.contains("[[number]]") && rules.contains("books_suffix = \"-XQ\""), "{rules}");
    world.write("rules/numbers.toml", &rules);
    world.quadra("rules check").expect(0);
    world.quadra("reconcile --period 2026-02 --kind invoices --company 19044175016 --quiet");
    let after: u64 = world.sql(otherwise)[0].parse().unwrap();
    assert!(before > 2 && after == 0, "{after} of {before} are still otherwise\n{rules}");
    let report = world.quadra("report --period 2026-02 --format json --out found --quiet");
    let file = world.files("found").into_iter().next().unwrap_or_else(|| panic!("{report}"));
    let text = world.read(&format!("found/{file}"));
    assert!(text.contains("books_suffix"), "the reason names the rule");
}
