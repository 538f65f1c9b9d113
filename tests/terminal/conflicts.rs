//! A body changed on both sides: decided on the screen, the loser brought back, and both found in the audit log.

use std::sync::Arc;

use corkboard::domain::{AuditFilter, AuditRow};
use corkboard::sandbox::{Sandbox, Seed};
use corkboard::store::Db;
use corkboard::support::clock::SystemClock;

use crate::term::{DEADLINE, Desk, REPO, Term};

/// What a person may press to decide one conflict: fewer than ten keys.
const KEYS: usize = 10;

/// The keys a person pressed, counted.
struct Person {
    term: Term,
    pressed: usize,
}

impl Person {
    fn press(&mut self, key: &str) {
        self.term.send(key);
        self.pressed += 1;
    }
}

/// A body of which each side changed another line.
fn bodies(n: u64) -> [String; 3] {
    let body = |a: &str, b: &str| format!("Issue {n}\n\n{a}\n\nkept\n\n{b}");
    [body("first", "second"), body("first, here", "second"), body("first", "second, there")]
}

/// Issues 1 and 2 are in conflict when the board starts.
async fn in_conflict() -> Desk {
    let desk = Desk::new(Seed::Count(3)).await;
    let config = std::fs::read_to_string(desk.config_file()).expect("a config");
    let manual = config.replace("interval = \"1s\"", "interval = \"1s\"\nconflicts = \"manual\"");
    assert_ne!(config, manual);
    std::fs::write(desk.config_file(), manual).expect("written");
    let web = desk.sandbox.web("cy");
    for n in [1, 2] {
        web.set_body(REPO, n, &bodies(n)[0]).expect("edited");
    }
    assert!(desk.run(&["sync", "--once"]).status.success());
    for n in [1, 2] {
        let [_, here, there] = bodies(n);
        let key = format!("core#{n}");
        let edited = desk.run(&["card", "edit", &key, "--body", &here]);
        assert!(edited.status.success(), "{edited:?}");
        web.set_body(REPO, n, &there).expect("edited");
    }
    desk
}

fn body(sandbox: &Sandbox, issue: u64) -> String {
    sandbox.issue(REPO, issue).and_then(|i| i.body).unwrap_or_default()
}

fn audit(desk: &Desk, object: &str) -> Vec<AuditRow> {
    let file = desk.home.path().join("data").join("corkboard.db");
    let db = Db::open(&file, Arc::new(SystemClock)).expect("a database");
    assert_eq!(db.audit_verify(None).expect("checked").broken, None);
    let rows = db.audit_after(&AuditFilter::default(), 0, 1_000).expect("read");
    rows.into_iter().filter(|r| r.object == object).collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_body_conflict_is_decided_in_under_ten_keys_the_loser_restored_and_both_are_audited() {
    let desk = in_conflict().await;
    let mut person = Person { term: desk.board(120, 36), pressed: 0 };
    person.term.wait_for("Conflicts 2");

    // One is taken from the platform.
    for key in ["g", "c"] {
        person.press(key);
    }
    person.term.wait("both values", |s| s.contains("first{+, here+}") && s.contains("second{+, there+}"));
    let first = if person.term.text().contains("body of core#1 ") { 1 } else { 2 };
    let second = 3 - first;
    person.press("l");
    person.term.wait_for(&format!("the one here is in the history of core#{first}"));
    assert!(person.pressed < KEYS, "{} keys", person.pressed);

    // The other one is put together from both.
    let before = person.pressed;
    for key in ["e", "\x13"] {
        person.press(key);
    }
    person.term.wait_for("No conflict waits for you");
    assert!(person.pressed - before < KEYS);
    let merged = desk.sandbox.wait_for(DEADLINE, move |s| {
        body(s, second).contains("first, here") && body(s, second).contains("second, there")
    });
    assert!(merged.await, "{}", person.term.text());

    // What lost is brought back from the history: the decided ones, the card, the version that lost.
    person.press("d");
    person.term.wait_for(&format!("body of core#{second} both were put together"));
    person.press("j");
    person.term.wait_for(&format!("body of core#{first} core's was taken"));
    person.press("\r");
    // The newest version is what was taken; below it is what lost.
    person.term.wait("the history", |s| s.contains("[History") && s.contains("lost    body"));
    person.press("j");
    person.term.wait_for("body, lost a conflict");
    person.press("\r");
    person.term.wait_for("brought back: body");
    let restored = desk.sandbox.wait_for(DEADLINE, move |s| {
        body(s, first).contains("first, here") && !body(s, first).contains("there")
    });
    assert!(restored.await, "the loser is on the platform again\n{}", person.term.text());
    person.term.wait("the answer", |s| !s.contains("unsent") && !s.contains("sending"));
    person.term.send("\x1b");
    person.term.wait("the card is closed", |s| !s.contains("[History"));
    person.term.send("qq");
    assert_eq!(person.term.end().0, 0);

    let told = audit(&desk, &format!("core#{first}"));
    let decided = |r: &AuditRow| r.action == "conflict" && r.fields["body"]["chosen"] == "remote";
    assert_eq!(told.iter().filter(|r| decided(r)).count(), 1, "the decision: {told:?}");
    assert_eq!(told.iter().filter(|r| r.action == "restore" && r.outcome == "ok").count(), 1, "{told:?}");
    assert!(told.iter().any(|r| r.action == "update" && r.request_id.is_some()), "and was written: {told:?}");
    let told = audit(&desk, &format!("core#{second}"));
    let merged = |r: &AuditRow| r.action == "conflict" && r.fields["body"]["chosen"] == "merged";
    assert_eq!(told.iter().filter(|r| merged(r)).count(), 1, "{told:?}");
}
