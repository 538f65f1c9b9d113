//! What a person asks for, and what that changes: decide first, then apply, log and commit.

mod extra;
mod report;

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::board::{Board, Place};
use super::card::{Card, CardId, Kind};
use super::fields::{Field, FieldName, SetDelta, Value, canonical_body, set_extra};
use super::link::{ConnectionName, Link, LinkId, SyncStatus};
use super::mapping::Status;
use super::moves::Given;
use super::remote::Beyond;
use crate::support::clock::Timestamp;

/// Longest title, in characters: what GitHub takes.
pub const TITLE_MAX: usize = 256;
/// Longest body, in characters: what GitHub takes, less the room for the line that marks a body as ours.
pub const BODY_MAX: usize = 65_536 - 96;

/// The intent to change data.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Command {
    /// Make a card.
    Create(NewCard),
    /// Put a card into a column, or elsewhere in its own.
    Move {
        /// Which card.
        card: CardId,
        /// Into which column.
        to: Status,
        /// Where in it.
        place: Place,
    },
    /// Change the title.
    Retitle {
        /// Which card.
        card: CardId,
        /// The new title.
        title: String,
    },
    /// Change the body.
    Rewrite {
        /// Which card.
        card: CardId,
        /// The body as it was when the edit began.
        before: String,
        /// The new body.
        after: String,
    },
    /// Add and remove labels.
    Label {
        /// Which card.
        card: CardId,
        /// What to add and remove.
        delta: SetDelta,
    },
    /// Add and remove assignees.
    Assign {
        /// Which card.
        card: CardId,
        /// What to add and remove.
        delta: SetDelta,
    },
    /// Set or clear the milestone.
    SetMilestone {
        /// Which card.
        card: CardId,
        /// The milestone's title, or none.
        milestone: Option<String>,
    },
    /// Set or clear a further field.
    SetField {
        /// Which card.
        card: CardId,
        /// Which field.
        field: FieldName,
        /// Its value; an empty one clears it.
        value: Value,
    },
    /// Say something on the card, here and on every platform it is linked to.
    Comment {
        /// Which card.
        card: CardId,
        /// What is said.
        body: String,
    },
    /// Agree that writing the card's body, as it is now, loses these things on its platforms.
    Agree {
        /// Which card.
        card: CardId,
        /// What is lost, link by link, in the words in which it was asked.
        losses: Vec<Beyond>,
    },
    /// Take the card off this board. The platforms keep theirs.
    Archive {
        /// Which card.
        card: CardId,
    },
}

/// A card to be made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewCard {
    /// The id it shall have.
    pub id: CardId,
    /// What sort of work.
    pub kind: Kind,
    /// The title.
    pub title: String,
    /// The Markdown body.
    pub body: String,
    /// The column.
    pub status: Status,
    /// Labels.
    pub labels: std::collections::BTreeSet<String>,
    /// Assignees.
    pub assignees: std::collections::BTreeSet<String>,
    /// Milestone title.
    pub milestone: Option<String>,
    /// Further fields.
    pub extra: BTreeMap<FieldName, Value>,
    /// On which connections it shall exist too.
    pub connections: Vec<ConnectionName>,
    /// When it was made.
    pub at: Timestamp,
}

/// A decided change: the fact that is applied, logged and committed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Change {
    /// A card was made.
    Created {
        /// The card, links included.
        card: Box<Card>,
        /// Its body.
        body: String,
    },
    /// A card changed its place.
    Moved {
        /// Which card.
        card: CardId,
        /// The column it left.
        from: Status,
        /// The column it is in now.
        to: Status,
        /// Its rank before.
        rank_from: i64,
        /// Its rank now.
        rank_to: i64,
    },
    /// The title changed.
    Retitled {
        /// Which card.
        card: CardId,
        /// The old title.
        before: String,
        /// The new title.
        after: String,
    },
    /// The body changed.
    Rewritten {
        /// Which card.
        card: CardId,
        /// The old body.
        before: String,
        /// The new body.
        after: String,
    },
    /// Labels changed.
    Labelled {
        /// Which card.
        card: CardId,
        /// What was added and removed.
        delta: SetDelta,
    },
    /// Assignees changed.
    Assigned {
        /// Which card.
        card: CardId,
        /// What was added and removed.
        delta: SetDelta,
    },
    /// The milestone changed.
    Milestoned {
        /// Which card.
        card: CardId,
        /// The old milestone.
        before: Option<String>,
        /// The new milestone.
        after: Option<String>,
    },
    /// A further field changed.
    FieldSet {
        /// Which card.
        card: CardId,
        /// Which field.
        field: FieldName,
        /// Its value before.
        before: Value,
        /// Its value now.
        after: Value,
    },
    /// A comment was made.
    Commented {
        /// Which card.
        card: CardId,
        /// The comment's own id; the marker by which it is found again.
        comment: Uuid,
        /// What was said.
        body: String,
    },
    /// A person agreed to what writing the body loses on the platforms.
    Agreed {
        /// Which card.
        card: CardId,
        /// What is lost, link by link.
        losses: Vec<Beyond>,
    },
    /// Fields that a connection wants with the card's move were given.
    Answered {
        /// Which card.
        card: CardId,
        /// Which connection.
        connection: ConnectionName,
        /// What was given.
        given: Given,
    },
    /// The card left the board.
    Archived {
        /// Which card.
        card: CardId,
    },
    /// A card that had left the board is on it again. What it looks like now, the store tells.
    Returned {
        /// Which card.
        card: CardId,
    },
}

impl Change {
    /// The card it is about.
    pub fn card(&self) -> Option<CardId> {
        match self {
            Self::Created { card, .. } => Some(card.id),
            Self::Moved { card, .. }
            | Self::Retitled { card, .. }
            | Self::Rewritten { card, .. }
            | Self::Labelled { card, .. }
            | Self::Assigned { card, .. }
            | Self::Milestoned { card, .. }
            | Self::FieldSet { card, .. }
            | Self::Commented { card, .. }
            | Self::Agreed { card, .. }
            | Self::Answered { card, .. }
            | Self::Archived { card }
            | Self::Returned { card } => Some(*card),
        }
    }

    /// The synchronised field it alters, if it alters exactly one.
    pub fn field(&self) -> Option<Field> {
        match self {
            Self::Moved { from, to, .. } if from != to => Some(Field::Status),
            Self::Retitled { .. } => Some(Field::Title),
            Self::Rewritten { .. } => Some(Field::Body),
            Self::Labelled { .. } => Some(Field::Labels),
            Self::Assigned { .. } => Some(Field::Assignees),
            Self::Milestoned { .. } => Some(Field::Milestone),
            Self::FieldSet { field, .. } => Some(Field::Extra(*field)),
            _ => None,
        }
    }

    /// The command that takes it back; `None` where nothing can (a comment is said, a card is made).
    pub fn inverse(&self) -> Option<Self> {
        let turned = |d: &SetDelta| SetDelta { add: d.remove.clone(), remove: d.add.clone() };
        Some(match self {
            Self::Moved { card, from, to, rank_from, rank_to } => Self::Moved {
                card: *card,
                from: to.clone(),
                to: from.clone(),
                rank_from: *rank_to,
                rank_to: *rank_from,
            },
            Self::Retitled { card, before, after } => {
                Self::Retitled { card: *card, before: after.clone(), after: before.clone() }
            }
            Self::Rewritten { card, before, after } => {
                Self::Rewritten { card: *card, before: after.clone(), after: before.clone() }
            }
            Self::Labelled { card, delta } => Self::Labelled { card: *card, delta: turned(delta) },
            Self::Assigned { card, delta } => Self::Assigned { card: *card, delta: turned(delta) },
            Self::Milestoned { card, before, after } => {
                Self::Milestoned { card: *card, before: after.clone(), after: before.clone() }
            }
            Self::FieldSet { card, field, before, after } => {
                Self::FieldSet { card: *card, field: *field, before: after.clone(), after: before.clone() }
            }
            // An agreement is good for one body only: with that taken back there is none.
            Self::Agreed { card, .. } => Self::Agreed { card: *card, losses: Vec::new() },
            Self::Archived { card } => Self::Returned { card: *card },
            Self::Returned { card } => Self::Archived { card: *card },
            Self::Created { .. } | Self::Commented { .. } | Self::Answered { .. } => return None,
        })
    }
}

/// Why a command cannot be carried out, in words for a person.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error, Serialize, Deserialize)]
pub enum Reject {
    /// There is no such card.
    #[error("that card is not on the board any more")]
    NoSuchCard,
    /// The board has no such column.
    #[error("the board has no status `{0}`")]
    NoSuchStatus(String),
    /// The column holds as many cards as it may, and its limit is hard.
    #[error("{title} is at its limit: {cards}/{most}")]
    Full {
        /// The column's title.
        title: String,
        /// The cards in it.
        cards: usize,
        /// The most it may hold.
        most: u32,
    },
    /// A card needs a title.
    #[error("a card needs a title")]
    EmptyTitle,
    /// The title is too long for the platforms.
    #[error("the title has {0} characters; {TITLE_MAX} is the most a platform takes")]
    TitleTooLong(usize),
    /// The title has a line break.
    #[error("a title is one line")]
    TitleNotOneLine,
    /// The body is too long for the platforms.
    #[error("the body has {0} characters; {BODY_MAX} is the most a platform takes")]
    BodyTooLong(usize),
    /// A comment needs a text.
    #[error("a comment needs a text")]
    EmptyComment,
    /// A label or login is not one.
    #[error(
        "`{0}` cannot be a name here: it is empty, has a comma or a line break, or is longer than 50 characters"
    )]
    BadName(String),
    /// A further field's value is not one.
    #[error(transparent)]
    BadField(#[from] extra::BadValue),
    /// Something about the card itself stands in the way, in words: a platform does not let it, it is nowhere yet.
    #[error("{0}")]
    Barred(String),
}

/// Decides what a command changes. No change at all is an empty list, not an error.
pub fn decide(board: &Board, command: Command) -> Result<Vec<Change>, Reject> {
    match command {
        Command::Create(new) => create(board, new),
        Command::Move { card, to, place } => move_card(board, card, to, place),
        Command::Retitle { card, title } => {
            let before = known(board, card)?.title.clone();
            let after = checked_title(&title)?;
            Ok(if before == after { vec![] } else { vec![Change::Retitled { card, before, after }] })
        }
        Command::Rewrite { card, before, after } => {
            known(board, card)?;
            let after = checked_body(&after)?;
            let same = canonical_body(&before) == after;
            Ok(if same { vec![] } else { vec![Change::Rewritten { card, before, after }] })
        }
        Command::Label { card, delta } => {
            let delta = checked_delta(&known(board, card)?.labels, &delta)?;
            Ok(if delta.is_empty() { vec![] } else { vec![Change::Labelled { card, delta }] })
        }
        Command::Assign { card, delta } => {
            let delta = checked_delta(&known(board, card)?.assignees, &delta)?;
            Ok(if delta.is_empty() { vec![] } else { vec![Change::Assigned { card, delta }] })
        }
        Command::SetMilestone { card, milestone } => {
            let before = known(board, card)?.milestone.clone();
            let after = milestone.map(|m| m.trim().to_owned()).filter(|m| !m.is_empty());
            Ok(if before == after { vec![] } else { vec![Change::Milestoned { card, before, after }] })
        }
        Command::SetField { card, field, value } => set_field(board, card, field, &value),
        Command::Comment { card, body } => {
            known(board, card)?;
            let body = checked_body(&body)?;
            if body.trim().is_empty() {
                return Err(Reject::EmptyComment);
            }
            Ok(vec![Change::Commented { card, comment: Uuid::new_v4(), body }])
        }
        Command::Agree { card, losses } => {
            known(board, card)?;
            Ok(if losses.is_empty() { vec![] } else { vec![Change::Agreed { card, losses }] })
        }
        Command::Archive { card } => known(board, card).map(|_| vec![Change::Archived { card }]),
    }
}

fn known(board: &Board, card: CardId) -> Result<&Card, Reject> {
    board.card(card).ok_or(Reject::NoSuchCard)
}

fn create(board: &Board, new: NewCard) -> Result<Vec<Change>, Reject> {
    let title = checked_title(&new.title)?;
    let body = checked_body(&new.body)?;
    if board.column_index(&new.status).is_none() {
        return Err(Reject::NoSuchStatus(new.status.to_string()));
    }
    room_in(board, &new.status)?;
    let none = std::collections::BTreeSet::new();
    let names = |add| checked_delta(&none, &SetDelta { add, ..SetDelta::default() }).map(|d| d.add);
    let rank = board.rank_for(&new.status, Place::Top, None).unwrap_or_default();
    let mut extra = BTreeMap::new();
    for (name, value) in &new.extra {
        set_extra(&mut extra, *name, extra::checked(*name, value)?);
    }
    let links = new.connections.into_iter().map(unsent_link).collect();
    let card = Card {
        id: new.id,
        kind: new.kind,
        title,
        status: new.status,
        rank,
        labels: names(new.labels)?.into(),
        assignees: names(new.assignees)?.into(),
        milestone: new.milestone,
        extra: extra.into(),
        revision: 1,
        created_at: new.at,
        updated_at: new.at,
        links,
    };
    Ok(vec![Change::Created { card: Box::new(card), body }])
}

fn set_field(board: &Board, id: CardId, field: FieldName, value: &Value) -> Result<Vec<Change>, Reject> {
    let before = known(board, id)?.extra.get(&field).cloned().unwrap_or(Value::None);
    let after = extra::checked(field, value)?;
    Ok(if before == after { vec![] } else { vec![Change::FieldSet { card: id, field, before, after }] })
}

fn unsent_link(connection: ConnectionName) -> Link {
    Link {
        id: LinkId::random(),
        connection,
        number: None,
        url: None,
        sync: SyncStatus::Pending,
        note: None,
        conflict: false,
        sending: false,
        asks: false,
        mapped: true,
    }
}

fn move_card(board: &Board, id: CardId, to: Status, place: Place) -> Result<Vec<Change>, Reject> {
    let card = known(board, id)?;
    if board.column_index(&to).is_none() {
        return Err(Reject::NoSuchStatus(to.to_string()));
    }
    if card.status != to {
        room_in(board, &to)?;
    }
    let moved = |card: &Card, to: &Status, rank_to: i64| Change::Moved {
        card: card.id,
        from: card.status.clone(),
        to: to.clone(),
        rank_from: card.rank,
        rank_to,
    };
    if let Some(rank) = board.rank_for(&to, place, Some(id)) {
        let stays = card.status == to && card.rank == rank;
        return Ok(if stays { vec![] } else { vec![moved(card, &to, rank)] });
    }
    // No room between two neighbours: spread the column, then there is.
    let mut spread = board.clone();
    let mut changes = Vec::new();
    for (other, rank) in board.spread(&to) {
        if let Some(c) = board.card(other).filter(|c| c.rank != rank) {
            changes.push(moved(c, &to, rank));
        }
    }
    changes.iter().for_each(|c| spread.apply(c));
    let rank = spread.rank_for(&to, place, Some(id)).unwrap_or_default();
    changes.retain(|c| c.card() != Some(id));
    changes.push(moved(card, &to, rank));
    Ok(changes)
}

/// Whether a column takes one card more.
///
/// # Errors
/// It has a hard limit and as many cards.
pub fn room_in(board: &Board, status: &Status) -> Result<(), Reject> {
    let cards = board.count_in(status);
    match board.limit_of(status).filter(|limit| limit.refuses(cards)) {
        None => Ok(()),
        Some(limit) => {
            Err(Reject::Full { title: board.title_of(status).to_owned(), cards, most: limit.most })
        }
    }
}

fn checked_title(title: &str) -> Result<String, Reject> {
    let title = title.trim();
    let length = title.chars().count();
    match () {
        () if title.is_empty() => Err(Reject::EmptyTitle),
        () if title.contains(['\n', '\r']) => Err(Reject::TitleNotOneLine),
        () if length > TITLE_MAX => Err(Reject::TitleTooLong(length)),
        () => Ok(title.to_owned()),
    }
}

fn checked_body(body: &str) -> Result<String, Reject> {
    let body = canonical_body(body);
    let length = body.chars().count();
    if length > BODY_MAX { Err(Reject::BodyTooLong(length)) } else { Ok(body) }
}

fn checked_delta(now: &std::collections::BTreeSet<String>, delta: &SetDelta) -> Result<SetDelta, Reject> {
    for name in &delta.add {
        let bad = name.trim().is_empty() || name.contains([',', '\n', '\r']) || name.chars().count() > 50;
        if bad {
            return Err(Reject::BadName(name.clone()));
        }
    }
    let trimmed = SetDelta {
        add: delta.add.iter().map(|n| n.trim().to_owned()).collect(),
        remove: delta.remove.clone(),
    };
    Ok(SetDelta::between(now, &trimmed.apply(now)))
}

pub use extra::BadValue;
pub use report::{Report, decide_each};

#[cfg(test)]
mod tests;
