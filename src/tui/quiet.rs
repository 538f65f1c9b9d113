//! A terminal backend that writes nothing when there is nothing to write: no colour resets after an empty frame, no
//! cursor that is hidden again and again, no link begun anew for each of its cells.

use std::borrow::Cow;
use std::io;

use ratatui::backend::{Backend, ClearType, WindowSize};
use ratatui::buffer::Cell;
use ratatui::layout::{Position, Size};

use super::hyperlinks::{apart, sequence};

/// Wraps a backend and keeps quiet where it would repeat itself.
#[derive(Debug)]
pub struct Quiet<B> {
    inner: B,
    /// Whether the cursor is shown; `None` when that is not known.
    shown: Option<bool>,
    at: Option<Position>,
}

impl<B> Quiet<B> {
    /// Wraps a backend of which nothing is known.
    pub fn new(inner: B) -> Self {
        Self { inner, shown: None, at: None }
    }

    /// Forgets what the terminal is thought to be like: somebody else had it.
    pub fn forget(&mut self) {
        self.shown = None;
        self.at = None;
    }
}

/// A cell on its way: column, row, what.
type Placed<'a> = (u16, u16, Cow<'a, Cell>);

/// Lets each run of cells of one link begin it once and end it once.
fn joined(mut content: Vec<Placed<'_>>) -> Vec<Placed<'_>> {
    // The address of the link that is begun, and where its run goes on.
    let mut open: Option<(String, (u16, u16))> = None;
    for n in 0..content.len() {
        let at = (content[n].0, content[n].1);
        let found = apart(content[n].2.symbol()).map(|(url, text)| (url.to_owned(), text.to_owned()));
        let goes_on =
            matches!((&open, &found), (Some((url, next)), Some((to, _))) if url == to && *next == at);
        if open.is_some() && !goes_on {
            close(&mut content[n - 1].2);
            open = None;
        }
        if let Some((url, text)) = found {
            let begin = if goes_on { text } else { format!("{}{text}", sequence(&url)) };
            content[n].2.to_mut().set_symbol(&begin);
            open = Some((url, (at.0 + 1, at.1)));
        }
    }
    if let (Some(_), Some((_, _, last))) = (open, content.last_mut()) {
        close(last);
    }
    content
}

fn close(cell: &mut Cow<'_, Cell>) {
    let closed = format!("{}{}", cell.symbol(), sequence(""));
    cell.to_mut().set_symbol(&closed);
}

impl<B: Backend<Error = io::Error>> Backend for Quiet<B> {
    type Error = io::Error;

    fn draw<'a, I>(&mut self, content: I) -> io::Result<()>
    where
        I: Iterator<Item = (u16, u16, &'a Cell)>,
    {
        let content: Vec<Placed<'a>> = content.map(|(x, y, c)| (x, y, Cow::Borrowed(c))).collect();
        if content.is_empty() {
            return Ok(());
        }
        // Drawing moves the cursor.
        self.at = None;
        let content = joined(content);
        self.inner.draw(content.iter().map(|(x, y, cell)| (*x, *y, &**cell)))
    }

    fn hide_cursor(&mut self) -> io::Result<()> {
        if self.shown.replace(false) == Some(false) {
            return Ok(());
        }
        self.inner.hide_cursor()
    }

    fn show_cursor(&mut self) -> io::Result<()> {
        if self.shown.replace(true) == Some(true) {
            return Ok(());
        }
        self.inner.show_cursor()
    }

    fn get_cursor_position(&mut self) -> io::Result<Position> {
        // Asking the terminal would put its answer among the keys.
        Ok(self.at.unwrap_or(Position::ORIGIN))
    }

    fn set_cursor_position<P: Into<Position>>(&mut self, position: P) -> io::Result<()> {
        let position = position.into();
        if self.at.replace(position) == Some(position) {
            return Ok(());
        }
        self.inner.set_cursor_position(position)
    }

    fn clear(&mut self) -> io::Result<()> {
        self.at = None;
        self.inner.clear()
    }

    fn clear_region(&mut self, region: ClearType) -> io::Result<()> {
        self.at = None;
        self.inner.clear_region(region)
    }

    fn size(&self) -> io::Result<Size> {
        self.inner.size()
    }

    fn window_size(&mut self) -> io::Result<WindowSize> {
        self.inner.window_size()
    }

    fn flush(&mut self) -> io::Result<()> {
        Backend::flush(&mut self.inner)
    }
}

#[cfg(test)]
mod tests {
    use ratatui::Terminal;
    use ratatui::backend::CrosstermBackend;
    use ratatui::buffer::{Buffer, CellDiffOption};
    use ratatui::layout::Rect;

    use super::*;

    const URL: &str = "https://a.test/1";

    /// What is written of a row: `links` are the cells that belong to the address.
    fn written(text: &str, links: std::ops::Range<usize>, url: &str) -> Vec<Placed<'static>> {
        let cells = text.chars().enumerate().map(|(n, c)| {
            let mut cell = Cell::default();
            let symbol = if links.contains(&n) { format!("{}{c}", sequence(url)) } else { c.to_string() };
            cell.set_symbol(&symbol);
            (n as u16, 0, Cow::Owned(cell))
        });
        cells.collect()
    }

    fn text(cells: &[Placed<'_>]) -> String {
        cells.iter().map(|(_, _, c)| c.symbol()).collect::<String>().replace('\u{1b}', "^")
    }

    #[test]
    fn a_link_is_begun_and_ended_once_wherever_it_stands() {
        let (begin, end) = (format!("^]8;;{URL}^\\"), "^]8;;^\\");
        assert_eq!(text(&joined(written("a core#1 b", 2..8, URL))), format!("a {begin}core#1{end} b"));
        assert_eq!(text(&joined(written("core#1", 0..6, URL))), format!("{begin}core#1{end}"));
        assert_eq!(text(&joined(written("plain", 0..0, URL))), "plain");
    }

    #[test]
    fn two_links_side_by_side_and_a_gap_are_two_links() {
        let mut cells = written("ab", 0..2, URL);
        cells.extend(written("cd", 0..2, "https://a.test/2").into_iter().map(|(x, y, c)| (x + 2, y, c)));
        assert_eq!(text(&joined(cells)).matches("]8;;https").count(), 2);
        let mut cells = written("ab", 0..2, URL);
        cells[1].0 = 7;
        let text = text(&joined(cells));
        assert_eq!((text.matches("]8;;https").count(), text.matches("]8;;^").count()), (2, 2));
    }

    #[test]
    fn a_link_to_elsewhere_is_written_anew_under_the_same_text() {
        let mut out: Vec<u8> = Vec::new();
        {
            let area = Rect::new(0, 0, 6, 1);
            let viewport = ratatui::Viewport::Fixed(area);
            let backend = Quiet::new(CrosstermBackend::new(&mut out));
            let options = ratatui::TerminalOptions { viewport };
            let mut terminal = Terminal::with_options(backend, options).expect("memory");
            for url in [URL, URL, "https://a.test/2"] {
                let fill = |buf: &mut Buffer| {
                    for x in 0..6 {
                        buf[(x, 0)]
                            .set_symbol(&format!("{}x", sequence(url)))
                            .set_diff_option(CellDiffOption::ForcedWidth(std::num::NonZeroU16::MIN));
                    }
                };
                terminal.draw(|frame| fill(frame.buffer_mut())).expect("memory");
            }
        }
        let text = String::from_utf8(out).expect("text");
        assert_eq!(text.matches(URL).count(), 1, "what is the same is not written again");
        assert_eq!(text.matches("https://a.test/2").count(), 1);
        assert_eq!(text.matches('x').count(), 12, "every cell once for each address");
    }
}
