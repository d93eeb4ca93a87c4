//! The live stream: one WebSocket for each screen.

mod bounds;
mod client;
mod frame;
pub(crate) mod replay;

use std::sync::Arc;
use std::time::Duration;

use axum::Extension;
use axum::extract::State;
use axum::extract::ws::rejection::WebSocketUpgradeRejection;
use axum::extract::ws::{CloseFrame, Message, WebSocket, WebSocketUpgrade, close_code};
use axum::response::{IntoResponse, Response};
use bytes::{Bytes, BytesMut};
use picket_gate::{Budget, Peer, Rate, Verified};
use picket_link::Stamp;
use picket_model::PersonId;
use serde::Deserialize;
use serde_json::Value;
use tokio::sync::watch;
use tokio::time::{Instant, sleep, timeout};

pub(crate) use bounds::Bounds;
use client::{Client, Moment, Reader};

use crate::accept::stopped;
use crate::guard::Caller;
use crate::limit::Place;
use crate::login::Key;
use crate::problem::Problem;
use crate::{Job, Shared};

/// Live streams at once: each remembers some 300 bytes for each track that it was sent.
pub(crate) const LIVE_MAX: usize = 128;
/// Live streams of one person: two desks of eight windows.
pub(crate) const LIVE_PER_PERSON_MAX: usize = 16;
/// Replays at once: each holds one picture and one minute's rows, some 20 MiB at 2,000 tracks.
pub(crate) const REPLAYS_MAX: usize = 16;
/// Replays of one person.
pub(crate) const REPLAYS_PER_PERSON_MAX: usize = 4;
/// Longest message from a page, bytes; the longest that means something has about 120.
const MESSAGE_BYTES_MAX: usize = 1_024;
/// Messages from one page: a map that is dragged for a long time, once for each pause.
const MESSAGES: Rate = Rate { per_s: 20.0, burst: 100.0 };
/// Frames sent before a look at what the page says.
const FRAMES_IN_A_ROW: u32 = 64;
/// A page is asked for a sign of life this often…
const PING: Duration = Duration::from_secs(15);
/// …and given up after so long without one.
const SILENCE: Duration = Duration::from_secs(45);
/// How long a page may take over the last words.
const GOODBYE: Duration = Duration::from_secs(1);

/// Upgrades to the live stream. What `since` asks for is always answered with a snapshot.
pub(crate) async fn join(
    State(shared): State<Arc<Shared>>,
    Extension(caller): Extension<Caller>,
    upgrade: Result<WebSocketUpgrade, WebSocketUpgradeRejection>,
) -> Result<Response, Problem> {
    let upgrade = upgrade.map_err(|error| Problem::bad(error.body_text()))?;
    let person = caller.login.session.person.clone();
    let place = shared
        .lives
        .take(Some(person))
        .ok_or_else(|| Problem::unavailable("There are too many live screens; close one."))?;
    let key = caller.login.key;
    let jobs = shared.jobs.clone();
    let upgrade = upgrade
        .max_message_size(MESSAGE_BYTES_MAX)
        .max_frame_size(MESSAGE_BYTES_MAX)
        .on_upgrade(move |socket| async move {
            // If the door has closed meanwhile, the socket is dropped with it.
            let job: Job =
                Box::new(move |shared, stop| Box::pin(run(socket, key, place, shared, stop)));
            drop(jobs.send(job).await);
        });
    Ok(upgrade.into_response())
}

/// Runs one stream until its page, its session or the door ends.
async fn run(
    socket: WebSocket,
    key: Key,
    place: Place<PersonId>,
    shared: Arc<Shared>,
    mut stop: watch::Receiver<bool>,
) {
    let mut stream = Stream {
        socket,
        key,
        client: Client::default(),
        messages: Budget::new(MESSAGES),
        began: shared.parts.clock.stamp(),
        buffer: BytesMut::new(),
        shared,
    };
    let end = tokio::select! {
        end = stream.speak() => end,
        () = stopped(&mut stop) => End::Stopping,
    };
    stream.end(end).await;
    drop(place);
}

/// Why a stream ends.
enum End {
    /// The page went, or the connection broke.
    Gone,
    SignedOut,
    Stopping,
    /// The page broke the contract.
    Rubbish(&'static str),
}

struct Stream {
    socket: WebSocket,
    key: Key,
    client: Client,
    messages: Budget,
    began: Stamp,
    buffer: BytesMut,
    shared: Arc<Shared>,
}

impl Stream {
    async fn speak(&mut self) -> End {
        let mut views = self.shared.parts.bus.view();
        let mut ended = self.shared.logins.ended();
        let mut heard = Instant::now();
        let mut pinged = heard;
        let mut in_a_row = 0;
        loop {
            let Some(by) = self.standing() else { return End::SignedOut };
            let view = Arc::clone(&views.borrow_and_update());
            let now = self.now();
            let reader = Reader { gate: &self.shared.parts.gate, by: &by };
            let due = self.client.next(&view, &reader, now, &mut self.buffer);
            drop(view);
            if due {
                let frame = Message::Binary(self.buffer.split().freeze());
                if self.socket.send(frame).await.is_err() {
                    return End::Gone;
                }
                in_a_row += 1;
            }
            if due && in_a_row < FRAMES_IN_A_ROW {
                continue;
            }
            in_a_row = 0;
            if pinged.elapsed() >= PING {
                if heard.elapsed() >= SILENCE || self.socket.send(ping()).await.is_err() {
                    return End::Gone;
                }
                pinged = Instant::now();
            }
            let wait_s = if due { 0.0 } else { self.client.wait_s(now) };
            tokio::select! {
                biased;
                message = self.socket.recv() => {
                    heard = Instant::now();
                    if let Err(end) = self.hear(message) {
                        return end;
                    }
                }
                // Its sender lives in what is shared; an error cannot come.
                _ = ended.changed() => {}
                changed = views.changed(), if !due => {
                    if changed.is_err() {
                        return End::Stopping;
                    }
                }
                () = sleep(Duration::try_from_secs_f64(wait_s).unwrap_or(PING)) => {}
            }
        }
    }

    /// Who reads, if their session still stands: asked before each frame.
    fn standing(&self) -> Option<Verified> {
        let now = self.shared.now();
        let login = self.shared.logins.get(self.key, now)?;
        self.shared.parts.gate.verify(&Peer::Session(&login.session), now).ok()
    }

    fn now(&self) -> Moment {
        let clock = &self.shared.parts.clock;
        Moment { at: clock.now(), s: self.began.until_s(clock.stamp()) }
    }

    fn hear(&mut self, message: Option<Result<Message, axum::Error>>) -> Result<(), End> {
        let Some(Ok(message)) = message else { return Err(End::Gone) };
        if !self.messages.spend(self.shared.now()) {
            return Err(End::Rubbish("too many messages"));
        }
        match message {
            Message::Text(text) => {
                match Order::read(&text).ok_or(End::Rubbish("a message that means nothing"))? {
                    Order::Subscribe(bounds) => self.client.subscribe(bounds),
                    Order::Select(slot) => self.client.select(slot),
                }
                Ok(())
            }
            Message::Binary(_) => Err(End::Rubbish("messages are text")),
            Message::Ping(_) | Message::Pong(_) => Ok(()),
            Message::Close(_) => Err(End::Gone),
        }
    }

    async fn end(mut self, end: End) {
        let (code, why) = match end {
            End::Gone => return,
            End::SignedOut => {
                let view = self.shared.parts.bus.latest();
                let now = self.now();
                Client::sign_out(&view, now, &mut self.buffer);
                let frame = Message::Binary(self.buffer.split().freeze());
                if !matches!(timeout(GOODBYE, self.socket.send(frame)).await, Ok(Ok(()))) {
                    return;
                }
                (close_code::POLICY, "signed out")
            }
            End::Stopping => (close_code::AWAY, "the node is stopping"),
            End::Rubbish(why) => (close_code::POLICY, why),
        };
        let close = Message::Close(Some(CloseFrame { code, reason: why.into() }));
        // These are the last words: if they do not arrive, the page sees the connection end.
        drop(timeout(GOODBYE, self.socket.send(close)).await);
    }
}

fn ping() -> Message {
    Message::Ping(Bytes::new())
}

/// What a page asks for.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Order {
    Subscribe(Option<Bounds>),
    Select(Option<u32>),
}

#[derive(Deserialize)]
struct Subscription {
    r#box: Option<[f64; 4]>,
}

impl Order {
    /// Reads one order; `None` for what is none.
    fn read(text: &str) -> Option<Self> {
        let Value::Object(message) = serde_json::from_str(text).ok()? else { return None };
        if message.len() != 1 {
            return None;
        }
        let (name, value) = message.into_iter().next()?;
        match name.as_str() {
            "subscribe" => {
                let wanted: Subscription = serde_json::from_value(value).ok()?;
                match wanted.r#box {
                    None => Some(Self::Subscribe(None)),
                    Some(sides) => Bounds::new(sides).map(|bounds| Self::Subscribe(Some(bounds))),
                }
            }
            "select" => serde_json::from_value(value).ok().map(Self::Select),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_the_orders_of_the_contract_and_nothing_else() {
        let bounds = Bounds::new([150.0, -24.0, 152.0, -23.0]);
        for (text, expected) in [
            (r#"{"subscribe":{"box":[150,-24,152,-23]}}"#, Some(Order::Subscribe(bounds))),
            (r#"{"subscribe":{"box":null}}"#, Some(Order::Subscribe(None))),
            (r#"{"select":12}"#, Some(Order::Select(Some(12)))),
            (r#"{"select":null}"#, Some(Order::Select(None))),
            (r#"{"select":-1}"#, None),
            (r#"{"select":1.5}"#, None),
            (r#"{"subscribe":{"box":[150,-24,152]}}"#, None),
            (r#"{"subscribe":{"box":[150,24,152,-23]}}"#, None),
            (r#"{"select":1,"subscribe":{}}"#, None),
            ("[]", None),
            ("", None),
            (r#"{"subscribe":{"box":[1e999,0,1,1]}}"#, None),
        ] {
            assert_eq!(Order::read(text), expected, "{text}");
        }
    }
}
