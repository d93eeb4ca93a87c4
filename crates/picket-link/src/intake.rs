//! From bytes to admitted records: one decoder, the gate, the inbox.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use picket_codec::{Decoded, Decoder, Message};
use picket_gate::{Admitted, Gate, Peer};
use picket_model::{Body, Claim, LinkState, Record, Status, Time, ViewName};

use crate::clock::{Clock, Stamp};
use crate::feed::FeedSettings;
use crate::inbox::{Inbox, Post, RECORDS_PER_POST, Stopping};
use crate::step::{Step, Steps};

/// Most different reasons summed for one feed in one second; the rest is "other reasons".
const REASONS_MAX: usize = 32;

/// A feed's clock that steps again and again is spoken of at most this often, seconds.
const STEPS_PAUSE_S: f64 = 60.0;

/// What every connection of one feed shares.
#[derive(Debug)]
pub struct Parts {
    pub(crate) settings: FeedSettings,
    pub(crate) gate: Arc<Gate>,
    pub(crate) inbox: Inbox,
    pub(crate) clock: Clock,
    pub(crate) counters: Arc<Counters>,
    unsaid: Mutex<Unsaid>,
}

/// Sums over all feeds of the node since its start.
#[derive(Debug, Default)]
pub struct Counters {
    /// Observations admitted.
    pub observations: AtomicU64,
    /// Frames that made no sense.
    pub rejects: AtomicU64,
    /// Frames dropped at a full inbox.
    pub dropped: AtomicU64,
}

/// What happened since the last status records.
#[derive(Debug, Default)]
struct Unsaid {
    reasons: BTreeMap<String, u64>,
    dropped: u64,
    /// The newest step of a clock, and how many there were.
    step: Option<(Step, u64)>,
    /// When a step was last spoken of.
    step_said: Option<Stamp>,
}

impl Parts {
    pub(crate) fn new(
        settings: FeedSettings,
        gate: Arc<Gate>,
        inbox: Inbox,
        clock: Clock,
        counters: Arc<Counters>,
    ) -> Self {
        Self { settings, gate, inbox, clock, counters, unsaid: Mutex::default() }
    }

    pub(crate) fn count_dropped(&self, frames: u64) {
        self.counters.dropped.fetch_add(frames, Ordering::Relaxed);
        let mut unsaid = self.unsaid.lock().unwrap_or_else(PoisonError::into_inner);
        unsaid.dropped = unsaid.dropped.saturating_add(frames);
    }

    fn count_reject(&self, reason: String) {
        self.counters.rejects.fetch_add(1, Ordering::Relaxed);
        let mut unsaid = self.unsaid.lock().unwrap_or_else(PoisonError::into_inner);
        let full = unsaid.reasons.len() >= REASONS_MAX && !unsaid.reasons.contains_key(&reason);
        let key = if full { "other reasons".to_owned() } else { reason };
        *unsaid.reasons.entry(key).or_default() += 1;
    }

    fn note_step(&self, step: Step) {
        let mut unsaid = self.unsaid.lock().unwrap_or_else(PoisonError::into_inner);
        let count = unsaid.step.map_or(0, |(_, count)| count);
        unsaid.step = Some((step, count.saturating_add(1)));
    }

    /// Takes what is to be said now; of a step only if the last word was long ago.
    fn take_unsaid(&self) -> Unsaid {
        let now = self.clock.stamp();
        let pause = self.clock.span(STEPS_PAUSE_S).as_secs_f64();
        let mut unsaid = self.unsaid.lock().unwrap_or_else(PoisonError::into_inner);
        let mut taken = std::mem::take(&mut *unsaid);
        if taken.step_said.is_some_and(|said| said.until_s(now) < pause) {
            unsaid.step = taken.step.take();
        }
        unsaid.step_said = if taken.step.is_some() { Some(now) } else { taken.step_said };
        taken
    }

    /// Records what was dropped and rejected, and how a clock stepped, since the last call.
    pub(crate) async fn report(&self) -> Result<(), Stopping> {
        let unsaid = self.take_unsaid();
        let feed = &self.settings.name;
        if unsaid.dropped > 0 {
            let status = Status::Dropped { feed: feed.clone(), frames: unsaid.dropped };
            self.say(status).await?;
        }
        let count = unsaid.reasons.values().sum();
        let most = unsaid.reasons.into_iter().max_by_key(|(_, count)| *count);
        if let Some((reason, _)) = most {
            let status = Status::Rejects { feed: feed.clone(), count, reason: reason.into() };
            self.say(status).await?;
        }
        if let Some((step, count)) = unsaid.step {
            let mut text = step.to_string();
            if count > 1 {
                text.push_str(&format!(" (the last of {count} steps)"));
            }
            self.say_link(LinkState::Up, &text).await?;
        }
        Ok(())
    }

    /// Records a change of the link's state.
    pub(crate) async fn say_link(&self, state: LinkState, text: &str) -> Result<(), Stopping> {
        let feed = self.settings.name.clone();
        self.say(Status::Link { feed, state, text: text.into() }).await
    }

    async fn say(&self, status: Status) -> Result<(), Stopping> {
        let now = self.clock.now();
        let claim = Claim {
            occurred_at: Some(now),
            subject: Some(picket_model::Subject::Device(self.settings.name.clone())),
            floor: Some(self.settings.label.clone()),
            ..Claim::of(Body::Status(status))
        };
        let by = self.gate.view(ViewName::Link);
        // A refusal is counted at the gate and becomes a record of its own.
        let Ok(record) = self.gate.admit(&by, claim, now, now) else { return Ok(()) };
        self.inbox.send(Post::Records { records: vec![record], stamp: self.clock.stamp() }).await
    }
}

/// One connection's decoder and what waits to be posted.
pub(crate) struct Intake {
    parts: Arc<Parts>,
    decoder: Box<dyn Decoder>,
    decoded: Decoded,
    claims: Vec<Claim>,
    records: Vec<Admitted<Record>>,
    steps: Steps,
}

impl Intake {
    pub(crate) fn new(parts: Arc<Parts>) -> Self {
        let decoder = (parts.settings.format.decoder)(&parts.settings.decoding);
        Self {
            parts,
            decoder,
            decoded: Decoded::default(),
            claims: Vec::new(),
            records: Vec::new(),
            steps: Steps::default(),
        }
    }

    /// Decodes bytes of a stream and asks the gate to admit what they claim.
    pub(crate) fn feed(&mut self, bytes: &[u8], received_at: Time) {
        self.decoder.feed(bytes, received_at, &mut self.decoded);
        self.admit_decoded(received_at);
    }

    /// Decodes one datagram.
    pub(crate) fn feed_datagram(&mut self, bytes: &[u8], received_at: Time) {
        self.decoder.feed(bytes, received_at, &mut self.decoded);
        self.decoder.end_datagram(received_at, &mut self.decoded);
        self.admit_decoded(received_at);
    }

    /// The stream is over.
    pub(crate) fn end(&mut self, received_at: Time) {
        self.decoder.end(received_at, &mut self.decoded);
        self.admit_decoded(received_at);
    }

    /// Decodes bytes and hands the messages over instead of admitting them.
    pub(crate) fn decode(&mut self, bytes: Option<&[u8]>, at: Time) -> Vec<Message> {
        match bytes {
            Some(bytes) => self.decoder.feed(bytes, at, &mut self.decoded),
            None => self.decoder.end(at, &mut self.decoded),
        }
        self.count_rejects();
        self.decoded.messages.drain(..).map(|(_, message)| message).collect()
    }

    /// Asks the gate to admit what one message claims, its times moved by `shift`.
    pub(crate) fn admit(&mut self, message: &Message, at: Time, shift: impl Fn(Time) -> Time) {
        message.claims(at, &mut self.claims);
        for claim in &mut self.claims {
            claim.occurred_at = claim.occurred_at.map(&shift);
        }
        self.admit_claims(at);
    }

    /// Posts what was admitted, waiting for room in the inbox.
    pub(crate) async fn post(&mut self, stamp: Stamp) -> Result<(), Stopping> {
        while !self.records.is_empty() {
            let rest = self.records.split_off(self.records.len().min(RECORDS_PER_POST));
            let records = std::mem::replace(&mut self.records, rest);
            self.parts.inbox.send(Post::Records { records, stamp }).await?;
        }
        Ok(())
    }

    fn admit_decoded(&mut self, received_at: Time) {
        self.count_rejects();
        for (_, message) in self.decoded.messages.drain(..) {
            message.claims(received_at, &mut self.claims);
        }
        for said in self.claims.iter().filter_map(|claim| claim.occurred_at) {
            if let Some(step) = self.steps.hear(said, received_at) {
                self.parts.note_step(step);
            }
        }
        self.admit_claims(received_at);
    }

    fn admit_claims(&mut self, received_at: Time) {
        let parts = &self.parts;
        let peer = Peer::Feed(&parts.settings.name);
        for mut claim in self.claims.drain(..) {
            if let Body::Observation(seen) = &mut claim.body {
                seen.exercise |= parts.settings.exercise;
            }
            // Each message is verified anew; what is refused is counted at the gate.
            let admitted = parts
                .gate
                .verify(&peer, received_at)
                .and_then(|by| parts.gate.admit(&by, claim, received_at, received_at));
            if let Ok(record) = admitted {
                parts.counters.observations.fetch_add(1, Ordering::Relaxed);
                self.records.push(record);
            }
        }
    }

    fn count_rejects(&mut self) {
        for (_, error) in self.decoded.rejects.drain(..) {
            self.parts.count_reject(error.to_string());
        }
    }
}
