//! The floor: the least that any board in a terminal does. Five columns over cards in memory, only what is on the
//! screen is drawn, only after an event. It knows nothing of Corkboard but the titles of the cards.
#![allow(dead_code, reason = "each benchmark uses its part")]

use std::io::{self, BufWriter, Write};
use std::time::Duration;

use crossterm::event::{self, DisableMouseCapture, EnableMouseCapture, Event, KeyCode};
use crossterm::{execute, terminal};
use ratatui::Terminal;
use ratatui::backend::CrosstermBackend;
use ratatui::buffer::Buffer;
use ratatui::layout::{Constraint, Layout, Rect};
use ratatui::style::{Color, Style};
use ratatui::text::{Line, Span};
use ratatui::widgets::{Block, Paragraph, Widget};

const COLUMNS: [&str; 5] = ["Backlog", "To Do", "In Progress", "Review", "Done"];
const CARD_ROWS: u16 = 4;

/// A card of the floor.
struct Card {
    key: u64,
    title: String,
    facts: String,
}

/// A board of the floor.
pub struct Floor {
    columns: [Vec<Card>; 5],
    column: usize,
    at: [usize; 5],
    top: [usize; 5],
}

impl Floor {
    /// A board of `cards` cards.
    pub fn new(cards: u64) -> Self {
        let mut columns: [Vec<Card>; 5] = Default::default();
        for n in 1..=cards {
            let item = crate::stage::item(n);
            let labels: Vec<String> = item.state.labels.into_iter().collect();
            let people: Vec<String> = item.assignees.into_iter().collect();
            let facts = format!("{} @{}", labels.join(" "), people.join(" @"));
            columns[n as usize % 5].push(Card { key: n, title: item.title, facts });
        }
        Self { columns, column: 0, at: [0; 5], top: [0; 5] }
    }

    /// Moves the focus.
    pub fn key(&mut self, key: char) {
        let last = self.columns[self.column].len().saturating_sub(1);
        let at = &mut self.at[self.column];
        match key {
            'j' => *at = (*at + 1).min(last),
            'k' => *at = at.saturating_sub(1),
            'h' => self.column = self.column.saturating_sub(1),
            'l' => self.column = (self.column + 1).min(COLUMNS.len() - 1),
            _ => {}
        }
    }

    /// Draws what is on the screen.
    pub fn draw(&mut self, area: Rect, buf: &mut Buffer) {
        let rows = [Constraint::Length(1), Constraint::Min(0), Constraint::Length(1)];
        let [head, body, foot] = Layout::vertical(rows).areas(area);
        let count: usize = self.columns.iter().map(Vec::len).sum();
        Line::raw(format!("floor  {count} cards  {}", self.at[self.column] + 1)).render(head, buf);
        Line::raw("hjkl move  q quit").render(foot, buf);
        let areas: [Rect; 5] = Layout::horizontal([Constraint::Fill(1); 5]).areas(body);
        for (n, area) in areas.into_iter().enumerate() {
            self.draw_column(n, area, buf);
        }
    }

    fn draw_column(&mut self, n: usize, area: Rect, buf: &mut Buffer) {
        let colour = if n == self.column { Color::Yellow } else { Color::DarkGray };
        let block = Block::bordered().border_style(Style::new().fg(colour)).title(format!(
            "{} {}",
            COLUMNS[n],
            self.columns[n].len()
        ));
        let inner = block.inner(area);
        block.render(area, buf);
        let shown = usize::from(inner.height / CARD_ROWS).max(1);
        self.top[n] = self.top[n].clamp((self.at[n] + 1).saturating_sub(shown), self.at[n]);
        let cards = self.columns[n].iter().enumerate().skip(self.top[n]).take(shown);
        for ((index, card), row) in cards.zip(0_u16..) {
            let y = inner.y + row * CARD_ROWS;
            let place = Rect { y, height: CARD_ROWS, ..inner }.intersection(inner);
            let focused = n == self.column && index == self.at[n];
            draw_card(card, focused, place, buf);
        }
    }
}

fn draw_card(card: &Card, focused: bool, area: Rect, buf: &mut Buffer) {
    let colour = if focused { Color::Yellow } else { Color::DarkGray };
    let block = Block::bordered().border_style(Style::new().fg(colour)).title(format!("#{}", card.key));
    let inner = block.inner(area);
    block.render(area, buf);
    let facts = Span::styled(card.facts.as_str(), Style::new().fg(Color::Blue));
    Paragraph::new(vec![Line::raw(card.title.as_str()), Line::from(facts)]).render(inner, buf);
}

/// Runs the floor in this process' terminal until `q`.
pub fn run(cards: u64) -> io::Result<()> {
    terminal::enable_raw_mode()?;
    let mut screen = Terminal::new(CrosstermBackend::new(BufWriter::with_capacity(65_536, io::stdout())))?;
    execute!(screen.backend_mut(), terminal::EnterAlternateScreen, EnableMouseCapture)?;
    let mut floor = Floor::new(cards);
    'run: loop {
        screen.draw(|frame| floor.draw(frame.area(), frame.buffer_mut()))?;
        loop {
            if let Event::Key(key) = event::read()?
                && let KeyCode::Char(c) = key.code
            {
                if c == 'q' {
                    break 'run;
                }
                floor.key(c);
            }
            if !event::poll(Duration::ZERO)? {
                break;
            }
        }
    }
    execute!(screen.backend_mut(), DisableMouseCapture, terminal::LeaveAlternateScreen)?;
    screen.backend_mut().flush()?;
    terminal::disable_raw_mode()
}
