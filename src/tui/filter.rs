//! The filter line: a query as it is typed, and the ways it can go on. Pure.

use crate::domain::card::Card;
use crate::domain::query::{Completion, Facts, Query, Vocabulary, complete};
use crate::support::clock::Timestamp;

mod found;

pub use found::Found;

/// What is being filtered by.
#[derive(Debug, Clone, Default)]
pub struct FilterLine {
    /// As typed.
    pub text: String,
    /// As read.
    pub query: Query,
    /// Whether keys go into it.
    pub editing: bool,
    /// The ways it can go on, the likeliest first.
    pub offered: Vec<Completion>,
    /// Which of them is chosen.
    pub chosen: usize,
    /// Where its texts stand in bodies and comments.
    pub found: Found,
    /// The values there are on the board, read when the typing began.
    words: Vocabulary,
}

impl FilterLine {
    /// Whether the line is shown.
    pub fn is_shown(&self) -> bool {
        self.editing || !self.text.is_empty()
    }

    /// Keys go into it from now on.
    pub fn edit<'a>(&mut self, cards: impl IntoIterator<Item = &'a Card>, facts: &Facts<'_>) {
        self.words = Vocabulary::of(cards, facts);
        self.editing = true;
        self.offer();
    }

    /// Keys go elsewhere from now on.
    pub fn leave(&mut self) {
        self.editing = false;
        self.offered.clear();
    }

    /// Takes another text. Returns whether it asks something else now.
    pub fn set(&mut self, text: String, now: Timestamp) -> bool {
        if self.text == text {
            return false;
        }
        let query = Query::parse(&text);
        self.text = text;
        self.offer();
        let other = query != self.query;
        self.query = query;
        if other {
            self.found.follow(self.query.texts(), now);
        }
        other
    }

    fn offer(&mut self) {
        self.chosen = 0;
        let most = if self.editing { complete(&self.text, self.text.len(), &self.words) } else { Vec::new() };
        self.offered = most;
    }

    /// Goes to the next of the ways it can go on, or to the one before.
    pub fn choose(&mut self, forward: bool) {
        let count = self.offered.len().max(1);
        self.chosen = if forward { self.chosen + 1 } else { self.chosen + count - 1 } % count;
    }

    /// The text with the chosen way taken; `None` when none is offered.
    pub fn completed(&self) -> Option<String> {
        let chosen = self.offered.get(self.chosen)?;
        let head = self.text.get(..chosen.at.start)?;
        let gap = if chosen.with.ends_with([':', '=', '#']) { "" } else { " " };
        Some(format!("{head}{}{gap}", chosen.with))
    }
}
