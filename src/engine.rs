//! The use cases both front ends call; the only place where store, core and connectors meet.
//!
//! [`Engine`] is a handle that can be cloned. Nothing a front end calls on it waits for disk or network: answers
//! come back as [`Update`]s, health on a watch. Facts are in SQLite; every wake is only a hint.

mod asks;
mod bodies;
mod choices;
mod config_file;
mod deliver;
pub mod dial;
mod front;
mod herald;
mod import;
mod keeper;
mod links;
mod lock;
pub mod mapping;
mod monitor;
mod once;
mod remap;
mod search;
mod seen;
pub mod update;
mod worker;

use std::collections::HashMap;
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError, RwLock};
use std::time::Duration;

use tokio::sync::{Notify, mpsc, watch};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use crate::config::Settings;
use crate::connector::Connector;
use crate::domain::board::Board;
use crate::domain::command::{Change, Command, decide};
use crate::domain::health::Health;
use crate::domain::history::VersionKind;
use crate::domain::link::ConnectionName;
use crate::store::{LinkRule, LinkRules, Store, StoreError};
use crate::support::clock::SharedClock;

pub use dial::{Dial, RealDial, TokenReader, Wires};
pub use import::ImportReport;
pub use links::{LinkAsk, LinkTold};
pub use monitor::Monitor;
pub use once::{ConnectionReport, Once, SyncReport};
pub use seen::{Seen, Watching};
pub use update::{CardDetail, Comments, MappingPreview, Update};

/// How many updates may wait for the front end before the engine waits for it.
const UPDATES: usize = 256;
/// How long a request in flight may take to finish at shut-down.
const GRACE: Duration = Duration::from_secs(5);

/// Why a use case failed.
#[derive(Debug, thiserror::Error)]
pub enum EngineError {
    /// The store.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The command cannot be carried out.
    #[error(transparent)]
    Reject(#[from] crate::domain::Reject),
}

/// What an engine is opened with.
pub struct EngineOptions {
    /// The settings.
    pub settings: Arc<Settings>,
    /// Where the database lives.
    pub data_dir: PathBuf,
    /// The clock.
    pub clock: SharedClock,
    /// How connectors are made.
    pub dial: Arc<dyn Dial>,
}

/// One connection's place in the engine, whether its worker runs or not.
struct Line {
    wake: Arc<Notify>,
    /// Whether this process synchronises the connection.
    held: AtomicBool,
    requests: Mutex<Requests>,
    connector: RwLock<Option<Arc<dyn Connector>>>,
}

/// What a person asked of a connection since its worker last looked.
#[derive(Debug, Clone, Copy, Default)]
struct Requests {
    sync_now: bool,
    retry: bool,
}

struct Shared {
    settings: RwLock<Arc<Settings>>,
    store: Store,
    clock: SharedClock,
    data_dir: PathBuf,
    dial: Arc<dyn Dial>,
    monitor: Monitor,
    lines: RwLock<HashMap<ConnectionName, Arc<Line>>>,
    updates: mpsc::Sender<Update>,
    inbox: Mutex<Option<mpsc::Receiver<Update>>>,
    changed: Arc<Notify>,
    tasks: TaskTracker,
    cancel: CancellationToken,
    workers: Mutex<CancellationToken>,
    ways: Mutex<asks::KnownWays>,
    /// Held while the config file is written.
    config_turn: tokio::sync::Mutex<()>,
}

/// The handle.
#[derive(Clone)]
pub struct Engine(Arc<Shared>);

impl Engine {
    /// Opens the store and takes the settings over. Starts nothing.
    pub fn open(options: EngineOptions) -> Result<Self, EngineError> {
        let store = Store::open(&options.data_dir, options.clock.clone())?;
        let (updates, inbox) = mpsc::channel(UPDATES);
        let cancel = CancellationToken::new();
        let engine = Self(Arc::new(Shared {
            monitor: Monitor::new(&options.settings),
            lines: RwLock::new(HashMap::new()),
            settings: RwLock::new(options.settings),
            store,
            clock: options.clock,
            data_dir: options.data_dir,
            dial: options.dial,
            updates,
            inbox: Mutex::new(Some(inbox)),
            changed: Arc::new(Notify::new()),
            tasks: TaskTracker::new(),
            workers: Mutex::new(cancel.child_token()),
            ways: Mutex::default(),
            config_turn: tokio::sync::Mutex::default(),
            cancel,
        }));
        engine.lay_lines();
        engine.name_the_writer()?;
        Ok(engine)
    }

    /// Starts the background tasks on the current runtime: one per connection, and none without a connection but the
    /// one that tells the front end what changed.
    pub fn start(&self) {
        self.start_herald();
        self.start_keeper();
        self.start_workers();
    }

    /// The settings now.
    pub fn settings(&self) -> Arc<Settings> {
        self.0.settings.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// The store.
    pub fn store(&self) -> &Store {
        &self.0.store
    }

    /// The clock.
    pub fn clock(&self) -> &SharedClock {
        &self.0.clock
    }

    /// The health of every connection, live.
    pub fn health(&self) -> watch::Receiver<Vec<Health>> {
        self.0.monitor.watch()
    }

    /// The updates; can be taken once.
    pub fn updates(&self) -> Option<mpsc::Receiver<Update>> {
        self.0.inbox.lock().unwrap_or_else(PoisonError::into_inner).take()
    }

    /// The whole board as the store holds it.
    pub async fn board(&self) -> Result<Board, EngineError> {
        let settings = self.settings();
        let limits = settings.limits.clone();
        let mut board = self.0.store.run(move |db| db.board(&settings.board_name, &settings.columns)).await?;
        board.set_limits(limits);
        Ok(board)
    }

    /// Decides and commits a command against the stored board: what the command line does.
    pub async fn carry_out(&self, command: Command) -> Result<Vec<Change>, EngineError> {
        self.carry_out_as(VersionKind::Edit, command).await
    }

    /// The same for a change that comes about in another way than by an edit.
    pub async fn carry_out_as(
        &self,
        kind: VersionKind,
        command: Command,
    ) -> Result<Vec<Change>, EngineError> {
        let board = self.board().await?;
        let changes = decide(&board, command)?;
        let (rules, committed) = (self.rules(), changes.clone());
        let done = self.0.store.run(move |db| db.commit_as(kind, &committed, &rules)).await?;
        self.wake(done.wake);
        Ok(changes)
    }

    /// Stops every task: a request under way may finish within five seconds; then the store has the last word.
    pub async fn shutdown(&self) {
        let held = self.held();
        self.0.cancel.cancel();
        self.0.tasks.close();
        let _ = tokio::time::timeout(GRACE, self.0.tasks.wait()).await;
        self.leave_snapshots(held).await;
        // The store's thread works its queue off in order, so this answer means that all before it is on the disk.
        if let Err(error) = self.0.store.run(|db| db.tidy_up()).await {
            tracing::debug!(%error, "the write-ahead log stays as it is");
        }
    }

    /// What the store must know of the connections.
    fn rules(&self) -> Arc<LinkRules> {
        let rule = |c: &crate::config::ConnectionSettings| LinkRule {
            platform: c.platform.as_str(),
            repository: c.repository.clone(),
            pushes: c.direction.pushes(),
            creates: c.creates(),
            mapping: c.mapping.clone(),
            default_labels: c.default_labels.clone(),
            template: c.issue_template.clone(),
        };
        Arc::new(LinkRules(self.settings().connections.iter().map(|c| (c.name.clone(), rule(c))).collect()))
    }

    fn lay_lines(&self) {
        let settings = self.settings();
        let mut lines = self.0.lines.write().unwrap_or_else(PoisonError::into_inner);
        for connection in &settings.connections {
            lines.entry(connection.name.clone()).or_insert_with(|| {
                Arc::new(Line {
                    wake: Arc::new(Notify::new()),
                    held: AtomicBool::new(false),
                    requests: Mutex::default(),
                    connector: RwLock::new(None),
                })
            });
        }
    }

    fn line(&self, name: &ConnectionName) -> Option<Arc<Line>> {
        self.0.lines.read().unwrap_or_else(PoisonError::into_inner).get(name).cloned()
    }

    fn wake(&self, names: impl IntoIterator<Item = ConnectionName>) {
        for name in names {
            if let Some(line) = self.line(&name) {
                line.wake.notify_one();
            }
        }
    }

    /// Makes the herald look for changes.
    fn tell(&self) {
        self.0.changed.notify_one();
    }

    async fn send(&self, update: Update) {
        // Without a front end nobody listens, and that is no failure.
        let _ = self.0.updates.send(update).await;
    }
}

impl Line {
    fn is_held(&self) -> bool {
        self.held.load(Ordering::SeqCst)
    }

    fn ask(&self, change: impl FnOnce(&mut Requests)) {
        change(&mut self.requests.lock().unwrap_or_else(PoisonError::into_inner));
        self.wake.notify_one();
    }

    fn take_requests(&self) -> Requests {
        std::mem::take(&mut self.requests.lock().unwrap_or_else(PoisonError::into_inner))
    }

    fn connector(&self) -> Option<Arc<dyn Connector>> {
        self.connector.read().unwrap_or_else(PoisonError::into_inner).clone()
    }
}
