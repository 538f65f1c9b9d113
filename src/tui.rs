//! The terminal front end: events in, effects out, and a picture of the state.
//!
//! `update` alone changes the state, `view` cannot; neither does IO. Only this room knows ratatui and crossterm.

pub mod abilities;
pub mod decode;
pub mod dispatch;
pub mod effect;
pub mod filter;
pub mod hyperlinks;
pub mod ink;
pub mod input;
pub mod layout;
pub mod moves;
pub mod overlay;
pub mod paint;
pub mod picture;
pub mod quiet;
pub mod run;
pub mod screen;
pub mod screens;
pub mod state;
pub mod svg;
pub mod theme;
pub mod tour;
pub mod update;
pub mod view;
pub mod welcome;

pub use dispatch::Backend;
pub use effect::Next;
pub use run::{FrontError, FrontOptions, Left, run, speaks_kitty};
pub use welcome::Welcome;

#[cfg(test)]
pub mod fixture;
