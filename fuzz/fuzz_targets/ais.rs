//! `cargo +nightly fuzz run ais`

#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| picket_fuzz::decode("ais", data));
