//! One suite over every connector, each against its simulated platform over real HTTP on loopback.

#![expect(clippy::unwrap_used, reason = "what fails in a test's own steps should fail the test")]

#[path = "contract/bitbucket.rs"]
mod bitbucket;
#[path = "contract/desk.rs"]
mod desk;
#[path = "contract/further.rs"]
mod further;
#[path = "contract/github.rs"]
mod github;
#[path = "contract/gitlab.rs"]
mod gitlab;
#[path = "contract/jira.rs"]
mod jira;
#[path = "contract/matrix.rs"]
mod matrix;
#[path = "../src/sandbox/graphql/parse.rs"]
mod parse;
#[path = "contract/projects.rs"]
mod projects;
#[path = "contract/schema.rs"]
mod schema;
#[path = "contract/suite.rs"]
mod suite;
