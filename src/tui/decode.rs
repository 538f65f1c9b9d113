//! The terminal's bytes as keys, mouse and pastes. Pure: bytes in, events out.
//!
//! Corkboard reads the terminal itself. Crossterm's reader waits for edges and gives up the ones that come together
//! with a resize: keys typed in that moment would then wait for the next key.
//! Sequences: <https://invisible-island.net/xterm/ctlseqs/ctlseqs.html>.

use std::collections::VecDeque;
use std::time::Duration;

use crossterm::event::{Event, KeyCode, KeyEvent, KeyModifiers, MouseButton, MouseEvent, MouseEventKind};

mod kitty;

/// The most of one paste that is kept together; a longer one comes in parts.
const PASTE_MAX: usize = 1 << 20;
/// No control sequence is longer; what is longer is rubbish.
const SEQUENCE_MAX: usize = 64;

const ESC: u8 = 0x1b;
const PASTE_END: &[u8] = b"\x1b[201~";

/// How long `ESC [` and `ESC O` wait: they begin nearly everything a terminal sends, and are alt-[ and alt-O, which
/// nobody is in a hurry for.
const INTRODUCER: Duration = Duration::from_millis(500);
/// How long anything longer waits for its end. No hand types that: over a bad link the rest comes late, and must not
/// become letters, each of which is bound to something.
const BEGUN: Duration = Duration::from_secs(5);
/// The most of a string that a terminal answers; what is longer is rubbish.
const STRING_MAX: usize = 4096;

/// What a terminal says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Heard {
    /// A key, the mouse, a paste, the focus.
    Event(Event),
    /// An answer to what it was asked.
    Report(Report),
}

/// An answer of the terminal.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Report {
    /// It speaks the kitty keyboard protocol (`CSI ? flags u`).
    Keyboard,
    /// Its primary device attributes (`CSI ? .. c`), which every terminal tells: all questions before are answered.
    Attributes,
}

/// Turns bytes into events.
#[derive(Debug, Default)]
pub struct Decoder {
    bytes: VecDeque<u8>,
    pasting: bool,
    /// An escape byte was just given up as the key.
    gave_escape: bool,
}

/// What the bytes begin with.
enum Found {
    /// So many bytes, and what they mean, if anything.
    Heard(usize, Option<Heard>),
    /// A paste begins after so many bytes.
    Paste(usize),
    /// It is not complete.
    More,
}

impl Decoder {
    /// Takes bytes.
    pub fn feed(&mut self, bytes: &[u8]) {
        // The escape byte was taken for the key, and now comes what belonged to it.
        if std::mem::take(&mut self.gave_escape) && self.bytes.is_empty() && is_rest(bytes) {
            self.bytes.push_back(ESC);
        }
        self.bytes.extend(bytes);
    }

    /// How long what has begun may wait for its end, after which it is to be given up; `lone` is for an escape byte
    /// by itself, which may be the key. `None` when nothing has begun.
    pub fn patience(&self, lone: Duration) -> Option<Duration> {
        let second = self.bytes.get(1).copied();
        match (self.bytes.len(), second) {
            _ if self.pasting => None,
            (0, _) => None,
            (1, _) if self.bytes[0] == ESC => Some(lone),
            (2, Some(b'[' | b'O')) => Some(INTRODUCER),
            _ => Some(BEGUN),
        }
    }

    /// The escape key that was given up was one: what comes now is no longer taken for the rest of a sequence.
    pub fn forget_escape(&mut self) {
        self.gave_escape = false;
    }

    /// The next thing that is complete.
    pub fn next_heard(&mut self) -> Option<Heard> {
        loop {
            if self.bytes.is_empty() {
                return None;
            }
            if self.pasting {
                return self.paste().map(Heard::Event);
            }
            match found(self.bytes.make_contiguous()) {
                Found::More => return None,
                Found::Paste(length) => {
                    self.bytes.drain(..length);
                    self.pasting = true;
                }
                Found::Heard(length, heard) => {
                    self.bytes.drain(..length);
                    if heard.is_some() {
                        return heard;
                    }
                }
            }
        }
    }

    /// Nothing followed in time: what has begun is all there is.
    pub fn give_up(&mut self) -> Option<Event> {
        if self.pasting {
            return None;
        }
        let bytes: Vec<u8> = self.bytes.drain(..).collect();
        self.gave_escape = bytes == [ESC];
        match bytes[..] {
            [ESC] => Some(key(KeyCode::Esc, KeyModifiers::NONE)),
            [ESC, c @ (b'[' | b'O')] => Some(key(KeyCode::Char(char::from(c)), KeyModifiers::ALT)),
            _ => None,
        }
    }

    fn paste(&mut self) -> Option<Event> {
        let bytes = self.bytes.make_contiguous();
        let end = bytes.windows(PASTE_END.len()).position(|w| w == PASTE_END);
        let (taken, dropped) = match end {
            Some(at) => (at, PASTE_END.len()),
            None if bytes.len() > PASTE_MAX => (PASTE_MAX, 0),
            None => return None,
        };
        // Terminals send a paste's line ends as the enter key would.
        let text = String::from_utf8_lossy(&bytes[..taken]).replace("\r\n", "\n").replace('\r', "\n");
        self.pasting = end.is_none();
        self.bytes.drain(..taken + dropped);
        Some(Event::Paste(text))
    }
}

fn key(code: KeyCode, modifiers: KeyModifiers) -> Event {
    Event::Key(KeyEvent::new(code, modifiers))
}

/// So many bytes that mean an event, or nothing.
fn event(length: usize, event: Option<Event>) -> Found {
    Found::Heard(length, event.map(Heard::Event))
}

/// Whether bytes that came together are what follows an escape byte in one sequence, and nothing else.
fn is_rest(bytes: &[u8]) -> bool {
    if bytes.len() < 2 || !matches!(bytes[0], b'[' | b'O') {
        return false;
    }
    let whole: Vec<u8> = std::iter::once(ESC).chain(bytes.iter().copied()).collect();
    match found(&whole) {
        Found::Heard(length, Some(_)) | Found::Paste(length) => length == whole.len(),
        _ => false,
    }
}

fn found(bytes: &[u8]) -> Found {
    match bytes {
        [ESC] => Found::More,
        [ESC, b'[', rest @ ..] => sequence(rest),
        [ESC, b'O', rest @ ..] => match rest.first() {
            None => Found::More,
            Some(last) => {
                let code = letter_key(*last).or_else(|| function_letter(*last));
                event(3, code.map(|c| key(c, KeyModifiers::NONE)))
            }
        },
        [ESC, ESC, ..] => event(1, Some(key(KeyCode::Esc, KeyModifiers::NONE))),
        // Strings are answers to questions of somebody who had the terminal before.
        [ESC, b']', b'0'..=b'9', ..] | [ESC, b'P', b'0'..=b'9' | b'>' | b'!' | b'$', ..] => string(bytes),
        [ESC, rest @ ..] => match typed(rest) {
            Found::Heard(length, Some(Heard::Event(Event::Key(mut pressed)))) => {
                pressed.modifiers |= KeyModifiers::ALT;
                event(length + 1, Some(Event::Key(pressed)))
            }
            Found::Heard(length, other) => Found::Heard(length + 1, other),
            more => more,
        },
        _ => typed(bytes),
    }
}

/// A string sequence, up to its end: BEL, or ESC and what follows it. It means nothing to us.
fn string(bytes: &[u8]) -> Found {
    let end = bytes.iter().skip(2).position(|b| matches!(*b, 7 | ESC)).map(|at| at + 2);
    match end {
        Some(at) if bytes[at] == 7 => event(at + 1, None),
        Some(at) => match bytes.get(at + 1) {
            None => Found::More,
            Some(b'\\') => event(at + 2, None),
            Some(_) => event(at, None),
        },
        None if bytes.len() > STRING_MAX => event(bytes.len(), None),
        None => Found::More,
    }
}

/// A character or a control key.
fn typed(bytes: &[u8]) -> Found {
    let plain = |code| event(1, Some(key(code, KeyModifiers::NONE)));
    let control = |c: u8| event(1, Some(key(KeyCode::Char(char::from(c)), KeyModifiers::CONTROL)));
    match bytes[0] {
        b'\r' => plain(KeyCode::Enter),
        b'\t' => plain(KeyCode::Tab),
        0x7f => plain(KeyCode::Backspace),
        0 => control(b' '),
        c @ 0x01..=0x1a => control(c - 1 + b'a'),
        c @ 0x1c..=0x1f => control(c - 0x1c + b'4'),
        first => character(bytes, first),
    }
}

fn character(bytes: &[u8], first: u8) -> Found {
    let length = match first {
        0x00..=0x7f => 1,
        0xc2..=0xdf => 2,
        0xe0..=0xef => 3,
        0xf0..=0xf4 => 4,
        _ => return event(1, None),
    };
    let Some(encoded) = bytes.get(..length) else {
        // More may come, unless what is here cannot go on.
        let rotten = bytes[1..].iter().any(|b| b & 0xc0 != 0x80);
        return if rotten { event(1, None) } else { Found::More };
    };
    let Some(c) = std::str::from_utf8(encoded).ok().and_then(|s| s.chars().next()) else {
        return event(1, None);
    };
    let shift = if c.is_uppercase() { KeyModifiers::SHIFT } else { KeyModifiers::NONE };
    event(length, Some(key(KeyCode::Char(c), shift)))
}

/// What follows `ESC [`.
fn sequence(rest: &[u8]) -> Found {
    let Some(end) = rest.iter().position(|b| !(0x20..=0x3f).contains(b)) else {
        return if rest.len() > SEQUENCE_MAX { event(rest.len() + 2, None) } else { Found::More };
    };
    let (arguments, last) = (&rest[..end], rest[end]);
    if !(0x40..=0x7e).contains(&last) {
        // What has no place in a sequence ends it: another begins, or something was lost on the way.
        return event(end + 2, None);
    }
    let length = end + 3;
    match (arguments, last) {
        // The Linux console's function keys.
        ([], b'[') => match rest.get(1) {
            None => Found::More,
            Some(c @ b'A'..=b'E') => event(4, Some(key(KeyCode::F(c - b'A' + 1), KeyModifiers::NONE))),
            Some(_) => event(4, None),
        },
        ([], b'M') => match rest.get(1..4) {
            None => Found::More,
            Some(&[button, x, y]) => {
                let at = (u16::from(x.saturating_sub(32)), u16::from(y.saturating_sub(32)));
                event(6, mouse(u16::from(button.saturating_sub(32)), at, None))
            }
            Some(_) => event(length, None),
        },
        ([b'<', numbers @ ..], b'M' | b'm') => {
            let reported = match numbers_of(numbers)[..] {
                [button, x, y] => mouse(button, (x, y), Some(last == b'm')),
                _ => None,
            };
            event(length, reported)
        }
        (_, b'~') if numbers_of(arguments).first() == Some(&200) => Found::Paste(length),
        ([b'?', ..], b'u') => Found::Heard(length, Some(Heard::Report(Report::Keyboard))),
        ([b'?', ..], b'c') => Found::Heard(length, Some(Heard::Report(Report::Attributes))),
        (_, b'u') => event(length, kitty::key(arguments)),
        ([b'2', b'7', b';', ..], b'~') => event(length, kitty::other_key(arguments)),
        ([], b'I') => event(length, Some(Event::FocusGained)),
        ([], b'O') => event(length, Some(Event::FocusLost)),
        _ if kitty::is_release(arguments) => event(length, None),
        _ => event(length, named_key(&numbers_of(arguments), last)),
    }
}

fn numbers_of(text: &[u8]) -> Vec<u16> {
    let text = std::str::from_utf8(text).unwrap_or_default();
    // A number may have parts behind a colon, which say what we do not ask.
    text.split(';').map(|n| n.split(':').next().unwrap_or_default().parse().unwrap_or(0)).collect()
}

fn named_key(numbers: &[u16], last: u8) -> Option<Event> {
    let modifiers = modifiers(numbers.get(1).copied().unwrap_or(1));
    let code = match last {
        b'~' => tilde_key(*numbers.first()?)?,
        b'Z' => return Some(key(KeyCode::BackTab, modifiers | KeyModifiers::SHIFT)),
        // The number before the modifiers is 1, or left out: a cursor's place ends in a letter too.
        letter if numbers.first().is_none_or(|n| *n <= 1) => {
            letter_key(letter).or_else(|| function_letter(letter))?
        }
        _ => return None,
    };
    Some(key(code, modifiers))
}

fn letter_key(letter: u8) -> Option<KeyCode> {
    Some(match letter {
        b'A' => KeyCode::Up,
        b'B' => KeyCode::Down,
        b'C' => KeyCode::Right,
        b'D' => KeyCode::Left,
        b'H' => KeyCode::Home,
        b'F' => KeyCode::End,
        b'M' => KeyCode::Enter,
        _ => return None,
    })
}

fn function_letter(letter: u8) -> Option<KeyCode> {
    (b'P'..=b'S').contains(&letter).then(|| KeyCode::F(letter - b'P' + 1))
}

fn tilde_key(number: u16) -> Option<KeyCode> {
    Some(match number {
        1 | 7 => KeyCode::Home,
        2 => KeyCode::Insert,
        3 => KeyCode::Delete,
        4 | 8 => KeyCode::End,
        5 => KeyCode::PageUp,
        6 => KeyCode::PageDown,
        n @ 11..=15 => KeyCode::F((n - 10) as u8),
        n @ 17..=21 => KeyCode::F((n - 11) as u8),
        n @ 23..=24 => KeyCode::F((n - 12) as u8),
        _ => return None,
    })
}

/// Modifiers as xterm counts them: one more than the sum of shift 1, alt 2, control 4.
fn modifiers(number: u16) -> KeyModifiers {
    let bits = number.saturating_sub(1);
    let mut out = KeyModifiers::NONE;
    for (bit, modifier) in [(1, KeyModifiers::SHIFT), (2, KeyModifiers::ALT), (4, KeyModifiers::CONTROL)] {
        if bits & bit != 0 {
            out |= modifier;
        }
    }
    out
}

/// A mouse report. `up` is what the SGR form says of the release; the older form names it by a button of its own.
fn mouse(code: u16, at: (u16, u16), up: Option<bool>) -> Option<Event> {
    let button = match code & 3 {
        0 => Some(MouseButton::Left),
        1 => Some(MouseButton::Middle),
        2 => Some(MouseButton::Right),
        _ => None,
    };
    let kind = match (code & 64 != 0, code & 32 != 0, button) {
        (true, _, _) => match code & 3 {
            0 => MouseEventKind::ScrollUp,
            1 => MouseEventKind::ScrollDown,
            2 => MouseEventKind::ScrollLeft,
            _ => MouseEventKind::ScrollRight,
        },
        (false, _, Some(button)) if up == Some(true) => MouseEventKind::Up(button),
        (false, true, Some(button)) => MouseEventKind::Drag(button),
        (false, true, None) => MouseEventKind::Moved,
        (false, false, Some(button)) => MouseEventKind::Down(button),
        (false, false, None) => MouseEventKind::Up(MouseButton::Left),
    };
    let mut modifiers = KeyModifiers::NONE;
    for (bit, modifier) in [(4, KeyModifiers::SHIFT), (8, KeyModifiers::ALT), (16, KeyModifiers::CONTROL)] {
        if code & bit != 0 {
            modifiers |= modifier;
        }
    }
    let (column, row) = (at.0.checked_sub(1)?, at.1.checked_sub(1)?);
    Some(Event::Mouse(MouseEvent { kind, column, row, modifiers }))
}

#[cfg(test)]
mod tests;
