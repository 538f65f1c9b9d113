//! Commands decided on the shown board, applied at once and sent to the store; undo and redo. Keys, mouse and
//! dialogs all come through here.

use std::collections::BTreeSet;

use crate::domain::card::{Card, CardId};
use crate::domain::command::{Change, Command, Reject, Report, decide, decide_each};
use crate::domain::history::VersionKind;
use crate::tui::effect::{Effect, Purpose};
use crate::tui::screens::{Modal, editor::EditorScreen};
use crate::tui::state::{Done, Refused, State, Tone};

use super::facts::{refresh, touched_by};
use super::{moving, telling};

/// How many steps back are kept.
const UNDO_MAX: usize = 200;

/// Decides all commands and commits them together; or none of them, when one is rejected.
pub fn run_all(state: &mut State, commands: Vec<Command>) -> Result<Vec<Effect>, Reject> {
    let changes = decided(state, commands)?;
    Ok(commit(state, changes))
}

/// Decides commands about several cards and commits what can be done as one step; what cannot is told. Only where nothing
/// at all can be done it is an error, so that whoever asked can be asked again.
pub fn run_each(state: &mut State, commands: Vec<Command>) -> Result<Vec<Effect>, Reject> {
    let report = decide_each(&state.board, commands);
    if let Some(reject) = report.refused_whole() {
        return Err(reject.clone());
    }
    Ok(carry_out(state, report))
}

/// Commits what a report says can be done, and tells it.
pub fn carry_out(state: &mut State, report: Report) -> Vec<Effect> {
    let effects = commit(state, report.changes.clone());
    telling::tell(state, report);
    effects
}

/// Brings back values a card had: an edit like any other, told as what it is.
pub fn restore(state: &mut State, commands: Vec<Command>) -> Vec<Effect> {
    match decided(state, commands) {
        Err(reject) => state.say(Tone::Warn, format!("nothing brought back: {reject}")),
        Ok(changes) if changes.is_empty() => state.say(Tone::Info, "it is that already"),
        Ok(changes) if moving::refused(state, &changes).is_some() => {
            let why = moving::refused(state, &changes).unwrap_or_default();
            state.say(Tone::Warn, format!("nothing brought back: {why}"));
        }
        Ok(changes) => {
            let what = in_words(state, &changes);
            let effects = commit_as(state, VersionKind::Restore, changes);
            state.say(Tone::Info, format!("brought back: {what}"));
            return effects;
        }
    }
    vec![]
}

fn decided(state: &State, commands: Vec<Command>) -> Result<Vec<Change>, Reject> {
    let mut changes = Vec::new();
    // Later commands see what the earlier ones did; a board of thousands is copied only when there are several.
    if let [command] = &commands[..] {
        changes = decide(&state.board, command.clone())?;
    } else {
        let mut board = state.board.clone();
        for command in commands {
            let decided = decide(&board, command)?;
            decided.iter().for_each(|c| board.apply(c));
            changes.extend(decided);
        }
    }
    Ok(changes)
}

/// Applies changes, remembers them for undo, and hands them to the store.
pub fn commit(state: &mut State, changes: Vec<Change>) -> Vec<Effect> {
    commit_as(state, VersionKind::Edit, changes)
}

fn commit_as(state: &mut State, kind: VersionKind, changes: Vec<Change>) -> Vec<Effect> {
    if changes.is_empty() {
        return vec![];
    }
    let (token, effects) = send(state, kind, changes.clone());
    state.redo.clear();
    let (answers, changes) = changes.into_iter().partition(is_answer);
    state.undo.push(Done { token, kind, changes, answers });
    if state.undo.len() > UNDO_MAX {
        state.undo.remove(0);
    }
    effects
}

/// Whether a change is what was given with another one.
fn is_answer(change: &Change) -> bool {
    matches!(change, Change::Answered { .. })
}

fn send(state: &mut State, kind: VersionKind, changes: Vec<Change>) -> (u64, Vec<Effect>) {
    let token = state.token();
    // From where they go now they can go elsewhere.
    for change in changes.iter().filter(|c| matches!(c, Change::Moved { from, to, .. } if from != to)) {
        change.card().into_iter().for_each(|card| state.moves.forget(card));
    }
    let mut touched = touched_by(state, &changes);
    state.overlay.submit(&mut state.board, token, &changes);
    touched.extend(touched_by(state, &changes));
    refresh(state, touched);
    (token, vec![Effect::Commit { token, kind, changes }])
}

/// Takes back the last thing done, or does the last thing taken back again.
pub fn undo(state: &mut State, redo: bool) -> Vec<Effect> {
    let (word, nothing, done) = if redo {
        ("redid", "nothing redone", state.redo.pop())
    } else {
        ("undid", "nothing undone", state.undo.pop())
    };
    let Some(done) = done else {
        state.say(Tone::Info, if redo { "nothing to redo" } else { "nothing to undo" });
        return vec![];
    };
    let (done, kept_back) = match without_gone_on(state, done) {
        Ok(split) => split,
        Err(why) => {
            state.say(Tone::Warn, format!("{nothing}: {why}"));
            return vec![];
        }
    };
    let inverse: Option<Vec<Change>> = done.changes.iter().rev().map(Change::inverse).collect();
    let Some(inverse) = inverse else {
        state.say(Tone::Warn, cannot_undo(&done.changes));
        return vec![];
    };
    if let Some(why) = moving::refused(state, &inverse) {
        let kept = if redo { &mut state.redo } else { &mut state.undo };
        kept.push(done);
        state.say(Tone::Warn, format!("{nothing}: {why}"));
        return vec![];
    }
    let several = inverse.iter().filter_map(Change::card).collect::<BTreeSet<_>>().len() > 1;
    let what = match (several, redo) {
        // Of many cards it is told what was done to them, not what each has again.
        (true, false) => telling::did(state, &done.changes),
        (true, true) => telling::did(state, &inverse),
        (false, _) => in_words(state, &inverse),
    };
    let card = inverse.last().and_then(Change::card);
    let kind = if redo { VersionKind::Redo } else { VersionKind::Undo };
    // What was given with the move is given again with it, and not with its taking back.
    let mut changes = inverse.clone();
    changes.extend(done.answers.iter().filter(|_| redo).cloned());
    let (token, effects) = send(state, kind, changes);
    let done = Done { token, kind, changes: inverse, answers: done.answers };
    let kept = if redo { &mut state.undo } else { &mut state.redo };
    kept.push(done);
    if let Some(card) = card {
        state.focus_card(card);
    }
    if kept_back.is_empty() {
        state.say(Tone::Info, format!("{word}: {what}"));
    } else {
        let not = telling::reasons(state, &kept_back);
        state.say(Tone::Warn, format!("{word}: {what}, {not}"));
        state.doing.refused = Some(Refused { done: format!("{word}: {what}"), cards: kept_back });
    }
    effects
}

/// What was done without the cards that somebody has changed again since, and those with the reason; the reason alone when
/// that is all of them.
fn without_gone_on(state: &State, mut done: Done) -> Result<(Done, Vec<(CardId, Reject)>), String> {
    let Some(why) = gone_on(state, &done.changes) else { return Ok((done, Vec::new())) };
    let cards: BTreeSet<CardId> = done.changes.iter().filter_map(Change::card).collect();
    let own = |id: CardId| done.changes.iter().filter(|c| c.card() == Some(id)).cloned().collect::<Vec<_>>();
    let gone: Vec<(CardId, Reject)> =
        cards.iter().filter_map(|id| Some((*id, Reject::Barred(gone_on(state, &own(*id))?)))).collect();
    if gone.len() == cards.len() {
        return Err(why);
    }
    let is_gone = |c: &Change| gone.iter().any(|(id, _)| c.card() == Some(*id));
    done.changes.retain(|c| !is_gone(c));
    done.answers.retain(|c| !is_gone(c));
    Ok((done, gone))
}

/// Why what was done cannot be taken back, when somebody has done something else since.
fn gone_on(state: &State, changes: &[Change]) -> Option<String> {
    // Of several changes to one card the last one tells where it stands.
    changes.iter().rev().find_map(|change| {
        let id = change.card()?;
        let last = changes.iter().rev().find(|c| c.card() == Some(id) && c.field() == change.field());
        if last != Some(change) {
            return None;
        }
        let Some(card) = state.board.card(id) else {
            return (!matches!(change, Change::Archived { .. }))
                .then(|| "that card is not on the board any more".to_owned());
        };
        let same = match change {
            Change::Moved { to, .. } => card.status == *to,
            Change::Retitled { after, .. } => card.title == *after,
            Change::Milestoned { after, .. } => card.milestone == *after,
            _ => true,
        };
        let field = change.field().map_or("place", |f| f.as_str());
        (!same).then(|| format!("{} was changed again since: its {field} was left as it is", card.key()))
    })
}

fn cannot_undo(changes: &[Change]) -> String {
    let what = match changes.first() {
        Some(Change::Commented { .. }) => "a comment is said: it cannot be taken back",
        Some(Change::Created { .. }) => "a card once made stays; it can be taken off the board",
        _ => "that cannot be taken back",
    };
    what.to_owned()
}

/// What changes do, in words: `moved core#12 back to To Do`.
fn in_words(state: &State, changes: &[Change]) -> String {
    // What was agreed to beside an edit is no act of its own.
    let changes: Vec<&Change> = changes.iter().filter(|c| !matches!(c, Change::Agreed { .. })).collect();
    let Some(change) = changes.last() else { return String::new() };
    let card = change.card().and_then(|id| state.board.card(id));
    let key = card.map_or_else(String::new, Card::key);
    // One card may have been changed in several ways by one act.
    let cards: std::collections::BTreeSet<_> = changes.iter().filter_map(|c| c.card()).collect();
    let others = match cards.len() {
        0 | 1 => String::new(),
        n => format!(" and {} more", n - 1),
    };
    match change {
        Change::Moved { from, to, .. } if from != to => {
            format!("moved {key}{others} back to {}", state.board.title_of(to))
        }
        Change::Moved { .. } => format!("put {key}{others} back in its place"),
        Change::Archived { .. } => format!("took {key}{others} off the board"),
        // What it is called is known when the store tells.
        Change::Returned { .. } if changes.len() > 1 => {
            format!("put {} cards back on the board", changes.len())
        }
        Change::Returned { .. } => "put the card back on the board".to_owned(),
        other => {
            let field = other.field().map_or("change", |f| f.as_str());
            format!("{field} of {key}{others}")
        }
    }
}

/// The person's own editor is done.
pub fn edited_outside(
    state: &mut State,
    purpose: Purpose,
    text: Result<Option<String>, String>,
) -> Vec<Effect> {
    let text = match text {
        Ok(Some(text)) => text,
        Ok(None) => {
            state.say(Tone::Info, "nothing was changed");
            return vec![];
        }
        Err(why) => {
            state.say(Tone::Error, why);
            return vec![];
        }
    };
    // Where it was begun on the board, that gives way to what came of it.
    state.modals.retain(|m| !matches!(m, Modal::Editor(editor) if editor.is_for(&purpose)));
    if let Purpose::Body { before, beyond, .. } = &purpose
        && !beyond.is_empty()
    {
        let before = before.clone();
        let (screen, effects) = EditorScreen::saving(purpose, &before, text);
        state.modals.push(Modal::Editor(screen));
        return effects;
    }
    run_all(state, commands_for(&purpose, &text)).unwrap_or_else(|reject| {
        // What was written is not thrown away: it goes on here, where the reason can be seen.
        state.say(Tone::Warn, reject.to_string());
        state.modals.push(Modal::Editor(EditorScreen::new(purpose, text)));
        vec![]
    })
}

/// The commands a finished text is: one for each card it is about.
fn commands_for(purpose: &Purpose, text: &str) -> Vec<Command> {
    let comment = |card: CardId| Command::Comment { card, body: text.to_owned() };
    match purpose.clone() {
        Purpose::Title(card) => vec![Command::Retitle { card, title: text.trim().to_owned() }],
        Purpose::Body { card, before, .. } => vec![Command::Rewrite { card, before, after: text.to_owned() }],
        Purpose::Comment(card) => vec![comment(card)],
        Purpose::CommentAll(cards) => cards.into_iter().map(comment).collect(),
    }
}
