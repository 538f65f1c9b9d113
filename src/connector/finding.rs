//! What can be wrong with a connection, as data: `doctor` prints it, scripts read it. It decides nothing.

use serde::Serialize;

use super::{Class, Failure, Scope};

/// What is wrong with a connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Trouble {
    /// The token is wrong, expired or revoked, or is not there.
    Token,
    /// The token may not do what its account may.
    Scope,
    /// The account may not do it, whatever its token.
    Permission,
    /// What answers is not the platform, or nothing does.
    Host,
    /// The platform is there; the repository or project is not, or is not shown to us.
    Place,
    /// Issues are switched off.
    Disabled,
    /// The repository or project is archived or closed.
    Archived,
    /// This machine's clock is wrong.
    Clock,
    /// The proxy cannot be reached or does not let us through.
    Proxy,
    /// No TLS connection comes about, or its certificate is not to be trusted.
    Tls,
    /// The platform's version is older than what is spoken to.
    Version,
}

impl Trouble {
    /// Every trouble there is.
    pub const ALL: [Self; 11] = [
        Self::Token,
        Self::Scope,
        Self::Permission,
        Self::Host,
        Self::Place,
        Self::Disabled,
        Self::Archived,
        Self::Clock,
        Self::Proxy,
        Self::Tls,
        Self::Version,
    ];

    /// Its name for a person, in small letters.
    pub fn words(self) -> &'static str {
        match self {
            Self::Token => "wrong token",
            Self::Scope => "missing scope",
            Self::Permission => "missing permission",
            Self::Host => "wrong host",
            Self::Place => "not found",
            Self::Disabled => "issues disabled",
            Self::Archived => "archived",
            Self::Clock => "clock skew",
            Self::Proxy => "proxy failure",
            Self::Tls => "TLS failure",
            Self::Version => "version too old",
        }
    }

    /// What a refusal of the connection as a whole means by its status alone; `own` says that it is worded as the
    /// platform words its refusals. A refusal of one item is no trouble of the connection.
    pub(super) fn of_refusal(status: u16, class: Class, scope: Scope, own: bool) -> Option<Self> {
        if scope != Scope::Connection {
            return None;
        }
        match status {
            401 => Some(Self::Token),
            403 if !own => Some(Self::Proxy),
            403 if class == Class::Configuration => Some(Self::Permission),
            404 if !own => Some(Self::Host),
            404 => Some(Self::Place),
            300..=399 => Some(Self::Host),
            407 => Some(Self::Proxy),
            _ => None,
        }
    }
}

/// What somebody who stands between us and the platform needs a person to do.
pub(super) const BETWEEN: &str = "this is not the platform's own answer: a proxy, a firewall or a network that wants you to sign in stands \
    between; check `api_url`, HTTPS_PROXY and NO_PROXY";

/// How far a finding reaches.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Stops {
    /// Nothing works.
    Everything,
    /// Edits are refused; reading goes on.
    Writes,
    /// Some kinds of edits are refused, which the message names.
    SomeWrites,
}

/// Something a look at the connection found, in the platform's own words.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Finding {
    /// What is wrong.
    pub trouble: Trouble,
    /// What does not work because of it.
    pub stops: Stops,
    /// What was found, in one sentence.
    pub message: String,
    /// What a person can do.
    pub help: String,
}

impl Finding {
    /// Something that was found.
    pub(super) fn new(
        trouble: Trouble,
        stops: Stops,
        message: impl Into<String>,
        help: impl Into<String>,
    ) -> Self {
        Self { trouble, stops, message: message.into(), help: help.into() }
    }

    /// Whether it lets edits pass.
    pub(super) fn lets_write(&self) -> bool {
        self.stops == Stops::SomeWrites
    }
}

/// The failure of a look at what every instance of a platform has: where that is missing, the platform is another one.
pub(super) fn not_the_platform(failure: Failure, help: &str) -> Failure {
    if failure.status == Some(404) { failure.with_help(help).with_trouble(Trouble::Host) } else { failure }
}

/// Scopes as they are shown; a token without one says so.
pub(super) fn listed(scopes: &[String]) -> String {
    if scopes.is_empty() { "no scope".to_owned() } else { scopes.join(", ") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_refusal_of_one_item_is_no_trouble_of_the_connection() {
        let of = |status, class, scope, own| Trouble::of_refusal(status, class, scope, own);
        let (con, item) = (Scope::Connection, Scope::Item);
        assert_eq!(of(401, Class::Configuration, con, true), Some(Trouble::Token));
        assert_eq!(of(403, Class::Configuration, con, true), Some(Trouble::Permission));
        assert_eq!(of(403, Class::Transient, con, true), None, "a limit");
        assert_eq!(of(403, Class::Transient, con, false), Some(Trouble::Proxy));
        assert_eq!(of(404, Class::Configuration, con, false), Some(Trouble::Host));
        assert_eq!(of(404, Class::Configuration, con, true), Some(Trouble::Place));
        assert_eq!(of(404, Class::Permanent, item, true), None);
        assert_eq!(of(502, Class::Transient, con, true), None);
    }

    #[test]
    fn every_trouble_has_words_of_its_own() {
        let mut words = Trouble::ALL.map(Trouble::words);
        words.sort_unstable();
        assert!(words.windows(2).all(|w| w[0] != w[1]));
    }
}
