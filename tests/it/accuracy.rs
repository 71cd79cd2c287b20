//! How right the matching is: a seeded generator with the truth, and a scorer.
//!
//! Two sides of invented documents are made, the right one damaged in known ways. The rules
//! for such files are run by the built binary (`compare`), those of a night by the engine
//! itself (`night`); what was confirmed is held against the truth: precision, recall and F1
//! by damage and by euro. Two thousand documents by default; `QUADRA_ACCURACY_ROWS=100000`
//! asks for more, `QUADRA_ACCURACY_BINARY` names another binary, `--nocapture` shows the
//! tables.

#![expect(clippy::unwrap_used, reason = "a test may stop at the first surprise")]

mod generator;
mod night;
mod score;

use std::fmt::Write as _;

use crate::world::World;
use generator::{Paper, generate};

/// Seeds every run alike, so that a figure can be had again.
const SEED: u64 = 20_260_228;

const RULES: &str = r#"
amount = "gross"
currency = "currency"
[compare]
gross = "0.05"
vat = "0.05"
date = "0d"
[[passes]]
name = "party and number"
on = ["party", "number", "type"]
within = { date = "45d" }
[[passes]]
name = "party and number as normalised"
on = ["party", "number as normalised", "type"]
within = { date = "45d" }
[[passes]]
name = "number and amount"
on = ["number as normalised", "gross", "type"]
within = { date = "10d" }
unique = true
[[passes]]
name = "party, amount, a slip in the number"
on = ["party", "gross"]
within = { date = "6d", number = "4 edits" }
unique = true
[[groups]]
name = "booked in parts"
many = "right"
on = ["party", "number", "type"]
near = { date = "45d" }
first = true
[[groups]]
name = "paid in parts"
many = "right"
on = ["order"]
[[groups]]
name = "paid together"
many = "left"
on = ["batch"]
[[groups]]
name = "booked as a sum"
many = "left"
on = ["party", "type"]
near = { date = "10d" }
subset = 12
"#;

fn csv(side: &[Paper]) -> String {
    let mut text = "party,number,type,date,gross,vat,currency,order,batch\n".to_owned();
    let first = chrono::NaiveDate::from_ymd_opt(2020, 1, 1).unwrap();
    for one in side {
        let date = first + chrono::Days::new(one.day);
        let party = if one.party == 0 { String::new() } else { format!("{:011}", one.party) };
        let kind = if one.is_credit { "TD04" } else { "TD01" };
        let cents = quadra::fiscal::cents_to_decimal;
        writeln!(
            text,
            "{party},{},{kind},{date},{},{},{},{},{}",
            one.number,
            cents(one.gross),
            cents(one.vat),
            one.currency,
            one.order,
            one.batch
        )
        .unwrap();
    }
    text
}

#[expect(clippy::disallowed_methods, reason = "a longer run is asked for by a variable")]
fn rows() -> usize {
    std::env::var("QUADRA_ACCURACY_ROWS").map_or(2_000, |rows| rows.parse().unwrap())
}

#[expect(clippy::disallowed_methods, reason = "another binary is named by a variable")]
#[test]
fn confirmed_pairs_are_the_true_ones() {
    let made = generate(rows(), SEED);
    let world = World::new();
    world.write("rules.toml", RULES);
    world.write("left.csv", csv(&made.sides[0]));
    world.write("right.csv", csv(&made.sides[1]));
    let arguments = "compare left.csv right.csv --rules rules.toml --out out --format json,csv";
    match std::env::var("QUADRA_ACCURACY_BINARY") {
        Ok(binary) => {
            let mut command = std::process::Command::new(binary);
            command.args(arguments.split(' ')).current_dir(world.path(""));
            assert!(command.status().unwrap().success());
        }
        Err(_) => {
            world.quadra(arguments).expect(0);
        }
    }
    let matches = world.read("out/matches.csv");
    let pairs = matches.lines().skip(1).map(|line| {
        let mut rows = line.split(',').map(|row| row.parse::<usize>().unwrap() - 1);
        (rows.next().unwrap(), rows.next().unwrap())
    });
    score::judge("compare, by rules for such files", &score::score(&made, pairs), 0.9975);
}
