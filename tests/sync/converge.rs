//! Random edits on both sides, faults of every kind and restarts: when all is quiet, both sides are equal, every
//! added label is there, no comment is lost or doubled, and nothing more is written.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use corkboard::domain::command::Command;
use corkboard::domain::fields::{SetDelta, canonical_body};
use corkboard::sandbox::Seed;
use corkboard::sync::{Policies, Policy};

use crate::stage::*;

/// Issues there are from the start.
const ISSUES: usize = 6;

/// A small generator: repeatable, and good enough to choose with.
struct Dice(u64);

impl Dice {
    fn roll(&mut self, sides: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) as usize % sides
    }
}

const FAULTS: [&str; 9] = [
    "",
    "WRITE p=0.3 drop-after",
    "WRITE p=0.3 drop-before",
    "p=0.2 status=502",
    "WRITE p=0.2 truncate",
    "GET p=0.2 truncate",
    "GET p=0.2 html",
    "shift=edit",
    "READ p=0.3 drop-before",
];

/// What must be on both sides in the end.
#[derive(Default)]
struct Expected {
    labels: BTreeMap<u64, BTreeSet<String>>,
    comments: BTreeMap<u64, Vec<String>>,
    created: Vec<String>,
}

fn add(name: &str) -> SetDelta {
    SetDelta { add: BTreeSet::from([name.to_owned()]), ..SetDelta::default() }
}

async fn edit_here(stage: &Stage, dice: &mut Dice, step: usize, expected: &mut Expected) {
    let engine = stage.engine().await;
    let board = board(&engine).await;
    let mut cards: Vec<_> = board.cards().filter(|c| c.links.iter().any(|l| l.number.is_some())).collect();
    cards.sort_by_key(|c| c.links[0].number);
    let card = cards[dice.roll(cards.len())];
    let number = card.links[0].number.expect("linked");
    match dice.roll(6) {
        0 => {
            let to = ["proposed", "approved", "in_progress", "completed"][dice.roll(4)];
            move_to(&engine, card.id, to).await;
        }
        1 => run(&engine, Command::Retitle { card: card.id, title: format!("here {step}") }).await,
        2 => {
            let name = format!("here-{step}");
            run(&engine, Command::Label { card: card.id, delta: add(&name) }).await;
            expected.labels.entry(number).or_default().insert(name);
        }
        3 => {
            let body = format!("comment {step}.");
            run(&engine, Command::Comment { card: card.id, body: body.clone() }).await;
            expected.comments.entry(number).or_default().push(body);
        }
        4 => {
            let milestone = ["v1.2", "v1.3"][dice.roll(2)].to_owned();
            run(&engine, Command::SetMilestone { card: card.id, milestone: Some(milestone) }).await;
        }
        _ => {
            let title = format!("created {step}");
            let (_, create) = new_card(&title);
            run(&engine, create).await;
            expected.created.push(title);
        }
    }
    engine.shutdown().await;
}

fn edit_there(stage: &Stage, dice: &mut Dice, step: usize, expected: &mut Expected) {
    let issues: Vec<_> = stage.sandbox.issues(REPO).into_iter().filter(|i| !i.pull_request).collect();
    let number = issues[dice.roll(issues.len())].number;
    let web = stage.sandbox.web("cy");
    match dice.roll(5) {
        0 => web.set_title(REPO, number, &format!("there {step}")).expect("edited"),
        1 => web.set_body(REPO, number, &format!("a body from there {step}\r\n")).expect("edited"),
        2 => {
            let name = format!("there-{step}");
            web.add_label(REPO, number, &name).expect("labelled");
            expected.labels.entry(number).or_default().insert(name);
        }
        3 => web.close(REPO, number, "completed").expect("closed"),
        _ => web.reopen(REPO, number).expect("reopened"),
    }
}

async fn equal_on_both_sides(stage: &Stage, expected: &Expected, story: &str) {
    let engine = stage.engine().await;
    let board = board(&engine).await;
    let issues: Vec<_> = stage.sandbox.issues(REPO).into_iter().filter(|i| !i.pull_request).collect();
    assert_eq!(board.len(), issues.len(), "{story}: one card for each issue");
    for issue in &issues {
        let card = by_number(&engine, issue.number).await;
        assert_eq!(card.title, issue.title, "{story} #{}", issue.number);
        assert_eq!(card.status.as_str() == "completed", !issue.open, "{story} #{}", issue.number);
        assert_eq!(card.milestone, issue.milestone, "{story} #{}", issue.number);
        let body = engine.card_detail(card.id).await.expect("read").expect("there").body;
        let there = canonical_body(issue.body.as_deref().unwrap_or_default());
        let there = there.split("<!-- corkboard:").next().unwrap_or_default().trim_end().to_owned();
        assert_eq!(body, there, "{story} #{}", issue.number);
        for label in expected.labels.get(&issue.number).into_iter().flatten() {
            assert!(
                issue.has_label(label) && card.labels.contains(label),
                "{story} #{} lost {label}",
                issue.number
            );
        }
        for comment in expected.comments.get(&issue.number).into_iter().flatten() {
            let said = issue.comments.iter().filter(|c| c.body.starts_with(comment.as_str())).count();
            assert_eq!(said, 1, "{story} #{}: {comment}", issue.number);
        }
    }
    assert_eq!(issues.len(), ISSUES + expected.created.len(), "{story}: one issue for each card made");
    engine.shutdown().await;
}

async fn one_story(seed: u64) {
    let mut dice = Dice(seed.wrapping_mul(7919) + 1);
    let mut stage = Stage::new(Seed::Count(ISSUES)).await;
    // One policy that always decides: what is looked at here is that both sides end equal.
    let default = [Policy::Local, Policy::Remote][dice.roll(2)];
    stage.settings.connections[0].policies = Policies { default, ..Policies::default() };
    stage.sandbox.web("ana").create_milestone(REPO, "v1.2").ok();
    stage.sandbox.web("ana").create_milestone(REPO, "v1.3").ok();
    stage.sync().await;
    let mut expected = Expected::default();
    let mut story = format!("seed {seed}:");
    for step in 0..14 {
        match dice.roll(4) {
            0 | 1 => edit_here(&stage, &mut dice, step, &mut expected).await,
            2 => edit_there(&stage, &mut dice, step, &mut expected),
            _ => {
                let fault = FAULTS[dice.roll(FAULTS.len())];
                story = format!("{story} [{fault}]");
                stage.sandbox.set_faults(fault.parse().expect("faults"));
                let engine = stage.engine().await;
                engine.retry(&core());
                // Cut at some moment, as kill -9 would.
                let moment = Duration::from_millis(3 + dice.roll(60) as u64);
                let _ = tokio::time::timeout(moment, engine.sync_once(None)).await;
                drop(engine);
            }
        }
    }
    stage.sandbox.set_faults("".parse().expect("faults"));
    for _ in 0..12 {
        let engine = stage.engine().await;
        engine.retry(&core());
        let report = engine.sync_once(None).await.expect("a pass");
        engine.shutdown().await;
        if report.connections[0].unsent == 0 && !report.failed() {
            break;
        }
    }
    equal_on_both_sides(&stage, &expected, &story).await;
    stage.sandbox.clear_requests();
    stage.sync().await;
    stage.sync().await;
    assert_eq!(stage.sandbox.writes().len(), 0, "{story}: quiet");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn whatever_happens_both_sides_are_equal_when_all_is_quiet() {
    // A longer soak: CORKBOARD_STORIES=1000 cargo test --test sync converge
    let stories = std::env::var("CORKBOARD_STORIES").ok().and_then(|n| n.parse().ok()).unwrap_or(12);
    for seed in 0..stories {
        one_story(seed).await;
    }
}
