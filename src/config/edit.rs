//! Changing the mapping in a config file: the text stays the person's own, with its comments, its order and its
//! spacing; only what the draft changed is written.

mod choice;
mod fields;
mod table;
mod views;

use std::io::Write as _;
use std::path::{Path, PathBuf};

use toml_edit::{ArrayOfTables, DocumentMut, Item, Table, TableLike, Value};

pub use self::choice::{Choice, apply_choice_to_text, save_choice};
pub(super) use self::fields::step_text;
pub use self::fields::{apply_fields_to_text, save_fields};
use self::table::{column_order, inline, put, remove_keeping_comments};
use super::mapping_draft::{MappingDraft, MappingProblem};
use super::parse::{parse, read_bounded};
use super::report::ConfigError;
use super::settings::{Platform, Settings};
use crate::domain::link::ConnectionName;
use crate::domain::mapping::Target;

/// Why a mapping was not written. The file is as it was.
#[derive(Debug, thiserror::Error)]
pub enum EditError {
    /// The draft is not good yet.
    #[error("the mapping cannot be saved: {}", .0.first().map(ToString::to_string).unwrap_or_default())]
    Problems(Vec<MappingProblem>),
    /// The file is not what was read.
    #[error("{} changed on the disk since it was read", path.display())]
    Changed {
        /// Which file.
        path: PathBuf,
    },
    /// The file has no such connection.
    #[error("the config file has no connection `{0}`")]
    NoConnection(ConnectionName),
    /// The text cannot be edited so that it says what the draft says.
    #[error("the config file cannot be edited without changing more than that")]
    Unfaithful,
    /// The file as it is, or as it would be, is not valid.
    #[error(transparent)]
    Config(#[from] ConfigError),
    /// The file cannot be written.
    #[error("cannot write the config file {}", path.display())]
    Write {
        /// Which file.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
}

impl EditError {
    /// What a person can do about it.
    pub fn help(&self) -> Option<&'static str> {
        match self {
            Self::Problems(problems) => problems.first().map(|p| p.help),
            Self::Changed { .. } => Some("open it again: then it is the file as it is now"),
            Self::NoConnection(_) => Some("add the connection to the file first"),
            Self::Unfaithful => Some("edit the file by hand, and report this with the file"),
            Self::Config(_) => Some("mend the config file first"),
            Self::Write { .. } => {
                Some("make the file and its folder writable, and see that the disk is not full")
            }
        }
    }
}

/// The text of a config file, changed so that it says what `draft` says; everything else stays as it is.
///
/// The result has been read again: it loads to exactly the draft, and to the same settings otherwise.
pub fn apply_to_text(old: &str, path: Option<&Path>, draft: &MappingDraft) -> Result<String, EditError> {
    let problems = draft.problems();
    if !problems.is_empty() {
        return Err(EditError::Problems(problems));
    }
    let before = parse(old, path)?;
    let (mark, body) = old.strip_prefix('\u{feff}').map_or(("", old), |body| ("\u{feff}", body));
    let Ok(mut document) = body.parse::<DocumentMut>() else { return Err(EditError::Unfaithful) };
    if MappingDraft::of(&before).columns != draft.columns {
        write_columns(&mut document, draft)?;
    }
    for (connection, targets) in &draft.targets {
        let unchanged = before.connection(connection.as_str()).is_some_and(|c| c.targets == *targets);
        if !unchanged {
            write_targets(&mut document, connection, draft)?;
        }
    }
    let text = keep_line_ends(old, format!("{mark}{document}"));
    verify(&text, path, &before, draft)?;
    Ok(text)
}

/// A target as the config of a connection to `platform` writes it: `{ label = "doing" }`.
pub fn target_text(target: &Target, platform: Platform) -> String {
    Value::InlineTable(inline(target, platform.status_key())).to_string()
}

/// `text` with the line ends that all lines of `old` have.
fn keep_line_ends(old: &str, text: String) -> String {
    let crlf = old.contains("\r\n") && !old.replace("\r\n", "").contains('\n');
    if crlf { text.replace('\n', "\r\n") } else { text }
}

/// Whether `text` says what the draft says, and nothing else that is new.
fn verify(text: &str, path: Option<&Path>, before: &Settings, draft: &MappingDraft) -> Result<(), EditError> {
    let after = parse(text, path)?;
    let said = MappingDraft::of(&after);
    let mut plain = after.clone();
    plain.columns.clone_from(&before.columns);
    // A column that goes takes its limit with it; no other limit changes.
    let mut limits = before.limits.clone();
    limits.retain(|status, _| draft.row(status).is_some());
    if after.limits == limits {
        plain.limits.clone_from(&before.limits);
    }
    plain.source.clone_from(&before.source);
    for (new, old) in plain.connections.iter_mut().zip(&before.connections) {
        new.targets.clone_from(&old.targets);
        new.mapping.clone_from(&old.mapping);
    }
    if said == *draft && plain == *before { Ok(()) } else { Err(EditError::Unfaithful) }
}

fn write_columns(document: &mut DocumentMut, draft: &MappingDraft) -> Result<(), EditError> {
    let root = document.as_table_mut();
    if !root.contains_key("status_mapping") {
        let place = root.get("board").and_then(Item::as_table).and_then(Table::position);
        let mut table = Table::new();
        table.set_position(place);
        table.decor_mut().set_prefix("\n");
        root.insert("status_mapping", Item::Table(table));
    }
    let Some(item) = root.get_mut("status_mapping") else { return Err(EditError::Unfaithful) };
    {
        let table = item.as_table_like_mut().ok_or(EditError::Unfaithful)?;
        for (status, title) in &draft.columns {
            let same = table.get(status.as_str()).and_then(Item::as_str) == Some(title);
            if !same {
                put(table, status.as_str(), Value::from(title.as_str()));
            }
        }
    }
    let kept = |key: &str| draft.columns.iter().any(|(s, _)| s.as_str() == key);
    remove_keeping_comments(item, kept);
    let order: Vec<&str> = draft.columns.iter().map(|(s, _)| s.as_str()).collect();
    column_order(item, &order);
    if let Some(limits) = root.get_mut("wip").filter(|item| item.is_table_like()) {
        remove_keeping_comments(limits, kept);
    }
    Ok(())
}

fn write_targets(
    document: &mut DocumentMut,
    connection: &ConnectionName,
    draft: &MappingDraft,
) -> Result<(), EditError> {
    let missing = || EditError::NoConnection(connection.clone());
    let wanted = draft.targets.get(connection).ok_or_else(missing)?;
    let all = document.as_table_mut().get_mut("connection").ok_or_else(missing)?;
    let table = find_connection(all, connection.as_str()).ok_or_else(missing)?;
    let platform = table.get("platform").and_then(Item::as_str).unwrap_or_default();
    let platform = Platform::ALL.into_iter().find(|p| p.as_str() == platform).ok_or(EditError::Unfaithful)?;
    let item = table.get_mut("status_mapping").ok_or(EditError::Unfaithful)?;
    {
        let mapping = item.as_table_like_mut().ok_or(EditError::Unfaithful)?;
        // In board order, so that what is added stands as on the board.
        for (status, _) in &draft.columns {
            let Some(target) = wanted.get(status) else { continue };
            table::put_target(mapping, status.as_str(), target, platform.status_key());
        }
    }
    remove_keeping_comments(item, |key| wanted.keys().any(|s| s.as_str() == key));
    Ok(())
}

fn find_connection<'a>(item: &'a mut Item, name: &str) -> Option<&'a mut dyn TableLike> {
    let named = |t: &dyn TableLike| t.get("name").and_then(Item::as_str) == Some(name);
    match item {
        Item::ArrayOfTables(tables) => ArrayOfTables::iter_mut(tables)
            .find(|t| named(*t as &dyn TableLike))
            .map(|t| t as &mut dyn TableLike),
        Item::Value(Value::Array(list)) => list
            .iter_mut()
            .filter_map(Value::as_inline_table_mut)
            .find(|t| named(*t as &dyn TableLike))
            .map(|t| t as &mut dyn TableLike),
        _ => None,
    }
}

/// Writes the draft into the file at `path` and returns the settings it now holds.
///
/// `expected` is the text as it was loaded (`Settings::source`); when the file is another by now, nothing is written.
/// Without `expected` there must be no file yet: one is made, readable by its owner only. The file is replaced in one
/// step, with its permissions; a symbolic link is followed and stays a link.
pub fn save(path: &Path, expected: Option<&str>, draft: &MappingDraft) -> Result<Settings, EditError> {
    let failed = |source| EditError::Write { path: path.to_owned(), source };
    let Some(expected) = expected else {
        let text = apply_to_text("# Corkboard's config file; see `corkboard doctor`.\n", Some(path), draft)?;
        create_private(path, &text).map_err(failed)?;
        return Ok(parse(&text, Some(path))?);
    };
    let text = apply_to_text(expected, Some(path), draft)?;
    replace_checked(path, expected, &text)?;
    Ok(parse(&text, Some(path))?)
}

/// Puts `text` in the place of the file at `path`, as long as that still is `expected`.
fn replace_checked(path: &Path, expected: &str, text: &str) -> Result<(), EditError> {
    let failed = |source| EditError::Write { path: path.to_owned(), source };
    let real = path.canonicalize().map_err(failed)?;
    let now = read_bounded(&real).map_err(failed)?;
    if now != expected.as_bytes() {
        return Err(EditError::Changed { path: path.to_owned() });
    }
    if text != expected {
        replace(&real, text).map_err(failed)?;
    }
    Ok(())
}

/// Makes a file that only its owner can read; fails when there is one.
pub fn create_private(path: &Path, text: &str) -> std::io::Result<()> {
    let folder = folder_of(path);
    std::fs::create_dir_all(folder)?;
    let mut file = tempfile::NamedTempFile::new_in(folder)?;
    file.write_all(text.as_bytes())?;
    file.as_file().sync_all()?;
    file.persist_noclobber(path).map_err(|e| e.error)?;
    sync_folder(folder);
    Ok(())
}

/// Puts `text` in the place of a file in one step.
fn replace(real: &Path, text: &str) -> std::io::Result<()> {
    let folder = folder_of(real);
    let permissions = std::fs::metadata(real)?.permissions();
    if permissions.readonly() {
        return Err(std::io::Error::new(std::io::ErrorKind::PermissionDenied, "it is read-only"));
    }
    let mut file = tempfile::NamedTempFile::new_in(folder)?;
    file.write_all(text.as_bytes())?;
    file.as_file().set_permissions(permissions)?;
    file.as_file().sync_all()?;
    file.persist(real).map_err(|e| e.error)?;
    sync_folder(folder);
    Ok(())
}

fn folder_of(path: &Path) -> &Path {
    path.parent().filter(|p| !p.as_os_str().is_empty()).unwrap_or(Path::new("."))
}

/// Makes a rename last over a power cut. Not every file system can, and the file itself is complete either way.
fn sync_folder(folder: &Path) {
    if let Ok(folder) = std::fs::File::open(folder) {
        let _ = folder.sync_all();
    }
}

#[cfg(test)]
mod tests;
