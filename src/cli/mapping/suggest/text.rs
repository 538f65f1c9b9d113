//! A plan as TOML to paste: the two tables, with what cannot be said as comments.

use std::fmt::Write as _;

use super::plan::{Plan, Planned};
use crate::cli::log::cleaned;
use crate::config::ConnectionSettings;
use crate::config::edit::target_text;
use crate::config::settings::Platform;
use crate::domain::mapping::Target;

/// The text of one board, with its line feed.
pub(super) fn of(plan: &Plan, connection: &ConnectionSettings) -> String {
    let mut out = String::new();
    let place = cleaned(&connection.repository);
    let (name, platform) = (&connection.name, connection.platform);
    let _ = writeln!(out, "# The board \"{}\" of `{name}` ({} {place}).", plan.name, platform.as_str());
    for note in &plan.notes {
        let _ = writeln!(out, "# {note}");
    }
    for one in &plan.left_out {
        let _ = writeln!(out, "# left out: \"{}\": {}", one.title, one.why);
    }
    if plan.columns.iter().all(|column| column.target.is_none()) {
        let _ = writeln!(out, "# Nothing of it can be said by a mapping.");
        return out;
    }
    let _ = writeln!(
        out,
        "# Put both tables behind the lines of its [[connection]], in place of the file's [status_mapping] and the\n\
         # connection's [connection.status_mapping]; then run `corkboard mapping check {name}`."
    );
    let _ = writeln!(out, "\n[status_mapping]");
    for column in &plan.columns {
        let title = toml_edit::Value::from(column.title.as_str()).to_string();
        let remark = remark(column);
        let _ = writeln!(out, "{} = {title}{remark}", column.status);
    }
    let _ = writeln!(out, "\n[connection.status_mapping]");
    for column in &plan.columns {
        let Some(target) = &column.target else { continue };
        let _ = writeln!(out, "{} = {}", column.status, target_text(target, platform));
        if let Some(note) = &column.note {
            let _ = writeln!(out, "# \"{}\": {note}", column.title);
        }
        for other in &column.others {
            let _ = writeln!(out, "# {}", also(column, other, platform));
        }
    }
    out
}

/// What stands behind a column's line.
fn remark(column: &Planned) -> String {
    match (&column.there, &column.note) {
        (None, Some(note)) => format!("    # {note}"),
        (Some(there), _) if there.trim().to_lowercase() != column.title.to_lowercase() => {
            format!("    # \"{there}\" there")
        }
        _ => String::new(),
    }
}

/// Something else that stands in a column there.
fn also(column: &Planned, other: &Target, platform: Platform) -> String {
    let title = column.there.as_deref().unwrap_or(&column.title);
    format!(
        "{} stands in \"{title}\" there too: give it a column of its own, or its cards are unmapped and stand in the \
         board's first column, or in its last one when they are done",
        cleaned(&target_text(other, platform))
    )
}
