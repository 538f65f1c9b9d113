//! The bulk guard: a large act of one person waits for a second word before any of it is sent.
//!
//! Rows that one commit or one mapping change queued share a number, the act. An act with more creates or more changes
//! than the connection allows is not claimed before somebody said go; what is edited once more singly has a new act.

use rusqlite::{Connection, OptionalExtension, params};

use super::load::parse;
use super::{Db, Result, Tx};
use crate::config::settings::Guards;
use crate::domain::card::CardId;
use crate::domain::link::{ConnectionName, LinkId};
use crate::support::text::clip;

/// The reason that stands beside what a person held back.
const HELD_BACK: &str = "held back by you; retry it, or edit the card, to send it";
/// How many cards a question names.
const NAMED: u32 = 5;
/// How much of a title stands for a card without a number.
const TITLE: usize = 40;

/// An act that is held up.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Bulk {
    act: i64,
    creates: u32,
    updates: u32,
}

/// The acts of which nothing may be claimed: too large and not let go, or asked about and without an answer.
pub(super) fn held(conn: &Connection, connection: &ConnectionName, guards: &Guards) -> Result<Vec<Bulk>> {
    let mut query = conn.prepare_cached(
        "SELECT o.act, sum(l.remote_id IS NULL) AS creates, sum(l.remote_id IS NOT NULL) AS updates FROM outbox o \
         CROSS JOIN feature_issue_links l ON l.id = o.link_id \
         WHERE l.connection = ?1 AND o.act IS NOT NULL AND o.parked = 0 GROUP BY o.act \
         HAVING NOT EXISTS (SELECT 1 FROM questions q WHERE q.connection = ?1 AND q.act = o.act AND q.answer = 'go') \
           AND (creates > ?2 OR updates > ?3 OR EXISTS \
             (SELECT 1 FROM questions q WHERE q.connection = ?1 AND q.act = o.act AND q.answer IS NULL))",
    )?;
    let rows = query
        .query_map(params![connection.as_str(), guards.bulk_creates, guards.bulk_updates], |r| {
            Ok(Bulk { act: r.get(0)?, creates: r.get(1)?, updates: r.get(2)? })
        })?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

/// The numbers of acts as a JSON list, for a query.
pub(super) fn acts(held: &[Bulk]) -> String {
    serde_json::json!(held.iter().map(|b| b.act).collect::<Vec<_>>()).to_string()
}

impl Db {
    /// Asks about every act that is held up and takes back questions whose act is gone. Writes nothing when there is
    /// nothing to ask.
    pub fn ask_about_bulk(&mut self, connection: &ConnectionName, guards: &Guards) -> Result<()> {
        let held = held(&self.conn, connection, guards)?;
        let open: Vec<i64> = self
            .conn
            .prepare_cached(
                "SELECT act FROM questions WHERE connection = ?1 AND kind IN ('creates', 'updates') \
                 AND answer IS NULL",
            )?
            .query_map([connection.as_str()], |r| r.get(0))?
            .collect::<rusqlite::Result<_>>()?;
        if open.iter().any(|act| !held.iter().any(|b| b.act == *act)) {
            self.write(|tx| {
                tx.conn.execute(
                    "DELETE FROM questions WHERE connection = ?1 AND kind IN ('creates', 'updates') \
                     AND answer IS NULL AND act NOT IN (SELECT value FROM json_each(?2))",
                    params![connection.as_str(), acts(&held)],
                )?;
                Ok(())
            })?;
        }
        for bulk in held.iter().filter(|b| !open.contains(&b.act)) {
            let kind = if bulk.creates > guards.bulk_creates { "creates" } else { "updates" };
            let cards = self.named(connection, bulk.act)?;
            let detail =
                serde_json::json!({ "creates": bulk.creates, "updates": bulk.updates, "cards": cards });
            self.ask(connection, kind, Some(bulk.act), &detail)?;
        }
        Ok(())
    }

    /// The first few cards of an act, as people call them.
    fn named(&self, connection: &ConnectionName, act: i64) -> Result<Vec<String>> {
        let mut query = self.conn.prepare_cached(
            "SELECT c.id, l.issue_number, c.title FROM outbox o CROSS JOIN feature_issue_links l ON l.id = o.link_id \
             JOIN cards c ON c.id = l.card_id WHERE l.connection = ?1 AND o.act = ?2 AND o.parked = 0 \
             ORDER BY o.queued_at, o.rowid LIMIT ?3",
        )?;
        let mut rows = query.query(params![connection.as_str(), act, NAMED])?;
        let mut out = Vec::new();
        while let Some(row) = rows.next()? {
            let card: CardId = parse(&row.get::<_, String>(0)?)?;
            out.push(match row.get::<_, Option<i64>>(1)? {
                Some(number) => card.key_on(connection, Some(number)),
                None => format!("\"{}\"", clip(&row.get::<_, String>(2)?, TITLE)),
            });
        }
        Ok(out)
    }
}

impl Tx<'_> {
    /// Sets aside what a person would not have sent: it is listed and can be retried.
    pub(super) fn hold_back(&self, connection: &ConnectionName, act: Option<i64>) -> Result<()> {
        let links: Vec<String> = self
            .conn
            .prepare_cached(
                "UPDATE outbox SET parked = 1, reason = ?3 WHERE act = ?2 AND parked = 0 \
                   AND link_id IN (SELECT id FROM feature_issue_links WHERE connection = ?1) RETURNING link_id",
            )?
            .query_map(params![connection.as_str(), act, HELD_BACK], |r| r.get(0))?
            .collect::<rusqlite::Result<_>>()?;
        for link in links {
            self.refresh_link(parse::<LinkId>(&link)?)?;
        }
        Ok(())
    }

    /// What was held back and is now retried is an act of its own: a large one asks again.
    pub(super) fn regroup_held_back(&self, connection: &ConnectionName, card: Option<&str>) -> Result<()> {
        const HELD: &str = "parked = 1 AND reason = ?3 AND link_id IN (SELECT id FROM feature_issue_links \
             WHERE connection = ?1 AND (?2 IS NULL OR card_id = ?2))";
        let any: Option<i64> = self
            .conn
            .query_row(
                &format!("SELECT 1 FROM outbox WHERE {HELD} LIMIT 1"),
                params![connection.as_str(), card, HELD_BACK],
                |r| r.get(0),
            )
            .optional()?;
        if any.is_some() {
            let act = self.next_touched()?;
            self.conn.execute(
                &format!("UPDATE outbox SET act = ?4 WHERE {HELD}"),
                params![connection.as_str(), card, HELD_BACK, act],
            )?;
        }
        Ok(())
    }
}
