//! The account the platform itself keeps of a credential (`x-ratelimit-*`), and how pulls go slow before it is spent.

use std::time::Duration;

use tokio::time::Instant;

use crate::domain::health::RateLimit;

/// The least that is left for a person's own work, where the account is not tiny.
const RESERVE: u32 = 36;
/// Two answers whose windows end this close together speak of the same window.
const SAME_WINDOW: Duration = Duration::from_secs(5);

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
    limit: u32,
    remaining: u32,
    renewed: Instant,
    /// When the last background read went out.
    last: Option<Instant>,
}

impl Account {
    /// An account as the first answer tells it; it is renewed in `left`.
    pub(super) fn new(rate: RateLimit, now: Instant, left: Duration) -> Self {
        Self { limit: rate.limit, remaining: rate.remaining, renewed: now + left, last: None }
    }

    /// Takes over what an answer says. Answers to requests that were under way together come in any order: within a
    /// window the lowest word holds, and a window that is over says nothing of this one.
    pub(super) fn hear(&mut self, rate: RateLimit, now: Instant, left: Duration) {
        let told = Self { last: self.last, ..Self::new(rate, now, left) };
        let over = self.renewed <= now || self.limit != told.limit;
        if over || told.renewed > self.renewed + SAME_WINDOW {
            *self = told;
        } else if told.renewed + SAME_WINDOW >= self.renewed {
            self.remaining = self.remaining.min(told.remaining);
        }
    }

    /// How long a background read must still wait, when it must.
    pub(super) fn wait(&self, now: Instant) -> Option<Duration> {
        let left = self.renewed.saturating_duration_since(now);
        let wait = match spread(self.limit, self.remaining, left) {
            Spread::Free => Duration::ZERO,
            Spread::Hold => left,
            Spread::Every(pause) => {
                let next = self.last.map_or(now, |last| last + pause);
                next.saturating_duration_since(now).min(left)
            }
        };
        (!wait.is_zero()).then_some(wait)
    }

    /// Notes a background read that goes out now.
    pub(super) fn sent(&mut self, now: Instant) {
        self.last = Some(now);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::support::clock::Timestamp;
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

    #[tokio::test(start_paused = true)]
    async fn answers_out_of_order_do_not_refill_an_account() {
        let now = Instant::now();
        let rate = |remaining| RateLimit { limit: 5_000, remaining, resets_at: Timestamp(0) };
        let mut account = Account::new(rate(700), now, HOUR);
        account.hear(rate(705), now, HOUR + Duration::from_secs(1));
        assert_eq!(account.remaining, 700, "an older answer of the same window");
        account.hear(rate(4_999), now, Duration::from_mins(2));
        assert_eq!(account.remaining, 700, "an answer of the window before");
        account.hear(rate(650), now, HOUR);
        assert_eq!(account.remaining, 650);
        account.hear(rate(4_998), now, HOUR * 2);
        assert_eq!(account.remaining, 4_998, "a new window");
    }

    proptest! {
        #[test]
        fn nothing_but_a_persons_own_work_touches_the_reserve(
            limit in 1..20_000_u32,
            share in 0..=100_u32,
            seconds in 1..3_600_u64,
        ) {
            let mut account = Account {
                limit,
                remaining: limit * share / 100,
                renewed: Instant::now() + Duration::from_secs(seconds),
                last: None,
            };
            let (mut now, end) = (account.renewed - Duration::from_secs(seconds), account.renewed);
            let reserve = (limit / 10).max(RESERVE).min(limit / 2).min(account.remaining);
            // A pull that asks again as soon as it may.
            while now < end {
                if let Some(wait) = account.wait(now) {
                    now += wait;
                    continue;
                }
                account.sent(now);
                account.remaining -= 1;
                prop_assert!(account.remaining >= reserve);
            }
        }
    }
}
