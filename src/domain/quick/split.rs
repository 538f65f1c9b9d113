//! A line in words: blanks part them, quotation marks hold together, a backslash takes the meaning of what follows.

use std::ops::Range;

use super::Mark;

/// A word as it stands in the line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Word<'a> {
    /// Where it stands, in bytes.
    pub(super) at: Range<usize>,
    /// As typed.
    pub(super) text: &'a str,
}

impl<'a> Word<'a> {
    /// The word as part of a title: without the backslash that took the meaning of its beginning.
    pub(super) fn title(&self) -> &'a str {
        let rest = self.text.strip_prefix('\\');
        rest.filter(|r| Mark::split(r).is_some() || r.starts_with(['"', '\\'])).unwrap_or(self.text)
    }

    /// The value behind a mark, and whether it stood in quotation marks; `None` when there is none.
    pub(super) fn value(&self, mark: Mark) -> Option<(String, bool)> {
        let rest = self.text.get(mark.sign().len()..)?;
        let inner = rest.strip_prefix('"').and_then(|r| Some((r, closing(r)?)));
        if let Some((inner, end)) = inner {
            let whole = end + 1 == inner.len();
            let value = unescaped(&inner[..end]);
            return (whole && !value.trim().is_empty()).then_some((value, true));
        }
        let value = unescaped(rest);
        (!value.is_empty() && !value.contains('"')).then_some((value, false))
    }
}

/// The words of a line. With `open` a quotation mark that nobody closed holds to the end, as while it is being typed.
pub(super) fn words(text: &str, open: bool) -> Vec<Word<'_>> {
    let mut out = Vec::new();
    let mut from = 0;
    while let Some(begin) = text[from..].find(|c: char| !c.is_whitespace()).map(|n| from + n) {
        let end = begin + length(&text[begin..], open);
        out.push(Word { at: begin..end, text: &text[begin..end] });
        from = end;
    }
    out
}

/// How many bytes the word takes that a text begins with.
fn length(text: &str, open: bool) -> usize {
    let head = Mark::split(text).map_or(0, |(mark, _)| mark.sign().len());
    let mut at = 0;
    if let Some(quoted) = text.get(head..).and_then(|t| t.strip_prefix('"')) {
        match closing(quoted) {
            Some(end) => at = head + 1 + end + 1,
            None if open => return text.len(),
            None => {}
        }
    }
    let mut escaped = false;
    for (n, c) in text.char_indices().skip_while(|(n, _)| *n < at) {
        if c.is_whitespace() && !(escaped && head > 0) {
            return n;
        }
        escaped = c == '\\' && !escaped;
    }
    text.len()
}

/// Where a quotation mark closes, in a text that begins behind the opening one.
fn closing(text: &str) -> Option<usize> {
    let mut escaped = false;
    for (n, c) in text.char_indices() {
        if c == '"' && !escaped {
            return Some(n);
        }
        escaped = c == '\\' && !escaped;
    }
    None
}

/// A value without the backslashes that took the meaning of what follows them.
fn unescaped(value: &str) -> String {
    let mut out = String::with_capacity(value.len());
    let mut chars = value.chars().peekable();
    while let Some(c) = chars.next() {
        let takes = |next: &char| next.is_whitespace() || matches!(next, '"' | '\\');
        match chars.next_if(|next| c == '\\' && takes(next)) {
            Some(next) => out.push(next),
            None => out.push(c),
        }
    }
    out
}

/// A value as it must be typed behind a mark: in quotation marks where it needs them.
pub(super) fn quoted(value: &str) -> String {
    let plain = |c: char| c.is_alphanumeric() || "._-:/#+&()".contains(c);
    if value.chars().all(plain) && value.chars().next().is_some_and(char::is_alphanumeric) {
        return value.to_owned();
    }
    format!("\"{}\"", value.replace('\\', "\\\\").replace('"', "\\\""))
}
