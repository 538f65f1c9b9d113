//! The help shows the keymap as it is.

use super::*;
use crate::config::Choice;
use crate::config::keymap::{KeySettings, Keymap};
use crate::tui::screens::fixture::{World, pictures, survives_every_size};

#[test]
fn the_board_help_looks_as_it_was_looked_at() {
    let world = World::new();
    pictures!(world, &HelpScreen::new(Layer::Board), "help");
    pictures!(world, &HelpScreen::new(Layer::Conflicts), "help-conflicts");
    insta::with_settings!({snapshot_path => concat!(env!("CARGO_MANIFEST_DIR"), "/src/tui/screens/snapshots"), prepend_module_to_snapshot => false, omit_expression => true}, {
        insta::assert_snapshot!("help-40x15", world.text(&HelpScreen::new(Layer::Board), 40, 15));
        let mut ascii = World::new();
        ascii.glyphs = crate::tui::theme::Glyphs::ASCII;
        insta::assert_snapshot!("help-ascii", ascii.text(&HelpScreen::new(Layer::Board), 80, 24));
    });
}

#[test]
fn a_rebound_key_is_shown_and_an_unbound_action_says_so() {
    let mut world = World::new();
    let mut own = KeySettings::default();
    own.set(None, "comment", Some(vec!["ctrl-k".to_owned()]));
    own.set(None, "archive", Some(vec![]));
    world.keymap = Keymap::build(&own).expect("no clash");
    let mut help = HelpScreen::new(Layer::Card);
    let text = world.text(&help, 80, 60);
    assert!(text.lines().any(|l| l.contains("ctrl-k") && l.contains("comment")), "{text}");
    assert!(text.lines().any(|l| l.contains("not bound") && l.contains("take off the board")), "{text}");
    let _ = world.act(&mut help, &[Action::Filter]);
    world.type_in(&mut help, "milest");
    let text = world.text(&help, 80, 24);
    assert!(text.contains("milestone") && !text.contains("ctrl-k"), "{text}");
}

#[test]
fn escape_leaves_the_search_first_and_then_the_help() {
    let world = World::new();
    let mut help = HelpScreen::new(Layer::Board);
    let _ = world.act(&mut help, &[Action::Filter]);
    assert_eq!(help.layer(), Layer::Text);
    world.type_in(&mut help, "zzzz");
    assert!(world.text(&help, 80, 24).contains("no key does that here"));
    assert!(matches!(world.act(&mut help, &[Action::Back]), Outcome::Stay));
    assert!(matches!(world.act(&mut help, &[Action::Back]), Outcome::Close));
}

#[test]
fn every_action_of_the_view_is_in_its_help() {
    let world = World::new();
    for layer in Layer::ALL {
        let help = HelpScreen::new(layer);
        let whats: Vec<String> = help.entries(&world.ctx(80, 24)).into_iter().map(|e| e.what).collect();
        for (action, _) in world.keymap.in_layer(layer).filter(|(a, _)| a.column().is_none()) {
            assert!(whats.iter().any(|w| w == action.what()), "{action} is missing in {layer:?}");
        }
    }
}

#[test]
fn it_survives_every_size() {
    survives_every_size(&World::new(), &HelpScreen::new(Layer::Board));
}

/// The entry that does this, focused.
fn focused_on(world: &World, action: Action) -> HelpScreen {
    let mut help = HelpScreen::new(Layer::Board);
    let ctx = world.ctx(80, 24);
    let at = help.entries(&ctx).iter().position(|e| e.action.is_some_and(|(_, a)| a == action));
    let _ = help.go(at.expect("listed"), &ctx);
    help
}

#[test]
fn new_keys_are_asked_for_with_what_they_clash_with() {
    let world = World::new();
    let mut help = focused_on(&world, Action::Undo);
    let _ = world.act(&mut help, &[Action::Open]);
    pictures!(world, &help, "help-asking");
    let _ = world.press(&mut help, Key::Char('q'));
    let text = world.text(&help, 80, 24);
    assert!(text.contains("q is \u{201c}quit\u{201d} already (board)"), "{text}");
    assert!(matches!(world.press(&mut help, Key::Enter), Outcome::Stay), "a clash is not kept");
    let _ = world.press(&mut help, Key::Backspace);
    let _ = world.press(&mut help, Key::Char('g'));
    let text = world.text(&help, 80, 24);
    assert!(text.contains("g begins gg"), "{text}");
    let _ = world.press(&mut help, Key::Char('u'));
    let kept = world.press(&mut help, Key::Enter);
    let Outcome::Do(effects) = kept else { panic!("{kept:?}") };
    let wanted =
        Choice::Key { view: None, action: Action::Undo, chords: Some(vec!["gu".parse().expect("a chord")]) };
    assert_eq!(effects, [Effect::Keep(wanted)]);
    assert!(!help.takes_all_keys());
}

#[test]
fn new_keys_can_hold_in_one_view_and_go_back_to_the_default() {
    let mut world = World::new();
    let mut help = focused_on(&world, Action::Undo);
    let _ = world.act(&mut help, &[Action::Open]);
    let _ = world.press(&mut help, Key::Delete);
    assert!(world.text(&help, 80, 24).contains("it has its default keys"));
    let _ = world.press(&mut help, Key::Tab);
    let _ = world.press(&mut help, Key::Char('U'));
    let kept = world.press(&mut help, Key::Enter);
    let Outcome::Do(effects) = kept else { panic!("{kept:?}") };
    let chords = Some(vec!["U".parse().expect("a chord")]);
    assert_eq!(
        effects,
        [Effect::Keep(Choice::Key { view: Some(Layer::Board), action: Action::Undo, chords })]
    );

    world.settings.keys.set(Some(Layer::Board), "undo", Some(vec!["U".into()]));
    world.keymap = Keymap::build(&world.settings.keys).expect("no clash");
    let mut help = focused_on(&world, Action::Undo);
    assert!(world.text(&help, 80, 24).contains("your own"));
    let _ = world.act(&mut help, &[Action::Open]);
    let kept = world.press(&mut help, Key::Delete);
    let Outcome::Do(effects) = kept else { panic!("{kept:?}") };
    let wanted = Choice::Key { view: Some(Layer::Board), action: Action::Undo, chords: None };
    assert_eq!(effects, [Effect::Keep(wanted)]);
}

#[test]
fn escape_leaves_the_keys_as_they_are_and_the_mouse_has_none() {
    let world = World::new();
    let mut help = focused_on(&world, Action::Undo);
    let _ = world.press(&mut help, Key::Char('e'));
    assert!(help.takes_all_keys());
    let _ = world.press(&mut help, Key::Esc);
    assert!(!help.takes_all_keys());
    let ctx = world.ctx(80, 24);
    let mouse = help.entries(&ctx).iter().position(|e| e.group == "Mouse").expect("listed");
    let _ = help.go(mouse, &ctx);
    assert!(matches!(world.act(&mut help, &[Action::Open]), Outcome::Say(_)));
}

#[test]
fn a_letter_that_is_no_key_of_the_list_begins_the_search() {
    let world = World::new();
    let mut help = HelpScreen::new(Layer::Board);
    world.type_in(&mut help, "undo");
    let text = world.text(&help, 80, 24);
    assert!(text.contains("undo") && !text.contains("comment"), "{text}");
    let _ = world.press(&mut help, Key::Enter);
    assert!(help.takes_all_keys(), "what was found can be changed at once");
}

#[test]
fn an_unbound_action_is_listed_and_asking_survives_every_size() {
    let world = World::new();
    let mut help = focused_on(&world, Action::Undo);
    let _ = world.act(&mut help, &[Action::Open]);
    let _ = world.press(&mut help, Key::Char('q'));
    survives_every_size(&world, &help);
}
