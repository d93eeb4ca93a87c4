use super::*;
use picket_model::{Affiliation, Auth, Class, DeviceId, Ident, Levels, SensorKind, TrackId};

fn track() -> Track {
    let feed = Actor::Device(DeviceId::new("ais").unwrap());
    Track {
        id: TrackId(12),
        state: TrackState::Coasting,
        position: Position {
            height_m: Some(1_234.5),
            ..Position::from_degrees(-23.812_345_678, 151.3).unwrap()
        },
        covariance_m2: [25.0, 0.0, 25.0],
        velocity_mps: Some([1.25, -0.5]),
        heading: Some(Angle::from_degrees(359.0)),
        air: Air { squawk: Some(7_700), nic: Some(8), on_ground: Some(false), ..Air::NONE },
        class: Class::Aircraft,
        class_why: "ads-b".into(),
        affiliation: Affiliation::Neutral,
        idents: vec![(Ident::Icao(0x7C_6B2D), feed.clone())],
        existence: 0.5,
        updated_at: Time::from_unix_ms(1_800_000_000_123),
        received_at: Time::from_unix_ms(1_800_000_000_200),
        first_at: Time::from_unix_ms(1_800_000_000_000),
        confirmed_at: None,
        updates: 300,
        sources: vec![Source {
            author: feed,
            reporter: None,
            sensor: SensorKind::Adsb,
            auth: Auth::None,
            last_at: Time(5),
            record: RecordId([4; 32]),
            residual_m: 2.0,
            updates: 300,
        }],
        label: Levels::default().parse("open").unwrap(),
        exercise: false,
        suspect: None,
    }
}

#[test]
fn a_fix_on_an_older_track_gives_the_newer_one() {
    let newer = track();
    let bare = Track { velocity_mps: None, heading: None, air: Air::NONE, ..track() };
    let bare = Track { position: Position { height_m: None, ..bare.position }, ..bare };
    for newer in [newer, bare] {
        let mut older = Track {
            state: TrackState::Live,
            position: Position::from_degrees(1.0, 2.0).unwrap(),
            velocity_mps: Some([9.0, 9.0]),
            updates: 7,
            existence: 0.1,
            updated_at: Time(1),
            received_at: Time(2),
            ..track()
        };
        for ahead_ns in [0, 5, -7_000_000_000, i64::from(u32::MAX)] {
            let at = Time(newer.received_at.0 + ahead_ns);
            let body = fix(&newer, at);
            assert!(body.len() < 90, "{}", body.len());
            let Change::Fix(fix) = change(&body, at).unwrap() else { panic!("a fix") };
            fix.apply(&mut older);
            assert_eq!(older, newer);
            for cut in 0..body.len() - 1 {
                let mut short = body[..cut].to_vec();
                short.push(FIX);
                assert!(change(&short, at).is_err(), "{cut}");
            }
        }
    }
}

#[test]
fn a_whole_row_is_told_from_a_fix_and_an_end() {
    let at = track().received_at;
    let body = whole(&track());
    assert!(is_whole(&body) && !is_whole(&fix(&track(), at)) && !is_whole(&[]));
    assert_eq!(change(&body, at).unwrap(), Change::Whole(Box::new(track())));
    assert_eq!(change(&[], at).unwrap(), Change::Gone);
    assert!(change(&[7], at).is_err());
}

#[test]
fn the_slow_key_stays_with_a_fix_and_changes_with_a_name_a_label_and_a_source() {
    let key = slow_key(&track());
    let moved = Track { updates: 301, updated_at: Time(9), existence: 0.9, ..track() };
    assert_eq!(slow_key(&moved), key);
    let mut named = track();
    named.idents.push((Ident::Callsign("QFA1".into()), named.idents[0].1.clone()));
    let raised = Track { label: Levels::default().parse("restricted").unwrap(), ..track() };
    let mut heard = track();
    heard.sources.push(Source { sensor: SensorKind::Radar, ..heard.sources[0].clone() });
    for other in [named, raised, heard, Track { suspect: Some("two places".into()), ..track() }] {
        assert_ne!(slow_key(&other), key);
    }
}
