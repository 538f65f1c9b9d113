//! What a card says and the rows it takes: the same for drawing and for laying out, so that they cannot differ. Pure.

use chrono::NaiveDate;

use crate::domain::card::{Card, Kind};
use crate::domain::fields::FieldName;
use crate::tui::paint;
use crate::tui::state::State;
use crate::tui::state::look::Density;
use crate::tui::theme::Mark;

/// The most rows below the title of a full card.
const FULL_MOST: usize = 8;
/// The cells of a gauge.
const GAUGE: u32 = 4;

/// What a piece of a card's text is, for its colour.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Tint {
    /// A key, an age, a size.
    Dim,
    /// A kind, a priority.
    Title,
    /// A label.
    Label,
    /// A person.
    Person,
    /// A milestone.
    Milestone,
    /// Look at this.
    Warn,
    /// A mark of being in step or not.
    Mark(Mark),
}

/// A piece of a card's text. Pieces stand one blank apart.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Piece {
    /// What it says.
    pub text: String,
    /// What it is.
    pub tint: Tint,
}

fn piece(text: impl Into<String>, tint: Tint) -> Piece {
    Piece { text: text.into(), tint }
}

/// The cells a card's text has in a column of this width: a bar, a blank, the text, a gutter.
pub fn text_width(column: u16) -> usize {
    usize::from(column.saturating_sub(3)).max(1)
}

/// The rows a card takes.
pub fn card_height(state: &State, card: &Card, column: u16, roomy: bool) -> u16 {
    let title = |lines| title_lines(card, column, lines).max(1) as u16;
    match state.look.density {
        Density::Compact => 1,
        Density::Normal => title(2) + 1 + u16::from(!facts(state, card, roomy).is_empty()),
        Density::Full => title(3) + full_lines(state, card, text_width(column)).len() as u16,
    }
}

/// The most lines a title takes.
pub fn title_most(density: Density) -> usize {
    match density {
        Density::Compact => 1,
        Density::Normal => 2,
        Density::Full => 3,
    }
}

/// The lines a title takes, at most so many.
fn title_lines(card: &Card, column: u16, most: usize) -> usize {
    paint::wrap(&paint::clean(&card.title), text_width(column), most, "").len()
}

/// What a card says of itself below its key: whether it is in step, how far its parts are, and where there is room when
/// it is due, how long it lies, how much it matters and how big it is.
pub fn facts(state: &State, card: &Card, roomy: bool) -> Vec<Piece> {
    let mut out = Vec::new();
    if let Some(mark) = Mark::of(card) {
        out.push(piece(format!("{} {}", state.glyphs.mark(mark), mark.word()), Tint::Mark(mark)));
    }
    if let Some((done, all)) = progress(state, card) {
        out.push(piece(format!("{done}/{all} {}", gauge(state, done, all)), Tint::Dim));
    }
    if !roomy {
        return out;
    }
    let late = overdue(state, card);
    if let Some(day) = card.extra(FieldName::DUE) {
        let (word, tint) = if late {
            (format!("{} overdue {day}", state.glyphs.warn), Tint::Warn)
        } else {
            (format!("due {day}"), Tint::Dim)
        };
        out.push(piece(word, tint));
    }
    out.extend(stale(state, card));
    if let Some(priority) = card.extra(FieldName::PRIORITY) {
        out.push(piece(format!("!{priority}"), Tint::Title));
    }
    if let Some(estimate) = card.extra(FieldName::ESTIMATE) {
        out.push(piece(format!("est {estimate}"), Tint::Dim));
    }
    if let Some(milestone) = &card.milestone {
        out.push(piece(milestone.clone(), Tint::Milestone));
    }
    out
}

/// What should not be missed where there is no room for facts: that it is overdue, or lies.
pub fn warnings(state: &State, card: &Card) -> Vec<Piece> {
    let late = overdue(state, card).then(|| piece(format!("{} overdue", state.glyphs.warn), Tint::Warn));
    late.into_iter().chain(stale(state, card)).collect()
}

/// What stands beside a card's key: its kind, unless it is a plain issue.
pub fn kind(card: &Card) -> Option<Piece> {
    (card.kind != Kind::Issue).then(|| piece(card.kind.as_str(), Tint::Title))
}

/// The lines below the title of a full card: key, kind, people and every label; then every fact.
pub fn full_lines(state: &State, card: &Card, room: usize) -> Vec<Vec<Piece>> {
    let people = card.assignees.iter().map(|a| piece(format!("@{a}"), Tint::Person));
    let labels = card.labels.iter().map(|l| piece(l.clone(), Tint::Label));
    let first = std::iter::once(piece(card.key(), Tint::Dim)).chain(kind(card)).chain(people).chain(labels);
    let mut out = packed(first, room);
    out.extend(packed(facts(state, card, true).into_iter(), room));
    out.truncate(FULL_MOST);
    out
}

/// Pieces in lines of `room` cells; one that is wider has a line of its own.
fn packed(pieces: impl Iterator<Item = Piece>, room: usize) -> Vec<Vec<Piece>> {
    let mut out: Vec<Vec<Piece>> = Vec::new();
    let mut used = 0;
    for piece in pieces {
        let width = paint::width(&paint::clean(&piece.text));
        match out.last_mut() {
            Some(line) if used + 1 + width <= room => {
                line.push(piece);
                used += 1 + width;
            }
            _ => {
                out.push(vec![piece]);
                used = width;
            }
        }
    }
    out
}

/// How many of a card's parts are done, and how many it has; none where it has none.
pub fn progress(state: &State, card: &Card) -> Option<(u32, u32)> {
    let (done, all) = state.board.progress_of(card, state.closed());
    (all > 0).then_some((done, all))
}

fn gauge(state: &State, done: u32, all: u32) -> String {
    // Full only when all is done.
    let full = (done * GAUGE).checked_div(all).unwrap_or(0).min(GAUGE) as usize;
    let glyphs = &state.glyphs;
    format!("{}{}", glyphs.gauge_full.repeat(full), glyphs.gauge_empty.repeat(GAUGE as usize - full))
}

/// Whether a card should have been done before today.
pub fn overdue(state: &State, card: &Card) -> bool {
    let day = card.extra(FieldName::DUE).and_then(|day| day.parse::<NaiveDate>().ok());
    day.is_some_and(|day| !state.closed().contains(&card.status) && day < state.facts().today)
}

/// That nothing happened to an open card for long.
fn stale(state: &State, card: &Card) -> Option<Piece> {
    let limit = i64::try_from(state.settings.stale_after?.as_millis()).ok()?;
    let lies = state.now.since(card.updated_at);
    if lies < limit || state.closed().contains(&card.status) {
        return None;
    }
    let days = lies / 86_400_000;
    let age = if days > 0 { format!("{days}d") } else { format!("{}h", lies / 3_600_000) };
    Some(piece(format!("{} stale {age}", state.glyphs.stale), Tint::Dim))
}
