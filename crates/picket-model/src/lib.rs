//! The nouns of Picket, on one page.
//!
//! Everything that happens is a [`Record`]: a [`Claim`] that the gate believed
//! enough to keep, with its author and label. The log gives it a place and so
//! makes an [`Entry`]. Folding entries gives [`Track`]s and [`Alert`]s.
//!
//! | word | meaning |
//! |---|---|
//! | author, subject | who vouches; who it is about |
//! | label | how far a record may travel |
//! | observation | what one author says that a sensor perceived at one time |
//! | track | our estimate over time of one real object |
//! | alert | an explained warning by a detector |
//!
//! This crate knows no socket, file, clock or chance. Inside it, and in all that
//! build on it, numbers are SI in `f64`, angles are [`Angle`], time is [`Time`],
//! heights stand above the WGS-84 ellipsoid, and what is unknown is `None`.

pub mod act;
pub mod actor;
pub mod alert;
pub mod geo;
pub mod id;
pub mod label;
pub mod observation;
pub mod record;
pub mod site;
pub mod status;
pub mod time;
pub mod track;
pub mod wire;

pub use act::Act;
pub use actor::{Actor, Subject, ViewName};
pub use alert::{Alert, AlertChange, AlertId, Met, Reason, Severity};
pub use geo::{Angle, Area, Enu, Forbidden, Line, Position};
pub use id::{
    AreaName, DeviceId, Epoch, LogClass, Name, NameError, NodeId, PartnerId, PersonId, RecordId,
    Seq, TrackId,
};
pub use label::{Label, LabelError, Labelled, Levels};
pub use observation::{
    Affiliation, Air, Class, Distress, DistressKind, Ident, Kinematics, Observation, PhysicalKind,
    SensorKind,
};
pub use record::{Auth, Body, Claim, Entry, EntryName, Record, Refused};
pub use site::{Drawn, Shape, Site, Watch};
pub use status::{LinkState, Status};
pub use time::Time;
pub use track::{Picture, Source, Track, TrackState};
