//! Answers as no Jira should give them, through every parser of the connector: no panic, nothing unbounded, nothing that a
//! terminal acts on.

use proptest::prelude::*;
use serde_json::{Value, json};

use super::client::element;
use super::fields::{By, Kind, read_value};
use super::{adf, boards, fields, map, wire};
use crate::connector::reading;
use crate::domain::fields::{Value as Held, canonical_body};
use crate::support::fuzz::cases;
use crate::support::text::is_unsafe;

/// Any JSON, with Jira's words in it more often than chance would have it.
fn any_json() -> impl Strategy<Value = Value> {
    let words = prop::sample::select(vec![
        "doc",
        "paragraph",
        "text",
        "table",
        "tableRow",
        "tableCell",
        "panel",
        "mention",
        "listItem",
        "bulletList",
        "taskList",
        "taskItem",
        "expand",
        "mediaSingle",
        "media",
        "external",
        "heading",
        "codeBlock",
        "link",
        "ABC-1",
        "2026-01-02T03:04:05.678+0000",
        "2026-01-02",
        "x.Sprint@1[id=1,state=ACTIVE,name=Sprint 1,startDate=<null>]",
        "com.pyxis.greenhopper.jira:gh-sprint",
        "array",
        "option",
        "datetime",
    ]);
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        "\\PC{0,12}".prop_map(Value::from),
        words.prop_map(Value::from),
    ];
    let names = prop::sample::select(vec![
        "type",
        "content",
        "attrs",
        "marks",
        "text",
        "id",
        "key",
        "fields",
        "summary",
        "description",
        "status",
        "name",
        "labels",
        "created",
        "updated",
        "properties",
        "corkboard",
        "level",
        "href",
        "url",
        "colspan",
        "order",
        "value",
        "accountId",
        "state",
        "child",
        "schema",
        "items",
        "custom",
        "scope",
        "allowedValues",
        "operations",
    ]);
    leaf.prop_recursive(6, 80, 6, move |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..5).prop_map(Value::from),
            prop::collection::vec((names.clone().prop_map(str::to_owned), inner), 0..6)
                .prop_map(|all| Value::Object(all.into_iter().collect())),
        ]
    })
}

/// An issue with one of its values replaced.
fn mutated() -> impl Strategy<Value = Value> {
    let paths = prop::sample::select(vec![
        "/id",
        "/key",
        "/fields",
        "/fields/summary",
        "/fields/description",
        "/fields/status",
        "/fields/status/name",
        "/fields/status/statusCategory",
        "/fields/labels",
        "/fields/assignee",
        "/fields/fixVersions",
        "/fields/created",
        "/fields/updated",
        "/fields/resolution",
        "/properties",
        "/properties/corkboard",
        "/fields/description/content",
        "/fields/description/content/0",
    ]);
    (paths, any_json()).prop_map(|(path, value)| {
        let mut issue = json!({
            "id": "10001", "key": "ABC-1", "properties": {"corkboard": {"marker": "0123456789abcdef0123456789abcdef"}},
            "fields": {
                "summary": "s", "description": adf::document("a\n\n- b", None).document, "labels": ["x"],
                "status": {"name": "To Do", "statusCategory": {"key": "new"}}, "assignee": null, "fixVersions": [],
                "resolution": null, "created": "2026-01-02T03:04:05.678+0000", "updated": "2026-01-02T03:04:05.678+0000",
            },
        });
        if let Some(place) = issue.pointer_mut(path) {
            *place = value;
        }
        issue
    })
}

proptest! {
    #![proptest_config(cases(500))]

    #[test]
    fn any_shape_of_an_issue_is_understood_or_refused_by_name(value in mutated()) {
        match element::<wire::Issue>(value).and_then(|issue| map::item(issue, "https://site.example")) {
            Ok(item) => {
                prop_assert!(item.at.number <= reading::NUMBER_MAX);
                prop_assert_eq!(canonical_body(&item.body), item.body.clone());
                let kept = serde_json::to_string(&item).expect("it can be kept");
                prop_assert_eq!(serde_json::from_str::<crate::connector::RemoteItem>(&kept).expect("and read"), item);
            }
            Err(why) => prop_assert!(why.chars().count() <= 300 && !why.chars().any(is_unsafe), "{why:?}"),
        }
    }

    #[test]
    fn any_other_answer_is_understood_or_refused_by_name(value in any_json()) {
        for why in [
            element::<wire::Comment>(value.clone()).map(map::comment).err(),
            element::<wire::Found>(value.clone()).err(),
            element::<wire::Transitions>(value.clone()).err(),
            element::<wire::IssueTypes>(value.clone()).err(),
            element::<wire::Version>(value.clone()).map(map::milestone).err(),
            element::<wire::User>(value.clone()).err(),
            element::<wire::Refusal>(value.clone()).err(),
        ].into_iter().flatten() {
            prop_assert!(why.chars().count() <= 200 && !why.chars().any(is_unsafe), "{why:?}");
        }
        let note = map::Note::of(Some(&value));
        prop_assert_eq!(map::Note::of(Some(&serde_json::to_value(&note).expect("JSON"))), note);
    }

    #[test]
    fn any_board_is_understood_or_refused_by_name(value in any_json()) {
        let listed = json!({"id": 1, "name": value});
        let column = json!({"columnConfig": {"columns": [{"name": "a", "statuses": value}, value]}});
        for configuration in [value, column] {
            let board = element::<boards::Board>(listed.clone());
            match board.and_then(|board| Ok((board, element::<boards::Configuration>(configuration)?))) {
                Ok((board, read)) => {
                    for column in boards::columns(board, read, &std::collections::HashMap::new()).columns {
                        prop_assert!(column.target.is_empty() && column.note.is_some(), "nothing is known: {column:?}");
                    }
                }
                Err(why) => prop_assert!(why.chars().count() <= 200 && !why.chars().any(is_unsafe), "{why:?}"),
            }
        }
    }

    #[test]
    fn any_value_of_a_field_is_read_whole_or_not_at_all(value in any_json(), text in "\\PC{0,40}") {
        let by = [By::Name, By::Value, By::Person];
        let kinds = [Kind::Text, Kind::Prose, Kind::Number, Kind::Date, Kind::Moment, Kind::Words, Kind::Sprint, Kind::Issue, Kind::Other];
        let all = kinds.into_iter().chain(by.map(Kind::One)).chain(by.map(Kind::Many));
        let text = Value::from(format!("x[state=closed,name={text}"));
        for kind in all {
            for json in [&value, &text, &json!([text])] {
                match read_value(kind, json) {
                    Some(Held::Text(shown)) => {
                        prop_assert!(!shown.is_empty(), "{kind:?}");
                        match kind {
                            Kind::Number => prop_assert!(shown.parse::<f64>().is_ok_and(f64::is_finite), "{shown}"),
                            Kind::Date => prop_assert!(shown.parse::<chrono::NaiveDate>().is_ok(), "{shown}"),
                            Kind::Moment => prop_assert!(chrono::DateTime::parse_from_rfc3339(&shown).is_ok(), "{shown}"),
                            _ => {}
                        }
                    }
                    Some(Held::Set(names)) => {
                        prop_assert!(!names.is_empty() && names.iter().all(|name| !name.is_empty()), "{kind:?}");
                    }
                    Some(Held::None) | None => {}
                }
            }
        }
    }

    #[test]
    fn any_list_of_fields_is_understood_or_refused_by_name(value in any_json(), held in "\\PC{0,12}") {
        let field = json!({"id": "customfield_1", "name": "a", "schema": value, "scope": value});
        let all = [value.clone(), field].into_iter().map(element::<fields::Listed>);
        for why in all.filter_map(|read| read.map(|field| fields::try_one(field, &held, &value)).err()) {
            prop_assert!(why.chars().count() <= 200 && !why.chars().any(is_unsafe), "{why:?}");
        }
        for why in [
            element::<fields::OnScreen>(value.clone()).err(),
            element::<fields::EditScreen>(value.clone()).err(),
        ].into_iter().flatten() {
            prop_assert!(why.chars().count() <= 200 && !why.chars().any(is_unsafe), "{why:?}");
        }
    }

    #[test]
    fn any_document_is_shown_and_comes_back_undamaged(value in any_json()) {
        let mut document = value;
        if let Some(map) = document.as_object_mut() {
            map.insert("type".to_owned(), json!("doc"));
            let shown = adf::markdown(&document);
            let written = adf::document(&shown, Some(&document));
            if document.get("content").is_some_and(Value::is_array) {
                prop_assert_eq!(written.document, document, "{}", shown);
            }
        }
    }
}
