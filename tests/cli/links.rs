//! One card on several platforms from the command line: where a new card is made, and what looks like the same work.

use corkboard::sandbox::Seed;
use pretty_assertions::assert_eq;
use serde_json::{Value, json};

use crate::home::{Home, code, config, err};

const SIDE: &str = "octo/other";

/// A config with two connections to one sandbox, and these lines.
fn two(url: &str, more: &str) -> String {
    let core = config(url);
    format!("{core}{}{more}", core.replace("\"core\"", "\"side\"").replace("octo/app", SIDE))
}

fn on(made: &Value) -> Vec<&str> {
    let links = made["links"].as_array().expect("a list");
    links.iter().map(|l| l["connection"].as_str().expect("a name")).collect()
}

#[test]
fn a_new_card_is_made_where_the_rules_say_unless_it_is_said_otherwise() {
    let rules = "[new_cards]\nconnections = [\"side\"]\n\
                 [[new_cards.rule]]\nlabel = \"bug\"\nconnections = [\"core\", \"side\"]\n\
                 [[new_cards.rule]]\nkind = \"epic\"\nconnections = []\n";
    let home = Home::with(&two("http://127.0.0.1:9", rules));
    let create = |more: &[&str]| {
        let mut arguments = vec!["card", "create", "--title", "Retry", "--json"];
        arguments.extend(more);
        home.json(&arguments)
    };
    for (more, wanted) in [
        (&[][..], &["side"][..]),
        (&["--label", "Bug"], &["core", "side"]),
        (&["--kind", "epic"], &[]),
        (&["--label", "bug", "--kind", "epic"], &["core", "side"]),
        (&["--label", "bug", "--connection", "core"], &["core"]),
        (&["--label", "bug", "--local"], &[]),
    ] {
        assert_eq!(on(&create(more)), wanted, "{more:?}");
    }
}

#[test]
fn without_rules_several_connections_want_to_be_told_apart() {
    let home = Home::with(&two("http://127.0.0.1:9", ""));
    let out = home.run(&["card", "create", "--title", "Retry"]);
    assert_eq!(code(&out), 2);
    assert!(err(&out).contains("[new_cards]"), "{}", err(&out));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn twins_are_listed_with_their_reasons_and_dismissed_for_good() {
    let (home, sandbox) = Home::connected(Seed::Count(0)).await;
    home.write(".config/corkboard/config.toml", &two(sandbox.url(), ""));
    let web = sandbox.web("ana");
    web.create_issue("octo/app", "Retry on 502", "").expect("made");
    web.create_issue(SIDE, "Retry on 502", "see core#1").expect("made");
    home.text(&["sync", "--once"]);
    let found = home.json(&["card", "twins", "core#1", "--json"]);
    let twin = &found[0];
    assert_eq!((&twin["key"], &twin["other_key"]), (&json!("core#1"), &json!("side#1")));
    let reasons = json!([
        { "why": "same_title", "words": "same title" },
        { "why": "names", "name": "core#1", "part": "text", "words": "names core#1 in its text" },
    ]);
    assert_eq!(twin["reasons"], reasons);
    let text = home.text(&["card", "twins"]);
    assert!(text.contains("looks like") && text.contains("same title, names core#1 in its text"), "{text}");
    // Linking says what it would replace, and does nothing yet.
    web.set_title(SIDE, 1, "Otherwise").expect("edited");
    home.text(&["sync", "--once"]);
    let out = home.run(&["card", "link", "core#1", "side#1"]);
    assert!(code(&out) == 2 && err(&out).contains("title: Otherwise -> Retry on 502"), "{}", err(&out));
    let left = home.text(&["card", "twins", "core#1", "--dismiss", "side#1"]);
    assert!(left.contains("No two cards"), "{left}");
    assert_eq!(home.json(&["card", "twins", "--json"]), json!([]));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_conflict_between_two_platforms_is_listed_and_decided_by_their_names() {
    let (home, sandbox) = Home::connected(Seed::Count(0)).await;
    let manual = two(sandbox.url(), "").replace("interval =", "conflicts = \"manual\"\ninterval =");
    home.write(".config/corkboard/config.toml", &manual);
    let web = sandbox.web("ana");
    web.create_issue("octo/app", "Retry on 502", "").expect("made");
    home.text(&["sync", "--once"]);
    home.text(&["card", "link", "core#1", "side"]);
    home.text(&["sync", "--once"]);
    home.text(&["sync", "--once"]);
    web.set_title("octo/app", 1, "Told in the core").expect("edited");
    web.set_title(SIDE, 1, "Told on the side").expect("edited");
    let out = home.run(&["sync", "--once"]);
    assert_eq!(code(&out), 3, "{}", err(&out));
    let out = home.run(&["conflicts", "list"]);
    let text = String::from_utf8_lossy(&out.stdout).into_owned();
    for (side, title) in [("core", "Told in the core"), ("side", "Told on the side")] {
        assert!(text.contains(&format!("     {side:<6} {title}")), "{text}");
    }
    assert!(!text.contains("     here") && !text.contains("     there"), "{text}");
    let out = home.run(&["conflicts", "list", "--json"]);
    let listed: Value = serde_json::from_slice(&out.stdout).expect("JSON");
    let (id, from) = (listed[0]["id"].to_string(), listed[0]["local_from"].as_str().expect("a name"));
    assert_ne!(listed[0]["connection"], from);
    let out = home.run(&["conflicts", "resolve", &id, "--take", "elsewhere"]);
    assert!(code(&out) == 2 && err(&out).contains(from), "{}", err(&out));
    home.text(&["conflicts", "resolve", &id, "--take", "side"]);
    home.text(&["sync", "--once"]);
    for repo in ["octo/app", SIDE] {
        assert_eq!(sandbox.issue(repo, 1).expect("there").title, "Told on the side");
    }
}
