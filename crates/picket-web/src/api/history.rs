//! What was where and when: records, a track's way, and the time strip.

use std::collections::BTreeMap;
use std::ops::ControlFlow;
use std::sync::Arc;

use axum::Extension;
use axum::extract::rejection::QueryRejection;
use axum::extract::{Path, Query, State};
use axum::response::{IntoResponse, Response};
use picket_gate::{Gate, Verified};
use picket_history::{Found, History, Point, Question};
use picket_model::{Area, Label, Labelled, Severity, Time, TrackId};
use serde::{Deserialize, Serialize};

use super::Json;
use crate::Shared;
use crate::guard::Caller;
use crate::live::Bounds;
use crate::past;
use crate::problem::Problem;
use crate::shape::{degrees, finite};

/// Records or points in one answer unless fewer are asked for.
const LIMIT_DEFAULT: usize = 500;
/// Most records or points in one answer.
const LIMIT_MAX: usize = 10_000;
/// How far back a question reaches that does not say, seconds.
const BACK_S: f64 = 24.0 * 3_600.0;
/// Longest span of one time strip, seconds: 31 days.
const STRIP_S_MAX: f64 = 31.0 * 24.0 * 3_600.0;
/// Bins of a time strip unless others are asked for: five minutes of a day.
const BINS_DEFAULT: u32 = 288;
/// Most bins: one for each pixel of a large screen.
const BINS_MAX: u32 = 4_000;
/// Acts on one time strip; later ones are left out.
const ACTS_MAX: usize = 2_000;
/// Verbs of acts that are marked on the strip besides those about an alert.
const DRAWING: [&str; 2] = ["draw", "erase"];

/// What one reader may see, asked once for each label.
struct Sight<'a> {
    gate: &'a Gate,
    by: &'a Verified,
    now: Time,
    known: BTreeMap<Label, bool>,
}

impl<'a> Sight<'a> {
    const fn new(gate: &'a Gate, by: &'a Verified, now: Time) -> Self {
        Self { gate, by, now, known: BTreeMap::new() }
    }

    /// Whether a thing is released to the reader.
    fn holds<T: Labelled>(&mut self, thing: &T) -> bool {
        if let Some(known) = self.known.get(thing.label()) {
            return *known;
        }
        let may = self.gate.release(thing, self.by, self.now).is_ok();
        self.known.insert(thing.label().clone(), may);
        may
    }
}

#[derive(Deserialize)]
pub(crate) struct RecordFilter {
    area: Option<String>,
    from: Option<String>,
    to: Option<String>,
    kind: Option<String>,
    limit: Option<usize>,
}

#[derive(Serialize)]
struct Records {
    records: Vec<RecordShape>,
    more: bool,
    incomplete: bool,
}

#[derive(Serialize)]
struct RecordShape {
    seq: u64,
    id: String,
    kind: &'static str,
    author: Arc<str>,
    subject: Option<String>,
    occurred_at: String,
    received_at: String,
    lat_deg: Option<f64>,
    lon_deg: Option<f64>,
    track: Option<String>,
    text: Option<String>,
}

impl RecordShape {
    fn of(found: Found) -> Self {
        Self {
            seq: found.seq.0,
            id: found.id.to_string(),
            kind: found.kind,
            author: found.author,
            subject: found.subject,
            occurred_at: found.occurred_at.to_string(),
            received_at: found.received_at.to_string(),
            lat_deg: found.position.map(|place| degrees(place.lat.degrees())),
            lon_deg: found.position.map(|place| degrees(place.lon.degrees())),
            track: found.track.map(|track| track.to_string()),
            text: found.text,
        }
    }
}

/// Records of a place and a time, the oldest first, as far as the caller may see them.
pub(crate) async fn records(
    State(shared): State<Arc<Shared>>,
    Extension(caller): Extension<Caller>,
    filter: Result<Query<RecordFilter>, QueryRejection>,
) -> Result<Response, Problem> {
    let Query(filter) = filter.map_err(|error| Problem::bad(error.body_text()))?;
    let limit = limit(filter.limit)?;
    let (from, to) = span(&shared, filter.from.as_deref(), filter.to.as_deref())?;
    let kind = match filter.kind.as_deref().filter(|kind| !kind.is_empty()) {
        None => None,
        Some(kind) => {
            Some(History::KINDS.into_iter().find(|each| *each == kind).ok_or_else(|| {
                Problem::bad(format!("kind must be one of {}.", History::KINDS.join(", ")))
            })?)
        }
    };
    let place = match filter.area.as_deref().filter(|area| !area.is_empty()) {
        None => None,
        Some(text) => Some(Place::read(text, &shared)?),
    };
    let bounds = place.as_ref().map(Place::bounds);
    let question = Question { bounds, from, to, kind, limit };
    let (gate, now) = (Arc::clone(&shared.parts.gate), shared.now());
    let answer = past::read(&shared, move |history, over| {
        let mut sight = Sight::new(&gate, &caller.by, now);
        let mut records = Vec::new();
        let mut more = false;
        history.records(&question, over, &mut |found| {
            let inside = place
                .as_ref()
                .is_none_or(|place| found.position.is_some_and(|at| place.holds(&at)));
            if !inside || !sight.holds(&found) {
                return ControlFlow::Continue(());
            }
            if records.len() == limit {
                more = true;
                return ControlFlow::Break(());
            }
            records.push(RecordShape::of(found));
            ControlFlow::Continue(())
        })?;
        Ok(Records { records, more, incomplete: history.is_incomplete(from, to) })
    });
    Ok(Json(answer.await?).into_response())
}

/// Where records are looked for.
enum Place {
    Box(Bounds),
    Area(Box<Area>),
}

impl Place {
    /// A box, or the name of an area that is watched now.
    fn read(text: &str, shared: &Shared) -> Result<Self, Problem> {
        if let Some(bounds) = past::sides(text).and_then(Bounds::new) {
            return Ok(Self::Box(bounds));
        }
        let watch = &shared.parts.bus.latest().watch;
        let area = watch.areas().find(|area| area.name.as_str() == text).cloned();
        area.map(|area| Self::Area(Box::new(area))).ok_or_else(|| {
            Problem::bad("area must be west,south,east,north in degrees, or the name of an area.")
        })
    }

    /// A box that holds all of it.
    fn bounds(&self) -> picket_history::Bounds {
        match self {
            Self::Box(bounds) => bounds.sides(),
            Self::Area(area) => around(area),
        }
    }

    fn holds(&self, place: &picket_model::Position) -> bool {
        match self {
            Self::Box(bounds) => bounds.holds(place),
            Self::Area(area) => area.depth_m(place) >= 0.0,
        }
    }
}

/// The box around an area; round the whole earth if its corners stand on both sides of the date line.
fn around(area: &Area) -> picket_history::Bounds {
    let (mut west_deg, mut east_deg) = (f64::INFINITY, f64::NEG_INFINITY);
    let (mut south_deg, mut north_deg) = (f64::INFINITY, f64::NEG_INFINITY);
    for corner in &area.polygon {
        let (lat_deg, lon_deg) = (corner.lat.degrees(), corner.lon.degrees());
        (west_deg, east_deg) = (west_deg.min(lon_deg), east_deg.max(lon_deg));
        (south_deg, north_deg) = (south_deg.min(lat_deg), north_deg.max(lat_deg));
    }
    if east_deg - west_deg > 180.0 {
        (west_deg, east_deg) = (-180.0, 180.0);
    }
    picket_history::Bounds { west_deg, south_deg, east_deg, north_deg }
}

#[derive(Deserialize)]
pub(crate) struct PointFilter {
    from: Option<String>,
    to: Option<String>,
    limit: Option<usize>,
}

#[derive(Serialize)]
struct Points {
    id: String,
    points: Vec<PointShape>,
    more: bool,
    incomplete: bool,
}

#[derive(Serialize)]
struct PointShape {
    at: String,
    lat_deg: f64,
    lon_deg: f64,
    height_m: Option<f64>,
    speed_mps: Option<f64>,
    course_deg: Option<f64>,
    sigma_m: Option<f64>,
    state: &'static str,
}

impl PointShape {
    fn of(point: &Point) -> Self {
        let track = &point.track;
        Self {
            at: track.updated_at.to_string(),
            lat_deg: degrees(track.position.lat.degrees()),
            lon_deg: degrees(track.position.lon.degrees()),
            height_m: track.position.height_m.and_then(|height_m| finite(height_m, 10.0)),
            speed_mps: track.speed_mps().and_then(|speed| finite(speed, 100.0)),
            course_deg: track.course().and_then(|course| finite(course.bearing_degrees(), 100.0)),
            sigma_m: finite(track.sigma_m(), 10.0),
            state: track.state.as_str(),
        }
    }
}

/// Where a track was, the oldest first; one that the caller may not see was nowhere.
pub(crate) async fn points(
    State(shared): State<Arc<Shared>>,
    Extension(caller): Extension<Caller>,
    Path(id): Path<String>,
    filter: Result<Query<PointFilter>, QueryRejection>,
) -> Result<Response, Problem> {
    let id: TrackId = id.parse().map_err(|()| Problem::absent("track"))?;
    let Query(filter) = filter.map_err(|error| Problem::bad(error.body_text()))?;
    let limit = limit(filter.limit)?;
    let (from, to) = span(&shared, filter.from.as_deref(), filter.to.as_deref())?;
    let (gate, now) = (Arc::clone(&shared.parts.gate), shared.now());
    let answer = past::read(&shared, move |history, over| {
        let mut sight = Sight::new(&gate, &caller.by, now);
        let mut points = Vec::new();
        let mut more = false;
        history.track(id, from, to, over, &mut |point| {
            if !sight.holds(&point) {
                return ControlFlow::Continue(());
            }
            if points.len() == limit {
                more = true;
                return ControlFlow::Break(());
            }
            points.push(PointShape::of(&point));
            ControlFlow::Continue(())
        })?;
        let incomplete = history.is_incomplete(from, to);
        Ok(Points { id: id.to_string(), points, more, incomplete })
    });
    Ok(Json(answer.await?).into_response())
}

#[derive(Deserialize)]
pub(crate) struct StripFilter {
    from: Option<String>,
    to: Option<String>,
    bins: Option<u32>,
}

#[derive(Serialize)]
struct Strip {
    from: String,
    to: String,
    bins: Vec<BinShape>,
    gaps: Vec<GapShape>,
    acts: Vec<ActShape>,
    held_from: Option<String>,
    held_to: Option<String>,
    incomplete: bool,
}

#[derive(Serialize)]
struct BinShape {
    at: String,
    critical: u64,
    serious: u64,
    caution: u64,
    information: u64,
    tracks: u64,
    observations: u64,
}

#[derive(Serialize)]
struct GapShape {
    from: String,
    to: Option<String>,
    feed: Arc<str>,
    text: Arc<str>,
}

#[derive(Serialize)]
struct ActShape {
    at: String,
    actor: Arc<str>,
    text: Option<String>,
    alert: Option<String>,
}

/// Counts, gaps and acts of a span of time, as far as the caller may see what is counted.
pub(crate) async fn timeline(
    State(shared): State<Arc<Shared>>,
    Extension(caller): Extension<Caller>,
    filter: Result<Query<StripFilter>, QueryRejection>,
) -> Result<Response, Problem> {
    let Query(filter) = filter.map_err(|error| Problem::bad(error.body_text()))?;
    let (from, to) = span(&shared, filter.from.as_deref(), filter.to.as_deref())?;
    let bins = filter.bins.unwrap_or(BINS_DEFAULT);
    if !(1..=BINS_MAX).contains(&bins) {
        return Err(Problem::bad(format!("bins must be 1 to {BINS_MAX}.")));
    }
    if to.since_s(from) > STRIP_S_MAX {
        return Err(Problem::bad("A time strip may have 31 days."));
    }
    let (gate, now) = (Arc::clone(&shared.parts.gate), shared.now());
    let answer = past::read(&shared, move |history, over| {
        let mut sight = Sight::new(&gate, &caller.by, now);
        let mut strip = Strip::new(history, from, to, bins);
        let mut held = history.timeline(from, to, over)?;
        held.minutes.retain(|bin| sight.holds(bin));
        held.raised.retain(|raised| sight.holds(raised));
        held.gaps.retain(|gap| sight.holds(gap));
        strip.count(&held, from, to);
        strip.gaps = held.gaps.into_iter().map(GapShape::of).collect();
        let acts = Question { bounds: None, from, to, kind: Some("act"), limit: ACTS_MAX };
        history.records(&acts, over, &mut |found| {
            if is_marked(&found) && sight.holds(&found) {
                strip.acts.push(ActShape::of(found));
            }
            if strip.acts.len() < ACTS_MAX {
                ControlFlow::Continue(())
            } else {
                ControlFlow::Break(())
            }
        })?;
        Ok(strip)
    });
    Ok(Json(answer.await?).into_response())
}

impl Strip {
    fn new(history: &History, from: Time, to: Time, bins: u32) -> Self {
        let step_s = to.since_s(from) / f64::from(bins);
        let bin = |index: u32| BinShape {
            at: from.plus_s(step_s * f64::from(index)).to_string(),
            critical: 0,
            serious: 0,
            caution: 0,
            information: 0,
            tracks: 0,
            observations: 0,
        };
        let held = history.span();
        Self {
            from: from.to_string(),
            to: to.to_string(),
            bins: (0..bins).map(bin).collect(),
            gaps: Vec::new(),
            acts: Vec::new(),
            held_from: held.map(|(from, _)| from.to_string()),
            held_to: held.map(|(_, to)| to.to_string()),
            incomplete: history.is_incomplete(from, to),
        }
    }

    /// Puts what was counted into the bins: a minute into the one in which it begins; of tracks
    /// the most of any minute.
    fn count(&mut self, held: &picket_history::Span, from: Time, to: Time) {
        let mut tracks: BTreeMap<Time, u64> = BTreeMap::new();
        for minute in &held.minutes {
            *tracks.entry(minute.at).or_default() += minute.tracks;
            if let Some(bin) = self.bin(minute.at.max(from), from, to) {
                bin.observations += minute.observations;
            }
        }
        for (at, count) in tracks {
            if let Some(bin) = self.bin(at.max(from), from, to) {
                bin.tracks = bin.tracks.max(count);
            }
        }
        for raised in &held.raised {
            let Some(bin) = self.bin(raised.at, from, to) else { continue };
            let count = match raised.severity {
                Severity::Critical => &mut bin.critical,
                Severity::Serious => &mut bin.serious,
                Severity::Caution => &mut bin.caution,
                Severity::Information => &mut bin.information,
            };
            *count += 1;
        }
    }

    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        clippy::cast_precision_loss,
        reason = "a place among a few thousand bins; a float cast saturates"
    )]
    fn bin(&mut self, at: Time, from: Time, to: Time) -> Option<&mut BinShape> {
        let share = at.since_s(from) / to.since_s(from);
        let last = self.bins.len().checked_sub(1)?;
        let index = (share * self.bins.len() as f64).floor() as usize;
        self.bins.get_mut(index.min(last))
    }
}

impl GapShape {
    fn of(gap: picket_history::Gap) -> Self {
        Self {
            from: gap.from.to_string(),
            to: gap.to.map(|to| to.to_string()),
            feed: gap.feed,
            text: gap.text,
        }
    }
}

impl ActShape {
    fn of(found: Found) -> Self {
        Self {
            at: found.received_at.to_string(),
            actor: found.author,
            text: found.text,
            alert: found.subject,
        }
    }
}

/// Acts about alerts, and drawings; not who came and went.
fn is_marked(found: &Found) -> bool {
    let text = found.text.as_deref().unwrap_or_default();
    found.subject.is_some() || DRAWING.iter().any(|verb| text.starts_with(verb))
}

fn limit(asked: Option<usize>) -> Result<usize, Problem> {
    let limit = asked.unwrap_or(LIMIT_DEFAULT);
    if (1..=LIMIT_MAX).contains(&limit) {
        return Ok(limit);
    }
    Err(Problem::bad(format!("limit must be 1 to {LIMIT_MAX}.")))
}

/// The span of time that is asked for: the last day unless it says otherwise.
fn span(shared: &Shared, from: Option<&str>, to: Option<&str>) -> Result<(Time, Time), Problem> {
    let read =
        |text: Option<&str>| text.filter(|text| !text.is_empty()).map(past::time).transpose();
    let to = read(to)?.unwrap_or_else(|| shared.now());
    let from = read(from)?.unwrap_or_else(|| to.plus_s(-BACK_S));
    if from >= to {
        return Err(Problem::bad("from must be before to."));
    }
    Ok((from, to))
}
