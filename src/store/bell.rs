//! Tells other processes that something was committed. They watch the write-ahead log too, but its bytes change before
//! a commit can be seen: who looks then, looks too early, and nothing would make it look again.

use std::fs::File;
use std::io::{Seek, Write};
use std::path::{Path, PathBuf};

/// A small file beside the database that is written after every commit.
#[derive(Debug)]
pub(super) struct Bell {
    path: PathBuf,
    file: Option<File>,
}

impl Bell {
    pub(super) fn beside(database: &Path) -> Self {
        let mut name = database.as_os_str().to_owned();
        name.push(super::BELL);
        Self { path: name.into(), file: None }
    }

    /// Rings. A bell that cannot be rung makes others see the change later, and is no failure.
    pub(super) fn ring(&mut self) {
        if let Err(error) = self.try_to() {
            tracing::debug!(%error, "other processes were not told of a change");
        }
    }

    fn try_to(&mut self) -> std::io::Result<()> {
        let file = match &mut self.file {
            Some(file) => file,
            none => none.insert(File::options().create(true).truncate(false).write(true).open(&self.path)?),
        };
        file.rewind()?;
        file.write_all(b".")
    }
}
