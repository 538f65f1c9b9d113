//! A short tour: one line says what to try next and with which keys; doing it is what turns the page. The board stays the
//! board meanwhile. Pure.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use super::paint;
use super::state::{State, Tone};
use crate::config::keymap::{Action, Keymap};

/// How far a tour has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Tour {
    step: usize,
    /// Whether it begins with making a card: there was none.
    from_nothing: bool,
}

/// One thing to try.
struct Step {
    /// What, in a few words.
    what: &'static str,
    /// Which keys are told: an action and what it is for.
    keys: &'static [(Action, &'static str)],
    /// What counts as having tried it.
    done: &'static [Action],
}

/// Making the first card; left out where there are cards.
const FIRST: Step =
    Step { what: "Make a card", keys: &[(Action::NewCard, "new card")], done: &[Action::NewCard] };

const STEPS: [Step; 6] = [
    Step {
        what: "Go to another card",
        keys: &[
            (Action::FocusDown, "down"),
            (Action::FocusUp, "up"),
            (Action::FocusLeft, "left"),
            (Action::FocusRight, "right"),
        ],
        done: &[Action::FocusDown, Action::FocusUp, Action::FocusLeft, Action::FocusRight],
    },
    Step {
        what: "Open it, and come back",
        keys: &[(Action::Open, "open"), (Action::Back, "back")],
        done: &[Action::Back],
    },
    Step {
        what: "Move it to another column, or drag it with the mouse",
        keys: &[(Action::MoveLeft, "left"), (Action::MoveRight, "right"), (Action::MoveTo, "pick")],
        done: &[Action::MoveLeft, Action::MoveRight, Action::MoveTo],
    },
    Step {
        what: "Take that back",
        keys: &[(Action::Undo, "undo"), (Action::Redo, "redo")],
        done: &[Action::Undo],
    },
    Step {
        what: "Show only some of the cards: type a word, or is:open",
        keys: &[(Action::Filter, "filter"), (Action::Back, "all again")],
        done: &[Action::Filter],
    },
    Step {
        what: "Find every other command by its name",
        keys: &[(Action::Palette, "commands"), (Action::Help, "all keys")],
        done: &[Action::Palette, Action::Help],
    },
];

impl Tour {
    fn steps(self) -> impl Iterator<Item = &'static Step> {
        self.from_nothing.then_some(&FIRST).into_iter().chain(&STEPS)
    }

    fn now(self) -> Option<&'static Step> {
        self.steps().nth(self.step)
    }
}

/// Begins the tour, or ends the one that is on.
pub fn toggle(state: &mut State) {
    if state.tour.take().is_some() {
        state.say(Tone::Info, "the tour is over");
    } else {
        state.tour = Some(Tour { step: 0, from_nothing: state.board.is_empty() });
    }
}

/// Notes what was done: the page turns when it was what the page is about.
pub fn saw(state: &mut State, action: Action) {
    let Some(mut tour) = state.tour else { return };
    if tour.now().is_some_and(|step| step.done.contains(&action)) {
        tour.step += 1;
        state.tour = tour.now().is_some().then_some(tour);
        if state.tour.is_none() {
            state.say(Tone::Info, "that was the tour: the rest is in the commands");
        }
    }
}

/// The rows the tour takes at the foot of a view of this height; none where rows are dear.
pub fn rows(state: &State, height: u16) -> u16 {
    if state.tour.is_some() && height >= 10 { 2 } else { 0 }
}

/// Draws what to try next.
pub fn draw(state: &State, area: Rect, buf: &mut Buffer) {
    let (Some(tour), true) = (state.tour, area.height > 0) else { return };
    let Some(step) = tour.now() else { return };
    let (theme, glyphs) = (&state.theme, &state.glyphs);
    paint::rule(buf, area.x, area.y, area.width, glyphs.rule_focus, theme.border_focus);
    let head = format!(" Tour {} of {} ", tour.step + 1, tour.steps().count());
    let from =
        paint::text(buf, area.x + 1, area.y, area.width.saturating_sub(2), &head, theme.heading, glyphs);
    if let Some(key) = state.keymap.hint(Action::Back) {
        let out = format!(" {key} on the board ends it ");
        paint::text_right(buf, from + 2, area.right().saturating_sub(2), area.y, &out, theme.dim, glyphs);
    }
    let y = area.y + 1;
    if y >= area.bottom() {
        return;
    }
    let mut x = paint::text(buf, area.x + 1, y, area.width.saturating_sub(2), step.what, theme.title, glyphs);
    for (key, word) in keys(step, &state.keymap) {
        let wanted = (paint::width(&key) + paint::width(word) + 4) as u16;
        if x + wanted > area.right() {
            break;
        }
        x = paint::text(buf, x + 3, y, area.right() - x - 3, &key, theme.key, glyphs);
        x = paint::text(buf, x + 1, y, area.right() - x - 1, word, theme.dim, glyphs);
    }
}

/// The real keys of a step; an action that no key does is left out.
fn keys(step: &Step, keymap: &Keymap) -> Vec<(String, &'static str)> {
    step.keys.iter().filter_map(|(action, word)| Some((keymap.hint(*action)?, *word))).collect()
}

#[cfg(test)]
mod tests {
    use insta::assert_snapshot;

    use super::*;
    use crate::config::Settings;
    use crate::domain::board::Board;
    use crate::tui::fixture;

    fn on_tour(cards: u128) -> State {
        let mut state = fixture::state(cards, 80, 24);
        toggle(&mut state);
        state
    }

    fn step(state: &State) -> Option<&'static str> {
        state.tour.and_then(Tour::now).map(|s| s.what)
    }

    #[test]
    fn doing_what_it_says_turns_the_page_and_nothing_else_does() {
        let mut state = on_tour(12);
        assert_eq!(step(&state), Some("Go to another card"));
        let _ = fixture::press(&mut state, "u");
        assert_eq!(step(&state), Some("Go to another card"));
        let _ = fixture::press(&mut state, "j");
        assert_eq!(step(&state), Some("Open it, and come back"));
        let _ = fixture::press(&mut state, "\r");
        assert_eq!(step(&state), Some("Open it, and come back"), "one is still there");
        let _ = fixture::press(&mut state, "\x1b");
        let _ = fixture::press(&mut state, "L");
        assert_eq!(step(&state), Some("Take that back"));
        let _ = fixture::press(&mut state, "u/");
        let _ = fixture::press(&mut state, "\x1b?");
        assert_eq!(step(&state), None, "it is over");
        assert!(state.message.is_some_and(|m| m.text.contains("that was the tour")));
    }

    #[test]
    fn where_there_is_no_card_it_begins_with_one() {
        let settings = Settings::default();
        let board = Board::new("Corkboard", settings.columns.iter().cloned());
        let mut state = fixture::state_with(board, settings, 80, 24);
        toggle(&mut state);
        assert_eq!(step(&state), Some("Make a card"));
        toggle(&mut state);
        assert_eq!(state.tour, None);
    }

    #[test]
    fn it_stands_at_the_foot_of_the_board_with_the_keys_there_are() {
        assert_snapshot!("tour-80x24", fixture::picture(&on_tour(12)));
    }
}
