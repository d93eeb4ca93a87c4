//! The signed checkpoint: size and root of the tree in a note that outside tools read.
//!
//! `Standard:` C2SP tlog-checkpoint and signed-note, signature type 0x01 (Ed25519). The
//! ML-DSA-44 cosignature (type 0x06) is not made yet.

use aws_lc_rs::signature::{ED25519, Ed25519KeyPair, KeyPair, UnparsedPublicKey};

use crate::block::{Cursor, Hash, sha256};
use crate::key::{hex, parse_secret_line, secret_line};

/// The checkpoint's file.
pub(crate) const CHECKPOINT_FILE: &str = "log/checkpoint";
const ED25519_TYPE: u8 = 1;
/// A note larger than this is refused; ours has 300 bytes, cosigned ones some thousand.
const NOTE_BYTES_MAX: usize = 1024 * 1024;

/// What a checkpoint says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Checkpoint {
    /// Names the log.
    pub origin: String,
    /// How many entries it covers.
    pub size: u64,
    /// The root over them.
    pub root: Hash,
}

impl Checkpoint {
    /// The text that is signed.
    #[must_use]
    pub fn text(&self) -> String {
        format!("{}\n{}\n{}\n", self.origin, self.size, to_base64(&self.root))
    }

    fn parse(text: &str) -> Option<Self> {
        let mut lines = text.strip_suffix('\n')?.split('\n');
        let origin = lines.next().filter(|line| !line.is_empty())?.to_owned();
        let size: u64 = lines.next()?.parse().ok()?;
        let root: Hash = from_base64(lines.next()?)?.try_into().ok()?;
        let checkpoint = Self { origin, size, root };
        // Extension lines would be signed text that we do not know.
        (checkpoint.text() == text).then_some(checkpoint)
    }

    /// Reads a signed note: `None` unless this verifier's key signed it.
    #[must_use]
    pub fn open(note: &str, verifier: &Verifier) -> Option<Self> {
        if note.len() > NOTE_BYTES_MAX {
            return None;
        }
        let (text, signatures) = split_note(note)?;
        let mut signed = false;
        for line in signatures.strip_suffix('\n')?.split('\n') {
            let (name, signature) = line.strip_prefix("\u{2014} ")?.split_once(' ')?;
            let signature = from_base64(signature)?;
            let (id, signature) = signature.split_first_chunk::<4>()?;
            if name == verifier.name && *id == verifier.id() {
                // A wrong signature by a known key spoils the note; strangers' are passed over.
                verifier.verify(text, signature)?;
                signed = true;
            }
        }
        signed.then(|| Self::parse(text)).flatten()
    }
}

/// The text of a note with its last newline, and the signature lines.
pub(crate) fn split_note(note: &str) -> Option<(&str, &str)> {
    let at = note.rfind("\n\n")?;
    let (text, rest) = note.split_at_checked(at + 1)?;
    Some((text, rest.strip_prefix('\n')?))
}

/// The public half of a log's signing key, with its name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Verifier {
    name: String,
    key: [u8; 32],
}

impl Verifier {
    /// The key's name: the log's origin line.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The first four bytes of the SHA-256 of name and key, as signature lines carry them.
    #[must_use]
    pub fn id(&self) -> [u8; 4] {
        let hash = sha256(&[self.name.as_bytes(), b"\n", &[ED25519_TYPE], &self.key]);
        let [a, b, c, d, ..] = hash;
        [a, b, c, d]
    }

    /// The verifier key as C2SP signed-note writes it: `<name>+<id>+<base64>`.
    #[must_use]
    pub fn vkey(&self) -> String {
        let mut key = vec![ED25519_TYPE];
        key.extend_from_slice(&self.key);
        format!("{}+{}+{}", self.name, hex(&self.id()), to_base64(&key))
    }

    /// Reads [`Verifier::vkey`]; `None` if it is none, or a bit of it was changed.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let (name, rest) = text.split_once('+')?;
        let (_, key) = rest.split_once('+')?;
        let key = from_base64(key)?;
        let (kind, key) = key.split_first()?;
        let plain = |c: char| !c.is_whitespace() && !c.is_control();
        if *kind != ED25519_TYPE || name.is_empty() || !name.chars().all(plain) {
            return None;
        }
        let verifier = Self { name: name.to_owned(), key: key.try_into().ok()? };
        (verifier.vkey() == text).then_some(verifier)
    }

    fn verify(&self, text: &str, signature: &[u8]) -> Option<()> {
        self.verify_bytes(text.as_bytes(), signature)
    }

    /// Whether the key signed these bytes.
    pub(crate) fn verify_bytes(&self, bytes: &[u8], signature: &[u8]) -> Option<()> {
        UnparsedPublicKey::new(&ED25519, &self.key).verify(bytes, signature).ok()
    }
}

/// The log's signing key.
pub(crate) struct Signer {
    pair: Ed25519KeyPair,
    verifier: Verifier,
}

const SIGNER_KIND: &str = "picket-log-key-ed25519";

impl Signer {
    pub(crate) fn new(name: &str, seed: &[u8; 32]) -> Option<Self> {
        let pair = Ed25519KeyPair::from_seed_unchecked(seed).ok()?;
        let key = pair.public_key().as_ref().try_into().ok()?;
        Some(Self { pair, verifier: Verifier { name: name.to_owned(), key } })
    }

    pub(crate) const fn verifier(&self) -> &Verifier {
        &self.verifier
    }

    /// The signed note of a checkpoint.
    pub(crate) fn sign(&self, checkpoint: &Checkpoint) -> Option<String> {
        let text = checkpoint.text();
        let mut signature = self.verifier.id().to_vec();
        signature.extend_from_slice(self.pair.try_sign(text.as_bytes()).ok()?.as_ref());
        Some(format!("{text}\n\u{2014} {} {}\n", self.verifier.name, to_base64(&signature)))
    }

    /// Signs bytes that are no note; they begin with a line that no note's text has.
    pub(crate) fn sign_bytes(&self, bytes: &[u8]) -> Option<[u8; 64]> {
        self.pair.try_sign(bytes).ok()?.as_ref().try_into().ok()
    }

    pub(crate) fn file_text(seed: &[u8; 32]) -> String {
        secret_line(SIGNER_KIND, seed)
    }

    pub(crate) fn parse_file(text: &[u8]) -> Option<[u8; 32]> {
        parse_secret_line(SIGNER_KIND, text)
    }
}

const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

/// Base 64 of RFC 4648 §4, with padding.
pub(crate) fn to_base64(bytes: &[u8]) -> String {
    let mut out = String::with_capacity(bytes.len().div_ceil(3) * 4);
    for chunk in bytes.chunks(3) {
        let mut word = [0; 4];
        for (to, from) in word.iter_mut().skip(1).zip(chunk) {
            *to = *from;
        }
        let word = u32::from_be_bytes(word);
        for (place, shift) in [18, 12, 6, 0].into_iter().enumerate() {
            let digit = usize::try_from(word >> shift & 63).ok().and_then(|d| ALPHABET.get(d));
            match digit {
                Some(digit) if place <= chunk.len() => out.push(char::from(*digit)),
                Some(_) | None => out.push('='),
            }
        }
    }
    out
}

/// Reads [`to_base64`]; `None` for anything that it would not have written.
pub(crate) fn from_base64(text: &str) -> Option<Vec<u8>> {
    let mut out = Vec::with_capacity(text.len() / 4 * 3);
    let mut c = Cursor(text.as_bytes());
    while !c.0.is_empty() {
        let quad = c.take::<4>()?;
        let pads = quad.iter().rev().take_while(|byte| **byte == b'=').count();
        let mut word = 0_u32;
        for byte in quad.iter().take(4 - pads) {
            let digit = ALPHABET.iter().position(|known| known == byte)?;
            word = word << 6 | u32::try_from(digit).ok()?;
        }
        word <<= 6 * u32::try_from(pads).ok()?;
        out.extend(word.to_be_bytes().into_iter().skip(1).take(3_usize.checked_sub(pads)?));
    }
    (to_base64(&out) == text).then_some(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn base_64_is_that_of_rfc_4648() {
        // RFC 4648 §10.
        for (plain, coded) in [
            ("", ""),
            ("f", "Zg=="),
            ("fo", "Zm8="),
            ("foo", "Zm9v"),
            ("foob", "Zm9vYg=="),
            ("fooba", "Zm9vYmE="),
            ("foobar", "Zm9vYmFy"),
        ] {
            assert_eq!(to_base64(plain.as_bytes()), coded);
            assert_eq!(from_base64(coded).as_deref(), Some(plain.as_bytes()));
        }
        for bad in ["Zg", "Zg=", "Zh==", "====", "Z===", "Zm9v\n", "Zm=v"] {
            assert_eq!(from_base64(bad), None, "{bad}");
        }
    }

    #[test]
    fn opens_the_note_of_the_go_implementation() {
        // golang.org/x/mod/sumdb/note, the package documentation's example.
        let vkey = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW";
        let text = "If you think cryptography is the answer to your problem,\n\
                    then you don't know what your problem is.\n";
        let signature = "x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdn\
                         gotpRZb6KE6RyyBwJnAM=";
        let verifier = Verifier::parse(vkey).unwrap();
        let signature = from_base64(signature).unwrap();
        let (id, signature) = signature.split_first_chunk::<4>().unwrap();
        assert_eq!(*id, verifier.id());
        assert!(verifier.verify(text, signature).is_some());
        assert!(verifier.verify(&text.replace("you", "we"), signature).is_none());
    }
}
