//! What a failure means for what comes next: class, backoff, breaker. Values that are stored and shown, not hidden
//! in a loop.

use serde::{Deserialize, Serialize};

use crate::support::clock::Timestamp;

/// What kind of trouble a failure is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Class {
    /// It passes: network, 5xx, rate limits.
    Transient,
    /// A person must mend the connection: token, permission, repository.
    Configuration,
    /// This item as it is will never be taken: validation.
    Permanent,
    /// Something else changed meanwhile: read again, merge, plan anew.
    Conflict,
}

/// What to do after a failure.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Disposition {
    /// Try again at this moment, not before.
    RetryAt(Timestamp),
    /// Read the item again and plan anew, now.
    Replan,
    /// Set the item aside until a person edits it or asks again.
    Park,
    /// Stop the connection until a person mends it; the queue stays.
    Halt,
}

/// Exponential waiting with full jitter.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Backoff {
    first_ms: i64,
    cap_ms: i64,
}

impl Backoff {
    /// Waits between nothing and `first_ms`, doubling with each failure up to `cap_ms`.
    ///
    /// # Panics
    /// When `first_ms` is not positive or `cap_ms` is less: such a backoff would storm.
    pub const fn new(first_ms: i64, cap_ms: i64) -> Self {
        assert!(first_ms > 0 && cap_ms >= first_ms, "a backoff waits");
        Self { first_ms, cap_ms }
    }

    /// When to try again after `failures` failures in a row (one or more). `dice` in `0.0..1.0` is the jitter;
    /// `retry_after_ms`, the server's own word, is a floor that the cap never lowers.
    pub fn next(self, now: Timestamp, failures: u32, dice: f64, retry_after_ms: Option<i64>) -> Timestamp {
        let doublings = failures.saturating_sub(1).min(40);
        let ceiling = self.first_ms.saturating_mul(1_i64 << doublings).min(self.cap_ms);
        // The lower half is kept, so that "full" jitter never means "at once".
        let wait = ceiling / 2 + ((ceiling / 2) as f64 * dice.clamp(0.0, 1.0)) as i64;
        now.plus_ms(wait.max(retry_after_ms.unwrap_or(0)))
    }
}

/// Backoff of a connection that does not answer.
pub const CONNECTION_BACKOFF: Backoff = Backoff::new(1_000, 5 * 60_000);
/// Backoff of a single item.
pub const ITEM_BACKOFF: Backoff = Backoff::new(2_000, 10 * 60_000);

/// Stops asking a server that only fails, and probes it now and then.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct CircuitBreaker {
    /// Failures in a row.
    pub failures: u32,
    /// No request before this moment, when set.
    pub open_until: Option<Timestamp>,
    /// Successes since the last failure, while the failures before it still count.
    pub probation: u32,
}

/// How many successes it takes until the failures before them are forgotten: a server that answers now and then is
/// not yet well, and its next failure waits as long as if it had not answered.
pub const PROBATION: u32 = 3;

impl CircuitBreaker {
    /// Whether a request may go out now. After `open_until` one may, as a probe.
    pub fn allows(&self, now: Timestamp) -> bool {
        self.open_until.is_none_or(|until| now >= until)
    }

    /// Notes a success: requests may go out, and after [`PROBATION`] of them the failures are forgotten.
    pub fn succeed(&mut self) {
        self.probation += 1;
        self.open_until = None;
        if self.failures == 0 || self.probation >= PROBATION {
            self.reset();
        }
    }

    /// Forgets every failure: a person asked for another try.
    pub fn reset(&mut self) {
        *self = Self::default();
    }

    /// Notes a failure; returns when the next request may go out.
    pub fn fail(&mut self, now: Timestamp, dice: f64, retry_after_ms: Option<i64>) -> Timestamp {
        self.failures = self.failures.saturating_add(1);
        self.probation = 0;
        let until = CONNECTION_BACKOFF.next(now, self.failures, dice, retry_after_ms);
        self.open_until = Some(until);
        until
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_success_closes_the_breaker() {
        let mut breaker = CircuitBreaker::default();
        let until = breaker.fail(Timestamp(0), 0.5, None);
        assert!(!breaker.allows(Timestamp(0)));
        assert!(breaker.allows(until), "one probe goes out when the time has come");
        breaker.succeed();
        assert!(breaker.allows(Timestamp(0)));
    }

    #[test]
    fn a_server_that_answers_now_and_then_is_not_well_yet() {
        let mut breaker = CircuitBreaker::default();
        for _ in 0..4 {
            breaker.fail(Timestamp(0), 1.0, None);
        }
        breaker.succeed();
        assert!(breaker.allows(Timestamp(0)));
        assert_eq!(breaker.fail(Timestamp(0), 1.0, None), Timestamp(16_000), "the wait goes on growing");
        for _ in 0..PROBATION {
            breaker.succeed();
        }
        assert_eq!(breaker, CircuitBreaker::default());
        assert_eq!(breaker.fail(Timestamp(0), 1.0, None), Timestamp(1_000));
        breaker.reset();
        assert!(breaker.allows(Timestamp(0)), "a person's word ends it at once");
    }

    proptest! {
        #[test]
        fn a_wait_grows_to_the_cap_and_never_undercuts_the_server(failures in 1..200_u32, dice in 0.0..1.0_f64, after in prop::option::of(0..86_400_000_i64)) {
            let at = CONNECTION_BACKOFF.next(Timestamp(0), failures, dice, after).0;
            prop_assert!(at >= 500, "never at once");
            prop_assert!(at >= after.unwrap_or(0), "Retry-After is a floor, however long");
            prop_assert!(at <= after.unwrap_or(0).max(5 * 60_000), "the cap holds where the server asks for less");
        }
    }
}
