//! The list of themes, with the board behind as the preview: walking the list puts each theme on, leaving it takes it
//! off again. It wears nothing itself: the front end looks at what is chosen.

use crossterm::event::{MouseButton, MouseEventKind};
use ratatui::buffer::Buffer;
use ratatui::layout::{Position, Rect};

use crate::config::Choice;
use crate::config::keymap::{Action, Layer};
use crate::config::settings::{Settings, ThemeName};
use crate::config::theme::OwnTheme;
use crate::engine::Update;
use crate::tui::effect::Effect;
use crate::tui::paint;
use crate::tui::screen::{Ctx, Input, Outcome, Screen};
use crate::tui::screens::pen::{self, Pen};
use crate::tui::theme::Depth;

/// Cells of the dialog.
const WIDTH: u16 = 44;
/// Rows under the list: a rule, the samples, what is to be known, and the hints.
const FOOT: u16 = 6;

/// The list of themes.
#[derive(Debug)]
pub struct ThemesScreen {
    themes: Vec<Row>,
    at: usize,
    depth: Depth,
}

/// A theme and what it is.
#[derive(Debug)]
struct Row {
    name: ThemeName,
    note: String,
}

/// Every theme there is: the built-in ones, then the person's own.
fn rows(own: &[OwnTheme]) -> Vec<Row> {
    let what = |name: &ThemeName| match name {
        ThemeName::Terminal => "your terminal's",
        ThemeName::Dark => "for a dark room",
        ThemeName::Light => "for a bright one",
        ThemeName::HighContrast => "as clear as can be",
        ThemeName::Mono | ThemeName::Own(_) => "no colour",
    };
    let built_in = ThemeName::ALL.into_iter().map(|name| Row { note: what(&name).to_owned(), name });
    let own = own.iter().map(|theme| Row {
        name: ThemeName::Own(theme.name.clone()),
        note: format!("yours, on {}", theme.base.as_str()),
    });
    built_in.chain(own).collect()
}

impl ThemesScreen {
    /// Opens it on the theme of the settings.
    pub fn new(settings: &Settings, depth: Depth) -> Self {
        let themes = rows(&settings.themes);
        let at = themes.iter().position(|row| row.name == settings.ui.theme).unwrap_or(0);
        Self { themes, at, depth }
    }

    /// The theme that is looked at.
    pub fn chosen(&self) -> Option<&ThemeName> {
        self.themes.get(self.at).map(|row| &row.name)
    }

    fn go(&mut self, at: usize) -> Outcome {
        self.at = at.min(self.themes.len().saturating_sub(1));
        Outcome::Stay
    }

    fn keep(&self, ctx: &Ctx<'_>) -> Outcome {
        match self.chosen() {
            Some(name) if *name != ctx.settings.ui.theme => {
                Outcome::CloseWith(vec![Effect::Keep(Choice::Theme(name.clone()))])
            }
            _ => Outcome::Close,
        }
    }

    /// The first row shown, and the cells of the list.
    fn window(&self, area: Rect) -> (usize, Rect) {
        let inner = paint::inside(area);
        let list = Rect { height: inner.height.saturating_sub(FOOT).max(inner.height.min(1)), ..inner };
        ((self.at + 1).saturating_sub(usize::from(list.height)), list)
    }

    fn list(&self, buf: &mut Buffer, ctx: &Ctx<'_>) {
        let (top, area) = self.window(ctx.area);
        for (n, row) in self.themes.iter().enumerate().skip(top).take(usize::from(area.height)) {
            let at = Rect { y: area.y + (n - top) as u16, height: 1, ..area };
            let (text, dim) = if n == self.at {
                buf.set_style(at, ctx.theme.selection);
                (ctx.theme.selection, ctx.theme.selection)
            } else {
                (ctx.theme.text, ctx.theme.dim)
            };
            let kept = row.name == ctx.settings.ui.theme;
            let mark = if kept { ctx.glyphs.check } else { " " };
            let note = if kept { format!("kept {} {}", ctx.glyphs.dot, row.note) } else { row.note.clone() };
            let right = paint::text_right(buf, at.x + 16, at.right(), at.y, &note, dim, ctx.glyphs);
            let name = Rect { width: right.saturating_sub(at.x + 1), ..at };
            Pen::new(buf, ctx, name, 0).put(mark, text).skip(1).put(row.name.as_str(), text);
        }
        pen::more(buf, Rect { width: area.width + 1, ..area }, ctx, top, self.themes.len());
    }

    /// What the board behind may not show just now: every state, and a card's facts.
    fn samples(buf: &mut Buffer, ctx: &Ctx<'_>, area: Rect, row: u16) {
        let (theme, glyphs) = (ctx.theme, ctx.glyphs);
        let mut pen = Pen::new(buf, ctx, area, row);
        pen.put("title", theme.title).skip(2).put("bug", theme.label).skip(2).put("@ana", theme.person);
        pen.skip(2)
            .put("v1.2", theme.milestone)
            .skip(2)
            .put("match", theme.hit)
            .skip(2)
            .put("focus", theme.focus);
        let mut pen = Pen::new(buf, ctx, area, row + 1);
        for (glyph, word, style) in [
            (glyphs.check, "ok", theme.ok),
            (glyphs.dot, "syncing", theme.info),
            (glyphs.warn, "conflict", theme.warn),
            (glyphs.cross, "refused", theme.error),
        ] {
            pen.put(glyph, style).skip(1).put(word, style).skip(2);
        }
    }

    fn clicked(&mut self, at: Position, ctx: &Ctx<'_>) -> Outcome {
        let (top, list) = self.window(ctx.area);
        if !list.contains(at) {
            return Outcome::Ignored;
        }
        let row = top + usize::from(at.y - list.y);
        match row {
            row if row >= self.themes.len() => Outcome::Ignored,
            row if row == self.at => self.keep(ctx),
            row => self.go(row),
        }
    }
}

impl Screen for ThemesScreen {
    fn layer(&self) -> Layer {
        Layer::List
    }

    fn title(&self, _ctx: &Ctx<'_>) -> String {
        "Theme".to_owned()
    }

    fn hints(&self) -> &'static [Action] {
        &[Action::Back, Action::Open]
    }

    fn action(&mut self, action: Action, ctx: &Ctx<'_>) -> Outcome {
        match action {
            Action::FocusDown => self.go(self.at + 1),
            Action::FocusUp => self.go(self.at.saturating_sub(1)),
            Action::FocusTop => self.go(0),
            Action::FocusBottom => self.go(usize::MAX),
            Action::HalfPageDown => self.go(self.at + 5),
            Action::HalfPageUp => self.go(self.at.saturating_sub(5)),
            Action::Open => self.keep(ctx),
            Action::Back => Outcome::Close,
            _ => Outcome::Ignored,
        }
    }

    fn input(&mut self, input: &Input, ctx: &Ctx<'_>) -> Outcome {
        let Input::Mouse(mouse) = input else { return Outcome::Ignored };
        match mouse.kind {
            MouseEventKind::ScrollDown => self.go(self.at + 1),
            MouseEventKind::ScrollUp => self.go(self.at.saturating_sub(1)),
            MouseEventKind::Down(MouseButton::Left) => {
                self.clicked(Position::new(mouse.column, mouse.row), ctx)
            }
            _ => Outcome::Ignored,
        }
    }

    fn update(&mut self, update: &Update, _ctx: &Ctx<'_>) -> Outcome {
        let Update::Settings(settings) = update else { return Outcome::Ignored };
        let chosen = self.chosen().cloned();
        self.themes = rows(&settings.themes);
        self.at = self.themes.iter().position(|row| Some(&row.name) == chosen.as_ref()).unwrap_or(0);
        Outcome::Stay
    }

    /// At the right, so that most of the board is seen in the theme.
    fn area(&self, frame: Rect, _ctx: &Ctx<'_>) -> Rect {
        let width = WIDTH.min(frame.width);
        let height = (self.themes.len() as u16).saturating_add(FOOT + 2).min(frame.height);
        Rect { x: frame.right() - width, y: frame.y + (frame.height - height) / 2, width, height }
    }

    fn render(&self, buf: &mut Buffer, ctx: &Ctx<'_>) {
        paint::frame(buf, ctx.area, &self.title(ctx), ctx.theme.border_focus, ctx);
        self.list(buf, ctx);
        let inner = paint::inside(ctx.area);
        if inner.height <= FOOT {
            return;
        }
        let foot = inner.height - FOOT;
        paint::rule(buf, inner.x, inner.y + foot, inner.width, ctx.glyphs.rule, ctx.theme.border);
        Self::samples(buf, ctx, inner, foot + 1);
        if self.depth == Depth::Mono {
            let words = "without colour here (NO_COLOR, --color, TERM)";
            Pen::new(buf, ctx, inner, foot + 3).put(words, ctx.theme.warn);
        } else if self.depth == Depth::Sixteen {
            Pen::new(buf, ctx, inner, foot + 3).put("this terminal tells of 16 colours", ctx.theme.dim);
        }
        let (enter, esc) = (pen::key(ctx, Action::Open), pen::key(ctx, Action::Back));
        let keep = if self.chosen() == Some(&ctx.settings.ui.theme) { "close" } else { "keep" };
        Pen::new(buf, ctx, inner, inner.height - 1).hints(&[(&enter, keep), (&esc, "as it was")]);
    }
}

#[cfg(test)]
mod tests;
