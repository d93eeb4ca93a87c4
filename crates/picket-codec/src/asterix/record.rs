//! A record: its bytes and where each item begins, measured once, interpreted on demand.

use std::fmt;
use std::sync::Arc;

use picket_model::Time;

use super::block::Source;
use super::fault::{Fault, Name};
use super::table::{Edition, Field, Form, ITEMS_MAX, Item, Kind};

/// One record of a data block, whose items are known to lie within it.
///
/// It shares the bytes of its block with the block's other records.
#[derive(Clone, PartialEq)]
pub struct AsterixRecord {
    /// The edition by which it was read.
    pub edition: &'static Edition,
    /// When a capture says that its datagram came.
    pub recorded_at: Option<Time>,
    pub(super) source: Arc<Source>,
    block: Arc<[u8]>,
    layout: Layout,
}

/// Where a record and its items lie in their block.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Layout {
    /// Where the presence map begins.
    from: u16,
    /// Where the item of each place of the profile begins, and last where the record ends;
    /// an absent item begins where the next one does.
    starts: [u16; ITEMS_MAX + 1],
}

impl Layout {
    /// The offset in the block of the first byte behind the record.
    pub(super) fn end(&self) -> usize {
        self.starts.last().map_or(0, |end| usize::from(*end))
    }
}

/// Measures the record at `at` of a block of at most 65,535 bytes.
///
/// Standard: EUROCONTROL-SPEC-0149 (Part 1), §4.3.5 and §5.2.
pub(super) fn measure(edition: &Edition, block: &[u8], at: usize) -> Result<Layout, Fault> {
    let name = Name::of(edition);
    let (map, octets) =
        presence(block.get(at..).unwrap_or(&[])).ok_or(Fault::MapCut { edition: name, at })?;
    if map == 0 {
        return Err(Fault::RecordEmpty { edition: name, at });
    }
    let mut pos = at + octets;
    let mut starts = [0; ITEMS_MAX + 1];
    let mut left = starts.iter_mut().enumerate();
    let mut fill = |up_to: usize, pos: usize| {
        for (place, start) in left.by_ref() {
            *start = offset(pos);
            if place == up_to {
                return;
            }
        }
    };
    for place in places(map) {
        fill(place, pos);
        let item = edition.uap.get(place).copied().flatten();
        let item = item.ok_or(Fault::ItemUnknown { edition: name, frn: place + 1, at })?;
        let length = length(&item.2, block.get(pos..).unwrap_or(&[]));
        pos += length.map_err(|lack| match lack {
            Lack::Bytes => Fault::ItemCut { edition: name, item: item.0, at: pos },
            Lack::Part => Fault::PartUnknown { edition: name, item: item.0, at: pos },
            Lack::Length => Fault::ItemLength { edition: name, item: item.0, at: pos },
        })?;
    }
    fill(ITEMS_MAX, pos);
    Ok(Layout { from: offset(at), starts })
}

/// An offset in a block, which has at most 65,535 bytes.
fn offset(at: usize) -> u16 {
    u16::try_from(at).unwrap_or(u16::MAX)
}

/// Reads a presence map: its bits, the first highest, and how many octets it has.
///
/// `None` if it has no end. Bits beyond 63 items, which no profile has, count as the 64th.
fn presence(bytes: &[u8]) -> Option<(u64, usize)> {
    let mut map = 0;
    for (at, octet) in bytes.iter().enumerate() {
        let bits = u64::from(octet >> 1);
        map |= match 57_u32.checked_sub(u32::try_from(at).ok()?.saturating_mul(7)) {
            Some(shift) => bits << shift,
            None => u64::from(bits != 0),
        };
        if octet & 1 == 0 {
            return Some((map, at + 1));
        }
    }
    None
}

/// The places of the bits that are set, from the first.
fn places(mut map: u64) -> impl Iterator<Item = usize> {
    std::iter::from_fn(move || {
        let place = map.leading_zeros();
        map &= !(1_u64 << 63).checked_shr(place)?;
        Some(place as usize)
    })
}

/// Why an item has no length.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Lack {
    /// The bytes end before it does.
    Bytes,
    /// It has a part that the table lacks.
    Part,
    /// Its own length is none.
    Length,
}

/// The length of an item at the start of `bytes`.
fn length(form: &Form, bytes: &[u8]) -> Result<usize, Lack> {
    let octets = match form {
        Form::Fixed(octets, _) => *octets,
        Form::Extended(parts) => extended(parts, bytes)?,
        Form::Counted(octets, _) => {
            let count = *bytes.first().ok_or(Lack::Bytes)?;
            1 + usize::from(count) * octets
        }
        Form::Chained(octets, _) => {
            let more = |group: &&[u8]| group.last().is_some_and(|octet| octet & 1 == 1);
            (bytes.chunks(*octets).take_while(more).count() + 1) * octets
        }
        Form::Compound(parts) => {
            let (map, mut at) = presence(bytes).ok_or(Lack::Bytes)?;
            for place in places(map) {
                let part = parts.get(place).and_then(Option::as_ref).ok_or(Lack::Part)?;
                at += length(&part.2, bytes.get(at..).unwrap_or(&[]))?;
            }
            at
        }
        Form::Explicit => match *bytes.first().ok_or(Lack::Bytes)? {
            0 => return Err(Lack::Length),
            said => usize::from(said),
        },
    };
    if octets > bytes.len() { Err(Lack::Bytes) } else { Ok(octets) }
}

/// How many octets an extended item has.
fn extended(parts: &[&[Field]], bytes: &[u8]) -> Result<usize, Lack> {
    for (at, part) in parts.iter().enumerate() {
        let octet = bytes.get(at).ok_or(Lack::Bytes)?;
        if octet & 1 == 0 || !Form::is_open(part) {
            return Ok(at + 1);
        }
    }
    Err(Lack::Part)
}

impl AsterixRecord {
    pub(super) fn new(
        edition: &'static Edition,
        recorded_at: Option<Time>,
        source: Arc<Source>,
        block: Arc<[u8]>,
        layout: Layout,
    ) -> Self {
        Self { edition, recorded_at, source, block, layout }
    }

    /// The category.
    #[must_use]
    pub const fn category(&self) -> u8 {
        self.edition.category
    }

    /// The record's bytes, from its presence map on.
    #[must_use]
    pub fn bytes(&self) -> &[u8] {
        let from = usize::from(self.layout.from);
        self.block.get(from..self.layout.end()).unwrap_or(&[])
    }

    /// The bytes of the item with this number; `None` if it is absent.
    #[must_use]
    pub fn item(&self, number: u16) -> Option<&[u8]> {
        self.at(self.edition.place(number)?)
    }

    /// The items in the order of the wire, each with its bytes.
    pub fn items(&self) -> impl Iterator<Item = (&'static Item, &[u8])> {
        let all = self.edition.uap.iter().enumerate();
        all.filter_map(|(place, item)| (*item).zip(self.at(place)))
    }

    /// Shows every field of every item but the raw ones, in the order of the wire, and allocates
    /// nothing.
    pub fn each_field(&self, mut show: impl FnMut(&'static Item, &'static Field, Bits)) {
        for (item, bytes) in self.items() {
            each_field(&item.2, bytes, &mut |field, read| show(item, field, read));
        }
    }

    /// The bytes of the item at a place of the profile.
    fn at(&self, place: usize) -> Option<&[u8]> {
        let from = usize::from(*self.layout.starts.get(place)?);
        let to = usize::from(*self.layout.starts.get(place + 1)?);
        self.block.get(from..to).filter(|bytes| !bytes.is_empty())
    }

    /// The field at a spot of this record's edition.
    pub(super) fn spot(&self, spot: Option<Spot>) -> Option<Bits> {
        let spot = spot?;
        Bits::read(self.at(spot.place)?, spot.at, spot.field)
    }

    /// The bits of a field of an item, and its kind.
    ///
    /// `path` names the subfield of a compound item, then the field, as far as the standard
    /// names them. `None` if the item or the field is absent, or the item repeats.
    pub(super) fn field(&self, number: u16, path: &[&str]) -> Option<Bits> {
        let place = self.edition.place(number)?;
        let item = self.edition.uap.get(place).copied().flatten()?;
        find(&item.2, self.at(place)?, path)
    }

    /// The bits of a field as they are.
    pub(super) fn bits(&self, number: u16, path: &[&str]) -> Option<u64> {
        self.field(number, path).map(|field| field.bits)
    }

    /// Whether a field of one bit is set.
    pub(super) fn is_set(&self, number: u16, path: &[&str]) -> bool {
        self.bits(number, path) == Some(1)
    }

    /// A field as a number in the unit of its table.
    pub(super) fn number(&self, number: u16, path: &[&str]) -> Option<f64> {
        self.field(number, path)?.number()
    }
}

impl fmt::Debug for AsterixRecord {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?} {:02x?}", self.edition, self.bytes())
    }
}

/// Shows every field of an item, in the order of the wire.
fn each_field(form: &'static Form, bytes: &[u8], show: &mut impl FnMut(&'static Field, Bits)) {
    match form {
        Form::Fixed(_, fields) => each_among(fields, bytes, 0, show),
        Form::Extended(parts) => {
            for (octet, (part, _)) in parts.iter().zip(bytes).enumerate() {
                each_among(part, bytes, octet * 8, show);
            }
        }
        Form::Counted(octets, fields) => {
            let groups = bytes.get(1..).unwrap_or(&[]).chunks_exact(*octets);
            groups.for_each(|group| each_among(fields, group, 0, show));
        }
        Form::Chained(octets, fields) => {
            bytes.chunks_exact(*octets).for_each(|group| each_among(fields, group, 0, show));
        }
        Form::Compound(parts) => {
            for (part, bytes) in subfields(parts, bytes) {
                each_field(&part.2, bytes, show);
            }
        }
        Form::Explicit => {}
    }
}

/// The same of fields that begin at a bit.
fn each_among(
    fields: &'static [Field],
    bytes: &[u8],
    mut at: usize,
    show: &mut impl FnMut(&'static Field, Bits),
) {
    for field in fields {
        match &field.2 {
            Kind::Spare => {}
            Kind::Group(inner) => each_among(inner, bytes, at, show),
            Kind::Raw
            | Kind::Code
            | Kind::Unsigned
            | Kind::Signed
            | Kind::Scaled(..)
            | Kind::SignedScaled(..)
            | Kind::Ascii
            | Kind::Icao
            | Kind::Octal
            | Kind::BySwitch(..) => {
                if let Some(read) = Bits::read(bytes, at, field) {
                    show(field, read);
                }
            }
        }
        at += usize::from(field.1);
    }
}

/// A field's bits, how many they are and what they mean.
#[derive(Debug, Clone, Copy)]
pub struct Bits {
    /// The bits, the last one lowest.
    pub bits: u64,
    /// How many they are, 1 to 64.
    pub width: u8,
    /// What they mean.
    pub kind: &'static Kind,
}

impl Bits {
    /// Reads a field at a bit offset.
    pub(super) fn read(bytes: &[u8], at: usize, field: &'static Field) -> Option<Self> {
        Some(Self { bits: run(bytes, at, field.1)?, width: field.1, kind: &field.2 })
    }

    /// The bits as a number in two's complement.
    #[must_use]
    pub fn signed(&self) -> i64 {
        let unused = 64 - u32::from(self.width.clamp(1, 64));
        (self.bits << unused).cast_signed() >> unused
    }

    /// The number in the unit of its kind, if it is one.
    #[must_use]
    #[expect(clippy::cast_precision_loss, reason = "fields that are numbers have at most 32 bits")]
    pub fn number(&self) -> Option<f64> {
        match self.kind {
            Kind::Scaled(times, over, _) => Some(self.bits as f64 * times / over),
            Kind::SignedScaled(times, over, _) => Some(self.signed() as f64 * times / over),
            Kind::Unsigned => Some(self.bits as f64),
            Kind::Signed => Some(self.signed() as f64),
            Kind::Spare
            | Kind::Raw
            | Kind::Code
            | Kind::Ascii
            | Kind::Icao
            | Kind::Octal
            | Kind::Group(_)
            | Kind::BySwitch(..) => None,
        }
    }
}

/// A run of 1 to 64 bits, the first highest; `None` if the bytes end before it does.
pub(super) fn run(bytes: &[u8], at: usize, width: u8) -> Option<u64> {
    let (first, shift) = (at / 8, at % 8);
    let end = shift + usize::from(width);
    let octets = bytes.get(first..first + end.div_ceil(8))?;
    let behind = octets.len() * 8 - end;
    if octets.len() <= 8 {
        let all = octets.iter().fold(0_u64, |all, octet| all << 8 | u64::from(*octet));
        return Some(all >> behind & (u64::MAX >> (64 - u32::from(width))));
    }
    // At most nine octets: 64 bits and the seven before them.
    let all = octets.iter().fold(0_u128, |all, octet| all << 8 | u128::from(*octet));
    u64::try_from(all >> behind & ((1_u128 << width) - 1)).ok()
}

/// Finds a field by its path in an item's bytes.
fn find(form: &'static Form, bytes: &[u8], path: &[&str]) -> Option<Bits> {
    let Form::Compound(parts) = form else {
        let (at, field) = locate(form, path)?;
        return Bits::read(bytes, at, field);
    };
    let (name, path) = path.split_first()?;
    let (part, bytes) = subfields(parts, bytes).find(|(part, _)| part.0 == *name)?;
    find(&part.2, bytes, path)
}

/// Where a field of an item lies that stands in one place if it is there: its first bit.
fn locate(form: &'static Form, path: &[&str]) -> Option<(usize, &'static Field)> {
    match form {
        Form::Fixed(_, fields) => locate_among(fields, 0, path),
        Form::Extended(parts) => {
            let mut parts = parts.iter().enumerate();
            parts.find_map(|(octet, part)| locate_among(part, octet * 8, path))
        }
        Form::Compound(_) | Form::Counted(..) | Form::Chained(..) | Form::Explicit => None,
    }
}

/// The same among fields that begin at a bit.
fn locate_among(
    fields: &'static [Field],
    mut at: usize,
    path: &[&str],
) -> Option<(usize, &'static Field)> {
    let (name, inner) = path.split_first().unwrap_or((&"", &[]));
    for field in fields {
        if field.0 == *name && !matches!(field.2, Kind::Spare) {
            return match &field.2 {
                Kind::Group(fields) => locate_among(fields, at, inner),
                Kind::Spare
                | Kind::Raw
                | Kind::Code
                | Kind::Unsigned
                | Kind::Signed
                | Kind::Scaled(..)
                | Kind::SignedScaled(..)
                | Kind::Ascii
                | Kind::Icao
                | Kind::Octal
                | Kind::BySwitch(..) => Some((at, field)),
            };
        }
        at += usize::from(field.1);
    }
    None
}

/// Where an edition keeps a field, found once so that reading it costs no search.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Spot {
    place: usize,
    at: usize,
    field: &'static Field,
}

impl Spot {
    /// The field of an item; `None` if the edition has no such, or not in one place.
    pub(super) fn of(edition: &Edition, number: u16, path: &[&str]) -> Option<Self> {
        let place = edition.place(number)?;
        let item = edition.uap.get(place).copied().flatten()?;
        let (at, field) = locate(&item.2, path)?;
        Some(Self { place, at, field })
    }
}

/// The parts of a compound item that are present, each with its bytes.
pub(super) fn subfields<'a>(
    parts: &'static [Option<Item>],
    bytes: &'a [u8],
) -> impl Iterator<Item = (&'static Item, &'a [u8])> {
    let (map, mut at) = presence(bytes).unwrap_or_default();
    places(map).map_while(move |place| {
        let part = parts.get(place)?.as_ref()?;
        let rest = bytes.get(at..)?;
        let length = length(&part.2, rest).ok()?;
        at += length;
        Some((part, rest.get(..length)?))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bits_are_read_across_octets_from_the_highest_down() {
        let bytes = [0b1010_0101, 0xff, 0x00, 0x12, 0x34, 0x56, 0x78, 0x9a, 0xbc];
        assert_eq!(run(&bytes, 0, 1), Some(1));
        assert_eq!(run(&bytes, 4, 6), Some(0b01_0111));
        assert_eq!(run(&bytes, 8, 64), Some(0xff00_1234_5678_9abc));
        assert_eq!(run(&bytes, 4, 64), Some(0x5ff0_0123_4567_89ab));
        assert_eq!(run(&bytes, 9, 64), None);
    }

    #[test]
    fn odd_widths_are_twos_complement() {
        let signed = |bits, width| Bits { bits, width, kind: &Kind::Signed }.signed();
        assert_eq!(signed(0b11_1111_1111_1111, 14), -1);
        assert_eq!(signed(0b10_0000_0000_0000, 14), -8_192);
        assert_eq!(signed(0b01_1111_1111_1111, 14), 8_191);
        assert_eq!(signed(u64::MAX, 64), -1);
    }

    #[test]
    fn a_presence_map_ends_at_the_first_octet_without_the_last_bit() {
        assert_eq!(presence(&[0x80, 0xff]), Some((1 << 63, 1)));
        assert_eq!(presence(&[0x01, 0x80]), Some((1 << 56, 2)));
        assert_eq!(presence(&[0x01, 0x01]), None);
        assert_eq!(presence(&[]), None);
        let ninth = [1, 1, 1, 1, 1, 1, 1, 1, 0x02];
        assert_eq!(presence(&ninth), Some((1 << 1, 9)));
        assert_eq!(places(presence(&ninth).unwrap().0).collect::<Vec<_>>(), [62]);
        let tenth = [1, 1, 1, 1, 1, 1, 1, 1, 1, 0x80];
        assert_eq!(places(presence(&tenth).unwrap().0).collect::<Vec<_>>(), [63]);
    }
}
