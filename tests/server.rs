//! The server of `serve`, with the engine behind it and simulated platforms behind that, all over real HTTP.

#[path = "sync/stage.rs"]
#[expect(dead_code, reason = "the stage serves the sync tests too, which use more of it")]
mod stage;

#[path = "server/desk.rs"]
mod desk;

#[path = "server/pages.rs"]
mod pages;
#[path = "server/senders.rs"]
mod senders;
#[path = "server/webhooks.rs"]
mod webhooks;
