//! A person's home: an empty one, with a sandbox beside it when there is something to connect to.

use std::path::PathBuf;
use std::process::Output;

use assert_cmd::Command;
use corkboard::sandbox::{Sandbox, SandboxOptions, Seed, WRITE_TOKEN};
use serde_json::Value;

/// A connection to a sandbox.
pub fn config(url: &str) -> String {
    format!(
        r#"
[[connection]]
name = "core"
platform = "github"
repository = "octo/app"
api_url = "{url}"
token = {{ env = "CORKBOARD_TEST_TOKEN" }}
interval = "1s"
write_pace = "10ms"
[connection.status_mapping]
proposed = {{ label = "status: proposed" }}
approved = {{ label = "status: approved" }}
in_progress = {{ label = "status: in progress" }}
completed = {{ state = "closed", reason = "completed" }}
"#
    )
}

/// A home directory that nothing else uses.
pub struct Home(tempfile::TempDir);

impl Home {
    pub fn new() -> Self {
        Self(tempfile::tempdir().expect("a folder"))
    }

    /// A home with this config where it is looked for.
    pub fn with(config: &str) -> Self {
        let home = Self::new();
        home.write(".config/corkboard/config.toml", config);
        home
    }

    /// A home with a sandbox, and a config that connects it.
    pub async fn connected(seed: Seed) -> (Self, Sandbox) {
        let sandbox =
            Sandbox::start(SandboxOptions { seed, ..SandboxOptions::default() }).await.expect("a sandbox");
        (Self::with(&config(sandbox.url())), sandbox)
    }

    pub fn path(&self, inside: &str) -> PathBuf {
        self.0.path().join(inside)
    }

    pub fn write(&self, inside: &str, text: &str) {
        let path = self.path(inside);
        std::fs::create_dir_all(path.parent().expect("a folder")).expect("made");
        std::fs::write(path, text).expect("written");
    }

    pub fn read(&self, inside: &str) -> String {
        std::fs::read_to_string(self.path(inside)).expect(inside)
    }

    /// A run with these arguments, not started yet.
    pub fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_corkboard"));
        command
            .env_clear()
            .env("PATH", std::env::var_os("PATH").unwrap_or_default())
            .env("HOME", self.0.path())
            .env("LANG", "C.UTF-8")
            .env("TERM", "xterm-256color")
            .env("GIT_CONFIG_NOSYSTEM", "1")
            .env("CORKBOARD_TEST_TOKEN", WRITE_TOKEN)
            .current_dir(self.0.path())
            .args(arguments);
        command
    }

    /// A run to its end.
    pub fn run(&self, arguments: &[&str]) -> Output {
        self.command(arguments).output().expect("it runs")
    }

    /// What a run that must go well prints.
    pub fn text(&self, arguments: &[&str]) -> String {
        let out = self.run(arguments);
        assert!(out.status.success(), "{arguments:?}: {}", err(&out));
        String::from_utf8(out.stdout).expect("text")
    }

    /// What a run that must go well prints as JSON.
    pub fn json(&self, arguments: &[&str]) -> Value {
        serde_json::from_str(&self.text(arguments)).expect("JSON")
    }
}

/// The exit code.
pub fn code(out: &Output) -> i32 {
    out.status.code().expect("it ended by itself")
}

/// Standard error.
pub fn err(out: &Output) -> String {
    String::from_utf8_lossy(&out.stderr).into_owned()
}
