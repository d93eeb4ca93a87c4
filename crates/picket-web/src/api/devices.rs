//! Feeds and sensors.

use std::sync::Arc;

use axum::Extension;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use serde::Serialize;

use super::Json;
use crate::Shared;
use crate::guard::Caller;
use crate::shape::DeviceShape;

/// Devices in one answer; `more` is true beyond it.
const DEVICES_MAX: usize = 5_000;

#[derive(Serialize)]
struct Devices {
    devices: Vec<DeviceShape>,
    more: bool,
}

/// The feeds and sensors that the caller may see, feeds first.
pub(crate) async fn list(
    State(shared): State<Arc<Shared>>,
    Extension(caller): Extension<Caller>,
) -> Response {
    let now = shared.now();
    let view = shared.parts.bus.latest();
    let released = view
        .devices
        .values()
        .filter_map(|d| shared.parts.gate.release(d.as_ref(), &caller.by, now).ok());
    let mut devices: Vec<DeviceShape> =
        released.take(DEVICES_MAX + 1).map(|device| DeviceShape::of(device.into_inner())).collect();
    let more = devices.len() > DEVICES_MAX;
    devices.truncate(DEVICES_MAX);
    Json(Devices { devices, more }).into_response()
}
