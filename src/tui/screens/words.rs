//! One text beside another, word by word: what went stands in `[-..-]`, what came in `{+..+}`, so that it reads the
//! same without colour. Pure; whatever a terminal could act on is made harmless here.

use ratatui::style::{Modifier, Style};
use ratatui::text::{Line, Span};
use similar::{ChangeTag, DiffOp, DiffTag, TextDiff};

use super::shape::wrap;
use crate::support::text::one_line;
use crate::tui::screen::Ctx;

/// The longest run of lines alike that is shown whole; of a longer one [`EDGE`] lines at each end are shown.
const WHOLE: usize = 7;
/// The lines shown at each end of a run that is folded.
const EDGE: usize = 2;

/// What became of a part of a text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Part {
    /// It stayed.
    Same,
    /// It went.
    Out,
    /// It came.
    In,
}

/// A run of words that went and of those that came for them, after some that stayed.
#[derive(Default)]
struct Run {
    same: String,
    out: String,
    came: String,
}

impl Run {
    /// The longer of what went and what came, in characters.
    fn weight(&self) -> usize {
        self.out.chars().count().max(self.came.chars().count())
    }

    /// Whether the words that stayed between two changes are so few that both read better as one change. A line
    /// break always parts: lines stay lines.
    fn joins(&self, next: &Self) -> bool {
        let between = next.same.chars().count();
        between <= self.weight() && between <= next.weight() && !next.same.contains('\n')
    }

    fn join(&mut self, next: &Self) {
        for (to, then) in [(&mut self.out, &next.out), (&mut self.came, &next.came)] {
            to.push_str(&next.same);
            to.push_str(then);
        }
    }
}

/// What makes `to` of `from`, in words. Changes with little between them are one change.
pub fn parts(from: &str, to: &str) -> Vec<(Part, String)> {
    let mut runs: Vec<Run> = vec![Run::default()];
    for change in TextDiff::from_unicode_words(from, to).iter_all_changes() {
        let Some(run) = runs.last_mut() else { continue };
        match change.tag() {
            ChangeTag::Delete => run.out.push_str(change.value()),
            ChangeTag::Insert => run.came.push_str(change.value()),
            ChangeTag::Equal if run.out.is_empty() && run.came.is_empty() => {
                run.same.push_str(change.value());
            }
            ChangeTag::Equal => runs.push(Run { same: change.value().to_owned(), ..Run::default() }),
        }
    }
    let mut joined: Vec<Run> = Vec::with_capacity(runs.len());
    for mut run in runs {
        // What was joined weighs more, and may now join with what stands before it.
        while let Some(last) = joined.pop_if(|last| last.joins(&run)) {
            let next = std::mem::replace(&mut run, last);
            run.join(&next);
        }
        joined.push(run);
    }
    let told =
        joined.into_iter().flat_map(|r| [(Part::Same, r.same), (Part::Out, r.out), (Part::In, r.came)]);
    told.filter(|(_, text)| !text.is_empty()).collect()
}

/// `to` beside `from` in lines of at most `width` cells.
pub fn lines(from: &str, to: &str, width: usize, ctx: &Ctx<'_>) -> Vec<Line<'static>> {
    let mut out = Vec::new();
    let mut row: Vec<Span<'static>> = Vec::new();
    for (part, text) in parts(from, to) {
        let mut pieces = text.split('\n').peekable();
        while let Some(piece) = pieces.next() {
            let breaks = pieces.peek().is_some();
            row.extend(marked(part, piece, breaks, ctx));
            if breaks {
                out.extend(wrap(&Line::from(std::mem::take(&mut row)), width, ""));
            }
        }
    }
    out.extend(wrap(&Line::from(row), width, ""));
    out
}

/// A part of a line with its brackets; blanks at its ends stand outside, where a line may be broken. A line break that
/// went or came alone is named, since it does not show.
fn marked(part: Part, piece: &str, breaks: bool, ctx: &Ctx<'_>) -> Vec<Span<'static>> {
    let text = harmless(piece);
    if part == Part::Same {
        return vec![Span::styled(text, ctx.theme.text)];
    }
    let sign = if ctx.glyphs.ascii { "\\n" } else { "↵" };
    let core = text.trim_matches(' ');
    let (before, inside, after) = match (core.is_empty(), text.is_empty(), breaks) {
        (false, ..) => {
            let start = text.len() - text.trim_start_matches(' ').len();
            (&text[..start], core, &text[start + core.len()..])
        }
        (true, true, true) => ("", sign, ""),
        (true, true, false) => return Vec::new(),
        // Blanks alone are what changed.
        (true, false, _) => ("", text.as_str(), ""),
    };
    let (open, close, style) = match part {
        Part::Out => ("[-", "-]", gone(ctx)),
        Part::Same | Part::In => ("{+", "+}", came(ctx)),
    };
    let blank = |text: &str| Span::styled(text.to_owned(), ctx.theme.text);
    vec![blank(before), Span::styled(format!("{open}{inside}{close}"), style), blank(after)]
}

/// The style of what went.
pub fn gone(ctx: &Ctx<'_>) -> Style {
    ctx.theme.error.remove_modifier(Modifier::BOLD)
}

/// The style of what came.
pub fn came(ctx: &Ctx<'_>) -> Style {
    ctx.theme.ok.add_modifier(Modifier::UNDERLINED)
}

/// A line's text as it can be drawn.
pub fn harmless(text: &str) -> String {
    one_line(&text.replace('\t', "    "))
}

/// Plain text in lines of at most `width` cells.
pub fn plain(text: &str, width: usize, style: Style) -> Vec<Line<'static>> {
    text.split('\n').flat_map(|l| wrap(&Line::styled(harmless(l), style), width, "")).collect()
}

/// Which of `len` lines alike are shown: the first ones, how many are left out, the last ones.
pub fn folded(len: usize) -> (usize, usize, usize) {
    if len > WHOLE { (EDGE, len - 2 * EDGE, EDGE) } else { (len, 0, 0) }
}

/// The line that stands for lines left out.
pub fn left_out(lines: usize, ctx: &Ctx<'_>) -> Line<'static> {
    let what = super::shape::count(lines, "line", "lines");
    Line::styled(format!("{} {what} alike", ctx.glyphs.ellipsis), ctx.theme.dim)
}

/// `to` beside `from` with long runs of lines that are alike left out.
pub fn excerpt(from: &str, to: &str, width: usize, ctx: &Ctx<'_>) -> Vec<Line<'static>> {
    let (from, to) = (format!("{from}\n"), format!("{to}\n"));
    let diff = TextDiff::from_lines(&from, &to);
    let mut out = Vec::new();
    for op in diff.ops() {
        let (old, new) = (slice(&diff, op, true), slice(&diff, op, false));
        if op.tag() != DiffTag::Equal {
            out.extend(lines(&old, &new, width, ctx));
            continue;
        }
        let all: Vec<&str> = new.split('\n').collect();
        let (head, hidden, tail) = folded(all.len());
        let shown = |lines: &[&str]| plain(&lines.join("\n"), width, ctx.theme.text);
        out.extend(shown(&all[..head]));
        if hidden > 0 {
            out.push(left_out(hidden, ctx));
            out.extend(shown(&all[all.len() - tail..]));
        }
    }
    out
}

/// The lines of one side of an operation, without the last line's break.
fn slice(diff: &TextDiff<'_, '_, str>, op: &DiffOp, old: bool) -> String {
    let mut text: String = if old {
        op.old_range().filter_map(|n| diff.old_slice(n)).collect()
    } else {
        op.new_range().filter_map(|n| diff.new_slice(n)).collect()
    };
    // A whole line that went or came keeps its break: otherwise it would read as a change within a line.
    if text.ends_with('\n') {
        text.pop();
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tui::screens::fixture::World;

    fn told(from: &str, to: &str) -> String {
        let shown = |(part, text): (Part, String)| match part {
            Part::Same => text,
            Part::Out => format!("[-{text}-]"),
            Part::In => format!("{{+{text}+}}"),
        };
        parts(from, to).into_iter().map(shown).collect()
    }

    fn drawn(lines: &[Line<'_>]) -> Vec<String> {
        lines.iter().map(|l| l.spans.iter().map(|s| s.content.as_ref()).collect()).collect()
    }

    #[test]
    fn a_changed_word_stands_beside_the_word_it_replaced() {
        assert_eq!(told("back off at once", "back off later"), "back off [-at once-]{+later+}");
        assert_eq!(told("one two three", "one 2 3"), "one [-two three-]{+2 3+}");
        let (from, to) = ("It should fail and name the option.", "Wanted: fail at once, name the option.");
        assert_eq!(told(from, to), "[-It should fail and-]{+Wanted: fail at once,+} name the option.");
        assert_eq!(told("a cron job", "a nightly cron job"), "a {+nightly +}cron job");
        assert_eq!(told("x one\nx two", "y one\ny two"), "[-x-]{+y+} one\n[-x-]{+y+} two");
        assert_eq!(told("same", "same"), "same");
        assert_eq!(told("", "new"), "{+new+}");
        assert_eq!(told("old", ""), "[-old-]");
    }

    #[test]
    fn both_texts_can_be_read_off_the_parts() {
        let (from, to) = ("a\nb c\n\nd e f", "a\nb x\nd  f g\n");
        let side = |without: Part| -> String {
            parts(from, to).into_iter().filter(|(p, _)| *p != without).map(|(_, t)| t).collect()
        };
        assert_eq!((side(Part::In), side(Part::Out)), (from.to_owned(), to.to_owned()));
    }

    #[test]
    fn brackets_are_closed_at_the_end_of_each_line_and_a_lone_break_is_named() {
        let world = World::new();
        let ctx = world.ctx(80, 24);
        assert_eq!(drawn(&lines("a", "a\nb\nc", 40, &ctx)), ["a{+↵+}", "{+b+}", "{+c+}"]);
        assert_eq!(drawn(&lines("a\n\nb", "a\nb", 40, &ctx)).concat().matches("[-").count(), 1);
    }

    #[test]
    fn long_runs_alike_are_left_out_and_said_to_be() {
        let world = World::new();
        let ctx = world.ctx(80, 24);
        let from: Vec<String> = (0..20).map(|n| format!("line {n}")).collect();
        let mut to = from.clone();
        to[10] = "line ten".into();
        let out = drawn(&excerpt(&from.join("\n"), &to.join("\n"), 40, &ctx));
        assert!(out.contains(&"line [-10-]{+ten+}".to_owned()), "{out:?}");
        assert_eq!(out.iter().filter(|l| l.contains("lines alike")).count(), 2, "{out:?}");
        assert!(out.len() < 14, "{out:?}");
    }

    #[test]
    fn an_escape_sequence_is_not_drawn() {
        let world = World::new();
        let out = drawn(&lines("a", "a \u{1b}[2J\u{202E}b\tc", 80, &world.ctx(80, 24))).concat();
        assert!(!out.contains(['\u{1b}', '\u{202E}', '\t']), "{out}");
    }
}
