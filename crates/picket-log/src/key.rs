//! Keys: one for the node, one for each retention group, one for each entry.
//!
//! ```text
//! node key (keys/node.key, 32 random bytes)
//!   `- wrap key   = HKDF-Expand(node key, "picket-log wrap v1")
//! group key (log/key/<group>, 32 random bytes, under the wrap key)
//!   |- body key   = HKDF-Expand(group key, "picket-log body v1")
//!   `- entry key  = HKDF-Expand(group key, "picket-log entry v1" | seq, 8 bytes little-endian)
//! ```
//! `Standard:` RFC 5869 §2.3 with SHA-256; an output of 32 bytes is the one block
//! `HMAC(key, info | 0x01)`. AEAD is AES-256-GCM-SIV (RFC 8452), which keeps its
//! promises even if a nonce came twice.
//!
//! A key file: `PKEY` | version 1 | state | 2 zero bytes | group 16 | nonce 12 |
//! sealed | CRC-32C of all before, little-endian. Sealed, padded to a multiple of 256
//! bytes so that its length does not tell the label: key 32 | hour i64 | at i64 (ns: made, or
//! erased) | kind | level u8 | compartments | partners; texts have a length byte, lists a
//! count byte. State 1 is live; 2 is erased, with zeros for the key, in `<group>.erased`.

use std::collections::BTreeSet;
use std::fmt;
use std::sync::Arc;

use aws_lc_rs::aead::{AES_256_GCM_SIV, Aad, LessSafeKey, NONCE_LEN, Nonce, UnboundKey};
use aws_lc_rs::{constant_time, hmac};
use picket_model::{Label, Time, id};

use crate::block::{Cursor, Hash};
use crate::crc::crc32c;

/// Where chance comes from: the system's generator in the binary, a seed in tests.
pub trait Entropy: Send {
    /// Fills with bytes that nobody can foresee.
    fn fill(&mut self, out: &mut [u8]);
}

impl<F: FnMut(&mut [u8]) + Send> Entropy for F {
    fn fill(&mut self, out: &mut [u8]) {
        self(out);
    }
}

/// Draws bytes.
pub(crate) fn draw<const N: usize>(entropy: &mut dyn Entropy) -> [u8; N] {
    let mut out = [0; N];
    entropy.fill(&mut out);
    out
}

/// Names a retention group in headers and files; says nothing about label, kind or hour.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct GroupId(pub [u8; 16]);

impl fmt::Display for GroupId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        id::write_hex(f, &self.0)
    }
}

impl fmt::Debug for GroupId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        id::write_hex(f, &self.0)
    }
}

impl GroupId {
    /// The group's live key file.
    pub(crate) fn file(self) -> String {
        format!("{KEY_FOLDER}/{self}")
    }

    /// The stone that stands where the key was.
    pub(crate) fn erased_file(self) -> String {
        format!("{KEY_FOLDER}/{self}.erased")
    }

    /// The group of a file's name, and whether it is an erased one.
    pub(crate) fn of_file(name: &str) -> Option<(Self, bool)> {
        let name = name.strip_prefix(KEY_FOLDER)?.strip_prefix('/')?;
        let (hex, erased) = match name.strip_suffix(".erased") {
            Some(hex) => (hex, true),
            None => (name, false),
        };
        let bytes = id::parse_hex(hex)?;
        (Self(bytes).to_string() == hex).then_some((Self(bytes), erased))
    }
}

/// What a retention group holds.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Group {
    /// The label of all its records.
    pub label: Label,
    /// The kind of all its records, as [`picket_model::Body::kind`] names it.
    pub kind: Arc<str>,
    /// The hour in which they came into this log, counted from 1970.
    pub hour: i64,
}

/// The folder of group keys.
pub(crate) const KEY_FOLDER: &str = "log/key";

/// The node's key, as it wraps group keys.
pub(crate) struct NodeKey(LessSafeKey);

impl NodeKey {
    pub(crate) fn new(key: &[u8; 32]) -> Option<Self> {
        let prk = hmac::Key::new(hmac::HMAC_SHA256, key);
        Some(Self(siv(&expand(&prk, b"picket-log wrap v1", &[]))?))
    }
}

/// A group's keys.
pub(crate) struct GroupKey {
    body: LessSafeKey,
    prk: hmac::Key,
}

impl GroupKey {
    pub(crate) fn new(key: &[u8; 32]) -> Option<Self> {
        let prk = hmac::Key::new(hmac::HMAC_SHA256, key);
        let body = siv(&expand(&prk, b"picket-log body v1", &[]))?;
        Some(Self { body, prk })
    }

    /// The key of the entry at this place.
    pub(crate) fn entry_key(&self, seq: u64) -> [u8; 32] {
        expand(&self.prk, b"picket-log entry v1", &seq.to_le_bytes())
    }

    /// Encrypts what stands in `out` from `from` on and appends the tag.
    pub(crate) fn seal(
        &self,
        nonce: [u8; NONCE_LEN],
        ad: &[u8],
        out: &mut [u8],
    ) -> Option<[u8; TAG_LEN]> {
        let nonce = Nonce::assume_unique_for_key(nonce);
        let tag = self.body.seal_in_place_separate_tag(nonce, Aad::from(ad), out).ok()?;
        tag.as_ref().try_into().ok()
    }

    /// Decrypts `sealed` in place; the text, if nobody changed it.
    pub(crate) fn open<'b>(
        &self,
        nonce: [u8; NONCE_LEN],
        ad: &[u8],
        sealed: &'b mut [u8],
    ) -> Option<&'b [u8]> {
        let nonce = Nonce::assume_unique_for_key(nonce);
        self.body.open_in_place(nonce, Aad::from(ad), sealed).ok().map(|plain| &*plain)
    }
}

/// The bytes that an AEAD adds.
pub(crate) const TAG_LEN: usize = 16;

/// A leaf's bytes: a version and a keyed commitment. Tells nothing without the entry key.
pub(crate) type Leaf = [u8; LEAF_LEN];
pub(crate) const LEAF_LEN: usize = 33;
const LEAF_VERSION: u8 = 1;

/// The leaf of an entry.
pub(crate) fn leaf(entry_key: &[u8; 32], canonical: &[u8]) -> Leaf {
    let key = hmac::Key::new(hmac::HMAC_SHA256, entry_key);
    let tag = hmac::sign(&key, canonical);
    let mut leaf = [LEAF_VERSION; LEAF_LEN];
    for (to, from) in leaf.iter_mut().skip(1).zip(tag.as_ref()) {
        *to = *from;
    }
    leaf
}

/// HKDF-Expand to 32 bytes.
fn expand(prk: &hmac::Key, info: &[u8], more: &[u8]) -> [u8; 32] {
    let mut context = hmac::Context::with_key(prk);
    context.update(info);
    context.update(more);
    context.update(&[1]);
    let mut out = [0; 32];
    out.copy_from_slice(context.sign().as_ref());
    out
}

fn siv(key: &Hash) -> Option<LessSafeKey> {
    UnboundKey::new(&AES_256_GCM_SIV, key).ok().map(LessSafeKey::new)
}

/// What a key file says.
pub(crate) enum KeyFile {
    Live { group: Group, key: [u8; 32] },
    Erased { group: Group, at: Time },
}

const MAGIC: &[u8; 4] = b"PKEY";
const VERSION: u8 = 1;
const STATE_LIVE: u8 = 1;
const STATE_ERASED: u8 = 2;
/// Head: magic, version, state, zeros, group, nonce.
const HEAD_LEN: usize = 8 + 16 + NONCE_LEN;
const PAD: usize = 256;

impl KeyFile {
    /// Wraps this under the node's key.
    pub(crate) fn wrap(
        &self,
        node: &NodeKey,
        id: GroupId,
        nonce: [u8; NONCE_LEN],
        now: Time,
    ) -> Option<Vec<u8>> {
        let (state, key, group, at) = match self {
            Self::Live { group, key } => (STATE_LIVE, *key, group, now),
            Self::Erased { group, at } => (STATE_ERASED, [0; 32], group, *at),
        };
        let mut out = Vec::with_capacity(HEAD_LEN + PAD + TAG_LEN + 4);
        out.extend_from_slice(MAGIC);
        out.extend_from_slice(&[VERSION, state, 0, 0]);
        out.extend_from_slice(&id.0);
        out.extend_from_slice(&nonce);
        let head: [u8; HEAD_LEN] = out.as_slice().try_into().ok()?;
        let mut plain = key.to_vec();
        plain.extend_from_slice(&group.hour.to_le_bytes());
        plain.extend_from_slice(&at.0.to_le_bytes());
        put_text(&mut plain, &group.kind)?;
        plain.push(group.label.level);
        for members in [&group.label.compartments, &group.label.releasable_to] {
            plain.push(u8::try_from(members.len()).ok()?);
            members.iter().try_for_each(|member| put_text(&mut plain, member))?;
        }
        plain.resize(plain.len().next_multiple_of(PAD), 0);
        let nonce = Nonce::assume_unique_for_key(nonce);
        node.0.seal_in_place_append_tag(nonce, Aad::from(&head), &mut plain).ok()?;
        out.append(&mut plain);
        out.extend_from_slice(&crc32c(&[&out]).to_le_bytes());
        Some(out)
    }

    /// Checks what can be checked without a key: the checksum, and that the file is this group's.
    pub(crate) fn is_whole(bytes: &[u8], id: GroupId, erased: bool) -> bool {
        let Some((body, crc)) = bytes.split_last_chunk::<4>() else { return false };
        let state = if erased { STATE_ERASED } else { STATE_LIVE };
        crc32c(&[body]) == u32::from_le_bytes(*crc)
            && body.starts_with(MAGIC)
            && body.get(4..8) == Some(&[VERSION, state, 0, 0])
            && body.get(8..24) == Some(&id.0)
    }

    /// Unwraps a key file; `None` if a bit of it was changed or another node's key wrapped it.
    pub(crate) fn unwrap(node: &NodeKey, id: GroupId, erased: bool, bytes: &[u8]) -> Option<Self> {
        if !Self::is_whole(bytes, id, erased) {
            return None;
        }
        let (body, _) = bytes.split_last_chunk::<4>()?;
        let (head, sealed) = body.split_first_chunk::<HEAD_LEN>()?;
        let nonce = Nonce::assume_unique_for_key(*head.last_chunk()?);
        let mut sealed = sealed.to_vec();
        let plain = node.0.open_in_place(nonce, Aad::from(head), &mut sealed).ok()?;
        let mut c = Cursor(plain);
        let key = c.take::<32>()?;
        let hour = i64::from_le_bytes(c.take()?);
        let at = Time(i64::from_le_bytes(c.take()?));
        let kind = take_text(&mut c)?;
        let [level] = c.take()?;
        let compartments = take_members(&mut c)?;
        let releasable_to = take_members(&mut c)?;
        let group = Group { label: Label { level, compartments, releasable_to }, kind, hour };
        Some(if erased { Self::Erased { group, at } } else { Self::Live { group, key } })
    }
}

fn put_text(out: &mut Vec<u8>, text: &str) -> Option<()> {
    out.push(u8::try_from(text.len()).ok()?);
    out.extend_from_slice(text.as_bytes());
    Some(())
}

fn take_text(c: &mut Cursor<'_>) -> Option<Arc<str>> {
    let [len] = c.take()?;
    std::str::from_utf8(c.slice(usize::from(len))?).ok().map(Arc::from)
}

fn take_members(c: &mut Cursor<'_>) -> Option<BTreeSet<Arc<str>>> {
    let [count] = c.take()?;
    (0..count).map(|_| take_text(c)).collect()
}

/// A secret of 32 bytes as one line of text: kind, hexadecimal digits, checksum.
pub(crate) fn secret_line(kind: &str, secret: &[u8; 32]) -> String {
    let body = format!("{kind} {}", hex(secret));
    format!("{body} {:08x}\n", crc32c(&[body.as_bytes()]))
}

/// Reads [`secret_line`]; `None` if a bit of it was changed.
pub(crate) fn parse_secret_line(kind: &str, text: &[u8]) -> Option<[u8; 32]> {
    let text = std::str::from_utf8(text).ok()?;
    let digits = text.strip_prefix(kind)?.strip_prefix(' ')?.get(..64)?;
    let secret = id::parse_hex(digits)?;
    let same = constant_time::verify_slices_are_equal(
        secret_line(kind, &secret).as_bytes(),
        text.as_bytes(),
    );
    same.is_ok().then_some(secret)
}

pub(crate) fn hex(bytes: &[u8]) -> String {
    struct Hex<'a>(&'a [u8]);
    impl fmt::Display for Hex<'_> {
        fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            id::write_hex(f, self.0)
        }
    }
    Hex(bytes).to_string()
}
