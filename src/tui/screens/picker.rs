//! A list to pick labels, assignees or a milestone from, for one card or several.

use ratatui::buffer::Buffer;

use crate::config::keymap::{Action, Layer};
use crate::domain::card::CardId;
use crate::tui::screen::{Ctx, Outcome, Screen};

/// A list to pick labels, assignees or a milestone from, for one card or several.
#[derive(Debug)]
pub struct PickerScreen {
    kind: PickerKind,
    cards: Vec<CardId>,
}

impl PickerScreen {
    /// Opens it.
    pub fn new(kind: PickerKind, cards: Vec<CardId>, _ctx: &Ctx<'_>) -> Self {
        Self { kind, cards }
    }
}

impl Screen for PickerScreen {
    fn layer(&self) -> Layer {
        Layer::List
    }

    fn title(&self, _ctx: &Ctx<'_>) -> String {
        "picker".to_owned()
    }

    fn action(&mut self, action: Action, _ctx: &Ctx<'_>) -> Outcome {
        if action == Action::Back { Outcome::Close } else { Outcome::Ignored }
    }

    fn render(&self, buf: &mut Buffer, ctx: &Ctx<'_>) {
        buf.set_style(ctx.area, ctx.theme.text);
    }
}

/// What is picked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PickerKind {
    /// Labels, any number.
    Labels,
    /// Assignees, any number.
    Assignees,
    /// A milestone, or none.
    Milestone,
}
