//! A value put together from both sides of a conflict, and typed on: it starts with every difference that fits, and
//! with marks where both sides changed the same place.

use ratatui::buffer::Buffer;
use ratatui::layout::{Position, Rect};
use similar::{MergeResolution, TextMerge};
use unicode_segmentation::UnicodeSegmentation as _;

use crate::domain::command::{BODY_MAX, Command, TITLE_MAX, decide};
use crate::domain::conflict::{Choice, Conflict};
use crate::domain::fields::{Field, SetDelta, Value, canonical_body};
use crate::support::text::one_line;
use crate::tui::screen::{Ctx, Input, Outcome};
use crate::tui::screens::editor::{self, Field as TextField};
use crate::tui::screens::pen::{self, Pen};
use crate::tui::screens::shape::count;

/// A text put together from two: in how many places they did not fit, and in how many only word by word.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) struct Merged {
    pub(super) text: String,
    pub(super) clashes: usize,
    pub(super) woven: usize,
}

/// Lines put together: where only one side changed, its lines; where both did, the words of both if they fit, and else
/// both, between marks.
pub(super) fn lines(base: &str, local: &str, remote: &str, sides: [&str; 2]) -> Merged {
    // A last line without a break would differ from the same line with something below it.
    let [base, local, remote] = [base, local, remote].map(|t| format!("{t}\n"));
    let merge = TextMerge::from_lines(&base, &local, &remote);
    let mut out = Merged::default();
    for region in merge.regions() {
        let here: String = region.ours_range().filter_map(|n| merge.ours_line(n)).collect();
        let other: String = region.theirs_range().filter_map(|n| merge.theirs_line(n)).collect();
        match region.resolution() {
            MergeResolution::Theirs => out.text.push_str(&other),
            MergeResolution::Conflict => {
                let before: String = region.base_range().filter_map(|n| merge.base_line(n)).collect();
                if let Some(woven) = weave(&before, &here, &other) {
                    out.woven += 1;
                    out.text.push_str(&woven);
                } else {
                    out.clashes += 1;
                    let [open, close] = marks(sides);
                    out.text.extend([&open, "\n", &here, "=======\n", &other, &close, "\n"]);
                }
            }
            _ => out.text.push_str(&here),
        }
    }
    out.text = canonical_body(&out.text);
    out
}

/// One line put together word by word; the one here where that does not fit.
pub(super) fn words(base: &str, local: &str, remote: &str) -> Merged {
    match weave(base, local, remote) {
        Some(text) => Merged { text, ..Merged::default() },
        None => Merged { text: local.to_owned(), clashes: 1, woven: 0 },
    }
}

/// Stands for a line break while words are what is put together.
const BREAK: char = '\u{1}';

/// The words of both sides put together; `None` where both changed the same ones, or one took out what the other
/// changed.
fn weave(base: &str, local: &str, remote: &str) -> Option<String> {
    if base.is_empty() || [base, local, remote].iter().any(|t| t.contains(BREAK)) {
        return None;
    }
    // A word a line, so that lines are what is put together.
    let split = |t: &str| {
        let text = t.replace('\n', &BREAK.to_string());
        text.split_word_bounds().flat_map(|w| [w, "\n"]).collect::<String>()
    };
    let [base, local, remote] = [base, local, remote].map(split);
    let merge = TextMerge::from_lines(&base, &local, &remote);
    let whole = || merge.to_string().replace('\n', "").replace(BREAK, "\n");
    (merge.conflict_count() == 0).then(whole)
}

/// The line that opens a place where both sides changed, and the one that ends it.
fn marks([here, there]: [&str; 2]) -> [String; 2] {
    [format!("<<<<<<< {here}"), format!(">>>>>>> {there}")]
}

/// A merged value that is being typed.
#[derive(Debug)]
pub(super) struct Editor {
    /// The conflict as it was when typing began, or as it was last told.
    pub(super) conflict: Conflict,
    field: TextField,
    before: String,
    told: String,
    refusal: Option<String>,
    asking: bool,
}

/// What a merged value came to.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Typed {
    /// It is typed on.
    On,
    /// It was given up.
    GivenUp,
    /// It is to be this.
    Saved(Choice),
}

impl Editor {
    /// Starts with both sides put together; or says why there is nothing to put together.
    pub(super) fn new(conflict: &Conflict) -> Result<Self, String> {
        let (here, there) = (one_line(conflict.here()), one_line(conflict.connection.as_str()));
        let (merged, told) = match (&conflict.base, &conflict.local, &conflict.remote) {
            (base, Value::Text(local), Value::Text(remote))
                if matches!(conflict.field, Field::Body | Field::Title) =>
            {
                let base = if let Value::Text(base) = base { base.as_str() } else { "" };
                let body = conflict.field == Field::Body;
                let merged = if body {
                    lines(base, local, remote, [&here, &there])
                } else {
                    words(base, local, remote)
                };
                let told = match (merged.clashes, body) {
                    (0, _) if merged.woven > 0 => {
                        "both sides' changes fit together, but in the same lines: read it through".to_owned()
                    }
                    (0, _) => "both sides' changes fit together".to_owned(),
                    (_, false) => {
                        let ours = one_line(&conflict.ours());
                        format!("both sides changed the same words: it starts with {ours}")
                    }
                    (n, true) => format!(
                        "{} changed differently: keep what you want and take the marks out",
                        count(n, "place was", "places were")
                    ),
                };
                (merged, told)
            }
            (Value::Set(base), Value::Set(local), Value::Set(remote)) => {
                let both = SetDelta::between(base, remote).apply(&SetDelta::between(base, local).apply(base));
                let text = both.into_iter().collect::<Vec<_>>().join(", ");
                (
                    Merged { text, ..Merged::default() },
                    "both sides' changes together; commas part the names".to_owned(),
                )
            }
            _ => return Err(format!("a {} is chosen, not put together", conflict.field)),
        };
        let mut field = TextField::new(&merged.text, conflict.field != Field::Body);
        if let Some(line) = merged.text.split('\n').position(|l| *l == marks([&here, &there])[0]) {
            field.go_to_line(line);
        }
        let before = field.text();
        Ok(Self { conflict: conflict.clone(), field, before, told, refusal: None, asking: false })
    }

    /// Whether giving it up would lose what was typed.
    pub(super) fn is_changed(&self) -> bool {
        self.field.text() != self.before
    }

    /// The conflict as it is told now; `None` when it does not wait any more.
    pub(super) fn told(&mut self, now: Option<&Conflict>) {
        match now {
            None => self.refusal = Some("it was decided meanwhile; what you typed goes nowhere".to_owned()),
            Some(now) if now.remote != self.conflict.remote => {
                let there = one_line(now.connection.as_str());
                let save = "saving again takes yours all the same";
                self.refusal = Some(format!("{there} changed it once more: close and look, or {save}"));
            }
            Some(_) => {}
        }
    }

    fn value(&self) -> Value {
        let text = self.field.text();
        match self.conflict.local {
            Value::Set(_) => {
                let names = text.split(',').map(str::trim).filter(|n| !n.is_empty());
                Value::Set(names.map(str::to_owned).collect())
            }
            _ if self.conflict.field == Field::Body => Value::Text(canonical_body(&text)),
            _ => Value::Text(text.trim().to_owned()),
        }
    }

    /// Why the value cannot be saved as it is.
    fn wrong(&self, value: &Value, ctx: &Ctx<'_>) -> Option<String> {
        let (here, there) = (one_line(self.conflict.here()), one_line(self.conflict.connection.as_str()));
        let marks = marks([&here, &there]);
        if let Value::Text(text) = value
            && let Some(mark) = text.lines().find(|l| marks.iter().any(|m| m == l))
        {
            return Some(format!("a mark is still in it: {mark}"));
        }
        let card = self.conflict.card;
        let delta =
            |to: &std::collections::BTreeSet<String>| SetDelta { add: to.clone(), ..SetDelta::default() };
        let command = match (self.conflict.field, value) {
            (Field::Body, Value::Text(after)) => {
                Command::Rewrite { card, before: String::new(), after: after.clone() }
            }
            (Field::Title, Value::Text(title)) => Command::Retitle { card, title: title.clone() },
            (Field::Labels, Value::Set(to)) => Command::Label { card, delta: delta(to) },
            (Field::Assignees, Value::Set(to)) => Command::Assign { card, delta: delta(to) },
            _ => return None,
        };
        ctx.board.card(card)?;
        decide(ctx.board, command).err().map(|reject| reject.to_string())
    }

    /// Saves it, unless something is wrong with it or the other side has changed meanwhile.
    pub(super) fn save(&mut self, now: Option<&Conflict>, ctx: &Ctx<'_>) -> Typed {
        self.asking = false;
        let value = self.value();
        if let Some(wrong) = self.wrong(&value, ctx) {
            self.refusal = Some(wrong);
            return Typed::On;
        }
        let Some(now) = now else {
            self.told(None);
            return Typed::On;
        };
        if now.remote != self.conflict.remote {
            self.told(Some(now));
            self.conflict = now.clone();
            return Typed::On;
        }
        Typed::Saved(match value {
            value if value == now.local => Choice::Local,
            value if value == now.remote => Choice::Remote,
            value => Choice::Merged(value),
        })
    }

    /// Goes back: what was typed is given up only after a question.
    pub(super) fn back(&mut self) -> Typed {
        if self.asking || !self.is_changed() {
            let given_up = !self.asking;
            self.asking = false;
            return if given_up { Typed::GivenUp } else { Typed::On };
        }
        self.asking = true;
        Typed::On
    }

    /// Takes what is typed.
    pub(super) fn input(&mut self, input: &Input) -> (Typed, Outcome) {
        if self.asking && matches!(input, Input::Key(..)) {
            self.asking = false;
            let typed = if editor::gives_up(input) { Typed::GivenUp } else { Typed::On };
            return (typed, Outcome::Stay);
        }
        if self.field.input(input) {
            self.refusal = None;
            return (Typed::On, Outcome::Stay);
        }
        (Typed::On, Outcome::Ignored)
    }

    /// Title, text, and a foot of two lines.
    fn parts(area: Rect) -> [Rect; 3] {
        let head = area.height.min(2);
        let foot = (area.height - head).min(2);
        let text = Rect { y: area.y + head, height: area.height - head - foot, ..area };
        [Rect { height: head, ..area }, text, Rect { y: text.bottom(), height: foot, ..area }]
    }

    pub(super) fn render(&self, buf: &mut Buffer, area: Rect, ctx: &Ctx<'_>) {
        let [head, text, foot] = Self::parts(area);
        let title = format!("{} of {}, put together", self.conflict.field, self.conflict.key);
        Pen::new(buf, ctx, head, 0).put(&title, ctx.theme.heading);
        Pen::new(buf, ctx, head, 1).put(&self.told, ctx.theme.dim);
        self.field.render(buf, text, ctx);
        let length = self.field.text().chars().count();
        let most = if self.conflict.field == Field::Title { TITLE_MAX } else { BODY_MAX };
        editor::foot(buf, ctx, foot, (length, most), self.refusal.as_deref());
        if self.asking {
            editor::ask_to_discard(buf, ctx, foot, 1);
            return;
        }
        let (save, back) = (pen::key(ctx, super::Action::Save), pen::key(ctx, super::Action::Back));
        Pen::new(buf, ctx, foot, 1).hints(&[(&save, "keep this"), (&back, "close")]);
    }

    pub(super) fn cursor(&self, area: Rect) -> Option<Position> {
        self.field.cursor(Self::parts(area)[1])
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn merged(base: &str, local: &str, remote: &str) -> (String, usize, usize) {
        let Merged { text, clashes, woven } = lines(base, local, remote, ["here", "core"]);
        (text, clashes, woven)
    }

    #[test]
    fn lines_of_both_sides_are_put_together_also_at_the_end() {
        let base = "one\ntwo\nthree";
        assert_eq!(
            merged(base, "ONE\ntwo\nthree", "one\ntwo\nthree\nfour"),
            ("ONE\ntwo\nthree\nfour".into(), 0, 0)
        );
        assert_eq!(merged(base, "one\nthree", base), ("one\nthree".into(), 0, 0));
        assert_eq!(merged("", "mine", ""), ("mine".into(), 0, 0));
    }

    #[test]
    fn words_of_one_line_are_put_together_and_that_is_told() {
        let base = "In a cron job it waits for a password.";
        let local = "In a nightly cron job it waits for a password.";
        let remote = "In a cron job it waits for a token.";
        assert_eq!(merged(base, local, remote), ("In a nightly cron job it waits for a token.".into(), 0, 1));
        let both = "a b\nc d";
        assert_eq!(merged(both, "A b\nc d\n\ne", "a b\nc D").0, "A b\nc D\n\ne");
    }

    #[test]
    fn where_both_changed_the_same_words_both_stand_between_marks() {
        let (text, clashes, _) = merged("a\none\nz", "a\ntwo\nz", "a\nthree\nz");
        assert_eq!(text, "a\n<<<<<<< here\ntwo\n=======\nthree\n>>>>>>> core\nz");
        assert_eq!(clashes, 1);
        let (text, clashes, _) = merged("", "mine", "theirs");
        assert_eq!((text.as_str(), clashes), ("<<<<<<< here\nmine\n=======\ntheirs\n>>>>>>> core", 1));
    }

    #[test]
    fn a_title_is_put_together_word_by_word_or_stays_the_one_here() {
        let both = words("Retry on 502", "Retry on 502 and 503", "Always retry on 502");
        assert_eq!((both.text.as_str(), both.clashes), ("Always retry on 502 and 503", 0));
        assert_eq!(
            words("back off at once", "back off at last", "Back off at once").text,
            "Back off at last"
        );
        let clash = words("Retry", "Retry on 502", "Retry later");
        assert_eq!((clash.text.as_str(), clash.clashes), ("Retry on 502", 1));
    }

    /// Whatever the texts are: what one side alone changed is what comes of it.
    #[test]
    fn a_side_that_changed_nothing_changes_nothing() {
        for text in ["", "a", "a\n\nb", "x\u{1}y", "日本語\n👩\u{200D}💻"] {
            for other in ["", "b", "a\nb\nc", "日本"] {
                assert_eq!(merged(other, text, other), (text.to_owned(), 0, 0));
                assert_eq!(merged(other, other, text), (text.to_owned(), 0, 0));
            }
        }
    }
}
