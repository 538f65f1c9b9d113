//! What a platform's board would be here: which statuses, under which names and titles, and what cannot be said. Pure.

use serde::Serialize;

use crate::cli::log::cleaned;
use crate::config::mapping_draft::TITLE_MAX;
use crate::config::{Cell, ConnectionSettings, MappingDraft, Settings};
use crate::connector::{BoardColumn, PlatformBoard};
use crate::domain::mapping::{Status, Target};
use crate::support::text::{clip, is_unsafe};

/// Longest name that is made of a title, so that a number finds room behind it.
const NAME_MAX: usize = 56;

/// A board as this config would have it.
#[derive(Debug, Serialize)]
pub(super) struct Plan {
    /// Its name on the platform.
    pub(super) name: String,
    /// The columns, in board order; those the board has not stand where they stood.
    pub(super) columns: Vec<Planned>,
    /// Columns there that a mapping cannot say.
    pub(super) left_out: Vec<LeftOut>,
    /// What else there is to know, one sentence each.
    pub(super) notes: Vec<String>,
}

/// A column of the plan.
#[derive(Debug, Serialize)]
pub(super) struct Planned {
    pub(super) status: Status,
    pub(super) title: String,
    /// Its title on the platform; none: the platform's board has it not.
    pub(super) there: Option<String>,
    /// What a card moved here becomes.
    pub(super) target: Option<Target>,
    /// What else stands in the column there.
    pub(super) others: Vec<Target>,
    pub(super) note: Option<String>,
}

/// A column that a mapping cannot say.
#[derive(Debug, Serialize)]
pub(super) struct LeftOut {
    pub(super) title: String,
    pub(super) why: String,
}

impl Plan {
    /// The plan of `board` for `connection`, whose file `settings` are.
    pub(super) fn of(settings: &Settings, connection: &ConnectionSettings, board: &PlatformBoard) -> Self {
        let (mut columns, mut left_out) = (Vec::new(), Vec::new());
        for column in &board.columns {
            match sayable(column) {
                Ok(target) => columns.push((column, target)),
                Err(why) => left_out.push(LeftOut { title: cleaned(&column.title), why }),
            }
        }
        let mut columns = named(settings, connection, &columns);
        apart(connection, &mut columns, &mut left_out);
        let mut notes: Vec<String> = board.notes.iter().map(|note| cleaned(note)).collect();
        notes.extend(clashes(connection, &columns));
        notes.extend(keep(settings, connection, &mut columns));
        Self { name: cleaned(&board.name), columns, left_out, notes }
    }
}

/// What a card moved to the column becomes, or why a mapping cannot say it.
fn sayable(column: &BoardColumn) -> Result<&Target, String> {
    let Some(target) = column.target.first() else {
        let why = column.note.as_deref().map(cleaned);
        return Err(why.unwrap_or_else(|| "the platform does not say what stands in it".to_owned()));
    };
    let mut names = [&target.label, &target.status, &target.resolution].into_iter().flatten();
    if names.any(|name| name.chars().any(is_unsafe)) {
        return Err("its name on the platform holds control or invisible characters".to_owned());
    }
    Ok(target)
}

/// The board's own column that each of the columns is: one with the same title, with the same mapping, or with the same
/// name, in this order.
fn recognised(
    settings: &Settings,
    connection: &ConnectionSettings,
    columns: &[(&BoardColumn, &Target)],
) -> Vec<Option<usize>> {
    let own = |row: usize| &settings.columns[row];
    let same_title = |row: usize, at: usize| fold(&own(row).title) == fold(&columns[at].0.title);
    let same_target = |row: usize, at: usize| {
        connection.targets.get(&own(row).status).is_some_and(|target| says(target, columns[at].1))
    };
    let same_name = |row: usize, at: usize| own(row).status.as_str() == snake(&columns[at].0.title);
    let ways: [&dyn Fn(usize, usize) -> bool; 3] = [&same_title, &same_target, &same_name];
    let mut known: Vec<Option<usize>> = vec![None; columns.len()];
    for same in ways {
        for at in 0..columns.len() {
            if known[at].is_none() {
                let free = |row: &usize| !known.contains(&Some(*row));
                known[at] = (0..settings.columns.len()).filter(free).find(|row| same(*row, at));
            }
        }
    }
    known
}

/// Whether the connection's own target says what a column's does, but for a resolution.
fn says(own: &Target, target: &Target) -> bool {
    Target { resolution: target.resolution.clone(), ..own.clone() } == *target
}

/// Gives each column a status and a title: those of the board's own column where it is one, else new ones.
fn named(
    settings: &Settings,
    connection: &ConnectionSettings,
    columns: &[(&BoardColumn, &Target)],
) -> Vec<Planned> {
    // Nothing new may be called as something the board has already, whether or not the plan has that column.
    let mut names: Vec<String> = settings.columns.iter().map(|c| c.status.to_string()).collect();
    let mut titles: Vec<String> = settings.columns.iter().map(|c| fold(&c.title)).collect();
    let known = recognised(settings, connection, columns);
    let mut out: Vec<Planned> = Vec::new();
    for (at, ((column, target), own)) in columns.iter().zip(known).enumerate() {
        let own = own.map(|row| &settings.columns[row]);
        // A resolution that the mapping has already stays: no board tells one.
        let mapped = own.and_then(|own| connection.targets.get(&own.status));
        let target = mapped.filter(|mapped| says(mapped, target)).unwrap_or(target);
        let (status, title) = if let Some(own) = own {
            (own.status.clone(), own.title.clone())
        } else {
            let title = unique(&shown(&column.title, at), " ", &titles);
            titles.push(fold(&title));
            let name = match snake(&column.title) {
                name if name.is_empty() => format!("column_{}", at + 1),
                name => name,
            };
            let name = unique(&name, "_", &names);
            names.push(name.clone());
            (Status::new(name), title)
        };
        out.push(Planned {
            status,
            title,
            there: Some(cleaned(&column.title)),
            target: Some(target.clone()),
            others: column.target[1..].to_vec(),
            note: column.note.as_deref().map(cleaned),
        });
    }
    out
}

/// Takes out, one after the other, the columns that the config would refuse: those the platform could not tell apart, and
/// labels it could not write.
fn apart(connection: &ConnectionSettings, columns: &mut Vec<Planned>, left_out: &mut Vec<LeftOut>) {
    while let Some((at, why)) = first_problem(connection, columns) {
        let gone = columns.remove(at);
        left_out.push(LeftOut { title: gone.there.unwrap_or(gone.title), why });
    }
}

fn first_problem(connection: &ConnectionSettings, columns: &[Planned]) -> Option<(usize, String)> {
    if columns.is_empty() {
        return None;
    }
    let targets = columns.iter().filter_map(|c| Some((c.status.clone(), c.target.clone()?))).collect();
    let draft = MappingDraft {
        columns: columns.iter().map(|c| (c.status.clone(), c.title.clone())).collect(),
        targets: [(connection.name.clone(), targets)].into(),
    };
    draft.problems().into_iter().find_map(|problem| {
        let at = match &problem.at {
            Cell::Status(row) | Cell::Title(row) => Some(*row),
            Cell::Target(_, status) => draft.row(status),
            Cell::Board | Cell::Connection(_) => None,
        };
        at.map(|at| (at, cleaned(&problem.message)))
    })
}

/// Labels of the plan that every new issue would get at once.
fn clashes(connection: &ConnectionSettings, columns: &[Planned]) -> Option<String> {
    let labels: Vec<&str> = columns.iter().filter_map(|c| c.target.as_ref()?.label.as_deref()).collect();
    let clash = |label: &&String| labels.iter().any(|l| fold(l) == fold(label));
    let clash: Vec<String> =
        connection.default_labels.iter().filter(clash).map(|l| format!("\"{}\"", cleaned(l))).collect();
    (!clash.is_empty())
        .then(|| format!("take {} out of `default_labels`: it would stand for a column", clash.join(", ")))
}

/// Puts back the board's own columns that something else in the config names; what becomes of the others is told.
fn keep(settings: &Settings, connection: &ConnectionSettings, columns: &mut Vec<Planned>) -> Vec<String> {
    let mut gone = Vec::new();
    for (at, own) in settings.columns.iter().enumerate() {
        if columns.iter().any(|c| c.status == own.status) {
            continue;
        }
        let others = settings.connections.iter().filter(|c| c.name != connection.name);
        let mut users: Vec<String> =
            others.filter(|c| c.targets.contains_key(&own.status)).map(|c| format!("`{}`", c.name)).collect();
        if settings.new_cards.rules.iter().any(|rule| rule.status.as_ref() == Some(&own.status)) {
            users.push("a rule of [new_cards]".to_owned());
        }
        if users.is_empty() {
            gone.push(format!("{} = \"{}\"", own.status, cleaned(&own.title)));
            continue;
        }
        // Behind the nearest column it stood behind.
        let mut before = settings.columns[..at].iter().rev();
        let place = before.find_map(|b| columns.iter().position(|c| c.status == b.status));
        let column = Planned {
            status: own.status.clone(),
            title: own.title.clone(),
            there: None,
            target: None,
            others: Vec::new(),
            note: Some(format!("kept for {}", users.join(", "))),
        };
        columns.insert(place.map_or(0, |place| place + 1), column);
    }
    if gone.is_empty() {
        return Vec::new();
    }
    vec![format!("not on that board: {}; add such a line where cards stand in the column", gone.join(", "))]
}

fn fold(text: &str) -> String {
    text.trim().to_lowercase()
}

/// A title a column here can have.
fn shown(title: &str, at: usize) -> String {
    let title = clip(cleaned(title).trim(), TITLE_MAX - 4);
    if title.is_empty() { format!("Column {}", at + 1) } else { title }
}

/// `wanted`, with a number behind it where it is taken.
fn unique(wanted: &str, gap: &str, taken: &[String]) -> String {
    let is_free = |name: &String| !taken.contains(&fold(name));
    let numbered = (2..).map(|n: u32| format!("{wanted}{gap}{n}"));
    std::iter::once(wanted.to_owned()).chain(numbered).find(is_free).unwrap_or_else(|| wanted.to_owned())
}

/// A canonical status made of a title: `Won't do` is `wont_do`. Empty where the title has nothing to make it of.
fn snake(title: &str) -> String {
    let mut out = String::new();
    for c in title.chars().flat_map(char::to_lowercase) {
        match c {
            'a'..='z' | '0'..='9' => out.push(c),
            'ä' | 'æ' => out.push_str("ae"),
            'ö' | 'ø' => out.push_str("oe"),
            'ü' => out.push_str("ue"),
            'ß' => out.push_str("ss"),
            'à' | 'á' | 'â' | 'ã' | 'å' => out.push('a'),
            'è' | 'é' | 'ê' | 'ë' => out.push('e'),
            'ì' | 'í' | 'î' | 'ï' => out.push('i'),
            'ò' | 'ó' | 'ô' | 'õ' => out.push('o'),
            'ù' | 'ú' | 'û' => out.push('u'),
            'ç' => out.push('c'),
            'ñ' => out.push('n'),
            '\'' | '’' => {}
            _ if out.is_empty() || out.ends_with('_') => {}
            _ => out.push('_'),
        }
    }
    out.truncate(NAME_MAX);
    out.trim_end_matches('_').to_owned()
}

#[cfg(test)]
mod tests;
