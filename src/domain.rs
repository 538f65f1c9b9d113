//! What a board is: cards, columns, links, commands and health. Pure: no IO, no clock, no wire format of any
//! platform.

pub mod audit;
pub mod board;
pub mod card;
pub mod command;
pub mod conflict;
pub mod fields;
pub mod health;
pub mod history;
pub mod limit;
pub mod link;
pub mod mapping;
pub mod moves;
pub mod query;
pub mod quick;
pub mod remote;
pub mod twins;

pub use audit::{AuditCheck, AuditFilter, AuditRow};
pub use board::{Board, Column};
pub use card::{Card, CardId, Kind};
pub use command::{Change, Command, Reject, decide};
pub use conflict::{Choice, Conflict, Decided, Decision};
pub use fields::{Field, Fields, Value};
pub use history::{Version, VersionKind, What};
pub use link::{ConnectionName, Link, LinkId, SyncStatus};
pub use mapping::{Status, StatusMapping, Target};
pub use twins::{Difference, Reason, Twin};
