//! The log's files: one a day, and another when one becomes large; the newest few are kept. Only their owner can read
//! them.

use std::fs::{File, OpenOptions};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use crate::support::clock::Clock;

/// Largest file, in bytes; what comes then goes into the next.
const FILE_MAX: u64 = 16 * 1024 * 1024;

/// Writes to the file of the day.
pub(super) struct Rolling<C> {
    dir: PathBuf,
    keep: usize,
    clock: C,
    most: u64,
    at: Place,
    written: u64,
    file: File,
}

/// Which file: the day, and the how-manieth of that day.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
struct Place {
    day: String,
    part: u32,
}

impl Place {
    fn name(&self) -> String {
        match self.part {
            0 => format!("corkboard.{}.log", self.day),
            n => format!("corkboard.{}.{n}.log", self.day),
        }
    }

    /// The place of a file of this name; `None` for files that are not ours.
    fn of(name: &str) -> Option<Self> {
        let inner = name.strip_prefix("corkboard.")?.strip_suffix(".log")?;
        let (day, part) = match inner.split_once('.') {
            Some((day, part)) => (day, part.parse().ok()?),
            None => (inner, 0),
        };
        let good = day.len() == 10 && day.bytes().all(|b| b.is_ascii_digit() || b == b'-');
        good.then(|| Self { day: day.to_owned(), part })
    }
}

impl<C: Clock> Rolling<C> {
    /// Opens the file of the day in `dir`, and removes all but the newest `keep`.
    pub(super) fn open(dir: &Path, keep: usize, clock: C) -> io::Result<Self> {
        Self::with(dir, keep, clock, FILE_MAX)
    }

    fn with(dir: &Path, keep: usize, clock: C, most: u64) -> io::Result<Self> {
        let at = Self::place(dir, &today(&clock), most);
        let file = append(&dir.join(at.name()))?;
        let written = file.metadata()?.len();
        let rolling = Self { dir: dir.to_owned(), keep, clock, most, at, written, file };
        rolling.prune();
        Ok(rolling)
    }

    /// The last file of the day that has room, or the one after it.
    fn place(dir: &Path, day: &str, most: u64) -> Place {
        let last = all(dir).into_iter().filter(|p| p.day == day).max();
        let Some(last) = last else { return Place { day: day.to_owned(), part: 0 } };
        let full = std::fs::metadata(dir.join(last.name())).is_ok_and(|m| m.len() >= most);
        Place { part: last.part + u32::from(full), ..last }
    }

    fn roll(&mut self, day: &str) -> io::Result<()> {
        self.at = Self::place(&self.dir, day, self.most);
        self.file = append(&self.dir.join(self.at.name()))?;
        self.written = self.file.metadata()?.len();
        self.prune();
        Ok(())
    }

    fn prune(&self) {
        let mut all = all(&self.dir);
        all.sort_unstable();
        for old in all.iter().rev().skip(self.keep).filter(|p| **p != self.at) {
            // Another process may have been quicker.
            let _ = std::fs::remove_file(self.dir.join(old.name()));
        }
    }
}

impl<C: Clock> Write for Rolling<C> {
    fn write(&mut self, line: &[u8]) -> io::Result<usize> {
        let day = today(&self.clock);
        if day != self.at.day || self.written >= self.most {
            self.roll(&day)?;
        }
        let written = self.file.write(line)?;
        self.written += written as u64;
        Ok(written)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.file.flush()
    }
}

fn today(clock: &impl Clock) -> String {
    clock.now().to_utc().format("%Y-%m-%d").to_string()
}

fn all(dir: &Path) -> Vec<Place> {
    let Ok(entries) = std::fs::read_dir(dir) else { return Vec::new() };
    entries.flatten().filter_map(|e| Place::of(&e.file_name().to_string_lossy())).collect()
}

fn append(path: &Path) -> io::Result<File> {
    let mut options = OpenOptions::new();
    options.create(true).append(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let file = options.open(path)?;
    // One that an older version made.
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        if file.metadata()?.permissions().mode() & 0o077 != 0 {
            file.set_permissions(std::fs::Permissions::from_mode(0o600))?;
        }
    }
    Ok(file)
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::support::clock::{ManualClock, Timestamp};

    const DAY_MS: i64 = 86_400_000;

    #[derive(Debug, Clone)]
    struct Shared(Arc<ManualClock>);

    impl Clock for Shared {
        fn now(&self) -> Timestamp {
            self.0.now()
        }
    }

    fn names(dir: &Path) -> Vec<String> {
        let mut all: Vec<Place> = all(dir);
        all.sort_unstable();
        all.iter().map(Place::name).collect()
    }

    #[test]
    fn every_day_has_its_file_and_only_the_newest_stay() {
        let dir = tempfile::tempdir().expect("a folder");
        std::fs::write(dir.path().join("notes.log"), "mine").expect("written");
        let clock = Shared(Arc::new(ManualClock::new(Timestamp(0))));
        let mut log = Rolling::with(dir.path(), 3, clock.clone(), 1_000).expect("opened");
        for _ in 0..5 {
            log.write_all(b"a line\n").expect("written");
            clock.0.advance(DAY_MS);
        }
        let wanted = ["1970-01-03", "1970-01-04", "1970-01-05"].map(|d| format!("corkboard.{d}.log"));
        assert_eq!(names(dir.path()), wanted);
        assert!(dir.path().join("notes.log").exists(), "what is not ours stays");
    }

    #[test]
    fn a_file_that_is_full_is_followed_by_another_also_after_a_restart() {
        let dir = tempfile::tempdir().expect("a folder");
        let clock = Shared(Arc::new(ManualClock::new(Timestamp(0))));
        let mut log = Rolling::with(dir.path(), 7, clock.clone(), 10).expect("opened");
        for _ in 0..3 {
            log.write_all(b"ten bytes\n").expect("written");
        }
        drop(log);
        let mut log = Rolling::with(dir.path(), 7, clock, 10).expect("opened");
        log.write_all(b"more\n").expect("written");
        let wanted = ["", ".1", ".2", ".3"].map(|n| format!("corkboard.1970-01-01{n}.log"));
        assert_eq!(names(dir.path()), wanted);
    }

    #[cfg(unix)]
    #[test]
    fn only_the_owner_can_read_a_log() {
        use std::os::unix::fs::PermissionsExt as _;
        let dir = tempfile::tempdir().expect("a folder");
        let old = dir.path().join("corkboard.1970-01-01.log");
        std::fs::write(&old, "").expect("written");
        std::fs::set_permissions(&old, std::fs::Permissions::from_mode(0o644)).expect("set");
        let clock = Shared(Arc::new(ManualClock::new(Timestamp(0))));
        let mut log = Rolling::with(dir.path(), 7, clock.clone(), 1_000).expect("opened");
        clock.0.advance(DAY_MS);
        log.write_all(b"x\n").expect("written");
        for name in names(dir.path()) {
            let mode = std::fs::metadata(dir.path().join(&name)).expect("there").permissions().mode();
            assert_eq!(mode & 0o777, 0o600, "{name}");
        }
    }
}
