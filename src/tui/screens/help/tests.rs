//! The help shows the keymap as it is.

use super::*;
use crate::config::keymap::{KeySettings, Keymap};
use crate::tui::screens::fixture::{World, pictures, survives_every_size};

#[test]
fn the_board_help_looks_as_it_was_looked_at() {
    let world = World::new();
    pictures!(world, &HelpScreen::new(Layer::Board), "help");
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
