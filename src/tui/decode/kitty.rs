//! Keys in the kitty keyboard protocol's form (`CSI code ; modifiers u`), and in xterm's `CSI 27 ; modifiers ; code ~`.
//! A key means the same as without them: a binding never needs the protocol, it only tells more keys apart.
//! <https://sw.kovidgoyal.net/kitty/keyboard-protocol/>

use crossterm::event::{Event, KeyCode, KeyEvent, KeyEventKind, KeyModifiers};

const SHIFT: u32 = 1;
const ALT: u32 = 2;
const CONTROL: u32 = 4;
/// Super, hyper and meta: keys of the desktop, nothing can be bound to them.
const FOREIGN: u32 = 8 | 16 | 32;

/// The number of the key event that is a release.
const RELEASE: u32 = 3;

/// The protocol's own codes lie in a private area of Unicode: they are keys, never characters.
const PRIVATE: std::ops::RangeInclusive<u32> = 0xe000..=0xf8ff;

/// One argument: numbers with colons between them; what is left out is 0.
fn parts(argument: &[u8]) -> [u32; 3] {
    let text = std::str::from_utf8(argument).unwrap_or_default();
    let mut out = [0; 3];
    for (place, number) in out.iter_mut().zip(text.split(':')) {
        *place = number.parse().unwrap_or(0);
    }
    out
}

/// The key of `CSI code:shifted:base ; modifiers:kind u`; `None` for a release and for keys that nothing is bound to.
pub(super) fn key(arguments: &[u8]) -> Option<Event> {
    let mut arguments = arguments.split(|b| *b == b';');
    let code = parts(arguments.next()?);
    let [modifiers, kind, _] = parts(arguments.next().unwrap_or_default());
    if kind == RELEASE {
        return None;
    }
    pressed(code, modifiers)
}

/// The key of `CSI 27 ; modifiers ; code ~`, which tmux and xterm send when told to report other keys.
pub(super) fn other_key(arguments: &[u8]) -> Option<Event> {
    let mut arguments = arguments.split(|b| *b == b';').skip(1);
    let [modifiers, ..] = parts(arguments.next()?);
    let [code, ..] = parts(arguments.next()?);
    pressed([code, 0, 0], modifiers)
}

/// Whether a sequence of another form tells of a release: of somebody else's asking, but a key would count twice.
pub(super) fn is_release(arguments: &[u8]) -> bool {
    arguments.split(|b| *b == b';').nth(1).is_some_and(|a| parts(a)[1] == RELEASE)
}

fn pressed([code, shifted, base]: [u32; 3], modifiers: u32) -> Option<Event> {
    let bits = modifiers.saturating_sub(1);
    if bits & FOREIGN != 0 {
        return None;
    }
    let on = |bit: u32, modifier| if bits & bit == 0 { KeyModifiers::NONE } else { modifier };
    let shift = on(SHIFT, KeyModifiers::SHIFT);
    let others = on(ALT, KeyModifiers::ALT) | on(CONTROL, KeyModifiers::CONTROL);
    if let Some(named) = named(code) {
        return Some(event(named, others | shift));
    }
    let c = character(code, shifted, base, bits)?;
    // What a terminal has always sent for these three is the other key; it stays that.
    let twin = match c {
        '[' => Some(KeyCode::Esc),
        'i' => Some(KeyCode::Tab),
        'm' => Some(KeyCode::Enter),
        _ => None,
    };
    match twin {
        Some(key) if others.contains(KeyModifiers::CONTROL) => {
            Some(event(key, others - KeyModifiers::CONTROL))
        }
        _ => {
            let shows = if c.is_uppercase() { KeyModifiers::SHIFT } else { KeyModifiers::NONE };
            Some(event(KeyCode::Char(c), others | shows))
        }
    }
}

fn event(code: KeyCode, modifiers: KeyModifiers) -> Event {
    let code =
        if code == KeyCode::Tab && modifiers.contains(KeyModifiers::SHIFT) { KeyCode::BackTab } else { code };
    Event::Key(KeyEvent::new_with_kind(code, modifiers, KeyEventKind::Press))
}

/// The character a key types: with shift as the layout shifts it; with control or alt on a layout that is not Latin,
/// the one at the same place of a Latin one, as terminals without the protocol do.
fn character(code: u32, shifted: u32, base: u32, bits: u32) -> Option<char> {
    let of = |code: u32| {
        let c = char::from_u32(code).filter(|c| !c.is_control())?;
        (!PRIVATE.contains(&code)).then_some(c)
    };
    let plain = of(code)?;
    let upper = |c: char| c.to_uppercase().next().unwrap_or(c);
    let latin = (bits & (ALT | CONTROL) != 0 && !plain.is_ascii()).then(|| of(base)).flatten();
    Some(match latin.filter(char::is_ascii) {
        Some(c) if bits & SHIFT != 0 => upper(c),
        Some(c) => c,
        None if bits & SHIFT != 0 => of(shifted).filter(|_| shifted != 0).unwrap_or_else(|| upper(plain)),
        None => plain,
    })
}

/// Keys that are no character. The numbers from 57344 on are the protocol's own.
fn named(code: u32) -> Option<KeyCode> {
    Some(match code {
        9 => KeyCode::Tab,
        13 | 57414 => KeyCode::Enter,
        27 => KeyCode::Esc,
        127 => KeyCode::Backspace,
        n @ 57376..=57398 => KeyCode::F((n - 57376) as u8 + 13),
        n @ 57399..=57408 => KeyCode::Char(char::from(b'0' + (n - 57399) as u8)),
        n @ 57409..=57413 => KeyCode::Char(char::from(b"./*-+"[(n - 57409) as usize])),
        57415 => KeyCode::Char('='),
        57417 => KeyCode::Left,
        57418 => KeyCode::Right,
        57419 => KeyCode::Up,
        57420 => KeyCode::Down,
        57421 => KeyCode::PageUp,
        57422 => KeyCode::PageDown,
        57423 => KeyCode::Home,
        57424 => KeyCode::End,
        57425 => KeyCode::Insert,
        57426 => KeyCode::Delete,
        _ => return None,
    })
}
