//! A scenario that plays: what its devices say, and when.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use picket_model::{Enu, Position, Time};

use crate::aircraft::{AIRCRAFT_S, Aircraft};
use crate::chance::Chance;
use crate::cot::{Detail, Event};
use crate::mover::{Cruise, Motion, distance_m};
use crate::scenario::{
    CallRow, DroneRow, Plan, Scenario, SensorMeans, SensorRow, TeamMeans, TeamRow, VesselRow,
};
use crate::ship::{self, BEACON_S, Beacon, SHIP_NAME_S, Ship};
use crate::{Door, Emission};

/// Most emissions of one call of `emit`: nine seconds of the recording, over a minute of the
/// first night. What is due beyond them stays due, so a caller that slept gets it in pieces.
pub const EMISSIONS_MAX: usize = 1_024;

/// A scenario that plays from one moment on.
///
/// The same scenario, start and seed give the same bytes, however often and whenever
/// [`emit`](Self::emit) is called. Memory is bounded by the scenario, not by time.
#[derive(Debug)]
pub struct World {
    stage: Stage,
    units: Vec<Unit>,
    /// When each unit acts next, and its place in `units`.
    due: BTreeSet<(i64, usize)>,
}

impl World {
    /// The world at its beginning; every device has spoken once within its first interval.
    ///
    /// Times are whole milliseconds, as CoT writes them; `start` is rounded up to one.
    #[must_use]
    pub fn new(scenario: &Scenario, start: Time, seed: u64) -> Self {
        let plan = &scenario.plan;
        let stage = Stage {
            scenario: scenario.clone(),
            start_ms: start.0.div_euclid(1_000_000) + i64::from(start.0.rem_euclid(1_000_000) > 0),
        };
        let sensors = plan.sensor.iter().flat_map(|row| {
            let device: Arc<str> = Arc::from(row.uid.as_str());
            let beat = Role::Beat { row: row.clone() };
            let look = Role::Look { row: row.clone(), sightings: Sightings::default() };
            [(Arc::clone(&device), row.every_s, beat), (device, LOOK_S, look)]
        });
        let drones = plan.drone.iter().map(|row| {
            let cruise = Cruise::new(&row.circuit, row.speed_mps);
            let role = Role::Drone {
                row: row.clone(),
                cruise,
                moved_ms: stage.start_ms,
                sightings: Sightings::default(),
            };
            (Arc::from(row.uid.as_str()), row.every_s, role)
        });
        let teams = plan
            .team
            .iter()
            .map(|row| (Arc::from(row.uid.as_str()), row.every_s, Role::Team { row: row.clone() }));
        let receiver: Arc<str> = Arc::from(plan.receiver.as_str());
        let ships = plan.vessel.iter().flat_map(|row| {
            let report = Role::Ship(Ship::new(row, stage.start_ms));
            let name = Role::ShipName { row: row.clone() };
            let device = &receiver;
            [(Arc::clone(device), row.every_s, report), (Arc::clone(device), SHIP_NAME_S, name)]
        });
        let beacons = plan.distress.iter().filter_map(|row| {
            let ship = plan.vessel.iter().find(|ship| ship.mmsi == row.mmsi)?;
            let beacon = Beacon::new(row, ship, stage.start_ms);
            Some((Arc::clone(&receiver), BEACON_S, Role::Beacon(beacon)))
        });
        let air_receiver: Arc<str> = Arc::from(plan.air_receiver.as_str());
        let aircraft = plan.aircraft.iter().map(|row| {
            let role = Role::Aircraft(Aircraft::new(row, stage.start_ms));
            (Arc::clone(&air_receiver), AIRCRAFT_S, role)
        });
        let calls = plan.call.iter().filter_map(|row| {
            let team = plan.team.iter().find(|team| team.uid == row.team)?.clone();
            let role = Role::Call { row: row.clone(), team, calling: false };
            Some((Arc::from(row.team.as_str()), CALL_S, role))
        });
        let mut units = Vec::new();
        let mut due = BTreeSet::new();
        for (device, every_s, role) in sensors
            .chain(drones)
            .chain(teams)
            .chain(ships)
            .chain(beacons)
            .chain(aircraft)
            .chain(calls)
        {
            let mut chance = Chance::of_unit(seed, units.len());
            let wait_s = chance.between(0.0, f64::min(every_s, FIRST_S));
            due.insert((stage.start_ms + milliseconds(wait_s), units.len()));
            units.push(Unit { device, every_s, chance, role });
        }
        Self { stage, units, due }
    }

    /// When somebody acts next, and may say something; `None` if the world has nobody in it.
    #[must_use]
    pub fn next_at(&self) -> Option<Time> {
        self.due.first().map(|&(at_ms, _)| Time::from_unix_ms(at_ms))
    }

    /// Appends what is said up to and at `now`, in order. Stops after [`EMISSIONS_MAX`]:
    /// call again while [`next_at`](Self::next_at) is not later.
    pub fn emit(&mut self, now: Time, out: &mut Vec<Emission>) {
        let full = out.len().saturating_add(EMISSIONS_MAX);
        while let Some(&(at_ms, number)) = self.due.first() {
            let at = Time::from_unix_ms(at_ms);
            if at > now || out.len() >= full {
                return;
            }
            self.due.pop_first();
            if let Some(unit) = self.units.get_mut(number) {
                unit.act(&self.stage, at_ms, out);
                self.due.insert((at_ms + unit.interval_ms(), number));
            }
        }
    }

    #[cfg(test)]
    pub(crate) fn units_len(&self) -> usize {
        assert_eq!(self.due.len(), self.units.len());
        self.units.len()
    }
}

/// Most seconds until a device first speaks.
const FIRST_S: f64 = 4.0;
/// Seconds between two looks of a sensor at what is in its reach.
const LOOK_S: f64 = 1.0;
/// Part of an interval by which a device's clock wanders, either way.
const JITTER: f64 = 0.05;
/// Seconds between two repetitions of a call for help.
const CALL_S: f64 = 5.0;
/// Seconds after which a sensor that sees something again gives it a new number.
const FORGET_S: f64 = 10.0;
/// Slower things do not trip a motion sensor, m/s.
const STIR_MPS: f64 = 0.3;
/// Who is nearer to the fence touches it, metres.
const TOUCH_M: f64 = 1.0;
/// How fast a drone changes its speed, m/s².
const DRONE_CHANGE_MPS2: f64 = 3.0;
/// A drone stays where it is while what it sees is within this part of its camera's range.
const DRONE_HOLD: f64 = 0.5;
/// Minutes that a drone flies on one battery, and per cent that each takes.
const DRONE_BATTERY: (i64, u8) = (30, 2);
/// Seconds until a device's own word lapses, as a multiple of its interval.
const STALE_INTERVALS: f64 = 5.0;
/// Seconds until a sighting lapses.
const SIGHTING_STALE_S: f64 = 10.0;
/// Error of a surveyed sensor's place and of a receiver in the field, one sigma, metres.
const SURVEYED_M: f64 = 0.5;
const GNSS_M: f64 = 2.5;
/// Height of the ground at the site above the ellipsoid, metres.
const GROUND_M: f64 = 72.0;

/// What all units share: the plan and the time.
#[derive(Debug)]
pub(crate) struct Stage {
    scenario: Scenario,
    start_ms: i64,
}

impl Stage {
    pub(crate) fn plan(&self) -> &Plan {
        &self.scenario.plan
    }

    /// Seconds since the start.
    pub(crate) fn second(&self, at_ms: i64) -> f64 {
        Time::from_unix_ms(at_ms).since_s(Time::from_unix_ms(self.start_ms))
    }

    /// Which cycle it is, and the second of it.
    pub(crate) fn cycle(&self, at_ms: i64) -> (u64, f64) {
        self.scenario.cycle_at(self.second(at_ms))
    }

    pub(crate) fn position(&self, at: Enu) -> Position {
        self.scenario.frame.position(at)
    }

    fn intruder(&self, at_ms: i64) -> Option<Motion> {
        self.scenario.intruder_at(self.second(at_ms))
    }

    /// All who are on the ground, each with a number of its own.
    fn walkers(&self, at_ms: i64) -> impl Iterator<Item = (usize, Motion)> + '_ {
        let (second, cycle_s) = (self.second(at_ms), self.plan().cycle_s);
        let teams = self.plan().team.iter().map(move |row| row.at(second, cycle_s));
        let all = [self.intruder(at_ms)].into_iter().chain(teams).enumerate();
        all.filter_map(|(who, motion)| Some((who, motion?)))
    }

    fn touches_fence(&self, at: Enu) -> bool {
        let corners = &self.plan().fence;
        let next = corners.iter().cycle().skip(1);
        corners.iter().zip(next).any(|(&from, &to)| distance_to_stretch_m(at, from, to) < TOUCH_M)
    }

    fn is_silent(&self, uid: &str, at_ms: i64) -> bool {
        let (cycle, second) = self.cycle(at_ms);
        self.plan().silence.iter().any(|row| {
            row.sensor == uid
                && row.every_cycles.includes(cycle)
                && (row.from_s..row.until_s).contains(&second)
        })
    }
}

impl Scenario {
    pub(crate) fn cycle_at(&self, second: f64) -> (u64, f64) {
        let cycle = (second / self.plan.cycle_s).floor().max(0.0);
        // A cycle lasts a minute at least, so its number is small and exact.
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "floored, >= 0"
        )]
        let number = cycle as u64;
        (number, second - cycle * self.plan.cycle_s)
    }

    /// Where the intruder is, if there is one now.
    pub(crate) fn intruder_at(&self, second: f64) -> Option<Motion> {
        let (cycle, second) = self.cycle_at(second);
        let ways = u64::try_from(self.plan.intruder.len()).ok().filter(|&ways| ways > 0)?;
        let way = usize::try_from(cycle % ways).ok()?;
        self.plan.intruder.get(way)?.legs.at(second)
    }
}

/// One who acts at its own times.
#[derive(Debug)]
struct Unit {
    device: Arc<str>,
    every_s: f64,
    chance: Chance,
    role: Role,
}

#[derive(Debug)]
enum Role {
    /// A fixed sensor says that it is there.
    Beat { row: SensorRow },
    /// A fixed sensor looks at what is in its reach.
    Look { row: SensorRow, sightings: Sightings },
    /// A drone says where it is and what its camera sees.
    Drone { row: DroneRow, cruise: Cruise, moved_ms: i64, sightings: Sightings },
    /// A team says where it is.
    Team { row: TeamRow },
    /// A ship says where it is.
    Ship(Ship),
    /// A ship says what it is.
    ShipName { row: VesselRow },
    /// An aircraft is heard.
    Aircraft(Aircraft),
    /// A team's emergency button.
    Call { row: CallRow, team: TeamRow, calling: bool },
    /// A search and rescue transmitter calls while its ship is in distress.
    Beacon(Beacon),
}

impl Unit {
    fn interval_ms(&mut self) -> i64 {
        let wander = self.chance.between(-JITTER, JITTER);
        milliseconds(self.every_s * (1.0 + wander)).max(1)
    }

    fn act(&mut self, stage: &Stage, at_ms: i64, out: &mut Vec<Emission>) {
        let device = &self.device;
        let mut say = |event: Event<'_>| {
            let (at, bytes) = (event.at, event.to_xml());
            out.push(Emission { at, device: Arc::clone(device), door: Door::Cot, bytes });
        };
        match &mut self.role {
            Role::Beat { row } => {
                if !stage.is_silent(&row.uid, at_ms) {
                    say(beat(row, stage, at_ms));
                }
            }
            Role::Look { row, sightings } => {
                if stage.is_silent(&row.uid, at_ms) {
                    return;
                }
                for (who, seen) in stage.walkers(at_ms) {
                    if !perceives(row, stage, &seen) {
                        continue;
                    }
                    let (means, remarks) = match row.kind {
                        SensorMeans::Fence => ("m-f", "the fence is shaken"),
                        SensorMeans::Motion => ("m-r", "movement on the ground"),
                    };
                    let uid = sightings.name(&row.uid, who, at_ms);
                    let by = Sight {
                        uid: &uid,
                        by: (&row.uid, SENSOR_CLASS),
                        means,
                        remarks,
                        error_m: row.sigma_m,
                    };
                    say(by.event(stage, at_ms, seen.at, &mut self.chance));
                    if let Some(kind) = &row.alarm {
                        let uid = format!("{}.alarm", row.uid);
                        let felt = by.event(stage, at_ms, seen.at, &mut self.chance);
                        let detail = Detail { alarm: Some(kind), ..felt.detail };
                        say(Event { uid: &uid, class: ALARM_CLASS, detail, ..felt });
                    }
                }
            }
            Role::Drone { row, cruise, moved_ms, sightings } => {
                let own = cruise.motion(&row.circuit);
                // Its operator knows the teams; the camera reports who is not one of them.
                let seen = stage.intruder(at_ms).map(|seen| (seen.distance_m(own.at), seen.at));
                let held = seen.is_some_and(|(m, _)| m < row.camera_range_m * DRONE_HOLD);
                let seconds = stage.second(at_ms) - stage.second(*moved_ms);
                *moved_ms = at_ms;
                let wanted_mps = if held { 0.0 } else { row.speed_mps };
                cruise.advance(&row.circuit, seconds, wanted_mps, DRONE_CHANGE_MPS2);
                let own = cruise.motion(&row.circuit);
                say(drone(row, stage, at_ms, own));
                let Some((metres, place)) = seen else { return };
                if metres < row.camera_range_m {
                    let uid = sightings.name(&row.uid, 0, at_ms);
                    let by = Sight {
                        uid: &uid,
                        by: (&row.uid, DRONE_CLASS),
                        means: "m-f",
                        remarks: "a person on foot, seen by the thermal camera",
                        error_m: row.camera_sigma_m,
                    };
                    say(by.event(stage, at_ms, place, &mut self.chance));
                }
            }
            Role::Team { row } => {
                if let Some(motion) = row.at(stage.second(at_ms), stage.plan().cycle_s) {
                    say(team(row, stage, at_ms, motion));
                }
            }
            Role::Ship(ship) => {
                let lines = ship.report(stage, at_ms, &mut self.chance);
                hear(device, Door::Ais, at_ms, &lines, out);
            }
            Role::ShipName { row } => hear(device, Door::Ais, at_ms, &ship::name(row), out),
            Role::Beacon(beacon) => {
                let lines = beacon.call(stage, at_ms, &mut self.chance);
                hear(device, Door::Ais, at_ms, &lines, out);
            }
            Role::Aircraft(aircraft) => {
                hear(device, Door::Sbs, at_ms, &aircraft.report(stage, at_ms), out);
            }
            Role::Call { row, team, calling } => {
                let (cycle, second) = stage.cycle(at_ms);
                let wanted =
                    row.every_cycles.includes(cycle) && (row.from_s..row.until_s).contains(&second);
                let was = std::mem::replace(calling, wanted);
                let motion = team.at(stage.second(at_ms), stage.plan().cycle_s);
                if (wanted || was)
                    && let Some(motion) = motion
                {
                    let uid = format!("{}-9-1-1", team.uid);
                    say(call(team, &uid, stage, at_ms, motion, !wanted));
                }
            }
        }
    }
}

/// What a receiver hears on the air goes to its door, line by line.
fn hear(receiver: &Arc<str>, door: Door, at_ms: i64, lines: &[String], out: &mut Vec<Emission>) {
    out.extend(lines.iter().map(|line| Emission {
        at: Time::from_unix_ms(at_ms),
        device: Arc::clone(receiver),
        door,
        bytes: format!("{line}\r\n").into_bytes(),
    }));
}

/// Equipment on the ground: a sensor.
const SENSOR_CLASS: &str = "a-f-G-E-S";
/// A perimeter sensor's alarm.
const ALARM_CLASS: &str = "b-d";
/// A military drone with rotors.
const DRONE_CLASS: &str = "a-f-A-M-H-Q";
/// Somebody on the ground, of whom nothing is known.
const PERSON_CLASS: &str = "a-u-G-U-C";

fn perceives(row: &SensorRow, stage: &Stage, seen: &Motion) -> bool {
    let [e_m, n_m] = row.at;
    let near = seen.distance_m(Enu { e_m, n_m }) < row.range_m;
    near && match row.kind {
        SensorMeans::Fence => stage.touches_fence(seen.at),
        SensorMeans::Motion => seen.speed_mps > STIR_MPS,
    }
}

fn beat<'a>(row: &'a SensorRow, stage: &Stage, at_ms: i64) -> Event<'a> {
    let [e_m, n_m] = row.at;
    let device = match row.kind {
        SensorMeans::Fence => "Fence line sensor",
        SensorMeans::Motion => "Ground motion sensor",
    };
    Event {
        uid: &row.uid,
        class: SENSOR_CLASS,
        how: "m-g",
        at: Time::from_unix_ms(at_ms),
        stale_s: row.every_s * STALE_INTERVALS,
        position: stage.position(Enu { e_m, n_m }),
        height_m: Some(GROUND_M),
        error_m: SURVEYED_M,
        detail: Detail {
            callsign: Some(&row.callsign),
            battery_percent: Some(row.battery_percent),
            precision: Some(("USER", "USER")),
            made: Some((device, "Picket exercise")),
            ..Detail::default()
        },
    }
}

fn drone<'a>(row: &'a DroneRow, stage: &Stage, at_ms: i64, own: Motion) -> Event<'a> {
    let (minutes, each) = DRONE_BATTERY;
    let flown = (at_ms - stage.start_ms).div_euclid(60_000).rem_euclid(minutes);
    let used = u8::try_from(flown).unwrap_or(u8::MAX).saturating_mul(each);
    Event {
        uid: &row.uid,
        class: DRONE_CLASS,
        how: "m-g",
        at: Time::from_unix_ms(at_ms),
        stale_s: row.every_s * STALE_INTERVALS,
        position: stage.position(own.at),
        height_m: Some(row.height_m),
        error_m: GNSS_M,
        detail: Detail {
            callsign: Some(&row.callsign),
            takes_messages: true,
            group: Some((&row.team, "Team Member")),
            battery_percent: Some(98_u8.saturating_sub(used)),
            motion: Some(own),
            precision: Some(("GPS", "GPS")),
            made: Some(("Patrol drone", "Picket exercise")),
            ..Detail::default()
        },
    }
}

fn team<'a>(row: &'a TeamRow, stage: &Stage, at_ms: i64, motion: Motion) -> Event<'a> {
    let (class, device) = match row.kind {
        TeamMeans::Foot => ("a-f-G-U-C", "Handheld"),
        TeamMeans::Vehicle => ("a-f-G-E-V", "Vehicle terminal"),
    };
    Event {
        uid: &row.uid,
        class,
        how: "m-g",
        at: Time::from_unix_ms(at_ms),
        stale_s: row.every_s * STALE_INTERVALS,
        position: stage.position(motion.at),
        height_m: Some(GROUND_M),
        error_m: GNSS_M,
        detail: Detail {
            callsign: Some(&row.callsign),
            takes_messages: true,
            group: Some((&row.team, &row.role)),
            battery_percent: Some(82),
            motion: Some(motion),
            precision: Some(("GPS", "GPS")),
            made: Some((device, "Picket exercise")),
            ..Detail::default()
        },
    }
}

/// A team's call for help, or its end.
fn call<'a>(
    row: &'a TeamRow,
    uid: &'a str,
    stage: &Stage,
    at_ms: i64,
    motion: Motion,
    cancelled: bool,
) -> Event<'a> {
    let call = team(row, stage, at_ms, motion);
    let by = (row.uid.as_str(), call.class);
    Event {
        uid,
        class: if cancelled { "b-a-o-can" } else { "b-a-o-tbl" },
        stale_s: CALL_S * STALE_INTERVALS,
        detail: Detail {
            callsign: Some(&row.callsign),
            seen_by: Some(by),
            emergency: Some(cancelled),
            ..Detail::default()
        },
        ..call
    }
}

/// The numbers that one sensor gives to what it sees.
#[derive(Debug, Default)]
struct Sightings {
    given: u64,
    /// By who it is: the number, and when it was last seen. As many as the world has walkers.
    current: BTreeMap<usize, (u64, i64)>,
}

impl Sightings {
    /// The name of what is seen now: the sensor's, and a number that stays while it sees it.
    fn name(&mut self, uid: &str, who: usize, at_ms: i64) -> String {
        let forget_ms = milliseconds(FORGET_S);
        let known = self.current.get(&who).filter(|(_, last_ms)| at_ms - last_ms <= forget_ms);
        let number = known.map_or_else(
            || {
                self.given = self.given.saturating_add(1);
                self.given
            },
            |&(number, _)| number,
        );
        self.current.insert(who, (number, at_ms));
        format!("{uid}.{number}")
    }
}

/// One sighting of one thing.
struct Sight<'a> {
    uid: &'a str,
    by: (&'a str, &'static str),
    means: &'static str,
    remarks: &'static str,
    error_m: f64,
}

impl<'a> Sight<'a> {
    fn event(&self, stage: &Stage, at_ms: i64, place: Enu, chance: &mut Chance) -> Event<'a> {
        let seen = Enu {
            e_m: place.e_m + self.error_m * chance.normal(),
            n_m: place.n_m + self.error_m * chance.normal(),
        };
        Event {
            uid: self.uid,
            class: PERSON_CLASS,
            how: self.means,
            at: Time::from_unix_ms(at_ms),
            stale_s: SIGHTING_STALE_S,
            position: stage.position(seen),
            height_m: None,
            error_m: self.error_m,
            detail: Detail {
                seen_by: Some(self.by),
                remarks: Some(self.remarks),
                ..Detail::default()
            },
        }
    }
}

fn distance_to_stretch_m(at: Enu, [e0, n0]: [f64; 2], [e1, n1]: [f64; 2]) -> f64 {
    let (de, dn) = (e1 - e0, n1 - n0);
    let length_squared = de * de + dn * dn;
    let part = if length_squared > 0.0 {
        (((at.e_m - e0) * de + (at.n_m - n0) * dn) / length_squared).clamp(0.0, 1.0)
    } else {
        0.0
    };
    distance_m(at, Enu { e_m: e0 + de * part, n_m: n0 + dn * part })
}

fn milliseconds(seconds: f64) -> i64 {
    Time(0).plus_s(seconds).unix_ms()
}
