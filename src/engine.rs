//! The use cases both front ends call; the only place where store, core and connectors meet.

pub mod update;

pub use update::{CardDetail, Comments, MappingPreview, Update};
