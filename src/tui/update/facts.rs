//! What the engine tells, taken into the state.

use crate::domain::board::Board;
use crate::domain::card::{Card, CardId};
use crate::domain::command::Change;
use crate::domain::health::Health;
use crate::domain::history::VersionKind;
use crate::domain::mapping::Status;
use crate::engine::{CardDetail, LinkTold, Update};
use crate::tui::effect::{Effect, Purpose};
use crate::tui::screens::Modal;
use crate::tui::screens::card::CardScreen;
use crate::tui::screens::editor::{EditorScreen, losses};
use crate::tui::state::{Done, State, Tone, View};

use super::{filtering, moving, outcomes, pane, reveal, take_settings};

/// Takes the connections' health: a new question is told at once, one that was answered elsewhere closes, and the
/// activity and conflicts views read on when something was synchronised.
pub fn on_health(state: &mut State, health: Vec<Health>) -> Vec<Effect> {
    let counted = |all: &[Health]| -> Vec<_> {
        all.iter().map(|h| (h.stats, h.unsent, h.failed_total, h.conflicts, h.question.clone())).collect()
    };
    let asked = |all: &[Health]| -> Vec<i64> {
        all.iter().filter_map(|h| h.question.as_ref()).map(|q| q.id).collect()
    };
    let conflicts = |all: &[Health]| all.iter().map(|h| h.conflicts).collect::<Vec<u32>>();
    let (before, known) = (counted(&state.health), asked(&state.health));
    let waiting = conflicts(&state.health);
    state.set_health(health);
    let open = asked(&state.health);
    state.modals.retain(|m| match m {
        Modal::Question(question) => question.asked().is_none_or(|id| open.contains(&id)),
        _ => true,
    });
    let new = state.health.iter().find_map(|h| {
        let question = h.question.as_ref().filter(|q| !known.contains(&q.id))?;
        Some(format!("{} asks: {}", h.connection, question.text))
    });
    if let Some(new) = new {
        state.say(Tone::Warn, new);
    }
    if state.view == View::Conflicts && waiting != conflicts(&state.health) {
        return vec![Effect::ListConflicts];
    }
    if before == counted(&state.health) { vec![] } else { written(state) }
}

/// Something was probably written to the audit log: whoever looks at it sees it.
fn written(state: &mut State) -> Vec<Effect> {
    if state.view == View::Activity { state.activity.refresh(state.now) } else { vec![] }
}

/// Takes the whole board in the place of its first page.
fn loaded(state: &mut State, fresh: Board) {
    state.loading = false;
    state.overlay.loaded(&mut state.board, fresh);
    state.board.set_limits(state.settings.limits.clone());
    state.rebuild_columns();
    state.drag = None;
    reveal(state);
}

/// Takes one fact.
pub fn on_update(state: &mut State, told: Update) -> Vec<Effect> {
    // The screens see it first, against the board as it was; then it becomes the board.
    let mut effects = outcomes::tell(state, &told);
    if matches!(
        told,
        Update::Loaded(_) | Update::Cards(_) | Update::Committed { .. } | Update::Comments { .. }
    ) {
        state.filter.found.outdated(state.now);
    }
    effects.extend(pane::tell(state, &told));
    match told {
        Update::Loaded(fresh) => loaded(state, *fresh),
        Update::Cards(cards) => {
            if state.view == View::Conflicts && state.conflicts.is_about(cards.iter().map(|c| c.id)) {
                effects.push(Effect::ListConflicts);
            }
            let mut touched: Vec<Status> = Vec::new();
            let came: Vec<CardId> = cards.iter().map(|c| c.id).collect();
            for card in cards {
                let id = card.id;
                moving::note_asked(state, &card);
                touched.extend(state.board.card(id).map(|c| c.status.clone()));
                state.overlay.snapshot(&mut state.board, card);
                touched.extend(state.board.card(id).map(|c| c.status.clone()));
            }
            note_held(state);
            refresh(state, touched);
            effects.extend(moving::ask_on(state, &came));
        }
        Update::Moves { card, status, ways } => moving::told(state, card, status, ways),
        Update::Asked { card, waiting } => moving::asked(state, card, &waiting),
        Update::Removed(ids) => removed(state, ids),
        Update::Committed { token } => state.overlay.committed(token),
        Update::Refused { token, reason } => refused(state, token, &reason),
        Update::RolledBack { card, reason } => {
            let (id, key) = (card.id, card.key());
            let others = |d: &Done| d.changes.iter().all(|c| c.card() != Some(id));
            state.undo.retain(others);
            state.redo.retain(others);
            effects.extend(on_update(state, Update::Cards(vec![*card])));
            state.say(Tone::Error, format!("{key} is back where it was: {reason}"));
        }
        Update::Opened(detail) => effects.extend(opened(state, *detail)),
        Update::Offers { connection, offers } => {
            state.offers.insert(connection, offers);
        }
        Update::Settings(settings) => {
            take_settings(state, settings);
            effects.extend(written(state));
        }
        Update::SaveFailed { reason } => state.say(Tone::Error, reason),
        Update::NotKept { reason } => not_kept(state, reason),
        Update::Notice(text) => state.say(Tone::Info, text),
        Update::Links(told) => effects.extend(linked(state, *told)),
        Update::Conflicts(_) => effects.extend(written(state)),
        Update::Found { token, found } => filtering::found(state, token, found),
        Update::Comments { .. }
        | Update::BodyChecked { .. }
        | Update::Preview(_)
        | Update::RuleCards { .. }
        | Update::Activity { .. } => {}
    }
    effects
}

/// Takes a card that was opened: its body may be wanted for an editor.
fn opened(state: &mut State, detail: CardDetail) -> Option<Effect> {
    let wanted = state.wanted.take_if(|w| w.card == detail.card.id)?;
    let beyond = detail.beyond;
    let purpose = Purpose::Body { card: wanted.card, before: detail.body.clone(), beyond: beyond.clone() };
    if wanted.outside && !beyond.is_empty() {
        let question = losses::before_outside(purpose, detail.body, &beyond);
        state.modals.push(Modal::Question(question));
    } else if wanted.outside {
        return Some(Effect::Edit { text: detail.body, purpose });
    } else {
        state.modals.push(Modal::Editor(EditorScreen::new(purpose, detail.body)));
    }
    None
}

/// Takes cards off that the store does not show any more.
fn removed(state: &mut State, ids: Vec<CardId>) {
    let mut touched = Vec::new();
    for id in ids {
        touched.extend(state.board.card(id).map(|c| c.status.clone()));
        state.overlay.removed(&mut state.board, id);
    }
    refresh(state, touched);
}

/// A choice could not be kept: what is shown is what is kept.
fn not_kept(state: &mut State, reason: String) {
    state.choosing = None;
    state.say(Tone::Error, reason);
}

/// What came of linking: an open card that became part of another gives way to it.
fn linked(state: &mut State, told: LinkTold) -> Vec<Effect> {
    match told {
        LinkTold::Done { card, gone, words } => {
            let mut read = Vec::new();
            for modal in &mut state.modals {
                if let Modal::Card(screen) = modal
                    && Some(screen.card()) == gone
                {
                    *modal = Modal::Card(CardScreen::new(card));
                    read.push(Effect::OpenCard(card));
                }
            }
            if gone.is_some() {
                state.focus_card(card);
            }
            let key = state.board.card(card).map_or_else(|| card.short(), Card::key);
            state.say(Tone::Info, format!("{key} {words}"));
            return read;
        }
        LinkTold::Refused { why, .. } => state.say(Tone::Warn, why),
        LinkTold::Twins { .. } | LinkTold::Compared { .. } => {}
    }
    vec![]
}

fn refused(state: &mut State, token: u64, reason: &str) {
    let mut touched: Vec<Status> = state.board.columns().map(|(s, _)| s.clone()).collect();
    let cards = state.overlay.refused(&mut state.board, token);
    let kind = state.undo.iter().chain(&state.redo).find(|d| d.token == token).map(|d| d.kind);
    // Only this one cannot be taken back: what was done and taken back beside it still can.
    state.undo.retain(|d| d.token != token);
    state.redo.retain(|d| d.token != token);
    touched.dedup();
    refresh(state, touched);
    state.say(Tone::Error, refusal(state, kind, cards.first().copied(), reason));
}

/// What is said of a commit that the store refused.
fn refusal(state: &State, kind: Option<VersionKind>, card: Option<CardId>, reason: &str) -> String {
    match kind {
        Some(VersionKind::Undo) => format!("nothing undone: {reason}"),
        Some(VersionKind::Redo) => format!("nothing redone: {reason}"),
        Some(VersionKind::Restore) => format!("nothing brought back: {reason}"),
        _ => {
            let key = card.and_then(|id| state.board.card(id)).map(|c| format!("{}: ", c.key()));
            format!("{}not stored: {reason}", key.unwrap_or_default())
        }
    }
}

fn note_held(state: &mut State) {
    let since = state.held_since.unwrap_or(state.now);
    state.held_since = state.overlay.holds().then_some(since);
}

/// Reads the columns with these statuses anew.
pub fn refresh(state: &mut State, mut touched: Vec<Status>) {
    touched.sort();
    touched.dedup();
    state.refresh(&touched);
}

/// The statuses a list of changes touches.
pub fn touched_by(state: &State, changes: &[Change]) -> Vec<Status> {
    let mut out = Vec::new();
    for change in changes {
        match change {
            Change::Moved { from, to, .. } => out.extend([from.clone(), to.clone()]),
            Change::Created { card, .. } => out.push(card.status.clone()),
            other => {
                let card = other.card().and_then(|id| state.board.card(id));
                out.extend(card.map(|c| c.status.clone()));
            }
        }
    }
    out
}
