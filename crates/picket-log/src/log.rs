//! The log that is written.

use std::collections::{BTreeMap, VecDeque};
use std::io::ErrorKind;
use std::ops::{ControlFlow, Range};
use std::path::Path;
use std::sync::Arc;

use picket_gate::Admitted;
use picket_model::{Entry, EntryName, Epoch, Label, LogClass, NodeId, Record, Seq, Time, wire};

use crate::block::sha256;
use crate::block::{ENTRIES_MAX, Hash, Header, PLAIN_MAX, Packer, Packing};
use crate::checkpoint::{CHECKPOINT_FILE, Checkpoint, Signer};
use crate::file::{Durability, FileSettings, FileStore, Source, Store, io_at, place, segment_file};
use crate::journal::{Bad, Chain};
use crate::key::NodeKey;
use crate::key::{Entropy, Group, GroupId, GroupKey, KeyFile, Leaf, draw, hex, leaf};
use crate::load::{HOUR_NS, Loaded, NODE_FILE, NODE_KEY_FILE, SIGNER_FILE, VERIFIER_FILE};
use crate::load::{load, load_node, load_node_key, node_key_line, node_line};
use crate::proof::{Consistency, Proof};
use crate::reader::{Reader, Scanned, SignedCheckpoint};
use crate::seal::Sealing;
use crate::space::{SpaceLevel, may_use_reserve};
use crate::spine::SPINE_FOLDER;
use crate::tile::{Tile, TileFile, width_in};
use crate::{LogError, Position};

/// The log of one node, open to append.
///
/// One at a time has a folder open; it stands on one thread, and readers of other threads
/// are fed by what [`Log::append`] returns.
pub struct Log<S: Store> {
    pub(crate) reader: Reader<S>,
    pub(crate) signer: Signer,
    pub(crate) node_key: NodeKey,
    pub(crate) entropy: Box<dyn Entropy>,
    pub(crate) settings: Settings,
    chain: Chain,
    epoch: Epoch,
    /// The groups that take records in the hour that runs.
    pub(crate) active: BTreeMap<Group, (GroupId, Arc<GroupKey>)>,
    packer: Packer,
    plain: Vec<u8>,
    sealed: Vec<u8>,
    full: Vec<TileFile>,
    /// Full tiles that could not be written yet.
    pub(crate) waiting: Vec<TileFile>,
    /// Bundles with entries before this may have leaves of erased groups, which nothing else has:
    /// they are synced, and so is what takes their place.
    pub(crate) tiles_kept: u64,
    checkpoint_at: Time,
    reserve_freed: bool,
    space: SpaceLevel,
    poisoned: Option<String>,
    pub(crate) sealing: Sealing,
}

impl<S: Store> std::fmt::Debug for Log<S> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Log").field("size", &self.size()).finish_non_exhaustive()
    }
}

/// How a log is kept. The defaults work.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Settings {
    /// Bytes of a journal file, zero-filled ahead: 64 MiB.
    pub journal_bytes: u32,
    /// Bytes that stay reserved for classes 0 to 3: 512 MiB; 0 for none.
    pub reserve_bytes: u64,
    /// How far this node's clock may be off, milliseconds; `None` if unknown.
    pub clock_err_ms: Option<u32>,
    /// Seconds after which a journal is sealed though it is not full: 600; `None` to leave
    /// journals as they are, full ones too.
    pub seal_after_s: Option<u32>,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            journal_bytes: 64 * 1024 * 1024,
            reserve_bytes: 512 * 1024 * 1024,
            clock_err_ms: None,
            seal_after_s: Some(600),
        }
    }
}

/// What opening found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Recovery {
    /// How many entries the log holds.
    pub entries: u64,
    /// In how many blocks.
    pub blocks: u64,
    /// The node.
    pub origin: NodeId,
    /// The node's epoch from now on.
    pub epoch: Epoch,
    /// The log was made just now.
    pub fresh: bool,
    /// A write that was cut off and never acknowledged; it raised the epoch.
    pub torn: Option<TornTail>,
    /// The tiles did not give the signed root and were made anew from the journal, which did.
    pub tiles_rebuilt: bool,
}

/// A torn tail that was set aside.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TornTail {
    /// Where it stood, and what was wrong.
    pub position: Position,
    /// How many bytes, without the zeros at its end.
    pub bytes: u64,
    /// The file in which it is kept, relative to the data folder.
    pub evidence: String,
}

/// Most bytes of one write and sync, as far as blocks allow.
const WRITE_BYTES_MAX: usize = 4 * 1024 * 1024;
/// Seconds between checkpoints while entries come.
const CHECKPOINT_EVERY_S: f64 = 1.0;
/// Most full tiles kept while the disk takes none, 8 MiB; more are made anew at the next start.
const TILES_WAITING_MAX: usize = 1_024;
/// The folder of torn tails.
pub(crate) const EVIDENCE_FOLDER: &str = "log/evidence";

impl Log<FileStore> {
    /// Opens the log in a data folder; makes it if there is none.
    ///
    /// # Errors
    /// [`LogError::Locked`] if another process has it open, [`LogError::Damaged`] naming the
    /// first bad position, [`LogError::KeyMissing`], or [`LogError::Io`].
    pub fn open(
        dir: &Path,
        settings: Settings,
        entropy: impl Entropy + 'static,
        now: Time,
    ) -> Result<(Self, Recovery), LogError> {
        let Settings { journal_bytes, reserve_bytes, .. } = settings;
        let store = FileStore::open(dir, FileSettings { journal_bytes, reserve_bytes })?;
        Self::over(store, settings, entropy, now)
    }
}

impl<S: Store> Log<S> {
    /// Opens the log in a store; makes it if there is none.
    ///
    /// # Errors
    /// As [`Log::open`].
    pub fn over(
        mut store: S,
        settings: Settings,
        entropy: impl Entropy + 'static,
        now: Time,
    ) -> Result<(Self, Recovery), LogError> {
        let mut entropy: Box<dyn Entropy> = Box::new(entropy);
        let fresh = load_node(&store)?.is_none();
        if fresh {
            make_node(&mut store, &mut *entropy)?;
        }
        let missing = |file: &str| LogError::KeyMissing { file: file.into() };
        let node_key = load_node_key(&store)?.and_then(|key| NodeKey::new(&key));
        let node_key = node_key.ok_or_else(|| missing(NODE_KEY_FILE))?;
        let seed = load_seed(&store)?.ok_or_else(|| missing(SIGNER_FILE))?;
        let (mut reader, mut loaded) = load(store, &mut |store: &mut S, file| {
            let name = file.tile.file();
            // What stands there already may be all that is left of erased groups: not touched.
            if store.load(&name).map_err(io_at("read", &name))?.as_ref() == Some(&file.bytes) {
                return Ok(());
            }
            store.save(&name, &file.bytes, Durability::Cache).map_err(io_at("write", &name))
        })?;
        let verifier = reader.verifier.as_ref().ok_or_else(|| missing(VERIFIER_FILE))?;
        let signer = Signer::new(verifier.name(), &seed).filter(|s| s.verifier() == verifier);
        let signer = signer.ok_or_else(|| {
            let what = "the signing key does not belong to the log's public key";
            LogError::Damaged(Position::new(SIGNER_FILE, 0, what))
        })?;
        if reader.checkpoint.is_none() {
            let what = "the signed checkpoint is missing";
            return Err(LogError::Damaged(Position::new(CHECKPOINT_FILE, 0, what)));
        }
        let torn = set_torn_aside(&mut reader.store, &mut loaded)?;
        if let Some(end) = loaded.end {
            reader.store.resume(end).map_err(LogError::io("open the journal"))?;
        }
        let recovery = Recovery {
            entries: loaded.chain.seq,
            blocks: loaded.blocks,
            origin: loaded.chain.origin,
            epoch: loaded.epoch,
            fresh,
            torn,
            tiles_rebuilt: loaded.tiles_rebuilt,
        };
        let mut log = Self {
            reader,
            signer,
            node_key,
            entropy,
            settings,
            chain: loaded.chain,
            epoch: loaded.epoch,
            active: BTreeMap::new(),
            packer: Packer::new(),
            plain: Vec::new(),
            sealed: Vec::new(),
            full: Vec::new(),
            waiting: Vec::new(),
            tiles_kept: 0,
            checkpoint_at: now,
            reserve_freed: false,
            space: SpaceLevel::Ample,
            poisoned: None,
            sealing: Sealing::new(loaded.ends, loaded.since_hlc.map(Time)),
        };
        log.finish_sealing();
        log.finish_erasures()?;
        log.find_active(&loaded.recent_groups)?;
        log.look_at_space()?;
        if recovery.tiles_rebuilt {
            log.sign_all(0)?;
        }
        Ok((log, recovery))
    }

    /// Appends a batch and gives back its entries, in the log's order. Durable on return.
    ///
    /// Records of one class and retention group stay in their order; the groups follow one
    /// another in the order of their first record. Up to 4 MiB of blocks are one write and one
    /// sync and so are kept whole or not at all.
    ///
    /// # Errors
    /// [`LogError::NoSpace`] or [`LogError::TooLarge`]: nothing of the batch was kept, and the
    /// log goes on. [`LogError::Poisoned`] or [`LogError::Io`]: open it anew to see what was kept;
    /// nothing that was returned before is lost.
    pub fn append(
        &mut self,
        batch: Vec<Admitted<Record>>,
        now: Time,
    ) -> Result<Vec<Entry>, LogError> {
        self.check_poison()?;
        let Some(least) = batch.iter().map(|record| record.as_inner().class()).max() else {
            return Ok(Vec::new());
        };
        self.look_at_space()?;
        if self.space.refuses(least) {
            return Err(LogError::NoSpace { class: least });
        }
        let buckets = self.sort(batch, least, now)?;
        let staged = self.seal(buckets, now)?;
        let bytes = self.sealed.len();
        let entries = self.write(staged, least, now)?;
        self.seal_on(now, bytes);
        Ok(entries)
    }

    /// Signs and stores a checkpoint over all entries, if any came since the last.
    ///
    /// # Errors
    /// [`LogError::Io`] or [`LogError::NoSpace`]; the last checkpoint then still stands.
    pub fn checkpoint(&mut self, now: Time) -> Result<&SignedCheckpoint, LogError> {
        let covered = self.reader.checkpoint.as_ref().map(|signed| signed.checkpoint.size);
        if covered != Some(self.size()) {
            self.check_poison()?;
            self.sign_all(covered.unwrap_or(0))?;
        }
        self.checkpoint_at = now;
        let missing = || LogError::KeyMissing { file: CHECKPOINT_FILE.into() };
        self.reader.checkpoint.as_ref().ok_or_else(missing)
    }

    /// Makes a checkpoint if entries came and the last is a second old; whether it did.
    ///
    /// # Errors
    /// As [`Log::checkpoint`].
    pub fn checkpoint_when_due(&mut self, now: Time) -> Result<bool, LogError> {
        let covered = self.reader.checkpoint.as_ref().map(|signed| signed.checkpoint.size);
        let age_s = now.since_s(self.checkpoint_at);
        // A clock that was set back makes the next one due at once.
        let due = covered != Some(self.size()) && !(0.0..CHECKPOINT_EVERY_S).contains(&age_s);
        if due {
            self.checkpoint(now)?;
        }
        Ok(due)
    }

    /// Signs a last checkpoint and closes the log.
    ///
    /// # Errors
    /// [`LogError::Io`]; no acknowledged entry depends on this.
    pub fn close(mut self, now: Time) -> Result<(), LogError> {
        self.checkpoint(now).map(|_| ())
    }

    /// Goes on with sealing, a step of about a MiB; appends do the same. For a caller whose clock
    /// ticks while nothing is appended.
    pub fn tend(&mut self, now: Time) {
        self.seal_on(now, 0);
    }

    /// Why sealing stopped, if so. Nothing is lost by that: the journals stay and are read, and it
    /// is tried again after a minute.
    #[must_use]
    pub fn seal_fault(&self) -> Option<&str> {
        self.sealing.fault()
    }

    /// The reading half.
    #[must_use]
    pub const fn reader(&self) -> &Reader<S> {
        &self.reader
    }

    /// How many entries there are.
    #[must_use]
    pub fn size(&self) -> u64 {
        self.reader.size()
    }

    /// The root over all entries.
    #[must_use]
    pub fn root(&self) -> Hash {
        self.reader.edge.root()
    }

    /// As [`Reader::scan`].
    ///
    /// # Errors
    /// As there.
    pub fn scan(
        &self,
        from: Seq,
        visit: &mut impl FnMut(Scanned) -> ControlFlow<()>,
    ) -> Result<(), LogError> {
        self.reader.scan(from, visit)
    }

    /// As [`Reader::read`].
    ///
    /// # Errors
    /// As there.
    pub fn read(&self, seq: Seq) -> Result<Option<Entry>, LogError> {
        self.reader.read(seq)
    }

    /// As [`Reader::prove`].
    ///
    /// # Errors
    /// As there.
    pub fn prove(&self, seq: Seq) -> Result<Proof, LogError> {
        self.reader.prove(seq)
    }

    /// As [`Reader::consistency`].
    ///
    /// # Errors
    /// As there.
    pub fn consistency(&self, from_size: u64) -> Result<Consistency, LogError> {
        self.reader.consistency(from_size)
    }

    /// The node's name in entries.
    #[must_use]
    pub const fn origin(&self) -> NodeId {
        self.chain.origin
    }

    /// The node's epoch.
    #[must_use]
    pub const fn epoch(&self) -> Epoch {
        self.epoch
    }

    /// How much room there was at the last append.
    #[must_use]
    pub const fn space(&self) -> SpaceLevel {
        self.space
    }

    /// Says how far this node's clock may be off, milliseconds; `None` if unknown.
    pub const fn set_clock_error(&mut self, clock_err_ms: Option<u32>) {
        self.settings.clock_err_ms = clock_err_ms;
    }

    /// Why nothing more is appended, if so.
    #[must_use]
    pub fn poisoned(&self) -> Option<&str> {
        self.poisoned.as_deref()
    }

    pub(crate) fn check_poison(&self) -> Result<(), LogError> {
        match &self.poisoned {
            None => Ok(()),
            Some(cause) => Err(LogError::Poisoned { cause: cause.clone() }),
        }
    }

    fn look_at_space(&mut self) -> Result<(), LogError> {
        let space = self.reader.store.space().map_err(LogError::io("ask for disk space"))?;
        self.space = space.map_or(SpaceLevel::Ample, SpaceLevel::of);
        if self.reserve_freed && self.space == SpaceLevel::Ample {
            self.reader.store.renew_reserve();
            self.reserve_freed = false;
        }
        Ok(())
    }

    /// Runs a step that may find the disk full before it wrote anything; for the important,
    /// the reserve is given up and the step tried again.
    fn with_room<T>(
        &mut self,
        least: LogClass,
        doing: &str,
        mut step: impl FnMut(&mut Self) -> std::io::Result<T>,
    ) -> Result<T, LogError> {
        let mut done = step(self);
        if let Err(error) = &done
            && error.kind() == ErrorKind::StorageFull
            && may_use_reserve(least)
            && self.reader.store.free_reserve().map_err(LogError::io("free the reserve"))?
        {
            self.reserve_freed = true;
            done = step(self);
        }
        done.map_err(|error| {
            if error.kind() == ErrorKind::StorageFull {
                return LogError::NoSpace { class: least };
            }
            LogError::io(doing)(error)
        })
    }

    /// Sorts a batch by class and group, and makes the keys of groups that are new.
    fn sort(
        &mut self,
        batch: Vec<Admitted<Record>>,
        least: LogClass,
        now: Time,
    ) -> Result<Vec<Bucket>, LogError> {
        let hour = now.0.div_euclid(HOUR_NS);
        self.active.retain(|group, _| group.hour == hour);
        let mut buckets: Vec<Bucket> = Vec::new();
        for record in batch {
            let record = record.into_inner();
            let at = buckets.iter().position(|bucket| bucket.takes(&record));
            if let Some(bucket) = at.and_then(|at| buckets.get_mut(at)) {
                bucket.records.push_back(record);
                continue;
            }
            let kind = record.body.kind();
            let label = record.label.clone();
            let group = Group { label: label.clone(), kind: Arc::from(kind), hour };
            let (id, key) = match self.active.get(&group) {
                Some((id, key)) => (*id, Arc::clone(key)),
                None => self.make_group(group, least, now)?,
            };
            let class = record.class();
            buckets.push(Bucket { class, kind, label, id, key, records: VecDeque::from([record]) });
        }
        Ok(buckets)
    }

    /// A new group: its key is durable before the first block that needs it.
    fn make_group(
        &mut self,
        group: Group,
        least: LogClass,
        now: Time,
    ) -> Result<(GroupId, Arc<GroupKey>), LogError> {
        let id = GroupId(draw(&mut *self.entropy));
        let bytes: [u8; 32] = draw(&mut *self.entropy);
        let nonce = draw(&mut *self.entropy);
        let file = KeyFile::Live { group: group.clone(), key: bytes };
        let wrapped = file.wrap(&self.node_key, id, nonce, now).ok_or_else(cipher_failed)?;
        let name = id.file();
        self.with_room(least, &format!("write {name}"), |log| {
            log.reader.store.save(&name, &wrapped, Durability::Synced)
        })?;
        let key = Arc::new(GroupKey::new(&bytes).ok_or_else(cipher_failed)?);
        self.active.insert(group, (id, Arc::clone(&key)));
        Ok((id, key))
    }

    /// Makes the blocks of a batch, in memory.
    fn seal(&mut self, buckets: Vec<Bucket>, now: Time) -> Result<Staged, LogError> {
        let mut chain = self.chain.clone();
        chain.epoch = self.epoch;
        let mut staged =
            Staged { chain, blocks: Vec::new(), leaves: Vec::new(), entries: Vec::new() };
        self.sealed.clear();
        for mut bucket in buckets {
            while !bucket.records.is_empty() {
                self.seal_block(&mut bucket, &mut staged, now)?;
            }
        }
        Ok(staged)
    }

    /// Makes one block of the first records of a bucket.
    fn seal_block(
        &mut self,
        bucket: &mut Bucket,
        staged: &mut Staged,
        now: Time,
    ) -> Result<(), LogError> {
        let (origin, epoch, class) = (self.chain.origin, self.epoch, bucket.class);
        let (number, prev_hash) = staged.chain.next(class, epoch);
        let seq = staged.chain.seq;
        let first_leaf = staged.leaves.len();
        self.plain.clear();
        let mut count = 0_u32;
        while let Some(record) = bucket.records.front()
            && staged.leaves.len() - first_leaf < ENTRIES_MAX
        {
            let ahead = u64::from(count);
            let name = EntryName { origin, epoch, class, number: number.saturating_add(ahead) };
            let start = self.plain.len();
            self.plain.extend_from_slice(&[0; 4]);
            let id = wire::encode_entry_with_id(&name, record, &mut self.plain);
            let bytes = self.plain.len() - start;
            if self.plain.len() > PLAIN_MAX {
                if count == 0 {
                    return Err(LogError::TooLarge { bytes, max: PLAIN_MAX });
                }
                self.plain.truncate(start);
                break;
            }
            let seq = seq.saturating_add(ahead);
            let item = self.plain.get_mut(start..).and_then(|item| item.split_first_chunk_mut());
            let Some((len, entry)) = item else { break };
            *len = u32::try_from(entry.len()).unwrap_or(u32::MAX).to_le_bytes();
            staged.leaves.push(leaf(&bucket.key.entry_key(seq), entry));
            if let Some(record) = bucket.records.pop_front() {
                staged.entries.push(Entry { seq: Seq(seq), name, id, record });
            }
            count += 1;
        }
        let leaves = staged.leaves.get(first_leaf..).unwrap_or(&[]);
        // A hybrid logical clock of which one tick is a nanosecond: never behind ours, and each
        // entry's later than the one before.
        let hlc_first = staged.chain.hlc.saturating_add(1).max(now.0);
        let mut header = Header {
            class,
            packing: Packing::Plain,
            origin,
            epoch,
            key: 1,
            group: bucket.id,
            number,
            seq: Seq(seq),
            count,
            clock_err_ms: self.settings.clock_err_ms,
            hlc_first,
            hlc_last: hlc_first.saturating_add(i64::from(count) - 1),
            dict: 0,
            plain_len: 0,
            prev_hash,
            leaves_hash: sha256(&[leaves.as_flattened()]),
            body_len: 0,
        };
        let start = self.sealed.len();
        let hash = self.packer.seal(&mut header, &self.plain, &bucket.key, &mut self.sealed);
        let hash = hash.ok_or_else(cipher_failed)?;
        staged.chain.accept(&header, hash);
        staged.blocks.push(StagedBlock { header, hash, range: start..self.sealed.len() });
        Ok(())
    }

    /// Writes sealed blocks, a frame at a time, and lets the tree grow with what is durable.
    fn write(
        &mut self,
        staged: Staged,
        least: LogClass,
        now: Time,
    ) -> Result<Vec<Entry>, LogError> {
        let mut leaves = staged.leaves.iter();
        let mut rest = staged.blocks.as_slice();
        let mut durable = false;
        while !rest.is_empty() {
            let mut bytes = 0;
            let fits = rest.iter().take_while(|block| {
                bytes += block.range.len();
                bytes <= WRITE_BYTES_MAX
            });
            let (frame, after) = rest.split_at(fits.count().max(1));
            rest = after;
            let sealed = std::mem::take(&mut self.sealed);
            let blocks: Vec<&[u8]> =
                frame.iter().map(|block| sealed.get(block.range.clone()).unwrap_or(&[])).collect();
            let done = self
                .with_room(least, "append to the journal", |log| log.reader.store.append(&blocks));
            drop(blocks);
            self.sealed = sealed;
            let at = done.map_err(|error| self.stopped(error, durable))?;
            durable = true;
            let bytes: usize = frame.iter().map(|block| block.range.len()).sum();
            self.sealing.wrote(at.saturating_add(bytes as u64), now);
            self.reader.add_point(self.chain.seq, at - crate::file::FRAME_HEAD_LEN as u64);
            for block in frame {
                self.chain.accept(&block.header, block.hash);
                for leaf in leaves.by_ref().take(block.header.count_usize()) {
                    self.reader.edge.push(leaf, &mut self.full);
                }
            }
        }
        self.waiting.append(&mut self.full);
        self.write_tiles();
        Ok(staged.entries)
    }

    /// What a failed write means: nothing was written and the log goes on, or it stops.
    fn stopped(&mut self, error: LogError, durable: bool) -> LogError {
        if matches!(error, LogError::NoSpace { .. }) && !durable {
            return error;
        }
        let cause = error.to_string();
        self.poisoned = Some(cause.clone());
        // A part of the batch is durable and was shown to nobody: only a new start tells it.
        if durable { LogError::Poisoned { cause } } else { error }
    }

    /// Writes the full tiles that wait. A tile that cannot be written waits on; what is more
    /// than [`TILES_WAITING_MAX`] is let go and made anew from the journal at the next start.
    fn write_tiles(&mut self) {
        let mut written = 0;
        for file in &self.waiting {
            // A partial tile at the end of what is sealed was synced, and goes below.
            let durability = match durability_of(file.tile, self.tiles_kept) {
                Durability::Cache if width_in(file.tile, self.reader.spines.end()) == 0 => {
                    Durability::Cache
                }
                Durability::Cache | Durability::Synced => Durability::Synced,
            };
            if self.reader.store.save(&file.tile.file(), &file.bytes, durability).is_err() {
                break;
            }
            // The partial files before it are contained in it now; one that stays does no harm.
            drop(self.reader.store.remove(&format!("{}.p", file.tile.file())));
            written += 1;
        }
        self.waiting.drain(..written);
        let excess = self.waiting.len().saturating_sub(TILES_WAITING_MAX);
        self.waiting.drain(..excess);
    }

    /// Signs and stores a checkpoint; the partial tiles of `written` entries stand already.
    fn sign_all(&mut self, written: u64) -> Result<(), LogError> {
        self.write_tiles();
        self.write_partials(written)?;
        let signed = sign(&self.signer, self.size(), self.root())?;
        let store = &mut self.reader.store;
        store
            .save(CHECKPOINT_FILE, signed.note.as_bytes(), Durability::Synced)
            .map_err(io_at("write", CHECKPOINT_FILE))?;
        self.reader.checkpoint = Some(signed);
        Ok(())
    }

    /// Writes the tiles that are not full, as the next checkpoint will cover them.
    fn write_partials(&mut self, written: u64) -> Result<(), LogError> {
        let kept = self.tiles_kept;
        for file in self.reader.edge.partials() {
            let name = file.tile.partial_file(file.width);
            if file.width == width_in(file.tile, written) {
                continue; // it stands there since the last checkpoint
            }
            let store = &mut self.reader.store;
            let durability = durability_of(file.tile, kept);
            store.save(&name, &file.bytes, durability).map_err(io_at("write", &name))?;
        }
        Ok(())
    }

    /// Takes up the groups of the last hour, so that a restart makes no new ones.
    fn find_active(
        &mut self,
        recent: &std::collections::BTreeSet<GroupId>,
    ) -> Result<(), LogError> {
        for id in recent {
            let name = id.file();
            let bytes = self.reader.store.load(&name).map_err(io_at("read", &name))?;
            let Some(bytes) = bytes else { continue };
            let bad = || LogError::Damaged(crate::reader::bad_key(&name));
            match KeyFile::unwrap(&self.node_key, *id, false, &bytes).ok_or_else(bad)? {
                KeyFile::Live { group, key } => {
                    let key = Arc::new(GroupKey::new(&key).ok_or_else(cipher_failed)?);
                    self.active.insert(group, (*id, key));
                }
                KeyFile::Erased { .. } => {}
            }
        }
        Ok(())
    }
}

/// The records of a batch that go into the same blocks.
struct Bucket {
    class: LogClass,
    kind: &'static str,
    label: Label,
    id: GroupId,
    key: Arc<GroupKey>,
    records: VecDeque<Record>,
}

impl Bucket {
    fn takes(&self, record: &Record) -> bool {
        self.class == record.class()
            && self.kind == record.body.kind()
            && self.label == record.label
    }
}

/// Blocks that are sealed and not yet durable.
struct Staged {
    chain: Chain,
    blocks: Vec<StagedBlock>,
    leaves: Vec<Leaf>,
    entries: Vec<Entry>,
}

struct StagedBlock {
    header: Header,
    hash: Hash,
    /// Its bytes in the log's buffer.
    range: Range<usize>,
}

/// Draws a node's name and keys. The node file comes last: without it, nothing was written yet.
fn make_node<S: Store>(store: &mut S, entropy: &mut dyn Entropy) -> Result<(), LogError> {
    let journal = store.segments().first().map(|first| segment_file(first.number));
    let spines = store.list(SPINE_FOLDER).map_err(io_at("list", SPINE_FOLDER))?;
    if let Some(first) = spines.into_iter().next().or(journal) {
        let what = format!("the file is missing, but the log has {first}");
        return Err(LogError::Damaged(Position::new(NODE_FILE, 0, what)));
    }
    let origin = NodeId(draw(entropy));
    let seed = draw(entropy);
    let node_key = match load_node_key(store)? {
        Some(key) => key,
        None => draw(entropy),
    };
    let signer = Signer::new(&format!("picket/{origin}"), &seed).ok_or_else(cipher_failed)?;
    let signed = sign(&signer, 0, crate::merkle::empty_root())?;
    for (name, text) in [
        (NODE_KEY_FILE, node_key_line(&node_key)),
        (SIGNER_FILE, Signer::file_text(&seed)),
        (VERIFIER_FILE, format!("{}\n", signer.verifier().vkey())),
        (CHECKPOINT_FILE, signed.note),
        (NODE_FILE, node_line(origin, Epoch(1))),
    ] {
        store.save(name, text.as_bytes(), Durability::Synced).map_err(io_at("write", name))?;
    }
    Ok(())
}

/// Whether a tile must outlive a power cut: a bundle that alone has the leaves of erased groups.
fn durability_of(tile: Tile, kept: u64) -> Durability {
    match tile {
        Tile::Entries(_) if width_in(tile, kept) > 0 => Durability::Synced,
        Tile::Entries(_) | Tile::Hashes(..) => Durability::Cache,
    }
}

fn sign(signer: &Signer, size: u64, root: Hash) -> Result<SignedCheckpoint, LogError> {
    let checkpoint = Checkpoint { origin: signer.verifier().name().to_owned(), size, root };
    let note = signer.sign(&checkpoint).ok_or_else(cipher_failed)?;
    Ok(SignedCheckpoint { checkpoint, note })
}

fn load_seed<S: Source>(store: &S) -> Result<Option<[u8; 32]>, LogError> {
    let Some(bytes) = store.load(SIGNER_FILE).map_err(io_at("read", SIGNER_FILE))? else {
        return Ok(None);
    };
    let bad = || LogError::Damaged(Position::new(SIGNER_FILE, 0, "the key file was changed"));
    Signer::parse_file(&bytes).map(Some).ok_or_else(bad)
}

/// Keeps a torn tail as evidence, raises the epoch, and clears the tail, in this order: cut
/// off at any point, the next opening does the rest.
fn set_torn_aside<S: Store>(
    store: &mut S,
    loaded: &mut Loaded,
) -> Result<Option<TornTail>, LogError> {
    let Some(bad) = loaded.torn.take() else { return Ok(None) };
    let tail = tail_bytes(store, &bad).map_err(LogError::io("read the torn tail"))?;
    let (number, offset) = place(bad.end);
    let hash = hex(&sha256(&[&tail]));
    let evidence = format!("{EVIDENCE_FOLDER}/{number:08}-{offset}-{hash}.torn");
    loaded.epoch = Epoch(loaded.epoch.0.saturating_add(1));
    let node = node_line(loaded.chain.origin, loaded.epoch);
    store.save(&evidence, &tail, Durability::Synced).map_err(io_at("write", &evidence))?;
    store
        .save(NODE_FILE, node.as_bytes(), Durability::Synced)
        .map_err(io_at("write", NODE_FILE))?;
    store.clear(bad.end).map_err(LogError::io("clear the torn tail"))?;
    let position = crate::tape::bad_position(&bad).since_seq(loaded.chain.seq);
    Ok(Some(TornTail { position, bytes: tail.len() as u64, evidence }))
}

/// What stands from the end of the last good frame on, without the zeros at its end.
fn tail_bytes<S: Source>(store: &S, bad: &Bad) -> std::io::Result<Vec<u8>> {
    let (number, offset) = place(bad.end);
    let len = store.segments().iter().find(|s| s.number == number).map_or(0, |s| s.len);
    let len = usize::try_from(len.saturating_sub(offset)).map_err(std::io::Error::other)?;
    let mut bytes = vec![0; len];
    let there = store.read_raw(bad.end, &mut bytes)?;
    bytes.truncate(there);
    let used = bytes.iter().rposition(|byte| *byte != 0).map_or(0, |last| last + 1);
    bytes.truncate(used);
    Ok(bytes)
}

/// The cipher fails for no input that this program gives it.
pub(crate) fn cipher_failed() -> LogError {
    LogError::Io { doing: "encrypt or sign".into(), source: ErrorKind::Other.into() }
}
