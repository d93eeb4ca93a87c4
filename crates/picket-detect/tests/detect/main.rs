//! Detectors from the outside: entries and pictures in, alerts out.

mod area_entry;
mod common;
mod device_silent;
mod distress;
mod kinematic_impossible;
mod order;
mod table;
