//! What comes from the terminal: read when there is something, by the loop itself, without a thread of its own.

use std::fs::File;
use std::io::{self, ErrorKind, Read};
use std::os::fd::AsFd;
use std::time::Duration;

use tokio::io::Interest;
use tokio::io::unix::AsyncFd;
use tokio::time::Instant;

use crate::tui::decode::{Decoder, Heard};

/// How long an escape byte waits for what belongs to it. A sequence comes in one piece, or nearly so.
const ESCAPE: Duration = Duration::from_millis(25);
/// The same where a network lies between and may cut it in two. On such a link nobody notices the difference.
const ESCAPE_FAR: Duration = Duration::from_millis(100);
/// How long after an escape key something may come that was cut off from it.
const LATE: Duration = Duration::from_secs(1);
/// Bytes taken at once.
const CHUNK: usize = 4096;

/// The terminal's input. Dropped, nothing is read any more: what is typed then belongs to somebody else.
pub struct Input {
    terminal: AsyncFd<File>,
    decoder: Decoder,
    /// How long an escape byte waits.
    escape: Duration,
    /// When an escape byte was given up as the key.
    gave_up: Option<Instant>,
}

impl Input {
    /// Opens standard input; `remote` is whether the terminal is on another machine.
    pub fn open(remote: bool) -> io::Result<Self> {
        let escape = if remote { ESCAPE_FAR } else { ESCAPE };
        Ok(Self { terminal: listen()?, decoder: Decoder::default(), escape, gave_up: None })
    }

    /// The next key, report or the like. May be dropped while it waits without losing anything.
    pub async fn next(&mut self) -> io::Result<Heard> {
        loop {
            if let Some(heard) = self.decoder.next_heard() {
                return Ok(heard);
            }
            let Some(patience) = self.decoder.patience(self.escape) else {
                self.read().await?;
                continue;
            };
            match tokio::time::timeout(patience, self.read()).await {
                Ok(read) => read?,
                Err(_) => {
                    if let Some(event) = self.decoder.give_up() {
                        self.gave_up = Some(Instant::now());
                        return Ok(Heard::Event(event));
                    }
                }
            }
        }
    }

    /// Waits until there is something, and takes it.
    async fn read(&mut self) -> io::Result<()> {
        let mut ready = self.terminal.readable().await?;
        let mut bytes = [0; CHUNK];
        // The terminal is not set to non-blocking, which would reach everybody who shares it: a read is made only
        // when there is something, and then takes what there is.
        match ready.get_inner().read(&mut bytes) {
            Ok(0) => Err(ErrorKind::UnexpectedEof.into()),
            Ok(length) => {
                if self.gave_up.take().is_some_and(|at| at.elapsed() > LATE) {
                    self.decoder.forget_escape();
                }
                self.decoder.feed(&bytes[..length]);
                if length < CHUNK {
                    ready.clear_ready();
                } else {
                    // There may be more, or nothing, and to read nothing would be to stand still: ask anew.
                    drop(ready);
                    self.terminal = listen()?;
                }
                Ok(())
            }
            Err(error) if matches!(error.kind(), ErrorKind::Interrupted) => Ok(()),
            Err(error) if matches!(error.kind(), ErrorKind::WouldBlock) => {
                ready.clear_ready();
                Ok(())
            }
            Err(error) => Err(error),
        }
    }
}

/// Listens to standard input. A new registration tells whether there is something now.
#[expect(
    deprecated,
    reason = "the new form is unsafe to call because a descriptor could be closed under it; a `File` owns its own"
)]
fn listen() -> io::Result<AsyncFd<File>> {
    let own = File::from(io::stdin().as_fd().try_clone_to_owned()?);
    AsyncFd::with_interest(own, Interest::READABLE)
}
