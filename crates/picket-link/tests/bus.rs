//! What the bus promises to listeners that read at any pace.

#![expect(clippy::unwrap_used, reason = "test helpers")]

use std::collections::BTreeMap;

use picket_link::Bus;
use picket_link::bus::{Cut, Filter, QUEUE_MAX};
use picket_model::observation::Frame;
use picket_model::*;

fn entry(seq: u64, body: Body, subject: Option<Subject>, label: &str) -> Entry {
    let author = match &body {
        Body::Observation(_) => Actor::Device(DeviceId::new("ais").unwrap()),
        Body::Act(_)
        | Body::Alert(_)
        | Body::Status(_)
        | Body::Refusal(_)
        | Body::Tick
        | Body::Site(_) => Actor::Machine(ViewName::Node),
    };
    let record = Record {
        author,
        auth: Auth::None,
        label: Levels::default().parse(label).unwrap(),
        occurred_at: Time::from_unix_s(1_800_000_000),
        received_at: Time::from_unix_s(1_800_000_000),
        subject,
        cites: Vec::new(),
        body,
    };
    let class = record.class();
    let name = EntryName { origin: NodeId([0; 16]), epoch: Epoch(0), class, number: seq };
    Entry { seq: Seq(seq), name, id: RecordId([0; 32]), record }
}

fn ship(seq: u64, mmsi: u32, lon_deg: f64) -> Entry {
    let seen = Observation {
        sensor: SensorKind::Ais,
        reporter: None,
        position: Position::from_degrees(-23.8, lon_deg),
        sigma_m: None,
        kinematics: Kinematics::default(),
        class: Class::Vessel,
        affiliation: Affiliation::Unknown,
        idents: vec![Ident::Mmsi(mmsi)],
        distress: None,
        stale_at: None,
        text: None,
        exercise: false,
        battery_percent: None,
        air: Air::NONE,
        alarm: None,
        frame: Frame { format: "ais".into(), bytes: [0_u8; 0].into() },
    };
    entry(seq, Body::Observation(Box::new(seen)), Some(Subject::Mmsi(mmsi)), "open")
}

fn act(seq: u64) -> Entry {
    entry(seq, Body::Act(Act::SignOut), None, "open")
}

/// All that waits: sequence numbers and how many were left out, or the cut.
fn drain(listener: &mut picket_link::bus::Subscription) -> Result<(Vec<u64>, u64), Cut> {
    let (mut seqs, mut left_out) = (Vec::new(), 0);
    while let Some(handed) = listener.try_next()? {
        seqs.push(handed.entry.seq.0);
        left_out += handed.collapsed;
    }
    Ok((seqs, left_out))
}

#[test]
fn a_reader_that_keeps_up_gets_every_entry_in_order() {
    let bus = Bus::default();
    let mut listener = bus.subscribe(Filter::all());
    let mut heard = Vec::new();
    for batch in 0..100_u64 {
        bus.publish((0..100).map(|n| ship(batch * 100 + n, 7, 151.3)).collect());
        let (seqs, left_out) = drain(&mut listener).unwrap();
        assert_eq!(left_out, 0);
        heard.extend(seqs);
    }
    assert_eq!(heard, (0..10_000).collect::<Vec<u64>>());
}

#[test]
fn a_slow_reader_gets_every_act_and_the_newest_of_each_ship() {
    let bus = Bus::default();
    let mut listener = bus.subscribe(Filter::all());
    let total = 100_000_u64;
    let mut newest = BTreeMap::new();
    let mut acts = Vec::new();
    let entries = (0..total).map(|seq| {
        if seq % 1_000 == 0 {
            acts.push(seq);
            return act(seq);
        }
        let mmsi = u32::try_from(seq % 500).unwrap();
        newest.insert(mmsi, seq);
        ship(seq, mmsi, 151.3)
    });
    let entries: Vec<Entry> = entries.collect();
    bus.publish(entries);
    let (seqs, left_out) = drain(&mut listener).unwrap();
    assert!(seqs.is_sorted());
    assert!(seqs.len() <= QUEUE_MAX);
    assert!(acts.iter().all(|seq| seqs.contains(seq)), "no act is left out");
    assert!(newest.values().all(|seq| seqs.contains(seq)), "the newest of each ship is there");
    assert_eq!(u64::try_from(seqs.len()).unwrap() + left_out, total, "and the rest is counted");
}

#[test]
fn more_acts_than_a_queue_holds_cut_the_reader_off_at_the_first_it_lacks() {
    let bus = Bus::default();
    let mut slow = bus.subscribe(Filter::all());
    let mut quick = bus.subscribe(Filter::all());
    bus.publish(vec![act(0)]);
    assert_eq!(drain(&mut slow), Ok((vec![0], 0)));
    let most = u64::try_from(QUEUE_MAX).unwrap();
    for seq in 1..=most + 1 {
        bus.publish(vec![act(seq), ship(seq + 1_000_000, 7, 151.3)]);
        assert!(drain(&mut quick).is_ok());
    }
    assert_eq!(drain(&mut slow), Err(Cut { resume: Seq(1) }));
    bus.publish(vec![act(most + 2)]);
    assert_eq!(drain(&mut slow), Err(Cut { resume: Seq(1) }), "and it stays so");
    let mut again = bus.subscribe(Filter::all());
    bus.publish(vec![act(most + 3)]);
    assert_eq!(again.first(), Some(Seq(most + 3)));
    assert_eq!(drain(&mut again), Ok((vec![most + 3], 0)));
}

#[test]
fn a_filter_tells_by_class_label_and_place() {
    let bus = Bus::default();
    let corner = |lat, lon| Position::from_degrees(lat, lon).unwrap();
    let corners = vec![corner(-24.0, 151.2), corner(-24.0, 151.4), corner(-23.6, 151.3)];
    let area = Area::new(AreaName::new("A").unwrap(), "watched", corners).unwrap();
    let mut inside = bus.subscribe(Filter::all().within(area));
    let mut acts = bus.subscribe(Filter::all().classes(&[LogClass::Audit]));
    let open = Levels::default().parse("open").unwrap();
    let mut open = bus.subscribe(Filter::all().clearance(open));
    let secret = entry(3, Body::Act(Act::SignOut), None, "secret");
    bus.publish(vec![ship(0, 7, 151.3), ship(1, 7, 151.5), act(2), secret]);
    assert_eq!(drain(&mut inside), Ok((vec![0, 2, 3], 0)), "an act concerns every area");
    assert_eq!(drain(&mut acts), Ok((vec![2, 3], 0)));
    assert_eq!(drain(&mut open), Ok((vec![0, 1, 2], 0)));
}

#[tokio::test]
async fn a_waiting_reader_is_woken_by_the_next_entry() {
    let bus = Bus::default();
    let mut listener = bus.subscribe(Filter::all());
    let waiting = tokio::spawn(async move { listener.next().await });
    tokio::task::yield_now().await;
    bus.publish(vec![act(5)]);
    let handed = waiting.await.unwrap().unwrap().unwrap();
    assert_eq!(handed.entry.seq, Seq(5));
}
