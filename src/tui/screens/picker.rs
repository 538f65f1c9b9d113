//! A list to pick labels, assignees or a milestone from, for one card or several. What is typed narrows it.

use std::collections::BTreeSet;

use crossterm::event::{MouseButton, MouseEventKind};
use ratatui::buffer::Buffer;
use ratatui::layout::{Position, Rect};

use crate::config::keymap::{Action, Key, Layer, Press};
use crate::domain::card::{Card, CardId};
use crate::domain::command::{Command, Reject};
use crate::domain::fields::{FieldName, PRIORITIES, Value};
use crate::domain::link::ConnectionName;
use crate::engine::Update;
use crate::tui::paint;
use crate::tui::screen::{Ctx, Input, Outcome, Screen, centred};

pub mod candidates;
mod list;
mod parent;
mod typed;
mod view;

pub use list::PickerKind;
use list::{Has, List, RowName};
pub use parent::ParentScreen;
pub use typed::{TypedKind, TypedScreen};

/// Rows between the frame and the list: what is typed, and a rule.
const HEAD: u16 = 2;
/// Rows under the list: what the platforms say, and the hints.
const FOOT: u16 = 2;

/// A list to pick labels, assignees or a milestone from, for one card or several.
#[derive(Debug)]
pub struct PickerScreen {
    cards: Vec<CardId>,
    list: List,
    refusal: Option<String>,
    /// Whether the focus was moved by hand: enter then means the focused row.
    walked: bool,
}

impl PickerScreen {
    /// Opens it on these cards. What the connections of the cards offer comes from the context and from
    /// [`Update::Offers`]; the front end asks for what is missing.
    pub fn new(kind: PickerKind, cards: Vec<CardId>, ctx: &Ctx<'_>) -> Self {
        let chosen: Vec<&Card> = cards.iter().filter_map(|id| ctx.board.card(*id)).collect();
        let names = |of: fn(&Card) -> &BTreeSet<String>| -> BTreeSet<String> {
            ctx.board.cards().flat_map(of).cloned().collect()
        };
        let sets =
            |of: fn(&Card) -> &BTreeSet<String>| chosen.iter().map(|c| of(c).clone()).collect::<Vec<_>>();
        let mut list = match kind {
            PickerKind::Labels => {
                List::of_sets(kind, &sets(|c| &c.labels), &names(|c| &c.labels), status_labels(ctx))
            }
            PickerKind::Assignees => {
                List::of_sets(kind, &sets(|c| &c.assignees), &names(|c| &c.assignees), BTreeSet::new())
            }
            PickerKind::Milestone => {
                let now: Vec<Option<&str>> = chosen.iter().map(|c| c.milestone.as_deref()).collect();
                let known: BTreeSet<String> = ctx.board.cards().filter_map(|c| c.milestone.clone()).collect();
                List::of_one(kind, &now, known)
            }
            PickerKind::Priority => {
                let own = |card: &Card| card.extra(FieldName::PRIORITY).map(str::to_owned);
                let now: Vec<Option<&str>> = chosen.iter().map(|c| c.extra(FieldName::PRIORITY)).collect();
                let known: BTreeSet<String> = ctx.board.cards().filter_map(own).collect();
                List::of_one(kind, &now, in_order(known))
            }
        };
        let asked = if kind == PickerKind::Priority { Vec::new() } else { connections(&chosen, ctx) };
        for connection in asked {
            list.ask(connection.clone());
            if let Some(offers) = ctx.offers.get(&connection) {
                list.answer(&connection, offers);
            }
        }
        Self { cards, list, refusal: None, walked: false }
    }

    fn accept(&mut self) -> Outcome {
        if self.list.kind().is_set() {
            if self.enter_turns() {
                self.list.toggle_once();
            }
            return self.submit();
        }
        let Some(row) = self.list.focused() else { return Outcome::Stay };
        if row.before == Has::Yes {
            return Outcome::Close;
        }
        let name = match row.name {
            RowName::Known(name) | RowName::New(name) => Some(name),
            RowName::Nothing => None,
        };
        let set = |card: &CardId| match self.list.kind() {
            PickerKind::Priority => Command::SetField {
                card: *card,
                field: FieldName::PRIORITY,
                value: name.clone().map_or(Value::None, Value::Text),
            },
            _ => Command::SetMilestone { card: *card, milestone: name.clone() },
        };
        Outcome::Submit(self.cards.iter().map(set).collect())
    }

    /// Whether enter turns the focused row over: it was searched for, or walked to with nothing else turned. Enter
    /// in a picker just opened changes nothing.
    fn enter_turns(&self) -> bool {
        !self.list.typed.is_empty() || (self.walked && self.list.delta().is_empty())
    }

    /// Sends off what was turned on and off.
    fn submit(&mut self) -> Outcome {
        let delta = self.list.delta();
        if delta.is_empty() {
            return Outcome::Close;
        }
        let command = |card: &CardId| match self.list.kind() {
            PickerKind::Assignees => Command::Assign { card: *card, delta: delta.clone() },
            _ => Command::Label { card: *card, delta: delta.clone() },
        };
        Outcome::Submit(self.cards.iter().map(command).collect())
    }

    fn key(&mut self, press: Press) -> Outcome {
        self.refusal = None;
        self.walked |= matches!(press.key, Key::Up | Key::Down | Key::PageUp | Key::PageDown)
            || (press.ctrl && matches!(press.key, Key::Char('n' | 'p' | 'j' | 'k')));
        match (press.key, press.ctrl, press.alt) {
            (Key::Char(c), false, false) => self.list.type_text(&c.to_string()),
            (Key::Down, ..) | (Key::Char('n' | 'j'), true, _) => self.list.step(1),
            (Key::Up, ..) | (Key::Char('p' | 'k'), true, _) => self.list.step(-1),
            (Key::PageDown, ..) => self.list.step(10),
            (Key::PageUp, ..) => self.list.step(-10),
            (Key::Tab, ..) => self.list.toggle(),
            (Key::Backspace, false, false) | (Key::Char('h'), true, _) => self.list.erase(),
            (Key::Backspace, ..) | (Key::Char('u' | 'w'), true, _) => {
                self.list.clear();
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
        let top = (self.list.focus() + 1).saturating_sub(usize::from(height));
        (top, rows)
    }
}

/// Priorities, the highest first: the usual ones and those that are in use; of those people know no order, by name.
fn in_order(used: BTreeSet<String>) -> Vec<String> {
    let usual = ["urgent", "high", "medium", "low"].into_iter().map(str::to_owned);
    let place = |name: &String| {
        let lower = name.to_lowercase();
        PRIORITIES.iter().position(|p| *p == lower).unwrap_or(PRIORITIES.len())
    };
    let mut all: Vec<String> = used.into_iter().chain(usual).collect();
    all.sort_by_key(|name| (place(name), name.to_lowercase()));
    all
}

/// The connections that must take what is picked: those the cards are on.
fn connections(cards: &[&Card], ctx: &Ctx<'_>) -> Vec<ConnectionName> {
    let linked = |name: &ConnectionName| cards.iter().any(|c| c.link_on(name.as_str()).is_some());
    ctx.settings.connections.iter().map(|c| &c.name).filter(|n| linked(n)).cloned().collect()
}

/// Labels that stand for a status: those a person moves the card for.
fn status_labels(ctx: &Ctx<'_>) -> BTreeSet<String> {
    let targets = ctx.settings.connections.iter().flat_map(|c| c.targets.values());
    targets.filter_map(|t| t.label.clone()).collect()
}

impl Screen for PickerScreen {
    fn layer(&self) -> Layer {
        Layer::Text
    }

    fn title(&self, ctx: &Ctx<'_>) -> String {
        let what = match self.list.kind() {
            PickerKind::Labels => "Labels",
            PickerKind::Assignees => "Assignees",
            PickerKind::Milestone => "Milestone",
            PickerKind::Priority => "Priority",
        };
        match self.cards.as_slice() {
            [one] => format!("{what} of {}", ctx.board.card(*one).map_or_else(|| one.short(), Card::key)),
            many => format!("{what} of {} cards", many.len()),
        }
    }

    fn action(&mut self, action: Action, _ctx: &Ctx<'_>) -> Outcome {
        match action {
            Action::Back if self.list.clear() => Outcome::Stay,
            Action::Back => Outcome::Close,
            Action::Save if self.list.kind().is_set() => self.submit(),
            Action::Save => self.accept(),
            _ => Outcome::Ignored,
        }
    }

    fn input(&mut self, input: &Input, ctx: &Ctx<'_>) -> Outcome {
        match input {
            Input::Key(press, _) => self.key(*press),
            Input::Paste(text) => {
                self.list.type_text(text);
                Outcome::Stay
            }
            Input::Mouse(mouse) => match mouse.kind {
                MouseEventKind::ScrollDown => self.key(Press::plain(Key::Down)),
                MouseEventKind::ScrollUp => self.key(Press::plain(Key::Up)),
                MouseEventKind::Down(MouseButton::Left) => {
                    let (top, rows) = self.window(ctx.area);
                    if !rows.contains(Position::new(mouse.column, mouse.row)) {
                        return Outcome::Ignored;
                    }
                    self.list.go(top + usize::from(mouse.row - rows.y));
                    if self.list.kind().is_set() { self.key(Press::plain(Key::Tab)) } else { self.accept() }
                }
                _ => Outcome::Ignored,
            },
        }
    }

    fn update(&mut self, update: &Update, _ctx: &Ctx<'_>) -> Outcome {
        let Update::Offers { connection, offers } = update else { return Outcome::Ignored };
        self.list.answer(connection, offers);
        Outcome::Stay
    }

    fn rejected(&mut self, reject: &Reject) {
        self.refusal = Some(reject.to_string());
    }

    fn unsaved(&self) -> bool {
        !self.list.delta().is_empty()
    }

    fn area(&self, frame: Rect, _ctx: &Ctx<'_>) -> Rect {
        let rows = self.list.rows().len().clamp(8, 16) as u16;
        centred(frame, 60, rows + HEAD + FOOT + 2)
    }

    fn render(&self, buf: &mut Buffer, ctx: &Ctx<'_>) {
        self.draw(buf, ctx);
    }

    fn cursor(&self, ctx: &Ctx<'_>) -> Option<Position> {
        let inner = paint::inside(ctx.area);
        let x = inner.x + (view::PROMPT + paint::width(&self.list.typed)) as u16;
        (inner.height > 0 && x < inner.right()).then(|| Position::new(x, inner.y))
    }
}

#[cfg(test)]
mod tests;

#[cfg(test)]
mod more_tests;
