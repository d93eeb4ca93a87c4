//! What the tests of the log share: admitted records, seeded chance, ways to look.

use std::ops::ControlFlow;
use std::sync::Arc;

use picket_gate::{Admitted, Budget, BuiltIn, Feed, Gate, Peer, Rate, Role, Session};
use picket_log::{Entropy, Log, Reader, Scanned, Settings, Source, Store};
use picket_model::observation::Frame;
use picket_model::{
    Act, Affiliation, AlertId, Body, Claim, Class, DeviceId, Entry, Kinematics, Levels,
    Observation, PersonId, Record, SensorKind, Seq, Time, ViewName,
};

/// A fixed moment: 2027-01-15T08:00:00Z.
pub(crate) const NOW: Time = Time::from_unix_s(1_800_000_000);

/// Small files and no reserve, so that tests are quick; journals stay as they are.
pub(crate) const SMALL: Settings = Settings {
    journal_bytes: 16 * 1024,
    reserve_bytes: 0,
    clock_err_ms: Some(5),
    seal_after_s: None,
};

/// Chance that is the same each time (SplitMix64).
#[derive(Debug, Clone)]
pub(crate) struct Seeded(pub u64);

impl Seeded {
    pub(crate) fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }
}

impl Entropy for Seeded {
    fn fill(&mut self, out: &mut [u8]) {
        for chunk in out.chunks_mut(8) {
            let word = self.next().to_le_bytes();
            for (to, from) in chunk.iter_mut().zip(word) {
                *to = from;
            }
        }
    }
}

/// A gate with two feeds, one restricted, and everybody's word let in.
pub(crate) struct Sayers(Gate);

impl Sayers {
    pub(crate) fn new() -> Self {
        let rate = Rate { per_s: 1e12, burst: 1e12 };
        let feed = |name: &str, label: &str| Feed {
            name: DeviceId::new(name).unwrap(),
            label: Levels::default().parse(label).unwrap(),
            rate,
        };
        let feeds = vec![feed("ais", "open"), feed("fence", "restricted/NORTH REL COASTGUARD")];
        Self(Gate::new(Levels::default(), Arc::new(BuiltIn), feeds))
    }

    /// An observation of a feed; `frame` are its bytes.
    pub(crate) fn seen(&self, feed: &str, frame: &[u8]) -> Admitted<Record> {
        let by = self.0.verify(&Peer::Feed(&DeviceId::new(feed).unwrap()), NOW).unwrap();
        let body = Body::Observation(Box::new(Observation {
            sensor: SensorKind::Ais,
            reporter: None,
            position: None,
            sigma_m: None,
            kinematics: Kinematics::default(),
            class: Class::Vessel,
            affiliation: Affiliation::Unknown,
            idents: Vec::new(),
            distress: None,
            stale_at: None,
            text: None,
            exercise: false,
            battery_percent: None,
            air: picket_model::Air::NONE,
            alarm: None,
            frame: Frame { format: "ais".into(), bytes: Arc::from(frame) },
        }));
        self.0.admit(&by, Claim::of(body), NOW, NOW).unwrap()
    }

    /// A second passed.
    pub(crate) fn tick(&self) -> Admitted<Record> {
        let clock = self.0.view(ViewName::Clock);
        self.0.admit(&clock, Claim::of(Body::Tick), NOW, NOW).unwrap()
    }

    /// An officer acknowledges an alert.
    pub(crate) fn act(&self, reason: &str) -> Admitted<Record> {
        let session = Session {
            person: PersonId::new("officer-1").unwrap(),
            roles: vec![Role::WatchOfficer],
            clearance: Levels::default().parse("secret").unwrap(),
            expires_at: Time(i64::MAX),
            budget: Arc::new(Budget::new(Rate { per_s: 1e12, burst: 1e12 })),
        };
        let by = self.0.verify(&Peer::Session(&session), NOW).unwrap();
        let act =
            Act::Acknowledge { alert: AlertId(*b"\x07an alert's name"), reason: reason.into() };
        self.0.admit(&by, Claim::of(Body::Act(act)), NOW, NOW).unwrap()
    }

    /// A record of one of four groups and two classes, by number.
    pub(crate) fn any(&self, number: u64) -> Admitted<Record> {
        match number % 5 {
            0 => self.tick(),
            1 => self.act(&format!("reason {number}")),
            2 => self.seen("fence", format!("fence {number}").as_bytes()),
            _ => self.seen("ais", format!("!AIVDM,{number}").as_bytes()),
        }
    }
}

/// All entries that a log shows; a gap fails the test.
pub(crate) fn entries_of<S: Source>(reader: &Reader<S>) -> Vec<Entry> {
    let mut entries = Vec::new();
    reader
        .scan(Seq(0), &mut |item| {
            if let Scanned::Entry(entry) = item {
                entries.push(*entry);
            }
            ControlFlow::Continue(())
        })
        .unwrap();
    entries
}

/// Appends so many mixed records, some in each batch; the entries.
pub(crate) fn fill<S: Store>(
    log: &mut Log<S>,
    sayers: &Sayers,
    count: u64,
    batch: u64,
) -> Vec<Entry> {
    let mut entries = Vec::new();
    let mut next = log.size();
    let end = next + count;
    while next < end {
        let until = end.min(next + batch);
        let records = (next..until).map(|number| sayers.any(number)).collect();
        entries.extend(log.append(records, NOW).unwrap());
        next = until;
    }
    entries
}
