//! Feeds and sensors: who was heard, how often, and whether it still is.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

use picket_model::{
    Actor, Affiliation, Body, Class, Entry, Ident, Label, Labelled, LinkState, Position,
    SensorKind, Status, Time,
};

/// Most devices kept; sensors beyond it are counted and not shown.
const DEVICES_MAX: usize = 20_000;
/// Weight of the newest gap in the running mean of gaps.
const GAP_WEIGHT: f64 = 0.1;
/// A device is late after this many usual gaps, and lost after [`LOST_GAPS`].
const LATE_GAPS: f64 = 3.0;
/// See [`LATE_GAPS`].
const LOST_GAPS: f64 = 10.0;
/// No device is late before this; a page that flickers teaches people to look away.
const LATE_S_MIN: f64 = 10.0;
/// Gap assumed until one was seen.
const GAP_S_FIRST: f64 = 10.0;

/// What names a device: a feed by its name, a sensor by what it calls itself.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct DeviceKey {
    /// Feed or sensor.
    pub kind: DeviceKind,
    /// Its name.
    pub name: Arc<str>,
}

/// Feed or sensor.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum DeviceKind {
    /// A link that brings bytes.
    Feed,
    /// A fixed sensor that reports of itself.
    Sensor,
}

impl DeviceKind {
    /// The kind on the outside.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Feed => "feed",
            Self::Sensor => "sensor",
        }
    }
}

/// Whether a device is still heard.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Liveness {
    /// As usual.
    Live,
    /// Later than usual.
    Late,
    /// Not for long, or its link is down.
    Lost,
}

impl fmt::Display for Liveness {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Live => "live",
            Self::Late => "late",
            Self::Lost => "lost",
        })
    }
}

/// One feed or sensor.
#[derive(Debug, Clone, PartialEq)]
pub struct Device {
    /// Its name and kind.
    pub key: DeviceKey,
    /// The feed that brings it; its own name for a feed.
    pub feed: Arc<str>,
    /// Whether it is still heard.
    pub state: Liveness,
    /// Whether its link is open; always true for sensors.
    pub link_up: bool,
    /// When it was last heard, by our clock.
    pub last_seen: Time,
    /// Running mean of the gaps between what it says, seconds.
    pub usual_gap_s: Option<f64>,
    /// Where it stands, if it said so.
    pub position: Option<Position>,
    /// Whose it is said to be.
    pub affiliation: Affiliation,
    /// How many observations it gave.
    pub observations: u64,
    /// How many of its frames made no sense.
    pub rejects: u64,
    /// How many of its frames were dropped because the node could not follow.
    pub dropped: u64,
    /// Battery, per cent.
    pub battery_percent: Option<f64>,
    /// How far news of it may travel.
    pub label: Label,
}

impl Labelled for Device {
    fn label(&self) -> &Label {
        &self.label
    }
}

/// All feeds and sensors.
#[derive(Debug, Clone, Default)]
pub struct DeviceBook {
    devices: BTreeMap<DeviceKey, Arc<Device>>,
    unlisted: u64,
}

impl DeviceBook {
    pub(crate) fn apply(&mut self, entry: &Entry) {
        let record = &entry.record;
        match &record.body {
            Body::Observation(seen) => {
                let Actor::Device(author) = &record.author else { return };
                let feed: Arc<str> = Arc::from(author.as_str());
                if let Some(device) = self.device(DeviceKind::Feed, &feed, &feed, &record.label) {
                    device.hear(record.received_at);
                }
                let uid = seen.idents.iter().find_map(|ident| match ident {
                    Ident::CotUid(uid) => Some(uid),
                    Ident::Mmsi(_)
                    | Ident::Imo(_)
                    | Ident::Icao(_)
                    | Ident::Local { .. }
                    | Ident::Callsign(_)
                    | Ident::Name(_) => None,
                });
                let is_sensor =
                    seen.class == Class::Equipment && seen.sensor == SensorKind::CotSelf;
                let (Some(uid), true) = (uid, is_sensor) else { return };
                let sensor = self.device(DeviceKind::Sensor, uid, &feed, &record.label);
                if let Some(device) = sensor {
                    device.hear(record.received_at);
                    device.position = seen.position.or(device.position);
                    device.affiliation = seen.affiliation;
                    device.battery_percent = seen.battery_percent.or(device.battery_percent);
                }
            }
            Body::Status(status) => self.note(status, entry),
            Body::Tick => self.pass(record.occurred_at),
            Body::Alert(_) | Body::Act(_) | Body::Refusal(_) | Body::Site(_) => {}
        }
    }

    /// All devices, feeds first.
    #[must_use]
    pub const fn all(&self) -> &BTreeMap<DeviceKey, Arc<Device>> {
        &self.devices
    }

    fn note(&mut self, status: &Status, entry: &Entry) {
        let (feed, now) = match status {
            Status::Link { feed, .. }
            | Status::Dropped { feed, .. }
            | Status::Rejects { feed, .. } => (feed, entry.record.received_at),
            Status::Node { .. } => return,
        };
        let feed: Arc<str> = Arc::from(feed.as_str());
        let label = &entry.record.label;
        let Some(device) = self.device(DeviceKind::Feed, &feed, &feed, label) else { return };
        match status {
            Status::Link { state, .. } => {
                device.link_up = *state == LinkState::Up;
                device.last_seen = device.last_seen.max(now);
                device.state = if device.link_up { Liveness::Live } else { Liveness::Lost };
            }
            Status::Dropped { frames, .. } => {
                device.dropped = device.dropped.saturating_add(*frames);
            }
            Status::Rejects { count, .. } => {
                device.rejects = device.rejects.saturating_add(*count);
            }
            Status::Node { .. } => {}
        }
    }

    fn pass(&mut self, now: Time) {
        for device in self.devices.values_mut() {
            let state = device.state_at(now);
            if state != device.state {
                Arc::make_mut(device).state = state;
            }
        }
    }

    fn device(
        &mut self,
        kind: DeviceKind,
        name: &Arc<str>,
        feed: &Arc<str>,
        label: &Label,
    ) -> Option<&mut Device> {
        let key = DeviceKey { kind, name: Arc::clone(name) };
        if self.devices.len() >= DEVICES_MAX && !self.devices.contains_key(&key) {
            self.unlisted = self.unlisted.saturating_add(1);
            return None;
        }
        let device = self.devices.entry(key).or_insert_with_key(|key| {
            Arc::new(Device {
                key: key.clone(),
                feed: Arc::clone(feed),
                state: Liveness::Live,
                link_up: true,
                last_seen: Time::MIN,
                usual_gap_s: None,
                position: None,
                affiliation: Affiliation::Unknown,
                observations: 0,
                rejects: 0,
                dropped: 0,
                battery_percent: None,
                label: label.clone(),
            })
        });
        let device = Arc::make_mut(device);
        device.label.raise(label);
        Some(device)
    }
}

impl Device {
    fn hear(&mut self, now: Time) {
        if self.last_seen != Time::MIN {
            let gap_s = now.since_s(self.last_seen).max(0.0);
            self.usual_gap_s = Some(match self.usual_gap_s {
                None => gap_s,
                Some(mean_s) => mean_s + GAP_WEIGHT * (gap_s - mean_s),
            });
        }
        self.last_seen = self.last_seen.max(now);
        self.observations = self.observations.saturating_add(1);
        self.state = Liveness::Live;
        self.link_up = true;
    }

    fn state_at(&self, now: Time) -> Liveness {
        if !self.link_up {
            return Liveness::Lost;
        }
        let silent_s = now.since_s(self.last_seen);
        let gap_s = self.usual_gap_s.unwrap_or(GAP_S_FIRST);
        if silent_s < (gap_s * LATE_GAPS).max(LATE_S_MIN) {
            Liveness::Live
        } else if silent_s < (gap_s * LOST_GAPS).max(3.0 * LATE_S_MIN) {
            Liveness::Late
        } else {
            Liveness::Lost
        }
    }
}
