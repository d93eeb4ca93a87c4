//! Alerts, and what people do about them.

use std::cmp::Reverse;
use std::sync::Arc;

use axum::Extension;
use axum::extract::rejection::QueryRejection;
use axum::extract::{Path, Query, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use picket_core::AlertState;
use picket_gate::Role;
use picket_model::{Act, AlertId, Entry, Severity, Time};
use serde::{Deserialize, Serialize};
use tokio::time::timeout;

use super::{CORE_TIME, Form, Json, in_time};
use crate::Shared;
use crate::guard::Caller;
use crate::problem::Problem;
use crate::shape::AlertShape;

/// Alerts in one answer; open ones first have a place in it, and `more` is true beyond it.
const ALERTS_MAX: usize = 2_000;
/// Longest reason or note, bytes: a page of text.
const TEXT_BYTES_MAX: usize = 4_000;
/// Longest time for which an alert is put aside: a watch (8 h).
const SHELVE_S_MAX: f64 = 8.0 * 3_600.0;
/// What an alert can be said to have been.
const VERDICTS: [&str; 4] = ["true", "benign", "nuisance", "unknown"];
/// The states on the outside; nothing is `acting` yet.
const STATES: [&str; 6] = ["new", "acknowledged", "acting", "shelved", "cleared", "closed"];

#[derive(Deserialize)]
pub(crate) struct Filter {
    state: Option<String>,
}

#[derive(Serialize)]
struct Alerts {
    alerts: Vec<AlertShape>,
    more: bool,
}

/// The alerts that the caller may see, the newest first.
pub(crate) async fn list(
    State(shared): State<Arc<Shared>>,
    Extension(caller): Extension<Caller>,
    filter: Result<Query<Filter>, QueryRejection>,
) -> Result<Response, Problem> {
    let Query(filter) = filter.map_err(|error| Problem::bad(error.body_text()))?;
    let wanted: Option<Vec<&str>> =
        filter.state.as_deref().filter(|s| !s.is_empty()).map(|s| s.split(',').collect());
    if wanted.iter().flatten().any(|state| !STATES.contains(state)) {
        let detail =
            format!("state must be of {}, several with commas between.", STATES.join(", "));
        return Err(Problem::bad(detail));
    }
    let now = shared.now();
    let view = shared.parts.bus.latest();
    let mut found: Vec<&AlertState> = view
        .alerts
        .values()
        .filter(|state| wanted.as_ref().is_none_or(|w| w.contains(&state.standing.as_str())))
        .filter_map(|state| shared.parts.gate.release(state.as_ref(), &caller.by, now).ok())
        .map(picket_gate::Released::into_inner)
        .collect();
    let more = found.len() > ALERTS_MAX;
    if more {
        found.sort_by_key(|state| (!state.standing.is_open(), Reverse(state.seq)));
        found.truncate(ALERTS_MAX);
    }
    found.sort_by_key(|state| Reverse(state.seq));
    let alerts = found.into_iter().map(AlertShape::of).collect();
    Ok(Json(Alerts { alerts, more }).into_response())
}

/// One alert.
pub(crate) async fn one(
    State(shared): State<Arc<Shared>>,
    Extension(caller): Extension<Caller>,
    Path(id): Path<String>,
) -> Result<Response, Problem> {
    let id = alert_id(&id)?;
    let view = shared.parts.bus.latest();
    let shape = AlertShape::find(id, &view, &shared.parts.gate, &caller.by, shared.now());
    Ok(Json(shape.ok_or_else(|| Problem::absent("alert"))?).into_response())
}

#[derive(Deserialize)]
pub(crate) struct Reason {
    #[serde(default)]
    reason: String,
}

#[derive(Deserialize)]
pub(crate) struct Shelve {
    #[serde(default)]
    reason: String,
    until: String,
}

#[derive(Deserialize)]
pub(crate) struct Assess {
    verdict: String,
    #[serde(default)]
    reason: String,
}

#[derive(Deserialize)]
pub(crate) struct Note {
    text: String,
}

/// Takes an alert on.
pub(crate) async fn acknowledge(
    State(shared): State<Arc<Shared>>,
    Extension(caller): Extension<Caller>,
    Path(id): Path<String>,
    Form(form): Form<Reason>,
) -> Result<Response, Problem> {
    let alert = alert_id(&id)?;
    let reason = text("reason", &form.reason)?;
    act(&shared, caller, alert, Act::Acknowledge { alert, reason }).await
}

/// Closes an alert with a reason.
pub(crate) async fn close(
    State(shared): State<Arc<Shared>>,
    Extension(caller): Extension<Caller>,
    Path(id): Path<String>,
    Form(form): Form<Reason>,
) -> Result<Response, Problem> {
    let alert = alert_id(&id)?;
    let reason = text("reason", &form.reason)?;
    act(&shared, caller, alert, Act::Close { alert, reason }).await
}

/// Puts an alert aside for a while.
pub(crate) async fn shelve(
    State(shared): State<Arc<Shared>>,
    Extension(caller): Extension<Caller>,
    Path(id): Path<String>,
    Form(form): Form<Shelve>,
) -> Result<Response, Problem> {
    let alert = alert_id(&id)?;
    let reason = text("reason", &form.reason)?;
    let until = Time::parse_rfc3339(&form.until)
        .ok_or_else(|| Problem::bad("until must be a date and time as RFC 3339 has it."))?;
    let now = shared.now();
    if until <= now || until.since_s(now) > SHELVE_S_MAX {
        return Err(Problem::bad("until must lie ahead, by eight hours at most."));
    }
    let view = shared.parts.bus.latest();
    let is_critical = view.alerts.get(&alert).is_some_and(|state| {
        let released = shared.parts.gate.release(state.as_ref(), &caller.by, now);
        released.is_ok_and(|state| state.into_inner().alert.severity == Severity::Critical)
    });
    if is_critical && !caller.by.roles().contains(&Role::Supervisor) {
        let detail = "Only a supervisor may shelve a critical alert.";
        return Err(Problem::new(StatusCode::FORBIDDEN, "Refused", detail));
    }
    act(&shared, caller, alert, Act::Shelve { alert, until, reason }).await
}

/// Says what an alert was.
pub(crate) async fn assess(
    State(shared): State<Arc<Shared>>,
    Extension(caller): Extension<Caller>,
    Path(id): Path<String>,
    Form(form): Form<Assess>,
) -> Result<Response, Problem> {
    let alert = alert_id(&id)?;
    if !VERDICTS.contains(&form.verdict.as_str()) {
        return Err(Problem::bad("verdict must be true, benign, nuisance or unknown."));
    }
    let verdict = Arc::from(form.verdict);
    let reason = text("reason", &form.reason)?;
    act(&shared, caller, alert, Act::Assess { alert, verdict, reason }).await
}

/// Writes a note on an alert.
pub(crate) async fn note(
    State(shared): State<Arc<Shared>>,
    Extension(caller): Extension<Caller>,
    Path(id): Path<String>,
    Form(form): Form<Note>,
) -> Result<Response, Problem> {
    let alert = alert_id(&id)?;
    let text = text("text", &form.text)?;
    act(&shared, caller, alert, Act::Note { alert, text }).await
}

#[derive(Serialize)]
struct Acted {
    audit_seq: u64,
    audit_hash: String,
    alert: AlertShape,
}

/// Records an act and answers once it is durable and the view shows it.
async fn act(
    shared: &Shared,
    caller: Caller,
    alert: AlertId,
    act: Act,
) -> Result<Response, Problem> {
    let entry: Entry = in_time(shared.parts.inbox.act(caller.by.clone(), act)).await??;
    let mut views = shared.parts.bus.view();
    let shown = timeout(CORE_TIME, views.wait_for(|view| view.seq >= Some(entry.seq))).await;
    let view = match shown {
        Ok(Ok(view)) => Arc::clone(&view),
        // Recorded it is; the picture is late or the node is stopping.
        Ok(Err(_)) | Err(_) => shared.parts.bus.latest(),
    };
    let gate = &shared.parts.gate;
    let shape = AlertShape::find(alert, &view, gate, &caller.by, shared.now());
    Ok(Json(Acted {
        audit_seq: entry.seq.0,
        audit_hash: entry.id.to_string(),
        alert: shape.ok_or_else(|| Problem::absent("alert"))?,
    })
    .into_response())
}

fn alert_id(text: &str) -> Result<AlertId, Problem> {
    text.parse().map_err(|()| Problem::absent("alert"))
}

pub(crate) fn text(field: &str, text: &str) -> Result<Arc<str>, Problem> {
    let text = text.trim();
    if text.len() > TEXT_BYTES_MAX {
        return Err(Problem::bad(format!("{field} may have {TEXT_BYTES_MAX} bytes.")));
    }
    if text.chars().any(|c| c.is_control() && c != '\n' && c != '\t') {
        return Err(Problem::bad(format!("{field} may not hold control characters.")));
    }
    Ok(Arc::from(text))
}

#[cfg(test)]
mod tests {
    use picket_core::Standing;

    use super::*;

    #[test]
    fn every_standing_can_be_asked_for() {
        for standing in [
            Standing::New,
            Standing::Acknowledged,
            Standing::Shelved,
            Standing::Cleared,
            Standing::Closed,
        ] {
            assert!(STATES.contains(&standing.as_str()));
        }
    }

    #[test]
    fn a_reason_is_one_page_of_plain_text() {
        assert_eq!(text("reason", " a\nb ").as_deref(), Ok("a\nb"));
        assert!(text("reason", &"x".repeat(4_001)).is_err());
        assert!(text("reason", "a\u{1b}[31m").is_err());
    }
}
