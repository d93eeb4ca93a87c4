//! BaseStation lines (port 30003): what another receiver's program read in Mode S frames.
//!
//! ```text
//! MSG,3,1,1,3944ED,1,2023/10/24,09:49:22.119,2023/10/24,09:49:22.131,,525,,,48.9,2.6,,,0,,0,0
//!     | |     |    |  '- heard ------------' '- written ----------'  |  |  | |  |  |  | |
//!     type  address  flight                                   callsign  |  speed | rate squawk ..
//! ```
//! Lines have no checksum: what is cut short is refused, a flipped digit is not seen.
//! Their times carry no zone and are taken for UTC.
//!
//! Standard: none; the port 30003 documents of the Kinetic BaseStation.

use picket_model::Time;

use super::aircraft::Sky;
use super::clock::Moment;
use super::cpr::Place;
use super::field::{Callsign, Squawk};
use super::message::{Address, AddressKind, Beside, Carrier, ModesMessage, Relay, Said, SbsLine};
use crate::error::DecodeError;
use crate::{Decoded, Decoder, Message, Settings};

/// Most bytes of a line; those seen stay below 160.
pub const LINE_BYTES_MAX: usize = 512;

/// The decoder of one stream of BaseStation lines.
///
/// Memory: the beginning of one line, and what [`AIRCRAFT_MAX`](super::AIRCRAFT_MAX) senders need.
#[derive(Debug)]
pub struct Sbs {
    sky: Sky,
    /// The beginning of a line whose end has not come.
    line: Vec<u8>,
    /// Offset in the stream of the line's first byte.
    line_at: u64,
    /// Offset in the stream of the next byte to come.
    at: u64,
    /// The present line was rejected as too long.
    skipping: bool,
}

impl Sbs {
    /// A decoder for one link.
    #[must_use]
    pub fn new(settings: &Settings) -> Self {
        let sky = Sky::new(settings.place);
        Self { sky, line: Vec::new(), line_at: 0, at: 0, skipping: false }
    }

    fn keep(&mut self, head: &[u8], out: &mut Decoded) {
        if self.skipping || head.is_empty() {
            return;
        }
        if self.line.len() + head.len() > LINE_BYTES_MAX {
            let (max, unit) = (LINE_BYTES_MAX, "bytes");
            out.rejects.push((self.line_at, DecodeError::TooLong { field: "line", max, unit }));
            self.line.clear();
            self.skipping = true;
            return;
        }
        self.line.extend_from_slice(head);
    }

    fn end_line(&mut self, tail: &[u8], received_at: Time, out: &mut Decoded) {
        self.keep(tail, out);
        if std::mem::take(&mut self.skipping) {
            return;
        }
        let mut line = std::mem::take(&mut self.line);
        match self.read(line.trim_ascii(), received_at) {
            Ok(None) => {}
            Ok(Some(message)) => out.messages.push((self.line_at, Message::Modes(message))),
            Err(error) => out.rejects.push((self.line_at, error)),
        }
        line.clear();
        self.line = line;
    }

    fn read(
        &mut self,
        line: &[u8],
        received_at: Time,
    ) -> Result<Option<ModesMessage>, DecodeError> {
        let mut fields = Fields { rest: Some(line), at: 0 };
        match fields.next("message type")?.0 {
            b"" if line.is_empty() => return Ok(None),
            b"MSG" => {}
            // The program's own events: selection, new aircraft, status, clicks.
            b"SEL" | b"ID" | b"AIR" | b"STA" | b"CLK" => return Ok(None),
            _ => {
                let (field, expected) = ("message type", "one of MSG, SEL, ID, AIR, STA, CLK");
                return Err(DecodeError::Invalid { at: 0, field, expected });
            }
        }
        let read = fields.message()?;
        let now = read.heard_at.unwrap_or(received_at).0;
        let now = Moment { at: now, proof: now, timed: true };
        let aircraft = self.sky.heard(read.address, now);
        let beside = Beside { motion: aircraft.motion(now), ..Beside::default() };
        aircraft.learn(&read.said, now);
        let text = Box::from(line);
        Ok(Some(ModesMessage {
            carrier: Carrier::Sbs(Box::new(SbsLine { transmission: read.transmission, text })),
            heard_at: read.heard_at,
            df: None,
            address: Some(read.address),
            proven: true,
            corrected_bits: 0,
            said: read.said,
            beside,
        }))
    }
}

impl Decoder for Sbs {
    fn feed(&mut self, bytes: &[u8], received_at: Time, out: &mut Decoded) {
        let mut from = 0;
        for end in memchr::memchr_iter(b'\n', bytes) {
            self.end_line(bytes.get(from..end).unwrap_or_default(), received_at, out);
            from = end + 1;
            self.line_at = self.at.saturating_add(from as u64);
        }
        self.keep(bytes.get(from..).unwrap_or_default(), out);
        self.at = self.at.saturating_add(bytes.len() as u64);
    }

    fn end(&mut self, received_at: Time, out: &mut Decoded) {
        self.end_line(&[], received_at, out);
        self.line_at = self.at;
    }
}

/// What a `MSG` line says.
struct Read {
    transmission: u8,
    address: Address,
    heard_at: Option<Time>,
    said: Said,
}

/// The comma-separated fields of a line, one after another.
struct Fields<'a> {
    /// What has not been read; `None` behind the last.
    rest: Option<&'a [u8]>,
    at: usize,
}

impl<'a> Fields<'a> {
    /// The next field and where it stands.
    fn next(&mut self, field: &'static str) -> Result<(&'a [u8], usize), DecodeError> {
        let at = self.at;
        let rest = self.rest.take().ok_or(DecodeError::Truncated { at, field })?;
        let text = match memchr::memchr(b',', rest) {
            Some(comma) => {
                self.rest = rest.get(comma + 1..);
                rest.get(..comma).unwrap_or_default()
            }
            None => rest,
        };
        self.at += text.len() + 1;
        Ok((text.trim_ascii(), at))
    }

    /// The next field as a number, if it is not empty.
    fn number(
        &mut self,
        field: &'static str,
        range: std::ops::RangeInclusive<f64>,
    ) -> Result<Option<f64>, DecodeError> {
        let (text, at) = self.next(field)?;
        number(text, at, field, range)
    }

    /// The next field as a flag: `-1` or `1` is set, `0` is not, empty is unknown.
    fn flag(&mut self, field: &'static str) -> Result<Option<bool>, DecodeError> {
        let (text, at) = self.next(field)?;
        match text {
            b"" => Ok(None),
            b"0" => Ok(Some(false)),
            b"-1" | b"1" => Ok(Some(true)),
            _ => Err(DecodeError::Invalid { at, field, expected: "-1, 1, 0 or empty" }),
        }
    }

    fn message(&mut self) -> Result<Read, DecodeError> {
        let (text, at) = self.next("transmission type")?;
        let [digit @ b'1'..=b'8'] = text else {
            let (field, expected) = ("transmission type", "1 to 8");
            return Err(DecodeError::Invalid { at, field, expected });
        };
        let transmission = digit - b'0';
        self.next("session")?;
        self.next("aircraft")?;
        let address = self.address()?;
        self.next("flight")?;
        let heard_at = self.time("time of reception")?;
        let written_at = self.time("time of writing")?;
        let callsign = Callsign::new(self.next("callsign")?.0);
        let mut said = Said { callsign, ..Said::default() };
        let (text, at) = self.next("altitude")?;
        // With an `H` behind it, the height above the ellipsoid.
        let (digits, is_gnss) = match text {
            [digits @ .., b'H'] => (digits, true),
            _ => (text, false),
        };
        let altitude = number(digits, at, "altitude", -5_000.0..=150_000.0)?.map(whole);
        if is_gnss {
            said.alt_gnss_ft = altitude
        } else {
            said.alt_ft = altitude
        }
        said.speed_kn = self.number("ground speed", 0.0..=5_000.0)?;
        said.track_deg = self.number("track", 0.0..=360.0)?.map(|track_deg| track_deg % 360.0);
        let lat_deg = self.number("latitude", -90.0..=90.0)?;
        let lon_deg = self.number("longitude", -180.0..=180.0)?;
        said.place = lat_deg.zip(lon_deg).map(|(lat_deg, lon_deg)| Place { lat_deg, lon_deg });
        let (text, at) = self.next("vertical rate")?;
        let digits = text.strip_suffix(b"H").unwrap_or(text);
        said.vrate_fpm = number(digits, at, "vertical rate", -100_000.0..=100_000.0)?.map(whole);
        let (text, at) = self.next("squawk")?;
        if !text.is_empty() {
            let (field, expected) = ("squawk", "four octal digits");
            let squawk = Squawk::parse(text);
            said.squawk = Some(squawk.ok_or(DecodeError::Invalid { at, field, expected })?);
        }
        said.alert = self.flag("alert")?;
        self.flag("emergency")?;
        said.spi = self.flag("ident")?;
        said.on_ground = self.flag("on the ground")?;
        Ok(Read { transmission, address, heard_at: heard_at.or(written_at), said })
    }

    /// Six hexadecimal digits; `~` before them marks an address that is not ICAO's.
    fn address(&mut self) -> Result<Address, DecodeError> {
        let (text, at) = self.next("address")?;
        let (digits, kind) = match text {
            [b'~', digits @ ..] => (digits, AddressKind::Own),
            _ => (text, AddressKind::Icao),
        };
        let number = std::str::from_utf8(digits)
            .ok()
            .filter(|digits| digits.len() == 6 && !digits.starts_with('+'))
            .and_then(|digits| u32::from_str_radix(digits, 16).ok())
            .filter(|number| *number > 0);
        let (field, expected) = ("address", "six hexadecimal digits above zero");
        let number = number.ok_or(DecodeError::Invalid { at, field, expected })?;
        Ok(Address { number, kind, relay: Relay::Direct })
    }

    /// Two fields `2023/10/24`, `09:49:22.119`; `None` if both are empty.
    fn time(&mut self, field: &'static str) -> Result<Option<Time>, DecodeError> {
        let (date, at) = self.next(field)?;
        let (time, _) = self.next(field)?;
        if date.is_empty() && time.is_empty() {
            return Ok(None);
        }
        let text = |bytes: &'a [u8]| std::str::from_utf8(bytes).unwrap_or_default();
        let date = text(date).replace('/', "-");
        let read = Time::parse_rfc3339(&format!("{date}T{}Z", text(time)));
        let expected = "a date 2023/10/24 and a time 09:49:22.119";
        read.map(Some).ok_or(DecodeError::Invalid { at, field, expected })
    }
}

fn number(
    text: &[u8],
    at: usize,
    field: &'static str,
    range: std::ops::RangeInclusive<f64>,
) -> Result<Option<f64>, DecodeError> {
    if text.is_empty() {
        return Ok(None);
    }
    let text = std::str::from_utf8(text).ok();
    let value = text.and_then(|text| text.parse().ok()).filter(|value| range.contains(value));
    let expected = "a number that can be";
    value.map(Some).ok_or(DecodeError::Invalid { at, field, expected })
}

#[expect(clippy::cast_possible_truncation, reason = "the range was looked at")]
fn whole(value: f64) -> i32 {
    value.round() as i32
}
