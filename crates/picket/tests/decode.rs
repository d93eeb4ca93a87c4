//! `picket decode` as a user runs it.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on must stop")]

use std::io::Write;
use std::process::{Command, Output, Stdio};

const FIX: &str = "$GPGLL,4916.45,N,12311.12,W,225444,A";
const TARGET: &str = "$RATTM,07,24.0,045.0,T,12.0,180.0,T,,,N,,T,,,A";

#[test]
fn options_tell_what_the_bytes_do_not() {
    for (input, options, said) in [
        (FIX, &[][..], None),
        (
            FIX,
            &["--received-at", "2026-11-24T23:00:00Z"],
            Some(r#""t":"2026-11-24T22:54:44.000Z""#),
        ),
        (
            FIX,
            &["--received-at", "2026-11-25T01:00:00+02:00"],
            Some(r#""t":"2026-11-24T22:54:44.000Z""#),
        ),
        (TARGET, &["--place", "7.9,54.1,60"], Some(r#""lat_deg":54.3813"#)),
        (TARGET, &["--place", "-7.9,-54.1"], Some(r#""lon_deg":-7.4"#)),
    ] {
        let output = decode("nmea", options, input);
        let line = String::from_utf8(output.stdout).unwrap();
        assert!(output.status.success(), "{options:?}");
        match said {
            None => assert!(!line.contains("\"t\""), "{line}"),
            Some(said) => assert!(line.contains(said), "{options:?}: {line}"),
        }
    }
}

#[test]
fn a_sentence_without_a_checksum_is_refused_when_one_is_required() {
    let output = decode("nmea", &["--require-checksum", "--strict"], FIX);
    assert_eq!((output.status.code(), output.stdout.len()), (Some(1), 0));
    assert!(String::from_utf8(output.stderr).unwrap().contains("checksum missing"));
}

#[test]
fn a_wrong_option_is_named_with_what_is_right() {
    for (options, said) in [
        (&["--place", "200,54"][..], "no place on earth"),
        (&["--place", "here"], "LON,LAT"),
        (&["--edition", "048"], "CATEGORY=EDITION"),
        (&["--edition", "048=9.99"], "9.99"),
        (&["--received-at", "yesterday"], "2026-11-24T12:00:00Z"),
    ] {
        let output = decode("asterix", options, "");
        let text = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(2), "{options:?}: {text}");
        assert!(text.contains(said), "{options:?}: {text}");
    }
}

fn decode(format: &str, options: &[&str], input: &str) -> Output {
    let mut picket = Command::new(env!("CARGO_BIN_EXE_picket"))
        .args(["decode", format, "-"])
        .args(options)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    // A command that refuses its options reads no input.
    drop(picket.stdin.take().unwrap().write_all(input.as_bytes()));
    picket.wait_with_output().unwrap()
}
