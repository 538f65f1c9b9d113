//! The sandbox's sockets: accepts, reads a request, lets faults have their way, answers. Decides nothing about GitHub.

use std::convert::Infallible;
use std::io;
use std::net::Ipv4Addr;
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use axum::body::{Body, Bytes, to_bytes};
use axum::http::{HeaderName, HeaderValue, Request, Response};
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use tokio::net::{TcpListener, TcpSocket, TcpStream};
use tokio::sync::watch;
use tokio::task::JoinSet;

use super::accounts::stand_in;
use super::api::{Answer, Call, error, html, secondary, secondary_silent};
use super::control;
use super::echo;
use super::faults::Action;
use super::inject::Verdict;
use super::inner::{Counted, Inner, Network, locked};
use super::record::Recorded;

/// The largest request that is read.
const MOST_BODY: usize = 32 * 1024 * 1024;
/// How long half an answer is given to leave before the connection is closed.
const FLUSH: Duration = Duration::from_millis(20);
/// Connections that may wait to be accepted.
const BACKLOG: u32 = 1024;

/// The connection is to be closed without an answer.
#[derive(Debug, thiserror::Error)]
#[error("the sandbox closes this connection without an answer")]
pub(super) struct Cut;

/// Accepts until told to stop; then every connection ends.
pub(super) async fn run(
    inner: Arc<Inner>,
    mut listener: TcpListener,
    port: u16,
    mut stop: watch::Receiver<bool>,
) {
    let mut network = inner.network();
    let mut connections = JoinSet::new();
    loop {
        let wanted = *network.borrow_and_update();
        if wanted == Network::Refusing {
            drop(listener);
            connections.shutdown().await;
            let Some(again) = refuse(&inner, port, &mut network, &mut stop).await else { break };
            listener = again;
            continue;
        }
        inner.settle(wanted);
        tokio::select! {
            _ = stop.wait_for(|stop| *stop) => break,
            _ = network.changed() => {}
            accepted = listener.accept() => {
                if let Ok((stream, _)) = accepted {
                    connections.spawn(connection(Arc::clone(&inner), stream, inner.count_connection()));
                }
            }
            Some(_) = connections.join_next() => {}
        }
    }
    connections.shutdown().await;
}

/// Keeps the port for the sandbox without listening on it, so that connections are refused, until the network is back.
/// None when told to stop.
async fn refuse(
    inner: &Inner,
    port: u16,
    network: &mut watch::Receiver<Network>,
    stop: &mut watch::Receiver<bool>,
) -> Option<TcpListener> {
    let mut kept = reserve(port);
    inner.settle(Network::Refusing);
    tokio::select! {
        _ = stop.wait_for(|stop| *stop) => return None,
        _ = network.wait_for(|network| *network != Network::Refusing) => {}
    }
    loop {
        if let Ok(listener) = kept.and_then(|socket| socket.listen(BACKLOG)) {
            return Some(listener);
        }
        // Somebody else is at the port for a moment; without it there is nothing to serve.
        tokio::select! {
            _ = stop.wait_for(|stop| *stop) => return None,
            () = tokio::time::sleep(FLUSH) => kept = reserve(port),
        }
    }
}

fn reserve(port: u16) -> io::Result<TcpSocket> {
    let socket = TcpSocket::new_v4()?;
    // Past connections linger at the port on Unix; elsewhere the option means that others may take the port.
    socket.set_reuseaddr(cfg!(unix))?;
    socket.bind((Ipv4Addr::LOCALHOST, port).into())?;
    Ok(socket)
}

async fn connection(inner: Arc<Inner>, stream: TcpStream, _counted: Counted) {
    // Without it, answers in several pieces wait for acknowledgements.
    if stream.set_nodelay(true).is_err() {
        return;
    }
    let mut network = inner.network();
    let service = service_fn(|request| respond(Arc::clone(&inner), request));
    let mut serving = pin!(http1::Builder::new().serve_connection(TokioIo::new(stream), service));
    // A connection made while cut serves the control addresses; it ends with the next cut, as all others do.
    let cut = async {
        for online in [true, false] {
            let _seen = network.wait_for(|network| (*network == Network::Online) == online).await;
        }
    };
    tokio::select! {
        _closed = &mut serving => {}
        () = cut => {}
    }
}

async fn respond(inner: Arc<Inner>, request: Request<Incoming>) -> Result<Response<Body>, Cut> {
    let (parts, body) = request.into_parts();
    let body = to_bytes(Body::new(body), MOST_BODY).await.map_err(|_| Cut)?;
    let target = parts.uri.path_and_query().map_or_else(|| "/".to_owned(), ToString::to_string);
    let method = parts.method.to_string();
    let host = parts.headers.get("host").and_then(|host| host.to_str().ok()).unwrap_or_default();
    if target.starts_with(control::ROOT) {
        return Ok(control::respond(&inner, &method, &target, host, &body));
    }
    if *inner.network().borrow() != Network::Online {
        return Err(Cut);
    }
    let text = |value: &HeaderValue| String::from_utf8_lossy(value.as_bytes()).into_owned();
    let mut headers: Vec<(String, String)> =
        parts.headers.iter().map(|(name, value)| (name.as_str().to_owned(), text(value))).collect();
    let now = inner.clock.now();
    let verdict = inner.judge(&method, target.strip_prefix("/api/v3").unwrap_or(&target));
    if !verdict.latency.is_zero() {
        tokio::time::sleep(verdict.latency).await;
    }
    let mut recorded = begin(&method, &target, &headers, &body, now, &verdict);
    if let Some(answer) = verdict.action.as_ref().and_then(|action| {
        echo::answer(
            action,
            &echo::Heard { method: &method, target: &target, headers: &headers, body: &body },
        )
    }) {
        let sent = response(answer.status, &answer.headers, Body::from(answer.body.clone()));
        record_echo(&inner, recorded, &echo::without_credential(answer, &headers));
        return Ok(sent);
    }
    if let Some((_, proof)) = headers.iter_mut().find(|(name, _)| name == "authorization")
        && let Some(known) = stand_in(proof, &locked(&inner.admitted))
    {
        *proof = known;
    }
    let call = Call::new(&method, &target, headers, body.into(), now);
    recorded.login = call.login().map(str::to_owned);
    act(&inner, call, recorded, verdict).await
}

fn begin(
    method: &str,
    target: &str,
    headers: &[(String, String)],
    body: &Bytes,
    at: crate::support::clock::Timestamp,
    verdict: &Verdict,
) -> Recorded {
    let hidden = |name: &str, value: &str| match (name, value.split_once(' ')) {
        ("authorization", Some((scheme, _))) => format!("{scheme} [redacted]"),
        ("authorization" | "cookie", _) => "[redacted]".to_owned(),
        _ => value.to_owned(),
    };
    let latency = (!verdict.latency.is_zero()).then_some(Action::Latency(verdict.latency));
    Recorded {
        method: method.to_owned(),
        path: target.to_owned(),
        request_headers: headers.iter().map(|(name, value)| (name.clone(), hidden(name, value))).collect(),
        request_body: String::from_utf8_lossy(body).into_owned(),
        login: None,
        status: None,
        response_headers: Vec::new(),
        response_body: String::new(),
        at,
        applied: false,
        fault: verdict.action.clone().or(latency).map(|action| action.to_string()),
        moment: 0,
    }
}

/// Carries out the fault, or lets the request through.
async fn act(
    inner: &Inner,
    mut call: Call,
    recorded: Recorded,
    verdict: Verdict,
) -> Result<Response<Body>, Cut> {
    let action = verdict.action;
    match &action {
        Some(Action::DropBefore) => {
            inner.record(recorded);
            return Err(Cut);
        }
        Some(Action::Hang) => {
            inner.record(recorded);
            return Ok(never().await);
        }
        Some(Action::Stale(lag)) => call.lag(*lag),
        Some(Action::Doubled) => call.double(),
        _ => {}
    }
    if let Some(answer) = action.as_ref().and_then(|action| refusal(inner, &call, action)) {
        return Ok(send(inner, recorded, answer, false, None));
    }
    let (answer, moment) = inner.handle(&call);
    let recorded = Recorded { moment, ..recorded };
    let applied = answer.status < 400;
    match action {
        Some(Action::DropAfter) => {
            inner.record(Recorded { applied, ..recorded });
            Err(Cut)
        }
        Some(Action::HangAfter) => {
            inner.record(Recorded { applied, ..recorded });
            Ok(never().await)
        }
        action => Ok(send(inner, recorded, answer, applied, action.as_ref())),
    }
}

async fn never() -> Response<Body> {
    let forever: Infallible = std::future::pending().await;
    match forever {}
}

/// The answer of a fault that stands in for the server's own, so that nothing is applied.
fn refusal(inner: &Inner, call: &Call, action: &Action) -> Option<Answer> {
    let answer = match action {
        Action::Status(status) if *status >= 500 => return Some(html(*status, UNICORN)),
        Action::Status(status) => {
            let reason = axum::http::StatusCode::from_u16(*status).ok().and_then(|s| s.canonical_reason());
            error(*status, reason.unwrap_or("Refused by a scripted fault"))
        }
        Action::Html => return Some(html(200, PORTAL)),
        Action::TooMany(wait) => secondary(429, whole_seconds(*wait)),
        Action::Secondary(wait) => secondary(403, whole_seconds(*wait)),
        Action::SecondarySilent => secondary_silent(403),
        Action::Primary(reset) => return Some(locked(&inner.limits).exhausted(call, *reset)),
        _ => return None,
    };
    Some(locked(&inner.limits).finish(call, answer))
}

/// `retry-after` knows whole seconds only: rounded up, so that nobody comes back early.
fn whole_seconds(wait: Duration) -> u64 {
    wait.as_secs() + u64::from(wait.subsec_nanos() > 0)
}

fn send(
    inner: &Inner,
    mut recorded: Recorded,
    mut answer: Answer,
    applied: bool,
    action: Option<&Action>,
) -> Response<Body> {
    let date = inner.clock.now().to_utc().format("%a, %d %b %Y %H:%M:%S GMT").to_string();
    answer.headers.push(("date", date));
    recorded.status = Some(answer.status);
    recorded.applied = applied;
    let owned = answer.headers.iter().map(|(name, value)| ((*name).to_owned(), value.clone()));
    recorded.response_headers = owned.collect();
    recorded.response_body.clone_from(&answer.body);
    if let (Some((repo, number)), Some(action)) = (answer.walk, action) {
        inner.shift(repo, number, action);
    }
    inner.record(recorded);
    let body = match action {
        Some(Action::Truncate) => half(answer.body.clone()),
        _ => Body::from(answer.body),
    };
    response(answer.status, &answer.headers, body)
}

/// Writes an echo down as it may be kept.
fn record_echo(inner: &Inner, mut recorded: Recorded, answer: &Answer) {
    recorded.status = Some(answer.status);
    recorded.response_headers =
        answer.headers.iter().map(|(name, value)| ((*name).to_owned(), value.clone())).collect();
    recorded.response_body.clone_from(&answer.body);
    inner.record(recorded);
}

pub(super) fn response(status: u16, headers: &[(&'static str, String)], body: Body) -> Response<Body> {
    let mut response = Response::new(body);
    *response.status_mut() = axum::http::StatusCode::from_u16(status).unwrap_or_default();
    for (name, value) in headers {
        if let Ok(value) = HeaderValue::from_str(value) {
            response.headers_mut().insert(HeaderName::from_static(name), value);
        }
    }
    response
}

/// The first half of `body`, then a broken connection.
fn half(body: String) -> Body {
    let mut bytes = Bytes::from(body);
    bytes.truncate(bytes.len() / 2);
    let broken = async {
        tokio::time::sleep(FLUSH).await;
        Err(io::Error::from(io::ErrorKind::ConnectionReset))
    };
    let first = futures::stream::once(async { Ok::<Bytes, io::Error>(bytes) });
    Body::from_stream(futures::StreamExt::chain(first, futures::stream::once(broken)))
}

const UNICORN: &str = "<!DOCTYPE html>\n<html>\n  <head><title>Unicorn! &middot; GitHub</title></head>\n  <body>\n    \
    <p><strong>The simulated server gave up on this request.</strong></p>\n    \
    <p>Try again in a moment.</p>\n  </body>\n</html>\n";
const PORTAL: &str = "<!DOCTYPE html>\n<html><head><title>Sign in to the network</title></head>\
    <body><form method=\"post\"><button>Accept and connect</button></form></body></html>\n";
