//! What a sentence claims about the world.

use std::sync::{Arc, LazyLock};

use picket_model::observation::Frame;
use picket_model::{
    Affiliation, Air, Angle, Body, Claim, Class, Ident, Kinematics, Observation, SensorKind,
};

use super::NmeaMessage;
use super::ship::OwnFix;
use super::target::{Target, TargetState};

const KNOT_MPS: f64 = 1_852.0 / 3_600.0;

static FORMAT: LazyLock<Arc<str>> = LazyLock::new(|| Arc::from("nmea"));

impl NmeaMessage {
    /// Appends what the sentence claims: the own fix if it is the one that tells it, and each
    /// radar target that is still followed and whose place is known.
    ///
    /// Who is meant has a number at this source and no name: the source's own craft is `own`,
    /// a target `RA 7` for number 7 of the talker `RA`. Nothing else may be read from NMEA.
    pub(crate) fn claims(&self, out: &mut Vec<Claim>) {
        let own = self.own.as_deref().map(|fix| self.own_fix(fix));
        let targets = self.said.targets.iter().filter_map(|target| self.target(target));
        for observation in own.into_iter().chain(targets) {
            let body = Body::Observation(Box::new(observation));
            out.push(Claim { occurred_at: self.t(), ..Claim::of(body) });
        }
    }

    fn own_fix(&self, fix: &OwnFix) -> Observation {
        let ident = self.source.as_ref().map(|source| local(source, "own"));
        Observation {
            sensor: SensorKind::Gnss,
            position: Some(fix.position),
            sigma_m: fix.sigma_m,
            kinematics: fix.kinematics,
            class: if fix.stands { Class::Equipment } else { Class::Unknown },
            exercise: fix.simulated,
            idents: ident.into_iter().collect(),
            ..self.blank()
        }
    }

    fn target(&self, target: &Target) -> Option<Observation> {
        let position = target.place?;
        let followed = match target.state {
            Some(TargetState::Lost) => return None,
            // A sentence without a state is of a radar that sends only what it follows.
            Some(TargetState::Tracked) | None => true,
            Some(TargetState::Acquiring) => false,
        };
        let talker = self.talker();
        let source = self.source.clone().unwrap_or_else(|| Arc::from(&*talker));
        let number = target.number.map(|number| local(&source, &format!("{talker} {number}")));
        let over_ground = followed && !target.motion_relative && !target.through_water;
        let speed_mps = target.speed_kn.filter(|_| over_ground).map(|knots| knots * KNOT_MPS);
        let course = target.course_deg.filter(|_| over_ground).map(Angle::from_degrees);
        Some(Observation {
            sensor: SensorKind::Radar,
            reporter: Some(source),
            position: Some(position),
            sigma_m: target.sigma_m(),
            kinematics: Kinematics {
                speed_mps,
                course,
                heading: target.heading_deg.map(Angle::from_degrees),
            },
            idents: number.into_iter().collect(),
            text: target.name.as_deref().map(Arc::from),
            exercise: target.test,
            ..self.blank()
        })
    }

    fn blank(&self) -> Observation {
        Observation {
            sensor: SensorKind::Gnss,
            reporter: None,
            position: None,
            sigma_m: None,
            kinematics: Kinematics::default(),
            class: Class::Unknown,
            affiliation: Affiliation::Pending,
            idents: Vec::new(),
            distress: None,
            stale_at: None,
            text: None,
            exercise: false,
            battery_percent: None,
            air: Air::NONE,
            alarm: None,
            frame: Frame { format: Arc::clone(&FORMAT), bytes: Arc::from(self.raw.as_bytes()) },
        }
    }
}

fn local(source: &Arc<str>, number: &str) -> Ident {
    Ident::Local { reporter: Arc::clone(source), number: Arc::from(number) }
}
