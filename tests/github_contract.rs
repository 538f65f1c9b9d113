//! The GitHub connector against the simulated GitHub, over real HTTP on loopback, with what goes wrong in life.

#![expect(clippy::unwrap_used, reason = "what fails in a test's own steps should fail the test")]

#[path = "github/desk.rs"]
mod desk;
#[path = "github/odd.rs"]
mod odd;
#[path = "github/places.rs"]
mod places;
#[path = "github/pull.rs"]
mod pull;
#[path = "github/update.rs"]
mod update;
#[path = "github/write.rs"]
mod write;
