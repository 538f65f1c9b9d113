//! Input and facts to the screens, and what comes of them.

use crossterm::event::KeyEvent;
use ratatui::layout::Rect;

use super::{actions, counting, edit, filtering, looking, moving, palette};
use crate::config::Choice;
use crate::config::keymap::{Action, Lookup, Press};
use crate::domain::command::Command;
use crate::engine::Update;
use crate::tui::effect::Effect;
use crate::tui::layout::layout;
use crate::tui::screen::{Ctx, Input, Outcome, Screen};
use crate::tui::screens::Modal;
use crate::tui::screens::palette::Entry;
use crate::tui::screens::shape::count;
use crate::tui::state::{Repeat, State, Tone, View};
use crate::tui::tour;
use crate::tui::view::modal_area;

/// A screen taken out of the state while it works on it, so that it sees the rest and not itself.
enum Slot {
    Modal(Box<Modal>),
    Mapping(Box<crate::tui::screens::mapping::MappingScreen>),
    Health(Box<crate::tui::screens::health::HealthScreen>),
    Activity(Box<crate::tui::screens::activity::ActivityScreen>),
    Conflicts(Box<crate::tui::screens::conflicts::ConflictsScreen>),
}

impl Slot {
    /// The screen that has the keys; `None` when the board itself has them.
    fn take(state: &mut State) -> Option<Self> {
        if let Some(modal) = state.modals.pop() {
            return Some(Self::Modal(Box::new(modal)));
        }
        match state.view {
            View::Board => None,
            View::Mappings => state.mapping.take().map(|m| Self::Mapping(Box::new(m))),
            View::Health => Some(Self::Health(Box::new(std::mem::take(&mut state.health_view)))),
            View::Activity => Some(Self::Activity(Box::new(std::mem::take(&mut state.activity)))),
            View::Conflicts => Some(Self::Conflicts(Box::new(std::mem::take(&mut state.conflicts)))),
        }
    }

    fn screen(&mut self) -> &mut dyn Screen {
        match self {
            Self::Modal(modal) => modal.screen_mut(),
            Self::Mapping(screen) => &mut **screen,
            Self::Health(screen) => &mut **screen,
            Self::Activity(screen) => &mut **screen,
            Self::Conflicts(screen) => &mut **screen,
        }
    }

    fn area(&self, state: &State) -> Rect {
        let layout = layout(state);
        match self {
            Self::Modal(modal) => modal_area(modal, state, &layout),
            Self::Mapping(_) | Self::Health(_) | Self::Activity(_) | Self::Conflicts(_) => layout.body,
        }
    }

    fn put_back(self, state: &mut State) {
        match self {
            Self::Modal(modal) => state.modals.push(*modal),
            Self::Mapping(screen) => state.mapping = Some(*screen),
            Self::Health(screen) => state.health_view = *screen,
            Self::Activity(screen) => state.activity = *screen,
            Self::Conflicts(screen) => state.conflicts = *screen,
        }
    }

    /// What closing means: a dialog goes, a view gives way to the board.
    fn close(self, state: &mut State) {
        match self {
            Self::Modal(_) => {}
            Self::Mapping(_) => state.view = View::Board,
            view => {
                view.put_back(state);
                state.view = View::Board;
            }
        }
    }
}

/// What an outcome came to.
enum Came {
    /// The screen did not know it.
    Ignored,
    /// It is done, with these requests.
    Done(Vec<Effect>),
    /// This action is to be run.
    Run(Action),
    /// This command was chosen.
    Chosen(Entry),
}

/// Gives the screen that has the keys something, and does what it says. `None`: the board has the keys.
fn with_top(state: &mut State, give: impl FnOnce(&mut dyn Screen, &Ctx<'_>) -> Outcome) -> Option<Came> {
    let mut slot = Slot::take(state)?;
    let area = slot.area(state);
    let outcome = give(slot.screen(), &state.ctx(area));
    Some(come_of(state, slot, outcome))
}

fn come_of(state: &mut State, slot: Slot, outcome: Outcome) -> Came {
    let effects = match outcome {
        Outcome::Ignored => {
            slot.put_back(state);
            return Came::Ignored;
        }
        Outcome::Run(action) => {
            slot.put_back(state);
            return Came::Run(action);
        }
        Outcome::Chosen(entry) => {
            slot.close(state);
            return Came::Chosen(entry);
        }
        Outcome::Move(moving) => {
            slot.close(state);
            moving::make(state, &moving)
        }
        Outcome::Lanes(by) => {
            slot.close(state);
            looking::set_lanes(state, by)
        }
        Outcome::Close => {
            close(state, slot);
            vec![]
        }
        Outcome::CloseWith(effects) => {
            slot.close(state);
            return Came::Done(noted(state, effects));
        }
        Outcome::Submit(commands) => submitted(state, slot, commands, true),
        Outcome::Apply(commands) => submitted(state, slot, commands, false),
        Outcome::Restore(commands) => restored(state, slot, commands),
        Outcome::Filter(text) => {
            slot.close(state);
            filtering::put(state, text);
            vec![]
        }
        Outcome::Stay => {
            slot.put_back(state);
            vec![]
        }
        Outcome::Do(effects) => {
            slot.put_back(state);
            noted(state, effects)
        }
        Outcome::Open(modal) => {
            slot.put_back(state);
            open(state, *modal)
        }
        Outcome::Replace(modal) => {
            slot.close(state);
            open(state, *modal)
        }
        Outcome::Say(text) => {
            slot.put_back(state);
            state.say(Tone::Info, text);
            vec![]
        }
    };
    Came::Done(effects)
}

/// Commits what a screen submits; what is rejected it is told and stays, whatever it wished.
fn submitted(state: &mut State, mut slot: Slot, commands: Vec<Command>, close: bool) -> Vec<Effect> {
    let result = submit(state, commands);
    match &result {
        Ok(_) if close => slot.close(state),
        Ok(_) => slot.put_back(state),
        Err(reject) => {
            slot.screen().rejected(reject);
            slot.put_back(state);
        }
    }
    result.unwrap_or_default()
}

/// Brings back values a card had; an open card stays, a dialog is done with.
fn restored(state: &mut State, slot: Slot, commands: Vec<Command>) -> Vec<Effect> {
    let effects = edit::restore(state, commands);
    let is_dialog = matches!(&slot, Slot::Modal(modal) if !matches!(**modal, Modal::Card(_)));
    if is_dialog {
        slot.close(state);
    } else {
        slot.put_back(state);
    }
    effects
}

/// Closes a screen without an answer; what waited for one is said.
fn close(state: &mut State, slot: Slot) {
    if let Slot::Modal(modal) = &slot
        && let Modal::Asking(asking) = &**modal
    {
        state.say(Tone::Info, asking.unanswered());
    }
    slot.close(state);
}

/// Puts a dialog on top. A card is read in full, whoever opened it; it stands on the stack once, so that whoever walks
/// from card to card for ever comes back to where he was.
fn open(state: &mut State, modal: Modal) -> Vec<Effect> {
    let mut read = vec![];
    if let Modal::Card(screen) = &modal {
        let card = screen.card();
        state.modals.retain(|m| !matches!(m, Modal::Card(other) if other.card() == card));
        read.push(Effect::OpenCard(card));
    }
    state.modals.push(modal);
    read
}

/// Commits what a screen submits; a new card gets the focus.
fn submit(state: &mut State, commands: Vec<Command>) -> Result<Vec<Effect>, crate::domain::Reject> {
    let (mut created, mut moved) = (None, None);
    for command in &commands {
        match command {
            Command::Create(new) => created = Some(new.id),
            Command::Move { card, .. } => moved = moved.or(Some(*card)),
            _ => {}
        }
    }
    let repeat = Repeat::of(&commands);
    let one = commands.iter().all(|c| Some(c.card()) == commands.first().map(Command::card));
    // About one card it is all or nothing; of several cards each stands for itself.
    let effects = if one { edit::run_all(state, commands)? } else { edit::run_each(state, commands)? };
    if repeat.is_some() {
        state.doing.last = repeat;
    }
    if let Some(id) = created.or(moved)
        && !state.focus_card(id)
        && created.is_some()
    {
        let place = looking::whereabouts(state, id).unwrap_or_default();
        state.say(Tone::Info, format!("the new card is in {place}"));
    }
    Ok(effects)
}

/// Requests that change the state too, or whose effect is not seen at once.
fn noted(state: &mut State, effects: Vec<Effect>) -> Vec<Effect> {
    if effects.contains(&Effect::Quit) {
        state.leaving = true;
    }
    for effect in &effects {
        match effect {
            Effect::Keep(Choice::Theme(name)) => state.choosing = Some(name.clone()),
            Effect::Resolve(decisions) => state.conflicts.deciding(decisions),
            Effect::RetryCards(cards) => {
                let cards = count(cards.len(), "item is tried again", "items are tried again");
                state.say(Tone::Info, cards);
            }
            Effect::Retry(name) => state.say(Tone::Info, format!("{name} is tried again")),
            Effect::Keep(Choice::View(view)) => state.filter.view = Some(view.name.clone()),
            Effect::AnswerMove { .. } => state.say(Tone::Info, "answered: the move is sent"),
            Effect::Answer { connection, go: true, .. } => {
                state.say(Tone::Info, format!("answered: {connection} goes on"));
            }
            Effect::Answer { connection, go: false, .. } => {
                state.say(Tone::Info, format!("answered: {connection} leaves it"));
            }
            _ => {}
        }
    }
    effects
}

/// A key: a chord's action, or input for the screen.
pub fn key(state: &mut State, press: Press, key: KeyEvent) -> Vec<Effect> {
    if state.modals.last().is_some_and(|m| m.screen().takes_all_keys()) {
        return input(state, &Input::Key(press, key));
    }
    let layer = state.layer();
    if counting::takes(state, layer, press) {
        return vec![];
    }
    let mut begun = std::mem::take(&mut state.keys);
    let found = state.keymap.lookup(layer, &mut begun, press);
    state.keys = begun;
    let effects = match found {
        Lookup::Action(action) => act(state, action),
        Lookup::Pending => return vec![],
        Lookup::Dropped => vec![],
        Lookup::None => input(state, &Input::Key(press, key)),
    };
    // What does not know it drops it: a count is for the next key alone.
    state.doing.count = None;
    effects
}

/// An action: the screen that has the keys first, then what holds everywhere.
pub fn act(state: &mut State, action: Action) -> Vec<Effect> {
    let effects = match with_top(state, |screen, ctx| screen.action(action, ctx)) {
        Some(Came::Done(effects)) => effects,
        Some(Came::Run(action)) => actions::act(state, action),
        Some(Came::Chosen(entry)) => palette::run(state, &entry),
        Some(Came::Ignored) | None => actions::act(state, action),
    };
    tour::saw(state, action);
    effects
}

/// Input that no binding took.
pub fn input(state: &mut State, input: &Input) -> Vec<Effect> {
    match with_top(state, |screen, ctx| screen.input(input, ctx)) {
        Some(Came::Done(effects)) => effects,
        Some(Came::Run(action)) => actions::act(state, action),
        Some(Came::Chosen(entry)) => palette::run(state, &entry),
        Some(Came::Ignored) | None => vec![],
    }
}

/// A pasted text.
pub fn paste(state: &mut State, text: String) -> Vec<Effect> {
    if state.filter.editing && state.modals.is_empty() {
        filtering::paste(state, &text);
        return vec![];
    }
    input(state, &Input::Paste(text))
}

/// A fact, to every screen there is, whether it has the keys or not.
pub fn tell(state: &mut State, told: &Update) -> Vec<Effect> {
    let mut effects = Vec::new();
    if let Some(screen) = state.mapping.take() {
        effects.extend(tell_one(state, Slot::Mapping(Box::new(screen)), told));
    }
    let activity = std::mem::take(&mut state.activity);
    effects.extend(tell_one(state, Slot::Activity(Box::new(activity)), told));
    let conflicts = std::mem::take(&mut state.conflicts);
    effects.extend(tell_one(state, Slot::Conflicts(Box::new(conflicts)), told));
    let below = std::mem::take(&mut state.modals);
    for modal in below {
        effects.extend(tell_one(state, Slot::Modal(Box::new(modal)), told));
    }
    effects
}

fn tell_one(state: &mut State, mut slot: Slot, told: &Update) -> Vec<Effect> {
    let area = slot.area(state);
    let outcome = slot.screen().update(told, &state.ctx(area));
    match come_of(state, slot, outcome) {
        Came::Done(effects) => effects,
        Came::Ignored | Came::Run(_) | Came::Chosen(_) => vec![],
    }
}
