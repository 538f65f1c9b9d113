//! A token is in no log, no message and no database, whatever a server does with it.

#[path = "secrets/whole.rs"]
mod whole;

use std::path::Path;
use std::sync::{Arc, Mutex};

use axum::extract::{Request, State};
use axum::http::StatusCode;
use axum::response::IntoResponse as _;

use crate::home::{Home, config, err};

/// It looks like no platform's tokens, so nothing recognises it by its form.
const TOKEN: &str = "quite-plain.words/that+are=the.token";

/// Answers every request with what it was asked with: in headers and in the body, as text and as JSON.
async fn echo(State(asked): State<Arc<Mutex<u32>>>, request: Request) -> axum::response::Response {
    *asked.lock().expect("counted") += 1;
    let said = request.headers().get("authorization").and_then(|v| v.to_str().ok()).unwrap_or_default();
    assert!(said.contains(TOKEN), "the token is sent: {said}");
    let body = serde_json::json!({ "message": format!("what is {said}?"), "documentation_url": said });
    let headers = [("x-github-request-id", said), ("x-echo", said), ("location", said)];
    (StatusCode::UNAUTHORIZED, headers, body.to_string()).into_response()
}

fn everything_below(dir: &Path, found: &mut Vec<(String, Vec<u8>)>) {
    for entry in std::fs::read_dir(dir).expect("a folder").map(|e| e.expect("an entry").path()) {
        if entry.is_dir() {
            everything_below(&entry, found);
        } else {
            found.push((entry.display().to_string(), std::fs::read(&entry).expect("read")));
        }
    }
}

fn holds(bytes: &[u8], words: &str) -> bool {
    bytes.windows(words.len()).any(|w| w == words.as_bytes())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_token_that_a_server_echoes_reaches_no_log_no_message_and_no_database() {
    let asked = Arc::new(Mutex::new(0));
    let routes = axum::Router::new().fallback(echo).with_state(asked.clone());
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let url = format!("http://{}", listener.local_addr().expect("an address"));
    tokio::spawn(async move { axum::serve(listener, routes).await });

    for format in ["text", "json"] {
        let home = Home::with(&format!("[log]\nformat = \"{format}\"\n{}", config(&url)));
        for arguments in [&["sync", "--once"][..], &["sync", "--once", "--json"], &["doctor"], &["monitor"]] {
            let out = home
                .command(arguments)
                .env("CORKBOARD_TEST_TOKEN", TOKEN)
                .env("CORKBOARD_LOG", "trace")
                .output()
                .expect("it runs");
            let told = String::from_utf8_lossy(&out.stdout).into_owned() + &err(&out);
            assert!(!told.contains(TOKEN), "{arguments:?}: {told}");
        }
        let mut files = Vec::new();
        everything_below(&home.path(""), &mut files);
        for (name, bytes) in &files {
            assert!(!holds(bytes, TOKEN), "{name} holds the token");
        }
        let logs: Vec<&(String, Vec<u8>)> = files.iter().filter(|(name, _)| name.contains("/log/")).collect();
        assert_eq!(logs.len(), 1);
        let log = String::from_utf8_lossy(&logs[0].1).into_owned();
        assert!(log.contains("sync failed") && log.contains("core"), "there is a log to look at: {log}");
        if format == "json" {
            let fields = |line: &str| serde_json::from_str::<serde_json::Value>(line).expect("JSON");
            let failed = log.lines().map(fields).find(|l| l["message"] == "sync failed").expect("told");
            assert_eq!((&failed["connection"], &failed["status"]), (&"core".into(), &401.into()), "{failed}");
            assert!(failed["request_id"].is_string(), "{failed}");
        }
    }
    assert!(*asked.lock().expect("counted") > 0);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_was_written_is_in_the_log_by_connection_object_and_request() {
    let (home, _sandbox) = Home::connected(corkboard::sandbox::Seed::Count(1)).await;
    let json = home.read(".config/corkboard/config.toml");
    home.write(".config/corkboard/config.toml", &format!("[log]\nformat = \"json\"\n{json}"));
    home.text(&["sync", "--once"]);
    home.text(&["card", "edit", "#1", "--title", "Edited"]);
    home.text(&["sync", "--once"]);
    let mut files = Vec::new();
    everything_below(&home.path(".local/state/corkboard/log"), &mut files);
    let log = String::from_utf8_lossy(&files[0].1).into_owned();
    let rows: Vec<serde_json::Value> = log.lines().map(|l| serde_json::from_str(l).expect("JSON")).collect();
    let row = rows.iter().find(|r| r["action"] == "update").unwrap_or_else(|| panic!("{log}"));
    assert_eq!(
        (&row["connection"], &row["object"], &row["outcome"]),
        (&"core".into(), &"core#1".into(), &"ok".into())
    );
    assert!(row["request_id"].is_string(), "{row}");
}
