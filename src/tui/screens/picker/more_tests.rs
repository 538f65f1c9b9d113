//! What cards are part of, when they are due, how much work they are: what the keys choose, and how it looks.

use crate::config::keymap::{Action, Key};
use crate::domain::card::Kind;
use crate::domain::command::Command;
use crate::domain::fields::{FieldName, Value};
use crate::tui::screen::{Outcome, Screen as _};
use crate::tui::screens::fixture::{World, id, pictures, survives_every_size};
use crate::tui::screens::picker::{ParentScreen, TypedKind, TypedScreen};

fn set(outcome: Outcome) -> Vec<(u128, FieldName, Option<String>)> {
    let Outcome::Submit(commands) = outcome else { panic!("{outcome:?}") };
    let one = |command: Command| match command {
        Command::SetField { card, field, value } => {
            (card.0.as_u128(), field, value.as_text().map(str::to_owned))
        }
        other => panic!("{other:?}"),
    };
    commands.into_iter().map(one).collect()
}

/// A board with an epic.
fn world() -> World {
    let mut world = World::new();
    let mut epic = world.board.card(id(3)).cloned().expect("there");
    epic.id = id(4);
    epic.kind = Kind::Epic;
    epic.title = "The platform restarts and nobody notices".into();
    epic.links[0].number = Some(40);
    world.board.upsert(epic);
    world
}

fn parent(world: &World, cards: &[u128]) -> ParentScreen {
    ParentScreen::new(cards.iter().map(|n| id(*n)).collect(), &world.ctx(80, 24))
}

#[test]
fn the_parent_picker_looks_as_it_was_looked_at() {
    let world = world();
    pictures!(world, &parent(&world, &[1]), "parent");
    let mut narrowed = parent(&world, &[1, 2]);
    world.type_in(&mut narrowed, "restarts");
    pictures!(world, &narrowed, "parent-narrowed");
}

#[test]
fn epics_stand_first_and_a_card_is_never_its_own_parent() {
    let world = world();
    let text = world.text(&parent(&world, &[1]), 80, 24);
    let at = |what: &str| text.lines().position(|l| l.contains(what)).unwrap_or(usize::MAX);
    assert!(at("core#40") < at("core#9"), "{text}");
    assert_eq!(text.matches("core#142").count(), 1, "in the title alone: {text}");
}

#[test]
fn a_parent_is_found_by_its_title_and_set_on_every_card() {
    let world = world();
    let mut screen = parent(&world, &[1, 2]);
    world.type_in(&mut screen, "nobody notices");
    let wanted = Some("core#40".to_owned());
    let commands = set(world.press(&mut screen, Key::Enter));
    assert_eq!(commands, [(1, FieldName::PARENT, wanted.clone()), (2, FieldName::PARENT, wanted)]);
}

#[test]
fn the_first_row_clears_it_and_a_key_from_elsewhere_is_taken_as_typed() {
    let world = world();
    let commands = set(world.press(&mut parent(&world, &[1]), Key::Enter));
    assert_eq!(commands, [(1, FieldName::PARENT, None)]);
    let mut screen = parent(&world, &[1]);
    world.type_in(&mut screen, "else#7");
    let commands = set(world.press(&mut screen, Key::Enter));
    assert_eq!(commands, [(1, FieldName::PARENT, Some("else#7".into()))]);
    assert!(
        matches!(world.act(&mut screen, &[Action::Back]), Outcome::Stay),
        "escape clears what is typed first"
    );
    assert!(matches!(world.act(&mut screen, &[Action::Back]), Outcome::Close));
}

#[test]
fn where_there_is_a_parent_enter_keeps_it() {
    let mut world = world();
    let mut child = world.board.card(id(1)).cloned().expect("there");
    child.extra.to_mut().insert(FieldName::PARENT, Value::Text("core#40".into()));
    world.board.upsert(child);
    let commands = set(world.press(&mut parent(&world, &[1]), Key::Enter));
    assert_eq!(commands, [(1, FieldName::PARENT, Some("core#40".into()))]);
}

fn due(cards: &[u128]) -> TypedScreen {
    TypedScreen::new(TypedKind::Due, cards.iter().map(|n| id(*n)).collect())
}

#[test]
fn a_due_date_is_read_aloud_as_it_is_typed() {
    let world = world();
    pictures!(world, &due(&[1]), "due");
    let mut screen = due(&[1]);
    world.type_in(&mut screen, "+7d");
    let day = world.ctx(80, 24).now.local_day() + chrono::Days::new(7);
    let text = world.text(&screen, 80, 24);
    assert!(text.contains("in 7 days"), "{text}");
    let commands = set(world.press(&mut screen, Key::Enter));
    assert_eq!(commands, [(1, FieldName::DUE, Some(day.to_string()))]);
    let mut wrong = due(&[1]);
    world.type_in(&mut wrong, "soon");
    assert!(world.text(&wrong, 80, 24).contains("`soon` is no day"));
    assert!(matches!(world.press(&mut wrong, Key::Enter), Outcome::Stay));
}

#[test]
fn nothing_typed_changes_nothing_and_none_clears() {
    let world = world();
    assert!(matches!(world.press(&mut due(&[1, 2]), Key::Enter), Outcome::Close));
    let mut screen = due(&[1, 2]);
    world.type_in(&mut screen, "none");
    let commands = set(world.press(&mut screen, Key::Enter));
    assert_eq!(commands, [(1, FieldName::DUE, None), (2, FieldName::DUE, None)]);
}

#[test]
fn an_estimate_is_a_number() {
    let world = world();
    for (typed, kept) in [("3.0", Some("3")), ("0,5", Some("0.5")), ("none", None)] {
        let mut screen = TypedScreen::new(TypedKind::Estimate, vec![id(1)]);
        world.type_in(&mut screen, typed);
        let commands = set(world.press(&mut screen, Key::Enter));
        assert_eq!(commands, [(1, FieldName::ESTIMATE, kept.map(str::to_owned))], "{typed}");
    }
    for typed in ["much", "-1", "inf"] {
        let mut screen = TypedScreen::new(TypedKind::Estimate, vec![id(1)]);
        world.type_in(&mut screen, typed);
        assert!(matches!(world.press(&mut screen, Key::Enter), Outcome::Stay), "{typed}");
    }
}

#[test]
fn they_survive_every_size() {
    let world = world();
    let mut screen = parent(&world, &[1]);
    survives_every_size(&world, &screen);
    world.type_in(&mut screen, "日本語");
    survives_every_size(&world, &screen);
    let mut screen = due(&[1]);
    world.type_in(
        &mut screen,
        "a day that is none, and long enough to reach the end of its line or nearly so",
    );
    survives_every_size(&world, &screen);
    assert!(!screen.unsaved());
}
