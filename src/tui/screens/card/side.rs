//! The pane beside the board: the card that has the focus, as it is read. What the board knows of it is shown at once;
//! the rest is asked for when the focus rests, so that whoever runs through a column asks for nothing.

use ratatui::buffer::Buffer;
use ratatui::layout::{Position, Rect};

use super::page::{Form, Page};
use super::reader::{Reader, Took};
use crate::domain::card::CardId;
use crate::engine::Update;
use crate::support::clock::Timestamp;
use crate::tui::effect::Effect;
use crate::tui::ink::Inks;
use crate::tui::paint;
use crate::tui::screen::Ctx;
use crate::tui::screens::pen;

/// How long the focus must rest on a card before it is read, in milliseconds.
pub const REST: i64 = 150;

/// The pane beside the board.
#[derive(Debug, Default)]
pub struct SidePane {
    /// Whether a person wants it.
    pub on: bool,
    reader: Option<Reader>,
    /// When the card is to be read, unless the focus goes on before.
    due: Option<Timestamp>,
}

impl SidePane {
    /// A pane as a person left it.
    pub fn new(on: bool) -> Self {
        Self { on, ..Self::default() }
    }

    /// The card it shows.
    pub fn card(&self) -> Option<CardId> {
        self.reader.as_ref().map(Reader::card)
    }

    /// Turns to the card that has the focus. Returns the card when it is to be read now.
    pub fn follow(&mut self, card: Option<CardId>, now: Timestamp) -> Option<CardId> {
        if self.card() != card {
            self.reader = card.map(Reader::new);
            self.due = card.map(|_| now.plus_ms(REST));
        }
        self.due.take_if(|due| now.since(*due) >= 0)?;
        card
    }

    /// When it wants to be asked again.
    pub fn next_wake(&self) -> Option<Timestamp> {
        self.due
    }

    /// Takes a fact from the engine; one about another card than the one it shows now is stale.
    pub fn take(&mut self, update: &Update, ctx: &Ctx<'_>) -> Vec<Effect> {
        let Some(reader) = &mut self.reader else { return vec![] };
        // Perhaps its body, perhaps the card itself was new: the store tells.
        if matches!(update, Update::Committed { .. }) {
            self.due = Some(ctx.now.plus_ms(REST));
        }
        match reader.take(update, ctx) {
            Took::Nothing => vec![],
            Took::Shows(effects) => effects,
            Took::Stale => vec![Effect::Glance(reader.card())],
        }
    }

    /// Takes what the parts of its code are.
    pub fn take_inks(&mut self, inks: &Inks) {
        if let Some(reader) = &mut self.reader {
            reader.take_inks(inks);
        }
    }

    /// Scrolls by lines; `ctx.area` is the pane's.
    pub fn scroll(&mut self, by: isize, ctx: &Ctx<'_>) {
        if let Some(reader) = &mut self.reader {
            let page = reader.page(Form::Pane, None, ctx);
            reader.scroll(by, &page);
        }
    }

    /// What a click on a cell opens: a child, or the card itself.
    pub fn card_at(&self, at: Position, ctx: &Ctx<'_>) -> Option<CardId> {
        let reader = self.reader.as_ref()?;
        let page = reader.page(Form::Pane, None, ctx);
        let row = at.y.checked_sub(page.area.y).map(usize::from);
        let child = row.and_then(|row| page.child_at(reader.top_of(&page) + row));
        Some(child.unwrap_or(reader.card()))
    }

    /// Draws it into `ctx.area`. `focused`: the card that has the focus, which it may not have turned to yet.
    pub fn draw(&self, focused: Option<CardId>, buf: &mut Buffer, ctx: &Ctx<'_>) {
        let area = ctx.area;
        for y in area.top()..area.bottom() {
            paint::text(buf, area.x, y, 1.min(area.width), ctx.glyphs.bar, ctx.theme.border, ctx.glyphs);
        }
        let Some(card) = focused else {
            let left = 2.min(area.width);
            let inner = Rect { x: area.x + left, width: area.width - left, ..area };
            pen::Pen::new(buf, ctx, inner, 0).put("no card has the focus", ctx.theme.dim);
            return;
        };
        let page = |reader: &Reader| -> Page { reader.page(Form::Pane, None, ctx) };
        let fresh = Reader::new(card);
        let reader = self.reader.as_ref().filter(|r| r.card() == card).unwrap_or(&fresh);
        reader.draw(buf, &page(reader), ctx);
    }
}
