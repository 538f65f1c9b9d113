//! Linking as a person meets it: keys in, effects out, and what is done is seen.

use super::*;
use crate::engine::{LinkAsk, LinkTold};
use crate::tui::screens::Modal;

fn asks(effects: &[Effect]) -> Vec<LinkAsk> {
    let asks = effects.iter().filter_map(|e| match e {
        Effect::Links(ask) => Some(ask.clone()),
        _ => None,
    });
    asks.collect()
}

fn done(card: u128, gone: Option<u128>) -> Update {
    let (card, gone) = (fixture::id(card), gone.map(fixture::id));
    Update::Links(Box::new(LinkTold::Done { card, gone, words: "is linked".into() }))
}

#[test]
fn one_key_opens_the_links_of_the_focused_card_and_asks_for_its_twins() {
    let mut state = state(12, 120, 36);
    let focused = state.focused().expect("a card");
    let effects = keys(&mut state, "space &");
    assert!(matches!(state.modals.last(), Some(Modal::Links(_))), "{:?}", state.modals);
    let asked = state.focused().expect("the next one: the first is only selected");
    assert_ne!(asked, focused);
    assert_eq!(asks(&effects), [LinkAsk::Twins(asked)]);
    told(&mut state, done(3, None));
    assert!(matches!(state.modals.last(), Some(Modal::Links(_))), "that was another card");
    keys(&mut state, "esc");
    assert!(state.modals.is_empty());
}

#[test]
fn an_open_card_that_became_part_of_another_gives_way_to_it() {
    let mut state = state(12, 120, 36);
    keys(&mut state, "enter");
    let open = state.open_card().expect("open");
    let effects = keys(&mut state, "&");
    assert_eq!(asks(&effects), [LinkAsk::Twins(open)]);
    let hub = fixture::id(5);
    let gone = state.board.card(open).expect("there").id;
    let told_of = LinkTold::Done { card: hub, gone: Some(gone), words: "has the other's links now".into() };
    let effects = told(&mut state, Update::Links(Box::new(told_of)));
    assert!(effects.contains(&Effect::OpenCard(hub)), "{effects:?}");
    assert_eq!(state.open_card(), Some(hub));
    assert_eq!(state.modals.len(), 1, "the picker is closed");
    assert!(said(&state).contains("core#5 has the other's links now"), "{}", said(&state));
}

#[test]
fn what_the_store_refuses_is_said_and_the_picker_stays() {
    let mut state = state(12, 120, 36);
    keys(&mut state, "&");
    let card = state.focused().expect("a card");
    let why = "on `core` a conflict waits: decide it first".to_owned();
    told(&mut state, Update::Links(Box::new(LinkTold::Refused { card, why })));
    assert!(said(&state).contains("decide it first"));
    assert!(matches!(state.modals.last(), Some(Modal::Links(_))));
}
