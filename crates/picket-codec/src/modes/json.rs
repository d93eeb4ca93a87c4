//! The line that `picket decode` prints for a frame or a BaseStation line.

use picket_model::Time;
use serde_json::{Map, Value};

use super::message::{AddressKind, Carrier, ModesMessage, Relay};
use crate::json::Line;

/// Ten millionths of a degree: a hundredth of a centimetre's worth below the wire's 5 m.
const DEGREE_PARTS: f64 = 1e7;
/// Thousandths of knots and of degrees of direction.
const THOUSANDTHS: f64 = 1e3;

impl ModesMessage {
    /// When the receiver heard it, if the bytes tell the date too.
    #[must_use]
    pub const fn t(&self) -> Option<Time> {
        self.heard_at
    }

    /// The downlink format, `modeac`, or a line's transmission type.
    #[must_use]
    pub(crate) fn kind(&self) -> String {
        match (&self.carrier, self.df) {
            (_, Some(df)) => df.to_string(),
            (Carrier::Sbs(line), None) => format!("MSG,{}", line.transmission),
            (Carrier::Beast(_) | Carrier::Avr(_), None) => "modeac".to_owned(),
        }
    }

    pub(crate) fn json(&self, offset: u64) -> Map<String, Value> {
        let mut line = Line::new(self.carrier.format(), offset, self.heard_at);
        let said = &self.said;
        match &self.carrier {
            Carrier::Sbs(text) => line.put("transmission", text.transmission),
            Carrier::Beast(_) | Carrier::Avr(_) => line.set("df", self.df),
        }
        if let Some(address) = self.address {
            let number = format!("{:06X}", address.number);
            match address.kind {
                AddressKind::Icao => line.put("icao", number),
                AddressKind::Own => {
                    line.put("address", number);
                    line.put("address_kind", "own");
                }
                AddressKind::TrackFile => {
                    line.put("address", number);
                    line.put("address_kind", "track_file");
                }
            }
            match address.relay {
                Relay::Direct => {}
                Relay::TisB => line.put("relay", "tis-b"),
                Relay::AdsR => line.put("relay", "ads-r"),
            }
        }
        line.set("typecode", said.typecode);
        line.set("callsign", said.callsign.as_ref().map(|callsign| callsign.as_str()));
        let category = said.category;
        line.set(
            "category",
            category.map(|category| format!("{}{}", char::from(category.set), category.number)),
        );
        line.set("squawk", said.squawk.map(|squawk| squawk.to_string()));
        line.set("mode_ac", said.mode_ac.map(|code| code.to_string()));
        line.set("emergency", said.emergency.map(|state| state.as_str()));
        line.set("alert", said.alert);
        line.set("spi", said.spi);
        line.set("alt_ft", said.alt_ft);
        line.set("alt_gnss_ft", said.alt_gnss_ft);
        line.set("gnss_above_baro_ft", said.gnss_above_baro_ft);
        line.rounded("lat_deg", said.place.map(|place| place.lat_deg), DEGREE_PARTS);
        line.rounded("lon_deg", said.place.map(|place| place.lon_deg), DEGREE_PARTS);
        line.set("on_ground", said.on_ground);
        line.rounded("speed_kn", said.speed_kn, THOUSANDTHS);
        line.rounded("track_deg", said.track_deg, THOUSANDTHS);
        line.set("airspeed_kn", said.airspeed_kn);
        line.set("airspeed_true", said.airspeed_kn.map(|_| said.airspeed_true));
        line.rounded("heading_deg", said.heading_deg, THOUSANDTHS);
        line.set("vrate_fpm", said.vrate_fpm);
        line.set("version", said.version);
        line.set("nic", said.nic);
        line.set("nacp", said.nacp);
        if matches!(self.df, Some(17 | 18)) {
            line.put("corrected_bits", self.corrected_bits);
        }
        line.finish()
    }
}

impl Carrier {
    /// The format's name in the table.
    #[must_use]
    pub const fn format(&self) -> &'static str {
        match self {
            Self::Beast(_) => "beast",
            Self::Avr(_) => "avr",
            Self::Sbs(_) => "sbs",
        }
    }
}
