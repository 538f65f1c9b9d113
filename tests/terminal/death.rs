//! kill -9 of the real process, in the middle of everything: nothing lost, nothing twice.

use std::time::Duration;

use corkboard::sandbox::Seed;

use crate::term::{Desk, REPO};

/// Runs `sync --once` until nothing is left to send.
fn settle(desk: &Desk) {
    for _ in 0..10 {
        let out = desk.run(&["sync", "--once", "--json"]);
        let report: serde_json::Value = serde_json::from_slice(&out.stdout).expect("JSON");
        if report["connections"][0]["unsent"] == 0 && report["connections"][0]["error"].is_null() {
            return;
        }
    }
    panic!("it never settled");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_killed_process_leaves_exactly_one_issue() {
    for seed in 0..12_u64 {
        let desk = Desk::new(Seed::Count(3)).await;
        settle(&desk);
        let made = desk.run(&["card", "create", "--title", "Only once", "--connection", "core", "--json"]);
        assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
        let faults = ["POST */issues count=1 drop-after", "latency=5ms", "POST */issues count=1 hang-after"];
        desk.sandbox.set_faults(faults[seed as usize % 3].parse().expect("faults"));
        let mut child = desk
            .command(&["sync", "--once"])
            .stdout(std::process::Stdio::null())
            .stderr(std::process::Stdio::null())
            .spawn()
            .expect("it starts");
        // Not a wait for something to happen: the moment of death is what is tried.
        tokio::time::timeout(Duration::from_millis(seed * 17 % 120), std::future::pending::<()>()).await.ok();
        child.kill().expect("killed");
        child.wait().expect("dead");
        desk.sandbox.set_faults("".parse().expect("faults"));
        settle(&desk);
        let issues = desk.sandbox.issues(REPO);
        assert_eq!(issues.iter().filter(|i| i.title == "Only once").count(), 1, "seed {seed}");
        let cards = desk.run(&["card", "list", "--json"]);
        let cards: serde_json::Value = serde_json::from_slice(&cards.stdout).expect("JSON");
        let same = cards.as_array().expect("a list").iter().filter(|c| c["title"] == "Only once").count();
        assert_eq!(same, 1, "seed {seed}");
    }
}
