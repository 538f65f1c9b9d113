//! The bindings of a view as they are now: searched by typing, and changed on the spot. It shows the keymap and nothing
//! beside it, except the mouse, which is not bound.

use crossterm::event::{MouseButton, MouseEvent, MouseEventKind};
use ratatui::buffer::Buffer;
use ratatui::layout::{Position, Rect};

use crate::config::keymap::{Action, Key, Layer, Press};
use crate::tui::effect::Effect;
use crate::tui::paint;
use crate::tui::screen::{Ctx, Input, Outcome, Screen, centred};
use crate::tui::screens::shape;

mod entries;
mod rebind;
mod view;

use entries::{Entry, entries};
use rebind::{Came, Rebind};

/// The most characters one can search for.
const TYPED_MAX: usize = 40;

/// The bindings of a view.
#[derive(Debug)]
pub struct HelpScreen {
    layer: Layer,
    /// What is typed to narrow it; `None` while nobody searches.
    search: Option<String>,
    /// The focused entry.
    at: usize,
    /// The first line shown.
    top: usize,
    /// The action that is being given new keys.
    rebind: Option<Rebind>,
}

impl HelpScreen {
    /// Opens it for the view whose keys are looked up in `layer`.
    pub fn new(layer: Layer) -> Self {
        Self { layer, search: None, at: 0, top: 0, rebind: None }
    }

    fn entries(&self, ctx: &Ctx<'_>) -> Vec<Entry> {
        entries(self.layer, self.search.as_deref().unwrap_or_default(), ctx)
    }

    fn go(&mut self, at: usize, ctx: &Ctx<'_>) -> Outcome {
        let entries = self.entries(ctx);
        self.at = at.min(entries.len().saturating_sub(1));
        let (line, lines) = (view::line_of(&entries, self.at), view::line_of(&entries, entries.len()));
        let height = usize::from(self.list(ctx.area).height);
        // The first entry brings its heading with it.
        let line = if self.at == 0 { 0 } else { line };
        self.top = shape::window(self.top, line, height, lines);
        Outcome::Stay
    }

    fn step(&mut self, by: isize, ctx: &Ctx<'_>) -> Outcome {
        self.go(self.at.saturating_add_signed(by), ctx)
    }

    /// Asks for the new keys of the focused entry.
    fn ask(&mut self, ctx: &Ctx<'_>) -> Outcome {
        let entries = self.entries(ctx);
        let Some(entry) = entries.get(self.at) else { return Outcome::Stay };
        let Some((layer, action)) = entry.action else {
            let why = if entry.what == entries::COLUMNS {
                "these nine are `column_1` to `column_9` under [keys] in the config"
            } else {
                "the mouse is not bound"
            };
            return Outcome::Say(why.to_owned());
        };
        self.rebind = Some(Rebind::new(layer, action, &ctx.settings.keys));
        // The prompt takes rows from the list: the entry stays in sight.
        self.go(self.at, ctx)
    }

    fn rebinding(&mut self, press: Press, ctx: &Ctx<'_>) -> Outcome {
        let Some(rebind) = &mut self.rebind else { return Outcome::Ignored };
        match rebind.press(press, &ctx.settings.keys) {
            Came::On => Outcome::Stay,
            Came::Left => {
                self.rebind = None;
                Outcome::Stay
            }
            Came::Keep(choice) => {
                self.rebind = None;
                Outcome::Do(vec![Effect::Keep(choice)])
            }
        }
    }

    fn type_text(&mut self, text: &str, ctx: &Ctx<'_>) -> Outcome {
        let typed = self.search.get_or_insert_default();
        let room = TYPED_MAX.saturating_sub(typed.chars().count());
        typed.extend(text.chars().filter(|c| !c.is_control()).take(room));
        self.go(0, ctx)
    }

    fn key(&mut self, press: Press, ctx: &Ctx<'_>) -> Outcome {
        let searching = self.search.is_some();
        match press.key {
            Key::Char('?') if !searching => Outcome::Close,
            Key::Char('e') if !searching && press.is_text() => self.ask(ctx),
            // What no key of the list is begins the search.
            Key::Char(c) if press.is_text() => self.type_text(&c.to_string(), ctx),
            Key::Enter => self.ask(ctx),
            Key::Char('u') if press.ctrl && searching => {
                self.search = Some(String::new());
                self.go(0, ctx)
            }
            Key::Backspace => {
                if let Some(typed) = &mut self.search {
                    typed.pop();
                }
                self.go(0, ctx)
            }
            Key::Down => self.step(1, ctx),
            Key::Char('n') if press.ctrl => self.step(1, ctx),
            Key::Up => self.step(-1, ctx),
            Key::Char('p') if press.ctrl => self.step(-1, ctx),
            Key::PageDown => self.step(10, ctx),
            Key::PageUp => self.step(-10, ctx),
            _ => Outcome::Ignored,
        }
    }

    fn mouse(&mut self, mouse: MouseEvent, ctx: &Ctx<'_>) -> Outcome {
        match mouse.kind {
            MouseEventKind::ScrollDown => self.step(3, ctx),
            MouseEventKind::ScrollUp => self.step(-3, ctx),
            MouseEventKind::Down(MouseButton::Left) => {
                let list = self.list(ctx.area);
                if !list.contains(Position::new(mouse.column, mouse.row)) {
                    return Outcome::Ignored;
                }
                let entries = self.entries(ctx);
                let line = self.top(&entries, ctx.area) + usize::from(mouse.row - list.y);
                match (0..entries.len()).find(|n| view::line_of(&entries, *n) == line) {
                    // The first click focuses, the second one asks.
                    Some(at) if at == self.at => self.ask(ctx),
                    Some(at) => self.go(at, ctx),
                    None => Outcome::Ignored,
                }
            }
            _ => Outcome::Ignored,
        }
    }
}

impl Screen for HelpScreen {
    fn layer(&self) -> Layer {
        if self.search.is_some() { Layer::Text } else { Layer::List }
    }

    fn takes_all_keys(&self) -> bool {
        self.rebind.is_some()
    }

    fn title(&self, _ctx: &Ctx<'_>) -> String {
        format!("Help: {}", self.layer.title())
    }

    fn hints(&self) -> &'static [Action] {
        if self.rebind.is_some() { &[] } else { &[Action::Filter, Action::Back] }
    }

    fn action(&mut self, action: Action, ctx: &Ctx<'_>) -> Outcome {
        let half = isize::try_from(self.list(ctx.area).height / 2).unwrap_or(1).max(1);
        match action {
            Action::FocusDown => self.step(1, ctx),
            Action::FocusUp => self.step(-1, ctx),
            Action::HalfPageDown => self.step(half, ctx),
            Action::HalfPageUp => self.step(-half, ctx),
            Action::FocusTop => self.go(0, ctx),
            Action::FocusBottom => self.go(usize::MAX, ctx),
            Action::Open => self.ask(ctx),
            Action::Filter => {
                self.search.get_or_insert_default();
                self.go(0, ctx)
            }
            Action::Back if self.search.is_some() => {
                self.search = None;
                self.go(0, ctx)
            }
            Action::Back | Action::Help => Outcome::Close,
            _ => Outcome::Ignored,
        }
    }

    fn input(&mut self, input: &Input, ctx: &Ctx<'_>) -> Outcome {
        match input {
            Input::Key(press, _) if self.rebind.is_some() => self.rebinding(*press, ctx),
            Input::Key(press, _) => self.key(*press, ctx),
            Input::Mouse(mouse) if self.rebind.is_none() => self.mouse(*mouse, ctx),
            Input::Paste(text) if self.search.is_some() && self.rebind.is_none() => self.type_text(text, ctx),
            _ => Outcome::Ignored,
        }
    }

    fn area(&self, frame: Rect, _ctx: &Ctx<'_>) -> Rect {
        centred(frame, 76, frame.height)
    }

    fn render(&self, buf: &mut Buffer, ctx: &Ctx<'_>) {
        self.draw(buf, ctx);
    }

    fn cursor(&self, ctx: &Ctx<'_>) -> Option<Position> {
        let inner = paint::inside(ctx.area);
        if self.rebind.is_some() {
            return None;
        }
        let x = inner.x + 1 + paint::width(self.search.as_deref()?) as u16;
        (inner.height > 0 && x < inner.right()).then(|| Position::new(x, inner.bottom() - 1))
    }
}

#[cfg(test)]
mod tests;
