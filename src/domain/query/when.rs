//! Moments and days as people write them: `7d` counts back (or, for days to come, ahead) from now, `2026-11-30` is a day.

use chrono::{Days, NaiveDate};

use crate::support::clock::Timestamp;

const HOUR_MS: i64 = 3_600_000;

/// How two things are compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Than {
    Less,
    AtMost,
    Is,
    AtLeast,
    More,
}

impl Than {
    /// The comparison at the beginning of `text`, and the rest.
    pub(super) fn split(text: &str) -> (Self, &str) {
        for (sign, than) in
            [("<=", Self::AtMost), (">=", Self::AtLeast), ("<", Self::Less), (">", Self::More)]
        {
            if let Some(rest) = text.strip_prefix(sign) {
                return (than, rest);
            }
        }
        (Self::Is, text)
    }

    pub(super) fn holds<T: PartialOrd>(self, a: &T, b: &T) -> bool {
        match self {
            Self::Less => a < b,
            Self::AtMost => a <= b,
            Self::Is => a == b,
            Self::AtLeast => a >= b,
            Self::More => a > b,
        }
    }
}

/// When something happened: how long ago, or on which days.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Age {
    /// So many milliseconds ago, compared: `<7d` is less than seven days ago.
    Ago(Than, i64),
    /// Against a day of the calendar (UTC).
    Day(Than, NaiveDate),
    /// From one day to another, both with it.
    Between(NaiveDate, NaiveDate),
}

impl Age {
    pub(super) fn parse(text: &str) -> Result<Self, String> {
        if let Some((from, to)) = text.split_once("..") {
            return Ok(Self::Between(date(from)?, date(to)?));
        }
        let (than, rest) = Than::split(text);
        if let Some(ms) = span_ms(rest) {
            // `7d` alone means in the last seven days.
            return Ok(Self::Ago(if than == Than::Is { Than::AtMost } else { than }, ms));
        }
        Ok(Self::Day(than, date(rest)?))
    }

    pub(super) fn holds(self, at: Timestamp, now: Timestamp) -> bool {
        let day = || chrono::DateTime::from_timestamp_millis(at.0).map(|t| t.date_naive());
        match self {
            Self::Ago(than, ms) => than.holds(&now.since(at), &ms),
            Self::Day(than, wanted) => day().is_some_and(|day| than.holds(&day, &wanted)),
            Self::Between(from, to) => day().is_some_and(|day| (from..=to).contains(&day)),
        }
    }
}

/// A day to come or past: `today`, `<7d` (in less than seven days, or overdue), `2026-11-30`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Due {
    /// In so many days, compared.
    In(Than, i64),
    /// Against a day.
    Day(Than, NaiveDate),
    /// From one day to another, both with it.
    Between(NaiveDate, NaiveDate),
    /// Before today.
    Overdue,
}

pub(super) fn day(text: &str) -> Result<Due, String> {
    match text.to_lowercase().as_str() {
        "today" => return Ok(Due::In(Than::Is, 0)),
        "tomorrow" => return Ok(Due::In(Than::Is, 1)),
        "overdue" => return Ok(Due::Overdue),
        _ => {}
    }
    if let Some((from, to)) = text.split_once("..") {
        return Ok(Due::Between(date(from)?, date(to)?));
    }
    let (than, rest) = Than::split(text);
    if let Some(ms) = span_ms(rest) {
        return Ok(Due::In(if than == Than::Is { Than::AtMost } else { than }, ms / (24 * HOUR_MS)));
    }
    Ok(Due::Day(than, date(rest)?))
}

impl Due {
    pub(super) fn holds(self, due: NaiveDate, today: NaiveDate) -> bool {
        match self {
            Self::In(than, days) => {
                let wanted = u64::try_from(days).ok().and_then(|d| today.checked_add_days(Days::new(d)));
                wanted.is_some_and(|wanted| than.holds(&due, &wanted))
            }
            Self::Day(than, wanted) => than.holds(&due, &wanted),
            Self::Between(from, to) => (from..=to).contains(&due),
            Self::Overdue => due < today,
        }
    }
}

fn date(text: &str) -> Result<NaiveDate, String> {
    text.parse().map_err(|_| format!("`{text}` is no day and no span; write 7d, 2w or 2026-11-30"))
}

/// `12h`, `7d`, `2w`, `3m` (of 30 days) or `1y` in milliseconds.
fn span_ms(text: &str) -> Option<i64> {
    let unit = text.chars().last()?;
    let number: i64 = text[..text.len() - unit.len_utf8()].parse().ok().filter(|n| *n >= 0)?;
    let hours = match unit {
        'h' => 1,
        'd' => 24,
        'w' => 24 * 7,
        'm' => 24 * 30,
        'y' => 24 * 365,
        _ => return None,
    };
    number.checked_mul(hours)?.checked_mul(HOUR_MS)
}
