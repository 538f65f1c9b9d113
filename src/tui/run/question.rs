//! One question to the terminal, asked by somebody who does not draw on it and so can wait for the answer.

use std::io::{self, Write};
use std::time::Duration;

use crossterm::terminal::{disable_raw_mode, enable_raw_mode};

use super::input::Input;
use super::terminal::QUESTION;
use crate::tui::decode::{Heard, Report};

/// How long an answer may take: more than the way to another continent and back.
const PATIENCE: Duration = Duration::from_millis(600);

/// Whether the terminal speaks the kitty keyboard protocol; `None` when it answers nothing at all. What is typed
/// meanwhile is lost. The terminal must be standard input and output.
pub async fn speaks_kitty() -> io::Result<Option<bool>> {
    enable_raw_mode()?;
    let answer = tokio::time::timeout(PATIENCE, ask()).await;
    disable_raw_mode()?;
    answer.map_or(Ok(None), |told| told.map(Some))
}

async fn ask() -> io::Result<bool> {
    let mut input = Input::open(true)?;
    let mut out = io::stdout().lock();
    out.write_all(QUESTION)?;
    out.flush()?;
    drop(out);
    let mut speaks = false;
    loop {
        match input.next().await? {
            Heard::Report(Report::Keyboard) => speaks = true,
            Heard::Report(Report::Attributes) => return Ok(speaks),
            Heard::Event(_) => {}
        }
    }
}
