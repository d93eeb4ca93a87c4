//! `cargo +nightly fuzz run asterix`

#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| {
    picket_fuzz::decode("asterix", data);
    picket_fuzz::decode("asterix-pcap", data);
});
