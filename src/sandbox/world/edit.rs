//! What an edit does to a repository: the field, its event, `updated_at`, the counts. Each edit says whether it
//! changed anything; one that does not leaves no trace. Permissions and validation happened before.

use super::{Comment, Event, EventKind, Gone, Issue, Label, Milestone, Past, Repo};

/// GitHub's colour for a label that came into being by being put on an issue.
pub(in crate::sandbox) const DEFAULT_COLOR: &str = "ededed";
/// GitHub's limit of people on one issue.
pub(in crate::sandbox) const MOST_ASSIGNEES: usize = 10;

/// Who edits, and when (milliseconds since the epoch).
#[derive(Debug, Clone)]
pub(in crate::sandbox) struct By {
    pub(in crate::sandbox) login: String,
    pub(in crate::sandbox) at: i64,
}

impl By {
    fn seconds(&self) -> i64 {
        self.at.div_euclid(1000)
    }
}

impl Repo {
    /// Notes what an edit did, when the sandbox keeps a history.
    fn note(&mut self, number: u64, by: &By, field: &'static str, before: &str, after: &str) {
        if let Some(past) = &mut self.past {
            let (by, before, after) = (by.login.clone(), before.to_owned(), after.to_owned());
            past.push(Past { number, by, field, before, after });
        }
    }

    /// Where an issue stands, as the history tells it; None when none is kept.
    fn standing(&self, number: u64) -> Option<String> {
        let issue = self.past.as_ref().and_then(|_| self.issues.get(&number))?;
        let reason = issue.state_reason.as_deref().unwrap_or_default();
        let state = if issue.open { "open".to_owned() } else { format!("closed {reason}") };
        let names = issue.labels.iter().filter_map(|id| Some(self.labels.get(id)?.name.clone()));
        Some(std::iter::once(state).chain(names).collect::<Vec<_>>().join("\n"))
    }

    fn note_standing(&mut self, number: u64, by: &By, before: Option<&str>) {
        if let (Some(before), Some(after)) = (before, self.standing(number)) {
            self.note(number, by, "standing", before, &after);
        }
    }

    /// Bumps `updated_at` and notes `events`.
    fn changed(&mut self, number: u64, by: &By, events: Vec<EventKind>) {
        let first_id = self.next_id + 1;
        self.next_id += events.len() as u64;
        let Some(issue) = self.issues.get_mut(&number) else { return };
        for (id, kind) in (first_id..).zip(events) {
            issue.events.push(Event { id, actor: by.login.clone(), at: by.seconds(), kind });
        }
        self.by_updated.remove(&(issue.updated, number));
        issue.updated = by.seconds();
        issue.revision += 1;
        self.by_updated.insert((issue.updated, number));
    }

    pub(in crate::sandbox) fn open_issue(&mut self, title: &str, body: Option<&str>, by: &By) -> u64 {
        let (id, number) = (self.fresh_id(), self.next_number);
        let mut issue = Issue::new(id, number, title.to_owned(), &by.login, by.at);
        issue.body = body.map(str::to_owned);
        self.insert(issue);
        self.note(number, by, "created", title, body.unwrap_or_default());
        number
    }

    pub(in crate::sandbox) fn set_title(&mut self, number: u64, title: &str, by: &By) -> bool {
        let Some(issue) = self.issues.get_mut(&number).filter(|issue| issue.title != title) else {
            return false;
        };
        let from = std::mem::replace(&mut issue.title, title.to_owned());
        self.note(number, by, "title", &from, title);
        self.changed(number, by, vec![EventKind::Renamed { from, to: title.to_owned() }]);
        true
    }

    pub(in crate::sandbox) fn set_body(&mut self, number: u64, body: Option<&str>, by: &By) -> bool {
        let differs = |issue: &&mut Issue| issue.body.as_deref() != body;
        let Some(issue) = self.issues.get_mut(&number).filter(differs) else { return false };
        let before = std::mem::replace(&mut issue.body, body.map(str::to_owned)).unwrap_or_default();
        self.note(number, by, "body", &before, body.unwrap_or_default());
        self.changed(number, by, Vec::new());
        true
    }

    /// Closes (with `completed` unless a reason is given) or reopens; the reason is ignored when the state stays.
    pub(in crate::sandbox) fn set_open(
        &mut self,
        number: u64,
        open: bool,
        reason: Option<&str>,
        by: &By,
    ) -> bool {
        let before = self.standing(number);
        let Some(issue) = self.issues.get_mut(&number).filter(|issue| issue.open != open) else {
            return false;
        };
        issue.open = open;
        let event = if open {
            issue.state_reason = Some("reopened".to_owned());
            (issue.closed, issue.closed_by) = (None, None);
            EventKind::Reopened
        } else {
            let reason = reason.filter(|reason| *reason != "reopened").unwrap_or("completed");
            issue.state_reason = Some(reason.to_owned());
            (issue.closed, issue.closed_by) = (Some(by.seconds()), Some(by.login.clone()));
            EventKind::Closed { reason: issue.state_reason.clone() }
        };
        let milestone = issue.milestone;
        self.note_standing(number, by, before.as_deref());
        self.changed(number, by, vec![event]);
        if let Some(milestone) = milestone {
            self.recount(milestone);
        }
        true
    }

    /// Gives the issue exactly `labels` (ids), keeping the order of those it had.
    pub(in crate::sandbox) fn set_labels(&mut self, number: u64, labels: &[u64], by: &By) -> bool {
        let before = self.standing(number);
        let Some(issue) = self.issues.get_mut(&number) else { return false };
        let gone: Vec<u64> = issue.labels.iter().copied().filter(|id| !labels.contains(id)).collect();
        let mut new: Vec<u64> = Vec::new();
        for id in labels {
            if !issue.labels.contains(id) && !new.contains(id) {
                new.push(*id);
            }
        }
        issue.labels.retain(|id| labels.contains(id));
        issue.labels.extend(&new);
        let known = |id: &u64| self.labels.get(id).map(|label| (label.name.clone(), label.color.clone()));
        let mut events: Vec<EventKind> = Vec::new();
        events
            .extend(gone.iter().filter_map(known).map(|(name, color)| EventKind::Unlabeled { name, color }));
        events.extend(new.iter().filter_map(known).map(|(name, color)| EventKind::Labeled { name, color }));
        if !events.is_empty() {
            self.note_standing(number, by, before.as_deref());
        }
        self.record_unless_empty(number, by, events)
    }

    /// Gives the issue exactly `logins`, at most [`MOST_ASSIGNEES`].
    pub(in crate::sandbox) fn set_assignees(&mut self, number: u64, logins: &[String], by: &By) -> bool {
        let Some(issue) = self.issues.get_mut(&number) else { return false };
        let mut wanted: Vec<String> = Vec::new();
        for login in logins.iter().take(MOST_ASSIGNEES) {
            if !wanted.contains(login) {
                wanted.push(login.clone());
            }
        }
        let gone = issue.assignees.iter().filter(|login| !wanted.contains(login)).cloned();
        let new = wanted.iter().filter(|login| !issue.assignees.contains(login)).cloned();
        let events: Vec<EventKind> =
            gone.map(EventKind::Unassigned).chain(new.map(EventKind::Assigned)).collect();
        let (before, after) = (issue.assignees.join("\n"), wanted.join("\n"));
        issue.assignees = wanted;
        if before != after {
            self.note(number, by, "assignees", &before, &after);
        }
        self.record_unless_empty(number, by, events)
    }

    pub(in crate::sandbox) fn set_milestone(&mut self, number: u64, milestone: Option<u64>, by: &By) -> bool {
        let Some(issue) = self.issues.get_mut(&number) else { return false };
        let before = issue.milestone;
        if before == milestone {
            return false;
        }
        issue.milestone = milestone;
        let title = |n: u64| self.milestones.get(&n).map(|m| m.title.clone());
        let mut events = Vec::new();
        events.extend(before.and_then(title).map(EventKind::Demilestoned));
        events.extend(milestone.and_then(title).map(EventKind::Milestoned));
        let (from, to) = (before.and_then(title), milestone.and_then(title));
        self.note(number, by, "milestone", &from.unwrap_or_default(), &to.unwrap_or_default());
        self.changed(number, by, events);
        for touched in [before, milestone].into_iter().flatten() {
            self.recount(touched);
        }
        true
    }

    fn record_unless_empty(&mut self, number: u64, by: &By, events: Vec<EventKind>) -> bool {
        let changed = !events.is_empty();
        if changed {
            self.changed(number, by, events);
        }
        changed
    }

    pub(in crate::sandbox) fn add_comment(&mut self, number: u64, body: &str, by: &By) -> Option<u64> {
        let id = self.fresh_id();
        let at = by.seconds();
        let comment =
            Comment { id, author: by.login.clone(), body: body.to_owned(), created: at, updated: at };
        self.issues.get_mut(&number)?.comments.push(comment);
        self.changed(number, by, Vec::new());
        Some(id)
    }

    pub(in crate::sandbox) fn edit_comment(&mut self, number: u64, id: u64, body: &str, by: &By) -> bool {
        let Some(issue) = self.issues.get_mut(&number) else { return false };
        let found = issue.comments.iter_mut().find(|comment| comment.id == id && comment.body != body);
        let Some(comment) = found else { return false };
        body.clone_into(&mut comment.body);
        comment.updated = by.seconds();
        self.changed(number, by, Vec::new());
        true
    }

    pub(in crate::sandbox) fn delete_comment(&mut self, number: u64, id: u64, by: &By) {
        if let Some(issue) = self.issues.get_mut(&number) {
            issue.comments.retain(|comment| comment.id != id);
            self.changed(number, by, Vec::new());
        }
    }

    pub(in crate::sandbox) fn delete_issue(&mut self, number: u64) -> bool {
        let gone = self.remove(number).is_some();
        if gone {
            self.gone.insert(number, Gone::Deleted);
        }
        gone
    }

    /// Takes an issue out of sight, as it is for an account that may not see it any more.
    pub(in crate::sandbox) fn hide_issue(&mut self, number: u64) {
        if let Some(issue) = self.remove(number) {
            self.gone.insert(number, Gone::Hidden(Box::new(issue)));
        }
    }

    /// Lets a hidden issue be seen again, as it was.
    pub(in crate::sandbox) fn show_issue(&mut self, number: u64) -> bool {
        match self.gone.remove(&number) {
            Some(Gone::Hidden(issue)) => {
                let milestone = issue.milestone;
                self.insert(*issue);
                if let Some(milestone) = milestone {
                    self.recount(milestone);
                }
                true
            }
            Some(other) => {
                self.gone.insert(number, other);
                false
            }
            None => false,
        }
    }

    /// Turns an issue into a discussion: it is no issue any more.
    pub(in crate::sandbox) fn convert_to_discussion(&mut self, number: u64) {
        if self.remove(number).is_some() {
            self.gone.insert(number, Gone::Discussion);
        }
    }

    pub(in crate::sandbox) fn convert_to_pull_request(&mut self, number: u64, by: &By) {
        if let Some(issue) = self.issues.get_mut(&number) {
            issue.pull_request = true;
            self.changed(number, by, Vec::new());
        }
    }

    /// Renames a milestone; its issues show the new title and keep their `updated_at`.
    pub(in crate::sandbox) fn rename_milestone(&mut self, number: u64, title: &str, by: &By) {
        if let Some(milestone) = self.milestones.get_mut(&number) {
            title.clone_into(&mut milestone.title);
            milestone.updated = by.seconds();
            self.revision += 1;
        }
    }

    /// Makes a label; the name must be free.
    pub(in crate::sandbox) fn create_label(&mut self, name: &str, color: &str, about: Option<&str>) -> u64 {
        let id = self.fresh_id();
        let label = Label {
            id,
            name: name.to_owned(),
            color: color.to_owned(),
            description: about.map(str::to_owned),
            default: false,
            shape: None,
        };
        self.labels.insert(id, label);
        self.revision += 1;
        id
    }

    /// The label of that name, made on the fly when there is none.
    pub(in crate::sandbox) fn ensure_label(&mut self, name: &str) -> u64 {
        self.label_named(name).unwrap_or_else(|| self.create_label(name, DEFAULT_COLOR, None))
    }

    pub(in crate::sandbox) fn rename_label(&mut self, id: u64, name: &str) {
        if let Some(label) = self.labels.get_mut(&id) {
            name.clone_into(&mut label.name);
            self.revision += 1;
        }
    }

    /// Deletes a label everywhere; issues lose it without an event and keep their `updated_at`.
    pub(in crate::sandbox) fn delete_label(&mut self, id: u64) {
        self.labels.remove(&id);
        for issue in self.issues.values_mut() {
            issue.labels.retain(|label| *label != id);
        }
        self.revision += 1;
    }

    /// Makes an open milestone; the title must be free.
    pub(in crate::sandbox) fn create_milestone(&mut self, title: &str, by: &By) -> u64 {
        let number = self.next_milestone;
        self.next_milestone += 1;
        let milestone = Milestone {
            id: self.fresh_id(),
            number,
            title: title.to_owned(),
            description: None,
            open: true,
            due: None,
            creator: Some(by.login.clone()),
            created: by.seconds(),
            updated: by.seconds(),
            closed: None,
            open_issues: 0,
            closed_issues: 0,
            shape: None,
        };
        self.milestones.insert(number, milestone);
        number
    }

    /// Deletes a milestone; its issues lose it without an event.
    pub(in crate::sandbox) fn delete_milestone(&mut self, number: u64) {
        self.milestones.remove(&number);
        for issue in self.issues.values_mut().filter(|issue| issue.milestone == Some(number)) {
            issue.milestone = None;
        }
        self.revision += 1;
    }
}

impl super::World {
    /// Moves an issue into another repository, where it gets the next number; its labels go along by name when
    /// the other repository has them, the milestone stays behind.
    pub(in crate::sandbox) fn transfer(
        &mut self,
        from: usize,
        number: u64,
        to: usize,
        by: &By,
    ) -> Option<u64> {
        let mut issue = self.repos[from].remove(number)?;
        let names: Vec<String> = issue
            .labels
            .iter()
            .filter_map(|id| Some(self.repos[from].labels.get(id)?.name.clone()))
            .collect();
        let target = &mut self.repos[to];
        issue.labels = names.iter().filter_map(|name| target.label_named(name)).collect();
        issue.milestone = None;
        issue.number = target.next_number;
        issue.updated = by.seconds();
        issue.shape = None;
        issue.revision += 1;
        let (repo_id, new_number) = (target.id, issue.number);
        target.insert(issue);
        self.repos[from].gone.insert(number, Gone::Transferred { repo_id, number: new_number });
        Some(new_number)
    }
}
