//! The ground floor: clock, ids, paths, text sanitising and redaction. Imports nothing of Corkboard's.
pub mod clock;
pub mod person;
pub mod text;
