//! What is under way on the board beside the cards themselves: a range that is being selected, a count that is being
//! typed, what was done last and what of it could not be done.

use std::collections::BTreeSet;

use crate::domain::board::Place;
use crate::domain::card::CardId;
use crate::domain::command::{Command, Reject};
use crate::domain::fields::{FieldName, SetDelta, Value};
use crate::domain::mapping::Status;

/// What is under way.
#[derive(Debug, Clone, Default)]
pub struct Doing {
    /// A range that moves of the focus extend.
    pub range: Option<Ranging>,
    /// A range that the pointer draws over the cards of a column.
    pub sweep: Option<Sweep>,
    /// How many selected cards the filter hides; read when the columns are.
    pub hidden: usize,
    /// A count that is being typed, for the next motion or change.
    pub count: Option<usize>,
    /// What was changed last, for doing it again.
    pub last: Option<Repeat>,
    /// What of the last act on several cards could not be done.
    pub refused: Option<Refused>,
}

/// A range begun at one card, on top of what was selected before.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ranging {
    /// Where it began.
    pub anchor: CardId,
    /// In which column.
    pub column: usize,
    /// What was selected before.
    pub before: BTreeSet<CardId>,
}

/// A range that the pointer draws, from a press beside the cards.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sweep {
    /// In which column.
    pub column: usize,
    /// The cell that was pressed.
    pub origin: (u16, u16),
    /// What was selected before.
    pub before: BTreeSet<CardId>,
}

/// What of an act on several cards could not be done.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refused {
    /// What was done, in words: `3 cards moved to Done`.
    pub done: String,
    /// The cards that stayed as they were, and why.
    pub cards: Vec<(CardId, Reject)>,
}

/// A change that can be made again, on other cards.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Repeat {
    /// Into this column.
    Move(Status),
    /// These labels added and removed.
    Label(SetDelta),
    /// These people.
    Assign(SetDelta),
    /// This milestone, or none.
    Milestone(Option<String>),
    /// This value of a further field.
    Field(FieldName, Value),
}

impl Repeat {
    /// What commands are when they do the same to each of their cards; `None` for texts, new cards and cards taken off
    /// the board, which nobody wants again by a slip of the finger.
    pub fn of(commands: &[Command]) -> Option<Self> {
        let first = Self::one(commands.first()?)?;
        commands[1..].iter().all(|c| Self::one(c).as_ref() == Some(&first)).then_some(first)
    }

    fn one(command: &Command) -> Option<Self> {
        Some(match command.clone() {
            Command::Move { to, .. } => Self::Move(to),
            Command::Label { delta, .. } => Self::Label(delta),
            Command::Assign { delta, .. } => Self::Assign(delta),
            Command::SetMilestone { milestone, .. } => Self::Milestone(milestone),
            Command::SetField { field, value, .. } => Self::Field(field, value),
            _ => return None,
        })
    }

    /// The same, for another card.
    pub fn command(&self, card: CardId) -> Command {
        match self.clone() {
            Self::Move(to) => Command::Move { card, to, place: Place::Top },
            Self::Label(delta) => Command::Label { card, delta },
            Self::Assign(delta) => Command::Assign { card, delta },
            Self::Milestone(milestone) => Command::SetMilestone { card, milestone },
            Self::Field(field, value) => Command::SetField { card, field, value },
        }
    }
}
