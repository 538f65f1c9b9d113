//! What a secondary screen or a dialog is to the front end: it gets input and facts, says what came of it, and
//! draws itself from what it is given. It does no IO and reaches nothing but its context.

use std::collections::BTreeMap;

use crossterm::event::{KeyEvent, MouseEvent};
use ratatui::buffer::Buffer;
use ratatui::layout::{Position, Rect};

use super::effect::Effect;
use super::screens::Modal;
use super::screens::asking::Moving;
use super::screens::palette::Entry;
use super::state::look::LaneBy;
use super::theme::{Glyphs, Theme};
use crate::config::Settings;
use crate::config::keymap::{Action, Keymap, Layer, Press};
use crate::connector::Offers;
use crate::domain::board::Board;
use crate::domain::command::{Command, Reject};
use crate::domain::health::Health;
use crate::domain::link::ConnectionName;
use crate::engine::Update;
use crate::support::clock::Timestamp;

/// What the platforms offer, as far as they have been asked; an error is why they could not be.
pub type Offered = BTreeMap<ConnectionName, Result<Offers, String>>;

/// Everything a screen may look at.
#[derive(Debug, Clone, Copy)]
pub struct Ctx<'a> {
    /// The styles.
    pub theme: &'a Theme,
    /// The drawing characters.
    pub glyphs: &'a Glyphs,
    /// The bindings, for hints.
    pub keymap: &'a Keymap,
    /// Where the screen's keys are looked up, for hints.
    pub layer: Layer,
    /// The moment this is about; the same for a whole frame.
    pub now: Timestamp,
    /// The settings.
    pub settings: &'a Settings,
    /// The connections' health, in the order of the settings.
    pub health: &'a [Health],
    /// The board as it is shown: changes on their way to the store are in it.
    pub board: &'a Board,
    /// What the platforms offer.
    pub offers: &'a Offered,
    /// The person's own logins.
    pub me: &'a [String],
    /// Whether this is only the first page of the board.
    pub loading: bool,
    /// The area the screen is drawn in; its `x` and `y` are the terminal's.
    pub area: Rect,
}

/// Input that no binding took, or that goes to a screen as it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Input {
    /// A key: what it is, and the event as the text area wants it.
    Key(Press, KeyEvent),
    /// A pasted text.
    Paste(String),
    /// The mouse; positions are the terminal's, the screen's own area is in the context.
    Mouse(MouseEvent),
}

/// What came of an input.
#[derive(Debug)]
#[must_use]
pub enum Outcome {
    /// The screen does not know it; nothing changed.
    Ignored,
    /// Something may look different now.
    Stay,
    /// The screen is done with.
    Close,
    /// These requests go out; the screen stays.
    Do(Vec<Effect>),
    /// These requests go out; the screen is done with.
    CloseWith(Vec<Effect>),
    /// These commands are decided on the board as it is shown, applied and committed. If one is rejected, nothing is
    /// done and the screen is told (see [`Screen::rejected`]); if not, it is closed.
    Submit(Vec<Command>),
    /// The same, but the screen stays.
    Apply(Vec<Command>),
    /// The same, to bring back values a card had; an open card stays, a dialog is closed.
    Restore(Vec<Command>),
    /// Cards are to be moved, and the screen is done with. What a platform wants with it is asked before.
    Move(Box<Moving>),
    /// The board is filtered by this text, and the screen is done with.
    Filter(String),
    /// The board is to be cut into these lanes, and the screen is done with.
    Lanes(LaneBy),
    /// Another dialog comes on top.
    Open(Box<Modal>),
    /// Another dialog takes the place of this one.
    Replace(Box<Modal>),
    /// This action, on the card the screen is about. For screens that offer what the board offers.
    Run(Action),
    /// This command was chosen in the palette, which is done with; it is carried out on what is below it.
    Chosen(Entry),
    /// A line for the status bar; the screen stays.
    Say(String),
}

/// A secondary screen or a dialog.
pub trait Screen {
    /// Where its keys are looked up. In [`Layer::Text`] plain characters always reach [`Screen::input`].
    fn layer(&self) -> Layer;

    /// Whether it wants every key as it is, bound or not: [`Screen::input`] gets it.
    fn takes_all_keys(&self) -> bool {
        false
    }

    /// What its title bar calls it.
    fn title(&self, ctx: &Ctx<'_>) -> String;

    /// The actions worth a hint in the status bar, most useful first.
    fn hints(&self) -> &'static [Action] {
        &[]
    }

    /// A bound action. What it returns as [`Outcome::Ignored`] the front end handles (quit, help, views, sync ..).
    fn action(&mut self, action: Action, ctx: &Ctx<'_>) -> Outcome;

    /// Input that no binding took.
    fn input(&mut self, _input: &Input, _ctx: &Ctx<'_>) -> Outcome {
        Outcome::Ignored
    }

    /// A fact from the engine. Every screen on the stack gets every fact.
    fn update(&mut self, _update: &Update, _ctx: &Ctx<'_>) -> Outcome {
        Outcome::Ignored
    }

    /// The board rejected what was submitted.
    fn rejected(&mut self, _reject: &Reject) {}

    /// Whether closing it would lose what was typed; `quit` then asks first.
    fn unsaved(&self) -> bool {
        false
    }

    /// The part of `frame` it wants; by default all of it. Must be within `frame`, whatever its size.
    fn area(&self, frame: Rect, _ctx: &Ctx<'_>) -> Rect {
        frame
    }

    /// Draws it into `ctx.area`, which has been cleared to the theme's text style. Must survive any size, 0x0 too.
    fn render(&self, buf: &mut Buffer, ctx: &Ctx<'_>);

    /// Where the terminal's cursor stands, when text is typed.
    fn cursor(&self, _ctx: &Ctx<'_>) -> Option<Position> {
        None
    }
}

/// A rectangle of at most `width` by `height` in the middle of `frame`.
pub fn centred(frame: Rect, width: u16, height: u16) -> Rect {
    let (width, height) = (width.min(frame.width), height.min(frame.height));
    Rect { x: frame.x + (frame.width - width) / 2, y: frame.y + (frame.height - height) / 2, width, height }
}
