//! The picture as it stood: at any moment, and onwards from it.

use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;

use picket_core::{AlertState, View};
use picket_model::{AlertId, Seq, Severity, Time, Track, TrackId, Watch};
use rusqlite::{Connection, params};

use crate::HistoryError;
use crate::file::{minute, unsigned};
use crate::pack::{self, Change};
use crate::query::{History, Over};

/// Tracks, alerts and drawings as they stood.
#[derive(Debug, Clone, Default)]
pub struct Scene {
    /// The moment.
    pub at: Time,
    /// The last entry that it shows, as far as rows tell.
    pub seq: Option<Seq>,
    /// The shown tracks; what they were told by, as of the full minute.
    pub tracks: BTreeMap<TrackId, Arc<Track>>,
    /// The alerts that were kept.
    pub alerts: BTreeMap<AlertId, Arc<AlertState>>,
    /// What was watched.
    pub watch: Arc<Watch>,
}

impl Scene {
    /// The scene as a view: without trails and devices, which history does not keep.
    #[must_use]
    pub fn view(&self) -> View {
        View {
            seq: self.seq,
            at: self.at,
            tracks: self.tracks.clone(),
            alerts: self.alerts.clone(),
            alerting: alerting(&self.alerts),
            watch: Arc::clone(&self.watch),
            ..View::default()
        }
    }

    fn put(&mut self, step: &Step) -> Result<(), HistoryError> {
        self.seq = self.seq.max(Some(step.seq));
        match &step.what {
            Move::Track(id, body) => match pack::change(body, step.at)? {
                Change::Whole(track) => self.put_whole(*id, *track),
                Change::Gone => {
                    self.tracks.remove(id);
                }
                Change::Fix(fix) => {
                    if let Some(track) = self.tracks.get_mut(id) {
                        fix.apply(Arc::make_mut(track));
                    }
                }
            },
            Move::Keyframe(ids) => self.tracks.retain(|id, _| ids.binary_search(id).is_ok()),
            Move::Alert(body) => {
                let state = pack::read_alert(body)?;
                let id = state.alert.id;
                // Each hour repeats the open ones.
                if self.alerts.get(&id).is_none_or(|old| **old != state) {
                    self.alerts.insert(id, Arc::new(state));
                }
            }
            Move::Watch(body) => {
                let watch = read_watch(body)?;
                if *self.watch != watch {
                    self.watch = Arc::new(watch);
                }
            }
        }
        Ok(())
    }

    /// Keeps the old one if the new says the same, so that readers see no change.
    fn put_whole(&mut self, id: TrackId, track: Track) {
        match self.tracks.get_mut(&id) {
            Some(old) if **old == track => {}
            Some(old) => *old = Arc::new(track),
            None => {
                self.tracks.insert(id, Arc::new(track));
            }
        }
    }
}

/// The gravest open alert of each track that has one.
fn alerting(alerts: &BTreeMap<AlertId, Arc<AlertState>>) -> BTreeMap<TrackId, Severity> {
    let mut gravest: BTreeMap<TrackId, Severity> = BTreeMap::new();
    for state in alerts.values().filter(|state| state.standing.is_open()) {
        if let Some(track) = state.alert.track {
            let severity = gravest.entry(track).or_insert(state.alert.severity);
            *severity = state.alert.severity.max(*severity);
        }
    }
    gravest
}

/// Something that a scene is moved on by.
#[derive(Debug, Clone)]
struct Step {
    seq: Seq,
    at: Time,
    what: Move,
}

#[derive(Debug, Clone)]
enum Move {
    Track(TrackId, Vec<u8>),
    /// Every shown track, in order; others have gone.
    Keyframe(Vec<TrackId>),
    Alert(Vec<u8>),
    Watch(Vec<u8>),
}

impl History {
    /// The picture as it stood; before the first that is held, an empty one.
    ///
    /// A keyframe and what followed it within its minute: `O(tracks × seconds of the minute)`.
    ///
    /// # Errors
    /// [`HistoryError`]; a damaged file is set aside and made anew.
    pub fn scene(&self, at: Time, over: &Over) -> Result<Scene, HistoryError> {
        for hour in self.hours(Time::MIN, at).into_iter().rev() {
            if let Some(Some(scene)) = self.with(hour, over, |file| scene_in(file, at))? {
                return Ok(scene);
            }
        }
        Ok(Scene { at, ..Scene::default() })
    }

    /// A player that stands at a moment.
    ///
    /// # Errors
    /// As [`History::scene`].
    pub fn player(&self, at: Time, over: &Over) -> Result<Player, HistoryError> {
        let scene = self.scene(at, over)?;
        let mut player =
            Player { history: self.clone(), read_to: scene.at, scene, steps: VecDeque::new() };
        player.read_to = at;
        Ok(player)
    }

    /// What moved in `(from, to]`, in the log's order.
    fn steps(&self, from: Time, to: Time, over: &Over) -> Result<VecDeque<Step>, HistoryError> {
        let mut steps = Vec::new();
        for hour in self.hours(from, to) {
            self.with(hour, over, |file| steps_in(file, from, to, &mut steps))?;
        }
        Ok(steps.into())
    }
}

/// Plays the picture onwards from a moment. Holds one minute of rows at most.
#[derive(Debug)]
pub struct Player {
    history: History,
    scene: Scene,
    /// What is read of moves after the scene.
    steps: VecDeque<Step>,
    read_to: Time,
}

/// So much is read at a time.
const READ_S: f64 = 60.0;

impl Player {
    /// The picture where the player stands.
    #[must_use]
    pub const fn scene(&self) -> &Scene {
        &self.scene
    }

    /// Moves on to a later moment, or to the end of what is held.
    ///
    /// # Errors
    /// As [`History::scene`].
    pub fn advance(&mut self, to: Time, over: &Over) -> Result<(), HistoryError> {
        let Some((_, end)) = self.history.span() else { return Ok(()) };
        let to = to.min(end);
        while self.scene.at < to {
            if self.read_to <= self.scene.at && self.steps.is_empty() {
                self.read_to = self.scene.at.plus_s(READ_S).min(end);
                self.steps = self.history.steps(self.scene.at, self.read_to, over)?;
            }
            let until = to.min(self.read_to);
            while let Some(step) = self.steps.pop_front_if(|step| step.at <= until) {
                self.scene.put(&step)?;
            }
            self.scene.at = until;
        }
        Ok(())
    }
}

/// The scene from one hour's file; `None` if it holds no keyframe so early.
fn scene_in(file: &Connection, at: Time) -> Result<Option<Scene>, HistoryError> {
    let t = at.unix_ms();
    let sql = "SELECT minute, seq FROM keyframe WHERE minute <= ?1 AND t <= ?2
        ORDER BY minute DESC LIMIT 1";
    let mut query = file.prepare_cached(sql)?;
    let mut rows = query.query([minute(at), t])?;
    let Some(row) = rows.next()? else { return Ok(None) };
    let (key_minute, key_seq): (i64, i64) = (row.get(0)?, row.get(1)?);
    let mut scene = Scene { at, seq: Some(Seq(unsigned(key_seq))), ..Scene::default() };
    read_tracks(file, key_minute, t, &mut scene)?;
    let mut newest =
        file.prepare_cached("SELECT alert, max(seq) FROM alert WHERE t <= ?1 GROUP BY alert")?;
    let mut body = file.prepare_cached("SELECT body FROM alert WHERE alert = ?1 AND seq = ?2")?;
    let mut rows = newest.query([t])?;
    while let Some(row) = rows.next()? {
        let (id, seq): (Vec<u8>, i64) = (row.get(0)?, row.get(1)?);
        let bytes: Vec<u8> = body.query_row(params![id, seq], |row| row.get(0))?;
        let state = pack::read_alert(&bytes)?;
        scene.seq = scene.seq.max(Some(Seq(unsigned(seq))));
        scene.alerts.insert(state.alert.id, Arc::new(state));
    }
    let mut watch =
        file.prepare_cached("SELECT body FROM watch WHERE t <= ?1 ORDER BY seq DESC LIMIT 1")?;
    let mut rows = watch.query([t])?;
    if let Some(row) = rows.next()? {
        scene.watch = Arc::new(read_watch(row.get_ref(0)?.as_blob().unwrap_or_default())?);
    }
    Ok(Some(scene))
}

/// The tracks of a minute as they stood at `t`: of each, the last whole row and the last fix after it.
fn read_tracks(
    file: &Connection,
    minute: i64,
    t: i64,
    scene: &mut Scene,
) -> Result<(), HistoryError> {
    let sql = "SELECT track, seq, t, body FROM sample
        WHERE minute = ?1 AND t <= ?2 ORDER BY track, seq";
    let mut query = file.prepare_cached(sql)?;
    let mut rows = query.query([minute, t])?;
    let mut newest = Newest::default();
    while let Some(row) = rows.next()? {
        let id = TrackId(row.get(0)?);
        if newest.id != Some(id) {
            newest.finish(scene)?;
            newest.id = Some(id);
        }
        let body = row.get_ref(3)?.as_blob().unwrap_or_default();
        let (seq, at) = (Seq(unsigned(row.get(1)?)), Time::from_unix_ms(row.get(2)?));
        scene.seq = scene.seq.max(Some(seq));
        let into = if pack::is_whole(body) || body.is_empty() {
            newest.has_fix = false;
            &mut newest.whole
        } else {
            newest.has_fix = true;
            &mut newest.fix
        };
        into.clear();
        into.extend_from_slice(body);
        newest.at = at;
    }
    newest.finish(scene)
}

/// What was read of one track.
#[derive(Default)]
struct Newest {
    id: Option<TrackId>,
    at: Time,
    whole: Vec<u8>,
    fix: Vec<u8>,
    has_fix: bool,
}

impl Newest {
    fn finish(&mut self, scene: &mut Scene) -> Result<(), HistoryError> {
        let Some(id) = self.id.take() else { return Ok(()) };
        if let Change::Whole(mut track) = pack::change(&self.whole, self.at)? {
            if self.has_fix
                && let Change::Fix(fix) = pack::change(&self.fix, self.at)?
            {
                fix.apply(&mut track);
            }
            scene.tracks.insert(id, Arc::new(*track));
        }
        self.whole.clear();
        self.has_fix = false;
        Ok(())
    }
}

fn steps_in(
    file: &Connection,
    from: Time,
    to: Time,
    steps: &mut Vec<Step>,
) -> Result<(), HistoryError> {
    let begin = steps.len();
    let (from_ms, to_ms) = (from.unix_ms(), to.unix_ms());
    let (first, last) = (minute(from), minute(to));
    let sql =
        "SELECT minute, seq, t FROM keyframe WHERE minute BETWEEN ?1 AND ?2 AND t > ?3 AND t <= ?4";
    let mut keyframes = file.prepare_cached(sql)?;
    let sql = "SELECT track FROM sample WHERE minute = ?1 AND seq = ?2 ORDER BY track";
    let mut shown = file.prepare_cached(sql)?;
    let mut rows = keyframes.query([first, last, from_ms, to_ms])?;
    while let Some(row) = rows.next()? {
        let (minute, seq): (i64, i64) = (row.get(0)?, row.get(1)?);
        let ids = shown.query_map([minute, seq], |row| row.get(0).map(TrackId))?;
        let ids: Vec<TrackId> = ids.collect::<Result<_, _>>()?;
        steps.push(Step {
            seq: Seq(unsigned(seq)),
            at: Time::from_unix_ms(row.get(2)?),
            what: Move::Keyframe(ids),
        });
    }
    let sql = "SELECT track, seq, t, body FROM sample
        WHERE minute BETWEEN ?1 AND ?2 AND t > ?3 AND t <= ?4";
    let mut samples = file.prepare_cached(sql)?;
    let mut rows = samples.query([first, last, from_ms, to_ms])?;
    while let Some(row) = rows.next()? {
        steps.push(Step {
            seq: Seq(unsigned(row.get(1)?)),
            at: Time::from_unix_ms(row.get(2)?),
            what: Move::Track(TrackId(row.get(0)?), row.get(3)?),
        });
    }
    for (sql, make) in [
        ("SELECT seq, t, body FROM alert WHERE t > ?1 AND t <= ?2", Move::Alert as fn(_) -> _),
        ("SELECT seq, t, body FROM watch WHERE t > ?1 AND t <= ?2", Move::Watch),
    ] {
        let mut query = file.prepare_cached(sql)?;
        let mut rows = query.query([from_ms, to_ms])?;
        while let Some(row) = rows.next()? {
            let (seq, at) = (Seq(unsigned(row.get(0)?)), Time::from_unix_ms(row.get(1)?));
            steps.push(Step { seq, at, what: make(row.get(2)?) });
        }
    }
    // Stable: a keyframe stands before its rows.
    if let Some(new) = steps.get_mut(begin..) {
        new.sort_by_key(|step| step.seq);
    }
    Ok(())
}

fn read_watch(bytes: &[u8]) -> Result<Watch, HistoryError> {
    picket_model::wire::decode_watch(bytes).map_err(|_| HistoryError::Form("drawing"))
}
