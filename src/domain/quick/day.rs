//! A day as people write it: `2026-12-01`, `+7d`, `fri`, `tomorrow`, `1 dec`, `none`; and what it is, in words. Pure.

use chrono::{Datelike as _, Days, Months, NaiveDate, Weekday};

/// Why a text is no day, in words for a person.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is no day; write 2026-12-01, +7d, +2w, fri, tomorrow, 1 dec or none")]
pub struct NotADay(String);

/// The days that have a name, for completion.
pub const NAMED: [&str; 12] =
    ["today", "tomorrow", "mon", "tue", "wed", "thu", "fri", "sat", "sun", "+7d", "+2w", "+1m"];

const MONTHS: [&str; 12] =
    ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"];

/// Reads a day; `none` and nothing are none. A weekday is the next one after today, a day of a month the next to come.
pub fn day(text: &str, today: NaiveDate) -> Result<Option<NaiveDate>, NotADay> {
    let lower = text.trim().to_lowercase();
    let refused = || NotADay(text.trim().chars().take(20).collect());
    match lower.as_str() {
        "" | "none" | "never" | "-" => return Ok(None),
        "today" => return Ok(Some(today)),
        "tomorrow" | "tom" => return Ok(today.succ_opt()),
        _ => {}
    }
    let found = whole(&lower)
        .or_else(|| weekday(&lower, today))
        .or_else(|| span(&lower, today))
        .or_else(|| of_month(&lower, today));
    found.map(Some).ok_or_else(refused)
}

/// `2026-12-01`; a year has four digits.
fn whole(text: &str) -> Option<NaiveDate> {
    let date: NaiveDate = text.parse().ok()?;
    (1..=9_999).contains(&date.year()).then_some(date)
}

fn weekday(text: &str, today: NaiveDate) -> Option<NaiveDate> {
    let rest = text.strip_prefix("next ").unwrap_or(text);
    let wanted: Weekday = rest.parse().ok().filter(|_| rest.len() >= 3)?;
    let ahead = (wanted.num_days_from_monday() + 7 - today.weekday().num_days_from_monday()) % 7;
    today.checked_add_days(Days::new(u64::from(if ahead == 0 { 7 } else { ahead })))
}

/// `+7d`, `7d`, `+2w`, `+1m` (of the calendar), `+1y`.
fn span(text: &str, today: NaiveDate) -> Option<NaiveDate> {
    let text = text.strip_prefix('+').unwrap_or(text);
    let unit = text.chars().last()?;
    let number = text[..text.len() - unit.len_utf8()].trim_end();
    let count: u32 = number.parse().ok().filter(|n| *n < 100_000 && !number.starts_with('+'))?;
    let later = match unit {
        'd' => today.checked_add_days(Days::new(u64::from(count))),
        'w' => today.checked_add_days(Days::new(u64::from(count) * 7)),
        'm' => today.checked_add_months(Months::new(count)),
        'y' => today.checked_add_months(Months::new(count * 12)),
        _ => None,
    };
    later.filter(|day| day.year() <= 9_999)
}

/// `1 dec`, `dec 1`, `1dec`: this year, or next year when that is over.
fn of_month(text: &str, today: NaiveDate) -> Option<NaiveDate> {
    let digits: String = text.chars().filter(char::is_ascii_digit).collect();
    let letters: String = text.chars().filter(|c| c.is_alphabetic()).collect();
    let other =
        text.chars().any(|c| !c.is_ascii_digit() && !c.is_alphabetic() && !c.is_whitespace() && c != '.');
    if other || letters.len() < 3 || digits.len() > 2 || !text.contains(&digits) || !text.contains(&letters) {
        return None;
    }
    let full = ["january", "february", "march", "april", "may", "june", "july", "august", "september"];
    let full = full.into_iter().chain(["october", "november", "december"]);
    let month = full
        .zip(MONTHS)
        .position(|(name, short)| name.starts_with(&letters) && letters.starts_with(short))?;
    let (month, number) = (u32::try_from(month).ok()? + 1, digits.parse().ok()?);
    let in_year = |year| NaiveDate::from_ymd_opt(year, month, number);
    // The 29th of February comes in some years only.
    (today.year()..=today.year() + 8).filter_map(in_year).find(|day| *day >= today)
}

/// A day in words: `Fri 27 Nov 2026, in 6 days`.
pub fn told(day: NaiveDate, today: NaiveDate) -> String {
    let away = day.signed_duration_since(today).num_days();
    let away = match away {
        0 => "today".to_owned(),
        1 => "tomorrow".to_owned(),
        -1 => "yesterday".to_owned(),
        n if n > 0 => format!("in {n} days"),
        n => format!("{} days ago", -n),
    };
    format!("{}, {away}", day.format("%a %-d %b %Y"))
}
