//! Feeds whose clocks step, that tell an hour again, or that hear the same thing: nothing is
//! lost, nothing is shown twice.

#![expect(clippy::unwrap_used, reason = "test helpers")]

use std::sync::Arc;

use picket_core::Core;
use picket_gate::{Admitted, BuiltIn, Feed, Gate, Peer, Rate};
use picket_log::memory::{MemoryDisk, MemoryStore};
use picket_log::{Entropy, Log, Settings};
use picket_model::observation::Frame;
use picket_model::*;

const START: Time = Time::from_unix_s(1_800_000_000);
const HOUR_S: f64 = 3_600.0;

#[test]
fn two_feeds_that_hear_the_same_aircraft_show_it_once_and_keep_both_words() {
    // With the time of the message, as SBS tells it, and without any, as Beast does not.
    for timed in [true, false] {
        let mut core = open(&MemoryDisk::new());
        let before = core.log().size();
        for second in 0..60 {
            let said = START.plus_s(f64::from(second));
            for (feed, late_s) in [("north", 0.2), ("south", 0.9)] {
                let heard = said.plus_s(late_s);
                let mut claim = flight(said, f64::from(second));
                claim.occurred_at = timed.then_some(said);
                let record = admit(core.gate(), feed, claim, heard);
                core.commit(vec![record], heard).unwrap();
            }
        }
        assert_eq!(core.log().size() - before, 120, "each word of each");
        let view = core.view();
        let tracks: Vec<_> = view.tracks.values().collect();
        assert_eq!(tracks.len(), 1);
        assert_eq!(tracks[0].sources.len(), 2);
        assert_eq!(tracks[0].suspect, None);
    }
}

#[test]
fn an_hour_that_a_feed_tells_again_is_neither_kept_nor_shown_twice() {
    let disk = MemoryDisk::new();
    let mut core = open(&disk);
    tell_hour(&mut core, 0.0, "");
    let (told, size) = (only_track(&core), core.log().size());
    tell_hour(&mut core, HOUR_S, "");
    assert_eq!(core.log().size(), size, "the log has it");
    assert_eq!(core.repeats(), 360);
    assert_eq!(only_track(&core), told);
    // A restart forgets nothing of it.
    drop(core);
    let mut core = open(&disk);
    let size = core.log().size();
    tell_hour(&mut core, 2.0 * HOUR_S, "");
    assert_eq!(core.log().size(), size);
    assert_eq!(only_track(&core).position, told.position);
}

#[test]
fn an_hour_told_again_in_other_words_is_kept_and_moves_nothing_back() {
    let mut core = open(&MemoryDisk::new());
    tell_hour(&mut core, 0.0, "");
    let (told, size) = (only_track(&core), core.log().size());
    tell_hour(&mut core, HOUR_S, ", again");
    assert_eq!(core.log().size() - size, 360, "nothing is lost");
    let again = only_track(&core);
    // The last word of the hour is as new as the track, and says the same place once more.
    assert!(again.position.distance_m(&told.position) < 1.0);
    assert_eq!(again.updated_at, told.updated_at);
}

#[test]
fn a_clock_that_steps_ahead_gives_way_to_ours_and_one_that_steps_back_moves_nothing_back() {
    for (ahead_s, moves_on) in [(HOUR_S, true), (-HOUR_S, false)] {
        let mut core = open(&MemoryDisk::new());
        let (mut before, mut position) = (core.log().size(), None);
        for step in 0..120 {
            let now = START.plus_s(f64::from(step) * 10.0);
            let off_s = if step < 60 { 0.0 } else { ahead_s };
            let claim = ship(now.plus_s(off_s - 1.0), f64::from(step) * 10.0, "");
            let record = admit(core.gate(), "ais", claim, now);
            core.commit(vec![record], now).unwrap();
            assert!(core.log().size() > before, "step {step} is kept");
            before = core.log().size();
            if step == 59 {
                position = Some(only_track(&core).position);
            }
        }
        let moved_m = only_track(&core).position.distance_m(&position.unwrap());
        // 600 s at 5 m/s.
        assert_eq!(moved_m > 2_500.0, moves_on, "{moved_m}");
        assert!(moved_m < 3_500.0, "{moved_m}");
    }
}

// Helpers.

/// Entropy that is none: the tests want the same keys each time.
struct Counted(u8);

impl Entropy for Counted {
    fn fill(&mut self, out: &mut [u8]) {
        for byte in out {
            self.0 = self.0.wrapping_mul(5).wrapping_add(1);
            *byte = self.0;
        }
    }
}

fn open(disk: &MemoryDisk) -> Core<MemoryStore> {
    let feed = |name: &str| Feed {
        name: DeviceId::new(name).unwrap(),
        label: Label::lowest(),
        rate: Rate::FEED,
    };
    let feeds = ["ais", "north", "south"].map(feed).to_vec();
    let gate = Arc::new(Gate::new(Levels::default(), Arc::new(BuiltIn), feeds));
    let settings = Settings { reserve_bytes: 0, ..Settings::default() };
    let log = Log::over(disk.store(), settings, Counted(7), START).unwrap().0;
    let site = Site { name: "test".to_owned(), areas: Vec::new(), lines: Vec::new() };
    Core::open(log, gate, site, START).unwrap().0
}

fn admit(gate: &Gate, feed: &str, claim: Claim, received_at: Time) -> Admitted<Record> {
    let by = gate.verify(&Peer::Feed(&DeviceId::new(feed).unwrap()), received_at).unwrap();
    gate.admit(&by, claim, received_at, received_at).unwrap()
}

fn only_track(core: &Core<MemoryStore>) -> Track {
    let view = core.view();
    assert_eq!(view.tracks.len(), 1);
    Track::clone(view.tracks.values().next().unwrap())
}

/// A ship's hour, each ten seconds, received so much later than it was told.
fn tell_hour(core: &mut Core<MemoryStore>, later_s: f64, words: &str) {
    for step in 0..360 {
        let after_s = f64::from(step) * 10.0;
        let said = START.plus_s(after_s);
        let heard = said.plus_s(1.0 + later_s);
        let record = admit(core.gate(), "ais", ship(said, after_s, words), heard);
        core.commit(vec![record], heard).unwrap();
    }
}

/// A ship that goes north at 5 m/s.
fn ship(said: Time, after_s: f64, words: &str) -> Claim {
    let position = Position::from_degrees(54.0 + after_s * 5.0 / 111_000.0, 7.9);
    let seen = Observation {
        sensor: SensorKind::Ais,
        class: Class::Vessel,
        idents: vec![Ident::Mmsi(211_234_560)],
        kinematics: Kinematics {
            speed_mps: Some(5.0),
            course: Some(Angle::from_degrees(0.0)),
            heading: None,
        },
        frame: frame(&format!("at {after_s}{words}")),
        ..blank(position)
    };
    let body = Body::Observation(Box::new(seen));
    Claim { occurred_at: Some(said), subject: Some(Subject::Mmsi(211_234_560)), ..Claim::of(body) }
}

/// An aircraft that flies east at 200 m/s.
fn flight(said: Time, after_s: f64) -> Claim {
    let position = Position::from_degrees(54.0, 7.9 + after_s * 200.0 / 65_500.0);
    let seen = Observation {
        sensor: SensorKind::Adsb,
        class: Class::Aircraft,
        idents: vec![Ident::Icao(0x3c_65_86)],
        frame: frame(&format!("at {after_s}")),
        ..blank(position)
    };
    let body = Body::Observation(Box::new(seen));
    Claim { occurred_at: Some(said), subject: Some(Subject::Icao(0x3c_65_86)), ..Claim::of(body) }
}

fn frame(text: &str) -> Frame {
    Frame { format: "test".into(), bytes: Arc::from(text.as_bytes()) }
}

fn blank(position: Option<Position>) -> Observation {
    Observation {
        sensor: SensorKind::Ais,
        reporter: None,
        position,
        sigma_m: Some(20.0),
        kinematics: Kinematics::default(),
        class: Class::Unknown,
        affiliation: Affiliation::Pending,
        idents: Vec::new(),
        distress: None,
        stale_at: None,
        text: None,
        exercise: false,
        battery_percent: None,
        air: Air::NONE,
        alarm: None,
        frame: frame(""),
    }
}
