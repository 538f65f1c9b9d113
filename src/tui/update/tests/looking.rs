//! Lanes, density, collapsed and hidden columns, and limits: what keys and mouse do to them, and what they keep.

use pretty_assertions::assert_eq;

use super::*;
use crate::domain::fields::{FieldName, Value};
use crate::domain::limit::{Limit, Limits};
use crate::tui::state::look::{Density, LaneBy, Look};
use crate::tui::state::{Setup, State};

fn remembered(effects: &[Effect]) -> Option<Look> {
    effects.iter().rev().find_map(|e| match e {
        Effect::Remember("look", text) => Some(Look::read(Some(text))),
        _ => None,
    })
}

fn limited(cards: u128, status: &str, most: u32, hard: bool) -> State {
    let mut settings = fixture::settings();
    settings.limits = Limits::from([(Status::new(status), Limit { most, hard })]);
    fixture::state_with(fixture::board(cards), settings, 120, 36)
}

/// A board of 27 cards in lanes by milestone: `v1.2` and none.
fn laned() -> State {
    let mut state = state(27, 120, 36);
    keys(&mut state, "z l m");
    state
}

fn lane(state: &State, name: &str) -> usize {
    state.lanes.all.iter().position(|l| l.name == name).expect("a lane of that name")
}

fn lane_row(state: &State, name: &str) -> (u16, u16) {
    let at = lane(state, name);
    let found = layout(state).lanes.into_iter().find(|l| l.index == at).expect("on the screen");
    (found.header.x + 3, found.header.y)
}

fn card_in(state: &State, column: usize, name: &str) -> CardId {
    let (from, to) = state.columns[column].lane(lane(state, name));
    assert!(from < to, "column {column} has a card in {name}");
    state.columns[column].ids[from]
}

fn cell_of(state: &State, card: CardId) -> (u16, u16) {
    let layout = layout(state);
    let shown = layout.columns.iter().flat_map(|c| &c.cards).find(|c| c.id == card).expect("on the screen");
    (shown.area.x + 3, shown.area.y)
}

#[test]
fn the_lanes_are_asked_for_with_one_key_and_remembered() {
    let mut state = state(27, 120, 36);
    keys(&mut state, "z l");
    assert_eq!(state.modals.len(), 1);
    let look = remembered(&keys(&mut state, "m")).expect("kept");
    assert_eq!((look.lanes, state.modals.len()), (LaneBy::Milestone, 0));
    let names: Vec<&str> = state.lanes.all.iter().map(|l| l.name.as_str()).collect();
    assert_eq!(names, ["v1.2", "no milestone"], "those without one stand last");
    assert_eq!(said(&state), "lanes by milestone: 2");
    assert_eq!(state.shown(), (27, 27));
    keys(&mut state, "z l n");
    assert!(state.lanes.all.is_empty() && layout(&state).lanes.is_empty());
}

#[test]
fn the_focus_walks_through_the_lanes_of_a_column_and_stays_in_its_lane_sideways() {
    let mut state = laned();
    keys(&mut state, "g g");
    let order = state.columns[0].ids.clone();
    for id in &order {
        assert_eq!(state.focused(), Some(*id));
        keys(&mut state, "j");
    }
    let lanes: Vec<_> = order.iter().map(|id| state.lane_of(*id)).collect();
    assert!(lanes.is_sorted(), "{lanes:?}");
    let here = state.focused().and_then(|id| state.lane_of(id));
    keys(&mut state, "l");
    assert_eq!((state.focus, state.focused().and_then(|id| state.lane_of(id))), (1, here));
}

#[test]
fn the_focused_card_is_always_on_the_screen_in_lanes_too() {
    for (width, height) in [(80, 24), (40, 12), (200, 60), (30, 7)] {
        let mut state = state(400, width, height);
        keys(&mut state, "z l a");
        for word in [
            "G", "k", "g g", "l", "G", "l", "ctrl-u", "h", "h", "ctrl-d", "ctrl-d", "G", "z d", "k", "z c",
            "l",
        ] {
            keys(&mut state, word);
            let (layout, focused) = (layout(&state), state.focused());
            let Some(focused) = focused else { continue };
            let column = layout.column(state.focus).expect("the column is shown");
            assert!(column.cards.iter().any(|c| c.id == focused), "{word} at {width}x{height}");
        }
    }
}

#[test]
fn a_folded_lane_is_a_row_whose_cards_take_no_focus() {
    let mut state = laned();
    let at = lane_row(&state, "no milestone");
    let effects = down(&mut state, at);
    let look = remembered(&effects).expect("kept");
    assert!(look.folded.contains(""));
    assert!(said(&state).starts_with("folded no milestone"), "{}", said(&state));
    let shown: usize = state.columns.iter().map(|c| c.ids.len()).sum();
    assert_eq!((shown, state.shown()), (5, (27, 27)), "what is folded is not filtered");
    assert!(state.focused().is_some_and(|id| state.lane_of(id) == Some(0)));
    keys(&mut state, "z F");
    assert_eq!(state.columns.iter().map(|c| c.ids.len()).sum::<usize>(), 27);
    keys(&mut state, "z f");
    assert_eq!(state.look.folded.len(), 1);
}

#[test]
fn a_drop_on_another_lane_of_another_column_is_one_act_and_one_undo() {
    let mut state = laned();
    let card = card_in(&state, 0, "no milestone");
    let at = cell_of(&state, card);
    down(&mut state, at);
    let under = card_in(&state, 1, "v1.2");
    let at = cell_of(&state, under);
    drag(&mut state, at);
    let to = cell_of(&state, under);
    let out = commits(&up(&mut state, to));
    assert_eq!(out.len(), 1);
    assert!(move_of(card, "todo", "doing")(&out[0].1[0]));
    assert!(
        matches!(&out[0].1[1], Change::Milestoned { after, .. } if after.as_deref() == Some("v1.2")),
        "{:?}",
        out[0].1
    );
    assert_eq!((column_of(&state, card), state.lane_of(card)), ("doing", Some(0)));
    keys(&mut state, "u");
    assert_eq!((column_of(&state, card), state.lane_of(card)), ("todo", Some(1)));
    let key = state.board.card(card).expect("there").key();
    assert_eq!(said(&state), format!("undid: moved {key} back to To Do"));
}

#[test]
fn a_drop_on_another_lane_of_the_same_column_changes_the_field_alone() {
    let mut state = laned();
    let card = card_in(&state, 0, "v1.2");
    let at = cell_of(&state, card);
    down(&mut state, at);
    let row = lane_row(&state, "no milestone");
    let at = (cell_of(&state, card).0, row.1);
    drag(&mut state, at);
    let out = commits(&up(&mut state, at));
    assert!(matches!(&out[0].1[..], [Change::Milestoned { after: None, .. }]), "{:?}", out[0].1);
}

#[test]
fn a_lane_of_people_replaces_the_one_a_card_came_from_and_refuses_half_a_change() {
    let mut state = state(27, 120, 60);
    keys(&mut state, "z l a");
    let names: Vec<&str> = state.lanes.all.iter().map(|l| l.name.as_str()).collect();
    assert_eq!(names, ["@ana", "@ben", "no assignee"], "one's own lane stands first");
    let card = card_in(&state, 0, "@ben");
    let (people, ana) = (state.board.card(card).expect("there").assignees.clone(), lane(&state, "@ana"));
    assert_eq!(people.into_iter().collect::<Vec<_>>(), ["ben", "cy"]);
    assert!(state.into_lane(card, ana).is_ok());
    let none = lane(&state, "no assignee");
    let key = state.board.card(card).expect("there").key();
    let why = state.into_lane(card, none).expect_err("cy is still there");
    assert_eq!(why, format!("{key} would still stand with @cy"));
    let at = cell_of(&state, card);
    down(&mut state, at);
    let at = (cell_of(&state, card).0, lane_row(&state, "no assignee").1);
    drag(&mut state, at);
    assert!(up(&mut state, at).is_empty());
    assert_eq!(said(&state), why);
}

#[test]
fn a_lane_of_a_connection_is_refused_with_the_reason() {
    let mut board = fixture::board(8);
    let mut local = board.card(fixture::id(4)).cloned().expect("there");
    local.links.clear();
    board.upsert(local);
    let mut state = fixture::state_with(board, fixture::settings(), 120, 36);
    keys(&mut state, "z l c");
    let names: Vec<&str> = state.lanes.all.iter().map(|l| l.name.as_str()).collect();
    assert_eq!(names, ["core", "only here"]);
    let why = state.into_lane(fixture::id(4), 0).expect_err("linking does that");
    assert!(why.contains("linking"), "{why}");
}

#[test]
fn an_epic_stands_in_its_own_lane_with_its_parts_and_is_no_part_of_itself() {
    let mut board = fixture::board(12);
    for (n, parent) in [(2, "core#4"), (3, "4"), (5, "ABC-9")] {
        let mut card = board.card(fixture::id(n)).cloned().expect("there");
        card.extra.to_mut().insert(FieldName::PARENT, Value::Text(parent.to_owned()));
        board.upsert(card);
    }
    let mut state = fixture::state_with(board, fixture::settings(), 120, 50);
    keys(&mut state, "z l e");
    let names: Vec<&str> = state.lanes.all.iter().map(|l| l.name.as_str()).collect();
    assert_eq!(names.len(), 3, "{names:?}");
    assert_eq!((names[0], names[2]), ("ABC-9", "no epic"));
    assert!(names[1].starts_with("core#4 "), "{names:?}");
    for n in [2, 3, 4] {
        assert_eq!(state.lane_of(fixture::id(n)), Some(1), "card {n}");
    }
    assert!(state.into_lane(fixture::id(4), 1).expect("it stands there").is_empty());
    let commands = state.into_lane(fixture::id(6), 1).expect("it can be part of it");
    let wanted = crate::domain::Command::SetField {
        card: fixture::id(6),
        field: FieldName::PARENT,
        value: Value::Text("core#4".into()),
    };
    assert_eq!(commands, [wanted]);
}

#[test]
fn a_lane_whose_last_card_goes_stays_and_a_new_one_comes_with_its_first_card() {
    let mut state = laned();
    let mut new = fixture::card(900, "from the platform", "todo", &[], &[], Some("v0.9"));
    new.rank = -1;
    told(&mut state, Update::Cards(vec![new.clone()]));
    let names = |state: &State| state.lanes.all.iter().map(|l| l.name.clone()).collect::<Vec<_>>();
    assert_eq!(names(&state), ["v0.9", "v1.2", "no milestone"]);
    assert_eq!(state.lane_of(new.id), Some(0));
    told(&mut state, Update::Removed(vec![new.id]));
    assert_eq!(names(&state).len(), 3, "nothing jumps away under the pointer");
    keys(&mut state, "z d");
    assert_eq!(names(&state).len(), 2);
}

#[test]
fn density_goes_round_and_is_remembered() {
    let mut state = state(12, 120, 36);
    let rows = |state: &State| layout(state).columns[1].cards[0].area.height;
    let normal = rows(&state);
    assert_eq!(remembered(&keys(&mut state, "z d")).expect("kept").density, Density::Full);
    let full = rows(&state);
    keys(&mut state, "z d");
    assert_eq!((rows(&state), said(&state)), (1, "cards: compact"));
    assert!(full >= normal && normal > 1);
    keys(&mut state, "z d");
    assert_eq!(rows(&state), normal);
}

#[test]
fn the_look_is_there_again_at_the_next_start() {
    let look = Look { lanes: LaneBy::Assignee, density: Density::Compact, ..Look::default() };
    let setup = Setup {
        settings: std::sync::Arc::new(fixture::settings()),
        board: fixture::board(12),
        health: vec![fixture::health()],
        me: vec![],
        now: NOW,
        remembered: [("look".to_owned(), look.written())].into(),
        depth: crate::tui::theme::Depth::True,
        size: (120, 36),
    };
    let state = State::new(setup).expect("the built-in bindings");
    assert_eq!(state.look, look);
    assert!(!layout(&state).lanes.is_empty());
}

#[test]
fn a_collapsed_column_is_narrow_takes_drops_and_a_click_opens_it() {
    let mut state = state(12, 120, 36);
    keys(&mut state, "l z c");
    let narrow = layout(&state).column(1).expect("shown").area;
    assert!(narrow.width <= 5, "{narrow:?}");
    assert_eq!(state.focused(), None, "no card that cannot be seen has the focus");
    let card = state.columns[0].ids[0];
    let at = card_cell(&state, 0, 0);
    down(&mut state, at);
    drag(&mut state, (narrow.x + 1, narrow.y + 5));
    let out = commits(&up(&mut state, (narrow.x + 1, narrow.y + 5)));
    assert!(move_of(card, "todo", "doing")(&out[0].1[0]));
    let key = state.board.card(card).expect("there").key();
    assert_eq!(said(&state), format!("{key} is in In Progress, which is collapsed"));
    let effects = down(&mut state, (narrow.x + 1, narrow.y + 5));
    assert!(remembered(&effects).expect("kept").narrow.is_empty());
    assert!(layout(&state).column(1).expect("shown").area.width >= 20);
}

#[test]
fn a_hidden_column_is_told_of_takes_no_focus_and_says_what_went_into_it() {
    let mut state = state(12, 120, 36);
    let card = state.focused().expect("a card");
    keys(&mut state, "l");
    let look = remembered(&keys(&mut state, "z h")).expect("kept");
    assert_eq!(look.hidden.into_iter().collect::<Vec<_>>(), [Status::new("doing")]);
    assert!(layout(&state).column(1).is_none());
    assert_ne!(state.focus, 1);
    keys(&mut state, "1 l");
    assert_eq!(state.focus, 2, "the focus walks past it");
    keys(&mut state, "2");
    assert_eq!((state.focus, said(&state)), (2, "In Progress is hidden: za shows all columns"));
    keys(&mut state, "1 L");
    let key = state.board.card(card).expect("there").key();
    assert_eq!(said(&state), format!("{key} is in In Progress, which is hidden: za shows it"));
    keys(&mut state, "z a");
    assert!(layout(&state).column(1).is_some());
}

#[test]
fn the_last_column_cannot_be_hidden() {
    let mut state = state(12, 120, 36);
    for _ in 0..6 {
        keys(&mut state, "z h");
    }
    assert_eq!((layout(&state).columns.len(), said(&state)), (1, "the last column stays"));
}

#[test]
fn a_hard_limit_refuses_keys_and_mouse_with_the_reason_and_before_the_drop() {
    let mut state = limited(12, "doing", 3, true);
    let card = state.focused().expect("a card");
    assert!(commits(&keys(&mut state, "L")).is_empty());
    assert_eq!((column_of(&state, card), said(&state)), ("todo", "In Progress is at its limit: 3/3"));
    let at = card_cell(&state, 0, 0);
    down(&mut state, at);
    let over = header_cell(&state, 1);
    drag(&mut state, over);
    assert!(crate::tui::moves::refusal(&state, card, 1).is_some(), "it is known while it is dragged");
    assert!(commits(&up(&mut state, over)).is_empty());
    assert_eq!(said(&state), "In Progress is at its limit: 3/3");
    assert!(commits(&keys(&mut state, "m 3")).len() == 1, "elsewhere it goes");
}

#[test]
fn of_several_cards_as_many_go_as_there_is_room_for_and_the_rest_are_told_of() {
    let mut state = limited(12, "doing", 4, true);
    keys(&mut state, "1 g g");
    let first = state.focused().expect("a card");
    let out = commits(&keys(&mut state, "space space space L"));
    assert_eq!((out.len(), out[0].1.len()), (1, 1));
    assert_eq!(column_of(&state, first), "doing");
    let text = said(&state);
    assert!(text.contains(" moved to In Progress, 2 not (gw tells all): "), "{text}");
    assert!(text.ends_with("In Progress is at its limit then"), "{text}");
}

#[test]
fn a_soft_limit_warns_and_lets_go() {
    let mut state = limited(12, "doing", 3, false);
    let card = state.focused().expect("a card");
    assert_eq!(mouse::warning(&state, card, 1).as_deref(), Some("over its limit then, 4/3"));
    assert_eq!(commits(&keys(&mut state, "L")).len(), 1);
    assert_eq!(said(&state), "In Progress is over its limit: 4/3");
}

#[test]
fn what_comes_from_a_platform_is_never_refused_and_undo_is() {
    let mut state = limited(12, "todo", 3, true);
    let card = state.focused().expect("a card");
    keys(&mut state, "L");
    let mut new = fixture::card(900, "from the platform", "todo", &[], &[], None);
    new.rank = -1;
    told(&mut state, Update::Cards(vec![new]));
    assert_eq!(state.columns[0].ids.len(), 3);
    keys(&mut state, "u");
    assert_eq!(column_of(&state, card), "doing");
    assert_eq!(said(&state), "nothing undone: To Do is at its limit: 3/3");
    told(&mut state, Update::Cards(vec![fixture::card(901, "another", "todo", &[], &[], None)]));
    assert_eq!(state.board.over_limit(&Status::new("todo")).as_deref(), Some("To Do is over its limit: 4/3"));
}

#[test]
fn a_limit_counts_the_whole_column_whatever_is_filtered() {
    let mut state = limited(12, "doing", 3, true);
    keys(&mut state, "/ R e t r y enter");
    assert!(state.columns[1].ids.len() < 3);
    state.focus = state.columns.iter().position(|c| !c.ids.is_empty()).expect("a card");
    let card = state.focused().expect("a card");
    if column_of(&state, card) != "doing" {
        keys(&mut state, "m 2");
        assert_eq!(said(&state), "In Progress is at its limit: 3/3");
    }
}

#[test]
fn cards_are_not_put_in_another_lane_by_putting_them_in_order() {
    let mut state = laned();
    let card = card_in(&state, 0, "v1.2");
    state.focus_card(card);
    let (_, end) = state.columns[0].lane(0);
    state.columns[0].at = end - 1;
    assert!(commits(&keys(&mut state, "J")).is_empty());
    assert_eq!(said(&state), "this is the last card of its lane here");
}

#[test]
fn the_wheel_scrolls_all_lanes_together_and_stops_at_the_end() {
    let mut state = state(200, 80, 24);
    keys(&mut state, "z l a g g");
    let at = card_cell(&state, 0, 0);
    mouse(&mut state, MouseEventKind::ScrollDown, at);
    assert_eq!((state.lanes.top, state.lanes.row), (0, 1));
    for _ in 0..1_000 {
        mouse(&mut state, MouseEventKind::ScrollDown, at);
    }
    assert!(layout(&state).lanes_end && !layout(&state).lanes.is_empty());
    for _ in 0..1_000 {
        mouse(&mut state, MouseEventKind::ScrollUp, at);
    }
    assert_eq!((state.lanes.top, state.lanes.row), (0, 0));
}
