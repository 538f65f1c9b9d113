//! What all handles and connections of one sandbox share. Each lock is held for one step only and never across a
//! wait.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::watch;

use super::api::{self, Answer, Call, Limits};
use super::faults::Action;
use super::inject::{Injector, Verdict};
use super::record::{Log, Recorded};
use super::world::World;
use super::world::edit::By;
use super::{bitbucket, gitlab, graphql, jira};
use crate::support::clock::SharedClock;

/// What a client finds at the sandbox's port.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Network {
    /// The simulated GitHub.
    Online,
    /// Nobody: connections are refused.
    Refusing,
    /// Connections that end without an answer, but for the control addresses.
    Cutting,
}

/// The shared state.
#[derive(Debug)]
pub(super) struct Inner {
    pub(super) url: String,
    pub(super) clock: SharedClock,
    pub(super) world: Mutex<World>,
    pub(super) projects: Mutex<graphql::Projects>,
    pub(super) gitlab: Mutex<gitlab::World>,
    pub(super) jira: Mutex<jira::World>,
    pub(super) bitbucket: Mutex<bitbucket::World>,
    pub(super) limits: Mutex<Limits>,
    /// Tokens that stand for one of the accounts' own.
    pub(super) admitted: Mutex<Vec<(String, &'static str)>>,
    injector: Mutex<Injector>,
    pub(super) log: Mutex<Log>,
    network: watch::Sender<Network>,
    /// What the listener has made of `network` so far.
    settled: watch::Sender<Network>,
    /// Connections that are open now.
    connections: AtomicUsize,
    /// Grows with every change and every request, to wake those who wait for a fact.
    changes: watch::Sender<u64>,
}

/// An open connection, counted.
#[derive(Debug)]
pub(super) struct Counted(Arc<Inner>);

impl Drop for Counted {
    fn drop(&mut self) {
        self.0.connections.fetch_sub(1, Ordering::SeqCst);
        self.0.wake();
    }
}

/// A lock's content. A panic elsewhere cannot leave half an edit that matters to a simulation, so poison is ignored.
pub(super) fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Inner {
    pub(super) fn new(
        url: String,
        clock: SharedClock,
        world: World,
        limits: Limits,
        injector: Injector,
    ) -> Self {
        Self {
            url,
            clock,
            world: Mutex::new(world),
            projects: Mutex::default(),
            gitlab: Mutex::default(),
            jira: Mutex::default(),
            bitbucket: Mutex::default(),
            limits: Mutex::new(limits),
            admitted: Mutex::default(),
            injector: Mutex::new(injector),
            log: Mutex::default(),
            network: watch::Sender::new(Network::Online),
            settled: watch::Sender::new(Network::Online),
            connections: AtomicUsize::new(0),
            changes: watch::Sender::new(0),
        }
    }

    /// How many connections are open.
    pub(super) fn connections(&self) -> usize {
        self.connections.load(Ordering::SeqCst)
    }

    /// Counts a connection for as long as what is returned lives.
    pub(super) fn count_connection(self: &Arc<Self>) -> Counted {
        self.connections.fetch_add(1, Ordering::SeqCst);
        Counted(Arc::clone(self))
    }

    pub(super) fn network(&self) -> watch::Receiver<Network> {
        self.network.subscribe()
    }

    pub(super) fn set_network(&self, network: Network) {
        self.network.send_replace(network);
        self.wake();
    }

    /// Says that the listener has come to be as `network` wants it.
    pub(super) fn settle(&self, network: Network) {
        self.settled.send_replace(network);
    }

    /// What the listener has come to be.
    pub(super) fn settled(&self) -> watch::Receiver<Network> {
        self.settled.subscribe()
    }

    pub(super) fn changes(&self) -> watch::Receiver<u64> {
        self.changes.subscribe()
    }

    pub(super) fn wake(&self) {
        self.changes.send_modify(|count| *count += 1);
    }

    pub(super) fn injector(&self) -> MutexGuard<'_, Injector> {
        locked(&self.injector)
    }

    pub(super) fn judge(&self, method: &str, target: &str) -> Verdict {
        self.injector().judge(method, target)
    }

    /// Answers a request; also says how many edits the platform's main project had seen then.
    pub(super) fn handle(&self, call: &Call) -> (Answer, usize) {
        let elsewhere = match call.segments.first().map(String::as_str) {
            Some("gitlab") => {
                let mut gitlab = locked(&self.gitlab);
                Some((gitlab.handle(call), gitlab.moment()))
            }
            Some("jira") => {
                let mut jira = locked(&self.jira);
                Some((jira.handle(call), jira.moment()))
            }
            Some("bitbucket") => Some((locked(&self.bitbucket).handle(call), 0)),
            _ => None,
        };
        if let Some(answered) = elsewhere {
            return answered;
        }
        let (mut world, mut limits) = (locked(&self.world), locked(&self.limits));
        let mut projects = locked(&self.projects);
        let asked = projects.handle(&mut world, call);
        let answer = asked.unwrap_or_else(|| api::handle(&mut world, &mut limits, call));
        projects.follow(&world, call.now);
        let moment = world.repos[0].past.as_ref().map_or(0, Vec::len);
        (answer, moment)
    }

    pub(super) fn record(&self, recorded: Recorded) {
        locked(&self.log).push(recorded);
        self.wake();
    }

    /// Edits or deletes an item that a page walk has just been sent, so that the pages behind it shift.
    pub(super) fn shift(&self, repo: usize, number: u64, action: &Action) {
        let by = By { login: "ana".to_owned(), at: self.clock.now().0 };
        let mut world = locked(&self.world);
        let repo = &mut world.repos[repo];
        match action {
            Action::ShiftEdit => {
                let before = repo.issues.get(&number).and_then(|issue| issue.body.clone());
                let body = format!("{}\n\nEdited while the list was being read.", before.unwrap_or_default());
                repo.set_body(number, Some(&body), &by);
            }
            Action::ShiftDelete => {
                repo.delete_issue(number);
            }
            _ => {}
        }
    }

    /// Waits until `fact` holds; false when `within` passes first.
    pub(super) async fn wait_for(&self, within: Duration, fact: impl Fn() -> bool) -> bool {
        let mut changes = self.changes();
        let waiting = async {
            loop {
                changes.mark_unchanged();
                if fact() {
                    return true;
                }
                if changes.changed().await.is_err() {
                    return false;
                }
            }
        };
        tokio::time::timeout(within, waiting).await.unwrap_or_else(|_| fact())
    }
}
