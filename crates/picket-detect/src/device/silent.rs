//! `device.silent`: a device, an own unit or a feed that used to be heard is heard no more.
//!
//! Suspicion grows with silence, by the gaps that this device has shown so far: the
//! phi-accrual detector (Hayashibara, Défago, Yared, Katayama 2004) with a normal
//! approximation. `phi = -log10 P(gap is longer than the silence)`. Changed here: the deviation
//! has a floor, and silence must also exceed twice the longest gap seen, because gaps of a
//! radio link are not normal. Above 8 it is suspect and the warning is a caution, above 12 it
//! is serious. Five gaps must be known first.
//!
//! If three or more of a link's devices, and more than 30 % of them, fall silent together, or the
//! link says itself that it is down, that is one `link.down` instead. It ends as it began: when
//! they are heard again.
//!
//! Silence is counted by our clock and told by ticks. When the ticks themselves pause, as over
//! a restart, nobody else was silent. Watched are equipment and friends that report themselves
//! by Cursor on Target, and the authors of feeds; AIS stations are not ours.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::sync::Arc;

use picket_model::{
    Actor, Affiliation, Alert, AlertChange, AlertId, Body, Claim, Class, DeviceId, Entry, Ident,
    LinkState, Met, Observation, Picture, Position, Reason, SensorKind, Severity, Status, Subject,
    Time, TrackId,
};

use crate::explain::{self, Evidence, Witness, reason, span};
use crate::{Detector, Row, Settings, write_state};

/// This detector's row.
pub const ROW: Row = Row {
    id: ID,
    also: &[LINK_DOWN],
    group: "N",
    says: "a device, own unit or feed is silent far longer than its usual gap: phi over 8 is a \
           caution, over 12 serious; link.down instead if over 30 % of a link's devices fall \
           silent together, or the link says that it is down",
    metric: "seconds to warn, false alarms a device and month",
    make: |settings| Box::new(Silent::new(settings)),
};

const ID: &str = "device.silent";
const LINK_DOWN: &str = "link.down";
const VERSION: u32 = 1;

/// Suspicion above which a device is suspect: once in 100 million gaps by chance.
const PHI_SUSPECT: f64 = 8.0;
/// Suspicion above which its silence is serious.
const PHI_SERIOUS: f64 = 12.0;
/// Most that is shown: beyond it the tail of a normal distribution is no longer a number.
const PHI_MAX: f64 = 99.0;
/// Gaps that must be known before silence means anything.
const GAPS_MIN: usize = 5;
/// Most gaps remembered for one device: the window of the paper is of this size.
const GAPS_MAX: usize = 100;
/// Silence must exceed the longest gap so many times.
const LONGEST_TIMES: f64 = 2.0;
/// Least deviation of a device's gaps, seconds, and as a share of the mean.
const DEVICE_SD: (f64, f64) = (0.5, 0.1);
/// The same of a feed, whose traffic is many ships' and comes in bursts.
const FEED_SD: (f64, f64) = (5.0, 0.1);
/// Arrivals of a feed closer than this are one, seconds.
const BURST_S: f64 = 1.0;
/// How long a suspect is held back to see who falls silent with it, seconds.
const HOLD_S: f64 = 5.0;
/// How long a link may be down before it is told, seconds: a restart takes less.
const DOWN_S: f64 = 5.0;
/// So many at least, and more than this share of a link's devices, are the link's fault.
const TOGETHER_MIN: usize = 3;
const TOGETHER_SHARE: f64 = 0.3;
/// After so many false alarms in a row the device has another rhythm: it is learnt anew.
const RELEARN_AFTER: u8 = 3;
/// A pause of the ticks beyond this is ours, seconds.
const PAUSE_S: f64 = 10.0;
/// Most devices watched; beyond it new ones are not, and are counted.
const DEVICES_MAX: usize = 10_000;
/// Most feeds watched.
const FEEDS_MAX: usize = 1_000;
/// A device without enough history is forgotten after so long, seconds: a day.
const FORGET_S: f64 = 86_400.0;

/// The detector; see the module's head.
#[derive(Debug)]
pub struct Silent {
    devices: BTreeMap<Arc<str>, Device>,
    feeds: BTreeMap<DeviceId, Feed>,
    ticked_at: Option<Time>,
    unwatched: u64,
}

/// A device or own unit.
#[derive(Debug)]
struct Device {
    subject: Subject,
    /// The feed that brings it.
    link: Option<DeviceId>,
    pulse: Pulse,
    last: Last,
    suspect_since: Option<Time>,
    /// Its link's alert speaks for it.
    covered: bool,
    /// Its link is up again: until then it has time to be heard.
    spared_until: Time,
    open: Option<Open>,
}

/// The author of a feed.
#[derive(Debug)]
struct Feed {
    pulse: Pulse,
    last: Last,
    down: Option<Down>,
    open: Option<(Open, Cause)>,
}

/// What was heard last.
#[derive(Debug, Clone)]
struct Last {
    witness: Witness,
    position: Option<Position>,
    track: Option<TrackId>,
    battery_percent: Option<f64>,
    exercise: bool,
}

/// A link's own word that it is down.
#[derive(Debug)]
struct Down {
    since: Time,
    text: Arc<str>,
    witness: Witness,
}

/// An alert that was raised.
#[derive(Debug, Clone)]
struct Open {
    id: AlertId,
    opened_at: Time,
    severity: Severity,
}

/// Why a feed's alert was raised, and so what ends it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Cause {
    /// Nothing is heard.
    Silence,
    /// The link says so.
    Status,
    /// Its devices fell silent together.
    Together,
}

/// The rhythm in which something is heard.
#[derive(Debug, Default)]
struct Pulse {
    heard_at: Time,
    beat_at: Time,
    /// The newest gaps, milliseconds.
    gaps: VecDeque<u32>,
    sum_ms: u64,
    sum_ms2: u64,
    false_alarms: u8,
}

/// A rhythm in numbers.
#[derive(Debug, Clone, Copy)]
struct Rhythm {
    mean_s: f64,
    sd_s: f64,
    longest_s: f64,
    gaps: usize,
    silent_s: f64,
    phi: f64,
}

impl Silent {
    /// A detector that has heard nothing.
    #[must_use]
    pub const fn new(_settings: &Settings) -> Self {
        Self { devices: BTreeMap::new(), feeds: BTreeMap::new(), ticked_at: None, unwatched: 0 }
    }

    fn hear(&mut self, entry: &Entry, seen: &Observation, picture: &Picture, out: &mut Vec<Claim>) {
        let link = match &entry.record.author {
            Actor::Device(id) => Some(id),
            Actor::Person(_) | Actor::Machine(_) | Actor::Partner(_) => None,
        };
        if let Some(link) = link {
            self.hear_feed(link, entry, seen, out);
        }
        if let Some(uid) = own_uid(seen) {
            self.hear_device(uid, link, entry, seen, picture, out);
        } else if let Some(device) = seen.reporter.as_ref().and_then(|r| self.devices.get_mut(r)) {
            // What a sensor reports proves it alive, but is no heartbeat.
            device.pulse.heard_at = device.pulse.heard_at.max(entry.record.received_at);
            let reporter = seen.reporter.clone();
            self.heard_again(reporter.as_ref(), entry, out);
        }
    }

    fn hear_feed(
        &mut self,
        link: &DeviceId,
        entry: &Entry,
        seen: &Observation,
        out: &mut Vec<Claim>,
    ) {
        let now = entry.record.received_at;
        let Some(feed) = self.feeds.get_mut(link) else {
            if self.feeds.len() >= FEEDS_MAX {
                self.unwatched = self.unwatched.saturating_add(1);
                return;
            }
            let last = Last::of(entry, seen, None);
            let feed = Feed { pulse: Pulse::starting(now), last, down: None, open: None };
            self.feeds.insert(link.clone(), feed);
            return;
        };
        let silent_s = now.since_s(feed.pulse.heard_at);
        let ended = match &feed.open {
            Some((_, Cause::Silence | Cause::Status)) => feed.open.take(),
            Some((_, Cause::Together)) | None => None,
        };
        feed.pulse.beat(now, BURST_S, ended.is_some());
        feed.down = None;
        feed.last.witness = Witness::of(entry);
        feed.last.exercise = seen.exercise;
        if let Some((open, cause)) = ended {
            let by = Witness::of(entry);
            out.push(link_ended(&open, cause, link, &by, silent_s, feed.last.exercise, now));
            self.release(link, now);
        }
    }

    fn hear_device(
        &mut self,
        uid: &Arc<str>,
        link: Option<&DeviceId>,
        entry: &Entry,
        seen: &Observation,
        picture: &Picture,
        out: &mut Vec<Claim>,
    ) {
        let now = entry.record.received_at;
        let track = picture.touched.first().copied();
        let Some(device) = self.devices.get_mut(uid) else {
            let Some(subject) = subject_of(uid, seen.class) else { return };
            if self.devices.len() >= DEVICES_MAX {
                self.unwatched = self.unwatched.saturating_add(1);
                return;
            }
            let device = Device {
                subject,
                link: link.cloned(),
                pulse: Pulse::starting(now),
                last: Last::of(entry, seen, track),
                suspect_since: None,
                covered: false,
                spared_until: Time::MIN,
                open: None,
            };
            self.devices.insert(Arc::clone(uid), device);
            return;
        };
        device.pulse.beat(now, 0.0, device.suspect_since.is_some());
        if device.link.as_ref() != link {
            device.link = link.cloned();
        }
        self.heard_again(Some(uid), entry, out);
        if let Some(device) = self.devices.get_mut(uid) {
            device.last = Last::of(entry, seen, track);
        }
    }

    /// Ends a device's alert, if there is one.
    fn heard_again(&mut self, uid: Option<&Arc<str>>, entry: &Entry, out: &mut Vec<Claim>) {
        let Some((uid, device)) = uid.and_then(|uid| self.devices.get_key_value(uid)) else {
            return;
        };
        if let Some(open) = &device.open {
            let by = Witness::of(entry);
            out.push(device_ended(open, uid, device, &by, entry.record.received_at));
        }
        let uid = Arc::clone(uid);
        if let Some(device) = self.devices.get_mut(&uid) {
            device.open = None;
            device.suspect_since = None;
            device.covered = false;
        }
    }

    fn link_says(&mut self, entry: &Entry, status: &Status, out: &mut Vec<Claim>) {
        let Status::Link { feed: link, state, text } = status else { return };
        let now = entry.record.received_at;
        match state {
            LinkState::Up => self.link_up(link, entry, out),
            LinkState::Done => {
                // A file that has ended is not silent, nor is what it told of.
                self.end_link(link, entry, out);
                self.feeds.remove(link);
                let of_link: Vec<Arc<str>> = self.uids_of(link);
                for uid in of_link {
                    self.heard_again(Some(&uid), entry, out);
                    self.devices.remove(&uid);
                }
            }
            LinkState::Down => {
                let down = Down { since: now, text: Arc::clone(text), witness: Witness::of(entry) };
                if let Some(feed) = self.feeds.get_mut(link) {
                    feed.down.get_or_insert(down);
                } else if self.feeds.len() < FEEDS_MAX {
                    let last = Last::unknown(&down.witness);
                    let pulse = Pulse::starting(now);
                    let feed = Feed { pulse, last, down: Some(down), open: None };
                    self.feeds.insert(link.clone(), feed);
                }
            }
        }
    }

    fn link_up(&mut self, link: &DeviceId, entry: &Entry, out: &mut Vec<Claim>) {
        let Some(feed) = self.feeds.get_mut(link) else { return };
        feed.down = None;
        if matches!(feed.open, Some((_, Cause::Status))) {
            self.end_link(link, entry, out);
        }
        self.release(link, entry.record.received_at);
    }

    fn end_link(&mut self, link: &DeviceId, entry: &Entry, out: &mut Vec<Claim>) {
        let now = entry.record.received_at;
        let Some(feed) = self.feeds.get_mut(link) else { return };
        let Some((open, cause)) = feed.open.take() else { return };
        let silent_s = now.since_s(open.opened_at);
        let by = Witness::of(entry);
        out.push(link_ended(&open, cause, link, &by, silent_s, feed.last.exercise, now));
    }

    /// Gives the devices of a link that is up again their time to be heard.
    fn release(&mut self, link: &DeviceId, now: Time) {
        for device in self.devices.values_mut().filter(|d| d.link.as_ref() == Some(link)) {
            device.spare(now);
        }
    }

    fn uids_of(&self, link: &DeviceId) -> Vec<Arc<str>> {
        let of_link = self.devices.iter().filter(|(_, device)| device.link.as_ref() == Some(link));
        of_link.map(|(uid, _)| Arc::clone(uid)).collect()
    }

    fn tick(&mut self, now: Time, out: &mut Vec<Claim>) {
        let paused = self.ticked_at.is_none_or(|at| now.since_s(at) > PAUSE_S);
        self.ticked_at = Some(now);
        if paused {
            self.forgive(now);
        }
        self.suspect(now);
        self.watch_feeds(now, out);
        self.end_together(now, out);
        self.raise(now, out);
        self.devices.retain(|_, device| {
            let known = device.pulse.gaps.len() >= GAPS_MIN || device.open.is_some();
            known || now.since_s(device.pulse.heard_at) < FORGET_S
        });
    }

    /// After a pause of our own nobody has been silent.
    fn forgive(&mut self, now: Time) {
        for device in self.devices.values_mut() {
            device.suspect_since = None;
            device.pulse.forgive(now);
        }
        for feed in self.feeds.values_mut() {
            feed.pulse.forgive(now);
        }
    }

    fn suspect(&mut self, now: Time) {
        for device in self.devices.values_mut() {
            if device.suspect_since.is_none() && device.pulse.phi(now, DEVICE_SD) > PHI_SUSPECT {
                device.suspect_since = Some(now);
            }
        }
    }

    /// Feeds that say that they are down, and feeds without devices of their own that are silent.
    fn watch_feeds(&mut self, now: Time, out: &mut Vec<Claim>) {
        let carrying: BTreeSet<DeviceId> =
            self.devices.values().filter_map(|device| device.link.clone()).collect();
        let mut fell = Vec::new();
        for (link, feed) in &mut self.feeds {
            if feed.open.is_some() {
                if let Some((open, Cause::Silence)) = &mut feed.open {
                    let rhythm = feed.pulse.rhythm(now, FEED_SD);
                    if open.severity < Severity::Serious && rhythm.phi > PHI_SERIOUS {
                        open.severity = Severity::Serious;
                        let change = AlertChange::Updated;
                        out.push(feed_silent(open, change, link, &feed.last, &rhythm, now));
                    }
                }
                continue;
            }
            if let Some(down) = feed.down.as_ref().filter(|d| now.since_s(d.since) >= DOWN_S) {
                let open = Open {
                    id: AlertId::of(LINK_DOWN, None, link.as_str(), down.since),
                    opened_at: down.since,
                    severity: Severity::Serious,
                };
                out.push(link_down(&open, link, down, feed.last.exercise, now));
                feed.open = Some((open, Cause::Status));
                fell.push(link.clone());
            } else if !carrying.contains(link) && feed.pulse.phi(now, FEED_SD) > PHI_SUSPECT {
                let rhythm = feed.pulse.rhythm(now, FEED_SD);
                let open = Open {
                    id: AlertId::of(ID, None, link.as_str(), feed.pulse.heard_at),
                    opened_at: feed.pulse.heard_at,
                    severity: severity(rhythm.phi),
                };
                let change = AlertChange::Raised;
                out.push(feed_silent(&open, change, link, &feed.last, &rhythm, now));
                feed.open = Some((open, Cause::Silence));
            }
        }
        for link in fell {
            for device in self.devices.values_mut().filter(|d| d.link.as_ref() == Some(&link)) {
                device.covered = device.open.is_none();
            }
        }
    }

    /// Ends a `link.down` of devices together when most are heard again; the rest speak for themselves.
    fn end_together(&mut self, now: Time, out: &mut Vec<Claim>) {
        for (link, feed) in &mut self.feeds {
            let Some((open, Cause::Together)) = &feed.open else { continue };
            let devices = || self.devices.values().filter(|d| d.link.as_ref() == Some(link));
            let silent = devices().filter(|d| d.covered && d.suspect_since.is_some()).count();
            if is_together(silent, devices().count()) {
                continue;
            }
            let by = feed.last.witness.clone();
            let silent_s = now.since_s(open.opened_at);
            let exercise = feed.last.exercise;
            out.push(link_ended(open, Cause::Together, link, &by, silent_s, exercise, now));
            feed.open = None;
            for device in self.devices.values_mut().filter(|d| d.link.as_ref() == Some(link)) {
                device.spare(now);
            }
        }
    }

    /// Raises what has been suspect long enough: alone, or with its link.
    fn raise(&mut self, now: Time, out: &mut Vec<Claim>) {
        let due = |device: &Device| {
            let held = device.suspect_since.is_some_and(|since| now.since_s(since) >= HOLD_S);
            held && device.open.is_none() && !device.covered && now >= device.spared_until
        };
        let links: BTreeSet<DeviceId> = self
            .devices
            .values()
            .filter(|device| due(device))
            .filter_map(|device| device.link.clone())
            .collect();
        for link in links {
            self.raise_link(&link, now, out);
        }
        for (uid, device) in &mut self.devices {
            let rhythm = || device.pulse.rhythm(now, DEVICE_SD);
            if let Some(open) = &mut device.open {
                if open.severity < Severity::Serious
                    && device.pulse.phi(now, DEVICE_SD) > PHI_SERIOUS
                {
                    open.severity = Severity::Serious;
                    let (open, rhythm) = (open.clone(), rhythm());
                    out.push(device_silent(&open, AlertChange::Updated, uid, device, &rhythm, now));
                }
            } else if due(device) {
                let rhythm = rhythm();
                let opened_at = device.pulse.heard_at;
                let id = AlertId::of(ID, None, uid, opened_at);
                let open = Open { id, opened_at, severity: severity(rhythm.phi) };
                out.push(device_silent(&open, AlertChange::Raised, uid, device, &rhythm, now));
                device.open = Some(open);
            }
        }
    }

    fn raise_link(&mut self, link: &DeviceId, now: Time, out: &mut Vec<Claim>) {
        let Some(feed) = self.feeds.get_mut(link) else { return };
        let of_link = |device: &Device| device.link.as_ref() == Some(link) && device.open.is_none();
        let fallen = |device: &Device| of_link(device) && device.suspect_since.is_some();
        if feed.open.is_none() {
            let silent: Vec<(&Arc<str>, &Device)> =
                self.devices.iter().filter(|(_, device)| fallen(device)).collect();
            let total = self.devices.values().filter(|device| of_link(device)).count();
            if !is_together(silent.len(), total) {
                return;
            }
            let heard = silent.iter().map(|(_, device)| device.pulse.heard_at);
            let opened_at = heard.min().unwrap_or(now);
            let id = AlertId::of(LINK_DOWN, None, link.as_str(), opened_at);
            let open = Open { id, opened_at, severity: Severity::Serious };
            out.push(together(&open, link, &silent, total, now));
            feed.open = Some((open, Cause::Together));
        }
        for device in self.devices.values_mut().filter(|device| fallen(device)) {
            device.covered = true;
        }
    }
}

impl Detector for Silent {
    fn name(&self) -> &'static str {
        ID
    }

    fn watch(&mut self, entry: &Entry, picture: &Picture, out: &mut Vec<Claim>) {
        match &entry.record.body {
            Body::Observation(seen) => self.hear(entry, seen, picture, out),
            Body::Status(status) => self.link_says(entry, status, out),
            Body::Tick => self.tick(entry.record.received_at, out),
            Body::Alert(_) | Body::Act(_) | Body::Refusal(_) | Body::Site(_) => {}
        }
    }

    fn digest(&self, out: &mut Vec<u8>) {
        write_state(ID, self, out);
    }
}

impl Device {
    /// Lets the device speak for itself again, after the time that it may need to be heard.
    fn spare(&mut self, now: Time) {
        if self.covered {
            let longest_s = self.pulse.rhythm(now, DEVICE_SD).longest_s;
            self.covered = false;
            self.spared_until = now.plus_s(LONGEST_TIMES * longest_s + HOLD_S);
        }
    }
}

impl Pulse {
    fn starting(now: Time) -> Self {
        Self { heard_at: now, beat_at: now, ..Self::default() }
    }

    /// Takes a beat in; one that ended an alarm teaches nothing, unless it happens again and again.
    fn beat(&mut self, now: Time, burst_s: f64, alarmed: bool) {
        let gap_s = now.since_s(self.beat_at);
        self.heard_at = self.heard_at.max(now);
        if gap_s <= burst_s {
            return;
        }
        self.beat_at = now;
        if alarmed {
            self.false_alarms = self.false_alarms.saturating_add(1);
            if self.false_alarms >= RELEARN_AFTER {
                *self = Self::starting(now);
            }
            return;
        }
        self.false_alarms = 0;
        if self.gaps.len() >= GAPS_MAX
            && let Some(oldest) = self.gaps.pop_front().map(u64::from)
        {
            self.sum_ms = self.sum_ms.saturating_sub(oldest);
            self.sum_ms2 = self.sum_ms2.saturating_sub(oldest * oldest);
        }
        let gap_ms = milliseconds(gap_s);
        self.gaps.push_back(gap_ms);
        let gap_ms = u64::from(gap_ms);
        self.sum_ms = self.sum_ms.saturating_add(gap_ms);
        self.sum_ms2 = self.sum_ms2.saturating_add(gap_ms * gap_ms);
    }

    /// Starts the silence anew without learning from it.
    fn forgive(&mut self, now: Time) {
        self.heard_at = self.heard_at.max(now);
        self.beat_at = self.beat_at.max(now);
    }

    /// Suspicion after the present silence; 0 without history or within twice the longest gap.
    fn phi(&self, now: Time, floor: (f64, f64)) -> f64 {
        if self.gaps.len() < GAPS_MIN {
            return 0.0;
        }
        let silent_s = now.since_s(self.heard_at);
        let count = count_f64(self.gaps.len());
        // Most devices are not overdue at all: leave early.
        if silent_s <= whole_f64(self.sum_ms) / 1e3 / count {
            return 0.0;
        }
        let rhythm = self.rhythm(now, floor);
        if silent_s > LONGEST_TIMES * rhythm.longest_s { rhythm.phi } else { 0.0 }
    }

    fn rhythm(&self, now: Time, (least_s, share): (f64, f64)) -> Rhythm {
        let count = count_f64(self.gaps.len().max(1));
        let mean_s = whole_f64(self.sum_ms) / count / 1e3;
        let square_s2 = whole_f64(self.sum_ms2) / count / 1e6;
        let spread_s = libm::sqrt((square_s2 - mean_s * mean_s).max(0.0));
        let sd_s = spread_s.max(least_s).max(share * mean_s);
        let silent_s = now.since_s(self.heard_at).max(0.0);
        let longest_ms = self.gaps.iter().copied().max().unwrap_or(0);
        // P(gap > silence), the upper tail of the normal distribution.
        let later = 0.5 * libm::erfc((silent_s - mean_s) / sd_s / std::f64::consts::SQRT_2);
        let phi = if later > 0.0 { (-libm::log10(later)).min(PHI_MAX) } else { PHI_MAX };
        Rhythm {
            mean_s,
            sd_s,
            longest_s: f64::from(longest_ms) / 1e3,
            gaps: self.gaps.len(),
            silent_s,
            phi,
        }
    }
}

impl Last {
    fn of(entry: &Entry, seen: &Observation, track: Option<TrackId>) -> Self {
        Self {
            witness: Witness::of(entry),
            position: seen.position,
            track,
            battery_percent: seen.battery_percent,
            exercise: seen.exercise,
        }
    }

    fn unknown(witness: &Witness) -> Self {
        Self {
            witness: witness.clone(),
            position: None,
            track: None,
            battery_percent: None,
            exercise: false,
        }
    }
}

/// The uid of a device of ours, or of a friend, that reports itself.
fn own_uid(seen: &Observation) -> Option<&Arc<str>> {
    let itself = match seen.sensor {
        SensorKind::CotSelf => true,
        SensorKind::Ais
        | SensorKind::Adsb
        | SensorKind::Radar
        | SensorKind::SystemTrack
        | SensorKind::Gnss
        | SensorKind::CotReport => false,
    };
    let friendly = match seen.affiliation {
        Affiliation::Friend | Affiliation::AssumedFriend => true,
        Affiliation::Pending
        | Affiliation::Unknown
        | Affiliation::Neutral
        | Affiliation::Suspect
        | Affiliation::Hostile => false,
    };
    let ours = itself && (friendly || seen.class == Class::Equipment);
    let uid = seen.idents.iter().find_map(|ident| match ident {
        Ident::CotUid(uid) => Some(uid),
        Ident::Mmsi(_)
        | Ident::Imo(_)
        | Ident::Icao(_)
        | Ident::Local { .. }
        | Ident::Callsign(_)
        | Ident::Name(_) => None,
    });
    uid.filter(|_| ours)
}

fn subject_of(uid: &str, class: Class) -> Option<Subject> {
    if class == Class::Equipment {
        DeviceId::new(uid).ok().map(Subject::Device)
    } else {
        picket_model::id::Name::new(uid).ok().map(Subject::CotUid)
    }
}

fn is_together(silent: usize, total: usize) -> bool {
    silent >= TOGETHER_MIN && count_f64(silent) > TOGETHER_SHARE * count_f64(total)
}

fn severity(phi: f64) -> Severity {
    if phi > PHI_SERIOUS { Severity::Serious } else { Severity::Caution }
}

/// A gap in whole milliseconds; one longer than 49 days is that long.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a float cast saturates, as documented"
)]
fn milliseconds(seconds: f64) -> u32 {
    (seconds * 1e3) as u32
}

fn count_f64(count: usize) -> f64 {
    f64::from(u32::try_from(count).unwrap_or(u32::MAX))
}

#[expect(clippy::cast_precision_loss, reason = "sums of 100 gaps keep a part in 10^15")]
fn whole_f64(value: u64) -> f64 {
    value as f64
}

/// `5 ± 1 s`.
fn usual(rhythm: &Rhythm) -> String {
    let digits = usize::from(rhythm.mean_s < 10.0);
    format!("{:.digits$} ± {:.digits$} s", rhythm.mean_s, rhythm.sd_s)
}

fn why_silent(rhythm: &Rhythm, last: &Last, evidence: &Evidence) -> Vec<Reason> {
    let silent = span(rhythm.silent_s);
    let gap = format!("usual gap {}, {} known", usual(rhythm), rhythm.gaps);
    let phi = format!("{:.1}", rhythm.phi);
    let limit = format!("over {PHI_SUSPECT:.0} suspect, over {PHI_SERIOUS:.0} serious");
    let longest = format!("{:.1} s", rhythm.longest_s);
    // Twenty decibans at most: a battery or a cable explains most silences.
    let decibans = rhythm.phi.min(20.0);
    let mut out = vec![
        reason("Silent", &silent, &gap, Met::Yes, 0.0, evidence),
        reason("Suspicion (phi)", &phi, &limit, Met::Yes, decibans, evidence),
        reason(
            "Longest gap before",
            &longest,
            "less than half the silence",
            Met::Yes,
            0.0,
            evidence,
        ),
    ];
    if let Some(percent) = last.battery_percent.filter(|percent| percent.is_finite()) {
        let shown = format!("{percent:.0} %");
        let low = if percent < 10.0 { Met::Yes } else { Met::No };
        out.push(reason("Battery when last heard", &shown, "below 10 %", low, 0.0, evidence));
    }
    out
}

fn device_silent(
    open: &Open,
    change: AlertChange,
    uid: &str,
    device: &Device,
    rhythm: &Rhythm,
    now: Time,
) -> Claim {
    let last = &device.last;
    let evidence = Evidence::of(&last.witness);
    let why_text = format!("{uid} silent {}; usual gap {}", span(rhythm.silent_s), usual(rhythm));
    let why = why_silent(rhythm, last, &evidence);
    let alert = Alert {
        title: Arc::from(format!("{uid} silent")),
        position: last.position,
        track: last.track,
        exercise: last.exercise,
        ..alert(ID, open, change, device.subject.clone(), why_text, why)
    };
    explain::claim(alert, now, &evidence, None)
}

fn device_ended(open: &Open, uid: &str, device: &Device, by: &Witness, now: Time) -> Claim {
    let last = &device.last;
    let mut evidence = Evidence::of(&last.witness);
    evidence.add(by);
    let lasted = span(now.since_s(open.opened_at));
    let why_text = format!("{uid} is heard again after {lasted}");
    let why = vec![reason("Silent", &lasted, "heard again", Met::No, 0.0, &evidence)];
    let alert = Alert {
        title: Arc::from(format!("{uid} silent")),
        position: last.position,
        track: last.track,
        exercise: last.exercise,
        ..alert(ID, open, AlertChange::Ended, device.subject.clone(), why_text, why)
    };
    explain::claim(alert, now, &evidence, None)
}

fn feed_silent(
    open: &Open,
    change: AlertChange,
    link: &DeviceId,
    last: &Last,
    rhythm: &Rhythm,
    now: Time,
) -> Claim {
    let evidence = Evidence::of(&last.witness);
    let silent = span(rhythm.silent_s);
    let why_text = format!("Feed {link} silent {silent}; usual gap {}", usual(rhythm));
    let why = why_silent(rhythm, last, &evidence);
    let alert = Alert {
        title: Arc::from(format!("Feed {link} silent")),
        exercise: last.exercise,
        ..alert(ID, open, change, Subject::Device(link.clone()), why_text, why)
    };
    explain::claim(alert, now, &evidence, None)
}

fn link_down(open: &Open, link: &DeviceId, down: &Down, exercise: bool, now: Time) -> Claim {
    let evidence = Evidence::of(&down.witness);
    let lasted = span(now.since_s(down.since));
    let since = down.since.clock_text();
    let why_text = format!("Feed {link} is down since {since}: {}", down.text);
    let why = vec![
        reason("Down", &lasted, &format!("at least {DOWN_S:.0} s"), Met::Yes, 0.0, &evidence),
        reason("What the link says", &down.text, "up", Met::Yes, 0.0, &evidence),
    ];
    let alert = Alert {
        title: Arc::from(format!("Feed {link} down")),
        exercise,
        ..alert(LINK_DOWN, open, AlertChange::Raised, Subject::Device(link.clone()), why_text, why)
    };
    explain::claim(alert, now, &evidence, None)
}

fn together(
    open: &Open,
    link: &DeviceId,
    silent: &[(&Arc<str>, &Device)],
    total: usize,
    now: Time,
) -> Claim {
    let mut evidence = Evidence::default();
    for (_, device) in silent {
        evidence.add(&device.last.witness);
    }
    let names: Vec<&str> =
        silent.iter().take(explain::EVIDENCE_MAX).map(|(uid, _)| &***uid).collect();
    let count = silent.len();
    let since = open.opened_at.clock_text();
    let why_text = format!(
        "{count} of {total} devices of {link} fell silent together at {since}: {}",
        names.join(", ")
    );
    let share = count_f64(count) / count_f64(total.max(1));
    let shown = format!("{count} of {total} ({})", explain::percent(share));
    let limit = format!("at least {TOGETHER_MIN}, over {}", explain::percent(TOGETHER_SHARE));
    let lasted = span(now.since_s(open.opened_at));
    let limit_phi = format!("phi over {PHI_SUSPECT:.0} for each");
    let why = vec![
        reason("Silent together", &shown, &limit, Met::Yes, 0.0, &evidence),
        reason("Silent", &lasted, &limit_phi, Met::Yes, 0.0, &evidence),
    ];
    let alert = Alert {
        title: Arc::from(format!("Feed {link}: {count} devices silent")),
        count: u32::try_from(count).unwrap_or(u32::MAX),
        exercise: silent.iter().any(|(_, device)| device.last.exercise),
        ..alert(LINK_DOWN, open, AlertChange::Raised, Subject::Device(link.clone()), why_text, why)
    };
    explain::claim(alert, now, &evidence, None)
}

fn link_ended(
    open: &Open,
    cause: Cause,
    link: &DeviceId,
    by: &Witness,
    silent_s: f64,
    exercise: bool,
    now: Time,
) -> Claim {
    let evidence = Evidence::of(by);
    let (detector, what) = match cause {
        Cause::Silence => (ID, "silent"),
        Cause::Status => (LINK_DOWN, "down"),
        Cause::Together => (LINK_DOWN, "devices silent"),
    };
    let lasted = span(silent_s);
    let why_text = format!("Feed {link} is heard again after {lasted}");
    let why = vec![reason("Silent or down", &lasted, "heard again", Met::No, 0.0, &evidence)];
    let alert = Alert {
        title: Arc::from(format!("Feed {link} {what}")),
        exercise,
        ..alert(detector, open, AlertChange::Ended, Subject::Device(link.clone()), why_text, why)
    };
    explain::claim(alert, now, &evidence, None)
}

/// What all alerts of this detector have; the rest is set over it.
fn alert(
    detector: &str,
    open: &Open,
    change: AlertChange,
    subject: Subject,
    why_text: String,
    why: Vec<Reason>,
) -> Alert {
    Alert {
        id: open.id,
        detector: Arc::from(detector),
        version: VERSION,
        change,
        severity: open.severity,
        title: Arc::from(""),
        why_text: Arc::from(why_text),
        why,
        subject,
        track: None,
        area: None,
        position: None,
        opened_at: open.opened_at,
        count: 1,
        exercise: false,
    }
}
