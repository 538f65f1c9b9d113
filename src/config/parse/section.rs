//! One table of the file, read key by key: right type or a mistake with its place.

use std::ops::Range;

use toml_edit::{Item, TableLike, Value};

use super::Reader;
use crate::config::keys::{Known, nearest};

/// A table and where it is.
pub(super) struct Section<'a> {
    title: &'static str,
    table: &'a dyn TableLike,
    /// The header, or the whole table where it has none.
    pub(super) span: Range<usize>,
}

impl<'a> Section<'a> {
    pub(super) fn root(table: &'a dyn TableLike) -> Self {
        Self { title: "the top level", table, span: 0..0 }
    }

    pub(super) fn of(title: &'static str, table: &'a dyn TableLike, span: Option<Range<usize>>) -> Self {
        Self { title, table, span: span.unwrap_or(0..0) }
    }

    pub(super) fn has(&self, key: &str) -> bool {
        self.item(key).is_some()
    }

    pub(super) fn is_empty(&self) -> bool {
        self.table.is_empty()
    }

    pub(super) fn item(&self, key: &str) -> Option<&'a Item> {
        self.table.get(key).filter(|i| !i.is_none())
    }

    /// Where a key stands; the table itself when it has no such key.
    pub(super) fn key_span(&self, key: &str) -> Range<usize> {
        self.table.key(key).and_then(toml_edit::Key::span).unwrap_or_else(|| self.span.clone())
    }

    /// Where a key's value stands.
    pub(super) fn value_span(&self, key: &str) -> Range<usize> {
        self.item(key).and_then(Item::span).unwrap_or_else(|| self.key_span(key))
    }

    /// Every key with its place and its item.
    pub(super) fn entries(&self) -> Vec<(&'a str, Range<usize>, &'a Item)> {
        self.table.iter().map(|(key, item)| (key, self.key_span(key), item)).collect()
    }

    pub(super) fn refuse_unknown(&self, reader: &mut Reader, known: Known) {
        self.refuse_unknown_but(reader, known, &[]);
    }

    /// The same, but silent about `told`, of which something better was said.
    pub(super) fn refuse_unknown_but(&self, reader: &mut Reader, (place, known): Known, told: &[&str]) {
        for (key, span, _) in self.entries() {
            if known.contains(&key) || told.contains(&key) {
                continue;
            }
            let help = match nearest(key, known.iter().copied()) {
                Some(meant) => format!("did you mean `{meant}`?"),
                None => format!("{place} may hold {}", listed(known)),
            };
            reader.mistakes.add(span, format!("unknown key `{key}` in {}", self.title), help);
        }
    }

    /// A table within this one.
    pub(super) fn section(&self, reader: &mut Reader, key: &str, title: &'static str) -> Option<Section<'a>> {
        let item = self.item(key)?;
        if let Some(table) = item.as_table_like() {
            let span = item.span().unwrap_or_else(|| self.key_span(key));
            return Some(Section { title, table, span });
        }
        let message = format!("`{key}` is a table, not {}", kind_of(item));
        reader.mistakes.add(self.value_span(key), message, format!("write `{key}` as a table: {title}"));
        None
    }

    /// A list of tables, in brackets of their own or inline; what stands there instead when it is none.
    pub(super) fn tables(&self, key: &str, title: &'static str) -> Result<Vec<Section<'a>>, &'a Item> {
        match self.item(key) {
            None => Ok(Vec::new()),
            Some(Item::ArrayOfTables(tables)) => {
                Ok(tables.iter().map(|t| Section::of(title, t, t.span())).collect())
            }
            Some(Item::Value(Value::Array(list))) if list.iter().all(Value::is_inline_table) => {
                let inline = list.iter().filter_map(|v| Some((v.as_inline_table()?, v.span())));
                Ok(inline.map(|(t, span)| Section::of(title, t, span)).collect())
            }
            Some(other) => Err(other),
        }
    }

    /// The text of `item`, or a mistake that says what `what` should be.
    pub(super) fn expect_text(
        reader: &mut Reader,
        item: &'a Item,
        key_span: Range<usize>,
        what: &str,
        help: &str,
    ) -> Option<&'a str> {
        let text = item.as_str();
        if text.is_none() {
            let span = item.span().unwrap_or(key_span);
            reader.mistakes.add(span, format!("{what} is needed here, not {}", kind_of(item)), help);
        }
        text
    }

    /// A text with its place.
    pub(super) fn text(&self, reader: &mut Reader, key: &str) -> Option<(&'a str, Range<usize>)> {
        let item = self.item(key)?;
        let help = format!("write `{key} = \"..\"`, the value in double quotes");
        let text = Self::expect_text(reader, item, self.key_span(key), "a text", &help)?;
        Some((text, self.value_span(key)))
    }

    /// A text that must be there.
    pub(super) fn required(
        &self,
        reader: &mut Reader,
        key: &str,
        help: &str,
    ) -> Option<(&'a str, Range<usize>)> {
        if !self.has(key) {
            reader.mistakes.add(self.span.clone(), format!("`{key}` is missing in {}", self.title), help);
            return None;
        }
        self.text(reader, key)
    }

    /// One of several words.
    pub(super) fn word<T: Copy>(&self, reader: &mut Reader, key: &str, words: &[(&str, T)]) -> Option<T> {
        let (written, span) = self.text(reader, key)?;
        if let Some((_, value)) = words.iter().find(|(word, _)| *word == written) {
            return Some(*value);
        }
        let names: Vec<&str> = words.iter().map(|(word, _)| *word).collect();
        let help = match nearest(written, names.iter().copied()) {
            Some(meant) => format!("did you mean \"{meant}\"? It may be {}", listed(&names)),
            None => format!("it may be {}", listed(&names)),
        };
        reader.mistakes.add(span, format!("`{key}` cannot be \"{written}\""), help);
        None
    }

    /// `true` or `false`.
    pub(super) fn switch(&self, reader: &mut Reader, key: &str) -> Option<bool> {
        let item = self.item(key)?;
        let value = item.as_bool();
        if value.is_none() {
            let message = format!("`{key}` is true or false, not {}", kind_of(item));
            let help = format!("write `{key} = true` or `{key} = false`, without quotes");
            reader.mistakes.add(self.value_span(key), message, help);
        }
        value
    }

    /// A whole number in a range.
    pub(super) fn number(
        &self,
        reader: &mut Reader,
        key: &str,
        range: std::ops::RangeInclusive<u32>,
    ) -> Option<u32> {
        let item = self.item(key)?;
        let value = item.as_integer().and_then(|n| u32::try_from(n).ok()).filter(|n| range.contains(n));
        if value.is_none() {
            let (least, most) = (range.start(), range.end());
            let message = match item.as_integer() {
                Some(written) => format!("`{key}` cannot be {written}"),
                None => format!("`{key}` is a whole number, not {}", kind_of(item)),
            };
            let help = format!("write a whole number from {least} to {most}, without quotes");
            reader.mistakes.add(self.value_span(key), message, help);
        }
        value
    }

    /// A list of texts, each with its place.
    pub(super) fn texts(&self, reader: &mut Reader, key: &str) -> Vec<(&'a str, Range<usize>)> {
        let Some(item) = self.item(key) else { return Vec::new() };
        let help = format!("write `{key} = [\"..\", \"..\"]`");
        let Some(list) = item.as_array() else {
            let message = format!("`{key}` is a list of texts, not {}", kind_of(item));
            reader.mistakes.add(self.value_span(key), message, help);
            return Vec::new();
        };
        let mut out = Vec::new();
        for value in list {
            let span = value.span().unwrap_or_else(|| self.value_span(key));
            match value.as_str() {
                Some(text) => out.push((text, span)),
                None => reader.mistakes.add(span, format!("`{key}` is a list of texts"), help.clone()),
            }
        }
        out
    }
}

/// The names in a row, for a sentence.
pub(super) fn listed(names: &[&str]) -> String {
    let quoted: Vec<String> = names.iter().map(|n| format!("`{n}`")).collect();
    match quoted.split_last() {
        Some((last, rest)) if !rest.is_empty() => format!("{} or {last}", rest.join(", ")),
        _ => quoted.concat(),
    }
}

/// What an item is, in words.
pub(super) fn kind_of(item: &Item) -> &'static str {
    match item.type_name() {
        "string" => "a text",
        "integer" | "float" => "a number",
        "boolean" => "true or false",
        "datetime" => "a date",
        "array" => "a list",
        "array of tables" => "a list of tables",
        _ => "a table",
    }
}
