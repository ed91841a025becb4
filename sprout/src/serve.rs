//! Listening, answering, and stopping cleanly.

use std::io;
use std::pin::pin;
use std::time::Duration;

use axum::Router;
use tokio::net::TcpListener;
use tokio::time::timeout;

/// How long requests that are under way have after the server was told to stop.
const GRACE: Duration = Duration::from_secs(10);

/// Opens the port.
///
/// # Errors
///
/// Says which address could not be used, and why.
pub async fn listen(host: &str, port: u16) -> Result<TcpListener, String> {
    TcpListener::bind((host, port)).await.map_err(|error| match error.kind() {
        io::ErrorKind::AddrInUse => format!("cannot listen on {host}:{port}: another program uses the port"),
        _ => format!("cannot listen on {host}:{port}: {error}"),
    })
}

/// Answers requests until `stop` resolves, and then those that are under way.
///
/// # Errors
///
/// When the port cannot be used any more.
pub async fn serve(listener: TcpListener, app: Router, stop: impl Future<Output = ()>) -> io::Result<()> {
    let (begin, begun) = tokio::sync::oneshot::channel::<()>();
    let server = axum::serve(listener, app).with_graceful_shutdown(async {
        // An error means that the sender is gone, which is the end as well.
        let _ = begun.await;
    });
    let mut server = pin!(server.into_future());
    tokio::select! {
        ended = &mut server => return ended,
        () = stop => drop(begin),
    }
    // A request that is not answered in time is cut off; what it wrote is committed or not, never half.
    timeout(GRACE, server).await.unwrap_or(Ok(()))
}

/// Waits until the process is told to stop: Ctrl-C, or SIGTERM from a service manager. The signals are watched from this
/// call on.
///
/// # Errors
///
/// When the signals cannot be watched.
#[cfg(unix)]
pub fn stop_signal() -> io::Result<impl Future<Output = ()>> {
    use tokio::signal::unix::{SignalKind, signal};

    let (mut interrupt, mut terminate) = (signal(SignalKind::interrupt())?, signal(SignalKind::terminate())?);
    Ok(async move {
        tokio::select! {
            _ = interrupt.recv() => {}
            _ = terminate.recv() => {}
        }
    })
}

/// Waits until the process is told to stop with Ctrl-C.
///
/// # Errors
///
/// None here.
#[cfg(not(unix))]
pub fn stop_signal() -> io::Result<impl Future<Output = ()>> {
    Ok(async {
        let _ = tokio::signal::ctrl_c().await;
    })
}
