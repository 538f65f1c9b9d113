//! Finding a token where the config says it is. The token lives in a [`SecretString`], which shows itself to nobody;
//! errors name the place and never the content.

use std::io::Read as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::mpsc::{RecvTimeoutError, sync_channel};
use std::time::Duration;

use secrecy::SecretString;

use super::report::mask_tokens;
use super::settings::TokenSource;
use crate::support::text;

/// How long a command may take to print the token.
const COMMAND_DEADLINE: Duration = Duration::from_secs(10);
/// How long the secret store may take: a locked one may wait for a password prompt that nobody sees.
#[cfg(feature = "keyring")]
const KEYRING_DEADLINE: Duration = Duration::from_secs(5);
/// Longest token, in bytes; also how much of a command's answer is read.
const TOKEN_MAX: u64 = 16 * 1024;

/// Why there is no token.
#[derive(Debug, thiserror::Error)]
pub enum SecretError {
    /// The variable is not set.
    #[error("the environment variable {0} is not set")]
    NotSet(String),
    /// What was found is empty.
    #[error("the token from {0} is empty")]
    Empty(String),
    /// What was found cannot be a token.
    #[error("what {0} gives is not a token: it has blanks, line breaks or characters no token has")]
    NotAToken(String),
    /// The command could not be started.
    #[error("cannot run `{command}`")]
    Start {
        /// The command.
        command: String,
        /// Why.
        source: std::io::Error,
    },
    /// The command failed.
    #[error("`{command}` failed ({status}){}", if stderr.is_empty() { String::new() } else { format!(": {stderr}") })]
    Command {
        /// The command.
        command: String,
        /// How it ended.
        status: String,
        /// What it said, in one line and without anything that looks like a token.
        stderr: String,
    },
    /// The command or the secret store did not answer.
    #[error("{what} did not answer within {} s", deadline.as_secs())]
    Deadline {
        /// Who.
        what: String,
        /// How long it was waited for.
        deadline: Duration,
    },
    /// The file cannot be read.
    #[error("cannot read the token file {}", path.display())]
    File {
        /// Which.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// Others can read the file.
    #[error("the token file {} can be read by others (mode {mode:03o})", path.display())]
    Exposed {
        /// Which.
        path: PathBuf,
        /// Its permission bits.
        mode: u32,
    },
    /// The file belongs to someone else.
    #[error("the token file {} belongs to another user", .0.display())]
    Foreign(PathBuf),
    /// The secret store has no such entry, or does not give it.
    #[error("the keyring does not give {entry}: {reason}")]
    Keyring {
        /// Which entry.
        entry: String,
        /// The store's words.
        reason: String,
    },
    /// This build has no access to the secret store.
    #[error("this corkboard was built without keyring support")]
    NoKeyring,
}

impl SecretError {
    /// What a person can do about it.
    pub fn help(&self) -> String {
        match self {
            Self::NotSet(name) => format!("export {name}=.. in the shell that starts corkboard"),
            Self::Empty(_) | Self::NotAToken(_) => "see what `token` in the config names".to_owned(),
            Self::Start { .. } | Self::Command { .. } => {
                "run the command by hand: it must print the token alone".into()
            }
            Self::Deadline { .. } => "run it by hand: it may be waiting for a password".to_owned(),
            Self::File { .. } => "put the token there, or name another place in the config".to_owned(),
            Self::Exposed { path, .. } => format!("run `chmod 600 {}`", shell_word(path)),
            Self::Foreign(_) => "use a file of your own".to_owned(),
            Self::Keyring { .. } => "store it there, or use `token = { env = \"..\" }`".to_owned(),
            Self::NoKeyring => {
                "use env, command or file in `token`, or build with `--features keyring`".to_owned()
            }
        }
    }
}

/// A path as one word of a shell.
fn shell_word(path: &Path) -> String {
    let word = text::one_line(&path.display().to_string());
    let plain = |c: char| c.is_alphanumeric() || "/._-+".contains(c);
    if word.chars().all(plain) { word } else { format!("'{}'", word.replace('\'', r"'\''")) }
}

impl TokenSource {
    /// Finds the token. Waits for a command or for the secret store, so it is not called on a runtime's own thread.
    pub fn resolve(&self) -> Result<SecretString, SecretError> {
        let found = match self {
            Self::Env(name) => std::env::var(name).map_err(|_| SecretError::NotSet(name.clone()))?,
            Self::Command(command) => run(command, COMMAND_DEADLINE)?,
            Self::File(path) => read(path)?,
            Self::Keyring(entry) => keyring(entry)?,
        };
        let token = found.trim();
        if token.is_empty() {
            return Err(SecretError::Empty(self.to_string()));
        }
        if !token.chars().all(|c| c.is_ascii_graphic()) {
            return Err(SecretError::NotAToken(self.to_string()));
        }
        Ok(SecretString::from(token))
    }
}

/// Runs a command through the shell and returns what it prints.
fn run(command: &str, deadline: Duration) -> Result<String, SecretError> {
    let shown = || mask_tokens(command);
    let mut child = Command::new("sh")
        .args(["-c", command])
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .map_err(|source| SecretError::Start { command: shown(), source })?;
    let (Some(stdout), Some(stderr)) = (child.stdout.take(), child.stderr.take()) else {
        return Err(SecretError::Empty(shown()));
    };
    let (tell, told) = sync_channel(2);
    let (tell_out, tell_err) = (tell.clone(), tell);
    std::thread::spawn(move || tell_out.send((true, read_some(stdout))));
    std::thread::spawn(move || tell_err.send((false, read_some(stderr))));
    let (mut out, mut err) = (String::new(), String::new());
    let mut waited = Ok(());
    for _ in 0..2 {
        match told.recv_timeout(deadline) {
            Ok((true, text)) => out = text,
            Ok((false, text)) => err = text,
            Err(RecvTimeoutError::Timeout | RecvTimeoutError::Disconnected) => {
                waited = Err(SecretError::Deadline { what: format!("`{}`", shown()), deadline });
                let _ = child.kill();
                break;
            }
        }
    }
    let status = child.wait().map_err(|source| SecretError::Start { command: shown(), source })?;
    waited?;
    if status.success() {
        return Ok(out);
    }
    let status =
        status.code().map_or_else(|| "ended by a signal".to_owned(), |code| format!("exit status {code}"));
    // A command that fails may still have printed the token; its words must not carry it.
    let words = if out.trim().is_empty() { err } else { text::redact(&err, out.trim()) };
    let stderr = text::clip(&mask_tokens(&text::one_line(words.trim())), 300);
    Err(SecretError::Command { command: shown(), status, stderr })
}

fn read_some(from: impl std::io::Read) -> String {
    let mut bytes = Vec::new();
    let mut limited = from.take(TOKEN_MAX);
    let _ = limited.read_to_end(&mut bytes);
    // The rest is read and dropped, so that the command is not stopped by a full pipe.
    let _ = std::io::copy(&mut limited.into_inner(), &mut std::io::sink());
    String::from_utf8_lossy(&bytes).into_owned()
}

fn read(path: &Path) -> Result<String, SecretError> {
    let failed = |source| SecretError::File { path: path.to_owned(), source };
    let file = std::fs::File::open(path).map_err(failed)?;
    // Asked of the open file, not of the path, so that it cannot be exchanged in between.
    check_owner_only(path, &file.metadata().map_err(failed)?)?;
    let mut text = String::new();
    file.take(TOKEN_MAX).read_to_string(&mut text).map_err(failed)?;
    Ok(text)
}

#[cfg(unix)]
fn check_owner_only(path: &Path, meta: &std::fs::Metadata) -> Result<(), SecretError> {
    use std::os::unix::fs::MetadataExt as _;
    let mode = meta.mode() & 0o777;
    if mode & 0o077 != 0 {
        return Err(SecretError::Exposed { path: path.to_owned(), mode });
    }
    // Whose file this process makes is who runs it; there is no other way to ask without unsafe code.
    let own = tempfile::tempfile().and_then(|f| f.metadata()).map(|m| m.uid());
    match own {
        Ok(own) if own != meta.uid() => Err(SecretError::Foreign(path.to_owned())),
        _ => Ok(()),
    }
}

#[cfg(not(unix))]
fn check_owner_only(_: &Path, _: &std::fs::Metadata) -> Result<(), SecretError> {
    Ok(())
}

#[cfg(feature = "keyring")]
fn keyring(entry: &str) -> Result<String, SecretError> {
    let failed = |reason: String| SecretError::Keyring {
        entry: entry.to_owned(),
        reason: mask_tokens(&text::one_line(&reason)),
    };
    let (service, user) =
        entry.split_once('/').ok_or_else(|| failed("it is not `service/user`".to_owned()))?;
    let (service, user) = (service.to_owned(), user.to_owned());
    let (tell, told) = sync_channel(1);
    // A thread of its own: a locked store can keep it for ever, and then it is left behind.
    std::thread::spawn(move || {
        let found = keyring::Entry::new(&service, &user).and_then(|e| e.get_password());
        let _ = tell.send(found.map_err(|e| e.to_string()));
    });
    match told.recv_timeout(KEYRING_DEADLINE) {
        Ok(Ok(token)) => Ok(token),
        Ok(Err(reason)) => Err(failed(reason)),
        Err(RecvTimeoutError::Timeout) => {
            Err(SecretError::Deadline { what: "the keyring".to_owned(), deadline: KEYRING_DEADLINE })
        }
        Err(RecvTimeoutError::Disconnected) => Err(failed("it broke off".to_owned())),
    }
}

#[cfg(not(feature = "keyring"))]
fn keyring(_: &str) -> Result<String, SecretError> {
    Err(SecretError::NoKeyring)
}

#[cfg(test)]
mod tests {
    use super::*;
    use secrecy::ExposeSecret as _;

    fn command(line: &str) -> Result<SecretString, SecretError> {
        TokenSource::Command(line.to_owned()).resolve()
    }

    fn file(text: &str, mode: u32) -> (tempfile::TempDir, TokenSource) {
        use std::os::unix::fs::PermissionsExt as _;
        let dir = tempfile::tempdir().expect("a folder");
        let path = dir.path().join("token");
        std::fs::write(&path, text).expect("written");
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(mode)).expect("set");
        (dir, TokenSource::File(path))
    }

    #[test]
    fn a_command_gives_its_trimmed_output() {
        assert_eq!(command("printf '  abc \\n'").expect("a token").expose_secret(), "abc");
    }

    #[test]
    fn a_failing_command_is_told_with_its_words_but_without_the_token() {
        let error =
            command("echo s3''cret; echo not s3''cret, ghp_0123456789abcdef >&2; exit 4").expect_err("fails");
        let shown = format!("{error} {error:?} {}", error.help());
        assert!(shown.contains("exit status 4") && shown.contains("not [redacted]"), "{shown}");
        assert!(!shown.contains("s3cret") && !shown.contains("0123456789"), "{shown}");
    }

    #[test]
    fn a_command_that_prints_nothing_or_several_words_is_refused() {
        assert!(matches!(command("true"), Err(SecretError::Empty(_))));
        assert!(matches!(command("echo two words"), Err(SecretError::NotAToken(_))));
    }

    #[test]
    fn a_command_that_hangs_is_given_up() {
        let error = run("exec cat /dev/zero >/dev/null", Duration::from_millis(50)).expect_err("hangs");
        assert!(matches!(error, SecretError::Deadline { .. }), "{error}");
    }

    #[test]
    fn a_file_only_its_owner_reads_is_taken() {
        let (_dir, source) = file("abc\n", 0o600);
        assert_eq!(source.resolve().expect("a token").expose_secret(), "abc");
    }

    #[test]
    fn a_file_others_can_read_is_refused_with_the_cure() {
        for mode in [0o644, 0o640, 0o604, 0o660] {
            let (_dir, source) = file("abc", mode);
            let error = source.resolve().expect_err("exposed");
            assert!(error.help().contains("chmod 600 /"), "{mode:o}: {}", error.help());
        }
    }

    #[test]
    fn what_is_not_there_says_so() {
        let unset = TokenSource::Env("CORKBOARD_NO_SUCH_VARIABLE".into()).resolve().expect_err("unset");
        assert!(unset.to_string().contains("CORKBOARD_NO_SUCH_VARIABLE"));
        let missing = TokenSource::File("/nowhere/token".into()).resolve().expect_err("missing");
        assert!(matches!(missing, SecretError::File { .. }));
    }

    #[test]
    fn a_token_shows_itself_to_nobody() {
        let token = command("echo s3cret").expect("a token");
        assert!(!format!("{token:?}").contains("s3cret"));
    }
}
