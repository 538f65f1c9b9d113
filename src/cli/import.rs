//! `corkboard import ..`: what another tracker exported, as local cards.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs::File;
use std::io::{BufReader, Read as _, Seek as _};
use std::path::Path;

use super::args::{Args, ImportBitbucketArgs, ImportCommand};
use super::error::CliError;
use super::session::Session;
use super::{Ended, output};
use crate::connector::bitbucket::export::{self, BYTES_MAX, Export, ExportError};
use crate::domain::mapping::Status;
use crate::engine::ImportReport;
use crate::support::text::one_line;

/// How many remarks of one sort are printed; JSON has all of them.
const SHOWN: usize = 20;

pub(super) fn run(command: &ImportCommand, args: &Args) -> Result<Ended, CliError> {
    let ImportCommand::Bitbucket(import) = command;
    let export = read(&import.file)?;
    let session = if import.dry_run { Session::open_as_is(args)? } else { Session::open(args)? };
    let report = carry_out(&session, export, import);
    session.close();
    let report = report?;
    if import.json {
        output::print_json(&report)?;
    } else {
        output::print(&text(&report))?;
    }
    Ok(Ended::Well)
}

fn carry_out(
    session: &Session,
    export: Export,
    import: &ImportBitbucketArgs,
) -> Result<ImportReport, CliError> {
    let columns = columns(session, &import.status)?;
    Ok(session.wait(session.engine.import_issues(export, &columns, import.dry_run))?)
}

/// `WORD=STATUS`, as given on the command line.
fn columns(session: &Session, given: &[String]) -> Result<BTreeMap<String, Status>, CliError> {
    let board = session.wait(session.engine.board())?;
    let pair = |text: &String| {
        let (word, status) = text.split_once('=').ok_or_else(|| {
            CliError::usage(format!("`{}` does not say which column", one_line(text)))
                .help("write the tracker's word and a status: --status \"on hold=approved\"")
        })?;
        Ok((word.trim().to_owned(), super::card::status_named(&board, status.trim())?))
    };
    given.iter().map(pair).collect()
}

/// Reads an export: the zip archive, or the `db-1.0.json` out of it.
fn read(path: &Path) -> Result<Export, CliError> {
    let name = one_line(&path.display().to_string());
    let unread = |error: std::io::Error| CliError::failed(format!("cannot read {name}")).because(error);
    let mut file = BufReader::new(File::open(path).map_err(unread)?);
    let mut head = Vec::new();
    (&mut file).take(4).read_to_end(&mut head).map_err(unread)?;
    file.rewind().map_err(unread)?;
    let bytes = if head == *b"PK\x03\x04" {
        export::unpack(file).map_err(|error| refused(&name, error))?
    } else {
        let mut bytes = Vec::new();
        file.take(BYTES_MAX as u64 + 1).read_to_end(&mut bytes).map_err(unread)?;
        bytes
    };
    export::read(&bytes).map_err(|error| refused(&name, error))
}

fn refused(name: &str, error: ExportError) -> CliError {
    CliError::failed(format!("{name} cannot be imported")).because(error).help(
        "give the archive that Bitbucket's \"Import & export\" made of the issues, or the `db-1.0.json` in it; nothing \
         was changed",
    )
}

fn text(report: &ImportReport) -> String {
    let many = |n: u32, what: &str| format!("{n} {what}{}", if n == 1 { "" } else { "s" });
    let mut out = String::new();
    let verb = if report.dry_run { "would be made" } else { "made" };
    let _ = writeln!(out, "{} {verb}, with {}", many(report.made, "card"), many(report.comments, "comment"));
    if report.known > 0 {
        let _ = writeln!(out, "{} there already, left as they are", many(report.known, "card"));
    }
    for (word, (status, count)) in &report.columns {
        let _ = writeln!(out, "  {} -> {status}: {count}", one_line(word));
    }
    for (title, all) in [("changed to fit", &report.changed), ("not carried over", &report.left)] {
        if all.is_empty() {
            continue;
        }
        let _ = writeln!(out, "{title}:");
        for remark in all.iter().take(SHOWN) {
            let _ = writeln!(out, "  {}", one_line(remark));
        }
        if all.len() > SHOWN {
            let _ = writeln!(out, "  and {} more (--json names all)", all.len() - SHOWN);
        }
    }
    out
}
