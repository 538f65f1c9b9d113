//! A place on each platform as a config connects it, all of one sandbox.

use corkboard::sandbox::{ADMIN_TOKEN, WRITE_TOKEN};

/// What a connection connects.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum On {
    Github,
    Project,
    Gitlab,
    Jira,
    Bitbucket,
}

impl On {
    pub const ALL: [Self; 5] = [Self::Github, Self::Project, Self::Gitlab, Self::Jira, Self::Bitbucket];

    /// Its name on the documentation's pages.
    pub fn name(self) -> &'static str {
        match self {
            Self::Github => "GitHub issues",
            Self::Project => "GitHub project",
            Self::Gitlab => "GitLab",
            Self::Jira => "Jira",
            Self::Bitbucket => "Bitbucket",
        }
    }

    /// The connection's name.
    pub fn connection(self) -> &'static str {
        match self {
            Self::Github => "core",
            Self::Project => "road",
            Self::Gitlab => "ops",
            Self::Jira => "plan",
            Self::Bitbucket => "review",
        }
    }

    /// What stands in front of the platform's paths in the sandbox.
    pub fn root(self) -> &'static str {
        match self {
            Self::Github | Self::Project => "",
            Self::Gitlab => "/gitlab",
            Self::Jira => "/jira",
            Self::Bitbucket => "/bitbucket/2.0",
        }
    }

    /// A token of the sandbox that may do all that the connection does.
    pub fn account(self) -> &'static str {
        if self == Self::Project { ADMIN_TOKEN } else { WRITE_TOKEN }
    }

    /// The connection at this base, with its token from there.
    pub fn config(self, base: &str, token: &str) -> String {
        let (name, platform) = (self.connection(), self.platform());
        format!(
            "\n[[connection]]\nname = \"{name}\"\nplatform = \"{platform}\"\napi_url = \"{base}\"\ntoken = {token}\n{}\
             [connection.status_mapping]\n{}",
            self.keys(),
            self.mapping()
        )
    }

    fn platform(self) -> &'static str {
        match self {
            Self::Github | Self::Project => "github",
            Self::Gitlab => "gitlab",
            Self::Jira => "jira",
            Self::Bitbucket => "bitbucket",
        }
    }

    fn keys(self) -> &'static str {
        match self {
            Self::Github => "repository = \"octo/app\"\n",
            Self::Project => "repository = \"octo/app\"\nproject = \"orgs/octo/projects/3\"\n",
            Self::Gitlab => "project = \"octo/app\"\n",
            Self::Jira => "project = \"ABC\"\nuser = \"ben@example.com\"\n",
            Self::Bitbucket => "repository = \"team/app\"\nuser = \"ben@example.com\"\n",
        }
    }

    fn mapping(self) -> &'static str {
        match self {
            Self::Github | Self::Gitlab => {
                "proposed = { state = \"open\" }\nin_progress = { label = \"doing\" }\ncompleted = { state = \"closed\" }\n"
            }
            Self::Project => {
                "proposed = { option = \"Backlog\" }\nin_progress = { option = \"In Progress\" }\n\
                 completed = { option = \"Done\", state = \"closed\" }\n"
            }
            Self::Jira => {
                "proposed = { status = \"To Do\" }\nin_progress = { status = \"In Progress\" }\n\
                 completed = { status = \"Done\", resolution = \"Done\" }\n"
            }
            Self::Bitbucket => {
                "proposed = { state = \"DRAFT\" }\nin_progress = { state = \"OPEN\" }\ncompleted = { state = \"MERGED\" }\n"
            }
        }
    }
}
