//! Areas and lines that are watched, and how officers draw and erase them.

use std::sync::Arc;

use axum::Extension;
use axum::extract::rejection::QueryRejection;
use axum::extract::{Path, Query, State};
use axum::response::{IntoResponse, Response};
use picket_model::{Act, Area, AreaName, Entry, Forbidden, Line, Position, Shape, geo};
use serde::{Deserialize, Serialize};
use tokio::time::timeout;

use super::alerts::text;
use super::{CORE_TIME, Form, Json, in_time};
use crate::Shared;
use crate::guard::Caller;
use crate::problem::Problem;
use crate::shape::{AreaShape, LineShape, WatchShape};

/// The kinds of areas that detectors know.
const KINDS: [&str; 3] = ["restricted", "protected", "watched"];

/// All that is watched.
pub(crate) async fn list(State(shared): State<Arc<Shared>>) -> Response {
    Json(WatchShape::of(&shared.parts.bus.latest().watch)).into_response()
}

/// An area has a `polygon`, a line a `line`; corners are `[lon_deg, lat_deg]`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Drawing {
    name: String,
    kind: Option<String>,
    polygon: Option<Vec<(f64, f64)>>,
    line: Option<Vec<(f64, f64)>>,
    forbidden: Option<String>,
    hours: Option<String>,
}

impl Drawing {
    fn shape(self) -> Result<Shape, Problem> {
        let name = AreaName::new(self.name.trim())
            .map_err(|error| Problem::bad(format!("name: {error}.")))?;
        let hours = match self.hours.as_deref().filter(|text| !text.is_empty()) {
            None => None,
            Some(text) => Some(geo::parse_hours(text).ok_or_else(|| {
                Problem::bad("hours must be as 22:00-06:00, UTC, and not empty.")
            })?),
        };
        match (self.polygon, self.line) {
            (Some(corners), None) => {
                let kind = self.kind.unwrap_or_else(|| "restricted".to_owned());
                if !KINDS.contains(&kind.as_str()) {
                    return Err(Problem::bad("kind must be restricted, protected or watched."));
                }
                let mut area = Area::new(name, &kind, places(&corners)?)
                    .map_err(|error| Problem::bad(format!("{error}.")))?;
                area.hours = hours;
                Ok(Shape::Area(area))
            }
            (None, Some(points)) => {
                let forbidden = self.forbidden.as_deref().unwrap_or("both");
                let forbidden = Forbidden::parse(forbidden)
                    .ok_or_else(|| Problem::bad("forbidden must be left, right or both."))?;
                let mut line = Line::new(name, places(&points)?, forbidden)
                    .map_err(|error| Problem::bad(format!("{error}.")))?;
                line.hours = hours;
                Ok(Shape::Line(line))
            }
            (Some(_), Some(_)) | (None, None) => {
                Err(Problem::bad("Give either a polygon (an area) or a line."))
            }
        }
    }
}

fn places(corners: &[(f64, f64)]) -> Result<Vec<Position>, Problem> {
    let place = |&(lon_deg, lat_deg): &(f64, f64)| {
        Position::from_degrees(lat_deg, lon_deg).ok_or_else(|| {
            Problem::bad(format!("[{lon_deg}, {lat_deg}] is no [longitude, latitude] in degrees."))
        })
    };
    corners.iter().map(place).collect()
}

#[derive(Serialize)]
#[serde(untagged)]
enum Shown {
    Area(AreaShape),
    Line(LineShape),
}

#[derive(Serialize)]
struct Acted {
    audit_seq: u64,
    audit_hash: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    area: Option<Shown>,
}

/// Has an area or line watched from now on; one drawn before under the same name is replaced.
pub(crate) async fn draw(
    State(shared): State<Arc<Shared>>,
    Extension(caller): Extension<Caller>,
    Form(drawing): Form<Drawing>,
) -> Result<Response, Problem> {
    let shape = drawing.shape()?;
    let name = shape.name().clone();
    let entry = act(&shared, caller, Act::Draw(Box::new(shape))).await?;
    let view = shared.parts.bus.latest();
    let area = view.watch.drawn.get(&name).map(|drawn| match &drawn.shape {
        Shape::Area(area) => Shown::Area(AreaShape::of(area, Some(drawn))),
        Shape::Line(line) => Shown::Line(LineShape::of(line, Some(drawn))),
    });
    Ok(Json(acted(&entry, area)).into_response())
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Reason {
    #[serde(default)]
    reason: String,
}

/// Has an area or line that was drawn watched no more.
pub(crate) async fn erase(
    State(shared): State<Arc<Shared>>,
    Extension(caller): Extension<Caller>,
    Path(name): Path<String>,
    reason: Result<Query<Reason>, QueryRejection>,
) -> Result<Response, Problem> {
    let name = AreaName::new(&name).map_err(|_| Problem::absent("area"))?;
    let Query(Reason { reason }) = reason.map_err(|error| Problem::bad(error.body_text()))?;
    let reason = text("reason", &reason)?;
    let entry = act(&shared, caller, Act::Erase { name, reason }).await?;
    Ok(Json(acted(&entry, None)).into_response())
}

/// Records the act and waits until the view shows it.
async fn act(shared: &Shared, caller: Caller, act: Act) -> Result<Entry, Problem> {
    let entry: Entry = in_time(shared.parts.inbox.act(caller.by.clone(), act)).await??;
    let mut views = shared.parts.bus.view();
    // Recorded it is; if the picture is late, the answer still says so.
    let shown = timeout(CORE_TIME, views.wait_for(|view| view.seq >= Some(entry.seq))).await;
    tracing::trace!(late = shown.is_err(), "an area was changed");
    Ok(entry)
}

fn acted(entry: &Entry, area: Option<Shown>) -> Acted {
    Acted { audit_seq: entry.seq.0, audit_hash: entry.id.to_string(), area }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Result<Shape, Problem> {
        serde_json::from_str::<Drawing>(text).unwrap().shape()
    }

    #[test]
    fn reads_areas_and_lines_and_says_what_is_wrong_with_others() {
        let area = read(r#"{"name":"Pier","polygon":[[1,1],[1,2],[2,2]],"hours":"22:00-06:00"}"#);
        assert!(matches!(area, Ok(Shape::Area(area)) if area.hours == Some((1_320, 360))));
        let line = read(r#"{"name":"Line 4","line":[[1,1],[1,2]],"forbidden":"left"}"#);
        assert!(matches!(line, Ok(Shape::Line(line)) if line.forbidden == Forbidden::Left));
        for wrong in [
            r#"{"name":"A"}"#,
            r#"{"name":"","line":[[1,1],[1,2]]}"#,
            r#"{"name":"A","line":[[1,1]]}"#,
            r#"{"name":"A","line":[[1,1],[1,2]],"forbidden":"up"}"#,
            r#"{"name":"A","polygon":[[0,0],[1,1],[1,0],[0,1]]}"#,
            r#"{"name":"A","polygon":[[0,0],[1,1],[200,0]]}"#,
            r#"{"name":"A","kind":"x","polygon":[[1,1],[1,2],[2,2]]}"#,
            r#"{"name":"A","polygon":[[1,1],[1,2],[2,2]],"hours":"25:00-01:00"}"#,
        ] {
            assert!(read(wrong).is_err(), "{wrong}");
        }
    }
}
