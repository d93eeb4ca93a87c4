//! Feeds: named one-way sources, opened before the node is ready and kept alive after.

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use picket_codec::Format;
use picket_gate::Gate;
use picket_model::{DeviceId, Label, LinkState};
use tokio::net::{TcpListener, UdpSocket};

use crate::address::Address;
use crate::clock::Clock;
use crate::inbox::{Inbox, Stopping};
use crate::intake::{Counters, Parts};
use crate::{file, serial, tcp, udp};

/// The first pause before a failed feed is tried again; it doubles up to [`PAUSE_S_MAX`].
const PAUSE_S_MIN: f64 = 0.25;
/// The longest pause.
const PAUSE_S_MAX: f64 = 30.0;

/// One feed of the configuration.
#[derive(Debug, Clone)]
pub struct FeedSettings {
    /// Its declared name: the author of what it brings.
    pub name: DeviceId,
    /// The format of its bytes.
    pub format: &'static Format,
    /// Where they come from.
    pub from: Address,
    /// What its decoder must know that the bytes do not say.
    pub decoding: picket_codec::Settings,
    /// Its label.
    pub label: Label,
    /// How fast a file is played; 0 as fast as it is taken.
    pub speed: f64,
    /// Whether what it brings is an exercise.
    pub exercise: bool,
}

/// Why a feed is down.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum FeedError {
    /// The operating system's word.
    #[error("{0}")]
    Io(#[from] io::Error),
    /// The other side closed the connection.
    #[error("the other side closed the connection")]
    Closed,
    /// A serial port gives no bytes any more.
    #[error("the port is unplugged")]
    Unplugged,
    /// The node is stopping.
    #[error(transparent)]
    Stopping(#[from] Stopping),
}

/// A feed whose socket is open.
#[derive(Debug)]
pub struct Feed {
    parts: Arc<Parts>,
    open: Option<Open>,
}

#[derive(Debug)]
enum Open {
    Udp(UdpSocket),
    Listener(TcpListener),
}

impl Feed {
    /// Opens a feed's socket, so that a port in use is known before the node says it is ready.
    ///
    /// # Errors
    /// The operating system's word on the socket or file.
    pub fn open(
        settings: FeedSettings,
        gate: Arc<Gate>,
        inbox: Inbox,
        clock: Clock,
        counters: Arc<Counters>,
    ) -> io::Result<Self> {
        let open = open(&settings.from)?;
        if let Address::File(path) = &settings.from {
            std::fs::File::open(path)?;
        }
        let parts = Arc::new(Parts::new(settings, gate, inbox, clock, counters));
        Ok(Self { parts, open })
    }

    /// The address where it listens, if it does.
    #[must_use]
    pub fn local_address(&self) -> Option<SocketAddr> {
        match self.open.as_ref()? {
            Open::Udp(socket) => socket.local_addr().ok(),
            Open::Listener(listener) => listener.local_addr().ok(),
        }
    }

    /// The feed's name.
    #[must_use]
    pub fn name(&self) -> &DeviceId {
        &self.parts.settings.name
    }

    /// Runs until the node stops or the file ends: a feed that fails says so in a record and is
    /// tried again after a pause that grows and is never the same for two nodes.
    pub async fn run(mut self) {
        let parts = Arc::clone(&self.parts);
        let reports = report(&parts);
        let work = async {
            let mut pause_s = PAUSE_S_MIN;
            loop {
                let started = parts.clock.stamp();
                let failed = match self.once().await {
                    Ok(()) => {
                        return last_words(&parts).await;
                    }
                    Err(FeedError::Stopping(_)) => return,
                    Err(error) => error,
                };
                tracing::warn!(feed = %parts.settings.name, error = %failed, "feed is down");
                if parts.say_link(LinkState::Down, &failed.to_string()).await.is_err() {
                    return;
                }
                if started.until_s(parts.clock.stamp()) > PAUSE_S_MAX {
                    pause_s = PAUSE_S_MIN;
                }
                tokio::time::sleep(jittered(pause_s)).await;
                pause_s = (pause_s * 2.0).min(PAUSE_S_MAX);
            }
        };
        tokio::select! {
            () = work => {}
            () = reports => {}
        }
        // What came in after the last report; a node that is stopping takes no more words.
        if parts.report().await.is_err() {
            tracing::debug!("the node stopped before the last report");
        }
    }

    async fn once(&mut self) -> Result<(), FeedError> {
        let parts = &self.parts;
        let open = match self.open.take() {
            Some(open) => Some(open),
            None => open(&parts.settings.from)?,
        };
        match (open, &parts.settings.from) {
            (Some(Open::Udp(socket)), _) => udp::run(parts, socket).await,
            (Some(Open::Listener(listener)), _) => tcp::listen(parts, listener).await,
            (None, Address::Tcp(to)) => tcp::connect(parts, to).await,
            (None, Address::Serial(port)) => serial::read(parts, port).await,
            (None, Address::File(path)) => file::play(parts, path, parts.settings.speed).await,
            (None, Address::Udp(_) | Address::Multicast(_) | Address::TcpListen(_)) => {
                Err(FeedError::Closed)
            }
        }
    }
}

fn open(from: &Address) -> io::Result<Option<Open>> {
    match from {
        Address::Udp(address) => udp::bind(*address).map(Open::Udp).map(Some),
        Address::Multicast(group) => udp::join(group).map(Open::Udp).map(Some),
        Address::TcpListen(address) => tcp::bind(*address).map(Open::Listener).map(Some),
        // A serial port that is not plugged in yet must not keep the node from starting.
        Address::Tcp(_) | Address::Serial(_) | Address::File(_) => Ok(None),
    }
}

async fn last_words(parts: &Parts) {
    if parts.say_link(LinkState::Done, "the file has been played").await.is_err() {
        tracing::debug!("the node stopped as the file ended");
    }
}

/// Says each second what was dropped and rejected, until the node stops.
async fn report(parts: &Parts) {
    loop {
        tokio::time::sleep(parts.clock.span(1.0)).await;
        if parts.report().await.is_err() {
            return;
        }
    }
}

/// Between half and all of a pause, so that a thousand nodes do not knock at once.
fn jittered(pause_s: f64) -> Duration {
    let mut byte = [0_u8; 1];
    // Without entropy all nodes wait the full pause, which is only less kind.
    let share = match aws_lc_rs::rand::fill(&mut byte) {
        Ok(()) => f64::from(u8::from_be_bytes(byte)) / 255.0,
        Err(_) => 1.0,
    };
    Duration::from_secs_f64(pause_s * (0.5 + 0.5 * share))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pause_is_jittered_and_never_longer_than_said() {
        for _ in 0..100 {
            let pause_s = jittered(8.0).as_secs_f64();
            assert!((4.0..=8.0).contains(&pause_s));
        }
    }
}
