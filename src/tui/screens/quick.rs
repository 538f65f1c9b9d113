//! A new card in one line, with what was understood of it below as it is typed. The line is read by
//! [`domain::quick`](crate::domain::quick); nothing is decided here.

use crossterm::event::{MouseButton, MouseEventKind};
use ratatui::buffer::Buffer;
use ratatui::layout::{Position, Rect};

use crate::config::keymap::{Action, Key, Layer, Press};
use crate::config::new_cards::Coming;
use crate::config::templates::Template;
use crate::domain::card::{CardId, Kind};
use crate::domain::command::{Command, NewCard, Reject};
use crate::domain::link::ConnectionName;
use crate::domain::mapping::Status;
use crate::domain::quick::{Completion, Known, Quick, Words, complete};
use crate::engine::Update;
use crate::tui::screen::{Ctx, Input, Outcome, Screen};
use crate::tui::screens::Modal;
use crate::tui::screens::editor::{Field, NewCardScreen};

pub mod known;
mod view;

/// A new card in one line.
#[derive(Debug)]
pub struct QuickScreen {
    field: Field,
    /// The column it was opened at.
    column: Status,
    /// Where it was opened: it stands there as far as there is room.
    at: Position,
    words: Words,
    offered: Vec<Completion>,
    chosen: usize,
    /// The place among the templates of the one that was taken, and the line it put there.
    template: Option<(usize, String)>,
    refusal: Option<String>,
    /// What was sent off last while the line stays open: put back when it is refused.
    sent: Option<String>,
    /// How many cards were made since it was opened.
    made: usize,
    asking: bool,
}

impl QuickScreen {
    /// Opens it for a card in this column, near this place.
    pub fn new(column: Status, at: Position, ctx: &Ctx<'_>) -> Self {
        Self {
            field: Field::new("", true),
            column,
            at,
            words: known::words(ctx),
            offered: Vec::new(),
            chosen: 0,
            template: None,
            refusal: None,
            sent: None,
            made: 0,
            asking: false,
        }
    }

    /// The line as it is understood.
    fn read(&self, ctx: &Ctx<'_>) -> Quick {
        let known = Known { priorities: &self.words.priorities, today: ctx.now.local_day() };
        Quick::parse(&self.field.text(), &known)
    }

    fn template<'a>(&self, ctx: &Ctx<'a>) -> Option<&'a Template> {
        ctx.settings.templates.get(self.template.as_ref()?.0)
    }

    /// The column the card is made in: the template's, where it names one.
    fn status(&self, ctx: &Ctx<'_>) -> Status {
        let own = self.template(ctx).and_then(|t| t.status.clone());
        own.filter(|s| ctx.board.column_index(s).is_some()).unwrap_or_else(|| self.column.clone())
    }

    fn kind(&self, ctx: &Ctx<'_>) -> Kind {
        self.template(ctx).and_then(|t| t.kind).unwrap_or_default()
    }

    /// Where the card will be made, by the rules of the config.
    fn places(&self, quick: &Quick, ctx: &Ctx<'_>) -> Vec<ConnectionName> {
        let status = self.status(ctx);
        let coming = Coming { labels: &quick.labels, kind: self.kind(ctx), status: &status };
        ctx.settings.new_cards.places(coming, &ctx.settings.connections)
    }

    fn command(&self, ctx: &Ctx<'_>) -> Command {
        let quick = self.read(ctx);
        let connections = self.places(&quick, ctx);
        let body = self.template(ctx).map(|t| t.body.clone()).filter(|b| !b.trim().is_empty());
        let of_connection = || {
            let on = connections.iter().filter_map(|name| ctx.settings.connection(name.as_str()));
            on.into_iter().find_map(|c| c.issue_template.clone())
        };
        let body = body.or_else(of_connection).unwrap_or_default();
        Command::Create(NewCard {
            id: CardId::random(),
            kind: self.kind(ctx),
            title: quick.title.clone(),
            body,
            status: self.status(ctx),
            labels: quick.labels.clone(),
            assignees: quick.people(ctx.me.first().map(String::as_str)),
            milestone: quick.milestone.clone(),
            extra: quick.extra(),
            connections,
            at: ctx.now,
        })
    }

    /// Makes the card and stays open for the next one.
    fn make_and_stay(&mut self, ctx: &Ctx<'_>) -> Outcome {
        if self.field.text().trim().is_empty() {
            return Outcome::Close;
        }
        let command = self.command(ctx);
        let text = self.field.text();
        self.field = Field::new("", true);
        self.sent = Some(text);
        self.made += 1;
        self.offer(ctx);
        // The same sort of card again, most likely.
        if let Some((n, _)) = self.template.take() {
            self.take_template(n, ctx);
        }
        Outcome::Apply(vec![command])
    }

    /// Looks anew what the line can go on with.
    fn offer(&mut self, ctx: &Ctx<'_>) {
        let (text, cursor) = (self.field.text(), self.field.before_cursor().len());
        self.offered = complete(&text, cursor, &self.words, ctx.now.local_day());
        self.chosen = 0;
    }

    /// Puts the chosen way to go on into the line.
    fn complete(&mut self, ctx: &Ctx<'_>) {
        let Some(chosen) = self.offered.get(self.chosen) else { return };
        let before = self.field.before_cursor();
        let begun = before.get(chosen.at.start..).unwrap_or_default().chars().count();
        let with = format!("{} ", chosen.with);
        self.field.replace_before(begun, &with);
        self.offer(ctx);
        self.offered.clear();
    }

    fn choose(&mut self, forward: bool) {
        let count = self.offered.len().max(1);
        self.chosen = if forward { self.chosen + 1 } else { self.chosen + count - 1 } % count;
    }

    /// Goes on to the next template, and behind the last one to none.
    fn next_template(&mut self, ctx: &Ctx<'_>) {
        let next = self.template.as_ref().map_or(0, |(n, _)| n + 1);
        self.take_template(next, ctx);
    }

    fn take_template(&mut self, n: usize, ctx: &Ctx<'_>) {
        let text = self.field.text();
        // What the template before put there goes; what was typed stays behind what the new one puts.
        let own = match &self.template {
            Some((_, line)) => text.strip_prefix(line.as_str()).map(str::to_owned),
            None => Some(text.clone()),
        };
        let Some(own) = own else {
            // Its line was edited: it is the person's own by now.
            self.template = ctx.settings.templates.get(n).map(|_| (n, String::new()));
            return;
        };
        let line = ctx.settings.templates.get(n).map(Template::line);
        self.field = Field::new(&format!("{}{own}", line.as_deref().unwrap_or_default()), true);
        self.template = line.map(|line| (n, line));
        self.offer(ctx);
    }

    /// The form with what was typed so far.
    fn form(&self, ctx: &Ctx<'_>) -> Outcome {
        let form = NewCardScreen::with(self.status(ctx), &self.read(ctx), self.template(ctx), ctx);
        Outcome::Replace(Box::new(Modal::NewCard(form)))
    }

    fn key(&mut self, press: Press, input: &Input, ctx: &Ctx<'_>) -> Outcome {
        if std::mem::take(&mut self.asking) {
            let gives_up = press.is_text() && matches!(press.key, Key::Char('y' | 'Y'));
            return if gives_up { Outcome::Close } else { Outcome::Stay };
        }
        let listed = !self.offered.is_empty();
        match (press.key, press.ctrl, press.alt) {
            (Key::Enter, ..) | (Key::Char('m' | 'j'), true, _) => return self.make(ctx),
            (Key::Tab, ..) if listed => self.complete(ctx),
            (Key::Down, ..) | (Key::Char('n'), true, _) if listed => self.choose(true),
            (Key::Up | Key::BackTab, ..) | (Key::Char('p'), true, _) if listed => self.choose(false),
            (Key::Char('o'), true, _) => return self.form(ctx),
            (Key::Char('t'), true, _) => self.next_template(ctx),
            _ => return self.typed(input, ctx),
        }
        Outcome::Stay
    }

    fn typed(&mut self, input: &Input, ctx: &Ctx<'_>) -> Outcome {
        if !self.field.input(input) {
            return Outcome::Ignored;
        }
        self.refusal = None;
        self.offer(ctx);
        Outcome::Stay
    }

    fn make(&mut self, ctx: &Ctx<'_>) -> Outcome {
        // With nothing typed there is nothing to make: it was opened by a slip, or all is made.
        if self.field.text().trim().is_empty() {
            return Outcome::Close;
        }
        self.sent = None;
        Outcome::Submit(vec![self.command(ctx)])
    }

    fn is_changed(&self) -> bool {
        let line = self.template.as_ref().map_or("", |(_, line)| line.as_str());
        let text = self.field.text();
        !text.trim().is_empty() && text != line
    }
}

impl Screen for QuickScreen {
    fn layer(&self) -> Layer {
        Layer::Text
    }

    fn title(&self, ctx: &Ctx<'_>) -> String {
        let status = self.status(ctx);
        let title = format!("New card in {}", ctx.board.title_of(&status));
        match self.template(ctx) {
            Some(template) => format!("{title}: {}", template.name),
            None => title,
        }
    }

    fn hints(&self) -> &'static [Action] {
        &[Action::Save, Action::Back]
    }

    fn action(&mut self, action: Action, ctx: &Ctx<'_>) -> Outcome {
        match action {
            Action::Save => self.make_and_stay(ctx),
            Action::Back if !self.offered.is_empty() => {
                self.offered.clear();
                Outcome::Stay
            }
            Action::Back if self.asking => {
                self.asking = false;
                Outcome::Stay
            }
            Action::Back if self.is_changed() => {
                self.asking = true;
                Outcome::Stay
            }
            Action::Back => Outcome::Close,
            _ => Outcome::Ignored,
        }
    }

    fn input(&mut self, input: &Input, ctx: &Ctx<'_>) -> Outcome {
        match input {
            Input::Key(press, _) => self.key(*press, input, ctx),
            Input::Paste(_) => self.typed(input, ctx),
            Input::Mouse(mouse) if mouse.kind == MouseEventKind::Down(MouseButton::Left) => {
                let hit = self.offered_at(ctx, Position::new(mouse.column, mouse.row));
                let Some(hit) = hit else { return Outcome::Ignored };
                self.chosen = hit;
                self.complete(ctx);
                Outcome::Stay
            }
            Input::Mouse(_) => Outcome::Ignored,
        }
    }

    fn update(&mut self, update: &Update, ctx: &Ctx<'_>) -> Outcome {
        if !matches!(update, Update::Offers { .. }) {
            return Outcome::Ignored;
        }
        self.words = known::words(ctx);
        Outcome::Stay
    }

    fn rejected(&mut self, reject: &Reject) {
        self.refusal = Some(reject.to_string());
        if let Some(text) = self.sent.take() {
            self.made -= 1;
            self.field = Field::new(&text, true);
        }
    }

    fn unsaved(&self) -> bool {
        self.is_changed()
    }

    fn area(&self, frame: Rect, ctx: &Ctx<'_>) -> Rect {
        self.place(frame, ctx)
    }

    fn render(&self, buf: &mut Buffer, ctx: &Ctx<'_>) {
        self.draw(buf, ctx);
    }

    fn cursor(&self, ctx: &Ctx<'_>) -> Option<Position> {
        self.field.cursor(Self::typed_at(ctx.area))
    }
}

#[cfg(test)]
mod tests;
