//! The items of a connection that were set aside, each with the server's words; those of the focused one whole. Pure.

use ratatui::text::{Line, Span};

use super::{Block, Picked};
use crate::config::keymap::Action;
use crate::domain::health::{FailedItem, Health};
use crate::support::text::one_line;
use crate::tui::paint::width as cells;
use crate::tui::screen::Ctx;
use crate::tui::screens::pen;
use crate::tui::screens::shape::{clip, count, grouped, lasting, wrap};

/// Appends the list to a connection's block, when there is anything in it.
pub(super) fn append(block: &mut Block, health: &Health, width: usize, picked: &Picked<'_>, ctx: &Ctx<'_>) {
    if health.failed_total == 0 && health.failed.is_empty() {
        return;
    }
    block.lines.push(Line::default());
    block.lines.push(heading(health, width, ctx));
    for (n, item) in health.failed.iter().enumerate() {
        block.stops.push(block.lines.len());
        let focused = picked.item == Some(n);
        let selected = picked.selected.contains(&(health.connection.clone(), item.card));
        block.lines.push(title(item, selected, width, ctx));
        block.lines.extend(words(item, focused, width, ctx));
    }
    let unseen = (health.failed_total as usize).saturating_sub(health.failed.len());
    if unseen > 0 {
        let text = format!("  and {} more, retried with the whole connection", grouped(unseen as u64));
        block.lines.push(Line::styled(clip(&text, width, ctx.glyphs.ellipsis), ctx.theme.dim));
    }
}

/// How many there are, and which keys do something about them.
fn heading(health: &Health, width: usize, ctx: &Ctx<'_>) -> Line<'static> {
    let total = (health.failed_total as usize).max(health.failed.len());
    let said = format!("Set aside: {}", count(total, "item", "items"));
    let keys = format!(
        "  {} retries {} {} selects {} {} opens",
        pen::key(ctx, Action::Retry),
        ctx.glyphs.dot,
        pen::key(ctx, Action::Select),
        ctx.glyphs.dot,
        pen::key(ctx, Action::Open),
    );
    let room = width.saturating_sub(cells(&said));
    let keys = if cells(&keys) <= room { keys } else { String::new() };
    Line::from(vec![Span::styled(said, ctx.theme.error), Span::styled(keys, ctx.theme.dim)])
}

fn title(item: &FailedItem, selected: bool, width: usize, ctx: &Ctx<'_>) -> Line<'static> {
    let (glyph, style) =
        if selected { (ctx.glyphs.selected, ctx.theme.marked) } else { (ctx.glyphs.cross, ctx.theme.error) };
    let tried = count(item.attempts as usize, "try", "tries");
    let tail = format!("  {tried}, {}", lasting(ctx.now.since(item.since)));
    let head = format!("{glyph} {} ", one_line(&item.key));
    let room = width.saturating_sub(cells(&head));
    // The title is what a person looks for: the count gives way.
    let tail = if room >= cells(&tail) + 12 { tail } else { String::new() };
    let name = clip(&item.title, room.saturating_sub(cells(&tail)), ctx.glyphs.ellipsis);
    let blank = room.saturating_sub(cells(&name) + cells(&tail));
    let look = if selected { ctx.theme.marked } else { ctx.theme.text };
    Line::from(vec![
        Span::styled(head, style),
        Span::styled(name, look),
        Span::raw(" ".repeat(blank)),
        Span::styled(tail, ctx.theme.dim),
    ])
}

fn words(item: &FailedItem, whole: bool, width: usize, ctx: &Ctx<'_>) -> Vec<Line<'static>> {
    if whole {
        let words = Span::styled(one_line(&item.reason), ctx.theme.warn);
        return wrap(&Line::from(vec![Span::raw("  "), words]), width, "  ");
    }
    let text = clip(&item.reason, width.saturating_sub(2), ctx.glyphs.ellipsis);
    vec![Line::from(vec![Span::raw("  "), Span::styled(text, ctx.theme.dim)])]
}
