//! One complete pass without a front end: `corkboard sync --once`, with or without writing.

use serde::Serialize;
use tokio_util::sync::CancellationToken;

use super::worker::{Trouble, Worker, words};
use super::{Engine, EngineError, EngineOptions, lock};
use crate::config::settings::{ConnectionSettings, Mode};
use crate::domain::link::ConnectionName;
use crate::store::{Absent, Applied, Ask, StoreError};
use crate::sync::schedule::Step;

/// How long a pass waits for items that are due again soon, such as a create that is being looked for, since it last got
/// something done: one that only fails holds nobody up.
const PATIENCE_MS: i64 = 90_000;
/// How often in a row a pass may try a connection that fails for a passing reason.
const FAILURES: u32 = 4;

/// What a pass did on one connection.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct ConnectionReport {
    /// Which connection.
    pub connection: String,
    /// Cards made from items there.
    pub pulled_created: u32,
    /// Cards changed by items there.
    pub pulled_updated: u32,
    /// Items read of which nothing was new.
    pub pulled_unchanged: u32,
    /// Items created there.
    pub created: u32,
    /// Items changed there.
    pub sent: u32,
    /// Comments added there.
    pub comments: u32,
    /// Fields changed on both sides in this pass.
    pub conflicts: u32,
    /// Conflicts that wait for a decision.
    pub open_conflicts: u32,
    /// Changes that wait for a person.
    pub parked: u32,
    /// Changes that are still to be sent.
    pub unsent: u32,
    /// What the connection asks before it goes on.
    pub asks: Vec<String>,
    /// Moves the platform refused, with its words, and items that are gone there.
    pub refused: Vec<String>,
    /// What a dry run would have sent.
    pub planned: Vec<String>,
    /// Requests made.
    pub requests: u64,
    /// Why the pass did not come to its end, when it did not.
    pub error: Option<String>,
}

impl ConnectionReport {
    /// How much was done: it rises with all that comes to its end.
    fn done(&self) -> u64 {
        let read = self.pulled_created + self.pulled_updated + self.pulled_unchanged;
        u64::from(read) + u64::from(self.created + self.sent + self.comments) + self.refused.len() as u64
    }

    /// Adds what was done later in the same pass; what is counted as it stands is as it stands then.
    fn add(&mut self, later: Self) {
        let mut refused = std::mem::take(&mut self.refused);
        refused.extend(later.refused);
        *self = Self {
            connection: std::mem::take(&mut self.connection),
            pulled_created: self.pulled_created + later.pulled_created,
            pulled_updated: self.pulled_updated + later.pulled_updated,
            pulled_unchanged: self.pulled_unchanged + later.pulled_unchanged,
            created: self.created + later.created,
            sent: self.sent + later.sent,
            comments: self.comments + later.comments,
            conflicts: self.conflicts + later.conflicts,
            refused,
            ..later
        };
    }
}

/// What a pass did.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct SyncReport {
    /// Whether nothing was written anywhere.
    pub dry_run: bool,
    /// One report for each connection.
    pub connections: Vec<ConnectionReport>,
    /// Connections the config does not name, and cards are linked to.
    pub absent: Vec<Absent>,
}

impl SyncReport {
    /// Whether a connection could not be brought to the end of its pass.
    pub fn failed(&self) -> bool {
        self.connections.iter().any(|c| c.error.is_some())
    }

    /// Whether something waits for a person.
    pub fn needs_a_person(&self) -> bool {
        self.connections
            .iter()
            .any(|c| c.open_conflicts + c.parked > 0 || !c.refused.is_empty() || !c.asks.is_empty())
    }
}

/// How a pass is made.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Once {
    /// Go on with large acts, and with what the connections asked before this pass.
    pub yes: bool,
    /// Count the items, whenever they were counted last.
    pub census: bool,
}

/// How far a pass over one connection goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Reach {
    /// It sends and pulls.
    Whole,
    /// It sends what is due, and asks for nothing.
    Send,
    /// It writes nothing.
    Dry,
}

impl Engine {
    /// Makes one complete pass over every connection, or over the one named: send what is due, pull, send what the
    /// pull made due.
    pub async fn sync_once(&self, only: Option<&ConnectionName>) -> Result<SyncReport, EngineError> {
        self.pass(only, Once::default(), false).await
    }

    /// The same, with answers given beforehand.
    pub async fn sync_once_with(
        &self,
        only: Option<&ConnectionName>,
        how: Once,
    ) -> Result<SyncReport, EngineError> {
        self.pass(only, how, false).await
    }

    /// The same without writing anything: on a copy of the database, and nothing but GET and HEAD leaves.
    pub async fn dry_run(&self, only: Option<&ConnectionName>) -> Result<SyncReport, EngineError> {
        let unusable = |source| StoreError::Directory { path: std::env::temp_dir(), source };
        let copy = tempfile::Builder::new().prefix("corkboard-dry-run").tempdir().map_err(unusable)?;
        let file = copy.path().join("corkboard.db");
        self.0.store.run(move |db| db.copy_to(&file)).await?;
        let twin = Self::open(EngineOptions {
            settings: self.settings(),
            data_dir: copy.path().to_owned(),
            clock: self.0.clock.clone(),
            dial: self.0.dial.clone(),
        })?;
        twin.register_connections().await?;
        let report = twin.pass(only, Once::default(), true).await;
        twin.shutdown().await;
        report
    }

    /// A pass over one connection; `None` when there is none of that name any more.
    async fn pass_over(
        &self,
        settings: ConnectionSettings,
        how: Once,
        reach: Reach,
    ) -> Result<Option<ConnectionReport>, EngineError> {
        let Some(line) = self.line(&settings.name) else { return Ok(None) };
        let mut worker = Worker::new(self.clone(), settings, line, reach == Reach::Dry);
        worker.send_only = reach == Reach::Send;
        let held = lock::take_for_a_pass(&self.0.data_dir, &worker.settings.name).await;
        worker.report.connection = worker.settings.name.to_string();
        // Kept until all is written down that the next process must know, such as an order to stay away.
        match &held {
            Ok(Some(_)) => Box::pin(worker.pass(how)).await?,
            Ok(None) => worker.leave_it_to_the_other(how).await?,
            Err(error) => worker.report.error = Some(format!("cannot lock the connection: {error}")),
        }
        let report = worker.finish().await?;
        drop(held);
        Ok(Some(report))
    }

    /// Sends what later connections brought or refused, and earlier ones are owed: a change reaches every platform of its
    /// card in one pass. Ends by itself, and after as many rounds as there are connections whatever comes.
    async fn pass_on(&self, report: &mut SyncReport) -> Result<(), EngineError> {
        for _ in 1..report.connections.len() {
            let mut sent = false;
            for settings in self.settings().connections.clone() {
                let done = report.connections.iter_mut().find(|c| settings.name.as_str() == c.connection);
                let Some(done) = done.filter(|c| c.error.is_none() && settings.direction.pushes()) else {
                    continue;
                };
                let (name, guards) = (settings.name.clone(), settings.guards);
                let due = self.0.store.run(move |db| db.next_due(&name, &guards)).await?;
                if due.is_none_or(|at| at > self.0.clock.now()) {
                    continue;
                }
                if let Some(more) = self.pass_over(settings, Once::default(), Reach::Send).await? {
                    done.add(more);
                    sent = true;
                }
            }
            if !sent {
                break;
            }
        }
        Ok(())
    }

    async fn pass(
        &self,
        only: Option<&ConnectionName>,
        how: Once,
        dry_run: bool,
    ) -> Result<SyncReport, EngineError> {
        // Nobody takes the updates of a run without a front end: they must not wait for that.
        drop(self.updates());
        let mut report = SyncReport { dry_run, ..SyncReport::default() };
        for settings in self.settings().connections.clone() {
            if only.is_none_or(|name| *name == settings.name) {
                let reach = if dry_run { Reach::Dry } else { Reach::Whole };
                report.connections.extend(self.pass_over(settings, how, reach).await?);
            }
        }
        if !dry_run {
            self.pass_on(&mut report).await?;
        }
        if !dry_run {
            self.forget_audit().await;
        }
        report.absent = self.absent_connections().await?;
        Ok(report)
    }
}

impl Worker {
    /// Another process synchronises the connection: it is asked to.
    async fn leave_it_to_the_other(&mut self, how: Once) -> Result<(), StoreError> {
        let mut words = "another corkboard on this machine is synchronising it".to_owned();
        if !self.dry_run {
            let name = self.settings.name.clone();
            let ask = if how.census { Ask::Census } else { Ask::Sync };
            self.engine.0.store.run(move |db| db.note_ask(&name, ask)).await?;
            words.push_str("; it was asked to do so now");
        }
        self.report.error = Some(words);
        Ok(())
    }

    async fn pass(&mut self, how: Once) -> Result<(), StoreError> {
        if !self.dry_run {
            self.engine.take_over(&self.settings.name).await;
        }
        self.begin().await?;
        // Whoever calls for a pass does not wait for a tick.
        self.settings.mode = Mode::RealTime;
        if how.yes {
            self.say_go(true).await?;
        }
        if self.dry_run {
            self.tell_what_would_be_asked().await?;
        }
        if how.census {
            self.next_census = self.settings.direction.pulls().then(|| self.now());
        }
        // A person asked for this pass, so what failed before is tried. What the platform ordered is kept.
        self.stored.breaker.reset();
        let never = CancellationToken::new();
        let mut pulled = self.send_only || !self.settings.direction.pulls();
        if self.send_only {
            (self.next_pull, self.next_census) = (None, None);
        }
        // Between two tries at a census pulls may go well; they do not make up for it.
        let (mut failures, mut failed_counts) = (0, 0);
        let (mut done, mut moved_on) = (self.report.done(), self.now());
        loop {
            if self.report.done() != done {
                (done, moved_on) = (self.report.done(), self.now());
            }
            let result = match self.next_step().await? {
                Step::Push | Step::Pull | Step::Census if self.line.connector().is_none() => {
                    self.dial().await
                }
                Step::Push => self.push().await,
                Step::Pull => {
                    let result = self.pull(&never).await;
                    pulled |= matches!(result, Ok(true));
                    result.map(|_| ())
                }
                Step::Census => {
                    let result = self.census(&never).await;
                    failed_counts += u32::from(result.is_err());
                    result
                }
                Step::Wait(_) if how.yes && self.say_go(false).await? => continue,
                Step::Wait(until) => {
                    let soon = until.filter(|at| at.since(moved_on) < PATIENCE_MS);
                    let counts = self.next_census.is_some_and(|at| at <= self.now());
                    let waits_for_more = !pulled || counts || self.has_due_soon().await?;
                    if soon.is_none() || !waits_for_more {
                        return self.note_halt(pulled).await;
                    }
                    self.rest(soon, &never).await;
                    continue;
                }
            };
            let failed = match &result {
                Ok(()) => None,
                Err(Trouble::Platform(f)) => {
                    Some((f.to_string(), f.class == crate::sync::Class::Configuration))
                }
                Err(Trouble::Store(e)) => Some((super::worker::in_full(e), true)),
            };
            self.settle(result).await;
            if failed.is_none() {
                failures = 0;
            }
            if let Some((words, hopeless)) = failed {
                failures += 1;
                if hopeless || failures.max(failed_counts) >= FAILURES {
                    self.report.error = Some(self.stored.reason.clone().unwrap_or(words));
                    return Ok(());
                }
            }
        }
    }

    /// Answers go: to everything that is asked, or only to what is asked about large acts. Returns whether there was
    /// anything.
    async fn say_go(&self, all: bool) -> Result<bool, StoreError> {
        let name = self.settings.name.clone();
        let say = move |db: &mut crate::store::Db| {
            let mut said = false;
            let asked = db.questions(&name)?;
            for one in asked.iter().filter(|q| q.go.is_none() && (all || !q.stops_connection())) {
                said |= db.answer(one.id, true)?;
            }
            Ok(said)
        };
        self.engine.0.store.run(say).await
    }

    /// A dry run shows everything that would be sent, and says which of it would be asked about; all on the copy.
    async fn tell_what_would_be_asked(&mut self) -> Result<(), StoreError> {
        let (name, guards) = (self.settings.name.clone(), self.settings.guards);
        let asked = move |db: &mut crate::store::Db| {
            db.ask_about_bulk(&name, &guards)?;
            db.questions(&name)
        };
        let asked = self.engine.0.store.run(asked).await?;
        self.report.asks = asked.iter().filter(|q| q.go.is_none()).map(|q| words(q).text).collect();
        self.say_go(false).await?;
        Ok(())
    }

    /// A pass that ends without a pull, or with something due that must not be sent now, says why.
    async fn note_halt(&mut self, pulled: bool) -> Result<(), StoreError> {
        let name = self.settings.name.clone();
        let guards = self.guards();
        let asked =
            self.engine.0.store.run(move |db| {
                Ok((db.next_due(&name, &guards)?, db.is_paused(&name)?, db.questions(&name)?))
            });
        let (due, paused, questions) = asked.await?;
        if questions.iter().any(|q| q.stops_connection() && q.go.is_none()) {
            return Ok(());
        }
        let stuck = self.settings.direction.pushes() && due.is_some_and(|at| at <= self.now());
        if !pulled || stuck {
            let until = self.stored.cool_down_until.map(crate::support::clock::Timestamp::to_rfc3339);
            self.report.error = Some(match (paused, &self.stored.reason, until) {
                (true, ..) => "the connection is paused".to_owned(),
                (false, Some(reason), _) => reason.clone(),
                (false, None, Some(until)) => format!("the platform asked to wait until {until}"),
                (false, None, None) => "it could not be brought to its end".to_owned(),
            });
        }
        Ok(())
    }

    async fn has_due_soon(&self) -> Result<bool, StoreError> {
        let name = self.settings.name.clone();
        let guards = self.guards();
        let due = self.engine.0.store.run(move |db| db.next_due(&name, &guards)).await?;
        Ok(due.is_some_and(|at| at.since(self.now()) < PATIENCE_MS) && self.settings.direction.pushes())
    }

    async fn finish(mut self) -> Result<ConnectionReport, StoreError> {
        self.keep_order().await?;
        let name = self.settings.name.clone();
        let (unsent, (_, parked), open, asked) = self
            .engine
            .0
            .store
            .run(move |db| {
                Ok((db.unsent(&name)?, db.parked(&name, 0)?, db.open_conflicts(&name)?, db.questions(&name)?))
            })
            .await?;
        if !self.dry_run {
            self.leave_snapshot(unsent, parked, open).await;
        }
        self.report.asks.extend(asked.iter().filter(|q| q.go.is_none()).map(|q| words(q).text));
        let requests = self.engine.0.monitor.of(&self.settings.name).map_or(0, |h| h.requests);
        self.report.planned = std::mem::take(&mut self.planned);
        Ok(ConnectionReport { unsent, parked, open_conflicts: open, requests, ..self.report })
    }

    /// Adds a page's outcome to the report.
    pub(super) fn tally(&mut self, applied: &Applied) {
        self.report.pulled_created += applied.created;
        self.report.pulled_updated += applied.updated;
        self.report.pulled_unchanged += applied.unchanged;
        self.report.conflicts += applied.conflicts;
    }
}
