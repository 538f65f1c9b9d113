//! One connection to a sandbox, something wrong with it, and what `doctor` must say of that.

use std::sync::Arc;

use corkboard::connector::Trouble;
use corkboard::sandbox::{Sandbox, SandboxOptions, Seed};
use corkboard::support::clock::{Clock as _, ManualClock, SystemClock};
use serde_json::{Value, json};

use crate::home::{Home, code};
use crate::places::On;

const CONFIG: &str = ".config/corkboard/config.toml";

/// A connection and what surrounds it.
pub struct Scene {
    pub sandbox: Sandbox,
    /// The sandbox's.
    pub clock: Arc<ManualClock>,
    pub token: String,
    pub home: Home,
    config: String,
    env: Vec<(&'static str, String)>,
}

impl Scene {
    /// One where all is well.
    pub async fn new(on: On) -> Self {
        let clock = Arc::new(ManualClock::new(SystemClock.now()));
        let options =
            SandboxOptions { seed: Seed::Count(1), clock: clock.clone(), ..SandboxOptions::default() };
        let sandbox = Sandbox::start(options).await.expect("a sandbox");
        let config =
            on.config(&format!("{}{}", sandbox.url(), on.root()), "{ env = \"CORKBOARD_TEST_TOKEN\" }");
        let token = on.account().to_owned();
        Self { sandbox, clock, token, home: Home::new(), config, env: Vec::new() }
    }

    /// Writes something else into the config.
    pub fn replace(&mut self, from: &str, to: &str) {
        assert!(self.config.contains(from), "{from} is not in {}", self.config);
        self.config = self.config.replace(from, to);
    }

    /// Sends the connection to another server, the platform's path kept.
    pub fn at(&mut self, server: &str) {
        let own = self.sandbox.url().to_owned();
        self.replace(&own, server);
    }

    /// Adds a key to the connection.
    pub fn key(&mut self, line: &str) {
        self.replace("[connection.status_mapping]", &format!("{line}\n[connection.status_mapping]"));
    }

    pub fn env(&mut self, name: &'static str, value: impl Into<String>) {
        self.env.push((name, value.into()));
    }

    fn run(&self, arguments: &[&str]) -> (i32, String) {
        self.home.write(CONFIG, &self.config);
        let mut command = self.home.command(arguments);
        command.env("CORKBOARD_TEST_TOKEN", &self.token);
        command.envs(self.env.iter().map(|(n, v)| (*n, v)));
        let out = command.output().expect("it runs");
        (code(&out), String::from_utf8_lossy(&out.stdout).into_owned())
    }

    /// How `doctor` ends and what it says as data.
    pub fn doctor(&self) -> (i32, Value) {
        let (code, text) = self.run(&["doctor", "--json"]);
        (code, serde_json::from_str(&text).unwrap_or_else(|e| panic!("{e}: {text}")))
    }

    /// Requests that could have changed something. A query in GraphQL is none.
    pub fn mutations(&self) -> Vec<String> {
        let changes = |r: &corkboard::sandbox::Recorded| {
            !r.path.ends_with("/graphql") || r.request_body.contains("mutation")
        };
        self.sandbox
            .writes()
            .into_iter()
            .filter(changes)
            .map(|r| format!("{} {}", r.method, r.path))
            .collect()
    }
}

type Set = Box<dyn Fn(&mut Scene)>;

/// One trouble of one platform.
pub struct Case {
    pub on: On,
    pub trouble: Trouble,
    /// What of it is looked at, for the page; empty when another case says it already.
    pub doc: &'static str,
    set: Set,
    told: String,
    help: String,
    verdict: &'static str,
}

/// Something that stops the connection: `doctor` ends with 1.
pub fn case(
    on: On,
    trouble: Trouble,
    set: impl Fn(&mut Scene) + 'static,
    told: impl Into<String>,
    help: impl Into<String>,
    doc: &'static str,
) -> Case {
    Case { on, trouble, doc, set: Box::new(set), told: told.into(), help: help.into(), verdict: "fail" }
}

/// Something to know that stops nothing: `doctor` ends with 0.
pub fn note(
    on: On,
    trouble: Trouble,
    set: impl Fn(&mut Scene) + 'static,
    told: impl Into<String>,
    help: impl Into<String>,
    doc: &'static str,
) -> Case {
    Case { verdict: "warn", ..case(on, trouble, set, told, help, doc) }
}

impl Case {
    /// Says what was not told as it should be.
    pub async fn run(&self) -> Result<(), String> {
        let mut scene = Scene::new(self.on).await;
        (self.set)(&mut scene);
        let (code, report) = scene.doctor();
        let wanted = i32::from(self.verdict == "fail");
        let wrong = |what: &str| Err(format!("{:?} {:?} {what}\n{report:#}", self.on, self.trouble));
        let fits = |check: &&Value| {
            check["trouble"] == json!(self.trouble)
                && check["verdict"] == self.verdict
                && check["detail"].as_str().is_some_and(|d| d.contains(&self.told))
        };
        let connection = &report["connections"][0];
        let checks = connection["checks"].as_array().map(Vec::as_slice).unwrap_or_default();
        let Some(check) = checks.iter().find(fits) else {
            return wrong(&format!("is not told by `{}`", self.told));
        };
        if !check["help"].as_str().is_some_and(|h| h.contains(&self.help)) {
            return wrong(&format!("does not help with `{}`", self.help));
        }
        if code != wanted || report["ok"] != (wanted == 0) || connection["name"] != self.on.connection() {
            return wrong(&format!("ended with {code}"));
        }
        let (code, text) = scene.run(&["doctor"]);
        let at = text.find(&format!("connection {}", self.on.connection()));
        let told = at.map(|at| &text[at..]).is_some_and(|of_it| {
            [self.trouble.words(), &self.told, "help: ", &self.help].iter().all(|part| of_it.contains(part))
        });
        if code != wanted || !told {
            return wrong(&format!("is not told to a person:\n{text}"));
        }
        match scene.mutations().as_slice() {
            [] => Ok(()),
            some => wrong(&format!("was looked for by writing: {some:?}")),
        }
    }
}
