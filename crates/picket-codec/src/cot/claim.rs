//! What an event claims about the world.

use std::sync::{Arc, LazyLock};

use picket_model::observation::Frame;
use picket_model::{
    Affiliation, Air, Angle, Body, Claim, Class, Distress, DistressKind, Ident, Kinematics, Name,
    Observation, PhysicalKind, Position, SensorKind, Subject,
};

use super::CotEvent;

static FORMAT: LazyLock<Arc<str>> = LazyLock::new(|| Arc::from("cot"));

impl CotEvent {
    /// Appends what the event claims: an observation of a thing (`a-…`), of somebody who
    /// calls for help (`b-a-o-…`), or a perimeter sensor's alarm (`b-d`, with the kind of
    /// sensor in `__picket`). Chat, files, drawings and what runs a link claim nothing.
    pub(crate) fn claims(&self, out: &mut Vec<Claim>) {
        if let Some(kind) = self.detail.alarm.filter(|_| self.is_detection()) {
            let subject = Name::new(self.sensor()).ok().map(Subject::CotUid);
            let body = Body::Observation(Box::new(self.alarm(kind)));
            out.push(Claim { occurred_at: self.time, subject, ..Claim::of(body) });
            return;
        }
        let is_call = self.kind.starts_with("b-a-o-");
        if !is_call && !self.kind.starts_with("a-") {
            return;
        }
        let about = if is_call { self.caller() } else { &self.uid };
        let subject = Name::new(about).ok().map(Subject::CotUid);
        let seen = if is_call { self.call(about) } else { self.thing() };
        let body = Body::Observation(Box::new(seen));
        out.push(Claim { occurred_at: self.time, subject, ..Claim::of(body) });
    }

    /// A thing, reported by itself or by another.
    fn thing(&self) -> Observation {
        let mut seen = self.blank();
        seen.affiliation = affiliation(&self.kind);
        seen.class = class(&self.kind);
        seen.distress = self.distress();
        let uid: Arc<str> = Arc::from(&*self.uid);
        let producer = self.detail.producer.as_ref().filter(|other| other.uid != self.uid);
        let ident = match producer {
            Some(producer) => {
                let reporter: Arc<str> = Arc::from(&*producer.uid);
                seen.reporter = Some(Arc::clone(&reporter));
                Ident::Local { reporter, number: uid }
            }
            None => {
                if self.is_own_report(seen.affiliation, seen.class) {
                    seen.sensor = SensorKind::CotSelf;
                }
                // Unique by the standard, whoever reports it.
                Ident::CotUid(uid)
            }
        };
        seen.idents.insert(0, ident);
        seen
    }

    /// Whether the thing speaks for itself: it names where it can be reached, it is a friend
    /// whose place a machine or a person on the spot gave (`m-g`, `h-g`), or our own equipment.
    fn is_own_report(&self, affiliation: Affiliation, class: Class) -> bool {
        let is_friend = affiliation == Affiliation::Friend;
        let how = self.how.as_deref().unwrap_or("");
        let on_the_spot = how.starts_with("m-g") || how.starts_with("h-g");
        let is_ours = is_friend && (on_the_spot || class == Class::Equipment);
        self.detail.endpoint.is_some() || is_ours
    }

    /// Somebody who calls for help.
    fn call(&self, caller: &str) -> Observation {
        let kind = self.detail.producer.as_ref().and_then(|producer| producer.kind.as_deref());
        Observation {
            sensor: SensorKind::CotSelf,
            affiliation: kind.map_or(Affiliation::Unknown, affiliation),
            class: kind.map_or(Class::Unknown, class),
            distress: self.distress(),
            idents: [Ident::CotUid(Arc::from(caller))]
                .into_iter()
                .chain(self.blank().idents)
                .collect(),
            ..self.blank()
        }
    }

    /// Whether the event is a detection, "b-d" of the standard's list of types.
    fn is_detection(&self) -> bool {
        &*self.kind == "b-d" || self.kind.starts_with("b-d-")
    }

    /// The sensor that detected: its link says so, or the event's own uid.
    fn sensor(&self) -> &str {
        self.detail.producer.as_ref().map_or(&self.uid, |producer| &producer.uid)
    }

    /// A perimeter sensor's alarm: something was perceived near the place, nothing is followed.
    fn alarm(&self, kind: PhysicalKind) -> Observation {
        let mut seen = self.blank();
        let (reporter, number) = (Arc::from(self.sensor()), Arc::from(&*self.uid));
        seen.reporter = Some(Arc::clone(&reporter));
        seen.idents.insert(0, Ident::Local { reporter, number });
        seen.alarm = Some(kind);
        seen
    }

    /// Whose call it is: its link says so, or the uid, to which TAK clients add `-9-1-1`.
    fn caller(&self) -> &str {
        match &self.detail.producer {
            Some(producer) => &producer.uid,
            None => self.uid.strip_suffix("-9-1-1").unwrap_or(&self.uid),
        }
    }

    fn distress(&self) -> Option<Distress> {
        let emergency = self.detail.emergency.as_ref();
        let words = emergency.and_then(|emergency| emergency.kind.as_deref());
        let kind = match (&*self.kind, words) {
            ("b-a-o-tbl", _) => DistressKind::CotAlert,
            ("b-a-o-pan", _) | (_, Some("Ring The Bell")) => DistressKind::CotRing,
            ("b-a-o-opn", _) | (_, Some("In Contact" | "Troops In Contact")) => {
                DistressKind::CotContact
            }
            ("b-a-o-can", _) | (_, Some("911 Alert" | "Cancel")) => DistressKind::CotAlert,
            _ if emergency.is_some_and(|emergency| emergency.cancel) => DistressKind::CotAlert,
            _ => return None,
        };
        let is_over = emergency.is_some_and(|emergency| emergency.cancel);
        let cancelled = &*self.kind == "b-a-o-can" || words == Some("Cancel") || is_over;
        Some(Distress { kind, test: false, cancelled })
    }

    /// What any event says, whatever it is about.
    fn blank(&self) -> Observation {
        let (position, sigma_m) = self.place();
        let detail = &self.detail;
        Observation {
            sensor: SensorKind::CotReport,
            reporter: None,
            position,
            sigma_m,
            kinematics: Kinematics {
                speed_mps: detail.speed_mps.filter(|speed| *speed >= 0.0),
                course: detail
                    .course_deg
                    .filter(|course| (0.0..=360.0).contains(course))
                    .map(|course| Angle::from_degrees(course % 360.0)),
                heading: None,
            },
            class: Class::Unknown,
            affiliation: Affiliation::Unknown,
            idents: detail
                .callsign
                .as_deref()
                .map(|callsign| Ident::Callsign(Arc::from(callsign)))
                .into_iter()
                .collect(),
            distress: None,
            stale_at: self.stale,
            text: detail.remarks.as_deref().map(Arc::from),
            exercise: false,
            battery_percent: detail
                .battery_percent
                .filter(|percent| (0.0..=100.0).contains(percent)),
            air: Air::NONE,
            alarm: None,
            frame: Frame { format: Arc::clone(&FORMAT), bytes: Arc::from(&*self.raw) },
        }
    }

    /// Where, with one sigma in metres.
    ///
    /// `ce` is one sigma of a zero-mean normal error, as the standard defines it; 0 is what
    /// senders write who do not know. 0° N 0° E without an error is no place but a default.
    fn place(&self) -> (Option<Position>, Option<f64>) {
        let Some((lat_deg, lon_deg)) = self.lat_deg.zip(self.lon_deg) else { return (None, None) };
        let sigma_m = self.ce_m.filter(|ce_m| *ce_m > 0.0);
        let is_default = lat_deg.abs() + lon_deg.abs() < 1e-9 && sigma_m.is_none();
        let position = Position::from_degrees(lat_deg, lon_deg).filter(|_| !is_default);
        let position = position.map(|place| Position { height_m: self.hae_m, ..place });
        let sigma_m = sigma_m.filter(|_| position.is_some());
        (position, sigma_m)
    }
}

/// The affiliation that an atom's type names, `a-<affiliation>-…`.
///
/// A joker and a faker are friends who act as suspect and hostile in an exercise.
///
/// Standard: MTR 03W0000152, "CoT types"; MIL-STD-2525C table A-I.
fn affiliation(kind: &str) -> Affiliation {
    match kind.split('-').nth(1) {
        Some("f") => Affiliation::Friend,
        Some("a" | "j" | "k") => Affiliation::AssumedFriend,
        Some("n") => Affiliation::Neutral,
        Some("s") => Affiliation::Suspect,
        Some("h") => Affiliation::Hostile,
        Some("p") => Affiliation::Pending,
        _ => Affiliation::Unknown,
    }
}

/// The class that an atom's type names, `a-<affiliation>-<dimension>-<function>…`.
///
/// Standard: MTR 03W0000152, "CoT types"; MIL-STD-2525C appendix A.
fn class(kind: &str) -> Class {
    let path: Vec<&str> = kind.split('-').skip(2).collect();
    match path.as_slice() {
        ["A", "M", "F" | "H", "Q", ..] => Class::Drone,
        ["A", ..] => Class::Aircraft,
        ["S", ..] => Class::Vessel,
        ["G", "U", "C", ..] => Class::Person,
        ["G", "E", "V", ..] => Class::Vehicle,
        ["G", "E", "S", ..] => Class::Equipment,
        _ => Class::Unknown,
    }
}
