//! The world outside the terminal: the person's editor, the browser, the clipboard.

use std::env;
use std::io::{self, Write};
use std::os::unix::process::CommandExt as _;
use std::process::Stdio;

use crossterm::clipboard::CopyToClipboard;
use crossterm::queue;

use crate::tui::abilities::{Abilities, Route};

/// The most bytes of text a clipboard sequence carries: many terminals drop longer ones whole.
pub const CLIPBOARD_MAX: usize = 74_000;
/// The most bytes in one string of GNU screen: 256 in its older versions, 768 since; what is longer is printed.
const SCREEN_STRING: usize = 240;

/// Browsers that draw on the terminal, which is ours.
const TEXT_BROWSERS: [&str; 7] = ["w3m", "lynx", "links", "links2", "elinks", "browsh", "carbonyl"];

/// What came of a web address.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Opened {
    /// A browser has it.
    Browser,
    /// There is no browser here.
    NoBrowser,
    /// It is no web address; a platform must not make us run anything else.
    Refused,
}

/// Shows a web address in a browser, where there is one.
pub fn open_url(text: &str) -> Opened {
    let Some(url) = url::Url::parse(text).ok().filter(|u| matches!(u.scheme(), "http" | "https")) else {
        return Opened::Refused;
    };
    match browser(&|name| env::var(name).ok().filter(|v| !v.is_empty())) {
        Browser::None => Opened::NoBrowser,
        Browser::Named(command) => started(run_browser(&command, url.as_str())),
        Browser::Desktop => started(open::that_detached(url.as_str())),
    }
}

fn started(result: io::Result<()>) -> Opened {
    match result {
        Ok(()) => Opened::Browser,
        Err(error) => {
            tracing::warn!(%error, "no browser could be started");
            Opened::NoBrowser
        }
    }
}

/// Where an address would be shown.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Browser {
    /// Nowhere: no desktop, or one on another machine.
    None,
    /// By this command of `BROWSER`.
    Named(String),
    /// By what the desktop has for it.
    Desktop,
}

/// `BROWSER` holds commands with colons between them, `%s` standing for the address; the first is taken. Whoever sets
/// it over ssh has one that shows the address where the person is.
fn browser(get: &dyn Fn(&str) -> Option<String>) -> Browser {
    let named = get("BROWSER").and_then(|b| Some(b.split(':').find(|c| !c.trim().is_empty())?.to_owned()));
    if let Some(command) = named {
        let program = command.split_whitespace().next().unwrap_or_default();
        let name = program.rsplit('/').next().unwrap_or_default();
        return if TEXT_BROWSERS.contains(&name) { Browser::None } else { Browser::Named(command) };
    }
    let set = |name| get(name).is_some();
    let remote = set("SSH_CONNECTION") || set("SSH_TTY");
    let desktop =
        !cfg!(target_os = "linux") || ["DISPLAY", "WAYLAND_DISPLAY", "WSL_DISTRO_NAME"].into_iter().any(set);
    if remote || !desktop { Browser::None } else { Browser::Desktop }
}

/// Starts the command in a process group of its own, away from our terminal. The address is an argument, never part
/// of what the shell reads.
fn run_browser(command: &str, url: &str) -> io::Result<()> {
    let line = if command.contains("%s") {
        command.replace("'%s'", "%s").replace("\"%s\"", "%s").replace("%s", "\"$1\"")
    } else {
        format!("{command} \"$1\"")
    };
    let mut child = std::process::Command::new("sh")
        .args(["-c", &format!("{line} &"), "sh", url])
        .process_group(0)
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()?;
    // The shell ends at once and leaves the browser behind; somebody has to take its status.
    std::thread::Builder::new().name("browser".into()).spawn(move || child.wait())?;
    Ok(())
}

/// What became of a text for the clipboard.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Clipboard {
    /// These bytes put it there.
    Sent(Vec<u8>),
    /// It is longer than terminals take.
    TooLong,
    /// The terminal has none that a program reaches.
    NoWay,
}

/// The sequence that puts a text on the clipboard (OSC 52), as it reaches the terminal from where we are.
pub fn clipboard(text: &str, terminal: &Abilities) -> Clipboard {
    if !terminal.is_modern() {
        return Clipboard::NoWay;
    }
    let mut plain = Vec::new();
    if text.len() > CLIPBOARD_MAX || queue!(plain, CopyToClipboard::to_clipboard_from(text)).is_err() {
        return Clipboard::TooLong;
    }
    Clipboard::Sent(match terminal.route {
        Route::Direct => plain,
        // tmux takes OSC 52 itself when `set-clipboard` is on; the wrapped copy reaches the terminal around it.
        Route::Tmux => {
            let mut out = plain.clone();
            out.extend(for_terminal(&plain, Route::Tmux));
            out
        }
        // Over ssh TERM is the same in screen and in many a tmux, which would take the plain one.
        Route::Screen => {
            let mut out = if plain.len() <= SCREEN_STRING { plain.clone() } else { Vec::new() };
            // The string's own end would end screen's: the bell ends it as well.
            plain.truncate(plain.len().saturating_sub(2));
            plain.push(7);
            out.extend(for_terminal(&plain, Route::Screen));
            out
        }
    })
}

/// A sequence that is meant for the terminal itself, wrapped so that what stands between passes it on. Through screen
/// it must not hold the string terminator.
pub fn for_terminal(sequence: &[u8], route: Route) -> Vec<u8> {
    let mut out = Vec::with_capacity(sequence.len() + 16);
    match route {
        Route::Direct => out.extend_from_slice(sequence),
        Route::Tmux => {
            out.extend_from_slice(b"\x1bPtmux;");
            for byte in sequence {
                if *byte == 0x1b {
                    out.push(0x1b);
                }
                out.push(*byte);
            }
            out.extend_from_slice(b"\x1b\\");
        }
        Route::Screen => {
            for part in sequence.chunks(SCREEN_STRING) {
                out.extend_from_slice(b"\x1bP");
                out.extend_from_slice(part);
                out.extend_from_slice(b"\x1b\\");
            }
        }
    }
    out
}

/// Lets a text be edited in `$VISUAL`, `$EDITOR` or vi. `None` when nothing was changed. The terminal must have been
/// given back. The file is the owner's alone and is removed afterwards.
pub async fn edit(text: &str) -> Result<Option<String>, String> {
    let mut named = ["VISUAL", "EDITOR"].into_iter().filter_map(|n| env::var(n).ok());
    let editor = named.find(|e| !e.trim().is_empty()).unwrap_or_else(|| "vi".to_owned());
    edit_with(&editor, text).await
}

async fn edit_with(editor: &str, text: &str) -> Result<Option<String>, String> {
    let failed = |what: &str, error: io::Error| format!("{what}: {error}");
    let mut file = tempfile::Builder::new()
        .prefix("corkboard-")
        .suffix(".md")
        .tempfile()
        .map_err(|e| failed("no file to edit could be made", e))?;
    // Editors expect a text to end with a line feed; without one, what is added at the end would join the last line.
    let end = if text.is_empty() || text.ends_with('\n') { "" } else { "\n" };
    file.write_all(text.as_bytes())
        .and_then(|()| file.write_all(end.as_bytes()))
        .and_then(|()| file.flush())
        .map_err(|e| failed("the file to edit could not be written", e))?;
    // The shell splits the editor's own arguments, as git lets it; the path is an argument, never part of the text.
    let status = tokio::process::Command::new("sh")
        .arg("-c")
        .arg(format!("exec {editor} \"$1\""))
        .arg("sh")
        .arg(file.path())
        .stdin(Stdio::inherit())
        .stdout(Stdio::inherit())
        .stderr(Stdio::inherit())
        .kill_on_drop(true)
        .status()
        .await
        .map_err(|e| failed("the editor could not be started", e))?;
    if !status.success() {
        return Err(format!("`{editor}` ended with {status}: nothing was changed"));
    }
    // Some editors write a new file in place of the old one: read by path.
    let edited =
        std::fs::read_to_string(file.path()).map_err(|e| failed("what was edited cannot be read", e))?;
    let same = edited.trim_end() == text.trim_end();
    Ok((!same).then_some(edited))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn an_editor_that_changes_nothing_gives_nothing() {
        assert_eq!(edit_with("true", "a\nb").await, Ok(None));
    }

    #[tokio::test]
    async fn an_editor_with_arguments_gives_what_it_wrote() {
        assert_eq!(edit_with("sed -i -e s/a/x/", "a\nb\n").await, Ok(Some("x\nb\n".into())));
    }

    #[tokio::test]
    async fn an_editor_that_fails_says_so_and_changes_nothing() {
        let why = edit_with("false", "a").await.expect_err("it failed");
        assert!(why.contains("nothing was changed"), "{why}");
    }

    #[test]
    fn only_web_addresses_are_opened() {
        assert_eq!(open_url("file:///etc/passwd"), Opened::Refused);
        assert_eq!(open_url("javascript:alert(1)"), Opened::Refused);
        assert_eq!(open_url("-x"), Opened::Refused);
    }

    #[test]
    fn a_browser_is_looked_for_where_the_person_is() {
        let with = |vars: &[(&str, &str)]| {
            browser(&|name| vars.iter().find(|(n, _)| *n == name).map(|(_, v)| (*v).to_owned()))
        };
        let named = |command: &str| Browser::Named(command.to_owned());
        assert_eq!(with(&[("SSH_CONNECTION", "1"), ("DISPLAY", ":0")]), Browser::None);
        assert_eq!(with(&[("SSH_TTY", "/dev/pts/1")]), Browser::None);
        assert_eq!(
            with(&[("SSH_TTY", "/dev/pts/1"), ("BROWSER", "/vscode/bin/helper")]),
            named("/vscode/bin/helper")
        );
        assert_eq!(with(&[("DISPLAY", ":0")]), Browser::Desktop);
        assert_eq!(with(&[("BROWSER", "firefox %s:chromium")]), named("firefox %s"));
        assert_eq!(with(&[("BROWSER", "/usr/bin/w3m"), ("DISPLAY", ":0")]), Browser::None);
        if cfg!(target_os = "linux") {
            assert_eq!(with(&[]), Browser::None);
            assert_eq!(with(&[("WSL_DISTRO_NAME", "Debian")]), Browser::Desktop);
        }
    }

    #[test]
    fn the_browser_gets_the_address_as_one_argument_whatever_is_in_it() {
        let dir = tempfile::tempdir().expect("a directory");
        let url = "https://github.test/a?b=$(touch x)&c='d'";
        for command in ["cp /dev/null %s", "cp /dev/null '%s'", "cp /dev/null \"%s\"", "cp /dev/null"] {
            // `cp` makes a file of the address's name, if the address is one argument.
            let file = dir.path().join(url.replace(['/', ':'], "_"));
            run_browser(command, &file.to_string_lossy()).expect("it starts");
            let deadline = std::time::Instant::now() + std::time::Duration::from_secs(20);
            while !file.exists() {
                assert!(std::time::Instant::now() < deadline, "{command}");
                std::thread::yield_now();
            }
            std::fs::remove_file(&file).expect("removed");
        }
        assert!(!std::path::Path::new("x").exists());
    }

    fn on(term: &str) -> Abilities {
        Abilities::of(&|name| (name == "TERM").then(|| term.to_owned()))
    }

    fn sent(text: &str, term: &str) -> Vec<u8> {
        match clipboard(text, &on(term)) {
            Clipboard::Sent(bytes) => bytes,
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn the_clipboard_sequence_is_wrapped_for_tmux() {
        let plain = sent("hi", "xterm");
        assert_eq!(plain, b"\x1b]52;c;aGk=\x1b\\");
        let wrapped = sent("hi", "tmux-256color");
        assert_eq!(wrapped[plain.len()..], b"\x1bPtmux;\x1b\x1b]52;c;aGk=\x1b\x1b\\\x1b\\"[..]);
    }

    #[test]
    fn screen_gets_it_in_strings_that_fit_and_passes_on_the_same() {
        let text = "https://github.test/octo/app/issues/1 ".repeat(60);
        let wrapped = sent(&text, "screen-256color");
        let wrapped = String::from_utf8(wrapped).expect("ASCII");
        let mut passed = String::new();
        for part in wrapped.split_terminator("\u{1b}\\") {
            let inner = part.strip_prefix("\u{1b}P").expect("a string of its own");
            assert!(inner.len() <= SCREEN_STRING);
            passed.push_str(inner);
        }
        let plain = String::from_utf8(sent(&text, "xterm")).expect("ASCII");
        assert_eq!(passed, plain.replace("\u{1b}\\", "\u{7}"));
        let short = sent("hi", "screen");
        assert!(short.starts_with(&sent("hi", "xterm")), "a tmux that calls itself screen takes it too");
    }

    #[test]
    fn what_no_terminal_takes_is_not_sent_to_one() {
        assert_eq!(clipboard(&"x".repeat(CLIPBOARD_MAX + 1), &on("xterm")), Clipboard::TooLong);
        assert_eq!(clipboard("hi", &on("linux")), Clipboard::NoWay);
    }
}
