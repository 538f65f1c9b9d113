//! What is on, what is offered, what is typed and what comes of it.

use super::*;
use crate::connector::RemoteMilestone;

fn set(names: &[&str]) -> BTreeSet<String> {
    names.iter().map(|&n| n.to_owned()).collect()
}

fn labels(cards: &[&[&str]], known: &[&str]) -> List {
    let cards: Vec<_> = cards.iter().map(|c| set(c)).collect();
    List::of_sets(PickerKind::Labels, &cards, &set(known), set(&["status: doing"]))
}

fn names(list: &List) -> Vec<String> {
    list.rows()
        .into_iter()
        .map(|r| match r.name {
            RowName::Known(n) => n,
            RowName::New(n) => format!("+{n}"),
            RowName::Nothing => "-".into(),
        })
        .collect()
}

#[test]
fn what_is_on_stands_first_and_status_labels_are_not_offered() {
    let mut list = labels(&[&["ui"]], &["bug", "ui", "Status: Doing"]);
    assert_eq!(names(&list), ["ui", "bug"]);
    list.type_text("status: doing");
    assert_eq!(names(&list), Vec::<String>::new(), "nor can one be typed");
}

#[test]
fn toggling_twice_changes_nothing() {
    let mut list = labels(&[&["ui"]], &["bug"]);
    list.toggle();
    assert_eq!(list.delta(), SetDelta { remove: set(&["ui"]), ..SetDelta::default() });
    list.toggle();
    assert!(list.delta().is_empty());
}

#[test]
fn a_label_on_some_of_the_cards_goes_on_all_then_off_all_then_as_it_was() {
    let mut list = labels(&[&["ui"], &[]], &[]);
    assert_eq!(list.rows()[0].before, Has::Some);
    list.toggle();
    assert_eq!(list.delta().add, set(&["ui"]));
    list.toggle();
    assert_eq!(list.delta().remove, set(&["ui"]));
}

#[test]
fn a_typed_name_is_offered_last_and_becomes_a_row() {
    let mut list = labels(&[&[]], &["bugfix", "ui"]);
    list.type_text("bug");
    assert_eq!(names(&list), ["bugfix", "+bug"]);
    list.step(1);
    list.toggle();
    assert_eq!((names(&list)[0].as_str(), list.delta().add), ("bug", set(&["bug"])));
    assert_eq!(list.typed, "");
}

#[test]
fn a_person_cannot_be_invented_where_a_platform_decides() {
    let people = |ask: bool| {
        let mut list = List::of_sets(PickerKind::Assignees, &[set(&[])], &set(&["ana"]), set(&[]));
        if ask {
            list.ask(ConnectionName::new("core"));
        }
        list.type_text("zoe");
        names(&list)
    };
    assert_eq!(people(true), Vec::<String>::new());
    assert_eq!(people(false), ["+zoe"]);
}

#[test]
fn offers_arrive_without_moving_the_focus_from_its_row() {
    let mut list = labels(&[&["ui"]], &["zebra"]);
    list.ask(ConnectionName::new("core"));
    list.step(1);
    let offers = Offers { labels: vec!["bug".into(), "UI".into()], ..Offers::default() };
    list.answer(
        &ConnectionName::new("other"),
        &Ok(Offers { labels: vec!["no".into()], ..Offers::default() }),
    );
    list.answer(&ConnectionName::new("core"), &Ok(offers));
    assert_eq!(names(&list), ["ui", "zebra", "bug"]);
    assert_eq!(list.focused().map(|r| r.name), Some(RowName::Known("zebra".into())));
}

#[test]
fn of_milestones_the_open_ones_and_none_can_be_picked() {
    let mut list = List::of_one(PickerKind::Milestone, &[Some("v1")], set(&[]));
    list.ask(ConnectionName::new("core"));
    let milestone =
        |title: &str, open| RemoteMilestone { id: "1".into(), title: title.into(), due: None, open };
    let offers =
        Offers { milestones: vec![milestone("v2", true), milestone("v0", false)], ..Offers::default() };
    list.answer(&ConnectionName::new("core"), &Ok(offers));
    assert_eq!(names(&list), ["-", "v1", "v2"]);
    assert_eq!(list.focus(), 1, "the present one is focused");
}
