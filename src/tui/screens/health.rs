//! The live health of every connection: the full view, and the panel beside any view. Facts in words and numbers;
//! colour only helps. Ages are coarse, so that a quiet connection is a still picture.

use crossterm::event::{MouseButton, MouseEventKind};
use ratatui::buffer::Buffer;
use ratatui::layout::{Position, Rect};
use ratatui::text::Line;

use crate::config::keymap::{Action, Layer};
use crate::domain::health::{Health, HealthState};
use crate::domain::link::ConnectionName;
use crate::tui::effect::Effect;
use crate::tui::paint;
use crate::tui::screen::{Ctx, Input, Outcome, Screen};
use crate::tui::screens::pen;

mod facts;

/// The live health of every connection.
#[derive(Debug, Default)]
pub struct HealthScreen {
    focus: usize,
    /// First line shown.
    top: usize,
}

/// The lines of all connections, and where each one's begin.
struct Blocks {
    lines: Vec<Line<'static>>,
    starts: Vec<usize>,
}

impl HealthScreen {
    fn focused<'a>(&self, ctx: &'a Ctx<'_>) -> Option<&'a Health> {
        ctx.health.get(self.focus.min(ctx.health.len().checked_sub(1)?))
    }

    /// The connection that has the focus.
    pub fn connection(&self, ctx: &Ctx<'_>) -> Option<ConnectionName> {
        self.focused(ctx).map(|h| h.connection.clone())
    }

    fn on_focused(&self, ctx: &Ctx<'_>, effect: impl Fn(ConnectionName) -> Effect) -> Outcome {
        match self.connection(ctx) {
            Some(name) => Outcome::Do(vec![effect(name)]),
            None => Outcome::Say("this board is local: there is no connection".to_owned()),
        }
    }

    fn blocks(ctx: &Ctx<'_>) -> Blocks {
        let area = text_area(ctx.area);
        let mut blocks = Blocks { lines: Vec::new(), starts: Vec::new() };
        for health in ctx.health {
            if !blocks.lines.is_empty() {
                blocks.lines.push(Line::default());
            }
            blocks.starts.push(blocks.lines.len());
            blocks.lines.extend(facts::full(health, usize::from(area.width), ctx));
        }
        blocks
    }

    /// Goes to a connection and brings it into view, its first line above all.
    fn go(&mut self, to: usize, ctx: &Ctx<'_>) {
        let blocks = Self::blocks(ctx);
        self.focus = to.min(ctx.health.len().saturating_sub(1));
        let start = blocks.starts.get(self.focus).copied().unwrap_or(0);
        let end = blocks.starts.get(self.focus + 1).map_or(blocks.lines.len(), |n| n - 1);
        let height = usize::from(text_area(ctx.area).height);
        if end > self.top + height {
            self.top = end.saturating_sub(height);
        }
        self.top = self.top.min(start);
    }

    fn scroll(&mut self, by: isize, ctx: &Ctx<'_>) {
        let total = Self::blocks(ctx).lines.len();
        let last = total.saturating_sub(usize::from(text_area(ctx.area).height));
        self.top = self.top.saturating_add_signed(by).min(last);
    }
}

/// Where the text stands: a column for the focus bar and a blank at its left, one for the scroll marks at its right.
fn text_area(area: Rect) -> Rect {
    let left = 3.min(area.width);
    let top = 1.min(area.height);
    Rect {
        x: area.x + left,
        y: area.y + top,
        width: (area.width - left).saturating_sub(2),
        height: area.height - top,
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
        &[Action::Retry, Action::Pause, Action::SyncNow, Action::SyncAll, Action::HealthPanel, Action::Help]
    }

    fn action(&mut self, action: Action, ctx: &Ctx<'_>) -> Outcome {
        let half = isize::try_from(ctx.area.height / 2).unwrap_or(1).max(1);
        match action {
            Action::FocusDown => self.go(self.focus.saturating_add(1), ctx),
            Action::FocusUp => self.go(self.focus.saturating_sub(1), ctx),
            Action::FocusTop => self.go(0, ctx),
            Action::FocusBottom => self.go(usize::MAX, ctx),
            Action::HalfPageDown => self.scroll(half, ctx),
            Action::HalfPageUp => self.scroll(-half, ctx),
            Action::Retry => return self.on_focused(ctx, Effect::Retry),
            Action::SyncNow => return self.on_focused(ctx, |name| Effect::SyncNow(Some(name))),
            Action::Pause => {
                let paused = self.focused(ctx).is_some_and(|h| h.state == HealthState::Paused);
                return self.on_focused(ctx, if paused { Effect::Resume } else { Effect::Pause });
            }
            Action::Back => return Outcome::Close,
            _ => return Outcome::Ignored,
        }
        Outcome::Stay
    }

    fn input(&mut self, input: &Input, ctx: &Ctx<'_>) -> Outcome {
        let Input::Mouse(mouse) = input else { return Outcome::Ignored };
        match mouse.kind {
            MouseEventKind::ScrollDown => self.scroll(3, ctx),
            MouseEventKind::ScrollUp => self.scroll(-3, ctx),
            MouseEventKind::Down(MouseButton::Left) => {
                let area = text_area(ctx.area);
                if !ctx.area.contains(Position::new(mouse.column, mouse.row)) || mouse.row < area.y {
                    return Outcome::Ignored;
                }
                let line = self.top + usize::from(mouse.row - area.y);
                let at = Self::blocks(ctx).starts.iter().rposition(|s| *s <= line);
                self.focus = at.unwrap_or(self.focus);
            }
            _ => return Outcome::Ignored,
        }
        Outcome::Stay
    }

    fn render(&self, buf: &mut Buffer, ctx: &Ctx<'_>) {
        let area = text_area(ctx.area);
        if ctx.health.is_empty() {
            pen::lines(buf, area, &facts::local(usize::from(area.width), ctx), 0);
            return;
        }
        let blocks = Self::blocks(ctx);
        let top = self.top.min(blocks.lines.len().saturating_sub(usize::from(area.height)));
        pen::lines(buf, area, &blocks.lines, top);
        let focus = self.focus.min(ctx.health.len() - 1);
        let start = blocks.starts[focus];
        let end = blocks.starts.get(focus + 1).map_or(blocks.lines.len(), |n| n - 1);
        for line in start.max(top)..end.min(top + usize::from(area.height)) {
            let y = area.y + (line - top) as u16;
            paint::text(buf, ctx.area.x + 1, y, 1, ctx.glyphs.focus, ctx.theme.focus, ctx.glyphs);
        }
        let marks = Rect { x: area.x, width: ctx.area.right() - area.x, ..area };
        pen::more(buf, marks, ctx, top, blocks.lines.len());
    }
}

/// Draws the panel beside a view, into `ctx.area`.
pub fn render_docked(buf: &mut Buffer, ctx: &Ctx<'_>) {
    let area = ctx.area;
    for y in area.top()..area.bottom() {
        paint::text(buf, area.x, y, 1.min(area.width), ctx.glyphs.bar, ctx.theme.border, ctx.glyphs);
    }
    let left = 2.min(area.width);
    let inner = Rect { x: area.x + left, width: (area.width - left).saturating_sub(1), ..area };
    let width = usize::from(inner.width);
    let mut lines = vec![Line::styled("HEALTH", ctx.theme.column), Line::default()];
    if ctx.health.is_empty() {
        lines.extend(facts::local(width, ctx));
    }
    for health in ctx.health {
        lines.extend(facts::compact(health, width, ctx));
        lines.push(Line::default());
    }
    lines.pop_if(|l| l.spans.is_empty());
    pen::lines(buf, inner, &lines, 0);
    pen::more(buf, Rect { x: area.x + left, width: area.width - left, ..area }, ctx, 0, lines.len());
}

/// The columns the docked panel takes beside a view that has `width`; `None` when it has no room.
pub fn docked_width(width: u16) -> Option<u16> {
    match width {
        ..72 => None,
        72..110 => Some(32),
        110..160 => Some(36),
        _ => Some(44),
    }
}

#[cfg(test)]
mod tests;
