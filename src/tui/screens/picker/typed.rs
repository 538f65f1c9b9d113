//! A value that is typed: the day a card is due, how much work it is. What is typed is read aloud as it will be kept.

use chrono::NaiveDate;
use ratatui::buffer::Buffer;
use ratatui::layout::{Position, Rect};

use crate::config::keymap::{Action, Key, Layer};
use crate::domain::card::{Card, CardId};
use crate::domain::command::{Command, Reject};
use crate::domain::fields::{FieldName, Value};
use crate::domain::quick::day;
use crate::tui::paint;
use crate::tui::screen::{Ctx, Input, Outcome, Screen, centred};
use crate::tui::screens::editor::Field;
use crate::tui::screens::pen::{self, Pen};

/// Cells before what is typed.
const PROMPT: u16 = 2;

/// What is typed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TypedKind {
    /// The day a card is due.
    Due,
    /// How much work it is.
    Estimate,
}

impl TypedKind {
    fn field(self) -> FieldName {
        match self {
            Self::Due => FieldName::DUE,
            Self::Estimate => FieldName::ESTIMATE,
        }
    }

    fn title(self) -> &'static str {
        match self {
            Self::Due => "Due date",
            Self::Estimate => "Estimate",
        }
    }

    fn examples(self) -> &'static str {
        match self {
            Self::Due => "today  tomorrow  fri  +7d  +2w  1 dec  2026-12-01  none",
            Self::Estimate => "a number, such as 3 or 0.5; none clears it",
        }
    }
}

/// What was typed comes to.
enum Reading {
    /// Nothing yet.
    Nothing,
    /// This value, in words.
    Is(Value, String),
    /// No value, and why.
    Wrong(String),
}

/// Asks for a value that is typed, for one card or several.
#[derive(Debug)]
pub struct TypedScreen {
    kind: TypedKind,
    cards: Vec<CardId>,
    field: Field,
    refusal: Option<String>,
}

impl TypedScreen {
    /// Opens it on these cards, empty: what they have stands below, and stays until something is typed.
    pub fn new(kind: TypedKind, cards: Vec<CardId>) -> Self {
        Self { kind, cards, field: Field::new("", true), refusal: None }
    }

    fn reading(&self, today: NaiveDate) -> Reading {
        let text = self.field.text();
        let text = text.trim();
        let none = |what: &str| Reading::Is(Value::None, format!("no {what}"));
        match self.kind {
            _ if text.is_empty() => Reading::Nothing,
            TypedKind::Due => match day::day(text, today) {
                Ok(Some(day)) => Reading::Is(Value::Text(day.to_string()), day::told(day, today)),
                Ok(None) => none("due date"),
                Err(why) => Reading::Wrong(why.to_string()),
            },
            TypedKind::Estimate if matches!(text.to_lowercase().as_str(), "none" | "-") => none("estimate"),
            TypedKind::Estimate => match text.replace(',', ".").parse::<f64>() {
                Ok(number) if number.is_finite() && number >= 0.0 => {
                    let number = (number + 0.0).to_string();
                    Reading::Is(Value::Text(number.clone()), format!("estimate {number}"))
                }
                _ => Reading::Wrong(format!("`{text}` is no number that is not negative")),
            },
        }
    }

    fn accept(&mut self, today: NaiveDate) -> Outcome {
        match self.reading(today) {
            Reading::Nothing => Outcome::Close,
            Reading::Wrong(_) => Outcome::Stay,
            Reading::Is(value, _) => {
                let field = self.kind.field();
                let set = |card: &CardId| Command::SetField { card: *card, field, value: value.clone() };
                Outcome::Submit(self.cards.iter().map(set).collect())
            }
        }
    }

    /// What the cards have now, in words.
    fn now(&self, ctx: &Ctx<'_>) -> String {
        let of = |id: &CardId| ctx.board.card(*id).and_then(|c| c.extra(self.kind.field()));
        let first = self.cards.first().and_then(of);
        if !self.cards.iter().all(|id| of(id) == first) {
            return "now: not the same on all of them".to_owned();
        }
        let today = ctx.now.local_day();
        match (first, self.kind) {
            (None, _) => "now: none".to_owned(),
            (Some(value), TypedKind::Due) => {
                let told = value.parse().map(|d| day::told(d, today));
                format!("now: {}", told.unwrap_or_else(|_| value.to_owned()))
            }
            (Some(value), TypedKind::Estimate) => format!("now: {value}"),
        }
    }

    fn typed_at(area: Rect) -> Rect {
        let inner = paint::inside(area);
        let skip = PROMPT.min(inner.width);
        Rect { x: inner.x + skip, width: inner.width - skip, height: inner.height.min(1), ..inner }
    }
}

impl Screen for TypedScreen {
    fn layer(&self) -> Layer {
        Layer::Text
    }

    fn title(&self, ctx: &Ctx<'_>) -> String {
        let what = self.kind.title();
        match self.cards.as_slice() {
            [one] => format!("{what} of {}", ctx.board.card(*one).map_or_else(|| one.short(), Card::key)),
            many => format!("{what} of {} cards", many.len()),
        }
    }

    fn action(&mut self, action: Action, ctx: &Ctx<'_>) -> Outcome {
        match action {
            Action::Back => Outcome::Close,
            Action::Save => self.accept(ctx.now.local_day()),
            _ => Outcome::Ignored,
        }
    }

    fn input(&mut self, input: &Input, ctx: &Ctx<'_>) -> Outcome {
        if matches!(input, Input::Key(press, _) if press.key == Key::Enter) {
            return self.accept(ctx.now.local_day());
        }
        if self.field.input(input) {
            self.refusal = None;
            return Outcome::Stay;
        }
        Outcome::Ignored
    }

    fn rejected(&mut self, reject: &Reject) {
        self.refusal = Some(reject.to_string());
    }

    fn area(&self, frame: Rect, _ctx: &Ctx<'_>) -> Rect {
        centred(frame, 64, 7)
    }

    fn render(&self, buf: &mut Buffer, ctx: &Ctx<'_>) {
        paint::frame(buf, ctx.area, &self.title(ctx), ctx.theme.border_focus, ctx);
        let inner = paint::inside(ctx.area);
        Pen::new(buf, ctx, inner, 0).put(if ctx.glyphs.ascii { ">" } else { "›" }, ctx.theme.dim);
        self.field.render(buf, Self::typed_at(ctx.area), ctx);
        let reading = self.reading(ctx.now.local_day());
        let mut pen = Pen::new(buf, ctx, inner, 1);
        pen.skip(PROMPT);
        match (&self.refusal, &reading) {
            (Some(why), _) | (None, Reading::Wrong(why)) => {
                pen.put(ctx.glyphs.cross, ctx.theme.error).skip(1).put(why, ctx.theme.error);
            }
            (None, Reading::Is(_, told)) => {
                pen.put(ctx.glyphs.check, ctx.theme.ok).skip(1).put(told, ctx.theme.title);
            }
            (None, Reading::Nothing) => {
                pen.put(&self.now(ctx), ctx.theme.dim);
            }
        }
        Pen::new(buf, ctx, inner, 2).skip(PROMPT).put(self.kind.examples(), ctx.theme.dim);
        let enter = match reading {
            Reading::Nothing => "keep it",
            Reading::Is(Value::None, _) => "clear",
            _ => "set",
        };
        let back = pen::key(ctx, Action::Back);
        Pen::new(buf, ctx, inner, inner.height.saturating_sub(1).max(3))
            .hints(&[("enter", enter), (&back, "close")]);
    }

    fn cursor(&self, ctx: &Ctx<'_>) -> Option<Position> {
        self.field.cursor(Self::typed_at(ctx.area))
    }
}
