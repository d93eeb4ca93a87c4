//! The listeners: accepts, bounds, times and ends connections.

use std::convert::Infallible;
use std::io;
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::http::Request;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::io::{AsyncRead, AsyncWrite, AsyncWriteExt};
use tokio::net::{TcpListener, TcpSocket, TcpStream};
use tokio::sync::watch;
use tokio::task::JoinSet;
use tokio::time::{sleep, timeout};
use tokio_rustls::TlsAcceptor;
use tower_service::Service;

use crate::guard::Via;
use crate::limit::{Place, Places, neighbourhood};
use crate::stall::Stall;
use crate::{Door, Shared, WebError, api};

/// Connections at once; a browser keeps up to six.
const CONNECTIONS_MAX: usize = 512;
/// Connections of one neighbourhood of addresses beyond this machine.
const CONNECTIONS_PER_ADDRESS_MAX: usize = 64;
/// Connections that wait to be accepted.
const BACKLOG: u32 = 256;
/// The handshake takes two round trips; five seconds are a bad radio link's.
const HANDSHAKE: Duration = Duration::from_secs(5);
/// From the first byte of a request, or from the last answer, to the end of its head.
const HEADER: Duration = Duration::from_secs(10);
/// Most bytes of a request's head.
const HEADER_BYTES_MAX: usize = 32 * 1_024;
/// Most header lines of a request.
const HEADERS_MAX: usize = 64;
/// A peer who takes no byte for this long is cut off.
const STALL: Duration = Duration::from_secs(20);
/// What the kernel may hold for a peer who reads slowly: a few seconds of a busy picture, so
/// that the newest state is never far behind old ones.
const SEND_BUFFER_BYTES: u32 = 256 * 1_024;
/// What is under way when the door closes may take this long to end.
const DRAIN: Duration = Duration::from_secs(2);
/// Pause after the system refused to accept, as it does when it has no file handle left.
const ACCEPT_PAUSE: Duration = Duration::from_millis(50);
/// First byte of every TLS record that opens a connection.
const TLS_HANDSHAKE_RECORD: u8 = 0x16;

/// Binds an address.
///
/// # Errors
/// [`WebError`] that names it and what to do.
pub(crate) fn bind(at: SocketAddr) -> Result<(TcpListener, SocketAddr), WebError> {
    let refused = |why: io::Error| {
        if why.kind() == io::ErrorKind::AddrInUse {
            WebError::InUse { at }
        } else if why.kind() == io::ErrorKind::PermissionDenied {
            WebError::NotPermitted { at }
        } else {
            WebError::Bind { at, why }
        }
    };
    let open = || {
        let socket = if at.is_ipv4() { TcpSocket::new_v4() } else { TcpSocket::new_v6() }?;
        socket.set_reuseaddr(true)?;
        socket.set_send_buffer_size(SEND_BUFFER_BYTES)?;
        socket.bind(at)?;
        let listener = socket.listen(BACKLOG)?;
        let bound = listener.local_addr()?;
        Ok((listener, bound))
    };
    open().map_err(refused)
}

/// Serves until told to stop; then drains.
pub(crate) async fn serve(door: Door, mut stop: watch::Receiver<bool>) {
    let Door { shared, tls, people, localhost_http, jobs: mut upgraded, .. } = door;
    let host = Host {
        router: api::router(Arc::clone(&shared)),
        places: Places::new(CONNECTIONS_MAX, CONNECTIONS_PER_ADDRESS_MAX),
        tls: TlsAcceptor::from(tls),
        shared,
        stop: stop.clone(),
    };
    let mut jobs = JoinSet::new();
    let sampler = host.shared.reports.sample(host.shared.parts.clone(), stop.clone());
    jobs.spawn(sampler);
    loop {
        tokio::select! {
            () = stopped(&mut stop) => break,
            accepted = people.accept() => host.welcome(accepted, true, &mut jobs).await,
            accepted = accept_if(localhost_http.as_ref()) => {
                host.welcome(accepted, false, &mut jobs).await;
            }
            Some(job) = upgraded.recv() => {
                jobs.spawn(job(Arc::clone(&host.shared), stop.clone()));
            }
            Some(_) = jobs.join_next() => {}
        }
    }
    drop((people, localhost_http));
    let drained = async { while jobs.join_next().await.is_some() {} };
    if timeout(DRAIN, drained).await.is_err() {
        jobs.shutdown().await;
    }
}

/// Waits until `stop` shows true or nobody can set it any more.
pub(crate) async fn stopped(stop: &mut watch::Receiver<bool>) {
    // An error says that the sender is gone, which is a stop too.
    drop(stop.wait_for(|stop| *stop).await);
}

async fn accept_if(listener: Option<&TcpListener>) -> io::Result<(TcpStream, SocketAddr)> {
    match listener {
        Some(listener) => listener.accept().await,
        None => std::future::pending().await,
    }
}

struct Host {
    router: Router,
    places: Arc<Places<IpAddr>>,
    tls: TlsAcceptor,
    shared: Arc<Shared>,
    stop: watch::Receiver<bool>,
}

impl Host {
    async fn welcome(
        &self,
        accepted: io::Result<(TcpStream, SocketAddr)>,
        secure: bool,
        jobs: &mut JoinSet<()>,
    ) {
        let (stream, peer) = match accepted {
            Ok(accepted) => accepted,
            Err(error) => {
                tracing::warn!(%error, "a connection could not be accepted");
                sleep(ACCEPT_PAUSE).await;
                return;
            }
        };
        let address = neighbourhood(peer.ip());
        let Some(place) = self.places.take((!address.is_loopback()).then_some(address)) else {
            tracing::debug!(%peer, "too many connections");
            return;
        };
        let connection = Connection {
            place,
            router: self.router.clone(),
            via: Via { secure, peer: address },
            stop: self.stop.clone(),
        };
        if secure {
            let port = self.shared.people.port();
            let hint = format!("https://{}:{port}/", self.shared.settings.host);
            jobs.spawn(connection.serve_tls(stream, self.tls.clone(), hint));
        } else {
            jobs.spawn(connection.serve_plain(stream));
        }
    }
}

struct Connection {
    place: Place<IpAddr>,
    router: Router,
    via: Via,
    stop: watch::Receiver<bool>,
}

impl Connection {
    async fn serve_tls(self, stream: TcpStream, tls: TlsAcceptor, hint: String) {
        let peer = self.via.peer;
        let shake = async {
            let mut first = [0];
            if stream.peek(&mut first).await? == 1 && first.iter().all(u8::is_ascii_uppercase) {
                return Err(say_https(stream, &hint).await);
            }
            if first != [TLS_HANDSHAKE_RECORD] {
                return Err(io::Error::new(io::ErrorKind::InvalidData, "no TLS"));
            }
            // The page's frames are small and wait for nothing.
            stream.set_nodelay(true)?;
            tls.accept(Stall::new(stream, STALL)).await
        };
        match timeout(HANDSHAKE, shake).await {
            Ok(Ok(stream)) => self.speak(stream).await,
            Ok(Err(error)) => tracing::debug!(%peer, %error, "no handshake"),
            Err(_) => tracing::debug!(%peer, "the handshake took too long"),
        }
    }

    async fn serve_plain(self, stream: TcpStream) {
        if stream.set_nodelay(true).is_ok() {
            self.speak(Stall::new(stream, STALL)).await;
        }
    }

    async fn speak(mut self, stream: impl AsyncRead + AsyncWrite + Send + Unpin + 'static) {
        let router = self.router;
        let via = self.via;
        let service = service_fn(move |mut request: Request<Incoming>| {
            request.extensions_mut().insert(via);
            let answer = router.clone().call(request);
            async move { Ok::<_, Infallible>(answer.await.unwrap_or_else(|never| match never {})) }
        });
        let mut connection = std::pin::pin!(
            http1::Builder::new()
                .timer(TokioTimer::new())
                .header_read_timeout(HEADER)
                .max_buf_size(HEADER_BYTES_MAX)
                .max_headers(HEADERS_MAX)
                .serve_connection(TokioIo::new(stream), service)
                .with_upgrades()
        );
        let ended = tokio::select! {
            ended = connection.as_mut() => ended,
            () = stopped(&mut self.stop) => {
                connection.as_mut().graceful_shutdown();
                connection.await
            }
        };
        if let Err(error) = ended {
            tracing::debug!(peer = %via.peer, %error, "a connection broke off");
        }
        drop(self.place);
    }
}

/// Answers a browser that was sent to the TLS port without TLS.
async fn say_https(mut stream: TcpStream, hint: &str) -> io::Error {
    let text = format!("This door speaks HTTPS only. Open {hint}\n");
    let length = text.len();
    let answer = format!(
        "HTTP/1.1 400 Bad Request\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Length: {length}\r\nConnection: close\r\n\r\n{text}"
    );
    // Whoever speaks so may be gone before the answer; nothing depends on it.
    let said = stream.write_all(answer.as_bytes()).await;
    said.and(stream.shutdown().await).err().unwrap_or_else(|| io::Error::other("plain HTTP"))
}
