//! Choosing a theme: what is walked over is worn at once, and taken off again unless it is kept.

use super::*;
use crate::config::Choice;
use crate::config::settings::ThemeName;
use crate::tui::theme::{Depth, Theme};

fn worn(name: ThemeName) -> Theme {
    Theme::of(&name, &[], Depth::True)
}

#[test]
fn walking_the_list_changes_the_board_behind_and_esc_puts_it_back() {
    let mut state = state(12, 120, 36);
    assert_eq!(keys(&mut state, "z t"), []);
    assert_eq!(state.theme, worn(ThemeName::Terminal));
    keys(&mut state, "j j");
    assert_eq!(state.theme, worn(ThemeName::Light));
    assert_eq!(keys(&mut state, "esc"), []);
    assert_eq!(state.theme, worn(ThemeName::Terminal));
}

#[test]
fn what_is_kept_stays_on_until_the_settings_say_so() {
    let mut state = state(12, 120, 36);
    let effects = keys(&mut state, "z t j enter");
    assert_eq!(effects, [Effect::Keep(Choice::Theme(ThemeName::Dark))]);
    assert_eq!(state.theme, worn(ThemeName::Dark), "no flash of the old one while the file is written");
    let mut settings = fixture::settings();
    settings.ui.theme = ThemeName::Dark;
    told(&mut state, Update::Settings(settings.into()));
    assert_eq!(state.theme, worn(ThemeName::Dark));
    keys(&mut state, "z t G esc");
    assert_eq!(state.theme, worn(ThemeName::Dark));
}

#[test]
fn what_could_not_be_kept_is_taken_off() {
    let mut state = state(12, 120, 36);
    keys(&mut state, "z t j enter");
    told(&mut state, Update::NotKept { reason: "the file changed meanwhile".into() });
    assert_eq!(state.theme, worn(ThemeName::Terminal));
}

#[test]
fn settings_that_come_while_one_looks_leave_what_one_looks_at() {
    let mut state = state(12, 120, 36);
    keys(&mut state, "z t j j");
    let mut settings = fixture::settings();
    settings.ui.ascii = true;
    told(&mut state, Update::Settings(settings.into()));
    assert_eq!(state.theme, worn(ThemeName::Light));
}

#[test]
fn without_colour_every_theme_is_mono() {
    let mut state = state(12, 120, 36);
    state.depth = Depth::Mono;
    keys(&mut state, "z t j j");
    assert_eq!(state.theme, worn(ThemeName::Mono));
}

#[test]
fn where_nothing_shall_move_no_second_is_counted_down() {
    let mut state = state(12, 120, 36);
    state.health[0].state = crate::domain::health::HealthState::Throttled;
    state.health[0].next_attempt = Some(NOW.plus_ms(41_000));
    let moving = next_wake(&state).expect("a wake");
    assert!(moving.since(NOW) <= 1_000);
    let mut settings = fixture::settings();
    settings.ui.motion = false;
    told(&mut state, Update::Settings(settings.into()));
    let still = next_wake(&state).expect("ages still change");
    assert!(still.since(NOW) > 1_000, "{}", still.since(NOW));
}
