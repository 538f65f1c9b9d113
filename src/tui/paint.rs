//! Text into cells, by what it measures: grapheme clusters are never split, wide ones never half drawn, nothing
//! ever leaves its area. Remote text is made harmless here, at the last moment before it is drawn.

use std::borrow::Cow;

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Style;
use unicode_segmentation::UnicodeSegmentation;
use unicode_width::UnicodeWidthStr;

use super::screen::Ctx;
use super::theme::Glyphs;
use crate::support::text::{is_unsafe, one_line};

/// How many cells a text takes.
pub fn width(text: &str) -> usize {
    if text.is_ascii() { text.len() } else { clusters(text).map(|(_, w)| w).sum() }
}

/// The grapheme clusters of a text with their widths, by the rules ratatui writes rows by: 0 for a lone mark, mostly 1 or
/// 2, more where several letters of a script are one cluster.
fn clusters(text: &str) -> impl Iterator<Item = (&str, usize)> {
    text.graphemes(true).map(|g| (g, g.width()))
}

/// One harmless line, copied only when something had to be replaced.
pub fn clean(text: &str) -> Cow<'_, str> {
    if text.chars().any(is_unsafe) { Cow::Owned(one_line(text)) } else { Cow::Borrowed(text) }
}

/// The beginning of a text that fits into `max` cells, and the cells it takes.
pub fn fit(text: &str, max: usize) -> (&str, usize) {
    let (mut end, mut used) = (0, 0);
    for (cluster, w) in clusters(text) {
        if used + w > max {
            break;
        }
        used += w;
        end += cluster.len();
    }
    (&text[..end], used)
}

/// Draws one line of at most `max` cells at `x`, `y`, cut with an ellipsis; returns the cell after it. Whatever is
/// outside the buffer is not drawn.
pub fn text(buf: &mut Buffer, x: u16, y: u16, max: u16, text: &str, style: Style, glyphs: &Glyphs) -> u16 {
    let room = max.min(buf.area.right().saturating_sub(x));
    if room == 0 || y < buf.area.y || y >= buf.area.bottom() || x < buf.area.x {
        return x;
    }
    let clean = clean(text);
    let room = usize::from(room);
    if width(&clean) <= room {
        return put(buf, x, y, &clean, style);
    }
    let (head, _) = fit(&clean, room - 1);
    let end = put(buf, x, y, head.trim_end(), style);
    put(buf, end, y, glyphs.ellipsis, style)
}

/// Draws clusters one after another; the caller has measured.
fn put(buf: &mut Buffer, mut x: u16, y: u16, text: &str, style: Style) -> u16 {
    for (cluster, w) in clusters(text) {
        if w == 0 {
            continue;
        }
        buf[(x, y)].set_symbol(cluster).set_style(style);
        for under in 1..w as u16 {
            // The right half of a wide cluster: blank, so that the terminal's own picture is the same.
            buf[(x + under, y)].reset();
            buf[(x + under, y)].set_style(style);
        }
        x += w as u16;
    }
    x
}

/// Blanks the cluster that begins left of `x` and reaches over it: something else is to be drawn from there on.
pub fn cut(buf: &mut Buffer, x: u16, y: u16) {
    for at in (buf.area.x..x.min(buf.area.right())).rev() {
        // Only a blank can be the right part of something.
        if buf[(at, y)].symbol() == " " {
            continue;
        }
        let end = at.saturating_add(width(buf[(at, y)].symbol()) as u16);
        if end > x {
            (at..end.min(buf.area.right())).for_each(|under| {
                buf[(under, y)].set_symbol(" ");
            });
        }
        return;
    }
}

/// Draws a line that ends before `right`; returns where it begins. Nothing is drawn when it does not fit from `left`.
pub fn text_right(
    buf: &mut Buffer,
    left: u16,
    right: u16,
    y: u16,
    line: &str,
    style: Style,
    glyphs: &Glyphs,
) -> u16 {
    let clean = clean(line);
    let w = width(&clean);
    if w == 0 || usize::from(right.saturating_sub(left)) < w {
        return right;
    }
    let x = right - w as u16;
    text(buf, x, y, w as u16, &clean, style, glyphs);
    x
}

/// Breaks a text into at most `lines` lines of `max` cells, at blanks where there are any; the last one is cut with
/// an ellipsis when there is more.
pub fn wrap<'a>(text: &'a str, max: usize, lines: usize, ellipsis: &str) -> Vec<Cow<'a, str>> {
    let mut out: Vec<Cow<'a, str>> = Vec::with_capacity(lines);
    let mut rest = text.trim();
    while !rest.is_empty() && out.len() < lines && max > 0 {
        let (head, _) = fit(rest, max);
        if head.len() == rest.len() {
            out.push(Cow::Borrowed(rest));
            return out;
        }
        if out.len() + 1 == lines {
            let (short, _) = fit(rest, max.saturating_sub(1));
            out.push(Cow::Owned(format!("{}{ellipsis}", short.trim_end())));
            return out;
        }
        let at_blank = rest[head.len()..].starts_with(' ');
        let cut = if at_blank { head.len() } else { head.rfind(' ').unwrap_or(head.len()) };
        let cut = if cut == 0 { rest.graphemes(true).next().map_or(rest.len(), str::len) } else { cut };
        out.push(Cow::Borrowed(rest[..cut].trim_end()));
        rest = rest[cut..].trim_start();
    }
    out
}

/// Fills a row with one character.
pub fn rule(buf: &mut Buffer, x: u16, y: u16, cells: u16, symbol: &str, style: Style) {
    let area = Rect { x, y, width: cells, height: 1 }.intersection(buf.area);
    // Where nothing is shared, a rectangle may still be wide.
    for x in (area.left()..area.right()).filter(|_| area.height > 0) {
        buf[(x, area.y)].set_symbol(symbol).set_style(style);
    }
}

/// A blank, framed box with a title in its upper edge.
pub fn frame(buf: &mut Buffer, area: Rect, title: &str, border: Style, ctx: &Ctx<'_>) {
    let area = area.intersection(buf.area);
    if area.width < 2 || area.height < 2 {
        return;
    }
    let [tl, tr, bl, br, h, v] = ctx.glyphs.frame;
    let (right, bottom) = (area.right() - 1, area.bottom() - 1);
    for y in [area.y, bottom] {
        rule(buf, area.x, y, area.width, h, border);
    }
    for y in area.y + 1..bottom {
        buf[(area.x, y)].set_symbol(v).set_style(border);
        buf[(right, y)].set_symbol(v).set_style(border);
    }
    for (x, y, corner) in
        [(area.x, area.y, tl), (right, area.y, tr), (area.x, bottom, bl), (right, bottom, br)]
    {
        buf[(x, y)].set_symbol(corner).set_style(border);
    }
    if area.width > 6 && !title.is_empty() {
        let end =
            text(buf, area.x + 2, area.y, area.width - 5, &format!(" {title}"), ctx.theme.title, ctx.glyphs);
        text(buf, end, area.y, 1, " ", border, ctx.glyphs);
    }
}

/// What is inside a framed box: one cell less on each side, and one blank column more.
pub fn inside(area: Rect) -> Rect {
    Rect {
        x: area.x.saturating_add(2).min(area.right()),
        y: area.y.saturating_add(1).min(area.bottom()),
        width: area.width.saturating_sub(4),
        height: area.height.saturating_sub(2),
    }
}
