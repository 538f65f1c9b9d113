//! The health view and the panel: what is shown in each state, and what the keys ask for.

use super::*;
use crate::domain::health::Health;
use crate::tui::screens::fixture::{World, importing, pictures, survives_every_size};

fn docked(world: &World, width: u16, height: u16) -> String {
    let ctx = world.ctx(width, height);
    let mut buffer = Buffer::empty(ctx.area);
    render_docked(&mut buffer, &ctx);
    crate::tui::screens::fixture::text(&buffer)
}

fn names(outcome: &Outcome) -> String {
    format!("{outcome:?}")
}

#[test]
fn each_state_looks_as_it_was_looked_at() {
    let mut world = World::new();
    pictures!(world, &HealthScreen::default(), "health");
    world.health =
        vec![importing(), Health::new(ConnectionName::new("docs"), "github", "octo/handbook".into())];
    pictures!(world, &HealthScreen::default(), "health-import");
    pictures!(World::local(), &HealthScreen::default(), "health-local");
}

#[test]
fn the_panel_looks_as_it_was_looked_at() {
    let mut world = World::new();
    let wide = docked(&world, 36, 24);
    world.glyphs = crate::tui::theme::Glyphs::ASCII;
    let ascii = docked(&world, 32, 24);
    assert!(ascii.is_ascii(), "{ascii}");
    insta::with_settings!({snapshot_path => concat!(env!("CARGO_MANIFEST_DIR"), "/src/tui/screens/snapshots"), prepend_module_to_snapshot => false, omit_expression => true}, {
        insta::assert_snapshot!("health-docked", wide);
        insta::assert_snapshot!("health-docked-ascii", ascii);
    });
}

#[test]
fn keys_ask_for_the_focused_connection() {
    let world = World::new();
    let mut health = HealthScreen::default();
    assert!(names(&world.act(&mut health, &[Action::Retry])).contains("Retry(ConnectionName(\"core\"))"));
    let down = world.act(&mut health, &[Action::FocusDown, Action::Pause]);
    assert!(names(&down).contains("Pause(ConnectionName(\"docs\"))"), "{down:?}");
    let sync = world.act(&mut health, &[Action::FocusDown, Action::SyncNow]);
    assert!(names(&sync).contains("SyncNow(Some(ConnectionName(\"docs\")))"), "{sync:?}");
}

#[test]
fn a_paused_connection_goes_on_with_the_same_key() {
    let mut world = World::new();
    world.health[0].state = HealthState::Paused;
    let mut health = HealthScreen::default();
    assert!(names(&world.act(&mut health, &[Action::Pause])).contains("Resume"));
    assert!(world.text(&health, 80, 24).contains("p lets it go on"));
}

#[test]
fn a_second_more_changes_nothing_on_a_quiet_panel() {
    let mut world = World::new();
    world.health.truncate(1);
    world.health[0].last_good = Some(crate::tui::screens::fixture::ago(3));
    world.health[0].next_attempt = None;
    let draw = |ms: i64| {
        let mut ctx = world.ctx(36, 12);
        ctx.now = ctx.now.plus_ms(ms);
        let mut buffer = Buffer::empty(ctx.area);
        render_docked(&mut buffer, &ctx);
        buffer
    };
    assert_eq!(draw(0), draw(1_000));
    assert_ne!(draw(0), draw(61_000));
}

#[test]
fn an_escape_sequence_in_a_reason_is_not_drawn() {
    let mut world = World::new();
    world.health[1].reason = Some("bad \u{1b}[2J \u{202E}news".into());
    let text = world.text(&HealthScreen::default(), 80, 40) + &docked(&world, 36, 40);
    assert!(!text.contains(['\u{1b}', '\u{202E}']), "{text}");
}

#[test]
fn it_survives_every_size() {
    for world in [World::new(), World::local()] {
        survives_every_size(&world, &HealthScreen::default());
        for width in 0..50 {
            for height in 0..14 {
                docked(&world, width, height);
            }
        }
    }
}
