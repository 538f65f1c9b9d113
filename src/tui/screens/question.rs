//! A question with a few answers: which column, whether to leave. Small, in the middle, answered by one key.

use crossterm::event::{MouseButton, MouseEventKind};
use ratatui::buffer::Buffer;
use ratatui::layout::{Position, Rect};

use crate::config::keymap::{Action, Key, Layer};
use crate::domain::command::Command;
use crate::tui::effect::Effect;
use crate::tui::paint;
use crate::tui::screen::{Ctx, Input, Outcome, Screen, centred};

/// What an answer does.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Answer {
    /// Nothing.
    Nothing,
    /// These commands.
    Commands(Vec<Command>),
    /// These commands, which bring back values a card had.
    Restore(Vec<Command>),
    /// These effects.
    Effects(Vec<Effect>),
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
}

impl Question {
    /// Asks; `at` is the answer that enter gives.
    pub fn new(title: impl Into<String>, lines: Vec<String>, choices: Vec<Choice>, at: usize) -> Self {
        let at = at.min(choices.len().saturating_sub(1));
        Self { title: title.into(), lines, choices, at }
    }

    fn answer(&self, at: usize) -> Outcome {
        match self.choices.get(at).map(|c| &c.answer) {
            None => Outcome::Ignored,
            Some(Answer::Nothing) => Outcome::Close,
            Some(Answer::Commands(commands)) => Outcome::Submit(commands.clone()),
            Some(Answer::Restore(commands)) => Outcome::Restore(commands.clone()),
            Some(Answer::Effects(effects)) => Outcome::CloseWith(effects.clone()),
        }
    }

    /// The row of each choice that fits, from the first shown.
    fn rows(&self, area: Rect) -> impl Iterator<Item = (usize, Rect)> {
        let inner = paint::inside(area);
        let head = (self.lines.len() as u16 + u16::from(!self.lines.is_empty())).min(inner.height);
        let room = usize::from(inner.height - head);
        let first = (self.at + 1).saturating_sub(room);
        (first..self.choices.len())
            .zip(0..inner.height - head)
            .map(move |(n, row)| (n, Rect { y: inner.y + head + row, height: 1, ..inner }))
    }
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
                let hit = self.rows(ctx.area).find(|(_, row)| row.contains(at)).map(|(n, _)| n);
                hit.map_or(Outcome::Ignored, |n| self.answer(n))
            }
            _ => Outcome::Ignored,
        }
    }

    fn area(&self, frame: Rect, _ctx: &Ctx<'_>) -> Rect {
        let choice =
            |c: &Choice| paint::width(&c.text) + c.note.as_deref().map_or(0, |n| paint::width(n) + 2) + 4;
        let text = self.lines.iter().map(|l| paint::width(l)).chain(self.choices.iter().map(choice));
        let widest = text.chain([paint::width(&self.title) + 2]).max().unwrap_or(0);
        let head = self.lines.len() + usize::from(!self.lines.is_empty());
        centred(frame, (widest + 4) as u16, (head + self.choices.len() + 2) as u16)
    }

    fn render(&self, buf: &mut Buffer, ctx: &Ctx<'_>) {
        paint::frame(buf, ctx.area, &self.title, ctx.theme.border_focus, ctx);
        let inner = paint::inside(ctx.area);
        for (line, y) in self.lines.iter().zip(inner.y..inner.bottom()) {
            paint::text(buf, inner.x, y, inner.width, line, ctx.theme.text, ctx.glyphs);
        }
        for (n, row) in self.rows(ctx.area) {
            let choice = &self.choices[n];
            let style = if n == self.at { ctx.theme.selection } else { ctx.theme.text };
            if n == self.at {
                buf.set_style(row, style);
            }
            let mut x = paint::text(
                buf,
                row.x + 1,
                row.y,
                1,
                &choice.key.to_string(),
                ctx.theme.key.patch(style),
                ctx.glyphs,
            );
            x = paint::text(
                buf,
                x + 1,
                row.y,
                row.right().saturating_sub(x + 1),
                &choice.text,
                style,
                ctx.glyphs,
            );
            if let Some(note) = &choice.note {
                let dim = if n == self.at { style } else { ctx.theme.dim };
                paint::text(buf, x + 2, row.y, row.right().saturating_sub(x + 2), note, dim, ctx.glyphs);
            }
        }
    }
}
