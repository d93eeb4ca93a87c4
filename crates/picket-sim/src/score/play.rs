//! Plays one episode through fusion and one detector, with loss and delay.

use std::collections::BTreeMap;

use picket_detect::{DETECTORS, Detector, LATENESS_S, Settings};
use picket_fusion::Fusion;
use picket_model::{
    Actor, AlertChange, AlertId, Auth, Body, Claim, DeviceId, Entry, EntryName, Epoch, Label,
    LogClass, NodeId, Observation, Picture, Record, RecordId, Seq, Severity, Time, ViewName,
};

use super::stage::Episode;
use crate::chance::Chance;

/// Share of the records that are lost.
const LOST: f64 = 0.03;
/// Share of the records that are held back, up to the lateness.
const HELD: f64 = 0.3;
/// Delay of the others, seconds at most.
const PROMPT_S: f64 = 0.3;

/// What was said of an episode.
#[derive(Debug)]
pub(super) struct Outcome {
    /// The alerts that stand in the end: when each began and how grave it is.
    pub(super) standing: Vec<(Time, Severity)>,
    /// When the first of them was told first, seconds by our clock.
    pub(super) first_s: Option<f64>,
    /// Every word, without its time.
    pub(super) words: Vec<(AlertId, AlertChange)>,
    /// A revision or withdrawal was among the words.
    pub(super) changed_by_late: bool,
}

impl Outcome {
    /// Whether the same stands in the end: as many alerts, as grave, that began within a few seconds.
    pub(super) fn agrees(&self, other: &Self) -> bool {
        self.standing.len() == other.standing.len()
            && self.standing.iter().zip(&other.standing).all(
                |((at, grave), (other_at, as_grave))| {
                    grave == as_grave && at.since_s(*other_at).abs() <= BEGAN_S
                },
            )
    }
}

/// Fusion keeps its estimate where it is when a fix comes late, so a beginning may differ by a few fixes.
const BEGAN_S: f64 = 15.0;

/// 2023-11-14T02:00:00Z: night.
const START: Time = Time::from_unix_s(1_699_927_200);

/// Plays an episode: late as it may be, or all in order.
pub(super) fn play(
    detector: &str,
    episode: &Episode,
    chance: &mut Chance,
    is_late: bool,
) -> Outcome {
    let mut arrivals: Vec<(f64, f64, usize, &Observation)> = Vec::new();
    for (index, (at_s, seen)) in episode.seen.iter().enumerate() {
        // The draws are the same whether they are used or not.
        let (lost, held, delay) = (chance.unit(), chance.unit(), chance.unit());
        if lost < LOST {
            continue;
        }
        let late_s = delay * (LATENESS_S - 0.5);
        let prompt_s = 0.05 + delay * PROMPT_S;
        let delay_s = if is_late && held < HELD { late_s.max(prompt_s) } else { prompt_s };
        // In order: what is prompt never overtakes.
        let delay_s = if is_late { delay_s } else { 0.05 };
        arrivals.push((at_s + delay_s, *at_s, index, seen));
    }
    arrivals.sort_by(|(one, ..), (other, ..)| one.total_cmp(other));
    let mut node = Node::new(detector, episode);
    let mut tick_s = episode.from_s.floor();
    for (received_s, at_s, index, seen) in arrivals {
        node.tick_until(&mut tick_s, received_s);
        let body = Body::Observation(Box::new(seen.clone()));
        node.fold(&entry(index, author(), at_s, received_s, body));
    }
    node.tick_until(&mut tick_s, episode.until_s);
    node.outcome(episode)
}

struct Node {
    fusion: Fusion,
    picture: Picture,
    detector: Option<Box<dyn Detector>>,
    claims: Vec<Claim>,
    /// Each claim with when it was made.
    said: Vec<(f64, Claim)>,
}

impl Node {
    fn new(detector: &str, episode: &Episode) -> Self {
        let settings = Settings {
            areas: episode.site.areas.clone(),
            lines: episode.site.lines.clone(),
            ..Settings::default()
        };
        let row = DETECTORS.iter().find(|row| row.id == detector);
        Self {
            fusion: Fusion::new(picket_fusion::Settings::default()),
            picture: Picture::default(),
            detector: row.map(|row| (row.make)(&settings)),
            claims: Vec::new(),
            said: Vec::new(),
        }
    }

    /// One tick a second.
    fn tick_until(&mut self, tick_s: &mut f64, until_s: f64) {
        while *tick_s < until_s {
            let body = Body::Tick;
            let author = Actor::Machine(ViewName::Clock);
            self.fold(&entry(usize::MAX, author, *tick_s, *tick_s, body));
            *tick_s += 1.0;
        }
    }

    fn fold(&mut self, entry: &Entry) {
        self.fusion.apply(entry, &mut self.picture);
        if let Some(detector) = &mut self.detector {
            detector.watch(entry, &self.picture, &mut self.claims);
        }
        let received_s = entry.record.received_at.since_s(START);
        self.said.extend(self.claims.drain(..).map(|claim| (received_s, claim)));
    }

    fn outcome(&self, episode: &Episode) -> Outcome {
        let mut last = BTreeMap::new();
        let mut words = Vec::new();
        let mut changed_by_late = false;
        for (at_s, claim) in &self.said {
            let Body::Alert(alert) = &claim.body else { continue };
            words.push((alert.id, alert.change));
            changed_by_late |=
                matches!(alert.change, AlertChange::Revised | AlertChange::Withdrawn);
            let known = last.entry(alert.id).or_insert((*at_s, None));
            known.1 = (alert.change != AlertChange::Withdrawn && alert.severity >= episode.least)
                .then_some((alert.opened_at, alert.severity));
        }
        let mut standing: Vec<(Time, Severity)> =
            last.values().filter_map(|(_, standing)| *standing).collect();
        standing.sort();
        let stood = last.values().filter(|(_, standing)| standing.is_some());
        let first_s = stood.map(|(at_s, _)| *at_s).min_by(f64::total_cmp);
        Outcome { standing, first_s, words, changed_by_late }
    }
}

fn author() -> Actor {
    // The name fits; a feed without one would be nobody's.
    DeviceId::new("feed").map_or(Actor::Machine(ViewName::Link), Actor::Device)
}

fn entry(index: usize, author: Actor, at_s: f64, received_s: f64, body: Body) -> Entry {
    let number = u64::try_from(index).unwrap_or(u64::MAX);
    let mut id = [0; 32];
    for (to, from) in id.iter_mut().zip(number.to_be_bytes()) {
        *to = from;
    }
    let record = Record {
        author,
        auth: Auth::None,
        label: Label::lowest(),
        occurred_at: START.plus_s(at_s),
        received_at: START.plus_s(received_s),
        subject: None,
        cites: Vec::new(),
        body,
    };
    let class = LogClass::Observation;
    let name = EntryName { origin: NodeId([0; 16]), epoch: Epoch(0), class, number };
    Entry { seq: Seq(number), name, id: RecordId(id), record }
}
