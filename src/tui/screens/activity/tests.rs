//! The activity view: what is shown, what is asked for, and that a stale answer changes nothing.

use serde_json::json;

use super::*;
use crate::domain::link::ConnectionName;
use crate::tui::screens::fixture::{World, ago, id, sights, survives_every_size};

fn row(
    seq: i64,
    minutes: i64,
    action: &str,
    object: &str,
    fields: serde_json::Value,
    outcome: &str,
) -> AuditRow {
    AuditRow {
        seq,
        at: ago(minutes),
        actor: if seq % 2 == 0 { "ana" } else { "core" }.into(),
        origin: if seq % 2 == 0 { "local" } else { "core" }.into(),
        connection: Some(ConnectionName::new("core")),
        action: action.into(),
        object: object.into(),
        card: object.starts_with("core#").then(|| id(1)),
        fields,
        outcome: outcome.into(),
        request_id: (seq % 3 == 0).then(|| format!("C0DE:{seq}:77AA")),
        hash: format!("{seq:08x}9f3ac17be2d4508861"),
    }
}

fn rows() -> Vec<AuditRow> {
    let refused = "Validation Failed: label `needs-a-very-long-name` is too long (maximum is 50 characters)";
    let long =
        "When the platform answers 502 while it restarts, the worker gives up at once.\n\n## Wanted\n- retry";
    vec![
        row(
            9,
            0,
            "update",
            "core#142",
            json!({
                "title": { "before": "Retry on 502", "after": "Retry on 502 instead of giving up" },
                "labels": { "before": ["bug", "ui"], "after": ["bug", "sync"] },
                "body": { "before": long, "after": format!("{long}\n- back off") },
            }),
            "ok",
        ),
        row(
            8,
            2,
            "update",
            "core#7",
            json!({ "labels": { "before": [], "after": ["needs-a-very-long-name"] } }),
            refused,
        ),
        row(
            7,
            14,
            "comment",
            "core#142",
            json!({ "body": { "before": null, "after": "Will do it today." } }),
            "ok",
        ),
        row(
            6,
            130,
            "conflict",
            "core#142",
            json!({ "title": {
            "base": "Retry", "local": "Retry on 502", "remote": "Retry at once", "chosen": "local", "after": "Retry on 502",
        } }),
            "ok",
        ),
        row(
            5,
            60 * 30,
            "answer",
            "core",
            json!({ "question": "creates", "detail": { "cards": 34 } }),
            "answered: go",
        ),
        row(
            4,
            60 * 24 * 20,
            "config",
            "core",
            json!({ "token": { "before": "env:A", "after": "env:B" } }),
            "ok",
        ),
        row(3, 60 * 24 * 21, "gone", "日本語#1", json!({}), "the issue was deleted there"),
        row(
            2,
            60 * 24 * 22,
            "update",
            "core#9",
            json!({ "body": {
            "before": { "characters": 1204, "sha256": "ab12cd34ab12cd34" },
            "after": { "characters": 1210, "sha256": "99ff00aa99ff00aa" },
        } }),
            "ok",
        ),
    ]
}

fn asked(outcome: Outcome) -> Option<(u64, crate::domain::audit::AuditFilter, Option<i64>)> {
    match outcome {
        Outcome::Do(effects) => effects.into_iter().find_map(|e| match e {
            Effect::ListActivity { token, filter, before } => Some((token, filter, before)),
            _ => None,
        }),
        _ => None,
    }
}

/// Answers what was asked last.
fn answer(world: &World, screen: &mut ActivityScreen, rows: Vec<AuditRow>, more: bool) -> Outcome {
    let token = screen.token;
    screen.update(&Update::Activity { token, rows, more }, &world.ctx(80, 24))
}

/// The view with rows.
fn filled(world: &World) -> ActivityScreen {
    let mut screen = ActivityScreen::default();
    assert_eq!(screen.opened(world.ctx(80, 24).now).len(), 1);
    let _ = answer(world, &mut screen, rows(), false);
    screen
}

fn many(from: i64, n: i64) -> Vec<AuditRow> {
    (0..n).map(|k| row(from - k, 1, "update", "core#1", json!({}), "ok")).collect()
}

/// The view with nothing that fits.
fn nothing_fits(world: &World) -> ActivityScreen {
    let mut screen = filled(world);
    let _ = world.act(&mut screen, &[Action::Filter]);
    world.type_in(&mut screen, "is:trouble zebra");
    let _ = answer(world, &mut screen, vec![], false);
    let _ = answer(world, &mut screen, vec![], false);
    screen
}

#[test]
fn rows_nothing_yet_and_nothing_that_fits_look_as_they_were_looked_at() {
    let world = World::new();
    sights!(World::new(), &filled(&world), "activity");
    sights!(World::new(), &nothing_fits(&world), "activity-nothing");
    let mut refused = filled(&world);
    let _ = world.act(&mut refused, &[Action::FocusDown]);
    sights!(World::new(), &refused, "activity-refused");
    assert!(world.text(&ActivityScreen::default(), 80, 24).contains("Reading the activity"));
    let mut empty = ActivityScreen::default();
    let _ = empty.opened(world.ctx(80, 24).now);
    let _ = answer(&world, &mut empty, vec![], false);
    assert!(world.text(&empty, 80, 24).contains("Nothing was written yet"));
}

#[test]
fn typing_narrows_with_one_request_at_a_time_and_a_stale_answer_is_ignored() {
    let world = World::new();
    let mut screen = filled(&world);
    let _ = world.act(&mut screen, &[Action::Filter]);
    assert_eq!(screen.layer(), Layer::Text);
    let first = asked(world.press(&mut screen, Key::Char('a'))).expect("it asks at once");
    assert_eq!(first.1.text.as_deref(), Some("a"));
    assert_eq!(asked(world.press(&mut screen, Key::Char('b'))), None, "one is under way");
    assert_eq!(asked(world.press(&mut screen, Key::Char('c'))), None);
    assert_eq!(screen.rows.len(), 8, "the rows stay until there are others");
    let then = asked(answer(&world, &mut screen, many(3, 2), false)).expect("it asks for what is typed now");
    assert_eq!(then.1.text.as_deref(), Some("abc"));
    assert_eq!(screen.rows.len(), 8, "what fits `a` is of no use");
    let ctx = world.ctx(80, 24);
    let stale = Update::Activity { token: first.0, rows: many(3, 2), more: false };
    assert!(matches!(screen.update(&stale, &ctx), Outcome::Ignored));
    let _ = answer(&world, &mut screen, many(3, 2), false);
    assert_eq!(screen.rows.len(), 2);
    assert!(matches!(world.press(&mut screen, Key::Enter), Outcome::Stay));
    assert_eq!((screen.layer(), screen.text.as_str()), (Layer::Activity, "abc"), "enter keeps it");
    assert_eq!(
        asked(world.act(&mut screen, &[Action::Back])).map(|a| a.1),
        Some(crate::domain::audit::AuditFilter::default())
    );
    assert!(matches!(world.act(&mut screen, &[Action::Back]), Outcome::Close), "then the view is left");
}

#[test]
fn an_answer_that_never_comes_is_not_waited_for() {
    let world = World::new();
    let mut screen = ActivityScreen::default();
    let now = world.ctx(80, 24).now;
    assert_eq!(screen.opened(now).len(), 1);
    assert!(screen.refresh(now.plus_ms(LOST - 1)).is_empty());
    assert_eq!(screen.refresh(now.plus_ms(LOST)).len(), 1);
}

#[test]
fn going_to_the_end_reads_the_next_page_and_nothing_twice() {
    let world = World::new();
    let mut screen = ActivityScreen::default();
    let _ = screen.opened(world.ctx(80, 24).now);
    let _ = answer(&world, &mut screen, many(1_000, 200), true);
    assert_eq!(asked(world.act(&mut screen, &[Action::HalfPageDown])), None, "there is enough");
    let (_, _, before) = asked(world.act(&mut screen, &[Action::FocusBottom])).expect("the next page");
    assert_eq!(before, Some(801));
    assert_eq!(asked(world.act(&mut screen, &[Action::FocusBottom])), None, "once");
    let _ = answer(&world, &mut screen, many(800, 50), false);
    assert_eq!((screen.rows.len(), screen.at), (250, 199));
    assert!(screen.rows.windows(2).all(|w| w[0].seq > w[1].seq));
    assert_eq!(asked(world.act(&mut screen, &[Action::FocusBottom])), None, "there is no more");
}

#[test]
fn new_rows_come_above_and_do_not_move_whoever_reads_below() {
    let world = World::new();
    let mut screen = filled(&world);
    let now = world.ctx(80, 24).now;
    assert_eq!(screen.refresh(now).len(), 1);
    let newer: Vec<AuditRow> = many(11, 2).into_iter().chain(rows()).collect();
    let _ = answer(&world, &mut screen, newer.clone(), false);
    assert_eq!((screen.rows.len(), screen.at), (10, 0), "at the top one sees what is new");
    let _ = world.act(&mut screen, &[Action::FocusDown]);
    let reading = screen.focused().map(|r| r.seq);
    let _ = screen.refresh(now);
    let _ = answer(&world, &mut screen, many(12, 1).into_iter().chain(newer).collect(), false);
    assert_eq!((screen.rows.len(), screen.focused().map(|r| r.seq)), (11, reading));
    let _ = screen.refresh(now);
    let _ = answer(&world, &mut screen, many(900, 200), true);
    assert_eq!(screen.rows.len(), 200, "a gap is not hidden: they are read from the newest on");
}

#[test]
fn enter_opens_the_card_and_y_copies_the_row_as_json() {
    let world = World::new();
    let mut screen = filled(&world);
    let open = world.act(&mut screen, &[Action::Open]);
    assert!(
        matches!(&open, Outcome::Open(m) if matches!(&**m, Modal::Card(c) if c.card() == id(1))),
        "{open:?}"
    );
    let Outcome::Do(effects) = world.act(&mut screen, &[Action::CopyRow]) else { panic!("it copies") };
    let [Effect::Copy(json)] = &effects[..] else { panic!("{effects:?}") };
    let row: serde_json::Value = serde_json::from_str(json).expect("JSON");
    assert_eq!((row["seq"].as_i64(), row["object"].as_str()), (Some(9), Some("core#142")));
    let none = world.act(&mut screen, &[Action::FocusBottom, Action::FocusUp, Action::Open]);
    assert!(matches!(none, Outcome::Say(_)), "that row is about no card");
}

#[test]
fn the_focused_row_can_be_read_to_its_end() {
    let world = World::new();
    let mut screen = filled(&world);
    let hash = &rows()[0].hash[..16];
    assert!(!world.text(&screen, 80, 24).contains(hash));
    let _ = world.act(&mut screen, &[Action::DetailDown; 30]);
    assert!(world.text(&screen, 80, 24).contains(hash), "{}", world.text(&screen, 80, 24));
    assert!(world.text(&screen, 200, 60).contains(hash), "where there is room it is all there");
}

#[test]
fn an_escape_sequence_in_a_row_is_not_drawn() {
    let world = World::new();
    let mut screen = ActivityScreen::default();
    let _ = screen.opened(world.ctx(80, 24).now);
    let mut bad = row(
        1,
        1,
        "upd\u{1b}ate",
        "core#1\u{202E}",
        json!({ "ti\u{1b}tle": "\u{1b}[2J\u{202E}" }),
        "bad \u{1b}[31m news",
    );
    bad.actor = "an\u{1b}a".into();
    bad.request_id = Some("\u{1b}]0;x".into());
    let _ = answer(&world, &mut screen, vec![bad], false);
    for (width, height) in [(80, 24), (200, 60)] {
        assert!(!world.text(&screen, width, height).contains(['\u{1b}', '\u{202E}']));
    }
}

#[test]
fn ages_change_with_the_minute_while_they_are_young() {
    let world = World::new();
    let now = world.ctx(80, 24).now;
    assert_eq!(ActivityScreen::default().next_change(now), None);
    let next = filled(&world).next_change(now).expect("an age is shown");
    assert!(next > now && next.since(now) <= 60_000 && next.0 % 60_000 == 0);
}

#[test]
fn it_survives_every_size() {
    let world = World::new();
    let mut typing = filled(&world);
    let _ = world.act(&mut typing, &[Action::Filter]);
    world.type_in(&mut typing, "action:purple is:purple 日本語");
    for screen in [nothing_fits(&world), ActivityScreen::default(), typing] {
        survives_every_size(&world, &screen);
    }
    for width in [139, 140, 141, 200] {
        for height in 0..30 {
            let _ = world.draw(&filled(&world), width, height);
        }
    }
}
