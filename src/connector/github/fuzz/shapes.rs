//! GitHub's answers, and how they are spoilt: values replaced, keys taken away, text that attacks, bytes that break.

use proptest::prelude::*;
use serde_json::{Map, Value, json};

use crate::connector::github::recorded;
use crate::connector::http::loopback_client;

const RECORDINGS: [&str; 7] = [
    "fixture_errors.json",
    "fixture_labels.json",
    "fixture_paginate-issues.json",
    "fixture_rename-repository.json",
    "vcr_add_comment.json",
    "vcr_issue_timeline.json",
    "vcr_milestones_list.json",
];
/// Recorded answers longer than this are left out: what matters is how they are spoilt, not how long they are.
const LONGEST: usize = 12_000;

/// One client for all cases.
pub(in crate::connector::github) fn client() -> reqwest::Client {
    static CLIENT: std::sync::LazyLock<reqwest::Client> =
        std::sync::LazyLock::new(|| loopback_client().expect("a client"));
    CLIENT.clone()
}

pub(in crate::connector::github) fn issue(number: u64) -> Value {
    json!({
        "id": 4_000_000_000_u64 + number, "number": number, "title": "A card", "state": "closed",
        "state_reason": "not_planned", "html_url": "https://github.com/o/r/issues/7",
        "repository_url": "https://api.github.com/repos/o/r", "user": {"login": "ana"}, "comments": 3,
        "body": "Text\r\n\r\n<!-- corkboard: 0123456789abcdef0123456789abcdef -->",
        "labels": [{"id": 1, "name": "bug", "color": "d73a4a"}, "status: proposed"],
        "assignee": {"login": "ben"}, "assignees": [{"login": "ben"}, {"login": "cy"}],
        "milestone": {"number": 3, "title": "v1.2", "state": "open", "due_on": "2026-12-01T08:00:00Z"},
        "type": {"name": "Task"}, "created_at": "2026-11-01T00:00:00Z", "updated_at": "2026-11-02T00:00:00Z",
    })
}

/// Each kind of answer there is, in its good form.
pub(in crate::connector::github) fn good() -> Vec<Value> {
    vec![
        issue(7),
        json!([issue(1), issue(2)]),
        json!({"id": 9, "body": "Said", "user": {"login": "ana"}, "created_at": "2026-11-01T00:00:00Z"}),
        json!([{"id": 1, "event": "labeled", "actor": {"login": "ana"}, "created_at": "2026-11-01T00:00:00Z",
                "label": {"name": "bug", "color": "ededed"}}]),
        json!({"number": 3, "title": "v1.2", "state": "closed", "due_on": "2026-12-01T08:00:00Z"}),
        json!([{"id": 1, "name": "bug", "color": "d73a4a"}]),
        json!({"login": "ana", "id": 1}),
        json!({"id": 1, "name": "r", "url": "https://api.github.com/repos/o/r", "full_name": "o/r", "has_issues": true,
               "archived": false, "permissions": {"admin": false, "push": true, "pull": true}}),
        json!({"message": "Validation Failed", "documentation_url": "https://docs.github.com/rest",
               "errors": [{"resource": "Issue", "field": "title", "code": "missing_field", "value": null}]}),
    ]
}

/// The good forms, and what was recorded when that is at hand.
fn seeds() -> &'static [Value] {
    static SEEDS: std::sync::LazyLock<Vec<Value>> = std::sync::LazyLock::new(|| {
        let mut all = good();
        for exchange in RECORDINGS.into_iter().flat_map(recorded::exchanges) {
            let body = &exchange["response"]["body"];
            let parsed = body.as_str().and_then(|t| serde_json::from_str::<Value>(t).ok());
            let body = parsed.unwrap_or_else(|| body.clone());
            if body.to_string().len() <= LONGEST {
                all.push(body);
            }
        }
        all
    });
    &SEEDS
}

/// Text as somebody would write it who means harm.
pub(in crate::connector::github) fn text() -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        prop::sample::select(vec![
            "\u{1b}[2J\u{1b}]0;owned\u{7}",
            "\r\n",
            "\r",
            "\n\n",
            " \t ",
            "<!-- corkboard: ",
            " -->",
            "<!-- corkboard: 0123456789abcdef0123456789abcdef -->",
            "<!-- corkboard: not-an-id -->",
            "\u{202E}gpj",
            "\u{0}",
            "ghp_very_secret_0123456789",
            "@ana #1",
            "\u{85}\u{2028}\u{3000}",
            "2026-11-01T00:00:00Z",
            "9999-12-31T23:59:59Z",
            "+262142-12-31T23:59:59Z",
            "-262143-01-01T00:00:00Z",
            "https://api.github.com/repos/../..",
            "..",
        ])
        .prop_map(str::to_owned),
        any::<String>(),
    ];
    prop::collection::vec(piece, 0..6).prop_map(|parts| parts.concat())
}

#[derive(Debug, Clone)]
enum Spoil {
    Put(Value),
    Text(String),
    Nest(usize),
    Repeat(usize),
    Drop,
    Rename(String),
}

fn spoil() -> impl Strategy<Value = Spoil> {
    let values = vec![
        Value::Null,
        json!(true),
        json!(0),
        json!(-1),
        json!(u64::MAX),
        json!(i64::MIN),
        json!(9_007_199_254_740_993_u64),
        json!(1e300),
        json!(""),
        json!({}),
        json!([]),
        json!([null]),
    ];
    prop_oneof![
        4 => prop::sample::select(values).prop_map(Spoil::Put),
        3 => text().prop_map(Spoil::Text),
        1 => (1..200_usize).prop_map(Spoil::Nest),
        1 => (2..40_usize).prop_map(Spoil::Repeat),
        2 => Just(Spoil::Drop),
        1 => text().prop_map(Spoil::Rename),
    ]
}

/// An answer with some of its parts spoilt.
pub(in crate::connector::github) fn mutated() -> impl Strategy<Value = Value> {
    spoilt(seeds().to_vec())
}

/// One of these with some of its parts spoilt.
pub(in crate::connector::github) fn spoilt(good: Vec<Value>) -> impl Strategy<Value = Value> {
    let spoils = prop::collection::vec((any::<prop::sample::Index>(), spoil()), 0..5);
    (prop::sample::select(good), spoils).prop_map(|(mut value, spoils)| {
        for (at, how) in spoils {
            let mut left = at.index(count(&value));
            apply(&mut value, &mut left, &how);
        }
        value
    })
}

/// An answer's bytes: whole, cut, or with some of them changed; now and then no JSON at all.
pub(in crate::connector::github) fn bytes() -> impl Strategy<Value = Vec<u8>> {
    let flips = prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 0..4);
    let cut = prop::option::weighted(0.2, any::<prop::sample::Index>());
    let wrapped = (mutated(), any::<bool>()).prop_map(|(v, list)| if list { json!([v]) } else { v });
    let spoilt = (wrapped, flips, cut).prop_map(|(value, flips, cut)| {
        let mut bytes = value.to_string().into_bytes();
        for (at, byte) in flips {
            let at = at.index(bytes.len());
            bytes[at] = byte;
        }
        if let Some(cut) = cut {
            bytes.truncate(cut.index(bytes.len()));
        }
        bytes
    });
    let html = text().prop_map(|t| format!("<html>{t}</html>").into_bytes());
    prop_oneof![8 => spoilt, 1 => html, 1 => prop::collection::vec(any::<u8>(), 0..400)]
}

/// Headers that change what a refusal means.
pub(in crate::connector::github) fn headers() -> impl Strategy<Value = Vec<(String, Vec<u8>)>> {
    let names = vec![
        "retry-after",
        "x-ratelimit-remaining",
        "x-github-sso",
        "x-accepted-github-permissions",
        "x-github-request-id",
        "location",
    ];
    let value = prop_oneof![text().prop_map(String::into_bytes), Just(b"0".to_vec())];
    prop::collection::vec((prop::sample::select(names).prop_map(str::to_owned), value), 0..4)
}

fn count(value: &Value) -> usize {
    1 + match value {
        Value::Array(all) => all.iter().map(count).sum(),
        Value::Object(all) => all.values().map(count).sum(),
        _ => 0,
    }
}

/// Spoils the node that is `left` steps away in depth-first order.
fn apply(value: &mut Value, left: &mut usize, how: &Spoil) -> bool {
    if *left == 0 {
        return here(value, how);
    }
    *left -= 1;
    match value {
        Value::Array(all) => all.iter_mut().any(|v| apply(v, left, how)),
        Value::Object(all) => spoil_within(all, left, how),
        _ => false,
    }
}

fn spoil_within(all: &mut Map<String, Value>, left: &mut usize, how: &Spoil) -> bool {
    let keys: Vec<String> = all.keys().cloned().collect();
    for key in keys {
        if *left == 0 && matches!(how, Spoil::Drop | Spoil::Rename(_)) {
            let gone = all.remove(&key);
            if let (Spoil::Rename(name), Some(value)) = (how, gone) {
                all.insert(name.clone(), value);
            }
            return true;
        }
        if all.get_mut(&key).is_some_and(|v| apply(v, left, how)) {
            return true;
        }
    }
    false
}

fn here(value: &mut Value, how: &Spoil) -> bool {
    match how {
        Spoil::Put(other) => *value = other.clone(),
        Spoil::Text(text) => *value = json!(text),
        Spoil::Nest(depth) => {
            for _ in 0..*depth {
                *value = json!([value.take()]);
            }
        }
        Spoil::Repeat(times) => *value = Value::Array(vec![value.clone(); *times]),
        Spoil::Drop | Spoil::Rename(_) => *value = Value::Null,
    }
    true
}
