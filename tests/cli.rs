//! The command line as a script sees it: output, exit codes, files. Every run has a home of its own.

#[path = "cli/home.rs"]
mod home;
#[path = "cli/places.rs"]
mod places;

#[path = "cli/audit.rs"]
mod audit;
#[path = "cli/bodies.rs"]
mod bodies;
#[path = "cli/cards.rs"]
mod cards;
#[path = "cli/doctor.rs"]
mod doctor;
#[path = "cli/ends.rs"]
mod ends;
#[path = "cli/import.rs"]
mod import;
#[path = "cli/kills.rs"]
mod kills;
#[path = "cli/links.rs"]
mod links;
#[path = "cli/mapping.rs"]
mod mapping;
#[path = "cli/moving.rs"]
mod moving;
#[path = "cli/plain.rs"]
mod plain;
#[path = "cli/secrets.rs"]
mod secrets;
#[path = "cli/serving.rs"]
mod serving;
#[path = "cli/setup.rs"]
mod setup;
#[path = "cli/snapshot.rs"]
mod snapshot;
#[path = "cli/suggest.rs"]
mod suggest;
#[path = "cli/syncing.rs"]
mod syncing;
