//! The panel beside a view: each connection in a few lines. Pure, but for the drawing.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::text::Line;

use super::facts;
use crate::domain::health::{Health, HealthState};
use crate::support::text::one_line;
use crate::tui::paint;
use crate::tui::screen::Ctx;
use crate::tui::screens::pen;
use crate::tui::screens::shape::{ago, clip};

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
        lines.extend(compact(health, width, ctx));
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

/// The short account of a connection.
fn compact(health: &Health, width: usize, ctx: &Ctx<'_>) -> Vec<Line<'static>> {
    let mut out = vec![facts::head(health, width, ctx)];
    let dim = |text: &str| Line::styled(clip(text, width, ctx.glyphs.ellipsis), ctx.theme.dim);
    out.extend(facts::urgent(health, width, ctx));
    out.extend(facts::reason(health, width, ctx));
    out.push(match health.last_good {
        Some(at) => dim(&format!("good sync {}", ago(ctx.now, at))),
        None => dim("no good sync yet"),
    });
    if health.state != HealthState::Healthy
        && let Some((name, when)) = facts::next_attempt(health, ctx.now, ctx.settings.ui.motion)
    {
        let line = dim(&format!("{} {when}", name.to_lowercase()));
        out.push(if facts::counts_down(health).is_some() { line.style(ctx.theme.warn) } else { line });
    }
    if let Some(progress) = health.progress {
        out.push(Line::from(facts::progressed(progress, width.saturating_sub(18).min(12), ctx)));
        out.extend(facts::pace(progress, ctx.now).map(|pace| dim(&pace)));
    }
    if !health.latencies.is_empty() {
        out.push(Line::from(facts::latency(health, width, ctx)));
    }
    out.extend(facts::budgets_short(health, width, ctx));
    if health.unsent + health.failed_total + health.conflicts > 0 {
        out.extend(facts::flow(facts::waiting(health, ctx), width, ctx).into_iter().map(Line::from));
    }
    for item in health.failed.iter().take(3) {
        let text = format!("{} {}: {}", ctx.glyphs.cross, one_line(&item.key), one_line(&item.reason));
        out.push(Line::styled(clip(&text, width, ctx.glyphs.ellipsis), ctx.theme.error));
    }
    out
}
