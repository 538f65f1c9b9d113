//! Writing to standard output and standard error: whole texts, once, without the secrets this process read, and never a
//! panic when nobody reads any more.

use std::io::Write as _;

use super::error::CliError;
use super::log::without_secrets;

/// Writes `text` to standard output. A closed pipe is no error: the reader has what it wanted.
pub(super) fn print(text: &str) -> Result<(), CliError> {
    print_on(text).map(|_| ())
}

/// Writes `text` to standard output; tells whether somebody still reads.
pub(super) fn print_on(text: &str) -> Result<bool, CliError> {
    let mut out = std::io::stdout().lock();
    match out.write_all(without_secrets(text).as_bytes()).and_then(|()| out.flush()) {
        Ok(()) => Ok(true),
        Err(error) if error.kind() == std::io::ErrorKind::BrokenPipe => Ok(false),
        Err(error) => Err(CliError::failed("cannot write to standard output").because(error)),
    }
}

/// `value` as one line of JSON.
pub(super) fn json_line(value: &impl serde::Serialize) -> Result<String, CliError> {
    let mut text = serde_json::to_string(value)
        .map_err(|error| CliError::failed("cannot write the answer as JSON").because(error))?;
    text.push('\n');
    Ok(text)
}

/// Writes `value` to standard output as JSON, followed by a line feed.
pub(super) fn print_json(value: &impl serde::Serialize) -> Result<(), CliError> {
    print(&json_text(value)?)
}

/// `value` as JSON for a person, with a line feed at its end.
pub(super) fn json_text(value: &impl serde::Serialize) -> Result<String, CliError> {
    let mut text = serde_json::to_string_pretty(value)
        .map_err(|error| CliError::failed("cannot write the answer as JSON").because(error))?;
    text.push('\n');
    Ok(text)
}

/// Writes `text` to standard error, as far as that goes.
pub(super) fn complain(text: &str) {
    let _ = std::io::stderr().lock().write_all(without_secrets(text).as_bytes());
}
