//! Amounts as lengths, in whole numbers.

/// Turns cents into whole units of length, zero included.
pub(super) struct Scale {
    least: i128,
    span: i128,
    units: i64,
    /// The largest amount, in cents.
    pub(super) most: i64,
    /// Where zero lies, in units from the start.
    pub(super) zero: i64,
}

impl Scale {
    pub(super) fn over(cents: impl Iterator<Item = i64>, units: i64) -> Self {
        let (mut least, mut most) = (0, 0);
        for one in cents {
            least = least.min(one);
            most = most.max(one);
        }
        let span = (i128::from(most) - i128::from(least)).max(1);
        let mut scale = Self { least: i128::from(least), span, units, most, zero: 0 };
        scale.zero = scale.at(0);
        scale
    }

    /// Returns where an amount lies, in units from the start.
    fn at(&self, cents: i64) -> i64 {
        let units = (i128::from(cents) - self.least) * i128::from(self.units) / self.span;
        i64::try_from(units).expect("an amount within the span lies within the units")
    }

    /// Returns start and length of the bar from zero to an amount.
    pub(super) fn bar(&self, cents: i64) -> (i64, i64) {
        if cents == 0 {
            return (self.zero, 0);
        }
        let end = self.at(cents);
        let length = (end - self.zero).abs().max(2);
        (if cents < 0 { self.zero - length } else { self.zero }.max(0), length)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn credit_notes_reach_left_of_zero() {
        let scale = Scale::over([300, -100].into_iter(), 400);
        assert_eq!((scale.zero, scale.bar(300), scale.bar(-100)), (100, (100, 300), (0, 100)));
        assert_eq!(scale.bar(0).1, 0);
        assert_eq!(scale.bar(1).1, 2, "a cent is seen");
    }

    proptest! {
        #[test]
        fn bars_stay_inside_the_drawing(cents in proptest::collection::vec(any::<i64>(), 1..9)) {
            let scale = Scale::over(cents.iter().copied(), 400);
            for one in cents {
                let (from, length) = scale.bar(one);
                prop_assert!(from >= 0 && from + length <= 402, "{from} {length}");
            }
        }
    }
}
