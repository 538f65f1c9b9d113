//! Answers as no GitLab should give them, through every parser of the connector: no panic, nothing unbounded, nothing
//! that a terminal acts on. `PROPTEST_CASES` raises the number of cases.

use std::sync::Arc;
use std::time::Duration;

use proptest::prelude::*;
use reqwest::StatusCode;
use reqwest::header::{HeaderMap, HeaderName, HeaderValue};
use secrecy::SecretString;
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;

use super::classify::classify;
use super::client::element;
use super::*;
use crate::connector::http::{Credential, Gates, GatesOptions, Limits, Reply, WORDS_MAX, loopback_client};
use crate::connector::reading;
use crate::domain::fields::{Value as Held, canonical_body};
use crate::domain::mapping::StatusMapping;
use crate::support::clock::ManualClock;
use crate::support::text::is_unsafe;

const TOKEN: &str = "glpat-very-secret-0123456789";

fn port(api_url: &Url) -> Port {
    static CLIENT: std::sync::LazyLock<reqwest::Client> =
        std::sync::LazyLock::new(|| loopback_client().expect("a client"));
    let clock = Arc::new(ManualClock::new(Timestamp(1_795_262_400_000)));
    let options = GatesOptions { client: CLIENT.clone(), clock, read_only: false, limits: Limits::none() };
    let credential = Credential::bearer(&SecretString::from(TOKEN));
    Gates::new(options).gate(api_url, &credential, Duration::ZERO).port(Arc::new(|_| {}))
}

/// An API at `instance`, of the project `o/r`.
pub(super) fn api(instance: &str) -> Api {
    let url: Url = instance.parse().expect("an address");
    Api::new(port(&url), url, "o/r".into())
}

fn connector() -> GitlabConnector {
    connector_at("http://127.0.0.1:9")
}

fn connector_at(instance: &str) -> GitlabConnector {
    let api_url: Url = instance.parse().expect("an address");
    let port = port(&api_url);
    GitlabConnector::new(GitlabOptions { api_url, project: "o/r".into(), port }).expect("a connector")
}

/// An answer with these headers and this body.
pub(super) fn reply(status: u16, head: &[(String, String)], body: Vec<u8>, mutation: bool) -> Reply {
    let read =
        |(n, v): &(String, String)| Some((n.parse::<HeaderName>().ok()?, HeaderValue::from_str(v).ok()?));
    Reply {
        status: StatusCode::from_u16(status).expect("a status"),
        headers: head.iter().filter_map(read).collect::<HeaderMap>(),
        body,
        url: "https://gitlab.com/api/v4/projects/o%2Fr/issues".parse().expect("an address"),
        mutation,
        retry_after_ms: None,
    }
}

/// Each kind of answer there is, in its good form.
fn good() -> Vec<Value> {
    let user = json!({"id": 1, "username": "ana", "state": "active"});
    let issue = json!({
        "id": 76, "iid": 7, "project_id": 3, "title": "A card", "state": "closed", "issue_type": "issue",
        "description": "Text\r\n\r\n<!-- corkboard: 0123456789abcdef0123456789abcdef -->", "author": user,
        "labels": ["bug", {"name": "workflow::doing"}], "assignees": [user], "assignee": user, "user_notes_count": 2,
        "milestone": {"id": 5, "title": "v1"}, "references": {"full": "o/r#7"}, "moved_to_id": null,
        "due_date": "2026-12-01", "weight": 3, "confidential": false, "epic": {"id": 1, "title": "Checkout"},
        "time_stats": {"time_estimate": 5400, "total_time_spent": 60}, "iteration": {"id": 2, "title": null},
        "created_at": "2026-11-01T00:00:00.123Z", "updated_at": "2026-11-02T00:00:00.456Z",
    });
    vec![
        issue.clone(),
        json!([issue, {"iid": 8}]),
        json!({"id": 9, "body": "Said", "author": user, "system": false, "created_at": "2026-11-01T00:00:00Z"}),
        json!({"id": 5, "title": "v1", "state": "active", "due_date": "2026-12-01"}),
        json!({"id": 3, "path_with_namespace": "o/r", "permissions": {"project_access": {"access_level": 30}}}),
        json!({"scopes": ["api"], "expires_at": "2026-12-01"}),
        json!({"data": {"issue": {"iid": "7", "projectId": 3}}}),
        json!({"data": {"project": {"workItems": {"nodes": [{"iid": "7", "widgets": [{"type": "STATUS", "status": {"id": "gid://1", "name": "Done"}}, null]}]}}}}),
        json!({"data": {"project": {"workItemTypes": {"nodes": [{"widgetDefinitions": [{"type": "STATUS", "allowedStatuses": [{"id": "gid://1", "name": "Done"}]}]}]}}}}),
        json!({"data": {"workItemUpdate": {"errors": ["no"]}}}),
        json!({"id": 1, "name": "Development", "hide_backlog_list": false, "milestone": {"title": "v1"}, "lists": [
            {"id": 1, "label": {"name": "workflow::doing"}, "position": 0}, {"id": 2, "assignee": user, "position": null},
            {"id": 3, "milestone": {"title": "v1"}}, {"id": 4, "iteration": {"title": null}},
        ]}),
        json!({"id": 3, "label": {"name": "workflow::doing"}, "position": 1}),
        json!({"message": {"title": ["can't be blank"]}, "error": "x", "errors": [{"message": "y"}]}),
    ]
}

/// Values that attack.
fn odd() -> impl Strategy<Value = Value> {
    prop_oneof![
        Just(Value::Null),
        any::<i64>().prop_map(Value::from),
        any::<u64>().prop_map(Value::from),
        any::<bool>().prop_map(Value::from),
        "(\\PC|[\r\n\t\u{1b}\u{202e}])*".prop_map(Value::from),
        Just(json!([])),
        Just(json!({})),
        Just(json!("9999-99-99T99:99:99Z")),
    ]
}

/// A good answer with one of its values replaced or taken away.
fn spoilt() -> impl Strategy<Value = Value> {
    (prop::sample::select(good()), any::<prop::sample::Index>(), prop::option::of(odd())).prop_map(
        |(mut value, at, odd)| {
            let target = if let Value::Array(all) = &mut value { &mut all[0] } else { &mut value };
            if let Value::Object(map) = target {
                let key = map.keys().nth(at.index(map.len())).cloned().unwrap_or_default();
                match odd {
                    Some(odd) => map.insert(key, odd),
                    None => map.remove(&key),
                };
            }
            value
        },
    )
}

/// Every further field there is.
fn every_field() -> further::Wanted {
    further::wanted(further::Known::ALL.iter().map(|f| f.name().to_owned()).collect())
}

fn fit_to_show(text: &str) -> Result<(), TestCaseError> {
    prop_assert!(text.chars().count() <= WORDS_MAX && !text.chars().any(is_unsafe), "{text:?}");
    prop_assert!(!text.contains(TOKEN));
    Ok(())
}

fn a_sound_item(item: &RemoteItem) -> Result<(), TestCaseError> {
    prop_assert!(item.at.number <= reading::NUMBER_MAX, "{}", item.at.number);
    prop_assert_eq!(canonical_body(&item.body), item.body.clone());
    let kept = serde_json::to_string(item).expect("it can be kept");
    prop_assert_eq!(serde_json::from_str::<RemoteItem>(&kept).expect("and read"), item.clone());
    let _ = item.fields(&StatusMapping::default());
    for (name, value) in &item.raw {
        let text = value.as_text().unwrap_or_default();
        prop_assert!(*value == Held::None || !text.is_empty(), "{name}: {value:?}");
        match name.as_str() {
            "due_date" => {
                prop_assert!(text.is_empty() || text.parse::<chrono::NaiveDate>().is_ok(), "{text}");
            }
            "confidential" => prop_assert!(matches!(text, "true" | "false"), "{text}"),
            "weight" | "time_estimate" | "total_time_spent" => {
                prop_assert!(text.is_empty() || text.parse::<u64>().is_ok(), "{text}");
            }
            _ => {}
        }
    }
    Ok(())
}

proptest! {
    #![proptest_config(crate::support::fuzz::cases(2_000))]

    #[test]
    fn any_shape_of_an_answer_is_understood_or_refused_by_name(value in spoilt()) {
        if let Ok(issue) = element::<wire::Issue>(value.clone()) {
            a_sound_item(&map::item(issue, "o/r", &every_field()))?;
        }
        if let Ok(note) = element::<wire::Note>(value.clone()) {
            prop_assert!(!map::comment(note).0.id.is_empty());
        }
        if let Ok(milestone) = element::<wire::Milestone>(value.clone()) {
            let _ = map::milestone(milestone);
        }
        let as_list = json!({"id": 1, "lists": [value]});
        for board in [&value, &as_list].into_iter().filter_map(|v| element::<boards::Board>(v.clone()).ok()) {
            for column in boards::columns(board).columns {
                prop_assert!(!column.target.is_empty() || column.note.is_some(), "{column:?}");
            }
        }
        for why in [
            element::<wire::Stub>(value.clone()).err(),
            element::<wire::User>(value.clone()).err(),
            element::<wire::Project>(value.clone()).err(),
            element::<wire::Token>(value.clone()).err(),
            element::<wire::Graph<wire::Whereabouts>>(value.clone()).err(),
            element::<wire::Graph<wire::Types>>(value.clone()).map(|g| g.data.map(wire::Types::statuses)).err(),
            element::<wire::Graph<wire::Worn>>(value.clone()).map(|g| g.data.map(wire::Worn::by_number)).err(),
            element::<wire::Graph<wire::Given>>(value).err(),
        ].into_iter().flatten() {
            prop_assert!(why.chars().count() <= 200 && !why.chars().any(is_unsafe), "{why:?}");
        }
    }

    #[test]
    fn any_list_of_issues_is_a_page_or_a_failure(value in spoilt(), cut in any::<prop::sample::Index>(), whole in any::<bool>()) {
        let mut body = value.to_string().into_bytes();
        if !whole {
            body.truncate(cut.index(body.len()));
        }
        match connector().listing(&reply(200, &[], body, false)) {
            Ok(listing) => listing.items.iter().chain(&listing.moved).try_for_each(a_sound_item)?,
            Err(failure) => fit_to_show(&failure.message)?,
        }
    }

    #[test]
    fn any_refusal_is_classified_in_words_fit_to_show(
        status in prop::sample::select(vec![300, 301, 304, 400, 401, 403, 404, 405, 408, 409, 412, 413, 422, 429, 500, 502, 503, 599_u16]),
        value in spoilt(),
        cut in any::<prop::sample::Index>(),
        mutation in any::<bool>(),
        about in prop::sample::select(vec![About::Container, About::NewItem, About::Item]),
    ) {
        let mut body = format!("{value} {TOKEN}").into_bytes();
        body.truncate(cut.index(body.len() + 1));
        let credential = Credential::bearer(&SecretString::from(TOKEN));
        let got = classify(&reply(status, &[], body, mutation), about, "o/r", &|text| credential.words(text)).failure;
        fit_to_show(&got.message)?;
        prop_assert_eq!(got.status, Some(status));
        let unsure = mutation && (status >= 500 || status == 408);
        prop_assert_eq!(got.outcome == crate::connector::Outcome::Unknown, unsure);
    }
}

#[test]
fn a_page_with_more_entries_than_any_page_has_is_refused() {
    let body = serde_json::to_vec(&vec![Value::Null; 5_000]).expect("JSON");
    let failure = connector().listing(&reply(200, &[], body, false)).err().expect("refused");
    assert!(failure.message.contains("5000"), "{failure}");
}

/// An instance whose list of issues never ends: `next` makes the query of the next page of the count of requests.
async fn endless(next: fn(usize) -> String) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let at = format!("http://{}", listener.local_addr().expect("an address"));
    tokio::spawn(async move {
        let mut asked = 0;
        while let Ok((mut socket, _)) = listener.accept().await {
            let mut read = [0; 8_192];
            let Ok(n) = socket.read(&mut read).await else { continue };
            asked += 1;
            let list =
                String::from_utf8_lossy(&read[..n]).lines().next().is_some_and(|l| l.contains("/issues?"));
            let body = if list { good()[1].clone() } else { json!({"id": 3, "username": "ana"}) }.to_string();
            let (link, length) = (next(asked), body.len());
            let head = format!(
                "connection: close\r\nlink: <http://x/?{link}>; rel=\"next\"\r\ncontent-length: {length}"
            );
            let answer = format!("HTTP/1.1 200 OK\r\n{head}\r\n\r\n{body}");
            let _hung_up = socket.write_all(answer.as_bytes()).await;
        }
    });
    at
}

#[tokio::test]
async fn a_list_that_never_ends_is_given_up() {
    let ways: [fn(usize) -> String; 3] =
        [|_| "cursor=same".to_owned(), |n| format!("cursor={n}"), |n| format!("page={n}")];
    for next in ways {
        let gitlab = connector_at(&endless(next).await);
        let (pages, mut inbox) = mpsc::channel(4);
        let gitlab = &gitlab;
        let pull = async move {
            let ended = gitlab.pull_since(&Cursor::default(), &pages).await;
            drop(pages);
            ended
        };
        let read = async { while inbox.recv().await.is_some() {} };
        let both = async { tokio::join!(pull, read).0 };
        let ended = tokio::time::timeout(Duration::from_secs(30), both).await.expect("in time");
        let failure = ended.expect_err("it does not end");
        assert!(failure.message.contains("does not end"), "{failure:?}");
        let found = gitlab.find_marked(LinkId::random(), Timestamp(0));
        let found = tokio::time::timeout(Duration::from_secs(30), found).await.expect("in time");
        assert!(found.is_err(), "a search that was not finished has not found nothing");
    }
}
