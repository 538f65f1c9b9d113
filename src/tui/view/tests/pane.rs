//! Pictures of the board with a card beside it.

use super::*;
use crate::connector::Comment;
use crate::domain::fields::{FieldName, Value};
use crate::engine::{CardDetail, Comments, Update};

/// A board with a card beside it that has everything: a body, children, comments, and a reason not to be in step.
fn beside(width: u16, height: u16) -> State {
    let mut state = busy(width, height);
    press(&mut state, "lp");
    let card = state.focused().expect("a card");
    let key = state.board.card(card).expect("there").key();
    let children = [state.columns[0].ids[0], state.columns[3].ids[1]];
    let cards = children.map(|id| {
        let mut child = state.board.card(id).expect("there").clone();
        child.extra.to_mut().insert(FieldName::PARENT, Value::Text(key.clone()));
        child
    });
    let _ = update(&mut state, NOW, Event::Engine(Box::new(Update::Cards(cards.to_vec()))));
    let body = "When it *restarts*, the worker gives up.\n\n- [x] read `Retry-After`\n- [ ] back off\n\n\
        | code | meaning |\n|--:|---|\n| 502 | the platform restarts and comes back within a minute |\n| 503 | overloaded |\n\n\
        ```rust\nlet wait = backoff.next(attempt);\n```\n\n> [!WARNING]\n> Never for ever.\n\n\
        ![the dial](https://img.example/dial.png)\nSee [the notes](https://docs.example/retry).";
    let comment = Comment {
        id: "1".into(),
        author: "ben".into(),
        body: "Every **morning**.".into(),
        at: NOW.plus_ms(-7_200_000),
    };
    let detail = CardDetail {
        card: state.board.card(card).expect("there").clone(),
        body: body.into(),
        comments: Comments::Ready(vec![comment]),
        unsent_comments: vec!["On it.".into()],
        conflicts: vec![],
        history: vec![],
        author: Some("cy".into()),
        beyond: vec![],
    };
    let _ = update(&mut state, NOW, Event::Engine(Box::new(Update::Opened(Box::new(detail)))));
    state
}

#[test]
fn a_card_stands_beside_the_board_at_every_size_that_has_room() {
    for (width, height) in [(100, 24), (120, 36), (200, 60)] {
        check(&format!("pane-{width}x{height}"), &beside(width, height));
    }
    let mut both = beside(120, 36);
    press(&mut both, "!");
    check("pane-and-health-120x36", &both);
    let mut ascii = beside(120, 36);
    ascii.glyphs = crate::tui::theme::Glyphs::ASCII;
    ascii.theme = crate::tui::theme::Theme::new(ThemeName::Mono, true);
    check("pane-ascii", &ascii);
}

#[test]
fn it_survives_every_size() {
    let mut state = beside(120, 36);
    press(&mut state, "!");
    for width in (1..=220).step_by(3) {
        for height in 1..=40 {
            let _ = update(&mut state, NOW, Event::Resize(width, height));
            let mut buf = Buffer::empty(state.area);
            let _ = draw(&state, &mut buf);
        }
    }
}
