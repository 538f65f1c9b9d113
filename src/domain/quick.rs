//! A card in one line: `Fix login #bug @ana !high ~v1.2 ^core#12 =3 due:fri`. What is not understood is the title, so
//! nothing that is typed is ever lost. Pure.
//!
//! A mark counts at the beginning of a word alone. A backslash in front of it, or quotation marks around the words, make
//! it part of the title; a value with blanks stands in quotation marks: `#"good first issue"`.

mod complete;
pub mod day;
mod split;
#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;

use chrono::NaiveDate;

use super::fields::{FieldName, Value};

pub use complete::{Completion, Words, complete};
use split::{Word, words};

/// Longest label or login, in characters.
const NAME_MAX: usize = 50;

/// What a part of the line says of the card.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Mark {
    /// `#`: labels.
    Label,
    /// `@`: people.
    Person,
    /// `!`: a priority.
    Priority,
    /// `~`: a milestone.
    Milestone,
    /// `^`: the card it is part of.
    Parent,
    /// `=`: an estimate.
    Estimate,
    /// `due:`: a day.
    Due,
}

impl Mark {
    /// Every mark, in the order they are told.
    pub const ALL: [Self; 7] =
        [Self::Label, Self::Person, Self::Priority, Self::Milestone, Self::Parent, Self::Estimate, Self::Due];

    /// How it is typed.
    pub fn sign(self) -> &'static str {
        match self {
            Self::Label => "#",
            Self::Person => "@",
            Self::Priority => "!",
            Self::Milestone => "~",
            Self::Parent => "^",
            Self::Estimate => "=",
            Self::Due => "due:",
        }
    }

    /// The mark a word begins with, and what comes after it.
    fn split(word: &str) -> Option<(Self, &str)> {
        let due = Self::Due.sign();
        if let Some(head) = word.get(..due.len()).filter(|head| head.eq_ignore_ascii_case(due)) {
            return Some((Self::Due, &word[head.len()..]));
        }
        let marks = Self::ALL.into_iter().filter(|m| *m != Self::Due);
        marks.into_iter().find_map(|mark| Some((mark, word.strip_prefix(mark.sign())?)))
    }
}

/// A part of the line that says something of the card other than its title.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Part {
    /// Where it stands, in bytes.
    pub at: Range<usize>,
    /// What it says.
    pub mark: Mark,
}

/// What reading a line needs to know.
#[derive(Debug, Clone, Copy)]
pub struct Known<'a> {
    /// The priorities there are: `!` before any other word is no mark.
    pub priorities: &'a [String],
    /// The day it is where the person is.
    pub today: NaiveDate,
}

/// A line, read.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Quick {
    /// What is left when the rest is taken out.
    pub title: String,
    /// Labels.
    pub labels: BTreeSet<String>,
    /// Logins; `me` is the person's own, whatever it is.
    pub assignees: BTreeSet<String>,
    /// A priority, as the board spells it.
    pub priority: Option<String>,
    /// A milestone's title.
    pub milestone: Option<String>,
    /// The key of the card it is part of.
    pub parent: Option<String>,
    /// How much work it is.
    pub estimate: Option<String>,
    /// The day it is due.
    pub due: Option<NaiveDate>,
    /// Where what was understood stands, in order.
    pub parts: Vec<Part>,
}

impl Quick {
    /// Reads a line. Of what a card has only one of the first counts; a second one stays in the title.
    pub fn parse(text: &str, known: &Known<'_>) -> Self {
        let mut out = Self::default();
        let mut title: Vec<String> = Vec::new();
        for word in words(text, false) {
            match out.take(&word, known) {
                Some(mark) => out.parts.push(Part { at: word.at, mark }),
                None => title.push(word.title().to_owned()),
            }
        }
        out.title = title.join(" ");
        out
    }

    /// Takes what a word says of the card; `None` when it is part of the title.
    fn take(&mut self, word: &Word<'_>, known: &Known<'_>) -> Option<Mark> {
        let (mark, _) = Mark::split(word.text)?;
        let (value, quoted) = word.value(mark)?;
        match mark {
            Mark::Label => self.labels.extend(labels(&value, quoted)?),
            Mark::Person => self.assignees.extend(people(&value, quoted)?),
            Mark::Priority => {
                let named = known.priorities.iter().find(|p| p.to_lowercase() == value.to_lowercase())?;
                first(&mut self.priority, named.clone())?;
            }
            Mark::Milestone => first(&mut self.milestone, name(&value, quoted)?)?,
            Mark::Parent => first(&mut self.parent, name(&value, quoted)?)?,
            Mark::Estimate => first(&mut self.estimate, estimate(&value)?)?,
            Mark::Due => first(&mut self.due, day::day(&value, known.today).ok().flatten()?)?,
        }
        Some(mark)
    }

    /// The further fields it gives the card.
    pub fn extra(&self) -> BTreeMap<FieldName, Value> {
        let due = self.due.map(|d| d.to_string());
        let values = [
            (FieldName::PRIORITY, self.priority.clone()),
            (FieldName::PARENT, self.parent.clone()),
            (FieldName::ESTIMATE, self.estimate.clone()),
            (FieldName::DUE, due),
        ];
        values.into_iter().filter_map(|(name, value)| Some((name, Value::Text(value?)))).collect()
    }

    /// The logins it assigns, `me` being `own` where that is known.
    pub fn people(&self, own: Option<&str>) -> BTreeSet<String> {
        let resolved = |login: &String| match own {
            Some(own) if login.eq_ignore_ascii_case("me") => own.to_owned(),
            _ => login.clone(),
        };
        self.assignees.iter().map(resolved).collect()
    }

    /// A line that is read as the same card.
    pub fn written(&self) -> String {
        let mut out = escaped(&self.title);
        let mut add = |mark: Mark, value: &str| {
            if !out.is_empty() {
                out.push(' ');
            }
            out.push_str(mark.sign());
            out.push_str(&typed(mark, value));
        };
        self.labels.iter().for_each(|l| add(Mark::Label, l));
        self.assignees.iter().for_each(|a| add(Mark::Person, a));
        let due = self.due.map(|d| d.to_string());
        for (mark, value) in [
            (Mark::Priority, &self.priority),
            (Mark::Milestone, &self.milestone),
            (Mark::Parent, &self.parent),
            (Mark::Estimate, &self.estimate),
            (Mark::Due, &due),
        ] {
            value.iter().for_each(|v| add(mark, v));
        }
        out
    }
}

/// A value as it must be typed behind a mark.
fn typed(mark: Mark, value: &str) -> String {
    if mark == Mark::Label && is_number(value) { format!("\"{value}\"") } else { split::quoted(value) }
}

/// A title as it must be typed to be read as one.
pub fn escaped(title: &str) -> String {
    let word = |word: &str| {
        let marked = Mark::split(word).is_some() || word.starts_with(['"', '\\']);
        format!("{}{word}", if marked { "\\" } else { "" })
    };
    title.split_whitespace().map(word).collect::<Vec<_>>().join(" ")
}

/// Puts a value in where there is none yet.
fn first<T>(place: &mut Option<T>, value: T) -> Option<()> {
    place.is_none().then(|| *place = Some(value))
}

/// Labels parted by commas. A number is no label but an issue that is spoken of, `Follow up on #12`, unless it stands in
/// quotation marks.
fn labels(value: &str, quoted: bool) -> Option<Vec<String>> {
    let all = named(value)?;
    (quoted || !all.iter().any(|l| is_number(l))).then_some(all)
}

fn is_number(text: &str) -> bool {
    text.chars().all(|c| c.is_ascii_digit())
}

fn named(value: &str) -> Option<Vec<String>> {
    let all: Vec<String> = value.split(',').map(|v| v.trim().to_owned()).collect();
    let fits =
        |v: &String| !v.is_empty() && v.chars().count() <= NAME_MAX && !v.chars().any(char::is_control);
    all.iter().all(fits).then_some(all)
}

/// Logins parted by commas: letters, digits and `. _ -`, or anything within quotation marks.
fn people(value: &str, quoted: bool) -> Option<BTreeSet<String>> {
    let plain = |login: &String| {
        login.chars().all(|c| c.is_alphanumeric() || "._-".contains(c)) && !login.ends_with('.')
    };
    let all = named(value)?;
    (quoted || all.iter().all(plain)).then(|| all.into_iter().collect())
}

/// A milestone or a key: it begins with a letter or a digit, so that `~/bin` and `^_^` are none.
fn name(value: &str, quoted: bool) -> Option<String> {
    let begins = value.chars().next().is_some_and(|c| quoted || c.is_alphanumeric());
    (begins && !value.trim().is_empty() && !value.chars().any(char::is_control))
        .then(|| value.trim().to_owned())
}

fn estimate(value: &str) -> Option<String> {
    let plain =
        value.chars().all(|c| c.is_ascii_digit() || c == '.') && value.chars().any(|c| c.is_ascii_digit());
    let number: f64 = value.parse().ok().filter(|_| plain)?;
    number.is_finite().then(|| number.to_string())
}
