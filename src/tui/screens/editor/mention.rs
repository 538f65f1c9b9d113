//! Names and numbers while a text is typed: `@` goes on with people, `#` with cards by number and title. A list below the
//! cursor; nothing is put in unless it is taken.

use crossterm::event::{MouseButton, MouseEvent, MouseEventKind};
use ratatui::buffer::Buffer;
use ratatui::layout::{Position, Rect};

use super::Field;
use crate::config::keymap::{Key, Press};
use crate::domain::card::CardId;
use crate::tui::paint;
use crate::tui::screen::Ctx;
use crate::tui::screens::fuzzy;
use crate::tui::screens::pen::Pen;
use crate::tui::screens::picker::candidates::{Candidate, candidates};

/// Ways to go on that are offered at once.
const MOST: usize = 6;
/// Cells the list takes at most.
const WIDTH: u16 = 50;

/// Names and numbers to go on with.
#[derive(Debug, Default)]
pub struct Mentions {
    /// The people and cards there are; read when the first mark is typed, not before.
    known: Option<Known>,
    offered: Vec<Offered>,
    /// How many characters before the cursor the taken one replaces.
    begun: usize,
    chosen: usize,
    /// Whether somebody went through the list: enter then takes the chosen one, and is a line break before.
    walked: bool,
}

#[derive(Debug)]
struct Known {
    people: Vec<String>,
    cards: Vec<Candidate>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
struct Offered {
    with: String,
    about: String,
}

/// What a key did to the list.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Did {
    /// Nothing: it is the text's.
    Nothing,
    /// It went through the list, or closed it.
    Walked,
    /// It took one: the text is another one.
    Took,
}

impl Mentions {
    /// Whether a list is open.
    pub fn is_open(&self) -> bool {
        !self.offered.is_empty()
    }

    /// Closes the list; says whether there was one.
    pub fn close(&mut self) -> bool {
        let open = self.is_open();
        self.offered.clear();
        open
    }

    /// Looks anew what the word before the cursor can go on with; `about` is the card the text is about.
    pub fn look(&mut self, field: &Field, about: CardId, ctx: &Ctx<'_>) {
        self.offered.clear();
        (self.chosen, self.walked) = (0, false);
        let before = field.before_cursor();
        let Some((mark, typed)) = begun(&before) else { return };
        let known = self.known.get_or_insert_with(|| Known::read(about, ctx));
        self.begun = typed.chars().count() + 1;
        self.offered = match mark {
            '@' => known.people_like(typed),
            _ => known.cards_like(typed, about, ctx),
        };
    }

    /// A key while the list is open.
    pub fn key(&mut self, press: Press, field: &mut Field) -> Did {
        if !self.is_open() || press.alt {
            return Did::Nothing;
        }
        let count = self.offered.len();
        match (press.key, press.ctrl) {
            (Key::Down, _) | (Key::Char('n'), true) => self.chosen = (self.chosen + 1) % count,
            (Key::Up | Key::BackTab, _) | (Key::Char('p'), true) => {
                self.chosen = (self.chosen + count - 1) % count;
            }
            (Key::Tab, false) => {
                self.take(field);
                return Did::Took;
            }
            (Key::Enter, false) if self.walked => {
                self.take(field);
                return Did::Took;
            }
            _ => return Did::Nothing,
        }
        self.walked = true;
        Did::Walked
    }

    fn take(&mut self, field: &mut Field) {
        if let Some(chosen) = self.offered.get(self.chosen) {
            field.replace_before(self.begun, &format!("{} ", chosen.with));
        }
        self.offered.clear();
    }

    /// A click on a row of the list takes it.
    pub fn click(&mut self, mouse: MouseEvent, field: &mut Field, area: Rect) -> bool {
        let at = Position::new(mouse.column, mouse.row);
        let list = self.area(field, area);
        if mouse.kind != MouseEventKind::Down(MouseButton::Left) || !list.contains(at) {
            return false;
        }
        self.chosen = usize::from(at.y - list.y);
        self.take(field);
        true
    }

    /// Where the list stands when the field is drawn in `area`: below the cursor, or above it where there is more room.
    fn area(&self, field: &Field, area: Rect) -> Rect {
        let Some(cursor) = field.cursor(area).filter(|_| self.is_open()) else { return Rect::ZERO };
        let rows = self.offered.len() as u16;
        let (below, above) = (area.bottom().saturating_sub(cursor.y + 1), cursor.y - area.y);
        let height = rows.min(below.max(above));
        let y = if below >= height { cursor.y + 1 } else { cursor.y - height };
        let width = WIDTH.min(area.width);
        let x = cursor.x.saturating_sub(self.begun as u16).clamp(area.x, area.right().saturating_sub(width));
        Rect { x, y, width, height }
    }

    /// Draws the list over the field.
    pub fn render(&self, buf: &mut Buffer, ctx: &Ctx<'_>, field: &Field, area: Rect) {
        let list = self.area(field, area).intersection(buf.area);
        let named = self.offered.iter().map(|o| paint::width(&o.with)).max().unwrap_or(0) as u16;
        for (n, offered) in self.offered.iter().enumerate().take(usize::from(list.height)) {
            let row = Rect { y: list.y + n as u16, height: 1, ..list };
            let chosen = n == self.chosen;
            let style = if chosen { ctx.theme.selection } else { ctx.theme.input };
            for x in row.left()..row.right() {
                buf[(x, row.y)].reset();
                buf[(x, row.y)].set_style(style);
            }
            let mut pen = Pen::new(buf, ctx, row, 0);
            // A glyph, not a colour alone, says which one is chosen.
            pen.put(if chosen { ctx.glyphs.focus } else { " " }, style).skip(1);
            pen.field(&offered.with, named, style).skip(2).put(&offered.about, style.patch(ctx.theme.dim));
        }
    }
}

/// The mark and the letters behind it when the word before the cursor begins with one: at the start of the line or after
/// a character that is no part of a word, so that neither an address of e-mail nor `C#` opens a list. A `#` alone at the
/// start of a line is a heading.
fn begun(before: &str) -> Option<(char, &str)> {
    let at = before.rfind(['@', '#'])?;
    let (head, rest) = before.split_at(at);
    let mark = rest.chars().next()?;
    let typed = &rest[mark.len_utf8()..];
    let within = head.chars().next_back().is_some_and(|c| c.is_alphanumeric() || "@#_/`".contains(c));
    let word = typed.chars().all(|c| c.is_alphanumeric() || "-_.".contains(c));
    let heading = mark == '#' && typed.is_empty() && head.trim().is_empty();
    (!within && word && !heading).then_some((mark, typed))
}

impl Known {
    fn read(about: CardId, ctx: &Ctx<'_>) -> Self {
        let mut people: std::collections::BTreeSet<String> = ctx.me.iter().cloned().collect();
        for login in ctx.board.cards().flat_map(|c| &c.assignees) {
            if !people.contains(login) {
                people.insert(login.clone());
            }
        }
        people.extend(ctx.offers.values().flatten().flat_map(|o| o.assignable.iter().cloned()));
        Self { people: people.into_iter().collect(), cards: candidates(ctx, &[about]) }
    }

    fn people_like(&self, typed: &str) -> Vec<Offered> {
        let mut found: Vec<(i32, &String)> = Vec::new();
        for login in &self.people {
            if let Some(hit) =
                fuzzy::matches(typed, login).filter(|_| login.to_lowercase() != typed.to_lowercase())
            {
                found.push((hit.score, login));
            }
        }
        found.sort_by_key(|(score, _)| std::cmp::Reverse(*score));
        let offered =
            |(_, login): (i32, &String)| Offered { with: format!("@{login}"), about: String::new() };
        found.into_iter().take(MOST).map(offered).collect()
    }

    /// Cards whose number begins with what is typed, then those whose title holds it.
    fn cards_like(&self, typed: &str, about: CardId, ctx: &Ctx<'_>) -> Vec<Offered> {
        let number = |c: &&Candidate| c.key.rsplit('#').next().is_some_and(|n| n.starts_with(typed));
        let lower = typed.to_lowercase();
        let titled = |c: &&Candidate| !number(c) && c.title.to_lowercase().contains(&lower);
        let found = self.cards.iter().filter(number).chain(self.cards.iter().filter(titled)).take(MOST);
        found.map(|c| Offered { with: spoken_of(c, about, ctx), about: c.title.clone() }).collect()
    }
}

/// How a card is spoken of on another one: `#12` where both are on one connection, which platforms make a link of, else
/// by its key.
fn spoken_of(other: &Candidate, about: CardId, ctx: &Ctx<'_>) -> String {
    let own = ctx.board.card(about).map(|c| c.links.as_slice()).unwrap_or_default();
    let card = ctx.board.card(other.id);
    let shared = own.iter().find_map(|l| card?.link_on(l.connection.as_str())?.number);
    // On several platforms a bare number would mean another item on each.
    match shared.filter(|_| own.len() == 1) {
        Some(number) => format!("#{number}"),
        None => other.key.clone(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mark_opens_the_list_only_where_a_name_begins() {
        for (text, wanted) in [
            ("ask @", Some(('@', ""))),
            ("ask @an", Some(('@', "an"))),
            ("(see #12", Some(('#', "12"))),
            ("@", Some(('@', ""))),
            ("fixes #", Some(('#', ""))),
            ("#", None),
            ("## Head", None),
            ("ana@example", None),
            ("C#", None),
            ("ask @ana now", None),
            ("a/b#3", None),
        ] {
            assert_eq!(begun(text), wanted, "{text}");
        }
    }
}
