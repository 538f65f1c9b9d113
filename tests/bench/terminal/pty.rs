//! A program in a terminal, seen from outside: when its output came, how much, and what the system says of it.

use std::collections::BTreeMap;
use std::io::{Read, Write};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Condvar, Mutex, PoisonError};
use std::time::{Duration, Instant};

use portable_pty::{Child, CommandBuilder, MasterPty, PtySize, native_pty_system};

/// Output after which nothing came for so long is complete.
const QUIET: Duration = Duration::from_millis(12);
/// Longest wait for anything.
const DEADLINE: Duration = Duration::from_mins(1);

/// One read of output.
struct Chunk {
    at: Instant,
    bytes: Vec<u8>,
}

/// How the reader reads: bytes per second; 0 is not at all, `u64::MAX` as fast as it can.
struct Tap {
    rate: AtomicU64,
    seen: Mutex<Vec<Chunk>>,
    more: Condvar,
}

/// What came of one write.
#[derive(Debug, Clone, Copy, Default)]
pub struct Answer {
    /// Until the first byte.
    pub first: Duration,
    /// Until the last byte before the output was quiet.
    pub last: Duration,
    /// Bytes.
    pub bytes: usize,
    /// Reads: about the number of writes.
    pub reads: usize,
}

/// What the system says of a process.
#[derive(Debug, Clone)]
pub struct Usage {
    /// Clock ticks of CPU, a hundred a second.
    pub ticks: u64,
    /// How often each of its threads went to sleep of itself, by the thread's number and name.
    pub sleeps: BTreeMap<u64, (String, u64)>,
    /// Most memory it had, KiB.
    pub peak_kib: u64,
    /// Memory it has, KiB.
    pub rss_kib: u64,
}

impl Usage {
    /// The threads that woke up since `before` (or ended, which takes waking up), with how often.
    pub fn woken_since(&self, before: &Self) -> Vec<(String, u64)> {
        let woken = |(id, (name, was)): (&u64, &(String, u64))| match self.sleeps.get(id) {
            Some((_, now)) if now == was => None,
            Some((_, now)) => Some((name.clone(), now.saturating_sub(*was))),
            None => Some((format!("{name} (ended)"), 1)),
        };
        let new = self.sleeps.iter().filter(|(id, _)| !before.sleeps.contains_key(id));
        before.sleeps.iter().filter_map(woken).chain(new.map(|(_, (name, n))| (name.clone(), *n))).collect()
    }
}

/// A program in a terminal.
pub struct Pty {
    child: Box<dyn Child + Send + Sync>,
    master: Box<dyn MasterPty + Send>,
    keys: Box<dyn Write + Send>,
    tap: Arc<Tap>,
    begun: Instant,
    size: (u16, u16),
}

/// Waits for `time`; nothing but time is waited for, because nothing is what is being measured.
pub fn pause(time: Duration) {
    let until = Instant::now() + time;
    while let Some(left) = until.checked_duration_since(Instant::now()).filter(|l| !l.is_zero()) {
        std::thread::park_timeout(left);
    }
}

impl Pty {
    /// Starts a program in a terminal of this size.
    pub fn start(mut command: CommandBuilder, columns: u16, rows: u16) -> Self {
        command.env("TERM", "xterm-256color");
        let size = PtySize { rows, cols: columns, pixel_width: 0, pixel_height: 0 };
        let pair = native_pty_system().openpty(size).expect("a terminal");
        let mut reader = pair.master.try_clone_reader().expect("a reader");
        let keys = pair.master.take_writer().expect("a writer");
        let tap =
            Arc::new(Tap { rate: AtomicU64::new(u64::MAX), seen: Mutex::default(), more: Condvar::new() });
        let shared = tap.clone();
        std::thread::spawn(move || {
            let mut buffer = vec![0_u8; 65_536];
            loop {
                let rate = shared.rate.load(Ordering::SeqCst);
                if rate != u64::MAX {
                    pause(Duration::from_millis(10));
                }
                if rate == 0 {
                    continue;
                }
                let most = if rate == u64::MAX { buffer.len() } else { (rate / 100).max(1) as usize };
                match reader.read(&mut buffer[..most]) {
                    Ok(n) if n > 0 => {
                        let chunk = Chunk { at: Instant::now(), bytes: buffer[..n].to_vec() };
                        shared.seen.lock().unwrap_or_else(PoisonError::into_inner).push(chunk);
                        shared.more.notify_all();
                    }
                    _ => return,
                }
            }
        });
        let begun = Instant::now();
        let child = pair.slave.spawn_command(command).expect("it starts");
        drop(pair.slave);
        Self { child, master: pair.master, keys, tap, begun, size: (columns, rows) }
    }

    /// Types.
    pub fn type_in(&mut self, keys: &[u8]) {
        self.keys.write_all(keys).expect("typed");
        self.keys.flush().expect("typed");
    }

    /// Sets how many bytes a second are read.
    pub fn read_at(&self, rate: u64) {
        self.tap.rate.store(rate, Ordering::SeqCst);
    }

    /// Forgets the output so far.
    pub fn forget(&self) {
        self.tap.seen.lock().unwrap_or_else(PoisonError::into_inner).clear();
    }

    /// Bytes that came since they were last forgotten.
    pub fn bytes(&self) -> usize {
        self.tap.seen.lock().unwrap_or_else(PoisonError::into_inner).iter().map(|c| c.bytes.len()).sum()
    }

    /// Types and waits until the answer is complete; `None` when there was none within `patience`.
    pub fn ask(&mut self, keys: &[u8], patience: Duration) -> Option<Answer> {
        self.forget();
        let begun = Instant::now();
        self.type_in(keys);
        self.answer(begun, patience, QUIET)
    }

    /// Waits until the output since `begun` is complete.
    pub fn answer(&self, begun: Instant, patience: Duration, quiet: Duration) -> Option<Answer> {
        let mut seen = self.tap.seen.lock().unwrap_or_else(PoisonError::into_inner);
        loop {
            let now = Instant::now();
            let until = seen.last().map_or(begun + patience, |c| c.at + quiet);
            let left = until.saturating_duration_since(now);
            if left.is_zero() || now > begun + DEADLINE {
                break;
            }
            seen = self.tap.more.wait_timeout(seen, left).unwrap_or_else(PoisonError::into_inner).0;
        }
        let (first, last) = (seen.first()?, seen.last()?);
        Some(Answer {
            first: first.at.saturating_duration_since(begun),
            last: last.at.saturating_duration_since(begun),
            bytes: seen.iter().map(|c| c.bytes.len()).sum(),
            reads: seen.len(),
        })
    }

    /// When, after its start, the program showed what `fact` asks for. The output must not have been forgotten.
    pub fn shows(&self, fact: impl Fn(&str) -> bool) -> Option<Duration> {
        let mut screen = self.screen();
        let mut done = 0;
        let deadline = Instant::now() + DEADLINE;
        let mut seen = self.tap.seen.lock().unwrap_or_else(PoisonError::into_inner);
        loop {
            while done < seen.len() {
                screen.process(&seen[done].bytes);
                done += 1;
                if fact(&screen.screen().contents()) {
                    return Some(seen[done - 1].at - self.begun);
                }
            }
            let left = deadline.saturating_duration_since(Instant::now());
            if left.is_zero() {
                return None;
            }
            seen = self.tap.more.wait_timeout(seen, left).unwrap_or_else(PoisonError::into_inner).0;
        }
    }

    fn screen(&self) -> vt100::Parser {
        let side = |n: u16| n.try_into().expect("a side of no cells");
        vt100::Parser::new(side(self.size.1), side(self.size.0), 0)
    }

    /// What is on the screen after all output since it was last forgotten; a whole picture must have been drawn in it.
    pub fn picture(&self) -> String {
        let mut screen = self.screen();
        for chunk in self.tap.seen.lock().unwrap_or_else(PoisonError::into_inner).iter() {
            screen.process(&chunk.bytes);
        }
        screen.screen().contents()
    }

    /// Waits until nothing came for `quiet`.
    pub fn settle(&self, quiet: Duration) {
        let begun = Instant::now();
        self.forget();
        let _ = self.answer(begun, quiet, quiet);
    }

    /// Gives the terminal another size.
    pub fn resize(&mut self, columns: u16, rows: u16) {
        self.size = (columns, rows);
        let size = PtySize { rows, cols: columns, pixel_width: 0, pixel_height: 0 };
        self.master.resize(size).expect("resized");
    }

    /// Whether it still runs.
    pub fn is_alive(&mut self) -> bool {
        matches!(self.child.try_wait(), Ok(None))
    }

    /// What the system says of it now.
    pub fn usage(&self) -> Usage {
        let pid = self.child.process_id().expect("it runs");
        let read = |path: String| std::fs::read_to_string(path).unwrap_or_default();
        let stat = read(format!("/proc/{pid}/stat"));
        let after = stat.rsplit_once(')').map_or("", |(_, rest)| rest);
        let ticks = after.split_whitespace().skip(11).take(2).filter_map(|t| t.parse::<u64>().ok()).sum();
        let mut sleeps = BTreeMap::new();
        for thread in std::fs::read_dir(format!("/proc/{pid}/task")).into_iter().flatten().flatten() {
            let status = std::fs::read_to_string(thread.path().join("status")).unwrap_or_default();
            let id = thread.file_name().to_string_lossy().parse().unwrap_or(0);
            let name = status.lines().next().and_then(|l| l.strip_prefix("Name:")).unwrap_or_default();
            sleeps.insert(id, (name.trim().to_owned(), field(&status, "voluntary_ctxt_switches:")));
        }
        let status = read(format!("/proc/{pid}/status"));
        Usage { ticks, sleeps, peak_kib: field(&status, "VmHWM:"), rss_kib: field(&status, "VmRSS:") }
    }

    /// Ends it.
    pub fn end(mut self) {
        self.read_at(u64::MAX);
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn field(status: &str, name: &str) -> u64 {
    let line = status.lines().find_map(|l| l.strip_prefix(name));
    line.and_then(|l| l.split_whitespace().next()).and_then(|n| n.parse().ok()).unwrap_or(0)
}
