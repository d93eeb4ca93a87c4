//! Tracks: a filtered list, and one with its trail.

use std::collections::BTreeMap;
use std::sync::Arc;

use axum::Extension;
use axum::extract::rejection::QueryRejection;
use axum::extract::{Path, Query, State};
use axum::response::{IntoResponse, Response};
use picket_core::View;
use picket_model::{AlertId, Seq, Track, TrackId};
use serde::{Deserialize, Serialize};

use super::Json;
use crate::Shared;
use crate::guard::Caller;
use crate::live::Bounds;
use crate::past;
use crate::problem::Problem;
use crate::shape::{KINDS, TrackShape, affiliation, alerts_of};

/// Tracks in one answer; beyond it `more` is true, and a narrower question helps.
const TRACKS_MAX: usize = 5_000;
/// Longest text that is searched for, bytes.
const QUERY_BYTES_MAX: usize = 200;

/// What to look for.
#[derive(Deserialize)]
pub(crate) struct Filter {
    area: Option<String>,
    kind: Option<String>,
    affiliation: Option<String>,
    q: Option<String>,
    at: Option<String>,
}

#[derive(Serialize)]
struct Tracks {
    tracks: Vec<TrackShape>,
    seq: u64,
    more: bool,
}

/// The tracks that fit a filter and that the caller may see.
pub(crate) async fn list(
    State(shared): State<Arc<Shared>>,
    Extension(caller): Extension<Caller>,
    filter: Result<Query<Filter>, QueryRejection>,
) -> Result<Response, Problem> {
    let Query(filter) = filter.map_err(|error| Problem::bad(error.body_text()))?;
    let wanted = Wanted::read(&filter)?;
    let now = shared.now();
    let gate = &shared.parts.gate;
    let asked = filter.at.as_deref().filter(|at| !at.is_empty()).map(past::time).transpose()?;
    let view = match asked {
        None => shared.parts.bus.latest(),
        Some(at) => Arc::new(
            past::read(&shared, move |history, over| history.scene(at, over)).await?.view(),
        ),
    };
    // How often a source reported is counted for the present only.
    let reports = asked.is_none().then_some((&*shared.reports, now));
    let alerts = alerts_by_track(&view, |id| {
        view.alerts
            .get(&id)
            .is_some_and(|state| gate.release(state.as_ref(), &caller.by, now).is_ok())
    });
    let mut tracks = Vec::new();
    let mut more = false;
    for track in view.tracks.values().filter(|track| track.state.is_shown()) {
        let Ok(track) = gate.release(track.as_ref(), &caller.by, now) else { continue };
        let track = track.into_inner();
        if !wanted.fits(track) {
            continue;
        }
        if tracks.len() == TRACKS_MAX {
            more = true;
            break;
        }
        let of_track = alerts.get(&track.id).map_or_else(Vec::new, Clone::clone);
        tracks.push(TrackShape::of(track, of_track, reports));
    }
    Ok(Json(Tracks { tracks, seq: view.seq.unwrap_or(Seq(0)).0, more }).into_response())
}

/// One track with its trail.
pub(crate) async fn one(
    State(shared): State<Arc<Shared>>,
    Extension(caller): Extension<Caller>,
    Path(id): Path<String>,
) -> Result<Response, Problem> {
    let absent = || Problem::absent("track");
    let id: TrackId = id.parse().map_err(|()| absent())?;
    let now = shared.now();
    let gate = &shared.parts.gate;
    let view = shared.parts.bus.latest();
    let track = view.tracks.get(&id).filter(|track| track.state.is_shown()).ok_or_else(absent)?;
    let track = gate.release(track.as_ref(), &caller.by, now).map_err(|_| absent())?.into_inner();
    let alerts = alerts_of(id, &view, gate, &caller.by, now);
    let shape = TrackShape::of(track, alerts, Some((&shared.reports, now)));
    Ok(Json(shape.with_trail(view.trails.get(&id))).into_response())
}

fn alerts_by_track(
    view: &View,
    may_see: impl Fn(AlertId) -> bool,
) -> BTreeMap<TrackId, Vec<String>> {
    let mut by_track: BTreeMap<TrackId, Vec<(Seq, String)>> = BTreeMap::new();
    for (id, state) in &view.alerts {
        let Some(track) = state.alert.track else { continue };
        if may_see(*id) {
            by_track.entry(track).or_default().push((state.seq, id.to_string()));
        }
    }
    let newest_first = |(track, mut alerts): (TrackId, Vec<(Seq, String)>)| {
        alerts.sort_by_key(|(seq, _)| std::cmp::Reverse(*seq));
        (track, alerts.into_iter().map(|(_, id)| id).collect())
    };
    by_track.into_iter().map(newest_first).collect()
}

struct Wanted {
    area: Option<Bounds>,
    kind: Option<picket_model::Class>,
    affiliation: Option<picket_model::Affiliation>,
    text: Option<String>,
}

impl Wanted {
    fn read(filter: &Filter) -> Result<Self, Problem> {
        let area = filter.area.as_deref().map(|text| {
            past::sides(text).and_then(Bounds::new).ok_or_else(|| {
                Problem::bad("area must be west,south,east,north in degrees, south below north.")
            })
        });
        let kind = filter.kind.as_deref().filter(|kind| !kind.is_empty()).map(|text| {
            KINDS.into_iter().find(|class| class.as_str() == text).ok_or_else(|| {
                Problem::bad("kind must be vessel, aircraft, drone, vehicle, person or unknown.")
            })
        });
        let side = filter.affiliation.as_deref().map(|text| {
            affiliation(text).ok_or_else(|| Problem::bad("There is no such affiliation."))
        });
        let text = filter.q.as_deref().map(str::trim).filter(|text| !text.is_empty());
        if text.is_some_and(|text| text.len() > QUERY_BYTES_MAX) {
            return Err(Problem::bad("q may have 200 bytes."));
        }
        Ok(Self {
            area: area.transpose()?,
            kind: kind.transpose()?,
            affiliation: side.transpose()?,
            text: text.map(str::to_lowercase),
        })
    }

    fn fits(&self, track: &Track) -> bool {
        self.area.is_none_or(|area| area.holds(&track.position))
            && self.kind.is_none_or(|kind| crate::shape::kind(track.class) == kind.as_str())
            && self.affiliation.is_none_or(|side| track.affiliation == side)
            && self.text.as_deref().is_none_or(|text| mentions(track, text))
    }
}

fn mentions(track: &Track, lower: &str) -> bool {
    track.id.to_string().to_lowercase() == lower
        || track.idents.iter().any(|(ident, _)| ident.to_string().to_lowercase().contains(lower))
}
