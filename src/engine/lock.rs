//! One process synchronises a connection at a time: a lock file that the system releases when the process dies.

use std::fs::File;
use std::path::Path;

use crate::domain::link::ConnectionName;
use crate::store::make_private_dir;

/// The right to synchronise one connection; given back when dropped.
#[derive(Debug)]
pub(super) struct Held(#[expect(dead_code, reason = "the lock lives as long as the file is open")] File);

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
