//! A seeded generator of two sides: the right one damaged in known ways, with the truth.

use std::collections::{BTreeMap, BTreeSet};

use rand::Rng as _;
use rand::SeedableRng as _;
use rand::seq::SliceRandom as _;
use rand_chacha::ChaCha8Rng;

/// Holds one document as a side writes it.
#[derive(Clone)]
pub(super) struct Paper {
    /// Which document of the truth it is; several rows may be one.
    pub(super) truth: usize,
    pub(super) party: u64,
    pub(super) number: String,
    pub(super) is_credit: bool,
    pub(super) day: u64,
    pub(super) gross: i64,
    pub(super) vat: i64,
    pub(super) currency: &'static str,
    pub(super) order: String,
    pub(super) batch: String,
}

/// Holds both sides and, for each document, what was done to it.
pub(super) struct Made {
    pub(super) sides: [Vec<Paper>; 2],
    pub(super) damage: Vec<&'static str>,
    /// Documents of which several rows are one: no pair of them is wrong.
    pub(super) doubtful: BTreeSet<usize>,
}

/// Says that a party was billed the same thrice on one day, each bill harmed by itself.
const FEES: &str = "equal fees of a day";

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

/// Writes a document in parts, or several as one sum, and says which.
fn share_out(
    random: &mut ChaCha8Rng,
    roll: u32,
    left: Paper,
    sides: &mut [Vec<Paper>; 2],
) -> &'static str {
    let first = left.gross / 3;
    match roll {
        202..206 => {
            // Two payments of one order.
            let order = format!("O{}", left.truth);
            let part = Paper { gross: first, number: String::new(), order, ..left.clone() };
            sides[1].push(Paper { gross: left.gross - first, ..part.clone() });
            sides[0].push(Paper { gross: left.gross, ..part.clone() });
            sides[1].push(part);
            "paid in parts"
        }
        212..216 => {
            // Two rows of one number, as a register by cost centre has them.
            sides[1].push(Paper { gross: first, vat: 0, ..left.clone() });
            sides[1].push(Paper { gross: left.gross - first, vat: 0, ..left.clone() });
            sides[0].push(left);
            "booked in parts"
        }
        _ => {
            // The next documents of the party, some days later, and one row for all.
            let mut papers = vec![left];
            for next in 1..=random.random_range(1..=2) {
                let gross = papers[0].gross.signum() * random.random_range(500..2_000_000);
                let number = format!("{}/S{next}", papers[0].number);
                let day = papers[0].day + next;
                papers.push(Paper { gross, number, day, vat: 0, ..papers[0].clone() });
            }
            let gross = papers.iter().map(|one| one.gross).sum();
            sides[1].push(Paper { gross, number: String::new(), ..papers[0].clone() });
            sides[0].extend(papers);
            "booked as a sum"
        }
    }
}

/// Bills a party the same thrice, the first as the truth given, and says how many came after.
fn equal_fees(
    random: &mut ChaCha8Rng,
    left: &Paper,
    next_truth: usize,
    sides: &mut [Vec<Paper>; 2],
) -> usize {
    for of_day in 0..3 {
        let truth = if of_day == 0 { left.truth } else { next_truth + of_day - 1 };
        let fee = Paper { truth, number: format!("{}/F{of_day}", left.number), ..left.clone() };
        let (mut booked, mut copies) = (fee.clone(), [1, 1]);
        let roll = random.random_range(0..1000);
        if roll < 194 {
            (_, copies) = harm(random, roll, &mut booked);
        }
        sides[0].extend(std::iter::repeat_n(fee, copies[0]));
        sides[1].extend(std::iter::repeat_n(booked, copies[1]));
    }
    2
}

pub(super) fn generate(rows: usize, seed: u64) -> Made {
    let mut random = ChaCha8Rng::seed_from_u64(seed);
    let parties = (rows as u64 / 25).max(2);
    let mut last = BTreeMap::new();
    let mut made =
        Made { sides: [Vec::new(), Vec::new()], damage: Vec::new(), doubtful: BTreeSet::new() };
    let mut batch: Vec<Paper> = Vec::new();
    let mut fees = 0;
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
            202..206 | 212..220 => {
                let damage = share_out(&mut random, roll, left, &mut made.sides);
                made.damage.push(damage);
                continue;
            }
            220..226 => {
                fees += equal_fees(&mut random, &left, rows + fees, &mut made.sides);
                made.damage.push(FEES);
                continue;
            }
            206..212 if left.currency == "EUR" => {
                batch.push(Paper { number: String::new(), ..left });
                made.damage.push("paid together");
                continue;
            }
            _ => {}
        }
        made.damage.push(damage);
        made.sides[0].extend(std::iter::repeat_n(left, copies[0]));
        made.sides[1].extend(std::iter::repeat_n(right, copies[1]));
    }
    made.damage.extend(std::iter::repeat_n(FEES, fees));
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
