//! Links: what a transaction reads of them and writes to them, and what people see of how far they are in step.

use rusqlite::params;

use super::cards::CardRow;
use super::load::parse;
use super::{Db, Origin, Result, Tx};
use crate::domain::card::CardId;
use crate::domain::fields::{Field, Fields};
use crate::domain::link::{ConnectionName, LinkId};
use crate::domain::mapping::Told;
use crate::domain::remote::RemoteItem;
use crate::support::clock::Timestamp;
use crate::sync::judge::{Known, Queue, Verdict};
use crate::sync::reconcile::Push;

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
    /// Whether the link was set aside because its item is gone.
    pub gone: bool,
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

impl Db {
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
}

/// The item as it is kept: without its body, which is in the base.
fn seen(remote: &RemoteItem) -> Result<String> {
    let seen = RemoteItem { body: String::new(), ..remote.clone() };
    Ok(serde_json::to_string(&seen)?)
}

impl Tx<'_> {
    /// What field rules see of a card besides its fields, on its way to a connection.
    pub fn told_of(&self, card: CardId, connection: &str) -> Result<Told> {
        let mut query = self.conn.prepare_cached(
            "SELECT connection, issue_url, issue_number FROM feature_issue_links \
             WHERE card_id = ?1 AND issue_number IS NOT NULL ORDER BY connection",
        )?;
        let mut rows = query.query([card.to_string()])?;
        let mut told = Told { key: card.short(), urls: Vec::new(), connection: connection.to_owned() };
        while let Some(row) = rows.next()? {
            let name: String = row.get(0)?;
            if told.urls.is_empty() {
                told.key = card.key_on(&name, Some(row.get::<_, i64>(2)?));
            }
            told.urls.push((name, row.get::<_, Option<String>>(1)?.unwrap_or_default()));
        }
        Ok(told)
    }

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
            "SELECT l.card_id, s.base, s.remote, s.sent, l.gone IS NOT NULL, l.connection FROM feature_issue_links l \
             LEFT JOIN link_sides s \
                 ON s.link_id = l.id WHERE l.id = ?1",
        )?;
        let mut rows = query.query([link.to_string()])?;
        let Some(row) = rows.next()? else { return Ok(None) };
        let card: CardId = parse(&row.get::<_, String>(0)?)?;
        let base: Option<String> = row.get(1)?;
        let remote: Option<String> = row.get(2)?;
        let sent: Option<String> = row.get(3)?;
        let gone = row.get(4)?;
        let connection: String = row.get(5)?;
        let Some(CardRow { fields, edited, undoing, revision, archived, .. }) = self.card_row(card)? else {
            return Ok(None);
        };
        let known = Known {
            base: base.map(|b| serde_json::from_str(&b)).transpose()?,
            sent: sent.map(|s| serde_json::from_str(&s)).transpose()?,
            card: fields,
            edited,
            archived,
            open_conflicts: self.open_fields(link)?,
            undoing,
            flapping: self.flapping(card)?,
            told: self.told_of(card, &connection)?,
        };
        let remote = remote.map(|r| serde_json::from_str(&r)).transpose()?;
        Ok(Some(LinkRow { id: link, card, remote, known, revision, gone }))
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
                self.note_taken(link.card, &row, &changed, verdict.taken_at)?;
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
        self.set_unfit(link.id, &verdict.unfit)?;
        self.note_conflicts(link, &verdict.conflicts)?;
        match verdict.queue {
            Queue::Settled => {
                self.conn
                    .prepare_cached(
                        "DELETE FROM outbox WHERE link_id = ?1 AND revision <= ?2 \
                         AND NOT EXISTS (SELECT 1 FROM intents WHERE link_id = ?1)",
                    )?
                    .execute(params![link.id.to_string(), revision])?;
                self.settle_answer(link.id)?;
                self.settle_undo(link.card, revision)?;
            }
            Queue::Needed => self.need(link)?,
        }
        self.refresh_status(link.id, link.card)
    }

    /// Puts a link into the outbox unless it is there: what is in it stays as it is.
    pub fn need(&self, link: &LinkRow) -> Result<()> {
        self.conn
            .prepare_cached(
                "INSERT INTO outbox (link_id, revision, queued_at, act) VALUES (?1, ?2, ?3, ?4) \
                 ON CONFLICT (link_id) DO NOTHING",
            )?
            .execute(params![link.id.to_string(), link.revision, self.now.0, self.act()?])?;
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

    /// Journals what leaves for the item next, or that nothing is without an answer.
    pub fn set_sent(&self, link: LinkId, sent: Option<&Push>) -> Result<()> {
        let sent = sent.map(serde_json::to_string).transpose()?;
        self.conn
            .prepare_cached("UPDATE link_sides SET sent = ?2 WHERE link_id = ?1 AND sent IS NOT ?2")?
            .execute(params![link.to_string(), sent])?;
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
                 repository = ?5, mapped = ?6, last_synced = ?7, gone = NULL WHERE id = ?1",
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

    /// Keeps which values the connection's field rules cannot carry.
    fn set_unfit(&self, link: LinkId, unfit: &[String]) -> Result<()> {
        let words = (!unfit.is_empty()).then(|| unfit.join("; "));
        self.conn
            .prepare_cached("UPDATE feature_issue_links SET unfit = ?2 WHERE id = ?1 AND unfit IS NOT ?2")?
            .execute(params![link.to_string(), words])?;
        Ok(())
    }

    /// Works the link's status out from what is queued and what is open, and makes the board look again.
    pub fn refresh_status(&self, link: LinkId, card: CardId) -> Result<()> {
        self.conn
            .prepare_cached(
                "UPDATE feature_issue_links SET sync_status = CASE \
                   WHEN EXISTS (SELECT 1 FROM conflicts WHERE link_id = ?1 AND resolved_at IS NULL) THEN 'manual' \
                   WHEN EXISTS (SELECT 1 FROM outbox WHERE link_id = ?1 AND parked = 1 AND asks IS NOT NULL) THEN 'manual' \
                   WHEN EXISTS (SELECT 1 FROM outbox WHERE link_id = ?1 AND parked = 1) \
                     OR EXISTS (SELECT 1 FROM deliveries WHERE link_id = ?1 AND parked = 1) THEN 'failed' \
                   WHEN EXISTS (SELECT 1 FROM outbox WHERE link_id = ?1) \
                     OR EXISTS (SELECT 1 FROM deliveries WHERE link_id = ?1) THEN 'pending' \
                   WHEN gone IS NOT NULL THEN 'manual' \
                   ELSE 'synced' END, \
                 note = CASE \
                   WHEN EXISTS (SELECT 1 FROM conflicts WHERE link_id = ?1 AND resolved_at IS NULL) \
                     THEN (SELECT CASE WHEN source IS NULL THEN 'changed on both sides' \
                       ELSE 'changed on ' || source || ' and on ' || connection END || ': choose which value stays' \
                       FROM conflicts WHERE link_id = ?1 AND resolved_at IS NULL ORDER BY id LIMIT 1) \
                   ELSE coalesce((SELECT reason FROM outbox WHERE link_id = ?1), \
                     (SELECT reason FROM deliveries WHERE link_id = ?1 AND reason IS NOT NULL LIMIT 1), gone, unfit, \
                     CASE WHEN mapped = 0 THEN 'its state there is not in the status mapping' END) END \
                 WHERE id = ?1",
            )?
            .execute([link.to_string()])?;
        self.touch(card)
    }
}
