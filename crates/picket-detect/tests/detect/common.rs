//! Plain entries, tracks and a node of one detector.
#![expect(
    clippy::unwrap_used,
    clippy::panic,
    clippy::wildcard_enum_match_arm,
    reason = "helpers of tests; what no test means must stop it"
)]

use std::sync::Arc;

use picket_detect::{Detector, Settings};
use picket_model::geo::Frame;
use picket_model::observation::Frame as Bytes;
use picket_model::{
    Actor, Affiliation, Alert, AlertChange, Area, AreaName, Auth, Body, Claim, Class, DeviceId,
    Entry, EntryName, Enu, Epoch, Ident, Kinematics, Label, LogClass, NodeId, Observation, Picture,
    Position, Record, SensorKind, Seq, Source, Status, Time, Track, TrackId, TrackState, ViewName,
};

/// A detector, the picture before it, and all that it said.
pub(crate) struct Node {
    pub(crate) detector: Box<dyn Detector>,
    pub(crate) picture: Picture,
    pub(crate) claims: Vec<Claim>,
    seq: u64,
}

impl Node {
    pub(crate) fn new(id: &str, settings: &Settings) -> Self {
        let row = picket_detect::DETECTORS.iter().find(|row| row.id == id).unwrap();
        Self {
            detector: (row.make)(settings),
            picture: Picture::default(),
            claims: Vec::new(),
            seq: 0,
        }
    }

    /// Folds an entry; the picture is as the test set it.
    pub(crate) fn fold(&mut self, entry: &Entry) {
        let before = self.claims.len();
        self.detector.watch(entry, &self.picture, &mut self.claims);
        for claim in self.claims.iter().skip(before) {
            check(claim);
        }
    }

    /// An observation of `at_s` by `feed`, heard at the same time.
    pub(crate) fn see(&mut self, at_s: f64, seen: Observation) {
        let entry = self.entry("feed", at_s, at_s, Body::Observation(Box::new(seen)));
        self.fold(&entry);
    }

    pub(crate) fn see_late(&mut self, at_s: f64, received_s: f64, seen: Observation) {
        let entry = self.entry("feed", at_s, received_s, Body::Observation(Box::new(seen)));
        self.fold(&entry);
    }

    pub(crate) fn tick(&mut self, at_s: f64) {
        self.picture.touched.clear();
        let entry = self.entry("clock", at_s, at_s, Body::Tick);
        self.fold(&entry);
    }

    /// Ticks once a second from `from_s` until `until_s`.
    pub(crate) fn wait(&mut self, from_s: u32, until_s: u32) {
        for second in from_s..=until_s {
            self.tick(f64::from(second));
        }
    }

    pub(crate) fn status(&mut self, at_s: f64, status: Status) {
        let entry = self.entry("link", at_s, at_s, Body::Status(status));
        self.fold(&entry);
    }

    pub(crate) fn entry(&mut self, author: &str, at_s: f64, received_s: f64, body: Body) -> Entry {
        self.seq += 1;
        entry(self.seq, author, at_s, received_s, body)
    }

    pub(crate) fn alerts(&self) -> Vec<&Alert> {
        self.claims.iter().map(alert).collect()
    }

    /// What was said, in order.
    pub(crate) fn changes(&self) -> Vec<AlertChange> {
        self.alerts().iter().map(|alert| alert.change).collect()
    }
}

pub(crate) fn alert(claim: &Claim) -> &Alert {
    match &claim.body {
        Body::Alert(alert) => alert,
        _ => panic!("{claim:?}"),
    }
}

/// What every claim of a detector must be.
fn check(claim: &Claim) {
    let alert = alert(claim);
    assert!(!claim.cites.is_empty(), "{alert:#?}");
    assert!(claim.floor.is_some() && claim.occurred_at.is_some(), "{alert:#?}");
    assert_eq!(claim.subject.as_ref(), Some(&alert.subject));
    assert!(!alert.title.is_empty() && !alert.why_text.is_empty(), "{alert:#?}");
    let digit = |text: &str| text.chars().any(|c| c.is_ascii_digit());
    assert!(alert.why.iter().any(|reason| digit(&reason.value)), "{alert:#?}");
    for reason in &alert.why {
        assert!(!reason.text.is_empty() && !reason.threshold.is_empty(), "{alert:#?}");
        assert!(reason.decibans.is_finite());
        assert!(reason.evidence.iter().all(|id| claim.cites.contains(id)));
    }
}

pub(crate) fn time(at_s: f64) -> Time {
    // 2023-11-14T02:00:00Z: night.
    Time::from_unix_s(1_699_927_200).plus_s(at_s)
}

pub(crate) fn entry(seq: u64, author: &str, at_s: f64, received_s: f64, body: Body) -> Entry {
    let author = match body {
        Body::Tick => Actor::Machine(ViewName::Clock),
        Body::Status(_) => Actor::Machine(ViewName::Link),
        _ => Actor::Device(DeviceId::new(author).unwrap()),
    };
    let record = Record {
        author,
        auth: Auth::None,
        label: Label::lowest(),
        occurred_at: time(at_s),
        received_at: time(received_s),
        subject: None,
        cites: Vec::new(),
        body,
    };
    let class = LogClass::Observation;
    let name = EntryName { origin: NodeId([7; 16]), epoch: Epoch(0), class, number: seq };
    Entry { seq: Seq(seq), name, id: record.id(), record }
}

/// A place so many metres east and north of 54° N 7° E.
pub(crate) fn at(e_m: f64, n_m: f64) -> Position {
    Frame::at(Position::from_degrees(54.0, 7.0).unwrap()).position(Enu { e_m, n_m })
}

/// A square of 200 m around 54° N 7° E.
pub(crate) fn area() -> Area {
    let corners = [(-100.0, -100.0), (100.0, -100.0), (100.0, 100.0), (-100.0, 100.0)];
    let polygon = corners.into_iter().map(|(e, n)| at(e, n)).collect();
    Area::new(AreaName::new("North Ammo").unwrap(), "restricted", polygon).unwrap()
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

/// A sensor's report of something of a class.
pub(crate) fn report(class: Class, position: Position) -> Observation {
    let mut out = seen(SensorKind::CotReport, Some(position), Vec::new());
    out.reporter = Some(Arc::from("pir-3"));
    out.class = class;
    out.sigma_m = Some(10.0);
    out
}

pub(crate) fn ship(mmsi: u32, position: Position) -> Observation {
    let mut out = seen(SensorKind::Ais, Some(position), vec![Ident::Mmsi(mmsi)]);
    out.class = Class::Vessel;
    out
}

/// The track that an entry has just moved to where it saw it, with 10 m of error each way.
pub(crate) fn track(id: u32, entry: &Entry) -> Track {
    let Body::Observation(seen) = &entry.record.body else { panic!("{entry:?}") };
    let author = entry.record.author.clone();
    let source = Source {
        author: author.clone(),
        reporter: seen.reporter.clone(),
        sensor: seen.sensor,
        auth: entry.record.auth,
        last_at: entry.record.occurred_at,
        record: entry.id,
        residual_m: 1.0,
        updates: 1,
    };
    Track {
        id: TrackId(id),
        state: TrackState::Live,
        position: seen.position.unwrap(),
        covariance_m2: [100.0, 0.0, 100.0],
        velocity_mps: velocity(seen),
        heading: None,
        class: seen.class,
        class_why: Arc::from("test"),
        affiliation: seen.affiliation,
        idents: seen.idents.iter().map(|ident| (ident.clone(), author.clone())).collect(),
        existence: 0.9,
        updated_at: entry.record.occurred_at,
        received_at: entry.record.received_at,
        first_at: entry.record.occurred_at,
        confirmed_at: Some(entry.record.occurred_at),
        updates: 5,
        sources: vec![source],
        label: entry.record.label.clone(),
        exercise: false,
        suspect: None,
        air: seen.air,
    }
}

fn velocity(seen: &Observation) -> Option<[f64; 2]> {
    let course = seen.kinematics.course?.radians();
    let speed_mps = seen.kinematics.speed_mps?;
    Some([speed_mps * libm::sin(course), speed_mps * libm::cos(course)])
}

/// The same observation, under way: m/s east and north.
pub(crate) fn going(mut seen: Observation, east: f64, north: f64) -> Observation {
    seen.kinematics.speed_mps = Some(libm::hypot(east, north));
    seen.kinematics.course = Some(picket_model::Angle::from_radians(libm::atan2(east, north)));
    seen
}

/// A node whose track 12 stands where it was last seen.
pub(crate) struct Walk(pub(crate) Node);

impl Walk {
    pub(crate) fn step(&mut self, at_s: f64, seen: Observation) {
        self.late(at_s, at_s, seen);
    }

    pub(crate) fn late(&mut self, at_s: f64, received_s: f64, seen: Observation) {
        let entry = self.0.entry("feed", at_s, received_s, Body::Observation(Box::new(seen)));
        self.fold(&entry);
    }

    pub(crate) fn fold(&mut self, entry: &Entry) {
        let track = track(12, entry);
        self.0.picture.touched = vec![track.id];
        let known = self.0.picture.tracks.get(&track.id);
        if known.is_none_or(|known| known.updated_at <= track.updated_at) {
            self.0.picture.tracks.insert(track.id, Arc::new(track));
        }
        self.0.fold(entry);
    }
}

/// Line 4.
pub(crate) fn line(
    points: Vec<Position>,
    forbidden: picket_model::Forbidden,
) -> picket_model::Line {
    picket_model::Line::new(AreaName::new("Line 4").unwrap(), points, forbidden).unwrap()
}

/// The same square by another name.
pub(crate) fn area_named(name: &str, kind: &str) -> Area {
    Area { name: AreaName::new(name).unwrap(), ..area_of(kind) }
}

pub(crate) fn area_of(kind: &str) -> Area {
    Area { kind: kind.to_owned(), ..area() }
}
