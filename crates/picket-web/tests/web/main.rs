//! The door over real sockets, in front of a real gate, core and log.

#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "helpers of tests"
)]

mod api;
mod door;
mod history;
mod live;
mod sign_in;
mod stream;
mod support;
