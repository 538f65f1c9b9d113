//! One step of a chain: a table with one key, its options inside that key's table or beside it.

use toml_edit::Item;

use super::super::super::Reader;
use super::super::super::section::{Section, kind_of, listed};
use crate::config::keys::{self, nearest};
use crate::domain::mapping::rule::{Case, ELLIPSIS, Otherwise, Replacement, Step};

/// A step as it stands: the key that says what it does, and where its options may be.
struct Parts<'a> {
    name: &'static str,
    /// What stands behind the key.
    item: &'a Item,
    outer: &'a Section<'a>,
    inner: Option<Section<'a>>,
}

impl Parts<'_> {
    /// The table that holds an option.
    fn of(&self, key: &str) -> &Section<'_> {
        self.inner.as_ref().filter(|inner| inner.has(key)).unwrap_or(self.outer)
    }

    fn has(&self, key: &str) -> bool {
        self.of(key).has(key)
    }

    fn text(&self, reader: &mut Reader, key: &str) -> Option<String> {
        self.of(key).text(reader, key).map(|(text, _)| text.to_owned())
    }

    fn digits(&self, reader: &mut Reader, key: &str) -> Option<u32> {
        self.of(key).number(reader, key, 0..=9)
    }
}

/// The options of each step.
fn options(name: &str) -> &'static [&'static str] {
    match name {
        "map" => &["otherwise", "back"],
        "case" | "template" | "expression" => &["back"],
        "replace" => &["regex", "with", "back"],
        "scale" => &["factor", "offset", "round", "back"],
        "date" => &["from", "to"],
        "truncate" => &["characters", "ellipsis", "link", "back"],
        _ => &[],
    }
}

impl Reader {
    /// A step; `None` when it is wrong, which was told.
    pub(super) fn step(&mut self, table: &Section) -> Option<Step> {
        let before = self.mistakes.len();
        let parts = self.parts(table)?;
        let step = match parts.name {
            "map" => self.map(&parts),
            "case" => self.case(&parts),
            "replace" => self.replace(&parts),
            "scale" => self.scale(&parts),
            "date" => self.date(&parts),
            "truncate" => self.truncate(&parts),
            name => self.plain(name, &parts),
        };
        step.filter(|_| self.mistakes.len() == before)
    }

    fn parts<'a>(&mut self, table: &'a Section<'a>) -> Option<Parts<'a>> {
        let named: Vec<_> = table
            .entries()
            .into_iter()
            .filter_map(|(key, span, item)| {
                Step::NAMES.into_iter().find(|name| *name == key).map(|name| (name, span, item))
            })
            .collect();
        let (name, item) = match named.as_slice() {
            [(name, _, item)] => (*name, *item),
            [] => {
                self.refuse_step(table);
                return None;
            }
            [_, (name, span, _), ..] => {
                let message = format!("one step does one thing: `{name}` is a step of its own");
                self.mistakes.add(
                    span.clone(),
                    message,
                    "write each in a table of its own: `{ .. }, { .. }`",
                );
                return None;
            }
        };
        let inner = item.as_table_like().filter(|_| name != "map");
        let inner = inner.map(|t| Section::of("a step", t, item.span()));
        let own = options(name);
        for (key, span, _) in table
            .entries()
            .into_iter()
            .filter(|(key, ..)| *key != name)
            .chain(inner.as_ref().map(Section::entries).unwrap_or_default())
        {
            if own.contains(&key) {
                continue;
            }
            let help = match nearest(key, own.iter().copied()) {
                Some(meant) => format!("did you mean `{meant}`?"),
                None if own.is_empty() => format!("`{name}` has no options"),
                None => format!("`{name}` takes {}", listed(own)),
            };
            self.mistakes.add(span, format!("unknown option `{key}` of `{name}`"), help);
        }
        Some(Parts { name, item, outer: table, inner })
    }

    fn refuse_step(&mut self, table: &Section) {
        let (message, span, near) = match table.entries().first() {
            None => ("this step does nothing".to_owned(), table.span.clone(), None),
            Some((key, span, _)) => {
                (format!("unknown step `{key}`"), span.clone(), nearest(key, Step::NAMES))
            }
        };
        let help = match near {
            Some(meant) => format!("did you mean `{meant}`?"),
            None => format!("a step is {}", listed(keys::STEP.1)),
        };
        self.mistakes.add(span, message, help);
    }

    /// A step whose value is a text.
    fn plain(&mut self, name: &str, parts: &Parts) -> Option<Step> {
        let text = parts.outer.text(self, parts.name)?.0.to_owned();
        let back = if options(name).contains(&"back") { parts.text(self, "back") } else { None };
        Some(match name {
            "prefix" => Step::Prefix(text),
            "suffix" => Step::Suffix(text),
            "split" => Step::Split(text),
            "join" => Step::Join(text),
            "template" => Step::Template { to: text, back },
            "expression" => Step::Expression { to: text, back },
            _ => Step::Default(text),
        })
    }

    fn map(&mut self, parts: &Parts) -> Option<Step> {
        let help =
            "write `map = { high = [\"Highest\", \"High\"], low = \"Low\" }`: the card's value on the left";
        let table = parts.item.as_table_like();
        let Some(table) = table else {
            let message = format!("`map` is a table of values, not {}", kind_of(parts.item));
            self.mistakes.add(parts.outer.value_span("map"), message, help);
            return None;
        };
        let section = Section::of("map", table, parts.item.span());
        let mut classes = Vec::new();
        for (card, span, item) in section.entries() {
            let there = match item.as_array() {
                Some(list) => list.iter().map(|value| word(&Item::Value(value.clone()))).collect(),
                None => word(item).map(|one| vec![one]),
            };
            if let Some(there) = there {
                classes.push((card.to_owned(), there));
            } else {
                let message = format!("`{card}` is neither a text nor a list of texts there");
                self.mistakes.add(item.span().unwrap_or(span), message, help);
            }
        }
        let otherwise = match parts.text(self, "otherwise").as_deref() {
            None | Some("refuse") => Otherwise::Refuse,
            Some("keep") => Otherwise::Keep,
            Some(value) => Otherwise::Value(value.to_owned()),
        };
        Some(Step::Map { classes, otherwise, back: parts.text(self, "back") })
    }

    fn case(&mut self, parts: &Parts) -> Option<Step> {
        let words = Case::ALL.map(|case| (case.as_str(), case));
        let back = if parts.has("back") { parts.of("back").word(self, "back", &words) } else { None };
        Some(Step::Case { to: parts.outer.word(self, "case", &words[..3])?, back })
    }

    fn replace(&mut self, parts: &Parts) -> Option<Step> {
        let regex = match &parts.inner {
            Some(_) => None,
            None => Some(parts.outer.text(self, "replace")?.0.to_owned()),
        };
        let help = "write `replace = { regex = \"..\", with = \"..\" }`";
        let missing = |reader: &mut Self, key: &str| {
            let span = parts.outer.value_span("replace");
            reader.mistakes.add(span, format!("`{key}` is missing in `replace`"), help);
        };
        let regex = regex.or_else(|| parts.text(self, "regex"));
        let with = parts.text(self, "with");
        if regex.is_none() && !parts.has("regex") {
            missing(self, "regex");
        }
        if with.is_none() && !parts.has("with") {
            missing(self, "with");
        }
        let back = if parts.has("back") {
            let section =
                parts.of("back").section(self, "back", "back = { regex = \"..\", with = \"..\" }")?;
            let mut one = |key| section.required(self, key, help).map(|(text, _)| text.to_owned());
            Some(Replacement { regex: one("regex")?, with: one("with")? })
        } else {
            None
        };
        Some(Step::Replace { to: Replacement { regex: regex?, with: with? }, back })
    }

    fn scale(&mut self, parts: &Parts) -> Option<Step> {
        let factor = match &parts.inner {
            None => self.decimal(parts.outer, "scale"),
            Some(inner) if inner.has("factor") => self.decimal(inner, "factor"),
            Some(_) => Some(1.0),
        };
        let offset = if parts.has("offset") { self.decimal(parts.of("offset"), "offset") } else { Some(0.0) };
        let (round, back) = (parts.digits(self, "round"), parts.digits(self, "back"));
        Some(Step::Scale { factor: factor?, offset: offset?, round, back })
    }

    fn date(&mut self, parts: &Parts) -> Option<Step> {
        let from = parts.text(self, "from");
        let to = match &parts.inner {
            None => parts.outer.text(self, "date")?.0.to_owned(),
            Some(inner) => {
                let help = "write the form there, such as `to = \"%d.%m.%Y\"`";
                inner.required(self, "to", help)?.0.to_owned()
            }
        };
        Some(Step::Date { from, to })
    }

    fn truncate(&mut self, parts: &Parts) -> Option<Step> {
        let characters = match &parts.inner {
            None => parts.outer.number(self, "truncate", 1..=100_000),
            Some(inner) if inner.has("characters") => inner.number(self, "characters", 1..=100_000),
            Some(inner) => {
                let help = "write `truncate = 255`, or `truncate = { characters = 255 }`";
                self.mistakes.add(inner.span.clone(), "`truncate` does not say how much is kept", help);
                None
            }
        };
        let keep_back = parts.has("back") && parts.of("back").word(self, "back", &[("keep", ())]).is_some();
        Some(Step::Truncate {
            characters: characters?,
            ellipsis: parts.text(self, "ellipsis").unwrap_or_else(|| ELLIPSIS.to_owned()),
            link: if parts.has("link") { parts.of("link").switch(self, "link")? } else { false },
            keep_back,
        })
    }

    /// A number with or without a point.
    fn decimal(&mut self, table: &Section, key: &str) -> Option<f64> {
        let item = table.item(key)?;
        let number = item.as_float().or_else(|| item.as_integer().map(|n| n as f64));
        if number.is_none() {
            let message = format!("`{key}` is a number, not {}", kind_of(item));
            self.mistakes.add(table.value_span(key), message, "write a number without quotes, such as 0.5");
        }
        number
    }
}

/// A value of a map: a text, or a number as one.
fn word(item: &Item) -> Option<String> {
    item.as_str().map(str::to_owned).or_else(|| item.as_integer().map(|number| number.to_string()))
}
