//! A picture of any view without a terminal, drawn by the same code that draws it in one: as an SVG, as text, or with the
//! terminal's own colour codes.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::sync::Arc;

use ratatui::buffer::{Buffer, CellWidth as _};
use ratatui::layout::Rect;
use ratatui::style::{Color, Modifier};

use super::effect::Effect;
use super::state::{Setup, State, View};
use super::svg::{Palette, document};
use super::theme::Depth;
use super::update::{Event, perform, update};
use super::view;
use crate::config::Settings;
use crate::config::keymap::{Action, KeymapError};
use crate::config::settings::ThemeName;
use crate::domain::board::Board;
use crate::domain::card::CardId;
use crate::domain::health::Health;
use crate::engine::Update;
use crate::support::clock::Timestamp;

/// What a picture is drawn of.
pub struct Subject {
    /// The settings; the theme they name is worn.
    pub settings: Arc<Settings>,
    /// The whole board.
    pub board: Board,
    /// The connections' health.
    pub health: Vec<Health>,
    /// The person's own logins.
    pub me: Vec<String>,
    /// The moment it is about.
    pub now: Timestamp,
}

/// What can be seen.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sight {
    /// A view; the board with the health panel beside it where there is room.
    View(View),
    /// An open card.
    Card(CardId),
    /// The bindings of the board.
    Help,
    /// The list of themes over the board.
    Themes,
}

/// A screen nobody sits at.
pub struct Scene {
    state: State,
}

impl Scene {
    /// The board on a screen of `columns` by `rows` cells.
    pub fn new(subject: Subject, columns: u16, rows: u16) -> Result<Self, KeymapError> {
        let Subject { settings, board, health, me, now } = subject;
        let setup = Setup {
            settings,
            board: board.clone(),
            health,
            me,
            now,
            remembered: BTreeMap::new(),
            depth: Depth::True,
            size: (columns, rows),
        };
        let mut scene = Self { state: State::new(setup)? };
        scene.tell(Update::Loaded(Box::new(board)));
        Ok(scene)
    }

    /// Goes where something can be seen, and asks for what it shows: the answers are told.
    pub fn look(&mut self, at: Sight) -> Vec<Effect> {
        let state = &mut self.state;
        let action = match at {
            Sight::View(View::Board) => return vec![],
            Sight::View(View::Mappings) => Action::ViewMappings,
            Sight::View(View::Health) => Action::ViewHealth,
            Sight::View(View::Activity) => Action::ViewActivity,
            Sight::View(View::Conflicts) => Action::ViewConflicts,
            Sight::Help => Action::Help,
            Sight::Themes => Action::Themes,
            Sight::Card(card) => {
                state.focus_card(card);
                Action::Open
            }
        };
        perform(state, action)
    }

    /// Docks the health panel beside the view.
    pub fn dock(&mut self) {
        self.state.docked = true;
    }

    /// A fact. What the engine would do about it is of no interest here.
    pub fn tell(&mut self, fact: Update) {
        let now = self.state.now;
        drop(update(&mut self.state, now, Event::Engine(Box::new(fact))));
    }

    fn draw(&self) -> Buffer {
        let mut buffer = Buffer::empty(self.state.area);
        view::draw(&self.state, &mut buffer);
        buffer
    }

    /// The picture as a self-contained SVG document.
    pub fn svg(&self) -> String {
        let settings = &self.state.settings;
        let base = match &settings.ui.theme {
            ThemeName::Own(name) => settings.themes.iter().find(|t| t.name == *name).map(|t| &t.base),
            built_in => Some(built_in),
        };
        let terminal = if base == Some(&ThemeName::Light) { Palette::LIGHT } else { Palette::DARK };
        document(&self.draw(), &terminal.around(self.state.theme.text), &settings.board_name)
    }

    /// The picture as text, without blanks at the ends of its lines.
    pub fn text(&self) -> String {
        let buffer = self.draw();
        let mut out = String::new();
        for y in rows(&buffer) {
            let line: String = cells(&buffer, y).map(|x| buffer[(x, y)].symbol()).collect();
            let _ = writeln!(out, "{}", line.trim_end());
        }
        out
    }

    /// The picture with the codes that set colours in a terminal (ECMA-48 SGR), each line from plain to plain.
    pub fn ansi(&self) -> String {
        let buffer = self.draw();
        let mut out = String::new();
        for y in rows(&buffer) {
            let mut last = String::new();
            for x in cells(&buffer, y) {
                let cell = &buffer[(x, y)];
                let code = sgr(cell.fg, cell.bg, cell.modifier);
                if code != last {
                    let _ = write!(out, "\u{1b}[{code}m");
                    last = code;
                }
                out.push_str(cell.symbol());
            }
            out.push_str("\u{1b}[0m\n");
        }
        out
    }
}

fn rows(buffer: &Buffer) -> std::ops::Range<u16> {
    let Rect { y, .. } = buffer.area;
    y..buffer.area.bottom()
}

/// The columns in which something begins: not those under the right half of what is wide.
fn cells(buffer: &Buffer, y: u16) -> impl Iterator<Item = u16> {
    let next = move |x: u16| x + buffer[(x, y)].cell_width().max(1);
    let right = buffer.area.right();
    std::iter::successors(Some(buffer.area.x).filter(|x| *x < right), move |x| {
        Some(next(*x)).filter(|x| *x < right)
    })
}

/// The parameters that set a cell's look, from plain.
fn sgr(fg: Color, bg: Color, how: Modifier) -> String {
    let mut out = "0".to_owned();
    for (modifier, code) in [
        (Modifier::BOLD, 1),
        (Modifier::DIM, 2),
        (Modifier::ITALIC, 3),
        (Modifier::UNDERLINED, 4),
        (Modifier::REVERSED, 7),
        (Modifier::CROSSED_OUT, 9),
    ] {
        if how.contains(modifier) {
            let _ = write!(out, ";{code}");
        }
    }
    for (colour, base) in [(fg, 30_u16), (bg, 40)] {
        let _ = match colour {
            Color::Reset => Ok(()),
            Color::Rgb(r, g, b) => write!(out, ";{};2;{r};{g};{b}", base + 8),
            Color::Indexed(n) => write!(out, ";{};5;{n}", base + 8),
            named => {
                let n = super::theme::number(named);
                write!(out, ";{}", if n < 8 { base + n } else { base + 60 + n - 8 })
            }
        };
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tui::fixture;

    fn scene(theme: ThemeName, columns: u16, rows: u16) -> Scene {
        let mut settings = fixture::settings();
        settings.ui.theme = theme;
        let subject = Subject {
            settings: Arc::new(settings),
            board: fixture::board(9),
            health: vec![fixture::health()],
            me: vec!["ana".into()],
            now: fixture::NOW,
        };
        Scene::new(subject, columns, rows).expect("the built-in bindings")
    }

    #[test]
    fn the_same_subject_is_the_same_picture_in_each_form() {
        for theme in ThemeName::ALL {
            let (one, other) = (scene(theme.clone(), 80, 24), scene(theme, 80, 24));
            assert_eq!((one.svg(), one.text(), one.ansi()), (other.svg(), other.text(), other.ansi()));
            assert_eq!(one.text().lines().count(), 24);
            assert!(one.text().contains("Config schema"), "{}", one.text());
        }
    }

    #[test]
    fn a_terminal_that_is_given_the_codes_shows_the_text_in_its_colours() {
        let scene = scene(ThemeName::Light, 80, 24);
        let (rows, columns) = (24.try_into().expect("rows"), 80.try_into().expect("columns"));
        let mut terminal = vt100::Parser::new(rows, columns, 0);
        terminal.process(scene.ansi().trim_end().replace('\n', "\r\n").as_bytes());
        let screen = terminal.screen();
        let shown: Vec<String> = screen.rows(0, 80).map(|row| row.trim_end().to_owned()).collect();
        assert_eq!(shown.join("\n").trim_end(), scene.text().trim_end());
        let cell = screen.cell(1, 0).expect("a cell");
        assert_eq!(cell.bgcolor(), vt100::Color::Idx(231));
    }

    #[test]
    fn a_sight_asks_for_what_it_shows() {
        let mut scene = scene(ThemeName::Dark, 80, 24);
        assert!(matches!(scene.look(Sight::View(View::Activity))[..], [Effect::ListActivity { .. }]));
        let mut conflicts = self::scene(ThemeName::Dark, 80, 24);
        assert!(conflicts.look(Sight::View(View::Conflicts)).contains(&Effect::ListConflicts));
        let mut card = self::scene(ThemeName::Dark, 80, 24);
        assert!(card.look(Sight::Card(fixture::id(3))).contains(&Effect::OpenCard(fixture::id(3))));
        let mut help = self::scene(ThemeName::Dark, 80, 24);
        assert_eq!(help.look(Sight::Help), []);
        assert!(help.text().contains("Help: Board"), "{}", help.text());
    }
}
