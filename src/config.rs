//! The config file: read, checked with file, line and column, and edited with its comments kept.

pub mod keymap;
pub mod mapping_draft;
pub mod settings;

pub use mapping_draft::{Cell, MappingDraft, MappingProblem};
pub use settings::{ConnectionSettings, Settings};
