//! How two sides become one again: reconcile, retry and schedule. Pure: no IO, no clock; time comes in as a value.

pub mod alerts;
pub mod judge;
pub mod reconcile;
pub mod retry;
pub mod schedule;

pub use judge::{Known, Queue, Verdict};
pub use reconcile::{Case, FieldConflict, Plan, Policies, Policy, Remote, reconcile};
pub use retry::{Backoff, CircuitBreaker, Class, Disposition};
