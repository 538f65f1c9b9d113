//! Reads `[[template]]`: what new cards can begin with.

use std::collections::BTreeSet;

use toml_edit::Item;

use super::Reader;
use super::section::Section;
use crate::config::keys;
use crate::config::templates::Template;
use crate::domain::board::Column;
use crate::domain::card::Kind;
use crate::domain::command::TITLE_MAX;
use crate::domain::mapping::Status;

const TITLE: &str = "[[template]]";

impl Reader {
    pub(super) fn templates(&mut self, root: &Section, columns: &[Column]) -> Vec<Template> {
        let tables = match root.item("template") {
            None => return Vec::new(),
            Some(Item::ArrayOfTables(tables)) => tables,
            Some(_) => {
                let help = "write [[template]] with two pairs of brackets above each template";
                self.mistakes.add(root.key_span("template"), "`template` is a list of tables", help);
                return Vec::new();
            }
        };
        let mut out: Vec<Template> = Vec::new();
        for table in tables {
            let section = Section::of(TITLE, table, table.span());
            let Some(template) = self.template(&section, columns) else { continue };
            if out.iter().any(|t| t.name.to_lowercase() == template.name.to_lowercase()) {
                let message = format!("there are two templates named `{}`", template.name);
                self.mistakes.add(section.value_span("name"), message, "give each a name of its own");
                continue;
            }
            out.push(template);
        }
        out
    }

    fn template(&mut self, section: &Section, columns: &[Column]) -> Option<Template> {
        section.refuse_unknown(self, keys::TEMPLATE);
        let text = |reader: &mut Self, key: &str| section.text(reader, key).map(|(text, _)| text.to_owned());
        let names = |reader: &mut Self, key: &str| -> BTreeSet<String> {
            let mut out = BTreeSet::new();
            for (name, span) in section.texts(reader, key) {
                if name.trim().is_empty() || name.contains([',', '\n']) || name.chars().count() > 50 {
                    let help = "a name has 1 to 50 characters and no comma";
                    reader.mistakes.add(span, format!("`{name}` cannot be a name here"), help);
                } else {
                    out.insert(name.trim().to_owned());
                }
            }
            out
        };
        let name = section.required(self, "name", "write `name = \"Bug\"`: it is offered by that name");
        let template = Template {
            name: name.as_ref().map(|(name, _)| name.trim().to_owned()).unwrap_or_default(),
            title: self.template_title(section),
            body: text(self, "body").unwrap_or_default(),
            labels: names(self, "labels"),
            assignees: names(self, "assignees"),
            milestone: text(self, "milestone").filter(|m| !m.trim().is_empty()),
            priority: text(self, "priority").filter(|p| !p.trim().is_empty()),
            estimate: self.template_estimate(section),
            kind: section.word(self, "kind", &Kind::ALL.map(|k| (k.as_str(), k))),
            status: self.template_status(section, columns),
        };
        if template.name.is_empty() {
            if let Some((_, span)) = name {
                self.mistakes.add(span, "a template needs a name", "write `name = \"Bug\"`");
            }
            return None;
        }
        Some(template)
    }

    fn template_title(&mut self, section: &Section) -> String {
        let Some((title, span)) = section.text(self, "title") else { return String::new() };
        if title.contains(['\n', '\r']) || title.chars().count() > TITLE_MAX {
            let message = format!("a title is one line of at most {TITLE_MAX} characters");
            self.mistakes.add(span, message, "write longer texts into `body`");
        }
        title.trim().to_owned()
    }

    fn template_estimate(&mut self, section: &Section) -> Option<String> {
        let item = section.item("estimate")?;
        let number = item.as_float().or_else(|| item.as_integer().map(|n| n as f64));
        let number = number.filter(|n| n.is_finite() && *n >= 0.0);
        if number.is_none() {
            let help = "write `estimate = 3`, without quotes";
            let message = "`estimate` is a number that is not negative";
            self.mistakes.add(section.value_span("estimate"), message, help);
        }
        number.map(|n| n.to_string())
    }

    fn template_status(&mut self, section: &Section, columns: &[Column]) -> Option<Status> {
        let (written, span) = section.text(self, "status")?;
        let status = columns.iter().find(|c| c.status.as_str() == written).map(|c| c.status.clone());
        if status.is_none() {
            let known: Vec<&str> = columns.iter().map(|c| c.status.as_str()).collect();
            let help = format!("the board has {}", known.join(", "));
            self.mistakes.add(span, format!("the board has no status `{written}`"), help);
        }
        status
    }
}

#[cfg(test)]
mod tests {
    use crate::config::parse;

    #[test]
    fn a_template_is_read_with_all_it_says() {
        let text = "[[template]]\nname = \"Bug\"\ntitle = \"Bug:\"\nbody = \"## What\"\nlabels = [\"bug\"]\nassignees = [\"ana\"]\n\
                    milestone = \"v1\"\npriority = \"high\"\nestimate = 0.5\nkind = \"task\"\nstatus = \"approved\"\n\
                    [[template]]\nname = \"Bare\"\n";
        let settings = parse(text, None).expect("valid");
        let bug = settings.template(" bug ").expect("by its name in any case");
        assert_eq!((bug.title.as_str(), bug.body.as_str()), ("Bug:", "## What"));
        assert_eq!((bug.estimate.as_deref(), bug.milestone.as_deref()), (Some("0.5"), Some("v1")));
        assert_eq!(bug.status.as_ref().map(crate::domain::mapping::Status::as_str), Some("approved"));
        assert_eq!(settings.templates.len(), 2);
    }

    #[test]
    fn what_is_wrong_with_a_template_is_told_with_its_place() {
        for (text, says) in [
            ("[[template]]\ntitle = \"x\"\n", "`name` is missing"),
            ("[[template]]\nname = \" \"\n", "needs a name"),
            ("[[template]]\nname = \"A\"\n[[template]]\nname = \"a\"\n", "two templates named"),
            ("[[template]]\nname = \"A\"\nlabels = [\"a,b\"]\n", "cannot be a name"),
            ("[[template]]\nname = \"A\"\nestimate = -1\n", "not negative"),
            ("[[template]]\nname = \"A\"\nstatus = \"nowhere\"\n", "no status `nowhere`"),
            ("[[template]]\nname = \"A\"\nkind = \"story\"\n", "`kind` cannot be"),
            ("[[template]]\nname = \"A\"\ntitle = \"a\\nb\"\n", "one line"),
            ("[template]\nname = \"A\"\n", "list of tables"),
            ("[ui]\ndigits = \"count\"\n", "did you mean \"counts\""),
        ] {
            let told = parse(text, None).expect_err(text).render(false);
            assert!(told.contains(says), "{text}: {told}");
        }
    }
}
