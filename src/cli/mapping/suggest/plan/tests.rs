//! Names, titles and what is left out, without a platform.

use super::*;
use crate::config::parse;
use crate::domain::mapping::OpenState;

const CONFIG: &str = r#"
[status_mapping]
proposed = "Backlog"
approved = "To Do"
in_progress = "Doing"
review = "In Review"
completed = "Done"

[[new_cards.rule]]
status = "review"
connections = ["ops"]

[[connection]]
name = "ops"
platform = "gitlab"
project = "octo/app"
token = { env = "T" }
default_labels = ["Blocked"]
[connection.status_mapping]
proposed = { state = "open" }
completed = { state = "closed" }

[[connection]]
name = "core"
platform = "github"
repository = "octo/app"
token = { env = "T" }
[connection.status_mapping]
approved = { label = "approved" }
completed = { state = "closed" }
"#;

fn label(name: &str) -> Target {
    Target { label: Some(name.to_owned()), ..Target::default() }
}

fn state(state: OpenState) -> Target {
    Target { state: Some(state), ..Target::default() }
}

fn plan(columns: &[(&str, Target)]) -> Plan {
    let settings = parse(CONFIG, None).map_err(|e| e.render(false)).expect("valid");
    let column = |(title, target): &(&str, Target)| BoardColumn {
        title: (*title).to_owned(),
        target: vec![target.clone()],
        note: None,
    };
    let board = PlatformBoard {
        name: "Development".into(),
        columns: columns.iter().map(column).collect(),
        notes: Vec::new(),
    };
    Plan::of(&settings, &settings.connections[0], &board)
}

fn lines(plan: &Plan) -> Vec<String> {
    plan.columns.iter().map(|c| format!("{} = {}", c.status, c.title)).collect()
}

#[test]
fn a_title_becomes_a_name_people_can_write() {
    for (title, name) in [
        ("In Progress", "in_progress"),
        ("  Won't do! ", "wont_do"),
        ("workflow::QA / Test", "workflow_qa_test"),
        ("Überprüfung", "ueberpruefung"),
        ("完了", ""),
        ("2. Sprint", "2_sprint"),
    ] {
        assert_eq!(snake(title), name, "{title}");
    }
    assert!(Status::is_valid(&snake(&"long ".repeat(40))));
}

#[test]
fn columns_are_known_again_by_title_by_mapping_and_by_name() {
    let plan = plan(&[
        ("Open", state(OpenState::Open)),
        ("in review", label("review")),
        ("In Progress", label("doing")),
        ("Blocked", label("blocked")),
        ("Closed", state(OpenState::Closed)),
    ]);
    let want = [
        "proposed = Backlog",
        "approved = To Do",
        "review = In Review",
        "in_progress = Doing",
        "blocked = Blocked",
        "completed = Done",
    ];
    assert_eq!(lines(&plan), want, "`approved` is kept, since `core` maps it, where it stood");
    assert_eq!(plan.columns[1].note.as_deref(), Some("kept for `core`"));
    assert!(plan.notes.iter().any(|n| n.contains("\"Blocked\" out of `default_labels`")), "{:?}", plan.notes);
}

#[test]
fn names_and_titles_are_unique_and_a_name_the_board_has_is_not_given_twice() {
    let plan = plan(&[
        ("Doing", label("a")),
        ("In Progress", label("b")),
        ("Später", label("c")),
        ("Spaeter", label("d")),
        ("später", label("e")),
        ("完了", label("f")),
    ]);
    let want = [
        "in_progress = Doing",
        "in_progress_2 = In Progress",
        "spaeter = Später",
        "spaeter_2 = Spaeter",
        "spaeter_3 = später 2",
        "column_6 = 完了",
    ];
    let made: Vec<String> = lines(&plan).into_iter().filter(|l| !plan_keeps(&plan, l)).collect();
    assert_eq!(made, want);
}

fn plan_keeps(plan: &Plan, line: &str) -> bool {
    plan.columns.iter().any(|c| c.there.is_none() && line.starts_with(&format!("{} ", c.status)))
}

#[test]
fn what_could_not_be_told_apart_or_written_is_left_out_with_the_reason() {
    let long = "x".repeat(60);
    let plan = plan(&[
        ("Bug", label("bug")),
        ("bug", label("Bug")),
        ("Long", label(&long)),
        ("Odd", label("odd\u{202E}")),
    ]);
    let out: Vec<&str> = plan.left_out.iter().map(|l| l.title.as_str()).collect();
    assert_eq!(out, ["Odd", "Long", "bug"]);
    assert!(plan.left_out[1].why.contains("at most 50"), "{:?}", plan.left_out);
    assert!(plan.left_out[2].why.contains("the same"), "{:?}", plan.left_out);
}
