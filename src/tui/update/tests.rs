//! Update as events in, effects out: what a person does, and what leaves for the store.

use crossterm::event::{KeyCode, KeyModifiers, MouseButton, MouseEventKind};

use super::*;
use crate::domain::board::Board;
use crate::domain::card::{Card, CardId};
use crate::domain::command::Change;
use crate::domain::mapping::Status;
use crate::tui::fixture::{self, NOW, state};
use crate::tui::layout::{Hit, layout};

/// Types keys: `L`, `ctrl-r`, `esc`, `enter`; one word is one key.
fn keys(state: &mut State, words: &str) -> Vec<Effect> {
    let mut out = Vec::new();
    for word in words.split_whitespace() {
        let (code, modifiers) = match word {
            "esc" => (KeyCode::Esc, KeyModifiers::NONE),
            "enter" => (KeyCode::Enter, KeyModifiers::NONE),
            "space" => (KeyCode::Char(' '), KeyModifiers::NONE),
            "tab" => (KeyCode::Tab, KeyModifiers::NONE),
            w if w.starts_with("ctrl-") => {
                (KeyCode::Char(w.chars().last().expect("a letter")), KeyModifiers::CONTROL)
            }
            w => (KeyCode::Char(w.chars().next().expect("a letter")), KeyModifiers::NONE),
        };
        out.extend(update(state, NOW, Event::Key(KeyEvent::new(code, modifiers))));
    }
    out
}

fn mouse(state: &mut State, kind: MouseEventKind, at: (u16, u16)) -> Vec<Effect> {
    let event = MouseEvent { kind, column: at.0, row: at.1, modifiers: KeyModifiers::NONE };
    update(state, NOW, Event::Mouse(event))
}

fn down(state: &mut State, at: (u16, u16)) -> Vec<Effect> {
    mouse(state, MouseEventKind::Down(MouseButton::Left), at)
}

fn drag(state: &mut State, at: (u16, u16)) -> Vec<Effect> {
    mouse(state, MouseEventKind::Drag(MouseButton::Left), at)
}

fn up(state: &mut State, at: (u16, u16)) -> Vec<Effect> {
    mouse(state, MouseEventKind::Up(MouseButton::Left), at)
}

fn told(state: &mut State, fact: Update) -> Vec<Effect> {
    update(state, NOW, Event::Engine(Box::new(fact)))
}

/// A cell of the n-th card of a column, and of its header.
fn card_cell(state: &State, column: usize, n: usize) -> (u16, u16) {
    let area = layout(state).column(column).expect("shown").cards[n].area;
    (area.x + 3, area.y)
}

fn header_cell(state: &State, column: usize) -> (u16, u16) {
    let area = layout(state).column(column).expect("shown").header;
    (area.x + 3, area.y)
}

fn commits(effects: &[Effect]) -> Vec<(u64, Vec<Change>)> {
    let commit = |e: &Effect| match e {
        Effect::Commit { token, changes, .. } => Some((*token, changes.clone())),
        _ => None,
    };
    effects.iter().filter_map(commit).collect()
}

fn column_of(state: &State, card: CardId) -> &str {
    state.board.card(card).expect("on the board").status.as_str()
}

fn said(state: &State) -> &str {
    state.message.as_ref().map_or("", |m| m.text.as_str())
}

fn move_of(card: CardId, from: &str, to: &str) -> impl Fn(&Change) -> bool {
    let (from, to) = (Status::new(from), Status::new(to));
    move |c| matches!(c, Change::Moved { card: id, from: f, to: t, .. } if *id == card && *f == from && *t == to)
}

#[test]
fn dragging_a_card_to_a_header_commits_one_change() {
    let mut state = state(12, 120, 36);
    let card = state.columns[0].ids[1];
    let from = card_cell(&state, 0, 1);
    let to = header_cell(&state, 3);
    assert!(down(&mut state, from).is_empty());
    assert!(!state.drag.as_ref().expect("armed").moving, "a press alone is no drag");
    for x in (from.0..to.0).step_by(7) {
        assert!(drag(&mut state, (x, from.1)).is_empty());
    }
    drag(&mut state, to);
    let committed = commits(&up(&mut state, to));
    assert_eq!(committed.len(), 1);
    assert_eq!(committed[0].1.len(), 1);
    assert!(move_of(card, "todo", "done")(&committed[0].1[0]));
    assert_eq!(state.columns[3].ids[0], card, "the header is the top");
    assert_eq!(state.focused(), Some(card), "the focus follows");
    assert_eq!(state.drag, None);
}

#[test]
fn a_drop_between_cards_lands_above_the_one_under_the_pointer_and_below_all_in_empty_space() {
    let mut state = state(12, 120, 36);
    let card = state.columns[0].ids[0];
    let (from, to) = (card_cell(&state, 0, 0), card_cell(&state, 1, 1));
    let under = state.columns[1].ids[1];
    down(&mut state, from);
    up(&mut state, to);
    let at = state.columns[1].ids.iter().position(|id| *id == card).expect("there");
    assert_eq!(state.columns[1].ids[at + 1], under);

    let body = layout(&state).column(2).expect("shown").body;
    let (second, from) = (state.columns[0].ids[0], card_cell(&state, 0, 0));
    down(&mut state, from);
    up(&mut state, (body.x + 2, body.bottom() - 1));
    assert_eq!(state.columns[2].ids.last(), Some(&second));
}

#[test]
fn a_drag_that_ends_on_its_own_column_or_outside_or_with_escape_moves_nothing() {
    for end in ["own", "outside", "escape", "resize"] {
        let mut state = state(12, 120, 36);
        let before = state.board.clone();
        let (from, other) = (card_cell(&state, 0, 0), card_cell(&state, 1, 0));
        down(&mut state, from);
        drag(&mut state, other);
        let mut out = Vec::new();
        match end {
            "own" => {
                let own = card_cell(&state, 0, 1);
                out = up(&mut state, own);
            }
            "outside" => out = up(&mut state, (5, 35)),
            "escape" => {
                keys(&mut state, "esc");
                out = up(&mut state, other);
            }
            _ => {
                update(&mut state, NOW, Event::Resize(100, 30));
                out.extend(up(&mut state, other));
            }
        }
        assert!(commits(&out).is_empty(), "{end}");
        assert_eq!(state.board, before, "{end}");
    }
}

#[test]
fn a_column_that_is_not_mapped_is_said_before_the_drop() {
    let state = state(12, 120, 36);
    let card = state.columns[0].ids[0];
    assert_eq!(mouse::warning(&state, card, 2).as_deref(), Some("not mapped on core, it stays here"));
    assert_eq!(mouse::warning(&state, card, 1), None);
}

#[test]
fn two_presses_open_a_card_and_a_slow_second_one_does_not() {
    let mut state = state(12, 120, 36);
    let (card, at) = (state.columns[0].ids[0], card_cell(&state, 0, 0));
    down(&mut state, at);
    up(&mut state, at);
    assert_eq!(down(&mut state, at), [Effect::OpenCard(card)]);
    assert_eq!(state.open_card(), Some(card));

    let mut slow = fixture::state(12, 120, 36);
    down(&mut slow, at);
    up(&mut slow, at);
    let event = MouseEvent {
        kind: MouseEventKind::Down(MouseButton::Left),
        column: at.0,
        row: at.1,
        modifiers: KeyModifiers::NONE,
    };
    assert!(update(&mut slow, NOW.plus_ms(900), Event::Mouse(event)).is_empty());
}

#[test]
fn a_click_under_a_dialog_does_nothing() {
    let mut state = state(12, 120, 36);
    keys(&mut state, "m");
    let (before, focus) = (state.board.clone(), state.focused());
    down(&mut state, (1, 4));
    drag(&mut state, (100, 4));
    up(&mut state, (100, 4));
    assert_eq!((state.board.clone(), state.focused(), state.modals.len()), (before, focus, 1));
}

#[test]
fn the_wheel_scrolls_the_column_under_it_and_leaves_the_focus() {
    let mut state = state(200, 80, 24);
    let (focus, at) = (state.focused(), card_cell(&state, 2, 0));
    for _ in 0..3 {
        mouse(&mut state, MouseEventKind::ScrollDown, at);
    }
    assert_eq!((state.columns[2].top, state.columns[0].top, state.focused()), (3, 0, focus));
    for _ in 0..500 {
        mouse(&mut state, MouseEventKind::ScrollDown, at);
    }
    let shown = layout(&state).column(2).expect("shown").cards.len();
    assert!(shown > 1, "the end of the column stays filled");
}

#[test]
fn a_drag_at_the_lower_edge_scrolls_while_it_is_held_there() {
    let mut state = state(200, 80, 24);
    let from = card_cell(&state, 0, 0);
    let body = layout(&state).column(1).expect("shown").body;
    down(&mut state, from);
    assert_eq!(next_wake(&state).map(|at| at.since(NOW) > 1_000), Some(true), "a press alone wakes nobody");
    drag(&mut state, (body.x + 2, body.bottom() - 1));
    assert_eq!(next_wake(&state), Some(NOW.plus_ms(EDGE_STEP)));
    update(&mut state, NOW.plus_ms(EDGE_STEP), Event::Wake);
    update(&mut state, NOW.plus_ms(2 * EDGE_STEP), Event::Wake);
    assert_eq!(state.columns[1].top, 2);
}

#[test]
fn a_capital_letter_moves_a_card_one_column_and_the_focus_follows() {
    let mut state = state(12, 120, 36);
    let card = state.focused().expect("a card");
    let out = commits(&keys(&mut state, "L"));
    assert!(move_of(card, "todo", "doing")(&out[0].1[0]));
    assert_eq!((state.focus, state.focused(), state.columns[1].ids[0]), (1, Some(card), card));
    let out = commits(&keys(&mut state, "H"));
    assert!(move_of(card, "doing", "todo")(&out[0].1[0]));
}

#[test]
fn five_quick_moves_are_five_commits_of_one_card_and_end_where_they_should() {
    let mut state = state(12, 120, 36);
    let card = state.focused().expect("a card");
    let out = commits(&keys(&mut state, "L L L H H"));
    assert_eq!(out.len(), 5);
    assert_eq!(out.iter().map(|(t, _)| *t).collect::<Vec<_>>(), [1, 2, 3, 4, 5]);
    assert_eq!(column_of(&state, card), "doing");
}

#[test]
fn picking_a_column_by_its_digit_is_one_move_however_far() {
    let mut state = state(12, 120, 36);
    let card = state.focused().expect("a card");
    let out = commits(&keys(&mut state, "m 4"));
    assert_eq!(out.len(), 1);
    assert!(move_of(card, "todo", "done")(&out[0].1[0]));
    assert!(state.modals.is_empty());
    assert_eq!(state.focused(), Some(card));
}

#[test]
fn a_selection_moves_together_in_its_order_as_one_commit() {
    let mut state = state(12, 120, 36);
    let first_two = state.columns[0].ids[..2].to_vec();
    let out = commits(&keys(&mut state, "space space L"));
    assert_eq!(out.len(), 1);
    assert_eq!(state.columns[1].ids[..2], first_two[..]);
    assert_eq!(said(&state), "2 cards moved to In Progress");
}

#[test]
fn reordering_goes_one_place_and_stops_at_the_ends() {
    let mut state = state(12, 120, 36);
    let before = state.columns[0].ids.clone();
    keys(&mut state, "J");
    assert_eq!(state.columns[0].ids, [before[1], before[0], before[2]]);
    keys(&mut state, "J");
    assert_eq!(state.columns[0].ids, [before[1], before[2], before[0]]);
    assert!(commits(&keys(&mut state, "J")).is_empty());
    keys(&mut state, "K K");
    assert_eq!(state.columns[0].ids, before);
}

#[test]
fn undo_takes_a_move_back_and_says_so_and_redo_does_it_again() {
    let mut state = state(12, 120, 36);
    let card = state.focused().expect("a card");
    let before = state.columns[0].ids.clone();
    keys(&mut state, "L");
    let out = commits(&keys(&mut state, "u"));
    assert!(move_of(card, "doing", "todo")(&out[0].1[0]));
    assert_eq!(state.columns[0].ids, before, "in its old place too");
    let key = state.board.card(card).expect("there").key();
    assert_eq!(said(&state), format!("undid: moved {key} back to To Do"));
    keys(&mut state, "ctrl-r");
    assert_eq!(column_of(&state, card), "doing");
    keys(&mut state, "u u");
    assert_eq!(said(&state), "nothing to undo");
}

#[test]
fn undo_leaves_alone_what_somebody_else_has_moved_on() {
    let mut state = state(12, 120, 36);
    let card = state.focused().expect("a card");
    keys(&mut state, "L");
    told(&mut state, Update::Committed { token: 1 });
    let theirs = Card { status: Status::new("done"), ..state.board.card(card).cloned().expect("there") };
    told(&mut state, Update::Cards(vec![theirs]));
    assert!(commits(&keys(&mut state, "u")).is_empty());
    assert_eq!(column_of(&state, card), "done");
    assert!(said(&state).contains("changed again since"), "{}", said(&state));
}

#[test]
fn a_refused_commit_rolls_back_just_that_card_with_the_reason() {
    let mut state = state(12, 120, 36);
    let first = state.focused().expect("a card");
    keys(&mut state, "L h");
    let second = state.focused().expect("a card");
    keys(&mut state, "L");
    told(&mut state, Update::Refused { token: 1, reason: "the disk is full".into() });
    assert_eq!((column_of(&state, first), column_of(&state, second)), ("todo", "doing"));
    assert!(said(&state).contains("the disk is full"));
    assert!(state.columns[0].ids.contains(&first) && !state.columns[1].ids.contains(&first));
}

#[test]
fn a_platforms_refusal_puts_the_card_back_with_the_servers_words() {
    let mut state = state(12, 120, 36);
    let card = state.focused().expect("a card");
    let old = state.board.card(card).cloned().expect("there");
    keys(&mut state, "L");
    told(&mut state, Update::Committed { token: 1 });
    let back = Card { revision: old.revision + 2, ..old };
    told(&mut state, Update::RolledBack { card: Box::new(back), reason: "Validation Failed".into() });
    assert_eq!(column_of(&state, card), "todo");
    assert!(said(&state).ends_with("Validation Failed"));
}

#[test]
fn moves_made_before_the_whole_board_is_here_stay_when_it_comes() {
    let mut state = state(8, 120, 36);
    state.loading = true;
    let card = state.focused().expect("a card");
    keys(&mut state, "L");
    told(&mut state, Update::Loaded(Box::new(fixture::board(400))));
    assert!(!state.loading);
    assert_eq!(column_of(&state, card), "doing");
    assert_eq!(state.focused(), Some(card));
    assert_eq!(state.shown(), (400, 400));
}

#[test]
fn cards_that_arrive_above_the_focus_do_not_move_it() {
    let mut state = state(40, 120, 36);
    keys(&mut state, "j j j");
    let focused = state.focused();
    let mut new = fixture::card(900, "from the platform", "todo", &[], &[], None);
    new.rank = -1;
    told(&mut state, Update::Cards(vec![new]));
    assert_eq!((state.focused(), state.columns[0].at), (focused, 4));
}

#[test]
fn a_filter_shows_what_matches_as_it_is_typed_and_escape_clears_it() {
    let mut state = state(27, 120, 36);
    keys(&mut state, "/ l a b e l : b u g");
    let bugs = state.board.cards().filter(|c| c.labels.contains("bug")).count();
    assert_eq!(state.shown(), (bugs, 27));
    keys(&mut state, "enter");
    assert!(!state.filter.editing && state.filter.is_shown());
    let first = state.focused();
    keys(&mut state, "n");
    assert_ne!(state.focused(), first);
    keys(&mut state, "N");
    assert_eq!(state.focused(), first);
    keys(&mut state, "esc");
    assert_eq!(state.shown(), (27, 27));
    assert!(!state.filter.is_shown());
}

#[test]
fn a_filter_that_is_cleared_hides_no_card_above_while_there_is_room_below() {
    let mut state = state(9, 120, 36);
    let column = state.columns.iter().position(|c| c.ids.len() > 1).expect("a column with two cards");
    (state.focus, state.columns[column].at) = (column, 1);
    let key = state.board.card(state.columns[column].ids[1]).expect("there").key();
    let letters: Vec<String> = key.chars().map(String::from).collect();
    keys(&mut state, &format!("/ {}", letters.join(" ")));
    keys(&mut state, "enter");
    assert_eq!(state.columns[column].ids.len(), 1);
    keys(&mut state, "esc");
    assert_eq!((state.columns[column].at, state.columns[column].top), (1, 0));
}

#[test]
fn letters_typed_into_the_filter_are_no_commands() {
    let mut state = state(12, 120, 36);
    let out = keys(&mut state, "/ L u q x");
    assert!(out.is_empty() && !state.leaving);
    assert_eq!(state.filter.text, "Luqx");
}

#[test]
fn escape_never_quits_and_q_asks_only_with_unsent_work() {
    let mut state = state(12, 120, 36);
    assert!(keys(&mut state, "esc esc esc").is_empty());
    state.health[0].unsent = 2;
    assert!(keys(&mut state, "q").is_empty());
    assert_eq!(state.modals.len(), 1);
    assert_eq!(keys(&mut state, "q"), [Effect::Quit]);
    let mut clean = fixture::state(12, 120, 36);
    assert_eq!(keys(&mut clean, "ctrl-c"), [Effect::Quit]);
}

#[test]
fn sequences_reach_the_views_and_the_tabs_do_too() {
    let mut state = state(12, 120, 36);
    keys(&mut state, "g h");
    assert_eq!(state.view, View::Health);
    keys(&mut state, "g m");
    assert_eq!(state.view, View::Mappings);
    let tab = layout(&state).tabs.iter().find(|(v, _)| *v == View::Board).map(|(_, r)| (r.x + 1, r.y));
    let tab = tab.expect("a tab");
    down(&mut state, tab);
    assert_eq!(state.view, View::Board);
}

#[test]
fn the_focus_is_always_on_the_screen() {
    for (width, height) in [(80, 24), (40, 12), (200, 60), (30, 7)] {
        let mut state = state(400, width, height);
        for word in ["G", "k", "g g", "l", "G", "l", "l", "ctrl-u", "h", "h", "h", "ctrl-d", "ctrl-d", "G"] {
            keys(&mut state, word);
            let (layout, focused) = (layout(&state), state.focused().expect("a card"));
            let column = layout.column(state.focus).expect("the column is shown");
            assert!(column.cards.iter().any(|c| c.id == focused), "{word} at {width}x{height}");
        }
    }
}

#[test]
fn an_empty_board_takes_every_key() {
    let mut state = fixture::state_with(Board::default(), fixture::settings(), 80, 24);
    for word in
        "j k h l g g G ctrl-d ctrl-u H L J K m enter t e E c # @ M x D o y Y space u ctrl-r n r R ! a esc"
            .split(' ')
    {
        let _ = keys(&mut state, word);
        state.modals.clear();
    }
    assert!(state.board.is_empty());
}

#[test]
fn the_hit_of_a_cards_cell_is_that_card() {
    let state = state(12, 120, 36);
    let layout = layout(&state);
    for column in &layout.columns {
        for card in &column.cards {
            let hit = layout.hit(card.area.x, card.area.y);
            assert_eq!(hit, Some(Hit::Card { column: column.index, id: card.id }));
        }
    }
}

#[test]
fn nothing_wakes_an_idle_board_more_than_once_a_minute() {
    let mut state = state(12, 120, 36);
    assert!(next_wake(&state).expect("an age").since(NOW) > 40_000);
    state.health.clear();
    assert_eq!(next_wake(&state), None);
}

#[test]
fn a_body_is_fetched_before_it_is_edited() {
    let mut state = state(12, 120, 36);
    let card = state.focused().expect("a card");
    assert_eq!(keys(&mut state, "E"), [Effect::OpenCard(card)]);
    let detail = crate::engine::CardDetail {
        card: state.board.card(card).cloned().expect("there"),
        body: "the body".into(),
        comments: crate::engine::Comments::None,
        unsent_comments: vec![],
        conflicts: vec![],
        history: vec![],
        author: None,
        beyond: Vec::new(),
    };
    let out = told(&mut state, Update::Opened(Box::new(detail)));
    let purpose = Purpose::Body { card, before: "the body".into(), beyond: vec![] };
    assert_eq!(out, [Effect::Edit { text: "the body".into(), purpose: purpose.clone() }]);
    let done = Event::Edited { purpose, text: Ok(Some("another".into())) };
    let committed = commits(&update(&mut state, NOW, done));
    assert!(matches!(&committed[0].1[..], [Change::Rewritten { after, .. }] if after == "another"));
}

#[test]
fn who_me_is_comes_with_the_health_and_the_filter_follows() {
    let mut state = state(12, 120, 36);
    state.me.clear();
    keys(&mut state, "/ a s s i g n e e : @ m e enter");
    assert_eq!(state.shown().0, 0);
    let mut health = fixture::health();
    health.login = Some("ana".into());
    update(&mut state, NOW, Event::Health(vec![health]));
    let hers = state.board.cards().filter(|c| c.assignees.contains("ana")).count();
    assert_eq!(state.shown().0, hers);
}

mod bodies;
mod conflicts;
mod doing;
mod links;
mod looking;
mod moving;
mod palette;
mod pane;
mod searching;
mod themes;
mod views;
mod watching;

#[test]
fn tab_takes_the_way_the_filter_can_go_on_and_arrows_choose_another() {
    let mut state = state(27, 120, 36);
    keys(&mut state, "/ l a");
    assert_eq!(state.filter.offered.iter().map(|c| c.with.as_str()).collect::<Vec<_>>(), ["label:"]);
    keys(&mut state, "tab b");
    assert_eq!(state.filter.completed().as_deref(), Some("label:bug "));
    keys(&mut state, "tab");
    assert_eq!(state.filter.text, "label:bug ");
    let bugs = state.board.cards().filter(|c| c.labels.contains("bug")).count();
    assert_eq!(state.shown(), (bugs, 27));
    keys(&mut state, "enter");
    assert!(state.filter.offered.is_empty() && !state.filter.editing);
}

#[test]
fn a_sorted_board_stands_in_that_order_and_is_not_put_in_another_by_hand() {
    let mut state = state(27, 120, 36);
    let before = state.columns[0].ids.clone();
    keys(&mut state, "/ s o r t : t i t l e enter");
    let titles: Vec<String> = state.columns[0]
        .ids
        .iter()
        .map(|id| state.board.card(*id).expect("there").title.to_lowercase())
        .collect();
    assert!(titles.is_sorted(), "{titles:?}");
    assert!(commits(&keys(&mut state, "J")).is_empty());
    assert!(said(&state).contains("sorted by title"), "{}", said(&state));
    keys(&mut state, "esc");
    assert_eq!(state.columns[0].ids, before);
}
