//! The small pictures of the health view: sparklines, time lines and gauges, as texts of known width. Pure.

use std::collections::VecDeque;

use crate::domain::health::Minute;
use crate::support::clock::Timestamp;
use crate::tui::screen::Ctx;

/// The newest values that fit, each as a height between nothing and the greatest of them.
pub(super) fn sparkline(values: &[u32], room: usize, ctx: &Ctx<'_>) -> String {
    let shown = &values[values.len().saturating_sub(room)..];
    let most = shown.iter().copied().max().unwrap_or(0).max(1);
    let steps = ctx.glyphs.spark.len() as u64 - 1;
    let height = |v: u32| (u64::from(v) * steps).div_ceil(u64::from(most)) as usize;
    shown.iter().map(|v| ctx.glyphs.spark[height(*v).min(ctx.glyphs.spark.len() - 1)]).collect()
}

/// The last `slots` minutes, oldest first, each in its place: `None` is a minute in which nothing was asked.
pub(super) fn timeline(minutes: &VecDeque<Minute>, now: Timestamp, slots: usize) -> Vec<Option<Minute>> {
    let mut out = vec![None; slots];
    for minute in minutes {
        let ago = usize::try_from(now.0.div_euclid(60_000) - minute.at.0.div_euclid(60_000)).unwrap_or(0);
        if let Some(slot) = slots.checked_sub(ago + 1) {
            out[slot] = Some(*minute);
        }
    }
    out
}

/// One character for each minute: a blank where nothing was asked, a dot for none, else a height.
pub(super) fn over_time(values: &[Option<u32>], ctx: &Ctx<'_>) -> String {
    let most = values.iter().flatten().copied().max().unwrap_or(0).max(1);
    let steps = ctx.glyphs.spark.len() as u64;
    let drawn = |v: &Option<u32>| match v {
        None => " ",
        Some(0) => ctx.glyphs.dot,
        Some(v) => ctx.glyphs.spark[((u64::from(*v) * steps).div_ceil(u64::from(most)) - 1) as usize],
    };
    values.iter().map(drawn).collect()
}

/// The full and the empty part of a bar of `room` cells.
pub(super) fn gauge(share: f64, room: usize, ctx: &Ctx<'_>) -> (String, String) {
    let full = ((share.clamp(0.0, 1.0) * room as f64).round() as usize).min(room);
    (ctx.glyphs.gauge_full.repeat(full), ctx.glyphs.gauge_empty.repeat(room - full))
}

/// A part of a whole, 0 to 1; of nothing it is 0.
pub(super) fn share(part: u64, whole: u64) -> f64 {
    if whole == 0 { 0.0 } else { part as f64 / whole as f64 }
}
