//! `init` and `doctor`: from nothing to a board that syncs, and what to do when it does not.

use std::os::unix::fs::PermissionsExt as _;
use std::process::Command;

use corkboard::sandbox::{
    EXPIRED_TOKEN, NO_ISSUES_REPO, READ_TOKEN, Sandbox, SandboxOptions, Seed, WRITE_TOKEN,
};
use serde_json::Value;

use crate::home::{Home, code, config, err};

const CONFIG: &str = ".config/corkboard/config.toml";

fn clone_of(home: &Home, remote: &str) {
    for arguments in [&["init", "-q", "."][..], &["remote", "add", "origin", remote]] {
        let status = Command::new("git").current_dir(home.path("")).args(arguments).status().expect("git");
        assert!(status.success());
    }
}

async fn sandbox(seed: Seed) -> Sandbox {
    Sandbox::start(SandboxOptions { seed, ..SandboxOptions::default() }).await.expect("a sandbox")
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn init_in_a_clone_writes_a_config_that_syncs() {
    let sandbox = sandbox(Seed::Demo).await;
    let home = Home::new();
    clone_of(&home, "git@github.com:octo/app.git");
    let out = home
        .command(&["init", "--api-url", sandbox.url()])
        .env("GH_TOKEN", WRITE_TOKEN)
        .output()
        .expect("it runs");
    let told = String::from_utf8_lossy(&out.stdout).into_owned();
    assert_eq!(code(&out), 0, "{told}{}", err(&out));
    assert!(told.contains("for octo/app") && told.contains("as ben to octo/app"), "{told}");
    let text = home.read(CONFIG);
    assert!(text.contains("GH_TOKEN") && !text.contains(WRITE_TOKEN) && text.contains("# "), "{text}");
    let mode = home.path(CONFIG).metadata().expect("there").permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
    let synced = home.command(&["sync", "--once"]).env("GH_TOKEN", WRITE_TOKEN).output().expect("it runs");
    assert_eq!(code(&synced), 0, "{}", String::from_utf8_lossy(&synced.stdout));
    assert!(home.json(&["card", "list", "--json"]).as_array().expect("a list").len() > 20);

    let again = home.run(&["init"]);
    assert_eq!(code(&again), 1);
    assert!(err(&again).contains("there is a config already"), "{}", err(&again));
    assert_eq!(home.read(CONFIG), text, "it is never overwritten");
}

#[test]
fn init_takes_the_token_of_the_gh_command() {
    let home = Home::new();
    clone_of(&home, "https://git.example.com/team/api.git");
    home.write(
        "bin/gh",
        "#!/bin/sh\n[ \"$*\" = \"auth token --hostname git.example.com\" ] && echo tok123\n",
    );
    std::fs::set_permissions(home.path("bin/gh"), std::fs::Permissions::from_mode(0o755)).expect("set");
    let path = format!("{}:{}", home.path("bin").display(), std::env::var("PATH").expect("a path"));
    let out = home.command(&["init", "--offline"]).env("PATH", path).output().expect("it runs");
    assert_eq!(code(&out), 0, "{}", err(&out));
    let text = home.read(CONFIG);
    assert!(text.contains("command = \"gh auth token --hostname git.example.com\""), "{text}");
    assert!(
        text.contains("api_url = \"https://git.example.com/api/v3\"") && !text.contains("tok123"),
        "{text}"
    );
}

#[test]
fn init_without_a_token_writes_the_config_and_says_what_is_missing() {
    let home = Home::new();
    clone_of(&home, "https://github.com/octo/app");
    home.write("bin/gh", "#!/bin/sh\nexit 1\n");
    std::fs::set_permissions(home.path("bin/gh"), std::fs::Permissions::from_mode(0o755)).expect("set");
    let path = format!("{}:{}", home.path("bin").display(), std::env::var("PATH").expect("a path"));
    let out = home.command(&["init"]).env("PATH", path).output().expect("it runs");
    assert_eq!(code(&out), 1);
    assert!(String::from_utf8_lossy(&out.stdout).contains("No token was found"));
    assert!(home.read(CONFIG).contains("env = \"GITHUB_TOKEN\""));
}

#[test]
fn init_outside_a_repository_says_what_to_write() {
    let home = Home::new();
    let out = home.run(&["init"]);
    assert_eq!(code(&out), 1);
    assert!(err(&out).contains("--repository OWNER/NAME"), "{}", err(&out));
    clone_of(&home, "https://gitlab.com/octo/app.git");
    let out = home.run(&["init"]);
    assert!(err(&out).contains("gitlab"), "{}", err(&out));
    assert!(!home.path(CONFIG).exists());
}

fn verdicts(report: &Value) -> Vec<(String, String)> {
    let word = |c: &Value, key: &str| c[key].as_str().expect("text").to_owned();
    let connections = report["connections"].as_array().expect("a list");
    connections
        .iter()
        .flat_map(|c| c["checks"].as_array().expect("a list"))
        .map(|c| (word(c, "name"), word(c, "verdict")))
        .collect()
}

fn doctor(home: &Home, token: &str) -> (i32, Value) {
    let out =
        home.command(&["doctor", "--json"]).env("CORKBOARD_TEST_TOKEN", token).output().expect("it runs");
    (code(&out), serde_json::from_slice(&out.stdout).expect("JSON"))
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn doctor_tells_a_good_connection_from_each_bad_one() {
    let (home, sandbox) = Home::connected(Seed::Demo).await;
    let (code, report) = doctor(&home, WRITE_TOKEN);
    assert_eq!((code, &report["ok"]), (0, &Value::Bool(true)), "{report:#}");
    assert_eq!(report["connections"][0]["probe"]["login"], "ben");
    assert!(sandbox.writes().is_empty(), "it only reads");

    let failing = |token: &str| {
        let (code, report) = doctor(&home, token);
        assert_eq!(code, 1);
        verdicts(&report).into_iter().filter(|(_, v)| v == "fail").map(|(n, _)| n).collect::<Vec<_>>()
    };
    assert_eq!(failing(READ_TOKEN), ["permission"]);
    assert_eq!(failing(EXPIRED_TOKEN), ["access"]);
    assert_eq!(failing(""), ["token"]);

    home.write(CONFIG, &config(sandbox.url()).replace("octo/app", NO_ISSUES_REPO));
    assert_eq!(failing(WRITE_TOKEN), ["issues"]);
    home.write(CONFIG, &config(sandbox.url()).replace("octo/app", "octo/nowhere"));
    assert_eq!(failing(WRITE_TOKEN), ["access"]);
    home.write(CONFIG, &config(sandbox.url()).replace("status: approved", "status: aproved"));
    let (_, report) = doctor(&home, WRITE_TOKEN);
    assert_eq!(report["connections"][0]["missing_labels"], serde_json::json!(["status: aproved"]));
}

#[test]
fn doctor_without_a_config_says_how_to_get_one() {
    let home = Home::new();
    let told = home.text(&["doctor"]);
    assert!(told.contains("corkboard init") && told.contains(CONFIG), "{told}");
}

#[test]
fn doctor_on_a_wrong_config_checks_the_rest_and_ends_with_2() {
    let home = Home::with("[bord]\n");
    let out = home.run(&["doctor", "--json"]);
    assert_eq!(code(&out), 2);
    let report: Value = serde_json::from_slice(&out.stdout).expect("JSON");
    assert_eq!(report["checks"][0]["verdict"], "fail");
    assert!(report["checks"].as_array().expect("a list").len() > 3);
}
