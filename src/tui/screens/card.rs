//! An open card: its fields, its Markdown body, its comments.

use ratatui::buffer::Buffer;

use crate::config::keymap::{Action, Layer};
use crate::domain::card::CardId;
use crate::tui::screen::{Ctx, Outcome, Screen};

/// An open card: its fields, its Markdown body, its comments.
#[derive(Debug)]
pub struct CardScreen {
    card: CardId,
}

impl CardScreen {
    /// Which card it shows.
    pub fn card(&self) -> CardId {
        self.card
    }

    /// Opens it.
    pub fn new(card: CardId) -> Self {
        Self { card }
    }
}

impl Screen for CardScreen {
    fn layer(&self) -> Layer {
        Layer::Card
    }

    fn title(&self, _ctx: &Ctx<'_>) -> String {
        "card".to_owned()
    }

    fn action(&mut self, action: Action, _ctx: &Ctx<'_>) -> Outcome {
        if action == Action::Back { Outcome::Close } else { Outcome::Ignored }
    }

    fn render(&self, buf: &mut Buffer, ctx: &Ctx<'_>) {
        buf.set_style(ctx.area, ctx.theme.text);
    }
}
