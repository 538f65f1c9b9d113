//! Corkboard: a kanban board in the terminal that keeps every card in step with the trackers a team already uses.
//!
//! The rooms, from the ground up; a module imports its own floor and the floors below it, never one above. The
//! picture and its reasons are in `docs/architecture.md`; `tests/tidy.rs` holds the code to it.

pub mod cli;
pub mod config;
pub mod connector;
pub mod domain;
pub mod engine;
pub mod sandbox;
pub mod server;
pub mod store;
pub mod support;
pub mod sync;
pub mod tui;
