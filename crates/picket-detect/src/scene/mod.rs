//! Detectors about the world.

pub mod ais_identity;
pub mod approach_cpa;
pub mod area_dwell;
pub mod area_entry;
pub mod distress;
pub mod kinematic_impossible;
pub mod line_cross;
mod mid;
mod pairs;
pub mod pids_confirm;
mod track;
