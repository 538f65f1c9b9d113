//! The `[[view]]` tables: each a name of its own and a query that can be read.

use std::ops::Range;

use super::Reader;
use super::section::Section;
use crate::config::keys;
use crate::config::views::{SavedView, name_problem};
use crate::domain::query::Query;

impl Reader {
    pub(super) fn views(&mut self, root: &Section) -> Vec<SavedView> {
        let tables = root.tables("view", "[[view]]").unwrap_or_else(|_| {
            let help = "write [[view]] with two pairs of brackets above each view";
            self.mistakes.add(root.key_span("view"), "`view` is a list of tables", help);
            Vec::new()
        });
        let mut out: Vec<SavedView> = Vec::new();
        for table in &tables {
            let Some((view, span)) = self.view(table) else { continue };
            if out.iter().any(|other| other.is_named(&view.name)) {
                let message = format!("there are two views named `{}`", view.name);
                self.mistakes.add(span, message, "give each view a name of its own");
            } else {
                out.push(view);
            }
        }
        out
    }

    /// One view, and where its name stands.
    fn view(&mut self, table: &Section) -> Option<(SavedView, Range<usize>)> {
        table.refuse_unknown(self, keys::VIEW);
        let name = table.required(self, "name", "write what its tab says, such as `name = \"Bugs\"`");
        let query =
            table.required(self, "query", "write what it shows, such as `query = \"is:open label:bug\"`");
        let ((name, span), (query, query_span)) = (name?, query?);
        let problem = name_problem(name);
        if let Some(message) = &problem {
            self.mistakes.add(span.clone(), message.clone(), "write a short name, such as \"Bugs\"");
        }
        let read = Query::parse(query);
        for mistake in read.mistakes() {
            let part = query.get(mistake.at.clone()).unwrap_or_default();
            let message = format!("`{part}` cannot be read: {}", mistake.why);
            let help = "docs/query.md has every word a query knows; `/` on the board tries one out";
            self.mistakes.add(within(&query_span, query, &mistake.at), message, help);
        }
        let good = problem.is_none() && read.mistakes().is_empty();
        let line = query.lines().count() <= 1;
        if !line {
            self.mistakes.add(
                query_span,
                "a query is one line",
                "write it as one line, in one pair of quotes",
            );
        }
        (good && line).then(|| (SavedView { name: name.to_owned(), query: query.trim().to_owned() }, span))
    }
}

/// Where a part of a value stands in the file; the whole value when it is written with escapes, so that its places are
/// not those of the text.
fn within(value: &Range<usize>, text: &str, part: &Range<usize>) -> Range<usize> {
    let quotes = 1;
    if value.len() == text.len() + 2 * quotes {
        value.start + quotes + part.start..value.start + quotes + part.end
    } else {
        value.clone()
    }
}
