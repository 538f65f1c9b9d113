//! `/webhooks/NAME`: a platform says that something changed. Its signature is checked, its words are not read: whatever
//! it says is only a hint to look now. A missed, doubled or reordered one changes nothing.

use std::collections::{HashSet, VecDeque};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use axum::Json;
use axum::body::{Body, Bytes, to_bytes};
use axum::extract::{Path, State};
use axum::http::{HeaderMap, StatusCode, header};
use hmac::{Hmac, Mac};
use secrecy::{ExposeSecret, SecretString};
use serde_json::{Value, json};
use sha2::Sha256;
use tokio::time::Instant;

use super::Shared;
use crate::domain::link::ConnectionName;

/// The largest body that is read. GitHub's reach 25 MiB (its documentation of webhook payloads); of a larger one the
/// next poll tells.
const BODY_MAX: usize = 1024 * 1024;
/// How long a body may take.
const BODY_TIME: Duration = Duration::from_secs(10);
/// How many deliveries are remembered, so that one that comes twice is known.
const DELIVERIES: usize = 1_024;
/// Longest id of a delivery; GitHub's are UUIDs.
const DELIVERY_MAX: usize = 128;
/// Least time between two hints: a storm of deliveries is two looks, not a hundred.
const HINT_PACE: Duration = Duration::from_secs(2);
/// The events that can change what the board shows (GitHub's names of them).
const EVENTS: [&str; 6] = ["issues", "issue_comment", "label", "milestone", "repository", "sub_issues"];

/// What came of the deliveries of one connection.
#[derive(Debug, Default)]
pub(super) struct Counts {
    /// They were a hint.
    pub(super) hints: AtomicU64,
    /// They were signed and known already, or about something else.
    pub(super) idle: AtomicU64,
    /// They were refused.
    pub(super) refused: AtomicU64,
}

/// The webhooks of one connection.
pub(super) struct Hook {
    secret: SecretString,
    seen: Mutex<Seen>,
    pace: Mutex<Pace>,
    pub(super) counts: Counts,
}

/// Deliveries that came before, oldest first.
#[derive(Debug, Default)]
struct Seen {
    order: VecDeque<String>,
    known: HashSet<String>,
}

impl Seen {
    /// Notes a delivery; tells whether it is new.
    fn note(&mut self, id: &str) -> bool {
        if !self.known.insert(id.to_owned()) {
            return false;
        }
        self.order.push_back(id.to_owned());
        if self.order.len() > DELIVERIES
            && let Some(oldest) = self.order.pop_front()
        {
            self.known.remove(&oldest);
        }
        true
    }
}

/// When the last hint was given, and whether another one waits.
#[derive(Debug, Default)]
struct Pace {
    last: Option<Instant>,
    waits: bool,
}

impl Hook {
    pub(super) fn new(secret: SecretString) -> Self {
        Self { secret, seen: Mutex::default(), pace: Mutex::default(), counts: Counts::default() }
    }

    /// Whether the platform signed `body`: `sha256=` and the HMAC in hex. Compared in constant time.
    fn signed(&self, signature: &str, body: &[u8]) -> bool {
        let Some(Ok(signature)) = signature.strip_prefix("sha256=").map(hex::decode) else { return false };
        let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(self.secret.expose_secret().as_bytes()) else {
            return false;
        };
        mac.update(body);
        mac.verify_slice(&signature).is_ok()
    }

    /// How long a hint must wait; `None` when one waits already and stands for this one too.
    fn wait(&self, now: Instant) -> Option<Duration> {
        let mut pace = self.pace.lock().unwrap_or_else(PoisonError::into_inner);
        if pace.waits {
            return None;
        }
        let free_at = pace.last.map_or(now, |last| last + HINT_PACE).max(now);
        pace.last = Some(free_at);
        pace.waits = free_at > now;
        Some(free_at - now)
    }

    fn waited(&self) {
        self.pace.lock().unwrap_or_else(PoisonError::into_inner).waits = false;
    }
}

type Answer = (StatusCode, Json<Value>);

fn refuse(hook: Option<&Hook>, status: StatusCode, words: &str) -> Answer {
    if let Some(hook) = hook {
        hook.counts.refused.fetch_add(1, Ordering::Relaxed);
    }
    (status, Json(json!({ "error": words })))
}

pub(super) async fn receive(
    State(shared): State<Arc<Shared>>,
    Path(name): Path<String>,
    headers: HeaderMap,
    body: Body,
) -> Answer {
    let name = ConnectionName::new(name);
    let Some(hook) = shared.hooks.get(&name) else {
        return refuse(None, StatusCode::NOT_FOUND, "no connection of this name has a webhook_secret");
    };
    let text = |key: &str| headers.get(key).and_then(|v| v.to_str().ok());
    let Some(signature) = text("x-hub-signature-256") else {
        return refuse(Some(hook), StatusCode::UNAUTHORIZED, "the signature is missing");
    };
    let body = match read(&headers, body).await {
        Ok(body) => body,
        Err((status, words)) => return refuse(Some(hook), status, words),
    };
    if !hook.signed(signature, &body) {
        tracing::warn!(connection = %name, "a webhook with a wrong signature was refused");
        return refuse(Some(hook), StatusCode::UNAUTHORIZED, "the signature is wrong");
    }
    let Some(delivery) = text("x-github-delivery").filter(|d| (1..=DELIVERY_MAX).contains(&d.len())) else {
        return refuse(Some(hook), StatusCode::BAD_REQUEST, "the delivery has no id");
    };
    let event = text("x-github-event").unwrap_or_default();
    let fresh = hook.seen.lock().unwrap_or_else(PoisonError::into_inner).note(delivery);
    let hints = fresh && EVENTS.contains(&event);
    let count = if hints { &hook.counts.hints } else { &hook.counts.idle };
    count.fetch_add(1, Ordering::Relaxed);
    tracing::debug!(connection = %name, event, request_id = delivery, fresh, hints, "webhook");
    if hints {
        hint(&shared, &name);
    }
    (StatusCode::ACCEPTED, Json(json!({ "hint": hints, "repeated": !fresh })))
}

/// The whole body, within its bounds.
async fn read(headers: &HeaderMap, body: Body) -> Result<Bytes, (StatusCode, &'static str)> {
    let too_large = (StatusCode::PAYLOAD_TOO_LARGE, "larger than 1 MiB; the next poll finds what changed");
    let told = headers.get(header::CONTENT_LENGTH).and_then(|v| v.to_str().ok());
    if told.and_then(|n| n.parse::<usize>().ok()).is_some_and(|n| n > BODY_MAX) {
        return Err(too_large);
    }
    match tokio::time::timeout(BODY_TIME, to_bytes(body, BODY_MAX)).await {
        Ok(Ok(body)) => Ok(body),
        Ok(Err(_)) => Err(too_large),
        Err(_) => Err((StatusCode::REQUEST_TIMEOUT, "the body did not come")),
    }
}

/// Lets the connection be looked at: now, or when the pace allows it.
fn hint(shared: &Arc<Shared>, name: &ConnectionName) {
    let Some(hook) = shared.hooks.get(name) else { return };
    match hook.wait(Instant::now()) {
        None => {}
        Some(Duration::ZERO) => shared.engine.sync_now(Some(name)),
        Some(wait) => {
            let (shared, name) = (shared.clone(), name.clone());
            tokio::spawn(async move {
                tokio::time::sleep(wait).await;
                if let Some(hook) = shared.hooks.get(&name) {
                    hook.waited();
                }
                shared.engine.sync_now(Some(&name));
            });
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The example of GitHub's documentation on validating webhook deliveries.
    #[test]
    fn a_signature_is_checked_as_github_makes_it() {
        let hook = Hook::new("It's a Secret to Everybody".into());
        let right = "sha256=757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17";
        assert!(hook.signed(right, b"Hello, World!"));
        assert!(!hook.signed(right, b"Hello, World?"));
        for wrong in [&right[7..], "sha256=", "sha256=zz", "sha1=757107ea", &right[..60], ""] {
            assert!(!hook.signed(wrong, b"Hello, World!"), "{wrong}");
        }
    }

    #[test]
    fn deliveries_are_remembered_in_bounded_room() {
        let mut seen = Seen::default();
        assert!(seen.note("first") && !seen.note("first"));
        for n in 0..DELIVERIES {
            assert!(seen.note(&n.to_string()));
        }
        assert_eq!((seen.order.len(), seen.known.len()), (DELIVERIES, DELIVERIES));
        assert!(seen.note("first"), "the oldest is forgotten; a hint too many does no harm");
    }

    #[test]
    fn a_storm_of_hints_is_one_now_and_one_later() {
        let hook = Hook::new("s".into());
        let now = Instant::now();
        assert_eq!(hook.wait(now), Some(Duration::ZERO));
        assert_eq!(hook.wait(now), Some(HINT_PACE));
        assert_eq!(hook.wait(now), None, "the one that waits stands for all");
        hook.waited();
        assert_eq!(hook.wait(now + HINT_PACE * 3), Some(Duration::ZERO));
    }
}
