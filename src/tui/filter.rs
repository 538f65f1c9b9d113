//! The filter line: a query as it is typed, and the ways it can go on. Pure.

use serde::{Deserialize, Serialize};

use crate::domain::card::Card;
use crate::domain::query::{Completion, Facts, Query, Vocabulary, complete};
use crate::support::clock::Timestamp;

mod found;

pub use found::Found;

/// Under which name it is remembered how the board was left.
pub const REMEMBERED: &str = "filter";

/// How the board was left.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
struct Left {
    view: Option<String>,
    text: String,
}

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
    /// The name of the saved view that was gone to; where there is none of this name, all cards are.
    pub view: Option<String>,
    /// What is remembered of it.
    left: Left,
    /// The values there are on the board, read when the typing began.
    words: Vocabulary,
}

impl FilterLine {
    /// Whether the line is shown.
    pub fn is_shown(&self) -> bool {
        self.editing || !self.text.is_empty()
    }

    /// Takes up what was remembered when the board was left; what cannot be read is ignored.
    pub fn restore(&mut self, remembered: &str, now: Timestamp) {
        let Ok(left) = serde_json::from_str::<Left>(remembered) else { return };
        self.set(crate::support::text::one_line(&left.text), now);
        self.view.clone_from(&left.view);
        self.left = left;
    }

    /// What is to be remembered now, when that is something new. While it is typed nothing is.
    pub fn to_remember(&mut self) -> Option<String> {
        if self.editing || (self.left.text == self.text && self.left.view == self.view) {
            return None;
        }
        self.left = Left { view: self.view.clone(), text: self.text.clone() };
        serde_json::to_string(&self.left).ok()
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
