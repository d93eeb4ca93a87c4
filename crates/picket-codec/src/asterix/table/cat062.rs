//! Category 062, system track data: editions 1.16, 1.17, 1.18, 1.19, 1.20, 1.21.
//!
//! Standard: EUROCONTROL-SPEC-0149-9 (CAT 062).

use super::{Edition, Field, Item, RE, SP};
use super::Form::{Chained, Compound, Counted, Extended, Fixed};
use super::Kind::{BySwitch, Ascii, Code, Icao, Octal, Raw, Scaled, SignedScaled, Spare, Unsigned};

/// The editions of this category, oldest first.
pub(super) static EDITIONS: &[Edition] = &[
    Edition::new(62, "1.16", "2012-03-01", UAP_1_16),
    Edition::new(62, "1.17", "2014-12-01", UAP_1_17),
    Edition::new(62, "1.18", "2018-08-13", UAP_1_18),
    Edition::new(62, "1.19", "2020-11-04", UAP_1_19),
    Edition::new(62, "1.20", "2023-02-13", UAP_1_20),
    Edition::new(62, "1.21", "2025-06-05", UAP_1_21),
];

static I010: Item = Item("010", "Data Source Identifier", Fixed(2, &[
    Field("SAC", 8, Raw), Field("SIC", 8, Raw),
]));

static I015: Item = Item("015", "Service Identification", Fixed(1, &[Field("", 8, Raw)]));

static I040: Item = Item("040", "Track Number", Fixed(2, &[Field("", 16, Raw)]));

static I060_SINCE_1_16: Item = Item("060", "Track Mode 3/A Code", Fixed(2, &[
    Field("", 2, Spare), Field("CH", 1, Code), Field("", 1, Spare), Field("MODE3A", 12, Octal),
]));

static I060: Item = Item("060", "Track Mode 3/A Code", Fixed(2, &[
    Field("V", 1, Code), Field("G", 1, Code), Field("CH", 1, Code), Field("", 1, Spare),
    Field("MODE3A", 12, Octal),
]));

static I070: Item = Item("070", "Time Of Track Information", Fixed(3, &[
    Field("", 24, Scaled(1.0, 128.0, "s")),
]));

static I080_SINCE_1_16: Item = Item("080", "Track Status", Extended(&[
    &[
        Field("MON", 1, Code), Field("SPI", 1, Code), Field("MRH", 1, Code), Field("SRC", 3, Code),
        Field("CNF", 1, Code),
    ],
    &[
        Field("SIM", 1, Code), Field("TSE", 1, Code), Field("TSB", 1, Code), Field("FPC", 1, Code),
        Field("AFF", 1, Code), Field("STP", 1, Code), Field("KOS", 1, Code),
    ],
    &[
        Field("AMA", 1, Code), Field("MD4", 2, Code), Field("ME", 1, Code), Field("MI", 1, Code),
        Field("MD5", 2, Code),
    ],
    &[
        Field("CST", 1, Code), Field("PSR", 1, Code), Field("SSR", 1, Code), Field("MDS", 1, Code),
        Field("ADS", 1, Code), Field("SUC", 1, Code), Field("AAC", 1, Code),
    ],
    &[Field("SDS", 2, Code), Field("EMS", 3, Code), Field("PFT", 1, Code), Field("FPLT", 1, Code)],
    &[Field("DUPT", 1, Code), Field("DUPF", 1, Code), Field("DUPM", 1, Code), Field("", 4, Spare)],
]));

static I080_SINCE_1_18: Item = Item("080", "Track Status", Extended(&[
    &[
        Field("MON", 1, Code), Field("SPI", 1, Code), Field("MRH", 1, Code), Field("SRC", 3, Code),
        Field("CNF", 1, Code),
    ],
    &[
        Field("SIM", 1, Code), Field("TSE", 1, Code), Field("TSB", 1, Code), Field("FPC", 1, Code),
        Field("AFF", 1, Code), Field("STP", 1, Code), Field("KOS", 1, Code),
    ],
    &[
        Field("AMA", 1, Code), Field("MD4", 2, Code), Field("ME", 1, Code), Field("MI", 1, Code),
        Field("MD5", 2, Code),
    ],
    &[
        Field("CST", 1, Code), Field("PSR", 1, Code), Field("SSR", 1, Code), Field("MDS", 1, Code),
        Field("ADS", 1, Code), Field("SUC", 1, Code), Field("AAC", 1, Code),
    ],
    &[Field("SDS", 2, Code), Field("EMS", 3, Code), Field("PFT", 1, Code), Field("FPLT", 1, Code)],
    &[
        Field("DUPT", 1, Code), Field("DUPF", 1, Code), Field("DUPM", 1, Code), Field("SFC", 1, Code),
        Field("IDD", 1, Code), Field("IEC", 1, Code), Field("", 1, Spare),
    ],
]));

static I080_SINCE_1_20: Item = Item("080", "Track Status", Extended(&[
    &[
        Field("MON", 1, Code), Field("SPI", 1, Code), Field("MRH", 1, Code), Field("SRC", 3, Code),
        Field("CNF", 1, Code),
    ],
    &[
        Field("SIM", 1, Code), Field("TSE", 1, Code), Field("TSB", 1, Code), Field("FPC", 1, Code),
        Field("AFF", 1, Code), Field("STP", 1, Code), Field("KOS", 1, Code),
    ],
    &[
        Field("AMA", 1, Code), Field("MD4", 2, Code), Field("ME", 1, Code), Field("MI", 1, Code),
        Field("MD5", 2, Code),
    ],
    &[
        Field("CST", 1, Code), Field("PSR", 1, Code), Field("SSR", 1, Code), Field("MDS", 1, Code),
        Field("ADS", 1, Code), Field("SUC", 1, Code), Field("AAC", 1, Code),
    ],
    &[Field("SDS", 2, Code), Field("EMS", 3, Code), Field("PFT", 1, Code), Field("FPLT", 1, Code)],
    &[
        Field("DUPT", 1, Code), Field("DUPF", 1, Code), Field("DUPM", 1, Code), Field("SFC", 1, Code),
        Field("IDD", 1, Code), Field("IEC", 1, Code), Field("MLAT", 1, Code),
    ],
]));

static I080: Item = Item("080", "Track Status", Extended(&[
    &[
        Field("MON", 1, Code), Field("SPI", 1, Code), Field("MRH", 1, Code), Field("SRC", 3, Code),
        Field("CNF", 1, Code),
    ],
    &[
        Field("SIM", 1, Code), Field("TSE", 1, Code), Field("TSB", 1, Code), Field("FPC", 1, Code),
        Field("AFF", 1, Code), Field("STP", 1, Code), Field("KOS", 1, Code),
    ],
    &[
        Field("AMA", 1, Code), Field("MD4", 2, Code), Field("ME", 1, Code), Field("MI", 1, Code),
        Field("MD5", 2, Code),
    ],
    &[
        Field("CST", 1, Code), Field("PSR", 1, Code), Field("SSR", 1, Code), Field("MDS", 1, Code),
        Field("ADS", 1, Code), Field("SUC", 1, Code), Field("AAC", 1, Code),
    ],
    &[Field("SDS", 2, Code), Field("EMS", 3, Code), Field("PFT", 1, Code), Field("FPLT", 1, Code)],
    &[
        Field("DUPT", 1, Code), Field("DUPF", 1, Code), Field("DUPM", 1, Code), Field("SFC", 1, Code),
        Field("IDD", 1, Code), Field("IEC", 1, Code), Field("MLAT", 1, Code),
    ],
    &[Field("M5I", 1, Code), Field("", 6, Spare)],
]));

static I100: Item = Item("100", "Calculated Track Position (Cartesian)", Fixed(6, &[
    Field("X", 24, SignedScaled(1.0, 2.0, "m")), Field("Y", 24, SignedScaled(1.0, 2.0, "m")),
]));

static I105: Item = Item("105", "Calculated Position In WGS-84 Co-ordinates", Fixed(8, &[
    Field("LAT", 32, SignedScaled(180.0, 33_554_432.0, "°")),
    Field("LON", 32, SignedScaled(180.0, 33_554_432.0, "°")),
]));

static I110: Item = Item("110", "Mode 5 Data Reports and Extended Mode 1 Code", Compound(&[
    Some(Item("SUM", "Mode 5 Summary", Fixed(1, &[
        Field("M5", 1, Code), Field("ID", 1, Code), Field("DA", 1, Code), Field("M1", 1, Code),
        Field("M2", 1, Code), Field("M3", 1, Code), Field("MC", 1, Code), Field("X", 1, Code),
    ]))),
    Some(Item("PMN", "Mode 5 PIN/ National Origin/Mission Code", Fixed(4, &[
        Field("", 2, Spare), Field("PIN", 14, Raw), Field("", 3, Spare), Field("NAT", 5, Raw), Field("", 2, Spare),
        Field("MIS", 6, Raw),
    ]))),
    Some(Item("POS", "Mode 5 Reported Position", Fixed(6, &[
        Field("LAT", 24, SignedScaled(180.0, 8_388_608.0, "°")),
        Field("LON", 24, SignedScaled(180.0, 8_388_608.0, "°")),
    ]))),
    Some(Item("GA", "Mode 5 GNSS-derived Altitude", Fixed(2, &[
        Field("", 1, Spare), Field("RES", 1, Code), Field("GA", 14, SignedScaled(25.0, 1.0, "ft")),
    ]))),
    Some(Item("EM1", "Extended Mode 1 Code in Octal Representation", Fixed(2, &[
        Field("", 4, Spare), Field("EM1", 12, Octal),
    ]))),
    Some(Item("TOS", "Time Offset for POS and GA", Fixed(1, &[Field("", 8, SignedScaled(1.0, 128.0, "s"))]))),
    Some(Item("XP", "X Pulse Presence", Fixed(1, &[
        Field("", 3, Spare), Field("X5", 1, Code), Field("XC", 1, Code), Field("X3", 1, Code),
        Field("X2", 1, Code), Field("X1", 1, Code),
    ]))),
]));

static I120: Item = Item("120", "Track Mode 2 Code", Fixed(2, &[
    Field("", 4, Spare), Field("MODE2", 12, Octal),
]));

static I130: Item = Item("130", "Calculated Track Geometric Altitude", Fixed(2, &[
    Field("", 16, SignedScaled(25.0, 4.0, "ft")),
]));

static I135: Item = Item("135", "Calculated Track Barometric Altitude", Fixed(2, &[
    Field("QNH", 1, Code), Field("CTB", 15, SignedScaled(1.0, 4.0, "FL")),
]));

static I136: Item = Item("136", "Measured Flight Level", Fixed(2, &[
    Field("", 16, SignedScaled(1.0, 4.0, "FL")),
]));

static I185: Item = Item("185", "Calculated Track Velocity (Cartesian)", Fixed(4, &[
    Field("VX", 16, SignedScaled(1.0, 4.0, "m/s")), Field("VY", 16, SignedScaled(1.0, 4.0, "m/s")),
]));

static I200: Item = Item("200", "Mode of Movement", Fixed(1, &[
    Field("TRANS", 2, Code), Field("LONG", 2, Code), Field("VERT", 2, Code), Field("ADF", 1, Code),
    Field("", 1, Spare),
]));

static I210: Item = Item("210", "Calculated Acceleration (Cartesian)", Fixed(2, &[
    Field("AX", 8, SignedScaled(1.0, 4.0, "m/s²")), Field("AY", 8, SignedScaled(1.0, 4.0, "m/s²")),
]));

static I220: Item = Item("220", "Calculated Rate of Climb/Descent", Fixed(2, &[
    Field("", 16, SignedScaled(25.0, 4.0, "ft/min")),
]));

static I245: Item = Item("245", "Target Identification", Fixed(7, &[
    Field("STI", 2, Code), Field("", 6, Spare), Field("CHR", 48, Icao),
]));

static I270: Item = Item("270", "Target Size and Orientation", Extended(&[
    &[Field("LENGTH", 7, Scaled(1.0, 1.0, "m"))], &[Field("ORIENTATION", 7, Scaled(360.0, 128.0, "°"))],
    &[Field("WIDTH", 7, Scaled(1.0, 1.0, "m"))],
]));

static I290: Item = Item("290", "System Track Update Ages", Compound(&[
    Some(Item("TRK", "Track Age", Fixed(1, &[Field("", 8, Scaled(1.0, 4.0, "s"))]))),
    Some(Item("PSR", "PSR Age", Fixed(1, &[Field("", 8, Scaled(1.0, 4.0, "s"))]))),
    Some(Item("SSR", "SSR Age", Fixed(1, &[Field("", 8, Scaled(1.0, 4.0, "s"))]))),
    Some(Item("MDS", "Mode S Age", Fixed(1, &[Field("", 8, Scaled(1.0, 4.0, "s"))]))),
    Some(Item("ADS", "ADS-C Age", Fixed(2, &[Field("", 16, Scaled(1.0, 4.0, "s"))]))),
    Some(Item("ES", "ADS-B Extended Squitter Age", Fixed(1, &[Field("", 8, Scaled(1.0, 4.0, "s"))]))),
    Some(Item("VDL", "ADS-B VDL Mode 4 Age", Fixed(1, &[Field("", 8, Scaled(1.0, 4.0, "s"))]))),
    Some(Item("UAT", "ADS-B UAT Age", Fixed(1, &[Field("", 8, Scaled(1.0, 4.0, "s"))]))),
    Some(Item("LOP", "Loop Age", Fixed(1, &[Field("", 8, Scaled(1.0, 4.0, "s"))]))),
    Some(Item("MLT", "Multilateration Age", Fixed(1, &[Field("", 8, Scaled(1.0, 4.0, "s"))]))),
]));

static I295_SINCE_1_16: Item = Item("295", "Track Data Ages", Compound(&[
    Some(Item("MFL", "Measured Flight Level Age", Fixed(1, &[Field("", 8, Scaled(1.0, 4.0, "s"))]))),
    Some(Item("MD1", "Mode 1 Age", Fixed(1, &[Field("", 8, Scaled(1.0, 4.0, "s"))]))),
    Some(Item("MD2", "Mode 2 Age", Fixed(1, &[Field("", 8, Scaled(1.0, 4.0, "s"))]))),
    Some(Item("MDA", "Mode 3/A Age", Fixed(1, &[Field("", 8, Scaled(1.0, 4.0, "s"))]))),
    Some(Item("MD4", "Mode 4 Age", Fixed(1, &[Field("", 8, Scaled(1.0, 4.0, "s"))]))),
    Some(Item("MD5", "Mode 5 Age", Fixed(1, &[Field("", 8, Scaled(1.0, 4.0, "s"))]))),
    Some(Item("MHG", "Magnetic Heading Age", Fixed(1, &[Field("", 8, Scaled(1.0, 4.0, "s"))]))),
    Some(Item("IAS", "Indicated Airspeed / Mach Nb Age", Fixed(1, &[Field("", 8, Scaled(1.0, 4.0, "s"))]))),
    Some(Item("TAS", "True Airspeed Age", Fixed(1, &[Field("", 8, Scaled(1.0, 4.0, "s"))]))),
    Some(Item("SAL", "Selected Altitude Age", Fixed(1, &[Field("", 8, Scaled(1.0, 4.0, "s"))]))),
    Some(Item("FSS", "Final State Selected Altitude Age", Fixed(1, &[Field("", 8, Scaled(1.0, 4.0, "s"))]))),
    Some(Item("TID", "Trajectory Intent Age", Fixed(1, &[Field("", 8, Scaled(1.0, 4.0, "s"))]))),
    Some(Item("COM", "Communication/ACAS Capability and Flight Status Age", Fixed(1, &[
        Field("", 8, Scaled(1.0, 4.0, "s")),
    ]))),
    Some(Item("SAB", "Status Reported by ADS-B Age", Fixed(1, &[Field("", 8, Scaled(1.0, 4.0, "s"))]))),
    Some(Item("ACS", "ACAS Resolution Advisory Report Age", Fixed(1, &[Field("", 8, Scaled(1.0, 4.0, "s"))]))),
    Some(Item("BVR", "Barometric Vertical Rate Age", Fixed(1, &[Field("", 8, Scaled(1.0, 4.0, "s"))]))),
    Some(Item("GVR", "Geometrical Vertical Rate Age", Fixed(1, &[Field("", 8, Scaled(1.0, 4.0, "s"))]))),
    Some(Item("RAN", "Roll Angle Age", Fixed(1, &[Field("", 8, Scaled(1.0, 4.0, "s"))]))),
    Some(Item("TAR", "Track Angle Rate Age", Fixed(1, &[Field("", 8, Scaled(1.0, 4.0, "s"))]))),
    Some(Item("TAN", "Track Angle Age", Fixed(1, &[Field("", 8, Scaled(1.0, 4.0, "s"))]))),
    Some(Item("GSP", "Ground Speed Age", Fixed(1, &[Field("", 8, Scaled(1.0, 4.0, "s"))]))),
    Some(Item("VUN", "Velocity Uncertainty Age", Fixed(1, &[Field("", 8, Scaled(1.0, 4.0, "s"))]))),
    Some(Item("MET", "Meteorological Data Age", Fixed(1, &[Field("", 8, Scaled(1.0, 4.0, "s"))]))),
    Some(Item("EMC", "Emitter Category Age", Fixed(1, &[Field("", 8, Scaled(1.0, 4.0, "s"))]))),
    Some(Item("POS", "Position Age", Fixed(1, &[Field("", 8, Scaled(1.0, 4.0, "s"))]))),
    Some(Item("GAL", "Geometric Altitude Age", Fixed(1, &[Field("", 8, Scaled(1.0, 4.0, "s"))]))),
    Some(Item("PUN", "Position Uncertainty Age", Fixed(1, &[Field("", 8, Scaled(1.0, 4.0, "s"))]))),
    Some(Item("MB", "Mode S MB Data Age", Fixed(1, &[Field("", 8, Scaled(1.0, 4.0, "s"))]))),
    Some(Item("IAR", "Indicated Airspeed Data Age", Fixed(1, &[Field("", 8, Scaled(1.0, 4.0, "s"))]))),
    Some(Item("MAC", "Mach Number Data Age", Fixed(1, &[Field("", 8, Scaled(1.0, 4.0, "s"))]))),
    Some(Item("BPS", "Barometric Pressure Setting Data Age", Fixed(1, &[Field("", 8, Scaled(1.0, 4.0, "s"))]))),
]));

static I295: Item = Item("295", "Track Data Ages", Compound(&[
    Some(Item("MFL", "Measured Flight Level Age", Fixed(1, &[Field("", 8, Scaled(1.0, 4.0, "s"))]))),
    Some(Item("MD1", "Mode 1 Age", Fixed(1, &[Field("", 8, Scaled(1.0, 4.0, "s"))]))),
    Some(Item("MD2", "Mode 2 Age", Fixed(1, &[Field("", 8, Scaled(1.0, 4.0, "s"))]))),
    Some(Item("MDA", "Mode 3/A Age", Fixed(1, &[Field("", 8, Scaled(1.0, 4.0, "s"))]))),
    Some(Item("MD4", "Mode 4 Age", Fixed(1, &[Field("", 8, Scaled(1.0, 4.0, "s"))]))),
    Some(Item("MD5", "Mode 5 Age", Fixed(1, &[Field("", 8, Scaled(1.0, 4.0, "s"))]))),
    Some(Item("MHG", "Magnetic Heading Age", Fixed(1, &[Field("", 8, Scaled(1.0, 4.0, "s"))]))),
    Some(Item("IAS", "Indicated Airspeed / Mach Nb Age", Fixed(1, &[Field("", 8, Scaled(1.0, 4.0, "s"))]))),
    Some(Item("TAS", "True Airspeed Age", Fixed(1, &[Field("", 8, Scaled(1.0, 4.0, "s"))]))),
    Some(Item("SAL", "Selected Altitude Age", Fixed(1, &[Field("", 8, Scaled(1.0, 4.0, "s"))]))),
    Some(Item("FSS", "Final State Selected Altitude Age", Fixed(1, &[Field("", 8, Scaled(1.0, 4.0, "s"))]))),
    Some(Item("TID", "Trajectory Intent Age", Fixed(1, &[Field("", 8, Scaled(1.0, 4.0, "s"))]))),
    Some(Item("COM", "Communication/ACAS Capability and Flight Status Age", Fixed(1, &[
        Field("", 8, Scaled(1.0, 4.0, "s")),
    ]))),
    Some(Item("SAB", "Status Reported by ADS-B Age", Fixed(1, &[Field("", 8, Scaled(1.0, 4.0, "s"))]))),
    Some(Item("ACS", "ACAS Resolution Advisory Report Age", Fixed(1, &[Field("", 8, Scaled(1.0, 4.0, "s"))]))),
    Some(Item("BVR", "Barometric Vertical Rate Age", Fixed(1, &[Field("", 8, Scaled(1.0, 4.0, "s"))]))),
    Some(Item("GVR", "Geometrical Vertical Rate Age", Fixed(1, &[Field("", 8, Scaled(1.0, 4.0, "s"))]))),
    Some(Item("RAN", "Roll Angle Age", Fixed(1, &[Field("", 8, Scaled(1.0, 4.0, "s"))]))),
    Some(Item("TAR", "Track Angle Rate Age", Fixed(1, &[Field("", 8, Scaled(1.0, 4.0, "s"))]))),
    Some(Item("TAN", "Track Angle Age", Fixed(1, &[Field("", 8, Scaled(1.0, 4.0, "s"))]))),
    Some(Item("GSP", "Ground Speed Age", Fixed(1, &[Field("", 8, Scaled(1.0, 4.0, "s"))]))),
    Some(Item("VUN", "Velocity Uncertainty Age", Fixed(1, &[Field("", 8, Scaled(1.0, 4.0, "s"))]))),
    Some(Item("MET", "Meteorological Data Age", Fixed(1, &[Field("", 8, Scaled(1.0, 4.0, "s"))]))),
    Some(Item("EMC", "Emitter Category Age", Fixed(1, &[Field("", 8, Scaled(1.0, 4.0, "s"))]))),
    Some(Item("POS", "Position Age", Fixed(1, &[Field("", 8, Scaled(1.0, 4.0, "s"))]))),
    Some(Item("GAL", "Geometric Altitude Age", Fixed(1, &[Field("", 8, Scaled(1.0, 4.0, "s"))]))),
    Some(Item("PUN", "Position Uncertainty Age", Fixed(1, &[Field("", 8, Scaled(1.0, 4.0, "s"))]))),
    Some(Item("MB", "BDS Register Data Age", Fixed(1, &[Field("", 8, Scaled(1.0, 4.0, "s"))]))),
    Some(Item("IAR", "Indicated Airspeed Data Age", Fixed(1, &[Field("", 8, Scaled(1.0, 4.0, "s"))]))),
    Some(Item("MAC", "Mach Number Data Age", Fixed(1, &[Field("", 8, Scaled(1.0, 4.0, "s"))]))),
    Some(Item("BPS", "Barometric Pressure Setting Data Age", Fixed(1, &[Field("", 8, Scaled(1.0, 4.0, "s"))]))),
]));

static I300: Item = Item("300", "Vehicle Fleet Identification", Fixed(1, &[Field("", 8, Code)]));

static I340_SINCE_1_16: Item = Item("340", "Measured Information", Compound(&[
    Some(Item("SID", "Sensor Identification", Fixed(2, &[Field("SAC", 8, Raw), Field("SIC", 8, Raw)]))),
    Some(Item("POS", "Measured Position", Fixed(4, &[
        Field("RHO", 16, Scaled(1.0, 256.0, "NM")), Field("THETA", 16, Scaled(360.0, 65_536.0, "°")),
    ]))),
    Some(Item("HEIGHT", "Measured 3-D Height", Fixed(2, &[Field("", 16, Scaled(25.0, 1.0, "ft"))]))),
    Some(Item("MDC", "", Fixed(2, &[
        Field("V", 1, Code), Field("G", 1, Code), Field("LMC", 14, SignedScaled(1.0, 4.0, "FL")),
    ]))),
    Some(Item("MDA", "", Fixed(2, &[
        Field("V", 1, Code), Field("G", 1, Code), Field("L", 1, Code), Field("", 1, Spare),
        Field("MODE3A", 12, Octal),
    ]))),
    Some(Item("TYP", "", Fixed(1, &[
        Field("TYP", 3, Code), Field("SIM", 1, Code), Field("RAB", 1, Code), Field("TST", 1, Code),
        Field("", 2, Spare),
    ]))),
]));

static I340: Item = Item("340", "Measured Information", Compound(&[
    Some(Item("SID", "Sensor Identification", Fixed(2, &[Field("SAC", 8, Raw), Field("SIC", 8, Raw)]))),
    Some(Item("POS", "Measured Position", Fixed(4, &[
        Field("RHO", 16, Scaled(1.0, 256.0, "NM")), Field("THETA", 16, Scaled(360.0, 65_536.0, "°")),
    ]))),
    Some(Item("HEIGHT", "Measured 3-D Height", Fixed(2, &[Field("", 16, SignedScaled(25.0, 1.0, "ft"))]))),
    Some(Item("MDC", "", Fixed(2, &[
        Field("V", 1, Code), Field("G", 1, Code), Field("LMC", 14, SignedScaled(1.0, 4.0, "FL")),
    ]))),
    Some(Item("MDA", "", Fixed(2, &[
        Field("V", 1, Code), Field("G", 1, Code), Field("L", 1, Code), Field("", 1, Spare),
        Field("MODE3A", 12, Octal),
    ]))),
    Some(Item("TYP", "", Fixed(1, &[
        Field("TYP", 3, Code), Field("SIM", 1, Code), Field("RAB", 1, Code), Field("TST", 1, Code),
        Field("", 2, Spare),
    ]))),
]));

static I380_SINCE_1_16: Item = Item("380", "Aircraft Derived Data", Compound(&[
    Some(Item("ADR", "Target Address", Fixed(3, &[Field("", 24, Raw)]))),
    Some(Item("ID", "Target Identification", Fixed(6, &[Field("", 48, Icao)]))),
    Some(Item("MHG", "Magnetic Heading", Fixed(2, &[Field("", 16, Scaled(360.0, 65_536.0, "°"))]))),
    Some(Item("IAS", "Indicated Airspeed/Mach No", Fixed(2, &[
        Field("IM", 1, Code),
        Field("IAS", 15, BySwitch(&Scaled(1.0, 16_384.0, "NM/s"), &Scaled(1.0, 1_000.0, "Mach"))),
    ]))),
    Some(Item("TAS", "True Airspeed", Fixed(2, &[Field("", 16, Scaled(1.0, 1.0, "kt"))]))),
    Some(Item("SAL", "Selected Altitude", Fixed(2, &[
        Field("SAS", 1, Code), Field("SRC", 2, Code), Field("ALT", 13, SignedScaled(25.0, 1.0, "ft")),
    ]))),
    Some(Item("FSS", "Final State Selected Altitude", Fixed(2, &[
        Field("MV", 1, Code), Field("AH", 1, Code), Field("AM", 1, Code),
        Field("ALT", 13, SignedScaled(25.0, 1.0, "ft")),
    ]))),
    Some(Item("TIS", "Trajectory Intent Status", Extended(&[&[Field("NAV", 1, Code), Field("NVB", 1, Code), Field("", 5, Spare)]]))),
    Some(Item("TID", "Trajectory Intent Data", Counted(15, &[
        Field("TCA", 1, Code), Field("NC", 1, Code), Field("TCPN", 6, Raw),
        Field("ALT", 16, SignedScaled(10.0, 1.0, "ft")), Field("LAT", 24, SignedScaled(180.0, 8_388_608.0, "°")),
        Field("LON", 24, SignedScaled(180.0, 8_388_608.0, "°")), Field("PT", 4, Code), Field("TD", 2, Code),
        Field("TRA", 1, Code), Field("TOA", 1, Code), Field("TOV", 24, Scaled(1.0, 1.0, "s")),
        Field("TTR", 16, Scaled(1.0, 100.0, "NM")),
    ]))),
    Some(Item("COM", "Communications/ACAS Capability and Flight Status", Fixed(2, &[
        Field("COM", 3, Code), Field("STAT", 3, Code), Field("", 2, Spare), Field("SSC", 1, Code),
        Field("ARC", 1, Code), Field("AIC", 1, Code), Field("B1A", 1, Raw), Field("B1B", 4, Raw),
    ]))),
    Some(Item("SAB", "Status Reported by ADS-B", Fixed(2, &[
        Field("AC", 2, Code), Field("MN", 2, Code), Field("DC", 2, Code), Field("GBS", 1, Code),
        Field("", 6, Spare), Field("STAT", 3, Code),
    ]))),
    Some(Item("ACS", "ACAS Resolution Advisory Report", Fixed(7, &[Field("", 56, Raw)]))),
    Some(Item("BVR", "Barometric Vertical Rate", Fixed(2, &[Field("", 16, SignedScaled(25.0, 4.0, "ft/min"))]))),
    Some(Item("GVR", "Geometric Vertical Rate", Fixed(2, &[Field("", 16, SignedScaled(25.0, 4.0, "ft/min"))]))),
    Some(Item("RAN", "Roll Angle", Fixed(2, &[Field("", 16, SignedScaled(1.0, 100.0, "°"))]))),
    Some(Item("TAR", "Track Angle Rate", Fixed(2, &[
        Field("TI", 2, Code), Field("", 6, Spare), Field("ROT", 7, SignedScaled(1.0, 4.0, "°/s")),
        Field("", 1, Spare),
    ]))),
    Some(Item("TAN", "Track Angle", Fixed(2, &[Field("", 16, Scaled(360.0, 65_536.0, "°"))]))),
    Some(Item("GS", "Ground Speed", Fixed(2, &[Field("", 16, SignedScaled(1.0, 16_384.0, "NM/s"))]))),
    Some(Item("VUN", "Velocity Uncertainty", Fixed(1, &[Field("", 8, Raw)]))),
    Some(Item("MET", "Meteorological Data", Fixed(8, &[
        Field("WS", 1, Code), Field("WD", 1, Code), Field("TMP", 1, Code), Field("TRB", 1, Code),
        Field("", 4, Spare), Field("WSD", 16, Scaled(1.0, 1.0, "kt")), Field("WDD", 16, Scaled(1.0, 1.0, "°")),
        Field("TMPD", 16, SignedScaled(1.0, 4.0, "°C")), Field("TRBD", 8, Unsigned),
    ]))),
    Some(Item("EMC", "Emitter Category", Fixed(1, &[Field("", 8, Code)]))),
    Some(Item("POS", "Position", Fixed(6, &[
        Field("LAT", 24, SignedScaled(180.0, 8_388_608.0, "°")),
        Field("LON", 24, SignedScaled(180.0, 8_388_608.0, "°")),
    ]))),
    Some(Item("GAL", "Geometric Altitude", Fixed(2, &[Field("", 16, SignedScaled(25.0, 4.0, "ft"))]))),
    Some(Item("PUN", "Position Uncertainty", Fixed(1, &[Field("", 4, Spare), Field("PUN", 4, Raw)]))),
    Some(Item("MB", "MODE S MB DATA", Counted(8, &[Field("", 64, Raw)]))),
    Some(Item("IAR", "Indicated Airspeed", Fixed(2, &[Field("", 16, Scaled(1.0, 1.0, "kt"))]))),
    Some(Item("MAC", "Mach Number", Fixed(2, &[Field("", 16, Scaled(1.0, 125.0, "Mach"))]))),
    Some(Item("BPS", "Barometric Pressure Setting (derived from Mode S BDS 4,0)", Fixed(2, &[
        Field("", 4, Spare), Field("BPS", 12, Scaled(1.0, 10.0, "mb")),
    ]))),
]));

static I380_SINCE_1_19: Item = Item("380", "Aircraft Derived Data", Compound(&[
    Some(Item("ADR", "Target Address", Fixed(3, &[Field("", 24, Raw)]))),
    Some(Item("ID", "Target Identification", Fixed(6, &[Field("", 48, Icao)]))),
    Some(Item("MHG", "Magnetic Heading", Fixed(2, &[Field("", 16, Scaled(360.0, 65_536.0, "°"))]))),
    Some(Item("IAS", "Indicated Airspeed/Mach No", Fixed(2, &[
        Field("IM", 1, Code),
        Field("IAS", 15, BySwitch(&Scaled(1.0, 16_384.0, "NM/s"), &Scaled(1.0, 1_000.0, "Mach"))),
    ]))),
    Some(Item("TAS", "True Airspeed", Fixed(2, &[Field("", 16, Scaled(1.0, 1.0, "kt"))]))),
    Some(Item("SAL", "Selected Altitude", Fixed(2, &[
        Field("SAS", 1, Code), Field("SRC", 2, Code), Field("ALT", 13, SignedScaled(25.0, 1.0, "ft")),
    ]))),
    Some(Item("FSS", "Final State Selected Altitude", Fixed(2, &[
        Field("MV", 1, Code), Field("AH", 1, Code), Field("AM", 1, Code),
        Field("ALT", 13, SignedScaled(25.0, 1.0, "ft")),
    ]))),
    Some(Item("TIS", "Trajectory Intent Status", Extended(&[&[Field("NAV", 1, Code), Field("NVB", 1, Code), Field("", 5, Spare)]]))),
    Some(Item("TID", "Trajectory Intent Data", Counted(15, &[
        Field("TCA", 1, Code), Field("NC", 1, Code), Field("TCPN", 6, Raw),
        Field("ALT", 16, SignedScaled(10.0, 1.0, "ft")), Field("LAT", 24, SignedScaled(180.0, 8_388_608.0, "°")),
        Field("LON", 24, SignedScaled(180.0, 8_388_608.0, "°")), Field("PT", 4, Code), Field("TD", 2, Code),
        Field("TRA", 1, Code), Field("TOA", 1, Code), Field("TOV", 24, Scaled(1.0, 1.0, "s")),
        Field("TTR", 16, Scaled(1.0, 100.0, "NM")),
    ]))),
    Some(Item("COM", "Communications/ACAS Capability and Flight Status", Fixed(2, &[
        Field("COM", 3, Code), Field("STAT", 3, Code), Field("", 2, Spare), Field("SSC", 1, Code),
        Field("ARC", 1, Code), Field("AIC", 1, Code), Field("B1A", 1, Raw), Field("B1B", 4, Raw),
    ]))),
    Some(Item("SAB", "Status Reported by ADS-B", Fixed(2, &[
        Field("AC", 2, Code), Field("MN", 2, Code), Field("DC", 2, Code), Field("GBS", 1, Code),
        Field("", 6, Spare), Field("STAT", 3, Code),
    ]))),
    Some(Item("ACS", "ACAS Resolution Advisory Report", Fixed(7, &[Field("", 56, Raw)]))),
    Some(Item("BVR", "Barometric Vertical Rate", Fixed(2, &[Field("", 16, SignedScaled(25.0, 4.0, "ft/min"))]))),
    Some(Item("GVR", "Geometric Vertical Rate", Fixed(2, &[Field("", 16, SignedScaled(25.0, 4.0, "ft/min"))]))),
    Some(Item("RAN", "Roll Angle", Fixed(2, &[Field("", 16, SignedScaled(1.0, 100.0, "°"))]))),
    Some(Item("TAR", "Track Angle Rate", Fixed(2, &[
        Field("TI", 2, Code), Field("", 6, Spare), Field("ROT", 7, SignedScaled(1.0, 4.0, "°/s")),
        Field("", 1, Spare),
    ]))),
    Some(Item("TAN", "Track Angle", Fixed(2, &[Field("", 16, Scaled(360.0, 65_536.0, "°"))]))),
    Some(Item("GS", "Ground Speed", Fixed(2, &[Field("", 16, SignedScaled(1.0, 16_384.0, "NM/s"))]))),
    Some(Item("VUN", "Velocity Uncertainty", Fixed(1, &[Field("", 8, Raw)]))),
    Some(Item("MET", "Meteorological Data", Fixed(8, &[
        Field("WS", 1, Code), Field("WD", 1, Code), Field("TMP", 1, Code), Field("TRB", 1, Code),
        Field("", 4, Spare), Field("WSD", 16, Scaled(1.0, 1.0, "kt")), Field("WDD", 16, Scaled(1.0, 1.0, "°")),
        Field("TMPD", 16, SignedScaled(1.0, 4.0, "°C")), Field("TRBD", 8, Unsigned),
    ]))),
    Some(Item("EMC", "Emitter Category", Fixed(1, &[Field("", 8, Code)]))),
    Some(Item("POS", "Position", Fixed(6, &[
        Field("LAT", 24, SignedScaled(180.0, 8_388_608.0, "°")),
        Field("LON", 24, SignedScaled(180.0, 8_388_608.0, "°")),
    ]))),
    Some(Item("GAL", "Geometric Altitude", Fixed(2, &[Field("", 16, SignedScaled(25.0, 4.0, "ft"))]))),
    Some(Item("PUN", "Position Uncertainty", Fixed(1, &[Field("", 4, Spare), Field("PUN", 4, Raw)]))),
    Some(Item("MB", "MODE S MB DATA", Counted(8, &[Field("", 64, Raw)]))),
    Some(Item("IAR", "Indicated Airspeed", Fixed(2, &[Field("", 16, Scaled(1.0, 1.0, "kt"))]))),
    Some(Item("MAC", "Mach Number", Fixed(2, &[Field("", 16, Scaled(1.0, 125.0, "Mach"))]))),
    Some(Item("BPS", "Barometric Pressure Setting", Fixed(2, &[
        Field("", 4, Spare), Field("BPS", 12, Scaled(1.0, 10.0, "mb")),
    ]))),
]));

static I380: Item = Item("380", "Aircraft Derived Data", Compound(&[
    Some(Item("ADR", "Target Address", Fixed(3, &[Field("", 24, Raw)]))),
    Some(Item("ID", "Target Identification", Fixed(6, &[Field("", 48, Icao)]))),
    Some(Item("MHG", "Magnetic Heading", Fixed(2, &[Field("", 16, Scaled(360.0, 65_536.0, "°"))]))),
    Some(Item("IAS", "Indicated Airspeed/Mach No", Fixed(2, &[
        Field("IM", 1, Code),
        Field("IAS", 15, BySwitch(&Scaled(1.0, 16_384.0, "NM/s"), &Scaled(1.0, 1_000.0, "Mach"))),
    ]))),
    Some(Item("TAS", "True Airspeed", Fixed(2, &[Field("", 16, Scaled(1.0, 1.0, "kt"))]))),
    Some(Item("SAL", "Selected Altitude", Fixed(2, &[
        Field("SAS", 1, Code), Field("SRC", 2, Code), Field("ALT", 13, SignedScaled(25.0, 1.0, "ft")),
    ]))),
    Some(Item("FSS", "Final State Selected Altitude", Fixed(2, &[
        Field("MV", 1, Code), Field("AH", 1, Code), Field("AM", 1, Code),
        Field("ALT", 13, SignedScaled(25.0, 1.0, "ft")),
    ]))),
    Some(Item("TIS", "Trajectory Intent Status", Extended(&[&[Field("NAV", 1, Code), Field("NVB", 1, Code), Field("", 5, Spare)]]))),
    Some(Item("TID", "Trajectory Intent Data", Counted(15, &[
        Field("TCA", 1, Code), Field("NC", 1, Code), Field("TCPN", 6, Raw),
        Field("ALT", 16, SignedScaled(10.0, 1.0, "ft")), Field("LAT", 24, SignedScaled(180.0, 8_388_608.0, "°")),
        Field("LON", 24, SignedScaled(180.0, 8_388_608.0, "°")), Field("PT", 4, Code), Field("TD", 2, Code),
        Field("TRA", 1, Code), Field("TOA", 1, Code), Field("TOV", 24, Scaled(1.0, 1.0, "s")),
        Field("TTR", 16, Scaled(1.0, 100.0, "NM")),
    ]))),
    Some(Item("COM", "Communications/ACAS Capability and Flight Status", Fixed(2, &[
        Field("COM", 3, Code), Field("STAT", 3, Code), Field("", 2, Spare), Field("SSC", 1, Code),
        Field("ARC", 1, Code), Field("AIC", 1, Code), Field("B1A", 1, Raw), Field("B1B", 4, Raw),
    ]))),
    Some(Item("SAB", "Status Reported by ADS-B", Fixed(2, &[
        Field("AC", 2, Code), Field("MN", 2, Code), Field("DC", 2, Code), Field("GBS", 1, Code),
        Field("", 6, Spare), Field("STAT", 3, Code),
    ]))),
    Some(Item("ACS", "ACAS Resolution Advisory Report", Fixed(7, &[Field("", 56, Raw)]))),
    Some(Item("BVR", "Barometric Vertical Rate", Fixed(2, &[Field("", 16, SignedScaled(25.0, 4.0, "ft/min"))]))),
    Some(Item("GVR", "Geometric Vertical Rate", Fixed(2, &[Field("", 16, SignedScaled(25.0, 4.0, "ft/min"))]))),
    Some(Item("RAN", "Roll Angle", Fixed(2, &[Field("", 16, SignedScaled(1.0, 100.0, "°"))]))),
    Some(Item("TAR", "Track Angle Rate", Fixed(2, &[
        Field("TI", 2, Code), Field("", 6, Spare), Field("ROT", 7, SignedScaled(1.0, 4.0, "°/s")),
        Field("", 1, Spare),
    ]))),
    Some(Item("TAN", "Track Angle", Fixed(2, &[Field("", 16, Scaled(360.0, 65_536.0, "°"))]))),
    Some(Item("GS", "Ground Speed", Fixed(2, &[Field("", 16, SignedScaled(1.0, 16_384.0, "NM/s"))]))),
    Some(Item("VUN", "Velocity Uncertainty", Fixed(1, &[Field("", 8, Raw)]))),
    Some(Item("MET", "Meteorological Data", Fixed(8, &[
        Field("WS", 1, Code), Field("WD", 1, Code), Field("TMP", 1, Code), Field("TRB", 1, Code),
        Field("", 4, Spare), Field("WSD", 16, Scaled(1.0, 1.0, "kt")), Field("WDD", 16, Scaled(1.0, 1.0, "°")),
        Field("TMPD", 16, SignedScaled(1.0, 4.0, "°C")), Field("TRBD", 8, Unsigned),
    ]))),
    Some(Item("EMC", "Emitter Category", Fixed(1, &[Field("", 8, Code)]))),
    Some(Item("POS", "Position", Fixed(6, &[
        Field("LAT", 24, SignedScaled(180.0, 8_388_608.0, "°")),
        Field("LON", 24, SignedScaled(180.0, 8_388_608.0, "°")),
    ]))),
    Some(Item("GAL", "Geometric Altitude", Fixed(2, &[Field("", 16, SignedScaled(25.0, 4.0, "ft"))]))),
    Some(Item("PUN", "Position Uncertainty", Fixed(1, &[Field("", 4, Spare), Field("PUN", 4, Raw)]))),
    Some(Item("BDSDATA", "BDS Register DATA", Counted(8, &[Field("", 64, Raw)]))),
    Some(Item("IAR", "Indicated Airspeed", Fixed(2, &[Field("", 16, Scaled(1.0, 1.0, "kt"))]))),
    Some(Item("MAC", "Mach Number", Fixed(2, &[Field("", 16, Scaled(1.0, 125.0, "Mach"))]))),
    Some(Item("BPS", "Barometric Pressure Setting", Fixed(2, &[
        Field("", 4, Spare), Field("BPS", 12, Scaled(1.0, 10.0, "mb")),
    ]))),
]));

static I390: Item = Item("390", "Flight Plan Related Data", Compound(&[
    Some(Item("TAG", "FPPS Identification Tag", Fixed(2, &[Field("SAC", 8, Raw), Field("SIC", 8, Raw)]))),
    Some(Item("CS", "Callsign", Fixed(7, &[Field("", 56, Ascii)]))),
    Some(Item("IFI", "IFPS_FLIGHT_ID", Fixed(4, &[
        Field("TYP", 2, Code), Field("", 3, Spare), Field("NBR", 27, Unsigned),
    ]))),
    Some(Item("FCT", "Flight Category", Fixed(1, &[
        Field("GATOAT", 2, Code), Field("FR1FR2", 2, Code), Field("RVSM", 2, Code), Field("HPR", 1, Code),
        Field("", 1, Spare),
    ]))),
    Some(Item("TAC", "Type of Aircraft", Fixed(4, &[Field("", 32, Ascii)]))),
    Some(Item("WTC", "Wake Turbulence Category", Fixed(1, &[Field("", 8, Ascii)]))),
    Some(Item("DEP", "Departure Airport", Fixed(4, &[Field("", 32, Ascii)]))),
    Some(Item("DST", "Destination Airport", Fixed(4, &[Field("", 32, Ascii)]))),
    Some(Item("RDS", "Runway Designation", Fixed(3, &[
        Field("NU1", 8, Ascii), Field("NU2", 8, Ascii), Field("LTR", 8, Ascii),
    ]))),
    Some(Item("CFL", "Current Cleared Flight Level", Fixed(2, &[Field("", 16, Scaled(1.0, 4.0, "FL"))]))),
    Some(Item("CTL", "Current Control Position", Fixed(2, &[Field("CENTRE", 8, Raw), Field("POSITION", 8, Raw)]))),
    Some(Item("TOD", "Time of Departure / Arrival", Counted(4, &[
        Field("TYP", 5, Code), Field("DAY", 2, Code), Field("", 4, Spare), Field("HOR", 5, Unsigned),
        Field("", 2, Spare), Field("MIN", 6, Unsigned), Field("AVS", 1, Code), Field("", 1, Spare),
        Field("SEC", 6, Unsigned),
    ]))),
    Some(Item("AST", "Aircraft Stand", Fixed(6, &[Field("", 48, Ascii)]))),
    Some(Item("STS", "Stand Status", Fixed(1, &[
        Field("EMP", 2, Code), Field("AVL", 2, Code), Field("", 4, Spare),
    ]))),
    Some(Item("STD", "Standard Instrument Departure", Fixed(7, &[Field("", 56, Ascii)]))),
    Some(Item("STA", "Standard Instrument Arrival", Fixed(7, &[Field("", 56, Ascii)]))),
    Some(Item("PEM", "Pre-Emergency Mode 3/A", Fixed(2, &[
        Field("", 3, Spare), Field("VA", 1, Code), Field("MODE3A", 12, Octal),
    ]))),
    Some(Item("PEC", "Pre-Emergency Callsign", Fixed(7, &[Field("", 56, Ascii)]))),
]));

static I500: Item = Item("500", "Estimated Accuracies", Compound(&[
    Some(Item("APC", "Estimated Accuracy Of Track Position (Cartesian)", Fixed(4, &[
        Field("X", 16, Scaled(1.0, 2.0, "m")), Field("Y", 16, Scaled(1.0, 2.0, "m")),
    ]))),
    Some(Item("COV", "XY Covariance Component", Fixed(2, &[Field("", 16, SignedScaled(1.0, 2.0, "m"))]))),
    Some(Item("APW", "Estimated Accuracy Of Track Position (WGS-84)", Fixed(4, &[
        Field("LAT", 16, Scaled(180.0, 33_554_432.0, "°")), Field("LON", 16, Scaled(180.0, 33_554_432.0, "°")),
    ]))),
    Some(Item("AGA", "Estimated Accuracy Of Calculated Track Geometric Altitude", Fixed(1, &[
        Field("", 8, Scaled(25.0, 4.0, "ft")),
    ]))),
    Some(Item("ABA", "Estimated Accuracy Of Calculated Track Barometric Altitude", Fixed(1, &[
        Field("", 8, Scaled(1.0, 4.0, "FL")),
    ]))),
    Some(Item("ATV", "Estimated Accuracy Of Track Velocity (Cartesian)", Fixed(2, &[
        Field("X", 8, Scaled(1.0, 4.0, "m/s")), Field("Y", 8, Scaled(1.0, 4.0, "m/s")),
    ]))),
    Some(Item("AA", "Estimated Accuracy Of Acceleration (Cartesian)", Fixed(2, &[
        Field("X", 8, Scaled(1.0, 4.0, "m/s²")), Field("Y", 8, Scaled(1.0, 4.0, "m/s²")),
    ]))),
    Some(Item("ARC", "Estimated Accuracy Of Rate Of Climb/Descent", Fixed(1, &[
        Field("", 8, Scaled(25.0, 4.0, "ft/min")),
    ]))),
]));

static I510: Item = Item("510", "Composed Track Number", Chained(3, &[
    Field("IDENT", 8, Raw), Field("TRACK", 15, Raw),
]));

static UAP_1_16: &[Option<&Item>] = &[
    Some(&I010), None, Some(&I015), Some(&I070), Some(&I105), Some(&I100), Some(&I185), Some(&I210),
    Some(&I060_SINCE_1_16), Some(&I245), Some(&I380_SINCE_1_16), Some(&I040), Some(&I080_SINCE_1_16), Some(&I290),
    Some(&I200), Some(&I295_SINCE_1_16), Some(&I136), Some(&I130), Some(&I135), Some(&I220), Some(&I390),
    Some(&I270), Some(&I300), Some(&I110), Some(&I120), Some(&I510), Some(&I500), Some(&I340_SINCE_1_16), None,
    None, None, None, None, Some(&RE), Some(&SP),
];

static UAP_1_17: &[Option<&Item>] = &[
    Some(&I010), None, Some(&I015), Some(&I070), Some(&I105), Some(&I100), Some(&I185), Some(&I210), Some(&I060),
    Some(&I245), Some(&I380_SINCE_1_16), Some(&I040), Some(&I080_SINCE_1_16), Some(&I290), Some(&I200),
    Some(&I295_SINCE_1_16), Some(&I136), Some(&I130), Some(&I135), Some(&I220), Some(&I390), Some(&I270),
    Some(&I300), Some(&I110), Some(&I120), Some(&I510), Some(&I500), Some(&I340_SINCE_1_16), None, None, None,
    None, None, Some(&RE), Some(&SP),
];

static UAP_1_18: &[Option<&Item>] = &[
    Some(&I010), None, Some(&I015), Some(&I070), Some(&I105), Some(&I100), Some(&I185), Some(&I210), Some(&I060),
    Some(&I245), Some(&I380_SINCE_1_16), Some(&I040), Some(&I080_SINCE_1_18), Some(&I290), Some(&I200),
    Some(&I295_SINCE_1_16), Some(&I136), Some(&I130), Some(&I135), Some(&I220), Some(&I390), Some(&I270),
    Some(&I300), Some(&I110), Some(&I120), Some(&I510), Some(&I500), Some(&I340_SINCE_1_16), None, None, None,
    None, None, Some(&RE), Some(&SP),
];

static UAP_1_19: &[Option<&Item>] = &[
    Some(&I010), None, Some(&I015), Some(&I070), Some(&I105), Some(&I100), Some(&I185), Some(&I210), Some(&I060),
    Some(&I245), Some(&I380_SINCE_1_19), Some(&I040), Some(&I080_SINCE_1_18), Some(&I290), Some(&I200),
    Some(&I295_SINCE_1_16), Some(&I136), Some(&I130), Some(&I135), Some(&I220), Some(&I390), Some(&I270),
    Some(&I300), Some(&I110), Some(&I120), Some(&I510), Some(&I500), Some(&I340), None, None, None, None, None,
    Some(&RE), Some(&SP),
];

static UAP_1_20: &[Option<&Item>] = &[
    Some(&I010), None, Some(&I015), Some(&I070), Some(&I105), Some(&I100), Some(&I185), Some(&I210), Some(&I060),
    Some(&I245), Some(&I380), Some(&I040), Some(&I080_SINCE_1_20), Some(&I290), Some(&I200),
    Some(&I295_SINCE_1_16), Some(&I136), Some(&I130), Some(&I135), Some(&I220), Some(&I390), Some(&I270),
    Some(&I300), Some(&I110), Some(&I120), Some(&I510), Some(&I500), Some(&I340), None, None, None, None, None,
    Some(&RE), Some(&SP),
];

static UAP_1_21: &[Option<&Item>] = &[
    Some(&I010), None, Some(&I015), Some(&I070), Some(&I105), Some(&I100), Some(&I185), Some(&I210), Some(&I060),
    Some(&I245), Some(&I380), Some(&I040), Some(&I080), Some(&I290), Some(&I200), Some(&I295), Some(&I136),
    Some(&I130), Some(&I135), Some(&I220), Some(&I390), Some(&I270), Some(&I300), Some(&I110), Some(&I120),
    Some(&I510), Some(&I500), Some(&I340), None, None, None, None, None, Some(&RE), Some(&SP),
];
