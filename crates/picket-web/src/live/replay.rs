//! Replay: the live stream's frames, of the past.
//!
//! One picture for each screen, moved on from history ten times a second while it plays; what
//! the screen is told goes through the same [`Client`] as the live stream's, and is released to
//! its reader by what they may see now.

use std::sync::Arc;
use std::time::Duration;

use axum::Extension;
use axum::extract::rejection::QueryRejection;
use axum::extract::ws::rejection::WebSocketUpgradeRejection;
use axum::extract::ws::{CloseFrame, Message, WebSocket, WebSocketUpgrade, close_code};
use axum::extract::{Query, State};
use axum::response::{IntoResponse, Response};
use bytes::BytesMut;
use picket_core::View;
use picket_gate::{Budget, Peer, Verified};
use picket_history::{History, HistoryError, Player};
use picket_link::Stamp;
use picket_model::{PersonId, Time};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use tokio::sync::watch;
use tokio::time::{Instant, sleep, timeout};

use super::client::{Client, Moment, Reader};
use super::frame::{Kind, begin, mark_replay, put_json};
use super::{End, GOODBYE, MESSAGE_BYTES_MAX, MESSAGES, Order, PING, SILENCE, ping};
use crate::accept::stopped;
use crate::guard::Caller;
use crate::limit::Place;
use crate::login::Key;
use crate::past;
use crate::problem::Problem;
use crate::{Job, Shared};

/// The picture moves on so often while it plays.
const STEP: Duration = Duration::from_millis(100);
/// While it stands, this often it is looked whether a heartbeat is due.
const REST: Duration = Duration::from_millis(500);
/// The speeds, times the world's.
const SPEEDS: std::ops::RangeInclusive<f64> = 1.0..=64.0;

#[derive(Deserialize)]
pub(crate) struct Begin {
    at: Option<String>,
    speed: Option<f64>,
}

/// Upgrades to a replay that stands at a moment.
pub(crate) async fn join(
    State(shared): State<Arc<Shared>>,
    Extension(caller): Extension<Caller>,
    begin: Result<Query<Begin>, QueryRejection>,
    upgrade: Result<WebSocketUpgrade, WebSocketUpgradeRejection>,
) -> Result<Response, Problem> {
    let Query(begin) = begin.map_err(|error| Problem::bad(error.body_text()))?;
    let at = match begin.at.as_deref().filter(|at| !at.is_empty()) {
        None => return Err(Problem::bad("at must say from when to replay.")),
        Some(at) => past::time(at)?,
    };
    let speed = begin.speed.unwrap_or(1.0);
    if !SPEEDS.contains(&speed) {
        return Err(Problem::bad("speed must be 1 to 64."));
    }
    let history = shared.parts.history.clone();
    let history = history.ok_or_else(|| Problem::unavailable("History is switched off here."))?;
    let upgrade = upgrade.map_err(|error| Problem::bad(error.body_text()))?;
    let person = caller.login.session.person.clone();
    let place = shared
        .replays
        .take(Some(person))
        .ok_or_else(|| Problem::unavailable("There are too many replays; close one."))?;
    let key = caller.login.key;
    let jobs = shared.jobs.clone();
    let upgrade = upgrade
        .max_message_size(MESSAGE_BYTES_MAX)
        .max_frame_size(MESSAGE_BYTES_MAX)
        .on_upgrade(move |socket| async move {
            // If the door has closed meanwhile, the socket is dropped with it.
            let job: Job = Box::new(move |shared, stop| {
                let replay = Replay::new(socket, key, place, shared, history, at, speed);
                Box::pin(replay.run(stop))
            });
            drop(jobs.send(job).await);
        });
    Ok(upgrade.into_response())
}

struct Replay {
    socket: WebSocket,
    key: Key,
    _place: Place<PersonId>,
    shared: Arc<Shared>,
    history: History,
    client: Client,
    messages: Budget,
    buffer: BytesMut,
    began: Stamp,
    /// `None` while a thread moves it.
    player: Option<Player>,
    view: Arc<View>,
    at: Time,
    seek: Option<Time>,
    speed: f64,
    playing: bool,
    range: Option<(Time, Time)>,
    /// The page must be told how the replay stands.
    state_due: bool,
}

#[derive(Serialize)]
struct StateEvent {
    r#type: &'static str,
    at: String,
    speed: f64,
    playing: bool,
    from: Option<String>,
    to: Option<String>,
    r#loop: Option<(String, String)>,
    incomplete: bool,
}

impl Replay {
    fn new(
        socket: WebSocket,
        key: Key,
        place: Place<PersonId>,
        shared: Arc<Shared>,
        history: History,
        at: Time,
        speed: f64,
    ) -> Self {
        Self {
            socket,
            key,
            _place: place,
            history,
            client: Client::default(),
            messages: Budget::new(MESSAGES),
            buffer: BytesMut::new(),
            began: shared.parts.clock.stamp(),
            player: None,
            view: Arc::default(),
            at,
            seek: Some(at),
            speed,
            playing: false,
            range: None,
            state_due: true,
            shared,
        }
    }

    /// Runs until its page, its session or the door ends.
    async fn run(mut self, mut stop: watch::Receiver<bool>) {
        let end = tokio::select! {
            end = self.speak() => end,
            () = stopped(&mut stop) => End::Stopping,
        };
        let (code, why) = match end {
            End::Gone => return,
            End::SignedOut => (close_code::POLICY, "signed out"),
            End::Stopping => (close_code::AWAY, "the node is stopping"),
            End::Rubbish(why) => (close_code::POLICY, why),
        };
        let close = Message::Close(Some(CloseFrame { code, reason: why.into() }));
        // These are the last words: if they do not arrive, the page sees the connection end.
        drop(timeout(GOODBYE, self.socket.send(close)).await);
    }

    async fn speak(&mut self) -> End {
        let mut heard = Instant::now();
        let mut pinged = heard;
        let mut moved = Instant::now();
        loop {
            // A page that drags the strip asks for many moments: only the last one counts.
            while let Ok(message) = timeout(Duration::ZERO, self.socket.recv()).await {
                heard = Instant::now();
                if let Err(end) = self.hear(message) {
                    return end;
                }
            }
            let passed_s = moved.elapsed().as_secs_f64();
            moved = Instant::now();
            if let Err(error) = self.go_on(passed_s).await {
                tracing::warn!(%error, "a replay could not go on");
                return End::Rubbish("history could not be read");
            }
            if let Err(end) = self.tell().await {
                return end;
            }
            if pinged.elapsed() >= PING {
                if heard.elapsed() >= SILENCE || self.socket.send(ping()).await.is_err() {
                    return End::Gone;
                }
                pinged = Instant::now();
            }
            let pause = if self.playing { STEP } else { REST };
            tokio::select! {
                biased;
                message = self.socket.recv() => {
                    heard = Instant::now();
                    if let Err(end) = self.hear(message) {
                        return end;
                    }
                }
                () = sleep(pause) => {}
            }
            if !self.playing {
                moved = Instant::now();
            }
        }
    }

    /// Moves the picture: to where the page asked, or on by the time that passed.
    async fn go_on(&mut self, passed_s: f64) -> Result<(), HistoryError> {
        if let Some(at) = self.seek.take() {
            return self.stand_at(at).await;
        }
        if !self.playing {
            return Ok(());
        }
        let to = self.at.plus_s(passed_s * self.speed);
        if let Some((from, until)) = self.range
            && to > until
        {
            return self.stand_at(from).await;
        }
        let Some(mut player) = self.player.take() else { return Ok(()) };
        let over = past::over(&self.shared);
        let work = move || player.advance(to, &over).map(|()| player);
        self.take(tokio::task::spawn_blocking(work).await)
    }

    /// Stands at a moment, at the latest that of the newest row.
    async fn stand_at(&mut self, at: Time) -> Result<(), HistoryError> {
        let at = self.history.span().map_or(at, |(_, to)| at.min(to));
        let (history, over) = (self.history.clone(), past::over(&self.shared));
        let work = move || history.player(at, &over);
        self.take(tokio::task::spawn_blocking(work).await)?;
        self.client.restart();
        self.state_due = true;
        Ok(())
    }

    fn take(
        &mut self,
        moved: Result<Result<Player, HistoryError>, tokio::task::JoinError>,
    ) -> Result<(), HistoryError> {
        // A thread that died has said why in the traces.
        let player = moved.unwrap_or(Err(HistoryError::TooLong))?;
        self.at = player.scene().at;
        self.view = Arc::new(player.scene().view());
        self.player = Some(player);
        Ok(())
    }

    /// Sends what is due, and then, after a seek or an order, how the replay stands.
    async fn tell(&mut self) -> Result<(), End> {
        loop {
            let by = self.standing().ok_or(End::SignedOut)?;
            let now =
                Moment { at: self.at, s: self.began.until_s(self.shared.parts.clock.stamp()) };
            let reader = Reader { gate: &self.shared.parts.gate, by: &by };
            if !self.client.next(&self.view, &reader, now, &mut self.buffer) {
                break;
            }
            self.send().await?;
        }
        if std::mem::take(&mut self.state_due) {
            let held = self.history.span();
            let event = StateEvent {
                r#type: "replay",
                at: self.at.to_string(),
                speed: self.speed,
                playing: self.playing,
                from: held.map(|(from, _)| from.to_string()),
                to: held.map(|(_, to)| to.to_string()),
                r#loop: self.range.map(|(from, to)| (from.to_string(), to.to_string())),
                incomplete: self.history.is_incomplete(self.at.plus_s(-1.0), self.at),
            };
            begin(&mut self.buffer, Kind::Event, self.view.seq.map_or(0, |seq| seq.0), self.at);
            put_json(&mut self.buffer, &event);
            self.send().await?;
        }
        Ok(())
    }

    async fn send(&mut self) -> Result<(), End> {
        mark_replay(&mut self.buffer);
        let frame = Message::Binary(self.buffer.split().freeze());
        self.socket.send(frame).await.map_err(|_| End::Gone)
    }

    /// Who reads, if their session still stands: asked before each frame.
    fn standing(&self) -> Option<Verified> {
        let now = self.shared.now();
        let login = self.shared.logins.get(self.key, now)?;
        self.shared.parts.gate.verify(&Peer::Session(&login.session), now).ok()
    }

    fn hear(&mut self, message: Option<Result<Message, axum::Error>>) -> Result<(), End> {
        let Some(Ok(message)) = message else { return Err(End::Gone) };
        if !self.messages.spend(self.shared.now()) {
            return Err(End::Rubbish("too many messages"));
        }
        let text = match message {
            Message::Text(text) => text,
            Message::Binary(_) => return Err(End::Rubbish("messages are text")),
            Message::Ping(_) | Message::Pong(_) => return Ok(()),
            Message::Close(_) => return Err(End::Gone),
        };
        match Wish::read(&text).ok_or(End::Rubbish("a message that means nothing"))? {
            Wish::Order(Order::Subscribe(bounds)) => self.client.subscribe(bounds),
            Wish::Order(Order::Select(slot)) => self.client.select(slot),
            Wish::Seek(at) => self.seek = Some(at),
            Wish::Speed(speed) => self.speed = speed,
            Wish::Play(playing) => self.playing = playing,
            Wish::Loop(range) => {
                self.range = range;
                if let Some((from, to)) = range
                    && !(from..=to).contains(&self.seek.unwrap_or(self.at))
                {
                    self.seek = Some(from);
                }
            }
        }
        self.state_due = true;
        Ok(())
    }
}

/// What a page asks of a replay.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Wish {
    /// What it may ask of the live stream too.
    Order(Order),
    Seek(Time),
    Speed(f64),
    Play(bool),
    Loop(Option<(Time, Time)>),
}

impl Wish {
    /// Reads one wish; `None` for what is none.
    fn read(text: &str) -> Option<Self> {
        let Value::Object(message) = serde_json::from_str(text).ok()? else { return None };
        if message.len() != 1 {
            return None;
        }
        let (name, value) = message.into_iter().next()?;
        let time = |value: &Value| Time::parse_rfc3339(value.as_str()?);
        match (name.as_str(), &value) {
            ("seek", value) => time(value).map(Self::Seek),
            ("speed", value) => {
                value.as_f64().filter(|speed| SPEEDS.contains(speed)).map(Self::Speed)
            }
            ("play", value) => value.as_bool().map(Self::Play),
            ("loop", Value::Null) => Some(Self::Loop(None)),
            ("loop", Value::Array(ends)) => {
                let [from, to] = ends.as_slice() else { return None };
                let (from, to) = (time(from)?, time(to)?);
                (from < to).then_some(Self::Loop(Some((from, to))))
            }
            _ => Order::read(text).map(Self::Order),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_the_wishes_of_the_contract_and_nothing_else() {
        let noon = Time::parse_rfc3339("2026-01-02T12:00:00Z").unwrap();
        let range = Some((noon, noon.plus_s(60.0)));
        for (text, expected) in [
            (r#"{"seek":"2026-01-02T12:00:00Z"}"#, Some(Wish::Seek(noon))),
            (r#"{"speed":8}"#, Some(Wish::Speed(8.0))),
            (r#"{"play":true}"#, Some(Wish::Play(true))),
            (
                r#"{"loop":["2026-01-02T12:00:00Z","2026-01-02T12:01:00Z"]}"#,
                Some(Wish::Loop(range)),
            ),
            (r#"{"loop":null}"#, Some(Wish::Loop(None))),
            (r#"{"select":4}"#, Some(Wish::Order(Order::Select(Some(4))))),
            (r#"{"loop":["2026-01-02T12:01:00Z","2026-01-02T12:00:00Z"]}"#, None),
            (r#"{"loop":[]}"#, None),
            (r#"{"seek":12}"#, None),
            (r#"{"seek":"noon"}"#, None),
            (r#"{"speed":0.5}"#, None),
            (r#"{"speed":65}"#, None),
            (r#"{"speed":"8"}"#, None),
            (r#"{"play":1}"#, None),
            (r#"{"play":true,"speed":8}"#, None),
            ("[]", None),
        ] {
            assert_eq!(Wish::read(text), expected, "{text}");
        }
    }
}
