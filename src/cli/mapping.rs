//! `corkboard mapping ..`: what is mapped to what, in words, and whether it can work. `check` reads the config alone,
//! `try` the database besides, `suggest` the platform's own boards; none of them changes anything.

mod report;
mod suggest;
mod tried;

use super::args::{Args, MappingCheckArgs, MappingCommand};
use super::error::CliError;
use super::session::paths;
use super::{Ended, output};
use crate::config::{ConfigError, ConnectionSettings, Settings};
use crate::support::text::one_line;

use report::{MistakeJson, Report, WrongJson};

pub(super) fn run(command: &MappingCommand, args: &Args) -> Result<Ended, CliError> {
    match command {
        MappingCommand::Check(check) => run_check(check, args),
        MappingCommand::Suggest(suggest) => suggest::run(suggest, args),
        MappingCommand::Try(card) => tried::run(card, args),
    }
}

fn run_check(check: &MappingCheckArgs, args: &Args) -> Result<Ended, CliError> {
    let settings = match paths(args)?.settings() {
        Ok(settings) => settings,
        Err(error) if check.json => {
            output::print_json(&wrong(&error))?;
            return Ok(Ended::BadConfig);
        }
        Err(error) => return Err(error.into()),
    };
    let report = Report::of(&settings, &chosen(&settings, check.connection.as_deref())?);
    if check.json {
        output::print_json(&report)?;
    } else {
        output::print(&report.text())?;
    }
    Ok(if report.ok { Ended::Well } else { Ended::Failed })
}

/// The connection that was named, or all.
fn chosen<'a>(settings: &'a Settings, name: Option<&str>) -> Result<Vec<&'a ConnectionSettings>, CliError> {
    let Some(name) = name else { return Ok(settings.connections.iter().collect()) };
    settings.connection(name).map(|connection| vec![connection]).ok_or_else(|| {
        let names: Vec<&str> = settings.connections.iter().map(|c| c.name.as_str()).collect();
        let help = match names.as_slice() {
            [] => "the config has no connection".to_owned(),
            names => format!("there are: {}", names.join(", ")),
        };
        CliError::usage(format!("there is no connection `{}`", one_line(name))).help(help)
    })
}

fn wrong(error: &ConfigError) -> WrongJson {
    let told = |m: &crate::config::Mistake| MistakeJson {
        line: m.line,
        column: m.column,
        message: m.message.clone(),
        help: m.help.clone(),
    };
    WrongJson {
        ok: false,
        error: one_line(&error.to_string()),
        mistakes: error.mistakes().iter().map(told).collect(),
    }
}
