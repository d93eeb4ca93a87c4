//! Detectors about the world.

pub mod area_entry;
pub mod distress;
pub mod kinematic_impossible;
