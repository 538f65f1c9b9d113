//! The arithmetic of text on a grid: widths, cutting, padding, wrapping and coarse ages. Counts cells, not
//! characters; draws nothing.

use ratatui::layout::Alignment;
use ratatui::style::Style;
use ratatui::text::{Line, Span};
use unicode_segmentation::UnicodeSegmentation as _;

use crate::support::clock::Timestamp;
use crate::support::text::one_line;
use crate::tui::paint::{fit, width};

/// Remote text on one line, harmless and cut to `max` cells; `ellipsis` shows that something was cut.
pub fn clip(text: &str, max: usize, ellipsis: &str) -> String {
    let text = one_line(text);
    if width(&text) <= max {
        return text;
    }
    let room = max.saturating_sub(width(ellipsis));
    let mut out = fit(&text, room).0.trim_end().to_owned();
    if max > 0 {
        out.push_str(ellipsis);
    }
    out
}

/// A styled line broken at blanks into lines of at most `max` cells; lines after the first start with `indent`.
///
/// A word longer than a line is broken where the line ends. The words' styles stay.
pub fn wrap(line: &Line<'_>, max: usize, indent: &str) -> Vec<Line<'static>> {
    let max = max.max(1);
    let indent = if width(indent) < max { indent } else { "" };
    let mut rows = Rows { max, indent, done: Vec::new(), spans: Vec::new(), used: 0, fresh: true };
    for word in words(line) {
        rows.push(word);
    }
    rows.finish(line.style, line.alignment)
}

/// A run of graphemes without a blank, or of blanks, with their styles.
struct Word {
    parts: Vec<(String, Style)>,
    width: usize,
    blank: bool,
}

fn words(line: &Line<'_>) -> Vec<Word> {
    let mut out: Vec<Word> = Vec::new();
    for span in &line.spans {
        for grapheme in span.content.graphemes(true).filter(|g| !g.contains(char::is_control)) {
            let cells = width(grapheme);
            let blank = grapheme == " ";
            // Between wide glyphs (CJK) a line may break anywhere.
            let open =
                out.last().is_some_and(|w| w.blank == blank && (blank || (cells < 2 && !ends_wide(w))));
            if !open {
                out.push(Word { parts: Vec::new(), width: 0, blank });
            }
            let Some(word) = out.last_mut() else { continue };
            word.width += cells;
            match word.parts.last_mut().filter(|(_, s)| *s == span.style) {
                Some((text, _)) => text.push_str(grapheme),
                None => word.parts.push((grapheme.to_owned(), span.style)),
            }
        }
    }
    out
}

fn ends_wide(word: &Word) -> bool {
    word.parts.last().and_then(|(t, _)| t.graphemes(true).next_back()).is_some_and(|g| width(g) > 1)
}

struct Rows<'a> {
    max: usize,
    indent: &'a str,
    done: Vec<Vec<Span<'static>>>,
    spans: Vec<Span<'static>>,
    used: usize,
    fresh: bool,
}

impl Rows<'_> {
    fn push(&mut self, word: Word) {
        if self.used + word.width <= self.max {
            // Blanks at the start of a broken line are the break itself.
            if word.blank && self.fresh && !self.done.is_empty() {
                return;
            }
            self.take(word.parts, word.width);
        } else if word.blank {
            self.next();
        } else if word.width + width(self.indent) <= self.max && !(self.fresh && self.done.is_empty()) {
            self.next();
            self.take(word.parts, word.width);
        } else {
            self.split(word);
        }
    }

    fn take(&mut self, parts: Vec<(String, Style)>, cells: usize) {
        self.spans.extend(parts.into_iter().map(|(text, style)| Span::styled(text, style)));
        self.used += cells;
        self.fresh = false;
    }

    fn split(&mut self, word: Word) {
        for (text, style) in word.parts {
            let mut rest = text.as_str();
            while !rest.is_empty() {
                let mut start = fit(rest, self.max.saturating_sub(self.used)).0;
                if start.is_empty() && self.fresh {
                    // A glyph wider than the whole line: let it stand alone, drawing will leave it out.
                    start = rest.graphemes(true).next().unwrap_or(rest);
                }
                if start.is_empty() {
                    self.next();
                    continue;
                }
                let cells = width(start);
                self.take(vec![(start.to_owned(), style)], cells);
                rest = &rest[start.len()..];
            }
        }
    }

    fn next(&mut self) {
        if self.fresh && !self.done.is_empty() {
            return;
        }
        self.keep();
        self.used = width(self.indent);
        self.fresh = true;
        if !self.indent.is_empty() {
            self.spans.push(Span::raw(self.indent.to_owned()));
        }
    }

    /// Keeps the line so far, without the blanks at its end.
    fn keep(&mut self) {
        let mut spans = std::mem::take(&mut self.spans);
        while spans.last().is_some_and(|s| s.content.chars().all(|c| c == ' ')) && !self.fresh {
            spans.pop();
        }
        self.done.push(spans);
    }

    fn finish(mut self, style: Style, alignment: Option<Alignment>) -> Vec<Line<'static>> {
        if !self.fresh || self.done.is_empty() {
            self.keep();
        }
        self.done.into_iter().map(|spans| Line { spans, style, alignment }).collect()
    }
}

/// Plain text broken at blanks into lines of at most `max` cells.
pub fn wrap_text(text: &str, max: usize, style: Style) -> Vec<Line<'static>> {
    wrap(&Line::styled(one_line(text), style), max, "")
}

/// A moment of the past, coarse, so that a still screen stays still: `just now`, `1m ago`, `3h ago`, `5d ago`.
pub fn ago(now: Timestamp, at: Timestamp) -> String {
    match now.since(at) / 1_000 {
        ..10 => "just now".to_owned(),
        10..60 => "under 1m ago".to_owned(),
        seconds => format!("{} ago", span_of(seconds)),
    }
}

/// A moment to come, coarse: `now`, `in under 1m`, `in 12m`, `in 3h`.
pub fn ahead(now: Timestamp, at: Timestamp) -> String {
    match at.since(now) / 1_000 {
        ..1 => "now".to_owned(),
        1..60 => "in under 1m".to_owned(),
        seconds => format!("in {}", span_of(seconds)),
    }
}

/// A wait in minutes and seconds, `0:41`, while it is under an hour; `None` when it is over or longer. It changes
/// every second, at whole seconds before `at`.
pub fn countdown(now: Timestamp, at: Timestamp) -> Option<String> {
    let left = at.since(now);
    let seconds = left / 1_000 + i64::from(left % 1_000 > 0);
    (1..3_600).contains(&seconds).then(|| format!("{}:{:02}", seconds / 60, seconds % 60))
}

/// A duration in its largest unit, coarse: `under 1m`, `12m`, `3h`.
pub fn lasting(ms: i64) -> String {
    if ms < 60_000 { "under 1m".to_owned() } else { span_of(ms / 1_000) }
}

/// A duration in its largest unit: minutes, hours, days, weeks (from a fortnight) or years.
fn span_of(seconds: i64) -> String {
    const MINUTE: i64 = 60;
    const HOUR: i64 = 60 * MINUTE;
    const DAY: i64 = 24 * HOUR;
    match seconds {
        ..HOUR => format!("{}m", (seconds / MINUTE).max(1)),
        HOUR..DAY => format!("{}h", seconds / HOUR),
        s if s < 14 * DAY => format!("{}d", s / DAY),
        s if s < 365 * DAY => format!("{}w", s / (7 * DAY)),
        s => format!("{}y", s / (365 * DAY)),
    }
}

/// A number with a blank between thousands, so that 12 403 is read at a glance.
pub fn grouped(n: u64) -> String {
    let digits = n.to_string();
    let mut out = String::with_capacity(digits.len() + digits.len() / 3);
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            out.push(' ');
        }
        out.push(digit);
    }
    out
}

/// `1 card`, `2 cards`.
pub fn count(n: usize, one: &str, many: &str) -> String {
    format!("{} {}", grouped(n as u64), if n == 1 { one } else { many })
}

/// The first row to show of a list of `len`, so that `focus` is in a window of `height` that moves as little as
/// possible from `top`.
pub fn window(top: usize, focus: usize, height: usize, len: usize) -> usize {
    if height == 0 {
        return focus;
    }
    let top = if focus < top { focus } else { top.max((focus + 1).saturating_sub(height)) };
    top.min(len.saturating_sub(height))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn plain(lines: &[Line<'_>]) -> Vec<String> {
        lines.iter().map(|l| l.spans.iter().map(|s| s.content.as_ref()).collect()).collect()
    }

    #[test]
    fn cutting_counts_cells_and_shows_that_it_cut() {
        let cases = [
            ("short", 5, "short"),
            ("shorter", 5, "shor…"),
            ("日本語", 5, "日本…"),
            ("日本語", 4, "日…"),
            ("abc", 0, ""),
        ];
        for (text, max, want) in cases {
            assert_eq!(clip(text, max, "…"), want, "{text} in {max}");
        }
        assert_eq!(clip("a\u{1b}[2J", 9, "…"), "a\u{FFFD}[2J");
    }

    #[test]
    fn wrapping_breaks_at_blanks_and_keeps_styles() {
        let line = Line::from(vec![Span::raw("one two "), Span::styled("three four", Style::new().bold())]);
        let rows = wrap(&line, 9, "");
        assert_eq!(plain(&rows), ["one two", "three", "four"]);
        assert!(rows[2].spans.iter().all(|s| s.style == Style::new().bold()));
    }

    #[test]
    fn wrapped_lines_hang_under_their_first() {
        let rows = wrap(&Line::from("- a list item that is long"), 12, "  ");
        assert_eq!(plain(&rows), ["- a list", "  item that", "  is long"]);
    }

    #[test]
    fn a_long_word_is_broken_where_the_line_ends() {
        assert_eq!(plain(&wrap(&Line::from("abcdefghij"), 4, "")), ["abcd", "efgh", "ij"]);
        assert_eq!(plain(&wrap(&Line::from("日本語文字"), 4, "")), ["日本", "語文", "字"]);
    }

    #[test]
    fn ages_are_coarse() {
        let at = |s: i64| Timestamp(s * 1_000);
        let cases = [
            (0, "just now"),
            (9, "just now"),
            (10, "under 1m ago"),
            (59, "under 1m ago"),
            (60, "1m ago"),
            (3_599, "59m ago"),
            (7_200, "2h ago"),
            (86_400 * 3, "3d ago"),
            (86_400 * 21, "3w ago"),
            (86_400 * 800, "2y ago"),
            (-50, "just now"),
        ];
        for (s, want) in cases {
            assert_eq!(ago(at(s), at(0)), want, "{s} s");
        }
        assert_eq!(ahead(at(0), at(0)), "now");
        assert_eq!(ahead(at(0), at(41)), "in under 1m");
        assert_eq!(ahead(at(0), at(725)), "in 12m");
    }

    #[test]
    fn a_countdown_names_every_second_until_it_is_over() {
        let at = Timestamp(100_000);
        for (now, want) in [
            (59_000, Some("0:41")),
            (58_001, Some("0:42")),
            (99_999, Some("0:01")),
            (100_000, None),
            (100_500, None),
            (-25_000, Some("2:05")),
            (-3_600_000, None),
        ] {
            assert_eq!(countdown(Timestamp(now), at).as_deref(), want, "{now}");
        }
        assert_eq!((lasting(5_000), lasting(720_000)), ("under 1m".into(), "12m".into()));
    }

    #[test]
    fn thousands_are_set_apart() {
        assert_eq!((grouped(0), grouped(999), grouped(12_403)), ("0".into(), "999".into(), "12 403".into()));
        assert_eq!(count(1, "card", "cards"), "1 card");
    }

    #[test]
    fn a_window_moves_as_little_as_it_can() {
        assert_eq!(window(0, 3, 5, 20), 0);
        assert_eq!(window(0, 5, 5, 20), 1);
        assert_eq!(window(9, 3, 5, 20), 3);
        assert_eq!(window(18, 19, 5, 20), 15);
        assert_eq!(window(0, 0, 0, 0), 0);
    }

    proptest! {
        #[test]
        fn wrapping_loses_no_glyph_and_keeps_within_the_width(text in "[a-z日 é]{0,60}", max in 2_usize..20) {
            let rows = plain(&wrap(&Line::from(text.clone()), max, ""));
            let bare = |s: &str| s.replace(' ', "");
            prop_assert_eq!(bare(&rows.concat()), bare(&text));
            for row in rows {
                prop_assert!(width(&row) <= max, "{row:?} is wider than {max}");
            }
        }
    }
}
