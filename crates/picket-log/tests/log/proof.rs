//! Proofs that stand alone, and what erasing leaves of them.

use std::ops::ControlFlow;

use crate::common::{NOW, SMALL, Sayers, Seeded, entries_of, fill};
use picket_log::memory::MemoryDisk;
use picket_log::{
    GapReason, Log, LogError, ProofError, Reader, Scanned, verify, verify_proof, verify_source,
};
use picket_model::Seq;
use proptest::prelude::*;

#[test]
fn each_entry_is_proven_by_a_text_that_needs_no_log() {
    let disk = MemoryDisk::new();
    let (mut log, _) = Log::over(disk.store(), SMALL, Seeded(1), NOW).unwrap();
    let entries = fill(&mut log, &Sayers::new(), 300, 50);
    assert!(matches!(log.prove(Seq(299)), Err(LogError::NotCovered { size: 0, .. })));
    log.checkpoint(NOW).unwrap();
    let more = fill(&mut log, &Sayers::new(), 10, 10);
    assert!(matches!(log.prove(more[0].seq), Err(LogError::NotCovered { size: 300, .. })));
    let key = log.reader().verifier().unwrap().clone();
    for entry in &entries {
        let text = log.prove(entry.seq).unwrap().to_string();
        let proven = verify_proof(&text, Some(&key)).unwrap();
        assert_eq!((proven.seq, proven.name, proven.id), (entry.seq, entry.name, entry.id));
        assert_eq!(proven.record, entry.record);
        assert_eq!((proven.checkpoint.size, proven.trusted), (300, true));
    }
    let text = log.prove(Seq(0)).unwrap().to_string();
    assert!(!verify_proof(&text, None).unwrap().trusted, "the key came with the proof");
}

#[test]
fn a_proof_of_another_log_or_with_a_changed_character_is_refused() {
    let disk = MemoryDisk::new();
    let (mut log, _) = Log::over(disk.store(), SMALL, Seeded(1), NOW).unwrap();
    let entries = fill(&mut log, &Sayers::new(), 20, 5);
    log.checkpoint(NOW).unwrap();
    let key = log.reader().verifier().unwrap().clone();
    let text = log.prove(Seq(7)).unwrap().to_string();
    for place in 0..text.len() {
        if !text.is_char_boundary(place) || !text.is_char_boundary(place + 1) {
            continue;
        }
        for other in ["A", "1", " ", "\n", ""] {
            if text.get(place..=place) == Some(other) {
                continue;
            }
            let changed = format!("{}{other}{}", &text[..place], &text[place + 1..]);
            let answer = verify_proof(&changed, Some(&key));
            // The key that comes with it is a hint and not believed; all else counts.
            if let Ok(proven) = answer {
                assert_eq!((proven.id, proven.seq), (entries[7].id, Seq(7)), "byte {place}");
                let line = text[..place].matches('\n').count();
                assert_eq!(line, 1, "byte {place} {other:?}");
            }
        }
    }
    let (other, _) = Log::over(MemoryDisk::new().store(), SMALL, Seeded(9), NOW).unwrap();
    let stranger = other.reader().verifier().unwrap();
    let refused = verify_proof(&text, Some(stranger));
    assert_eq!(refused, Err(ProofError::Signature(stranger.name().to_owned())));
}

#[test]
fn a_log_extends_each_of_its_older_states_and_no_other() {
    let disk = MemoryDisk::new();
    let (mut log, _) = Log::over(disk.store(), SMALL, Seeded(1), NOW).unwrap();
    let mut roots = Vec::new();
    for _ in 0..40 {
        fill(&mut log, &Sayers::new(), 17, 17);
        roots.push((log.size(), log.root()));
    }
    log.checkpoint(NOW).unwrap();
    let key = log.reader().verifier().unwrap().clone();
    for (size, root) in &roots {
        let proof = log.consistency(*size).unwrap();
        assert_eq!(proof.from_root, *root);
        assert!(proof.holds(root, &key), "{size}");
        let mut other = *root;
        other[0] ^= 1;
        assert!(!proof.holds(&other, &key), "{size}");
    }
    assert!(matches!(log.consistency(681), Err(LogError::NotCovered { size: 680, .. })));
}

#[test]
fn an_erased_group_is_gone_and_every_proof_still_holds() {
    let dir = tempfile::tempdir().unwrap();
    let sayers = Sayers::new();
    let (mut log, _) = Log::open(dir.path(), SMALL, Seeded(1), NOW).unwrap();
    let secret = "canary in a coal mine";
    fill(&mut log, &sayers, 300, 30);
    let held = log.append(vec![sayers.act(secret), sayers.tick()], NOW).unwrap();
    log.checkpoint(NOW).unwrap();
    let root = log.root();
    let key = log.reader().verifier().unwrap().clone();
    let before = log.prove(held[0].seq).unwrap().to_string();
    let groups = log.reader().groups().unwrap();
    let acts = groups.iter().find(|entry| &*entry.group.kind == "act").unwrap().id;
    let key_file = std::fs::read(dir.path().join(format!("log/key/{acts}"))).unwrap();
    log.erase_group(acts, NOW).unwrap();

    assert!(matches!(log.read(held[0].seq), Err(LogError::Unreadable { .. })));
    assert!(matches!(log.prove(held[0].seq), Err(LogError::Unreadable { .. })));
    assert!(log.read(held[1].seq).unwrap().is_some(), "its neighbour stays");
    let mut gone = 0;
    log.scan(Seq(0), &mut |item| {
        if let Scanned::Gap(gap) = item {
            assert_eq!((gap.group, gap.why), (acts, GapReason::Erased));
            gone += gap.last.0 - gap.first.0 + 1;
        }
        ControlFlow::Continue(())
    })
    .unwrap();
    assert_eq!(gone, 61);
    assert!(verify_proof(&before, Some(&key)).is_ok(), "who holds a proof keeps it");
    assert_eq!(log.root(), root);
    let later = log.append(vec![sayers.act("after")], NOW).unwrap();
    assert!(log.read(later[0].seq).unwrap().is_some(), "a new group takes what comes");
    assert!(matches!(
        log.erase_group(picket_log::GroupId([9; 16]), NOW),
        Err(LogError::NoSuchGroup(_))
    ));
    log.close(NOW).unwrap();

    let report = verify(dir.path()).unwrap();
    assert_eq!((report.first_bad, report.entries, report.erased), (None, 303, 61));
    let reader = Reader::open(dir.path()).unwrap();
    assert_eq!(reader.size(), 303);
    let erased = reader.groups().unwrap().into_iter().find(|entry| entry.id == acts).unwrap();
    assert_eq!(erased.erased_at, Some(NOW));
    for file in walk(dir.path()) {
        let bytes = std::fs::read(&file).unwrap();
        let whole_key = bytes.windows(64).any(|bytes| bytes == &key_file[36..100]);
        assert!(!whole_key, "the wrapped key is still in {}", file.display());
    }
}

#[test]
fn no_label_text_and_no_content_stands_in_any_file() {
    let dir = tempfile::tempdir().unwrap();
    let sayers = Sayers::new();
    let (mut log, _) = Log::open(dir.path(), SMALL, Seeded(1), NOW).unwrap();
    log.append(vec![sayers.seen("fence", b"canary"), sayers.act("canary")], NOW).unwrap();
    log.close(NOW).unwrap();
    for file in walk(dir.path()) {
        let bytes = std::fs::read(&file).unwrap();
        for word in ["canary", "NORTH", "COASTGUARD", "officer-1", "fence"] {
            let found = bytes.windows(word.len()).any(|bytes| bytes == word.as_bytes());
            assert!(!found, "{word} in {}", file.display());
        }
    }
}

#[test]
fn an_erasure_that_was_cut_off_is_finished_at_the_next_start() {
    let disk = MemoryDisk::new();
    let (mut log, _) = Log::over(disk.store(), SMALL, Seeded(1), NOW).unwrap();
    fill(&mut log, &Sayers::new(), 10, 10);
    let group = log.reader().groups().unwrap().remove(0).id;
    let key_file = format!("log/key/{group}");
    let key = disk.bytes(&key_file);
    log.erase_group(group, NOW).unwrap();
    disk.set_bytes(&key_file, key);
    assert_eq!(
        verify_source(&disk.store()).unwrap().first_bad.unwrap().file,
        format!("{key_file}.erased")
    );
    let (log, _) = Log::over(disk.store(), SMALL, Seeded(2), NOW).unwrap();
    assert!(!disk.names().contains(&key_file));
    assert!(log.reader().groups().unwrap().iter().any(|g| g.id == group && g.erased_at.is_some()));
    assert_eq!(verify_source(&disk.store()).unwrap().first_bad, None);
}

#[test]
fn the_tree_of_an_erased_group_survives_a_restart_with_more_entries_behind_it() {
    let disk = MemoryDisk::new();
    let sayers = Sayers::new();
    let (mut log, _) = Log::over(disk.store(), SMALL, Seeded(1), NOW).unwrap();
    fill(&mut log, &sayers, 700, 100);
    let group = log.reader().groups().unwrap().remove(0).id;
    log.erase_group(group, NOW).unwrap();
    fill(&mut log, &sayers, 5, 5);
    let root = log.root();
    disk.cut_power();
    let (log, found) = Log::over(disk.store(), SMALL, Seeded(2), NOW).unwrap();
    assert_eq!((log.root(), found.entries, found.tiles_rebuilt), (root, 705, false));
}

fn walk(folder: &std::path::Path) -> Vec<std::path::PathBuf> {
    let mut files = Vec::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() { files.extend(walk(&path)) } else { files.push(path) }
    }
    files
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_batching_of_one_commit_order_gives_the_same_leaves(cuts in proptest::collection::vec(1_usize..40, 1..20)) {
        let sayers = Sayers::new();
        let say = |number: usize| sayers.seen("ais", format!("!AIVDM,{number}").as_bytes());
        let total: usize = cuts.iter().sum();
        let (mut whole, _) = Log::over(MemoryDisk::new().store(), SMALL, Seeded(1), NOW).unwrap();
        let entries = whole.append((0..total).map(say).collect(), NOW).unwrap();
        let (mut cut, _) = Log::over(MemoryDisk::new().store(), SMALL, Seeded(1), NOW).unwrap();
        let mut next = 0;
        for len in cuts {
            cut.append((next..next + len).map(say).collect(), NOW).unwrap();
            next += len;
        }
        prop_assert_eq!(cut.root(), whole.root());
        prop_assert_eq!(entries_of(cut.reader()), entries);
    }

    #[test]
    fn what_is_read_is_what_was_appended_however_it_was_mixed(
        batches in proptest::collection::vec(proptest::collection::vec(0_u64..50, 1..30), 1..12),
    ) {
        let sayers = Sayers::new();
        let disk = MemoryDisk::new();
        let (mut log, _) = Log::over(disk.store(), SMALL, Seeded(1), NOW).unwrap();
        let mut written = Vec::new();
        for batch in &batches {
            let records: Vec<_> = batch.iter().map(|number| sayers.any(*number)).collect();
            let plain: Vec<_> = records.iter().map(|record| record.as_inner().clone()).collect();
            let entries = log.append(records, NOW).unwrap();
            // Every record once, and those of one group in their order.
            prop_assert_eq!(entries.len(), plain.len());
            for one in &plain {
                let of_group = |record: &picket_model::Record| {
                    record.label == one.label && record.body.kind() == one.body.kind()
                };
                let wanted: Vec<_> = plain.iter().filter(|record| of_group(record)).collect();
                let found: Vec<_> =
                    entries.iter().map(|entry| &entry.record).filter(|r| of_group(r)).collect();
                prop_assert_eq!(wanted, found);
            }
            written.extend(entries);
        }
        prop_assert!(written.iter().zip(0..).all(|(entry, seq)| entry.seq.0 == seq));
        prop_assert_eq!(entries_of(log.reader()), written);
        log.close(NOW).unwrap();
        prop_assert_eq!(verify_source(&disk.store()).unwrap().first_bad, None);
    }
}
