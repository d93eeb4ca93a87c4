//! What a track is and whose side it is on, weighed from what was said.

use picket_model::{Affiliation, Class, SensorKind};

/// The newest word of the thing itself, and of others about it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Said {
    pub(crate) by_itself: Affiliation,
    pub(crate) by_others: Affiliation,
    /// Who said the class: 0 nobody, 1 a sensor, 2 the thing itself.
    pub(crate) class_rank: u8,
}

impl Said {
    pub(crate) const NOTHING: Self =
        Self { by_itself: Affiliation::Pending, by_others: Affiliation::Pending, class_rank: 0 };

    /// Takes a word about the affiliation in.
    pub(crate) fn hear(&mut self, sensor: SensorKind, affiliation: Affiliation) {
        let word = if sensor.tells_of_itself() { &mut self.by_itself } else { &mut self.by_others };
        // "Not yet judged" takes nothing back.
        if affiliation != Affiliation::Pending {
            *word = affiliation;
        }
    }

    /// Whether a class from this sensor replaces the one that the track has.
    pub(crate) fn hear_class(&mut self, sensor: SensorKind, class: Class) -> bool {
        let rank = if sensor.tells_of_itself() { 2 } else { 1 };
        let heard = class != Class::Unknown && rank >= self.class_rank;
        if heard {
            self.class_rank = rank;
        }
        heard
    }

    /// The side that the track is shown on.
    ///
    /// A thing that calls itself a friend stays one while others call it suspect: the
    /// contradiction is shown as `suspect`, not resolved by a machine. Of anything else,
    /// the word of others that it is suspect or hostile counts; else the more telling word.
    pub(crate) fn judged(&self) -> Affiliation {
        let warned = is_adverse(self.by_others);
        if warned && !is_friendly(self.by_itself) {
            return self.by_others;
        }
        if warned || telling(self.by_itself) >= telling(self.by_others) {
            return self.by_itself;
        }
        self.by_others
    }

    /// Whether others contradict what the thing says of itself.
    pub(crate) const fn is_contradicted(&self) -> bool {
        is_friendly(self.by_itself) && is_adverse(self.by_others)
    }
}

/// Whether it is a friend, or taken for one.
pub(crate) const fn is_friendly(affiliation: Affiliation) -> bool {
    match affiliation {
        Affiliation::AssumedFriend | Affiliation::Friend => true,
        Affiliation::Pending
        | Affiliation::Unknown
        | Affiliation::Neutral
        | Affiliation::Suspect
        | Affiliation::Hostile => false,
    }
}

const fn is_adverse(affiliation: Affiliation) -> bool {
    match affiliation {
        Affiliation::Suspect | Affiliation::Hostile => true,
        Affiliation::Pending
        | Affiliation::Unknown
        | Affiliation::AssumedFriend
        | Affiliation::Friend
        | Affiliation::Neutral => false,
    }
}

/// How much a word says.
const fn telling(affiliation: Affiliation) -> u8 {
    match affiliation {
        Affiliation::Pending => 0,
        Affiliation::Unknown => 1,
        Affiliation::Neutral => 2,
        Affiliation::AssumedFriend => 3,
        Affiliation::Friend => 4,
        Affiliation::Suspect => 5,
        Affiliation::Hostile => 6,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sensor_that_calls_a_friend_hostile_makes_a_contradiction_not_a_hostile() {
        let mut said = Said::NOTHING;
        said.hear(SensorKind::CotSelf, Affiliation::Friend);
        said.hear(SensorKind::CotReport, Affiliation::Hostile);
        assert_eq!(said.judged(), Affiliation::Friend);
        assert!(said.is_contradicted());
    }

    #[test]
    fn an_unknown_that_a_sensor_calls_suspect_is_suspect() {
        let mut said = Said::NOTHING;
        said.hear(SensorKind::Ais, Affiliation::Neutral);
        said.hear(SensorKind::CotReport, Affiliation::Suspect);
        said.hear(SensorKind::CotReport, Affiliation::Pending);
        assert_eq!(said.judged(), Affiliation::Suspect);
        assert!(!said.is_contradicted());
    }
}
