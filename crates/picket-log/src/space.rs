//! Disk space: when to warn, and what to refuse so that the important still fits.

use picket_model::LogClass;

use crate::file::Space;

/// How much room the log has.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum SpaceLevel {
    /// Enough.
    Ample,
    /// Below 15 % free, on large disks below 6 GiB: somebody should act.
    Low,
    /// Below 10 % free, on large disks below 4 GiB: no more files (class 6).
    NoBulk,
    /// Below half of that: no more observations either (class 5).
    NoObservations,
}

impl SpaceLevel {
    pub(crate) fn of(space: Space) -> Self {
        let refuse = refuse_bulk_below(space.total);
        if space.free < refuse / 2 {
            Self::NoObservations
        } else if space.free < refuse {
            Self::NoBulk
        } else if space.free < refuse.saturating_add(refuse / 2) {
            Self::Low
        } else {
            Self::Ample
        }
    }

    /// Whether entries of this class are refused. Classes 0 to 4 never are by rule: 0 to 3
    /// must not be lost, and 4 has no volume worth the loss.
    #[must_use]
    pub const fn refuses(self, class: LogClass) -> bool {
        match (self, class) {
            (Self::NoObservations, LogClass::Observation | LogClass::Bulk)
            | (Self::NoBulk, LogClass::Bulk) => true,
            (Self::Ample | Self::Low | Self::NoBulk | Self::NoObservations, _) => false,
        }
    }
}

/// A disk is large when 10 % of it are more than 4 GiB.
const LARGE: u64 = 4 * 1024 * 1024 * 1024;

/// Bytes free below which class 6 is refused.
pub(crate) fn refuse_bulk_below(total: u64) -> u64 {
    (total / 10).min(LARGE)
}

/// Whether the reserve may be used for this class.
pub(crate) const fn may_use_reserve(class: LogClass) -> bool {
    match class {
        LogClass::Control | LogClass::Alert | LogClass::Audit | LogClass::Command => true,
        LogClass::Track | LogClass::Observation | LogClass::Bulk => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn refuses_files_first_and_observations_next_and_alerts_never() {
        const GIB: u64 = 1024 * 1024 * 1024;
        for (free, total, level) in [
            (20 * GIB, 100 * GIB, SpaceLevel::Ample),
            (6 * GIB - 1, 100 * GIB, SpaceLevel::Low),
            (4 * GIB - 1, 100 * GIB, SpaceLevel::NoBulk),
            (2 * GIB - 1, 100 * GIB, SpaceLevel::NoObservations),
            (2 * GIB, 10 * GIB, SpaceLevel::Ample),
            (15 * GIB / 10 - 1, 10 * GIB, SpaceLevel::Low),
            (GIB - 1, 10 * GIB, SpaceLevel::NoBulk),
            (0, 10 * GIB, SpaceLevel::NoObservations),
        ] {
            assert_eq!(SpaceLevel::of(Space { free, total }), level, "{free} of {total}");
        }
        let full = SpaceLevel::NoObservations;
        let refused: Vec<u8> = LogClass::ALL
            .into_iter()
            .filter(|class| full.refuses(*class))
            .map(LogClass::number)
            .collect();
        assert_eq!(refused, [5, 6]);
        assert!(SpaceLevel::NoBulk.refuses(LogClass::Bulk));
        assert!(!SpaceLevel::NoBulk.refuses(LogClass::Observation));
    }
}
