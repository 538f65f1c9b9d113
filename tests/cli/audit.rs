//! `audit`, `card history|restore` and `conflicts`: what happened, and what can still be decided, as scripts see it.

use corkboard::sandbox::{Sandbox, Seed};
use serde_json::Value;

use crate::home::{Home, code, config, err};

const REPO: &str = "octo/app";

/// A board that sent two changes.
async fn edited() -> (Home, Sandbox) {
    let (home, sandbox) = Home::connected(Seed::Count(3)).await;
    home.text(&["sync", "--once"]);
    home.text(&["card", "edit", "#1", "--title", "First edit"]);
    home.text(&["card", "comment", "#2", "Said here"]);
    home.text(&["sync", "--once"]);
    (home, sandbox)
}

fn lines(text: &str) -> Vec<Value> {
    text.lines().map(|l| serde_json::from_str(l).expect("JSON")).collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_log_lists_what_was_sent_and_narrows() {
    let (home, _sandbox) = edited().await;
    let rows = home.json(&["audit", "list", "--json"]);
    let rows = rows.as_array().expect("a list");
    assert_eq!((rows[0]["action"].as_str(), rows[0]["object"].as_str()), (Some("comment"), Some("core#2")));
    let update = &rows[1];
    assert_eq!(
        (&update["action"], &update["connection"], &update["outcome"]),
        (&"update".into(), &"core".into(), &"ok".into())
    );
    assert_eq!(update["fields"]["title"]["after"], "First edit");
    assert!(update["request_id"].is_string() && update["card"].is_string(), "{update}");
    assert!(update["at"].as_str().is_some_and(|at| at.ends_with('Z')), "{update}");

    let count = |arguments: &[&str]| {
        let all = [&["audit", "list", "--json"], arguments].concat();
        home.json(&all).as_array().map_or(0, Vec::len)
    };
    assert_eq!(count(&["--action", "update"]), 1);
    assert_eq!(count(&["--card", "#2"]), 1);
    assert_eq!(count(&["--text", "first EDIT"]), 1);
    assert_eq!(count(&["--connection", "docs"]), 0);
    assert_eq!(count(&["--trouble"]), 0);
    assert_eq!(count(&["--since", "1h"]), 3);
    assert_eq!(count(&["--until", "1h"]), 0);
    assert_eq!(count(&["--since", "2020-01-01", "-n", "1"]), 1);
    let told = home.text(&["audit", "list"]);
    assert!(told.contains("core#1") && told.contains("title") && told.contains("3 rows"), "{told}");
    let out = home.run(&["audit", "list", "--since", "soon"]);
    assert_eq!((code(&out), err(&out).contains("`soon` is no moment")), (2, true), "{}", err(&out));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_export_is_every_row_as_json_lines_oldest_first() {
    let (home, _sandbox) = edited().await;
    let rows = lines(&home.text(&["audit", "export"]));
    assert_eq!(rows.iter().map(|r| r["seq"].as_i64()).collect::<Vec<_>>(), [Some(1), Some(2), Some(3)]);
    let actions: Vec<&str> = rows.iter().filter_map(|r| r["action"].as_str()).collect();
    assert_eq!(actions, ["config", "update", "comment"]);
    assert_eq!(lines(&home.text(&["audit", "export", "--action", "comment"])).len(), 1);
    assert_eq!(home.text(&["audit", "export", "--until", "1d"]), "");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_check_ends_well_until_somebody_changes_the_file() {
    let (home, _sandbox) = edited().await;
    let told = home.json(&["audit", "verify", "--json"]);
    assert_eq!((&told["ok"], &told["rows"]), (&true.into(), &3.into()));
    let head = told["head"].as_str().expect("a head").to_owned();
    let words = home.text(&["audit", "verify"]);
    assert!(words.contains("3 rows checked") && words.contains(&head), "{words}");
    home.text(&["audit", "verify", "--head", &head]);

    let file = home.path(".local/share/corkboard/corkboard.db");
    let behind = rusqlite::Connection::open(file).expect("opened");
    behind
        .execute_batch(
            "DROP TRIGGER audit_is_never_changed; UPDATE audit SET outcome = 'never' WHERE seq = 1;",
        )
        .expect("changed");
    let out = home.run(&["audit", "verify"]);
    assert_eq!(code(&out), 1);
    let told = String::from_utf8_lossy(&out.stdout).into_owned();
    assert!(told.contains("BROKEN at row 1"), "{told}");
    let out = home.run(&["audit", "verify", "--json", "--head", &head]);
    let told: Value = serde_json::from_slice(&out.stdout).expect("JSON");
    assert_eq!((code(&out), &told["broken"]["seq"], &told["ok"]), (1, &1.into(), &false.into()));
    assert_eq!(code(&home.run(&["audit", "verify", "--head", "12"])), 2);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn bodies_and_old_rows_are_kept_as_the_config_says() {
    let (home, sandbox) = Home::connected(Seed::Count(1)).await;
    let audit = "[audit]\nbodies = false\nretention = \"1d\"\n";
    home.write(".config/corkboard/config.toml", &(audit.to_owned() + &config(sandbox.url())));
    home.text(&["sync", "--once"]);
    home.text(&["card", "edit", "#1", "--body", "Words for few"]);
    home.text(&["sync", "--once"]);
    let rows = home.text(&["audit", "export"]);
    assert!(rows.contains("\"characters\":13") && !rows.contains("Words for few"), "{rows}");

    // Somebody's clock stood two days ago when more rows were written before it.
    let file = home.path(".local/share/corkboard/corkboard.db");
    let behind = rusqlite::Connection::open(file).expect("opened");
    behind
        .execute_batch("DROP TRIGGER audit_is_never_changed; UPDATE audit SET at = at - 2 * 86400000;")
        .expect("aged");
    home.text(&["card", "edit", "#1", "--title", "Young"]);
    home.text(&["sync", "--once"]);
    let rows = lines(&home.text(&["audit", "export"]));
    let actions: Vec<&str> = rows.iter().filter_map(|r| r["action"].as_str()).collect();
    assert_eq!(actions, ["update", "retention"], "{rows:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_version_is_listed_and_brought_back_and_sent() {
    let (home, sandbox) = edited().await;
    home.text(&["card", "edit", "#1", "--title", "Second edit"]);
    let versions = home.json(&["card", "history", "#1", "--json"]);
    let versions = versions.as_array().expect("a list");
    assert_eq!((&versions[0]["what"], &versions[0]["after"]), (&"title".into(), &"Second edit".into()));
    let first = versions.iter().find(|v| v["after"] == "First edit").expect("kept");
    let number = first["version"].as_i64().expect("a number").to_string();
    assert!(home.text(&["card", "history", "#1"]).contains("Second edit"));

    let told = home.text(&["card", "restore", "#1", "--version", &number]);
    assert!(told.contains("title brought back"), "{told}");
    home.text(&["sync", "--once"]);
    assert_eq!(sandbox.issue(REPO, 1).expect("there").title, "First edit");
    let newest = home.json(&["card", "history", "#1", "--json"])[0].clone();
    assert_eq!((&newest["kind"], &newest["after"]), (&"restore".into(), &"First edit".into()));
    assert!(home.text(&["card", "restore", "#1", "--version", &number]).contains("is so already"));
    assert_eq!(code(&home.run(&["card", "restore", "#1", "--version", "999999"])), 1);
}

/// A board on which the titles of two cards were changed on both sides, and a person shall decide.
async fn disagreeing() -> (Home, Sandbox) {
    let (home, sandbox) = Home::connected(Seed::Count(3)).await;
    let manual = config(sandbox.url()).replace("interval =", "conflicts = \"manual\"\ninterval =");
    home.write(".config/corkboard/config.toml", &manual);
    home.text(&["sync", "--once"]);
    for n in [1, 2] {
        home.text(&["card", "edit", &format!("#{n}"), "--title", &format!("Here {n}")]);
        sandbox.web("cy").set_title(REPO, n, &format!("There {n}")).expect("edited");
    }
    assert_eq!(code(&home.run(&["sync", "--once"])), 3);
    (home, sandbox)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn conflicts_are_listed_and_decided_and_the_loser_is_kept() {
    let (home, sandbox) = disagreeing().await;
    let out = home.run(&["conflicts", "list", "--json"]);
    assert_eq!(code(&out), 3, "somebody must decide");
    let listed: Value = serde_json::from_slice(&out.stdout).expect("JSON");
    let id = |key: &str| {
        let all = listed.as_array().expect("a list");
        all.iter().find(|c| c["key"] == key).expect("waits")["id"].as_i64().expect("a number").to_string()
    };
    assert_eq!((&listed[0]["field"], &listed[0]["chosen"]), (&"title".into(), &Value::Null));

    home.text(&["conflicts", "resolve", &id("core#1"), "--take", "remote"]);
    home.write("merged.txt", "Of both\n");
    home.text(&["conflicts", "resolve", &id("core#2"), "--merged-file", "merged.txt"]);
    home.text(&["sync", "--once"]);
    assert_eq!(sandbox.issue(REPO, 1).expect("there").title, "There 1");
    assert_eq!(sandbox.issue(REPO, 2).expect("there").title, "Of both");
    assert_eq!(home.json(&["card", "show", "#1", "--json"])["title"], "There 1");
    let lost = home.json(&["card", "history", "#1", "--json"]);
    let lost = lost.as_array().expect("a list").iter().find(|v| v["kind"] == "lost").expect("kept").clone();
    assert_eq!(lost["after"], "Here 1");

    let told = home.text(&["conflicts", "list"]);
    assert!(told.contains("No conflict waits") && told.contains("merged by"), "{told}");
    let again = home.run(&["conflicts", "resolve", &id("core#1"), "--take", "local"]);
    assert_eq!((code(&again), err(&again).contains("decided already")), (1, true), "{}", err(&again));
    assert_eq!(code(&home.run(&["conflicts", "resolve", "4711", "--take", "local"])), 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_merged_title_is_checked_as_any_title_is() {
    let (home, _sandbox) = disagreeing().await;
    home.write("empty.txt", "  \n");
    let out = home.run(&["conflicts", "resolve", "1", "--merged-file", "empty.txt"]);
    assert_eq!(code(&out), 1, "{}", err(&out));
    assert_eq!(code(&home.run(&["conflicts", "resolve", "1"])), 2, "a choice is needed");
    assert_eq!(code(&home.run(&["conflicts", "list"])), 3, "it waits still");
}
