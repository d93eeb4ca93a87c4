//! What must hold for a log whatever stands in its files.

use picket_log::block::{BLOCK_BYTES_MAX, Block};
use picket_log::memory::MemoryDisk;
use picket_log::{Log, LogError, Reader, Settings, verify_proof, verify_source};
use picket_model::Time;

/// A whole small log, each file a line of name and hexadecimal digits.
const GOLDEN: &str = include_str!("../../crates/picket-log/vectors/golden-log.txt");
const JOURNAL: &str = "log/journal/00000000.j";

/// The first byte says what the others are: a block, a journal in place of a good one, changes
/// to the files of a good log (file, two bytes of offset, a byte to be mixed in), or a proof.
///
/// # Panics
/// If a changed log passes for a good one, or opens with other entries than it had.
pub fn check(data: &[u8]) {
    let Some((mode, bytes)) = data.split_first() else { return };
    match mode % 4 {
        0 => {
            if let Ok(block) = Block::parse(bytes) {
                assert!(block.bytes().len() <= BLOCK_BYTES_MAX);
                assert!(bytes.starts_with(block.bytes()));
            }
        }
        1 => {
            let disk = golden();
            let changed = disk.bytes(JOURNAL) != bytes;
            disk.set_bytes(JOURNAL, bytes.to_vec());
            look(&disk, changed);
        }
        2 => {
            let disk = golden();
            let names = disk.names();
            for change in bytes.chunks_exact(4) {
                let [file, low, high, mix] = change else { continue };
                let name = &names[usize::from(*file) % names.len()];
                let mut content = disk.bytes(name);
                let place = usize::from(u16::from_le_bytes([*low, *high])) % content.len();
                content[place] ^= mix;
                disk.set_bytes(name, content);
            }
            let good = golden();
            look(&disk, names.iter().any(|name| disk.bytes(name) != good.bytes(name)));
        }
        _ => {
            let Ok(text) = std::str::from_utf8(bytes) else { return };
            if let Ok(proven) = verify_proof(text, None) {
                assert!(proven.seq.0 < proven.checkpoint.size);
            }
        }
    }
}

/// Reads, checks and opens a log; `changed`: some byte is not as it was written.
fn look(disk: &MemoryDisk, changed: bool) {
    match verify_source(&disk.store()) {
        // Zeros behind the last block are no change.
        Ok(report) if report.first_bad.is_none() => {
            assert!(!changed || is_padded(disk), "a changed log passes for a good one");
        }
        Ok(_) | Err(LogError::NoLog(_)) => {}
        Err(error) => panic!("{error}"),
    }
    if let Ok(reader) = Reader::over(disk.store()) {
        assert_eq!(reader.size(), 3);
    }
    let chance = |out: &mut [u8]| out.fill(7);
    let settings = Settings { journal_bytes: 16 * 1024, reserve_bytes: 0, ..Settings::default() };
    if let Ok((log, _)) = Log::over(disk.store(), settings, chance, Time::default()) {
        assert_eq!(log.size(), 3);
    }
}

fn is_padded(disk: &MemoryDisk) -> bool {
    let right = golden().bytes(JOURNAL);
    let found = disk.bytes(JOURNAL);
    found.strip_prefix(right.as_slice()).is_some_and(|rest| rest.iter().all(|byte| *byte == 0))
}

fn golden() -> MemoryDisk {
    let disk = MemoryDisk::new();
    for line in GOLDEN.lines() {
        let Some((name, digits)) = line.split_once(' ') else { continue };
        let byte = |at: usize| u8::from_str_radix(&digits[at..at + 2], 16).unwrap_or(0);
        disk.set_bytes(name, (0..digits.len()).step_by(2).map(byte).collect());
    }
    disk
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    #[test]
    fn the_logs_corpus_is_clean() {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("corpus/log");
        let mut count = 0;
        for file in std::fs::read_dir(folder).unwrap() {
            super::check(&std::fs::read(file.unwrap().path()).unwrap());
            count += 1;
        }
        assert!(count > 10);
    }

    #[test]
    fn the_good_log_is_good() {
        super::look(&super::golden(), false);
    }
}
