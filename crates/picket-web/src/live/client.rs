//! What one screen has been told, and what it must be told next.
//!
//! Nothing is queued: a frame is made only when the one before it has left, and always from
//! the newest view. What waits is a set of names (which alert, which device, which track), so
//! that a slow screen skips states and never falls further behind.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use bytes::BytesMut;
use picket_core::{AlertState, Device, DeviceKey, View};
use picket_gate::{Gate, Verified};
use picket_model::{AlertId, Labelled, Severity, Time, Track, TrackId};
use serde::Serialize;

use super::bounds::Bounds;
use super::frame::{Kind, RECORD_BYTES, Record, begin, flags, put_json};
use crate::shape::{AlertShape, Attributes, DeviceShape, WatchShape};

/// A track is sent at most this often…
const TRACK_S: f64 = 1.0;
/// …and the selected one at most this often; tracks are looked over this often at all.
const SELECTED_S: f64 = 0.2;
/// A clock's jitter; keeps a look that comes a moment early from waiting for the next.
const JITTER_S: f64 = 0.02;
/// Seconds between two heartbeats.
const HEARTBEAT_S: f64 = 1.0;
/// A device whose counts alone changed is told of at most this often.
const DEVICE_COUNTS_S: f64 = 10.0;
/// Tracks that one screen is sent; the page draws no more. Beyond it the ones with the highest
/// numbers are left out.
const TRACKS_MAX: usize = 65_536;
/// Records in one frame: 320 KiB. What is over follows in the next.
const RECORDS_MAX: usize = 16_384;
/// Tracks in one frame of attributes, about 25 KiB.
const ATTRIBUTES_MAX: usize = 256;
/// Slots in one frame of removals.
const REMOVALS_MAX: usize = 16_384;
/// Share of the subscribed box that is sent around it, so that a small move shows no empty map.
const MARGIN: f64 = 0.1;

/// The present: by the node's clock, and by one that never goes back.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Moment {
    pub(crate) at: Time,
    /// Seconds since the stream began.
    pub(crate) s: f64,
}

/// Who reads, and by what gate it is released to them.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Reader<'a> {
    pub(crate) gate: &'a Gate,
    pub(crate) by: &'a Verified,
}

impl Reader<'_> {
    fn may_see(&self, thing: &impl Labelled, now: Time) -> bool {
        self.gate.release(thing, self.by, now).is_ok()
    }
}

/// What one screen has been told.
#[derive(Debug, Default)]
pub(crate) struct Client {
    bounds: Option<Bounds>,
    selected: Option<u32>,
    /// The view up to which alerts and devices were looked through; `None` before the snapshot.
    seen: Option<Arc<View>>,
    alerting: BTreeMap<TrackId, Severity>,
    sent: BTreeMap<TrackId, Sent>,
    device_counts: BTreeMap<DeviceKey, f64>,
    due_removals: Vec<u32>,
    due_alerts: BTreeSet<AlertId>,
    due_attributes: BTreeSet<TrackId>,
    due_devices: BTreeSet<DeviceKey>,
    due_areas: bool,
    heartbeat_at_s: f64,
    look_at_s: f64,
    look_due: bool,
}

#[derive(Debug)]
struct Sent {
    track: Arc<Track>,
    record: Record,
    attributes: Option<Attributes>,
    at_s: f64,
}

#[derive(Serialize)]
#[serde(tag = "type", rename_all = "snake_case")]
enum Event {
    Alert { alert: AlertShape },
    Device { device: DeviceShape },
    Areas(WatchShape),
    SignOut,
}

#[derive(Serialize)]
struct AttributesFrame {
    tracks: Vec<Attributes>,
}

impl Client {
    /// Sends only what lies in this box and around it; alerting tracks are sent from anywhere.
    pub(crate) fn subscribe(&mut self, bounds: Option<Bounds>) {
        self.bounds = bounds.map(|bounds| bounds.with_margin(MARGIN));
        self.look_due = true;
    }

    /// Sends one track more often than the rest.
    pub(crate) fn select(&mut self, slot: Option<u32>) {
        self.selected = slot;
        self.look_due = true;
    }

    /// Forgets what the page was told; a snapshot comes next.
    pub(crate) fn restart(&mut self) {
        self.seen = None;
    }

    /// Makes the last frame of a session that has ended.
    pub(crate) fn sign_out(view: &View, now: Moment, out: &mut BytesMut) {
        begin(out, Kind::Event, seq(view), now.at);
        put_json(out, &Event::SignOut);
    }

    /// Makes the next frame that is due; false if none is.
    pub(crate) fn next(
        &mut self,
        view: &Arc<View>,
        reader: &Reader<'_>,
        now: Moment,
        out: &mut BytesMut,
    ) -> bool {
        self.look_through(view, reader, now);
        if self.seen.is_none() {
            self.snapshot(view, reader, now, out);
            return true;
        }
        if now.s >= self.heartbeat_at_s {
            self.heartbeat_at_s = now.s + HEARTBEAT_S;
            begin(out, Kind::Heartbeat, seq(view), now.at);
            return true;
        }
        self.alert(view, reader, now, out)
            || self.areas(view, now, out)
            || self.removals(view, now, out)
            || self.update(view, reader, now, out)
            || self.attributes(view, reader, now, out)
            || self.device(view, reader, now, out)
    }

    /// Seconds until something is due even if no view changes.
    pub(crate) fn wait_s(&self, now: Moment) -> f64 {
        let heartbeat_s = self.heartbeat_at_s - now.s;
        let look_s = if self.look_due { self.look_at_s - now.s } else { f64::INFINITY };
        heartbeat_s.min(look_s).max(0.0)
    }

    /// Notes what a new view has changed of alerts and devices.
    fn look_through(&mut self, view: &Arc<View>, reader: &Reader<'_>, now: Moment) {
        let Some(seen) = self.seen.as_ref().filter(|seen| !Arc::ptr_eq(seen, view)) else { return };
        let seen = Arc::clone(seen);
        self.look_due = true;
        let mut withdrawn = false;
        changed(&seen.alerts, &view.alerts, |id, old, new| {
            if reader.may_see(new.as_ref(), now.at) {
                self.due_alerts.insert(*id);
            } else {
                // Its label has risen above the reader: what they hold of it must go.
                withdrawn |= old.is_some_and(|old| reader.may_see(old.as_ref(), now.at));
            }
        });
        changed(&seen.devices, &view.devices, |key, old, new| {
            if !reader.may_see(new.as_ref(), now.at) {
                withdrawn |= old.is_some_and(|old| reader.may_see(old.as_ref(), now.at));
            } else if old.is_none_or(|old| is_news(old, new))
                || self.device_counts.get(key).is_none_or(|at_s| now.s - at_s >= DEVICE_COUNTS_S)
            {
                self.due_devices.insert(key.clone());
            }
        });
        self.due_areas |= !Arc::ptr_eq(&seen.watch, &view.watch) && seen.watch != view.watch;
        self.device_counts.retain(|key, _| view.devices.contains_key(key));
        self.alerting = alerting(view, reader, now.at);
        self.seen = (!withdrawn).then(|| Arc::clone(view));
    }

    /// Replaces all that the page holds.
    fn snapshot(&mut self, view: &Arc<View>, reader: &Reader<'_>, now: Moment, out: &mut BytesMut) {
        self.sent.clear();
        self.due_removals.clear();
        self.due_attributes.clear();
        self.device_counts.clear();
        self.alerting = alerting(view, reader, now.at);
        let open = view.alerts.iter().filter(|(_, state)| state.standing.is_open());
        self.due_alerts = open.map(|(id, _)| *id).collect();
        self.due_devices = view.devices.keys().cloned().collect();
        self.due_areas = true;
        begin(out, Kind::Snapshot, seq(view), now.at);
        self.put_tracks(view, reader, now, out);
        self.seen = Some(Arc::clone(view));
        self.heartbeat_at_s = now.s + HEARTBEAT_S;
    }

    fn update(
        &mut self,
        view: &Arc<View>,
        reader: &Reader<'_>,
        now: Moment,
        out: &mut BytesMut,
    ) -> bool {
        if !self.look_due || now.s + JITTER_S < self.look_at_s {
            return false;
        }
        begin(out, Kind::Update, seq(view), now.at);
        let head = out.len();
        self.put_tracks(view, reader, now, out);
        out.len() > head || self.removals(view, now, out)
    }

    /// Puts the records of all tracks that are due, and notes what has gone.
    fn put_tracks(&mut self, view: &View, reader: &Reader<'_>, now: Moment, out: &mut BytesMut) {
        self.look_at_s = now.s + SELECTED_S;
        self.look_due = false;
        let mut records = 0;
        out.reserve(RECORD_BYTES * view.tracks.len().min(RECORDS_MAX));
        for (id, track) in &view.tracks {
            let alert = self.alerting.get(id).copied();
            let inside = self.bounds.is_none_or(|bounds| bounds.holds(&track.position));
            let wanted = track.state.is_shown()
                && (inside || alert.is_some() || self.selected == Some(id.0))
                && reader.may_see(track.as_ref(), now.at);
            if !wanted {
                if self.sent.remove(id).is_some() {
                    self.due_removals.push(id.0);
                    self.due_attributes.remove(id);
                }
                continue;
            }
            if let Some(sent) = self.sent.get_mut(id) {
                let flags = flags(track, alert);
                if Arc::ptr_eq(&sent.track, track) && sent.record.flags == flags {
                    continue;
                }
                let pause_s = if self.selected == Some(id.0) { SELECTED_S } else { TRACK_S };
                // An alert that comes or goes does not wait.
                if now.s - sent.at_s < pause_s - JITTER_S && sent.record.flags == flags {
                    self.look_due = true;
                    continue;
                }
            } else if self.sent.len() >= TRACKS_MAX {
                continue;
            }
            if records == RECORDS_MAX {
                self.look_due = true;
                self.look_at_s = now.s;
                continue;
            }
            if self.put_track(track, alert, now, out) {
                records += 1;
            }
        }
        let gone = |id: &TrackId| !view.tracks.contains_key(id);
        let gone: Vec<TrackId> = self.sent.keys().copied().filter(gone).collect();
        for id in gone {
            self.sent.remove(&id);
            self.due_attributes.remove(&id);
            self.due_removals.push(id.0);
        }
    }

    /// Puts a track's record, unless it says the very same as the one before.
    fn put_track(
        &mut self,
        track: &Arc<Track>,
        alert: Option<Severity>,
        now: Moment,
        out: &mut BytesMut,
    ) -> bool {
        let record = Record::of(track, alert, now.at);
        let Some(sent) = self.sent.get_mut(&track.id) else {
            let sent = Sent { track: Arc::clone(track), record, attributes: None, at_s: now.s };
            self.sent.insert(track.id, sent);
            self.due_attributes.insert(track.id);
            record.put(out);
            return true;
        };
        if may_differ(&sent.track, track) {
            self.due_attributes.insert(track.id);
        }
        sent.track = Arc::clone(track);
        if sent.record == record {
            return false;
        }
        sent.record = record;
        sent.at_s = now.s;
        record.put(out);
        true
    }

    fn removals(&mut self, view: &View, now: Moment, out: &mut BytesMut) -> bool {
        if self.due_removals.is_empty() {
            return false;
        }
        begin(out, Kind::Remove, seq(view), now.at);
        let rest = self.due_removals.split_off(self.due_removals.len().min(REMOVALS_MAX));
        for slot in std::mem::replace(&mut self.due_removals, rest) {
            // One that came back meanwhile is on the screen again.
            if !self.sent.contains_key(&TrackId(slot)) {
                out.extend_from_slice(&slot.to_le_bytes());
            }
        }
        true
    }

    fn attributes(
        &mut self,
        view: &View,
        reader: &Reader<'_>,
        now: Moment,
        out: &mut BytesMut,
    ) -> bool {
        let mut tracks = Vec::new();
        while tracks.len() < ATTRIBUTES_MAX
            && let Some(id) = self.due_attributes.pop_first()
        {
            let Some(track) = view.tracks.get(&id) else { continue };
            let Some(sent) = self.sent.get_mut(&id) else { continue };
            if reader.may_see(track.as_ref(), now.at) {
                let attributes = Attributes::of(track);
                if sent.attributes.as_ref() != Some(&attributes) {
                    sent.attributes = Some(attributes.clone());
                    tracks.push(attributes);
                }
            }
        }
        if tracks.is_empty() {
            return false;
        }
        begin(out, Kind::Attributes, seq(view), now.at);
        put_json(out, &AttributesFrame { tracks });
        true
    }

    fn alert(&mut self, view: &View, reader: &Reader<'_>, now: Moment, out: &mut BytesMut) -> bool {
        while let Some(id) = self.due_alerts.pop_first() {
            if let Some(alert) = AlertShape::find(id, view, reader.gate, reader.by, now.at) {
                begin(out, Kind::Event, seq(view), now.at);
                put_json(out, &Event::Alert { alert });
                return true;
            }
        }
        false
    }

    fn areas(&mut self, view: &View, now: Moment, out: &mut BytesMut) -> bool {
        if !std::mem::take(&mut self.due_areas) {
            return false;
        }
        begin(out, Kind::Event, seq(view), now.at);
        put_json(out, &Event::Areas(WatchShape::of(&view.watch)));
        true
    }

    fn device(
        &mut self,
        view: &View,
        reader: &Reader<'_>,
        now: Moment,
        out: &mut BytesMut,
    ) -> bool {
        while let Some(key) = self.due_devices.pop_first() {
            let Some(device) = view.devices.get(&key) else { continue };
            let Ok(device) = reader.gate.release(device.as_ref(), reader.by, now.at) else {
                continue;
            };
            begin(out, Kind::Event, seq(view), now.at);
            put_json(out, &Event::Device { device: DeviceShape::of(device.into_inner()) });
            self.device_counts.insert(key, now.s);
            return true;
        }
        false
    }
}

fn seq(view: &View) -> u64 {
    view.seq.map_or(0, |seq| seq.0)
}

/// Whether more than a device's counts has changed.
fn is_news(old: &Device, new: &Device) -> bool {
    old.state != new.state
        || old.link_up != new.link_up
        || old.affiliation != new.affiliation
        || old.feed != new.feed
        || old.position.is_some() != new.position.is_some()
}

/// Whether a track's slow attributes may differ; cheaper than making them.
fn may_differ(old: &Track, new: &Track) -> bool {
    old.class != new.class
        || old.affiliation != new.affiliation
        || old.position.height_m != new.position.height_m
        || old.air != new.air
        || old.idents != new.idents
}

/// The gravest open alert of each track, of those that the reader may see.
fn alerting(view: &View, reader: &Reader<'_>, now: Time) -> BTreeMap<TrackId, Severity> {
    let mut gravest: BTreeMap<TrackId, Severity> = BTreeMap::new();
    for state in view.alerts.values() {
        let state: &AlertState = state;
        let Some(track) = state.alert.track else { continue };
        if state.standing.is_open() && reader.may_see(state, now) {
            let severity = gravest.entry(track).or_insert(state.alert.severity);
            *severity = state.alert.severity.max(*severity);
        }
    }
    gravest
}

/// Visits what is new or not the same object any more. Both maps in step: `O(n)`.
fn changed<K: Ord, V>(
    old: &BTreeMap<K, Arc<V>>,
    new: &BTreeMap<K, Arc<V>>,
    mut visit: impl FnMut(&K, Option<&Arc<V>>, &Arc<V>),
) {
    let mut olds = old.iter().peekable();
    for (key, value) in new {
        while olds.next_if(|(old_key, _)| *old_key < key).is_some() {}
        let before = olds.next_if(|(old_key, _)| *old_key == key).map(|(_, value)| value);
        if before.is_none_or(|before| !Arc::ptr_eq(before, value)) {
            visit(key, before, value);
        }
    }
}

#[cfg(test)]
mod tests;
