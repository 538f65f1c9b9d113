//! `corkboard sync --once`: one complete pass without the board.

mod progress;

use std::fmt::Write as _;

use super::args::{Args, SyncArgs};
use super::error::CliError;
use super::session::Session;
use super::{Ended, output};
use crate::domain::link::ConnectionName;
use crate::engine::{ConnectionReport, Once, SyncReport};
use crate::support::text::one_line;

pub(super) fn run(sync: &SyncArgs, args: &Args) -> Result<Ended, CliError> {
    let session = if sync.dry_run { Session::open_as_is(args)? } else { Session::open(args)? };
    let settings = session.settings();
    let only = match &sync.connection {
        Some(name) if settings.connection(name).is_none() => {
            let known: Vec<&str> = settings.connections.iter().map(|c| c.name.as_str()).collect();
            let help = match known.len() {
                0 => "the config has none".to_owned(),
                _ => format!("the config has {}", known.join(", ")),
            };
            return Err(CliError::usage(format!("there is no connection `{name}`")).help(help));
        }
        Some(name) => Some(ConnectionName::new(name)),
        None => None,
    };
    let report = session.wait(async {
        if sync.dry_run {
            session.engine.dry_run(only.as_ref()).await
        } else {
            let how = Once { yes: sync.yes, census: sync.census };
            let pass = Box::pin(session.engine.sync_once_with(only.as_ref(), how));
            progress::beside(pass, session.engine.health(), session.settings().ui.motion).await
        }
    });
    session.close();
    let report = report?;
    if sync.json {
        output::print_json(&report)?;
    } else {
        output::print(&text(&report))?;
    }
    Ok(match () {
        () if report.failed() => Ended::Failed,
        () if report.needs_a_person() => Ended::NeedsPerson,
        () => Ended::Well,
    })
}

fn text(report: &SyncReport) -> String {
    let mut out = String::new();
    for absent in &report.absent {
        let _ = writeln!(out, "{}", one_line(&absent.to_string()));
    }
    if report.connections.is_empty() {
        return out + "No connection is configured: there is nothing to sync. `corkboard init` makes one.\n";
    }
    if report.dry_run {
        out.push_str("Dry run: nothing was changed, here or there.\n");
    }
    for connection in &report.connections {
        let _ = writeln!(out, "{}", connection.connection);
        for line in lines(connection, report.dry_run) {
            let _ = writeln!(out, "  {}", one_line(&line));
        }
    }
    out
}

fn lines(c: &ConnectionReport, dry_run: bool) -> Vec<String> {
    let mut out = vec![format!(
        "read: {} new, {} changed, {} unchanged",
        c.pulled_created, c.pulled_updated, c.pulled_unchanged
    )];
    if dry_run {
        out.push(match c.planned.len() {
            0 => "would send nothing".to_owned(),
            n => format!("would send {n}:"),
        });
        out.extend(c.planned.iter().map(|p| format!("  {p}")));
    } else {
        out.push(format!("sent: {} created, {} changed, {} comments", c.created, c.sent, c.comments));
    }
    let mut attention = |n: u32, words: &str| {
        if n > 0 {
            out.push(format!("{n} {words}"));
        }
    };
    attention(c.conflicts, "fields changed on both sides; the losing values are kept with their cards");
    attention(c.open_conflicts, "conflicts wait for a decision: open the board");
    attention(c.parked, "changes wait for you: the health panel says why");
    attention(c.unsent, "changes are still to be sent");
    out.extend(c.asks.iter().map(|a| format!("asks you: {a}")));
    if !c.asks.is_empty() && !dry_run {
        out.push("  answer on the board, or go on with `corkboard sync --once --yes`".to_owned());
    }
    out.extend(c.refused.iter().map(|r| format!("refused: {r}")));
    out.extend(c.error.iter().map(|e| format!("error: {e}")));
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::Absent;

    #[test]
    fn a_report_reads_as_what_was_done_and_what_waits() {
        let report = SyncReport {
            dry_run: false,
            connections: vec![ConnectionReport {
                connection: "core".into(),
                pulled_created: 3,
                sent: 2,
                parked: 1,
                refused: vec!["core#4: no\nlabel".into()],
                error: Some("token refused".into()),
                ..ConnectionReport::default()
            }],
            absent: vec![Absent { connection: "docs".into(), cards: 2, unsent: 1 }],
        };
        let wanted = "`docs` is not in the config: 2 linked cards are kept, 1 of them with changes it was not sent\n\
                      core\n  read: 3 new, 0 changed, 0 unchanged\n  sent: 0 created, 2 changed, 0 comments\n  \
                      1 changes wait for you: the health panel says why\n  refused: core#4: no label\n  \
                      error: token refused\n";
        assert_eq!(text(&report), wanted);
    }
}
