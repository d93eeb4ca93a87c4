//! The line that `picket decode ais` prints for a message.

use picket_model::Time;
use serde_json::{Map, Value, json};

use super::message::{
    Addressees, AisBody, Application, Dimensions, Fix, PositionA, Region, UtcReport,
};
use super::{AisMessage, Bits};
use crate::json::Line;

/// Ten millionths of a degree: a hundredth of the wire's finest step is a centimetre.
const DEGREE_PARTS: f64 = 1e7;

impl AisMessage {
    /// When the receiver heard it, or else the UTC that the message itself reports (types 4 and 11).
    #[must_use]
    pub fn t(&self) -> Option<Time> {
        if let (None, AisBody::UtcReport(report)) = (self.heard_at, &self.body) {
            return report.utc();
        }
        self.heard_at
    }

    /// The line that `picket decode ais` prints.
    pub(crate) fn json(&self, offset: u64) -> Map<String, Value> {
        let mut line = Line::new("ais", offset, self.t());
        line.put("type", self.type_number);
        line.put("mmsi", self.mmsi);
        line.put("repeat", self.repeat);
        line.time("received_at", self.heard_at);
        self.body.fill(&mut line);
        line.finish()
    }
}

impl AisBody {
    fn fill(&self, line: &mut Line) {
        match self {
            Self::PositionA(report) => position_a(report, line),
            Self::UtcReport(report) => {
                line.set("year", report.year);
                line.set("month", report.month);
                line.set("day", report.day);
                line.set("hour", report.hour);
                line.set("minute", report.minute);
                line.set("second", report.second);
                fix(&report.fix, line);
                line.set("epfd", report.epfd);
                line.set("raim", report.raim);
                line.set("radio", report.radio);
            }
            Self::StaticVoyage(data) => {
                line.set("ais_version", data.ais_version);
                line.set("imo", data.imo);
                text(line, "callsign", data.callsign.as_ref().map(|text| text.as_str()));
                text(line, "name", data.name.as_ref().map(|text| text.as_str()));
                line.set("ship_type", data.ship_type);
                dimensions(data.dimensions, line);
                line.set("epfd", data.epfd);
                line.set("eta", data.eta.text());
                line.float("draught_m", data.draught_m);
                text(line, "destination", data.destination.as_ref().map(|text| text.as_str()));
                line.set("dte", data.dte);
            }
            Self::AddressedBinary(message) => {
                line.set("sequence", message.sequence);
                line.set("dest_mmsi", message.dest_mmsi);
                line.set("retransmit", message.retransmit);
                application(message.application, line);
                data(&message.data, line);
            }
            Self::Acknowledge(message) => {
                let acks: Vec<Value> = message
                    .acks
                    .iter()
                    .flatten()
                    .map(|(mmsi, sequence)| json!({ "mmsi": mmsi, "sequence": sequence }))
                    .collect();
                line.put("acks", acks);
            }
            Self::BroadcastBinary(message) => {
                application(message.application, line);
                data(&message.data, line);
            }
            Self::SarAircraft(report) => {
                line.set("alt_m", report.alt_m);
                line.set("sog_kn", report.sog_kn);
                fix(&report.fix, line);
                line.float("cog_deg", report.cog_deg);
                line.set("second", report.second);
                line.set("alt_barometric", report.alt_barometric);
                line.set("dte", report.dte);
                line.set("assigned", report.assigned);
                line.set("raim", report.raim);
                line.set("radio", report.radio);
            }
            Self::UtcInquiry(message) => line.set("dest_mmsi", message.dest_mmsi),
            Self::AddressedText(message) => {
                line.set("sequence", message.sequence);
                line.set("dest_mmsi", message.dest_mmsi);
                line.set("retransmit", message.retransmit);
                text(line, "text", message.text.as_deref());
            }
            Self::BroadcastText(message) => text(line, "text", message.text.as_deref()),
            Self::Interrogation(message) => {
                let asked = [
                    (message.mmsi_1, message.request_1_1),
                    (message.mmsi_1, message.request_1_2),
                    (message.mmsi_2, message.request_2_1),
                ];
                let requests: Vec<Value> = asked
                    .into_iter()
                    .filter_map(|(mmsi, request)| Some((mmsi?, request)))
                    .filter_map(|(mmsi, request)| {
                        let (asked_type, offset) = request?;
                        Some(json!({ "mmsi": mmsi, "type": asked_type, "offset": offset }))
                    })
                    .collect();
                line.set("dest_mmsi", message.mmsi_1);
                line.put("requests", requests);
            }
            Self::Assignment(message) => {
                let stations: Vec<Value> = message
                    .stations
                    .iter()
                    .flatten()
                    .map(|(mmsi, offset, increment)| {
                        json!({ "mmsi": mmsi, "offset": offset, "increment": increment })
                    })
                    .collect();
                line.put("assignments", stations);
            }
            Self::Dgnss(message) => {
                line.rounded("lon_deg", message.lon_deg, DEGREE_PARTS);
                line.rounded("lat_deg", message.lat_deg, DEGREE_PARTS);
                data(&message.data, line);
            }
            Self::PositionB(report) => {
                line.float("sog_kn", report.sog_kn);
                fix(&report.fix, line);
                line.float("cog_deg", report.cog_deg);
                line.set("heading_deg", report.heading_deg);
                line.set("second", report.second);
                line.set("carrier_sense", report.carrier_sense);
                line.set("display", report.display);
                line.set("dsc", report.dsc);
                line.set("band", report.band);
                line.set("msg22", report.msg22);
                line.set("assigned", report.assigned);
                line.set("raim", report.raim);
                line.set("radio", report.radio);
            }
            Self::PositionBExtended(report) => {
                line.float("sog_kn", report.sog_kn);
                fix(&report.fix, line);
                line.float("cog_deg", report.cog_deg);
                line.set("heading_deg", report.heading_deg);
                line.set("second", report.second);
                text(line, "name", report.name.as_ref().map(|text| text.as_str()));
                line.set("ship_type", report.ship_type);
                dimensions(report.dimensions, line);
                line.set("epfd", report.epfd);
                line.set("raim", report.raim);
                line.set("dte", report.dte);
                line.set("assigned", report.assigned);
            }
            Self::SlotReservation(message) => {
                let blocks: Vec<Value> = message
                    .blocks
                    .iter()
                    .flatten()
                    .map(|block| {
                        json!({
                            "offset": block.offset,
                            "slots": block.slots,
                            "timeout_min": block.timeout_min,
                            "increment": block.increment,
                        })
                    })
                    .collect();
                line.put("reservations", blocks);
            }
            Self::AidToNavigation(report) => {
                line.set("aid_type", report.aid_type);
                text(line, "name", report.name.as_ref().map(|text| text.as_str()));
                fix(&report.fix, line);
                dimensions(report.dimensions, line);
                line.set("epfd", report.epfd);
                line.set("second", report.second);
                line.set("off_position", report.off_position);
                line.set("aid_status", report.aid_status);
                line.set("raim", report.raim);
                line.set("virtual_aid", report.virtual_aid);
                line.set("assigned", report.assigned);
            }
            Self::ChannelManagement(message) => {
                line.set("channel_a", message.channel_a);
                line.set("channel_b", message.channel_b);
                line.set("txrx", message.txrx);
                line.set("power_low", message.power_low);
                match &message.to {
                    Addressees::Region(at) => region(at, line),
                    Addressees::Stations(stations) => {
                        let mmsis: Vec<u32> = stations.iter().flatten().copied().collect();
                        line.put("dest_mmsis", mmsis);
                    }
                }
                line.set("band_a", message.band_a);
                line.set("band_b", message.band_b);
                line.set("zone_size", message.zone_size);
            }
            Self::GroupAssignment(message) => {
                region(&message.region, line);
                line.set("station_type", message.station_type);
                line.set("ship_type", message.ship_type);
                line.set("txrx", message.txrx);
                line.set("interval", message.interval);
                line.set("quiet_min", message.quiet_min);
            }
            Self::StaticA(part) => {
                line.put("part", 0);
                text(line, "name", part.name.as_ref().map(|text| text.as_str()));
            }
            Self::StaticB(part) => {
                line.put("part", 1);
                line.set("ship_type", part.ship_type);
                text(line, "vendor", part.vendor.as_ref().map(|text| text.as_str()));
                line.set("model", part.model);
                line.set("serial", part.serial);
                text(line, "callsign", part.callsign.as_ref().map(|text| text.as_str()));
                dimensions(part.dimensions, line);
                line.set("mothership_mmsi", part.mothership_mmsi);
                line.set("epfd", part.epfd);
            }
            Self::SlotBinary(message) => {
                line.set("addressed", message.addressed);
                line.set("structured", message.structured);
                line.set("dest_mmsi", message.dest_mmsi);
                application(message.application, line);
                data(&message.data, line);
            }
            Self::LongRange(report) => {
                line.set("nav_status", report.nav_status);
                fix(&report.fix, line);
                line.set("sog_kn", report.sog_kn);
                line.set("cog_deg", report.cog_deg);
                line.set("raim", report.raim);
                line.set("latent", report.latent);
            }
            Self::Opaque(bits) => data(bits, line),
        }
    }
}

fn position_a(report: &PositionA, line: &mut Line) {
    line.set("nav_status", report.nav_status);
    // Whole degrees a minute, as other decoders print them: a step of the wire is that wide from 1°/min on.
    line.rounded("rot_deg_min", report.rate_of_turn.and_then(|rot| rot.degrees_per_minute()), 1.0);
    let fast = report.rate_of_turn.and_then(|rot| rot.fast_turn_right());
    line.set("rot_fast", fast.map(|right| if right { "right" } else { "left" }));
    line.float("sog_kn", report.sog_kn);
    fix(&report.fix, line);
    line.float("cog_deg", report.cog_deg);
    line.set("heading_deg", report.heading_deg);
    line.set("second", report.second);
    line.set("maneuver", report.maneuver);
    line.set("raim", report.raim);
    line.set("radio", report.radio);
}

fn fix(fix: &Fix, line: &mut Line) {
    line.set("accuracy", fix.accuracy);
    line.rounded("lon_deg", fix.lon_deg, DEGREE_PARTS);
    line.rounded("lat_deg", fix.lat_deg, DEGREE_PARTS);
}

fn dimensions(dimensions: Option<Dimensions>, line: &mut Line) {
    line.set("to_bow_m", dimensions.map(|ship| ship.to_bow_m));
    line.set("to_stern_m", dimensions.map(|ship| ship.to_stern_m));
    line.set("to_port_m", dimensions.map(|ship| ship.to_port_m));
    line.set("to_starboard_m", dimensions.map(|ship| ship.to_starboard_m));
}

fn region(region: &Region, line: &mut Line) {
    line.rounded("ne_lon_deg", region.ne_lon_deg, DEGREE_PARTS);
    line.rounded("ne_lat_deg", region.ne_lat_deg, DEGREE_PARTS);
    line.rounded("sw_lon_deg", region.sw_lon_deg, DEGREE_PARTS);
    line.rounded("sw_lat_deg", region.sw_lat_deg, DEGREE_PARTS);
}

fn application(application: Option<Application>, line: &mut Line) {
    line.set("dac", application.map(|application| application.dac));
    line.set("fid", application.map(|application| application.fid));
}

fn data(bits: &Bits, line: &mut Line) {
    line.set("data_hex", (bits.count > 0).then(|| bits.hex()));
}

fn text(line: &mut Line, key: &str, text: Option<&str>) {
    line.set(key, text);
}

impl UtcReport {
    /// The date and time reported, if it is whole and exists.
    #[must_use]
    pub fn utc(&self) -> Option<Time> {
        let (year, month, day) = (self.year?, self.month?, self.day?);
        let (hour, minute, second) = (self.hour?, self.minute?, self.second?);
        let text = format!("{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}Z");
        Time::parse_rfc3339(&text)
    }
}
