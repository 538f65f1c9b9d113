//! The account the platform itself keeps of a credential (`x-ratelimit-*`), and how pulls go slow before it is spent.

use std::time::Duration;

use tokio::time::Instant;

use crate::domain::health::RateLimit;
use crate::support::clock::Timestamp;

/// The least that is left for a person's own work, where the account is not tiny.
const RESERVE: u32 = 36;
/// Two answers whose windows end this close together speak of the same window, in milliseconds.
const SAME_WINDOW_MS: i64 = 5_000;

/// One moment on both clocks.
#[derive(Debug, Clone, Copy)]
pub(super) struct Moment {
    /// The clock that nobody sets; it may stand still while the machine sleeps.
    pub(super) instant: Instant,
    /// The clock on the wall.
    pub(super) wall: Timestamp,
}

/// How background reads share what is left.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Spread {
    /// There is plenty.
    Free,
    /// One in this time, so that it lasts until the account is renewed.
    Every(Duration),
    /// None: the rest is for a person's own work.
    Hold,
}

/// Spreads what is left of an account over the time until it is renewed. Plenty is more than a quarter; a tenth, and
/// at least a few dozen, is kept back.
pub(super) fn spread(limit: u32, remaining: u32, left: Duration) -> Spread {
    let reserve = (limit / 10).max(RESERVE).min(limit / 2);
    let low = (limit / 4).max(reserve.saturating_mul(2));
    if left.is_zero() || remaining > low {
        return Spread::Free;
    }
    match remaining.saturating_sub(reserve) {
        0 => Spread::Hold,
        free => Spread::Every(left / free),
    }
}

/// One account as last told.
#[derive(Debug, Clone, Copy)]
pub(super) struct Account {
    told: RateLimit,
    /// When it is renewed.
    renewed: Instant,
    /// The same on the wall clock, which goes on while the machine sleeps.
    renewed_wall: Timestamp,
    /// When the last background read went out.
    last: Option<Instant>,
}

impl Account {
    /// An account as the first answer tells it; it is renewed in `left`.
    pub(super) fn new(told: RateLimit, now: Moment, left: Duration) -> Self {
        let renewed_wall = now.wall.plus_ms(i64::try_from(left.as_millis()).unwrap_or(i64::MAX));
        Self { told, renewed: now.instant + left, renewed_wall, last: None }
    }

    /// Takes over what an answer says. Answers to requests that were under way together come in any order: within a
    /// window the lowest word holds, and one of a window that is over says nothing of this one.
    pub(super) fn hear(&mut self, told: RateLimit, now: Moment, left: Duration) {
        let later = told.resets_at.since(self.told.resets_at);
        if told.limit == self.told.limit && later < -SAME_WINDOW_MS && !self.left(now).is_zero() {
            return;
        }
        let same = told.limit == self.told.limit && later <= SAME_WINDOW_MS;
        let before = *self;
        *self = Self { last: before.last, ..Self::new(told, now, left) };
        if same {
            self.told.remaining = told.remaining.min(before.told.remaining);
        }
    }

    /// How long until it is renewed.
    fn left(&self, now: Moment) -> Duration {
        let wall = u64::try_from(self.renewed_wall.since(now.wall)).unwrap_or(0);
        self.renewed.saturating_duration_since(now.instant).min(Duration::from_millis(wall))
    }

    /// How long a background read must still wait, when it must.
    pub(super) fn wait(&self, now: Moment) -> Option<Duration> {
        let left = self.left(now);
        let wait = match spread(self.told.limit, self.told.remaining, left) {
            Spread::Free => Duration::ZERO,
            Spread::Hold => left,
            Spread::Every(pause) => {
                let next = self.last.map_or(now.instant, |last| last + pause);
                next.saturating_duration_since(now.instant).min(left)
            }
        };
        (!wait.is_zero()).then_some(wait)
    }

    /// Notes a background read that goes out now.
    pub(super) fn sent(&mut self, now: Moment) {
        self.last = Some(now.instant);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const HOUR: Duration = Duration::from_hours(1);

    #[test]
    fn pulls_go_slow_before_the_limit_and_leave_a_reserve() {
        let secs = Duration::from_secs;
        let every = |s| Spread::Every(secs(s));
        let table = [
            ("untouched", 5_000, 5_000, HOUR, Spread::Free),
            ("more than a quarter is plenty", 5_000, 1_251, HOUR, Spread::Free),
            ("750 above the reserve in an hour", 5_000, 1_250, secs(3_750), every(5)),
            (
                "the same in a minute: hardly slower",
                5_000,
                1_250,
                secs(75),
                Spread::Every(Duration::from_millis(100)),
            ),
            ("one above the reserve", 5_000, 501, secs(600), every(600)),
            ("the reserve is a tenth", 5_000, 500, secs(600), Spread::Hold),
            ("spent", 5_000, 0, secs(600), Spread::Hold),
            ("the window is over", 5_000, 0, Duration::ZERO, Spread::Free),
            ("a small account keeps a few dozen", 200, 36, HOUR, Spread::Hold),
            ("and is low early", 200, 72, secs(3_600), every(100)),
            ("a tiny one keeps half", 60, 30, HOUR, Spread::Hold),
            ("and shares the other half", 60, 60, secs(3_600), every(120)),
            ("an account of nothing", 0, 0, HOUR, Spread::Hold),
        ];
        for (what, limit, remaining, left, want) in table {
            assert_eq!(spread(limit, remaining, left), want, "{what}");
        }
    }

    fn moment() -> Moment {
        Moment { instant: Instant::now(), wall: Timestamp(1_000_000) }
    }

    /// So many left of 5,000, in a window that ends `minutes` after the first one.
    fn told(remaining: u32, minutes: i64) -> RateLimit {
        RateLimit { limit: 5_000, remaining, resets_at: Timestamp(minutes * 60_000) }
    }

    #[tokio::test(start_paused = true)]
    async fn answers_out_of_order_do_not_refill_an_account() {
        let now = moment();
        let mut account = Account::new(told(700, 0), now, HOUR);
        let second_later = RateLimit { resets_at: Timestamp(1_000), ..told(705, 0) };
        account.hear(second_later, now, HOUR);
        assert_eq!(account.told.remaining, 700, "an older answer of the same window");
        account.hear(told(4_999, -58), now, Duration::from_mins(2));
        assert_eq!(account.told.remaining, 700, "an answer of the window before");
        account.hear(told(650, 0), now, HOUR);
        assert_eq!(account.told.remaining, 650);
        account.hear(told(4_998, 60), now, HOUR);
        assert_eq!(account.told.remaining, 4_998, "a new window");
        account.hear(RateLimit { limit: 15_000, ..told(14_000, 0) }, now, HOUR);
        assert_eq!(account.told.remaining, 14_000, "another limit");
    }

    #[tokio::test(start_paused = true)]
    async fn a_machine_that_slept_through_the_window_is_not_held_by_it() {
        let before = moment();
        let mut account = Account::new(told(100, 0), before, HOUR);
        assert_eq!(account.wait(before), Some(HOUR));
        let woken = Moment { wall: before.wall.plus_ms(7_200_000), ..before };
        assert_eq!(account.wait(woken), None, "the wall clock went on");
        account.hear(told(4_990, 90), woken, Duration::from_mins(30));
        assert_eq!(account.told.remaining, 4_990);
        assert_eq!(account.left(woken), Duration::from_mins(30));
    }

    proptest! {
        #[test]
        fn nothing_but_a_persons_own_work_touches_the_reserve(
            limit in 1..20_000_u32,
            share in 0..=100_u32,
            seconds in 1..3_600_u64,
        ) {
            let mut now = moment();
            let told = RateLimit { limit, remaining: limit * share / 100, resets_at: Timestamp(0) };
            let mut account = Account::new(told, now, Duration::from_secs(seconds));
            let reserve = (limit / 10).max(RESERVE).min(limit / 2).min(account.told.remaining);
            // A pull that asks again as soon as it may.
            while now.instant < account.renewed {
                if let Some(wait) = account.wait(now) {
                    now.instant += wait;
                    continue;
                }
                account.sent(now);
                account.told.remaining -= 1;
                prop_assert!(account.told.remaining >= reserve);
            }
        }
    }
}
