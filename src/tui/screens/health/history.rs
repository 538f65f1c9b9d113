//! What became of a connection over time: latency by the minute, errors by class, the breaker's doings, and what was
//! synchronised since the start. Pure.

use ratatui::style::Style;
use ratatui::text::Span;

use super::charts::{over_time, timeline};
use super::facts::Facts;
use crate::domain::health::{BreakerEvent, Errors, Health, MINUTES, Minute, SyncStats};
use crate::support::text::one_line;
use crate::tui::screen::Ctx;
use crate::tui::screens::shape::{ago, count, grouped, lasting};

/// How many of the breaker's doings are told.
const EVENTS: usize = 4;
/// The cells that are kept for the numbers behind a time line.
const NUMBERS: usize = 18;

/// Everything over time.
pub(super) fn facts(health: &Health, out: &mut Facts<'_>) {
    let ctx = out.ctx;
    let slots = out.room().saturating_sub(NUMBERS).min(MINUTES);
    let hour = timeline(&health.minutes, ctx.now, MINUTES);
    if hour.iter().any(Option::is_some) {
        let shown = &hour[MINUTES - slots..];
        out.add("p50 by minute", latency(shown, |m| m.p50, ctx));
        out.add("p95 by minute", latency(shown, |m| m.p95, ctx));
        errors(&hour, slots, out);
    }
    breaker(health, out);
    out.add_all("Since start", stats(&health.stats, ctx));
}

/// A line of round-trip times, with the least and the greatest of them.
fn latency(minutes: &[Option<Minute>], of: fn(&Minute) -> u32, ctx: &Ctx<'_>) -> Vec<Span<'static>> {
    let values: Vec<Option<u32>> = minutes.iter().map(|m| m.as_ref().map(of)).collect();
    let (least, most) = (values.iter().flatten().min(), values.iter().flatten().max());
    let range = match (least, most) {
        (Some(least), Some(most)) if least == most => format!("  {most} ms"),
        (Some(least), Some(most)) => format!("  {least}-{most} ms"),
        _ => String::new(),
    };
    vec![Span::styled(over_time(&values, ctx), ctx.theme.info), Span::styled(range, ctx.theme.dim)]
}

/// One line for each class that has any, and a word when there is none. All of the hour is counted, and its last
/// `slots` minutes are drawn.
fn errors(hour: &[Option<Minute>], slots: usize, out: &mut Facts<'_>) {
    let ctx = out.ctx;
    let total: u32 = hour.iter().flatten().map(|m| m.errors.total()).sum();
    let said = if total == 0 { "none".to_owned() } else { grouped(total.into()) };
    out.add("Errors", vec![Span::styled(format!("{said} in the last hour"), ctx.theme.text)]);
    let of = |e: &Errors| [e.transient, e.configuration, e.permanent, e.conflict];
    let classes = [
        ("transient", ctx.theme.warn),
        ("configuration", ctx.theme.error),
        ("permanent", ctx.theme.error),
        ("conflict", ctx.theme.warn),
    ];
    for (n, (name, style)) in classes.into_iter().enumerate() {
        let values: Vec<Option<u32>> = hour.iter().map(|m| m.as_ref().map(|m| of(&m.errors)[n])).collect();
        let sum: u32 = values.iter().flatten().sum();
        if sum > 0 {
            out.add(
                &format!("  {name}"),
                vec![
                    Span::styled(over_time(&values[MINUTES - slots..], ctx), style),
                    Span::styled(format!("  {}", grouped(sum.into())), ctx.theme.text),
                ],
            );
        }
    }
}

fn breaker(health: &Health, out: &mut Facts<'_>) {
    for (n, event) in health.breaker.iter().rev().take(EVENTS).enumerate() {
        let spans = happened(event, out.ctx);
        out.add(if n == 0 { "Breaker" } else { "" }, spans);
    }
    let older = health.breaker.len().saturating_sub(EVENTS);
    if older > 0 {
        let dim = out.ctx.theme.dim;
        out.add("", vec![Span::styled(format!("and {older} before"), dim)]);
    }
}

/// What the breaker did, in words.
fn happened(event: &BreakerEvent, ctx: &Ctx<'_>) -> Vec<Span<'static>> {
    let when = Span::styled(format!("{}: ", ago(ctx.now, event.at)), ctx.theme.dim);
    if event.failures == 0 {
        return vec![when, Span::styled("closed, requests go out again".to_owned(), ctx.theme.ok)];
    }
    let failures = count(event.failures as usize, "failure", "failures in a row");
    let held = match event.until {
        Some(until) => format!("opened after {failures}, for {}", lasting(until.since(event.at))),
        None => format!("opened after {failures}"),
    };
    let why = if event.reason.is_empty() { String::new() } else { format!(": {}", one_line(&event.reason)) };
    vec![when, Span::styled(held, ctx.theme.warn), Span::styled(why, ctx.theme.text)]
}

fn stats(stats: &SyncStats, ctx: &Ctx<'_>) -> Vec<(String, Style)> {
    let some = |n: u64, word: &str| (n > 0).then(|| format!("{} {word}", grouped(n)));
    let both = |what: &str, new: u64, changed: u64| {
        let said: Vec<String> = [some(new, "new"), some(changed, "changed")].into_iter().flatten().collect();
        (!said.is_empty()).then(|| format!("{what} {}", said.join(", ")))
    };
    let of = |n: u64, one: &str, many: &str| (n > 0).then(|| count(n as usize, one, many));
    let text = ctx.theme.text;
    let said = [
        (of(stats.passes, "pass", "passes"), text),
        (both("pulled", stats.pulled_created, stats.pulled_updated), text),
        (both("sent", stats.created, stats.sent), text),
        (of(stats.comments, "comment", "comments"), text),
        (of(stats.conflicts, "conflict", "conflicts"), ctx.theme.warn),
        (of(stats.refused, "refused", "refused"), ctx.theme.error),
    ];
    let mut said: Vec<(String, Style)> = said.into_iter().filter_map(|(t, s)| Some((t?, s))).collect();
    if said.is_empty() {
        said.push(("nothing yet".to_owned(), ctx.theme.dim));
    }
    said
}
