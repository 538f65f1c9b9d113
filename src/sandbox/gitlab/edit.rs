//! What an edit does: the field, the note in which GitLab keeps history, `updated_at`. One that changes nothing leaves no
//! trace. Permissions and validation happened before.

use super::further::{Asked, Further};
use super::{By, DONE, Issue, Label, Milestone, Note, STATUSES, TO_DO, World};

/// What a create or an update asks for; None for what was not sent.
#[derive(Debug, Default)]
pub(super) struct Wish {
    pub(super) title: Option<String>,
    pub(super) description: Option<String>,
    pub(super) close: Option<bool>,
    /// All labels there shall be, before the two below.
    pub(super) labels: Option<Vec<String>>,
    pub(super) add: Vec<String>,
    pub(super) remove: Vec<String>,
    pub(super) assignees: Option<Vec<&'static str>>,
    #[expect(clippy::option_option, reason = "not sent, cleared and set are three different things")]
    /// `Some(None)` clears it.
    pub(super) milestone: Option<Option<u64>>,
    pub(super) further: Asked,
}

impl World {
    /// An open issue with nothing on it.
    pub(super) fn open_issue(&mut self, project: usize, title: &str, by: By) -> u64 {
        let id = self.fresh_id();
        let here = &mut self.projects[project];
        let iid = here.next_iid;
        here.next_iid += 1;
        let issue = Issue {
            id,
            iid,
            title: title.to_owned(),
            description: None,
            open: true,
            status: TO_DO,
            labels: Vec::new(),
            assignees: Vec::new(),
            milestone: None,
            author: by.login,
            created: by.at,
            updated: by.at,
            closed: None,
            notes: Vec::new(),
            moved_to: None,
            hidden: false,
            further: Further::default(),
        };
        here.issues.insert(iid, issue);
        self.note(project, iid, None, by);
        iid
    }

    /// Carries a wish out. Where `manage` is false labels, people and milestone are dropped without a word.
    pub(super) fn apply(&mut self, project: usize, iid: u64, wish: Wish, manage: bool, by: By) {
        let before = self.projects[project].issues.get(&iid).cloned();
        self.carry_out(project, iid, wish, manage, by);
        self.note(project, iid, before.as_ref(), by);
    }

    fn carry_out(&mut self, project: usize, iid: u64, wish: Wish, manage: bool, by: By) {
        let Some(mut issue) = self.projects[project].issues.get(&iid).cloned() else { return };
        let mut told: Vec<String> = Vec::new();
        if let Some(title) = wish.title.filter(|t| *t != issue.title) {
            told.push(format!("changed title from **{}** to **{title}**", issue.title));
            issue.title = title;
        }
        let mut close = wish.close;
        if let Some(text) = wish.description {
            let (text, command) = commands(&text);
            close = command.or(close);
            if issue.description.as_deref().unwrap_or_default() != text {
                told.push("changed the description".to_owned());
            }
            issue.description = Some(text);
        }
        if manage {
            let before = issue.labels.clone();
            if let Some(names) = wish.labels {
                issue.labels.clear();
                self.put_on(project, &mut issue, &names);
            }
            self.put_on(project, &mut issue, &wish.add);
            let named = |id: &u64| self.labels(project).find(|l| l.id == *id).map(|l| l.name.clone());
            issue.labels.retain(|id| named(id).is_none_or(|name| !wish.remove.contains(&name)));
            if before != issue.labels {
                told.push("changed the labels".to_owned());
            }
            if let Some(mut people) = wish.assignees {
                people.truncate(if self.premium { 200 } else { 1 });
                if people != issue.assignees {
                    told.push("changed the assignees".to_owned());
                }
                issue.assignees = people;
            }
            if let Some(milestone) = wish.milestone.filter(|m| *m != issue.milestone) {
                told.push("changed milestone".to_owned());
                issue.milestone = milestone;
            }
            told.extend(issue.further.apply(wish.further, self.premium));
        }
        if let Some(close) = close.filter(|close| *close == issue.open) {
            (issue.open, issue.closed) = (!close, close.then_some(by.at));
            issue.status = if close { DONE } else { TO_DO };
            told.push(if close { "closed" } else { "reopened" }.to_owned());
        }
        if !told.is_empty() {
            issue.updated = by.at;
        }
        for body in told {
            let id = self.fresh_id();
            issue.notes.push(Note { id, author: by.login, body, system: true, at: by.at });
        }
        self.projects[project].issues.insert(iid, issue);
    }

    /// Puts labels on, made on the fly where there is none of exactly that name. On Premium a scoped label takes the
    /// place of the one of the same scope.
    fn put_on(&mut self, project: usize, issue: &mut Issue, names: &[String]) {
        for name in names {
            let id = self.label(project, name);
            if let Some((scope, _)) = name.rsplit_once("::").filter(|_| self.premium) {
                let rival = |other: &Label| other.name.rsplit_once("::").is_some_and(|(s, _)| s == scope);
                let rivals: Vec<u64> = self.labels(project).filter(|l| rival(l)).map(|l| l.id).collect();
                issue.labels.retain(|l| !rivals.contains(l));
            }
            if !issue.labels.contains(&id) {
                issue.labels.push(id);
            }
        }
    }

    /// The label of exactly that name, the project's or the group's; a new one of the project where there is none.
    pub(super) fn label(&mut self, project: usize, name: &str) -> u64 {
        if let Some(label) = self.labels(project).find(|l| l.name == name) {
            return label.id;
        }
        let id = self.fresh_id();
        self.projects[project].own.labels.push(Label { id, name: name.to_owned() });
        id
    }

    /// A milestone of the project, or of the group above it.
    pub(super) fn add_milestone(&mut self, project: Option<usize>, title: &str, at: i64) -> u64 {
        let id = self.fresh_id();
        let shelf = match project {
            Some(project) => &mut self.projects[project].own,
            None => &mut self.group,
        };
        let iid = shelf.milestones.len() as u64 + 1;
        shelf.milestones.push(Milestone { id, iid, title: title.to_owned(), at });
        id
    }

    /// Gives an issue a status, which opens or closes it; false when it is not there.
    pub(super) fn set_status(&mut self, project: usize, iid: u64, status: usize, by: By) -> bool {
        let id = self.fresh_id();
        let Some(issue) = self.projects[project].issues.get_mut(&iid) else { return false };
        let before = issue.clone();
        if issue.status != status {
            let (name, closes) = STATUSES[status];
            let body = format!("set status to **{name}**");
            issue.notes.push(Note { id, author: by.login, body, system: true, at: by.at });
            (issue.status, issue.updated) = (status, by.at);
            if issue.open == closes {
                (issue.open, issue.closed) = (!closes, closes.then_some(by.at));
            }
        }
        self.note(project, iid, Some(&before), by);
        true
    }

    /// Adds a note that somebody wrote; `None` when the issue is not there.
    pub(super) fn add_note(&mut self, project: usize, iid: u64, body: &str, by: By) -> Option<u64> {
        let id = self.fresh_id();
        let issue = self.projects[project].issues.get_mut(&iid)?;
        issue.notes.push(Note { id, author: by.login, body: body.to_owned(), system: false, at: by.at });
        issue.updated = by.at;
        Some(id)
    }

    /// Moves an issue: a copy with a new id and number is made there, the old one is closed and points to it.
    pub(super) fn move_issue(&mut self, from: usize, iid: u64, to: usize, by: By) -> Option<u64> {
        let old = self.projects[from].issues.get(&iid)?.clone();
        let names: Vec<String> =
            self.labels(from).filter(|l| old.labels.contains(&l.id)).map(|l| l.name.clone()).collect();
        let there = self.open_issue(to, &old.title, By { login: old.author, at: by.at });
        let known: Vec<u64> = self.labels(to).filter(|l| names.contains(&l.name)).map(|l| l.id).collect();
        let group = self.group.milestones.iter().any(|m| Some(m.id) == old.milestone);
        let copy = self.projects[to].issues.get_mut(&there)?;
        *copy = Issue {
            id: copy.id,
            iid: there,
            labels: known,
            milestone: old.milestone.filter(|_| group),
            created: old.created,
            updated: by.at,
            ..old
        };
        let moved_to = copy.id;
        self.apply(from, iid, Wish { close: Some(true), ..Wish::default() }, true, by);
        let left = self.projects[from].issues.get_mut(&iid)?;
        (left.moved_to, left.updated) = (Some(moved_to), by.at);
        Some(there)
    }
}

/// A text without the two quick actions the simulation knows, and what they ask for: to close or to reopen.
fn commands(text: &str) -> (String, Option<bool>) {
    let mut close = None;
    let kept: Vec<&str> = text
        .lines()
        .filter(|line| match line.trim_end() {
            "/close" => {
                close = Some(true);
                false
            }
            "/reopen" => {
                close = Some(false);
                false
            }
            _ => true,
        })
        .collect();
    (if close.is_some() { kept.join("\n") } else { text.to_owned() }, close)
}
