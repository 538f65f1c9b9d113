//! The form of a new card: title, column, kind, labels, what a line can say besides, where else it shall exist, and a body.

use std::collections::BTreeSet;

use crossterm::event::{MouseButton, MouseEventKind};
use ratatui::buffer::Buffer;
use ratatui::layout::{Position, Rect};

use super::{Field, ask_to_discard, foot, gives_up, is_save};
use crate::config::keymap::{Action, Key, Layer};
use crate::config::new_cards::Coming;
use crate::config::templates::Template;
use crate::domain::card::{CardId, Kind};
use crate::domain::command::{Command, NewCard, Reject, TITLE_MAX};
use crate::domain::link::ConnectionName;
use crate::domain::mapping::Status;
use crate::domain::quick::{Known, Quick, Words};
use crate::tui::paint;
use crate::tui::screen::{Ctx, Input, Outcome, Screen, centred};
use crate::tui::screens::fuzzy;
use crate::tui::screens::pen::{self, Pen};
use crate::tui::screens::quick::known;

/// Cells of the names before the fields.
const NAMES: u16 = 10;
/// Rows under the fields.
const FOOT: u16 = 2;
/// Cells of how long the title is, at the right of the first of them.
const COUNT: u16 = 15;

/// What can be written into the field that is read like a line.
const MORE: &str = "@person !priority ~milestone ^parent =3 due:fri";

/// What can be filled in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Part {
    Title,
    Column,
    Kind,
    Labels,
    /// People, priority, milestone, parent, estimate and due day, as in the line of a new card.
    More,
    /// One of the connections.
    Connection(usize),
    Body,
}

/// The form of a new card.
#[derive(Debug)]
pub struct NewCardScreen {
    title: Field,
    body: Field,
    labels: Field,
    more: Field,
    status: Status,
    kind: Kind,
    connections: Vec<(ConnectionName, bool)>,
    /// Whether a person said where it shall be: then the rules of the config say nothing more.
    chosen: bool,
    at: Part,
    /// Names there are, for completion and for reading.
    words: Words,
    /// The place among the templates of the one that was taken, and what it put into title, body, labels and the rest.
    template: Option<(usize, [String; 4])>,
    refusal: Option<String>,
    asking: bool,
}

impl NewCardScreen {
    /// Opens it for a card in this column. It is created where the rules of the config say, unless the person says
    /// otherwise.
    pub fn new(status: Status, ctx: &Ctx<'_>) -> Self {
        let pushing = ctx.settings.connections.iter().filter(|c| c.creates());
        let connections = pushing.map(|c| (c.name.clone(), false)).collect();
        let mut form = Self {
            title: Field::new("", true),
            body: Field::new("", false),
            labels: Field::new("", true),
            more: Field::new("", true),
            status,
            kind: Kind::default(),
            connections,
            chosen: false,
            at: Part::Title,
            words: known::words(ctx),
            template: None,
            refusal: None,
            asking: false,
        };
        form.place(ctx);
        form
    }

    /// Opens it with what was understood of a line, and with the template that was taken there.
    pub fn with(status: Status, quick: &Quick, template: Option<&Template>, ctx: &Ctx<'_>) -> Self {
        let labels: Vec<&str> = quick.labels.iter().map(String::as_str).collect();
        let rest = Quick { title: String::new(), labels: BTreeSet::new(), ..quick.clone() };
        let mut form = Self {
            title: Field::new(&quick.title, true),
            labels: Field::new(&labels.join(", "), true),
            more: Field::new(&rest.written(), true),
            ..Self::new(status, ctx)
        };
        if let Some(template) = template {
            form.body = Field::new(&template.body, false);
            form.kind = template.kind.unwrap_or_default();
        }
        form.place(ctx);
        form
    }

    /// Goes on to the next template, and behind the last one to none. It fills what is empty, and what the one before
    /// filled and nobody has changed.
    fn next_template(&mut self, ctx: &Ctx<'_>) {
        let n = self.template.as_ref().map_or(0, |(n, _)| n + 1);
        let template = ctx.settings.templates.get(n);
        let filled = template.map_or_else(Default::default, |t| {
            let labels: Vec<&str> = t.labels.iter().map(String::as_str).collect();
            let rest = Quick { labels: BTreeSet::new(), ..t.quick() };
            [t.title.clone(), t.body.clone(), labels.join(", "), rest.written()]
        });
        let before = self.template.take().map(|(_, filled)| filled).unwrap_or_default();
        let fields = [&mut self.title, &mut self.body, &mut self.labels, &mut self.more];
        for (n, field) in fields.into_iter().enumerate() {
            let text = field.text();
            if text.trim().is_empty() || text == before[n] {
                *field = Field::new(&filled[n], n != 1);
            }
        }
        if let Some(template) = template {
            self.kind = template.kind.unwrap_or(self.kind);
            self.status = template.status.clone().unwrap_or_else(|| self.status.clone());
            self.template = Some((n, filled));
        }
        self.place(ctx);
    }

    /// What stands in the field that is read like a line.
    fn rest(&self, ctx: &Ctx<'_>) -> Quick {
        let known = Known { priorities: &self.words.priorities, today: ctx.now.local_day() };
        Quick::parse(&self.more.text(), &known)
    }

    /// What is typed as labels.
    fn labels(&self) -> BTreeSet<String> {
        let labels = self.labels.text();
        labels.split(',').map(str::trim).filter(|l| !l.is_empty()).map(str::to_owned).collect()
    }

    /// Puts it on the connections the rules say, until a person has said where.
    fn place(&mut self, ctx: &Ctx<'_>) {
        if self.chosen {
            return;
        }
        let labels = self.labels();
        let coming = Coming { labels: &labels, kind: self.kind, status: &self.status };
        let places = ctx.settings.new_cards.places(coming, &ctx.settings.connections);
        for (name, on) in &mut self.connections {
            *on = places.contains(name);
        }
    }

    /// Where it will be, and which rule says so.
    fn told(&self, ctx: &Ctx<'_>) -> Option<String> {
        if self.connections.is_empty() {
            return None;
        }
        let on: Vec<&str> = self.connections.iter().filter(|(_, on)| *on).map(|(n, _)| n.as_str()).collect();
        let labels = self.labels();
        let coming = Coming { labels: &labels, kind: self.kind, status: &self.status };
        let rule = ctx.settings.new_cards.chosen(coming).and_then(|c| c.rule).filter(|_| !self.chosen);
        let why = rule.map_or_else(String::new, |rule| format!(" (rule: {})", rule.words()));
        Some(match &on[..] {
            [] => format!("stays on this board{why}"),
            on => format!("will be made on {}{why}", on.join(", ")),
        })
    }

    fn parts(&self) -> Vec<Part> {
        let mut parts = vec![Part::Title, Part::Column, Part::Kind, Part::Labels, Part::More];
        parts.extend((0..self.connections.len()).map(Part::Connection));
        parts.push(Part::Body);
        parts
    }

    fn step(&mut self, by: isize) {
        let parts = self.parts();
        let at = parts.iter().position(|p| *p == self.at).unwrap_or(0);
        let len = isize::try_from(parts.len()).unwrap_or(1);
        let to = (isize::try_from(at).unwrap_or(0) + by).rem_euclid(len);
        self.at = parts[usize::try_from(to).unwrap_or(0)];
    }

    /// Goes on to the next value of what can only be chosen.
    fn turn(&mut self, by: isize, ctx: &Ctx<'_>) {
        match self.at {
            Part::Column => {
                let statuses: Vec<&Status> = ctx.board.columns().map(|(s, _)| s).collect();
                if let Some(next) = neighbour(&statuses, &&self.status, by) {
                    self.status = (*next).clone();
                }
            }
            Part::Kind => {
                if let Some(next) = neighbour(&Kind::ALL, &self.kind, by) {
                    self.kind = *next;
                }
            }
            Part::Connection(n) => {
                if let Some((_, on)) = self.connections.get_mut(n) {
                    *on = !*on;
                    self.chosen = true;
                }
            }
            Part::Title | Part::Labels | Part::More | Part::Body => {}
        }
    }

    fn field(&mut self) -> Option<&mut Field> {
        match self.at {
            Part::Title => Some(&mut self.title),
            Part::Labels => Some(&mut self.labels),
            Part::More => Some(&mut self.more),
            Part::Body => Some(&mut self.body),
            Part::Column | Part::Kind | Part::Connection(_) => None,
        }
    }

    fn is_changed(&self) -> bool {
        [&self.title, &self.body, &self.labels, &self.more].iter().any(|f| !f.text().trim().is_empty())
    }

    /// The rest of the label that is being typed, when a known one begins so.
    fn completion(&self) -> Option<String> {
        let text = self.labels.text();
        let begun = text.rsplit(',').next()?.trim_start();
        if self.at != Part::Labels || begun.is_empty() || !self.labels.at_end() {
            return None;
        }
        let lower = begun.to_lowercase();
        let mut fitting: Vec<&String> =
            self.words.labels.iter().filter(|l| l.to_lowercase().starts_with(&lower)).collect();
        fitting.sort_by_key(|l| std::cmp::Reverse(fuzzy::matches(begun, l).map(|m| m.score)));
        let rest: String = fitting.first()?.chars().skip(begun.chars().count()).collect();
        (!rest.is_empty()).then_some(rest)
    }

    fn save(&mut self, ctx: &Ctx<'_>) -> Outcome {
        let on = |(name, on): &(ConnectionName, bool)| on.then(|| name.clone());
        let body = self.body.text();
        let rest = self.rest(ctx);
        if !rest.title.is_empty() {
            self.at = Part::More;
            self.refusal = Some(format!("`{}` says nothing here: write {MORE}", rest.title));
            return Outcome::Stay;
        }
        let mut labels = self.labels();
        labels.extend(rest.labels.iter().cloned());
        Outcome::Submit(vec![Command::Create(NewCard {
            id: CardId::random(),
            kind: self.kind,
            title: self.title.text(),
            body: if body.trim().is_empty() { template(self, ctx) } else { body },
            status: self.status.clone(),
            labels,
            assignees: rest.people(ctx.me.first().map(String::as_str)),
            milestone: rest.milestone.clone(),
            extra: rest.extra(),
            connections: self.connections.iter().filter_map(on).collect(),
            at: ctx.now,
        })])
    }

    fn key(&mut self, input: &Input, ctx: &Ctx<'_>) -> Outcome {
        let Input::Key(press, _) = input else { return Outcome::Ignored };
        let choice = matches!(self.at, Part::Column | Part::Kind | Part::Connection(_));
        let one_line = self.at != Part::Body;
        match press.key {
            Key::Char('t') if press.ctrl => self.next_template(ctx),
            Key::Tab => self.step(1),
            Key::BackTab => self.step(-1),
            Key::Down if one_line => self.step(1),
            Key::Up if one_line => self.step(-1),
            Key::Right | Key::Char('l' | ' ') if choice => self.turn(1, ctx),
            Key::Left | Key::Char('h') if choice => self.turn(-1, ctx),
            Key::Right | Key::End if self.completion().is_some() => {
                let rest = self.completion().unwrap_or_default();
                let _ = self.labels.input(&Input::Paste(rest));
            }
            _ => {
                let typed = self.field().is_some_and(|f| f.input(input));
                return if typed { Outcome::Stay } else { Outcome::Ignored };
            }
        }
        Outcome::Stay
    }

    /// Each part with its row; the body takes what is left.
    fn rows(&self, area: Rect) -> Vec<(Part, Rect)> {
        let inner = paint::inside(area);
        let bottom = inner.bottom() - FOOT.min(inner.height);
        let mut y = inner.y;
        let mut out = Vec::new();
        for part in self.parts() {
            if part == Part::Body {
                y = y.saturating_add(1);
            }
            let height = if part == Part::Body { bottom.saturating_sub(y) } else { 1 };
            if y < bottom && height > 0 {
                out.push((part, Rect { y, height, ..inner }));
            }
            y = y.saturating_add(height);
        }
        out
    }

    /// What a person types into: the row without the name before it.
    fn value(part: Part, row: Rect) -> Rect {
        let names = if part == Part::Body { 0 } else { NAMES.min(row.width) };
        Rect { x: row.x + names, width: row.width - names, ..row }
    }

    fn draw_part(&self, buf: &mut Buffer, ctx: &Ctx<'_>, part: Part, row: Rect) {
        let focused = part == self.at;
        let name = match part {
            Part::Title => "Title",
            Part::Column => "Column",
            Part::Kind => "Kind",
            Part::Labels => "Labels",
            Part::More => "Also",
            Part::Connection(0) => "Create on",
            Part::Connection(_) | Part::Body => "",
        };
        let style = if focused { ctx.theme.title } else { ctx.theme.dim };
        Pen::new(buf, ctx, row, 0).put(name, style);
        let value = Self::value(part, row);
        match part {
            Part::Title => self.title.render(buf, value, ctx),
            Part::Labels => self.draw_labels(buf, ctx, value),
            Part::More => {
                self.more.render(buf, value, ctx);
                if self.more.text().is_empty() {
                    Pen::new(buf, ctx, value, 0).put(MORE, ctx.theme.dim);
                }
            }
            Part::Body => self.draw_body(buf, ctx, value),
            Part::Column => draw_choice(buf, ctx, value, ctx.board.title_of(&self.status), focused),
            Part::Kind => draw_choice(buf, ctx, value, self.kind.as_str(), focused),
            Part::Connection(n) => {
                let Some((name, on)) = self.connections.get(n) else { return };
                let mark = if *on { "[x] " } else { "[ ] " };
                let style = if focused { ctx.theme.selection } else { ctx.theme.text };
                Pen::new(buf, ctx, value, 0).put(mark, style).put(name.as_str(), style);
            }
        }
    }

    fn draw_labels(&self, buf: &mut Buffer, ctx: &Ctx<'_>, area: Rect) {
        self.labels.render(buf, area, ctx);
        if let Some(rest) = self.completion() {
            let typed = paint::width(&self.labels.text()) as u16;
            Pen::new(buf, ctx, area, 0).skip(typed).put(&rest, ctx.theme.dim);
        } else if self.labels.text().is_empty() {
            Pen::new(buf, ctx, area, 0).put("parted by commas", ctx.theme.dim);
        }
    }

    fn draw_body(&self, buf: &mut Buffer, ctx: &Ctx<'_>, area: Rect) {
        let above = area.y.saturating_sub(1);
        let style = if self.at == Part::Body { ctx.theme.border_focus } else { ctx.theme.border };
        paint::rule(buf, area.x, above, area.width, ctx.glyphs.rule, style);
        self.body.render(buf, area, ctx);
        if self.body.text().is_empty() {
            Pen::new(buf, ctx, area, 0).put("Body, in Markdown (may stay empty)", ctx.theme.dim);
        }
    }
}

/// A value that is chosen, not typed: between arrows when it has the focus.
fn draw_choice(buf: &mut Buffer, ctx: &Ctx<'_>, area: Rect, text: &str, focused: bool) {
    let mut pen = Pen::new(buf, ctx, area, 0);
    if focused {
        pen.put(ctx.glyphs.left, ctx.theme.dim).skip(1).put(text, ctx.theme.selection);
        pen.skip(1).put(ctx.glyphs.right, ctx.theme.dim);
    } else {
        pen.put(text, ctx.theme.text);
    }
}

/// The body a connection gives cards that come without one.
fn template(form: &NewCardScreen, ctx: &Ctx<'_>) -> String {
    let on = form.connections.iter().filter(|(_, on)| *on);
    on.filter_map(|(name, _)| ctx.settings.connection(name.as_str()))
        .find_map(|c| c.issue_template.clone())
        .unwrap_or_default()
}

fn neighbour<'a, T: PartialEq>(all: &'a [T], now: &T, by: isize) -> Option<&'a T> {
    let at = all.iter().position(|x| x == now).unwrap_or(0);
    let len = isize::try_from(all.len()).ok().filter(|n| *n > 0)?;
    let to = (isize::try_from(at).ok()? + by).rem_euclid(len);
    all.get(usize::try_from(to).ok()?)
}

impl Screen for NewCardScreen {
    fn layer(&self) -> Layer {
        Layer::Text
    }

    fn title(&self, ctx: &Ctx<'_>) -> String {
        format!("New card in {}", ctx.board.title_of(&self.status))
    }

    fn hints(&self) -> &'static [Action] {
        &[Action::Save, Action::Back]
    }

    fn action(&mut self, action: Action, ctx: &Ctx<'_>) -> Outcome {
        match action {
            Action::Save => {
                self.asking = false;
                self.save(ctx)
            }
            Action::Back if self.is_changed() || self.asking => {
                self.asking = !self.asking;
                Outcome::Stay
            }
            Action::Back => Outcome::Close,
            _ => Outcome::Ignored,
        }
    }

    fn input(&mut self, input: &Input, ctx: &Ctx<'_>) -> Outcome {
        match input {
            Input::Key(..) if self.asking => {
                self.asking = false;
                if gives_up(input) { Outcome::Close } else { Outcome::Stay }
            }
            Input::Key(..) if is_save(input, self.at != Part::Body) => self.save(ctx),
            Input::Key(..) => {
                self.refusal = None;
                let outcome = self.key(input, ctx);
                self.place(ctx);
                outcome
            }
            Input::Paste(_) => {
                let pasted = self.field().is_some_and(|f| f.input(input));
                self.place(ctx);
                if pasted { Outcome::Stay } else { Outcome::Ignored }
            }
            Input::Mouse(mouse) if mouse.kind == MouseEventKind::Down(MouseButton::Left) => {
                let at = Position::new(mouse.column, mouse.row);
                let Some((part, _)) = self.rows(ctx.area).into_iter().find(|(_, r)| r.contains(at)) else {
                    return Outcome::Ignored;
                };
                self.at = part;
                if matches!(part, Part::Connection(_)) {
                    self.turn(1, ctx);
                }
                Outcome::Stay
            }
            Input::Mouse(_) => Outcome::Ignored,
        }
    }

    fn rejected(&mut self, reject: &Reject) {
        self.refusal = Some(reject.to_string());
        self.at = match reject {
            Reject::BodyTooLong(_) => Part::Body,
            Reject::BadName(_) => Part::Labels,
            Reject::NoSuchStatus(_) => Part::Column,
            _ => Part::Title,
        };
    }

    fn unsaved(&self) -> bool {
        self.is_changed()
    }

    fn area(&self, frame: Rect, _ctx: &Ctx<'_>) -> Rect {
        let rows = self.connections.len() as u16 + 5 + 1 + 6 + FOOT + 2;
        centred(frame, 76, rows)
    }

    fn render(&self, buf: &mut Buffer, ctx: &Ctx<'_>) {
        paint::frame(buf, ctx.area, &self.title(ctx), ctx.theme.border_focus, ctx);
        for (part, row) in self.rows(ctx.area) {
            self.draw_part(buf, ctx, part, row);
        }
        let inner = paint::inside(ctx.area);
        let height = FOOT.min(inner.height);
        let below = Rect { y: inner.bottom() - height, height, ..inner };
        let length = (self.title.text().trim().chars().count(), TITLE_MAX);
        foot(buf, ctx, below, length, self.refusal.as_deref());
        if let Some(told) = self.told(ctx).filter(|_| self.refusal.is_none()) {
            let room = Rect { width: below.width.saturating_sub(COUNT), ..below };
            Pen::new(buf, ctx, room, 0).put(&told, ctx.theme.dim);
        }
        if self.asking {
            ask_to_discard(buf, ctx, below, 1);
            return;
        }
        let (save, back) = (pen::key(ctx, Action::Save), pen::key(ctx, Action::Back));
        let create = if self.at == Part::Body { save.as_str() } else { "enter" };
        let mut hints = vec![(create, "create"), ("tab", "next field")];
        match self.at {
            Part::Column | Part::Kind => hints.push(("left right", "choose")),
            Part::Connection(_) => hints.push(("space", "on or off")),
            Part::Labels if self.completion().is_some() => hints.push(("right", "take it")),
            _ => {}
        }
        if !ctx.settings.templates.is_empty() {
            hints.push(("ctrl-t", "template"));
        }
        hints.push((&back, "close"));
        Pen::new(buf, ctx, below, 1).hints(&hints);
    }

    fn cursor(&self, ctx: &Ctx<'_>) -> Option<Position> {
        let (part, row) = self.rows(ctx.area).into_iter().find(|(p, _)| *p == self.at)?;
        let area = Self::value(part, row);
        match part {
            Part::Title => self.title.cursor(area),
            Part::Labels => self.labels.cursor(area),
            Part::More => self.more.cursor(area),
            Part::Body => self.body.cursor(area),
            Part::Column | Part::Kind | Part::Connection(_) => None,
        }
    }
}
