//! How each class of thing moves: noise, speeds, gates.

use picket_model::Class;

/// How a class of thing moves.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Motion {
    /// Density of the white acceleration, m²/s³: about (usual change of speed)² a second.
    pub(crate) q_m2ps3: f64,
    /// No such thing is faster, m/s.
    pub(crate) speed_mps_max: f64,
    /// One sigma of a speed that nobody has measured, m/s, each axis.
    pub(crate) speed_mps_sigma: f64,
    /// How far from its prediction such a thing is looked for, metres.
    pub(crate) gate_m_max: f64,
}

/// One knot, m/s (1,852 m an hour).
const KNOT_MPS: f64 = 1_852.0 / 3_600.0;

/// How a class moves. Equipment never makes a track; it stands here so that every class has an answer.
pub(crate) const fn of(class: Class) -> Motion {
    match class {
        // The fastest ferries and patrol craft reach 55 knots; ships turn and slow gently.
        Class::Vessel => Motion {
            q_m2ps3: 0.1,
            speed_mps_max: 60.0 * KNOT_MPS,
            speed_mps_sigma: 8.0,
            gate_m_max: 500.0,
        },
        Class::Aircraft => Motion {
            q_m2ps3: 10.0,
            speed_mps_max: 1_000.0 * KNOT_MPS,
            speed_mps_sigma: 120.0,
            gate_m_max: 3_000.0,
        },
        Class::Drone => {
            Motion { q_m2ps3: 4.0, speed_mps_max: 60.0, speed_mps_sigma: 12.0, gate_m_max: 500.0 }
        }
        Class::Vehicle => {
            Motion { q_m2ps3: 2.0, speed_mps_max: 70.0, speed_mps_sigma: 15.0, gate_m_max: 500.0 }
        }
        // A sprint is 10 m/s, a walk 1.4 m/s; a walker turns on the spot.
        Class::Person => {
            Motion { q_m2ps3: 0.5, speed_mps_max: 12.0, speed_mps_sigma: 2.0, gate_m_max: 200.0 }
        }
        // It may be an aircraft for all we know, so no jump below that is impossible; but
        // what sensors report without a class is mostly on the ground.
        Class::Unknown | Class::Equipment => Motion {
            q_m2ps3: 2.0,
            speed_mps_max: 1_000.0 * KNOT_MPS,
            speed_mps_sigma: 10.0,
            gate_m_max: 500.0,
        },
    }
}

/// Whether two sensors that say so may mean one thing.
///
/// What is unknown may be anything; a small aircraft and a drone are easily taken for each other.
pub(crate) const fn compatible(one: Class, other: Class) -> bool {
    match (one, other) {
        (Class::Unknown, _)
        | (_, Class::Unknown)
        | (Class::Vessel, Class::Vessel)
        | (Class::Aircraft | Class::Drone, Class::Aircraft | Class::Drone)
        | (Class::Vehicle, Class::Vehicle)
        | (Class::Person, Class::Person)
        | (Class::Equipment, Class::Equipment) => true,
        (
            Class::Vessel
            | Class::Aircraft
            | Class::Drone
            | Class::Vehicle
            | Class::Person
            | Class::Equipment,
            _,
        ) => false,
    }
}
