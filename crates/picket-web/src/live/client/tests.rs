use std::collections::BTreeSet;

use picket_core::{Condition, DeviceKind, Liveness, Standing};
use picket_gate::{BuiltIn, Peer, Rate, Session};
use picket_model::{
    Affiliation, Alert, AlertChange, Class, Label, Levels, PersonId, Position, Seq, Subject,
    TrackState,
};
use serde_json::Value;

use super::*;

#[test]
fn a_snapshot_comes_first_then_open_alerts_areas_attributes_and_devices() {
    let mut desk = Desk::new("open");
    let view = view(1, |view| {
        put(view, track(1, 151.0));
        put_alert(view, alert(7, 1, Standing::New));
        put_alert(view, alert(8, 1, Standing::Closed));
        put_device(view, device("Fence-07"));
    });
    let frames = desk.drain(&view, 0.0);
    let kinds: Vec<u8> = frames.iter().map(|frame| frame[5]).collect();
    assert_eq!(kinds, [1, 4, 4, 6, 4]);
    assert_eq!(records(&frames[0]), [(1, 0b11)]);
    assert_eq!(json(&frames[1])["alert"]["state"], "new");
    assert_eq!(json(&frames[2])["type"], "areas");
    assert_eq!(json(&frames[3])["tracks"][0]["slot"], 1);
    assert_eq!(json(&frames[4])["device"]["name"], "Fence-07");
}

#[test]
fn a_heartbeat_comes_each_second_even_among_other_frames() {
    let mut desk = Desk::new("open");
    let view = view(1, |_| {});
    assert_eq!(kinds(&desk.drain(&view, 0.0)), [1, 4]);
    assert_eq!(kinds(&desk.drain(&view, 0.9)), [0; 0]);
    assert_eq!(kinds(&desk.drain(&view, 1.0)), [5]);
    assert_eq!(kinds(&desk.drain(&view, 1.5)), [0; 0]);
    assert_eq!(kinds(&desk.drain(&view, 2.0)), [5]);
}

#[test]
fn a_track_is_sent_once_a_second_and_the_selected_one_five_times() {
    let mut desk = Desk::new("open");
    let at = |step: u32| {
        view(u64::from(step) + 1, |view| {
            put(view, track(1, 151.0 + 0.001 * f64::from(step)));
            put(view, track(2, 152.0 + 0.001 * f64::from(step)));
        })
    };
    desk.client.select(Some(2));
    desk.drain(&at(0), 0.0);
    let mut sent = (0, 0);
    for step in 1..=50 {
        for frame in desk.drain(&at(step), f64::from(step) * 0.1).iter().filter(|f| f[5] == 2) {
            for (slot, _) in records(frame) {
                if slot == 1 { sent.0 += 1 } else { sent.1 += 1 }
            }
        }
    }
    assert_eq!(sent, (5, 25), "in five seconds");
}

#[test]
fn a_track_that_did_not_change_is_not_sent_again() {
    let mut desk = Desk::new("open");
    let first = view(1, |view| put(view, track(1, 151.0)));
    desk.drain(&first, 0.0);
    let mut second = View::clone(&first);
    second.seq = Some(Seq(2));
    assert_eq!(kinds(&desk.drain(&Arc::new(second), 3.0)), [5]);
}

#[test]
fn a_track_that_ends_is_removed() {
    let mut desk = Desk::new("open");
    desk.drain(&view(1, |view| put(view, track(3, 151.0))), 0.0);
    let frames = desk.drain(&view(2, |_| {}), 0.5);
    assert_eq!(kinds(&frames), [3]);
    assert_eq!(&frames[0][24..], &3_u32.to_le_bytes());
}

#[test]
fn an_alert_is_told_at_once_and_marks_its_track() {
    let mut desk = Desk::new("open");
    let quiet = view(1, |view| put(view, track(1, 151.0)));
    desk.drain(&quiet, 0.0);
    let mut alarmed = View::clone(&quiet);
    put_alert(&mut alarmed, alert(7, 1, Standing::New));
    let alarmed = Arc::new(alarmed);
    assert_eq!(kinds(&desk.drain(&alarmed, 0.01)), [4]);
    let frames = desk.drain(&alarmed, 0.2);
    assert_eq!(records(&frames[0]), [(1, 0b11)], "well before the second is over");
}

#[test]
fn only_what_lies_in_the_box_is_sent_but_alerting_tracks_always() {
    let mut desk = Desk::new("open");
    desk.client.subscribe(Bounds::new([150.0, -25.0, 151.5, -23.0]));
    let near = |view: &mut View| put(view, track(1, 151.0));
    let all = view(1, |view| {
        near(view);
        put(view, track(2, 170.0));
        put(view, track(3, 171.0));
        put_alert(view, alert(7, 3, Standing::New));
    });
    let frames = desk.drain(&all, 0.0);
    assert_eq!(slots(&frames[0]), [1, 3]);
    desk.client.subscribe(Bounds::new([169.0, -25.0, 170.5, -23.0]));
    let frames = desk.drain(&all, 0.5);
    assert_eq!(slots(&frames[0]), [2]);
    assert_eq!(kinds(&frames), [2, 3, 6]);
    assert_eq!(&frames[1][24..], &1_u32.to_le_bytes());
}

#[test]
fn nothing_above_the_clearance_is_told() {
    let mut desk = Desk::new("open");
    let mixed = view(1, |view| {
        put(view, track(1, 151.0));
        put(view, Track { label: label("restricted"), ..track(2, 151.0) });
        let mut secret = alert(7, 1, Standing::New);
        secret.label = label("restricted");
        put_alert(view, secret);
        let mut hidden = device("Hidden");
        hidden.label = label("restricted");
        put_device(view, hidden);
    });
    let frames = desk.drain(&mixed, 0.0);
    assert_eq!(kinds(&frames), [1, 4, 6]);
    assert_eq!(records(&frames[0]), [(1, 0)], "not even the mark of the alert");
    let mut cleared = Desk::new("restricted");
    assert_eq!(kinds(&cleared.drain(&mixed, 0.0)), [1, 4, 4, 6, 4]);
}

#[test]
fn what_rises_above_the_clearance_is_taken_back() {
    let mut desk = Desk::new("open");
    let before = view(1, |view| {
        put(view, track(1, 151.0));
        put_alert(view, alert(7, 1, Standing::New));
    });
    desk.drain(&before, 0.0);
    let mut after = View::clone(&before);
    let mut raised = alert(7, 1, Standing::New);
    raised.label = label("restricted");
    put_alert(&mut after, raised);
    let frames = desk.drain(&Arc::new(after), 0.1);
    assert_eq!(kinds(&frames), [1, 4, 6], "a snapshot replaces all that the page holds");
}

#[test]
fn a_slow_screen_skips_states_and_waits_for_no_queue() {
    let mut desk = Desk::new("open");
    desk.drain(&view(1, |view| put(view, track(1, 151.0))), 0.0);
    // A minute in which nothing could be sent, with 300 views and an alert that changed often.
    let mut last = view(1, |_| {});
    for step in 0..300_u32 {
        last = view(u64::from(step) + 2, |view| {
            put(view, track(1, 151.0 + f64::from(step) * 1e-4));
            let mut changed = alert(7, 1, Standing::New);
            changed.alert.count = step;
            put_alert(view, changed);
        });
    }
    let frames = desk.drain(&last, 60.0);
    assert_eq!(kinds(&frames), [5, 4, 2]);
    assert_eq!(json(&frames[1])["alert"]["count"], 299);
}

#[test]
fn counts_of_a_device_alone_wait_but_its_state_does_not() {
    let mut desk = Desk::new("open");
    let with = |seq, change: &dyn Fn(&mut Device)| {
        let mut device = device("Fence-07");
        change(&mut device);
        view(seq, |view| put_device(view, device))
    };
    desk.drain(&with(1, &|_| {}), 0.0);
    assert_eq!(kinds(&desk.drain(&with(2, &|d| d.observations = 2), 0.5)), [0; 0]);
    assert_eq!(kinds(&desk.drain(&with(3, &|d| d.state = Liveness::Late), 0.6)), [4]);
    let frames = desk.drain(&with(4, &|d| d.observations = 3), 11.0);
    assert_eq!(kinds(&frames), [5, 4], "ten seconds later they come");
}

#[test]
fn attributes_follow_when_one_changes() {
    let mut desk = Desk::new("open");
    desk.drain(&view(1, |view| put(view, track(1, 151.0))), 0.0);
    let renamed = Track { affiliation: Affiliation::Suspect, ..track(1, 151.0) };
    let frames = desk.drain(&view(2, |view| put(view, renamed)), 1.0);
    assert_eq!(kinds(&frames), [5, 2, 6]);
    assert_eq!(json(&frames[2])["tracks"][0]["affiliation"], "suspect");
}

#[test]
fn more_tracks_than_one_frame_holds_follow_in_the_next() {
    let mut desk = Desk::new("open");
    let many = view(1, |view| {
        for id in 1..=20_000 {
            put(view, track(id, 151.0));
        }
    });
    let frames = desk.drain(&many, 0.0);
    let mut told = BTreeSet::new();
    for frame in frames.iter().filter(|frame| frame[5] <= 2) {
        assert!(slots(frame).len() <= RECORDS_MAX);
        told.extend(slots(frame));
    }
    assert_eq!(told.len(), 20_000);
}

struct Desk {
    client: Client,
    gate: Gate,
    session: Session,
}

impl Desk {
    fn new(clearance: &str) -> Self {
        let session = Session {
            person: PersonId::new("ann").unwrap(),
            roles: Vec::new(),
            clearance: label(clearance),
            expires_at: NOW.plus_s(1e6),
            budget: Arc::new(picket_gate::Budget::new(Rate::PERSON)),
        };
        let gate = Gate::new(Levels::default(), Arc::new(BuiltIn), Vec::new());
        Self { client: Client::default(), gate, session }
    }

    fn drain(&mut self, view: &Arc<View>, s: f64) -> Vec<Vec<u8>> {
        let by = self.gate.verify(&Peer::Session(&self.session), NOW).unwrap();
        let reader = Reader { gate: &self.gate, by: &by };
        let now = Moment { at: NOW.plus_s(s), s };
        let mut out = BytesMut::new();
        let mut frames = Vec::new();
        while self.client.next(view, &reader, now, &mut out) {
            frames.push(out.to_vec());
            assert!(frames.len() < 1_000, "it ends");
        }
        frames
    }
}

const NOW: Time = Time::from_unix_s(1_800_000_000);

fn label(text: &str) -> Label {
    Levels::default().parse(text).unwrap()
}

fn view(seq: u64, fill: impl FnOnce(&mut View)) -> Arc<View> {
    let mut view = View { seq: Some(Seq(seq)), at: NOW, ..View::default() };
    fill(&mut view);
    Arc::new(view)
}

fn put(view: &mut View, track: Track) {
    view.tracks.insert(track.id, Arc::new(track));
}

fn put_alert(view: &mut View, state: AlertState) {
    view.alerts.insert(state.alert.id, Arc::new(state));
}

fn put_device(view: &mut View, device: Device) {
    view.devices.insert(device.key.clone(), Arc::new(device));
}

fn track(id: u32, lon_deg: f64) -> Track {
    Track {
        id: TrackId(id),
        state: TrackState::Live,
        position: Position::from_degrees(-23.8, lon_deg).unwrap(),
        covariance_m2: [1.0, 0.0, 1.0],
        velocity_mps: None,
        heading: None,
        class: Class::Vessel,
        class_why: Arc::from("said so"),
        affiliation: Affiliation::Neutral,
        idents: Vec::new(),
        existence: 1.0,
        updated_at: NOW,
        received_at: NOW,
        first_at: NOW,
        confirmed_at: Some(NOW),
        updates: 3,
        sources: Vec::new(),
        label: Label::lowest(),
        exercise: false,
        suspect: None,
        air: picket_model::Air::NONE,
    }
}

fn alert(id: u8, of: u32, standing: Standing) -> AlertState {
    let id = AlertId([id; 16]);
    let alert = Alert {
        id,
        detector: Arc::from("area.entry"),
        version: 1,
        change: AlertChange::Raised,
        severity: Severity::Critical,
        title: Arc::from("Person inside North Ammo"),
        why_text: Arc::from("inside since 02:14:07Z"),
        why: Vec::new(),
        subject: Subject::Track(TrackId(of)),
        track: Some(TrackId(of)),
        area: None,
        position: None,
        opened_at: NOW,
        count: 1,
        exercise: false,
    };
    AlertState {
        alert,
        standing,
        condition: Condition::Active,
        revised: false,
        assignee: None,
        shelved_until: None,
        cites: Vec::new(),
        history: Vec::new(),
        seq: Seq(1),
        updated_at: NOW,
        label: Label::lowest(),
    }
}

fn device(name: &str) -> Device {
    Device {
        key: DeviceKey { kind: DeviceKind::Sensor, name: Arc::from(name) },
        feed: Arc::from("devices"),
        state: Liveness::Live,
        link_up: true,
        last_seen: NOW,
        usual_gap_s: Some(5.0),
        position: None,
        affiliation: Affiliation::Friend,
        observations: 1,
        rejects: 0,
        dropped: 0,
        battery_percent: None,
        label: Label::lowest(),
    }
}

fn kinds(frames: &[Vec<u8>]) -> Vec<u8> {
    frames.iter().map(|frame| frame[5]).collect()
}

/// Slot and flags of each record.
fn records(frame: &[u8]) -> Vec<(u32, u8)> {
    let slot = |record: &[u8]| u32::from_le_bytes(record[..4].try_into().unwrap());
    frame[24..].chunks_exact(20).map(|record| (slot(record), record[19])).collect()
}

fn slots(frame: &[u8]) -> Vec<u32> {
    records(frame).into_iter().map(|(slot, _)| slot).collect()
}

fn json(frame: &[u8]) -> Value {
    serde_json::from_slice(&frame[24..]).unwrap()
}
