//! Replay: fold a log again and compare the machine's words with it.
//!
//! On replay the detectors' claims are not appended. Each must be in the log already:
//! so anybody can check that an alert follows from the records it cites. A claim that
//! is missing at the end is one that a crash cut off; one that is missing before, or an
//! alert in the log that does not follow, is a difference, and is named.

use std::collections::btree_map::Entry;
use std::collections::{BTreeMap, VecDeque};

use picket_gate::{Admitted, Gate};
use picket_log::Scanned;
use picket_model::{Record, RecordId, Seq};

use crate::admit_claims;
use crate::fold::Fold;

/// A replay under way.
#[derive(Debug, Default)]
pub struct Replay {
    /// By id; the same word can follow twice, from two entries of one instant, and is said twice.
    unsaid: BTreeMap<RecordId, VecDeque<(u64, Admitted<Record>)>>,
    order: u64,
    done: Replayed,
}

/// What a replay found.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Replayed {
    /// Entries folded.
    pub entries: u64,
    /// The machine's words that were in the log and follow from it.
    pub confirmed: u64,
    /// Words that followed from the end of the log and were not in it yet.
    pub unsaid: u64,
    /// Words in the log that do not follow from it: another build or other settings wrote them.
    pub differences: u64,
    /// Entries whose content is gone or closed to this reader.
    pub erased: u64,
    /// The first difference.
    pub first_difference: Option<Seq>,
}

impl Replay {
    /// Folds what a scan came upon and checks it, if the machine said it.
    ///
    /// What was erased cannot be folded: alerts that rest on it show as differences after a gap.
    pub fn step(&mut self, fold: &mut Fold, gate: &Gate, scanned: &Scanned) {
        let entry: &picket_model::Entry = match scanned {
            Scanned::Entry(entry) => entry,
            Scanned::Gap(gap) => {
                self.done.erased += gap.last.0 - gap.first.0 + 1;
                return;
            }
        };
        self.done.entries += 1;
        if entry.fold_author().is_some() {
            if self.take(entry.id) {
                self.done.confirmed += 1;
            } else {
                self.done.differences += 1;
                self.done.first_difference.get_or_insert(entry.seq);
            }
        }
        let mut claims = Vec::new();
        fold.apply(entry, &mut claims);
        for record in admit_claims(gate, claims, entry.record.received_at) {
            self.order += 1;
            let same = self.unsaid.entry(record.as_inner().id()).or_default();
            same.push_back((self.order, record));
        }
    }

    /// Takes a word that was said off those that wait to be; `false` if none waits.
    fn take(&mut self, id: RecordId) -> bool {
        let Entry::Occupied(mut same) = self.unsaid.entry(id) else { return false };
        same.get_mut().pop_front();
        if same.get().is_empty() {
            same.remove();
        }
        true
    }

    /// The words that were never said, in order, and the sums.
    #[must_use]
    pub fn finish(self) -> (Vec<Admitted<Record>>, Replayed) {
        let mut unsaid: Vec<(u64, Admitted<Record>)> =
            self.unsaid.into_values().flatten().collect();
        unsaid.sort_by_key(|(order, _)| *order);
        let count = u64::try_from(unsaid.len()).unwrap_or(u64::MAX);
        let records = unsaid.into_iter().map(|(_, record)| record).collect();
        (records, Replayed { unsaid: count, ..self.done })
    }
}
