//! The log from outside: its life, its damage, its proofs, its stored form.
#![expect(
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a helper that fails fails its test"
)]

mod common;
mod crash;
mod damage;
mod golden;
mod merkle;
mod proof;
mod seal;
mod space;
mod store;
