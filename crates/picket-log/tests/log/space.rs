//! A disk that fills up: the unimportant is refused by name, the important still fits.

use std::process::Command;

use crate::common::{NOW, SMALL, Sayers, Seeded, entries_of, fill};
use picket_log::file::Space;
use picket_log::memory::{Fault, MemoryDisk};
use picket_log::{Log, LogError, Settings, SpaceLevel, verify};
use picket_model::LogClass;

#[test]
fn a_disk_that_is_nearly_full_refuses_observations_and_takes_acts() {
    let disk = MemoryDisk::new();
    let sayers = Sayers::new();
    let (mut log, _) = Log::over(disk.store(), SMALL, Seeded(1), NOW).unwrap();
    disk.set_space(Some(Space { free: 4, total: 100 }));
    let refused = log.append(vec![sayers.act("a"), sayers.seen("ais", b"x")], NOW);
    assert!(matches!(refused, Err(LogError::NoSpace { class: LogClass::Observation })));
    assert_eq!((log.size(), log.space()), (0, SpaceLevel::NoObservations), "nothing of the batch");
    assert_eq!(log.append(vec![sayers.act("a")], NOW).unwrap().len(), 1);
    disk.set_space(Some(Space { free: 90, total: 100 }));
    assert_eq!(log.append(vec![sayers.seen("ais", b"x")], NOW).unwrap().len(), 1);
    assert_eq!(log.space(), SpaceLevel::Ample);
}

#[test]
fn a_full_disk_gives_its_reserve_to_acts_only_and_the_log_goes_on() {
    let disk = MemoryDisk::new();
    disk.set_reserve(true);
    disk.set_space(Some(Space { free: 12, total: 100 }));
    let sayers = Sayers::new();
    let (mut log, _) = Log::over(disk.store(), SMALL, Seeded(1), NOW).unwrap();
    disk.fail_next_append(Fault::Full);
    let refused = log.append(vec![sayers.tick()], NOW);
    assert!(matches!(refused, Err(LogError::NoSpace { class: LogClass::Observation })));
    disk.fail_next_append(Fault::Full);
    assert_eq!(log.append(vec![sayers.act("a")], NOW).unwrap().len(), 1, "from the reserve");
    disk.fail_next_append(Fault::Full);
    let refused = log.append(vec![sayers.act("b")], NOW);
    assert!(matches!(refused, Err(LogError::NoSpace { class: LogClass::Audit })), "none is left");
    assert_eq!(log.poisoned(), None);
    assert_eq!(log.append(vec![sayers.tick()], NOW).unwrap().len(), 1);
}

#[test]
fn a_full_disk_for_keys_and_tiles_loses_nothing() {
    let disk = MemoryDisk::new();
    let sayers = Sayers::new();
    let (mut log, _) = Log::over(disk.store(), SMALL, Seeded(1), NOW).unwrap();
    log.append(vec![sayers.tick()], NOW).unwrap();
    disk.fail_saves(Some(std::io::ErrorKind::StorageFull));
    let refused = log.append(vec![sayers.act("a new group needs a key")], NOW);
    assert!(matches!(refused, Err(LogError::NoSpace { class: LogClass::Audit })));
    for _ in 0..600 {
        log.append(vec![sayers.tick()], NOW).unwrap();
    }
    assert!(log.checkpoint(NOW).is_err(), "the last one still stands");
    disk.fail_saves(None);
    let root = log.root();
    log.close(NOW).unwrap();
    let (log, found) = Log::over(disk.store(), SMALL, Seeded(2), NOW).unwrap();
    assert_eq!((log.root(), found.entries, found.tiles_rebuilt), (root, 601, false));
}

/// A file system of 4 MiB, where that can be mounted; unmounted when dropped.
struct Mount(tempfile::TempDir);

impl Mount {
    fn new() -> Option<Self> {
        let dir = tempfile::tempdir().ok()?;
        let mut mount = Command::new("mount");
        mount.args(["-t", "tmpfs", "-o", "size=4m", "picket-test"]).arg(dir.path());
        mount.stderr(std::process::Stdio::null());
        mount.status().is_ok_and(|status| status.success()).then(|| Self(dir))
    }
}

impl Drop for Mount {
    fn drop(&mut self) {
        drop(Command::new("umount").arg("-l").arg(self.0.path()).status());
    }
}

#[test]
fn a_real_disk_that_fills_up_refuses_in_order_and_keeps_what_it_took() {
    let Some(mount) = Mount::new() else {
        eprintln!("skipped: no right to mount a small file system here");
        return;
    };
    let settings = Settings { journal_bytes: 256 * 1024, reserve_bytes: 256 * 1024, ..SMALL };
    let sayers = Sayers::new();
    let (mut log, _) = Log::open(mount.0.path(), settings, Seeded(1), NOW).unwrap();
    let mut acked = fill(&mut log, &sayers, 10, 10);
    let mut chance = Seeded(7);
    let mut noise = || {
        let mut bytes = vec![0; 8 * 1024];
        picket_log::Entropy::fill(&mut chance, &mut bytes);
        bytes
    };
    let refused = loop {
        match log.append(vec![sayers.seen("ais", &noise())], NOW) {
            Ok(entries) => acked.extend(entries),
            Err(error) => break error,
        }
    };
    assert!(matches!(refused, LogError::NoSpace { class: LogClass::Observation }), "{refused}");
    for n in 0..10 {
        acked.extend(log.append(vec![sayers.act(&format!("still {n}"))], NOW).unwrap());
    }
    // Now the rest of the disk goes to somebody else, and then acts eat the reserve.
    let filler = mount.0.path().join("somebody-else");
    let mut size = 4 * 1024 * 1024;
    while size >= 4_096 {
        let mut file = std::fs::OpenOptions::new().create(true).append(true).open(&filler).unwrap();
        if std::io::Write::write_all(&mut file, &vec![1; size]).is_err() {
            size /= 2;
        }
    }
    let refused = loop {
        let reason = noise().iter().map(|byte| char::from(b'a' + byte % 26)).collect::<String>();
        match log.append(vec![sayers.act(&reason)], NOW) {
            Ok(entries) => acked.extend(entries),
            Err(error) => break error,
        }
    };
    assert!(matches!(refused, LogError::NoSpace { class: LogClass::Audit }), "{refused}");
    assert_eq!(log.poisoned(), None);
    assert_eq!(entries_of(log.reader()), acked);
    std::fs::remove_file(filler).unwrap();
    acked.extend(log.append(vec![sayers.act("room again")], NOW).unwrap());
    log.close(NOW).unwrap();
    assert_eq!(verify(mount.0.path()).unwrap().first_bad, None);
    let (log, found) = Log::open(mount.0.path(), settings, Seeded(2), NOW).unwrap();
    assert_eq!((found.torn, found.entries), (None, acked.len() as u64));
    assert_eq!(entries_of(log.reader()), acked);
}
