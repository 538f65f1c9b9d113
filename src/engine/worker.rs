//! The worker of one connection: asks the schedule what is due, does it, and sleeps until something changes.

mod settle;

use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::sync::mpsc::Receiver;
use tokio_util::sync::CancellationToken;

use super::deliver::{Sent, one_way};
use super::dial::Wires;
use super::keeper::Hold;
use super::seen::SHOWN_FAILED;
use super::{ConnectionReport, Engine, Line, Update, lock};
use crate::config::ConnectionSettings;
use crate::config::settings::Direction;
use crate::connector::{Connector, Failure, Page};
use crate::domain::health::{FailedItem, Health, HealthState, Progress, SyncStats};
use crate::store::{Applied, Inbound, StoreError, StoredHealth};
use crate::support::clock::Timestamp;
use crate::sync::judge;
use crate::sync::reconcile::{Policies, Policy};
use crate::sync::schedule::{Facts, Step, next};
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
    /// Planned writes of a dry run, in words.
    pub planned: Vec<String>,
    /// What the pass did, for `sync --once`.
    pub report: ConnectionReport,
    halted_until: Option<Timestamp>,
    /// The platform's id of the last request that could change something.
    request_id: Arc<Mutex<Option<String>>>,
    /// Until when the platform said to stay away, in milliseconds: told by the gate, also with an answer that was good.
    ordered: Arc<AtomicI64>,
    next_pull: Option<Timestamp>,
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
            stored: StoredHealth::default(),
            planned: Vec::new(),
            report: ConnectionReport::default(),
            halted_until: None,
            request_id: Arc::default(),
            ordered: Arc::default(),
            next_pull: None,
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
        // Without what is stored of it nothing can be done; a database that is busy now is free in a moment.
        while let Err(error) = self.begin().await {
            self.show(|h| (h.state, h.reason) = (HealthState::Retrying, Some(in_full(&error))));
            self.rest(Some(self.now().plus_ms(STORE_RETRY_MS)), &cancel).await;
            if cancel.is_cancelled() {
                return;
            }
        }
        // A step under way is finished, not cut: its answer is worth having. Shut-down bounds the wait.
        while !cancel.is_cancelled() {
            self.forget_refusals();
            let step = self.next_step().await;
            let wait = match step {
                Ok(Step::Push | Step::Pull) if self.line.connector().is_none() => {
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
                    let result = self.pull(&cancel).await;
                    self.settle(result).await;
                    continue;
                }
                Ok(Step::Wait(until)) => until,
                Err(error) => {
                    self.show(|h| (h.state, h.reason) = (HealthState::Retrying, Some(in_full(&error))));
                    Some(self.now().plus_ms(STORE_RETRY_MS))
                }
            };
            self.rest(wait, &cancel).await;
        }
        drop((hold, held));
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
            // Short at first: the worker before this one may be finishing its last request.
            tokio::time::sleep(wait).await;
            wait = (wait * 2).min(LOCK_POLL);
        }
    }

    /// Heals what a process that died left behind, and takes over what it knew.
    pub async fn begin(&mut self) -> Result<(), StoreError> {
        let name = self.settings.name.clone();
        self.stored = self
            .engine
            .0
            .store
            .run(move |db| {
                db.heal(&name)?;
                db.health(&name)
            })
            .await?;
        self.next_pull = self.settings.direction.pulls().then(|| self.now());
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

    /// Looks once at who we are there and what we may do, so that the panel can say what will not work.
    async fn introduce(&mut self) -> Stepped {
        let probe = self.connector()?.probe().await?;
        let warning = match &probe {
            p if p.archived => Some("the repository is archived: it can only be read".to_owned()),
            p if !p.has_issues => Some("issues are switched off in this repository".to_owned()),
            p if !p.can_write && self.settings.direction.pushes() => {
                Some(format!("the token of {} may only read here: changes will be refused", p.login))
            }
            _ => None,
        };
        self.show(|h| (h.login, h.warning, h.token_expires) = (Some(probe.login), warning, probe.expires_at));
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

    pub async fn next_step(&mut self) -> Result<Step, StoreError> {
        let asked = self.line.take_requests();
        let now = self.now();
        if asked.retry {
            self.halted_until = None;
            self.stored.breaker.succeed();
            let name = self.settings.name.clone();
            self.engine.0.store.run(move |db| db.retry(&name, None)).await?;
            self.engine.tell();
        }
        if asked.retry || asked.sync_now {
            self.next_pull = self.settings.direction.pulls().then_some(now);
            self.halted_until = None;
        }
        let name = self.settings.name.clone();
        let (paused, next_push) =
            self.engine.0.store.run(move |db| Ok((db.is_paused(&name)?, db.next_due(&name)?))).await?;
        let blocked = [self.stored.cool_down_until, self.stored.breaker.open_until, self.halted_until];
        let facts = Facts {
            paused,
            blocked_until: blocked.into_iter().flatten().max(),
            next_push: next_push.filter(|_| self.settings.direction.pushes()),
            next_pull: self.next_pull,
            pushes_in_a_row: self.pushes,
        };
        let step = next(now, &facts);
        self.report(&step, &facts).await?;
        Ok(step)
    }

    /// Writes counts and the state word of a resting connection to the panel.
    async fn report(&self, step: &Step, facts: &Facts) -> Result<(), StoreError> {
        let name = self.settings.name.clone();
        let (unsent, oldest, (parked, parked_total), conflicts) = self
            .engine
            .0
            .store
            .run(move |db| {
                Ok((
                    db.unsent(&name)?,
                    db.oldest_unsent(&name)?,
                    db.parked(&name, SHOWN_FAILED)?,
                    db.open_conflicts(&name)?,
                ))
            })
            .await?;
        let now = self.now();
        self.show(|h| {
            h.unsent = unsent;
            h.oldest_unsent = oldest;
            h.failed_total = parked_total;
            h.failed = parked.into_iter().map(FailedItem::from).collect();
            h.conflicts = conflicts;
            let resting = matches!(
                h.state,
                HealthState::Syncing | HealthState::Starting | HealthState::Paused | HealthState::Elsewhere
            );
            match step {
                Step::Push | Step::Pull => {}
                Step::Wait(_) if facts.paused => h.state = HealthState::Paused,
                Step::Wait(until) => {
                    h.next_attempt = *until;
                    let free = facts.blocked_until.is_none_or(|until| until <= now);
                    if resting && free {
                        h.state = if h.last_good.is_some() || h.requests > 0 {
                            HealthState::Healthy
                        } else {
                            h.state
                        };
                    }
                }
            }
        });
        Ok(())
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
        let (name, owner) = (self.settings.name.clone(), self.owner.clone());
        if let Some(item) = self.engine.0.store.run(move |db| db.claim(&name, &owner)).await? {
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

    /// Pulls what changed, page by page; a person's own changes go out between two pages.
    pub async fn pull(&mut self, cancel: &CancellationToken) -> Stepped {
        self.pushes = 0;
        self.newer.clear();
        self.show(|h| h.state = HealthState::Syncing);
        let name = self.settings.name.clone();
        let cursor = self.engine.0.store.run(move |db| db.cursor(&name)).await?;
        let first = cursor.since.is_none();
        let connector = self.connector()?;
        let Some(tracker) = connector.tracker() else { return Ok(()) };
        let (pages, arriving) = tokio::sync::mpsc::channel::<Page>(8);
        // Side by side: the next pages are asked for and read while the store works at this one. The channel holds
        // eight pages, no more. Neither cuts the other: a change may be on its way between two pages.
        let walk = tracker.pull(&cursor, pages);
        let (end, taken) = tokio::join!(walk, self.take_pages(arriving, first, cancel));
        taken?;
        if cancel.is_cancelled() {
            return Ok(());
        }
        let end = end?;
        if end.cursor != cursor {
            let name = self.settings.name.clone();
            self.engine.0.store.run(move |db| db.advance(&name, &end.cursor)).await?;
        }
        if first {
            self.learn_milestones().await;
        }
        self.succeed().await?;
        Ok(())
    }

    /// Applies pages as they come, until there are no more. Cancelled, it takes none any more, which ends the walk.
    async fn take_pages(
        &mut self,
        mut pages: Receiver<Page>,
        first: bool,
        cancel: &CancellationToken,
    ) -> Stepped {
        let (mut done, started) = (0_u64, self.now());
        while let Some(page) = pages.recv().await {
            done += page.items.len() as u64;
            let total = page.total;
            self.apply(page).await?;
            if first {
                self.show(|h| h.progress = Some(Progress { done, total, started, before: 0 }));
            }
            if cancel.is_cancelled() {
                return Ok(());
            }
            self.push_between_pages().await?;
        }
        Ok(())
    }

    /// Sends what is due while a long walk goes on. Trouble with an item does not end the walk.
    async fn push_between_pages(&mut self) -> Stepped {
        let name = self.settings.name.clone();
        let due = self.engine.0.store.run(move |db| db.next_due(&name)).await?;
        let now = self.now();
        let allowed = self.settings.direction.pushes() && self.stored.breaker.allows(now) && !self.dry_run;
        if allowed && due.is_some_and(|at| at <= now) { self.push().await } else { Ok(()) }
    }

    /// Applies one page.
    async fn apply(&mut self, page: Page) -> Result<Applied, StoreError> {
        let Page { items, skipped, .. } = page;
        let rules = self.engine.rules();
        let (name, newer) = (self.settings.name.clone(), self.newer.clone());
        let (mapping, policies) = (self.settings.mapping.clone(), self.policies());
        let (offset, direction) = (self.clock_offset_ms(), self.settings.direction);
        let applied = self
            .engine
            .0
            .store
            .run(move |db| {
                let Some(rule) = rules.0.get(&name) else { return Ok(Applied::default()) };
                let how = Inbound {
                    connection: &name,
                    rule,
                    newer: &newer,
                    judge: &|known, item| {
                        one_way(direction, judge::judge(known, item, &mapping, &policies, offset))
                    },
                    adopt: &|known, item| judge::adopt(known, item, &mapping),
                };
                db.apply_page(&items, &how)
            })
            .await?;
        if applied.created + applied.updated > 0 {
            self.engine.tell();
            // A card that is on two platforms is to change on the other one too.
            self.engine.wake(self.engine.settings().connections.iter().map(|c| c.name.clone()));
        }
        self.tally(&applied);
        for skipped in skipped {
            tracing::warn!(connection = %self.settings.name, %skipped, "an item could not be read");
            let words = format!("{}: an item could not be read: {skipped}", self.settings.name);
            self.engine.send(Update::Notice(words)).await;
        }
        Ok(applied)
    }

    /// Takes the platform's milestones over; a failure here is not worth a failed pass.
    async fn learn_milestones(&self) {
        let Ok(connector) = self.connector() else { return };
        let Some(tracker) = connector.tracker() else { return };
        if let Ok(offers) = tracker.offers().await {
            let name = self.settings.name.clone();
            let _ = self.engine.0.store.run(move |db| db.take_milestones(&name, &offers.milestones)).await;
        }
    }

    /// Who decides a conflict; where changes go one way only, there is nothing to decide.
    pub fn policies(&self) -> Policies {
        let always = |default| Policies { default, ..Policies::default() };
        match self.settings.direction {
            Direction::Bidirectional => self.settings.policies.clone(),
            Direction::Push => always(Policy::Local),
            Direction::Pull => always(Policy::Remote),
        }
    }
}

/// A number in `0.0..1.0` for jitter. Not for secrets.
pub(super) fn dice() -> f64 {
    let bits = uuid::Uuid::new_v4().as_u128() as u32;
    f64::from(bits) / f64::from(u32::MAX)
}
