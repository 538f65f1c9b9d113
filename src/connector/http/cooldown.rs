//! The moment before which a credential may not ask again. It is never capped and never shortened by us.

use std::sync::atomic::{AtomicI64, AtomicU32, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use crate::support::clock::Timestamp;

/// Is told when a cool-down begins or grows, with its end, so that it can be kept over a restart.
pub type CoolDownObserver = Arc<dyn Fn(Timestamp) + Send + Sync>;

/// The least wait after a limit that names none, in milliseconds (GitHub: "at least one minute", then longer).
const UNNAMED_MS: i64 = 60_000;

/// A credential's cool-down.
#[derive(Default)]
pub(super) struct CoolDown {
    until: AtomicI64,
    /// Limits in a row that named no wait.
    unnamed: AtomicU32,
    observers: Mutex<Vec<CoolDownObserver>>,
}

impl CoolDown {
    /// Its end, while it lasts.
    pub(super) fn until(&self, now: Timestamp) -> Option<Timestamp> {
        let until = Timestamp(self.until.load(Ordering::SeqCst));
        (until > now).then_some(until)
    }

    /// Takes up one that was kept over a restart; tells nobody.
    pub(super) fn restore(&self, until: Timestamp) {
        self.until.fetch_max(until.0, Ordering::SeqCst);
    }

    /// Lengthens it to `until`; one that is already longer stays.
    pub(super) fn extend(&self, until: Timestamp) {
        if self.until.fetch_max(until.0, Ordering::SeqCst) >= until.0 {
            return;
        }
        let observers = self.observers.lock().unwrap_or_else(PoisonError::into_inner).clone();
        observers.iter().for_each(|tell| tell(until));
    }

    /// Begins one for a limit that names no wait: a minute, doubling with each in a row. Returns what is left of it in
    /// milliseconds. Requests that were under way together meet one limit, not several.
    pub(super) fn extend_unnamed(&self, now: Timestamp) -> i64 {
        if let Some(until) = self.until(now) {
            return until.since(now);
        }
        let before = self.unnamed.fetch_add(1, Ordering::SeqCst).min(6);
        let wait = UNNAMED_MS << before;
        self.extend(now.plus_ms(wait));
        wait
    }

    /// Notes a request that was not limited.
    pub(super) fn ease(&self) {
        self.unnamed.store(0, Ordering::SeqCst);
    }

    /// Adds somebody to tell.
    pub(super) fn observe(&self, observer: CoolDownObserver) {
        self.observers.lock().unwrap_or_else(PoisonError::into_inner).push(observer);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_shorter_word_never_shortens_a_longer_one() {
        let (cool, told) = (CoolDown::default(), Arc::new(Mutex::new(Vec::new())));
        let sink = Arc::clone(&told);
        cool.observe(Arc::new(move |t| sink.lock().expect("not poisoned").push(t.0)));
        let week = 7 * 24 * 3_600_000;
        cool.extend(Timestamp(week));
        cool.extend(Timestamp(60_000));
        assert_eq!(cool.until(Timestamp(1)), Some(Timestamp(week)), "a week stays a week");
        assert_eq!(cool.until(Timestamp(week)), None, "and ends");
        assert_eq!(*told.lock().expect("not poisoned"), [week]);
    }

    #[test]
    fn limits_without_a_word_wait_a_minute_and_then_longer() {
        let cool = CoolDown::default();
        let mut now = Timestamp(0);
        for want in [60_000, 120_000, 240_000] {
            assert_eq!(cool.extend_unnamed(now), want);
            assert_eq!(cool.extend_unnamed(now.plus_ms(1)), want - 1, "the same limit, met by a neighbour");
            now = now.plus_ms(want);
        }
        cool.ease();
        assert_eq!(cool.extend_unnamed(now), 60_000);
    }
}
