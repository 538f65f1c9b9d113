//! The terminal taken and given back: raw mode, alternate screen, mouse, paste, cursor. Given back on every way out,
//! once, and before anything else is printed.

use std::io::{self, Write};
use std::panic::{self, PanicHookInfo};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::ThreadId;

use crossterm::event::{DisableBracketedPaste, DisableMouseCapture, EnableBracketedPaste};
use crossterm::terminal::{EnterAlternateScreen, LeaveAlternateScreen, disable_raw_mode, enable_raw_mode};
use crossterm::{cursor, queue};
use tokio::sync::mpsc;

/// Whether the terminal is ours. One process has one terminal.
static TAKEN: AtomicBool = AtomicBool::new(false);

type Hook = Arc<dyn Fn(&PanicHookInfo<'_>) + Send + Sync>;

/// Holds the terminal; dropped, it gives it back and puts the former panic hook back.
pub struct Guard {
    former: Hook,
}

impl Guard {
    /// Takes the terminal. Panics of other threads than this one come out of the receiver, in words.
    pub fn take(mouse: bool) -> io::Result<(Self, mpsc::Receiver<String>)> {
        let (tell, troubles) = mpsc::channel(4);
        let former: Hook = panic::take_hook().into();
        let mut guard = Self { former: former.clone() };
        let here = std::thread::current().id();
        panic::set_hook(Box::new(move |info| on_panic(info, here, &tell, &former)));
        guard.enter(mouse)?;
        Ok((guard, troubles))
    }

    /// Takes the terminal again after it was given back.
    pub fn enter(&mut self, mouse: bool) -> io::Result<()> {
        enable_raw_mode()?;
        TAKEN.store(true, Ordering::SeqCst);
        let mut bytes = Vec::new();
        queue!(bytes, EnterAlternateScreen, EnableBracketedPaste, cursor::Hide)?;
        bytes.extend(self.set_mouse(mouse));
        write_out(&bytes)
    }

    /// The bytes that take or release the mouse.
    #[expect(clippy::unused_self, reason = "only who holds the terminal may ask")]
    pub fn set_mouse(&self, on: bool) -> Vec<u8> {
        // Presses, motion while a button is held, SGR coordinates. Not the motion of a free pointer (1003), which
        // would wake us for nothing all the time.
        let bytes: &[u8] =
            if on { b"\x1b[?1000h\x1b[?1002h\x1b[?1006h" } else { b"\x1b[?1006l\x1b[?1002l\x1b[?1000l" };
        bytes.to_vec()
    }

    /// Gives up a terminal that does not read: what would be written to it would never return. Its line discipline
    /// is set back all the same, which waits for nobody.
    #[expect(clippy::unused_self, reason = "only who holds the terminal may give it up")]
    pub fn abandon(&self) {
        TAKEN.store(false, Ordering::SeqCst);
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
    let mut bytes = Vec::new();
    let queued = queue!(
        bytes,
        crossterm::terminal::EndSynchronizedUpdate,
        DisableMouseCapture,
        DisableBracketedPaste,
        LeaveAlternateScreen,
        cursor::Show
    );
    let written = queued.and_then(|()| write_out(&bytes)).and_then(|()| disable_raw_mode());
    if let Err(error) = written {
        tracing::warn!(%error, "the terminal could not be restored");
        let _ = disable_raw_mode();
    }
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
