//! Problems: refusals and failures as RFC 9457 says them.

use axum::body::Body;
use axum::http::{HeaderValue, Response, StatusCode, header};
use axum::response::IntoResponse;
use picket_core::{ActError, Conflict};
use picket_gate::{Refusal, Rule};
use picket_link::Stopping;
use serde::Serialize;

/// A refusal or failure with a sentence for people.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Problem {
    status: StatusCode,
    title: &'static str,
    detail: String,
}

#[derive(Serialize)]
struct Shape<'a> {
    r#type: &'static str,
    title: &'static str,
    status: u16,
    detail: &'a str,
}

impl Problem {
    pub(crate) fn new(status: StatusCode, title: &'static str, detail: impl Into<String>) -> Self {
        Self { status, title, detail: detail.into() }
    }

    /// The request makes no sense as it stands.
    pub(crate) fn bad(detail: impl Into<String>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, "Bad request", detail)
    }

    /// No session, or one that has ended.
    pub(crate) fn signed_out() -> Self {
        let detail = "You are not signed in. Open a one-time sign-in link.";
        Self::new(StatusCode::UNAUTHORIZED, "Not signed in", detail)
    }

    /// There is no such thing, or none that this person may see: the same words.
    pub(crate) fn absent(what: &str) -> Self {
        let detail = format!("There is no such {what}.");
        Self::new(StatusCode::NOT_FOUND, "Not found", detail)
    }

    /// The design has it, this build does not.
    pub(crate) fn not_built() -> Self {
        let detail = "This part of the API is not built yet.";
        Self::new(StatusCode::NOT_IMPLEMENTED, "Not built yet", detail)
    }

    /// The node cannot do it now.
    pub(crate) fn unavailable(detail: impl Into<String>) -> Self {
        Self::new(StatusCode::SERVICE_UNAVAILABLE, "Not available", detail)
    }

    /// Somebody asks too often.
    pub(crate) fn too_often() -> Self {
        let detail = "Too many requests of this kind. Wait a minute and try again.";
        Self::new(StatusCode::TOO_MANY_REQUESTS, "Too many requests", detail)
    }

    /// The body is larger than any form of this API.
    pub(crate) fn too_large() -> Self {
        let detail = "The body is larger than 64 KiB.";
        Self::new(StatusCode::PAYLOAD_TOO_LARGE, "Too large", detail)
    }

    /// The request cannot be this page's own.
    pub(crate) fn forged(detail: &'static str) -> Self {
        Self::new(StatusCode::FORBIDDEN, "Forged request", detail)
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response<Body> {
        let shape = Shape {
            r#type: "about:blank",
            title: self.title,
            status: self.status.as_u16(),
            detail: &self.detail,
        };
        let body = serde_json::to_vec(&shape).unwrap_or_default();
        let mut response = Response::new(Body::from(body));
        *response.status_mut() = self.status;
        let kind = HeaderValue::from_static("application/problem+json");
        response.headers_mut().insert(header::CONTENT_TYPE, kind);
        if self.status == StatusCode::TOO_MANY_REQUESTS {
            response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from_static("60"));
        }
        response
    }
}

impl From<Refusal> for Problem {
    fn from(refusal: Refusal) -> Self {
        match refusal.rule {
            Rule::SessionEnded => Self::signed_out(),
            Rule::OverBudget => Self::too_often(),
            Rule::Label => Self::absent("thing"),
            // Rules are the gate's to add; each further one is a "no" with its reason.
            Rule::UnknownFeed
            | Rule::NotItsWord
            | Rule::TooManyCites
            | Rule::NoReason
            | Rule::Role
            | _ => {
                let detail = format!("Refused by rule {}: {}.", refusal.rule.as_str(), refusal.why);
                Self::new(StatusCode::FORBIDDEN, "Refused", detail)
            }
        }
    }
}

impl From<ActError> for Problem {
    fn from(error: ActError) -> Self {
        match error {
            ActError::Conflict(Conflict::Absent) => Self::absent("alert"),
            ActError::Conflict(Conflict::Incomplete(what)) => {
                Self::bad(format!("Cannot do that: {what}."))
            }
            ActError::Conflict(already @ Conflict::Already { .. }) => {
                let detail = format!("This alert is {already}.");
                Self::new(StatusCode::CONFLICT, "Already done", detail)
            }
            ActError::Conflict(Conflict::AbsentShape) => Self::absent("drawn area or line"),
            ActError::Conflict(conflict @ (Conflict::Configured(_) | Conflict::Full { .. })) => {
                Self::new(StatusCode::CONFLICT, "Refused", format!("Cannot do that: {conflict}."))
            }
            ActError::Refused(refusal) => refusal.into(),
            // The log's failures; the words are for whoever runs the node.
            other @ (ActError::Core(_) | _) => {
                tracing::error!(error = %other, "an act could not be recorded");
                Self::unavailable(format!(
                    "Nothing was done, because it could not be recorded: {other}."
                ))
            }
        }
    }
}

impl From<Stopping> for Problem {
    fn from(stopping: Stopping) -> Self {
        Self::unavailable(format!("Nothing was done: {stopping}."))
    }
}
