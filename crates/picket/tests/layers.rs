//! A crate may use only crates of lower layers, and below layer 4 nothing asynchronous.

#![expect(clippy::unwrap_used, reason = "a test helper")]

use std::collections::BTreeMap;
use std::path::Path;

/// The layers of docs/architecture.md.
const LAYERS: &[(&str, u8)] = &[
    ("picket-model", 0),
    ("picket-codec", 1),
    ("picket-gate", 1),
    ("picket-fusion", 1),
    ("picket-detect", 1),
    ("picket-log", 2),
    ("picket-core", 3),
    ("picket-link", 4),
    ("picket-history", 4),
    ("picket-web", 5),
    ("picket-sim", 5),
    ("picket", 6),
];

/// Crates that reach sockets, timers or threads.
const ASYNC: &[&str] = &["tokio", "axum", "hyper", "hyper-util", "tokio-rustls", "rustls"];

fn dependencies(manifest: &str) -> Vec<String> {
    let mut names = Vec::new();
    let mut inside = false;
    for line in manifest.lines() {
        if line.starts_with('[') {
            inside = line == "[dependencies]";
        } else if inside && let Some((name, _)) = line.split_once(['.', ' ', '=']) {
            names.push(name.to_owned());
        }
    }
    names
}

fn faults(manifests: &BTreeMap<String, String>) -> Vec<String> {
    let layers: BTreeMap<&str, u8> = LAYERS.iter().copied().collect();
    let mut faults = Vec::new();
    for (name, manifest) in manifests {
        let Some(&layer) = layers.get(name.as_str()) else {
            faults.push(format!("{name} has no layer"));
            continue;
        };
        for dependency in dependencies(manifest) {
            if let Some(&below) = layers.get(dependency.as_str())
                && below >= layer
            {
                faults.push(format!("{name} (layer {layer}) uses {dependency} (layer {below})"));
            }
            if layer < 4 && ASYNC.contains(&dependency.as_str()) {
                faults.push(format!("{name} (layer {layer}) uses {dependency}"));
            }
        }
    }
    faults
}

fn manifests() -> BTreeMap<String, String> {
    let crates = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap().to_owned();
    let folders = std::fs::read_dir(crates).unwrap().map(|folder| folder.unwrap());
    folders
        .filter_map(|folder| {
            let manifest = std::fs::read_to_string(folder.path().join("Cargo.toml")).ok()?;
            Some((folder.file_name().into_string().unwrap(), manifest))
        })
        .collect()
}

#[test]
fn every_crate_uses_only_lower_layers() {
    let faults = faults(&manifests());
    assert!(faults.is_empty(), "{faults:#?}");
}

#[test]
fn a_sideways_edge_and_a_runtime_below_layer_4_are_found() {
    let mut manifests = manifests();
    let log = manifests.get_mut("picket-log").unwrap();
    *log = log
        .replace("[dependencies]", "[dependencies]\ntokio = \"1\"\npicket-core = { path = \"\" }");
    let gate = manifests.get_mut("picket-gate").unwrap();
    *gate = gate.replace("[dependencies]", "[dependencies]\npicket-codec.workspace = true");
    let faults = faults(&manifests);
    assert_eq!(faults.len(), 3, "{faults:#?}");
}

#[test]
fn every_crate_inherits_the_workspace_lints() {
    for (name, manifest) in manifests() {
        assert!(manifest.contains("[lints]\nworkspace = true"), "{name}");
    }
}
