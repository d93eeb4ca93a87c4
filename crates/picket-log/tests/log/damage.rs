//! Not one stored bit may change without being named.

use crate::common::{NOW, SMALL, Sayers, Seeded, entries_of, fill};
use picket_log::memory::MemoryDisk;
use picket_log::{Log, LogError, Position, Reader, Settings, verify, verify_source};
use picket_model::Seq;
use proptest::prelude::*;

const JOURNAL: &str = "log/journal/00000000.j";

/// A closed log with several frames, checkpoints, groups of which one is erased, a torn tail
/// set aside, and zeros after its last block.
fn small_log() -> MemoryDisk {
    let disk = MemoryDisk::new();
    let sayers = Sayers::new();
    let (mut log, _) = Log::over(disk.store(), SMALL, Seeded(1), NOW).unwrap();
    fill(&mut log, &sayers, 4, 3);
    log.checkpoint(NOW).unwrap();
    disk.fail_next_append(picket_log::memory::Fault::PowerCut { after: 100 });
    log.append(vec![sayers.tick()], NOW).unwrap_err();
    let (mut log, found) = Log::over(disk.store(), SMALL, Seeded(2), NOW).unwrap();
    assert!(found.torn.is_some());
    fill(&mut log, &sayers, 5, 5);
    let groups = log.reader().groups().unwrap();
    log.erase_group(groups[0].id, NOW).unwrap();
    log.append(vec![sayers.seen("ais", b"last")], NOW).unwrap();
    log.close(NOW).unwrap();
    let mut journal = disk.bytes(JOURNAL);
    journal.extend([0; 20]);
    disk.set_bytes(JOURNAL, journal);
    disk
}

fn first_bad(disk: &MemoryDisk) -> Option<Position> {
    verify_source(&disk.store()).unwrap().first_bad
}

/// Flips bits of a file, each eighth from `phase` on; each must be named in that file.
fn flip(disk: &MemoryDisk, name: &str, phase: usize, step: usize) {
    let bytes = disk.bytes(name);
    for place in (phase..bytes.len() * 8).step_by(step) {
        let (offset, bit) = (place / 8, place % 8);
        let mut flipped = bytes.clone();
        flipped[offset] ^= 1 << bit;
        disk.set_bytes(name, flipped);
        let Some(bad) = first_bad(disk) else {
            panic!("bit {bit} of byte {offset} of {name} was not seen");
        };
        assert_eq!(bad.file, name, "bit {bit} of byte {offset}: {bad}");
        assert!(bad.offset <= offset as u64, "byte {offset}: {bad}");
    }
    disk.set_bytes(name, bytes);
}

#[test]
fn every_flipped_bit_of_every_file_is_named() {
    let disk = small_log();
    assert_eq!(first_bad(&disk), None);
    std::thread::scope(|scope| {
        for phase in 0..2 {
            let disk = disk.copy();
            scope.spawn(move || disk.names().iter().for_each(|name| flip(&disk, name, phase, 2)));
        }
    });
}

#[test]
fn a_flipped_byte_on_disk_is_named_in_its_journal_file() {
    let dir = tempfile::tempdir().unwrap();
    let settings = Settings { journal_bytes: 2_048, ..SMALL };
    let (mut log, _) = Log::open(dir.path(), settings, Seeded(1), NOW).unwrap();
    fill(&mut log, &Sayers::new(), 40, 3);
    log.close(NOW).unwrap();
    assert_eq!(verify(dir.path()).unwrap().first_bad, None);
    let mut files = 0;
    loop {
        let name = format!("log/journal/{files:08}.j");
        let path = dir.path().join(&name);
        if !path.exists() {
            break;
        }
        let bytes = std::fs::read(&path).unwrap();
        for offset in (0..bytes.len()).step_by(61) {
            let mut flipped = bytes.clone();
            flipped[offset] ^= 0x10;
            std::fs::write(&path, &flipped).unwrap();
            let bad = verify(dir.path()).unwrap().first_bad.unwrap();
            assert_eq!(bad.file, name, "byte {offset}");
            assert!(bad.offset <= offset as u64, "byte {offset}: {bad}");
        }
        std::fs::write(&path, &bytes).unwrap();
        files += 1;
    }
    assert!(files > 3, "the log spans several files");
}

#[test]
fn a_log_that_is_damaged_below_its_end_does_not_open() {
    let disk = small_log();
    let journal = disk.bytes(JOURNAL);
    for offset in (0..journal.len() - 20).step_by(7) {
        let disk = disk.copy();
        let mut flipped = journal.clone();
        flipped[offset] ^= 1;
        disk.set_bytes(JOURNAL, flipped.clone());
        let Err(LogError::Damaged(bad)) = Log::over(disk.store(), SMALL, Seeded(3), NOW) else {
            panic!("byte {offset}");
        };
        assert_eq!(bad.file, JOURNAL);
        assert!(bad.offset <= offset as u64 && bad.seq.is_some(), "byte {offset}: {bad}");
        assert_eq!(disk.bytes(JOURNAL), flipped, "nothing is repaired in silence");
        assert!(matches!(Reader::over(disk.store()), Err(LogError::Damaged(_))));
    }
}

#[test]
fn damage_that_no_checkpoint_covers_is_no_torn_tail_if_a_good_frame_follows() {
    let disk = MemoryDisk::new();
    let sayers = Sayers::new();
    let (mut log, _) = Log::over(disk.store(), SMALL, Seeded(1), NOW).unwrap();
    fill(&mut log, &sayers, 1, 1);
    let second = disk.bytes(JOURNAL).len();
    fill(&mut log, &sayers, 2, 1);
    let mut journal = disk.bytes(JOURNAL);
    journal[second + 50] ^= 1;
    disk.set_bytes(JOURNAL, journal);
    let Err(LogError::Damaged(bad)) = Log::over(disk.store(), SMALL, Seeded(2), NOW) else {
        panic!("a damaged log was opened");
    };
    assert_eq!((bad.seq, bad.offset), (Some(Seq(1)), second as u64 + 16));
}

#[test]
fn a_log_that_was_rolled_back_below_its_checkpoint_does_not_open() {
    let disk = MemoryDisk::new();
    let sayers = Sayers::new();
    let (mut log, _) = Log::over(disk.store(), SMALL, Seeded(1), NOW).unwrap();
    fill(&mut log, &sayers, 3, 1);
    let shorter = disk.bytes(JOURNAL);
    fill(&mut log, &sayers, 3, 1);
    log.close(NOW).unwrap();
    disk.set_bytes(JOURNAL, shorter);
    let Err(LogError::Damaged(bad)) = Log::over(disk.store(), SMALL, Seeded(2), NOW) else {
        panic!("a shorter log was opened");
    };
    assert_eq!((bad.seq, bad.until), (Some(Seq(3)), Some(Seq(6))));
    assert_eq!(first_bad(&disk), Some(bad));
}

#[test]
fn a_missing_file_is_named() {
    for (name, opens) in [
        ("log/checkpoint", false),
        ("log/node", false),
        ("keys/log.vkey", false),
        ("log/tile/0/000.p/10", true), // made anew from the journal and reported
    ] {
        let dir = tempfile::tempdir().unwrap();
        let (mut log, _) = Log::open(dir.path(), SMALL, Seeded(1), NOW).unwrap();
        fill(&mut log, &Sayers::new(), 10, 5);
        log.close(NOW).unwrap();
        std::fs::remove_file(dir.path().join(name)).unwrap();
        assert_eq!(verify(dir.path()).unwrap().first_bad.unwrap().file, name);
        match Log::open(dir.path(), SMALL, Seeded(2), NOW) {
            Ok((log, found)) => {
                assert!(opens && found.tiles_rebuilt, "{name}");
                drop(log);
                assert_eq!(verify(dir.path()).unwrap().first_bad, None);
            }
            Err(error) => assert!(!opens, "{name}: {error}"),
        }
    }
}

#[test]
fn a_group_key_that_is_missing_is_damage_and_no_erasure() {
    let disk = small_log();
    let name = disk.names().into_iter().find(|n| n.starts_with("log/key/") && n.len() == 40);
    let name = name.unwrap();
    disk.remove_file(&name);
    assert_eq!(first_bad(&disk).unwrap().file, name);
}

#[test]
fn without_keys_the_chains_and_the_tree_are_still_checked() {
    let dir = tempfile::tempdir().unwrap();
    let (mut log, _) = Log::open(dir.path(), SMALL, Seeded(1), NOW).unwrap();
    fill(&mut log, &Sayers::new(), 300, 50);
    let root = log.root();
    log.close(NOW).unwrap();
    for secret in ["keys/node.key", "keys/log.key"] {
        std::fs::remove_file(dir.path().join(secret)).unwrap();
    }
    let report = verify(dir.path()).unwrap();
    assert_eq!((report.first_bad, report.entries, report.opened), (None, 300, 0));
    assert_eq!(report.root, root);
    let reader = Reader::open(dir.path()).unwrap();
    assert_eq!(reader.root().unwrap(), root);
    assert!(entries_of(&reader).is_empty(), "only gaps");
    let refused = Log::open(dir.path(), SMALL, Seeded(2), NOW);
    assert!(matches!(refused, Err(LogError::KeyMissing { .. })), "no new key in silence");
    let bundle = dir.path().join("log/tile/entries/000");
    let mut bytes = std::fs::read(&bundle).unwrap();
    bytes[35 * 7 + 20] ^= 1;
    std::fs::write(&bundle, bytes).unwrap();
    let bad = verify(dir.path()).unwrap().first_bad.unwrap();
    assert_eq!((bad.file.as_str(), bad.offset), ("log/tile/entries/000", 35 * 7));
}

#[test]
fn a_folder_without_a_log_is_said_to_be_none() {
    let dir = tempfile::tempdir().unwrap();
    assert!(matches!(verify(dir.path()), Err(LogError::NoLog(_))));
    assert!(matches!(Reader::open(dir.path()), Err(LogError::NoLog(_))));
}

/// A change to a file: which, where, how long, and what happens to these bytes.
#[derive(Debug, Clone)]
enum Change {
    Set(u8),
    Cut,
    Twice,
    Zero,
    End,
}

fn any_change() -> impl Strategy<Value = (prop::sample::Index, prop::sample::Index, usize, Change)>
{
    let what = prop_oneof![
        any::<u8>().prop_map(Change::Set),
        Just(Change::Cut),
        Just(Change::Twice),
        Just(Change::Zero),
        Just(Change::End),
    ];
    (any::<prop::sample::Index>(), any::<prop::sample::Index>(), 1_usize..300, what)
}

fn apply(bytes: &mut Vec<u8>, place: prop::sample::Index, len: usize, change: &Change) {
    if bytes.is_empty() {
        return;
    }
    let first = place.index(bytes.len());
    let end = bytes.len().min(first + len);
    match change {
        Change::Set(byte) => bytes[first] = *byte,
        Change::Cut => drop(bytes.drain(first..end)),
        Change::Twice => {
            let copy = bytes[first..end].to_vec();
            bytes.splice(first..first, copy);
        }
        Change::Zero => bytes[first..end].fill(0),
        Change::End => bytes.truncate(first),
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn whatever_is_done_to_the_files_is_seen_and_never_repaired_in_silence(
        changes in prop::collection::vec(any_change(), 1..4),
    ) {
        let good = small_log();
        let disk = good.copy();
        let names = disk.names();
        for (file, place, len, change) in &changes {
            let name = file.get(&names);
            let mut bytes = disk.bytes(name);
            apply(&mut bytes, *place, *len, change);
            disk.set_bytes(name, bytes);
        }
        let trimmed = |disk: &MemoryDisk| {
            let mut journal = disk.bytes(JOURNAL);
            journal.truncate(journal.iter().rposition(|byte| *byte != 0).map_or(0, |at| at + 1));
            journal
        };
        let others = |name: &&String| name.as_str() != JOURNAL;
        let changed = trimmed(&disk) != trimmed(&good)
            || names.iter().filter(others).any(|name| disk.bytes(name) != good.bytes(name));
        let found = verify_source(&disk.store()).unwrap().first_bad;
        prop_assert_eq!(found.is_some(), changed, "{:?}", found);
        let entries = entries_of_any(&good).unwrap();
        if let Ok((log, found)) = Log::over(disk.store(), SMALL, Seeded(9), NOW) {
            // Only what lies behind the signed entries may be set aside, and only by saying so;
            // tiles and evidence are not what entries are read from.
            prop_assert_eq!(log.size(), 10);
            prop_assert!(found.torn.is_some() || trimmed(&disk) == trimmed(&good));
            drop(log);
            // A key file is looked at when an entry needs it.
            match entries_of_any(&disk) {
                Ok(found) => prop_assert_eq!(found, entries),
                Err(error) => prop_assert!(matches!(error, LogError::Damaged(_)), "{}", error),
            }
        }
    }
}

/// A closed log of which all journals but the last are sealed.
fn sealed_log() -> MemoryDisk {
    let disk = MemoryDisk::new();
    disk.set_journal_bytes(Some(2_000));
    let settings = Settings { seal_after_s: Some(600), ..SMALL };
    let (mut log, _) = Log::over(disk.store(), settings, Seeded(1), NOW).unwrap();
    fill(&mut log, &Sayers::new(), 30, 4);
    (0..100).for_each(|_| log.tend(NOW));
    assert!(log.reader().sealed_journals() > 2);
    log.close(NOW).unwrap();
    disk
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn whatever_is_done_to_the_files_of_a_sealed_log_is_seen(
        changes in prop::collection::vec(any_change(), 1..4),
    ) {
        let good = sealed_log();
        let disk = good.copy();
        let names = disk.names();
        for (file, place, len, change) in &changes {
            let name = file.get(&names);
            let mut bytes = disk.bytes(name);
            apply(&mut bytes, *place, *len, change);
            disk.set_bytes(name, bytes);
        }
        let content = |disk: &MemoryDisk, name: &str| {
            let mut bytes = disk.bytes(name);
            if name.ends_with(".j") {
                bytes.truncate(bytes.iter().rposition(|byte| *byte != 0).map_or(0, |at| at + 1));
            }
            bytes
        };
        let changed = names.iter().any(|name| content(&disk, name) != content(&good, name));
        let found = verify_source(&disk.store()).unwrap().first_bad;
        prop_assert_eq!(found.is_some(), changed, "{:?}", found);
        if let Ok((log, _)) = Log::over(disk.store(), SMALL, Seeded(9), NOW) {
            prop_assert_eq!(log.size(), 30);
            drop(log);
            match entries_of_any(&disk) {
                Ok(found) => prop_assert_eq!(found, entries_of_any(&good).unwrap()),
                Err(error) => prop_assert!(matches!(error, LogError::Damaged(_)), "{}", error),
            }
        }
    }
}

/// What can be read, in order.
fn entries_of_any(disk: &MemoryDisk) -> Result<Vec<picket_log::Scanned>, LogError> {
    let mut items = Vec::new();
    Reader::over(disk.store())?.scan(Seq(0), &mut |item| {
        items.push(item);
        std::ops::ControlFlow::Continue(())
    })?;
    Ok(items)
}
