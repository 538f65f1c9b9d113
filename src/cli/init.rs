//! `corkboard init`: from a clone of a repository to a config that works. It never overwrites a file, and never writes a
//! token into one.

mod remote;

use std::fmt::Write as _;
use std::process::Command;

use secrecy::SecretString;
use url::Url;

use super::args::{Args, InitArgs};
use super::doctor::{self, Verdict, look};
use super::error::CliError;
use super::session::{paths, runtime, tokens};
use super::{Ended, output};
use crate::config::settings::TokenSource;
use crate::config::{edit::create_private, is_repository, parse};
use crate::engine::dial::RealDial;
use crate::support::text::one_line;

use remote::Remote;

pub(super) fn run(init: &InitArgs, args: &Args) -> Result<Ended, CliError> {
    let paths = paths(args)?;
    let file = &paths.config_file;
    if file.symlink_metadata().is_ok() {
        return Err(CliError::failed(format!("there is a config already: {}", file.display()))
            .help("edit it, or name another file with --config; `corkboard doctor` checks it"));
    }
    let remote = find_remote(init)?;
    let token = find_token(&remote);
    let source = token.clone().unwrap_or_else(|| TokenSource::Env("GITHUB_TOKEN".to_owned()));
    let text = config_text(&remote, &source);
    let settings = parse(&text, Some(file))?;
    create_private(file, &text).map_err(|error| {
        let help = "check the folder's permissions and the free space, or name another file with --config";
        CliError::failed(format!("cannot write {}", file.display())).because(error).help(help)
    })?;
    let mut out = format!("Wrote {} for {}.\n", one_line(&file.display().to_string()), remote.repository);
    let Some(source) = &token else {
        out.push_str(
            "No token was found: GITHUB_TOKEN and GH_TOKEN are not set, and `gh auth token` gives none.\n\
             help: export GITHUB_TOKEN=.. (issues: read and write), then run `corkboard doctor`\n",
        );
        output::print(&out)?;
        return Ok(Ended::Failed);
    };
    let _ = writeln!(out, "The token comes from {source}; it is not in the file.");
    if init.offline {
        output::print(&out)?;
        return Ok(Ended::Well);
    }
    let failed = match settings.connections.first() {
        Some(connection) => {
            let facts = runtime()?.block_on(look(&RealDial::new(tokens()), connection));
            out.push('\n');
            doctor::lines(&mut out, &facts.checks);
            facts.checks.iter().any(|c| c.verdict == Verdict::Fail)
        }
        None => false,
    };
    out.push_str(if failed {
        "\nThe config is there, but the connection does not work yet. Mend it, then run `corkboard doctor`.\n"
    } else {
        "\nRun `corkboard` to open the board; `gm` fits the columns to your labels.\n"
    });
    output::print(&out)?;
    Ok(if failed { Ended::Failed } else { Ended::Well })
}

/// The repository of the folder, as far as git names one that can be connected.
pub(super) fn repository_here() -> Option<String> {
    find_remote(&InitArgs::default()).ok().map(|remote| remote.repository)
}

fn find_remote(init: &InitArgs) -> Result<Remote, CliError> {
    let mut remote = match &init.repository {
        Some(repository) if is_repository(repository) => Remote::github(repository),
        Some(repository) => {
            return Err(
                CliError::usage(format!("`{repository}` is not a repository")).help("write OWNER/NAME")
            );
        }
        None => {
            let url = git(&["remote", "get-url", &init.remote]).map_err(|why| {
                CliError::failed(format!("cannot read the git remote `{}`", init.remote))
                    .because(std::io::Error::other(why))
                    .help("run it in a clone of your repository, or write --repository OWNER/NAME")
            })?;
            Remote::parse(&url).map_err(|why| {
                CliError::failed(format!("the git remote `{}` is not a repository on GitHub", init.remote))
                    .because(std::io::Error::other(why))
                    .help("name another with --remote, or write --repository OWNER/NAME")
            })?
        }
    };
    if let Some(url) = &init.api_url {
        remote.api_url = Some(Url::parse(url).map_err(|error| {
            CliError::usage(format!("`{}` is not a URL", one_line(url)))
                .because(error)
                .help("write it as https://HOST/api/v3")
        })?);
    }
    Ok(remote)
}

/// One line of git's answer.
fn git(arguments: &[&str]) -> Result<String, String> {
    let out = Command::new("git").args(arguments).output().map_err(|e| format!("cannot run git: {e}"))?;
    if out.status.success() {
        return Ok(String::from_utf8_lossy(&out.stdout).trim().to_owned());
    }
    let words = one_line(String::from_utf8_lossy(&out.stderr).trim());
    let bare = ["error: ", "fatal: "].iter().find_map(|p| words.strip_prefix(p));
    Err(bare.map_or_else(|| words.clone(), str::to_owned))
}

/// Where a token is, in the order the tools of GitHub look.
fn find_token(remote: &Remote) -> Option<TokenSource> {
    let works = |source: &TokenSource| source.resolve().map(|_: SecretString| ()).is_ok();
    let enterprise = ["GH_ENTERPRISE_TOKEN", "GITHUB_ENTERPRISE_TOKEN"];
    let names = ["GITHUB_TOKEN", "GH_TOKEN"];
    let ours = if remote.is_github() { None } else { Some(enterprise) };
    let variables = ours.into_iter().flatten().chain(names).map(|n| TokenSource::Env(n.to_owned()));
    let command = match remote.host.as_str() {
        "github.com" => "gh auth token".to_owned(),
        host => format!("gh auth token --hostname {host}"),
    };
    variables.chain([TokenSource::Command(command)]).find(works)
}

/// The config for a repository, with comments.
fn config_text(remote: &Remote, token: &TokenSource) -> String {
    let quoted = |text: &str| toml_edit::Value::from(text).to_string();
    let name = remote.repository.split('/').next_back().unwrap_or("Corkboard");
    let token = match token {
        TokenSource::Env(name) => format!("{{ env = {} }}", quoted(name)),
        TokenSource::Command(command) => format!("{{ command = {} }}", quoted(command)),
        TokenSource::File(path) => format!("{{ file = {} }}", quoted(&path.to_string_lossy())),
        TokenSource::Keyring(entry) => format!("{{ keyring = {} }}", quoted(entry)),
    };
    let api_url = match &remote.api_url {
        Some(url) => format!("api_url = {}\n", quoted(url.as_str().trim_end_matches('/'))),
        None => String::new(),
    };
    format!(
        r#"# Corkboard's config. docs/configuration.md explains every key; `corkboard doctor` checks it.

[board]
name = {board}
kind = "feature_development"    # | "release_planning" | "sprint_board"

[status_mapping]                # canonical status = column title, in board order
proposed = "Backlog"
approved = "To Do"
in_progress = "In Progress"
completed = "Done"

[[connection]]
name = "core"                   # cards are called by it: core#12
platform = "github"
repository = {repository}
{api_url}token = {token}
direction = "bidirectional"     # | "push" | "pull"
interval = "60s"

[connection.status_mapping]     # canonical status = what it is on GitHub; labels are made when first needed
proposed    = {{ state = "open" }}
approved    = {{ label = "status: approved" }}
in_progress = {{ label = "status: in progress" }}
completed   = {{ state = "closed", reason = "completed" }}
"#,
        board = quoted(name),
        repository = quoted(&remote.repository),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_config_it_writes_is_one_it_reads() {
        let cases = [
            (
                "https://github.com/octo/app.git",
                TokenSource::Env("GITHUB_TOKEN".into()),
                "https://api.github.com/",
            ),
            (
                "git@git.example.com:team/ap\u{2d}i.git",
                TokenSource::Command("gh auth token --hostname git.example.com".into()),
                "https://git.example.com/api/v3",
            ),
        ];
        for (url, token, api) in cases {
            let remote = Remote::parse(url).expect("a remote");
            let settings =
                parse(&config_text(&remote, &token), None).map_err(|e| e.render(false)).expect("valid");
            let connection = &settings.connections[0];
            assert_eq!((connection.api_url.as_str(), &connection.token), (api, &token));
            assert_eq!(connection.repository, remote.repository);
        }
    }
}
