//! What of an act on several cards could not be done: one line a card with its reason. It changes nothing; enter opens the
//! card.

use crossterm::event::{MouseButton, MouseEventKind};
use ratatui::buffer::Buffer;
use ratatui::layout::{Position, Rect};

use crate::config::keymap::{Action, Layer};
use crate::domain::card::CardId;
use crate::domain::command::Reject;
use crate::tui::paint;
use crate::tui::screen::{Ctx, Input, Outcome, Screen, centred};
use crate::tui::screens::Modal;
use crate::tui::screens::card::CardScreen;
use crate::tui::screens::pen::{self, Pen};
use crate::tui::screens::shape::count;

/// Rows above the list: what was done, and a rule.
const HEAD: u16 = 2;
/// Rows under it: a reason that is longer than its line, and the hints.
const FOOT: u16 = 3;
/// Rows a card takes: what it is, and why it stayed.
const EACH: u16 = 2;

/// What could not be done, card by card.
#[derive(Debug)]
pub struct RefusedScreen {
    done: String,
    cards: Vec<(CardId, Reject)>,
    at: usize,
}

impl RefusedScreen {
    /// Shows these cards and reasons; `done` says what was done to the others.
    pub fn new(done: String, cards: Vec<(CardId, Reject)>) -> Self {
        Self { done, cards, at: 0 }
    }

    /// Whether there is nothing to show.
    pub fn is_empty(&self) -> bool {
        self.cards.is_empty()
    }

    fn step(&mut self, by: isize) {
        let last = self.cards.len().saturating_sub(1);
        self.at = self.at.saturating_add_signed(by).min(last);
    }

    fn open(&self) -> Outcome {
        let card = self.cards.get(self.at).map(|(card, _)| *card);
        card.map_or(Outcome::Close, |card| Outcome::Open(Box::new(Modal::Card(CardScreen::new(card)))))
    }

    /// The first card shown and the rows' area.
    fn window(&self, area: Rect) -> (usize, Rect) {
        let inner = paint::inside(area);
        let height = inner.height.saturating_sub(HEAD + FOOT);
        let rows = Rect { y: inner.y + HEAD.min(inner.height), height, ..inner };
        (usize::from((self.at as u16 + 1).saturating_sub(height / EACH)), rows)
    }

    fn draw_card(&self, buf: &mut Buffer, ctx: &Ctx<'_>, n: usize, area: Rect) {
        let Some((id, why)) = self.cards.get(n) else { return };
        let (key, title) =
            ctx.board.card(*id).map_or_else(|| (id.short(), ""), |c| (c.key(), c.title.as_str()));
        let style = if n == self.at { ctx.theme.selection } else { ctx.theme.text };
        if n == self.at {
            buf.set_style(Rect { height: area.height.min(1), ..area }, style);
        }
        let mark = if n == self.at { ctx.glyphs.focus } else { " " };
        Pen::new(buf, ctx, area, 0).put(mark, style).skip(1).put(&key, style).skip(2).put(title, style);
        let why = why.to_string();
        let mut pen = Pen::new(buf, ctx, area, 1);
        pen.skip(2).put(ctx.glyphs.cross, ctx.theme.error).skip(1).put(&why, ctx.theme.error);
    }

    /// The focused card's reason whole, where its own line cuts it.
    fn draw_reason(&self, buf: &mut Buffer, ctx: &Ctx<'_>, inner: Rect) {
        let Some((_, why)) = self.cards.get(self.at).filter(|_| inner.height > HEAD + FOOT) else { return };
        let why = paint::clean(&why.to_string()).into_owned();
        let width = usize::from(inner.width);
        if paint::width(&why) + 4 <= width {
            return;
        }
        let lines = paint::wrap(&why, width, 2, ctx.glyphs.ellipsis);
        for (line, row) in lines.iter().zip(inner.height - FOOT..) {
            Pen::new(buf, ctx, inner, row).put(line, ctx.theme.text);
        }
    }
}

impl Screen for RefusedScreen {
    fn layer(&self) -> Layer {
        Layer::List
    }

    fn title(&self, _ctx: &Ctx<'_>) -> String {
        count(self.cards.len(), "card stays as it was", "cards stay as they were")
    }

    fn hints(&self) -> &'static [Action] {
        &[Action::Open, Action::Back]
    }

    fn action(&mut self, action: Action, ctx: &Ctx<'_>) -> Outcome {
        let page = isize::try_from((self.window(ctx.area).1.height / EACH / 2).max(1)).unwrap_or(1);
        match action {
            Action::FocusDown => self.step(1),
            Action::FocusUp => self.step(-1),
            Action::FocusTop => self.step(isize::MIN),
            Action::FocusBottom => self.step(isize::MAX),
            Action::HalfPageDown => self.step(page),
            Action::HalfPageUp => self.step(-page),
            Action::Open => return self.open(),
            Action::Back => return Outcome::Close,
            _ => return Outcome::Ignored,
        }
        Outcome::Stay
    }

    fn input(&mut self, input: &Input, ctx: &Ctx<'_>) -> Outcome {
        let Input::Mouse(mouse) = input else { return Outcome::Ignored };
        match mouse.kind {
            MouseEventKind::ScrollDown => self.step(1),
            MouseEventKind::ScrollUp => self.step(-1),
            MouseEventKind::Down(MouseButton::Left) => {
                let (top, rows) = self.window(ctx.area);
                let hit = top + usize::from(mouse.row.saturating_sub(rows.y) / EACH);
                if !rows.contains(Position::new(mouse.column, mouse.row)) || hit >= self.cards.len() {
                    return Outcome::Ignored;
                }
                if hit == self.at {
                    return self.open();
                }
                self.at = hit;
            }
            _ => return Outcome::Ignored,
        }
        Outcome::Stay
    }

    fn area(&self, frame: Rect, _ctx: &Ctx<'_>) -> Rect {
        let rows = (self.cards.len() as u16).saturating_mul(EACH).clamp(EACH, 16);
        centred(frame, 76, rows + HEAD + FOOT + 2)
    }

    fn render(&self, buf: &mut Buffer, ctx: &Ctx<'_>) {
        paint::frame(buf, ctx.area, &self.title(ctx), ctx.theme.border_focus, ctx);
        let inner = paint::inside(ctx.area);
        Pen::new(buf, ctx, inner, 0).put(&self.done, ctx.theme.dim);
        if inner.height > 1 {
            paint::rule(buf, inner.x, inner.y + 1, inner.width, ctx.glyphs.rule, ctx.theme.border);
        }
        let (top, rows) = self.window(ctx.area);
        let fit = usize::from(rows.height / EACH);
        for (row, n) in (top..self.cards.len()).take(fit).enumerate() {
            let y = rows.y + row as u16 * EACH;
            self.draw_card(buf, ctx, n, Rect { y, height: EACH, ..rows });
        }
        let shown = Rect { width: rows.width + 1, height: fit as u16, ..rows };
        pen::more(buf, shown, ctx, top, self.cards.len());
        self.draw_reason(buf, ctx, inner);
        if let Some(row) = inner.height.checked_sub(1) {
            let (open, back) = (pen::key(ctx, Action::Open), pen::key(ctx, Action::Back));
            Pen::new(buf, ctx, inner, row).hints(&[(&open, "open the card"), (&back, "close")]);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tui::screens::fixture::{World, id, sights, survives_every_size};

    fn screen(cards: u128) -> RefusedScreen {
        let why = |n: u128| match n {
            1 => Reject::Barred(
                "core: the workflow leads from In Progress not to Done; possible: Blocked".into(),
            ),
            _ => Reject::NoSuchCard,
        };
        RefusedScreen::new("3 cards moved to Done".into(), (1..=cards).map(|n| (id(n), why(n))).collect())
    }

    #[test]
    fn it_looks_as_it_was_looked_at() {
        sights!(World::new(), &screen(3), "refused");
    }

    #[test]
    fn enter_opens_the_card_that_stayed() {
        let world = World::new();
        let mut screen = screen(3);
        let opened = world.act(&mut screen, &[Action::FocusDown, Action::Open]);
        let Outcome::Open(modal) = opened else { panic!("{opened:?}") };
        assert!(matches!(*modal, Modal::Card(card) if card.card() == id(2)));
        assert!(matches!(world.act(&mut screen, &[Action::Back]), Outcome::Close));
    }

    #[test]
    fn it_survives_every_size() {
        let world = World::new();
        let mut screen = screen(40);
        let _ = world.act(&mut screen, &[Action::FocusBottom]);
        survives_every_size(&world, &screen);
    }
}
