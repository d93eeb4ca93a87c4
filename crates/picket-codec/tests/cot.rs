//! Cursor on Target: framing on streams and in datagrams, bad input, claims, and other makers' events.

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test that cannot go on must stop"
)]

use std::path::Path;

use picket_codec::cot::{ATTRIBUTES_MAX, Cot, CotEncoder, DEPTH_MAX, DOCUMENT_BYTES_MAX};
use picket_codec::{Decoded, Decoder, Encoder};
use picket_model::{
    Actor, Affiliation, Auth, Body, Claim, Class, Distress, DistressKind, Ident, Label,
    Observation, PhysicalKind, Record, SensorKind, Subject, Time, ViewName,
};
use serde_json::{Map, Value};

const NOW: Time = Time::from_unix_s(1_767_323_045);

#[test]
fn reads_what_takproto_reads_in_the_events_of_node_cot_and_pytak() {
    for name in ["node-cot", "pytak"] {
        let out = decode(&vector(&format!("{name}.xml")));
        assert_eq!(out.rejects, [], "{name}");
        let oracle = String::from_utf8(vector(&format!("{name}.takproto.jsonl"))).unwrap();
        let oracle: Vec<Map<String, Value>> =
            oracle.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
        assert_eq!(out.messages.len(), oracle.len(), "{name}");
        for ((at, message), theirs) in out.messages.iter().zip(&oracle) {
            equals_takproto(&message.json(*at), theirs);
        }
    }
}

/// Compares a line with takproto's, in which 0 and "" stand for "absent".
fn equals_takproto(ours: &Map<String, Value>, theirs: &Map<String, Value>) {
    for (key, their_key) in [
        ("uid", "uid"),
        ("type", "type"),
        ("how", "how"),
        ("callsign", "callsign"),
        ("team", "team"),
        ("role", "role"),
    ] {
        let our_text = ours.get(key).and_then(Value::as_str).unwrap_or("");
        assert_eq!(our_text, theirs[their_key].as_str().unwrap(), "{key}");
    }
    for (key, their_key) in [("time", "time_ms"), ("start", "start_ms"), ("stale", "stale_ms")] {
        let time = Time::parse_rfc3339(ours[key].as_str().unwrap()).unwrap();
        assert_eq!(time.unix_ms(), theirs[their_key].as_i64().unwrap(), "{key}");
    }
    for (key, their_key) in [
        ("lat_deg", "lat"),
        ("lon_deg", "lon"),
        ("hae_m", "hae"),
        ("ce_m", "ce"),
        ("le_m", "le"),
        ("speed_mps", "speed"),
        ("course_deg", "course"),
    ] {
        let theirs = theirs[their_key].as_f64().unwrap();
        let theirs = if theirs > 999_998.0 { 0.0 } else { theirs };
        let ours = ours.get(key).and_then(Value::as_f64).unwrap_or(0.0);
        assert!((ours - theirs).abs() < 1e-12, "{key}: {ours} {theirs}");
    }
}

#[test]
fn detail_is_kept_byte_for_byte() {
    let inner = "<contact callsign='A &amp; B'/>\n  <!-- x --><other:thing a=\"1\"><![CDATA[<]]></other:thing>\u{e9}";
    let xml = event(&format!("<detail>{inner}</detail>"));
    let json = decode(xml.as_bytes()).messages[0].1.json(0);
    assert_eq!(json["detail_xml"], inner);
    assert_eq!(json["callsign"], "A & B");
}

#[test]
fn the_cut_of_the_stream_changes_nothing() {
    let mut stream =
        b"<?xml version='1.0'?>\n<auth><cot username=\"u\" password=\"p\"/></auth>".to_vec();
    for name in ["node-cot.xml", "pytak.xml"] {
        stream.extend_from_slice(&vector(name));
        stream.extend_from_slice(b"garbage <event uid='cut' <event uid='x' type='t-x-c-t'/>\0\n");
    }
    let whole = decode(&stream);
    assert_eq!((whole.messages.len(), whole.rejects.len()), (11, 4));
    for chunk in [1, 7, 1_500] {
        let (mut cot, mut out) = (Cot::default(), Decoded::default());
        stream.chunks(chunk).for_each(|piece| cot.feed(piece, NOW, &mut out));
        cot.end(NOW, &mut out);
        assert_eq!(out, whole, "chunks of {chunk}");
    }
}

#[test]
fn offsets_are_those_of_the_documents_first_byte() {
    let ping = "<event uid='x' type='t-x-c-t'/>";
    let stream = format!("\n{ping}<?xml version=\"1.0\"?>{ping}  oops {ping}");
    let out = decode(stream.as_bytes());
    let offsets: Vec<u64> = out.messages.iter().map(|(at, _)| *at).collect();
    let second = 1 + ping.len();
    let third = stream.rfind('<').unwrap();
    assert_eq!(offsets, [1, second as u64, third as u64]);
    assert_eq!(out.rejects[0].0, stream.find("oops").unwrap() as u64);
}

#[test]
fn the_opening_auth_document_is_stepped_over_and_never_shown() {
    let xml = "<auth><cot username='u' password='secret' uid='a' callsign='b'/></auth>".to_owned()
        + &event("");
    let out = decode(xml.as_bytes());
    assert_eq!((out.messages.len(), out.rejects.len()), (1, 0));
    assert!(!format!("{out:?}").contains("secret"));
}

#[test]
fn bad_documents_are_rejected_once_and_the_next_event_is_read() {
    let deep = format!("<event uid='a' type='a-u-G'>{}", "<a>".repeat(100_000));
    let endless =
        format!("<event uid='a' type='a-u-G'><detail>{}", "x".repeat(DOCUMENT_BYTES_MAX * 3));
    let endless_comment =
        format!("<event uid='a' type='a-u-G'><!--{}", " ".repeat(DOCUMENT_BYTES_MAX + 9));
    let attributes: String = (0..=ATTRIBUTES_MAX).map(|n| format!(" a{n}=''")).collect();
    let many = event(&format!("<detail><x{attributes}/></detail>"));
    let long_uid = format!("<event uid='{}' type='a-u-G'/>", "u".repeat(201));
    let cases: &[(&str, &str)] = &[
        (
            "<!DOCTYPE event SYSTEM 'file:///etc/passwd'><event uid='a' type='b'/>",
            "xml: a document type declaration is not allowed at byte 0",
        ),
        (
            "<?xml version='1.0'?><!DOCTYPE event [<!ENTITY a 'b'>]>\n<event uid='&a;' type='a-u-G'></event>",
            "xml: a document type declaration is not allowed at byte 0",
        ),
        (
            "<!DOCTYPE lolz [<!ENTITY lol \"lol\"><!ENTITY lol2 \"&lol;&lol;\">]><lolz>&lol2;</lolz>",
            "xml: a document type declaration is not allowed at byte 0",
        ),
        ("<event uid='a&xxe;' type='a-u-G'/>", "xml: an entity is none of the five at byte 12"),
        ("<event uid='a&#0;' type='a-u-G'/>", "xml: an entity is none of the five at byte 12"),
        (&deep, "xml: elements lie deeper than 64 levels at byte 219"),
        (&endless, "too long: document has more than 262144 bytes"),
        (&endless_comment, "too long: document has more than 262144 bytes"),
        (&many, "xml: an element has more than 64 attributes at byte 134"),
        (
            "<event uid='a' type='a-u-G'><point lat='1' lon='2'>",
            "xml: an event begins before the last one ended at byte 51",
        ),
        ("<event uid='a' type='a-u-G", "xml: a tag begins within another at byte 26"),
        (
            "<event uid='a' type='a-u-G'></evnt>",
            "xml: an end tag does not fit its start tag at byte 28",
        ),
        ("<events><a/></events>", "xml: the root element is no event at byte 7"),
        ("hello", "xml: text stands where a document should begin at byte 0"),
        ("\u{bf}\u{1}", "xml: text stands where a document should begin at byte 0"),
        ("</event>", "xml: an end tag has no start tag at byte 1"),
        ("<event type='a-u-G'/>", "truncated: uid is missing at byte 0"),
        ("<event uid='' type='a-u-G'/>", "truncated: uid is missing at byte 0"),
        ("<event uid='a'/>", "truncated: type is missing at byte 0"),
        ("<event uid='a' uid='b' type='c'/>", "xml: an attribute stands twice in a tag at byte 18"),
        ("<event uid=a type='c'/>", "xml: an attribute's value has no quotes at byte 11"),
        (&long_uid, "too long: uid has more than 200 bytes"),
        (
            "<event uid='a&#10;b' type='c'/>",
            "invalid: uid at byte 0 is not free of control characters",
        ),
        ("<event uid='a\u{1}b' type='c'/>", "xml: a control character is not allowed at byte 13"),
        (
            "<event uid='a' type='b' time='yesterday'/>",
            "invalid: time at byte 0 is not a date and time such as 2026-01-02T03:04:05Z",
        ),
        (
            "<event uid='a' type='b'><point lat='91' lon='0'/></event>",
            "invalid: lat at byte 24 is not on earth",
        ),
        (
            "<event uid='a' type='b'><point lat='x' lon='0'/></event>",
            "invalid: lat at byte 24 is not a number",
        ),
        (
            "<event uid='a' type='b'><point lat='inf' lon='0'/></event>",
            "invalid: lat at byte 24 is not a number",
        ),
    ];
    for (bad, reason) in cases {
        let shown = bad.get(..60).unwrap_or(bad);
        let good = event("");
        let out = decode(format!("{good}{bad}{good}").as_bytes());
        assert_eq!(out.messages.len(), 2, "{shown}: {:?}", out.rejects);
        let [(at, error)] = &out.rejects[..] else { panic!("{shown}: {:?}", out.rejects) };
        assert_eq!((*at, error.to_string().as_str()), (good.len() as u64, *reason), "{shown}");
    }
}

#[test]
fn bytes_that_are_not_utf_8_are_rejected() {
    let mut bytes = b"<event uid='".to_vec();
    bytes.extend_from_slice(b"\xff\xfe' type='c'/>");
    let out = decode(&bytes);
    assert_eq!(out.rejects[0].1.to_string(), "xml: the document is not UTF-8 at byte 12");
}

#[test]
fn a_document_at_the_bounds_is_read() {
    let levels = DEPTH_MAX - 2;
    let nested = format!("<detail>{}{}</detail>", "<a>".repeat(levels), "</a>".repeat(levels));
    let frame = event("<detail></detail>").len();
    let long = format!("<detail>{}</detail>", "x".repeat(DOCUMENT_BYTES_MAX - frame));
    for detail in [nested, long] {
        let out = decode(event(&detail).as_bytes());
        assert_eq!((out.messages.len(), out.rejects.len()), (1, 0), "{}", detail.len());
    }
}

#[test]
fn a_datagram_that_ends_too_early_is_rejected_and_does_not_harm_the_next() {
    let (mut cot, mut out) = (Cot::default(), Decoded::default());
    for datagram in ["<event uid='a' type='a-u-G'>", &event("")] {
        cot.feed(datagram.as_bytes(), NOW, &mut out);
        cot.end_datagram(NOW, &mut out);
    }
    assert_eq!(out.messages.len(), 1);
    assert_eq!(out.messages[0].0, 28);
    assert_eq!(out.rejects[0].1.to_string(), "truncated: the document's end is missing at byte 28");
}

#[test]
fn both_numbers_for_unknown_and_not_a_number_mean_unknown() {
    for unknown in ["9999999", "9999999.0", "999999", "NaN"] {
        let point =
            format!("<point lat='1' lon='2' hae='{unknown}' ce='{unknown}' le='{unknown}'/>");
        let xml = format!("<event uid='a' type='a-u-G'>{point}</event>");
        let json = decode(xml.as_bytes()).messages[0].1.json(0);
        for key in ["hae_m", "ce_m", "le_m"] {
            assert_eq!(json.get(key), None, "{key} {unknown}");
        }
    }
}

#[test]
fn times_have_any_number_of_fraction_digits_and_may_lack_the_z() {
    for (text, millisecond) in [
        ("2026-01-02T03:04:05Z", 0),
        ("2026-01-02T03:04:05.6Z", 600),
        ("2026-01-02T03:04:05.678901Z", 678),
        ("2026-01-02T03:04:05.678901234Z", 678),
        ("2026-01-02T03:04:05.678", 678),
    ] {
        let xml = format!("<event uid='a' type='a-u-G' time='{text}'/>");
        let t = decode(xml.as_bytes()).messages[0].1.t();
        assert_eq!(t.map(Time::unix_ms), Some(1_767_323_045_000 + millisecond), "{text}");
    }
}

#[test]
fn control_events_are_messages_that_claim_nothing() {
    for kind in [
        "t-x-c-t",
        "t-x-c-t-r",
        "t-x-takp-v",
        "t-x-takp-q",
        "t-x-takp-r",
        "t-x-c-m",
        "t-x-c-i-e",
        "t-x-c-f",
        "t-b",
        "t-b-a",
        "t-x-d-d",
        "b-t-f",
        "b-f-t-r",
        "u-d-f",
        "b-m-r",
        "b-a-g",
    ] {
        let xml = format!("<event uid='takPong' type='{kind}'><point lat='1' lon='2'/></event>");
        let out = decode(xml.as_bytes());
        assert_eq!(out.messages[0].1.kind(), kind);
        assert_eq!(claims(&out), []);
    }
}

#[test]
fn a_team_member_reports_itself() {
    let out = decode(&vector("node-cot.xml"));
    let all = claims(&out);
    let claim = &all[0];
    assert_eq!(claim.occurred_at, Some(Time::from_unix_ms(1_767_323_045_678)));
    assert_eq!(claim.subject.as_ref().map(Subject::to_string).as_deref(), Some("team-1"));
    let seen = observation(claim);
    assert_eq!((seen.sensor, seen.reporter.as_deref()), (SensorKind::CotSelf, None));
    assert_eq!((seen.class, seen.affiliation), (Class::Person, Affiliation::Friend));
    let named = [Ident::CotUid("team-1".into()), Ident::Callsign("BRAVO \"1\" & co".into())];
    assert_eq!(seen.idents, named);
    assert_eq!(seen.battery_percent, Some(87.0));
    assert_eq!(seen.text.as_deref(), Some("all's <well> & quiet"));
    assert_eq!(seen.stale_at, Some(Time::from_unix_ms(1_767_323_345_678)));
    assert_eq!(seen.sigma_m, None);
    assert_eq!(seen.position.unwrap().height_m, Some(12.5));
    assert!(seen.frame.bytes.starts_with(b"<event version=\"2.0\" uid=\"team-1\""));
}

#[test]
fn what_a_sensor_reports_has_the_sensors_number_and_not_a_name_of_its_own() {
    let out = decode(&vector("node-cot.xml"));
    let all = claims(&out);
    let seen = observation(&all[1]);
    assert_eq!((seen.sensor, seen.reporter.as_deref()), (SensorKind::CotReport, Some("fence-03")));
    let local = Ident::Local { reporter: "fence-03".into(), number: "intruder-7".into() };
    assert_eq!(seen.idents[0], local);
    assert_eq!((seen.class, seen.affiliation), (Class::Unknown, Affiliation::Unknown));
}

#[test]
fn a_fixed_sensors_heartbeat_is_equipment_under_its_own_uid() {
    let seen = seen(
        "<event uid='fence-03' type='a-f-G-E-S' how='m-r'><point lat='1' lon='2' ce='5'/></event>",
    );
    assert_eq!((seen.class, seen.sensor), (Class::Equipment, SensorKind::CotSelf));
    assert_eq!(seen.idents, [Ident::CotUid("fence-03".into())]);
    assert_eq!(seen.sigma_m, Some(5.0));
}

#[test]
fn a_types_path_names_side_and_class() {
    for (kind, affiliation, class) in [
        ("a-f-G-U-C", Affiliation::Friend, Class::Person),
        ("a-h-G-E-V-A", Affiliation::Hostile, Class::Vehicle),
        ("a-n-S-X-M-C", Affiliation::Neutral, Class::Vessel),
        ("a-u-A-M-H-Q", Affiliation::Unknown, Class::Drone),
        ("a-p-A-M-F-Q-r", Affiliation::Pending, Class::Drone),
        ("a-s-A-C-F", Affiliation::Suspect, Class::Aircraft),
        ("a-a-G-E-S", Affiliation::AssumedFriend, Class::Equipment),
        ("a-u-G-I-R", Affiliation::Unknown, Class::Unknown),
        ("a-", Affiliation::Unknown, Class::Unknown),
    ] {
        let seen = seen(&format!("<event uid='x' type='{kind}'/>"));
        assert_eq!((seen.affiliation, seen.class), (affiliation, class), "{kind}");
    }
}

#[test]
fn calls_for_help_are_their_callers_and_can_be_cancelled() {
    let call = |kind: &str, emergency: &str| {
        let link = "<link uid='ANDROID-1' type='a-f-G-U-C' relation='p-p'/>";
        let xml = format!(
            "<event uid='ANDROID-1-9-1-1' type='{kind}' how='m-g'><point lat='1' lon='2'/>\
             <detail>{link}{emergency}</detail></event>"
        );
        seen(&xml)
    };
    for (kind, emergency, expected, cancelled) in [
        (
            "b-a-o-tbl",
            "<emergency type='911 Alert'>BRAVO</emergency>",
            DistressKind::CotAlert,
            false,
        ),
        (
            "b-a-o-pan",
            "<emergency type='Ring The Bell'>BRAVO</emergency>",
            DistressKind::CotRing,
            false,
        ),
        ("b-a-o-opn", "", DistressKind::CotContact, false),
        ("b-a-o-can", "<emergency cancel='true'>BRAVO</emergency>", DistressKind::CotAlert, true),
        ("b-a-o-tbl", "<emergency cancel='true'/>", DistressKind::CotAlert, true),
    ] {
        let seen = call(kind, emergency);
        let distress = Distress { kind: expected, test: false, cancelled };
        assert_eq!(seen.distress, Some(distress), "{kind} {emergency}");
        assert_eq!(seen.idents, [Ident::CotUid("ANDROID-1".into())]);
        assert_eq!((seen.class, seen.affiliation), (Class::Person, Affiliation::Friend));
        assert_eq!(seen.sensor, SensorKind::CotSelf);
    }
}

#[test]
fn a_call_without_a_link_is_the_uids_that_its_ending_is_cut_from() {
    let out = decode(b"<event uid='S-1-9-1-1' type='b-a-o-tbl'/>");
    let subject = claims(&out).remove(0).subject;
    assert_eq!(subject.map(|subject| subject.to_string()).as_deref(), Some("S-1"));
}

#[test]
fn a_perimeter_sensors_detection_is_an_alarm_of_its_kind_and_no_thing() {
    let out = decode(&vector("perimeter.xml"));
    assert_eq!(out.rejects, []);
    let all = claims(&out);
    let found: Vec<_> = all
        .iter()
        .map(|claim| {
            let seen = observation(claim);
            let subject = claim.subject.as_ref().unwrap().to_string();
            (subject, seen.alarm.unwrap(), seen.reporter.as_deref().unwrap().to_owned())
        })
        .collect();
    let fence = ("Fence-07".to_owned(), PhysicalKind::Fence, "Fence-07".to_owned());
    let seismic = ("Geo-3".to_owned(), PhysicalKind::Seismic, "Geo-3".to_owned());
    assert_eq!(found, [fence, seismic]);
    let fence = observation(&all[0]);
    let number = Ident::Local { reporter: "Fence-07".into(), number: "Fence-07.alarm.12".into() };
    assert_eq!(fence.idents[0], number);
    assert_eq!((fence.sensor, fence.class), (SensorKind::CotReport, Class::Unknown));
    assert_eq!(fence.sigma_m, Some(5.0));
}

#[test]
fn a_detection_that_names_no_kind_claims_nothing_and_an_unknown_kind_is_rejected() {
    let out = decode(b"<event uid='x' type='b-d'><point lat='1' lon='2'/></event>");
    assert_eq!((out.rejects.len(), claims(&out).len()), (0, 0));
    let out = decode(
        b"<event uid='x' type='b-d'><point lat='1' lon='2'/>\
          <detail><__picket alarm='smell'/></detail></event>",
    );
    let said = out.rejects[0].1.to_string();
    assert!(said.contains("__picket/@alarm") && said.contains("seismic"), "{said}");
}

#[test]
fn an_alarm_is_written_as_it_is_read() {
    for (_, message) in decode(&vector("perimeter.xml")).messages {
        let mut first = Vec::new();
        message.claims(NOW, &mut first);
        let first = first.remove(0);
        let record = Record {
            author: Actor::Machine(ViewName::Node),
            auth: Auth::None,
            label: Label::lowest(),
            occurred_at: first.occurred_at.unwrap(),
            received_at: NOW,
            subject: None,
            cites: Vec::new(),
            body: first.body.clone(),
        };
        let mut bytes = Vec::new();
        assert!(CotEncoder.encode(&record, &mut bytes));
        let again = claims(&decode(&bytes)).remove(0);
        assert_eq!(again.subject, first.subject);
        let (read, mut again) = (observation(&first), observation(&again).clone());
        again.frame = read.frame.clone();
        assert_eq!(&again, read);
    }
}

#[test]
fn nought_north_nought_east_without_an_error_is_no_place() {
    let place =
        |point: &str| seen(&format!("<event uid='a' type='a-u-G'>{point}</event>")).position;
    assert_eq!(place("<point lat='0.0' lon='0.0' hae='0.0' ce='9999999.0' le='9999999.0'/>"), None);
    assert!(place("<point lat='0.0' lon='0.0' ce='10'/>").is_some());
    assert!(place("<point lat='0.0' lon='0.1' ce='9999999'/>").is_some());
}

fn event(inside: &str) -> String {
    format!(
        "<event version='2.0' uid='a' type='a-u-G' how='m-g' time='2026-01-02T03:04:05Z'>\
         <point lat='1' lon='2' hae='3' ce='4' le='5'/>{inside}</event>"
    )
}

fn vector(name: &str) -> Vec<u8> {
    std::fs::read(Path::new(env!("CARGO_MANIFEST_DIR")).join("vectors/cot").join(name)).unwrap()
}

fn decode(bytes: &[u8]) -> Decoded {
    let (mut cot, mut out) = (Cot::default(), Decoded::default());
    cot.feed(bytes, NOW, &mut out);
    cot.end(NOW, &mut out);
    out
}

fn claims(out: &Decoded) -> Vec<Claim> {
    let mut claims = Vec::new();
    out.messages.iter().for_each(|(_, message)| message.claims(NOW, &mut claims));
    claims
}

fn observation(claim: &Claim) -> &Observation {
    let Body::Observation(seen) = &claim.body else { panic!("{claim:?}") };
    seen
}

fn seen(xml: &str) -> Observation {
    let out = decode(xml.as_bytes());
    assert_eq!(out.rejects, []);
    observation(&claims(&out)[0]).clone()
}
