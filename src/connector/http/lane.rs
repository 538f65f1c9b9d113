//! The mutation lane: one at a time, and a pause between the end of one and the start of the next.

use std::time::Duration;

use tokio::sync::{Mutex, MutexGuard};
use tokio::time::Instant;

/// Serialises mutations.
#[derive(Debug, Default)]
pub(super) struct Lane {
    last_end: Mutex<Option<Instant>>,
}

/// The right to send one mutation. What was sent ends when this is dropped, also when its sender was cancelled.
#[derive(Debug)]
pub(super) struct InLane<'a> {
    last_end: MutexGuard<'a, Option<Instant>>,
    sent: bool,
}

impl Lane {
    /// Waits for its turn and until `pace` has passed since the last mutation ended.
    pub(super) async fn enter(&self, pace: Duration) -> InLane<'_> {
        let last_end = self.last_end.lock().await;
        if let Some(end) = *last_end {
            tokio::time::sleep_until(end + pace).await;
        }
        InLane { last_end, sent: false }
    }
}

impl InLane<'_> {
    /// Notes that the mutation goes out now; one that was refused before costs the next no pause.
    pub(super) fn sending(&mut self) {
        self.sent = true;
    }
}

impl Drop for InLane<'_> {
    fn drop(&mut self) {
        if self.sent {
            *self.last_end = Some(Instant::now());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::Arc;

    const PACE: Duration = Duration::from_secs(1);

    #[tokio::test(start_paused = true)]
    async fn the_pause_runs_from_the_end_of_one_to_the_start_of_the_next() {
        let lane = Arc::new(Lane::default());
        let mut starts_and_ends = Vec::new();
        for _ in 0..3 {
            let mut turn = lane.enter(PACE).await;
            turn.sending();
            let start = Instant::now();
            tokio::time::sleep(Duration::from_millis(700)).await;
            drop(turn);
            starts_and_ends.push((start, Instant::now()));
        }
        for pair in starts_and_ends.windows(2) {
            let pause = pair[1].0 - pair[0].1;
            assert!(pause >= PACE, "{pause:?}");
        }
    }

    #[tokio::test(start_paused = true)]
    async fn only_one_is_under_way_however_many_come() {
        let lane = Arc::new(Lane::default());
        let running = Arc::new(std::sync::atomic::AtomicU32::new(0));
        let tasks: Vec<_> = (0..5)
            .map(|_| {
                let (lane, running) = (Arc::clone(&lane), Arc::clone(&running));
                tokio::spawn(async move {
                    let mut turn = lane.enter(PACE).await;
                    turn.sending();
                    let others = running.fetch_add(1, std::sync::atomic::Ordering::SeqCst);
                    tokio::time::sleep(Duration::from_millis(50)).await;
                    running.fetch_sub(1, std::sync::atomic::Ordering::SeqCst);
                    drop(turn);
                    others
                })
            })
            .collect();
        for task in tasks {
            assert_eq!(task.await.expect("no panic"), 0);
        }
    }

    #[tokio::test(start_paused = true)]
    async fn a_cancelled_mutation_still_holds_the_next_one_off() {
        let lane = Lane::default();
        let began = Instant::now();
        let cancelled = tokio::time::timeout(Duration::from_millis(300), async {
            let mut turn = lane.enter(PACE).await;
            turn.sending();
            std::future::pending::<()>().await;
        });
        assert!(cancelled.await.is_err());
        drop(lane.enter(PACE).await);
        assert!(began.elapsed() >= Duration::from_millis(1_300));
    }

    #[tokio::test(start_paused = true)]
    async fn one_that_was_never_sent_costs_no_pause() {
        let lane = Lane::default();
        let began = Instant::now();
        drop(lane.enter(PACE).await);
        drop(lane.enter(PACE).await);
        assert!(began.elapsed() < PACE);
    }
}
