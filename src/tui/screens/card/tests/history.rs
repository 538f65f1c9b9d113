//! The history of a card: what is told of each version, and what bringing one back asks for.

use super::*;
use crate::domain::command::Command;
use crate::domain::fields::{Field, Value};
use crate::domain::history::{VersionKind, What};
use crate::tui::screens::fixture::{ago, set};
use crate::tui::screens::question::Answer;

fn text(text: &str) -> Value {
    Value::Text(text.to_owned())
}

fn version(seq: i64, what: What, before: Value, after: Value) -> Version {
    Version {
        seq,
        at: ago(400 - 40 * seq),
        actor: Some("ana".into()),
        origin: "local".into(),
        kind: VersionKind::Edit,
        what,
        before,
        after,
    }
}

/// A version of each kind, newest first.
fn versions() -> Vec<Version> {
    let there = |v: Version| Version { actor: None, origin: "core".into(), ..v };
    let body = "When the platform answers **502**, the worker gives up.\n\n## Wanted\n- back off";
    let mut out = vec![
        version(1, What::Created, Value::None, Value::None),
        there(version(2, What::Field(Field::Status), text("proposed"), text("in_progress"))),
        version(3, What::Field(Field::Labels), Value::Set(set(&["bug"])), Value::Set(set(&["bug", "sync"]))),
        Version {
            kind: VersionKind::Undo,
            ..version(4, What::Field(Field::Milestone), text("v1.1"), Value::None)
        },
        version(5, What::Comment, Value::None, text("Will do it today.")),
        there(Version {
            kind: VersionKind::Lost,
            ..version(
                6,
                What::Field(Field::Body),
                text(body),
                text(&body.replace("gives up", "stops at once")),
            )
        }),
        version(7, What::Field(Field::Title), text("Retry"), text("Retry on 502 and 503")),
        Version {
            kind: VersionKind::Restore,
            ..version(8, What::Field(Field::Body), text(body), text(&format!("{body}, slowly")))
        },
    ];
    out.reverse();
    out
}

fn history(world: &World) -> CardScreen {
    let mut card = CardScreen::on_history(id(1));
    let mut all = detail(world, comments());
    all.history = versions();
    let _ = card.update(&Update::Opened(Box::new(all)), &world.ctx(80, 24));
    card
}

/// The screen with the focus on the version numbered `seq`.
fn on(world: &World, seq: usize) -> CardScreen {
    let mut card = history(world);
    let _ = world.act(&mut card, &vec![Action::FocusDown; 8 - seq]);
    card
}

#[test]
fn the_versions_look_as_they_were_looked_at() {
    let world = World::new();
    pictures!(world, &history(&world), "card-history");
    pictures!(world, &on(&world, 6), "card-history-lost");
    pictures!(world, &CardScreen::on_history(id(1)), "card-history-reading");
    let mut ascii = World::new();
    ascii.glyphs = crate::tui::theme::Glyphs::ASCII;
    let drawn = ascii.text(&on(&ascii, 3), 80, 24);
    assert!(drawn.is_ascii(), "{drawn}");
    insta::with_settings!({snapshot_path => concat!(env!("CARGO_MANIFEST_DIR"), "/src/tui/screens/snapshots"), prepend_module_to_snapshot => false, omit_expression => true}, {
        insta::assert_snapshot!("card-history-ascii", drawn);
    });
}

#[test]
fn one_key_goes_to_the_history_and_back() {
    let world = World::new();
    let mut card = opened(&world, comments());
    let page = world.text(&card, 80, 24);
    let _ = world.act(&mut card, &[Action::NextTab]);
    assert!(world.text(&card, 80, 24).contains("[History 0]"));
    let _ = world.act(&mut card, &[Action::NextTab]);
    assert_eq!(world.text(&card, 80, 24), page);
}

#[test]
fn a_value_that_lost_a_conflict_is_brought_back_by_one_key() {
    let world = World::new();
    let mut card = on(&world, 6);
    let outcome = world.act(&mut card, &[Action::Open]);
    let Outcome::Restore(commands) = outcome else { panic!("{outcome:?}") };
    let [Command::Rewrite { after, .. }] = &commands[..] else { panic!("{commands:?}") };
    assert!(after.contains("stops at once"), "{after}");
    // Once it is stored the card is read again, with the new version above.
    assert!(said(&card.update(&Update::Committed { token: 1 }, &world.ctx(80, 24))).contains("OpenCard"));
}

#[test]
fn where_both_values_make_sense_it_asks_which() {
    let world = World::new();
    let outcome = world.act(&mut on(&world, 7), &[Action::Restore]);
    let Outcome::Open(modal) = outcome else { panic!("{outcome:?}") };
    let mut modal = *modal;
    let shown = world.text(modal.screen(), 80, 24);
    assert!(shown.contains("as it was before") && shown.contains("Retry on 502 and 503"), "{shown}");
    let answer = world.press(modal.screen_mut(), Key::Char('b'));
    let want = Command::Retitle { card: id(1), title: "Retry".into() };
    assert!(matches!(&answer, Outcome::Restore(c) if *c == [want.clone()]), "{answer:?}");
    assert_ne!(Answer::Restore(vec![want.clone()]), Answer::Commands(vec![want]));
}

#[test]
fn where_the_card_is_one_of_the_two_the_other_is_brought_back_without_a_question() {
    let world = World::new();
    for (seq, want) in [
        (
            2,
            Command::Move {
                card: id(1),
                to: crate::domain::mapping::Status::new("proposed"),
                place: crate::domain::board::Place::Top,
            },
        ),
        (
            3,
            Command::Label {
                card: id(1),
                delta: crate::domain::fields::SetDelta { remove: set(&["sync"]), ..Default::default() },
            },
        ),
    ] {
        let outcome = world.act(&mut on(&world, seq), &[Action::Open]);
        assert!(matches!(&outcome, Outcome::Restore(c) if *c == [want.clone()]), "{outcome:?}");
    }
}

#[test]
fn what_changed_no_value_is_not_brought_back_and_says_why() {
    let world = World::new();
    for (seq, why) in [(1, "nothing older"), (5, "a comment is said")] {
        let outcome = world.act(&mut on(&world, seq), &[Action::Open]);
        assert!(matches!(&outcome, Outcome::Say(text) if text.contains(why)), "{outcome:?}");
    }
}

#[test]
fn the_focus_stays_on_its_version_when_a_newer_one_comes() {
    let world = World::new();
    let mut card = on(&world, 6);
    let mut newer = detail(&world, comments());
    newer.history = versions();
    newer.history.insert(0, version(9, What::Field(Field::Title), text("a"), text("b")));
    let _ = card.update(&Update::Opened(Box::new(newer)), &world.ctx(80, 24));
    assert_eq!(card.versions()[card.version].seq, 6);
}

#[test]
fn it_survives_every_size() {
    let mut world = World::new();
    for seq in [8, 6, 3, 1] {
        survives_every_size(&world, &on(&world, seq));
    }
    survives_every_size(&world, &CardScreen::on_history(id(99)));
    world.glyphs = crate::tui::theme::Glyphs::ASCII;
    survives_every_size(&world, &on(&world, 7));
}
