//! What of an entry is worth a row: derived from the entry and the fold alone, in log order, so
//! that rows made again equal the rows that were kept.
//!
//! - each record but ticks: where, when, by whom, about what;
//! - at each tick, which comes each second (without ticks, each other second): the tracks that
//!   were touched since the one before, and those that ended;
//! - at the first entry of each minute: every shown track, whole (a keyframe);
//! - each alert that an entry changed, as it stands then;
//! - at the first entry of each hour also all open alerts, what is watched and the links that
//!   are down, so that no question needs the file before.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use picket_core::{AlertState, Fold};
use picket_model::{
    Actor, Body, DeviceId, Entry, Label, LinkState, Position, RecordId, Seq, Status, Time, Track,
    TrackId, Watch,
};

use crate::pack;

/// The rows of entries of one hour that follow one another.
#[derive(Debug, Clone)]
pub(crate) struct Batch {
    /// The hour, counted from 1970.
    pub(crate) hour: i64,
    /// The first entry that it covers.
    pub(crate) first: u64,
    /// The last.
    pub(crate) last: u64,
    /// The node's time at the first.
    pub(crate) from: Time,
    /// At the last.
    pub(crate) to: Time,
    pub(crate) rows: Vec<Row>,
}

/// One row, by the entry from which it follows.
#[derive(Debug, Clone)]
pub(crate) struct Row {
    pub(crate) seq: Seq,
    /// The node's time at that entry; never goes back.
    pub(crate) at: Time,
    pub(crate) what: What,
}

#[derive(Debug, Clone)]
pub(crate) enum What {
    Record(Box<RecordRow>),
    /// A track was touched; whole if more than a fix changed.
    Track(Arc<Track>, bool),
    Gone(TrackId),
    /// Every shown track.
    Keyframe(Vec<Arc<Track>>),
    Alert(Arc<AlertState>),
    Link(LinkRow),
    Watch(Arc<Watch>),
}

/// A record, as far as it is shown in a list.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct RecordRow {
    pub(crate) kind: u8,
    pub(crate) id: RecordId,
    pub(crate) author: Actor,
    pub(crate) label: Label,
    pub(crate) occurred_at: Time,
    pub(crate) position: Option<Position>,
    pub(crate) track: Option<TrackId>,
    pub(crate) subject: Option<String>,
    pub(crate) text: Option<Arc<str>>,
}

/// A time in which a link, or the node itself, heard nothing.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct LinkRow {
    pub(crate) feed: Arc<str>,
    pub(crate) from: Time,
    /// `None` while it lasts.
    pub(crate) to: Option<Time>,
    pub(crate) text: Arc<str>,
    pub(crate) label: Label,
}

/// The kinds of records, by their number in a row.
pub(crate) const KINDS: [&str; 6] = ["observation", "status", "alert", "act", "refusal", "site"];
/// The kind of acts.
pub(crate) const ACT: u8 = 3;
/// Links that are down at one time and remembered; the log names no more than were configured.
const LINKS_MAX: usize = 4_096;
/// A node that is up writes a tick each second; after so long without an entry it was not.
const DOWN_S: f64 = 10.0;
/// The name under which the node's own absence stands among the feeds'.
const NODE: &str = "picket";

/// Derives rows, entry by entry, from the log's first.
#[derive(Debug, Default)]
pub(crate) struct Sampler {
    at: Option<Time>,
    /// The second in which tracks were last put into rows.
    sampled_s: i64,
    touched: BTreeSet<TrackId>,
    gone: BTreeSet<TrackId>,
    /// Of each track in the rows: what its newest whole row said.
    slow: BTreeMap<TrackId, u64>,
    down: BTreeMap<DeviceId, LinkRow>,
}

impl Sampler {
    /// Adds the rows that follow from an entry which was just folded.
    pub(crate) fn step(&mut self, entry: &Entry, fold: &Fold, rows: &mut Vec<Row>) {
        let (seq, at) = (entry.seq, fold.at());
        let before = self.at.replace(at);
        let is_new = |part: fn(Time) -> i64| before.is_none_or(|before| part(before) != part(at));
        let mut add = |what| rows.push(Row { seq, at, what });
        let picture = fold.picture();
        self.touched.extend(&picture.touched);
        self.gone.extend(&picture.removed);
        let new_hour = is_new(Time::hour);
        if new_hour {
            add(What::Watch(Arc::clone(fold.watch())));
            for state in fold.alerts().all().values().filter(|state| state.standing.is_open()) {
                add(What::Alert(Arc::clone(state)));
            }
            self.down.values().cloned().for_each(|link| add(What::Link(link)));
        } else if Watch::is_about(&entry.record) {
            add(What::Watch(Arc::clone(fold.watch())));
        }
        if let Some(before) = before.filter(|before| at.since_s(*before) > DOWN_S) {
            add(What::Link(absence(before, at)));
        }
        if let Some(record) = record(entry, fold) {
            add(What::Record(Box::new(record)));
        }
        for id in fold.alerts().touched() {
            // One that is open was written with the hour's beginning.
            if let Some(state) = fold.alerts().all().get(id)
                && !(new_hour && state.standing.is_open())
            {
                add(What::Alert(Arc::clone(state)));
            }
        }
        if let Some(link) = self.link(entry, at) {
            add(What::Link(link));
        }
        let is_tick = matches!(entry.record.body, Body::Tick);
        if is_new(|at| at.unix_s().div_euclid(60)) {
            self.sampled_s = at.unix_s();
            self.keyframe(fold, &mut add);
        } else if is_tick || at.unix_s() > self.sampled_s.saturating_add(1) {
            self.sampled_s = at.unix_s();
            self.second(fold, &mut add);
        }
    }

    fn keyframe(&mut self, fold: &Fold, add: &mut impl FnMut(What)) {
        add(What::Keyframe(fold.picture().shown().cloned().collect()));
        for id in std::mem::take(&mut self.gone) {
            self.slow.remove(&id);
        }
        for id in std::mem::take(&mut self.touched) {
            if let Some(track) = fold.picture().tracks.get(&id).filter(|t| t.state.is_shown()) {
                self.slow.insert(id, pack::slow_key(track));
            }
        }
    }

    fn second(&mut self, fold: &Fold, add: &mut impl FnMut(What)) {
        for id in std::mem::take(&mut self.gone) {
            if self.slow.remove(&id).is_some() {
                add(What::Gone(id));
            }
        }
        for id in std::mem::take(&mut self.touched) {
            let Some(track) = fold.picture().tracks.get(&id) else { continue };
            if track.state.is_shown() {
                let key = pack::slow_key(track);
                let whole = self.slow.insert(id, key) != Some(key);
                add(What::Track(Arc::clone(track), whole));
            }
        }
    }

    fn link(&mut self, entry: &Entry, at: Time) -> Option<LinkRow> {
        let Body::Status(Status::Link { feed, state, text }) = &entry.record.body else {
            return None;
        };
        match state {
            LinkState::Down if self.down.contains_key(feed) => None,
            LinkState::Down => {
                let row = LinkRow {
                    feed: Arc::from(feed.as_str()),
                    from: at,
                    to: None,
                    text: Arc::clone(text),
                    label: entry.record.label.clone(),
                };
                if self.down.len() < LINKS_MAX {
                    self.down.insert(feed.clone(), row.clone());
                }
                Some(row)
            }
            LinkState::Up | LinkState::Done => {
                self.down.remove(feed).map(|row| LinkRow { to: Some(at), ..row })
            }
        }
    }
}

fn absence(from: Time, to: Time) -> LinkRow {
    LinkRow {
        feed: Arc::from(NODE),
        from,
        to: Some(to),
        text: Arc::from("the node recorded nothing"),
        label: Label::lowest(),
    }
}

fn record(entry: &Entry, fold: &Fold) -> Option<RecordRow> {
    let record = &entry.record;
    let (kind, position, text) = match &record.body {
        Body::Tick => return None,
        Body::Observation(seen) => (0, seen.position, seen.text.clone()),
        Body::Status(status) => (1, None, Some(status_text(status))),
        Body::Alert(alert) => (2, alert.position, Some(Arc::clone(&alert.title))),
        Body::Act(act) => (ACT, None, Some(act_text(act))),
        Body::Refusal(refused) => {
            let text = format!("{} claims refused by {}", refused.count, refused.rule);
            (4, None, Some(Arc::from(text)))
        }
        Body::Site(site) => (5, None, Some(Arc::from(format!("site {}", site.name)))),
    };
    let text = match (&record.body, text) {
        (Body::Observation(seen), None) => {
            let what = seen.class.as_str();
            Some(Arc::from(match (seen.alarm, seen.position) {
                (Some(sense), _) => format!("{} alarm", sense.as_str()),
                (None, Some(_)) => format!("{} position of {what}", seen.sensor.as_str()),
                (None, None) => format!("{} report of {what}", seen.sensor.as_str()),
            }))
        }
        (_, text) => text,
    };
    let track = match &record.body {
        Body::Alert(alert) => alert.track,
        // Only if whoever may see the record may see the track too.
        Body::Observation(_) => fold.picture().touched.first().copied().filter(|id| {
            let track = fold.picture().tracks.get(id);
            track.is_some_and(|track| record.label.dominates(&track.label))
        }),
        Body::Status(_) | Body::Act(_) | Body::Refusal(_) | Body::Tick | Body::Site(_) => None,
    };
    Some(RecordRow {
        kind,
        id: entry.id,
        author: record.author.clone(),
        label: record.label.clone(),
        occurred_at: record.occurred_at,
        position,
        track,
        subject: record.subject.as_ref().map(ToString::to_string),
        text,
    })
}

fn status_text(status: &Status) -> Arc<str> {
    match status {
        Status::Link { feed, state, text } => {
            Arc::from(format!("{feed} is {}: {text}", state.as_str()))
        }
        Status::Dropped { feed, frames } => Arc::from(format!("{feed} dropped {frames} frames")),
        Status::Rejects { feed, count, reason } => {
            Arc::from(format!("{feed} sent {count} frames that make no sense: {reason}"))
        }
        Status::Node { text } => Arc::clone(text),
    }
}

fn act_text(act: &picket_model::Act) -> Arc<str> {
    use picket_model::Act;
    let verb = act.verb();
    let words = match act {
        Act::SignIn { factor } => factor.as_ref(),
        Act::SignOut | Act::IssueLink => "",
        Act::Acknowledge { reason, .. }
        | Act::Shelve { reason, .. }
        | Act::Close { reason, .. } => reason.as_ref(),
        Act::Assess { verdict, reason, .. } => {
            return Arc::from(format!("{verb}: {verdict}, {reason}"));
        }
        Act::Note { text, .. } => text.as_ref(),
        Act::Draw(shape) => shape.name().as_str(),
        Act::Erase { name, .. } => name.as_str(),
    };
    Arc::from(if words.is_empty() { verb.to_owned() } else { format!("{verb}: {words}") })
}
