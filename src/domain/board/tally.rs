//! What a board counts as its cards come and go, so that nobody has to walk them: the estimates of each column, and how
//! far along the parts of a card are. Pure.

use std::collections::{BTreeMap, HashMap};

use super::super::card::Card;
use super::super::fields::FieldName;
use super::super::mapping::Status;

/// The sums, each without those that came to nothing.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Tally {
    /// Per status: the estimates in thousandths.
    points: HashMap<Status, i64>,
    /// Per parent, by what its parts call it: how many of them are in which status.
    parts: HashMap<String, BTreeMap<Status, u32>>,
}

impl Tally {
    /// Counts a card that comes, or one that goes.
    pub(super) fn count(&mut self, card: &Card, comes: bool) {
        if let Some(own) = points(card) {
            let sum = self.points.entry(card.status.clone()).or_default();
            *sum += if comes { own } else { -own };
            if *sum == 0 {
                self.points.remove(&card.status);
            }
        }
        let Some(parent) = parent(card) else { return };
        let parts = self.parts.entry(parent.clone()).or_default();
        let number = parts.entry(card.status.clone()).or_default();
        *number = if comes { *number + 1 } else { number.saturating_sub(1) };
        if *number == 0 {
            parts.remove(&card.status);
        }
        if self.parts.get(&parent).is_some_and(BTreeMap::is_empty) {
            self.parts.remove(&parent);
        }
    }

    /// The sum of a column's estimates, in thousandths.
    pub(super) fn points(&self, status: &Status) -> i64 {
        self.points.get(status).copied().unwrap_or(0)
    }

    /// Whether any card is part of another.
    pub(super) fn has_parts(&self) -> bool {
        !self.parts.is_empty()
    }

    /// Whether any card names this one as what it is part of.
    pub(super) fn is_named(&self, name: &str) -> bool {
        self.parts.contains_key(name)
    }

    /// How many parts a card has, and how many of them are in a status that `done` holds for.
    pub(super) fn progress(&self, card: &Card, done: impl Fn(&Status) -> bool) -> (u32, u32) {
        if self.parts.is_empty() {
            return (0, 0);
        }
        let named = names(card).into_iter().filter_map(|name| self.parts.get(&name));
        named.flatten().fold((0, 0), |(ended, all), (status, number)| {
            (ended + if done(status) { *number } else { 0 }, all + number)
        })
    }
}

/// A card's estimate in thousandths; none where it is no number.
pub fn points(card: &Card) -> Option<i64> {
    let number: f64 = card.extra(FieldName::ESTIMATE)?.trim().parse().ok()?;
    // Beyond this a sum of a whole board could overflow; nobody plans so far.
    (number.is_finite() && number.abs() < 1e9).then(|| (number * 1000.0).round() as i64)
}

/// What a card is part of, in the one form in which all its parts name it: lower case, and a bare number with the
/// connection of the card that says it.
pub fn parent(card: &Card) -> Option<String> {
    let written = card.extra(FieldName::PARENT)?.trim();
    let number = written.strip_prefix('#').unwrap_or(written);
    if number.is_empty() {
        return None;
    }
    let bare = number.bytes().all(|b| b.is_ascii_digit());
    match card.links.first().filter(|_| bare) {
        Some(link) => Some(format!("{}#{number}", link.connection).to_lowercase()),
        None => Some(written.to_lowercase()),
    }
}

/// What the parts of a card may call it: its key on each connection, and the platform's own key where its address ends
/// in one (`ABC-12`); a card without a key by its short id.
pub fn names(card: &Card) -> Vec<String> {
    let mut out = Vec::new();
    for link in &card.links {
        out.extend(link.key().map(|key| key.to_lowercase()));
        let last = link.url.as_deref().and_then(|url| url.rsplit('/').next());
        let own = last.filter(|key| key.contains('-') && key.ends_with(|c: char| c.is_ascii_digit()));
        out.extend(own.map(str::to_lowercase));
    }
    if out.is_empty() {
        out.push(card.id.short());
    }
    out
}
