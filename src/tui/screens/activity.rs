//! The audit log: what was written, refused, decided or reconfigured, newest first, with a filter.

use ratatui::buffer::Buffer;

use crate::config::keymap::{Action, Layer};
use crate::domain::audit::{AuditFilter, AuditRow};
use crate::engine::Update;
use crate::tui::effect::Effect;
use crate::tui::screen::{Ctx, Outcome, Screen};

/// The audit log.
#[derive(Debug, Default)]
pub struct ActivityScreen {
    rows: Vec<AuditRow>,
    filter: AuditFilter,
    token: u64,
}

impl ActivityScreen {
    /// The view was gone to: the rows are read anew.
    pub fn opened(&mut self) -> Vec<Effect> {
        self.token += 1;
        vec![Effect::ListActivity { token: self.token, filter: self.filter.clone(), before: None }]
    }
}

impl Screen for ActivityScreen {
    fn layer(&self) -> Layer {
        Layer::Activity
    }

    fn title(&self, _ctx: &Ctx<'_>) -> String {
        "Activity".to_owned()
    }

    fn action(&mut self, action: Action, _ctx: &Ctx<'_>) -> Outcome {
        if action == Action::Back { Outcome::Close } else { Outcome::Ignored }
    }

    fn update(&mut self, update: &Update, _ctx: &Ctx<'_>) -> Outcome {
        match update {
            Update::Activity { token, rows, .. } if *token == self.token => {
                self.rows.clone_from(rows);
                Outcome::Stay
            }
            _ => Outcome::Ignored,
        }
    }

    fn render(&self, _buf: &mut Buffer, _ctx: &Ctx<'_>) {}
}
