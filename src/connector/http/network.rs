//! Turns what went wrong on the wire into a failure. A mutation whose request may have arrived is never called failed.

use super::{Credential, WORDS_MAX};
use crate::connector::{Class, Failure, Outcome, Scope};
use crate::support::text::clip;

/// How the exchange broke.
#[derive(Debug)]
pub(super) enum Broken<'a> {
    /// No status line came.
    NoAnswer(&'a reqwest::Error),
    /// The answer broke off.
    Body(&'a reqwest::Error),
    /// The answer is longer than we take.
    TooLong,
}

/// The failure for an exchange that broke. `status` is what was read of the answer.
pub(super) fn failure(
    broken: &Broken<'_>,
    status: Option<u16>,
    mutation: bool,
    credential: &Credential,
) -> Failure {
    let (what, error) = match broken {
        Broken::NoAnswer(e) if e.is_connect() => ("cannot reach the server", Some(*e)),
        Broken::NoAnswer(e) | Broken::Body(e) if e.is_timeout() => {
            ("the server did not answer in time", Some(*e))
        }
        Broken::NoAnswer(e) => ("the connection broke before an answer came", Some(*e)),
        Broken::Body(e) => ("the answer broke off", Some(*e)),
        Broken::TooLong => ("the answer is longer than 32 MiB", None),
    };
    let causes = error.map(causes).unwrap_or_default();
    let message = if causes.is_empty() { what.to_owned() } else { format!("{what}: {causes}") };
    // A refusal's status says enough, however its body ended.
    let refused = status.is_some_and(|s| (300..500).contains(&s) && s != 408);
    let never_sent = matches!(broken, Broken::NoAnswer(e) if e.is_connect() || e.is_builder());
    let outcome = if mutation && !never_sent && !refused { Outcome::Unknown } else { Outcome::NotApplied };
    let untrusted = causes.contains("certificate");
    let class = if untrusted { Class::Configuration } else { Class::Transient };
    let mut failure = Failure::new(class, Scope::Connection, credential.words(&clip(&message, WORDS_MAX)));
    failure.status = status;
    failure.outcome = outcome;
    if untrusted {
        failure.help =
            Some("name the authority that signed the server's certificate with `ca_file`".to_owned());
    }
    failure
}

/// The innermost causes, without the request's address: its query could hold what nobody should read.
fn causes(error: &reqwest::Error) -> String {
    let mut parts: Vec<String> = Vec::new();
    let mut next = std::error::Error::source(error);
    while let Some(cause) = next {
        let text = cause.to_string();
        let is_request = cause.downcast_ref::<reqwest::Error>().is_some();
        if !is_request && !parts.iter().any(|p| p.contains(&text)) {
            parts.push(text);
        }
        next = cause.source();
    }
    parts.join(": ")
}
