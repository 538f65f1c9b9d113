//! Every command by the palette: it does what its key does, explains itself where it cannot, and is remembered.

use proptest::prelude::*;

use super::*;
use crate::config::keymap::{Action, Layer};
use crate::tui::screens::Modal;
use crate::tui::screens::palette::{Entry, Row};
use crate::tui::update::palette::{RECENT, rows, run};

fn typed(state: &mut State, text: &str) -> Vec<Effect> {
    let mut out = Vec::new();
    for c in text.chars() {
        let code = if c == '\n' { KeyCode::Enter } else { KeyCode::Char(c) };
        out.extend(update(state, NOW, Event::Key(KeyEvent::new(code, KeyModifiers::NONE))));
    }
    out
}

/// What is on the screen, row by row.
fn screen_of(state: &State) -> String {
    let mut buf = ratatui::buffer::Buffer::empty(state.area);
    let _ = crate::tui::view::draw(state, &mut buf);
    let row = |y| (0..state.area.width).map(|x| buf[(x, y)].symbol().to_owned()).collect::<String>();
    (0..state.area.height).map(|y| row(y) + "\n").collect()
}

fn listed(state: &State) -> Vec<Row> {
    match state.modals.last() {
        Some(Modal::Palette(screen)) => screen.listed().cloned().collect(),
        other => panic!("no palette: {other:?}"),
    }
}

#[test]
fn a_card_is_moved_by_name_with_a_few_letters() {
    let mut state = state(12, 120, 36);
    let card = state.focused().expect("a card");
    let committed = commits(&typed(&mut state, ":done\n"));
    assert!(move_of(card, "todo", "done")(&committed[0].1[0]));
    assert!(state.modals.is_empty());
}

#[test]
fn the_palette_acts_on_what_is_selected_and_on_the_open_card() {
    let mut state = state(12, 120, 36);
    keys(&mut state, "space space");
    assert_eq!(state.selected.len(), 2);
    let committed = commits(&typed(&mut state, ":move to review\n"));
    assert_eq!(committed.iter().map(|(_, c)| c.len()).sum::<usize>(), 2);
    keys(&mut state, "esc esc enter");
    let open = state.open_card().expect("a card is open");
    typed(&mut state, ":");
    assert!(state.modals.last().expect("it").screen().title(&state.ctx(state.area)).contains("core#"));
    typed(&mut state, "edit the title\n");
    assert!(matches!(state.modals.last(), Some(Modal::Editor(_))), "{:?}", state.modals.last());
    assert_eq!(state.open_card(), Some(open));
}

#[test]
fn ctrl_p_opens_it_in_every_view_and_escape_closes_it() {
    for view in View::ALL {
        let mut state = state(6, 80, 24);
        let _ = crate::tui::update::actions::go(&mut state, view);
        keys(&mut state, "ctrl-p");
        assert!(matches!(state.modals.last(), Some(Modal::Palette(_))), "{view:?}");
        keys(&mut state, "esc");
        assert!(state.modals.is_empty(), "{view:?}");
        assert_eq!(state.view, view);
    }
}

#[test]
fn what_was_chosen_is_first_the_next_time_and_remembered_for_the_next_start() {
    let mut state = state(12, 120, 36);
    let effects = typed(&mut state, ":health panel\n");
    assert!(state.docked);
    assert!(effects.contains(&Effect::Remember(RECENT, "health_panel".into())), "{effects:?}");
    let effects = typed(&mut state, ":move to done\n");
    assert!(effects.contains(&Effect::Remember(RECENT, "move_to done\nhealth_panel".into())), "{effects:?}");
    typed(&mut state, ":");
    let first: Vec<Entry> = listed(&state).into_iter().take(2).map(|r| r.entry).collect();
    assert_eq!(first, [Entry::MoveTo(Status::new("done")), Entry::Do(Action::HealthPanel)]);
}

#[test]
fn what_was_remembered_and_is_no_command_is_left_out() {
    let mut state = state(12, 120, 36);
    state.remembered.insert(RECENT.into(), "no_such\n\u{1b}[2J\nmove_to gone\nundo".into());
    typed(&mut state, ":");
    assert_eq!(listed(&state)[0].entry, Entry::Do(Action::Undo));
}

#[test]
fn a_local_board_says_so_where_a_connection_is_needed_and_nothing_to_undo_is_told() {
    let mut settings = fixture::settings();
    settings.connections.clear();
    let mut state = fixture::state_with(fixture::board(4), settings, 80, 24);
    state.health.clear();
    let all = rows(&state, Layer::Board);
    let why = |action| {
        let row = all.iter().find(|r| r.entry == Entry::Do(action)).expect("listed");
        row.blocked.clone().unwrap_or_default()
    };
    assert!(why(Action::SyncAll).contains("local"), "{}", why(Action::SyncAll));
    assert!(why(Action::Undo).contains("nothing to undo"));
    assert!(why(Action::NextMatch).contains("nothing is filtered"));
    assert!(why(Action::Merge).contains("conflicts"));
    assert_eq!(why(Action::NewCard), "");
    typed(&mut state, ":undo\n");
    assert!(said(&state).contains("nothing to undo"), "{}", said(&state));
    assert!(!state.modals.is_empty(), "one can look for another command");
    let mut empty = fixture::state_with(Board::new("b", fixture::columns()), fixture::settings(), 80, 24);
    typed(&mut empty, ":comment\n");
    assert!(said(&empty).contains("no card"), "{}", said(&empty));
}

#[test]
fn every_command_can_be_run_or_explains_itself() {
    // What only moves the focus, or shows what is shown already, may change nothing.
    let quiet = |action: &Action| {
        action.column().is_some()
            || action.name().starts_with("focus_")
            || action.name().starts_with("half_page")
            || matches!(action, Action::Back | Action::ViewBoard | Action::MoveUp | Action::MoveDown)
    };
    let fresh = || {
        let mut state = state(12, 120, 36);
        keys(&mut state, "l j");
        state
    };
    for row in rows(&fresh(), Layer::Board) {
        let mut state = fresh();
        if row.blocked.is_some() {
            continue;
        }
        let picture = screen_of(&state);
        let effects = run(&mut state, &row.entry);
        let told = effects.len() > 1 || state.message.is_some();
        let quiet = matches!(&row.entry, Entry::Do(action) if quiet(action));
        assert!(quiet || told || picture != screen_of(&state), "{} did nothing and said nothing", row.what);
    }
}

#[test]
fn a_prefix_shows_how_it_goes_on_and_a_click_goes_on() {
    let mut state = state(12, 120, 36);
    keys(&mut state, "g");
    let shown = screen_of(&state);
    assert!(shown.contains("g ..") && shown.contains("m mappings"), "{shown}");
    let hint = layout(&state).hints.iter().find(|h| h.word == "mappings").expect("shown").area;
    down(&mut state, (hint.x, hint.y));
    assert_eq!(state.view, View::Mappings);
    keys(&mut state, "g esc");
    assert!(state.keys.is_empty());
    assert_eq!(state.view, View::Mappings, "escape only dropped the prefix");
}

#[test]
fn a_click_on_a_hint_does_what_its_key_does() {
    let click = |state: &mut State, word: &str| {
        let hints = layout(state).hints;
        let Some(hint) = hints.iter().find(|h| h.word == word) else { panic!("no {word} in {hints:?}") };
        down(state, (hint.area.x + 1, hint.area.y))
    };
    let mut state = state(12, 160, 36);
    click(&mut state, "help");
    assert!(matches!(state.modals.last(), Some(Modal::Help(_))));
    keys(&mut state, "esc");
    click(&mut state, "command");
    assert!(matches!(state.modals.last(), Some(Modal::Palette(_))));
    click(&mut state, "back");
    assert!(state.modals.is_empty(), "hints of a dialog can be clicked too");
    click(&mut state, "filter");
    assert!(state.filter.editing);
    typed(&mut state, "is:open");
    click(&mut state, "show all");
    assert!(!state.filter.editing && state.filter.query.is_empty());
    keys(&mut state, "space");
    state.message = None;
    click(&mut state, "unselect");
    assert!(state.selected.is_empty());
}

#[test]
fn bindings_that_changed_hold_at_once_and_bad_ones_leave_the_old() {
    let mut state = state(6, 80, 24);
    let mut settings = fixture::settings();
    settings.keys.set(None, "help", Some(vec!["f1".into()]));
    told(&mut state, Update::Settings(settings.clone().into()));
    assert_eq!(state.keymap.hint(Action::Help).as_deref(), Some("f1"));
    settings.keys.set(None, "help", Some(vec!["q".into()]));
    told(&mut state, Update::Settings(settings.into()));
    assert_eq!(state.keymap.hint(Action::Help).as_deref(), Some("f1"));
    assert!(said(&state).contains("bound to both"), "{}", said(&state));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]
    #[test]
    fn no_run_of_keys_is_too_much(
        typed in proptest::collection::vec(
            prop_oneof![
                4 => proptest::sample::select("gzbmhacHLJKjkl?/:#@MPxDuoyYeEctnNqR!]['1 5".chars().map(KeyCode::Char).collect::<Vec<_>>()),
                2 => proptest::sample::select(vec![KeyCode::Enter, KeyCode::Esc, KeyCode::Tab, KeyCode::Up, KeyCode::Down, KeyCode::Backspace, KeyCode::Delete]),
            ],
            0..40,
        ),
        ctrl in proptest::bits::u64::ANY,
        size in (1_u16..130, 1_u16..40),
    ) {
        let mut state = state(9, size.0, size.1);
        for (n, code) in typed.into_iter().enumerate() {
            let held = if ctrl >> (n % 64) & 7 == 7 { KeyModifiers::CONTROL } else { KeyModifiers::NONE };
            let _ = update(&mut state, NOW, Event::Key(KeyEvent::new(code, held)));
            let _ = screen_of(&state);
        }
    }
}
