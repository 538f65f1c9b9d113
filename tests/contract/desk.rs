//! What a platform brings along to be held to the contract: a place in the sandbox, and somebody else at its web pages.

use std::sync::Arc;
use std::time::Duration;

use corkboard::connector::http::{Credential, Gates, GatesOptions, Limits, Port, loopback_client};
use corkboard::connector::{Connector, RemoteRef};
use corkboard::domain::mapping::StatusMapping;
use corkboard::sandbox::{Sandbox, SandboxOptions, Seed};
use corkboard::support::clock::{Clock as _, ManualClock, Timestamp};

/// 2026-03-01T12:00:00Z.
pub const START: Timestamp = Timestamp(1_772_366_400_000);

/// One platform under contract. Items are made by `ana`, the connector's token is `ben`'s.
pub trait Desk: Sized {
    /// A sandbox with `items` items titled `item 1`, `item 2`, .., a minute apart, all before the clock's present.
    async fn start(items: usize) -> Self;

    /// The sandbox, for faults and its record of requests.
    fn sandbox(&self) -> &Sandbox;

    /// The sandbox's clock and ours.
    fn clock(&self) -> &Arc<ManualClock>;

    /// The clock's present.
    fn clock_now(&self) -> Timestamp {
        self.clock().now()
    }

    /// A connector with a token that may write, or with one that has expired.
    fn connector(&self, expired: bool) -> Arc<dyn Connector>;

    /// Every status the platform has, each mapped; `proposed` is where a new item is, and each can be reached from it by
    /// moving through all of them in order.
    fn mapping(&self) -> StatusMapping;

    /// Somebody who can be assigned, as the platform names people, and the title of a milestone there is.
    fn names(&self) -> (String, String);

    /// What the platform shows at its web pages: title and body without our mark.
    fn shows(&self, at: &RemoteRef) -> Option<(String, String)>;

    /// Somebody gives the item another title.
    fn retitle(&self, at: &RemoteRef, title: &str);

    /// Somebody deletes it; false where nobody can.
    fn delete(&self, at: &RemoteRef) -> bool;

    /// Somebody moves it to another place; false where nobody can.
    fn transfer(&self, at: &RemoteRef) -> bool;

    /// How many items the platform holds that carry `title`.
    fn count(&self, title: &str) -> usize;
}

/// A sandbox and its clock, an hour after everything that is seeded.
pub async fn sandbox(issues: usize) -> (Sandbox, Arc<ManualClock>) {
    let clock = Arc::new(ManualClock::new(START));
    let options =
        SandboxOptions { seed: Seed::Count(issues), clock: clock.clone(), ..SandboxOptions::default() };
    let sandbox = Sandbox::start(options).await.unwrap();
    clock.advance(3_600_000);
    (sandbox, clock)
}

/// A way out to `base` without limits of our own.
pub fn port(base: &url::Url, clock: &Arc<ManualClock>, credential: &Credential) -> Port {
    let gates = Gates::new(GatesOptions {
        client: loopback_client().unwrap(),
        clock: clock.clone(),
        read_only: false,
        limits: Limits::none(),
    });
    gates.gate(base, credential, Duration::ZERO).port(Arc::new(|_| {}))
}
