//! The config file: read, checked with file, line and column, and edited with its comments kept.

pub mod duration;
pub mod edit;
pub mod keymap;
pub mod keys;
pub mod mapping_draft;
pub mod new_cards;
mod parse;
pub mod paths;
pub mod report;
pub mod rule_text;
pub mod secret;
pub mod settings;
pub mod templates;
pub mod theme;
pub mod views;

pub use edit::{Choice, EditError};
pub use mapping_draft::{Cell, MappingDraft, MappingProblem};
pub use parse::{is_loopback, is_repository, load, parse};
pub use paths::Paths;
pub use report::{ConfigError, Mistake};
pub use secret::SecretError;
pub use settings::{ConnectionSettings, Settings};
pub use views::SavedView;
