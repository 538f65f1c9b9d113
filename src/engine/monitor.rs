//! The health of every connection, live: workers write it, front ends watch it.

use tokio::sync::watch;

use crate::config::Settings;
use crate::connector::Exchange;
use crate::domain::health::Health;
use crate::domain::link::ConnectionName;

/// Holds the health of every connection and tells who watches.
#[derive(Debug, Clone)]
pub struct Monitor(watch::Sender<Vec<Health>>);

impl Monitor {
    /// Nothing is known yet of any connection.
    pub fn new(settings: &Settings) -> Self {
        Self(watch::Sender::new(Self::blank(settings)))
    }

    fn blank(settings: &Settings) -> Vec<Health> {
        let of = |c: &crate::config::ConnectionSettings| {
            Health::new(c.name.clone(), c.platform.as_str(), c.repository.clone())
        };
        settings.connections.iter().map(of).collect()
    }

    /// Takes changed settings over; what is known of a connection that stays is kept.
    pub fn reset(&self, settings: &Settings) {
        self.0.send_modify(|all| {
            let mut next = Self::blank(settings);
            for health in &mut next {
                if let Some(old) = all.iter().find(|h| h.connection == health.connection) {
                    health.clone_from(old);
                }
            }
            *all = next;
        });
    }

    /// A receiver of every change.
    pub fn watch(&self) -> watch::Receiver<Vec<Health>> {
        self.0.subscribe()
    }

    /// The health of one connection now.
    pub fn of(&self, name: &ConnectionName) -> Option<Health> {
        self.0.borrow().iter().find(|h| h.connection == *name).cloned()
    }

    /// Changes the health of one connection; nobody is told when nothing came of it.
    pub fn update(&self, name: &ConnectionName, change: impl FnOnce(&mut Health)) {
        self.0.send_if_modified(|all| {
            let Some(health) = all.iter_mut().find(|h| h.connection == *name) else { return false };
            let before = health.clone();
            change(health);
            *health != before
        });
    }

    /// Notes an exchange with the platform.
    pub fn record(&self, name: &ConnectionName, exchange: &Exchange) {
        self.update(name, |h| {
            h.record(exchange.latency_ms, exchange.status.is_some_and(|s| s < 400));
            if exchange.rate.is_some() {
                h.rate = exchange.rate;
            }
            h.budgets.clone_from(&exchange.budgets);
        });
    }
}
