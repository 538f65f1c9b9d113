//! Row 3 where it is hardest: label edits between our look and our PATCH, when the answer is lost or the process dies.

use std::collections::BTreeSet;

use corkboard::config::settings::Direction;
use corkboard::sandbox::Seed;

use super::issue;
use crate::stage::*;

/// A status label is swapped by one PATCH with the whole set; somebody edits other labels after our look and before
/// it. Returns the number and an engine that is to make the pass.
async fn swap_while_somebody_edits(stage: &Stage, faults: &str) -> (u64, corkboard::engine::Engine) {
    stage.sync().await;
    let number = stage.sandbox.web("ana").create_issue(REPO, "Swapped", "").expect("created");
    for label in ["status: approved", "bug"] {
        stage.sandbox.web("ana").add_label(REPO, number, label).expect("labelled");
    }
    stage.sync().await;
    let engine = stage.engine().await;
    let card = by_number(&engine, number).await.id;
    move_to(&engine, card, "in_progress").await;
    stage.sandbox.set_faults(format!("PATCH count=1 latency=400ms; {faults}").parse().expect("faults"));
    stage.sandbox.clear_requests();
    (number, engine)
}

/// Waits for our look at the issue, then edits its labels as somebody else.
async fn edit_after_the_look(stage: &Stage, number: u64) {
    let path = format!("/repos/{REPO}/issues/{number}");
    let looked = stage
        .sandbox
        .wait_for(DEADLINE, |s| s.requests().iter().any(|r| r.method == "GET" && r.path == path))
        .await;
    assert!(looked);
    stage.sandbox.web("cy").add_label(REPO, number, "urgent").expect("labelled");
    stage.sandbox.web("cy").remove_label(REPO, number, "bug").expect("unlabelled");
}

async fn nothing_of_it_is_lost(stage: &Stage, number: u64, how: &str) {
    stage.sandbox.set_faults("".parse().expect("faults"));
    for _ in 0..4 {
        stage.sync().await;
    }
    let labels = issue(stage, number).labels;
    assert_eq!(labels, ["status: in progress", "urgent"], "{how}");
    stage.sandbox.clear_requests();
    stage.sync().await;
    assert_eq!(stage.sandbox.writes().len(), 0, "{how}: and then it is quiet");
    let engine = stage.engine().await;
    let card = by_number(&engine, number).await;
    assert_eq!(*card.labels, BTreeSet::from(["urgent".to_owned()]), "{how}");
    engine.shutdown().await;
}

#[tokio::test]
async fn row_03_a_label_edit_survives_a_patch_whose_answer_was_lost() {
    for lost in ["drop-after", "truncate"] {
        let stage = Stage::new(Seed::Count(2)).await;
        let (number, engine) = swap_while_somebody_edits(&stage, &format!("PATCH count=1 {lost}")).await;
        let (report, ()) = tokio::join!(engine.sync_once(None), edit_after_the_look(&stage, number));
        report.expect("a pass");
        engine.shutdown().await;
        nothing_of_it_is_lost(&stage, number, lost).await;
    }
}

#[tokio::test]
async fn row_03_a_label_edit_survives_a_process_that_dies_before_it_is_put_back() {
    for pull_first in [false, true] {
        let mut stage = Stage::new(Seed::Count(2)).await;
        let (number, engine) = swap_while_somebody_edits(&stage, "GET */events* hang").await;
        let patched = async {
            edit_after_the_look(&stage, number).await;
            let patched = |s: &corkboard::sandbox::Sandbox| {
                s.issue(REPO, number).is_some_and(|i| i.has_label("status: in progress"))
            };
            assert!(stage.sandbox.wait_for(DEADLINE, patched).await, "the PATCH arrived");
        };
        // Whichever ends first cuts the other off: the pass hangs where the history is asked for.
        tokio::select! {
            () = patched => {}
            report = engine.sync_once(None) => panic!("the pass should hang: {report:?}"),
        }
        drop(engine);
        assert!(!issue(&stage, number).has_label("urgent"), "the whole set was replaced");
        if pull_first {
            // The next process only pulls, and meets the issue in a page first: there both sides look equal.
            stage.settings.connections[0].direction = Direction::Pull;
            stage.sandbox.set_faults("".parse().expect("faults"));
            let title = "Edited to be pulled";
            stage.sandbox.web("cy").set_title(REPO, number, title).expect("edited");
            stage.sync().await;
            stage.settings.connections[0].direction = Direction::Bidirectional;
            let engine = stage.engine().await;
            assert_eq!(by_number(&engine, number).await.title, title);
            engine.shutdown().await;
        }
        nothing_of_it_is_lost(&stage, number, &format!("pulled first: {pull_first}")).await;
    }
}
