//! The log as it grows: one WebSocket of JSON lines for each listener.
//!
//! First what the log holds from `since` on, then each entry as it becomes durable, in order of
//! `seq`. A listener that reads slowly gets what [`picket_link::bus::Subscription`] says.

use std::sync::Arc;
use std::time::Duration;

use axum::Extension;
use axum::extract::ws::rejection::WebSocketUpgradeRejection;
use axum::extract::ws::{CloseFrame, Message, WebSocket, WebSocketUpgrade, close_code};
use axum::extract::{Query, State, rejection::QueryRejection};
use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use picket_gate::{Peer, Verified};
use picket_link::bus::{Cut, Filter, Subscription};
use picket_log::Scanned;
use picket_model::{Area, AreaName, Entry, LogClass, PersonId, Position, Seq};
use serde::Deserialize;
use serde_json::{Value, json};
use tokio::sync::watch;
use tokio::time::{Instant, sleep, timeout};

use super::audit::{self, GapShape};
use crate::accept::stopped;
use crate::guard::Caller;
use crate::limit::Place;
use crate::login::Key;
use crate::problem::Problem;
use crate::{Job, Shared};

/// Longest message from a listener, bytes; none means anything.
const MESSAGE_BYTES_MAX: usize = 1_024;
/// A listener is asked for a sign of life this often…
const PING: Duration = Duration::from_secs(15);
/// …and given up after so long without one.
const SILENCE: Duration = Duration::from_secs(45);
/// How long a listener may take over the last words.
const GOODBYE: Duration = Duration::from_secs(1);

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Wanted {
    since: Option<u64>,
    class: Option<String>,
    area: Option<String>,
}

/// Upgrades to the stream of entries.
pub(crate) async fn join(
    State(shared): State<Arc<Shared>>,
    Extension(caller): Extension<Caller>,
    wanted: Result<Query<Wanted>, QueryRejection>,
    upgrade: Result<WebSocketUpgrade, WebSocketUpgradeRejection>,
) -> Result<Response, Problem> {
    let Query(wanted) = wanted.map_err(|error| Problem::bad(error.body_text()))?;
    let filter = filter(&wanted, &shared)?.clearance(caller.by.clearance().clone());
    let upgrade = upgrade.map_err(|error| Problem::bad(error.body_text()))?;
    let person = caller.login.session.person.clone();
    let place = shared
        .lives
        .take(Some(person))
        .ok_or_else(|| Problem::unavailable("There are too many live streams; close one."))?;
    let key = caller.login.key;
    let jobs = shared.jobs.clone();
    let since = wanted.since.map(Seq);
    let upgrade = upgrade
        .max_message_size(MESSAGE_BYTES_MAX)
        .max_frame_size(MESSAGE_BYTES_MAX)
        .on_upgrade(move |socket| async move {
            let job: Job = Box::new(move |shared, stop| {
                Box::pin(run(socket, key, place, since, filter, shared, stop))
            });
            // If the door has closed meanwhile, the socket is dropped with it.
            drop(jobs.send(job).await);
        });
    Ok(upgrade.into_response())
}

/// Compiles what is asked for: classes by number, an area by name or as `w,s,e,n` in degrees.
fn filter(wanted: &Wanted, shared: &Shared) -> Result<Filter, Problem> {
    let mut filter = Filter::all();
    if let Some(classes) = wanted.class.as_deref().filter(|text| !text.is_empty()) {
        let class = |text: &str| text.parse().ok().and_then(LogClass::from_number);
        let classes: Option<Vec<LogClass>> = classes.split(',').map(class).collect();
        let classes = classes.ok_or_else(|| {
            Problem::bad("class must be numbers from 0 to 6 with commas between.")
        })?;
        filter = filter.classes(&classes);
    }
    if let Some(area) = wanted.area.as_deref().filter(|text| !text.is_empty()) {
        filter = filter.within(named_or_box(area, shared)?);
    }
    Ok(filter)
}

fn named_or_box(text: &str, shared: &Shared) -> Result<Area, Problem> {
    let view = shared.parts.bus.latest();
    if let Some(area) = view.watch.areas().find(|area| area.name.as_str() == text) {
        return Ok(area.clone());
    }
    let wrong =
        || Problem::bad("area must be the name of an area, or west,south,east,north in degrees.");
    let sides: Option<Vec<f64>> = text.split(',').map(|side| side.trim().parse().ok()).collect();
    let Some(&[west, south, east, north]) = sides.as_deref() else { return Err(wrong()) };
    let corner = |lat, lon| Position::from_degrees(lat, lon).ok_or_else(wrong);
    let corners = vec![
        corner(south, west)?,
        corner(south, east)?,
        corner(north, east)?,
        corner(north, west)?,
    ];
    let name = AreaName::new("box").map_err(|_| wrong())?;
    Area::new(name, "box", corners).map_err(|_| wrong())
}

/// Why a stream ends.
enum End {
    /// The listener went, or the connection broke.
    Gone,
    SignedOut,
    Stopping,
    /// It read too slowly for what may not be left out.
    Cut(Cut),
    /// The log could not be read.
    Unreadable,
}

async fn run(
    socket: WebSocket,
    key: Key,
    place: Place<PersonId>,
    since: Option<Seq>,
    filter: Filter,
    shared: Arc<Shared>,
    mut stop: watch::Receiver<bool>,
) {
    // Listening begins before the log is read, so that nothing falls between the two.
    let entries = shared.parts.bus.subscribe(filter.clone());
    let mut stream = Stream { socket, key, filter, shared };
    let end = tokio::select! {
        end = stream.speak(since, entries) => end,
        () = stopped(&mut stop) => End::Stopping,
    };
    stream.end(end).await;
    drop(place);
}

struct Stream {
    socket: WebSocket,
    key: Key,
    filter: Filter,
    shared: Arc<Shared>,
}

impl Stream {
    async fn speak(&mut self, since: Option<Seq>, mut entries: Subscription) -> End {
        let mut next = Seq(0);
        if let Some(since) = since {
            match self.recall(since, &entries).await {
                Ok(reached) => next = reached,
                Err(end) => return end,
            }
        }
        let mut heard = Instant::now();
        let mut ended = self.shared.logins.ended();
        loop {
            tokio::select! {
                biased;
                message = self.socket.recv() => {
                    let Some(Ok(message)) = message else { return End::Gone };
                    heard = Instant::now();
                    if matches!(message, Message::Close(_)) {
                        return End::Gone;
                    }
                }
                // Its sender lives in what is shared; an error cannot come.
                _ = ended.changed() => {
                    if self.standing().is_none() {
                        return End::SignedOut;
                    }
                }
                handed = entries.next() => {
                    let handed = match handed {
                        Ok(Some(handed)) => handed,
                        Ok(None) => return End::Stopping,
                        Err(cut) => return End::Cut(Cut { resume: cut.resume.max(next) }),
                    };
                    if handed.entry.seq >= next
                        && let Err(end) = self.tell(&handed.entry, handed.collapsed).await
                    {
                        return end;
                    }
                }
                () = sleep(PING) => {
                    let silent = heard.elapsed() >= SILENCE;
                    if silent || self.socket.send(Message::Ping(Bytes::new())).await.is_err() {
                        return End::Gone;
                    }
                }
            }
        }
    }

    /// Tells what the log holds from `since` on, up to what waits in the queue; gives the place reached.
    async fn recall(&mut self, since: Seq, entries: &Subscription) -> Result<Seq, End> {
        let mut from = since;
        loop {
            if entries.first().is_some_and(|first| first <= from) {
                return Ok(from);
            }
            let Ok((_, found)) = audit::read(&self.shared, from).await else {
                return Err(End::Unreadable);
            };
            if found.is_empty() {
                return Ok(from);
            }
            for scanned in found {
                match scanned {
                    Scanned::Entry(entry) => {
                        if self.filter.passes(&entry) {
                            self.tell(&entry, 0).await?;
                        }
                        from = Seq(entry.seq.0.saturating_add(1));
                    }
                    Scanned::Gap(gap) => {
                        self.say(json!({ "gap": GapShape::of(&gap) })).await?;
                        from = Seq(gap.last.0.saturating_add(1));
                    }
                }
            }
        }
    }

    /// Tells one entry, if it is released to the listener as they stand now.
    async fn tell(&mut self, entry: &Entry, collapsed: u64) -> Result<(), End> {
        let Some(by) = self.standing() else { return Err(End::SignedOut) };
        let gate = Arc::clone(&self.shared.parts.gate);
        let released = gate.release(&entry.record, &by, self.shared.now());
        let Ok(record) = released else { return Ok(()) };
        let mut line = audit::shape(entry, record.into_inner(), gate.levels());
        if collapsed > 0
            && let Value::Object(line) = &mut line
        {
            line.insert("collapsed".to_owned(), collapsed.into());
        }
        self.say(line).await
    }

    async fn say(&mut self, line: Value) -> Result<(), End> {
        let message = Message::Text(line.to_string().into());
        self.socket.send(message).await.map_err(|_| End::Gone)
    }

    /// Who reads, if their session still stands: asked before each entry.
    fn standing(&self) -> Option<Verified> {
        let now = self.shared.now();
        let login = self.shared.logins.get(self.key, now)?;
        self.shared.parts.gate.verify(&Peer::Session(&login.session), now).ok()
    }

    async fn end(mut self, end: End) {
        let (code, why) = match end {
            End::Gone => return,
            End::SignedOut => (close_code::POLICY, "signed out".to_owned()),
            End::Stopping => (close_code::AWAY, "the node is stopping".to_owned()),
            End::Unreadable => (close_code::ERROR, "the log could not be read".to_owned()),
            End::Cut(cut) => (close_code::AGAIN, format!("cut; since={}", cut.resume.0)),
        };
        let close = Message::Close(Some(CloseFrame { code, reason: why.into() }));
        // These are the last words: if they do not arrive, the listener sees the connection end.
        drop(timeout(GOODBYE, self.socket.send(close)).await);
    }
}
