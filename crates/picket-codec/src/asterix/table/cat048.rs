//! Category 048, monoradar target reports: editions 1.27, 1.28, 1.29, 1.30, 1.31, 1.32.
//!
//! Standard: EUROCONTROL-SPEC-0149-4 (CAT 048).

use super::{Edition, Field, Item, RE, SP};
use super::Form::{Chained, Compound, Counted, Extended, Fixed};
use super::Kind::{Code, Group, Icao, Octal, Raw, Scaled, SignedScaled, Spare, Unsigned};

/// The editions of this category, oldest first.
pub(super) static EDITIONS: &[Edition] = &[
    Edition::new(48, "1.27", "2020-06-18", UAP_1_27),
    Edition::new(48, "1.28", "2021-02-22", UAP_1_27),
    Edition::new(48, "1.29", "2021-08-10", UAP_1_27),
    Edition::new(48, "1.30", "2021-11-02", UAP_1_27),
    Edition::new(48, "1.31", "2022-10-03", UAP_1_31),
    Edition::new(48, "1.32", "2024-07-01", UAP_1_32),
];

static I010: Item = Item("010", "Data Source Identifier", Fixed(2, &[
    Field("SAC", 8, Raw), Field("SIC", 8, Raw),
]));

static I020_SINCE_1_27: Item = Item("020", "Target Report Descriptor", Extended(&[
    &[
        Field("TYP", 3, Code), Field("SIM", 1, Code), Field("RDP", 1, Code), Field("SPI", 1, Code),
        Field("RAB", 1, Code),
    ],
    &[
        Field("TST", 1, Code), Field("ERR", 1, Code), Field("XPP", 1, Code), Field("ME", 1, Code),
        Field("MI", 1, Code), Field("FOEFRI", 2, Code),
    ],
]));

static I020_SINCE_1_31: Item = Item("020", "Target Report Descriptor", Extended(&[
    &[
        Field("TYP", 3, Code), Field("SIM", 1, Code), Field("RDP", 1, Code), Field("SPI", 1, Code),
        Field("RAB", 1, Code),
    ],
    &[
        Field("TST", 1, Code), Field("ERR", 1, Code), Field("XPP", 1, Code), Field("ME", 1, Code),
        Field("MI", 1, Code), Field("FOEFRI", 2, Code),
    ],
    &[
        Field("ADSB", 2, Group(&[Field("EP", 1, Code), Field("VAL", 1, Code)])),
        Field("SCN", 2, Group(&[Field("EP", 1, Code), Field("VAL", 1, Code)])),
        Field("PAI", 2, Group(&[Field("EP", 1, Code), Field("VAL", 1, Code)])), Field("", 1, Spare),
    ],
]));

static I020: Item = Item("020", "Target Report Descriptor", Extended(&[
    &[
        Field("TYP", 3, Code), Field("SIM", 1, Code), Field("RDP", 1, Code), Field("SPI", 1, Code),
        Field("RAB", 1, Code),
    ],
    &[
        Field("TST", 1, Code), Field("ERR", 1, Code), Field("XPP", 1, Code), Field("ME", 1, Code),
        Field("MI", 1, Code), Field("FOEFRI", 2, Code),
    ],
    &[
        Field("ADSB", 2, Group(&[Field("EP", 1, Code), Field("VAL", 1, Code)])),
        Field("SCN", 2, Group(&[Field("EP", 1, Code), Field("VAL", 1, Code)])),
        Field("PAI", 2, Group(&[Field("EP", 1, Code), Field("VAL", 1, Code)])), Field("", 1, Spare),
    ],
    &[
        Field("ACASXV", 5, Group(&[Field("EP", 1, Code), Field("VAL", 4, Code)])),
        Field("POXPR", 2, Group(&[Field("EP", 1, Code), Field("VAL", 1, Code)])),
    ],
    &[
        Field("POACT", 2, Group(&[Field("EP", 1, Code), Field("VAL", 1, Code)])),
        Field("DTFXPR", 2, Group(&[Field("EP", 1, Code), Field("VAL", 1, Code)])),
        Field("DTFACT", 2, Group(&[Field("EP", 1, Code), Field("VAL", 1, Code)])), Field("", 1, Spare),
    ],
    &[
        Field("IRMXPR", 2, Group(&[Field("EP", 1, Code), Field("VAL", 1, Code)])),
        Field("IRMACT", 2, Group(&[Field("EP", 1, Code), Field("VAL", 1, Code)])), Field("", 3, Spare),
    ],
]));

static I030: Item = Item("030", "Warning/Error Conditions and Target Classification", Chained(1, &[
    Field("", 7, Code),
]));

static I040: Item = Item("040", "Measured Position in Polar Co-ordinates", Fixed(4, &[
    Field("RHO", 16, Scaled(1.0, 256.0, "NM")), Field("THETA", 16, Scaled(360.0, 65_536.0, "°")),
]));

static I042: Item = Item("042", "Calculated Position in Cartesian Co-ordinates", Fixed(4, &[
    Field("X", 16, SignedScaled(1.0, 128.0, "NM")), Field("Y", 16, SignedScaled(1.0, 128.0, "NM")),
]));

static I050: Item = Item("050", "Mode-2 Code in Octal Representation", Fixed(2, &[
    Field("V", 1, Code), Field("G", 1, Code), Field("L", 1, Code), Field("", 1, Spare), Field("MODE2", 12, Octal),
]));

static I055: Item = Item("055", "Mode-1 Code in Octal Representation", Fixed(1, &[
    Field("V", 1, Code), Field("G", 1, Code), Field("L", 1, Code), Field("MODE1", 5, Raw),
]));

static I060: Item = Item("060", "Mode-2 Code Confidence Indicator", Fixed(2, &[
    Field("", 4, Spare), Field("QA4", 1, Code), Field("QA2", 1, Code), Field("QA1", 1, Code),
    Field("QB4", 1, Code), Field("QB2", 1, Code), Field("QB1", 1, Code), Field("QC4", 1, Code),
    Field("QC2", 1, Code), Field("QC1", 1, Code), Field("QD4", 1, Code), Field("QD2", 1, Code),
    Field("QD1", 1, Code),
]));

static I065: Item = Item("065", "Mode-1 Code Confidence Indicator", Fixed(1, &[
    Field("", 3, Spare), Field("QA4", 1, Code), Field("QA2", 1, Code), Field("QA1", 1, Code),
    Field("QB2", 1, Code), Field("QB1", 1, Code),
]));

static I070: Item = Item("070", "Mode-3/A Code in Octal Representation", Fixed(2, &[
    Field("V", 1, Code), Field("G", 1, Code), Field("L", 1, Code), Field("", 1, Spare), Field("MODE3A", 12, Octal),
]));

static I080: Item = Item("080", "Mode-3/A Code Confidence Indicator", Fixed(2, &[
    Field("", 4, Spare), Field("QA4", 1, Code), Field("QA2", 1, Code), Field("QA1", 1, Code),
    Field("QB4", 1, Code), Field("QB2", 1, Code), Field("QB1", 1, Code), Field("QC4", 1, Code),
    Field("QC2", 1, Code), Field("QC1", 1, Code), Field("QD4", 1, Code), Field("QD2", 1, Code),
    Field("QD1", 1, Code),
]));

static I090_SINCE_1_27: Item = Item("090", "Flight Level in Binary Representation", Fixed(2, &[
    Field("V", 1, Code), Field("G", 1, Code), Field("FL", 14, Scaled(1.0, 4.0, "FL")),
]));

static I090: Item = Item("090", "Flight Level in Binary Representation", Fixed(2, &[
    Field("V", 1, Code), Field("G", 1, Code), Field("FL", 14, SignedScaled(1.0, 4.0, "FL")),
]));

static I100: Item = Item("100", "Mode-C Code and Code Confidence Indicator", Fixed(4, &[
    Field("V", 1, Code), Field("G", 1, Code), Field("", 2, Spare), Field("MODEC", 12, Raw), Field("", 4, Spare),
    Field("QC1", 1, Code), Field("QA1", 1, Code), Field("QC2", 1, Code), Field("QA2", 1, Code),
    Field("QC4", 1, Code), Field("QA4", 1, Code), Field("QB1", 1, Code), Field("QD1", 1, Code),
    Field("QB2", 1, Code), Field("QD2", 1, Code), Field("QB4", 1, Code), Field("QD4", 1, Code),
]));

static I110: Item = Item("110", "Height Measured by a 3D Radar", Fixed(2, &[
    Field("", 2, Spare), Field("3DH", 14, SignedScaled(25.0, 1.0, "ft")),
]));

static I120: Item = Item("120", "Radial Doppler Speed", Compound(&[
    Some(Item("CAL", "Calculated Doppler Speed", Fixed(2, &[
        Field("D", 1, Code), Field("", 5, Spare), Field("CAL", 10, SignedScaled(1.0, 1.0, "m/s")),
    ]))),
    Some(Item("RDS", "Raw Doppler Speed", Counted(6, &[
        Field("DOP", 16, Scaled(1.0, 1.0, "m/s")), Field("AMB", 16, Scaled(1.0, 1.0, "m/s")),
        Field("FRQ", 16, Scaled(1.0, 1.0, "MHz")),
    ]))),
]));

static I130: Item = Item("130", "Radar Plot Characteristics", Compound(&[
    Some(Item("SRL", "SSR Plot Runlength", Fixed(1, &[Field("", 8, Scaled(360.0, 8_192.0, "°"))]))),
    Some(Item("SRR", "Number of Received Replies for (M)SSR", Fixed(1, &[Field("", 8, Unsigned)]))),
    Some(Item("SAM", "Amplitude of (M)SSR Reply", Fixed(1, &[Field("", 8, SignedScaled(1.0, 1.0, "dBm"))]))),
    Some(Item("PRL", "Primary Plot Runlength", Fixed(1, &[Field("", 8, Scaled(360.0, 8_192.0, "°"))]))),
    Some(Item("PAM", "Amplitude of Primary Plot", Fixed(1, &[Field("", 8, SignedScaled(1.0, 1.0, "dBm"))]))),
    Some(Item("RPD", "Difference in Range Between PSR and SSR Plot", Fixed(1, &[
        Field("", 8, SignedScaled(1.0, 256.0, "NM")),
    ]))),
    Some(Item("APD", "Difference in Azimuth Between PSR and SSR Plot", Fixed(1, &[
        Field("", 8, SignedScaled(360.0, 16_384.0, "°")),
    ]))),
]));

static I140: Item = Item("140", "Time of Day", Fixed(3, &[Field("", 24, Scaled(1.0, 128.0, "s"))]));

static I161: Item = Item("161", "Track Number", Fixed(2, &[
    Field("", 4, Spare), Field("TRN", 12, Raw),
]));

static I170: Item = Item("170", "Track Status", Extended(&[
    &[
        Field("CNF", 1, Code), Field("RAD", 2, Code), Field("DOU", 1, Code), Field("MAH", 1, Code),
        Field("CDM", 2, Code),
    ],
    &[
        Field("TRE", 1, Code), Field("GHO", 1, Code), Field("SUP", 1, Code), Field("TCC", 1, Code),
        Field("", 3, Spare),
    ],
]));

static I200: Item = Item("200", "Calculated Track Velocity in Polar Co-ordinates", Fixed(4, &[
    Field("GSP", 16, Scaled(1.0, 16_384.0, "NM/s")), Field("HDG", 16, Scaled(360.0, 65_536.0, "°")),
]));

static I210: Item = Item("210", "Track Quality", Fixed(4, &[
    Field("SIGX", 8, Scaled(1.0, 128.0, "NM")), Field("SIGY", 8, Scaled(1.0, 128.0, "NM")),
    Field("SIGV", 8, Scaled(1.0, 16_384.0, "NM/s")), Field("SIGH", 8, Scaled(360.0, 4_096.0, "°")),
]));

static I220: Item = Item("220", "Aircraft Address", Fixed(3, &[Field("", 24, Raw)]));

static I230: Item = Item("230", "Communications/ACAS Capability and Flight Status", Fixed(2, &[
    Field("COM", 3, Code), Field("STAT", 3, Code), Field("SI", 1, Code), Field("", 1, Spare),
    Field("MSSC", 1, Code), Field("ARC", 1, Code), Field("AIC", 1, Code), Field("B1A", 1, Raw),
    Field("B1B", 4, Raw),
]));

static I240: Item = Item("240", "Aircraft Identification", Fixed(6, &[Field("", 48, Icao)]));

static I250: Item = Item("250", "BDS Register Data", Counted(8, &[
    Field("MBDATA", 56, Raw), Field("BDS1", 4, Raw), Field("BDS2", 4, Raw),
]));

static I260: Item = Item("260", "ACAS Resolution Advisory Report", Fixed(7, &[Field("", 56, Raw)]));

static UAP_1_27: &[Option<&Item>] = &[
    Some(&I010), Some(&I140), Some(&I020_SINCE_1_27), Some(&I040), Some(&I070), Some(&I090_SINCE_1_27),
    Some(&I130), Some(&I220), Some(&I240), Some(&I250), Some(&I161), Some(&I042), Some(&I200), Some(&I170),
    Some(&I210), Some(&I030), Some(&I080), Some(&I100), Some(&I110), Some(&I120), Some(&I230), Some(&I260),
    Some(&I055), Some(&I050), Some(&I065), Some(&I060), Some(&SP), Some(&RE),
];

static UAP_1_31: &[Option<&Item>] = &[
    Some(&I010), Some(&I140), Some(&I020_SINCE_1_31), Some(&I040), Some(&I070), Some(&I090_SINCE_1_27),
    Some(&I130), Some(&I220), Some(&I240), Some(&I250), Some(&I161), Some(&I042), Some(&I200), Some(&I170),
    Some(&I210), Some(&I030), Some(&I080), Some(&I100), Some(&I110), Some(&I120), Some(&I230), Some(&I260),
    Some(&I055), Some(&I050), Some(&I065), Some(&I060), Some(&SP), Some(&RE),
];

static UAP_1_32: &[Option<&Item>] = &[
    Some(&I010), Some(&I140), Some(&I020), Some(&I040), Some(&I070), Some(&I090), Some(&I130), Some(&I220),
    Some(&I240), Some(&I250), Some(&I161), Some(&I042), Some(&I200), Some(&I170), Some(&I210), Some(&I030),
    Some(&I080), Some(&I100), Some(&I110), Some(&I120), Some(&I230), Some(&I260), Some(&I055), Some(&I050),
    Some(&I065), Some(&I060), Some(&SP), Some(&RE),
];
