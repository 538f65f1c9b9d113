//! People at a project's web pages, and what tests see of a project.

mod fields;

use super::world::{Automation, Content, Item, Projects, place};
use crate::sandbox::inner::locked;
use crate::sandbox::web::WebUser;
use crate::sandbox::world::World;
use crate::sandbox::{ACCOUNTS, Sandbox};
use crate::support::clock::Timestamp;

/// A project's item as it stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ProjectItemView {
    /// The issue's number; `None` for what is no issue.
    pub number: Option<u64>,
    /// The title of a draft.
    pub draft: Option<String>,
    /// Its Status by name.
    pub status: Option<String>,
    /// Whether it is archived.
    pub archived: bool,
}

impl Sandbox {
    /// The items of a project such as `orgs/octo/projects/3`, in their order; none when there is no such project.
    pub fn project_items(&self, project: &str) -> Vec<ProjectItemView> {
        let (world, projects) = (locked(&self.inner.world), locked(&self.inner.projects));
        let Some(board) = projects.at(project).map(|at| &projects.all[at]) else { return Vec::new() };
        let view = |item: &Item| ProjectItemView {
            number: place(&world, &item.content).map(|(_, number)| number),
            draft: if let Content::Draft(title) = &item.content { Some(title.clone()) } else { None },
            status: item.status.as_deref().and_then(|id| board.option_name(id)).map(str::to_owned),
            archived: item.archived,
        };
        board.items.iter().map(view).collect()
    }

    /// Takes points from a token's account, as other programs that use it would.
    pub fn spend_graphql_points(&self, token: &str, points: u64) {
        let now = self.inner.clock.now();
        if let Some(account) = ACCOUNTS.iter().find(|account| account.token == token) {
            locked(&self.inner.projects).take(account.token, points, now);
        }
    }

    /// GraphQL points that all tokens have spent since the start.
    pub fn graphql_points(&self) -> u64 {
        locked(&self.inner.projects).spent()
    }
}

impl WebUser {
    /// One edit of a project; false when there is no such project, or the edit found nothing to change.
    fn project(
        &self,
        project: &str,
        edit: impl FnOnce(&mut Projects, usize, &World, Timestamp) -> bool,
    ) -> bool {
        let now = self.inner.clock.now();
        let edited = {
            let (world, mut projects) = (locked(&self.inner.world), locked(&self.inner.projects));
            projects.follow(&world, now);
            projects.at(project).is_some_and(|at| edit(&mut projects, at, &world, now))
        };
        self.inner.wake();
        edited
    }

    fn item(
        &self,
        project: &str,
        repo: &str,
        number: u64,
        edit: impl FnOnce(&mut Item, &dyn Fn(&str) -> Option<String>, Timestamp) -> bool,
    ) -> bool {
        self.project(project, |projects, at, world, now| {
            let options = projects.all[at].options.clone();
            let named = |name: &str| options.iter().find(|(_, o)| o == name).map(|(id, _)| id.clone());
            let wanted = world.repo_named(repo).map(|r| (r, number));
            let found = projects.all[at].items.iter_mut().find(|i| place(world, &i.content) == wanted);
            found.filter(|_| wanted.is_some()).is_some_and(|item| edit(item, &named, now))
        })
    }

    /// Adds an issue to a project, at an option or at none.
    pub fn add_to_project(&self, project: &str, repo: &str, number: u64, status: Option<&str>) -> bool {
        self.project(project, |projects, at, world, now| {
            let found = world.repo_named(repo).map(|r| &world.repos[r]);
            let Some((repo, issue)) = found.and_then(|r| Some((r.id, r.issues.get(&number)?))) else {
                return false;
            };
            let content = Content::Issue { id: issue.id, repo, number };
            let item = projects.add(at, content, issue.open, now);
            let option = status.and_then(|name| {
                projects.all[at].options.iter().find(|(_, o)| o == name).map(|(id, _)| id.clone())
            });
            projects.all[at].items[item].set(option, now);
            true
        })
    }

    /// Takes an issue off a project.
    pub fn remove_from_project(&self, project: &str, repo: &str, number: u64) -> bool {
        self.project(project, |projects, at, world, _| {
            let items = &mut projects.all[at].items;
            let (before, wanted) = (items.len(), world.repo_named(repo).map(|r| (r, number)));
            items.retain(|item| wanted.is_none() || place(world, &item.content) != wanted);
            items.len() < before
        })
    }

    /// Moves an issue on a project; the issue itself does not change. `None` clears its Status.
    pub fn set_project_status(&self, project: &str, repo: &str, number: u64, status: Option<&str>) -> bool {
        self.item(project, repo, number, |item, named, now| {
            let option = status.and_then(named);
            if status.is_some() && option.is_none() {
                return false;
            }
            item.set(option, now);
            true
        })
    }

    /// Archives an issue's item.
    pub fn archive_in_project(&self, project: &str, repo: &str, number: u64) -> bool {
        self.item(project, repo, number, |item, _, now| {
            item.archived = true;
            item.updated = now.0.div_euclid(1000);
            true
        })
    }

    /// Adds a draft, which is no issue.
    pub fn add_draft(&self, project: &str, title: &str) -> bool {
        self.project(project, |projects, at, _, now| {
            projects.add(at, Content::Draft(title.to_owned()), true, now);
            true
        })
    }

    /// Adds something that nobody else may see.
    pub fn add_redacted(&self, project: &str) -> bool {
        self.project(project, |projects, at, _, now| {
            projects.add(at, Content::Redacted, true, now);
            true
        })
    }

    /// Gives an option of a project another name; its id and its items stay.
    pub fn rename_option(&self, project: &str, name: &str, new_name: &str) -> bool {
        self.project(project, |projects, at, _, _| {
            let options = &mut projects.all[at].options;
            let found = options.iter_mut().find(|(_, o)| o == name);
            found.map(|(_, o)| new_name.clone_into(o)).is_some()
        })
    }

    /// Gives every option of a project a new id, as writing the whole list of options anew does. With `keep` the
    /// items keep their places, as when somebody puts them back; without, every item loses its Status.
    pub fn regenerate_options(&self, project: &str, keep: bool) -> bool {
        self.project(project, |projects, at, _, _| {
            let ids: Vec<String> = projects.all[at].options.iter().map(|(id, _)| id.clone()).collect();
            for (n, old) in ids.iter().enumerate() {
                let id = projects.option_id();
                projects.all[at].options[n].0.clone_from(&id);
                let of_it = projects.all[at].items.iter_mut().filter(|i| i.status.as_ref() == Some(old));
                of_it.for_each(|item| item.status = keep.then(|| id.clone()));
            }
            true
        })
    }

    /// Closes a project, or opens it again.
    pub fn close_project(&self, project: &str, closed: bool) -> bool {
        self.project(project, |projects, at, _, _| {
            projects.all[at].closed = closed;
            true
        })
    }

    /// Switches what the project does when an issue of it is closed.
    pub fn automate_project(&self, project: &str, automation: Automation) -> bool {
        self.project(project, |projects, at, _, _| {
            projects.all[at].automation = automation;
            true
        })
    }

    /// Drags an issue's item to the top; items in between move down by one.
    pub fn drag_to_top(&self, project: &str, repo: &str, number: u64) -> bool {
        self.project(project, |projects, at, world, _| {
            let wanted = world.repo_named(repo).map(|r| (r, number));
            let items = &mut projects.all[at].items;
            let found = items.iter().position(|i| wanted.is_some() && place(world, &i.content) == wanted);
            found.map(|n| items[..=n].rotate_right(1)).is_some()
        })
    }
}
