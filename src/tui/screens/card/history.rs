//! The versions of a card: when, who, where from, how it came about, and what changed; below them what the focused
//! one changed, word by word. Draws what it is given and knows nothing else.

use ratatui::buffer::Buffer;
use ratatui::layout::{Position, Rect};
use ratatui::style::Style;
use ratatui::text::Line;

use super::Tab;
use crate::config::keymap::Action;
use crate::domain::card::Card;
use crate::domain::fields::{Field, SetDelta, Value};
use crate::domain::history::{Version, VersionKind, What};
use crate::domain::mapping::Status;
use crate::support::text::one_line;
use crate::tui::paint;
use crate::tui::screen::Ctx;
use crate::tui::screens::pen::{self, Pen};
use crate::tui::screens::shape::{ago, clip, count, window};
use crate::tui::screens::words::{self, Part};

/// From this width on a row names who and where from.
const NAMES: u16 = 64;

/// The tabs' texts; the one shown is bracketed, so that it can be told without bold or underline.
fn strip(versions: Option<usize>, tab: Tab) -> [(String, bool); 2] {
    let history = versions.map_or_else(|| "History".to_owned(), |n| format!("History {n}"));
    let named =
        |text: String, active: bool| (if active { format!("[{text}]") } else { format!(" {text} ") }, active);
    [named("Card".to_owned(), tab == Tab::Card), named(history, tab == Tab::History)]
}

/// Where the tabs are: at the right end of the first row.
fn strip_area(ctx: &Ctx<'_>, texts: &[(String, bool); 2]) -> Rect {
    let wanted = texts.iter().map(|(t, _)| paint::width(t) as u16 + 1).sum::<u16>();
    let width = if ctx.area.height > 12 { wanted.min(ctx.area.width) } else { 0 };
    Rect { x: ctx.area.right() - width, width, height: 1.min(ctx.area.height), ..ctx.area }
}

/// Draws the tabs, where there is a row for them; before them, in the history, of which card it is.
pub(super) fn draw_strip(
    buf: &mut Buffer,
    ctx: &Ctx<'_>,
    card: Option<&Card>,
    versions: Option<usize>,
    tab: Tab,
) {
    let texts = strip(versions, tab);
    let area = strip_area(ctx, &texts);
    if area.width == 0 {
        return;
    }
    let mut pen = Pen::new(buf, ctx, area, 0);
    for (text, active) in &texts {
        pen.put(text, if *active { ctx.theme.tab_active } else { ctx.theme.tab }).skip(1);
    }
    if let Some(card) = card.filter(|_| tab == Tab::History) {
        let left = Rect { x: ctx.area.x, width: area.x.saturating_sub(ctx.area.x + 2), ..area };
        Pen::new(buf, ctx, left, 0)
            .skip(1)
            .put(&card.key(), ctx.theme.dim)
            .skip(1)
            .put(&card.title, ctx.theme.title);
    }
}

/// Whether a cell is on the tabs.
pub(super) fn strip_hit(ctx: &Ctx<'_>, versions: usize, at: Position) -> bool {
    strip_area(ctx, &strip(Some(versions), Tab::History)).contains(at)
}

/// The list, the line below it, what the focused version changed, and the keys.
fn parts(area: Rect, versions: usize) -> [Rect; 4] {
    let left = 1.min(area.width);
    let mut rest = Rect { x: area.x + left, width: (area.width - left).saturating_sub(2), ..area };
    let mut take = |height: u16| {
        let height = height.min(rest.height);
        let taken = Rect { height, ..rest };
        rest.y += height;
        rest.height -= height;
        taken
    };
    take(u16::from(area.height > 12));
    let half = (area.height / 2).max(1);
    let list = take(u16::try_from(versions).unwrap_or(u16::MAX).min(half));
    let about = take(1);
    let foot = u16::from(rest.height > 2);
    let below = Rect { height: rest.height - foot, ..rest };
    [list, about, below, Rect { y: below.bottom(), height: foot, ..rest }]
}

fn top(at: usize, height: u16, len: usize) -> usize {
    window(at.saturating_sub(usize::from(height) / 2), at, usize::from(height), len)
}

/// The version whose row is under a cell.
pub(super) fn row_at(ctx: &Ctx<'_>, versions: usize, at: usize, cell: Position) -> Option<usize> {
    let [list, ..] = parts(ctx.area, versions);
    let first = top(at, list.height, versions);
    list.contains(cell).then(|| first + usize::from(cell.y - list.y)).filter(|n| *n < versions)
}

/// How far what the focused version changed can be scrolled.
pub(super) fn overflow(versions: &[Version], at: usize, ctx: &Ctx<'_>) -> usize {
    let [_, _, below, _] = parts(ctx.area, versions.len());
    let lines = versions.get(at).map_or(0, |v| changed(v, usize::from(below.width), ctx).len());
    lines.saturating_sub(usize::from(below.height))
}

/// Draws the versions, `None` while they are being read.
pub(super) fn draw(buf: &mut Buffer, ctx: &Ctx<'_>, versions: Option<&[Version]>, at: usize, below: usize) {
    let [list, about, text, foot] = parts(ctx.area, versions.map_or(0, <[Version]>::len));
    let Some(versions) = versions else {
        let reading = Line::styled(format!("reading the card{}", ctx.glyphs.ellipsis), ctx.theme.dim);
        return pen::lines(buf, text, &[reading], 0);
    };
    let Some(focused) = versions.get(at) else {
        let none = Line::styled("no version was kept yet", ctx.theme.dim);
        return pen::lines(buf, text, &[none], 0);
    };
    let first = top(at, list.height, versions.len());
    for (row, (n, version)) in (0..list.height).zip(versions.iter().enumerate().skip(first)) {
        draw_row(buf, Rect { y: list.y + row, height: 1, ..list }, version, n == at, ctx);
    }
    let marks = Rect { width: list.width + 1, ..list }.intersection(ctx.area);
    pen::more(buf, marks, ctx, first, versions.len());
    draw_about(buf, about, focused, ctx);
    let lines = changed(focused, usize::from(text.width), ctx);
    let below = below.min(lines.len().saturating_sub(usize::from(text.height)));
    pen::lines(buf, text, &lines, below);
    let marks = Rect { width: text.width + 1, ..text }.intersection(ctx.area);
    pen::more(buf, marks, ctx, below, lines.len());
    let keys = [Action::Open, Action::NextTab, Action::Undo].map(|a| pen::key(ctx, a));
    let back =
        if focused.kind == VersionKind::Lost { "brings back what lost" } else { "brings this version back" };
    Pen::new(buf, ctx, foot, 0).hints(&[(&keys[0], back), (&keys[1], "the card"), (&keys[2], "undo")]);
}

/// Who made a version, as far as that is known.
fn who(version: &Version) -> String {
    match (&version.actor, version.origin.as_str()) {
        (Some(actor), _) => one_line(actor),
        (None, "local") => "somebody here".to_owned(),
        (None, "mapping") => "the mapping".to_owned(),
        (None, "rollback") => "the platform's no".to_owned(),
        (None, origin) => format!("somebody on {}", one_line(origin)),
    }
}

/// Where a version came from, in a word.
fn origin(version: &Version) -> String {
    if version.origin == "local" { "here".to_owned() } else { one_line(&version.origin) }
}

fn draw_row(buf: &mut Buffer, area: Rect, version: &Version, focused: bool, ctx: &Ctx<'_>) {
    let (theme, glyphs) = (ctx.theme, ctx.glyphs);
    let text = if focused { theme.card_focus } else { theme.text };
    let kind = if version.kind == VersionKind::Lost { theme.warn } else { theme.dim };
    let mut pen = Pen::new(buf, ctx, area, 0);
    pen.field(if focused { glyphs.focus } else { "" }, 1, theme.focus).skip(1);
    pen.field(&ago(ctx.now, version.at), 12, theme.dim).skip(1);
    if area.width >= NAMES {
        let name = version.actor.as_ref().map_or_else(String::new, |a| one_line(a));
        pen.field(&clip(&name, 9, glyphs.ellipsis), 9, theme.person).skip(1);
        pen.field(&clip(&origin(version), 8, glyphs.ellipsis), 8, theme.dim).skip(1);
    }
    pen.field(version.kind.as_str(), 7, kind).skip(1);
    pen.field(version.what.as_str(), 9, text).skip(1);
    let room = usize::from(pen.room());
    pen.put(&change(version, room, ctx), text);
}

/// What changed, in one line: `To Do → In Progress`, `+bug -ui`, or the first words that differ.
fn change(version: &Version, room: usize, ctx: &Ctx<'_>) -> String {
    let (before, after) = (&version.before, &version.after);
    match (version.what, before, after) {
        (What::Created | What::Archived, ..) => String::new(),
        (What::Comment, _, after) => clip(&after.to_string(), room, ctx.glyphs.ellipsis),
        (_, Value::Set(before), Value::Set(after)) => {
            let delta = SetDelta::between(before, after);
            let came = delta.add.iter().map(|n| format!("+{n}"));
            let gone = delta.remove.iter().map(|n| format!("-{n}"));
            clip(&came.chain(gone).collect::<Vec<_>>().join(" "), room, ctx.glyphs.ellipsis)
        }
        (What::Field(Field::Body), Value::Text(before), Value::Text(after)) => {
            first_change(before, after, version.kind, room, ctx)
        }
        _ => beside(&shown(version, before, ctx), &shown(version, after, ctx), version.kind, room, ctx),
    }
}

/// The words of two texts in which they differ first.
fn first_change(before: &str, after: &str, kind: VersionKind, room: usize, ctx: &Ctx<'_>) -> String {
    // A line is what is compared: whole bodies in each row would be slow, and a row shows no more.
    let alike = before.split('\n').zip(after.split('\n')).take_while(|(b, a)| b == a).count();
    let line = |text: &str| clip(text.split('\n').nth(alike).unwrap_or_default(), 400, "");
    let parts = words::parts(&line(before), &line(after));
    let of =
        |part| parts.iter().find(|(p, text)| *p == part && !text.trim().is_empty()).map(|(_, t)| t.trim());
    match (of(Part::Out), of(Part::In)) {
        (Some(out), Some(came)) => beside(out, came, kind, room, ctx),
        (Some(out), None) => clip(&format!("- {out}"), room, ctx.glyphs.ellipsis),
        (None, Some(came)) => clip(&format!("+ {came}"), room, ctx.glyphs.ellipsis),
        (None, None) => "lines".to_owned(),
    }
}

/// Two values in one line: the old one and the new one, or the one that lost and the one that won.
fn beside(before: &str, after: &str, kind: VersionKind, room: usize, ctx: &Ctx<'_>) -> String {
    let (first, sign, then) = match kind {
        VersionKind::Lost => (after, "lost to", before),
        _ => (before, ctx.glyphs.arrow, after),
    };
    let room = room.saturating_sub(paint::width(sign) + 2);
    let short = |text: &str, most: usize| {
        let text = text.trim();
        if text.is_empty() { "nothing".to_owned() } else { clip(text, most, ctx.glyphs.ellipsis) }
    };
    let first = short(first, (room / 2).max(room.saturating_sub(paint::width(then))));
    let rest = room.saturating_sub(paint::width(&first));
    format!("{first} {sign} {}", short(then, rest))
}

/// A value as people know it: a status by its column's title.
fn shown(version: &Version, value: &Value, ctx: &Ctx<'_>) -> String {
    match (version.what, value) {
        (What::Field(Field::Status), Value::Text(status)) => {
            ctx.board.title_of(&Status::new(status.clone())).to_owned()
        }
        (_, value) => value.to_string(),
    }
}

/// A value of a version in one line of at most `room` cells.
pub(super) fn short(version: &Version, value: &Value, room: usize, ctx: &Ctx<'_>) -> String {
    match value {
        Value::Text(text) if text.trim().is_empty() => "empty".to_owned(),
        value => clip(shown(version, value, ctx).trim(), room, ctx.glyphs.ellipsis),
    }
}

/// Who made the focused version, exactly when, and how it came about.
fn draw_about(buf: &mut Buffer, area: Rect, version: &Version, ctx: &Ctx<'_>) {
    paint::rule(buf, area.x, area.y, area.width * area.height, ctx.glyphs.rule, ctx.theme.border);
    let how = match version.kind {
        VersionKind::Edit => "",
        VersionKind::Undo => ", taken back",
        VersionKind::Redo => ", done again",
        VersionKind::Restore => ", brought back",
        VersionKind::Lost => ", lost a conflict",
        VersionKind::Merged => ", put together from both sides",
    };
    let what = match version.what {
        What::Field(field) => format!("{field}{how} "),
        What::Created => "made ".to_owned(),
        What::Archived if version.kind == VersionKind::Undo => "put back on the board ".to_owned(),
        What::Archived => "taken off the board ".to_owned(),
        What::Comment => "comment ".to_owned(),
    };
    let mut pen = Pen::new(buf, ctx, area, 0);
    pen.put(&what, ctx.theme.heading);
    pen.put(&format!("{} by {} ", version.at.to_rfc3339(), who(version)), ctx.theme.dim);
}

/// What a version changed; of one that lost, the value beside the one that won.
fn changed(version: &Version, width: usize, ctx: &Ctx<'_>) -> Vec<Line<'static>> {
    let (before, after) = (&version.before, &version.after);
    let plain = |text: &str, style: Style| words::plain(text, width, style);
    match (version.what, before, after) {
        (What::Created, ..) => plain("the card was made", ctx.theme.text),
        (What::Archived, ..) => plain("the platforms kept theirs", ctx.theme.text),
        (What::Comment, _, said) => plain(&said.to_string(), ctx.theme.text),
        (_, Value::Set(before), Value::Set(after)) => {
            let delta = SetDelta::between(before, after);
            let mut out: Vec<Line<'static>> = Vec::new();
            out.extend(delta.add.iter().flat_map(|n| plain(&format!("+ {}", one_line(n)), words::came(ctx))));
            out.extend(
                delta.remove.iter().flat_map(|n| plain(&format!("- {}", one_line(n)), words::gone(ctx))),
            );
            let same = after.iter().filter(|n| !delta.add.contains(*n)).count();
            if same > 0 {
                out.push(Line::styled(
                    format!("  {} as before", count(same, "name", "names")),
                    ctx.theme.dim,
                ));
            }
            out
        }
        (What::Field(Field::Body | Field::Title), before, after) => {
            let text = |v: &Value| if let Value::Text(t) = v { t.clone() } else { String::new() };
            words::excerpt(&text(before), &text(after), width, ctx)
        }
        _ => words::lines(&shown(version, before, ctx), &shown(version, after, ctx), width, ctx),
    }
}
