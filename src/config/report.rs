//! What is wrong with a config file, said so that a person finds the place and the cure. Secrets that someone wrote
//! into the file by mistake are masked before anything is shown.

use std::fmt;
use std::ops::Range;
use std::path::{Path, PathBuf};

use annotate_snippets::{AnnotationKind, Level, Renderer, Snippet};

use crate::support::text;

/// One mistake in a config file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mistake {
    /// Where, in bytes of the text.
    pub span: Range<usize>,
    /// The line, from one.
    pub line: usize,
    /// The column, from one, in characters.
    pub column: usize,
    /// What is wrong.
    pub message: String,
    /// What to do.
    pub help: String,
}

/// All mistakes of one file, with its text to point into.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Report {
    file: Option<PathBuf>,
    text: String,
    mistakes: Vec<Mistake>,
}

impl Report {
    /// The mistakes, in the order of the file.
    pub fn mistakes(&self) -> &[Mistake] {
        &self.mistakes
    }

    fn name(&self) -> String {
        self.file.as_deref().map_or_else(|| "config".to_owned(), |p| text::one_line(&p.display().to_string()))
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Some(first) = self.mistakes.first() else { return f.write_str("the config file is not valid") };
        write!(f, "{}:{}:{}: {}", self.name(), first.line, first.column, first.message)?;
        match self.mistakes.len() - 1 {
            0 => Ok(()),
            1 => f.write_str(" (and 1 more mistake)"),
            more => write!(f, " (and {more} more mistakes)"),
        }
    }
}

/// Why there are no settings. The process ends with exit code 2.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    /// The file cannot be read.
    #[error("cannot read the config file {}", path.display())]
    Read {
        /// Which file.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// The file says something that cannot be.
    #[error("{0}")]
    Invalid(Box<Report>),
}

impl ConfigError {
    /// The mistakes in the file; none when it could not even be read.
    pub fn mistakes(&self) -> &[Mistake] {
        match self {
            Self::Read { .. } => &[],
            Self::Invalid(report) => report.mistakes(),
        }
    }

    /// The whole account for a terminal: each mistake with its place, its line and its cure. Ends with a line feed.
    pub fn render(&self, color: bool) -> String {
        match self {
            Self::Read { path, source } => {
                let help = match source.kind() {
                    std::io::ErrorKind::NotFound => {
                        "run `corkboard init` in a repository to write one, or name another with --config"
                    }
                    std::io::ErrorKind::PermissionDenied => "let its owner read it: `chmod u+r` on the file",
                    _ => "name another file with --config",
                };
                let path = text::one_line(&path.display().to_string());
                format!("error: cannot read the config file {path}\ncaused by: {source}\nhelp: {help}\n")
            }
            Self::Invalid(report) => render(report, color),
        }
    }
}

fn render(report: &Report, color: bool) -> String {
    let renderer = if color { Renderer::styled() } else { Renderer::plain() };
    let (name, mut out) = (report.name(), String::new());
    for mistake in &report.mistakes {
        let snippet = Snippet::source(report.text.as_str())
            .path(name.as_str())
            .annotation(AnnotationKind::Primary.span(mistake.span.clone()));
        let group = Level::ERROR
            .primary_title(mistake.message.as_str())
            .element(snippet)
            .element(Level::HELP.message(mistake.help.as_str()));
        out.push_str(&renderer.render(&[group]));
        out.push_str("\n\n");
    }
    out.truncate(out.trim_end().len());
    out.push('\n');
    out
}

/// Collects mistakes while a file is read, so that all of them are told at once.
#[derive(Debug, Default)]
pub(super) struct Mistakes {
    found: Vec<(Range<usize>, String, String)>,
    secrets: Vec<Range<usize>>,
}

impl Mistakes {
    /// Notes a mistake.
    pub(super) fn add(&mut self, span: Range<usize>, message: impl Into<String>, help: impl Into<String>) {
        self.found.push((span, message.into(), help.into()));
    }

    /// Notes that a part of the text may be a secret and must not be shown.
    pub(super) fn hide(&mut self, span: Range<usize>) {
        self.secrets.push(span);
    }

    /// How many there are so far.
    pub(super) fn len(&self) -> usize {
        self.found.len()
    }

    /// Whether nothing was wrong.
    pub(super) fn is_empty(&self) -> bool {
        self.found.is_empty()
    }

    /// The error with everything that was noted.
    pub(super) fn into_error(self, source: &str, file: Option<&Path>) -> ConfigError {
        let shown = masked(source, &self.secrets);
        let mut mistakes: Vec<Mistake> = self
            .found
            .into_iter()
            .map(|(span, message, help)| {
                let span = clamp(&shown, span);
                let before = &shown[..span.start];
                let line_start = before.rfind('\n').map_or(0, |at| at + 1);
                Mistake {
                    line: before.matches('\n').count() + 1,
                    column: before[line_start..].chars().count() + 1,
                    message: mask_tokens(&text::one_line(&message)),
                    help: mask_tokens(&text::one_line(&help)),
                    span,
                }
            })
            .collect();
        mistakes.sort_by_key(|m| (m.span.start, m.span.end));
        mistakes.dedup();
        ConfigError::Invalid(Box::new(Report { file: file.map(Path::to_owned), text: shown, mistakes }))
    }
}

/// A span that lies within `text`, on character boundaries.
fn clamp(text: &str, span: Range<usize>) -> Range<usize> {
    let mut start = span.start.min(text.len());
    while !text.is_char_boundary(start) {
        start -= 1;
    }
    let mut end = span.end.clamp(start, text.len());
    while !text.is_char_boundary(end) {
        end += 1;
    }
    start..end
}

/// `source` with `secrets` and everything that looks like a token as asterisks; every place stays where it is.
fn masked(source: &str, secrets: &[Range<usize>]) -> String {
    let mut bytes = source.as_bytes().to_vec();
    for span in secrets {
        let span = clamp(source, span.clone());
        bytes[span].iter_mut().filter(|b| !matches!(b, b'"' | b'\'' | b'\n')).for_each(|b| *b = b'*');
    }
    mask_tokens(&String::from_utf8(bytes).unwrap_or_default())
}

/// How tokens of GitHub begin (its documentation on token formats).
const TOKEN_MARKS: [&str; 6] = ["ghp_", "gho_", "ghu_", "ghs_", "ghr_", "github_pat_"];

/// Whether `text` holds something that looks like a token.
pub(super) fn holds_token(text: &str) -> bool {
    mask_tokens(text) != text
}

/// `text` with everything that looks like a token as asterisks, byte for byte.
pub fn mask_tokens(text: &str) -> String {
    let mut out = text.to_owned();
    for mark in TOKEN_MARKS {
        let mut from = 0;
        while let Some(at) = out[from..].find(mark).map(|at| at + from) {
            let tail: usize =
                out[at..].bytes().take_while(|b| b.is_ascii_alphanumeric() || *b == b'_').count();
            if tail >= mark.len() + 8 {
                out.replace_range(at..at + tail, &"*".repeat(tail));
            }
            from = at + tail;
        }
    }
    out
}
