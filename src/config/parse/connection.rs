//! One `[[connection]]`: what it connects, how it finds its token, and what each status is there.

use std::net::IpAddr;
use std::ops::Range;
use std::path::PathBuf;
use std::time::Duration;

use indexmap::IndexMap;
use toml_edit::Item;
use url::Url;

use super::Reader;
use super::section::{Section, kind_of, listed};
use crate::config::keys;
use crate::config::mapping_draft::label_problem;
use crate::config::settings::{ConnectionSettings, Direction, Guards, Mode, Platform, TokenSource};
use crate::domain::command::BODY_MAX;
use crate::domain::fields::Field;
use crate::domain::link::ConnectionName;
use crate::domain::mapping::{CloseReason, OpenState, Status, StatusMapping, Target};
use crate::sync::reconcile::{Policies, Policy};

/// GitHub's own API, when `api_url` is not given.
const GITHUB_API: &str = "https://api.github.com";
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
}

/// The values of a connection; the mapping is made when the board's columns are known.
pub(super) struct Draft {
    name: ConnectionName,
    platform: Platform,
    pub(super) repository: String,
    pub(super) api_url: Url,
    token: TokenSource,
    direction: Direction,
    mode: Mode,
    guards: Guards,
    interval: Duration,
    write_pace: Duration,
    default_labels: Vec<String>,
    issue_template: Option<String>,
    policies: Policies,
    ca_file: Option<PathBuf>,
    webhook_secret: Option<TokenSource>,
    targets: IndexMap<Status, Target>,
}

impl Draft {
    /// The settings, with the mapping over the board's statuses.
    pub(super) fn into_settings(self, statuses: &[Status]) -> ConnectionSettings {
        let mapping = StatusMapping::new(statuses, &self.targets);
        ConnectionSettings {
            name: self.name,
            platform: self.platform,
            repository: self.repository,
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
        let platforms = [(Platform::Github.as_str(), Platform::Github)];
        let platform = table
            .required(self, "platform", "write `platform = \"github\"`")
            .and_then(|_| table.word(self, "platform", &platforms));
        let repository = self.repository(table);
        let api_url = self.api_url(table);
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
        let (targets, target_spans, mapping_faulty) = self.targets(table);
        let default_labels = self.default_labels(table, &targets);
        let issue_template = self.issue_template(table);
        let policies = self.policies(table);
        let ca_file = table.text(self, "ca_file").and_then(|(path, span)| self.path(path, span, "ca_file"));
        let draft = match (&name, platform, repository, api_url, token) {
            (Some(name), Some(platform), Some(repository), Some(api_url), Some(token)) => Some(Draft {
                name: name.clone(),
                platform,
                repository,
                api_url,
                token,
                direction,
                mode,
                guards,
                interval,
                write_pace,
                default_labels,
                issue_template,
                policies,
                ca_file,
                webhook_secret,
                targets: targets.clone(),
            }),
            _ => None,
        };
        ReadConnection {
            name,
            targets,
            draft,
            name_span: table.value_span("name"),
            repository_span: table.value_span("repository"),
            mapping_span: table.value_span("status_mapping"),
            mapping_faulty,
            target_spans,
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

    fn repository(&mut self, table: &Section) -> Option<String> {
        let (written, span) = table.required(self, "repository", "write `repository = \"owner/name\"`")?;
        if is_repository(written) {
            return Some(written.to_owned());
        }
        let inner = written.trim_end_matches('/').trim_end_matches(".git");
        let mut parts = inner.rsplit(['/', ':']);
        let (name, owner) = (parts.next().unwrap_or_default(), parts.next().unwrap_or_default());
        let guess = format!("{owner}/{name}");
        let help = if is_repository(&guess) {
            format!("write `repository = \"{guess}\"`: the host goes into `api_url`")
        } else {
            "write `repository = \"owner/name\"`".to_owned()
        };
        self.mistakes.add(span, format!("`{written}` is not a repository as `owner/name`"), help);
        None
    }

    fn api_url(&mut self, table: &Section) -> Option<Url> {
        let standard = || Url::parse(GITHUB_API).ok();
        let Some(item) = table.item("api_url") else { return standard() };
        let Some((written, span)) = table.text(self, "api_url") else {
            return item.as_str().and_then(|_| standard());
        };
        let url = match Url::parse(written) {
            Ok(url) => url,
            Err(error) => {
                self.mistakes.hide(span.clone());
                let help = "write the base of the API, such as \"https://api.github.com\"";
                self.mistakes.add(span, format!("this is not a URL: {error}"), help);
                return None;
            }
        };
        if let Some((message, help)) = url_problem(&url) {
            if !url.username().is_empty() || url.password().is_some() || url.query().is_some() {
                self.mistakes.hide(span.clone());
            }
            self.mistakes.add(span, message, help);
            return None;
        }
        let bare = url.as_str().trim_end_matches('/');
        Url::parse(bare).ok()
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

    fn targets(
        &mut self,
        table: &Section,
    ) -> (IndexMap<Status, Target>, IndexMap<Status, Range<usize>>, bool) {
        let (mut targets, mut spans, mut faulty) = (IndexMap::new(), IndexMap::new(), false);
        let Some(mapping) = table.section(self, "status_mapping", "[connection.status_mapping]") else {
            faulty = table.has("status_mapping");
            return (targets, spans, faulty);
        };
        for (name, key_span, item) in mapping.entries() {
            let before = self.mistakes.len();
            let target = self.target(&key_span, item);
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

    fn target(&mut self, key_span: &Range<usize>, item: &Item) -> Option<Target> {
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
        let states = [("open", OpenState::Open), ("closed", OpenState::Closed)];
        let reasons = CloseReason::ALL.map(|r| (r.as_str(), r));
        let target = Target {
            label: section.text(self, "label").map(|(label, _)| label.to_owned()),
            state: section.word(self, "state", &states),
            reason: section.word(self, "reason", &reasons),
        };
        (self.mistakes.len() == before).then_some(target)
    }
}

/// Whether `text` is `owner/name` as GitHub allows it: owners of letters, digits, `-` and, for managed users, `_`.
pub fn is_repository(text: &str) -> bool {
    let Some((owner, name)) = text.split_once('/') else { return false };
    let owner_good = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '_';
    let name_good = |c: char| owner_good(c) || c == '.';
    !owner.is_empty()
        && owner.len() <= 100
        && owner.chars().all(owner_good)
        && !name.is_empty()
        && name.len() <= 100
        && name.chars().all(name_good)
        && name != "."
        && name != ".."
}

/// Whether a server is on this machine.
pub fn is_loopback(url: &Url) -> bool {
    match url.host() {
        Some(url::Host::Domain(name)) => name == "localhost",
        Some(url::Host::Ipv4(ip)) => IpAddr::V4(ip).is_loopback(),
        Some(url::Host::Ipv6(ip)) => IpAddr::V6(ip).is_loopback(),
        None => false,
    }
}

fn url_problem(url: &Url) -> Option<(String, &'static str)> {
    let problem = |message: &str, help| Some((message.to_owned(), help));
    if !url.username().is_empty() || url.password().is_some() {
        problem(
            "a URL with a user name or password in it",
            "take them out: `token` says where the token is found",
        )
    } else if url.query().is_some() || url.fragment().is_some() {
        problem("the base of an API has no `?` and no `#`", "take everything from there on out")
    } else if !matches!(url.scheme(), "http" | "https") {
        problem("the base of an API is an https URL", "write it as \"https://host/path\"")
    } else if url.host().is_none() {
        problem("this URL names no host", "write it as \"https://host/path\"")
    } else if url.scheme() == "http" && !is_loopback(url) {
        problem(
            "plain http would show the token to everybody on the way",
            "write https; http is for 127.0.0.1 only",
        )
    } else if matches!(url.host_str(), Some("github.com" | "www.github.com")) {
        problem(
            "this is GitHub's web site, not its API",
            "write \"https://api.github.com\", or take the line out",
        )
    } else {
        None
    }
}
