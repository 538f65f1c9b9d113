//! Asks under which name the present filter shall be saved as a view, and says when that replaces one.

use ratatui::buffer::Buffer;
use ratatui::layout::{Position, Rect};

use super::editor::Field;
use crate::config::keymap::{Action, Key, Layer};
use crate::config::views::name_problem;
use crate::config::{Choice, SavedView};
use crate::tui::effect::Effect;
use crate::tui::paint;
use crate::tui::screen::{Ctx, Input, Outcome, Screen, centred};
use crate::tui::screens::pen::{self, Pen};

/// Cells of the names before the values.
const NAMES: u16 = 7;

/// The name of a view that is to be saved.
#[derive(Debug)]
pub struct SaveViewScreen {
    name: Field,
    query: String,
    refusal: Option<String>,
}

impl SaveViewScreen {
    /// Opens it for a query, with a name to start from.
    pub fn new(name: &str, query: &str) -> Self {
        Self { name: Field::new(name, true), query: query.trim().to_owned(), refusal: None }
    }

    fn save(&mut self) -> Outcome {
        let name = self.name.text().trim().to_owned();
        if let Some(problem) = name_problem(&name) {
            self.refusal = Some(problem);
            return Outcome::Stay;
        }
        Outcome::CloseWith(vec![Effect::Keep(Choice::View(SavedView { name, query: self.query.clone() }))])
    }

    /// The view that would be replaced.
    fn replaced<'a>(&self, ctx: &Ctx<'a>) -> Option<&'a SavedView> {
        let name = self.name.text();
        ctx.settings.views.iter().find(|v| v.is_named(name.trim()))
    }

    fn field(area: Rect) -> Rect {
        let inner = paint::inside(area);
        let left = NAMES.min(inner.width);
        Rect { x: inner.x + left, width: inner.width - left, height: inner.height.min(1), ..inner }
    }
}

impl Screen for SaveViewScreen {
    fn layer(&self) -> Layer {
        Layer::Text
    }

    fn title(&self, _ctx: &Ctx<'_>) -> String {
        "Save the filter as a view".to_owned()
    }

    fn hints(&self) -> &'static [Action] {
        &[Action::Save, Action::Back]
    }

    fn action(&mut self, action: Action, _ctx: &Ctx<'_>) -> Outcome {
        match action {
            Action::Back => Outcome::Close,
            Action::Save => self.save(),
            _ => Outcome::Ignored,
        }
    }

    fn input(&mut self, input: &Input, _ctx: &Ctx<'_>) -> Outcome {
        if matches!(input, Input::Key(press, _) if press.key == Key::Enter) {
            return self.save();
        }
        let typed = self.name.input(input);
        if typed {
            self.refusal = None;
        }
        if typed { Outcome::Stay } else { Outcome::Ignored }
    }

    fn area(&self, frame: Rect, _ctx: &Ctx<'_>) -> Rect {
        centred(frame, 64, 7)
    }

    fn render(&self, buf: &mut Buffer, ctx: &Ctx<'_>) {
        paint::frame(buf, ctx.area, &self.title(ctx), ctx.theme.border_focus, ctx);
        let inner = paint::inside(ctx.area);
        Pen::new(buf, ctx, inner, 0).put("name", ctx.theme.dim);
        self.name.render(buf, Self::field(ctx.area), ctx);
        Pen::new(buf, ctx, inner, 1).field("shows", NAMES, ctx.theme.dim).put(&self.query, ctx.theme.text);
        let mut told = Pen::new(buf, ctx, inner, 3);
        if let Some(refusal) = &self.refusal {
            told.put(ctx.glyphs.cross, ctx.theme.error).skip(1).put(refusal, ctx.theme.error);
        } else if let Some(old) = self.replaced(ctx) {
            let same = old.query == self.query;
            let words =
                if same { "it is saved so already".to_owned() } else { format!("replaces: {}", old.query) };
            told.put(ctx.glyphs.warn, ctx.theme.warn).skip(1).put(&words, ctx.theme.warn);
        }
        let back = pen::key(ctx, Action::Back);
        Pen::new(buf, ctx, inner, 4).hints(&[("enter", "save"), (&back, "cancel")]);
    }

    fn cursor(&self, ctx: &Ctx<'_>) -> Option<Position> {
        self.name.cursor(Self::field(ctx.area))
    }
}
