//! A field rule is changed by a few keys: it is tried on a real card while it is typed, saved into the config with its
//! comments, and carried out.

use corkboard::sandbox::Seed;
use serde_json::{Value, json};

use crate::term::Desk;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_rule_is_tried_saved_and_carried_out() {
    let desk = Desk::new(Seed::Count(0)).await;
    let config = format!(
        r#"[[connection]]
name = "plan"
platform = "jira"
project = "ABC"
api_url = "{}/jira"
user = "ben@example.com"
token = {{ env = "CORKBOARD_TEST_TOKEN" }} # read from the environment
write_pace = "10ms"
[connection.status_mapping]
proposed = {{ status = "To Do" }}
completed = {{ status = "Done" }}

# points there, days here
[[connection.field]]
source = "estimate"
target = "Story Points"
type = "number"
"#,
        desk.sandbox.url()
    );
    std::fs::write(desk.config_file(), &config).expect("written");
    desk.sandbox.jira().create_issue("ana", "Export to CSV");
    assert!(desk.sandbox.jira().set_field("ABC-1", "Story Points", json!(6)));
    assert!(desk.run(&["sync", "--once"]).status.success());

    let mut term = desk.board(120, 36);
    term.wait("the card", |s| s.contains("plan#1") && !s.contains("loading"));
    term.send("gm");
    term.wait_for("Fields (1 rule)");
    term.send("\t");
    term.wait("the card is tried", |s| {
        s.contains("Export to CSV") && s.contains("settled: nothing would be sent")
    });
    term.send("\r");
    term.wait_for("Rule of plan");
    term.send("scale = { factr = 2 }");
    term.wait("the mistake in its place", |s| s.contains("line 1: unknown option `factr`"));
    term.send(&"\x7f".repeat("r = 2 }".len()));
    term.send("or = 2 }");
    term.wait("it is tried as it is typed", |s| s.contains("\"6\" → \"12\"") && s.contains("\"6\" → \"3\""));
    term.wait_for("\"3\" would come onto the card");
    term.send("\x13");
    term.wait_for("unsaved changes");
    assert_eq!(std::fs::read_to_string(desk.config_file()).expect("there"), config, "not before it is saved");
    term.send("\x13");
    term.wait_for("field rules saved");
    let saved = std::fs::read_to_string(desk.config_file()).expect("there");
    assert_eq!(saved, format!("{config}transform = [{{ scale = {{ factor = 2 }} }}]\n"));

    // The card is read by the rule as it is now, and nothing is written there for it.
    term.wait_for("settled: nothing would be sent");
    let shown = desk.run(&["card", "show", "plan#1", "--json"]);
    let card: Value = serde_json::from_slice(&shown.stdout).expect("JSON");
    assert_eq!(card["fields"]["estimate"], "3");
    assert_eq!(desk.sandbox.jira().field("ABC-1", "Story Points"), Some(json!(6)));
    term.send("\x1b");
    term.wait("the board", |s| !s.contains("Fields (1 rule)"));
    term.send("qq");
    assert_eq!(term.end().0, 0);
}
