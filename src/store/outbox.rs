//! The outbox: what waits to be sent, claimed by lease, acknowledged by revision.
//!
//! Its joins are `CROSS JOIN`s, which SQLite does not reorder: few rows wait, and a connection has thousands of links.

use rusqlite::{OptionalExtension, params};

use super::bulk;
use super::load::parse;
use super::{AuditEntry, Db, Intent, LinkRow, Origin, Result, Tx};
use crate::config::settings::Guards;
use crate::domain::card::CardId;
use crate::domain::fields::{Field, Fields};
use crate::domain::link::{ConnectionName, LinkId};
use crate::domain::moves::Given;
use crate::domain::remote::RemoteItem;
use crate::support::clock::Timestamp;
use crate::sync::judge::{Known, Verdict};

/// How long a claim lasts: longer than any request may take.
const LEASE_MS: i64 = 120_000;

/// A claimed row.
#[derive(Debug, Clone, PartialEq)]
pub struct Item {
    /// The link and both its sides.
    pub link: LinkRow,
    /// The revision that was queued.
    pub revision: i64,
    /// How often it failed.
    pub attempts: u32,
    /// A create that was sent before; or, of an item that exists, a write that replaced its labels. Neither has an answer.
    pub intent: Option<Intent>,
}

/// What is to be sent of a claimed row.
#[derive(Debug, Clone, PartialEq)]
pub struct Prepared {
    /// What became of the link.
    pub verdict: Verdict,
    /// The card's revision it was worked out from.
    pub revision: i64,
    /// What a person gave for fields that the platform wants with the move.
    pub given: Given,
}

/// A row that waits for a person.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Parked {
    /// The card.
    pub card: CardId,
    /// `core#142` or the card's short id.
    pub key: String,
    /// The card's title.
    pub title: String,
    /// Why.
    pub reason: String,
    /// How often it was tried.
    pub attempts: u32,
    /// Since when it waits.
    pub since: Timestamp,
}

impl Db {
    /// Claims the oldest row of `connection` that is due and that no large act holds up.
    pub fn claim(
        &mut self,
        connection: &ConnectionName,
        owner: &str,
        guards: &Guards,
    ) -> Result<Option<Item>> {
        self.write(|tx| {
            let held = bulk::held(tx.conn, connection, guards)?;
            let found: Option<(String, i64, u32)> = tx
                .conn
                .prepare_cached(
                    "SELECT o.link_id, o.revision, o.attempts FROM outbox o \
                     CROSS JOIN feature_issue_links l ON l.id = o.link_id \
                     WHERE l.connection = ?1 AND o.parked = 0 AND o.next_attempt_at <= ?2 \
                       AND (o.lease_until IS NULL OR o.lease_until <= ?2) \
                       AND (o.act IS NULL OR o.act NOT IN (SELECT value FROM json_each(?3))) \
                     ORDER BY o.queued_at, o.rowid LIMIT 1",
                )?
                .query_row(params![connection.as_str(), tx.now.0, bulk::acts(&held)], |r| {
                    Ok((r.get(0)?, r.get(1)?, r.get(2)?))
                })
                .optional()?;
            let Some((link, revision, attempts)) = found else { return Ok(None) };
            tx.conn
                .prepare_cached("UPDATE outbox SET lease_owner = ?2, lease_until = ?3 WHERE link_id = ?1")?
                .execute(params![link, owner, tx.now.plus_ms(LEASE_MS).0])?;
            let id: LinkId = parse(&link)?;
            let Some(link) = tx.link_row(id)? else { return Ok(None) };
            tx.touch(link.card)?;
            let intent = tx.intent(id)?;
            Ok(Some(Item { link, revision, attempts, intent }))
        })
    }

    /// Gives every claim of a connection back: what a process that died left behind.
    pub fn heal(&mut self, connection: &ConnectionName) -> Result<()> {
        self.write(|tx| {
            for (link, card) in tx.leased(connection)? {
                tx.release(link)?;
                tx.touch(card)?;
            }
            Ok(())
        })
    }

    /// When something of `connection` is next due: now or later; `None` when nothing waits but for a person.
    pub fn next_due(&self, connection: &ConnectionName, guards: &Guards) -> Result<Option<Timestamp>> {
        let held = bulk::held(&self.conn, connection, guards)?;
        let at: Option<i64> = self
            .conn
            .prepare_cached(
                "SELECT min(at) FROM (\
                   SELECT max(o.next_attempt_at, coalesce(o.lease_until, 0)) AS at FROM outbox o \
                     CROSS JOIN feature_issue_links l ON l.id = o.link_id WHERE l.connection = ?1 AND o.parked = 0 \
                     AND (o.act IS NULL OR o.act NOT IN (SELECT value FROM json_each(?2))) \
                   UNION ALL \
                   SELECT d.next_attempt_at FROM deliveries d CROSS JOIN feature_issue_links l ON l.id = d.link_id \
                     WHERE l.connection = ?1 AND d.parked = 0 AND l.remote_id IS NOT NULL)",
            )?
            .query_row(params![connection.as_str(), bulk::acts(&held)], |r| r.get(0))?;
        Ok(at.map(Timestamp))
    }

    /// Since when the oldest change or comment waits.
    pub fn oldest_unsent(&self, connection: &ConnectionName) -> Result<Option<Timestamp>> {
        let at: Option<i64> = self
            .conn
            .prepare_cached(
                "SELECT min(at) FROM (SELECT o.queued_at AS at FROM outbox o \
                   CROSS JOIN feature_issue_links l ON l.id = o.link_id WHERE l.connection = ?1 \
                 UNION ALL SELECT d.queued_at FROM deliveries d CROSS JOIN feature_issue_links l ON l.id = d.link_id \
                   WHERE l.connection = ?1)",
            )?
            .query_row([connection.as_str()], |r| r.get(0))?;
        Ok(at.map(Timestamp))
    }

    /// How many changes and comments wait, parked ones too.
    pub fn unsent(&self, connection: &ConnectionName) -> Result<u32> {
        Ok(self
            .conn
            .prepare_cached(
                "SELECT (SELECT count(*) FROM outbox o CROSS JOIN feature_issue_links l ON l.id = o.link_id \
                 WHERE l.connection = ?1) + (SELECT count(*) FROM deliveries d \
                 CROSS JOIN feature_issue_links l ON l.id = d.link_id WHERE l.connection = ?1)",
            )?
            .query_row([connection.as_str()], |r| r.get(0))?)
    }

    /// What a person must look at, and how many there are.
    pub fn parked(&self, connection: &ConnectionName, limit: usize) -> Result<(Vec<Parked>, u32)> {
        const PARKED: &str = "FROM (SELECT link_id, reason, queued_at, attempts FROM outbox WHERE parked = 1 \
             UNION ALL SELECT link_id, reason, queued_at, attempts FROM deliveries WHERE parked = 1) p \
             CROSS JOIN feature_issue_links l ON l.id = p.link_id JOIN cards c ON c.id = l.card_id WHERE l.connection = ?1";
        let total = self
            .conn
            .prepare_cached(&format!("SELECT count(*) {PARKED}"))?
            .query_row([connection.as_str()], |r| r.get(0))?;
        let mut query = self.conn.prepare_cached(&format!(
            "SELECT c.id, l.issue_number, c.title, p.reason, p.attempts, p.queued_at {PARKED} ORDER BY p.queued_at LIMIT ?2"
        ))?;
        let mut rows = query.query(params![connection.as_str(), limit as i64])?;
        let mut out = Vec::new();
        while let Some(row) = rows.next()? {
            let card: CardId = parse(&row.get::<_, String>(0)?)?;
            let number: Option<i64> = row.get(1)?;
            out.push(Parked {
                card,
                key: card.key_on(connection, number),
                title: row.get(2)?,
                reason: row.get::<_, Option<String>>(3)?.unwrap_or_default(),
                attempts: row.get(4)?,
                since: Timestamp(row.get(5)?),
            });
        }
        Ok((out, total))
    }

    /// Takes parked rows up again, and forgets waiting times: all of the connection, or one card's.
    pub fn retry(&mut self, connection: &ConnectionName, card: Option<CardId>) -> Result<()> {
        self.write(|tx| {
            let card = card.map(|c| c.to_string());
            tx.regroup_held_back(connection, card.as_deref())?;
            for (table, more) in [("outbox", ", asks = NULL"), ("deliveries", "")] {
                tx.conn.execute(
                    &format!(
                        "UPDATE {table} SET parked = 0, next_attempt_at = 0, reason = NULL{more} WHERE link_id IN \
                         (SELECT id FROM feature_issue_links WHERE connection = ?1 AND (?2 IS NULL OR card_id = ?2))"
                    ),
                    params![connection.as_str(), card],
                )?;
            }
            // What was set aside because its item is gone is looked at again: only that tells whether it is back.
            tx.conn.execute(
                "INSERT INTO outbox (link_id, revision, queued_at) SELECT l.id, c.revision, ?3 \
                 FROM feature_issue_links l JOIN cards c ON c.id = l.card_id WHERE l.connection = ?1 \
                   AND (?2 IS NULL OR l.card_id = ?2) AND l.gone IS NOT NULL AND l.remote_id IS NOT NULL \
                 ON CONFLICT (link_id) DO NOTHING",
                params![connection.as_str(), card, tx.now.0],
            )?;
            for (link, card) in tx.unsettled(connection)? {
                tx.refresh_status(link, card)?;
            }
            Ok(())
        })
    }

    /// Looks at a claimed link again and writes down what `judge` makes of the remote item; what it says to send is
    /// journaled, and returned with the revision it was worked out from and what a person gave for the move.
    pub fn prepare(
        &mut self,
        connection: &ConnectionName,
        link: LinkId,
        remote: &RemoteItem,
        judge: impl FnOnce(&Known) -> Verdict,
    ) -> Result<Option<Prepared>> {
        self.write(|tx| {
            let Some(row) = tx.link_row(link)? else { return Ok(None) };
            let verdict = judge(&row.known);
            let given = match &verdict.push {
                Some(push) => tx.answer_of(link, &push.to.status)?,
                None => Given::new(),
            };
            tx.record(&row, &verdict, remote, &Origin::Remote(connection.clone()), row.revision)?;
            tx.set_sent(link, verdict.push.as_ref())?;
            Ok(Some(Prepared { verdict, revision: row.revision, given }))
        })
    }

    /// Journals a create before it is sent, with what it makes there: the base until there is an answer. A second one
    /// for the same link keeps the first one's time.
    pub fn begin_create(&mut self, link: LinkId, server_now: Timestamp, made: &Fields) -> Result<()> {
        self.write(|tx| {
            tx.set_base(link, made)?;
            tx.journal(link, server_now)
        })
    }

    /// Journals a write that replaces all labels of an item as it was read at `read_at`, by the server's clock. Until
    /// its answer is here the link stays queued, so that what the write may have undone is looked for.
    pub fn begin_replacing(&mut self, link: LinkId, read_at: Timestamp) -> Result<()> {
        self.write(|tx| tx.journal(link, read_at))
    }

    /// Writes down what of a write without an answer was seen to have arrived: `judge` gives the base with it, if any.
    pub fn note_arrived(&mut self, link: LinkId, judge: impl FnOnce(&Known) -> Option<Fields>) -> Result<()> {
        self.write(|tx| {
            let Some(row) = tx.link_row(link)? else { return Ok(()) };
            judge(&row.known).map_or(Ok(()), |base| tx.set_base(link, &base))
        })
    }

    /// Notes that the created item was looked for and not found.
    pub fn not_found(&mut self, link: LinkId, next: Timestamp) -> Result<()> {
        self.write(|tx| {
            tx.conn
                .execute("UPDATE intents SET lookups = lookups + 1 WHERE link_id = ?1", [link.to_string()])?;
            tx.postpone(link, next, "waiting to see whether the issue was created")
        })
    }

    /// Forgets a create that certainly did not happen, or a write of which nothing is in doubt any more.
    pub fn forget_intent(&mut self, link: LinkId) -> Result<()> {
        self.write(|tx| {
            tx.conn.execute("DELETE FROM intents WHERE link_id = ?1", [link.to_string()])?;
            tx.conn.execute(
                "UPDATE link_sides SET base = NULL WHERE link_id = ?1 AND remote IS NULL",
                [link.to_string()],
            )?;
            Ok(())
        })
    }

    /// Acknowledges an answer: base, card, queue and audit in one transaction. `revision` is the one that was sent.
    pub fn ack(
        &mut self,
        connection: &ConnectionName,
        link: LinkId,
        revision: i64,
        answer: &RemoteItem,
        judge: impl FnOnce(&Known) -> Verdict,
        entry: &AuditEntry,
    ) -> Result<()> {
        self.write(|tx| {
            tx.conn.execute("DELETE FROM intents WHERE link_id = ?1", [link.to_string()])?;
            tx.audit(&Origin::Local, Some(connection), entry)?;
            let Some(row) = tx.link_row(link)? else { return Ok(()) };
            let verdict = judge(&row.known);
            tx.set_sent(link, None)?;
            tx.settle_agreed(link, &answer.body)?;
            tx.release(link)?;
            tx.conn.execute(
                "UPDATE outbox SET attempts = 0, reason = NULL, next_attempt_at = 0 WHERE link_id = ?1",
                [link.to_string()],
            )?;
            tx.record(&row, &verdict, answer, &Origin::Remote(connection.clone()), revision)
        })
    }

    /// Gives a claim back and tries again at `at`.
    pub fn postpone(&mut self, link: LinkId, at: Timestamp, reason: &str) -> Result<()> {
        self.write(|tx| tx.postpone(link, at, reason))
    }

    /// Gives a claim back as it was: the connection failed, not the item.
    pub fn give_back(&mut self, link: LinkId) -> Result<()> {
        self.write(|tx| {
            tx.release(link)?;
            tx.refresh_link(link)
        })
    }

    /// Notes that what was sent last certainly did not arrive.
    pub fn forget_sent(&mut self, link: LinkId) -> Result<()> {
        self.write(|tx| tx.set_sent(link, None))
    }

    /// Sets a row aside until a person edits it or asks again.
    pub fn park(&mut self, connection: &ConnectionName, link: LinkId, entry: &AuditEntry) -> Result<()> {
        self.write(|tx| {
            tx.release(link)?;
            tx.conn.execute(
                "UPDATE outbox SET parked = 1, attempts = attempts + 1, reason = ?2 WHERE link_id = ?1",
                params![link.to_string(), entry.outcome],
            )?;
            tx.audit(&Origin::Local, Some(connection), entry)?;
            tx.refresh_link(link)
        })
    }

    /// Takes a refused move back: the card's status becomes the base's again. Returns the card, or `None` when it
    /// was edited meanwhile and so is tried again.
    pub fn roll_back_move(
        &mut self,
        connection: &ConnectionName,
        link: LinkId,
        revision: i64,
        entry: &AuditEntry,
    ) -> Result<Option<CardId>> {
        self.write(|tx| {
            tx.release(link)?;
            tx.audit(&Origin::Local, Some(connection), entry)?;
            let Some(row) = tx.link_row(link)? else { return Ok(None) };
            if row.revision != revision {
                tx.refresh_status(link, row.card)?;
                return Ok(None);
            }
            let (Some(card), Some(base)) = (tx.card_row(row.card)?, &row.known.base) else { return Ok(None) };
            tx.set_sent(link, None)?;
            let mut to: Fields = card.fields.clone();
            to.take(Field::Status, base);
            tx.set_fields(row.card, &card, &to, &Origin::RollBack, tx.now)?;
            tx.queue_others(&row)?;
            tx.conn.execute("DELETE FROM outbox WHERE link_id = ?1", [link.to_string()])?;
            tx.settle_answer(link)?;
            tx.refresh_status(link, row.card)?;
            tx.conn.execute(
                "UPDATE feature_issue_links SET note = ?2 WHERE id = ?1",
                params![link.to_string(), entry.outcome],
            )?;
            Ok(Some(row.card))
        })
    }

    /// Sets a link aside whose item is gone: nothing is sent, nothing is created again, the card stays.
    pub fn hold(&mut self, connection: &ConnectionName, link: LinkId, note: &str) -> Result<()> {
        self.write(|tx| {
            tx.conn.execute("DELETE FROM outbox WHERE link_id = ?1", [link.to_string()])?;
            tx.settle_answer(link)?;
            let Some(row) = tx.link_row(link)? else { return Ok(()) };
            tx.conn.execute(
                "UPDATE feature_issue_links SET gone = ?2 WHERE id = ?1",
                params![link.to_string(), note],
            )?;
            tx.refresh_status(link, row.card)?;
            tx.audit(
                &Origin::Remote(connection.clone()),
                Some(connection),
                &AuditEntry {
                    action: "gone",
                    object: row.key(connection),
                    card: Some(row.card),
                    outcome: note.to_owned(),
                    ..AuditEntry::default()
                },
            )
        })
    }
}

impl Tx<'_> {
    fn journal(&self, link: LinkId, server_since: Timestamp) -> Result<()> {
        self.conn.execute(
            "INSERT INTO intents (link_id, started_at, server_since) VALUES (?1, ?2, ?3) \
             ON CONFLICT (link_id) DO UPDATE SET started_at = ?2, lookups = 0",
            params![link.to_string(), self.now.0, server_since.0],
        )?;
        Ok(())
    }

    fn intent(&self, link: LinkId) -> Result<Option<Intent>> {
        Ok(self
            .conn
            .prepare_cached("SELECT server_since, started_at, lookups FROM intents WHERE link_id = ?1")?
            .query_row([link.to_string()], |r| {
                Ok(Intent {
                    server_since: Timestamp(r.get(0)?),
                    started_at: Timestamp(r.get(1)?),
                    lookups: r.get(2)?,
                })
            })
            .optional()?)
    }

    pub(super) fn release(&self, link: LinkId) -> Result<()> {
        self.conn
            .prepare_cached("UPDATE outbox SET lease_owner = NULL, lease_until = NULL WHERE link_id = ?1")?
            .execute([link.to_string()])?;
        Ok(())
    }

    fn postpone(&self, link: LinkId, at: Timestamp, reason: &str) -> Result<()> {
        self.release(link)?;
        self.conn
            .prepare_cached(
                "UPDATE outbox SET attempts = attempts + 1, next_attempt_at = ?2, reason = ?3 WHERE link_id = ?1",
            )?
            .execute(params![link.to_string(), at.0, reason])?;
        self.refresh_link(link)
    }

    pub(super) fn refresh_link(&self, link: LinkId) -> Result<()> {
        match self.link_row(link)? {
            Some(row) => self.refresh_status(link, row.card),
            None => Ok(()),
        }
    }

    fn leased(&self, connection: &ConnectionName) -> Result<Vec<(LinkId, CardId)>> {
        self.pairs(
            connection,
            "SELECT l.id, l.card_id FROM outbox o CROSS JOIN feature_issue_links l ON l.id = o.link_id \
             WHERE l.connection = ?1 AND o.lease_until IS NOT NULL",
        )
    }

    fn unsettled(&self, connection: &ConnectionName) -> Result<Vec<(LinkId, CardId)>> {
        self.pairs(
            connection,
            "SELECT id, card_id FROM feature_issue_links WHERE connection = ?1 AND sync_status <> 'synced'",
        )
    }

    fn pairs(&self, connection: &ConnectionName, sql: &str) -> Result<Vec<(LinkId, CardId)>> {
        let mut query = self.conn.prepare_cached(sql)?;
        let mut rows = query.query([connection.as_str()])?;
        let mut out = Vec::new();
        while let Some(row) = rows.next()? {
            out.push((parse(&row.get::<_, String>(0)?)?, parse(&row.get::<_, String>(1)?)?));
        }
        Ok(out)
    }
}
