//! Servers and proxies that repeat what they were sent: what the faults `echo` and `redirect` answer. What is kept of it has
//! no credential in it.

use secrecy::SecretString;
use serde_json::json;

use super::accounts::pair;
use super::api::{Answer, html};
use super::faults::Action;
use crate::support::hidden::Hidden;

/// A request as it came.
pub(super) struct Heard<'a> {
    pub(super) method: &'a str,
    pub(super) target: &'a str,
    pub(super) headers: &'a [(String, String)],
    pub(super) body: &'a [u8],
}

impl Heard<'_> {
    fn whole(&self) -> String {
        let mut lines = vec![format!("{} {} HTTP/1.1", self.method, self.target)];
        lines.extend(self.headers.iter().map(|(name, value)| format!("{name}: {value}")));
        lines.extend(unpacked(self.headers).map(|(user, token)| format!("user: {user}\npassword: {token}")));
        lines.extend([String::new(), String::from_utf8_lossy(self.body).into_owned()]);
        lines.join("\n")
    }
}

fn credential(headers: &[(String, String)]) -> &str {
    headers.iter().find(|(name, _)| name == "authorization").map_or("", |(_, value)| value.as_str())
}

/// User and token of a `Basic` credential.
fn unpacked(headers: &[(String, String)]) -> Option<(String, String)> {
    let (scheme, proof) = credential(headers).split_once(' ')?;
    pair(proof).filter(|_| scheme.eq_ignore_ascii_case("basic"))
}

/// The answer of a fault that repeats the request; `None` for every other one.
pub(super) fn answer(action: &Action, heard: &Heard<'_>) -> Option<Answer> {
    let own = credential(heard.headers);
    match action {
        Action::Redirect(url) => {
            let answer = html(302, "<!doctype html><title>Sign in</title>");
            let escaped: String = url::form_urlencoded::byte_serialize(own.as_bytes()).collect();
            Some(answer.header("location", url.replace("{credential}", &escaped)))
        }
        Action::Echo(status) => Some(repeated(*status, heard, own)),
        _ => None,
    }
}

fn repeated(status: u16, heard: &Heard<'_>, own: &str) -> Answer {
    let whole = heard.whole();
    let answer = match status {
        500.. => html(status, &format!("<!doctype html><title>You sent {own}</title><pre>{whole}</pre>")),
        400.. => {
            // Each platform's refusal at once.
            let body = json!({
                "message": whole, "errorMessages": [whole], "errors": {"request": whole}, "type": "error",
                "error": {"message": whole, "detail": whole}, "documentation_url": own,
            });
            Answer::new(status, body.to_string())
        }
        _ => {
            let body = json!([{"id": 1, "title": own, "message": whole}]).to_string();
            Answer::new(status, body[..body.len() - 3].to_owned())
        }
    };
    [
        "x-request-id",
        "x-github-request-id",
        "atl-traceid",
        "www-authenticate",
        "x-accepted-github-permissions",
    ]
    .into_iter()
    .fold(answer, |answer, name| answer.header(name, own.to_owned()))
    .header("x-oauth-scopes", format!("repo, {own}"))
}

/// The same as it may be kept.
pub(super) fn without_credential(mut answer: Answer, headers: &[(String, String)]) -> Answer {
    let own = credential(headers);
    let proof = own.split_once(' ').map_or(own, |(_, proof)| proof);
    let token = unpacked(headers).map_or_else(|| proof.to_owned(), |(_, token)| token);
    let hidden = [proof.to_owned(), token].map(|secret| Hidden::new(&SecretString::from(secret)));
    let clean = |text: &mut String| {
        for one in &hidden {
            if let Some(without) = one.redact(text) {
                *text = without;
            }
        }
    };
    clean(&mut answer.body);
    answer.headers.iter_mut().for_each(|(_, value)| clean(value));
    answer
}
