//! Time as the machine knows it: it stands still while anybody works and is moved on when nobody does. An hour of
//! waiting takes a few milliseconds, and every wait is kept to the end.

use std::future::Future;
use std::pin::Pin;
use std::sync::atomic::{AtomicBool, AtomicI64, AtomicU64, Ordering};
use std::sync::{Arc, OnceLock};
use std::task::Poll;
use std::time::Duration;

use corkboard::sandbox::Sandbox;
use corkboard::support::clock::{Clock, Timestamp};
use tokio::sync::watch;

use super::process::elsewhere;

/// Where time starts, in milliseconds since the epoch.
const DAWN: i64 = 1_790_000_000_000;
/// How often somebody looks whether all rest.
const TICK: Duration = Duration::from_micros(250);
/// The first step and the longest one, in milliseconds.
const STRIDES: (u64, u64) = (200, 30_000);

/// The true time, and how often something was done.
#[derive(Debug, Clone)]
pub struct Sky {
    now: Arc<AtomicI64>,
    done: Arc<AtomicU64>,
    held: Arc<AtomicBool>,
}

impl Sky {
    pub fn new() -> Self {
        Self { now: Arc::new(AtomicI64::new(DAWN)), done: Arc::default(), held: Arc::default() }
    }

    pub fn advance(&self, ms: i64) {
        self.now.fetch_add(ms, Ordering::SeqCst);
    }

    /// Lets time stand still, whoever waits, or go on.
    pub fn hold(&self, held: bool) {
        self.held.store(held, Ordering::SeqCst);
    }

    pub fn watch(&self, off_ms: i64) -> Watch {
        Watch { sky: self.clone(), off: Arc::new(AtomicI64::new(off_ms)) }
    }

    fn note(&self) {
        self.done.fetch_add(1, Ordering::SeqCst);
    }
}

/// Somebody's clock: the true time, but for a difference that can be changed.
#[derive(Debug, Clone)]
pub struct Watch {
    sky: Sky,
    off: Arc<AtomicI64>,
}

impl Watch {
    /// Sets the clock to `off_ms` from the true time; says by how much it jumped.
    pub fn set(&self, off_ms: i64) -> i64 {
        off_ms - self.off.swap(off_ms, Ordering::SeqCst)
    }

    /// Sets the clock ahead by `ms`.
    pub fn ahead(&self, ms: i64) {
        self.off.fetch_add(ms, Ordering::SeqCst);
    }
}

impl Clock for Watch {
    fn now(&self) -> Timestamp {
        Timestamp(self.sky.now.load(Ordering::SeqCst) + self.off.load(Ordering::SeqCst))
    }
}

/// A pulse in real time.
pub fn ticks() -> watch::Receiver<u64> {
    static PULSE: OnceLock<watch::Sender<u64>> = OnceLock::new();
    let pulse = PULSE.get_or_init(|| {
        let sender = watch::Sender::new(0_u64);
        let beat = sender.clone();
        std::thread::spawn(move || {
            // Nobody ever sends: the wait for it is the pulse.
            let (_never, wait) = std::sync::mpsc::sync_channel::<()>(0);
            loop {
                let _ = wait.recv_timeout(TICK);
                beat.send_modify(|n| *n += 1);
            }
        });
        sender
    });
    pulse.subscribe()
}

/// Moves time on, in the runtime this runs in and under `sky`, whenever nothing was done between two ticks: first by
/// a little, then by more and more.
pub async fn keep(sky: Sky, sandbox: Sandbox) {
    let mut ticks = ticks();
    let (mut before, mut step) = ((0, 0), STRIDES.0);
    while ticks.changed().await.is_ok() {
        let now = (sky.done.load(Ordering::SeqCst), sandbox.activity());
        if now != before {
            (before, step) = (now, STRIDES.0);
            continue;
        }
        // What was sent is answered, and what arrived together with the tick is taken up, before time goes on.
        let heard = elsewhere().spawn(async {
            for _ in 0..3 {
                tokio::task::yield_now().await;
            }
        });
        heard.await.expect("the sandbox's runtime lives");
        for _ in 0..3 {
            tokio::task::yield_now().await;
        }
        if (sky.done.load(Ordering::SeqCst), sandbox.activity()) != before || sky.held.load(Ordering::SeqCst)
        {
            continue;
        }
        sky.advance(step as i64);
        tokio::time::advance(Duration::from_millis(step)).await;
        step = (step * 2).min(STRIDES.1);
    }
}

/// Work that can be stopped at any of its await points.
pub struct Steps<'a, T> {
    work: Pin<Box<dyn Future<Output = T> + 'a>>,
    sky: Sky,
}

impl<'a, T> Steps<'a, T> {
    pub fn new(sky: &Sky, work: impl Future<Output = T> + 'a) -> Self {
        Self { work: Box::pin(work), sky: sky.clone() }
    }

    /// Works until it waits for the `most`th time from now; `None` when there is more to do.
    pub async fn go(&mut self, most: u32) -> Option<T> {
        let mut waits = 0;
        std::future::poll_fn(|cx| {
            self.sky.note();
            match self.work.as_mut().poll(cx) {
                Poll::Ready(out) => Poll::Ready(Some(out)),
                Poll::Pending => {
                    waits += 1;
                    if waits >= most { Poll::Ready(None) } else { Poll::Pending }
                }
            }
        })
        .await
    }
}
