//! The rows of the audit log: what was written, refused, decided or reconfigured, by whom, and what came of it. Pure.

use serde::Serialize;

use super::card::CardId;
use super::link::ConnectionName;
use crate::support::clock::Timestamp;

/// One row of the audit log.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct AuditRow {
    /// Its number, without gaps.
    pub seq: i64,
    /// When.
    pub at: Timestamp,
    /// Who: a person's login on this machine, or the connection.
    pub actor: String,
    /// What caused it: `local`, a connection's name, `mapping` or `rollback`.
    pub origin: String,
    /// On which connection.
    pub connection: Option<ConnectionName>,
    /// What was done: `create`, `update`, `comment`, `conflict`, `undo`, `mapping`, ..
    pub action: String,
    /// To what: `core#142`, or a card's short id.
    pub object: String,
    /// To which card.
    pub card: Option<CardId>,
    /// Field names, each with its value before and after.
    pub fields: serde_json::Value,
    /// `ok`, or the server's words.
    pub outcome: String,
    /// The platform's id of the request.
    pub request_id: Option<String>,
    /// The row's hash, which covers the row and the hash before it.
    pub hash: String,
}

/// Which rows of the audit log are wanted; what is `None` does not narrow.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct AuditFilter {
    /// Of this connection.
    pub connection: Option<ConnectionName>,
    /// Of this action.
    pub action: Option<String>,
    /// Of this card.
    pub card: Option<CardId>,
    /// That hold this text in object, outcome, actor or fields, without regard to case.
    pub text: Option<String>,
    /// Only what did not end with `ok`.
    pub troubled: bool,
    /// From this moment on.
    pub since: Option<Timestamp>,
    /// Before this moment.
    pub until: Option<Timestamp>,
}

/// What a check of the audit log found.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct AuditCheck {
    /// How many rows were checked.
    pub rows: u64,
    /// The last row's number and hash: kept elsewhere, they prove later that nothing before them was rewritten.
    pub head: Option<(i64, String)>,
    /// The first row that is not as it was written: its number, and what is wrong with it.
    pub broken: Option<(i64, String)>,
}
