//! `corkboard doctor`: what works, what does not, and the cure. It changes nothing on any platform.

mod connection;
mod local;

use std::fmt::Write as _;
use std::sync::Arc;

use serde::Serialize;

use super::args::{Args, DoctorArgs};
use super::error::CliError;
use super::log::cleaned;
use super::session::{paths, runtime, tokens};
use super::{Ended, colour, output};
use crate::config::{Paths, Settings};
use crate::connector::Trouble;
use crate::engine::dial::RealDial;

pub(super) use connection::{ConnectionFacts, look};

/// How a check went.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Verdict {
    /// As it should be.
    Ok,
    /// It works, but a person should know.
    Warn,
    /// It does not work.
    Fail,
}

/// One check.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(super) struct Check {
    pub(super) name: String,
    pub(super) verdict: Verdict,
    pub(super) detail: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) help: Option<String>,
    /// What is wrong with the connection, where that has a name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) trouble: Option<Trouble>,
}

impl Check {
    pub(super) fn ok(name: &str, detail: impl AsRef<str>) -> Self {
        Self::new(name, Verdict::Ok, detail.as_ref(), None)
    }

    pub(super) fn warn(name: &str, detail: impl AsRef<str>, help: impl AsRef<str>) -> Self {
        Self::new(name, Verdict::Warn, detail.as_ref(), Some(help.as_ref()))
    }

    pub(super) fn fail(name: &str, detail: impl AsRef<str>, help: impl AsRef<str>) -> Self {
        Self::new(name, Verdict::Fail, detail.as_ref(), Some(help.as_ref()))
    }

    /// The same with the trouble by its name.
    pub(super) fn of(mut self, trouble: Option<Trouble>) -> Self {
        self.trouble = trouble;
        self
    }

    /// Whatever a server or a file said is made harmless here.
    fn new(name: &str, verdict: Verdict, detail: &str, help: Option<&str>) -> Self {
        let help = help.map(cleaned);
        Self { name: name.to_owned(), verdict, detail: cleaned(detail), help, trouble: None }
    }
}

/// Everything that was found.
#[derive(Debug, Serialize)]
struct Findings {
    version: &'static str,
    /// No check failed.
    ok: bool,
    checks: Vec<Check>,
    connections: Vec<ConnectionFacts>,
}

pub(super) fn run(doctor: &DoctorArgs, args: &Args) -> Result<Ended, CliError> {
    let paths = paths(args)?;
    let read = paths.settings();
    let mut checks = vec![config_check(&paths, &read)];
    let settings = read.as_ref().ok();
    checks.extend(local::data(&paths, settings));
    checks.extend(local::terminal(settings));
    let connections = settings.map(connections).transpose()?.unwrap_or_default();
    let all = || checks.iter().chain(connections.iter().flat_map(|c| &c.checks));
    let failed = all().any(|c| c.verdict == Verdict::Fail);
    let findings = Findings { version: env!("CARGO_PKG_VERSION"), ok: !failed, checks, connections };
    if doctor.json {
        output::print_json(&findings)?;
    } else {
        output::print(&text(&findings))?;
    }
    match read {
        Err(error) => {
            if !doctor.json {
                output::complain(&error.render(colour::on_stderr()));
            }
            Ok(Ended::BadConfig)
        }
        Ok(_) if failed => Ok(Ended::Failed),
        Ok(_) => Ok(Ended::Well),
    }
}

fn config_check(paths: &Paths, read: &Result<Settings, crate::config::ConfigError>) -> Check {
    let file = paths.config_file.display();
    match read {
        Ok(settings) if settings.source.is_none() => {
            let detail = format!("{file} does not exist: the built-in board, without a connection");
            Check::warn("config", detail, "run `corkboard init` in a clone of your repository")
        }
        Ok(settings) => {
            let (columns, connections) = (settings.columns.len(), settings.connections.len());
            Check::ok("config", format!("{file}: {columns} columns, {connections} connections"))
        }
        Err(error) => {
            let help = error.mistakes().first().map_or("see the message", |m| m.help.as_str());
            Check::fail("config", error.to_string(), help)
        }
    }
}

fn connections(settings: &Settings) -> Result<Vec<ConnectionFacts>, CliError> {
    let runtime = runtime()?;
    let dial = Arc::new(RealDial::new(tokens()));
    Ok(runtime.block_on(async {
        let mut out = Vec::new();
        for connection in &settings.connections {
            out.push(look(dial.as_ref(), connection).await);
        }
        out
    }))
}

fn text(findings: &Findings) -> String {
    let mut out = format!("corkboard {}\n\n", findings.version);
    lines(&mut out, &findings.checks);
    for connection in &findings.connections {
        let _ = writeln!(
            out,
            "\nconnection {} ({} {})",
            connection.name, connection.platform, connection.repository
        );
        lines(&mut out, &connection.checks);
    }
    let all: Vec<&Check> =
        findings.checks.iter().chain(findings.connections.iter().flat_map(|c| &c.checks)).collect();
    let count = |v: Verdict| all.iter().filter(|c| c.verdict == v).count();
    let (failed, warned) = (count(Verdict::Fail), count(Verdict::Warn));
    let _ = match (failed, warned) {
        (0, 0) => writeln!(out, "\nAll is well."),
        _ => writeln!(out, "\n{failed} failed, {warned} to know."),
    };
    out
}

/// Checks for a person: a word, what, how it is, and the cure beneath.
pub(super) fn lines(out: &mut String, checks: &[Check]) {
    for check in checks {
        let word = match check.verdict {
            Verdict::Ok => "ok",
            Verdict::Warn => "note",
            Verdict::Fail => "FAIL",
        };
        let trouble = check.trouble.map(|t| format!("{}: ", t.words())).unwrap_or_default();
        let _ = writeln!(out, "  {word:<5} {:<12} {trouble}{}", check.name, check.detail);
        if let Some(help) = &check.help {
            let _ = writeln!(out, "        {:<12} help: {help}", "");
        }
    }
}
