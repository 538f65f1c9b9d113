//! A picture of the board as an SVG, drawn by the same code that draws it in a terminal: for the README and for
//! whoever wants to show a board where no terminal is.

use std::collections::BTreeMap;
use std::sync::Arc;

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use super::state::{Setup, State};
use super::svg::{Palette, document};
use super::update::{Event, update};
use super::view;
use crate::config::Settings;
use crate::config::keymap::KeymapError;
use crate::domain::board::Board;
use crate::domain::health::Health;
use crate::engine::Update;
use crate::support::clock::Timestamp;

/// What a picture is drawn of.
pub struct Subject {
    /// The settings.
    pub settings: Arc<Settings>,
    /// The whole board.
    pub board: Board,
    /// The connections' health.
    pub health: Vec<Health>,
    /// The person's own logins.
    pub me: Vec<String>,
    /// The moment it is about.
    pub now: Timestamp,
}

/// Draws the board with the health panel beside it, `columns` by `rows` cells large, on a dark background.
pub fn picture(subject: Subject, columns: u16, rows: u16) -> Result<String, KeymapError> {
    let Subject { settings, board, health, me, now } = subject;
    let title = settings.board_name.clone();
    let size = (columns, rows);
    let setup = Setup {
        settings,
        board: board.clone(),
        health,
        me,
        now,
        remembered: BTreeMap::new(),
        no_color: false,
        size,
    };
    let mut state = State::new(setup)?;
    state.docked = true;
    // What the engine would do about the board is of no interest here.
    drop(update(&mut state, now, Event::Engine(Box::new(Update::Loaded(Box::new(board))))));
    let mut buffer = Buffer::empty(Rect::new(0, 0, columns, rows));
    view::draw(&state, &mut buffer);
    Ok(document(&buffer, &Palette::DARK, &title))
}
