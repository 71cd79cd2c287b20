//! How right the matching is: a seeded generator with the truth, and a scorer.
//!
//! Two sides of invented documents are written, the right one damaged in known ways; rules
//! for such files are run by the built binary, and what it confirmed is held against the
//! truth: precision, recall and F1 by damage and by euro. Two thousand documents by
//! default; `QUADRA_ACCURACY_ROWS=100000` asks for more, `QUADRA_ACCURACY_BINARY` names
//! another binary, `--nocapture` shows the table.

#![expect(clippy::unwrap_used, reason = "a test may stop at the first surprise")]

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use rand::Rng as _;
use rand::SeedableRng as _;
use rand::seq::SliceRandom as _;
use rand_chacha::ChaCha8Rng;

use crate::world::World;

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
name = "paid in parts"
many = "right"
on = ["order"]
[[groups]]
name = "paid together"
many = "left"
on = ["batch"]
"#;

/// Holds one document as a side writes it.
#[derive(Clone)]
struct Paper {
    /// Which document of the truth it is; several rows may be one.
    truth: usize,
    party: u64,
    number: String,
    is_credit: bool,
    day: u64,
    gross: i64,
    vat: i64,
    currency: &'static str,
    order: String,
    batch: String,
}

/// Holds both sides and, for each document, what was done to it.
struct Made {
    sides: [Vec<Paper>; 2],
    damage: Vec<&'static str>,
    /// Documents of which several rows are one: no pair of them is wrong.
    doubtful: BTreeSet<usize>,
}

fn paper(
    random: &mut ChaCha8Rng,
    truth: usize,
    parties: u64,
    last: &mut BTreeMap<u64, u64>,
) -> Paper {
    let party = random.random_range(1..=parties);
    let next = last.entry(party).or_insert(0);
    *next += 1;
    // Numbers begin anew each year, so they come back.
    let (year, number) = (*next / 40, 1 + *next % 40);
    let is_credit = random.random_range(0..100) < 3;
    let net = random.random_range(500..2_000_000);
    let sign = if is_credit { -1 } else { 1 };
    let vat = sign * net * 22 / 100;
    let number = match party % 4 {
        0 => format!("{number:04}"),
        1 => format!("FPR {number}"),
        2 => format!("{number}/A"),
        _ => format!("{number}"),
    };
    let currency = if random.random_range(0..50) == 0 { "USD" } else { "EUR" };
    Paper {
        truth,
        party,
        number,
        is_credit,
        day: year * 365 + random.random_range(0..300),
        gross: sign * net + vat,
        vat,
        currency,
        order: String::new(),
        batch: String::new(),
    }
}

/// Does one row harm, and says which and how often it then stands on either side.
fn harm(random: &mut ChaCha8Rng, roll: u32, right: &mut Paper) -> (&'static str, [usize; 2]) {
    match roll {
        0..10 => ("missing on the right", [1, 0]),
        10..20 => ("missing on the left", [0, 1]),
        20..30 => {
            right.gross += random.random_range(100..9_000);
            ("amount changed", [1, 1])
        }
        30..40 => {
            right.gross += random.random_range(1..=5);
            ("a few cents", [1, 1])
        }
        40..60 => {
            right.day += random.random_range(1..=5);
            ("date changed", [1, 1])
        }
        60..65 => {
            right.vat += right.gross.signum() * random.random_range(10..900);
            ("VAT changed", [1, 1])
        }
        65..70 => {
            right.party = 0;
            ("party lost", [1, 1])
        }
        70..77 if right.number.len() > 3 => {
            let mut digits: Vec<char> = right.number.chars().collect();
            let end = digits.len();
            digits.swap(end - 1, end - 2);
            right.number = digits.into_iter().collect();
            ("digits transposed", [1, 1])
        }
        77..177 => {
            let bare = right.number.trim_start_matches("FPR ").trim_start_matches('0');
            right.number = bare.to_string();
            ("zeros and prefix lost", [1, 1])
        }
        177..187 => {
            right.number.push_str("/V3");
            ("series suffix", [1, 1])
        }
        187..192 => ("twice on the right", [1, 2]),
        192..194 => ("twice on the left", [2, 1]),
        _ => ("none", [1, 1]),
    }
}

fn generate(rows: usize, seed: u64) -> Made {
    let mut random = ChaCha8Rng::seed_from_u64(seed);
    let parties = (rows as u64 / 25).max(2);
    let mut last = BTreeMap::new();
    let mut made =
        Made { sides: [Vec::new(), Vec::new()], damage: Vec::new(), doubtful: BTreeSet::new() };
    let mut batch: Vec<Paper> = Vec::new();
    for truth in 0..rows {
        let left = paper(&mut random, truth, parties, &mut last);
        let mut right = left.clone();
        let mut damage = "none";
        let mut copies = [1, 1];
        let roll = random.random_range(0..1000);
        match roll {
            0..194 => (damage, copies) = harm(&mut random, roll, &mut right),
            194..199 => {
                damage = "look-alike twin";
                // The next document of the party, of the same day and amount.
                let mut twin = left.clone();
                twin.number.push_str("/B");
                twin.truth = usize::MAX - truth;
                made.sides[0].push(twin.clone());
                made.sides[1].push(twin);
            }
            199..202 => {
                damage = "twins without a number";
                made.doubtful.insert(truth);
                right.number = String::new();
                let mut twin = left.clone();
                twin.number.push('X');
                made.sides[0].push(twin);
            }
            202..206 => {
                damage = "paid in parts";
                let order = format!("O{truth}");
                let first = right.gross / 3;
                let mut part = Paper { gross: first, order: order.clone(), ..right.clone() };
                part.number = String::new();
                right = Paper { gross: right.gross - first, order: order.clone(), ..part.clone() };
                made.sides[1].push(part);
                made.sides[0].push(Paper { order, number: String::new(), ..left });
                made.sides[1].push(right);
                made.damage.push(damage);
                continue;
            }
            206..212 if left.currency == "EUR" => {
                damage = "paid together";
                batch.push(Paper { number: String::new(), ..left });
                made.damage.push(damage);
                continue;
            }
            _ => {}
        }
        made.damage.push(damage);
        made.sides[0].extend(std::iter::repeat_n(left, copies[0]));
        made.sides[1].extend(std::iter::repeat_n(right, copies[1]));
    }
    for (index, papers) in batch.chunks(3).enumerate() {
        let name = format!("P{index}");
        let sum = papers.iter().map(|one| one.gross).sum();
        let truth = papers[0].truth;
        made.sides[1].push(Paper { truth, gross: sum, batch: name.clone(), ..papers[0].clone() });
        let together = papers.iter().map(|one| Paper { truth, batch: name.clone(), ..one.clone() });
        made.sides[0].extend(together);
    }
    for side in &mut made.sides {
        side.shuffle(&mut random);
    }
    made
}

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

/// Counts pairs, and their money, that were right, wrong and not found.
#[derive(Default, Clone, Copy)]
struct Score {
    right: [f64; 2],
    wrong: [f64; 2],
    missed: [f64; 2],
}

impl Score {
    fn measures(&self, by: usize) -> [f64; 3] {
        let share =
            |part: f64, rest: f64| if part + rest == 0.0 { 1.0 } else { part / (part + rest) };
        let (precision, recall) =
            (share(self.right[by], self.wrong[by]), share(self.right[by], self.missed[by]));
        let sum = precision + recall;
        [precision, recall, if sum == 0.0 { 0.0 } else { 2.0 * precision * recall / sum }]
    }
}

/// Weighs a row by its money.
fn cents(paper: &Paper) -> f64 {
    f64::from(i32::try_from(paper.gross.abs()).unwrap())
}

/// Holds what was confirmed against the truth, by damage and in all.
fn score(made: &Made, matches: &str) -> BTreeMap<&'static str, Score> {
    let mut scores: BTreeMap<&'static str, Score> = BTreeMap::new();
    let damage = |truth: usize| made.damage.get(truth).copied().unwrap_or("look-alike twin");
    let mut found: BTreeSet<usize> = BTreeSet::new();
    for line in matches.lines().skip(1) {
        let mut rows = line.split(',').map(str::parse::<usize>);
        let (left, right) = (rows.next().unwrap().unwrap(), rows.next().unwrap().unwrap());
        let (left, right) = (&made.sides[0][left - 1], &made.sides[1][right - 1]);
        // A confirmed pair of rows that nobody can tell apart is wrong, even by luck.
        let is_right = left.truth == right.truth && !made.doubtful.contains(&left.truth);
        let weight = [1.0, cents(left)];
        for name in [damage(left.truth), "all"] {
            let score = scores.entry(name).or_default();
            let side = if is_right { &mut score.right } else { &mut score.wrong };
            side[0] += weight[0];
            side[1] += weight[1];
        }
        found.insert(left.truth);
    }
    let rights: BTreeSet<usize> = made.sides[1].iter().map(|one| one.truth).collect();
    let mut seen = BTreeSet::new();
    for left in &made.sides[0] {
        let is_lost = rights.contains(&left.truth) && !found.contains(&left.truth);
        if is_lost && !made.doubtful.contains(&left.truth) && seen.insert(left.truth) {
            for name in [damage(left.truth), "all"] {
                let score = scores.entry(name).or_default();
                score.missed[0] += 1.0;
                score.missed[1] += cents(left);
            }
        }
    }
    scores
}

#[expect(clippy::disallowed_methods, reason = "a longer run is asked for by a variable")]
#[test]
fn confirmed_pairs_are_the_true_ones() {
    let rows = std::env::var("QUADRA_ACCURACY_ROWS").map_or(2_000, |rows| rows.parse().unwrap());
    let made = generate(rows, 20_260_228);
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
    let scores = score(&made, &world.read("out/matches.csv"));
    println!(
        "{:<26}{:>10}{:>10}{:>10}{:>12}{:>8}{:>8}",
        "damage", "precision", "recall", "F1", "F1 by euro", "wrong", "missed"
    );
    for (name, score) in &scores {
        let ([precision, recall, f1], [.., by_euro]) = (score.measures(0), score.measures(1));
        let (wrong, missed) = (score.wrong[0], score.missed[0]);
        println!(
            "{name:<26}{precision:>10.5}{recall:>10.5}{f1:>10.5}{by_euro:>12.5}{wrong:>8}{missed:>8}"
        );
    }
    let [precision, _, f1] = scores["all"].measures(0);
    assert!(precision >= 0.9999, "precision {precision}");
    assert!(f1 >= 0.9975, "F1 {f1}");
    let twins = scores.get("twins without a number").copied().unwrap_or_default();
    assert!(twins.wrong[0] == 0.0, "what is ambiguous was confirmed");
}
