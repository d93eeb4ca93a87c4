//! The stored form, byte for byte: what was written once is read for ever.
//!
//! `vectors/golden-log.txt` has every file of a log made with fixed chance, a line each: name and
//! bytes in hexadecimal. Its blocks are too small to shrink, so that they do not depend on the
//! version of zstd; `vectors/golden-zstd.txt` has one that is packed, and is only read.
//! `vectors/golden.tlog-proof` was made from the first log with Python's hashlib and cryptography;
//! `vectors/golden-sealed.txt` is a log of which two journals were sealed.
//! `vectors/check.py` reads both with nothing of ours: keys, spine, bodies, leaves, tree, signatures.

use crate::common::{NOW, SMALL, Sayers, Seeded, entries_of};
use picket_log::block::{Block, HEADER_LEN, Packing};
use picket_log::file::{FRAME_HEAD_LEN, parse_frame_head};
use picket_log::memory::MemoryDisk;
use picket_log::{Log, Reader, Settings, verify_proof, verify_source};
use picket_model::{Act, Body, LogClass, Seq};

const JOURNAL: &str = "log/journal/00000000.j";

#[test]
fn a_log_made_with_fixed_chance_has_the_pinned_bytes() {
    let disk = MemoryDisk::new();
    let sayers = Sayers::new();
    let (mut log, _) = Log::over(disk.store(), SMALL, Seeded(42), NOW).unwrap();
    log.append(vec![sayers.tick(), sayers.act("seen")], NOW).unwrap();
    log.append(vec![sayers.seen("fence", b"\x01\xfe!z")], NOW).unwrap();
    log.close(NOW).unwrap();
    assert_eq!(dump(&disk), include_str!("../../vectors/golden-log.txt"));
}

#[test]
fn a_log_sealed_with_fixed_chance_has_the_pinned_bytes() {
    let disk = MemoryDisk::new();
    let sayers = Sayers::new();
    let settings = Settings { seal_after_s: Some(0), ..SMALL };
    let (mut log, _) = Log::over(disk.store(), settings, Seeded(42), NOW).unwrap();
    for batch in [
        vec![sayers.tick(), sayers.act("seen")],
        vec![sayers.seen("fence", b"\x01\xfe!z"), sayers.tick()],
        vec![sayers.act("noted")],
    ] {
        log.append(batch, NOW).unwrap();
    }
    (0..20).for_each(|_| log.tend(NOW));
    assert_eq!(log.reader().sealed_journals(), 2);
    log.close(NOW).unwrap();
    assert_eq!(dump(&disk), include_str!("../../vectors/golden-sealed.txt"));
}

#[test]
fn the_pinned_sealed_log_reads_as_it_was_said() {
    let disk = load(include_str!("../../vectors/golden-sealed.txt"));
    let report = verify_source(&disk.store()).unwrap();
    assert_eq!((report.first_bad, report.entries, report.sealed), (None, 5, 2));
    let entries = entries_of(&Reader::over(disk.store()).unwrap());
    let kinds: Vec<&str> = entries.iter().map(|entry| entry.record.body.kind()).collect();
    assert_eq!(kinds, ["tick", "act", "observation", "tick", "act"]);
}

#[test]
fn the_pinned_log_reads_as_it_was_said() {
    let disk = load(include_str!("../../vectors/golden-log.txt"));
    let report = verify_source(&disk.store()).unwrap();
    assert_eq!((report.first_bad, report.entries, report.blocks, report.opened), (None, 3, 3, 3));
    let entries = entries_of(&Reader::over(disk.store()).unwrap());
    let kinds: Vec<&str> = entries.iter().map(|entry| entry.record.body.kind()).collect();
    assert_eq!(kinds, ["tick", "act", "observation"]);
    assert!(
        matches!(&entries[1].record.body, Body::Act(Act::Acknowledge { reason, .. }) if &**reason == "seen")
    );
    assert_eq!(entries[2].name.number, 2, "the second of its class");
}

#[test]
fn the_last_entrys_proof_is_the_text_that_another_implementation_made() {
    let disk = load(include_str!("../../vectors/golden-log.txt"));
    let reader = Reader::over(disk.store()).unwrap();
    let text = include_str!("../../vectors/golden.tlog-proof");
    assert_eq!(reader.prove(Seq(2)).unwrap().to_string(), text);
    assert_eq!(verify_proof(text, reader.verifier()).unwrap().seq, Seq(2));
}

#[test]
fn a_pinned_block_has_its_fields_where_the_table_says() {
    let disk = load(include_str!("../../vectors/golden-log.txt"));
    let journal = disk.bytes(JOURNAL);
    let head = journal.first_chunk::<FRAME_HEAD_LEN>().unwrap();
    let (bytes, blocks) = parse_frame_head(head).unwrap();
    assert_eq!((&head[..4], blocks), (&b"PWRT"[..], 2));
    assert_eq!(head[4..8], bytes.to_le_bytes());
    let magics: Vec<usize> =
        journal.windows(4).enumerate().filter(|(_, w)| w == b"PBLK").map(|(at, _)| at).collect();
    let packings: Vec<u8> = magics.iter().map(|at| journal[at + 6]).collect();
    assert_eq!(packings, [0, 0, 0], "no block depends on the version of zstd");
    let raw = &journal[FRAME_HEAD_LEN..];
    let block = Block::parse(raw).unwrap();
    let header = &block.header;
    assert_eq!((&raw[..4], raw[4], raw[5], raw[6]), (&b"PBLK"[..], 1, 5, 0));
    assert_eq!((header.class, header.packing), (LogClass::Observation, Packing::Plain));
    assert_eq!(raw[8..24], header.origin.0);
    assert_eq!(raw[24..28], [1, 0, 0, 0], "epoch");
    assert_eq!(raw[32..48], header.group.0);
    assert_eq!(raw[48..56], [1, 0, 0, 0, 0, 0, 0, 0], "number");
    assert_eq!((raw[56..64] == [0; 8], header.seq), (true, Seq(0)));
    assert_eq!(raw[64..68], [1, 0, 0, 0], "count");
    assert_eq!(raw[68..72], [5, 0, 0, 0], "clock error, ms");
    assert_eq!(raw[72..80], NOW.0.to_le_bytes(), "first clock");
    assert_eq!(raw[96..128], [0; 32], "the class's first");
    assert_eq!(raw[160..164], header.body_len.to_le_bytes());
    assert_eq!(block.bytes().len(), HEADER_LEN + header.body_len as usize);
}

#[test]
fn a_pinned_packed_block_still_unpacks() {
    let disk = load(include_str!("../../vectors/golden-zstd.txt"));
    let block = Block::parse(&disk.bytes(JOURNAL)[FRAME_HEAD_LEN..]).map(|b| b.header.packing);
    assert_eq!(block, Ok(Packing::Zstd));
    let entries = entries_of(&Reader::over(disk.store()).unwrap());
    assert_eq!(entries.len(), 20);
    assert!(entries.iter().all(|entry| entry.record.body.kind() == "observation"));
    assert_eq!(verify_source(&disk.store()).unwrap().first_bad, None);
}

fn dump(disk: &MemoryDisk) -> String {
    let mut text = String::new();
    for name in disk.names() {
        let hex: String = disk.bytes(&name).iter().map(|byte| format!("{byte:02x}")).collect();
        text.push_str(&format!("{name} {hex}\n"));
    }
    text
}

fn load(text: &str) -> MemoryDisk {
    let disk = MemoryDisk::new();
    for line in text.lines() {
        let (name, hex) = line.split_once(' ').unwrap();
        let digit = |place: usize| u8::from_str_radix(&hex[place..place + 2], 16).unwrap();
        disk.set_bytes(name, (0..hex.len()).step_by(2).map(digit).collect());
    }
    disk
}
