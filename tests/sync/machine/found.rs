//! What the random stories found, each as the shortest story that shows it.

use corkboard::sandbox::Seed;
use corkboard::sync::{Policies, Policy};

use super::place::Realm;
use super::plan::{Edit, Here, Op, Start, There};
use super::world::World;
use crate::stage::{REPO, Stage, run};

fn world(policy: Policy) -> World {
    let policies = Policies { default: policy, ..Policies::default() };
    let mut world = World::new(&Start { issues: 2, policies, ours_off_s: 0, seed: 1, realm: Realm::One });
    world.apply(&Op::Pass);
    world
}

fn here(card: u8, edit: Here) -> Op {
    Op::Edit(Edit::Here { second: false, posted: false, card, edit })
}

fn there(issue: u8, edit: There) -> Op {
    Op::Edit(Edit::There { place: 0, who: 0, issue, edit })
}

/// From now on the next write arrives and its answer does not, and nothing that is asked after it is answered. Before
/// it a process asks which repository this is, and what the issue is like.
fn lose_the_next_answer(world: &World, method: &str) {
    let faults = format!("{method} count=1 drop-after; READ after=2 drop-before");
    world.sandbox().set_faults(faults.parse().expect("faults"));
}

#[test]
fn a_title_edited_there_before_a_lost_create_is_found_is_not_written_over() {
    let mut world = world(Policy::Local);
    world.apply(&here(0, Here::Create(0)));
    world
        .sandbox()
        .set_faults("POST */issues count=1 drop-after; READ after=1 drop-before".parse().expect("faults"));
    world.apply(&Op::Pass);
    world.apply(&Op::Wait(5_000));
    world.apply(&there(2, There::Title));
    world.apply(&Op::Quiet);
    let title = world.sandbox().issue(REPO, 3).expect("made").title;
    assert!(title.starts_with("there"), "{title}");
}

#[test]
fn text_written_below_the_marker_of_a_lost_create_makes_no_second_issue() {
    let mut world = world(Policy::Local);
    world.apply(&here(0, Here::Create(0)));
    world
        .sandbox()
        .set_faults("POST */issues count=1 drop-after; READ after=1 drop-before".parse().expect("faults"));
    world.apply(&Op::Pass);
    let body = world.sandbox().issue(REPO, 3).expect("made").body.expect("a body");
    world.sandbox().web("ana").set_body(REPO, 3, &format!("{body}\n\nOne more thing.")).expect("edited");
    world.apply(&Op::Quiet);
    assert_eq!(world.sandbox().issues(REPO).len(), 3);
}

#[test]
fn a_label_taken_off_here_after_its_lost_addition_stays_off() {
    let mut world = world(Policy::Remote);
    world.apply(&here(0, Here::AddLabel));
    lose_the_next_answer(&world, "POST */labels");
    world.apply(&Op::Pass);
    let label = |world: &World| world.sandbox().issue(REPO, 1).expect("there").has_label("here-1");
    assert!(label(&world), "it arrived");
    let at = world.label_of_first_card("here-1");
    world.apply(&here(0, Here::RemoveLabel(at)));
    world.apply(&Op::Quiet);
    assert!(!label(&world));
}

#[test]
fn a_label_seen_after_its_lost_addition_and_taken_off_there_stays_off() {
    let mut world = world(Policy::Remote);
    world.apply(&here(0, Here::AddLabel));
    // The look that follows shows the label; what it is taken for cannot be asked before somebody takes it off.
    world
        .sandbox()
        .set_faults("POST */labels count=1 drop-after; GET */events status=502".parse().expect("faults"));
    world.apply(&Op::Pass);
    world.apply(&Op::Wait(60_000));
    world.apply(&Op::Pass);
    let at = world.label_of_first_card("here-1");
    world.apply(&there(0, There::RemoveLabel(at)));
    world.apply(&Op::Quiet);
    assert!(!world.sandbox().issue(REPO, 1).expect("there").has_label("here-1"));
}

#[test]
fn a_label_put_on_while_ours_were_replaced_comes_back_though_the_history_was_refused() {
    // At one of the await points it comes between our look and our write.
    for after in 1..30 {
        let mut world = world(Policy::Remote);
        world.apply(&here(0, Here::Move(4)));
        world.sandbox().set_faults("GET */events status=403".parse().expect("faults"));
        world.apply(&Op::Busy(vec![(
            after,
            Edit::There { place: 0, who: 0, issue: 0, edit: There::AddLabel },
        )]));
        world.apply(&Op::Quiet);
    }
}

#[test]
fn a_label_put_on_before_a_closed_issue_is_opened_and_closed_again_comes_back() {
    for after in 1..30 {
        let mut world = world(Policy::Remote);
        world.apply(&there(0, There::Stand(0)));
        world.apply(&there(0, There::Close(0)));
        world.apply(&Op::Pass);
        world.apply(&here(0, Here::Move(4)));
        world.apply(&Op::Busy(vec![(
            after,
            Edit::There { place: 0, who: 0, issue: 0, edit: There::AddLabel },
        )]));
        world.apply(&Op::Quiet);
    }
}

#[test]
fn a_move_that_was_refused_is_not_taken_for_ones_own_when_somebody_else_makes_it() {
    let mut world = world(Policy::Manual);
    let open = world.sandbox().issues(REPO).iter().position(|i| i.open).expect("an open issue") as u8;
    world.apply(&here(open, Here::Move(4)));
    world.sandbox().set_faults("PATCH status=422".parse().expect("faults"));
    world.apply(&Op::Pass);
    world.apply(&there(open, There::Close(1)));
    world.apply(&Op::Quiet);
    let issue = world.sandbox().issues(REPO).swap_remove(usize::from(open));
    assert_eq!(issue.state_reason.as_deref(), Some("not_planned"));
}

#[test]
fn a_web_page_in_place_of_an_answer_takes_no_label_off_and_puts_none_back() {
    let mut world = world(Policy::Remote);
    world.sandbox().web("ana").add_label(REPO, 1, "doomed").expect("labelled");
    world.apply(&Op::Pass);
    let at = world.label_of_first_card("doomed");
    world.apply(&here(0, Here::RemoveLabel(at)));
    world.sandbox().set_faults("DELETE count=1 html".parse().expect("faults"));
    world.apply(&Op::Pass);
    world.apply(&Op::Quiet);
    assert!(!world.sandbox().issue(REPO, 1).expect("there").has_label("doomed"));
}

#[test]
fn an_edit_made_after_a_lost_answer_is_in_conflict_with_nobody() {
    let mut world = world(Policy::Manual);
    world.apply(&here(0, Here::Retitle));
    lose_the_next_answer(&world, "PATCH");
    world.apply(&Op::Pass);
    world.apply(&here(0, Here::Retitle));
    world.apply(&Op::Quiet);
    assert_eq!(world.sandbox().issue(REPO, 1).expect("there").title, "here 2");
}

#[tokio::test]
async fn a_comment_reaches_an_issue_that_was_transferred_and_not_looked_at_since() {
    let stage = Stage::new(Seed::Count(2)).await;
    stage.sync().await;
    let engine = stage.engine().await;
    let card = crate::stage::by_number(&engine, 1).await.id;
    let moved = stage.sandbox.web("ana").transfer(REPO, 1, "octo/other").expect("moved");
    run(&engine, corkboard::domain::Command::Comment { card, body: "Still here".into() }).await;
    engine.sync_once(None).await.expect("a pass");
    let issue = stage.sandbox.issue("octo/other", moved).expect("there");
    assert_eq!(issue.comments.iter().filter(|c| c.body.starts_with("Still here")).count(), 1);
    engine.shutdown().await;
}

#[tokio::test]
async fn an_edit_made_on_a_value_that_a_pull_replaced_meanwhile_is_a_conflict() {
    let stage = Stage::new(Seed::Count(1)).await;
    stage.sync().await;
    let engine = stage.engine().await;
    let card = crate::stage::by_number(&engine, 1).await.id;
    let before = engine.card_detail(card).await.expect("read").expect("a card").body;
    stage.sandbox.web("ana").set_body(REPO, 1, "Theirs.").expect("edited");
    engine.sync_once(None).await.expect("a pass");
    // A text that was opened before the pull and is saved after it.
    let mine = corkboard::domain::Command::Rewrite { card, before, after: "Mine.".into() };
    run(&engine, mine).await;
    engine.sync_once(None).await.expect("a pass");
    let conflicts = engine.store().run(move |db| db.conflicts_of(card)).await.expect("read");
    let values: Vec<_> = conflicts.iter().map(|c| (c.local.to_string(), c.remote.to_string())).collect();
    assert_eq!(values, [("Mine.".to_owned(), "Theirs.".to_owned())]);
    engine.shutdown().await;
}

/// One card on two platforms, or three; on GitHub it is #1, on GitLab #2.
fn linked(realm: Realm, policy: Policy) -> World {
    let policies = Policies { default: policy, ..Policies::default() };
    World::new(&Start { issues: 1, policies, ours_off_s: 0, seed: 1, realm })
}

fn on(place: u8, issue: u8, edit: There) -> Op {
    Op::Edit(Edit::There { place, who: 0, issue, edit })
}

#[test]
fn of_two_platforms_the_one_that_changed_a_field_last_wins() {
    let mut world = linked(Realm::Two, Policy::LastWriteWins);
    world.apply(&here(0, Here::Retitle));
    world.apply(&Op::Pass);
    world.apply(&Op::Wait(600_000));
    world.apply(&on(1, 1, There::Title));
    world.apply(&Op::Wait(600_000));
    world.apply(&on(0, 0, There::Title));
    world.apply(&Op::Quiet);
    let titles = [
        world.sandbox().issue(REPO, 1).expect("there").title,
        world.sandbox().gitlab().issue(REPO, 2).expect("there").title,
    ];
    assert_eq!(titles, ["there 3", "there 3"]);
}

#[test]
fn a_conflict_that_waits_is_met_once_however_often_its_item_is_read() {
    let mut world = linked(Realm::Three, Policy::Manual);
    world.apply(&here(0, Here::Retitle));
    world.apply(&on(2, 1, There::Title));
    let met = |world: &mut World| -> Vec<(u32, u32)> {
        let report = world.pass();
        report.connections.iter().map(|c| (c.conflicts, c.pulled_updated)).collect()
    };
    let first: u32 = met(&mut world).iter().map(|c| c.0).sum();
    assert!(first > 0);
    for _ in 0..3 {
        assert_eq!(met(&mut world), [(0, 0); 3], "Jira's walk reads it again, and nothing is new");
    }
}

#[test]
fn a_move_that_a_workflow_forbids_takes_the_card_back_on_all_its_platforms_and_says_so() {
    let mut world = linked(Realm::Workflow, Policy::LastWriteWins);
    world.apply(&here(0, Here::Move(3)));
    let report = world.pass();
    let refused = &report.connections[2].refused;
    assert!(refused.len() == 1 && refused[0].contains("possible: `In Progress`"), "{refused:?}");
    world.apply(&Op::Quiet);
    assert!(world.sandbox().issue(REPO, 1).expect("there").open);
    assert!(world.sandbox().gitlab().issue(REPO, 2).expect("there").open);
    assert_eq!(world.sandbox().jira().issue("ABC-2").expect("there").status, "To Do");
}

#[test]
fn a_web_page_in_place_of_jiras_answer_takes_back_no_text_of_anybody() {
    let mut world = linked(Realm::Three, Policy::Local);
    world.apply(&on(1, 1, There::Body { crlf: false }));
    let written = |world: &World| world.sandbox().gitlab().issue(REPO, 2).expect("there").description;
    let before = written(&world);
    world.sandbox().set_faults("PUT /jira/* count=1 html".parse().expect("faults"));
    world.apply(&Op::Pass);
    world.apply(&Op::Quiet);
    assert!(before.starts_with("Written there") && written(&world) == before, "{}", written(&world));
}

#[test]
fn a_forbidden_move_holds_up_no_other_edit_of_its_card() {
    let mut world = linked(Realm::Workflow, Policy::LastWriteWins);
    world.apply(&here(0, Here::Move(3)));
    world.apply(&here(0, Here::Retitle));
    let report = world.pass();
    assert_eq!(report.connections[2].refused.len(), 1, "{:?}", report.connections[2]);
    let there = world.sandbox().jira().issue("ABC-2").expect("there");
    assert_eq!((there.summary.as_str(), there.status.as_str()), ("here 2", "To Do"));
    world.apply(&Op::Quiet);
    assert!(world.sandbox().issue(REPO, 1).expect("there").open);
}
