//! `picket demo`: a real node in a fresh folder, fed through its real doors.
//!
//! Four sources feed it: recordings of real AIS and Mode S traffic and of a radar, moved to now,
//! and a scripted world. The world's devices each hold their own connection and speak Cursor on
//! Target; its ships are heard by the receiver that also plays the AIS recording, over UDP, its
//! aircraft by a receiver that writes SBS-1. The node knows none of this: it sees bytes at sockets.

use std::collections::btree_map::Entry;
use std::collections::{BTreeMap, BTreeSet};
use std::io;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::atomic::Ordering;
use std::sync::{Arc, Mutex, PoisonError};

use clap::ArgMatches;
use picket_core::View;
use picket_link::{Clock, Stamp};
use picket_model::{Time, TrackId};
use picket_sim::{Door, Emission, Recording, Scenario, Tape, World};
use serde_json::{Value, json};
use tokio::io::AsyncWriteExt;
use tokio::net::{TcpStream, UdpSocket};
use tokio::sync::watch;
use tokio::task::JoinSet;

use crate::exit::{Failure, Outcome};
use crate::node::{Node, Start};
use crate::run::{Ends, FIRST_PERSON, hex, print, runtime, trace};
use crate::settings::{AreaEntry, FeedEntry, Home, LineEntry, Settings};

/// The world's seed: one demo is like another.
const SEED: u64 = 1;
/// The feed of the coast's AIS receiver.
const RECEIVER: &str = "ais-coast";
/// The feed of the site's devices.
const DEVICES: &str = "devices";
/// The feed of the site's aircraft receiver.
const AIRCRAFT: &str = "adsb-coast";
/// The feeds of the recorded aircraft receiver and radar.
const RECORDED_AIRCRAFT: &str = "adsb-toulouse";
const RECORDED_RADAR: &str = "radar-alps";

pub(crate) fn demo(args: &ArgMatches) -> Outcome {
    trace();
    let folder = Folder::choose(args.get_one::<String>("data"))?;
    let scenario = Scenario::first_night().map_err(Failure::environment)?;
    let speed = args.get_one::<f64>("speed").copied().unwrap_or(1.0);
    let people = args.get_one::<SocketAddr>("people").copied();
    let plan = Plan {
        settings: settings(&scenario, free_or_any(people)),
        scenario,
        clock: Clock::at_speed(speed),
        last_s: args.get_one::<f64>("for").copied(),
        browser: !args.get_flag("no-browser"),
    };
    let report = runtime()?.block_on(play(&plan, folder.path()))?;
    let verified = report.pointer("/log/verified") == Some(&Value::Bool(true));
    if let Some(path) = args.get_one::<String>("report") {
        let text = format!("{report:#}\n");
        std::fs::write(path, text)
            .map_err(|error| Failure::environment(format!("cannot write {path}: {error}")))?;
    }
    folder.remove_if_temporary();
    if verified { Ok(()) } else { Err(Failure::Finding("the log does not verify".to_owned())) }
}

struct Plan {
    settings: Settings,
    scenario: Scenario,
    clock: Clock,
    last_s: Option<f64>,
    browser: bool,
}

async fn play(plan: &Plan, data: &Path) -> Result<Value, Failure> {
    let mut ends = Ends::new()?;
    let clock = plan.clock.clone();
    let started = clock.stamp();
    let start =
        Start { settings: &plan.settings, data, clock: clock.clone(), plain_localhost: true };
    let node = Node::start(start).await?;
    greet(&node, plan, data)?;

    let (stop, _) = watch::channel(false);
    let mut sources = JoinSet::new();
    let from = clock.now();
    let at = |feed: &str| {
        let address = node.feeds.iter().find(|(name, _)| name == feed).and_then(|(_, at)| *at);
        address.ok_or_else(|| Failure::environment(format!("the {feed} feed has no address")))
    };
    let radio = Radio::open(at(RECEIVER)?).await.map_err(Failure::environment)?;
    let recording = Recording::amsa(from);
    sources.spawn(play_recording(recording, radio.clone(), clock.clone(), stop.subscribe()));
    for (feed, tape) in [(RECORDED_AIRCRAFT, Tape::adsb(from)), (RECORDED_RADAR, Tape::radar(from))]
    {
        let radio = Radio::open(at(feed)?).await.map_err(Failure::environment)?;
        sources.spawn(play_tape(tape, radio, clock.clone(), stop.subscribe()));
    }
    let aircraft = Radio::open(at(AIRCRAFT)?).await.map_err(Failure::environment)?;
    let devices = Devices { feed: at(DEVICES)?, connections: BTreeMap::new() };
    let doors = Doors { devices, ships: radio, aircraft };
    let world = World::new(&plan.scenario, from, SEED);
    sources.spawn(play_world(world, doors, clock.clone(), stop.subscribe()));

    let seen = Arc::new(Mutex::new(Seen::default()));
    let watcher = tokio::spawn(note_confirmed(node.bus.view(), Arc::clone(&seen)));
    let over = async {
        match plan.last_s {
            Some(seconds) => tokio::time::sleep(std::time::Duration::from_secs_f64(seconds)).await,
            None => std::future::pending().await,
        }
    };
    tokio::select! {
        () = over => {}
        () = ends.asked() => {}
        () = node.died() => {}
    }
    stop.send_replace(true);
    while sources.join_next().await.is_some() {}
    watcher.abort();
    finish(node, data, started, &seen).await
}

/// Stops the node, verifies its log as an inspector would, and sums up.
async fn finish(
    node: Node,
    data: &Path,
    started: Stamp,
    seen: &Mutex<Seen>,
) -> Result<Value, Failure> {
    let (counters, latency, gate) =
        (Arc::clone(&node.counters), Arc::clone(&node.latency), Arc::clone(&node.gate));
    let seconds = started.until_s(node.clock.stamp());
    let rss_mib = rss_mib();
    let core = node.stop().await?;
    let view = core.view();
    // The lock on the folder goes with the core; then anybody may read it.
    drop(core);
    let checked = picket_log::verify(data).map_err(Failure::environment)?;
    if let Some(bad) = &checked.first_bad {
        tracing::error!("the log does not verify: {bad}");
    }
    seen.lock().unwrap_or_else(PoisonError::into_inner).add(&view);
    let tracks = seen.lock().unwrap_or_else(PoisonError::into_inner).confirmed.len();
    let mut alerts: Vec<_> = view.alerts.values().collect();
    alerts.sort_by_key(|state| state.seq);
    let alerts: Vec<Value> = alerts
        .iter()
        .map(|state| {
            json!({
                "detector": &*state.alert.detector,
                "severity": state.alert.severity.as_str(),
                "title": &*state.alert.title,
            })
        })
        .collect();
    let round = |value: Option<f64>| value.map(|value| (value * 100.0).round() / 100.0);
    let report = json!({
        "seconds": (seconds * 10.0).round() / 10.0,
        "observations": counters.observations.load(Ordering::Relaxed),
        "rejects": counters.rejects.load(Ordering::Relaxed),
        "dropped": counters.dropped.load(Ordering::Relaxed),
        "tracks_confirmed": tracks,
        "alerts": alerts,
        "refusals": gate.refusals(),
        "log": {
            "entries": checked.entries,
            "root": hex(&checked.root),
            "verified": checked.first_bad.is_none(),
        },
        "latency_ms": {
            "p50": round(latency.quantile_ms(0.5)),
            "p99": round(latency.quantile_ms(0.99)),
        },
        "rss_mib": rss_mib,
    });
    print(&format!(
        "\nThe exercise is over: {} observations, {tracks} tracks, {} alerts; log of {} entries {}.\n",
        counters.observations.load(Ordering::Relaxed),
        view.alerts.len(),
        checked.entries,
        if checked.first_bad.is_none() { "verified" } else { "NOT VERIFIED" },
    ))?;
    Ok(report)
}

fn greet(node: &Node, plan: &Plan, data: &Path) -> Outcome {
    let link = node.sign_in_link(FIRST_PERSON)?;
    let first = link.localhost_url.as_deref().unwrap_or(&link.url);
    let mut text = format!(
        "\
Picket demo: {site}, an exercise. Nothing here is real but the ships' recorded traffic.

  open this page (the link works once)
    {first}
  the same with TLS (a certificate made just now, SHA-256 {fingerprint})
    {tls}
  data folder
    {data}

What will happen:
",
        site = plan.scenario.site().name,
        fingerprint = node.page.fingerprint,
        tls = link.url,
        data = data.display(),
    );
    for story in plan.scenario.story() {
        text.push_str(&format!("  {:>3.0} s  {}\n", story.at_s, story.text));
    }
    text.push_str("\nCtrl-C ends it.\n");
    print(&text)?;
    if plan.browser {
        open_browser(first);
    }
    Ok(())
}

/// Asks the desktop to open the page; where there is none, the printed link serves.
fn open_browser(url: &str) {
    let opener = if cfg!(target_os = "macos") { "open" } else { "xdg-open" };
    let spawned = std::process::Command::new(opener)
        .arg(url)
        .stdin(std::process::Stdio::null())
        .stdout(std::process::Stdio::null())
        .stderr(std::process::Stdio::null())
        .spawn();
    if let Err(error) = spawned {
        tracing::debug!(%error, "no browser was opened");
    }
}

/// Plays the recording, a line a datagram, as receivers send them.
async fn play_recording(
    mut recording: Recording,
    radio: Radio,
    clock: Clock,
    mut stop: watch::Receiver<bool>,
) {
    let mut said = Vec::new();
    while let Some(due) = recording.next_at() {
        if wait(&clock, due, &mut stop).await.is_break() {
            return;
        }
        recording.emit(clock.now(), &mut said);
        for emission in said.drain(..) {
            radio.send(&emission.bytes).await;
        }
    }
}

/// Plays a recording of frames, a frame a datagram.
async fn play_tape(mut tape: Tape, radio: Radio, clock: Clock, mut stop: watch::Receiver<bool>) {
    let mut said = Vec::new();
    while let Some(due) = tape.next_at() {
        if wait(&clock, due, &mut stop).await.is_break() {
            return;
        }
        tape.emit(clock.now(), &mut said);
        for emission in said.drain(..) {
            radio.send(&emission.bytes).await;
        }
    }
}

/// Where the world's devices speak.
struct Doors {
    devices: Devices,
    ships: Radio,
    aircraft: Radio,
}

/// Plays the scripted world.
async fn play_world(
    mut world: World,
    mut doors: Doors,
    clock: Clock,
    mut stop: watch::Receiver<bool>,
) {
    let mut said = Vec::new();
    while let Some(due) = world.next_at() {
        if wait(&clock, due, &mut stop).await.is_break() {
            return;
        }
        world.emit(clock.now(), &mut said);
        for Emission { device, door, bytes, .. } in said.drain(..) {
            match door {
                Door::Cot => doors.devices.send(device, &bytes).await,
                Door::Ais => doors.ships.send(&bytes).await,
                Door::Sbs => doors.aircraft.send(&bytes).await,
                // Only recordings have these.
                Door::Beast | Door::Asterix => {}
            }
        }
    }
}

/// The coast's receiver: sends what it hears to the feed.
#[derive(Clone)]
struct Radio {
    socket: Arc<UdpSocket>,
}

impl Radio {
    async fn open(feed: SocketAddr) -> io::Result<Self> {
        let socket = UdpSocket::bind((std::net::Ipv4Addr::LOCALHOST, 0)).await?;
        socket.connect(feed).await?;
        Ok(Self { socket: Arc::new(socket) })
    }

    async fn send(&self, line: &[u8]) {
        if let Err(error) = self.socket.send(line).await {
            tracing::debug!(%error, "a datagram was not sent");
        }
    }
}

/// The site's devices, each with a connection of its own.
struct Devices {
    feed: SocketAddr,
    connections: BTreeMap<Arc<str>, TcpStream>,
}

impl Devices {
    async fn send(&mut self, device: Arc<str>, event: &[u8]) {
        if let Err(error) = self.try_send(&device, event).await {
            tracing::debug!(%device, %error, "the device will connect anew");
            self.connections.remove(&device);
        }
    }

    async fn try_send(&mut self, device: &Arc<str>, event: &[u8]) -> io::Result<()> {
        let stream = match self.connections.entry(Arc::clone(device)) {
            Entry::Occupied(open) => open.into_mut(),
            Entry::Vacant(none) => {
                let stream = TcpStream::connect(self.feed).await?;
                stream.set_nodelay(true)?;
                none.insert(stream)
            }
        };
        stream.write_all(event).await
    }
}

async fn wait(
    clock: &Clock,
    due: Time,
    stop: &mut watch::Receiver<bool>,
) -> std::ops::ControlFlow<()> {
    tokio::select! {
        () = tokio::time::sleep(clock.wait_until(due)) => std::ops::ControlFlow::Continue(()),
        _ = stop.wait_for(|stop| *stop) => std::ops::ControlFlow::Break(()),
    }
}

/// Every track that was ever confirmed; a demo that runs for a day sees some thousands.
#[derive(Default)]
struct Seen {
    confirmed: BTreeSet<TrackId>,
}

impl Seen {
    fn add(&mut self, view: &View) {
        let confirmed = view.tracks.values().filter(|track| track.confirmed_at.is_some());
        self.confirmed.extend(confirmed.map(|track| track.id));
    }
}

async fn note_confirmed(mut view: watch::Receiver<Arc<View>>, seen: Arc<Mutex<Seen>>) {
    while view.changed().await.is_ok() {
        let latest = Arc::clone(&view.borrow_and_update());
        seen.lock().unwrap_or_else(PoisonError::into_inner).add(&latest);
    }
}

fn settings(scenario: &Scenario, people: SocketAddr) -> Settings {
    let mut settings = Settings::default();
    let site = scenario.site();
    let origin = scenario.origin();
    settings.node.site.clone_from(&site.name);
    settings.node.marking = "exercise unclassified".to_owned();
    settings.node.exercise = true;
    settings.node.home =
        Home { lat_deg: origin.lat.degrees(), lon_deg: origin.lon.degrees(), zoom: 15.0 };
    settings.doors.people = people;
    settings.log.reserve_mib = 16;
    let feed = |name: &str, format: &str, from: &str| FeedEntry {
        name: name.to_owned(),
        format: format.to_owned(),
        from: from.to_owned(),
        ..FeedEntry::default()
    };
    settings.feed = vec![
        feed(RECEIVER, "ais", "udp://127.0.0.1:0"),
        feed(DEVICES, "cot", "tcp-listen://127.0.0.1:0"),
        feed(AIRCRAFT, "sbs", "udp://127.0.0.1:0"),
        feed(RECORDED_AIRCRAFT, "beast", "udp://127.0.0.1:0"),
        FeedEntry {
            place: Tape::radar_place().map(|at| vec![at.lon.degrees(), at.lat.degrees()]),
            editions: picket_sim::radar_editions(),
            ..feed(RECORDED_RADAR, "asterix", "udp://127.0.0.1:0")
        },
    ];
    settings.area = site
        .areas
        .iter()
        .map(|area| AreaEntry {
            name: area.name.to_string(),
            kind: area.kind.clone(),
            polygon: area.polygon.iter().map(|at| [at.lon.degrees(), at.lat.degrees()]).collect(),
            hours: None,
            allow: area.allow.clone(),
            floor_m: area.floor_m,
            ceiling_m: area.ceiling_m,
        })
        .collect();
    settings.line = site
        .lines
        .iter()
        .map(|line| LineEntry {
            name: line.name.to_string(),
            points: line.points.iter().map(|at| [at.lon.degrees(), at.lat.degrees()]).collect(),
            forbidden: line.forbidden.as_str().to_owned(),
            hours: None,
        })
        .collect();
    settings
}

/// The address asked for, or a free port of it when another program uses that one: a newcomer
/// may have a node running already.
fn free_or_any(asked: Option<SocketAddr>) -> SocketAddr {
    let asked = asked.unwrap_or(SocketAddr::from(([127, 0, 0, 1], 8446)));
    match std::net::TcpListener::bind(asked) {
        Err(error) if error.kind() == io::ErrorKind::AddrInUse => SocketAddr::new(asked.ip(), 0),
        Ok(_) | Err(_) => asked,
    }
}

/// The demo's data folder: the one asked for, which must be new or empty, or a temporary one.
struct Folder {
    path: PathBuf,
    temporary: bool,
}

impl Folder {
    fn choose(asked: Option<&String>) -> Result<Self, Failure> {
        let (path, temporary) = match asked {
            Some(asked) => (PathBuf::from(asked), false),
            None => {
                let name = format!("picket-demo-{}", std::process::id());
                (std::env::temp_dir().join(name), true)
            }
        };
        let shown = path.display();
        let is_used = std::fs::read_dir(&path).is_ok_and(|mut inside| inside.next().is_some());
        if is_used {
            return Err(Failure::usage(format!(
                "the demo needs a new or empty folder, and {shown} holds something; name another with --data"
            )));
        }
        std::fs::create_dir_all(&path)
            .map_err(|error| Failure::environment(format!("cannot make {shown}: {error}")))?;
        Ok(Self { path, temporary })
    }

    fn path(&self) -> &Path {
        &self.path
    }

    fn remove_if_temporary(&self) {
        if self.temporary
            && let Err(error) = std::fs::remove_dir_all(&self.path)
        {
            tracing::warn!(%error, folder = %self.path.display(), "the demo's folder stays");
        }
    }
}

/// Memory that the process holds, MiB; `None` where the system does not say.
fn rss_mib() -> Option<f64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"))?;
    let kib: f64 = line.split_whitespace().next()?.parse().ok()?;
    Some((kib / 1024.0 * 10.0).round() / 10.0)
}
