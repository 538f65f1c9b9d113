//! A terminal around the binary: what it draws is kept by a screen model, what a person types goes in as bytes.

use std::io::{Read, Write};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Condvar, Mutex};
use std::time::{Duration, Instant};

use corkboard::sandbox::{Sandbox, SandboxOptions, Seed, WRITE_TOKEN};
use portable_pty::{Child, CommandBuilder, MasterPty, PtySize, native_pty_system};

/// Longest wait for any fact.
pub const DEADLINE: Duration = Duration::from_secs(30);
/// The repository of the sandbox.
pub const REPO: &str = "octo/app";

/// The config of a board on the sandbox.
pub fn config(url: &str) -> String {
    format!(
        r#"# The test's own comment, which must survive.
[board]
name = "Test"

[status_mapping]
proposed = "Backlog"
approved = "To Do"            # what comes next
in_progress = "In Progress"
completed = "Done"

[[connection]]
name = "core"
platform = "github"
repository = "octo/app"
api_url = "{url}"
token = {{ env = "CORKBOARD_TEST_TOKEN" }}
interval = "1s"
write_pace = "10ms"

[connection.status_mapping]
proposed = {{ label = "status: proposed" }}
approved = {{ label = "status: approved" }}
in_progress = {{ label = "status: in progress" }}
completed = {{ state = "closed", reason = "completed" }}
"#
    )
}

/// A sandbox, a home directory and a config: what a person has before starting the board.
pub struct Desk {
    pub sandbox: Sandbox,
    pub home: tempfile::TempDir,
}

impl Desk {
    pub async fn new(seed: Seed) -> Self {
        let sandbox =
            Sandbox::start(SandboxOptions { seed, ..SandboxOptions::default() }).await.expect("a sandbox");
        let home = tempfile::tempdir().expect("a directory");
        std::fs::write(home.path().join("config.toml"), config(sandbox.url())).expect("written");
        Self { sandbox, home }
    }

    pub fn config_file(&self) -> PathBuf {
        self.home.path().join("config.toml")
    }

    /// The environment and arguments every run has.
    fn arguments(&self) -> [String; 4] {
        let data = self.home.path().join("data");
        let text = |p: &Path| p.to_string_lossy().into_owned();
        ["--config".into(), text(&self.config_file()), "--data-dir".into(), text(&data)]
    }

    /// The board in a terminal of this size.
    pub fn board(&self, columns: u16, rows: u16) -> Term {
        self.board_in(&[], columns, rows)
    }

    /// The same with more in the environment.
    pub fn board_in(&self, environment: &[(&str, &str)], columns: u16, rows: u16) -> Term {
        let mut command = CommandBuilder::new(env!("CARGO_BIN_EXE_corkboard"));
        command.args(self.arguments());
        self.dress(|k, v| command.env(k, v));
        plain(&mut command);
        for (key, value) in environment {
            command.env(key, value);
        }
        Term::spawn(command, columns, rows)
    }

    /// One headless run, to its end.
    pub fn run(&self, arguments: &[&str]) -> std::process::Output {
        self.command(arguments).output().expect("it runs")
    }

    /// A headless run that has not been started.
    pub fn command(&self, arguments: &[&str]) -> std::process::Command {
        let mut command = std::process::Command::new(env!("CARGO_BIN_EXE_corkboard"));
        command.args(self.arguments()).args(arguments);
        self.dress(|k, v| {
            command.env(k, v);
        });
        command
    }

    fn dress(&self, mut set: impl FnMut(&str, &str)) {
        let home = self.home.path().to_string_lossy().into_owned();
        for (key, value) in [
            ("HOME", home.as_str()),
            ("XDG_CONFIG_HOME", &format!("{home}/.config")),
            ("XDG_DATA_HOME", &format!("{home}/.local/share")),
            ("XDG_STATE_HOME", &format!("{home}/.local/state")),
            ("CORKBOARD_TEST_TOKEN", WRITE_TOKEN),
        ] {
            set(key, value);
        }
    }
}

/// The environment of an ordinary terminal on this machine, whatever the tests are run in.
fn plain(command: &mut CommandBuilder) {
    for name in ["TMUX", "STY", "SSH_CONNECTION", "SSH_TTY", "BROWSER", "VTE_VERSION", "NO_COLOR"] {
        command.env_remove(name);
    }
    command.env("TERM", "xterm-256color");
    command.env("LC_ALL", "C.UTF-8");
}

struct Glass {
    parser: vt100::Parser,
    raw: Vec<u8>,
    closed: bool,
    /// Whether nothing is read: a stalled link.
    held: bool,
}

/// The binary in a terminal.
pub struct Term {
    child: Box<dyn Child + Send + Sync>,
    master: Box<dyn MasterPty + Send>,
    keys: Box<dyn Write + Send>,
    glass: Arc<(Mutex<Glass>, Condvar)>,
}

impl Term {
    /// The demo, which needs nothing but itself.
    pub fn demo(columns: u16, rows: u16) -> Self {
        let mut command = CommandBuilder::new(env!("CARGO_BIN_EXE_corkboard"));
        command.args(["demo", "--alone"]);
        plain(&mut command);
        Self::spawn(command, columns, rows)
    }

    fn spawn(command: CommandBuilder, columns: u16, rows: u16) -> Self {
        let size = PtySize { rows, cols: columns, pixel_width: 0, pixel_height: 0 };
        let pair = native_pty_system().openpty(size).expect("a terminal");
        let child = pair.slave.spawn_command(command).expect("it starts");
        drop(pair.slave);
        let (rows, columns) = (rows.try_into().expect("rows"), columns.try_into().expect("columns"));
        let parser = vt100::Parser::new(rows, columns, 0);
        let glass = Glass { parser, raw: Vec::new(), closed: false, held: false };
        let glass = Arc::new((Mutex::new(glass), Condvar::new()));
        let mut reader = pair.master.try_clone_reader().expect("a reader");
        let seen = glass.clone();
        std::thread::spawn(move || {
            let mut buffer = vec![0_u8; 65_536];
            loop {
                drop(seen.1.wait_while(seen.0.lock().expect("no panic"), |g| g.held).expect("no panic"));
                let read = reader.read(&mut buffer).unwrap_or(0);
                let mut glass = seen.0.lock().expect("no panic");
                glass.parser.process(&buffer[..read]);
                glass.raw.extend_from_slice(&buffer[..read]);
                glass.closed = read == 0;
                seen.1.notify_all();
                if read == 0 {
                    return;
                }
            }
        });
        let keys = pair.master.take_writer().expect("a writer");
        Self { child, master: pair.master, keys, glass }
    }

    /// The text on the screen.
    pub fn text(&self) -> String {
        self.glass.0.lock().expect("no panic").parser.screen().contents()
    }

    pub fn send(&mut self, bytes: &str) {
        self.keys.write_all(bytes.as_bytes()).expect("typed");
        self.keys.flush().expect("typed");
    }

    /// Waits until `fact` holds of the screen; shows the screen when it never does.
    pub fn wait(&self, what: &str, fact: impl Fn(&str) -> bool) {
        let deadline = Instant::now() + DEADLINE;
        let mut glass = self.glass.0.lock().expect("no panic");
        loop {
            let text = glass.parser.screen().contents();
            if fact(&text) {
                return;
            }
            let left = deadline.saturating_duration_since(Instant::now());
            assert!(!left.is_zero() && !glass.closed, "waited in vain for: {what}\n{text}");
            glass = self.glass.1.wait_timeout(glass, left).expect("no panic").0;
        }
    }

    /// Waits until these bytes were written, whether they show on the screen or not.
    pub fn wait_written(&self, bytes: &str) {
        let deadline = Instant::now() + DEADLINE;
        let mut glass = self.glass.0.lock().expect("no panic");
        while !glass.raw.windows(bytes.len()).any(|w| w == bytes.as_bytes()) {
            let left = deadline.saturating_duration_since(Instant::now());
            assert!(!left.is_zero() && !glass.closed, "{bytes:?} was never written");
            glass = self.glass.1.wait_timeout(glass, left).expect("no panic").0;
        }
    }

    /// Everything that was ever written.
    pub fn written(&self) -> String {
        String::from_utf8_lossy(&self.glass.0.lock().expect("no panic").raw).into_owned()
    }

    /// Waits until these bytes were written so many times.
    pub fn wait_written_times(&self, bytes: &str, times: usize) {
        let deadline = Instant::now() + DEADLINE;
        let mut glass = self.glass.0.lock().expect("no panic");
        while glass.raw.windows(bytes.len()).filter(|w| *w == bytes.as_bytes()).count() < times {
            let left = deadline.saturating_duration_since(Instant::now());
            assert!(!left.is_zero() && !glass.closed, "{bytes:?} was not written {times} times");
            glass = self.glass.1.wait_timeout(glass, left).expect("no panic").0;
        }
    }

    /// Reads nothing more, as a stalled link would, until told otherwise.
    pub fn hold(&self, held: bool) {
        self.glass.0.lock().expect("no panic").held = held;
        self.glass.1.notify_all();
    }

    pub fn wait_for(&self, text: &str) {
        self.wait(text, |screen| screen.contains(text));
    }

    /// Where a text is on the screen: column and row, from 1, as mouse bytes count.
    pub fn find(&self, text: &str) -> Option<(usize, usize)> {
        let glass = self.glass.0.lock().expect("no panic");
        let screen = glass.parser.screen();
        let (rows, columns) = screen.size();
        let (rows, columns) = (rows.get(), columns.get());
        for row in 0..rows {
            // Cell by cell, so that wide characters do not shift what comes after them.
            let cells: Vec<String> = (0..columns)
                .map(|column| screen.cell(row, column).map(|c| c.contents().to_owned()).unwrap_or_default())
                .collect();
            for start in 0..cells.len() {
                let mut rest = text;
                let mut at = start;
                while !rest.is_empty() && at < cells.len() {
                    let cell = if cells[at].is_empty() { " " } else { &cells[at] };
                    let Some(next) = rest.strip_prefix(cell) else { break };
                    rest = next;
                    at += 1;
                }
                if rest.is_empty() {
                    return Some((start + 1, usize::from(row) + 1));
                }
            }
        }
        None
    }

    /// Presses the button at one place, moves over some others, and lets go at the last.
    pub fn drag(&mut self, from: (usize, usize), to: (usize, usize)) {
        self.send(&format!("\x1b[<0;{};{}M", from.0, from.1));
        for step in 1..=8 {
            let along = |a: usize, b: usize| (a * (8 - step) + b * step) / 8;
            self.send(&format!("\x1b[<32;{};{}M", along(from.0, to.0), along(from.1, to.1)));
        }
        self.send(&format!("\x1b[<0;{};{}m", to.0, to.1));
    }

    pub fn resize(&self, columns: u16, rows: u16) {
        let size = PtySize { rows, cols: columns, pixel_width: 0, pixel_height: 0 };
        self.master.resize(size).expect("resized");
        let mut glass = self.glass.0.lock().expect("no panic");
        let (rows, columns) = (rows.try_into().expect("rows"), columns.try_into().expect("columns"));
        glass.parser.screen_mut().set_size(rows, columns);
    }

    pub fn pid(&self) -> u32 {
        self.child.process_id().expect("it runs")
    }

    /// Waits until the process is stopped, as by job control.
    pub fn wait_stopped(&self) {
        let deadline = Instant::now() + DEADLINE;
        let pid = self.pid().to_string();
        let stopped = || {
            let out = std::process::Command::new("ps").args(["-o", "stat=", "-p", &pid]).output();
            out.is_ok_and(|o| o.stdout.first() == Some(&b'T'))
        };
        while !stopped() {
            assert!(Instant::now() < deadline, "it never stopped");
        }
    }

    /// Sends a signal by name, such as `TERM`.
    pub fn signal(&self, name: &str) {
        let pid = self.pid().to_string();
        let sent =
            std::process::Command::new("kill").args([&format!("-{name}"), &pid]).status().expect("kill runs");
        assert!(sent.success());
    }

    /// Waits for the end; returns the exit code and everything that was ever written.
    pub fn end(mut self) -> (u32, Vec<u8>) {
        let deadline = Instant::now() + DEADLINE;
        {
            let mut glass = self.glass.0.lock().expect("no panic");
            while !glass.closed {
                let left = deadline.saturating_duration_since(Instant::now());
                assert!(!left.is_zero(), "it did not end\n{}", glass.parser.screen().contents());
                glass = self.glass.1.wait_timeout(glass, left).expect("no panic").0;
            }
        }
        let code = self.child.wait().expect("it ended").exit_code();
        (code, std::mem::take(&mut self.glass.0.lock().expect("no panic").raw))
    }
}
