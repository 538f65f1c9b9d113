//! What bringing back a version of a card means: which of its values, and by which command. Pure.

use crate::domain::board::Place;
use crate::domain::card::Card;
use crate::domain::command::Command;
use crate::domain::fields::{Field, SetDelta, Value, canonical_body};
use crate::domain::history::{Version, VersionKind, What};
use crate::domain::mapping::Status;

/// Which value of a version.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Side {
    /// The one before the change.
    Before,
    /// The one after it; of a conflict the one that lost.
    After,
}

impl Side {
    /// The key that chooses it.
    pub(super) fn key(self) -> char {
        match self {
            Self::Before => 'b',
            Self::After => 'a',
        }
    }

    /// What it is called in the question.
    pub(super) fn text(self) -> &'static str {
        match self {
            Self::Before => "as it was before",
            Self::After => "as it was after",
        }
    }
}

/// The values of a version that can be brought back; or why none can.
pub(super) fn offers<'a>(
    version: &'a Version,
    card: &Card,
    body: &str,
) -> Result<Vec<(Side, &'a Value)>, String> {
    match version.what {
        What::Field(_) => {}
        What::Created => {
            return Err("the card was made then: there is nothing older to bring back".to_owned());
        }
        What::Comment => return Err("a comment is said: there is nothing to bring back".to_owned()),
        What::Archived => return Err("it was taken off the board then: no value was changed".to_owned()),
    }
    let sides: &[(Side, &Value)] = match version.kind {
        // What won a conflict is a version of its own; this one is about what lost.
        VersionKind::Lost => &[(Side::After, &version.after)],
        _ => &[(Side::Before, &version.before), (Side::After, &version.after)],
    };
    let other = |(_, value): &&(Side, &Value)| command(version, value, card, body).is_some();
    let offers: Vec<(Side, &Value)> = sides.iter().filter(other).copied().collect();
    if offers.is_empty() { Err(format!("the {} is that now", version.what.as_str())) } else { Ok(offers) }
}

/// The command that makes a field of the card this value; `None` when it is that already, or cannot be that.
pub(super) fn command(version: &Version, value: &Value, card: &Card, body: &str) -> Option<Command> {
    let What::Field(field) = version.what else { return None };
    let id = card.id;
    let delta = |now, to| Some(SetDelta::between(now, to)).filter(|d| !d.is_empty());
    match (field, value) {
        (Field::Title, Value::Text(title)) => {
            (*title != card.title).then(|| Command::Retitle { card: id, title: title.clone() })
        }
        (Field::Body, Value::Text(_) | Value::None) => {
            let after = if let Value::Text(text) = value { text.clone() } else { String::new() };
            (canonical_body(&after) != canonical_body(body)).then(|| Command::Rewrite {
                card: id,
                before: body.to_owned(),
                after,
            })
        }
        (Field::Status, Value::Text(status)) => {
            let to = Status::new(status.clone());
            (to != card.status).then_some(Command::Move { card: id, to, place: Place::Top })
        }
        (Field::Labels, Value::Set(to)) => {
            delta(&card.labels, to).map(|delta| Command::Label { card: id, delta })
        }
        (Field::Assignees, Value::Set(to)) => {
            delta(&card.assignees, to).map(|delta| Command::Assign { card: id, delta })
        }
        (Field::Milestone, Value::Text(_) | Value::None) => {
            let milestone = if let Value::Text(title) = value { Some(title.clone()) } else { None };
            (milestone != card.milestone).then_some(Command::SetMilestone { card: id, milestone })
        }
        (Field::Extra(name), value) => {
            let now = card.extra.get(&name).unwrap_or(&Value::None);
            (now != value).then(|| Command::SetField { card: id, field: name, value: value.clone() })
        }
        _ => None,
    }
}
