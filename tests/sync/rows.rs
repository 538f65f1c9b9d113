//! Rows of `docs/failure-modes.md` that no other test proves: each test's name begins with its row.

#[path = "rows/undone.rs"]
mod undone;

use std::collections::BTreeSet;

use corkboard::config::settings::Direction;
use corkboard::domain::command::Command;
use corkboard::domain::fields::{SetDelta, canonical_body};
use corkboard::domain::link::SyncStatus;
use corkboard::domain::{CardId, ConnectionName};
use corkboard::sandbox::{IssueView, Seed};

use crate::stage::*;

fn add(name: &str) -> SetDelta {
    SetDelta { add: BTreeSet::from([name.to_owned()]), ..SetDelta::default() }
}

fn issue(stage: &Stage, number: u64) -> IssueView {
    stage.sandbox.issue(REPO, number).expect("there")
}

async fn body_of(engine: &corkboard::engine::Engine, card: CardId) -> String {
    engine.card_detail(card).await.expect("read").expect("there").body
}

/// A create arrives and its answer does not; before the issue is found, it is edited on both sides.
#[tokio::test]
async fn row_01_what_others_edit_before_a_lost_create_is_found_is_kept() {
    for found_by in ["looking", "a page"] {
        let mut stage = Stage::new(Seed::Count(2)).await;
        stage.sync().await;
        let engine = stage.engine().await;
        let (id, create) = new_card("Lost at first");
        run(&engine, create).await;
        stage
            .sandbox
            .set_faults("POST */issues count=1 drop-after; GET */issues?* hang".parse().expect("faults"));
        let made =
            |s: &corkboard::sandbox::Sandbox| s.issues(REPO).iter().any(|i| i.title == "Lost at first");
        tokio::select! {
            arrived = stage.sandbox.wait_for(DEADLINE, made) => assert!(arrived),
            report = engine.sync_once(None) => panic!("nothing can be looked up: {report:?}"),
        }
        drop(engine);
        let number =
            stage.sandbox.issues(REPO).into_iter().find(|i| i.title == "Lost at first").expect("it").number;
        let web = stage.sandbox.web("cy");
        let marker =
            issue(&stage, number).body.and_then(|b| b.lines().last().map(str::to_owned)).expect("a marker");
        web.set_body(REPO, number, &format!("Written there.\n\n{marker}")).expect("edited");
        web.add_label(REPO, number, "from there").expect("labelled");
        web.remove_label(REPO, number, "bug").expect("unlabelled");
        let engine = stage.engine().await;
        run(&engine, Command::Retitle { card: id, title: "Named here".into() }).await;
        run(&engine, Command::Label { card: id, delta: add("from here") }).await;
        engine.shutdown().await;
        stage.sandbox.set_faults("".parse().expect("faults"));
        if found_by == "a page" {
            stage.settings.connections[0].direction = Direction::Pull;
            stage.sync().await;
            stage.settings.connections[0].direction = Direction::Bidirectional;
        }
        for _ in 0..3 {
            stage.sync().await;
        }
        let there = issue(&stage, number);
        assert_eq!(there.title, "Named here", "{found_by}");
        assert_eq!(there.labels, ["status: approved", "from there", "from here"], "{found_by}");
        assert_eq!(there.body, Some(format!("Written there.\n\n{marker}")), "{found_by}");
        let engine = stage.engine().await;
        assert_eq!(body_of(&engine, id).await, "Written there.", "{found_by}");
        let labels = by_number(&engine, number).await.labels;
        assert_eq!(*labels, ["from here", "from there"].map(str::to_owned).into(), "{found_by}");
        engine.shutdown().await;
    }
}

#[tokio::test]
async fn row_02_a_list_that_lags_behind_a_create_does_not_let_it_be_made_twice() {
    let stage = Stage::new(Seed::Count(5)).await;
    stage.sync().await;
    let engine = stage.engine().await;
    let (_, create) = new_card("Not in the list yet");
    run(&engine, create).await;
    // The lists lag by less than the time over which it is looked for: 75 times the write pace.
    stage.sandbox.set_faults(
        "POST */issues count=1 drop-after; GET */issues?* stale(lag=200ms)".parse().expect("faults"),
    );
    stage.sandbox.clear_requests();
    for _ in 0..10 {
        if engine.sync_once(None).await.expect("a pass").connections[0].unsent == 0 {
            break;
        }
    }
    let asked = stage.sandbox.requests();
    let looks = asked.iter().filter(|r| r.method == "GET" && r.path.contains("creator=")).count();
    let posts = asked.iter().filter(|r| r.method == "POST" && r.path.ends_with("/issues")).count();
    assert!(looks >= 2, "the first look came too early to find it: {looks}");
    assert_eq!(posts, 1);
    assert_eq!(stage.sandbox.issues(REPO).iter().filter(|i| i.title == "Not in the list yet").count(), 1);
    engine.shutdown().await;
}

#[tokio::test]
async fn row_04_what_was_not_confirmed_is_sent_again_and_what_was_is_not() {
    for lost in ["drop-before", "drop-after", "status=502", "truncate", "html"] {
        let stage = Stage::new(Seed::Count(3)).await;
        stage.sync().await;
        let engine = stage.engine().await;
        for number in 1..=3 {
            let card = by_number(&engine, number).await.id;
            run(&engine, Command::Retitle { card, title: format!("edited {number}") }).await;
        }
        stage.sandbox.set_faults(format!("PATCH */issues/2 count=1 {lost}").parse().expect("faults"));
        stage.sandbox.clear_requests();
        for _ in 0..4 {
            engine.sync_once(None).await.expect("a pass");
        }
        for number in 1..=3 {
            assert_eq!(issue(&stage, number).title, format!("edited {number}"), "{lost}");
            let writes = stage.sandbox.writes();
            let sent = writes.iter().filter(|w| w.path.ends_with(&format!("/issues/{number}"))).count();
            let applied =
                writes.iter().filter(|w| w.applied && w.path.ends_with(&format!("/{number}"))).count();
            assert_eq!(applied, 1, "{lost}: #{number} was changed once");
            assert!(
                number == 2 || sent == 1,
                "{lost}: #{number} was not sent again for its neighbour's sake"
            );
        }
        engine.shutdown().await;
    }
}

#[tokio::test]
async fn row_07_a_text_the_platform_keeps_in_another_form_is_not_sent_for_ever() {
    let stage = Stage::new(Seed::Count(3)).await;
    stage.sync().await;
    let engine = stage.engine().await;
    let card = by_number(&engine, 1).await.id;
    let before = body_of(&engine, card).await;
    run(&engine, Command::Rewrite { card, before, after: "one\r\ntwo  \n\n\n".into() }).await;
    engine.sync_once(None).await.expect("a pass");
    // The web form stores carriage returns; nobody edited anything by that.
    let stored = issue(&stage, 1).body.unwrap_or_default();
    assert_eq!(canonical_body(&stored), "one\ntwo");
    stage.sandbox.web("ana").set_body(REPO, 1, &stored.replace('\n', "\r\n")).expect("saved");
    stage.sandbox.web("ana").set_body(REPO, 2, "three\r\n\r\n  four\r\n").expect("saved");
    stage.sandbox.clear_requests();
    for _ in 0..3 {
        let report = engine.sync_once(None).await.expect("a pass");
        assert_eq!((report.connections[0].sent, report.connections[0].conflicts), (0, 0), "{report:?}");
    }
    assert_eq!(stage.sandbox.writes().len(), 0);
    assert_eq!(body_of(&engine, card).await, "one\ntwo");
    // And an edit of another field does not carry the body along.
    run(&engine, Command::Retitle { card: by_number(&engine, 2).await.id, title: "only this".into() }).await;
    engine.sync_once(None).await.expect("a pass");
    assert_eq!(issue(&stage, 2).body.as_deref(), Some("three\r\n\r\n  four\r\n"));
    engine.shutdown().await;
}

#[tokio::test]
async fn row_08_states_that_mean_the_same_do_not_swing() {
    let stage = Stage::new(Seed::Count(0)).await;
    let web = stage.sandbox.web("ana");
    let open = |title: &str| web.create_issue(REPO, title, "").expect("created");
    // The label in another case; two status labels; closed with a label left behind; closed for a reason unmapped.
    let (cased, two, left, other) = (open("cased"), open("two"), open("left"), open("other"));
    web.create_label(REPO, "STATUS: Approved", "ededed").expect("made");
    web.add_label(REPO, cased, "STATUS: Approved").expect("labelled");
    for label in ["STATUS: Approved", "status: in progress"] {
        web.add_label(REPO, two, label).expect("labelled");
    }
    web.add_label(REPO, left, "status: in progress").expect("labelled");
    web.close(REPO, left, "completed").expect("closed");
    web.close(REPO, other, "duplicate").expect("closed");
    let engine = stage.engine().await;
    for _ in 0..3 {
        engine.sync_once(None).await.expect("a pass");
    }
    assert_eq!(stage.sandbox.writes().len(), 0, "reading is not writing");
    let mut read = Vec::new();
    for number in [cased, two, left, other] {
        read.push(by_number(&engine, number).await.status.as_str().to_owned());
    }
    assert_eq!(read, ["approved", "in_progress", "completed", "completed"]);
    // An edit of another field leaves the state as it was found.
    for number in [cased, two, left, other] {
        let before = issue(&stage, number);
        let card = by_number(&engine, number).await.id;
        run(&engine, Command::Retitle { card, title: format!("edited {number}") }).await;
        engine.sync_once(None).await.expect("a pass");
        let after = issue(&stage, number);
        assert_eq!(
            (after.labels, after.open, after.state_reason),
            (before.labels, before.open, before.state_reason)
        );
    }
    engine.shutdown().await;
}

#[tokio::test]
async fn row_10_a_move_costs_one_look_and_one_write_and_not_the_board() {
    let stage = Stage::new(Seed::Count(300)).await;
    stage.sync().await;
    stage.sync().await;
    let engine = stage.engine().await;
    let card = board(&engine).await.cards().find(|c| c.status.as_str() == "approved").cloned().expect("one");
    move_to(&engine, card.id, "in_progress").await;
    stage.sandbox.clear_requests();
    engine.sync_once(None).await.expect("a pass");
    let asked = stage.sandbox.requests();
    let count = |method: &str, what: &str| {
        asked.iter().filter(|r| r.method == method && r.path.contains(what)).count()
    };
    let number = card.links[0].number.expect("linked");
    assert_eq!(stage.sandbox.writes().len(), 1);
    assert_eq!(count("GET", "/issues?"), 1, "one question whether anything else changed");
    assert_eq!(count("GET", &format!("/issues/{number}")), 2, "the issue before, its history after");
    // And once for a process: which repository it is, and whose token.
    assert!(asked.len() <= 6, "{:?}", asked.iter().map(|r| &r.path).collect::<Vec<_>>());
    engine.shutdown().await;
}

#[tokio::test]
async fn row_20_a_body_of_any_markdown_goes_out_and_comes_back_as_it_was_written() {
    let bodies = [
        "# A\n\n| a | b |\n|---|---|\n| `x|y` | **b** |\n\n- [ ] one\n  - [x] two",
        "@ana see #1 and octo/app#2, GH-3\n\n<details><summary>s</summary>\n\n```rust\nfn a() {}\n```\n</details>",
        "<!-- a comment of my own -->\n\n    code\n\ttab\n\n***\n\\*not\\* &amp; &lt;b&gt; \u{1F980} \u{200D}",
        "<!-- corkboard: 0123456789abcdef0123456789abcdef -->\nquoted above, and text below",
        "",
    ];
    let stage = Stage::new(Seed::Count(0)).await;
    let engine = stage.engine().await;
    for (n, body) in bodies.iter().enumerate() {
        let (_, create) = new_card(&format!("body {n}"));
        let Command::Create(mut card) = create else { unreachable!("a create") };
        card.body = (*body).to_owned();
        run(&engine, Command::Create(card)).await;
        stage.sandbox.web("ana").create_issue(REPO, &format!("theirs {n}"), body).expect("created");
    }
    for _ in 0..3 {
        engine.sync_once(None).await.expect("a pass");
    }
    for (n, body) in bodies.iter().enumerate() {
        for title in [format!("body {n}"), format!("theirs {n}")] {
            let there = stage.sandbox.issues(REPO).into_iter().find(|i| i.title == title).expect("there");
            let text = there.body.unwrap_or_default();
            let card = by_number(&engine, there.number).await.id;
            assert!(text.starts_with(body), "{title}: {text}");
            assert_eq!(body_of(&engine, card).await, *body, "{title}");
        }
    }
    engine.shutdown().await;
}

#[tokio::test]
async fn row_21_a_text_too_long_is_never_cut() {
    let stage = Stage::new(Seed::Count(2)).await;
    let long = "ä".repeat(70_000);
    stage.sandbox.web("ana").set_body(REPO, 1, &long).expect("written, before the limit was what it is");
    stage.sync().await;
    let engine = stage.engine().await;
    let card = by_number(&engine, 1).await.id;
    assert_eq!(body_of(&engine, card).await, long, "it is shown whole");
    run(&engine, Command::Retitle { card, title: "only the title".into() }).await;
    let report = engine.sync_once(None).await.expect("a pass");
    assert_eq!((report.connections[0].sent, report.connections[0].unsent), (1, 0), "{report:?}");
    let after = issue(&stage, 1);
    assert_eq!((after.title.as_str(), after.body.as_deref()), ("only the title", Some(long.as_str())));
    // An edit that would be too long is refused where it is made, with the limit, and nothing is changed.
    let edit = Command::Rewrite { card, before: long.clone(), after: format!("{long} and more") };
    let refused = engine.carry_out(edit).await.expect_err("too long").to_string();
    assert!(refused.contains("70009"), "{refused}");
    assert_eq!(body_of(&engine, card).await, long);
    engine.shutdown().await;
}

#[tokio::test]
async fn row_22_a_label_in_another_case_is_the_same_label_and_keeps_its_spelling() {
    let stage = Stage::new(Seed::Count(1)).await;
    let web = stage.sandbox.web("ana");
    for label in ["Needs Review", "area/UI: tabs"] {
        web.create_label(REPO, label, "ededed").expect("made");
    }
    web.add_label(REPO, 1, "Needs Review").expect("labelled");
    stage.sync().await;
    let engine = stage.engine().await;
    let card = by_number(&engine, 1).await.id;
    run(&engine, Command::Label { card, delta: add("needs review") }).await;
    stage.sandbox.clear_requests();
    engine.sync_once(None).await.expect("a pass");
    assert_eq!(stage.sandbox.writes().len(), 0, "it is on already");
    run(&engine, Command::Label { card, delta: add("AREA/ui: TABS") }).await;
    let gone = SetDelta { remove: BTreeSet::from(["NEEDS REVIEW".to_owned()]), ..SetDelta::default() };
    run(&engine, Command::Label { card, delta: gone }).await;
    for _ in 0..3 {
        engine.sync_once(None).await.expect("a pass");
    }
    let labels = issue(&stage, 1).labels;
    assert!(labels.contains(&"area/UI: tabs".to_owned()), "the platform's spelling: {labels:?}");
    assert!(!labels.iter().any(|l| l.eq_ignore_ascii_case("needs review")), "{labels:?}");
    let spelt =
        |name: &str| stage.sandbox.labels(REPO).iter().filter(|l| l.eq_ignore_ascii_case(name)).count();
    assert_eq!((spelt("area/ui: tabs"), spelt("needs review")), (1, 1), "no twin was made");
    let card = by_number(&engine, 1).await;
    assert!(card.labels.iter().any(|l| l.eq_ignore_ascii_case("area/UI: tabs")), "{:?}", card.labels);
    assert_eq!(stage.applied_writes(), 1, "and then it is quiet");
    engine.shutdown().await;
}

#[tokio::test]
async fn row_23_an_assignee_nobody_knows_takes_nobody_off_and_is_told() {
    let stage = Stage::new(Seed::Count(2)).await;
    stage.sandbox.web("ana").assign(REPO, 1, "ben").expect("assigned");
    stage.sync().await;
    let engine = stage.engine().await;
    let card = by_number(&engine, 1).await.id;
    run(&engine, Command::Assign { card, delta: add("no-such-person") }).await;
    run(&engine, Command::Retitle { card, title: "the rest goes on".into() }).await;
    let report = engine.sync_once(None).await.expect("a pass");
    let after = issue(&stage, 1);
    assert_eq!((after.title.as_str(), after.assignees), ("the rest goes on", vec!["ben".to_owned()]));
    assert!(report.needs_a_person(), "{report:?}");
    let told = by_number(&engine, 1).await;
    let note = told.links[0].note.clone().unwrap_or_default();
    assert!(note.contains("no-such-person"), "{note}");
    assert_eq!(told.links[0].sync, SyncStatus::Failed);
    assert!(told.assignees.contains("ben"));
    engine.shutdown().await;
}

/// A board on two repositories, with one card on both.
async fn twins() -> (Stage, Stage, corkboard::engine::Engine, CardId) {
    let mut stage = Stage::new(Seed::Count(1)).await;
    let twin = Stage::new(Seed::Count(1)).await;
    let mut docs = twin.settings.connections[0].clone();
    docs.name = ConnectionName::new("docs");
    stage.settings.connections.push(docs.clone());
    let engine = stage.engine().await;
    let (id, create) = new_card("On both");
    let Command::Create(mut card) = create else { unreachable!("a create") };
    card.connections = vec![core(), docs.name];
    run(&engine, Command::Create(card)).await;
    engine.sync_once(None).await.expect("a pass");
    (stage, twin, engine, id)
}

fn on_both(stage: &Stage) -> IssueView {
    stage.sandbox.issues(REPO).into_iter().find(|i| i.title == "On both").expect("there")
}

#[tokio::test]
async fn row_24_what_others_say_on_one_platform_is_not_said_on_the_other() {
    let (stage, twin, engine, id) = Box::pin(twins()).await;
    stage.sandbox.web("ana").comment(REPO, on_both(&stage).number, "@ben look at #1").expect("said");
    engine.open_card(id);
    for _ in 0..3 {
        engine.sync_once(None).await.expect("a pass");
    }
    assert!(on_both(&twin).comments.is_empty(), "nobody is called there");
    run(&engine, Command::Comment { card: id, body: "Said by me.".into() }).await;
    for _ in 0..3 {
        engine.sync_once(None).await.expect("a pass");
    }
    let mine = |issue: IssueView| issue.comments.iter().filter(|c| c.body.starts_with("Said by me.")).count();
    assert_eq!(
        (mine(on_both(&stage)), mine(on_both(&twin))),
        (1, 1),
        "what I say on the card goes to both, once"
    );
    engine.shutdown().await;
}

#[tokio::test]
async fn row_26_a_page_does_not_undo_a_move_that_is_not_sent_yet() {
    let stage = Stage::new(Seed::Demo).await;
    stage.sync().await;
    let engine = stage.engine().await;
    let open = stage.sandbox.issues(REPO).into_iter().find(|i| i.has_label("status: approved")).expect("one");
    let card = by_number(&engine, open.number).await.id;
    move_to(&engine, card, "in_progress").await;
    // Our write fails for the time being; the issue itself comes in with the pull, changed and in its old state.
    stage.sandbox.set_faults(format!("PATCH */issues/{} status=500", open.number).parse().expect("faults"));
    stage.sandbox.web("cy").set_title(REPO, open.number, "Edited meanwhile").expect("edited");
    engine.start();
    until(&engine, "the edit made there, with the move kept and waiting", |board| {
        let card = board.card(card).expect("a card");
        let moved = card.status.as_str() == "in_progress";
        assert!(moved, "the move was undone: {card:?}");
        card.title == "Edited meanwhile" && card.links[0].sync == SyncStatus::Pending
    })
    .await;
    assert!(issue(&stage, open.number).has_label("status: approved"), "nothing was sent yet");
    stage.sandbox.set_faults("".parse().expect("faults"));
    engine.retry(&core());
    let moved = |s: &corkboard::sandbox::Sandbox| {
        s.issue(REPO, open.number).is_some_and(|i| i.has_label("status: in progress"))
    };
    assert!(stage.sandbox.wait_for(DEADLINE, moved).await, "and then it is");
    engine.shutdown().await;
}

#[tokio::test]
async fn row_28_a_platform_that_fails_stops_no_other() {
    let (stage, twin, engine, id) = Box::pin(twins()).await;
    for failing in ["status=401", "status=404", "html", "429(retry-after=3600s)"] {
        stage.sandbox.set_faults(failing.parse().expect("faults"));
        let title = format!("edited while {failing}");
        run(&engine, Command::Retitle { card: id, title: title.clone() }).await;
        let report = engine.sync_once(None).await.expect("a pass");
        let of = |name: &str| report.connections.iter().find(|c| c.connection == name).expect("a report");
        assert!(of("core").error.is_some() && of("core").unsent > 0, "{failing}: {report:?}");
        assert!(of("docs").error.is_none(), "{failing}: {report:?}");
        assert!(twin.sandbox.issues(REPO).iter().any(|i| i.title == title), "{failing}");
    }
    engine.shutdown().await;
}
