//! The line of a new card: what its keys do, what it makes, how it looks.

use super::*;
use crate::config::templates::Template;
use crate::domain::fields::{FieldName, Value};
use crate::tui::screens::fixture::{World, id, set, survives_every_size};

fn world() -> World {
    let mut world = World::offering();
    world.settings.templates = vec![
        Template {
            name: "Bug".into(),
            title: "Bug:".into(),
            body: "## What happens".into(),
            labels: set(&["bug"]),
            ..Template::default()
        },
        Template {
            name: "Chore".into(),
            kind: Some(Kind::Task),
            status: Some(Status::new("proposed")),
            ..Template::default()
        },
    ];
    world
}

fn quick(world: &World) -> QuickScreen {
    QuickScreen::new(Status::new("approved"), Position::new(20, 3), &world.ctx(80, 24))
}

fn ctrl(world: &World, screen: &mut QuickScreen, c: char) -> Outcome {
    let key = crossterm::event::KeyEvent::new(
        crossterm::event::KeyCode::Char(c),
        crossterm::event::KeyModifiers::CONTROL,
    );
    let press = Press { ctrl: true, ..Press::plain(Key::Char(c)) };
    let mut ctx = world.ctx(80, 24);
    ctx.area = screen.area(ctx.area, &ctx);
    screen.input(&Input::Key(press, key), &ctx)
}

fn made(outcome: Outcome) -> NewCard {
    let (Outcome::Submit(commands) | Outcome::Apply(commands)) = outcome else { panic!("{outcome:?}") };
    match commands.into_iter().next() {
        Some(Command::Create(card)) => card,
        other => panic!("{other:?}"),
    }
}

macro_rules! sizes {
    ($world:expr, $screen:expr, $name:literal) => {
        insta::with_settings!({snapshot_path => concat!(env!("CARGO_MANIFEST_DIR"), "/src/tui/screens/snapshots"), prepend_module_to_snapshot => false, omit_expression => true}, {
            insta::assert_snapshot!(concat!($name, "-80x24"), $world.text($screen, 80, 24));
            insta::assert_snapshot!(concat!($name, "-40x15"), $world.text($screen, 40, 15));
        });
    };
}

#[test]
fn it_looks_as_it_was_looked_at() {
    let mut world = world();
    sizes!(world, &quick(&world), "quick-empty");
    let mut completing = quick(&world);
    world.type_in(&mut completing, "Fix login #g");
    sizes!(world, &completing, "quick-completing");
    let mut full = quick(&world);
    world.type_in(&mut full, "Fix login #bug #brandnew @ana !high ~v1.2 ^core#99 =3 ");
    sizes!(world, &full, "quick-understood");
    world.glyphs = crate::tui::theme::Glyphs::ASCII;
    // How far a day is depends on where the person is.
    world.type_in(&mut full, "due:2026-12-01 ");
    assert!(world.text(&full, 80, 24).contains("due Tue 1 Dec 2026, in "));
    let ascii = world.text(&full, 80, 24);
    assert!(ascii.is_ascii(), "{ascii}");
}

#[test]
fn enter_makes_the_card_with_all_that_was_understood() {
    let world = world();
    let mut line = quick(&world);
    world.type_in(&mut line, "Fix login #bug @me !HIGH ~v1.2 ^core#142 =3 due:2026-12-01");
    let card = made(world.press(&mut line, Key::Enter));
    assert_eq!((card.title.as_str(), card.status.as_str()), ("Fix login", "approved"));
    assert_eq!((card.labels, card.assignees), (set(&["bug"]), set(&["ana"])), "me is the person");
    assert_eq!(card.milestone.as_deref(), Some("v1.2"));
    let text = |value: &str| Some(Value::Text(value.to_owned()));
    for (field, value) in [
        (FieldName::PRIORITY, "high"),
        (FieldName::PARENT, "core#142"),
        (FieldName::ESTIMATE, "3"),
        (FieldName::DUE, "2026-12-01"),
    ] {
        assert_eq!(card.extra.get(&field).cloned(), text(value), "{field}");
    }
    assert_eq!(card.connections, [ConnectionName::new("core")]);
}

#[test]
fn the_save_key_makes_it_and_the_line_stays_for_the_next() {
    let world = world();
    let mut line = quick(&world);
    world.type_in(&mut line, "One");
    assert_eq!(made(world.act(&mut line, &[Action::Save])).title, "One");
    assert!(world.text(&line, 80, 24).contains("1 made"));
    world.type_in(&mut line, "Two");
    assert_eq!(made(world.act(&mut line, &[Action::Save])).title, "Two");
    assert!(matches!(world.act(&mut line, &[Action::Back]), Outcome::Close), "nothing is left to lose");
}

#[test]
fn what_was_refused_is_back_in_the_line_with_the_reason() {
    let world = world();
    let mut line = quick(&world);
    world.type_in(&mut line, "#bug");
    let _ = made(world.act(&mut line, &[Action::Save]));
    line.rejected(&Reject::EmptyTitle);
    let text = world.text(&line, 80, 24);
    assert!(
        text.contains("#bug") && text.contains("a card needs a title") && !text.contains("1 made"),
        "{text}"
    );
}

#[test]
fn tab_takes_the_way_to_go_on_and_escape_closes_the_list_before_the_line() {
    let world = world();
    let mut line = quick(&world);
    world.type_in(&mut line, "Fix #g");
    let _ = world.press(&mut line, Key::Tab);
    assert_eq!(line.field.text(), "Fix #\"good first issue\" ");
    world.type_in(&mut line, "@");
    let _ = world.press(&mut line, Key::Down);
    let _ = world.press(&mut line, Key::Tab);
    assert!(line.field.text().ends_with("@ben "), "{}", line.field.text());
    world.type_in(&mut line, "!");
    assert!(matches!(world.act(&mut line, &[Action::Back]), Outcome::Stay));
    assert!(line.offered.is_empty() && !line.asking, "the list alone is closed");
    assert!(matches!(world.act(&mut line, &[Action::Back]), Outcome::Stay));
    assert!(line.asking, "what was typed is not given up without a question");
    assert!(matches!(world.press(&mut line, Key::Char('n')), Outcome::Stay));
    let _ = world.act(&mut line, &[Action::Back]);
    assert!(matches!(world.press(&mut line, Key::Char('y')), Outcome::Close));
}

#[test]
fn in_the_middle_of_the_line_the_word_at_the_cursor_is_completed() {
    let world = world();
    let mut line = quick(&world);
    world.type_in(&mut line, "Fix  soon");
    for _ in 0..5 {
        let _ = world.press(&mut line, Key::Left);
    }
    world.type_in(&mut line, "#g");
    let _ = world.press(&mut line, Key::Tab);
    assert_eq!(line.field.text(), "Fix #\"good first issue\"  soon");
}

#[test]
fn a_template_puts_its_marks_and_its_body_in_and_the_next_key_takes_them_back() {
    let world = world();
    let mut line = quick(&world);
    world.type_in(&mut line, "login fails");
    let _ = ctrl(&world, &mut line, 't');
    assert_eq!(line.field.text(), "#bug Bug: login fails");
    let card = made(world.press(&mut line, Key::Enter));
    assert_eq!((card.title.as_str(), card.body.as_str()), ("Bug: login fails", "## What happens"));
    assert_eq!(card.labels, set(&["bug"]));
    let _ = ctrl(&world, &mut line, 't');
    let card = made(world.press(&mut line, Key::Enter));
    assert_eq!(
        (card.title.as_str(), card.kind, card.status.as_str()),
        ("login fails", Kind::Task, "proposed")
    );
    let _ = ctrl(&world, &mut line, 't');
    assert_eq!((line.field.text().as_str(), line.template.is_none()), ("login fails", true));
}

#[test]
fn the_form_opens_with_what_was_typed() {
    let world = world();
    let mut line = quick(&world);
    world.type_in(&mut line, "Fix login #bug @ana !high");
    let Outcome::Replace(modal) = ctrl(&world, &mut line, 'o') else { panic!("no form") };
    let Modal::NewCard(mut form) = *modal else { panic!("another dialog") };
    let card = made(world.press(&mut form, Key::Enter));
    assert_eq!((card.title.as_str(), card.status.as_str()), ("Fix login", "approved"));
    assert_eq!((card.labels, card.assignees), (set(&["bug"]), set(&["ana"])));
    assert_eq!(card.extra.get(&FieldName::PRIORITY), Some(&Value::Text("high".into())));
}

#[test]
fn what_is_new_is_told_before_it_is_made() {
    let world = world();
    let mut line = quick(&world);
    world.type_in(&mut line, "Fix #brandnew @nobody ~v9 ^core#99 ");
    let text = world.text(&line, 80, 24);
    for word in ["new label brandnew", "nobody here is called nobody", "new milestone v9"] {
        assert!(text.contains(word), "{word}: {text}");
    }
    let mut known = quick(&world);
    world.type_in(&mut known, "Fix #BUG @ana ~v1.2 ^core#142 ");
    assert!(!world.text(&known, 80, 24).contains("new "), "{}", world.text(&known, 80, 24));
    assert!(world.board.card(id(1)).is_some());
}

#[test]
fn it_survives_every_size() {
    let world = world();
    let mut line = quick(&world);
    world.type_in(&mut line, "日本語のタイトル #");
    survives_every_size(&world, &line);
}
