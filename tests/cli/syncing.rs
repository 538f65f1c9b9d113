//! `sync --once`: what it sends, what it says, how it ends; and the sandbox as a process of its own.

use std::io::{BufRead as _, BufReader};
use std::process::{Command, Stdio};

use corkboard::sandbox::Seed;

use crate::home::{Home, code, config, err};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_second_pass_writes_nothing() {
    let (home, sandbox) = Home::connected(Seed::Count(25)).await;
    let first = home.json(&["sync", "--once", "--json"]);
    assert_eq!(first["connections"][0]["pulled_created"], 25);
    sandbox.clear_requests();
    let second = home.json(&["sync", "--once", "--json"]);
    assert_eq!((&second["dry_run"], &second["connections"][0]["sent"]), (&false.into(), &0.into()));
    assert!(sandbox.writes().is_empty());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_dry_run_sends_nothing_and_says_what_it_would() {
    let (home, sandbox) = Home::connected(Seed::Count(2)).await;
    home.text(&["sync", "--once"]);
    home.text(&["card", "move", "#1", "completed"]);
    let before = home.text(&["card", "list", "--json"]);
    sandbox.clear_requests();
    let told = home.text(&["sync", "--once", "--dry-run"]);
    assert!(told.contains("Dry run") && told.contains("would send 1"), "{told}");
    assert!(sandbox.writes().is_empty());
    assert_eq!(home.text(&["card", "list", "--json"]), before);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_refused_token_ends_with_1_and_is_not_shown() {
    let (home, _sandbox) = Home::connected(Seed::Count(1)).await;
    let out = home
        .command(&["sync", "--once"])
        .env("CORKBOARD_TEST_TOKEN", "ghp_thisisnotthetoken123")
        .output()
        .expect("it runs");
    assert_eq!(code(&out), 1);
    let told = String::from_utf8_lossy(&out.stdout).into_owned() + &err(&out);
    assert!(told.contains("error:") && !told.contains("thisisnot"), "{told}");
    let logs = home.path(".local/state/corkboard/log");
    for file in std::fs::read_dir(logs).expect("logs").map(|e| e.expect("an entry").path()) {
        assert!(!std::fs::read_to_string(&file).expect("text").contains("thisisnot"), "{}", file.display());
    }
    assert!(!home.path(".local/share/corkboard/corkboard.db").to_string_lossy().is_empty());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_item_the_platform_refuses_ends_with_3() {
    let (home, sandbox) = Home::connected(Seed::Count(2)).await;
    home.text(&["sync", "--once"]);
    sandbox.set_faults("PATCH */issues/1 status=422".parse().expect("faults"));
    home.text(&["card", "edit", "#1", "--title", "Refused"]);
    let out = home.run(&["sync", "--once"]);
    assert_eq!(code(&out), 3, "{}{}", String::from_utf8_lossy(&out.stdout), err(&out));
}

#[test]
fn without_a_connection_there_is_nothing_to_sync() {
    let told = Home::new().text(&["sync", "--once"]);
    assert!(told.contains("nothing to sync"), "{told}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_connection_that_is_not_there_is_named_with_those_that_are() {
    let (home, _sandbox) = Home::connected(Seed::Count(0)).await;
    let out = home.run(&["sync", "--once", "--connection", "docs"]);
    assert_eq!(code(&out), 2);
    assert!(err(&out).contains("the config has core"), "{}", err(&out));
}

#[test]
fn the_sandbox_tells_its_address_and_serves_a_board() {
    let home = Home::new();
    let mut child = Command::new(env!("CARGO_BIN_EXE_corkboard"))
        .args(["sandbox", "--platform", "github", "--port", "0", "--seed", "7"])
        .stdout(Stdio::piped())
        .spawn()
        .expect("it starts");
    let mut lines = BufReader::new(child.stdout.take().expect("piped")).lines();
    let url = lines.next().expect("a line").expect("text");
    assert!(url.starts_with("http://127.0.0.1:"), "{url}");
    home.write(".config/corkboard/config.toml", &config(&url));
    let synced = home.run(&["sync", "--once", "--json"]);
    let ended = Command::new("kill").args(["-TERM", &child.id().to_string()]).status().expect("asked to end");
    let status = child.wait().expect("it ends");
    assert!(synced.status.success(), "{}", err(&synced));
    assert!(String::from_utf8_lossy(&synced.stdout).contains("\"pulled_created\": 7"));
    assert!(ended.success());
    assert_eq!(status.code(), Some(0), "asked politely, it ends well");
}

#[test]
fn a_sandbox_that_cannot_start_says_why() {
    let home = Home::new();
    for (arguments, wanted, words) in [
        (["sandbox", "--seed", "/nowhere.json"], 1, "/nowhere.json"),
        (["sandbox", "--faults", "GET explode"], 2, "explode"),
    ] {
        let out = home.run(&arguments);
        assert_eq!((code(&out), err(&out).contains(words)), (wanted, true), "{}", err(&out));
        assert!(err(&out).contains("help:"), "{}", err(&out));
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_emptied_repository_ends_with_3_and_yes_goes_on() {
    let (home, sandbox) = Home::connected(Seed::Count(4)).await;
    home.text(&["sync", "--once"]);
    sandbox.web("ana").empty_repository("octo/app").expect("emptied");
    let out = home.run(&["sync", "--once"]);
    let told = String::from_utf8_lossy(&out.stdout).into_owned();
    assert!(code(&out) == 3 && told.contains("asks you: there is not one issue"), "{told}{}", err(&out));
    assert!(told.contains("sync --once --yes"), "{told}");
    let out = home.run(&["sync", "--once", "--yes"]);
    let told = String::from_utf8_lossy(&out.stdout).into_owned();
    assert!(code(&out) == 3 && told.contains("not to be seen there"), "{told}{}", err(&out));
    assert_eq!(code(&home.run(&["sync", "--once", "--census"])), 0, "and then all is said");
    assert_eq!(home.json(&["card", "list", "--json"]).as_array().map(Vec::len), Some(4), "no card is gone");
}
