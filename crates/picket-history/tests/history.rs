//! History over real logs in real folders: kept, made anew, asked.

#![expect(clippy::unwrap_used, clippy::panic, reason = "test helpers")]

use std::collections::{BTreeMap, BTreeSet};
use std::ops::ControlFlow;
use std::path::Path;
use std::sync::mpsc::{Receiver, channel};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use picket_core::{Core, View};
use picket_gate::{Admitted, BuiltIn, Feed, Gate, Peer, Rate};
use picket_history::{Bounds, Found, History, HistoryError, Over, Point, Question, Settings};
use picket_log::{FileStore, Log, Scanned};
use picket_model::observation::Frame;
use picket_model::*;
use rusqlite::types::Value;

/// An hour's beginning: 500,000 hours after 1970.
const START: Time = Time::from_unix_s(1_800_000_000);
/// Longer than anything may take on a busy machine.
const PATIENCE: Duration = Duration::from_secs(60);

/// I12 of the design.
#[test]
fn history_rebuilt_from_the_log_equals_history_kept() {
    let folder = tempfile::tempdir().unwrap();
    let mut site = open(folder.path(), Settings::default(), at(0));
    // Over an hour's end, and a stop and start on the way.
    play(&mut site, 3_000..3_650, &mut without_looking);
    drop(site);
    let mut site = open(folder.path(), Settings::default(), at(3_651));
    play(&mut site, 3_700..3_900, &mut without_looking);
    drop(site);
    let kept = contents(folder.path());
    assert_eq!(rows(&kept, " covered"), 2, "two hours");
    for table in ["obs", "cells", "sample", "keyframe", "counts", "alert", "link", "watch"] {
        assert!(rows(&kept, &format!(" {table}")) > 0, "{table}");
    }
    let entries = picket_history::rebuild(folder.path()).unwrap();
    assert_same(&contents(folder.path()), &kept);
    let covered = kept.iter().filter(|(table, _)| table.ends_with(" covered"));
    let sum: i64 = covered
        .map(|(_, rows)| {
            let Value::Integer(entries) = rows[0][2] else { panic!("no count") };
            entries
        })
        .sum();
    assert_eq!(u64::try_from(sum).unwrap(), entries, "every entry is covered once");
}

#[test]
fn a_lost_folder_is_made_anew_at_the_next_start_or_in_the_background_when_that_takes_long() {
    let folder = tempfile::tempdir().unwrap();
    let mut site = open(folder.path(), Settings::default(), at(0));
    play(&mut site, 0..200, &mut without_looking);
    drop(site);
    for (catch_up_max, second) in [(100_000, 201), (0, 202)] {
        std::fs::remove_dir_all(folder.path().join("hist")).unwrap();
        let settings = Settings { catch_up_max, ..Settings::default() };
        let mut site = open(folder.path(), settings, at(second));
        play(&mut site, second..second + 1, &mut without_looking);
        if catch_up_max == 0 {
            site.is_told("complete again");
        }
        site.reaches(at(second));
        assert!(!site.history.is_incomplete(at(0), at(second)));
        drop(site);
        let found = contents(folder.path());
        picket_history::rebuild(folder.path()).unwrap();
        assert_same(&contents(folder.path()), &found);
    }
}

#[test]
fn a_damaged_file_is_set_aside_and_made_anew() {
    let folder = tempfile::tempdir().unwrap();
    let mut site = open(folder.path(), Settings::default(), at(0));
    play(&mut site, 0..70, &mut without_looking);
    drop(site);
    let kept = contents(folder.path());
    let file = folder.path().join("hist/500000.db");
    let bytes = std::fs::read(&file).unwrap();
    // Its head is gone: found at the start.
    std::fs::write(&file, vec![7; bytes.len()]).unwrap();
    let site = open(folder.path(), Settings::default(), at(71));
    site.is_told("set aside");
    drop(site);
    assert_same(&contents(folder.path()), &kept);
    assert!(folder.path().join("hist/500000.db.damaged").exists());
    // Pages beyond the first two are gone: found by a question.
    let mut bytes = std::fs::read(&file).unwrap();
    bytes[8_192..].fill(7);
    std::fs::write(&file, bytes).unwrap();
    let mut site = open(folder.path(), Settings::default(), at(72));
    let asked = site.history.scene(at(65), &never());
    assert!(asked.is_err(), "a damaged page gives no picture");
    site.is_told("set aside");
    play(&mut site, 73..74, &mut without_looking);
    site.is_told("complete again");
    assert_eq!(site.history.scene(at(65), &never()).unwrap().tracks.len(), 12);
}

#[test]
fn a_full_disk_stops_history_and_not_the_log_and_what_is_missing_is_made_later() {
    let folder = tempfile::tempdir().unwrap();
    let settings = Settings { pages_max: 60, ..Settings::default() };
    let mut site = open(folder.path(), settings, at(0));
    play(&mut site, 0..300, &mut without_looking);
    let told = site.is_told("history is not written");
    assert!(told.contains("full") && told.contains("the log goes on"), "{told}");
    assert!(site.core.log().size() > 300, "the log goes on");
    drop(site);
    let mut site = open(folder.path(), Settings::default(), at(300));
    play(&mut site, 301..302, &mut without_looking);
    site.reaches(at(301));
    assert!(!site.history.is_incomplete(at(0), at(301)));
    drop(site);
    let found = contents(folder.path());
    picket_history::rebuild(folder.path()).unwrap();
    assert_same(&contents(folder.path()), &found);
}

#[test]
fn a_queue_that_is_full_holds_up_nobody_and_what_it_dropped_is_made_from_the_log() {
    let folder = tempfile::tempdir().unwrap();
    let settings = Settings { queue_max: 1, ..Settings::default() };
    let mut site = open(folder.path(), settings, at(0));
    let file = loop {
        play(&mut site, 0..1, &mut without_looking);
        if let Ok(file) = rusqlite::Connection::open(folder.path().join("hist/500000.db"))
            && file.execute_batch("BEGIN IMMEDIATE").is_ok()
        {
            break file;
        }
    };
    // The writer waits for the file; the core does not wait for the writer.
    play(&mut site, 1..20, &mut without_looking);
    file.execute_batch("ROLLBACK").unwrap();
    drop(file);
    let mut second = 20;
    while !site.history.is_incomplete(at(0), at(second)) {
        play(&mut site, second..second + 1, &mut without_looking);
        second += 1;
    }
    site.is_told("could not keep up");
    site.is_told("complete again");
    drop(site);
    let site = open(folder.path(), Settings::default(), at(second));
    assert!(!site.history.is_incomplete(at(0), at(second)));
    drop(site);
    let found = contents(folder.path());
    picket_history::rebuild(folder.path()).unwrap();
    assert_same(&contents(folder.path()), &found);
}

#[test]
fn files_lapse_by_the_hour() {
    let folder = tempfile::tempdir().unwrap();
    let settings = Settings { keep_s: 3_600.0, ..Settings::default() };
    let mut site = open(folder.path(), settings, at(0));
    for hour in 0..4 {
        play(&mut site, hour * 3_600..hour * 3_600 + 5, &mut without_looking);
        site.reaches(at(hour * 3_600 + 4));
    }
    let (from, to) = site.history.span().unwrap();
    assert_eq!((from.hour(), to.hour()), (500_002, 500_003));
    assert!(!site.history.is_incomplete(at(0), to), "what lapsed is not missing");
    assert!(!folder.path().join("hist/500000.db").exists());
    drop(site);
    // A start makes none of it anew.
    let site = open(folder.path(), settings, at(4 * 3_600 + 9));
    assert!(site.history.span().unwrap().0.hour() >= 500_003);
    assert!(!folder.path().join("hist/500001.db").exists());
}

#[test]
fn the_picture_at_any_second_is_the_one_that_stood_then_and_playing_on_gives_the_same() {
    let folder = tempfile::tempdir().unwrap();
    let mut site = open(folder.path(), Settings::default(), at(0));
    let seen: Mutex<Vec<(Time, View)>> = Mutex::default();
    // Ships enter the area; one falls silent and is heard again; names change at 1,800 s.
    for seconds in [560..1_000, 1_780..1_900, 2_380..2_420] {
        play(&mut site, seconds, &mut |at, view| seen.lock().unwrap().push((at, view)));
    }
    let seen = seen.into_inner().unwrap();
    site.reaches(seen.last().unwrap().0);
    let mut player = site.history.player(seen[0].0, &never()).unwrap();
    let mut alerts = 0;
    for (index, (at, view)) in seen.iter().enumerate() {
        player.advance(*at, &never()).unwrap();
        let sought = (index % 7 == 0).then(|| site.history.scene(*at, &never()).unwrap());
        for scene in sought.iter().chain([player.scene()]) {
            let expected: Vec<_> =
                view.tracks.values().filter(|track| track.state.is_shown()).map(shown).collect();
            let found: Vec<_> = scene.tracks.values().map(shown).collect();
            assert_eq!(found, expected, "{at}");
            let open: Vec<_> = view.alerts.values().filter(|s| s.standing.is_open()).collect();
            for state in &open {
                assert_eq!(scene.alerts.get(&state.alert.id), Some(*state), "{at}");
            }
            let stood = scene.alerts.values().filter(|state| state.standing.is_open()).count();
            assert_eq!(stood, open.len(), "{at}");
            assert_eq!(scene.watch, view.watch);
            alerts += stood;
        }
    }
    assert!(alerts > 0, "somebody entered the area");
    let before = site.history.scene(at(-10), &never()).unwrap();
    assert!(before.tracks.is_empty() && before.alerts.is_empty());
}

#[test]
fn a_question_finds_what_a_walk_through_the_whole_log_finds_in_the_same_order() {
    let folder = tempfile::tempdir().unwrap();
    let mut site = open(folder.path(), Settings::default(), at(0));
    play(&mut site, 3_400..3_700, &mut without_looking);
    site.reaches(at(3_699));
    let all = all_said(&mut site.core);
    let boxed = |west_deg, south_deg, east_deg, north_deg| {
        Some(Bounds { west_deg, south_deg, east_deg, north_deg })
    };
    let mut some = 0;
    for bounds in [
        None,
        boxed(0.0, 0.0, 0.05, 0.05),
        boxed(0.15, -0.21, 0.16, 0.2),
        boxed(0.2, -0.07, 0.24, 0.18),
        boxed(-180.0, -90.0, 180.0, 90.0),
        boxed(0.101, -0.2, 0.199, -0.1),
        boxed(50.0, 50.0, 51.0, 51.0),
    ] {
        for (from, to) in [(0, 9_999), (3_500, 3_510), (3_599, 3_601)] {
            for kind in [None, Some("observation"), Some("alert"), Some("status"), Some("site")] {
                for limit in [1, 100_000] {
                    let question = Question { bounds, from: at(from), to: at(to), kind, limit };
                    let found = ask(&site.history, &question);
                    assert_eq!(found, naive(&all, &question), "{question:?}");
                    some += found.len();
                }
            }
        }
    }
    assert!(some > 1_000);
    let over: Over = Arc::new(|| true);
    let question = Question { bounds: None, from: at(0), to: at(9_999), kind: None, limit: 10 };
    let stopped = site.history.records(&question, &over, &mut |_| ControlFlow::Continue(()));
    assert!(matches!(stopped, Err(HistoryError::TooLong)));
}

#[test]
fn a_tracks_points_are_its_fixes_and_bear_its_label() {
    let folder = tempfile::tempdir().unwrap();
    let mut site = open(folder.path(), Settings::default(), at(0));
    let mut fixes: BTreeMap<TrackId, Vec<Time>> = BTreeMap::new();
    play(&mut site, 3_500..3_700, &mut |_, view| {
        for track in view.tracks.values().filter(|track| track.state.is_shown()) {
            let of = fixes.entry(track.id).or_default();
            if of.last() != Some(&track.updated_at) {
                of.push(track.updated_at);
            }
        }
    });
    site.reaches(at(3_699));
    assert_eq!(fixes.len(), 12);
    let mut labels = BTreeSet::new();
    for (id, expected) in fixes {
        let mut found = Vec::new();
        let mut visit = |point: Point| {
            found.push(point.track.updated_at);
            labels.insert(point.track.label.level);
            ControlFlow::Continue(())
        };
        site.history.track(id, at(0), at(9_999), &never(), &mut visit).unwrap();
        assert_eq!(found, expected, "{id}");
    }
    assert_eq!(labels.into_iter().collect::<Vec<_>>(), [0, 1]);
}

#[test]
fn the_timeline_counts_by_minute_and_label_and_names_the_gaps() {
    let folder = tempfile::tempdir().unwrap();
    let mut site = open(folder.path(), Settings::default(), at(0));
    play(&mut site, 840..960, &mut without_looking);
    play(&mut site, 3_590..3_660, &mut without_looking);
    site.reaches(at(3_659));
    let span = site.history.timeline(at(0), at(9_999), &never()).unwrap();
    let of = |second: i64, level: u8| {
        let bin = span.minutes.iter().find(|b| b.at == at(second) && b.label.level == level);
        bin.map(|bin| (bin.observations, bin.tracks))
    };
    // Twelve ships report each third second: 20 a minute; number 5 is restricted, 3 is silent.
    assert_eq!(of(900, 0), Some((10 * 20, 10)));
    assert_eq!(of(900, 1), Some((20, 1)));
    let gaps: Vec<_> = span.gaps.iter().map(|gap| (&*gap.feed, gap.from, gap.to)).collect();
    let expected = [
        ("picket", at(0), Some(at(840))),
        ("ais", at(900), None),
        ("picket", at(959), Some(at(3_590))),
    ];
    assert_eq!(gaps, expected);
    assert!(!span.raised.is_empty(), "somebody is in the area");
    let later = site.history.timeline(at(3_600), at(9_999), &never()).unwrap();
    assert_eq!(later.gaps.len(), 1, "still down in the hour after: {:?}", later.gaps);
}

/// A node's core and its history, over a folder.
struct Site {
    core: Core<FileStore>,
    history: History,
    told: Receiver<String>,
}

fn open(data: &Path, settings: Settings, now: Time) -> Site {
    let entropy = |out: &mut [u8]| aws_lc_rs::rand::fill(out).unwrap();
    let log_settings =
        picket_log::Settings { journal_bytes: 1 << 20, reserve_bytes: 0, ..Default::default() };
    let (log, _) = Log::open(data, log_settings, entropy, now).unwrap();
    let (tell, told) = channel();
    let tell = Box::new(move |text| drop(tell.send(text)));
    let (observer, history) = picket_history::start(data, settings, log.size(), now, tell).unwrap();
    let site =
        picket_model::Site { name: "test".to_owned(), areas: vec![depot()], lines: Vec::new() };
    let (core, _) = Core::open_observed(log, gate(), site, now, Some(observer)).unwrap();
    Site { core, history, told }
}

impl Site {
    /// Waits for a word to the administrator that holds this text.
    fn is_told(&self, text: &str) -> String {
        loop {
            let told = self.told.recv_timeout(PATIENCE).unwrap_or_else(|_| panic!("never: {text}"));
            if told.contains(text) {
                return told;
            }
        }
    }

    /// Waits until history reaches a moment.
    fn reaches(&self, at: Time) {
        while self.history.span().is_none_or(|(_, to)| to < at) {
            std::thread::yield_now();
        }
    }
}

fn gate() -> Arc<Gate> {
    let feed = |name: &str, level| Feed {
        name: DeviceId::new(name).unwrap(),
        label: Label { level, ..Label::lowest() },
        rate: Rate { per_s: 1e9, burst: 1e9 },
    };
    Arc::new(Gate::new(Levels::default(), Arc::new(BuiltIn), vec![feed("ais", 0), feed("cot", 1)]))
}

fn depot() -> Area {
    let corner = |lat, lon| Position::from_degrees(lat, lon).unwrap();
    let corners = vec![corner(0.0, 0.0), corner(0.0, 0.16), corner(0.05, 0.16), corner(0.05, 0.0)];
    Area::new(AreaName::new("Depot").unwrap(), "restricted", corners).unwrap()
}

fn ship(number: u32, second: i64) -> Claim {
    let east_m = f64::from(number % 7) * 2_000.0 + secs(second) * 5.0;
    let lat_deg = f64::from(number) * 0.03 - 0.2;
    let mmsi = 503_000_000 + number;
    let name = if second < 1_800 { format!("SHIP {number}") } else { format!("LADY {number}") };
    Claim {
        occurred_at: Some(START.plus_s(secs(second) - 0.25)),
        subject: Some(Subject::Mmsi(mmsi)),
        ..Claim::of(Body::Observation(Box::new(Observation {
            sensor: SensorKind::Ais,
            reporter: None,
            position: Position::from_degrees(lat_deg, east_m / 111_320.0),
            sigma_m: Some(10.0),
            kinematics: Kinematics {
                speed_mps: Some(5.0),
                course: Some(Angle::from_degrees(90.0)),
                heading: None,
            },
            class: Class::Vessel,
            affiliation: Affiliation::Neutral,
            idents: vec![Ident::Mmsi(mmsi), Ident::Name(Arc::from(name))],
            distress: None,
            stale_at: None,
            text: None,
            exercise: false,
            battery_percent: None,
            air: Air::NONE,
            alarm: None,
            frame: Frame { format: Arc::from("ais"), bytes: Arc::from(&b"!AIVDM"[..]) },
        })))
    }
}

fn at(second: i64) -> Time {
    START.plus_s(secs(second))
}

#[expect(clippy::cast_precision_loss, reason = "seconds of a test")]
fn secs(second: i64) -> f64 {
    second as f64
}

fn admit(gate: &Gate, feed: &str, claim: Claim, now: Time) -> Admitted<Record> {
    let by = gate.verify(&Peer::Feed(&DeviceId::new(feed).unwrap()), now).unwrap();
    gate.admit(&by, claim, now, now).unwrap()
}

fn by_view(gate: &Gate, view: ViewName, body: Body, now: Time) -> Admitted<Record> {
    let claim = Claim { occurred_at: Some(now), ..Claim::of(body) };
    gate.admit(&gate.view(view), claim, now, now).unwrap()
}

fn link(state: LinkState) -> Body {
    let feed = DeviceId::new("ais").unwrap();
    Body::Status(Status::Link { feed, state, text: "the radio".into() })
}

/// What happens from one second to another: a tick each second, twelve ships that report each
/// third, some through the area, one restricted, one silent for long, a link that breaks.
/// `look` sees the view at each tick.
fn play(site: &mut Site, seconds: std::ops::Range<i64>, look: &mut dyn FnMut(Time, View)) {
    let gate = Arc::clone(site.core.gate());
    for second in seconds {
        let now = at(second);
        let mut batch = Vec::new();
        for number in 0..12_u32 {
            let silent = number == 3 && (600..2_400).contains(&second);
            if (second + i64::from(number)) % 3 == 0 && !silent {
                let feed = if number == 5 { "cot" } else { "ais" };
                batch.push(admit(&gate, feed, ship(number, second), now));
            }
        }
        match second % 3_600 {
            900 => batch.push(by_view(&gate, ViewName::Link, link(LinkState::Down), now)),
            1_500 => batch.push(by_view(&gate, ViewName::Link, link(LinkState::Up), now)),
            _ => {}
        }
        batch.push(by_view(&gate, ViewName::Clock, Body::Tick, now));
        site.core.commit(batch, now).unwrap();
        while site.core.poll().is_some() {}
        look(now, site.core.view());
    }
}

fn without_looking(_: Time, _: View) {}

fn never() -> Over {
    Arc::new(|| false)
}

type Shown = (TrackState, [i64; 4], Vec<(Ident, Actor)>, Time, u64, Label);

/// What people see of a track; history keeps single precision where nobody sees more.
fn shown(track: &Arc<Track>) -> Shown {
    #[expect(clippy::cast_possible_truncation, reason = "small numbers")]
    let round = |value: f64| value.round() as i64;
    let [east, north] = track.velocity_mps.unwrap_or([0.0; 2]);
    let numbers = [
        round(track.position.lat.degrees() * 1e7),
        round(track.position.lon.degrees() * 1e7),
        round(east * 1e3),
        round(north * 1e3),
    ];
    let idents = track.idents.clone();
    (track.state, numbers, idents, track.updated_at, track.updates, track.label.clone())
}

/// A record of the log: place in it, time, kind, place on earth.
type Said = (u64, Time, &'static str, Option<Position>);

/// Every record of the log but ticks.
fn all_said(core: &mut Core<FileStore>) -> Vec<Said> {
    let mut all = Vec::new();
    let mut visit = |scanned: Scanned| {
        let Scanned::Entry(entry) = scanned else { return ControlFlow::Continue(()) };
        let record = &entry.record;
        let place = match &record.body {
            Body::Observation(seen) => seen.position,
            Body::Alert(alert) => alert.position,
            Body::Status(_) | Body::Act(_) | Body::Refusal(_) | Body::Tick | Body::Site(_) => None,
        };
        if record.body.kind() != "tick" {
            all.push((entry.seq.0, record.received_at, record.body.kind(), place));
        }
        ControlFlow::Continue(())
    };
    core.log().scan(Seq(0), &mut visit).unwrap();
    all
}

/// The records of a question by the slowest way: one after the other.
fn naive(all: &[Said], question: &Question) -> Vec<u64> {
    let fits = |(_, at, kind, place): &&Said| {
        question.bounds.is_none_or(|bounds| place.is_some_and(|p| holds(&bounds, &p)))
            && (question.from..=question.to).contains(at)
            && question.kind.is_none_or(|wanted| wanted == *kind)
    };
    all.iter().filter(fits).map(|(seq, ..)| *seq).collect()
}

fn ask(history: &History, question: &Question) -> Vec<u64> {
    let mut found = Vec::new();
    let mut visit = |row: Found| {
        if question.bounds.is_none_or(|b| row.position.is_some_and(|p| holds(&b, &p))) {
            found.push(row.seq.0);
        }
        ControlFlow::Continue(())
    };
    history.records(question, &never(), &mut visit).unwrap();
    found
}

fn holds(bounds: &Bounds, place: &Position) -> bool {
    let (lat, lon) = (place.lat.degrees(), place.lon.degrees());
    (bounds.south_deg..=bounds.north_deg).contains(&lat)
        && (bounds.west_deg..=bounds.east_deg).contains(&lon)
}

type Contents = BTreeMap<String, Vec<Vec<Value>>>;

/// Everything that the files of a folder say, with labels and authors in the place of their numbers.
fn contents(data: &Path) -> Contents {
    let mut all = BTreeMap::new();
    for file in std::fs::read_dir(data.join("hist")).unwrap() {
        let path = file.unwrap().path();
        if path.extension().is_none_or(|end| end != "db") {
            continue;
        }
        let file = rusqlite::Connection::open(&path).unwrap();
        for (table, sql) in TABLES {
            let mut query = file.prepare(sql).unwrap();
            let columns = query.column_count();
            let rows = query.query_map([], |row| (0..columns).map(|at| row.get(at)).collect());
            let rows = rows.unwrap().collect::<Result<_, _>>().unwrap();
            all.insert(format!("{} {table}", path.display()), rows);
        }
    }
    all
}

const TABLES: [(&str, &str); 9] = [
    (
        "obs",
        "SELECT cell, t, seq, lat, lon, kind, author.name, label.body, occurred, track, subject,
            text, obs.id FROM obs JOIN author ON author.id = author JOIN label ON label.id = label
            ORDER BY seq",
    ),
    ("cells", "SELECT * FROM cells ORDER BY cell"),
    ("sample", "SELECT * FROM sample ORDER BY minute, track, seq"),
    ("keyframe", "SELECT * FROM keyframe ORDER BY minute"),
    (
        "counts",
        "SELECT minute, body, observations, tracks FROM counts JOIN label ON label.id = label
            ORDER BY minute, body",
    ),
    (
        "alert",
        "SELECT alert, seq, t, raised, severity, label.body, alert.body FROM alert
            JOIN label ON label.id = label ORDER BY alert, seq",
    ),
    (
        "link",
        "SELECT feed, t0, seq, t1, text, body FROM link JOIN label ON label.id = label
            ORDER BY seq",
    ),
    ("watch", "SELECT * FROM watch ORDER BY seq"),
    ("covered", "SELECT min(first), max(last), sum(last - first + 1) FROM covered"),
];

fn rows(contents: &Contents, table: &str) -> usize {
    contents.iter().filter(|(name, _)| name.ends_with(table)).map(|(_, rows)| rows.len()).sum()
}

fn assert_same(found: &Contents, expected: &Contents) {
    assert_eq!(found.len(), expected.len());
    for (table, rows) in expected {
        let found = found.get(table).unwrap();
        let first = rows.iter().zip(found).find(|(expected, found)| expected != found);
        assert!(first.is_none(), "{table}: {first:?}");
        assert_eq!(found.len(), rows.len(), "{table}");
    }
}
