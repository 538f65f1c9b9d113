//! What is selected, counted and dragged, as it stands on the screen.

use super::*;

fn alt(state: &mut State, c: char) {
    let key = KeyEvent::new(KeyCode::Char(c), KeyModifiers::ALT);
    let _ = update(state, NOW, Event::Key(key));
}

#[test]
fn how_many_are_selected_and_the_count_stand_first_in_the_status_bar() {
    let mut state = fixture::state(27, 80, 24);
    press(&mut state, "vjj");
    check("selecting", &state);
    press(&mut state, "v/label:ui\n");
    alt(&mut state, '1');
    alt(&mut state, '2');
    let bar = picture(&state).lines().last().map(str::to_owned).unwrap_or_default();
    assert!(bar.contains("12") && bar.contains("3 selected, 3 hidden"), "{bar}");
    state.glyphs = crate::tui::theme::Glyphs::ASCII;
    assert!(picture(&state).is_ascii());
}

#[test]
fn a_message_never_covers_how_many_are_selected() {
    let mut state = fixture::state(27, 80, 24);
    press(&mut state, "vjvL");
    let bar = picture(&state).lines().last().map(str::to_owned).unwrap_or_default();
    assert!(bar.contains("2 selected") && bar.contains("2 cards moved to In Progress"), "{bar}");
}

#[test]
fn a_drag_of_several_cards_says_how_many() {
    let mut state = fixture::state(27, 80, 24);
    press(&mut state, "vjjv");
    let from = layout(&state).columns[0].cards[0].area;
    let to = layout(&state).columns[1].cards[1].area;
    point(&mut state, MouseEventKind::Down(MouseButton::Left), (from.x + 4, from.y));
    point(&mut state, MouseEventKind::Drag(MouseButton::Left), (to.x + 2, to.y));
    check("dragging-three", &state);
}

#[test]
fn the_line_of_a_new_card_stands_at_its_column_as_far_as_there_is_room() {
    for (width, height) in [(80, 24), (40, 15)] {
        let mut state = fixture::state(27, width, height);
        press(&mut state, "laFix login #bug @ana !high #s");
        check(&format!("quick-over-the-board-{width}x{height}"), &state);
    }
}

#[test]
fn what_could_not_be_done_is_said_in_the_bar_with_the_key_that_tells_all() {
    let mut state = fixture::on_jira(12, 120, 24);
    press(&mut state, "l");
    let ids = state.columns[1].ids[1..3].to_vec();
    for card in ids {
        let ways = fixture::ways("In Progress", &["Blocked"], &[]);
        let told =
            crate::engine::Update::Moves { card, status: crate::domain::mapping::Status::new("doing"), ways };
        let _ = update(&mut state, NOW, Event::Engine(Box::new(told)));
    }
    press(&mut state, "vjjvm4");
    check("partly-moved", &state);
    press(&mut state, "gw");
    check("partly-moved-why", &state);
}
