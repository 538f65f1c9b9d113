//! The keys worth a hint in the status bar: which ones, what they say, and where they stand, so that what is drawn is
//! what is clicked. Pure; costs what is on the line.

use ratatui::layout::Rect;

use crate::config::keymap::{Action, Key, Layer, Press};
use crate::tui::paint;
use crate::tui::screen::Screen;
use crate::tui::state::{State, View};

/// Cells between two hints.
const GAP: u16 = 2;
/// Rows that the ways a chord can go on take at most, the status bar itself being one.
const CHORD_ROWS: u16 = 3;

/// What a click on a hint does: the same as its key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Tap {
    /// This action.
    Action(Action),
    /// This key, where a key does what no action is.
    Press(Press),
}

/// One hint on the screen.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HintBox {
    /// The key, as it is bound now.
    pub key: String,
    /// What it does.
    pub word: String,
    /// What a click does.
    pub tap: Tap,
    /// Its cells.
    pub area: Rect,
}

/// A hint that has no place yet.
struct Wanted {
    key: String,
    word: String,
    tap: Tap,
}

impl Wanted {
    fn width(&self) -> u16 {
        (paint::width(&self.key) + 1 + paint::width(&self.word)) as u16
    }

    fn at(self, x: u16, y: u16) -> HintBox {
        let area = Rect { x, y, width: self.width(), height: 1 };
        HintBox { key: self.key, word: self.word, tap: self.tap, area }
    }
}

/// The cells the hints that matter most take at the right end, at most about half the line: what matters least of the
/// connections leaves them free.
pub(super) fn reserved(state: &State, status: Rect) -> u16 {
    let mut taken = 1;
    for hint in wanted(state).iter().take(3) {
        let with = taken + hint.width() + GAP;
        if with > status.width / 2 + GAP {
            break;
        }
        taken = with;
    }
    taken
}

/// The hints on the line from `left` on, the most useful ones at the right end, as far as they fit.
pub(super) fn place(state: &State, status: Rect, left: u16) -> Vec<HintBox> {
    let mut right = status.right().saturating_sub(1);
    let mut out = Vec::new();
    for hint in wanted(state) {
        let width = hint.width();
        if status.height == 0 || left.saturating_add(GAP + width) > right {
            continue;
        }
        out.push(hint.at(right - width, status.y));
        right = (right - width).saturating_sub(GAP);
    }
    out
}

/// What a chord that was begun can go on with, in rows that end in the status bar; empty when none was begun.
pub(super) fn following(state: &State, status: Rect) -> Vec<HintBox> {
    let begun = format!("{} ..", state.keys.shown());
    let ways = state.keymap.following(state.layer(), &state.keys);
    if ways.is_empty() || status.height == 0 {
        return Vec::new();
    }
    let start = status.x + 1 + paint::width(&begun) as u16 + GAP;
    let mut rows: Vec<Vec<HintBox>> = vec![Vec::new()];
    let mut x = start;
    for way in ways {
        let tap = Tap::Press(way.rest.presses()[0]);
        let hint = Wanted { key: way.rest.to_string(), word: word(way.action).to_owned(), tap };
        let width = hint.width();
        if x + width >= status.right() {
            if rows.len() as u16 == CHORD_ROWS.min(status.y + 1) {
                break;
            }
            rows.push(Vec::new());
            x = start;
        }
        if let Some(row) = rows.last_mut()
            && x + width <= status.right()
        {
            row.push(hint.at(x, 0));
            x += width + GAP;
        }
    }
    let top = (status.y + 1).saturating_sub(rows.len() as u16);
    for (row, y) in rows.iter_mut().zip(top..) {
        row.iter_mut().for_each(|hint| hint.area.y = y);
    }
    rows.into_iter().flatten().collect()
}

/// What one would most likely want here and now, most useful first.
fn wanted(state: &State) -> Vec<Wanted> {
    let mut out = Vec::new();
    if let Some(modal) = state.modals.last() {
        let screen = modal.screen();
        out.extend(screen.hints().iter().filter_map(|a| of(state, screen.layer(), *a, word(*a))));
        return out;
    }
    if !state.mouse {
        out.extend(of(state, state.layer(), Action::ToggleMouse, "mouse off"));
    }
    if state.view == View::Board && state.filter.editing {
        out.extend(typing(state));
        return out;
    }
    for (action, said) in in_view(state) {
        out.extend(of(state, state.layer(), action, said));
    }
    out
}

/// A hint of an action with its real key; none where it has no key.
fn of(state: &State, layer: Layer, action: Action, word: &str) -> Option<Wanted> {
    let key = state.keymap.hint_in(layer, action)?;
    Some(Wanted { key, word: word.to_owned(), tap: Tap::Action(action) })
}

/// The keys while the filter is typed; they are those of any field and cannot be bound.
fn typing(state: &State) -> Vec<Wanted> {
    let offers = !state.filter.offered.is_empty();
    let keys = [("tab", "complete", Key::Tab), ("enter", "keep", Key::Enter), ("esc", "show all", Key::Esc)];
    let shown = keys.into_iter().filter(|(.., key)| offers || *key != Key::Tab);
    shown
        .map(|(key, word, press)| Wanted {
            key: key.to_owned(),
            word: word.to_owned(),
            tap: Tap::Press(Press::plain(press)),
        })
        .collect()
}

/// What the view's situation calls for.
fn in_view(state: &State) -> Vec<(Action, &'static str)> {
    let worded = |actions: &[Action]| -> Vec<(Action, &'static str)> {
        actions.iter().map(|a| (*a, word(*a))).collect()
    };
    let drags = state.drag.as_ref().is_some_and(|d| d.moving);
    if drags {
        return vec![(Action::Back, "cancel")];
    }
    let mut out = worded(&[Action::Help, Action::Palette]);
    let more: &[Action] = match state.view {
        View::Board if !state.selected.is_empty() => {
            out = vec![(Action::Back, "unselect"), (Action::MoveTo, "move"), (Action::Labels, "labels")];
            &[Action::Assignees, Action::CloseOrReopen, Action::Archive, Action::Palette]
        }
        View::Board => {
            if state.focused().and_then(|id| state.board.card(id)).is_some_and(conflicting) {
                out.push((Action::ViewConflicts, "resolve"));
            }
            if !state.filter.query.is_empty() {
                out.push((Action::Back, "show all"));
                out.push((Action::NextMatch, "next match"));
            }
            &[Action::Filter, Action::MoveTo, Action::Open, Action::NewCard]
        }
        View::Mappings => state.mapping.as_ref().map_or(&[], Screen::hints),
        View::Health => state.health_view.hints(),
        View::Activity => state.activity.hints(),
        View::Conflicts => state.conflicts.hints(),
    };
    out.extend(worded(more).into_iter().filter(|(a, _)| *a != Action::Help));
    // While a text is typed in a view, only what its field knows can be pressed.
    if state.layer() == Layer::Text {
        out.retain(|(a, _)| !matches!(a, Action::Help | Action::Palette));
    }
    out
}

fn conflicting(card: &crate::domain::card::Card) -> bool {
    card.links.iter().any(|l| l.conflict)
}

/// A hint's word.
pub fn word(action: Action) -> &'static str {
    match action {
        Action::MoveTo => "move",
        Action::Filter => "filter",
        Action::Open => "open",
        Action::NewCard => "new",
        Action::Back => "back",
        Action::EditTitle => "title",
        Action::EditBody => "edit",
        Action::KeepLocal => "keep here",
        Action::TakeRemote => "take there",
        Action::Merge => "merge",
        Action::SelectAll => "all",
        Action::NextTab => "card, history",
        Action::Pane => "details",
        Action::Parent => "parent",
        Action::Addresses => "addresses",
        Action::Restore => "bring back",
        Action::Retry => "retry now",
        Action::Pause => "pause",
        Action::FieldRules => "statuses, fields",
        Action::AddRow => "add",
        Action::RenameRow => "rename",
        Action::RemoveRow => "remove",
        Action::Select => "select",
        Action::FocusDown => "down",
        Action::FocusUp => "up",
        Action::FocusTop => "first",
        Action::NextConnection => "next",
        Action::CopyRow => "copy",
        Action::OutsideEditor => "$EDITOR",
        Action::Help => "help",
        Action::Palette => "command",
        Action::CloseOrReopen => "close",
        Action::Archive => "take off",
        Action::ViewBoard => "board",
        Action::ViewMappings => "mappings",
        Action::ViewHealth => "health",
        Action::ViewActivity => "activity",
        Action::ViewConflicts => "conflicts",
        other => other.what(),
    }
}
