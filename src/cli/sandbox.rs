//! `corkboard sandbox`: the simulated GitHub on its own, for tests and for trying things out.

use std::fmt::Write as _;

use super::args::{SandboxArgs, SandboxPlatform};
use super::error::CliError;
use super::session::{asked_to_end, runtime};
use super::{Ended, output};
use crate::sandbox::{ACCOUNTS, Faults, Sandbox, SandboxError, SandboxOptions, Seed};

pub(super) fn run(args: &SandboxArgs) -> Result<Ended, CliError> {
    let SandboxPlatform::Github = args.platform;
    let faults: Faults = args.faults.parse().map_err(|error| {
        CliError::usage("the faults cannot be read").because(error).help("see `sandbox --help`")
    })?;
    let runtime = runtime()?;
    runtime.block_on(async {
        let options = SandboxOptions {
            port: args.port,
            seed: Seed::from(args.seed.as_str()),
            faults,
            ..SandboxOptions::default()
        };
        let sandbox = Sandbox::start(options).await.map_err(|e| failed(&e))?;
        output::print(&greeting(&sandbox))?;
        asked_to_end().await;
        sandbox.shutdown().await;
        Ok(Ended::Well)
    })
}

pub(super) fn failed(error: &SandboxError) -> CliError {
    let help = match error {
        SandboxError::Listen { .. } => "take another port, or 0 for any free one",
        SandboxError::ReadSeed { .. } => "--seed takes `demo`, a number, or a file",
        _ => "the file is a list of issues as `GET /repos/OWNER/NAME/issues?state=all` returns them",
    };
    let source = std::error::Error::source(error).map(ToString::to_string);
    let told = CliError::failed(error.to_string()).help(help);
    match source {
        Some(source) => told.because(std::io::Error::other(source)),
        None => told,
    }
}

/// What a person, or a script, needs to use it. The first line is the address alone.
fn greeting(sandbox: &Sandbox) -> String {
    let (url, repo) = (sandbox.url(), sandbox.repo());
    let mut out = format!(
        "{url}\n\nA simulated GitHub with the repository {repo}. ctrl-c ends it; nothing is kept.\n\n"
    );
    out.push_str("Tokens, good here and nowhere else:\n");
    for account in ACCOUNTS {
        let _ = writeln!(out, "  {:<30} {:<6} {}", account.token, account.login, account.about);
    }
    let _ = write!(
        out,
        "\nIn a config:\n  [[connection]]\n  name = \"core\"\n  platform = \"github\"\n  repository = \"{repo}\"\n  \
         api_url = \"{url}\"\n  token = {{ env = \"CORKBOARD_SANDBOX_TOKEN\" }}\n\nand in the shell:\n  \
         export CORKBOARD_SANDBOX_TOKEN={}\n",
        crate::sandbox::WRITE_TOKEN
    );
    out
}
