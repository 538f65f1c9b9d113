//! The mapping editor.

use ratatui::buffer::Buffer;

use crate::config::Settings;
use crate::config::keymap::{Action, Layer};
use crate::tui::screen::{Ctx, Outcome, Screen};

/// The mapping editor.
#[derive(Debug)]
pub struct MappingScreen {}

impl MappingScreen {
    /// Opens it.
    pub fn new(_settings: &Settings) -> Self {
        Self {}
    }
}

impl Screen for MappingScreen {
    fn layer(&self) -> Layer {
        Layer::Mapping
    }

    fn title(&self, _ctx: &Ctx<'_>) -> String {
        "mapping".to_owned()
    }

    fn action(&mut self, action: Action, _ctx: &Ctx<'_>) -> Outcome {
        if action == Action::Back { Outcome::Close } else { Outcome::Ignored }
    }

    fn render(&self, buf: &mut Buffer, ctx: &Ctx<'_>) {
        buf.set_style(ctx.area, ctx.theme.text);
    }
}
