//! What the world's aircraft send, as a receiver writes it in SBS-1 lines.
//!
//! The layout is that of the BaseStation socket, port 30003: 22 fields, of which each kind of
//! `MSG` fills some.

use picket_model::{Position, Time};

use crate::mover::{Cruise, Motion};
use crate::scenario::AircraftRow;
use crate::world::Stage;

/// Seconds between two positions; a transponder sends two a second.
pub(crate) const AIRCRAFT_S: f64 = 1.0;
/// Each so many positions the code and the call sign come too.
const SLOW_EVERY: u64 = 4;
/// How fast an aircraft changes its speed, m/s².
const AIRCRAFT_CHANGE_MPS2: f64 = 2.0;
/// One knot, m/s.
const KNOT_MPS: f64 = 1_852.0 / 3_600.0;

/// An aircraft on its circuit.
#[derive(Debug)]
pub(crate) struct Aircraft {
    row: AircraftRow,
    cruise: Cruise,
    moved_ms: i64,
    said: u64,
}

impl Aircraft {
    pub(crate) fn new(row: &AircraftRow, start_ms: i64) -> Self {
        let cruise = Cruise::new(&row.circuit, row.speed_kn * KNOT_MPS);
        Self { row: row.clone(), cruise, moved_ms: start_ms, said: 0 }
    }

    /// What is heard of it now, line by line.
    pub(crate) fn report(&mut self, stage: &Stage, at_ms: i64) -> Vec<String> {
        let seconds = stage.second(at_ms) - stage.second(self.moved_ms);
        self.moved_ms = at_ms;
        let wanted_mps = self.row.speed_kn * KNOT_MPS;
        self.cruise.advance(&self.row.circuit, seconds, wanted_mps, AIRCRAFT_CHANGE_MPS2);
        let motion = self.cruise.motion(&self.row.circuit);
        let at = Time::from_unix_ms(at_ms);
        let line = |kind: u8, fields: &Fields| fields.line(kind, self.row.icao, at);
        let mut lines = Vec::new();
        if self.said.is_multiple_of(SLOW_EVERY) {
            let callsign = Some(self.row.callsign.clone());
            lines.push(line(1, &Fields { callsign, ..Fields::default() }));
            let squawk = Some(self.squawk(stage, at_ms));
            let altitude_ft = Some(self.row.altitude_ft);
            lines.push(line(6, &Fields { squawk, altitude_ft, ..Fields::default() }));
        }
        lines.push(line(4, &Fields { motion: Some(motion), ..Fields::default() }));
        let position = Some(stage.position(motion.at));
        let altitude_ft = Some(self.row.altitude_ft);
        lines.push(line(3, &Fields { position, altitude_ft, ..Fields::default() }));
        self.said = self.said.saturating_add(1);
        lines
    }

    fn squawk(&self, stage: &Stage, at_ms: i64) -> u16 {
        let (cycle, second) = stage.cycle(at_ms);
        let other = stage.plan().squawk.iter().find(|row| {
            row.icao == self.row.icao
                && row.every_cycles.includes(cycle)
                && (row.from_s..row.until_s).contains(&second)
        });
        other.map_or(self.row.squawk, |row| row.code)
    }
}

/// The fields of a line that are filled.
#[derive(Default)]
struct Fields {
    callsign: Option<String>,
    altitude_ft: Option<i32>,
    motion: Option<Motion>,
    position: Option<Position>,
    squawk: Option<u16>,
}

impl Fields {
    fn line(&self, kind: u8, icao: u32, at: Time) -> String {
        let text = at.to_string();
        let (date, time) = text.trim_end_matches('Z').split_once('T').unwrap_or_default();
        let (date, time) = (date.replace('-', "/"), milliseconds(time));
        let callsign = self.callsign.as_deref().unwrap_or("");
        let altitude = self.altitude_ft.map_or_else(String::new, |feet| feet.to_string());
        let (speed, track) = self.motion.map_or_else(Default::default, |motion| {
            let knots = motion.speed_mps / KNOT_MPS;
            (format!("{knots:.0}"), format!("{:.1}", motion.course.bearing_degrees()))
        });
        let (lat, lon) = self.position.map_or_else(Default::default, |at| {
            (format!("{:.5}", at.lat.degrees()), format!("{:.5}", at.lon.degrees()))
        });
        let squawk = self.squawk.map_or_else(String::new, |code| format!("{code:04}"));
        let flags = if self.position.is_some() { "0,0,0,0" } else { ",,,0" };
        format!(
            "MSG,{kind},1,1,{icao:06X},1,{date},{time},{date},{time},{callsign},{altitude},{speed},{track},{lat},{lon},,{squawk},{flags}"
        )
    }
}

/// A time of day with three digits behind the point.
fn milliseconds(time: &str) -> String {
    match time.split_once('.') {
        Some((whole, rest)) => format!("{whole}.{rest:0<3.3}"),
        None => format!("{time}.000"),
    }
}
