//! From the text of a config file to checked settings. Reads on after a mistake, so that all are told at once.

mod bindings;
mod connection;
mod limits;
mod new_cards;
mod section;
mod tables;
mod templates;
mod theme;
mod token;
mod views;
mod wip;

use std::ops::Range;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use indexmap::IndexMap;
use toml_edit::Document;

pub(super) use self::connection::rule_from_text;
use self::connection::{Draft, ReadConnection};
pub use self::connection::{is_loopback, is_repository};
use self::section::Section;
use super::keys;
use super::mapping_draft::{Cell, MappingDraft};
use super::report::{ConfigError, Mistakes};
use super::settings::{BoardKind, STALE_AFTER, Settings};
use crate::domain::board::Column;
use crate::domain::link::ConnectionName;
use crate::domain::mapping::Status;
use crate::support::text;

/// Longest name of a board, in characters.
const BOARD_NAME_MAX: usize = 100;
/// Largest config file, in bytes.
const FILE_MAX: u64 = 1 << 20;

/// Reads and checks a config file.
pub fn load(path: &Path) -> Result<Settings, ConfigError> {
    let unreadable = |source| ConfigError::Read { path: path.to_owned(), source };
    let bytes = read_bounded(path).map_err(unreadable)?;
    match String::from_utf8(bytes) {
        Ok(text) => parse(&text, Some(path)),
        Err(error) => {
            let good = error.utf8_error().valid_up_to();
            let text = String::from_utf8_lossy(error.as_bytes()).into_owned();
            let mut mistakes = Mistakes::default();
            let help = "save the file as UTF-8";
            mistakes.add(good..good + 1, "this is not UTF-8 text", help);
            Err(mistakes.into_error(&text, Some(path)))
        }
    }
}

pub(super) fn read_bounded(path: &Path) -> std::io::Result<Vec<u8>> {
    use std::io::Read as _;
    let mut bytes = Vec::new();
    std::fs::File::open(path)?.take(FILE_MAX + 1).read_to_end(&mut bytes)?;
    if bytes.len() as u64 > FILE_MAX {
        return Err(std::io::Error::other("it is larger than 1 MiB, which no config file is"));
    }
    Ok(bytes)
}

/// Checks the text of a config file; `path` is where it came from, for messages and for paths relative to it.
pub fn parse(text: &str, path: Option<&Path>) -> Result<Settings, ConfigError> {
    let mut mistakes = Mistakes::default();
    let document = match Document::parse(text) {
        Ok(document) => document,
        Err(error) => {
            let span = error.span().unwrap_or(0..0);
            let (message, help) = syntax_words(error.message());
            mistakes.add(span, message, help);
            return Err(mistakes.into_error(text, path));
        }
    };
    let base = path.and_then(Path::parent).map(Path::to_owned);
    let mut reader = Reader { mistakes, base };
    let settings = reader.settings(&document, text, path);
    if reader.mistakes.is_empty() { Ok(settings) } else { Err(reader.mistakes.into_error(text, path)) }
}

/// The TOML parser's words, and what to do about them.
fn syntax_words(message: &str) -> (String, &'static str) {
    let message = message.lines().collect::<Vec<_>>().join(", ");
    let help = if message.contains("duplicate key") {
        "each key stands once in its table: take one of the two out"
    } else {
        "the file must be valid TOML: see https://toml.io; texts stand in double quotes"
    };
    (message, help)
}

/// What is known of where the columns stand in the file.
type ColumnSpans = Vec<(Range<usize>, Range<usize>)>;

struct Reader {
    mistakes: Mistakes,
    /// The folder of the file: relative paths start there.
    base: Option<PathBuf>,
}

impl Reader {
    fn settings(&mut self, document: &Document<&str>, text: &str, path: Option<&Path>) -> Settings {
        let fallback = Settings::default();
        let root = Section::root(document.as_table());
        root.refuse_unknown(self, keys::TOP);
        let (board_name, board_kind, stale_after) = self.board(&root);
        let (columns, spans) = self.columns(&root, fallback.columns);
        let read = self.connections(&root);
        self.check_mapping(&columns, &spans, &read);
        self.check_apart(&read);
        self.check_card_names(&read);
        let limits = self.wip(&root, &columns);
        let new_cards = self.new_cards(&root, &columns, &read);
        let templates = self.templates(&root, &columns);
        let themes = self.themes(&root);
        let statuses: Vec<Status> = columns.iter().map(|c| c.status.clone()).collect();
        let connections =
            read.into_iter().filter_map(|c| c.draft).map(|d: Draft| d.into_settings(&statuses)).collect();
        Settings {
            file: path.map(Path::to_owned),
            source: Some(Arc::from(text)),
            board_name: board_name.unwrap_or(fallback.board_name),
            board_kind,
            columns,
            limits,
            stale_after,
            connections,
            new_cards,
            templates,
            ui: self.ui(&root, &themes),
            themes,
            views: self.views(&root),
            keys: self.keys(&root),
            audit: self.audit(&root),
            alerts: self.alerts(&root),
            log: self.log(&root),
        }
    }

    fn board(&mut self, root: &Section) -> (Option<String>, BoardKind, Option<Duration>) {
        let Some(board) = root.section(self, "board", "[board]") else {
            return (None, BoardKind::default(), Some(STALE_AFTER));
        };
        board.refuse_unknown(self, keys::BOARD);
        let name = board.text(self, "name").and_then(|(name, span)| {
            let problem = if name.trim().is_empty() {
                Some("a board needs a name".to_owned())
            } else if name.chars().count() > BOARD_NAME_MAX {
                Some(format!("a board's name has at most {BOARD_NAME_MAX} characters"))
            } else if name.chars().any(text::is_unsafe) {
                Some("a board's name cannot hold control or invisible characters".to_owned())
            } else {
                None
            };
            match problem {
                Some(message) => {
                    self.mistakes.add(span, message, "write a short name, such as \"Feature Development\"");
                    None
                }
                None => Some(name.to_owned()),
            }
        });
        let kinds = [
            ("feature_development", BoardKind::FeatureDevelopment),
            ("release_planning", BoardKind::ReleasePlanning),
            ("sprint_board", BoardKind::SprintBoard),
        ];
        let stale_after = self.stale_after(&board);
        (name, board.word(self, "kind", &kinds).unwrap_or_default(), stale_after)
    }

    fn columns(&mut self, root: &Section, fallback: Vec<Column>) -> (Vec<Column>, ColumnSpans) {
        if !root.has("status_mapping") {
            return (fallback, Vec::new());
        }
        let Some(table) = root.section(self, "status_mapping", "[status_mapping]") else {
            return (fallback, Vec::new());
        };
        if table.is_empty() {
            let help = "write `status = \"Title\"`, one line for each column, in board order";
            self.mistakes.add(table.span.clone(), "a board needs at least one column", help);
            return (fallback, Vec::new());
        }
        let (mut columns, mut spans) = (Vec::new(), Vec::new());
        for (name, key_span, item) in table.entries() {
            let help = "write `status = \"Title\"`, for example `in_progress = \"In Progress\"`";
            let title = Section::expect_text(self, item, key_span.clone(), "a column title", help);
            let value_span = item.span().unwrap_or_else(|| key_span.clone());
            // A title that is no text stays in its place, so that the connections are not told it is missing.
            let title = title.map_or_else(|| name.to_owned(), ToOwned::to_owned);
            columns.push(Column { status: Status::new(name), title });
            spans.push((key_span, value_span));
        }
        (columns, spans)
    }

    /// Checks columns and targets as the mapping editor does, and tells the place in the file.
    fn check_mapping(&mut self, columns: &[Column], spans: &ColumnSpans, read: &[ReadConnection]) {
        let columns: Vec<_> = columns.iter().map(|c| (c.status.clone(), c.title.clone())).collect();
        let board = MappingDraft { columns: columns.clone(), targets: IndexMap::new() };
        for problem in board.problems() {
            let span = match problem.at {
                Cell::Status(row) => spans.get(row).map(|s| s.0.clone()),
                Cell::Title(row) => spans.get(row).map(|s| s.1.clone()),
                _ => None,
            };
            if let Some(span) = span {
                self.mistakes.add(span, problem.message, problem.help);
            }
        }
        for connection in read {
            let name = connection.name.clone().unwrap_or_else(|| ConnectionName::new("this connection"));
            let targets = [(name, connection.targets.clone())].into();
            for problem in (MappingDraft { columns: columns.clone(), targets }).problems() {
                let span = match problem.at {
                    Cell::Target(_, status) => connection.target_spans.get(&status).cloned(),
                    // A mapping whose entries are all wrong has been told of already.
                    Cell::Connection(_) => {
                        (!connection.mapping_faulty).then(|| connection.mapping_span.clone())
                    }
                    _ => None,
                };
                if let Some(span) = span {
                    self.mistakes.add(span, problem.message, problem.help);
                }
            }
        }
    }

    /// Two connections must differ in name and in what they connect to.
    fn check_apart(&mut self, read: &[ReadConnection]) {
        for (i, later) in read.iter().enumerate() {
            let Some(name) = &later.name else { continue };
            for earlier in &read[..i] {
                let Some(other) = &earlier.name else { continue };
                if other.as_str().eq_ignore_ascii_case(name.as_str()) {
                    let message = format!("there are two connections named `{name}`");
                    self.mistakes.add(
                        later.name_span.clone(),
                        message,
                        "give each connection a name of its own",
                    );
                    break;
                }
                let (Some(a), Some(b)) = (&earlier.draft, &later.draft) else { continue };
                if a.api_url == b.api_url && a.repository.eq_ignore_ascii_case(&b.repository) {
                    let message = format!("`{other}` and `{name}` both connect {}", b.repository);
                    let help = "one connection per repository: each issue would be on the board twice";
                    self.mistakes.add(later.repository_span.clone(), message, help);
                }
            }
        }
    }

    fn connections(&mut self, root: &Section) -> Vec<ReadConnection> {
        let tables = root.tables("connection", "[[connection]]").unwrap_or_else(|_| {
            let help = "write [[connection]] with two pairs of brackets above each connection";
            self.mistakes.add(root.key_span("connection"), "`connection` is a list of tables", help);
            Vec::new()
        });
        tables.iter().map(|table| self.connection(table)).collect()
    }
}

#[cfg(test)]
mod tests;
