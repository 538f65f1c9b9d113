//! A token bucket for one rule: governor's generic cell rate algorithm on a clock that is handed in. It knows neither
//! requests nor waiting; `budget` asks it.

use std::num::NonZeroU32;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use governor::clock::Clock;
use governor::middleware::StateInformationMiddleware;
use governor::nanos::Nanos;
use governor::state::{NotKeyed, StateStore};
use governor::{Quota, RateLimiter};

use super::limits::Rule;
use crate::domain::health::RequestClass;

/// How far a bucket is spent, as governor counts it. Unlike governor's own state it can be read and put back, so that
/// a request that several buckets must agree on takes from all of them or from none.
#[derive(Debug, Clone, Default)]
struct Level(Arc<AtomicU64>);

impl StateStore for Level {
    type Key = NotKeyed;

    // Callers hold the budget's lock: nobody else changes the level between the two steps.
    fn measure_and_replace<T, F, E>(&self, _key: &NotKeyed, measure: F) -> Result<T, E>
    where
        F: Fn(Option<Nanos>) -> Result<(T, Nanos), E>,
    {
        let old = self.0.load(Ordering::Relaxed);
        let (out, new) = measure((old > 0).then(|| Nanos::new(old)))?;
        self.0.store(new.as_u64(), Ordering::Relaxed);
        Ok(out)
    }
}

/// Time since the bucket was made, as it was last told.
#[derive(Debug, Clone, Default)]
struct Moment(Arc<AtomicU64>);

impl Moment {
    fn set(&self, now: Duration) {
        let now = u64::try_from(now.as_nanos()).unwrap_or(u64::MAX);
        self.0.fetch_max(now, Ordering::Relaxed);
    }
}

impl Clock for Moment {
    type Instant = Nanos;

    fn now(&self) -> Nanos {
        Nanos::new(self.0.load(Ordering::Relaxed))
    }
}

/// One rule's bucket.
#[derive(Debug)]
pub(super) struct Bucket {
    rule: Rule,
    size: u32,
    refill: Duration,
    level: Level,
    moment: Moment,
    limiter: RateLimiter<NotKeyed, Level, Moment, StateInformationMiddleware>,
}

impl Bucket {
    /// A bucket that is half full: the process before this one may have spent what is missing.
    pub(super) fn new(rule: Rule) -> Self {
        let size = rule.at_once.clamp(1, rule.most.max(2) - 1);
        let flows_back = rule.most.saturating_sub(size).max(1);
        // Rounded up: no window may gain a point by rounding.
        let refill = rule.window / flows_back + Duration::from_nanos(1);
        let quota = Quota::with_period(refill).unwrap_or(Quota::per_hour(NonZeroU32::MIN));
        let (level, moment) = (Level::default(), Moment::default());
        let limiter = RateLimiter::new(quota.allow_burst(some(size)), level.clone(), moment.clone());
        let bucket = Self { rule, size, refill, level, moment, limiter };
        // What is missing of a new bucket is its lower half; a bucket of one is full.
        if size > 1 && bucket.limiter.check_n(some(size - size / 2)).is_err() {
            tracing::error!("a bucket cannot give half of what it holds");
        }
        bucket
    }

    pub(super) fn rule(&self) -> &Rule {
        &self.rule
    }

    /// What a request costs here; never more than the bucket holds.
    pub(super) fn cost(&self, class: RequestClass) -> u32 {
        let cost = self.rule.costs.iter().find(|(c, _)| *c == class).map_or(0, |(_, cost)| *cost);
        cost.min(self.size)
    }

    /// Takes `cost` when `room` is left besides; else says how long that takes, if nobody takes anything meanwhile.
    pub(super) fn take(&self, now: Duration, cost: u32, room: u32) -> Result<(), Duration> {
        let mark = self.mark();
        self.check(now, cost.saturating_add(room).min(self.size))?;
        if room > 0 {
            self.put_back(mark);
            self.check(now, cost)?;
        }
        Ok(())
    }

    fn check(&self, now: Duration, cost: u32) -> Result<(), Duration> {
        self.moment.set(now);
        match self.limiter.check_n(some(cost)) {
            Ok(Ok(_)) => Ok(()),
            Ok(Err(until)) => Err(until.wait_time_from(self.moment.now())),
            // Not reached, since no cost is above the size; to wait for a whole window is right for any other.
            Err(_) => Err(self.rule.window),
        }
    }

    /// Where it stands, to be put back.
    pub(super) fn mark(&self) -> u64 {
        self.level.0.load(Ordering::Relaxed)
    }

    /// Puts back what was taken since `mark`.
    pub(super) fn put_back(&self, mark: u64) {
        self.level.0.store(mark, Ordering::Relaxed);
    }

    /// How many points may be spent at once now.
    pub(super) fn left(&self, now: Duration) -> u32 {
        self.moment.set(now);
        let mark = self.mark();
        let left = match self.limiter.check() {
            Ok(after) => after.remaining_burst_capacity() + 1,
            Err(_) => 0,
        };
        self.put_back(mark);
        left
    }

    /// How long until `cost` may be spent, when it may not be now.
    pub(super) fn wait(&self, now: Duration, cost: u32) -> Option<Duration> {
        let mark = self.mark();
        let wait = self.check(now, cost).err();
        self.put_back(mark);
        wait
    }

    /// How many points it holds.
    pub(super) fn size(&self) -> u32 {
        self.size
    }

    /// In what time it fills.
    pub(super) fn fills_in(&self) -> Duration {
        self.refill * self.size
    }
}

fn some(points: u32) -> NonZeroU32 {
    NonZeroU32::new(points).unwrap_or(NonZeroU32::MIN)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn rule(most: u32, at_once: u32, window_ms: u64) -> Rule {
        let window = Duration::from_millis(window_ms);
        Rule { most, window, at_once, costs: &[(RequestClass::Read, 1)], shown: &[RequestClass::Read] }
    }

    #[test]
    fn a_new_bucket_is_half_full_and_fills_to_its_size_and_no_further() {
        let bucket = Bucket::new(rule(80, 20, 60_000));
        assert_eq!((bucket.size(), bucket.left(Duration::ZERO)), (20, 10));
        assert_eq!(bucket.left(Duration::from_millis(5_100)), 15, "one a second");
        assert_eq!(bucket.left(Duration::from_hours(1)), 20);
        assert_eq!(bucket.take(Duration::from_hours(1), 20, 0), Ok(()));
        assert_eq!(bucket.left(Duration::from_hours(1)), 0);
        let wait = bucket.take(Duration::from_hours(1), 1, 0).expect_err("it is empty");
        assert!(wait >= Duration::from_secs(1) && wait < Duration::from_millis(1_001), "{wait:?}");
        assert_eq!(bucket.take(Duration::from_hours(1) + wait, 1, 0), Ok(()), "the wait it named is enough");
    }

    #[test]
    fn room_for_others_is_left_and_not_taken() {
        let bucket = Bucket::new(rule(80, 20, 60_000));
        assert!(bucket.take(Duration::ZERO, 4, 8).is_err(), "ten are there");
        assert_eq!(bucket.left(Duration::ZERO), 10, "and a refusal takes nothing");
        assert_eq!(bucket.take(Duration::ZERO, 4, 6), Ok(()));
        assert_eq!(bucket.left(Duration::ZERO), 6);
    }

    proptest! {
        /// Any sequence of calls, each at any time and of any cost, taken as soon as the bucket lets them or dropped.
        #[test]
        fn no_window_ever_holds_more_than_its_limit(
            most in 2..60_u32,
            share in 1..100_u32,
            window_ms in 10..5_000_u64,
            calls in prop::collection::vec((0..2_000_u64, 1..6_u32, any::<bool>()), 1..300),
        ) {
            let window = Duration::from_millis(window_ms);
            let bucket = Bucket::new(rule(most, (most * share / 100).max(1), window_ms));
            let (mut now, mut sent) = (Duration::ZERO, Vec::<(Duration, u32)>::new());
            for (pause, cost, patient) in calls {
                now += Duration::from_millis(pause * window_ms / 10_000);
                let cost = cost.min(bucket.size());
                match bucket.take(now, cost, 0) {
                    Ok(()) => sent.push((now, cost)),
                    Err(wait) if patient => {
                        now += wait;
                        prop_assert_eq!(bucket.take(now, cost, 0), Ok(()), "the wait it named is enough");
                        sent.push((now, cost));
                    }
                    Err(wait) => prop_assert!(wait > Duration::ZERO),
                }
            }
            for (at, (start, _)) in sent.iter().enumerate() {
                let held: u32 = sent[at..].iter().take_while(|(t, _)| *t <= *start + window).map(|(_, c)| c).sum();
                prop_assert!(held <= most, "{held} in one window, {most} are allowed");
            }
        }
    }
}
