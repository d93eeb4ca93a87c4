//! Typed identifiers: two kinds never mix.

use std::fmt;
use std::marker::PhantomData;
use std::sync::Arc;

/// A name of one kind: 1 to [`NAME_BYTES_MAX`] bytes of UTF-8 without control characters.
///
/// Cloning shares the text. Order is that of the bytes.
pub struct Name<K>(Arc<str>, PhantomData<fn() -> K>);

/// The longest name that is taken; the longest CoT uids seen in the field stay below 150 bytes.
pub const NAME_BYTES_MAX: usize = 200;

/// The kinds of names. Append only: a kind's meaning never changes.
pub mod kind {
    /// An enrolled device, or a feed's receiver.
    #[derive(Debug)]
    pub enum Device {}
    /// A person with an account.
    #[derive(Debug)]
    pub enum Person {}
    /// An organisation with a node of its own.
    #[derive(Debug)]
    pub enum Partner {}
    /// An area drawn on the map.
    #[derive(Debug)]
    pub enum Area {}
}

/// Names an enrolled device, or the receiver behind a feed.
pub type DeviceId = Name<kind::Device>;
/// Names a person.
pub type PersonId = Name<kind::Person>;
/// Names a partner organisation.
pub type PartnerId = Name<kind::Partner>;
/// Names an area.
pub type AreaName = Name<kind::Area>;

/// Why a text is no name. The caller's input is at fault.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum NameError {
    /// It has no characters.
    #[error("a name needs at least one character")]
    Empty,
    /// It is longer than [`NAME_BYTES_MAX`].
    #[error("a name may have {NAME_BYTES_MAX} bytes, this one has {0}")]
    TooLong(usize),
    /// It holds a control character.
    #[error("a name may not hold control characters")]
    Control,
}

impl<K> Name<K> {
    /// Takes a text as a name.
    ///
    /// # Errors
    /// [`NameError`] when it is empty, too long or holds control characters.
    pub fn new(text: &str) -> Result<Self, NameError> {
        Self::of_shared(Arc::from(text))
    }

    /// As [`Name::new`], of a text that others may hold too.
    pub(crate) fn of_shared(text: Arc<str>) -> Result<Self, NameError> {
        if text.is_empty() {
            return Err(NameError::Empty);
        }
        if text.len() > NAME_BYTES_MAX {
            return Err(NameError::TooLong(text.len()));
        }
        if text.chars().any(char::is_control) {
            return Err(NameError::Control);
        }
        Ok(Self(text, PhantomData))
    }

    /// The text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl<K> Clone for Name<K> {
    fn clone(&self) -> Self {
        Self(Arc::clone(&self.0), PhantomData)
    }
}
impl<K> PartialEq for Name<K> {
    fn eq(&self, other: &Self) -> bool {
        self.0 == other.0
    }
}
impl<K> Eq for Name<K> {}
impl<K> PartialOrd for Name<K> {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}
impl<K> Ord for Name<K> {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        self.0.cmp(&other.0)
    }
}
impl<K> fmt::Debug for Name<K> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?}", &*self.0)
    }
}
impl<K> fmt::Display for Name<K> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// The SHA-256 of what makes a record itself: author, time, subject, causes and body.
///
/// What one author says twice, over two links or after an outage, has one id.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RecordId(pub [u8; 32]);

impl fmt::Display for RecordId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write_hex(f, &self.0)
    }
}
impl fmt::Debug for RecordId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write_hex(f, self.0.get(..6).unwrap_or(&[]))
    }
}

/// Writes bytes as lower-case hexadecimal digits.
///
/// # Errors
/// Those of the formatter.
pub fn write_hex(f: &mut fmt::Formatter<'_>, bytes: &[u8]) -> fmt::Result {
    bytes.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
}

/// Reads `N` bytes from `2 * N` hexadecimal digits; `None` if they are not just that.
///
/// # Examples
/// ```
/// assert_eq!(picket_model::id::parse_hex::<2>("0aFF"), Some([10, 255]));
/// assert_eq!(picket_model::id::parse_hex::<2>("0aF"), None);
/// ```
#[must_use]
pub fn parse_hex<const N: usize>(text: &str) -> Option<[u8; N]> {
    let digits = text.as_bytes();
    if digits.len() != N * 2 {
        return None;
    }
    let mut out = [0_u8; N];
    for (byte, pair) in out.iter_mut().zip(digits.chunks_exact(2)) {
        let [high, low] = pair else { return None };
        let high = char::from(*high).to_digit(16)?;
        let low = char::from(*low).to_digit(16)?;
        *byte = u8::try_from(high * 16 + low).ok()?;
    }
    Some(out)
}

impl std::str::FromStr for RecordId {
    type Err = ();
    fn from_str(text: &str) -> Result<Self, ()> {
        parse_hex(text).map(Self).ok_or(())
    }
}

/// A place in this node's log, over all classes, from 0; also the leaf index of its tree.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Seq(pub u64);

impl fmt::Display for Seq {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// The node where an entry was first appended: 16 bytes drawn at its first start.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct NodeId(pub [u8; 16]);

impl fmt::Display for NodeId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write_hex(f, &self.0)
    }
}
impl fmt::Debug for NodeId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write_hex(f, &self.0)
    }
}

/// Rises when a node lost its tail or was set up anew, so that a number is never used twice.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
pub struct Epoch(pub u32);

/// An entry's importance; each class has its own sequence, so a higher one never waits for a lower one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
#[repr(u8)]
pub enum LogClass {
    /// Policy and revocation.
    Control = 0,
    /// Alerts.
    Alert = 1,
    /// Advice, decisions, acts, refusals.
    Audit = 2,
    /// Tasks and messages.
    Command = 3,
    /// Tracks from other nodes.
    Track = 4,
    /// Observations, status, ticks.
    Observation = 5,
    /// Files.
    Bulk = 6,
}

impl LogClass {
    /// All classes, the most important first.
    pub const ALL: [Self; 7] = [
        Self::Control,
        Self::Alert,
        Self::Audit,
        Self::Command,
        Self::Track,
        Self::Observation,
        Self::Bulk,
    ];

    /// The class's number in a block header, 0 to 6.
    #[must_use]
    pub const fn number(self) -> u8 {
        self as u8
    }

    /// The class with this number; `None` above 6.
    #[must_use]
    pub fn from_number(number: u8) -> Option<Self> {
        Self::ALL.into_iter().find(|class| class.number() == number)
    }
}

/// A track of this node, counted from 1; shown as `T12`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct TrackId(pub u32);

impl fmt::Display for TrackId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "T{}", self.0)
    }
}

impl std::str::FromStr for TrackId {
    type Err = ();
    fn from_str(text: &str) -> Result<Self, ()> {
        text.strip_prefix('T').and_then(|digits| digits.parse().ok()).map(Self).ok_or(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_refuses_what_a_screen_could_not_show() {
        assert_eq!(DeviceId::new(""), Err(NameError::Empty));
        assert_eq!(DeviceId::new("a\nb"), Err(NameError::Control));
        assert_eq!(DeviceId::new(&"x".repeat(201)), Err(NameError::TooLong(201)));
        assert!(DeviceId::new("Fence-07").is_ok());
    }

    #[test]
    fn a_record_id_reads_back_from_its_text() {
        let id = RecordId([0xab; 32]);
        assert_eq!(id.to_string().parse(), Ok(id));
        assert_eq!("zz".parse::<RecordId>(), Err(()));
    }
}
