//! Symbols: which sign of APP-6E stands for a track.
//!
//! `Standard:` NATO APP-6E and MIL-STD-2525E, number SIDC of 20 digits:
//!
//! | digits | field | here |
//! |---|---|---|
//! | 1-2 | version | 13 |
//! | 3 | context | 0 reality: an exercise is marked on the whole page and by a track's flag |
//! | 4 | standard identity | 0 pending … 6 hostile, in the order of [`Affiliation`] |
//! | 5-6 | symbol set | by class |
//! | 7-10 | status, headquarters, amplifier | 0: present, none |
//! | 11-16 | entity | by class, no more telling than what is known |
//! | 17-20 | modifiers | 0 |

use picket_model::{Affiliation, Class};

/// Every symbol that a track or device can have, in the order of [`index`].
pub(crate) fn table() -> Vec<String> {
    let of = |class: Class| Affiliation::ALL.map(|affiliation| sidc(class, affiliation));
    Class::ALL.into_iter().flat_map(of).collect()
}

/// The place of a symbol in [`table`].
pub(crate) fn index(class: Class, affiliation: Affiliation) -> u16 {
    let row = u16::from(class as u8);
    let column = u16::from(affiliation as u8);
    row * u16::try_from(Affiliation::ALL.len()).unwrap_or(0) + column
}

fn sidc(class: Class, affiliation: Affiliation) -> String {
    let (set, entity) = entity(class, affiliation);
    format!("130{}{set}0000{entity}0000", affiliation as u8)
}

/// Symbol set and entity.
fn entity(class: Class, affiliation: Affiliation) -> (&'static str, &'static str) {
    let takes_sides = match affiliation {
        Affiliation::AssumedFriend
        | Affiliation::Friend
        | Affiliation::Suspect
        | Affiliation::Hostile => true,
        Affiliation::Pending | Affiliation::Unknown | Affiliation::Neutral => false,
    };
    match class {
        // Land unit, unspecified: a frame without an icon.
        Class::Unknown => ("10", "000000"),
        // Sea surface: unspecified for a vessel that takes sides, whose type nobody told;
        // civilian for the rest, which are known by AIS, a civil system.
        Class::Vessel if takes_sides => ("30", "000000"),
        Class::Vessel => ("30", "140000"),
        // Air, unspecified: the open frame says all that is known.
        Class::Aircraft => ("01", "000000"),
        // Air: unmanned aircraft, in its military and its civilian branch.
        Class::Drone if takes_sides => ("01", "110300"),
        Class::Drone => ("01", "120300"),
        // Land equipment: utility vehicle, the one that claims no make or purpose.
        Class::Vehicle => ("15", "140100"),
        // Land civilian: individual, the one entity that shows a person and no trade.
        Class::Person => ("11", "110300"),
        // Land equipment: sensor, emplaced.
        Class::Equipment => ("15", "220200"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_pair_finds_its_own_symbol() {
        let table = table();
        for class in Class::ALL {
            for affiliation in Affiliation::ALL {
                let found = &table[usize::from(index(class, affiliation))];
                assert_eq!(found, &sidc(class, affiliation));
            }
        }
    }

    #[test]
    fn symbols_have_20_digits_and_the_identity_in_the_fourth() {
        for symbol in table() {
            assert_eq!(symbol.len(), 20);
            assert!(symbol.bytes().all(|byte| byte.is_ascii_digit()));
        }
        // APP-6E, table of standard identities: 3 friend, 5 suspect, 6 hostile.
        assert_eq!(sidc(Class::Drone, Affiliation::Friend), "13030100001103000000");
        assert_eq!(sidc(Class::Person, Affiliation::Suspect), "13051100001103000000");
        assert_eq!(sidc(Class::Vessel, Affiliation::Hostile), "13063000000000000000");
    }
}
