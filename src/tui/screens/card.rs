//! An open card: its fields, its Markdown body, its comments, what is unsent and what was in conflict.

use std::cell::RefCell;

use crossterm::event::MouseEventKind;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use crate::config::keymap::{Action, Layer};
use crate::domain::card::{Card, CardId};
use crate::domain::{self, Decision};
use crate::engine::{CardDetail, Comments, Update};
use crate::tui::effect::{Effect, Purpose};
use crate::tui::screen::{Ctx, Input, Outcome, Screen};
use crate::tui::screens::editor::EditorScreen;
use crate::tui::screens::picker::{PickerKind, PickerScreen};
use crate::tui::screens::question::{Answer, Choice, Question};
use crate::tui::screens::shape::clip;
use crate::tui::screens::{Modal, pen};

mod facts;
mod page;

use page::{Page, Prose};

/// An open card.
#[derive(Debug)]
pub struct CardScreen {
    card: CardId,
    detail: Option<Box<CardDetail>>,
    /// First line shown.
    top: usize,
    /// Something was edited from here, so the detail is read again once that is stored.
    stale: bool,
    /// The Markdown as lines of the last width. Drawing the same again gives the same, only sooner.
    prose: RefCell<Option<Prose>>,
}

impl CardScreen {
    /// Opens it. What the board knows is shown at once, the rest when [`Update::Opened`] brings it.
    pub fn new(card: CardId) -> Self {
        Self { card, detail: None, top: 0, stale: false, prose: RefCell::new(None) }
    }

    /// Which card it shows.
    pub fn card(&self) -> CardId {
        self.card
    }

    /// The card as the board shows it now, else as it was read.
    fn shown<'a>(&'a self, ctx: &'a Ctx<'_>) -> Option<&'a Card> {
        ctx.board.card(self.card).or(self.detail.as_ref().map(|d| &d.card))
    }

    fn page(&self, ctx: &Ctx<'_>) -> Page {
        let mut memo = self.prose.borrow_mut();
        page::page(self.shown(ctx), self.detail.as_deref(), &mut memo, ctx)
    }

    fn scroll(&mut self, by: isize, ctx: &Ctx<'_>) -> Outcome {
        let page = self.page(ctx);
        let last = page.lines.len().saturating_sub(usize::from(page.area.height));
        self.top = self.top.min(last).saturating_add_signed(by).min(last);
        Outcome::Stay
    }

    fn edit(&mut self, purpose: Purpose, text: String) -> Outcome {
        self.stale = true;
        Outcome::Open(Box::new(Modal::Editor(EditorScreen::new(purpose, text))))
    }

    fn pick(&self, kind: PickerKind, ctx: &Ctx<'_>) -> Outcome {
        Outcome::Open(Box::new(Modal::Picker(PickerScreen::new(kind, vec![self.card], ctx))))
    }

    /// Reads the card again and lets its connections sync.
    fn refresh(&self, ctx: &Ctx<'_>) -> Outcome {
        let mut effects = vec![Effect::OpenCard(self.card)];
        let links = self.shown(ctx).map(|c| c.links.as_slice()).unwrap_or_default();
        effects.extend(links.iter().map(|l| Effect::SyncNow(Some(l.connection.clone()))));
        Outcome::Do(effects)
    }

    /// Asks who shall win the first conflict that waits for a person.
    fn decide(&self, ctx: &Ctx<'_>) -> Outcome {
        let open = self.detail.iter().flat_map(|d| &d.conflicts).find(|c| c.decided.is_none());
        let Some(conflict) = open else { return Outcome::Ignored };
        let answer = |choice| {
            let decision = Decision { conflict: conflict.id, choice };
            Answer::Effects(vec![Effect::Resolve(vec![decision]), Effect::OpenCard(self.card)])
        };
        let short = |v: &crate::domain::fields::Value| clip(&v.to_string(), 40, ctx.glyphs.ellipsis);
        let choice =
            |key, text: String, note, side| Choice { key, text, note: Some(note), answer: answer(side) };
        let choices = vec![
            choice('h', "keep the one here".into(), short(&conflict.local), domain::Choice::Local),
            choice(
                't',
                format!("take {}'s", conflict.connection),
                short(&conflict.remote),
                domain::Choice::Remote,
            ),
            Choice { key: 'l', text: "later".into(), note: None, answer: Answer::Nothing },
        ];
        let title = format!("Which {} shall it be?", conflict.field);
        Outcome::Open(Box::new(Modal::Question(Question::new(title, Vec::new(), choices, 2))))
    }

    fn write(&mut self, action: Action, ctx: &Ctx<'_>) -> Outcome {
        let Some(card) = self.shown(ctx) else { return Outcome::Ignored };
        let (id, title) = (card.id, card.title.clone());
        let body = self.detail.as_ref().map(|d| d.body.clone());
        match (action, body) {
            (Action::EditTitle, _) => self.edit(Purpose::Title(id), title),
            (Action::Comment, _) => self.edit(Purpose::Comment(id), String::new()),
            (Action::EditBody, Some(body)) => {
                self.edit(Purpose::Body { card: id, before: body.clone() }, body)
            }
            (Action::EditInEditor, Some(body)) => {
                self.stale = true;
                let purpose = Purpose::Body { card: id, before: body.clone() };
                Outcome::Do(vec![Effect::Edit { text: body, purpose }])
            }
            _ => Outcome::Say("the body is still being read".to_owned()),
        }
    }
}

impl Screen for CardScreen {
    fn layer(&self) -> Layer {
        Layer::Card
    }

    fn title(&self, ctx: &Ctx<'_>) -> String {
        self.shown(ctx).map_or_else(|| self.card.short(), Card::key)
    }

    fn hints(&self) -> &'static [Action] {
        &[
            Action::EditBody,
            Action::EditTitle,
            Action::Comment,
            Action::Labels,
            Action::Assignees,
            Action::MoveTo,
            Action::OpenInBrowser,
            Action::Back,
        ]
    }

    fn action(&mut self, action: Action, ctx: &Ctx<'_>) -> Outcome {
        let half = isize::try_from(self.page(ctx).area.height / 2).unwrap_or(1).max(1);
        match action {
            Action::FocusDown => self.scroll(1, ctx),
            Action::FocusUp => self.scroll(-1, ctx),
            Action::HalfPageDown => self.scroll(half, ctx),
            Action::HalfPageUp => self.scroll(-half, ctx),
            Action::FocusTop => self.scroll(isize::MIN, ctx),
            Action::FocusBottom => self.scroll(isize::MAX, ctx),
            Action::Open => self.decide(ctx),
            Action::EditTitle | Action::EditBody | Action::EditInEditor | Action::Comment => {
                self.write(action, ctx)
            }
            Action::Labels => self.pick(PickerKind::Labels, ctx),
            Action::Assignees => self.pick(PickerKind::Assignees, ctx),
            Action::Milestone => self.pick(PickerKind::Milestone, ctx),
            Action::SyncNow => self.refresh(ctx),
            Action::MoveLeft
            | Action::MoveRight
            | Action::MoveTo
            | Action::CloseOrReopen
            | Action::Archive
            | Action::OpenInBrowser
            | Action::CopyUrl
            | Action::CopyKey => Outcome::Run(action),
            Action::Back => Outcome::Close,
            _ => Outcome::Ignored,
        }
    }

    fn input(&mut self, input: &Input, ctx: &Ctx<'_>) -> Outcome {
        match input {
            Input::Mouse(m) if m.kind == MouseEventKind::ScrollDown => self.scroll(3, ctx),
            Input::Mouse(m) if m.kind == MouseEventKind::ScrollUp => self.scroll(-3, ctx),
            _ => Outcome::Ignored,
        }
    }

    fn update(&mut self, update: &Update, _ctx: &Ctx<'_>) -> Outcome {
        match update {
            Update::Opened(detail) if detail.card.id == self.card => {
                let mut detail = detail.clone();
                // Comments that are being fetched again do not push away those that are here.
                if let (Comments::Loading, Some(old)) = (&detail.comments, self.detail.take())
                    && matches!(old.comments, Comments::Ready(_))
                {
                    detail.comments = old.comments;
                }
                self.detail = Some(detail);
                *self.prose.borrow_mut() = None;
                Outcome::Stay
            }
            Update::Comments { card, comments } if *card == self.card => {
                if let Some(detail) = &mut self.detail {
                    detail.comments = comments.clone();
                    *self.prose.borrow_mut() = None;
                }
                Outcome::Stay
            }
            Update::Cards(cards) => {
                let read = self.detail.as_ref().map(|d| (d.card.revision, d.card.updated_at));
                let newer =
                    |c: &&Card| c.id == self.card && read.is_some_and(|r| r != (c.revision, c.updated_at));
                match cards.iter().find(newer) {
                    Some(_) => Outcome::Do(vec![Effect::OpenCard(self.card)]),
                    None => Outcome::Ignored,
                }
            }
            Update::Committed { .. } if self.stale => {
                self.stale = false;
                Outcome::Do(vec![Effect::OpenCard(self.card)])
            }
            _ => Outcome::Ignored,
        }
    }

    fn render(&self, buf: &mut Buffer, ctx: &Ctx<'_>) {
        let page = self.page(ctx);
        let top = self.top.min(page.lines.len().saturating_sub(usize::from(page.area.height)));
        pen::lines(buf, page.area, &page.lines, top);
        let marks = Rect { width: page.area.width + 1, ..page.area }.intersection(ctx.area);
        pen::more(buf, marks, ctx, top, page.lines.len());
        if let Some((area, lines)) = &page.side {
            for y in ctx.area.top()..ctx.area.bottom() {
                let x = area.x.saturating_sub(2);
                crate::tui::paint::text(buf, x, y, 1, ctx.glyphs.bar, ctx.theme.border, ctx.glyphs);
            }
            pen::lines(buf, *area, lines, 0);
        }
    }
}

#[cfg(test)]
mod tests;
