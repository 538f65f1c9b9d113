//! Cards that may be the same work: found over two places, never linked by themselves, dismissed for good; and conflicts
//! between two platforms, told by the names of both.

use corkboard::domain::history::VersionKind;
use corkboard::domain::link::ConnectionName;
use corkboard::domain::twins::pair;
use corkboard::domain::{AuditFilter, Card, CardId, Choice, Command, Decision, Field};
use corkboard::engine::{Engine, LinkAsk, LinkTold, Update};
use corkboard::sandbox::Seed;
use corkboard::sync::Policies;
use corkboard::sync::reconcile::Policy;

use crate::stage::{DEADLINE, REPO, Stage, board, core, new_card, run};

const SIDE: &str = "octo/other";

fn side() -> ConnectionName {
    ConnectionName::new("side")
}

/// `core` at the main repository and `side` at another one, both with this policy.
async fn stage(policy: Policy) -> Stage {
    let mut stage = Stage::new(Seed::Count(0)).await;
    let mut second = stage.settings.connections[0].clone();
    (second.name, second.repository) = (side(), SIDE.into());
    stage.settings.connections.push(second);
    for connection in &mut stage.settings.connections {
        connection.policies = Policies { default: policy, ..Policies::default() };
    }
    stage
}

async fn pass(engine: &Engine) {
    let report = engine.sync_once(None).await.expect("a pass");
    assert!(!report.failed(), "{report:#?}");
}

async fn on(engine: &Engine, connection: &str, number: u64) -> Card {
    let is = |c: &&Card| c.link_on(connection).is_some_and(|l| l.number == Some(number));
    let board = board(engine).await;
    board.cards().find(is).unwrap_or_else(|| panic!("no card of {connection}#{number}")).clone()
}

/// Each pair with its reasons, the lower id first.
async fn told(engine: &Engine, only: Option<CardId>) -> Vec<((CardId, CardId), String)> {
    let twins = engine.twins(only).await.expect("compared");
    twins.iter().map(|t| (pair(t.card, t.other), t.words())).collect()
}

#[tokio::test]
async fn items_of_two_places_that_name_or_resemble_each_other_are_suggested_and_nothing_is_linked() {
    let stage = stage(Policy::LastWriteWins).await;
    let web = stage.sandbox.web("ana");
    let one = web.create_issue(REPO, "Retry on 502", "Gives up at once.").expect("made");
    let two = web.create_issue(REPO, "Write the guide", "").expect("made");
    let twin = web.create_issue(SIDE, "retry on 502!", "").expect("made");
    let named = web.create_issue(SIDE, "A page", &format!("For {REPO}#{two}, at last.")).expect("made");
    let other = web.create_issue(SIDE, "Something else", "core#99 is nobody").expect("made");
    let engine = stage.engine().await;
    let (made, command) = new_card("Made here, copied there");
    run(&engine, command).await;
    pass(&engine).await;
    let mark = board(&engine).await.card(made).expect("there").links[0].id;
    let text = format!("The same text.\n\n<!-- corkboard: {} -->", mark.0.hyphenated());
    let copy = web.create_issue(SIDE, "Renamed since", &text).expect("made");
    pass(&engine).await;

    let (one, two) = (on(&engine, "core", one).await.id, on(&engine, "core", two).await.id);
    let (twin, named) = (on(&engine, "side", twin).await.id, on(&engine, "side", named).await.id);
    let copy = on(&engine, "side", copy).await.id;
    let all = told(&engine, None).await;
    let wanted =
        [(pair(made, copy), "carries the same mark".to_owned()), (pair(one, twin), "same title".to_owned())];
    assert_eq!(all[..2], wanted);
    assert_eq!(all.len(), 3, "{all:?}");
    assert_eq!(told(&engine, Some(two)).await, [(pair(two, named), format!("names {REPO}#2 in its text"))]);
    assert_eq!(told(&engine, Some(on(&engine, "side", other).await.id)).await, []);
    pass(&engine).await;
    assert_eq!(board(&engine).await.cards().filter(|c| c.links.len() > 1).count(), 0, "nothing by itself");
    engine.shutdown().await;
}

#[tokio::test]
async fn what_was_dismissed_or_parted_is_not_suggested_again_not_even_after_a_restart() {
    let stage = stage(Policy::LastWriteWins).await;
    let web = stage.sandbox.web("ana");
    for repo in [REPO, SIDE] {
        web.create_issue(repo, "Retry on 502", "").expect("made");
    }
    let engine = stage.engine().await;
    pass(&engine).await;
    let (one, two) = (on(&engine, "core", 1).await.id, on(&engine, "side", 1).await.id);
    assert_eq!(told(&engine, Some(one)).await.len(), 1);
    engine.dismiss_twin(two, one).await.expect("dismissed");
    engine.dismiss_twin(one, two).await.expect("and again");
    assert_eq!(told(&engine, Some(one)).await, []);
    engine.shutdown().await;
    let engine = stage.engine().await;
    assert_eq!((told(&engine, Some(two)).await, told(&engine, None).await), (vec![], vec![]));
    // Who links them all the same, and parts them later, does not want to hear of it either.
    engine.join(one, two).await.expect("joined");
    pass(&engine).await;
    let own = engine.part(one, &side()).await.expect("parted").expect("a card of its own");
    assert_ne!(own, two);
    assert_eq!((told(&engine, Some(own)).await, told(&engine, None).await), (vec![], vec![]));
    engine.shutdown().await;
}

#[tokio::test]
async fn what_a_front_end_asks_about_links_is_answered_and_the_board_is_told_at_once() {
    let stage = stage(Policy::LastWriteWins).await;
    let web = stage.sandbox.web("ana");
    web.create_issue(REPO, "Retry on 502", "Ours.").expect("made");
    web.create_issue(SIDE, "Retry on 502", "Theirs.").expect("made");
    let engine = stage.engine().await;
    pass(&engine).await;
    let (hub, other) = (on(&engine, "core", 1).await.id, on(&engine, "side", 1).await.id);
    engine.shutdown().await;
    // The board of a person who has just opened it.
    let engine = stage.engine().await;
    let mut updates = engine.updates().expect("once");
    engine.start();
    let mut wait = async |what: &str, is: &dyn Fn(&Update) -> bool| {
        let found = async {
            loop {
                let update = updates.recv().await.expect("open");
                if is(&update) {
                    return update;
                }
            }
        };
        tokio::time::timeout(DEADLINE, found).await.unwrap_or_else(|_| panic!("waited in vain for {what}"))
    };
    let links = |update: &Update| matches!(update, Update::Links(_));
    engine.links(LinkAsk::Compare { hub, other });
    let Update::Links(told) = wait("the differences", &links).await else { panic!("another update") };
    let LinkTold::Compared { differences, .. } = *told else { panic!("{told:?}") };
    let fields: Vec<Field> = differences.iter().map(|d| d.field).collect();
    assert_eq!(fields, [Field::Body], "the titles are the same");
    assert_eq!(
        (differences[0].stays.to_string(), differences[0].goes.to_string()),
        ("Ours.".into(), "Theirs.".into())
    );
    engine.links(LinkAsk::Join { hub, other: hub });
    let refused = wait("the refusal", &links).await;
    assert!(matches!(&refused, Update::Links(t) if matches!(&**t, LinkTold::Refused { .. })), "{refused:?}");
    engine.links(LinkAsk::Join { hub, other });
    let (mut joined, mut gone, mut done) = (false, false, false);
    while !(joined && gone && done) {
        match wait("the joined card", &|_| true).await {
            Update::Cards(cards) => joined |= cards.iter().any(|c| c.id == hub && c.links.len() == 2),
            Update::Removed(ids) => gone |= ids.contains(&other),
            Update::Links(told) => done |= matches!(*told, LinkTold::Done { .. }),
            _ => {}
        }
    }
    engine.shutdown().await;
}

/// A card on both places, in step, whose title each of them then changed to another one.
async fn changed_on_both(stage: &Stage) -> (Engine, CardId) {
    let web = stage.sandbox.web("ana");
    web.create_issue(REPO, "Retry on 502", "").expect("made");
    let engine = stage.engine().await;
    pass(&engine).await;
    let card = on(&engine, "core", 1).await.id;
    engine.add_link(card, &side()).await.expect("linked");
    pass(&engine).await;
    pass(&engine).await;
    web.set_title(SIDE, 1, "Told on the side").expect("edited");
    engine.sync_once(Some(&side())).await.expect("a pass");
    web.set_title(REPO, 1, "Told in the core").expect("edited");
    (engine, card)
}

#[tokio::test]
async fn a_conflict_between_two_platforms_names_both() {
    let stage = stage(Policy::Manual).await;
    let web = stage.sandbox.web("ana");
    web.create_issue(REPO, "Retry on 502", "").expect("made");
    let engine = stage.engine().await;
    pass(&engine).await;
    let card = on(&engine, "core", 1).await.id;
    engine.add_link(card, &side()).await.expect("linked");
    pass(&engine).await;
    pass(&engine).await;
    web.set_title(SIDE, 1, "Told on the side").expect("edited");
    web.set_title(REPO, 1, "Told in the core").expect("edited");
    pass(&engine).await;
    let open = engine.store().run(|db| db.conflicts(10)).await.expect("read");
    let [conflict] = &open[..] else { panic!("{open:?}") };
    let source = conflict.source.clone().expect("a platform");
    let mut names = [conflict.connection.as_str(), source.as_str()];
    names.sort_unstable();
    assert_eq!(names, ["core", "side"]);
    let title = |name: &ConnectionName| if *name == core() { "Told in the core" } else { "Told on the side" };
    assert_eq!(conflict.local.to_string(), title(&source));
    assert_eq!(conflict.remote.to_string(), title(&conflict.connection));
    let at = conflict.connection.clone();
    let note =
        board(&engine).await.card(card).expect("there").link_on(at.as_str()).and_then(|l| l.note.clone());
    assert_eq!(note, Some(format!("changed on {source} and on {at}: choose which value stays")));

    // The decision, and what lost, carry the names too.
    let decision = Decision { conflict: conflict.id, choice: Choice::Remote };
    engine.store().run(move |db| db.resolve(&[decision])).await.expect("decided");
    pass(&engine).await;
    pass(&engine).await;
    let title = title(&at);
    for repo in [REPO, SIDE] {
        assert_eq!(stage.sandbox.issue(repo, 1).expect("there").title, title, "{repo}");
    }
    let history = engine.store().run(move |db| db.history(card, 50)).await.expect("read");
    let lost = history.iter().find(|v| v.kind == VersionKind::Lost).expect("kept");
    assert_eq!(lost.origin, source.as_str());
    let filter = AuditFilter { action: Some("conflict".into()), ..AuditFilter::default() };
    let rows = engine.store().run(move |db| db.audit_after(&filter, 0, 100)).await.expect("read");
    assert!(rows.iter().all(|r| r.fields["title"]["local_from"] == source.as_str()), "{rows:?}");
    let said = format!("waits for a decision: {source} and {at} changed it differently");
    assert_eq!((rows[0].outcome.as_str(), rows.len()), (said.as_str(), 2));
    engine.shutdown().await;
}

#[tokio::test]
async fn a_value_that_was_typed_here_is_no_platforms_although_the_card_is_on_two() {
    let stage = stage(Policy::Manual).await;
    let (engine, card) = changed_on_both(&stage).await;
    // What came from the side is replaced here before the core is read.
    run(&engine, Command::Retitle { card, title: "Typed here".into() }).await;
    pass(&engine).await;
    let open = engine.store().run(|db| db.conflicts(10)).await.expect("read");
    let of_core = open.iter().find(|c| c.connection == core()).expect("a conflict");
    assert_eq!((of_core.source.as_ref(), of_core.here()), (None, "here"));
    assert_eq!(of_core.local.to_string(), "Typed here");
    engine.shutdown().await;
}
