//! How far a long first pull has come, on standard error while it lasts and only on a terminal.

use std::fmt::Write as _;

use indicatif::{HumanDuration, ProgressBar, ProgressDrawTarget, ProgressStyle};
use tokio::sync::watch;

use crate::domain::health::{Health, Progress};
use crate::support::clock::{Clock, SystemClock, Timestamp};

/// Does `work` and shows meanwhile how far the first connection with something to show has come, where things may move.
pub(super) async fn beside<T>(
    work: impl Future<Output = T>,
    mut health: watch::Receiver<Vec<Health>>,
    moving: bool,
) -> T {
    let target = if moving { ProgressDrawTarget::stderr() } else { ProgressDrawTarget::hidden() };
    let bar = ProgressBar::with_draw_target(None, target);
    tokio::pin!(work);
    let done = loop {
        tokio::select! {
            done = &mut work => break done,
            Ok(()) = health.changed() => show(&bar, &health.borrow_and_update()),
        }
    };
    bar.finish_and_clear();
    done
}

fn show(bar: &ProgressBar, all: &[Health]) {
    let Some((health, progress)) = all.iter().find_map(|h| h.progress.map(|p| (h, p))) else { return };
    let template = if progress.total.is_some() { "{msg} {wide_bar} {percent}%" } else { "{msg}" };
    if let Ok(style) = ProgressStyle::with_template(template) {
        bar.set_style(style);
    }
    if let Some(total) = progress.total {
        bar.set_length(total);
    }
    bar.set_position(progress.done);
    bar.set_message(words(health.connection.as_str(), &progress, SystemClock.now()));
}

/// `core: 1200 of 2500, 310/s, 4 seconds left`.
fn words(connection: &str, progress: &Progress, now: Timestamp) -> String {
    let mut out = format!("{connection}: {}", progress.done);
    if let Some(total) = progress.total {
        let _ = write!(out, " of {total}");
    }
    if let Some(rate) = progress.rate(now) {
        let _ = write!(out, ", {rate:.0}/s");
    }
    if let Some(left) = progress.left_ms(now).and_then(|ms| u64::try_from(ms).ok()) {
        let _ = write!(out, ", {} left", HumanDuration(std::time::Duration::from_millis(left)));
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_resumed_walk_tells_its_own_rate_and_the_time_left() {
        let progress = Progress { done: 1_200, total: Some(2_400), started: Timestamp(0), before: 600 };
        assert_eq!(words("core", &progress, Timestamp(10_000)), "core: 1200 of 2400, 60/s, 20 seconds left");
        let unknown = Progress { total: None, before: 1_200, ..progress };
        assert_eq!(words("core", &unknown, Timestamp(10_000)), "core: 1200");
    }
}
