//! Every fault does what it says, and says what it does.

use std::time::{Duration, Instant};

use corkboard::sandbox::{Faults, Sandbox};
use reqwest::Method;
use serde_json::json;

use crate::common::{Client, DEADLINE, Got, ISSUES, admin, faults, still};

async fn try_post(client: &Client, title: &str) -> Result<Got, reqwest::Error> {
    Client::try_send(client.request(Method::POST, ISSUES).json(&json!({"title": title}))).await
}

fn titles(sandbox: &Sandbox) -> Vec<String> {
    sandbox.issues("octo/app").into_iter().map(|issue| issue.title).collect()
}

#[test]
fn the_language_reads_what_it_writes() {
    let all = "PATCH */issues/* after=2 nth=3 drop-after; WRITE every=4 count=2 p=0.25 status=502; \
               latency=50ms; READ /repos/*?page=2 truncate; 429(retry-after=2s); 403-secondary(retry-after=60s); \
               403-secondary-silent; \
               403-primary(reset=1500ms); drop-before; html; shift=edit; shift=delete; hang; hang-after; stale(lag=2s); doubled";
    let read: Faults = all.parse().unwrap();
    assert_eq!(read.rules.len(), 16);
    assert_eq!(read.to_string().parse::<Faults>().unwrap(), read);
    assert_eq!("".parse::<Faults>().unwrap(), Faults::default());
    assert_eq!("lag=2s".parse::<Faults>().unwrap().to_string(), "stale(lag=2s)");
    assert_eq!("429".parse::<Faults>().unwrap().to_string(), "429(retry-after=2s)");
}

#[test]
fn a_word_that_is_wrong_is_named_with_its_cure() {
    let wrong = |text: &str| text.parse::<Faults>().unwrap_err().to_string();
    let unknown = wrong("hang; GET dropafter");
    assert!(unknown.contains("`dropafter` in rule 2") && unknown.contains("drop-after"), "{unknown}");
    let time = wrong("latency=fast");
    assert!(time.contains("`latency=fast` in rule 1") && time.contains("`50ms`"), "{time}");
    assert!(wrong("nth=0 hang").contains("above 0"));
    assert!(wrong("p=1.5 hang").contains("0 to 1"));
    assert!(wrong("status=200").contains("400 to 599"));
    assert!(wrong("429(after=2s)").contains("retry-after=.."));
    assert!(wrong("GET /x").contains("no action"));
    let examples = Faults::HELP.lines().find(|line| line.starts_with("  PATCH")).unwrap();
    assert_eq!(examples.parse::<Faults>().unwrap().rules.len(), 3, "the help's own example is right");
    assert!(wrong("hang GET").contains("after its action"));
}

#[tokio::test]
async fn drop_before_applies_nothing_and_gives_no_answer() {
    let (sandbox, client) = admin(0).await;
    sandbox.set_faults(faults("POST nth=1 drop-before"));
    assert!(try_post(&client, "lost").await.is_err());
    assert_eq!(titles(&sandbox), [""; 0]);
    let recorded = &sandbox.writes()[0];
    assert_eq!((recorded.status, recorded.applied), (None, false));
    assert_eq!(try_post(&client, "kept").await.unwrap().status, 201);
    assert_eq!(titles(&sandbox), ["kept"]);
}

#[tokio::test]
async fn drop_after_applies_exactly_once_and_gives_no_answer() {
    let (sandbox, client) = admin(0).await;
    sandbox.set_faults(faults("POST */issues nth=1 drop-after"));
    assert!(try_post(&client, "made").await.is_err());
    assert_eq!(titles(&sandbox), ["made"]);
    let writes = sandbox.writes();
    assert_eq!(writes.len(), 1, "the client's connection pool must not send it again");
    assert_eq!((writes[0].status, writes[0].applied), (None, true));
    assert_eq!(writes[0].fault.as_deref(), Some("drop-after"));
}

#[tokio::test]
async fn a_reused_connection_is_dropped_after_applying_once_too() {
    let (sandbox, client) = admin(0).await;
    for _ in 0..3 {
        client.get(ISSUES).await;
    }
    sandbox.set_faults(faults("POST drop-after"));
    assert!(try_post(&client, "made").await.is_err());
    assert_eq!(titles(&sandbox), ["made"]);
    assert_eq!(sandbox.writes().len(), 1);
}

#[tokio::test]
async fn a_truncated_answer_breaks_off_after_the_change() {
    let (sandbox, client) = admin(0).await;
    sandbox.set_faults(faults("POST truncate"));
    let sent = client.request(Method::POST, ISSUES).json(&json!({"title": "made"})).send().await.unwrap();
    assert_eq!(sent.status(), 201);
    assert!(sent.text().await.is_err(), "the body must not look complete");
    assert_eq!(titles(&sandbox), ["made"]);
}

#[tokio::test]
async fn statuses_and_pages_stand_in_for_the_server() {
    let (sandbox, client) = admin(1).await;
    sandbox.set_faults(faults("nth=1 status=502; nth=2 html; nth=3 status=503; nth=4 status=404"));
    let wanted = [(502, "Unicorn"), (200, "Sign in to the network"), (503, "Unicorn")];
    for (status, text) in wanted {
        let got = try_post(&client, "never").await.unwrap();
        assert_eq!(got.status, status);
        assert!(got.header("content-type").starts_with("text/html") && got.text.contains(text));
    }
    let missing = try_post(&client, "never").await.unwrap();
    assert_eq!((missing.status, &missing.json()["message"]), (404, &json!("Not Found")));
    assert_eq!(titles(&sandbox).len(), 1);
    assert!(sandbox.writes().iter().all(|write| !write.applied));
}

#[tokio::test]
async fn scripted_limits_look_like_githubs() {
    let (sandbox, client) = admin(0).await;
    sandbox.set_faults(faults(
        "nth=1 429(retry-after=2s); nth=2 403-secondary(retry-after=60s); nth=3 403-primary(reset=30s); \
         nth=4 403-secondary-silent",
    ));
    let first = try_post(&client, "x").await.unwrap();
    assert_eq!((first.status, first.header("retry-after")), (429, "2"));
    let second = try_post(&client, "x").await.unwrap();
    assert_eq!((second.status, second.header("retry-after")), (403, "60"));
    assert!(second.json()["message"].as_str().unwrap().contains("secondary rate limit"));
    let third = try_post(&client, "x").await.unwrap();
    assert_eq!((third.status, third.header("x-ratelimit-remaining")), (403, "0"));
    let reset: i64 = third.header("x-ratelimit-reset").parse().unwrap();
    assert_eq!(reset - crate::common::START.0 / 1000, 30);
    let fourth = try_post(&client, "x").await.unwrap();
    assert!(fourth.status == 403 && fourth.json()["message"].as_str().unwrap().contains("secondary rate"));
    assert_eq!(fourth.header("retry-after"), "", "not a word of how long");
    sandbox.set_faults(faults("nth=1 429(retry-after=0s); nth=2 429(retry-after=1200ms)"));
    for seconds in ["0", "2"] {
        assert_eq!(try_post(&client, "x").await.unwrap().header("retry-after"), seconds);
    }
    assert_eq!(try_post(&client, "y").await.unwrap().status, 201, "the true budget is untouched");
    assert_eq!(titles(&sandbox), ["y"]);
}

#[tokio::test]
async fn latency_delays_and_hanging_never_answers() {
    let (sandbox, client) = admin(0).await;
    sandbox.set_faults(faults("GET latency=60ms; POST nth=1 hang; POST nth=2 hang-after"));
    let started = Instant::now();
    assert_eq!(client.get(ISSUES).await.status, 200);
    assert!(started.elapsed() >= Duration::from_millis(60));
    for title in ["hung", "applied"] {
        let request = client.request(Method::POST, ISSUES).json(&json!({"title": title}));
        let timed_out = Client::try_send(request.timeout(Duration::from_millis(300))).await.unwrap_err();
        assert!(timed_out.is_timeout(), "{timed_out:?}");
    }
    assert_eq!(titles(&sandbox), ["applied"]);
}

#[tokio::test]
async fn pages_shift_under_a_walk() {
    let (sandbox, client) = admin(9).await;
    let first = format!("{ISSUES}?state=all&sort=updated&direction=asc&per_page=3");
    let before: Vec<u64> =
        client.get(&format!("{ISSUES}?state=all&sort=updated&direction=asc")).await.numbers();
    sandbox.set_faults(faults("GET count=1 shift=edit"));
    let page = client.get(&first).await;
    assert_eq!(page.numbers(), before[..3]);
    let second = client.get(&page.link("next").unwrap()).await;
    assert_eq!(second.numbers(), before[4..7], "the item at the border moved up and is skipped");
    sandbox.set_faults(faults("GET count=1 shift=delete"));
    let page = client.get(&format!("{ISSUES}?state=all&per_page=3")).await;
    assert_eq!(sandbox.issues("octo/app").len(), 8);
    assert_eq!(client.get(&format!("{ISSUES}/{}", page.numbers()[0])).await.status, 410);
}

#[tokio::test]
async fn a_stale_list_does_not_show_the_newest_issue_yet() {
    let (sandbox, clock) = still(2).await;
    let client = Client::new(&sandbox, corkboard::sandbox::ADMIN_TOKEN);
    sandbox.set_faults(faults("GET */issues stale(lag=2s)"));
    client.post(ISSUES, json!({"title": "new"})).await;
    let list = format!("{ISSUES}?state=all");
    assert!(!client.get(&list).await.numbers().contains(&3));
    assert_eq!(client.get(&format!("{ISSUES}/3")).await.status, 200, "asked for by number it is there");
    clock.advance(2_000);
    assert!(client.get(&list).await.numbers().contains(&3));
}

#[tokio::test]
async fn a_doubled_list_holds_every_issue_twice_and_out_of_order() {
    let (sandbox, client) = admin(3).await;
    let list = format!("{ISSUES}?state=all&sort=created&direction=asc");
    sandbox.set_faults(faults("GET */issues?* doubled"));
    assert_eq!(client.get(&list).await.numbers(), [3, 2, 1, 1, 2, 3]);
    sandbox.set_faults(Faults::default());
    assert_eq!(client.get(&list).await.numbers(), [1, 2, 3]);
}

#[tokio::test]
async fn offline_cuts_everything_and_online_brings_it_back() {
    let (sandbox, client) = admin(1).await;
    assert_eq!(client.get(ISSUES).await.status, 200);
    sandbox.set_online(false).await;
    for _ in 0..3 {
        assert!(Client::try_send(client.request(Method::GET, ISSUES)).await.unwrap_err().is_connect());
    }
    assert!(try_post(&client, "lost").await.unwrap_err().is_connect());
    sandbox.set_online(true).await;
    assert_eq!(client.get(ISSUES).await.status, 200);
    assert_eq!(sandbox.requests().len(), 2, "what was sent offline never arrived");
    assert_eq!(titles(&sandbox).len(), 1);
}

#[tokio::test]
async fn going_offline_ends_a_request_that_is_under_way() {
    let (sandbox, client) = admin(1).await;
    sandbox.set_faults(faults("GET hang"));
    let asking = tokio::spawn(Client::try_send(client.request(Method::GET, ISSUES)));
    assert!(sandbox.wait_for(DEADLINE, |s| s.requests().len() == 1).await);
    sandbox.set_online(false).await;
    let ended = tokio::time::timeout(DEADLINE, asking).await.unwrap().unwrap();
    assert!(!ended.unwrap_err().is_timeout());
}

#[tokio::test]
async fn the_control_addresses_steer_a_running_sandbox() {
    let (sandbox, client) = admin(1).await;
    let set = client.put("/_sandbox/faults", json!({"faults": "GET  status=503"})).await;
    assert_eq!((set.status, &set.json()["faults"]), (200, &json!("GET status=503")));
    assert_eq!(client.get(ISSUES).await.status, 503);
    assert_eq!(client.get("/_sandbox/faults").await.json()["faults"], "GET status=503");
    let wrong = client.put("/_sandbox/faults", json!({"faults": "explode"})).await;
    assert_eq!(wrong.status, 400);
    assert!(wrong.json()["message"].as_str().unwrap().contains("`explode`"));
    client.post("/_sandbox/offline", json!({})).await;
    assert!(Client::try_send(client.request(Method::GET, ISSUES)).await.is_err());
    assert_eq!(client.post("/_sandbox/online", json!({})).await.status, 200);
    assert_eq!(client.get(ISSUES).await.status, 503);
    let requests = client.get("/_sandbox/requests").await;
    assert_eq!(requests.json().as_array().unwrap().len(), 2);
    assert!(!requests.text.contains("ghp_"), "tokens are not recorded");
    let foreign = client.request(Method::GET, "/_sandbox/requests").header("host", "example.com");
    assert_eq!(Client::try_send(foreign).await.unwrap().status, 403);
    assert_eq!(sandbox.faults(), faults("GET status=503"));
}

#[tokio::test]
async fn the_same_seed_hits_the_same_requests() {
    let run = async || {
        let (sandbox, client) = admin(0).await;
        sandbox.set_faults(faults("GET p=0.5 status=503"));
        let mut statuses = Vec::new();
        for _ in 0..24 {
            statuses.push(client.get(ISSUES).await.status);
        }
        statuses
    };
    let first = run().await;
    assert_eq!(first, run().await);
    assert!(first.contains(&200) && first.contains(&503));
}
