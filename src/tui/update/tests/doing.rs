//! Selecting, acting on many cards at once, doing it again, and counts.

use super::*;
use crate::config::settings::Digits;
use crate::domain::command::Reject;
use crate::domain::fields::SetDelta;
use crate::tui::fixture::{on_jira, ways};
use crate::tui::screens::Modal;
use std::sync::Arc;

/// Presses a digit with alt.
fn alt(state: &mut State, digits: &str) {
    for c in digits.chars() {
        let key = KeyEvent::new(KeyCode::Char(c), KeyModifiers::ALT);
        assert!(update(state, NOW, Event::Key(key)).is_empty());
    }
}

fn selected(state: &State) -> Vec<CardId> {
    state.selected.iter().copied().collect()
}

fn sorted(ids: &[CardId]) -> Vec<CardId> {
    let mut ids = ids.to_vec();
    ids.sort_unstable();
    ids
}

fn labelled(changes: &[Change], name: &str) -> usize {
    let with = |c: &&Change| matches!(c, Change::Labelled { delta, .. } if delta.add.contains(name));
    changes.iter().filter(with).count()
}

#[test]
fn a_range_grows_and_shrinks_with_the_focus_and_stays_when_it_ends() {
    let mut state = state(40, 120, 36);
    let ids = state.columns[0].ids.clone();
    keys(&mut state, "j v j j");
    assert_eq!(selected(&state), sorted(&ids[1..4]));
    keys(&mut state, "k k k");
    assert_eq!(selected(&state), sorted(&ids[0..2]), "on the other side of where it began");
    keys(&mut state, "esc");
    assert!(state.doing.range.is_none());
    assert_eq!(selected(&state), sorted(&ids[0..2]), "escape ends the range and keeps it");
    keys(&mut state, "j j j");
    assert_eq!(selected(&state).len(), 2);
    keys(&mut state, "v G v");
    assert_eq!(selected(&state).len(), 2 + ids.len() - 3, "a second range adds to the first");
    keys(&mut state, "esc");
    assert!(state.selected.is_empty(), "escape again deselects");
}

#[test]
fn a_range_ends_where_the_focus_leaves_its_column() {
    let mut state = state(40, 120, 36);
    keys(&mut state, "v j l j j");
    assert!(state.doing.range.is_none());
    assert_eq!(state.selected.len(), 2);
}

#[test]
fn the_whole_column_as_shown_is_selected_and_deselected() {
    let mut state = state(40, 120, 36);
    keys(&mut state, "V");
    assert_eq!(selected(&state), sorted(&state.columns[0].ids));
    keys(&mut state, "l V h V");
    assert_eq!(selected(&state), sorted(&state.columns[1].ids), "the other column stays selected");
}

#[test]
fn what_the_filter_hides_of_the_selection_is_counted_and_left_alone() {
    let mut state = state(40, 120, 36);
    keys(&mut state, "V");
    let all = state.selected.len();
    keys(&mut state, "/ i s : l o c a l enter");
    assert_eq!((state.selected.len(), state.doing.hidden), (all, all));
    assert!(commits(&keys(&mut state, "L")).is_empty());
    keys(&mut state, "esc");
    assert!(state.selected.is_empty() && state.doing.hidden == 0);
}

#[test]
fn a_click_with_control_turns_a_card_over_and_drags_nothing() {
    let mut state = state(12, 120, 36);
    let ids = state.columns[0].ids.clone();
    for n in [0, 2] {
        let at = card_cell(&state, 0, n);
        let event = MouseEvent {
            kind: MouseEventKind::Down(MouseButton::Left),
            column: at.0,
            row: at.1,
            modifiers: KeyModifiers::CONTROL,
        };
        update(&mut state, NOW, Event::Mouse(event));
    }
    assert_eq!(selected(&state), sorted(&[ids[0], ids[2]]));
    assert!(state.drag.is_none());
}

#[test]
fn a_drag_begun_beside_the_cards_selects_those_it_passes_and_moves_none() {
    let mut state = state(12, 120, 36);
    let ids = state.columns[0].ids.clone();
    let (first, second) = (card_cell(&state, 0, 0), card_cell(&state, 0, 1));
    let gutter = (layout(&state).column(0).expect("shown").body.x, first.1);
    down(&mut state, gutter);
    assert!(state.drag.is_none(), "no card is taken");
    drag(&mut state, (gutter.0 + 5, second.1));
    assert_eq!(selected(&state), sorted(&ids[..2]));
    drag(&mut state, gutter);
    assert_eq!(selected(&state), sorted(&ids[..1]), "as the pointer goes back");
    drag(&mut state, (gutter.0, second.1));
    assert!(commits(&up(&mut state, (gutter.0, second.1))).is_empty());
    assert_eq!(selected(&state), sorted(&ids[..2]));

    let body = layout(&state).column(2).expect("shown").body;
    let below = (body.x + 4, body.bottom() - 1);
    down(&mut state, below);
    up(&mut state, below);
    assert_eq!(
        (state.focus, state.selected.len()),
        (2, 2),
        "a mere click in the empty part focuses the column"
    );
}

#[test]
fn dragging_one_of_the_selected_cards_moves_them_all_in_their_order() {
    let mut state = state(12, 120, 36);
    let ids = state.columns[0].ids[..2].to_vec();
    keys(&mut state, "v j v");
    let (from, to) = (card_cell(&state, 0, 1), header_cell(&state, 3));
    down(&mut state, from);
    drag(&mut state, to);
    let committed = commits(&up(&mut state, to));
    assert_eq!(committed.len(), 1);
    assert_eq!(state.columns[3].ids[..2], ids[..]);
    assert_eq!(said(&state), "2 cards moved to Done");
    keys(&mut state, "u");
    assert_eq!(said(&state), "undid: 2 cards moved to Done");
    assert_eq!(state.columns[0].ids[..2], ids[..]);
}

#[test]
fn dragging_a_card_that_is_not_selected_moves_it_alone() {
    let mut state = state(12, 120, 36);
    keys(&mut state, "space");
    let (from, to) = (card_cell(&state, 0, 1), header_cell(&state, 3));
    down(&mut state, from);
    drag(&mut state, to);
    assert_eq!(commits(&up(&mut state, to))[0].1.len(), 1);
}

#[test]
fn labels_picked_for_five_cards_are_one_commit_one_message_and_one_undo() {
    let mut state = state(40, 120, 36);
    keys(&mut state, "v j j j j #");
    keys(&mut state, "s h i p enter");
    assert_eq!(said(&state), "5 cards labelled ship");
    assert!(state.modals.is_empty() && state.selected.len() == 5);
    let undone = commits(&keys(&mut state, "u"));
    assert_eq!((undone.len(), undone[0].1.len()), (1, 5));
    assert_eq!(said(&state), "undid: 5 cards labelled ship");
    let redone = commits(&keys(&mut state, "ctrl-r"));
    assert_eq!(labelled(&redone[0].1, "ship"), 5);
    assert_eq!(said(&state), "redid: 5 cards labelled ship");
}

#[test]
fn a_bulk_undo_leaves_alone_the_card_that_somebody_moved_on_and_takes_the_others_back() {
    let mut state = state(12, 120, 36);
    let ids = state.columns[0].ids[..3].to_vec();
    keys(&mut state, "v j j v 2 h L");
    assert_eq!(said(&state), "3 cards moved to In Progress");
    told(&mut state, Update::Committed { token: 1 });
    let theirs = Card {
        status: Status::new("done"),
        revision: 9,
        ..state.board.card(ids[1]).cloned().expect("there")
    };
    told(&mut state, Update::Cards(vec![theirs]));
    assert_eq!(commits(&keys(&mut state, "u"))[0].1.len(), 2);
    let columns: Vec<&str> = ids.iter().map(|id| column_of(&state, *id)).collect();
    assert_eq!(columns, ["todo", "done", "todo"]);
    assert!(
        said(&state).starts_with("undid: 2 cards moved to In Progress, 1 not: core#"),
        "{}",
        said(&state)
    );
}

#[test]
fn one_comment_goes_to_every_selected_card() {
    let mut state = state(12, 120, 36);
    keys(&mut state, "v j c");
    keys(&mut state, "h i");
    let committed = commits(&keys(&mut state, "ctrl-s"));
    let said_on =
        committed[0].1.iter().filter(|c| matches!(c, Change::Commented { body, .. } if body == "hi"));
    assert_eq!(said_on.count(), 2);
    assert_eq!(said(&state), "2 cards commented on");
    assert!(state.doing.last.is_none(), "nobody says the same twice by a slip");
}

#[test]
fn keys_and_urls_of_many_cards_are_copied_one_a_line_and_many_pages_are_asked_about() {
    let mut state = state(40, 120, 36);
    let ids = state.columns[0].ids[..5].to_vec();
    let expected: Vec<String> = ids.iter().map(|id| state.board.card(*id).expect("there").key()).collect();
    keys(&mut state, "v j j j j v");
    assert_eq!(keys(&mut state, "Y"), [Effect::Copy(expected.join("\n"))]);
    assert_eq!(said(&state), "5 keys copied, one a line");
    let Some(Effect::Copy(urls)) = keys(&mut state, "y").pop() else { panic!("nothing copied") };
    assert_eq!(urls.lines().count(), 5);
    assert!(keys(&mut state, "o").is_empty(), "it asks first");
    assert_eq!(keys(&mut state, "y").len(), 5);
    keys(&mut state, "esc esc g g v j v");
    assert_eq!(keys(&mut state, "o").len(), 2, "two are opened at once");
    assert_eq!(
        keys(&mut state, "r"),
        [Effect::SyncNow(Some(crate::domain::link::ConnectionName::new("core")))]
    );
}

#[test]
fn cards_without_a_platform_are_told_where_urls_are_wanted() {
    let mut state = state(12, 120, 36);
    let id = state.columns[0].ids[1];
    let mut alone = state.board.card(id).cloned().expect("there");
    alone.links.clear();
    told(&mut state, Update::Cards(vec![alone]));
    keys(&mut state, "v j v");
    let Some(Effect::Copy(urls)) = keys(&mut state, "y").pop() else { panic!("nothing copied") };
    assert_eq!(urls.lines().count(), 1);
    assert!(said(&state).contains("has no URL"), "{}", said(&state));
}

/// A board on Jira with three selected cards of which two cannot go to Done.
fn two_stuck() -> (State, Vec<CardId>) {
    let mut state = on_jira(12, 120, 36);
    keys(&mut state, "l");
    let ids = state.columns[1].ids[..3].to_vec();
    for id in &ids[1..] {
        let ways = ways("In Progress", &["Blocked"], &[]);
        told(&mut state, Update::Moves { card: *id, status: Status::new("doing"), ways });
    }
    keys(&mut state, "v j j v");
    (state, ids)
}

#[test]
fn of_many_cards_those_that_can_go_go_and_a_key_shows_why_the_others_did_not() {
    let (mut state, ids) = two_stuck();
    let committed = commits(&keys(&mut state, "m 4"));
    assert_eq!(committed[0].1.len(), 1, "the others go on");
    assert_eq!(column_of(&state, ids[0]), "done");
    let text = said(&state).to_owned();
    assert!(
        text.starts_with("plan#1 moved to Done, 2 not (gw tells all): plan#5 plan: the workflow"),
        "{text}"
    );
    keys(&mut state, "g w");
    assert!(matches!(state.modals.last(), Some(Modal::Refused(_))));
    let open = keys(&mut state, "j enter");
    assert_eq!(open, [Effect::OpenCard(ids[2])], "enter opens the card that stayed");
    keys(&mut state, "esc esc u");
    assert_eq!(column_of(&state, ids[0]), "doing", "one undo takes back what was done");
}

#[test]
fn where_nothing_could_be_done_the_picker_stays_and_says_why() {
    let mut state = state(12, 120, 36);
    keys(&mut state, "v j #");
    let long = "x".repeat(51);
    update(&mut state, NOW, Event::Paste(long));
    assert!(commits(&keys(&mut state, "enter")).is_empty());
    assert!(matches!(state.modals.last(), Some(Modal::Picker(_))), "what was typed is not lost");
    keys(&mut state, "esc esc g w");
    assert_eq!(said(&state), "all that was asked for last was done");
}

#[test]
fn the_last_change_is_done_again_on_the_cards_at_hand() {
    let mut state = state(40, 120, 36);
    keys(&mut state, ".");
    assert!(said(&state).starts_with("nothing to repeat"), "{}", said(&state));
    keys(&mut state, "# s h i p enter j .");
    let key = state.board.card(state.columns[0].ids[1]).expect("there").key();
    assert_eq!(said(&state), format!("repeated: {key} labelled ship"));
    keys(&mut state, "j v j v .");
    assert_eq!(said(&state), "repeated: 2 cards labelled ship");
    keys(&mut state, ".");
    assert_eq!(said(&state), "2 cards are so already");
    keys(&mut state, "esc");
    let card = state.focused().expect("a card");
    keys(&mut state, "m 4");
    keys(&mut state, "1 .");
    assert_eq!(column_of(&state, card), "done");
    assert!(said(&state).ends_with("moved to Done"), "{}", said(&state));
}

#[test]
fn titles_and_cards_taken_off_are_not_repeated() {
    let mut state = state(12, 120, 36);
    keys(&mut state, "# s h i p enter D y .");
    assert!(said(&state).ends_with("labelled ship"), "{}", said(&state));
}

#[test]
fn a_count_repeats_motions_moves_undo_and_the_last_change() {
    let mut state = state(80, 120, 36);
    alt(&mut state, "1");
    keys(&mut state, "2 j");
    assert_eq!(state.columns[0].at, 12, "a digit after the first needs no alt");
    alt(&mut state, "5");
    keys(&mut state, "k");
    assert_eq!(state.columns[0].at, 7);
    alt(&mut state, "3");
    keys(&mut state, "g g");
    assert_eq!(state.columns[0].at, 2, "the third card");
    let card = state.focused().expect("a card");
    alt(&mut state, "2");
    assert_eq!(commits(&keys(&mut state, "L")).len(), 1, "one write however far");
    assert_eq!(column_of(&state, card), "review");
    keys(&mut state, "H H");
    alt(&mut state, "3");
    assert_eq!(commits(&keys(&mut state, "u")).len(), 3);
    assert!(said(&state).starts_with("3 steps; the last undid: moved"), "{}", said(&state));
    assert_eq!(column_of(&state, card), "todo");
    keys(&mut state, "# s h i p enter");
    alt(&mut state, "4");
    keys(&mut state, ".");
    assert_eq!(said(&state), "repeated: 3 cards labelled ship", "the first had it already");
    alt(&mut state, "3");
    keys(&mut state, "|");
    assert_eq!(state.focus, 2);
}

#[test]
fn a_count_is_dropped_by_escape_and_by_what_does_not_know_it() {
    let mut state = state(80, 120, 36);
    keys(&mut state, "space");
    alt(&mut state, "4");
    assert_eq!(state.doing.count, Some(4));
    keys(&mut state, "esc");
    assert_eq!((state.doing.count, state.selected.len()), (None, 1), "escape drops the count alone");
    alt(&mut state, "4");
    keys(&mut state, "! j");
    assert_eq!(state.columns[0].at, 2);
    alt(&mut state, "99999999");
    keys(&mut state, "J l");
    assert!(state.focus == 1);
}

#[test]
fn plain_digits_are_columns_or_counts_as_the_config_says() {
    let mut state = state(80, 120, 36);
    keys(&mut state, "3");
    assert_eq!((state.focus, state.doing.count), (2, None));
    let mut settings = fixture::settings();
    settings.ui.digits = Digits::Counts;
    state.set_settings(Arc::new(settings));
    keys(&mut state, "1 0 j");
    assert_eq!((state.focus, state.columns[2].at), (2, 10));
    keys(&mut state, "2 |");
    assert_eq!(state.focus, 1);
    keys(&mut state, "/ 3 esc");
    assert_eq!(state.doing.count, None, "what is typed into the filter is no count");
}

#[test]
fn a_bulk_label_that_some_cards_have_changes_the_others_alone() {
    let mut state = state(12, 120, 36);
    let first = state.focused().expect("a card");
    let delta = SetDelta { add: ["ship".to_owned()].into(), ..SetDelta::default() };
    keys(&mut state, "# s h i p enter v j v");
    let changes = crate::domain::command::decide_each(
        &state.board,
        state
            .subjects()
            .into_iter()
            .map(|card| crate::domain::Command::Label { card, delta: delta.clone() })
            .collect(),
    );
    assert!(changes.changes.iter().all(|c| c.card() != Some(first)) && changes.done.contains(&first));
    assert!(changes.refused.iter().all(|(_, why)| *why != Reject::NoSuchCard));
}
