//! Picks the order of the cards within each column. What is chosen becomes part of the filter's text, which alone says
//! what the board shows.

use crossterm::event::{MouseButton, MouseEventKind};
use ratatui::buffer::Buffer;
use ratatui::layout::{Position, Rect};

use crate::config::keymap::{Action, Key, Layer};
use crate::domain::query::{Query, Sort, SortKey, sorted_by};
use crate::tui::paint;
use crate::tui::screen::{Ctx, Input, Outcome, Screen, centred};
use crate::tui::screens::pen::{self, Pen};

/// Cells of an order's name.
const NAME: u16 = 12;

/// The list of orders.
#[derive(Debug)]
pub struct SortScreen {
    /// The filter as it is.
    text: String,
    /// The order it asks for.
    now: Option<Sort>,
    /// Each order with the direction that enter would choose.
    orders: Vec<Sort>,
    /// The focused row: the first is the board's own order.
    at: usize,
}

impl SortScreen {
    /// Opens it over a filter.
    pub fn new(text: &str) -> Self {
        let now = Query::parse(text).sort();
        let own = |by: &SortKey| now.filter(|s| s.by == *by).unwrap_or_else(|| Sort::usual(*by));
        let orders: Vec<Sort> = SortKey::ALL.iter().map(own).collect();
        let at = now.and_then(|now| orders.iter().position(|s| *s == now)).map_or(0, |n| n + 1);
        Self { text: text.to_owned(), now, orders, at }
    }

    fn chosen(&self) -> Option<Sort> {
        self.orders.get(self.at.checked_sub(1)?).copied()
    }

    fn choose(&self) -> Outcome {
        Outcome::Filter(sorted_by(&self.text, self.chosen()))
    }

    /// The other way round.
    fn turn(&mut self) {
        if let Some(order) = self.at.checked_sub(1).and_then(|n| self.orders.get_mut(n)) {
            *order = order.turned();
        }
    }

    /// The first row shown, and the rows' area.
    fn window(&self, area: Rect) -> (usize, Rect) {
        let inner = paint::inside(area);
        // Where there is no room for both, the hints give way.
        let foot = if inner.height > 3 { 2 } else { 0 };
        let rows = Rect { height: inner.height - foot, ..inner };
        ((self.at + 1).saturating_sub(usize::from(rows.height)), rows)
    }
}

impl Screen for SortScreen {
    fn layer(&self) -> Layer {
        Layer::List
    }

    fn title(&self, _ctx: &Ctx<'_>) -> String {
        "Sort the cards of each column".to_owned()
    }

    fn hints(&self) -> &'static [Action] {
        &[Action::Open, Action::Back]
    }

    fn action(&mut self, action: Action, _ctx: &Ctx<'_>) -> Outcome {
        match action {
            Action::FocusDown => self.at = (self.at + 1).min(self.orders.len()),
            Action::FocusUp => self.at = self.at.saturating_sub(1),
            Action::FocusTop => self.at = 0,
            Action::FocusBottom => self.at = self.orders.len(),
            Action::Select => self.turn(),
            Action::Open => return self.choose(),
            Action::Back => return Outcome::Close,
            _ => return Outcome::Ignored,
        }
        Outcome::Stay
    }

    fn input(&mut self, input: &Input, ctx: &Ctx<'_>) -> Outcome {
        match input {
            Input::Key(press, _) if matches!(press.key, Key::Left | Key::Right | Key::Char('h' | 'l')) => {
                self.turn();
                Outcome::Stay
            }
            Input::Mouse(m) if m.kind == MouseEventKind::Down(MouseButton::Left) => {
                let (top, rows) = self.window(ctx.area);
                let at = top + usize::from(m.row.saturating_sub(rows.y));
                if !rows.contains(Position::new(m.column, m.row)) || at > self.orders.len() {
                    return Outcome::Ignored;
                }
                self.at = at;
                self.choose()
            }
            _ => Outcome::Ignored,
        }
    }

    fn area(&self, frame: Rect, _ctx: &Ctx<'_>) -> Rect {
        centred(frame, 48, self.orders.len() as u16 + 5)
    }

    fn render(&self, buf: &mut Buffer, ctx: &Ctx<'_>) {
        paint::frame(buf, ctx.area, &self.title(ctx), ctx.theme.border_focus, ctx);
        let inner = paint::inside(ctx.area);
        let (top, rows) = self.window(ctx.area);
        for (n, y) in (top..=self.orders.len()).zip(rows.y..rows.bottom()) {
            let order = n.checked_sub(1).and_then(|n| self.orders.get(n)).copied();
            let row = Rect { y, height: 1, ..rows };
            let plain = |style| if n == self.at { ctx.theme.selection } else { style };
            if n == self.at {
                buf.set_style(row, ctx.theme.selection);
            }
            let is_now = order.map(|o| o.by) == self.now.map(|s| s.by);
            let mut pen = Pen::new(buf, ctx, row, 0);
            pen.put(if is_now { ctx.glyphs.check } else { " " }, plain(ctx.theme.ok)).skip(1);
            match order {
                None => pen.put("board order", plain(ctx.theme.text)),
                Some(order) => pen
                    .field(order.by.as_str(), NAME, plain(ctx.theme.text))
                    .put(order.words(), plain(ctx.theme.dim)),
            };
        }
        pen::more(buf, Rect { width: rows.width + 1, ..rows }, ctx, top, self.orders.len() + 1);
        if rows.height < inner.height {
            let (open, back) = (pen::key(ctx, Action::Open), pen::key(ctx, Action::Back));
            let turn = pen::key(ctx, Action::Select);
            let hints = [(open.as_str(), "choose"), (&turn, "other way round"), (&back, "cancel")];
            Pen::new(buf, ctx, inner, inner.height - 1).hints(&hints);
        }
    }
}
