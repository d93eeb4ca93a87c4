//! Plain entries for the tests of fusion.
#![expect(clippy::unwrap_used, reason = "helpers of tests; a bad literal must stop the test")]

use std::sync::Arc;

use picket_fusion::{Fusion, Settings};
use picket_model::geo::Frame;
use picket_model::observation::Frame as Bytes;
use picket_model::{
    Actor, Affiliation, Angle, Auth, Body, Class, DeviceId, Entry, EntryName, Enu, Epoch, Ident,
    Kinematics, Label, LogClass, NodeId, Observation, Picture, Position, Record, SensorKind, Seq,
    Time, Track, ViewName,
};

/// A tracker with its picture, fed second by second.
pub(crate) struct Node {
    pub(crate) fusion: Fusion,
    pub(crate) picture: Picture,
    pub(crate) seq: u64,
}

impl Node {
    pub(crate) fn new() -> Self {
        Self::with(Settings::default())
    }

    pub(crate) fn with(settings: Settings) -> Self {
        Self { fusion: Fusion::new(settings), picture: Picture::default(), seq: 0 }
    }

    /// Folds an observation that occurs and arrives at `at_s`.
    pub(crate) fn see(&mut self, at_s: f64, seen: Observation) {
        self.see_late(at_s, at_s, seen);
    }

    /// Folds an observation of `at_s` that arrives at `received_s`.
    pub(crate) fn see_late(&mut self, at_s: f64, received_s: f64, seen: Observation) {
        let body = Body::Observation(Box::new(seen));
        let author = Actor::Device(DeviceId::new("feed").unwrap());
        self.fold(author, time(at_s), time(received_s), Label::lowest(), body);
    }

    pub(crate) fn tick(&mut self, at_s: f64) {
        let author = Actor::Machine(ViewName::Clock);
        self.fold(author, time(at_s), time(at_s), Label::lowest(), Body::Tick);
    }

    pub(crate) fn fold(
        &mut self,
        author: Actor,
        occurred_at: Time,
        received_at: Time,
        label: Label,
        body: Body,
    ) {
        let entry = entry(self.seq, author, occurred_at, received_at, label, body);
        self.seq += 1;
        self.fusion.apply(&entry, &mut self.picture);
    }

    /// The only track.
    pub(crate) fn track(&self) -> &Track {
        assert_eq!(self.picture.tracks.len(), 1, "{:#?}", self.picture.tracks);
        self.picture.tracks.values().next().unwrap()
    }

    /// The track with this ident.
    pub(crate) fn track_of(&self, ident: &Ident) -> &Track {
        let has = |track: &&Arc<Track>| track.idents.iter().any(|(known, _)| known == ident);
        self.picture.tracks.values().find(has).unwrap()
    }
}

pub(crate) fn time(at_s: f64) -> Time {
    Time::from_unix_s(1_700_000_000).plus_s(at_s)
}

pub(crate) fn entry(
    seq: u64,
    author: Actor,
    occurred_at: Time,
    received_at: Time,
    label: Label,
    body: Body,
) -> Entry {
    let record = Record {
        author,
        auth: Auth::None,
        label,
        occurred_at,
        received_at,
        subject: None,
        cites: Vec::new(),
        body,
    };
    let name = EntryName {
        origin: NodeId([7; 16]),
        epoch: Epoch(0),
        class: LogClass::Observation,
        number: seq + 1,
    };
    Entry { seq: Seq(seq), name, id: record.id(), record }
}

/// A place so many metres east and north of 54° N 7° E.
pub(crate) fn at(e_m: f64, n_m: f64) -> Position {
    Frame::at(Position::from_degrees(54.0, 7.0).unwrap()).position(Enu { e_m, n_m })
}

pub(crate) fn seen(
    sensor: SensorKind,
    position: Option<Position>,
    idents: Vec<Ident>,
) -> Observation {
    Observation {
        sensor,
        reporter: None,
        position,
        sigma_m: None,
        kinematics: Kinematics::default(),
        class: Class::Unknown,
        affiliation: Affiliation::Unknown,
        idents,
        distress: None,
        stale_at: None,
        text: None,
        exercise: false,
        battery_percent: None,
        air: picket_model::Air::NONE,
        alarm: None,
        frame: Bytes { format: Arc::from("test"), bytes: Arc::from([].as_slice()) },
    }
}

/// A ship's report with speed and course.
pub(crate) fn ship(mmsi: u32, position: Position, speed_mps: f64, course_deg: f64) -> Observation {
    let mut out = seen(SensorKind::Ais, Some(position), vec![Ident::Mmsi(mmsi)]);
    out.class = Class::Vessel;
    out.kinematics.speed_mps = Some(speed_mps);
    out.kinematics.course = Some(Angle::from_degrees(course_deg));
    out
}

/// A team that reports itself.
pub(crate) fn team(uid: &str, position: Position) -> Observation {
    let mut out = seen(SensorKind::CotSelf, Some(position), vec![Ident::CotUid(Arc::from(uid))]);
    out.class = Class::Person;
    out.affiliation = Affiliation::Friend;
    out.sigma_m = Some(5.0);
    out
}

/// A sensor's report of something without a name.
pub(crate) fn report(reporter: &str, class: Class, position: Position) -> Observation {
    let mut out = seen(SensorKind::CotReport, Some(position), Vec::new());
    out.reporter = Some(Arc::from(reporter));
    out.class = class;
    out.sigma_m = Some(10.0);
    out
}

/// A sensor's report of something that it follows under a number of its own.
pub(crate) fn numbered(
    reporter: &str,
    number: &str,
    class: Class,
    position: Position,
) -> Observation {
    let mut out = report(reporter, class, position);
    out.idents = vec![Ident::Local { reporter: Arc::from(reporter), number: Arc::from(number) }];
    out
}
