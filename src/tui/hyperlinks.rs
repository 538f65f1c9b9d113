//! Links that a terminal makes clickable (OSC 8): the keys and addresses of an open card. Woven into the picture after it
//! is drawn, so that no screen has to know; taken apart again by the backend ([`super::quiet`]), which writes them.
//! Not on the board: there each address would be written again whenever a column scrolls, for every card.
//! <https://gist.github.com/egmontkob/eb114294efbcd5adb1944c9f3cb5feda>

use std::num::NonZeroU16;

use ratatui::buffer::{Buffer, CellDiffOption};
use ratatui::layout::Rect;

use super::paint;
use super::state::State;
use crate::domain::card::Card;

/// Longest address that is linked, in bytes: terminals take two thousand at least.
const LONGEST: usize = 1_000;

/// What a cell's text begins with when it is part of a link; the address follows, then [`END`].
const MARK: &str = "\u{1b}]8;;";
const END: &str = "\u{1b}\\";

/// The sequence that begins a link; without an address, that ends one.
pub fn sequence(url: &str) -> String {
    format!("{MARK}{url}{END}")
}

/// The address and the text of a cell that is part of a link.
pub fn apart(symbol: &str) -> Option<(&str, &str)> {
    symbol.strip_prefix(MARK)?.split_once(END)
}

/// Whether an address can be linked: a web address without anything that could end the sequence.
fn linkable(url: &str) -> bool {
    url.len() <= LONGEST
        && url.bytes().all(|b| (0x21..=0x7e).contains(&b))
        && (url.starts_with("https://") || url.starts_with("http://"))
}

/// Makes links of what is shown of the open card's keys and addresses. Walks what is on the screen.
pub fn weave(state: &State, buf: &mut Buffer) {
    let Some(card) = state.open_card().and_then(|id| state.board.card(id)) else { return };
    let whole = buf.area;
    of_card(card, whole, state.glyphs.ellipsis, buf);
}

/// The same for one card in a part of the picture.
fn of_card(card: &Card, area: Rect, ellipsis: &str, buf: &mut Buffer) {
    let mut wanted: Vec<(String, &str)> = Vec::new();
    for link in &card.links {
        let Some(url) = link.url.as_deref().filter(|u| linkable(u)) else { continue };
        if let Some(number) = link.number {
            wanted.push((format!("{}#{number}", link.connection), url));
        }
        wanted.push((url.to_owned(), url));
    }
    if wanted.is_empty() {
        return;
    }
    for y in area.top()..area.bottom() {
        let cells: Vec<&str> = (area.left()..area.right()).map(|x| buf[(x, y)].symbol()).collect();
        let found: Vec<_> = wanted
            .iter()
            .flat_map(|(text, url)| places(&cells, text, ellipsis).into_iter().map(move |at| (at, *url)))
            .collect();
        for ((from, length), url) in found {
            for n in from..from + length {
                join(buf, area.x + n as u16, y, url);
            }
        }
    }
}

/// Where a text stands in a row of cells, whole words only: its first cell and how many. An address may be cut.
fn places(cells: &[&str], text: &str, ellipsis: &str) -> Vec<(usize, usize)> {
    let is_word = |cell: Option<&&str>| {
        cell.is_some_and(|c| c.chars().next().is_some_and(|c| c.is_alphanumeric() || c == '#' || c == '-'))
    };
    let mut out = Vec::new();
    let mut from = 0;
    while from < cells.len() {
        let same =
            cells[from..].iter().zip(text.chars()).take_while(|(cell, c)| cell.chars().eq([*c])).count();
        let next = cells.get(from + same);
        let whole = same == text.len() && !is_word(next);
        let cut = same >= "https://a.b/".len() && same < text.len() && next.is_some_and(|c| *c == ellipsis);
        if (whole || cut) && (from == 0 || !is_word(cells.get(from - 1))) {
            out.push((from, same + usize::from(cut)));
            from += same;
        }
        from += 1;
    }
    out
}

/// Makes a cell part of a link. Its width is told, as the sequence would be measured.
fn join(buf: &mut Buffer, x: u16, y: u16, url: &str) {
    let cell = &mut buf[(x, y)];
    if cell.symbol().starts_with(MARK) {
        return;
    }
    let width = NonZeroU16::new(paint::width(cell.symbol()) as u16).unwrap_or(NonZeroU16::MIN);
    let linked = format!("{}{}", sequence(url), cell.symbol());
    cell.set_symbol(&linked).set_diff_option(CellDiffOption::ForcedWidth(width));
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tui::fixture;

    fn row(text: &str) -> Vec<&str> {
        text.char_indices().map(|(at, c)| &text[at..at + c.len_utf8()]).collect()
    }

    #[test]
    fn a_key_is_linked_where_it_stands_by_itself() {
        assert_eq!(places(&row("core#1, core#12 (core#1)"), "core#1", "…"), [(0, 6), (17, 6)]);
        assert_eq!(places(&row("score#1 e-core#1 core#1"), "core#1", "…"), [(17, 6)]);
    }

    #[test]
    fn an_address_is_linked_even_where_it_is_cut() {
        let url = "https://github.test/octo/app/issues/1";
        let sentence = format!("at {url}.");
        assert_eq!(places(&row(&sentence), url, "…"), [(3, url.len())]);
        assert_eq!(places(&row("at https://github.test/oc… 3"), url, "…"), [(3, 23)]);
        assert_eq!(places(&row("at https://github.test/other"), url, "…"), []);
        assert_eq!(places(&row("https:/…"), url, "…"), [], "too little of it to be sure");
    }

    #[test]
    fn only_what_cannot_end_the_sequence_is_an_address() {
        for good in ["https://github.test/a?b=c#d", "http://127.0.0.1:1/x"] {
            assert!(linkable(good), "{good}");
            let cell = format!("{}x", sequence(good));
            assert_eq!(apart(&cell), Some((good, "x")));
        }
        let long = format!("https://a.test/{}", "x".repeat(LONGEST));
        for bad in [
            "file:///etc/passwd",
            "https://a.test/\u{1b}\\x",
            "https://a.test/ b",
            "https://a.test/\u{7}",
            "https://ä.test",
            "",
            &long,
        ] {
            assert!(!linkable(bad), "{bad:?}");
        }
        assert_eq!(apart("x"), None);
    }

    #[test]
    fn an_open_cards_key_is_a_link_and_the_board_has_none() {
        let mut state = fixture::state(9, 100, 30);
        let drawn = |state: &State| {
            let mut buf = Buffer::empty(state.area);
            let _ = crate::tui::view::draw(state, &mut buf);
            weave(state, &mut buf);
            let cells = buf.content().iter().filter_map(|c| apart(c.symbol()));
            cells.map(|(url, text)| (url.to_owned(), text.to_owned())).collect::<Vec<_>>()
        };
        assert_eq!(drawn(&state), []);
        let card = state.focused().expect("a card");
        let key = state.board.card(card).expect("there").key();
        state.modals.push(crate::tui::screens::Modal::Card(crate::tui::screens::card::CardScreen::new(card)));
        let linked = drawn(&state);
        let text: String = linked.iter().map(|(_, text)| text.as_str()).collect();
        assert!(text.contains(&key), "{text:?} has {key}");
        let url = state.board.card(card).expect("there").links[0].url.clone().expect("linked");
        assert!(linked.iter().all(|(to, _)| *to == url));
    }
}
