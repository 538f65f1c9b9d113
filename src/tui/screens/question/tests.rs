//! Questions: what they look like, and that no answer is given by chance.

use super::*;
use crate::tui::screens::fixture::{World, asking, sights, survives_every_size};

fn asked() -> Question {
    Question::of(&asking()).expect("it asks")
}

fn answer(outcome: &Outcome) -> Option<bool> {
    match outcome {
        Outcome::CloseWith(effects) => match effects[..] {
            [Effect::Answer { question: 7, go, .. }] => Some(go),
            _ => panic!("{effects:?}"),
        },
        _ => None,
    }
}

#[test]
fn a_connections_question_looks_as_it_was_looked_at() {
    let mut world = World::new();
    world.health = vec![asking()];
    sights!(world, &asked(), "question");
}

#[test]
fn each_answer_has_its_key_and_leaving_gives_none() {
    let world = World::new();
    assert_eq!(answer(&world.press(&mut asked(), Key::Char('y'))), Some(true));
    assert_eq!(answer(&world.press(&mut asked(), Key::Char('n'))), Some(false));
    assert!(matches!(world.press(&mut asked(), Key::Char('l')), Outcome::Close));
    assert!(matches!(world.act(&mut asked(), &[Action::Back]), Outcome::Close));
    assert!(matches!(world.act(&mut asked(), &[Action::Open]), Outcome::Close), "enter puts it off");
}

#[test]
fn a_connection_that_asks_nothing_has_no_question() {
    assert!(Question::of(&World::new().health[0]).is_none());
}

#[test]
fn a_long_question_is_read_whole_and_an_escape_sequence_in_it_is_not_drawn() {
    let mut health = asking();
    let question = health.question.as_mut().expect("it asks");
    question.text = format!("{} \u{1b}[2J the end", "many words ".repeat(30));
    let question = Question::of(&health).expect("it asks");
    let text = World::new().text(&question, 80, 24);
    assert!(text.contains("the end") && !text.contains('\u{1b}'), "{text}");
    let small = World::new().text(&question, 40, 8);
    assert!(small.contains("create the 34") && small.contains("later"), "the answers come first: {small}");
}

#[test]
fn a_click_on_any_line_of_an_answer_gives_it() {
    use crossterm::event::{KeyModifiers, MouseEvent};
    let world = World::new();
    let mut question = asked();
    let text = world.text(&question, 80, 24);
    let row = text.lines().position(|l| l.contains("stay on this board alone")).expect("shown");
    let mut ctx = world.ctx(80, 24);
    ctx.area = question.area(ctx.area, &ctx);
    let click = |row: usize| {
        Input::Mouse(MouseEvent {
            kind: MouseEventKind::Down(MouseButton::Left),
            column: 40,
            row: row as u16,
            modifiers: KeyModifiers::NONE,
        })
    };
    assert_eq!(answer(&question.input(&click(row), &ctx)), Some(false));
    assert_eq!(answer(&question.input(&click(row - 1), &ctx)), Some(true));
    assert!(matches!(question.input(&click(row + 6), &ctx), Outcome::Ignored));
}

#[test]
fn it_survives_every_size() {
    survives_every_size(&World::new(), &asked());
}
