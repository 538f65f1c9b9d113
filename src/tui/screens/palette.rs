//! The command palette: every command that makes sense here, found by typing a part of what it does, with its keys. It is
//! given its rows when it is opened, and says which was chosen; it does nothing itself.

use crossterm::event::{MouseButton, MouseEventKind};
use ratatui::buffer::Buffer;
use ratatui::layout::{Position, Rect};

use crate::config::keymap::{Action, Key, Layer, Press};
use crate::support::text::one_line;
use crate::tui::paint;
use crate::tui::screen::{Ctx, Input, Outcome, Screen, centred};
use crate::tui::screens::fuzzy;
use crate::tui::screens::pen::{self, Pen};
use crate::tui::screens::shape;

mod entry;

pub use entry::{Entry, Rank, Row};

/// Rows between the frame and the list: what is typed.
const HEAD: u16 = 1;
/// Rows under the list: the focused command's reason or how many there are.
const FOOT: u16 = 1;
/// The widest it gets.
const WIDTH: u16 = 76;
/// The most rows it gets.
const HEIGHT: u16 = 24;
/// Below this width of a row only the first of its keys is shown.
const NARROW: u16 = 50;
/// The most characters one can type.
const TYPED_MAX: usize = 60;
/// Cells before what is typed, and before each row's text.
const INDENT: u16 = 2;
/// What a word of another program that is typed in full scores: more than anything else.
const EXACT: i32 = 10_000;
/// How much worse a match is that is not in what the row says.
const ASIDE: i32 = 300;
/// The least a scattered match scores that is worth showing.
const LEAST: i32 = -50;

/// The command palette.
#[derive(Debug)]
pub struct PaletteScreen {
    title: String,
    rows: Vec<Row>,
    typed: String,
    /// The rows that answer what is typed, best first, each with the letters that do.
    shown: Vec<(usize, Vec<usize>)>,
    at: usize,
    top: usize,
}

impl PaletteScreen {
    /// Opens it with these commands; `title` says on what they act.
    pub fn new(title: String, mut rows: Vec<Row>) -> Self {
        rows.sort_by_key(|r| r.rank);
        let mut screen = Self { title, rows, typed: String::new(), shown: Vec::new(), at: 0, top: 0 };
        screen.narrow();
        screen
    }

    /// The commands as they are listed now, best first.
    pub fn listed(&self) -> impl Iterator<Item = &Row> {
        self.shown.iter().filter_map(|(n, _)| self.rows.get(*n))
    }

    fn narrow(&mut self) {
        let typed = self.typed.trim();
        let mut found: Vec<(i32, usize, Vec<usize>)> = Vec::new();
        for (n, row) in self.rows.iter().enumerate() {
            if typed.is_empty() {
                if row.rank != Rank::Elsewhere {
                    found.push((0, n, Vec::new()));
                }
            } else if let Some((score, at)) = answers(typed, row) {
                found.push((score, n, at));
            }
        }
        // The sort is stable: what is equally good stays in the order of the rows.
        found.sort_by_key(|(score, ..)| std::cmp::Reverse(*score));
        self.shown = found.into_iter().map(|(_, n, at)| (n, at)).collect();
        (self.at, self.top) = (0, 0);
    }

    fn focused(&self) -> Option<&Row> {
        self.shown.get(self.at).and_then(|(n, _)| self.rows.get(*n))
    }

    fn go(&mut self, at: usize, ctx: &Ctx<'_>) -> Outcome {
        self.at = at.min(self.shown.len().saturating_sub(1));
        let height = usize::from(list(ctx.area).height);
        self.top = shape::window(self.top, self.at, height, self.shown.len());
        Outcome::Stay
    }

    fn step(&mut self, by: isize, ctx: &Ctx<'_>) -> Outcome {
        self.go(self.at.saturating_add_signed(by), ctx)
    }

    fn choose(&self) -> Outcome {
        match self.focused() {
            None => Outcome::Stay,
            Some(row) => match &row.blocked {
                Some(why) => Outcome::Say(format!("{}: {why}", row.what)),
                None => Outcome::Chosen(row.entry.clone()),
            },
        }
    }

    fn type_text(&mut self, text: &str) -> Outcome {
        let room = TYPED_MAX.saturating_sub(self.typed.chars().count());
        self.typed.extend(one_line(text).chars().take(room));
        self.narrow();
        Outcome::Stay
    }

    fn key(&mut self, press: Press, ctx: &Ctx<'_>) -> Outcome {
        let page = isize::try_from(list(ctx.area).height).unwrap_or(1).max(1);
        match (press.key, press.ctrl, press.alt) {
            (Key::Char(c), false, false) => self.type_text(&c.to_string()),
            (Key::Down | Key::Tab, ..) | (Key::Char('n' | 'j'), true, _) => self.step(1, ctx),
            (Key::Up | Key::BackTab, ..) | (Key::Char('p' | 'k'), true, _) => self.step(-1, ctx),
            (Key::PageDown, ..) => self.step(page, ctx),
            (Key::PageUp, ..) => self.step(-page, ctx),
            (Key::Home, ..) => self.go(0, ctx),
            (Key::End, ..) => self.go(usize::MAX, ctx),
            (Key::Char('u'), true, _) => {
                self.typed.clear();
                self.narrow();
                Outcome::Stay
            }
            (Key::Backspace, ..) | (Key::Char('h'), true, _) => {
                // As in vim: nothing left to take back means it was not meant.
                if self.typed.pop().is_none() {
                    return Outcome::Close;
                }
                self.narrow();
                Outcome::Stay
            }
            (Key::Char('c'), true, _) => Outcome::Close,
            (Key::Enter, ..) => self.choose(),
            _ => Outcome::Ignored,
        }
    }

    fn row_at(&self, x: u16, y: u16, area: Rect) -> Option<usize> {
        let list = list(area);
        let row = list.contains(Position::new(x, y)).then(|| self.top + usize::from(y - list.y))?;
        (row < self.shown.len()).then_some(row)
    }

    fn draw_row(&self, n: usize, area: Rect, buf: &mut Buffer, ctx: &Ctx<'_>) {
        let Some((row, matched)) = self.shown.get(n).and_then(|(r, m)| Some((self.rows.get(*r)?, m))) else {
            return;
        };
        let focused = n == self.at;
        let base = match (&row.blocked, focused) {
            (_, true) => ctx.theme.selection,
            (Some(_), false) => ctx.theme.dim,
            (None, false) => ctx.theme.text,
        };
        if focused {
            buf.set_style(area, base);
        }
        // Where there is little room, the first key is enough.
        let said = row.keys.split(", ").next().filter(|_| area.width < NARROW).unwrap_or(&row.keys);
        let keys = paint::width(said) as u16;
        let (key_style, dim) = if focused { (base, base) } else { (ctx.theme.key, ctx.theme.dim) };
        let key_style = if row.blocked.is_some() { dim } else { key_style };
        let right = area.right().saturating_sub(1);
        let x =
            paint::text_right(buf, area.x + area.width / 2, right, area.y, &row.keys, key_style, ctx.glyphs);
        let room = area.width.saturating_sub(if x < right { keys + 3 } else { 1 });
        let mut pen = Pen::new(buf, ctx, Rect { width: room, ..area }, 0);
        let mark = if focused { ctx.glyphs.focus } else { " " };
        pen.field(mark, INDENT, base);
        for (run, hit) in fuzzy::runs(&row.what, matched) {
            let style = if hit && !focused { ctx.theme.hit.patch(base) } else { base };
            pen.put(&run, style);
        }
        if let Some(why) = &row.blocked {
            pen.put(": ", dim).put(why, dim);
        } else if matches!(row.rank, Rank::Recent(_)) && self.typed.is_empty() {
            pen.skip(2).put("recent", dim);
        }
    }
}

/// The list's part of the dialog.
fn list(area: Rect) -> Rect {
    let inner = paint::inside(area);
    let height = inner.height.saturating_sub(HEAD + FOOT);
    Rect { y: inner.y + HEAD.min(inner.height), height, ..inner }
}

/// How well a row answers what was typed, every word of it, and which letters of what it says do.
fn answers(typed: &str, row: &Row) -> Option<(i32, Vec<usize>)> {
    let lower = typed.to_lowercase();
    let (mut score, mut at) = (0, Vec::new());
    if row.entry.also().contains(&lower.as_str()) {
        score = EXACT;
    } else if let Some(found) = fuzzy::matches(typed, &row.what).filter(|m| m.score > 0) {
        (score, at) = (found.score, found.at);
    } else {
        for word in lower.split_whitespace() {
            let (one, letters) = answers_word(word, row)?;
            score += one;
            at.extend(letters);
        }
        at.sort_unstable();
        at.dedup();
    }
    score -= match row.rank {
        Rank::Recent(_) => -50,
        Rank::Here | Rank::Column | Rank::Global => 0,
        Rank::Motion => 30,
        Rank::Elsewhere => 500,
    };
    Some((score - 40 * i32::from(row.blocked.is_some()), at))
}

fn answers_word(word: &str, row: &Row) -> Option<(i32, Vec<usize>)> {
    let said = fuzzy::matches(word, &row.what).filter(|m| m.score > LEAST);
    let named = row.entry.also().iter().copied().chain([row.keys.as_str()]);
    let id = row.entry.id();
    let aside = named.chain([id.as_str()]).filter_map(|t| fuzzy::matches(word, t));
    // Beside what it says only a run of letters counts: scattered ones would find anything.
    let aside = aside.map(|m| m.score - ASIDE).filter(|s| *s > 0).max();
    match (said, aside) {
        (Some(said), Some(aside)) if said.score < aside => Some((aside, Vec::new())),
        (Some(said), _) => Some((said.score, said.at)),
        (None, aside) => aside.map(|score| (score, Vec::new())),
    }
}

impl Screen for PaletteScreen {
    fn layer(&self) -> Layer {
        Layer::Text
    }

    fn title(&self, _ctx: &Ctx<'_>) -> String {
        self.title.clone()
    }

    fn hints(&self) -> &'static [Action] {
        &[Action::Open, Action::Back]
    }

    fn action(&mut self, action: Action, _ctx: &Ctx<'_>) -> Outcome {
        match action {
            Action::Back => Outcome::Close,
            // A click on the hint.
            Action::Open => self.choose(),
            _ => Outcome::Ignored,
        }
    }

    fn input(&mut self, input: &Input, ctx: &Ctx<'_>) -> Outcome {
        match input {
            Input::Key(press, _) => self.key(*press, ctx),
            Input::Paste(text) => self.type_text(text),
            Input::Mouse(mouse) => match mouse.kind {
                MouseEventKind::ScrollDown => self.step(1, ctx),
                MouseEventKind::ScrollUp => self.step(-1, ctx),
                MouseEventKind::Down(MouseButton::Left) => {
                    let Some(row) = self.row_at(mouse.column, mouse.row, ctx.area) else {
                        return Outcome::Ignored;
                    };
                    self.at = row;
                    self.choose()
                }
                _ => Outcome::Ignored,
            },
        }
    }

    fn area(&self, frame: Rect, _ctx: &Ctx<'_>) -> Rect {
        // It keeps its size while one types: rows that jump are hard to follow.
        let rows = u16::try_from(self.rows.len()).unwrap_or(u16::MAX).saturating_add(HEAD + FOOT + 2);
        centred(frame, WIDTH, rows.min(HEIGHT))
    }

    fn render(&self, buf: &mut Buffer, ctx: &Ctx<'_>) {
        paint::frame(buf, ctx.area, &self.title, ctx.theme.border_focus, ctx);
        let inner = paint::inside(ctx.area);
        let mut prompt = Pen::new(buf, ctx, inner, 0);
        prompt.field(":", 1, ctx.theme.key);
        if self.typed.is_empty() {
            prompt.skip(2).put("type a part of what it does, or its key", ctx.theme.dim);
        } else {
            prompt.put(&self.typed, ctx.theme.text);
        }
        let area = list(ctx.area);
        if self.shown.is_empty() {
            Pen::new(buf, ctx, area, 0).skip(INDENT).put("no command does that", ctx.theme.dim);
        }
        let top = shape::window(self.top, self.at, usize::from(area.height), self.shown.len());
        for (n, y) in (top..self.shown.len()).zip(area.y..area.bottom()) {
            self.draw_row(n, Rect { y, height: 1, ..area }, buf, ctx);
        }
        pen::more(buf, Rect { width: area.width + 1, ..area }, ctx, top, self.shown.len());
        if inner.height > HEAD + FOOT {
            let back = pen::key(ctx, Action::Back);
            let counted = shape::count(self.shown.len(), "command", "commands");
            let mut foot = Pen::new(buf, ctx, inner, inner.height - 1);
            foot.hints(&[("enter", "does it"), (&back, "closes")]).skip(3).put(&counted, ctx.theme.dim);
        }
    }

    fn cursor(&self, ctx: &Ctx<'_>) -> Option<Position> {
        let inner = paint::inside(ctx.area);
        let x = inner.x + 1 + paint::width(&self.typed) as u16;
        (inner.height > 0 && x < inner.right()).then(|| Position::new(x, inner.y))
    }
}

#[cfg(test)]
mod tests;
