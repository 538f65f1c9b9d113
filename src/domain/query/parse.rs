//! Splits a query into words and reads each; what cannot be read keeps its place and says what there is instead.

use std::ops::Range;

use super::ask::{Ask, CardField, Has, Is, Names, Needle, Number};
use super::sort::Sort;
use super::when::{self, Age};
use super::{Mistake, Query, Term};
use crate::domain::card::Kind;
use crate::domain::fields::FieldName;

/// What a qualifier is called, and what it asks.
pub(super) const QUALIFIERS: [(&str, &str); 21] = [
    ("is", "open, closed, unsent, conflict, overdue, .."),
    ("label", "a label; several with commas"),
    ("assignee", "a login, or @me"),
    ("milestone", "a milestone's title"),
    ("status", "a status or a column's title"),
    ("connection", "on which platform it is"),
    ("kind", "epic, issue or task"),
    ("priority", "a priority, or >=high"),
    ("estimate", "a number, or >3"),
    ("spent", "a number, or >3"),
    ("due", "<7d, today, 2026-11-30"),
    ("parent", "the key of what it is part of"),
    ("updated", "<7d: in the last 7 days"),
    ("created", "<7d: in the last 7 days"),
    ("key", "its key, such as core#12"),
    ("title", "words in the title"),
    ("no", "label, assignee, milestone, .."),
    ("has", "label, assignee, milestone, .."),
    ("field", "field:NAME=VALUE"),
    ("sort", "priority, updated, due, .."),
    ("state", "open or closed"),
];

/// Reads a query.
pub(super) fn query(text: &str) -> Query {
    let mut out = Query::default();
    for (at, word) in words(text) {
        let (negated, body) = match word.strip_prefix('-') {
            // A dash before a sign, such as `->` or `--force`, is part of a text; one alone is being typed.
            Some(rest) if rest.starts_with(|c: char| c.is_alphanumeric() || c == '"') => (true, rest),
            Some("") => continue,
            _ => (false, word),
        };
        match term(body, negated) {
            Ok(Read::Ask(ask)) => out.terms.push(Term { negated, ask }),
            Ok(Read::Sort(sort)) if !negated => out.sort = Some(sort),
            Ok(Read::Sort(sort)) => out.sort = Some(sort.turned()),
            Ok(Read::Nothing) => {}
            Err(why) => out.mistakes.push(Mistake { at, why }),
        }
    }
    out
}

/// What a word was read as.
enum Read {
    Ask(Ask),
    Sort(Sort),
    /// It is being typed: it asks nothing yet.
    Nothing,
}

/// Splits at blanks, but not within quotation marks; the marks stay, and every word knows its place.
pub fn words(text: &str) -> impl Iterator<Item = (Range<usize>, &str)> {
    let mut quoted = false;
    let mut start = None;
    let mut ends = Vec::new();
    for (at, c) in text.char_indices() {
        if c == '"' {
            quoted = !quoted;
        }
        match (c.is_whitespace() && !quoted, start) {
            (true, Some(from)) => {
                ends.push(from..at);
                start = None;
            }
            (false, None) => start = Some(at),
            _ => {}
        }
    }
    ends.extend(start.map(|from| from..text.len()));
    ends.into_iter().map(|at| (at.clone(), &text[at]))
}

fn term(word: &str, negated: bool) -> Result<Read, String> {
    // What shall not be there is meant letter for letter: nothing is hidden that merely resembles it.
    let needle = || if negated { Needle::exactly(word) } else { Needle::new(word) };
    let text = || needle().map_or(Read::Nothing, |needle| Read::Ask(Ask::Text(needle)));
    let Some((name, value)) = word.split_once(':').filter(|_| !word.starts_with('"')) else {
        return Ok(text());
    };
    let name = name.to_lowercase();
    if !QUALIFIERS.iter().any(|(known, _)| *known == name) && !matches!(&*name, "column" | "type") {
        // A colon in free text, such as a URL.
        return Ok(text());
    }
    if value.trim_matches('"').is_empty() {
        return Ok(Read::Nothing);
    }
    Ok(match name.as_str() {
        "sort" => Read::Sort(Sort::parse(&unquoted(value).to_lowercase())?),
        _ => Read::Ask(ask(&name, value)?),
    })
}

fn ask(name: &str, value: &str) -> Result<Ask, String> {
    let nothing = unquoted(value).eq_ignore_ascii_case("none");
    Ok(match name {
        "is" | "state" => Ask::Is(any(value, |v| Is::parse(&v.to_lowercase()))?),
        "no" => Ask::Lacks(any(value, |v| Has::parse(&v.to_lowercase()))?),
        "has" => Ask::Has(any(value, |v| Has::parse(&v.to_lowercase()))?),
        "label" if nothing => Ask::Lacks(vec![Has::Label]),
        "assignee" if nothing => Ask::Lacks(vec![Has::Assignee]),
        "milestone" if nothing => Ask::Lacks(vec![Has::Milestone]),
        "label" => Ask::Names(CardField::Label, Names::new(values(value))),
        "assignee" => {
            let logins = values(value).into_iter().map(|v| {
                v.strip_prefix('@')
                    .map_or(v.clone(), |login| if login == "me" { v.clone() } else { login.to_owned() })
            });
            Ask::Names(CardField::Assignee, Names::new(logins.collect()))
        }
        "milestone" => Ask::Names(CardField::Milestone, Names::new(values(value))),
        "status" | "column" => Ask::Names(CardField::Status, Names::new(values(value))),
        "connection" => Ask::Names(CardField::Connection, Names::new(values(value))),
        "key" => Ask::Names(CardField::Key, Names::new(values(value))),
        "kind" | "type" => Ask::Kind(any(value, |v| v.to_lowercase().parse::<Kind>())?),
        "priority" if nothing => Ask::Lacks(vec![Has::Field(FieldName::PRIORITY)]),
        "priority" => Ask::priority(value, values(value)),
        "estimate" | "spent" => {
            let field = if name == "estimate" { FieldName::ESTIMATE } else { FieldName::SPENT };
            if nothing {
                Ask::Lacks(vec![Has::Field(field)])
            } else {
                Ask::Number(field, Number::parse(unquoted(value))?)
            }
        }
        "due" if nothing => Ask::Lacks(vec![Has::Field(FieldName::DUE)]),
        "due" => Ask::Due(when::day(unquoted(value))?),
        "updated" => Ask::Updated(Age::parse(unquoted(value))?),
        "created" => Ask::Created(Age::parse(unquoted(value))?),
        "parent" => Ask::Names(CardField::Extra(FieldName::PARENT), Names::new(values(value))),
        "title" => Ask::Title(Needle::exact(unquoted(value))),
        _ => {
            let (field, value) = value
                .split_once('=')
                .ok_or_else(|| "write it as field:NAME=VALUE, such as field:team=core".to_owned())?;
            let field = FieldName::new(field).ok_or_else(|| format!("`{field}` cannot be a field"))?;
            Ask::Names(CardField::Extra(field), Names::new(values(value)))
        }
    })
}

fn any<T>(value: &str, read: impl Fn(&str) -> Result<T, String>) -> Result<Vec<T>, String> {
    values(value).iter().map(|v| read(v)).collect()
}

fn unquoted(value: &str) -> &str {
    value.trim_matches('"')
}

/// The values between commas outside quotation marks, without the marks.
fn values(value: &str) -> Vec<String> {
    let (mut out, mut one, mut quoted) = (Vec::new(), String::new(), false);
    for c in value.chars() {
        match c {
            '"' => quoted = !quoted,
            ',' if !quoted => out.push(std::mem::take(&mut one)),
            c => one.push(c),
        }
    }
    out.push(one);
    out.retain(|v| !v.trim().is_empty());
    out
}
