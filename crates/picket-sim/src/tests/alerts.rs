//! What Picket's own fusion and detectors make of the first night and of the recording.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use picket_codec::{Decoded, Decoder};
use picket_detect::Detector;
use picket_fusion::Fusion;
use picket_model::{
    Actor, Alert, AlertChange, AlertId, Auth, Body, Claim, DeviceId, Entry, EntryName, Epoch,
    Label, NodeId, Picture, Record, Seq, Severity, Site, Time, ViewName,
};

use super::{night, start};
use crate::{Door, Emission, Recording, World};

/// A node's views without its log and gate.
struct Node {
    start: Time,
    fusion: Fusion,
    detectors: Vec<Box<dyn Detector>>,
    picture: Picture,
    decoders: BTreeMap<Arc<str>, Box<dyn Decoder>>,
    seq: u64,
    alerts: Vec<(Time, Alert)>,
}

impl Node {
    fn new(site: &Site, now: Time) -> Self {
        let mut node = Self {
            start: now,
            fusion: Fusion::new(picket_fusion::Settings::default()),
            detectors: picket_detect::all(&picket_detect::Settings::default()),
            picture: Picture::default(),
            decoders: BTreeMap::new(),
            seq: 0,
            alerts: Vec::new(),
        };
        let site = Body::Site(Box::new(site.clone()));
        node.take(Actor::Machine(ViewName::Node), Claim::of(site), now);
        node
    }

    fn take(&mut self, author: Actor, claim: Claim, now: Time) {
        let mut waiting = vec![(author, claim)];
        while let Some((author, claim)) = waiting.pop() {
            if let Body::Alert(alert) = &claim.body {
                self.alerts.push((now, (**alert).clone()));
            }
            let record = Record {
                author,
                auth: Auth::Channel,
                label: Label::lowest(),
                occurred_at: claim.occurred_at.unwrap_or(now),
                received_at: now,
                subject: claim.subject,
                cites: claim.cites,
                body: claim.body,
            };
            self.seq += 1;
            let name = EntryName {
                origin: NodeId([1; 16]),
                epoch: Epoch(0),
                class: record.class(),
                number: self.seq,
            };
            let entry = Entry { seq: Seq(self.seq), name, id: record.id(), record };
            self.fusion.apply(&entry, &mut self.picture);
            let mut found = Vec::new();
            for detector in &mut self.detectors {
                detector.watch(&entry, &self.picture, &mut found);
            }
            let machine = Actor::Machine(ViewName::Detect);
            waiting.extend(found.into_iter().map(|claim| (machine.clone(), claim)));
        }
    }

    fn hear(&mut self, emission: &Emission) {
        let author = Actor::Device(DeviceId::new(&emission.device).unwrap());
        let format = match emission.door {
            Door::Cot => "cot",
            Door::Ais => "ais",
            Door::Sbs => "sbs",
            Door::Beast => "beast",
            Door::Asterix => "asterix",
        };
        let decoder = self.decoders.entry(Arc::clone(&emission.device)).or_insert_with(|| {
            (picket_codec::format(format).unwrap().decoder)(&picket_codec::Settings::default())
        });
        let mut out = Decoded::default();
        decoder.feed(&emission.bytes, emission.at, &mut out);
        let mut claims = Vec::new();
        for (_, message) in &out.messages {
            message.claims(emission.at, &mut claims);
        }
        if emission.door == Door::Cot {
            assert_eq!((out.messages.len(), out.rejects.len()), (1, 0), "{out:?}");
        }
        for claim in claims {
            self.take(author.clone(), claim, emission.at);
        }
    }

    fn tick(&mut self, now: Time) {
        self.take(Actor::Machine(ViewName::Clock), Claim::of(Body::Tick), now);
    }

    /// The alerts that stand at the end: how each was first and last spoken of.
    fn raised(&self) -> Vec<(Time, Alert)> {
        let mut last: BTreeMap<AlertId, AlertChange> = BTreeMap::new();
        for (_, alert) in &self.alerts {
            last.insert(alert.id, alert.change);
        }
        let first = |(_, alert): &&(Time, Alert)| {
            alert.change == AlertChange::Raised && last[&alert.id] != AlertChange::Withdrawn
        };
        self.alerts.iter().filter(first).cloned().collect()
    }
}

/// Plays one or both from `start` on for so long, second by second.
fn watch(
    start: Time,
    mut world: Option<World>,
    mut recording: Option<Recording>,
    seconds: u32,
) -> Node {
    let mut node = Node::new(night().site(), start);
    for second in 1..=seconds {
        let now = start.plus_s(f64::from(second));
        let mut heard = Vec::new();
        while let Some(world) = world.as_mut().filter(|it| it.next_at().is_some_and(|at| at <= now))
        {
            world.emit(now, &mut heard);
        }
        while let Some(recording) =
            recording.as_mut().filter(|it| it.next_at().is_some_and(|at| at <= now))
        {
            recording.emit(now, &mut heard);
        }
        heard.sort_by_key(|emission| emission.at);
        for emission in &heard {
            node.hear(emission);
        }
        node.tick(now);
    }
    node
}

/// What was raised, for a person who reads why a test failed.
fn told(node: &Node) -> Vec<String> {
    let line = |(at, alert): &(Time, Alert)| {
        let second = at.since_s(node.start);
        format!(
            "{second:6.1} {} {:?}: {} | {}",
            alert.detector, alert.severity, alert.title, alert.why_text
        )
    };
    node.raised().iter().map(line).collect()
}

/// Seconds at which each detector raised an alert.
fn times(node: &Node) -> BTreeMap<String, Vec<f64>> {
    let mut times: BTreeMap<String, Vec<f64>> = BTreeMap::new();
    for (at, alert) in node.raised() {
        times.entry(alert.detector.to_string()).or_default().push(at.since_s(node.start));
    }
    times
}

#[test]
fn the_first_minute_warns_of_each_event_once_and_of_no_other() {
    for seed in 0..8 {
        // Once among the thousand ships of the recording.
        let recording = (seed == 0).then(|| Recording::amsa(start()));
        let node = watch(start(), Some(World::new(&night(), start(), seed)), recording, 60);
        let told = told(&node);
        let mut times = times(&node);
        let calls = times.remove("distress").unwrap_or_default();
        assert_eq!(calls.len(), 2, "the transmitter and the aircraft: {told:#?}");
        let mut once = |detector: &str, from_s: f64, until_s: f64| {
            let at_s = times.remove(detector);
            let Some([at_s]) = at_s.as_deref() else { panic!("not once {detector}: {told:#?}") };
            assert!((from_s..=until_s).contains(at_s), "{detector}: {told:#?}");
        };
        once("line.cross", 16.0, 22.0);
        once("pids.confirm", 19.0, 24.0);
        once("area.entry", 25.0, 35.0);
        once("kinematic.impossible", 30.0, 45.0);
        once("device.silent", 24.0, 45.0);
        // Among the recording's ships a few have wrong numbers too, which is information.
        let wrong = times.remove("ais.identity").unwrap_or_default();
        assert!(if seed == 0 { wrong.len() <= 4 } else { wrong.len() == 1 }, "{told:#?}");
        assert!(times.is_empty(), "{told:#?}");
        let critical =
            node.raised().into_iter().filter(|(_, alert)| alert.severity == Severity::Critical);
        let critical: BTreeSet<String> =
            critical.map(|(_, alert)| alert.detector.to_string()).collect();
        assert_eq!(critical, ["area.entry", "distress"].map(str::to_owned).into());
    }
}

#[test]
fn an_hour_warns_of_each_new_episode_once_and_of_nothing_else() {
    let night = night();
    let node = watch(start(), Some(World::new(&night, start(), 1)), None, 3_600);
    let told = told(&node);
    let cycles = 3_600_usize / 360;
    let of = |every: crate::scenario::Every| {
        (0..u64::try_from(cycles).unwrap()).filter(|&it| every.includes(it)).count()
    };
    let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
    for line in &told {
        // Detector and the first word of the title: a person's entry is not a vessel's.
        let mut words = line.split_whitespace().skip(1);
        let (detector, title) = (words.next().unwrap(), words.nth(1).unwrap());
        let key = match (detector, title) {
            ("area.entry", "Person") => "a person enters",
            ("area.entry", "Vessel") => "a ship enters",
            ("distress", "AIS-SART") => "a transmitter calls",
            ("distress", "squawk") => "an aircraft calls",
            ("distress", "CoT") => "a team calls",
            (detector, _) => detector,
        };
        *counts.entry(key).or_default() += 1;
    }
    let confirmed = counts.remove("pids.confirm").unwrap_or_default();
    assert!((cycles..=2 * cycles).contains(&confirmed), "in, and mostly out again: {told:#?}");
    let expected = [
        ("a person enters", cycles),
        ("line.cross", cycles),
        ("device.silent", of(night.plan.silence[0].every_cycles)),
        // A call stays open for a day, so the second one counts in the first.
        ("a transmitter calls", 1),
        ("an aircraft calls", of(night.plan.squawk[0].every_cycles)),
        ("a team calls", of(night.plan.call[0].every_cycles)),
        ("kinematic.impossible", of(night.plan.jump[0].every_cycles)),
        // Once round takes IRON PETREL 1,688 s from 212 s on, and BLUE HERON 1,246 s.
        ("a ship enters", 3),
        ("approach.cpa", 3),
        ("area.dwell", 1),
        ("ais.identity", 1),
    ];
    assert_eq!(counts, BTreeMap::from(expected), "{told:#?}");
}

#[test]
fn the_recording_alone_raises_nothing_but_its_own_end() {
    // The whole of it: its clock begins at 2.51 s of a minute.
    let start = Time::parse_rfc3339("2026-03-01T20:00:02.510Z").unwrap();
    let node = watch(start, None, Some(Recording::amsa(start)), 420);
    let mut raised: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for (_, alert) in node.raised() {
        let subjects = raised.entry(alert.detector.to_string()).or_default();
        subjects.insert(alert.subject.to_string());
    }
    // By a second implementation (great-circle legs between all positions of one MMSI, in
    // Python): one MMSI leaps, 111111111, once in its two reports, and two legs are asked for.
    // Its three safety texts, as the second decoder pyais reads them, are noise that fits its
    // checksum, from country codes that nobody has: no word, so no call.
    // Four MMSIs that were heard three times begin with digits that the ITU's table does not
    // have (123, 528, 530, 777), and two ships told an IMO number twice that fails its check digit:
    // 8184689 and 4104905.
    let wrong = [
        "MMSI 123456789",
        "MMSI 503090600",
        "MMSI 503538000",
        "MMSI 528070253",
        "MMSI 530149576",
        "MMSI 777003006",
    ];
    let expected = [("ais.identity", wrong.to_vec()), ("device.silent", vec!["ais-amsa-2012"])];
    let expected = expected.map(|(detector, subjects)| {
        (detector.to_owned(), subjects.into_iter().map(str::to_owned).collect())
    });
    assert_eq!(raised, BTreeMap::from(expected), "{:#?}", told(&node));
    assert!(node.picture.tracks.len() > 1_000);
}
