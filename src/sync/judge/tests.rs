//! What an answer makes of the card, the base and the queue.

mod further;

use std::collections::{BTreeMap, BTreeSet};

use super::*;
use crate::domain::fields::Value;
use crate::domain::mapping::{OpenState, PlatformState, Status, Target};
use crate::domain::remote::RemoteRef;
use crate::sync::reconcile::Side;

fn mapping() -> StatusMapping {
    let label = |l: &str| Target { label: Some(l.into()), ..Target::default() };
    let closed = Target { state: Some(OpenState::Closed), ..Target::default() };
    let board = ["todo", "doing", "review", "done"].map(Status::new);
    let targets = [("todo", label("s: todo")), ("doing", label("s: doing")), ("done", closed)];
    StatusMapping::new(&board, &targets.map(|(s, t)| (Status::new(s), t)).into_iter().collect())
}

fn item(title: &str, label: &str) -> RemoteItem {
    RemoteItem {
        at: RemoteRef { id: "1".into(), number: 1, repository: "octo/app".into() },
        url: String::new(),
        title: title.into(),
        body: String::new(),
        marker: None,
        state: PlatformState {
            state: OpenState::Open,
            reason: None,
            labels: BTreeSet::from([label.to_owned()]),
            ..PlatformState::default()
        },
        assignees: BTreeSet::new(),
        milestone: None,
        raw: BTreeMap::new(),
        kind: None,
        author: None,
        comments: 0,
        created_at: Timestamp(0),
        updated_at: Timestamp(0),
        rich: None,
    }
}

fn fields(title: &str, status: &str) -> Fields {
    Fields { status: Status::new(status), ..item(title, "s: todo").fields(&mapping()).0 }
}

fn known(base: Fields, card: Fields) -> Known {
    Known {
        sent: None,
        base: Some(base),
        card,
        edited: BTreeMap::new(),
        archived: false,
        open_conflicts: vec![],
        undoing: vec![],
        flapping: vec![],
        told: Told::default(),
    }
}

fn pushed(to: &Fields, fields: &[Field]) -> Push {
    let fields = fields.iter().copied().collect();
    Push { fields, to: to.clone(), labels: SetDelta::default(), assignees: SetDelta::default() }
}

fn confirmed(known: &Known, sent: &Fields, fields: &[Field], answer: &RemoteItem) -> Verdict {
    confirm(known, &pushed(sent, fields), answer, &mapping(), &Policies::default(), 0)
}

#[test]
fn an_edit_made_while_the_request_was_under_way_is_still_to_be_sent() {
    let sent = fields("first", "todo");
    let now = known(fields("old", "todo"), fields("second", "todo"));
    let got = confirmed(&now, &sent, &[Field::Title], &item("first", "s: todo"));
    assert_eq!((got.card, got.queue), (None, Queue::Needed));
    assert_eq!(got.base.expect("a base").title, "first");
}

#[test]
fn row_07_what_the_server_made_of_our_value_is_taken_over_and_not_sent_again() {
    let sent = fields("two  blanks", "todo");
    let now = known(fields("old", "todo"), sent.clone());
    let got = confirmed(&now, &sent, &[Field::Title], &item("two blanks", "s: todo"));
    assert_eq!(got.card.expect("a card").title, "two blanks");
    assert_eq!(got.queue, Queue::Settled);
}

#[test]
fn a_field_that_waits_for_a_person_is_left_alone_by_an_answer() {
    let base = fields("base", "todo");
    let card = fields("mine", "doing");
    let state = Known { open_conflicts: vec![Field::Title], ..known(base, card.clone()) };
    let got = confirmed(&state, &card, &[Field::Status], &item("theirs", "s: doing"));
    assert_eq!(got.card, None, "mine stays");
    assert_eq!(got.base.expect("a base").title, "base", "the question stays open");
    assert_eq!(got.queue, Queue::Settled);
    let open = &got.conflicts[0];
    assert_eq!((open.field, open.winner, &open.remote), (Field::Title, None, &Value::Text("theirs".into())));
}

#[test]
fn what_was_not_sent_and_changed_on_both_sides_meanwhile_is_a_conflict() {
    // The status was sent; while that was under way the title was changed there and here.
    let state = Known {
        edited: BTreeMap::from([(Field::Title, Timestamp(9_000_000))]),
        ..known(fields("base", "todo"), fields("mine", "doing"))
    };
    let sent = fields("base", "doing");
    let got = confirmed(&state, &sent, &[Field::Status], &item("theirs", "s: doing"));
    let lost = &got.conflicts[0];
    assert_eq!((lost.winner, &lost.remote), (Some(Side::Local), &Value::Text("theirs".into())));
    assert_eq!((got.card, got.queue), (None, Queue::Needed));
    assert_eq!(got.base.expect("a base").title, "theirs", "it is known what is replaced");
    let manual = Policies { default: Policy::Manual, ..Policies::default() };
    let push = pushed(&sent, &[Field::Status]);
    let got = confirm(&state, &push, &item("theirs", "s: doing"), &mapping(), &manual, 0);
    assert_eq!((got.conflicts[0].winner, got.queue), (None, Queue::Settled));
    let base = got.base.expect("a base");
    assert_eq!((base.title.as_str(), base.status.as_str()), ("base", "doing"));
}

#[test]
fn a_status_somebody_changed_just_before_our_write_is_a_conflict_and_not_the_servers_spelling() {
    let state = known(fields("t", "todo"), fields("t", "doing"));
    let sent = fields("t", "doing");
    let mut there = item("t", "s: doing");
    there.state.state = OpenState::Closed;
    let remote = Policies { default: Policy::Remote, ..Policies::default() };
    let got = confirm(&state, &pushed(&sent, &[Field::Status]), &there, &mapping(), &remote, 0);
    assert_eq!(got.card.expect("taken in").status.as_str(), "done");
    let kept = &got.conflicts[0];
    assert_eq!((kept.field, kept.winner), (Field::Status, Some(Side::Remote)));
    assert_eq!(kept.local, Value::Text("doing".into()), "what was moved here is kept");
    let local = Policies { default: Policy::Local, ..Policies::default() };
    let got = confirm(&state, &pushed(&sent, &[Field::Status]), &there, &mapping(), &local, 0);
    assert_eq!((got.card, got.queue), (None, Queue::Needed), "it is sent again");
}

#[test]
fn a_status_the_connection_does_not_map_is_neither_sent_nor_overwritten() {
    let state = known(fields("t", "todo"), fields("t", "review"));
    let got = judge(&state, &item("new title", "s: todo"), &mapping(), &Policies::default(), 0);
    let card = got.card.expect("the title came in");
    assert_eq!((card.title.as_str(), card.status.as_str()), ("new title", "review"));
    assert_eq!(got.queue, Queue::Settled);
    assert!(!got.mapped);
}

/// A title and labels, as sent and never answered.
fn sent(title: &str, labels: SetDelta) -> Push {
    let fields = BTreeSet::from([Field::Title, Field::Labels]);
    Push { fields, to: self::fields(title, "todo"), labels, assignees: SetDelta::default() }
}

#[test]
fn an_edit_made_after_a_lost_answer_is_not_in_conflict_with_what_arrived() {
    let policies = Policies { default: Policy::Manual, ..Policies::default() };
    let state = Known {
        sent: Some(sent("first", SetDelta::default())),
        ..known(fields("before", "todo"), fields("second", "todo"))
    };
    let got = judge(&state, &item("first", "s: todo"), &mapping(), &policies, 0);
    assert_eq!(got.conflicts, []);
    assert_eq!(got.push.expect("something to send").to.title, "second");
    assert_eq!(got.base.expect("agreed").title, "first");
}

#[test]
fn an_edit_taken_back_after_a_lost_answer_is_taken_back_there_too() {
    let name = |l: &str| BTreeSet::from([l.to_owned()]);
    let added = SetDelta { add: name("new"), ..SetDelta::default() };
    let state = Known {
        sent: Some(sent("first", added)),
        ..known(fields("before", "todo"), fields("before", "todo"))
    };
    let mut there = item("first", "s: todo");
    there.state.labels.insert("new".into());
    let push = judge(&state, &there, &mapping(), &Policies::default(), 0).push.expect("something to send");
    assert_eq!((push.to.title.as_str(), push.labels.remove), ("before", name("new")));
}

#[test]
fn what_was_sent_and_did_not_arrive_is_sent_again() {
    let state = Known {
        sent: Some(sent("mine", SetDelta::default())),
        ..known(fields("before", "todo"), fields("mine", "todo"))
    };
    let got = judge(&state, &item("before", "s: todo"), &mapping(), &Policies::default(), 0);
    assert_eq!(got.push.expect("something to send").to.title, "mine");
    assert_eq!(got.base, None);
}

#[test]
fn what_somebody_edited_on_a_created_item_before_it_was_found_is_not_written_over() {
    let (made, mapping) = (as_created(&fields("t", "todo"), &mapping()), mapping());
    let state = Known { base: Some(made), ..known(fields("t", "todo"), fields("t", "todo")) };
    let got = found(&state, &item("edited there", "s: todo"), &mapping, &Policies::default(), 0);
    assert_eq!((got.case, got.queue), (Case::Adopt, Queue::Settled));
    assert_eq!(got.card.expect("taken in").title, "edited there");
    assert_eq!(got.base.expect("a base").title, "edited there");
}

#[test]
fn what_was_edited_here_before_a_created_item_was_found_goes_on_being_sent() {
    let (made, mapping) = (as_created(&fields("t", "done"), &mapping()), mapping());
    assert_ne!(made.status.as_str(), "done", "what is made is open at first");
    let state = Known { base: Some(made.clone()), ..known(made, fields("edited here", "done")) };
    let there = item("t", "s: todo");
    let there =
        RemoteItem { state: PlatformState { labels: BTreeSet::new(), ..there.state.clone() }, ..there };
    let got = found(&state, &there, &mapping, &Policies::default(), 0);
    let push = got.push.expect("something to send");
    assert_eq!((push.to.title.as_str(), push.to.status.as_str()), ("edited here", "done"));
    assert!(got.conflicts.is_empty() && got.base.is_some());
}

#[test]
fn a_created_item_that_is_not_yet_as_the_card_is_goes_on_being_sent() {
    let state = Known { base: None, ..known(fields("t", "todo"), fields("t", "done")) };
    let got = adopt(&state, &item("t", "s: todo"), &mapping());
    assert_eq!((got.case, got.queue), (Case::Adopt, Queue::Needed));
    assert_eq!(got.card, None);
    assert_eq!(got.base.expect("a base").status.as_str(), "todo");
}

#[test]
fn people_a_connection_has_no_name_for_stay_on_the_card_and_on_the_platform() {
    use crate::domain::mapping::{NameMap, Names};
    let people = NameMap::new([("ana".to_owned(), "a-1".to_owned()), ("ben".to_owned(), "b-2".to_owned())]);
    let names = Names { people: Some(people.expect("one to one")), ..Names::default() };
    let mapping = mapping().with_names(names);
    let mut state = known(fields("same", "todo"), fields("same", "todo"));
    state.card.assignees = BTreeSet::from(["ana".to_owned(), "kim".to_owned()]);
    state.base = state.base.map(|base| Fields { assignees: BTreeSet::from(["ana".to_owned()]), ..base });
    let there = RemoteItem {
        assignees: ["a-1", "b-2", "stranger"].map(str::to_owned).into(),
        ..item("same", "s: todo")
    };
    let got = judge(&state, &there, &mapping, &Policies::default(), 0);
    let card = got.card.expect("something to take");
    assert_eq!(card.assignees, ["ana", "ben", "kim"].map(str::to_owned).into());
    assert_eq!(got.queue, Queue::Settled, "nothing to send for those without a name");
}

#[test]
fn a_field_that_a_platforms_items_do_not_have_stays_on_the_card_and_is_not_sent() {
    let mapping = mapping().without(&[Field::Labels, Field::Milestone]);
    let mut state = known(fields("same", "todo"), fields("same", "todo"));
    state.card.labels = BTreeSet::from(["bug".to_owned()]);
    state.card.milestone = Some("v1.2".into());
    let got = judge(&state, &item("same", "s: todo"), &mapping, &Policies::default(), 0);
    assert_eq!((got.card, got.queue), (None, Queue::Settled));
    // And what does come in touches neither.
    let got = judge(&state, &item("theirs", "s: todo"), &mapping, &Policies::default(), 0);
    let card = got.card.expect("something to take");
    assert_eq!(
        (card.title.as_str(), card.labels, card.milestone),
        ("theirs", state.card.labels, state.card.milestone)
    );
}
