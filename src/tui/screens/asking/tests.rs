//! What the keys and the mouse do in the question, and how it looks.

use crossterm::event::{KeyModifiers, MouseEvent};

use super::*;
use crate::domain::moves::{Asks, Need};
use crate::tui::screens::fixture::{World, id, pictures, survives_every_size};
use crate::tui::theme::Glyphs;

fn resolution() -> Need {
    let values = ["Done", "Won't Do", "Duplicate", "Cannot Reproduce"].map(str::to_owned).to_vec();
    Need { key: "resolution".into(), name: "Resolution".into(), values }
}

fn text() -> Need {
    Need { key: "customfield_10040".into(), name: "Verified by".into(), values: vec![] }
}

fn plan() -> ConnectionName {
    ConnectionName::new("plan")
}

fn wants(needs: Vec<Need>) -> Vec<Want> {
    Want::all_of(&plan(), &Asks { status: "Done".into(), needs })
}

fn before(needs: Vec<Need>) -> AskingScreen {
    let moving = Moving {
        cards: vec![id(1)],
        to: Status::new("done"),
        place: Place::Bottom,
        given: vec![],
        refused: vec![],
        also: vec![],
    };
    AskingScreen::before(moving, wants(needs))
}

fn about(needs: Vec<Need>) -> AskingScreen {
    let asks = Asks { status: "Done".into(), needs };
    let waiting =
        Waiting { connection: plan(), to: Status::new("done"), back: Status::new("in_progress"), asks };
    AskingScreen::about(id(1), &[waiting]).expect("something is asked")
}

fn given(outcome: Outcome) -> Vec<(ConnectionName, Given)> {
    match outcome {
        Outcome::Move(moving) => moving.given,
        other => panic!("{other:?}"),
    }
}

fn of(pairs: &[(&str, &str)]) -> Vec<(ConnectionName, Given)> {
    vec![(plan(), pairs.iter().map(|(k, v)| ((*k).to_owned(), (*v).to_owned())).collect())]
}

#[test]
fn each_state_looks_as_it_was_looked_at() {
    let mut world = World::new();
    pictures!(world, &before(vec![resolution()]), "asking");
    let mut narrowed = before(vec![resolution(), text()]);
    world.type_in(&mut narrowed, "do");
    pictures!(world, &narrowed, "asking-narrowed");
    let mut typed = about(vec![text()]);
    let _ = world.press(&mut typed, Key::Enter);
    pictures!(world, &typed, "asking-text");
    world.glyphs = Glyphs::ASCII;
    pictures!(world, &about(vec![resolution()]), "asking-ascii");
}

#[test]
fn a_value_is_narrowed_to_and_given_with_the_move() {
    let world = World::new();
    let mut screen = before(vec![resolution()]);
    world.type_in(&mut screen, "wont");
    assert_eq!(given(world.press(&mut screen, Key::Enter)), of(&[("resolution", "Won't Do")]));
}

#[test]
fn several_fields_are_asked_for_one_after_the_other() {
    let world = World::new();
    let mut screen = before(vec![resolution(), text()]);
    let _ = world.press(&mut screen, Key::Down);
    assert!(matches!(world.press(&mut screen, Key::Enter), Outcome::Stay), "there is another one");
    assert!(matches!(world.press(&mut screen, Key::Enter), Outcome::Stay), "nothing is no text");
    assert!(screen.refusal.is_some());
    world.type_in(&mut screen, "cy");
    let all = of(&[("resolution", "Won't Do"), ("customfield_10040", "cy")]);
    assert_eq!(given(world.press(&mut screen, Key::Enter)), all);
}

#[test]
fn going_back_first_clears_what_is_typed_and_then_leaves_the_card_where_it_is() {
    let world = World::new();
    let mut screen = before(vec![resolution()]);
    world.type_in(&mut screen, "x");
    assert!(matches!(screen.action(Action::Back, &world.ctx(80, 24)), Outcome::Stay));
    assert!(matches!(screen.action(Action::Back, &world.ctx(80, 24)), Outcome::Close));
    assert_eq!(screen.unanswered(), "not moved");
}

#[test]
fn a_click_on_a_value_gives_it() {
    let world = World::new();
    let mut screen = before(vec![resolution()]);
    let mut ctx = world.ctx(80, 24);
    ctx.area = screen.area(ctx.area, &ctx);
    let (_, rows) = screen.window(ctx.area);
    let kind = MouseEventKind::Down(MouseButton::Left);
    let click =
        |row| Input::Mouse(MouseEvent { kind, column: rows.x + 4, row, modifiers: KeyModifiers::NONE });
    assert!(matches!(screen.input(&click(rows.y + 9), &ctx), Outcome::Ignored), "below the last");
    assert_eq!(given(screen.input(&click(rows.y + 2), &ctx)), of(&[("resolution", "Duplicate")]));
}

#[test]
fn a_move_that_waits_is_answered_or_taken_back_everywhere() {
    let world = World::new();
    let mut screen = about(vec![resolution()]);
    let Outcome::CloseWith(effects) = world.press(&mut screen, Key::Enter) else { panic!("not given") };
    assert_eq!(effects, [Effect::AnswerMove { card: id(1), answers: of(&[("resolution", "Done")]) }]);
    let mut screen = about(vec![resolution()]);
    for _ in 0..9 {
        let _ = world.press(&mut screen, Key::Down);
    }
    let Outcome::Submit(commands) = world.press(&mut screen, Key::Enter) else { panic!("not taken back") };
    let back = Command::Move { card: id(1), to: Status::new("in_progress"), place: Place::Top };
    assert_eq!(commands, [back]);
}

#[test]
fn no_size_is_too_small() {
    let world = World::new();
    survives_every_size(&world, &before(vec![resolution(), text()]));
    survives_every_size(&world, &about(vec![text()]));
}
