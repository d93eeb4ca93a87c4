//! `picket run`: a node until SIGTERM.

use std::io::{self, Write};
use std::path::Path;

use clap::ArgMatches;
use picket_link::Clock;

use crate::exit::{Failure, Outcome};
use crate::node::{Node, Page, Start, data_folder};
use crate::settings::{self, Settings};

/// Whom the printed link signs in, until people have accounts.
pub(crate) const FIRST_PERSON: &str = "officer-1";

pub(crate) fn run(args: &ArgMatches) -> Outcome {
    let settings = match args.get_one::<String>("config") {
        Some(path) => Settings::read(Path::new(path)).map_err(Failure::usage)?,
        None => Settings::default(),
    };
    if args.get_flag("print-config") {
        let text = settings::print(&settings);
        return io::stdout().write_all(text.as_bytes()).map_err(Failure::environment);
    }
    let data = data_folder(args.get_one::<String>("data"))?;
    trace();
    runtime()?.block_on(serve(&settings, &data, args.get_flag("ready-json")))
}

async fn serve(settings: &Settings, data: &Path, json: bool) -> Outcome {
    let mut ends = Ends::new()?;
    let clock = Clock::world();
    let node = Node::start(Start { settings, data, clock, plain_localhost: false }).await?;
    let link = node.sign_in_link(FIRST_PERSON)?;
    let Page { people, fingerprint, .. } = &node.page;
    if json {
        let feeds = node.feeds.iter().filter_map(|(name, address)| {
            address.map(|address| (name.clone(), address.to_string().into()))
        });
        let line = serde_json::json!({
            "ready": true,
            "pid": std::process::id(),
            "doors": { "people": people.to_string() },
            "feeds": feeds.collect::<serde_json::Map<String, serde_json::Value>>(),
            "sign_in": link.url,
            "fingerprint": fingerprint,
        });
        print(&format!("{line}\n"))?;
    } else {
        print(&format!(
            "Picket is ready.\n  sign in once   {}\n  certificate    SHA-256 {fingerprint}\n",
            link.url
        ))?;
    }
    tokio::select! {
        () = ends.asked() => {}
        () = node.died() => {}
    }
    let mut core = node.stop().await?;
    if json {
        let line = serde_json::json!({
            "stopped": true,
            "entries": core.log().size(),
            "digest": hex(&core.digest()),
        });
        print(&format!("{line}\n"))?;
    }
    Ok(())
}

/// SIGTERM and SIGINT.
pub(crate) struct Ends {
    terminate: tokio::signal::unix::Signal,
    interrupt: tokio::signal::unix::Signal,
}

impl Ends {
    pub(crate) fn new() -> Result<Self, Failure> {
        use tokio::signal::unix::{SignalKind, signal};
        let listen = |kind| signal(kind).map_err(Failure::environment);
        Ok(Self {
            terminate: listen(SignalKind::terminate())?,
            interrupt: listen(SignalKind::interrupt())?,
        })
    }

    /// Resolves when somebody asks the process to end.
    pub(crate) async fn asked(&mut self) {
        tokio::select! {
            _ = self.terminate.recv() => {}
            _ = self.interrupt.recv() => {}
        }
    }
}

/// The one runtime of the process.
pub(crate) fn runtime() -> Result<tokio::runtime::Runtime, Failure> {
    tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .map_err(Failure::environment)
}

/// Diagnostics go to stderr.
pub(crate) fn trace() {
    let subscriber = tracing_subscriber::fmt()
        .with_writer(io::stderr)
        .with_max_level(tracing::Level::WARN)
        .with_target(false)
        .finish();
    // Set once for each process; a second time would be the same.
    drop(tracing::subscriber::set_global_default(subscriber));
}

pub(crate) fn print(text: &str) -> Outcome {
    let mut out = io::stdout().lock();
    out.write_all(text.as_bytes()).and_then(|()| out.flush()).map_err(Failure::environment)
}

/// Bytes as hexadecimal digits.
pub(crate) fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
