//! `/healthz`: whether every connection works, for whoever restarts or pages. 200 when it does, 503 when one is down.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use serde_json::{Value, json};

use super::Shared;
use crate::domain::health::Health;
use crate::support::clock::Timestamp;

pub(super) async fn check(State(shared): State<Arc<Shared>>) -> (StatusCode, Json<Value>) {
    let all = shared.engine.health().borrow().clone();
    let down = all.iter().any(Health::is_down);
    let status = if down { StatusCode::SERVICE_UNAVAILABLE } else { StatusCode::OK };
    let connections: Vec<Value> = all.iter().map(connection).collect();
    let word = if down { "down" } else { "ok" };
    let version = env!("CARGO_PKG_VERSION");
    (status, Json(json!({ "status": word, "version": version, "connections": connections })))
}

/// One connection. The server's own words stay out: they may tell more than who asks here should know.
fn connection(health: &Health) -> Value {
    let at = |t: Option<Timestamp>| t.map(Timestamp::to_rfc3339);
    let alerts: Vec<&str> = health.alerts.iter().map(|a| a.rule.as_str()).collect();
    json!({
        "connection": health.connection,
        "state": health.state,
        "down_since": at(health.down_since),
        "last_good": at(health.last_good),
        "alerts": alerts,
    })
}
