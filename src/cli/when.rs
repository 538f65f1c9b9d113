//! Moments as people write them: a while ago, a day, or a time. All in UTC.

use chrono::{DateTime, NaiveDate, NaiveDateTime, NaiveTime};

use super::error::CliError;
use crate::config::duration;
use crate::support::clock::Timestamp;
use crate::support::text::one_line;

/// Reads `2h` (so long before `now`), `2026-11-21` (its beginning) or `2026-11-21T12:30:00Z`.
pub(super) fn read(written: &str, now: Timestamp) -> Result<Timestamp, CliError> {
    let text = written.trim();
    if let Ok(ago) = duration::parse(text) {
        return Ok(now.plus_ms(i64::try_from(ago.as_millis()).unwrap_or(i64::MAX).saturating_neg()));
    }
    let day = || text.parse::<NaiveDate>().ok().map(|d| d.and_time(NaiveTime::MIN).and_utc());
    let bare = || text.parse::<NaiveDateTime>().ok().map(|t| t.and_utc());
    let zoned = DateTime::parse_from_rfc3339(text).ok().map(|t| t.to_utc());
    zoned.or_else(bare).or_else(day).map(Timestamp::from).ok_or_else(|| {
        CliError::usage(format!("`{}` is no moment", one_line(written)))
            .help("write `2h` or `7d` (ago), `2026-11-21` or `2026-11-21T12:30:00Z`, in UTC")
    })
}

/// RFC 3339 with milliseconds.
pub(super) fn exact(at: Timestamp) -> String {
    at.to_utc().to_rfc3339_opts(chrono::SecondsFormat::Millis, true)
}

/// How long something took or is ago, in its two largest units: `2d 4h`, `3m 20s`, `4s`.
pub(super) fn span(ms: i64) -> String {
    let seconds = ms.max(0) / 1_000;
    let units = [("d", 86_400), ("h", 3_600), ("m", 60), ("s", 1)];
    let first = units.iter().position(|(_, n)| seconds >= *n).unwrap_or(3);
    let mut left = seconds;
    let mut words = Vec::new();
    for (unit, size) in units.iter().skip(first).take(2) {
        if left >= *size || words.is_empty() {
            words.push(format!("{}{unit}", left / size));
        }
        left %= size;
    }
    words.join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOON: Timestamp = Timestamp(1_795_262_400_000);

    #[test]
    fn moments_read_as_written() {
        for (text, wanted) in [
            ("2h", "2026-11-21T10:00:00Z"),
            ("1d12h", "2026-11-20T00:00:00Z"),
            ("2026-11-20", "2026-11-20T00:00:00Z"),
            ("2026-11-20T08:30:00", "2026-11-20T08:30:00Z"),
            ("2026-11-20T08:30:00+02:00", "2026-11-20T06:30:00Z"),
        ] {
            assert_eq!(read(text, NOON).expect(text).to_rfc3339(), wanted, "{text}");
        }
        for text in ["", "yesterday", "2026-13-01", "-2h"] {
            assert!(read(text, NOON).is_err(), "{text}");
        }
    }

    #[test]
    fn spans_name_their_two_largest_units() {
        for (ms, wanted) in
            [(0, "0s"), (4_900, "4s"), (200_000, "3m 20s"), (3_600_000, "1h"), (187_200_000, "2d 4h")]
        {
            assert_eq!(span(ms), wanted);
        }
    }
}
