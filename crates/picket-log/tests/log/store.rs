//! The life of a log: appended, closed, opened, read.
use crate::common::{NOW, SMALL, Sayers, Seeded, entries_of, fill};
use picket_log::memory::MemoryDisk;
use picket_log::{Log, LogError, Reader, verify};
use picket_model::Seq;

#[test]
fn what_was_appended_is_there_after_a_restart_in_the_same_order() {
    let dir = tempfile::tempdir().unwrap();
    let sayers = Sayers::new();
    let (mut log, found) = Log::open(dir.path(), SMALL, Seeded(1), NOW).unwrap();
    assert!(found.fresh);
    let written = fill(&mut log, &sayers, 700, 37);
    let root = log.root();
    log.close(NOW).unwrap();
    let (log, found) = Log::open(dir.path(), SMALL, Seeded(2), NOW).unwrap();
    assert_eq!(
        (found.entries, found.fresh, found.torn, found.tiles_rebuilt),
        (700, false, None, false)
    );
    assert_eq!(log.root(), root);
    assert_eq!(entries_of(log.reader()), written);
    assert_eq!(log.read(Seq(123)).unwrap().as_ref(), Some(&written[123]));
    assert_eq!(log.read(Seq(700)).unwrap(), None);
    drop(log);
    let report = verify(dir.path()).unwrap();
    assert_eq!(report.first_bad, None);
    assert_eq!((report.entries, report.opened, report.checkpoint_size), (700, 700, 700));
    assert_eq!(report.root, root);
    let reader = Reader::open(dir.path()).unwrap();
    assert_eq!(entries_of(&reader), written);
}

#[test]
fn what_was_acknowledged_is_there_without_a_close() {
    let disk = MemoryDisk::new();
    let sayers = Sayers::new();
    let (mut log, _) = Log::over(disk.store(), SMALL, Seeded(1), NOW).unwrap();
    let written = fill(&mut log, &sayers, 300, 7);
    let root = log.root();
    disk.cut_power();
    let (log, found) = Log::over(disk.store(), SMALL, Seeded(2), NOW).unwrap();
    assert_eq!(found.torn, None);
    assert_eq!(entries_of(log.reader()), written);
    assert_eq!(log.root(), root);
}

#[test]
fn a_folder_is_open_in_one_process_only() {
    let dir = tempfile::tempdir().unwrap();
    let (_log, _) = Log::open(dir.path(), SMALL, Seeded(1), NOW).unwrap();
    let second = Log::open(dir.path(), SMALL, Seeded(1), NOW);
    assert!(matches!(second, Err(LogError::Locked)));
}
