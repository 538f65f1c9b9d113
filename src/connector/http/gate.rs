//! The gate: what every request of one credential passes, and the ports through which connectors use it.

use std::sync::atomic::{AtomicI64, AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use reqwest::header::HeaderMap;
use reqwest::{Client, Response, StatusCode};
use tokio::sync::{Semaphore, SemaphorePermit};
use tokio::time::Instant;
use url::Url;

use super::budget::{Book, Held, ms};
use super::cooldown::{CoolDown, CoolDownObserver};
use super::lane::{InLane, Lane};
use super::limits::Limits;
use super::network::{self, Broken};
use super::{Call, Credential, ExchangeObserver, Reply, headers};
use crate::connector::{Class, Exchange, Failure, Scope, Trouble};
use crate::domain::health::RequestClass;
use crate::support::clock::{SharedClock, Timestamp};

/// Background reads under way at once.
const BACKGROUND: usize = 8;
/// Reads under way at once that a person waits for. They have places of their own: none waits for a page of a pull.
const INTERACTIVE: usize = 4;
/// Requests of one priority that may wait for their turn; only a fault can come to so many.
const WAITING: usize = 256;
/// The longest time after which a pull that was put off to keep a reserve asks again: somebody may have raised the
/// limit, and a connection must not rest for an hour because of its pull.
const RESERVE_AGAIN_MS: i64 = 60_000;
/// The longest answer we take, in bytes after decompression.
const BODY_MAX: usize = 32 * 1024 * 1024;
/// Stands for "the server's clock is not known yet".
const NO_OFFSET: i64 = i64::MIN;

/// What all gates of the program share.
#[derive(Clone)]
pub struct GatesOptions {
    /// The one client.
    pub client: Client,
    /// Tells the time.
    pub clock: SharedClock,
    /// Refuse every request that could change something.
    pub read_only: bool,
    /// What the platform lets a credential do.
    pub limits: Limits,
}

/// All gates of the program: one per host and credential, so that two connections with one token share its limits.
pub struct Gates {
    options: GatesOptions,
    open: Mutex<Vec<Arc<Gate>>>,
}

impl Gates {
    /// No gate yet.
    pub fn new(options: GatesOptions) -> Self {
        Self { options, open: Mutex::new(Vec::new()) }
    }

    /// The gate to `base`'s host for this credential. Of several paces asked for, the slowest holds.
    pub fn gate(&self, base: &Url, credential: &Credential, write_pace: Duration) -> Arc<Gate> {
        let mut open = self.open.lock().unwrap_or_else(PoisonError::into_inner);
        let pace_ms = u64::try_from(write_pace.as_millis()).unwrap_or(u64::MAX);
        if let Some(gate) =
            open.iter().find(|g| g.base.origin() == base.origin() && g.credential.same(credential))
        {
            gate.pace_ms.fetch_max(pace_ms, Ordering::SeqCst);
            return Arc::clone(gate);
        }
        let gate = Arc::new(Gate {
            options: self.options.clone(),
            base: base.clone(),
            credential: credential.clone(),
            pace_ms: AtomicU64::new(pace_ms),
            lane: Lane::default(),
            book: Book::new(&self.options.limits, self.options.clock.clone()),
            reads: [Semaphore::new(INTERACTIVE), Semaphore::new(BACKGROUND)],
            waiting: [AtomicUsize::new(0), AtomicUsize::new(0)],
            cool: CoolDown::default(),
            offset_ms: AtomicI64::new(NO_OFFSET),
        });
        open.push(Arc::clone(&gate));
        gate
    }
}

/// Paces, refuses and reports. Its only entrance is [`Port::send`].
pub struct Gate {
    options: GatesOptions,
    base: Url,
    credential: Credential,
    pace_ms: AtomicU64,
    lane: Lane,
    book: Book,
    /// Places for reads, by priority.
    reads: [Semaphore; 2],
    /// Requests before their turn, by priority.
    waiting: [AtomicUsize; 2],
    cool: CoolDown,
    offset_ms: AtomicI64,
}

impl std::fmt::Debug for Gate {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Gate").field("host", &self.base.host_str()).finish_non_exhaustive()
    }
}

/// A request that waits for its turn.
struct Queued<'a>(&'a AtomicUsize);

impl<'a> Queued<'a> {
    fn behind(waiting: &'a AtomicUsize) -> Result<Self, Failure> {
        let queued = Self(waiting);
        if waiting.fetch_add(1, Ordering::SeqCst) < WAITING {
            return Ok(queued);
        }
        let words = format!("{WAITING} requests wait for their turn already");
        Err(Failure::new(Class::Transient, Scope::Item, words))
    }
}

impl Drop for Queued<'_> {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::SeqCst);
    }
}

enum Pass<'a> {
    Read { _permit: SemaphorePermit<'a> },
    Write(InLane<'a>),
}

impl Gate {
    /// The end of the cool-down, while one lasts.
    pub fn cool_down(&self) -> Option<Timestamp> {
        self.cool.until(self.options.clock.now())
    }

    /// Takes up a cool-down that was kept over a restart.
    pub fn restore_cool_down(&self, until: Timestamp) {
        self.cool.restore(until);
    }

    /// Adds somebody to tell when a cool-down begins or grows.
    pub fn observe_cool_down(&self, observer: CoolDownObserver) {
        self.cool.observe(observer);
    }

    /// The server's clock minus ours, in milliseconds, once it has told its own.
    pub fn clock_offset_ms(&self) -> Option<i64> {
        Some(self.offset_ms.load(Ordering::SeqCst)).filter(|ms| *ms != NO_OFFSET)
    }

    /// A way through this gate that reports every exchange to `observer`.
    pub fn port(self: &Arc<Self>, observer: ExchangeObserver) -> Port {
        Port { gate: Arc::clone(self), observer }
    }

    fn refuse(&self, call: &Call) -> Result<(), Failure> {
        if call.is_mutation() && self.options.read_only {
            return Err(Failure::new(
                Class::Configuration,
                Scope::Connection,
                format!("read-only: {} {} was not sent", call.method, call.url.path()),
            )
            .with_help("start without the read-only switch to write"));
        }
        if call.url.origin() != self.base.origin() {
            return Err(Failure::new(
                Class::Configuration,
                Scope::Connection,
                self.credential.words(&format!(
                    "the server points to another host, {}",
                    call.url.host_str().unwrap_or("unnamed")
                )),
            )
            .with_trouble(Trouble::Host)
            .with_help("give the API's own address as `api_url`; the token is sent nowhere else"));
        }
        self.check_cool_down()
    }

    fn check_cool_down(&self) -> Result<(), Failure> {
        let now = self.options.clock.now();
        let Some(until) = self.cool.until(now) else { return Ok(()) };
        let message = format!("waiting until {}, as the platform asked", until.to_rfc3339());
        let mut failure = Failure::new(Class::Transient, Scope::Connection, message);
        failure.retry_after_ms = Some(until.since(now));
        Err(failure)
    }

    /// Waits for a place and for the budget.
    async fn enter(&self, call: &Call) -> Result<Pass<'_>, Failure> {
        let _queued = Queued::behind(&self.waiting[call.priority as usize])?;
        let pass = if call.is_mutation() {
            let pace = Duration::from_millis(self.pace_ms.load(Ordering::SeqCst));
            Pass::Write(self.lane.enter(pace).await)
        } else {
            let place = self.reads[call.priority as usize].acquire().await;
            let shut = |_| Failure::new(Class::Transient, Scope::Connection, "the connection is shut down");
            Pass::Read { _permit: place.map_err(shut)? }
        };
        // What would be refused anyway must not wait.
        self.check_cool_down()?;
        self.book.enter(call).await.map_err(|held| self.put_off(call, held))?;
        Ok(pass)
    }

    /// The failure for a request that our own budget does not let out now. It concerns what was asked for and not the
    /// connection: other kinds of requests may go on.
    fn put_off(&self, call: &Call, held: Held) -> Failure {
        let now = self.options.clock.now();
        let free = now.plus_ms(ms(held.wait)).to_rfc3339();
        let (message, wait) = if held.reserve {
            let words = format!("pulls go slow until {free}: little is left of the platform's budget");
            (words, ms(held.wait).min(RESERVE_AGAIN_MS))
        } else {
            let what = match call.class {
                RequestClass::Read => "reads",
                RequestClass::Write => "changes",
                RequestClass::ContentCreate => "new items and comments",
                RequestClass::Search => "searches",
                RequestClass::Graphql => "GraphQL calls",
            };
            let words = format!("{what} wait until {free}: more would meet the platform's limit");
            (words, ms(held.wait))
        };
        let help = if held.reserve {
            "what is left is kept for your own changes; a longer `interval` uses less"
        } else {
            "nothing is lost; it goes on by itself"
        };
        let mut failure = Failure::new(Class::Transient, Scope::Item, message).with_help(help);
        failure.retry_after_ms = Some(wait);
        failure
    }

    async fn send(&self, call: Call, observer: &ExchangeObserver) -> Result<Reply, Failure> {
        self.refuse(&call)?;
        let mut pass = self.enter(&call).await?;
        // Another request may have met a limit while this one waited for its turn.
        self.check_cool_down()?;
        if let Pass::Write(lane) = &mut pass {
            lane.sending();
        }
        self.exchange(call, observer).await
    }

    async fn exchange(&self, call: Call, observer: &ExchangeObserver) -> Result<Reply, Failure> {
        let (mutation, class, url) = (call.is_mutation(), call.class, call.url.clone());
        let Some(proof) = self.credential.header_value() else {
            return Err(Failure::new(
                Class::Configuration,
                Scope::Connection,
                "the token holds a character no header can carry",
            )
            .with_trouble(Trouble::Token)
            .with_help("check where the token comes from; it must be one line of plain characters"));
        };
        let mut report = Exchange {
            method: call.method.to_string(),
            path: url.path().to_owned(),
            status: None,
            latency_ms: 0,
            rate: None,
            budgets: Vec::new(),
            request_id: None,
        };
        let mut request =
            self.options.client.request(call.method, call.url).header(&self.credential.header, proof);
        for (name, value) in call.headers {
            request = request.header(name, value);
        }
        if let Some(json) = &call.json {
            request = request.json(json);
        }
        let (started, sent_at) = (Instant::now(), self.options.clock.now());
        let answer = match request.send().await {
            Ok(mut answer) => {
                // Before anybody reads them: a server may repeat what it was sent.
                self.credential.clean_head(answer.headers_mut());
                self.learn(answer.headers(), class);
                self.receive(answer, mutation, url.clone(), sent_at, &mut report).await
            }
            Err(e) => Err(network::failure(&Broken::NoAnswer(&e), None, mutation, &self.credential, &url)),
        };
        report.latency_ms = u32::try_from(started.elapsed().as_millis()).unwrap_or(u32::MAX);
        report.budgets = self.book.budgets();
        observer(report);
        answer
    }

    /// Takes the platform's own account over, by its own clock.
    fn learn(&self, head: &HeaderMap, class: RequestClass) {
        let Some(rate) = headers::rate(head) else { return };
        let server_now = headers::date(head).unwrap_or_else(|| self.options.clock.now());
        // One second more, since both clocks are told in whole seconds.
        let left = rate.resets_at.since(server_now).saturating_add(1_000).max(0);
        self.book.hear(class, rate, Duration::from_millis(left.unsigned_abs()));
    }

    async fn receive(
        &self,
        mut answer: Response,
        mutation: bool,
        url: Url,
        sent_at: Timestamp,
        report: &mut Exchange,
    ) -> Result<Reply, Failure> {
        let (status, head) = (answer.status(), answer.headers().clone());
        let now = self.options.clock.now();
        report.status = Some(status.as_u16());
        report.rate = headers::rate(&head);
        report.request_id = headers::request_id(&head);
        if let Some(date) = headers::date(&head) {
            // The server's date is cut to the second; ours is taken half-way between sending and receiving.
            let ours = sent_at.0 + now.since(sent_at) / 2;
            self.offset_ms.store(date.0 + 500 - ours, Ordering::SeqCst);
        }
        let mut retry_after_ms = headers::stay_away_ms(status.as_u16(), &head, now);
        if let Some(ms) = retry_after_ms {
            self.cool.extend(now.plus_ms(ms));
        } else if status == StatusCode::TOO_MANY_REQUESTS {
            // Noted before anybody else has a turn; other refusals that are limits only their connector can tell.
            retry_after_ms = Some(self.cool.extend_unnamed(now));
        }
        if status.is_success() {
            self.cool.ease();
        }
        let mut body = Vec::new();
        let broken = |broken: Broken<'_>| {
            let told = Some(status.as_u16());
            let mut failure = network::failure(&broken, told, mutation, &self.credential, &url);
            failure.request_id = headers::request_id(&head);
            failure.retry_after_ms = retry_after_ms;
            failure
        };
        loop {
            match answer.chunk().await {
                Ok(Some(chunk)) if body.len() + chunk.len() > BODY_MAX => {
                    return Err(broken(Broken::TooLong));
                }
                Ok(Some(chunk)) => body.extend_from_slice(&chunk),
                Ok(None) => break,
                Err(e) => return Err(broken(Broken::Body(&e))),
            }
        }
        if !status.is_success() {
            body = self.credential.clean_body(body);
        }
        Ok(Reply { status, headers: head, body, url, mutation, retry_after_ms })
    }
}

/// A connector's way to its platform.
#[derive(Clone)]
pub struct Port {
    gate: Arc<Gate>,
    observer: ExchangeObserver,
}

impl std::fmt::Debug for Port {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Port").field("gate", &self.gate).finish_non_exhaustive()
    }
}

impl Port {
    /// Sends one request, once, as soon as it may go out. Any complete answer is `Ok`, whatever its status.
    ///
    /// # Errors
    /// Without sending: a mutation while read-only, another host than the gate's, a cool-down that lasts or a budget
    /// that is used up (the failure says how long). After sending: a connection that broke; for a mutation whose request may have
    /// arrived the outcome is unknown.
    pub async fn send(&self, call: Call) -> Result<Reply, Failure> {
        self.gate.send(call, &self.observer).await
    }

    /// The gate, for its cool-down and clock.
    pub fn gate(&self) -> &Arc<Gate> {
        &self.gate
    }

    /// A server's words as they may be shown.
    pub fn words(&self, text: &str) -> String {
        self.gate.credential.words(text)
    }

    /// Notes a limit that named no wait; returns how long to stay away, in milliseconds.
    pub fn limited_without_a_word(&self) -> i64 {
        self.gate.cool.extend_unnamed(self.gate.options.clock.now())
    }
}

#[cfg(test)]
mod tests;
