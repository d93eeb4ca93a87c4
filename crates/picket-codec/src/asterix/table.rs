//! The tables: which items a category has in each edition, and how each lies on the wire.
//!
//! An [`Edition`] is a user application profile, the order in which a record's FSPEC bits
//! name its [`Item`]s; an item's [`Form`] says how long it is and what [`Field`]s it has.
//! Items that do not change from one edition to the next are shared.
//!
//! The tables hold facts of the standards (numbers, names, widths, units), taken from the
//! machine-readable specifications of `zoranbosnjak/asterix-specs`, one file for each edition.

#[rustfmt::skip]
mod cat021;
#[rustfmt::skip]
mod cat034;
#[rustfmt::skip]
mod cat048;
#[rustfmt::skip]
mod cat062;
#[rustfmt::skip]
mod cat065;

use std::collections::BTreeMap;
use std::fmt;

/// One edition of one category.
pub struct Edition {
    /// The category, as the first octet of a data block has it.
    pub category: u8,
    /// The edition, as its title page has it: `1.31`.
    pub name: &'static str,
    /// When it was published, `YYYY-MM-DD`.
    pub date: &'static str,
    /// The item of each field reference number, from 1; `None` where the standard has none.
    pub uap: &'static [Option<&'static Item>],
    /// Which place of `uap` each item number has, plus one; 0 for none.
    places: [u8; ITEM_NUMBERS],
}

/// Item numbers lie below: the highest is I062/510.
const ITEM_NUMBERS: usize = 512;

/// Most items that any user application profile has (021 has 49).
pub(super) const ITEMS_MAX: usize = 49;

/// An item of a record, or a subfield of a compound item: its number or name, its title, its form.
#[derive(Debug)]
pub struct Item(pub &'static str, pub &'static str, pub Form);

/// How an item lies on the wire.
#[derive(Debug)]
pub enum Form {
    /// So many octets with these fields.
    Fixed(usize, &'static [Field]),
    /// Parts of one octet each, whose last bit says whether the next follows; a last part
    /// whose fields fill its octet has no such bit.
    Extended(&'static [&'static [Field]]),
    /// An octet that counts, then so many times so many octets with these fields.
    Counted(usize, &'static [Field]),
    /// Times so many octets with these fields, whose last bit says whether another follows.
    Chained(usize, &'static [Field]),
    /// A presence map as a record's FSPEC, then the parts that it names.
    Compound(&'static [Option<Item>]),
    /// An octet that counts itself and what follows, then bytes that are kept raw.
    Explicit,
}

/// A run of bits: its name (empty if the standard gives none), its width in bits, its kind.
#[derive(Debug, PartialEq)]
pub struct Field(pub &'static str, pub u8, pub Kind);

/// What a run of bits means.
#[derive(Debug, PartialEq)]
pub enum Kind {
    /// Nothing.
    Spare,
    /// Bits that the standard does not interpret: an address, an identifier, a register.
    Raw,
    /// A value of a list in the standard.
    Code,
    /// A whole number.
    Unsigned,
    /// A whole number in two's complement.
    Signed,
    /// A whole number times the first over the second, in the unit.
    Scaled(f64, f64, &'static str),
    /// The same in two's complement.
    SignedScaled(f64, f64, &'static str),
    /// Characters of eight bits.
    Ascii,
    /// Characters of six bits (ICAO Annex 10, volume IV, table 3-8).
    Icao,
    /// Octal digits of three bits.
    Octal,
    /// Fields within the field.
    Group(&'static [Field]),
    /// The first kind if the first bit of the group is clear, else the second.
    BySwitch(&'static Kind, &'static Kind),
}

/// The reserved expansion field of every category; its inside is kept raw.
static RE: Item = Item("RE", "Reserved Expansion Field", Form::Explicit);

/// The special purpose field of every category; its inside is nobody's but the sender's.
static SP: Item = Item("SP", "Special Purpose Field", Form::Explicit);

impl Edition {
    const fn new(
        category: u8,
        name: &'static str,
        date: &'static str,
        uap: &'static [Option<&'static Item>],
    ) -> Self {
        assert!(uap.len() <= ITEMS_MAX, "a record keeps one offset for each item");
        Self { category, name, date, uap, places: places(uap) }
    }

    /// The place in [`Edition::uap`] of the item with this number.
    #[must_use]
    pub(super) fn place(&self, number: u16) -> Option<usize> {
        let place = self.places.get(usize::from(number)).copied().unwrap_or(0);
        usize::from(place).checked_sub(1)
    }
}

/// The place of each item number, plus one, so that finding an item costs one look.
#[expect(
    clippy::indexing_slicing,
    clippy::cast_possible_truncation,
    reason = "computed when the tables are compiled: a fault stops the build"
)]
const fn places(uap: &[Option<&Item>]) -> [u8; ITEM_NUMBERS] {
    let mut places = [0; ITEM_NUMBERS];
    let mut at = 0;
    while at < uap.len() {
        if let Some(item) = uap[at]
            && let [a, b, c] = *item.0.as_bytes()
        {
            let number = (a - b'0') as usize * 100 + (b - b'0') as usize * 10 + (c - b'0') as usize;
            assert!(places[number] == 0, "an item stands twice in a profile");
            places[number] = at as u8 + 1;
        }
        at += 1;
    }
    places
}

/// Two editions are equal if they are editions of the same document.
impl PartialEq for Edition {
    fn eq(&self, other: &Self) -> bool {
        (self.category, self.name) == (other.category, other.name)
    }
}

impl fmt::Debug for Edition {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:03} edition {}", self.category, self.name)
    }
}

/// The categories that have tables.
pub const CATEGORIES: [u8; 5] = [21, 34, 48, 62, 65];

/// The editions of a category, oldest first; none if it has no tables.
#[must_use]
pub fn editions(category: u8) -> &'static [Edition] {
    match category {
        21 => cat021::EDITIONS,
        34 => cat034::EDITIONS,
        48 => cat048::EDITIONS,
        62 => cat062::EDITIONS,
        65 => cat065::EDITIONS,
        _ => &[],
    }
}

/// The edition of this name, such as `1.31`.
#[must_use]
pub fn edition(category: u8, name: &str) -> Option<&'static Edition> {
    editions(category).iter().find(|edition| edition.name == name)
}

/// The edition of a category that is taken where none is set: the newest, because each has
/// so far only added to the one before it (but for category 021 before 1.0, another layout).
#[must_use]
pub fn newest(category: u8) -> Option<&'static Edition> {
    editions(category).last()
}

/// A setting that names no edition of the tables.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("no edition {name:?} of category {category:?} (known are {})", known(.category))]
pub struct UnknownEdition {
    /// The category as the setting has it.
    pub category: String,
    /// The edition as the setting has it.
    pub name: String,
}

/// Checks that each edition that is set, by its category's three digits, has tables.
///
/// # Errors
/// The first that has none; its text names those that have.
pub fn check(editions: &BTreeMap<String, String>) -> Result<(), UnknownEdition> {
    let unknown = editions.iter().find(|(category, name)| {
        let number = category.parse().ok().filter(|number| format!("{number:03}") == **category);
        number.and_then(|number| edition(number, name)).is_none()
    });
    match unknown {
        Some((category, name)) => {
            Err(UnknownEdition { category: category.clone(), name: name.clone() })
        }
        None => Ok(()),
    }
}

/// The editions of a category, or of all if it has none, in print.
fn known(category: &str) -> String {
    let number = category.parse().ok().filter(|number| CATEGORIES.contains(number));
    let categories = number.map_or_else(|| CATEGORIES.to_vec(), |number| vec![number]);
    let lists = categories.iter().map(|category| {
        let names: Vec<&str> = editions(*category).iter().map(|edition| edition.name).collect();
        format!("{category:03}: {}", names.join(", "))
    });
    lists.collect::<Vec<_>>().join("; ")
}

impl Form {
    /// Whether a part of an extended item ends with a bit that says if another follows.
    pub(super) fn is_open(part: &[Field]) -> bool {
        width(part) < 8
    }
}

/// The bits of some fields together.
pub(super) fn width(fields: &[Field]) -> usize {
    fields.iter().map(|field| usize::from(field.1)).sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_fields_of_each_item_fill_its_octets() {
        let all = CATEGORIES.iter().flat_map(|category| editions(*category));
        for edition in all {
            for item in edition.uap.iter().copied().flatten() {
                check_item(edition, item);
            }
        }
    }

    fn check_item(edition: &Edition, item: &Item) {
        match &item.2 {
            Form::Fixed(octets, fields) | Form::Counted(octets, fields) => {
                assert_eq!(width(fields), octets * 8, "{edition:?} {}", item.0);
                fields.iter().for_each(check_field);
            }
            Form::Chained(octets, fields) => {
                assert_eq!(width(fields) + 1, octets * 8, "{edition:?} {}", item.0);
                fields.iter().for_each(check_field);
            }
            Form::Extended(parts) => {
                for (at, part) in parts.iter().enumerate() {
                    let is_last = at + 1 == parts.len();
                    assert!(
                        width(part) == 7 || is_last && width(part) == 8,
                        "{edition:?} {}",
                        item.0
                    );
                    part.iter().for_each(check_field);
                }
            }
            Form::Compound(parts) => {
                parts.iter().flatten().for_each(|part| check_item(edition, part));
            }
            Form::Explicit => {}
        }
    }

    fn check_field(field: &Field) {
        assert!((1..=64).contains(&field.1));
        if let Kind::Group(fields) = &field.2 {
            assert_eq!(width(fields), usize::from(field.1));
        }
    }

    #[test]
    fn an_edition_that_is_not_there_is_named_with_those_that_are() {
        let set = |category: &str, name: &str| BTreeMap::from([(category.into(), name.into())]);
        assert_eq!(check(&BTreeMap::new()), Ok(()));
        assert_eq!(check(&set("048", "1.31")), Ok(()));
        let error = check(&set("048", "1.99")).unwrap_err().to_string();
        assert!(error.contains("048: 1.27, 1.28"), "{error}");
        let error = check(&set("48", "1.31")).unwrap_err().to_string();
        assert!(error.contains("no edition \"1.31\" of category \"48\""), "{error}");
        assert!(check(&set("240", "1.3")).unwrap_err().to_string().contains("065: 1.4, 1.5, 1.6"));
    }

    #[test]
    fn each_edition_begins_with_the_data_source() {
        // I0xx/010 has field reference number 1 in all five categories.
        for category in CATEGORIES {
            for edition in editions(category) {
                assert_eq!(edition.place(10), Some(0), "{edition:?}");
                assert_eq!(edition.category, category);
            }
        }
    }
}
