//! `picket verify`, `prove` and `replay`: a folder as evidence, with no node running.

use std::ops::ControlFlow;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use clap::ArgMatches;
use picket_core::{Fold, Replay};
use picket_gate::{BuiltIn, Gate};
use picket_log::{FileStore, LogError, Reader, Scanned, Verifier};
use picket_model::{Levels, Seq};
use serde_json::json;

use crate::decode::text;
use crate::exit::{Failure, Outcome};
use crate::node::data_folder;
use crate::run::{hex, print};

pub(crate) fn verify(args: &ArgMatches) -> Outcome {
    let path = PathBuf::from(text(args, "path"));
    if path.is_dir() { verify_folder(&path, args) } else { verify_proof(&path, args) }
}

fn verify_folder(path: &Path, args: &ArgMatches) -> Outcome {
    let report = picket_log::verify(path).map_err(failure)?;
    let bad = report.first_bad.as_ref();
    if args.get_flag("json") {
        let line = json!({
            "verified": bad.is_none(),
            "entries": report.entries,
            "blocks": report.blocks,
            "root": hex(&report.root),
            "checkpoint_size": report.checkpoint_size,
            "opened": report.opened,
            "erased": report.erased,
            "first_bad": bad.map(|bad| json!({
                "file": bad.file, "offset": bad.offset, "seq": bad.seq.map(|seq| seq.0), "what": bad.what,
            })),
        });
        print(&format!("{line}\n"))?;
    } else if bad.is_none() {
        print(&format!(
            "verified: {} entries in {} blocks, root {}, signed up to {}\n",
            report.entries,
            report.blocks,
            hex(&report.root),
            report.checkpoint_size
        ))?;
    }
    match bad {
        None => Ok(()),
        Some(bad) => Err(Failure::Finding(format!("not verified: {bad}"))),
    }
}

fn verify_proof(path: &Path, args: &ArgMatches) -> Outcome {
    let shown = path.display();
    let proof = std::fs::read_to_string(path)
        .map_err(|error| Failure::usage(format!("cannot read {shown}: {error}")))?;
    let key = match args.get_one::<String>("key") {
        None => None,
        Some(key) => Some(Verifier::parse(key).ok_or_else(|| {
            Failure::usage(format!("{key:?} is no public key; the node's stands in keys/log.vkey"))
        })?),
    };
    let proven = picket_log::verify_proof(&proof, key.as_ref())
        .map_err(|error| Failure::Finding(format!("not verified: {error}")))?;
    let record = &proven.record;
    if args.get_flag("json") {
        let line = json!({
            "verified": true,
            "trusted": proven.trusted,
            "seq": proven.seq.0,
            "id": proven.id.to_string(),
            "author": record.author.to_string(),
            "kind": record.body.kind(),
            "occurred_at": record.occurred_at.to_string(),
            "received_at": record.received_at.to_string(),
            "key": proven.verifier.vkey(),
            "size": proven.checkpoint.size,
        });
        return print(&format!("{line}\n"));
    }
    print(&format!(
        "verified: entry {} ({} by {} at {}) is in the log of {} entries signed by {}\n{}",
        proven.seq,
        record.body.kind(),
        record.author,
        record.occurred_at,
        proven.checkpoint.size,
        proven.verifier.name(),
        if proven.trusted {
            ""
        } else {
            "the key came with the proof: compare it with the node's, or give it with --key\n"
        }
    ))
}

pub(crate) fn prove(args: &ArgMatches) -> Outcome {
    let reader = open(args)?;
    let seq = Seq(args.get_one::<u64>("seq").copied().unwrap_or_default());
    if seq.0 >= reader.size() {
        let size = reader.size();
        return Err(Failure::Finding(format!("there is no entry {seq}: the log has {size}")));
    }
    let proof = reader.prove(seq).map_err(failure)?.to_string();
    if args.get_flag("json") {
        return print(&format!("{}\n", json!({ "seq": seq.0, "proof": proof })));
    }
    print(&proof)
}

pub(crate) fn replay(args: &ArgMatches) -> Outcome {
    let reader = open(args)?;
    let last = args.get_one::<u64>("to").copied();
    let gate = offline_gate();
    let mut fold = Fold::new();
    let mut replay = Replay::default();
    let scan = reader.scan(Seq(0), &mut |scanned| {
        let at = match &scanned {
            Scanned::Entry(entry) => entry.seq.0,
            Scanned::Gap(gap) => gap.first.0,
        };
        if last.is_some_and(|last| at > last) {
            return ControlFlow::Break(());
        }
        replay.step(&mut fold, &gate, &scanned);
        ControlFlow::Continue(())
    });
    scan.map_err(failure)?;
    let (_, done) = replay.finish();
    let digest = args.get_flag("digest").then(|| hex(&fold.digest()));
    if args.get_flag("json") {
        let mut line = json!({
            "entries": done.entries,
            "confirmed": done.confirmed,
            "unsaid": done.unsaid,
            "differences": done.differences,
            "first_difference": done.first_difference.map(|seq| seq.0),
            "erased": done.erased,
        });
        if let (Some(digest), Some(object)) = (&digest, line.as_object_mut()) {
            object.insert("digest".to_owned(), digest.as_str().into());
        }
        print(&format!("{line}\n"))?;
    } else {
        if let Some(digest) = &digest {
            print(&format!("{digest}\n"))?;
        }
        print(&format!(
            "{} entries folded; {} alerts follow from the log, {} do not; {} tracks, {} alerts\n",
            done.entries,
            done.confirmed,
            done.differences,
            fold.picture().shown().count(),
            fold.alerts().all().len()
        ))?;
    }
    match done.first_difference {
        None => Ok(()),
        Some(seq) => Err(Failure::Finding(format!(
            "entry {seq} is an alert that does not follow from the log under this build"
        ))),
    }
}

/// Opens the folder of `--data` to read.
pub(crate) fn open(args: &ArgMatches) -> Result<Reader<FileStore>, Failure> {
    let data = data_folder(args.get_one::<String>("data"))?;
    Reader::open(&data).map_err(failure)
}

/// The gate that a replay's claims pass: views need no feed to speak.
fn offline_gate() -> Gate {
    Gate::new(Levels::default(), Arc::new(BuiltIn), Vec::new())
}

/// Damage is a finding, a missing folder the caller's, all else the environment's.
fn failure(error: LogError) -> Failure {
    if matches!(error, LogError::Damaged(_)) {
        return Failure::Finding(error.to_string());
    }
    let is_callers = matches!(
        error,
        LogError::NoLog(_) | LogError::NotCovered { .. } | LogError::Unreadable { .. }
    );
    if is_callers { Failure::usage(error) } else { Failure::environment(error) }
}
