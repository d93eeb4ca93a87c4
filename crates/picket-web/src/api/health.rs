//! For supervisors: is the node alive, and can it do its work.

use std::sync::Arc;
use std::time::Duration;

use axum::extract::State;
use axum::response::{IntoResponse, Response};
use picket_model::LogClass;
use serde::Serialize;
use tokio::time::timeout;

use super::Json;
use crate::Shared;
use crate::problem::Problem;

/// A core that takes longer over a question than this is not ready.
const ANSWER: Duration = Duration::from_secs(2);

#[derive(Serialize)]
struct Health {
    status: &'static str,
}

/// The process lives and answers.
pub(crate) async fn live() -> Response {
    Json(Health { status: "live" }).into_response()
}

/// Every door is open and the log takes entries.
pub(crate) async fn ready(State(shared): State<Arc<Shared>>) -> Result<Response, Problem> {
    if !*shared.parts.ready.borrow() {
        return Err(Problem::unavailable("Not every door is open yet."));
    }
    let ask = shared.parts.inbox.ask(|core| {
        let log = core.log();
        (log.poisoned().map(str::to_owned), log.space().refuses(LogClass::Observation))
    });
    match timeout(ANSWER, ask).await {
        Err(_) => Err(Problem::unavailable("The log does not answer.")),
        Ok(Err(stopping)) => Err(stopping.into()),
        Ok(Ok((Some(cause), _))) => {
            tracing::warn!(%cause, "the log takes no entries");
            Err(Problem::unavailable("The log takes no entries: an earlier write failed."))
        }
        Ok(Ok((None, true))) => {
            Err(Problem::unavailable("The log takes no observations: the disk is nearly full."))
        }
        Ok(Ok((None, false))) => Ok(Json(Health { status: "ready" }).into_response()),
    }
}
