//! The bindings of a view, searchable.

use ratatui::buffer::Buffer;

use crate::config::keymap::{Action, Layer};

use crate::tui::screen::{Ctx, Outcome, Screen};

/// The bindings of a view, searchable.
#[derive(Debug)]
pub struct HelpScreen {
    layer: Layer,
}

impl HelpScreen {
    /// Opens it.
    pub fn new(layer: Layer) -> Self {
        Self { layer }
    }
}

impl Screen for HelpScreen {
    fn layer(&self) -> Layer {
        Layer::List
    }

    fn title(&self, _ctx: &Ctx<'_>) -> String {
        "help".to_owned()
    }

    fn action(&mut self, action: Action, _ctx: &Ctx<'_>) -> Outcome {
        if action == Action::Back { Outcome::Close } else { Outcome::Ignored }
    }

    fn render(&self, buf: &mut Buffer, ctx: &Ctx<'_>) {
        buf.set_style(ctx.area, ctx.theme.text);
    }
}
