//! `tcp://` and `tcp-listen://`: streams; a full inbox makes them wait.

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;

use picket_model::LinkState;
use tokio::io::{AsyncRead, AsyncReadExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Semaphore;
use tokio::task::JoinSet;

use crate::feed::FeedError;
use crate::intake::{Intake, Parts};

/// What is read at once.
const CHUNK_BYTES: usize = 64 * 1024;
/// Most connections to one listening feed; the next waits in the kernel's queue.
const CONNECTIONS_MAX: usize = 1_024;

pub(crate) fn bind(address: SocketAddr) -> io::Result<TcpListener> {
    let listener = std::net::TcpListener::bind(address)?;
    listener.set_nonblocking(true)?;
    TcpListener::from_std(listener)
}

/// Connects and reads until the peer closes or the node stops.
pub(crate) async fn connect(parts: &Arc<Parts>, to: &str) -> Result<(), FeedError> {
    let stream = TcpStream::connect(to).await.map_err(FeedError::Io)?;
    parts.say_link(LinkState::Up, &format!("connected to {to}")).await?;
    read(parts, stream).await?;
    Err(FeedError::Closed)
}

/// Accepts connections until the listener fails or the node stops.
pub(crate) async fn listen(parts: &Arc<Parts>, listener: TcpListener) -> Result<(), FeedError> {
    parts.say_link(LinkState::Up, "listening").await?;
    let room = Arc::new(Semaphore::new(CONNECTIONS_MAX));
    let mut connections = JoinSet::new();
    loop {
        let Ok(place) = Arc::clone(&room).acquire_owned().await else {
            return Err(FeedError::Closed);
        };
        let (stream, peer) = match listener.accept().await {
            Ok(accepted) => accepted,
            Err(error) if is_one_peers_fault(&error) => continue,
            Err(error) => return Err(FeedError::Io(error)),
        };
        let parts = Arc::clone(parts);
        connections.spawn(async move {
            if let Err(error) = read(&parts, stream).await {
                tracing::debug!(%peer, %error, "connection ended");
            }
            drop(place);
        });
        while connections.try_join_next().is_some() {}
    }
}

/// Reads a stream to its end; between two reads it waits for room in the inbox.
pub(crate) async fn read(
    parts: &Arc<Parts>,
    mut stream: impl AsyncRead + Unpin,
) -> Result<(), FeedError> {
    let mut intake = Intake::new(Arc::clone(parts));
    let mut buffer = vec![0; CHUNK_BYTES];
    loop {
        let length = stream.read(&mut buffer).await;
        let (received_at, stamp) = (parts.clock.now(), parts.clock.stamp());
        match length {
            Ok(0) => {
                intake.end(received_at);
                return Ok(intake.post(stamp).await?);
            }
            Ok(length) => intake.feed(buffer.get(..length).unwrap_or_default(), received_at),
            Err(error) => {
                intake.end(received_at);
                intake.post(stamp).await?;
                return Err(FeedError::Io(error));
            }
        }
        intake.post(stamp).await?;
    }
}

/// Errors of `accept` that concern the peer that was about to come in, not the listener.
fn is_one_peers_fault(error: &io::Error) -> bool {
    [io::ErrorKind::ConnectionAborted, io::ErrorKind::ConnectionReset, io::ErrorKind::Interrupted]
        .contains(&error.kind())
}
