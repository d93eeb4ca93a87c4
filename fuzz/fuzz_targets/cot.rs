//! `cargo +nightly fuzz run cot`

#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| picket_fuzz::decode("cot", data));
