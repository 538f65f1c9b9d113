//! Exports as the tracker wrote them over the years, and as nobody should.

use proptest::prelude::*;
use serde_json::json;

use super::*;
use crate::support::text::is_unsafe;

fn sample() -> Value {
    json!({
        "meta": {"default_kind": "bug", "default_milestone": null},
        "milestones": [{"name": "v1.0"}],
        "issues": [
            {"id": 2, "title": "Crash at start", "content": "It *crashes*.\r\n", "status": "wontfix", "kind": "bug",
             "priority": "blocker", "component": "ui", "version": "0.9", "milestone": "v1.0",
             "assignee": "ana", "reporter": {"display_name": "Ben B.", "account_id": "557058:1"},
             "created_on": "2019-03-01T10:00:00.123456+00:00", "updated_on": "2019-03-02 10:00:00+00:00",
             "edited_on": null, "content_updated_on": null, "voters": [], "watchers": ["ana"]},
            {"id": 1, "title": "Dark theme", "content": {"raw": "Please.", "markup": "markdown"}, "status": "on hold",
             "kind": "proposal", "priority": "minor", "component": null, "version": {"name": "1.0"},
             "milestone": null, "assignee": null, "reporter": null,
             "created_on": "2018-01-01T00:00:00+00:00", "updated_on": null},
        ],
        "comments": [
            {"id": 12, "issue": 2, "content": "Seen here too.", "user": "cy", "created_on": "2019-03-01T12:00:00+00:00"},
            {"id": 11, "issue": 2, "content": "First.", "user": {"nickname": "dee"}, "created_on": "2019-03-01T11:00:00+00:00"},
            {"id": 13, "issue": 2, "content": null, "user": "ana", "created_on": "2019-03-02T10:00:00+00:00"},
            {"id": 14, "issue": 99, "content": "Where am I?", "user": "ana", "created_on": "2019-03-02T10:00:00+00:00"},
        ],
        "attachments": [{"issue": 2, "filename": "crash.log", "path": "attachments/1", "user": "ana"}],
        "logs": [{"issue": 2, "field": "status", "changed_from": "new", "changed_to": "wontfix"}],
    })
}

fn read_value(value: &Value) -> Result<Export, ExportError> {
    read(&serde_json::to_vec(value).expect("bytes"))
}

#[test]
fn an_exported_issue_keeps_everything_a_card_can_hold() {
    let export = read_value(&sample()).expect("an export");
    assert_eq!(export.issues.iter().map(|i| i.number).collect::<Vec<_>>(), [1, 2]);
    let crash = &export.issues[1];
    assert_eq!((crash.title.as_str(), crash.body.as_str()), ("Crash at start", "It *crashes*."));
    assert_eq!((crash.state.state, crash.state.reason), (OpenState::Closed, Some(CloseReason::NotPlanned)));
    assert_eq!(crash.state.status.as_deref(), Some("wontfix"));
    let labels: Vec<&str> = crash.state.labels.iter().map(String::as_str).collect();
    assert_eq!(labels, ["bug", "component: ui", "priority: blocker", "version: 0.9"]);
    assert_eq!((crash.milestone.as_deref(), crash.assignee.as_deref()), (Some("v1.0"), Some("ana")));
    assert_eq!(crash.reporter.as_deref(), Some("Ben B."));
    assert_eq!(crash.attachments, ["crash.log"]);
    let said: Vec<(&str, &str)> =
        crash.comments.iter().map(|c| (c.author.as_str(), c.body.as_str())).collect();
    assert_eq!(said, [("dee", "First."), ("cy", "Seen here too.")]);
    assert_eq!(crash.updated_at.to_rfc3339(), "2019-03-02T10:00:00Z");
    let theme = &export.issues[0];
    assert_eq!((theme.body.as_str(), theme.state.state), ("Please.", OpenState::Open));
    assert_eq!(theme.updated_at, theme.created_at, "one that never changed");
    assert_eq!(export.skipped, ["1 comments belong to issues that are not in the export"]);
}

#[test]
fn every_state_of_the_tracker_is_open_or_closed_for_a_reason() {
    use CloseReason::{Completed, Duplicate, NotPlanned};
    let table = [
        ("submitted", None),
        ("new", None),
        ("open", None),
        ("on hold", None),
        ("resolved", Some(Completed)),
        ("closed", Some(Completed)),
        ("invalid", Some(NotPlanned)),
        ("wontfix", Some(NotPlanned)),
        ("duplicate", Some(Duplicate)),
    ];
    for (word, reason) in table {
        let got = state(word.to_owned(), BTreeSet::new());
        assert_eq!((got.reason, got.state == OpenState::Closed), (reason, reason.is_some()), "{word}");
    }
}

#[test]
fn one_issue_that_cannot_be_read_is_named_and_costs_itself_only() {
    let mut value = sample();
    value["issues"][0]["title"] = json!({"not": "text"});
    let export = read_value(&value).expect("an export");
    assert_eq!(export.issues.len(), 1);
    assert!(export.skipped.iter().any(|s| s.starts_with("issue #2: `title`")), "{:?}", export.skipped);
    value["issues"][0] = value["issues"][1].clone();
    let export = read_value(&value).expect("an export");
    assert!(export.skipped.contains(&"issue #1: it is there twice".to_owned()), "{:?}", export.skipped);
}

#[test]
fn a_title_too_long_for_a_card_is_whole_in_the_body() {
    let long = "word ".repeat(300);
    let value = json!({"issues": [{"id": 1, "title": long, "content": "And more."}, {"id": 2}]});
    let export = read_value(&value).expect("an export");
    assert!(export.issues[0].title.chars().count() <= TITLE_MAX);
    assert_eq!(export.issues[0].body, format!("{}\n\nAnd more.", long.trim()));
    assert_eq!(export.issues[1].title, "Issue 2");
}

#[test]
fn what_is_no_export_is_refused_in_words() {
    assert!(matches!(read(b"PK\x03\x04rest"), Err(ExportError::Zip)));
    assert!(matches!(read(b"<html>"), Err(ExportError::Shape(_))));
    assert!(matches!(read(b"{\"issues\": 5}"), Err(ExportError::Shape(_))));
    assert!(matches!(read(b"[]"), Err(ExportError::Shape(_))));
    assert!(read(b"\xef\xbb\xbf{\"issues\": []}").expect("an empty one").issues.is_empty());
    let many = json!({"issues": [], "comments": vec![0; ENTRIES_MAX + 1]});
    assert!(matches!(read_value(&many), Err(ExportError::TooMany { what: "comments", .. })));
}

/// A sample with one of its values replaced by something else.
fn mutated() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        ".*".prop_map(Value::from),
        Just(json!({"raw": 7})),
        Just(json!(["x"])),
    ];
    let keys = prop::sample::select(vec![
        "id",
        "issue",
        "title",
        "content",
        "status",
        "kind",
        "priority",
        "component",
        "version",
        "milestone",
        "assignee",
        "reporter",
        "user",
        "created_on",
        "updated_on",
        "filename",
    ]);
    let list = prop::sample::select(vec!["issues", "comments", "attachments"]);
    prop::collection::vec((list, 0..4_usize, keys, leaf), 1..4).prop_map(|edits| {
        let mut value = sample();
        for (list, at, key, with) in edits {
            if let Some(Value::Object(entry)) = value[list].get_mut(at) {
                entry.insert(key.to_owned(), with);
            }
        }
        value
    })
}

proptest! {
    #![proptest_config(crate::support::fuzz::cases(1_000))]

    #[test]
    fn any_export_is_read_or_named_and_gives_sound_cards(value in mutated()) {
        let export = read_value(&value).expect("its lists are lists");
        for issue in &export.issues {
            prop_assert!(!issue.title.is_empty() && !issue.title.chars().any(is_unsafe), "{:?}", issue.title);
            prop_assert_eq!(canonical_body(&issue.body), issue.body.clone());
            let names = issue.state.labels.iter().chain(&issue.milestone).chain(&issue.assignee);
            for name in names {
                prop_assert!(!name.is_empty() && !name.chars().any(is_unsafe), "{name:?}");
            }
        }
        prop_assert!(export.issues.is_sorted_by_key(|i| i.number));
        for why in &export.skipped {
            prop_assert!(why.chars().count() <= NAME_MAX && !why.chars().any(is_unsafe), "{why:?}");
        }
    }

    #[test]
    fn any_bytes_are_an_export_or_refused(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        let _ = read(&bytes);
    }
}
