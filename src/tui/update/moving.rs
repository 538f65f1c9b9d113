//! Moving cards into columns: what a platform is known to refuse stays where it is, with the reason; what it wants
//! with the move is asked first; what nobody knows goes, and is looked at when it is sent.

use super::actions::column_of;
use super::{edit, looking, mouse, telling};
use crate::config::keymap::Action;
use crate::domain::board::Place;
use crate::domain::card::{Card, CardId};
use crate::domain::command::{Change, Command, Reject, Report, decide_each};
use crate::domain::fields::Field;
use crate::domain::link::{ConnectionName, SyncStatus};
use crate::domain::mapping::Status;
use crate::domain::moves::{Given, Waiting, Ways};
use crate::tui::effect::Effect;
use crate::tui::moves::{Verdict, Want, ask_for, barred, full, possible, refusal, room, verdict};
use crate::tui::screens::Modal;
use crate::tui::screens::asking::{AskingScreen, Moving};
use crate::tui::screens::question::{Answer, Choice, Question};
use crate::tui::state::{DropTarget, Repeat, State, Tone};

/// Moves cards into a column, in their order; the focus follows the first. Says how many of several went.
pub fn move_to(state: &mut State, cards: &[CardId], to: &Status, place: Place) -> Vec<Effect> {
    make(state, &moving(cards, to, place))
}

fn moving(cards: &[CardId], to: &Status, place: Place) -> Moving {
    let (given, refused, also) = (Vec::new(), Vec::new(), Vec::new());
    Moving { cards: cards.to_vec(), to: to.clone(), place, given, refused, also }
}

/// Makes a move: of the cards that may go, once everything is given that is known to be wanted.
pub fn make(state: &mut State, moving: &Moving) -> Vec<Effect> {
    let (mut wants, mut going) = (Vec::<Want>::new(), Moving { cards: Vec::new(), ..moving.clone() });
    let mut room = room(state, &moving.to);
    for card in &moving.cards {
        let comes = state.board.card(*card).is_some_and(|c| c.status != moving.to);
        if comes && room == Some(0) && !going.cards.is_empty() {
            let title = state.board.title_of(&moving.to);
            going.refused.push((*card, Reject::Barred(format!("{title} is at its limit then"))));
            continue;
        }
        match verdict(state, *card, &moving.to) {
            Verdict::Refused(why) => {
                going.refused.push((*card, Reject::Barred(why)));
                continue;
            }
            Verdict::Asks(more) => {
                let new = |w: &Want| {
                    !wants.iter().any(|k| k.connection == w.connection && k.need.key == w.need.key)
                };
                let more: Vec<Want> = more.into_iter().filter(new).collect();
                wants.extend(more);
            }
            Verdict::Go => {}
        }
        if comes {
            room = room.map(|n| n.saturating_sub(1));
        }
        going.cards.push(*card);
    }
    if going.cards.is_empty() {
        none_goes(state, going.refused);
        return vec![];
    }
    if wants.is_empty() || !moving.given.is_empty() {
        return put(state, &going);
    }
    if let Some((_, why)) = going.refused.first() {
        let (left, all) = (going.refused.len(), going.refused.len() + going.cards.len());
        state.say(Tone::Warn, format!("{left} of {all} stay where they are: {why}"));
    }
    state.modals.push(Modal::Asking(AskingScreen::before(going, wants)));
    vec![]
}

/// Says why no card goes.
fn none_goes(state: &mut State, refused: Vec<(CardId, Reject)>) {
    match &refused[..] {
        [] => {}
        [(_, why)] => state.say(Tone::Warn, why.to_string()),
        _ => telling::tell(state, Report { refused, ..Report::default() }),
    }
}

fn put(state: &mut State, moving: &Moving) -> Vec<Effect> {
    let Moving { cards, to, place, given, refused, also } = moving;
    let come = cards.iter().any(|id| state.board.card(*id).is_some_and(|c| c.status != *to));
    // The last one goes first when all go to the top, so that they end up in their order.
    let ordered: Vec<CardId> =
        if *place == Place::Top { cards.iter().rev().copied().collect() } else { cards.clone() };
    let several = cards.len() + refused.len() > 1;
    let command = |card| Command::Move { card, to: to.clone(), place: *place };
    let of_those = also.iter().filter(|c| cards.contains(&c.card())).cloned();
    let mut report = decide_each(&state.board, ordered.into_iter().map(command).chain(of_those).collect());
    let answers = answers(state, given, &report.changes);
    report.changes.extend(answers);
    report.refused.extend(refused.iter().cloned());
    if come && also.is_empty() {
        state.doing.last = Some(Repeat::Move(to.clone()));
    }
    let effects = edit::commit(state, report.changes.clone());
    let shown = cards.first().is_none_or(|first| state.focus_card(*first));
    match report.refused.first() {
        Some((_, why)) if !several => state.say(Tone::Warn, why.to_string()),
        Some(_) => telling::tell(state, report),
        None if effects.is_empty() => {}
        None => {
            state.doing.refused = None;
            tell(state, cards, to, come, shown);
        }
    }
    effects
}

/// What was given, for each card that changes its status and is on the connection that wanted it.
fn answers(state: &State, given: &[(ConnectionName, Given)], changes: &[Change]) -> Vec<Change> {
    let mut out = Vec::new();
    for (connection, given) in given {
        let moved = changes.iter().filter(|c| c.field() == Some(Field::Status)).filter_map(Change::card);
        let linked =
            |id: &CardId| state.board.card(*id).is_some_and(|c| c.link_on(connection.as_str()).is_some());
        let answer = |card| Change::Answered { card, connection: connection.clone(), given: given.clone() };
        out.extend(moved.filter(linked).map(answer));
    }
    out
}

/// Why cards cannot be let go somewhere: how many of them the column or the lane does not take, and the first reason. Looks
/// no further than answers are remembered.
pub fn barred_of(state: &State, cards: &[CardId], target: &DropTarget) -> Option<(usize, String)> {
    let mut refused = cards.iter().take(LOOKED_AT).filter_map(|id| barred(state, *id, target));
    let first = refused.next()?;
    Some((1 + refused.count(), first))
}

/// Whether a column takes none of these cards.
pub fn takes_none(state: &State, cards: &[CardId], column: usize) -> bool {
    cards.iter().take(LOOKED_AT).all(|id| refusal(state, *id, column).is_some())
}

/// How many cards of a drag are looked at in every frame.
const LOOKED_AT: usize = 64;

/// Says what became of a move where that is not plain to see: of several cards, of a card that is not shown where it
/// is now, of a column that holds more than it may.
fn tell(state: &mut State, cards: &[CardId], to: &Status, come: bool, shown: bool) {
    let hidden = cards.first().filter(|_| !shown).and_then(|id| looking::whereabouts(state, *id));
    let title = state.board.title_of(to).to_owned();
    let key = cards.first().and_then(|id| state.board.card(*id)).map_or_else(String::new, Card::key);
    let moved = match (cards, hidden) {
        ([_], None) => None,
        ([_], Some(place)) => Some(format!("{key} is in {place}")),
        (several, None) => Some(format!("{} cards moved to {title}", several.len())),
        (several, Some(place)) => Some(format!("{} cards moved to {place}", several.len())),
    };
    match (state.board.over_limit(to).filter(|_| come), moved) {
        (Some(over), None) => state.say(Tone::Warn, over),
        (Some(over), Some(moved)) => state.say(Tone::Warn, format!("{moved}; {over}")),
        (None, Some(moved)) => state.say(Tone::Info, moved),
        (None, None) => {}
    }
}

/// Why changes cannot be made, when a platform told that it does not let one of their moves.
pub fn refused(state: &State, changes: &[Change]) -> Option<String> {
    changes.iter().find_map(|change| match change {
        Change::Moved { card, from, to, .. } if from != to => match verdict(state, *card, to) {
            Verdict::Refused(why) => Some(why),
            Verdict::Go | Verdict::Asks(_) => None,
        },
        _ => None,
    })
}

/// Asks into which column; its digit answers. Where the cards can go is asked meanwhile.
pub fn ask_column(state: &mut State, cards: &[CardId]) -> Vec<Effect> {
    let here = cards.first().and_then(|id| column_of(state, *id)).unwrap_or(0);
    let question = column_question(state, cards, here);
    state.modals.push(Modal::Question(question));
    ask_for(state, cards)
}

fn column_question(state: &State, cards: &[CardId], at: usize) -> Question {
    let here = cards.first().and_then(|id| column_of(state, *id)).unwrap_or(0);
    let choices: Vec<Choice> = state
        .board
        .columns()
        .zip(('1'..='9').chain('a'..='z'))
        .enumerate()
        .map(|(n, ((status, title), key))| {
            let moving = moving(cards, status, Place::Top);
            let barred = !cards.is_empty() && cards.iter().all(|id| refusal(state, *id, n).is_some());
            let note = if barred {
                let why = full(state, n).unwrap_or_else(|| "no way from here".to_owned());
                Some(format!("{} {why}", state.glyphs.cross))
            } else {
                note_for(state, cards, n, here)
            };
            let answer = if barred { Answer::Barred(moving) } else { Answer::Move(moving) };
            Choice { key, text: title.to_owned(), note, answer }
        })
        .collect();
    let title = match cards {
        [one] => format!("Move {} to", state.board.card(*one).map_or_else(String::new, Card::key)),
        several => format!("Move {} cards to", several.len()),
    };
    Question::new(title, possible(state, cards), choices, at).about_moving(cards)
}

fn note_for(state: &State, cards: &[CardId], column: usize, here: usize) -> Option<String> {
    if column == here {
        return Some("here".to_owned());
    }
    let warned = cards.iter().find_map(|id| mouse::warning(state, *id, column));
    warned.or_else(|| {
        let to = state.board.status_at(column)?;
        cards.iter().find_map(|id| wants_in_words(state, *id, to))
    })
}

/// What a move would be asked about, in words.
pub fn wants_in_words(state: &State, card: CardId, to: &Status) -> Option<String> {
    let Verdict::Asks(wants) = verdict(state, card, to) else { return None };
    let first = wants.first()?;
    let names: Vec<&str> =
        wants.iter().filter(|w| w.connection == first.connection).map(|w| w.need.name.as_str()).collect();
    Some(format!("{} asks for {}", first.connection, names.join(", ")))
}

/// Takes what was told of where a card can go; a dialog that asks where to shows it.
pub fn told(state: &mut State, card: CardId, status: Status, ways: Vec<Ways>) {
    if ways.is_empty() || state.board.card(card).is_none_or(|c| c.status != status) {
        return;
    }
    state.moves.take(card, status, state.now, ways);
    let about = |m: &Modal| match m {
        Modal::Question(question) => question.moving().is_some_and(|(cards, _)| cards.contains(&card)),
        _ => false,
    };
    let Some(at) = state.modals.iter().position(about) else { return };
    if let Modal::Question(question) = &state.modals[at]
        && let Some((cards, focus)) = question.moving()
    {
        let fresh = column_question(state, cards, focus);
        state.modals[at] = Modal::Question(fresh);
    }
}

/// Whoever has just moved the focused card probably moves it on: asks where it can go, once it is there.
pub fn ask_on(state: &State, came: &[CardId]) -> Vec<Effect> {
    let Some(id) = state.focused().filter(|id| came.contains(id)) else { return Vec::new() };
    let moved = |c: &Change| matches!(c, Change::Moved { card, from, to, .. } if *card == id && from != to);
    let own = state.undo.last().is_some_and(|done| done.changes.iter().any(moved));
    let there = |c: &Card| c.links.iter().all(|l| l.sync == SyncStatus::Synced);
    let unknown = |c: &Card| state.moves.of(c, state.now).is_none();
    let card = state.board.card(id).filter(|c| own && there(c) && unknown(c));
    card.map_or_else(Vec::new, |card| ask_for(state, &[card.id]))
}

/// Whether a card's move waits for an answer.
pub fn asks(state: &State, card: CardId) -> bool {
    state.board.card(card).is_some_and(|c| c.links.iter().any(|l| l.asks))
}

/// Whether the card at hand has a move that waits for an answer.
pub fn asks_now(state: &State) -> bool {
    state.focused().is_some_and(|id| asks(state, id))
}

/// Says so when a card's move begins to wait for an answer; a dialog about one that does not any more closes.
pub fn note_asked(state: &mut State, card: &Card) {
    let asking = card.links.iter().find(|l| l.asks);
    let Some(link) = asking else {
        state.modals.retain(|m| !matches!(m, Modal::Asking(a) if a.waits_for() == Some(card.id)));
        return;
    };
    if asks(state, card.id) {
        return;
    }
    let what = link.note.clone().unwrap_or_else(|| format!("{} asks something", link.connection));
    let key = state.key_of(Action::Answer);
    state.say(Tone::Warn, format!("{}: {what}; {key} answers", card.key()));
}

/// Opens the dialog about a move that waits.
pub fn asked(state: &mut State, card: CardId, waiting: &[Waiting]) {
    if state.modals.iter().any(|m| matches!(m, Modal::Asking(_))) {
        return;
    }
    match AskingScreen::about(card, waiting) {
        Some(screen) => state.modals.push(Modal::Asking(screen)),
        None => state.say(Tone::Info, "nothing is asked about it any more"),
    }
}
