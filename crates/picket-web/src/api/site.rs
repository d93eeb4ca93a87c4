//! What the page is told once: the site, who is at the screen, the symbols.

use std::sync::Arc;

use axum::Extension;
use axum::extract::State;
use axum::http::header;
use axum::response::IntoResponse;
use serde::Serialize;

use super::Json;
use crate::Shared;
use crate::guard::Caller;
use crate::shape::{AreaShape, LineShape, Person, WatchShape};

/// Reasons for which an alert is closed; "other" is followed by words.
const CLOSE_REASONS: [&str; 7] = [
    "friendly",
    "known activity",
    "sensor fault",
    "wildlife or weather",
    "duplicate",
    "handled",
    "other",
];

#[derive(Serialize)]
struct Bootstrap<'a> {
    site: &'a str,
    marking: &'a str,
    mode: &'static str,
    me: Person,
    csrf: &'a str,
    server_time: String,
    home: Home,
    symbols: &'a [String],
    labels: Labels<'a>,
    close_reasons: [&'static str; 7],
    areas: Vec<AreaShape>,
    lines: Vec<LineShape>,
}

#[derive(Serialize)]
struct Home {
    lon_deg: f64,
    lat_deg: f64,
    zoom: f64,
}

#[derive(Serialize)]
struct Labels<'a> {
    levels: Vec<&'a str>,
}

/// What the page needs before it can show anything.
pub(crate) async fn bootstrap(
    State(shared): State<Arc<Shared>>,
    Extension(caller): Extension<Caller>,
) -> impl IntoResponse {
    let settings = &shared.settings;
    let session = &caller.login.session;
    let home = settings.home;
    let WatchShape { areas, lines } = WatchShape::of(&shared.parts.bus.latest().watch);
    Json(Bootstrap {
        site: &settings.site,
        marking: &settings.marking,
        mode: settings.mode.as_str(),
        me: Person::of(&session.person, &session.roles),
        csrf: &caller.login.csrf,
        server_time: shared.now().to_string(),
        home: Home { lon_deg: home.lon_deg, lat_deg: home.lat_deg, zoom: home.zoom },
        symbols: &shared.symbols,
        labels: Labels {
            levels: shared.parts.gate.levels().names().iter().map(|name| &**name).collect(),
        },
        close_reasons: CLOSE_REASONS,
        areas,
        lines,
    })
    .into_response()
}

/// The description of this API.
pub(crate) async fn openapi() -> impl IntoResponse {
    ([(header::CONTENT_TYPE, "application/json")], include_str!("openapi.json"))
}
