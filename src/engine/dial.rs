//! Making a connector from settings: the one place that meets tokens.

use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};

use secrecy::SecretString;

use crate::config::ConnectionSettings;
use crate::config::settings::{Platform, TokenSource};
use crate::connector::bitbucket::{BitbucketConnector, BitbucketOptions};
use crate::connector::github::{GithubConnector, GithubOptions, OVERLAP};
use crate::connector::gitlab::{GitlabConnector, GitlabOptions};
use crate::connector::http::{
    ClientError, Credential, Gates, GatesOptions, Limits, http_client, loopback_client,
};
use crate::connector::jira::{JiraConnector, JiraOptions};
use crate::connector::{Answer, Connector, Exchange, Failure, Scope, Trouble};
use crate::support::clock::{SharedClock, Timestamp};
use crate::sync::retry::Class;

/// What a connector is given besides its settings.
#[derive(Clone)]
pub struct Wires {
    /// Told of every exchange.
    pub observe: Arc<dyn Fn(Exchange) + Send + Sync>,
    /// Told when the platform orders to wait until a moment.
    pub cool_down: Arc<dyn Fn(Timestamp) + Send + Sync>,
    /// A wait ordered before this process started.
    pub cool_down_until: Option<Timestamp>,
    /// Nothing but GET and HEAD may leave.
    pub read_only: bool,
    /// The clock.
    pub clock: SharedClock,
}

/// Makes connectors.
pub trait Dial: Send + Sync {
    /// Finds the token and makes the connector of one connection.
    fn dial<'a>(&'a self, settings: &'a ConnectionSettings, wires: Wires) -> Answer<'a, Arc<dyn Connector>>;
}

/// Finds a token; says why it cannot, without ever repeating the token.
pub type TokenReader = Arc<dyn Fn(&TokenSource) -> Result<SecretString, String> + Send + Sync>;

/// Which clients may share their gates.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Kind {
    platform: Platform,
    read_only: bool,
    loopback: bool,
    ca_file: Option<PathBuf>,
}

/// Makes real connectors over one HTTP client, with one gate for each host and credential.
pub struct RealDial {
    tokens: TokenReader,
    gates: Mutex<Vec<(Kind, Arc<Gates>)>>,
    /// What holds for plain HTTP, which is loopback only.
    loopback: Limits,
}

impl RealDial {
    /// A dial that finds tokens with `tokens`, which may block.
    pub fn new(tokens: TokenReader) -> Self {
        Self { tokens, gates: Mutex::default(), loopback: Limits::none() }
    }

    /// The same with limits for plain HTTP on loopback too, where a simulated platform answers and nothing is limited
    /// unless asked for. Every other address has its platform's own limits, and nothing takes them away.
    #[must_use]
    pub fn with_loopback_limits(self, limits: Limits) -> Self {
        Self { loopback: limits, ..self }
    }

    fn limits(&self, kind: &Kind) -> Limits {
        match kind.platform {
            _ if kind.loopback => self.loopback.clone(),
            Platform::Github => Limits::github(),
            Platform::Gitlab => Limits::gitlab(),
            Platform::Jira => Limits::jira(),
            Platform::Bitbucket => Limits::bitbucket(),
        }
    }

    fn gates(&self, settings: &ConnectionSettings, wires: &Wires) -> Result<Arc<Gates>, Failure> {
        let kind = Kind {
            platform: settings.platform,
            read_only: wires.read_only,
            loopback: settings.api_url.scheme() == "http",
            ca_file: settings.ca_file.clone(),
        };
        let mut known = self.gates.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((_, gates)) = known.iter().find(|(k, _)| *k == kind) {
            return Ok(gates.clone());
        }
        // Plain HTTP is only ever loopback: the config refuses it elsewhere.
        let client = if kind.loopback { loopback_client() } else { http_client(kind.ca_file.as_deref()) };
        let client = client.map_err(ClientError::into_failure)?;
        let options = GatesOptions {
            client,
            clock: wires.clock.clone(),
            read_only: kind.read_only,
            limits: self.limits(&kind),
        };
        let gates = Arc::new(Gates::new(options));
        known.push((kind, gates.clone()));
        Ok(gates)
    }
}

impl Dial for RealDial {
    fn dial<'a>(&'a self, settings: &'a ConnectionSettings, wires: Wires) -> Answer<'a, Arc<dyn Connector>> {
        Box::pin(async move {
            let (tokens, source) = (self.tokens.clone(), settings.token.clone());
            // A token command or a keyring may take its time.
            let found = tokio::task::spawn_blocking(move || tokens(&source)).await;
            let token =
                found.unwrap_or_else(|_| Err("the token could not be read".to_owned())).map_err(|why| {
                    let help =
                        format!("connection `{}` takes its token from {}", settings.name, settings.token);
                    Failure::new(Class::Configuration, Scope::Connection, why)
                        .with_trouble(Trouble::Token)
                        .with_help(help)
                })?;
            let gates = self.gates(settings, &wires)?;
            let credential = match &settings.user {
                Some(user) => Credential::basic(user, &token),
                None => Credential::bearer(&token),
            };
            let gate = gates.gate(&settings.api_url, &credential, settings.write_pace);
            if let Some(until) = wires.cool_down_until {
                gate.restore_cool_down(until);
            }
            gate.observe_cool_down(wires.cool_down);
            let port = gate.port(wires.observe);
            let (api_url, place) = (settings.api_url.clone(), settings.repository.clone());
            let further = settings.mapping.rules().targets();
            Ok(match settings.platform {
                Platform::Github => {
                    let options = GithubOptions {
                        api_url,
                        repository: place,
                        project: settings.project.clone(),
                        port,
                        overlap: OVERLAP,
                    };
                    Arc::new(GithubConnector::new(options)?.with_further(further)) as Arc<dyn Connector>
                }
                Platform::Gitlab => {
                    let options = GitlabOptions { api_url, project: place, port };
                    Arc::new(GitlabConnector::new(options)?.with_further(further))
                }
                Platform::Jira => {
                    let user = settings.user.clone();
                    let connector = JiraConnector::new(JiraOptions { api_url, project: place, user, port })?;
                    Arc::new(connector.with_hops(settings.mapping.hops()).with_further(further))
                }
                Platform::Bitbucket => {
                    Arc::new(BitbucketConnector::new(BitbucketOptions { api_url, repository: place, port })?)
                }
            })
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_plain_http_on_loopback_can_do_without_limits() {
        let dial = RealDial::new(Arc::new(|_| Err("not asked for".to_owned())));
        let kind = |loopback| Kind { platform: Platform::Github, read_only: false, loopback, ca_file: None };
        assert_eq!(dial.limits(&kind(true)), Limits::none());
        assert_eq!(dial.limits(&kind(false)), Limits::github());
        let asked = dial.with_loopback_limits(Limits::github());
        assert_eq!(asked.limits(&kind(true)), Limits::github());
        let spared = asked.with_loopback_limits(Limits::none());
        assert_eq!(spared.limits(&kind(false)), Limits::github(), "nothing takes them away");
    }
}
