//! What a connection does next: a pure answer from facts, so that a missed or doubled wake changes nothing.

use crate::support::clock::Timestamp;

/// When a connection does its work.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Pace {
    /// As soon as something is due.
    #[default]
    AtOnce,
    /// All of it at ticks: the next one.
    AtTicks(Option<Timestamp>),
    /// Only when a person asks.
    WhenAsked,
}

/// What is known of a connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Facts {
    /// A person paused it.
    pub paused: bool,
    /// It asks a person something before it goes on.
    pub asking: bool,
    /// When it does its work.
    pub pace: Pace,
    /// A pass is under way: it is brought to its end, whatever the pace.
    pub in_pass: bool,
    /// No request before this moment: cool-down, open breaker, or a wait after something a person must mend.
    pub blocked_until: Option<Timestamp>,
    /// When the next item of the outbox is due.
    pub next_push: Option<Timestamp>,
    /// When the next pull is due.
    pub next_pull: Option<Timestamp>,
    /// When the items are counted next.
    pub next_census: Option<Timestamp>,
    /// Pushes made since the last pull.
    pub pushes_in_a_row: u32,
}

/// What to do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Step {
    /// Send one item.
    Push,
    /// Pull what changed.
    Pull,
    /// Count what is there.
    Census,
    /// Nothing until then, or until something wakes the connection.
    Wait(Option<Timestamp>),
}

/// A pull that is due waits for at most this many pushes: a long queue must not blind the board.
pub const PUSHES_BEFORE_PULL: u32 = 20;

/// By how much of itself an interval is stretched or shortened, so that many boards do not ask in the same second.
const JITTER: f64 = 0.1;

/// An interval in milliseconds, a tenth more or less; `dice` is in `0.0..1.0`.
pub fn jittered(ms: i64, dice: f64) -> i64 {
    ms + (ms as f64 * JITTER * (2.0 * dice - 1.0)) as i64
}

/// Decides the next step. A person's own changes go before a background pull, and that before a census.
pub fn next(now: Timestamp, facts: &Facts) -> Step {
    if facts.paused || facts.asking {
        return Step::Wait(None);
    }
    if let Some(until) = facts.blocked_until.filter(|until| now < *until) {
        return Step::Wait(Some(until));
    }
    let due = |at: Option<Timestamp>| at.is_some_and(|at| at <= now);
    match facts.pace {
        Pace::AtTicks(tick) if !facts.in_pass && !due(tick) => return Step::Wait(tick),
        Pace::WhenAsked if !facts.in_pass => return Step::Wait(None),
        _ => {}
    }
    let starved = facts.pushes_in_a_row >= PUSHES_BEFORE_PULL;
    match (due(facts.next_push), due(facts.next_pull)) {
        (true, true) if starved => Step::Pull,
        (true, _) => Step::Push,
        (false, true) => Step::Pull,
        (false, false) if due(facts.next_census) => Step::Census,
        (false, false) => {
            let all = [facts.next_push, facts.next_pull, facts.next_census];
            Step::Wait(all.into_iter().flatten().min())
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_next_step_follows_from_the_facts() {
        let at = |ms| Some(Timestamp(ms));
        let base = Facts { next_push: at(50), next_pull: at(60), ..Facts::default() };
        let cases = [
            ("nothing is due", base, 10, Step::Wait(at(50))),
            ("a push is due", base, 55, Step::Push),
            ("both are due: one's own change first", base, 99, Step::Push),
            ("a long queue does not starve the pull", Facts { pushes_in_a_row: 20, ..base }, 99, Step::Pull),
            ("only a pull is due", Facts { next_push: None, ..base }, 99, Step::Pull),
            ("told to wait", Facts { blocked_until: at(500), ..base }, 99, Step::Wait(at(500))),
            ("the wait is over", Facts { blocked_until: at(99), ..base }, 99, Step::Push),
            ("paused", Facts { paused: true, ..base }, 99, Step::Wait(None)),
            ("nothing to do, ever", Facts::default(), 99, Step::Wait(None)),
            ("it asks a person", Facts { asking: true, ..base }, 99, Step::Wait(None)),
            ("a census comes last", Facts { next_census: at(1), ..base }, 99, Step::Push),
            ("a census is due", Facts { next_census: at(1), ..base }, 10, Step::Census),
            (
                "between ticks nothing is sent",
                Facts { pace: Pace::AtTicks(at(200)), ..base },
                99,
                Step::Wait(at(200)),
            ),
            ("at a tick all is", Facts { pace: Pace::AtTicks(at(99)), ..base }, 99, Step::Push),
            (
                "a pass goes on although the tick is over",
                Facts { pace: Pace::AtTicks(at(200)), in_pass: true, ..base },
                99,
                Step::Push,
            ),
            ("nobody asked", Facts { pace: Pace::WhenAsked, ..base }, 99, Step::Wait(None)),
            ("somebody asked", Facts { pace: Pace::WhenAsked, in_pass: true, ..base }, 99, Step::Push),
            (
                "even who asks waits when told to",
                Facts { pace: Pace::WhenAsked, in_pass: true, blocked_until: at(500), ..base },
                99,
                Step::Wait(at(500)),
            ),
        ];
        for (what, facts, now, want) in cases {
            assert_eq!(next(Timestamp(now), &facts), want, "{what}");
        }
    }

    #[test]
    fn an_interval_is_a_tenth_longer_or_shorter() {
        for (dice, want) in [(0.0, 54_000), (0.5, 60_000), (0.75, 63_000), (1.0, 66_000)] {
            assert_eq!(jittered(60_000, dice), want);
        }
    }
}
