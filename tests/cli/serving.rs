//! `serve` as a process of its own, and `monitor` beside it.

use std::io::{BufRead as _, BufReader, Lines};
use std::process::{Child, ChildStdout, Command, Stdio};
use std::time::{Duration, Instant};

use corkboard::sandbox::{Seed, WRITE_TOKEN};
use serde_json::Value;

use crate::home::{Home, code, config, err};

const DEADLINE: Duration = Duration::from_secs(20);
const REPO: &str = "octo/app";

/// A process that is asked to end when the test does.
struct Running {
    child: Child,
    lines: Lines<BufReader<ChildStdout>>,
}

impl Running {
    fn start(home: &Home, arguments: &[&str]) -> Self {
        let mut child = Command::new(env!("CARGO_BIN_EXE_corkboard"))
            .args(arguments)
            .env_clear()
            .env("HOME", home.path(""))
            .env("PATH", std::env::var_os("PATH").unwrap_or_default())
            .env("CORKBOARD_TEST_TOKEN", WRITE_TOKEN)
            .env("CORKBOARD_TEST_SECRET", "webhook-secret")
            .stdout(Stdio::piped())
            .spawn()
            .expect("it starts");
        let lines = BufReader::new(child.stdout.take().expect("piped")).lines();
        Self { child, lines }
    }

    fn line(&mut self) -> String {
        self.lines.next().expect("a line").expect("text")
    }

    /// Asks it politely to end.
    fn end(mut self) -> i32 {
        let asked =
            Command::new("kill").args(["-TERM", &self.child.id().to_string()]).status().expect("asked");
        assert!(asked.success());
        self.child.wait().expect("it ends").code().expect("by itself")
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// What `monitor --json` tells of the one connection, as soon as `fact` holds of it.
fn monitored(home: &Home, what: &str, fact: impl Fn(&Value) -> bool) -> Value {
    let began = Instant::now();
    loop {
        let out = home.run(&["monitor", "--json"]);
        let told: Value = serde_json::from_slice(&out.stdout).expect("JSON");
        let core = told["connections"][0].clone();
        if fact(&core) {
            return core;
        }
        assert!(began.elapsed() < DEADLINE, "waited in vain for {what}: {told}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn serve_syncs_serves_and_ends_politely_and_monitor_sees_it() {
    let (home, sandbox) = Home::connected(Seed::Count(4)).await;
    let with_secret = config(sandbox.url())
        .replace("interval =", "webhook_secret = { env = \"CORKBOARD_TEST_SECRET\" }\ninterval =");
    home.write(".config/corkboard/config.toml", &with_secret);
    let mut serve = Running::start(&home, &["serve", "--listen", "127.0.0.1:0"]);
    let url = serve.line();
    assert!(url.starts_with("http://127.0.0.1:"), "{url}");

    let core = monitored(&home, "a good pass", |c| c["last_good"].is_string());
    assert_eq!((&core["live"], &core["scope"], &core["parked"]), (&true.into(), &REPO.into(), &0.into()));
    assert_eq!(core["stats"]["pulled_created"], 4, "{core}");
    assert!(core["minutes"][0]["requests"].as_u64().is_some_and(|n| n > 0), "{core}");
    assert_eq!(code(&home.run(&["monitor"])), 0);

    // An edit of another process is sent by the one that serves.
    home.text(&["card", "edit", "#1", "--title", "Sent by serve"]);
    let arrived =
        sandbox.wait_for(DEADLINE, |s| s.issue(REPO, 1).is_some_and(|i| i.title == "Sent by serve")).await;
    assert!(arrived);
    let pass = home.run(&["sync", "--once"]);
    assert!(String::from_utf8_lossy(&pass.stdout).contains("another corkboard"), "{}", err(&pass));

    assert_eq!(serve.end(), 0, "asked politely, it ends well");
    let told = home.text(&["monitor"]);
    assert!(told.contains("nobody syncs it now"), "{told}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn monitor_ends_with_1_when_down_and_3_when_something_waits() {
    let (home, sandbox) = Home::connected(Seed::Count(2)).await;
    let never = home.text(&["monitor"]);
    assert!(never.contains("never synced"), "{never}");
    home.text(&["sync", "--once"]);
    assert_eq!(code(&home.run(&["monitor"])), 0);

    sandbox.set_faults("PATCH */issues/1 status=422".parse().expect("faults"));
    home.text(&["card", "edit", "#1", "--title", "Refused"]);
    home.run(&["sync", "--once"]);
    let out = home.run(&["monitor", "--json"]);
    let told: Value = serde_json::from_slice(&out.stdout).expect("JSON");
    let core = &told["connections"][0];
    assert_eq!((code(&out), &core["parked"], &core["alerts"][0]["rule"]), (3, &1.into(), &"parked".into()));
    assert_eq!(core["parked_items"][0]["key"], "core#1");
    assert!(String::from_utf8_lossy(&home.run(&["monitor"]).stdout).contains("alert parked"));

    let wrong =
        home.command(&["sync", "--once"]).env("CORKBOARD_TEST_TOKEN", "ghp_thisisnotthetoken123").output();
    assert_eq!(code(&wrong.expect("it runs")), 1);
    let out = home.run(&["monitor"]);
    assert_eq!(code(&out), 1, "{}", String::from_utf8_lossy(&out.stdout));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn monitor_watches_without_being_asked_again() {
    let (home, _sandbox) = Home::connected(Seed::Count(1)).await;
    home.text(&["sync", "--once"]);
    let mut monitor = Running::start(&home, &["monitor", "--json", "--watch"]);
    let first: Value = serde_json::from_str(&monitor.line()).expect("one object a line");
    assert_eq!(first["connections"][0]["unsent"], 0);
    home.text(&["card", "edit", "#1", "--title", "Not sent yet"]);
    let second: Value = serde_json::from_str(&monitor.line()).expect("one object a line");
    assert_eq!(second["connections"][0]["unsent"], 1);
    assert!(second["connections"][0]["oldest_unsent"].is_string());
    assert_eq!(monitor.end(), 0);
}

#[test]
fn serve_refuses_what_it_should_not_do() {
    let home = Home::new();
    let out = home.run(&["serve", "--listen", "0.0.0.0:0"]);
    assert_eq!((code(&out), err(&out).contains("--allow-remote")), (2, true), "{}", err(&out));
    let taken = std::net::TcpListener::bind("127.0.0.1:0").expect("a port");
    let out = home.run(&["serve", "--listen", &taken.local_addr().expect("an address").to_string()]);
    assert_eq!((code(&out), err(&out).contains("--listen")), (1, true), "{}", err(&out));
    let secret = config("http://127.0.0.1:1")
        .replace("interval =", "webhook_secret = { env = \"NOT_SET\" }\ninterval =");
    let out = Home::with(&secret).run(&["serve", "--listen", "127.0.0.1:0"]);
    assert_eq!((code(&out), err(&out).contains("NOT_SET")), (2, true), "{}", err(&out));
}

#[test]
fn without_a_connection_monitor_says_so() {
    let told = Home::new().text(&["monitor"]);
    assert!(told.contains("No connection is configured"), "{told}");
}
