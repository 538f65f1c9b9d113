//! The bindings of a view as they are now, searchable. It shows the keymap and nothing beside it, except the mouse,
//! which is not bound.

use ratatui::buffer::Buffer;
use ratatui::layout::{Position, Rect};
use ratatui::text::{Line, Span};

use crossterm::event::MouseEventKind;

use crate::config::keymap::{Action, Chord, Key, Layer};
use crate::tui::paint;
use crate::tui::screen::{Ctx, Input, Outcome, Screen, centred};
use crate::tui::screens::fuzzy;
use crate::tui::screens::pen::{self, Pen};

/// Cells for the keys.
const KEYS: usize = 20;

/// The bindings of a view, searchable.
#[derive(Debug)]
pub struct HelpScreen {
    layer: Layer,
    /// What is typed to narrow it; `None` while nobody searches.
    search: Option<String>,
    top: usize,
}

/// One entry: what it is listed under, its keys, what it does.
struct Entry {
    group: &'static str,
    keys: String,
    what: String,
    bound: bool,
}

impl HelpScreen {
    /// Opens it for the view whose keys are looked up in `layer`.
    pub fn new(layer: Layer) -> Self {
        Self { layer, search: None, top: 0 }
    }

    fn entries(&self, ctx: &Ctx<'_>) -> Vec<Entry> {
        let mut out: Vec<Entry> = Vec::new();
        for (action, chords) in ctx.keymap.in_layer(self.layer) {
            // Nine keys that do the same nine times over are one entry.
            let numbered = action.column();
            if numbered.is_some_and(|n| n > 0)
                && let ([chord], Some(first)) = (chords, out.iter_mut().find(|e| e.what == COLUMNS))
            {
                first.keys = format!("{} .. {chord}", first.keys.split(' ').next().unwrap_or_default());
                continue;
            }
            let what = if numbered == Some(0) { COLUMNS } else { action.what() };
            out.push(entry(group(action), chords, what));
        }
        if self.layer == Layer::Board {
            out.extend(MOUSE.map(|(keys, what)| Entry {
                group: "Mouse",
                keys: keys.to_owned(),
                what: what.to_owned(),
                bound: true,
            }));
        }
        if !matches!(self.layer, Layer::List | Layer::Text) {
            for layer in [Layer::List, Layer::Text] {
                let chords = ctx.keymap.in_layer(layer);
                out.extend(chords.map(|(action, chords)| entry(layer.title(), chords, action.what())));
            }
        }
        let typed = self.search.as_deref().unwrap_or_default();
        out.retain(|e| [&e.keys, &e.what].iter().any(|t| found(typed, t)));
        // Groups stand together, in the order in which they first come.
        let order: Vec<&str> = GROUPS.to_vec();
        out.sort_by_key(|e| order.iter().position(|g| *g == e.group).unwrap_or(order.len()));
        out
    }

    fn lines(&self, ctx: &Ctx<'_>) -> Vec<Line<'static>> {
        let mut out = Vec::new();
        let mut group = "";
        for entry in self.entries(ctx) {
            if entry.group != group {
                if !out.is_empty() {
                    out.push(Line::default());
                }
                group = entry.group;
                out.push(Line::styled(group, ctx.theme.heading));
            }
            let style = if entry.bound { ctx.theme.key } else { ctx.theme.dim };
            let blank = KEYS.saturating_sub(paint::width(&entry.keys)).max(2);
            out.push(Line::from(vec![
                Span::raw("  "),
                Span::styled(entry.keys, style),
                Span::raw(" ".repeat(blank)),
                Span::styled(entry.what, ctx.theme.text),
            ]));
        }
        out
    }

    fn list(area: Rect) -> Rect {
        let inner = paint::inside(area);
        let foot = 2.min(inner.height);
        Rect { height: inner.height - foot, ..inner }
    }

    fn scroll(&mut self, by: isize, ctx: &Ctx<'_>) -> Outcome {
        let last = self.lines(ctx).len().saturating_sub(usize::from(Self::list(ctx.area).height));
        self.top = self.top.min(last).saturating_add_signed(by).min(last);
        Outcome::Stay
    }
}

const COLUMNS: &str = "focus that column";

/// What the mouse does on the board; it is not bound, so it cannot be rebound.
const MOUSE: [(&str, &str); 6] = [
    ("drag", "move a card; esc cancels"),
    ("click", "focus a card or a tab"),
    ("double click", "open a card"),
    ("ctrl click", "select or deselect a card"),
    ("drag beside cards", "select them"),
    ("wheel", "scroll the column under the pointer"),
];

/// The headings, in the order in which they are shown.
const GROUPS: [&str; 8] =
    ["Cards", "Move and find", "Mappings", "Sync", "Views", "Mouse", "Lists and dialogs", "Text fields"];

fn group(action: Action) -> &'static str {
    match action {
        Action::NewCard
        | Action::EditTitle
        | Action::EditBody
        | Action::EditInEditor
        | Action::Comment
        | Action::Labels
        | Action::Assignees
        | Action::Milestone
        | Action::Priority
        | Action::CloseOrReopen
        | Action::Archive
        | Action::Undo
        | Action::Redo
        | Action::OpenInBrowser
        | Action::CopyUrl
        | Action::CopyKey
        | Action::CopyRow
        | Action::MoveLeft
        | Action::MoveRight
        | Action::MoveDown
        | Action::MoveUp
        | Action::MoveTo
        | Action::NewCardForm
        | Action::Parent
        | Action::Due
        | Action::Estimate
        | Action::Repeat
        | Action::WhyNot
        | Action::KeepLocal
        | Action::TakeRemote
        | Action::Merge
        | Action::SelectAll
        | Action::Restore
        | Action::Select => "Cards",
        Action::AddRow | Action::RenameRow | Action::RemoveRow | Action::Save => "Mappings",
        Action::SyncNow | Action::SyncAll | Action::Retry | Action::Pause | Action::Answer => "Sync",
        Action::HealthPanel
        | Action::ToggleMouse
        | Action::Help
        | Action::ViewBoard
        | Action::ViewMappings
        | Action::ViewHealth
        | Action::ViewActivity
        | Action::ViewConflicts
        | Action::NextView
        | Action::PreviousView
        | Action::Redraw
        | Action::Suspend
        | Action::Quit => "Views",
        _ => "Move and find",
    }
}

fn entry(group: &'static str, chords: &[Chord], what: &str) -> Entry {
    let keys: Vec<String> = chords.iter().map(ToString::to_string).collect();
    let bound = !keys.is_empty();
    let keys = if bound { keys.join(", ") } else { "not bound".to_owned() };
    Entry { group, keys, what: what.to_owned(), bound }
}

/// Whether an entry's text holds every word that is typed, or the letters in order near each other.
fn found(typed: &str, text: &str) -> bool {
    let lower = text.to_lowercase();
    typed.split_whitespace().all(|word| {
        lower.contains(&word.to_lowercase())
            || fuzzy::matches(word, text).is_some_and(|m| m.score > -10 && m.at.len() > 3)
    })
}

impl Screen for HelpScreen {
    fn layer(&self) -> Layer {
        if self.search.is_some() { Layer::Text } else { Layer::List }
    }

    fn title(&self, _ctx: &Ctx<'_>) -> String {
        format!("Help: {}", self.layer.title())
    }

    fn hints(&self) -> &'static [Action] {
        &[Action::Filter, Action::Back]
    }

    fn action(&mut self, action: Action, ctx: &Ctx<'_>) -> Outcome {
        let half = isize::try_from(Self::list(ctx.area).height / 2).unwrap_or(1).max(1);
        match action {
            Action::FocusDown => self.scroll(1, ctx),
            Action::FocusUp => self.scroll(-1, ctx),
            Action::HalfPageDown => self.scroll(half, ctx),
            Action::HalfPageUp => self.scroll(-half, ctx),
            Action::FocusTop => self.scroll(isize::MIN, ctx),
            Action::FocusBottom => self.scroll(isize::MAX, ctx),
            Action::Filter => {
                self.search = Some(self.search.take().unwrap_or_default());
                self.top = 0;
                Outcome::Stay
            }
            Action::Back if self.search.is_some() => {
                self.search = None;
                self.top = 0;
                Outcome::Stay
            }
            Action::Back | Action::Help => Outcome::Close,
            _ => Outcome::Ignored,
        }
    }

    fn input(&mut self, input: &Input, ctx: &Ctx<'_>) -> Outcome {
        match (input, &mut self.search) {
            (Input::Mouse(m), _) if m.kind == MouseEventKind::ScrollDown => return self.scroll(3, ctx),
            (Input::Mouse(m), _) if m.kind == MouseEventKind::ScrollUp => return self.scroll(-3, ctx),
            (Input::Key(press, _), Some(typed)) => match press.key {
                Key::Char(c) if press.is_text() => typed.push(c),
                Key::Backspace => {
                    typed.pop();
                }
                Key::Down => return self.scroll(1, ctx),
                Key::Up => return self.scroll(-1, ctx),
                Key::PageDown => return self.scroll(10, ctx),
                Key::PageUp => return self.scroll(-10, ctx),
                _ => return Outcome::Ignored,
            },
            (Input::Key(press, _), None) if press.key == Key::Char('?') => return Outcome::Close,
            (Input::Paste(text), Some(typed)) => typed.extend(text.chars().filter(|c| !c.is_control())),
            _ => return Outcome::Ignored,
        }
        self.top = 0;
        Outcome::Stay
    }

    fn area(&self, frame: Rect, _ctx: &Ctx<'_>) -> Rect {
        centred(frame, 72, frame.height)
    }

    fn render(&self, buf: &mut Buffer, ctx: &Ctx<'_>) {
        paint::frame(buf, ctx.area, &self.title(ctx), ctx.theme.border_focus, ctx);
        let list = Self::list(ctx.area);
        let lines = self.lines(ctx);
        let top = self.top.min(lines.len().saturating_sub(usize::from(list.height)));
        if lines.is_empty() {
            Pen::new(buf, ctx, list, 0).put("no key does that here", ctx.theme.dim);
        }
        pen::lines(buf, list, &lines, top);
        pen::more(buf, Rect { width: list.width + 1, ..list }, ctx, top, lines.len());
        let inner = paint::inside(ctx.area);
        let Some(row) = inner.height.checked_sub(1) else { return };
        let back = pen::key(ctx, Action::Back);
        let mut foot = Pen::new(buf, ctx, inner, row);
        if let Some(typed) = &self.search {
            foot.put("/", ctx.theme.key).put(typed, ctx.theme.text).skip(3).hints(&[(&back, "show all")]);
        } else {
            let search = pen::key(ctx, Action::Filter);
            let (down, up) = (pen::key(ctx, Action::FocusDown), pen::key(ctx, Action::FocusUp));
            foot.hints(&[(&search, "search"), (&format!("{down} {up}"), "scroll"), (&back, "close")]);
        }
    }

    fn cursor(&self, ctx: &Ctx<'_>) -> Option<Position> {
        let inner = paint::inside(ctx.area);
        let x = inner.x + 1 + paint::width(self.search.as_deref()?) as u16;
        (inner.height > 0 && x < inner.right()).then(|| Position::new(x, inner.bottom() - 1))
    }
}

#[cfg(test)]
mod tests;
