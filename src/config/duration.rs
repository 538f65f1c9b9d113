//! Durations as people write them: `60s`, `5m`, `1h30m`, `2y`. A year has 365 days.

use std::fmt::Write as _;
use std::time::Duration;

const UNITS: [(&str, u64); 6] =
    [("ms", 1), ("s", 1_000), ("m", 60_000), ("h", 3_600_000), ("d", 86_400_000), ("y", 365 * 86_400_000)];

/// Reads `1h30m`, `60s`, `250ms`: whole numbers, each with its unit, largest first. The error says what is wrong.
pub fn parse(text: &str) -> Result<Duration, String> {
    let mut rest = text.trim();
    if rest.is_empty() {
        return Err("a duration cannot be empty".to_owned());
    }
    let (mut total, mut last) = (0_u64, u64::MAX);
    while !rest.is_empty() {
        let digits = rest.bytes().take_while(u8::is_ascii_digit).count();
        let (number, tail) = rest.split_at(digits);
        let letters = tail.bytes().take_while(u8::is_ascii_alphabetic).count();
        let (unit, tail) = tail.split_at(letters);
        let number: u64 = number.parse().map_err(|_| format!("`{text}` is not a duration"))?;
        if unit.is_empty() {
            return Err(format!("`{text}` lacks a unit"));
        }
        let Some((_, ms)) = UNITS.iter().find(|(name, _)| *name == unit) else {
            return Err(format!("`{unit}` is not a unit of time"));
        };
        if *ms >= last {
            return Err(format!("`{text}` names its units out of order"));
        }
        last = *ms;
        let too_long = || format!("`{text}` is too long");
        total = number.checked_mul(*ms).and_then(|n| total.checked_add(n)).ok_or_else(too_long)?;
        rest = tail;
    }
    Ok(Duration::from_millis(total))
}

/// The shortest text that [`parse`] reads as `duration`; less than a millisecond is dropped.
pub fn words(duration: Duration) -> String {
    let mut left = u64::try_from(duration.as_millis()).unwrap_or(u64::MAX);
    let mut out = String::new();
    for (unit, ms) in UNITS.iter().rev() {
        if left >= *ms {
            let _ = write!(out, "{}{unit}", left / ms);
            left %= ms;
        }
    }
    if out.is_empty() { "0s".to_owned() } else { out }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn durations_read_as_written() {
        for (text, ms) in [
            ("60s", 60_000),
            ("5m", 300_000),
            ("1h30m", 5_400_000),
            ("250ms", 250),
            ("0s", 0),
            ("2y", 63_072_000_000),
        ] {
            assert_eq!(parse(text), Ok(Duration::from_millis(ms)), "{text}");
        }
    }

    #[test]
    fn what_is_no_duration_says_why() {
        for (text, word) in [
            ("", "empty"),
            ("60", "unit"),
            ("s", "not a duration"),
            ("-5s", "not a duration"),
            ("1.5h", "unit"),
            ("5 m", "unit"),
            ("3w", "`w`"),
            ("5m1h", "order"),
            ("99999999999999999d", "too long"),
        ] {
            let error = parse(text).expect_err(text);
            assert!(error.contains(word), "{text}: {error}");
        }
    }

    proptest! {
        #[test]
        fn words_read_back(ms in 0..100_000_000_000_u64) {
            let duration = Duration::from_millis(ms);
            prop_assert_eq!(parse(&words(duration)), Ok(duration));
        }
    }
}
