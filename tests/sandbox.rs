//! The sandbox behaves like GitHub, over real HTTP on loopback. Nothing here reaches beyond this machine.

#![expect(clippy::unwrap_used, reason = "what fails in a test's own steps should fail the test")]

#[path = "sandbox/common.rs"]
mod common;
#[path = "sandbox/contract.rs"]
mod contract;
#[path = "sandbox/faults.rs"]
mod faults;
#[path = "sandbox/issues.rs"]
mod issues;
#[path = "sandbox/limits.rs"]
mod limits;
#[path = "sandbox/lists.rs"]
mod lists;
#[path = "sandbox/permissions.rs"]
mod permissions;
#[path = "sandbox/seeds.rs"]
mod seeds;
#[path = "sandbox/world.rs"]
mod world;
