//! The health view and the panel: what is shown in each state, and what the keys ask for.

use super::*;
use crate::domain::health::Health;
use crate::tui::screens::fixture::{
    World, ago, asking, id, importing, pictures, sights, survives_every_size, throttled,
};

fn docked(world: &World, width: u16, height: u16) -> String {
    let ctx = world.ctx(width, height);
    let mut buffer = Buffer::empty(ctx.area);
    render_docked(&mut buffer, &ctx);
    crate::tui::screens::fixture::text(&buffer)
}

fn names(outcome: &Outcome) -> String {
    format!("{outcome:?}")
}

fn shown(health: Vec<Health>) -> World {
    let mut world = World::new();
    world.health = health;
    world
}

/// A health view with the focus on an item, after so many steps down.
fn walked(world: &World, steps: usize) -> HealthScreen {
    let mut health = HealthScreen::default();
    for _ in 0..steps {
        let _ = health.walk(1, &world.ctx(80, 24));
    }
    health
}

#[test]
fn what_is_taller_than_the_screen_is_read_to_its_end_before_the_focus_goes_on() {
    let world = World::new();
    let mut health = walked(&world, 1);
    let ctx = world.ctx(80, 24);
    let head = health.focus;
    let mut steps = 0;
    while health.focus == head {
        assert!(steps < 5, "it goes on at last");
        let seen = world.text(&health, 80, 24).contains("Since start     3 passes");
        let _ = health.action(Action::FocusDown, &ctx);
        assert!(seen || health.focus == head, "its last line was never shown");
        steps += 1;
    }
    assert_eq!(health.focus.item, Some(0));
    for _ in 0..10 {
        let _ = health.action(Action::FocusUp, &ctx);
    }
    assert_eq!((health.focus, health.top), (Spot::default(), 0));
}

#[test]
fn each_state_looks_as_it_was_looked_at() {
    sights!(World::new(), &HealthScreen::default(), "health");
    sights!(World::new(), &walked(&World::new(), 2), "health-items");
    sights!(shown(vec![throttled()]), &HealthScreen::default(), "health-throttled");
    sights!(shown(vec![asking()]), &HealthScreen::default(), "health-asking");
    let docs = Health::new(ConnectionName::new("docs"), "github", "octo/handbook".into());
    sights!(shown(vec![importing(), docs]), &HealthScreen::default(), "health-import");
    pictures!(World::local(), &HealthScreen::default(), "health-local");
}

#[test]
fn colour_says_nothing_that_words_do_not() {
    let mut world = World::new();
    let coloured = world.text(&HealthScreen::default(), 120, 60);
    world.theme = crate::tui::theme::Theme::new(crate::config::settings::ThemeName::Mono, true);
    let plain = world.draw(&HealthScreen::default(), 120, 60);
    assert_eq!(crate::tui::screens::fixture::text(&plain), coloured);
    let colour = ratatui::style::Color::Reset;
    assert!(plain.content().iter().all(|c| c.fg == colour && c.bg == colour), "mono has no colour");
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
    let down = world.act(&mut health, &[Action::NextConnection, Action::Pause]);
    assert!(names(&down).contains("Pause(ConnectionName(\"docs\"))"), "{down:?}");
    let sync = world.act(&mut health, &[Action::FocusDown, Action::SyncNow]);
    let back =
        world.act(&mut health, &[Action::PreviousConnection, Action::PreviousConnection, Action::Retry]);
    assert!(names(&back).contains("Retry(ConnectionName(\"core\"))"), "{back:?}");
    assert!(names(&sync).contains("SyncNow(Some(ConnectionName(\"docs\")))"), "{sync:?}");
}

fn retried(outcome: &Outcome) -> Vec<(String, CardId)> {
    let Outcome::Do(effects) = outcome else { panic!("{outcome:?}") };
    let [Effect::RetryCards(cards)] = &effects[..] else { panic!("{effects:?}") };
    cards.iter().map(|(name, card)| (name.to_string(), *card)).collect()
}

#[test]
fn an_item_is_retried_alone_and_several_by_selection() {
    let world = World::new();
    let mut health = walked(&world, 2);
    assert_eq!(retried(&world.act(&mut health, &[Action::Retry])), [("docs".into(), id(1))]);
    let some = world.act(&mut health, &[Action::Select, Action::FocusDown, Action::Select, Action::Retry]);
    assert_eq!(retried(&some), [("docs".into(), id(1)), ("docs".into(), id(3))]);
    assert!(health.selected.is_empty(), "a second time it would be somebody else's");
    let all = world.act(&mut health, &[Action::PreviousConnection, Action::Select, Action::Retry]);
    assert_eq!(retried(&all).len(), 3, "on the connection, all that are listed are selected");
    let _ = world.act(&mut health, &[Action::Select]);
    assert!(names(&world.act(&mut health, &[Action::Back])).contains("Stay"), "first the selection goes");
    let whole = world.act(&mut health, &[Action::Retry]);
    assert!(names(&whole).contains("Retry(ConnectionName(\"docs\"))"), "{whole:?}");
}

#[test]
fn an_item_that_is_no_longer_listed_is_not_retried() {
    let mut world = World::new();
    let mut health = walked(&world, 2);
    let _ = world.act(&mut health, &[Action::Select, Action::Select]);
    world.health[1].failed.remove(0);
    assert_eq!(retried(&world.act(&mut health, &[Action::Retry])), [("docs".into(), id(2))]);
}

#[test]
fn the_focused_item_tells_the_servers_words_whole_and_opens_its_card() {
    let world = World::new();
    let mut health = walked(&world, 2);
    let text = world.text(&health, 80, 40);
    assert!(text.contains("(maximum is\n") && text.contains("50 characters)"), "{text}");
    let open = world.act(&mut health, &[Action::Open]);
    assert!(
        matches!(&open, Outcome::Open(m) if matches!(&**m, Modal::Card(c) if c.card() == id(1))),
        "{open:?}"
    );
}

#[test]
fn what_has_the_focus_is_on_the_screen() {
    let world = World::new();
    for (width, height) in [(80, 24), (60, 10), (200, 30)] {
        let mut health = HealthScreen::default();
        for item in [None, None, Some("docs#7"), Some("00000000"), Some("docs#9")] {
            let ctx = world.ctx(width, height);
            let text = world.text(&health, width, height);
            let key = item.unwrap_or("core").to_owned();
            let focused = text.lines().any(|l| l.contains('▌') && l.contains(&key)) || item.is_none();
            assert!(focused, "{key} at {width}x{height}:\n{text}");
            let _ = health.walk(1, &ctx);
        }
    }
}

#[test]
fn a_click_focuses_and_a_second_one_opens() {
    use crossterm::event::{KeyModifiers, MouseButton, MouseEvent, MouseEventKind};
    let world = World::new();
    let mut health = HealthScreen::default();
    let text = world.text(&health, 200, 60);
    let row = text.lines().position(|l| l.contains("00000000")).expect("listed");
    let click = Input::Mouse(MouseEvent {
        kind: MouseEventKind::Down(MouseButton::Left),
        column: 120,
        row: row as u16,
        modifiers: KeyModifiers::NONE,
    });
    let ctx = world.ctx(200, 60);
    assert!(matches!(health.input(&click, &ctx), Outcome::Stay));
    assert_eq!(health.focus, Spot { connection: 1, item: Some(1) });
    assert!(matches!(health.input(&click, &ctx), Outcome::Open(_)));
}

#[test]
fn what_is_counted_down_changes_every_second_and_nothing_else_does() {
    let world = shown(vec![throttled()]);
    let now = world.ctx(80, 24).now;
    assert_eq!(next_second(&world.health, now), Some(now.plus_ms(300)), "0:41 until 40.0 s are left");
    assert_eq!(next_second(&world.health, now.plus_ms(300)), Some(now.plus_ms(1_300)));
    assert_eq!(next_second(&world.health, now.plus_ms(40_300)), None, "it is over");
    assert_eq!(goes_on(&world.health[0], now, true).as_deref(), Some("goes on in 0:41"));
    assert_eq!(next_second(&[asking()], now), None, "what waits for a person is not counted");
    let mut later = throttled();
    later.next_attempt = Some(now.plus_ms(2 * 3_600_000));
    assert_eq!(next_second(&[later.clone()], now), None);
    assert_eq!(goes_on(&later, now, true).as_deref(), Some("goes on in 2h"));
}

#[test]
fn a_question_is_opened_where_it_is_told() {
    let world = shown(vec![asking()]);
    let mut health = HealthScreen::default();
    assert!(world.text(&health, 80, 24).contains("A answers"));
    for action in [Action::Answer, Action::Open] {
        let open = world.act(&mut health, &[action]);
        assert!(matches!(&open, Outcome::Open(m) if matches!(**m, Modal::Question(_))), "{open:?}");
    }
    let none = World::new().act(&mut health, &[Action::Answer]);
    assert!(matches!(none, Outcome::Ignored), "the front end looks at the others");
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
    world.health[0].last_good = Some(ago(3));
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
    let every = World::new().health.into_iter().chain([throttled(), asking(), importing()]);
    let world = shown(every.skip(1).collect());
    survives_every_size(&World::local(), &HealthScreen::default());
    let health = walked(&world, 1);
    // Everything that has to be broken into lines is long work, so that the heights are few: those that cut
    // something off, and those that do not.
    for width in (0..=120).chain([167, 168, 169, 252, 400]) {
        for height in [0, 1, 2, 3, 5, 9, 24, 40] {
            let _ = world.draw(&health, width, height);
        }
    }
    for width in 0..50 {
        for height in 0..14 {
            docked(&world, width, height);
        }
    }
}
