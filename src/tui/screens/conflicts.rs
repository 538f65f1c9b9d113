//! Fields that were changed on both sides: base, here and there side by side, and what becomes of them.

use ratatui::buffer::Buffer;

use crate::config::keymap::{Action, Layer};
use crate::domain::conflict::Conflict;
use crate::engine::Update;
use crate::tui::effect::Effect;
use crate::tui::screen::{Ctx, Outcome, Screen};

/// The conflicts that wait for a person, and those decided last.
#[derive(Debug, Default)]
pub struct ConflictsScreen {
    conflicts: Vec<Conflict>,
}

impl ConflictsScreen {
    /// The view was gone to: the conflicts are read anew.
    pub fn opened(&mut self) -> Vec<Effect> {
        vec![Effect::ListConflicts]
    }
}

impl Screen for ConflictsScreen {
    fn layer(&self) -> Layer {
        Layer::Conflicts
    }

    fn title(&self, _ctx: &Ctx<'_>) -> String {
        "Conflicts".to_owned()
    }

    fn action(&mut self, action: Action, _ctx: &Ctx<'_>) -> Outcome {
        if action == Action::Back { Outcome::Close } else { Outcome::Ignored }
    }

    fn update(&mut self, update: &Update, _ctx: &Ctx<'_>) -> Outcome {
        match update {
            Update::Conflicts(conflicts) => {
                self.conflicts.clone_from(conflicts);
                Outcome::Stay
            }
            _ => Outcome::Ignored,
        }
    }

    fn render(&self, _buf: &mut Buffer, _ctx: &Ctx<'_>) {}
}
