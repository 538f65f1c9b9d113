//! What a sandbox is filled with at its start. Builds the world; serves nothing.

mod demo;
mod file;
mod generated;

use std::path::PathBuf;

use super::SandboxError;
use super::accounts::{ACCOUNTS, Role};
use super::world::{Repo, World};
use crate::support::clock::Timestamp;

/// The repository of the demo and of generated seeds.
pub const DEMO_REPO: &str = "octo/app";
/// A second, empty repository: issues can be transferred there.
pub const OTHER_REPO: &str = "octo/other";
/// A repository that is archived: every write is refused with 403.
pub const ARCHIVED_REPO: &str = "octo/archived";
/// A repository whose issues are disabled: they answer 410.
pub const NO_ISSUES_REPO: &str = "octo/no-issues";
/// A former name of the main repository: it answers with a redirect.
pub const FORMER_NAME: &str = "octo/former-name";

/// Where the content comes from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Seed {
    /// The demo's project: a small sync tool with about sixty issues.
    Demo,
    /// That many generated issues, the same ones each time.
    Count(usize),
    /// A JSON file: a list of issues as GitHub's REST API returns them, or an object with `exchanges` whose answers
    /// hold such issues. Fields the sandbox does not know are served back as they were; fields an old answer lacks
    /// stay absent.
    File(PathBuf),
}

/// `N` is a count, `demo` the demo, anything else a file.
impl From<&str> for Seed {
    fn from(text: &str) -> Self {
        match text.parse() {
            Ok(count) => Self::Count(count),
            Err(_) if text == "demo" => Self::Demo,
            Err(_) => Self::File(PathBuf::from(text)),
        }
    }
}

/// Builds the world of `seed`; the first repository is the one the seed filled.
pub(super) fn build(seed: &Seed, base: &str, now: Timestamp) -> Result<World, SandboxError> {
    let mut world = World::new(base.to_owned());
    for account in ACCOUNTS {
        world.people.register(account.login, account.role > Role::None);
    }
    match seed {
        Seed::Demo => demo::fill(&mut world, now),
        Seed::Count(count) => generated::fill(&mut world, *count, now),
        Seed::File(path) => file::fill(&mut world, path, now)?,
    }
    let owner = world.repos[0].owner.clone();
    for login in [owner.as_str(), "octo"] {
        world.people.register(login, false);
    }
    world.renamed.insert(FORMER_NAME.to_owned(), 0);
    let created = world.repos[0].created;
    for (id, name) in (900_001..).zip([OTHER_REPO, ARCHIVED_REPO, NO_ISSUES_REPO]) {
        let mut repo = Repo::new(id, name, created);
        repo.archived = name == ARCHIVED_REPO;
        repo.has_issues = name != NO_ISSUES_REPO;
        world.repos.push(repo);
    }
    Ok(world)
}
