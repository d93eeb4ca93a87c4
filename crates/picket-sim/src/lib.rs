//! The worlds behind `picket demo`: a scripted border and base, and a recording.
//!
//! Pure: time goes in, bytes come out. Nothing here opens a socket or reads a clock, so
//! one scenario, one start and one seed give one history, byte for byte.
//!
//! - [`Scenario`]: one world as data, read from `scenarios/*.toml`;
//! - [`World`]: plays a scenario: what its devices say, and when;
//! - [`Recording`]: plays lines that a real receiver heard, moved to now;
//! - [`Tape`]: plays frames of an aircraft receiver and of a radar;
//! - [`score`]: plays the detectors episodes whose truth is known, and counts.
//!
//! What a world's devices say is marked as an exercise (CoT `opex="e"`) wherever the
//! format can say so; AIS cannot, so the node that takes it has to know.

mod aircraft;
mod chance;
mod cot;
mod mover;
mod recording;
mod scenario;
pub mod score;
mod ship;
mod tape;
mod world;

#[cfg(test)]
mod tests;

use std::sync::Arc;

use picket_model::Time;

pub use recording::Recording;
pub use scenario::{Device, Scenario, ScenarioError, Story};
pub use tape::{Tape, radar_editions};
pub use world::{EMISSIONS_MAX, World};

/// What one device says at one moment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Emission {
    /// When it is said; whatever time the bytes carry is this one.
    pub at: Time,
    /// The device that says it, or the receiver that hears it.
    pub device: Arc<str>,
    /// Where the bytes belong.
    pub door: Door,
    /// One whole CoT event, or one line of a receiver with its line end.
    pub bytes: Vec<u8>,
}

/// The kind of door at which bytes arrive.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Door {
    /// Cursor on Target, XML, from the device itself.
    Cot,
    /// Lines of an AIS receiver.
    Ais,
    /// Lines of an aircraft receiver, as SBS-1 writes them.
    Sbs,
    /// Frames of a Mode S receiver, as Beast writes them.
    Beast,
    /// Data blocks of a radar, ASTERIX.
    Asterix,
}
