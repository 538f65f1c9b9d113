//! `card edit --body` on a card whose item holds more than Markdown can say.

use corkboard::sandbox::{Sandbox, SandboxOptions, Seed};
use serde_json::{Value, json};

use crate::home::{Home, code, err};

fn config(url: &str) -> String {
    format!(
        r#"
[[connection]]
name = "plan"
platform = "jira"
project = "ABC"
user = "ben@example.com"
api_url = "{url}/jira"
token = {{ env = "CORKBOARD_TEST_TOKEN" }}
write_pace = "10ms"
[connection.status_mapping]
proposed = {{ status = "To Do" }}
completed = {{ status = "Done", resolution = "Done" }}
"#
    )
}

fn description(words: &str) -> Value {
    json!({"version": 1, "type": "doc", "content": [
        {"type": "paragraph", "content": [
            {"type": "text", "text": "Ask "}, {"type": "mention", "attrs": {"id": "712020:ana", "text": "@ana"}},
        ]},
        {"type": "paragraph", "attrs": {"localId": "p"}, "content": [{"type": "text", "text": words}]},
    ]})
}

#[tokio::test(flavor = "multi_thread")]
async fn a_body_edit_that_would_lose_something_there_names_it_and_wants_a_yes() {
    let options = SandboxOptions { seed: Seed::Count(0), ..SandboxOptions::default() };
    let sandbox = Sandbox::start(options).await.expect("a sandbox");
    let home = Home::with(&config(sandbox.url()));
    let web = sandbox.jira();
    let key = web.create_issue("ana", "Export");
    assert!(web.set_description(&key, description("Soon.")));
    home.text(&["sync", "--once"]);
    let shown = home.json(&["card", "show", "plan#1", "--json"]);
    assert_eq!(shown["beyond_markdown"], json!([{"connection": "plan", "holds": ["1 mention"]}]));
    assert!(home.text(&["card", "show", "plan#1"]).contains("its text also holds 1 mention"));
    // What keeps the mention goes through without a word.
    let kept = shown["body"].as_str().expect("a body").replace("Soon.", "Later.");
    home.text(&["card", "edit", "plan#1", "--body", &kept]);
    home.text(&["sync", "--once"]);
    assert_eq!(web.issue(&key).expect("there").description, description("Later."));
    let refused = home.run(&["card", "edit", "plan#1", "--body", "All new.", "--title", "Other"]);
    assert_eq!(code(&refused), 2);
    let said = err(&refused);
    assert!(said.contains("on plan: a mention (@ana)") && said.contains("--yes"), "{said}");
    assert_eq!(home.json(&["card", "show", "plan#1", "--json"])["title"], "Export", "nothing was changed");
    home.text(&["card", "edit", "plan#1", "--body", "All new.", "--yes"]);
    home.text(&["sync", "--once"]);
    let words = web.issue(&key).expect("there").description.to_string();
    assert!(words.contains("All new.") && !words.contains("mention"), "{words}");
    let history = home.json(&["card", "history", "plan#1", "--json"]);
    let lost = history.as_array().expect("versions").iter().find(|v| v["kind"] == "lost").expect("kept");
    assert!(lost["after"].as_str().expect("text").contains("712020:ana"), "{lost}");
    // A body from elsewhere that is held up for its loss is agreed to as it is.
    assert!(web.set_description(&key, description("Again.")));
    home.text(&["sync", "--once"]);
    home.text(&["card", "edit", "plan#1", "--yes"]);
    assert_eq!(home.json(&["card", "show", "plan#1", "--json"])["links"][0]["sync_status"], "synced");
}
