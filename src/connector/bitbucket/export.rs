//! Reads what Bitbucket's issue tracker left behind: the `db-1.0.json` of an exported archive, into cards to be. Pure:
//! it opens no file, makes no card and asks nobody.
//!
//! The shape is that of the removed API (states, kinds, priorities) in the export's own words: `status` for the state,
//! text for the body, names for milestone, version and component; people as user names or, in later exports, as
//! objects. The labels are `bug`, `priority: major`, `component: ui`, `version: 1.0`.

mod archive;

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, NaiveDateTime};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

use crate::connector::Comment;
use crate::domain::fields::canonical_body;
use crate::domain::mapping::{CloseReason, OpenState, PlatformState};
use crate::support::clock::Timestamp;
use crate::support::text::{clip, one_line};

pub use archive::unpack;

/// The longest file that is read, in bytes: 256 MiB.
pub const BYTES_MAX: usize = 256 * 1024 * 1024;
/// The most entries of one list that are read.
pub const ENTRIES_MAX: usize = 500_000;
/// The longest title a card is given, in characters; the whole of a longer one opens the body.
pub const TITLE_MAX: usize = crate::domain::command::TITLE_MAX;
/// The longest name of a label, a milestone or a person, in characters.
const NAME_MAX: usize = 200;
/// What opens a zip archive.
const ZIP: &[u8] = b"PK\x03\x04";

/// Why an export cannot be read at all.
#[derive(Debug, thiserror::Error)]
pub enum ExportError {
    /// It is the archive itself.
    #[error("this is the zip archive; unpack it and give the `db-1.0.json` in it")]
    Zip,
    /// It is no zip archive, or one that cannot be read.
    #[error("the zip archive cannot be read")]
    Archive(#[source] zip::result::ZipError),
    /// The archive is of something else.
    #[error("the archive holds no `db-1.0.json`")]
    NoDatabase,
    /// What is packed in the archive is damaged.
    #[error("the `db-1.0.json` in the archive is damaged")]
    Packed(#[source] std::io::Error),
    /// It is longer than [`BYTES_MAX`].
    #[error("the export is {bytes} bytes long; at most {BYTES_MAX} are read")]
    TooLong {
        /// How long it is.
        bytes: usize,
    },
    /// It is no JSON, or no export.
    #[error("this is not a Bitbucket issue export")]
    Shape(#[source] serde_json::Error),
    /// One of its lists is longer than [`ENTRIES_MAX`].
    #[error("the export holds {entries} {what}; at most {ENTRIES_MAX} are read")]
    TooMany {
        /// Which list.
        what: &'static str,
        /// How many entries it has.
        entries: usize,
    },
}

/// What an export holds.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Export {
    /// The issues by number.
    pub issues: Vec<ExportedIssue>,
    /// What could not be read, each named with what was wrong; the rest holds.
    pub skipped: Vec<String>,
}

/// One issue as it was exported.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ExportedIssue {
    /// Its number.
    pub number: u64,
    /// Its title, one line, never empty.
    pub title: String,
    /// Its body in canonical form, as typed: Markdown, or Creole in trackers that were set to it.
    pub body: String,
    /// Open or closed, why, the labels made of its kind, priority, component and version; and the tracker's own word
    /// for its state as `status`.
    pub state: PlatformState,
    /// Its milestone by name.
    pub milestone: Option<String>,
    /// Who worked on it.
    pub assignee: Option<String>,
    /// Who reported it.
    pub reporter: Option<String>,
    /// Its comments, oldest first.
    pub comments: Vec<Comment>,
    /// The names of the files that were attached to it; the archive holds them beside the JSON.
    pub attachments: Vec<String>,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it last changed.
    pub updated_at: Timestamp,
}

/// The file; its entries are decoded one by one.
#[derive(Deserialize)]
struct File {
    issues: Vec<Value>,
    comments: Option<Vec<Value>>,
    attachments: Option<Vec<Value>>,
}

#[derive(Deserialize)]
struct Issue {
    id: u64,
    title: Option<String>,
    content: Option<Text>,
    status: Option<String>,
    state: Option<String>,
    kind: Option<String>,
    priority: Option<String>,
    component: Option<Named>,
    version: Option<Named>,
    milestone: Option<Named>,
    assignee: Option<Person>,
    reporter: Option<Person>,
    created_on: Option<String>,
    updated_on: Option<String>,
}

#[derive(Deserialize)]
struct Said {
    id: Option<u64>,
    issue: u64,
    content: Option<Text>,
    user: Option<Person>,
    created_on: Option<String>,
}

#[derive(Deserialize)]
struct Attached {
    issue: u64,
    filename: Option<String>,
}

/// A text, alone or as the API had it.
#[derive(Deserialize)]
#[serde(untagged)]
enum Text {
    Plain(String),
    Rendered { raw: Option<String> },
}

/// A name, alone or as the API had it.
#[derive(Deserialize)]
#[serde(untagged)]
enum Named {
    Plain(String),
    Object { name: Option<String> },
}

/// Somebody: a user name, or an object since user names were given up.
#[derive(Deserialize)]
#[serde(untagged)]
enum Person {
    Name(String),
    Account { nickname: Option<String>, display_name: Option<String>, account_id: Option<String> },
}

impl Text {
    fn raw(self) -> String {
        match self {
            Self::Plain(text) => text,
            Self::Rendered { raw } => raw.unwrap_or_default(),
        }
    }
}

impl Named {
    fn name(self) -> Option<String> {
        match self {
            Self::Plain(name) => tidy(&name),
            Self::Object { name } => tidy(&name?),
        }
    }
}

impl Person {
    fn name(self) -> Option<String> {
        match self {
            Self::Name(name) => tidy(&name),
            Self::Account { nickname, display_name, account_id } => {
                [nickname, display_name, account_id].into_iter().flatten().find_map(|n| tidy(&n))
            }
        }
    }
}

/// Reads the content of a `db-1.0.json`.
///
/// # Errors
/// It is the zip archive, too long, no export, or holds more than anybody's tracker did. An entry that cannot be
/// read costs itself only and is named in [`Export::skipped`].
pub fn read(bytes: &[u8]) -> Result<Export, ExportError> {
    if bytes.starts_with(ZIP) {
        return Err(ExportError::Zip);
    }
    if bytes.len() > BYTES_MAX {
        return Err(ExportError::TooLong { bytes: bytes.len() });
    }
    // Files that were touched by a Windows editor begin with a mark.
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    let file: File = serde_json::from_slice(bytes).map_err(ExportError::Shape)?;
    let lists = [
        ("issues", Some(&file.issues)),
        ("comments", file.comments.as_ref()),
        ("files", file.attachments.as_ref()),
    ];
    for (what, list) in lists {
        let entries = list.map_or(0, Vec::len);
        if entries > ENTRIES_MAX {
            return Err(ExportError::TooMany { what, entries });
        }
    }
    let mut export = Export::default();
    let mut comments: BTreeMap<u64, Vec<Comment>> = BTreeMap::new();
    for said in decoded::<Said>(file.comments.unwrap_or_default(), "comment", &mut export.skipped) {
        let issue = said.issue;
        // What only changed a field was exported as a comment without words.
        if let Some(comment) = comment(said) {
            comments.entry(issue).or_default().push(comment);
        }
    }
    let mut files: BTreeMap<u64, Vec<String>> = BTreeMap::new();
    for file in decoded::<Attached>(file.attachments.unwrap_or_default(), "attachment", &mut export.skipped) {
        files.entry(file.issue).or_default().extend(file.filename.as_deref().and_then(tidy));
    }
    let mut met = BTreeSet::new();
    for one in decoded::<Issue>(file.issues, "issue", &mut export.skipped) {
        if !met.insert(one.id) {
            export.skipped.push(format!("issue #{}: it is there twice", one.id));
            continue;
        }
        let (mut said, attachments) =
            (comments.remove(&one.id).unwrap_or_default(), files.remove(&one.id).unwrap_or_default());
        said.sort_by_key(|c| c.at);
        export.issues.push(issue(one, said, attachments));
    }
    let orphans: usize = comments.values().map(Vec::len).sum();
    if orphans > 0 {
        export.skipped.push(format!("{orphans} comments belong to issues that are not in the export"));
    }
    export.issues.sort_by_key(|i| i.number);
    Ok(export)
}

fn decoded<T: DeserializeOwned>(values: Vec<Value>, what: &str, skipped: &mut Vec<String>) -> Vec<T> {
    let mut all = Vec::with_capacity(values.len());
    for value in values {
        let name = value.get("id").and_then(Value::as_u64).map_or_else(String::new, |id| format!(" #{id}"));
        match serde_path_to_error::deserialize::<_, T>(value) {
            Ok(one) => all.push(one),
            Err(e) => {
                let words = format!("{what}{name}: `{}`: {}", e.path(), e.inner());
                skipped.push(clip(&one_line(&words), NAME_MAX));
            }
        }
    }
    all
}

fn issue(issue: Issue, comments: Vec<Comment>, attachments: Vec<String>) -> ExportedIssue {
    let whole = one_line(issue.title.as_deref().unwrap_or_default()).trim().to_owned();
    let mut body = canonical_body(&issue.content.map(Text::raw).unwrap_or_default());
    let title = match whole.as_str() {
        "" => format!("Issue {}", issue.id),
        whole => clip(whole, TITLE_MAX),
    };
    if whole.chars().count() > TITLE_MAX {
        body = canonical_body(&format!("{whole}\n\n{body}"));
    }
    let word = issue.status.or(issue.state).as_deref().and_then(tidy).unwrap_or_else(|| "new".to_owned());
    let mut labels: BTreeSet<String> = issue.kind.as_deref().and_then(tidy).into_iter().collect();
    let prefixed = [
        ("priority", issue.priority.as_deref().and_then(tidy)),
        ("component", issue.component.and_then(Named::name)),
        ("version", issue.version.and_then(Named::name)),
    ];
    labels.extend(prefixed.into_iter().filter_map(|(what, name)| Some(format!("{what}: {}", name?))));
    let (created, updated) = (time(issue.created_on.as_deref()), time(issue.updated_on.as_deref()));
    let created_at = created.or(updated).unwrap_or_default();
    ExportedIssue {
        number: issue.id,
        title,
        body,
        state: state(word, labels),
        milestone: issue.milestone.and_then(Named::name),
        assignee: issue.assignee.and_then(Person::name),
        reporter: issue.reporter.and_then(Person::name),
        comments,
        attachments,
        created_at,
        updated_at: updated.unwrap_or(created_at),
    }
}

/// The tracker's nine states: four are open, five are closed. A word of another tracker's making is open.
fn state(word: String, labels: BTreeSet<String>) -> PlatformState {
    let reason = match word.to_lowercase().as_str() {
        "resolved" | "closed" => Some(CloseReason::Completed),
        "invalid" | "wontfix" => Some(CloseReason::NotPlanned),
        "duplicate" => Some(CloseReason::Duplicate),
        _ => None,
    };
    let state = if reason.is_some() { OpenState::Closed } else { OpenState::Open };
    PlatformState { state, reason, labels, status: Some(word), resolution: None }
}

fn comment(said: Said) -> Option<Comment> {
    let body = canonical_body(&said.content.map(Text::raw).unwrap_or_default());
    if body.trim().is_empty() {
        return None;
    }
    Some(Comment {
        id: said.id.map(|id| id.to_string()).unwrap_or_default(),
        author: said.user.and_then(Person::name).unwrap_or_else(|| "somebody".to_owned()),
        body,
        at: time(said.created_on.as_deref()).unwrap_or_default(),
    })
}

/// A name on one line, not empty.
fn tidy(name: &str) -> Option<String> {
    let name = clip(one_line(name).trim(), NAME_MAX);
    (!name.is_empty()).then_some(name)
}

/// RFC 3339, or with a blank for the `T`, as old exports have it; without an offset it is UTC.
fn time(text: Option<&str>) -> Option<Timestamp> {
    let text = text?.trim().replacen(' ', "T", 1);
    if let Ok(at) = DateTime::parse_from_rfc3339(&text) {
        return Some(Timestamp(at.timestamp_millis()));
    }
    let at = NaiveDateTime::parse_from_str(&text, "%Y-%m-%dT%H:%M:%S%.f").ok()?;
    Some(at.and_utc().into())
}

#[cfg(test)]
mod tests;
