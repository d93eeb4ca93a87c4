//! One node: log, core, feeds and the door, started in order and stopped in order.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::thread::JoinHandle;

use picket_core::Core;
use picket_gate::{BuiltIn, Feed as GateFeed, Gate, Rate, Role};
use picket_link::{Bus, Clock, Counters, Feed, Inbox, Latency, Post};
use picket_log::{Entropy, FileStore, Log};
use picket_model::{Body, Claim, Label, PersonId, Status, ViewName};
use picket_web::{Door, Links, Mode, SignInLink};
use tokio::runtime::Handle;
use tokio::sync::{mpsc, watch};
use tokio::task::JoinSet;

use crate::exit::Failure;
use crate::settings::Settings;

/// The operating system's entropy.
pub(crate) struct System;

impl Entropy for System {
    fn fill(&mut self, out: &mut [u8]) {
        let filled = aws_lc_rs::rand::fill(out);
        // Without entropy no key may be made; there is nothing to go on with.
        assert!(filled.is_ok(), "the operating system gives no entropy");
    }
}

/// A node whose doors are open.
pub(crate) struct Node {
    pub(crate) gate: Arc<Gate>,
    pub(crate) bus: Bus,
    pub(crate) clock: Clock,
    pub(crate) counters: Arc<Counters>,
    pub(crate) latency: Arc<Latency>,
    pub(crate) page: Page,
    pub(crate) feeds: Vec<(String, Option<SocketAddr>)>,
    inbox: Inbox,
    stop: watch::Sender<bool>,
    jobs: JoinSet<()>,
    core: JoinHandle<Result<Core<FileStore>, picket_core::CoreError>>,
    died: watch::Receiver<bool>,
    ready: Option<watch::Sender<bool>>,
}

/// Where the page is, and how people get in.
pub(crate) struct Page {
    pub(crate) people: SocketAddr,
    pub(crate) fingerprint: String,
    links: Links,
}

/// What a node is started with besides its settings.
pub(crate) struct Start<'a> {
    pub(crate) settings: &'a Settings,
    pub(crate) data: &'a Path,
    pub(crate) clock: Clock,
    /// Whether the page is also offered without TLS on loopback: in the demo only.
    pub(crate) plain_localhost: bool,
}

impl Node {
    /// Opens the log, replays it, binds every socket and starts all parts.
    pub(crate) async fn start(start: Start<'_>) -> Result<Self, Failure> {
        let Start { settings, data, clock, plain_localhost } = start;
        let levels = settings.levels().map_err(Failure::usage)?;
        let site = settings.site().map_err(Failure::usage)?;
        let feed_settings = settings.feeds(&levels).map_err(Failure::usage)?;

        let log_settings = picket_log::Settings {
            reserve_bytes: settings.log.reserve_mib.saturating_mul(1024 * 1024),
            ..picket_log::Settings::default()
        };
        let opened = Log::open(data, log_settings, System, clock.now());
        let (log, recovery) = opened.map_err(Failure::environment)?;

        let gate_feeds = feed_settings.iter().map(|feed| GateFeed {
            name: feed.name.clone(),
            label: feed.label.clone(),
            rate: Rate::FEED,
        });
        let gate = Arc::new(Gate::new(levels.clone(), Arc::new(BuiltIn), gate_feeds.collect()));
        let (observer, history, mut told) = open_history(settings, data, log.size(), &clock)?;
        let (mut core, replayed) =
            Core::open_observed(log, Arc::clone(&gate), site.clone(), clock.now(), observer)
                .map_err(Failure::environment)?;
        if let Some(torn) = &recovery.torn {
            let text = format!(
                "a write was cut off before it was acknowledged: {} bytes of {} were set aside in {}",
                torn.bytes, torn.position.file, torn.evidence
            );
            tracing::warn!("{text}");
            say(&mut core, &gate, &clock, ViewName::Log, &text)?;
        }
        if recovery.tiles_rebuilt {
            let text =
                "the tree's tiles were made anew from the journal, which gives the signed root";
            tracing::warn!("{text}");
            say(&mut core, &gate, &clock, ViewName::Log, text)?;
        }
        if replayed.differences > 0 {
            tracing::warn!(
                differences = replayed.differences,
                first = ?replayed.first_difference,
                "the log holds alerts that do not follow from it under this build"
            );
        }
        say(&mut core, &gate, &clock, ViewName::Node, "the node started")?;

        let (inbox, outlet) = picket_link::inbox();
        let counters = Arc::new(Counters::default());
        let mut feeds = Vec::with_capacity(feed_settings.len());
        for feed in feed_settings {
            let (name, from) = (feed.name.clone(), feed.from.to_string());
            let opened = Feed::open(
                feed,
                Arc::clone(&gate),
                inbox.clone(),
                clock.clone(),
                Arc::clone(&counters),
            );
            feeds.push(opened.map_err(|error| {
                Failure::environment(format!("cannot open feed {name} at {from}: {error}"))
            })?);
        }

        let bus = Bus::default();
        let (ready, ready_seen) = watch::channel(false);
        let home = settings.node.home;
        let door = Door::open(
            picket_web::Settings {
                people: settings.doors.people,
                localhost_http: plain_localhost.then(|| SocketAddr::from(([127, 0, 0, 1], 0))),
                host: settings.node.host.clone(),
                site: settings.node.site.clone(),
                marking: settings.node.marking.clone(),
                mode: if settings.node.exercise { Mode::Exercise } else { Mode::Live },
                home: picket_web::Home {
                    lat_deg: home.lat_deg,
                    lon_deg: home.lon_deg,
                    zoom: home.zoom,
                },
                ..picket_web::Settings::default()
            },
            picket_web::Parts {
                gate: Arc::clone(&gate),
                inbox: inbox.clone(),
                bus: bus.clone(),
                clock: clock.clone(),
                history,
                ready: ready_seen,
            },
        )
        .await
        .map_err(Failure::environment)?;
        let page = Page {
            people: door.people(),
            fingerprint: door.fingerprint().to_owned(),
            links: door.links(),
        };

        let latency = Arc::new(Latency::default());
        let (died_sender, died) = watch::channel(false);
        let core = {
            let (bus, clock, latency) = (bus.clone(), clock.clone(), Arc::clone(&latency));
            let runtime = Handle::current();
            let work = move || {
                let ended =
                    picket_link::node::drive(core, outlet, &bus, &clock, &latency, &runtime);
                died_sender.send_replace(true);
                ended
            };
            std::thread::Builder::new().name("core".to_owned()).spawn(work)
        }
        .map_err(Failure::environment)?;

        let (stop, _) = watch::channel(false);
        let mut node = Self {
            gate,
            bus,
            clock,
            counters,
            latency,
            page,
            feeds: Vec::new(),
            inbox,
            stop,
            jobs: JoinSet::new(),
            core,
            died,
            ready: None,
        };
        node.spawn_jobs(door, feeds);
        let (gate, inbox, clock) = (Arc::clone(&node.gate), node.inbox.clone(), node.clock.clone());
        let mut stop = node.stop.subscribe();
        node.jobs.spawn(async move {
            tokio::select! {
                () = pass_on(&mut told, &gate, &inbox, &clock) => {}
                _ = stop.wait_for(|stop| *stop) => {}
            }
        });
        ready.send_replace(true);
        node.ready = Some(ready);
        Ok(node)
    }

    fn spawn_jobs(&mut self, door: Door, feeds: Vec<Feed>) {
        for feed in feeds {
            self.feeds.push((feed.name().to_string(), feed.local_address()));
            let mut stop = self.stop.subscribe();
            self.jobs.spawn(async move {
                tokio::select! {
                    () = feed.run() => {}
                    _ = stop.wait_for(|stop| *stop) => {}
                }
            });
        }
        self.jobs.spawn(door.serve(self.stop.subscribe()));
        let (inbox, clock, mut stop) =
            (self.inbox.clone(), self.clock.clone(), self.stop.subscribe());
        self.jobs.spawn(async move {
            tokio::select! {
                () = tick(inbox, clock) => {}
                _ = stop.wait_for(|stop| *stop) => {}
            }
        });
    }

    /// A one-time link for a person who watches with the site's highest clearance.
    pub(crate) fn sign_in_link(&self, name: &str) -> Result<SignInLink, Failure> {
        let person = PersonId::new(name).map_err(Failure::usage)?;
        let clearance = Label { level: self.gate.levels().highest(), ..Label::lowest() };
        let roles = vec![Role::WatchOfficer];
        self.page.links.sign_in_link(person, roles, clearance).map_err(Failure::environment)
    }

    /// Resolves when the core has ended by itself: the log failed.
    pub(crate) async fn died(&self) {
        let mut died = self.died.clone();
        // A closed channel means the same: the thread is gone.
        drop(died.wait_for(|died| *died).await);
    }

    /// Stops taking, drains what was taken, signs a checkpoint and ends.
    pub(crate) async fn stop(mut self) -> Result<Core<FileStore>, Failure> {
        if let Some(ready) = self.ready.take() {
            ready.send_replace(false);
        }
        self.stop.send_replace(true);
        while self.jobs.join_next().await.is_some() {}
        if self.inbox.send(Post::Stop).await.is_err() {
            tracing::debug!("the core has ended already");
        }
        let core = self.core;
        let ended = tokio::task::spawn_blocking(move || core.join()).await;
        match ended {
            Ok(Ok(Ok(core))) => Ok(core),
            Ok(Ok(Err(error))) => Err(Failure::environment(error)),
            Ok(Err(_)) | Err(_) => Err(Failure::environment("the core's thread has died")),
        }
    }
}

async fn tick(inbox: Inbox, clock: Clock) {
    loop {
        tokio::time::sleep(clock.span(1.0)).await;
        if inbox.send(Post::Tick).await.is_err() {
            return;
        }
    }
}

/// Words of history for the administrator that wait to be recorded; there are few, and more are
/// only traced.
const TOLD_MAX: usize = 16;

type Opened = (
    Option<Box<dyn picket_core::Observer>>,
    Option<picket_history::History>,
    mpsc::Receiver<String>,
);

/// Opens history, unless it is switched off. Without it the node works: it is a cache.
fn open_history(
    settings: &Settings,
    data: &Path,
    size: u64,
    clock: &Clock,
) -> Result<Opened, Failure> {
    let (tell, told) = mpsc::channel(TOLD_MAX);
    let Some(keep_s) = settings.history.keep_s().map_err(Failure::usage)? else {
        return Ok((None, None, told));
    };
    let words = tell.clone();
    let say = Box::new(move |text: String| {
        if words.try_send(text).is_err() {
            tracing::debug!("too many words of history wait");
        }
    });
    let settings = picket_history::Settings { keep_s, ..picket_history::Settings::default() };
    match picket_history::start(data, settings, size, clock.now(), say) {
        Ok((observer, history)) => Ok((Some(observer), Some(history), told)),
        Err(error) => {
            tracing::error!(%error, "the node runs without history");
            drop(tell.try_send(format!("the node runs without history: {error}")));
            Ok((None, None, told))
        }
    }
}

/// Records what history has to say.
async fn pass_on(told: &mut mpsc::Receiver<String>, gate: &Gate, inbox: &Inbox, clock: &Clock) {
    while let Some(text) = told.recv().await {
        let now = clock.now();
        let status = Body::Status(Status::Node { text: text.into() });
        let claim = Claim { occurred_at: Some(now), ..Claim::of(status) };
        // A refusal is counted at the gate and becomes a record of its own.
        let Ok(record) = gate.admit(&gate.view(ViewName::Node), claim, now, now) else { continue };
        let post = Post::Records { records: vec![record], stamp: clock.stamp() };
        if inbox.send(post).await.is_err() {
            return;
        }
    }
}

/// Appends a word of the node about itself.
fn say(
    core: &mut Core<FileStore>,
    gate: &Gate,
    clock: &Clock,
    view: ViewName,
    text: &str,
) -> Result<(), Failure> {
    let now = clock.now();
    let status = Body::Status(Status::Node { text: text.into() });
    let claim = Claim { occurred_at: Some(now), ..Claim::of(status) };
    let record = gate.admit(&gate.view(view), claim, now, now).map_err(Failure::environment)?;
    core.commit(vec![record], now).map_err(Failure::environment)
}

/// The data folder that was asked for, or the platform's.
pub(crate) fn data_folder(asked: Option<&String>) -> Result<PathBuf, Failure> {
    if let Some(asked) = asked {
        return Ok(PathBuf::from(asked));
    }
    let base = std::env::var_os("XDG_DATA_HOME")
        .map(PathBuf::from)
        .or_else(|| std::env::var_os("HOME").map(|home| PathBuf::from(home).join(".local/share")));
    base.map(|base| base.join("picket"))
        .ok_or_else(|| Failure::usage("no data folder is known here: give one with --data DIR"))
}
