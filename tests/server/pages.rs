//! `/metrics` and `/healthz` as a scraper and a supervisor see them.

use std::net::SocketAddr;

use corkboard::sandbox::Seed;
use corkboard::server::{Server, ServerError, ServerOptions};

use crate::desk::{Desk, SECRET};
use crate::stage::*;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn metrics_tell_in_their_format_what_the_sync_did() {
    let desk = Desk::new(Seed::Count(7)).await;
    desk.deliver("d1", "ping", SECRET).await;
    let answer = desk.client.get(desk.url("/metrics")).send().await.expect("an answer");
    let kind = answer.headers()["content-type"].to_str().expect("text").to_owned();
    assert_eq!(kind, "application/openmetrics-text; version=1.0.0; charset=utf-8");
    let text = answer.text().await.expect("text");
    for line in [
        "corkboard_connection_up{connection=\"core\"} 1",
        "corkboard_sync_items_total{connection=\"core\",what=\"pulled_created\"} 7",
        "corkboard_sync_passes_total{connection=\"core\",outcome=\"complete\"} 1",
        "corkboard_webhooks_total{connection=\"core\",outcome=\"idle\"} 1",
        "corkboard_unsent{connection=\"core\"} 0",
    ] {
        assert!(text.lines().any(|l| l == line), "{line} is not in\n{text}");
    }
    assert!(text.contains("corkboard_request_latency_seconds{connection=\"core\",quantile=\"0.95\"} "));
    assert!(text.ends_with("# EOF\n"));
    desk.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_connection_that_fails_turns_the_health_check_red_and_back() {
    let desk = Desk::new(Seed::Count(2)).await;
    let look = || async {
        let answer = desk.client.get(desk.url("/healthz")).send().await.expect("an answer");
        (answer.status().as_u16(), answer.json::<serde_json::Value>().await.expect("JSON"))
    };
    let (status, told) = look().await;
    assert_eq!((status, &told["status"]), (200, &"ok".into()));
    assert_eq!(told["connections"][0]["connection"], "core");

    desk.stage.sandbox.set_faults("READ status=503".parse().expect("faults"));
    desk.engine.sync_now(None);
    let mut health = desk.engine.health();
    let down = health.wait_for(|all| all[0].is_down());
    drop(tokio::time::timeout(DEADLINE, down).await.expect("in time").expect("watched"));
    let (status, told) = look().await;
    assert_eq!((status, &told["status"]), (503, &"down".into()), "{told}");
    assert!(told["connections"][0]["down_since"].is_string());

    desk.stage.sandbox.set_faults("".parse().expect("none"));
    desk.engine.retry(&core());
    let up = health.wait_for(|all| !all[0].is_down());
    drop(tokio::time::timeout(DEADLINE, up).await.expect("in time").expect("watched"));
    assert_eq!(look().await.0, 200);
    let told = desk.engine.health().borrow()[0].clone();
    assert!(told.breaker.iter().any(|e| e.failures == 1 && e.until.is_some()), "{:?}", told.breaker);
    assert_eq!(told.breaker.back().map(|e| e.failures), Some(0), "it closed again: {:?}", told.breaker);
    assert!(told.failures.transient > 0);
    desk.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_address_others_can_reach_is_refused_unless_it_is_meant() {
    let stage = Stage::new(Seed::Count(0)).await;
    let options = |engine, allow_remote| ServerOptions {
        engine,
        listen: SocketAddr::from(([0, 0, 0, 0], 0)),
        allow_remote,
        secrets: std::collections::HashMap::new(),
    };
    let engine = stage.engine().await;
    let refused = Server::start(options(engine.clone(), false)).await.expect_err("refused");
    assert!(matches!(refused, ServerError::Remote(_)), "{refused}");
    let server = Server::start(options(engine.clone(), true)).await.expect("meant");
    server.shutdown().await;
    engine.shutdown().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_client_that_says_nothing_keeps_nobody_else_out() {
    let desk = Desk::new(Seed::Count(0)).await;
    let mut silent = Vec::new();
    for _ in 0..20 {
        silent.push(tokio::net::TcpStream::connect(desk.server.address()).await.expect("connected"));
    }
    let answer = desk.client.get(desk.url("/healthz")).send();
    let answer = tokio::time::timeout(DEADLINE, answer).await.expect("in time").expect("an answer");
    assert_eq!(answer.status().as_u16(), 200);
    assert_eq!(desk.client.get(desk.url("/")).send().await.expect("an answer").status().as_u16(), 404);
    desk.close().await;
}
