//! `card ..`: on a local board, and on a connected one.

use corkboard::sandbox::Seed;
use pretty_assertions::assert_eq;
use serde_json::{Value, json};

use crate::home::{Home, code, err};

fn keys(value: &Value) -> Vec<&str> {
    value.as_object().expect("an object").keys().map(String::as_str).collect()
}

#[test]
fn a_card_is_made_listed_moved_edited_and_shown() {
    let home = Home::new();
    let made = home.json(&[
        "card",
        "create",
        "--title",
        "Retry on 502",
        "--body",
        "Why: *flaky*",
        "--label",
        "bug",
        "--label",
        "sync",
        "--status",
        "To Do",
        "--json",
    ]);
    let id = made["id"].as_str().expect("an id").to_owned();
    let wanted = json!([{
        "id": id, "kind": "issue", "title": "Retry on 502", "body": "Why: *flaky*", "status": "approved",
        "column": "To Do", "labels": ["bug", "sync"], "assignees": [], "milestone": null, "links": []
    }]);
    assert_eq!(home.json(&["card", "list", "--json"]), wanted);

    let moved = home.json(&["card", "move", &id[..6], "in_progress", "--json"]);
    assert_eq!((&moved["status"], &moved["column"]), (&json!("in_progress"), &json!("In Progress")));

    let edit = [
        "card",
        "edit",
        &id,
        "--title",
        "Retry on 5xx",
        "--add-label",
        "net",
        "--remove-label",
        "BUG",
        "--assignee",
        "ana",
        "--milestone",
        "v1.2",
        "--json",
    ];
    let edited = home.json(&edit);
    assert_eq!(edited["title"], "Retry on 5xx");
    assert_eq!(edited["labels"], json!(["net", "sync"]));
    assert_eq!(edited["assignees"], json!(["ana"]));
    assert_eq!(edited["milestone"], "v1.2");
    let cleared = home.json(&["card", "edit", &id, "--milestone", "", "--remove-assignee", "ana", "--json"]);
    assert_eq!((&cleared["milestone"], &cleared["assignees"]), (&Value::Null, &json!([])));

    home.text(&["card", "comment", &id, "Looked at it"]);
    let shown = home.text(&["card", "show", &id]);
    for part in ["Retry on 5xx", "In Progress", "net, sync", "Why: *flaky*", "Looked at it"] {
        assert!(shown.contains(part), "{part} is not in\n{shown}");
    }
    assert_eq!(home.json(&["card", "show", &id, "--json"])["comments"][0]["body"], "Looked at it");
}

#[test]
fn cards_are_listed_by_what_their_bodies_and_comments_say() {
    let home = Home::new();
    let make = |title: &str, body: &str| {
        let made = home.json(&["card", "create", "--title", title, "--body", body, "--json"]);
        made["id"].as_str().expect("an id").to_owned()
    };
    make("Alpha", "crossed by a zebra");
    let beta = make("Beta", "Größe 502");
    make("Zebra", "nothing");
    home.text(&["card", "comment", &beta, "I saw a lion's den"]);
    let listed = |query: &str| -> Vec<String> {
        let cards = home.json(&["card", "list", query, "--json"]);
        let titles =
            cards.as_array().expect("a list").iter().map(|c| c["title"].as_str().expect("text").to_owned());
        let mut titles: Vec<String> = titles.collect();
        titles.sort();
        titles
    };
    assert_eq!(listed("zebra"), ["Alpha", "Zebra"]);
    assert_eq!(listed("is:open -zebra"), ["Beta"]);
    assert_eq!(listed("\"lion's den\""), ["Beta"]);
    assert_eq!(listed("grosse 50"), [""; 0]);
    assert_eq!(listed("größ 50"), ["Beta"]);
    for hostile in ["\"", "NEAR(", "a* OR b", "body:x", "''\"\"", "^(", "{}"] {
        listed(hostile);
    }
}

#[test]
fn the_order_of_keys_in_a_listed_card_is_fixed() {
    let home = Home::new();
    home.text(&["card", "create", "--title", "x"]);
    let text = home.text(&["card", "list", "--json"]);
    let at = |key: &str| text.find(&format!("\"{key}\"")).expect(key);
    let order =
        ["id", "kind", "title", "body", "status", "column", "labels", "assignees", "milestone", "links"]
            .map(at);
    assert!(order.is_sorted(), "{text}");
    assert_eq!(keys(&home.json(&["card", "list", "--json"])[0]).len(), 10);
}

#[test]
fn a_body_can_come_from_standard_input() {
    let home = Home::new();
    let out = home
        .command(&["card", "create", "--title", "x", "--body", "-", "--json"])
        .write_stdin("from\na pipe\n")
        .output()
        .expect("it runs");
    let card: Value = serde_json::from_slice(&out.stdout).expect("JSON");
    assert_eq!(card["body"], "from\na pipe");
}

#[test]
fn a_list_can_be_narrowed() {
    let home = Home::new();
    home.text(&["card", "create", "--title", "One", "--label", "a", "--assignee", "ana"]);
    home.text(&["card", "create", "--title", "Two", "--label", "a", "--label", "b", "--status", "completed"]);
    let titles = |arguments: &[&str]| -> Vec<String> {
        let list = home.json(&[&["card", "list", "--json"], arguments].concat());
        list.as_array()
            .expect("a list")
            .iter()
            .map(|c| c["title"].as_str().expect("text").to_owned())
            .collect()
    };
    assert_eq!(titles(&[]), ["One", "Two"]);
    assert_eq!(titles(&["--label", "A", "--label", "b"]), ["Two"]);
    assert_eq!(titles(&["--status", "Done"]), ["Two"]);
    assert_eq!(titles(&["--assignee", "ana"]), ["One"]);
}

#[test]
fn an_ambiguous_beginning_lists_the_candidates() {
    let home = Home::new();
    for n in 0..17 {
        home.text(&["card", "create", "--title", &format!("Card {n}")]);
    }
    // Seventeen random ids: two of them begin with the same digit.
    let list = home.json(&["card", "list", "--json"]);
    let ids: Vec<&str> = list.as_array().expect("a list").iter().filter_map(|c| c["id"].as_str()).collect();
    let first = ids.iter().map(|id| &id[..1]).find(|d| ids.iter().filter(|i| i.starts_with(d)).count() > 1);
    let digit = first.expect("a digit that two begin with");
    let out = home.run(&["card", "show", digit]);
    assert_eq!(code(&out), 2);
    for id in ids.iter().filter(|id| id.starts_with(digit)).take(8) {
        assert!(err(&out).contains(&id[..8]), "{id} is not in {}", err(&out));
    }
}

#[test]
fn what_cannot_be_done_says_why() {
    let home = Home::new();
    let id =
        home.json(&["card", "create", "--title", "x", "--json"])["id"].as_str().expect("text").to_owned();
    let long = "x".repeat(10_000);
    let cases: [(&[&str], i32, &str); 9] = [
        (&["card", "show", "ffffffffffff"], 1, "there is no card `ffffffffffff`"),
        (&["card", "show", "core#12"], 2, "there is no connection `core`"),
        (&["card", "show", "not-hex"], 2, "does not name a card"),
        (&["card", "move", &id, "nowhere"], 2, "proposed, approved, in_progress, completed"),
        (&["card", "create", "--title", " "], 1, "a card needs a title"),
        (&["card", "create", "--title", &long], 1, "10000 characters; 256 is the most"),
        (&["card", "create", "--title", "x", "--connection", "core"], 2, "the config has none"),
        (&["card", "create", "--title", "x", "--kind", "story"], 2, "epic, issue or task"),
        (&["card", "edit", &id], 2, "required"),
    ];
    for (arguments, wanted, words) in cases {
        let out = home.run(arguments);
        assert_eq!((code(&out), err(&out).contains(words)), (wanted, true), "{arguments:?}: {}", err(&out));
    }
    assert_eq!(home.json(&["card", "list", "--json"]).as_array().expect("a list").len(), 1);
}

#[test]
fn escape_sequences_in_a_card_do_not_reach_the_terminal() {
    let home = Home::new();
    home.text(&["card", "create", "--title", "a\u{1b}[2Jb\u{202E}c", "--body", "x\u{1b}]0;y\u{7}"]);
    let id = home.json(&["card", "list", "--json"])[0]["id"].as_str().expect("text").to_owned();
    for text in [home.text(&["card", "list"]), home.text(&["card", "show", &id])] {
        assert!(!text.contains(['\u{1b}', '\u{202E}', '\u{7}']), "{text:?}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_card_on_a_connection_is_named_by_its_number() {
    let (home, sandbox) = Home::connected(Seed::Count(3)).await;
    home.text(&["sync", "--once"]);
    let made = home.json(&["card", "create", "--title", "New here", "--json"]);
    let link = json!([{
        "connection": "core", "platform": "github", "remote_id": null, "number": null, "url": null,
        "sync_status": "pending"
    }]);
    assert_eq!(made["links"], link);
    home.text(&["sync", "--once"]);
    let issue = sandbox.issues("octo/app").into_iter().find(|i| i.title == "New here").expect("on GitHub");
    let key = format!("core#{}", issue.number);
    let shown = home.json(&["card", "show", &key, "--json"]);
    assert_eq!(shown["id"], made["id"]);
    let link = &shown["links"][0];
    assert_eq!((&link["number"], &link["sync_status"]), (&json!(issue.number), &json!("synced")));
    assert!(link["remote_id"].is_string() && link["url"].is_string(), "{link}");

    let told = home.text(&["card", "move", &format!("#{}", issue.number), "in_progress"]);
    assert!(
        told.starts_with(&format!("{key} moved to In Progress")) && told.contains("not yet on core"),
        "{told}"
    );
    home.text(&["sync", "--once"]);
    assert!(sandbox.issue("octo/app", issue.number).expect("there").has_label("status: in progress"));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_card_can_be_kept_local_on_a_connected_board() {
    let (home, sandbox) = Home::connected(Seed::Count(0)).await;
    let made = home.json(&["card", "create", "--title", "Mine", "--local", "--json"]);
    assert_eq!(made["links"], json!([]));
    home.text(&["sync", "--once"]);
    assert!(sandbox.issues("octo/app").is_empty());
}

#[test]
fn a_card_is_made_by_a_line_and_a_template_and_a_flag_goes_before_both() {
    let home = Home::with(
        "[[template]]\nname = \"Bug\"\ntitle = \"Bug:\"\nlabels = [\"bug\"]\npriority = \"high\"\nbody = \"## What\"\n",
    );
    let made = home.json(&[
        "card",
        "create",
        "--quick",
        "Fix login #ui @ana !low ~v1.2 =3 due:2026-12-01",
        "--template",
        "bug",
        "--milestone",
        "v2",
        "--json",
    ]);
    assert_eq!((&made["title"], &made["body"]), (&json!("Fix login"), &json!("## What")));
    assert_eq!((&made["labels"], &made["assignees"]), (&json!(["bug", "ui"]), &json!(["ana"])));
    assert_eq!(made["milestone"], "v2");
    let untitled = home.run(&["card", "create", "--quick", "#bug"]);
    assert_ne!(code(&untitled), 0);
    assert!(err(&untitled).contains("a card needs a title"), "{}", err(&untitled));
    let unknown = home.run(&["card", "create", "--template", "none"]);
    assert!(err(&unknown).contains("there is no template `none`"), "{}", err(&unknown));
}

#[test]
fn a_limit_of_a_column_holds_on_the_command_line_too() {
    let home = Home::with("[wip]\nin_progress = { limit = 1, hard = true }\napproved = 1\n");
    let make = |title: &str, status: &str| {
        let made = home.json(&["card", "create", "--title", title, "--status", status, "--json"]);
        made["id"].as_str().expect("an id").to_owned()
    };
    make("one", "in_progress");
    let two = make("two", "proposed");
    for refused in [
        home.run(&["card", "move", &two, "in_progress"]),
        home.run(&["card", "create", "--title", "three", "--status", "in_progress"]),
    ] {
        assert_eq!(code(&refused), 1);
        assert!(err(&refused).contains("In Progress is at its limit: 1/1"), "{}", err(&refused));
    }
    make("three", "approved");
    let moved = home.text(&["card", "move", &two, "approved"]);
    assert!(moved.contains("moved to To Do (over its limit: 2/1)"), "{moved}");
}
