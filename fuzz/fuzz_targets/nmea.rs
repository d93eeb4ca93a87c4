//! `cargo +nightly fuzz run nmea`

#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| picket_fuzz::decode("nmea", data));
