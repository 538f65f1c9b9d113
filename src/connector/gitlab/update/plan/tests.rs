//! What an update sends, and what it notices.

use std::collections::BTreeMap;

use super::*;
use crate::connector::RemoteRef;
use crate::domain::link::LinkId;
use crate::domain::mapping::{PlatformState, StateChange};
use crate::support::clock::Timestamp;

fn names(all: &[&str]) -> BTreeSet<String> {
    all.iter().map(|&s| s.to_owned()).collect()
}

fn seen(labels: &[&str]) -> RemoteItem {
    RemoteItem {
        at: RemoteRef { id: "76".into(), number: 7, repository: "o/r".into() },
        url: String::new(),
        title: "t".into(),
        body: "b".into(),
        marker: None,
        state: PlatformState { labels: names(labels), ..PlatformState::default() },
        assignees: names(&["ana"]),
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

fn delta(add: &[&str], remove: &[&str]) -> SetDelta {
    SetDelta { add: names(add), remove: names(remove) }
}

/// The plan where the instance spells labels as the patch does.
fn planned(seen: &RemoteItem, patch: &Patch, people: Option<Vec<u64>>, milestone: Option<u64>) -> Plan {
    let labels = labels(seen, patch);
    let ids = Ids { add: labels.add.clone(), people, milestone };
    plan(seen, patch, labels, super::people(seen, patch), ids).expect("planned")
}

#[test]
fn a_move_is_one_request_with_only_what_changes() {
    let patch = Patch {
        state: StateChange {
            state: Some(OpenState::Closed),
            labels: delta(&["workflow::done"], &["workflow::doing"]),
            ..StateChange::default()
        },
        ..Patch::default()
    };
    let got = planned(&seen(&["bug", "Workflow::Doing"]), &patch, None, None);
    assert_eq!(
        Value::from(got.body),
        json!({"add_labels": "workflow::done", "remove_labels": "Workflow::Doing", "state_event": "close"})
    );
}

#[test]
fn what_is_so_already_is_not_sent() {
    let patch = Patch {
        labels: delta(&["BUG"], &["never there"]),
        assignees: delta(&["Ana"], &["cleo"]),
        state: StateChange { state: Some(OpenState::Open), ..StateChange::default() },
        ..Patch::default()
    };
    assert!(planned(&seen(&["bug"]), &patch, None, None).body.is_empty());
    assert_eq!(people(&seen(&[]), &patch), None);
}

#[test]
fn a_name_with_a_comma_is_never_sent() {
    let patch = Patch { labels: delta(&["one, two"], &[]), ..Patch::default() };
    let labels = labels(&seen(&[]), &patch);
    let ids = Ids { add: labels.add.clone(), ..Ids::default() };
    let refused = plan(&seen(&[]), &patch, labels, None, ids).expect_err("refused");
    assert_eq!((refused.class, refused.scope), (Class::Permanent, Scope::Item));
}

#[test]
fn nobody_and_nothing_are_zero() {
    let patch = Patch { assignees: delta(&[], &["ana"]), milestone: Some(None), ..Patch::default() };
    let got = planned(&seen(&[]), &patch, Some(Vec::new()), Some(0));
    assert_eq!(Value::from(got.body), json!({"assignee_ids": [0], "milestone_id": 0}));
}

#[test]
fn an_edited_body_keeps_its_marker() {
    let marker = LinkId::random();
    let patch = Patch { body: Some("new".into()), ..Patch::default() };
    let got = planned(&RemoteItem { marker: Some(marker), ..seen(&[]) }, &patch, None, None);
    let sent = got.body["description"].as_str().expect("a text");
    assert_eq!(map::split_marker(sent), ("new".into(), Some(marker.0)));
    let got = planned(&seen(&[]), &patch, None, None);
    assert_eq!(got.body["description"], "new", "and gets none it never had");
}

#[test]
fn what_gitlab_dropped_is_named() {
    let patch = Patch {
        body: Some("Text\n/close\nmore".into()),
        labels: delta(&["x"], &["a"]),
        assignees: delta(&["ben"], &[]),
        milestone: Some(Some("v1".into())),
        state: StateChange { state: Some(OpenState::Closed), ..StateChange::default() },
        ..Patch::default()
    };
    let before = seen(&["a"]);
    let plan = planned(&before, &patch, Some(vec![1, 2]), Some(3));
    let told = dropped(&patch, &plan, &before).join("\n");
    let wanted =
        ["label `x`", "kept the label `a`", "state `closed`", "milestone `v1`", "assign `ben`", "Premium"];
    for name in wanted {
        assert!(told.contains(name), "{name} in {told}");
    }
    let mut after = before;
    after.state =
        PlatformState { state: OpenState::Closed, labels: names(&["X"]), ..PlatformState::default() };
    after.milestone = Some("V1".into());
    after.assignees = names(&["ana", "Ben"]);
    after.body = "Text\n/close\nmore".into();
    assert_eq!(dropped(&patch, &plan, &after), Vec::<String>::new());
}
