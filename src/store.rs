//! The store: SQLite, one writer thread, SQL behind use-case functions. Knows the domain, never a connector.
//!
//! [`Store`] is a handle that can be cloned; every call is handed to the one thread that owns the connection, so no
//! caller ever waits for the disk unless it awaits the answer. Several processes may open the same file.

mod agreed;
mod answers;
mod asks;
mod audit;
mod bell;
mod bulk;
mod cards;
mod census;
mod commit;
mod conflicts;
mod deliveries;
mod export;
mod health;
mod history;
mod import;
mod inbound;
mod join;
mod links;
mod load;
mod milestones;
mod outbox;
mod questions;
mod registry;
mod remap;
mod remembered;
mod schema;
mod search;
mod sides;
mod twins;
mod unseen;

use std::cell::{Cell, RefCell};
use std::path::{Path, PathBuf};

use rusqlite::Connection;
use tokio::sync::{mpsc, oneshot};

use crate::domain::history::VersionKind;
use crate::support::clock::{SharedClock, Timestamp};

pub use answers::Standing;
pub use asks::Ask;
pub use audit::AuditEntry;
pub use census::Expected;
pub use commit::{Committed, LinkRule, LinkRules, Origin};
pub use deliveries::Delivery;
pub use health::{Home, StoredHealth};
pub use import::LocalCard;
pub use inbound::{Applied, Inbound};
pub use links::{Intent, LinkRow};
pub use load::Detail;
pub use outbox::{Item, Parked, Prepared};
pub use questions::Asked;
pub use registry::{Absent, Registration};
pub use remap::Remapped;
pub use sides::Sides;

/// Why the store did not do what was asked.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// The file was written by a newer Corkboard.
    #[error("{path} was written by a newer Corkboard (schema {found}, this one knows {known})")]
    Newer {
        /// The database file.
        path: PathBuf,
        /// The version it has.
        found: i64,
        /// The newest version this program knows.
        known: i64,
    },
    /// The file is not a sound database.
    #[error("{path} is damaged: {reason}")]
    Corrupt {
        /// The database file.
        path: PathBuf,
        /// SQLite's words.
        reason: String,
    },
    /// The disk is full.
    #[error("the disk is full; nothing was changed")]
    DiskFull,
    /// Another process has kept the database for longer than we wait.
    #[error("another process keeps the database busy; nothing was changed")]
    Busy,
    /// The database, or the folder it is in, cannot be written to.
    #[error("the database cannot be written to; nothing was changed")]
    ReadOnly,
    /// The file turned out to be damaged.
    #[error("the database is damaged")]
    Damaged(#[source] rusqlite::Error),
    /// The data directory cannot be used.
    #[error("cannot use {path}")]
    Directory {
        /// The directory.
        path: PathBuf,
        /// What the system says.
        source: std::io::Error,
    },
    /// Anything else SQLite says.
    #[error("the database refused")]
    Sqlite(#[source] rusqlite::Error),
    /// A row holds what no version of Corkboard writes.
    #[error("the database holds a value that cannot be read: {0}")]
    Value(String),
    /// The change does not fit what is stored.
    #[error("{0}")]
    Unfit(String),
    /// The store was closed.
    #[error("the store is closed")]
    Closed,
}

impl StoreError {
    /// What a person can do about it.
    pub fn help(&self) -> Option<&'static str> {
        match self {
            Self::Newer { .. } => {
                Some("update Corkboard, or point --data-dir at another directory; the file was left as it is")
            }
            Self::Corrupt { .. } => Some(
                "the file was left as it is; move it aside (keep it: `sqlite3 FILE .recover` may save its rows) and start again, linked cards come back with the next sync",
            ),
            Self::Damaged(_) => Some(
                "`corkboard doctor` says which file; keep it (`sqlite3 FILE .recover` may save its rows), move it aside and start again",
            ),
            Self::Busy => Some("try again in a moment; a backup or another tool may be at work on the file"),
            Self::ReadOnly => Some(
                "check the permissions of the data folder and of corkboard.db in it, or choose another with --data-dir",
            ),
            Self::DiskFull => Some("free some space; the board goes on as soon as there is"),
            Self::Directory { .. } => {
                Some("check the directory's permissions, or choose another with --data-dir")
            }
            _ => None,
        }
    }
}

impl From<rusqlite::Error> for StoreError {
    fn from(error: rusqlite::Error) -> Self {
        match error.sqlite_error_code() {
            Some(rusqlite::ErrorCode::DiskFull) => Self::DiskFull,
            Some(rusqlite::ErrorCode::DatabaseBusy | rusqlite::ErrorCode::DatabaseLocked) => Self::Busy,
            Some(rusqlite::ErrorCode::ReadOnly) => Self::ReadOnly,
            Some(rusqlite::ErrorCode::DatabaseCorrupt | rusqlite::ErrorCode::NotADatabase) => {
                Self::Damaged(error)
            }
            _ => Self::Sqlite(error),
        }
    }
}

impl From<serde_json::Error> for StoreError {
    fn from(error: serde_json::Error) -> Self {
        Self::Value(error.to_string())
    }
}

/// A result of the store.
pub type Result<T> = std::result::Result<T, StoreError>;

/// The open database, on its own thread. The use cases are its methods, one file per family.
#[derive(Debug)]
pub struct Db {
    pub(crate) conn: Connection,
    pub(crate) clock: SharedClock,
    pub(crate) who: Who,
    /// What should be said to a person about what was written since it was last asked for.
    told: Vec<String>,
    bell: bell::Bell,
}

/// The end of the name of the file that is written after every commit.
pub const BELL: &str = "-bell";

/// In whose name rows are written, and how much of a body the audit log keeps.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Who {
    /// The person at this machine.
    pub login: String,
    /// Whether the audit log keeps whole bodies, or only their length and hash.
    pub audit_bodies: bool,
}

impl Db {
    /// Opens or makes the database at `path` and brings its schema up to date.
    pub fn open(path: &Path, clock: SharedClock) -> Result<Self> {
        let conn = schema::open(path)?;
        let who = Who { login: crate::support::person::login(), audit_bodies: true };
        Ok(Self { conn, clock, who, told: Vec::new(), bell: bell::Bell::beside(path) })
    }

    /// Sets in whose name rows are written from now on.
    pub fn set_who(&mut self, who: Who) {
        self.who = who;
    }

    /// What should be said to a person about what was written since this was last asked.
    pub fn take_told(&mut self) -> Vec<String> {
        std::mem::take(&mut self.told)
    }

    fn now(&self) -> Timestamp {
        self.clock.now()
    }

    /// Runs `work` in one transaction; any error leaves the database as it was.
    fn write<T>(&mut self, work: impl FnOnce(&Tx<'_>) -> Result<T>) -> Result<T> {
        let now = self.now();
        let before = self.conn.total_changes();
        let tx = self.conn.transaction_with_behavior(rusqlite::TransactionBehavior::Immediate)?;
        let work_tx = Tx::new(&tx, now, &self.who);
        let out = work(&work_tx)?;
        let told = work_tx.told.into_inner();
        tx.commit()?;
        self.told.extend(told);
        if self.conn.total_changes() != before {
            self.bell.ring();
        }
        Ok(out)
    }

    /// As [`Db::write`], for rows that the platform would give again: not forced to the disk one by one.
    fn write_relaxed<T>(&mut self, work: impl FnOnce(&Tx<'_>) -> Result<T>) -> Result<T> {
        self.conn.pragma_update(None, "synchronous", "NORMAL")?;
        let out = self.write(work);
        self.conn.pragma_update(None, "synchronous", "FULL")?;
        out
    }

    /// A number that changes when another process changes the database.
    pub fn data_version(&self) -> Result<i64> {
        Ok(self.conn.pragma_query_value(None, "data_version", |r| r.get(0))?)
    }

    /// Moves what this connection wrote from the write-ahead log into the database file, as far as other processes let
    /// it: whoever copies that file alone has the board. Does nothing after mere reading.
    pub fn tidy_up(&self) -> Result<()> {
        if self.conn.total_changes() > 0 {
            self.conn.query_row("PRAGMA wal_checkpoint(PASSIVE)", [], |_| Ok(()))?;
        }
        Ok(())
    }

    /// Writes a copy of the whole database to `path`, which must not exist.
    pub fn copy_to(&self, path: &Path) -> Result<()> {
        self.conn.execute("VACUUM INTO ?1", [path.to_string_lossy()])?;
        Ok(())
    }

    /// Checks the file's soundness; `None` when all is well.
    pub fn check(&self) -> Result<Option<String>> {
        let said: String = self.conn.query_row("PRAGMA quick_check(1)", [], |r| r.get(0))?;
        Ok((said != "ok").then_some(said))
    }
}

/// A transaction under way, with the one moment at which all of it happens.
struct Tx<'a> {
    conn: &'a Connection,
    now: Timestamp,
    who: &'a Who,
    /// The number of this write, once it has one.
    touched: Cell<Option<i64>>,
    /// How the versions that are written now came about.
    kind: Cell<VersionKind>,
    /// Whether all of it is one act of a person, so that what it queues belongs together.
    acting: Cell<bool>,
    /// What should be said to a person about it.
    told: RefCell<Vec<String>>,
}

impl<'a> Tx<'a> {
    fn new(conn: &'a Connection, now: Timestamp, who: &'a Who) -> Self {
        Self {
            conn,
            now,
            who,
            touched: Cell::new(None),
            kind: Cell::default(),
            acting: Cell::new(false),
            told: RefCell::default(),
        }
    }

    /// Does `work`, whose versions came about in this way.
    fn as_kind<T>(&self, kind: VersionKind, work: impl FnOnce() -> Result<T>) -> Result<T> {
        let before = self.kind.replace(kind);
        let out = work();
        self.kind.set(before);
        out
    }
}

type Job = Box<dyn FnOnce(&mut Db) + Send>;

/// How many calls may wait for the disk before [`Store::post`] refuses.
const QUEUE: usize = 4096;

/// The handle to the store.
#[derive(Debug, Clone)]
pub struct Store {
    jobs: mpsc::Sender<Job>,
    path: PathBuf,
}

impl Store {
    /// Opens the database in `dir` (made when missing, for its owner only) and starts its thread.
    pub fn open(dir: &Path, clock: SharedClock) -> Result<Self> {
        make_private_dir(dir)?;
        Self::open_file(&dir.join("corkboard.db"), clock)
    }

    /// Opens one database file and starts its thread.
    pub fn open_file(path: &Path, clock: SharedClock) -> Result<Self> {
        let mut db = Db::open(path, clock)?;
        let (jobs, mut queue) = mpsc::channel::<Job>(QUEUE);
        let spawned = std::thread::Builder::new().name("store".into()).spawn(move || {
            while let Some(job) = queue.blocking_recv() {
                job(&mut db);
            }
        });
        spawned.map_err(|source| StoreError::Directory { path: path.to_owned(), source })?;
        Ok(Self { jobs, path: path.to_owned() })
    }

    /// The database file.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Runs `work` on the store's thread and waits for its answer.
    pub async fn run<T, F>(&self, work: F) -> Result<T>
    where
        T: Send + 'static,
        F: FnOnce(&mut Db) -> Result<T> + Send + 'static,
    {
        let (answer, wait) = oneshot::channel();
        let job: Job = Box::new(move |db| {
            let _ = answer.send(work(db));
        });
        self.jobs.send(job).await.map_err(|_| StoreError::Closed)?;
        wait.await.map_err(|_| StoreError::Closed)?
    }

    /// Hands `work` to the store's thread without waiting; calls are carried out in the order they came.
    /// Refuses only when thousands wait already or the store is closed.
    pub fn post<F>(&self, work: F) -> Result<()>
    where
        F: FnOnce(&mut Db) + Send + 'static,
    {
        self.jobs.try_send(Box::new(work)).map_err(|_| StoreError::Closed)
    }

    /// As [`Store::run`], for callers outside the runtime. Must not be called on a runtime thread.
    pub fn run_blocking<T, F>(&self, work: F) -> Result<T>
    where
        T: Send + 'static,
        F: FnOnce(&mut Db) -> Result<T> + Send + 'static,
    {
        let (answer, wait) = std::sync::mpsc::sync_channel(1);
        let job: Job = Box::new(move |db| {
            let _ = answer.send(work(db));
        });
        self.jobs.blocking_send(job).map_err(|_| StoreError::Closed)?;
        wait.recv().map_err(|_| StoreError::Closed)?
    }
}

/// Makes a directory that only its owner can look into.
pub fn make_private_dir(dir: &Path) -> Result<()> {
    let failed = |source| StoreError::Directory { path: dir.to_owned(), source };
    if !dir.exists() {
        let mut builder = std::fs::DirBuilder::new();
        builder.recursive(true);
        #[cfg(unix)]
        std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
        builder.create(dir).map_err(failed)?;
    }
    Ok(())
}

#[cfg(test)]
mod tests;
