//! `card move` where a workflow has a say in it.

use corkboard::sandbox::{Sandbox, SandboxOptions, Seed};
use serde_json::{Value, json};

use crate::home::{Home, code, err};

/// A home on Jira issue `ABC-1`, which is in progress, and `ABC-2`, which is to be done.
async fn on_jira() -> (Home, Sandbox) {
    let options = SandboxOptions { seed: Seed::Count(0), ..SandboxOptions::default() };
    let sandbox = Sandbox::start(options).await.expect("a sandbox");
    let config = format!(
        r#"
[[connection]]
name = "plan"
platform = "jira"
project = "ABC"
api_url = "{}/jira"
user = "ben@example.com"
token = {{ env = "CORKBOARD_TEST_TOKEN" }}
write_pace = "10ms"
[connection.status_mapping]
proposed = {{ status = "To Do" }}
in_progress = {{ status = "In Progress" }}
completed = {{ status = "Done" }}
"#,
        sandbox.url()
    );
    let jira = sandbox.jira();
    jira.create_issue("ana", "Export to CSV");
    jira.set_status("ABC-1", "In Progress");
    jira.create_issue("ana", "Import from CSV");
    let home = Home::with(&config);
    home.text(&["sync", "--once"]);
    (home, sandbox)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_move_names_the_fields_it_needs_and_is_made_with_them() {
    let (home, sandbox) = on_jira().await;
    let bare = home.run(&["card", "move", "plan#1", "completed"]);
    assert_eq!(code(&bare), 1);
    let told = err(&bare);
    assert!(told.contains("plan asks for Resolution (resolution) to make it Done: Done, Won't Do"), "{told}");
    assert!(told.contains("--set resolution=Done"), "{told}");
    let bare = home.run(&["card", "move", "plan#1", "completed", "--json", "--set", "resolution=Splendid"]);
    assert_eq!(code(&bare), 1);
    let told: Value = serde_json::from_slice(&bare.stdout).expect("JSON");
    let values = json!(["Done", "Won't Do", "Duplicate", "Cannot Reproduce"]);
    let needs =
        json!([{"connection": "plan", "field": "resolution", "name": "Resolution", "values": values}]);
    assert_eq!(told["needs"], needs);
    let wrong =
        home.run(&["card", "move", "plan#1", "completed", "--set", "resolution=Done", "--set", "colour=red"]);
    assert_eq!(code(&wrong), 2);
    assert!(err(&wrong).contains("`colour`"), "{}", err(&wrong));
    assert_eq!(home.json(&["card", "show", "plan#1", "--json"])["status"], "in_progress", "it was not moved");

    let moved = home.json(&["card", "move", "plan#1", "completed", "--set", "Resolution=won't do", "--json"]);
    assert_eq!(moved["status"], "completed");
    home.text(&["sync", "--once"]);
    let issue = sandbox.jira().issue("ABC-1").expect("there");
    assert_eq!((issue.status.as_str(), issue.resolution.as_deref()), ("Done", Some("Won't Do")));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_move_the_workflow_forbids_is_refused_with_the_possible_statuses() {
    let (home, sandbox) = on_jira().await;
    sandbox.clear_requests();
    let refused = home.run(&["card", "move", "plan#2", "completed", "--json"]);
    assert_eq!(code(&refused), 1);
    let why = "the workflow leads from To Do not to Done; possible: In Progress";
    assert!(err(&refused).contains(why), "{}", err(&refused));
    let told: Value = serde_json::from_slice(&refused.stdout).expect("JSON");
    assert_eq!(told["possible"], json!(["In Progress"]));
    assert_eq!(home.json(&["card", "show", "plan#2", "--json"])["status"], "proposed");
    assert!(sandbox.writes().is_empty());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_move_that_waits_is_answered_with_the_same_words() {
    let (home, sandbox) = on_jira().await;
    // While nobody can be asked the move is kept here, and asked about when it is sent.
    sandbox.set_faults("GET */transitions count=1 status=502".parse().expect("faults"));
    home.text(&["card", "move", "plan#1", "completed"]);
    sandbox.set_faults("".parse().expect("no faults"));
    let waits = home.run(&["sync", "--once"]);
    assert_ne!(code(&waits), 0, "somebody must look");
    assert!(sandbox.writes().is_empty());
    let shown = home.text(&["card", "show", "plan#1"]);
    assert!(shown.contains("plan asks for Resolution to make it Done"), "{shown}");
    home.text(&["card", "move", "plan#1", "completed", "--set", "resolution=Duplicate"]);
    home.text(&["sync", "--once"]);
    assert_eq!(sandbox.jira().issue("ABC-1").expect("there").resolution.as_deref(), Some("Duplicate"));
}
