//! What a connection connects, where its API is, and whose token it is: each platform in its own words.

use std::net::IpAddr;

use url::Url;

use super::super::Reader;
use super::super::section::Section;
use crate::config::settings::Platform;

/// GitHub's own API, when `api_url` is not given.
const GITHUB_API: &str = "https://api.github.com";
/// GitLab's own instance.
const GITLAB_URL: &str = "https://gitlab.com";
/// Bitbucket Cloud's API.
const BITBUCKET_API: &str = "https://api.bitbucket.org/2.0";

impl Reader {
    /// What the connection connects, under the key the platform has for it.
    pub(super) fn place(&mut self, table: &Section, platform: Platform) -> Option<String> {
        for key in ["repository", "project"] {
            let meant = key == platform.place_key() || (key == "project" && platform == Platform::Github);
            if !meant && table.has(key) {
                let message = format!("a {} connection has no `{key}`", platform.as_str());
                let help = format!("write `{}`", platform.place_key());
                self.mistakes.add(table.key_span(key), message, help);
            }
        }
        match platform {
            Platform::Github | Platform::Bitbucket => self.repository(table),
            Platform::Gitlab => {
                let (written, span) = table.required(self, "project", "write `project = \"group/name\"`")?;
                let good =
                    |part: &str| !matches!(part, "" | "." | "..") && !part.contains(char::is_whitespace);
                if written.split('/').count() >= 2 && written.split('/').all(good) {
                    return Some(written.to_owned());
                }
                let message = format!("`{written}` is not the path of a project");
                self.mistakes.add(
                    span,
                    message,
                    "write `project = \"group/name\"`, with every group above it",
                );
                None
            }
            Platform::Jira => {
                let (written, span) =
                    table.required(self, "project", "write the key, such as `project = \"ABC\"`")?;
                let good = |c: char| c.is_ascii_uppercase() || c.is_ascii_digit() || c == '_';
                if written.starts_with(|c: char| c.is_ascii_uppercase()) && written.chars().all(good) {
                    return Some(written.to_owned());
                }
                let message = format!("`{written}` is not the key of a project");
                self.mistakes.add(
                    span,
                    message,
                    "write what stands before the number of an issue: `ABC` of ABC-12",
                );
                None
            }
        }
    }

    /// The GitHub project whose Status field holds the columns.
    pub(super) fn project(&mut self, table: &Section, platform: Platform) -> Option<String> {
        if platform != Platform::Github {
            return None;
        }
        let (written, span) = table.text(self, "project")?;
        let parts: Vec<&str> = written.split('/').collect();
        if let ["orgs" | "users", owner, "projects", number] = parts.as_slice()
            && !owner.is_empty()
            && number.parse::<u32>().is_ok()
        {
            return Some(written.to_owned());
        }
        let message = format!("`{written}` is not a project");
        let help = "write it as in its address: `orgs/NAME/projects/3` or `users/NAME/projects/3`";
        self.mistakes.add(span, message, help);
        None
    }

    /// Whose token it is.
    pub(super) fn user(&mut self, table: &Section, platform: Platform) -> Option<String> {
        let (written, span) = table.text(self, "user")?;
        if !matches!(platform, Platform::Jira | Platform::Bitbucket) {
            let message = format!("a {} connection has no `user`", platform.as_str());
            self.mistakes.add(table.key_span("user"), message, "take it out: the token says whose it is");
        } else if written.trim().is_empty() || written.contains(':') || written.contains(char::is_whitespace)
        {
            self.mistakes.add(span, "this cannot be a user", "write the account's e-mail address");
        } else {
            return Some(written.to_owned());
        }
        None
    }

    fn repository(&mut self, table: &Section) -> Option<String> {
        let (written, span) = table.required(self, "repository", "write `repository = \"owner/name\"`")?;
        if is_repository(written) {
            return Some(written.to_owned());
        }
        let inner = written.trim_end_matches('/').trim_end_matches(".git");
        let mut parts = inner.rsplit(['/', ':']);
        let (name, owner) = (parts.next().unwrap_or_default(), parts.next().unwrap_or_default());
        let guess = format!("{owner}/{name}");
        let help = if is_repository(&guess) {
            format!("write `repository = \"{guess}\"`: the host goes into `api_url`")
        } else {
            "write `repository = \"owner/name\"`".to_owned()
        };
        self.mistakes.add(span, format!("`{written}` is not a repository as `owner/name`"), help);
        None
    }

    pub(super) fn api_url(&mut self, table: &Section, platform: Platform) -> Option<Url> {
        let standard = || match platform {
            Platform::Github => Url::parse(GITHUB_API).ok(),
            Platform::Gitlab => Url::parse(GITLAB_URL).ok(),
            Platform::Bitbucket => Url::parse(BITBUCKET_API).ok(),
            Platform::Jira => None,
        };
        if platform == Platform::Jira {
            table.required(
                self,
                "api_url",
                "write the site, such as `api_url = \"https://site.example.net\"`",
            )?;
        }
        let Some(item) = table.item("api_url") else { return standard() };
        let Some((written, span)) = table.text(self, "api_url") else {
            return item.as_str().and_then(|_| standard());
        };
        let url = match Url::parse(written) {
            Ok(url) => url,
            Err(error) => {
                self.mistakes.hide(span.clone());
                let help = "write the base of the API, such as \"https://api.github.com\"";
                self.mistakes.add(span, format!("this is not a URL: {error}"), help);
                return None;
            }
        };
        if let Some((message, help)) = url_problem(&url) {
            if !url.username().is_empty() || url.password().is_some() || url.query().is_some() {
                self.mistakes.hide(span.clone());
            }
            self.mistakes.add(span, message, help);
            return None;
        }
        let bare = url.as_str().trim_end_matches('/');
        Url::parse(bare).ok()
    }
}

/// Whether `text` is `owner/name` as GitHub allows it: owners of letters, digits, `-` and, for managed users, `_`.
pub fn is_repository(text: &str) -> bool {
    let Some((owner, name)) = text.split_once('/') else { return false };
    let owner_good = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '_';
    let name_good = |c: char| owner_good(c) || c == '.';
    !owner.is_empty()
        && owner.len() <= 100
        && owner.chars().all(owner_good)
        && !name.is_empty()
        && name.len() <= 100
        && name.chars().all(name_good)
        && name != "."
        && name != ".."
}

/// Whether a server is on this machine.
pub fn is_loopback(url: &Url) -> bool {
    match url.host() {
        Some(url::Host::Domain(name)) => name == "localhost",
        Some(url::Host::Ipv4(ip)) => IpAddr::V4(ip).is_loopback(),
        Some(url::Host::Ipv6(ip)) => IpAddr::V6(ip).is_loopback(),
        None => false,
    }
}

fn url_problem(url: &Url) -> Option<(String, &'static str)> {
    let problem = |message: &str, help| Some((message.to_owned(), help));
    if !url.username().is_empty() || url.password().is_some() {
        problem(
            "a URL with a user name or password in it",
            "take them out: `token` says where the token is found",
        )
    } else if url.query().is_some() || url.fragment().is_some() {
        problem("the base of an API has no `?` and no `#`", "take everything from there on out")
    } else if !matches!(url.scheme(), "http" | "https") {
        problem("the base of an API is an https URL", "write it as \"https://host/path\"")
    } else if url.host().is_none() {
        problem("this URL names no host", "write it as \"https://host/path\"")
    } else if url.scheme() == "http" && !is_loopback(url) {
        problem(
            "plain http would show the token to everybody on the way",
            "write https; http is for 127.0.0.1 only",
        )
    } else if matches!(url.host_str(), Some("github.com" | "www.github.com")) {
        problem(
            "this is GitHub's web site, not its API",
            "write \"https://api.github.com\", or take the line out",
        )
    } else {
        None
    }
}
