//! The list of themes: what walking it shows, and what is kept.

use super::*;
use crate::config::theme::{Brush, Colour, Role};
use crate::tui::screens::fixture::{World, pictures, survives_every_size};

fn world() -> World {
    let mut world = World::new();
    let pink = Brush { fg: Some(Colour::Rgb(250, 180, 200)), ..Brush::default() };
    let own = OwnTheme { name: "sea".into(), base: ThemeName::Dark, roles: [(Role::Accent, pink)].into() };
    world.settings.themes = vec![own];
    world
}

#[test]
fn the_built_in_themes_and_ones_own_are_listed_with_what_they_are() {
    let world = world();
    let mut screen = ThemesScreen::new(&world.settings, Depth::True);
    let _ = world.act(&mut screen, &[Action::FocusBottom]);
    pictures!(world, &screen, "themes");
    assert_eq!(screen.chosen(), Some(&ThemeName::Own("sea".into())));
}

#[test]
fn without_colour_the_list_says_so() {
    let world = world();
    let screen = ThemesScreen::new(&world.settings, Depth::Mono);
    let text = world.text(&screen, 80, 24);
    assert!(text.contains("without colour here (NO_COLOR"), "{text}");
}

#[test]
fn enter_keeps_what_is_looked_at_and_nothing_when_it_is_kept_already() {
    let world = world();
    let mut screen = ThemesScreen::new(&world.settings, Depth::True);
    assert!(matches!(world.act(&mut screen, &[Action::Open]), Outcome::Close));
    let outcome = world.act(&mut screen, &[Action::FocusDown, Action::Open]);
    let Outcome::CloseWith(effects) = outcome else { panic!("{outcome:?}") };
    assert_eq!(effects, [Effect::Keep(Choice::Theme(ThemeName::Dark))]);
}

#[test]
fn a_list_of_themes_survives_every_size() {
    let world = world();
    survives_every_size(&world, &ThemesScreen::new(&world.settings, Depth::Sixteen));
}
