//! Moves that a platform's workflow has a say in: asked, refused before anything is committed, or open.

use super::*;
use crate::domain::link::{ConnectionName, SyncStatus};
use crate::domain::moves::{Asks, Given, Need, Waiting};
use crate::tui::fixture::{on_jira, ways};
use crate::tui::screens::Modal;

fn plan() -> ConnectionName {
    ConnectionName::new("plan")
}

/// A board on Jira whose first card of the second column can go to Done with a resolution and not to To Do.
fn known() -> (State, CardId) {
    let mut state = on_jira(12, 120, 36);
    keys(&mut state, "l");
    let card = state.columns[1].ids[0];
    let moves = ways("In Progress", &["Blocked"], &["Done"]);
    told(&mut state, Update::Moves { card, status: Status::new("doing"), ways: moves });
    (state, card)
}

fn answer() -> (ConnectionName, Given) {
    (plan(), Given::from([("resolution".to_owned(), "Duplicate".to_owned())]))
}

fn answered(changes: &[Change], of: CardId) -> bool {
    let (name, wanted) = answer();
    changes.iter().any(|c| {
        matches!(c, Change::Answered { card, connection, given } if *card == of && *connection == name && *given == wanted)
    })
}

#[test]
fn a_press_on_a_card_of_a_workflow_asks_where_it_can_go_and_no_other_does() {
    let mut jira = on_jira(12, 120, 36);
    let card = jira.columns[0].ids[0];
    let at = card_cell(&jira, 0, 0);
    assert_eq!(down(&mut jira, at), [Effect::FetchMoves(vec![card])]);
    let mut github = state(12, 120, 36);
    let at = card_cell(&github, 0, 0);
    assert_eq!(down(&mut github, at), []);
    let mut jira = on_jira(12, 120, 36);
    assert_eq!(keys(&mut jira, "m"), [Effect::FetchMoves(vec![card])]);
}

#[test]
fn what_was_just_told_is_not_asked_again() {
    let (mut state, card) = known();
    let at = card_cell(&state, 1, 0);
    assert_eq!(down(&mut state, at), []);
    up(&mut state, at);
    let later = NOW.plus_ms(31_000);
    let event = MouseEvent {
        kind: MouseEventKind::Down(MouseButton::Left),
        column: at.0,
        row: at.1,
        modifiers: KeyModifiers::NONE,
    };
    assert_eq!(update(&mut state, later, Event::Mouse(event)), [Effect::FetchMoves(vec![card])]);
}

#[test]
fn a_move_nobody_knows_anything_of_is_committed_as_any_other() {
    let mut state = on_jira(12, 120, 36);
    let card = state.columns[0].ids[0];
    let committed = commits(&keys(&mut state, "3 L"));
    assert_eq!(committed.len(), 1, "{committed:?}");
    assert_eq!(column_of(&state, card), "todo", "the third column had the focus");
}

#[test]
fn a_drop_where_the_workflow_does_not_lead_is_refused_with_the_possible_statuses() {
    let (mut state, card) = known();
    let (from, to) = (card_cell(&state, 1, 0), header_cell(&state, 0));
    down(&mut state, from);
    drag(&mut state, to);
    assert_eq!(commits(&up(&mut state, to)), []);
    assert_eq!(column_of(&state, card), "doing");
    assert_eq!(
        said(&state),
        "plan: the workflow leads from In Progress not to To Do; possible: Blocked, Done"
    );
    assert_eq!(commits(&keys(&mut state, "H")), [], "the key runs the same move");
    assert!(said(&state).contains("possible: Blocked, Done"));
    assert_eq!(commits(&keys(&mut state, "m 1")), [], "and so does the dialog");
    assert!(said(&state).contains("possible: Blocked, Done"));
    assert!(state.modals.is_empty() && state.undo.is_empty());
}

#[test]
fn a_drop_that_needs_a_resolution_asks_and_the_answer_is_part_of_the_commit() {
    let (mut state, card) = known();
    let (from, to) = (card_cell(&state, 1, 0), header_cell(&state, 3));
    down(&mut state, from);
    drag(&mut state, to);
    assert_eq!(up(&mut state, to), []);
    assert!(matches!(state.modals.last(), Some(Modal::Asking(_))));
    assert_eq!(column_of(&state, card), "doing", "the card stays until it is answered");
    let committed = commits(&keys(&mut state, "d u p enter"));
    assert_eq!(committed.len(), 1);
    let changes = &committed[0].1;
    assert!(move_of(card, "doing", "done")(&changes[0]) && answered(changes, card), "{changes:?}");
    assert_eq!(column_of(&state, card), "done");
    assert!(state.modals.is_empty());
}

#[test]
fn escape_cancels_the_drop() {
    let (mut state, card) = known();
    keys(&mut state, "m 4");
    assert!(matches!(state.modals.last(), Some(Modal::Asking(_))));
    assert_eq!(keys(&mut state, "esc"), []);
    assert_eq!((column_of(&state, card), said(&state)), ("doing", "not moved"));
    assert!(state.modals.is_empty() && state.undo.is_empty());
}

#[test]
fn undo_takes_the_move_back_and_redo_gives_the_answer_again() {
    let (mut state, card) = known();
    keys(&mut state, "m 4 d u p enter");
    let undone = commits(&keys(&mut state, "u"));
    assert!(move_of(card, "done", "doing")(&undone[0].1[0]) && undone[0].1.len() == 1, "{undone:?}");
    let redone = commits(&keys(&mut state, "ctrl-r"));
    assert!(move_of(card, "doing", "done")(&redone[0].1[0]) && answered(&redone[0].1, card), "{redone:?}");
    let again = commits(&keys(&mut state, "u"));
    assert_eq!(again[0].1.len(), 1);
}

#[test]
fn of_several_cards_those_that_may_go_go_and_the_others_are_told_of() {
    let (mut state, card) = known();
    let other = state.columns[1].ids[1];
    let stuck = ways("In Progress", &["Blocked"], &[]);
    told(&mut state, Update::Moves { card: other, status: Status::new("doing"), ways: stuck });
    keys(&mut state, "space space m 4");
    assert!(said(&state).starts_with("1 of 2 stay where they are: plan: the workflow"), "{}", said(&state));
    let committed = commits(&keys(&mut state, "d u p enter"));
    assert_eq!(committed[0].1.iter().filter(|c| c.field().is_some()).count(), 1);
    assert!(answered(&committed[0].1, card) && !answered(&committed[0].1, other));
    assert_eq!((column_of(&state, card), column_of(&state, other)), ("done", "doing"));
}

#[test]
fn an_answer_about_another_status_is_no_answer_and_a_move_makes_it_old() {
    let (mut state, card) = known();
    let late = ways("To Do", &[], &[]);
    told(&mut state, Update::Moves { card, status: Status::new("todo"), ways: late });
    assert_eq!(commits(&keys(&mut state, "L")).len(), 1, "review is not mapped: it stays here");
    assert_eq!(commits(&keys(&mut state, "u")).len(), 1);
    assert_eq!(commits(&keys(&mut state, "H")).len(), 1, "what was told before the move is forgotten");
}

/// The card as it comes from the store when its move waits for an answer.
fn waiting(state: &State, card: CardId) -> Card {
    let mut card = state.board.card(card).cloned().expect("there");
    card.links[0].asks = true;
    card.links[0].sync = SyncStatus::Manual;
    card.links[0].note = Some("plan asks for Resolution to make it Done".into());
    card
}

fn asked(card: CardId) -> Update {
    let need = Need { key: "resolution".into(), name: "Resolution".into(), values: vec!["Duplicate".into()] };
    let asks = Asks { status: "Done".into(), needs: vec![need] };
    let waiting = Waiting { connection: plan(), to: Status::new("done"), back: Status::new("doing"), asks };
    Update::Asked { card, waiting: vec![waiting] }
}

#[test]
fn a_move_that_begins_to_wait_is_told_and_answered_with_the_same_dialog() {
    let mut state = on_jira(12, 120, 36);
    keys(&mut state, "4");
    let card = state.columns[3].ids[0];
    let fresh = waiting(&state, card);
    told(&mut state, Update::Cards(vec![fresh]));
    assert_eq!(said(&state), "plan#3: plan asks for Resolution to make it Done; A answers");
    assert_eq!(keys(&mut state, "A"), [Effect::FetchAsked(card)]);
    told(&mut state, asked(card));
    let given = Effect::AnswerMove { card, answers: vec![answer()] };
    assert_eq!(keys(&mut state, "enter"), [given]);
    assert!(state.modals.is_empty());
    told(&mut state, asked(card));
    let back = commits(&keys(&mut state, "ctrl-n enter"));
    assert!(move_of(card, "done", "doing")(&back[0].1[0]), "{back:?}");
}

#[test]
fn a_dialog_about_a_move_that_was_answered_elsewhere_closes() {
    let mut state = on_jira(12, 120, 36);
    let card = state.columns[3].ids[0];
    let before = state.board.card(card).cloned().expect("there");
    let fresh = waiting(&state, card);
    told(&mut state, Update::Cards(vec![fresh]));
    assert_eq!(keys(&mut state, "A"), [Effect::FetchAsked(card)], "wherever the focus is");
    told(&mut state, asked(card));
    assert!(matches!(state.modals.last(), Some(Modal::Asking(_))));
    told(&mut state, Update::Cards(vec![before]));
    assert!(state.modals.is_empty());
}

#[test]
fn whoever_moved_the_focused_card_is_told_where_it_goes_on_once_it_is_there() {
    let mut state = on_jira(12, 120, 36);
    let card = state.columns[0].ids[0];
    keys(&mut state, "L");
    let token = state.undo.last().expect("moved").token;
    told(&mut state, Update::Committed { token });
    let mut there = state.board.card(card).cloned().expect("there");
    there.links[0].sync = SyncStatus::Pending;
    assert_eq!(told(&mut state, Update::Cards(vec![there.clone()])), [], "it is not there yet");
    there.links[0].sync = SyncStatus::Synced;
    let asks = [Effect::FetchMoves(vec![card])];
    assert_eq!(told(&mut state, Update::Cards(vec![there.clone()])), asks);
    let moves = ways("In Progress", &[], &["Done"]);
    told(&mut state, Update::Moves { card, status: there.status.clone(), ways: moves });
    assert_eq!(told(&mut state, Update::Cards(vec![there])), [], "once is enough");
}
