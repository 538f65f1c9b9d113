//! Descriptions: nothing in them is damaged, and what an edit would lose is told before it.

use corkboard::connector::{Patch, Scope, body_losses};
use corkboard::sync::Class;
use serde_json::{Value, json};

use super::Jira;
use crate::desk::Desk as _;

/// A description with all that Markdown has no words for.
fn rich() -> Value {
    let text = |t: &str| json!({"type": "text", "text": t});
    let paragraph = |inside: Value| json!({"type": "paragraph", "content": inside});
    let cell = |kind: &str, t: &str, attrs: Value| json!({"type": kind, "attrs": attrs, "content": [paragraph(json!([text(t)]))]});
    json!({"version": 1, "type": "doc", "content": [
        {"type": "heading", "attrs": {"level": 2, "localId": "h1"}, "content": [text("Steps to *reproduce*")]},
        paragraph(json!([
            text("Ask "),
            {"type": "mention", "attrs": {"id": "712020:ana", "text": "@ana", "localId": "m1"}},
            text(" about "), {"type": "text", "text": "this", "marks": [{"type": "textColor", "attrs": {"color": "#ff0000"}}]},
            {"type": "hardBreak"}, {"type": "status", "attrs": {"text": "LATE", "color": "red", "localId": "s1"}},
        ])),
        {"type": "table", "attrs": {"isNumberColumnEnabled": false, "layout": "wide", "localId": "t1", "width": 900.5}, "content": [
            {"type": "tableRow", "content": [cell("tableHeader", "Who", json!({})), cell("tableHeader", "What | why", json!({}))]},
            {"type": "tableRow", "content": [cell("tableCell", "ana", json!({"background": "#deebff"})), cell("tableCell", "1 < 2", json!({}))]},
        ]},
        {"type": "panel", "attrs": {"panelType": "warning", "localId": "p1"}, "content": [paragraph(json!([text("Mind the gap")]))]},
        {"type": "panel", "attrs": {"panelType": "custom", "panelColor": "#abcdef", "panelIcon": ":x:"}, "content": [paragraph(json!([text("Own colours")]))]},
        {"type": "mediaSingle", "attrs": {"layout": "center", "width": 50}, "content": [
            {"type": "media", "attrs": {"id": "9b3c", "type": "file", "collection": "", "width": 200, "height": 100, "alt": "screenshot.png"}},
        ]},
        {"type": "paragraph"},
        {"type": "codeBlock", "attrs": {"language": "rust"}, "content": [text("fn main() {\n    println!(\"```\");\n}")]},
        {"type": "expand", "attrs": {"title": "More"}, "content": [paragraph(json!([text("inside")]))]},
        {"type": "extension", "attrs": {"extensionType": "com.example", "extensionKey": "chart", "parameters": {"a": 1}}},
        {"type": "taskList", "attrs": {"localId": "tl"}, "content": [
            {"type": "taskItem", "attrs": {"localId": "ti", "state": "DONE"}, "content": [text("ship it")]},
        ]},
    ]})
}

#[tokio::test]
async fn a_body_markdown_cannot_hold_survives_other_edits_and_a_way_round_the_board() {
    let desk = Jira::start(1).await;
    let connector = desk.connector(false);
    let (tracker, web) = (connector.tracker().unwrap(), desk.sandbox.jira());
    web.set_description("ABC-1", rich());
    let seen = desk.item(&connector, "ABC-1").await;
    for shown in [
        "@ana",
        "> [!WARNING]",
        "Mind the gap",
        "screenshot.png",
        "```",
        "fn main()",
        "| Who |",
        "- [x] ship it",
    ] {
        assert!(seen.body.contains(shown), "{shown} in\n{}", seen.body);
    }
    // An edit of something else.
    let patch = Patch { title: Some("another title".into()), ..Patch::default() };
    let now = tracker.update(&seen, &patch).await.unwrap();
    assert_eq!(web.issue("ABC-1").unwrap().description, rich());
    assert_eq!(now.body, seen.body);
    // The body as it was shown, sent back by another platform.
    let patch = Patch { body: Some(now.body.clone()), ..Patch::default() };
    let now = tracker.update(&now, &patch).await.unwrap();
    assert_eq!(web.issue("ABC-1").unwrap().description, rich());
    // A sentence more: everything else is as it was.
    let body = format!("{}\n\nOne sentence more.", now.body);
    let now = tracker.update(&now, &Patch { body: Some(body.clone()), ..Patch::default() }).await.unwrap();
    assert_eq!(now.body, body);
    let mut wanted = rich();
    wanted["content"]
        .as_array_mut()
        .unwrap()
        .push(json!({"type": "paragraph", "content": [{"type": "text", "text": "One sentence more."}]}));
    assert_eq!(web.issue("ABC-1").unwrap().description, wanted);
}

#[tokio::test]
async fn an_edit_that_would_lose_something_says_what_and_sends_nothing() {
    let desk = Jira::start(1).await;
    let connector = desk.connector(false);
    let web = desk.sandbox.jira();
    web.set_description("ABC-1", rich());
    let seen = desk.item(&connector, "ABC-1").await;
    let patch = Patch { body: Some("All new.".into()), ..Patch::default() };
    let refused = connector.tracker().unwrap().update(&seen, &patch).await.unwrap_err();
    assert_eq!((refused.class, refused.scope), (Class::Permanent, Scope::Item));
    for lost in ["a mention (@ana)", "a macro (chart)", "an image (screenshot.png)"] {
        assert!(refused.message.contains(lost), "{lost} in {}", refused.message);
    }
    assert_eq!(web.issue("ABC-1").unwrap().description, rich());
    assert!(desk.sandbox.writes().is_empty());
}

#[tokio::test]
async fn a_loss_goes_through_only_when_just_that_was_agreed_to() {
    let desk = Jira::start(1).await;
    let connector = desk.connector(false);
    let (tracker, web) = (connector.tracker().unwrap(), desk.sandbox.jira());
    web.set_description("ABC-1", rich());
    let seen = desk.item(&connector, "ABC-1").await;
    let held = seen.rich.as_ref().expect("more than Markdown").holds.clone();
    for thing in ["1 mention", "1 image", "1 custom panel", "1 macro", "1 coloured passage"] {
        assert!(held.contains(&thing.to_owned()), "{thing} in {held:?}");
    }
    let body = seen.body.replace("Own colours", "Other colours").replace("[chart]", "[x]");
    let kept = body_losses(&seen, &body);
    assert_eq!(kept, Vec::<String>::new());
    let all = body_losses(&seen, "All new.");
    let patch = |agreed: &[String]| Patch {
        body: Some("All new.".into()),
        agreed: agreed.to_vec(),
        ..Patch::default()
    };
    let refused = tracker.update(&seen, &patch(&all[1..])).await.unwrap_err();
    assert!(refused.message.contains(&all[0]) && !refused.message.contains(&all[1]), "{}", refused.message);
    assert_eq!(web.issue("ABC-1").unwrap().description, rich());
    // What was read is what is given up: a colour changed since is looked at again.
    let mut other = rich();
    other["content"][4]["attrs"]["panelColor"] = json!("#000000");
    web.set_description("ABC-1", other);
    let conflict = tracker.update(&seen, &patch(&all)).await.unwrap_err();
    assert_eq!(conflict.class, Class::Conflict, "{conflict:?}");
    web.set_description("ABC-1", rich());
    let seen = desk.item(&connector, "ABC-1").await;
    let now = tracker.update(&seen, &patch(&all)).await.unwrap();
    assert_eq!((now.body.as_str(), now.rich), ("All new.", None));
}

#[tokio::test]
async fn a_body_edited_in_jira_meanwhile_is_a_conflict() {
    let desk = Jira::start(1).await;
    let connector = desk.connector(false);
    let seen = desk.item(&connector, "ABC-1").await;
    desk.sandbox.jira().set_description("ABC-1", rich());
    let patch = Patch { body: Some("ours".into()), ..Patch::default() };
    let conflict = connector.tracker().unwrap().update(&seen, &patch).await.unwrap_err();
    assert_eq!(conflict.class, Class::Conflict);
    assert_eq!(desk.sandbox.jira().issue("ABC-1").unwrap().description, rich());
}

#[tokio::test]
async fn markdown_of_any_style_comes_back_as_it_was_written() {
    let desk = Jira::start(1).await;
    let connector = desk.connector(false);
    let tracker = connector.tracker().unwrap();
    let mut seen = desk.item(&connector, "ABC-1").await;
    for body in [
        "* star\n* bullets\n\nSetext\n======\n\n1. a\n1. b",
        "<!-- a template's hint -->\n\n<details>\n<summary>x</summary>\n\ny\n\n</details>",
        "![alt](https://example.com/a.png) inline and **bold `code`**, snake_case_word, [ref]\n\n[ref]: https://example.com",
        "",
    ] {
        let patch = Patch { body: Some(body.to_owned()), ..Patch::default() };
        if body != seen.body {
            seen = tracker.update(&seen, &patch).await.unwrap();
        }
        assert_eq!(seen.body, body);
    }
}
