//! `mapping suggest`: the platform's own boards as columns and mapping to paste into the config. It asks the platform, and
//! writes nothing: neither there nor here.

mod plan;
mod text;

use std::sync::Arc;

use serde::Serialize;

use super::chosen;
use crate::cli::args::{Args, MappingSuggestArgs};
use crate::cli::error::CliError;
use crate::cli::log::cleaned;
use crate::cli::session::{paths, runtime, tokens};
use crate::cli::{Ended, output};
use crate::config::ConnectionSettings;
use crate::connector::{Failure, PlatformBoards};
use crate::engine::dial::{Dial as _, RealDial, Wires};
use crate::support::clock::SystemClock;

use plan::Plan;

/// What scripts read. Fields are added at the end and never change their meaning.
#[derive(Debug, Serialize)]
struct SuggestionJson {
    /// There is a board to take over.
    ok: bool,
    connection: String,
    platform: &'static str,
    place: String,
    boards: Vec<BoardJson>,
    /// Why there is none, or why some are missing.
    word: Option<String>,
}

#[derive(Debug, Serialize)]
struct BoardJson {
    #[serde(flatten)]
    plan: Plan,
    /// The tables to paste.
    toml: String,
}

pub(super) fn run(suggest: &MappingSuggestArgs, args: &Args) -> Result<Ended, CliError> {
    let settings = paths(args)?.settings()?;
    let connection = chosen(&settings, Some(&suggest.connection))?;
    let Some(connection) = connection.first() else { return Ok(Ended::Failed) };
    let found = runtime()?.block_on(ask(connection)).map_err(|failure| refused(connection, &failure))?;
    let wanted = |name: &str| {
        let same = |written: &String| written.trim().to_lowercase() == name.trim().to_lowercase();
        suggest.board.as_ref().is_none_or(same)
    };
    let names: Vec<String> = found.boards.iter().map(|board| cleaned(&board.name)).collect();
    let plans: Vec<Plan> = found
        .boards
        .iter()
        .filter(|board| wanted(&board.name))
        .map(|board| Plan::of(&settings, connection, board))
        .collect();
    let word = found.word.as_deref().map(cleaned);
    if suggest.json {
        let board = |plan: Plan| BoardJson { toml: text::of(&plan, connection), plan };
        let json = SuggestionJson {
            ok: !plans.is_empty(),
            connection: connection.name.to_string(),
            platform: connection.platform.as_str(),
            place: connection.repository.clone(),
            boards: plans.into_iter().map(board).collect(),
            word,
        };
        output::print_json(&json)?;
        return Ok(if json.ok { Ended::Well } else { Ended::Failed });
    }
    if plans.is_empty() {
        return Err(nothing(suggest, &names, word));
    }
    let mut out: Vec<String> = plans.iter().map(|plan| text::of(plan, connection)).collect();
    out.extend(word.map(|word| format!("# {word}\n")));
    output::print(&out.join("\n"))?;
    Ok(Ended::Well)
}

/// Asks the platform with a connector that can only read.
async fn ask(connection: &ConnectionSettings) -> Result<PlatformBoards, Failure> {
    let wires = Wires {
        observe: Arc::new(|_| {}),
        cool_down: Arc::new(|_| {}),
        cool_down_until: None,
        read_only: true,
        clock: Arc::new(SystemClock),
    };
    let connector = RealDial::new(tokens()).dial(connection, wires).await?;
    match connector.tracker() {
        Some(tracker) => tracker.boards().await,
        None => Ok(PlatformBoards::default()),
    }
}

fn refused(connection: &ConnectionSettings, failure: &Failure) -> CliError {
    let error = CliError::failed(format!("`{}` was not read: {}", connection.name, failure.message));
    let doctor = "`corkboard doctor` looks at the connection".to_owned();
    error.help(failure.help.clone().unwrap_or(doctor))
}

/// There is no such board, or none at all.
fn nothing(suggest: &MappingSuggestArgs, names: &[String], word: Option<String>) -> CliError {
    let name = cleaned(&suggest.connection);
    match &suggest.board {
        Some(board) if !names.is_empty() => {
            CliError::failed(format!("`{name}` has no board \"{}\"", cleaned(board)))
                .help(format!("there are: {}", names.join(", ")))
        }
        _ => {
            let word = word.unwrap_or_else(|| "the platform has no boards".to_owned());
            CliError::failed(format!("`{name}` has no board to take over: {word}"))
                .help("write [connection.status_mapping] by hand: see docs/configuration.md")
        }
    }
}
