//! Box-drawing lines and block elements as SVG shapes, so that neighbours meet without seams in every font.

use std::fmt::Write as _;

use super::{CELL_H, CELL_W, Rgb};

/// Stroke of a light line.
const LIGHT: f32 = 1.2;
/// Stroke of a heavy line.
const HEAVY: f32 = 2.4;

/// The arms of a line glyph: up, right, down, left; whether they are heavy; whether the corner is round.
type Arms = ([bool; 4], bool, bool);

fn arms(symbol: &str) -> Option<Arms> {
    let arms = match symbol {
        "─" | "━" => [false, true, false, true],
        "│" | "┃" => [true, false, true, false],
        "┌" | "╭" | "┏" => [false, true, true, false],
        "┐" | "╮" | "┓" => [false, false, true, true],
        "└" | "╰" | "┗" => [true, true, false, false],
        "┘" | "╯" | "┛" => [true, false, false, true],
        "├" | "┣" => [true, true, true, false],
        "┤" | "┫" => [true, false, true, true],
        "┬" | "┳" => [false, true, true, true],
        "┴" | "┻" => [true, true, false, true],
        "┼" | "╋" => [true, true, true, true],
        _ => return None,
    };
    let heavy = matches!(symbol, "━" | "┃" | "┏" | "┓" | "┗" | "┛" | "┣" | "┫" | "┳" | "┻" | "╋");
    let round = matches!(symbol, "╭" | "╮" | "╰" | "╯");
    Some((arms, heavy, round))
}

/// The filled part of a block element: x, y, width and height as shares of the cell.
fn block(symbol: &str) -> Option<(f32, f32, f32, f32)> {
    let mut chars = symbol.chars();
    let (c, None) = (chars.next()?, chars.next()) else { return None };
    let eighths = |from: char| (u32::from(c) - u32::from(from) + 1) as f32 / 8.0;
    Some(match c {
        '\u{2580}' => (0.0, 0.0, 1.0, 0.5),
        // Lower one eighth to full block.
        '\u{2581}'..='\u{2588}' => (0.0, 1.0 - eighths('\u{2581}'), 1.0, eighths('\u{2581}')),
        // Left seven eighths to left one eighth.
        '\u{2589}'..='\u{258F}' => (0.0, 0.0, 1.0 - eighths('\u{2589}'), 1.0),
        '\u{2590}' => (0.5, 0.0, 0.5, 1.0),
        '\u{2594}' => (0.0, 0.0, 1.0, 0.125),
        '\u{2595}' => (0.875, 0.0, 0.125, 1.0),
        _ => return None,
    })
}

/// Whether the glyph is drawn instead of written.
pub(super) fn is_shape(symbol: &str) -> bool {
    block(symbol).is_some() || arms(symbol).is_some()
}

/// Draws the glyph with its cell's corner at `left`, `top`; says whether it is one that is drawn.
pub(super) fn draw(out: &mut String, symbol: &str, left: f32, top: f32, fill: Rgb) -> bool {
    if let Some((x, y, w, h)) = block(symbol) {
        // Writing to a String cannot fail, here and below.
        let _ = writeln!(
            out,
            "<rect x=\"{:.2}\" y=\"{:.2}\" width=\"{:.2}\" height=\"{:.2}\" fill=\"{fill}\"/>",
            left + x * CELL_W,
            top + y * CELL_H,
            w * CELL_W,
            h * CELL_H
        );
        return true;
    }
    let Some((arms, heavy, round)) = arms(symbol) else { return false };
    let stroke = if heavy { HEAVY } else { LIGHT };
    let path = if round { corner(arms, left, top) } else { straight(arms, left, top) };
    let _ = writeln!(out, "<path d=\"{path}\" fill=\"none\" stroke=\"{fill}\" stroke-width=\"{stroke}\"/>");
    true
}

fn ends(left: f32, top: f32) -> [(f32, f32); 4] {
    let (cx, cy) = (left + CELL_W / 2.0, top + CELL_H / 2.0);
    [(cx, top), (left + CELL_W, cy), (cx, top + CELL_H), (left, cy)]
}

fn straight(arms: [bool; 4], left: f32, top: f32) -> String {
    let (cx, cy) = (left + CELL_W / 2.0, top + CELL_H / 2.0);
    let mut path = String::new();
    for (_, (x, y)) in arms.iter().zip(ends(left, top)).filter(|(on, _)| **on) {
        let _ = write!(path, "M{cx:.2} {cy:.2}L{x:.2} {y:.2}");
    }
    path
}

fn corner(arms: [bool; 4], left: f32, top: f32) -> String {
    let (cx, cy) = (left + CELL_W / 2.0, top + CELL_H / 2.0);
    let mut on = arms.iter().zip(ends(left, top)).filter(|(on, _)| **on).map(|(_, end)| end);
    match (on.next(), on.next()) {
        (Some((ax, ay)), Some((bx, by))) => format!("M{ax:.2} {ay:.2}Q{cx:.2} {cy:.2} {bx:.2} {by:.2}"),
        _ => String::new(),
    }
}
