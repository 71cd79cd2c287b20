//! How the sandbox misbehaves: by the dice, or at a test's word.
//!
//! Every request throws its own dice, seeded by the sandbox's seed and the request's
//! number. A client that asks one thing after the other therefore meets the same faults
//! at the same places in every run.

use std::time::Duration;

use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;
use serde::Deserialize;

use super::fault::Fault;

/// Says how often each kind of misbehaviour happens, per thousand requests.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(default = "Faults::none", deny_unknown_fields)]
pub struct Faults {
    /// Requests answered by 503 with a plain body.
    pub unavailable_per_mille: u16,
    /// The longest delay before an answer; each request waits between 0 and this.
    pub delay_ms_max: u64,
    /// Documents that a list names twice, the second time some rows further down.
    pub duplicate_per_mille: u16,
    /// Requests answered by 200 with a web page instead of JSON.
    pub html_per_mille: u16,
    /// Requests whose answer ends in the middle of the body.
    pub cut_body_per_mille: u16,
    /// Requests answered by 429, with `Retry-After` as seconds or as a date in turn.
    pub too_many_requests_per_mille: u16,
    /// List pages after which a new document appears at the newest end of that list.
    pub shift_per_mille: u16,
    /// Writes that take effect although they are answered 503.
    pub unclear_per_mille: u16,
}

impl Faults {
    /// Returns the well-behaved server: no fault of any kind, no delay.
    pub fn none() -> Self {
        Self {
            unavailable_per_mille: 0,
            delay_ms_max: 0,
            duplicate_per_mille: 0,
            html_per_mille: 0,
            cut_body_per_mille: 0,
            too_many_requests_per_mille: 0,
            shift_per_mille: 0,
            unclear_per_mille: 0,
        }
    }
}

impl Default for Faults {
    /// Returns the mild misbehaviour that every client should stand.
    fn default() -> Self {
        Self {
            unavailable_per_mille: 50,
            delay_ms_max: 50,
            duplicate_per_mille: 10,
            ..Self::none()
        }
    }
}

/// Is what the dice say about one request.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Throw {
    pub(super) delay: Duration,
    pub(super) fault: Option<Fault>,
    pub(super) shift: bool,
    /// If it writes: the effect takes place, the answer is 503.
    pub(super) unclear: bool,
}

impl Faults {
    /// Throws the dice for the request of this number.
    pub(super) fn throw(&self, seed: u64, request: u64) -> Throw {
        let mut dice = ChaCha8Rng::seed_from_u64(seed);
        dice.set_stream(request);
        let mut happens = |per_mille: u16| dice.random_range(0..1_000_u32) < u32::from(per_mille);
        // Every die is thrown every time, so that turning one switch leaves the others alone.
        let unavailable = happens(self.unavailable_per_mille);
        let too_many_requests = happens(self.too_many_requests_per_mille);
        let html = happens(self.html_per_mille);
        let cut_body = happens(self.cut_body_per_mille);
        let shift = happens(self.shift_per_mille);
        let fault = if unavailable {
            Some(Fault::unavailable())
        } else if too_many_requests {
            // The date lies in the past on purpose: a client must read that as "now".
            let form = ["1", "Mon, 02 Mar 2026 05:00:00 GMT"];
            Some(Fault::too_many_requests(form[usize::from(dice.random_ratio(1, 2))]))
        } else if html {
            Some(Fault::Html200)
        } else if cut_body {
            Some(Fault::CutBody)
        } else {
            None
        };
        let delay = Duration::from_millis(dice.random_range(0..=self.delay_ms_max));
        // This die came last to the game: thrown last, it leaves the others as they were.
        let unclear = dice.random_range(0..1_000_u32) < u32::from(self.unclear_per_mille);
        Throw { delay, fault, shift, unclear }
    }

    /// Tells how many rows further down this document is listed again, if it is.
    pub(super) fn repeats_after(&self, seed: u64, id: &str) -> Option<usize> {
        if self.duplicate_per_mille == 0 {
            return None;
        }
        // FNV-1a: the same on every machine, and the list stays the same between two reads.
        let mix = id.bytes().fold(0xcbf2_9ce4_8422_2325 ^ seed, |hash, byte| {
            (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
        });
        let mut dice = ChaCha8Rng::seed_from_u64(mix);
        let repeats = dice.random_range(0..1_000_u32) < u32::from(self.duplicate_per_mille);
        repeats.then(|| [1, 2, 50, 120][dice.random_range(0..4_u32) as usize])
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn same_seed_throws_the_same() {
        let faults = Faults::default();
        for request in 0..200 {
            assert_eq!(faults.throw(7, request), faults.throw(7, request));
        }
    }

    #[test]
    fn mild_misbehaviour_hits_one_in_twenty() {
        let faults = Faults::default();
        let hits = (0..10_000).filter(|&request| faults.throw(7, request).fault.is_some()).count();
        assert!((400..600).contains(&hits), "{hits} of 10,000");
    }

    #[test]
    fn well_behaved_never_throws() {
        let faults = Faults::none();
        for request in 0..1_000 {
            let throw = faults.throw(7, request);
            assert_eq!(throw.fault, None);
            assert_eq!(throw.delay, Duration::ZERO);
            assert!(!throw.shift);
        }
    }

    #[test]
    fn each_switch_gives_its_fault() {
        let html = Faults { html_per_mille: 1_000, ..Faults::none() };
        assert_eq!(html.throw(7, 0).fault, Some(Fault::Html200));
        let cut = Faults { cut_body_per_mille: 1_000, ..Faults::none() };
        assert_eq!(cut.throw(7, 0).fault, Some(Fault::CutBody));
        let shift = Faults { shift_per_mille: 1_000, ..Faults::none() };
        assert!(shift.throw(7, 0).shift);
    }

    #[test]
    fn retry_after_comes_in_both_forms() {
        let limited = Faults { too_many_requests_per_mille: 1_000, ..Faults::none() };
        let forms: std::collections::BTreeSet<_> = (0..20)
            .filter_map(|request| match limited.throw(7, request).fault {
                Some(Fault::Status { headers, .. }) => Some(headers[0].1.clone()),
                _ => None,
            })
            .collect();
        assert_eq!(forms.len(), 2, "{forms:?}");
    }

    #[test]
    fn one_document_a_hundred_repeats() {
        let faults = Faults::default();
        let repeats = (0..10_000)
            .filter(|id| faults.repeats_after(7, &format!("{id:024x}")).is_some())
            .count();
        assert!((60..140).contains(&repeats), "{repeats} of 10,000");
    }
}
