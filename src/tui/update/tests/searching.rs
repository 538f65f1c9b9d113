//! The filter's texts in bodies and comments: asked when the typing rests, taken when the answer is not stale, and kept.

use std::collections::HashSet;

use super::*;

/// What is asked of the store when the typing has rested.
fn rested(state: &mut State) -> Option<(u64, Vec<String>)> {
    let due = state.filter.found.due()?;
    assert!(next_wake(state).is_some_and(|wake| wake <= due), "it is woken for that");
    let effects = update(state, due, Event::Wake);
    effects.into_iter().find_map(|e| match e {
        Effect::Search { token, texts } => Some((token, texts)),
        _ => None,
    })
}

fn answer(state: &mut State, token: u64, found: &[&[CardId]]) {
    let found = found.iter().map(|ids| ids.iter().copied().collect::<HashSet<_>>()).collect();
    let _ = told(state, Update::Found { token, found: Ok(found) });
}

fn shown(state: &State) -> Vec<CardId> {
    state.columns.iter().flat_map(|c| c.ids.iter().copied()).collect()
}

#[test]
fn cards_that_hold_the_text_in_their_bodies_join_those_that_have_it_in_the_title() {
    let mut state = state(12, 120, 36);
    assert!(keys(&mut state, "/ r e t r y").iter().all(|e| !matches!(e, Effect::Search { .. })));
    let alone = shown(&state);
    assert!(!alone.is_empty() && alone.len() < 12, "titles match at once");
    assert!(state.filter.found.is_waiting());
    let (token, texts) = rested(&mut state).expect("asked");
    assert_eq!(texts, ["retry"]);
    assert_eq!(rested(&mut state), None, "asked once");

    let other = (1..=12).map(fixture::id).find(|id| !alone.contains(id)).expect("another card");
    let focused = state.focused();
    answer(&mut state, token, &[&[alone[0], other]]);
    assert_eq!(shown(&state).len(), alone.len() + 1);
    assert!(shown(&state).contains(&other));
    assert_eq!((state.in_text(), state.filter.found.is_waiting()), (1, false));
    assert_eq!(state.focused(), focused, "the focus stays");
}

#[test]
fn a_stale_answer_is_no_answer_and_the_text_that_stays_keeps_its_own() {
    let mut state = state(12, 120, 36);
    keys(&mut state, "/ z e b r a");
    let (first, _) = rested(&mut state).expect("asked");
    keys(&mut state, "s");
    answer(&mut state, first, &[&[fixture::id(1)]]);
    assert_eq!(shown(&state), [], "it was about another text");
    let (second, texts) = rested(&mut state).expect("asked again");
    assert_eq!(texts, ["zebras"]);
    answer(&mut state, second, &[&[fixture::id(2)]]);
    assert_eq!(shown(&state), [fixture::id(2)]);
    assert_eq!(state.focused(), Some(fixture::id(2)), "where nothing was shown, the find has the focus");

    // More is asked of the same text: what is known of it holds at once, and nothing new is asked of the store.
    keys(&mut state, "space");
    update(&mut state, NOW, Event::Paste("is:open".into()));
    assert_eq!((shown(&state), rested(&mut state)), (vec![fixture::id(2)], None));
    keys(&mut state, "esc");
    assert_eq!((shown(&state).len(), state.in_text()), (12, 0));
}

#[test]
fn a_change_while_a_filter_stands_loses_no_hit_and_is_looked_at_again() {
    let mut state = state(12, 120, 36);
    keys(&mut state, "/ z e b r a enter");
    let (token, _) = rested(&mut state).expect("asked");
    answer(&mut state, token, &[&[fixture::id(3), fixture::id(7)]]);
    let edited = Card { title: "Another".into(), ..state.board.card(fixture::id(3)).expect("there").clone() };
    let _ = told(&mut state, Update::Cards(vec![edited]));
    assert_eq!(shown(&state).len(), 2, "what was found stays found");
    let (token, texts) = rested(&mut state).expect("its body may be another now");
    assert_eq!(texts, ["zebra"]);
    assert_eq!(shown(&state).len(), 2, "until the store has answered");
    answer(&mut state, token, &[&[fixture::id(7)]]);
    assert_eq!(shown(&state), [fixture::id(7)]);

    let effects = keys(&mut state, "x");
    let (commit, _) = commits(&effects)[0].clone();
    let _ = told(&mut state, Update::Committed { token: commit });
    assert!(rested(&mut state).is_some(), "what is written here is looked for too");
}

#[test]
fn what_must_not_stand_in_a_body_hides_the_card() {
    let mut state = state(12, 120, 36);
    keys(&mut state, "/ - z e b r a");
    assert_eq!(shown(&state).len(), 12);
    let (token, texts) = rested(&mut state).expect("asked");
    assert_eq!(texts, ["zebra"]);
    answer(&mut state, token, &[&[fixture::id(4)]]);
    assert_eq!((shown(&state).len(), state.in_text()), (11, 0));
    assert!(!shown(&state).contains(&fixture::id(4)));
}

#[test]
fn a_store_that_cannot_answer_is_told_of_and_titles_still_match() {
    let mut state = state(12, 120, 36);
    keys(&mut state, "/ r e t r y");
    let before = shown(&state);
    let (token, _) = rested(&mut state).expect("asked");
    let _ = told(&mut state, Update::Found { token, found: Err("the disk is gone".into()) });
    assert_eq!(said(&state), "the disk is gone");
    assert_eq!((shown(&state), state.filter.found.is_waiting()), (before, false));
}

#[test]
fn a_filter_without_a_text_asks_the_store_nothing() {
    let mut state = state(12, 120, 36);
    keys(&mut state, "/");
    update(&mut state, NOW, Event::Paste("is:open label:bug title:zebra sort:due".into()));
    assert_eq!(rested(&mut state), None);
}
