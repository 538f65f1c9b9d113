//! A rich body on a linked card: Jira's document survives what happens elsewhere, node by node, and what an edit would
//! lose there waits until a person agreed to it.

use corkboard::config::settings::Platform;
use corkboard::domain::card::{Card, CardId};
use corkboard::domain::command::Command;
use corkboard::domain::fields::{SetDelta, Value as Text};
use corkboard::domain::history::VersionKind;
use corkboard::domain::link::{ConnectionName, SyncStatus};
use corkboard::domain::mapping::{Status, StatusMapping, Target};
use corkboard::engine::{Engine, SyncReport};
use corkboard::sandbox::Seed;
use serde_json::{Value, json};

use crate::stage::{REPO, Stage, board, core, move_to, run};

/// The issue on the simulated Jira.
const KEY: &str = "ABC-1";

fn plan() -> ConnectionName {
    ConnectionName::new("plan")
}

fn text(words: &str) -> Value {
    json!({"type": "text", "text": words})
}

fn paragraph(id: &str, inside: Value) -> Value {
    json!({"type": "paragraph", "attrs": {"localId": id}, "content": inside})
}

/// A description as people make it in Jira's editor; `wish` is one of its sentences.
fn rich(wish: &str) -> Value {
    let cell = |kind: &str, words: &str, attrs: Value| json!({"type": kind, "attrs": attrs, "content": [paragraph("c", json!([text(words)]))]});
    let item = |inside: Value| json!({"type": "listItem", "attrs": {"localId": "li"}, "content": inside});
    let task = |words: &str, state: &str| json!({"type": "taskItem", "attrs": {"localId": words, "state": state}, "content": [text(words)]});
    json!({"version": 1, "type": "doc", "content": [
        {"type": "heading", "attrs": {"level": 2, "localId": "h"}, "content": [text("Export")]},
        paragraph("p1", json!([
            text("Ask "), {"type": "mention", "attrs": {"id": "712020:ana", "text": "@ana", "localId": "m", "accessLevel": ""}},
            text(" by "), {"type": "date", "attrs": {"timestamp": "1762000000000", "localId": "d"}}, text(" "),
            {"type": "emoji", "attrs": {"shortName": ":rocket:", "id": "1f680", "text": "🚀"}}, text(" "),
            {"type": "status", "attrs": {"text": "LATE", "color": "red", "localId": "s", "style": "bold"}},
        ])),
        {"type": "table", "attrs": {"isNumberColumnEnabled": false, "layout": "wide", "localId": "t", "width": 900.5}, "content": [
            {"type": "tableRow", "content": [cell("tableHeader", "Who", json!({})), cell("tableHeader", "What | why", json!({}))]},
            {"type": "tableRow", "content": [cell("tableCell", "ben", json!({"background": "#deebff"})), cell("tableCell", "1 < 2", json!({}))]},
        ]},
        {"type": "panel", "attrs": {"panelType": "warning", "localId": "w"}, "content": [paragraph("w1", json!([text("Mind the gap")]))]},
        {"type": "panel", "attrs": {"panelType": "custom", "panelColor": "#abcdef", "panelIcon": ":x:"}, "content": [paragraph("w2", json!([text("Own colours")]))]},
        {"type": "mediaSingle", "attrs": {"layout": "center", "width": 50, "widthType": "percentage"}, "content": [
            {"type": "media", "attrs": {"id": "9b3c", "type": "file", "collection": "", "width": 200, "height": 100, "alt": "screenshot.png"}},
        ]},
        {"type": "paragraph"},
        paragraph("p2", json!([
            text(wish), text(" It is "), {"type": "text", "text": "urgent", "marks": [{"type": "textColor", "attrs": {"color": "#ff5630"}}]}, text("."),
        ])),
        {"type": "codeBlock", "attrs": {"language": "rust", "uniqueId": "u"}, "content": [text("fn main() {\n    println!(\"```\");\n}")]},
        {"type": "taskList", "attrs": {"localId": "tl"}, "content": [task("write it", "DONE"), task("ship it", "TODO")]},
        {"type": "bulletList", "attrs": {"localId": "ul"}, "content": [
            item(json!([paragraph("l1", json!([text("one")])), {"type": "orderedList", "attrs": {"order": 3}, "content": [
                item(json!([paragraph("l2", json!([text("three")]))])), item(json!([paragraph("l3", json!([text("four")]))])),
            ]}])),
            item(json!([paragraph("l4", json!([text("two")]))])),
        ]},
        {"type": "expand", "attrs": {"title": "More", "localId": "e"}, "content": [paragraph("e1", json!([text("inside")]))]},
        paragraph("p3", json!([text("See "), {"type": "inlineCard", "attrs": {"url": "https://example.com/spec", "localId": "ic"}}])),
    ]})
}

const WISH: &str = "As a user I want a header line.";

async fn stage() -> Stage {
    let mut stage = Stage::new(Seed::Count(0)).await;
    let mut jira = stage.settings.connections[0].clone();
    let named = |name: &str| Target { status: Some(name.to_owned()), ..Target::default() };
    let targets: indexmap::IndexMap<Status, Target> = [
        ("proposed", named("To Do")),
        ("in_progress", named("In Progress")),
        ("completed", Target { resolution: Some("Done".into()), ..named("Done") }),
    ]
    .into_iter()
    .map(|(status, target)| (Status::new(status), target))
    .collect();
    jira.name = plan();
    jira.platform = Platform::Jira;
    jira.repository = "ABC".into();
    jira.user = Some("ben@example.com".into());
    jira.api_url = format!("{}/jira", stage.sandbox.url()).parse().expect("an address");
    jira.mapping = StatusMapping::new(stage.settings.columns.iter().map(|c| &c.status), &targets);
    jira.targets = targets;
    stage.settings.connections.push(jira);
    let web = stage.sandbox.jira();
    assert_eq!(web.create_issue("ana", "Export to CSV"), KEY);
    assert!(web.set_description(KEY, rich(WISH)));
    stage
}

async fn pass(engine: &Engine) -> SyncReport {
    let report = engine.sync_once(None).await.expect("a pass");
    assert!(!report.failed(), "{report:#?}");
    report
}

/// Passes until nothing is left to send, and what each of the two connections still holds up.
async fn rest(engine: &Engine) -> u32 {
    for _ in 0..3 {
        pass(engine).await;
    }
    let report = pass(engine).await;
    assert!(report.connections.iter().all(|c| c.sent + c.created == 0), "it rests: {report:#?}");
    report.connections.iter().map(|c| c.parked).sum()
}

/// The issue's card, on both places, everything in step.
async fn linked(engine: &Engine) -> Card {
    pass(engine).await;
    let card = board(engine).await.cards().next().expect("pulled").id;
    engine.add_link(card, &core()).await.expect("linked");
    assert_eq!(rest(engine).await, 0);
    engine.card(card).await.expect("read").expect("there")
}

fn body_on_github(stage: &Stage) -> String {
    stage.sandbox.issue(REPO, 1).expect("made there").body.unwrap_or_default()
}

fn description(stage: &Stage) -> Value {
    stage.sandbox.jira().issue(KEY).expect("there").description
}

/// How many requests since the requests were last cleared would have written the description.
fn body_writes(stage: &Stage) -> usize {
    let jira = stage.sandbox.writes().into_iter().filter(|w| w.path.starts_with("/jira/"));
    jira.filter(|w| w.request_body.contains("\"description\"")).count()
}

async fn note(engine: &Engine, card: CardId) -> (SyncStatus, String) {
    let card = engine.card(card).await.expect("read").expect("there");
    let link = card.links.into_iter().find(|l| l.connection == plan()).expect("linked");
    (link.sync, link.note.unwrap_or_default())
}

#[tokio::test]
async fn a_rich_body_survives_jira_board_github_and_back_while_other_fields_are_edited_everywhere() {
    let stage = stage().await;
    let engine = stage.engine().await;
    let card = linked(&engine).await.id;
    let shown = body_on_github(&stage);
    for part in [
        "## Export",
        "@ana",
        "LATE",
        "| Who | What \\| why |",
        "> [!WARNING]\n> Mind the gap",
        "Own colours",
        "screenshot.png",
        WISH,
        "rust\nfn main() {",
        "- [x] write it\n- [ ] ship it",
        "* one\n\n  3. three\n  4. four\n\n* two",
        "> inside",
        "https://example.com/spec",
    ] {
        assert!(shown.contains(part), "{part} in\n{shown}");
    }
    let detail = engine.card_detail(card).await.expect("read").expect("there");
    let held: Vec<&str> = detail.beyond.iter().flat_map(|b| &b.things).map(String::as_str).collect();
    for thing in
        ["1 mention", "1 image", "1 custom panel", "1 status label", "1 smart link", "1 expandable section"]
    {
        assert!(held.contains(&thing), "{thing} in {held:?}");
    }
    // Other fields, from every side.
    stage.sandbox.jira().set_summary(KEY, "Export to CSV and JSON");
    stage.sandbox.jira().add_label(KEY, "export");
    rest(&engine).await;
    stage.sandbox.web("ana").add_label(REPO, 1, "bug").expect("labelled");
    run(&engine, Command::SetMilestone { card, milestone: Some("v1".into()) }).await;
    move_to(&engine, card, "in_progress").await;
    rest(&engine).await;
    // A restart, and an edit on GitHub's pages.
    engine.shutdown().await;
    let engine = stage.engine().await;
    stage.sandbox.web("cy").set_title(REPO, 1, "Export to CSV, JSON and XML").expect("edited");
    assert_eq!(rest(&engine).await, 0);
    let issue = stage.sandbox.jira().issue(KEY).expect("there");
    assert_eq!(
        (issue.summary.as_str(), issue.status.as_str()),
        ("Export to CSV, JSON and XML", "In Progress")
    );
    assert!(issue.labels.contains(&"bug".to_owned()), "{:?}", issue.labels);
    assert_eq!(issue.description, rich(WISH), "value for value what it was");
    assert_eq!(body_writes(&stage), 0);
    assert_eq!(body_on_github(&stage), shown);
    engine.shutdown().await;
}

#[tokio::test]
async fn a_sentence_edited_on_github_or_here_changes_that_sentence_in_jira_and_nothing_else() {
    let stage = stage().await;
    let engine = stage.engine().await;
    let card = linked(&engine).await.id;
    let there = "As a user I want a header line, and a footer.";
    let edited = body_on_github(&stage).replace(WISH, there);
    stage.sandbox.web("cy").set_body(REPO, 1, &edited).expect("edited");
    assert_eq!(rest(&engine).await, 0);
    assert_eq!(description(&stage), rich(there), "the rest of its own paragraph too: its colour, its id");
    let before = engine.store().run(move |db| db.body(card)).await.expect("read");
    let here = "As a user I want it sorted.";
    let after = before.replace(there, here);
    assert_eq!(engine.body_losses(card, &after).await.expect("told"), []);
    run(&engine, Command::Rewrite { card, before, after }).await;
    assert_eq!(rest(&engine).await, 0);
    assert_eq!(description(&stage), rich(here));
    assert!(body_on_github(&stage).contains(here));
    assert_eq!(body_writes(&stage), 2, "one write for each edit");
    engine.shutdown().await;
}

#[tokio::test]
async fn an_edit_that_would_lose_something_is_held_until_it_is_put_back() {
    let stage = stage().await;
    let engine = stage.engine().await;
    let card = linked(&engine).await.id;
    let shown = body_on_github(&stage);
    let line = shown.lines().find(|l| l.contains("LATE")).expect("a line").to_owned();
    let without = shown.replace(&line, "Ask somebody.");
    stage.sandbox.web("cy").set_body(REPO, 1, &without).expect("edited");
    assert_eq!(rest(&engine).await, 1);
    let (sync, why) = note(&engine, card).await;
    assert_eq!(sync, SyncStatus::Failed);
    for part in ["would lose", "a mention (@ana)", "a status label (LATE)", "put the placeholders", "agree"] {
        assert!(why.contains(part), "{part} in {why}");
    }
    assert_eq!((description(&stage), body_writes(&stage)), (rich(WISH), 0));
    // Other fields go on meanwhile.
    stage.sandbox.web("cy").set_title(REPO, 1, "Export, told better").expect("edited");
    run(
        &engine,
        Command::Label { card, delta: SetDelta { add: ["ui".to_owned()].into(), ..SetDelta::default() } },
    )
    .await;
    assert_eq!(rest(&engine).await, 1);
    let issue = stage.sandbox.jira().issue(KEY).expect("there");
    assert_eq!((issue.summary.as_str(), issue.labels), ("Export, told better", vec!["ui".to_owned()]));
    assert_eq!((description(&stage), body_writes(&stage)), (rich(WISH), 0));
    // And the way out.
    let back = without.replace("Ask somebody.", &line).replace(WISH, "Sorted.");
    stage.sandbox.web("cy").set_body(REPO, 1, &back).expect("edited");
    assert_eq!(rest(&engine).await, 0);
    assert_eq!(description(&stage), rich("Sorted."));
    engine.shutdown().await;
}

#[tokio::test]
async fn what_a_person_agreed_to_lose_goes_and_stays_in_the_cards_history() {
    let stage = stage().await;
    let engine = stage.engine().await;
    let card = linked(&engine).await.id;
    let before = engine.store().run(move |db| db.body(card)).await.expect("read");
    let line = before.lines().find(|l| l.contains("LATE")).expect("a line").to_owned();
    let after = before.replace(&line, "Ask somebody.");
    let losses = engine.body_losses(card, &after).await.expect("told");
    assert_eq!(losses.iter().map(|l| &l.connection).collect::<Vec<_>>(), [&plan()]);
    assert_eq!(losses[0].things.len(), 4, "{losses:?}");
    // Agreed for another body: it counts for none but that one.
    run(&engine, Command::Agree { card, losses: losses.clone() }).await;
    run(&engine, Command::Rewrite { card, before: before.clone(), after: after.clone() }).await;
    assert_eq!(rest(&engine).await, 1, "{:?}", note(&engine, card).await);
    assert_eq!(description(&stage), rich(WISH));
    // Over a restart it is as durable as the edit.
    run(&engine, Command::Agree { card, losses }).await;
    engine.shutdown().await;
    let engine = stage.engine().await;
    assert_eq!(rest(&engine).await, 0, "{:?}", note(&engine, card).await);
    let mut wanted = rich(WISH);
    wanted["content"][1] = paragraph("p1", json!([text("Ask somebody.")]));
    assert_eq!(description(&stage), wanted);
    let history = engine.store().run(move |db| db.history(card, 50)).await.expect("read");
    let kept: Vec<&str> = history
        .iter()
        .filter(|v| v.kind == VersionKind::Lost)
        .filter_map(|v| if let Text::Text(text) = &v.after { Some(text.as_str()) } else { None })
        .collect();
    let [kept] = kept[..] else { panic!("{kept:?}") };
    let fenced = kept.split("```json\n").nth(1).and_then(|t| t.split("\n```").next()).expect("a document");
    assert_eq!(serde_json::from_str::<Value>(fenced).expect("JSON"), rich(WISH));
    engine.shutdown().await;
}
