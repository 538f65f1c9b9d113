//! A person at the web pages of the simulated GitLab: edits that come from outside, past tokens, limits and faults; and
//! what the pages show.

use std::sync::Arc;

use super::edit::Wish;
use super::{By, GitlabPaging, Issue, Label, PEOPLE, STATUSES, World};
use crate::sandbox::inner::{Inner, locked};
use crate::sandbox::{Past, SandboxError};

/// What `ana` does in the web interface. Each call is one edit, made at once.
#[derive(Debug, Clone)]
pub struct GitlabWeb {
    inner: Arc<Inner>,
    login: &'static str,
}

/// An issue as it stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GitlabIssue {
    /// Unique on the instance.
    pub id: u64,
    /// The number within the project.
    pub iid: u64,
    /// The title.
    pub title: String,
    /// The description; empty when it was never set.
    pub description: String,
    /// Whether it is open.
    pub open: bool,
    /// GitLab's own status, which counts on Premium.
    pub status: String,
    /// Names of its labels.
    pub labels: Vec<String>,
    /// Who is assigned.
    pub assignees: Vec<String>,
    /// Title of its milestone.
    pub milestone: Option<String>,
    /// What people said, oldest first, without the notes that are history.
    pub comments: Vec<String>,
    /// The day it is due.
    pub due: Option<String>,
    /// Its weight, which counts on Premium.
    pub weight: Option<u64>,
    /// Whether only its author and members of the project see it.
    pub confidential: bool,
}

pub(super) type Done = Result<(), SandboxError>;

impl GitlabWeb {
    pub(in crate::sandbox) fn new(inner: Arc<Inner>) -> Self {
        Self { inner, login: PEOPLE[0] }
    }

    fn world<T>(&self, edit: impl FnOnce(&mut World, By) -> T) -> T {
        let by = By { login: self.login, at: self.inner.clock.now().0 };
        let done = edit(&mut locked(&self.inner.gitlab), by);
        self.inner.wake();
        done
    }

    pub(super) fn project<T>(
        &self,
        project: &str,
        edit: impl FnOnce(&mut World, usize, By) -> T,
    ) -> Result<T, SandboxError> {
        let missing = || SandboxError::NoRepository { repo: project.to_owned() };
        self.world(|world, by| {
            let at = world.project(project).ok_or_else(missing)?;
            Ok(edit(world, at, by))
        })
    }

    pub(super) fn issue_at<T>(
        &self,
        project: &str,
        iid: u64,
        edit: impl FnOnce(&mut World, usize, By) -> Option<T>,
    ) -> Result<T, SandboxError> {
        let missing = || SandboxError::NoIssue { repo: project.to_owned(), number: iid };
        self.project(project, |world, at, by| {
            let there = world.projects[at].issues.contains_key(&iid);
            if there { edit(world, at, by) } else { None }
        })?
        .ok_or_else(missing)
    }

    pub(super) fn edit(&self, project: &str, iid: u64, wish: Wish) -> Done {
        self.issue_at(project, iid, |world, at, by| {
            world.apply(at, iid, wish, true, by);
            Some(())
        })
    }

    /// Opens an issue and gives its number.
    pub fn create_issue(&self, project: &str, title: &str, description: &str) -> Result<u64, SandboxError> {
        self.project(project, |world, at, by| {
            let iid = world.open_issue(at, title, by);
            let wish = Wish { description: Some(description.to_owned()), ..Wish::default() };
            world.apply(at, iid, wish, true, by);
            iid
        })
    }

    /// Changes the title.
    pub fn set_title(&self, project: &str, iid: u64, title: &str) -> Done {
        self.edit(project, iid, Wish { title: Some(title.to_owned()), ..Wish::default() })
    }

    /// Changes the description.
    pub fn set_description(&self, project: &str, iid: u64, text: &str) -> Done {
        self.edit(project, iid, Wish { description: Some(text.to_owned()), ..Wish::default() })
    }

    /// Closes or reopens.
    pub fn set_open(&self, project: &str, iid: u64, open: bool) -> Done {
        self.edit(project, iid, Wish { close: Some(!open), ..Wish::default() })
    }

    /// Gives the issue a status by name, which opens or closes it.
    pub fn set_status(&self, project: &str, iid: u64, status: &str) -> Done {
        let to = STATUSES.iter().position(|(name, _)| *name == status);
        self.issue_at(project, iid, |world, at, by| {
            to.filter(|to| world.set_status(at, iid, *to, by)).map(|_| ())
        })
    }

    /// Puts a label on, made on the fly when there is none of that name.
    pub fn add_label(&self, project: &str, iid: u64, label: &str) -> Done {
        self.edit(project, iid, Wish { add: vec![label.to_owned()], ..Wish::default() })
    }

    /// Takes a label off.
    pub fn remove_label(&self, project: &str, iid: u64, label: &str) -> Done {
        self.edit(project, iid, Wish { remove: vec![label.to_owned()], ..Wish::default() })
    }

    /// Assigns the issue to these people and nobody else; who is unknown is left out.
    pub fn assign(&self, project: &str, iid: u64, people: &[&str]) -> Done {
        let people = PEOPLE.iter().copied().filter(|p| people.contains(p)).collect();
        self.edit(project, iid, Wish { assignees: Some(people), ..Wish::default() })
    }

    /// Gives the issue a milestone by title, or takes it away.
    pub fn set_milestone(&self, project: &str, iid: u64, title: Option<&str>) -> Done {
        let id = self.project(project, |world, at, _| {
            world.milestones(at).find(|m| Some(m.title.as_str()) == title).map(|m| m.id)
        })?;
        self.edit(project, iid, Wish { milestone: Some(id), ..Wish::default() })
    }

    /// Comments and gives the note's id.
    pub fn comment(&self, project: &str, iid: u64, body: &str) -> Result<u64, SandboxError> {
        self.issue_at(project, iid, |world, at, by| world.add_note(at, iid, body, by))
    }

    /// Deletes the issue: it answers 404 from now on.
    pub fn delete(&self, project: &str, iid: u64) -> Done {
        self.issue_at(project, iid, |world, at, _| world.projects[at].issues.remove(&iid).map(|_| ()))
    }

    /// Takes the issue out of sight, or shows it again.
    pub fn set_hidden(&self, project: &str, iid: u64, hidden: bool) -> Done {
        self.issue_at(project, iid, |world, at, _| {
            world.projects[at].issues.get_mut(&iid).map(|issue| issue.hidden = hidden)
        })
    }

    /// Moves the issue into another project; its number there.
    pub fn move_issue(&self, project: &str, iid: u64, to: &str) -> Result<u64, SandboxError> {
        let missing = || SandboxError::NoRepository { repo: to.to_owned() };
        let to = self.world(|world, _| world.project(to)).ok_or_else(missing)?;
        self.issue_at(project, iid, |world, at, by| world.move_issue(at, iid, to, by))
    }

    /// Makes a label of the group above all projects.
    pub fn create_group_label(&self, name: &str) {
        self.world(|world, _| {
            let id = world.fresh_id();
            world.group.labels.push(Label { id, name: name.to_owned() });
        });
    }

    /// Makes a milestone of the project.
    pub fn create_milestone(&self, project: &str, title: &str) -> Done {
        self.project(project, |world, at, by| {
            world.add_milestone(Some(at), title, by.at);
        })
    }

    /// Makes a milestone of the group above all projects.
    pub fn create_group_milestone(&self, title: &str) {
        self.world(|world, by| world.add_milestone(None, title, by.at));
    }

    /// Gives the project another path; the former one leads reads on.
    pub fn rename_project(&self, project: &str, path: &str) -> Done {
        self.project(project, |world, at, _| {
            world.renamed.insert(world.projects[at].path.to_lowercase(), world.projects[at].id);
            path.clone_into(&mut world.projects[at].path);
        })
    }

    /// Archives the project or takes it out of the archive.
    pub fn set_archived(&self, project: &str, archived: bool) -> Done {
        self.project(project, |world, at, _| world.projects[at].archived = archived)
    }

    /// Switches the project's issues on or off.
    pub fn set_issues_enabled(&self, project: &str, enabled: bool) -> Done {
        self.project(project, |world, at, _| world.projects[at].issues_enabled = enabled)
    }

    /// The version the instance says it is, such as `18.5.1-ee`.
    pub fn set_version(&self, version: &str) {
        self.world(|world, _| version.clone_into(&mut world.version));
    }

    /// Whether the group's plan is Premium: several assignees, scoped labels that exclude each other, statuses.
    pub fn set_premium(&self, premium: bool) {
        self.world(|world, _| world.premium = premium);
    }

    /// How the instance pages lists of issues.
    pub fn set_paging(&self, paging: GitlabPaging) {
        self.world(|world, _| world.paging = paging);
    }

    /// One issue, when it is there and in sight.
    pub fn issue(&self, project: &str, iid: u64) -> Option<GitlabIssue> {
        let world = locked(&self.inner.gitlab);
        let at = world.project(project)?;
        world.projects[at].issues.get(&iid).filter(|issue| !issue.hidden).map(|issue| view(&world, at, issue))
    }

    /// Every edit of an issue of the first project, oldest first, when the sandbox was told to keep them.
    pub fn history(&self) -> Vec<Past> {
        locked(&self.inner.gitlab).past.clone().unwrap_or_default()
    }

    /// All issues of the project by number.
    pub fn issues(&self, project: &str) -> Vec<GitlabIssue> {
        let world = locked(&self.inner.gitlab);
        let Some(at) = world.project(project) else { return Vec::new() };
        world.projects[at].issues.values().map(|issue| view(&world, at, issue)).collect()
    }

    /// Names of the labels of the project and its group.
    pub fn labels(&self, project: &str) -> Vec<String> {
        let world = locked(&self.inner.gitlab);
        let Some(at) = world.project(project) else { return Vec::new() };
        world.labels(at).map(|label| label.name.clone()).collect()
    }
}

fn view(world: &World, at: usize, issue: &Issue) -> GitlabIssue {
    let labels = world.labels(at).filter(|l| issue.labels.contains(&l.id));
    let milestone = world.milestones(at).find(|m| Some(m.id) == issue.milestone);
    GitlabIssue {
        id: issue.id,
        iid: issue.iid,
        title: issue.title.clone(),
        description: issue.description.clone().unwrap_or_default(),
        open: issue.open,
        status: STATUSES[issue.status].0.to_owned(),
        labels: labels.map(|l| l.name.clone()).collect(),
        assignees: issue.assignees.iter().map(|&login| login.to_owned()).collect(),
        milestone: milestone.map(|m| m.title.clone()),
        comments: issue.notes.iter().filter(|n| !n.system).map(|n| n.body.clone()).collect(),
        due: issue.further.due.map(|day| day.to_string()),
        weight: issue.further.weight,
        confidential: issue.further.confidential,
    }
}
