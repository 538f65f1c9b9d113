//! Pictures of the arranged board: lanes, densities, collapsed and hidden columns, limits, epics and cards that lie; and
//! that what is drawn is what is clicked, however it is arranged.

use super::*;
use crate::domain::fields::{FieldName, Value};
use crate::domain::limit::{Limit, Limits};
use crate::domain::mapping::Status;
use crate::tui::state::look::{Density, LaneBy, Look};

const SIZES: [(u16, u16); 4] = [(80, 24), (120, 36), (200, 60), (40, 20)];

/// A board on which there is something of everything: limits, estimates, an epic with parts, what is overdue or lies.
fn rich(width: u16, height: u16) -> State {
    let mut board = fixture::board(27);
    let mut set = |n: u128, fields: &[(FieldName, &str)], days: i64| {
        let mut card = board.card(fixture::id(n)).cloned().expect("there");
        let fields = fields.iter().map(|(name, value)| (*name, Value::Text((*value).to_owned())));
        card.extra.to_mut().extend(fields);
        card.updated_at = NOW.plus_ms(-days * 86_400_000);
        if n == 8 {
            card.kind = crate::domain::card::Kind::Epic;
        }
        board.upsert(card);
    };
    set(8, &[(FieldName::ESTIMATE, "13"), (FieldName::PRIORITY, "high")], 0);
    for n in [1, 2, 3, 4, 7, 11] {
        set(n, &[(FieldName::PARENT, "core#8"), (FieldName::ESTIMATE, "2.5")], 0);
    }
    set(5, &[(FieldName::DUE, "1999-12-31"), (FieldName::PRIORITY, "urgent")], 0);
    set(6, &[], 21);
    set(12, &[(FieldName::PRIORITY, "low")], 400);
    let mut settings = fixture::settings();
    let limit = |most, hard| Limit { most, hard };
    settings.limits =
        Limits::from([(Status::new("doing"), limit(4, false)), (Status::new("review"), limit(9, true))]);
    let mut state = fixture::state_with(board, settings, width, height);
    press(&mut state, "1");
    state
}

fn check_all(name: &str, arrange: impl Fn(&mut State)) {
    for (width, height) in SIZES {
        let mut state = rich(width, height);
        arrange(&mut state);
        state.message = None;
        check(&format!("{name}-{width}x{height}"), &state);
    }
}

#[test]
fn limits_totals_epics_and_what_lies_are_told_in_words() {
    check_all("rich", |_| {});
}

#[test]
fn a_compact_board_has_a_line_for_each_card() {
    check_all("compact", |state| press(state, "zdzd"));
}

#[test]
fn a_full_board_shows_every_label_and_fact() {
    check_all("full", |state| press(state, "zd"));
}

#[test]
fn lanes_are_bands_over_all_columns() {
    check_all("lanes-milestone", |state| press(state, "zlm"));
    check_all("lanes-epic", |state| press(state, "zle"));
}

#[test]
fn a_folded_lane_is_a_row_with_the_count_of_each_column() {
    check_all("lanes-folded", |state| press(state, "zlazf"));
}

#[test]
fn collapsed_and_hidden_columns_are_told_of() {
    check_all("collapsed", |state| press(state, "4zc3zh1"));
    check_all("collapsed-lanes", |state| press(state, "zlm4zc1"));
}

#[test]
fn what_the_lanes_stand_for_is_asked_in_a_small_dialog() {
    let mut state = rich(80, 24);
    press(&mut state, "zl");
    check("lanes-asked", &state);
}

#[test]
fn a_drag_over_a_lane_names_column_and_field() {
    for (width, height) in [(80, 24), (120, 36)] {
        let mut state = rich(width, height);
        press(&mut state, "zlm");
        let board = layout(&state);
        let from = board.columns[0].cards.iter().find(|c| board.lane_at(c.area.y) == Some(0)).expect("one");
        point(&mut state, MouseEventKind::Down(MouseButton::Left), (from.area.x + 4, from.area.y));
        let row = board.lanes[1].header;
        let over = board.columns[1].area;
        point(&mut state, MouseEventKind::Drag(MouseButton::Left), (over.x + 6, row.y));
        check(&format!("dragging-over-a-lane-{width}x{height}"), &state);
    }
    let mut state = rich(120, 36);
    press(&mut state, "zlc");
    let mut alone = state.board.card(fixture::id(4)).cloned().expect("there");
    alone.links.clear();
    state.board.upsert(alone);
    state.rebuild_columns();
    let board = layout(&state);
    let from = board.columns[1].cards[0].area;
    point(&mut state, MouseEventKind::Down(MouseButton::Left), (from.x + 4, from.y));
    state.lanes.top = 1;
    let row = layout(&state).lanes.first().expect("the last lane").header;
    point(&mut state, MouseEventKind::Drag(MouseButton::Left), (row.x + 6, row.y));
    check("dragging-to-a-lane-that-refuses", &state);
}

#[test]
fn an_arranged_board_is_all_ascii_where_that_is_asked_for() {
    let mut state = rich(120, 36);
    state.glyphs = crate::tui::theme::Glyphs::ASCII;
    press(&mut state, "zle4zc3zh");
    let picture = picture(&state);
    assert!(picture.is_ascii(), "{picture}");
}

fn looks() -> impl Strategy<Value = Look> {
    let status = prop::sample::select(vec!["todo", "doing", "review", "done"]).prop_map(Status::new);
    let lane = prop::sample::select(vec!["", "v1.2", "ana", "ben", "high", "core"]).prop_map(str::to_owned);
    let lanes = prop::sample::select(LaneBy::ALL.to_vec());
    let density = prop::sample::select(vec![Density::Compact, Density::Normal, Density::Full]);
    let set = |s| prop::collection::btree_set(s, 0..4);
    (
        lanes,
        density,
        set(status.clone().boxed()),
        set(status.boxed()),
        prop::collection::btree_set(lane, 0..3),
    )
        .prop_map(|(lanes, density, narrow, hidden, folded)| Look {
            lanes,
            density,
            narrow,
            hidden,
            folded,
        })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(96))]

    /// However the board is arranged and whatever its size: drawing survives, no two boxes share a cell, each cell hits
    /// what is drawn there, and the focused card is on the screen where there is room for one.
    #[test]
    fn what_is_drawn_is_what_is_clicked(
        width in 1_u16..200, height in 1_u16..60, look in looks(),
        keys in "[jklhGgm1-4zdfFcha]{0,10}",
    ) {
        let mut state = rich(width, height);
        state.look = look;
        state.rebuild_columns();
        press(&mut state, &keys);
        press(&mut state, "k");
        let area = Rect::new(0, 0, width, height);
        let mut buf = Buffer::empty(area);
        let _ = draw(&state, &mut buf);
        let layout = layout(&state);
        let cards = layout.columns.iter().flat_map(|c| c.cards.iter().map(|c| c.area).chain([c.header, c.foot]));
        let strips = layout.columns.iter().filter(|c| c.collapsed).map(|c| c.area);
        let boxes: Vec<Rect> = cards.chain(strips).filter(|r| !r.is_empty()).collect();
        for (n, a) in boxes.iter().enumerate() {
            prop_assert_eq!(a.intersection(layout.body), *a);
            for b in &boxes[n + 1..] {
                prop_assert!(a.intersection(*b).is_empty(), "{:?} and {:?}", a, b);
            }
        }
        for lane in &layout.lanes {
            prop_assert_eq!(lane.area.intersection(layout.body), lane.area);
            for card in layout.columns.iter().flat_map(|c| &c.cards) {
                prop_assert!(lane.header.intersection(card.area).is_empty());
                let inside = lane.area.intersection(card.area) == card.area;
                prop_assert_eq!(inside, state.lane_of(card.id) == Some(lane.index), "{:?} {:?}", lane, card);
            }
        }
        for column in &layout.columns {
            let c = &state.columns[column.index];
            prop_assert!(!state.is_hidden(column.index));
            prop_assert!(column.above + column.below <= c.ids.len());
            for card in &column.cards {
                let hit = layout.hit(card.area.x, card.area.y);
                prop_assert_eq!(hit, Some(Hit::Card { column: column.index, id: card.id }));
                prop_assert_eq!(c.ids.get(card.index), Some(&card.id));
            }
            if column.collapsed {
                prop_assert_eq!(layout.hit(column.area.x, column.area.y), Some(Hit::Header(column.index)));
            }
        }
        if state.modals.is_empty()
            && let (Some(focused), Some(column)) = (state.focused(), layout.column(state.focus))
            && column.body.height >= 3
        {
            prop_assert!(column.cards.iter().any(|c| c.id == focused), "{:?}", column);
        }
    }
}
