//! What must hold for any bytes, as functions: the fuzz targets call them with new bytes,
//! `cargo test` here with those of the corpus.

pub mod log;
pub mod modes;

use picket_codec::{Decoded, format};
use picket_model::Time;

/// Feeds a stream to a format's decoder, whole and cut, and looks at all that comes out.
///
/// The first byte says how the stream is cut, the rest is the stream.
///
/// # Panics
/// If the cut matters, an offset lies outside the stream, or more comes out than went in.
pub fn decode(name: &str, data: &[u8]) {
    let Some((first, bytes)) = data.split_first() else { return };
    let whole = run(name, bytes, bytes.len().max(1));
    let cut = run(name, bytes, usize::from(*first) + 1);
    assert_eq!(whole, cut, "the cut of the stream matters");
    assert!(whole.messages.len() + whole.rejects.len() <= bytes.len());
    let mut claims = Vec::new();
    for (at, message) in &whole.messages {
        assert!(*at < bytes.len() as u64);
        let line = message.json(*at);
        let format = line.get("format").and_then(|name| name.as_str());
        // A mixed feed of sentences holds AIS too.
        assert!(format == Some(name) || (name == "nmea" && format == Some("ais")));
        message.claims(NOW, &mut claims);
    }
    for (at, error) in &whole.rejects {
        assert!(*at < bytes.len() as u64);
        assert!(!error.to_string().is_empty());
    }
    assert!(claims.len() <= bytes.len());
}

const NOW: Time = Time::from_unix_s(1_767_323_045);

fn run(name: &str, bytes: &[u8], chunk: usize) -> Decoded {
    let format = format(name).expect("a name of the table");
    let (mut decoder, mut out) =
        ((format.decoder)(&picket_codec::Settings::default()), Decoded::default());
    bytes.chunks(chunk).for_each(|piece| decoder.feed(piece, NOW, &mut out));
    decoder.end(NOW, &mut out);
    out
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    #[test]
    fn the_corpus_is_clean() {
        let asterix = [("asterix", "asterix"), ("asterix-pcap", "asterix")];
        for (name, corpus) in [("ais", "ais"), ("cot", "cot"), ("nmea", "nmea")].into_iter().chain(asterix) {
            let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("corpus").join(corpus);
            let mut count = 0;
            for file in std::fs::read_dir(folder).unwrap() {
                super::decode(name, &std::fs::read(file.unwrap().path()).unwrap());
                count += 1;
            }
            assert!(count > 10, "{name}");
        }
    }

    #[test]
    fn the_corpus_of_mode_s_is_clean() {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("corpus/modes");
        let mut count = 0;
        for file in std::fs::read_dir(folder).unwrap() {
            super::modes::check(&std::fs::read(file.unwrap().path()).unwrap());
            count += 1;
        }
        assert!(count > 10);
    }
}
