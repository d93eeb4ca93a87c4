//! Sign-in by a one-time link, and out again.

use std::sync::Arc;

use axum::Extension;
use axum::extract::State;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use picket_gate::Peer;
use picket_model::Act;
use serde::{Deserialize, Serialize};

use super::{Form, Json, in_time};
use crate::guard::{COOKIE, Caller, Origin, Via};
use crate::login::{Invite, Taken};
use crate::problem::Problem;
use crate::shape::Person;
use crate::{Shared, WebError};

#[derive(Deserialize)]
pub(crate) struct Redeem {
    token: String,
}

/// Makes a session of a one-time link; recorded before it begins.
pub(crate) async fn redeem(
    State(shared): State<Arc<Shared>>,
    Extension(via): Extension<Via>,
    Form(form): Form<Redeem>,
) -> Result<Response, Problem> {
    let now = shared.now();
    if !shared.logins.may_try(via.peer, now) {
        return Err(Problem::too_often());
    }
    let Some(taken) = shared.logins.take(&form.token, now) else {
        tracing::info!(peer = %via.peer, "a sign-in link was refused");
        let detail = "This link was used before, is too old, or was never made here.";
        return Err(Problem::new(StatusCode::FORBIDDEN, "Link refused", detail));
    };
    let person = Person::of(&taken.invite().person, &taken.invite().roles);
    // If this fails, or the asker is gone meanwhile, the link stays as it was.
    let cookie = begin(&shared, taken).await?;
    let mut response = Json(person).into_response();
    let set = format!("{COOKIE}={cookie}; Secure; HttpOnly; SameSite=Strict; Path=/");
    set_cookie(&mut response, &set);
    Ok(response)
}

async fn begin(shared: &Shared, taken: Taken<'_>) -> Result<String, Problem> {
    let session = shared.logins.session_of(taken.invite(), shared.now());
    let by = shared.parts.gate.verify(&Peer::Session(&session), shared.now())?;
    let act = Act::SignIn { factor: Arc::from("one-time link") };
    in_time(shared.parts.inbox.act(by, act)).await??;
    let cookie = shared.logins.begin(session, shared.now())?;
    taken.spend();
    Ok(cookie)
}

#[derive(Serialize)]
struct Session {
    #[serde(flatten)]
    person: Person,
    expires_at: String,
}

/// Who is signed in, and until when.
pub(crate) async fn show(Extension(caller): Extension<Caller>) -> Response {
    let session = &caller.login.session;
    let person = Person::of(&session.person, &session.roles);
    Json(Session { person, expires_at: session.expires_at.to_string() }).into_response()
}

/// Signs out. The session ends even if that cannot be recorded, and the answer says so.
pub(crate) async fn end(
    State(shared): State<Arc<Shared>>,
    Extension(caller): Extension<Caller>,
) -> Response {
    let recorded = async {
        in_time(shared.parts.inbox.act(caller.by, Act::SignOut)).await??;
        Ok::<(), Problem>(())
    };
    let recorded = recorded.await;
    shared.logins.end(caller.login.key);
    let mut response = match recorded {
        Ok(()) => StatusCode::NO_CONTENT.into_response(),
        Err(problem) => problem.into_response(),
    };
    set_cookie(
        &mut response,
        &format!("{COOKIE}=; Max-Age=0; Secure; HttpOnly; SameSite=Strict; Path=/"),
    );
    response
}

#[derive(Deserialize)]
pub(crate) struct NoFields {}

#[derive(Serialize)]
struct Link {
    url: String,
    expires_at: String,
}

/// Makes a one-time link for another screen of the same person; recorded before it works.
pub(crate) async fn link(
    State(shared): State<Arc<Shared>>,
    Extension(caller): Extension<Caller>,
    Extension(origin): Extension<Origin>,
    Form(NoFields {}): Form<NoFields>,
) -> Result<Response, Problem> {
    in_time(shared.parts.inbox.act(caller.by, Act::IssueLink)).await??;
    let session = &caller.login.session;
    let invite = Invite {
        person: session.person.clone(),
        roles: session.roles.clone(),
        clearance: session.clearance.clone(),
    };
    let (token, expires_at) = shared.logins.invite(invite, shared.now())?;
    let url = format!("{}/enrol#{token}", origin.0);
    Ok(Json(Link { url, expires_at: expires_at.to_string() }).into_response())
}

fn set_cookie(response: &mut Response, text: &str) {
    if let Ok(value) = HeaderValue::from_str(text) {
        response.headers_mut().insert(header::SET_COOKIE, value);
    }
}

impl From<WebError> for Problem {
    fn from(error: WebError) -> Self {
        tracing::error!(%error, "a secret could not be made");
        Self::unavailable(format!("Nothing was done: {error}."))
    }
}
