//! The web addresses a card's text names: one is opened or copied.

use crossterm::event::{MouseButton, MouseEventKind};
use ratatui::buffer::Buffer;
use ratatui::layout::{Position, Rect};

use super::markdown::Named;
use super::pen::{self, Pen};
use super::shape::window;
use crate::config::keymap::{Action, Key, Layer};
use crate::tui::effect::Effect;
use crate::tui::paint;
use crate::tui::screen::{Ctx, Input, Outcome, Screen, centred};

/// A list of addresses.
#[derive(Debug)]
pub struct AddressesScreen {
    links: Vec<Named>,
    at: usize,
}

impl AddressesScreen {
    /// A list of these; there is at least one.
    pub fn new(links: Vec<Named>) -> Self {
        Self { links, at: 0 }
    }

    fn go(&mut self, to: usize) -> Outcome {
        self.at = to.min(self.links.len().saturating_sub(1));
        Outcome::Stay
    }

    fn url(&self) -> Option<String> {
        self.links.get(self.at).map(|l| l.url.clone())
    }

    fn open(&self) -> Outcome {
        self.url().map_or(Outcome::Close, |url| Outcome::CloseWith(vec![Effect::OpenUrl(url)]))
    }

    fn copy(&self) -> Outcome {
        self.url().map_or(Outcome::Close, |url| Outcome::CloseWith(vec![Effect::Copy(url)]))
    }

    /// Where the rows are, two lines each, and the first shown.
    fn rows(&self, area: Rect) -> (Rect, usize) {
        let inner = paint::inside(area);
        let rows = Rect { height: inner.height.saturating_sub(1), ..inner };
        let shown = usize::from(rows.height / 2).max(1);
        (rows, window(0, self.at, shown, self.links.len()))
    }

    fn row_at(&self, ctx: &Ctx<'_>, at: Position) -> Option<usize> {
        let (rows, top) = self.rows(ctx.area);
        let row = rows.contains(at).then(|| top + usize::from(at.y - rows.y) / 2)?;
        (row < self.links.len()).then_some(row)
    }
}

impl Screen for AddressesScreen {
    fn layer(&self) -> Layer {
        Layer::List
    }

    fn title(&self, _ctx: &Ctx<'_>) -> String {
        "Addresses in the text".to_owned()
    }

    fn hints(&self) -> &'static [Action] {
        &[Action::Open, Action::Back]
    }

    fn action(&mut self, action: Action, ctx: &Ctx<'_>) -> Outcome {
        let half = usize::from(self.rows(ctx.area).0.height / 4).max(1);
        match action {
            Action::FocusDown => self.go(self.at + 1),
            Action::FocusUp => self.go(self.at.saturating_sub(1)),
            Action::HalfPageDown => self.go(self.at + half),
            Action::HalfPageUp => self.go(self.at.saturating_sub(half)),
            Action::FocusTop => self.go(0),
            Action::FocusBottom => self.go(usize::MAX),
            Action::Open => self.open(),
            Action::Back => Outcome::Close,
            _ => Outcome::Ignored,
        }
    }

    fn input(&mut self, input: &Input, ctx: &Ctx<'_>) -> Outcome {
        match input {
            Input::Key(press, _) => match press.key {
                Key::Char('y') if press.is_text() => self.copy(),
                Key::Char('o') if press.is_text() => self.open(),
                _ => Outcome::Ignored,
            },
            Input::Mouse(mouse) => match mouse.kind {
                MouseEventKind::ScrollDown => self.go(self.at + 1),
                MouseEventKind::ScrollUp => self.go(self.at.saturating_sub(1)),
                MouseEventKind::Down(MouseButton::Left) => {
                    match self.row_at(ctx, Position::new(mouse.column, mouse.row)) {
                        Some(row) => {
                            self.at = row;
                            self.open()
                        }
                        None => Outcome::Ignored,
                    }
                }
                _ => Outcome::Ignored,
            },
            Input::Paste(_) => Outcome::Ignored,
        }
    }

    fn area(&self, frame: Rect, _ctx: &Ctx<'_>) -> Rect {
        let height = (self.links.len() * 2 + 3).clamp(5, 25) as u16;
        centred(frame, 84, height)
    }

    fn render(&self, buf: &mut Buffer, ctx: &Ctx<'_>) {
        paint::frame(buf, ctx.area, &self.title(ctx), ctx.theme.border_focus, ctx);
        let (rows, top) = self.rows(ctx.area);
        for (n, link) in self.links.iter().enumerate().skip(top).take(usize::from(rows.height / 2)) {
            let row = ((n - top) * 2) as u16;
            let focused = n == self.at;
            let (mark, style) =
                if focused { (ctx.glyphs.focus, ctx.theme.selection) } else { (" ", ctx.theme.text) };
            // Words that are the address itself would be said twice.
            let label = if link.label.is_empty() { &link.url } else { &link.label };
            Pen::new(buf, ctx, rows, row).put(mark, ctx.theme.focus).skip(1).put(label, style);
            if *label != link.url {
                Pen::new(buf, ctx, rows, row + 1).skip(2).put(&link.url, ctx.theme.link);
            }
        }
        let foot = Rect { y: rows.bottom(), height: paint::inside(ctx.area).height.min(1), ..rows };
        let open = pen::key(ctx, Action::Open);
        Pen::new(buf, ctx, foot, 0).hints(&[(&open, "opens"), ("y", "copies")]);
        pen::more(
            buf,
            Rect { width: rows.width + 1, ..rows }.intersection(ctx.area),
            ctx,
            top * 2,
            self.links.len() * 2,
        );
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tui::screens::fixture::{World, pictures, survives_every_size};

    fn screen() -> AddressesScreen {
        let named = |label: &str, url: &str| Named { label: label.into(), url: url.into() };
        AddressesScreen::new(vec![
            named("docs", "https://d.example/a"),
            named("https://e.example", "https://e.example"),
            named(
                "日本\u{1b}[2J",
                "https://f.example/long/long/long/long/long/long/long/long/long/long/long/long",
            ),
        ])
    }

    #[test]
    fn one_is_opened_or_copied_by_key_or_click() {
        let world = World::new();
        let mut list = screen();
        pictures!(world, &list, "addresses");
        let opened = |outcome: Outcome| format!("{outcome:?}");
        assert!(opened(world.act(&mut list, &[Action::Open])).contains("OpenUrl(\"https://d.example/a\")"));
        assert!(matches!(world.act(&mut list, &[Action::FocusDown]), Outcome::Stay));
        assert!(opened(world.press(&mut list, Key::Char('y'))).contains("Copy(\"https://e.example\")"));
        assert!(matches!(world.act(&mut list, &[Action::FocusDown, Action::FocusDown]), Outcome::Stay));
        assert!(opened(world.press(&mut list, Key::Char('o'))).contains("OpenUrl(\"https://f.example"));
        assert!(matches!(world.act(&mut list, &[Action::Back]), Outcome::Close));
    }

    #[test]
    fn it_survives_every_size() {
        survives_every_size(&World::new(), &screen());
    }
}
