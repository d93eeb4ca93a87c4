//! Data blocks: category, length, records.

use std::sync::Arc;

use picket_model::Time;

use super::fault::Fault;
use super::place::Site;
use super::record::{AsterixRecord, Layout, measure};
use super::report::Plan;
use super::table::{self, CATEGORIES, Edition};
use crate::{DecodeError, Decoded, Message, Settings};

/// Category and length: what a block begins with, octets.
pub(super) const HEADER: usize = 3;

/// What is the same for all that one link brings.
#[derive(Debug, PartialEq)]
pub(super) struct Source {
    /// The format's name.
    pub(super) format: &'static str,
    /// Where the radar stands, if that was set.
    pub(super) site: Option<Site>,
    /// The edition of each category; `None` if the one that was set has no tables.
    editions: [(u8, Option<(&'static Edition, Plan)>); CATEGORIES.len()],
}

impl Source {
    pub(super) fn new(format: &'static str, settings: &Settings) -> Self {
        let editions = CATEGORIES.map(|category| {
            let edition = match settings.editions.get(&format!("{category:03}")) {
                Some(name) => table::edition(category, name),
                None => table::newest(category),
            };
            (category, edition.map(|edition| (edition, Plan::of(edition))))
        });
        Self { format, site: settings.place.map(Site::new), editions }
    }

    fn edition(&self, category: u8) -> Result<&'static Edition, Fault> {
        let mut editions = self.editions.iter();
        match editions.find(|(known, _)| *known == category) {
            Some((_, Some((edition, _)))) => Ok(edition),
            Some((_, None)) => Err(Fault::EditionUnknown { category }),
            None => Err(Fault::Category { category }),
        }
    }

    /// Where the edition of a category keeps the common fields.
    pub(super) fn plan(&self, category: u8) -> Option<&Plan> {
        let mut editions = self.editions.iter();
        let (_, spoken) = editions.find(|(known, _)| *known == category)?;
        spoken.as_ref().map(|(_, plan)| plan)
    }
}

/// What the beginning of some bytes is.
pub(super) enum Head {
    /// Too few to say.
    Short,
    /// A block of so many bytes, which may not all be there.
    Block(usize),
    /// No block: its length is shorter than its header.
    Wrong(Fault),
}

/// Reads a block's header.
pub(super) fn head(bytes: &[u8]) -> Head {
    let Some([_, high, low]) = bytes.first_chunk::<HEADER>() else { return Head::Short };
    let said = u16::from_be_bytes([*high, *low]);
    match usize::from(said) {
        length @ HEADER.. => Head::Block(length),
        0..HEADER => Head::Wrong(Fault::BlockLength { said }),
    }
}

/// The reject of a block of which not all came.
pub(super) fn cut(bytes: &[u8]) -> DecodeError {
    match bytes.first_chunk::<HEADER>() {
        Some([category, high, low]) => {
            let said = u16::from_be_bytes([*high, *low]);
            Fault::BlockCut { category: *category, said, have: bytes.len() }.into()
        }
        None => DecodeError::Truncated { at: bytes.len(), field: "data block header" },
    }
}

/// Reads one whole block: all its records, or one reject.
pub(super) fn read(
    source: &Arc<Source>,
    bytes: &[u8],
    at: u64,
    recorded_at: Option<Time>,
    out: &mut Decoded,
) {
    let before = out.messages.len();
    if let Err(fault) = records(source, bytes, at, recorded_at, out) {
        out.messages.truncate(before);
        out.rejects.push((at, fault.into()));
    }
}

fn records(
    source: &Arc<Source>,
    bytes: &[u8],
    at: u64,
    recorded_at: Option<Time>,
    out: &mut Decoded,
) -> Result<(), Fault> {
    let edition = source.edition(bytes.first().copied().unwrap_or(0))?;
    let mut layout = measure(edition, bytes, HEADER)?;
    let block: Arc<[u8]> = Arc::from(bytes);
    let message = |layout: Layout| {
        let (source, block) = (Arc::clone(source), Arc::clone(&block));
        Message::Asterix(AsterixRecord::new(edition, recorded_at, source, block, layout))
    };
    while layout.end() < bytes.len() {
        out.messages.push((at, message(layout)));
        layout = measure(edition, bytes, layout.end())?;
    }
    out.messages.push((at, message(layout)));
    Ok(())
}
