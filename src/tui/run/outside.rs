//! The world outside the terminal: the person's editor, the browser, the clipboard.

use std::env;
use std::io::{self, Write};
use std::process::Stdio;

use crossterm::clipboard::CopyToClipboard;
use crossterm::queue;

/// The most a clipboard sequence carries: many terminals drop longer ones whole.
const CLIPBOARD_MAX: usize = 74_000;

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
    let set = |name| env::var_os(name).is_some_and(|v| !v.is_empty());
    let remote = set("SSH_CONNECTION") || set("SSH_TTY");
    let no_desktop =
        cfg!(target_os = "linux") && !set("DISPLAY") && !set("WAYLAND_DISPLAY") && !set("BROWSER");
    if remote || no_desktop {
        return Opened::NoBrowser;
    }
    match open::that_detached(url.as_str()) {
        Ok(()) => Opened::Browser,
        Err(error) => {
            tracing::warn!(%error, "no browser could be started");
            Opened::NoBrowser
        }
    }
}

/// Whether the terminal is tmux, which passes a sequence on only when it is wrapped.
pub fn in_tmux() -> bool {
    env::var_os("TMUX").is_some_and(|v| !v.is_empty())
}

/// The sequence that puts a text on the clipboard (OSC 52), wrapped for tmux where needed. Nothing when the text is
/// too long.
pub fn clipboard(text: &str, tmux: bool) -> Vec<u8> {
    let mut plain = Vec::new();
    if text.len() > CLIPBOARD_MAX || queue!(plain, CopyToClipboard::to_clipboard_from(text)).is_err() {
        return Vec::new();
    }
    if !tmux {
        return plain;
    }
    // tmux takes OSC 52 itself when `set-clipboard` is on; the wrapped copy reaches the terminal around it.
    let mut out = plain.clone();
    out.extend(for_terminal(&plain, true));
    out
}

/// A sequence that is meant for the terminal itself: within tmux wrapped, so that it is passed on.
pub fn for_terminal(sequence: &[u8], tmux: bool) -> Vec<u8> {
    if !tmux {
        return sequence.to_vec();
    }
    let mut out = b"\x1bPtmux;".to_vec();
    for byte in sequence {
        if *byte == 0x1b {
            out.push(0x1b);
        }
        out.push(*byte);
    }
    out.extend_from_slice(b"\x1b\\");
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
    fn the_clipboard_sequence_is_wrapped_for_tmux() {
        let plain = clipboard("hi", false);
        assert_eq!(plain, b"\x1b]52;c;aGk=\x1b\\");
        let wrapped = clipboard("hi", true);
        assert_eq!(wrapped[plain.len()..], b"\x1bPtmux;\x1b\x1b]52;c;aGk=\x1b\x1b\\\x1b\\"[..]);
        assert!(clipboard(&"x".repeat(100_000), false).is_empty());
    }
}
