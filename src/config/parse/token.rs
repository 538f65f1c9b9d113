//! Where a secret is found, as the config writes it: the place, never the secret.

use std::ops::Range;

use super::Reader;
use super::section::{Section, kind_of};
use crate::config::keys;
use crate::config::report::holds_token;
use crate::config::settings::TokenSource;

const TOKEN_HELP: &str = "write one of `{ env = \"GITHUB_TOKEN\" }`, `{ command = \"gh auth token\" }`, \
                          `{ file = \"~/.config/corkboard/token\" }` and `{ keyring = \"corkboard/core\" }`";

impl Reader {
    /// Where a secret is found: the token, or what webhooks are signed with.
    pub(super) fn token(&mut self, table: &Section, key: &'static str) -> Option<TokenSource> {
        let Some(item) = table.item(key) else {
            self.mistakes.add(
                table.span.clone(),
                format!("`{key}` is missing in [[connection]]"),
                TOKEN_HELP,
            );
            return None;
        };
        if item.as_table_like().is_none() {
            let span = table.value_span(key);
            self.mistakes.hide(span.clone());
            let what = if key == "token" { "token" } else { "secret" };
            let message = match item.as_str() {
                Some(_) => {
                    format!(
                        "`{key}` says where the {what} is found; the {what} itself has no place in this file"
                    )
                }
                None => format!("`{key}` says where the {what} is found; it is not {}", kind_of(item)),
            };
            self.mistakes.add(span, message, TOKEN_HELP);
            return None;
        }
        let token = table.section(self, key, key)?;
        token.refuse_unknown(self, keys::TOKEN);
        let given: Vec<&str> = keys::TOKEN.1.iter().copied().filter(|k| token.has(k)).collect();
        let [kind] = given[..] else {
            let message = match given.len() {
                0 => format!("`{key}` does not say where the token is found"),
                _ => format!("`{key}` names several places: {}", given.join(", ")),
            };
            self.mistakes.add(token.span.clone(), message, TOKEN_HELP);
            return None;
        };
        let (written, span) = token.text(self, kind)?;
        if holds_token(written) {
            let message = format!("this looks like a token itself, not like {}", place_word(kind));
            self.mistakes.hide(span.clone());
            self.mistakes.add(span, message, TOKEN_HELP);
            return None;
        }
        self.token_source(kind, written, span)
    }

    fn token_source(&mut self, kind: &str, written: &str, span: Range<usize>) -> Option<TokenSource> {
        let (good, help) = match kind {
            "env" => (is_variable(written), "write the variable's name, such as \"GITHUB_TOKEN\""),
            "command" => {
                (!written.trim().is_empty(), "write a command that prints it, such as \"gh auth token\"")
            }
            "file" => (!written.trim().is_empty(), "write the path of a file that only you can read"),
            _ => (
                written.split_once('/').is_some_and(|(s, u)| !s.trim().is_empty() && !u.trim().is_empty()),
                "write `service/user`, such as \"corkboard/core\"",
            ),
        };
        if !good {
            // Whatever stands where a name belongs may be the secret itself.
            self.mistakes.hide(span.clone());
            self.mistakes.add(span, format!("this cannot be {}", place_word(kind)), help);
            return None;
        }
        Some(match kind {
            "env" => TokenSource::Env(written.to_owned()),
            "command" => TokenSource::Command(written.to_owned()),
            "file" => TokenSource::File(self.path(written, span, "file")?),
            _ => TokenSource::Keyring(written.to_owned()),
        })
    }
}

fn place_word(kind: &str) -> &'static str {
    match kind {
        "env" => "the name of an environment variable",
        "command" => "a command",
        "file" => "a path",
        _ => "an entry of the keyring",
    }
}

fn is_variable(name: &str) -> bool {
    !name.is_empty()
        && !name.starts_with(|c: char| c.is_ascii_digit())
        && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_')
}
