//! What a census counts against: the items that are expected to be there; and an item's new place when it moved.

use rusqlite::params;

use super::load::parse;
use super::{AuditEntry, Db, Origin, Result};
use crate::domain::link::{ConnectionName, LinkId};
use crate::domain::remote::{RemoteItem, RemoteRef};
use crate::sync::judge::{Known, Verdict};

/// A linked item that is expected to be there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Expected {
    /// The link.
    pub link: LinkId,
    /// Where the item was.
    pub at: RemoteRef,
}

/// How old an item must be to be missed in a listing: lists lag behind writes.
const SETTLED_MS: i64 = 10 * 60_000;
/// Linked, not known to be gone, on the board, and not made a moment ago.
const EXPECTED: &str = "FROM feature_issue_links l JOIN cards c ON c.id = l.card_id \
     JOIN link_sides s ON s.link_id = l.id WHERE l.connection = ?1 AND l.remote_id IS NOT NULL AND l.gone IS NULL \
     AND c.archived_at IS NULL AND json_extract(s.remote, '$.created_at') < ?2";

impl Db {
    /// How many items of `connection` are expected to be there.
    pub fn expected_count(&self, connection: &ConnectionName) -> Result<u32> {
        Ok(self
            .conn
            .prepare_cached(&format!("SELECT count(*) {EXPECTED}"))?
            .query_row(params![connection.as_str(), self.settled_before()], |r| r.get(0))?)
    }

    /// The items of `connection` that are expected to be there, by number.
    pub fn expected(&self, connection: &ConnectionName) -> Result<Vec<Expected>> {
        let mut query = self.conn.prepare_cached(&format!(
            "SELECT l.id, l.remote_id, l.issue_number, l.repository {EXPECTED} ORDER BY l.issue_number"
        ))?;
        let mut rows = query.query(params![connection.as_str(), self.settled_before()])?;
        let mut out = Vec::new();
        while let Some(row) = rows.next()? {
            let number = row.get::<_, Option<i64>>(2)?.unwrap_or_default() as u64;
            let at = RemoteRef { id: row.get(1)?, number, repository: row.get(3)? };
            out.push(Expected { link: parse(&row.get::<_, String>(0)?)?, at });
        }
        Ok(out)
    }

    fn settled_before(&self) -> i64 {
        self.now().0 - SETTLED_MS
    }

    /// Ties a link to the place its item was transferred to, and judges it there. Returns false, and changes nothing,
    /// when another card of the connection is tied to that item.
    pub fn relink(
        &mut self,
        connection: &ConnectionName,
        link: LinkId,
        item: &RemoteItem,
        judge: impl FnOnce(&Known) -> Verdict,
    ) -> Result<bool> {
        self.write(|tx| {
            let taken: bool = tx.conn.query_row(
                "SELECT EXISTS (SELECT 1 FROM feature_issue_links WHERE connection = ?1 AND remote_id = ?2 AND id <> ?3)",
                params![connection.as_str(), item.at.id, link.to_string()],
                |r| r.get(0),
            )?;
            let Some(row) = tx.link_row(link)?.filter(|_| !taken) else { return Ok(false) };
            let before = row.remote.as_ref().map(|r| r.url.clone());
            let verdict = judge(&row.known);
            let origin = Origin::Remote(connection.clone());
            tx.record(&row, &verdict, item, &origin, row.revision)?;
            let entry = AuditEntry {
                action: "transferred",
                object: row.key(connection),
                card: Some(row.card),
                fields: serde_json::json!({ "place": { "before": before, "after": item.url } }),
                outcome: "the card follows".to_owned(),
                ..AuditEntry::default()
            };
            tx.audit(&origin, Some(connection), &entry)?;
            Ok(true)
        })
    }
}
