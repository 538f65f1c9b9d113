//! The schema and its migrations: forward only, each in one transaction, numbered by `PRAGMA user_version`.

use std::path::Path;
use std::time::Duration;

use rusqlite::Connection;

use super::{Result, StoreError};

/// The migrations, oldest first. A published one is never changed; the next is added below it.
const MIGRATIONS: [Migration; 9] = [
    Migration { sql: include_str!("schema/001_first.sql"), then: None },
    Migration { sql: include_str!("schema/002_trust.sql"), then: Some(super::audit::seal) },
    Migration { sql: include_str!("schema/003_sent.sql"), then: None },
    Migration { sql: include_str!("schema/004_fields.sql"), then: None },
    Migration { sql: include_str!("schema/005_answers.sql"), then: None },
    Migration { sql: include_str!("schema/006_bodies.sql"), then: None },
    Migration { sql: include_str!("schema/007_twins.sql"), then: None },
    Migration { sql: include_str!("schema/008_remembered.sql"), then: None },
    Migration { sql: include_str!("schema/009_texts.sql"), then: None },
];

/// One step of the schema, and what only code can do after it.
struct Migration {
    sql: &'static str,
    then: Option<fn(&Connection) -> Result<()>>,
}

/// Opens `path`, checks that it is ours to write, and brings it up to date.
pub(super) fn open(path: &Path) -> Result<Connection> {
    let corrupt = |reason: String| StoreError::Corrupt { path: path.to_owned(), reason };
    refuse_foreign(path)?;
    let mut conn = Connection::open(path)?;
    restrict(path)?;
    conn.busy_timeout(Duration::from_secs(10))?;
    // More than there are: one that falls out is compiled again each time it is asked.
    conn.set_prepared_statement_cache_capacity(256);
    let version: i64 =
        conn.pragma_query_value(None, "user_version", |r| r.get(0)).map_err(|e| as_corrupt(e, &corrupt))?;
    let known = MIGRATIONS.len() as i64;
    if version > known {
        return Err(StoreError::Newer { path: path.to_owned(), found: version, known });
    }
    conn.pragma_update(None, "journal_mode", "WAL").map_err(|e| as_corrupt(e, &corrupt))?;
    conn.pragma_update(None, "synchronous", "FULL")?;
    conn.pragma_update(None, "foreign_keys", true)?;
    conn.pragma_update(None, "temp_store", "MEMORY")?;
    // In KiB: room for the indexes of some ten thousand cards, whose keys are random.
    conn.pragma_update(None, "cache_size", -4_000)?;
    // In pages of 4 KiB: a first pull writes the same pages again and again; fewer of them are copied back.
    conn.pragma_update(None, "wal_autocheckpoint", 4_000)?;
    if version < known {
        migrate(&mut conn).map_err(|error| match error {
            StoreError::Damaged(error) => as_corrupt(error, &corrupt),
            other => other,
        })?;
    }
    Ok(conn)
}

fn migrate(conn: &mut Connection) -> Result<()> {
    let tx = conn.transaction_with_behavior(rusqlite::TransactionBehavior::Exclusive)?;
    // Read again under the lock: another process may have migrated meanwhile.
    let version: i64 = tx.pragma_query_value(None, "user_version", |r| r.get(0))?;
    for (n, step) in MIGRATIONS.iter().enumerate().skip(version as usize) {
        tx.execute_batch(step.sql)?;
        if let Some(then) = step.then {
            then(&tx)?;
        }
        tx.pragma_update(None, "user_version", n as i64 + 1)?;
    }
    Ok(tx.commit()?)
}

/// A file that is there but is no SQLite database is somebody's: it is never opened for writing.
fn refuse_foreign(path: &Path) -> Result<()> {
    use std::io::Read;
    let Ok(mut file) = std::fs::File::open(path) else { return Ok(()) };
    let mut head = [0_u8; 16];
    let read = file.read(&mut head).unwrap_or(0);
    if read > 0 && head[..read] != b"SQLite format 3\0"[..read] {
        let reason = "it does not start as an SQLite database does".to_owned();
        return Err(StoreError::Corrupt { path: path.to_owned(), reason });
    }
    Ok(())
}

/// The database holds private issues: only its owner may read it. SQLite gives its side files the same mode.
fn restrict(path: &Path) -> Result<()> {
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        let failed = |source| StoreError::Directory { path: path.to_owned(), source };
        let mode = std::fs::metadata(path).map_err(failed)?.permissions().mode();
        if mode & 0o077 != 0 {
            std::fs::set_permissions(path, std::fs::Permissions::from_mode(0o600)).map_err(failed)?;
        }
    }
    Ok(())
}

fn as_corrupt(error: rusqlite::Error, corrupt: &impl Fn(String) -> StoreError) -> StoreError {
    use rusqlite::ErrorCode::{DatabaseCorrupt, NotADatabase};
    match error.sqlite_error_code() {
        Some(DatabaseCorrupt | NotADatabase) => corrupt(error.to_string()),
        _ => error.into(),
    }
}
