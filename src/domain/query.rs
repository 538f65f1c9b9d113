//! The query: one language for the filter, saved views and rules. `is:open label:bug,ui -label:wontfix updated:<7d
//! sort:priority retry`. Read once, matched against cards; what it cannot read it names with its place. Pure.
//!
//! All terms must hold; values with commas between them ask for any of them; `-` turns a term round. Free text is found
//! in titles and keys, letter by letter in order (fuzzy), within quotation marks as it stands; who asks may know of bodies
//! and comments that hold it, too.

mod ask;
mod complete;
mod parse;
mod sort;
#[cfg(test)]
mod tests;
mod when;

use std::ops::Range;

use chrono::NaiveDate;

use super::board::Column;
use super::card::Card;
use super::mapping::Status;
use crate::support::clock::Timestamp;

pub use ask::Needle;
pub use complete::{Completion, Vocabulary, complete};
pub use parse::words;
pub use sort::{Sort, SortKey, sorted_by};

use ask::Ask;

/// A short name for what a query shows, made of its values: `Open bug` of `is:open label:bug sort:due`.
pub fn name_of(text: &str) -> String {
    let value = |word: &str| {
        let value = word.split_once(':').map_or(word, |(_, value)| value);
        value.chars().filter(|c| !matches!(c, '"' | '@')).collect::<String>()
    };
    let told = |word: &&str| !word.starts_with('-') && !word.to_lowercase().starts_with("sort:");
    let mut name: Vec<String> = words(text).map(|(_, word)| word).filter(told).map(value).collect();
    if name.is_empty() {
        name.extend(Query::parse(text).sort.map(|sort| format!("by {}", sort.by.as_str())));
    }
    let name = name.join(" ");
    let mut letters = name.chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).take(30).collect())
}

/// A query, read.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Query {
    terms: Vec<Term>,
    sort: Option<Sort>,
    mistakes: Vec<Mistake>,
}

/// One thing that must hold, or must not.
#[derive(Debug, Clone, PartialEq)]
struct Term {
    negated: bool,
    ask: Ask,
}

/// A part of a query that cannot be read. It asks nothing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mistake {
    /// Where it stands, in bytes.
    pub at: Range<usize>,
    /// What is wrong, in words, with what there is instead.
    pub why: String,
}

/// What matching needs to know besides the card.
#[derive(Debug, Clone, Copy)]
pub struct Facts<'a> {
    /// Statuses that count as closed.
    pub closed: &'a [Status],
    /// The person's own logins.
    pub me: &'a [String],
    /// Columns: status and title.
    pub columns: &'a [Column],
    /// Priorities, the highest first.
    pub priorities: &'a [&'a str],
    /// The moment that `7d` counts from.
    pub now: Timestamp,
    /// The day it is where the person is.
    pub today: NaiveDate,
}

impl Query {
    /// Reads a query.
    pub fn parse(text: &str) -> Self {
        parse::query(text)
    }

    /// Whether it hides nothing.
    pub fn is_empty(&self) -> bool {
        self.terms.is_empty()
    }

    /// What could not be read, in order.
    pub fn mistakes(&self) -> &[Mistake] {
        &self.mistakes
    }

    /// How it sorts, when it says so.
    pub fn sort(&self) -> Option<Sort> {
        self.sort
    }

    /// The texts that may also stand in a body or a comment, in lower case and in the order written, also those that
    /// must not stand there.
    pub fn texts(&self) -> impl Iterator<Item = &str> {
        self.terms
            .iter()
            .filter_map(|t| if let Ask::Text(needle) = &t.ask { Some(needle.text()) } else { None })
    }

    /// Whether a text may bring in cards for what their bodies or comments hold.
    pub fn seeks_text(&self) -> bool {
        self.terms.iter().any(|t| !t.negated && matches!(t.ask, Ask::Text(_)))
    }

    /// Whether a card is shown. `in_text` tells of the n-th of [`Query::texts`], from 0, whether it stands in the card's
    /// body or comments: there it counts as much as in the title.
    pub fn matches(&self, card: &Card, in_text: impl Fn(usize) -> bool, facts: &Facts<'_>) -> bool {
        let mut texts = 0..;
        self.terms.iter().all(|term| {
            let found = match &term.ask {
                ask @ Ask::Text(_) => {
                    let there = texts.next().is_some_and(&in_text);
                    there || ask.holds(card, facts)
                }
                ask => ask.holds(card, facts),
            };
            found != term.negated
        })
    }

    /// Whether a card is shown for its title and fields alone, where nothing is known of its body and comments.
    pub fn matches_alone(&self, card: &Card, facts: &Facts<'_>) -> bool {
        self.matches(card, |_| false, facts)
    }
}
