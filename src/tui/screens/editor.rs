//! A text field for a title, a body or a comment, and the form of a new card. What was typed is kept when saving
//! is refused, and is never given up without a question.

use ratatui::buffer::Buffer;
use ratatui::layout::{Position, Rect};

use crate::config::keymap::{Action, Key, Layer};
use crate::domain::command::{BODY_MAX, Command, Reject, TITLE_MAX};
use crate::domain::fields::canonical_body;
use crate::support::text::is_unsafe;
use crate::tui::effect::Purpose;
use crate::tui::paint;
use crate::tui::screen::{Ctx, Input, Outcome, Screen, centred};
use crate::tui::screens::pen::{self, Pen};
use crate::tui::screens::shape::grouped;

mod field;
mod form;

pub use field::Field;
pub use form::NewCardScreen;

/// A text field for a title, a body or a comment.
#[derive(Debug)]
pub struct EditorScreen {
    purpose: Purpose,
    before: String,
    field: Field,
    refusal: Option<String>,
    /// Whether it has asked if what was typed may be given up.
    asking: bool,
}

impl EditorScreen {
    /// Opens it with a text to start from.
    pub fn new(purpose: Purpose, text: String) -> Self {
        let field = Field::new(&text, purpose.one_line());
        // What the field makes of the text is what an edit is measured against.
        let before = field.text();
        Self { purpose, before, field, refusal: None, asking: false }
    }

    fn is_changed(&self) -> bool {
        self.field.text() != self.before
    }

    fn save(&mut self) -> Outcome {
        if !self.is_changed() {
            return Outcome::Close;
        }
        let text = self.field.text();
        let command = match &self.purpose {
            Purpose::Title(card) => Command::Retitle { card: *card, title: text },
            Purpose::Body { card, before } => {
                Command::Rewrite { card: *card, before: before.clone(), after: text }
            }
            Purpose::Comment(card) => Command::Comment { card: *card, body: text },
        };
        Outcome::Submit(vec![command])
    }

    fn limit(&self) -> usize {
        if self.purpose.one_line() { TITLE_MAX } else { BODY_MAX }
    }

    fn parts(area: Rect) -> (Rect, Rect) {
        let inner = paint::inside(area);
        let foot = inner.height.min(2);
        let field = Rect { height: inner.height - foot, ..inner };
        (field, Rect { y: field.bottom(), height: foot, ..inner })
    }
}

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
        Layer::Text
    }

    fn title(&self, ctx: &Ctx<'_>) -> String {
        let what = match &self.purpose {
            Purpose::Title(_) => "Title of",
            Purpose::Body { .. } => "Body of",
            Purpose::Comment(_) => "Comment on",
        };
        let key = ctx.board.card(self.purpose.card()).map(crate::domain::card::Card::key);
        format!("{what} {}", key.unwrap_or_else(|| "a card that left the board".to_owned()))
    }

    fn hints(&self) -> &'static [Action] {
        &[Action::Save, Action::Back]
    }

    fn action(&mut self, action: Action, _ctx: &Ctx<'_>) -> Outcome {
        match action {
            Action::Save => {
                self.asking = false;
                self.save()
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

    fn input(&mut self, input: &Input, _ctx: &Ctx<'_>) -> Outcome {
        if self.asking && matches!(input, Input::Key(..)) {
            self.asking = false;
            return if gives_up(input) { Outcome::Close } else { Outcome::Stay };
        }
        if is_save(input, self.purpose.one_line()) {
            return self.save();
        }
        if self.field.input(input) {
            self.refusal = None;
            return Outcome::Stay;
        }
        Outcome::Ignored
    }

    fn rejected(&mut self, reject: &Reject) {
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
        let (field, below) = Self::parts(ctx.area);
        self.field.render(buf, field, ctx);
        let text = self.field.text();
        let sent = if self.purpose.one_line() { text.trim().to_owned() } else { canonical_body(&text) };
        let length = sent.chars().count();
        // A bidirectional override or the like is kept, since it is not ours to take out, but not in silence.
        let hidden = text.chars().any(|c| is_unsafe(c) && c != '\n' && c != '\t');
        let hidden = hidden.then_some("the text holds characters that do not show");
        foot(buf, ctx, below, (length, self.limit()), self.refusal.as_deref().or(hidden));
        if self.asking {
            ask_to_discard(buf, ctx, below, 1);
            return;
        }
        let (save, back) = (pen::key(ctx, Action::Save), pen::key(ctx, Action::Back));
        let save = if self.purpose.one_line() { "enter" } else { save.as_str() };
        let verb = if matches!(self.purpose, Purpose::Comment(_)) { "send" } else { "save" };
        Pen::new(buf, ctx, below, 1).hints(&[(save, verb), (&back, "close")]);
    }

    fn cursor(&self, ctx: &Ctx<'_>) -> Option<Position> {
        self.field.cursor(Self::parts(ctx.area).0)
    }
}

#[cfg(test)]
mod tests;
