//! A server that means harm: answers of every kind to every call, lists that never end, bodies that never end.

use std::collections::BTreeMap;

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use proptest::prelude::*;
use proptest::strategy::ValueTree;
use proptest::test_runner::TestRunner;
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::mpsc;

use super::{connector, shapes};
use crate::connector::github::wire;
use crate::connector::{Connector, Cursor, Draft, Failure, Outcome, Patch, RemoteItem, RemoteRef, Tracker};
use crate::domain::fields::{Fields, SetDelta};
use crate::domain::link::LinkId;
use crate::domain::mapping::{OpenState, StateChange, Status};
use crate::support::clock::Timestamp;

/// The longest any call may take.
const DEADLINE: Duration = Duration::from_secs(30);

/// Answers the n-th request, given its first line, with these bytes.
type Script = Box<dyn FnMut(usize, &str) -> Vec<u8> + Send>;

struct Server {
    url: String,
    script: Arc<Mutex<Script>>,
    asked: Arc<AtomicUsize>,
}

impl Server {
    async fn new(script: impl FnMut(usize, &str) -> Vec<u8> + Send + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let url = format!("http://{}", listener.local_addr().expect("an address"));
        let script: Arc<Mutex<Script>> = Arc::new(Mutex::new(Box::new(script)));
        let asked = Arc::new(AtomicUsize::new(0));
        let (says, counts) = (Arc::clone(&script), Arc::clone(&asked));
        tokio::spawn(async move {
            while let Ok((socket, _)) = listener.accept().await {
                tokio::spawn(converse(socket, Arc::clone(&says), Arc::clone(&counts)));
            }
        });
        Self { url, script, asked }
    }

    fn play(&self, script: impl FnMut(usize, &str) -> Vec<u8> + Send + 'static) {
        self.asked.store(0, Ordering::SeqCst);
        *self.script.lock().expect("no panic") = Box::new(script);
    }

    fn asked(&self) -> usize {
        self.asked.load(Ordering::SeqCst)
    }
}

async fn converse(mut socket: TcpStream, script: Arc<Mutex<Script>>, asked: Arc<AtomicUsize>) {
    while let Some(line) = request(&mut socket).await {
        let n = asked.fetch_add(1, Ordering::SeqCst);
        let answer = (script.lock().expect("no panic"))(n, &line);
        if socket.write_all(&answer).await.is_err() {
            return;
        }
    }
}

/// Reads a whole request; its first line.
async fn request(socket: &mut TcpStream) -> Option<String> {
    let mut read = Vec::new();
    let mut buffer = [0; 8_192];
    loop {
        let n = socket.read(&mut buffer).await.ok().filter(|n| *n > 0)?;
        read.extend_from_slice(&buffer[..n]);
        let text = String::from_utf8_lossy(&read).to_lowercase();
        let Some(end) = text.find("\r\n\r\n") else { continue };
        let length =
            text.split("content-length: ").nth(1).and_then(|l| l.lines().next()?.trim().parse().ok());
        if read.len() >= end + 4 + length.unwrap_or(0_usize) {
            return text.lines().next().map(str::to_owned);
        }
    }
}

fn answer(status: u16, head: &[(String, Vec<u8>)], body: &[u8]) -> Vec<u8> {
    let mut out = format!("HTTP/1.1 {status} X\r\ncontent-length: {}\r\n", body.len()).into_bytes();
    for (name, value) in head {
        out.extend_from_slice(name.as_bytes());
        out.extend_from_slice(b": ");
        out.extend(value.iter().copied().filter(|b| !matches!(b, b'\r' | b'\n' | 0)));
        out.extend_from_slice(b"\r\n");
    }
    out.extend_from_slice(b"\r\n");
    out.extend_from_slice(body);
    out
}

fn page(items: &Value, link: &str) -> Vec<u8> {
    answer(200, &[("link".into(), link.as_bytes().to_vec())], items.to_string().as_bytes())
}

fn at() -> RemoteRef {
    RemoteRef { id: "4000000007".into(), number: 7, repository: "o/r".into() }
}

fn seen() -> RemoteItem {
    let issue: wire::Issue = serde_json::from_value(shapes::issue(7)).expect("an issue");
    crate::connector::github::map::item(issue, "o/r")
}

fn draft() -> Draft {
    let fields = Fields {
        title: "t".into(),
        body: "b".into(),
        status: Status::new("todo"),
        labels: ["bug".to_owned()].into(),
        assignees: ["ana".to_owned()].into(),
        milestone: Some("v1.2".into()),
        extra: BTreeMap::new(),
    };
    Draft { marker: LinkId::random(), fields, state: StateChange::default(), raw: BTreeMap::new() }
}

fn patch() -> Patch {
    let delta = |add: &str, remove: &str| SetDelta {
        add: [add.to_owned()].into(),
        remove: [remove.to_owned()].into(),
    };
    Patch {
        title: Some("new".into()),
        state: StateChange {
            state: Some(OpenState::Open),
            labels: delta("status: done", "status: proposed"),
            ..StateChange::default()
        },
        assignees: delta("ana", "cy"),
        milestone: Some(Some("v1.2".into())),
        ..Patch::default()
    }
}

async fn pull(tracker: &dyn Tracker, from: &Cursor) -> Result<Vec<RemoteItem>, Failure> {
    let (pages, mut inbox) = mpsc::channel::<crate::connector::Page>(2);
    let read = async {
        let mut all = Vec::new();
        while let Some(page) = inbox.recv().await {
            all.extend(page.items);
        }
        all
    };
    let (end, items) = tokio::join!(tracker.pull(from, pages), read);
    end.map(|_| items)
}

/// One call of each kind by number.
async fn call(server: &Server, kind: usize) -> Result<(), Failure> {
    let github = connector(&server.url, shapes::client());
    let tracker = github.tracker().expect("a tracker");
    let since =
        Cursor { since: Some(Timestamp(1_700_000_000_000)), etag: Some("W/\"x\"".into()), walk: None };
    match kind % 10 {
        0 => pull(tracker, &Cursor::default()).await.map(|_| ()),
        1 => pull(tracker, &since).await.map(|_| ()),
        2 => tracker.fetch(&at()).await.map(|_| ()),
        3 => tracker.create(&draft()).await.map(|_| ()),
        4 => tracker.find(LinkId::random(), Timestamp(0)).await.map(|_| ()),
        5 => tracker.update(&seen(), &patch()).await.map(|_| ()),
        6 => tracker.comments(&at()).await.map(|_| ()),
        7 => tracker.comment(&at(), "said", uuid::Uuid::new_v4()).await.map(|_| ()),
        8 => tracker.offers().await.map(|_| ()),
        _ => github.probe().await.map(|_| ()),
    }
}

/// Answers as a script of a case: most of them good in part, with links that point anywhere.
fn answers(url: &str) -> impl Strategy<Value = Vec<Vec<u8>>> + use<> {
    let url = url.to_owned();
    let links: Vec<String> = [
        "/repos/o/r/issues?page=2>; rel=\"next\"",
        "/repos/o/r/issues?page=18446744073709551615>; rel=\"last\"",
        "/repos/o/r/issues?page=0>; rel=\"last\"",
        "/repos/o/r/issues?page=3>; rel=\"last\"",
        "/x?after=y>; rel=\"next\"",
        "/%00/..%2f?page=-1>; rel=\"next\"",
    ]
    .iter()
    .map(|rest| format!("<{url}{rest}"))
    .chain(["<http://127.0.0.2:9/x>; rel=\"next\"".to_owned(), "<<>>,;rel=next".to_owned()])
    .collect();
    let places = vec![format!("{url}/elsewhere"), "http://127.0.0.2:9/".into(), "../..".into(), "//".into()];
    let status = prop_oneof![
        8 => Just(200_u16),
        1 => Just(201_u16),
        2 => prop::sample::select(vec![204, 301, 302, 304, 307, 308, 403, 404, 410, 422, 429, 500, 502_u16]),
    ];
    let whole = prop::sample::select(shapes::good()).prop_map(|v| v.to_string().into_bytes());
    let body = prop_oneof![4 => whole, 4 => shapes::bytes(), 1 => Just(b"[]".to_vec())];
    let link = prop::option::of(prop::collection::vec(prop::sample::select(links), 1..3));
    let one = (status, shapes::headers(), body, link, prop::sample::select(places), 0..12_u8);
    let one = one.prop_map(|(status, mut head, body, link, place, odd)| {
        head.retain(|(name, _)| name != "location");
        head.push(("location".into(), place.into_bytes()));
        head.extend(link.map(|l| ("link".into(), l.join(", ").into_bytes())));
        match odd {
            0 => head.push(("content-encoding".into(), b"gzip".to_vec())),
            1 => head.push(("date".into(), b"Fri, 31 Dec 9999 23:59:59 GMT".to_vec())),
            2 => head.push(("etag".into(), vec![0xff, b'"'])),
            _ => {}
        }
        answer(status, &head, &body)
    });
    prop::collection::vec(one, 8)
}

#[tokio::test]
async fn whatever_a_server_answers_every_call_ends() {
    let cases = std::env::var("PROPTEST_CASES").ok().and_then(|n| n.parse().ok()).unwrap_or(2_000);
    let server = Server::new(|_, _| answer(200, &[], b"[]")).await;
    let (mut runner, strategy) = (TestRunner::deterministic(), answers(&server.url));
    let (mut good, mut bad) = (0, 0);
    for case in 0..cases {
        let script = strategy.new_tree(&mut runner).expect("a script").current();
        server.play(move |n, _| script.get(n).cloned().unwrap_or_else(|| answer(200, &[], b"[]")));
        let ended = tokio::time::timeout(DEADLINE, call(&server, case)).await;
        match ended.unwrap_or_else(|_| panic!("case {case} did not end")) {
            Ok(()) => good += 1,
            Err(failure) => {
                assert!(failure.message.chars().count() <= 512, "{failure}");
                assert!(!failure.message.chars().any(crate::support::text::is_unsafe), "{failure:?}");
                bad += 1;
            }
        }
    }
    assert!(good > cases / 20 && bad > cases / 20, "both kinds are tried: {good} good, {bad} bad");
}

/// A list whose every page points to another one.
fn endless(
    url: String,
    items: impl Fn(usize) -> Value + Send + 'static,
) -> impl FnMut(usize, &str) -> Vec<u8> + Send {
    move |n, line| {
        if line.contains(" /user ") {
            return answer(200, &[], br#"{"login": "ana"}"#);
        }
        page(&items(n), &format!("<{url}/repos/o/r/issues?after={n}>; rel=\"next\""))
    }
}

fn fresh(n: usize) -> Value {
    let mut issue = shapes::issue(n as u64 + 1);
    let later = Timestamp(1_795_262_400_000 + n as i64 * 1_000).to_rfc3339();
    (issue["created_at"], issue["updated_at"]) = (json!(later), json!(later));
    json!([issue])
}

#[tokio::test]
async fn lists_that_never_end_are_given_up() {
    let server = Server::new(|_, _| Vec::new()).await;
    let since = Cursor { since: Some(Timestamp(1_795_262_400_000)), etag: None, walk: None };
    for kind in ["first pull", "later pull", "find", "comments", "offers"] {
        server.play(endless(server.url.clone(), fresh));
        let github = connector(&server.url, shapes::client());
        let work = async {
            match kind {
                "first pull" => pull(&github, &Cursor::default()).await.map(|_| ()),
                "later pull" => pull(&github, &since).await.map(|_| ()),
                // "Not there" would be a licence to create it again.
                "find" => github.find(LinkId::random(), Timestamp(0)).await.map(|_| ()),
                "comments" => github.comments(&at()).await.map(|_| ()),
                _ => github.offers().await.map(|_| ()),
            }
        };
        let ended =
            tokio::time::timeout(DEADLINE, work).await.unwrap_or_else(|_| panic!("{kind} goes on for ever"));
        let failure = ended.expect_err(kind);
        assert!(failure.message.contains("does not end"), "{kind}: {failure}");
    }
}

#[tokio::test]
async fn two_pages_that_point_at_each_other_end_a_search() {
    let server = Server::new(|_, _| Vec::new()).await;
    let url = server.url.clone();
    let mut circle = endless(url, fresh);
    server.play(move |n, line| circle(n % 2, line));
    let github = connector(&server.url, shapes::client());
    let found = tokio::time::timeout(DEADLINE, github.find(LinkId::random(), Timestamp(0))).await;
    let failure = found.expect("it ends").expect_err("a search that is not finished has not found nothing");
    assert!(failure.message.contains("does not end"), "{failure}");
}

#[tokio::test]
async fn a_last_page_beyond_all_measure_is_not_walked_to() {
    let server = Server::new(|_, _| Vec::new()).await;
    let url = server.url.clone();
    server.play(move |n, _| {
        let link =
            format!("<{url}/x?page=2>; rel=\"next\", <{url}/x?page=18446744073709551615>; rel=\"last\"");
        page(&fresh(n), &link)
    });
    let github = connector(&server.url, shapes::client());
    let ended = tokio::time::timeout(DEADLINE, pull(&github, &Cursor::default())).await;
    assert!(ended.expect("it ends").is_err());
    assert!(server.asked() < 10, "{} requests", server.asked());
}

#[tokio::test]
async fn a_list_held_in_memory_is_given_up_at_its_bound() {
    let server = Server::new(|_, _| Vec::new()).await;
    let url = server.url.clone();
    server.play(move |n, _| {
        let mut body = vec![b' '; 8 * 1024 * 1024];
        (body[0], body[1]) = (b'[', b']');
        let link = format!("<{url}/repos/o/r/issues/7/comments?page={n}>; rel=\"next\"");
        answer(200, &[("link".into(), link.into_bytes())], &body)
    });
    let github = connector(&server.url, shapes::client());
    let failure = github.comments(&at()).await.expect_err("too much");
    assert!(failure.message.contains("MiB"), "{failure}");
    assert!(server.asked() <= 10, "{} pages of eight MiB", server.asked());
}

/// A server that writes `head` and then `more` for ever; counts what it could get rid of.
async fn flood(head: &'static [u8], more: &'static [u8]) -> (String, Arc<AtomicUsize>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let url = format!("http://{}", listener.local_addr().expect("an address"));
    let sent = Arc::new(AtomicUsize::new(0));
    let count = Arc::clone(&sent);
    tokio::spawn(async move {
        while let Ok((mut socket, _)) = listener.accept().await {
            let count = Arc::clone(&count);
            tokio::spawn(async move {
                if request(&mut socket).await.is_none() || socket.write_all(head).await.is_err() {
                    return;
                }
                while let Ok(n) = socket.write(more).await {
                    count.fetch_add(n, Ordering::SeqCst);
                }
            });
        }
    });
    (url, sent)
}

#[tokio::test]
async fn an_answer_that_never_ends_is_cut_off_while_it_streams() {
    static SPACES: [u8; 65_536] = [b' '; 65_536];
    static LETTERS: [u8; 65_536] = [b'a'; 65_536];
    let body: &[u8] = b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\n\r\n[";
    for (head, more, most) in [
        (body, &SPACES, 48 * 1024 * 1024),
        (
            b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n7fffffffffffff\r\n".as_slice(),
            &SPACES,
            48 * 1024 * 1024,
        ),
        (b"HTTP/1.1 200 OK\r\nx-endless: ".as_slice(), &LETTERS, 8 * 1024 * 1024),
    ] {
        let (url, sent) = flood(head, more).await;
        let github = connector(&url, shapes::client());
        let ended = tokio::time::timeout(DEADLINE, github.fetch(&at())).await.expect("it ends");
        assert_eq!(ended.expect_err("refused").outcome, Outcome::NotApplied);
        let sent = sent.load(Ordering::SeqCst);
        assert!(sent < most, "{sent} bytes were taken");
    }
}

/// A gzip stream of zeros, written by hand: one literal, then matches of 258 bytes at distance one, thirteen bits each.
fn bomb(inflated: usize) -> Vec<u8> {
    let mut out = vec![0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 0xff];
    let (mut bits, mut held) = (0_u64, 0_u32);
    let mut push = |out: &mut Vec<u8>, value: u64, count: u32| {
        bits |= value << held;
        held += count;
        while held >= 8 {
            out.push(bits as u8);
            bits >>= 8;
            held -= 8;
        }
    };
    // Last block, fixed codes; the literal 0x20 is 0x50 in eight bits, sent from its highest bit on.
    push(&mut out, 0b011, 3);
    push(&mut out, u64::from(0x50_u8.reverse_bits()), 8);
    for _ in 0..inflated / 258 {
        push(&mut out, u64::from(0b1100_0101_u8.reverse_bits()), 8);
        push(&mut out, 0, 5);
    }
    push(&mut out, 0, 7);
    push(&mut out, 0, 8);
    out
}

#[tokio::test]
async fn a_small_answer_that_inflates_beyond_the_bound_is_refused_at_it() {
    let zipped = |size| {
        let packed = bomb(size);
        move |_: usize, _: &str| answer(200, &[("content-encoding".into(), b"gzip".to_vec())], &packed)
    };
    let packed = bomb(256 * 1024 * 1024).len();
    assert!(packed < 2 * 1024 * 1024, "{packed} bytes on the wire");
    let server = Server::new(zipped(256 * 1024 * 1024)).await;
    let failure = connector(&server.url, shapes::client()).fetch(&at()).await.expect_err("refused");
    assert!(failure.message.contains("32 MiB"), "{failure}");
    // The stream itself is a good one: a short one is unpacked to its blanks, which are no JSON.
    server.play(zipped(2_580));
    let failure = connector(&server.url, shapes::client()).fetch(&at()).await.expect_err("blanks");
    assert!(!failure.message.contains("32 MiB"), "{failure}");
}
