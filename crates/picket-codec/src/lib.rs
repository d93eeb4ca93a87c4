//! Bytes to claims: one bounds-checked decoder for each format of [`FORMATS`].
//!
//! A decoder knows bytes, not sockets; time is an argument. It frames by itself, so a
//! stream may be cut anywhere and gives the same output, and it allocates no more than a
//! constant times the bytes it was given. What makes no sense becomes a [`DecodeError`]
//! with its offset, never a panic.
//!
//! Degrees, knots and the wire's own words exist here only: [`Message::json`] shows them,
//! [`Message::claims`] leaves them behind.

pub mod ais;
pub mod asterix;
pub mod cot;
pub mod error;
mod json;
pub mod modes;
pub mod nmea;
pub mod reader;
mod sentence;

use std::collections::BTreeMap;
use std::sync::Arc;

use picket_model::{Claim, Position, Record, Time};
use serde_json::{Map, Value};

pub use error::DecodeError;

/// Turns the bytes of one link into messages.
pub trait Decoder: Send {
    /// Takes the next bytes; however a stream is cut, the output is the same.
    fn feed(&mut self, bytes: &[u8], received_at: Time, out: &mut Decoded);

    /// The stream is over: reads what is left and rejects what is unfinished.
    fn end(&mut self, received_at: Time, out: &mut Decoded);

    /// The datagram is over, the link is not: a frame ends here, but the parts of a message
    /// that its format spreads over several frames may still come.
    ///
    /// A link of datagrams calls this after each and [`Decoder::end`] when it closes.
    fn end_datagram(&mut self, received_at: Time, out: &mut Decoded) {
        self.end(received_at, out);
    }
}

/// What a decoder made of some bytes, in the order of the stream.
#[derive(Debug, Default, Clone, PartialEq)]
pub struct Decoded {
    /// Each message with the offset of its frame's first byte in the stream.
    pub messages: Vec<(u64, Message)>,
    /// Each frame that made no message, with its offset.
    pub rejects: Vec<(u64, DecodeError)>,
}

impl Decoded {
    fn push(&mut self, at: u64, read: Result<Message, DecodeError>) {
        match read {
            Ok(message) => self.messages.push((at, message)),
            Err(error) => self.rejects.push((at, error)),
        }
    }

    /// Forgets all, keeps the room.
    pub fn clear(&mut self) {
        self.messages.clear();
        self.rejects.clear();
    }
}

/// A decoded message, believed by nobody yet.
#[derive(Debug, Clone, PartialEq)]
pub enum Message {
    /// From AIS.
    Ais(ais::AisMessage),
    /// From ASTERIX.
    Asterix(asterix::AsterixRecord),
    /// From Cursor on Target.
    Cot(cot::CotEvent),
    /// From Mode S and ADS-B.
    Modes(modes::ModesMessage),
    /// From NMEA 0183.
    Nmea(nmea::NmeaMessage),
}

impl Message {
    /// What the message claims about the world; nothing for those that only run a link.
    ///
    /// `received_at` is our clock, for formats that leave the date or the hour to the listener.
    pub fn claims(&self, received_at: Time, out: &mut Vec<Claim>) {
        match self {
            Self::Ais(message) => message.claims(out),
            Self::Asterix(record) => record.claims(received_at, out),
            Self::Cot(event) => event.claims(out),
            Self::Modes(message) => message.claims(out),
            Self::Nmea(sentence) => sentence.claims(out),
        }
    }

    /// The time that the bytes carry.
    #[must_use]
    pub fn t(&self) -> Option<Time> {
        match self {
            Self::Ais(message) => message.t(),
            Self::Asterix(record) => record.t(),
            Self::Cot(event) => event.time,
            Self::Modes(message) => message.t(),
            Self::Nmea(sentence) => sentence.t(),
        }
    }

    /// The message's type in its format's own words: `5`, `a-f-G-U-C`.
    #[must_use]
    pub fn kind(&self) -> String {
        match self {
            Self::Ais(message) => message.type_number.to_string(),
            Self::Asterix(record) => record.category().to_string(),
            Self::Cot(event) => event.kind.to_string(),
            Self::Modes(message) => message.kind(),
            Self::Nmea(sentence) => sentence.formatter().into_owned(),
        }
    }

    /// The line that `picket decode` prints; what the wire calls unavailable is left out.
    #[must_use]
    pub fn json(&self, offset: u64) -> Map<String, Value> {
        match self {
            Self::Ais(message) => message.json(offset),
            Self::Asterix(record) => record.json(offset),
            Self::Cot(event) => event.json(offset),
            Self::Modes(message) => message.json(offset),
            Self::Nmea(sentence) => sentence.json(offset),
        }
    }
}

/// Turns records into the bytes of one format.
pub trait Encoder: Send {
    /// Appends the record; `false`, with nothing appended, if the format cannot say it.
    fn encode(&mut self, record: &Record, out: &mut Vec<u8>) -> bool;
}

/// What a decoder must know of its source that the bytes do not say.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Settings {
    /// Where the sensor stands: the origin of radar plots, the reference of surface positions.
    pub place: Option<Position>,
    /// Which edition of a category this source speaks, by the category's three digits, as
    /// `"048" = "1.31"`; the newest that the decoder knows if it is not named.
    pub editions: BTreeMap<String, String>,
    /// Whether a sentence without a checksum is refused (NMEA 0183 leaves it open).
    pub checksum_required: bool,
    /// What the source is called, for numbers that mean something beside their source only.
    pub source: Option<Arc<str>>,
}

/// A row of the table of formats: definition and documentation of one.
#[derive(Debug, Clone, Copy)]
pub struct Format {
    /// Its name in `picket decode`, in `[[feed]]` and in every frame.
    pub name: &'static str,
    /// The documents that define it, with edition.
    pub standard: &'static str,
    /// Makes a decoder for one link.
    pub decoder: fn(&Settings) -> Box<dyn Decoder>,
    /// Makes an encoder for one link, if we can write the format.
    pub encoder: Option<fn() -> Box<dyn Encoder>>,
}

/// All formats, in the order of their names.
pub static FORMATS: &[Format] = &[
    Format {
        name: "ais",
        standard: "ITU-R M.1371-5 in IEC 61162-1 (NMEA 0183) VDM/VDO sentences, NMEA 0183 v4.10 tag blocks",
        decoder: |_| Box::new(ais::Ais::default()),
        encoder: None,
    },
    Format {
        name: "asterix",
        standard: "EUROCONTROL-SPEC-0149 data blocks, categories 021 (0.23-0.26, 2.1-2.7), 034 (1.27-1.29), 048 (1.27-1.32), 062 (1.16-1.21), 065 (1.4-1.6); the newest unless set",
        decoder: |settings| Box::new(asterix::Asterix::new(settings)),
        encoder: None,
    },
    Format {
        name: "asterix-pcap",
        standard: "ASTERIX as above in pcap captures: bare, or UDP over IPv4/IPv6 with Ethernet, raw IP or Linux cooked headers",
        decoder: |settings| Box::new(asterix::AsterixPcap::new(settings)),
        encoder: None,
    },
    Format {
        name: "avr",
        standard: "AVR lines of Mode S frames in hexadecimal (ICAO Annex 10 volume IV, RTCA DO-260B)",
        decoder: |settings| Box::new(modes::Avr::new(settings)),
        encoder: Some(|| Box::new(modes::encode::AvrEncoder)),
    },
    Format {
        name: "beast",
        standard: "Mode-S Beast binary, types 1 to 4 (ICAO Annex 10 volume IV, RTCA DO-260B)",
        decoder: |settings| Box::new(modes::Beast::new(settings)),
        encoder: Some(|| Box::new(modes::encode::BeastEncoder)),
    },
    Format {
        name: "cot",
        standard: "Cursor on Target event 2.0 (MITRE MTR 03W0000152), XML on streams and in datagrams",
        decoder: |_| Box::new(cot::Cot::default()),
        encoder: Some(|| Box::new(cot::CotEncoder)),
    },
    Format {
        name: "nmea",
        standard: "IEC 61162-1 (NMEA 0183 up to 4.11), with AIS among it as `ais`; NMEA 0183 v4.10 tag blocks",
        decoder: |settings| Box::new(nmea::Nmea::new(settings)),
        encoder: None,
    },
    Format {
        name: "sbs",
        standard: "SBS-1 BaseStation lines, port 30003",
        decoder: |settings| Box::new(modes::Sbs::new(settings)),
        encoder: Some(|| Box::new(modes::encode::SbsEncoder)),
    },
];

/// The format of this name.
#[must_use]
pub fn format(name: &str) -> Option<&'static Format> {
    FORMATS.iter().find(|format| format.name == name)
}
