//! The API: its table of routes, and how requests are read and answers written.

mod alerts;
mod areas;
mod audit;
mod devices;
mod health;
mod history;
mod session;
mod site;
mod stream;
mod tracks;

use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::extract::{FromRequest, Request};
use axum::http::{HeaderValue, StatusCode, header};
use axum::middleware;
use axum::response::{IntoResponse, Response};
use axum::routing::{MethodRouter, delete, get, post};
use serde::Serialize;
use serde::de::DeserializeOwned;
use tokio::time::timeout;

use crate::problem::Problem;
use crate::{Shared, guard, live, page};

/// Most bytes of a request's body: a note of some pages.
const BODY_BYTES_MAX: usize = 64 * 1_024;
/// From the end of a request's head to the end of its body.
const BODY_TIME: Duration = Duration::from_secs(10);
/// How long the core may take over an act or a question before the asker is told so.
pub(crate) const CORE_TIME: Duration = Duration::from_secs(10);

/// One row of the table of routes; `openapi.json` describes each, and a test holds it to that.
struct Route {
    #[cfg_attr(not(test), expect(dead_code, reason = "what the description is compared with"))]
    method: &'static str,
    path: &'static str,
    handler: MethodRouter<Arc<Shared>>,
}

fn row(method: &'static str, path: &'static str, handler: MethodRouter<Arc<Shared>>) -> Route {
    Route { method, path, handler }
}

fn routes() -> Vec<Route> {
    vec![
        row("post", "/api/v1/enrol/redeem", post(session::redeem)),
        row("post", "/api/v1/enrol/links", post(session::link)),
        row("get", "/api/v1/session", get(session::show)),
        row("delete", "/api/v1/session", delete(session::end)),
        row("get", "/api/v1/bootstrap", get(site::bootstrap)),
        row("get", "/api/v1/live", get(live::join)),
        row("get", "/api/v1/stream", get(stream::join)),
        row("get", "/api/v1/replay", get(live::replay::join)),
        row("get", "/api/v1/tracks", get(tracks::list)),
        row("get", "/api/v1/tracks/{id}", get(tracks::one)),
        row("get", "/api/v1/tracks/{id}/history", get(history::points)),
        row("get", "/api/v1/history", get(history::records)),
        row("get", "/api/v1/timeline", get(history::timeline)),
        row("get", "/api/v1/alerts", get(alerts::list)),
        row("get", "/api/v1/alerts/{id}", get(alerts::one)),
        row("post", "/api/v1/alerts/{id}/acknowledge", post(alerts::acknowledge)),
        row("post", "/api/v1/alerts/{id}/assess", post(alerts::assess)),
        row("post", "/api/v1/alerts/{id}/close", post(alerts::close)),
        row("post", "/api/v1/alerts/{id}/note", post(alerts::note)),
        row("post", "/api/v1/alerts/{id}/shelve", post(alerts::shelve)),
        row("get", "/api/v1/areas", get(areas::list)),
        row("post", "/api/v1/areas", post(areas::draw)),
        row("delete", "/api/v1/areas/{name}", delete(areas::erase)),
        row("get", "/api/v1/devices", get(devices::list)),
        row("get", "/api/v1/audit/entries", get(audit::entries)),
        row("get", "/api/v1/audit/checkpoint", get(audit::checkpoint)),
        row("get", "/api/v1/audit/proof/{seq}", get(audit::proof)),
        row("get", "/api/v1/health", get(health::live)),
        row("get", "/api/v1/ready", get(health::ready)),
        row("get", "/api/v1/openapi.json", get(site::openapi)),
    ]
}

/// Paths of the design that this build does not serve: they say so.
const NOT_BUILT: [&str; 23] = [
    "/api/v1/session/password",
    "/api/v1/session/totp",
    "/api/v1/session/passkey/begin",
    "/api/v1/session/passkey/finish",
    "/api/v1/advice",
    "/api/v1/advice/{id}",
    "/api/v1/advice/{id}/decision",
    "/api/v1/forecast",
    "/api/v1/tasks",
    "/api/v1/tasks/{id}",
    "/api/v1/tasks/{id}/acknowledge",
    "/api/v1/tasks/{id}/complete",
    "/api/v1/tasks/{id}/fail",
    "/api/v1/messages",
    "/api/v1/posts",
    "/api/v1/gates",
    "/api/v1/messages/{id}",
    "/api/v1/posts/{id}",
    "/api/v1/gates/{id}",
    "/api/v1/devices/{id}",
    "/api/v1/devices/{id}/quarantine",
    "/api/v1/devices/{id}/release",
    "/api/v1/devices/{id}/revoke",
];

/// The door's whole service: API, live stream and page, behind the guard.
pub(crate) fn router(shared: Arc<Shared>) -> Router {
    let mut router = Router::new();
    for Route { path, handler, .. } in routes() {
        router = router.route(path, handler);
    }
    for path in NOT_BUILT {
        router = router.route(path, axum::routing::any(not_built));
    }
    router
        .method_not_allowed_fallback(wrong_method)
        .fallback(page::serve)
        .layer(middleware::from_fn_with_state(Arc::clone(&shared), guard::watch))
        .with_state(shared)
}

async fn not_built() -> Problem {
    Problem::not_built()
}

async fn wrong_method() -> Problem {
    let detail = "This path does not take this method.";
    Problem::new(StatusCode::METHOD_NOT_ALLOWED, "Method not allowed", detail)
}

/// An answer in JSON.
pub(crate) struct Json<T>(pub(crate) T);

impl<T: Serialize> IntoResponse for Json<T> {
    fn into_response(self) -> Response {
        match serde_json::to_vec(&self.0) {
            Ok(body) => {
                let kind = HeaderValue::from_static("application/json");
                ([(header::CONTENT_TYPE, kind)], body).into_response()
            }
            Err(error) => {
                tracing::error!(%error, "an answer could not be written as JSON");
                Problem::unavailable("The answer could not be written.").into_response()
            }
        }
    }
}

/// A request's body in JSON: bounded in size and time.
pub(crate) struct Form<T>(pub(crate) T);

impl<T: DeserializeOwned, S: Send + Sync> FromRequest<S> for Form<T> {
    type Rejection = Problem;

    async fn from_request(request: Request, _: &S) -> Result<Self, Problem> {
        let kind = request.headers().get(header::CONTENT_TYPE).and_then(|kind| kind.to_str().ok());
        let essence = kind.unwrap_or_default().split(';').next().unwrap_or_default().trim();
        if !essence.eq_ignore_ascii_case("application/json") {
            let detail = "The body must be JSON, with Content-Type: application/json.";
            let status = StatusCode::UNSUPPORTED_MEDIA_TYPE;
            return Err(Problem::new(status, "Unsupported media type", detail));
        }
        let bytes = read(request.into_body()).await?;
        let form = serde_json::from_slice(&bytes);
        form.map(Self).map_err(|error| Problem::bad(format!("The body cannot be read: {error}.")))
    }
}

async fn read(body: Body) -> Result<axum::body::Bytes, Problem> {
    match timeout(BODY_TIME, to_bytes(body, BODY_BYTES_MAX)).await {
        Ok(Ok(bytes)) => Ok(bytes),
        // The body broke off or is too large; whom it broke off for reads no answer.
        Ok(Err(_)) => Err(Problem::too_large()),
        Err(_) => {
            let detail = "The body took too long.";
            Err(Problem::new(StatusCode::REQUEST_TIMEOUT, "Too slow", detail))
        }
    }
}

/// Waits for the core, but not for ever.
pub(crate) async fn in_time<T>(
    answer: impl Future<Output = Result<T, picket_link::Stopping>>,
) -> Result<T, Problem> {
    match timeout(CORE_TIME, answer).await {
        Ok(answer) => Ok(answer?),
        Err(_) => Err(Problem::unavailable(
            "The log does not answer. What you asked may still be recorded: look before you repeat it.",
        )),
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn the_description_names_every_route_and_no_other() {
        let text = include_str!("api/openapi.json");
        let described: serde_json::Value = serde_json::from_str(text).unwrap();
        let mut named = BTreeSet::new();
        for (path, item) in described["paths"].as_object().unwrap() {
            for method in item.as_object().unwrap().keys().filter(|key| *key != "parameters") {
                named.insert((method.clone(), path.clone()));
            }
        }
        let served: BTreeSet<(String, String)> =
            routes().iter().map(|route| (route.method.to_owned(), route.path.to_owned())).collect();
        assert_eq!(named, served);
    }
}
