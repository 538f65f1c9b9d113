//! `mapping check`: the config's mapping in words, for a person and for a script.

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
