//! Regular expressions with bounds: on the expression, on what it is tried on, on what it makes, on how often it starts.

use regex::{Captures, Regex, RegexBuilder};

use super::written::Replacement;

/// Longest expression, in bytes.
const REGEX_MAX: usize = 1_000;
/// Largest compiled program, in bytes.
const PROGRAM_MAX: usize = 256 << 10;
/// Largest cache of the search, in bytes.
const CACHE_MAX: usize = 1 << 20;
/// Deepest nesting.
const DEPTH_MAX: u32 = 32;
/// Longest replacement, in bytes, and most groups it names: a group can be as long as the text.
const WITH_MAX: usize = 500;
const GROUPS_MAX: usize = 16;
/// Longest text it is tried on, in bytes.
const TEXT_MAX: usize = 64 << 10;
/// Bytes all searches of one replacement may walk, each taken to walk to the end.
const WALK_MAX: usize = 16 << 20;

/// A regular expression and what stands for its matches.
#[derive(Debug)]
pub(super) struct Pattern {
    regex: Regex,
    with: String,
}

impl Pattern {
    /// Compiles it within the bounds.
    pub(super) fn new(written: &Replacement) -> Result<Self, String> {
        if written.regex.is_empty() {
            return Err("the regular expression is empty".to_owned());
        }
        if written.regex.len() > REGEX_MAX {
            return Err(format!("a regular expression has at most {REGEX_MAX} characters"));
        }
        if written.with.len() > WITH_MAX || written.with.matches('$').count() > GROUPS_MAX {
            return Err(format!("a replacement has at most {WITH_MAX} characters and {GROUPS_MAX} groups"));
        }
        let regex = RegexBuilder::new(&written.regex)
            .size_limit(PROGRAM_MAX)
            .dfa_size_limit(CACHE_MAX)
            .nest_limit(DEPTH_MAX)
            .build()
            .map_err(|error| reason(&error))?;
        if let Some(name) = unknown_group(&regex, &written.with) {
            return Err(format!(
                "the replacement names the group `{name}`, which the regular expression does not have"
            ));
        }
        Ok(Self { regex, with: written.with.clone() })
    }

    /// `text` with every match replaced.
    pub(super) fn apply(&self, text: &str) -> Result<String, String> {
        if text.len() > TEXT_MAX {
            return Err(format!("the text is longer than the {TEXT_MAX} bytes that `replace` takes"));
        }
        let (mut out, mut from, mut walked) = (String::with_capacity(text.len()), 0, 0);
        for found in self.regex.captures_iter(text) {
            let Some(whole) = found.get(0) else { continue };
            walked += text.len() - from.min(text.len());
            out.push_str(text.get(from..whole.start()).unwrap_or_default());
            self.expand(&found, &mut out);
            from = whole.end();
            if out.len() > super::VALUE_MAX {
                return Err("`replace` makes the text too long".to_owned());
            }
            if walked > WALK_MAX {
                return Err("`replace` matches too often in so long a text".to_owned());
            }
        }
        out.push_str(text.get(from..).unwrap_or_default());
        Ok(out)
    }

    fn expand(&self, found: &Captures<'_>, out: &mut String) {
        found.expand(&self.with, out);
    }
}

/// A group that a replacement names and the expression does not have: it would become nothing, silently.
fn unknown_group(regex: &Regex, with: &str) -> Option<String> {
    let mut rest = with;
    while let Some(at) = rest.find('$') {
        let tail = &rest[at + 1..];
        if let Some(escaped) = tail.strip_prefix('$') {
            rest = escaped;
            continue;
        }
        let name: String = match tail.strip_prefix('{') {
            Some(inner) => inner.split('}').next().unwrap_or_default().to_owned(),
            None => tail.chars().take_while(|c| c.is_ascii_alphanumeric() || *c == '_').collect(),
        };
        rest = tail;
        if name.is_empty() {
            continue;
        }
        let known = match name.parse::<usize>() {
            Ok(number) => number < regex.captures_len(),
            Err(_) => regex.capture_names().flatten().any(|known| known == name),
        };
        if !known {
            return Some(name);
        }
    }
    None
}

/// The last line of what the library says holds the reason; those before it draw the place.
fn reason(error: &regex::Error) -> String {
    match error {
        regex::Error::CompiledTooBig(_) => "the regular expression is too large".to_owned(),
        error => {
            let words = error.to_string();
            let last = words.lines().last().unwrap_or_default().trim();
            format!("this is not a regular expression: {}", last.strip_prefix("error: ").unwrap_or(last))
        }
    }
}
