//! One connection's health as lines: what it is, what it does now, what waits. Pure.

use ratatui::style::Style;
use ratatui::text::{Line, Span};

use super::charts::{gauge, share, sparkline};
use super::{Block, Picked, history, parked};
use crate::config::keymap::Action;
use crate::domain::health::{Health, HealthState, Progress};
use crate::support::clock::Timestamp;
use crate::support::text::one_line;
use crate::tui::paint::width as cells;
use crate::tui::screen::Ctx;
use crate::tui::screens::pen;
use crate::tui::screens::shape::{ago, ahead, clip, count, countdown, grouped, lasting, wrap, wrap_text};

/// Cells of the names of the facts.
const NAMES: usize = 16;
/// From this width on, what is now and what was stand side by side.
const TWO_PANES: usize = 112;
/// Cells between the two.
const GAP: usize = 4;

/// Named facts, one below the other.
pub(super) struct Facts<'a> {
    pub(super) ctx: &'a Ctx<'a>,
    width: usize,
    lines: Vec<Line<'static>>,
}

impl Facts<'_> {
    /// The cells a value has on its first line.
    pub(super) fn room(&self) -> usize {
        self.width.saturating_sub(NAMES)
    }

    /// Appends a fact; a value that is too long goes on below its beginning.
    pub(super) fn add(&mut self, name: &str, value: Vec<Span<'static>>) {
        let mut spans = vec![Span::styled(format!("{name:NAMES$}"), self.ctx.theme.dim)];
        spans.extend(value);
        self.lines.extend(wrap(&Line::from(spans), self.width, &" ".repeat(NAMES)));
    }

    /// Appends several short facts under one name.
    pub(super) fn add_all(&mut self, name: &str, said: Vec<(String, Style)>) {
        for (n, line) in flow(said, self.room(), self.ctx).into_iter().enumerate() {
            self.add(if n == 0 { name } else { "" }, line);
        }
    }
}

/// The full account of a connection.
pub(super) fn full(health: &Health, width: usize, picked: &Picked<'_>, ctx: &Ctx<'_>) -> Block {
    let mut lines = vec![head(health, width, ctx), Line::default()];
    let told = lines.len();
    lines.extend(urgent(health, width, ctx));
    lines.extend(reason(health, width, ctx));
    if lines.len() > told {
        lines.push(Line::default());
    }
    let facts = |width| Facts { ctx, width, lines: Vec::new() };
    if width >= TWO_PANES {
        let half = (width - GAP) / 2;
        let (mut left, mut right) = (facts(half), facts(width - GAP - half));
        at_present(health, &mut left);
        history::facts(health, &mut right);
        lines.extend(beside(left.lines, right.lines, half));
    } else {
        let mut all = facts(width);
        at_present(health, &mut all);
        history::facts(health, &mut all);
        lines.extend(all.lines);
    }
    let mut block = Block { lines, stops: Vec::new() };
    parked::append(&mut block, health, width, picked, ctx);
    block
}

/// What it does now, and what waits.
fn at_present(health: &Health, out: &mut Facts<'_>) {
    let ctx = out.ctx;
    let text = |s: String| vec![Span::styled(s, ctx.theme.text)];
    if let Some(progress) = health.progress {
        let room = out.room().saturating_sub(20).min(30);
        out.add("First import", progressed(progress, room, ctx));
        if let Some(pace) = pace(progress, ctx.now) {
            out.add("", text(pace));
        }
    }
    out.add(
        "Last good sync",
        text(health.last_good.map_or_else(|| "never yet".into(), |at| ago(ctx.now, at))),
    );
    if let Some((name, when)) = next_attempt(health, ctx.now, ctx.settings.ui.motion) {
        let style = if counts_down(health).is_some() { ctx.theme.warn } else { ctx.theme.text };
        out.add(name, vec![Span::styled(when, style)]);
    }
    let value = out.room();
    out.add("Latency", latency(health, value, ctx));
    out.add("Requests", text(requests(health)));
    for (n, budget) in budgets(health).iter().enumerate() {
        out.add(if n == 0 { "Budget" } else { "" }, budget_line(budget, value, ctx));
    }
    if health.rate.is_none() && health.budgets.is_empty() {
        out.add("Budget", vec![Span::styled("the platform has not said", ctx.theme.dim)]);
    }
    out.add_all("Waiting", waiting(health, ctx));
}

/// What is asked and what the rules ring for.
pub(super) fn urgent(health: &Health, width: usize, ctx: &Ctx<'_>) -> Vec<Line<'static>> {
    let mut out = Vec::new();
    if let Some(question) = &health.question {
        let glyph = ctx.glyphs.health(HealthState::Asking);
        let spans = vec![
            Span::styled(format!("{glyph} It asks: "), ctx.theme.warn),
            Span::styled(one_line(&question.text), ctx.theme.text),
            Span::styled(format!("  {} answers", pen::key(ctx, Action::Answer)), ctx.theme.key),
        ];
        out.extend(wrap(&Line::from(spans), width, "  "));
    }
    for alert in &health.alerts {
        // The reason stands below in any case.
        let reason = health.reason.as_deref().filter(|r| !r.is_empty());
        let text = reason.and_then(|r| alert.text.strip_suffix(r)?.strip_suffix(": "));
        let text = one_line(text.unwrap_or(&alert.text));
        let spans = vec![
            Span::styled(format!("{} {text}", ctx.glyphs.warn), ctx.theme.warn),
            Span::styled(format!("  {}", ago(ctx.now, alert.since)), ctx.theme.dim),
        ];
        out.extend(wrap(&Line::from(spans), width, "  "));
    }
    out
}

/// Two lists of lines, the right one beside the left one.
fn beside(left: Vec<Line<'static>>, right: Vec<Line<'static>>, width: usize) -> Vec<Line<'static>> {
    let (mut left, mut right) = (left.into_iter(), right.into_iter());
    let mut out = Vec::new();
    loop {
        let (mut line, other) = match (left.next(), right.next()) {
            (None, None) => return out,
            (line, other) => (line.unwrap_or_default(), other),
        };
        if let Some(other) = other {
            let used: usize = line.spans.iter().map(|s| cells(&s.content)).sum();
            line.spans.push(Span::raw(" ".repeat((width + GAP).saturating_sub(used))));
            line.spans.extend(other.spans);
        }
        out.push(line);
    }
}

/// Short facts one after another, parted by dots: as many on a line as fit, none broken.
pub(super) fn flow(said: Vec<(String, Style)>, room: usize, ctx: &Ctx<'_>) -> Vec<Vec<Span<'static>>> {
    let between = format!(" {} ", ctx.glyphs.dot);
    let mut out: Vec<Vec<Span<'static>>> = Vec::new();
    let mut used = 0;
    for (text, style) in said {
        let wanted = cells(&between) + cells(&text);
        if let Some(line) = out.last_mut().filter(|_| used + wanted <= room) {
            line.push(Span::styled(between.clone(), ctx.theme.dim));
            line.push(Span::styled(text, style));
            used += wanted;
        } else {
            used = cells(&text);
            out.push(vec![Span::styled(text, style)]);
        }
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
pub(super) fn head(health: &Health, width: usize, ctx: &Ctx<'_>) -> Line<'static> {
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
pub(super) fn reason(health: &Health, width: usize, ctx: &Ctx<'_>) -> Vec<Line<'static>> {
    let style = match health.state {
        HealthState::Healthy | HealthState::Starting | HealthState::Syncing => ctx.theme.dim,
        state => ctx.theme.health(state),
    };
    let mut out = Vec::new();
    // What is asked is told above, in the same words.
    if let Some(reason) = health.reason.as_ref().filter(|_| health.state != HealthState::Asking) {
        out.extend(wrap_text(reason, width, style));
    }
    if let Some(warning) = &health.warning {
        out.extend(wrap_text(&format!("{} {warning}", ctx.glyphs.warn), width, ctx.theme.warn));
    }
    if health.state == HealthState::Paused {
        let text = format!("Edits are kept and wait. {} lets it go on.", pen::key(ctx, Action::Pause));
        out.extend(wrap_text(&text, width, ctx.theme.dim));
    }
    out
}

/// The moment something is counted down to, while a person waits for it: when a connection that was told to wait, or
/// that failed, goes on.
pub(super) fn counts_down(health: &Health) -> Option<Timestamp> {
    let waits = matches!(health.state, HealthState::Throttled | HealthState::Retrying | HealthState::Broken);
    health.next_attempt.filter(|_| waits)
}

/// When something is tried next, and what it is called.
pub(super) fn next_attempt(health: &Health, now: Timestamp, moving: bool) -> Option<(&'static str, String)> {
    let at = health.next_attempt?;
    match health.state {
        HealthState::Paused | HealthState::Elsewhere | HealthState::Asking => None,
        HealthState::Throttled => Some(("Goes on", waits(now, at, moving))),
        HealthState::Retrying | HealthState::Broken => Some(("Next try", waits(now, at, moving))),
        HealthState::Starting | HealthState::Healthy | HealthState::Syncing => {
            Some(("Next sync", ahead(now, at)))
        }
    }
}

/// A wait by the second while it is short, where things may move.
pub(super) fn waits(now: Timestamp, at: Timestamp, moving: bool) -> String {
    countdown(now, at).filter(|_| moving).map_or_else(|| ahead(now, at), |left| format!("in {left}"))
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

pub(super) fn latency(health: &Health, width: usize, ctx: &Ctx<'_>) -> Vec<Span<'static>> {
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

/// What may still be asked of one kind of request.
pub(super) struct Share {
    /// Which kind, where it is not the platform's own account of all of them.
    name: &'static str,
    /// How much is left.
    left: u64,
    /// Of how much.
    limit: u64,
    /// When all of it is there again, or of a bucket that is empty the next, if that is to come.
    full_at: Option<Timestamp>,
}

impl Share {
    /// What is left looks good above a fifth, careful below, and bad when nothing is left.
    fn style(&self, ctx: &Ctx<'_>) -> Style {
        match share(self.left, self.limit) {
            s if s <= 0.0 => ctx.theme.error,
            s if s < 0.2 => ctx.theme.warn,
            _ => ctx.theme.ok,
        }
    }
}

/// Every budget there is to draw: the platform's own account, and of our buckets those that are not full.
fn budgets(health: &Health) -> Vec<Share> {
    let told = |rate: crate::domain::health::RateLimit| Share {
        name: "",
        left: rate.remaining.into(),
        limit: rate.limit.into(),
        full_at: Some(rate.resets_at),
    };
    let ours = health.budgets.iter().filter(|b| b.remaining < b.limit).map(|b| Share {
        name: b.class.word(),
        left: b.remaining.into(),
        limit: b.limit.into(),
        full_at: b.free_at,
    });
    health.rate.map(told).into_iter().chain(ours).collect()
}

fn budget_line(budget: &Share, width: usize, ctx: &Ctx<'_>) -> Vec<Span<'static>> {
    let name = if budget.name.is_empty() { String::new() } else { format!(" {}", budget.name) };
    let mut left = format!("  {} of {}{name} left", grouped(budget.left), grouped(budget.limit));
    let word = if budget.name.is_empty() { "full" } else { "next" };
    let again = budget.full_at.map_or_else(String::new, |at| format!(", {word} {}", ahead(ctx.now, at)));
    if cells(&left) + cells(&again) + 8 > width {
        left = format!("  {} / {}{name}", grouped(budget.left), grouped(budget.limit));
    }
    let room = width.saturating_sub(cells(&left) + cells(&again)).min(24);
    let (full, empty) = gauge(share(budget.left, budget.limit), room, ctx);
    vec![
        Span::styled(full, budget.style(ctx)),
        Span::styled(empty, ctx.theme.dim),
        Span::styled(left, ctx.theme.text),
        Span::styled(again, ctx.theme.dim),
    ]
}

/// The budgets in a few cells, a line each.
pub(super) fn budgets_short(health: &Health, width: usize, ctx: &Ctx<'_>) -> Vec<Line<'static>> {
    let line = |budget: &Share| {
        let text = format!(" {} / {} {}", grouped(budget.left), grouped(budget.limit), budget.name);
        let text = if budget.name.is_empty() { format!("{text}left") } else { text };
        let room = width.saturating_sub(cells(&text)).min(16);
        let (full, empty) = gauge(share(budget.left, budget.limit), room, ctx);
        Line::from(vec![
            Span::styled(full, budget.style(ctx)),
            Span::styled(empty, ctx.theme.dim),
            Span::styled(text, ctx.theme.dim),
        ])
    };
    budgets(health).iter().map(line).collect()
}

/// How far a first import is: a bar where the end is known.
pub(super) fn progressed(progress: Progress, room: usize, ctx: &Ctx<'_>) -> Vec<Span<'static>> {
    let (Some(total), Some(percent)) = (progress.total, progress.percent()) else {
        return vec![Span::styled(format!("{} read so far", grouped(progress.done)), ctx.theme.text)];
    };
    let (full, empty) = gauge(share(progress.done, total), room, ctx);
    vec![
        Span::styled(full, ctx.theme.info),
        Span::styled(empty, ctx.theme.dim),
        Span::styled(format!(" {percent}%"), ctx.theme.text),
        Span::styled(format!(" of {}", grouped(total)), ctx.theme.dim),
    ]
}

/// How fast an import goes, and how long it will take: `70 a second, about 1m left`.
pub(super) fn pace(progress: Progress, now: Timestamp) -> Option<String> {
    let rate = progress.rate(now)?;
    let rate = if rate < 10.0 { format!("{rate:.1}") } else { grouped(rate.round() as u64) };
    let left = progress.left_ms(now).map(|ms| format!(", {} left", lasting(ms)));
    Some(format!("{rate} a second{}", left.unwrap_or_default()))
}

/// What a person may have to know: how much is unsent, refused, undecided.
pub(super) fn waiting(health: &Health, ctx: &Ctx<'_>) -> Vec<(String, Style)> {
    let mut said: Vec<(String, Style)> = Vec::new();
    if health.unsent > 0 {
        let oldest =
            health.oldest_unsent.map(|at| format!(", the oldest for {}", lasting(ctx.now.since(at))));
        let oldest = oldest.unwrap_or_default();
        said.push((format!("{} unsent{oldest}", grouped(health.unsent.into())), ctx.theme.info));
    }
    if health.failed_total > 0 {
        said.push((
            format!("{} {} set aside", ctx.glyphs.cross, grouped(health.failed_total.into())),
            ctx.theme.error,
        ));
    }
    if health.conflicts > 0 {
        let conflicts = count(health.conflicts as usize, "conflict", "conflicts");
        said.push((format!("{} {conflicts}", ctx.glyphs.warn), ctx.theme.warn));
    }
    if said.is_empty() {
        said.push(("nothing".to_owned(), ctx.theme.text));
    }
    said
}
