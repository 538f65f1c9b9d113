//! What a platform wants with a move, asked field after field before the move is made: values to pick from, or a text.

use crossterm::event::{MouseButton, MouseEventKind};
use ratatui::buffer::Buffer;
use ratatui::layout::{Position, Rect};

use crate::config::keymap::{Action, Key, Layer, Press};
use crate::domain::board::Place;
use crate::domain::card::{Card, CardId};
use crate::domain::command::{Command, Reject};
use crate::domain::link::ConnectionName;
use crate::domain::mapping::Status;
use crate::domain::moves::{Given, Waiting};
use crate::tui::effect::Effect;
use crate::tui::moves::Want;
use crate::tui::paint;
use crate::tui::screen::{Ctx, Input, Outcome, Screen, centred};
use crate::tui::screens::fuzzy;

mod view;

/// Rows between the frame and the list: what it is for, what is typed, and a rule.
const HEAD: u16 = 3;
/// Rows under the list: what is wrong, and the hints.
const FOOT: u16 = 2;

/// A move of cards into a column, with what was given for it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Moving {
    /// The cards, in their order.
    pub cards: Vec<CardId>,
    /// Into which column.
    pub to: Status,
    /// Where in it.
    pub place: Place,
    /// What was given; empty before anything was asked.
    pub given: Vec<(ConnectionName, Given)>,
    /// Those that were to go too and cannot, and why: told when the others went.
    pub refused: Vec<(CardId, Reject)>,
    /// What else is changed with it, as one act: what another lane stands for.
    pub also: Vec<Command>,
}

/// What the answers are for.
#[derive(Debug, Clone)]
enum Purpose {
    /// A move that is made when all is given.
    Move(Moving),
    /// A move that was made here and waits to be sent.
    Waiting { card: CardId, back: Status },
}

/// A row of the list.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Row {
    /// A value the field takes, and which of its characters answer what is typed.
    Value(String, Vec<usize>),
    /// What is typed.
    Typed,
    /// Take the move back.
    Back,
}

/// Asks for the fields that a move wants, one after the other.
#[derive(Debug)]
pub struct AskingScreen {
    purpose: Purpose,
    wants: Vec<Want>,
    /// The field that is asked for now; those before it are answered.
    at: usize,
    answers: Vec<String>,
    typed: String,
    focus: usize,
    refusal: Option<String>,
}

impl AskingScreen {
    /// Asks before cards are moved: they move when all is given. `wants` has at least one field.
    pub fn before(moving: Moving, wants: Vec<Want>) -> Self {
        Self::new(Purpose::Move(moving), wants)
    }

    /// Asks about a move that waits for it; `None` when nothing is asked.
    pub fn about(card: CardId, waiting: &[Waiting]) -> Option<Self> {
        let back = waiting.first()?.back.clone();
        let wants = waiting.iter().flat_map(|w| Want::all_of(&w.connection, &w.asks)).collect();
        Some(Self::new(Purpose::Waiting { card, back }, wants))
    }

    fn new(purpose: Purpose, wants: Vec<Want>) -> Self {
        let (typed, answers) = (String::new(), Vec::new());
        Self { purpose, wants, at: 0, answers, typed, focus: 0, refusal: None }
    }

    /// The card whose waiting move it is about; `None` for a move that is still to be made.
    pub fn waits_for(&self) -> Option<CardId> {
        match &self.purpose {
            Purpose::Waiting { card, .. } => Some(*card),
            Purpose::Move(_) => None,
        }
    }

    /// What is said when it is closed without an answer.
    pub fn unanswered(&self) -> &'static str {
        match self.purpose {
            Purpose::Move(_) => "not moved",
            Purpose::Waiting { .. } => "it goes on waiting",
        }
    }

    fn want(&self) -> Option<&Want> {
        self.wants.get(self.at)
    }

    fn rows(&self) -> Vec<Row> {
        let Some(want) = self.want() else { return Vec::new() };
        let mut found: Vec<(i32, Row)> = want
            .need
            .values
            .iter()
            .filter_map(|value| {
                let found = fuzzy::matches(self.typed.trim(), value)?;
                Some((found.score, Row::Value(value.clone(), found.at)))
            })
            .collect();
        found.sort_by_key(|(score, _)| std::cmp::Reverse(*score));
        let mut rows: Vec<Row> = found.into_iter().map(|(_, row)| row).collect();
        if want.need.values.is_empty() {
            rows.push(Row::Typed);
        }
        // Narrowing is for the values: whoever types looks for one of them.
        if self.waits_for().is_some() && (self.typed.is_empty() || rows == [Row::Typed]) {
            rows.push(Row::Back);
        }
        rows
    }

    fn step(&mut self, by: isize) {
        let last = self.rows().len().saturating_sub(1);
        self.focus = self.focus.saturating_add_signed(by).min(last);
    }

    fn type_text(&mut self, text: &str) {
        self.typed.extend(text.chars().filter(|c| !c.is_control()));
        self.focus = 0;
    }

    /// Takes what is typed back; says whether there was anything.
    fn clear(&mut self) -> bool {
        self.focus = 0;
        !std::mem::take(&mut self.typed).is_empty()
    }

    fn accept(&mut self) -> Outcome {
        let answer = match self.rows().into_iter().nth(self.focus) {
            Some(Row::Value(value, _)) => value,
            Some(Row::Typed) if !self.typed.trim().is_empty() => self.typed.trim().to_owned(),
            Some(Row::Typed) => {
                self.refusal = Some("it must be given: type something".to_owned());
                return Outcome::Stay;
            }
            Some(Row::Back) => return self.take_back(),
            None => return Outcome::Stay,
        };
        self.answers.push(answer);
        self.at += 1;
        self.clear();
        if self.at < self.wants.len() { Outcome::Stay } else { self.finish() }
    }

    /// The answers by connection.
    fn given(&self) -> Vec<(ConnectionName, Given)> {
        let mut out: Vec<(ConnectionName, Given)> = Vec::new();
        for (want, answer) in self.wants.iter().zip(&self.answers) {
            let (key, value) = (want.need.key.clone(), answer.clone());
            match out.iter_mut().find(|(name, _)| *name == want.connection) {
                Some((_, given)) => {
                    given.insert(key, value);
                }
                None => out.push((want.connection.clone(), Given::from([(key, value)]))),
            }
        }
        out
    }

    fn finish(&self) -> Outcome {
        let given = self.given();
        match &self.purpose {
            Purpose::Move(moving) => Outcome::Move(Box::new(Moving { given, ..moving.clone() })),
            Purpose::Waiting { card, .. } => {
                Outcome::CloseWith(vec![Effect::AnswerMove { card: *card, answers: given }])
            }
        }
    }

    fn take_back(&self) -> Outcome {
        match &self.purpose {
            Purpose::Waiting { card, back } => {
                Outcome::Submit(vec![Command::Move { card: *card, to: back.clone(), place: Place::Top }])
            }
            Purpose::Move(_) => Outcome::Close,
        }
    }

    fn key(&mut self, press: Press) -> Outcome {
        self.refusal = None;
        match (press.key, press.ctrl, press.alt) {
            (Key::Char(c), false, false) => self.type_text(&c.to_string()),
            (Key::Down, ..) | (Key::Char('n' | 'j'), true, _) => self.step(1),
            (Key::Up, ..) | (Key::Char('p' | 'k'), true, _) => self.step(-1),
            (Key::PageDown, ..) => self.step(10),
            (Key::PageUp, ..) => self.step(-10),
            (Key::Backspace, false, false) | (Key::Char('h'), true, _) => {
                self.typed.pop();
                self.focus = 0;
            }
            (Key::Backspace, ..) | (Key::Char('u' | 'w'), true, _) => {
                self.clear();
            }
            (Key::Enter, ..) => return self.accept(),
            _ => return Outcome::Ignored,
        }
        Outcome::Stay
    }

    /// The first row shown and the rows' area.
    fn window(&self, area: Rect) -> (usize, Rect) {
        let inner = paint::inside(area);
        let height = inner.height.saturating_sub(HEAD + FOOT);
        let rows = Rect { y: inner.y + HEAD.min(inner.height), height, ..inner };
        let top = (self.focus + 1).saturating_sub(usize::from(height));
        (top, rows)
    }

    /// What it is about: the card, or how many.
    fn subject(&self, ctx: &Ctx<'_>) -> String {
        let cards = match &self.purpose {
            Purpose::Move(moving) => moving.cards.as_slice(),
            Purpose::Waiting { card, .. } => std::slice::from_ref(card),
        };
        match cards {
            [one] => ctx.board.card(*one).map_or_else(|| one.short(), Card::key),
            many => format!("{} cards", many.len()),
        }
    }
}

impl Screen for AskingScreen {
    fn layer(&self) -> Layer {
        Layer::Text
    }

    fn title(&self, _ctx: &Ctx<'_>) -> String {
        let Some(want) = self.want() else { return String::new() };
        format!("{} asks for {}", want.connection, want.need.name)
    }

    fn action(&mut self, action: Action, _ctx: &Ctx<'_>) -> Outcome {
        match action {
            Action::Back if self.clear() => Outcome::Stay,
            Action::Back => Outcome::Close,
            Action::Save => self.accept(),
            _ => Outcome::Ignored,
        }
    }

    fn input(&mut self, input: &Input, ctx: &Ctx<'_>) -> Outcome {
        match input {
            Input::Key(press, _) => self.key(*press),
            Input::Paste(text) => {
                self.type_text(text);
                Outcome::Stay
            }
            Input::Mouse(mouse) => match mouse.kind {
                MouseEventKind::ScrollDown => self.key(Press::plain(Key::Down)),
                MouseEventKind::ScrollUp => self.key(Press::plain(Key::Up)),
                MouseEventKind::Down(MouseButton::Left) => {
                    let (top, rows) = self.window(ctx.area);
                    let hit = top + usize::from(mouse.row.saturating_sub(rows.y));
                    if !rows.contains(Position::new(mouse.column, mouse.row)) || hit >= self.rows().len() {
                        return Outcome::Ignored;
                    }
                    self.focus = hit;
                    self.key(Press::plain(Key::Enter))
                }
                _ => Outcome::Ignored,
            },
        }
    }

    fn rejected(&mut self, reject: &Reject) {
        self.refusal = Some(reject.to_string());
    }

    fn area(&self, frame: Rect, _ctx: &Ctx<'_>) -> Rect {
        let rows = self.wants.iter().map(|w| w.need.values.len()).max().unwrap_or(0) + 1;
        centred(frame, 60, rows.clamp(4, 14) as u16 + HEAD + FOOT + 2)
    }

    fn render(&self, buf: &mut Buffer, ctx: &Ctx<'_>) {
        self.draw(buf, ctx);
    }

    fn cursor(&self, ctx: &Ctx<'_>) -> Option<Position> {
        let inner = paint::inside(ctx.area);
        let x = inner.x + (view::PROMPT + paint::width(&self.typed)) as u16;
        (inner.height > 1 && x < inner.right()).then(|| Position::new(x, inner.y + 1))
    }
}

#[cfg(test)]
mod tests;
