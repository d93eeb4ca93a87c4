//! The line that `picket decode nmea` prints for a sentence.

use serde_json::{Map, Value};

use super::NmeaMessage;
use super::said::{Alarm, Screen};
use super::target::Target;
use crate::json::Line;

/// Thousand millionths of a degree, a tenth of a millimetre: what the best receivers send.
const DEGREE_PARTS: f64 = 1e9;
/// Millionths of other units: what is computed from two fields has no more meaning.
const PARTS: f64 = 1e6;

impl NmeaMessage {
    /// The line that `picket decode nmea` prints.
    pub(crate) fn json(&self, offset: u64) -> Map<String, Value> {
        let mut line = Line::new("nmea", offset, self.t());
        let (talker, sentence) = self.address();
        line.put("talker", talker);
        line.put("sentence", sentence);
        line.time("received_at", self.heard_at);
        let said = &self.said;
        line.rounded("lat_deg", said.lat_deg, DEGREE_PARTS);
        line.rounded("lon_deg", said.lon_deg, DEGREE_PARTS);
        line.float("alt_m", said.alt_m);
        line.float("geoid_m", said.geoid_m);
        line.rounded("sog_kn", said.sog_kn, PARTS);
        line.float("cog_deg", said.cog_deg);
        line.rounded("heading_deg", said.heading_deg, PARTS);
        line.float("heading_mag_deg", said.heading_mag_deg);
        line.rounded("water_kn", said.water_kn, PARTS);
        line.set("fix", said.fix);
        line.set("dimensions", said.dimensions);
        line.set("sats", said.sats);
        line.set("sats_in_view", said.sats_in_view);
        line.float("hdop", said.hdop);
        line.rounded("depth_m", said.depth_m, PARTS);
        if let Some(wind) = said.wind {
            line.float("wind_deg", Some(wind.angle_deg));
            line.rounded("wind_mps", Some(wind.speed_mps), PARTS);
            line.put("wind_theoretical", wind.theoretical);
        }
        match said.targets.as_slice() {
            [] => {}
            [target] => line.put("target", target.json()),
            targets => {
                let each = targets.iter().map(|target| Value::Object(target.json()));
                line.put("targets", each.collect::<Vec<Value>>());
            }
        }
        line.set("screen", said.screen.as_ref().map(|screen| screen.json()));
        line.set("alarm", said.alarm.as_ref().map(|alarm| alarm.json()));
        line.put("fields", self.fields());
        line.finish()
    }
}

impl Target {
    fn json(&self) -> Map<String, Value> {
        let mut object = Line::empty();
        object.set("number", self.number);
        object.rounded("range_nm", self.range_nm, PARTS);
        object.float("bearing_deg", self.bearing_deg);
        object.set("bearing_relative", self.bearing_deg.map(|_| self.bearing_relative));
        object.rounded("speed_kn", self.speed_kn, PARTS);
        object.float("course_deg", self.course_deg);
        object.set("motion_relative", self.course_deg.map(|_| self.motion_relative));
        object.float("heading_deg", self.heading_deg);
        object.rounded("cpa_nm", self.cpa_nm, PARTS);
        object.float("tcpa_min", self.tcpa_min);
        object.set("name", self.name.as_deref());
        object.set("status", self.state.map(|state| state.as_str()));
        object.set("reference", self.reference.then_some(true));
        object.set("through_water", self.through_water.then_some(true));
        object.set("test", self.test.then_some(true));
        object.set("correlation", self.correlation);
        object.rounded("lat_deg", self.place.map(|place| place.lat.degrees()), DEGREE_PARTS);
        object.rounded("lon_deg", self.place.map(|place| place.lon.degrees()), DEGREE_PARTS);
        object.finish()
    }
}

impl Screen {
    fn json(&self) -> Map<String, Value> {
        let mut object = Line::empty();
        object.rounded("cursor_range_nm", self.cursor_range_nm, PARTS);
        object.float("cursor_bearing_deg", self.cursor_bearing_deg);
        let [marker_1, marker_2] = self.marker_range_nm;
        object.rounded("marker_1_range_nm", marker_1, PARTS);
        object.rounded("marker_2_range_nm", marker_2, PARTS);
        let [line_1, line_2] = self.line_bearing_deg;
        object.float("line_1_bearing_deg", line_1);
        object.float("line_2_bearing_deg", line_2);
        object.rounded("scale_nm", self.scale_nm, PARTS);
        object.set("up", self.up.map(String::from));
        object.finish()
    }
}

impl Alarm {
    fn json(&self) -> Map<String, Value> {
        let mut object = Line::empty();
        object.set("number", self.number);
        object.set("raised", self.raised);
        object.set("acknowledged", self.acknowledged);
        object.put("text", &*self.text);
        object.finish()
    }
}
