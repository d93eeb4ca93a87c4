//! One world as data: who is where, what moves, and what goes wrong when.

use std::collections::BTreeSet;
use std::sync::Arc;

use picket_model::geo::{AreaError, Frame};
use picket_model::id::NameError;
use picket_model::{Area, AreaName, DeviceId, Enu, Forbidden, Line, PhysicalKind, Position, Site};
use serde::Deserialize;

use crate::Door;
use crate::mover::{Circuit, Legs, Motion};

/// One world, read and checked.
#[derive(Debug, Clone)]
pub struct Scenario {
    pub(crate) plan: Plan,
    pub(crate) frame: Frame,
    site: Site,
}

/// Why a text is no scenario. Its author is at fault.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ScenarioError {
    /// It is not TOML, or has keys that a scenario does not know.
    #[error("cannot read the scenario: {0}")]
    Toml(#[from] toml::de::Error),
    /// A name is none.
    #[error("cannot use the name \"{name}\": {reason}")]
    Name {
        /// The text.
        name: String,
        /// What is wrong with it.
        reason: NameError,
    },
    /// Two things have one name.
    #[error("cannot use the name \"{0}\" twice")]
    Twice(String),
    /// An event speaks of a thing that is not there.
    #[error("cannot find \"{name}\", of which a {table} speaks")]
    Missing {
        /// The table whose row speaks.
        table: &'static str,
        /// What is not there.
        name: String,
    },
    /// An area or line is none.
    #[error("cannot use the area or line \"{name}\": {reason}")]
    Area {
        /// Its name.
        name: String,
        /// What is wrong with it.
        reason: AreaError,
    },
    /// A value is out of its bounds.
    #[error("cannot use {what} of \"{name}\": {rule}")]
    Value {
        /// The thing.
        name: String,
        /// Its key.
        what: &'static str,
        /// What it has to be.
        rule: &'static str,
    },
}

/// A device of the world, as the node that it talks to has to know it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Device {
    /// Its name: the CoT uid, or the receiver's name.
    pub name: Arc<str>,
    /// What people call it.
    pub callsign: Arc<str>,
    /// Where it speaks.
    pub door: Door,
}

/// What happens, for a person who sees it the first time.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Story {
    /// Seconds after the world's start.
    pub at_s: f64,
    /// What happens, in a sentence.
    pub text: String,
}

impl Scenario {
    /// Reads a scenario and checks it.
    ///
    /// # Errors
    /// [`ScenarioError`]: not TOML, an unknown key, a name used twice or not there, a value
    /// out of bounds.
    pub fn parse(text: &str) -> Result<Self, ScenarioError> {
        let plan: Plan = toml::from_str(text)?;
        let [lon_deg, lat_deg] = plan.origin;
        let origin = Position::from_degrees(lat_deg, lon_deg)
            .filter(|_| lat_deg.abs() <= LATITUDE_DEG_MAX)
            .ok_or_else(|| {
                value(&plan.name, "origin", "[longitude, latitude], within 80 degrees")
            })?;
        let frame = Frame::at(origin);
        plan.check()?;
        let areas = plan.area.iter().map(|row| row.area(&frame)).collect::<Result<_, _>>()?;
        let lines = plan.line.iter().map(|row| row.line(&frame)).collect::<Result<_, _>>()?;
        let site = Site { name: plan.site.clone(), areas, lines };
        Ok(Self { plan, frame, site })
    }

    /// The world of the first demonstration, which is part of the program.
    ///
    /// # Errors
    /// [`ScenarioError`] if the bundled text is no scenario; a test proves that it is one.
    pub fn first_night() -> Result<Self, ScenarioError> {
        Self::parse(include_str!("../../../scenarios/first-night.toml"))
    }

    /// What the world is called.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.plan.name
    }

    /// The site and its areas, as the node's configuration has them.
    #[must_use]
    pub const fn site(&self) -> &Site {
        &self.site
    }

    /// The middle of the site.
    #[must_use]
    pub const fn origin(&self) -> Position {
        self.frame.origin()
    }

    /// Seconds after which the story begins anew.
    #[must_use]
    pub const fn cycle_s(&self) -> f64 {
        self.plan.cycle_s
    }

    /// What happens in the first minute, in order.
    #[must_use]
    pub fn story(&self) -> &[Story] {
        &self.plan.story
    }

    /// All devices that will speak, in the scenario's order; the receivers come last.
    #[must_use]
    pub fn devices(&self) -> Vec<Device> {
        let plan = &self.plan;
        let sensors = plan.sensor.iter().map(|row| (&row.uid, &row.callsign));
        let drones = plan.drone.iter().map(|row| (&row.uid, &row.callsign));
        let teams = plan.team.iter().map(|row| (&row.uid, &row.callsign));
        let mut devices: Vec<Device> = sensors
            .chain(drones)
            .chain(teams)
            .map(|(uid, callsign)| Device {
                name: Arc::from(uid.as_str()),
                callsign: Arc::from(callsign.as_str()),
                door: Door::Cot,
            })
            .collect();
        if !plan.vessel.is_empty() {
            let name: Arc<str> = Arc::from(plan.receiver.as_str());
            devices.push(Device { callsign: Arc::clone(&name), name, door: Door::Ais });
        }
        if !plan.aircraft.is_empty() {
            let name: Arc<str> = Arc::from(plan.air_receiver.as_str());
            devices.push(Device { callsign: Arc::clone(&name), name, door: Door::Sbs });
        }
        devices
    }
}

/// Farther from the equator a local frame of this size is too crude.
const LATITUDE_DEG_MAX: f64 = 80.0;
/// Farthest from the origin, metres: beyond, a flat frame is too crude.
const REACH_M_MAX: f64 = 50_000.0;
/// Most rows of one table: a world is written by hand, and each row costs memory for its whole life.
const ROWS_MAX: usize = 1_000;
/// Most points of a line, a fence or a walk.
const POINTS_MAX: usize = 1_000;
/// Shortest and longest cycle, seconds.
const CYCLE_S: std::ops::RangeInclusive<f64> = 60.0..=86_400.0;
/// Shortest and longest time between two reports of one device, seconds.
const EVERY_S: std::ops::RangeInclusive<f64> = 0.2..=3_600.0;
/// Fastest thing in a world, m/s.
const SPEED_MPS_MAX: f64 = 100.0;
/// Longest name of a ship (ITU-R M.1371-5, message 5).
const SHIP_NAME_MAX: usize = 20;
/// Longest call sign of a ship (the same).
const SHIP_CALLSIGN_MAX: usize = 7;

/// A scenario's file. Places are metres east and north of `origin`.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Plan {
    pub(crate) name: String,
    pub(crate) site: String,
    /// Degrees: longitude, latitude.
    pub(crate) origin: [f64; 2],
    pub(crate) cycle_s: f64,
    /// The AIS receiver's name.
    #[serde(default = "default_receiver")]
    pub(crate) receiver: String,
    #[serde(default)]
    pub(crate) story: Vec<Story>,
    #[serde(default)]
    pub(crate) area: Vec<AreaRow>,
    #[serde(default)]
    pub(crate) line: Vec<LineRow>,
    /// The fence's corners; closed. Empty: no fence.
    #[serde(default)]
    pub(crate) fence: Vec<[f64; 2]>,
    #[serde(default)]
    pub(crate) sensor: Vec<SensorRow>,
    #[serde(default)]
    pub(crate) drone: Vec<DroneRow>,
    #[serde(default)]
    pub(crate) team: Vec<TeamRow>,
    #[serde(default)]
    pub(crate) intruder: Vec<IntruderRow>,
    #[serde(default)]
    pub(crate) vessel: Vec<VesselRow>,
    #[serde(default)]
    pub(crate) silence: Vec<SilenceRow>,
    #[serde(default)]
    pub(crate) distress: Vec<DistressRow>,
    #[serde(default)]
    pub(crate) jump: Vec<JumpRow>,
    /// The aircraft receiver's name.
    #[serde(default = "default_air_receiver")]
    pub(crate) air_receiver: String,
    #[serde(default)]
    pub(crate) aircraft: Vec<AircraftRow>,
    #[serde(default)]
    pub(crate) squawk: Vec<SquawkRow>,
    #[serde(default)]
    pub(crate) call: Vec<CallRow>,
}

fn default_air_receiver() -> String {
    "adsb-receiver".to_owned()
}

fn default_receiver() -> String {
    "ais-receiver".to_owned()
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct AreaRow {
    pub(crate) name: String,
    pub(crate) kind: String,
    pub(crate) polygon: Vec<[f64; 2]>,
    /// Subjects that may be inside, as they are printed.
    #[serde(default)]
    pub(crate) allow: Vec<String>,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct LineRow {
    pub(crate) name: String,
    pub(crate) points: Vec<[f64; 2]>,
    /// `left`, `right` or `both`, seen along the points.
    pub(crate) forbidden: String,
}

/// How a fixed sensor perceives.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum SensorMeans {
    /// Feels who touches the fence near it.
    Fence,
    /// Sees what moves on the ground near it.
    Motion,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct SensorRow {
    pub(crate) uid: String,
    pub(crate) callsign: String,
    pub(crate) kind: SensorMeans,
    pub(crate) at: [f64; 2],
    /// How far it perceives.
    pub(crate) range_m: f64,
    /// Error of what it perceives, one sigma on each axis.
    pub(crate) sigma_m: f64,
    /// Seconds between two words of its own.
    pub(crate) every_s: f64,
    /// Of what is left in its battery at the start; it stays.
    pub(crate) battery_percent: u8,
    /// By what it feels, as `docs/cot.md` names it, if it alarms; else it follows what it sees.
    #[serde(default)]
    pub(crate) alarm: Option<String>,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct DroneRow {
    pub(crate) uid: String,
    pub(crate) callsign: String,
    pub(crate) team: String,
    pub(crate) circuit: Circuit,
    pub(crate) speed_mps: f64,
    /// Above the ellipsoid.
    pub(crate) height_m: f64,
    pub(crate) camera_range_m: f64,
    pub(crate) camera_sigma_m: f64,
    pub(crate) every_s: f64,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum TeamMeans {
    Foot,
    Vehicle,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct TeamRow {
    pub(crate) uid: String,
    pub(crate) callsign: String,
    /// Colour of its group.
    pub(crate) team: String,
    pub(crate) role: String,
    pub(crate) kind: TeamMeans,
    pub(crate) every_s: f64,
    /// Its way in each cycle, or
    pub(crate) legs: Option<Legs>,
    /// its round,
    pub(crate) circuit: Option<Circuit>,
    /// and how fast it goes round.
    pub(crate) speed_mps: Option<f64>,
}

impl TeamRow {
    /// Where it is, so long after the world's start, in a world of this cycle.
    pub(crate) fn at(&self, second: f64, cycle_s: f64) -> Option<Motion> {
        match (&self.legs, &self.circuit) {
            (Some(legs), _) => legs.at(second.rem_euclid(cycle_s)),
            (None, Some(circuit)) => {
                let speed_mps = self.speed_mps.unwrap_or(0.0);
                Some(circuit.at(circuit.start_m + speed_mps * second, speed_mps))
            }
            (None, None) => None,
        }
    }
}

/// One way in and out; with several, each cycle takes the next.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct IntruderRow {
    pub(crate) legs: Legs,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct VesselRow {
    pub(crate) mmsi: u32,
    pub(crate) name: String,
    pub(crate) callsign: String,
    pub(crate) imo: Option<u32>,
    /// Type of ship and cargo, as AIS message 5 codes it.
    pub(crate) ship_type: u8,
    pub(crate) destination: String,
    /// From the antenna to bow and stern, metres.
    pub(crate) length_m: [u16; 2],
    /// From the antenna to port and starboard, metres.
    pub(crate) beam_m: [u8; 2],
    pub(crate) circuit: Circuit,
    pub(crate) speed_kn: f64,
    pub(crate) every_s: f64,
}

/// An aircraft that is heard by its transponder.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct AircraftRow {
    /// 24-bit address.
    pub(crate) icao: u32,
    pub(crate) callsign: String,
    /// Mode A code, four octal digits.
    pub(crate) squawk: u16,
    pub(crate) circuit: Circuit,
    pub(crate) speed_kn: f64,
    /// By the standard atmosphere.
    pub(crate) altitude_ft: i32,
}

/// An aircraft sets another code for a while.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct SquawkRow {
    pub(crate) icao: u32,
    pub(crate) code: u16,
    pub(crate) from_s: f64,
    pub(crate) until_s: f64,
    #[serde(default)]
    pub(crate) every_cycles: Every,
}

/// A team presses its emergency button, and cancels later.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct CallRow {
    pub(crate) team: String,
    pub(crate) from_s: f64,
    pub(crate) until_s: f64,
    #[serde(default)]
    pub(crate) every_cycles: Every,
}

/// In which cycles an event happens: the first, and then every so many.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(transparent)]
pub(crate) struct Every(u32);

impl Default for Every {
    fn default() -> Self {
        Self(1)
    }
}

impl Every {
    pub(crate) const fn includes(self, cycle: u64) -> bool {
        self.0 != 0 && cycle.is_multiple_of(self.0 as u64)
    }
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct SilenceRow {
    pub(crate) sensor: String,
    pub(crate) from_s: f64,
    pub(crate) until_s: f64,
    #[serde(default)]
    pub(crate) every_cycles: Every,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct DistressRow {
    pub(crate) mmsi: u32,
    pub(crate) sart_mmsi: u32,
    /// Where the transmitter drifts, seen from the ship.
    pub(crate) offset: [f64; 2],
    pub(crate) text: String,
    pub(crate) from_s: f64,
    pub(crate) until_s: f64,
    #[serde(default)]
    pub(crate) every_cycles: Every,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct JumpRow {
    pub(crate) mmsi: u32,
    /// The first report at or after this second is the false one.
    pub(crate) at_s: f64,
    pub(crate) bearing_deg: f64,
    pub(crate) distance_nm: f64,
    #[serde(default)]
    pub(crate) every_cycles: Every,
}

impl Plan {
    fn check(&self) -> Result<(), ScenarioError> {
        let site = &self.site;
        inside(&CYCLE_S, self.cycle_s, &self.name, "cycle_s", "from 60 to 86 400 seconds")?;
        self.check_rows()?;
        points(&self.fence, site, "fence")?;
        self.check_names()?;
        for row in &self.sensor {
            points(&[row.at], &row.uid, "at")?;
            positive(row.range_m, &row.uid, "range_m")?;
            positive(row.sigma_m, &row.uid, "sigma_m")?;
            every(row.every_s, &row.uid)?;
            let kinds = PhysicalKind::ALL.map(PhysicalKind::as_str);
            let known = row.alarm.as_deref().is_none_or(|kind| kinds.contains(&kind));
            rule(known, &row.uid, "alarm", "a physical kind of docs/cot.md")?;
            let full = row.battery_percent <= 100;
            rule(full, &row.uid, "battery_percent", "from 0 to 100")?;
        }
        for row in &self.drone {
            circuit(&row.circuit, &row.uid)?;
            speed(row.speed_mps, &row.uid, "speed_mps")?;
            positive(row.height_m, &row.uid, "height_m")?;
            positive(row.camera_range_m, &row.uid, "camera_range_m")?;
            positive(row.camera_sigma_m, &row.uid, "camera_sigma_m")?;
            every(row.every_s, &row.uid)?;
        }
        self.check_teams()?;
        for row in &self.intruder {
            legs(&row.legs, "intruder", self.cycle_s)?;
        }
        self.check_vessels()?;
        self.check_aircraft()?;
        self.check_events()
    }

    fn check_rows(&self) -> Result<(), ScenarioError> {
        let most = [
            self.story.len(),
            self.area.len(),
            self.line.len(),
            self.sensor.len(),
            self.drone.len(),
            self.team.len(),
            self.intruder.len(),
            self.vessel.len(),
            self.silence.len(),
            self.distress.len(),
            self.jump.len(),
            self.aircraft.len(),
            self.squawk.len(),
            self.call.len(),
        ];
        let fits = most.iter().all(|&rows| rows <= ROWS_MAX);
        rule(fits, &self.name, "a table", "at most 1 000 rows")?;
        let ordered = self.story.windows(2).all(|pair| match pair {
            [first, second] => first.at_s <= second.at_s,
            _ => true,
        });
        rule(ordered, &self.name, "story", "lines in the order of their time")
    }

    fn check_names(&self) -> Result<(), ScenarioError> {
        let sensors = self.sensor.iter().map(|row| &row.uid);
        let drones = self.drone.iter().map(|row| &row.uid);
        let teams = self.team.iter().map(|row| &row.uid);
        let mut seen = BTreeSet::new();
        for name in sensors.chain(drones).chain(teams).chain([&self.receiver, &self.air_receiver]) {
            let named = DeviceId::new(name);
            named.map_err(|reason| ScenarioError::Name { name: name.clone(), reason })?;
            if !seen.insert(name) {
                return Err(ScenarioError::Twice(name.clone()));
            }
        }
        let mut seen = BTreeSet::new();
        match self.vessel.iter().find(|row| !seen.insert(row.mmsi)) {
            Some(row) => Err(ScenarioError::Twice(format!("{:09}", row.mmsi))),
            None => Ok(()),
        }
    }

    fn check_teams(&self) -> Result<(), ScenarioError> {
        for row in &self.team {
            every(row.every_s, &row.uid)?;
            match (&row.legs, &row.circuit, row.speed_mps) {
                (Some(way), None, None) => {
                    legs(way, &row.uid, self.cycle_s)?;
                    let (first, last) = (way.0.first(), way.0.last());
                    let closed = first.zip(last).is_some_and(|(&[t0, e0, n0], &[t1, e1, n1])| {
                        let span_s = t1 - t0;
                        t0.abs() < 1e-9
                            && (span_s - self.cycle_s).abs() < 1e-9
                            && libm::hypot(e1 - e0, n1 - n0) < 1e-9
                    });
                    rule(closed, &row.uid, "legs", "from 0 to cycle_s, and back where they began")?;
                }
                (None, Some(round), Some(speed_mps)) => {
                    circuit(round, &row.uid)?;
                    speed(speed_mps, &row.uid, "speed_mps")?;
                }
                (Some(_), _, _) | (None, _, _) => {
                    return Err(value(&row.uid, "way", "either legs, or circuit and speed_mps"));
                }
            }
        }
        Ok(())
    }

    fn check_vessels(&self) -> Result<(), ScenarioError> {
        for row in &self.vessel {
            mmsi(row.mmsi, &row.name)?;
            six_bit(&row.name, SHIP_NAME_MAX, &row.name, "name")?;
            six_bit(&row.callsign, SHIP_CALLSIGN_MAX, &row.name, "callsign")?;
            six_bit(&row.destination, SHIP_NAME_MAX, &row.name, "destination")?;
            rule(row.ship_type <= 99, &row.name, "ship_type", "from 0 to 99")?;
            let long = row.length_m.iter().all(|metres| *metres <= 511);
            rule(long, &row.name, "length_m", "at most 511 metres each")?;
            let wide = row.beam_m.iter().all(|metres| *metres <= 63);
            rule(wide, &row.name, "beam_m", "at most 63 metres each")?;
            circuit(&row.circuit, &row.name)?;
            speed(row.speed_kn, &row.name, "speed_kn")?;
            every(row.every_s, &row.name)?;
        }
        Ok(())
    }

    fn check_aircraft(&self) -> Result<(), ScenarioError> {
        let mut seen = BTreeSet::new();
        for row in &self.aircraft {
            let name = format!("{:06X}", row.icao);
            let address = (1..=0xFF_FFFE).contains(&row.icao) && seen.insert(row.icao);
            rule(address, &name, "icao", "24 bits, each address once")?;
            let callsign = (1..=8).contains(&row.callsign.len())
                && row.callsign.bytes().all(|b| b.is_ascii_uppercase() || b.is_ascii_digit());
            rule(callsign, &name, "callsign", "up to eight capitals and digits")?;
            octal(row.squawk, &name)?;
            circuit(&row.circuit, &name)?;
            inside(&(0.0..=190.0), row.speed_kn, &name, "speed_kn", "from 0 to 190")?;
            let high = (-1_000..=50_000).contains(&row.altitude_ft);
            rule(high, &name, "altitude_ft", "from -1 000 to 50 000")?;
        }
        for row in &self.squawk {
            let name = format!("{:06X}", row.icao);
            self.span(row.from_s, row.until_s, &name)?;
            octal(row.code, &name)?;
            if !self.aircraft.iter().any(|one| one.icao == row.icao) {
                return Err(ScenarioError::Missing { table: "squawk", name });
            }
        }
        for row in &self.call {
            self.span(row.from_s, row.until_s, &row.team)?;
            if !self.team.iter().any(|team| team.uid == row.team) {
                let name = row.team.clone();
                return Err(ScenarioError::Missing { table: "call", name });
            }
        }
        Ok(())
    }

    fn check_events(&self) -> Result<(), ScenarioError> {
        for row in &self.silence {
            self.span(row.from_s, row.until_s, &row.sensor)?;
            if !self.sensor.iter().any(|sensor| sensor.uid == row.sensor) {
                let name = row.sensor.clone();
                return Err(ScenarioError::Missing { table: "silence", name });
            }
        }
        for row in &self.distress {
            let name = format!("{:09}", row.sart_mmsi);
            self.span(row.from_s, row.until_s, &name)?;
            self.vessel("distress", row.mmsi)?;
            let sart = row.sart_mmsi / 1_000_000 == 970;
            rule(sart, &name, "sart_mmsi", "970 and six digits")?;
            points(&[row.offset], &name, "offset")?;
            six_bit(&row.text, SHIP_NAME_MAX, &name, "text")?;
        }
        for row in &self.jump {
            let name = format!("{:09}", row.mmsi);
            self.vessel("jump", row.mmsi)?;
            self.span(row.at_s, self.cycle_s, &name)?;
            inside(&(0.0..=360.0), row.bearing_deg, &name, "bearing_deg", "from 0 to 360")?;
            inside(&(0.1..=25.0), row.distance_nm, &name, "distance_nm", "from 0.1 to 25")?;
        }
        Ok(())
    }

    fn vessel(&self, table: &'static str, mmsi: u32) -> Result<&VesselRow, ScenarioError> {
        let found = self.vessel.iter().find(|row| row.mmsi == mmsi);
        found.ok_or_else(|| ScenarioError::Missing { table, name: format!("{mmsi:09}") })
    }

    fn span(&self, from_s: f64, until_s: f64, name: &str) -> Result<(), ScenarioError> {
        let fits = from_s >= 0.0 && from_s < until_s && until_s <= self.cycle_s;
        rule(fits, name, "from_s and until_s", "in order, from 0 to cycle_s")
    }
}

impl AreaRow {
    fn area(&self, frame: &Frame) -> Result<Area, ScenarioError> {
        points(&self.polygon, &self.name, "polygon")?;
        let corners = self.polygon.iter();
        let polygon = corners.map(|&[e_m, n_m]| frame.position(Enu { e_m, n_m })).collect();
        let name = AreaName::new(&self.name)
            .map_err(|reason| ScenarioError::Name { name: self.name.clone(), reason })?;
        let mut area = Area::new(name, &self.kind, polygon)
            .map_err(|reason| ScenarioError::Area { name: self.name.clone(), reason })?;
        area.allow.clone_from(&self.allow);
        Ok(area)
    }
}

impl LineRow {
    fn line(&self, frame: &Frame) -> Result<Line, ScenarioError> {
        points(&self.points, &self.name, "points")?;
        let places = self.points.iter().map(|&[e_m, n_m]| frame.position(Enu { e_m, n_m }));
        let name = AreaName::new(&self.name)
            .map_err(|reason| ScenarioError::Name { name: self.name.clone(), reason })?;
        let forbidden = Forbidden::parse(&self.forbidden)
            .ok_or_else(|| value(&self.name, "forbidden", "left, right or both"))?;
        Line::new(name, places.collect(), forbidden)
            .map_err(|reason| ScenarioError::Area { name: self.name.clone(), reason })
    }
}

fn octal(code: u16, name: &str) -> Result<(), ScenarioError> {
    let digits = [code / 1_000, code / 100 % 10, code / 10 % 10, code % 10];
    rule(digits.iter().all(|digit| *digit < 8), name, "squawk", "four octal digits")
}

fn value(name: &str, what: &'static str, rule: &'static str) -> ScenarioError {
    ScenarioError::Value { name: name.to_owned(), what, rule }
}

fn rule(
    holds: bool,
    name: &str,
    what: &'static str,
    rule: &'static str,
) -> Result<(), ScenarioError> {
    if holds { Ok(()) } else { Err(value(name, what, rule)) }
}

fn inside(
    bounds: &std::ops::RangeInclusive<f64>,
    is: f64,
    name: &str,
    what: &'static str,
    text: &'static str,
) -> Result<(), ScenarioError> {
    rule(bounds.contains(&is), name, what, text)
}

fn positive(metres: f64, name: &str, what: &'static str) -> Result<(), ScenarioError> {
    inside(&(0.1..=REACH_M_MAX), metres, name, what, "from 0.1 to 50 000 metres")
}

fn every(every_s: f64, name: &str) -> Result<(), ScenarioError> {
    inside(&EVERY_S, every_s, name, "every_s", "from 0.2 to 3 600 seconds")
}

fn speed(is: f64, name: &str, what: &'static str) -> Result<(), ScenarioError> {
    inside(&(0.0..=SPEED_MPS_MAX), is, name, what, "from 0 to 100")
}

fn points(points: &[[f64; 2]], name: &str, what: &'static str) -> Result<(), ScenarioError> {
    let fits = points.len() <= POINTS_MAX
        && points.iter().flatten().all(|metres| metres.abs() <= REACH_M_MAX);
    rule(fits, name, what, "at most 1 000 points within 50 000 metres of the origin")
}

fn circuit(circuit: &Circuit, name: &str) -> Result<(), ScenarioError> {
    points(&[circuit.from, circuit.to], name, "circuit")?;
    positive(circuit.radius_m, name, "radius_m")?;
    rule(circuit.start_m.abs() <= 1e9, name, "start_m", "a number of metres")
}

fn legs(legs: &Legs, name: &str, cycle_s: f64) -> Result<(), ScenarioError> {
    let many = (2..=POINTS_MAX).contains(&legs.0.len());
    rule(many, name, "legs", "from 2 to 1 000 points")?;
    let near = legs.0.iter().all(|&[_, e, n]| e.abs().max(n.abs()) <= REACH_M_MAX);
    rule(near, name, "legs", "within 50 000 metres of the origin")?;
    let timed = legs.0.iter().all(|[t, ..]| (0.0..=cycle_s).contains(t));
    rule(timed, name, "legs", "times from 0 to cycle_s")?;
    let pairs = legs.0.iter().zip(legs.0.iter().skip(1));
    let slow = pairs.into_iter().all(|(&[t0, e0, n0], &[t1, e1, n1])| {
        t0 < t1 && libm::hypot(e1 - e0, n1 - n0) <= SPEED_MPS_MAX * (t1 - t0)
    });
    rule(slow, name, "legs", "in the order of their times, at most 100 m/s")
}

fn mmsi(mmsi: u32, name: &str) -> Result<(), ScenarioError> {
    // ITU-R M.585-9: a ship's MMSI begins with its country's 2 to 7.
    let ship = (200_000_000..800_000_000).contains(&mmsi);
    rule(ship, name, "mmsi", "nine digits, the first from 2 to 7")
}

fn six_bit(text: &str, most: usize, name: &str, what: &'static str) -> Result<(), ScenarioError> {
    // ITU-R M.1371-5 table 47: capitals, digits, signs; `@` is the filler.
    let fits = text.len() <= most
        && text.bytes().all(|byte| (b' '..=b'_').contains(&byte) && byte != b'@');
    rule(
        fits,
        name,
        what,
        "capitals, digits and signs of six-bit ASCII, as many as AIS has room for",
    )
}
