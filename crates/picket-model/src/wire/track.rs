//! The stored form of what a view keeps of tracks and alerts, for caches that are made anew from
//! the log when the form changes. It has no version of its own: the cache has one.

use std::sync::Arc;

use minicbor::{Decoder, Encoder};

use super::{
    Enc, In, Put, Take, WireError, Words, array, len, numbered, optional, put_actor, put_air,
    put_alert, put_cites, put_f64, put_f64_or_null, put_ident, put_label, put_position, put_shape,
    put_site, put_text_or_null, shape, take_actor, take_air, take_alert, take_bool, take_bytes,
    take_cites, take_f64, take_ident, take_label, take_list, take_name, take_position, take_shape,
    take_site, take_text, take_time, take_u64,
};
use crate::actor::Actor;
use crate::alert::Alert;
use crate::geo::Angle;
use crate::id::{RecordId, TrackId};
use crate::label::Label;
use crate::observation::{Affiliation, Class, SensorKind};
use crate::record::Auth;
use crate::site::{Drawn, Watch};
use crate::track::{Source, Track, TrackState};

/// Writes all of a track.
pub fn encode_track(track: &Track, out: &mut Vec<u8>) {
    write(out, |e| put_track(e, track));
}

/// Reads a track that [`encode_track`] wrote.
///
/// # Errors
/// [`WireError`] if the bytes are cut, damaged or followed by more.
pub fn decode_track(bytes: &[u8]) -> Result<Track, WireError> {
    read(bytes, take_track)
}

/// Writes a label.
pub fn encode_label(label: &Label, out: &mut Vec<u8>) {
    write(out, |e| put_label(e, label));
}

/// Reads a label that [`encode_label`] wrote.
///
/// # Errors
/// [`WireError`] if the bytes are cut, damaged or followed by more.
pub fn decode_label(bytes: &[u8]) -> Result<Label, WireError> {
    read(bytes, take_label)
}

/// Writes an actor.
pub fn encode_actor(actor: &Actor, out: &mut Vec<u8>) {
    write(out, |e| put_actor(e, actor));
}

/// Reads an actor that [`encode_actor`] wrote.
///
/// # Errors
/// [`WireError`] if the bytes are cut, damaged or followed by more.
pub fn decode_actor(bytes: &[u8]) -> Result<Actor, WireError> {
    read(bytes, take_actor)
}

/// Writes a detector's word, and the records that it rests on.
pub fn encode_alert(alert: &Alert, cites: &[RecordId], out: &mut Vec<u8>) {
    write(out, |e| {
        put_cites(e, cites)?;
        put_alert(e, alert)
    });
}

/// Reads what [`encode_alert`] wrote.
///
/// # Errors
/// [`WireError`] if the bytes are cut, damaged or followed by more.
pub fn decode_alert(bytes: &[u8]) -> Result<(Vec<RecordId>, Alert), WireError> {
    read(bytes, |d| Ok((take_cites(d)?, take_alert(d)?)))
}

/// Writes all that is watched.
pub fn encode_watch(watch: &Watch, out: &mut Vec<u8>) {
    write(out, |e| {
        put_site(e, &watch.site)?;
        e.array(len(watch.drawn.len()))?;
        for (name, drawn) in &watch.drawn {
            e.array(4)?.str(name.as_str())?;
            put_shape(e, &drawn.shape)?;
            put_actor(e, &drawn.by)?;
            e.i64(drawn.at.0)?;
        }
        Ok(())
    });
}

/// Reads what [`encode_watch`] wrote.
///
/// # Errors
/// [`WireError`] if the bytes are cut, damaged or followed by more.
pub fn decode_watch(bytes: &[u8]) -> Result<Watch, WireError> {
    read(bytes, |d| {
        let site = take_site(d)?;
        let drawn = take_list(d, "drawing", |d| {
            array(d, 4, "drawing")?;
            let name = take_name(d)?;
            Ok((name, Drawn { shape: take_shape(d)?, by: take_actor(d)?, at: take_time(d)? }))
        })?;
        Ok(Watch { site, drawn: drawn.into_iter().collect() })
    })
}

fn write(out: &mut Vec<u8>, put: impl FnOnce(&mut Enc) -> Put) {
    let mut e = Encoder::new(std::mem::take(out));
    let done = put(&mut e);
    // Writing to memory fails for no value; a failure would be a bug of this module.
    debug_assert!(done.is_ok());
    *out = e.into_writer();
}

fn read<T>(bytes: &[u8], take: impl FnOnce(&mut In<'_, '_>) -> Take<T>) -> Take<T> {
    let mut words = Words::none();
    let mut d = In { bytes: Decoder::new(bytes), words: &mut words };
    let value = take(&mut d)?;
    if d.position() == bytes.len() { Ok(value) } else { Err(shape(&d, "the end")) }
}

const STATES: [TrackState; 4] =
    [TrackState::Tentative, TrackState::Live, TrackState::Coasting, TrackState::Lost];

fn put_track(e: &mut Enc, track: &Track) -> Put {
    e.array(24)?.u32(track.id.0)?.u8(track.state as u8)?;
    put_position(e, Some(&track.position))?;
    for value in track.covariance_m2 {
        put_f64(e, value)?;
    }
    let [east, north] = track.velocity_mps.map_or([None; 2], |v| v.map(Some));
    put_f64_or_null(e, east)?;
    put_f64_or_null(e, north)?;
    put_f64_or_null(e, track.heading.map(Angle::radians))?;
    put_air(e, &track.air)?;
    e.u8(track.class as u8)?.str(&track.class_why)?.u8(track.affiliation as u8)?;
    e.array(len(track.idents.len()))?;
    for (ident, by) in &track.idents {
        e.array(2)?;
        put_ident(e, ident)?;
        put_actor(e, by)?;
    }
    put_f64(e, track.existence)?;
    e.i64(track.updated_at.0)?.i64(track.received_at.0)?.i64(track.first_at.0)?;
    match track.confirmed_at {
        None => e.null()?,
        Some(at) => e.i64(at.0)?,
    };
    e.u64(track.updates)?;
    e.array(len(track.sources.len()))?;
    for source in &track.sources {
        put_source(e, source)?;
    }
    put_label(e, &track.label)?;
    e.bool(track.exercise)?;
    put_text_or_null(e, track.suspect.as_deref())
}

fn take_track(d: &mut In<'_, '_>) -> Take<Track> {
    array(d, 24, "track")?;
    Ok(Track {
        id: TrackId(super::take_u32(d)?),
        state: numbered(d, "state of a track", &STATES)?,
        position: take_position(d)?,
        covariance_m2: [take_f64(d)?, take_f64(d)?, take_f64(d)?],
        velocity_mps: match (optional(d, take_f64)?, optional(d, take_f64)?) {
            (Some(east), Some(north)) => Some([east, north]),
            (None | Some(_), None | Some(_)) => None,
        },
        heading: optional(d, take_f64)?.map(Angle::from_radians),
        air: take_air(d)?,
        class: numbered(d, "class", &Class::ALL)?,
        class_why: take_text(d)?,
        affiliation: numbered(d, "affiliation", &Affiliation::ALL)?,
        idents: take_list(d, "ident", |d| {
            array(d, 2, "ident")?;
            Ok((take_ident(d)?, take_actor(d)?))
        })?,
        existence: take_f64(d)?,
        updated_at: take_time(d)?,
        received_at: take_time(d)?,
        first_at: take_time(d)?,
        confirmed_at: optional(d, take_time)?,
        updates: take_u64(d)?,
        sources: take_list(d, "source", take_source)?,
        label: take_label(d)?,
        exercise: take_bool(d)?,
        suspect: optional(d, take_text)?,
    })
}

fn put_source(e: &mut Enc, source: &Source) -> Put {
    e.array(8)?;
    put_actor(e, &source.author)?;
    put_text_or_null(e, source.reporter.as_deref())?;
    e.u8(source.sensor as u8)?.u8(source.auth as u8)?.i64(source.last_at.0)?;
    e.bytes(&source.record.0)?;
    put_f64(e, source.residual_m)?;
    e.u64(source.updates)?;
    Ok(())
}

fn take_source(d: &mut In<'_, '_>) -> Take<Source> {
    array(d, 8, "source")?;
    Ok(Source {
        author: take_actor(d)?,
        reporter: optional::<Arc<str>>(d, take_text)?,
        sensor: numbered(d, "sensor", &SensorKind::ALL)?,
        auth: numbered(d, "auth", &Auth::ALL)?,
        last_at: take_time(d)?,
        record: RecordId(take_bytes(d, "record id")?),
        residual_m: take_f64(d)?,
        updates: take_u64(d)?,
    })
}
