//! Saved views, the order of the cards, and what is found again at the next start.

use super::*;
use crate::config::{Choice, SavedView, Settings};
use crate::tui::fixture::{board, settings, state_with};

fn view(name: &str, query: &str) -> SavedView {
    SavedView { name: name.into(), query: query.into() }
}

fn viewed() -> Settings {
    Settings { views: vec![view("Bugs", "label:bug"), view("Mine", "assignee:@me sort:title")], ..settings() }
}

fn shown(state: &State) -> usize {
    state.shown().0
}

fn remembered(effects: &[Effect]) -> Vec<&str> {
    let left = |e| if let &Effect::Remember("filter", ref left) = e { Some(left.as_str()) } else { None };
    effects.iter().filter_map(left).collect()
}

fn kept(effects: &[Effect]) -> Vec<&Choice> {
    effects.iter().filter_map(|e| if let Effect::Keep(choice) = e { Some(choice) } else { None }).collect()
}

fn paste(state: &mut State, text: &str) -> Vec<Effect> {
    update(state, NOW, Event::Paste(text.into()))
}

fn backtab(state: &mut State) -> Vec<Effect> {
    update(state, NOW, Event::Key(KeyEvent::new(KeyCode::BackTab, KeyModifiers::SHIFT)))
}

#[test]
fn tab_goes_through_the_saved_views_and_round_and_each_is_remembered() {
    let mut state = state_with(board(12), viewed(), 120, 36);
    assert_eq!((state.saved_view(), shown(&state)), (None, 12));
    let effects = keys(&mut state, "tab");
    assert_eq!((state.saved_view(), state.filter.text.as_str()), (Some(0), "label:bug"));
    assert_eq!(remembered(&effects), [r#"{"view":"Bugs","text":"label:bug"}"#]);
    assert!(shown(&state) < 12 && !state.filter.editing && !state.view_is_changed());
    keys(&mut state, "tab");
    assert_eq!((state.saved_view(), state.filter.text.as_str()), (Some(1), "assignee:@me sort:title"));
    keys(&mut state, "tab");
    assert_eq!((state.saved_view(), shown(&state)), (None, 12));
    backtab(&mut state);
    assert_eq!(state.saved_view(), Some(1));
}

#[test]
fn a_click_on_a_tab_shows_its_view() {
    let mut state = state_with(board(12), viewed(), 80, 24);
    let tabs = layout(&state).saved;
    assert_eq!(tabs.iter().map(|(view, _)| *view).collect::<Vec<_>>(), [None, Some(0), Some(1)]);
    let (_, area) = tabs[2];
    assert_eq!(layout(&state).hit(area.x + 1, area.y), Some(Hit::Saved(Some(1))));
    down(&mut state, (area.x + 1, area.y));
    assert_eq!(state.saved_view(), Some(1));
    let (_, area) = layout(&state).saved[0];
    down(&mut state, (area.x + 1, area.y));
    assert_eq!((state.saved_view(), shown(&state)), (None, 12));
}

#[test]
fn without_a_saved_view_there_is_no_line_for_them_and_tab_says_how_to_make_one() {
    let mut state = state(12, 80, 24);
    keys(&mut state, "tab");
    assert_eq!(said(&state), "there is no saved view: gs saves the filter as one");
    assert!(layout(&state).saved.is_empty() && layout(&state).views.is_empty());
}

#[test]
fn the_filter_is_remembered_when_it_is_left_and_not_with_each_key() {
    let mut state = state(12, 80, 24);
    assert_eq!(remembered(&keys(&mut state, "/ b u g s")), [""; 0]);
    assert_eq!(remembered(&keys(&mut state, "enter")), [r#"{"view":null,"text":"bugs"}"#]);
    assert_eq!(remembered(&keys(&mut state, "j k l")), [""; 0], "once");
    assert_eq!(remembered(&keys(&mut state, "/ esc")), [r#"{"view":null,"text":""}"#]);
    let leaving = keys(&mut state, "/ x ctrl-c / y");
    assert_eq!(remembered(&leaving), [""; 0], "cleared, and begun again");
    let left = go_away(&mut state);
    assert_eq!(remembered(&left), [r#"{"view":null,"text":"y"}"#], "going to another view leaves it too");
}

/// A click on the tab of another view, while the filter is typed.
fn go_away(state: &mut State) -> Vec<Effect> {
    let (_, tab) = layout(state).tabs[2];
    down(state, (tab.x + 1, tab.y))
}

#[test]
fn what_was_left_is_there_at_the_next_start() {
    let restored = |left: &str| {
        let setup = crate::tui::state::Setup {
            settings: std::sync::Arc::new(viewed()),
            board: board(12),
            health: vec![],
            me: vec!["ana".into()],
            now: NOW,
            remembered: [("filter".to_owned(), left.to_owned())].into(),
            depth: crate::tui::theme::Depth::True,
            size: (80, 24),
        };
        State::new(setup).expect("a state")
    };
    let mut state = restored(r#"{"view":"Bugs","text":"label:bug zebra"}"#);
    assert_eq!((state.saved_view(), state.filter.text.as_str()), (Some(0), "label:bug zebra"));
    assert!(state.view_is_changed() && layout(&state).filter.height == 1);
    let due = next_wake(&state).expect("its text is to be looked for");
    let effects = update(&mut state, due, Event::Wake);
    assert!(matches!(&effects[..], [Effect::Search { texts, .. }] if texts == &["zebra"]), "{effects:?}");

    let gone = restored(r#"{"view":"Gone","text":"is:open"}"#);
    assert_eq!((gone.saved_view(), gone.filter.text.as_str()), (None, "is:open"), "the filter stays");
    for nonsense in ["", "{", "[]", "{\"text\":7}"] {
        assert_eq!(shown(&restored(nonsense)), 12, "{nonsense}");
    }
    let mut whole = restored("{}");
    assert_eq!(remembered(&keys(&mut whole, "j")), [""; 0], "nothing new");
}

#[test]
fn the_filter_is_saved_under_a_name_that_it_suggests() {
    let mut state = state_with(board(12), viewed(), 80, 24);
    keys(&mut state, "g s");
    assert!(said(&state).contains("nothing is filtered"), "{}", said(&state));
    keys(&mut state, "/");
    paste(&mut state, "is:open label:ui");
    keys(&mut state, "enter g s");
    let effects = keys(&mut state, "enter");
    assert_eq!(kept(&effects), [&Choice::View(view("Open ui", "is:open label:ui"))]);
    let mut settings = viewed();
    settings.views.push(view("Open ui", "is:open label:ui"));
    let effects = told(&mut state, Update::Settings(std::sync::Arc::new(settings)));
    assert_eq!((state.saved_view(), state.view_is_changed()), (Some(2), false));
    assert!(effects.iter().all(|e| !matches!(e, Effect::Keep(_))));

    // Changed, and saved again: the name of the view is there already.
    keys(&mut state, "/");
    paste(&mut state, " sort:due");
    assert!(state.view_is_changed());
    keys(&mut state, "enter g s");
    let effects = keys(&mut state, "enter");
    assert!(matches!(kept(&effects)[..], [Choice::View(v)] if v.name == "Open ui"), "{effects:?}");
}

#[test]
fn a_name_that_cannot_be_one_is_refused_and_a_filter_with_a_mistake_is_not_saved() {
    let mut state = state_with(board(12), viewed(), 80, 24);
    keys(&mut state, "/");
    paste(&mut state, "is:open");
    keys(&mut state, "enter g s ctrl-u");
    assert_eq!(keys(&mut state, "enter"), []);
    keys(&mut state, "a l l");
    assert!(kept(&keys(&mut state, "enter")).is_empty(), "All is taken");
    assert_eq!(state.modals.len(), 1);
    keys(&mut state, "esc / space");
    paste(&mut state, "is:purple");
    keys(&mut state, "enter g s");
    assert!(said(&state).contains("cannot be saved"), "{}", said(&state));
    assert!(state.modals.is_empty());
}

#[test]
fn a_view_is_removed_after_a_question_and_its_filter_stays() {
    let mut state = state_with(board(12), viewed(), 80, 24);
    keys(&mut state, "g S");
    assert_eq!(said(&state), "no saved view is shown: tab goes to one");
    keys(&mut state, "tab g S");
    assert!(kept(&keys(&mut state, "enter")).is_empty(), "enter keeps it");
    keys(&mut state, "g S");
    let effects = keys(&mut state, "y");
    assert_eq!(kept(&effects), [&Choice::ForgetView("Bugs".into())]);
    let mut settings = viewed();
    settings.views.remove(0);
    let _ = told(&mut state, Update::Settings(std::sync::Arc::new(settings)));
    assert_eq!((state.saved_view(), state.filter.text.as_str()), (None, "label:bug"));
}

#[test]
fn clearing_the_filter_leaves_the_view() {
    let mut state = state_with(board(12), viewed(), 80, 24);
    let effects = keys(&mut state, "tab esc");
    assert_eq!((state.saved_view(), shown(&state)), (None, 12));
    assert_eq!(remembered(&effects).last(), Some(&r#"{"view":null,"text":""}"#));
}

#[test]
fn an_order_that_is_picked_is_part_of_the_filter() {
    let mut state = state_with(board(12), viewed(), 80, 24);
    keys(&mut state, "/");
    paste(&mut state, "is:open");
    keys(&mut state, "enter s j j");
    keys(&mut state, "enter");
    assert_eq!(state.filter.text, "is:open sort:updated");
    keys(&mut state, "s space enter");
    assert_eq!(state.filter.text, "is:open sort:updated-asc", "the other way round, from where one was");
    keys(&mut state, "s g g");
    keys(&mut state, "enter");
    assert_eq!((state.filter.text.as_str(), state.modals.len()), ("is:open", 0));
    keys(&mut state, "s esc");
    assert_eq!(state.filter.text, "is:open");
}
