//! An open card: its fields, its Markdown body, its comments, what is unsent and what was in conflict.

use crossterm::event::{MouseButton, MouseEvent, MouseEventKind};
use ratatui::buffer::Buffer;
use ratatui::layout::Position;

use crate::config::keymap::{Action, Layer};
use crate::domain::card::{Card, CardId};
use crate::domain::history::Version;
use crate::domain::link::SyncStatus;
use crate::engine::Update;
use crate::tui::effect::{Effect, Purpose};
use crate::tui::ink::Inks;
use crate::tui::screen::{Ctx, Input, Outcome, Screen};
use crate::tui::screens::addresses::AddressesScreen;
use crate::tui::screens::editor::{EditorScreen, losses};
use crate::tui::screens::picker::{PickerKind, PickerScreen};
use crate::tui::screens::question::{Answer, Choice, Question};
use crate::tui::screens::{Modal, pen};

mod facts;
mod family;
mod history;
mod page;
mod reader;
mod restore;
mod side;
mod why;

pub use family::{means, parent};
use page::{Form, Page};
use reader::{Reader, Took};
pub use side::{REST, SidePane};

/// What of a card is shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Tab {
    Card,
    History,
}

/// An open card.
#[derive(Debug)]
pub struct CardScreen {
    reader: Reader,
    tab: Tab,
    /// The focused version, and the first line shown of what it changed.
    version: usize,
    below: usize,
    /// The child that is focused, while one walks among them.
    child: Option<usize>,
    /// Something was edited from here, so the detail is read again once that is stored.
    stale: bool,
}

impl CardScreen {
    /// Opens it. What the board knows is shown at once, the rest when [`Update::Opened`] brings it.
    pub fn new(card: CardId) -> Self {
        let reader = Reader::new(card);
        Self { reader, tab: Tab::Card, version: 0, below: 0, child: None, stale: false }
    }

    /// Opens it on its history.
    pub fn on_history(card: CardId) -> Self {
        Self { tab: Tab::History, ..Self::new(card) }
    }

    /// Which card it shows.
    pub fn card(&self) -> CardId {
        self.reader.card()
    }

    /// Takes what the parts of its code are.
    pub fn take_inks(&mut self, inks: &Inks) {
        self.reader.take_inks(inks);
    }

    /// The card as the board shows it now, else as it was read.
    fn shown<'a>(&'a self, ctx: &'a Ctx<'_>) -> Option<&'a Card> {
        self.reader.shown(ctx)
    }

    fn page(&self, ctx: &Ctx<'_>) -> Page {
        self.reader.page(Form::Card, self.child, ctx)
    }

    fn scroll(&mut self, by: isize, ctx: &Ctx<'_>) -> Outcome {
        let page = self.page(ctx);
        self.reader.scroll(by, &page);
        Outcome::Stay
    }

    /// Goes among the children, or to another of them, and scrolls so that it is seen.
    fn walk(&mut self, to: usize, ctx: &Ctx<'_>) -> Outcome {
        let page = self.page(ctx);
        let Some(last) = page.children().len().checked_sub(1) else { return Outcome::Ignored };
        let to = to.min(last);
        self.child = Some(to);
        if let Some(row) = page.row_of(to) {
            let height = usize::from(page.area.height).max(1);
            // The heading stays in sight as long as the first is focused.
            let upper = if to == 0 { row.saturating_sub(1) } else { row };
            self.reader.top = self.reader.top.clamp((row + 1).saturating_sub(height), upper);
        }
        Outcome::Stay
    }

    /// Opens the child that is focused.
    fn open_child(&self, ctx: &Ctx<'_>) -> Outcome {
        let child = self.child.and_then(|n| self.page(ctx).children().get(n).copied());
        child.map_or(Outcome::Ignored, open_card)
    }

    /// What the keys do while one walks among the children; `None` for other keys.
    fn among_children(&mut self, action: Action, ctx: &Ctx<'_>) -> Option<Outcome> {
        let at = self.child?;
        Some(match action {
            Action::FocusDown => self.walk(at + 1, ctx),
            Action::FocusUp => self.walk(at.saturating_sub(1), ctx),
            Action::FocusTop => self.walk(0, ctx),
            Action::FocusBottom => self.walk(usize::MAX, ctx),
            Action::Open => self.open_child(ctx),
            Action::Back => {
                self.child = None;
                Outcome::Stay
            }
            _ => return None,
        })
    }

    fn go_to_parent(&self, ctx: &Ctx<'_>) -> Outcome {
        match self.shown(ctx).and_then(|card| parent(card, ctx.board)) {
            Some(parent) => open_card(parent),
            None => Outcome::Say("it belongs to no card on this board".to_owned()),
        }
    }

    /// The addresses in its text, to open or copy one.
    fn addresses(&self) -> Outcome {
        let links = self.reader.links();
        if links.is_empty() {
            return Outcome::Say("its text names no address".to_owned());
        }
        Outcome::Open(Box::new(Modal::Addresses(AddressesScreen::new(links))))
    }

    fn edit(&mut self, purpose: Purpose, text: String) -> Outcome {
        self.stale = true;
        Outcome::Open(Box::new(Modal::Editor(EditorScreen::new(purpose, text))))
    }

    fn pick(&self, kind: PickerKind, ctx: &Ctx<'_>) -> Outcome {
        Outcome::Open(Box::new(Modal::Picker(PickerScreen::new(kind, vec![self.card()], ctx))))
    }

    /// Reads the card again, takes up what was refused or set aside of it, and lets its connections sync.
    fn refresh(&self, ctx: &Ctx<'_>) -> Outcome {
        let mut effects = vec![Effect::OpenCard(self.card())];
        let links = self.shown(ctx).map(|c| c.links.as_slice()).unwrap_or_default();
        let stuck = links.iter().filter(|l| matches!(l.sync, SyncStatus::Failed | SyncStatus::Manual));
        let stuck: Vec<_> =
            stuck.filter(|l| !l.conflict).map(|l| (l.connection.clone(), self.card())).collect();
        if !stuck.is_empty() {
            effects.push(Effect::RetryCards(stuck));
        }
        effects.extend(links.iter().map(|l| Effect::SyncNow(Some(l.connection.clone()))));
        Outcome::Do(effects)
    }

    /// Goes to the conflict that waits for a person, where both values are; else among the children.
    fn enter(&mut self, ctx: &Ctx<'_>) -> Outcome {
        let open = self.reader.detail.iter().flat_map(|d| &d.conflicts).any(|c| c.decided.is_none());
        if open { Outcome::Run(Action::ViewConflicts) } else { self.walk(0, ctx) }
    }

    fn next_tab(&mut self) -> Outcome {
        self.tab = if self.tab == Tab::Card { Tab::History } else { Tab::Card };
        Outcome::Stay
    }

    fn versions(&self) -> &[Version] {
        self.reader.versions()
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
        let Some(detail) = &self.reader.detail else { return Outcome::Ignored };
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
                if self.tab == Tab::Card {
                    return self.click(at, ctx);
                }
                let row = history::row_at(ctx, self.versions().len(), self.version, at);
                return row.map_or(Outcome::Ignored, |row| self.go(row));
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

    /// A click on a child opens it.
    fn click(&self, at: Position, ctx: &Ctx<'_>) -> Outcome {
        let page = self.page(ctx);
        if !page.area.contains(at) {
            return Outcome::Ignored;
        }
        let top = self.reader.top_of(&page);
        let child = page.child_at(top + usize::from(at.y - page.area.y));
        child.map_or(Outcome::Ignored, open_card)
    }

    fn write(&mut self, action: Action, ctx: &Ctx<'_>) -> Outcome {
        let Some(card) = self.shown(ctx) else { return Outcome::Ignored };
        let (id, title) = (card.id, card.title.clone());
        let body = self.reader.detail.as_ref().map(|d| (d.body.clone(), d.beyond.clone()));
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
        self.shown(ctx).map_or_else(|| self.card().short(), Card::key)
    }

    fn hints(&self) -> &'static [Action] {
        if self.tab == Tab::History {
            return &[Action::Restore, Action::NextTab, Action::Undo, Action::Back];
        }
        if self.child.is_some() {
            return &[Action::Open, Action::FocusDown, Action::Back];
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
        if let Some(outcome) = self.among_children(action, ctx) {
            return outcome;
        }
        let half = isize::try_from(self.page(ctx).area.height / 2).unwrap_or(1).max(1);
        match action {
            Action::FocusDown | Action::PaneDown => self.scroll(1, ctx),
            Action::FocusUp | Action::PaneUp => self.scroll(-1, ctx),
            Action::HalfPageDown => self.scroll(half, ctx),
            Action::HalfPageUp => self.scroll(-half, ctx),
            Action::FocusTop => self.scroll(isize::MIN, ctx),
            Action::FocusBottom => self.scroll(isize::MAX, ctx),
            Action::Open => self.enter(ctx),
            Action::Parent => self.go_to_parent(ctx),
            Action::Addresses => self.addresses(),
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

    fn update(&mut self, update: &Update, ctx: &Ctx<'_>) -> Outcome {
        if let Update::Opened(detail) = update
            && detail.card.id == self.card()
        {
            self.keep_version(&detail.history);
        }
        if self.stale && matches!(update, Update::Committed { .. }) {
            self.stale = false;
            return Outcome::Do(vec![Effect::OpenCard(self.card())]);
        }
        match self.reader.take(update, ctx) {
            Took::Nothing => Outcome::Ignored,
            Took::Shows(effects) if effects.is_empty() => Outcome::Stay,
            Took::Shows(effects) => Outcome::Do(effects),
            Took::Stale => Outcome::Do(vec![Effect::OpenCard(self.card())]),
        }
    }

    fn render(&self, buf: &mut Buffer, ctx: &Ctx<'_>) {
        let versions = self.reader.detail.is_some().then(|| self.versions().len());
        history::draw_strip(buf, ctx, self.shown(ctx), versions, self.tab);
        if self.tab == Tab::History {
            let versions = self.reader.detail.is_some().then(|| self.versions());
            return history::draw(buf, ctx, versions, self.version, self.below);
        }
        let page = self.page(ctx);
        self.reader.draw(buf, &page, ctx);
        if let Some((area, lines)) = &page.side {
            for y in ctx.area.top()..ctx.area.bottom() {
                let x = area.x.saturating_sub(2);
                crate::tui::paint::text(buf, x, y, 1, ctx.glyphs.bar, ctx.theme.border, ctx.glyphs);
            }
            pen::lines(buf, *area, lines, 0);
        }
    }
}

/// Another card comes on top: going back leads here again.
fn open_card(card: CardId) -> Outcome {
    Outcome::Open(Box::new(Modal::Card(CardScreen::new(card))))
}

#[cfg(test)]
mod tests;
