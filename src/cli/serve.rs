//! `corkboard serve`: sync without the board, with metrics, a health check and webhooks, until asked to end.

use std::collections::HashMap;

use secrecy::SecretString;

use super::args::{Args, ServeArgs};
use super::error::CliError;
use super::session::{Session, asked_to_end, tokens};
use super::{Ended, output};
use crate::config::Settings;
use crate::domain::link::ConnectionName;
use crate::server::{Server, ServerError, ServerOptions};

pub(super) fn run(serve: &ServeArgs, args: &Args) -> Result<Ended, CliError> {
    let session = Session::open(args)?;
    let done = session.wait(until_asked(&session, serve));
    session.close();
    done.map(|()| Ended::Well)
}

async fn until_asked(session: &Session, serve: &ServeArgs) -> Result<(), CliError> {
    let engine = session.engine.clone();
    let settings = session.settings();
    let server = Server::start(ServerOptions {
        engine: engine.clone(),
        listen: serve.listen,
        allow_remote: serve.allow_remote,
        secrets: secrets(&settings).await?,
    });
    let server = server.await.map_err(|error| failed(&error))?;
    // Nobody takes the updates here: the engine must not wait for that.
    drop(engine.updates());
    engine.start();
    output::print(&greeting(&server, &settings))?;
    asked_to_end().await;
    tracing::info!("asked to end");
    server.shutdown().await;
    Ok(())
}

/// The secrets by which webhooks are signed. One that cannot be found is told at once, not when the first comes.
async fn secrets(settings: &Settings) -> Result<HashMap<ConnectionName, SecretString>, CliError> {
    let mut out = HashMap::new();
    for connection in &settings.connections {
        let Some(source) = connection.webhook_secret.clone() else { continue };
        let read = tokens();
        let found = tokio::task::spawn_blocking(move || read(&source)).await;
        let secret = found.unwrap_or_else(|_| Err("it could not be read".to_owned())).map_err(|why| {
            CliError::usage(format!("the webhook secret of `{}` cannot be found: {why}", connection.name))
        })?;
        out.insert(connection.name.clone(), secret);
    }
    Ok(out)
}

fn failed(error: &ServerError) -> CliError {
    match error {
        ServerError::Remote(_) => CliError::usage(error.to_string())
            .help("listen on 127.0.0.1 behind a proxy with TLS, or add --allow-remote if that is meant"),
        ServerError::Listen { source, .. } => CliError::failed(error.to_string())
            .because(std::io::Error::new(source.kind(), source.to_string()))
            .help("take another address with --listen, or port 0 for any free one"),
    }
}

/// What a person, or a script, needs to use it. The first line is the address alone.
fn greeting(server: &Server, settings: &Settings) -> String {
    let address = server.address();
    let hooks: Vec<String> = settings
        .connections
        .iter()
        .filter(|c| c.webhook_secret.is_some())
        .map(|c| format!("  http://{address}/webhooks/{}\n", c.name))
        .collect();
    let webhooks = if hooks.is_empty() {
        "No connection has a `webhook_secret`, so no webhook is taken.\n".to_owned()
    } else {
        format!("Webhooks:\n{}", hooks.concat())
    };
    format!(
        "http://{address}\n\nSyncing {} connections. Metrics at /metrics, health at /healthz. ctrl-c ends it.\n{webhooks}",
        settings.connections.len()
    )
}
