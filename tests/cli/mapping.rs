//! `mapping check`: the config's mapping in words, for a person and for a script.

use corkboard::sandbox::{Sandbox, SandboxOptions, Seed};
use serde_json::{Value, json};

use crate::home::{Home, code, err};

const CONFIG: &str = r#"
[status_mapping]
proposed = "Backlog"
review = "In Review"
completed = "Done"

[[connection]]
name = "plan"
platform = "jira"
project = "ABC"
api_url = "https://site.example.net"
token = { env = "JIRA_TOKEN" }
[connection.status_mapping]
proposed = { status = "To Do" }
completed = { status = "Done", resolution = "Done" }

[[connection.field]]
source = "priority"
target = "Priority"
type = "option"
required = true
transform = [ { map = { high = ["Highest", "High"], low = ["Low", "Lowest"] } } ]

[[connection.field]]
source = "body"
target = "Summary"
direction = "push"
transform = [ { truncate = 80, link = true } ]
"#;

#[test]
fn the_mapping_is_told_in_words() {
    let home = Home::with(CONFIG);
    let told = home.text(&["mapping", "check"]);
    for words in [
        "plan (jira ABC), both ways",
        "proposed   \"To Do\"",
        "review     not mapped",
        "field priority <-> \"Priority\" (option, required, both ways)",
        "1. map high = Highest (or High); low = Low (or Lowest)",
        "\"high\" = \"Highest\", and comes back",
        "\"wont_fix\" cannot be written: the map does not name \"wont_fix\"",
        "field body -> \"Summary\" (text, one way)",
        "one way: `truncate` cuts off",
    ] {
        assert!(told.contains(words), "{words}\n{told}");
    }
    assert!(!home.path(".local").exists(), "nothing was made: it reads the config alone");
}

#[test]
fn a_script_reads_the_same_as_json() {
    let home = Home::with(CONFIG);
    let told = home.json(&["mapping", "check", "plan", "--json"]);
    assert_eq!(told["ok"], true);
    let plan = &told["connections"][0];
    assert_eq!(
        plan["statuses"][1],
        serde_json::json!({ "status": "review", "title": "In Review", "there": null })
    );
    let priority = &plan["fields"][0];
    assert_eq!((&priority["reversible"], &priority["direction"]), (&true.into(), &"both".into()));
    assert_eq!(priority["samples"][0]["there"], "Highest");
    assert_eq!(priority["samples"][0]["round_trips"], true);
    assert_eq!(plan["fields"][1]["reversible"], false);
}

#[test]
fn a_rule_that_can_never_do_anything_fails_the_check() {
    let home = Home::with(&CONFIG.replace("token =", "direction = \"pull\"\ntoken ="));
    let out = home.run(&["mapping", "check"]);
    assert_eq!(code(&out), 1, "{}", err(&out));
    let told = String::from_utf8_lossy(&out.stdout).into_owned();
    assert!(
        told.contains("PROBLEM  body -> \"Summary\": the rule writes, and the connection only reads"),
        "{told}"
    );
}

#[test]
fn a_rule_that_is_wrong_is_shown_in_its_place() {
    let home = Home::with(&CONFIG.replace("\"Low\", \"Lowest\"", "\"Low\", \"highest\""));
    let out = home.run(&["mapping", "check"]);
    assert_eq!(code(&out), 2);
    assert!(err(&out).contains("config.toml:22:15"), "{}", err(&out));
    assert!(err(&out).contains("\"highest\" stands for both `high` and `low`"), "{}", err(&out));
    let out = home.run(&["mapping", "check", "--json"]);
    assert_eq!(code(&out), 2);
    let told: serde_json::Value = serde_json::from_slice(&out.stdout).expect("JSON");
    assert_eq!((&told["ok"], &told["mistakes"][0]["line"]), (&false.into(), &22.into()));
}

#[test]
fn a_connection_there_is_not_is_named_with_those_there_are() {
    let home = Home::with(CONFIG);
    let out = home.run(&["mapping", "check", "plann"]);
    assert_eq!(code(&out), 2);
    assert!(
        err(&out).contains("no connection `plann`") && err(&out).contains("there are: plan"),
        "{}",
        err(&out)
    );
}

/// A home on Jira issue `ABC-1` with rules for three of its fields, and one to a field there is not.
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
completed = {{ status = "Done" }}

[[connection.field]]
source = "priority"
target = "Priority"
type = "option"
transform = [ {{ map = {{ high = ["Highest", "High"], medium = "Medium", low = ["Low", "Lowest"] }} }} ]

[[connection.field]]
source = "estimate"
target = "Story Points"
type = "number"
transform = [ {{ scale = {{ factor = 2 }} }} ]

[[connection.field]]
source = "title"
target = "Customer"
direction = "push"
transform = [ {{ case = "upper" }}, {{ truncate = 6 }} ]
"#,
        sandbox.url()
    );
    let jira = sandbox.jira();
    jira.create_issue("ana", "Export to CSV");
    assert!(jira.set_field("ABC-1", "Priority", json!("High")));
    assert!(jira.set_field("ABC-1", "Story Points", json!(6.0)));
    let home = Home::with(&config);
    home.text(&["sync", "--once"]);
    (home, sandbox)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_card_is_tried_step_by_step_there_and_back_without_a_request() {
    let (home, sandbox) = on_jira().await;
    home.text(&["card", "edit", "plan#1", "--set", "estimate=4"]);
    sandbox.clear_requests();
    let told = home.json(&["mapping", "try", "plan#1", "--json"]);
    assert_eq!((&told["ok"], &told["key"]), (&true.into(), &"plan#1".into()));
    let fields = &told["connections"][0]["fields"];
    let priority = &fields[0];
    assert_eq!((&priority["value"], &priority["there"]), (&"high".into(), &"High".into()));
    assert_eq!(priority["steps"][1]["value"], "Highest");
    assert_eq!(priority["steps_back"][1]["value"], "high");
    // `Highest` would be written, and what stands there means the same: nothing is sent.
    assert_eq!((&priority["settled"], &priority["next"]), (&true.into(), &"nothing".into()));
    assert_eq!(priority["round_trips"], true);
    let estimate = &fields[1];
    assert_eq!((&estimate["value"], &estimate["there"]), (&"4".into(), &"6".into()));
    assert_eq!((&estimate["settled"], &estimate["next"]), (&false.into(), &"send".into()));
    assert_eq!(estimate["next_value"], "8");
    let customer = &fields[2];
    assert_eq!(customer["steps"][1]["value"], "EXPORT TO CSV");
    assert_eq!(customer["steps"][2]["value"], "EXPOR…");
    assert_eq!((&customer["round_trips"], &customer["steps_back"]), (&Value::Null, &json!([])));
    assert!(customer["unsure"].as_str().is_some_and(|why| why.contains("`case`")), "{customer}");
    assert!(sandbox.requests().is_empty(), "nothing was asked of the platform");

    let words = home.text(&["mapping", "try", "plan#1"]);
    for line in [
        "plan#1  Export to CSV",
        "priority <-> \"Priority\"",
        "there  \"High\"",
        "next   settled: nothing would be sent",
        "1. times 2  \"8\"",
        "next   \"8\" would be sent",
        "what is written comes back as it was",
    ] {
        assert!(words.contains(line), "{line}\n{words}");
    }
    // What was foretold is what happens.
    home.text(&["sync", "--once"]);
    assert_eq!(sandbox.jira().field("ABC-1", "Story Points"), Some(json!(8)));
    assert_eq!(sandbox.jira().field("ABC-1", "Priority"), Some(json!("High")));
    let after = home.json(&["mapping", "try", "plan#1", "--json"]);
    let next: Vec<&Value> =
        after["connections"][0]["fields"].as_array().expect("fields").iter().map(|f| &f["next"]).collect();
    assert_eq!(next, ["nothing", "nothing", "nothing"]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_value_that_does_not_fit_is_named_with_its_step_and_fails() {
    let (home, _sandbox) = on_jira().await;
    home.text(&["card", "edit", "plan#1", "--set", "priority=someday"]);
    let out = home.run(&["mapping", "try", "plan#1"]);
    assert_eq!(code(&out), 1, "{}", err(&out));
    let told = String::from_utf8_lossy(&out.stdout).into_owned();
    assert!(told.contains("DOES NOT FIT  step 1: the map does not name \"someday\""), "{told}");
    let out = home.run(&["mapping", "try", "plan#1", "--json"]);
    let told: Value = serde_json::from_slice(&out.stdout).expect("JSON");
    let priority = &told["connections"][0]["fields"][0];
    assert_eq!((&told["ok"], &priority["unfit"][0]["step"]), (&false.into(), &1.into()));
    assert_eq!(priority["next"], "unfit");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_card_that_is_not_linked_is_tried_where_one_says() {
    let (home, _sandbox) = on_jira().await;
    let made = home.json(&["card", "create", "--title", "Alone", "--local", "--json"]);
    let id = made["id"].as_str().expect("an id");
    let none = home.text(&["mapping", "try", id]);
    assert!(none.contains("linked to no connection"), "{none}");
    let told = home.json(&["mapping", "try", id, "--connection", "plan", "--json"]);
    let plan = &told["connections"][0];
    assert_eq!((&plan["linked"], &plan["seen"]), (&false.into(), &Value::Null));
    assert_eq!(plan["fields"][2]["next"], "create");
    assert_eq!(plan["fields"][2]["next_value"], "ALONE");
    assert_eq!(plan["fields"][0]["there"], Value::Null);
    let wrong = home.run(&["mapping", "try", id, "--connection", "nope"]);
    assert_eq!(code(&wrong), 2);
    let missing = home.run(&["mapping", "try", "plan#99"]);
    assert_eq!(code(&missing), 1, "{}", err(&missing));
}
