//! The one log: append-only, encrypted, Merkle-proven.
//!
//! [`Log::append`] takes what the gate admitted, cuts it into [`block`]s, writes them with
//! one sync, and gives back [`Entry`](picket_model::Entry)s: what it returns is durable, and
//! nobody sees an entry before. [`Reader`] shows entries in order and proves that they are
//! there; [`verify()`] checks a whole folder offline and names the first bad position.
//!
//! | module | what it fixes |
//! |---|---|
//! | [`block`] | the unit that is stored, sent and acknowledged, byte for byte |
//! | [`mod@file`] | the folder on disk, the frame of one write, and the [`Store`] seam |
//! | `key` | one data key for each retention group; erasing is destroying it |
//! | `seal`, `spine`, `tape` | splitting a journal into spine and bodies; reading both in order |
//! | `erase` | what is kept how long |
//! | [`merkle`], `tile`, `checkpoint` | RFC 6962 tree, C2SP tiles, signed checkpoints |
//! | [`memory`] | a store in memory that fails and loses power on command, for tests |
//!
//! What is promised:
//! - what was acknowledged survives a power cut; one append's frame is there whole or not at all;
//! - a torn tail is set aside as evidence and reported; anything else that is not as it was
//!   written is damage: [`Log::open`] refuses, names the place, and repairs nothing;
//! - a write or sync that fails poisons the log: nothing more is appended until it is opened anew;
//! - a journal that is full or ten minutes old is sealed: at any moment either it or its spine with
//!   its bodies counts, never both and never neither; a fault of that stops no append;
//! - erasing a group drops its key and its bodies, and leaves every hash, proof and signature
//!   standing.
//!
//! No clock, no environment, no randomness of its own: times and an [`Entropy`] are arguments.

pub mod block;
pub mod file;
pub mod memory;
pub mod merkle;

mod checkpoint;
mod crc;
mod erase;
mod error;
mod filler;
mod journal;
mod key;
mod load;
mod log;
mod proof;
mod reader;
mod seal;
mod space;
mod spine;
mod tape;
mod tile;
mod verify;

pub use checkpoint::{Checkpoint, Verifier};
pub use erase::{Retain, is_over};
pub use error::{LogError, Position};
pub use file::{FileStore, Source, Store};
pub use key::{Entropy, Group, GroupId};
pub use log::{Log, Recovery, Settings, TornTail};
pub use proof::{Consistency, Proof, ProofError, Proven, verify_proof};
pub use reader::{Gap, GapReason, GroupEntry, Reader, Scanned, SignedCheckpoint};
pub use space::SpaceLevel;
pub use verify::{Report, verify, verify_source};
