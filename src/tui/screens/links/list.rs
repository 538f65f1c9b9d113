//! What a card's links can be: where it is, what looks like the same work, where an item can be made, and every card it
//! can be linked to, narrowed by what is typed. Pure; knows neither keys nor drawing.

use crate::domain::card::{Card, CardId};
use crate::domain::link::{ConnectionName, Link};
use crate::domain::twins::Twin;
use crate::support::text::one_line;
use crate::tui::screen::Ctx;
use crate::tui::screens::fuzzy;
use crate::tui::theme::Mark;

/// The most cards listed at once; typing finds the others.
pub(super) const MOST: usize = 500;

/// What a row stands for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum What {
    /// The card is there: it can be taken off.
    On(ConnectionName),
    /// This card may be the same work.
    Twin(CardId),
    /// An item can be made there.
    New(ConnectionName),
    /// The card can be linked to this one.
    Card(CardId),
}

impl What {
    /// The heading above the first of its kind.
    pub(super) fn heading(&self) -> &'static str {
        match self {
            Self::On(_) => "It is on",
            Self::Twin(_) => "Looks like the same work",
            Self::New(_) => "Make a new item on",
            Self::Card(_) => "Link it to",
        }
    }
}

/// A row as it is shown.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Row {
    pub(super) what: What,
    /// `core#12`, or a connection.
    pub(super) key: String,
    pub(super) text: String,
    /// How far the link is in step, when there is something to say.
    pub(super) mark: Option<Mark>,
    /// Said at the right end: why, or where.
    pub(super) note: String,
    /// Which characters answer what is typed, counted over key, blank and text.
    pub(super) matched: Vec<usize>,
}

/// The rows, and how many more cards there would be.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) struct Rows {
    pub(super) rows: Vec<Row>,
    pub(super) more: usize,
}

/// Lists what `card` can be linked to or unlinked from. `twins` are the suggestions as far as they are known.
pub(super) fn rows(card: &Card, twins: &[Twin], typed: &str, ctx: &Ctx<'_>) -> Rows {
    let typed = typed.trim();
    let named = |name: &ConnectionName| {
        typed.is_empty() || name.as_str().to_lowercase().contains(&typed.to_lowercase())
    };
    let plain = |what, key: String, text: String, mark| Row {
        what,
        key,
        text,
        mark,
        note: String::new(),
        matched: vec![],
    };
    let mut out: Vec<Row> = Vec::new();
    for link in card.links.iter().filter(|l| named(&l.connection)) {
        let key = link.key().unwrap_or_else(|| link.connection.to_string());
        let what = What::On(link.connection.clone());
        out.push(plain(what, key, state_of(link), Mark::of_link(link)));
    }
    let others = twins.iter().filter_map(|t| Some((t, ctx.board.card(t.other)?)));
    let others: Vec<(&Twin, &Card)> = others.filter(|(_, other)| can_join(card, other)).collect();
    for (twin, other) in &others {
        out.extend(narrowed(What::Twin(other.id), other, &twin.words(), typed).map(|(_, row)| row));
    }
    let can_make = ctx.settings.connections.iter().filter(|c| c.creates());
    for connection in can_make.filter(|c| card.link_on(c.name.as_str()).is_none() && named(&c.name)) {
        let what = What::New(connection.name.clone());
        out.push(plain(what, connection.name.to_string(), connection.repository.clone(), None));
    }
    let told: Vec<CardId> = others.iter().map(|(_, other)| other.id).collect();
    let mut cards = candidates(card, ctx);
    cards.retain(|c| !told.contains(&c.id));
    let column = |c: &Card| ctx.board.title_of(&c.status).to_owned();
    let mut found: Vec<(i32, Row)> =
        cards.into_iter().filter_map(|c| narrowed(What::Card(c.id), c, &column(c), typed)).collect();
    if !typed.is_empty() {
        found.sort_by_key(|(score, _)| std::cmp::Reverse(*score));
    }
    let more = found.len().saturating_sub(MOST);
    out.extend(found.into_iter().take(MOST).map(|(_, row)| row));
    Rows { rows: out, more }
}

/// A card as a row, when it answers what is typed, and how well.
fn narrowed(what: What, card: &Card, note: &str, typed: &str) -> Option<(i32, Row)> {
    let (key, text) = (one_line(&card.key()), one_line(&card.title));
    let found = fuzzy::matches(typed, &format!("{key} {text}"))?;
    Some((found.score, Row { what, key, text, mark: None, note: one_line(note), matched: found.at }))
}

/// Whether `other` can become part of `card`: it is on a platform, and on none where the card is.
pub(super) fn can_join(card: &Card, other: &Card) -> bool {
    let apart = |link: &Link| card.link_on(link.connection.as_str()).is_none();
    other.id != card.id && !other.links.is_empty() && other.links.iter().all(apart)
}

/// The cards of other connections that are linked to nothing else: by connection in the order of the settings, the newest
/// first.
fn candidates<'a>(card: &Card, ctx: &'a Ctx<'_>) -> Vec<&'a Card> {
    let place = |name: &ConnectionName| ctx.settings.connections.iter().position(|c| c.name == *name);
    let mut out: Vec<(usize, std::cmp::Reverse<u64>, &Card)> = ctx
        .board
        .cards()
        .filter(|other| can_join(card, other))
        .filter_map(|other| match &other.links[..] {
            [link] => Some((place(&link.connection)?, std::cmp::Reverse(link.number?), other)),
            _ => None,
        })
        .collect();
    out.sort_by_key(|(place, number, other)| (*place, *number, other.id));
    out.into_iter().map(|(_, _, other)| other).collect()
}

/// How far a link is in step, in words.
fn state_of(link: &Link) -> String {
    let word = Mark::of_link(link).map_or("in step", Mark::word);
    match &link.note {
        Some(note) => format!("{word}: {}", one_line(note)),
        None => word.to_owned(),
    }
}
