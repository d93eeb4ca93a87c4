//! Sealing: a journal becomes spine and bodies, at any moment either the one or the other counts.

use std::io::ErrorKind;
use std::ops::ControlFlow;

use crate::common::{NOW, SMALL, Sayers, Seeded, entries_of, fill};
use picket_log::file::Source;
use picket_log::memory::{End, MemoryDisk, MemoryStore};
use picket_log::{GapReason, Log, LogError, Reader, Retain, Scanned, Settings};
use picket_log::{verify, verify_proof, verify_source};
use picket_model::{Entry, Seq, Time};
use proptest::prelude::*;

const SEALS: Settings = Settings { seal_after_s: Some(600), ..SMALL };
/// Bytes of a journal in memory: some frames.
const JOURNAL_BYTES: usize = 3_000;

fn small_disk() -> MemoryDisk {
    let disk = MemoryDisk::new();
    disk.set_journal_bytes(Some(JOURNAL_BYTES));
    disk
}

fn open(disk: &MemoryDisk, chance: u64) -> Log<MemoryStore> {
    Log::over(disk.store(), SEALS, Seeded(chance), NOW).unwrap().0
}

/// Lets sealing come to its end.
fn settle(log: &mut Log<MemoryStore>, disk: &MemoryDisk) {
    let mut quiet = 0;
    while quiet < 3 {
        let before = disk.changes();
        log.tend(NOW);
        quiet = if disk.changes() == before { quiet + 1 } else { 0 };
    }
}

/// A log of which all journals but the last are sealed, and its entries.
fn sealed_log(count: u64) -> (MemoryDisk, Log<MemoryStore>, Vec<Entry>) {
    let disk = small_disk();
    let mut log = open(&disk, 1);
    let entries = fill(&mut log, &Sayers::new(), count, 7);
    settle(&mut log, &disk);
    assert_eq!(log.seal_fault(), None);
    (disk, log, entries)
}

fn files(disk: &MemoryDisk, folder: &str) -> Vec<String> {
    disk.names().into_iter().filter(|name| name.starts_with(folder)).collect()
}

/// What of a folder's name stands after it, in hexadecimal digits of a group.
fn group_of(name: &str) -> &str {
    name.split('/').nth(2).unwrap()
}

#[test]
fn a_sealed_journal_is_gone_and_its_entries_read_as_before() {
    let (disk, mut log, entries) = sealed_log(200);
    let sealed = log.reader().sealed_journals();
    assert!(sealed > 5, "{sealed}");
    assert_eq!(files(&disk, "log/spine/").len(), sealed as usize);
    assert_eq!(
        files(&disk, "log/journal/"),
        [format!("log/journal/{sealed:08}.j")],
        "only the last one is left"
    );
    assert_eq!(entries_of(log.reader()), entries);
    for entry in &entries {
        assert_eq!(log.read(entry.seq).unwrap().as_ref(), Some(entry));
    }
    assert_eq!(log.read(Seq(200)).unwrap(), None);
    log.checkpoint(NOW).unwrap();
    for entry in entries.iter().step_by(9) {
        let proven = verify_proof(&log.prove(entry.seq).unwrap().to_string(), None).unwrap();
        assert_eq!((proven.seq, proven.record), (entry.seq, entry.record.clone()));
    }
    let root = log.root();
    disk.cut_power();
    let (log, found) = Log::over(disk.store(), SEALS, Seeded(2), NOW).unwrap();
    assert_eq!((found.entries, found.torn.is_none(), found.epoch.0), (200, true, 1));
    assert_eq!((log.root(), log.reader().sealed_journals()), (root, sealed));
    assert_eq!(entries_of(log.reader()), entries);
    let blocks = found.blocks;
    drop(log);
    let report = verify_source(&disk.store()).unwrap();
    assert_eq!(report.first_bad, None);
    assert_eq!((report.entries, report.opened, report.sealed), (200, 200, sealed));
    assert_eq!((report.blocks, report.root), (blocks, root));
    assert_eq!(entries_of(&Reader::over(disk.store()).unwrap()), entries);
}

#[test]
fn a_scan_begins_at_any_entry_whether_it_is_sealed_or_not() {
    let (_, log, entries) = sealed_log(150);
    for (from, seq) in (0..=150_u64).enumerate() {
        let mut found = Vec::new();
        log.scan(Seq(seq), &mut |item| {
            if let Scanned::Entry(entry) = item {
                found.push(entry.seq);
            }
            if found.len() < 12 { ControlFlow::Continue(()) } else { ControlFlow::Break(()) }
        })
        .unwrap();
        let right: Vec<Seq> = entries.iter().map(|entry| entry.seq).skip(from).collect();
        assert_eq!(found, right.iter().copied().take(12).collect::<Vec<_>>(), "{from}");
    }
}

#[test]
fn what_two_logs_say_is_the_same_whether_they_seal_or_not() {
    let (sealing, log, entries) = sealed_log(120);
    let whole = small_disk();
    let (mut plain, _) = Log::over(whole.store(), SMALL, Seeded(1), NOW).unwrap();
    assert_eq!(fill(&mut plain, &Sayers::new(), 120, 7), entries);
    plain.tend(Time(NOW.0).plus_s(1e6));
    assert_eq!(plain.reader().sealed_journals(), 0);
    assert_eq!(log.root(), plain.root());
    let (a, b) = (verify_source(&sealing.store()).unwrap(), verify_source(&whole.store()).unwrap());
    assert_eq!((a.root, a.entries, a.blocks), (b.root, b.entries, b.blocks));
}

#[test]
fn a_journal_is_sealed_when_it_is_ten_minutes_old() {
    let disk = MemoryDisk::new();
    let sayers = Sayers::new();
    let mut log = open(&disk, 1);
    log.append(vec![sayers.tick()], NOW).unwrap();
    let at = |s: f64| NOW.plus_s(s);
    log.append(vec![sayers.tick()], at(599.0)).unwrap();
    log.append(vec![sayers.tick()], at(600.0)).unwrap();
    assert_eq!(files(&disk, "log/journal/").len(), 1, "it is told to end, and the next begins one");
    log.append(vec![sayers.tick()], at(601.0)).unwrap();
    (0..20).for_each(|_| log.tend(at(602.0)));
    assert_eq!((log.reader().sealed_journals(), log.seal_fault()), (1, None));
    assert_eq!(log.reader().size(), 4);
    (0..20).for_each(|_| log.tend(at(1_200.0)));
    log.append(vec![sayers.tick()], at(1_200.5)).unwrap();
    (0..20).for_each(|_| log.tend(at(1_201.0)));
    assert_eq!(log.reader().sealed_journals(), 1, "the next is 599.5 s old");
    // A restart knows how old it is.
    drop(log);
    let (mut log, _) = Log::over(disk.store(), SEALS, Seeded(2), at(1_201.0)).unwrap();
    log.append(vec![sayers.tick()], at(1_202.0)).unwrap();
    log.append(vec![sayers.tick()], at(1_203.0)).unwrap();
    (0..20).for_each(|_| log.tend(at(1_204.0)));
    assert_eq!(log.reader().sealed_journals(), 2);
    assert_eq!(entries_of(log.reader()).len(), 7);
}

/// Appends in small batches while sealing goes on, and erases a group in the midst of it, until the
/// disk's use ends; what was acknowledged.
fn work(log: &mut Log<MemoryStore>, turns: u64) -> Vec<Entry> {
    let sayers = Sayers::new();
    let mut acked = Vec::new();
    for turn in 0..turns {
        let first = turn * 5;
        let batch = (first..first + 5).map(|number| sayers.any(number)).collect();
        match log.append(batch, NOW) {
            Ok(entries) => acked.extend(entries),
            Err(_) => return acked,
        }
        for _ in 0..3 {
            log.tend(NOW);
        }
        if turn == turns / 2 {
            let acts = |entry: &&picket_log::GroupEntry| &*entry.group.kind == "act";
            let Ok(groups) = log.reader().live_groups() else { return acked };
            let group = groups.iter().find(acts).unwrap().id;
            if log.erase_group(group, NOW).is_err() {
                return acked;
            }
        }
    }
    acked
}

/// Everything acknowledged is there once: readable, or in a gap of the erased group.
fn check(disk: &MemoryDisk, acked: &[Entry], at: u64, end: End) {
    let (mut log, found) = Log::over(disk.store(), SEALS, Seeded(7), NOW)
        .unwrap_or_else(|error| panic!("{end:?} at {at}: {error}"));
    assert!(found.torn.is_none(), "{end:?} at {at}");
    let size = log.size();
    assert!(size == acked.len() as u64 || size == acked.len() as u64 + 5, "{end:?} at {at}");
    let report = verify_source(&disk.store()).unwrap();
    assert_eq!((report.first_bad, report.entries), (None, size), "{end:?} at {at}");
    let more = work(&mut log, 4);
    settle(&mut log, disk);
    assert_eq!((more.len(), log.seal_fault()), (20, None), "{end:?} at {at}");
    assert_eq!(files(disk, "log/journal/").len(), 1, "{end:?} at {at}");
    let mut next = 0;
    log.scan(Seq(0), &mut |item| {
        let (first, last) = match &item {
            Scanned::Entry(entry) => {
                let right = usize::try_from(entry.seq.0).ok().and_then(|place| acked.get(place));
                assert!(right.is_none_or(|right| **entry == *right));
                (entry.seq, entry.seq)
            }
            Scanned::Gap(gap) => {
                assert_eq!(gap.why, GapReason::Erased);
                (gap.first, gap.last)
            }
        };
        assert_eq!(first, Seq(next), "{end:?} at {at}");
        next = last.0 + 1;
        ControlFlow::Continue(())
    })
    .unwrap();
    assert_eq!(next, size + 20);
    log.close(NOW).unwrap();
    let report = verify_source(&disk.store()).unwrap();
    assert_eq!((report.first_bad, report.entries), (None, next), "{end:?} at {at}");
}

#[test]
fn whatever_step_a_kill_or_a_power_cut_stops_every_entry_is_there_just_once() {
    let rehearsal = small_disk();
    let mut log = open(&rehearsal, 1);
    let begin = rehearsal.changes();
    let all = work(&mut log, 18);
    assert_eq!((all.len(), log.reader().sealed_journals() > 3), (90, true));
    let end_of_work = rehearsal.changes();
    std::thread::scope(|scope| {
        for end in [End::Kill, End::PowerCut, End::PowerCutHalfWay] {
            scope.spawn(move || {
                for at in begin..end_of_work {
                    let disk = small_disk();
                    let mut log = open(&disk, 1);
                    disk.end_at_change(at, end);
                    let acked = work(&mut log, 18);
                    drop(log);
                    check(&disk, &acked, at, end);
                }
            });
        }
    });
}

#[test]
fn a_disk_that_takes_no_chores_stops_sealing_and_nothing_else() {
    let disk = small_disk();
    let sayers = Sayers::new();
    let mut log = open(&disk, 1);
    disk.fail_chores(Some(ErrorKind::StorageFull));
    let mut entries = fill(&mut log, &sayers, 100, 7);
    settle(&mut log, &disk);
    assert!(log.seal_fault().is_some_and(|fault| fault.contains("seal a journal")));
    assert_eq!((log.poisoned(), log.reader().sealed_journals()), (None, 0));
    assert_eq!(entries_of(log.reader()), entries);
    disk.fail_chores(None);
    settle(&mut log, &disk);
    assert_eq!(log.reader().sealed_journals(), 0, "it rests for a minute");
    entries.extend(log.append(vec![sayers.tick()], NOW.plus_s(61.0)).unwrap());
    for _ in 0..200 {
        log.tend(NOW.plus_s(62.0));
    }
    assert_eq!(log.seal_fault(), None);
    assert!(log.reader().sealed_journals() > 3);
    assert_eq!(entries_of(log.reader()), entries);
    assert_eq!(verify_source(&disk.store()).unwrap().first_bad, None);
}

#[test]
fn a_spine_whose_name_may_not_last_is_not_written_over_before_the_next_start() {
    let disk = small_disk();
    let mut log = open(&disk, 1);
    disk.fail_chores(Some(ErrorKind::Other));
    fill(&mut log, &Sayers::new(), 60, 7);
    settle(&mut log, &disk);
    disk.fail_chores(None);
    // As after a rename of which the folder's sync failed.
    disk.set_bytes("log/spine/00000000.s", b"spine".to_vec());
    for s in [61.0, 122.0] {
        log.append(vec![Sayers::new().tick()], NOW.plus_s(s)).unwrap();
        (0..50).for_each(|_| log.tend(NOW.plus_s(s)));
        assert!(log.seal_fault().is_some_and(|fault| fault.contains("restart")));
    }
    assert!(files(&disk, "log/body/").is_empty());
    assert_eq!(disk.bytes("log/spine/00000000.s"), b"spine");
    assert_eq!((log.size(), log.reader().sealed_journals()), (62, 0));
}

#[test]
fn a_disk_without_room_for_a_second_copy_is_left_alone() {
    let disk = small_disk();
    disk.set_space(Some(picket_log::file::Space { free: 4_000, total: 10_000 }));
    let mut log = open(&disk, 1);
    fill(&mut log, &Sayers::new(), 60, 7);
    settle(&mut log, &disk);
    assert!(log.seal_fault().is_some());
    assert!(files(&disk, "log/spine/").is_empty());
    assert_eq!(log.size(), 60);
}

#[test]
fn damage_in_a_journal_is_not_sealed_over() {
    let disk = small_disk();
    disk.fail_chores(Some(ErrorKind::Other));
    let mut log = open(&disk, 1);
    fill(&mut log, &Sayers::new(), 60, 7);
    settle(&mut log, &disk);
    disk.fail_chores(None);
    let name = "log/journal/00000000.j";
    let mut bytes = disk.bytes(name);
    bytes[1_500] ^= 4;
    disk.set_bytes(name, bytes);
    for s in [61.0, 122.0] {
        log.append(vec![Sayers::new().tick()], NOW.plus_s(s)).unwrap();
        (0..50).for_each(|_| log.tend(NOW.plus_s(s)));
        assert!(log.seal_fault().is_some_and(|fault| fault.contains(name)));
    }
    assert_eq!((log.reader().sealed_journals(), log.poisoned()), (0, None));
    assert!(disk.names().contains(&name.to_owned()), "kept for those who look into it");
}

#[test]
fn erasing_a_group_drops_its_bodies_and_every_proof_still_holds() {
    let (disk, mut log, entries) = sealed_log(200);
    log.checkpoint(NOW).unwrap();
    let root = log.root();
    let key = log.reader().verifier().unwrap().clone();
    let groups = log.reader().groups().unwrap();
    let acts = groups.iter().find(|entry| &*entry.group.kind == "act").unwrap().id;
    let of_acts = |disk: &MemoryDisk| files(disk, &format!("log/body/{acts}/"));
    assert!(of_acts(&disk).len() > 5);
    let act = entries.iter().find(|entry| entry.record.body.kind() == "act").unwrap().seq;
    let before = log.prove(act).unwrap().to_string();
    log.erase_group(acts, NOW).unwrap();
    settle(&mut log, &disk);
    assert!(of_acts(&disk).is_empty());
    assert!(verify_proof(&before, Some(&key)).is_ok());
    let path = log.reader().inclusion(act).unwrap();
    assert!(!path.is_empty(), "its leaf is still proven");
    assert_eq!(log.root(), root);
    assert!(log.consistency(50).unwrap().holds(&log.consistency(50).unwrap().from_root, &key));
    // More acts come, and a journal with acts of the erased group is sealed without their bodies.
    fill(&mut log, &Sayers::new(), 100, 7);
    settle(&mut log, &disk);
    assert!(of_acts(&disk).is_empty());
    let mut gone = 0;
    log.scan(Seq(0), &mut |item| {
        if let Scanned::Gap(gap) = item {
            assert_eq!((gap.group, gap.why), (acts, GapReason::Erased));
            gone += gap.last.0 - gap.first.0 + 1;
        }
        ControlFlow::Continue(())
    })
    .unwrap();
    assert_eq!(gone, 40);
    assert!(matches!(log.read(act), Err(LogError::Unreadable { .. })));
    let root = log.root();
    log.close(NOW).unwrap();
    disk.cut_power();
    let report = verify_source(&disk.store()).unwrap();
    assert_eq!((report.first_bad, report.entries, report.erased), (None, 300, 40));
    assert_eq!(report.root, root);
    assert_eq!(open(&disk, 3).root(), root);
}

#[test]
fn groups_whose_time_is_over_are_erased_the_oldest_first() {
    let disk = small_disk();
    let sayers = Sayers::new();
    let mut log = open(&disk, 1);
    let hour = |n: u32| NOW.plus_s(3_600.0 * f64::from(n));
    for n in 0..5 {
        let batch = (0..20).map(|number| sayers.any(number)).collect();
        log.append(batch, hour(n)).unwrap();
    }
    let rules = [
        Retain { kind: Some("act".into()), label: None, hours: 1_000 },
        Retain { kind: Some("tick".into()), label: None, hours: 1 },
        Retain { kind: None, label: None, hours: 3 },
    ];
    let live = |log: &Log<MemoryStore>| {
        let mut live: Vec<(String, i64)> = log
            .reader()
            .live_groups()
            .unwrap()
            .into_iter()
            .map(|g| (g.group.kind.to_string(), g.group.hour - NOW.0.div_euclid(3_600_000_000_000)))
            .collect();
        live.sort();
        live
    };
    let before = live(&log);
    assert_eq!(before.len(), 20, "acts, ticks, and observations of two labels");
    assert_eq!(log.retain(&rules, hour(0), 100).unwrap(), 0);
    // In hour 4, ticks of hours 0 to 2 are over, and observations of hour 0.
    assert_eq!(log.retain(&rules, hour(4), 2).unwrap(), 2, "so many at once");
    assert!(live(&log).iter().filter(|(_, hour)| *hour == 0).count() == 2, "the oldest first");
    assert_eq!(log.retain(&rules, hour(4), 100).unwrap(), 3);
    let right: Vec<(String, i64)> = before
        .into_iter()
        .filter(|(kind, hour)| match kind.as_str() {
            "act" => true,
            "tick" => *hour > 2,
            _ => *hour > 0,
        })
        .collect();
    assert_eq!(live(&log), right);
    assert_eq!(log.retain(&rules, hour(4), 100).unwrap(), 0);
    assert_eq!(log.retain(&[], hour(1_000_000), 100).unwrap(), 0, "no rule keeps for ever");
    assert_eq!(verify_source(&disk.store()).unwrap().first_bad, None);
}

#[test]
fn an_erasure_that_was_cut_off_before_the_bodies_went_is_finished_at_the_next_start() {
    let (disk, mut log, _) = sealed_log(100);
    let group = log.reader().groups().unwrap().remove(0).id;
    let folder = format!("log/body/{group}/");
    let bodies: Vec<(String, Vec<u8>)> =
        files(&disk, &folder).into_iter().map(|n| (n.clone(), disk.bytes(&n))).collect();
    log.erase_group(group, NOW).unwrap();
    drop(log);
    for (name, bytes) in bodies {
        disk.set_bytes(&name, bytes);
    }
    assert_eq!(verify_source(&disk.store()).unwrap().first_bad, None, "it is noise");
    let mut log = open(&disk, 2);
    settle(&mut log, &disk);
    assert!(files(&disk, &folder).is_empty());
    assert_eq!(verify_source(&disk.store()).unwrap().first_bad, None);
}

#[test]
fn every_flipped_bit_of_spine_and_bodies_is_named() {
    let (disk, mut log, _) = sealed_log(40);
    // One group is gone, so that of its rows only the spine tells.
    let group = log.reader().groups().unwrap().remove(1).id;
    log.erase_group(group, NOW).unwrap();
    settle(&mut log, &disk);
    log.close(NOW).unwrap();
    assert_eq!(verify_source(&disk.store()).unwrap().first_bad, None);
    let mut names = files(&disk, "log/spine/");
    names.extend(files(&disk, "log/body/"));
    assert!(names.len() > 5);
    for name in &names {
        let bytes = disk.bytes(name);
        for place in (0..bytes.len() * 8).step_by(13) {
            let (offset, bit) = (place / 8, place % 8);
            let mut flipped = bytes.clone();
            flipped[offset] ^= 1 << bit;
            disk.set_bytes(name, flipped);
            let bad = verify_source(&disk.store()).unwrap().first_bad;
            let bad = bad.unwrap_or_else(|| panic!("bit {bit} of byte {offset} of {name}"));
            assert_eq!(&bad.file, name, "bit {bit} of byte {offset}: {bad}");
            assert!(bad.offset <= offset as u64, "byte {offset}: {bad}");
        }
        for len in [0, 1, bytes.len() / 2, bytes.len() - 1] {
            disk.set_bytes(name, bytes[..len].to_vec());
            let bad = verify_source(&disk.store()).unwrap().first_bad;
            assert_eq!(bad.map(|bad| bad.file).as_ref(), Some(name), "cut to {len}");
        }
        disk.set_bytes(name, [bytes.as_slice(), &[0; 3]].concat());
        let bad = verify_source(&disk.store()).unwrap().first_bad;
        assert_eq!(bad.map(|bad| bad.file).as_ref(), Some(name), "with more at its end");
        disk.set_bytes(name, bytes);
    }
}

#[test]
fn a_missing_file_of_a_sealed_journal_is_named_and_a_stray_one_too() {
    let (disk, log, _) = sealed_log(60);
    log.close(NOW).unwrap();
    let sealed = verify_source(&disk.store()).unwrap().sealed;
    for name in files(&disk, "log/spine/").iter().chain(&files(&disk, "log/body/")) {
        let disk = disk.copy();
        disk.remove_file(name);
        let bad = verify_source(&disk.store()).unwrap().first_bad.unwrap();
        let last = name.ends_with(&format!("spine/{:08}.s", sealed - 1));
        if last {
            // Whoever takes the last spine takes the journal's end: the journals have a hole.
            assert_eq!(bad.file, format!("log/journal/{:08}.j", sealed - 1));
        } else {
            assert_eq!(&bad.file, name);
        }
        match Log::over(disk.store(), SEALS, Seeded(2), NOW) {
            Err(LogError::Damaged(bad)) => assert!(last || bad.file == *name),
            Err(error) => panic!("{name}: {error}"),
            // Bodies are looked at when they are read.
            Ok((log, _)) => {
                assert!(name.starts_with("log/body/"), "{name}");
                let read = log.scan(Seq(0), &mut |_| ControlFlow::Continue(()));
                assert!(
                    matches!(read, Err(LogError::Damaged(bad)) if bad.file == *name),
                    "{name} was not missed"
                );
            }
        }
    }
    let body = files(&disk, "log/body/").remove(0);
    let group = group_of(&body);
    for stray in [
        format!("log/body/{group}/00000000.x"),
        "log/body/00112233445566778899aabbccddeeff/00000000.b".to_owned(),
        "log/spine/1.s".to_owned(),
    ] {
        let disk = disk.copy();
        disk.set_bytes(&stray, b"x".to_vec());
        assert_eq!(verify_source(&disk.store()).unwrap().first_bad.unwrap().file, stray);
    }
    // What a sealing left that was cut off is no damage.
    for left in [format!("log/body/{group}/{sealed:08}.b"), format!("log/spine/{sealed:08}.tmp")] {
        let disk = disk.copy();
        disk.set_bytes(&left, b"half".to_vec());
        assert_eq!(verify_source(&disk.store()).unwrap().first_bad, None);
    }
}

#[test]
fn spines_of_another_log_or_in_another_order_are_refused() {
    let (disk, log, _) = sealed_log(60);
    log.close(NOW).unwrap();
    let (other, stranger, _) = {
        let disk = small_disk();
        let mut log = open(&disk, 99);
        let entries = fill(&mut log, &Sayers::new(), 60, 7);
        settle(&mut log, &disk);
        (disk, log, entries)
    };
    stranger.close(NOW).unwrap();
    let spines = files(&disk, "log/spine/");
    let last = spines.last().unwrap();
    for (name, bytes) in [
        (last, other.bytes(last)),
        (&spines[0], other.bytes(&spines[0])),
        (&spines[0], disk.bytes(&spines[1])),
    ] {
        let disk = disk.copy();
        disk.set_bytes(name, bytes);
        assert!(matches!(
            Log::over(disk.store(), SEALS, Seeded(2), NOW),
            Err(LogError::Damaged(_))
        ));
        assert!(verify_source(&disk.store()).unwrap().first_bad.is_some());
    }
}

#[test]
fn without_keys_spine_and_bodies_are_still_checked() {
    let (disk, mut log, _) = sealed_log(60);
    log.checkpoint(NOW).unwrap();
    let root = log.root();
    drop(log);
    disk.remove_file("keys/node.key");
    let report = verify_source(&disk.store()).unwrap();
    assert_eq!((report.first_bad, report.entries, report.opened), (None, 60, 0));
    assert_eq!(report.root, root);
    let name = files(&disk, "log/body/").remove(0);
    let mut bytes = disk.bytes(&name);
    bytes[3] ^= 1;
    disk.set_bytes(&name, bytes);
    assert_eq!(verify_source(&disk.store()).unwrap().first_bad.unwrap().file, name);
}

#[test]
fn tiles_lost_after_a_seal_are_made_anew_from_there_on_though_older_bodies_cannot_be_read() {
    let (disk, mut log, _) = sealed_log(400);
    fill(&mut log, &Sayers::new(), 3, 1);
    log.checkpoint(NOW).unwrap();
    let root = log.root();
    drop(log);
    disk.cut_power();
    // Were the tree made from the first entry on, this would be missed.
    let body = files(&disk, "log/body/").into_iter().find(|n| n.ends_with("/00000000.b")).unwrap();
    disk.remove_file(&body);
    let (log, found) = Log::over(disk.store(), SEALS, Seeded(2), NOW).unwrap();
    assert_eq!((log.root(), found.tiles_rebuilt), (root, true));
}

#[test]
fn a_log_of_before_is_opened_and_then_sealed() {
    let disk = MemoryDisk::new();
    for line in include_str!("../../vectors/golden-log.txt").lines() {
        let (name, hex) = line.split_once(' ').unwrap();
        let digit = |place: usize| u8::from_str_radix(&hex[place..place + 2], 16).unwrap();
        disk.set_bytes(name, (0..hex.len()).step_by(2).map(digit).collect());
    }
    let before = entries_of(&Reader::over(disk.store()).unwrap());
    let (mut log, _) = Log::over(disk.store(), SEALS, Seeded(2), NOW).unwrap();
    log.append(vec![Sayers::new().tick()], NOW.plus_s(700.0)).unwrap();
    log.append(vec![Sayers::new().tick()], NOW.plus_s(701.0)).unwrap();
    (0..30).for_each(|_| log.tend(NOW.plus_s(702.0)));
    assert_eq!(log.reader().sealed_journals(), 1);
    assert_eq!(entries_of(log.reader())[..3], before);
    log.close(NOW).unwrap();
    assert_eq!(verify_source(&disk.store()).unwrap().first_bad, None);
}

#[test]
fn a_journal_without_a_block_is_sealed_too() {
    let disk = MemoryDisk::new();
    let sayers = Sayers::new();
    let mut log = open(&disk, 1);
    log.append(vec![sayers.tick()], NOW).unwrap();
    log.close(NOW).unwrap();
    // As after a full disk: a file was made, and the append went into the next one.
    let first = disk.bytes("log/journal/00000000.j");
    disk.set_bytes("log/journal/00000001.j", first.clone());
    disk.set_bytes("log/journal/00000000.j", vec![0; first.len()]);
    let mut log = open(&disk, 2);
    log.append(vec![sayers.tick()], NOW).unwrap();
    settle(&mut log, &disk);
    assert_eq!((log.reader().sealed_journals(), log.seal_fault()), (1, None));
    assert_eq!(entries_of(log.reader()).len(), 2);
    log.close(NOW).unwrap();
    assert_eq!(verify_source(&disk.store()).unwrap().first_bad, None);
    assert_eq!(open(&disk, 3).size(), 2);
}

#[test]
fn a_folder_on_disk_is_sealed_beside_the_appends_and_reads_the_same() {
    let dir = tempfile::tempdir().unwrap();
    let settings = Settings { journal_bytes: 8 * 1024, ..SEALS };
    let sayers = Sayers::new();
    let (mut log, _) = Log::open(dir.path(), settings, Seeded(1), NOW).unwrap();
    let entries = fill(&mut log, &sayers, 900, 9);
    let segments = || Reader::open(dir.path()).unwrap().sealed_journals();
    while log.reader().sealed_journals() < 5 {
        log.tend(NOW);
        assert_eq!(log.seal_fault(), None);
        std::thread::yield_now();
    }
    assert_eq!(entries_of(log.reader()), entries);
    let ticks = log.reader().live_groups().unwrap();
    let ticks = ticks.iter().find(|entry| &*entry.group.kind == "tick").unwrap().id;
    log.erase_group(ticks, NOW).unwrap();
    while dir.path().join(format!("log/body/{ticks}")).exists() {
        log.tend(NOW);
        std::thread::yield_now();
    }
    assert!(!dir.path().join(format!("log/body/{ticks}")).exists());
    let root = log.root();
    log.close(NOW).unwrap();
    assert!(segments() >= 5);
    let report = verify(dir.path()).unwrap();
    assert_eq!((report.first_bad, report.entries, report.erased), (None, 900, 180));
    let (mut log, found) = Log::open(dir.path(), settings, Seeded(2), NOW).unwrap();
    assert_eq!((found.entries, found.torn, log.root()), (900, None, root));
    let live = |entry: &&Entry| entry.record.body.kind() != "tick";
    let right: Vec<Entry> = entries.iter().filter(live).cloned().collect();
    assert_eq!(entries_of(log.reader()), right);
    fill(&mut log, &sayers, 100, 9);
    log.close(NOW).unwrap();
    let store = picket_log::FileStore::open_read_only(dir.path()).unwrap();
    let first = store.segments()[0].number;
    assert!(first > 0, "journals were freed");
    assert_eq!(verify(dir.path()).unwrap().first_bad, None);
}

/// What may happen to a log, in any order.
#[derive(Debug, Clone)]
enum Deed {
    Append(u64),
    Tend(u8),
    Erase(prop::sample::Index),
    Later,
    Restart(Option<End>),
}

fn any_deed() -> impl Strategy<Value = Deed> {
    let ends = prop_oneof![Just(None), Just(Some(End::Kill)), Just(Some(End::PowerCut))];
    prop_oneof![
        6 => (1_u64..30).prop_map(Deed::Append),
        4 => (1_u8..40).prop_map(Deed::Tend),
        1 => any::<prop::sample::Index>().prop_map(Deed::Erase),
        1 => Just(Deed::Later),
        1 => ends.prop_map(Deed::Restart),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 60, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_log_that_seals_says_what_a_plain_list_says(deeds in prop::collection::vec(any_deed(), 1..60)) {
        let disk = small_disk();
        let sayers = Sayers::new();
        let mut log = open(&disk, 1);
        let mut now = NOW;
        // The second implementation: entries, and those that are gone.
        let mut list: Vec<Option<Entry>> = Vec::new();
        let mut chance = 1;
        for deed in deeds {
            match deed {
                Deed::Append(count) => {
                    let from = list.len() as u64;
                    let batch = (from..from + count).map(|number| sayers.any(number)).collect();
                    list.extend(log.append(batch, now).unwrap().into_iter().map(Some));
                }
                Deed::Tend(times) => (0..times).for_each(|_| log.tend(now)),
                Deed::Erase(which) => {
                    let live = log.reader().live_groups().unwrap();
                    if live.is_empty() {
                        continue;
                    }
                    let doomed = which.get(&live);
                    log.erase_group(doomed.id, now).unwrap();
                    for entry in &mut list {
                        let gone = entry.as_ref().is_some_and(|entry| {
                            entry.record.body.kind() == &*doomed.group.kind
                                && entry.record.label == doomed.group.label
                        });
                        // All is of one hour, so kind and label name the one live group.
                        if gone {
                            *entry = None;
                        }
                    }
                }
                Deed::Later => now = now.plus_s(10.0),
                Deed::Restart(end) => {
                    chance += 1;
                    match end {
                        None => log.close(now).unwrap(),
                        Some(End::Kill) => drop(log),
                        Some(End::PowerCut | End::PowerCutHalfWay) => {
                            drop(log);
                            disk.cut_power();
                        }
                    }
                    log = Log::over(disk.store(), SEALS, Seeded(chance), now).unwrap().0;
                }
            }
            prop_assert_eq!(log.size(), list.len() as u64);
        }
        prop_assert_eq!(log.seal_fault(), None);
        let mut found: Vec<Option<Entry>> = Vec::new();
        log.scan(Seq(0), &mut |item| {
            match item {
                Scanned::Entry(entry) => found.push(Some(*entry)),
                Scanned::Gap(gap) => (gap.first.0..=gap.last.0).for_each(|_| found.push(None)),
            }
            ControlFlow::Continue(())
        }).unwrap();
        prop_assert_eq!(found, list);
        log.close(now).unwrap();
        prop_assert_eq!(verify_source(&disk.store()).unwrap().first_bad, None);
    }
}
