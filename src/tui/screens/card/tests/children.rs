//! The cards that belong to an open one: listed, walked, opened.

use super::*;
use crate::domain::fields::{FieldName, Value};
use crate::domain::mapping::Status;
use crate::tui::screens::fixture::card_on;

/// A world in which card 1 has three children, one of them done.
fn world() -> World {
    let mut world = World::new();
    for (n, title, status) in [
        (11, "Read the header", "completed"),
        (12, "Wait as long as it says, and not a second longer than that, whatever it says", "in_progress"),
        (13, "日本語のタイトル", "proposed"),
    ] {
        let mut child = card_on(n, title, "core", 200 + n as u64);
        child.status = Status::new(status);
        child.extra.to_mut().insert(FieldName::PARENT, Value::Text("core#142".into()));
        world.board.upsert(child);
    }
    world
}

fn parent(world: &World) -> CardScreen {
    let mut card = CardScreen::new(id(1));
    let mut detail = detail(world, comments());
    detail.conflicts.clear();
    let _ = card.update(&Update::Opened(Box::new(detail)), &world.ctx(80, 24));
    card
}

#[test]
fn they_are_listed_with_their_state_and_walked_with_the_keys() {
    let mut world = world();
    let mut card = parent(&world);
    assert!(world.text(&card, 80, 60).contains("Sub-issues · 1 of 3 done"));
    let _ = world.act(&mut card, &[Action::Open, Action::FocusDown]);
    pictures!(world, &card, "card-children");
    let opened = said(&world.act(&mut card, &[Action::Open]));
    assert!(opened.contains(&format!("{:?}", id(12))), "{opened}");
    assert!(matches!(world.act(&mut card, &[Action::Back]), Outcome::Stay), "back leaves the list first");
    assert!(matches!(world.act(&mut card, &[Action::Back]), Outcome::Close));
    world.glyphs = crate::tui::theme::Glyphs::ASCII;
    survives_every_size(&world, &parent(&world));
}

#[test]
fn a_click_on_one_opens_it() {
    let world = world();
    let mut card = parent(&world);
    let _ = world.act(&mut card, &[Action::Open]);
    let ctx = world.ctx(80, 24);
    let text = world.text(&card, 80, 24);
    let row = text.lines().position(|l| l.contains("core#213")).expect("a row") as u16;
    let event = MouseEvent {
        kind: MouseEventKind::Down(MouseButton::Left),
        column: 10,
        row,
        modifiers: crossterm::event::KeyModifiers::NONE,
    };
    let outcome = said(&card.input(&Input::Mouse(event), &ctx));
    assert!(outcome.contains(&format!("{:?}", id(13))), "{outcome}");
}

#[test]
fn without_children_there_is_nothing_to_walk() {
    let world = World::new();
    let mut card = parent(&world);
    assert!(!world.text(&card, 80, 60).contains("Sub-issues"));
    assert!(matches!(world.act(&mut card, &[Action::Open]), Outcome::Ignored));
    assert!(matches!(world.act(&mut card, &[Action::Parent]), Outcome::Say(_)));
}
