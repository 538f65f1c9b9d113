//! When to draw. What a person did is drawn at once; what only came from elsewhere at most thirty times a second, so
//! that a storm of remote changes costs a slow link, and a reader's eye, no more than it can take. Pure.

use std::time::Duration;

use tokio::time::Instant;

/// The least time between two frames of which no person caused the second.
pub const REST: Duration = Duration::from_millis(33);

/// What is not drawn yet, and when the last frame was.
#[derive(Debug, Default)]
pub struct Pace {
    dirty: bool,
    urgent: bool,
    last: Option<Instant>,
}

impl Pace {
    /// Something may look different now, because a person did something or because their terminal changed.
    pub fn by_hand(&mut self) {
        self.dirty = true;
        self.urgent = true;
    }

    /// Something may look different now; nobody here did anything.
    pub fn remotely(&mut self) {
        self.dirty = true;
    }

    /// How long the next frame has to wait; `None` when there is nothing to draw.
    pub fn wait(&self, now: Instant) -> Option<Duration> {
        if !self.dirty {
            return None;
        }
        let rested = self.last.filter(|_| !self.urgent).map(|last| last + REST);
        Some(rested.map_or(Duration::ZERO, |at| at.saturating_duration_since(now)))
    }

    /// A frame was drawn.
    pub fn drawn(&mut self, now: Instant) {
        *self = Self { dirty: false, urgent: false, last: Some(now) };
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn the_first_frame_and_a_persons_wait_for_nothing() {
        let mut pace = Pace::default();
        let now = Instant::now();
        assert_eq!(pace.wait(now), None);
        pace.remotely();
        assert_eq!(pace.wait(now), Some(Duration::ZERO));
        pace.drawn(now);
        assert_eq!(pace.wait(now), None, "what is drawn is not drawn again");
        pace.remotely();
        assert_eq!(pace.wait(now + Duration::from_millis(3)), Some(Duration::from_millis(30)));
        pace.by_hand();
        assert_eq!(pace.wait(now + Duration::from_millis(3)), Some(Duration::ZERO));
    }

    proptest! {
        /// A storm of any shape: at most thirty frames in any second but for those a person caused, each of which is
        /// drawn in the moment it is caused; and what came last is always drawn in the end.
        #[test]
        fn a_storm_is_thirty_frames_a_second_and_no_key_waits(
            storm in prop::collection::vec((0_u64..12, prop::bool::weighted(0.05)), 1..600),
        ) {
            let start = Instant::now();
            let (mut pace, mut now) = (Pace::default(), start);
            let mut elsewhere: Vec<Instant> = Vec::new();
            for (after, person) in storm {
                let next = now + Duration::from_millis(after);
                // The loop sleeps until a frame is due or something happens.
                if let Some(wait) = pace.wait(now) && now + wait <= next {
                    pace.drawn(now + wait);
                    elsewhere.push(now + wait);
                }
                now = next;
                if person {
                    pace.by_hand();
                    prop_assert_eq!(pace.wait(now), Some(Duration::ZERO));
                    pace.drawn(now);
                } else {
                    pace.remotely();
                }
            }
            for (n, first) in elsewhere.iter().enumerate() {
                let second = elsewhere[n..].iter().filter(|t| t.duration_since(*first) < Duration::from_secs(1));
                prop_assert!(second.count() <= 31);
            }
            let due = pace.wait(now);
            prop_assert!(due.is_none_or(|wait| wait <= REST));
        }
    }
}
