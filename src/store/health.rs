//! What must outlive the process about a connection: whether it is paused, cool-down, breaker, last success.

use rusqlite::{OptionalExtension, params};

use super::{AuditEntry, Db, Origin, Result, Tx};
use crate::domain::health::Health;
use crate::domain::link::ConnectionName;
use crate::support::clock::Timestamp;
use crate::sync::retry::CircuitBreaker;

/// A connection's health as stored.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct StoredHealth {
    /// End of the last complete, good pass.
    pub last_good: Option<Timestamp>,
    /// No request before this moment: the server's word.
    pub cool_down_until: Option<Timestamp>,
    /// The server's clock minus ours.
    pub clock_offset_ms: i64,
    /// The breaker.
    pub breaker: CircuitBreaker,
    /// What is wrong, when something is.
    pub reason: Option<String>,
}

/// What a connection knows of its place.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Home {
    /// The platform's id of the repository it was first seen on.
    pub repository_id: Option<String>,
    /// When its items were last counted.
    pub counted_at: Option<Timestamp>,
}

impl Db {
    /// What the connection knows of its place.
    pub fn home(&self, connection: &ConnectionName) -> Result<Home> {
        let found = self
            .conn
            .prepare_cached("SELECT repository_id, counted_at FROM health WHERE connection = ?1")?
            .query_row([connection.as_str()], |r| {
                Ok(Home { repository_id: r.get(0)?, counted_at: r.get::<_, Option<i64>>(1)?.map(Timestamp) })
            })
            .optional()?;
        Ok(found.unwrap_or_default())
    }

    /// Keeps which repository the connection is on.
    pub fn set_home(&mut self, connection: &ConnectionName, repository_id: &str) -> Result<()> {
        self.write(|tx| tx.set_home(connection, Some(repository_id)))
    }

    /// Notes that the connection's items were counted now.
    pub fn set_counted(&mut self, connection: &ConnectionName) -> Result<()> {
        self.write_relaxed(|tx| {
            tx.conn.execute(
                "INSERT INTO health (connection, counted_at) VALUES (?1, ?2) \
                 ON CONFLICT (connection) DO UPDATE SET counted_at = ?2",
                params![connection.as_str(), tx.now.0],
            )?;
            Ok(())
        })
    }

    /// Whether a person paused the connection.
    pub fn is_paused(&self, connection: &ConnectionName) -> Result<bool> {
        let enabled: Option<bool> = self
            .conn
            .query_row(
                "SELECT auto_sync_enabled FROM git_integration_config WHERE name = ?1",
                [connection.as_str()],
                |r| r.get(0),
            )
            .optional()?;
        Ok(enabled == Some(false))
    }

    /// Pauses a connection or lets it go on.
    pub fn set_paused(&mut self, connection: &ConnectionName, paused: bool) -> Result<()> {
        self.write(|tx| {
            let changed = tx.conn.execute(
                "UPDATE git_integration_config SET auto_sync_enabled = ?2 WHERE name = ?1 AND auto_sync_enabled <> ?2",
                params![connection.as_str(), !paused],
            )?;
            if changed == 0 {
                return Ok(());
            }
            let entry = AuditEntry {
                action: if paused { "pause" } else { "resume" },
                object: connection.to_string(),
                outcome: "ok".into(),
                ..AuditEntry::default()
            };
            tx.audit(&Origin::Local, Some(connection), &entry)
        })
    }

    /// The connection's health as stored.
    pub fn health(&self, connection: &ConnectionName) -> Result<StoredHealth> {
        let mut query = self.conn.prepare_cached(
            "SELECT last_good, cool_down_until, clock_offset_ms, breaker, reason FROM health WHERE connection = ?1",
        )?;
        let mut rows = query.query([connection.as_str()])?;
        let Some(row) = rows.next()? else { return Ok(StoredHealth::default()) };
        Ok(StoredHealth {
            last_good: row.get::<_, Option<i64>>(0)?.map(Timestamp),
            cool_down_until: row.get::<_, Option<i64>>(1)?.map(Timestamp),
            clock_offset_ms: row.get(2)?,
            breaker: serde_json::from_str(&row.get::<_, String>(3)?)?,
            reason: row.get(4)?,
        })
    }

    /// The health as the process that synchronises the connection last showed it, and when; none when there is none, or
    /// another version of Corkboard wrote it in a way this one cannot read.
    pub fn snapshot(&self, connection: &ConnectionName) -> Result<Option<(Health, Timestamp)>> {
        let found: Option<(String, i64)> = self
            .conn
            .prepare_cached(
                "SELECT snapshot, snapshot_at FROM health WHERE connection = ?1 \
                 AND snapshot IS NOT NULL AND snapshot_at IS NOT NULL",
            )?
            .query_row([connection.as_str()], |r| Ok((r.get(0)?, r.get(1)?)))
            .optional()?;
        Ok(found.and_then(|(text, at)| Some((serde_json::from_str(&text).ok()?, Timestamp(at)))))
    }

    /// Keeps the health as it is shown now, for whoever else looks.
    pub fn keep_snapshot(&mut self, health: &Health) -> Result<()> {
        let text = serde_json::to_string(health)?;
        self.write_relaxed(|tx| {
            tx.conn.execute(
                "INSERT INTO health (connection, snapshot, snapshot_at) VALUES (?1, ?2, ?3) \
                 ON CONFLICT (connection) DO UPDATE SET snapshot = ?2, snapshot_at = ?3",
                params![health.connection.as_str(), text, tx.now.0],
            )?;
            Ok(())
        })
    }

    /// Stores the connection's health.
    pub fn set_health(&mut self, connection: &ConnectionName, health: &StoredHealth) -> Result<()> {
        self.write_relaxed(|tx| {
            tx.conn.execute(
                "INSERT INTO health (connection, last_good, cool_down_until, clock_offset_ms, breaker, reason) \
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6) ON CONFLICT (connection) DO UPDATE SET last_good = ?2, \
                 cool_down_until = ?3, clock_offset_ms = ?4, breaker = ?5, reason = ?6",
                params![
                    connection.as_str(),
                    health.last_good.map(|t| t.0),
                    health.cool_down_until.map(|t| t.0),
                    health.clock_offset_ms,
                    serde_json::to_string(&health.breaker)?,
                    health.reason
                ],
            )?;
            Ok(())
        })
    }
}

impl Tx<'_> {
    pub(super) fn set_home(&self, connection: &ConnectionName, repository_id: Option<&str>) -> Result<()> {
        self.conn.execute(
            "INSERT INTO health (connection, repository_id) VALUES (?1, ?2) \
             ON CONFLICT (connection) DO UPDATE SET repository_id = ?2",
            params![connection.as_str(), repository_id],
        )?;
        Ok(())
    }
}
