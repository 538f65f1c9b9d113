//! The machine's own books: every edit, by whom and of what, kept apart from everything Corkboard keeps.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Mutex;

use corkboard::domain::CardId;
use corkboard::domain::fields::Field;
use corkboard::domain::link::LinkId;

/// An edit of a field that has one value, made here.
#[derive(Debug, Clone)]
pub struct LocalEdit {
    pub card: CardId,
    pub field: Field,
    /// What the person saw when they edited.
    pub before: String,
    pub after: String,
}

/// The side of an issue or a card that a name was put on or taken off.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum On {
    Card(CardId),
    /// By place and number.
    Issue(usize, u64),
}

/// A card, or an item by place and number.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Node {
    Card(CardId),
    Item(usize, u64),
}

impl From<On> for Node {
    fn from(on: On) -> Self {
        match on {
            On::Card(card) => Self::Card(card),
            On::Issue(place, number) => Self::Item(place, number),
        }
    }
}

/// The books of one story.
#[derive(Debug, Default)]
pub struct Ledger {
    /// Makes every value of a story its own.
    pub next: u32,
    pub edits: Vec<LocalEdit>,
    /// Names put on: labels and people. No name is ever put on twice.
    pub added: Vec<(Field, On, String)>,
    /// Names taken off.
    pub removed: BTreeSet<(Field, On, String)>,
    pub comments: Vec<(CardId, String)>,
    /// The same with the links the card had then.
    pub said: Vec<(String, Vec<LinkId>)>,
    /// Cards made here, and the marker of their issue.
    pub made: HashMap<CardId, String>,
    pub archived: BTreeSet<CardId>,
    /// Every link there was, and its last card.
    pub links: HashMap<LinkId, CardId>,
    /// What ever belonged together: each points to another one of its kin.
    kin: HashMap<Node, Node>,
    /// One of each kin whose cards were joined or parted.
    pub parted: BTreeSet<Node>,
    /// The numbers of cards' issues, as they were last seen: a card that was archived or transferred tells none.
    pub numbers: HashMap<CardId, u64>,
}

impl Ledger {
    /// A number nothing else in the story has.
    pub fn fresh(&mut self) -> u32 {
        self.next += 1;
        self.next
    }

    /// The one that stands for all its kin.
    pub fn kin(&self, of: Node) -> Node {
        let mut at = of;
        while let Some(next) = self.kin.get(&at) {
            at = *next;
        }
        at
    }

    /// Makes two of one kin.
    pub fn join(&mut self, a: Node, b: Node) {
        let (a, b) = (self.kin(a), self.kin(b));
        if a != b {
            self.kin.insert(a, b);
        }
    }
}

/// What was done in all, to be told at the end.
#[derive(Debug, Default, Clone)]
pub struct Tally {
    pub counts: BTreeMap<&'static str, u64>,
    pub faults: BTreeMap<String, u64>,
}

static TOTAL: Mutex<BTreeMap<&'static str, Tally>> = Mutex::new(BTreeMap::new());

impl Tally {
    pub fn add(&mut self, what: &'static str, n: u64) {
        *self.counts.entry(what).or_default() += n;
    }

    /// Notes a fault by its kind, without its numbers.
    pub fn fault(&mut self, fault: &str) {
        let kind = fault.split(['(']).next().unwrap_or(fault);
        *self.faults.entry(kind.to_owned()).or_default() += 1;
    }

    /// Adds the books of one story to those of the run over worlds of that name.
    pub fn hand_in(&self, world: &'static str) {
        let mut total = TOTAL.lock().expect("not poisoned");
        let total = total.entry(world).or_default();
        for (what, n) in &self.counts {
            *total.counts.entry(what).or_default() += n;
        }
        for (what, n) in &self.faults {
            *total.faults.entry(what.clone()).or_default() += n;
        }
    }

    /// What all stories over such worlds came to.
    pub fn total(world: &str) -> Self {
        TOTAL.lock().expect("not poisoned").get(world).cloned().unwrap_or_default()
    }
}

impl std::fmt::Display for Tally {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let list = |items: Vec<String>| items.join(", ");
        write!(f, "{}", list(self.counts.iter().map(|(what, n)| format!("{n} {what}")).collect()))?;
        write!(
            f,
            "; {} faults hit ({})",
            self.faults.values().sum::<u64>(),
            list(self.faults.iter().map(|(what, n)| format!("{what} {n}")).collect())
        )
    }
}
