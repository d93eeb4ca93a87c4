//! Fusion from the outside: entries in, a picture out.

mod common;
mod garbage;
mod tracks;
