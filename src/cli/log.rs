//! The log: files in the state folder, one a day, seven kept; never the terminal, and never a token.

use std::io::Write;
use std::path::Path;

use tracing_appender::non_blocking::{NonBlockingBuilder, WorkerGuard};
use tracing_appender::rolling::{Builder, Rotation};
use tracing_subscriber::EnvFilter;

use super::error::CliError;
use crate::config::report::mask_tokens;
use crate::store::make_private_dir;
use crate::support::text::one_line;

/// How many lines may wait for the disk; more are dropped. Their room is taken at the start.
const LINES: usize = 2_048;
/// How many days are kept.
const DAYS: usize = 7;
const FILTER: &str = "CORKBOARD_LOG";

/// Starts the log. What is still in memory is written when the guard is dropped. Without a place for its files there is
/// no log, and the work goes on.
pub(super) fn start(dir: &Path) -> Result<Option<WorkerGuard>, CliError> {
    let filter = match std::env::var(FILTER) {
        Ok(text) if !text.trim().is_empty() => EnvFilter::try_new(&text).map_err(|error| {
            CliError::usage(format!("{FILTER} is not a filter for the log"))
                .because(error)
                .help(format!("{FILTER}=info, {FILTER}=debug or {FILTER}=corkboard::engine=trace"))
        })?,
        _ => EnvFilter::new("info"),
    };
    if make_private_dir(dir).is_err() {
        return Ok(None);
    }
    let files = Builder::new()
        .rotation(Rotation::DAILY)
        .filename_prefix("corkboard")
        .filename_suffix("log")
        .max_log_files(DAYS)
        .build(dir);
    let Ok(files) = files else { return Ok(None) };
    let (writer, guard) = NonBlockingBuilder::default().buffered_lines_limit(LINES).finish(Cleaned(files));
    let started =
        tracing_subscriber::fmt().with_env_filter(filter).with_ansi(false).with_writer(writer).try_init();
    Ok(started.is_ok().then_some(guard))
}

/// Writes lines without tokens and without anything a terminal could act on.
struct Cleaned<W>(W);

impl<W: Write> Write for Cleaned<W> {
    fn write(&mut self, line: &[u8]) -> std::io::Result<usize> {
        let text = String::from_utf8_lossy(line);
        let clean = mask_tokens(&one_line(text.trim_end_matches('\n')));
        self.0.write_all(clean.as_bytes())?;
        self.0.write_all(b"\n")?;
        Ok(line.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        self.0.flush()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_of_the_log_has_no_token_and_no_escape_sequence() {
        let mut out = Cleaned(Vec::new());
        out.write_all(b"asked with ghp_0123456789abcdef\x1b[2J\n").expect("written");
        assert_eq!(String::from_utf8_lossy(&out.0), "asked with ********************\u{FFFD}[2J\n");
    }
}
