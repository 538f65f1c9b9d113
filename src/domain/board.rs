//! The board: ordered columns over a set of cards, in memory. Applying a change is all that alters it.

use std::collections::{BTreeSet, HashMap};

use indexmap::IndexMap;

use super::card::{Card, CardId};
use super::command::Change;
use super::fields::set_extra;
use super::limit::{Limit, Limits};
use super::mapping::Status;

mod tally;

pub use tally::{names, parent, points};

/// The distance left between two neighbours' ranks, so that a card can be put between them many times.
pub const RANK_GAP: i64 = 1 << 20;

/// A column: a canonical status and the title people read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Column {
    /// The status its cards have.
    pub status: Status,
    /// The title above it.
    pub title: String,
}

/// Columns in order, and the cards that stand in them by rank.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Board {
    /// The board's name.
    pub name: String,
    columns: IndexMap<Status, String>,
    cards: HashMap<CardId, Card>,
    /// Per status: cards by (rank, id).
    places: HashMap<Status, BTreeSet<(i64, CardId)>>,
    limits: Limits,
    tally: tally::Tally,
}

impl Board {
    /// An empty board with these columns.
    pub fn new(name: impl Into<String>, columns: impl IntoIterator<Item = Column>) -> Self {
        let columns = columns.into_iter().map(|c| (c.status, c.title)).collect();
        Self { name: name.into(), columns, ..Self::default() }
    }

    /// The columns, in order.
    pub fn columns(&self) -> impl ExactSizeIterator<Item = (&Status, &str)> {
        self.columns.iter().map(|(s, t)| (s, t.as_str()))
    }

    /// Replaces the columns and keeps the cards. Cards of a status that has no column any more stand in the first.
    pub fn set_columns(&mut self, columns: impl IntoIterator<Item = Column>) {
        self.columns = columns.into_iter().map(|c| (c.status, c.title)).collect();
    }

    /// The title of a status' column, or the status itself when it has none.
    pub fn title_of<'a>(&'a self, status: &'a Status) -> &'a str {
        self.columns.get(status).map_or(status.as_str(), String::as_str)
    }

    /// The place of a status among the columns.
    pub fn column_index(&self, status: &Status) -> Option<usize> {
        self.columns.get_index_of(status)
    }

    /// The status of the column at `index`.
    pub fn status_at(&self, index: usize) -> Option<&Status> {
        self.columns.get_index(index).map(|(s, _)| s)
    }

    /// One card.
    pub fn card(&self, id: CardId) -> Option<&Card> {
        self.cards.get(&id)
    }

    /// Every card, in no order.
    pub fn cards(&self) -> impl ExactSizeIterator<Item = &Card> {
        self.cards.values()
    }

    /// How many cards there are.
    pub fn len(&self) -> usize {
        self.cards.len()
    }

    /// Whether there is no card.
    pub fn is_empty(&self) -> bool {
        self.cards.is_empty()
    }

    /// The ids of a column's cards, from the top. Walking it costs only what is walked.
    pub fn ids_in(&self, status: &Status) -> impl DoubleEndedIterator<Item = CardId> + '_ {
        self.places.get(status).into_iter().flat_map(|p| p.iter().map(|(_, id)| *id))
    }

    /// How many cards a column holds.
    pub fn count_in(&self, status: &Status) -> usize {
        self.places.get(status).map_or(0, BTreeSet::len)
    }

    /// Says how many cards the columns may hold.
    pub fn set_limits(&mut self, limits: Limits) {
        self.limits = limits;
    }

    /// How many cards a column may hold, when that is limited.
    pub fn limit_of(&self, status: &Status) -> Option<Limit> {
        self.limits.get(status).copied()
    }

    /// That a column holds more than it may, in words: `In Progress is over its limit: 5/4`.
    pub fn over_limit(&self, status: &Status) -> Option<String> {
        let (limit, cards) = (self.limit_of(status)?, self.count_in(status));
        let title = self.title_of(status);
        limit.is_over(cards).then(|| format!("{title} is over its limit: {cards}/{}", limit.most))
    }

    /// The sum of the estimates in a column, in thousandths. Costs nothing: it is kept.
    pub fn points_in(&self, status: &Status) -> i64 {
        self.tally.points(status)
    }

    /// How many parts a card has that stand in one of the statuses `closed`, and how many in all.
    pub fn progress_of(&self, card: &Card, closed: &[Status]) -> (u32, u32) {
        self.tally.progress(card, |status| closed.contains(status))
    }

    /// Whether another card is part of this one.
    pub fn has_parts(&self, card: &Card) -> bool {
        self.tally.has_parts() && names(card).iter().any(|name| self.tally.is_named(name))
    }

    /// Statuses that cards have but no column shows, with how many cards each strands.
    pub fn stranded(&self) -> Vec<(&Status, usize)> {
        let mut out: Vec<_> = self
            .places
            .iter()
            .filter(|(s, p)| !p.is_empty() && !self.columns.contains_key(*s))
            .map(|(s, p)| (s, p.len()))
            .collect();
        out.sort();
        out
    }

    /// Puts a card in, in place of the one with the same id.
    pub fn upsert(&mut self, card: Card) {
        self.remove(card.id);
        self.places.entry(card.status.clone()).or_default().insert((card.rank, card.id));
        self.tally.count(&card, true);
        self.cards.insert(card.id, card);
    }

    /// Takes a card out.
    pub fn remove(&mut self, id: CardId) -> Option<Card> {
        let card = self.cards.remove(&id)?;
        self.tally.count(&card, false);
        if let Some(places) = self.places.get_mut(&card.status) {
            places.remove(&(card.rank, id));
        }
        Some(card)
    }

    /// The board with these cards and the whole of these columns alone: enough to try on it what is done to them.
    #[must_use]
    pub fn excerpt(&self, cards: &BTreeSet<CardId>, columns: &BTreeSet<Status>) -> Self {
        let mut out = Self { columns: self.columns.clone(), limits: self.limits.clone(), ..Self::default() };
        let within = columns.iter().flat_map(|s| self.ids_in(s));
        for card in within.chain(cards.iter().copied()).filter_map(|id| self.card(id)) {
            out.upsert(card.clone());
        }
        out
    }

    /// Applies one decided change. A change to a card that is not here changes nothing.
    pub fn apply(&mut self, change: &Change) {
        if let Change::Created { card, .. } = change {
            self.upsert((**card).clone());
            return;
        }
        if let Change::Archived { card } = change {
            self.remove(*card);
            return;
        }
        let Some(mut card) = change.card().and_then(|id| self.remove(id)) else { return };
        match change {
            Change::Moved { to, rank_to, .. } => {
                card.status = to.clone();
                card.rank = *rank_to;
            }
            Change::Retitled { after, .. } => card.title.clone_from(after),
            Change::Labelled { delta, .. } => card.labels = delta.apply(&card.labels).into(),
            Change::Assigned { delta, .. } => card.assignees = delta.apply(&card.assignees).into(),
            Change::Milestoned { after, .. } => card.milestone.clone_from(after),
            Change::FieldSet { field, after, .. } => set_extra(card.extra.to_mut(), *field, after.clone()),
            Change::Rewritten { .. }
            | Change::Commented { .. }
            | Change::Agreed { .. }
            | Change::Created { .. }
            | Change::Archived { .. }
            | Change::Answered { .. }
            | Change::Returned { .. } => {}
        }
        self.upsert(card);
    }

    /// The rank that puts a card at `place` in a column; `moving` is left out of account, being the card that moves.
    /// `None` when the neighbours leave no room: the column must be spread first (see [`Board::spread`]).
    pub fn rank_for(&self, status: &Status, place: Place, moving: Option<CardId>) -> Option<i64> {
        let places = self.places.get(status);
        let ranks = || {
            places
                .into_iter()
                .flat_map(|p| p.iter())
                .filter(|(_, id)| Some(*id) != moving)
                .map(|(r, id)| (*r, *id))
        };
        let top = || ranks().next().map_or(0, |(r, _)| r.saturating_sub(RANK_GAP));
        let between = |a: i64, b: i64| (b - a > 1).then(|| a + (b - a) / 2);
        match place {
            Place::Top => Some(top()),
            Place::Bottom => {
                let last = places.and_then(|p| p.iter().rev().find(|(_, id)| Some(*id) != moving));
                Some(last.map_or(0, |(r, _)| r.saturating_add(RANK_GAP)))
            }
            Place::Before(anchor) => {
                let mut previous = None;
                for (rank, id) in ranks() {
                    if id == anchor {
                        return previous.map_or(Some(rank.saturating_sub(RANK_GAP)), |p| between(p, rank));
                    }
                    previous = Some(rank);
                }
                Some(top())
            }
        }
    }

    /// New ranks for a whole column with wide gaps, in today's order.
    pub fn spread(&self, status: &Status) -> Vec<(CardId, i64)> {
        self.ids_in(status).zip(0_i64..).map(|(id, n)| (id, n * RANK_GAP)).collect()
    }
}

/// Where in a column a card goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Place {
    /// Above all others.
    Top,
    /// Below all others.
    Bottom,
    /// Directly above this card; at the top when it is not in the column.
    Before(CardId),
}
