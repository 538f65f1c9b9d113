//! The real binary in a real terminal: a PTY, a screen model, keys and mouse bytes.

#[path = "terminal/term.rs"]
mod term;

#[path = "terminal/asks.rs"]
mod asks;
#[path = "terminal/bell.rs"]
mod bell;
#[path = "terminal/board.rs"]
mod board;
#[path = "terminal/conflicts.rs"]
mod conflicts;
#[path = "terminal/death.rs"]
mod death;
#[path = "terminal/doing.rs"]
mod doing;
#[path = "terminal/keys.rs"]
mod keys;
#[path = "terminal/links.rs"]
mod links;
#[path = "terminal/manners.rs"]
mod manners;
#[path = "terminal/mapping.rs"]
mod mapping;
#[path = "terminal/tasks.rs"]
mod tasks;
#[path = "terminal/views.rs"]
mod views;
#[path = "terminal/watching.rs"]
mod watching;
