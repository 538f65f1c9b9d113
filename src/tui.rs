//! The terminal front end: events in, effects out, and a picture of the state.
//!
//! `update` alone changes the state, `view` cannot; neither does IO. Only this room knows ratatui and crossterm.

pub mod decode;
pub mod dispatch;
pub mod effect;
pub mod filter;
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
pub mod update;
pub mod view;

pub use dispatch::Backend;
pub use run::{FrontError, FrontOptions, Left, run};

#[cfg(test)]
pub mod fixture;
