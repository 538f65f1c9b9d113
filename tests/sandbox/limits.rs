//! Budgets and secondary limits.

use std::sync::Arc;
use std::time::Duration;

use corkboard::sandbox::{ADMIN_TOKEN, READ_TOKEN, Sandbox, SandboxOptions, Seed};
use corkboard::support::clock::ManualClock;
use serde_json::json;

use crate::common::{Client, ISSUES, START};

async fn limited(change: impl FnOnce(&mut SandboxOptions)) -> (Sandbox, Arc<ManualClock>, Client) {
    let clock = Arc::new(ManualClock::new(START));
    let mut options = SandboxOptions { seed: Seed::Count(2), clock: clock.clone(), ..Default::default() };
    change(&mut options);
    let sandbox = Sandbox::start(options).await.unwrap();
    let client = Client::new(&sandbox, ADMIN_TOKEN);
    (sandbox, clock, client)
}

#[tokio::test]
async fn the_budget_runs_out_per_token_and_comes_back_after_an_hour() {
    let (sandbox, clock, client) = limited(|options| options.primary_limit = 2).await;
    let first = client.get(ISSUES).await;
    assert_eq!((first.header("x-ratelimit-limit"), first.header("x-ratelimit-remaining")), ("2", "1"));
    assert_eq!(first.header("x-ratelimit-resource"), "core");
    assert_eq!(first.header("date"), "Sun, 01 Mar 2026 12:00:00 GMT", "cursors are taken from it");
    assert!(!first.header("x-github-request-id").is_empty());
    let reset: i64 = first.header("x-ratelimit-reset").parse().unwrap();
    assert_eq!(reset, START.0 / 1000 + 3600);
    assert_eq!(client.get("/repos/octo/nothing").await.status, 404, "refusals cost too");
    let refused = client.get(ISSUES).await;
    assert_eq!((refused.status, refused.header("x-ratelimit-remaining")), (403, "0"));
    assert!(refused.json()["message"].as_str().unwrap().starts_with("API rate limit exceeded"));
    let core = client.get("/rate_limit").await.json()["resources"]["core"].clone();
    assert_eq!((&core["used"], &core["remaining"]), (&json!(2), &json!(0)));
    assert_eq!(Client::new(&sandbox, READ_TOKEN).get(ISSUES).await.status, 200);
    clock.advance(3_600_000);
    assert_eq!(client.get(ISSUES).await.status, 200);
}

#[tokio::test]
async fn writes_too_close_together_meet_the_secondary_limit_when_it_is_on() {
    let (sandbox, clock, client) = limited(|options| {
        options.secondary_gap = Some(Duration::from_secs(1));
        options.secondary_status = 429;
    })
    .await;
    assert_eq!(client.post(ISSUES, json!({"title": "a"})).await.status, 201);
    clock.advance(999);
    let refused = client.post(ISSUES, json!({"title": "b"})).await;
    assert_eq!((refused.status, refused.header("retry-after")), (429, "1"));
    assert!(refused.json()["message"].as_str().unwrap().contains("secondary rate limit"));
    assert_eq!(client.get(ISSUES).await.status, 200, "reads are not held up");
    clock.advance(1_000);
    assert_eq!(client.post(ISSUES, json!({"title": "b"})).await.status, 201);
    let writes = sandbox.writes();
    let gaps: Vec<i64> = writes.windows(2).map(|pair| pair[1].at.since(pair[0].at)).collect();
    assert_eq!(gaps, [999, 1000], "each write's arrival is known");
}

#[tokio::test]
async fn only_so_many_creations_pass_in_a_minute_when_it_is_on() {
    let (_sandbox, clock, client) = limited(|options| options.content_per_minute = Some(2)).await;
    for _ in 0..2 {
        assert_eq!(client.post(ISSUES, json!({"title": "a"})).await.status, 201);
    }
    let refused = client.post(ISSUES, json!({"title": "a"})).await;
    assert_eq!((refused.status, refused.header("retry-after")), (403, "60"));
    assert_eq!(client.patch(&format!("{ISSUES}/1"), json!({"title": "x"})).await.status, 200);
    clock.advance(60_000);
    assert_eq!(client.post(ISSUES, json!({"title": "a"})).await.status, 201);
}

#[tokio::test]
async fn by_default_a_burst_of_writes_passes() {
    let (_sandbox, _clock, client) = limited(|_| {}).await;
    for _ in 0..100 {
        assert_eq!(client.post(ISSUES, json!({"title": "a"})).await.status, 201);
    }
}
