//! How a command fails: `error:`, `caused by:`, `help:`, and an exit code.

use std::error::Error;
use std::fmt::Write as _;

use crate::config::paths::NoHome;
use crate::config::{ConfigError, EditError};
use crate::engine::EngineError;
use crate::store::StoreError;

/// A command's failure.
#[derive(Debug)]
pub(super) enum CliError {
    /// The config file; it tells its own story.
    Config(ConfigError),
    /// Anything else.
    Other {
        /// 1 for failed, 2 for usage.
        code: u8,
        /// What went wrong.
        message: String,
        /// What stands behind it, outermost first.
        causes: Vec<String>,
        /// What a person can do.
        help: Option<String>,
    },
}

impl CliError {
    /// Something could not be done.
    pub(super) fn failed(message: impl Into<String>) -> Self {
        Self::Other { code: 1, message: message.into(), causes: Vec::new(), help: None }
    }

    /// The command line, or what it is run in, does not fit.
    pub(super) fn usage(message: impl Into<String>) -> Self {
        Self::Other { code: 2, message: message.into(), causes: Vec::new(), help: None }
    }

    /// The same with what a person can do about it.
    pub(super) fn help(mut self, words: impl Into<String>) -> Self {
        if let Self::Other { help, .. } = &mut self {
            *help = Some(words.into());
        }
        self
    }

    /// The same with the error behind it.
    pub(super) fn because(mut self, error: impl Error + 'static) -> Self {
        if let Self::Other { causes, .. } = &mut self {
            causes.push(error.to_string());
            causes.extend(causes_of(&error));
        }
        self
    }

    /// An error that speaks for itself, with what stands behind it.
    fn of(error: &(dyn Error + 'static), help: Option<&str>) -> Self {
        Self::Other {
            code: 1,
            message: error.to_string(),
            causes: causes_of(error),
            help: help.map(str::to_owned),
        }
    }

    /// The exit code.
    pub(super) fn code(&self) -> u8 {
        match self {
            Self::Config(_) => 2,
            Self::Other { code, .. } => *code,
        }
    }

    /// The text for standard error, with its line feed.
    pub(super) fn render(&self, colour: bool) -> String {
        let (message, causes, help) = match self {
            Self::Config(error) => return error.render(colour),
            Self::Other { message, causes, help, .. } => (message, causes, help),
        };
        let paint = |word: &str, code: &str| {
            if colour { format!("\u{1b}[{code}m{word}:\u{1b}[0m") } else { format!("{word}:") }
        };
        let clean = super::log::cleaned;
        let mut out = format!("{} {}\n", paint("error", "1;31"), clean(message));
        let mut last = message.as_str();
        for cause in causes {
            // Some errors repeat what stands behind them in their own words.
            if !last.contains(cause.as_str()) {
                let _ = writeln!(out, "{} {}", paint("caused by", "1"), clean(cause));
            }
            last = cause;
        }
        if let Some(help) = help {
            let _ = writeln!(out, "{} {}", paint("help", "1;36"), clean(help));
        }
        out
    }
}

fn causes_of(error: &(dyn Error + 'static)) -> Vec<String> {
    std::iter::successors(error.source(), |e| (*e).source()).map(ToString::to_string).collect()
}

impl From<ConfigError> for CliError {
    fn from(error: ConfigError) -> Self {
        Self::Config(error)
    }
}

impl From<NoHome> for CliError {
    fn from(error: NoHome) -> Self {
        Self::usage(error.to_string()).help(error.help())
    }
}

impl From<EditError> for CliError {
    fn from(error: EditError) -> Self {
        match error {
            EditError::Config(error) => Self::Config(error),
            error => Self::of(&error, error.help()),
        }
    }
}

impl From<StoreError> for CliError {
    fn from(error: StoreError) -> Self {
        Self::of(&error, error.help())
    }
}

impl From<EngineError> for CliError {
    fn from(error: EngineError) -> Self {
        match error {
            EngineError::Store(error) => error.into(),
            error @ EngineError::Reject(_) => Self::of(&error, None),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_error_is_told_with_causes_and_cure_on_lines_of_their_own() {
        let error = CliError::failed("no\u{1b}[2J way")
            .because(std::io::Error::other("token ghp_0123456789abcdef was refused"))
            .help("try\nagain");
        let wanted =
            "error: no\u{FFFD}[2J way\ncaused by: token ******************** was refused\nhelp: try again\n";
        assert_eq!(error.render(false), wanted);
    }

    #[test]
    fn a_cause_that_was_told_is_not_told_twice() {
        let error = CliError::failed("cannot read x: gone").because(std::io::Error::other("gone"));
        assert_eq!(error.render(false), "error: cannot read x: gone\n");
    }
}
