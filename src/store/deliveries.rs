//! Comments on their way to a platform: each with its own id, which is the marker it is found again by.

use rusqlite::{OptionalExtension, params};
use uuid::Uuid;

use super::load::parse;
use super::{AuditEntry, Db, Origin, Result};
use crate::domain::card::CardId;
use crate::domain::link::{ConnectionName, LinkId};
use crate::domain::remote::{Comment, RemoteItem, RemoteRef};
use crate::support::clock::Timestamp;

/// A comment that is due.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Delivery {
    /// The marker.
    pub id: Uuid,
    /// Of which link.
    pub link: LinkId,
    /// Of which card.
    pub card: CardId,
    /// Where it goes.
    pub at: RemoteRef,
    /// What it says.
    pub body: String,
    /// How often it failed.
    pub attempts: u32,
}

impl Db {
    /// The oldest comment of `connection` that is due. Comments on an item that does not exist yet wait for it.
    pub fn due_delivery(&self, connection: &ConnectionName) -> Result<Option<Delivery>> {
        let mut query = self.conn.prepare_cached(
            "SELECT d.id, d.link_id, l.card_id, s.remote, d.body, d.attempts FROM deliveries d \
             CROSS JOIN feature_issue_links l ON l.id = d.link_id CROSS JOIN link_sides s ON s.link_id = l.id \
             WHERE l.connection = ?1 AND d.parked = 0 AND d.next_attempt_at <= ?2 AND s.remote IS NOT NULL \
             ORDER BY d.queued_at, d.rowid LIMIT 1",
        )?;
        let mut rows = query.query(params![connection.as_str(), self.now().0])?;
        let Some(row) = rows.next()? else { return Ok(None) };
        let remote: RemoteItem = serde_json::from_str(&row.get::<_, String>(3)?)?;
        Ok(Some(Delivery {
            id: parse(&row.get::<_, String>(0)?)?,
            link: parse(&row.get::<_, String>(1)?)?,
            card: parse(&row.get::<_, String>(2)?)?,
            at: remote.at,
            body: row.get(4)?,
            attempts: row.get(5)?,
        }))
    }

    /// A comment arrived.
    pub fn delivered(
        &mut self,
        connection: &ConnectionName,
        delivery: &Delivery,
        comment: &Comment,
        entry: &AuditEntry,
    ) -> Result<()> {
        self.write(|tx| {
            tx.conn.execute("DELETE FROM deliveries WHERE id = ?1", [delivery.id.simple().to_string()])?;
            let cached: Option<String> = tx
                .conn
                .query_row(
                    "SELECT comments FROM comment_cache WHERE link_id = ?1",
                    [delivery.link.to_string()],
                    |r| r.get(0),
                )
                .optional()?;
            // Kept also when the others were never read: what a person said does not vanish by being sent.
            let mut comments: Vec<Comment> =
                cached.map(|json| serde_json::from_str(&json)).transpose()?.unwrap_or_default();
            comments.retain(|c| c.id != comment.id);
            comments.push(comment.clone());
            tx.cache_comments(delivery.link, &comments)?;
            tx.audit(&Origin::Local, Some(connection), entry)?;
            tx.refresh_status(delivery.link, delivery.card)
        })
    }

    /// A comment failed: try again at `again`, or set it aside when that is `None`, as the audit log then tells.
    pub fn delivery_failed(
        &mut self,
        connection: &ConnectionName,
        delivery: &Delivery,
        again: Option<Timestamp>,
        entry: &AuditEntry,
    ) -> Result<()> {
        let reason = &entry.outcome;
        self.write(|tx| {
            if again.is_none() {
                tx.audit(&Origin::Local, Some(connection), entry)?;
            }
            tx.conn.execute(
                "UPDATE deliveries SET attempts = attempts + 1, parked = ?2, next_attempt_at = ?3, reason = ?4 \
                 WHERE id = ?1",
                params![delivery.id.simple().to_string(), again.is_none(), again.unwrap_or_default().0, reason],
            )?;
            tx.refresh_status(delivery.link, delivery.card)
        })
    }

    /// Keeps a link's comments as they were read.
    pub fn cache_comments(&mut self, link: LinkId, comments: &[Comment]) -> Result<()> {
        self.write_relaxed(|tx| tx.cache_comments(link, comments))
    }
}

impl super::Tx<'_> {
    fn cache_comments(&self, link: LinkId, comments: &[Comment]) -> Result<()> {
        self.conn.execute(
            "INSERT INTO comment_cache (link_id, comments, fetched_at) VALUES (?1, ?2, ?3) \
             ON CONFLICT (link_id) DO UPDATE SET comments = ?2, fetched_at = ?3",
            params![link.to_string(), serde_json::to_string(comments)?, self.now.0],
        )?;
        Ok(())
    }
}
