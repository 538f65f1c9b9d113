//! One `[[connection]]`: what it connects, how it finds its token, and what each status is there.

mod field;
mod place;
mod target;

use std::ops::Range;
use std::path::PathBuf;
use std::time::Duration;

use indexmap::IndexMap;
use url::Url;

use super::Reader;
use super::section::{Section, kind_of, listed};
use crate::config::keys;
use crate::config::mapping_draft::label_problem;
use crate::config::settings::{ConnectionSettings, Direction, Guards, Mode, Platform, TokenSource};
use crate::domain::command::BODY_MAX;
use crate::domain::fields::Field;
use crate::domain::link::ConnectionName;
use crate::domain::mapping::{FieldRule, Names, Status, StatusMapping, Target};

use crate::sync::reconcile::{Policies, Policy};
use field::ReadFields;
pub(in crate::config) use field::rule_from_text;
pub use place::{is_loopback, is_repository};

/// Longest name of a connection.
const NAME_MAX: usize = 32;

/// A connection as read, with the places its mistakes are told at.
pub(super) struct ReadConnection {
    /// Its values; `None` when one it cannot do without is missing or wrong.
    pub(super) draft: Option<Draft>,
    pub(super) name: Option<ConnectionName>,
    pub(super) targets: IndexMap<Status, Target>,
    pub(super) name_span: Range<usize>,
    pub(super) repository_span: Range<usize>,
    pub(super) mapping_span: Range<usize>,
    /// An entry of the mapping was wrong and is left out.
    pub(super) mapping_faulty: bool,
    pub(super) target_spans: IndexMap<Status, Range<usize>>,
    pub(super) fields: ReadFields,
}

/// The values of a connection; the mapping is made when the board's columns are known.
pub(super) struct Draft {
    name: ConnectionName,
    platform: Platform,
    pub(super) repository: String,
    project: Option<String>,
    user: Option<String>,
    pub(super) api_url: Url,
    token: TokenSource,
    direction: Direction,
    mode: Mode,
    guards: Guards,
    interval: Duration,
    write_pace: Duration,
    default_labels: Vec<String>,
    issue_template: Option<String>,
    multi_hop: bool,
    policies: Policies,
    ca_file: Option<PathBuf>,
    webhook_secret: Option<TokenSource>,
    targets: IndexMap<Status, Target>,
    names: Names,
    fields: Vec<FieldRule>,
}

impl Draft {
    /// Whether cards made here can be made there too.
    pub(super) fn creates(&self) -> bool {
        self.direction.pushes() && self.platform.creates()
    }

    /// The settings, with the mapping over the board's statuses.
    pub(super) fn into_settings(self, statuses: &[Status]) -> ConnectionSettings {
        let mapping = StatusMapping::new(statuses, &self.targets)
            .with_names(self.names)
            .without(self.platform.unwritable())
            .with_rules(self.fields)
            .with_hops(self.multi_hop);
        ConnectionSettings {
            name: self.name,
            platform: self.platform,
            repository: self.repository,
            project: self.project,
            user: self.user,
            api_url: self.api_url,
            token: self.token,
            direction: self.direction,
            mode: self.mode,
            guards: self.guards,
            interval: self.interval,
            write_pace: self.write_pace,
            default_labels: self.default_labels,
            issue_template: self.issue_template,
            targets: self.targets,
            mapping,
            policies: self.policies,
            ca_file: self.ca_file,
            webhook_secret: self.webhook_secret,
        }
    }
}

impl Reader {
    pub(super) fn connection(&mut self, table: &Section) -> ReadConnection {
        table.refuse_unknown(self, keys::CONNECTION);
        let name = self.name(table);
        let platforms = Platform::ALL.map(|p| (p.as_str(), p));
        let platform = table
            .required(self, "platform", "write `platform = \"github\"`")
            .and_then(|_| table.word(self, "platform", &platforms));
        // What the other keys mean depends on it; a wrong one is told, and the rest read as most people have it.
        let kind = platform.unwrap_or(Platform::Github);
        let repository = self.place(table, kind);
        let project = self.project(table, kind);
        let user = self.user(table, kind);
        let api_url = self.api_url(table, kind);
        let local = api_url.as_ref().is_some_and(is_loopback);
        let token = self.token(table, "token");
        let webhook_secret =
            table.has("webhook_secret").then(|| self.token(table, "webhook_secret")).flatten();
        let directions = [
            ("bidirectional", Direction::Bidirectional),
            ("push", Direction::Push),
            ("pull", Direction::Pull),
        ];
        let direction = table.word(self, "direction", &directions).unwrap_or_default();
        let modes = [("real_time", Mode::RealTime), ("interval", Mode::Interval), ("batch", Mode::Batch)];
        let mode = table.word(self, "mode", &modes).unwrap_or_default();
        let guards = self.guards(table, local);
        let least = if local { Duration::from_millis(100) } else { Duration::from_secs(5) };
        let interval = self.duration(table, "interval", least).unwrap_or(Duration::from_mins(1));
        let least = if local { Duration::ZERO } else { Duration::from_secs(1) };
        let write_pace = self.duration(table, "write_pace", least).unwrap_or(Duration::from_secs(1));
        let (targets, target_spans, mapping_faulty) = self.targets(table, kind);
        let names = self.names(table);
        let fields = self.fields(table);
        let default_labels = self.default_labels(table, &targets);
        let issue_template = self.issue_template(table);
        let multi_hop = self.multi_hop(table, kind);
        let policies = self.policies(table);
        let ca_file = table.text(self, "ca_file").and_then(|(path, span)| self.path(path, span, "ca_file"));
        let draft = match (&name, platform, repository, api_url, token) {
            (Some(name), Some(platform), Some(repository), Some(api_url), Some(token)) => Some(Draft {
                name: name.clone(),
                platform,
                repository,
                project,
                user,
                api_url,
                token,
                direction,
                mode,
                guards,
                interval,
                write_pace,
                default_labels,
                issue_template,
                multi_hop,
                policies,
                ca_file,
                webhook_secret,
                targets: targets.clone(),
                names,
                fields: fields.rules.clone(),
            }),
            _ => None,
        };
        ReadConnection {
            name,
            targets,
            draft,
            name_span: table.value_span("name"),
            repository_span: table.value_span(kind.place_key()),
            mapping_span: table.value_span("status_mapping"),
            mapping_faulty,
            target_spans,
            fields,
        }
    }

    fn name(&mut self, table: &Section) -> Option<ConnectionName> {
        let help = "write a short name, such as `name = \"core\"`: cards are called by it, as in core#12";
        let (name, span) = table.required(self, "name", help)?;
        let good = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '_' || c == '.';
        if name.is_empty() || name.len() > NAME_MAX || !name.chars().all(good) || name.starts_with('.') {
            let message = format!("`{name}` cannot be the name of a connection");
            let help = "use letters, digits, `-`, `_` and `.`, at most 32, not `.` first";
            self.mistakes.add(span, message, help);
            return None;
        }
        Some(ConnectionName::new(name))
    }

    /// A path: `~/` is the home folder, a relative one starts at the file's folder.
    pub(super) fn path(&mut self, written: &str, span: Range<usize>, key: &str) -> Option<PathBuf> {
        if written.trim().is_empty() {
            self.mistakes.add(span, format!("`{key}` is empty"), "write a path");
            return None;
        }
        if let Some(rest) = written.strip_prefix("~/") {
            if let Some(dirs) = directories::BaseDirs::new() {
                return Some(dirs.home_dir().join(rest));
            }
            self.mistakes.add(span, "there is no home folder for `~`", "write the whole path");
            return None;
        }
        Some(self.base.as_ref().map_or_else(|| PathBuf::from(written), |base| base.join(written)))
    }

    fn default_labels(&mut self, table: &Section, targets: &IndexMap<Status, Target>) -> Vec<String> {
        let mut out: Vec<String> = Vec::new();
        for (label, span) in table.texts(self, "default_labels") {
            let folded = label.to_lowercase();
            let stands_for = targets
                .iter()
                .find(|(_, t)| t.label.as_ref().is_some_and(|l| l.to_lowercase() == folded))
                .map(|(status, _)| status);
            if let Some(message) = label_problem(label) {
                self.mistakes.add(span, message, "write a label's name as the platform shows it");
            } else if let Some(status) = stands_for {
                let message = format!("\"{label}\" stands for the status `{status}` here");
                self.mistakes.add(span, message, "take it out: the mapping sets it");
            } else if out.iter().any(|l| l.to_lowercase() == folded) {
                self.mistakes.add(span, format!("\"{label}\" is listed twice"), "take one of them out");
            } else {
                out.push(label.to_owned());
            }
        }
        out
    }

    fn issue_template(&mut self, table: &Section) -> Option<String> {
        let (template, span) = table.text(self, "issue_template")?;
        if template.chars().count() > BODY_MAX {
            let message = format!("a body has at most {BODY_MAX} characters");
            self.mistakes.add(span, message, "shorten the template");
            return None;
        }
        Some(template.to_owned())
    }

    /// Only a workflow that is told step by step has anything to hop over.
    fn multi_hop(&mut self, table: &Section, platform: Platform) -> bool {
        let on = table.switch(self, "multi_hop").unwrap_or_default();
        if table.has("multi_hop") && platform != Platform::Jira {
            let message = format!("`multi_hop` means nothing on {}", platform.as_str());
            self.mistakes.add(
                table.key_span("multi_hop"),
                message,
                "take it out: it is about Jira's workflows",
            );
        }
        on
    }

    fn policies(&mut self, table: &Section) -> Policies {
        let words = [
            ("last_write_wins", Policy::LastWriteWins),
            ("local", Policy::Local),
            ("remote", Policy::Remote),
            ("manual", Policy::Manual),
        ];
        let Some(item) = table.item("conflicts") else { return Policies::default() };
        if item.is_str() {
            let default = table.word(self, "conflicts", &words).unwrap_or_default();
            return Policies { default, ..Policies::default() };
        }
        if item.as_table_like().is_none() {
            let names: Vec<&str> = words.iter().map(|(w, _)| *w).collect();
            let help = format!("write {}, or a table {{ default = \"..\", title = \"..\" }}", listed(&names));
            let message = format!("`conflicts` is a word or a table, not {}", kind_of(item));
            self.mistakes.add(table.value_span("conflicts"), message, help);
            return Policies::default();
        }
        let Some(section) = table.section(self, "conflicts", "conflicts") else { return Policies::default() };
        for name in ["labels", "assignees"].into_iter().filter(|n| section.has(n)) {
            let message = format!("`{name}` cannot conflict");
            self.mistakes.add(section.key_span(name), message, "take it out: they are merged name by name");
        }
        section.refuse_unknown_but(self, keys::CONFLICTS, &["labels", "assignees"]);
        let default = section.word(self, "default", &words).unwrap_or_default();
        let fields = [Field::Title, Field::Body, Field::Status, Field::Milestone]
            .into_iter()
            .filter_map(|f| section.word(self, f.as_str(), &words).map(|policy| (f, policy)))
            .collect();
        Policies { default, fields, ..Policies::default() }
    }
}
