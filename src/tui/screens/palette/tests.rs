//! The palette finds what is typed, says why something cannot be done, and hands over what was chosen.

use super::*;
use crate::domain::mapping::Status;
use crate::tui::screens::fixture::{World, survives_every_size};

fn row(entry: Entry, what: &str, rank: Rank) -> Row {
    let keys = match &entry {
        Entry::Do(action) => action.chords_of(crate::config::keymap::Preset::Vim).join(", "),
        Entry::MoveTo(_) => String::new(),
    };
    Row { entry, what: what.to_owned(), keys, rank, blocked: None }
}

/// Every action, and two columns.
fn rows() -> Vec<Row> {
    let place = |action: &Action| match action {
        Action::FocusDown | Action::Column3 => Rank::Motion,
        Action::Merge => Rank::Elsewhere,
        Action::Comment => Rank::Recent(0),
        _ => Rank::Here,
    };
    let mut out: Vec<Row> = Action::ALL.iter().map(|a| row(Entry::Do(*a), a.what(), place(a))).collect();
    out.push(row(Entry::MoveTo(Status::new("done")), "move to Done", Rank::Column));
    out.push(row(Entry::MoveTo(Status::new("todo")), "move to To Do", Rank::Column));
    for r in &mut out {
        if r.entry == Entry::Do(Action::Undo) {
            r.blocked = Some("there is nothing to undo".to_owned());
        }
    }
    out
}

fn typed(text: &str) -> PaletteScreen {
    let world = World::new();
    let mut screen = PaletteScreen::new("Commands".into(), rows());
    world.type_in(&mut screen, text);
    screen
}

fn first(text: &str) -> Entry {
    typed(text).listed().next().map_or_else(|| panic!("{text} finds nothing"), |r| r.entry.clone())
}

#[test]
fn habits_of_other_programs_find_what_they_mean() {
    for (text, wanted) in [
        ("q", Action::Quit),
        ("wq", Action::Quit),
        ("3", Action::Column3),
        ("undo", Action::Undo),
        ("help", Action::Help),
        ("rebind", Action::Help),
        ("assign", Action::Assignees),
        ("sync all", Action::SyncAll),
        ("browser", Action::OpenInBrowser),
        ("delete", Action::Archive),
    ] {
        assert_eq!(first(text), Entry::Do(wanted), "{text}");
    }
    let write: Vec<Entry> = typed("w").listed().take(3).map(|r| r.entry.clone()).collect();
    for wanted in [Action::Save, Action::SyncNow, Action::SyncAll] {
        assert!(write.contains(&Entry::Do(wanted)), "{wanted} in {write:?}");
    }
}

#[test]
fn words_are_found_in_any_order_and_with_letters_left_out() {
    assert_eq!(first("done move"), Entry::MoveTo(Status::new("done")));
    assert_eq!(first("mvdone"), Entry::MoveTo(Status::new("done")));
    assert_eq!(first("move to do"), Entry::MoveTo(Status::new("done")).clone());
    assert_eq!(typed("xyzzy").listed().count(), 0);
}

#[test]
fn what_was_used_lately_comes_first_and_what_works_elsewhere_only_when_it_is_looked_for() {
    let nothing_typed = typed("");
    let listed: Vec<&Entry> = nothing_typed.listed().map(|r| &r.entry).collect();
    assert_eq!(listed[0], &Entry::Do(Action::Comment));
    assert!(!listed.contains(&&Entry::Do(Action::Merge)));
    assert_eq!(first("merge"), Entry::Do(Action::Merge).clone());
}

#[test]
fn what_cannot_be_done_says_why_and_stays() {
    let world = World::new();
    let mut screen = typed("undo");
    let said = world.press(&mut screen, Key::Enter);
    assert!(matches!(said, Outcome::Say(ref why) if why == "undo: there is nothing to undo"), "{said:?}");
    assert!(world.text(&screen, 80, 24).contains("undo: there is nothing to undo"));
}

#[test]
fn enter_and_a_click_choose_and_escape_or_a_backspace_too_many_closes() {
    let world = World::new();
    let mut screen = typed("help and");
    let chosen = world.press(&mut screen, Key::Enter);
    assert!(matches!(chosen, Outcome::Chosen(Entry::Do(Action::Help))), "{chosen:?}");
    assert!(matches!(world.act(&mut screen, &[Action::Back]), Outcome::Close));
    let mut empty = typed("");
    assert!(matches!(world.press(&mut empty, Key::Backspace), Outcome::Close));

    let mut ctx = world.ctx(80, 24);
    ctx.area = empty.area(ctx.area, &ctx);
    let third = list(ctx.area);
    let click = Input::Mouse(crossterm::event::MouseEvent {
        kind: MouseEventKind::Down(MouseButton::Left),
        column: third.x + 3,
        row: third.y + 2,
        modifiers: crossterm::event::KeyModifiers::NONE,
    });
    let wanted = empty.listed().nth(2).map(|r| r.entry.clone());
    let chosen = empty.input(&click, &ctx);
    assert!(matches!(chosen, Outcome::Chosen(ref entry) if Some(entry) == wanted.as_ref()), "{chosen:?}");
}

#[test]
fn it_survives_every_size() {
    survives_every_size(&World::new(), &typed(""));
    survives_every_size(&World::new(), &typed("mo"));
}
