//! What stands where there are no cards: why, and what to do about it.

use ratatui::buffer::Buffer;

use crate::config::keymap::Action;
use crate::domain::health::{Health, HealthState};
use crate::tui::layout::{ColumnBox, Layout};
use crate::tui::paint;
use crate::tui::state::State;

/// Why a column shows no cards.
pub(super) fn column(state: &State, column: &ColumnBox, buf: &mut Buffer) {
    let Some(c) = state.columns.get(column.index) else { return };
    if state.shown().0 == 0 || column.body.height == 0 {
        return;
    }
    let all = state.board.count_in(&c.status);
    let text = match (state.loading, all, c.passing) {
        (true, _, _) => "loading".to_owned(),
        (false, 0, _) => "no cards".to_owned(),
        (false, n, 0) => format!("{n} filtered out"),
        // In the one-column mode a collapsed column is shown as what it is.
        (false, _, n) if state.is_collapsed(column.index) => {
            let key = state.key_of(Action::CollapseColumn);
            format!("collapsed, {n} cards: {key} expands")
        }
        // Its cards are in folded lanes, which say so.
        _ => return,
    };
    let width = column.body.width.saturating_sub(3);
    paint::text(buf, column.body.x + 2, column.body.y, width, &text, state.theme.dim, &state.glyphs);
}

/// The lines that stand in the middle when no card is shown at all: why, and what to do.
pub(super) fn board(state: &State, layout: &Layout, buf: &mut Buffer) {
    let (shown, all) = state.shown();
    if shown > 0 || layout.body.height < 5 {
        return;
    }
    let key = |a| state.keymap.hint(a).unwrap_or_default();
    let (head, help) = if all > 0 {
        (
            format!("No card matches: {}", state.filter.text),
            format!("Press {} to clear the filter.", key(Action::Back)),
        )
    } else if state.loading {
        ("Loading the board".to_owned(), String::new())
    } else if let Some(failed) = state.health.iter().find(|h| h.last_good.is_none() && failing(h)) {
        let why = failed.reason.clone().unwrap_or_else(|| failed.state.word().to_owned());
        (
            format!("{} {}: {why}", state.glyphs.health(failed.state), failed.connection),
            format!(
                "This is no empty board: it was never read. Press {} for health.",
                key(Action::ViewHealth)
            ),
        )
    } else if state.health.iter().any(|h| h.last_good.is_none() && h.state != HealthState::Paused) {
        ("Reading the first cards from the platform".to_owned(), first_progress(&state.health))
    } else {
        ("No cards yet".to_owned(), format!("Press {} to make the first.", key(Action::NewCard)))
    };
    let middle = layout.body.y + layout.body.height / 2;
    for (n, (line, style)) in [(head, state.theme.title), (help, state.theme.dim)].iter().enumerate() {
        let width = (paint::width(&paint::clean(line)) as u16).min(layout.body.width.saturating_sub(4));
        let x = layout.body.x + (layout.body.width - width) / 2;
        paint::text(buf, x, middle + n as u16, width, line, *style, &state.glyphs);
    }
}

fn failing(health: &Health) -> bool {
    matches!(health.state, HealthState::Broken | HealthState::Retrying | HealthState::Throttled)
}

fn first_progress(health: &[Health]) -> String {
    let progress = health.iter().find_map(|h| h.progress);
    progress.map_or_else(String::new, |p| match p.total {
        Some(total) => format!("{} of {total}", p.done),
        None => format!("{} so far", p.done),
    })
}
