//! Making a connector from settings: the one place that meets tokens.

use std::sync::Arc;

use crate::config::ConnectionSettings;
use crate::connector::{Answer, Connector, Exchange};
use crate::support::clock::{SharedClock, Timestamp};

/// What a connector is given besides its settings.
#[derive(Clone)]
pub struct Wires {
    /// Told of every exchange.
    pub observe: Arc<dyn Fn(Exchange) + Send + Sync>,
    /// Told when the platform orders to wait until a moment.
    pub cool_down: Arc<dyn Fn(Timestamp) + Send + Sync>,
    /// A wait ordered before this process started.
    pub cool_down_until: Option<Timestamp>,
    /// Nothing but GET and HEAD may leave.
    pub read_only: bool,
    /// The clock.
    pub clock: SharedClock,
}

/// Makes connectors.
pub trait Dial: Send + Sync {
    /// Finds the token and makes the connector of one connection.
    fn dial<'a>(&'a self, settings: &'a ConnectionSettings, wires: Wires) -> Answer<'a, Arc<dyn Connector>>;
}
