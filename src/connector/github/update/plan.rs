//! Decides which requests an update takes, and what GitHub dropped of them. Pure.

use std::collections::BTreeSet;

use octocrab::models::IssueState;
use octocrab::models::issues::IssueStateReason;

use crate::connector::github::{map, wire};
use crate::connector::{Patch, RemoteItem};
use crate::domain::fields::{SetDelta, contains};
use crate::domain::mapping::{CloseReason, OpenState};

/// How the labels go out.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Labels {
    /// They do not change.
    None,
    /// Nothing but additions: the endpoint that touches nothing else.
    Add(Vec<String>),
    /// Nothing but one removal.
    RemoveOne(String),
    /// With everything else in one PATCH, so that a move is one request and never half done.
    WithPatch,
}

/// The requests of one update.
#[derive(Debug)]
pub(super) struct Plan {
    pub(super) labels: Labels,
    pub(super) patch: wire::IssuePatch,
    pub(super) assign: Vec<String>,
    pub(super) unassign: Vec<String>,
    /// Every label we mean to add or remove.
    pub(super) delta: SetDelta,
}

/// Plans an update; `milestone` is the patch's, as a number or null.
pub(super) fn plan(seen: &RemoteItem, patch: &Patch, milestone: Option<serde_json::Value>) -> Plan {
    let wanted = patch.labels.apply(&patch.state.labels.apply(&seen.state.labels));
    let delta = SetDelta::between(&seen.state.labels, &wanted);
    let mut body = wire::IssuePatch {
        title: patch.title.clone(),
        body: patch.body.as_ref().map(|b| match seen.marker {
            // The marker survives edits, so that the issue stays findable.
            Some(marker) => map::with_marker(b, marker.0),
            None => b.clone(),
        }),
        state: patch.state.state.map(|s| match s {
            OpenState::Open => IssueState::Open,
            OpenState::Closed => IssueState::Closed,
        }),
        state_reason: patch.state.reason.filter(|_| patch.state.state == Some(OpenState::Closed)).map(reason),
        labels: None,
        milestone,
    };
    let labels = how(&delta, &body);
    if labels == Labels::WithPatch {
        body.labels = Some(wanted.into_iter().collect());
    }
    let new = |l: &&String| !contains(&seen.assignees, l);
    let there = |l: &&String| contains(&seen.assignees, l);
    Plan {
        labels,
        patch: body,
        assign: patch.assignees.add.iter().filter(new).cloned().collect(),
        unassign: patch.assignees.remove.iter().filter(there).cloned().collect(),
        delta,
    }
}

fn how(delta: &SetDelta, rest: &wire::IssuePatch) -> Labels {
    // `.` and `..` cannot be a part of an address: removing them by address would remove every label.
    let addressable = |l: &String| !matches!(l.as_str(), "" | "." | "..");
    match (delta.add.len(), delta.remove.len(), rest.is_empty()) {
        (0, 0, _) => Labels::None,
        (_, 0, true) => Labels::Add(delta.add.iter().cloned().collect()),
        (0, 1, true) => match delta.remove.first().filter(|l| addressable(l)) {
            Some(one) => Labels::RemoveOne(one.clone()),
            None => Labels::WithPatch,
        },
        _ => Labels::WithPatch,
    }
}

fn reason(reason: CloseReason) -> IssueStateReason {
    match reason {
        CloseReason::Completed => IssueStateReason::Completed,
        CloseReason::NotPlanned => IssueStateReason::NotPlanned,
        CloseReason::Duplicate => IssueStateReason::Duplicate,
    }
}

/// What of a PATCH its answer does not show, in words: GitHub drops what a token may not set and says 200.
pub(super) fn dropped(patch: &Patch, plan: &Plan, answer: &RemoteItem) -> Vec<String> {
    let mut out = Vec::new();
    if plan.patch.labels.is_some() {
        out.extend(dropped_labels(&plan.delta, &answer.state.labels));
    }
    if let Some(wanted) = patch.state.state.filter(|s| *s != answer.state.state) {
        let word = if wanted == OpenState::Open { "open" } else { "closed" };
        out.push(format!("GitHub took the change but dropped the state `{word}`"));
    }
    let lower = |m: &Option<String>| m.as_ref().map(|m| m.trim().to_lowercase());
    if let Some(wanted) = patch.milestone.as_ref().filter(|m| lower(m) != lower(&answer.milestone)) {
        let named = wanted
            .as_ref()
            .map_or_else(|| "removal of the milestone".to_owned(), |m| format!("milestone `{m}`"));
        out.push(format!("GitHub took the change but dropped the {named}"));
    }
    out
}

/// What of a label delta is not so afterwards, in words.
pub(super) fn dropped_labels(delta: &SetDelta, after: &BTreeSet<String>) -> Vec<String> {
    let missing = delta.add.iter().filter(|l| !contains(after, l));
    let left = delta.remove.iter().filter(|l| contains(after, l));
    missing
        .map(|l| format!("GitHub took the change but dropped the label `{l}`"))
        .chain(left.map(|l| format!("GitHub took the change but kept the label `{l}`")))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::connector::RemoteRef;
    use crate::domain::link::LinkId;
    use crate::domain::mapping::{PlatformState, StateChange};
    use crate::support::clock::Timestamp;
    use serde_json::json;

    fn names(all: &[&str]) -> BTreeSet<String> {
        all.iter().map(|&s| s.to_owned()).collect()
    }

    fn seen(labels: &[&str]) -> RemoteItem {
        RemoteItem {
            at: RemoteRef { id: "1".into(), number: 1, repository: "o/r".into() },
            url: String::new(),
            title: "t".into(),
            body: "b".into(),
            marker: None,
            state: PlatformState {
                state: OpenState::Open,
                reason: None,
                labels: names(labels),
                ..PlatformState::default()
            },
            assignees: names(&["ana"]),
            milestone: None,
            raw: std::collections::BTreeMap::new(),
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

    #[test]
    fn labels_alone_go_by_the_endpoint_that_touches_nothing_else() {
        let table = [
            (delta(&["x", "y"], &[]), Labels::Add(vec!["x".into(), "y".into()])),
            (delta(&[], &["A"]), Labels::RemoveOne("a".into())),
            (delta(&["x"], &["a"]), Labels::WithPatch),
            (delta(&[], &["a", "b"]), Labels::WithPatch),
            (delta(&["A"], &["never there"]), Labels::None),
        ];
        for (labels, want) in table {
            let patch = Patch { labels, ..Patch::default() };
            let got = plan(&seen(&["a", "b"]), &patch, None);
            assert_eq!(got.labels, want, "{patch:?}");
            assert_eq!(got.patch.is_empty(), want != Labels::WithPatch, "{patch:?}");
        }
    }

    #[test]
    fn a_label_that_is_no_address_part_never_empties_the_issue() {
        let patch = Patch { labels: delta(&[], &[".."]), ..Patch::default() };
        assert_eq!(plan(&seen(&["..", "a"]), &patch, None).labels, Labels::WithPatch);
    }

    #[test]
    fn a_move_to_a_closed_column_is_one_request_with_only_what_changes() {
        let patch = Patch {
            state: StateChange {
                state: Some(OpenState::Closed),
                reason: Some(CloseReason::NotPlanned),
                labels: delta(&[], &["status: approved"]),
                ..StateChange::default()
            },
            ..Patch::default()
        };
        let got = plan(&seen(&["bug", "status: approved"]), &patch, None);
        let body = serde_json::to_value(&got.patch).expect("JSON");
        assert_eq!(body, json!({"state": "closed", "state_reason": "not_planned", "labels": ["bug"]}));
        assert_eq!(got.labels, Labels::WithPatch);
    }

    #[test]
    fn a_reason_without_closing_is_not_sent_and_a_cleared_milestone_is_null() {
        let mut patch = Patch { milestone: Some(None), ..Patch::default() };
        patch.state.reason = Some(CloseReason::Completed);
        let got = plan(&seen(&[]), &patch, Some(serde_json::Value::Null));
        assert_eq!(serde_json::to_value(&got.patch).expect("JSON"), json!({"milestone": null}));
    }

    #[test]
    fn an_edited_body_keeps_its_marker() {
        let marker = LinkId::random();
        let patch = Patch { body: Some("new".into()), ..Patch::default() };
        let got = plan(&RemoteItem { marker: Some(marker), ..seen(&[]) }, &patch, None);
        assert_eq!(map::split_marker(&got.patch.body.expect("a body")), ("new".into(), Some(marker.0)));
        assert_eq!(
            plan(&seen(&[]), &patch, None).patch.body.as_deref(),
            Some("new"),
            "and gets none it never had"
        );
    }

    #[test]
    fn people_who_are_there_already_are_not_assigned_again() {
        let patch = Patch { assignees: delta(&["Ana", "ben"], &["cleo"]), ..Patch::default() };
        let got = plan(&seen(&[]), &patch, None);
        assert_eq!((got.assign, got.unassign), (vec!["ben".to_owned()], vec![]));
    }

    #[test]
    fn what_github_dropped_is_named() {
        let patch = Patch {
            title: Some("n".into()),
            labels: delta(&["x"], &["a"]),
            milestone: Some(Some("v1".into())),
            state: StateChange { state: Some(OpenState::Closed), ..StateChange::default() },
            ..Patch::default()
        };
        let before = seen(&["a"]);
        let told = dropped(&patch, &plan(&before, &patch, Some(json!(3))), &before).join("\n");
        for name in ["label `x`", "kept the label `a`", "state `closed`", "milestone `v1`"] {
            assert!(told.contains(name), "{name} in {told}");
        }
        let mut after = before;
        after.state = PlatformState {
            state: OpenState::Closed,
            reason: None,
            labels: names(&["X"]),
            ..PlatformState::default()
        };
        after.milestone = Some("V1".into());
        assert_eq!(
            dropped(&patch, &plan(&seen(&["a"]), &patch, Some(json!(3))), &after),
            Vec::<String>::new()
        );
    }
}
