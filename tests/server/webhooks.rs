//! Webhooks: only a hint, from whoever knows the secret.

use std::io::Write;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use corkboard::sandbox::Seed;
use corkboard::support::clock::{Clock as _, SystemClock};

use crate::desk::{Desk, SECRET, sign};
use crate::senders::{Delivery, Sender};
use crate::stage::*;

fn has(board: &corkboard::domain::Board, title: &str) -> bool {
    board.cards().any(|c| c.title == title)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn row_17_a_webhook_is_a_hint_and_a_missed_or_doubled_one_changes_nothing() {
    let desk = Desk::new(Seed::Count(5)).await;
    let (sandbox, engine) = (desk.stage.sandbox.clone(), desk.engine.clone());
    let titled = |title: &'static str| move |b: &corkboard::domain::Board| has(b, title);

    // One that arrives makes the board look, though the next poll is an hour away.
    sandbox.web("cy").set_title(REPO, 1, "Told by a webhook").expect("edited");
    let (status, told) = desk.deliver("d1", "issues", SECRET).await;
    assert_eq!((status, &told["hint"]), (202, &true.into()));
    until(&engine, "the hint", titled("Told by a webhook")).await;

    // The same one again is known, and makes nobody look.
    let looks = desk.looks();
    for _ in 0..5 {
        let (status, told) = desk.deliver("d1", "issues", SECRET).await;
        assert_eq!((status, &told["hint"], &told["repeated"]), (202, &false.into(), &true.into()));
    }
    assert_eq!(desk.looks(), looks);

    // Two come in the wrong order, and one of three is missed: what is there counts, not what was said.
    sandbox.web("cy").set_title(REPO, 2, "First").expect("edited");
    sandbox.web("cy").set_title(REPO, 2, "Second").expect("edited");
    sandbox.web("ana").set_title(REPO, 3, "Never told").expect("edited");
    desk.deliver("d3", "issues", SECRET).await;
    desk.deliver("d2", "issues", SECRET).await;
    until(&engine, "all of it", |b| has(b, "Second") && has(b, "Never told") && !has(b, "First")).await;

    // A hint too many about nothing: no card changes and nothing is written there.
    let before = board(&engine).await;
    let looks = desk.looks();
    desk.deliver("d4", "issue_comment", SECRET).await;
    assert!(sandbox.wait_for(DEADLINE, |_| desk.looks() > looks).await, "it looked");
    assert_eq!(board(&engine).await, before);
    assert!(sandbox.writes().is_empty());
    desk.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_webhook_that_never_comes_is_made_up_for_by_the_poll() {
    let desk = Desk::polling(Seed::Count(3), Duration::from_millis(200)).await;
    desk.stage.sandbox.web("cy").set_title(REPO, 2, "Found by the poll").expect("edited");
    until(&desk.engine, "the poll", |b| has(b, "Found by the poll")).await;
    desk.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn without_the_right_signature_a_webhook_is_refused_and_nobody_looks() {
    let desk = Desk::new(Seed::Count(1)).await;
    let looks = desk.looks();
    let body = b"{}";
    let right = sign(SECRET, body);
    let good = [("x-github-delivery", "d1"), ("x-github-event", "issues")];
    for signature in [&sign("another-secret", body), &sign(SECRET, b"{ }"), "sha256=", "sha1=00", &right[7..]]
    {
        let headers = [("x-hub-signature-256", signature), good[0], good[1]];
        assert_eq!(desk.send("core", body, &headers).await.0, 401, "{signature}");
    }
    assert_eq!(desk.send("core", body, &good).await.0, 401, "no signature at all");
    assert_eq!(desk.send("docs", body, &[("x-hub-signature-256", &right), good[0], good[1]]).await.0, 404);
    let no_id = desk.send("core", body, &[("x-hub-signature-256", &right), good[1]]).await;
    assert_eq!(no_id.0, 400);
    assert_eq!(desk.looks(), looks);
    // An id that was only ever sent with a wrong signature is not known: nobody can spoil a real delivery.
    let fresh = desk.send("core", body, &[("x-hub-signature-256", &right), good[0], good[1]]).await;
    assert_eq!((fresh.0, &fresh.1["repeated"]), (202, &false.into()));
    desk.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_about_something_else_or_too_large_is_no_hint() {
    let desk = Desk::new(Seed::Count(1)).await;
    let looks = desk.looks();
    for (id, event) in [("p1", "ping"), ("p2", "push"), ("p3", "workflow_run")] {
        let (status, told) = desk.deliver(id, event, SECRET).await;
        assert_eq!((status, &told["hint"]), (202, &false.into()), "{event}");
    }
    let large = vec![b' '; 1024 * 1024 + 1];
    let headers = [
        ("x-hub-signature-256", &*sign(SECRET, &large)),
        ("x-github-delivery", "l1"),
        ("x-github-event", "issues"),
    ];
    assert_eq!(desk.send("core", &large, &headers).await.0, 413);
    let most = vec![b' '; 1024 * 1024];
    assert_eq!(desk.looks(), looks);
    let headers = [
        ("x-hub-signature-256", &*sign(SECRET, &most)),
        ("x-github-delivery", "l2"),
        ("x-github-event", "issues"),
    ];
    assert_eq!(desk.send("core", &most, &headers).await.0, 202);
    desk.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_storm_of_webhooks_is_a_look_or_two() {
    let desk = Desk::new(Seed::Count(3)).await;
    let looks = desk.looks();
    for n in 0..100 {
        assert_eq!(desk.deliver(&format!("storm-{n}"), "issues", SECRET).await.0, 202);
    }
    desk.stage.sandbox.web("cy").set_title(REPO, 1, "The last of the storm").expect("edited");
    desk.deliver("storm-end", "issues", SECRET).await;
    until(&desk.engine, "the last one", |b| has(b, "The last of the storm")).await;
    let looked = desk.looks() - looks;
    assert!((1..=6).contains(&looked), "{looked} looks for 101 webhooks");
    desk.close().await;
}

/// From an edit on the web to the card, and once only: the next poll is an hour away.
async fn is_woken_by(sender: Sender) {
    let desk = sender.desk().await;
    let (sandbox, secret) = (&desk.stage.sandbox, sender.secret());
    let looks = sender.looks(sandbox);
    sender.retitle(sandbox, "Told by a webhook");
    for event in sender.other_events() {
        let (status, told) = sender.deliver(&desk, &format!("o-{event}"), event, secret).await;
        assert_eq!((status, &told["hint"]), (202, &false.into()), "{sender:?} {event}");
    }
    assert_eq!(sender.looks(sandbox), looks, "{sender:?}: what is about something else makes nobody look");
    assert!(!has(&board(&desk.engine).await, "Told by a webhook"));

    let event = sender.events()[0];
    let (status, told) = sender.deliver(&desk, "d1", event, secret).await;
    assert_eq!((status, &told["hint"], &told["repeated"]), (202, &true.into(), &false.into()), "{sender:?}");
    until(&desk.engine, "the hint", |b| has(b, "Told by a webhook")).await;
    let (status, told) = sender.deliver(&desk, "d1", event, secret).await;
    assert_eq!((status, &told["hint"], &told["repeated"]), (202, &false.into(), &true.into()), "{sender:?}");

    for (n, event) in sender.events().iter().enumerate() {
        let (status, told) = sender.deliver(&desk, &format!("e{n}"), event, secret).await;
        assert_eq!((status, &told["hint"]), (202, &true.into()), "{sender:?} {event}");
    }
    assert!(sandbox.writes().is_empty(), "{sender:?}: it only looked");
    desk.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn gitlabs_webhook_with_its_token_brings_a_change_to_the_board() {
    is_woken_by(Sender::Gitlab).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn gitlabs_signed_webhook_brings_a_change_to_the_board() {
    is_woken_by(Sender::GitlabSigning).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn jiras_webhook_brings_a_change_to_the_board() {
    is_woken_by(Sender::Jira).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn bitbuckets_webhook_brings_a_change_to_the_board() {
    is_woken_by(Sender::Bitbucket).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_change_that_jiras_search_shows_only_later_is_looked_for_once_more() {
    let desk = Sender::Jira.desk().await;
    desk.stage.sandbox.jira().set_index_lag(2_000);
    Sender::Jira.retitle(&desk.stage.sandbox, "Not in the index yet");
    let looks = Sender::Jira.looks(&desk.stage.sandbox);
    let told = Sender::Jira.deliver(&desk, "d1", "jira:issue_updated", Sender::Jira.secret()).await;
    assert_eq!((told.0, &told.1["hint"]), (202, &true.into()));
    until(&desk.engine, "the second look", |b| has(b, "Not in the index yet")).await;
    assert!(Sender::Jira.looks(&desk.stage.sandbox) >= looks + 2);
    desk.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn without_the_platforms_own_proof_nobody_looks_and_the_answer_does_not_tell_why() {
    for sender in Sender::ALL {
        let desk = sender.desk().await;
        let looks = sender.looks(&desk.stage.sandbox);
        let (secret, event, now) = (sender.secret(), sender.events()[0], SystemClock.now());
        let with = |proof: Vec<(&'static str, String)>| {
            let mut delivery = sender.unproven("d1", event);
            delivery.headers.extend(proof);
            delivery
        };
        let body = sender.unproven("d1", event).body;
        let mut wrong = vec![
            with(vec![]),
            with(sender.proof(sender.wrong_secret(), "d1", &body, now)),
            // GitHub's header proves nothing of another platform.
            with(vec![("x-hub-signature-256", sign(secret, &body))]),
        ];
        match sender {
            Sender::Gitlab => wrong.push(with(vec![("x-gitlab-token", secret.to_uppercase())])),
            Sender::GitlabSigning => {
                for off in [-600_000, 600_000] {
                    wrong.push(with(sender.proof(secret, "d1", &body, now.plus_ms(off))));
                }
                wrong.push(with(sender.proof(secret, "another id", &body, now)));
                wrong.push(with(sender.proof(secret, "d1", b"another body", now)));
            }
            Sender::Jira | Sender::Bitbucket => {
                wrong.push(with(vec![("x-hub-signature", sign(secret, b"another body"))]));
                wrong.push(with(vec![("x-hub-signature", sign(secret, &body)[7..].to_owned())]));
            }
        }
        let mut answers: Vec<(u16, serde_json::Value)> = Vec::new();
        for delivery in &wrong {
            answers.push(delivery.send(&desk).await);
        }
        assert!(answers.iter().all(|a| a.0 == 401 && a.1 == answers[0].1), "{sender:?}: {answers:?}");

        let right = with(sender.proof(secret, "d1", &body, now));
        assert_eq!(right.send_to(&desk, "nobody").await.0, 404);
        assert_eq!(sender.looks(&desk.stage.sandbox), looks, "{sender:?}");
        let (status, told) = right.send(&desk).await;
        assert_eq!((status, &told["repeated"]), (202, &false.into()), "{sender:?}: nobody spoilt its id");
        desk.close().await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_body_of_any_platform_that_is_too_large_is_not_read() {
    for sender in Sender::ALL {
        let desk = sender.desk().await;
        let looks = sender.looks(&desk.stage.sandbox);
        let Delivery { mut headers, mut body } = sender.unproven("l1", sender.events()[0]);
        body.resize(1024 * 1024 + 1, b' ');
        headers.extend(sender.proof(sender.secret(), "l1", &body, SystemClock.now()));
        assert_eq!(Delivery { headers, body }.send(&desk).await.0, 413, "{sender:?}");
        assert_eq!(sender.looks(&desk.stage.sandbox), looks, "{sender:?}");
        desk.close().await;
    }
}

/// A log that is kept in memory.
#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<u8>>>);

impl Write for Log {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().expect("whole").write(bytes)
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn neither_a_secret_nor_a_proof_is_logged() {
    let log = Log::default();
    let writer = log.clone();
    let subscriber = tracing_subscriber::fmt()
        .with_max_level(tracing::Level::TRACE)
        .with_ansi(false)
        .with_writer(move || writer.clone())
        .finish();
    tracing::subscriber::set_global_default(subscriber).expect("no other test of this file sets one");
    let mut kept = Vec::new();
    for sender in Sender::ALL {
        let desk = sender.desk().await;
        let event = sender.events()[0];
        for (id, secret) in [("right-one", sender.secret()), ("wrong-one", sender.wrong_secret())] {
            let mut delivery = sender.unproven(id, event);
            let proof = sender.proof(secret, id, &delivery.body, SystemClock.now());
            // All of a proof but its time is nobody's business.
            kept.extend(
                proof.iter().filter(|(name, _)| *name != "webhook-timestamp").map(|(_, v)| v.clone()),
            );
            kept.push(secret.to_owned());
            delivery.headers.extend(proof);
            delivery.send(&desk).await;
        }
        desk.close().await;
    }
    let told = String::from_utf8(log.0.lock().expect("whole").clone()).expect("text");
    assert!(told.contains("right-one") && told.contains("without the right proof"), "it logs at all: {told}");
    for secret in kept {
        assert!(!told.contains(&secret), "{secret}");
    }
}
