//! Turns what went wrong on the wire into a failure. A mutation whose request may have arrived is never called failed.

use url::Url;

use super::{Credential, WORDS_MAX, tls};
use crate::connector::{Class, Failure, Outcome, Scope, Trouble};
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

/// The failure for an exchange with `to` that broke. `status` is what was read of the answer.
pub(super) fn failure(
    broken: &Broken<'_>,
    status: Option<u16>,
    mutation: bool,
    credential: &Credential,
    to: &Url,
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
    let found = match broken {
        Broken::NoAnswer(e) => diagnose(e, &causes, to),
        _ => None,
    };
    let settled = found.as_ref().is_some_and(|d| d.settled);
    let class = if settled { Class::Configuration } else { Class::Transient };
    let mut failure = Failure::new(class, Scope::Connection, credential.words(&clip(&message, WORDS_MAX)));
    failure.status = status;
    failure.outcome = outcome;
    if let Some(found) = found {
        failure.trouble = Some(found.trouble);
        failure.help = Some(credential.words(&found.help));
    }
    failure
}

/// What is behind a connection that did not come about.
struct Diagnosis {
    trouble: Trouble,
    help: String,
    /// It stays so until somebody changes something: trying again is of no use.
    settled: bool,
}

impl Diagnosis {
    fn passing(trouble: Trouble, help: String) -> Self {
        Self { trouble, help, settled: false }
    }

    fn settled(trouble: Trouble, help: impl Into<String>) -> Self {
        Self { trouble, help: help.into(), settled: true }
    }
}

fn diagnose(error: &reqwest::Error, causes: &str, to: &Url) -> Option<Diagnosis> {
    let host = to.host_str().unwrap_or("the server");
    let at = format!("{host}:{}", to.port_or_known_default().unwrap_or_default());
    let text = causes.to_lowercase();
    if text.contains("tunnel error") || text.contains("socks") {
        return Some(proxy(&text, host));
    }
    if let Some(tls) = chain(error).find_map(tls_error) {
        return Some(certificate(tls, host, &at));
    }
    if text.contains("tls handshake eof") {
        let help =
            format!("{at} ends the TLS handshake: check host and port of `api_url`, and any proxy between");
        return Some(Diagnosis::passing(Trouble::Tls, help));
    }
    if text.contains("dns error") || text.contains("failed to lookup address") {
        let help =
            format!("there is no host {host}, or no name server answers: check `api_url` and the network");
        return Some(Diagnosis::passing(Trouble::Host, help));
    }
    let io =
        |e: &(dyn std::error::Error + 'static)| e.downcast_ref::<std::io::Error>().map(std::io::Error::kind);
    if chain(error).filter_map(io).any(|kind| kind == std::io::ErrorKind::ConnectionRefused) {
        let help =
            format!("nothing listens at {at}: check host and port of `api_url`, and that the server runs");
        return Some(Diagnosis::passing(Trouble::Host, help));
    }
    if error.is_connect() && error.is_timeout() {
        let help = format!("{at} does not answer: check `api_url`, and whether a proxy or a VPN is needed");
        return Some(Diagnosis::passing(Trouble::Host, help));
    }
    if chain(error).any(|e| e.downcast_ref::<hyper::Error>().is_some_and(hyper::Error::is_parse)) {
        let help =
            format!("what answers at {at} does not speak HTTP there: check port and scheme of `api_url`");
        return Some(Diagnosis::passing(Trouble::Host, help));
    }
    None
}

/// What a proxy did not do. It is tried again, since it may be one that a network brings along, unless it wants a password.
fn proxy(text: &str, host: &str) -> Diagnosis {
    let named =
        tls::proxy_named(&|name| std::env::var(name).ok()).unwrap_or_else(|| "of the system".to_owned());
    if text.contains("authorization required") || text.contains("authentication") {
        let help = format!(
            "the proxy {named} wants a user and a password: write them into the variable as http://USER:PASSWORD@HOST:PORT"
        );
        return Diagnosis::settled(Trouble::Proxy, help);
    }
    let did = if text.contains("failed to create underlying connection") {
        "cannot be reached"
    } else {
        "does not let us through"
    };
    Diagnosis::passing(
        Trouble::Proxy,
        format!("the proxy {named} {did}: check that variable, or name {host} in NO_PROXY"),
    )
}

/// What is wrong with a server's certificate, or with its TLS at all.
fn certificate(error: &rustls::Error, host: &str, at: &str) -> Diagnosis {
    use rustls::CertificateError as C;
    let rustls::Error::InvalidCertificate(why) = error else {
        let help = format!(
            "what answers at {at} speaks no TLS that we know, or none at all: check port and scheme of `api_url`"
        );
        return Diagnosis::passing(Trouble::Tls, help);
    };
    let help = match why {
        C::Expired | C::ExpiredContext { .. } => {
            format!("the certificate of {host} is no longer valid, or this machine's clock is wrong: set the clock, or have the certificate renewed")
        }
        C::NotValidYet | C::NotValidYetContext { .. } => {
            format!("the certificate of {host} is not valid yet, or this machine's clock is wrong: set the clock")
        }
        C::NotValidForName | C::NotValidForNameContext { .. } => {
            format!("the certificate is another host's: write the name it is for into `api_url` in place of {host}")
        }
        _ => "name the authority that signed the server's certificate with `ca_file`; for a self-signed one, the certificate itself".to_owned(),
    };
    Diagnosis::settled(Trouble::Tls, help)
}

/// An error and what stands behind it, outermost first.
fn chain<'a>(error: &'a reqwest::Error) -> impl Iterator<Item = &'a (dyn std::error::Error + 'static)> {
    std::iter::successors(Some(error as &'a (dyn std::error::Error + 'static)), |e| e.source())
}

/// The TLS error in one link of a chain; I/O errors carry it within, at times one in another.
fn tls_error<'a>(error: &'a (dyn std::error::Error + 'static)) -> Option<&'a rustls::Error> {
    match error.downcast_ref::<std::io::Error>() {
        Some(io) => io.get_ref().and_then(|inner| tls_error(inner)),
        None => error.downcast_ref(),
    }
}

/// The innermost causes, without the request's address: its query could hold what nobody should read.
fn causes(error: &reqwest::Error) -> String {
    let mut parts: Vec<String> = Vec::new();
    for cause in chain(error).skip(1) {
        let text = cause.to_string();
        let is_request = cause.downcast_ref::<reqwest::Error>().is_some();
        if !is_request && !parts.iter().any(|p| p.contains(&text)) {
            parts.push(text);
        }
    }
    parts.join(": ")
}
