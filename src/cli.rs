//! The command line: what can be asked, what is printed, and how it ends. One file per command.
//!
//! Text is made whole and written once; a reader that went away is no error. Nothing here talks to a platform or to
//! the database but through the engine.

mod args;
mod audit;
mod board;
mod card;
mod colour;
mod conflicts;
mod crash;
mod demo;
mod doctor;
mod error;
mod import;
mod init;
mod log;
mod mapping;
mod monitor;
mod output;
mod plain;
mod sandbox;
mod serve;
mod session;
mod snapshot;
mod sync;
mod when;

use std::ffi::OsString;
use std::process::ExitCode;

use clap::{CommandFactory as _, FromArgMatches as _};

pub use args::Args;
use args::Command;

/// How a run that did not fail ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Ended {
    /// All is well.
    Well,
    /// It was done, but the answer is "no": a check failed, a connection could not be brought to its end.
    Failed,
    /// The config is not valid.
    BadConfig,
    /// It finished, but something waits for a person.
    NeedsPerson,
}

impl Ended {
    fn code(self) -> u8 {
        match self {
            Self::Well => 0,
            Self::Failed => 1,
            Self::BadConfig => 2,
            Self::NeedsPerson => 3,
        }
    }
}

/// Runs the program with these arguments, the program's name first.
pub fn run(arguments: impl IntoIterator<Item = OsString>) -> ExitCode {
    crash::install();
    let arguments: Vec<OsString> = arguments.into_iter().collect();
    let early = colour::early(&arguments);
    let asked = Args::command().color(early.into()).try_get_matches_from(arguments);
    let args = match asked.and_then(|mut matches| Args::from_arg_matches_mut(&mut matches)) {
        Ok(args) => args,
        Err(error) => {
            // Help and version are such "errors" too, for standard output and with code 0.
            let _ = error.print();
            return ExitCode::from(u8::try_from(error.exit_code()).unwrap_or(2));
        }
    };
    colour::choose(args.color);
    let result = match &args.command {
        None => board::run(&args),
        Some(Command::Demo(demo)) => demo::run(demo, &args),
        Some(Command::Init(init)) => init::run(init, &args),
        Some(Command::Doctor(doctor)) => doctor::run(doctor, &args),
        Some(Command::Sync(sync)) => sync::run(sync, &args),
        Some(Command::Sandbox(sandbox)) => sandbox::run(sandbox),
        Some(Command::Card(card)) => card::run(card, &args),
        Some(Command::Conflicts(conflicts)) => conflicts::run(conflicts, &args),
        Some(Command::Audit(audit)) => audit::run(audit, &args),
        Some(Command::Mapping(mapping)) => mapping::run(mapping, &args),
        Some(Command::Import(import)) => import::run(import, &args),
        Some(Command::Monitor(monitor)) => monitor::run(monitor, &args),
        Some(Command::Snapshot(snapshot)) => snapshot::run(snapshot, &args),
        Some(Command::Serve(serve)) => serve::run(serve, &args),
    };
    match result {
        Ok(ended) => ExitCode::from(ended.code()),
        Err(error) => {
            output::complain(&error.render(colour::on_stderr()));
            ExitCode::from(error.code())
        }
    }
}
