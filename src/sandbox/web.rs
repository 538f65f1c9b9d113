//! A person at GitHub's web pages: edits that come from outside, past tokens, limits and faults.

use std::sync::Arc;

use super::SandboxError;
use super::inner::{Inner, locked};
use super::world::edit::By;
use super::world::{Repo, World};

/// What a person does in the web interface. Each call is one edit, made at once.
#[derive(Debug, Clone)]
pub struct WebUser {
    pub(super) inner: Arc<Inner>,
    pub(super) login: String,
}

type Done = Result<(), SandboxError>;

impl WebUser {
    fn world<T>(
        &self,
        edit: impl FnOnce(&mut World, &By) -> Result<T, SandboxError>,
    ) -> Result<T, SandboxError> {
        let by = By { login: self.login.clone(), at: self.inner.clock.now().0 };
        let result = {
            let mut world = locked(&self.inner.world);
            world.people.register(&self.login, true);
            edit(&mut world, &by)
        };
        self.inner.wake();
        result
    }

    fn repo<T>(
        &self,
        repo: &str,
        edit: impl FnOnce(&mut Repo, &By) -> Result<T, SandboxError>,
    ) -> Result<T, SandboxError> {
        self.world(|world, by| edit(find(world, repo)?, by))
    }

    fn issue(&self, repo: &str, number: u64, edit: impl FnOnce(&mut Repo, &By)) -> Done {
        self.repo(repo, |here, by| {
            if !here.issues.contains_key(&number) {
                return Err(SandboxError::NoIssue { repo: repo.to_owned(), number });
            }
            edit(here, by);
            Ok(())
        })
    }

    /// Opens an issue and gives its number.
    pub fn create_issue(&self, repo: &str, title: &str, body: &str) -> Result<u64, SandboxError> {
        self.repo(repo, |here, by| Ok(here.open_issue(title, Some(body), by)))
    }

    /// Makes a label (colour: six hex digits) unless there is one of that name.
    pub fn create_label(&self, repo: &str, name: &str, color: &str) -> Done {
        self.repo(repo, |here, _| {
            if here.label_named(name).is_none() {
                here.create_label(name, color, None);
            }
            Ok(())
        })
    }

    /// Makes a milestone unless there is one of that title; its number.
    pub fn create_milestone(&self, repo: &str, title: &str) -> Result<u64, SandboxError> {
        self.repo(repo, |here, by| {
            Ok(here.milestone_titled(title).unwrap_or_else(|| here.create_milestone(title, by)))
        })
    }

    /// Changes the title.
    pub fn set_title(&self, repo: &str, number: u64, title: &str) -> Done {
        self.issue(repo, number, |here, by| {
            here.set_title(number, title, by);
        })
    }

    /// Changes the body.
    pub fn set_body(&self, repo: &str, number: u64, body: &str) -> Done {
        self.issue(repo, number, |here, by| {
            here.set_body(number, Some(body), by);
        })
    }

    /// Puts a label on, made on the fly when there is none of that name.
    pub fn add_label(&self, repo: &str, number: u64, label: &str) -> Done {
        self.issue(repo, number, |here, by| {
            let id = here.ensure_label(label);
            let mut ids = here.issues.get(&number).map(|issue| issue.labels.clone()).unwrap_or_default();
            ids.push(id);
            here.set_labels(number, &ids, by);
        })
    }

    /// Takes a label off.
    pub fn remove_label(&self, repo: &str, number: u64, label: &str) -> Done {
        self.issue(repo, number, |here, by| {
            let id = here.label_named(label);
            let ids = here.issues.get(&number).map(|issue| issue.labels.clone()).unwrap_or_default();
            let left: Vec<u64> = ids.into_iter().filter(|one| Some(*one) != id).collect();
            here.set_labels(number, &left, by);
        })
    }

    /// Closes, with `completed`, `not_planned` or `duplicate`.
    pub fn close(&self, repo: &str, number: u64, reason: &str) -> Done {
        self.issue(repo, number, |here, by| {
            here.set_open(number, false, Some(reason), by);
        })
    }

    /// Reopens.
    pub fn reopen(&self, repo: &str, number: u64) -> Done {
        self.issue(repo, number, |here, by| {
            here.set_open(number, true, None, by);
        })
    }

    /// Assigns somebody.
    pub fn assign(&self, repo: &str, number: u64, login: &str) -> Done {
        self.world(|world, _| {
            world.people.register(login, true);
            Ok(())
        })?;
        self.assignees(repo, number, |all| all.push(login.to_owned()))
    }

    /// Takes somebody off.
    pub fn unassign(&self, repo: &str, number: u64, login: &str) -> Done {
        self.assignees(repo, number, |all| all.retain(|one| !one.eq_ignore_ascii_case(login)))
    }

    fn assignees(&self, repo: &str, number: u64, edit: impl FnOnce(&mut Vec<String>)) -> Done {
        self.issue(repo, number, |here, by| {
            let mut all = here.issues.get(&number).map(|issue| issue.assignees.clone()).unwrap_or_default();
            edit(&mut all);
            here.set_assignees(number, &all, by);
        })
    }

    /// Sets the milestone by title, which must exist; None clears it.
    pub fn set_milestone(&self, repo: &str, number: u64, title: Option<&str>) -> Done {
        self.repo(repo, |here, by| {
            let found = match title {
                None => None,
                Some(title) => Some(here.milestone_titled(title).ok_or_else(|| {
                    SandboxError::NoMilestone { repo: repo.to_owned(), title: title.to_owned() }
                })?),
            };
            here.set_milestone(number, found, by);
            Ok(())
        })
    }

    /// Comments and gives the comment's id.
    pub fn comment(&self, repo: &str, number: u64, body: &str) -> Result<u64, SandboxError> {
        self.repo(repo, |here, by| {
            let missing = || SandboxError::NoIssue { repo: repo.to_owned(), number };
            here.issues.get(&number).ok_or_else(missing)?;
            here.add_comment(number, body, by).ok_or_else(missing)
        })
    }

    /// Edits a comment.
    pub fn edit_comment(&self, repo: &str, comment: u64, body: &str) -> Done {
        self.comment_of(repo, comment, |here, number, by| {
            here.edit_comment(number, comment, body, by);
        })
    }

    /// Deletes a comment.
    pub fn delete_comment(&self, repo: &str, comment: u64) -> Done {
        self.comment_of(repo, comment, |here, number, by| here.delete_comment(number, comment, by))
    }

    fn comment_of(&self, repo: &str, comment: u64, edit: impl FnOnce(&mut Repo, u64, &By)) -> Done {
        self.repo(repo, |here, by| {
            let missing = || SandboxError::NoComment { repo: repo.to_owned(), comment };
            let number = here.issue_of_comment(comment).ok_or_else(missing)?;
            edit(here, number, by);
            Ok(())
        })
    }

    /// Renames a label, which stays on its issues; the new name must be free.
    pub fn rename_label(&self, repo: &str, name: &str, new_name: &str) -> Done {
        self.repo(repo, |here, _| {
            let missing = || SandboxError::NoLabel { repo: repo.to_owned(), label: name.to_owned() };
            let id = here.label_named(name).ok_or_else(missing)?;
            if here.label_named(new_name).is_some_and(|other| other != id) {
                return Err(SandboxError::LabelTaken { repo: repo.to_owned(), label: new_name.to_owned() });
            }
            here.rename_label(id, new_name);
            Ok(())
        })
    }

    /// Deletes a label everywhere.
    pub fn delete_label(&self, repo: &str, name: &str) -> Done {
        self.repo(repo, |here, _| {
            let missing = || SandboxError::NoLabel { repo: repo.to_owned(), label: name.to_owned() };
            let id = here.label_named(name).ok_or_else(missing)?;
            here.delete_label(id);
            Ok(())
        })
    }

    /// Deletes the issue: it answers 410 from now on.
    pub fn delete(&self, repo: &str, number: u64) -> Done {
        self.issue(repo, number, |here, _| {
            here.delete_issue(number);
        })
    }

    /// Takes the issue out of sight: it answers 404 from now on, as for somebody who lost the permission.
    pub fn hide(&self, repo: &str, number: u64) -> Done {
        self.issue(repo, number, |here, _| here.hide_issue(number))
    }

    /// Lets a hidden issue be seen again.
    pub fn show(&self, repo: &str, number: u64) -> Done {
        self.repo(repo, |here, _| {
            let missing = || SandboxError::NoIssue { repo: repo.to_owned(), number };
            here.show_issue(number).then_some(()).ok_or_else(missing)
        })
    }

    /// Turns the issue into a discussion.
    pub fn convert_to_discussion(&self, repo: &str, number: u64) -> Done {
        self.issue(repo, number, |here, _| here.convert_to_discussion(number))
    }

    /// Turns the issue into a pull request, which lists tell by its `pull_request` alone.
    pub fn convert_to_pull_request(&self, repo: &str, number: u64) -> Done {
        self.issue(repo, number, |here, by| here.convert_to_pull_request(number, by))
    }

    /// Takes every issue out of the repository, as an outage does: lists are empty, single issues answer 404.
    pub fn empty_repository(&self, repo: &str) -> Done {
        self.repo(repo, |here, _| {
            let all: Vec<u64> = here.issues.keys().copied().collect();
            all.into_iter().for_each(|number| here.hide_issue(number));
            Ok(())
        })
    }

    /// Deletes the repository and makes another one of the same name, with no issue in it.
    pub fn replace_repository(&self, repo: &str) -> Done {
        self.world(|world, by| {
            let missing = || SandboxError::NoRepository { repo: repo.to_owned() };
            let at = world.repo_named(repo).ok_or_else(missing)?;
            let id = world.repos.iter().map(|r| r.id).max().unwrap_or_default() + 1;
            world.repos[at] = Repo::new(id, repo, by.at.div_euclid(1000));
            Ok(())
        })
    }

    /// Renames a milestone.
    pub fn rename_milestone(&self, repo: &str, title: &str, new_title: &str) -> Done {
        self.repo(repo, |here, by| {
            let missing = || SandboxError::NoMilestone { repo: repo.to_owned(), title: title.to_owned() };
            let number = here.milestone_titled(title).ok_or_else(missing)?;
            here.rename_milestone(number, new_title, by);
            Ok(())
        })
    }

    /// Moves the issue into another repository; its number there.
    pub fn transfer(&self, repo: &str, number: u64, to: &str) -> Result<u64, SandboxError> {
        self.world(|world, by| {
            let missing = |name: &str| SandboxError::NoRepository { repo: name.to_owned() };
            let from = world.repo_named(repo).ok_or_else(|| missing(repo))?;
            let target = world.repo_named(to).ok_or_else(|| missing(to))?;
            let moved = world.transfer(from, number, target, by);
            moved.ok_or_else(|| SandboxError::NoIssue { repo: repo.to_owned(), number })
        })
    }
}

fn find<'a>(world: &'a mut World, repo: &str) -> Result<&'a mut Repo, SandboxError> {
    let missing = || SandboxError::NoRepository { repo: repo.to_owned() };
    let at = world.repo_named(repo).ok_or_else(missing)?;
    Ok(&mut world.repos[at])
}
