//! `udp://` and `udp+multicast://`: one socket, datagrams from anybody.

use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;

use picket_model::LinkState;
use rustix::net::{self, sockopt};
use tokio::net::UdpSocket;

use crate::address::{Interface, Multicast};
use crate::feed::FeedError;
use crate::inbox::Stopping;
use crate::intake::{Intake, Parts};
use crate::ring::{Datagram, Ring};

/// The largest datagram that UDP over IPv4 or IPv6 carries.
const DATAGRAM_MAX: usize = 65_535;
/// Datagrams decoded between two posts.
const DATAGRAMS_PER_POST: usize = 256;
/// What the kernel is asked to hold for us while we are not scheduled.
const KERNEL_BUFFER_BYTES: usize = 4 * 1024 * 1024;

pub(crate) fn bind(address: SocketAddr) -> io::Result<UdpSocket> {
    receiving(std::net::UdpSocket::bind(address)?)
}

/// Joins a group. The socket is bound to the group itself, so that it hears nothing else at that
/// port, and shares it with other programs of this machine.
pub(crate) fn join(multicast: &Multicast) -> io::Result<UdpSocket> {
    let family = match multicast.group {
        SocketAddr::V4(_) => net::AddressFamily::INET,
        SocketAddr::V6(_) => net::AddressFamily::INET6,
    };
    let flags = net::SocketFlags::CLOEXEC;
    let socket = net::socket_with(family, net::SocketType::DGRAM, flags, None)?;
    sockopt::set_socket_reuseaddr(&socket, true)?;
    net::bind(&socket, &scoped(multicast))?;
    let socket = std::net::UdpSocket::from(socket);
    match scoped(multicast) {
        SocketAddr::V4(group) => {
            let on = match multicast.interface {
                Some(Interface::Address(address)) => address,
                Some(Interface::Index(_)) | None => Ipv4Addr::UNSPECIFIED,
            };
            socket.join_multicast_v4(group.ip(), &on)?;
        }
        SocketAddr::V6(group) => socket.join_multicast_v6(group.ip(), group.scope_id())?,
    }
    receiving(socket)
}

/// The group with the interface within which it means something, as IPv6 has it.
fn scoped(multicast: &Multicast) -> SocketAddr {
    match (multicast.group, multicast.interface) {
        (SocketAddr::V6(mut group), Some(Interface::Index(index))) => {
            group.set_scope_id(index);
            SocketAddr::V6(group)
        }
        (group, Some(Interface::Address(_) | Interface::Index(_)) | None) => group,
    }
}

fn receiving(socket: std::net::UdpSocket) -> io::Result<UdpSocket> {
    socket.set_nonblocking(true)?;
    // The kernel may give less; then a burst is dropped a little sooner, and counted by it.
    if let Err(error) = sockopt::set_socket_recv_buffer_size(&socket, KERNEL_BUFFER_BYTES) {
        tracing::debug!(%error, "kernel keeps its own receive buffer size");
    }
    UdpSocket::from_std(socket)
}

/// Receives until the socket fails or the node stops.
pub(crate) async fn run(parts: &Arc<Parts>, socket: UdpSocket) -> Result<(), FeedError> {
    parts.say_link(LinkState::Up, "listening").await?;
    let ring = Arc::new(Ring::default());
    tokio::select! {
        failed = receive(parts, &socket, &ring) => Err(failed),
        stopping = decode(parts, &ring) => Err(stopping.into()),
    }
}

async fn receive(parts: &Parts, socket: &UdpSocket, ring: &Ring) -> FeedError {
    let mut buffer = vec![0; DATAGRAM_MAX];
    loop {
        match socket.recv_from(&mut buffer).await {
            Ok((length, _)) => {
                let bytes = buffer.get(..length).unwrap_or_default().to_vec();
                let (received_at, stamp) = (parts.clock.now(), parts.clock.stamp());
                let dropped = ring.push(Datagram { bytes, received_at, stamp });
                if dropped > 0 {
                    parts.count_dropped(dropped);
                }
            }
            Err(error) => return FeedError::Io(error),
        }
    }
}

async fn decode(parts: &Arc<Parts>, ring: &Ring) -> Stopping {
    let mut intake = Intake::new(Arc::clone(parts));
    loop {
        let datagrams = ring.take(DATAGRAMS_PER_POST).await;
        let Some(stamp) = datagrams.last().map(|datagram| datagram.stamp) else { continue };
        for datagram in datagrams {
            intake.feed_datagram(&datagram.bytes, datagram.received_at);
        }
        if let Err(stopping) = intake.post(stamp).await {
            return stopping;
        }
    }
}
