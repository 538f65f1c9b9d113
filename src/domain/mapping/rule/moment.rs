//! Dates and moments in the forms platforms write them: chrono's patterns, milliseconds, RFC 3339. All in UTC.

use std::fmt::Write as _;

use chrono::format::{Item, Parsed, StrftimeItems, parse};
use chrono::{DateTime, NaiveDate, SecondsFormat, Utc};

/// Longest pattern and longest date, in bytes.
const LONGEST: usize = 200;

/// A form of a date.
#[derive(Debug, PartialEq)]
pub(super) enum Form {
    /// A day or a moment, as cards have them.
    Iso,
    /// RFC 3339, always a moment.
    Rfc3339,
    /// Milliseconds since 1970.
    Millis,
    /// Seconds since 1970.
    Seconds,
    /// A pattern.
    Pattern(Vec<Item<'static>>),
}

/// A day, or a moment of it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum When {
    Day(NaiveDate),
    Moment(DateTime<Utc>),
}

impl When {
    fn moment(self) -> DateTime<Utc> {
        match self {
            Self::Day(day) => day.and_time(chrono::NaiveTime::MIN).and_utc(),
            Self::Moment(moment) => moment,
        }
    }
}

impl Form {
    /// The form that a word or a pattern means.
    pub(super) fn new(written: &str) -> Result<Self, String> {
        match written {
            "epoch_ms" => return Ok(Self::Millis),
            "epoch_s" => return Ok(Self::Seconds),
            "rfc3339" => return Ok(Self::Rfc3339),
            "" => return Err("the format is empty".to_owned()),
            long if long.len() > LONGEST => return Err(format!("a format has at most {LONGEST} characters")),
            _ => {}
        }
        let wrong = || format!("\"{written}\" is not a date format");
        let items: Vec<Item<'static>> = StrftimeItems::new(written).parse_to_owned().map_err(|_| wrong())?;
        if items.iter().all(|i| {
            matches!(i, Item::Literal(_) | Item::OwnedLiteral(_) | Item::Space(_) | Item::OwnedSpace(_))
        }) {
            return Err(format!("the date format \"{written}\" names no part of a date"));
        }
        let form = Self::Pattern(items);
        form.write(When::Moment(DateTime::UNIX_EPOCH)).map_err(|_| wrong())?;
        Ok(form)
    }

    /// Reads a date.
    pub(super) fn read(&self, text: &str) -> Result<When, String> {
        let text = text.trim();
        let wrong = || {
            let shown = crate::support::text::clip(&crate::support::text::one_line(text), 60);
            format!("\"{shown}\" is not a date of this form")
        };
        if text.len() > LONGEST {
            return Err(wrong());
        }
        match self {
            Self::Iso => iso(text).ok_or_else(wrong),
            Self::Rfc3339 => match iso(text) {
                Some(When::Moment(moment)) => Ok(When::Moment(moment)),
                _ => Err(wrong()),
            },
            Self::Millis => {
                let count = super::number::parse(text)?;
                DateTime::from_timestamp_millis(count.round() as i64).map(When::Moment).ok_or_else(wrong)
            }
            Self::Seconds => {
                let count = super::number::parse(text)?;
                DateTime::from_timestamp(count.round() as i64, 0).map(When::Moment).ok_or_else(wrong)
            }
            Self::Pattern(items) => {
                let mut parsed = Parsed::new();
                parse(&mut parsed, text, items.iter()).map_err(|_| wrong())?;
                if let Ok(moment) = parsed.to_datetime() {
                    return Ok(When::Moment(moment.to_utc()));
                }
                if let Ok(moment) = parsed.to_naive_datetime_with_offset(0) {
                    return Ok(When::Moment(moment.and_utc()));
                }
                parsed.to_naive_date().map(When::Day).map_err(|_| wrong())
            }
        }
    }

    /// Writes a date.
    pub(super) fn write(&self, when: When) -> Result<String, String> {
        Ok(match (self, when) {
            (Self::Iso, When::Day(day)) => day.format("%Y-%m-%d").to_string(),
            // A moment at midnight is what a day becomes on a platform that counts.
            (Self::Iso, When::Moment(moment)) if moment.time() == chrono::NaiveTime::MIN => {
                moment.format("%Y-%m-%d").to_string()
            }
            (Self::Iso | Self::Rfc3339, when) => when.moment().to_rfc3339_opts(SecondsFormat::AutoSi, true),
            (Self::Millis, when) => when.moment().timestamp_millis().to_string(),
            (Self::Seconds, when) => when.moment().timestamp().to_string(),
            (Self::Pattern(items), when) => {
                let mut out = String::new();
                write!(out, "{}", when.moment().format_with_items(items.iter()))
                    .map_err(|_| "the date cannot be written in this form".to_owned())?;
                out
            }
        })
    }
}

/// A day or a moment as cards have them; years of four digits.
fn iso(text: &str) -> Option<When> {
    let digits = text.bytes().take(4).filter(u8::is_ascii_digit).count() == 4;
    if !digits || text.as_bytes().get(4) != Some(&b'-') {
        return None;
    }
    if text.len() == 10 {
        return NaiveDate::parse_from_str(text, "%Y-%m-%d").ok().map(When::Day);
    }
    DateTime::parse_from_rfc3339(text).ok().map(|moment| When::Moment(moment.to_utc()))
}

/// A card's date in its one form.
pub(super) fn canonical(text: &str) -> Result<String, String> {
    match Form::Iso.read(text)? {
        When::Day(day) => Form::Iso.write(When::Day(day)),
        When::Moment(moment) => Form::Rfc3339.write(When::Moment(moment)),
    }
}

/// What a form loses of what another one tells apart; `None`: nothing.
pub(super) fn loss(from: &Form, to: &Form) -> Option<String> {
    let days = [(2026, 11, 21), (2024, 2, 29), (1999, 12, 31), (2026, 1, 2)];
    let days = days.into_iter().filter_map(|(y, m, d)| NaiveDate::from_ymd_opt(y, m, d).map(When::Day));
    // A card's date is a day for most; a form that was named is held to the time it shows.
    let moment = (*from != Form::Iso).then(|| DateTime::from_timestamp(1_795_268_710, 0)).flatten();
    for when in days.chain(moment.map(When::Moment)) {
        let said = from.write(when).ok()?;
        let Ok(here) = from.read(&said) else { return Some(format!("\"{said}\" cannot be read back")) };
        let Ok(there) = to.write(here) else { return Some(format!("\"{said}\" cannot be written there")) };
        let back = to.read(&there).and_then(|when| from.write(when));
        if back.as_ref() != Ok(&said) {
            let back = back.map_or_else(|_| "nothing".to_owned(), |back| format!("\"{back}\""));
            return Some(format!("\"{said}\" becomes \"{there}\", which reads as {back}"));
        }
    }
    None
}
