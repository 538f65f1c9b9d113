//! The audit log: append-only, and a chain. Each row's hash covers the row and the hash before it, so that a row that
//! was changed, taken out or put in shows. Triggers refuse changes; `verify` finds those made behind them.

use rusqlite::{Connection, OptionalExtension, Row, ToSql, params};
use sha2::{Digest, Sha256};

use super::load::parse;
use super::{Db, Origin, Result, Tx};
use crate::domain::audit::{AuditCheck, AuditFilter, AuditRow};
use crate::domain::card::CardId;
use crate::domain::link::ConnectionName;
use crate::support::clock::Timestamp;

/// A row to be written to the audit log.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct AuditEntry {
    /// What was done: `create`, `update`, `comment`, `conflict`, `mapping`, ..
    pub action: &'static str,
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
}

/// Makes the log append-only from here on; retention may remove what lies behind the anchor.
const GUARDS: &str = "\
    CREATE TRIGGER audit_is_never_changed BEFORE UPDATE ON audit \
    BEGIN SELECT RAISE(ABORT, 'the audit log is append-only'); END; \
    CREATE TRIGGER audit_is_never_shortened BEFORE DELETE ON audit \
    WHEN OLD.seq > coalesce((SELECT seq FROM audit_anchor), 0) \
    BEGIN SELECT RAISE(ABORT, 'the audit log is append-only'); END;";

/// A row's columns, as they are hashed and read.
const COLUMNS: &str =
    "seq, at, actor, origin, connection, action, object, card_id, fields, outcome, request_id, hash";

/// A row as it is stored.
struct Stored {
    seq: i64,
    at: i64,
    actor: String,
    origin: String,
    connection: Option<String>,
    action: String,
    object: String,
    card: Option<String>,
    fields: String,
    outcome: String,
    request_id: Option<String>,
    hash: String,
}

impl Stored {
    fn read(row: &Row<'_>) -> rusqlite::Result<Self> {
        Ok(Self {
            seq: row.get(0)?,
            at: row.get(1)?,
            actor: row.get(2)?,
            origin: row.get(3)?,
            connection: row.get(4)?,
            action: row.get(5)?,
            object: row.get(6)?,
            card: row.get(7)?,
            fields: row.get(8)?,
            outcome: row.get(9)?,
            request_id: row.get(10)?,
            hash: row.get(11)?,
        })
    }

    /// The hash the row must have after one with the hash `before`.
    fn sealed_after(&self, before: &str) -> Result<String> {
        let whole = (
            before,
            self.seq,
            self.at,
            &self.actor,
            &self.origin,
            &self.connection,
            &self.action,
            &self.object,
            &self.card,
            &self.fields,
            &self.outcome,
            &self.request_id,
        );
        Ok(hex::encode(Sha256::digest(serde_json::to_string(&whole)?)))
    }

    fn told(self) -> Result<AuditRow> {
        Ok(AuditRow {
            seq: self.seq,
            at: Timestamp(self.at),
            actor: self.actor,
            origin: self.origin,
            connection: self.connection.map(ConnectionName::new),
            action: self.action,
            object: self.object,
            card: self.card.as_deref().map(parse).transpose()?,
            fields: serde_json::from_str(&self.fields)?,
            outcome: self.outcome,
            request_id: self.request_id,
            hash: self.hash,
        })
    }
}

/// Seals the rows that were written before the log was a chain, and makes it append-only.
pub(super) fn seal(conn: &Connection) -> Result<()> {
    let (mut last, mut before) = (0, String::new());
    loop {
        let page = page_after(conn, last)?;
        if page.is_empty() {
            break;
        }
        for row in page {
            (last, before) = (row.seq, row.sealed_after(&before)?);
            conn.execute("UPDATE audit SET hash = ?2 WHERE seq = ?1", params![last, before])?;
        }
    }
    conn.execute_batch(GUARDS)?;
    Ok(())
}

/// The next rows of the chain after the row `seq`, oldest first; none at its end.
fn page_after(conn: &Connection, seq: i64) -> Result<Vec<Stored>> {
    let mut query =
        conn.prepare_cached(&format!("SELECT {COLUMNS} FROM audit WHERE seq > ?1 ORDER BY seq LIMIT 1000"))?;
    let rows = query.query_map([seq], Stored::read)?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

/// The last row that retention removed, from whose hash the chain goes on.
fn anchor(conn: &Connection) -> Result<Option<(i64, String)>> {
    let mut query = conn.prepare_cached("SELECT seq, hash FROM audit_anchor")?;
    Ok(query.query_row([], |r| Ok((r.get(0)?, r.get(1)?))).optional()?)
}

impl Db {
    /// Writes a row of the audit log on its own.
    pub fn audit(
        &mut self,
        origin: &Origin,
        connection: Option<&ConnectionName>,
        entry: &AuditEntry,
    ) -> Result<()> {
        self.write(|tx| tx.audit(origin, connection, entry))
    }

    /// The newest rows that fit, newest first: at most `limit`, and only those before the row `before`.
    pub fn audit_page(
        &self,
        filter: &AuditFilter,
        before: Option<i64>,
        limit: usize,
    ) -> Result<Vec<AuditRow>> {
        self.audit_rows(filter, "seq < ?", before.unwrap_or(i64::MAX), "DESC", limit)
    }

    /// The oldest rows that fit, oldest first: at most `limit`, and only those after the row `after`. For an export,
    /// page by page.
    pub fn audit_after(&self, filter: &AuditFilter, after: i64, limit: usize) -> Result<Vec<AuditRow>> {
        self.audit_rows(filter, "seq > ?", after, "ASC", limit)
    }

    fn audit_rows(
        &self,
        filter: &AuditFilter,
        border: &str,
        seq: i64,
        order: &str,
        limit: usize,
    ) -> Result<Vec<AuditRow>> {
        let mut wanted: Vec<&str> = vec![border];
        let mut values: Vec<Box<dyn ToSql>> = vec![Box::new(seq)];
        let mut narrow = |sql: &'static str, value: Option<Box<dyn ToSql>>| {
            if let Some(value) = value {
                wanted.push(sql);
                values.push(value);
            }
        };
        let text = |t: &dyn std::fmt::Display| -> Box<dyn ToSql> { Box::new(t.to_string()) };
        narrow("connection = ?", filter.connection.as_ref().map(|c| text(c)));
        narrow("action = ?", filter.action.as_ref().map(|a| text(a)));
        narrow("card_id = ?", filter.card.as_ref().map(|c| text(c)));
        narrow("at >= ?", filter.since.map(|t| -> Box<dyn ToSql> { Box::new(t.0) }));
        narrow("at < ?", filter.until.map(|t| -> Box<dyn ToSql> { Box::new(t.0) }));
        narrow("outcome <> ?", filter.troubled.then(|| text(&"ok")));
        narrow(
            "instr(lower(object || ' ' || outcome || ' ' || actor || ' ' || fields), ?) > 0",
            filter.text.as_ref().map(|t| text(&t.to_lowercase())),
        );
        values.push(Box::new(limit as i64));
        let sql = format!(
            "SELECT {COLUMNS} FROM audit WHERE {} ORDER BY seq {order} LIMIT ?",
            wanted.join(" AND ")
        );
        let mut query = self.conn.prepare(&sql)?;
        let rows = query.query_map(rusqlite::params_from_iter(values), Stored::read)?;
        rows.map(|row| row.map_err(Into::into).and_then(Stored::told)).collect()
    }

    /// Checks the whole chain and names the first row that is not as it was written. `head`, a row's number and hash
    /// that were noted earlier, proves the rows up to it even against somebody who wrote the whole chain anew.
    pub fn audit_verify(&self, head: Option<(i64, &str)>) -> Result<AuditCheck> {
        let anchor = anchor(&self.conn)?;
        let forgotten = anchor.as_ref().map(|(seq, _)| *seq);
        let mut check = AuditCheck { rows: 0, forgotten, head: anchor.clone(), broken: None };
        if let (Some((seq, hash)), Some((noted, noted_hash))) = (&anchor, head)
            && *seq == noted
            && hash != noted_hash
        {
            check.broken = Some((noted, "it is another row than the one that was noted".to_owned()));
            return Ok(check);
        }
        let (mut last, mut before) = anchor.unwrap_or_default();
        loop {
            let page = page_after(&self.conn, last)?;
            if page.is_empty() {
                break;
            }
            for row in page {
                let wrong = match () {
                    () if row.seq != last + 1 => Some(format!("the rows from {} on are missing", last + 1)),
                    () if row.hash != row.sealed_after(&before)? => {
                        Some("it is not what was written: its hash does not fit".to_owned())
                    }
                    () if head.is_some_and(|(seq, hash)| seq == row.seq && hash != row.hash) => {
                        Some("it is another row than the one that was noted".to_owned())
                    }
                    () => None,
                };
                if let Some(wrong) = wrong {
                    check.broken = Some((row.seq.min(last + 1).max(1), wrong));
                    return Ok(check);
                }
                check.rows += 1;
                (last, before) = (row.seq, row.hash);
                check.head = Some((last, before.clone()));
            }
        }
        let written: i64 = self
            .conn
            .query_row("SELECT seq FROM sqlite_sequence WHERE name = 'audit'", [], |r| r.get(0))
            .optional()?
            .unwrap_or(0);
        let expected = written.max(head.map_or(0, |(seq, _)| seq));
        if last < expected {
            check.broken = Some((last + 1, "the rows from here on are missing".to_owned()));
        }
        Ok(check)
    }

    /// Removes the rows from before `until`, oldest first; the chain goes on from the last one removed, with a row that
    /// says how many went. Returns how many. Nothing is written when there is nothing to remove.
    pub fn audit_forget(&mut self, until: Timestamp) -> Result<usize> {
        if last_before(&self.conn, until)?.is_none() {
            return Ok(0);
        }
        self.write(|tx| {
            let Some((seq, hash)) = last_before(tx.conn, until)? else { return Ok(0) };
            tx.conn.execute(
                "INSERT INTO audit_anchor (id, seq, hash) VALUES (1, ?1, ?2) \
                 ON CONFLICT (id) DO UPDATE SET seq = ?1, hash = ?2",
                params![seq, hash],
            )?;
            let removed = tx.conn.execute("DELETE FROM audit WHERE seq <= ?1", [seq])?;
            let entry = AuditEntry {
                action: "retention",
                object: "audit log".into(),
                fields: serde_json::json!({ "rows": removed, "up_to": seq, "before": until.to_rfc3339() }),
                outcome: "ok".into(),
                ..AuditEntry::default()
            };
            tx.audit(&Origin::Local, None, &entry)?;
            Ok(removed)
        })
    }
}

/// The last row of the run at the log's beginning that is older than `until`. The newest row always stays: the chain
/// goes on from it.
fn last_before(conn: &Connection, until: Timestamp) -> Result<Option<(i64, String)>> {
    let mut query = conn.prepare_cached(
        "SELECT seq, hash FROM audit WHERE seq < \
           coalesce((SELECT seq FROM audit WHERE at >= ?1 ORDER BY seq LIMIT 1), (SELECT max(seq) FROM audit)) \
         ORDER BY seq DESC LIMIT 1",
    )?;
    Ok(query.query_row([until.0], |r| Ok((r.get(0)?, r.get(1)?))).optional()?)
}

impl Tx<'_> {
    /// Appends a row.
    pub fn audit(
        &self,
        origin: &Origin,
        connection: Option<&ConnectionName>,
        entry: &AuditEntry,
    ) -> Result<()> {
        let before: Option<(i64, String)> = self
            .conn
            .prepare_cached("SELECT seq, hash FROM audit ORDER BY seq DESC LIMIT 1")?
            .query_row([], |r| Ok((r.get(0)?, r.get(1)?)))
            .optional()?;
        let before = match before {
            Some(before) => Some(before),
            None => anchor(self.conn)?,
        };
        let (last, hash) = before.unwrap_or_default();
        let mut fields = entry.fields.clone();
        if !self.who.audit_bodies {
            redact_body(&mut fields);
        }
        let mut row = Stored {
            seq: last + 1,
            at: self.now.0,
            actor: match origin {
                Origin::Remote(name) => name.to_string(),
                _ => self.who.login.clone(),
            },
            origin: origin.as_str().to_owned(),
            connection: connection.map(ToString::to_string),
            action: entry.action.to_owned(),
            object: entry.object.clone(),
            card: entry.card.map(|c| c.to_string()),
            fields: if fields.is_null() { "{}".to_owned() } else { fields.to_string() },
            outcome: entry.outcome.clone(),
            request_id: entry.request_id.clone(),
            hash: String::new(),
        };
        row.hash = row.sealed_after(&hash)?;
        tracing::info!(
            connection = row.connection.as_deref(),
            action = row.action,
            object = row.object,
            request_id = row.request_id.as_deref(),
            outcome = row.outcome,
            "audited"
        );
        self.conn
            .prepare_cached(&format!(
                "INSERT INTO audit ({COLUMNS}) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12)"
            ))?
            .execute(params![
                row.seq,
                row.at,
                row.actor,
                row.origin,
                row.connection,
                row.action,
                row.object,
                row.card,
                row.fields,
                row.outcome,
                row.request_id,
                row.hash
            ])?;
        Ok(())
    }
}

/// Takes bodies out of a row's fields and leaves what proves which they were: length and the hash's beginning.
fn redact_body(fields: &mut serde_json::Value) {
    let Some(body) = fields.get_mut("body") else { return };
    match body {
        serde_json::Value::Object(sides) => sides.values_mut().for_each(redact_text),
        text => redact_text(text),
    }
}

fn redact_text(value: &mut serde_json::Value) {
    if let Some(text) = value.as_str() {
        let hash = hex::encode(Sha256::digest(text));
        *value = serde_json::json!({ "characters": text.chars().count(), "sha256": &hash[..16] });
    }
}
