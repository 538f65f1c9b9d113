//! A Jira board as a person uses it: a drop that needs a resolution asks for it, a forbidden one is refused before
//! anything is sent.

use corkboard::sandbox::Seed;

use crate::term::{DEADLINE, Desk, Term};

/// A board on Jira issue `ABC-1`, which is in progress, and `ABC-2`, which is to be done.
async fn on_jira() -> Desk {
    let desk = Desk::new(Seed::Count(0)).await;
    let config = format!(
        r#"[board]
name = "Test"

[status_mapping]
proposed = "Backlog"
in_progress = "In Progress"
completed = "Finished"

[[connection]]
name = "plan"
platform = "jira"
project = "ABC"
api_url = "{}/jira"
user = "ben@example.com"
token = {{ env = "CORKBOARD_TEST_TOKEN" }}
interval = "1s"
write_pace = "10ms"

[connection.status_mapping]
proposed = {{ status = "To Do" }}
in_progress = {{ status = "In Progress" }}
completed = {{ status = "Done" }}
"#,
        desk.sandbox.url()
    );
    std::fs::write(desk.config_file(), config).expect("written");
    let jira = desk.sandbox.jira();
    jira.create_issue("ana", "Export to CSV");
    jira.set_status("ABC-1", "In Progress");
    jira.create_issue("ana", "Import from CSV");
    desk
}

/// A cell under the title of the third column.
fn finished(term: &Term) -> (usize, usize) {
    let header = term.find("FINISHED").expect("the column is on the screen");
    (header.0 + 2, header.1 + 5)
}

/// Presses a card and waits, with the button held over the column, until the screen shows what it thinks of that.
fn hold_over_finished(term: &mut Term, card: &str, until: &str) {
    let from = term.find(card).expect("the card is on the screen");
    let to = finished(term);
    term.send(&format!("\x1b[<0;{};{}M", from.0, from.1));
    term.send(&format!("\x1b[<32;{};{}M", to.0, to.1));
    term.wait_for(until);
}

fn let_go(term: &mut Term) {
    let to = finished(term);
    term.send(&format!("\x1b[<0;{};{}m", to.0, to.1));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_drag_into_done_asks_for_a_resolution_and_the_issue_is_resolved_with_it() {
    let desk = on_jira().await;
    let mut term = desk.board(120, 36);
    term.wait_for("plan#1");
    hold_over_finished(&mut term, "plan#1", "plan asks for Resolution");
    let_go(&mut term);
    term.wait_for("Cannot Reproduce");
    assert_eq!(desk.sandbox.writes().len(), 0, "nothing is sent before it is answered");
    term.send("dup\r");
    let resolved = desk
        .sandbox
        .wait_for(DEADLINE, |s| {
            let issue = s.jira().issue("ABC-1").expect("there");
            (issue.status.as_str(), issue.resolution.as_deref()) == ("Done", Some("Duplicate"))
        })
        .await;
    assert!(resolved, "{}", term.text());
    assert_eq!(desk.sandbox.writes().len(), 1, "one transition");
    term.wait("the answer", |s| !s.contains("unsent") && !s.contains("sending"));
    term.send("qq");
    assert_eq!(term.end().0, 0);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_column_the_workflow_does_not_lead_to_is_refused_before_anything_is_sent() {
    let desk = on_jira().await;
    let mut term = desk.board(120, 36);
    term.wait_for("plan#2");
    let why = "the workflow leads from To Do not to Done; possible: In Progress";
    hold_over_finished(&mut term, "plan#2", why);
    assert!(term.text().contains("no way"), "{}", term.text());
    let_go(&mut term);
    term.wait_for(why);
    let backlog = term.find("BACKLOG").expect("the column");
    let card = term.find("plan#2").expect("the card");
    assert!(card.0 < backlog.0 + 20, "it is where it was\n{}", term.text());
    assert_eq!(desk.sandbox.writes().len(), 0);
    term.send("q");
    assert_eq!(term.end().0, 0);
    let shown = desk.run(&["card", "show", "plan#2", "--json"]);
    let card: serde_json::Value = serde_json::from_slice(&shown.stdout).expect("JSON");
    assert_eq!(
        (card["status"].as_str(), card["links"][0]["sync_status"].as_str()),
        (Some("proposed"), Some("synced"))
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_move_made_before_anybody_knew_waits_and_is_answered_on_the_board() {
    let desk = on_jira().await;
    assert!(desk.run(&["sync", "--once"]).status.success());
    let mut term = desk.board(120, 36);
    term.wait_for("plan#1");
    term.wait("the whole board", |s| !s.contains("loading"));
    term.send("2ggL");
    term.wait_for("plan asks for Resolution to make it Done; A answers");
    assert_eq!(desk.sandbox.writes().len(), 0);
    term.send("A");
    term.wait_for("take the move back to In Progress");
    term.send("won\r");
    let resolved = desk
        .sandbox
        .wait_for(DEADLINE, |s| {
            s.jira().issue("ABC-1").expect("there").resolution.as_deref() == Some("Won't Do")
        })
        .await;
    assert!(resolved, "{}", term.text());
    term.wait("the answer", |s| !s.contains("unsent") && !s.contains("waits"));
    term.send("qq");
    assert_eq!(term.end().0, 0);
}
