//! Tables: columns that share the width, cells that wrap in theirs; where there is no room for columns side by side,
//! each row is told line by line. Pure.

use pulldown_cmark::Alignment;
use ratatui::text::{Line, Span};

use super::Look;
use crate::tui::paint::width;
use crate::tui::screens::shape::wrap;

/// The least cells a column is worth drawing in, when its text needs more.
const LEAST: usize = 6;
/// The longest word a column is widened for.
const WORD: usize = 16;

/// A cell: its lines, nearly always one.
pub(super) type Cell = Vec<Vec<Span<'static>>>;

/// A table as it is read.
#[derive(Debug, Default)]
pub(super) struct Table {
    /// How its columns are aligned.
    pub(super) alignments: Vec<Alignment>,
    /// Its rows; the first is the head.
    pub(super) rows: Vec<Vec<Cell>>,
}

impl Table {
    /// Its lines, each of at most `room` cells.
    pub(super) fn lines(&self, room: usize, look: &Look) -> Vec<Line<'static>> {
        let count = self.rows.iter().map(Vec::len).max().unwrap_or(0);
        let Some(head) = self.rows.first().filter(|_| count > 0) else { return Vec::new() };
        let Some(widths) = self.widths(count, room) else { return self.told(head, room, look) };
        let bar = look.glyph(" │ ", " | ");
        let mut out = Vec::new();
        let rows: Vec<_> = self.rows.iter().map(|row| self.row(row, &widths, bar, look)).collect();
        // Rows of several lines each would run into one another.
        let apart = rows.iter().skip(1).any(|row| row.len() > 1);
        for (n, row) in rows.into_iter().enumerate() {
            if n == 1 || (n > 1 && apart) {
                out.push(rule(&widths, look));
            }
            out.extend(row);
        }
        if self.rows.len() == 1 {
            out.push(rule(&widths, look));
        }
        out
    }

    /// The cells each column gets; `None` when they cannot stand side by side.
    fn widths(&self, count: usize, room: usize) -> Option<Vec<usize>> {
        let room = room.checked_sub(3 * (count - 1))?;
        let (mut natural, mut least) = (vec![1; count], vec![1; count]);
        for row in &self.rows {
            for (n, cell) in row.iter().enumerate() {
                for line in cell {
                    let text: String = line.iter().map(|s| s.content.as_ref()).collect();
                    natural[n] = natural[n].max(width(&text));
                    let word = text.split(' ').map(width).max().unwrap_or(0);
                    least[n] = least[n].max(word.min(WORD));
                }
            }
        }
        if natural.iter().sum::<usize>() <= room {
            return Some(natural);
        }
        for (least, natural) in least.iter_mut().zip(&natural) {
            *least = (*least).max((*natural).min(LEAST));
        }
        let mut spare = room.checked_sub(least.iter().sum::<usize>())?;
        let mut out = least;
        // What is left goes to the narrowest that want more, so that a short column is soon whole.
        while spare > 0 {
            let next = (0..count).filter(|n| out[*n] < natural[*n]).min_by_key(|n| out[*n])?;
            out[next] += 1;
            spare -= 1;
        }
        Some(out)
    }

    fn row(&self, row: &[Cell], widths: &[usize], bar: &'static str, look: &Look) -> Vec<Line<'static>> {
        let cells: Vec<Vec<Line<'static>>> = widths
            .iter()
            .enumerate()
            .map(|(n, cells)| {
                let lines = row.get(n).into_iter().flatten();
                lines.flat_map(|line| wrap(&Line::from(line.clone()), *cells, "")).collect()
            })
            .collect();
        let height = cells.iter().map(Vec::len).max().unwrap_or(0).max(1);
        let mut out = Vec::with_capacity(height);
        for y in 0..height {
            let mut spans = Vec::new();
            for (n, cell) in cells.iter().enumerate() {
                if n > 0 {
                    spans.push(Span::styled(bar, look.faint));
                }
                let line = cell.get(y).map(|l| l.spans.clone()).unwrap_or_default();
                let free = widths[n].saturating_sub(line.iter().map(|s| width(&s.content)).sum());
                let before = match self.alignments.get(n) {
                    Some(Alignment::Right) => free,
                    Some(Alignment::Center) => free / 2,
                    _ => 0,
                };
                // Nothing is drawn behind the last column.
                let after = if n + 1 == cells.len() { 0 } else { free - before };
                spans.extend((before > 0).then(|| Span::raw(" ".repeat(before))));
                spans.extend(line);
                spans.extend((after > 0).then(|| Span::raw(" ".repeat(after))));
            }
            out.push(Line::from(spans));
        }
        out
    }

    /// Each row line by line: what the head calls it, and the value.
    fn told(&self, head: &[Cell], room: usize, look: &Look) -> Vec<Line<'static>> {
        let mut out = Vec::new();
        for row in self.rows.iter().skip(1) {
            if !out.is_empty() {
                let rule = look.glyph("─", "-").repeat(room.min(8));
                out.push(Line::styled(rule, look.faint));
            }
            for (n, cell) in row.iter().enumerate() {
                let mut spans = head.get(n).and_then(|c| c.first()).cloned().unwrap_or_default();
                if !spans.is_empty() {
                    spans.push(Span::raw(": "));
                }
                for (n, line) in cell.iter().enumerate() {
                    spans.extend((n > 0).then(|| Span::raw(" ")));
                    spans.extend(line.iter().cloned());
                }
                out.extend(wrap(&Line::from(spans), room, if room < 8 { "" } else { "  " }));
            }
        }
        if out.is_empty() {
            let spans: Vec<_> = head.iter().flatten().flatten().cloned().collect();
            out.extend(wrap(&Line::from(spans), room, ""));
        }
        out
    }
}

fn rule(widths: &[usize], look: &Look) -> Line<'static> {
    let (line, cross) = (look.glyph("─", "-"), look.glyph("─┼─", "-+-"));
    let parts: Vec<String> = widths.iter().map(|w| line.repeat(*w)).collect();
    Line::styled(parts.join(cross), look.faint)
}
