//! `corkboard audit ..`: the audit log listed, exported and checked. Reads only.

use std::fmt::Write as _;

use comfy_table::{ContentArrangement, Table, presets};
use serde::Serialize;
use serde_json::Value;

use super::args::{Args, AuditCommand, AuditExportArgs, AuditListArgs, AuditVerifyArgs, AuditWhich};
use super::card::find;
use super::error::CliError;
use super::log::cleaned;
use super::session::Session;
use super::{Ended, output, when};
use crate::domain::audit::{AuditCheck, AuditFilter, AuditRow};
use crate::domain::link::ConnectionName;
use crate::support::text::{clip, one_line};

/// How many rows an export reads at once.
const PAGE: usize = 500;

/// A row, as scripts read it. Fields are added at the end and never change their meaning.
#[derive(Debug, Serialize)]
struct RowJson {
    seq: i64,
    at: String,
    actor: String,
    origin: String,
    connection: Option<ConnectionName>,
    action: String,
    object: String,
    card: Option<String>,
    fields: Value,
    outcome: String,
    request_id: Option<String>,
    hash: String,
}

impl From<AuditRow> for RowJson {
    fn from(row: AuditRow) -> Self {
        Self {
            seq: row.seq,
            at: when::exact(row.at),
            actor: row.actor,
            origin: row.origin,
            connection: row.connection,
            action: row.action,
            object: row.object,
            card: row.card.map(|c| c.to_string()),
            fields: row.fields,
            outcome: row.outcome,
            request_id: row.request_id,
            hash: row.hash,
        }
    }
}

/// What a check found, as scripts read it.
#[derive(Debug, Serialize)]
struct CheckJson {
    ok: bool,
    rows: u64,
    /// The last row that retention removed.
    forgotten: Option<i64>,
    /// `SEQ:HASH`, for `--head` of a later check.
    head: Option<String>,
    broken: Option<BrokenJson>,
}

#[derive(Debug, Serialize)]
struct BrokenJson {
    seq: i64,
    reason: String,
}

pub(super) fn run(command: &AuditCommand, args: &Args) -> Result<Ended, CliError> {
    let session = Session::open_as_is(args)?;
    let done = match command {
        AuditCommand::List(list) => self::list(&session, list),
        AuditCommand::Export(export) => self::export(&session, export),
        AuditCommand::Verify(verify) => self::verify(&session, verify),
    };
    session.close();
    done
}

fn filter(session: &Session, which: &AuditWhich) -> Result<AuditFilter, CliError> {
    let now = session.engine.clock().now();
    let moment = |written: &Option<String>| written.as_deref().map(|w| when::read(w, now)).transpose();
    Ok(AuditFilter {
        connection: which.connection.as_ref().map(ConnectionName::new),
        action: which.action.clone(),
        card: which.card.as_deref().map(|given| find::any(session, given)).transpose()?,
        text: which.text.clone().filter(|t| !t.is_empty()),
        troubled: which.trouble,
        since: moment(&which.since)?,
        until: moment(&which.until)?,
    })
}

fn list(session: &Session, list: &AuditListArgs) -> Result<Ended, CliError> {
    let (filter, number) = (filter(session, &list.which)?, list.number);
    let rows = session.wait(session.engine.store().run(move |db| db.audit_page(&filter, None, number)))?;
    if list.json {
        output::print_json(&rows.into_iter().map(RowJson::from).collect::<Vec<_>>())?;
    } else {
        output::print(&table(&rows))?;
    }
    Ok(Ended::Well)
}

/// The rows as a table, newest first.
fn table(rows: &[AuditRow]) -> String {
    if rows.is_empty() {
        return "No rows.\n".to_owned();
    }
    let mut table = Table::new();
    table.load_style(presets::NOTHING).set_content_arrangement(ContentArrangement::Disabled);
    table.set_header(["ROW", "AT", "WHO", "ACTION", "OBJECT", "FIELDS", "OUTCOME"]);
    for row in rows {
        let fields: Vec<&str> =
            row.fields.as_object().map(|f| f.keys().map(String::as_str).collect()).unwrap_or_default();
        let cells = [
            row.seq.to_string(),
            row.at.to_rfc3339(),
            row.actor.clone(),
            row.action.clone(),
            row.object.clone(),
            fields.join(", "),
            clip(&row.outcome, 80),
        ];
        table.add_row(cells.map(|cell| cleaned(&cell)));
    }
    if let Some(first) = table.column_mut(0) {
        first.set_padding((0, 1));
    }
    let mut out: String = table.lines().map(|l| l.trim_end().to_owned() + "\n").collect();
    let _ = writeln!(out, "{} row{}", rows.len(), if rows.len() == 1 { "" } else { "s" });
    out
}

/// Page by page, so that a long log takes no more memory than a short one.
fn export(session: &Session, export: &AuditExportArgs) -> Result<Ended, CliError> {
    let filter = filter(session, &export.which)?;
    let mut after = 0;
    loop {
        let wanted = filter.clone();
        let rows =
            session.wait(session.engine.store().run(move |db| db.audit_after(&wanted, after, PAGE)))?;
        let Some(last) = rows.last() else { return Ok(Ended::Well) };
        after = last.seq;
        let mut text = String::new();
        for row in rows {
            text.push_str(&output::json_line(&RowJson::from(row))?);
        }
        if !output::print_on(&text)? {
            return Ok(Ended::Well);
        }
    }
}

fn verify(session: &Session, verify: &AuditVerifyArgs) -> Result<Ended, CliError> {
    let head = verify.head.as_deref().map(noted).transpose()?;
    let asked = head.clone();
    let check = session.wait(
        session.engine.store().run(move |db| db.audit_verify(head.as_ref().map(|(n, h)| (*n, h.as_str())))),
    )?;
    let ended = if check.broken.is_some() { Ended::Failed } else { Ended::Well };
    if verify.json {
        output::print_json(&CheckJson {
            ok: check.broken.is_none(),
            rows: check.rows,
            forgotten: check.forgotten,
            head: check.head.as_ref().map(|(seq, hash)| format!("{seq}:{hash}")),
            broken: check.broken.map(|(seq, reason)| BrokenJson { seq, reason }),
        })?;
    } else {
        output::print(&words(&check, asked.map(|(seq, _)| seq)))?;
    }
    Ok(ended)
}

/// A row's number and hash as they were noted.
fn noted(written: &str) -> Result<(i64, String), CliError> {
    let read = written.trim().split_once(':').and_then(|(seq, hash)| {
        let good = hash.len() == 64 && hash.bytes().all(|b| b.is_ascii_hexdigit());
        Some((seq.parse().ok()?, hash.to_ascii_lowercase())).filter(|_| good)
    });
    read.ok_or_else(|| {
        CliError::usage(format!("`{}` is not a row's number and hash", one_line(written)))
            .help("give it as an earlier `corkboard audit verify` printed it: SEQ:HASH")
    })
}

fn words(check: &AuditCheck, head: Option<i64>) -> String {
    let mut out = String::new();
    let rows = if check.rows == 1 { "row" } else { "rows" };
    let _ = match &check.broken {
        Some((seq, reason)) => {
            writeln!(out, "BROKEN at row {seq}: {reason}.\n{} {rows} before it are as written.", check.rows)
        }
        None => writeln!(out, "{} {rows} checked; each is as it was written.", check.rows),
    };
    if let Some(forgotten) = check.forgotten {
        let _ = writeln!(out, "The rows up to {forgotten} were removed by the retention setting.");
        if head.is_some_and(|seq| seq < forgotten) {
            let _ = writeln!(out, "The row you noted is among them, so it proves nothing any more.");
        }
    }
    if let (Some((seq, hash)), None) = (&check.head, &check.broken) {
        let _ = writeln!(
            out,
            "Head: {seq}:{hash}\nNote it elsewhere: `corkboard audit verify --head {seq}:{hash}` proves later that \
             nothing before it was written anew."
        );
    }
    out
}
