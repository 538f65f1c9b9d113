//! The screens beside the board: an opened card, the editors and pickers, health, the mapping and the help.
//!
//! Each is plain state that takes an input and answers with an outcome, and draws itself from what it holds. None
//! does IO, none reads a clock, none draws remote text that was not made harmless.

pub mod fuzzy;
pub mod markdown;
pub mod shape;
