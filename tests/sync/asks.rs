//! Moves that a Jira workflow has a say in: what it wants with a move is given with it or asked for, and nothing is
//! sent before it is answered.

use corkboard::config::settings::Platform;
use corkboard::domain::board::Place;
use corkboard::domain::command::{Change, Command, decide};
use corkboard::domain::history::VersionKind;
use corkboard::domain::link::{ConnectionName, SyncStatus};
use corkboard::domain::mapping::{Status, StatusMapping, Target};
use corkboard::domain::moves::{Given, Way};
use corkboard::domain::{Card, CardId};
use corkboard::engine::{ConnectionReport, Engine};
use corkboard::sandbox::Seed;

use crate::stage::{REPO, Stage, board, core, move_to, only, statuses};

fn plan() -> ConnectionName {
    ConnectionName::new("plan")
}

/// A board on one Jira issue that is in progress; Done wants a resolution there, and the mapping gives none.
async fn stage() -> Stage {
    let mut stage = Stage::new(Seed::Count(0)).await;
    let url = stage.sandbox.url().to_owned();
    let connection = &mut stage.settings.connections[0];
    connection.name = plan();
    connection.platform = Platform::Jira;
    connection.repository = "ABC".into();
    connection.user = Some("ben@example.com".into());
    connection.api_url = format!("{url}/jira").parse().expect("an address");
    let named = |s: &str| Target { status: Some(s.into()), ..Target::default() };
    let targets: indexmap::IndexMap<Status, Target> = [
        ("proposed", named("To Do")),
        ("approved", named("Verified")),
        ("in_progress", named("In Progress")),
        ("completed", named("Done")),
    ]
    .into_iter()
    .map(|(s, t)| (Status::new(s), t))
    .collect();
    connection.mapping = StatusMapping::new(statuses().iter().map(|c| &c.status), &targets);
    connection.targets = targets;
    stage.sandbox.jira().create_issue("ana", "Export to CSV");
    stage.sandbox.jira().set_status("ABC-1", "In Progress");
    stage
}

/// The same with the card on GitHub too, where a move needs nothing.
async fn on_both() -> (Stage, Engine, CardId) {
    let mut stage = stage().await;
    let github = crate::stage::settings(stage.sandbox.url()).connections.remove(0);
    stage.settings.connections.push(github);
    let engine = stage.engine().await;
    pass(&engine).await;
    let card = only(&engine).await.id;
    engine.add_link(card, &core()).await.expect("linked");
    pass(&engine).await;
    assert!(open_on_github(&stage));
    stage.sandbox.clear_requests();
    (stage, engine, card)
}

fn open_on_github(stage: &Stage) -> bool {
    stage.sandbox.issues(REPO)[0].open
}

async fn pass(engine: &Engine) -> ConnectionReport {
    let report = engine.sync_once(None).await.expect("a pass");
    assert!(!report.failed(), "{report:#?}");
    report.connections.into_iter().find(|c| c.connection == "plan").expect("plan")
}

fn given(field: &str, value: &str) -> Vec<(ConnectionName, Given)> {
    vec![(plan(), Given::from([(field.to_owned(), value.to_owned())]))]
}

async fn move_with(
    engine: &Engine,
    card: CardId,
    to: &str,
    answers: Vec<(ConnectionName, Given)>,
) -> Vec<Change> {
    let command = Command::Move { card, to: Status::new(to), place: Place::Top };
    engine.carry_out_answered(command, answers).await.expect("moved")
}

/// The issue's status and resolution at Jira.
fn there(stage: &Stage) -> (String, Option<String>) {
    let issue = stage.sandbox.jira().issue("ABC-1").expect("there");
    (issue.status, issue.resolution)
}

fn at(status: &str, resolution: Option<&str>) -> (String, Option<String>) {
    (status.to_owned(), resolution.map(str::to_owned))
}

fn link(card: &Card) -> (SyncStatus, bool) {
    let link = card.link_on("plan").expect("on plan");
    (link.sync, link.asks)
}

#[tokio::test]
async fn a_move_with_its_answer_is_made_in_one_transition() {
    let stage = stage().await;
    let engine = stage.engine().await;
    pass(&engine).await;
    let card = only(&engine).await.id;
    stage.sandbox.clear_requests();
    move_with(&engine, card, "completed", given("resolution", "won't do")).await;
    pass(&engine).await;
    assert_eq!(there(&stage), at("Done", Some("Won't Do")));
    assert_eq!(stage.sandbox.writes().len(), 1);
    assert_eq!(link(&only(&engine).await), (SyncStatus::Synced, false));
    let rows =
        engine.store().run(|db| db.audit_page(&corkboard::domain::AuditFilter::default(), None, 5)).await;
    let rows = format!("{:?}", rows.expect("rows"));
    assert!(rows.contains("won't do"), "what was given is in the audit log: {rows}");
    engine.shutdown().await;
}

#[tokio::test]
async fn a_move_that_turns_out_to_need_more_waits_and_nothing_is_sent_before_the_answer() {
    let stage = stage().await;
    let engine = stage.engine().await;
    pass(&engine).await;
    let card = only(&engine).await.id;
    stage.sandbox.clear_requests();
    move_to(&engine, card, "completed").await;
    let report = pass(&engine).await;
    assert_eq!(report.parked, 1);
    assert_eq!(report.refused, ["plan#1: plan asks for Resolution to make it Done"]);
    pass(&engine).await;
    assert!(stage.sandbox.writes().is_empty(), "nothing was sent");
    let waits = only(&engine).await;
    assert_eq!((waits.status.as_str(), link(&waits)), ("completed", (SyncStatus::Manual, true)));
    let note = waits.link_on("plan").and_then(|l| l.note.clone());
    assert_eq!(note.as_deref(), Some("plan asks for Resolution to make it Done"));
    engine.shutdown().await;

    // Another process knows what is asked, and answers.
    let engine = stage.engine().await;
    let waiting = engine.store().run(move |db| db.waiting(card)).await.expect("read");
    assert_eq!((waiting[0].back.as_str(), waiting[0].to.as_str()), ("in_progress", "completed"));
    assert!(waiting[0].asks.needs[0].values.contains(&"Duplicate".to_owned()), "{waiting:?}");
    engine.keep_answers(card, given("resolution", "Duplicate")).await.expect("answered");
    let again = engine.keep_answers(card, given("resolution", "Done")).await;
    assert!(again.is_err(), "it is answered already");
    engine.shutdown().await;

    // And a third one, after that one died, sends it.
    assert_eq!(stage.sync().await.connections[0].sent, 1);
    assert_eq!(there(&stage), at("Done", Some("Duplicate")));
    let engine = stage.engine().await;
    assert_eq!(link(&only(&engine).await), (SyncStatus::Synced, false));
    engine.shutdown().await;
}

#[tokio::test]
async fn an_answer_the_platform_does_not_take_is_asked_for_again() {
    let stage = stage().await;
    let engine = stage.engine().await;
    pass(&engine).await;
    let card = only(&engine).await.id;
    stage.sandbox.clear_requests();
    move_with(&engine, card, "completed", given("resolution", "Splendid")).await;
    pass(&engine).await;
    assert!(link(&only(&engine).await).1 && stage.sandbox.writes().is_empty());
    engine.keep_answers(card, given("resolution", "Done")).await.expect("answered");
    pass(&engine).await;
    assert_eq!(there(&stage), at("Done", Some("Done")));
    engine.shutdown().await;
}

#[tokio::test]
async fn a_field_of_the_sites_own_is_given_as_text() {
    let stage = stage().await;
    stage.sandbox.jira().set_status("ABC-1", "Done");
    let engine = stage.engine().await;
    pass(&engine).await;
    let card = only(&engine).await.id;
    move_to(&engine, card, "approved").await;
    pass(&engine).await;
    let waiting = engine.store().run(move |db| db.waiting(card)).await.expect("read");
    let need = &waiting[0].asks.needs[0];
    assert_eq!((need.name.as_str(), need.values.len()), ("Verified by", 0));
    engine.keep_answers(card, given("verified by", "cy")).await.expect("answered");
    pass(&engine).await;
    assert_eq!(there(&stage).0, "Verified");
    engine.shutdown().await;
}

#[tokio::test]
async fn taking_a_waiting_move_back_brings_every_platform_in_step() {
    let (stage, engine, card) = on_both().await;
    move_to(&engine, card, "completed").await;
    pass(&engine).await;
    assert!(!open_on_github(&stage), "GitHub asks nothing");
    assert_eq!(there(&stage), at("In Progress", None));
    move_to(&engine, card, "in_progress").await;
    pass(&engine).await;
    assert!(open_on_github(&stage));
    assert_eq!(there(&stage), at("In Progress", None));
    assert_eq!(link(&only(&engine).await), (SyncStatus::Synced, false));
    let waiting = engine.store().run(move |db| db.waiting(card)).await.expect("read");
    assert!(waiting.is_empty());
    quiet(&stage, &engine).await;
}

#[tokio::test]
async fn answering_a_waiting_move_brings_every_platform_in_step() {
    let (stage, engine, card) = on_both().await;
    move_to(&engine, card, "completed").await;
    pass(&engine).await;
    engine.keep_answers(card, given("resolution", "Done")).await.expect("answered");
    pass(&engine).await;
    assert!(!open_on_github(&stage));
    assert_eq!(there(&stage), at("Done", Some("Done")));
    quiet(&stage, &engine).await;
}

/// Nothing goes back and forth afterwards.
async fn quiet(stage: &Stage, engine: &Engine) {
    stage.sandbox.clear_requests();
    pass(engine).await;
    pass(engine).await;
    assert_eq!(stage.applied_writes(), 0);
    engine.shutdown().await;
}

#[tokio::test]
async fn an_edit_elsewhere_settles_what_waits_and_the_answer_is_not_kept_for_another_move() {
    let stage = stage().await;
    let engine = stage.engine().await;
    pass(&engine).await;
    let card = only(&engine).await.id;
    move_to(&engine, card, "completed").await;
    pass(&engine).await;
    stage.sandbox.jira().set_status("ABC-1", "Done");
    pass(&engine).await;
    assert_eq!(link(&only(&engine).await), (SyncStatus::Synced, false), "somebody made the move there");
    // An answer of a move that was taken back before it was sent is not used for the next one.
    stage.sandbox.jira().set_status("ABC-1", "In Progress");
    pass(&engine).await;
    move_with(&engine, card, "completed", given("resolution", "Duplicate")).await;
    move_to(&engine, card, "in_progress").await;
    move_to(&engine, card, "completed").await;
    stage.sandbox.clear_requests();
    pass(&engine).await;
    assert!(link(&only(&engine).await).1 && stage.sandbox.writes().is_empty(), "it asks anew");
    engine.shutdown().await;
}

#[tokio::test]
async fn undo_takes_the_answer_along_and_redo_brings_it_back() {
    let stage = stage().await;
    let engine = stage.engine().await;
    pass(&engine).await;
    let card = only(&engine).await.id;
    let done = move_with(&engine, card, "completed", given("resolution", "Duplicate")).await;
    stage.sandbox.clear_requests();
    let undone: Vec<Change> = done[..1].iter().filter_map(Change::inverse).collect();
    commit(&engine, VersionKind::Undo, undone.clone()).await;
    pass(&engine).await;
    assert!(stage.sandbox.writes().is_empty(), "it was taken back before it was sent");
    let mut redone: Vec<Change> = undone.iter().filter_map(Change::inverse).collect();
    redone.push(done[1].clone());
    commit(&engine, VersionKind::Redo, redone).await;
    pass(&engine).await;
    assert_eq!(there(&stage), at("Done", Some("Duplicate")));
    engine.shutdown().await;
}

async fn commit(engine: &Engine, kind: VersionKind, changes: Vec<Change>) {
    engine.commit(7, kind, changes);
    // The store works its calls off in order: what comes after sees it.
    board(engine).await;
}

#[tokio::test]
async fn where_an_issue_can_go_is_asked_once_and_nobody_is_asked_where_there_is_no_workflow() {
    let (stage, engine, card) = on_both().await;
    let (status, ways) = engine.ways_of(card).await.expect("asked").expect("a card");
    assert_eq!((status.as_str(), ways.len()), ("in_progress", 1), "{ways:?}");
    let asked: Vec<String> = stage.sandbox.requests().iter().map(|r| r.path.clone()).collect();
    assert_eq!(asked.len(), 1, "{asked:?}");
    assert!(asked[0].starts_with("/jira/") && asked[0].contains("/transitions"), "{asked:?}");
    engine.ways_of(card).await.expect("asked");
    assert_eq!(stage.sandbox.requests().len(), 1, "the answer is remembered");
    let mapping = &stage.settings.connections[0].mapping;
    assert!(
        matches!(ways[0].to(mapping, &Status::new("completed")), Way::Needs(asks) if asks.names() == "Resolution")
    );
    let Way::Closed(why) = ways[0].to(mapping, &Status::new("approved")) else { panic!("{ways:?}") };
    assert_eq!(why, "the workflow leads from In Progress not to Verified; possible: Blocked, Done, To Do");
    // What is not sent yet changes where it stands: nobody knows.
    move_to(&engine, card, "proposed").await;
    assert_eq!(engine.ways_of(card).await.expect("asked").expect("a card").1, []);
    engine.shutdown().await;
}

#[tokio::test]
async fn a_paused_connection_is_not_asked() {
    let stage = stage().await;
    let engine = stage.engine().await;
    pass(&engine).await;
    let card = only(&engine).await.id;
    engine.store().run(|db| db.set_paused(&plan(), true)).await.expect("paused");
    stage.sandbox.clear_requests();
    assert_eq!(engine.ways_of(card).await.expect("asked").expect("a card").1, []);
    assert!(stage.sandbox.requests().is_empty());
    engine.shutdown().await;
}

#[tokio::test]
async fn a_move_that_is_decided_is_committed_with_its_answer_or_not_at_all() {
    let stage = stage().await;
    let engine = stage.engine().await;
    pass(&engine).await;
    let card = only(&engine).await.id;
    let all = board(&engine).await;
    let command = Command::Move { card, to: Status::new("completed"), place: Place::Top };
    let mut changes = decide(&all, command).expect("decided");
    let (connection, given) = given("resolution", "Done").remove(0);
    changes.push(Change::Answered { card, connection: connection.clone(), given: given.clone() });
    // The last one is about a card there is not: none of it is kept.
    changes.push(Change::Answered { card: CardId::random(), connection, given });
    engine.commit(1, VersionKind::Edit, changes);
    assert_eq!(only(&engine).await.status.as_str(), "in_progress");
    engine.shutdown().await;
}

/// The same board where moves go over several steps; `ABC-2` and `ABC-3` show what leads on.
async fn hopping() -> (Stage, Engine, CardId) {
    let mut stage = stage().await;
    let mapping = &mut stage.settings.connections[0].mapping;
    *mapping = mapping.clone().with_hops(true);
    stage.sandbox.jira().set_status("ABC-1", "To Do");
    for (key, status) in [("ABC-2", "In Progress"), ("ABC-3", "To Do")] {
        assert_eq!(stage.sandbox.jira().create_issue("ana", "another"), key);
        stage.sandbox.jira().set_status(key, status);
    }
    let engine = stage.engine().await;
    pass(&engine).await;
    let card = crate::stage::by_number(&engine, 1).await.id;
    stage.sandbox.clear_requests();
    (stage, engine, card)
}

async fn status(engine: &Engine, card: CardId) -> String {
    board(engine).await.card(card).expect("there").status.to_string()
}

#[tokio::test]
async fn a_move_over_several_steps_arrives_and_its_undo_goes_back_over_those_there_are() {
    let (stage, engine, card) = hopping().await;
    let done = move_with(&engine, card, "completed", given("resolution", "Done")).await;
    pass(&engine).await;
    assert_eq!(there(&stage), at("Done", Some("Done")));
    assert_eq!(stage.applied_writes(), 2, "over In Progress");
    let undone: Vec<Change> = done[..1].iter().filter_map(Change::inverse).collect();
    commit(&engine, VersionKind::Undo, undone).await;
    pass(&engine).await;
    assert_eq!(there(&stage), at("To Do", None));
    move_to(&engine, card, "in_progress").await;
    pass(&engine).await;
    assert_eq!(there(&stage), at("In Progress", None));
    quiet(&stage, &engine).await;
}

#[tokio::test]
async fn a_walk_that_is_refused_on_its_way_leaves_the_card_where_the_issue_is() {
    let (stage, engine, card) = hopping().await;
    stage.sandbox.set_faults("POST */transitions nth=2 status=400".parse().expect("faults"));
    move_with(&engine, card, "completed", given("resolution", "Done")).await;
    let report = pass(&engine).await;
    assert!(report.refused[0].contains("it stopped at `In Progress` on its way to `Done`"), "{report:?}");
    pass(&engine).await;
    assert_eq!((there(&stage), status(&engine, card).await), (at("In Progress", None), "in_progress".into()));
    quiet(&stage, &engine).await;
}

#[tokio::test]
async fn a_walk_that_the_network_cuts_goes_on_from_where_it_came_to() {
    let (stage, engine, card) = hopping().await;
    stage.sandbox.set_faults("POST */transitions nth=2 status=503".parse().expect("faults"));
    move_with(&engine, card, "completed", given("resolution", "Done")).await;
    pass(&engine).await;
    pass(&engine).await;
    assert_eq!((there(&stage), status(&engine, card).await), (at("Done", Some("Done")), "completed".into()));
    assert_eq!(stage.applied_writes(), 2, "no step was made twice");
    quiet(&stage, &engine).await;
}
