//! What a line can go on with where the cursor stands: the labels, people, priorities, milestones, cards and days there are.

use std::ops::Range;

use chrono::NaiveDate;

use super::day::{self, NAMED};
use super::split::words;
use super::{Mark, typed};

/// How many completions are offered at once.
const MOST: usize = 6;

/// The values there are on a board, each list with the likeliest first.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Words {
    /// Labels.
    pub labels: Vec<String>,
    /// Logins.
    pub people: Vec<String>,
    /// Priorities.
    pub priorities: Vec<String>,
    /// Milestones.
    pub milestones: Vec<String>,
    /// Cards one may be part of: key and title.
    pub cards: Vec<(String, String)>,
}

/// One way to go on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Completion {
    /// What of the line it replaces, in bytes.
    pub at: Range<usize>,
    /// What it puts there.
    pub with: String,
    /// What it means, where that needs saying.
    pub about: String,
}

/// The ways to go on at `cursor` (in bytes), the likeliest first; none where no mark was begun.
pub fn complete(text: &str, cursor: usize, known: &Words, today: NaiveDate) -> Vec<Completion> {
    let cursor = (0..=cursor.min(text.len())).rev().find(|at| text.is_char_boundary(*at)).unwrap_or(0);
    let all = words(&text[..cursor], true);
    let Some(word) = all.last().filter(|w| w.at.end == cursor) else { return Vec::new() };
    let Some((mark, value)) = Mark::split(word.text) else { return Vec::new() };
    // Of several values the last one is being typed.
    let several = matches!(mark, Mark::Label | Mark::Person) && !value.starts_with('"');
    let begun = if several { value.rsplit(',').next().unwrap_or_default() } else { value };
    let at = cursor - begun.len()..cursor;
    let begun = begun.trim_matches('"').to_lowercase();
    let plain = |names: &[String]| names.iter().map(|n| (n.clone(), String::new())).collect::<Vec<_>>();
    let values = match mark {
        Mark::Label => plain(&known.labels),
        Mark::Person => plain(&known.people),
        Mark::Priority => plain(&known.priorities),
        Mark::Milestone => plain(&known.milestones),
        Mark::Parent => known.cards.clone(),
        Mark::Due => NAMED.iter().map(|name| ((*name).to_owned(), reading(name, today))).collect(),
        Mark::Estimate => Vec::new(),
    };
    let found = likely(values, &begun, mark == Mark::Parent);
    // What is typed whole needs no completing.
    if let [(only, _)] = &found[..]
        && only.to_lowercase() == begun
    {
        return Vec::new();
    }
    let with = |(value, about): (String, String)| Completion {
        at: at.clone(),
        with: quoted_for(mark, &value),
        about,
    };
    found.into_iter().map(with).collect()
}

fn quoted_for(mark: Mark, value: &str) -> String {
    if mark == Mark::Due { value.to_owned() } else { typed(mark, value) }
}

fn reading(name: &str, today: NaiveDate) -> String {
    day::day(name, today).ok().flatten().map_or_else(String::new, |d| day::told(d, today))
}

/// The values that go on as `begun`, then those that hold it, in themselves or, for cards, in their titles.
fn likely(values: Vec<(String, String)>, begun: &str, in_about: bool) -> Vec<(String, String)> {
    let (mut heads, mut within) = (Vec::new(), Vec::new());
    for (value, about) in values {
        let lower = value.to_lowercase();
        if lower.starts_with(begun) {
            heads.push((value, about));
        } else if within.len() < MOST
            && (lower.contains(begun) || (in_about && about.to_lowercase().contains(begun)))
        {
            within.push((value, about));
        }
        if heads.len() == MOST {
            break;
        }
    }
    heads.extend(within);
    heads.truncate(MOST);
    heads
}
