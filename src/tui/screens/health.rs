//! The live health of every connection: the full view, and the panel beside any view. Facts in words and numbers;
//! colour only helps. Ages are coarse, so that a quiet connection is a still picture; only what a person waits for is
//! counted down by the second.

use std::collections::BTreeSet;

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::text::Line;

use crate::config::keymap::{Action, Layer};
use crate::domain::card::CardId;
use crate::domain::health::{FailedItem, Health, HealthState};
use crate::domain::link::ConnectionName;
use crate::support::clock::Timestamp;
use crate::tui::effect::Effect;
use crate::tui::paint;
use crate::tui::screen::{Ctx, Input, Outcome, Screen};
use crate::tui::screens::card::CardScreen;
use crate::tui::screens::question::Question;
use crate::tui::screens::shape::countdown;
use crate::tui::screens::{Modal, pen};

mod charts;
mod compact;
mod facts;
mod history;
mod parked;
mod sheet;

pub use compact::{docked_width, render_docked};
use sheet::{Sheet, Spot};

/// Lines that a step goes on within what is taller than the screen.
const READING: isize = 4;

/// The live health of every connection.
#[derive(Debug, Default)]
pub struct HealthScreen {
    focus: Spot,
    /// First line shown.
    top: usize,
    /// Items of the lists that are picked.
    selected: BTreeSet<(ConnectionName, CardId)>,
}

/// What of a connection's list is picked out.
struct Picked<'a> {
    /// The item that has the focus.
    item: Option<usize>,
    selected: &'a BTreeSet<(ConnectionName, CardId)>,
}

/// One connection's lines, and where its items begin.
struct Block {
    lines: Vec<Line<'static>>,
    stops: Vec<usize>,
}

/// When the next second of what is counted down for any connection is over; `None` while nothing is.
pub fn next_second(health: &[Health], now: Timestamp) -> Option<Timestamp> {
    let waits = health.iter().filter_map(facts::counts_down).filter(|at| countdown(now, *at).is_some());
    waits
        .map(|at| {
            let rest = at.since(now) % 1_000;
            now.plus_ms(if rest == 0 { 1_000 } else { rest })
        })
        .min()
}

/// When a connection goes on that was told to wait or failed: `goes on in 0:41`, or in words that stand still.
pub fn goes_on(health: &Health, now: Timestamp, moving: bool) -> Option<String> {
    let at = facts::counts_down(health)?;
    Some(format!("goes on {}", facts::waits(now, at, moving)))
}

impl HealthScreen {
    /// The focus, where what it was on is still there.
    fn focus(&self, ctx: &Ctx<'_>) -> Spot {
        let connection = self.focus.connection.min(ctx.health.len().saturating_sub(1));
        let items = ctx.health.get(connection).map_or(0, |h| h.failed.len());
        let item = self.focus.item.and_then(|n| Some(n.min(items.checked_sub(1)?)));
        Spot { connection, item }
    }

    fn focused<'a>(&self, ctx: &'a Ctx<'_>) -> Option<&'a Health> {
        ctx.health.get(self.focus(ctx).connection)
    }

    /// The connection that has the focus.
    pub fn connection(&self, ctx: &Ctx<'_>) -> Option<ConnectionName> {
        self.focused(ctx).map(|h| h.connection.clone())
    }

    /// The item that has the focus, and its connection.
    fn item<'a>(&self, ctx: &'a Ctx<'_>) -> Option<(&'a Health, &'a FailedItem)> {
        let health = self.focused(ctx)?;
        Some((health, health.failed.get(self.focus(ctx).item?)?))
    }

    fn on_focused(&self, ctx: &Ctx<'_>, effect: impl Fn(ConnectionName) -> Effect) -> Outcome {
        match self.connection(ctx) {
            Some(name) => Outcome::Do(vec![effect(name)]),
            None => Outcome::Say("this board is local: there is no connection".to_owned()),
        }
    }

    fn sheet(&self, ctx: &Ctx<'_>) -> Sheet {
        Sheet::new(self.focus(ctx), &self.selected, ctx)
    }

    /// Goes somewhere and brings it into view, its first line above all.
    fn go(&mut self, to: Spot, ctx: &Ctx<'_>) -> Outcome {
        self.focus = to;
        self.focus = self.focus(ctx);
        self.top = self.sheet(ctx).revealing(self.focus, self.top);
        Outcome::Stay
    }

    /// Goes to the next place, or the one above; what is taller than the screen is read to its end first.
    fn step(&mut self, down: bool, ctx: &Ctx<'_>) -> Outcome {
        let sheet = self.sheet(ctx);
        let top = sheet.scrolled(self.top, 0);
        let hidden = sheet.range(self.focus(ctx)).is_some_and(|(column, lines)| {
            let bottom = top + usize::from(column.text.height);
            if down { lines.end > bottom } else { lines.start < top }
        });
        let by = if down { 1 } else { -1 };
        if hidden { self.scroll(by * READING, ctx) } else { self.walk(by, ctx) }
    }

    /// Goes `by` places on: heads and items, one after another.
    fn walk(&mut self, by: isize, ctx: &Ctx<'_>) -> Outcome {
        let spots = sheet::spots(ctx.health);
        let here = self.focus(ctx);
        let at = spots.iter().position(|s| *s == here).unwrap_or(0);
        let to = at.saturating_add_signed(by).min(spots.len().saturating_sub(1));
        self.go(spots.get(to).copied().unwrap_or_default(), ctx)
    }

    fn go_to_connection(&mut self, by: isize, ctx: &Ctx<'_>) -> Outcome {
        let here = self.focus(ctx);
        // Back from an item is its own connection first.
        let by = if here.item.is_some() && by < 0 { 0 } else { by };
        let connection = here.connection.saturating_add_signed(by);
        self.go(Spot { connection, item: None }, ctx)
    }

    fn scroll(&mut self, by: isize, ctx: &Ctx<'_>) -> Outcome {
        self.top = self.sheet(ctx).scrolled(self.top, by);
        Outcome::Stay
    }

    /// Picks the focused item; on a connection itself, all that are listed, or none when all are.
    fn select(&mut self, ctx: &Ctx<'_>) -> Outcome {
        if let Some((health, item)) = self.item(ctx) {
            let picked = (health.connection.clone(), item.card);
            if !self.selected.remove(&picked) {
                self.selected.insert(picked);
            }
            let here = self.focus(ctx);
            // The next of this list; what comes behind it is another connection.
            let last = here.item.is_some_and(|n| n + 1 >= health.failed.len());
            return if last { Outcome::Stay } else { self.walk(1, ctx) };
        }
        let Some(health) = self.focused(ctx) else { return Outcome::Stay };
        let all: BTreeSet<_> = health.failed.iter().map(|i| (health.connection.clone(), i.card)).collect();
        if all.is_subset(&self.selected) {
            self.selected.retain(|picked| !all.contains(picked));
        } else {
            self.selected.extend(all);
        }
        Outcome::Stay
    }

    /// Tries again: what is selected, else the focused item, else all of the focused connection.
    fn retry(&mut self, ctx: &Ctx<'_>) -> Outcome {
        let listed = |(name, card): &(ConnectionName, CardId)| {
            ctx.health.iter().any(|h| h.connection == *name && h.failed.iter().any(|i| i.card == *card))
        };
        let picked: Vec<_> = std::mem::take(&mut self.selected).into_iter().filter(listed).collect();
        if !picked.is_empty() {
            return Outcome::Do(vec![Effect::RetryCards(picked)]);
        }
        match self.item(ctx) {
            Some((health, item)) => {
                Outcome::Do(vec![Effect::RetryCards(vec![(health.connection.clone(), item.card)])])
            }
            None => self.on_focused(ctx, Effect::Retry),
        }
    }

    /// Opens the focused item's card with all that is known of it; on a connection, what it asks.
    fn open(&self, ctx: &Ctx<'_>) -> Outcome {
        match self.item(ctx) {
            Some((_, item)) => Outcome::Open(Box::new(Modal::Card(CardScreen::new(item.card)))),
            None => self.ask(ctx).unwrap_or(Outcome::Stay),
        }
    }

    fn ask(&self, ctx: &Ctx<'_>) -> Option<Outcome> {
        let question = Question::of(self.focused(ctx)?)?;
        Some(Outcome::Open(Box::new(Modal::Question(question))))
    }
}

impl Screen for HealthScreen {
    fn layer(&self) -> Layer {
        Layer::Health
    }

    fn title(&self, _ctx: &Ctx<'_>) -> String {
        "Health".to_owned()
    }

    fn hints(&self) -> &'static [Action] {
        if self.focus.item.is_some() {
            return &[Action::Retry, Action::Select, Action::Open, Action::NextConnection, Action::Help];
        }
        &[Action::Retry, Action::Pause, Action::SyncNow, Action::SyncAll, Action::HealthPanel, Action::Help]
    }

    fn action(&mut self, action: Action, ctx: &Ctx<'_>) -> Outcome {
        let half = isize::try_from(ctx.area.height / 2).unwrap_or(1).max(1);
        match action {
            Action::FocusDown => self.step(true, ctx),
            Action::FocusUp => self.step(false, ctx),
            Action::FocusTop => self.walk(isize::MIN, ctx),
            Action::FocusBottom => self.walk(isize::MAX, ctx),
            Action::NextConnection => self.go_to_connection(1, ctx),
            Action::PreviousConnection => self.go_to_connection(-1, ctx),
            Action::HalfPageDown => self.scroll(half, ctx),
            Action::HalfPageUp => self.scroll(-half, ctx),
            Action::Select => self.select(ctx),
            Action::Retry => self.retry(ctx),
            Action::Open => self.open(ctx),
            Action::Answer => self.ask(ctx).unwrap_or(Outcome::Ignored),
            Action::SyncNow => self.on_focused(ctx, |name| Effect::SyncNow(Some(name))),
            Action::Pause => {
                let paused = self.focused(ctx).is_some_and(|h| h.state == HealthState::Paused);
                self.on_focused(ctx, if paused { Effect::Resume } else { Effect::Pause })
            }
            Action::Back if !self.selected.is_empty() => {
                self.selected.clear();
                Outcome::Stay
            }
            Action::Back => Outcome::Close,
            _ => Outcome::Ignored,
        }
    }

    fn input(&mut self, input: &Input, ctx: &Ctx<'_>) -> Outcome {
        use crossterm::event::{MouseButton, MouseEventKind};
        let Input::Mouse(mouse) = input else { return Outcome::Ignored };
        match mouse.kind {
            MouseEventKind::ScrollDown => self.scroll(3, ctx),
            MouseEventKind::ScrollUp => self.scroll(-3, ctx),
            MouseEventKind::Down(MouseButton::Left) => {
                match self.sheet(ctx).hit(mouse.column, mouse.row, self.top) {
                    // A second click on what has the focus opens it.
                    Some(spot) if spot == self.focus(ctx) && spot.item.is_some() => self.open(ctx),
                    Some(spot) => {
                        self.focus = spot;
                        Outcome::Stay
                    }
                    None => Outcome::Ignored,
                }
            }
            _ => Outcome::Ignored,
        }
    }

    fn render(&self, buf: &mut Buffer, ctx: &Ctx<'_>) {
        if ctx.health.is_empty() {
            let area = sheet::text_area(ctx.area);
            pen::lines(buf, area, &facts::local(usize::from(area.width), ctx), 0);
            return;
        }
        let sheet = self.sheet(ctx);
        let top = sheet.scrolled(self.top, 0);
        for column in &sheet.columns {
            pen::lines(buf, column.text, &column.lines, top);
            let marks = Rect { width: column.area.right().saturating_sub(column.text.x), ..column.text };
            pen::more(buf, marks, ctx, top, column.lines.len());
        }
        if let Some((column, lines)) = sheet.range(self.focus(ctx)) {
            let shown = lines.start.max(top)..lines.end.min(top + usize::from(column.text.height));
            for line in shown {
                let y = column.text.y + (line - top) as u16;
                paint::text(buf, column.area.x + 1, y, 1, ctx.glyphs.focus, ctx.theme.focus, ctx.glyphs);
            }
        }
    }
}

#[cfg(test)]
mod tests;
