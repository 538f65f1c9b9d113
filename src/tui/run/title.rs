//! The terminal's title: the board's name and what a person should know of it while they look elsewhere.

use std::fmt::Write as _;

use crate::support::text::{clip, one_line};
use crate::tui::state::State;

/// Longest title, in characters: what a tab or a task bar shows at most.
const LONGEST: usize = 100;

/// Puts the title on the terminal's stack (XTWINOPS 22); [`BACK`] takes it back.
pub const KEEP: &[u8] = b"\x1b[22;2t";
/// An empty title, which is the terminal's own where there is no stack, and then the one that was kept.
pub const BACK: &[u8] = b"\x1b]2;\x1b\\\x1b[23;2t";

/// The title of a state.
pub fn words(state: &State) -> String {
    let mut out = format!("corkboard: {}", clip(&one_line(&state.board.name), LONGEST / 2));
    let conflicts: u32 = state.health.iter().map(|h| h.conflicts).sum();
    let failed: u32 = state.health.iter().map(|h| h.failed_total).sum();
    for (count, what) in [(state.unsent(), "unsent"), (conflicts, "in conflict"), (failed, "failed")] {
        if count > 0 {
            let _ = write!(out, ", {count} {what}");
        }
    }
    clip(&out, LONGEST)
}

/// The sequence that sets a title. The words hold no control character.
pub fn sequence(words: &str) -> Vec<u8> {
    format!("\u{1b}]2;{words}\u{1b}\\").into_bytes()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tui::fixture;

    #[test]
    fn the_title_tells_what_is_unsent_in_conflict_and_failed() {
        let mut state = fixture::state(3, 80, 24);
        assert_eq!(words(&state), "corkboard: app v1.2");
        state.health[0].unsent = 2;
        assert_eq!(words(&state), "corkboard: app v1.2, 2 unsent");
        state.health[0].conflicts = 1;
        state.health[0].failed_total = 3;
        assert_eq!(words(&state), "corkboard: app v1.2, 2 unsent, 1 in conflict, 3 failed");
    }

    #[test]
    fn nothing_in_a_name_ends_the_title_or_begins_something_else() {
        let mut state = fixture::state(1, 80, 24);
        state.board.name = format!("a\u{7}b\u{1b}\\c\u{9c}d\u{202e}\n{}", "x".repeat(500));
        let words = words(&state);
        assert!(!words.chars().any(crate::support::text::is_unsafe), "{words:?}");
        assert!(words.chars().count() <= LONGEST);
        let sequence = sequence(&words);
        let sequence = String::from_utf8(sequence).expect("text");
        assert_eq!(sequence.matches('\u{1b}').count(), 2);
    }
}
