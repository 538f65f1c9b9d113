//! Links: what a transaction reads of them and writes to them; intents, conflicts and the audit log.

use rusqlite::{OptionalExtension, params};

use super::cards::{CardRow, text};
use super::load::parse;
use super::{Db, Origin, Result, Tx};
use crate::domain::card::CardId;
use crate::domain::fields::{Field, Fields, Value};
use crate::domain::link::{ConnectionName, LinkId};
use crate::domain::remote::RemoteItem;
use crate::support::clock::Timestamp;
use crate::sync::judge::{Known, Queue, Verdict};
use crate::sync::reconcile::{FieldConflict, Side};

/// A link as the engine works with it.
#[derive(Debug, Clone, PartialEq)]
pub struct LinkRow {
    /// The link.
    pub id: LinkId,
    /// Its card.
    pub card: CardId,
    /// The item as it was last seen, without its body; `None` before it was created.
    pub remote: Option<RemoteItem>,
    /// The local side.
    pub known: Known,
    /// The card's revision now.
    pub revision: i64,
}

impl LinkRow {
    /// What people and the audit log call it: `core#142` once the item exists there, else the card's short id.
    pub fn key(&self, connection: &ConnectionName) -> String {
        self.card.key_on(connection, self.remote.as_ref().map(|r| r.at.number))
    }
}

/// A create that was sent and is not yet known to have arrived; or, of an item that exists, a write that replaced all
/// its labels and is not yet known to have left everybody's edits as they were.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Intent {
    /// When it was first sent, by the server's clock; for a write, the item's last change as it was read before.
    pub server_since: Timestamp,
    /// When it was last sent, by ours.
    pub started_at: Timestamp,
    /// How often it was looked for since and not found.
    pub lookups: u32,
}

/// A row of the audit log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AuditEntry {
    /// What was done: `create`, `update`, `comment`, `conflict`, `mapping`, ..
    pub action: &'static str,
    /// To what: `core#142`, or a card's short id.
    pub object: String,
    /// Field names and what became of them.
    pub fields: serde_json::Value,
    /// `ok`, or the server's words.
    pub outcome: String,
    /// The platform's id of the request.
    pub request_id: Option<String>,
}

/// A conflict as it is kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ConflictRow {
    /// On which connection.
    pub connection: ConnectionName,
    /// Which field.
    pub field: Field,
    /// The value here.
    pub local: Value,
    /// The value there.
    pub remote: Value,
    /// Who won.
    pub winner: Option<Side>,
    /// When it was found.
    pub found_at: Timestamp,
}

impl Db {
    /// A card's conflicts, newest first: those that wait, and those a policy or a person decided. Of one that ended
    /// by itself, since both sides became alike, nothing was lost and nothing is told.
    pub fn conflicts_of(&self, card: CardId) -> Result<Vec<ConflictRow>> {
        let mut query = self.conn.prepare_cached(
            "SELECT l.connection, k.field, k.local, k.remote, k.winner, k.found_at FROM conflicts k \
             JOIN feature_issue_links l ON l.id = k.link_id WHERE l.card_id = ?1 \
               AND (k.resolved_at IS NULL OR k.winner IS NOT NULL) ORDER BY k.id DESC LIMIT 50",
        )?;
        let mut rows = query.query([card.to_string()])?;
        let mut out = Vec::new();
        while let Some(row) = rows.next()? {
            let winner: Option<String> = row.get(4)?;
            out.push(ConflictRow {
                connection: ConnectionName::new(row.get::<_, String>(0)?),
                field: parse(&row.get::<_, String>(1)?)?,
                local: serde_json::from_str(&row.get::<_, String>(2)?)?,
                remote: serde_json::from_str(&row.get::<_, String>(3)?)?,
                winner: winner.map(|w| if w == "local" { Side::Local } else { Side::Remote }),
                found_at: Timestamp(row.get(5)?),
            });
        }
        Ok(out)
    }

    /// The items a card is linked to, as last seen, without their bodies.
    pub fn remotes_of(&self, card: CardId) -> Result<Vec<(LinkId, RemoteItem)>> {
        let mut query = self.conn.prepare_cached(
            "SELECT l.id, s.remote FROM feature_issue_links l JOIN link_sides s ON s.link_id = l.id \
             WHERE l.card_id = ?1 AND s.remote IS NOT NULL ORDER BY l.connection",
        )?;
        let mut rows = query.query([card.to_string()])?;
        let mut out = Vec::new();
        while let Some(row) = rows.next()? {
            out.push((parse(&row.get::<_, String>(0)?)?, serde_json::from_str(&row.get::<_, String>(1)?)?));
        }
        Ok(out)
    }

    /// How many conflicts of a connection wait for a decision.
    pub fn open_conflicts(&self, connection: &ConnectionName) -> Result<u32> {
        Ok(self
            .conn
            .prepare_cached(
                "SELECT count(*) FROM conflicts k CROSS JOIN feature_issue_links l ON l.id = k.link_id \
                 WHERE l.connection = ?1 AND k.resolved_at IS NULL",
            )?
            .query_row([connection.as_str()], |r| r.get(0))?)
    }

    /// Writes a row of the audit log on its own.
    pub fn audit(
        &mut self,
        origin: &Origin,
        connection: Option<&ConnectionName>,
        entry: &AuditEntry,
    ) -> Result<()> {
        self.write(|tx| tx.audit(origin, connection, entry))
    }

    /// The audit log of a connection, oldest first: action, object, outcome.
    pub fn audit_rows(&self, connection: &ConnectionName) -> Result<Vec<(String, String, String)>> {
        let mut query = self
            .conn
            .prepare_cached("SELECT action, object, outcome FROM audit WHERE connection = ?1 ORDER BY seq")?;
        let rows = query.query_map([connection.as_str()], |r| Ok((r.get(0)?, r.get(1)?, r.get(2)?)))?;
        Ok(rows.collect::<rusqlite::Result<_>>()?)
    }

    /// Decides an open conflict: `Local` sends the card's value, `Remote` takes the platform's. Returns whether
    /// there was one.
    pub fn resolve(
        &mut self,
        card: CardId,
        connection: &ConnectionName,
        field: Field,
        side: Side,
    ) -> Result<bool> {
        self.write(|tx| {
            let found: Option<(i64, String, String)> = tx
                .conn
                .query_row(
                    "SELECT k.id, k.link_id, k.remote FROM conflicts k JOIN feature_issue_links l ON l.id = k.link_id \
                     WHERE l.card_id = ?1 AND l.connection = ?2 AND k.field = ?3 AND k.resolved_at IS NULL",
                    params![card.to_string(), connection.as_str(), field.as_str()],
                    |r| Ok((r.get(0)?, r.get(1)?, r.get(2)?)),
                )
                .optional()?;
            let Some((id, link, remote)) = found else { return Ok(false) };
            let link: LinkId = parse(&link)?;
            let remote: Value = serde_json::from_str(&remote)?;
            let (Some(row), Some(base)) = (tx.card_row(card)?, tx.link_row(link)?.and_then(|l| l.known.base)) else {
                return Ok(false);
            };
            let theirs = with_value(&base, field, &remote);
            tx.set_base(link, &theirs)?;
            tx.conn.execute(
                "UPDATE conflicts SET resolved_at = ?2, winner = ?3 WHERE id = ?1",
                params![id, tx.now.0, if side == Side::Local { "local" } else { "remote" }],
            )?;
            if side == Side::Remote {
                let mut to = row.fields.clone();
                to.take(field, &theirs);
                tx.set_fields(card, &row, &to, &Origin::Remote(connection.clone()), tx.now)?;
            } else {
                let revision = tx.mark_edited(card, &row, &[field])?;
                tx.queue(link, revision)?;
            }
            tx.audit(&Origin::Local, Some(connection), &AuditEntry {
                action: "conflict",
                object: card.short(),
                fields: serde_json::json!({ field.as_str(): side }),
                outcome: "ok".into(),
                request_id: None,
            })?;
            tx.refresh_status(link, card)?;
            Ok(true)
        })
    }
}

/// The item as it is kept: without its body, which is in the base.
fn seen(remote: &RemoteItem) -> Result<String> {
    let seen = RemoteItem { body: String::new(), ..remote.clone() };
    Ok(serde_json::to_string(&seen)?)
}

fn with_value(base: &Fields, field: Field, value: &Value) -> Fields {
    let mut out = base.clone();
    match (field, value) {
        (Field::Title, Value::Text(t)) => out.title.clone_from(t),
        (Field::Body, Value::Text(t)) => out.body.clone_from(t),
        (Field::Status, Value::Text(t)) => {
            out.status = crate::domain::mapping::Status::new(t.clone());
        }
        (Field::Labels, Value::Set(s)) => out.labels.clone_from(s),
        (Field::Assignees, Value::Set(s)) => out.assignees.clone_from(s),
        (Field::Milestone, Value::None) => out.milestone = None,
        (Field::Milestone, Value::Text(t)) => out.milestone = Some(t.clone()),
        _ => {}
    }
    out
}

impl Tx<'_> {
    pub fn links_of(&self, card: CardId) -> Result<Vec<(LinkId, ConnectionName)>> {
        let mut query = self.conn.prepare_cached(
            "SELECT id, connection FROM feature_issue_links WHERE card_id = ?1 ORDER BY connection",
        )?;
        let mut rows = query.query([card.to_string()])?;
        let mut out = Vec::new();
        while let Some(row) = rows.next()? {
            out.push((parse(&row.get::<_, String>(0)?)?, ConnectionName::new(row.get::<_, String>(1)?)));
        }
        Ok(out)
    }

    /// The link with everything its judgement needs.
    pub fn link_row(&self, link: LinkId) -> Result<Option<LinkRow>> {
        let mut query = self.conn.prepare_cached(
            "SELECT l.card_id, s.base, s.remote FROM feature_issue_links l LEFT JOIN link_sides s \
                 ON s.link_id = l.id WHERE l.id = ?1",
        )?;
        let mut rows = query.query([link.to_string()])?;
        let Some(row) = rows.next()? else { return Ok(None) };
        let card: CardId = parse(&row.get::<_, String>(0)?)?;
        let base: Option<String> = row.get(1)?;
        let remote: Option<String> = row.get(2)?;
        let Some(CardRow { fields, edited, revision, archived, .. }) = self.card_row(card)? else {
            return Ok(None);
        };
        let known = Known {
            base: base.map(|b| serde_json::from_str(&b)).transpose()?,
            card: fields,
            edited,
            archived,
            open_conflicts: self.open_fields(link)?,
        };
        let remote = remote.map(|r| serde_json::from_str(&r)).transpose()?;
        Ok(Some(LinkRow { id: link, card, remote, known, revision }))
    }

    fn open_fields(&self, link: LinkId) -> Result<Vec<Field>> {
        let mut query = self
            .conn
            .prepare_cached("SELECT field FROM conflicts WHERE link_id = ?1 AND resolved_at IS NULL")?;
        let rows = query.query_map([link.to_string()], |r| r.get::<_, String>(0))?;
        rows.map(|f| parse(&f?)).collect()
    }

    /// Writes a verdict down. `revision` guards the queue: an edit made after it stays queued.
    pub fn record(
        &self,
        link: &LinkRow,
        verdict: &Verdict,
        remote: &RemoteItem,
        origin: &Origin,
        revision: i64,
    ) -> Result<()> {
        if let Some(to) = &verdict.card
            && let Some(row) = self.card_row(link.card)?
        {
            let changed = self.set_fields(link.card, &row, to, origin, remote.updated_at)?;
            if !changed.is_empty() {
                self.queue_others(link)?;
            }
            if changed.contains(&Field::Milestone) {
                let both = [&row.fields.milestone, &to.milestone];
                self.recount_milestones(both.into_iter().flatten().map(String::as_str))?;
            }
        }
        if let Some(base) = &verdict.base {
            self.set_base(link.id, base)?;
        }
        self.set_remote(link.id, remote, verdict.mapped)?;
        self.note_conflicts(link.id, &verdict.conflicts)?;
        match verdict.queue {
            Queue::Settled => {
                self.conn
                    .prepare_cached(
                        "DELETE FROM outbox WHERE link_id = ?1 AND revision <= ?2 \
                         AND NOT EXISTS (SELECT 1 FROM intents WHERE link_id = ?1)",
                    )?
                    .execute(params![link.id.to_string(), revision])?;
            }
            Queue::Needed => self.need(link)?,
        }
        self.refresh_status(link.id, link.card)
    }

    /// Puts a link into the outbox unless it is there: what is in it stays as it is.
    pub fn need(&self, link: &LinkRow) -> Result<()> {
        self.conn
            .prepare_cached(
                "INSERT INTO outbox (link_id, revision, queued_at) VALUES (?1, ?2, ?3) \
                 ON CONFLICT (link_id) DO NOTHING",
            )?
            .execute(params![link.id.to_string(), link.revision, self.now.0])?;
        Ok(())
    }

    /// Queues the card for its other links that send: what came from one platform is to reach the others.
    pub fn queue_others(&self, from: &LinkRow) -> Result<()> {
        let others: Vec<String> = self
            .conn
            .prepare_cached(
                "SELECT l.id FROM feature_issue_links l JOIN git_integration_config g ON g.name = l.connection \
                 WHERE l.card_id = ?1 AND l.id <> ?2 AND g.mapping <> '' AND json_extract(g.mapping, '$.pushes')",
            )?
            .query_map([from.card.to_string(), from.id.to_string()], |r| r.get(0))?
            .collect::<rusqlite::Result<_>>()?;
        for other in others {
            let other: LinkId = parse(&other)?;
            self.queue(other, from.revision)?;
            self.refresh_status(other, from.card)?;
        }
        Ok(())
    }

    pub fn set_base(&self, link: LinkId, base: &Fields) -> Result<()> {
        self.conn
            .prepare_cached(
                "INSERT INTO link_sides (link_id, base) VALUES (?1, ?2) ON CONFLICT (link_id) DO UPDATE SET base = ?2",
            )?
            .execute(params![link.to_string(), serde_json::to_string(base)?])?;
        Ok(())
    }

    /// Keeps both sides of a link that was made with its item known.
    pub fn insert_sides(&self, link: LinkId, base: &Fields, remote: &RemoteItem) -> Result<()> {
        self.conn
            .prepare_cached("INSERT INTO link_sides (link_id, base, remote) VALUES (?1, ?2, ?3)")?
            .execute(params![link.to_string(), serde_json::to_string(base)?, seen(remote)?])?;
        Ok(())
    }

    /// Keeps the item as last seen (its body is in the base) and where it is.
    pub fn set_remote(&self, link: LinkId, remote: &RemoteItem, mapped: bool) -> Result<()> {
        self.conn
            .prepare_cached(
                "INSERT INTO link_sides (link_id, remote) VALUES (?1, ?2) \
                 ON CONFLICT (link_id) DO UPDATE SET remote = ?2",
            )?
            .execute(params![link.to_string(), seen(remote)?])?;
        self.conn
            .prepare_cached(
                "UPDATE feature_issue_links SET remote_id = ?2, issue_number = ?3, issue_url = ?4, \
                 repository = ?5, mapped = ?6, last_synced = ?7 WHERE id = ?1",
            )?
            .execute(params![
                link.to_string(),
                remote.at.id,
                remote.at.number as i64,
                remote.url,
                remote.at.repository,
                mapped,
                self.now.to_rfc3339()
            ])?;
        Ok(())
    }

    /// Notes conflicts; an open one about which there is no question any more is closed.
    fn note_conflicts(&self, link: LinkId, conflicts: &[FieldConflict]) -> Result<()> {
        for field in self.open_fields(link)? {
            if !conflicts.iter().any(|c| c.field == field && c.winner.is_none()) {
                self.conn.execute(
                    "UPDATE conflicts SET resolved_at = ?3 WHERE link_id = ?1 AND field = ?2 AND resolved_at IS NULL",
                    params![link.to_string(), field.as_str(), self.now.0],
                )?;
            }
        }
        for c in conflicts {
            self.audit_conflict(link, c)?;
            let winner = c.winner.map(|w| if w == Side::Local { "local" } else { "remote" });
            let base = c.base.as_ref().map(text).transpose()?.flatten();
            self.conn.execute(
                "INSERT INTO conflicts (link_id, field, base, local, remote, winner, found_at, resolved_at) \
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8) \
                 ON CONFLICT (link_id, field) WHERE resolved_at IS NULL DO UPDATE SET local = ?4, remote = ?5",
                params![
                    link.to_string(),
                    c.field.as_str(),
                    base,
                    serde_json::to_string(&c.local)?,
                    serde_json::to_string(&c.remote)?,
                    winner,
                    self.now.0,
                    winner.map(|_| self.now.0)
                ],
            )?;
        }
        Ok(())
    }

    /// Writes into the audit log that a conflict was found, and how it was decided; one that waits is told once.
    fn audit_conflict(&self, link: LinkId, c: &FieldConflict) -> Result<()> {
        if c.winner.is_none() && self.open_fields(link)?.contains(&c.field) {
            return Ok(());
        }
        let found: Option<(String, Option<i64>, String)> = self
            .conn
            .prepare_cached(
                "SELECT connection, issue_number, card_id FROM feature_issue_links WHERE id = ?1",
            )?
            .query_row([link.to_string()], |r| Ok((r.get(0)?, r.get(1)?, r.get(2)?)))
            .optional()?;
        let Some((connection, number, card)) = found else { return Ok(()) };
        let card: CardId = parse(&card)?;
        let entry = AuditEntry {
            action: "conflict",
            object: card.key_on(&connection, number),
            fields: serde_json::json!({ c.field.as_str(): { "winner": c.winner } }),
            outcome: match c.winner {
                Some(Side::Local) => "decided: the value here stays".into(),
                Some(Side::Remote) => "decided: the value there stays".into(),
                None => "waits for a decision".into(),
            },
            request_id: None,
        };
        let name = ConnectionName::new(connection);
        self.audit(&Origin::Remote(name.clone()), Some(&name), &entry)
    }

    /// Works the link's status out from what is queued and what is open, and makes the board look again.
    pub fn refresh_status(&self, link: LinkId, card: CardId) -> Result<()> {
        self.conn
            .prepare_cached(
                "UPDATE feature_issue_links SET sync_status = CASE \
                   WHEN EXISTS (SELECT 1 FROM conflicts WHERE link_id = ?1 AND resolved_at IS NULL) THEN 'manual' \
                   WHEN EXISTS (SELECT 1 FROM outbox WHERE link_id = ?1 AND parked = 1) \
                     OR EXISTS (SELECT 1 FROM deliveries WHERE link_id = ?1 AND parked = 1) THEN 'failed' \
                   WHEN EXISTS (SELECT 1 FROM outbox WHERE link_id = ?1) \
                     OR EXISTS (SELECT 1 FROM deliveries WHERE link_id = ?1) THEN 'pending' \
                   ELSE 'synced' END, \
                 note = CASE \
                   WHEN EXISTS (SELECT 1 FROM conflicts WHERE link_id = ?1 AND resolved_at IS NULL) \
                     THEN 'changed on both sides: choose which value stays' \
                   ELSE coalesce((SELECT reason FROM outbox WHERE link_id = ?1), \
                     (SELECT reason FROM deliveries WHERE link_id = ?1 AND reason IS NOT NULL LIMIT 1), \
                     CASE WHEN mapped = 0 THEN 'its state there is not in the status mapping' END) END \
                 WHERE id = ?1",
            )?
            .execute([link.to_string()])?;
        self.touch(card)
    }

    pub fn audit(
        &self,
        origin: &Origin,
        connection: Option<&ConnectionName>,
        entry: &AuditEntry,
    ) -> Result<()> {
        self.conn
            .prepare_cached(
                "INSERT INTO audit (at, origin, connection, action, object, fields, outcome, request_id) \
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
            )?
            .execute(params![
                self.now.0,
                origin.as_str(),
                connection.map(ConnectionName::as_str),
                entry.action,
                entry.object,
                entry.fields.to_string(),
                entry.outcome,
                entry.request_id
            ])?;
        Ok(())
    }
}
