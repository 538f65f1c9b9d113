//! Where everything of the health view stands: connections below each other or side by side, each with the items that
//! were set aside. The same for drawing, walking and clicking. Pure.

use std::collections::BTreeSet;
use std::ops::Range;

use ratatui::layout::{Position, Rect};
use ratatui::text::Line;

use super::{Picked, facts};
use crate::domain::card::CardId;
use crate::domain::health::Health;
use crate::domain::link::ConnectionName;
use crate::tui::screen::Ctx;

/// The least cells of a connection that stands beside another.
const BESIDE: u16 = 84;

/// A place the focus can be: a connection, or one of its items.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct Spot {
    pub(super) connection: usize,
    pub(super) item: Option<usize>,
}

/// Every place the focus can be, in order.
pub(super) fn spots(health: &[Health]) -> Vec<Spot> {
    let of = |(connection, health): (usize, &Health)| {
        let items = (0..health.failed.len()).map(Some);
        std::iter::once(None).chain(items).map(move |item| Spot { connection, item }).collect::<Vec<_>>()
    };
    health.iter().enumerate().flat_map(of).collect()
}

/// Connections one below the other.
pub(super) struct Column {
    /// All of it.
    pub(super) area: Rect,
    /// Where its text stands.
    pub(super) text: Rect,
    pub(super) lines: Vec<Line<'static>>,
    /// Where each place's lines are, in their order.
    spots: Vec<(Spot, Range<usize>)>,
}

/// Everything that can be scrolled to.
pub(super) struct Sheet {
    pub(super) columns: Vec<Column>,
}

impl Sheet {
    pub(super) fn new(focus: Spot, selected: &BTreeSet<(ConnectionName, CardId)>, ctx: &Ctx<'_>) -> Self {
        let shown = usize::from(ctx.area.width / BESIDE).clamp(1, ctx.health.len().max(1));
        let each = ctx.area.width / shown as u16;
        let mut columns: Vec<Column> = (0..shown as u16)
            .map(|n| {
                let area = Rect { x: ctx.area.x + n * each, width: each, ..ctx.area };
                Column { area, text: text_area(area), lines: Vec::new(), spots: Vec::new() }
            })
            .collect();
        for (n, health) in ctx.health.iter().enumerate() {
            let item = focus.item.filter(|_| focus.connection == n);
            columns[n % shown].append(n, health, &Picked { item, selected }, ctx);
        }
        Self { columns }
    }

    fn total(&self) -> usize {
        self.columns.iter().map(|c| c.lines.len()).max().unwrap_or(0)
    }

    fn height(&self) -> usize {
        self.columns.first().map_or(0, |c| usize::from(c.text.height))
    }

    /// The first line to show after scrolling from `top`.
    pub(super) fn scrolled(&self, top: usize, by: isize) -> usize {
        let last = self.total().saturating_sub(self.height());
        top.min(last).saturating_add_signed(by).min(last)
    }

    /// The first line to show so that a place is seen, from `top`.
    pub(super) fn revealing(&self, spot: Spot, top: usize) -> usize {
        let Some((_, lines)) = self.range(spot) else { return top };
        // The first item brings the heading of its list along.
        let start = if spot.item == Some(0) { lines.start.saturating_sub(1) } else { lines.start };
        let top = top.max(lines.end.saturating_sub(self.height()));
        self.scrolled(top.min(start), 0)
    }

    /// The lines of a place, and the column they are in.
    pub(super) fn range(&self, spot: Spot) -> Option<(&Column, Range<usize>)> {
        self.columns.iter().find_map(|column| {
            let found = column.spots.iter().find(|(s, _)| *s == spot);
            found.map(|(_, lines)| (column, lines.clone()))
        })
    }

    /// The place under a cell, when `top` is the first line shown.
    pub(super) fn hit(&self, x: u16, y: u16, top: usize) -> Option<Spot> {
        let column = self.columns.iter().find(|c| c.area.contains(Position::new(x, y)))?;
        let line = self.scrolled(top, 0) + usize::from(y.checked_sub(column.text.y)?);
        column.spots.iter().rfind(|(_, lines)| lines.start <= line).map(|(spot, _)| *spot)
    }
}

impl Column {
    fn append(&mut self, connection: usize, health: &Health, picked: &Picked<'_>, ctx: &Ctx<'_>) {
        if !self.lines.is_empty() {
            self.lines.push(Line::default());
        }
        let block = facts::full(health, usize::from(self.text.width), picked, ctx);
        let first = self.lines.len();
        let mut starts = vec![(Spot { connection, item: None }, first)];
        let items = block.stops.iter().enumerate();
        starts.extend(items.map(|(n, at)| (Spot { connection, item: Some(n) }, first + at)));
        self.lines.extend(block.lines);
        let ends: Vec<usize> = starts.iter().skip(1).map(|(_, at)| *at).chain([self.lines.len()]).collect();
        for ((spot, start), end) in starts.into_iter().zip(ends) {
            // The heading of the list and the blank above it belong to nobody.
            let blank = usize::from(spot.item.is_none() && !block.stops.is_empty()) * 2;
            self.spots.push((spot, start..end - blank));
        }
    }
}

/// Where the text stands: a column for the focus bar and a blank at its left, one for the scroll marks at its right.
pub(super) fn text_area(area: Rect) -> Rect {
    let left = 3.min(area.width);
    let top = 1.min(area.height);
    Rect {
        x: area.x + left,
        y: area.y + top,
        width: (area.width - left).saturating_sub(2),
        height: area.height - top,
    }
}
