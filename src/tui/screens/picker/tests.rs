//! What the keys do in a picker, and how it looks.

use super::*;
use crate::domain::fields::SetDelta;
use crate::tui::screens::fixture::{World, id, pictures, set, survives_every_size};

fn picker(world: &World, kind: PickerKind, cards: &[u128]) -> PickerScreen {
    PickerScreen::new(kind, cards.iter().map(|n| id(*n)).collect(), &world.ctx(80, 24))
}

fn submitted(outcome: Outcome) -> Vec<Command> {
    match outcome {
        Outcome::Submit(commands) => commands,
        other => panic!("{other:?}"),
    }
}

#[test]
fn each_state_looks_as_it_was_looked_at() {
    let world = World::offering();
    let mut labels = picker(&world, PickerKind::Labels, &[1, 3]);
    pictures!(world, &labels, "picker-labels");
    world.type_in(&mut labels, "in");
    pictures!(world, &labels, "picker-narrowed");
    pictures!(world, &picker(&world, PickerKind::Milestone, &[1]), "picker-milestone");
    let unasked = World::new();
    pictures!(unasked, &picker(&unasked, PickerKind::Assignees, &[1]), "picker-loading");
    let mut failed = picker(&unasked, PickerKind::Assignees, &[1]);
    let update = Update::Offers {
        connection: ConnectionName::new("core"),
        offers: Err("404: octo/app is not there, or the token may not see it".into()),
    };
    let _ = failed.update(&update, &unasked.ctx(80, 24));
    pictures!(unasked, &failed, "picker-failed");
}

#[test]
fn typing_a_name_and_enter_adds_it() {
    let world = World::offering();
    let mut labels = picker(&world, PickerKind::Labels, &[1]);
    world.type_in(&mut labels, "docs");
    let commands = submitted(world.press(&mut labels, Key::Enter));
    let delta = SetDelta { add: set(&["docs"]), remove: set(&[]) };
    assert_eq!(commands, [Command::Label { card: id(1), delta }]);
}

#[test]
fn several_are_turned_with_tab_and_sent_for_every_card() {
    let world = World::offering();
    let mut labels = picker(&world, PickerKind::Labels, &[1, 3]);
    let _ = world.press(&mut labels, Key::Tab);
    let _ = world.press(&mut labels, Key::Down);
    let _ = world.press(&mut labels, Key::Tab);
    let commands = submitted(world.press(&mut labels, Key::Enter));
    let delta = SetDelta { add: set(&["bug", "sync"]), remove: set(&[]) };
    assert_eq!(commands.len(), 2);
    assert!(commands.contains(&Command::Label { card: id(3), delta }), "{commands:?}");
}

#[test]
fn enter_in_a_picker_just_opened_changes_nothing() {
    let world = World::offering();
    let mut people = picker(&world, PickerKind::Assignees, &[1]);
    assert!(matches!(world.press(&mut people, Key::Enter), Outcome::Close));
    let _ = world.press(&mut people, Key::Down);
    let commands = submitted(world.press(&mut people, Key::Enter));
    let delta = SetDelta { add: set(&[]), remove: set(&["ben"]) };
    assert_eq!(commands, [Command::Assign { card: id(1), delta }]);
}

#[test]
fn a_new_label_can_be_typed_with_blanks() {
    let world = World::offering();
    let mut labels = picker(&world, PickerKind::Labels, &[1]);
    world.type_in(&mut labels, "needs design");
    let commands = submitted(world.press(&mut labels, Key::Enter));
    let delta = SetDelta { add: set(&["needs design"]), remove: set(&[]) };
    assert_eq!(commands, [Command::Label { card: id(1), delta }]);
}

#[test]
fn picking_the_present_milestone_sends_nothing_and_none_clears_it() {
    let world = World::offering();
    let mut milestone = picker(&world, PickerKind::Milestone, &[1]);
    assert!(matches!(world.press(&mut milestone, Key::Enter), Outcome::Close));
    let _ = world.press(&mut milestone, Key::Up);
    let commands = submitted(world.press(&mut milestone, Key::Enter));
    assert_eq!(commands, [Command::SetMilestone { card: id(1), milestone: None }]);
}

#[test]
fn a_rejection_is_shown_and_what_was_turned_stays() {
    let world = World::offering();
    let mut labels = picker(&world, PickerKind::Labels, &[1]);
    let _ = world.press(&mut labels, Key::Tab);
    labels.rejected(&Reject::BadName("x".into()));
    assert!(world.text(&labels, 80, 24).contains("cannot be a name"));
    assert!(labels.unsaved());
}

#[test]
fn escape_takes_back_what_was_typed_before_it_closes() {
    let world = World::offering();
    let mut labels = picker(&world, PickerKind::Labels, &[1]);
    world.type_in(&mut labels, "x");
    assert!(matches!(world.act(&mut labels, &[Action::Back]), Outcome::Stay));
    assert!(matches!(world.act(&mut labels, &[Action::Back]), Outcome::Close));
}

#[test]
fn it_survives_every_size() {
    let world = World::offering();
    survives_every_size(&world, &picker(&world, PickerKind::Labels, &[1, 3]));
    survives_every_size(&world, &picker(&world, PickerKind::Milestone, &[]));
}

#[test]
fn a_priority_is_picked_from_the_highest_down() {
    let world = World::new();
    let mut priority = picker(&world, PickerKind::Priority, &[1]);
    pictures!(world, &priority, "picker-priority");
    let _ = world.press(&mut priority, Key::Down);
    let _ = world.press(&mut priority, Key::Down);
    let commands = submitted(world.press(&mut priority, Key::Enter));
    let value = Value::Text("high".to_owned());
    assert_eq!(commands, [Command::SetField { card: id(1), field: FieldName::PRIORITY, value }]);
}
