//! How often a property over hostile input is tried: more often when `PROPTEST_CASES` says so. Only for tests.

use proptest::prelude::ProptestConfig;

/// `cases` of them, or as many as the environment asks for.
pub(crate) fn cases(cases: u32) -> ProptestConfig {
    match std::env::var_os("PROPTEST_CASES") {
        Some(_) => ProptestConfig::default(),
        None => ProptestConfig::with_cases(cases),
    }
}
