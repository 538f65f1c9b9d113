//! What a person must see without looking for it: questions, alerts and waits; and what the two views ask for.

use super::*;
use crate::domain::health::{Alert, FailedItem, HealthState, Question};
use crate::domain::link::ConnectionName;
use crate::tui::screens::Modal;
use crate::tui::state::View;

fn question(id: i64) -> Question {
    Question {
        id,
        kind: "creates".into(),
        text: "34 cards have no issue yet".into(),
        go: "create them".into(),
        stop: "create none".into(),
        stops_connection: true,
    }
}

fn asking(id: i64) -> Health {
    let mut health = fixture::health();
    health.state = HealthState::Asking;
    health.question = Some(question(id));
    health
}

fn bar(state: &State) -> String {
    let mut buf = ratatui::buffer::Buffer::empty(state.area);
    let _ = crate::tui::view::draw(state, &mut buf);
    let y = state.area.bottom() - 1;
    (0..state.area.width).map(|x| buf[(x, y)].symbol().to_owned()).collect()
}

#[test]
fn a_question_is_told_on_every_view_and_takes_no_key_until_it_is_opened() {
    let mut state = state(12, 80, 24);
    update(&mut state, NOW, Event::Health(vec![asking(7)]));
    assert!(said(&state).contains("core asks: 34 cards"), "{}", said(&state));
    assert!(bar(&state).contains("A answers"), "beside a message too: {}", bar(&state));
    for view in ["b", "m", "h", "a", "c"] {
        keys(&mut state, &format!("g {view}"));
        assert!(bar(&state).contains("core asks: A answers"), "{view}: {}", bar(&state));
    }
    keys(&mut state, "g b");
    assert!(state.modals.is_empty(), "nothing opens by itself");
    let effects = keys(&mut state, "y n j");
    assert!(!effects.iter().any(|e| matches!(e, Effect::Answer { .. })), "{effects:?}");
}

#[test]
fn the_key_that_answers_is_shown_on_a_narrow_terminal_and_beside_a_long_name() {
    let mut state = state(12, 40, 12);
    let mut health = asking(7);
    health.connection = ConnectionName::new("a-connection-with-quite-a-long-name");
    update(&mut state, NOW, Event::Health(vec![health]));
    state.message = None;
    assert!(bar(&state).contains("asks: A answers"), "{}", bar(&state));
}

#[test]
fn a_question_is_answered_with_its_key_wherever_one_is() {
    for view in ["b", "m", "h", "a", "c"] {
        let mut state = state(12, 80, 24);
        update(&mut state, NOW, Event::Health(vec![asking(7)]));
        keys(&mut state, &format!("g {view}"));
        assert_eq!(keys(&mut state, "A"), vec![]);
        assert!(matches!(state.modals.last(), Some(Modal::Question(_))), "{view}");
        let answered = keys(&mut state, "y");
        let connection = ConnectionName::new("core");
        assert_eq!(answered, vec![Effect::Answer { connection, question: 7, go: true }], "{view}");
        assert!(state.modals.is_empty());
        assert!(said(&state).contains("core goes on"));
    }
}

#[test]
fn a_question_that_was_answered_elsewhere_closes() {
    let mut state = state(12, 80, 24);
    update(&mut state, NOW, Event::Health(vec![asking(7)]));
    keys(&mut state, "A");
    update(&mut state, NOW, Event::Health(vec![asking(7)]));
    assert_eq!(state.modals.len(), 1, "it is still asked");
    update(&mut state, NOW, Event::Health(vec![asking(8)]));
    assert!(state.modals.is_empty(), "this is another question");
    update(&mut state, NOW, Event::Health(vec![fixture::health()]));
    keys(&mut state, "A");
    assert!(state.modals.is_empty() && said(&state).contains("no connection asks"));
}

#[test]
fn a_click_on_the_status_bar_opens_what_is_asked() {
    let mut state = state(12, 80, 24);
    update(&mut state, NOW, Event::Health(vec![asking(7)]));
    down(&mut state, (3, 23));
    assert!(matches!(state.modals.last(), Some(Modal::Question(_))));
}

#[test]
fn alerts_stand_in_the_status_bar_and_are_counted() {
    let mut state = state(12, 120, 24);
    let alert = |text: &str| Alert { rule: "down".into(), text: text.into(), since: NOW };
    let mut health = fixture::health();
    health.alerts = vec![alert("down since 09:13")];
    update(&mut state, NOW, Event::Health(vec![health.clone()]));
    assert!(bar(&state).contains("⚠ core: down since 09:13"), "{}", bar(&state));
    health.alerts.push(alert("4 items wait for you"));
    update(&mut state, NOW, Event::Health(vec![health]));
    assert!(bar(&state).contains("⚠ 2 alerts, core: down since"), "{}", bar(&state));
}

#[test]
fn the_board_says_when_a_throttled_connection_goes_on_and_wakes_for_each_second_of_it() {
    let mut state = state(12, 120, 24);
    let mut health = fixture::health();
    health.state = HealthState::Throttled;
    health.next_attempt = Some(NOW.plus_ms(41_000));
    update(&mut state, NOW, Event::Health(vec![health.clone()]));
    assert!(bar(&state).contains("goes on in 0:41"), "{}", bar(&state));
    let wake = next_wake(&state).expect("the picture will differ");
    assert_eq!(wake, NOW.plus_ms(1_000));
    update(&mut state, wake, Event::Wake);
    assert!(bar(&state).contains("goes on in 0:40"), "{}", bar(&state));
    health.state = HealthState::Healthy;
    update(&mut state, NOW, Event::Health(vec![health]));
    let quiet = next_wake(&state).expect("the age of the last sync");
    assert!(quiet.since(NOW) > 5_000, "a quiet board stays still");
}

#[test]
fn an_item_is_retried_and_opened_from_the_health_view() {
    let mut state = state(12, 80, 24);
    let mut health = fixture::health();
    let item = FailedItem {
        card: fixture::id(3),
        key: "core#3".into(),
        title: "Circuit breaker".into(),
        reason: "refused".into(),
        attempts: 2,
        since: NOW,
    };
    health.failed = vec![item];
    health.failed_total = 1;
    update(&mut state, NOW, Event::Health(vec![health]));
    keys(&mut state, "g h j");
    let cards = vec![(ConnectionName::new("core"), fixture::id(3))];
    assert_eq!(keys(&mut state, "t"), vec![Effect::RetryCards(cards)]);
    assert!(said(&state).contains("1 item is tried again"));
    assert_eq!(keys(&mut state, "enter"), vec![Effect::OpenCard(fixture::id(3))]);
    assert_eq!(state.open_card(), Some(fixture::id(3)));
    keys(&mut state, "esc k");
    assert_eq!(keys(&mut state, "t"), vec![Effect::Retry(ConnectionName::new("core"))]);
}

#[test]
fn the_activity_is_read_when_it_is_gone_to_and_again_when_something_was_synchronised() {
    let mut state = state(12, 80, 24);
    let lists =
        |effects: &[Effect]| effects.iter().filter(|e| matches!(e, Effect::ListActivity { .. })).count();
    let mut health = fixture::health();
    health.stats.sent = 1;
    assert_eq!(lists(&update(&mut state, NOW, Event::Health(vec![health.clone()]))), 0, "nobody looks");
    assert_eq!(lists(&keys(&mut state, "g a")), 1);
    told(&mut state, Update::Activity { token: 1, rows: vec![], more: false });
    health.requests += 1;
    assert_eq!(lists(&update(&mut state, NOW, Event::Health(vec![health.clone()]))), 0, "nothing was sent");
    health.stats.sent = 2;
    assert_eq!(lists(&update(&mut state, NOW, Event::Health(vec![health]))), 1);
    told(&mut state, Update::Activity { token: 2, rows: vec![], more: false });
    assert_eq!(lists(&told(&mut state, Update::Conflicts(vec![]))), 1, "a decision is a row");
    assert_eq!(state.view, View::Activity);
}

#[test]
fn letters_typed_into_the_activity_filter_are_no_keys_of_the_board() {
    let mut state = state(12, 80, 24);
    keys(&mut state, "g a");
    told(&mut state, Update::Activity { token: 1, rows: vec![], more: false });
    keys(&mut state, "/ q A g b");
    assert!(!state.leaving && state.modals.is_empty());
    assert_eq!(state.view, View::Activity);
    keys(&mut state, "esc esc");
    assert_eq!(state.view, View::Board);
}
