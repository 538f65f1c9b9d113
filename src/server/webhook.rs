//! `/webhooks/NAME`: a platform says that something changed. That it did is checked, what it says of the change is not
//! read: it is only a hint to look now. A missed, doubled or reordered one changes nothing.

mod manner;

use std::collections::{HashSet, VecDeque};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use axum::Json;
use axum::body::{Body, Bytes, to_bytes};
use axum::extract::{Path, State};
use axum::http::{HeaderMap, StatusCode, header};
use secrecy::{ExposeSecret, SecretString};
use serde_json::{Value, json};
use tokio::time::Instant;

use self::manner::{Manner, Sent};
use super::Shared;
use crate::config::settings::ConnectionSettings;
use crate::domain::link::ConnectionName;

/// The largest body that is read. GitHub's and GitLab's reach 25 MiB (their documentation of webhooks); of a larger one
/// the next poll tells.
const BODY_MAX: usize = 1024 * 1024;
/// How long a body may take.
const BODY_TIME: Duration = Duration::from_secs(10);
/// How many deliveries are remembered, so that one that comes twice is known.
const DELIVERIES: usize = 1_024;
/// Longest id of a delivery; most are UUIDs.
const DELIVERY_MAX: usize = 128;
/// Least time between two hints: a storm of deliveries is two looks, not a hundred.
const HINT_PACE: Duration = Duration::from_secs(2);

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
    manner: Manner,
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

/// When the last hint was given, whether another one waits, and whether one more is to follow for what lags behind.
#[derive(Debug, Default)]
struct Pace {
    last: Option<Instant>,
    waits: bool,
    follows: bool,
}

impl Hook {
    pub(super) fn new(secret: SecretString, connection: &ConnectionSettings) -> Self {
        Self {
            secret,
            manner: Manner::of(connection),
            seen: Mutex::default(),
            pace: Mutex::default(),
            counts: Counts::default(),
        }
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

    /// How long after the last event one more look is due, for what the lists did not show yet; `None` when that one
    /// is under way already, or there is no need.
    fn follow(&self) -> Option<Duration> {
        let lag = self.manner.lag?;
        let mut pace = self.pace.lock().unwrap_or_else(PoisonError::into_inner);
        (!std::mem::replace(&mut pace.follows, true)).then_some(lag)
    }

    fn followed(&self) {
        self.pace.lock().unwrap_or_else(PoisonError::into_inner).follows = false;
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
    // One answer for all that is no proof: which part of it is wrong is nobody's business.
    let unproven = || refuse(Some(hook), StatusCode::UNAUTHORIZED, "no proof that the platform sent it");
    if !hook.manner.has_proof(&headers) {
        return unproven();
    }
    let body = match read(&headers, body).await {
        Ok(body) => body,
        Err((status, words)) => return refuse(Some(hook), status, words),
    };
    let sent = Sent { headers: &headers, body: &body, at: shared.engine.clock().now() };
    if !hook.manner.is_proven(hook.secret.expose_secret(), sent) {
        tracing::warn!(connection = %name, "a webhook without the right proof was refused");
        return unproven();
    }
    let delivery = hook.manner.delivery(sent).filter(|id| (1..=DELIVERY_MAX).contains(&id.len()));
    let Some(delivery) = delivery else {
        return refuse(Some(hook), StatusCode::BAD_REQUEST, "the delivery has no id");
    };
    let event = hook.manner.concern(sent);
    let fresh = hook.seen.lock().unwrap_or_else(PoisonError::into_inner).note(&delivery);
    let hints = fresh && event.is_some();
    let count = if hints { &hook.counts.hints } else { &hook.counts.idle };
    count.fetch_add(1, Ordering::SeqCst);
    let event = event.unwrap_or("another");
    tracing::debug!(connection = %name, event, request_id = &*delivery, fresh, hints, "webhook");
    if hints {
        hint(&shared, &name);
        follow(&shared, &name);
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

/// Lets the connection be looked at once more when its events have been quiet for as long as its lists lag behind.
fn follow(shared: &Arc<Shared>, name: &ConnectionName) {
    let Some(lag) = shared.hooks.get(name).and_then(Hook::follow) else { return };
    let (shared, name) = (shared.clone(), name.clone());
    tokio::spawn(async move {
        let Some(hook) = shared.hooks.get(&name) else { return };
        loop {
            let known = hook.counts.hints.load(Ordering::SeqCst);
            tokio::time::sleep(lag).await;
            // Free before it looks: an event from here on is either counted by now or lets one follow itself.
            hook.followed();
            if hook.counts.hints.load(Ordering::SeqCst) == known {
                break;
            }
            if hook.follow().is_none() {
                return;
            }
        }
        hint(&shared, &name);
    });
}

#[cfg(test)]
mod tests {
    use super::*;

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
        let hook = Hook::new("s".into(), &manner::tests::connection("github", "repository = \"octo/app\""));
        let now = Instant::now();
        assert_eq!(hook.wait(now), Some(Duration::ZERO));
        assert_eq!(hook.wait(now), Some(HINT_PACE));
        assert_eq!(hook.wait(now), None, "the one that waits stands for all");
        hook.waited();
        assert_eq!(hook.wait(now + HINT_PACE * 3), Some(Duration::ZERO));
        assert_eq!(hook.follow(), None, "GitHub's lists show at once what its webhooks tell of");
    }

    #[test]
    fn where_lists_lag_one_more_look_follows_however_many_events_come() {
        let hook = Hook::new("s".into(), &manner::tests::connection("jira", "project = \"ABC\""));
        assert!(hook.follow().is_some());
        assert_eq!(hook.follow(), None, "the one under way stands for all");
        hook.followed();
        assert!(hook.follow().is_some());
    }
}
