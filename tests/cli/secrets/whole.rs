//! One board on all platforms at once, a token of its own for each, and servers that do whatever servers do with what they
//! are sent. Then everything that was written anywhere is searched for the tokens, in every spelling.

use std::path::Path;
use std::process::{Command as Process, Stdio};
use std::time::Duration;

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use corkboard::sandbox::{BITBUCKET_REPO, DEMO_REPO, OTHER_REPO, Sandbox, SandboxOptions, Seed};

use super::{everything_below, holds};
use crate::home::Home;
use crate::places::On;

/// The planted tokens. They look like no platform's, so nothing recognises them by their form.
const PLANTED: [(On, &str); 5] = [
    (On::Github, "core-planted.words/x+y==1"),
    (On::Project, "road~planted&words?x%y==2"),
    (On::Gitlab, "ops\"planted\\words'x<y>==3"),
    (On::Jira, "plan-planted.words/x+y==4"),
    (On::Bitbucket, "review_planted_words:x:y==5"),
];
/// Whose token it is where that goes with it.
const USER: &str = "ben@example.com";
const ROAD: &str = "orgs/octo/projects/3";

/// How long a run is let go on.
const PATIENCE: Duration = Duration::from_secs(3);

/// What the sky is like, one after another. What asks to wait comes last: nothing is asked behind it.
const SKIES: [&str; 15] = [
    "echo=401",
    "echo=403",
    "echo=404",
    "echo=422",
    "echo=500",
    "echo=503",
    "echo=200",
    "redirect=https://elsewhere.example.net/in?was={credential}",
    "redirect=/login?was={credential}",
    "html",
    "truncate",
    "drop-before",
    "drop-after",
    "status=502",
    "echo=429",
];

/// The sky over every platform, for its first requests of a kind only: a pass tries long before it gives up.
fn everywhere(method: &str, sky: &str) -> String {
    let places = ["/repos/octo/app*", "/repos/octo/other*", "/graphql", "/gitlab*", "/jira*", "/bitbucket*"];
    places.map(|place| format!("{method}{place} count=2 {sky}")).join("; ")
}

fn token(on: On) -> &'static str {
    PLANTED.iter().find(|(o, _)| *o == on).expect("planted").1
}

/// Every way in which one of the tokens could be written down.
fn spellings() -> Vec<(String, String)> {
    let mut out = Vec::new();
    for (on, token) in PLANTED {
        let mut all = vec![token.to_owned()];
        if matches!(on, On::Jira | On::Bitbucket) {
            let pair = BASE64_STANDARD.encode(format!("{USER}:{token}"));
            // The middle of it is the token's alone; somebody else's name may be in front.
            all.extend([pair[24..40].to_owned(), pair]);
        }
        for text in all.clone() {
            all.push(url::form_urlencoded::byte_serialize(text.as_bytes()).collect());
            all.push(serde_json::json!(text).to_string().trim_matches('"').to_owned());
            all.push(text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;"));
        }
        all.sort();
        all.dedup();
        out.extend(all.into_iter().map(|spelling| (on.connection().to_owned(), spelling)));
    }
    out
}

/// The board, the platforms, and all that was said so far.
struct Story {
    sandbox: Sandbox,
    home: Home,
    /// The person's own places for tokens, outside of everything that is searched.
    vault: tempfile::TempDir,
    said: Vec<(String, Vec<u8>)>,
}

impl Story {
    async fn begin(format: &str) -> Self {
        let options = SandboxOptions { seed: Seed::Count(2), ..SandboxOptions::default() };
        let sandbox = Sandbox::start(options).await.expect("a sandbox");
        for (on, token) in PLANTED {
            assert!(sandbox.admit(token, on.account()));
        }
        fill(&sandbox);
        let vault = tempfile::tempdir().expect("a folder");
        let mut config = format!("[log]\nlevel = \"debug\"\nformat = \"{format}\"\n");
        for on in On::ALL {
            let base = format!("{}{}", sandbox.url(), on.root());
            let keys = "interval = \"1s\"\nwrite_pace = \"1ms\"\n[connection.status_mapping]";
            let own = on.config(&base, &source(on, vault.path()));
            let own = own.replace("[connection.status_mapping]", keys);
            config += &if on == On::Project { own.replace(DEMO_REPO, OTHER_REPO) } else { own };
        }
        Self { sandbox, home: Home::with(&config), vault, said: Vec::new() }
    }

    fn dress(set: &mut dyn FnMut(&str, &str)) {
        set("CORKBOARD_LOG", "trace");
        for (on, token) in PLANTED {
            set(&format!("PLANTED_{}", on.connection().to_uppercase()), token);
        }
    }

    /// Runs to the end, however it ends, and keeps what was said.
    fn run(&mut self, arguments: &[&str]) -> String {
        let mut command = self.home.command(arguments);
        Self::dress(&mut |name, value| {
            command.env(name, value);
        });
        // A pass waits for what is due again soon; what is cut short here is killed.
        let out = command.timeout(PATIENCE).output().expect("it runs");
        let text = String::from_utf8_lossy(&out.stdout).into_owned();
        self.said.push((format!("{arguments:?} on standard output"), out.stdout));
        self.said.push((format!("{arguments:?} on standard error"), out.stderr));
        text
    }

    /// Edits every card, and passes first with a sky that only writes meet, then with one over everything.
    fn under(&mut self, n: usize, sky: &str) {
        for on in On::ALL {
            let card = format!("{}#1", on.connection());
            self.run(&["card", "edit", &card, "--title", &format!("edited {n}")]);
            if n % 4 < 2 {
                self.run(&["card", "comment", &card, &format!("said {n}")]);
            }
        }
        for (method, arguments) in [("WRITE ", &["sync", "--once"][..]), ("", &["sync", "--once", "--json"])]
        {
            self.sandbox.set_faults(everywhere(method, sky).parse().expect("faults"));
            self.run(arguments);
        }
        self.sandbox.set_faults(sky.parse().expect("faults"));
        self.run(if n % 4 < 2 { &["doctor"][..] } else { &["doctor", "--json"] });
        self.run(&["monitor", "--json"]);
        self.sandbox.set_faults("".parse().expect("faults"));
    }

    /// Kills a pass in the middle of its first request.
    async fn killed(&mut self) {
        self.sandbox.set_faults("hang".parse().expect("faults"));
        self.sandbox.clear_requests();
        let mut process = Process::new(env!("CARGO_BIN_EXE_corkboard"));
        process.env_clear().env("HOME", self.home.path("")).args(["sync", "--once"]);
        process.env("PATH", std::env::var_os("PATH").unwrap_or_default());
        Self::dress(&mut |name, value| {
            process.env(name, value);
        });
        let mut child = process.stdout(Stdio::null()).stderr(Stdio::null()).spawn().expect("it starts");
        let met = self.sandbox.wait_for(Duration::from_secs(20), |s| !s.requests().is_empty()).await;
        child.kill().expect("killed");
        child.wait().expect("it ends");
        assert!(met, "it was at work");
        self.sandbox.set_faults("".parse().expect("faults"));
    }

    /// A person's first steps, where the platform repeats what it was sent.
    fn first_steps(&mut self) {
        self.sandbox.set_faults("echo=401".parse().expect("faults"));
        let home = Home::new();
        let arguments = ["init", "--repository", DEMO_REPO, "--api-url", self.sandbox.url()];
        let out = home.command(&arguments).env("GH_TOKEN", token(On::Github)).output().expect("it runs");
        self.said.push(("init on standard output".to_owned(), out.stdout));
        self.said.push(("init on standard error".to_owned(), out.stderr));
        everything_below(&home.path(""), &mut self.said);
        self.sandbox.set_faults("".parse().expect("faults"));
    }

    /// All there is to search, the sandbox's record included.
    fn everything(&self) -> Vec<(String, Vec<u8>)> {
        let mut all = self.said.clone();
        everything_below(&self.home.path(""), &mut all);
        all.push(("the sandbox's traffic".to_owned(), self.sandbox.traffic_jsonl().into_bytes()));
        let record = serde_json::to_vec(&self.sandbox.requests()).expect("JSON");
        all.push(("the sandbox's record".to_owned(), record));
        all
    }
}

/// Where a connection's token is: in the environment, in a file of its owner's alone, or printed by a command.
fn source(on: On, vault: &Path) -> String {
    let file = vault.join(on.connection());
    std::fs::write(&file, token(on)).expect("written");
    std::fs::set_permissions(&file, std::os::unix::fs::PermissionsExt::from_mode(0o600)).expect("set");
    match on {
        On::Gitlab => format!("{{ command = \"cat {}\" }}", file.display()),
        On::Jira => format!("{{ file = \"{}\" }}", file.display()),
        _ => format!("{{ env = \"PLANTED_{}\" }}", on.connection().to_uppercase()),
    }
}

fn fill(sandbox: &Sandbox) {
    let ana = sandbox.web("ana");
    let number = ana.create_issue(OTHER_REPO, "on the road", "").expect("made");
    assert!(ana.add_to_project(ROAD, OTHER_REPO, number, Some("Backlog")));
    sandbox.gitlab().create_issue(DEMO_REPO, "in operation", "").expect("made");
    sandbox.jira().create_issue("ana", "as planned");
    sandbox.bitbucket().create(BITBUCKET_REPO, "to review", "", false).expect("made");
}

/// Whether the run was one in which tokens could have come out.
fn was_a_real_run(story: &Story) {
    let record = story.sandbox.requests();
    for on in On::ALL {
        let path = match on {
            On::Github => "/repos/octo/app",
            On::Project => "/graphql",
            _ => on.root(),
        };
        let echoed = |r: &&corkboard::sandbox::Recorded| {
            r.path.starts_with(path) && r.fault.as_deref().is_some_and(|f| f.starts_with("echo="))
        };
        assert!(record.iter().any(|r| echoed(&r)), "{on:?} was never sent its own token back");
    }
    let proofs = record.iter().flat_map(|r| &r.request_headers).filter(|(name, _)| name == "authorization");
    assert!(proofs.clone().count() > 100);
    assert!(proofs.clone().all(|(_, value)| value.ends_with("[redacted]")));
    let log: Vec<(String, Vec<u8>)> = {
        let mut files = Vec::new();
        everything_below(&story.home.path(".local/state/corkboard/log"), &mut files);
        files
    };
    assert!(log.iter().any(|(_, bytes)| holds(bytes, "[redacted]")), "the log was told of a token");
}

/// Half of the skies, under which logs are written in this format.
async fn tell(format: &str, half: usize) {
    let mut story = Story::begin(format).await;
    let first = story.run(&["sync", "--once", "--json"]);
    let cards = story.run(&["card", "list", "--json"]);
    for on in On::ALL {
        assert!(
            cards.contains(&format!("\"{}\"", on.connection())),
            "{on:?} brought no card: {first}{cards}"
        );
    }
    story.killed().await;
    story.first_steps();
    for (n, sky) in SKIES.iter().enumerate().filter(|(n, _)| n % 2 == half) {
        story.under(n, sky);
    }
    for arguments in [
        &["audit", "list"][..],
        &["audit", "list", "--json"],
        &["audit", "export"],
        &["audit", "verify", "--json"],
        &["card", "show", "core#1", "--json"],
        &["card", "history", "plan#1", "--json"],
        &["conflicts", "list", "--json"],
        &["monitor"],
        &["sync", "--once", "--dry-run"],
        &["doctor", "--json"],
    ] {
        story.run(arguments);
    }
    was_a_real_run(&story);
    let mut found = Vec::new();
    for (place, bytes) in story.everything() {
        for (connection, spelling) in spellings() {
            if holds(&bytes, &spelling) {
                let text = String::from_utf8_lossy(&bytes).into_owned();
                let near =
                    text.find(&spelling).map(|at| text[..at].chars().rev().take(160).collect::<Vec<_>>());
                let near: String = near.unwrap_or_default().into_iter().rev().collect();
                found.push(format!("{place} holds the token of {connection} as {spelling}, behind: {near}"));
            }
        }
    }
    assert!(story.vault.path().exists(), "what is searched for is where the person put it");
    assert!(found.is_empty(), "{} places:\n{}", found.len(), found.join("\n"));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_token_of_any_platform_is_written_anywhere_in_a_run_where_everything_fails() {
    tell("text", 0).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nor_is_one_in_logs_that_are_written_as_json() {
    tell("json", 1).await;
}
