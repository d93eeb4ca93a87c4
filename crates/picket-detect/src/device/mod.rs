//! Detectors about our own devices and feeds.

pub mod silent;
