//! Sealing: a journal that is full or old is split into spine and bodies, and freed.
//!
//! In this order, each step durable before the next begins:
//! 1. the bodies, each group's into its own file, and the rows of the spine into a draft;
//! 2. a checkpoint over all entries, then the spine's signed foot, then all tiles;
//! 3. the draft gets the spine's name: from here on the sealed pair counts, before it the journal;
//! 4. the journal's room is given back.
//!
//! Cut off at any point, the next start reads the one that counts: a draft and bodies without a
//! spine are written anew from offset 0, a journal whose spine stands is freed.
//!
//! The commit loop does a step with each append: it reads, checks and copies about a MiB of the
//! journal, and hands it to the store, which writes and syncs beside the appends. One step is
//! under way at a time, which bounds the memory. A fault stops sealing and nothing else.
//!
//! A group that is erased meanwhile: its bodies are removed after what is under way is written, and
//! the steps after that write none of it.

use std::collections::BTreeMap;
use std::io::ErrorKind;

use aws_lc_rs::digest;
use picket_model::Time;

use crate::block::Hash;
use crate::file::{Chore, Segment, Store, address, io_at, place};
use crate::journal::{Chain, Step, Walker, blocks};
use crate::key::GroupId;
use crate::log::{Log, cipher_failed};
use crate::reader::GroupState;
use crate::spine::{self, Foot, body_file, spine_draft, spine_file};
use crate::tape::{Place, bad_position};
use crate::{LogError, merkle};

/// Bytes of a step, unless more was just appended: two milliseconds of checking and copying.
const STEP_BYTES: usize = 1024 * 1024;
/// Most bytes of a step, but for the last frame in it: sealing then keeps pace with any append.
const STEP_BYTES_MAX: usize = 8 * 1024 * 1024;
/// Seconds after a fault until sealing is tried again.
const RETRY_AFTER_S: f64 = 60.0;
/// A clock that is set back by more ends a journal early rather than late.
const CLOCK_BACK_S: f64 = -60.0;

/// What is known of the journals, and of the one that is being sealed.
#[derive(Default)]
pub(crate) struct Sealing {
    /// Where each journal ends that is not sealed and not empty.
    ends: BTreeMap<u32, u64>,
    /// When the journal that grows got its first block; `None` if it was told to end.
    since: Option<Time>,
    job: Option<Job>,
    /// The store has chores under way.
    busy: bool,
    /// Chores that wait for those to end.
    later: Vec<Chore>,
    fault: Option<String>,
    retry_at: Option<Time>,
}

/// A journal that is being split.
struct Job {
    number: u32,
    /// The offset of its next frame.
    at: u64,
    /// The place of its first entry.
    first: u64,
    chain: Chain,
    rows: u32,
    hash: digest::Context,
    spine_len: u64,
    /// How long each group's bodies are so far.
    bodies: BTreeMap<GroupId, u32>,
    /// The foot that the chores under way write, and its bytes.
    foot: Option<(Foot, Vec<u8>)>,
}

impl Sealing {
    /// As found at a start: where the journals end, and the clock of the last one's first block.
    pub(crate) fn new(ends: BTreeMap<u32, u64>, since: Option<Time>) -> Self {
        Self { ends, since, ..Self::default() }
    }

    /// A frame was written that ends at this address.
    pub(crate) fn wrote(&mut self, end: u64, now: Time) {
        let (number, offset) = place(end);
        if self.ends.insert(number, offset).is_none() {
            self.since = Some(now);
        }
    }

    /// Has these chores done when those under way have ended.
    pub(crate) fn later(&mut self, chores: impl IntoIterator<Item = Chore>) {
        self.later.extend(chores);
    }

    pub(crate) fn fault(&self) -> Option<&str> {
        self.fault.as_deref()
    }

    fn failed(&mut self, error: &LogError, now: Time) {
        self.job = None;
        self.fault = Some(error.to_string());
        self.retry_at = Some(now.plus_s(RETRY_AFTER_S));
    }

    /// Whether a fault is too young for another try.
    fn rests(&self, now: Time) -> bool {
        let left_s = self.retry_at.map_or(0.0, |at| at.since_s(now));
        left_s > 0.0 && left_s <= RETRY_AFTER_S
    }
}

impl<S: Store> Log<S> {
    /// Goes on with sealing: one step, after so many bytes were appended.
    pub(crate) fn seal_on(&mut self, now: Time, appended: usize) {
        if self.check_poison().is_err() {
            return;
        }
        if let Some(after_s) = self.settings.seal_after_s
            && self.sealing.since.is_some_and(|since| {
                !(CLOCK_BACK_S..f64::from(after_s)).contains(&now.since_s(since))
            })
        {
            self.sealing.since = None;
            self.reader.store.turn();
        }
        if self.sealing.busy {
            let Some(done) = self.reader.store.poll() else { return };
            self.end_chores(done, now);
        }
        let later = std::mem::take(&mut self.sealing.later);
        let done = if !later.is_empty() {
            self.begin(later)
        } else if self.settings.seal_after_s.is_some() && !self.sealing.rests(now) {
            self.seal_step(now, appended)
        } else {
            Ok(())
        };
        if let Err(error) = done {
            self.sealing.failed(&error, now);
        }
    }

    /// Frees journals whose spine stands already.
    pub(crate) fn finish_sealing(&mut self) {
        let next = self.reader.spines.next();
        let segments = self.reader.store.segments();
        let stale = segments.into_iter().filter(|segment| segment.number < next);
        let free = |Segment { number, len }| Chore::Free { journal: number, used: len };
        self.sealing.later(stale.map(free));
    }

    fn begin(&mut self, chores: Vec<Chore>) -> Result<(), LogError> {
        self.reader.store.begin(chores).map_err(LogError::io("seal a journal"))?;
        self.sealing.busy = true;
        Ok(())
    }

    fn end_chores(&mut self, done: std::io::Result<()>, now: Time) {
        self.sealing.busy = false;
        let done = done.map_err(LogError::io("seal a journal"));
        if let Err(error) = done.and_then(|()| self.commit_spine()) {
            self.sealing.failed(&error, now);
        }
    }

    /// The chores are done: if they gave a spine its name, it counts from now on.
    fn commit_spine(&mut self) -> Result<(), LogError> {
        let Some((foot, bytes)) = self.sealing.job.as_mut().and_then(|job| job.foot.take()) else {
            return Ok(());
        };
        let journal = foot.number;
        self.sealing.job = None;
        let bad = |what| LogError::io(what)(ErrorKind::InvalidData.into());
        self.reader.spines.push(foot, &bytes).map_err(bad)?;
        self.reader.forget_points(journal);
        self.sealing.fault = None;
        self.sealing.retry_at = None;
        let used = self.sealing.ends.remove(&journal).unwrap_or(0);
        self.sealing.later([Chore::Free { journal, used }]);
        Ok(())
    }

    fn seal_step(&mut self, now: Time, appended: usize) -> Result<(), LogError> {
        let job = match self.sealing.job.take() {
            Some(job) => job,
            None => match self.next_job()? {
                Some(job) => job,
                None => return Ok(()),
            },
        };
        if job.at < self.sealing.ends.get(&job.number).copied().unwrap_or(0) {
            self.split(job, appended)
        } else {
            self.close_spine(job, now)
        }
    }

    /// The oldest journal that is not sealed, if another has taken its place.
    fn next_job(&self) -> Result<Option<Job>, LogError> {
        let spines = &self.reader.spines;
        let number = spines.next();
        let segments = self.reader.store.segments();
        let mut live = segments.iter().filter(|segment| segment.number >= number);
        let (Some(oldest), Some(_)) = (live.next(), live.next()) else { return Ok(None) };
        // The spine got its name, but it is not known whether that lasts: at the next start it counts
        // if it is there, so nothing of it may be written anew before.
        let name = spine_file(number);
        if self.reader.store.len_of(&name).map_err(io_at("read", &name))?.is_some() {
            let doing = format!("seal a journal after {name} was not made durable; restart");
            return Err(LogError::io(doing)(ErrorKind::AlreadyExists.into()));
        }
        let needed = self.sealing.ends.get(&number).copied().unwrap_or(0).saturating_mul(2);
        let space = self.reader.store.space().map_err(LogError::io("ask for disk space"))?;
        if oldest.number != number || space.is_some_and(|space| space.free < needed) {
            let why =
                if oldest.number == number { ErrorKind::StorageFull } else { ErrorKind::NotFound };
            return Err(LogError::io("seal a journal")(why.into()));
        }
        Ok(Some(Job {
            number,
            at: 0,
            first: spines.end(),
            chain: spines.chain.clone(),
            rows: 0,
            hash: digest::Context::new(&digest::SHA256),
            spine_len: 0,
            bodies: BTreeMap::new(),
            foot: None,
        }))
    }

    /// Splits the next frames.
    fn split(&mut self, mut job: Job, appended: usize) -> Result<(), LogError> {
        let budget = appended.saturating_mul(2).clamp(STEP_BYTES, STEP_BYTES_MAX);
        let end = self.sealing.ends.get(&job.number).copied().unwrap_or(0);
        let start = job.at;
        let mut rows = Vec::new();
        if job.spine_len == 0 {
            rows.extend_from_slice(&spine::head(job.number));
        }
        let mut bodies: BTreeMap<GroupId, (u32, Vec<u8>)> = BTreeMap::new();
        let offset = u32::try_from(job.at).unwrap_or(u32::MAX);
        let mut walker = Walker::new(&self.reader.store, address(job.number, offset));
        while job.at < end && job.at - start < budget as u64 {
            let at = match walker.step().map_err(LogError::io("read the journal"))? {
                Step::Frame { at, .. } => at,
                Step::End { at } => {
                    let at = at.unwrap_or(address(job.number, 0));
                    let position = Place::Journal(at).position("the journal ends too early");
                    return Err(LogError::Damaged(position));
                }
                Step::Bad(bad) => return Err(LogError::Damaged(bad_position(&bad))),
            };
            let mut block_at = at;
            for block in blocks(walker.frame(at)) {
                let header = &block.header;
                let damage = |what: &str| Place::Journal(block_at).damage(header, what);
                job.chain.check(header).map_err(damage)?;
                let (head, body) = block.parts().ok_or_else(|| damage("the block is cut short"))?;
                let hash: Hash = block.hash();
                let erased = matches!(*self.reader.group(header.group)?, GroupState::Erased);
                let body_at = (!erased).then(|| {
                    let all = job.bodies.entry(header.group).or_insert(0);
                    let (_, piece) =
                        bodies.entry(header.group).or_insert_with(|| (*all, Vec::new()));
                    piece.extend_from_slice(body);
                    let body_at = *all;
                    *all = all.saturating_add(header.body_len);
                    body_at
                });
                spine::put_row(head, &hash, body_at, &mut rows);
                job.rows = job.rows.saturating_add(1);
                job.chain.accept(header, hash);
                block_at += block.bytes().len() as u64;
            }
            job.at = place(block_at).1;
        }
        job.hash.update(&rows);
        let mut chores: Vec<Chore> = bodies
            .into_iter()
            .map(|(group, (at, bytes))| Chore::Write {
                file: body_file(group, job.number),
                at: u64::from(at),
                bytes,
            })
            .collect();
        let at = job.spine_len;
        job.spine_len += rows.len() as u64;
        chores.push(Chore::Write { file: spine_draft(job.number), at, bytes: rows });
        self.sealing.job = Some(job);
        self.begin(chores)
    }

    /// Signs the foot, and has the spine take the journal's place.
    fn close_spine(&mut self, mut job: Job, now: Time) -> Result<(), LogError> {
        self.checkpoint(now)?;
        if !self.waiting.is_empty() {
            let doing = "write the tiles that a sealed journal rests on";
            return Err(LogError::io(doing)(ErrorKind::StorageFull.into()));
        }
        let mut bytes = Vec::new();
        if job.spine_len == 0 {
            bytes.extend_from_slice(&spine::head(job.number));
            job.hash.update(&bytes);
        }
        let mut hash = [0; 32];
        hash.copy_from_slice(job.hash.clone().finish().as_ref());
        let foot = Foot {
            number: job.number,
            rows: job.rows,
            first: job.first,
            root: merkle::root(&self.reader.tree(), job.chain.seq)?,
            chain: job.chain.clone(),
            hash,
            previous: self.reader.spines.last,
        };
        let signed = foot.sign(&self.signer).ok_or_else(cipher_failed)?;
        bytes.extend_from_slice(&signed);
        let (from, to) = (spine_draft(job.number), spine_file(job.number));
        let chores = vec![
            Chore::Write { file: from.clone(), at: job.spine_len, bytes },
            Chore::SyncAll,
            Chore::Rename { from, to },
        ];
        job.foot = Some((foot, signed));
        self.sealing.job = Some(job);
        self.begin(chores)
    }
}
