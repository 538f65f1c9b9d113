//! Key presses and sequences of them, in a form of our own: no terminal library here.

use std::fmt;
use std::str::FromStr;

/// A key, without its modifiers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Key {
    /// A character, shift already applied.
    Char(char),
    /// Enter.
    Enter,
    /// Escape.
    Esc,
    /// Tab.
    Tab,
    /// Shift and tab.
    BackTab,
    /// Backspace.
    Backspace,
    /// Delete.
    Delete,
    /// Insert.
    Insert,
    /// Arrow up.
    Up,
    /// Arrow down.
    Down,
    /// Arrow left.
    Left,
    /// Arrow right.
    Right,
    /// Home.
    Home,
    /// End.
    End,
    /// Page up.
    PageUp,
    /// Page down.
    PageDown,
    /// A function key, from 1.
    F(u8),
}

/// The keys that are written as a word.
const NAMED: [(&str, Key); 17] = [
    ("space", Key::Char(' ')),
    ("enter", Key::Enter),
    ("esc", Key::Esc),
    ("tab", Key::Tab),
    ("backtab", Key::BackTab),
    ("backspace", Key::Backspace),
    ("delete", Key::Delete),
    ("insert", Key::Insert),
    ("up", Key::Up),
    ("down", Key::Down),
    ("left", Key::Left),
    ("right", Key::Right),
    ("home", Key::Home),
    ("end", Key::End),
    ("pageup", Key::PageUp),
    ("pagedown", Key::PageDown),
    ("minus", Key::Char('-')),
];

/// One press: a key with its modifiers. Shift is set only where the key itself does not show it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Press {
    /// The key.
    pub key: Key,
    /// Control is held.
    pub ctrl: bool,
    /// Alt is held.
    pub alt: bool,
    /// Shift is held; never set for a character.
    pub shift: bool,
}

impl Press {
    /// A key without modifiers.
    pub fn plain(key: Key) -> Self {
        Self { key, ctrl: false, alt: false, shift: false }
    }

    /// Whether it types a character.
    pub fn is_text(self) -> bool {
        matches!(self.key, Key::Char(_)) && !self.ctrl && !self.alt
    }

    fn parse(text: &str) -> Result<Self, String> {
        let mut press = Self::plain(Key::Esc);
        let mut rest = text;
        loop {
            let (modifier, after) = match rest.split_once('-') {
                Some((m, after)) if !after.is_empty() => (m.to_ascii_lowercase(), after),
                _ => break,
            };
            match modifier.as_str() {
                "ctrl" | "c" => press.ctrl = true,
                "alt" | "a" => press.alt = true,
                "shift" | "s" => press.shift = true,
                _ => return Err(format!("`{modifier}` is no modifier; use ctrl, alt or shift")),
            }
            rest = after;
        }
        press.key = Self::key(rest)?;
        if let (Key::Char(c), true) = (press.key, press.shift) {
            press.key = Key::Char(c.to_uppercase().next().unwrap_or(c));
            press.shift = false;
        }
        if press.key == Key::Tab && press.shift {
            press = Self { key: Key::BackTab, shift: false, ..press };
        }
        Ok(press)
    }

    fn key(text: &str) -> Result<Key, String> {
        let lower = text.to_ascii_lowercase();
        if let Some((_, key)) = NAMED.iter().find(|(name, _)| *name == lower) {
            return Ok(*key);
        }
        if let Some(n) = lower.strip_prefix('f').and_then(|n| n.parse().ok()).filter(|n| (1..=24).contains(n))
        {
            return Ok(Key::F(n));
        }
        let mut chars = text.chars();
        match (chars.next(), chars.next()) {
            (Some(c), None) if !c.is_control() => Ok(Key::Char(c)),
            _ => Err(format!("`{text}` is no key")),
        }
    }
}

impl fmt::Display for Press {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (on, word) in [(self.ctrl, "ctrl-"), (self.alt, "alt-"), (self.shift, "shift-")] {
            if on {
                f.write_str(word)?;
            }
        }
        if let Some((name, _)) = NAMED.iter().find(|(name, key)| *key == self.key && *name != "minus") {
            return f.write_str(name);
        }
        match self.key {
            Key::Char(c) => write!(f, "{c}"),
            Key::F(n) => write!(f, "f{n}"),
            _ => Ok(()),
        }
    }
}

/// The most presses a chord has.
const LONGEST: usize = 4;

/// One press, or several after one another: `G`, `ctrl-d`, `gm`, `ctrl-x s`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Chord(Vec<Press>);

impl Chord {
    /// A chord of these presses, one after another.
    ///
    /// # Errors
    /// None, more than four, or a key that cannot be written down; says which.
    pub fn of(presses: Vec<Press>) -> Result<Self, String> {
        let chord = match presses.len() {
            0 => return Err("a chord needs at least one key".into()),
            1..=LONGEST => Self(presses),
            n => return Err(format!("a chord of {n} keys is too long; {LONGEST} is the most")),
        };
        let text = chord.to_string();
        if text.parse().as_ref() == Ok(&chord) {
            Ok(chord)
        } else {
            Err(format!("`{text}` cannot be written down"))
        }
    }

    /// The presses, in order; at least one.
    pub fn presses(&self) -> &[Press] {
        &self.0
    }

    /// Whether typing `self` types the whole of `other` on the way, or the same.
    pub fn covers(&self, other: &Self) -> bool {
        self.0.starts_with(&other.0)
    }
}

impl FromStr for Chord {
    type Err = String;

    /// Words are presses; a word that is no key's name is one press for each of its characters.
    fn from_str(s: &str) -> Result<Self, Self::Err> {
        let mut presses = Vec::new();
        for word in s.split_whitespace() {
            let spelled = word.chars().count() > 1 && !word.contains('-') && Press::key(word).is_err();
            if spelled {
                presses.extend(word.chars().map(|c| Press::plain(Key::Char(c))));
            } else {
                presses.push(Press::parse(word)?);
            }
        }
        match presses.len() {
            0 => Err("a chord needs at least one key".into()),
            1..=LONGEST => Ok(Self(presses)),
            n => Err(format!("a chord of {n} keys is too long; {LONGEST} is the most")),
        }
    }
}

impl fmt::Display for Chord {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let plain = |p: &Press| p.is_text() && !matches!(p.key, Key::Char(' ' | '-'));
        let word: String = self.0.iter().map(ToString::to_string).collect();
        // Letters that would spell a key's name, such as `e n d`, stand apart.
        let spelled = self.0.iter().all(plain) && (self.0.len() == 1 || Press::key(&word).is_err());
        for (n, press) in self.0.iter().enumerate() {
            if n > 0 && !spelled {
                f.write_str(" ")?;
            }
            press.fmt(f)?;
        }
        Ok(())
    }
}
