//! The site: the part of a node's configuration on which views depend.
//!
//! It stands in the log, so that a replay needs nothing else: when the configuration
//! changes, a record says so, and what follows is judged by the new one.

use crate::geo::Area;

/// What is watched at this site.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Site {
    /// The site's name.
    pub name: String,
    /// The areas that are watched.
    pub areas: Vec<Area>,
}
