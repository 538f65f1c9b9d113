//! What a board is: cards, columns, links, commands and health. Pure: no IO, no clock, no wire format of any
//! platform.

pub mod board;
pub mod card;
pub mod command;
pub mod fields;
pub mod health;
pub mod link;
pub mod mapping;
pub mod remote;

pub use board::{Board, Column};
pub use card::{Card, CardId, Kind};
pub use command::{Change, Command, Reject, decide};
pub use fields::{Field, Fields};
pub use link::{ConnectionName, Link, LinkId, SyncStatus};
pub use mapping::{Status, StatusMapping, Target};
