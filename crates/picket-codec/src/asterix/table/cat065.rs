//! Category 065, SDPS service status reports: editions 1.4, 1.5, 1.6.
//!
//! Standard: EUROCONTROL-SPEC-0149-15 (CAT 065).

use super::{Edition, Field, Item, RE, SP};
use super::Form::{Fixed};
use super::Kind::{Code, Raw, Scaled, Spare, Unsigned};

/// The editions of this category, oldest first.
pub(super) static EDITIONS: &[Edition] = &[
    Edition::new(65, "1.4", "2014-08-07", UAP_1_4),
    Edition::new(65, "1.5", "2020-06-18", UAP_1_4),
    Edition::new(65, "1.6", "2023-03-21", UAP_1_4),
];

static I000: Item = Item("000", "Message Type", Fixed(1, &[Field("", 8, Code)]));

static I010: Item = Item("010", "Data Source Identifier", Fixed(2, &[
    Field("SAC", 8, Raw), Field("SIC", 8, Raw),
]));

static I015: Item = Item("015", "Service Identification", Fixed(1, &[Field("", 8, Raw)]));

static I020: Item = Item("020", "Batch Number", Fixed(1, &[Field("", 8, Unsigned)]));

static I030: Item = Item("030", "Time of Message", Fixed(3, &[Field("", 24, Scaled(1.0, 128.0, "s"))]));

static I040: Item = Item("040", "SDPS Configuration and Status", Fixed(1, &[
    Field("NOGO", 2, Code), Field("OVL", 1, Code), Field("TSV", 1, Code), Field("PSS", 2, Code),
    Field("STTN", 1, Raw), Field("", 1, Spare),
]));

static I050: Item = Item("050", "Service Status Report", Fixed(1, &[Field("", 8, Code)]));

static UAP_1_4: &[Option<&Item>] = &[
    Some(&I010), Some(&I000), Some(&I015), Some(&I030), Some(&I020), Some(&I040), Some(&I050), None, None, None,
    None, None, Some(&RE), Some(&SP),
];
