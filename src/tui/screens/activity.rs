//! The audit log: what was written, refused, decided or reconfigured, newest first, with a filter. It is read page by
//! page and never waits: while an answer is under way the old rows stay, and at most one request is.

use crossterm::event::{MouseButton, MouseEvent, MouseEventKind};
use ratatui::buffer::Buffer;
use ratatui::layout::Position;

use crate::config::keymap::{Action, Key, Layer};
use crate::domain::audit::AuditRow;
use crate::engine::Update;
use crate::support::clock::Timestamp;
use crate::tui::effect::Effect;
use crate::tui::screen::{Ctx, Input, Outcome, Screen};
use crate::tui::screens::Modal;
use crate::tui::screens::card::CardScreen;
use crate::tui::screens::editor::Field;
use crate::tui::screens::shape::window;

mod detail;
mod query;
mod view;

use query::Query;

/// A request that is not answered after this many milliseconds is not waited for.
const LOST: i64 = 3_000;
/// So many rows before the end the next page is asked for.
const AHEAD: usize = 20;

/// The audit log.
#[derive(Debug, Default)]
pub struct ActivityScreen {
    rows: Vec<AuditRow>,
    /// Whether there are older ones than those here.
    more: bool,
    /// Whether the rows are those of the filter; before, nothing is known.
    read: bool,
    /// The row that has the focus.
    at: usize,
    /// First row shown.
    top: usize,
    /// First line of the details shown.
    below: usize,
    /// The filter as typed.
    text: String,
    /// The field it is typed in, while it is.
    typing: Option<Field>,
    query: Query,
    token: u64,
    /// The request that is under way.
    asked: Option<Asked>,
    /// What to ask for once it is answered.
    next: Option<Page>,
}

/// Which rows are asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Page {
    /// Those that came meanwhile.
    Newer,
    /// The newest that fit a new filter.
    First,
    /// Those before the ones that are here.
    Older,
}

/// A request that is under way.
#[derive(Debug, Clone, Copy)]
struct Asked {
    page: Page,
    at: Timestamp,
}

impl ActivityScreen {
    /// The view was gone to: what came meanwhile is read.
    pub fn opened(&mut self, now: Timestamp) -> Vec<Effect> {
        self.ask(if self.read { Page::Newer } else { Page::First }, now)
    }

    /// Something may have been written while the view is shown.
    pub fn refresh(&mut self, now: Timestamp) -> Vec<Effect> {
        self.opened(now)
    }

    /// When an age that is shown is wrong although nothing happened; `None` when nothing is shown.
    pub fn next_change(&self, now: Timestamp) -> Option<Timestamp> {
        const MINUTE: i64 = 60_000;
        let youngest = now.since(self.rows.first()?.at);
        let step = if youngest < 60 * MINUTE { MINUTE } else { 60 * MINUTE };
        Some(now.plus_ms(step - now.0.rem_euclid(step)))
    }

    fn ask(&mut self, page: Page, now: Timestamp) -> Vec<Effect> {
        if self.asked.is_some_and(|asked| now.since(asked.at) < LOST) {
            if page != Page::Older {
                self.next = self.next.max(Some(page));
            }
            return vec![];
        }
        self.token += 1;
        self.asked = Some(Asked { page, at: now });
        let before = self.rows.last().map(|r| r.seq).filter(|_| page == Page::Older);
        vec![Effect::ListActivity { token: self.token, filter: self.query.filter(now), before }]
    }

    /// Takes what was asked for; a page of a filter that is none any more is left aside.
    fn answered(&mut self, rows: &[AuditRow], more: bool, now: Timestamp) -> Vec<Effect> {
        let Some(asked) = self.asked.take() else { return vec![] };
        if self.next != Some(Page::First) {
            match asked.page {
                Page::First => self.take_first(rows, more),
                Page::Newer => self.take_newer(rows, more),
                Page::Older => {
                    let last = self.rows.last().map_or(i64::MAX, |r| r.seq);
                    self.rows.extend(rows.iter().filter(|r| r.seq < last).cloned());
                    self.more = more;
                }
            }
        }
        match self.next.take() {
            Some(page) => self.ask(page, now),
            None => vec![],
        }
    }

    fn take_first(&mut self, rows: &[AuditRow], more: bool) {
        self.rows = rows.to_vec();
        (self.more, self.read) = (more, true);
        (self.at, self.top, self.below) = (0, 0, 0);
    }

    /// Puts new rows above the others, so that a person who reads further below is not moved.
    fn take_newer(&mut self, rows: &[AuditRow], more: bool) {
        let Some(newest) = self.rows.first().map(|r| r.seq) else { return self.take_first(rows, more) };
        let new = rows.iter().take_while(|r| r.seq > newest).count();
        if new == rows.len() && more {
            // There are others between them and those that are here.
            return self.take_first(rows, more);
        }
        self.rows.splice(0..0, rows[..new].iter().cloned());
        if self.at > 0 || self.top > 0 {
            self.at += new;
            self.top += new;
        }
    }

    fn focused(&self) -> Option<&AuditRow> {
        self.rows.get(self.at)
    }

    /// Goes to a row; near the end of those that are here the next page is asked for.
    fn go(&mut self, to: usize, ctx: &Ctx<'_>) -> Outcome {
        let at = to.min(self.rows.len().saturating_sub(1));
        if at != self.at {
            self.below = 0;
        }
        self.at = at;
        let height = usize::from(view::Places::of(ctx.area).list.height);
        self.top = window(self.top, at, height, self.rows.len());
        if self.more && at + AHEAD.max(height) >= self.rows.len() {
            return Outcome::Do(self.ask(Page::Older, ctx.now));
        }
        Outcome::Stay
    }

    fn walk(&mut self, by: isize, ctx: &Ctx<'_>) -> Outcome {
        self.go(self.at.saturating_add_signed(by), ctx)
    }

    fn scroll_detail(&mut self, by: isize, ctx: &Ctx<'_>) -> Outcome {
        let places = view::Places::of(ctx.area);
        let total = self.focused().map_or(0, |row| detail::lines(row, places.detail.width, ctx).len());
        let last = total.saturating_sub(usize::from(places.detail.height));
        self.below = self.below.min(last).saturating_add_signed(by).min(last);
        Outcome::Stay
    }

    fn set_filter(&mut self, text: String, ctx: &Ctx<'_>) -> Outcome {
        if text == self.text {
            return Outcome::Stay;
        }
        self.query = Query::parse(&text, ctx);
        self.text = text;
        Outcome::Do(self.ask(Page::First, ctx.now))
    }

    fn clear(&mut self, ctx: &Ctx<'_>) -> Outcome {
        self.typing = None;
        self.set_filter(String::new(), ctx)
    }

    fn open(&self) -> Outcome {
        match self.focused().map(|row| row.card) {
            Some(Some(card)) => Outcome::Open(Box::new(Modal::Card(CardScreen::new(card)))),
            Some(None) => Outcome::Say("this row is about no card".to_owned()),
            None => Outcome::Stay,
        }
    }

    fn copy(&self) -> Outcome {
        let Some(row) = self.focused() else { return Outcome::Stay };
        match serde_json::to_string(row) {
            Ok(json) => Outcome::Do(vec![Effect::Copy(json)]),
            Err(error) => Outcome::Say(format!("the row cannot be copied: {error}")),
        }
    }

    fn typed(&mut self, input: &Input, ctx: &Ctx<'_>) -> Outcome {
        let Some(field) = &mut self.typing else { return Outcome::Ignored };
        if let Input::Key(press, _) = input {
            match press.key {
                Key::Enter => {
                    self.typing = None;
                    return Outcome::Stay;
                }
                Key::Down => return self.walk(1, ctx),
                Key::Up => return self.walk(-1, ctx),
                Key::Backspace if self.text.is_empty() => return self.clear(ctx),
                _ => {}
            }
        }
        if !field.input(input) {
            return Outcome::Ignored;
        }
        let text = field.text();
        self.set_filter(text, ctx)
    }

    fn mouse(&mut self, mouse: MouseEvent, ctx: &Ctx<'_>) -> Outcome {
        let places = view::Places::of(ctx.area);
        let at = Position::new(mouse.column, mouse.row);
        let detail = places.detail.contains(at);
        match mouse.kind {
            MouseEventKind::ScrollDown if detail => self.scroll_detail(3, ctx),
            MouseEventKind::ScrollUp if detail => self.scroll_detail(-3, ctx),
            MouseEventKind::ScrollDown => self.walk(3, ctx),
            MouseEventKind::ScrollUp => self.walk(-3, ctx),
            MouseEventKind::Down(MouseButton::Left) if places.filter.contains(at) => self.type_filter(),
            MouseEventKind::Down(MouseButton::Left) if places.list.contains(at) => {
                let top = window(self.top, self.at, usize::from(places.list.height), self.rows.len());
                let row = top + usize::from(mouse.row - places.list.y);
                match row {
                    row if row >= self.rows.len() => Outcome::Stay,
                    // A second click on what has the focus opens it.
                    row if row == self.at => self.open(),
                    row => self.go(row, ctx),
                }
            }
            _ => Outcome::Ignored,
        }
    }

    fn type_filter(&mut self) -> Outcome {
        self.typing = Some(Field::new(&self.text, true));
        Outcome::Stay
    }
}

impl Screen for ActivityScreen {
    fn layer(&self) -> Layer {
        if self.typing.is_some() { Layer::Text } else { Layer::Activity }
    }

    fn title(&self, _ctx: &Ctx<'_>) -> String {
        "Activity".to_owned()
    }

    fn hints(&self) -> &'static [Action] {
        &[Action::Open, Action::Filter, Action::CopyRow, Action::DetailDown, Action::Help]
    }

    fn action(&mut self, action: Action, ctx: &Ctx<'_>) -> Outcome {
        let half = isize::try_from(view::Places::of(ctx.area).list.height / 2).unwrap_or(1).max(1);
        match action {
            Action::FocusDown => self.walk(1, ctx),
            Action::FocusUp => self.walk(-1, ctx),
            Action::FocusTop => self.go(0, ctx),
            Action::FocusBottom => self.go(usize::MAX, ctx),
            Action::HalfPageDown => self.walk(half, ctx),
            Action::HalfPageUp => self.walk(-half, ctx),
            Action::DetailDown => self.scroll_detail(1, ctx),
            Action::DetailUp => self.scroll_detail(-1, ctx),
            Action::Filter => self.type_filter(),
            Action::Open => self.open(),
            Action::CopyRow => self.copy(),
            Action::Back if self.typing.is_some() || !self.text.is_empty() => self.clear(ctx),
            Action::Back => Outcome::Close,
            _ => Outcome::Ignored,
        }
    }

    fn input(&mut self, input: &Input, ctx: &Ctx<'_>) -> Outcome {
        match input {
            Input::Mouse(mouse) => self.mouse(*mouse, ctx),
            input => self.typed(input, ctx),
        }
    }

    fn update(&mut self, update: &Update, ctx: &Ctx<'_>) -> Outcome {
        match update {
            Update::Activity { token, rows, more } if *token == self.token => {
                Outcome::Do(self.answered(rows, *more, ctx.now))
            }
            _ => Outcome::Ignored,
        }
    }

    fn render(&self, buf: &mut Buffer, ctx: &Ctx<'_>) {
        self.draw(buf, ctx);
    }

    fn cursor(&self, ctx: &Ctx<'_>) -> Option<Position> {
        self.typing.as_ref()?.cursor(view::Places::of(ctx.area).field())
    }
}

#[cfg(test)]
mod tests;
