//! What each status is on a platform, and what people, labels and milestones are called there.

use std::ops::Range;

use indexmap::IndexMap;
use toml_edit::Item;

use super::super::Reader;
use super::super::section::{Section, kind_of, listed};
use crate::config::keys;
use crate::config::settings::{BITBUCKET_STATES, Platform};
use crate::domain::mapping::{CloseReason, NameMap, Names, OpenState, Status, Target};

/// The words for a state that Bitbucket's issues had.
const ISSUE_STATES: [&str; 9] =
    ["new", "open", "on hold", "resolved", "closed", "submitted", "invalid", "duplicate", "wontfix"];
/// What is left of those issues.
const NO_ISSUES: &str = "`corkboard import bitbucket FILE` makes local cards of issues that were exported";

impl Reader {
    pub(super) fn targets(
        &mut self,
        table: &Section,
        platform: Platform,
    ) -> (IndexMap<Status, Target>, IndexMap<Status, Range<usize>>, bool) {
        let (mut targets, mut spans, mut faulty) = (IndexMap::new(), IndexMap::new(), false);
        let Some(mapping) = table.section(self, "status_mapping", "[connection.status_mapping]") else {
            faulty = table.has("status_mapping");
            return (targets, spans, faulty);
        };
        for (name, key_span, item) in mapping.entries() {
            let before = self.mistakes.len();
            let target = self.target(&key_span, item, platform, table.has("project"));
            if self.mistakes.len() > before {
                faulty = true;
            }
            if let Some(target) = target {
                let status = Status::new(name);
                spans.insert(status.clone(), item.span().unwrap_or(key_span));
                targets.insert(status, target);
            }
        }
        (targets, spans, faulty)
    }

    fn target(
        &mut self,
        key_span: &Range<usize>,
        item: &Item,
        platform: Platform,
        on_project: bool,
    ) -> Option<Target> {
        let Some(inner) = item.as_table_like() else {
            let span = item.span().unwrap_or_else(|| key_span.clone());
            let help = match item.as_str() {
                Some(word @ ("open" | "closed")) => format!("write `{{ state = \"{word}\" }}`"),
                Some(label) => format!("write `{{ label = \"{label}\" }}`"),
                None => {
                    "write `{ label = \"..\" }` or `{ state = \"closed\", reason = \"completed\" }`".into()
                }
            };
            self.mistakes.add(span, format!("a platform's state is a table, not {}", kind_of(item)), help);
            return None;
        };
        let span = item.span().unwrap_or_else(|| key_span.clone());
        let section = Section::of("[connection.status_mapping]", inner, Some(span));
        let before = self.mistakes.len();
        section.refuse_unknown(self, keys::TARGET);
        self.refuse_foreign(&section, platform, on_project);
        let states = [("open", OpenState::Open), ("closed", OpenState::Closed)];
        let reasons = CloseReason::ALL.map(|r| (r.as_str(), r));
        let mut words = |key| section.text(self, key).map(|(text, _)| text.to_owned());
        let (label, resolution) = (words("label"), words("resolution"));
        let mut target = Target { label, resolution, ..Target::default() };
        if platform == Platform::Bitbucket {
            target.status = self.pull_request_state(&section);
        } else {
            target.status = words(platform.status_key());
            target.state = section.word(self, "state", &states);
            target.reason = section.word(self, "reason", &reasons);
        }
        if platform == Platform::Github && target.status.is_some() && target.state.is_none() {
            // The option of a project says nothing of its issue: as with a label, it is open unless told.
            target.state = Some(OpenState::Open);
        }
        (self.mistakes.len() == before).then_some(target)
    }

    /// A state of Bitbucket's pull requests. The words of its issues, which are no more, are told apart.
    fn pull_request_state(&mut self, section: &Section) -> Option<String> {
        let (written, span) = section.text(self, "state")?;
        if ISSUE_STATES.contains(&written) {
            let message = format!("`state` cannot be \"{written}\": Bitbucket has no issues any more");
            let help = format!("it may be {}; {NO_ISSUES}", listed(&BITBUCKET_STATES));
            self.mistakes.add(span, message, help);
            return None;
        }
        section.word(self, "state", &BITBUCKET_STATES.map(|s| (s, s))).map(str::to_owned)
    }

    /// Refuses what a target of this platform cannot say.
    fn refuse_foreign(&mut self, section: &Section, platform: Platform, on_project: bool) {
        let known: &[&str] = match platform {
            Platform::Github if on_project => &["label", "state", "reason", "option"],
            Platform::Github => &["label", "state", "reason"],
            Platform::Gitlab => &["label", "state", "status"],
            Platform::Jira => &["status", "resolution"],
            Platform::Bitbucket => &["state"],
        };
        for key in crate::config::keys::TARGET.1.iter().filter(|k| section.has(k) && !known.contains(k)) {
            let message = match (*key, platform) {
                ("option", Platform::Github) => {
                    "an option belongs to a project, and this connection names none".to_owned()
                }
                (key, platform) => format!("`{key}` says nothing on {}", platform.as_str()),
            };
            let help = match (*key, platform) {
                ("option", Platform::Github) => {
                    "add `project = \"orgs/NAME/projects/3\"` to the connection".to_owned()
                }
                (_, Platform::Bitbucket) => format!("write {}; {NO_ISSUES}", listed(known)),
                _ => format!("write {}", listed(known)),
            };
            self.mistakes.add(section.key_span(key), message, help);
        }
    }

    /// What people, labels and milestones are called there.
    pub(super) fn names(&mut self, table: &Section) -> Names {
        Names {
            people: self.name_map(table, "people", "[connection.people]"),
            labels: self.name_map(table, "labels", "[connection.labels]").unwrap_or_default(),
            milestones: self.name_map(table, "milestones", "[connection.milestones]").unwrap_or_default(),
        }
    }

    fn name_map(&mut self, table: &Section, key: &str, title: &'static str) -> Option<NameMap> {
        let section = table.section(self, key, title)?;
        let mut pairs: Vec<(String, String)> = Vec::new();
        for (here, span, item) in section.entries() {
            let Some(there) = item.as_str().filter(|there| !there.trim().is_empty()) else {
                let message = format!("`{here}` is called nothing there");
                let help = "write the name in double quotes, as the platform has it";
                self.mistakes.add(item.span().unwrap_or(span), message, help);
                continue;
            };
            pairs.push((here.to_owned(), there.to_owned()));
            if let Err(twice) = NameMap::new(pairs.iter().cloned()) {
                pairs.pop();
                let message = format!("`{twice}` stands here twice");
                self.mistakes.add(span, message, "a name here and a name there go together once");
            }
        }
        NameMap::new(pairs).ok()
    }
}
