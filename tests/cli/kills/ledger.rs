//! What was done on either side, and so must be found in the end. It decides nothing about how.

use std::collections::{BTreeMap, BTreeSet};

use corkboard::domain::CardId;

/// Everything people did in a story.
#[derive(Default)]
pub struct Ledger {
    /// Cards made here.
    pub created: Vec<CardId>,
    /// Issues opened there.
    pub opened: u64,
    /// Labels put on here, by card; none is ever taken off.
    pub labels_here: BTreeMap<CardId, BTreeSet<String>>,
    /// Labels put on there, by number.
    pub labels_there: BTreeMap<u64, BTreeSet<String>>,
    /// Comments made here, by card.
    pub comments_here: BTreeMap<CardId, Vec<String>>,
    /// Comments made there, by number.
    pub comments_there: BTreeMap<u64, Vec<String>>,
    /// Titles and bodies given here, by card and field, in order.
    pub texts_here: BTreeMap<(CardId, &'static str), Vec<String>>,
    /// Titles and bodies given there, by number and field, in order.
    pub texts_there: BTreeMap<(u64, &'static str), Vec<String>>,
    next: u32,
}

impl Ledger {
    /// A word that occurs nowhere else, whatever stands around it.
    pub fn word(&mut self, side: &str) -> String {
        self.next += 1;
        format!("{side}-{:05}-", self.next)
    }
}
