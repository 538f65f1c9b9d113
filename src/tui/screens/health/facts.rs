//! One connection's health as lines, for the full view and for the panel. Pure.

use ratatui::style::Style;
use ratatui::text::{Line, Span};

use crate::config::keymap::Action;
use crate::domain::health::{Health, HealthState, Progress, RateLimit};
use crate::support::text::one_line;
use crate::tui::paint::width as cells;
use crate::tui::screen::Ctx;
use crate::tui::screens::pen;
use crate::tui::screens::shape::{ago, ahead, clip, count, grouped, wrap, wrap_text};

/// Cells of the names of the facts.
const NAMES: usize = 16;

/// The full account.
pub(super) fn full(health: &Health, width: usize, ctx: &Ctx<'_>) -> Vec<Line<'static>> {
    let mut out = vec![head(health, width, ctx), Line::default()];
    out.extend(reason(health, width, ctx));
    let mut fact = |name: &str, value: Vec<Span<'static>>| {
        let mut spans = vec![Span::styled(format!("{name:NAMES$}"), ctx.theme.dim)];
        spans.extend(value);
        out.extend(wrap(&Line::from(spans), width, &" ".repeat(NAMES)));
    };
    let text = |s: String| vec![Span::styled(s, ctx.theme.text)];
    if let Some(progress) = health.progress {
        let room = width.saturating_sub(NAMES + 24).min(30);
        fact("First import", progressed(progress, room, ctx));
    }
    fact("Last good sync", text(health.last_good.map_or_else(|| "never yet".into(), |at| ago(ctx.now, at))));
    if let Some(next) = next_attempt(health, ctx) {
        let tries =
            matches!(health.state, HealthState::Retrying | HealthState::Throttled | HealthState::Broken);
        fact(if tries { "Next try" } else { "Next sync" }, text(next));
    }
    let value = width.saturating_sub(NAMES);
    fact("Latency", latency(health, value, ctx));
    fact("Requests", text(requests(health)));
    fact("Budget", budget(health.rate, value, ctx));
    fact("Waiting", waiting(health, ctx));
    out.extend(failures(health, width, ctx));
    out
}

/// The short account for the panel.
pub(super) fn compact(health: &Health, width: usize, ctx: &Ctx<'_>) -> Vec<Line<'static>> {
    let mut out = vec![head(health, width, ctx)];
    out.extend(reason(health, width, ctx));
    let synced = match health.last_good {
        Some(at) => format!("good sync {}", ago(ctx.now, at)),
        None => "no good sync yet".to_owned(),
    };
    out.push(Line::styled(clip(&synced, width, ctx.glyphs.ellipsis), ctx.theme.dim));
    if health.state != HealthState::Healthy
        && let Some(next) = next_attempt(health, ctx)
    {
        out.push(Line::styled(clip(&format!("next try {next}"), width, ctx.glyphs.ellipsis), ctx.theme.dim));
    }
    if let Some(progress) = health.progress {
        out.push(Line::from(progressed(progress, width.saturating_sub(18).min(12), ctx)));
    }
    if !health.latencies.is_empty() {
        out.push(Line::from(latency(health, width, ctx)));
    }
    if health.rate.is_some() {
        out.push(Line::from(budget_short(health.rate, width, ctx)));
    }
    if health.unsent + health.failed_total + health.conflicts > 0 {
        out.extend(wrap(&Line::from(waiting(health, ctx)), width, ""));
    }
    for item in health.failed.iter().take(3) {
        let text = format!("{} {}: {}", ctx.glyphs.cross, one_line(&item.key), one_line(&item.reason));
        out.push(Line::styled(clip(&text, width, ctx.glyphs.ellipsis), ctx.theme.error));
    }
    out
}

/// What a board without connections shows, calmly.
pub(super) fn local(width: usize, ctx: &Ctx<'_>) -> Vec<Line<'static>> {
    let mut out = vec![Line::styled("This board is local.", ctx.theme.title), Line::default()];
    let text = "No connection is configured: every card lives on this machine, nothing is sent and nothing is fetched.";
    out.extend(wrap_text(text, width, ctx.theme.text));
    out.push(Line::default());
    let how = "To keep it in step with a tracker, run `corkboard init` in a repository, or add a [[connection]] to the config.";
    out.extend(wrap_text(how, width, ctx.theme.dim));
    out
}

/// Glyph, name and word; where it leads, at the right when there is room.
fn head(health: &Health, width: usize, ctx: &Ctx<'_>) -> Line<'static> {
    let state = ctx.theme.health(health.state);
    let name = clip(health.connection.as_str(), width.saturating_sub(12).max(4), ctx.glyphs.ellipsis);
    let word = health.state.word();
    let left = 2 + cells(&name) + 2 + cells(word);
    let mut spans = vec![
        Span::styled(ctx.glyphs.health(health.state), state),
        Span::raw(" "),
        Span::styled(name, ctx.theme.title),
        Span::raw("  "),
        Span::styled(word, state),
    ];
    let scope = if width >= 60 {
        format!("{} {} {}", health.platform, ctx.glyphs.dot, one_line(&health.scope))
    } else {
        one_line(&health.scope)
    };
    let room = width.saturating_sub(left + 2);
    if room >= 8 {
        let scope = clip(&scope, room, ctx.glyphs.ellipsis);
        spans.push(Span::raw(" ".repeat(width - left - cells(&scope))));
        spans.push(Span::styled(scope, ctx.theme.dim));
    }
    Line::from(spans)
}

/// What is wrong and what to do, in the server's words where there are any.
fn reason(health: &Health, width: usize, ctx: &Ctx<'_>) -> Vec<Line<'static>> {
    let style = match health.state {
        HealthState::Healthy | HealthState::Starting | HealthState::Syncing => ctx.theme.dim,
        state => ctx.theme.health(state),
    };
    let mut out = Vec::new();
    if let Some(reason) = &health.reason {
        out.extend(wrap_text(reason, width, style));
    }
    if health.state == HealthState::Paused {
        let text = format!("Edits are kept and wait. {} lets it go on.", pen::key(ctx, Action::Pause));
        out.extend(wrap_text(&text, width, ctx.theme.dim));
    }
    if !out.is_empty() && width >= 60 {
        out.push(Line::default());
    }
    out
}

fn next_attempt(health: &Health, ctx: &Ctx<'_>) -> Option<String> {
    match (health.state, health.next_attempt) {
        (HealthState::Paused | HealthState::Elsewhere, _) | (_, None) => None,
        (_, Some(at)) => Some(ahead(ctx.now, at)),
    }
}

fn requests(health: &Health) -> String {
    let all = grouped(health.requests);
    match (health.requests, health.errors, health.error_percent()) {
        (0, ..) => "none yet".to_owned(),
        (_, 0, _) => format!("{all}, none failed"),
        (_, failed, 0) => format!("{all}, {} failed (under 1%)", grouped(failed)),
        (_, failed, percent) => format!("{all}, {} failed ({percent}%)", grouped(failed)),
    }
}

fn latency(health: &Health, width: usize, ctx: &Ctx<'_>) -> Vec<Span<'static>> {
    let (Some(p50), Some(p95)) = (health.latency_p50(), health.percentile(95)) else {
        return vec![Span::styled("no answer yet", ctx.theme.dim)];
    };
    let (median, slow) = (format!("{p50} ms  "), format!("  p95 {p95} ms"));
    let latencies: Vec<u32> = health.latencies.iter().copied().collect();
    let room = width.saturating_sub(cells(&median) + cells(&slow));
    vec![
        Span::styled(median, ctx.theme.text),
        Span::styled(sparkline(&latencies, room, ctx), ctx.theme.info),
        Span::styled(slow, ctx.theme.dim),
    ]
}

/// The newest values that fit, each as a height between nothing and the greatest of them.
fn sparkline(values: &[u32], room: usize, ctx: &Ctx<'_>) -> String {
    let shown = &values[values.len().saturating_sub(room)..];
    let most = shown.iter().copied().max().unwrap_or(0).max(1);
    let steps = ctx.glyphs.spark.len() as u64 - 1;
    let height = |v: u32| (u64::from(v) * steps).div_ceil(u64::from(most)) as usize;
    shown.iter().map(|v| ctx.glyphs.spark[height(*v).min(ctx.glyphs.spark.len() - 1)]).collect()
}

fn gauge(share: f64, room: usize, ctx: &Ctx<'_>) -> (String, String) {
    let full = ((share.clamp(0.0, 1.0) * room as f64).round() as usize).min(room);
    (ctx.glyphs.gauge_full.repeat(full), ctx.glyphs.gauge_empty.repeat(room - full))
}

fn share(part: u64, whole: u64) -> f64 {
    if whole == 0 { 0.0 } else { part as f64 / whole as f64 }
}

/// How much of the budget is left looks good above a fifth, careful below, and bad when nothing is left.
fn budget_style(rate: RateLimit, ctx: &Ctx<'_>) -> Style {
    match share(rate.remaining.into(), rate.limit.into()) {
        s if s <= 0.0 => ctx.theme.error,
        s if s < 0.2 => ctx.theme.warn,
        _ => ctx.theme.ok,
    }
}

fn budget(rate: Option<RateLimit>, width: usize, ctx: &Ctx<'_>) -> Vec<Span<'static>> {
    let Some(rate) = rate else { return vec![Span::styled("the platform has not said", ctx.theme.dim)] };
    let left = format!("  {} of {} left", grouped(rate.remaining.into()), grouped(rate.limit.into()));
    let again = format!(", full again {}", ahead(ctx.now, rate.resets_at));
    let room = width.saturating_sub(cells(&left) + cells(&again)).min(24);
    let (full, empty) = gauge(share(rate.remaining.into(), rate.limit.into()), room, ctx);
    vec![
        Span::styled(full, budget_style(rate, ctx)),
        Span::styled(empty, ctx.theme.dim),
        Span::styled(left, ctx.theme.text),
        Span::styled(again, ctx.theme.dim),
    ]
}

fn budget_short(rate: Option<RateLimit>, width: usize, ctx: &Ctx<'_>) -> Vec<Span<'static>> {
    let Some(rate) = rate else { return Vec::new() };
    let text = format!(" {} / {} left", grouped(rate.remaining.into()), grouped(rate.limit.into()));
    let room = width.saturating_sub(cells(&text)).min(16);
    let (full, empty) = gauge(share(rate.remaining.into(), rate.limit.into()), room, ctx);
    vec![
        Span::styled(full, budget_style(rate, ctx)),
        Span::styled(empty, ctx.theme.dim),
        Span::styled(text, ctx.theme.dim),
    ]
}

fn progressed(progress: Progress, room: usize, ctx: &Ctx<'_>) -> Vec<Span<'static>> {
    let Some(total) = progress.total.filter(|t| *t > 0) else {
        return vec![Span::styled(format!("{} read so far", grouped(progress.done)), ctx.theme.text)];
    };
    let percent = (progress.done.min(total) * 100) / total;
    let (full, empty) = gauge(share(progress.done, total), room, ctx);
    vec![
        Span::styled(full, ctx.theme.info),
        Span::styled(empty, ctx.theme.dim),
        Span::styled(format!(" {percent}%"), ctx.theme.text),
        Span::styled(format!(" of {}", grouped(total)), ctx.theme.dim),
    ]
}

/// What a person may have to know: how much is unsent, refused, undecided.
fn waiting(health: &Health, ctx: &Ctx<'_>) -> Vec<Span<'static>> {
    let mut parts: Vec<(String, Style)> = Vec::new();
    if health.unsent > 0 {
        parts.push((format!("{} unsent", grouped(health.unsent.into())), ctx.theme.info));
    }
    if health.failed_total > 0 {
        parts.push((
            format!("{} {} refused", ctx.glyphs.cross, grouped(health.failed_total.into())),
            ctx.theme.error,
        ));
    }
    if health.conflicts > 0 {
        let conflicts = count(health.conflicts as usize, "conflict", "conflicts");
        parts.push((format!("{} {conflicts}", ctx.glyphs.warn), ctx.theme.warn));
    }
    if parts.is_empty() {
        return vec![Span::styled("nothing", ctx.theme.text)];
    }
    let mut out = Vec::new();
    for (n, (text, style)) in parts.into_iter().enumerate() {
        if n > 0 {
            out.push(Span::styled(format!(" {} ", ctx.glyphs.dot), ctx.theme.dim));
        }
        out.push(Span::styled(text, style));
    }
    out
}

/// Each item a platform refused, with the reason in its words.
fn failures(health: &Health, width: usize, ctx: &Ctx<'_>) -> Vec<Line<'static>> {
    let mut out = Vec::new();
    if health.failed.is_empty() {
        return out;
    }
    out.push(Line::default());
    for item in &health.failed {
        let head = format!("{} {} ", ctx.glyphs.cross, one_line(&item.key));
        let room = width.saturating_sub(cells(&head));
        out.push(Line::from(vec![
            Span::styled(head, ctx.theme.error),
            Span::styled(clip(&item.title, room, ctx.glyphs.ellipsis), ctx.theme.text),
        ]));
        let line = Line::from(vec![Span::raw("  "), Span::styled(one_line(&item.reason), ctx.theme.dim)]);
        out.extend(wrap(&line, width, "  "));
    }
    let unseen = (health.failed_total as usize).saturating_sub(health.failed.len());
    if unseen > 0 {
        out.push(Line::styled(format!("  and {} more", grouped(unseen as u64)), ctx.theme.dim));
    }
    out
}
