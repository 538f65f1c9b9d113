//! What a person asks of a connection that another process may be synchronising: rows that process takes on its wake.

use rusqlite::params;

use super::{Db, Result, Tx};
use crate::domain::link::ConnectionName;

/// What can be asked of whoever synchronises a connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Ask {
    /// A pass now.
    Sync,
    /// Take up what failed or was set aside.
    Retry,
    /// Count the items now.
    Census,
}

impl Ask {
    fn as_str(self) -> &'static str {
        match self {
            Self::Sync => "sync",
            Self::Retry => "retry",
            Self::Census => "census",
        }
    }
}

impl Db {
    /// Asks; asking again before it was taken changes nothing.
    pub fn note_ask(&mut self, connection: &ConnectionName, ask: Ask) -> Result<()> {
        self.write(|tx| tx.note_ask(connection, ask))
    }

    /// Takes what was asked. Writes nothing when nothing was.
    pub fn take_asks(&mut self, connection: &ConnectionName) -> Result<Vec<Ask>> {
        let waits: bool = self
            .conn
            .prepare_cached("SELECT EXISTS (SELECT 1 FROM asks WHERE connection = ?1)")?
            .query_row([connection.as_str()], |r| r.get(0))?;
        if !waits {
            return Ok(Vec::new());
        }
        self.write(|tx| {
            let taken: Vec<String> = tx
                .conn
                .prepare_cached("DELETE FROM asks WHERE connection = ?1 RETURNING what")?
                .query_map([connection.as_str()], |r| r.get(0))?
                .collect::<rusqlite::Result<_>>()?;
            let all = [Ask::Sync, Ask::Retry, Ask::Census];
            Ok(all.into_iter().filter(|ask| taken.iter().any(|t| t == ask.as_str())).collect())
        })
    }
}

impl Tx<'_> {
    pub(super) fn note_ask(&self, connection: &ConnectionName, ask: Ask) -> Result<()> {
        self.conn.execute(
            "INSERT INTO asks (connection, what, at) VALUES (?1, ?2, ?3) ON CONFLICT (connection, what) DO NOTHING",
            params![connection.as_str(), ask.as_str(), self.now.0],
        )?;
        Ok(())
    }
}
