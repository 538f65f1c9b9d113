//! The gate against a small server on loopback that counts what reaches it.

use std::sync::atomic::AtomicUsize;

use axum::Router;
use axum::http::HeaderMap;
use axum::response::IntoResponse;
use secrecy::SecretString;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;

use super::super::{Priority, loopback_client};
use super::*;
use crate::connector::Outcome;
use crate::support::clock::ManualClock;

const TOKEN: &str = "ghp_very_secret";

struct Bench {
    base: Url,
    reached: Arc<AtomicUsize>,
    clock: Arc<ManualClock>,
    exchanges: Arc<Mutex<Vec<Exchange>>>,
    gates: Gates,
}

impl Bench {
    /// A server that answers every request with `answer`.
    async fn new<A>(read_only: bool, answer: A) -> Self
    where
        A: Fn(&HeaderMap) -> axum::response::Response + Clone + Send + Sync + 'static,
    {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let base = Self::address(&listener);
        let reached = Arc::new(AtomicUsize::new(0));
        let count = Arc::clone(&reached);
        let app = Router::new().fallback(move |headers: HeaderMap| {
            count.fetch_add(1, Ordering::SeqCst);
            let answered = answer(&headers);
            async move { answered }
        });
        tokio::spawn(async move { axum::serve(listener, app).await });
        Self::at(base, reached, read_only)
    }

    fn address(listener: &TcpListener) -> Url {
        let at = listener.local_addr().expect("an address");
        Url::parse(&format!("http://{at}")).expect("an address")
    }

    fn at(base: Url, reached: Arc<AtomicUsize>, read_only: bool) -> Self {
        Self::limited(base, reached, read_only, Limits::none())
    }

    fn limited(base: Url, reached: Arc<AtomicUsize>, read_only: bool, limits: Limits) -> Self {
        let clock = Arc::new(ManualClock::new(Timestamp(1_000_000)));
        let options = GatesOptions {
            client: loopback_client().expect("a client"),
            clock: clock.clone(),
            read_only,
            limits,
        };
        Self { base, reached, clock, exchanges: Arc::default(), gates: Gates::new(options) }
    }

    /// The same server behind a gate with limits.
    fn with(self, limits: Limits) -> Self {
        Self::limited(self.base, self.reached, false, limits)
    }

    fn port(&self) -> Port {
        let sink = Arc::clone(&self.exchanges);
        let credential = Credential::bearer(&SecretString::from(TOKEN));
        self.gates
            .gate(&self.base, &credential, Duration::ZERO)
            .port(Arc::new(move |e| sink.lock().expect("not poisoned").push(e)))
    }

    fn get(&self) -> Call {
        Call::get(self.base.join("/things?q=hidden").expect("an address"))
    }

    fn page(&self) -> Call {
        Call { priority: Priority::Background, ..self.get() }
    }

    fn post(&self) -> Call {
        Call { method: reqwest::Method::POST, json: Some(serde_json::json!({})), ..self.get() }
    }

    fn reached(&self) -> usize {
        self.reached.load(Ordering::SeqCst)
    }
}

fn fine(_: &HeaderMap) -> axum::response::Response {
    "[]".into_response()
}

#[tokio::test]
async fn read_only_refuses_before_anything_is_sent() {
    let bench = Bench::new(true, fine).await;
    for method in ["POST", "PATCH", "PUT", "DELETE", "OPTIONS", "BREW"] {
        let call = Call { method: method.parse().expect("a method"), ..bench.post() };
        let failure = bench.port().send(call).await.expect_err("it must not go out");
        assert_eq!((failure.class, failure.outcome), (Class::Configuration, Outcome::NotApplied));
        assert!(failure.message.contains("read-only"), "{failure}");
    }
    assert_eq!(bench.reached(), 0, "nothing was sent");
    assert!(bench.port().send(bench.get()).await.is_ok());
    assert_eq!(bench.reached(), 1, "reads go");
}

#[tokio::test]
async fn a_cool_down_is_never_capped_and_nothing_is_sent_while_it_lasts() {
    const MONTH: i64 = 30 * 24 * 3_600;
    let bench = Bench::new(false, |_| {
        (StatusCode::FORBIDDEN, [("retry-after", MONTH.to_string())], "{}").into_response()
    })
    .await;
    let told = Arc::new(AtomicI64::new(0));
    let sink = Arc::clone(&told);
    let port = bench.port();
    port.gate().observe_cool_down(Arc::new(move |until| sink.store(until.0, Ordering::SeqCst)));
    let reply = port.send(bench.get()).await.expect("an answer");
    assert_eq!(reply.retry_after_ms, Some(MONTH * 1_000));
    let until = Timestamp(1_000_000 + MONTH * 1_000);
    assert_eq!(port.gate().cool_down(), Some(until));
    assert_eq!(told.load(Ordering::SeqCst), until.0);
    for call in [bench.get(), bench.post()] {
        let failure = bench.port().send(call).await.expect_err("it must wait");
        assert_eq!(failure.retry_after_ms, Some(MONTH * 1_000));
        assert_eq!((failure.class, failure.outcome), (Class::Transient, Outcome::NotApplied));
    }
    assert_eq!(bench.reached(), 1, "nothing was sent while it lasts, by any port of the credential");
    bench.clock.advance(MONTH * 1_000);
    assert!(bench.port().send(bench.get()).await.is_ok(), "and it ends");
}

#[tokio::test]
async fn a_429_without_a_word_holds_before_its_answer_is_looked_at() {
    let bench = Bench::new(false, |_| StatusCode::TOO_MANY_REQUESTS.into_response()).await;
    let reply = bench.port().send(bench.get()).await.expect("an answer");
    assert_eq!(reply.retry_after_ms, Some(60_000));
    assert_eq!(bench.port().gate().cool_down(), Some(Timestamp(1_060_000)));
    bench.clock.advance(60_000);
    let reply = bench.port().send(bench.get()).await.expect("an answer");
    assert_eq!(reply.retry_after_ms, Some(120_000), "and longer with each in a row");
}

#[tokio::test]
async fn a_kept_cool_down_holds_after_a_restart() {
    let bench = Bench::new(false, fine).await;
    bench.port().gate().restore_cool_down(Timestamp(1_060_000));
    let failure = bench.port().send(bench.get()).await.expect_err("it must wait");
    assert_eq!((failure.retry_after_ms, bench.reached()), (Some(60_000), 0));
}

#[tokio::test]
async fn a_spent_budget_stops_the_next_request_although_this_one_was_served() {
    let bench = Bench::new(false, |_| {
        let head = [
            ("date", "Sat, 21 Nov 2026 12:00:00 GMT"),
            ("x-ratelimit-limit", "5000"),
            ("x-ratelimit-remaining", "0"),
            ("x-ratelimit-reset", "1795262460"),
            ("x-github-request-id", "ABCD:1"),
        ];
        (head, "[]").into_response()
    })
    .await;
    assert!(bench.port().send(bench.get()).await.is_ok());
    assert!(bench.port().send(bench.get()).await.is_err());
    let seen = bench.exchanges.lock().expect("not poisoned").clone();
    assert_eq!(seen.len(), 1, "what is not sent is no exchange");
    assert_eq!(
        (seen[0].method.as_str(), seen[0].path.as_str(), seen[0].status),
        ("GET", "/things", Some(200))
    );
    assert_eq!(seen[0].request_id.as_deref(), Some("ABCD:1"));
    assert_eq!(seen[0].rate.map(|r| (r.limit, r.remaining)), Some((5_000, 0)));
    assert!(bench.port().gate().clock_offset_ms().is_some());
}

#[tokio::test]
async fn the_token_goes_to_its_own_host_only() {
    let bench = Bench::new(false, |head| {
        let proof = head.get("authorization").and_then(|v| v.to_str().ok()).unwrap_or_default();
        proof.to_owned().into_response()
    })
    .await;
    let reply = bench.port().send(bench.get()).await.expect("an answer");
    assert_eq!(reply.body, format!("Bearer {TOKEN}").as_bytes());
    let elsewhere = Call::get(Url::parse("http://localhost:1/").expect("an address"));
    let failure = bench.port().send(elsewhere).await.expect_err("not there");
    assert_eq!(failure.class, Class::Configuration);
    assert!(!format!("{:?} {:?}", bench.port(), bench.port().gate()).contains(TOKEN));
}

#[tokio::test]
async fn a_server_that_is_not_there_got_nothing() {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let base = Bench::address(&listener);
    drop(listener);
    let bench = Bench::at(base, Arc::default(), false);
    let failure = bench.port().send(bench.post()).await.expect_err("nobody listens");
    assert_eq!((failure.class, failure.outcome), (Class::Transient, Outcome::NotApplied), "{failure}");
    assert!(!failure.message.contains("hidden"), "no query: {failure}");
    let seen = bench.exchanges.lock().expect("not poisoned").clone();
    assert_eq!(seen[0].status, None, "it is an exchange that failed");
}

/// A server that reads a request and then writes `answer` as it is and closes.
async fn breaking(answer: &'static str) -> Bench {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let base = Bench::address(&listener);
    let reached = Arc::new(AtomicUsize::new(0));
    let count = Arc::clone(&reached);
    tokio::spawn(async move {
        while let Ok((mut socket, _)) = listener.accept().await {
            let mut request = [0; 4_096];
            if socket.read(&mut request).await.is_ok_and(|n| n > 0) {
                count.fetch_add(1, Ordering::SeqCst);
            }
            let written = socket.write_all(answer.as_bytes()).await;
            assert!(written.is_ok());
        }
    });
    Bench::at(base, reached, false)
}

#[tokio::test]
async fn a_lost_answer_leaves_a_mutation_unknown_and_is_not_sent_again() {
    for answer in ["", "HTTP/1.1 201 Created\r\ncontent-length: 100\r\n\r\n{\"id\":1", "HTTP/1.1 2"] {
        let bench = breaking(answer).await;
        let failure = bench.port().send(bench.post()).await.expect_err("the answer broke");
        assert_eq!(
            (failure.class, failure.outcome),
            (Class::Transient, Outcome::Unknown),
            "{answer}: {failure}"
        );
        assert_eq!(bench.reached(), 1, "{answer}: once");
        let failure = bench.port().send(bench.get()).await.expect_err("the answer broke");
        assert_eq!(failure.outcome, Outcome::NotApplied, "{answer}: a read changes nothing");
    }
}

#[tokio::test]
async fn a_refusal_whose_body_broke_off_is_still_a_refusal() {
    let bench = breaking("HTTP/1.1 422 No\r\ncontent-length: 100\r\n\r\n{").await;
    let failure = bench.port().send(bench.post()).await.expect_err("the answer broke");
    assert_eq!((failure.status, failure.outcome), (Some(422), Outcome::NotApplied));
}

#[tokio::test]
async fn an_endless_answer_is_cut_off() {
    let bench = Bench::new(false, |_| vec![b' '; BODY_MAX + 1].into_response()).await;
    let failure = bench.port().send(bench.get()).await.expect_err("too long");
    assert!(failure.message.contains("32 MiB"), "{failure}");
}

#[tokio::test]
async fn two_connections_with_one_token_share_a_gate_and_its_slowest_pace() {
    let bench = Bench::new(false, fine).await;
    let one = Credential::bearer(&SecretString::from(TOKEN));
    let other = Credential::bearer(&SecretString::from("ghp_other"));
    let gate = |c: &Credential, ms| bench.gates.gate(&bench.base, c, Duration::from_millis(ms));
    let first = gate(&one, 1_000);
    assert!(Arc::ptr_eq(&first, &gate(&one, 3_000)));
    assert!(Arc::ptr_eq(&first, &gate(&one, 1)));
    assert_eq!(first.pace_ms.load(Ordering::SeqCst), 3_000);
    assert!(!Arc::ptr_eq(&first, &gate(&other, 1_000)));
}

#[tokio::test]
async fn what_our_own_budget_does_not_allow_is_not_sent_and_says_when_it_is() {
    let mut limits = Limits::github();
    limits.rules.retain(|r| r.window > Duration::from_mins(1));
    let bench = Bench::new(false, fine).await.with(limits);
    let create = Call { class: RequestClass::ContentCreate, ..bench.post() };
    let failure = loop {
        match bench.port().send(create.clone()).await {
            Ok(_) => {}
            Err(failure) => break failure,
        }
    };
    assert_eq!(bench.reached(), 70, "half an hour's burst at the start");
    assert_eq!((failure.class, failure.scope), (Class::Transient, Scope::Item), "others may go on");
    assert_eq!(failure.outcome, Outcome::NotApplied);
    assert!(failure.message.starts_with("new items and comments wait until 1970-01-01T00:16:"), "{failure}");
    let wait = failure.retry_after_ms.expect("it says when");
    assert!((5_000..=10_001).contains(&wait), "{wait}");
    assert!(bench.port().send(bench.get()).await.is_ok(), "a read");
    let seen = bench.exchanges.lock().expect("not poisoned").last().cloned().expect("an exchange");
    assert_eq!(seen.budgets.len(), 1);
    assert_eq!((seen.budgets[0].class, seen.budgets[0].remaining), (RequestClass::ContentCreate, 0));
    assert!(seen.budgets[0].free_at.is_some_and(|at| at > Timestamp(1_000_000)));
}

#[tokio::test]
async fn the_platforms_account_slows_pulls_and_nobody_else() {
    let bench = Bench::new(false, |_| {
        let head = [
            ("date", "Sat, 21 Nov 2026 12:00:00 GMT"),
            ("x-ratelimit-limit", "5000"),
            ("x-ratelimit-remaining", "500"),
            ("x-ratelimit-reset", "1795264200"),
        ];
        (head, "[]").into_response()
    })
    .await
    .with(Limits::github());
    assert!(bench.port().send(bench.page()).await.is_ok(), "what is left is not known yet");
    let failure = bench.port().send(bench.page()).await.expect_err("the reserve");
    assert_eq!((failure.class, failure.scope), (Class::Transient, Scope::Item));
    assert_eq!(failure.retry_after_ms, Some(60_000), "it asks again before the half hour is over");
    assert!(failure.message.contains("pulls go slow until 1970-01-01T00:46:4"), "{failure}");
    assert!(bench.port().send(bench.get()).await.is_ok());
    assert!(bench.port().send(bench.post()).await.is_ok());
    assert_eq!(bench.reached(), 3);
    assert_eq!(bench.port().gate().cool_down(), None, "nobody told us to wait");
}

#[tokio::test]
async fn a_person_needs_no_place_that_a_pull_has_taken() {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let base = Bench::address(&listener);
    let reached = Arc::new(AtomicUsize::new(0));
    let count = Arc::clone(&reached);
    // The pages of a pull are never answered.
    let app = Router::new().route("/person", axum::routing::get(|| async { "[]" })).fallback(move || {
        count.fetch_add(1, Ordering::SeqCst);
        std::future::pending::<()>()
    });
    tokio::spawn(async move { axum::serve(listener, app).await });
    let bench = Bench::at(base, reached, false);
    let pages: Vec<_> = (0..20)
        .map(|_| {
            let (port, page) = (bench.port(), bench.page());
            tokio::spawn(async move { port.send(page).await })
        })
        .collect();
    let full = async {
        while bench.reached() < BACKGROUND {
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(Duration::from_secs(10), full).await.expect("all places are taken");
    let person = Call::get(bench.base.join("/person").expect("an address"));
    let port = bench.port();
    let answer = tokio::time::timeout(Duration::from_secs(10), port.send(person)).await;
    assert!(answer.expect("at once").is_ok());
    assert_eq!(bench.reached(), BACKGROUND, "and pages have no more places than theirs");
    pages.iter().for_each(tokio::task::JoinHandle::abort);
}

#[tokio::test]
async fn a_line_that_only_grows_is_cut_off() {
    let bench = Bench::new(false, fine).await;
    let port = bench.port();
    let lane = port.gate().lane.enter(Duration::ZERO).await;
    let waiting: Vec<_> = (0..WAITING)
        .map(|_| {
            let (port, post) = (port.clone(), bench.post());
            tokio::spawn(async move { port.send(post).await })
        })
        .collect();
    while port.gate().waiting[0].load(Ordering::SeqCst) < WAITING {
        tokio::task::yield_now().await;
    }
    let failure = port.send(bench.post()).await.expect_err("one too many");
    assert_eq!((failure.class, failure.outcome), (Class::Transient, Outcome::NotApplied), "{failure}");
    drop(lane);
    for sent in waiting {
        assert!(sent.await.expect("no panic").is_ok());
    }
    assert_eq!(bench.reached(), WAITING);
}

#[test]
fn a_secret_in_a_servers_words_is_not_shown() {
    let credential = Credential::bearer(&SecretString::from(TOKEN));
    let words = credential.words(&format!("bad token {TOKEN}\u{1b}[2J{}", "x".repeat(600)));
    assert!(words.starts_with("bad token [redacted]\u{FFFD}[2J") && words.chars().count() == 512, "{words}");
}
