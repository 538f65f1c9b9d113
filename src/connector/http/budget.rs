//! When a request may go out: the buckets of one host and credential, the platform's own account, and who goes first.
//!
//! A request that would be too much waits here when the wait is short, and is put off otherwise. It sends nothing and
//! knows no platform; the numbers are in `limits`.

use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use tokio::sync::{Mutex as Turn, MutexGuard as TurnGuard};
use tokio::time::Instant;

use super::account::{Account, Moment};
use super::bucket::Bucket;
use super::limits::Limits;
use super::{Call, Priority};
use crate::domain::health::{Budget, RateLimit, RequestClass};
use crate::support::clock::SharedClock;

/// How long a request that a person waits for is held before it is put off.
const PATIENCE: Duration = Duration::from_secs(5);
/// The longest pause between two pages of a pull. A walk that is put off starts again, so it is rather slow than
/// broken off; but the changes of its connection are sent between pages, so it is not slow without end.
const WALK_PATIENCE: Duration = Duration::from_secs(30);
/// How many interactive requests may overtake a background read that waits for the same bucket.
const PASSES: u32 = 8;

/// Why and how long a request is put off.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Held {
    /// How long, from now.
    pub(super) wait: Duration,
    /// To keep the platform's account for a person's own work, not because a bucket is empty.
    pub(super) reserve: bool,
}

/// The budget of one host and credential.
#[derive(Debug)]
pub(super) struct Book {
    clock: SharedClock,
    began: Instant,
    reserve: bool,
    state: Mutex<State>,
    /// Reads wait one behind the other, interactive and background ones apart.
    turns: [Turn<()>; 2],
}

#[derive(Debug)]
struct State {
    buckets: Vec<Bucket>,
    accounts: [Option<Account>; 3],
    /// Requests that wait for a bucket, by priority and class.
    waiting: [[u32; RequestClass::ALL.len()]; 2],
    /// Interactive requests that went out in a row while a background read waited.
    passed: u32,
}

/// A request that waits; it stops when this is dropped, also when its sender was cancelled.
struct Waiting<'a> {
    book: &'a Book,
    class: RequestClass,
    priority: Priority,
}

impl Drop for Waiting<'_> {
    fn drop(&mut self) {
        self.book.lock().waiting[self.priority as usize][self.class as usize] -= 1;
    }
}

impl Book {
    pub(super) fn new(limits: &Limits, clock: SharedClock) -> Self {
        let state = State {
            buckets: limits.rules.iter().cloned().map(Bucket::new).collect(),
            accounts: [None; 3],
            waiting: [[0; RequestClass::ALL.len()]; 2],
            passed: 0,
        };
        Self {
            clock,
            began: Instant::now(),
            reserve: limits.reserve,
            state: Mutex::new(state),
            turns: [Turn::new(()), Turn::new(())],
        }
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn now(&self) -> Moment {
        Moment { instant: Instant::now(), wall: self.clock.now() }
    }

    /// Waits until the request may go out, and counts it as sent. It never comes back early.
    ///
    /// # Errors
    /// The wait is too long; nothing was counted.
    pub(super) async fn enter(&self, call: &Call) -> Result<(), Held> {
        let (class, priority) = (call.class, call.priority);
        let asked = Instant::now();
        // Mutations come one by one already, and must not stand behind a read of another class.
        let _turn: Option<TurnGuard<'_, ()>> =
            if call.is_mutation() { None } else { Some(self.turns[priority as usize].lock().await) };
        let mut waiting: Option<Waiting<'_>> = None;
        loop {
            let Err(held) = self.take(class, priority) else { return Ok(()) };
            let too_long = match priority {
                Priority::Interactive => asked.elapsed() + held.wait > PATIENCE,
                Priority::Background => held.wait > WALK_PATIENCE,
            };
            if too_long {
                return Err(held);
            }
            if waiting.is_none() {
                self.lock().waiting[priority as usize][class as usize] += 1;
                waiting = Some(Waiting { book: self, class, priority });
            }
            tokio::time::sleep(held.wait).await;
        }
    }

    /// Takes from every bucket that counts the class, or from none.
    fn take(&self, class: RequestClass, priority: Priority) -> Result<(), Held> {
        let mut state = self.lock();
        let now = self.now();
        let background = priority == Priority::Background;
        if background && let Some(wait) = state.account(class).and_then(|a| a.wait(now)) {
            return Err(Held { wait, reserve: true });
        }
        let since = now.instant - self.began;
        let (mut taken, mut longest) = (Vec::new(), None);
        for bucket in state.buckets.iter().filter(|b| b.cost(class) > 0) {
            let mark = bucket.mark();
            match bucket.take(since, bucket.cost(class), state.room(bucket, priority)) {
                Ok(()) => taken.push((bucket, mark)),
                Err(wait) => longest = longest.max(Some(wait)),
            }
        }
        if let Some(wait) = longest {
            taken.iter().for_each(|(bucket, mark)| bucket.put_back(*mark));
            return Err(Held { wait, reserve: false });
        }
        if background {
            state.passed = 0;
            if let Some(account) = state.account_mut(class) {
                account.sent(now);
            }
        } else if state.waiting[Priority::Background as usize].iter().any(|n| *n > 0) {
            state.passed = state.passed.saturating_add(1);
        }
        Ok(())
    }

    /// Takes over the platform's own account, which is renewed in `left`.
    pub(super) fn hear(&self, class: RequestClass, rate: RateLimit, left: Duration) {
        if !self.reserve {
            return;
        }
        let now = self.now();
        let mut state = self.lock();
        match &mut state.accounts[resource(class)] {
            Some(account) => account.hear(rate, now, left),
            none => *none = Some(Account::new(rate, now, left)),
        }
    }

    /// The buckets as the panel shows them.
    pub(super) fn budgets(&self) -> Vec<Budget> {
        let state = self.lock();
        let now = self.now();
        let since = now.instant - self.began;
        let mut all = Vec::new();
        for class in RequestClass::ALL {
            for bucket in state.buckets.iter().filter(|b| b.rule().shown.contains(&class)) {
                let cost = bucket.cost(class).max(1);
                all.push(Budget {
                    class,
                    limit: bucket.size() / cost,
                    remaining: bucket.left(since) / cost,
                    window_ms: ms(bucket.fills_in()),
                    free_at: bucket.wait(since, cost).map(|wait| now.wall.plus_ms(ms(wait))),
                });
            }
        }
        all
    }
}

impl State {
    fn account(&self, class: RequestClass) -> Option<&Account> {
        self.accounts[resource(class)].as_ref()
    }

    fn account_mut(&mut self, class: RequestClass) -> Option<&mut Account> {
        self.accounts[resource(class)].as_mut()
    }

    /// What a request must leave in a bucket for those who wait for it and go first: a background read what
    /// interactive requests need, and, once enough have overtaken it, they what it needs.
    fn room(&self, bucket: &Bucket, priority: Priority) -> u32 {
        let overtaken = self.passed >= PASSES;
        let ahead = match priority {
            Priority::Background if !overtaken => &self.waiting[Priority::Interactive as usize],
            Priority::Interactive if overtaken => &self.waiting[Priority::Background as usize],
            _ => return 0,
        };
        RequestClass::ALL.iter().zip(ahead).map(|(class, n)| n.saturating_mul(bucket.cost(*class))).sum()
    }
}

/// Platforms keep an account for searches and one for GraphQL apart from that of all else.
fn resource(class: RequestClass) -> usize {
    match class {
        RequestClass::Search => 1,
        RequestClass::Graphql => 2,
        RequestClass::Read | RequestClass::Write | RequestClass::ContentCreate => 0,
    }
}

/// In whole milliseconds, rounded up: nobody is told to come back early.
pub(super) fn ms(wait: Duration) -> i64 {
    i64::try_from(wait.as_nanos().div_ceil(1_000_000)).unwrap_or(i64::MAX)
}

#[cfg(test)]
mod tests;
