//! Further fields through rules of the config, over a Jira and a GitHub project that hold the same cards: a change on one
//! reaches the other, words of one class never chase each other, and what a rule cannot carry is told.

use corkboard::config::{Settings, parse};
use corkboard::domain::card::Card;
use corkboard::domain::command::Command;
use corkboard::domain::fields::{FieldName, Value};
use corkboard::domain::link::ConnectionName;
use corkboard::engine::Engine;
use corkboard::sandbox::{ADMIN_TOKEN, Seed};

use crate::stage::{REPO, Stage, board, run};

const ROAD: &str = "orgs/octo/projects/3";

/// Priorities by words of each platform's own, points and a day on both, and a line that is only sent.
const PLAN_RULES: &str = r#"
[[connection.field]]
source = "priority"
target = "Priority"
transform = [ { map = { high = ["Highest", "High"], low = ["Low", "Lowest"] }, otherwise = "keep" } ]
[[connection.field]]
source = "estimate"
target = "Story Points"
type = "number"
[[connection.field]]
source = "due"
target = "Due date"
type = "date"
"#;

const ROAD_RULES: &str = r#"
[[connection.field]]
source = "priority"
target = "Priority"
transform = [ { map = { high = "High", low = "Low" } } ]
[[connection.field]]
source = "estimate"
target = "Estimate"
type = "number"
[[connection.field]]
source = "title"
target = "Notes"
direction = "push"
transform = [ { template = "{{ card.title }} ({{ card.key }})" } ]
"#;

fn settings(url: &str, plan_rules: &str, road_rules: &str) -> Settings {
    let text = format!(
        r#"
[status_mapping]
proposed = "Backlog"
in_progress = "In Progress"
completed = "Done"

[[connection]]
name = "plan"
platform = "jira"
project = "ABC"
api_url = "{url}/jira"
user = "ana@example.com"
token = {{ env = "CORKBOARD_TEST_TOKEN" }}
write_pace = "5ms"
[connection.status_mapping]
proposed = {{ status = "To Do" }}
in_progress = {{ status = "In Progress" }}
completed = {{ status = "Done", resolution = "Done" }}
{plan_rules}

[[connection]]
name = "road"
platform = "github"
repository = "{REPO}"
project = "{ROAD}"
api_url = "{url}"
token = {{ env = "CORKBOARD_TEST_TOKEN" }}
write_pace = "5ms"
[connection.status_mapping]
proposed = {{ option = "Backlog" }}
in_progress = {{ option = "In Progress" }}
completed = {{ option = "Done", state = "closed", reason = "completed" }}
{road_rules}
"#
    );
    parse(&text, None).map_err(|e| e.render(false)).expect("a config")
}

async fn pass(engine: &Engine) {
    let report = engine.sync_once(None).await.expect("a pass");
    assert!(!report.failed(), "{report:#?}");
}

async fn only(engine: &Engine) -> Card {
    let board = board(engine).await;
    assert_eq!(board.len(), 1);
    board.cards().next().cloned().expect("a card")
}

async fn set(engine: &Engine, card: &Card, field: FieldName, value: &str) {
    let value = Value::Text(value.to_owned());
    run(engine, Command::SetField { card: card.id, field, value }).await;
}

/// One issue on Jira, linked to a new one on the project.
async fn stage() -> (Stage, Engine) {
    let mut stage = Stage { token: ADMIN_TOKEN, ..Stage::new(Seed::Count(0)).await };
    stage.settings = settings(stage.sandbox.url(), PLAN_RULES, ROAD_RULES);
    let jira = stage.sandbox.jira();
    let key = jira.create_issue("ana", "Export");
    assert_eq!(key, "ABC-1");
    assert!(jira.set_field("ABC-1", "Priority", serde_json::json!("Highest")));
    assert!(jira.set_field("ABC-1", "Story Points", serde_json::json!(3.0)));
    let engine = stage.engine().await;
    pass(&engine).await;
    let card = only(&engine).await;
    engine.add_link(card.id, &ConnectionName::new("road")).await.expect("linked");
    pass(&engine).await;
    pass(&engine).await;
    (stage, engine)
}

#[tokio::test]
async fn a_value_goes_from_one_platform_over_the_card_to_the_other_in_its_own_words() {
    let (stage, engine) = stage().await;
    let road = |field: &str| stage.sandbox.project_value(ROAD, REPO, 1, field);
    let card = only(&engine).await;
    assert_eq!(card.extra(FieldName::PRIORITY), Some("high"));
    assert_eq!(card.extra(FieldName::ESTIMATE), Some("3"));
    assert_eq!((road("Priority").as_deref(), road("Estimate").as_deref()), (Some("High"), Some("3")));
    assert_eq!(road("Notes").as_deref(), Some("Export (plan#1)"));
    let jira = stage.sandbox.jira();
    assert_eq!(
        jira.field("ABC-1", "Priority"),
        Some(serde_json::json!("Highest")),
        "a word of the class stays"
    );
    // From the board to both.
    set(&engine, &card, FieldName::PRIORITY, "low").await;
    set(&engine, &card, FieldName::ESTIMATE, "0.5").await;
    set(&engine, &card, FieldName::DUE, "2026-12-24").await;
    pass(&engine).await;
    assert_eq!(jira.field("ABC-1", "Priority"), Some(serde_json::json!("Low")));
    assert_eq!(jira.field("ABC-1", "Due date"), Some(serde_json::json!("2026-12-24")));
    assert_eq!((road("Priority").as_deref(), road("Estimate").as_deref()), (Some("Low"), Some("0.5")));
    // From the project to Jira.
    assert!(stage.sandbox.web("cy").set_project_value(ROAD, REPO, 1, "Estimate", Some("8")));
    pass(&engine).await;
    pass(&engine).await;
    assert_eq!(jira.field("ABC-1", "Story Points").and_then(|v| v.as_f64()), Some(8.0));
    // Quiet.
    stage.sandbox.clear_requests();
    pass(&engine).await;
    pass(&engine).await;
    assert_eq!(stage.applied_writes(), 0);
    engine.shutdown().await;
}

#[tokio::test]
async fn another_word_of_the_same_class_is_no_change_anywhere() {
    let (stage, engine) = stage().await;
    stage.sandbox.clear_requests();
    assert!(stage.sandbox.jira().set_field("ABC-1", "Priority", serde_json::json!("High")));
    pass(&engine).await;
    pass(&engine).await;
    assert_eq!(stage.applied_writes(), 0);
    assert_eq!(only(&engine).await.extra(FieldName::PRIORITY), Some("high"));
    engine.shutdown().await;
}

#[tokio::test]
async fn what_a_rule_cannot_carry_stays_and_is_told_on_the_link() {
    let (stage, engine) = stage().await;
    let card = only(&engine).await;
    set(&engine, &card, FieldName::PRIORITY, "Medium").await;
    pass(&engine).await;
    assert_eq!(
        stage.sandbox.jira().field("ABC-1", "Priority"),
        Some(serde_json::json!("Medium")),
        "kept as it is"
    );
    assert_eq!(
        stage.sandbox.project_value(ROAD, REPO, 1, "Priority").as_deref(),
        Some("High"),
        "not known there"
    );
    let card = only(&engine).await;
    let note = card.link_on("road").and_then(|l| l.note.clone()).expect("a note");
    assert!(note.contains("Priority") && note.contains("Medium"), "{note}");
    assert!(card.link_on("plan").is_some_and(|l| l.note.is_none()));
    set(&engine, &card, FieldName::PRIORITY, "low").await;
    pass(&engine).await;
    assert_eq!(only(&engine).await.link_on("road").and_then(|l| l.note.clone()), None, "it fits again");
    engine.shutdown().await;
}

#[tokio::test]
async fn a_rule_that_is_added_later_reads_the_items_there_are() {
    let mut stage = Stage { token: ADMIN_TOKEN, ..Stage::new(Seed::Count(0)).await };
    stage.settings = settings(stage.sandbox.url(), "", "");
    let jira = stage.sandbox.jira();
    jira.create_issue("ana", "Export");
    assert!(jira.set_field("ABC-1", "Priority", serde_json::json!("Low")));
    stage.sync().await;
    stage.settings = settings(stage.sandbox.url(), PLAN_RULES, "");
    let engine = stage.engine().await;
    assert!(only(&engine).await.extra.is_empty());
    stage.sandbox.clear_requests();
    pass(&engine).await;
    assert_eq!(only(&engine).await.extra(FieldName::PRIORITY), Some("low"));
    assert_eq!(stage.applied_writes(), 0, "reading is no edit");
    engine.shutdown().await;
}

#[tokio::test]
async fn a_new_card_without_a_priority_takes_the_one_its_platform_gives() {
    let mut stage = Stage { token: ADMIN_TOKEN, ..Stage::new(Seed::Count(0)).await };
    stage.settings = settings(stage.sandbox.url(), PLAN_RULES, "");
    let engine = stage.engine().await;
    let (_, command) = crate::stage::new_card("New");
    let Command::Create(card) = command else { unreachable!("a new card is created") };
    let made = corkboard::domain::command::NewCard {
        status: corkboard::domain::mapping::Status::new("proposed"),
        connections: vec![ConnectionName::new("plan")],
        ..card
    };
    run(&engine, Command::Create(made)).await;
    pass(&engine).await;
    pass(&engine).await;
    let card = only(&engine).await;
    assert_eq!(card.extra(FieldName::PRIORITY), Some("Medium"));
    assert_eq!(card.links[0].sync, corkboard::domain::link::SyncStatus::Synced, "{:?}", card.links[0].note);
    engine.shutdown().await;
}
