//! Builds the program's one HTTP client: TLS, proxies, timeouts. It sends nothing.

use std::path::{Path, PathBuf};
use std::sync::Once;
use std::time::Duration;

use reqwest::{Certificate, Client, ClientBuilder, NoProxy, Proxy};
use url::Url;

use crate::connector::{Class, Failure, Scope, Trouble};

/// Hosts that are never reached through a proxy.
const LOOPBACK: &str = "localhost,127.0.0.0/8,::1";

/// Why there is no HTTP client.
#[derive(Debug, thiserror::Error)]
pub enum ClientError {
    /// The CA file cannot be read.
    #[error("cannot read the CA file {path}")]
    CaFile {
        /// The file.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// The CA file holds no certificate.
    #[error("the CA file {path} holds no PEM certificate")]
    NoCertificate {
        /// The file.
        path: PathBuf,
    },
    /// A proxy address in the environment is no address.
    #[error("the environment variable {variable} does not name a proxy")]
    Proxy {
        /// Which variable; its value may hold a password.
        variable: String,
        /// Why.
        source: reqwest::Error,
    },
    /// TLS cannot be set up; on Linux mostly because the machine has no CA certificates.
    #[error("TLS cannot be set up; install the system's CA certificates or name a bundle with `ca_file`")]
    Tls(#[source] reqwest::Error),
}

impl ClientError {
    /// What a person can do about it.
    fn help(&self) -> &'static str {
        match self {
            Self::CaFile { .. } => "check the path in `ca_file` and that you may read the file",
            Self::NoCertificate { .. } => {
                "`ca_file` takes certificates as PEM, such as your company's authority"
            }
            Self::Proxy { .. } => {
                "write it as http://HOST:PORT, with USER:PASSWORD@ in front of the host if it wants them"
            }
            Self::Tls(_) => "on Debian install `ca-certificates`, or name a bundle with `ca_file`",
        }
    }

    /// The same as what a connection says of itself.
    pub fn into_failure(self) -> Failure {
        let cause = std::error::Error::source(&self).map(|c| format!(": {c}")).unwrap_or_default();
        let trouble = if matches!(self, Self::Proxy { .. }) { Trouble::Proxy } else { Trouble::Tls };
        Failure::new(Class::Configuration, Scope::Connection, format!("{self}{cause}"))
            .with_trouble(trouble)
            .with_help(self.help())
    }
}

/// The client the whole program shares. `ca` is a PEM bundle to trust besides the system's certificates.
///
/// It follows no redirects and retries nothing, not even what a protocol would allow: a repeated POST is a second
/// issue. It must be built inside a Tokio runtime.
pub fn http_client(ca: Option<&Path>) -> Result<Client, ClientError> {
    let extra = ca.map(certificates).transpose()?.unwrap_or_default();
    let with_system = base(&|name| std::env::var(name).ok())?.tls_certs_merge(extra.clone()).build();
    match with_system {
        Err(_) if !extra.is_empty() => {
            base(&|name| std::env::var(name).ok())?.tls_certs_only(extra).build().map_err(ClientError::Tls)
        }
        other => other.map_err(ClientError::Tls),
    }
}

/// A client for servers on this machine over plain HTTP; it trusts no certificate and so needs none installed.
pub fn loopback_client() -> Result<Client, ClientError> {
    base(&|_| None)?.no_proxy().tls_certs_only([]).build().map_err(ClientError::Tls)
}

fn base(env: &dyn Fn(&str) -> Option<String>) -> Result<ClientBuilder, ClientError> {
    install_provider();
    let mut builder = Client::builder()
        .user_agent(concat!("corkboard/", env!("CARGO_PKG_VERSION")))
        .connect_timeout(Duration::from_secs(10))
        .timeout(Duration::from_mins(1))
        .redirect(reqwest::redirect::Policy::none())
        .retry(reqwest::retry::never())
        .referer(false);
    for proxy in proxies(env)? {
        builder = builder.proxy(proxy);
    }
    Ok(builder)
}

/// A variable in either case, the small one first as other tools have it; its name and its value.
fn either(env: &dyn Fn(&str) -> Option<String>, name: &str) -> Option<(String, String)> {
    [name.to_lowercase(), name.to_owned()]
        .into_iter()
        .find_map(|n| env(&n).filter(|v| !v.trim().is_empty()).map(|v| (n, v)))
}

/// The proxy in front of https addresses, as a person finds it: the variable and where it points, without a password.
pub(super) fn proxy_named(env: &dyn Fn(&str) -> Option<String>) -> Option<String> {
    let (variable, value) = either(env, "HTTPS_PROXY").or_else(|| either(env, "ALL_PROXY"))?;
    let whole = if value.contains("://") { value } else { format!("http://{value}") };
    let url = Url::parse(&whole).ok()?;
    let port = url.port_or_known_default().map(|p| format!(":{p}")).unwrap_or_default();
    Some(format!("{}{port} of {variable}", url.host_str()?))
}

/// The environment's proxies, loopback excepted. Where the environment names none, reqwest asks the system itself.
fn proxies(env: &dyn Fn(&str) -> Option<String>) -> Result<Vec<Proxy>, ClientError> {
    let either = |name: &str| either(env, name);
    let exempt = either("NO_PROXY").map_or_else(|| LOOPBACK.to_owned(), |(_, v)| format!("{LOOPBACK},{v}"));
    let mut found = Vec::new();
    for (name, build) in [
        ("HTTPS_PROXY", Proxy::https as fn(String) -> reqwest::Result<Proxy>),
        ("HTTP_PROXY", Proxy::http),
        ("ALL_PROXY", Proxy::all),
    ] {
        if let Some((variable, value)) = either(name) {
            let proxy = build(value).map_err(|e| ClientError::Proxy { variable, source: e.without_url() })?;
            found.push(proxy.no_proxy(NoProxy::from_string(&exempt)));
        }
    }
    Ok(found)
}

fn certificates(path: &Path) -> Result<Vec<Certificate>, ClientError> {
    let pem = std::fs::read(path).map_err(|source| ClientError::CaFile { path: path.to_owned(), source })?;
    match Certificate::from_pem_bundle(&pem) {
        Ok(found) if !found.is_empty() => Ok(found),
        _ => Err(ClientError::NoCertificate { path: path.to_owned() }),
    }
}

/// Installs the process's cryptography once; an earlier installation by another part stays.
fn install_provider() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        if rustls::crypto::ring::default_provider().install_default().is_err() {
            tracing::debug!("a TLS provider was installed already");
        }
    });
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_client_for_this_machine_needs_no_certificates() {
        assert!(loopback_client().is_ok());
    }

    #[test]
    fn a_missing_ca_file_is_named() {
        let error = http_client(Some(Path::new("/nowhere/ca.pem"))).expect_err("there is no such file");
        assert!(error.to_string().contains("/nowhere/ca.pem"), "{error}");
    }

    #[test]
    fn a_ca_file_without_certificates_is_refused() {
        let file = tempfile::NamedTempFile::new().expect("a temporary file");
        let error = http_client(Some(file.path())).expect_err("it is empty");
        assert!(matches!(error, ClientError::NoCertificate { .. }), "{error}");
    }

    #[test]
    fn a_bad_proxy_names_its_variable_and_not_its_value() {
        let env = |name: &str| (name == "HTTPS_PROXY").then(|| "http://user:hunter2@[bad".to_owned());
        let error = proxies(&env).expect_err("it is no address");
        let told = format!("{error} {:?}", std::error::Error::source(&error));
        assert!(told.contains("HTTPS_PROXY") && !told.contains("hunter2"), "{told}");
    }

    #[test]
    fn a_proxy_is_named_by_its_variable_and_address_without_its_password() {
        let env = |value: &'static str| move |name: &str| (name == "https_proxy").then(|| value.to_owned());
        let named = |value| proxy_named(&env(value));
        assert_eq!(named("http://user:hunter2@proxy:3128").as_deref(), Some("proxy:3128 of https_proxy"));
        assert_eq!(named("proxy.example.net:8080").as_deref(), Some("proxy.example.net:8080 of https_proxy"));
        assert_eq!(named(""), None);
    }

    #[test]
    fn proxies_come_from_the_environment_in_either_case() {
        let env =
            |name: &str| matches!(name, "https_proxy" | "ALL_PROXY").then(|| "http://proxy:3128".to_owned());
        assert_eq!(proxies(&env).expect("both are addresses").len(), 2);
    }
}
