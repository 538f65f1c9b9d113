//! Bindings: every default works, the user's win, and clashes are refused by name.

use super::*;

fn own(pairs: &[(&str, &[&str])]) -> BTreeMap<String, Vec<String>> {
    pairs.iter().map(|(k, v)| ((*k).to_owned(), v.iter().map(|&c| c.to_owned()).collect())).collect()
}

fn defaults() -> Keymap {
    Keymap::build(&BTreeMap::new()).expect("the built-in bindings do not clash")
}

/// Types a chord and returns what came of the last press.
fn type_in(map: &Keymap, layer: Layer, chord: &str) -> Lookup {
    let mut pending = Pending::default();
    let chord: Chord = chord.parse().expect("a chord");
    let mut last = Lookup::None;
    for press in chord.presses() {
        last = map.lookup(layer, &mut pending, *press);
    }
    last
}

#[test]
fn every_default_chord_does_its_action_in_every_layer_of_it() {
    let map = defaults();
    for &action in Action::ALL {
        for chord in action.default_chords() {
            for &layer in action.layers() {
                assert_eq!(type_in(&map, layer, chord), Lookup::Action(action), "{chord} in {layer:?}");
            }
        }
    }
}

#[test]
fn every_action_has_a_default_chord_and_a_name_that_reads_back() {
    for &action in Action::ALL {
        assert!(!action.default_chords().is_empty(), "{action}");
        assert_eq!(action.name().parse(), Ok(action));
    }
}

#[test]
fn the_users_chords_replace_the_built_in_ones() {
    let map = Keymap::build(&own(&[("undo", &["U", "ctrl-x u"])])).expect("no clash");
    assert_eq!(type_in(&map, Layer::Board, "U"), Lookup::Action(Action::Undo));
    assert_eq!(type_in(&map, Layer::Board, "ctrl-x u"), Lookup::Action(Action::Undo));
    assert_eq!(type_in(&map, Layer::Board, "u"), Lookup::None);
}

#[test]
fn an_empty_list_unbinds() {
    let map = Keymap::build(&own(&[("quit", &[])])).expect("no clash");
    assert_eq!(type_in(&map, Layer::Board, "q"), Lookup::None);
    assert_eq!(map.hint(Action::Quit), None);
}

#[test]
fn one_chord_for_two_actions_is_refused_with_both_names() {
    let error = Keymap::build(&own(&[("redo", &["u"])])).expect_err("a clash");
    assert_eq!(error.to_string(), "`u` is bound to both `undo` and `redo`");
    assert_eq!(error.names(), ["undo", "redo"]);
}

#[test]
fn a_chord_that_begins_another_is_refused_with_both_names() {
    let error = Keymap::build(&own(&[("undo", &["g"])])).expect_err("ambiguous");
    assert_eq!(error.to_string(), "`gg` (`focus_top`) begins with `g` (`undo`)");
}

#[test]
fn two_actions_that_are_never_active_together_may_share_a_chord() {
    let map = defaults();
    assert_eq!(type_in(&map, Layer::Board, "a"), Lookup::Action(Action::NewCard));
    assert_eq!(type_in(&map, Layer::Mapping, "a"), Lookup::Action(Action::AddRow));
}

#[test]
fn a_misspelt_action_is_refused_with_the_nearest_name() {
    let error = Keymap::build(&own(&[("focus_lft", &["h"])])).expect_err("unknown");
    assert_eq!(error.to_string(), "`focus_lft` is not an action; did you mean `focus_left`?");
    let error = Keymap::build(&own(&[("zzz", &["h"])])).expect_err("unknown");
    assert_eq!(error.to_string(), "`zzz` is not an action");
}

#[test]
fn a_text_field_keeps_its_letters() {
    let error = Keymap::build(&own(&[("save", &["s"])])).expect_err("types text");
    assert!(matches!(error, KeymapError::TypesText { action: Action::Save, .. }));
    assert_eq!(type_in(&defaults(), Layer::Text, "q"), Lookup::None);
}

#[test]
fn a_broken_chord_drops_what_was_begun_and_counts_for_itself() {
    let map = defaults();
    let mut pending = Pending::default();
    let press = |c| Press::plain(Key::Char(c));
    assert_eq!(map.lookup(Layer::Board, &mut pending, press('g')), Lookup::Pending);
    assert_eq!(pending.shown(), "g");
    assert_eq!(map.lookup(Layer::Board, &mut pending, press('j')), Lookup::Action(Action::FocusDown));
    assert!(pending.is_empty());
}

#[test]
fn chords_read_back_as_they_are_written() {
    for text in ["gm", "ctrl-d", "H", "enter", "space", "shift-left", "ctrl-x s", "f5", "alt-x", "#", "-"] {
        let chord: Chord = text.parse().expect(text);
        assert_eq!(chord.to_string(), text);
    }
    assert!("ctrl-nokey".parse::<Chord>().is_err());
    assert!("hyper-x".parse::<Chord>().is_err());
    assert!("".parse::<Chord>().is_err());
}

#[test]
fn the_keys_on_the_page_of_the_board_are_the_built_in_ones() {
    let page = include_str!("../../../docs/board.md");
    let mut rows = 0;
    for row in page.lines().filter(|l| l.starts_with("| `")) {
        let quoted: Vec<&str> = row.split('`').skip(1).step_by(2).take(2).collect();
        let [chord, name] = quoted[..] else { continue };
        let Ok(action) = name.parse::<Action>() else { continue };
        assert!(action.default_chords().contains(&chord), "{chord} is not a key of {name}");
        rows += 1;
    }
    let arranging = [
        Action::Lanes,
        Action::FoldLane,
        Action::FoldLanes,
        Action::Density,
        Action::CollapseColumn,
        Action::HideColumn,
        Action::ShowColumns,
    ];
    for action in arranging {
        assert!(page.contains(&format!("| `{}` |", action.name())), "docs/board.md does not name {action}");
    }
    assert_eq!(rows, arranging.len(), "every row is one of them");
}
