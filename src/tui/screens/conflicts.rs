//! Fields that were changed on both sides: base, here and there side by side, and what becomes of them. One key takes
//! a side, for one or for all that are selected; a text can be put together from both in place.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use crossterm::event::{MouseButton, MouseEventKind};
use ratatui::buffer::Buffer;
use ratatui::layout::{Position, Rect};
use ratatui::text::Line;

use crate::config::keymap::{Action, Layer};
use crate::domain::card::CardId;
use crate::domain::conflict::{Choice, Conflict, Decision};
use crate::engine::Update;
use crate::tui::effect::Effect;
use crate::tui::paint;
use crate::tui::screen::{Ctx, Input, Outcome, Screen};
use crate::tui::screens::card::CardScreen;
use crate::tui::screens::question::{self, Answer, Question};
use crate::tui::screens::shape::{count, wrap_text};
use crate::tui::screens::{Modal, pen};

mod list;
mod merge;
mod panes;
mod said;

use merge::{Editor, Typed};
use panes::Panes;

/// The conflicts that wait for a person, and those decided last.
#[derive(Debug, Default)]
pub struct ConflictsScreen {
    /// As told: those that wait, oldest first, then those decided, newest first.
    conflicts: Vec<Conflict>,
    /// Whether they were read once.
    read: bool,
    with_decided: bool,
    /// The focused one among those shown.
    at: usize,
    /// The card whose conflict is wanted once they are read.
    wanted: Option<CardId>,
    selected: BTreeSet<i64>,
    /// What was decided and is on its way.
    asked: BTreeMap<i64, Choice>,
    /// First row shown of the panes.
    top: usize,
    editor: Option<Editor>,
    /// The panes of the last conflict and width. Drawing the same again gives the same, only sooner.
    memo: RefCell<Option<(Conflict, u16, Arc<Panes>)>>,
}

impl ConflictsScreen {
    /// The view was gone to: the conflicts are read anew, and the first of `card`, if any, gets the focus.
    pub fn opened(&mut self, card: Option<CardId>) -> Vec<Effect> {
        self.wanted = card;
        vec![Effect::ListConflicts]
    }

    /// Whether one of these cards has a conflict that waits, as far as is known.
    pub fn is_about(&self, cards: impl IntoIterator<Item = CardId>) -> bool {
        let waiting: BTreeSet<CardId> = self.waiting().map(|c| c.card).collect();
        !waiting.is_empty() && cards.into_iter().any(|id| waiting.contains(&id))
    }

    /// Decisions went out: when they are carried out, that is told.
    pub fn deciding(&mut self, decisions: &[Decision]) {
        self.asked.extend(decisions.iter().map(|d| (d.conflict, d.choice.clone())));
        self.selected.clear();
    }

    fn waiting(&self) -> impl Iterator<Item = &Conflict> {
        self.conflicts.iter().filter(|c| c.decided.is_none())
    }

    fn shown(&self) -> Vec<&Conflict> {
        self.conflicts.iter().filter(|c| self.with_decided || c.decided.is_none()).collect()
    }

    fn focused(&self) -> Option<&Conflict> {
        self.shown().get(self.at).copied()
    }

    fn parts(&self, area: Rect) -> list::Parts {
        let rows = if self.editor.is_some() { 0 } else { self.shown().len() };
        let stacked = self.editor.is_some() || panes::is_stacked(list::inner(area).width);
        list::parts(area, rows, stacked)
    }

    fn panes(&self, conflict: &Conflict, width: u16, ctx: &Ctx<'_>) -> Arc<Panes> {
        let mut memo = self.memo.borrow_mut();
        match &*memo {
            Some((of, at, panes)) if of == conflict && *at == width => panes.clone(),
            _ => {
                let panes = Arc::new(panes::panes(conflict, width, ctx));
                *memo = Some((conflict.clone(), width, panes.clone()));
                panes
            }
        }
    }

    fn go(&mut self, to: usize) -> Outcome {
        let last = self.shown().len().saturating_sub(1);
        let to = to.min(last);
        if to != self.at {
            self.top = 0;
        }
        self.at = to;
        Outcome::Stay
    }

    fn scroll(&mut self, by: isize, ctx: &Ctx<'_>) -> Outcome {
        let parts = self.parts(ctx.area);
        let Some(conflict) = self.focused().cloned() else { return Outcome::Stay };
        let rows = self.panes(&conflict, parts.panes.width, ctx).rows.len();
        let last = rows.saturating_sub(usize::from(parts.panes.height));
        self.top = self.top.min(last).saturating_add_signed(by).min(last);
        Outcome::Stay
    }

    /// Takes the conflicts as they are now; the focus stays on its conflict, or on what stands in its place.
    fn take(&mut self, conflicts: &[Conflict]) {
        let focused = self.focused().map(|c| c.id);
        self.conflicts = conflicts.to_vec();
        self.read = true;
        let open: BTreeSet<i64> = self.waiting().map(|c| c.id).collect();
        self.selected.retain(|id| open.contains(id));
        let wanted = self.wanted.take();
        let shown = self.shown();
        let of_card = shown.iter().position(|c| Some(c.card) == wanted && c.decided.is_none());
        let same = shown.iter().position(|c| Some(c.id) == focused);
        let to = of_card.or(same).unwrap_or_else(|| self.at.min(shown.len().saturating_sub(1)));
        if shown.get(to).map(|c| c.id) != focused {
            self.top = 0;
        }
        self.at = to;
        if let Some(editor) = &mut self.editor {
            let now = self.conflicts.iter().find(|c| c.id == editor.conflict.id && c.decided.is_none());
            editor.told(now);
        }
    }

    /// What a choice of side is about: all selected, or the focused one.
    fn subjects(&self) -> Vec<i64> {
        if self.selected.is_empty() {
            self.focused().filter(|c| c.decided.is_none()).map(|c| c.id).into_iter().collect()
        } else {
            self.selected.iter().copied().collect()
        }
    }

    /// Takes a side: at once for the focused one, after a question for all that are selected.
    fn choose(&self, choice: &Choice) -> Outcome {
        let subjects = self.subjects();
        let decision = |id: &i64| Decision { conflict: *id, choice: choice.clone() };
        let effect = Effect::Resolve(subjects.iter().map(decision).collect());
        if self.selected.is_empty() {
            return match (subjects.is_empty(), self.focused()) {
                (false, _) => Outcome::Do(vec![effect]),
                (true, Some(_)) => {
                    Outcome::Say("this one is decided: its card's history has the loser".into())
                }
                (true, None) => Outcome::Say("no conflict waits for you".into()),
            };
        }
        let (title, text) = match choice {
            Choice::Remote => ("Take the values there", "take the ones there"),
            _ => ("Keep the values here", "keep the ones here"),
        };
        let title = format!("{title} in {}?", count(subjects.len(), "conflict", "conflicts"));
        let lines = vec!["What loses is kept in the cards' histories.".to_owned()];
        let choice =
            |key, text: &str, answer| question::Choice { key, text: text.into(), note: None, answer };
        let choices = vec![
            choice('y', text, Answer::Effects(vec![effect])),
            choice('n', "leave them", Answer::Nothing),
        ];
        Outcome::Open(Box::new(Modal::Question(Question::new(title, lines, choices, 1))))
    }

    fn merge(&mut self) -> Outcome {
        let Some(conflict) = self.focused().filter(|c| c.decided.is_none()) else {
            return Outcome::Say("no conflict is chosen".to_owned());
        };
        match Editor::new(conflict) {
            Ok(editor) => {
                self.editor = Some(editor);
                Outcome::Stay
            }
            Err(why) => Outcome::Say(why),
        }
    }

    fn typed(&mut self, typed: Typed) -> Outcome {
        match typed {
            Typed::On => Outcome::Stay,
            Typed::GivenUp => {
                self.editor = None;
                Outcome::Stay
            }
            Typed::Saved(choice) => match self.editor.take() {
                Some(editor) => Outcome::Do(vec![Effect::Resolve(vec![Decision {
                    conflict: editor.conflict.id,
                    choice,
                }])]),
                None => Outcome::Stay,
            },
        }
    }

    fn select(&mut self) -> Outcome {
        let Some(id) = self.focused().filter(|c| c.decided.is_none()).map(|c| c.id) else {
            return Outcome::Ignored;
        };
        if !self.selected.remove(&id) {
            self.selected.insert(id);
        }
        self.go(self.at + 1)
    }

    fn select_all(&mut self) -> Outcome {
        let all: BTreeSet<i64> = self.waiting().map(|c| c.id).collect();
        self.selected = if self.selected == all { BTreeSet::new() } else { all };
        Outcome::Stay
    }

    fn show_decided(&mut self) -> Outcome {
        let focused = self.focused().map(|c| c.id);
        self.with_decided = !self.with_decided;
        let at = self.shown().iter().position(|c| Some(c.id) == focused);
        self.go(at.unwrap_or(self.at))
    }

    /// Opens the card of the focused one; of a decided one its history, where the loser is.
    fn open(&self) -> Outcome {
        let Some(conflict) = self.focused() else { return Outcome::Ignored };
        let card = match conflict.decided {
            None => CardScreen::new(conflict.card),
            Some(_) => CardScreen::on_history(conflict.card),
        };
        Outcome::Open(Box::new(Modal::Card(card)))
    }

    fn click(&mut self, at: Position, ctx: &Ctx<'_>) -> Outcome {
        let parts = self.parts(ctx.area);
        if self.editor.is_some() || !parts.list.contains(at) {
            return Outcome::Ignored;
        }
        let first = list::top(self.at, parts.list.height, self.shown().len());
        self.go(first + usize::from(at.y - parts.list.y))
    }

    fn wheel(&mut self, at: Position, down: bool, ctx: &Ctx<'_>) -> Outcome {
        if self.editor.is_some() {
            return Outcome::Ignored;
        }
        if self.parts(ctx.area).list.contains(at) {
            return self.go(if down { self.at + 1 } else { self.at.saturating_sub(1) });
        }
        self.scroll(if down { 3 } else { -3 }, ctx)
    }

    fn draw_panes(&self, conflict: &Conflict, parts: &list::Parts, buf: &mut Buffer, ctx: &Ctx<'_>) {
        let panes = self.panes(conflict, parts.panes.width, ctx);
        let top = self.top.min(panes.rows.len().saturating_sub(usize::from(parts.panes.height)));
        for (n, head) in panes.heads.iter().enumerate() {
            let x = parts.heads.x + n as u16 * (panes.width + panes::GAP);
            if parts.heads.height > 0 {
                paint::text(buf, x, parts.heads.y, panes.width, head, ctx.theme.column, ctx.glyphs);
            }
        }
        for (row, y) in panes.rows.iter().skip(top).zip(parts.panes.y..parts.panes.bottom()) {
            for (n, cell) in row.cells.iter().enumerate() {
                let x = parts.panes.x + n as u16 * (panes.width + panes::GAP);
                let area = Rect { x, y, width: panes.width, height: 1 }.intersection(buf.area);
                pen::lines(buf, area, std::slice::from_ref(cell), 0);
            }
            // Where both sides changed the same place a mark stands at the edge.
            if row.clash && parts.panes.x > ctx.area.x {
                let x = parts.panes.x - 1;
                paint::text(buf, x, y, 1, ctx.glyphs.bar, ctx.theme.warn, ctx.glyphs);
            }
        }
        for y in parts.heads.y..parts.panes.bottom() {
            for n in 1..panes.heads.len() as u16 {
                let x = parts.panes.x + n * (panes.width + panes::GAP) - panes::GAP / 2 - 1;
                paint::text(buf, x, y, 1, ctx.glyphs.bar, ctx.theme.border, ctx.glyphs);
            }
        }
        let marks = Rect { width: parts.panes.width + 1, ..parts.panes }.intersection(ctx.area);
        pen::more(buf, marks, ctx, top, panes.rows.len());
    }

    /// What is told when no conflict is shown.
    fn draw_empty(&self, buf: &mut Buffer, ctx: &Ctx<'_>) {
        let area = list::inner(ctx.area);
        if !self.read {
            let reading =
                Line::styled(format!("reading the conflicts{}", ctx.glyphs.ellipsis), ctx.theme.dim);
            return pen::lines(buf, area, &[reading], 0);
        }
        let mut lines = vec![Line::styled("No conflict waits for you.", ctx.theme.heading)];
        lines.extend(wrap_text(ALL_WELL, usize::from(area.width), ctx.theme.text));
        pen::lines(buf, area, &lines, 0);
        if !self.conflicts.is_empty() {
            let row = (lines.len() as u16 + 1).min(area.height);
            let rest = Rect { y: area.y + row, height: area.height - row, ..area };
            let key = pen::key(ctx, Action::ShowDecided);
            let told = count(self.conflicts.len(), "conflict", "conflicts");
            pen::Pen::new(buf, ctx, rest, 0).hints(&[(&key, &format!("shows {told} decided last"))]);
        }
    }
}

impl Screen for ConflictsScreen {
    fn layer(&self) -> Layer {
        if self.editor.is_some() { Layer::Text } else { Layer::Conflicts }
    }

    fn title(&self, _ctx: &Ctx<'_>) -> String {
        "Conflicts".to_owned()
    }

    fn hints(&self) -> &'static [Action] {
        if self.editor.is_some() {
            return &[Action::Save, Action::Back];
        }
        &[Action::Help, Action::KeepLocal, Action::TakeRemote, Action::Merge, Action::SelectAll]
    }

    fn action(&mut self, action: Action, ctx: &Ctx<'_>) -> Outcome {
        if let Some(editor) = &mut self.editor {
            let now = self.conflicts.iter().find(|c| c.id == editor.conflict.id && c.decided.is_none());
            let typed = match action {
                Action::Save => editor.save(now, ctx),
                Action::Back => editor.back(),
                _ => return Outcome::Ignored,
            };
            return self.typed(typed);
        }
        let half = isize::try_from(self.parts(ctx.area).panes.height / 2).unwrap_or(1).max(1);
        match action {
            Action::FocusDown => self.go(self.at + 1),
            Action::FocusUp => self.go(self.at.saturating_sub(1)),
            Action::FocusTop => self.go(0),
            Action::FocusBottom => self.go(usize::MAX),
            Action::HalfPageDown => self.scroll(half, ctx),
            Action::HalfPageUp => self.scroll(-half, ctx),
            Action::KeepLocal => self.choose(&Choice::Local),
            Action::TakeRemote => self.choose(&Choice::Remote),
            Action::Merge => self.merge(),
            Action::Select => self.select(),
            Action::SelectAll => self.select_all(),
            Action::ShowDecided => self.show_decided(),
            Action::Open => self.open(),
            Action::Back if !self.selected.is_empty() => {
                self.selected.clear();
                Outcome::Stay
            }
            Action::Back => Outcome::Close,
            _ => Outcome::Ignored,
        }
    }

    fn input(&mut self, input: &Input, ctx: &Ctx<'_>) -> Outcome {
        if let Input::Mouse(mouse) = input {
            let at = Position::new(mouse.column, mouse.row);
            return match mouse.kind {
                MouseEventKind::Down(MouseButton::Left) => self.click(at, ctx),
                MouseEventKind::ScrollDown => self.wheel(at, true, ctx),
                MouseEventKind::ScrollUp => self.wheel(at, false, ctx),
                _ => Outcome::Ignored,
            };
        }
        let Some(editor) = &mut self.editor else { return Outcome::Ignored };
        let (typed, outcome) = editor.input(input);
        if typed == Typed::On { outcome } else { self.typed(typed) }
    }

    fn update(&mut self, update: &Update, _ctx: &Ctx<'_>) -> Outcome {
        if matches!(update, Update::Settings(_)) {
            *self.memo.borrow_mut() = None;
        }
        let Update::Conflicts(conflicts) = update else { return Outcome::Ignored };
        self.take(conflicts);
        match said::came_of(&mut self.asked, conflicts) {
            Some(said) => Outcome::Say(said),
            None => Outcome::Stay,
        }
    }

    fn unsaved(&self) -> bool {
        self.editor.as_ref().is_some_and(Editor::is_changed)
    }

    fn render(&self, buf: &mut Buffer, ctx: &Ctx<'_>) {
        let parts = self.parts(ctx.area);
        if let Some(editor) = &self.editor {
            return editor.render(buf, list::inner(ctx.area), ctx);
        }
        let Some(conflict) = self.focused() else { return self.draw_empty(buf, ctx) };
        self.draw_head(buf, parts.head, ctx);
        self.draw_list(buf, parts.list, ctx);
        Self::draw_about(conflict, buf, parts.about, ctx);
        self.draw_panes(conflict, &parts, buf, ctx);
        self.draw_foot(buf, parts.foot, ctx);
    }

    fn cursor(&self, ctx: &Ctx<'_>) -> Option<Position> {
        self.editor.as_ref()?.cursor(list::inner(ctx.area))
    }
}

/// What is said when nothing waits.
const ALL_WELL: &str = "When the same field is changed here and on a platform, and the connection's policy leaves it \
                        to a person, it is shown here with both values.";

#[cfg(test)]
mod tests;
