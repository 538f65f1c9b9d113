//! The conflicts view: what is shown of each kind of field at each size, what the keys ask for, and that what is
//! typed is neither lost nor sent over a newer change.

use super::*;
use crate::config::keymap::Key;
use crate::config::settings::ThemeName;
use crate::domain::conflict::Decided;
use crate::domain::fields::{Field, Value};
use crate::domain::link::ConnectionName;
use crate::tui::screens::fixture::{World, ago, id, pictures, set, survives_every_size};
use crate::tui::theme::{Glyphs, Theme};

const BASE: &str = "When the platform answers 502 while it restarts, the worker gives up at once.\n\n## Wanted\n\n\
    - read `Retry-After`\n- back off\n\n## Not wanted\n\n- a busy loop\n- a silent one\n- a lost edit\n- a double\n\n\
    See the status page.";

fn text(text: &str) -> Value {
    Value::Text(text.to_owned())
}

fn conflict(n: i64, key: &str, field: Field, values: [Value; 3]) -> Conflict {
    let [base, local, remote] = values;
    Conflict {
        id: n,
        card: id(n as u128),
        key: key.into(),
        title: "Retry on 502 instead of giving up while the platform restarts".into(),
        connection: ConnectionName::new("core"),
        source: None,
        field,
        base,
        local,
        remote,
        found_at: ago(5 * n),
        decided: None,
    }
}

fn body(local: &str, remote: &str) -> Conflict {
    conflict(1, "core#142", Field::Body, [text(BASE), text(local), text(remote)])
}

/// Both sides changed the same line, and each another one alone.
fn clashing() -> Conflict {
    let local = BASE.replace("gives up at once", "gives up too early").replace("status page", "status site");
    let remote =
        BASE.replace("gives up at once", "stops").replace("- back off", "- back off, five minutes at most");
    body(&local, &remote)
}

fn fitting() -> Conflict {
    body(&BASE.replace("status page", "status site"), &BASE.replace("back off", "back off slowly"))
}

fn labels() -> Conflict {
    let sets = [set(&["bug", "sync"]), set(&["bug", "ui"]), set(&["bug", "docs", "sync"])];
    conflict(2, "core#9", Field::Labels, sets.map(Value::Set))
}

fn status() -> Conflict {
    let values = ["proposed", "approved", "in_progress"].map(text);
    conflict(3, "core#77", Field::Status, values)
}

fn decided() -> Conflict {
    let mut conflict =
        conflict(4, "core#5", Field::Title, ["Retry", "Retry on 502", "Retry later"].map(text));
    conflict.decided = Some(Decided { choice: Choice::Remote, by: "ana".into(), at: ago(2) });
    conflict
}

fn several() -> Vec<Conflict> {
    vec![clashing(), labels(), status(), decided()]
}

fn told(world: &World, screen: &mut ConflictsScreen, conflicts: Vec<Conflict>) -> Outcome {
    screen.update(&Update::Conflicts(conflicts), &world.ctx(80, 24))
}

fn shown(world: &World, conflicts: Vec<Conflict>) -> ConflictsScreen {
    let mut screen = ConflictsScreen::default();
    let _ = screen.opened(None);
    let _ = told(world, &mut screen, conflicts);
    screen
}

fn resolved(outcome: &Outcome) -> Vec<(i64, Choice)> {
    let Outcome::Do(effects) = outcome else { return vec![] };
    let decisions = effects.iter().filter_map(|e| match e {
        Effect::Resolve(decisions) => Some(decisions.clone()),
        _ => None,
    });
    decisions.flatten().map(|d| (d.conflict, d.choice)).collect()
}

#[test]
fn each_state_looks_as_it_was_looked_at() {
    let world = World::new();
    pictures!(world, &shown(&world, several()), "conflicts-text");
    let mut sets = shown(&world, several());
    let _ = world.act(&mut sets, &[Action::Select, Action::ShowDecided]);
    pictures!(world, &sets, "conflicts-set");
    let mut merging = shown(&world, several());
    let _ = world.act(&mut merging, &[Action::Merge]);
    pictures!(world, &merging, "conflicts-merge");
    let mut done = shown(&world, several());
    let _ = world.act(&mut done, &[Action::ShowDecided, Action::FocusBottom]);
    pictures!(world, &done, "conflicts-decided");
    pictures!(world, &shown(&world, vec![decided()]), "conflicts-none");
}

#[test]
fn it_reads_the_same_without_colour_and_in_ascii() {
    let mut world = World::new();
    world.theme = Theme::new(ThemeName::Mono, false);
    world.glyphs = Glyphs::ASCII;
    let screen = shown(&world, several());
    let ascii = world.text(&screen, 80, 24);
    assert!(ascii.is_ascii(), "{ascii}");
    let narrow = world.text(&shown(&world, several()), 44, 24);
    insta::with_settings!({snapshot_path => concat!(env!("CARGO_MANIFEST_DIR"), "/src/tui/screens/snapshots"), prepend_module_to_snapshot => false, omit_expression => true}, {
        insta::assert_snapshot!("conflicts-text-mono-ascii", ascii);
        insta::assert_snapshot!("conflicts-text-mono-ascii-narrow", narrow);
    });
}

#[test]
fn one_key_keeps_the_value_here_and_one_takes_the_one_there() {
    let world = World::new();
    let mut screen = shown(&world, several());
    assert_eq!(resolved(&world.act(&mut screen, &[Action::KeepLocal])), [(1, Choice::Local)]);
    let taken = world.act(&mut screen, &[Action::FocusDown, Action::TakeRemote]);
    assert_eq!(resolved(&taken), [(2, Choice::Remote)]);
}

#[test]
fn all_selected_are_decided_at_once_after_a_question_that_names_how_many_and_which_side() {
    let world = World::new();
    let mut screen = shown(&world, several());
    let outcome = world.act(&mut screen, &[Action::SelectAll, Action::TakeRemote]);
    let Outcome::Open(modal) = outcome else { panic!("{outcome:?}") };
    assert_eq!(modal.screen().title(&world.ctx(80, 24)), "Take the values there in 3 conflicts?");
    let mut modal = *modal;
    let answer = world.press(modal.screen_mut(), Key::Char('y'));
    let Outcome::CloseWith(effects) = answer else { panic!("{answer:?}") };
    assert_eq!(resolved(&Outcome::Do(effects)).len(), 3);
}

#[test]
fn a_decision_that_was_carried_out_says_what_stays_and_where_the_loser_is() {
    let world = World::new();
    let mut screen = shown(&world, several());
    screen.deciding(&[Decision { conflict: 1, choice: Choice::Remote }]);
    assert!(matches!(told(&world, &mut screen, several()), Outcome::Stay), "it is still on its way");
    let mut now = several();
    now[0].decided = Some(Decided { choice: Choice::Remote, by: "ana".into(), at: ago(0) });
    let said = told(&world, &mut screen, now.clone());
    let want = "core's body is taken; the one here is in the history of core#142";
    assert!(matches!(&said, Outcome::Say(text) if text == want), "{said:?}");
    assert!(matches!(told(&world, &mut screen, now), Outcome::Stay), "it is told once");
}

#[test]
fn a_conflict_that_somebody_else_decided_otherwise_is_not_said_to_be_ours() {
    let world = World::new();
    let mut screen = shown(&world, several());
    screen.deciding(&[Decision { conflict: 1, choice: Choice::Local }]);
    let mut now = several();
    now[0].decided = Some(Decided { choice: Choice::Remote, by: "policy".into(), at: ago(0) });
    let said = told(&world, &mut screen, now);
    assert!(matches!(&said, Outcome::Say(text) if text.contains("decided otherwise")), "{said:?}");
}

#[test]
fn the_focus_stays_on_its_conflict_when_others_come_and_go() {
    let world = World::new();
    let mut screen = shown(&world, several());
    let _ = world.act(&mut screen, &[Action::FocusDown]);
    let _ = told(&world, &mut screen, several().split_off(1));
    assert_eq!(screen.focused().map(|c| c.id), Some(2));
    let _ = told(&world, &mut screen, vec![status()]);
    assert_eq!(screen.focused().map(|c| c.id), Some(3));
    let _ = told(&world, &mut screen, vec![]);
    assert!(world.text(&screen, 80, 24).contains("No conflict waits for you"));
}

#[test]
fn the_conflict_of_the_card_one_comes_from_has_the_focus() {
    let world = World::new();
    let mut screen = ConflictsScreen::default();
    assert_eq!(screen.opened(Some(id(3))), [Effect::ListConflicts]);
    let _ = told(&world, &mut screen, several());
    assert_eq!(screen.focused().map(|c| c.id), Some(3));
}

#[test]
fn changes_that_fit_together_are_merged_without_marks_and_saved_by_one_key() {
    let world = World::new();
    let mut screen = shown(&world, vec![fitting()]);
    let merged = world.act(&mut screen, &[Action::Merge, Action::Save]);
    let both = BASE.replace("status page", "status site").replace("back off", "back off slowly");
    assert_eq!(resolved(&merged), [(1, Choice::Merged(text(&both)))]);
    assert_eq!(screen.layer(), Layer::Conflicts, "the editor is closed");
}

#[test]
fn a_text_with_a_mark_left_in_it_is_not_saved() {
    let world = World::new();
    let mut screen = shown(&world, vec![clashing()]);
    let outcome = world.act(&mut screen, &[Action::Merge, Action::Save]);
    assert!(resolved(&outcome).is_empty());
    let shown = world.text(&screen, 80, 24);
    assert!(shown.contains("a mark is still in it: <<<<<<< here"), "{shown}");
    assert!(shown.contains("status site") || shown.contains("<<<<<<< here"), "{shown}");
}

#[test]
fn what_is_typed_is_given_up_only_after_a_question() {
    let world = World::new();
    let mut screen = shown(&world, vec![fitting()]);
    let _ = world.act(&mut screen, &[Action::Merge]);
    world.type_in(&mut screen, "x");
    assert!(screen.unsaved());
    let _ = world.act(&mut screen, &[Action::Back]);
    assert!(world.text(&screen, 80, 24).contains("Give up what you typed?"));
    let _ = world.press(&mut screen, Key::Char('n'));
    assert_eq!(screen.layer(), Layer::Text);
    let _ = world.act(&mut screen, &[Action::Back]);
    let _ = world.press(&mut screen, Key::Char('y'));
    assert_eq!(screen.layer(), Layer::Conflicts);
}

#[test]
fn a_text_typed_over_an_older_remote_value_is_not_saved_before_the_newer_one_was_told() {
    let world = World::new();
    let mut screen = shown(&world, vec![fitting()]);
    let _ = world.act(&mut screen, &[Action::Merge]);
    let mut newer = fitting();
    newer.remote = text("quite another text");
    let _ = told(&world, &mut screen, vec![newer]);
    assert!(resolved(&world.act(&mut screen, &[Action::Save])).is_empty());
    assert!(world.text(&screen, 80, 24).contains("core changed it once more"));
    assert_eq!(resolved(&world.act(&mut screen, &[Action::Save])).len(), 1, "a second time it is");
    let mut gone = shown(&world, vec![fitting()]);
    let _ = world.act(&mut gone, &[Action::Merge]);
    let _ = told(&world, &mut gone, vec![]);
    assert!(resolved(&world.act(&mut gone, &[Action::Save])).is_empty());
    assert!(world.text(&gone, 80, 24).contains("decided meanwhile"));
}

#[test]
fn a_merged_text_that_is_one_of_the_two_is_that_side() {
    let world = World::new();
    let mut conflict = fitting();
    conflict.remote = text(&format!("{BASE}\n\nMore."));
    conflict.local = text(BASE);
    let mut screen = shown(&world, vec![conflict]);
    assert_eq!(resolved(&world.act(&mut screen, &[Action::Merge, Action::Save])), [(1, Choice::Remote)]);
}

#[test]
fn names_are_put_together_one_by_one_and_a_status_is_only_chosen() {
    let world = World::new();
    let mut screen = shown(&world, several());
    let merged = world.act(&mut screen, &[Action::FocusDown, Action::Merge, Action::Save]);
    assert_eq!(resolved(&merged), [(2, Choice::Merged(Value::Set(set(&["bug", "docs", "ui"]))))]);
    let outcome = world.act(&mut screen, &[Action::FocusDown, Action::Merge]);
    assert!(
        matches!(&outcome, Outcome::Say(text) if text.contains("chosen, not put together")),
        "{outcome:?}"
    );
}

#[test]
fn enter_opens_the_card_and_of_a_decided_one_its_history() {
    let world = World::new();
    let mut screen = shown(&world, several());
    let opened = format!("{:?}", world.act(&mut screen, &[Action::Open]));
    assert!(opened.contains("tab: Card"), "{opened}");
    let opened = world.act(&mut screen, &[Action::ShowDecided, Action::FocusBottom, Action::Open]);
    assert!(format!("{opened:?}").contains("tab: History"), "{opened:?}");
    assert!(resolved(&world.act(&mut screen, &[Action::KeepLocal])).is_empty(), "it is decided");
}

#[test]
fn nothing_a_platform_wrote_can_steer_the_terminal() {
    let world = World::new();
    let evil = body("mine \u{1b}[2J", "theirs \u{202E}\u{9b}31m");
    for width in [40, 80, 120] {
        let text = world.text(&shown(&world, vec![evil.clone()]), width, 40);
        assert!(!text.contains(['\u{1b}', '\u{202E}', '\u{9b}']), "{text}");
    }
}

#[test]
fn the_panes_scroll_together_and_stop_at_both_ends() {
    let world = World::new();
    let long = |word: &str| (0..60).map(|n| format!("{word} {n}")).collect::<Vec<_>>().join("\n");
    let conflict = body(&long("mine"), &long("theirs"));
    let mut screen = shown(&world, vec![conflict]);
    let start = world.text(&screen, 80, 24);
    let _ = world.act(&mut screen, &[Action::HalfPageUp]);
    assert_eq!(world.text(&screen, 80, 24), start);
    let _ = world.act(&mut screen, &[Action::HalfPageDown; 40]);
    let end = world.text(&screen, 80, 24);
    assert!(end.contains("{+mine 59+}") && end.contains("{+theirs 59+}"), "{end}");
}

#[test]
fn a_click_chooses_a_conflict_and_the_wheel_scrolls_what_is_under_it() {
    let world = World::new();
    let long = |word: &str| text(&(0..60).map(|n| format!("{word} {n}")).collect::<Vec<_>>().join("\n"));
    let tall = conflict(5, "core#60", Field::Body, [text(""), long("mine"), long("theirs")]);
    let mut screen = shown(&world, vec![labels(), status(), tall]);
    let ctx = world.ctx(80, 24);
    let mouse = |kind, column, row| {
        let modifiers = crossterm::event::KeyModifiers::NONE;
        Input::Mouse(crossterm::event::MouseEvent { kind, column, row, modifiers })
    };
    let _ = screen.input(&mouse(MouseEventKind::Down(MouseButton::Left), 20, 3), &ctx);
    assert_eq!(screen.focused().map(|c| c.id), Some(5), "the third row of the list");
    let _ = screen.input(&mouse(MouseEventKind::ScrollDown, 60, 12), &ctx);
    let drawn = world.text(&screen, 80, 24);
    assert!(drawn.contains("{+mine 3+}") && !drawn.contains("{+mine 2+}"), "{drawn}");
    assert!(drawn.contains("{+theirs 3+}") && !drawn.contains("{+theirs 2+}"), "both panes: {drawn}");
    let _ = screen.input(&mouse(MouseEventKind::ScrollUp, 20, 2), &ctx);
    assert_eq!(screen.focused().map(|c| c.id), Some(3));
}

#[test]
fn it_survives_every_size() {
    let mut world = World::new();
    survives_every_size(&world, &ConflictsScreen::default());
    for actions in [&[][..], &[Action::Merge], &[Action::SelectAll, Action::ShowDecided, Action::FocusBottom]]
    {
        let mut screen = shown(&world, several());
        let _ = world.act(&mut screen, actions);
        survives_every_size(&world, &screen);
    }
    world.glyphs = Glyphs::ASCII;
    let wide = body("日本語のタイトル 👩\u{200D}💻", "日本語 wide\n\n\n");
    survives_every_size(&world, &shown(&world, vec![wide, labels(), status()]));
}

#[test]
fn where_both_values_came_from_platforms_each_goes_by_its_name() {
    let world = World::new();
    let named = Conflict { source: Some(ConnectionName::new("ops")), ..clashing() };
    let mut screen = shown(&world, vec![named.clone()]);
    for (width, wanted) in
        [(120, &["changed on ops and on core", "keep ops's", "take core's"][..]), (50, &["ops", "core"])]
    {
        let text = world.text(&screen, width, 30);
        assert!(wanted.iter().all(|w| text.contains(w)), "{text}");
        assert!(!text.contains("here") && !text.contains("there"), "{text}");
    }
    let _ = world.act(&mut screen, &[Action::Merge]);
    let text = world.text(&screen, 120, 36);
    assert!(text.contains("<<<<<<< ops") && text.contains(">>>>>>> core"), "{text}");
    // And what came of it.
    let mut screen = shown(&world, vec![named.clone()]);
    let decision = Decision { conflict: named.id, choice: Choice::Local };
    screen.deciding(&[decision]);
    let decided = Some(Decided { choice: Choice::Local, by: "ana".into(), at: ago(0) });
    let outcome = told(&world, &mut screen, vec![Conflict { decided, ..named }]);
    let wanted = "ops's body stays; core's is in the history of core#142";
    assert!(matches!(&outcome, Outcome::Say(said) if said == wanted), "{outcome:?}");
}
