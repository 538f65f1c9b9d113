//! What connections ask a person before they go on, and the answers.

use rusqlite::{OptionalExtension, params};

use super::asks::Ask;
use super::{AuditEntry, Db, Origin, Result, Tx};
use crate::domain::link::ConnectionName;
use crate::support::clock::Timestamp;

/// A question as it is kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Asked {
    /// Its number.
    pub id: i64,
    /// What it is about, in one word.
    pub kind: String,
    /// The act whose changes it is about.
    pub act: Option<i64>,
    /// What was found, as whoever asked wrote it down.
    pub detail: serde_json::Value,
    /// When it was asked.
    pub asked_at: Timestamp,
    /// Whether to go on; `None` while nobody has answered.
    pub go: Option<bool>,
    /// When it was answered.
    pub answered_at: Option<Timestamp>,
}

/// What makes the whole connection wait for the answer.
const STOPPING: [&str; 3] = ["different", "empty", "vanished"];

impl Asked {
    /// Whether the whole connection waits for the answer, or what it does after it.
    pub fn stops_connection(&self) -> bool {
        STOPPING.contains(&self.kind.as_str())
    }
}

impl Db {
    /// Asks once: the same question about the same act is not asked again while it is open. Returns its number.
    pub fn ask(
        &mut self,
        connection: &ConnectionName,
        kind: &str,
        act: Option<i64>,
        detail: &serde_json::Value,
    ) -> Result<i64> {
        self.write(|tx| {
            let open: Option<i64> = tx
                .conn
                .query_row(
                    "SELECT id FROM questions WHERE connection = ?1 AND kind = ?2 AND act IS ?3 AND answer IS NULL",
                    params![connection.as_str(), kind, act],
                    |r| r.get(0),
                )
                .optional()?;
            if let Some(id) = open {
                return Ok(id);
            }
            tx.conn.execute(
                "INSERT INTO questions (connection, kind, act, detail, asked_at) VALUES (?1, ?2, ?3, ?4, ?5)",
                params![connection.as_str(), kind, act, detail.to_string(), tx.now.0],
            )?;
            Ok(tx.conn.last_insert_rowid())
        })
    }

    /// The last question of each kind and act that a connection asked, newest first.
    pub fn questions(&self, connection: &ConnectionName) -> Result<Vec<Asked>> {
        let mut query = self.conn.prepare_cached(
            "SELECT max(id), kind, act, detail, asked_at, answer, answered_at FROM questions WHERE connection = ?1 \
             GROUP BY kind, act ORDER BY 1 DESC",
        )?;
        let mut rows = query.query([connection.as_str()])?;
        let mut out = Vec::new();
        while let Some(row) = rows.next()? {
            out.push(Asked {
                id: row.get(0)?,
                kind: row.get(1)?,
                act: row.get(2)?,
                detail: serde_json::from_str(&row.get::<_, String>(3)?)?,
                asked_at: Timestamp(row.get(4)?),
                go: row.get::<_, Option<String>>(5)?.map(|answer| answer == "go"),
                answered_at: row.get::<_, Option<i64>>(6)?.map(Timestamp),
            });
        }
        Ok(out)
    }

    /// Keeps a person's answer; it is a row of the audit log. Returns whether the question was open.
    pub fn answer(&mut self, question: i64, go: bool) -> Result<bool> {
        self.write(|tx| {
            let answer = if go { "go" } else { "stop" };
            let asked: Option<(String, String, String, Option<i64>)> = tx
                .conn
                .query_row(
                    "UPDATE questions SET answer = ?2, answered_at = ?3 WHERE id = ?1 AND answer IS NULL \
                     RETURNING connection, kind, detail, act",
                    params![question, answer, tx.now.0],
                    |r| Ok((r.get(0)?, r.get(1)?, r.get(2)?, r.get(3)?)),
                )
                .optional()?;
            let Some((connection, kind, detail, act)) = asked else { return Ok(false) };
            let entry = AuditEntry {
                action: "answer",
                object: connection.clone(),
                fields: serde_json::json!({ "answer": answer, "question": kind, "detail": serde_json::from_str::<serde_json::Value>(&detail)? }),
                outcome: "ok".into(),
                ..AuditEntry::default()
            };
            let connection = ConnectionName::new(connection);
            tx.audit(&Origin::Local, Some(&connection), &entry)?;
            tx.follow(&connection, &kind, act, &detail, go)?;
            Ok(true)
        })
    }
}

impl Tx<'_> {
    /// Does what an answer means for the rows; the connection does the rest when it wakes.
    fn follow(
        &self,
        connection: &ConnectionName,
        kind: &str,
        act: Option<i64>,
        detail: &str,
        go: bool,
    ) -> Result<()> {
        match (kind, go) {
            ("creates" | "updates", true) => Ok(()),
            ("creates" | "updates", false) => self.hold_back(connection, act),
            ("different", true) => {
                let found =
                    serde_json::from_str::<serde_json::Value>(detail)?["found"].as_str().map(str::to_owned);
                self.set_home(connection, found.as_deref())?;
                self.note_ask(connection, Ask::Census)
            }
            (_, true) => self.note_ask(connection, Ask::Census),
            (_, false) => {
                self.conn.execute(
                    "UPDATE git_integration_config SET auto_sync_enabled = 0 WHERE name = ?1",
                    [connection.as_str()],
                )?;
                Ok(())
            }
        }
    }
}
