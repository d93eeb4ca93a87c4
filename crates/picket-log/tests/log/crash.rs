//! Power cuts, failing writes and failing syncs: what was acknowledged stays, nothing else is
//! taken for it.

use crate::common::{NOW, SMALL, Sayers, Seeded, entries_of, fill};
use picket_log::memory::{Fault, MemoryDisk, SECTOR_BYTES};
use picket_log::{Log, LogError, Settings, verify, verify_source};
use picket_model::{Entry, Epoch, Time};
use proptest::prelude::*;

const JOURNAL: &str = "log/journal/00000000.j";

/// A disk with some acknowledged entries, and the bytes of the frame that one more append writes.
fn before_the_cut() -> (MemoryDisk, Vec<Entry>, Vec<u8>) {
    let disk = MemoryDisk::new();
    let sayers = Sayers::new();
    let (mut log, _) = Log::over(disk.store(), SMALL, Seeded(1), NOW).unwrap();
    let acked = fill(&mut log, &sayers, 12, 5);
    let len = disk.bytes(JOURNAL).len();
    let rehearsal = disk.copy();
    let (mut log, _) = Log::over(rehearsal.store(), SMALL, Seeded(2), NOW).unwrap();
    fill(&mut log, &sayers, 5, 5);
    let frame = rehearsal.bytes(JOURNAL).split_off(len);
    (disk, acked, frame)
}

/// Opens after a cut: exactly the acknowledged entries are there, or also the whole last append.
fn check_after_the_cut(disk: &MemoryDisk, acked: &[Entry], tail: &[u8], whole: bool) {
    let (mut log, found) = Log::over(disk.store(), SMALL, Seeded(3), NOW).unwrap();
    let entries = entries_of(log.reader());
    let used = tail.iter().rposition(|byte| *byte != 0).map_or(0, |last| last + 1);
    if whole {
        assert_eq!(entries.len(), acked.len() + 5);
        assert_eq!(found.torn, None);
    } else {
        assert_eq!(entries.len(), acked.len());
        assert_eq!(found.torn.is_some(), used > 0);
    }
    assert_eq!(&entries[..acked.len()], acked);
    if let Some(torn) = found.torn {
        assert_eq!(disk.bytes(&torn.evidence), &tail[..used], "kept as evidence");
        assert_eq!(found.epoch, Epoch(2), "a tail was lost, so no number is used twice");
    } else {
        assert_eq!(found.epoch, Epoch(1));
    }
    let more = fill(&mut log, &Sayers::new(), 3, 1);
    assert!(more.iter().all(|entry| entry.name.epoch == found.epoch));
    log.close(NOW).unwrap();
    let report = verify_source(&disk.store()).unwrap();
    assert_eq!((report.first_bad, report.entries), (None, entries.len() as u64 + 3));
}

#[test]
fn a_cut_at_every_byte_of_a_write_leaves_exactly_what_was_acknowledged() {
    let (disk, acked, frame) = before_the_cut();
    for after in 0..=frame.len() {
        let disk = disk.copy();
        let (mut log, _) = Log::over(disk.store(), SMALL, Seeded(2), NOW).unwrap();
        disk.fail_next_append(Fault::PowerCut { after });
        let sayers = Sayers::new();
        let batch = (12..17).map(|number| sayers.any(number)).collect();
        assert!(log.append(batch, NOW).is_err());
        check_after_the_cut(&disk, &acked, &frame[..after], after == frame.len());
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_set_of_torn_sectors_leaves_exactly_what_was_acknowledged(bits in any::<u8>()) {
        let (disk, acked, frame) = before_the_cut();
        let len = disk.bytes(JOURNAL).len();
        let (mut log, _) = Log::over(disk.store(), SMALL, Seeded(2), NOW).unwrap();
        let arrive: Vec<bool> = (0..8).map(|bit| bits >> bit & 1 == 1).collect();
        disk.fail_next_append(Fault::TornSectors(arrive.clone()));
        let sayers = Sayers::new();
        let batch = (12..17).map(|number| sayers.any(number)).collect();
        prop_assert!(log.append(batch, NOW).is_err());
        let first = len / SECTOR_BYTES;
        let tail: Vec<u8> = frame.iter().enumerate().map(|(place, byte)| {
            let sector = (len + place) / SECTOR_BYTES - first;
            if arrive.get(sector) == Some(&true) { *byte } else { 0 }
        }).collect();
        let whole = tail == frame;
        check_after_the_cut(&disk, &acked, &tail, whole);
    }
}

#[test]
fn a_failed_write_or_sync_poisons_the_log_and_loses_nothing_acknowledged() {
    for fault in [Fault::Write { after: 0 }, Fault::Write { after: 90 }, Fault::Sync] {
        let disk = MemoryDisk::new();
        let sayers = Sayers::new();
        let (mut log, _) = Log::over(disk.store(), SMALL, Seeded(1), NOW).unwrap();
        let acked = fill(&mut log, &sayers, 10, 4);
        disk.fail_next_append(fault.clone());
        let first = log.append(vec![sayers.tick()], NOW);
        assert!(matches!(first, Err(LogError::Io { .. })), "{fault:?}");
        for _ in 0..2 {
            let later = log.append(vec![sayers.tick()], NOW);
            assert!(matches!(later, Err(LogError::Poisoned { .. })), "{fault:?}");
        }
        assert!(log.poisoned().is_some());
        assert_eq!(entries_of(log.reader()), acked, "nothing unacknowledged is shown");
        disk.cut_power();
        let (log, _) = Log::over(disk.store(), SMALL, Seeded(2), NOW).unwrap();
        let entries = entries_of(log.reader());
        assert_eq!(&entries[..10], acked);
        assert!(entries.len() == 10 || fault == Fault::Sync, "{fault:?}");
    }
}

#[test]
fn a_second_cut_while_the_tail_is_set_aside_changes_nothing() {
    let (disk, acked, _) = before_the_cut();
    let (mut log, _) = Log::over(disk.store(), SMALL, Seeded(2), NOW).unwrap();
    disk.fail_next_append(Fault::PowerCut { after: 200 });
    log.append(vec![Sayers::new().tick()], NOW).unwrap_err();
    disk.fail_saves(Some(std::io::ErrorKind::Other));
    assert!(Log::over(disk.store(), SMALL, Seeded(3), NOW).is_err(), "no evidence, no clearing");
    disk.fail_saves(None);
    let (log, found) = Log::over(disk.store(), SMALL, Seeded(3), NOW).unwrap();
    assert!(found.torn.is_some());
    assert_eq!(entries_of(log.reader()), acked);
}

#[test]
fn tiles_that_a_cut_took_are_made_anew_from_the_journal_and_that_is_said() {
    let disk = MemoryDisk::new();
    let (mut log, _) = Log::over(disk.store(), SMALL, Seeded(1), NOW).unwrap();
    let acked = fill(&mut log, &Sayers::new(), 600, 100);
    log.checkpoint(NOW).unwrap();
    let root = log.root();
    disk.cut_power();
    assert!(disk.names().iter().all(|name| !name.starts_with("log/tile/")), "they were a cache");
    let (log, found) = Log::over(disk.store(), SMALL, Seeded(2), NOW).unwrap();
    assert!(found.tiles_rebuilt);
    assert_eq!((entries_of(log.reader()), log.root()), (acked, root));
    drop(log);
    assert_eq!(verify_source(&disk.store()).unwrap().first_bad, None);
    let (_, found) = Log::over(disk.store(), SMALL, Seeded(3), NOW).unwrap();
    assert!(!found.tiles_rebuilt, "once is enough");
}

#[test]
fn a_torn_tail_on_disk_is_set_aside_in_whichever_file_it_stands() {
    let settings = Settings { journal_bytes: 2_048, ..SMALL };
    let dir = tempfile::tempdir().unwrap();
    let (mut log, _) = Log::open(dir.path(), settings, Seeded(1), NOW).unwrap();
    let acked = fill(&mut log, &Sayers::new(), 40, 3);
    drop(log);
    let last = (0..).take_while(|n| dir.path().join(format!("log/journal/{n:08}.j")).exists());
    let last = dir.path().join(format!("log/journal/{:08}.j", last.last().unwrap()));
    let mut bytes = std::fs::read(&last).unwrap();
    let end = bytes.iter().rposition(|byte| *byte != 0).unwrap() + 1;
    bytes.truncate(end);
    bytes.extend_from_slice(b"PWRT half a frame");
    std::fs::write(&last, bytes).unwrap();
    let (mut log, found) = Log::open(dir.path(), settings, Seeded(2), NOW).unwrap();
    let torn = found.torn.unwrap();
    assert_eq!(torn.position.offset, end as u64);
    assert_eq!(std::fs::read(dir.path().join(&torn.evidence)).unwrap(), b"PWRT half a frame");
    assert_eq!(entries_of(log.reader()), acked);
    fill(&mut log, &Sayers::new(), 40, 3);
    log.close(NOW).unwrap();
    assert_eq!(verify(dir.path()).unwrap().first_bad, None);
    let (log, found) = Log::open(dir.path(), settings, Seeded(3), NOW).unwrap();
    assert_eq!((found.torn, found.epoch, found.entries), (None, Epoch(2), 80));
    assert_eq!(&entries_of(log.reader())[..40], acked);
}

#[test]
fn names_have_no_holes_and_clocks_do_not_run_back_though_the_systems_clock_does() {
    let disk = MemoryDisk::new();
    let sayers = Sayers::new();
    let (mut log, _) = Log::over(disk.store(), SMALL, Seeded(1), NOW).unwrap();
    for (number, back_s) in (0..30_u64).zip([0.0, 5_000.0, -3.0].into_iter().cycle()) {
        let batch = (0..3).map(|n| sayers.any(number + n)).collect();
        log.append(batch, Time(NOW.0).plus_s(-back_s)).unwrap();
    }
    let mut numbers = std::collections::BTreeMap::new();
    for (seq, entry) in (0_u64..).zip(entries_of(log.reader())) {
        assert_eq!(entry.seq.0, seq);
        let last = numbers.entry(entry.name.class).or_insert(0);
        assert_eq!(entry.name.number, *last + 1);
        *last += 1;
    }
    assert_eq!(verify_source(&disk.store()).unwrap().first_bad, None);
}

#[test]
fn leaves_of_an_erased_group_survive_a_cut_after_more_checkpoints() {
    // After 3 more the bundle is still partial; after 90 it has become full.
    for more in [3, 90, 600] {
        let disk = MemoryDisk::new();
        let sayers = Sayers::new();
        let (mut log, _) = Log::over(disk.store(), SMALL, Seeded(1), NOW).unwrap();
        fill(&mut log, &sayers, 700, 100);
        let group = log.reader().groups().unwrap()[0].id;
        log.erase_group(group, NOW).unwrap();
        // Once from all that was saved, once from what was synced only.
        for restart in [false, true] {
            let disk = disk.copy();
            let (mut log, _) = Log::over(disk.store(), SMALL, Seeded(2), NOW).unwrap();
            if restart {
                disk.cut_power();
                log = Log::over(disk.store(), SMALL, Seeded(3), NOW).unwrap().0;
            }
            for _ in 0..3 {
                fill(&mut log, &sayers, more, 50);
                log.checkpoint(NOW).unwrap();
                let root = log.root();
                disk.cut_power();
                let found;
                (log, found) = Log::over(disk.store(), SMALL, Seeded(2), NOW).unwrap();
                assert_eq!((log.root(), found.torn), (root, None), "{more}");
            }
            assert_eq!(log.size(), 700 + 3 * more);
            drop(log);
            assert_eq!(verify_source(&disk.store()).unwrap().first_bad, None, "{more}");
        }
    }
}

#[test]
fn a_batch_of_several_writes_that_stops_half_way_poisons_the_log() {
    let disk = MemoryDisk::new();
    let sayers = Sayers::new();
    let (mut log, _) = Log::over(disk.store(), SMALL, Seeded(1), NOW).unwrap();
    let mut chance = Seeded(3);
    let mut noise = || {
        let mut bytes = vec![0; 200 * 1024];
        picket_log::Entropy::fill(&mut chance, &mut bytes);
        bytes
    };
    let batch: Vec<_> = (0..30).map(|_| sayers.seen("ais", &noise())).collect();
    disk.fail_append(1, Fault::Full);
    let failed = log.append(batch, NOW);
    assert!(matches!(failed, Err(LogError::Poisoned { .. })), "some of it is durable");
    let (log, found) = Log::over(disk.store(), SMALL, Seeded(2), NOW).unwrap();
    assert!(found.torn.is_none() && (1..30).contains(&found.entries), "{}", found.entries);
    assert_eq!(entries_of(log.reader()).len() as u64, found.entries);
}

#[test]
fn a_record_larger_than_a_block_is_refused_and_the_log_goes_on() {
    let disk = MemoryDisk::new();
    let sayers = Sayers::new();
    let (mut log, _) = Log::over(disk.store(), SMALL, Seeded(1), NOW).unwrap();
    let batch = vec![sayers.tick(), sayers.seen("ais", &vec![7; 300 * 1024])];
    assert!(matches!(log.append(batch, NOW), Err(LogError::TooLarge { .. })));
    assert_eq!(log.size(), 0, "nothing of the batch");
    let batch: Vec<_> = (0..5).map(|_| sayers.seen("ais", &vec![7; 200 * 1024])).collect();
    assert_eq!(log.append(batch, NOW).unwrap().len(), 5, "each in a block of its own");
    log.close(NOW).unwrap();
    let report = verify_source(&disk.store()).unwrap();
    assert_eq!((report.first_bad, report.blocks), (None, 5));
}
