//! How many cards a column may hold: work in progress is limited, so that what is begun is ended first. Pure; who
//! refuses is [`decide`](super::command::decide), and what comes from a platform is never refused.

use std::collections::BTreeMap;

use super::mapping::Status;

/// How many cards a column may hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Limit {
    /// The most cards.
    pub most: u32,
    /// Whether one more is refused; else it is only warned of.
    pub hard: bool,
}

/// The limits of a board's columns; a column without one is not here.
pub type Limits = BTreeMap<Status, Limit>;

impl Limit {
    /// Whether so many cards are more than it allows.
    pub fn is_over(self, cards: usize) -> bool {
        cards > self.most as usize
    }

    /// Whether one card more would be refused.
    pub fn refuses(self, cards: usize) -> bool {
        self.hard && cards >= self.most as usize
    }
}
