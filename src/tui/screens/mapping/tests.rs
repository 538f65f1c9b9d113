//! The mapping editor: what is typed is checked, what would move is shown, nothing is saved or lost unasked.

use std::sync::Arc;

use super::*;
use crate::domain::link::ConnectionName;
use crate::engine::MappingPreview;
use crate::tui::screens::fixture::{World, id, pictures, survives_every_size};

fn mapping(world: &World) -> MappingScreen {
    MappingScreen::new(&world.settings)
}

fn preview(screen: &MappingScreen) -> Update {
    let status = Status::new;
    Update::Preview(Box::new(MappingPreview {
        token: screen.sheet.token(),
        moves: vec![
            (id(1), status("in_progress"), status("approved")),
            (id(2), status("proposed"), status("approved")),
            (id(3), status("proposed"), status("approved")),
        ],
        unmapped: vec![
            (ConnectionName::new("core"), "open, no status label".into(), 14),
            (ConnectionName::new("docs"), "closed as duplicate".into(), 2),
        ],
    }))
}

fn said(outcome: &Outcome) -> String {
    format!("{outcome:?}")
}

#[test]
fn each_state_looks_as_it_was_looked_at() {
    let world = World::offering();
    let mut screen = mapping(&world);
    let update = preview(&screen);
    let _ = screen.update(&update, &world.ctx(80, 24));
    pictures!(world, &screen, "mapping");
    let _ = world.act(&mut screen, &[Action::FocusDown, Action::FocusRight, Action::Open]);
    world.type_in(&mut screen, "status");
    pictures!(world, &screen, "mapping-target");
    let _ = world.press(&mut screen, Key::Down);
    let _ = world.press(&mut screen, Key::Enter);
    let update = preview(&screen);
    let _ = screen.update(&update, &world.ctx(80, 24));
    pictures!(world, &screen, "mapping-changed");
    let _ = world.act(&mut screen, &[Action::FocusLeft, Action::RenameRow]);
    let _ = screen.input(&Input::Paste("log".into()), &world.ctx(80, 24));
    pictures!(world, &screen, "mapping-title");
    let _ = world.act(&mut screen, &[Action::Back, Action::AddRow]);
    world.type_in(&mut screen, "In Review");
    pictures!(world, &screen, "mapping-add");
    let _ = world.act(&mut screen, &[Action::Back, Action::RemoveRow]);
    pictures!(world, &screen, "mapping-remove");
}

#[test]
fn opening_asks_what_the_platforms_offer_and_what_is_unmapped() {
    let questions = mapping(&World::new()).questions();
    let text = format!("{questions:?}");
    assert!(
        text.contains("FetchOffers(ConnectionName(\"core\"))") && text.contains("PreviewMapping"),
        "{text}"
    );
}

#[test]
fn every_change_asks_for_a_new_preview() {
    let world = World::offering();
    let mut screen = mapping(&world);
    let _ = world.act(&mut screen, &[Action::RenameRow]);
    world.type_in(&mut screen, "s");
    let first = world.press(&mut screen, Key::Enter);
    assert!(
        said(&first).contains("PreviewMapping { token: 1") && said(&first).contains("Backlogs"),
        "{first:?}"
    );
    let second = world.act(&mut screen, &[Action::MoveDown]);
    assert!(said(&second).contains("PreviewMapping { token: 2"), "{second:?}");
    assert!(
        matches!(world.act(&mut screen, &[Action::FocusTop, Action::MoveUp]), Outcome::Stay),
        "nothing moved"
    );
}

#[test]
fn what_is_wrong_is_said_while_it_is_typed_and_is_not_saved() {
    let world = World::offering();
    let mut screen = mapping(&world);
    let _ = world.act(&mut screen, &[Action::FocusDown, Action::RenameRow]);
    for _ in 0..5 {
        let _ = world.press(&mut screen, Key::Backspace);
    }
    assert!(world.text(&screen, 80, 24).contains("a column needs a title"));
    let _ = world.press(&mut screen, Key::Enter);
    let saved = world.act(&mut screen, &[Action::FocusTop, Action::Save]);
    assert!(matches!(&saved, Outcome::Say(s) if s.contains("not saved")), "{saved:?}");
    assert_eq!(screen.sheet.cursor(), (1, 0), "the cursor stands where the problem is");
}

#[test]
fn saving_asks_once_and_the_saved_settings_settle_it() {
    let world = World::offering();
    let mut screen = mapping(&world);
    assert!(matches!(world.act(&mut screen, &[Action::Save]), Outcome::Say(_)), "nothing to save");
    let _ = world.act(&mut screen, &[Action::MoveDown]);
    assert!(screen.unsaved());
    assert!(said(&world.act(&mut screen, &[Action::Save])).contains("SaveMapping"));
    let mut saved = world.settings.clone();
    saved.columns.swap(0, 1);
    let _ = screen.update(&Update::Settings(Arc::new(saved)), &world.ctx(80, 24));
    assert!(!screen.unsaved());
    assert!(world.text(&screen, 80, 24).contains("saved"));
}

#[test]
fn a_save_that_failed_keeps_the_changes_and_says_why() {
    let world = World::offering();
    let mut screen = mapping(&world);
    let _ = world.act(&mut screen, &[Action::MoveDown, Action::Save]);
    let _ = screen.update(&Update::SaveFailed { reason: "the disk is full".into() }, &world.ctx(80, 24));
    assert!(world.text(&screen, 80, 24).contains("not saved: the disk is full"));
    assert!(screen.unsaved());
}

#[test]
fn escape_asks_only_with_unsaved_changes() {
    let world = World::offering();
    let mut screen = mapping(&world);
    assert!(matches!(world.act(&mut screen, &[Action::Back]), Outcome::Close));
    let _ = world.act(&mut screen, &[Action::MoveDown, Action::Back]);
    assert!(world.text(&screen, 80, 24).contains("Give up the changes?"));
    assert!(matches!(world.press(&mut screen, Key::Char('n')), Outcome::Stay));
    let _ = world.act(&mut screen, &[Action::Back]);
    assert!(matches!(world.press(&mut screen, Key::Char('y')), Outcome::Close));
}

#[test]
fn removing_says_how_many_cards_it_strands_and_only_y_removes() {
    let world = World::offering();
    let mut screen = mapping(&world);
    let _ = world.act(&mut screen, &[Action::RemoveRow]);
    assert!(world.text(&screen, 80, 24).contains("1 card"));
    let _ = world.press(&mut screen, Key::Enter);
    assert_eq!(screen.sheet.draft().columns.len(), 4);
    let _ = world.act(&mut screen, &[Action::RemoveRow]);
    let _ = world.press(&mut screen, Key::Char('y'));
    assert_eq!(screen.sheet.draft().columns.len(), 3);
}

#[test]
fn a_new_status_is_named_after_its_title_and_never_twice() {
    let world = World::offering();
    let mut screen = mapping(&world);
    let _ = world.act(&mut screen, &[Action::AddRow]);
    world.type_in(&mut screen, "In Progress");
    assert!(world.text(&screen, 80, 24).contains("already a status"));
    let _ = world.press(&mut screen, Key::Enter);
    assert_eq!(screen.sheet.draft().columns.len(), 4, "the dialog stays");
    world.type_in(&mut screen, " 2");
    let _ = world.press(&mut screen, Key::Enter);
    assert_eq!(screen.sheet.draft().columns[1], (Status::new("in_progress_2"), "In Progress 2".to_owned()));
}

#[test]
fn it_survives_every_size() {
    let world = World::offering();
    let mut screen = mapping(&world);
    survives_every_size(&world, &screen);
    for action in [Action::AddRow, Action::RenameRow, Action::RemoveRow] {
        let _ = world.act(&mut screen, &[Action::Back, action]);
        survives_every_size(&world, &screen);
    }
    let _ = world.act(&mut screen, &[Action::Back, Action::FocusRight, Action::Open]);
    survives_every_size(&world, &screen);
    survives_every_size(&World::local(), &mapping(&World::local()));
}
