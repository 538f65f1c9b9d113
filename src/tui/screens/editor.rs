//! A text field for a title, a body or a comment, and the form of a new card. What was typed is kept when saving
//! is refused, and is never given up without a question.

use ratatui::buffer::Buffer;
use ratatui::layout::{Position, Rect};
use ratatui::widgets::Widget as _;

use crate::config::keymap::{Action, Key, Layer};
use crate::domain::command::{BODY_MAX, Command, Reject, TITLE_MAX};
use crate::domain::fields::canonical_body;
use crate::domain::remote::Beyond;
use crate::engine::Update;
use crate::support::text::is_unsafe;
use crate::tui::effect::{Effect, Purpose};
use crate::tui::paint;
use crate::tui::screen::{Ctx, Input, Outcome, Screen, centred};
use crate::tui::screens::pen::{self, Pen};
use crate::tui::screens::question::Question;
use crate::tui::screens::shape::grouped;

mod field;
mod form;
pub mod losses;
mod mention;

pub use field::Field;
pub use form::NewCardScreen;
use mention::{Did, Mentions};

/// A text field for a title, a body or a comment.
#[derive(Debug)]
pub struct EditorScreen {
    purpose: Purpose,
    before: String,
    field: Field,
    refusal: Option<String>,
    /// Whether it has asked if what was typed may be given up.
    asking: bool,
    /// The body that is to be saved once it is known what that would lose.
    checking: Option<String>,
    /// The question whether it may be lost.
    question: Option<Question>,
    /// People and cards that what is typed can go on with.
    mentions: Mentions,
}

impl EditorScreen {
    /// Opens it with a text to start from.
    pub fn new(purpose: Purpose, text: String) -> Self {
        let field = Field::new(&text, purpose.one_line());
        // What the field makes of the text is what an edit is measured against.
        let before = field.text();
        Self {
            purpose,
            before,
            field,
            refusal: None,
            asking: false,
            checking: None,
            question: None,
            mentions: Mentions::default(),
        }
    }

    /// Opens it with a text that is being saved: it is asked first what that would lose.
    pub fn saving(purpose: Purpose, before: &str, text: String) -> (Self, Vec<Effect>) {
        let mut screen = Self { before: before.to_owned(), ..Self::new(purpose, text) };
        let effects = screen.check().into_iter().collect();
        (screen, effects)
    }

    /// What must be known before the text is saved: what that loses where a body holds more than Markdown.
    fn check(&mut self) -> Option<Effect> {
        let Purpose::Body { card, beyond, .. } = &self.purpose else { return None };
        if beyond.is_empty() {
            return None;
        }
        let body = self.field.text();
        self.checking = Some(body.clone());
        Some(Effect::CheckBody { card: *card, body })
    }

    /// What saving the text that was asked about would lose is known.
    fn checked(&mut self, losses: &Result<Vec<Beyond>, String>) -> Outcome {
        self.checking = None;
        match losses {
            Err(why) => {
                self.refusal = Some(why.clone());
                Outcome::Stay
            }
            Ok(losses) if losses.is_empty() => self.submit(),
            Ok(losses) => {
                let rewrite = if self.is_changed() { Some(self.command()) } else { None };
                self.question = Some(losses::question(self.purpose.card(), rewrite, losses.clone()));
                Outcome::Stay
            }
        }
    }

    /// What an answer to the question comes to; "keep editing" only takes the question away.
    fn answered(&mut self, outcome: Outcome) -> Outcome {
        match outcome {
            Outcome::Close => {
                self.question = None;
                Outcome::Stay
            }
            other => other,
        }
    }

    /// Whether it is about this, and is done with when that is.
    pub fn is_for(&self, purpose: &Purpose) -> bool {
        self.purpose == *purpose
    }

    fn is_changed(&self) -> bool {
        self.field.text() != self.before
    }

    /// Saves, or asks first what that would lose: also of a body that was not changed here, for it may be held up for
    /// just that.
    fn save(&mut self) -> Outcome {
        match self.check() {
            Some(effect) => Outcome::Do(vec![effect]),
            None => self.submit(),
        }
    }

    fn submit(&self) -> Outcome {
        if self.is_changed() { Outcome::Submit(self.commands()) } else { Outcome::Close }
    }

    /// What saving it comes to: one command for each card it is about.
    fn commands(&self) -> Vec<Command> {
        match &self.purpose {
            Purpose::CommentAll(cards) => {
                let body = self.field.text();
                cards.iter().map(|card| Command::Comment { card: *card, body: body.clone() }).collect()
            }
            _ => vec![self.command()],
        }
    }

    fn command(&self) -> Command {
        let text = self.field.text();
        match &self.purpose {
            Purpose::Title(card) => Command::Retitle { card: *card, title: text },
            Purpose::Body { card, before, .. } => {
                Command::Rewrite { card: *card, before: before.clone(), after: text }
            }
            Purpose::Comment(_) | Purpose::CommentAll(_) => {
                Command::Comment { card: self.purpose.card(), body: text }
            }
        }
    }

    /// What was refused, or is being asked about, is not what would be saved any more.
    fn changed(&mut self) {
        self.refusal = None;
        self.checking = None;
    }

    /// Gives the list of people and cards what is for it; says whether it took it.
    fn mention(&mut self, input: &Input, ctx: &Ctx<'_>) -> bool {
        let took = match input {
            Input::Key(press, _) => match self.mentions.key(*press, &mut self.field) {
                Did::Nothing => return false,
                Did::Walked => return true,
                Did::Took => true,
            },
            Input::Mouse(mouse) => {
                let area = self.parts(ctx.area, ctx).1;
                self.mentions.click(*mouse, &mut self.field, area)
            }
            Input::Paste(_) => {
                self.mentions.close();
                false
            }
        };
        if took {
            self.changed();
        }
        took
    }

    fn limit(&self) -> usize {
        if self.purpose.one_line() { TITLE_MAX } else { BODY_MAX }
    }

    /// The note above the text, the text, and what stands below it.
    fn parts(&self, area: Rect, ctx: &Ctx<'_>) -> (Rect, Rect, Rect) {
        let inner = paint::inside(area);
        let foot = inner.height.min(2);
        let room = (inner.height - foot) / 3;
        let head = (self.note(inner.width, ctx).len() as u16).min(room);
        let field = Rect { y: inner.y + head, height: inner.height - foot - head, ..inner };
        let note = Rect { height: head, ..inner };
        (note, field, Rect { y: field.bottom(), height: foot, ..inner })
    }

    /// What the card's items hold beyond Markdown, in lines, the last one blank.
    fn note(&self, width: u16, ctx: &Ctx<'_>) -> Vec<String> {
        let Purpose::Body { beyond, .. } = &self.purpose else { return Vec::new() };
        let told = losses::told(beyond);
        let lines = paint::wrap(&told, usize::from(width.saturating_sub(2)), NOTE, ctx.glyphs.ellipsis);
        let mut lines: Vec<String> = lines.into_iter().map(std::borrow::Cow::into_owned).collect();
        if !lines.is_empty() {
            lines.push(String::new());
        }
        lines
    }

    fn render_note(&self, buf: &mut Buffer, ctx: &Ctx<'_>, area: Rect) {
        for (row, line) in (0..area.height).zip(self.note(area.width, ctx)) {
            let mark = if row == 0 { ctx.glyphs.warn } else { " " };
            Pen::new(buf, ctx, area, row).field(mark, 2, ctx.theme.warn).put(&line, ctx.theme.dim);
        }
    }
}

/// How many lines the note above a text may take.
const NOTE: usize = 4;

/// Draws what keeps a text from being saved, or how long it is; the keys below.
pub(super) fn foot(
    buf: &mut Buffer,
    ctx: &Ctx<'_>,
    area: Rect,
    length: (usize, usize),
    refusal: Option<&str>,
) {
    let (is, most) = length;
    let count = if is > most {
        format!("{} too many", grouped((is - most) as u64))
    } else {
        format!("{} of {}", grouped(is as u64), grouped(most as u64))
    };
    let style = if is > most { ctx.theme.error } else { ctx.theme.dim };
    let left = if area.height > 0 {
        paint::text_right(buf, area.x, area.right(), area.y, &count, style, ctx.glyphs)
    } else {
        area.right()
    };
    if let Some(refusal) = refusal {
        let room = Rect { width: left.saturating_sub(area.x + 2), ..area };
        Pen::new(buf, ctx, room, 0)
            .put(ctx.glyphs.cross, ctx.theme.error)
            .skip(1)
            .put(refusal, ctx.theme.error);
    }
}

/// Draws the question whether to give up what was typed.
pub(super) fn ask_to_discard(buf: &mut Buffer, ctx: &Ctx<'_>, area: Rect, row: u16) {
    let mut pen = Pen::new(buf, ctx, area, row);
    pen.put("Give up what you typed?", ctx.theme.warn).skip(2);
    pen.hints(&[("y", "gives it up"), ("any other key", "goes on")]);
}

/// What a key says to the question whether to give up what was typed.
pub(super) fn gives_up(input: &Input) -> bool {
    matches!(input, Input::Key(press, _) if press.is_text() && matches!(press.key, Key::Char('y' | 'Y')))
}

/// Whether a key means "save" although it types nothing: control and enter, or enter where there is one line.
fn is_save(input: &Input, one_line: bool) -> bool {
    matches!(input, Input::Key(p, _) if p.key == Key::Enter && (p.ctrl || p.alt || one_line))
}

impl Screen for EditorScreen {
    fn layer(&self) -> Layer {
        self.question.as_ref().map_or(Layer::Text, Screen::layer)
    }

    fn title(&self, ctx: &Ctx<'_>) -> String {
        let what = match &self.purpose {
            Purpose::Title(_) => "Title of",
            Purpose::Body { .. } => "Body of",
            Purpose::CommentAll(cards) => return format!("Comment on {} cards", cards.len()),
            Purpose::Comment(_) => "Comment on",
        };
        let key = ctx.board.card(self.purpose.card()).map(crate::domain::card::Card::key);
        format!("{what} {}", key.unwrap_or_else(|| "a card that left the board".to_owned()))
    }

    fn hints(&self) -> &'static [Action] {
        const TEXT: &[Action] = &[Action::Save, Action::OutsideEditor, Action::Back];
        let own = if self.purpose.one_line() { &[Action::Save, Action::Back] } else { TEXT };
        self.question.as_ref().map_or(own, Screen::hints)
    }

    fn action(&mut self, action: Action, ctx: &Ctx<'_>) -> Outcome {
        if let Some(question) = &mut self.question {
            let outcome = question.action(action, &within(question, ctx));
            return self.answered(outcome);
        }
        match action {
            Action::Back if self.mentions.close() => Outcome::Stay,
            Action::Save => {
                self.asking = false;
                self.mentions.close();
                self.save()
            }
            // The text stays here meanwhile: it is not lost when nothing comes back.
            Action::OutsideEditor if !self.purpose.one_line() => {
                self.mentions.close();
                let (text, purpose) = (self.field.text(), self.purpose.clone());
                Outcome::Do(vec![Effect::Edit { text, purpose }])
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
        if let Some(question) = &mut self.question {
            let outcome = question.input(input, &within(question, ctx));
            return self.answered(outcome);
        }
        if self.asking && matches!(input, Input::Key(..)) {
            self.asking = false;
            return if gives_up(input) { Outcome::Close } else { Outcome::Stay };
        }
        if self.mention(input, ctx) {
            return Outcome::Stay;
        }
        if is_save(input, self.purpose.one_line()) {
            return self.save();
        }
        if self.field.input(input) {
            self.changed();
            if !self.purpose.one_line() && matches!(input, Input::Key(..)) {
                self.mentions.look(&self.field, self.purpose.card(), ctx);
            }
            return Outcome::Stay;
        }
        Outcome::Ignored
    }

    fn update(&mut self, update: &Update, _ctx: &Ctx<'_>) -> Outcome {
        match update {
            Update::BodyChecked { card, body, losses }
                if *card == self.purpose.card() && self.checking.as_ref() == Some(body) =>
            {
                self.checked(losses)
            }
            _ => Outcome::Ignored,
        }
    }

    fn rejected(&mut self, reject: &Reject) {
        self.question = None;
        self.refusal = Some(reject.to_string());
    }

    fn unsaved(&self) -> bool {
        self.is_changed()
    }

    fn area(&self, frame: Rect, _ctx: &Ctx<'_>) -> Rect {
        if self.purpose.one_line() {
            return centred(frame, 76, 5);
        }
        let margin = |n: u16| n - n / 10;
        centred(frame, margin(frame.width).clamp(0, 104), margin(frame.height))
    }

    fn render(&self, buf: &mut Buffer, ctx: &Ctx<'_>) {
        paint::frame(buf, ctx.area, &self.title(ctx), ctx.theme.border_focus, ctx);
        let (note, field, below) = self.parts(ctx.area, ctx);
        self.render_note(buf, ctx, note);
        self.field.render(buf, field, ctx);
        let text = self.field.text();
        let sent = if self.purpose.one_line() { text.trim().to_owned() } else { canonical_body(&text) };
        let length = sent.chars().count();
        // A bidirectional override or the like is kept, since it is not ours to take out, but not in silence.
        let hidden = text.chars().any(|c| is_unsafe(c) && c != '\n' && c != '\t');
        let hidden = hidden.then_some("the text holds characters that do not show");
        foot(buf, ctx, below, (length, self.limit()), self.refusal.as_deref().or(hidden));
        self.mentions.render(buf, ctx, &self.field, field);
        if let Some(question) = &self.question {
            let ctx = within(question, ctx);
            ratatui::widgets::Clear.render(ctx.area.intersection(buf.area), buf);
            buf.set_style(ctx.area, ctx.theme.text);
            question.render(buf, &ctx);
            return;
        }
        if self.asking {
            ask_to_discard(buf, ctx, below, 1);
            return;
        }
        if self.checking.is_some() {
            let text = format!("looking what that would lose{}", ctx.glyphs.ellipsis);
            Pen::new(buf, ctx, below, 1).put(&text, ctx.theme.dim);
            return;
        }
        let (save, back) = (pen::key(ctx, Action::Save), pen::key(ctx, Action::Back));
        let save = if self.purpose.one_line() { "enter" } else { save.as_str() };
        let verb = if matches!(self.purpose, Purpose::Comment(_) | Purpose::CommentAll(_)) {
            "send"
        } else {
            "save"
        };
        Pen::new(buf, ctx, below, 1).hints(&[(save, verb), (&back, "close")]);
    }

    fn cursor(&self, ctx: &Ctx<'_>) -> Option<Position> {
        if self.question.is_some() {
            return None;
        }
        self.field.cursor(self.parts(ctx.area, ctx).1)
    }
}

/// A question's own context: in the middle of the field it is about.
fn within<'a>(question: &Question, ctx: &Ctx<'a>) -> Ctx<'a> {
    Ctx { area: question.area(ctx.area, ctx), ..*ctx }
}

#[cfg(test)]
mod tests;
