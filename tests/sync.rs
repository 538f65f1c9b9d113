//! The engine, the store and the GitHub connector together, against the simulated GitHub over real HTTP.

#[path = "sync/stage.rs"]
mod stage;

#[path = "sync/asks.rs"]
mod asks;
#[path = "sync/bodies.rs"]
mod bodies;
#[path = "sync/both_ways.rs"]
mod both_ways;
#[path = "sync/census.rs"]
mod census;
#[path = "sync/clocks.rs"]
mod clocks;
#[path = "sync/creates.rs"]
mod creates;
#[path = "sync/ends.rs"]
mod ends;
#[path = "sync/faults.rs"]
mod faults;
#[path = "sync/further.rs"]
mod further;
#[path = "sync/guards.rs"]
mod guards;
#[path = "sync/import.rs"]
mod import;
#[path = "sync/limits.rs"]
mod limits;
#[path = "sync/linked.rs"]
mod linked;
#[path = "sync/machine.rs"]
mod machine;
#[path = "sync/modes.rs"]
mod modes;
#[path = "sync/names.rs"]
mod names;
#[path = "sync/oracles.rs"]
mod oracles;
#[path = "sync/processes.rs"]
mod processes;
#[path = "sync/quiet.rs"]
mod quiet;
#[path = "sync/rows.rs"]
mod rows;
#[path = "sync/twins.rs"]
mod twins;
#[path = "sync/undo.rs"]
mod undo;
