//! From the URL of a git remote to a repository and the base of its API.

use url::Url;

use crate::config::is_repository;

/// A repository and where its API is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Remote {
    /// The host, in small letters.
    pub(super) host: String,
    /// `owner/name`.
    pub(super) repository: String,
    /// The base of the API; `None` for GitHub's own.
    pub(super) api_url: Option<Url>,
}

impl Remote {
    /// A repository on github.com.
    pub(super) fn github(repository: &str) -> Self {
        Self { host: "github.com".to_owned(), repository: repository.to_owned(), api_url: None }
    }

    /// Whether it is on GitHub itself and not on a company's server.
    pub(super) fn is_github(&self) -> bool {
        self.host == "github.com"
    }

    /// Reads `https://HOST/OWNER/NAME.git`, `ssh://git@HOST:PORT/OWNER/NAME` and `git@HOST:OWNER/NAME.git`. The error says
    /// why not, and never repeats a password that stands in the URL.
    pub(super) fn parse(written: &str) -> Result<Self, String> {
        let (host, path) = split(written)?;
        let path = path.trim_matches('/');
        let repository = path.strip_suffix(".git").unwrap_or(path);
        if !is_repository(repository) {
            return Err(format!("its path is not OWNER/NAME but `{repository}`"));
        }
        let host = host.to_lowercase();
        // GitHub's ssh over the https port (its documentation, "Using SSH over the HTTPS port").
        let host =
            if host == "ssh.github.com" || host == "www.github.com" { "github.com".to_owned() } else { host };
        if let Some(name) = ["gitlab", "bitbucket", "codeberg"].into_iter().find(|n| host.contains(n)) {
            return Err(format!("it is on {name}, and Corkboard speaks to GitHub"));
        }
        let api_url = api_of(&host)?;
        Ok(Self { host, repository: repository.to_owned(), api_url })
    }
}

/// Host and path of a remote's URL.
fn split(written: &str) -> Result<(String, String), String> {
    let scheme = written.split_once("://").map(|(s, _)| s.to_lowercase());
    match scheme.as_deref() {
        Some("https" | "http" | "ssh" | "git" | "git+ssh" | "ssh+git") => {
            let url = Url::parse(written).map_err(|e| format!("its URL cannot be read: {e}"))?;
            let host = url.host_str().filter(|h| !h.is_empty()).ok_or("its URL names no host")?;
            Ok((host.to_owned(), url.path().to_owned()))
        }
        Some(other) => Err(format!("its URL is a {other} one")),
        None => {
            // The short form of ssh: everything up to the first colon is user and host.
            let (login, path) = written.split_once(':').ok_or("it is a folder on this machine")?;
            let host = login.rsplit('@').next().unwrap_or(login);
            if host.is_empty() || host.contains(['/', '\\']) || host.len() == 1 {
                return Err("it is a folder on this machine".to_owned());
            }
            Ok((host.to_owned(), path.to_owned()))
        }
    }
}

/// Where a host's API is: GitHub's own, an enterprise cloud with its own domain, or a server in a company.
fn api_of(host: &str) -> Result<Option<Url>, String> {
    if host == "github.com" {
        return Ok(None);
    }
    let base = match host.strip_suffix(".ghe.com") {
        Some(name) => format!("https://api.{name}.ghe.com"),
        None => format!("https://{host}/api/v3"),
    };
    Url::parse(&base).map(Some).map_err(|e| format!("its host cannot be read: {e}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_form_of_a_remote_is_understood() {
        let cases = [
            ("https://github.com/octo/app.git", "octo/app", None),
            ("https://github.com/octo/app", "octo/app", None),
            ("https://ana:secret@github.com/octo/app/", "octo/app", None),
            ("git@github.com:octo/app.git", "octo/app", None),
            ("github.com:octo/app", "octo/app", None),
            ("ssh://git@github.com/octo/app.git", "octo/app", None),
            ("ssh://git@ssh.github.com:443/octo/app.git", "octo/app", None),
            ("git://GitHub.com/octo/app.git", "octo/app", None),
            ("git@github.com:/octo/dot.name.git", "octo/dot.name", None),
            ("https://git.example.com/team/api.git", "team/api", Some("https://git.example.com/api/v3")),
            ("ssh://git@git.example.com:2222/team/api", "team/api", Some("https://git.example.com/api/v3")),
            ("https://octo.ghe.com/team/api", "team/api", Some("https://api.octo.ghe.com/")),
        ];
        for (url, repository, api) in cases {
            let remote = Remote::parse(url).expect(url);
            assert_eq!(
                (remote.repository.as_str(), remote.api_url.as_ref().map(Url::as_str)),
                (repository, api),
                "{url}"
            );
        }
    }

    #[test]
    fn what_is_not_on_github_says_why() {
        let cases = [
            ("/srv/git/app.git", "folder"),
            ("../app", "folder"),
            ("C:\\git\\app", "folder"),
            ("file:///srv/git/app.git", "file"),
            ("https://gitlab.com/octo/app.git", "gitlab"),
            ("https://github.com/octo", "OWNER/NAME"),
            ("https://github.com/octo/app/extra", "OWNER/NAME"),
            ("https://ana:secret@github.com/x", "OWNER/NAME"),
        ];
        for (url, word) in cases {
            let why = Remote::parse(url).expect_err(url);
            assert!(why.contains(word) && !why.contains("secret"), "{url}: {why}");
        }
    }
}
