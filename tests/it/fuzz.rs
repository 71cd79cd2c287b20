//! How hostile input is drawn: the same at every short run, anew at every long one.

use proptest::test_runner::{Config, RngSeed};

/// Returns the settings of a fuzz test of so many cases.
///
/// A change is judged by inputs that do not depend on luck; what chance may find is looked
/// for with `PROPTEST_CASES=1000000` or `PROPTEST_RNG_SEED=…`.
pub(crate) fn repeatable(cases: u32) -> Config {
    let is_long =
        ["PROPTEST_CASES", "PROPTEST_RNG_SEED"].iter().any(|name| std::env::var_os(name).is_some());
    let default = Config::default();
    let rng_seed = if is_long { default.rng_seed } else { RngSeed::Fixed(20_261_121) };
    Config { cases, rng_seed, ..default }
}
