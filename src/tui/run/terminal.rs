//! The terminal taken and given back: raw mode, alternate screen, mouse, paste, keyboard, title, cursor. Given back on
//! every way out, once, and before anything else is printed.

use std::io::{self, Write};
use std::panic::{self, PanicHookInfo};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::ThreadId;

use crossterm::event::{DisableBracketedPaste, DisableMouseCapture, EnableBracketedPaste};
use crossterm::terminal::{EnterAlternateScreen, LeaveAlternateScreen, disable_raw_mode, enable_raw_mode};
use crossterm::{cursor, queue};
use tokio::sync::mpsc;

use super::title;

/// Whether the terminal is ours. One process has one terminal.
static TAKEN: AtomicBool = AtomicBool::new(false);
/// Whether its keyboard speaks the kitty protocol at our wish.
static KEYBOARD: AtomicBool = AtomicBool::new(false);
/// Whether its title is ours.
static TITLE: AtomicBool = AtomicBool::new(false);

/// Asks whether the terminal speaks the kitty keyboard protocol, and then for its attributes, which every terminal
/// tells: whoever does not answer the first has answered the second.
pub const QUESTION: &[u8] = b"\x1b[?u\x1b[c";
/// Disambiguated keys (1), with the keys of shift and of the Latin layout (4): without those alt-! and, on a layout
/// that is not Latin, ctrl-a could be told worse than without the protocol. Neither releases nor plain letters as
/// sequences: they would cost bytes and mean nothing to us.
const KEYS_ON: &[u8] = b"\x1b[>5u";
const KEYS_OFF: &[u8] = b"\x1b[<u";

type Hook = Arc<dyn Fn(&PanicHookInfo<'_>) + Send + Sync>;

/// Holds the terminal; dropped, it gives it back and puts the former panic hook back.
pub struct Guard {
    former: Hook,
    /// Whether the keyboard can speak the kitty protocol, as the terminal answered.
    keyboard: bool,
    /// Whether the mouse is taken.
    mouse: bool,
}

impl Guard {
    /// Takes the terminal. Panics of other threads than this one come out of the receiver, in words.
    pub fn take(mouse: bool, title: bool) -> io::Result<(Self, mpsc::Receiver<String>)> {
        let (tell, troubles) = mpsc::channel(4);
        let former: Hook = panic::take_hook().into();
        let mut guard = Self { former: former.clone(), keyboard: false, mouse: false };
        let here = std::thread::current().id();
        panic::set_hook(Box::new(move |info| on_panic(info, here, &tell, &former)));
        guard.enter(mouse, title)?;
        Ok((guard, troubles))
    }

    /// Takes the terminal again after it was given back.
    pub fn enter(&mut self, mouse: bool, title: bool) -> io::Result<()> {
        enable_raw_mode()?;
        TAKEN.store(true, Ordering::SeqCst);
        let mut bytes = Vec::new();
        // Who was stopped from outside comes back without having given anything back: what is kept is not kept again.
        if title && !TITLE.swap(true, Ordering::SeqCst) {
            bytes.extend_from_slice(title::KEEP);
        }
        queue!(bytes, EnterAlternateScreen, EnableBracketedPaste, cursor::Hide)?;
        self.mouse = false;
        bytes.extend_from_slice(self.set_mouse(mouse));
        if self.keyboard {
            if KEYBOARD.load(Ordering::SeqCst) {
                bytes.extend_from_slice(KEYS_OFF);
            }
            bytes.extend_from_slice(self.speak());
        }
        write_out(&bytes)
    }

    /// The bytes that take or release the mouse; none when it is so already.
    pub fn set_mouse(&mut self, on: bool) -> &'static [u8] {
        // Presses, motion while a button is held, SGR coordinates. Not the motion of a free pointer (1003), which
        // would wake us for nothing all the time.
        match (std::mem::replace(&mut self.mouse, on), on) {
            (false, true) => b"\x1b[?1000h\x1b[?1002h\x1b[?1006h",
            (true, false) => b"\x1b[?1006l\x1b[?1002l\x1b[?1000l",
            _ => b"",
        }
    }

    /// The terminal has said that its keyboard can speak the kitty protocol: it shall when it is taken again.
    pub fn can_speak(&mut self) {
        self.keyboard = true;
    }

    /// The bytes that let the keyboard speak the kitty protocol, which the terminal has said it knows. The flags are
    /// the alternate screen's own, so they come after it and go before it.
    pub fn speak(&mut self) -> &'static [u8] {
        self.keyboard = true;
        KEYBOARD.store(true, Ordering::SeqCst);
        KEYS_ON
    }

    /// Gives up a terminal that does not read: what would be written to it would never return. Its line discipline
    /// is set back all the same, which waits for nobody.
    #[expect(clippy::unused_self, reason = "only who holds the terminal may give it up")]
    pub fn abandon(&self) {
        for ours in [&TAKEN, &KEYBOARD, &TITLE] {
            ours.store(false, Ordering::SeqCst);
        }
        if let Err(error) = disable_raw_mode() {
            tracing::warn!(%error, "the terminal could not be restored");
        }
    }

    /// Gives the terminal back; a second time does nothing.
    #[expect(clippy::unused_self, reason = "only who holds the terminal may give it back")]
    pub fn restore(&self) {
        restore();
    }
}

impl Drop for Guard {
    fn drop(&mut self) {
        restore();
        // A hook cannot be changed while a panic unwinds.
        if !std::thread::panicking() {
            let former = self.former.clone();
            panic::set_hook(Box::new(move |info| former(info)));
        }
    }
}

fn restore() {
    if !TAKEN.swap(false, Ordering::SeqCst) {
        return;
    }
    let bytes = farewell(KEYBOARD.swap(false, Ordering::SeqCst), TITLE.swap(false, Ordering::SeqCst));
    let written = bytes.and_then(|bytes| write_out(&bytes)).and_then(|()| disable_raw_mode());
    if let Err(error) = written {
        tracing::warn!(%error, "the terminal could not be restored");
        let _ = disable_raw_mode();
    }
}

/// The bytes that make the terminal as it was, whatever of it we had.
fn farewell(keyboard: bool, title: bool) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    queue!(bytes, crossterm::terminal::EndSynchronizedUpdate)?;
    if keyboard {
        bytes.extend_from_slice(KEYS_OFF);
    }
    if title {
        bytes.extend_from_slice(title::BACK);
    }
    queue!(bytes, DisableMouseCapture, DisableBracketedPaste, LeaveAlternateScreen, cursor::Show)?;
    Ok(bytes)
}

fn write_out(bytes: &[u8]) -> io::Result<()> {
    let mut out = io::stdout().lock();
    out.write_all(bytes)?;
    out.flush()
}

/// The loop's own panic gives the terminal back before it is printed; another thread's must not print over a live
/// screen: it is logged, and told in the status bar.
fn on_panic(info: &PanicHookInfo<'_>, here: ThreadId, tell: &mpsc::Sender<String>, former: &Hook) {
    let ours = std::thread::current().id() == here;
    if ours || !TAKEN.load(Ordering::SeqCst) {
        restore();
        former(info);
        return;
    }
    let what = info.payload_as_str().unwrap_or("no message");
    let place = info.location().map(ToString::to_string).unwrap_or_default();
    tracing::error!(%what, %place, "a task panicked");
    let _ = tell.try_send(format!("something failed inside, see the log: {what}"));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_farewell_undoes_what_was_done_and_nothing_else() {
        let said = |keyboard, title| {
            String::from_utf8(farewell(keyboard, title).expect("memory"))
                .expect("ASCII")
                .replace('\u{1b}', "^")
        };
        for always in ["^[?2026l", "^[?1000l", "^[?1002l", "^[?1006l", "^[?2004l", "^[?1049l", "^[?25h"] {
            assert!(said(false, false).contains(always), "{always}");
        }
        assert!(!said(false, false).contains("[<u") && !said(false, false).contains("]2;"));
        let all = said(true, true);
        assert!(all.find("^[<u") < all.find("^[?1049l"), "the flags are those of the alternate screen");
        assert!(all.find("^]2;^\\") < all.find("^[23;2t"), "the kept title comes last");
    }

    #[test]
    fn the_mouse_is_asked_for_once() {
        let mut guard = Guard { former: Arc::new(|_| {}), keyboard: false, mouse: false };
        assert!(guard.set_mouse(false).is_empty());
        assert!(!guard.set_mouse(true).is_empty() && guard.set_mouse(true).is_empty());
        assert!(!guard.set_mouse(false).is_empty() && guard.set_mouse(false).is_empty());
        std::mem::forget(guard);
    }
}
