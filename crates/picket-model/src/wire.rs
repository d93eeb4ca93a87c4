//! The stored form of records: deterministic CBOR, versioned.
//!
//! `Standard:` RFC 8949 §4.2.1, core deterministic encoding: shortest integers and
//! floats, definite lengths. Every noun is an array whose first items never change
//! their meaning; a new field is appended, and [`VERSION`] rises when an old
//! reader could not follow. There are no maps, so no key order to get wrong.
//!
//! A record's id covers author, `occurred_at`, subject, cites and body: not the label,
//! the proof or the receive time, so that what one author says twice is one record.

mod track;

pub use track::{
    decode_actor, decode_alert, decode_label, decode_track, decode_watch, encode_actor,
    encode_alert, encode_label, encode_track, encode_watch,
};

use std::collections::BTreeSet;
use std::convert::Infallible;
use std::ops::{Deref, DerefMut, Range};
use std::sync::Arc;

use aws_lc_rs::digest;
use minicbor::encode::Write;
use minicbor::{Decoder, Encoder};

use crate::act::Act;
use crate::actor::{Actor, Subject, ViewName};
use crate::alert::{Alert, AlertChange, AlertId, Met, Reason, Severity};
use crate::geo::{Angle, Area, Forbidden, Line, Position};
use crate::id::{Epoch, LogClass, Name, NodeId, RecordId, TrackId};
use crate::label::{LEVELS_MAX, Label, MEMBERS_MAX};
use crate::observation::{
    Affiliation, Air, Class, Distress, DistressKind, Frame, Ident, Kinematics, Observation,
    PhysicalKind, SensorKind,
};
use crate::record::{Auth, Body, EntryName, Record, Refused};
use crate::site::{Shape, Site};
use crate::status::{LinkState, Status};
use crate::time::Time;

/// The version written in front of each stored entry.
pub const VERSION: u8 = 1;

/// Most items of any list in a stored record.
const LIST_MAX: u64 = 10_000;

/// Why stored bytes are no record. The bytes are at fault: damaged, or of a newer version.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum WireError {
    /// They end early or are no CBOR of the expected shape.
    #[error("no stored record: {what} at byte {at}")]
    Shape {
        /// Offset in the bytes.
        at: usize,
        /// What was expected.
        what: &'static str,
    },
    /// They were written by a newer version.
    #[error("stored form {found} is newer than {VERSION}, which this program reads")]
    Version {
        /// The version found.
        found: u8,
    },
    /// They say the same in other bytes than the one canonical form.
    #[error("stored record is not in canonical form")]
    NotCanonical,
}

/// Writes an entry's canonical bytes: version, name and record.
///
/// # Panics
/// Never: writing to memory cannot fail.
pub fn encode_entry(name: &EntryName, record: &Record, out: &mut Vec<u8>) {
    encode(name, record, out);
}

/// As [`encode_entry`], and gives the record's id, which follows from these bytes.
///
/// # Panics
/// Never: writing to memory cannot fail.
pub fn encode_entry_with_id(name: &EntryName, record: &Record, out: &mut Vec<u8>) -> RecordId {
    let parts = encode(name, record, out);
    parts.id(out, &mut Vec::with_capacity(512))
}

fn encode(name: &EntryName, record: &Record, out: &mut Vec<u8>) -> Parts {
    let mut e = Encoder::new(std::mem::take(out));
    let done = put_entry(&mut e, name, record);
    *out = e.into_writer();
    // Writing to memory fails for no value; a failure would be a bug of this module.
    assert!(done.is_ok());
    done.unwrap_or_default()
}

/// Reads an entry's canonical bytes.
///
/// # Errors
/// [`WireError`] if they are cut, damaged, of a newer version, not canonical, or followed by more.
pub fn decode_entry(bytes: &[u8]) -> Result<(EntryName, Record), WireError> {
    let (name, record, _) = decode(bytes, &mut Words::none())?;
    Ok((name, record))
}

/// Reads entries one after another. Texts that come again and again are shared by the records.
#[derive(Debug)]
pub struct EntryReader {
    words: Words,
    covered: Vec<u8>,
}

impl EntryReader {
    /// A reader that has seen nothing yet.
    #[must_use]
    pub fn new() -> Self {
        Self { words: Words(vec![None; WORDS_MAX]), covered: Vec::new() }
    }

    /// Reads as [`decode_entry`], and gives the record's id, which follows from the bytes.
    ///
    /// # Errors
    /// As there.
    pub fn read(&mut self, bytes: &[u8]) -> Result<(EntryName, Record, RecordId), WireError> {
        let (name, record, parts) = decode(bytes, &mut self.words)?;
        Ok((name, record, parts.id(bytes, &mut self.covered)))
    }
}

impl Default for EntryReader {
    fn default() -> Self {
        Self::new()
    }
}

fn decode(bytes: &[u8], words: &mut Words) -> Take<(EntryName, Record, Parts)> {
    let mut d = In { bytes: Decoder::new(bytes), words };
    let (name, record, parts) = take_entry(&mut d)?;
    if d.position() != bytes.len() {
        return Err(shape(&d, "end of entry"));
    }
    // Written again, it must give the very bytes: then there is one form for each record.
    let mut e = Encoder::new(Same { rest: bytes, at: 0, same: true });
    let again = put_entry(&mut e, &name, &record);
    let Same { rest, same, .. } = e.into_writer();
    if again.is_err() || !same || !rest.is_empty() {
        return Err(WireError::NotCanonical);
    }
    Ok((name, record, parts))
}

/// The id of a record; see the module's head.
///
/// # Panics
/// Never: writing to memory cannot fail.
#[must_use]
pub fn record_id(record: &Record) -> RecordId {
    let mut e = Encoder::new(Vec::with_capacity(512));
    let done = put_identity(&mut e, record);
    assert!(done.is_ok());
    id_of(&digest::digest(&digest::SHA256, e.writer()))
}

type Enc = Encoder<Vec<u8>>;
type Put<T = ()> = Result<T, minicbor::encode::Error<Infallible>>;
type Take<T> = Result<T, WireError>;

/// Where bytes are written.
trait Out: Write<Error = Infallible> {
    /// How many there are.
    fn len(&self) -> usize;
}

impl Out for Vec<u8> {
    fn len(&self) -> usize {
        self.len()
    }
}

/// Compares what is written with what is there.
struct Same<'b> {
    rest: &'b [u8],
    at: usize,
    same: bool,
}

impl Write for Same<'_> {
    type Error = Infallible;

    fn write_all(&mut self, bytes: &[u8]) -> Result<(), Infallible> {
        self.at += bytes.len();
        match self.rest.split_at_checked(bytes.len()) {
            Some((there, rest)) if there == bytes => self.rest = rest,
            Some(_) | None => self.same = false,
        }
        Ok(())
    }
}

impl Out for Same<'_> {
    fn len(&self) -> usize {
        self.at
    }
}

/// Bytes that are read, and the texts that were.
struct In<'b, 'w> {
    bytes: Decoder<'b>,
    words: &'w mut Words,
}

impl<'b> Deref for In<'b, '_> {
    type Target = Decoder<'b>;

    fn deref(&self) -> &Decoder<'b> {
        &self.bytes
    }
}

impl DerefMut for In<'_, '_> {
    fn deref_mut(&mut self) -> &mut Self::Target {
        &mut self.bytes
    }
}

impl In<'_, '_> {
    /// Goes over the next byte if it is this one: the whole of a small head or a simple value.
    fn skip_byte(&mut self, byte: u8) -> bool {
        let at = self.bytes.position();
        let is = self.bytes.input().get(at) == Some(&byte);
        if is {
            self.bytes.set_position(at + 1);
        }
        is
    }

    /// Reads a number of a byte, most of which are their own head.
    fn small(&mut self) -> Result<u8, minicbor::decode::Error> {
        let at = self.bytes.position();
        match self.bytes.input().get(at) {
            Some(number) if *number < 24 => {
                self.bytes.set_position(at + 1);
                Ok(*number)
            }
            Some(_) | None => self.bytes.u8(),
        }
    }
}

/// The head of an array, of which the low bits count the items up to 23 (RFC 8949 §3.1).
const ARRAY: u8 = 0x80;
/// Null (RFC 8949 §3.3).
const NULL: u8 = 0xf6;

/// Texts read lately, each in the place that its bytes choose; an older one gives way.
#[derive(Debug)]
struct Words(Vec<Option<Arc<str>>>);

/// Most texts kept, at most 16 KiB: names of feeds and persons, formats, the words of a decoder.
const WORDS_MAX: usize = 256;
/// The longest text that is kept.
const WORD_BYTES_MAX: usize = 64;

impl Words {
    /// Keeps none.
    const fn none() -> Self {
        Self(Vec::new())
    }

    fn share(&mut self, text: &str) -> Arc<str> {
        if text.len() > WORD_BYTES_MAX || self.0.is_empty() {
            return Arc::from(text);
        }
        let Some(place) = self.0.get_mut(place_of(text.as_bytes())) else {
            return Arc::from(text);
        };
        match place {
            Some(word) if **word == *text => Arc::clone(word),
            Some(_) | None => Arc::clone(place.insert(Arc::from(text))),
        }
    }
}

/// One of [`WORDS_MAX`] places, from a text's length and its ends; which texts meet in one matters
/// for speed alone.
fn place_of(text: &[u8]) -> usize {
    let ends = match (text.first_chunk::<8>(), text.last_chunk::<8>()) {
        (Some(first), Some(last)) => {
            u64::from_le_bytes(*first) ^ u64::from_le_bytes(*last).rotate_left(23)
        }
        (Some(_) | None, _) => text.iter().fold(0, |ends, byte| ends << 8 | u64::from(*byte)),
    };
    // Multiplicative hashing (Knuth 1973, 6.4), by 2^64 over the golden ratio.
    let mixed = (ends ^ text.len() as u64).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    let [.., place] = mixed.to_le_bytes();
    usize::from(place)
}

/// Where, in an entry's bytes, those parts stand that its record's id covers.
#[derive(Debug, Clone, Default)]
struct Parts {
    author: Range<usize>,
    occurred_at: Range<usize>,
    /// Subject, cites and body.
    rest: Range<usize>,
}

impl Parts {
    /// As [`record_id`], without writing the record again; `covered` is a buffer.
    fn id(&self, bytes: &[u8], covered: &mut Vec<u8>) -> RecordId {
        covered.clear();
        // An array of six and the version, as `put_identity` begins.
        covered.extend_from_slice(&[0x86, VERSION]);
        for part in [&self.author, &self.occurred_at, &self.rest] {
            covered.extend_from_slice(bytes.get(part.clone()).unwrap_or(&[]));
        }
        id_of(&digest::digest(&digest::SHA256, covered))
    }
}

fn id_of(hash: &digest::Digest) -> RecordId {
    let mut id = [0; 32];
    id.copy_from_slice(hash.as_ref());
    RecordId(id)
}

fn shape(d: &Decoder<'_>, what: &'static str) -> WireError {
    WireError::Shape { at: d.position(), what }
}

fn put_entry<W: Out>(e: &mut Encoder<W>, name: &EntryName, record: &Record) -> Put<Parts> {
    e.array(3)?.u8(VERSION)?;
    e.array(4)?
        .bytes(&name.origin.0)?
        .u32(name.epoch.0)?
        .u8(name.class.number())?
        .u64(name.number)?;
    put_record(e, record)
}

fn take_entry(d: &mut In<'_, '_>) -> Take<(EntryName, Record, Parts)> {
    array(d, 3, "entry")?;
    let found = d.u8().map_err(|_| shape(d, "version"))?;
    if found != VERSION {
        return Err(WireError::Version { found });
    }
    array(d, 4, "entry name")?;
    let origin = NodeId(take_bytes(d, "origin")?);
    let epoch = Epoch(d.u32().map_err(|_| shape(d, "epoch"))?);
    let class = enumerated(d, "log class", LogClass::from_number)?;
    let number = d.u64().map_err(|_| shape(d, "number"))?;
    let (record, parts) = take_record(d)?;
    Ok((EntryName { origin, epoch, class, number }, record, parts))
}

fn put_record<W: Out>(e: &mut Encoder<W>, record: &Record) -> Put<Parts> {
    e.array(8)?;
    let from = e.writer().len();
    put_actor(e, &record.author)?;
    let author = from..e.writer().len();
    e.u8(record.auth as u8)?;
    put_label(e, &record.label)?;
    let from = e.writer().len();
    e.i64(record.occurred_at.0)?;
    let occurred_at = from..e.writer().len();
    e.i64(record.received_at.0)?;
    let from = e.writer().len();
    put_subject(e, record.subject.as_ref())?;
    put_cites(e, &record.cites)?;
    put_body(e, &record.body)?;
    Ok(Parts { author, occurred_at, rest: from..e.writer().len() })
}

fn take_record(d: &mut In<'_, '_>) -> Take<(Record, Parts)> {
    array(d, 8, "record")?;
    let from = d.position();
    let author = take_actor(d)?;
    let mut parts = Parts { author: from..d.position(), ..Parts::default() };
    let auth = numbered(d, "auth", &Auth::ALL)?;
    let label = take_label(d)?;
    let from = d.position();
    let occurred_at = take_time(d)?;
    parts.occurred_at = from..d.position();
    let received_at = take_time(d)?;
    let from = d.position();
    let subject = take_subject(d)?;
    let cites = take_cites(d)?;
    let body = take_body(d)?;
    parts.rest = from..d.position();
    let record = Record { author, auth, label, occurred_at, received_at, subject, cites, body };
    Ok((record, parts))
}

fn put_identity<W: Out>(e: &mut Encoder<W>, record: &Record) -> Put {
    e.array(6)?.u8(VERSION)?;
    put_actor(e, &record.author)?;
    e.i64(record.occurred_at.0)?;
    put_subject(e, record.subject.as_ref())?;
    put_cites(e, &record.cites)?;
    put_body(e, &record.body)
}

fn put_actor<W: Out>(e: &mut Encoder<W>, actor: &Actor) -> Put {
    e.array(2)?;
    match actor {
        Actor::Device(id) => e.u8(0)?.str(id.as_str())?,
        Actor::Person(id) => e.u8(1)?.str(id.as_str())?,
        Actor::Machine(view) => e.u8(2)?.u8(*view as u8)?,
        Actor::Partner(id) => e.u8(3)?.str(id.as_str())?,
    };
    Ok(())
}

fn take_actor(d: &mut In<'_, '_>) -> Take<Actor> {
    array(d, 2, "actor")?;
    Ok(match d.small().map_err(|_| shape(d, "kind of actor"))? {
        0 => Actor::Device(take_name(d)?),
        1 => Actor::Person(take_name(d)?),
        2 => Actor::Machine(numbered(d, "view", &ViewName::ALL)?),
        3 => Actor::Partner(take_name(d)?),
        _ => return Err(shape(d, "kind of actor")),
    })
}

fn put_label<W: Out>(e: &mut Encoder<W>, label: &Label) -> Put {
    e.array(3)?.u8(label.level)?;
    for members in [&label.compartments, &label.releasable_to] {
        e.array(len(members.len()))?;
        for member in members {
            e.str(member)?;
        }
    }
    Ok(())
}

fn take_label(d: &mut In<'_, '_>) -> Take<Label> {
    array(d, 3, "label")?;
    let level = d.u8().map_err(|_| shape(d, "level"))?;
    if usize::from(level) >= LEVELS_MAX {
        return Err(shape(d, "level"));
    }
    Ok(Label { level, compartments: take_members(d)?, releasable_to: take_members(d)? })
}

fn take_members(d: &mut In<'_, '_>) -> Take<BTreeSet<Arc<str>>> {
    let members = take_list(d, "label member", take_text)?;
    if members.len() > MEMBERS_MAX {
        return Err(shape(d, "label member"));
    }
    Ok(members.into_iter().collect())
}

fn put_subject<W: Out>(e: &mut Encoder<W>, subject: Option<&Subject>) -> Put {
    let Some(subject) = subject else {
        e.null()?;
        return Ok(());
    };
    e.array(2)?;
    match subject {
        Subject::Mmsi(mmsi) => e.u8(0)?.u32(*mmsi)?,
        Subject::Icao(address) => e.u8(1)?.u32(*address)?,
        Subject::CotUid(uid) => e.u8(2)?.str(uid.as_str())?,
        Subject::Device(id) => e.u8(3)?.str(id.as_str())?,
        Subject::Track(id) => e.u8(4)?.u32(id.0)?,
        Subject::Alert(id) => e.u8(5)?.bytes(&id.0)?,
        Subject::Person(id) => e.u8(6)?.str(id.as_str())?,
    };
    Ok(())
}

fn take_subject(d: &mut In<'_, '_>) -> Take<Option<Subject>> {
    optional(d, take_subject_present)
}

fn take_subject_present(d: &mut In<'_, '_>) -> Take<Subject> {
    array(d, 2, "subject")?;
    Ok(match d.small().map_err(|_| shape(d, "kind of subject"))? {
        0 => Subject::Mmsi(take_u32(d)?),
        1 => Subject::Icao(take_u32(d)?),
        2 => Subject::CotUid(take_name(d)?),
        3 => Subject::Device(take_name(d)?),
        4 => Subject::Track(TrackId(take_u32(d)?)),
        5 => Subject::Alert(AlertId(take_bytes(d, "alert id")?)),
        6 => Subject::Person(take_name(d)?),
        _ => return Err(shape(d, "kind of subject")),
    })
}

fn put_cites<W: Out>(e: &mut Encoder<W>, cites: &[RecordId]) -> Put {
    e.array(len(cites.len()))?;
    for id in cites {
        e.bytes(&id.0)?;
    }
    Ok(())
}

fn take_cites(d: &mut In<'_, '_>) -> Take<Vec<RecordId>> {
    take_list(d, "cites", |d| take_bytes(d, "record id").map(RecordId))
}

fn put_body<W: Out>(e: &mut Encoder<W>, body: &Body) -> Put {
    e.array(2)?;
    match body {
        Body::Observation(seen) => put_observation(e.u8(0)?, seen),
        Body::Status(status) => put_status(e.u8(1)?, status),
        Body::Alert(alert) => put_alert(e.u8(2)?, alert),
        Body::Act(act) => put_act(e.u8(3)?, act),
        Body::Refusal(refused) => put_refused(e.u8(4)?, refused),
        Body::Tick => e.u8(5)?.null().map(|_| ()),
        Body::Site(site) => put_site(e.u8(6)?, site),
    }
}

fn take_body(d: &mut In<'_, '_>) -> Take<Body> {
    array(d, 2, "body")?;
    Ok(match d.small().map_err(|_| shape(d, "kind of body"))? {
        0 => Body::Observation(Box::new(take_observation(d)?)),
        1 => Body::Status(take_status(d)?),
        2 => Body::Alert(Box::new(take_alert(d)?)),
        3 => Body::Act(take_act(d)?),
        4 => Body::Refusal(take_refused(d)?),
        5 => {
            d.null().map_err(|_| shape(d, "tick"))?;
            Body::Tick
        }
        6 => Body::Site(Box::new(take_site(d)?)),
        _ => return Err(shape(d, "kind of body")),
    })
}

/// Whether an observation says no more than the first form could: then it is written in that form.
fn is_short(seen: &Observation) -> bool {
    seen.air == Air::NONE && seen.alarm.is_none()
}

fn put_observation<W: Out>(e: &mut Encoder<W>, seen: &Observation) -> Put {
    e.array(if is_short(seen) { 16 } else { 18 })?.u8(seen.sensor as u8)?;
    put_text_or_null(e, seen.reporter.as_deref())?;
    put_position(e, seen.position.as_ref())?;
    put_f64_or_null(e, seen.sigma_m)?;
    put_f64_or_null(e, seen.kinematics.speed_mps)?;
    put_f64_or_null(e, seen.kinematics.course.map(Angle::radians))?;
    put_f64_or_null(e, seen.kinematics.heading.map(Angle::radians))?;
    e.u8(seen.class as u8)?.u8(seen.affiliation as u8)?;
    e.array(len(seen.idents.len()))?;
    for ident in &seen.idents {
        put_ident(e, ident)?;
    }
    match &seen.distress {
        None => e.null()?,
        Some(call) => e.array(3)?.u8(call.kind as u8)?.bool(call.test)?.bool(call.cancelled)?,
    };
    match seen.stale_at {
        None => e.null()?,
        Some(at) => e.i64(at.0)?,
    };
    put_text_or_null(e, seen.text.as_deref())?;
    e.bool(seen.exercise)?;
    put_f64_or_null(e, seen.battery_percent)?;
    e.array(2)?.str(&seen.frame.format)?.bytes(&seen.frame.bytes)?;
    if !is_short(seen) {
        put_air(e, &seen.air)?;
        match seen.alarm {
            None => e.null()?,
            Some(kind) => e.u8(kind as u8)?,
        };
    }
    Ok(())
}

fn put_air<W: Out>(e: &mut Encoder<W>, air: &Air) -> Put {
    e.array(6)?;
    put_f64_or_null(e, air.pressure_altitude_m)?;
    put_f64_or_null(e, air.climb_mps)?;
    match air.on_ground {
        None => e.null()?,
        Some(is) => e.bool(is)?,
    };
    match air.squawk {
        None => e.null()?,
        Some(code) => e.u16(code)?,
    };
    for category in [air.nic, air.nacp] {
        match category {
            None => e.null()?,
            Some(number) => e.u8(number)?,
        };
    }
    Ok(())
}

fn take_air(d: &mut In<'_, '_>) -> Take<Air> {
    array(d, 6, "air")?;
    let category = |d: &mut In<'_, '_>| d.u8().map_err(|_| shape(d, "category"));
    Ok(Air {
        pressure_altitude_m: optional(d, take_f64)?,
        climb_mps: optional(d, take_f64)?,
        on_ground: optional(d, take_bool)?,
        squawk: optional(d, |d| d.u16().map_err(|_| shape(d, "squawk")))?,
        nic: optional(d, category)?,
        nacp: optional(d, category)?,
    })
}

fn take_observation(d: &mut In<'_, '_>) -> Take<Observation> {
    let items = d.array().ok().flatten().ok_or_else(|| shape(d, "observation"))?;
    if !matches!(items, 16 | 18) {
        return Err(shape(d, "observation"));
    }
    let mut seen = take_short_observation(d)?;
    if items == 18 {
        seen.air = take_air(d)?;
        seen.alarm = optional(d, |d| numbered(d, "alarm", &PhysicalKind::ALL))?;
    }
    Ok(seen)
}

fn take_short_observation(d: &mut In<'_, '_>) -> Take<Observation> {
    Ok(Observation {
        sensor: numbered(d, "sensor", &SensorKind::ALL)?,
        reporter: optional(d, take_text)?,
        position: optional(d, take_position)?,
        sigma_m: optional(d, take_f64)?,
        kinematics: Kinematics {
            speed_mps: optional(d, take_f64)?,
            course: optional(d, take_f64)?.map(Angle::from_radians),
            heading: optional(d, take_f64)?.map(Angle::from_radians),
        },
        class: numbered(d, "class", &Class::ALL)?,
        affiliation: numbered(d, "affiliation", &Affiliation::ALL)?,
        idents: take_list(d, "ident", take_ident)?,
        distress: optional(d, take_distress)?,
        stale_at: optional(d, take_time)?,
        text: optional(d, take_text)?,
        exercise: take_bool(d)?,
        battery_percent: optional(d, take_f64)?,
        frame: take_frame(d)?,
        air: Air::NONE,
        alarm: None,
    })
}

fn take_distress(d: &mut In<'_, '_>) -> Take<Distress> {
    array(d, 3, "distress")?;
    Ok(Distress {
        kind: numbered(d, "distress", &DistressKind::ALL)?,
        test: take_bool(d)?,
        cancelled: take_bool(d)?,
    })
}

fn take_frame(d: &mut In<'_, '_>) -> Take<Frame> {
    array(d, 2, "frame")?;
    let format = take_text(d)?;
    let bytes = d.bytes().map_err(|_| shape(d, "frame"))?;
    Ok(Frame { format, bytes: Arc::from(bytes) })
}

fn put_ident<W: Out>(e: &mut Encoder<W>, ident: &Ident) -> Put {
    match ident {
        Ident::Mmsi(number) => e.array(2)?.u8(0)?.u32(*number)?,
        Ident::Imo(number) => e.array(2)?.u8(1)?.u32(*number)?,
        Ident::Icao(number) => e.array(2)?.u8(2)?.u32(*number)?,
        Ident::CotUid(text) => e.array(2)?.u8(3)?.str(text)?,
        Ident::Local { reporter, number } => e.array(3)?.u8(4)?.str(reporter)?.str(number)?,
        Ident::Callsign(text) => e.array(2)?.u8(5)?.str(text)?,
        Ident::Name(text) => e.array(2)?.u8(6)?.str(text)?,
    };
    Ok(())
}

fn take_ident(d: &mut In<'_, '_>) -> Take<Ident> {
    let items = d.array().ok().flatten().ok_or_else(|| shape(d, "ident"))?;
    let kind = d.small().map_err(|_| shape(d, "kind of ident"))?;
    Ok(match (kind, items) {
        (0, 2) => Ident::Mmsi(take_u32(d)?),
        (1, 2) => Ident::Imo(take_u32(d)?),
        (2, 2) => Ident::Icao(take_u32(d)?),
        (3, 2) => Ident::CotUid(take_text(d)?),
        (4, 3) => Ident::Local { reporter: take_text(d)?, number: take_text(d)? },
        (5, 2) => Ident::Callsign(take_text(d)?),
        (6, 2) => Ident::Name(take_text(d)?),
        _ => return Err(shape(d, "kind of ident")),
    })
}

fn put_position<W: Out>(e: &mut Encoder<W>, position: Option<&Position>) -> Put {
    let Some(position) = position else {
        e.null()?;
        return Ok(());
    };
    e.array(3)?;
    put_f64(e, position.lat.radians())?;
    put_f64(e, position.lon.radians())?;
    put_f64_or_null(e, position.height_m)
}

fn take_position(d: &mut In<'_, '_>) -> Take<Position> {
    array(d, 3, "position")?;
    Ok(Position {
        lat: Angle::from_radians(take_f64(d)?),
        lon: Angle::from_radians(take_f64(d)?),
        height_m: optional(d, take_f64)?,
    })
}

fn put_status<W: Out>(e: &mut Encoder<W>, status: &Status) -> Put {
    match status {
        Status::Link { feed, state, text } => {
            e.array(4)?.u8(0)?.str(feed.as_str())?.u8(*state as u8)?.str(text)?;
        }
        Status::Dropped { feed, frames } => {
            e.array(3)?.u8(1)?.str(feed.as_str())?.u64(*frames)?;
        }
        Status::Rejects { feed, count, reason } => {
            e.array(4)?.u8(2)?.str(feed.as_str())?.u64(*count)?.str(reason)?;
        }
        Status::Node { text } => {
            e.array(2)?.u8(3)?.str(text)?;
        }
    }
    Ok(())
}

fn take_status(d: &mut In<'_, '_>) -> Take<Status> {
    let items = d.array().ok().flatten().ok_or_else(|| shape(d, "status"))?;
    let kind = d.small().map_err(|_| shape(d, "kind of status"))?;
    Ok(match (kind, items) {
        (0, 4) => Status::Link {
            feed: take_name(d)?,
            state: numbered(d, "link state", &LinkState::ALL)?,
            text: take_text(d)?,
        },
        (1, 3) => Status::Dropped { feed: take_name(d)?, frames: take_u64(d)? },
        (2, 4) => {
            Status::Rejects { feed: take_name(d)?, count: take_u64(d)?, reason: take_text(d)? }
        }
        (3, 2) => Status::Node { text: take_text(d)? },
        _ => return Err(shape(d, "kind of status")),
    })
}

fn put_alert<W: Out>(e: &mut Encoder<W>, alert: &Alert) -> Put {
    e.array(15)?.bytes(&alert.id.0)?.str(&alert.detector)?.u32(alert.version)?;
    e.u8(alert.change as u8)?.u8(alert.severity as u8)?;
    e.str(&alert.title)?.str(&alert.why_text)?;
    e.array(len(alert.why.len()))?;
    for reason in &alert.why {
        e.array(6)?.str(&reason.text)?.str(&reason.value)?.str(&reason.threshold)?;
        e.u8(reason.met as u8)?;
        put_f64(e, reason.decibans)?;
        put_cites(e, &reason.evidence)?;
    }
    put_subject(e, Some(&alert.subject))?;
    match alert.track {
        None => e.null()?,
        Some(id) => e.u32(id.0)?,
    };
    put_text_or_null(e, alert.area.as_ref().map(Name::as_str))?;
    put_position(e, alert.position.as_ref())?;
    e.i64(alert.opened_at.0)?.u32(alert.count)?.bool(alert.exercise)?;
    Ok(())
}

fn take_alert(d: &mut In<'_, '_>) -> Take<Alert> {
    array(d, 15, "alert")?;
    Ok(Alert {
        id: AlertId(take_bytes(d, "alert id")?),
        detector: take_text(d)?,
        version: take_u32(d)?,
        change: numbered(d, "alert change", &AlertChange::ALL)?,
        severity: numbered(d, "severity", &Severity::ALL)?,
        title: take_text(d)?,
        why_text: take_text(d)?,
        why: take_list(d, "reason", take_reason)?,
        subject: take_subject_present(d)?,
        track: optional(d, take_u32)?.map(TrackId),
        area: optional(d, take_name)?,
        position: optional(d, take_position)?,
        opened_at: take_time(d)?,
        count: take_u32(d)?,
        exercise: take_bool(d)?,
    })
}

fn take_reason(d: &mut In<'_, '_>) -> Take<Reason> {
    array(d, 6, "reason")?;
    Ok(Reason {
        text: take_text(d)?,
        value: take_text(d)?,
        threshold: take_text(d)?,
        met: numbered(d, "met", &Met::ALL)?,
        decibans: take_f64(d)?,
        evidence: take_cites(d)?,
    })
}

fn put_act<W: Out>(e: &mut Encoder<W>, act: &Act) -> Put {
    match act {
        Act::SignIn { factor } => e.array(2)?.u8(0)?.str(factor)?,
        Act::SignOut => e.array(1)?.u8(1)?,
        Act::Acknowledge { alert, reason } => e.array(3)?.u8(2)?.bytes(&alert.0)?.str(reason)?,
        Act::Assess { alert, verdict, reason } => {
            e.array(4)?.u8(3)?.bytes(&alert.0)?.str(verdict)?.str(reason)?
        }
        Act::Shelve { alert, until, reason } => {
            e.array(4)?.u8(4)?.bytes(&alert.0)?.i64(until.0)?.str(reason)?
        }
        Act::Close { alert, reason } => e.array(3)?.u8(5)?.bytes(&alert.0)?.str(reason)?,
        Act::Note { alert, text } => e.array(3)?.u8(6)?.bytes(&alert.0)?.str(text)?,
        Act::IssueLink => e.array(1)?.u8(7)?,
        Act::Draw(shape) => {
            e.array(2)?.u8(8)?;
            return put_shape(e, shape);
        }
        Act::Erase { name, reason } => e.array(3)?.u8(9)?.str(name.as_str())?.str(reason)?,
    };
    Ok(())
}

fn take_act(d: &mut In<'_, '_>) -> Take<Act> {
    let items = d.array().ok().flatten().ok_or_else(|| shape(d, "act"))?;
    let kind = d.small().map_err(|_| shape(d, "kind of act"))?;
    let alert = |d: &mut In<'_, '_>| take_bytes(d, "alert id").map(AlertId);
    Ok(match (kind, items) {
        (0, 2) => Act::SignIn { factor: take_text(d)? },
        (1, 1) => Act::SignOut,
        (2, 3) => Act::Acknowledge { alert: alert(d)?, reason: take_text(d)? },
        (3, 4) => Act::Assess { alert: alert(d)?, verdict: take_text(d)?, reason: take_text(d)? },
        (4, 4) => Act::Shelve { alert: alert(d)?, until: take_time(d)?, reason: take_text(d)? },
        (5, 3) => Act::Close { alert: alert(d)?, reason: take_text(d)? },
        (6, 3) => Act::Note { alert: alert(d)?, text: take_text(d)? },
        (7, 1) => Act::IssueLink,
        (8, 2) => Act::Draw(Box::new(take_shape(d)?)),
        (9, 3) => Act::Erase { name: take_name(d)?, reason: take_text(d)? },
        _ => return Err(shape(d, "kind of act")),
    })
}

fn put_refused<W: Out>(e: &mut Encoder<W>, refused: &Refused) -> Put {
    e.array(4)?;
    match &refused.actor {
        None => e.null().map(|_| ())?,
        Some(actor) => put_actor(e, actor)?,
    }
    e.str(&refused.rule)?.i64(refused.minute)?.u64(refused.count)?;
    Ok(())
}

fn take_refused(d: &mut In<'_, '_>) -> Take<Refused> {
    array(d, 4, "refusal")?;
    Ok(Refused {
        actor: optional(d, take_actor)?,
        rule: take_text(d)?.to_string(),
        minute: d.i64().map_err(|_| shape(d, "minute"))?,
        count: take_u64(d)?,
    })
}

fn put_site<W: Out>(e: &mut Encoder<W>, site: &Site) -> Put {
    // A site without lines is written as it was before there were any.
    e.array(if site.lines.is_empty() { 2 } else { 3 })?.str(&site.name)?;
    e.array(len(site.areas.len()))?;
    for area in &site.areas {
        put_area(e, area)?;
    }
    if !site.lines.is_empty() {
        e.array(len(site.lines.len()))?;
        for line in &site.lines {
            put_line(e, line)?;
        }
    }
    Ok(())
}

fn put_area<W: Out>(e: &mut Encoder<W>, area: &Area) -> Put {
    // An area without heights is written as it was before there were any.
    let has_heights = area.floor_m.is_some() || area.ceiling_m.is_some();
    let items = if has_heights { 7 } else { 5 };
    e.array(items)?.str(area.name.as_str())?.str(&area.kind)?;
    put_places(e, &area.polygon)?;
    put_hours(e, area.hours)?;
    e.array(len(area.allow.len()))?;
    for subject in &area.allow {
        e.str(subject)?;
    }
    if has_heights {
        put_f64_or_null(e, area.floor_m)?;
        put_f64_or_null(e, area.ceiling_m)?;
    }
    Ok(())
}

fn put_line<W: Out>(e: &mut Encoder<W>, line: &Line) -> Put {
    e.array(4)?.str(line.name.as_str())?;
    put_places(e, &line.points)?;
    e.u8(line.forbidden as u8)?;
    put_hours(e, line.hours)
}

fn take_line(d: &mut In<'_, '_>) -> Take<Line> {
    array(d, 4, "line")?;
    let name = take_name(d)?;
    let points = take_list(d, "point", take_position)?;
    let forbidden = numbered(d, "side", &Forbidden::ALL)?;
    let mut line = Line::new(name, points, forbidden).map_err(|_| shape(d, "line"))?;
    line.hours = optional(d, take_hours)?;
    Ok(line)
}

fn put_places<W: Out>(e: &mut Encoder<W>, places: &[Position]) -> Put {
    e.array(len(places.len()))?;
    for place in places {
        put_position(e, Some(place))?;
    }
    Ok(())
}

fn put_hours<W: Out>(e: &mut Encoder<W>, hours: Option<(u16, u16)>) -> Put {
    match hours {
        None => e.null()?,
        Some((from, until)) => e.array(2)?.u16(from)?.u16(until)?,
    };
    Ok(())
}

fn put_shape<W: Out>(e: &mut Encoder<W>, shape: &Shape) -> Put {
    match shape {
        Shape::Area(area) => put_area(e.array(2)?.u8(0)?, area),
        Shape::Line(line) => put_line(e.array(2)?.u8(1)?, line),
    }
}

fn take_shape(d: &mut In<'_, '_>) -> Take<Shape> {
    array(d, 2, "shape")?;
    Ok(match d.small().map_err(|_| shape(d, "kind of shape"))? {
        0 => Shape::Area(take_area(d)?),
        1 => Shape::Line(take_line(d)?),
        _ => return Err(shape(d, "kind of shape")),
    })
}

fn take_site(d: &mut In<'_, '_>) -> Take<Site> {
    let items = d.array().ok().flatten().ok_or_else(|| shape(d, "site"))?;
    if !matches!(items, 2 | 3) {
        return Err(shape(d, "site"));
    }
    let name = take_text(d)?.to_string();
    let areas = take_list(d, "area", take_area)?;
    let lines = if items == 3 { take_list(d, "line", take_line)? } else { Vec::new() };
    Ok(Site { name, areas, lines })
}

fn take_area(d: &mut In<'_, '_>) -> Take<Area> {
    let items = d.array().ok().flatten().ok_or_else(|| shape(d, "area"))?;
    if !matches!(items, 5 | 7) {
        return Err(shape(d, "area"));
    }
    let name = take_name(d)?;
    let kind = take_text(d)?;
    let polygon = take_list(d, "corner", take_position)?;
    let mut area = Area::new(name, &kind, polygon).map_err(|_| shape(d, "polygon"))?;
    area.hours = optional(d, take_hours)?;
    area.allow = take_list(d, "subject", |d| take_text(d).map(|text| text.to_string()))?;
    if items == 7 {
        area.floor_m = optional(d, take_f64)?;
        area.ceiling_m = optional(d, take_f64)?;
        if area.floor_m.is_none() && area.ceiling_m.is_none() {
            return Err(shape(d, "heights"));
        }
    }
    Ok(area)
}

fn take_hours(d: &mut In<'_, '_>) -> Take<(u16, u16)> {
    array(d, 2, "hours")?;
    let minute = |d: &mut In<'_, '_>| d.u16().map_err(|_| shape(d, "minute"));
    Ok((minute(d)?, minute(d)?))
}

/// Writes a float in the shortest form that keeps its value (RFC 8949 §4.2.1).
fn put_f64<W: Out>(e: &mut Encoder<W>, value: f64) -> Put {
    #[expect(clippy::cast_possible_truncation, reason = "compared with the original below")]
    let single = value as f32;
    if value.is_nan() {
        e.f16(f32::NAN)?;
    } else if f64::from(single).to_bits() != value.to_bits() {
        e.f64(value)?;
    } else if fits_half(single) {
        e.f16(single)?;
    } else {
        e.f32(single)?;
    }
    Ok(())
}

/// Whether a number keeps its value in IEEE 754 binary16.
fn fits_half(value: f32) -> bool {
    if value.is_infinite() || value == 0.0 {
        return true;
    }
    let magnitude = value.abs();
    // 2^-24 is the smallest subnormal and the spacing below 2^-14; 65 504 is the largest number.
    if !(5.960_464_5e-8..=65_504.0).contains(&magnitude) {
        return false;
    }
    let low_bits = value.to_bits() & 0x1fff;
    if magnitude >= 6.103_515_6e-5 {
        low_bits == 0
    } else {
        (magnitude * 16_777_216.0).fract() == 0.0
    }
}

fn take_f64(d: &mut In<'_, '_>) -> Take<f64> {
    d.f64().map_err(|_| shape(d, "number"))
}

fn put_f64_or_null<W: Out>(e: &mut Encoder<W>, value: Option<f64>) -> Put {
    match value {
        None => e.null().map(|_| ()),
        Some(value) => put_f64(e, value),
    }
}

fn put_text_or_null<W: Out>(e: &mut Encoder<W>, text: Option<&str>) -> Put {
    match text {
        None => e.null().map(|_| ()),
        Some(text) => e.str(text).map(|_| ()),
    }
}

fn take_text(d: &mut In<'_, '_>) -> Take<Arc<str>> {
    let text = d.bytes.str().map_err(|_| shape(d, "text"))?;
    Ok(d.words.share(text))
}

fn take_name<K>(d: &mut In<'_, '_>) -> Take<Name<K>> {
    let text = d.bytes.str().map_err(|_| shape(d, "name"))?;
    Name::of_shared(d.words.share(text)).map_err(|_| shape(d, "name"))
}

fn take_bytes<const N: usize>(d: &mut In<'_, '_>, what: &'static str) -> Take<[u8; N]> {
    let bytes = d.bytes().map_err(|_| shape(d, what))?;
    bytes.try_into().map_err(|_| shape(d, what))
}

fn take_time(d: &mut In<'_, '_>) -> Take<Time> {
    d.i64().map(Time).map_err(|_| shape(d, "time"))
}

fn take_u32(d: &mut In<'_, '_>) -> Take<u32> {
    d.u32().map_err(|_| shape(d, "number"))
}

fn take_u64(d: &mut In<'_, '_>) -> Take<u64> {
    d.u64().map_err(|_| shape(d, "number"))
}

fn take_bool(d: &mut In<'_, '_>) -> Take<bool> {
    d.bool().map_err(|_| shape(d, "yes or no"))
}

/// Reads a list; grows with what is there, not with what the bytes promise.
fn take_list<'b, T>(
    d: &mut In<'b, '_>,
    what: &'static str,
    item: impl Fn(&mut In<'b, '_>) -> Take<T>,
) -> Take<Vec<T>> {
    if d.skip_byte(ARRAY) {
        return Ok(Vec::new());
    }
    let count = d.array().ok().flatten().ok_or_else(|| shape(d, what))?;
    if count > LIST_MAX {
        return Err(shape(d, what));
    }
    (0..count).map(|_| item(d)).collect()
}

fn optional<'b, T>(
    d: &mut In<'b, '_>,
    item: impl Fn(&mut In<'b, '_>) -> Take<T>,
) -> Take<Option<T>> {
    if d.skip_byte(NULL) { Ok(None) } else { item(d).map(Some) }
}

fn numbered<T: Copy>(d: &mut In<'_, '_>, what: &'static str, all: &[T]) -> Take<T> {
    enumerated(d, what, |number| all.get(usize::from(number)).copied())
}

fn enumerated<T>(d: &mut In<'_, '_>, what: &'static str, of: impl Fn(u8) -> Option<T>) -> Take<T> {
    let number = d.small().map_err(|_| shape(d, what))?;
    of(number).ok_or_else(|| shape(d, what))
}

fn array(d: &mut In<'_, '_>, items: u64, what: &'static str) -> Take<()> {
    let short = u8::try_from(items).ok().filter(|items| *items < 24);
    if short.is_some_and(|items| d.skip_byte(ARRAY | items)) {
        return Ok(());
    }
    match d.array() {
        Ok(Some(found)) if found == items => Ok(()),
        Ok(_) | Err(_) => Err(shape(d, what)),
    }
}

fn len(count: usize) -> u64 {
    u64::try_from(count).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn float(value: f64) -> Vec<u8> {
        let mut e = Encoder::new(Vec::new());
        put_f64(&mut e, value).unwrap();
        e.into_writer()
    }

    #[test]
    fn floats_take_the_shortest_form_of_rfc_8949() {
        // RFC 8949 appendix A.
        for (value, hex) in [
            (0.0, "f90000"),
            (-0.0, "f98000"),
            (1.0, "f93c00"),
            (1.1, "fb3ff199999999999a"),
            (1.5, "f93e00"),
            (65_504.0, "f97bff"),
            (100_000.0, "fa47c35000"),
            (3.402_823_466_385_288_6e38, "fa7f7fffff"),
            (1.0e300, "fb7e37e43c8800759c"),
            (5.960_464_477_539_063e-8, "f90001"),
            (0.000_061_035_156_25, "f90400"),
            (-4.0, "f9c400"),
            (-4.1, "fbc010666666666666"),
            (f64::INFINITY, "f97c00"),
            (f64::NAN, "f97e00"),
            (f64::NEG_INFINITY, "f9fc00"),
        ] {
            let text: String = float(value).iter().map(|byte| format!("{byte:02x}")).collect();
            assert_eq!(text, hex, "{value}");
        }
    }
}
