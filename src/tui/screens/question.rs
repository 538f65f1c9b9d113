//! A question with a few answers: which column, whether to leave. Small, in the middle, answered by one key.

use std::borrow::Cow;

use crossterm::event::{MouseButton, MouseEventKind};
use ratatui::buffer::Buffer;
use ratatui::layout::{Position, Rect};

use crate::config::keymap::{Action, Key, Layer};
use crate::domain::card::CardId;
use crate::domain::command::Command;
use crate::domain::health::Health;
use crate::tui::effect::Effect;
use crate::tui::paint;
use crate::tui::screen::{Ctx, Input, Outcome, Screen, centred};
use crate::tui::screens::asking::Moving;
use crate::tui::screens::palette::Entry;
use crate::tui::state::look::LaneBy;

/// The most cells a dialog takes; what is longer goes on below.
const WIDEST: u16 = 76;

/// What an answer does.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Answer {
    /// Nothing.
    Nothing,
    /// These commands.
    Commands(Vec<Command>),
    /// A move of cards.
    Move(Moving),
    /// A move that a platform is known to refuse; it says why.
    Barred(Moving),
    /// These commands, which bring back values a card had.
    Restore(Vec<Command>),
    /// The board cut into these lanes.
    Lanes(LaneBy),
    /// These effects.
    Effects(Vec<Effect>),
    /// This command.
    Run(Entry),
}

/// One line one can choose.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Choice {
    /// The key that chooses it at once.
    pub key: char,
    /// What it says.
    pub text: String,
    /// Said behind it, dimmed.
    pub note: Option<String>,
    /// What it does.
    pub answer: Answer,
}

/// A question with a few answers.
#[derive(Debug)]
pub struct Question {
    title: String,
    lines: Vec<String>,
    choices: Vec<Choice>,
    at: usize,
    /// The number of a connection's own question, when it is one.
    asked: Option<i64>,
    /// The cards it asks into which column to move, when it does.
    moving: Vec<CardId>,
}

impl Question {
    /// Asks; `at` is the answer that enter gives.
    pub fn new(title: impl Into<String>, lines: Vec<String>, choices: Vec<Choice>, at: usize) -> Self {
        let at = at.min(choices.len().saturating_sub(1));
        Self { title: title.into(), lines, choices, at, asked: None, moving: Vec::new() }
    }

    /// The same as one that asks into which column to move cards: what is told of them meanwhile changes it.
    #[must_use]
    pub fn about_moving(self, cards: &[CardId]) -> Self {
        Self { moving: cards.to_vec(), ..self }
    }

    /// The cards it asks into which column to move, when it does, and the answer that enter gives.
    pub fn moving(&self) -> Option<(&[CardId], usize)> {
        (!self.moving.is_empty()).then_some((self.moving.as_slice(), self.at))
    }

    /// What a connection asks before it goes on; `None` when it asks nothing. Enter puts it off: both answers want
    /// their own key.
    pub fn of(health: &Health) -> Option<Self> {
        let asked = health.question.as_ref()?;
        let name = &health.connection;
        let answer = |go| {
            let connection = name.clone();
            Answer::Effects(vec![Effect::Answer { connection, question: asked.id, go }])
        };
        let choice = |key, text: &str, answer| Choice { key, text: text.to_owned(), note: None, answer };
        let waits = if asked.stops_connection {
            format!("Until you answer, {name} is neither read nor written. Edits are kept.")
        } else {
            format!("Until you answer, only what this is about waits; the rest of {name} goes on.")
        };
        let choices = vec![
            choice('y', &asked.go, answer(true)),
            choice('n', &asked.stop, answer(false)),
            choice('l', "later", Answer::Nothing),
        ];
        let lines = vec![asked.text.clone(), String::new(), waits];
        let mut question = Self::new(format!("{name} asks before it goes on"), lines, choices, 2);
        question.asked = Some(asked.id);
        Some(question)
    }

    /// The number of the connection's question it puts to a person, when it is one.
    pub fn asked(&self) -> Option<i64> {
        self.asked
    }

    fn answer(&self, at: usize) -> Outcome {
        match self.choices.get(at).map(|c| &c.answer) {
            None => Outcome::Ignored,
            Some(Answer::Nothing) => Outcome::Close,
            Some(Answer::Commands(commands)) => Outcome::Submit(commands.clone()),
            Some(Answer::Move(moving) | Answer::Barred(moving)) => Outcome::Move(Box::new(moving.clone())),
            Some(Answer::Restore(commands)) => Outcome::Restore(commands.clone()),
            Some(Answer::Lanes(by)) => Outcome::Lanes(*by),
            Some(Answer::Effects(effects)) => Outcome::CloseWith(effects.clone()),
            Some(Answer::Run(entry)) => Outcome::Chosen(entry.clone()),
        }
    }

    /// The cells of the widest choice that has a note: a note is never broken.
    fn noted(&self) -> u16 {
        let noted = self.choices.iter().filter_map(|c| Some((c, c.note.as_deref()?)));
        let cells = noted.map(|(c, note)| paint::width(&c.text) + paint::width(note) + 6).max();
        u16::try_from(cells.unwrap_or(0)).unwrap_or(u16::MAX)
    }

    /// The text above the choices, broken into lines.
    fn text(&self, width: u16, ctx: &Ctx<'_>) -> Vec<String> {
        let mut out = Vec::new();
        for line in &self.lines {
            out.extend(broken(line, width, ctx));
        }
        if !out.is_empty() {
            out.push(String::new());
        }
        out
    }

    /// The text of each choice, broken into lines; a note stands behind it where there is room.
    fn choice_lines(&self, width: u16, ctx: &Ctx<'_>) -> Vec<Vec<String>> {
        let room = width.saturating_sub(INDENT);
        self.choices.iter().map(|c| broken(&c.text, room, ctx)).collect()
    }

    /// The rows of each choice that fit, from the first shown.
    fn rows(&self, area: Rect, ctx: &Ctx<'_>) -> Vec<(usize, Rect)> {
        let inner = paint::inside(area);
        let heights: Vec<u16> =
            self.choice_lines(inner.width, ctx).iter().map(|lines| lines.len() as u16).collect();
        let wanted: u16 = heights.iter().sum();
        // The choices are what a person needs: where there is no room for both, the text gives way.
        let text = self.text(inner.width, ctx).len() as u16;
        let head = text.min(inner.height.saturating_sub(wanted.min(inner.height)));
        let room = inner.height - head;
        let mut first = 0;
        while first < self.at && heights[first..=self.at].iter().sum::<u16>() > room {
            first += 1;
        }
        let mut y = inner.y + head;
        let mut out = Vec::new();
        for (n, height) in heights.iter().enumerate().skip(first) {
            let height = (*height).min(inner.bottom().saturating_sub(y));
            if height == 0 {
                break;
            }
            out.push((n, Rect { y, height, ..inner }));
            y += height;
        }
        out
    }

    fn render_choice(&self, n: usize, area: Rect, buf: &mut Buffer, ctx: &Ctx<'_>) {
        let choice = &self.choices[n];
        let barred = matches!(choice.answer, Answer::Barred(_));
        let plain = if barred { ctx.theme.dim } else { ctx.theme.text };
        let style = if n == self.at { ctx.theme.selection } else { plain };
        if n == self.at {
            buf.set_style(area, style);
        }
        let key = choice.key.to_string();
        paint::text(buf, area.x + 1, area.y, 1, &key, ctx.theme.key.patch(style), ctx.glyphs);
        let mut x = area.x + INDENT;
        for (line, y) in broken(&choice.text, area.width.saturating_sub(INDENT), ctx).iter().zip(area.y..) {
            if y >= area.bottom() {
                return;
            }
            let from = area.x + INDENT - 1;
            x = paint::text(buf, from, y, area.right().saturating_sub(from), line, style, ctx.glyphs);
        }
        if let Some(note) = &choice.note {
            let told = if barred { ctx.theme.error } else { ctx.theme.dim };
            let dim = if n == self.at { style } else { told };
            let room = area.right().saturating_sub(x + 2);
            paint::text(buf, x + 2, area.y, room, note, dim, ctx.glyphs);
        }
    }
}

/// Cells before a choice's text, and one after it.
const INDENT: u16 = 4;

/// A text broken into lines of `width` cells; an empty one is an empty line.
fn broken(text: &str, width: u16, ctx: &Ctx<'_>) -> Vec<String> {
    let clean = paint::clean(text);
    let lines = paint::wrap(&clean, usize::from(width.max(1)), usize::from(u8::MAX), ctx.glyphs.ellipsis);
    if lines.is_empty() { vec![String::new()] } else { lines.into_iter().map(Cow::into_owned).collect() }
}

impl Screen for Question {
    fn layer(&self) -> Layer {
        Layer::List
    }

    fn title(&self, _ctx: &Ctx<'_>) -> String {
        self.title.clone()
    }

    fn hints(&self) -> &'static [Action] {
        &[Action::Open, Action::Back]
    }

    fn action(&mut self, action: Action, _ctx: &Ctx<'_>) -> Outcome {
        let last = self.choices.len().saturating_sub(1);
        match action {
            Action::FocusDown => self.at = (self.at + 1).min(last),
            Action::FocusUp => self.at = self.at.saturating_sub(1),
            Action::FocusTop => self.at = 0,
            Action::FocusBottom => self.at = last,
            Action::Open => return self.answer(self.at),
            Action::Back => return Outcome::Close,
            _ => return Outcome::Ignored,
        }
        Outcome::Stay
    }

    fn input(&mut self, input: &Input, ctx: &Ctx<'_>) -> Outcome {
        match input {
            Input::Key(press, _) => {
                let Key::Char(c) = press.key else { return Outcome::Ignored };
                let chosen = self.choices.iter().position(|choice| choice.key == c);
                chosen.map_or(Outcome::Ignored, |at| self.answer(at))
            }
            Input::Mouse(m) if m.kind == MouseEventKind::Down(MouseButton::Left) => {
                let at = Position::new(m.column, m.row);
                let rows = self.rows(ctx.area, ctx);
                let hit = rows.into_iter().find(|(_, row)| row.contains(at)).map(|(n, _)| n);
                hit.map_or(Outcome::Ignored, |n| self.answer(n))
            }
            _ => Outcome::Ignored,
        }
    }

    fn area(&self, frame: Rect, ctx: &Ctx<'_>) -> Rect {
        let choice =
            |c: &Choice| paint::width(&c.text) + c.note.as_deref().map_or(0, |n| paint::width(n) + 2) + 4;
        let text = self.lines.iter().map(|l| paint::width(l)).chain(self.choices.iter().map(choice));
        let widest = text.chain([paint::width(&self.title) + 2]).max().unwrap_or(0);
        let width = u16::try_from(widest + 4).unwrap_or(u16::MAX).min(WIDEST.max(self.noted() + 4));
        let inner = width.min(frame.width).saturating_sub(4);
        let choices: usize = self.choice_lines(inner, ctx).iter().map(Vec::len).sum();
        let height = self.text(inner, ctx).len() + choices + 2;
        centred(frame, width, u16::try_from(height).unwrap_or(u16::MAX))
    }

    fn render(&self, buf: &mut Buffer, ctx: &Ctx<'_>) {
        paint::frame(buf, ctx.area, &self.title, ctx.theme.border_focus, ctx);
        let inner = paint::inside(ctx.area);
        let rows = self.rows(ctx.area, ctx);
        let end = rows.first().map_or(inner.bottom(), |(_, row)| row.y);
        for (line, y) in self.text(inner.width, ctx).iter().zip(inner.y..end) {
            paint::text(buf, inner.x, y, inner.width, line, ctx.theme.text, ctx.glyphs);
        }
        for (n, row) in rows {
            self.render_choice(n, row, buf, ctx);
        }
    }
}

#[cfg(test)]
mod tests;
