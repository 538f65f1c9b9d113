//! The server of `corkboard serve`: metrics, a health check, and webhooks that hint at a sync. It never writes to a
//! board: what it is sent is at most a reason to look.

mod health;
mod metrics;
mod webhook;

use std::collections::HashMap;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::http::StatusCode;
use axum::routing::{get, post};
use hyper::server::conn::http1;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::service::TowerToHyperService;
use secrecy::SecretString;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Semaphore;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use crate::domain::link::ConnectionName;
use crate::engine::Engine;
use webhook::Hook;

/// Connections at once; more wait until one ends.
const CONNECTIONS: usize = 64;
/// How long a client may take to say what it wants.
const HEADERS: Duration = Duration::from_secs(10);
/// How long a connection may live: whoever keeps it open for nothing makes room for others.
const LIFE: Duration = Duration::from_mins(1);
/// How long answers under way may take at the end.
const GRACE: Duration = Duration::from_secs(2);
/// How long it rests when the system gives no connection, such as without free file descriptors.
const REST: Duration = Duration::from_millis(200);

/// What the server is started with.
pub struct ServerOptions {
    /// The engine, whose health is shown and which is given hints.
    pub engine: Engine,
    /// The address to listen on; port 0 takes a free one.
    pub listen: SocketAddr,
    /// Listen on an address that other machines can reach too.
    pub allow_remote: bool,
    /// By which secret the webhooks of a connection prove themselves; those of others are not taken.
    pub secrets: HashMap<ConnectionName, SecretString>,
}

/// Why the server did not start.
#[derive(Debug, thiserror::Error)]
pub enum ServerError {
    /// Other machines could reach it.
    #[error("{0} can be reached by other machines")]
    Remote(SocketAddr),
    /// The address is taken or not ours.
    #[error("cannot listen on {address}")]
    Listen {
        /// The address asked for.
        address: SocketAddr,
        /// What the system said.
        source: std::io::Error,
    },
}

/// A running server; it ends with [`Server::shutdown`].
#[derive(Debug)]
pub struct Server {
    address: SocketAddr,
    stop: CancellationToken,
    tasks: TaskTracker,
}

/// What the routes share.
struct Shared {
    engine: Engine,
    hooks: HashMap<ConnectionName, Hook>,
}

impl Server {
    /// Listens and serves. Must be called within a tokio runtime.
    pub async fn start(options: ServerOptions) -> Result<Self, ServerError> {
        let ServerOptions { engine, listen, allow_remote, secrets } = options;
        if !listen.ip().is_loopback() && !allow_remote {
            return Err(ServerError::Remote(listen));
        }
        let failed = |source| ServerError::Listen { address: listen, source };
        let listener = TcpListener::bind(listen).await.map_err(failed)?;
        let address = listener.local_addr().map_err(failed)?;
        let settings = engine.settings();
        let hook = |(name, secret): (ConnectionName, SecretString)| {
            settings.connection(name.as_str()).map(|connection| (name, Hook::new(secret, connection)))
        };
        let hooks = secrets.into_iter().filter_map(hook).collect();
        let routes = routes(Arc::new(Shared { engine, hooks }));
        let (stop, tasks) = (CancellationToken::new(), TaskTracker::new());
        tasks.spawn(accept(listener, routes, stop.clone(), tasks.clone()));
        Ok(Self { address, stop, tasks })
    }

    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Ends: answers under way may leave, for two seconds.
    pub async fn shutdown(self) {
        self.stop.cancel();
        self.tasks.close();
        let _ = tokio::time::timeout(GRACE, self.tasks.wait()).await;
    }
}

fn routes(shared: Arc<Shared>) -> Router {
    Router::new()
        .route("/metrics", get(metrics::page))
        .route("/healthz", get(health::check))
        .route("/webhooks/{connection}", post(webhook::receive))
        .fallback(|| async { (StatusCode::NOT_FOUND, "there is /metrics, /healthz and /webhooks/NAME\n") })
        .with_state(shared)
}

async fn accept(listener: TcpListener, routes: Router, stop: CancellationToken, tasks: TaskTracker) {
    let room = Arc::new(Semaphore::new(CONNECTIONS));
    loop {
        let place = tokio::select! {
            () = stop.cancelled() => return,
            Ok(place) = room.clone().acquire_owned() => place,
        };
        let accepted = tokio::select! {
            () = stop.cancelled() => return,
            accepted = listener.accept() => accepted,
        };
        match accepted {
            Ok((stream, _)) => {
                let (routes, stop) = (routes.clone(), stop.clone());
                tasks.spawn(async move {
                    serve(stream, routes, stop).await;
                    drop(place);
                });
            }
            Err(error) => {
                tracing::warn!(%error, "no connection could be accepted");
                tokio::time::sleep(REST).await;
            }
        }
    }
}

/// Serves one connection until it, its time or the server ends.
async fn serve(stream: TcpStream, routes: Router, stop: CancellationToken) {
    let mut connection = http1::Builder::new();
    connection.timer(TokioTimer::new()).header_read_timeout(HEADERS);
    let serving = connection.serve_connection(TokioIo::new(stream), TowerToHyperService::new(routes));
    tokio::pin!(serving);
    let ended = async {
        tokio::select! {
            () = stop.cancelled() => {}
            () = tokio::time::sleep(LIFE) => {}
        }
    };
    tokio::select! {
        _ = serving.as_mut() => return,
        () = ended => serving.as_mut().graceful_shutdown(),
    }
    // The answer under way leaves; whoever does not take it is not waited for.
    let _ = tokio::time::timeout(GRACE, serving).await;
}
