//! What a card is part of: one of the open cards, epics first, found by key and title; or nothing.

use crossterm::event::{MouseButton, MouseEventKind};
use ratatui::buffer::Buffer;
use ratatui::layout::{Position, Rect};

use super::candidates::{Candidate, candidates, key_for};
use crate::config::keymap::{Action, Key, Layer, Press};
use crate::domain::card::{Card, CardId};
use crate::domain::command::{Command, Reject};
use crate::domain::fields::{FieldName, Value};
use crate::tui::paint;
use crate::tui::screen::{Ctx, Input, Outcome, Screen, centred};
use crate::tui::screens::fuzzy;
use crate::tui::screens::pen::{self, Pen};
use crate::tui::screens::shape::grouped;

/// Rows between the frame and the list: what is typed, and a rule.
const HEAD: u16 = 2;
/// Rows under the list: what is wrong or how many there are, and the hints.
const FOOT: u16 = 2;
/// Cells before what is typed.
const PROMPT: u16 = 2;

/// A row of the list.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Row {
    /// Part of nothing.
    Nothing,
    /// One of the candidates, and which characters of its key and title answer what is typed.
    Card(usize, Vec<usize>),
    /// The key as typed, of a card that is not here.
    Typed,
}

/// What the cards are part of now.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Now {
    /// Not the same for all of them.
    Mixed,
    /// Nothing.
    Nothing,
    /// The card with this key.
    Key(String),
}

/// Chooses what cards are part of.
#[derive(Debug)]
pub struct ParentScreen {
    cards: Vec<CardId>,
    all: Vec<Candidate>,
    now: Now,
    typed: String,
    /// The rows that answer what is typed; read anew with every letter, not with every frame.
    rows: Vec<Row>,
    focus: usize,
    refusal: Option<String>,
}

impl ParentScreen {
    /// Opens it on these cards. None of them can be part of another one of them.
    pub fn new(cards: Vec<CardId>, ctx: &Ctx<'_>) -> Self {
        let parent =
            |id: &CardId| ctx.board.card(*id).and_then(|c| c.extra(FieldName::PARENT)).map(str::to_owned);
        let first = cards.first().and_then(parent);
        let same = cards.iter().all(|id| parent(id) == first);
        let now = match first {
            _ if !same => Now::Mixed,
            Some(key) => Now::Key(key),
            None => Now::Nothing,
        };
        let all = candidates(ctx, &cards);
        let mut screen =
            Self { cards, all, now, typed: String::new(), rows: Vec::new(), focus: 0, refusal: None };
        screen.find();
        // Where there is a parent, it has the focus: enter keeps it.
        let at = screen.rows.iter().position(|row| screen.is_now(row));
        screen.focus = at.unwrap_or(0);
        screen
    }

    /// Whether a row is what the cards have already.
    fn is_now(&self, row: &Row) -> bool {
        match (row, &self.now) {
            (Row::Card(n, _), Now::Key(key)) => self.all[*n].key == *key,
            (Row::Nothing, Now::Nothing) => true,
            _ => false,
        }
    }

    fn find(&mut self) {
        let typed = self.typed.trim();
        let mut found: Vec<(i32, Row)> = Vec::new();
        for (n, candidate) in self.all.iter().enumerate() {
            if let Some(hit) = fuzzy::matches(typed, &label(candidate)) {
                // Among hits that are alike an epic goes first.
                let epic = if candidate.epic && !typed.is_empty() { 50 } else { 0 };
                found.push((hit.score + epic, Row::Card(n, hit.at)));
            }
        }
        found.sort_by_key(|(score, _)| std::cmp::Reverse(*score));
        let mut rows: Vec<Row> = found.into_iter().map(|(_, row)| row).collect();
        if typed.is_empty() {
            rows.insert(0, Row::Nothing);
        } else if typed.contains('#') && !self.all.iter().any(|c| c.key == typed) {
            rows.push(Row::Typed);
        }
        self.rows = rows;
        self.focus = 0;
    }

    fn step(&mut self, by: isize) {
        self.focus = self.focus.saturating_add_signed(by).min(self.rows.len().saturating_sub(1));
    }

    fn clear(&mut self) -> bool {
        let any = !std::mem::take(&mut self.typed).is_empty();
        self.find();
        any
    }

    fn accept(&self, ctx: &Ctx<'_>) -> Outcome {
        let Some(row) = self.rows.get(self.focus) else { return Outcome::Stay };
        let value =
            |card: CardId| match row {
                Row::Nothing => Value::None,
                Row::Typed => Value::Text(self.typed.trim().to_owned()),
                Row::Card(n, _) => {
                    let other = ctx.board.card(self.all[*n].id);
                    Value::Text(other.map_or_else(
                        || self.all[*n].key.clone(),
                        |other| key_for(ctx.board.card(card), other),
                    ))
                }
            };
        let set =
            |card: &CardId| Command::SetField { card: *card, field: FieldName::PARENT, value: value(*card) };
        Outcome::Submit(self.cards.iter().map(set).collect())
    }

    fn key(&mut self, press: Press, ctx: &Ctx<'_>) -> Outcome {
        self.refusal = None;
        match (press.key, press.ctrl, press.alt) {
            (Key::Char(c), false, false) => {
                self.typed.push(c);
                self.find();
            }
            (Key::Down | Key::Tab, ..) | (Key::Char('n' | 'j'), true, _) => self.step(1),
            (Key::Up | Key::BackTab, ..) | (Key::Char('p' | 'k'), true, _) => self.step(-1),
            (Key::PageDown, ..) => self.step(10),
            (Key::PageUp, ..) => self.step(-10),
            (Key::Backspace, false, false) | (Key::Char('h'), true, _) => {
                self.typed.pop();
                self.find();
            }
            (Key::Backspace, ..) | (Key::Char('u' | 'w'), true, _) => {
                self.clear();
            }
            (Key::Enter, ..) => return self.accept(ctx),
            _ => return Outcome::Ignored,
        }
        Outcome::Stay
    }

    /// The first row shown and the rows' area.
    fn window(&self, area: Rect) -> (usize, Rect) {
        let inner = paint::inside(area);
        let height = inner.height.saturating_sub(HEAD + FOOT);
        let rows = Rect { y: inner.y + HEAD.min(inner.height), height, ..inner };
        ((self.focus + 1).saturating_sub(usize::from(height)), rows)
    }

    fn draw_row(&self, buf: &mut Buffer, ctx: &Ctx<'_>, at: Rect, n: usize) {
        let focused = n == self.focus;
        if focused {
            buf.set_style(at, ctx.theme.selection);
        }
        let styled = |style| if focused { ctx.theme.selection } else { style };
        let now = self.is_now(&self.rows[n]);
        let mut pen = Pen::new(buf, ctx, at, 0);
        pen.put(if focused { ctx.glyphs.focus } else { " " }, styled(ctx.theme.focus)).skip(1);
        match &self.rows[n] {
            Row::Nothing => {
                let words = if now { "part of nothing (now)" } else { "part of nothing" };
                pen.put(words, styled(ctx.theme.dim));
            }
            Row::Typed => {
                pen.put(self.typed.trim(), styled(ctx.theme.text)).skip(2);
                pen.put("a card that is not on this board", styled(ctx.theme.dim));
            }
            Row::Card(card, matched) => {
                let candidate = &self.all[*card];
                let mark = if now { ctx.glyphs.check } else { " " };
                pen.put(mark, styled(ctx.theme.ok)).skip(1);
                for (run, hit) in fuzzy::runs(&label(candidate), matched) {
                    pen.put(&run, styled(if hit { ctx.theme.hit } else { ctx.theme.text }));
                }
                if candidate.epic {
                    pen.skip(2).put("epic", styled(ctx.theme.title));
                }
            }
        }
    }
}

fn label(candidate: &Candidate) -> String {
    format!("{} {}", candidate.key, candidate.title)
}

impl Screen for ParentScreen {
    fn layer(&self) -> Layer {
        Layer::Text
    }

    fn title(&self, ctx: &Ctx<'_>) -> String {
        match self.cards.as_slice() {
            [one] => format!("{} is part of", ctx.board.card(*one).map_or_else(|| one.short(), Card::key)),
            many => format!("{} cards are part of", many.len()),
        }
    }

    fn action(&mut self, action: Action, ctx: &Ctx<'_>) -> Outcome {
        match action {
            Action::Back if self.clear() => Outcome::Stay,
            Action::Back => Outcome::Close,
            Action::Save => self.accept(ctx),
            _ => Outcome::Ignored,
        }
    }

    fn input(&mut self, input: &Input, ctx: &Ctx<'_>) -> Outcome {
        match input {
            Input::Key(press, _) => self.key(*press, ctx),
            Input::Paste(text) => {
                self.typed.extend(text.chars().filter(|c| !c.is_control()));
                self.find();
                Outcome::Stay
            }
            Input::Mouse(mouse) => match mouse.kind {
                MouseEventKind::ScrollDown => self.key(Press::plain(Key::Down), ctx),
                MouseEventKind::ScrollUp => self.key(Press::plain(Key::Up), ctx),
                MouseEventKind::Down(MouseButton::Left) => {
                    let (top, rows) = self.window(ctx.area);
                    let hit = top + usize::from(mouse.row.saturating_sub(rows.y));
                    if !rows.contains(Position::new(mouse.column, mouse.row)) || hit >= self.rows.len() {
                        return Outcome::Ignored;
                    }
                    self.focus = hit;
                    self.accept(ctx)
                }
                _ => Outcome::Ignored,
            },
        }
    }

    fn rejected(&mut self, reject: &Reject) {
        self.refusal = Some(reject.to_string());
    }

    fn area(&self, frame: Rect, _ctx: &Ctx<'_>) -> Rect {
        let rows = (self.all.len() as u16).saturating_add(1).clamp(6, 14);
        centred(frame, 72, rows + HEAD + FOOT + 2)
    }

    fn render(&self, buf: &mut Buffer, ctx: &Ctx<'_>) {
        paint::frame(buf, ctx.area, &self.title(ctx), ctx.theme.border_focus, ctx);
        let inner = paint::inside(ctx.area);
        let mut prompt = Pen::new(buf, ctx, inner, 0);
        prompt.put(if ctx.glyphs.ascii { ">" } else { "›" }, ctx.theme.dim).skip(1);
        if self.typed.is_empty() {
            prompt.skip(1).put("type a key or a title", ctx.theme.dim);
        } else {
            prompt.put(&self.typed, ctx.theme.text);
        }
        if inner.height > 1 {
            paint::rule(buf, inner.x, inner.y + 1, inner.width, ctx.glyphs.rule, ctx.theme.border);
        }
        let (top, area) = self.window(ctx.area);
        for n in (top..self.rows.len()).take(usize::from(area.height)) {
            self.draw_row(buf, ctx, Rect { y: area.y + (n - top) as u16, height: 1, ..area }, n);
        }
        if self.rows.is_empty() {
            Pen::new(buf, ctx, area, 0).skip(PROMPT).put("nothing matches", ctx.theme.dim);
        }
        pen::more(buf, Rect { width: area.width + 1, ..area }, ctx, top, self.rows.len());
        let Some(row) = inner.height.checked_sub(1).filter(|row| *row > HEAD) else { return };
        let mut pen = Pen::new(buf, ctx, inner, row - 1);
        match &self.refusal {
            Some(why) => pen.put(ctx.glyphs.cross, ctx.theme.error).skip(1).put(why, ctx.theme.error),
            None => {
                pen.put(&format!("{} open cards, epics first", grouped(self.all.len() as u64)), ctx.theme.dim)
            }
        };
        let back = pen::key(ctx, Action::Back);
        let away = if self.typed.is_empty() { "cancel" } else { "clear" };
        Pen::new(buf, ctx, inner, row).hints(&[("enter", "choose"), (&back, away)]);
    }

    fn cursor(&self, ctx: &Ctx<'_>) -> Option<Position> {
        let inner = paint::inside(ctx.area);
        let x = inner.x + PROMPT + paint::width(&self.typed) as u16;
        (inner.height > 0 && x < inner.right()).then(|| Position::new(x, inner.y))
    }
}
