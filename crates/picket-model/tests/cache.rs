//! Tracks, alerts and drawings in the form that caches keep: what goes in comes out.

#![expect(clippy::unwrap_used, reason = "test helpers")]

use std::sync::Arc;

use picket_model::wire::{
    WireError, decode_alert, decode_track, decode_watch, encode_alert, encode_track, encode_watch,
};
use picket_model::*;

fn place(lat_deg: f64, lon_deg: f64, height_m: Option<f64>) -> Position {
    Position { height_m, ..Position::from_degrees(lat_deg, lon_deg).unwrap() }
}

fn feed() -> Actor {
    Actor::Device(DeviceId::new("ais-north").unwrap())
}

fn track(full: bool) -> Track {
    let source = Source {
        author: feed(),
        reporter: Some("Fence-07".into()),
        sensor: SensorKind::CotReport,
        auth: Auth::Channel,
        last_at: Time(12_345),
        record: RecordId([9; 32]),
        residual_m: 3.25,
        updates: 70_000,
    };
    Track {
        id: TrackId(12),
        state: TrackState::Coasting,
        position: place(-23.8, 151.3, full.then_some(18.5)),
        covariance_m2: [25.0, -1.5, 36.1],
        velocity_mps: full.then_some([1.25, -0.1]),
        heading: full.then_some(Angle::from_degrees(82.0)),
        air: if full { Air { squawk: Some(7_700), ..Air::NONE } } else { Air::NONE },
        class: Class::Vessel,
        class_why: "ship type 70".into(),
        affiliation: Affiliation::Neutral,
        idents: if full { vec![(Ident::Mmsi(503_551_000), feed())] } else { Vec::new() },
        existence: 0.97,
        updated_at: Time(-5),
        received_at: Time(77),
        first_at: Time(-100),
        confirmed_at: full.then_some(Time(3)),
        updates: 71_000,
        sources: if full { vec![source] } else { Vec::new() },
        label: Levels::default().parse("restricted/NORTH REL A,B").unwrap(),
        exercise: full,
        suspect: full.then(|| Arc::from("two places at once")),
    }
}

#[test]
fn a_track_reads_back_whole_and_is_refused_when_it_is_cut() {
    for track in [track(true), track(false)] {
        let mut bytes = Vec::new();
        encode_track(&track, &mut bytes);
        assert_eq!(decode_track(&bytes).unwrap(), track);
        for cut in 0..bytes.len() {
            assert!(matches!(decode_track(&bytes[..cut]), Err(WireError::Shape { .. })), "{cut}");
        }
        bytes.push(0);
        assert!(decode_track(&bytes).is_err(), "and when more follows");
    }
}

#[test]
fn an_alert_reads_back_with_its_causes() {
    let alert = Alert {
        id: AlertId([3; 16]),
        detector: "distress".into(),
        version: 2,
        change: AlertChange::Revised,
        severity: Severity::Critical,
        title: "a call".into(),
        why_text: "because".into(),
        why: vec![],
        subject: Subject::Icao(0x7C_6B2D),
        track: Some(TrackId(12)),
        area: None,
        position: Some(place(1.0, 2.0, None)),
        opened_at: Time(55),
        count: 4,
        exercise: false,
    };
    let cites = [RecordId([1; 32]), RecordId([2; 32])];
    let mut bytes = Vec::new();
    encode_alert(&alert, &cites, &mut bytes);
    assert_eq!(decode_alert(&bytes).unwrap(), (cites.to_vec(), alert));
}

#[test]
fn what_is_watched_reads_back_with_who_drew_it() {
    let name = AreaName::new("Pier").unwrap();
    let corners = vec![place(1.0, 1.0, None), place(1.0, 2.0, None), place(2.0, 2.0, None)];
    let area = Area::new(name.clone(), "protected", corners).unwrap();
    let site = Site { name: "demo".to_owned(), areas: vec![area.clone()], lines: Vec::new() };
    let by = Actor::Person(PersonId::new("officer-1").unwrap());
    let drawn = Drawn { shape: Shape::Area(area), by, at: Time(9) };
    let watch = Watch { site, drawn: [(name, drawn)].into() };
    let mut bytes = Vec::new();
    encode_watch(&watch, &mut bytes);
    assert_eq!(decode_watch(&bytes).unwrap(), watch);
}
