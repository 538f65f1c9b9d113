//! The ground floor: clock, ids, paths, text sanitising and redaction. Imports nothing of Corkboard's.
pub mod clock;
#[cfg(test)]
pub(crate) mod fuzz;
pub mod hidden;
pub mod kept;
pub mod person;
pub mod shared;
pub mod text;
