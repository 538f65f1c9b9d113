//! What is known of the filter's texts in bodies and comments: what was asked of the store, when to ask again, and what
//! it answered. Pure.

use std::collections::HashSet;

use crate::domain::card::CardId;
use crate::support::clock::Timestamp;

/// How long the typing must rest before texts are looked for, in milliseconds.
const REST: i64 = 120;
/// How long after something was written they are looked for again, in milliseconds.
const AGAIN: i64 = 600;

/// Which cards hold the filter's texts in their bodies or comments, as far as that was answered.
#[derive(Debug, Clone, Default)]
pub struct Found {
    /// The texts of the query in order, each with the cards that hold it; `None` until the store has answered.
    texts: Vec<(String, Option<HashSet<CardId>>)>,
    /// The question that is under way.
    asked: Option<u64>,
    /// When to ask.
    due: Option<Timestamp>,
}

impl Found {
    /// The query looks for these texts now: what is known of them stays, the rest is asked for when the typing rests.
    pub(super) fn follow<'a>(&mut self, texts: impl Iterator<Item = &'a str>, now: Timestamp) {
        let mut known = std::mem::take(&mut self.texts);
        let mut asks = |text: &'a str| {
            let at = known.iter().position(|(old, _)| old == text);
            at.map_or_else(|| (text.to_owned(), None), |at| known.swap_remove(at))
        };
        self.texts = texts.map(&mut asks).collect();
        self.asked = None;
        self.due = self.is_waiting().then(|| now.plus_ms(REST));
    }

    /// Something was written: what was found may have changed. What is known holds until the store has answered again.
    pub fn outdated(&mut self, now: Timestamp) {
        if !self.texts.is_empty() {
            self.due = self.due.or_else(|| Some(now.plus_ms(AGAIN)));
        }
    }

    /// When to ask; `None` when there is nothing to ask.
    pub fn due(&self) -> Option<Timestamp> {
        self.due
    }

    /// The texts to ask for, when it is time; the answer will carry the token.
    pub fn ask(&mut self, token: u64) -> Vec<String> {
        self.due = None;
        self.asked = Some(token);
        self.texts.iter().map(|(text, _)| text.clone()).collect()
    }

    /// Takes an answer, text by text; `None` when the store could not answer. Says whether other cards are found now;
    /// an answer to an older question changes nothing.
    pub fn answered(&mut self, token: u64, found: Option<Vec<HashSet<CardId>>>) -> bool {
        if self.asked != Some(token) {
            return false;
        }
        self.asked = None;
        let Some(found) = found else {
            // Nothing more will come: what is not known is not found.
            self.texts.iter_mut().for_each(|(_, cards)| {
                cards.get_or_insert_default();
            });
            return false;
        };
        let mut other = false;
        for ((_, cards), new) in self.texts.iter_mut().zip(found) {
            other |= cards.as_ref().map_or(!new.is_empty(), |old| *old != new);
            *cards = Some(new);
        }
        other
    }

    /// Whether a text has not been looked for yet.
    pub fn is_waiting(&self) -> bool {
        self.texts.iter().any(|(_, cards)| cards.is_none())
    }

    /// Whether some card holds some text.
    pub fn is_empty(&self) -> bool {
        self.texts.iter().all(|(_, cards)| cards.as_ref().is_none_or(HashSet::is_empty))
    }

    /// Whether the n-th text, from 0, stands in the card's body or comments.
    pub fn holds(&self, card: CardId, n: usize) -> bool {
        self.texts.get(n).and_then(|(_, cards)| cards.as_ref()).is_some_and(|cards| cards.contains(&card))
    }
}
