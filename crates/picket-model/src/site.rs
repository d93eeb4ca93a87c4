//! The site: what is watched, by configuration and by what officers drew.
//!
//! Both stand in the log, so that a replay needs nothing else: when either changes, a
//! record says so, and what follows is judged by the new one.

use std::collections::BTreeMap;

use crate::act::Act;
use crate::actor::Actor;
use crate::geo::{Area, Line};
use crate::id::AreaName;
use crate::record::{Body, Record};
use crate::time::Time;

/// The part of a node's configuration on which views depend.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Site {
    /// The site's name.
    pub name: String,
    /// The areas that are watched.
    pub areas: Vec<Area>,
    /// The lines that are watched.
    pub lines: Vec<Line>,
}

/// Most areas and lines that officers may have drawn at one time; a further one is refused.
pub const DRAWN_MAX: usize = 1_000;

/// All that is watched now: the configured areas and lines, and those that officers drew.
///
/// Detectors and views each fold their own from the log's records.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Watch {
    /// The configuration in force.
    pub site: Site,
    /// What officers drew and nobody erased, at most [`DRAWN_MAX`].
    pub drawn: BTreeMap<AreaName, Drawn>,
}

/// An area or line that an officer drew.
#[derive(Debug, Clone, PartialEq)]
pub struct Drawn {
    /// What was drawn.
    pub shape: Shape,
    /// Who drew it.
    pub by: Actor,
    /// When.
    pub at: Time,
}

/// What an officer may draw.
#[derive(Debug, Clone, PartialEq)]
pub enum Shape {
    /// An area.
    Area(Area),
    /// A line.
    Line(Line),
}

impl Shape {
    /// Its name.
    #[must_use]
    pub const fn name(&self) -> &AreaName {
        match self {
            Self::Area(area) => &area.name,
            Self::Line(line) => &line.name,
        }
    }
}

impl Watch {
    /// Whether a record may change what is watched.
    #[must_use]
    pub const fn is_about(record: &Record) -> bool {
        matches!(record.body, Body::Site(_) | Body::Act(Act::Draw(_) | Act::Erase { .. }))
    }

    /// Takes a record in; whether what is watched changed.
    pub fn apply(&mut self, record: &Record) -> bool {
        match &record.body {
            Body::Site(site) => {
                let changed = self.site != **site;
                self.site = (**site).clone();
                changed
            }
            Body::Act(Act::Draw(shape)) => {
                let name = shape.name().clone();
                if self.drawn.len() >= DRAWN_MAX && !self.drawn.contains_key(&name) {
                    return false;
                }
                let shape = (**shape).clone();
                let (by, at) = (record.author.clone(), record.received_at);
                self.drawn.insert(name, Drawn { shape, by, at });
                true
            }
            Body::Act(Act::Erase { name, .. }) => self.drawn.remove(name).is_some(),
            Body::Act(_)
            | Body::Observation(_)
            | Body::Status(_)
            | Body::Alert(_)
            | Body::Refusal(_)
            | Body::Tick => false,
        }
    }

    /// Every area, the configured ones first; a drawn one never hides one of the same name.
    pub fn areas(&self) -> impl Iterator<Item = &Area> {
        let drawn = self.drawn.values().filter_map(|drawn| match &drawn.shape {
            Shape::Area(area) if !self.is_configured(&area.name) => Some(area),
            Shape::Area(_) | Shape::Line(_) => None,
        });
        self.site.areas.iter().chain(drawn)
    }

    /// Every line, the configured ones first; a drawn one never hides one of the same name.
    pub fn lines(&self) -> impl Iterator<Item = &Line> {
        let drawn = self.drawn.values().filter_map(|drawn| match &drawn.shape {
            Shape::Line(line) if !self.is_configured(&line.name) => Some(line),
            Shape::Line(_) | Shape::Area(_) => None,
        });
        self.site.lines.iter().chain(drawn)
    }

    /// Whether the configuration names an area or line so.
    #[must_use]
    pub fn is_configured(&self, name: &AreaName) -> bool {
        self.site.areas.iter().any(|area| area.name == *name)
            || self.site.lines.iter().any(|line| line.name == *name)
    }
}
