//! Refusals: the gate's "no", counted.

use std::collections::BTreeMap;
use std::fmt;

use picket_model::{Actor, Body, Claim, Refused, Time};

/// The gate's "no": an answer, not an error.
#[derive(Debug, Clone, PartialEq)]
pub struct Refusal {
    /// Whose claim or question; `None` if the author could not be proven.
    pub actor: Option<Actor>,
    /// The rule that said no.
    pub rule: Rule,
    /// Why, in words for the author.
    pub why: String,
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "refused by {}: {}", self.rule.as_str(), self.why)
    }
}

/// The rules that can say no. Append only.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
#[non_exhaustive]
pub enum Rule {
    /// No feed of that name is configured.
    UnknownFeed,
    /// The session has ended.
    SessionEnded,
    /// This kind of author never says this kind of thing: in code, not in policy.
    NotItsWord,
    /// The claim rests on more records than a claim may.
    TooManyCites,
    /// An alert without a record that it cites or a reason.
    NoReason,
    /// The author exceeded its budget.
    OverBudget,
    /// The label is above the clearance.
    Label,
    /// The role does not allow it.
    Role,
    /// The disk is too full for a record of this importance.
    NoSpace,
}

impl Rule {
    /// The rule's name in the log and on the outside.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::UnknownFeed => "unknown-feed",
            Self::SessionEnded => "session-ended",
            Self::NotItsWord => "not-its-word",
            Self::TooManyCites => "too-many-cites",
            Self::NoReason => "no-reason",
            Self::OverBudget => "over-budget",
            Self::Label => "label",
            Self::Role => "role",
            Self::NoSpace => "no-space",
        }
    }
}

/// Most (author, rule, minute) sums kept between two drains; beyond it a rule's refusals are
/// summed without their author.
const SUMS_MAX: usize = 1_000;

/// Refusals summed by author, rule and minute.
#[derive(Debug, Default)]
pub(crate) struct Tally {
    sums: BTreeMap<(i64, &'static str, Option<Actor>), u64>,
    total: u64,
}

impl Tally {
    pub(crate) fn add(&mut self, actor: Option<&Actor>, rule: Rule, minute: i64, count: u64) {
        self.total = self.total.saturating_add(count);
        let mut key = (minute, rule.as_str(), actor.cloned());
        if self.sums.len() >= SUMS_MAX && !self.sums.contains_key(&key) {
            key.2 = None;
        }
        let sum = self.sums.entry(key).or_default();
        *sum = sum.saturating_add(count);
    }

    pub(crate) fn drain_before(&mut self, minute: i64) -> Vec<Claim> {
        let rest = self.sums.split_off(&(minute, "", None));
        let over = std::mem::replace(&mut self.sums, rest);
        over.into_iter()
            .map(|((minute, rule, actor), count)| Claim {
                occurred_at: Some(Time::from_unix_s(minute.saturating_add(1).saturating_mul(60))),
                ..Claim::of(Body::Refusal(Refused { actor, rule: rule.to_owned(), minute, count }))
            })
            .collect()
    }

    pub(crate) const fn total(&self) -> u64 {
        self.total
    }
}
