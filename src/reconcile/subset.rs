//! Which of some amounts add up to a sum: counted, within a budget, never guessed.
//!
//! A depth-first walk over the amounts, largest first, that turns back where the rest can
//! no longer reach the sum. Among many open items some sum nearly always fits by chance, so
//! solutions are counted: one is an answer, two are a doubt. A single amount that fits is a
//! solution too, which makes every other one doubtful.

/// Steps that one search may take; what it has not found by then it cannot exclude.
const STEPS_MAX: u32 = 200_000;

/// Solutions beyond which nobody wants the exact number.
const COUNT_MAX: u64 = 100;

/// Says what a search found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Found {
    /// No two or more amounts add up.
    Nothing,
    /// These do, by place, and nothing else does.
    One(Vec<usize>),
    /// So many sets of amounts do, two or more; a hundred stands for more.
    Several(u64),
    /// The budget was spent before the answer was certain.
    CutShort,
}

/// Looks for the amounts whose sum is good; sums outside the window cannot be.
///
/// Equal amounts are interchangeable only in sum, not in meaning: two of them that serve
/// equally well are two solutions. The answer does not depend on the order of amounts.
pub(super) fn subset(
    amounts: &[i128],
    window: (i128, i128),
    is_good: impl Fn(i128) -> bool,
) -> Found {
    let mut order: Vec<usize> = (0..amounts.len()).collect();
    order.sort_by_key(|place| (std::cmp::Reverse(amounts[*place].abs()), *place));
    let sorted: Vec<i128> = order.iter().map(|place| amounts[*place]).collect();
    let mut reach = vec![(0, 0); sorted.len() + 1];
    for (place, amount) in sorted.iter().enumerate().rev() {
        let (low, high): (i128, i128) = reach[place + 1];
        reach[place] =
            (low.saturating_add((*amount).min(0)), high.saturating_add((*amount).max(0)));
    }
    let mut search = Search {
        amounts: &sorted,
        reach: &reach,
        window,
        is_good,
        steps: 0,
        chosen: Vec::new(),
        solutions: 0,
        first_of_several: None,
    };
    search.go(0, 0);
    let is_cut_short = search.steps > STEPS_MAX;
    match (search.first_of_several, search.solutions) {
        (None, _) | (Some(_), 1) if is_cut_short => Found::CutShort,
        (None, _) => Found::Nothing,
        (Some(places), 1) => {
            let mut places: Vec<usize> = places.into_iter().map(|place| order[place]).collect();
            places.sort_unstable();
            Found::One(places)
        }
        (Some(_), count) => Found::Several(count),
    }
}

struct Search<'a, F> {
    amounts: &'a [i128],
    /// The least and the greatest sum that the amounts from a place on can make.
    reach: &'a [(i128, i128)],
    window: (i128, i128),
    is_good: F,
    steps: u32,
    chosen: Vec<usize>,
    solutions: u64,
    first_of_several: Option<Vec<usize>>,
}

impl<F: Fn(i128) -> bool> Search<'_, F> {
    fn go(&mut self, from: usize, sum: i128) {
        self.steps += 1;
        if !self.chosen.is_empty() && (self.is_good)(sum) {
            self.solutions += 1;
            if self.chosen.len() > 1 && self.first_of_several.is_none() {
                self.first_of_several = Some(self.chosen.clone());
            }
        }
        for item in from..self.amounts.len() {
            let (low, high) = self.reach[item];
            let is_out =
                sum.saturating_add(high) < self.window.0 || sum.saturating_add(low) > self.window.1;
            if is_out || self.solutions >= COUNT_MAX || self.steps > STEPS_MAX {
                return;
            }
            if let Some(sum) = sum.checked_add(self.amounts[item]) {
                self.chosen.push(item);
                self.go(item + 1, sum);
                self.chosen.pop();
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn exactly(amounts: &[i128], wanted: i128) -> Found {
        subset(amounts, (wanted, wanted), |sum| sum == wanted)
    }

    #[test]
    fn one_solution_is_found_and_two_are_told() {
        assert_eq!(exactly(&[1_000, 2_000, 501], 3_000), Found::One(vec![0, 1]));
        assert_eq!(exactly(&[1_000, 2_000, 1_200, 1_800], 3_000), Found::Several(2));
        assert_eq!(exactly(&[1_000, 2_001], 3_000), Found::Nothing);
        assert_eq!(exactly(&[500, -200, 300], 300), Found::Several(2));
    }

    #[test]
    fn a_single_amount_that_fits_is_a_rival() {
        assert_eq!(exactly(&[3_000], 3_000), Found::Nothing);
        assert_eq!(exactly(&[3_000, 1_000, 2_000], 3_000), Found::Several(2));
    }

    #[test]
    fn equal_amounts_are_two_solutions() {
        assert_eq!(exactly(&[1_000, 2_000, 2_000], 3_000), Found::Several(2));
        assert_eq!(exactly(&[1_500, 1_500], 3_000), Found::One(vec![0, 1]));
    }

    #[test]
    fn a_search_cut_short_claims_nothing() {
        // Forty amounts of both signs: no sum is out of reach until the very end.
        let many: Vec<i128> =
            (0..40).map(|n| (1i128 << n) * if n % 2 == 0 { 1 } else { -1 }).collect();
        let wanted = many.iter().sum::<i128>() - 1_000_003;
        assert_eq!(
            subset(&many, (i128::MIN / 4, i128::MAX / 4), |sum| sum == wanted),
            Found::CutShort
        );
    }

    proptest! {
        #[test]
        fn agrees_with_trying_every_subset(
            amounts in proptest::collection::vec(-6i128..9, 0..9), wanted in -5i128..25,
        ) {
            let mut all: Vec<Vec<usize>> = Vec::new();
            for mask in 1u32..1 << amounts.len() {
                let places: Vec<usize> =
                    (0..amounts.len()).filter(|place| mask & (1 << place) != 0).collect();
                if places.iter().map(|place| amounts[*place]).sum::<i128>() == wanted {
                    all.push(places);
                }
            }
            let expected = match (all.iter().find(|one| one.len() > 1), all.len() as u64) {
                (None, _) => Found::Nothing,
                (Some(places), 1) => Found::One(places.clone()),
                (Some(_), count) => Found::Several(count.min(COUNT_MAX)),
            };
            prop_assert_eq!(exactly(&amounts, wanted), expected);
        }
    }
}
