//! Proofs that stand alone: an entry is in the log, a log extends an older one.
//!
//! `Standard:` C2SP tlog-proof. Its one `extra` line, base 64, holds what the leaf needs:
//!
//! | bytes | content |
//! |---|---|
//! | 1 | version, 1 |
//! | 32 | the entry's own key |
//! | 1 | length of the verifier key |
//! | .. | the log's verifier key (C2SP vkey); a hint only, to be compared with one you trust |
//! | .. | the entry's canonical bytes |
//!
//! To check by hand: leaf = `01` | HMAC-SHA-256(entry key, entry), leaf hash =
//! SHA-256(`00` | leaf); the path leads to the root that the checkpoint's key signed.

use picket_model::{EntryName, Record, RecordId, Seq, wire};

use crate::block::{Cursor, Hash};
use crate::checkpoint::{Checkpoint, Verifier, from_base64, to_base64};
use crate::key::leaf;
use crate::merkle::{leaf_hash, verify_consistency, verify_inclusion};

/// A proof that an entry is in the log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Proof {
    /// The entry's place.
    pub index: u64,
    /// The audit path, from the leaf's sibling up.
    pub path: Vec<Hash>,
    /// The signed checkpoint.
    pub checkpoint_note: String,
    /// The entry's own key.
    pub entry_key: [u8; 32],
    /// The entry's canonical bytes.
    pub entry: Vec<u8>,
    /// The public key that signed the checkpoint.
    pub verifier: Verifier,
}

/// What a proof proves.
#[derive(Debug, Clone, PartialEq)]
pub struct Proven {
    /// The entry's place.
    pub seq: Seq,
    /// The entry's name.
    pub name: EntryName,
    /// The record's id.
    pub id: RecordId,
    /// The record.
    pub record: Record,
    /// The checkpoint that covers it.
    pub checkpoint: Checkpoint,
    /// Who signed the checkpoint.
    pub verifier: Verifier,
    /// Whether that key was given as trusted; if not, it came with the proof and must be
    /// compared with one that came another way.
    pub trusted: bool,
}

/// Why a proof does not hold.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ProofError {
    /// The text is no proof.
    #[error("cannot read the proof: line {line} is not as C2SP tlog-proof has it")]
    Shape {
        /// The line, from 1.
        line: usize,
    },
    /// The checkpoint is not signed by the trusted key.
    #[error("cannot accept the proof: its checkpoint is not signed by {0}")]
    Signature(String),
    /// The path does not lead from the entry to the signed root.
    #[error("cannot accept the proof: the path does not lead from the entry to the signed root")]
    Path,
    /// The entry's bytes are none.
    #[error("cannot accept the proof: {0}")]
    Entry(wire::WireError),
}

const HEADLINE: &str = "c2sp.org/tlog-proof@v1";
const VERSION: u8 = 1;
/// A path in a tree of 2⁶⁴ leaves.
const PATH_MAX: usize = 64;

impl std::fmt::Display for Proof {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let vkey = self.verifier.vkey();
        let mut extra = vec![VERSION];
        extra.extend_from_slice(&self.entry_key);
        extra.push(u8::try_from(vkey.len()).unwrap_or(0));
        extra.extend_from_slice(vkey.as_bytes());
        extra.extend_from_slice(&self.entry);
        writeln!(f, "{HEADLINE}\nextra {}\nindex {}", to_base64(&extra), self.index)?;
        self.path.iter().try_for_each(|hash| writeln!(f, "{}", to_base64(hash)))?;
        write!(f, "\n{}", self.checkpoint_note)
    }
}

impl Proof {
    /// Reads a proof's text.
    ///
    /// # Errors
    /// [`ProofError::Shape`] if it is none.
    pub fn parse(text: &str) -> Result<Self, ProofError> {
        let shape = |line: usize| ProofError::Shape { line };
        let (head, checkpoint_note) = text.split_once("\n\n").ok_or(shape(1))?;
        let mut lines = head.split('\n');
        lines.next().filter(|line| *line == HEADLINE).ok_or(shape(1))?;
        let extra = lines.next().and_then(|line| line.strip_prefix("extra "));
        let extra = extra.and_then(from_base64).ok_or(shape(2))?;
        let (entry_key, verifier, entry) = parse_extra(&extra).ok_or(shape(2))?;
        let index = lines.next().and_then(|line| line.strip_prefix("index ")).ok_or(shape(3))?;
        let index = index.parse().ok().filter(|n: &u64| n.to_string() == index).ok_or(shape(3))?;
        let mut path = Vec::new();
        for (number, line) in (4..).zip(lines) {
            let hash = from_base64(line).and_then(|hash| hash.try_into().ok());
            path.push(hash.filter(|_| path.len() < PATH_MAX).ok_or(shape(number))?);
        }
        let checkpoint_note = checkpoint_note.to_owned();
        Ok(Self { index, path, checkpoint_note, entry_key, entry, verifier })
    }
}

fn parse_extra(extra: &[u8]) -> Option<([u8; 32], Verifier, Vec<u8>)> {
    let mut c = Cursor(extra);
    c.take::<1>().filter(|version| *version == [VERSION])?;
    let entry_key = c.take()?;
    let [len] = c.take()?;
    let vkey = std::str::from_utf8(c.slice(usize::from(len))?).ok()?;
    Some((entry_key, Verifier::parse(vkey)?, c.0.to_vec()))
}

/// Checks a proof offline. Without a trusted key, the one that came with the proof is used,
/// and [`Proven::trusted`] says so.
///
/// # Errors
/// [`ProofError`] that says what does not hold.
pub fn verify_proof(text: &str, trusted: Option<&Verifier>) -> Result<Proven, ProofError> {
    let proof = Proof::parse(text)?;
    let verifier = trusted.unwrap_or(&proof.verifier).clone();
    let checkpoint = Checkpoint::open(&proof.checkpoint_note, &verifier)
        .ok_or_else(|| ProofError::Signature(verifier.name().to_owned()))?;
    let hash = leaf_hash(&leaf(&proof.entry_key, &proof.entry));
    let (size, root) = (checkpoint.size, &checkpoint.root);
    if !verify_inclusion(proof.index, size, &hash, &proof.path, root) {
        return Err(ProofError::Path);
    }
    let (name, record) = wire::decode_entry(&proof.entry).map_err(ProofError::Entry)?;
    Ok(Proven {
        seq: Seq(proof.index),
        name,
        id: record.id(),
        record,
        checkpoint,
        verifier,
        trusted: trusted.is_some(),
    })
}

/// A proof that the log begins with an older state of itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Consistency {
    /// Entries of the older state.
    pub from_size: u64,
    /// The root of the older state, as this log has it.
    pub from_root: Hash,
    /// The proof's hashes.
    pub hashes: Vec<Hash>,
    /// The signed checkpoint of the newer state.
    pub checkpoint_note: String,
}

impl Consistency {
    /// Whether an older root that one holds is a beginning of what the checkpoint signs.
    #[must_use]
    pub fn holds(&self, older_root: &Hash, verifier: &Verifier) -> bool {
        Checkpoint::open(&self.checkpoint_note, verifier).is_some_and(|newer| {
            let (size, root) = (newer.size, &newer.root);
            verify_consistency(self.from_size, size, &self.hashes, older_root, root)
        })
    }
}
