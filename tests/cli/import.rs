//! `import bitbucket`: the exported archive becomes local cards, once.

use std::io::{Cursor, Write as _};

use serde_json::{Value, json};
use zip::write::SimpleFileOptions;

use crate::home::{Home, code, err};

/// What the tracker wrote into its archive.
fn database() -> Value {
    json!({
        "meta": {"default_kind": "bug"},
        "issues": [
            {"id": 1, "title": "Dark theme", "content": "Please.", "status": "on hold", "kind": "proposal", "priority": "minor",
             "component": null, "version": null, "milestone": null, "assignee": null, "reporter": "dee",
             "created_on": "2018-01-01T00:00:00+00:00", "updated_on": null},
            {"id": 2, "title": "Crash at start", "content": "It *crashes*, see #1.", "status": "wontfix", "kind": "bug",
             "priority": "blocker", "component": "ui", "version": "0.9", "milestone": "v1.0", "assignee": "ana",
             "reporter": {"display_name": "Ben B.", "account_id": "557058:1"},
             "created_on": "2019-03-01T10:00:00.123456+00:00", "updated_on": "2019-03-02 10:00:00+00:00"},
            {"id": 3, "title": "Write it down", "status": "resolved", "kind": "task", "created_on": "2019-04-01T10:00:00+00:00"},
            {"id": 4, "title": {"not": "text"}, "status": "new"},
            {"id": 5, "title": "From a plugin", "status": "triaged", "created_on": "2019-05-01T10:00:00+00:00"},
        ],
        "comments": [
            {"id": 11, "issue": 2, "content": "Seen here too.", "user": "cy", "created_on": "2019-03-01T12:00:00+00:00"},
            {"id": 12, "issue": 2, "content": null, "user": "ana", "created_on": "2019-03-02T10:00:00+00:00"},
        ],
        "attachments": [{"issue": 2, "filename": "crash.log", "path": "attachments/crash.log", "user": "ana"}],
        "logs": [],
    })
}

fn archive() -> Vec<u8> {
    let mut writer = zip::ZipWriter::new(Cursor::new(Vec::new()));
    for (name, text) in
        [("attachments/crash.log", "boom".to_owned()), ("db-1.0.json", database().to_string())]
    {
        writer.start_file(name, SimpleFileOptions::default()).expect("begun");
        writer.write_all(text.as_bytes()).expect("written");
    }
    writer.finish().expect("a zip").into_inner()
}

fn by_title<'a>(cards: &'a Value, title: &str) -> &'a Value {
    cards.as_array().expect("cards").iter().find(|c| c["title"] == title).expect(title)
}

#[test]
fn an_exported_archive_becomes_local_cards_and_a_second_import_makes_nothing_twice() {
    let home = Home::new();
    std::fs::write(home.path("issues.zip"), archive()).expect("written");
    let planned = home.text(&["import", "bitbucket", "issues.zip", "--dry-run"]);
    assert!(planned.contains("4 cards would be made, with 1 comment"), "{planned}");
    assert_eq!(home.json(&["card", "list", "--json"]), json!([]), "a dry run makes nothing");

    let said = home.text(&["import", "bitbucket", "issues.zip", "--status", "on hold=approved"]);
    for part in [
        "4 cards made, with 1 comment",
        "on hold -> approved: 1",
        "resolved -> completed: 1",
        "`triaged` is no state of the tracker",
        "issue #4: `title`",
        "1 attached files",
    ] {
        assert!(said.contains(part), "{part} is not in\n{said}");
    }
    let cards = home.json(&["card", "list", "--json"]);
    let crash = by_title(&cards, "Crash at start");
    assert_eq!(crash["labels"], json!(["bug", "component: ui", "priority: blocker", "version: 0.9"]));
    assert_eq!((&crash["milestone"], &crash["assignees"]), (&json!("v1.0"), &json!(["ana"])));
    assert_eq!(crash["links"], json!([]));
    assert!(
        crash["body"]
            .as_str()
            .expect("a body")
            .starts_with("It *crashes*, see #1.\n\n*From Bitbucket issue 2")
    );
    assert!(crash["body"].as_str().expect("a body").contains("Attached there: `crash.log`"));
    assert_eq!(by_title(&cards, "Dark theme")["status"], "approved");
    let task = by_title(&cards, "Write it down");
    assert_eq!((&task["kind"], &task["status"]), (&json!("task"), &json!("completed")));
    let id = crash["id"].as_str().expect("an id");
    let shown = home.json(&["card", "show", id, "--json"]);
    assert_eq!(shown["author"], "Ben B.");
    assert_eq!(
        shown["comments"],
        json!([{"author": "cy", "at": "2019-03-01T12:00:00Z", "body": "Seen here too."}])
    );

    // Once more, out of the unpacked file and after an edit here.
    home.text(&["card", "edit", id, "--title", "Crash at the start"]);
    home.write("db-1.0.json", &database().to_string());
    let again = home.json(&["import", "bitbucket", "db-1.0.json", "--json"]);
    assert_eq!((&again["made"], &again["comments"], &again["known"]), (&json!(0), &json!(0), &json!(4)));
    let cards = home.json(&["card", "list", "--json"]);
    assert_eq!(cards.as_array().expect("cards").len(), 4);
    assert_eq!(by_title(&cards, "Crash at the start")["id"], id, "what was edited here stays");
    let rows = home.json(&["audit", "list", "--action", "import", "--json"]);
    assert_eq!(rows.as_array().expect("rows").len(), 1, "{rows}");
}

#[test]
fn what_is_no_export_is_refused_in_words_and_changes_nothing() {
    let home = Home::new();
    home.write("page.html", "<html>");
    home.write("broken.zip", "PK\u{3}\u{4} and no more");
    for (file, why) in [
        ("page.html", "not a Bitbucket issue export"),
        ("broken.zip", "zip archive cannot be read"),
        ("none.zip", "cannot read none.zip"),
    ] {
        let refused = home.run(&["import", "bitbucket", file]);
        assert_eq!(code(&refused), 1, "{file}");
        assert!(err(&refused).contains(why), "{why} in {}", err(&refused));
    }
    home.write("db-1.0.json", &database().to_string());
    let refused = home.run(&["import", "bitbucket", "db-1.0.json", "--status", "new=nowhere"]);
    assert_eq!(code(&refused), 2);
    assert!(err(&refused).contains("no status `nowhere`"), "{}", err(&refused));
    assert_eq!(home.json(&["card", "list", "--json"]), json!([]));
}

#[test]
fn a_config_from_the_times_of_issues_is_told_where_they_are() {
    let home = Home::with(
        "[[connection]]\nname = \"old\"\nplatform = \"bitbucket\"\nrepository = \"team/app\"\n\
         token = { env = \"CORKBOARD_TEST_TOKEN\" }\n[connection.status_mapping]\ncompleted = { state = \"resolved\" }\n",
    );
    let refused = home.run(&["card", "list"]);
    assert_eq!(code(&refused), 2);
    let said = err(&refused);
    assert!(
        said.contains("Bitbucket has no issues any more") && said.contains("corkboard import bitbucket"),
        "{said}"
    );
}
