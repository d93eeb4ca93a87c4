//! Labels: how far a record may travel.

use std::collections::BTreeSet;
use std::fmt;
use std::sync::Arc;

/// A marking: a level, the compartments to which it belongs, the partners who may have it.
///
/// One label *dominates* another when its level is at least as high and it holds
/// every compartment. A record may go to an audience whose clearance dominates its
/// label; to a partner only if the label also names that partner.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Default)]
pub struct Label {
    /// Index into the site's [`Levels`], 0 the lowest.
    pub level: u8,
    /// Compartments, all of which a reader must hold.
    pub compartments: BTreeSet<Arc<str>>,
    /// Partners to whom the record may be released; none by default.
    pub releasable_to: BTreeSet<Arc<str>>,
}

/// What carries a label.
pub trait Labelled {
    /// How far it may travel.
    fn label(&self) -> &Label;
}

impl Label {
    /// The lowest label: level 0, no compartment, no partner.
    #[must_use]
    pub fn lowest() -> Self {
        Self::default()
    }

    /// Whether a holder of this clearance may read what bears `other`.
    #[must_use]
    pub fn dominates(&self, other: &Self) -> bool {
        self.level >= other.level && self.compartments.is_superset(&other.compartments)
    }

    /// The least label that binds what is made of both: the higher level, all
    /// compartments, only the partners named by both.
    #[must_use]
    pub fn join(&self, other: &Self) -> Self {
        Self {
            level: self.level.max(other.level),
            compartments: self.compartments.union(&other.compartments).cloned().collect(),
            releasable_to: self.releasable_to.intersection(&other.releasable_to).cloned().collect(),
        }
    }

    /// Raises this label to the join with `other`; cheap when they are equal.
    pub fn raise(&mut self, other: &Self) {
        if self != other {
            *self = self.join(other);
        }
    }
}

/// The site's names for levels, the lowest first.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Levels(Vec<Arc<str>>);

/// Most levels a site can have.
pub const LEVELS_MAX: usize = 16;

/// Most compartments or partners in one label.
pub const MEMBERS_MAX: usize = 64;

impl Default for Levels {
    fn default() -> Self {
        Self(["open", "restricted", "confidential", "secret"].map(Arc::from).to_vec())
    }
}

impl Levels {
    /// Takes the site's level names, the lowest first.
    ///
    /// # Errors
    /// [`LabelError::Levels`] when there are none, too many, two alike, or one is not a single plain word.
    pub fn new<T: AsRef<str>>(names: &[T]) -> Result<Self, LabelError> {
        let distinct: BTreeSet<&str> = names.iter().map(AsRef::as_ref).collect();
        let count_fits = (1..=LEVELS_MAX).contains(&names.len());
        if !count_fits || distinct.len() != names.len() || !distinct.iter().all(|n| is_word(n)) {
            return Err(LabelError::Levels);
        }
        Ok(Self(names.iter().map(|name| Arc::from(name.as_ref())).collect()))
    }

    /// The names, the lowest first.
    #[must_use]
    pub fn names(&self) -> &[Arc<str>] {
        &self.0
    }

    /// The highest level's index.
    #[must_use]
    pub fn highest(&self) -> u8 {
        u8::try_from(self.0.len().saturating_sub(1)).unwrap_or(u8::MAX)
    }

    /// Reads `LEVEL[/COMPARTMENT,..][ REL PARTNER,..]`.
    ///
    /// # Errors
    /// [`LabelError`] for an unknown level or a word that is not plain.
    ///
    /// # Examples
    /// ```
    /// use picket_model::Levels;
    /// let label = Levels::default().parse("restricted/NORTH REL COASTGUARD").unwrap();
    /// assert_eq!(label.level, 1);
    /// assert_eq!(Levels::default().show(&label), "restricted/NORTH REL COASTGUARD");
    /// ```
    pub fn parse(&self, text: &str) -> Result<Label, LabelError> {
        let (head, partners) = match text.split_once(" REL ") {
            Some((head, partners)) => (head, Some(partners)),
            None => (text, None),
        };
        let (level, compartments) = match head.split_once('/') {
            Some((level, compartments)) => (level, Some(compartments)),
            None => (head, None),
        };
        let at = self.0.iter().position(|name| **name == *level);
        let level = at.and_then(|at| u8::try_from(at).ok()).ok_or_else(|| {
            LabelError::UnknownLevel { level: level.to_owned(), known: self.0.join(", ") }
        })?;
        Ok(Label { level, compartments: words(compartments)?, releasable_to: words(partners)? })
    }

    /// Writes a label as [`Levels::parse`] reads it; a level above the highest by its number.
    #[must_use]
    pub fn show(&self, label: &Label) -> String {
        let mut text = match self.0.get(usize::from(label.level)) {
            Some(name) => name.to_string(),
            None => format!("level-{}", label.level),
        };
        for (mark, members) in [("/", &label.compartments), (" REL ", &label.releasable_to)] {
            for (index, member) in members.iter().enumerate() {
                text.push_str(if index == 0 { mark } else { "," });
                text.push_str(member);
            }
        }
        text
    }
}

/// Why a text is no label. The configuration is at fault.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum LabelError {
    /// The level is not one of the site's.
    #[error("{level:?} is no level here (levels are: {known})")]
    UnknownLevel {
        /// What was written.
        level: String,
        /// What could have been.
        known: String,
    },
    /// A compartment or partner is not a plain word.
    #[error(
        "{0:?} is no plain word (letters, digits, - and _), or there are more than {MEMBERS_MAX}"
    )]
    Word(String),
    /// The list of levels does not serve.
    #[error("levels must be 1 to {LEVELS_MAX} different plain words, lowest first")]
    Levels,
}

fn words(list: Option<&str>) -> Result<BTreeSet<Arc<str>>, LabelError> {
    let Some(list) = list else { return Ok(BTreeSet::new()) };
    let mut out = BTreeSet::new();
    for word in list.split(',') {
        if !is_word(word) || out.len() == MEMBERS_MAX {
            return Err(LabelError::Word(word.to_owned()));
        }
        out.insert(Arc::from(word));
    }
    Ok(out)
}

fn is_word(text: &str) -> bool {
    let plain = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '_';
    !text.is_empty() && text.len() <= 40 && text.chars().all(plain)
}

impl fmt::Display for Label {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&Levels::default().show(self))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn label(text: &str) -> Label {
        Levels::default().parse(text).unwrap()
    }

    #[test]
    fn a_reader_needs_the_level_and_every_compartment() {
        let paper = label("restricted/NORTH,SOUTH");
        for (clearance, may) in [
            ("open", false),
            ("secret", false),
            ("restricted/NORTH", false),
            ("open/NORTH,SOUTH", false),
            ("restricted/NORTH,SOUTH", true),
            ("secret/EAST,NORTH,SOUTH", true),
        ] {
            assert_eq!(label(clearance).dominates(&paper), may, "{clearance}");
        }
    }

    #[test]
    fn a_join_goes_to_no_partner_that_one_side_did_not_name() {
        let joined = label("open REL A,B").join(&label("restricted/N REL B,C"));
        assert_eq!(joined, label("restricted/N REL B"));
    }

    #[test]
    fn refuses_an_unknown_level_by_name() {
        let error = Levels::default().parse("cosmic").unwrap_err();
        assert!(error.to_string().contains("cosmic"));
        assert!(error.to_string().contains("restricted"));
        assert!(Levels::default().parse("open/").is_err());
        assert!(Levels::default().parse("open REL ").is_err());
    }
}
