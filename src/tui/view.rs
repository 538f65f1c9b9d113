//! The picture of the state. Reads it and changes nothing; draws nothing twice and nothing that is not on the screen.

use ratatui::buffer::Buffer;
use ratatui::layout::{Position, Rect};

use super::layout::{Layout, layout};
use super::screen::Screen;
use super::screens::{Modal, health};
use super::state::{State, View};

mod bars;
mod board;
mod completions;

pub use bars::{age, next_age_change};

/// Draws the state into a buffer of the terminal's size; returns where the terminal's cursor stands.
pub fn draw(state: &State, buf: &mut Buffer) -> Option<Position> {
    let frame = state.area.intersection(buf.area);
    if frame.is_empty() {
        return None;
    }
    buf.set_style(frame, state.theme.text);
    let layout = layout(state);
    bars::top(state, &layout, buf);
    bars::views(state, &layout, buf);
    bars::status(state, &layout, buf);
    let mut cursor = bars::filter(state, &layout, buf);
    match state.view {
        View::Board => board::draw(state, &layout, buf),
        View::Mappings => {
            if let Some(screen) = &state.mapping {
                cursor = render(screen, state, layout.body, buf);
            }
        }
        View::Health => cursor = render(&state.health_view, state, layout.body, buf),
        View::Activity => cursor = render(&state.activity, state, layout.body, buf),
        View::Conflicts => cursor = render(&state.conflicts, state, layout.body, buf),
    }
    if !layout.docked.is_empty() {
        health::render_docked(buf, &state.ctx(layout.docked));
    }
    completions::draw(state, &layout, buf);
    for modal in &state.modals {
        cursor = modal_on_top(modal, state, &layout, buf);
    }
    cursor.filter(|at| frame.contains(*at))
}

fn render(screen: &dyn Screen, state: &State, area: Rect, buf: &mut Buffer) -> Option<Position> {
    let ctx = state.ctx(area);
    screen.render(buf, &ctx);
    screen.cursor(&ctx)
}

fn modal_on_top(modal: &Modal, state: &State, layout: &Layout, buf: &mut Buffer) -> Option<Position> {
    let area = modal_area(modal, state, layout);
    for y in area.top()..area.bottom() {
        // The left half of a wide character under the edge would reach into the dialog.
        if area.x > buf.area.x && buf[(area.x - 1, y)].symbol().len() > 1 {
            let left = buf[(area.x - 1, y)].symbol().to_owned();
            if super::paint::width(&left) > 1 {
                buf[(area.x - 1, y)].set_symbol(" ");
            }
        }
        for x in area.left()..area.right() {
            buf[(x, y)].reset();
            buf[(x, y)].set_style(state.theme.text);
        }
    }
    render(modal.screen(), state, area, buf)
}

/// The cells a dialog has: within everything but the status bar, which keeps telling.
pub fn modal_area(modal: &Modal, state: &State, layout: &Layout) -> Rect {
    let mut frame = state.area;
    frame.height -= layout.status.height.min(frame.height);
    let area = modal.screen().area(frame, &state.ctx(frame));
    area.intersection(frame)
}

#[cfg(test)]
mod tests;
