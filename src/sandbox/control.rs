//! `/_sandbox/`: looking into a running sandbox and steering it, for users of the command line. Not part of GitHub.
//!
//! `GET requests`, `DELETE requests`, `GET` and `PUT faults` (`{"faults": "SPEC"}` or the bare text), `POST online`,
//! `POST offline`. These stay reachable while the sandbox is offline.

use axum::body::Body;
use axum::http::Response;
use serde_json::{Value, json};

use super::faults::Faults;
use super::inner::{Inner, Network, locked};
use super::serve::response;

/// In front of every control path.
pub(super) const ROOT: &str = "/_sandbox/";

/// Answers one control request. `host` must name the loopback interface, so that a web page whose name was made to
/// point here cannot reach it.
pub(super) fn respond(inner: &Inner, method: &str, target: &str, host: &str, body: &[u8]) -> Response<Body> {
    let name = host.rsplit_once(':').map_or(host, |(name, _)| name);
    let (status, value) = if matches!(name, "127.0.0.1" | "localhost") {
        answer(inner, method, target.trim_start_matches(ROOT), body)
    } else {
        (403, json!({"message": "The control addresses answer to 127.0.0.1 only."}))
    };
    let headers = [("content-type", "application/json; charset=utf-8".to_owned())];
    response(status, &headers, Body::from(value.to_string()))
}

fn answer(inner: &Inner, method: &str, path: &str, body: &[u8]) -> (u16, Value) {
    match (method, path) {
        ("GET", "requests") => {
            let log = locked(&inner.log);
            (200, log.all().map(|recorded| json!(recorded)).collect())
        }
        ("DELETE", "requests") => {
            locked(&inner.log).clear();
            (200, json!({"requests": 0}))
        }
        ("GET", "faults") => (200, json!({"faults": inner.injector().faults().to_string()})),
        ("PUT", "faults") => put_faults(inner, body),
        ("POST", "online" | "offline") => {
            inner.set_network(if path == "online" { Network::Online } else { Network::Cutting });
            (200, json!({"online": path == "online"}))
        }
        _ => (404, json!({"message": "There are: requests, faults, online, offline."})),
    }
}

fn put_faults(inner: &Inner, body: &[u8]) -> (u16, Value) {
    let text = String::from_utf8_lossy(body);
    let sent = serde_json::from_str::<Value>(&text).ok();
    let spec = sent.as_ref().and_then(|value| value["faults"].as_str()).unwrap_or(&text);
    match spec.parse::<Faults>() {
        Ok(faults) => {
            let shown = json!({"faults": faults.to_string()});
            inner.injector().replace(faults);
            (200, shown)
        }
        Err(error) => (400, json!({"message": error.to_string()})),
    }
}
