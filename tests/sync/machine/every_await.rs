//! One busy morning, killed at every await point it has, one after the other: whatever comes after finds everything.

use corkboard::sync::{Policies, Policy};

use super::place::Realm;
use super::plan::{Edit, Here, Op, Start, There};
use super::world::World;

fn here(card: u8, edit: Here) -> Op {
    Op::Edit(Edit::Here { second: false, posted: false, card, edit })
}

fn there(issue: u8, edit: There) -> Op {
    Op::Edit(Edit::There { place: 0, who: 1, issue, edit })
}

/// Creates, moves, texts, comments, label swaps here; texts, labels and states there.
fn busy_morning() -> Vec<Op> {
    vec![
        here(0, Here::Create(3)),
        here(0, Here::Move(3)),
        here(0, Here::Rewrite),
        here(0, Here::Comment),
        here(1, Here::Move(1)),
        here(1, Here::AddLabel),
        here(1, Here::RemoveLabel(0)),
        here(1, Here::Retitle),
        here(2, Here::Assign),
        here(2, Here::Milestone(1)),
        here(2, Here::Retitle),
        there(0, There::AddLabel),
        there(0, There::Title),
        there(1, There::Body { crlf: true }),
        there(1, There::Title),
        there(2, There::Close(1)),
        there(2, There::AddLabel),
        there(2, There::Create),
    ]
}

/// The same where cards are on three platforms, with edits on each of them and one card made on all.
fn busy_everywhere() -> Vec<Op> {
    let on = |place, issue, edit| Op::Edit(Edit::There { place, who: 0, issue, edit });
    vec![
        here(0, Here::CreateOn { status: 2, places: 7 }),
        here(0, Here::Move(3)),
        here(0, Here::Rewrite),
        here(0, Here::Comment),
        here(1, Here::AddLabel),
        here(1, Here::Retitle),
        there(0, There::AddLabel),
        there(1, There::Body { crlf: true }),
        on(1, 1, There::Title),
        on(1, 2, There::Close(0)),
        on(1, 1, There::AddLabel),
        on(2, 1, There::Body { crlf: false }),
        on(2, 2, There::Milestone(0)),
        on(2, 2, There::Title),
        on(2, 0, There::Create),
    ]
}

/// Does the morning with the pass killed at its `most`th wait; whether the pass came to its end before that.
fn killed_at(most: u16, policy: Policy, realm: Realm) -> bool {
    let policies = Policies { default: policy, ..Policies::default() };
    let issues = if realm == Realm::One { 3 } else { 2 };
    let mut world = World::new(&Start { issues, policies, ours_off_s: 0, seed: 1, realm });
    world.apply(&Op::Pass);
    for op in if realm == Realm::One { busy_morning() } else { busy_everywhere() } {
        world.apply(&Op::Wait(3_000));
        world.apply(&op);
    }
    let ended = world.cut(most);
    world.apply(&Op::Quiet);
    world.hand_in();
    ended
}

#[test]
fn a_pass_killed_at_every_single_await_point_loses_and_doubles_nothing() {
    for policy in [Policy::Remote, Policy::Manual] {
        let mut at = 1;
        while !killed_at(at, policy, Realm::One) {
            at += 1;
            assert!(at < 2_000, "a pass has an end");
        }
        assert!(at > 50, "the pass was killed at {at} places only: it is no busy morning");
    }
}

/// One in so many await points of a pass over three platforms, of which there are hundreds, unless all are asked for.
const STRIDE: u16 = 11;

#[test]
fn a_pass_over_three_platforms_killed_at_its_await_points_loses_and_doubles_nothing() {
    let stride = if std::env::var_os("CORKBOARD_OPS").is_some() { 1 } else { STRIDE };
    let mut at = 1;
    while !killed_at(at, Policy::Remote, Realm::Three) {
        at += stride;
        assert!(at < 4_000, "a pass has an end");
    }
    assert!(at > 150, "the pass was killed up to its {at}th place only: it is no busy morning");
}
