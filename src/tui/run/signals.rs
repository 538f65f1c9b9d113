//! The signals the loop listens to.

use std::io;

use signal_hook::consts::SIGTSTP;
use tokio::signal::unix::{self, SignalKind};

/// What a signal asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Signal {
    /// Leave cleanly: SIGTERM, SIGHUP.
    Leave,
    /// SIGINT from outside; the key comes as a key.
    Interrupt,
    /// Stop, sent from outside.
    Stop,
    /// The terminal has another size: SIGWINCH.
    Resize,
    /// Somebody who stopped us without asking lets us go on.
    Continue,
}

/// Listens.
pub struct Signals {
    term: unix::Signal,
    hangup: unix::Signal,
    interrupt: unix::Signal,
    resize: unix::Signal,
    stop: unix::Signal,
    go_on: unix::Signal,
}

impl Signals {
    /// Begins to listen; from here on these signals do not end the process.
    pub fn listen() -> io::Result<Self> {
        Ok(Self {
            term: unix::signal(SignalKind::terminate())?,
            hangup: unix::signal(SignalKind::hangup())?,
            interrupt: unix::signal(SignalKind::interrupt())?,
            resize: unix::signal(SignalKind::window_change())?,
            stop: unix::signal(SignalKind::from_raw(SIGTSTP))?,
            go_on: unix::signal(SignalKind::from_raw(signal_hook::consts::SIGCONT))?,
        })
    }

    /// The next one.
    pub async fn next(&mut self) -> Signal {
        tokio::select! {
            _ = self.term.recv() => Signal::Leave,
            _ = self.hangup.recv() => Signal::Leave,
            _ = self.interrupt.recv() => Signal::Interrupt,
            _ = self.resize.recv() => Signal::Resize,
            _ = self.stop.recv() => Signal::Stop,
            _ = self.go_on.recv() => Signal::Continue,
        }
    }
}

/// Stops this process as SIGTSTP would if nobody listened; returns when it is let go on.
pub fn stop_here() {
    if let Err(error) = signal_hook::low_level::emulate_default_handler(SIGTSTP) {
        tracing::warn!(%error, "the process cannot be stopped");
    }
}
