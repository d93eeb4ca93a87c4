//! What the core promises, with the real log over a store in memory.

#![expect(clippy::unwrap_used, clippy::panic, reason = "test helpers")]

use std::sync::{Arc, Mutex};

use picket_core::{ActError, Conflict, Core, Fold, Observer, Replayed, Standing};
use picket_gate::{Admitted, Budget, BuiltIn, Feed, Gate, Peer, Rate, Role, Session, Verified};
use picket_log::file::Space;
use picket_log::memory::{MemoryDisk, MemoryStore};
use picket_log::{Entropy, Log, Settings};
use picket_model::observation::Frame;
use picket_model::*;

const START: Time = Time::from_unix_s(1_800_000_000);

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

fn gate() -> Arc<Gate> {
    let feed = |name: &str, level| Feed {
        name: DeviceId::new(name).unwrap(),
        label: Label { level, ..Label::lowest() },
        rate: Rate::FEED,
    };
    Arc::new(Gate::new(Levels::default(), Arc::new(BuiltIn), vec![feed("ais", 0), feed("cot", 1)]))
}

fn site() -> Site {
    let corner = |lat, lon| Position::from_degrees(lat, lon).unwrap();
    let corners = vec![corner(0.0, 0.0), corner(0.0, 0.01), corner(0.01, 0.01), corner(0.01, 0.0)];
    let area = Area::new(AreaName::new("Depot").unwrap(), "restricted", corners).unwrap();
    Site { name: "test".to_owned(), areas: vec![area], lines: Vec::new() }
}

fn log(store: &MemoryDisk) -> Log<MemoryStore> {
    let settings = Settings { reserve_bytes: 0, ..Settings::default() };
    Log::over(store.store(), settings, Counted(7), START).unwrap().0
}

fn open(store: &MemoryDisk) -> (Core<MemoryStore>, Replayed) {
    Core::open(log(store), gate(), site(), START).unwrap()
}

/// Somebody on foot, `north_m` metres north of the area's southern edge, seen by a sensor.
fn walker(at: Time, north_m: f64) -> Claim {
    let position = Position::from_degrees(north_m / 110_574.0, 0.005).unwrap();
    let seen = Observation {
        sensor: SensorKind::CotReport,
        reporter: Some("Fence-07".into()),
        position: Some(position),
        sigma_m: Some(3.0),
        kinematics: Kinematics::default(),
        class: Class::Person,
        affiliation: Affiliation::Pending,
        idents: vec![Ident::Local { reporter: "Fence-07".into(), number: "1".into() }],
        distress: None,
        stale_at: None,
        text: None,
        exercise: false,
        battery_percent: None,
        air: picket_model::Air::NONE,
        alarm: None,
        frame: Frame { format: "cot".into(), bytes: Arc::from(&b"<event/>"[..]) },
    };
    let subject = Some(Subject::CotUid(Name::new("Fence-07.1").unwrap()));
    Claim { occurred_at: Some(at), subject, ..Claim::of(Body::Observation(Box::new(seen))) }
}

fn admit(gate: &Gate, feed: &str, claim: Claim, received_at: Time) -> Admitted<Record> {
    let by = gate.verify(&Peer::Feed(&DeviceId::new(feed).unwrap()), received_at).unwrap();
    gate.admit(&by, claim, received_at, received_at).unwrap()
}

/// Twenty seconds of a walk that enters the area after ten.
fn walk(gate: &Gate) -> Vec<Admitted<Record>> {
    (0..40)
        .map(|step| {
            let after_s = f64::from(step) * 0.5;
            let heard = START.plus_s(after_s + 0.1);
            let claim = walker(START.plus_s(after_s), (after_s - 10.0) * 2.0);
            admit(gate, "cot", claim, heard)
        })
        .collect()
}

fn officer(gate: &Gate, name: &str, level: u8) -> Verified {
    let session = Session {
        person: PersonId::new(name).unwrap(),
        roles: vec![Role::WatchOfficer],
        clearance: Label { level, ..Label::lowest() },
        expires_at: START.plus_s(3_600.0),
        budget: Arc::new(Budget::new(Rate::PERSON)),
    };
    gate.verify(&Peer::Session(&session), START).unwrap()
}

/// A core in which the walker has been warned of.
fn warned(store: &MemoryDisk) -> (Core<MemoryStore>, AlertId) {
    let (mut core, _) = open(store);
    let batch = walk(core.gate());
    core.commit(batch, START.plus_s(20.0)).unwrap();
    core.tick(START.plus_s(21.0)).unwrap();
    let view = core.view();
    let mut entries = view.alerts.values().filter(|state| &*state.alert.detector == "area.entry");
    let id = entries.next().unwrap_or_else(|| panic!("no warning: {:?}", view.alerts)).alert.id;
    assert!(entries.next().is_none(), "one walker, one area, one alert");
    (core, id)
}

#[test]
fn somebody_who_walks_in_is_warned_of_once_with_the_records_that_show_it() {
    let store = MemoryDisk::new();
    let (core, id) = warned(&store);
    let view = core.view();
    let state = view.alerts.get(&id).unwrap();
    assert_eq!(state.alert.severity, Severity::Critical);
    assert_eq!(state.standing, Standing::New);
    assert!(!state.cites.is_empty());
    assert_eq!(state.label.level, 1, "the alert bears the label of what it rests on");
    assert_eq!(view.alerting.get(&state.alert.track.unwrap()), Some(&Severity::Critical));
}

#[test]
fn an_area_that_an_officer_drew_is_watched_after_a_restart_too() {
    let store = MemoryDisk::new();
    let (mut core, _) = open(&store);
    let by = officer(core.gate(), "officer-1", 3);
    let corner = |lat, lon| Position::from_degrees(lat, lon).unwrap();
    let corners = vec![corner(-0.01, 0.0), corner(-0.01, 0.01), corner(-0.0001, 0.005)];
    let area = Area::new(AreaName::new("Pier").unwrap(), "restricted", corners).unwrap();
    let draw = Act::Draw(Box::new(Shape::Area(area.clone())));
    core.act(&by, draw, START).unwrap();
    drop(core);
    let (mut core, _) = open(&store);
    assert_eq!(core.view().watch.areas().last(), Some(&area));
    let batch = walk(core.gate());
    core.commit(batch, START.plus_s(20.0)).unwrap();
    core.tick(START.plus_s(21.0)).unwrap();
    let warned = core.view();
    let areas: Vec<_> = warned.alerts.values().filter_map(|s| s.alert.area.clone()).collect();
    assert!(areas.contains(&area.name), "{areas:?}");
    let taken = Area { name: AreaName::new("Depot").unwrap(), ..area };
    let refused = core.act(&by, Act::Draw(Box::new(Shape::Area(taken))), START);
    assert!(matches!(refused, Err(ActError::Conflict(Conflict::Configured(_)))));
}

#[test]
fn a_restart_gives_the_views_that_were() {
    let store = MemoryDisk::new();
    let (mut core, id) = warned(&store);
    let by = officer(core.gate(), "officer-1", 3);
    let acknowledge = Act::Acknowledge { alert: id, reason: "".into() };
    core.act(&by, acknowledge, START.plus_s(22.0)).unwrap();
    let digest = core.digest();
    drop(core);
    let (again, replayed) = open(&store);
    assert_eq!(again.digest(), digest);
    assert_eq!((replayed.differences, replayed.unsaid), (0, 0));
    assert!(replayed.confirmed >= 1);
}

#[test]
fn the_size_of_batches_changes_no_view() {
    let whole = {
        let (core, _) = warned(&MemoryDisk::new());
        core.view()
    };
    let (mut core, _) = open(&MemoryDisk::new());
    for record in walk(core.gate()) {
        let now = record.as_inner().received_at;
        core.commit(vec![record], now).unwrap();
    }
    core.tick(START.plus_s(21.0)).unwrap();
    let single = core.view();
    assert_eq!(single.tracks, whole.tracks);
    let alerts = |view: &picket_core::View| -> Vec<Alert> {
        view.alerts.values().map(|state| state.alert.clone()).collect()
    };
    assert_eq!(alerts(&single), alerts(&whole));
}

#[test]
fn what_an_author_says_twice_is_one_record() {
    let (mut core, _) = open(&MemoryDisk::new());
    let once = admit(core.gate(), "cot", walker(START, 5.0), START.plus_s(1.0));
    let again = admit(core.gate(), "cot", walker(START, 5.0), START.plus_s(2.0));
    let other = admit(core.gate(), "ais", walker(START, 5.0), START.plus_s(2.0));
    let before = core.log().size();
    core.commit(vec![once, again, other], START.plus_s(3.0)).unwrap();
    assert_eq!(core.log().size() - before, 2, "two authors, each heard once");
    assert_eq!(core.repeats(), 1);
}

#[test]
fn what_has_no_time_is_heard_each_time() {
    let (mut core, _) = open(&MemoryDisk::new());
    let untimed = || Claim { occurred_at: None, ..walker(START, 5.0) };
    let batch = vec![
        admit(core.gate(), "ais", untimed(), START),
        admit(core.gate(), "ais", untimed(), START),
    ];
    let before = core.log().size();
    core.commit(batch, START).unwrap();
    assert_eq!(core.log().size() - before, 2);
}

#[test]
fn a_warning_that_a_crash_cut_off_is_given_at_the_restart() {
    let store = MemoryDisk::new();
    drop(open(&store));
    // The cause is durable, the crash comes before its effect.
    let mut log = log(&store);
    log.append(walk(&gate()), START.plus_s(20.0)).unwrap();
    drop(log);
    let (core, replayed) = open(&store);
    assert_eq!(replayed.differences, 0);
    assert!(replayed.unsaid >= 1);
    assert!(core.view().alerts.values().any(|state| &*state.alert.detector == "area.entry"));
    drop(core);
    let (_, replayed) = open(&store);
    assert_eq!(replayed.unsaid, 0, "said once");
}

#[test]
fn an_alert_that_does_not_follow_from_the_log_is_named() {
    let store = MemoryDisk::new();
    let (core, id) = warned(&store);
    let real = core.view().alerts.get(&id).unwrap().alert.clone();
    let cites = core.view().alerts.get(&id).unwrap().cites.clone();
    drop(core);
    let gate = gate();
    let forged = Alert { id: AlertId([9; 16]), title: "Nobody inside Depot".into(), ..real };
    let claim = Claim {
        occurred_at: Some(START.plus_s(30.0)),
        cites,
        ..Claim::of(Body::Alert(Box::new(forged)))
    };
    let by = gate.view(ViewName::Detect);
    let record = gate.admit(&by, claim, START.plus_s(30.0), START.plus_s(30.0)).unwrap();
    let mut log = log(&store);
    let at = log.append(vec![record], START.plus_s(30.0)).unwrap()[0].seq;
    drop(log);
    let (_, replayed) = open(&store);
    assert_eq!((replayed.differences, replayed.first_difference), (1, Some(at)));
}

#[test]
fn of_two_officers_the_second_is_told_who_was_first() {
    let (mut core, id) = warned(&MemoryDisk::new());
    let first = officer(core.gate(), "officer-1", 3);
    let second = officer(core.gate(), "officer-2", 3);
    let acknowledge = || Act::Acknowledge { alert: id, reason: "".into() };
    let entry = core.act(&first, acknowledge(), START.plus_s(22.0)).unwrap();
    assert_eq!(entry.record.author, Actor::Person(PersonId::new("officer-1").unwrap()));
    let size = core.log().size();
    let error = core.act(&second, acknowledge(), START.plus_s(23.0)).unwrap_err();
    assert!(error.to_string().contains("already acknowledged by officer-1"), "{error}");
    assert_eq!(core.log().size(), size, "nothing was written");
}

#[test]
fn an_alert_above_the_clearance_answers_as_one_that_is_not_there() {
    let (mut core, id) = warned(&MemoryDisk::new());
    let cleared_for_open = officer(core.gate(), "officer-3", 0);
    for alert in [id, AlertId([0; 16])] {
        let act = Act::Note { alert, text: "hello".into() };
        let error = core.act(&cleared_for_open, act, START.plus_s(22.0)).unwrap_err();
        assert!(matches!(error, ActError::Conflict(Conflict::Absent)), "{error}");
    }
}

#[test]
fn closing_needs_a_reason_and_a_shelf_ends_by_itself() {
    let (mut core, id) = warned(&MemoryDisk::new());
    let by = officer(core.gate(), "officer-1", 3);
    let close = |reason: &str| Act::Close { alert: id, reason: reason.into() };
    assert!(core.act(&by, close(""), START.plus_s(22.0)).is_err());
    let until = START.plus_s(60.0);
    let shelve = Act::Shelve { alert: id, until, reason: "drill".into() };
    core.act(&by, shelve, START.plus_s(23.0)).unwrap();
    let standing = |core: &Core<MemoryStore>| core.view().alerts.get(&id).unwrap().standing;
    assert_eq!(standing(&core), Standing::Shelved);
    core.tick(START.plus_s(59.0)).unwrap();
    assert_ne!(standing(&core), Standing::New);
    core.tick(START.plus_s(60.0)).unwrap();
    assert!(matches!(standing(&core), Standing::New | Standing::Cleared));
    core.act(&by, close("handled"), START.plus_s(61.0)).unwrap();
    assert_eq!(standing(&core), Standing::Closed);
}

#[test]
fn areas_stand_in_the_log_and_are_written_once() {
    let store = MemoryDisk::new();
    let (mut core, _) = open(&store);
    let size = core.log().size();
    drop(core);
    let (mut core, _) = open(&store);
    assert_eq!(core.log().size(), size, "the same site is not written again");
    drop(core);
    let other = Site { name: "other".to_owned(), areas: Vec::new(), lines: Vec::new() };
    let (mut core, _) = Core::open(log(&store), gate(), other, START).unwrap();
    assert_eq!(core.log().size(), size + 1);
}

/// What an observer is shown: each entry's place, and the alerts that it changed.
#[derive(Clone, Default)]
struct Shown(Arc<Mutex<Vec<Seen>>>);
/// An entry's number and the alerts that it changed.
type Seen = (Seq, Vec<AlertId>);
impl Observer for Shown {
    fn entry(&mut self, entry: &Entry, fold: &Fold) {
        self.0.lock().unwrap().push((entry.seq, fold.alerts().touched().to_vec()));
    }
    fn gap(&mut self, _: Seq, _: Seq) {}
}

#[test]
fn an_observer_sees_every_entry_once_in_order_and_the_same_when_the_log_is_folded_again() {
    let store = MemoryDisk::new();
    let (mut core, id) = warned(&store);
    let size = core.log().size();
    drop(core);
    let first = Shown::default();
    let open = |shown: &Shown| {
        let observer: Box<dyn Observer> = Box::new(shown.clone());
        Core::open_observed(log(&store), gate(), site(), START, Some(observer)).unwrap().0
    };
    let mut core = open(&first);
    assert_eq!(first.0.lock().unwrap().len() as u64, size);
    let by = officer(core.gate(), "officer-1", 3);
    let acknowledge = Act::Acknowledge { alert: id, reason: "".into() };
    let entry = core.act(&by, acknowledge, START.plus_s(40.0)).unwrap();
    core.tick(START.plus_s(41.0)).unwrap();
    let shown = first.0.lock().unwrap().clone();
    assert!(shown.contains(&(entry.seq, vec![id])), "{shown:?}");
    assert!(shown.iter().enumerate().all(|(at, (seq, _))| seq.0 == at as u64));
    drop(core);
    let again = Shown::default();
    drop(open(&again));
    assert_eq!(*again.0.lock().unwrap(), shown);
}

#[test]
fn a_full_disk_refuses_observations_and_still_takes_acts_and_the_sums_of_refusals() {
    let store = MemoryDisk::new();
    let (mut core, id) = warned(&store);
    store.set_space(Some(Space { free: 1, total: 1 << 30 }));
    let now = START.plus_s(30.0);
    let refused = core.commit(vec![admit(core.gate(), "cot", walker(now, 5.0), now)], now);
    assert!(refused.unwrap_err().to_string().contains("disk space"));
    core.gate().count_no_space(&Actor::Device(DeviceId::new("cot").unwrap()), 7, now);

    let by = officer(core.gate(), "officer-1", 3);
    let acknowledge = Act::Acknowledge { alert: id, reason: "".into() };
    core.act(&by, acknowledge, now).unwrap();
    while core.poll().is_some() {}
    assert!(core.tick(now.plus_s(60.0)).is_err(), "a tick has no room");
    let entry = core.poll().unwrap();
    let Body::Refusal(sum) = &entry.record.body else { panic!("{entry:?}") };
    assert_eq!((sum.rule.as_str(), sum.count), ("no-space", 7));
}
