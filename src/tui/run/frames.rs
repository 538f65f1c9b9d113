//! Frames on their way to the terminal: at most one, written by a thread of its own, so that a slow or stalled
//! reader stalls neither keys nor sync, and costs no memory.

use std::io::{self, Write};
use std::sync::mpsc::{SyncSender, sync_channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::sync::mpsc;

/// How long the last frame may take when we leave. A terminal that takes longer does not read any more.
const LAST_FRAME: Duration = Duration::from_secs(1);

/// Begin and end of a synchronised update (DEC private mode 2026): terminals that know it show a frame at once,
/// others ignore a private mode they do not know. So it is sent without asking (DECRQM), which would cost a round
/// trip and an answer among the keys; plain terminals are spared it.
const BEGIN: &[u8] = b"\x1b[?2026h";
const END: &[u8] = b"\x1b[?2026l";
/// Smaller frames are written by one system call and read in one piece: wrapping them would gain nothing and cost a
/// focus move 16 of its 300 bytes.
const SMALL: usize = 512;

/// Collects what the backend writes into one frame.
#[derive(Debug, Clone, Default)]
pub struct Sink(Arc<Mutex<Vec<u8>>>);

impl Sink {
    fn take(&self, into: &mut Vec<u8>) {
        let mut held = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        into.append(&mut held);
    }

    fn is_empty(&self) -> bool {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).is_empty()
    }
}

impl Write for Sink {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// The way of frames to the terminal.
pub struct Frames {
    sink: Sink,
    /// To the thread; dropped, it ends.
    out: Option<SyncSender<Vec<u8>>>,
    /// Written frames come back, to be filled again.
    back: mpsc::Receiver<Vec<u8>>,
    /// Kept for the next frame; `None` while a frame is under way.
    spare: Option<Vec<u8>>,
    queued: Vec<u8>,
    /// Whether large frames are synchronised updates.
    synchronised: bool,
}

impl Frames {
    /// Starts the thread that writes to standard output.
    pub fn start(synchronised: bool) -> io::Result<(Self, Sink)> {
        Self::onto(io::stdout(), synchronised)
    }

    fn onto(mut to: impl Write + Send + 'static, synchronised: bool) -> io::Result<(Self, Sink)> {
        let (out, frames) = sync_channel::<Vec<u8>>(1);
        let (done, back) = mpsc::channel(1);
        std::thread::Builder::new().name("frames".into()).spawn(move || {
            for mut frame in frames {
                if let Err(error) = to.write_all(&frame).and_then(|()| to.flush()) {
                    // The loop learns of a gone terminal from its input.
                    tracing::debug!(%error, "a frame could not be written");
                }
                frame.clear();
                if done.blocking_send(frame).is_err() {
                    break;
                }
            }
        })?;
        let sink = Sink::default();
        let spare = Some(Vec::new());
        let frames =
            Self { sink: sink.clone(), out: Some(out), back, spare, queued: Vec::new(), synchronised };
        Ok((frames, sink))
    }

    /// Whether the last frame is written.
    pub fn is_idle(&mut self) -> bool {
        if self.spare.is_none() {
            self.spare = self.back.try_recv().ok();
        }
        self.spare.is_some()
    }

    /// Adds bytes that go out before the next frame: clipboard, mouse.
    pub fn queue(&mut self, bytes: &[u8]) {
        self.queued.extend_from_slice(bytes);
    }

    /// Whether there is something to send besides a picture.
    pub fn has_queued(&self) -> bool {
        !self.queued.is_empty() || !self.sink.is_empty()
    }

    /// Sends what was drawn. Only to be called when idle.
    pub fn send(&mut self) {
        let Some(mut frame) = self.spare.take() else { return };
        frame.append(&mut self.queued);
        let begin = frame.len();
        self.sink.take(&mut frame);
        if self.synchronised && frame.len() - begin > SMALL {
            frame.splice(begin..begin, BEGIN.iter().copied());
            frame.extend_from_slice(END);
        }
        if frame.is_empty() {
            self.spare = Some(frame);
            return;
        }
        if let Some(out) = &self.out
            && let Err(error) = out.try_send(frame)
        {
            // Idle means that the channel is empty; so the thread is gone.
            tracing::error!(%error, "frames are not written any more");
        }
    }

    /// Waits until the frame under way is written; for ever when there is none.
    pub async fn done(&mut self) {
        if self.spare.is_some() {
            std::future::pending::<()>().await;
        }
        self.spare = self.back.recv().await;
        if self.spare.is_none() {
            std::future::pending::<()>().await;
        }
    }

    /// Waits for the frame under way, but not for a terminal that does not read. Says whether it was written.
    pub async fn settle(&mut self) -> bool {
        if self.spare.is_none() {
            let _ = tokio::time::timeout(LAST_FRAME, self.done()).await;
        }
        self.spare.is_some()
    }

    /// Writes what is left and ends the thread. Says whether the terminal took it.
    pub async fn finish(&mut self) -> bool {
        if self.settle().await && self.has_queued() {
            self.send();
            self.settle().await;
        }
        self.out = None;
        self.spare.is_some()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A terminal that reads nothing until it is told to.
    struct Stalled {
        go: std::sync::mpsc::Receiver<()>,
        seen: Arc<Mutex<Vec<Vec<u8>>>>,
    }

    impl Write for Stalled {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            let _ = self.go.recv();
            self.seen.lock().unwrap_or_else(PoisonError::into_inner).push(bytes.to_vec());
            Ok(bytes.len())
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    #[tokio::test]
    async fn a_stalled_terminal_holds_one_frame_and_gets_the_newest_next() {
        let (go, wait) = sync_channel(8);
        let seen = Arc::new(Mutex::new(Vec::new()));
        let (mut frames, mut sink) =
            Frames::onto(Stalled { go: wait, seen: seen.clone() }, true).expect("a thread");
        sink.write_all(b"first").expect("memory");
        assert!(frames.is_idle());
        frames.send();
        for _ in 0..100 {
            // The loop asks before it draws; so nothing piles up.
            assert!(!frames.is_idle());
        }
        go.send(()).expect("the thread waits");
        frames.done().await;
        sink.write_all(b"newest").expect("memory");
        frames.send();
        go.send(()).expect("the thread waits");
        assert!(frames.finish().await);
        assert_eq!(
            *seen.lock().unwrap_or_else(PoisonError::into_inner),
            [b"first".to_vec(), b"newest".to_vec()]
        );
    }

    #[tokio::test]
    async fn only_a_large_frame_is_a_synchronised_update_and_none_on_a_plain_terminal() {
        for (synchronised, length, wrapped) in
            [(true, SMALL, false), (true, SMALL + 1, true), (false, 10_000, false)]
        {
            let (go, wait) = sync_channel(8);
            let seen = Arc::new(Mutex::new(Vec::new()));
            let (mut frames, mut sink) =
                Frames::onto(Stalled { go: wait, seen: seen.clone() }, synchronised).expect("a thread");
            frames.queue(b"title");
            sink.write_all(&vec![b'x'; length]).expect("memory");
            assert!(frames.is_idle());
            frames.send();
            go.send(()).expect("the thread waits");
            assert!(frames.finish().await);
            let seen = seen.lock().unwrap_or_else(PoisonError::into_inner).concat();
            assert_eq!(seen.starts_with(b"title\x1b[?2026h"), wrapped);
            assert_eq!(seen.ends_with(b"\x1b[?2026l"), wrapped);
            assert_eq!(seen.len(), 5 + length + if wrapped { 16 } else { 0 });
        }
    }
}
