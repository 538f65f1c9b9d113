//! The terminal's key events as presses of our own.

use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};

use crate::config::keymap::{Key, Press};

/// The key event a press is: for doing by other means what the key does.
pub fn event_of(press: Press) -> KeyEvent {
    let code = match press.key {
        Key::Char(c) => KeyCode::Char(c),
        Key::Enter => KeyCode::Enter,
        Key::Esc => KeyCode::Esc,
        Key::Tab => KeyCode::Tab,
        Key::BackTab => KeyCode::BackTab,
        Key::Backspace => KeyCode::Backspace,
        Key::Delete => KeyCode::Delete,
        Key::Insert => KeyCode::Insert,
        Key::Up => KeyCode::Up,
        Key::Down => KeyCode::Down,
        Key::Left => KeyCode::Left,
        Key::Right => KeyCode::Right,
        Key::Home => KeyCode::Home,
        Key::End => KeyCode::End,
        Key::PageUp => KeyCode::PageUp,
        Key::PageDown => KeyCode::PageDown,
        Key::F(n) => KeyCode::F(n),
    };
    let held = [
        (press.ctrl, KeyModifiers::CONTROL),
        (press.alt, KeyModifiers::ALT),
        (press.shift, KeyModifiers::SHIFT),
    ];
    let modifiers = held.into_iter().filter(|(on, _)| *on).map(|(_, m)| m).collect();
    KeyEvent::new(code, modifiers)
}

/// The press a key event is; `None` for keys that nothing can be bound to.
pub fn press_of(event: &KeyEvent) -> Option<Press> {
    let key = match event.code {
        KeyCode::Char(c) => Key::Char(c),
        KeyCode::Enter => Key::Enter,
        KeyCode::Esc => Key::Esc,
        KeyCode::Tab if event.modifiers.contains(KeyModifiers::SHIFT) => Key::BackTab,
        KeyCode::Tab => Key::Tab,
        KeyCode::BackTab => Key::BackTab,
        KeyCode::Backspace => Key::Backspace,
        KeyCode::Delete => Key::Delete,
        KeyCode::Insert => Key::Insert,
        KeyCode::Up => Key::Up,
        KeyCode::Down => Key::Down,
        KeyCode::Left => Key::Left,
        KeyCode::Right => Key::Right,
        KeyCode::Home => Key::Home,
        KeyCode::End => Key::End,
        KeyCode::PageUp => Key::PageUp,
        KeyCode::PageDown => Key::PageDown,
        KeyCode::F(n) => Key::F(n),
        _ => return None,
    };
    let shows_shift = matches!(key, Key::Char(_) | Key::BackTab);
    Some(Press {
        key,
        ctrl: event.modifiers.contains(KeyModifiers::CONTROL),
        alt: event.modifiers.contains(KeyModifiers::ALT),
        shift: !shows_shift && event.modifiers.contains(KeyModifiers::SHIFT),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_press_is_the_event_of_its_key() {
        for text in
            ["g", "G", "ctrl-x", "alt-left", "shift-f3", "backtab", "space", "f12", "pagedown", "delete"]
        {
            let chord: crate::config::keymap::Chord = text.parse().expect("a chord");
            let press = chord.presses()[0];
            assert_eq!(press_of(&event_of(press)), Some(press), "{text}");
        }
    }
}
