//! What a further field may hold: the known ones by their meaning, the others any short text or list.

use std::collections::BTreeSet;

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use crate::domain::fields::{FieldName, Value};

/// Longest text of a further field, in characters.
const TEXT_MAX: usize = 1_000;
/// Most entries of a list.
const ENTRIES_MAX: usize = 100;

/// Why a value cannot be a field's, in words for a person.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error, Serialize, Deserialize)]
pub enum BadValue {
    /// An estimate or a time spent is a number.
    #[error("{field} is a number that is not negative, such as 3 or 0.5, not `{value}`")]
    NotANumber {
        /// Which field.
        field: String,
        /// What was given.
        value: String,
    },
    /// A due date is a day.
    #[error("{field} is a day such as 2026-11-30, not `{value}`")]
    NotADay {
        /// Which field.
        field: String,
        /// What was given.
        value: String,
    },
    /// A value is one line of a bounded length.
    #[error("{field} is one line of at most {TEXT_MAX} characters")]
    NotALine {
        /// Which field.
        field: String,
    },
    /// A field that holds one value was given several.
    #[error("{field} holds one value, not several")]
    Several {
        /// Which field.
        field: String,
    },
    /// A list has too many entries.
    #[error("{field} has more than {ENTRIES_MAX} entries")]
    TooMany {
        /// Which field.
        field: String,
    },
}

/// The value in the form it is kept in: trimmed, numbers in their shortest form, days as `YYYY-MM-DD`.
pub fn checked(name: FieldName, value: &Value) -> Result<Value, BadValue> {
    let field = || name.to_string();
    match value {
        Value::None => Ok(Value::None),
        Value::Set(_) if FieldName::KNOWN.contains(&name) => Err(BadValue::Several { field: field() }),
        Value::Set(entries) if entries.len() > ENTRIES_MAX => Err(BadValue::TooMany { field: field() }),
        Value::Set(entries) => {
            let lines: Result<BTreeSet<String>, _> = entries.iter().map(|e| line(name, e)).collect();
            let lines: BTreeSet<String> = lines?.into_iter().filter(|e| !e.is_empty()).collect();
            Ok(if lines.is_empty() { Value::None } else { Value::Set(lines) })
        }
        Value::Text(text) => {
            let text = line(name, text)?;
            if text.is_empty() {
                return Ok(Value::None);
            }
            typed(name, text).map(Value::Text)
        }
    }
}

fn line(name: FieldName, text: &str) -> Result<String, BadValue> {
    let text = text.trim();
    if text.contains(['\n', '\r']) || text.chars().count() > TEXT_MAX {
        return Err(BadValue::NotALine { field: name.to_string() });
    }
    Ok(text.to_owned())
}

fn typed(name: FieldName, text: String) -> Result<String, BadValue> {
    match name {
        FieldName::ESTIMATE | FieldName::SPENT => {
            number(&text).ok_or(BadValue::NotANumber { field: name.to_string(), value: text })
        }
        FieldName::DUE => match text.parse::<NaiveDate>() {
            Ok(day) => Ok(day.to_string()),
            Err(_) => Err(BadValue::NotADay { field: name.to_string(), value: text }),
        },
        _ => Ok(text),
    }
}

/// A number's shortest form; `None` when it is none, or negative.
fn number(text: &str) -> Option<String> {
    let number: f64 = text.parse().ok()?;
    (number.is_finite() && number >= 0.0).then(|| format!("{}", number + 0.0))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(name: FieldName, given: &str) -> Result<Value, BadValue> {
        checked(name, &Value::Text(given.to_owned()))
    }

    #[test]
    fn values_are_kept_in_one_form() {
        for (name, given, kept) in [
            (FieldName::ESTIMATE, "3.0", "3"),
            (FieldName::ESTIMATE, " 0.50 ", "0.5"),
            (FieldName::SPENT, "-0", "0"),
            (FieldName::DUE, "2026-11-30", "2026-11-30"),
            (FieldName::PRIORITY, " high ", "high"),
        ] {
            assert_eq!(text(name, given), Ok(Value::Text(kept.to_owned())), "{name} {given}");
        }
        assert_eq!(text(FieldName::DUE, "  "), Ok(Value::None));
    }

    #[test]
    fn a_value_that_is_none_says_what_one_looks_like() {
        for (name, given, says) in [
            (FieldName::ESTIMATE, "much", "is a number"),
            (FieldName::ESTIMATE, "-1", "not negative"),
            (FieldName::ESTIMATE, "inf", "is a number"),
            (FieldName::DUE, "tomorrow", "2026-11-30"),
            (FieldName::DUE, "2026-02-30", "is a day"),
            (FieldName::PRIORITY, "a\nb", "one line"),
        ] {
            let error = text(name, given).expect_err(given);
            assert!(error.to_string().contains(says), "{error}");
        }
        let several = Value::Set(BTreeSet::from(["a".to_owned(), "b".to_owned()]));
        assert!(checked(FieldName::DUE, &several).is_err());
        let parts = FieldName::new("components").expect("a name");
        assert_eq!(checked(parts, &several), Ok(several));
    }
}
