//! What is done to one card or to many at once besides changing them: handing out keys and URLs, syncing, taking off the
//! board; undoing by steps, and looking at what could not be done.

use super::{actions, edit};
use crate::config::keymap::Action;
use crate::domain::card::{Card, CardId};
use crate::domain::command::Command;
use crate::domain::link::ConnectionName;
use crate::tui::effect::Effect;
use crate::tui::screens::Modal;
use crate::tui::screens::question::{Answer, Choice, Question};
use crate::tui::screens::refused::RefusedScreen;
use crate::tui::screens::shape::count;
use crate::tui::state::{State, Tone};

/// How many pages are opened without a question.
const UNASKED: usize = 3;

/// Copies keys or URLs, one a line, or opens the cards in a browser.
pub fn hand_out(state: &mut State, action: Action, cards: &[CardId]) -> Vec<Effect> {
    let known: Vec<&Card> = cards.iter().filter_map(|id| state.board.card(*id)).collect();
    if action == Action::CopyKey {
        let keys: Vec<String> = known.iter().map(|c| c.key()).collect();
        return copy(state, &keys, "key", "keys");
    }
    let url = |c: &&Card| c.links.iter().find_map(|l| l.url.clone());
    let urls: Vec<String> = known.iter().filter_map(url).collect();
    let without: Vec<String> = known.iter().filter(|c| url(c).is_none()).map(|c| c.key()).collect();
    let effects = match (action, urls.len()) {
        (_, 0) => vec![],
        (Action::CopyUrl, _) => copy(state, &urls, "URL", "URLs"),
        (_, n) if n > UNASKED => {
            state.modals.push(Modal::Question(ask_to_open(urls)));
            vec![]
        }
        _ => urls.into_iter().map(Effect::OpenUrl).collect(),
    };
    match &without[..] {
        [] => {}
        [one] => state.say(Tone::Warn, format!("{one} is on no platform yet: it has no URL")),
        [first, ..] => {
            let text = format!(
                "{} cards are on no platform yet, {first} among them: they have no URL",
                without.len()
            );
            state.say(Tone::Warn, text);
        }
    }
    effects
}

fn copy(state: &mut State, lines: &[String], one: &str, many: &str) -> Vec<Effect> {
    if lines.len() > 1 {
        state.say(Tone::Info, format!("{} copied, one a line", count(lines.len(), one, many)));
    }
    vec![Effect::Copy(lines.join("\n"))]
}

fn ask_to_open(urls: Vec<String>) -> Question {
    let title = format!("Open {} pages?", urls.len());
    let open = Answer::Effects(urls.into_iter().map(Effect::OpenUrl).collect());
    let choices = vec![
        Choice { key: 'y', text: "open them all".into(), note: None, answer: open },
        Choice { key: 'n', text: "leave it".into(), note: None, answer: Answer::Nothing },
    ];
    Question::new(title, vec![], choices, 1)
}

/// Syncs the connections these cards are on: of each card its first.
pub fn sync(state: &mut State, cards: &[CardId]) -> Vec<Effect> {
    let first = |id: &CardId| Some(state.board.card(*id)?.links.first()?.connection.clone());
    let mut names: Vec<ConnectionName> = Vec::new();
    for name in cards.iter().filter_map(first) {
        if !names.contains(&name) {
            names.push(name);
        }
    }
    match &names[..] {
        [] => actions::sync(state, None),
        [one] => actions::sync(state, Some(one.clone())),
        several => {
            let told: Vec<&str> = several.iter().map(ConnectionName::as_str).collect();
            state.say(Tone::Info, format!("syncing {}", told.join(", ")));
            several.iter().map(|name| Effect::SyncNow(Some(name.clone()))).collect()
        }
    }
}

/// Asks before cards leave the board.
pub fn ask_archive(state: &mut State, cards: &[CardId]) -> Vec<Effect> {
    let what = match cards {
        [one] => state.board.card(*one).map_or_else(String::new, Card::key),
        several => format!("{} cards", several.len()),
    };
    let commands = cards.iter().map(|card| Command::Archive { card: *card }).collect();
    let choices = vec![
        Choice { key: 'y', text: "take off".into(), note: None, answer: Answer::Commands(commands) },
        Choice { key: 'n', text: "keep".into(), note: None, answer: Answer::Nothing },
    ];
    let lines = vec!["The platforms keep theirs.".to_owned()];
    let title = format!("Take {what} off the board?");
    state.modals.push(Modal::Question(Question::new(title, lines, choices, 1)));
    vec![]
}

/// Takes back the last steps, or does them again: one, or as many as `times` says. It stops where one cannot be.
pub fn undo(state: &mut State, redo: bool, times: Option<usize>) -> Vec<Effect> {
    let Some(times) = times.filter(|n| *n > 1) else { return edit::undo(state, redo) };
    let (mut effects, mut done) = (Vec::new(), 0);
    for _ in 0..times {
        let before = state.message.take();
        let new = edit::undo(state, redo);
        if new.is_empty() {
            // What stopped it is worth a word only when it was no mere end of the list.
            let over = state.message.as_ref().is_some_and(|m| m.tone == Tone::Info);
            if over && done > 0 {
                state.message = before;
            }
            break;
        }
        effects.extend(new);
        done += 1;
    }
    if let Some(message) = state.message.as_mut().filter(|_| done > 1) {
        message.text = format!("{done} steps; the last {}", message.text);
    }
    effects
}

/// Shows what of the last act on several cards could not be done, and why.
pub fn why_not(state: &mut State) {
    let board = &state.board;
    // Cards that left the board since are nobody's concern any more.
    let known = |(card, _): &&(CardId, _)| board.card(*card).is_some();
    let screen = state.doing.refused.as_ref().map(|refused| {
        let cards: Vec<_> = refused.cards.iter().filter(known).cloned().collect();
        RefusedScreen::new(refused.done.clone(), cards)
    });
    match screen.filter(|s| !s.is_empty()) {
        Some(screen) => state.modals.push(Modal::Refused(screen)),
        None => state.say(Tone::Info, "all that was asked for last was done"),
    }
}
