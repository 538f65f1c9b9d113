//! Pictures of small terminals, and of an address where there is no browser.

use super::*;
use crate::tui::layout::{LEAST, is_too_small};

#[test]
fn the_board_is_a_picture_at_every_small_size() {
    for (width, height) in [(59, 20), (40, 15), (30, 10), (20, 5)] {
        let mut state = busy(width, height);
        press(&mut state, "lj");
        check(&format!("small-{width}x{height}"), &state);
    }
}

#[test]
fn the_tab_one_is_on_is_shown_however_narrow_it_is() {
    for width in LEAST.0..60 {
        let mut state = busy(width, 12);
        for view in View::ALL {
            state.view = view;
            let top = fixture::picture(&state).lines().next().map(str::to_owned).unwrap_or_default();
            let title = view.title();
            assert!(top.contains(title), "{title} at {width}: {top}");
            let layout = layout(&state);
            let (_, tab) = layout.tabs.iter().find(|(v, _)| *v == view).expect("it has a place");
            assert_eq!(layout.hit(tab.x, tab.y), Some(Hit::Tab(view)));
        }
    }
}

#[test]
fn below_the_least_size_it_says_so_and_nothing_can_be_clicked() {
    let (least_width, least_height) = LEAST;
    for (width, height) in [(least_width - 1, 30), (80, least_height - 1), (9, 3), (5, 1), (1, 1)] {
        let state = busy(width, height);
        assert!(is_too_small(state.area));
        let told = fixture::picture(&state).replace('\n', " ");
        assert!(
            told.trim_start().starts_with(&"too small"[..usize::from(width).min(3)]) || width < 4,
            "{told}"
        );
        for y in 0..height {
            for x in 0..width {
                assert_eq!(layout(&state).hit(x, y), None);
            }
        }
    }
    let state = busy(least_width, least_height);
    assert!(!fixture::picture(&state).contains("too small"));
}

#[test]
fn an_address_has_rows_of_its_own_and_the_mouse_is_released_until_it_is_closed() {
    for (width, height) in [(80, 24), (40, 12)] {
        let mut state = fixture::state(12, width, height);
        assert!(state.takes_mouse());
        let url = format!("https://github.test/octo/app/issues/131?{}", "x".repeat(60));
        let event = Event::NoBrowser { url: url.clone(), told: format!("copied: {url}") };
        let _ = update(&mut state, NOW, event);
        assert!(!state.takes_mouse());
        let shown = fixture::picture(&state);
        let joined: String = shown.lines().filter(|l| !l.contains(' ')).collect();
        assert!(joined.contains(&url), "{shown}");
        check(&format!("address-{width}x{height}"), &state);
        // Keys of the board do nothing beneath it.
        press(&mut state, "Lx");
        assert!(state.undo.is_empty() && !state.takes_mouse());
        let escape = KeyEvent::new(KeyCode::Esc, KeyModifiers::NONE);
        let _ = update(&mut state, NOW, Event::Key(escape));
        assert!(state.takes_mouse() && state.modals.is_empty());
    }
}

#[test]
fn an_open_card_with_links_costs_no_more_to_scroll_than_without() {
    let mut state = fixture::state(9, 100, 30);
    press(&mut state, "\n");
    let plain = Meter::new(&state).frame(&state);
    let mut meter = Meter::new(&state);
    let mut linked = || {
        meter.counted.0.lock().expect("one thread").clear();
        let draw = |frame: &mut ratatui::Frame<'_>| {
            let _ = draw(&state, frame.buffer_mut());
            crate::tui::hyperlinks::weave(&state, frame.buffer_mut());
        };
        meter.terminal.draw(draw).expect("memory");
        meter.counted.0.lock().expect("one thread").len()
    };
    let first = linked();
    assert!(first > 0 && first < 1_000, "the links of one card: {first} bytes");
    assert_eq!((linked(), plain), (0, 0), "what is linked already costs nothing");
}
