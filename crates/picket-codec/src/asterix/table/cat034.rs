//! Category 034, monoradar service messages: editions 1.27, 1.28, 1.29.
//!
//! Standard: EUROCONTROL-SPEC-0149-2b (CAT 034).

use super::{Edition, Field, Item, RE, SP};
use super::Form::{Compound, Counted, Fixed};
use super::Kind::{Code, Raw, Scaled, SignedScaled, Spare, Unsigned};

/// The editions of this category, oldest first.
pub(super) static EDITIONS: &[Edition] = &[
    Edition::new(34, "1.27", "2007-05-01", UAP_1_27),
    Edition::new(34, "1.28", "2021-03-02", UAP_1_27),
    Edition::new(34, "1.29", "2021-03-15", UAP_1_27),
];

static I000: Item = Item("000", "Message Type", Fixed(1, &[Field("", 8, Code)]));

static I010: Item = Item("010", "Data Source Identifier", Fixed(2, &[
    Field("SAC", 8, Raw), Field("SIC", 8, Raw),
]));

static I020: Item = Item("020", "Sector Number", Fixed(1, &[Field("", 8, Scaled(360.0, 256.0, "°"))]));

static I030: Item = Item("030", "Time of Day", Fixed(3, &[Field("", 24, Scaled(1.0, 128.0, "s"))]));

static I041: Item = Item("041", "Antenna Rotation Speed", Fixed(2, &[
    Field("", 16, Scaled(1.0, 128.0, "s")),
]));

static I050: Item = Item("050", "System Configuration and Status", Compound(&[
    Some(Item("COM", "Common Part", Fixed(1, &[
        Field("NOGO", 1, Code), Field("RDPC", 1, Code), Field("RDPR", 1, Code), Field("OVLRDP", 1, Code),
        Field("OVLXMT", 1, Code), Field("MSC", 1, Code), Field("TSV", 1, Code), Field("", 1, Spare),
    ]))),
    None,
    None,
    Some(Item("PSR", "Specific Status Information for a PSR Sensor", Fixed(1, &[
        Field("ANT", 1, Code), Field("CHAB", 2, Code), Field("OVL", 1, Code), Field("MSC", 1, Code),
        Field("", 3, Spare),
    ]))),
    Some(Item("SSR", "Specific Status Information for a SSR Sensor", Fixed(1, &[
        Field("ANT", 1, Code), Field("CHAB", 2, Code), Field("OVL", 1, Code), Field("MSC", 1, Code),
        Field("", 3, Spare),
    ]))),
    Some(Item("MDS", "Specific Status Information for a Mode S Sensor", Fixed(2, &[
        Field("ANT", 1, Code), Field("CHAB", 2, Code), Field("OVLSUR", 1, Code), Field("MSC", 1, Code),
        Field("SCF", 1, Code), Field("DLF", 1, Code), Field("OVLSCF", 1, Code), Field("OVLDLF", 1, Code),
        Field("", 7, Spare),
    ]))),
]));

static I060: Item = Item("060", "System Processing Mode", Compound(&[
    Some(Item("COM", "Common Part", Fixed(1, &[
        Field("", 1, Spare), Field("REDRDP", 3, Code), Field("REDXMT", 3, Code), Field("", 1, Spare),
    ]))),
    None,
    None,
    Some(Item("PSR", "Specific Processing Mode Information for a PSR Sensor", Fixed(1, &[
        Field("POL", 1, Code), Field("REDRAD", 3, Code), Field("STC", 2, Code), Field("", 2, Spare),
    ]))),
    Some(Item("SSR", "Specific Processing Mode Information for a SSR Sensor", Fixed(1, &[
        Field("REDRAD", 3, Code), Field("", 5, Spare),
    ]))),
    Some(Item("MDS", "Specific Processing Mode Information for a Mode S Sensor", Fixed(1, &[
        Field("REDRAD", 3, Code), Field("CLU", 1, Code), Field("", 4, Spare),
    ]))),
]));

static I070: Item = Item("070", "Message Count Values", Counted(2, &[
    Field("TYP", 5, Code), Field("COUNT", 11, Unsigned),
]));

static I090: Item = Item("090", "Collimation Error", Fixed(2, &[
    Field("RNG", 8, SignedScaled(1.0, 128.0, "NM")), Field("AZM", 8, SignedScaled(360.0, 16_384.0, "°")),
]));

static I100: Item = Item("100", "Generic Polar Window", Fixed(8, &[
    Field("RHOST", 16, Scaled(1.0, 256.0, "NM")), Field("RHOEND", 16, Scaled(1.0, 256.0, "NM")),
    Field("THETAST", 16, Scaled(360.0, 65_536.0, "°")), Field("THETAEND", 16, Scaled(360.0, 65_536.0, "°")),
]));

static I110: Item = Item("110", "Data Filter", Fixed(1, &[Field("", 8, Code)]));

static I120: Item = Item("120", "3D-Position Of Data Source", Fixed(8, &[
    Field("HGT", 16, SignedScaled(1.0, 1.0, "m")), Field("LAT", 24, SignedScaled(180.0, 8_388_608.0, "°")),
    Field("LON", 24, SignedScaled(180.0, 8_388_608.0, "°")),
]));

static UAP_1_27: &[Option<&Item>] = &[
    Some(&I010), Some(&I000), Some(&I030), Some(&I020), Some(&I041), Some(&I050), Some(&I060), Some(&I070),
    Some(&I100), Some(&I110), Some(&I120), Some(&I090), Some(&RE), Some(&SP),
];
