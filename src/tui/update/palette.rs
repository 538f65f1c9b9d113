//! The command palette's rows as they are now, what it does with the one that is chosen, and which were used lately.

use super::{moving, outcomes, reveal, unavailable};
use crate::config::keymap::{Action, Layer};
use crate::domain::board::Place;
use crate::domain::card::Card;
use crate::tui::effect::Effect;
use crate::tui::paint;
use crate::tui::screens::Modal;
use crate::tui::screens::palette::{Entry, PaletteScreen, Rank, Row};
use crate::tui::state::{State, Tone};

/// Under which name the commands used lately are remembered.
pub const RECENT: &str = "recent";
/// How many are.
const KEPT: usize = 8;

/// Opens the palette over what has the keys.
pub fn open(state: &mut State) {
    let layer = state.layer();
    let title = match state.subjects().as_slice() {
        _ if !matches!(layer, Layer::Board | Layer::Card) => format!("Commands: {}", layer.title()),
        [] => "Commands".to_owned(),
        [one] => format!("Commands on {}", state.board.card(*one).map_or_else(|| one.short(), Card::key)),
        many => format!("Commands on {} cards", many.len()),
    };
    let screen = PaletteScreen::new(title, rows(state, layer));
    state.modals.push(Modal::Palette(screen));
}

/// Every command, as it can be chosen where keys are looked up in `layer`.
pub fn rows(state: &State, layer: Layer) -> Vec<Row> {
    let recent: Vec<&str> = remembered(state);
    let rank = |entry: &Entry, rank: Rank| {
        let id = entry.id();
        let at = recent.iter().position(|r| *r == id).filter(|_| rank != Rank::Elsewhere);
        at.map_or(rank, |n| Rank::Recent(u8::try_from(n).unwrap_or(u8::MAX)))
    };
    let mut out = Vec::new();
    for &action in Action::ALL {
        let beyond = action.column().is_some_and(|n| n >= state.columns.len());
        if action == Action::Palette || beyond {
            continue;
        }
        let entry = Entry::Do(action);
        let blocked = match unavailable::in_layer(action, layer) {
            Some(why) => Some(why),
            None => unavailable::now(state, action),
        };
        out.push(Row {
            rank: rank(&entry, place(action, layer)),
            what: what(state, action),
            keys: keys(state, layer, action),
            entry,
            blocked,
        });
    }
    if matches!(layer, Layer::Board | Layer::Card) {
        for n in 0..state.columns.len() {
            let Some(status) = state.board.status_at(n).cloned() else { continue };
            let title = paint::clean(state.board.title_of(&status)).into_owned();
            let entry = Entry::MoveTo(status);
            let blocked = unavailable::move_to(state, n);
            let rank = rank(&entry, Rank::Column);
            out.push(Row { entry, what: format!("move to {title}"), keys: String::new(), rank, blocked });
        }
    }
    out
}

fn place(action: Action, layer: Layer) -> Rank {
    let motion = action.column().is_some()
        || matches!(
            action,
            Action::FocusLeft
                | Action::FocusRight
                | Action::FocusUp
                | Action::FocusDown
                | Action::FocusTop
                | Action::FocusBottom
                | Action::HalfPageDown
                | Action::HalfPageUp
                | Action::DetailDown
                | Action::DetailUp
                | Action::Back
        );
    match action {
        _ if !action.layers().contains(&layer) => Rank::Elsewhere,
        _ if motion => Rank::Motion,
        // What works in the health view too and in all the others is global.
        _ if action.layers().contains(&Layer::Health) && action.layers().contains(&Layer::Activity) => {
            if action == Action::Open {
                Rank::Here
            } else {
                Rank::Global
            }
        }
        _ => Rank::Here,
    }
}

/// What an action does, here and now.
fn what(state: &State, action: Action) -> String {
    if let Some(n) = action.column() {
        let title = state.columns.get(n).map_or("", |c| state.board.title_of(&c.status));
        return format!("{}: {}", action.what(), paint::clean(title));
    }
    match action {
        Action::ViewBoard => "view: board".to_owned(),
        Action::ViewMappings => "view: mappings".to_owned(),
        Action::ViewHealth => "view: health".to_owned(),
        Action::ViewActivity => "view: activity".to_owned(),
        Action::ViewConflicts => "view: conflicts".to_owned(),
        other => other.what().to_owned(),
    }
}

/// The keys of an action in a layer; of one that works elsewhere, those it has there.
fn keys(state: &State, layer: Layer, action: Action) -> String {
    if !action.layers().contains(&layer) {
        return state.keymap.hint(action).unwrap_or_default();
    }
    let chords = state.keymap.chords_in(layer, action).iter().map(ToString::to_string);
    chords.collect::<Vec<_>>().join(", ")
}

/// Does what was chosen, on what has the keys now that the palette is gone.
pub fn run(state: &mut State, entry: &Entry) -> Vec<Effect> {
    let mut effects = vec![note(state, entry)];
    effects.extend(match entry {
        Entry::Do(action) => outcomes::act(state, *action),
        Entry::MoveTo(status) => {
            let cards = state.subjects();
            if cards.is_empty() {
                state.say(Tone::Info, unavailable::NO_CARD);
            }
            moving::move_to(state, &cards, status, Place::Top)
        }
    });
    reveal(state);
    effects
}

/// The commands used lately, the last one first; what cannot be read names nothing.
fn remembered(state: &State) -> Vec<&str> {
    let lines = state.remembered.get(RECENT).map_or("", String::as_str).lines();
    lines.filter(|l| !l.is_empty()).take(KEPT).collect()
}

fn note(state: &mut State, entry: &Entry) -> Effect {
    let id = entry.id();
    let mut lines = vec![id.as_str()];
    lines.extend(remembered(state).into_iter().filter(|l| *l != id));
    lines.truncate(KEPT);
    let text = lines.join("\n");
    state.remembered.insert(RECENT.to_owned(), text.clone());
    Effect::Remember(RECENT, text)
}
