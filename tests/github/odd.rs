//! Answers no simulated GitHub gives: half-understood pages, opaque links, foreign hosts.

use std::sync::Arc;

use axum::Json;
use axum::Router;
use axum::extract::Query;
use axum::http::HeaderMap;
use axum::response::IntoResponse;
use axum::routing::get;
use corkboard::connector::Cursor;
use corkboard::support::clock::ManualClock;
use corkboard::sync::retry::Class;
use serde_json::{Value, json};

use crate::desk;

fn issue(number: u64) -> Value {
    json!({
        "id": 1_000 + number, "number": number, "title": format!("issue {number}"), "state": "open",
        "html_url": "https://github.com/o/r/issues/1", "created_at": "2026-01-01T00:00:00Z",
        "updated_at": "2026-01-01T00:00:00Z", "body": null, "user": null, "labels": [],
    })
}

async fn serve(app: Router<String>) -> String {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let app = app.with_state(url.clone());
    tokio::spawn(async move { axum::serve(listener, app).await });
    url
}

async fn pull(app: Router<String>) -> desk::Pulled {
    let url = serve(app).await;
    let clock = Arc::new(ManualClock::new(desk::START));
    let github = desk::connector(&url, clock, "ghp_odd", "o/r", false, &Arc::default());
    desk::pull(&github, &Cursor::default()).await
}

#[tokio::test]
async fn one_issue_that_cannot_be_understood_costs_itself_and_is_named() {
    let mut wrong = issue(2);
    wrong["title"] = json!({"rich": "text"});
    let mut future = issue(3);
    future["state"] = json!("closed");
    future["state_reason"] = json!("superseded_by_agent");
    let mut request = issue(4);
    request["pull_request"] = json!({"url": "x"});
    let page = json!([issue(1), wrong, future, request, "what is this", null]);
    let app = Router::new().route("/repos/o/r/issues", get(move || async move { Json(page) }));
    let (_, pages) = pull(app).await.unwrap();
    let numbers: Vec<u64> = pages[0].items.iter().map(|i| i.at.number).collect();
    assert_eq!(numbers, [1, 3]);
    assert_eq!(pages[0].skipped.len(), 3);
    assert!(
        pages[0].skipped[0].contains("#2") && pages[0].skipped[0].contains("title"),
        "{:?}",
        pages[0].skipped
    );
}

#[tokio::test]
async fn opaque_cursors_are_followed_one_by_one() {
    type Pairs = std::collections::HashMap<String, String>;
    let list = |url: axum::extract::State<String>, Query(query): Query<Pairs>| async move {
        let at: u64 = query.get("after").and_then(|a| a.parse().ok()).unwrap_or(0);
        let mut head = HeaderMap::new();
        if at < 3 {
            let link =
                format!("<{}/repositories/7/issues?after={}&per_page=100>; rel=\"next\"", url.0, at + 1);
            head.insert("link", link.parse().unwrap());
        }
        (head, Json(json!([issue(at + 1)]))).into_response()
    };
    let app = Router::new().route("/repos/o/r/issues", get(list)).route("/repositories/7/issues", get(list));
    let (_, pages) = pull(app).await.unwrap();
    let numbers: Vec<u64> = pages.iter().flat_map(|p| &p.items).map(|i| i.at.number).collect();
    assert_eq!(numbers, [1, 2, 3, 4]);
}

#[tokio::test]
async fn row_14_pages_that_point_in_circles_end() {
    let list = |url: axum::extract::State<String>| async move {
        let link = format!("<{}/repos/o/r/issues?after=x>; rel=\"next\"", url.0);
        ([("link", link)], Json(json!([issue(1)]))).into_response()
    };
    let failure = pull(Router::new().route("/repos/o/r/issues", get(list))).await.expect_err("it must end");
    assert!(failure.message.contains("circles"), "{failure}");
}

#[tokio::test]
async fn a_link_or_redirect_to_another_host_is_not_followed() {
    let elsewhere =
        || async { ([("link", "<http://127.0.0.2:9/x>; rel=\"next\"")], Json(json!([issue(1)]))) };
    let away = || async { axum::response::Redirect::permanent("http://127.0.0.2:9/x") };
    for app in [
        Router::new().route("/repos/o/r/issues", get(elsewhere)),
        Router::new().route("/repos/o/r/issues", get(away)),
    ] {
        let failure = pull(app).await.expect_err("the token stays here");
        assert_eq!(failure.class, Class::Configuration);
        assert!(failure.message.contains("another host"), "{failure}");
    }
}

#[tokio::test]
async fn a_captive_portal_is_a_passing_trouble() {
    let page = || async { axum::response::Html("<html>Please log in to the WiFi\u{1b}[2J</html>") };
    let failure = pull(Router::new().route("/repos/o/r/issues", get(page))).await.expect_err("not GitHub");
    assert_eq!(failure.class, Class::Transient);
    assert!(failure.message.contains("not JSON") && !failure.message.contains('\u{1b}'), "{failure}");
}

#[tokio::test]
async fn row_25_a_date_from_the_far_future_does_not_move_the_cursor_there() {
    let list =
        || async { ([("date", "Fri, 31 Dec 9999 23:59:59 GMT")], Json(json!([issue(1)]))).into_response() };
    let (end, pages) = pull(Router::new().route("/repos/o/r/issues", get(list))).await.unwrap();
    assert_eq!(pages[0].items.len(), 1);
    let since = end.cursor.since.expect("a cursor");
    assert!(since <= pages[0].items[0].updated_at, "as the newest issue says: {}", since.to_rfc3339());
}
