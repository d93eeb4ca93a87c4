//! Makes the table of the page's files that are built into the program.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::{env, fs, io};

/// Where the page's build lies, seen from this crate.
const DIST: &str = "../../ui/dist";
/// Most files of the page; more would mean that something else lies there.
const FILES_MAX: usize = 1_000;

fn main() -> Result<(), String> {
    let home = variable("CARGO_MANIFEST_DIR")?;
    let dist = Path::new(&home).join(DIST);
    println!("cargo::rerun-if-changed={DIST}");
    println!("cargo::rerun-if-changed=build.rs");
    if !dist.join("index.html").is_file() {
        return Err(format!(
            "cannot build in the page: {} has no index.html; run `npm ci && npm run build` in ui/",
            dist.display()
        ));
    }
    let unread = |e: io::Error| format!("cannot read {}: {e}", dist.display());
    let mut files = Vec::new();
    list(&dist, &mut files).map_err(unread)?;
    let table = table(&dist, &files).map_err(unread)?;
    let out = PathBuf::from(variable("OUT_DIR")?).join("page.rs");
    fs::write(&out, table).map_err(|e| format!("cannot write {}: {e}", out.display()))
}

fn variable(name: &str) -> Result<String, String> {
    env::var(name).map_err(|e| format!("cargo did not set {name}: {e}"))
}

fn list(folder: &Path, files: &mut Vec<PathBuf>) -> io::Result<()> {
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if path.is_dir() {
            list(&path, files)?;
        } else {
            files.push(path);
        }
        if files.len() > FILES_MAX {
            return Err(io::Error::other(format!("more than {FILES_MAX} files")));
        }
    }
    Ok(())
}

fn table(dist: &Path, files: &[PathBuf]) -> io::Result<String> {
    let mut named = BTreeMap::new();
    for path in files {
        let name = path.strip_prefix(dist).map_err(io::Error::other)?;
        named.insert(name.to_string_lossy().replace('\\', "/"), path);
    }
    // In the order of the names, by which the table is searched.
    let mut table = String::from("pub(super) static FILES: &[File] = &[\n");
    for (name, path) in named {
        let bytes = fs::read(path)?;
        let full = fs::canonicalize(path)?;
        let written = writeln!(
            table,
            "    File {{ path: {:?}, kind: {:?}, etag: \"\\\"{:016x}-{:x}\\\"\", bytes: include_bytes!({:?}) }},",
            format!("/{name}"),
            kind(&name),
            fnv1a(&bytes),
            bytes.len(),
            full.to_string_lossy(),
        );
        written.map_err(io::Error::other)?;
    }
    table.push_str("];\n");
    Ok(table)
}

fn kind(name: &str) -> &'static str {
    match name.rsplit('.').next() {
        Some("html") => "text/html; charset=utf-8",
        Some("js") => "text/javascript; charset=utf-8",
        Some("css") => "text/css; charset=utf-8",
        Some("json") => "application/json",
        Some("svg") => "image/svg+xml",
        Some("png") => "image/png",
        Some("woff2") => "font/woff2",
        Some("txt") => "text/plain; charset=utf-8",
        Some(_) | None => "application/octet-stream",
    }
}

/// FNV-1a, 64 bits: tells one build of a file from another; not a defence against anybody.
fn fnv1a(bytes: &[u8]) -> u64 {
    bytes.iter().fold(0xcbf2_9ce4_8422_2325, |hash, byte| {
        (hash ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3)
    })
}
