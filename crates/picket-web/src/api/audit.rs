//! The log as evidence: entries, the signed checkpoint, proofs.

use std::ops::ControlFlow;
use std::sync::Arc;

use axum::Extension;
use axum::extract::rejection::QueryRejection;
use axum::extract::{Path, Query, State};
use axum::http::header;
use axum::response::{IntoResponse, Response};
use picket_log::{Gap, GapReason, LogError, Scanned};
use picket_model::{Act, Body, Entry, Levels, Observation, Seq, Status};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::{Json, in_time};
use crate::Shared;
use crate::guard::Caller;
use crate::problem::Problem;

/// Entries in one answer unless fewer are asked for.
const ENTRIES_DEFAULT: usize = 100;
/// Most entries in one answer.
const ENTRIES_MAX: usize = 500;
/// Entries that the core's thread reads in one go; then it serves others.
const READ_AT_ONCE: usize = 500;
/// Times that one request may ask the core to read on; `next_seq` says where to go on.
const READS_MAX: usize = 8;
/// The kinds of entries on the outside.
const KINDS: [&str; 7] = ["observation", "status", "alert", "act", "refusal", "tick", "site"];

#[derive(Deserialize)]
pub(crate) struct Filter {
    from_seq: Option<u64>,
    limit: Option<usize>,
    kind: Option<String>,
    actor: Option<String>,
}

#[derive(Serialize)]
struct Entries {
    entries: Vec<Value>,
    gaps: Vec<GapShape>,
    next_seq: Option<u64>,
    size: u64,
}

#[derive(Serialize)]
pub(super) struct GapShape {
    first: u64,
    last: u64,
    why: &'static str,
}

/// Entries from a place on, as far as the caller may see them.
pub(crate) async fn entries(
    State(shared): State<Arc<Shared>>,
    Extension(caller): Extension<Caller>,
    filter: Result<Query<Filter>, QueryRejection>,
) -> Result<Response, Problem> {
    let Query(filter) = filter.map_err(|error| Problem::bad(error.body_text()))?;
    let limit = filter.limit.unwrap_or(ENTRIES_DEFAULT);
    if !(1..=ENTRIES_MAX).contains(&limit) {
        return Err(Problem::bad(format!("limit must be 1 to {ENTRIES_MAX}.")));
    }
    let kind = filter.kind.as_deref().filter(|kind| !kind.is_empty());
    if kind.is_some_and(|kind| !KINDS.contains(&kind)) {
        return Err(Problem::bad(format!("kind must be one of {}.", KINDS.join(", "))));
    }
    let gate = &shared.parts.gate;
    let mut from = Seq(filter.from_seq.unwrap_or(0));
    let mut answer = Entries { entries: Vec::new(), gaps: Vec::new(), next_seq: None, size: 0 };
    'reads: for _ in 0..READS_MAX {
        let (size, found) = read(&shared, from).await?;
        answer.size = size;
        if found.is_empty() {
            return Ok(Json(answer).into_response());
        }
        for scanned in found {
            let last = match scanned {
                Scanned::Gap(gap) => {
                    answer.gaps.push(GapShape::of(&gap));
                    gap.last
                }
                Scanned::Entry(entry) => {
                    let wanted = kind.is_none_or(|kind| entry.record.body.kind() == kind)
                        && filter
                            .actor
                            .as_deref()
                            .is_none_or(|actor| entry.record.author.to_string() == actor);
                    if wanted
                        && let Ok(record) = gate.release(&entry.record, &caller.by, shared.now())
                    {
                        answer.entries.push(shape(&entry, record.into_inner(), gate.levels()));
                    }
                    entry.seq
                }
            };
            from = Seq(last.0.saturating_add(1));
            if answer.entries.len() + answer.gaps.len() >= limit {
                break 'reads;
            }
        }
    }
    answer.next_seq = (from.0 < answer.size).then_some(from.0);
    Ok(Json(answer).into_response())
}

/// The log's size, and what stands from a place on.
pub(super) async fn read(shared: &Shared, from: Seq) -> Result<(u64, Vec<Scanned>), Problem> {
    let ask = shared.parts.inbox.ask(move |core| {
        let log = core.log();
        let mut found = Vec::new();
        let done = log.scan(from, &mut |scanned| {
            found.push(scanned);
            if found.len() < READ_AT_ONCE {
                ControlFlow::Continue(())
            } else {
                ControlFlow::Break(())
            }
        });
        done.map(|()| (log.size(), found))
    });
    in_time(ask).await?.map_err(unreadable)
}

/// The newest signed checkpoint, as C2SP tlog-checkpoint has it.
pub(crate) async fn checkpoint(State(shared): State<Arc<Shared>>) -> Result<Response, Problem> {
    let now = shared.now();
    let ask = shared.parts.inbox.ask(move |core| {
        let last = core.log().reader().last_checkpoint().map(|signed| signed.note.clone());
        match last {
            Some(note) => Ok(note),
            None => core.log().checkpoint(now).map(|signed| signed.note.clone()),
        }
    });
    Ok(plain(in_time(ask).await?.map_err(unreadable)?))
}

/// A proof that an entry is in the log, as C2SP tlog-proof has it; it carries the entry.
pub(crate) async fn proof(
    State(shared): State<Arc<Shared>>,
    Extension(caller): Extension<Caller>,
    Path(seq): Path<String>,
) -> Result<Response, Problem> {
    let absent = || Problem::absent("entry");
    let seq = Seq(seq.parse().map_err(|_| absent())?);
    let now = shared.now();
    let gate = Arc::clone(&shared.parts.gate);
    let ask = shared.parts.inbox.ask(move |core| {
        let log = core.log();
        let Some(entry) = log.read(seq)? else { return Ok(None) };
        if gate.release(&entry.record, &caller.by, now).is_err() {
            return Ok(None);
        }
        let proof = match log.prove(seq) {
            Err(LogError::NotCovered { .. }) => {
                log.checkpoint(now)?;
                log.prove(seq)
            }
            proved => proved,
        };
        proof.map(|proof| Some(proof.to_string()))
    });
    match in_time(ask).await? {
        Ok(Some(proof)) => Ok(plain(proof)),
        Ok(None) | Err(LogError::Unreadable { .. }) => Err(absent()),
        Err(error) => Err(unreadable(error)),
    }
}

fn plain(text: String) -> Response {
    ([(header::CONTENT_TYPE, "text/plain; charset=utf-8")], text).into_response()
}

fn unreadable(error: LogError) -> Problem {
    tracing::error!(%error, "the log could not be read for an auditor");
    Problem::unavailable(format!("The log could not be read: {error}."))
}

impl GapShape {
    pub(super) fn of(gap: &Gap) -> Self {
        let why = match gap.why {
            GapReason::Erased => "erased",
            GapReason::NoKey => "no key",
        };
        Self { first: gap.first.0, last: gap.last.0, why }
    }
}

pub(super) fn shape(entry: &Entry, record: &picket_model::Record, levels: &Levels) -> Value {
    json!({
        "seq": entry.seq.0,
        "id": entry.id.to_string(),
        "origin": entry.name.origin.to_string(),
        "epoch": entry.name.epoch.0,
        "class": entry.name.class.number(),
        "number": entry.name.number,
        "kind": record.body.kind(),
        "author": record.author.to_string(),
        "auth": record.auth.as_str(),
        "label": levels.show(&record.label),
        "occurred_at": record.occurred_at.to_string(),
        "received_at": record.received_at.to_string(),
        "subject": record.subject.as_ref().map(ToString::to_string),
        "cites": record.cites.iter().map(ToString::to_string).collect::<Vec<_>>(),
        "body": body(&record.body),
    })
}

fn body(body: &Body) -> Value {
    match body {
        Body::Observation(seen) => observation(seen),
        Body::Status(status) => match status {
            Status::Link { feed, state, text } => {
                json!({"feed": feed.as_str(), "state": state.as_str(), "text": &**text})
            }
            Status::Dropped { feed, frames } => {
                json!({"feed": feed.as_str(), "dropped": frames})
            }
            Status::Rejects { feed, count, reason } => {
                json!({"feed": feed.as_str(), "rejects": count, "reason": &**reason})
            }
            Status::Node { text } => json!({"text": &**text}),
        },
        Body::Alert(alert) => json!({
            "alert": alert.id.to_string(),
            "detector": &*alert.detector,
            "version": alert.version,
            "severity": alert.severity.as_str(),
            "title": &*alert.title,
            "why_text": &*alert.why_text,
            "track": alert.track.map(|track| track.to_string()),
            "area": alert.area.as_ref().map(|area| area.as_str()),
        }),
        Body::Act(act) => acted(act),
        Body::Refusal(refused) => json!({
            "actor": refused.actor.as_ref().map(ToString::to_string),
            "rule": refused.rule,
            "minute": refused.minute,
            "count": refused.count,
        }),
        Body::Tick => json!({}),
        Body::Site(site) => {
            let areas: Vec<&str> = site.areas.iter().map(|area| area.name.as_str()).collect();
            json!({"site": site.name, "areas": areas})
        }
    }
}

fn observation(seen: &Observation) -> Value {
    let idents: Vec<Value> = seen
        .idents
        .iter()
        .map(|ident| json!({"kind": ident.kind(), "value": ident.to_string()}))
        .collect();
    json!({
        "sensor": seen.sensor.as_str(),
        "reporter": seen.reporter.as_deref(),
        "lat_deg": seen.position.map(|place| place.lat.degrees()),
        "lon_deg": seen.position.map(|place| place.lon.degrees()),
        "height_m": seen.position.and_then(|place| place.height_m),
        "sigma_m": seen.sigma_m,
        "speed_mps": seen.kinematics.speed_mps,
        "course_deg": seen.kinematics.course.map(picket_model::Angle::bearing_degrees),
        "kind": seen.class.as_str(),
        "affiliation": seen.affiliation.as_str(),
        "ids": idents,
        "text": seen.text.as_deref(),
        "exercise": seen.exercise,
        "format": &*seen.frame.format,
    })
}

fn acted(act: &Act) -> Value {
    let alert = act.alert().map(|alert| alert.to_string());
    let verb = act.verb();
    match act {
        Act::SignIn { factor } => json!({"act": verb, "factor": &**factor}),
        Act::SignOut | Act::IssueLink => json!({"act": verb}),
        Act::Draw(shape) => json!({"act": verb, "name": shape.name().as_str()}),
        Act::Erase { name, reason } => {
            json!({"act": verb, "name": name.as_str(), "reason": &**reason})
        }
        Act::Acknowledge { reason, .. } | Act::Close { reason, .. } => {
            json!({"act": verb, "alert": alert, "reason": &**reason})
        }
        Act::Assess { verdict, reason, .. } => {
            json!({"act": verb, "alert": alert, "verdict": &**verdict, "reason": &**reason})
        }
        Act::Shelve { until, reason, .. } => {
            json!({"act": verb, "alert": alert, "until": until.to_string(), "reason": &**reason})
        }
        Act::Note { text, .. } => json!({"act": verb, "alert": alert, "text": &**text}),
    }
}
