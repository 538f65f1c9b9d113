//! The picker of a card's links: the connections it is on, cards that look like the same work, where an item can be made,
//! and every card it can be linked to. What is typed narrows it; nothing is done before it was confirmed.

use std::cell::RefCell;
use std::sync::Arc;

use crossterm::event::{MouseButton, MouseEventKind};
use ratatui::buffer::Buffer;
use ratatui::layout::{Position, Rect};

use crate::config::keymap::{Action, Key, Layer, Press};
use crate::domain::card::{Card, CardId};
use crate::domain::twins::Twin;
use crate::engine::{LinkAsk, LinkTold, Update};
use crate::tui::effect::Effect;
use crate::tui::paint;
use crate::tui::screen::{Ctx, Input, Outcome, Screen, centred};
use crate::tui::screens::Modal;

mod confirm;
mod list;
mod view;

use list::{Row, Rows, What};
use view::Line;

/// Rows between the frame and the list: what is typed, and a rule.
const HEAD: u16 = 2;
/// Rows under the list: what is under way, and the hints.
const FOOT: u16 = 2;

/// The picker of a card's links.
#[derive(Debug)]
pub struct LinksScreen {
    card: CardId,
    typed: String,
    /// The focused row; the first one until it was moved.
    focus: Option<What>,
    /// The suggestions, once they are known.
    twins: Option<Vec<Twin>>,
    /// The card with which this one is being compared, to ask about it.
    compared: Option<CardId>,
    refusal: Option<String>,
    /// The rows as last listed. Listing the same again gives the same, only sooner.
    memo: RefCell<Option<Arc<Rows>>>,
}

impl LinksScreen {
    /// Opens it on a card. The suggestions come with [`Update::Links`]; the front end asks for them.
    pub fn new(card: CardId) -> Self {
        Self {
            card,
            typed: String::new(),
            focus: None,
            twins: None,
            compared: None,
            refusal: None,
            memo: RefCell::new(None),
        }
    }

    /// What is asked when it opens.
    pub fn asks(card: CardId) -> Effect {
        Effect::Links(LinkAsk::Twins(card))
    }

    fn rows(&self, ctx: &Ctx<'_>) -> Arc<Rows> {
        let mut memo = self.memo.borrow_mut();
        memo.get_or_insert_with(|| {
            let twins = self.twins.as_deref().unwrap_or_default();
            let listed = ctx.board.card(self.card).map(|card| list::rows(card, twins, &self.typed, ctx));
            Arc::new(listed.unwrap_or_default())
        })
        .clone()
    }

    /// Something it is made of is different now.
    fn changed(&mut self) {
        *self.memo.borrow_mut() = None;
    }

    /// The place of the focused row.
    fn at(&self, rows: &[Row]) -> usize {
        self.focus.as_ref().and_then(|what| rows.iter().position(|r| r.what == *what)).unwrap_or(0)
    }

    fn go(&mut self, to: usize, rows: &[Row]) {
        self.focus = rows.get(to.min(rows.len().saturating_sub(1))).map(|r| r.what.clone());
    }

    fn step(&mut self, by: isize, ctx: &Ctx<'_>) -> Outcome {
        let rows = self.rows(ctx);
        self.go(self.at(&rows.rows).saturating_add_signed(by), &rows.rows);
        Outcome::Stay
    }

    fn retype(&mut self, change: impl FnOnce(&mut String)) -> Outcome {
        change(&mut self.typed);
        self.focus = None;
        self.changed();
        Outcome::Stay
    }

    /// The first line shown, the lines' area, and the lines.
    fn window(&self, area: Rect, rows: &[Row]) -> (usize, Rect, Vec<Line>) {
        let inner = paint::inside(area);
        let height = inner.height.saturating_sub(HEAD + FOOT);
        let place = Rect { y: inner.y + HEAD.min(inner.height), height, ..inner };
        let lines = view::lines(rows);
        let at = lines.iter().position(|l| *l == Line::Row(self.at(rows))).unwrap_or(0);
        ((at + 1).saturating_sub(usize::from(height)), place, lines)
    }

    /// Asks about the focused row; of another card its differences are wanted first.
    fn accept(&mut self, ctx: &Ctx<'_>) -> Outcome {
        let rows = self.rows(ctx);
        let (Some(row), Some(card)) = (rows.rows.get(self.at(&rows.rows)), ctx.board.card(self.card)) else {
            return Outcome::Ignored;
        };
        match &row.what {
            What::On(connection) => open(confirm::part(card, connection)),
            What::New(connection) => open(confirm::add(card, connection)),
            What::Twin(other) | What::Card(other) => {
                self.compared = Some(*other);
                let ask = LinkAsk::Compare { hub: self.card, other: *other };
                Outcome::Do(vec![Effect::Links(ask)])
            }
        }
    }

    /// The focused suggestion is none.
    fn dismiss(&mut self, ctx: &Ctx<'_>) -> Outcome {
        let rows = self.rows(ctx);
        let at = self.at(&rows.rows);
        let Some(What::Twin(other)) = rows.rows.get(at).map(|r| r.what.clone()) else {
            return Outcome::Ignored;
        };
        self.twins.iter_mut().for_each(|twins| twins.retain(|t| t.other != other));
        self.changed();
        let rows = self.rows(ctx);
        self.go(at, &rows.rows);
        Outcome::Do(vec![Effect::Links(LinkAsk::Dismiss { card: self.card, other })])
    }

    fn key(&mut self, press: Press, ctx: &Ctx<'_>) -> Outcome {
        self.refusal = None;
        match (press.key, press.ctrl, press.alt) {
            (Key::Char(c), false, false) => self.retype(|typed| typed.push(c)),
            (Key::Down, ..) | (Key::Char('n' | 'j'), true, _) => self.step(1, ctx),
            (Key::Up, ..) | (Key::Char('p' | 'k'), true, _) => self.step(-1, ctx),
            (Key::PageDown, ..) => self.step(10, ctx),
            (Key::PageUp, ..) => self.step(-10, ctx),
            (Key::Char('x'), true, _) | (Key::Delete, ..) => self.dismiss(ctx),
            (Key::Backspace, false, false) | (Key::Char('h'), true, _) => self.retype(|typed| {
                typed.pop();
            }),
            (Key::Backspace, ..) | (Key::Char('u' | 'w'), true, _) => self.retype(String::clear),
            (Key::Enter, ..) => self.accept(ctx),
            _ => Outcome::Ignored,
        }
    }

    fn click(&mut self, at: Position, ctx: &Ctx<'_>) -> Outcome {
        let rows = self.rows(ctx);
        let (top, area, lines) = self.window(ctx.area, &rows.rows);
        if !area.contains(at) {
            return Outcome::Ignored;
        }
        match lines.get(top + usize::from(at.y - area.y)) {
            Some(Line::Row(row)) => {
                self.refusal = None;
                self.go(*row, &rows.rows);
                self.accept(ctx)
            }
            _ => Outcome::Ignored,
        }
    }

    fn told(&mut self, told: &LinkTold, ctx: &Ctx<'_>) -> Outcome {
        match told {
            LinkTold::Twins { card, twins } if *card == self.card => {
                self.twins = Some(twins.clone());
                self.changed();
                Outcome::Stay
            }
            LinkTold::Compared { hub, other, differences } if *hub == self.card => {
                // Somebody may have gone on to another row, or closed the question, meanwhile.
                if self.compared.take_if(|wanted| wanted == other).is_none() {
                    return Outcome::Ignored;
                }
                match (ctx.board.card(*hub), ctx.board.card(*other)) {
                    (Some(hub), Some(other)) => open(confirm::join(hub, other, differences, ctx)),
                    _ => Outcome::Stay,
                }
            }
            LinkTold::Refused { card, why } if *card == self.card => {
                self.compared = None;
                self.refusal = Some(why.clone());
                Outcome::Stay
            }
            LinkTold::Done { card, gone, .. } if *card == self.card || *gone == Some(self.card) => {
                Outcome::Close
            }
            _ => Outcome::Ignored,
        }
    }
}

fn open(question: crate::tui::screens::question::Question) -> Outcome {
    Outcome::Open(Box::new(Modal::Question(question)))
}

impl Screen for LinksScreen {
    fn layer(&self) -> Layer {
        Layer::Text
    }

    fn title(&self, ctx: &Ctx<'_>) -> String {
        format!("Links of {}", ctx.board.card(self.card).map_or_else(|| self.card.short(), Card::key))
    }

    fn action(&mut self, action: Action, ctx: &Ctx<'_>) -> Outcome {
        match action {
            Action::Back if !self.typed.is_empty() => self.retype(String::clear),
            Action::Back => Outcome::Close,
            Action::Save => self.accept(ctx),
            _ => Outcome::Ignored,
        }
    }

    fn input(&mut self, input: &Input, ctx: &Ctx<'_>) -> Outcome {
        match input {
            Input::Key(press, _) => self.key(*press, ctx),
            Input::Paste(text) => self.retype(|typed| typed.extend(text.chars().filter(|c| !c.is_control()))),
            Input::Mouse(mouse) => match mouse.kind {
                MouseEventKind::ScrollDown => self.step(1, ctx),
                MouseEventKind::ScrollUp => self.step(-1, ctx),
                MouseEventKind::Down(MouseButton::Left) => {
                    self.click(Position::new(mouse.column, mouse.row), ctx)
                }
                _ => Outcome::Ignored,
            },
        }
    }

    fn update(&mut self, update: &Update, ctx: &Ctx<'_>) -> Outcome {
        // The board is different once every screen was told.
        self.changed();
        match update {
            Update::Links(told) => self.told(told, ctx),
            _ => Outcome::Ignored,
        }
    }

    fn area(&self, frame: Rect, ctx: &Ctx<'_>) -> Rect {
        let lines = view::lines(&self.rows(ctx).rows).len().clamp(8, 24) as u16;
        centred(frame, 92, lines + HEAD + FOOT + 2)
    }

    fn render(&self, buf: &mut Buffer, ctx: &Ctx<'_>) {
        self.draw(buf, ctx);
    }

    fn cursor(&self, ctx: &Ctx<'_>) -> Option<Position> {
        let inner = paint::inside(ctx.area);
        let x = inner.x + (view::PROMPT + paint::width(&self.typed)) as u16;
        (inner.height > 0 && x < inner.right()).then(|| Position::new(x, inner.y))
    }
}

#[cfg(test)]
mod tests;
