//! The config file: read, checked with file, line and column, and edited with its comments kept.

pub mod keymap;
pub mod settings;

pub use settings::{ConnectionSettings, Settings};
