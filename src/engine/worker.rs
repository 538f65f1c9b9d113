//! The worker of one connection: asks the schedule what is due, does it, and sleeps until something changes.

mod census;
mod identity;
mod pull;
mod report;
mod settle;
mod step;

use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio_util::sync::CancellationToken;

use super::deliver::Sent;
use super::dial::Wires;
use super::keeper::Hold;
use super::{ConnectionReport, Engine, Line, lock};
use crate::config::ConnectionSettings;
use crate::connector::{Connector, Failure};
use crate::domain::health::{Health, HealthState, SyncStats};
use crate::store::{StoreError, StoredHealth};
use crate::support::clock::Timestamp;
use crate::sync::schedule::Step;
pub(super) use report::words;
pub(super) use settle::in_full;

/// How long a worker rests when the store refused, in milliseconds.
const STORE_RETRY_MS: i64 = 5_000;
/// How often the lock of another process is looked at.
const LOCK_POLL: Duration = Duration::from_secs(10);
/// How long a worker that broke down rests before it is started anew.
const RESTART: Duration = Duration::from_secs(30);

/// The state of one worker.
pub(super) struct Worker {
    pub engine: Engine,
    pub settings: ConnectionSettings,
    pub line: Arc<Line>,
    pub stored: StoredHealth,
    pub owner: String,
    pub dry_run: bool,
    /// This pass only sends.
    pub(super) send_only: bool,
    /// Planned writes of a dry run, in words.
    pub planned: Vec<String>,
    /// What the pass did, for `sync --once`.
    pub report: ConnectionReport,
    halted_until: Option<Timestamp>,
    /// The platform's id of the last request that could change something.
    request_id: Arc<Mutex<Option<String>>>,
    /// Until when the platform said to stay away, in milliseconds: told by the gate, also with an answer that was good.
    ordered: Arc<AtomicI64>,
    pub(super) next_pull: Option<Timestamp>,
    /// Until when our own budget has put the pull off that has just ended.
    put_off: Option<Timestamp>,
    pub(super) next_census: Option<Timestamp>,
    /// When a connection that works at ticks works next.
    next_tick: Option<Timestamp>,
    /// A pass is under way that is to be brought to its end.
    in_pass: bool,
    /// The repository was found to be the one it always was.
    recognised: bool,
    pushes: u32,
    /// Links whose own answer came while the walk under way went on.
    newer: std::collections::HashSet<crate::domain::LinkId>,
    /// What of `report` is in the statistics already.
    counted: SyncStats,
}

/// What one step came to.
pub(super) type Stepped = Result<(), Trouble>;

/// Why a step did not come to its end.
#[derive(Debug)]
pub(super) enum Trouble {
    /// The platform.
    Platform(Failure),
    /// The store.
    Store(StoreError),
}

impl From<Failure> for Trouble {
    fn from(failure: Failure) -> Self {
        Self::Platform(failure)
    }
}

impl From<StoreError> for Trouble {
    fn from(error: StoreError) -> Self {
        Self::Store(error)
    }
}

impl Engine {
    /// Starts a worker for each connection.
    pub(super) fn start_workers(&self) {
        let token = self.0.cancel.child_token();
        *self.0.workers.lock().unwrap_or_else(PoisonError::into_inner) = token.clone();
        for settings in self.settings().connections.clone() {
            if let Some(line) = self.line(&settings.name) {
                self.0.tasks.spawn(self.clone().supervise(settings, line, token.clone()));
            }
        }
    }

    /// Keeps a worker running: one that breaks down says so on the panel and is started anew, for what it must know
    /// is in the store.
    async fn supervise(self, settings: ConnectionSettings, line: Arc<Line>, cancel: CancellationToken) {
        while !cancel.is_cancelled() {
            let worker = Worker::new(self.clone(), settings.clone(), line.clone(), false);
            let Err(ended) = tokio::spawn(worker.run(cancel.clone())).await else { return };
            tracing::error!(connection = %settings.name, %ended, "the worker broke down");
            let reason = "an internal error; it is in the log. The connection is started anew".to_owned();
            self.0
                .monitor
                .update(&settings.name, |h| (h.state, h.reason) = (HealthState::Broken, Some(reason)));
            tokio::select! {
                () = cancel.cancelled() => {}
                () = tokio::time::sleep(RESTART) => {}
            }
        }
    }
}

impl Worker {
    pub fn new(engine: Engine, settings: ConnectionSettings, line: Arc<Line>, dry_run: bool) -> Self {
        let owner = format!("{}-{}", std::process::id(), uuid::Uuid::new_v4().simple());
        Self {
            engine,
            settings,
            line,
            owner,
            dry_run,
            send_only: false,
            stored: StoredHealth::default(),
            planned: Vec::new(),
            report: ConnectionReport::default(),
            halted_until: None,
            request_id: Arc::default(),
            ordered: Arc::default(),
            next_pull: None,
            put_off: None,
            next_census: None,
            next_tick: None,
            in_pass: false,
            recognised: false,
            pushes: 0,
            newer: std::collections::HashSet::new(),
            counted: SyncStats::default(),
        }
    }

    pub fn now(&self) -> Timestamp {
        self.engine.0.clock.now()
    }

    fn show(&self, change: impl FnOnce(&mut Health)) {
        self.engine.0.monitor.update(&self.settings.name, change);
    }

    async fn run(mut self, cancel: CancellationToken) {
        let held = tokio::select! {
            () = cancel.cancelled() => return,
            held = self.wait_for_lock() => held,
        };
        // Before anything of ours is kept in its place.
        self.engine.take_over(&self.settings.name).await;
        let hold = Hold::on(&self.line);
        self.work(&cancel).await;
        drop((hold, held));
    }

    /// Does what is due until it is cancelled.
    async fn work(&mut self, cancel: &CancellationToken) {
        // Without what is stored of it nothing can be done; a database that is busy now is free in a moment.
        while let Err(error) = self.begin().await {
            self.show(|h| (h.state, h.reason) = (HealthState::Retrying, Some(in_full(&error))));
            self.rest(Some(self.now().plus_ms(STORE_RETRY_MS)), cancel).await;
            if cancel.is_cancelled() {
                return;
            }
        }
        // A step under way is finished, not cut: its answer is worth having. Shut-down bounds the wait.
        while !cancel.is_cancelled() {
            self.forget_refusals();
            let step = self.next_step().await;
            let wait = match step {
                Ok(Step::Push | Step::Pull | Step::Census) if self.line.connector().is_none() => {
                    let result = match self.dial().await {
                        Ok(()) => self.introduce().await,
                        failed => failed,
                    };
                    self.settle(result).await;
                    continue;
                }
                Ok(Step::Push) => {
                    let result = self.push().await;
                    self.settle(result).await;
                    continue;
                }
                Ok(Step::Pull) => {
                    let result = self.pull(cancel).await;
                    self.settle(result.map(|_| ())).await;
                    continue;
                }
                Ok(Step::Census) => {
                    let result = self.census(cancel).await;
                    self.settle(result).await;
                    continue;
                }
                Ok(Step::Wait(until)) => until,
                Err(error) => {
                    self.show(|h| (h.state, h.reason) = (HealthState::Retrying, Some(in_full(&error))));
                    Some(self.now().plus_ms(STORE_RETRY_MS))
                }
            };
            self.rest(wait, cancel).await;
        }
    }

    async fn wait_for_lock(&self) -> lock::Held {
        let mut wait = Duration::from_millis(20);
        loop {
            match lock::take(&self.engine.0.data_dir, &self.settings.name) {
                Ok(Some(held)) => return held,
                Ok(None) => {
                    self.show(|h| h.state = HealthState::Elsewhere);
                    self.engine.tell();
                }
                Err(error) => {
                    self.show(|h| {
                        (h.state, h.reason) = (HealthState::Broken, Some(format!("cannot lock: {error}")));
                    });
                }
            }
            // Short at first: the worker before this one may be finishing its last request. A person who asks for
            // something makes it look at once.
            tokio::select! {
                () = tokio::time::sleep(wait) => {}
                () = self.line.wake.notified() => {}
            }
            wait = (wait * 2).min(LOCK_POLL);
        }
    }

    /// Heals what a process that died left behind, and takes over what it knew.
    pub async fn begin(&mut self) -> Result<(), StoreError> {
        let name = self.settings.name.clone();
        let (stored, home, cursor) = self
            .engine
            .0
            .store
            .run(move |db| {
                db.heal(&name)?;
                Ok((db.health(&name)?, db.home(&name)?, db.cursor(&name)?))
            })
            .await?;
        self.stored = stored;
        let now = self.now();
        self.next_pull = self.settings.direction.pulls().then_some(now);
        self.next_tick = Some(now);
        // Before the first pull came to its end there is nothing to count, and after it everything is counted.
        let every = self.settings.guards.census.filter(|_| self.settings.direction.pulls() && !self.dry_run);
        self.next_census = every
            .filter(|_| cursor.since.is_some())
            .map(|every| home.counted_at.map_or(now, |at| at.plus_ms(every.as_millis() as i64)));
        self.show(|h| h.last_good = self.stored.last_good);
        self.engine.tell();
        Ok(())
    }

    /// Makes the connector, or notes why it cannot be made.
    pub async fn dial(&mut self) -> Stepped {
        let (monitor, name) = (self.engine.0.monitor.clone(), self.settings.name.clone());
        let clock = self.engine.0.clock.clone();
        let (observed, ordered, last_id) = (name.clone(), self.ordered.clone(), self.request_id.clone());
        let wires = Wires {
            observe: Arc::new(move |exchange| {
                if !matches!(exchange.method.as_str(), "GET" | "HEAD") {
                    last_id.lock().unwrap_or_else(PoisonError::into_inner).clone_from(&exchange.request_id);
                }
                monitor.record(&observed, &exchange, clock.now());
            }),
            cool_down: Arc::new(move |until| {
                ordered.fetch_max(until.0, Ordering::SeqCst);
            }),
            cool_down_until: self.stored.cool_down_until.filter(|until| *until > self.now()),
            read_only: self.dry_run,
            clock: self.engine.0.clock.clone(),
        };
        let dial = self.engine.0.dial.clone();
        let connector = dial.dial(&self.settings, wires).await?;
        *self.line.connector.write().unwrap_or_else(PoisonError::into_inner) = Some(connector);
        Ok(())
    }

    /// The server's clock minus ours: as its last answer told it, or as it was when it was last asked.
    pub fn clock_offset_ms(&self) -> i64 {
        let told = self.line.connector().and_then(|c| c.clock_offset_ms());
        told.unwrap_or(self.stored.clock_offset_ms)
    }

    /// The platform's id of the last request that could change something; told once.
    pub fn take_request_id(&self) -> Option<String> {
        self.request_id.lock().unwrap_or_else(PoisonError::into_inner).take()
    }

    pub fn connector(&self) -> Result<Arc<dyn Connector>, Failure> {
        self.line.connector().ok_or_else(Failure::offline)
    }

    /// Sleeps until `until`, a wake, or the end.
    pub async fn rest(&self, until: Option<Timestamp>, cancel: &CancellationToken) {
        let now = self.now();
        let timer = async {
            match until {
                Some(at) => tokio::time::sleep(Duration::from_millis(at.since(now).max(1) as u64)).await,
                None => std::future::pending().await,
            }
        };
        tokio::select! {
            () = cancel.cancelled() => {}
            () = self.line.wake.notified() => {}
            () = timer => {}
        }
    }

    /// Sends the next thing that is due.
    pub async fn push(&mut self) -> Stepped {
        self.pushes += 1;
        self.show(|h| h.state = HealthState::Syncing);
        if !self.recognised && !self.recognise().await? {
            return Ok(());
        }
        let (name, owner, guards) = (self.settings.name.clone(), self.owner.clone(), self.guards());
        if let Some(item) = self.engine.0.store.run(move |db| db.claim(&name, &owner, &guards)).await? {
            self.engine.tell();
            let link = item.link.id;
            let result = self.deliver(item).await;
            match &result {
                Ok(Sent::Newer) => {
                    self.newer.insert(link);
                    // Where nothing is pulled, something that was sent is a good pass.
                    if !self.settings.direction.pulls() {
                        self.succeed().await?;
                    }
                }
                Ok(Sent::Settled) => {}
                Err(_) => self.engine.0.store.run(move |db| db.give_back(link)).await?,
            }
            self.engine.tell();
            return result.map(|_| ());
        }
        let name = self.settings.name.clone();
        if let Some(delivery) = self.engine.0.store.run(move |db| db.due_delivery(&name)).await? {
            let result = self.deliver_comment(delivery).await;
            self.engine.tell();
            return result;
        }
        Ok(())
    }
}

/// A number in `0.0..1.0` for jitter. Not for secrets.
pub(super) fn dice() -> f64 {
    let bits = uuid::Uuid::new_v4().as_u128() as u32;
    f64::from(bits) / f64::from(u32::MAX)
}
