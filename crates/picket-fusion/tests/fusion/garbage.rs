//! Whatever is thrown at it, every track stays a place on earth with a positive error.
#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "strategies are helpers of tests"
)]

use std::sync::Arc;

use crate::common::{at, entry, numbered, seen};
use picket_fusion::{Fusion, Settings};
use picket_model::track::{IDENTS_MAX, SOURCES_MAX};
use picket_model::{
    Actor, Affiliation, Angle, Body, Class, DeviceId, Entry, Ident, Kinematics, Label, Picture,
    Position, SensorKind, Time,
};
use proptest::prelude::*;

/// A number as a broken sender makes it.
fn number() -> impl Strategy<Value = f64> {
    prop_oneof![
        4 => -200.0..200.0,
        1 => Just(0.0),
        1 => Just(f64::NAN),
        1 => Just(f64::INFINITY),
        1 => Just(-f64::INFINITY),
        1 => Just(1e300),
        1 => Just(1e-300),
        1 => any::<f64>(),
    ]
}

/// A time around one minute of 2023, or one from another age.
fn moment() -> impl Strategy<Value = Time> {
    prop_oneof![
        8 => (0_i64..60_000).prop_map(|ms| Time::from_unix_ms(1_700_000_000_000 + ms)),
        1 => Just(Time::from_unix_s(0)),
        1 => Just(Time(i64::MAX)),
        1 => Just(Time(i64::MIN)),
        1 => any::<i64>().prop_map(Time),
    ]
}

/// A place in a small bay, or one that is none.
fn place() -> impl Strategy<Value = Position> {
    let near = (54.0..54.02, 7.0..7.02);
    prop_oneof![
        6 => near.prop_map(|(lat, lon)| Position::from_degrees(lat, lon).unwrap()),
        1 => (-90.0..=90.0, -180.0..=180.0)
            .prop_map(|(lat, lon)| Position::from_degrees(lat, lon).unwrap()),
        1 => Just(Position::from_degrees(90.0, 0.0).unwrap()),
        1 => Just(Position::from_degrees(-90.0, 180.0).unwrap()),
        1 => (number(), number(), number()).prop_map(|(lat, lon, height)| Position {
            lat: Angle::from_radians(lat),
            lon: Angle::from_radians(lon),
            height_m: Some(height),
        }),
    ]
}

prop_compose! {
    fn garbage()(
        occurred_at in moment(),
        received_at in moment(),
        position in proptest::option::weighted(0.9, place()),
        sigma_m in proptest::option::of(number()),
        speed_mps in proptest::option::of(number()),
        course in proptest::option::of(number()),
        stale_at in proptest::option::of(moment()),
        class in 0..7_usize,
        affiliation in 0..7_usize,
        sensor in 0..3_usize,
        name in 0..8_u32,
        tick in proptest::bool::weighted(0.1),
        author in 0..3_u32,
    ) -> (Actor, Time, Time, Body) {
        let author = Actor::Device(DeviceId::new(&format!("feed-{author}")).unwrap());
        if tick {
            return (author, received_at, received_at, Body::Tick);
        }
        let sensor = SensorKind::ALL[sensor];
        let idents = match name {
            0..3 => vec![Ident::Mmsi(name), Ident::Name(Arc::from(format!("N{sigma_m:?}")))],
            3..5 => vec![Ident::CotUid(Arc::from(format!("U{name}"))), Ident::Mmsi(name - 3)],
            5 => numbered("cam", &class.to_string(), Class::Unknown, at(0.0, 0.0)).idents,
            _ => Vec::new(),
        };
        let mut out = seen(sensor, position, idents);
        out.sigma_m = sigma_m;
        out.kinematics = Kinematics {
            speed_mps,
            course: course.map(Angle::from_radians),
            heading: course.map(Angle::from_radians),
        };
        out.stale_at = stale_at;
        out.class = Class::ALL[class];
        out.affiliation = Affiliation::ALL[affiliation];
        (author, occurred_at, received_at, Body::Observation(Box::new(out)))
    }
}

fn entries(garbage: Vec<(Actor, Time, Time, Body)>) -> Vec<Entry> {
    let number = 0_u64..;
    let entries = number.zip(garbage);
    entries
        .map(|(seq, (author, occurred_at, received_at, body))| {
            entry(seq, author, occurred_at, received_at, Label::lowest(), body)
        })
        .collect()
}

fn settings() -> Settings {
    Settings { tracks_max: 12, statics_max: 3, ..Settings::default() }
}

fn check(picture: &Picture) {
    assert!(picture.tracks.len() <= settings().tracks_max);
    let mut names: Vec<&Ident> = Vec::new();
    for (id, track) in &picture.tracks {
        assert_eq!(*id, track.id);
        assert!(track.position.lat.degrees().abs() <= 90.0, "{track:#?}");
        assert!(track.position.lon.degrees().abs() <= 180.0, "{track:#?}");
        assert!(track.position.height_m.is_none_or(f64::is_finite));
        let [ee, en, nn] = track.covariance_m2;
        assert!(ee > 0.0 && nn > 0.0 && ee * nn >= en * en * 0.999, "{track:#?}");
        assert!(track.sigma_m().is_finite() && track.sigma_m() > 0.0);
        // 515 m/s is the fastest class's bound; a filter may overshoot it between fixes.
        assert!(track.speed_mps().is_none_or(|speed| speed < 2_000.0), "{track:#?}");
        assert!((0.0..=1.0).contains(&track.existence));
        assert!(track.heading.is_none_or(|heading| heading.radians().is_finite()));
        assert!(track.idents.len() <= IDENTS_MAX && track.sources.len() <= SOURCES_MAX);
        assert!(track.sources.iter().all(|source| source.residual_m.is_finite()));
        assert_ne!(track.class, Class::Equipment);
        let strong = |ident: &&Ident| {
            matches!(ident, Ident::Mmsi(_) | Ident::CotUid(_) | Ident::Local { .. })
        };
        let own: Vec<&Ident> = track.idents.iter().map(|(ident, _)| ident).filter(strong).collect();
        assert!(own.iter().filter(|ident| matches!(ident, Ident::Mmsi(_))).count() <= 1);
        names.extend(own);
    }
    let count = names.len();
    names.sort();
    names.dedup();
    assert_eq!(names.len(), count, "a name stands in one track");
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 256, ..ProptestConfig::default() })]

    #[test]
    fn random_garbage_keeps_every_track_finite(
        garbage in proptest::collection::vec(garbage(), 1..120)
    ) {
        let mut fusion = Fusion::new(settings());
        let mut picture = Picture::default();
        for entry in entries(garbage) {
            let before: Vec<_> = picture.tracks.keys().copied().collect();
            fusion.apply(&entry, &mut picture);
            check(&picture);
            for id in &picture.removed {
                prop_assert!(before.contains(id) && !picture.tracks.contains_key(id));
            }
            for id in &picture.touched {
                prop_assert!(picture.tracks.contains_key(id));
            }
        }
    }

    #[test]
    fn the_same_entries_give_the_same_bytes(
        garbage in proptest::collection::vec(garbage(), 1..60)
    ) {
        let entries = entries(garbage);
        let run = || {
            let mut fusion = Fusion::new(settings());
            let mut picture = Picture::default();
            // The publisher may hold the picture: then tracks are copied before they change.
            let mut held = Vec::new();
            for entry in &entries {
                fusion.apply(entry, &mut picture);
                held.push(picture.tracks.clone());
            }
            let mut out = Vec::new();
            fusion.digest(&mut out);
            (out, picture.tracks)
        };
        let (first, second) = (run(), run());
        prop_assert_eq!(first.0, second.0);
        prop_assert_eq!(format!("{:?}", first.1), format!("{:?}", second.1));
    }
}
