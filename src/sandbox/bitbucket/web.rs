//! Somebody at Bitbucket's web pages, and what a test can see there: past tokens, limits and faults.

use std::sync::Arc;

use super::answer::Said;
use super::change::close;
use super::{Pull, Repository, World};
use crate::sandbox::inner::{Inner, locked};

/// There is no such pull request, or no such repository.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the sandbox has no pull request {number} in `{repository}`")]
pub struct NoPullRequest {
    /// The repository asked for.
    pub repository: String,
    /// The number asked for.
    pub number: u64,
}

/// What a merge meets.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Obstacle {
    /// The branches have conflicts: 400.
    Conflicts,
    /// A merge check fails, in these words: 400.
    Check(String),
    /// Somebody pushes meanwhile: 409.
    Moved,
    /// It takes too long: 555, and nothing is merged.
    TooLong,
    /// It takes a while: 202, then so many looks at the task until it ends well or not.
    Slow {
        /// How often the task is still pending.
        looks: u32,
        /// Whether it is merged in the end.
        succeeds: bool,
    },
}

/// A pull request as its page shows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PullRequestView {
    /// Its number.
    pub number: u64,
    /// Its title.
    pub title: String,
    /// Its description as typed.
    pub description: String,
    /// `OPEN`, `MERGED`, `DECLINED` or `SUPERSEDED`.
    pub state: &'static str,
    /// Whether it is a draft.
    pub draft: bool,
    /// Logins of its reviewers.
    pub reviewers: Vec<String>,
    /// Whether its branch goes with the merge.
    pub close_source_branch: bool,
    /// How it was merged.
    pub merge_strategy: Option<String>,
    /// Its comments as typed, oldest first.
    pub comments: Vec<String>,
}

impl PullRequestView {
    fn of(pull: &Pull) -> Self {
        Self {
            number: pull.number,
            title: pull.title.clone(),
            description: pull.description.clone(),
            state: pull.state,
            draft: pull.draft,
            reviewers: pull.reviewers.clone(),
            close_source_branch: pull.close_source_branch,
            merge_strategy: pull.merged_by.clone(),
            comments: pull.comments.iter().map(|c| c.raw.clone()).collect(),
        }
    }
}

/// What `ana` does at Bitbucket's web pages. Each call is one edit, made at once.
#[derive(Debug, Clone)]
pub struct BitbucketWeb {
    pub(in crate::sandbox) inner: Arc<Inner>,
}

type Done = Result<(), NoPullRequest>;

const ANA: &str = "ana";

impl BitbucketWeb {
    fn world<T>(&self, act: impl FnOnce(&mut World, i64) -> T) -> T {
        let result = act(&mut locked(&self.inner.bitbucket), self.inner.clock.now().0);
        self.inner.wake();
        result
    }

    fn edit(&self, repository: &str, number: u64, edit: impl FnOnce(&mut Pull, i64)) -> Done {
        let missing = || NoPullRequest { repository: repository.to_owned(), number };
        self.world(|world, now| {
            let pull = named(world, repository).and_then(|r| r.pulls.get_mut(&number)).ok_or_else(missing)?;
            pull.updated = now;
            edit(pull, now);
            Ok(())
        })
    }

    /// Opens a pull request, ready or as a draft, and gives its number.
    pub fn create(
        &self,
        repository: &str,
        title: &str,
        description: &str,
        draft: bool,
    ) -> Result<u64, NoPullRequest> {
        let missing = || NoPullRequest { repository: repository.to_owned(), number: 0 };
        self.world(|world, now| {
            let repository = named(world, repository).ok_or_else(missing)?;
            let number = repository.pulls.last_key_value().map_or(0, |(n, _)| *n) + 1;
            let pull = Pull {
                number,
                title: title.to_owned(),
                description: description.to_owned(),
                state: "OPEN",
                draft,
                author: ANA.to_owned(),
                reviewers: Vec::new(),
                close_source_branch: false,
                created: now,
                updated: now,
                comments: Vec::new(),
                closed_by: None,
                merged_by: None,
                obstacle: None,
                task: None,
            };
            repository.pulls.insert(number, pull);
            Ok(number)
        })
    }

    /// Changes the title.
    pub fn set_title(&self, repository: &str, number: u64, title: &str) -> Done {
        self.edit(repository, number, |pull, _| title.clone_into(&mut pull.title))
    }

    /// Changes the description.
    pub fn set_description(&self, repository: &str, number: u64, description: &str) -> Done {
        self.edit(repository, number, |pull, _| description.clone_into(&mut pull.description))
    }

    /// Makes it a draft, or ready.
    pub fn set_draft(&self, repository: &str, number: u64, draft: bool) -> Done {
        self.edit(repository, number, |pull, _| pull.draft = draft)
    }

    /// Names its reviewers.
    pub fn set_reviewers(&self, repository: &str, number: u64, logins: &[&str]) -> Done {
        self.edit(repository, number, |pull, _| {
            pull.reviewers = logins.iter().map(|l| (*l).to_owned()).collect();
        })
    }

    /// Says whether its branch goes with the merge.
    pub fn set_close_source_branch(&self, repository: &str, number: u64, close: bool) -> Done {
        self.edit(repository, number, |pull, _| pull.close_source_branch = close)
    }

    /// Puts something into the way of a merge, or takes it away.
    pub fn set_obstacle(&self, repository: &str, number: u64, obstacle: Option<Obstacle>) -> Done {
        self.edit(repository, number, |pull, _| pull.obstacle = obstacle)
    }

    /// Merges it.
    pub fn merge(&self, repository: &str, number: u64) -> Done {
        self.edit(repository, number, |pull, now| {
            close(pull, "MERGED", ANA, now);
            pull.merged_by = Some("merge_commit".to_owned());
        })
    }

    /// Declines it.
    pub fn decline(&self, repository: &str, number: u64) -> Done {
        self.edit(repository, number, |pull, now| close(pull, "DECLINED", ANA, now))
    }

    /// Lets another pull request take its place.
    pub fn supersede(&self, repository: &str, number: u64) -> Done {
        self.edit(repository, number, |pull, now| close(pull, "SUPERSEDED", ANA, now))
    }

    /// Says something on it.
    pub fn comment(&self, repository: &str, number: u64, raw: &str) -> Done {
        let id = self.world(|world, _| {
            world.comments += 1;
            world.comments
        });
        self.edit(repository, number, |pull, at| {
            pull.comments.push(Said { id, author: ANA.to_owned(), raw: raw.to_owned(), at });
        })
    }

    /// All pull requests by number; none when there is no such repository.
    pub fn pull_requests(&self, repository: &str) -> Vec<PullRequestView> {
        let mut world = locked(&self.inner.bitbucket);
        let pulls =
            named(&mut world, repository).map(|r| r.pulls.values().map(PullRequestView::of).collect());
        pulls.unwrap_or_default()
    }

    /// One pull request, when it is there.
    pub fn pull_request(&self, repository: &str, number: u64) -> Option<PullRequestView> {
        self.pull_requests(repository).into_iter().find(|p| p.number == number)
    }
}

fn named<'a>(world: &'a mut World, name: &str) -> Option<&'a mut Repository> {
    world.repositories.iter_mut().find(|r| r.full_name.eq_ignore_ascii_case(name))
}
