//! Why bytes made no message: offset, field and reason, in one sentence.

/// Why a frame made no message. The sender or the line is at fault, never we.
///
/// `at` is a byte offset from the frame's start; the frame's own offset in the
/// stream stands beside the error in [`Decoded::rejects`](crate::Decoded).
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum DecodeError {
    /// The line is none of the format's sentences.
    #[error(
        "not a sentence: a line must begin with '!', '$' or '\\', this one has byte 0x{byte:02x} at {at}"
    )]
    NotASentence {
        /// Where the byte stands.
        at: usize,
        /// The byte found.
        byte: u8,
    },
    /// The frame or field is longer than is taken.
    #[error("too long: {field} has more than {max} {unit}")]
    TooLong {
        /// What is too long.
        field: &'static str,
        /// The bound.
        max: usize,
        /// What the bound counts.
        unit: &'static str,
    },
    /// The checksum is missing: the line was cut.
    #[error("checksum missing: {field} ends at byte {at} without '*' and two hexadecimal digits")]
    ChecksumMissing {
        /// What lacks it.
        field: &'static str,
        /// Where the bytes end.
        at: usize,
    },
    /// The checksum does not fit the bytes.
    #[error("checksum wrong: {field} says {said:02X}, its bytes give {computed:02X}")]
    ChecksumWrong {
        /// What it covers.
        field: &'static str,
        /// What the frame says.
        said: u8,
        /// What its bytes give.
        computed: u8,
    },
    /// The frame ends before a field without which it means nothing.
    #[error("truncated: {field} is missing at byte {at}")]
    Truncated {
        /// Where the field should begin.
        at: usize,
        /// The field.
        field: &'static str,
    },
    /// A field holds what it must not.
    #[error("invalid: {field} at byte {at} is not {expected}")]
    Invalid {
        /// Where the field begins.
        at: usize,
        /// The field.
        field: &'static str,
        /// What it should be.
        expected: &'static str,
    },
    /// A character of an AIS payload lies outside the six-bit alphabet.
    #[error("invalid: byte 0x{byte:02x} at {at} is no six-bit character")]
    Armour {
        /// Which character of the payload, from 0.
        at: usize,
        /// The byte found.
        byte: u8,
    },
    /// An AIS static data report names a part that the standard does not have.
    #[error("unknown part: a static data report (24) has parts 0 and 1, this one says {part}")]
    UnknownPart {
        /// The part number.
        part: u8,
    },
    /// Parts of a message did not come.
    #[error("incomplete: {have} of {total} parts came, {because}")]
    Incomplete {
        /// How many came.
        have: u8,
        /// How many were announced.
        total: u8,
        /// Why it was not waited for any longer.
        because: &'static str,
    },
    /// The parity of a Mode S frame does not fit its bits.
    #[error("parity wrong: format {df} has syndrome {syndrome:06X}")]
    ParityWrong {
        /// The downlink format.
        df: u8,
        /// What its bits give, against its parity.
        syndrome: u32,
    },
    /// A Mode S reply hides its address in the parity, and nothing proves the address.
    #[error(
        "unproven: the parity gives address {address:06X}, which no intact all-call reply or squitter named lately"
    )]
    AddressUnproven {
        /// The address that the parity gives if no bit is wrong.
        address: u32,
    },
    /// The XML is malformed, or uses what is not allowed.
    #[error("xml: {reason} at byte {at}")]
    Xml {
        /// Where.
        at: usize,
        /// What is wrong.
        reason: &'static str,
    },
    /// ASTERIX bytes that no table explains, or a capture that is none.
    #[error(transparent)]
    Asterix(#[from] crate::asterix::Fault),
}
