//! Bindings: every default works, the user's win, and clashes are refused by name.

use proptest::prelude::*;

use super::*;

mod page;

fn written(pairs: &[(&str, &[&str])]) -> Written {
    pairs.iter().map(|(k, v)| ((*k).to_owned(), v.iter().map(|&c| c.to_owned()).collect())).collect()
}

fn own(pairs: &[(&str, &[&str])]) -> KeySettings {
    KeySettings { everywhere: written(pairs), ..KeySettings::default() }
}

/// The same, with more for one view.
fn own_in(pairs: &[(&str, &[&str])], view: Layer, more: &[(&str, &[&str])]) -> KeySettings {
    KeySettings { views: [(view, written(more))].into(), ..own(pairs) }
}

fn preset(preset: Preset) -> Keymap {
    Keymap::build(&KeySettings { preset, ..KeySettings::default() })
        .expect("the built-in bindings do not clash")
}

fn defaults() -> Keymap {
    preset(Preset::Vim)
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
fn every_default_chord_does_its_action_in_every_layer_of_it_in_both_presets() {
    for of in Preset::ALL {
        let map = preset(of);
        for &action in Action::ALL {
            for chord in action.chords_of(of) {
                for &layer in action.layers() {
                    assert_eq!(type_in(&map, layer, chord), Lookup::Action(action), "{chord} in {layer:?}");
                }
            }
        }
    }
}

#[test]
fn every_action_has_a_chord_in_the_default_preset_and_a_name_that_reads_back() {
    for &action in Action::ALL {
        assert!(!action.chords_of(Preset::default()).is_empty(), "{action}");
        assert_eq!(action.name().parse(), Ok(action));
        assert!(!crate::config::keys::KEYS.1.contains(&action.name()), "{action} is a table of [keys]");
    }
}

#[test]
fn the_standard_preset_needs_no_letter_and_has_the_palette_for_the_rest() {
    let map = preset(Preset::Standard);
    for layer in Layer::ALL {
        for (action, chords) in map.in_layer(layer) {
            let letter = |c: &Chord| matches!(c.presses()[0], Press { key: Key::Char(c), ctrl: false, alt: false, .. } if c.is_alphanumeric());
            assert!(!chords.iter().any(letter), "{action} in {layer:?}");
        }
    }
    for view in [Layer::Board, Layer::Card, Layer::Health, Layer::Mapping, Layer::Activity, Layer::Conflicts]
    {
        assert_eq!(type_in(&map, view, "ctrl-p"), Lookup::Action(Action::Palette));
    }
}

#[test]
fn a_view_has_its_own_chords_before_those_that_hold_everywhere() {
    let keys = own_in(&[("undo", &["U"])], Layer::Card, &[("undo", &["z"]), ("help", &[])]);
    let map = Keymap::build(&keys).expect("no clash");
    assert_eq!(type_in(&map, Layer::Board, "U"), Lookup::Action(Action::Undo));
    assert_eq!(type_in(&map, Layer::Card, "z"), Lookup::Action(Action::Undo));
    assert_eq!(type_in(&map, Layer::Card, "U"), Lookup::None);
    assert_eq!(type_in(&map, Layer::Card, "?"), Lookup::None);
    assert_eq!(map.hint_in(Layer::Card, Action::Undo).as_deref(), Some("z"));
    assert_eq!(map.hint(Action::Undo).as_deref(), Some("U"));
    assert_eq!(map.hint_in(Layer::Card, Action::Help), None);
}

#[test]
fn a_view_may_give_a_key_of_elsewhere_another_meaning_and_only_its_own_clashes_count() {
    let keys = own_in(&[], Layer::Health, &[("retry", &["m"])]);
    let map = Keymap::build(&keys).expect("`m` means nothing else in the health view");
    assert_eq!(type_in(&map, Layer::Health, "m"), Lookup::Action(Action::Retry));
    assert_eq!(type_in(&map, Layer::Board, "m"), Lookup::Action(Action::MoveTo));
    let error = Keymap::build(&own_in(&[], Layer::Card, &[("undo", &["q"])])).expect_err("a clash");
    assert_eq!(
        error.places(),
        [(Some(Layer::Card), "undo"), (Some(Layer::Card), "quit"), (None, "undo"), (None, "quit")]
    );
    assert_eq!(error.other_than(Action::Undo), Some(Action::Quit));
}

#[test]
fn an_action_that_a_view_has_not_is_refused_there() {
    let error = Keymap::build(&own_in(&[], Layer::Health, &[("undo", &["U"])])).expect_err("not there");
    assert_eq!(
        error.to_string(),
        "`undo` does nothing in [keys.health]: it works in [keys.board], [keys.card]"
    );
}

#[test]
fn a_letter_for_an_action_of_text_fields_is_allowed_where_no_text_is_typed() {
    let map = Keymap::build(&own_in(&[], Layer::Mapping, &[("save", &["w"])])).expect("no clash");
    assert_eq!(type_in(&map, Layer::Mapping, "w"), Lookup::Action(Action::Save));
    assert_eq!(type_in(&map, Layer::Text, "ctrl-s"), Lookup::Action(Action::Save));
}

#[test]
fn what_a_prefix_can_go_on_with_is_told_and_escape_drops_it() {
    let map = defaults();
    let mut pending = Pending::default();
    assert!(map.following(Layer::Board, &pending).is_empty());
    let press = |c| Press::plain(Key::Char(c));
    assert_eq!(map.lookup(Layer::Board, &mut pending, press('g')), Lookup::Pending);
    let told: Vec<String> =
        map.following(Layer::Board, &pending).iter().map(|f| format!("{} {}", f.rest, f.action)).collect();
    for wanted in ["g focus_top", "b view_board", "m view_mappings"] {
        assert!(told.iter().any(|t| t == wanted), "{wanted} in {told:?}");
    }
    assert_eq!(map.lookup(Layer::Board, &mut pending, Press::plain(Key::Esc)), Lookup::Dropped);
    assert!(pending.is_empty());
    let back = map.lookup(Layer::Board, &mut pending, Press::plain(Key::Esc));
    assert_eq!(back, Lookup::Action(Action::Back), "nothing was begun: escape is escape");
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
    let here = Some(Layer::Board);
    assert_eq!(error.places(), [(here, "undo"), (here, "redo"), (None, "undo"), (None, "redo")]);
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
    for text in ["e n d", "f 5", "g space", "a -", "u p"] {
        let chord: Chord = text.parse().expect(text);
        assert_eq!(chord.to_string(), text, "it would be read as another key together");
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
        assert!(action.chords_of(Preset::Vim).contains(&chord), "{chord} is not a key of {name}");
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

proptest! {
    #[test]
    fn a_chord_made_of_presses_reads_back(
        keys in proptest::collection::vec((any::<char>(), 0_u8..12, any::<bool>(), any::<bool>()), 1..5)
    ) {
        let named = [Key::Enter, Key::Tab, Key::BackTab, Key::Delete, Key::Up, Key::PageDown, Key::F(5)];
        let presses: Vec<Press> = keys
            .into_iter()
            .map(|(c, n, ctrl, alt)| {
                let key = named.get(usize::from(n)).copied().unwrap_or(Key::Char(c));
                Press { ctrl, alt, ..Press::plain(key) }
            })
            .collect();
        if let Ok(chord) = Chord::of(presses.clone()) {
            prop_assert_eq!(chord.presses(), presses.as_slice());
            prop_assert_eq!(chord.to_string().parse(), Ok(chord));
        }
    }

    #[test]
    fn no_run_of_presses_is_too_much_for_any_layer(
        keys in proptest::collection::vec(proptest::sample::select(vec!['g', 'z', 'b', 'q', 'x', ' ', '1']), 0..20)
    ) {
        let map = defaults();
        for layer in Layer::ALL {
            let mut pending = Pending::default();
            for c in &keys {
                let found = map.lookup(layer, &mut pending, Press::plain(Key::Char(*c)));
                prop_assert_eq!(found == Lookup::Pending, !pending.is_empty());
            }
        }
    }
}
