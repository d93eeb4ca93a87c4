//! Sources, and the way to the core.
//!
//! A feed is a one-way source: bytes come in at a socket or from a file, one decoder a
//! connection makes messages of them, the gate admits or refuses what they claim, and a
//! bounded inbox brings it to the core's thread. Rubbish on one feed is counted there and
//! harms no other.

mod address;
pub mod bus;
pub mod clock;
mod feed;
mod file;
pub mod inbox;
mod intake;
pub mod latency;
pub mod node;
mod ring;
mod serial;
mod step;
mod tcp;
mod udp;

pub use address::{Address, AddressError, Interface, Multicast, Parity, SOURCES, Serial, Source};
pub use bus::Bus;
pub use clock::{Clock, Stamp};
pub use feed::{Feed, FeedError, FeedSettings};
pub use inbox::{Inbox, Outlet, Post, Stopping, inbox};
pub use intake::{Counters, Parts};
pub use latency::Latency;
