//! Cards that another card can be part of, or that a text can speak of: open ones, epics first, then those that changed last.

use std::collections::BTreeSet;

use crate::domain::card::{Card, CardId, Kind};
use crate::domain::link::Link;
use crate::support::text::one_line;
use crate::tui::screen::Ctx;

/// How many are offered; a board has many thousands, and nobody walks through all of them.
const MOST: usize = 5_000;

/// A card that can be chosen.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Candidate {
    /// Which.
    pub id: CardId,
    /// Its key.
    pub key: String,
    /// Its title, harmless and on one line.
    pub title: String,
    /// Whether it is an epic.
    pub epic: bool,
}

/// The open cards of the board but those in `without`, the likeliest first.
pub fn candidates(ctx: &Ctx<'_>, without: &[CardId]) -> Vec<Candidate> {
    let closed = ctx.settings.closed_statuses();
    let without: BTreeSet<CardId> = without.iter().copied().collect();
    let open = |c: &&Card| !closed.contains(&c.status) && !without.contains(&c.id);
    let mut cards: Vec<&Card> = ctx.board.cards().filter(open).collect();
    let place = |c: &&Card| (c.kind != Kind::Epic, std::cmp::Reverse(c.updated_at), c.id);
    if cards.len() > MOST {
        cards.select_nth_unstable_by_key(MOST, place);
        cards.truncate(MOST);
    }
    cards.sort_by_key(place);
    let candidate = |c: &Card| Candidate {
        id: c.id,
        key: c.key(),
        title: one_line(&c.title),
        epic: c.kind == Kind::Epic,
    };
    cards.into_iter().map(candidate).collect()
}

/// What a card calls another one: by its key on a connection both are on, where there is one.
pub fn key_for(child: Option<&Card>, other: &Card) -> String {
    let links = child.map(|c| c.links.as_slice()).unwrap_or_default();
    let shared = links.iter().find_map(|l| other.link_on(l.connection.as_str()).and_then(Link::key));
    shared.unwrap_or_else(|| other.key())
}
