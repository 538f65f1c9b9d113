//! The command line as a script sees it: output, exit codes, files. Every run has a home of its own.

#[path = "cli/home.rs"]
mod home;

#[path = "cli/audit.rs"]
mod audit;
#[path = "cli/cards.rs"]
mod cards;
#[path = "cli/ends.rs"]
mod ends;
#[path = "cli/kills.rs"]
mod kills;
#[path = "cli/links.rs"]
mod links;
#[path = "cli/secrets.rs"]
mod secrets;
#[path = "cli/serving.rs"]
mod serving;
#[path = "cli/setup.rs"]
mod setup;
#[path = "cli/syncing.rs"]
mod syncing;
