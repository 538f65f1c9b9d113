//! One process synchronises a connection at a time: a lock file that the system releases when the process dies.

use std::fs::File;
use std::path::Path;
use std::time::Duration;

use crate::domain::link::ConnectionName;
use crate::store::make_private_dir;

/// The right to synchronise one connection; given back when dropped.
#[derive(Debug)]
pub(super) struct Held(#[expect(dead_code, reason = "the lock lives as long as the file is open")] File);

/// How long whoever only looks whether a lock is held may be in the way.
const LOOKED_AT: Duration = Duration::from_millis(50);

/// Takes the lock of a connection for one pass; `None` when another process has it, and not only looks at it.
pub(super) async fn take_for_a_pass(data_dir: &Path, name: &ConnectionName) -> std::io::Result<Option<Held>> {
    if let Some(held) = take(data_dir, name)? {
        return Ok(Some(held));
    }
    tokio::time::sleep(LOOKED_AT).await;
    take(data_dir, name)
}

/// Whether a process synchronises the connection.
pub(super) fn is_held(data_dir: &Path, name: &ConnectionName) -> bool {
    // Shared, so that two that look do not take each other for one that synchronises.
    let Ok(file) = File::open(data_dir.join("locks").join(format!("{name}.lock"))) else { return false };
    matches!(file.try_lock_shared(), Err(std::fs::TryLockError::WouldBlock))
}

/// Takes the lock of a connection; `None` when another process has it.
pub(super) fn take(data_dir: &Path, name: &ConnectionName) -> std::io::Result<Option<Held>> {
    let dir = data_dir.join("locks");
    make_private_dir(&dir).map_err(std::io::Error::other)?;
    let file =
        File::options().create(true).truncate(false).write(true).open(dir.join(format!("{name}.lock")))?;
    match file.try_lock() {
        Ok(()) => Ok(Some(Held(file))),
        Err(std::fs::TryLockError::WouldBlock) => Ok(None),
        Err(std::fs::TryLockError::Error(error)) => Err(error),
    }
}
