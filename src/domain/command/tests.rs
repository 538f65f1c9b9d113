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

#[test]
fn a_hard_limit_refuses_one_card_more_and_a_soft_one_tells_of_it() {
    use crate::domain::limit::{Limit, Limits};
    let (mut board, ids) = board(9);
    let doing = Status::new("doing");
    let set = |board: &mut Board, hard| {
        board.set_limits(Limits::from([(Status::new("doing"), Limit { most: 3, hard })]));
    };
    set(&mut board, true);
    let over = |board: &Board| {
        decide(board, Command::Move { card: ids[0], to: Status::new("doing"), place: Place::Top })
    };
    assert_eq!(over(&board).expect_err("full").to_string(), "DOING is at its limit: 3/3");
    let own = order(&board, "doing");
    run(&mut board, Command::Move { card: own[0], to: doing.clone(), place: Place::Bottom });
    assert_eq!(order(&board, "doing").last(), Some(&own[0]), "within the column it may move");
    assert_eq!(board.over_limit(&doing), None);
    set(&mut board, false);
    run(&mut board, Command::Move { card: ids[0], to: doing.clone(), place: Place::Top });
    assert_eq!(board.over_limit(&doing).as_deref(), Some("DOING is over its limit: 4/3"));
    set(&mut board, true);
    run(&mut board, Command::Move { card: ids[0], to: Status::new("todo"), place: Place::Top });
    assert_eq!(board.count_in(&doing), 3, "out of it a card may always go");
}

fn with(board: &mut Board, id: CardId, field: FieldName, text: &str) {
    run(board, Command::SetField { card: id, field, value: Value::Text(text.to_owned()) });
}

#[test]
fn estimates_and_parts_are_counted_as_cards_come_move_and_go() {
    let (mut board, ids) = board(6);
    let (todo, done) = (Status::new("todo"), Status::new("done"));
    for (n, points) in [(0, "3"), (3, "0.5"), (2, "8")] {
        with(&mut board, ids[n], FieldName::ESTIMATE, points);
    }
    assert_eq!((board.points_in(&todo), board.points_in(&done)), (3_500, 8_000));
    let epic = ids[1];
    for n in [0, 2, 3] {
        with(&mut board, ids[n], FieldName::PARENT, &epic.short());
    }
    let closed = [done.clone()];
    let progress = |board: &Board| board.progress_of(board.card(epic).expect("there"), &closed);
    assert_eq!(progress(&board), (1, 3));
    run(&mut board, Command::Move { card: ids[0], to: done.clone(), place: Place::Top });
    assert_eq!(progress(&board), (2, 3));
    assert_eq!((board.points_in(&todo), board.points_in(&done)), (500, 11_000));
    board.remove(ids[2]);
    assert_eq!((progress(&board), board.points_in(&done)), ((1, 2), 3_000));
}

#[test]
fn a_parent_is_found_by_its_key_its_number_and_the_platforms_own_key() {
    use crate::domain::board::{names, parent};
    let (mut board, ids) = board(2);
    let link = |number: u64, url: &str| Link {
        number: Some(number),
        url: Some(url.to_owned()),
        ..unsent_link(ConnectionName::new("plan"))
    };
    let mut epic = board.card(ids[0]).cloned().expect("there");
    epic.links = vec![link(7, "https://jira.test/browse/ABC-7")];
    for written in ["plan#7", "PLAN#7", "abc-7", "7", "#7"] {
        let mut card = board.card(ids[1]).cloned().expect("there");
        card.links = vec![link(8, "https://jira.test/browse/ABC-8")];
        card.extra.to_mut().insert(FieldName::PARENT, Value::Text(written.to_owned()));
        let named = parent(&card).expect("a parent");
        assert!(names(&epic).contains(&named), "{written}: {named}");
        board.upsert(card);
        board.upsert(epic.clone());
        assert_eq!(board.progress_of(&epic, &[]), (0, 1), "{written}");
    }
}

proptest! {
    /// What is counted on the way is what a count of all cards would give.
    #[test]
    fn the_counts_are_those_of_a_board_that_is_made_anew(
        moves in prop::collection::vec((0..8_usize, 0..3_usize, 0..5_u8), 1..40),
    ) {
        let (mut board, ids) = board(8);
        for (card, column, what) in moves {
            let id = ids[card];
            match what {
                0 => with(&mut board, id, FieldName::ESTIMATE, "2.5"),
                1 => with(&mut board, id, FieldName::ESTIMATE, ""),
                2 => with(&mut board, id, FieldName::PARENT, &ids[column].short()),
                3 => with(&mut board, id, FieldName::PARENT, ""),
                _ => {
                    let to = board.status_at(column).cloned().expect("three columns");
                    run(&mut board, Command::Move { card: id, to, place: Place::Top });
                }
            }
        }
        let columns = board.columns().map(|(s, t)| Column { status: s.clone(), title: t.to_owned() });
        let mut fresh = Board::new("test", columns.collect::<Vec<_>>());
        board.cards().for_each(|card| fresh.upsert(card.clone()));
        for (status, _) in board.columns() {
            prop_assert_eq!(board.points_in(status), fresh.points_in(status));
        }
        for card in board.cards() {
            let closed = [Status::new("done")];
            prop_assert_eq!(board.progress_of(card, &closed), fresh.progress_of(card, &closed));
        }
    }
}
