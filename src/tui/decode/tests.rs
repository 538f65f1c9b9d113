//! Bytes as real terminals send them, whole and in pieces.

use proptest::prelude::*;

use super::*;

fn events(bytes: &[u8]) -> Vec<Event> {
    let mut decoder = Decoder::default();
    decoder.feed(bytes);
    let mut out: Vec<Event> = std::iter::from_fn(|| decoder.next_event()).collect();
    out.extend(decoder.give_up());
    out
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
    assert_eq!(decoder.next_event(), None);
    let mut parts = 0;
    for _ in 0..40 {
        decoder.feed(&vec![b'x'; 65_536]);
        parts += usize::from(decoder.next_event().is_some());
    }
    assert!(parts >= 2 && decoder.bytes.len() <= PASTE_MAX + 65_536);
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
            got.extend(std::iter::from_fn(|| decoder.next_event()));
        }
        prop_assert_eq!(got, whole);
    }

    #[test]
    fn any_bytes_are_survived(bytes in prop::collection::vec(any::<u8>(), 0..400)) {
        let _ = events(&bytes);
    }
}
