//! The pane beside the board: it follows the focus, asks late and once, takes no stale answer, and opens what is clicked.

use super::*;
use crate::domain::fields::{FieldName, Value};
use crate::engine::{CardDetail, Comments};
use crate::tui::ink;
use crate::tui::layout::Layout;
use crate::tui::screens::card::REST;

fn detail(state: &State, card: CardId, body: &str) -> Update {
    Update::Opened(Box::new(CardDetail {
        card: state.board.card(card).expect("there").clone(),
        body: body.to_owned(),
        comments: Comments::None,
        unsent_comments: vec![],
        conflicts: vec![],
        history: vec![],
        author: None,
        beyond: vec![],
    }))
}

fn later(state: &mut State, ms: i64) -> Vec<Effect> {
    let at = state.now.plus_ms(ms);
    update(state, at, Event::Wake)
}

fn text(state: &State) -> String {
    let mut buf = ratatui::buffer::Buffer::empty(state.area);
    let _ = crate::tui::view::draw(state, &mut buf);
    let pane = layout(state).pane;
    let row = |y| (pane.left()..pane.right()).map(|x| buf[(x, y)].symbol()).collect::<String>();
    (pane.top()..pane.bottom()).map(row).collect::<Vec<_>>().join("\n")
}

/// A board with the pane on, whose card was read.
fn with_pane(body: &str) -> State {
    let mut state = state(12, 120, 36);
    keys(&mut state, "p");
    let _ = later(&mut state, REST);
    let card = state.focused().expect("a card");
    let read = detail(&state, card, body);
    told(&mut state, read);
    state
}

#[test]
fn it_is_switched_on_and_off_and_that_is_remembered() {
    let mut state = state(12, 120, 36);
    let kept = |on: &str| Effect::Remember("pane", on.to_owned());
    assert!(keys(&mut state, "p").contains(&kept("on")));
    let Layout { pane, body, .. } = layout(&state);
    assert_eq!((pane.width, pane.right(), body.right()), (48, 120, pane.x));
    assert!(keys(&mut state, "p").contains(&kept("off")));
    assert!(layout(&state).pane.is_empty());
    state.remembered.insert("pane".into(), "on".into());
    let setup = crate::tui::state::Setup {
        settings: state.settings.clone(),
        board: state.board.clone(),
        health: vec![],
        me: vec![],
        now: NOW,
        remembered: state.remembered.clone(),
        depth: crate::tui::theme::Depth::True,
        size: (120, 36),
    };
    assert!(!layout(&State::new(setup).expect("a state")).pane.is_empty(), "it is there at the next start");
}

#[test]
fn where_there_is_no_room_the_card_is_opened_and_it_is_said_why() {
    let mut state = state(12, 99, 36);
    let card = state.focused().expect("a card");
    assert_eq!(keys(&mut state, "p"), [Effect::OpenCard(card)]);
    assert_eq!(state.open_card(), Some(card));
    assert!(said(&state).contains("no room beside the board"), "{}", said(&state));
    assert!(!state.pane.on);
}

#[test]
fn it_asks_when_the_focus_rests_and_only_for_the_last_card() {
    let mut state = state(12, 120, 36);
    let first = state.focused().expect("a card");
    keys(&mut state, "p");
    assert_eq!(next_wake(&state), Some(NOW.plus_ms(REST)));
    assert!(keys(&mut state, "j j").is_empty(), "running through asks for nothing");
    let last = state.focused().expect("a card");
    assert!(later(&mut state, REST - 1).is_empty());
    assert_eq!(later(&mut state, 1), [Effect::Glance(last)]);
    assert!(later(&mut state, REST).is_empty(), "once");
    assert_ne!(first, last);
    assert!(text(&state).contains(&state.board.card(last).expect("there").key()));
}

#[test]
fn what_the_board_knows_is_shown_at_once_and_a_stale_answer_is_not_shown() {
    let mut state = with_pane("the first body");
    assert!(text(&state).contains("the first body"));
    let first = state.focused().expect("a card");
    keys(&mut state, "j");
    let second = state.focused().expect("a card");
    let title = state.board.card(second).expect("there").title.clone();
    let shown = text(&state);
    let word = title.split(' ').next().expect("a word");
    assert!(shown.contains(word) && shown.contains("reading the card"), "{shown}");
    let stale = detail(&state, first, "an old answer");
    told(&mut state, stale);
    assert!(!text(&state).contains("an old answer"));
    let fresh = detail(&state, second, "the right one");
    told(&mut state, fresh);
    assert!(text(&state).contains("the right one"));
}

#[test]
fn a_card_that_changed_is_read_again() {
    let mut state = with_pane("body");
    let card = state.focused().expect("a card");
    let mut newer = state.board.card(card).expect("there").clone();
    newer.revision += 1;
    assert!(told(&mut state, Update::Cards(vec![newer])).contains(&Effect::Glance(card)));
}

#[test]
fn what_was_written_here_is_read_again_when_it_is_stored() {
    let mut state = with_pane("body");
    let card = state.focused().expect("a card");
    told(&mut state, Update::Committed { token: 1 });
    assert_eq!(later(&mut state, REST), [Effect::Glance(card)]);
}

#[test]
fn keys_and_the_wheel_scroll_it_without_moving_the_focus_or_a_column() {
    let mut state = with_pane(&"line\n".repeat(200));
    let (card, pane) = (state.focused(), layout(&state).pane);
    let at = (pane.x + 5, pane.y + 5);
    let start = text(&state);
    mouse(&mut state, MouseEventKind::ScrollDown, at);
    let wheeled = text(&state);
    assert_ne!(wheeled, start);
    mouse(&mut state, MouseEventKind::ScrollUp, at);
    assert_eq!(text(&state), start);
    keys(&mut state, "ctrl-e");
    assert_ne!(text(&state), start);
    keys(&mut state, "ctrl-y");
    assert_eq!(text(&state), start);
    assert_eq!(state.focused(), card);
    assert!(state.columns.iter().all(|c| c.top == 0));
}

#[test]
fn a_click_opens_the_card_and_on_a_child_the_child() {
    let mut state = with_pane("body");
    let card = state.focused().expect("a card");
    let key = state.board.card(card).expect("there").key();
    let child = state.columns[1].ids[0];
    let mut data = state.board.card(child).expect("there").clone();
    data.extra.to_mut().insert(FieldName::PARENT, Value::Text(key));
    told(&mut state, Update::Cards(vec![data.clone()]));
    let shown = text(&state);
    let row =
        shown.lines().position(|l| l.contains(&format!("{} ", data.key()))).expect("the child's row") as u16;
    let pane = layout(&state).pane;
    assert_eq!(down(&mut state, (pane.x + 5, pane.y + row)), [Effect::OpenCard(child)]);
    keys(&mut state, "esc");
    assert_eq!(down(&mut state, (pane.x + 5, pane.y)), [Effect::OpenCard(card)]);
}

#[test]
fn the_parent_is_gone_to_on_the_board_and_from_an_open_card_and_back() {
    let mut state = state(12, 120, 36);
    let child = state.focused().expect("a card");
    let up = state.columns[2].ids[1];
    let mut data = state.board.card(child).expect("there").clone();
    data.extra.to_mut().insert(FieldName::PARENT, Value::Text(state.board.card(up).expect("there").key()));
    told(&mut state, Update::Cards(vec![data]));
    keys(&mut state, "g p");
    assert_eq!(state.focused(), Some(up));
    state.focus_card(child);
    keys(&mut state, "enter");
    assert_eq!(keys(&mut state, "g p"), [Effect::OpenCard(up)]);
    assert_eq!(state.open_card(), Some(up));
    keys(&mut state, "esc");
    assert_eq!(state.open_card(), Some(child), "one comes back to where one was");
    keys(&mut state, "esc g p g p");
    assert!(said(&state).contains("belongs to no card"), "{}", said(&state));
}

#[test]
fn the_health_panel_stands_beside_it_on_a_wide_terminal_and_below_it_on_a_narrower_one() {
    for (width, beside) in [(200, true), (120, false)] {
        let mut state = state(12, width, 36);
        keys(&mut state, "p !");
        let Layout { pane, docked, body, .. } = layout(&state);
        assert!(!pane.is_empty() && !docked.is_empty(), "{width}");
        assert!(body.width >= 60, "{width}: the board keeps {}", body.width);
        assert_eq!(pane.y == docked.y, beside, "{width}");
        assert_eq!(pane.intersection(docked).area(), 0);
        assert_eq!(layout(&state).hit(docked.x + 2, docked.y + 1), Some(Hit::Docked));
        assert_eq!(layout(&state).hit(pane.x + 2, pane.y + 1), Some(Hit::Pane));
    }
}

#[test]
fn code_is_looked_at_outside_and_shown_when_that_is_done() {
    let mut state = state(12, 120, 36);
    keys(&mut state, "p");
    let _ = later(&mut state, REST);
    let card = state.focused().expect("a card");
    let read = detail(&state, card, "```rust\nfn main() {}\n```");
    let asked = told(&mut state, read);
    let [Effect::Ink(blocks)] = &asked[..] else { panic!("{asked:?}") };
    let colours = |state: &State| {
        let mut buf = ratatui::buffer::Buffer::empty(state.area);
        let _ = crate::tui::view::draw(state, &mut buf);
        buf.content.iter().filter(|c| c.style() == buf[(0, 0)].style().patch(state.theme.heading)).count()
    };
    let plain = colours(&state);
    let _ = update(&mut state, NOW, Event::Inked(ink::all(blocks.clone())));
    assert_eq!(colours(&state), plain + "fn".len());
}
