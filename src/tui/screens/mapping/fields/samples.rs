//! What a rule makes of real cards, in lines: the value on its way there and back, and what the next pass would do.

use ratatui::text::{Line, Span};

use super::FieldsTab;
use crate::domain::fields::Value;
use crate::domain::mapping::FieldRule;
use crate::domain::mapping::rule::{RoundTrip, StepOutcome, Unfit};
use crate::engine::mapping::{Next, RuleCard, Trial};
use crate::support::text::{clip, one_line};
use crate::tui::screen::Ctx;
use crate::tui::screens::shape::wrap;

/// Most characters of a value.
const SHOWN: usize = 32;
/// Made-up values that are shown where no card is linked.
const MADE_UP: usize = 3;
/// What lines after the first of a line that is broken stand under.
const INDENT: &str = "         ";

impl FieldsTab {
    /// What the rule at `row` of these rules makes of the cards.
    pub(super) fn samples(
        &self,
        rules: &[FieldRule],
        row: usize,
        width: usize,
        ctx: &Ctx<'_>,
    ) -> Vec<Line<'static>> {
        let (Some(draft), Some(rule)) = (self.draft(), rules.get(row)) else { return Vec::new() };
        let dim = |text: String| Line::styled(text, ctx.theme.dim);
        let trials = self.trials(rules, row, ctx);
        let mut out = Vec::new();
        if trials.is_empty() {
            let none = self.cards.contains_key(&draft.name);
            let text = if none { "No card of the board is linked: made-up values" } else { "reading cards" };
            out.push(dim(if none { text.to_owned() } else { format!("{text}{}", ctx.glyphs.ellipsis) }));
            for value in rule.samples().into_iter().take(MADE_UP) {
                let facts = rule.sample_facts(value);
                let line = there(&rule.trace(&facts), &rule.round_trips(&facts), ctx);
                out.extend(wrap(&line, width, INDENT));
            }
            return out;
        }
        for (card, trial) in trials {
            out.extend(wrap(&head(card, ctx), width, "  "));
            for line in lines(&trial, ctx) {
                out.extend(wrap(&line, width, INDENT));
            }
        }
        out
    }
}

fn head(card: &RuleCard, ctx: &Ctx<'_>) -> Line<'static> {
    let linked = if card.linked { "" } else { " (not linked)" };
    Line::from(vec![
        Span::styled(one_line(&card.key), ctx.theme.title),
        Span::styled(format!("  {}{linked}", clip(&one_line(&card.title), 60)), ctx.theme.dim),
    ])
}

fn lines(trial: &Trial, ctx: &Ctx<'_>) -> Vec<Line<'static>> {
    let mut out = vec![there(&trial.forth, &trial.round_trip, ctx)];
    let mut back = vec![Span::styled("  there  ", ctx.theme.dim)];
    match &trial.there {
        None => back.push(Span::styled("not read yet", ctx.theme.dim)),
        Some(there) if trial.back.is_empty() => back.push(value(there, ctx)),
        Some(_) => back.extend(chain(&trial.back, ctx)),
    }
    out.push(Line::from(back));
    for unfit in &trial.unfit {
        out.push(wrong(unfit, ctx));
    }
    let (mark, style) = match &trial.next {
        Next::Nothing => (ctx.glyphs.check, ctx.theme.ok),
        Next::Conflict(_) | Next::Unfit => (ctx.glyphs.warn, ctx.theme.warn),
        Next::Left | Next::Unread => (ctx.glyphs.dot, ctx.theme.dim),
        Next::Send(_) | Next::Take(_) | Next::Create(_) => (ctx.glyphs.arrow, ctx.theme.info),
    };
    let words = one_line(&trial.next.words());
    out.push(Line::from(vec![
        Span::styled("  next   ", ctx.theme.dim),
        Span::styled(format!("{mark} "), style),
        Span::styled(words, style),
    ]));
    out
}

/// The card's value on its way there, and whether it comes back.
fn there(forth: &[StepOutcome], trip: &RoundTrip, ctx: &Ctx<'_>) -> Line<'static> {
    let mut spans = vec![Span::styled("  card   ", ctx.theme.dim)];
    spans.extend(chain(forth, ctx));
    spans.push(Span::raw("  "));
    let (mark, text, style) = match trip {
        RoundTrip::Yes => (ctx.glyphs.check, "comes back as it was".to_owned(), ctx.theme.ok),
        RoundTrip::No { back, settles: true, .. } => {
            (ctx.glyphs.warn, format!("comes back as {}, and stays so", shown(back)), ctx.theme.warn)
        }
        RoundTrip::No { back, settles: false, .. } => {
            (ctx.glyphs.cross, format!("comes back as {}, and never rests", shown(back)), ctx.theme.error)
        }
        RoundTrip::Unsure(_) if forth.iter().any(|step| step.value.is_err()) => {
            ("", String::new(), ctx.theme.dim)
        }
        RoundTrip::Unsure(_) => (ctx.glyphs.dot, "one way".to_owned(), ctx.theme.dim),
    };
    if !text.is_empty() {
        spans.push(Span::styled(format!("{mark} {text}"), style));
    }
    Line::from(spans)
}

/// Values step by step, each that is as the one before left out.
fn chain(steps: &[StepOutcome], ctx: &Ctx<'_>) -> Vec<Span<'static>> {
    let mut out = Vec::new();
    let mut last: Option<&Value> = None;
    for outcome in steps {
        let Ok(now) = &outcome.value else {
            out.push(Span::styled(format!(" {} {}", ctx.glyphs.arrow, ctx.glyphs.cross), ctx.theme.error));
            break;
        };
        if last == Some(now) {
            continue;
        }
        if last.is_some() {
            out.push(Span::styled(format!(" {} ", ctx.glyphs.arrow), ctx.theme.dim));
        }
        out.push(value(now, ctx));
        last = Some(now);
    }
    out
}

fn wrong(unfit: &Unfit, ctx: &Ctx<'_>) -> Line<'static> {
    let at = if unfit.step == 0 { String::new() } else { format!("step {}: ", unfit.step) };
    let text = format!("{} {at}{}", ctx.glyphs.cross, one_line(&unfit.why));
    Line::from(vec![Span::raw("         "), Span::styled(text, ctx.theme.error)])
}

fn value(value: &Value, ctx: &Ctx<'_>) -> Span<'static> {
    let style = if value.is_empty() { ctx.theme.dim } else { ctx.theme.text };
    Span::styled(shown(value), style)
}

fn shown(value: &Value) -> String {
    if value.is_empty() {
        "nothing".to_owned()
    } else {
        format!("\"{}\"", clip(&one_line(&value.to_string()), SHOWN))
    }
}
