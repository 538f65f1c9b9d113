//! Commands decided and applied: what a person asks for is what the board shows, and can be taken back.

use std::collections::{BTreeMap, BTreeSet};

use proptest::prelude::*;

use super::*;
use crate::domain::board::{Column, RANK_GAP};

fn board(cards: usize) -> (Board, Vec<CardId>) {
    let column = |s: &str| Column { status: Status::new(s), title: s.to_uppercase() };
    let mut board = Board::new("test", [column("todo"), column("doing"), column("done")]);
    let mut ids = Vec::new();
    for n in 0..cards {
        let id = CardId::random();
        let new = NewCard {
            id,
            kind: Kind::Issue,
            title: format!("card {n}"),
            body: String::new(),
            status: Status::new(["todo", "doing", "done"][n % 3]),
            labels: BTreeSet::new(),
            assignees: BTreeSet::new(),
            milestone: None,
            extra: BTreeMap::new(),
            connections: vec![],
            at: Timestamp(0),
        };
        for change in decide(&board, Command::Create(new)).expect("valid") {
            board.apply(&change);
        }
        ids.push(id);
    }
    (board, ids)
}

fn run(board: &mut Board, command: Command) -> Vec<Change> {
    let changes = decide(board, command).expect("valid");
    changes.iter().for_each(|c| board.apply(c));
    changes
}

fn order(board: &Board, status: &str) -> Vec<CardId> {
    board.ids_in(&Status::new(status)).collect()
}

#[test]
fn moving_a_card_puts_it_at_the_named_place() {
    let (mut board, ids) = board(9);
    let before = order(&board, "doing");
    let to = Status::new("doing");
    run(&mut board, Command::Move { card: ids[0], to, place: Place::Before(before[1]) });
    assert_eq!(order(&board, "doing"), [before[0], ids[0], before[1], before[2]]);
    assert_eq!(board.count_in(&Status::new("todo")), 2);
}

#[test]
fn moving_a_card_to_where_it_is_changes_nothing() {
    let (board, _) = board(9);
    let third = order(&board, "todo")[2];
    let second = order(&board, "todo")[1];
    let to = Status::new("todo");
    let same = Command::Move { card: second, to, place: Place::Before(third) };
    let changes = decide(&board, same).expect("valid");
    let mut after = board.clone();
    changes.iter().for_each(|c| after.apply(c));
    assert_eq!(order(&after, "todo"), order(&board, "todo"));
}

#[test]
fn a_column_without_room_is_spread() {
    let (mut board, ids) = board(6);
    let status = Status::new("todo");
    // Two neighbours one apart.
    for (n, id) in order(&board, "todo").into_iter().enumerate() {
        let mut card = board.card(id).cloned().expect("there");
        card.rank = n as i64;
        board.upsert(card);
    }
    let [first, second] = order(&board, "todo")[..] else { panic!("two cards") };
    run(&mut board, Command::Move { card: ids[1], to: status, place: Place::Before(second) });
    assert_eq!(order(&board, "todo"), [first, ids[1], second]);
    assert_eq!(board.card(second).map(|c| c.rank), Some(RANK_GAP));
}

#[test]
fn an_unknown_column_is_refused_by_name() {
    let (board, ids) = board(1);
    let to = Status::new("nowhere");
    let got = decide(&board, Command::Move { card: ids[0], to, place: Place::Top });
    assert_eq!(got, Err(Reject::NoSuchStatus("nowhere".into())));
}

#[test]
fn a_title_of_ten_thousand_characters_is_refused_with_the_limit() {
    let (board, ids) = board(1);
    let got = decide(&board, Command::Retitle { card: ids[0], title: "x".repeat(10_000) });
    assert_eq!(got, Err(Reject::TitleTooLong(10_000)));
}

#[test]
fn adding_a_label_that_is_there_in_another_case_changes_nothing() {
    let (mut board, ids) = board(1);
    let add = |name: &str| Command::Label {
        card: ids[0],
        delta: SetDelta { add: BTreeSet::from([name.to_owned()]), ..SetDelta::default() },
    };
    assert_eq!(run(&mut board, add("Bug")).len(), 1);
    assert_eq!(run(&mut board, add("bug")).len(), 0);
}

proptest! {
    /// However cards are moved, none is lost, none is twice, the order within a column is total, and taking the
    /// changes back restores the board.
    #[test]
    fn moves_keep_every_card_once_and_can_be_taken_back(moves in prop::collection::vec((0..12_usize, 0..3_usize, 0..14_usize), 1..60)) {
        let (mut board, ids) = board(12);
        let start = board.clone();
        let mut done = Vec::new();
        for (card, column, place) in moves {
            let to = board.status_at(column).cloned().expect("three columns");
            let place = match place { 12 => Place::Top, 13 => Place::Bottom, n => Place::Before(ids[n]) };
            done.extend(run(&mut board, Command::Move { card: ids[card], to, place }));
            let shown: usize = board.columns().map(|(s, _)| board.ids_in(s).count()).sum();
            prop_assert_eq!(shown, 12);
        }
        for change in done.iter().rev() {
            board.apply(&change.inverse().expect("a move has an inverse"));
        }
        prop_assert_eq!(board, start);
    }
}

#[test]
fn a_further_field_is_set_cleared_and_taken_back() {
    let (mut board, ids) = board(1);
    let set = |value: &str| Command::SetField {
        card: ids[0],
        field: FieldName::ESTIMATE,
        value: Value::Text(value.to_owned()),
    };
    let done = run(&mut board, set("3.0"));
    assert_eq!(board.card(ids[0]).and_then(|c| c.extra(FieldName::ESTIMATE)), Some("3"));
    assert!(run(&mut board, set("3")).is_empty(), "the same number is no change");
    assert_eq!(
        decide(&board, set("much")).expect_err("no number").to_string(),
        "estimate is a number that is not negative, such as 3 or 0.5, not `much`"
    );
    let back = done[0].inverse().expect("it can be taken back");
    board.apply(&back);
    assert!(board.card(ids[0]).expect("there").extra.is_empty());
    run(&mut board, set("5"));
    run(&mut board, set(""));
    assert!(board.card(ids[0]).expect("there").extra.is_empty());
}
