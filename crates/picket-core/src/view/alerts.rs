//! The alert queue: what the detectors say, and what people did about it.

use std::collections::BTreeMap;
use std::sync::Arc;

use picket_model::{
    Act, Actor, Alert, AlertChange, AlertId, Body, Entry, Label, Labelled, RecordId, Seq, Severity,
    Time, TrackId,
};

/// Most alerts kept for the page; beyond it the closed ones that changed longest ago go first, then
/// the least severe. All stay in the log.
const ALERTS_MAX: usize = 5_000;
/// Most lines of one alert's history; the oldest but the first goes.
const HISTORY_MAX: usize = 200;

/// One alert as people see it.
#[derive(Debug, Clone, PartialEq)]
pub struct AlertState {
    /// The detector's newest word.
    pub alert: Alert,
    /// Where it stands in people's hands.
    pub standing: Standing,
    /// Whether its condition still holds.
    pub condition: Condition,
    /// Late data changed or withdrew what had been said of it; the mark stays.
    pub revised: bool,
    /// Who took it on.
    pub assignee: Option<Actor>,
    /// When it was shelved until.
    pub shelved_until: Option<Time>,
    /// The records on which the newest word rests.
    pub cites: Vec<RecordId>,
    /// What happened to it, oldest first.
    pub history: Vec<AlertEvent>,
    /// The entry that raised it.
    pub seq: Seq,
    /// When it last changed.
    pub updated_at: Time,
    /// How far it may travel.
    pub label: Label,
}

/// Where an alert stands in people's hands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Standing {
    /// Nobody has acted.
    New,
    /// Somebody took it on.
    Acknowledged,
    /// Put aside for a while.
    Shelved,
    /// Its condition ended, or late data withdrew it, before anybody acted.
    Cleared,
    /// Done with.
    Closed,
}

impl Standing {
    /// The state on the outside.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::New => "new",
            Self::Acknowledged => "acknowledged",
            Self::Shelved => "shelved",
            Self::Cleared => "cleared",
            Self::Closed => "closed",
        }
    }

    /// Whether it still asks for somebody.
    #[must_use]
    pub const fn is_open(self) -> bool {
        match self {
            Self::New | Self::Acknowledged | Self::Shelved => true,
            Self::Cleared | Self::Closed => false,
        }
    }
}

/// Whether an alert's condition still holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Condition {
    /// It does.
    Active,
    /// It ended.
    Ended,
    /// Late data show that it never did.
    Withdrawn,
}

impl Condition {
    /// The condition on the outside.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Active => "active",
            Self::Ended => "ended",
            Self::Withdrawn => "withdrawn",
        }
    }
}

/// One line of an alert's history.
#[derive(Debug, Clone, PartialEq)]
pub struct AlertEvent {
    /// When.
    pub at: Time,
    /// Who.
    pub actor: Actor,
    /// What: a verb.
    pub verb: &'static str,
    /// Why, or what was written.
    pub text: Arc<str>,
    /// The entry.
    pub seq: Seq,
}

/// Why an act does not fit an alert's state now.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Conflict {
    /// There is no such alert for this person.
    #[error("there is no such alert")]
    Absent,
    /// There is no such drawn area or line.
    #[error("there is no such drawn area or line")]
    AbsentShape,
    /// Somebody was first.
    #[error("already {state} by {who} at {at}")]
    Already {
        /// The state it is in.
        state: &'static str,
        /// Who did it.
        who: String,
        /// When, as the clock shows.
        at: String,
    },
    /// The name belongs to the configuration.
    #[error("{0} is part of the configuration and is changed there")]
    Configured(String),
    /// There are as many as there may be.
    #[error("{most} areas and lines are drawn already; erase one first")]
    Full {
        /// The bound.
        most: usize,
    },
    /// The act lacks what it needs.
    #[error("{0}")]
    Incomplete(&'static str),
}

impl Labelled for AlertState {
    fn label(&self) -> &Label {
        &self.label
    }
}

/// Every alert that is kept.
#[derive(Debug, Clone, Default)]
pub struct AlertBook {
    alerts: BTreeMap<AlertId, Arc<AlertState>>,
    /// Those that the entry just applied made or changed.
    touched: Vec<AlertId>,
}

impl AlertBook {
    /// All alerts, by id.
    #[must_use]
    pub const fn all(&self) -> &BTreeMap<AlertId, Arc<AlertState>> {
        &self.alerts
    }

    /// The alerts that the entry just applied made or changed.
    #[must_use]
    pub fn touched(&self) -> &[AlertId] {
        &self.touched
    }

    /// The gravest open alert of each track that has one.
    #[must_use]
    pub fn alerting(&self) -> BTreeMap<TrackId, Severity> {
        let mut gravest = BTreeMap::new();
        for state in self.alerts.values().filter(|state| state.standing.is_open()) {
            if let Some(track) = state.alert.track {
                let severity = gravest.entry(track).or_insert(state.alert.severity);
                *severity = state.alert.severity.max(*severity);
            }
        }
        gravest
    }

    /// Whether an act fits its alert's state now; asked before it is appended.
    ///
    /// # Errors
    /// [`Conflict`] that says who was first, or what is missing.
    pub fn check(&self, act: &Act) -> Result<(), Conflict> {
        let Some(id) = act.alert() else { return Ok(()) };
        let state = self.alerts.get(&id).ok_or(Conflict::Absent)?;
        let already = || {
            let by = state.history.iter().rev().find(|line| matches!(line.actor, Actor::Person(_)));
            Conflict::Already {
                state: state.standing.as_str(),
                who: by.map_or_else(|| "picket".to_owned(), |line| line.actor.to_string()),
                at: by.map_or(state.updated_at, |line| line.at).clock_text(),
            }
        };
        match (act, state.standing) {
            (Act::Close { reason, .. } | Act::Shelve { reason, .. }, _) if reason.is_empty() => {
                Err(Conflict::Incomplete("a reason is needed"))
            }
            (Act::Note { text, .. }, _) if text.is_empty() => {
                Err(Conflict::Incomplete("the note is empty"))
            }
            (Act::Acknowledge { .. }, Standing::Acknowledged | Standing::Closed)
            | (Act::Close { .. } | Act::Shelve { .. }, Standing::Closed)
            | (Act::Shelve { .. }, Standing::Cleared) => Err(already()),
            (
                Act::Acknowledge { .. }
                | Act::Assess { .. }
                | Act::Shelve { .. }
                | Act::Close { .. }
                | Act::Note { .. }
                | Act::SignIn { .. }
                | Act::SignOut
                | Act::IssueLink
                | Act::Draw(_)
                | Act::Erase { .. },
                _,
            ) => Ok(()),
        }
    }

    pub(crate) fn apply(&mut self, entry: &Entry) {
        self.touched.clear();
        match &entry.record.body {
            Body::Alert(alert) => self.hear(alert, entry),
            Body::Act(act) => self.act(act, entry),
            Body::Tick => self.unshelve(entry),
            Body::Observation(_) | Body::Status(_) | Body::Refusal(_) | Body::Site(_) => {}
        }
    }

    fn hear(&mut self, alert: &Alert, entry: &Entry) {
        let at = entry.record.received_at;
        self.touched.push(alert.id);
        if !self.alerts.contains_key(&alert.id) {
            self.make_room();
        }
        let state = self.alerts.entry(alert.id).or_insert_with(|| {
            Arc::new(AlertState {
                alert: alert.clone(),
                standing: Standing::New,
                condition: Condition::Active,
                revised: false,
                assignee: None,
                shelved_until: None,
                cites: Vec::new(),
                history: Vec::new(),
                seq: entry.seq,
                updated_at: at,
                label: entry.record.label.clone(),
            })
        });
        let state = Arc::make_mut(state);
        let graver = alert.severity > state.alert.severity;
        state.alert = alert.clone();
        state.cites.clone_from(&entry.record.cites);
        state.label.raise(&entry.record.label);
        state.updated_at = at;
        let (condition, verb) = match alert.change {
            AlertChange::Raised => (Condition::Active, "raise"),
            AlertChange::Updated => (Condition::Active, "update"),
            AlertChange::Ended => (Condition::Ended, "end"),
            AlertChange::Withdrawn => (Condition::Withdrawn, "withdraw"),
            AlertChange::Revised => (Condition::Active, "revise"),
        };
        // An end that is said again, or what was withdrawn and is raised again: late data too.
        let is_late_word = match alert.change {
            AlertChange::Revised | AlertChange::Withdrawn => true,
            AlertChange::Ended => state.condition == Condition::Ended,
            AlertChange::Raised => state.condition == Condition::Withdrawn,
            AlertChange::Updated => false,
        };
        state.revised |= is_late_word;
        state.condition = condition;
        match (condition, state.standing) {
            (Condition::Ended | Condition::Withdrawn, Standing::New | Standing::Shelved) => {
                state.standing = Standing::Cleared;
            }
            (Condition::Active, Standing::Cleared) => state.standing = Standing::New,
            (Condition::Active, Standing::Acknowledged | Standing::Shelved | Standing::Closed)
                if graver =>
            {
                state.standing = Standing::New;
                state.shelved_until = None;
            }
            (Condition::Active | Condition::Ended | Condition::Withdrawn, _) => {}
        }
        state.write(entry, verb, &alert.why_text);
    }

    fn act(&mut self, act: &Act, entry: &Entry) {
        // A node of another build may have let an act in that does not fit; it changes nothing.
        if self.check(act).is_err() {
            return;
        }
        let Some(state) = act.alert().and_then(|id| self.alerts.get_mut(&id)) else { return };
        let state = Arc::make_mut(state);
        self.touched.push(state.alert.id);
        state.updated_at = entry.record.received_at;
        let text = match act {
            Act::Acknowledge { reason, .. } => {
                // To acknowledge what has already ended is to have seen it: that closes it.
                state.standing = match state.standing {
                    Standing::Cleared => Standing::Closed,
                    Standing::New
                    | Standing::Shelved
                    | Standing::Acknowledged
                    | Standing::Closed => Standing::Acknowledged,
                };
                state.assignee = Some(entry.record.author.clone());
                state.shelved_until = None;
                Arc::clone(reason)
            }
            Act::Close { reason, .. } => {
                state.standing = Standing::Closed;
                Arc::clone(reason)
            }
            Act::Shelve { reason, until, .. } => {
                state.standing = Standing::Shelved;
                state.shelved_until = Some(*until);
                Arc::clone(reason)
            }
            Act::Assess { verdict, reason, .. } => Arc::from(format!("{verdict}: {reason}")),
            Act::Note { text, .. } => Arc::clone(text),
            Act::SignIn { .. }
            | Act::SignOut
            | Act::IssueLink
            | Act::Draw(_)
            | Act::Erase { .. } => return,
        };
        state.write(entry, act.verb(), &text);
    }

    fn unshelve(&mut self, entry: &Entry) {
        let now = entry.record.occurred_at;
        for state in self.alerts.values_mut() {
            if state.shelved_until.is_some_and(|until| now >= until) {
                let state = Arc::make_mut(state);
                self.touched.push(state.alert.id);
                state.shelved_until = None;
                if state.standing == Standing::Shelved {
                    state.standing = Standing::New;
                    state.updated_at = now;
                    state.write(entry, "unshelve", "the time set aside is over");
                }
            }
        }
    }

    fn make_room(&mut self) {
        if self.alerts.len() < ALERTS_MAX {
            return;
        }
        let rank =
            |state: &AlertState| (state.standing.is_open(), state.alert.severity, state.updated_at);
        let first_to_go =
            self.alerts.iter().min_by_key(|(_, state)| rank(state)).map(|(id, _)| *id);
        if let Some(id) = first_to_go {
            self.alerts.remove(&id);
        }
    }
}

impl AlertState {
    fn write(&mut self, entry: &Entry, verb: &'static str, text: &str) {
        if self.history.len() >= HISTORY_MAX {
            self.history.remove(1);
        }
        self.history.push(AlertEvent {
            at: entry.record.received_at,
            actor: entry.record.author.clone(),
            verb,
            text: Arc::from(text),
            seq: entry.seq,
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use picket_model::{
        Auth, EntryName, Epoch, LogClass, Met, NodeId, Reason, Record, Subject, ViewName,
    };

    /// The machine's word on alert `number`, said at `second`.
    fn word(number: u32, second: i64) -> Entry {
        let at = Time::from_unix_s(second);
        let mut id = [0; 16];
        id[..4].copy_from_slice(&number.to_be_bytes());
        let reason = Reason {
            text: "a".into(),
            value: "1".into(),
            threshold: "0".into(),
            met: Met::Yes,
            decibans: 0.0,
            evidence: Vec::new(),
        };
        let alert = Alert {
            id: AlertId(id),
            detector: "distress".into(),
            version: 1,
            change: AlertChange::Raised,
            severity: Severity::Serious,
            title: "t".into(),
            why_text: "w".into(),
            why: vec![reason],
            subject: Subject::Mmsi(number),
            track: None,
            area: None,
            position: None,
            opened_at: at,
            count: 1,
            exercise: false,
        };
        let seq = Seq(u64::try_from(second).unwrap());
        Entry {
            seq,
            name: EntryName {
                origin: NodeId([0; 16]),
                epoch: Epoch(0),
                class: LogClass::Alert,
                number: seq.0,
            },
            id: RecordId([0; 32]),
            record: Record {
                author: Actor::Machine(ViewName::Detect),
                auth: Auth::Channel,
                label: Label::lowest(),
                occurred_at: at,
                received_at: at,
                subject: None,
                cites: vec![RecordId([1; 32])],
                body: Body::Alert(Box::new(alert)),
            },
        }
    }

    #[test]
    fn late_data_leave_a_mark_that_stays_and_a_withdrawal_clears_what_nobody_took_on() {
        let said = |change: AlertChange, second: i64| {
            let mut entry = word(1, second);
            if let Body::Alert(alert) = &mut entry.record.body {
                alert.change = change;
            }
            entry
        };
        let mut book = AlertBook::default();
        let state = |book: &AlertBook| {
            let state = book.all().values().next().unwrap();
            (state.standing, state.condition, state.revised)
        };
        book.apply(&said(AlertChange::Raised, 1));
        book.apply(&said(AlertChange::Updated, 2));
        assert_eq!(state(&book), (Standing::New, Condition::Active, false));
        book.apply(&said(AlertChange::Revised, 3));
        assert_eq!(state(&book), (Standing::New, Condition::Active, true));
        book.apply(&said(AlertChange::Withdrawn, 4));
        assert_eq!(state(&book), (Standing::Cleared, Condition::Withdrawn, true));
        book.apply(&said(AlertChange::Raised, 5));
        assert_eq!(state(&book), (Standing::New, Condition::Active, true), "it is on record");
        let mut ended = AlertBook::default();
        ended.apply(&said(AlertChange::Raised, 1));
        ended.apply(&said(AlertChange::Ended, 2));
        assert_eq!(state(&ended), (Standing::Cleared, Condition::Ended, false));
        ended.apply(&said(AlertChange::Ended, 3));
        assert_eq!(state(&ended), (Standing::Cleared, Condition::Ended, true), "said again");
    }

    #[test]
    fn at_the_bound_a_new_alert_takes_the_oldest_place_and_an_update_takes_none() {
        let mut book = AlertBook::default();
        let most = u32::try_from(ALERTS_MAX).unwrap();
        for number in 0..most {
            book.apply(&word(number, i64::from(number)));
        }
        book.apply(&word(0, 10_000));
        assert_eq!(book.all().len(), ALERTS_MAX, "an update takes no place");
        let first = word(0, 0);
        let Body::Alert(first) = first.record.body else { panic!("an alert") };
        assert_eq!(book.all().get(&first.id).unwrap().history.len(), 2, "and forgets nothing");
        book.apply(&word(most, 10_001));
        assert_eq!(book.all().len(), ALERTS_MAX);
        assert!(book.all().contains_key(&first.id), "it changed last but one");
    }
}
