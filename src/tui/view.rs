//! The picture of the state. Reads it and changes nothing; draws nothing twice and nothing that is not on the screen.

use ratatui::buffer::Buffer;
use ratatui::layout::{Position, Rect};

use super::layout::{LEAST, Layout, is_too_small, layout};
use super::paint;
use super::screen::{Ctx, Screen};
use super::screens::{Modal, health};
use super::state::{State, View};

mod bars;
mod board;
mod completions;
mod hints;
mod parts;
mod picked;

pub use bars::{age, next_age_change, status_parts};
pub use parts::Parts;

/// Draws the state into a buffer of the terminal's size; returns where the terminal's cursor stands.
pub fn draw(state: &State, buf: &mut Buffer) -> Option<Position> {
    let frame = state.area.intersection(buf.area);
    if frame.is_empty() {
        return None;
    }
    buf.set_style(frame, state.theme.text);
    if is_too_small(frame) {
        too_small(state, frame, buf);
        return None;
    }
    let layout = layout(state);
    bars::top(state, &layout, buf);
    bars::views(state, &layout, buf);
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
    if !layout.pane.is_empty() {
        state.pane.draw(state.focused(), buf, &state.ctx(layout.pane));
    }
    super::tour::draw(state, layout.tour, buf);
    completions::draw(state, &layout, buf);
    for modal in &state.modals {
        cursor = modal_on_top(modal, state, &layout, buf);
    }
    // Last: the ways a chord can go on stand over what is above the status bar.
    bars::status(state, &layout, buf);
    cursor.filter(|at| frame.contains(*at))
}

/// Says that there is no room, as far as there is room to say it.
fn too_small(state: &State, frame: Rect, buf: &mut Buffer) {
    let (width, height) = LEAST;
    let told = format!("too small: {width}x{height} is the least");
    let (room, rows) = (usize::from(frame.width), usize::from(frame.height));
    for (line, y) in paint::wrap(&told, room, rows, state.glyphs.ellipsis).iter().zip(frame.y..) {
        paint::text(buf, frame.x, y, frame.width, line, state.theme.warn, &state.glyphs);
    }
}

fn render(screen: &dyn Screen, state: &State, area: Rect, buf: &mut Buffer) -> Option<Position> {
    let ctx = Ctx { layer: screen.layer(), ..state.ctx(area) };
    screen.render(buf, &ctx);
    screen.cursor(&ctx)
}

fn modal_on_top(modal: &Modal, state: &State, layout: &Layout, buf: &mut Buffer) -> Option<Position> {
    let area = modal_area(modal, state, layout);
    for y in area.top()..area.bottom() {
        super::paint::cut(buf, area.x, y);
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
