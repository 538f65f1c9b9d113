//! Conflicts, versions and undo as a person meets them: keys in, effects out.

use super::*;
use crate::domain::conflict::{Choice, Conflict, Decided, Decision};
use crate::domain::fields::{Field, Value};
use crate::domain::history::{Version, VersionKind, What};
use crate::domain::link::ConnectionName;

fn conflict(n: i64, card: u128) -> Conflict {
    let text = |t: &str| Value::Text(t.to_owned());
    Conflict {
        id: n,
        card: fixture::id(card),
        key: format!("core#{card}"),
        title: "Retry on 502".into(),
        connection: ConnectionName::new("core"),
        source: None,
        field: Field::Body,
        base: text("one\ntwo\nthree"),
        local: text("ONE\ntwo\nthree"),
        remote: text("one\ntwo\nTHREE"),
        found_at: NOW,
        decided: None,
    }
}

fn with_conflicts(cards: &[u128]) -> State {
    let mut state = state(12, 120, 36);
    keys(&mut state, "g c");
    let all = cards.iter().zip(1..).map(|(card, n)| conflict(n, *card)).collect();
    told(&mut state, Update::Conflicts(all));
    state
}

fn detail(state: &State, card: CardId, conflicts: Vec<Conflict>) -> crate::engine::CardDetail {
    crate::engine::CardDetail {
        card: state.board.card(card).cloned().expect("there"),
        body: "ONE\ntwo\nthree".into(),
        comments: crate::engine::Comments::None,
        unsent_comments: vec![],
        conflicts,
        history: vec![Version {
            seq: 1,
            at: NOW,
            actor: None,
            origin: "core".into(),
            kind: VersionKind::Lost,
            what: What::Field(Field::Body),
            before: Value::Text("ONE\ntwo\nthree".into()),
            after: Value::Text("one\ntwo\nTHREE".into()),
        }],
        author: None,
        beyond: Vec::new(),
    }
}

fn kinds(effects: &[Effect]) -> Vec<VersionKind> {
    let kind = |e: &Effect| match e {
        Effect::Commit { kind, .. } => Some(*kind),
        _ => None,
    };
    effects.iter().filter_map(kind).collect()
}

#[test]
fn two_keys_reach_the_conflicts_and_one_decides() {
    let mut state = state(12, 120, 36);
    assert_eq!(keys(&mut state, "g c"), [Effect::ListConflicts]);
    told(&mut state, Update::Conflicts(vec![conflict(1, 3)]));
    let decision = Decision { conflict: 1, choice: Choice::Remote };
    assert_eq!(keys(&mut state, "l"), [Effect::Resolve(vec![decision])]);
    let decided = Some(Decided { choice: Choice::Remote, by: "ana".into(), at: NOW });
    told(&mut state, Update::Conflicts(vec![Conflict { decided, ..conflict(1, 3) }]));
    assert_eq!(said(&state), "core's body is taken; the one here is in the history of core#3");
}

#[test]
fn a_text_is_put_together_in_place_and_letters_typed_are_no_keys() {
    let mut state = with_conflicts(&[3]);
    assert!(keys(&mut state, "e q").is_empty() && !state.leaving);
    let saved = keys(&mut state, "ctrl-s");
    let choice = Choice::Merged(Value::Text("qONE\ntwo\nTHREE".into()));
    assert_eq!(saved, [Effect::Resolve(vec![Decision { conflict: 1, choice }])]);
}

#[test]
fn leaving_the_program_asks_while_a_merged_text_is_typed() {
    let mut state = with_conflicts(&[3]);
    keys(&mut state, "e x");
    state.view = View::Board;
    assert!(keys(&mut state, "q").is_empty() && !state.leaving);
    assert_eq!(state.modals.len(), 1);
}

#[test]
fn many_are_decided_by_two_keys_and_an_answer() {
    let mut state = with_conflicts(&[3, 4, 5]);
    assert!(keys(&mut state, "a h").is_empty());
    let [Effect::Resolve(decisions)] = &keys(&mut state, "y")[..] else { panic!("one request") };
    assert!(decisions.len() == 3 && decisions.iter().all(|d| d.choice == Choice::Local));
    assert!(state.modals.is_empty());
}

#[test]
fn the_open_card_leads_to_its_conflict_and_the_conflict_to_its_card() {
    let mut state = state(12, 120, 36);
    let card = state.focused().expect("a card");
    let n = card.0.as_u128();
    keys(&mut state, "enter");
    let detail = detail(&state, card, vec![conflict(7, n)]);
    told(&mut state, Update::Opened(Box::new(detail)));
    assert_eq!(keys(&mut state, "enter"), [Effect::ListConflicts]);
    assert_eq!((state.view, state.modals.len()), (View::Conflicts, 0));
    told(&mut state, Update::Conflicts(vec![conflict(1, n + 1), conflict(7, n)]));
    assert_eq!(keys(&mut state, "enter"), [Effect::OpenCard(card)]);
    assert_eq!(state.open_card(), Some(card));
    keys(&mut state, "esc");
    assert_eq!((state.view, state.modals.len()), (View::Conflicts, 0));
}

#[test]
fn conflicts_that_come_while_they_are_looked_at_are_read_and_not_otherwise() {
    let mut state = with_conflicts(&[3]);
    let mut health = fixture::health();
    health.conflicts = 2;
    assert_eq!(update(&mut state, NOW, Event::Health(vec![health.clone()])), [Effect::ListConflicts]);
    assert!(update(&mut state, NOW, Event::Health(vec![health.clone()])).is_empty(), "as many as before");
    let changed = state.board.card(fixture::id(3)).cloned().expect("there");
    assert_eq!(told(&mut state, Update::Cards(vec![changed])), [Effect::ListConflicts]);
    let other = state.board.card(fixture::id(4)).cloned().expect("there");
    assert!(told(&mut state, Update::Cards(vec![other])).is_empty());
    keys(&mut state, "g b");
    health.conflicts = 3;
    assert!(update(&mut state, NOW, Event::Health(vec![health])).is_empty(), "nobody looks");
}

#[test]
fn a_version_that_lost_is_restored_as_an_edit_that_says_so_and_can_be_undone() {
    let mut state = state(12, 120, 36);
    let card = state.focused().expect("a card");
    keys(&mut state, "enter");
    let detail = detail(&state, card, vec![]);
    told(&mut state, Update::Opened(Box::new(detail)));
    keys(&mut state, "tab");
    let out = keys(&mut state, "enter");
    assert_eq!(kinds(&out), [VersionKind::Restore]);
    let [(1, changes)] = &commits(&out)[..] else { panic!("one commit") };
    assert!(matches!(&changes[..], [Change::Rewritten { after, .. }] if after == "one\ntwo\nTHREE"));
    assert!(said(&state).starts_with("brought back: body of core#"), "{}", said(&state));
    assert_eq!(state.open_card(), Some(card), "the history stays open");
    assert_eq!(told(&mut state, Update::Committed { token: 1 }), [Effect::OpenCard(card)]);
    assert_eq!(kinds(&keys(&mut state, "u")), [VersionKind::Undo]);
}

#[test]
fn an_undo_the_store_refuses_says_why_and_keeps_what_can_still_be_taken_back_or_done_again() {
    let mut state = state(12, 120, 36);
    let first = state.focused().expect("a card");
    keys(&mut state, "L h");
    let second = state.focused().expect("a card");
    keys(&mut state, "L h");
    let third = state.focused().expect("a card");
    keys(&mut state, "L");
    // The third is taken back, the second is refused, the first is left.
    keys(&mut state, "u u");
    let token = state.redo.last().expect("the refused one").token;
    let reason = "core#5 was changed again since: its status was left as it is".to_owned();
    told(&mut state, Update::Refused { token, reason });
    assert_eq!(said(&state), "nothing undone: core#5 was changed again since: its status was left as it is");
    let cards = |done: &[crate::tui::state::Done]| -> Vec<CardId> {
        done.iter().filter_map(|d| d.changes[0].card()).collect()
    };
    assert_eq!((cards(&state.undo), cards(&state.redo)), (vec![first], vec![third]));
    assert_eq!(column_of(&state, second), "doing");
    keys(&mut state, "ctrl-r");
    assert_eq!(column_of(&state, third), "doing", "what was taken back can be done again");
    keys(&mut state, "u u");
    assert_eq!((column_of(&state, third), column_of(&state, first)), ("todo", "todo"));
}

#[test]
fn an_undo_refused_here_names_the_card_and_the_field() {
    let mut state = state(12, 120, 36);
    let card = state.focused().expect("a card");
    keys(&mut state, "L");
    told(&mut state, Update::Committed { token: 1 });
    let theirs = Card { status: Status::new("done"), ..state.board.card(card).cloned().expect("there") };
    let key = theirs.key();
    told(&mut state, Update::Cards(vec![theirs]));
    keys(&mut state, "u");
    let want = format!("nothing undone: {key} was changed again since: its status was left as it is");
    assert_eq!(said(&state), want);
}

#[test]
fn a_card_taken_off_the_board_is_put_back_by_undo() {
    let mut state = state(12, 120, 36);
    let card = state.focused().expect("a card");
    let was = state.board.card(card).cloned().expect("there");
    keys(&mut state, "D y");
    told(&mut state, Update::Committed { token: 1 });
    assert!(state.board.card(card).is_none());
    let back = commits(&keys(&mut state, "u"));
    assert_eq!(back[0].1, [Change::Returned { card }]);
    assert_eq!(said(&state), "undid: put the card back on the board");
    told(&mut state, Update::Committed { token: 2 });
    told(&mut state, Update::Cards(vec![was]));
    assert!(state.board.card(card).is_some(), "as the store tells it");
    keys(&mut state, "ctrl-r");
    assert!(state.board.card(card).is_none());
}
