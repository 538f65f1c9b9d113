//! Bytes as real terminals send them, whole and in pieces.

use proptest::prelude::*;

use super::*;

fn events(bytes: &[u8]) -> Vec<Event> {
    let mut decoder = Decoder::default();
    decoder.feed(bytes);
    let mut out = drained(&mut decoder);
    out.extend(decoder.give_up());
    out
}

/// The events that are complete.
fn drained(decoder: &mut Decoder) -> Vec<Event> {
    let heard = std::iter::from_fn(|| decoder.next_heard());
    heard
        .filter_map(|h| match h {
            Heard::Event(event) => Some(event),
            Heard::Report(_) => None,
        })
        .collect()
}

fn one(bytes: &[u8]) -> (KeyCode, KeyModifiers) {
    match &events(bytes)[..] {
        [Event::Key(k)] => (k.code, k.modifiers),
        other => panic!("{bytes:?} gave {other:?}"),
    }
}

#[test]
fn keys_as_terminals_send_them() {
    use KeyModifiers as M;
    let table: &[(&[u8], KeyCode, KeyModifiers)] = &[
        (b"j", KeyCode::Char('j'), M::NONE),
        (b"G", KeyCode::Char('G'), M::SHIFT),
        ("é".as_bytes(), KeyCode::Char('é'), M::NONE),
        ("花".as_bytes(), KeyCode::Char('花'), M::NONE),
        (b"\r", KeyCode::Enter, M::NONE),
        (b"\t", KeyCode::Tab, M::NONE),
        (b"\x7f", KeyCode::Backspace, M::NONE),
        (b"\x04", KeyCode::Char('d'), M::CONTROL),
        (b"\x1a", KeyCode::Char('z'), M::CONTROL),
        (b"\x1b", KeyCode::Esc, M::NONE),
        (b"\x1bx", KeyCode::Char('x'), M::ALT),
        (b"\x1b[", KeyCode::Char('['), M::ALT),
        (b"\x1b[A", KeyCode::Up, M::NONE),
        (b"\x1bOA", KeyCode::Up, M::NONE),
        (b"\x1b[1;2C", KeyCode::Right, M::SHIFT),
        (b"\x1b[1;5D", KeyCode::Left, M::CONTROL),
        (b"\x1b[H", KeyCode::Home, M::NONE),
        (b"\x1b[4~", KeyCode::End, M::NONE),
        (b"\x1b[3~", KeyCode::Delete, M::NONE),
        (b"\x1b[5~", KeyCode::PageUp, M::NONE),
        (b"\x1b[6;5~", KeyCode::PageDown, M::CONTROL),
        (b"\x1bOP", KeyCode::F(1), M::NONE),
        (b"\x1b[[A", KeyCode::F(1), M::NONE),
        (b"\x1b[15~", KeyCode::F(5), M::NONE),
        (b"\x1b[24~", KeyCode::F(12), M::NONE),
        (b"\x1b[Z", KeyCode::BackTab, M::SHIFT),
        (b"\x1b[13;5u", KeyCode::Enter, M::CONTROL),
    ];
    for (bytes, code, modifiers) in table {
        assert_eq!(one(bytes), (*code, *modifiers), "{bytes:?}");
    }
}

#[test]
fn keys_of_the_kitty_protocol_mean_what_they_mean_without_it() {
    use KeyModifiers as M;
    let table: &[(&str, KeyCode, KeyModifiers)] = &[
        ("27u", KeyCode::Esc, M::NONE),
        ("27;2u", KeyCode::Esc, M::SHIFT),
        ("13;5u", KeyCode::Enter, M::CONTROL),
        ("13;2u", KeyCode::Enter, M::SHIFT),
        ("9;2u", KeyCode::BackTab, M::SHIFT),
        ("127;5u", KeyCode::Backspace, M::CONTROL),
        ("97u", KeyCode::Char('a'), M::NONE),
        ("97;5u", KeyCode::Char('a'), M::CONTROL),
        ("97:65;6u", KeyCode::Char('A'), M::CONTROL | M::SHIFT),
        ("97;4u", KeyCode::Char('A'), M::ALT | M::SHIFT),
        ("49:33;4u", KeyCode::Char('!'), M::ALT),
        ("228:196;4u", KeyCode::Char('Ä'), M::ALT | M::SHIFT),
        // A Cyrillic letter at the place of `a`, with control: the binding is on the place.
        ("1092::97;5u", KeyCode::Char('a'), M::CONTROL),
        ("1092;1u", KeyCode::Char('ф'), M::NONE),
        ("32;5u", KeyCode::Char(' '), M::CONTROL),
        // Control with these has always been another key.
        ("91;5u", KeyCode::Esc, M::NONE),
        ("105;5u", KeyCode::Tab, M::NONE),
        ("109;5u", KeyCode::Enter, M::NONE),
        // Caps lock and num lock change no binding.
        ("97;69u", KeyCode::Char('a'), M::CONTROL),
        ("97;133u", KeyCode::Char('a'), M::CONTROL),
        ("57414u", KeyCode::Enter, M::NONE),
        ("57399u", KeyCode::Char('0'), M::NONE),
        ("57413u", KeyCode::Char('+'), M::NONE),
        ("57420;5u", KeyCode::Down, M::CONTROL),
        ("57376u", KeyCode::F(13), M::NONE),
        ("128512u", KeyCode::Char('😀'), M::NONE),
        ("1;5:2A", KeyCode::Up, M::CONTROL),
        ("27;5;13~", KeyCode::Enter, M::CONTROL),
        ("27;5;9~", KeyCode::Tab, M::CONTROL),
        ("13~", KeyCode::F(3), M::NONE),
    ];
    for (rest, code, modifiers) in table {
        assert_eq!(one(format!("\x1b[{rest}").as_bytes()), (*code, *modifiers), "CSI {rest}");
    }
    // A release, a key of the desktop, a lone modifier, and a code that is no character.
    for nothing in ["97;1:3u", "1;1:3A", "97;9u", "57441;2u", "57344u", "u", "55296u"] {
        assert_eq!(events(format!("\x1b[{nothing}").as_bytes()), [], "CSI {nothing}");
    }
}

#[test]
fn answers_are_told_from_keys_wherever_they_come() {
    let mut decoder = Decoder::default();
    decoder.feed(b"j\x1b[?5u\x1b[?62;22ck");
    let all: Vec<Heard> = std::iter::from_fn(|| decoder.next_heard()).collect();
    let [
        Heard::Event(_),
        Heard::Report(Report::Keyboard),
        Heard::Report(Report::Attributes),
        Heard::Event(_),
    ] = &all[..]
    else {
        panic!("{all:?}")
    };
    // Answers to what somebody asked before us: colours, a name, a cursor's place, a mode.
    for stray in [
        "\x1b]11;rgb:1e1e/1e1e/1e1e\x1b\\",
        "\x1b]11;rgb:1e1e/1e1e/1e1e\x07",
        "\x1bP>|xterm(390)\x1b\\",
        "\x1b[12;40R",
        "\x1b[?2026;2$y",
    ] {
        let got = events(format!("{stray}j").as_bytes());
        assert_eq!(got, [key(KeyCode::Char('j'), KeyModifiers::NONE)], "{stray:?}");
    }
}

#[test]
fn what_waits_waits_the_longer_the_less_a_hand_can_have_typed_it() {
    let lone = Duration::from_millis(25);
    let wait = |bytes: &[u8]| {
        let mut decoder = Decoder::default();
        decoder.feed(bytes);
        assert_eq!(decoder.next_heard(), None);
        decoder.patience(lone)
    };
    assert_eq!(wait(b""), None);
    assert_eq!(wait(b"\x1b"), Some(lone));
    assert_eq!(wait(b"\x1b["), Some(INTRODUCER));
    for begun in [&b"\x1b[1"[..], b"\x1b[<0;3", b"\xe8\x8a", b"\x1b]11;rgb"] {
        assert_eq!(wait(begun), Some(BEGUN), "{begun:?}");
    }
    assert_eq!(wait(b"\x1b[200~half a paste"), None);
}

#[test]
fn a_sequence_that_something_else_cuts_short_takes_nothing_with_it() {
    let j = key(KeyCode::Char('j'), KeyModifiers::NONE);
    assert_eq!(events(b"\x1b[1;\x1b[Aj"), [key(KeyCode::Up, KeyModifiers::NONE), j.clone()]);
    assert_eq!(events(b"\x1b[1;\rj"), [key(KeyCode::Enter, KeyModifiers::NONE), j]);
}

#[test]
fn the_mouse_in_both_encodings() {
    let kinds = |bytes: &[u8]| -> Vec<(MouseEventKind, u16, u16)> {
        events(bytes)
            .into_iter()
            .map(|e| match e {
                Event::Mouse(m) => (m.kind, m.column, m.row),
                other => panic!("{other:?}"),
            })
            .collect()
    };
    let left = MouseButton::Left;
    assert_eq!(
        kinds(b"\x1b[<0;5;6M\x1b[<32;300;7M\x1b[<0;300;7m\x1b[<64;1;1M\x1b[<65;1;1M"),
        [
            (MouseEventKind::Down(left), 4, 5),
            (MouseEventKind::Drag(left), 299, 6),
            (MouseEventKind::Up(left), 299, 6),
            (MouseEventKind::ScrollUp, 0, 0),
            (MouseEventKind::ScrollDown, 0, 0),
        ]
    );
    assert_eq!(
        kinds(b"\x1b[M %&\x1b[M#%&"),
        [(MouseEventKind::Down(left), 4, 5), (MouseEventKind::Up(left), 4, 5)]
    );
}

#[test]
fn a_paste_is_one_event_and_what_is_in_it_is_no_command() {
    let got = events(b"a\x1b[200~one\rtwo \x1b[A q\x1b[201~b");
    assert_eq!(got.len(), 3);
    assert_eq!(got[1], Event::Paste("one\ntwo \x1b[A q".into()));
}

#[test]
fn an_escape_that_nothing_follows_is_the_key_and_rubbish_is_nothing() {
    assert_eq!(events(b"\x1b[?1;2c"), []);
    assert_eq!(events(b"\xff\xfe"), []);
    let two = events(b"\x1b\x1b");
    assert_eq!(two.len(), 2);
}

#[test]
fn a_paste_without_an_end_does_not_grow_for_ever() {
    let mut decoder = Decoder::default();
    decoder.feed(b"\x1b[200~");
    assert_eq!(decoder.next_heard(), None);
    let mut parts = 0;
    for _ in 0..40 {
        decoder.feed(&vec![b'x'; 65_536]);
        parts += usize::from(decoder.next_heard().is_some());
    }
    assert!(parts >= 2 && decoder.bytes.len() <= PASTE_MAX + 65_536);
}

/// Sequences as terminals send them, one of each kind.
const SEQUENCES: [&str; 14] = [
    "\x1b[A",
    "\x1bOB",
    "\x1bOP",
    "\x1b[1;5D",
    "\x1b[3~",
    "\x1b[15;2~",
    "\x1b[[A",
    "\x1b[13;5u",
    "\x1b[97:65;6u",
    "\x1b[27;5;9~",
    "\x1b[<0;120;30M",
    "\x1b[<0;120;30m",
    "\x1b[M %&",
    "花",
];

/// Wherever a slow link cuts a sequence: when the rest comes late but in time, it is the same event; when even the
/// escape byte alone had been given up as the key, what comes after it is still one event and no letters.
#[test]
fn a_sequence_cut_anywhere_never_becomes_letters() {
    for text in SEQUENCES {
        let bytes = text.as_bytes();
        let whole = events(bytes);
        assert_eq!(whole.len(), 1, "{text:?}");
        for cut in 1..bytes.len() {
            let mut decoder = Decoder::default();
            decoder.feed(&bytes[..cut]);
            let mut got = drained(&mut decoder);
            // The first wait is over before the rest comes.
            if decoder.patience(Duration::ZERO) == Some(Duration::ZERO) {
                got.extend(decoder.give_up());
                assert_eq!(got, [key(KeyCode::Esc, KeyModifiers::NONE)]);
                got.clear();
            }
            decoder.feed(&bytes[cut..]);
            got.extend(drained(&mut decoder));
            assert_eq!(got, whole, "{text:?} cut at {cut}");
        }
    }
}

#[test]
fn after_the_escape_key_a_person_types_what_they_type() {
    let mut decoder = Decoder::default();
    decoder.feed(b"\x1b");
    assert_eq!(drained(&mut decoder), []);
    assert_eq!(decoder.give_up(), Some(key(KeyCode::Esc, KeyModifiers::NONE)));
    decoder.feed(b"[");
    assert_eq!(drained(&mut decoder), [key(KeyCode::Char('['), KeyModifiers::NONE)]);
    decoder.feed(b"A");
    assert_eq!(drained(&mut decoder).len(), 1, "a bracket and a letter in two reads are two keys");
    decoder.feed(b"\x1b");
    assert_eq!(drained(&mut decoder), []);
    decoder.give_up();
    decoder.forget_escape();
    decoder.feed(b"[A");
    assert_eq!(drained(&mut decoder).len(), 2, "long after the escape key they are two keys");
}

proptest! {
    /// However the bytes are cut into reads, the events are the same; and any bytes at all are survived.
    #[test]
    fn cuts_between_reads_change_nothing(cut in 0_usize..60) {
        let all = "jé\x1b[1;5A\x1b[<32;30;7M花\x1b[200~p\x1b[201~\x1bx\r\x1b[15~z".as_bytes();
        let whole = events(all);
        let mut decoder = Decoder::default();
        let mut got = Vec::new();
        let cut = cut.min(all.len());
        for part in [&all[..cut], &all[cut..]] {
            decoder.feed(part);
            got.extend(drained(&mut decoder));
        }
        prop_assert_eq!(got, whole);
    }

    /// However many reads a stream of keys comes in, and wherever they are cut, the events are the same.
    #[test]
    fn any_number_of_cuts_changes_nothing(
        picks in prop::collection::vec((0..SEQUENCES.len(), any::<bool>()), 1..12),
        cuts in prop::collection::vec(any::<prop::sample::Index>(), 0..24),
    ) {
        let mut all = Vec::new();
        for (n, letter) in picks {
            all.extend_from_slice(SEQUENCES[n].as_bytes());
            all.extend_from_slice(if letter { b"j" } else { b"" });
        }
        let mut at: Vec<usize> = cuts.iter().map(|c| c.index(all.len())).chain([0, all.len()]).collect();
        at.sort_unstable();
        let mut decoder = Decoder::default();
        let mut got = Vec::new();
        for part in at.windows(2) {
            decoder.feed(&all[part[0]..part[1]]);
            got.extend(drained(&mut decoder));
        }
        prop_assert_eq!(got, events(&all));
    }

    #[test]
    fn any_bytes_are_survived(bytes in prop::collection::vec(any::<u8>(), 0..400)) {
        let _ = events(&bytes);
    }
}
