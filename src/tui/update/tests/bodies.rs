//! Bodies that hold more on a platform than Markdown can say: told before an edit, asked before a loss.

use super::*;
use crate::domain::link::{ConnectionName, LinkId};
use crate::domain::remote::Beyond;
use crate::tui::screens::Modal;

fn beyond(thing: &str) -> Vec<Beyond> {
    let link = LinkId(uuid::Uuid::from_u128(7));
    vec![Beyond { link, connection: ConnectionName::new("plan"), things: vec![thing.to_owned()] }]
}

fn opened(state: &State, card: CardId) -> Update {
    Update::Opened(Box::new(crate::engine::CardDetail {
        card: state.board.card(card).cloned().expect("there"),
        body: "Ask [@ana](adf:mention/1)".into(),
        comments: crate::engine::Comments::None,
        unsent_comments: vec![],
        conflicts: vec![],
        history: vec![],
        author: None,
        beyond: beyond("1 mention"),
    }))
}

#[test]
fn the_persons_own_editor_opens_after_it_was_told_what_is_there_and_a_loss_is_asked_about() {
    let mut state = state(12, 120, 36);
    let card = state.focused().expect("a card");
    keys(&mut state, "E");
    let fact = opened(&state, card);
    assert_eq!(told(&mut state, fact), [], "it is told first");
    assert!(matches!(state.modals.last(), Some(Modal::Question(_))));
    let out = keys(&mut state, "e");
    let [Effect::Edit { purpose, .. }] = &out[..] else { panic!("{out:?}") };
    let done = Event::Edited { purpose: purpose.clone(), text: Ok(Some("Ask somebody".into())) };
    let body = "Ask somebody".to_owned();
    assert_eq!(update(&mut state, NOW, done), [Effect::CheckBody { card, body: body.clone() }]);
    let losses = Ok(beyond("a mention (@ana)"));
    assert_eq!(told(&mut state, Update::BodyChecked { card, body, losses }), [], "it is asked, not saved");
    let committed = commits(&keys(&mut state, "s"));
    assert!(state.modals.is_empty());
    let [(_, changes)] = &committed[..] else { panic!("{committed:?}") };
    assert!(
        matches!(&changes[..], [Change::Rewritten { after, .. }, Change::Agreed { losses, .. }]
            if after == "Ask somebody" && *losses == beyond("a mention (@ana)")),
        "the edit and the agreement are one commit: {changes:?}"
    );
    // Taken back, the edit goes and with it the agreement.
    let back = commits(&keys(&mut state, "u"));
    assert!(
        matches!(&back[0].1[..], [Change::Agreed { losses, .. }, Change::Rewritten { .. }] if losses.is_empty())
    );
    assert!(said(&state).starts_with("undid: body of"), "{}", said(&state));
}

#[test]
fn a_save_that_loses_nothing_is_committed_as_soon_as_that_is_known() {
    let mut state = state(12, 120, 36);
    let card = state.focused().expect("a card");
    keys(&mut state, "e");
    let fact = opened(&state, card);
    told(&mut state, fact);
    keys(&mut state, "N o");
    let out = keys(&mut state, "ctrl-s");
    let [Effect::CheckBody { body, .. }] = &out[..] else { panic!("{out:?}") };
    let losses = Ok(vec![]);
    let committed = commits(&told(&mut state, Update::BodyChecked { card, body: body.clone(), losses }));
    assert!(matches!(&committed[0].1[..], [Change::Rewritten { after, .. }] if after.starts_with("NoAsk")));
    assert!(state.modals.is_empty());
}
