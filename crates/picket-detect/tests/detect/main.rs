//! Detectors from the outside: entries and pictures in, alerts out.

mod ais_identity;
mod approach_cpa;
mod area_dwell;
mod area_entry;
mod common;
mod device_silent;
mod distress;
mod kinematic_impossible;
mod line_cross;
mod order;
mod pids_confirm;
mod table;
