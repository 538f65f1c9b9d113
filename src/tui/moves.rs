//! Where cards can go on their platforms, as far as that was told, and what a move to a column would meet. Pure; it
//! waits for nobody: what is not known is open.

use super::effect::Effect;
use super::state::{DropTarget, State};
use crate::domain::card::{Card, CardId};
use crate::domain::command::{Reject, room_in};
use crate::domain::link::ConnectionName;
use crate::domain::mapping::Status;
use crate::domain::moves::{Asks, Need, Way, Ways};
use crate::support::clock::Timestamp;

/// How many cards' answers are remembered.
const KEPT: usize = 64;
/// For how long an answer is taken for true, in milliseconds.
const TRUE_FOR: i64 = 5 * 60_000;
/// For how long nobody is asked again, in milliseconds.
const FRESH_FOR: i64 = 30_000;

/// What was told of where cards can go, the newest last.
#[derive(Debug, Clone, Default)]
pub struct KnownMoves(Vec<Told>);

#[derive(Debug, Clone)]
struct Told {
    card: CardId,
    /// The card's status when it was asked: from another one it goes elsewhere.
    status: Status,
    at: Timestamp,
    ways: Vec<Ways>,
}

impl KnownMoves {
    /// Takes an answer.
    pub fn take(&mut self, card: CardId, status: Status, at: Timestamp, ways: Vec<Ways>) {
        self.forget(card);
        if self.0.len() >= KEPT {
            self.0.remove(0);
        }
        self.0.push(Told { card, status, at, ways });
    }

    /// Forgets what was told of a card: it goes elsewhere now.
    pub fn forget(&mut self, card: CardId) {
        self.0.retain(|t| t.card != card);
    }

    /// Where a card can go from where it is; `None`: nobody knows.
    pub fn of(&self, card: &Card, now: Timestamp) -> Option<&[Ways]> {
        self.told(card, now, TRUE_FOR).map(|t| t.ways.as_slice())
    }

    fn told(&self, card: &Card, now: Timestamp, for_ms: i64) -> Option<&Told> {
        let told = self.0.iter().find(|t| t.card == card.id && t.status == card.status)?;
        (now.since(told.at) < for_ms).then_some(told)
    }
}

/// A field that a connection wants with a move.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Want {
    /// Which connection.
    pub connection: ConnectionName,
    /// What it would make of the item.
    pub status: String,
    /// The field.
    pub need: Need,
}

impl Want {
    /// One for each field that is asked for.
    pub fn all_of(connection: &ConnectionName, asks: &Asks) -> Vec<Self> {
        let want = |need: &Need| Self {
            connection: connection.clone(),
            status: asks.status.clone(),
            need: need.clone(),
        };
        asks.needs.iter().map(want).collect()
    }
}

/// What a move to a column would meet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verdict {
    /// Nothing, as far as is known.
    Go,
    /// These fields are wanted with it.
    Asks(Vec<Want>),
    /// A platform does not let it, and why.
    Refused(String),
}

/// What moving a card to a status would meet.
pub fn verdict(state: &State, card: CardId, to: &Status) -> Verdict {
    let Some(card) = state.board.card(card).filter(|c| c.status != *to) else { return Verdict::Go };
    if let Err(full) = room_in(&state.board, to) {
        return Verdict::Refused(full.to_string());
    }
    let mut wants = Vec::new();
    for ways in state.moves.of(card, state.now).unwrap_or_default() {
        let Some(connection) = state.settings.connection(ways.connection.as_str()) else { continue };
        match ways.to(&connection.mapping, to) {
            Way::Open => {}
            Way::Needs(asks) => wants.extend(Want::all_of(&ways.connection, &asks)),
            Way::Closed(why) => return Verdict::Refused(format!("{}: {why}", ways.connection)),
        }
    }
    if wants.is_empty() { Verdict::Go } else { Verdict::Asks(wants) }
}

/// Why a card cannot go to a column, when a platform told that it cannot, or the column is full.
pub fn refusal(state: &State, card: CardId, column: usize) -> Option<String> {
    match verdict(state, card, state.board.status_at(column)?) {
        Verdict::Refused(why) => Some(why),
        Verdict::Go | Verdict::Asks(_) => None,
    }
}

/// Why a card cannot be let go there: the column does not take it, or the lane.
pub fn barred(state: &State, card: CardId, target: &DropTarget) -> Option<String> {
    let lane = || target.lane.and_then(|lane| state.into_lane(card, lane).err());
    refusal(state, card, target.column).or_else(lane)
}

/// That a column is full, as short as it is said beside its title: `full 4/4`.
pub fn full(state: &State, column: usize) -> Option<String> {
    match room_in(&state.board, state.board.status_at(column)?) {
        Err(Reject::Full { cards, most, .. }) => Some(format!("full {cards}/{most}")),
        _ => None,
    }
}

/// How many cards more a column takes; `None`: any number.
pub fn room(state: &State, to: &Status) -> Option<usize> {
    let limit = state.board.limit_of(to).filter(|limit| limit.hard)?;
    Some((limit.most as usize).saturating_sub(state.board.count_in(to)))
}

/// Where cards can go from where they are, in words: what a dialog says above its choices.
pub fn possible(state: &State, cards: &[CardId]) -> Vec<String> {
    let [one] = cards else { return Vec::new() };
    let known = state.board.card(*one).and_then(|card| state.moves.of(card, state.now)).unwrap_or_default();
    let line = |ways: &Ways| {
        let from = ways.from.status.as_deref().unwrap_or("here");
        format!("{}, from {from}: {}", ways.connection, ways.possible())
    };
    known.iter().map(line).collect()
}

/// Asks where cards can go that somebody begins to move; nothing for those on no platform with a workflow, and for
/// those that were just told of.
pub fn ask_for(state: &State, cards: &[CardId]) -> Vec<Effect> {
    let unknown = |id: &&CardId| {
        let Some(card) = state.board.card(**id) else { return false };
        let flows = |name: &ConnectionName| {
            let connection = state.settings.connection(name.as_str());
            connection.is_some_and(|c| c.platform.has_workflow() && c.direction.pushes())
        };
        card.links.iter().any(|l| l.number.is_some() && flows(&l.connection))
            && state.moves.told(card, state.now, FRESH_FOR).is_none()
    };
    let wanted: Vec<CardId> = cards.iter().filter(unknown).copied().collect();
    if wanted.is_empty() { Vec::new() } else { vec![Effect::FetchMoves(wanted)] }
}
