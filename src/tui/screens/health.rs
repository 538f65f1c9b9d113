//! The live health of every connection.

use ratatui::buffer::Buffer;

use crate::config::keymap::{Action, Layer};

use crate::tui::screen::{Ctx, Outcome, Screen};

/// The live health of every connection.
#[derive(Debug, Default)]
pub struct HealthScreen {}

impl Screen for HealthScreen {
    fn layer(&self) -> Layer {
        Layer::Health
    }

    fn title(&self, _ctx: &Ctx<'_>) -> String {
        "health".to_owned()
    }

    fn action(&mut self, action: Action, _ctx: &Ctx<'_>) -> Outcome {
        if action == Action::Back { Outcome::Close } else { Outcome::Ignored }
    }

    fn render(&self, buf: &mut Buffer, ctx: &Ctx<'_>) {
        buf.set_style(ctx.area, ctx.theme.text);
    }
}

/// Draws the panel beside a view, into `ctx.area`.
pub fn render_docked(buf: &mut Buffer, ctx: &Ctx<'_>) {
    buf.set_style(ctx.area, ctx.theme.text);
}

/// The columns the docked panel takes beside a view that has `width`; `None` when it has no room.
pub fn docked_width(width: u16) -> Option<u16> {
    (width >= 80).then_some(36)
}
