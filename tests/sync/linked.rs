//! One card on two places: a change on one reaches the other in the same pass, and nothing goes back and forth.

use corkboard::domain::Command;
use corkboard::domain::fields::Field;
use corkboard::domain::history::VersionKind;
use corkboard::domain::link::ConnectionName;
use corkboard::domain::mapping::{NameMap, Names};
use corkboard::engine::Engine;
use corkboard::sandbox::Seed;

use crate::stage::{REPO, Stage, by_number, move_to, run};

const SIDE: &str = "octo/other";

fn side() -> ConnectionName {
    ConnectionName::new("side")
}

/// `core` at the main repository and `side` at another one, where `ben` is known and nobody else.
async fn stage(issues: usize) -> Stage {
    let mut stage = Stage::new(Seed::Count(issues)).await;
    let mut second = stage.settings.connections[0].clone();
    second.name = side();
    second.repository = SIDE.into();
    let people = NameMap::new([("ben".to_owned(), "ben".to_owned())]).expect("one to one");
    let labels = NameMap::new([("bug".to_owned(), "kind/bug".to_owned())]).expect("one to one");
    second.mapping = second.mapping.with_names(Names { people: Some(people), labels, ..Names::default() });
    stage.settings.connections.push(second);
    stage
}

async fn pass(engine: &Engine) {
    let report = engine.sync_once(None).await.expect("a pass");
    assert!(!report.failed(), "{report:#?}");
}

#[tokio::test]
async fn a_card_put_on_a_second_connection_lives_on_both() {
    let stage = stage(2).await;
    stage.sandbox.web("ana").add_label(REPO, 1, "bug").expect("labelled");
    let engine = stage.engine().await;
    pass(&engine).await;
    let card = by_number(&engine, 1).await.id;
    engine.add_link(card, &side()).await.expect("linked");
    pass(&engine).await;
    let there = stage.sandbox.issues(SIDE);
    assert_eq!(there.len(), 1);
    assert!(there[0].has_label("kind/bug") && !there[0].has_label("bug"), "{:?}", there[0].labels);
    // A change on one side reaches the other in the same pass.
    stage.sandbox.web("ana").set_title(REPO, 1, "Told once").expect("edited");
    pass(&engine).await;
    assert_eq!(stage.sandbox.issue(SIDE, there[0].number).expect("there").title, "Told once");
    stage.sandbox.web("cy").set_title(SIDE, there[0].number, "Told back").expect("edited");
    pass(&engine).await;
    pass(&engine).await;
    assert_eq!(stage.sandbox.issue(REPO, 1).expect("there").title, "Told back");
    // And a move reaches both.
    move_to(&engine, card, "completed").await;
    pass(&engine).await;
    assert!(!stage.sandbox.issue(REPO, 1).expect("there").open);
    assert!(!stage.sandbox.issue(SIDE, there[0].number).expect("there").open);
    stage.sandbox.clear_requests();
    pass(&engine).await;
    pass(&engine).await;
    assert_eq!(stage.applied_writes(), 0, "nothing goes back and forth");
    engine.shutdown().await;
}

#[tokio::test]
async fn people_without_a_name_on_a_connection_are_left_alone_there() {
    let stage = stage(1).await;
    let engine = stage.engine().await;
    pass(&engine).await;
    let card = by_number(&engine, 1).await.id;
    engine.add_link(card, &side()).await.expect("linked");
    let both = ["ana", "ben"].map(str::to_owned).into();
    let delta = corkboard::domain::fields::SetDelta { add: both, ..Default::default() };
    run(&engine, Command::Assign { card, delta }).await;
    pass(&engine).await;
    let number = stage.sandbox.issues(SIDE)[0].number;
    stage.sandbox.web("cy").assign(SIDE, number, "dee").expect("assigned");
    pass(&engine).await;
    pass(&engine).await;
    assert_eq!(stage.sandbox.issue(SIDE, number).expect("there").assignees, ["ben", "dee"]);
    assert!(stage.sandbox.issue(REPO, 1).expect("there").assignees.contains(&"ana".to_owned()));
    let here = by_number(&engine, 1).await.assignees;
    assert!(here.contains("ana") && here.contains("ben") && !here.contains("dee"), "{here:?}");
    engine.shutdown().await;
}

#[tokio::test]
async fn two_cards_that_are_the_same_work_become_one_and_what_is_replaced_is_kept() {
    let stage = stage(1).await;
    let web = stage.sandbox.web("ana");
    let number = web.create_issue(SIDE, "The same, otherwise told", "Theirs.").expect("made");
    web.add_label(SIDE, number, "urgent").expect("labelled");
    let engine = stage.engine().await;
    pass(&engine).await;
    let board = engine.board().await.expect("a board");
    let of = |connection: &str| {
        let found = board.cards().find(|c| c.links.iter().any(|l| l.connection.as_str() == connection));
        found.expect("there").clone()
    };
    let (hub, other) = (of("core"), of("side"));
    engine.join(hub.id, other.id).await.expect("joined");
    pass(&engine).await;
    pass(&engine).await;
    let there = stage.sandbox.issue(SIDE, number).expect("there");
    assert_eq!(there.title, hub.title);
    assert!(stage.sandbox.issue(REPO, 1).expect("there").has_label("urgent"), "labels of both are kept");
    assert_eq!(engine.board().await.expect("a board").cards().count(), 1);
    let id = hub.id;
    let history = engine.store().run(move |db| db.history(id, 50)).await.expect("read");
    let kept = history.iter().filter(|v| v.kind == VersionKind::Lost);
    let kept: Vec<String> = kept.map(|v| v.after.to_string()).collect();
    assert!(kept.contains(&"Theirs.".to_owned()) && kept.contains(&other.title), "{kept:?}");
    assert!(history.iter().all(|v| v.what != corkboard::domain::history::What::Field(Field::Assignees)));
    engine.shutdown().await;
}

#[tokio::test]
async fn a_card_taken_off_a_connection_leaves_its_item_as_it_is_with_a_card_of_its_own() {
    let stage = stage(1).await;
    let engine = stage.engine().await;
    pass(&engine).await;
    let card = by_number(&engine, 1).await.id;
    engine.add_link(card, &side()).await.expect("linked");
    pass(&engine).await;
    let own = engine.part(card, &side()).await.expect("parted").expect("a card of its own");
    run(&engine, Command::Retitle { card, title: "Only here".into() }).await;
    run(&engine, Command::Retitle { card: own, title: "Only there".into() }).await;
    pass(&engine).await;
    assert_eq!(stage.sandbox.issue(REPO, 1).expect("there").title, "Only here");
    let there = stage.sandbox.issues(SIDE);
    assert_eq!(there.iter().map(|i| i.title.as_str()).collect::<Vec<_>>(), ["Only there"]);
    engine.add_link(card, &side()).await.expect("linked anew");
    engine.part(card, &side()).await.expect("before it was made");
    pass(&engine).await;
    assert_eq!(stage.sandbox.issues(SIDE).len(), 1, "what was unlinked before it was made is not made");
    engine.shutdown().await;
}

#[tokio::test]
async fn what_the_last_connection_brings_reaches_the_first_one_in_the_same_pass() {
    let stage = stage(1).await;
    let engine = stage.engine().await;
    pass(&engine).await;
    let card = by_number(&engine, 1).await.id;
    engine.add_link(card, &side()).await.expect("linked");
    pass(&engine).await;
    let number = stage.sandbox.issues(SIDE)[0].number;
    stage.sandbox.web("cy").set_title(SIDE, number, "Told back").expect("edited");
    let report = engine.sync_once(None).await.expect("a pass");
    assert_eq!(stage.sandbox.issue(REPO, 1).expect("there").title, "Told back");
    let sent: Vec<u32> = report.connections.iter().map(|c| c.sent).collect();
    assert_eq!((sent, report.connections.len()), (vec![1, 0], 2), "and it is told where it was sent");
    engine.shutdown().await;
}

#[tokio::test]
async fn a_card_is_not_taken_off_a_connection_while_a_write_there_is_without_an_answer() {
    let stage = stage(1).await;
    let engine = stage.engine().await;
    pass(&engine).await;
    let card = by_number(&engine, 1).await.id;
    engine.add_link(card, &side()).await.expect("linked");
    pass(&engine).await;
    let number = stage.sandbox.issues(SIDE)[0].number;
    run(&engine, Command::Retitle { card, title: "Perhaps there".into() }).await;
    let lost = "PATCH /repos/octo/other/* count=1 drop-after; READ /repos/octo/other/* after=1 drop-before";
    stage.sandbox.set_faults(lost.parse().expect("faults"));
    engine.sync_once(None).await.expect("a pass");
    assert_eq!(stage.sandbox.issue(SIDE, number).expect("there").title, "Perhaps there", "it arrived");
    let refused = engine.part(card, &side()).await.expect_err("the answer is missing").to_string();
    assert!(refused.contains("without an answer"), "{refused}");
    stage.sandbox.set_faults("".parse().expect("no faults"));
    engine.retry(&side());
    pass(&engine).await;
    engine.part(card, &side()).await.expect("parted").expect("a card of its own");
    pass(&engine).await;
    assert_eq!(stage.sandbox.issue(SIDE, number).expect("there").title, "Perhaps there");
    engine.shutdown().await;
}

#[tokio::test]
async fn a_comment_on_a_card_that_was_never_made_anywhere_stays_with_the_card() {
    let stage = stage(0).await;
    let engine = stage.engine().await;
    let (card, command) = crate::stage::new_card("Only an idea");
    run(&engine, command).await;
    run(&engine, Command::Comment { card, body: "Worth a thought.".into() }).await;
    engine.part(card, &crate::stage::core()).await.expect("parted");
    let detail = engine.store().run(move |db| db.detail(card)).await.expect("read").expect("there");
    let said: Vec<&str> = detail.local_comments.iter().map(|c| c.body.as_str()).collect();
    assert_eq!(said, ["Worth a thought."]);
    engine.shutdown().await;
}
