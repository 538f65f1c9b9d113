//! What a connection does next: a pure answer from facts, so that a missed or doubled wake changes nothing.

use crate::support::clock::Timestamp;

/// What is known of a connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Facts {
    /// A person paused it.
    pub paused: bool,
    /// No request before this moment: cool-down, open breaker, or a wait after something a person must mend.
    pub blocked_until: Option<Timestamp>,
    /// When the next item of the outbox is due.
    pub next_push: Option<Timestamp>,
    /// When the next pull is due.
    pub next_pull: Option<Timestamp>,
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
    /// Nothing until then, or until something wakes the connection.
    Wait(Option<Timestamp>),
}

/// A pull that is due waits for at most this many pushes: a long queue must not blind the board.
pub const PUSHES_BEFORE_PULL: u32 = 20;

/// Decides the next step. A person's own changes go before a background pull.
pub fn next(now: Timestamp, facts: &Facts) -> Step {
    if facts.paused {
        return Step::Wait(None);
    }
    if let Some(until) = facts.blocked_until.filter(|until| now < *until) {
        return Step::Wait(Some(until));
    }
    let due = |at: Option<Timestamp>| at.is_some_and(|at| at <= now);
    let starved = facts.pushes_in_a_row >= PUSHES_BEFORE_PULL;
    match (due(facts.next_push), due(facts.next_pull)) {
        (true, true) if starved => Step::Pull,
        (true, _) => Step::Push,
        (false, true) => Step::Pull,
        (false, false) => Step::Wait([facts.next_push, facts.next_pull].into_iter().flatten().min()),
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
        ];
        for (what, facts, now, want) in cases {
            assert_eq!(next(Timestamp(now), &facts), want, "{what}");
        }
    }
}
