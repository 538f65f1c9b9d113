//! The log: files in the state folder, only the owner's to read; never the terminal, and never a token.

mod files;

use std::borrow::Cow;
use std::io::Write;
use std::path::Path;
use std::sync::{PoisonError, RwLock};

use secrecy::SecretString;
use tracing_appender::non_blocking::{NonBlockingBuilder, WorkerGuard};
use tracing_subscriber::EnvFilter;

use super::error::CliError;
use crate::config::report::mask_tokens;
use crate::config::settings::{LogFormat, LogSettings};
use crate::store::make_private_dir;
use crate::support::clock::SystemClock;
use crate::support::hidden::Hidden;
use crate::support::text::one_line;
use files::Rolling;

/// How many lines may wait for the disk; more are dropped. Their room is taken at the start.
const LINES: usize = 2_048;
/// How many secrets are kept out of what is written.
const SECRETS: usize = 64;
const FILTER: &str = "CORKBOARD_LOG";

/// The secrets this process read. Whatever echoes them, they are in no line of the log and in no message.
static SECRET: RwLock<Vec<Hidden>> = RwLock::new(Vec::new());

/// Keeps a secret out of everything that is written from now on.
pub(super) fn keep_out(secret: &SecretString) {
    let mut known = SECRET.write().unwrap_or_else(PoisonError::into_inner);
    if known.len() < SECRETS && !known.iter().any(|s| s.is(secret)) {
        known.push(Hidden::new(secret));
    }
}

/// `text` without the secrets this process read, in whatever spelling; everything else stays as it is.
pub(super) fn without_secrets(text: &str) -> Cow<'_, str> {
    let known = SECRET.read().unwrap_or_else(PoisonError::into_inner);
    known.iter().fold(Cow::Borrowed(text), |text, hidden| match hidden.redact(&text) {
        Some(clean) => Cow::Owned(clean),
        None => text,
    })
}

/// `text` in one line, without tokens and without anything a terminal could act on.
pub(super) fn cleaned(text: &str) -> String {
    mask_tokens(&without_secrets(&one_line(text)))
}

/// Starts the log. What is still in memory is written when the guard is dropped. Without a place for its files there is
/// no log, and the work goes on.
pub(super) fn start(dir: &Path, settings: &LogSettings) -> Result<Option<WorkerGuard>, CliError> {
    let filter = match std::env::var(FILTER) {
        Ok(text) if !text.trim().is_empty() => EnvFilter::try_new(&text).map_err(|error| {
            CliError::usage(format!("{FILTER} is not a filter for the log"))
                .because(error)
                .help(format!("{FILTER}=info, {FILTER}=debug or {FILTER}=corkboard::engine=trace"))
        })?,
        _ => EnvFilter::new(settings.level),
    };
    if make_private_dir(dir).is_err() {
        return Ok(None);
    }
    let Ok(files) = Rolling::open(dir, settings.keep, SystemClock) else { return Ok(None) };
    let (writer, guard) = NonBlockingBuilder::default().buffered_lines_limit(LINES).finish(Cleaned(files));
    let lines = tracing_subscriber::fmt().with_env_filter(filter).with_ansi(false).with_writer(writer);
    let started = match settings.format {
        LogFormat::Text => lines.try_init(),
        LogFormat::Json => lines.json().flatten_event(true).try_init(),
    };
    Ok(started.is_ok().then_some(guard))
}

/// Writes lines without tokens and without anything a terminal could act on. Each is one write, so that those of
/// several processes do not run into each other.
struct Cleaned<W>(W);

impl<W: Write> Write for Cleaned<W> {
    fn write(&mut self, line: &[u8]) -> std::io::Result<usize> {
        let text = String::from_utf8_lossy(line);
        let mut clean = cleaned(text.trim_end_matches('\n'));
        clean.push('\n');
        self.0.write_all(clean.as_bytes())?;
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

    #[test]
    fn a_secret_that_looks_like_nothing_is_kept_out_too() {
        keep_out(&SecretString::from("plain\"words\\of-mine"));
        let shown = cleaned("a plain\"words\\of-mine b {\"x\":\"plain\\\"words\\\\of-mine\"}");
        assert_eq!(shown, "a [redacted] b {\"x\":\"[redacted]\"}");
    }
}
