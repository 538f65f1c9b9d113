//! An open card: its fields, its Markdown body, its comments, what is unsent and what was in conflict.

use std::cell::RefCell;

use crossterm::event::{MouseButton, MouseEvent, MouseEventKind};
use ratatui::buffer::Buffer;
use ratatui::layout::{Position, Rect};

use crate::config::keymap::{Action, Layer};
use crate::domain::card::{Card, CardId};
use crate::domain::history::Version;
use crate::domain::twins::Twin;
use crate::engine::{CardDetail, Comments, LinkTold, Update};
use crate::tui::effect::{Effect, Purpose};
use crate::tui::screen::{Ctx, Input, Outcome, Screen};
use crate::tui::screens::editor::{EditorScreen, losses};
use crate::tui::screens::picker::{PickerKind, PickerScreen};
use crate::tui::screens::question::{Answer, Choice, Question};
use crate::tui::screens::{Modal, pen};

mod facts;
mod history;
mod page;
mod restore;

use page::{Page, Prose};

/// What of a card is shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Tab {
    Card,
    History,
}

/// An open card.
#[derive(Debug)]
pub struct CardScreen {
    card: CardId,
    tab: Tab,
    /// The focused version, and the first line shown of what it changed.
    version: usize,
    below: usize,
    detail: Option<Box<CardDetail>>,
    /// Cards that may be the same work.
    twins: Vec<Twin>,
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
        let prose = RefCell::new(None);
        Self {
            card,
            tab: Tab::Card,
            version: 0,
            below: 0,
            detail: None,
            twins: Vec::new(),
            top: 0,
            stale: false,
            prose,
        }
    }

    /// Opens it on its history.
    pub fn on_history(card: CardId) -> Self {
        Self { tab: Tab::History, ..Self::new(card) }
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
        page::page(self.shown(ctx), self.detail.as_deref(), &self.twins, &mut memo, ctx)
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

    /// Goes to the conflict that waits for a person, where both values are.
    fn decide(&self) -> Outcome {
        let open = self.detail.iter().flat_map(|d| &d.conflicts).any(|c| c.decided.is_none());
        if open { Outcome::Run(Action::ViewConflicts) } else { Outcome::Ignored }
    }

    fn next_tab(&mut self) -> Outcome {
        self.tab = if self.tab == Tab::Card { Tab::History } else { Tab::Card };
        Outcome::Stay
    }

    fn versions(&self) -> &[Version] {
        self.detail.as_ref().map_or(&[], |d| &d.history)
    }

    fn go(&mut self, to: usize) -> Outcome {
        let to = to.min(self.versions().len().saturating_sub(1));
        if to != self.version {
            self.below = 0;
        }
        self.version = to;
        Outcome::Stay
    }

    /// Scrolls what the focused version changed.
    fn scroll_below(&mut self, by: isize, ctx: &Ctx<'_>) -> Outcome {
        let last = history::overflow(self.versions(), self.version, ctx);
        self.below = self.below.min(last).saturating_add_signed(by).min(last);
        Outcome::Stay
    }

    /// Keeps the focus on its version when newer ones have come above it.
    fn keep_version(&mut self, fresh: &[Version]) {
        let focused = self.versions().get(self.version).map(|v| v.seq);
        let at = fresh.iter().position(|v| Some(v.seq) == focused);
        // Who stands on the newest wants to see the newest.
        self.version = if self.version == 0 { 0 } else { at.unwrap_or(0) };
    }

    /// Brings the focused version back; asks which of its two values where both make sense.
    fn restore(&mut self, ctx: &Ctx<'_>) -> Outcome {
        if self.tab == Tab::Card {
            self.tab = Tab::History;
            return Outcome::Stay;
        }
        let Some(detail) = &self.detail else { return Outcome::Ignored };
        let Some(version) = detail.history.get(self.version) else { return Outcome::Ignored };
        let card = self.shown(ctx).unwrap_or(&detail.card);
        let offers = match restore::offers(version, card, &detail.body) {
            Ok(offers) => offers,
            Err(why) => return Outcome::Say(why),
        };
        let command = |value| restore::command(version, value, card, &detail.body);
        if let [(_, value)] = offers[..] {
            let commands = command(value).into_iter().collect();
            self.stale = true;
            return Outcome::Restore(commands);
        }
        let mut choices: Vec<Choice> = offers
            .iter()
            .filter_map(|(side, value)| {
                let note = Some(history::short(version, value, 40, ctx));
                let answer = Answer::Restore(vec![command(value)?]);
                Some(Choice { key: side.key(), text: side.text().to_owned(), note, answer })
            })
            .collect();
        choices.push(Choice { key: 'n', text: "leave it".into(), note: None, answer: Answer::Nothing });
        let title = format!("Which {} shall it be?", version.what.as_str());
        self.stale = true;
        Outcome::Open(Box::new(Modal::Question(Question::new(title, Vec::new(), choices, 0))))
    }

    /// What the keys that walk do in the history; `None` for other keys.
    fn in_history(&mut self, action: Action, ctx: &Ctx<'_>) -> Option<Outcome> {
        let half = isize::try_from(ctx.area.height / 4).unwrap_or(1).max(1);
        Some(match action {
            Action::FocusDown => self.go(self.version + 1),
            Action::FocusUp => self.go(self.version.saturating_sub(1)),
            Action::FocusTop => self.go(0),
            Action::FocusBottom => self.go(usize::MAX),
            Action::HalfPageDown => self.scroll_below(half, ctx),
            Action::HalfPageUp => self.scroll_below(-half, ctx),
            Action::Open => self.restore(ctx),
            _ => return None,
        })
    }

    fn mouse(&mut self, mouse: MouseEvent, ctx: &Ctx<'_>) -> Outcome {
        let at = Position::new(mouse.column, mouse.row);
        let by = match mouse.kind {
            MouseEventKind::ScrollDown => 3,
            MouseEventKind::ScrollUp => -3,
            MouseEventKind::Down(MouseButton::Left) => {
                if history::strip_hit(ctx, self.versions().len(), at) {
                    return self.next_tab();
                }
                return match history::row_at(ctx, self.versions().len(), self.version, at) {
                    Some(row) if self.tab == Tab::History => self.go(row),
                    _ => Outcome::Ignored,
                };
            }
            _ => return Outcome::Ignored,
        };
        match self.tab {
            Tab::Card => self.scroll(by, ctx),
            Tab::History if history::row_at(ctx, self.versions().len(), self.version, at).is_some() => {
                self.go(self.version.saturating_add_signed(by.signum()))
            }
            Tab::History => self.scroll_below(by, ctx),
        }
    }

    fn write(&mut self, action: Action, ctx: &Ctx<'_>) -> Outcome {
        let Some(card) = self.shown(ctx) else { return Outcome::Ignored };
        let (id, title) = (card.id, card.title.clone());
        let body = self.detail.as_ref().map(|d| (d.body.clone(), d.beyond.clone()));
        match (action, body) {
            (Action::EditTitle, _) => self.edit(Purpose::Title(id), title),
            (Action::Comment, _) => self.edit(Purpose::Comment(id), String::new()),
            (Action::EditBody, Some((body, beyond))) => {
                self.edit(Purpose::Body { card: id, before: body.clone(), beyond }, body)
            }
            (Action::EditInEditor, Some((body, beyond))) => {
                self.stale = true;
                let purpose = Purpose::Body { card: id, before: body.clone(), beyond: beyond.clone() };
                if beyond.is_empty() {
                    return Outcome::Do(vec![Effect::Edit { text: body, purpose }]);
                }
                Outcome::Open(Box::new(Modal::Question(losses::before_outside(purpose, body, &beyond))))
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
        if self.tab == Tab::History {
            return &[Action::Restore, Action::NextTab, Action::Undo, Action::Back];
        }
        &[
            Action::EditBody,
            Action::EditTitle,
            Action::Comment,
            Action::Labels,
            Action::Assignees,
            Action::MoveTo,
            Action::NextTab,
            Action::OpenInBrowser,
            Action::Back,
        ]
    }

    fn action(&mut self, action: Action, ctx: &Ctx<'_>) -> Outcome {
        if self.tab == Tab::History
            && let Some(outcome) = self.in_history(action, ctx)
        {
            return outcome;
        }
        let half = isize::try_from(self.page(ctx).area.height / 2).unwrap_or(1).max(1);
        match action {
            Action::FocusDown => self.scroll(1, ctx),
            Action::FocusUp => self.scroll(-1, ctx),
            Action::HalfPageDown => self.scroll(half, ctx),
            Action::HalfPageUp => self.scroll(-half, ctx),
            Action::FocusTop => self.scroll(isize::MIN, ctx),
            Action::FocusBottom => self.scroll(isize::MAX, ctx),
            Action::Open => self.decide(),
            Action::NextTab => self.next_tab(),
            Action::Restore => self.restore(ctx),
            Action::EditTitle | Action::EditBody | Action::EditInEditor | Action::Comment => {
                self.write(action, ctx)
            }
            Action::Labels => self.pick(PickerKind::Labels, ctx),
            Action::Assignees => self.pick(PickerKind::Assignees, ctx),
            Action::Milestone => self.pick(PickerKind::Milestone, ctx),
            Action::Priority => self.pick(PickerKind::Priority, ctx),
            Action::SyncNow => self.refresh(ctx),
            Action::MoveLeft
            | Action::MoveRight
            | Action::MoveTo
            | Action::CloseOrReopen
            | Action::Archive
            | Action::Link
            | Action::OpenInBrowser
            | Action::CopyUrl
            | Action::CopyKey => Outcome::Run(action),
            Action::Back => Outcome::Close,
            _ => Outcome::Ignored,
        }
    }

    fn input(&mut self, input: &Input, ctx: &Ctx<'_>) -> Outcome {
        match input {
            Input::Mouse(mouse) => self.mouse(*mouse, ctx),
            _ => Outcome::Ignored,
        }
    }

    fn update(&mut self, update: &Update, _ctx: &Ctx<'_>) -> Outcome {
        match update {
            Update::Opened(detail) if detail.card.id == self.card => {
                let mut detail = detail.clone();
                self.keep_version(&detail.history);
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
            Update::Links(told) => match &**told {
                LinkTold::Twins { card, twins } if *card == self.card => {
                    self.twins.clone_from(twins);
                    Outcome::Stay
                }
                _ => Outcome::Ignored,
            },
            Update::Cards(cards) => {
                // A conflict that is found or decided changes nothing else of the card.
                let of = |c: &Card| (c.revision, c.updated_at, c.links.iter().filter(|l| l.conflict).count());
                let read = self.detail.as_ref().map(|d| of(&d.card));
                let newer = |c: &&Card| c.id == self.card && read.is_some_and(|r| r != of(c));
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
        let versions = self.detail.is_some().then(|| self.versions().len());
        history::draw_strip(buf, ctx, self.shown(ctx), versions, self.tab);
        if self.tab == Tab::History {
            let versions = self.detail.is_some().then(|| self.versions());
            return history::draw(buf, ctx, versions, self.version, self.below);
        }
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
