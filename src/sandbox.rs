//! Simulated platforms over real HTTP on loopback: for the demo, for tests, for users who want to try something before
//! it touches their tracker. It stands alone: nothing else of Corkboard is imported, and no request leaves the machine.
//!
//! GitHub is at the root, GitLab below `/gitlab`, Jira below `/jira`, Bitbucket below `/bitbucket`; the routes are those a
//! board needs. What goes wrong is scripted with [`Faults`]; a person at the web pages is played with [`WebUser`] and its
//! like; what was asked is in [`Sandbox::requests`].

mod accounts;
mod api;
mod bitbucket;
mod colleague;
mod control;
mod echo;
mod faults;
mod gitlab;
mod graphql;
mod inject;
mod inner;
mod jira;
mod random;
mod record;
mod render;
mod seed;
mod serve;
mod view;
mod web;
mod world;

use std::io;
use std::net::Ipv4Addr;
use std::ops::Range;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use tokio::net::TcpListener;
use tokio::sync::{Mutex, watch};
use tokio::task::JoinHandle;

pub use accounts::{
    ACCOUNTS, ADMIN_TOKEN, Account, EXPIRED_TOKEN, FINE_GRAINED_TOKEN, METADATA_TOKEN, NONE_TOKEN,
    PROJECT_READER_TOKEN, READ_PROJECT_TOKEN, READ_TOKEN, Role, SCOPELESS_TOKEN, TRIAGE_TOKEN, WRITE_TOKEN,
};
pub use bitbucket::{
    BITBUCKET_OLD_REPO, BITBUCKET_REPO, BitbucketWeb, NoPullRequest, Obstacle, PullRequestView,
};
pub use faults::{Action, FaultError, Faults, Rule};
pub use gitlab::{GitlabIssue, GitlabPaging, GitlabWeb};
pub use graphql::{Automation, ProjectItemView};
pub use jira::{JiraIssueView, JiraWeb};
pub use record::Recorded;
pub use seed::{ARCHIVED_REPO, DEMO_REPO, FORMER_NAME, NO_ISSUES_REPO, OTHER_REPO, Seed};
pub use view::{CommentView, EventView, IssueView};
pub use web::WebUser;
pub use world::Past;

use crate::support::clock::{SharedClock, SystemClock};
use inner::{Inner, Network, locked};

/// How long [`Sandbox::shutdown`] waits for the sockets to close.
const SHUTDOWN: Duration = Duration::from_secs(5);

/// How a sandbox is set up; [`Default`] is `octo/app` without issues, no faults, GitHub's budget, no secondary limits.
#[derive(Debug, Clone)]
pub struct SandboxOptions {
    /// Port on 127.0.0.1; 0 takes any free one.
    pub port: u16,
    /// What is in it.
    pub seed: Seed,
    /// What goes wrong from the start.
    pub faults: Faults,
    /// Tells the sandbox the time; budgets, times of issues and `Date` follow it.
    pub clock: SharedClock,
    /// Requests per token and hour; GitHub's is 5000.
    pub primary_limit: u64,
    /// Writes of one token closer together than this are refused by the secondary limit; None lets them pass.
    pub secondary_gap: Option<Duration>,
    /// Content-creating requests (POST) per token and minute, GitHub's is 80; None lets all pass.
    pub content_per_minute: Option<usize>,
    /// Status of a refusal by the secondary limit: 403 or 429, GitHub uses both.
    pub secondary_status: u16,
    /// Seed of the generator behind the faults' `p=`.
    pub seed_rng: u64,
    /// Whether every edit of an issue is kept, for proofs; it grows for as long as the sandbox runs.
    pub history: bool,
}

impl Default for SandboxOptions {
    fn default() -> Self {
        Self {
            port: 0,
            seed: Seed::Count(0),
            faults: Faults::default(),
            clock: Arc::new(SystemClock),
            primary_limit: 5000,
            secondary_gap: None,
            content_per_minute: None,
            secondary_status: 403,
            seed_rng: 1,
            history: false,
        }
    }
}

/// Why a sandbox did not start, or an edit could not be made.
#[derive(Debug, thiserror::Error)]
pub enum SandboxError {
    /// The port is taken or not allowed.
    #[error("cannot listen on 127.0.0.1:{port}")]
    Listen {
        /// The port asked for.
        port: u16,
        /// What the system said.
        #[source]
        source: io::Error,
    },
    /// The seed file cannot be read.
    #[error("cannot read the seed file {}", path.display())]
    ReadSeed {
        /// The file.
        path: PathBuf,
        /// What the system said.
        #[source]
        source: io::Error,
    },
    /// The seed file is no JSON.
    #[error("the seed file {} is not JSON", path.display())]
    ParseSeed {
        /// The file.
        path: PathBuf,
        /// Where and why.
        #[source]
        source: serde_json::Error,
    },
    /// The seed file is JSON, but no list of issues.
    #[error("the seed file {} holds no issues: {problem}", path.display())]
    SeedShape {
        /// The file.
        path: PathBuf,
        /// What was found or is missing.
        problem: String,
    },
    /// No such repository in the sandbox.
    #[error("the sandbox has no repository `{repo}`")]
    NoRepository {
        /// The name asked for.
        repo: String,
    },
    /// No such issue in the repository.
    #[error("`{repo}` has no issue {number}")]
    NoIssue {
        /// The repository.
        repo: String,
        /// The number asked for.
        number: u64,
    },
    /// No such comment in the repository.
    #[error("`{repo}` has no comment {comment}")]
    NoComment {
        /// The repository.
        repo: String,
        /// The id asked for.
        comment: u64,
    },
    /// No such label in the repository.
    #[error("`{repo}` has no label `{label}`")]
    NoLabel {
        /// The repository.
        repo: String,
        /// The name asked for.
        label: String,
    },
    /// Another label has that name, letter case ignored.
    #[error("`{repo}` already has a label `{label}`")]
    LabelTaken {
        /// The repository.
        repo: String,
        /// The name asked for.
        label: String,
    },
    /// No such milestone in the repository.
    #[error("`{repo}` has no milestone `{title}`")]
    NoMilestone {
        /// The repository.
        repo: String,
        /// The title asked for.
        title: String,
    },
}

/// A running sandbox. Clones are handles on the same one; it stops with [`Sandbox::shutdown`] or the last handle.
#[derive(Debug, Clone)]
pub struct Sandbox {
    inner: Arc<Inner>,
    running: Arc<Running>,
}

#[derive(Debug)]
struct Running {
    stop: watch::Sender<bool>,
    server: Mutex<Option<JoinHandle<()>>>,
    main_repo: String,
}

impl Drop for Running {
    fn drop(&mut self) {
        self.stop.send_replace(true);
    }
}

impl Sandbox {
    /// Loads the seed and listens. Must be called within a tokio runtime.
    pub async fn start(options: SandboxOptions) -> Result<Self, SandboxError> {
        let listening = async {
            let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, options.port)).await?;
            let port = listener.local_addr()?.port();
            Ok((listener, port))
        };
        let (listener, port) =
            listening.await.map_err(|source| SandboxError::Listen { port: options.port, source })?;
        let url = format!("http://127.0.0.1:{port}");
        let mut world = seed::build(&options.seed, &url, options.clock.now())?;
        world.repos[0].past = options.history.then(Vec::new);
        let main_repo = world.repos[0].full_name();
        let limits = api::Limits::new(
            options.primary_limit,
            options.secondary_gap,
            options.content_per_minute,
            options.secondary_status,
        );
        let injector = inject::Injector::new(options.faults, options.seed_rng);
        let inner = Arc::new(Inner::new(url, options.clock, world, limits, injector));
        if options.history {
            locked(&inner.gitlab).keep_history();
            locked(&inner.jira).keep_history();
        }
        let stop = watch::Sender::new(false);
        let server = tokio::spawn(serve::run(Arc::clone(&inner), listener, port, stop.subscribe()));
        let running = Running { stop, server: Mutex::new(Some(server)), main_repo };
        Ok(Self { inner, running: Arc::new(running) })
    }

    /// `http://127.0.0.1:PORT`, the base address of the API.
    pub fn url(&self) -> &str {
        &self.inner.url
    }

    /// `owner/name` of the repository the seed filled.
    pub fn repo(&self) -> &str {
        &self.running.main_repo
    }

    /// Replaces the faults; counters such as `nth=` start anew.
    pub fn set_faults(&self, faults: Faults) {
        self.inner.injector().replace(faults);
    }

    /// The faults in force.
    pub fn faults(&self) -> Faults {
        self.inner.injector().faults().clone()
    }

    /// With false every connection is cut and new ones are refused, as if the network were gone; with true the
    /// sandbox is back at its port. Returns when it is so.
    pub async fn set_online(&self, online: bool) {
        let wanted = if online { Network::Online } else { Network::Refusing };
        self.inner.set_network(wanted);
        let mut settled = self.inner.settled();
        let mut stop = self.running.stop.subscribe();
        tokio::select! {
            _ = settled.wait_for(|settled| *settled == wanted) => {}
            _ = stop.wait_for(|stop| *stop) => {}
        }
    }

    /// Whether requests are kept with their bodies (they are, unless switched off for a big run).
    pub fn set_record_bodies(&self, record: bool) {
        locked(&self.inner.log).without_bodies = !record;
    }

    /// The last requests (at most 20 000), oldest first.
    pub fn requests(&self) -> Vec<Recorded> {
        locked(&self.inner.log).all().cloned().collect()
    }

    /// Those of [`Sandbox::requests`] that are not reads.
    pub fn writes(&self) -> Vec<Recorded> {
        locked(&self.inner.log).all().filter(|one| one.is_write()).cloned().collect()
    }

    /// Forgets the requests so far.
    pub fn clear_requests(&self) {
        locked(&self.inner.log).clear();
    }

    /// The answered requests as JSON Lines (`method`, `path`, `req_headers`, `req_body`, `status`, `resp_headers`,
    /// `resp_body`), without secrets, for checking against GitHub's API description.
    pub fn traffic_jsonl(&self) -> String {
        locked(&self.inner.log).jsonl()
    }

    /// All issues and pull requests of `repo` by number; none when there is no such repository.
    pub fn issues(&self, repo: &str) -> Vec<IssueView> {
        let world = locked(&self.inner.world);
        let Some(repo) = world.repo_named(repo).map(|at| &world.repos[at]) else { return Vec::new() };
        let mut all: Vec<IssueView> = repo.issues.values().map(|issue| IssueView::of(repo, issue)).collect();
        all.sort_by_key(|issue| issue.number);
        all
    }

    /// One issue, when it is there.
    pub fn issue(&self, repo: &str, number: u64) -> Option<IssueView> {
        let world = locked(&self.inner.world);
        let repo = &world.repos[world.repo_named(repo)?];
        repo.issues.get(&number).map(|issue| IssueView::of(repo, issue))
    }

    /// Every edit of an issue of the main repository since the start, oldest first, when
    /// [`SandboxOptions::history`] asked for it.
    pub fn history(&self) -> Vec<Past> {
        locked(&self.inner.world).repos[0].past.clone().unwrap_or_default()
    }

    /// How many connections are open: none once every client is gone and all it sent was read.
    pub fn connections(&self) -> usize {
        self.inner.connections()
    }

    /// Grows with every request and every edit.
    pub fn activity(&self) -> u64 {
        *self.inner.changes().borrow()
    }

    /// Names of the repository's labels, oldest first.
    pub fn labels(&self, repo: &str) -> Vec<String> {
        let world = locked(&self.inner.world);
        let found = world.repo_named(repo).map(|at| &world.repos[at]);
        found.map(|repo| repo.labels.values().map(|label| label.name.clone()).collect()).unwrap_or_default()
    }

    /// Somebody at the web pages; edits made through it look like any person's.
    pub fn web(&self, login: &str) -> WebUser {
        WebUser { inner: Arc::clone(&self.inner), login: login.to_owned() }
    }

    /// Somebody at the web pages of the simulated Bitbucket.
    pub fn bitbucket(&self) -> BitbucketWeb {
        BitbucketWeb { inner: Arc::clone(&self.inner) }
    }

    /// Somebody at the web pages of the simulated GitLab, which is below `/gitlab`.
    pub fn gitlab(&self) -> GitlabWeb {
        GitlabWeb::new(Arc::clone(&self.inner))
    }

    /// Somebody at the simulated Jira's pages.
    pub fn jira(&self) -> JiraWeb {
        JiraWeb { inner: Arc::clone(&self.inner) }
    }

    /// Lets another token, of whatever form, stand for the account of one of [`ACCOUNTS`]; false when there is none.
    pub fn admit(&self, token: &str, account: &str) -> bool {
        let known = ACCOUNTS.iter().find(|a| a.token == account);
        known.map(|a| locked(&self.inner.admitted).push((token.to_owned(), a.token))).is_some()
    }

    /// Lets the simulated GitHub be an Enterprise Server of this version, such as `3.14.2`.
    pub fn set_enterprise_version(&self, version: &str) {
        locked(&self.inner.world).enterprise = Some(version.to_owned());
        self.inner.wake();
    }

    /// Gives a former name to a repository, as renaming it would: the former name redirects.
    pub fn rename_repo(&self, repo: &str, new_name: &str) -> Result<(), SandboxError> {
        let mut world = locked(&self.inner.world);
        let missing = || SandboxError::NoRepository { repo: repo.to_owned() };
        let at = world.repo_named(repo).ok_or_else(missing)?;
        world.renamed.insert(repo.to_lowercase(), at);
        new_name.rsplit('/').next().unwrap_or(new_name).clone_into(&mut world.repos[at].name);
        world.repos[at].revision += 1;
        Ok(())
    }

    /// Waits until `fact` holds, looking again whenever something changed; false when `within` passes first.
    pub async fn wait_for(&self, within: Duration, fact: impl Fn(&Self) -> bool) -> bool {
        self.inner.wait_for(within, || fact(self)).await
    }

    /// Starts a colleague, who edits the main repository after pauses picked from `pause` until the sandbox stops.
    /// The same `seed` makes the same choices. Must be called within a tokio runtime.
    pub fn colleague(&self, login: &str, seed: u64, pause: Range<Duration>) {
        let (inner, stop) = (Arc::clone(&self.inner), self.running.stop.subscribe());
        tokio::spawn(colleague::work(inner, self.repo().to_owned(), login.to_owned(), seed, pause, stop));
    }

    /// Closes all connections and the port; waits for it, at most five seconds.
    pub async fn shutdown(&self) {
        self.running.stop.send_replace(true);
        if let Some(mut server) = self.running.server.lock().await.take()
            && tokio::time::timeout(SHUTDOWN, &mut server).await.is_err()
        {
            server.abort();
        }
    }
}
