//! A text field for a title, a body or a comment.

use ratatui::buffer::Buffer;

use crate::config::keymap::{Action, Layer};
use crate::tui::effect::Purpose;
use crate::tui::screen::{Ctx, Outcome, Screen};

/// A text field for a title, a body or a comment.
#[derive(Debug)]
pub struct EditorScreen {
    purpose: Purpose,
    text: String,
}

impl EditorScreen {
    /// Opens it.
    pub fn new(purpose: Purpose, text: String) -> Self {
        Self { purpose, text }
    }
}

impl Screen for EditorScreen {
    fn layer(&self) -> Layer {
        Layer::Text
    }

    fn title(&self, _ctx: &Ctx<'_>) -> String {
        "editor".to_owned()
    }

    fn action(&mut self, action: Action, _ctx: &Ctx<'_>) -> Outcome {
        if action == Action::Back { Outcome::Close } else { Outcome::Ignored }
    }

    fn render(&self, buf: &mut Buffer, ctx: &Ctx<'_>) {
        buf.set_style(ctx.area, ctx.theme.text);
    }
}
