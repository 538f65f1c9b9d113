//! How a person left the board: small texts a front end keeps under names of its own, and reads once at its start.

use std::collections::BTreeMap;

use rusqlite::params;

use super::{Db, Result};

impl Db {
    /// Everything that is kept.
    pub fn remembered(&self) -> Result<BTreeMap<String, String>> {
        let mut query = self.conn.prepare_cached("SELECT key, value FROM remembered")?;
        let rows = query.query_map([], |r| Ok((r.get(0)?, r.get(1)?)))?;
        Ok(rows.collect::<rusqlite::Result<_>>()?)
    }

    /// Keeps a text under a name, in the place of what was kept there.
    pub fn remember(&mut self, key: &str, value: &str) -> Result<()> {
        self.write_relaxed(|tx| {
            tx.conn
                .prepare_cached("INSERT OR REPLACE INTO remembered (key, value) VALUES (?1, ?2)")?
                .execute(params![key, value])?;
            Ok(())
        })
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use crate::store::Db;
    use crate::support::clock::SystemClock;

    #[test]
    fn what_is_kept_is_found_by_the_next_start_and_the_last_word_counts() {
        let dir = tempfile::tempdir().expect("a folder");
        let mut db = Db::open(&dir.path().join("a.db"), Arc::new(SystemClock)).expect("a database");
        db.remember("look", "wide").expect("kept");
        db.remember("look", "tall").expect("kept");
        drop(db);
        let db = Db::open(&dir.path().join("a.db"), Arc::new(SystemClock)).expect("a database");
        let kept = db.remembered().expect("read");
        assert_eq!(kept, [("look".to_owned(), "tall".to_owned())].into());
    }
}
