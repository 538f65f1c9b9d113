//! Answers as no Bitbucket should give them, through every parser of the connector: no panic, nothing unbounded,
//! nothing that a terminal acts on. `PROPTEST_CASES` raises the number of cases.

mod hostile;

use proptest::prelude::*;
use reqwest::StatusCode;
use reqwest::header::HeaderMap;
use secrecy::SecretString;
use serde_json::{Value, json};
use uuid::Uuid;

use super::classify::classify;
use super::client::{element, next_page};
use super::*;
use crate::connector::http::{Credential, Reply, WORDS_MAX};
use crate::connector::reading;
use crate::domain::fields::canonical_body;
use crate::domain::mapping::StatusMapping;
use crate::support::text::is_unsafe;

const TOKEN: &str = "ATATT3x_very_secret_0123456789";

fn sample() -> Value {
    json!({
        "type": "pullrequest", "id": 7, "title": "A title", "description": "A body", "state": "OPEN", "draft": false,
        "summary": {"raw": "A body", "markup": "markdown"}, "comment_count": 2, "task_count": 0,
        "author": {"type": "user", "nickname": "ana", "display_name": "Ana", "uuid": "{1}", "account_id": "557058:1"},
        "reviewers": [{"type": "user", "uuid": "{2}", "nickname": "ben"}], "close_source_branch": true,
        "destination": {"branch": {"name": "main", "default_merge_strategy": "squash"}, "repository": null},
        "created_on": "2026-11-01T00:00:00.123456+00:00", "updated_on": "2026-11-01T00:00:01.000001+00:00",
        "links": {"html": {"href": "https://bitbucket.org/team/app/pull-requests/7"}},
        "content": {"raw": "Said."}, "user": null, "deleted": false, "pending": null,
        "values": [], "next": null, "size": 0, "uuid": "{3}", "full_name": "team/app", "has_issues": true,
        "task_status": "PENDING",
    })
}

fn leaf() -> impl Strategy<Value = Value> {
    prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<u64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        text().prop_map(Value::from),
        Just(json!([])),
        Just(json!({})),
        Just(json!({"raw": 5, "href": [], "html": 1, "branch": "main"})),
        Just(json!([null, 7, {"uuid": 9}])),
    ]
}

fn text() -> impl Strategy<Value = String> {
    prop_oneof![
        "(\\PC|[\r\n\t\u{1b}\u{202e}]){0,80}",
        "(\\[//\\]: # \\(corkboard: [0-9a-f]{32}\\)\n?|\\PC){0,3}",
        prop::sample::select(vec![
            "OPEN",
            "merged",
            "DRAFT",
            "2026-11-01",
            "+00:00",
            "-99999-01-01T00:00:00Z"
        ])
        .prop_map(str::to_owned),
    ]
}

/// A sample with some of its fields replaced, or taken out.
fn mutated() -> impl Strategy<Value = Value> {
    let keys: Vec<String> = sample().as_object().expect("an object").keys().cloned().collect();
    prop::collection::vec((prop::sample::select(keys), prop::option::of(leaf())), 0..5).prop_map(|edits| {
        let mut value = sample();
        let fields = value.as_object_mut().expect("an object");
        for (key, with) in edits {
            match with {
                Some(with) => fields.insert(key, with),
                None => fields.remove(&key),
            };
        }
        value
    })
}

pub(super) fn reply(status: u16, body: Vec<u8>, mutation: bool) -> Reply {
    Reply {
        status: StatusCode::from_u16(status).expect("a status"),
        headers: HeaderMap::new(),
        body,
        url: "https://api.bitbucket.org/2.0/repositories/team/app/pullrequests".parse().expect("an address"),
        mutation,
        retry_after_ms: None,
    }
}

fn a_sound_item(item: &RemoteItem) -> Result<(), TestCaseError> {
    prop_assert!(item.at.number <= reading::NUMBER_MAX);
    prop_assert_eq!(canonical_body(&item.body), item.body.clone());
    let status = item.state.status.as_deref().expect("always told");
    prop_assert!(status.chars().count() <= 64 && !status.chars().any(is_unsafe), "{status:?}");
    let kept = serde_json::to_string(item).expect("it can be kept");
    prop_assert_eq!(serde_json::from_str::<RemoteItem>(&kept).expect("and read"), item.clone());
    let _ = item.fields(&StatusMapping::default());
    Ok(())
}

proptest! {
    #![proptest_config(crate::support::fuzz::cases(2_000))]

    #[test]
    fn any_shape_of_an_answer_is_understood_or_refused_by_name(value in mutated()) {
        if let Ok(request) = element::<wire::PullRequest>(value.clone()) {
            let _ = update::merge_body(&request);
            let item = map::item(request, "team/app");
            a_sound_item(&item)?;
            for to in [map::DRAFT, map::OPEN, map::MERGED, map::DECLINED, map::SUPERSEDED] {
                let status = item.state.status.clone().unwrap_or_default();
                let allowed = map::moves(&status).contains(&to) || status == to;
                prop_assert_eq!(update::step(&item, to).is_ok(), allowed);
            }
        }
        if let Ok(comment) = element::<wire::Comment>(value.clone())
            && let Some((comment, _)) = map::comment(comment)
        {
            prop_assert!(!comment.id.is_empty() && !comment.author.is_empty());
        }
        if let Ok(listing) = element::<wire::Listing>(value.clone()) {
            let _ = next_page(&reply(200, Vec::new(), false), &listing);
        }
        for why in [
            element::<wire::PullRequest>(value.clone()).err(),
            element::<wire::Stub>(value.clone()).err(),
            element::<wire::Comment>(value.clone()).err(),
            element::<wire::Account>(value.clone()).err(),
            element::<wire::MergeTask>(value.clone()).err(),
            element::<wire::Repository>(value).err(),
        ].into_iter().flatten() {
            prop_assert!(why.chars().count() <= 200 && !why.chars().any(is_unsafe), "{why:?}");
        }
    }

    #[test]
    fn any_refusal_is_classified_in_words_fit_to_show(
        status in prop::sample::select(vec![300, 301, 400, 401, 403, 404, 408, 409, 410, 413, 418, 429, 451, 500, 502, 503, 504, 555, 599_u16]),
        message in leaf(),
        detail in prop_oneof![leaf(), Just(json!({"required": ["a"], "granted": 7}))],
        fields in prop_oneof![leaf(), text().prop_map(|t| json!({"title": [t]}))],
        raw in prop::option::of(prop::collection::vec(any::<u8>(), 0..300)),
        mutation in any::<bool>(),
        about in prop::sample::select(vec![About::Container, About::Item, About::Merge]),
    ) {
        let body = json!({"type": "error", "error": {"message": message, "detail": detail, "fields": fields}});
        let body = raw.unwrap_or_else(|| format!("{body} {TOKEN}").into_bytes());
        let credential = Credential::basic("me@example.com", &SecretString::from(TOKEN));
        let got = classify(&reply(status, body, mutation), about, "team/app", &|text| credential.words(text));
        for words in [Some(&got.message), got.help.as_ref()].into_iter().flatten() {
            prop_assert!(words.chars().count() <= WORDS_MAX && !words.chars().any(is_unsafe), "{words:?}");
            prop_assert!(!words.contains(TOKEN));
        }
        prop_assert_eq!(got.status, Some(status));
        let unsure = mutation && (status >= 500 || status == 408);
        prop_assert_eq!(got.outcome == crate::connector::Outcome::Unknown, unsure);
    }

    #[test]
    fn a_marker_comes_off_any_comment_it_was_put_on(body in text(), id in any::<u128>()) {
        let (back, found) = map::split_marker(&map::with_marker(&body, Uuid::from_u128(id)));
        prop_assert_eq!(found, Some(Uuid::from_u128(id)));
        let canonical = canonical_body(&body);
        prop_assert_eq!(back.trim(), canonical.trim());
        prop_assert_eq!(canonical_body(&back), back.clone());
    }
}
