//! Death at every commit, rename and send: started again, a night ends as if nothing had been.
//!
//! A clean night tells which places there are and what is left at its end. Then the process
//! dies at one of them, is started again when its lease is over, and store, report, inboxes,
//! mails and the provider's effects are held against the clean night's. The short run tries some
//! places and three random moments; `QUADRA_CRASHES=all` and `QUADRA_KILLS=200` are the long one.

#![expect(clippy::unwrap_used, reason = "a test may stop at the first surprise")]

mod night;

use std::panic::AssertUnwindSafe;
use std::time::{Duration, Instant};

use night::{End, Night};
use rand::Rng as _;
use rand::SeedableRng as _;

/// Places that the short run tries, one of each kind; the long run tries every passing.
const SHORT: [&str; 11] = [
    "before send invoice_import:1",
    "after commit settle_comparison:1",
    "after rename inbox file:1",
    "before rename quadra-night-2026-02.html:1",
    "after rename quadra.prom:1",
    "before send ping:1",
    "after send ping:1",
    "before commit claim_intent:1",
    "after send invoice_import:1",
    "before send final dot:1",
    "after send mail:2",
];

/// From the claim of a mail to the note of its end nobody can know whether it arrived.
const MAIL_IN_DOUBT: [&str; 5] = [
    "after commit claim_delivery",
    "before send mail",
    "before send final dot",
    "after send mail",
    "before commit set_delivery_state",
];

fn number(variable: &str) -> Option<u64> {
    std::env::var_os(variable)?.into_string().ok()?.parse().ok()
}

#[test]
fn death_at_any_place_loses_and_doubles_nothing() {
    let mut night = Night::new();
    let (clean, places) = night.clean();
    assert!(places.len() > 60, "only {} passings: {places:?}", places.len());
    let is_long = std::env::var_os("QUADRA_CRASHES").is_some_and(|value| value == "all");
    let chosen: Vec<String> = if is_long {
        places.clone()
    } else {
        SHORT.iter().map(|place| (*place).to_owned()).collect()
    };
    let (mut in_doubt, mut lossy, mut passed_by) = (0, Vec::new(), Vec::new());
    for place in &chosen {
        assert!(places.contains(place), "no night passes `{place}`: {places:?}");
        if !dies_at(&mut night, place) {
            passed_by.push(place.clone());
            continue;
        }
        let end = night.go_on();
        let may_doubt = MAIL_IN_DOUBT.iter().any(|known| place.starts_with(known));
        in_doubt += u64::from(end.is_mail_unknown());
        // The long run tells all places at once.
        let held = AssertUnwindSafe(|| hold(&night, &clean, &end, (may_doubt, place)));
        if std::panic::catch_unwind(held).is_err() {
            lossy.push(place.clone());
        }
    }
    assert!(lossy.is_empty(), "a death here loses or doubles something: {lossy:?}");
    eprintln!(
        "crash harness: {} of {} passings of {} places; {in_doubt} ended with a mail in doubt; not \
         met again: {passed_by:?}",
        chosen.len() - passed_by.len(),
        places.len(),
        distinct(&places)
    );
    // Pages that arrive together are one commit: how many there are is left to the moment.
    assert!(passed_by.iter().all(|place| place.contains("store_pages")), "{passed_by:?}");
}

/// Lets a night die at a place; it has some tries, since not every night passes there as often.
fn dies_at(night: &mut Night, place: &str) -> bool {
    (0..5).any(|_| {
        night.begin();
        night.die_at(place).code.is_none()
    })
}

/// A backup under a name is whole, whenever its process died; the next one finds its way.
#[test]
fn death_in_a_backup_leaves_no_half_copy() {
    let mut night = Night::new();
    night.clean();
    let places = night.backup(&[]).1;
    assert_eq!(places, ["before rename backup:1", "after rename backup:1"]);
    for place in &places {
        let (died, _) = night.backup(&[("QUADRA_CRASH_AT", place)]);
        assert_eq!(died.code, None, "it did not die at `{place}`: {died}");
        night.backup_is_whole_or_missing(place.starts_with("after"));
    }
    let seed = number("QUADRA_SEED").unwrap_or(1);
    let mut random = rand_chacha::ChaCha8Rng::seed_from_u64(seed);
    let began = Instant::now();
    night.backup(&[]).0.expect(0);
    let lasts = began.elapsed();
    let kills = number("QUADRA_KILLS").unwrap_or(3);
    let mut missing = 0;
    for _ in 0..kills {
        missing += u64::from(night.kill_backup_after(lasts.mul_f64(random.random_range(0.0..1.1))));
    }
    eprintln!("kill -9 in a backup: {kills} moments, {missing} without a copy, all others whole");
}

#[test]
fn kill_at_any_moment_loses_and_doubles_nothing() {
    let mut night = Night::new();
    let began = Instant::now();
    let (clean, _) = night.clean();
    let lasts = began.elapsed();
    let kills = number("QUADRA_KILLS").unwrap_or(3);
    let seed = number("QUADRA_SEED").unwrap_or(1);
    let mut random = rand_chacha::ChaCha8Rng::seed_from_u64(seed);
    let (mut in_doubt, mut too_late) = (0, 0);
    for round in 0..kills {
        night.begin();
        let moment = lasts.mul_f64(random.random_range(0.0..1.0));
        too_late += u64::from(!night.kill_after(moment));
        let end = night.go_on();
        in_doubt += u64::from(end.is_mail_unknown());
        hold(&night, &clean, &end, (true, &format!("seed {seed}, kill {round} after {moment:?}")));
    }
    eprintln!(
        "kill -9: {kills} moments within {} ms, {too_late} after its end, {in_doubt} mails in doubt",
        Duration::as_millis(&lasts)
    );
}

/// Holds a night's end against the clean one, or follows an import that is in doubt to its end.
///
/// From its claim to the note of its end only the provider can tell whether an import arrived.
/// The night says that it is open and nothing is sent twice; the next looks settle it.
fn hold(night: &Night, clean: &End, end: &End, (may_doubt, place): (bool, &str)) {
    if !end.is_import_unknown() {
        return compare(clean, end, may_doubt, place);
    }
    assert!(
        end.effects.iter().all(|(effect, count)| clean.effects.get(effect) == Some(count)),
        "an effect too many after a death at `{place}`: {:?}",
        end.effects
    );
    let settled = night.ask_again();
    assert_eq!(settled.effects, clean.effects, "after a death at `{place}`");
    assert!(!settled.is_import_unknown(), "still open after a death at `{place}`");
}

/// Holds a night's end against the clean one; only a mail may be in doubt, and is never two.
fn compare(clean: &End, end: &End, may_doubt: bool, place: &str) {
    if !end.is_mail_unknown() {
        assert_eq!(end, clean, "after a death at `{place}`");
        return;
    }
    assert!(may_doubt, "a mail is in doubt after a death at `{place}`");
    let mut rest = clean.mails.clone();
    for mail in &end.mails {
        let known = rest.iter().position(|one| one == mail);
        rest.remove(known.unwrap_or_else(|| panic!("`{mail}` twice after a death at `{place}`")));
    }
    assert!(rest.len() <= 1, "two mails lost after a death at `{place}`: {rest:?}");
    assert!(end.is_doubt_said, "nobody said that a mail is in doubt after `{place}`");
    let known = End { mails: clean.mails.clone(), is_doubt_said: false, ..end.clone() };
    assert_eq!(known.without_mail_state(), clean.clone().without_mail_state(), "`{place}`");
}

fn distinct(places: &[String]) -> usize {
    let names = places.iter().filter_map(|place| place.rsplit_once(':')).map(|(name, _)| name);
    names.collect::<std::collections::BTreeSet<_>>().len()
}
