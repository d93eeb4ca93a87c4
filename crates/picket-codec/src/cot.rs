//! Cursor on Target: events as XML, back to back on a stream or one in a datagram.
//!
//! [`Cot`] finds the documents, [`CotEvent`] is one of them. What it never does: follow a
//! document type or an entity, descend by recursion, or wait without bound for an end.
//!
//! Standard: Cursor on Target event 2.0 (MITRE MTR 03W0000152, "Event.xsd").

mod claim;
mod encode;
mod xml;

use picket_model::id::NAME_BYTES_MAX;
use picket_model::{PhysicalKind, Time};
use serde_json::{Map, Value};

pub use encode::CotEncoder;
pub use xml::{ATTRIBUTES_MAX, DEPTH_MAX, DOCUMENT_BYTES_MAX};

use crate::error::DecodeError;
use crate::json::Line;
use crate::{Decoded, Decoder, Message};
use xml::{Piece, Pieces, Scanner, Step, Tag};

/// One event.
///
/// Numbers of `point` that stand for "unknown" (9999999 and 999999, both in use) are `None`.
#[derive(Debug, Clone, PartialEq)]
pub struct CotEvent {
    /// `uid`: whose event it is, 1 to 200 bytes.
    pub uid: Box<str>,
    /// `type`: what it is, as a path such as `a-f-G-U-C`.
    pub kind: Box<str>,
    /// `how`: how it was obtained, as a path such as `m-g`.
    pub how: Option<Box<str>>,
    /// `time`: when the event was made.
    pub time: Option<Time>,
    /// `start`: from when it holds.
    pub start: Option<Time>,
    /// `stale`: until when it holds.
    pub stale: Option<Time>,
    /// `point/@lat`: latitude, degrees, WGS-84, -90 to 90.
    pub lat_deg: Option<f64>,
    /// `point/@lon`: longitude, degrees, WGS-84, -180 to 180.
    pub lon_deg: Option<f64>,
    /// `point/@hae`: height above the ellipsoid, metres.
    pub hae_m: Option<f64>,
    /// `point/@ce`: circular error, metres.
    pub ce_m: Option<f64>,
    /// `point/@le`: error in height, metres.
    pub le_m: Option<f64>,
    /// What of `detail` is understood.
    pub detail: Detail,
    /// The inside of `detail`, byte for byte.
    pub detail_xml: Option<Box<str>>,
    /// The document as it came.
    pub raw: Box<[u8]>,
}

/// What is understood of an event's `detail`.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Detail {
    /// `contact/@callsign`.
    pub callsign: Option<Box<str>>,
    /// `contact/@endpoint`: where the sender can be reached; only a client names its own.
    pub endpoint: Option<Box<str>>,
    /// `__group/@name`: team colour.
    pub team: Option<Box<str>>,
    /// `__group/@role`.
    pub role: Option<Box<str>>,
    /// `track/@speed`, m/s.
    pub speed_mps: Option<f64>,
    /// `track/@course`, degrees clockwise from true north.
    pub course_deg: Option<f64>,
    /// `status/@battery`, 0 to 100 per cent.
    pub battery_percent: Option<f64>,
    /// Text of `remarks`.
    pub remarks: Option<Box<str>>,
    /// `emergency`.
    pub emergency: Option<Emergency>,
    /// `link` with `relation="p-p"`: who made the event, or whose it is.
    pub producer: Option<Producer>,
    /// `__picket/@alarm`: by what a perimeter sensor perceived something; see `docs/cot.md`.
    pub alarm: Option<PhysicalKind>,
}

/// A call for help, as `detail/emergency` has it.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Emergency {
    /// `@type`, such as `911 Alert`.
    pub kind: Option<Box<str>>,
    /// `@cancel`: the call is over.
    pub cancel: bool,
}

/// The thing behind an event.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Producer {
    /// Its uid.
    pub uid: Box<str>,
    /// Its type, if given.
    pub kind: Option<Box<str>>,
}

/// The decoder of one CoT link.
///
/// Memory: one document of at most [`DOCUMENT_BYTES_MAX`] bytes.
#[derive(Debug, Default)]
pub struct Cot {
    scanner: Scanner,
    /// Offset in the stream of the next byte to come.
    at: u64,
}

impl Decoder for Cot {
    fn feed(&mut self, bytes: &[u8], _received_at: Time, out: &mut Decoded) {
        for byte in bytes {
            let step = self.scanner.step(*byte);
            self.at = self.at.saturating_add(1);
            match step {
                Step::More => {}
                Step::Whole => {
                    let begun = self.at.saturating_sub(self.scanner.length() as u64);
                    let document = self.scanner.take();
                    match CotEvent::read(&document) {
                        Ok(None) => {}
                        Ok(Some(event)) => out.push(begun, Ok(Message::Cot(event))),
                        Err(error) => out.push(begun, Err(error)),
                    }
                }
                Step::Bad { lost, error } => {
                    let kept = self.scanner.length();
                    let begun = self.at.saturating_sub((lost + kept) as u64);
                    out.rejects.extend(error.map(|error| (begun, error)));
                }
            }
        }
    }

    fn end(&mut self, _received_at: Time, out: &mut Decoded) {
        if self.scanner.is_open() {
            let length = self.scanner.length();
            let error = DecodeError::Truncated { at: length, field: "the document's end" };
            out.rejects.push((self.at.saturating_sub(length as u64), error));
        }
        self.scanner.clear();
    }
}

impl CotEvent {
    /// Reads a whole document; `None` if it is no event but the `auth` that may open a stream.
    fn read(document: &[u8]) -> Result<Option<Self>, DecodeError> {
        let mut pieces = Pieces::of(document)?;
        let mut event: Option<Self> = None;
        let (mut depth, mut detail_from, mut has_point) = (0_usize, None, false);
        let mut remarks: Option<String> = None;
        while let Some(piece) = pieces.next()? {
            match piece {
                Piece::Start(tag) => {
                    match (depth, event.as_mut()) {
                        // It holds a password: nothing of it is kept or shown.
                        (0, _) if tag.name == "auth" => return Ok(None),
                        (0, _) => event = Some(Self::begin(&tag, document)?),
                        (1, Some(event)) if tag.name == "point" && !has_point => {
                            has_point = true;
                            event.point(&tag)?;
                        }
                        (1, Some(event)) if tag.name == "detail" && !tag.is_empty => {
                            let is_first = event.detail_xml.is_none();
                            detail_from = is_first.then_some(pieces.at());
                        }
                        (2, Some(event)) if detail_from.is_some() => {
                            let is_text = tag.name == "remarks" && !tag.is_empty;
                            if is_text && event.detail.remarks.is_none() {
                                remarks = Some(String::new());
                            }
                            event.detail.child(&tag)?;
                        }
                        _ => {}
                    }
                    depth += usize::from(!tag.is_empty);
                }
                Piece::Text(text) => {
                    if let Some(remarks) = remarks.as_mut() {
                        remarks.push_str(&text);
                    }
                }
                Piece::End(at) => {
                    depth -= 1;
                    let Some(event) = event.as_mut() else { continue };
                    if depth == 2 {
                        event.detail.remarks = remarks
                            .take()
                            .as_deref()
                            .and_then(said)
                            .or(event.detail.remarks.take());
                    }
                    if depth == 1 {
                        let inner = detail_from.take().and_then(|from| document.get(from..at));
                        let text = inner.and_then(|inner| std::str::from_utf8(inner).ok());
                        event.detail_xml = text.map(Box::from).or(event.detail_xml.take());
                    }
                }
            }
        }
        event.map(Some).ok_or(DecodeError::Truncated { at: 0, field: "event" })
    }

    /// An event with what its root says.
    fn begin(root: &Tag<'_>, document: &[u8]) -> Result<Self, DecodeError> {
        let name = |field: &'static str| {
            let text = root.get(field).ok_or(DecodeError::Truncated { at: root.at, field })?;
            if text.len() > NAME_BYTES_MAX {
                let (max, unit) = (NAME_BYTES_MAX, "bytes");
                return Err(DecodeError::TooLong { field, max, unit });
            }
            if text.chars().any(char::is_control) {
                let expected = "free of control characters";
                return Err(DecodeError::Invalid { at: root.at, field, expected });
            }
            Ok(Box::from(text))
        };
        Ok(Self {
            uid: name("uid")?,
            kind: name("type")?,
            how: root.get("how").map(Box::from),
            time: time(root, "time")?,
            start: time(root, "start")?,
            stale: time(root, "stale")?,
            lat_deg: None,
            lon_deg: None,
            hae_m: None,
            ce_m: None,
            le_m: None,
            detail: Detail::default(),
            detail_xml: None,
            raw: Box::from(document),
        })
    }

    fn point(&mut self, tag: &Tag<'_>) -> Result<(), DecodeError> {
        let within = |name: &'static str, most: f64| match number(tag, name)? {
            Some(degrees) if degrees.abs() > most => {
                let expected = "on earth";
                Err(DecodeError::Invalid { at: tag.at, field: name, expected })
            }
            degrees => Ok(degrees),
        };
        self.lat_deg = within("lat", 90.0)?;
        self.lon_deg = within("lon", 180.0)?;
        self.hae_m = number(tag, "hae")?;
        self.ce_m = number(tag, "ce")?;
        self.le_m = number(tag, "le")?;
        Ok(())
    }

    /// The line that `picket decode cot` prints.
    pub(crate) fn json(&self, offset: u64) -> Map<String, Value> {
        let mut line = Line::new("cot", offset, self.time);
        line.put("uid", &*self.uid);
        line.put("type", &*self.kind);
        line.set("how", self.how.as_deref());
        line.time("time", self.time);
        line.time("start", self.start);
        line.time("stale", self.stale);
        line.float("lat_deg", self.lat_deg);
        line.float("lon_deg", self.lon_deg);
        line.float("hae_m", self.hae_m);
        line.float("ce_m", self.ce_m);
        line.float("le_m", self.le_m);
        line.set("callsign", self.detail.callsign.as_deref());
        line.set("team", self.detail.team.as_deref());
        line.set("role", self.detail.role.as_deref());
        line.float("speed_mps", self.detail.speed_mps);
        line.float("course_deg", self.detail.course_deg);
        line.set("alarm", self.detail.alarm.map(PhysicalKind::as_str));
        line.set("detail_xml", self.detail_xml.as_deref());
        line.finish()
    }
}

impl Detail {
    /// Takes what a child of `detail` says; of several of one name, the first.
    fn child(&mut self, tag: &Tag<'_>) -> Result<(), DecodeError> {
        let text = |name: &str| tag.get(name).map(Box::from);
        match tag.name {
            "contact" => {
                self.callsign = self.callsign.take().or_else(|| text("callsign"));
                self.endpoint = self.endpoint.take().or_else(|| text("endpoint"));
            }
            "__group" => {
                self.team = self.team.take().or_else(|| text("name"));
                self.role = self.role.take().or_else(|| text("role"));
            }
            "track" => {
                self.speed_mps = self.speed_mps.or(number(tag, "speed")?);
                self.course_deg = self.course_deg.or(number(tag, "course")?);
            }
            "status" => self.battery_percent = self.battery_percent.or(number(tag, "battery")?),
            "emergency" if self.emergency.is_none() => {
                let cancel = tag.get("cancel") == Some("true");
                self.emergency = Some(Emergency { kind: text("type"), cancel });
            }
            "link" if self.producer.is_none() && tag.get("relation") == Some("p-p") => {
                self.producer = text("uid").map(|uid| Producer { uid, kind: text("type") });
            }
            "__picket" if self.alarm.is_none() => self.alarm = alarm(tag)?,
            _ => {}
        }
        Ok(())
    }
}

/// The physical kind that `__picket/@alarm` names.
fn alarm(tag: &Tag<'_>) -> Result<Option<PhysicalKind>, DecodeError> {
    let Some(text) = tag.get("alarm") else { return Ok(None) };
    let expected =
        "fence, seismic, radar, camera, infrared, barrier, acoustic, magnetic or contact";
    let wrong = DecodeError::Invalid { at: tag.at, field: "__picket/@alarm", expected };
    PhysicalKind::parse(text).map(Some).ok_or(wrong)
}

/// Text without its outer white space; `None` if nothing is left.
fn said(text: &str) -> Option<Box<str>> {
    let text = text.trim();
    (!text.is_empty()).then(|| Box::from(text))
}

/// A number; `None` for the two that mean "unknown" and for not-a-number, which ATAK writes too.
fn number(tag: &Tag<'_>, field: &'static str) -> Result<Option<f64>, DecodeError> {
    let Some(text) = tag.get(field) else { return Ok(None) };
    let wrong = DecodeError::Invalid { at: tag.at, field, expected: "a number" };
    let value: f64 = text.trim().parse().map_err(|_| wrong.clone())?;
    if value.is_infinite() {
        return Err(wrong);
    }
    let is_unknown = |unknown: f64| (value - unknown).abs() < 0.5;
    let is_known = !value.is_nan() && !is_unknown(9_999_999.0) && !is_unknown(999_999.0);
    Ok(is_known.then_some(value))
}

/// A time, RFC 3339; without an offset it is taken for UTC, as the standard says all are.
fn time(tag: &Tag<'_>, field: &'static str) -> Result<Option<Time>, DecodeError> {
    let Some(text) = tag.get(field) else { return Ok(None) };
    let read = Time::parse_rfc3339(text).or_else(|| Time::parse_rfc3339(&format!("{text}Z")));
    let expected = "a date and time such as 2026-01-02T03:04:05Z";
    read.map(Some).ok_or(DecodeError::Invalid { at: tag.at, field, expected })
}
