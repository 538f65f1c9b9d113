//! Pictures of moves that a workflow has a say in.

use super::*;
use crate::domain::mapping::Status;
use crate::engine::Update;
use crate::tui::theme::Glyphs;

/// A board on Jira whose first card of the first column can go to In Progress alone.
fn at_to_do(width: u16, height: u16) -> State {
    let mut state = fixture::on_jira(27, width, height);
    let card = state.columns[0].ids[0];
    let ways = fixture::ways("To Do", &["In Progress"], &[]);
    let told = Update::Moves { card, status: Status::new("todo"), ways };
    let _ = update(&mut state, NOW, Event::Engine(Box::new(told)));
    state
}

fn drag_over(state: &mut State, column: usize) {
    let from = layout(state).columns[0].cards[0].area;
    let to = layout(state).columns[column].header;
    point(state, MouseEventKind::Down(MouseButton::Left), (from.x + 4, from.y));
    point(state, MouseEventKind::Drag(MouseButton::Left), (to.x + 6, to.y + 4));
}

#[test]
fn columns_the_workflow_does_not_lead_to_are_crossed_out_while_dragging() {
    for (width, height) in [(80, 24), (120, 36)] {
        let mut state = at_to_do(width, height);
        drag_over(&mut state, 3);
        check(&format!("dragging-no-way-{width}x{height}"), &state);
    }
    let mut state = at_to_do(80, 24);
    state.glyphs = Glyphs::ASCII;
    drag_over(&mut state, 3);
    check("dragging-no-way-ascii", &state);
}

#[test]
fn the_move_to_dialog_crosses_out_what_cannot_be_reached() {
    for (width, height) in [(80, 24), (120, 36)] {
        let mut state = at_to_do(width, height);
        press(&mut state, "m");
        check(&format!("move-to-no-way-{width}x{height}"), &state);
    }
    let mut state = at_to_do(80, 24);
    state.glyphs = Glyphs::ASCII;
    press(&mut state, "m");
    check("move-to-no-way-ascii", &state);
}

#[test]
fn what_is_asked_before_a_drop_stands_over_the_board() {
    let mut state = fixture::on_jira(27, 80, 24);
    press(&mut state, "l");
    let card = state.columns[1].ids[0];
    let ways = fixture::ways("In Progress", &["To Do"], &["Done"]);
    let told = Update::Moves { card, status: Status::new("doing"), ways };
    let _ = update(&mut state, NOW, Event::Engine(Box::new(told)));
    press(&mut state, "m");
    check("move-to-asks", &state);
    press(&mut state, "4");
    check("asking-over-the-board", &state);
}

#[test]
fn a_card_whose_move_waits_says_so() {
    let mut state = fixture::on_jira(27, 80, 24);
    let mut card = state.board.card(fixture::id(4)).cloned().expect("there");
    card.links[0].asks = true;
    card.links[0].sync = SyncStatus::Manual;
    card.links[0].note = Some("plan asks for Resolution to make it Done".into());
    let _ = update(&mut state, NOW, Event::Engine(Box::new(Update::Cards(vec![card]))));
    check("move-waits-told", &state);
    state.message = None;
    check("move-waits", &state);
}
