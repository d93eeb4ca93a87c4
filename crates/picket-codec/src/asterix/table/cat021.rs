//! Category 021, ADS-B target reports: editions 0.23, 0.24, 0.25, 0.26, 2.1, 2.2, 2.3, 2.4, 2.5, 2.6, 2.7.
//!
//! Standard: EUROCONTROL-SPEC-0149-12 (CAT 021); editions before 1.0 are SUR.ET1.ST05.2000-STD-12-01.

use super::{Edition, Field, Item, RE, SP};
use super::Form::{Compound, Counted, Extended, Fixed};
use super::Kind::{BySwitch, Code, Group, Icao, Octal, Raw, Scaled, Signed, SignedScaled, Spare, Unsigned};

/// The editions of this category, oldest first.
pub(super) static EDITIONS: &[Edition] = &[
    Edition::new(21, "0.23", "2003-11-01", UAP_0_23),
    Edition::new(21, "0.24", "2004-10-01", UAP_0_24),
    Edition::new(21, "0.25", "2005-03-01", UAP_0_24),
    Edition::new(21, "0.26", "2005-06-27", UAP_0_26),
    Edition::new(21, "2.1", "2011-05-01", UAP_2_1),
    Edition::new(21, "2.2", "2014-08-07", UAP_2_2),
    Edition::new(21, "2.3", "2015-01-06", UAP_2_3),
    Edition::new(21, "2.4", "2015-06-15", UAP_2_3),
    Edition::new(21, "2.5", "2021-02-18", UAP_2_3),
    Edition::new(21, "2.6", "2021-12-21", UAP_2_6),
    Edition::new(21, "2.7", "2025-07-02", UAP_2_7),
];

static I008: Item = Item("008", "Aircraft Operational Status", Fixed(1, &[
    Field("RA", 1, Code), Field("TC", 2, Code), Field("TS", 1, Code), Field("ARV", 1, Code),
    Field("CDTIA", 1, Code), Field("NOTTCAS", 1, Code), Field("SA", 1, Code),
]));

static I010: Item = Item("010", "Data Source Identification", Fixed(2, &[
    Field("SAC", 8, Raw), Field("SIC", 8, Raw),
]));

static I015: Item = Item("015", "Service Identification", Fixed(1, &[Field("", 8, Raw)]));

static I016: Item = Item("016", "Service Management", Fixed(1, &[Field("", 8, Scaled(1.0, 2.0, "s"))]));

static I020: Item = Item("020", "Emitter Category", Fixed(1, &[Field("", 8, Code)]));

static I030: Item = Item("030", "Time of Day", Fixed(3, &[Field("", 24, Scaled(1.0, 128.0, "s"))]));

static I032: Item = Item("032", "Time of Day Accuracy", Fixed(1, &[
    Field("", 8, Scaled(1.0, 256.0, "s")),
]));

static I040_SINCE_0_23: Item = Item("040", "Target Report Descriptor", Fixed(2, &[
    Field("DCR", 1, Code), Field("GBS", 1, Code), Field("SIM", 1, Code), Field("TST", 1, Code),
    Field("RAB", 1, Code), Field("SAA", 1, Code), Field("SPI", 1, Code), Field("", 1, Spare),
    Field("ATP", 3, Code), Field("ARC", 2, Code), Field("", 3, Spare),
]));

static I040_SINCE_2_1: Item = Item("040", "Target Report Descriptor", Extended(&[
    &[Field("ATP", 3, Code), Field("ARC", 2, Code), Field("RC", 1, Code), Field("RAB", 1, Code)],
    &[
        Field("DCR", 1, Code), Field("GBS", 1, Code), Field("SIM", 1, Code), Field("TST", 1, Code),
        Field("SAA", 1, Code), Field("CL", 2, Code),
    ],
    &[
        Field("", 2, Spare), Field("IPC", 1, Code), Field("NOGO", 1, Code), Field("CPR", 1, Code),
        Field("LDPJ", 1, Code), Field("RCF", 1, Code),
    ],
]));

static I040_SINCE_2_3: Item = Item("040", "Target Report Descriptor", Extended(&[
    &[Field("ATP", 3, Code), Field("ARC", 2, Code), Field("RC", 1, Code), Field("RAB", 1, Code)],
    &[
        Field("DCR", 1, Code), Field("GBS", 1, Code), Field("SIM", 1, Code), Field("TST", 1, Code),
        Field("SAA", 1, Code), Field("CL", 2, Code),
    ],
    &[
        Field("", 1, Spare), Field("LLC", 1, Code), Field("IPC", 1, Code), Field("NOGO", 1, Code),
        Field("CPR", 1, Code), Field("LDPJ", 1, Code), Field("RCF", 1, Code),
    ],
]));

static I040: Item = Item("040", "Target Report Descriptor", Extended(&[
    &[Field("ATP", 3, Code), Field("ARC", 2, Code), Field("RC", 1, Code), Field("RAB", 1, Code)],
    &[
        Field("DCR", 1, Code), Field("GBS", 1, Code), Field("SIM", 1, Code), Field("TST", 1, Code),
        Field("SAA", 1, Code), Field("CL", 2, Code),
    ],
    &[
        Field("", 1, Spare), Field("LLC", 1, Code), Field("IPC", 1, Code), Field("NOGO", 1, Code),
        Field("CPR", 1, Code), Field("LDPJ", 1, Code), Field("RCF", 1, Code),
    ],
    &[Field("TBC", 7, Group(&[Field("EP", 1, Code), Field("VAL", 6, Unsigned)]))],
    &[Field("MBC", 7, Group(&[Field("EP", 1, Code), Field("VAL", 6, Unsigned)]))],
]));

static I070_SINCE_0_26: Item = Item("070", "Mode 3/A Code in Octal Representation", Fixed(2, &[
    Field("V", 1, Code), Field("G", 1, Code), Field("L", 1, Code), Field("", 1, Spare), Field("MODE3A", 12, Octal),
]));

static I070: Item = Item("070", "Mode 3/A Code in Octal Representation", Fixed(2, &[
    Field("", 4, Spare), Field("MODE3A", 12, Octal),
]));

static I071: Item = Item("071", "Time of Applicability for Position", Fixed(3, &[
    Field("", 24, Scaled(1.0, 128.0, "s")),
]));

static I072: Item = Item("072", "Time of Applicability for Velocity", Fixed(3, &[
    Field("", 24, Scaled(1.0, 128.0, "s")),
]));

static I073: Item = Item("073", "Time of Message Reception for Position", Fixed(3, &[
    Field("", 24, Scaled(1.0, 128.0, "s")),
]));

static I074: Item = Item("074", "Time of Message Reception of Position-High Precision", Fixed(4, &[
    Field("FSI", 2, Code), Field("TOMRP", 30, Scaled(1.0, 1_073_741_824.0, "s")),
]));

static I075: Item = Item("075", "Time of Message Reception for Velocity", Fixed(3, &[
    Field("", 24, Scaled(1.0, 128.0, "s")),
]));

static I076: Item = Item("076", "Time of Message Reception of Velocity-High Precision", Fixed(4, &[
    Field("FSI", 2, Code), Field("TOMRP", 30, Scaled(1.0, 1_073_741_824.0, "s")),
]));

static I077: Item = Item("077", "Time of ASTERIX Report Transmission", Fixed(3, &[
    Field("", 24, Scaled(1.0, 128.0, "s")),
]));

static I080: Item = Item("080", "Target Address", Fixed(3, &[Field("", 24, Raw)]));

static I090_SINCE_0_23: Item = Item("090", "Figure of Merit", Fixed(2, &[
    Field("AC", 2, Code), Field("MN", 2, Code), Field("DC", 2, Code), Field("", 6, Spare), Field("PA", 4, Signed),
]));

static I090_SINCE_2_1: Item = Item("090", "Quality Indicators", Extended(&[
    &[Field("NUCRNACV", 3, Raw), Field("NUCPNIC", 4, Raw)],
    &[Field("NICBARO", 1, Raw), Field("SIL", 2, Raw), Field("NACP", 4, Raw)],
    &[Field("", 2, Spare), Field("SILS", 1, Code), Field("SDA", 2, Raw), Field("GVA", 2, Raw)],
    &[Field("PIC", 4, Raw), Field("", 3, Spare)],
]));

static I090: Item = Item("090", "Quality Indicators", Extended(&[
    &[Field("NUCRNACV", 3, Raw), Field("NUCPNIC", 4, Raw)],
    &[Field("NICBARO", 1, Raw), Field("SIL", 2, Raw), Field("NACP", 4, Raw)],
    &[Field("", 2, Spare), Field("SILS", 1, Code), Field("SDA", 2, Raw), Field("GVA", 2, Raw)],
    &[Field("PIC", 4, Raw), Field("SRC", 1, Code), Field("", 2, Spare)],
    &[
        Field("", 2, Spare), Field("VALSTATE", 3, Group(&[Field("EP", 1, Code), Field("VAL", 2, Code)])),
        Field("VD", 1, Code), Field("VQ", 1, Code),
    ],
    &[Field("VALDISTP1", 7, Scaled(128.0, 1.0, "m"))], &[Field("VALDISTP2", 7, Scaled(1.0, 1.0, "m"))],
    &[Field("VALDISTQUALP1", 7, Scaled(128.0, 1.0, "m"))], &[Field("VALDISTQUALP2", 7, Scaled(1.0, 1.0, "m"))],
]));

static I095: Item = Item("095", "Velocity Accuracy", Fixed(1, &[Field("", 8, Raw)]));

static I110: Item = Item("110", "Trajectory Intent", Compound(&[
    Some(Item("TIS", "Trajectory Intent Status", Extended(&[&[Field("NAV", 1, Code), Field("NVB", 1, Code), Field("", 5, Spare)]]))),
    Some(Item("TID", "Trajectory Intent Data", Counted(15, &[
        Field("TCA", 1, Code), Field("NC", 1, Code), Field("TCPN", 6, Raw),
        Field("ALT", 16, SignedScaled(10.0, 1.0, "ft")), Field("LAT", 24, SignedScaled(180.0, 8_388_608.0, "°")),
        Field("LON", 24, SignedScaled(180.0, 8_388_608.0, "°")), Field("PT", 4, Code), Field("TD", 2, Code),
        Field("TRA", 1, Code), Field("TOA", 1, Code), Field("TOV", 24, Scaled(1.0, 1.0, "s")),
        Field("TTR", 16, Scaled(1.0, 100.0, "NM")),
    ]))),
]));

static I130_SINCE_0_23: Item = Item("130", "Position in WGS-84 Co-ordinates", Fixed(6, &[
    Field("LAT", 24, SignedScaled(180.0, 8_388_608.0, "°")),
    Field("LON", 24, SignedScaled(180.0, 8_388_608.0, "°")),
]));

static I130: Item = Item("130", "Position in WGS-84 Co-ordinates", Fixed(8, &[
    Field("LAT", 32, SignedScaled(180.0, 33_554_432.0, "°")),
    Field("LON", 32, SignedScaled(180.0, 33_554_432.0, "°")),
]));

static I131_SINCE_0_26: Item = Item("131", "Signal Amplitude", Fixed(1, &[Field("", 8, Raw)]));

static I131: Item = Item("131", "High-Resolution Position in WGS-84 Co-ordinates", Fixed(8, &[
    Field("LAT", 32, SignedScaled(180.0, 1_073_741_824.0, "°")),
    Field("LON", 32, SignedScaled(180.0, 1_073_741_824.0, "°")),
]));

static I132: Item = Item("132", "Message Amplitude", Fixed(1, &[
    Field("", 8, SignedScaled(1.0, 1.0, "dBm")),
]));

static I140: Item = Item("140", "Geometric Height", Fixed(2, &[
    Field("", 16, SignedScaled(25.0, 4.0, "ft")),
]));

static I145: Item = Item("145", "Flight Level", Fixed(2, &[
    Field("", 16, SignedScaled(1.0, 4.0, "FL")),
]));

static I146_SINCE_0_23: Item = Item("146", "Intermediate State Selected Altitude", Fixed(2, &[
    Field("SAS", 1, Code), Field("SRC", 2, Code), Field("ALT", 13, SignedScaled(25.0, 1.0, "ft")),
]));

static I146: Item = Item("146", "Selected Altitude", Fixed(2, &[
    Field("SAS", 1, Code), Field("S", 2, Code), Field("ALT", 13, SignedScaled(25.0, 1.0, "ft")),
]));

static I148: Item = Item("148", "Final State Selected Altitude", Fixed(2, &[
    Field("MV", 1, Code), Field("AH", 1, Code), Field("AM", 1, Code),
    Field("ALT", 13, SignedScaled(25.0, 1.0, "ft")),
]));

static I150: Item = Item("150", "Air Speed", Fixed(2, &[
    Field("IM", 1, Code), Field("AS", 15, BySwitch(&Scaled(1.0, 16_384.0, "NM/s"), &Scaled(1.0, 1_000.0, "Mach"))),
]));

static I151_SINCE_0_23: Item = Item("151", "True Airspeed", Fixed(2, &[Field("", 16, Scaled(1.0, 1.0, "kt"))]));

static I151: Item = Item("151", "True Airspeed", Fixed(2, &[
    Field("RE", 1, Code), Field("TAS", 15, Scaled(1.0, 1.0, "kt")),
]));

static I152: Item = Item("152", "Magnetic Heading", Fixed(2, &[
    Field("", 16, Scaled(360.0, 65_536.0, "°")),
]));

static I155_SINCE_0_23: Item = Item("155", "Barometric Vertical Rate", Fixed(2, &[
    Field("", 16, SignedScaled(25.0, 4.0, "ft/min")),
]));

static I155: Item = Item("155", "Barometric Vertical Rate", Fixed(2, &[
    Field("RE", 1, Code), Field("BVR", 15, SignedScaled(25.0, 4.0, "ft/min")),
]));

static I157_SINCE_0_23: Item = Item("157", "Geometric Vertical Rate", Fixed(2, &[
    Field("", 16, SignedScaled(25.0, 4.0, "ft/min")),
]));

static I157: Item = Item("157", "Geometric Vertical Rate", Fixed(2, &[
    Field("RE", 1, Code), Field("GVR", 15, SignedScaled(25.0, 4.0, "ft/min")),
]));

static I160_SINCE_0_23: Item = Item("160", "Ground Vector", Fixed(4, &[
    Field("GS", 16, SignedScaled(1.0, 16_384.0, "NM/s")), Field("TA", 16, Scaled(360.0, 65_536.0, "°")),
]));

static I160: Item = Item("160", "Airborne Ground Vector", Fixed(4, &[
    Field("RE", 1, Code), Field("GS", 15, Scaled(1.0, 16_384.0, "NM/s")),
    Field("TA", 16, Scaled(360.0, 65_536.0, "°")),
]));

static I161: Item = Item("161", "Track Number", Fixed(2, &[
    Field("", 4, Spare), Field("TRNUM", 12, Raw),
]));

static I165_SINCE_0_23: Item = Item("165", "Rate Of Turn", Extended(&[&[Field("TI", 2, Code), Field("", 5, Spare)], &[Field("ROT", 7, SignedScaled(1.0, 4.0, "°/s"))]]));

static I165: Item = Item("165", "Track Angle Rate", Fixed(2, &[
    Field("", 6, Spare), Field("TAR", 10, SignedScaled(1.0, 32.0, "°/s")),
]));

static I170: Item = Item("170", "Target Identification", Fixed(6, &[Field("", 48, Icao)]));

static I200_SINCE_0_23: Item = Item("200", "Target Status", Fixed(1, &[Field("", 8, Code)]));

static I200_SINCE_2_1: Item = Item("200", "Target Status", Fixed(1, &[
    Field("ICF", 1, Code), Field("LNAV", 1, Code), Field("", 1, Spare), Field("PS", 3, Code), Field("SS", 2, Code),
]));

static I200: Item = Item("200", "Target Status", Fixed(1, &[
    Field("ICF", 1, Code), Field("LNAV", 1, Code), Field("ME", 1, Code), Field("PS", 3, Code),
    Field("SS", 2, Code),
]));

static I210_SINCE_0_23: Item = Item("210", "Link Technology Indicator", Fixed(1, &[
    Field("", 3, Spare), Field("DTI", 1, Code), Field("MDS", 1, Code), Field("UAT", 1, Code),
    Field("VDL", 1, Code), Field("OTR", 1, Code),
]));

static I210: Item = Item("210", "MOPS Version", Fixed(1, &[
    Field("", 1, Spare), Field("VNS", 1, Code), Field("VN", 3, Code), Field("LTT", 3, Code),
]));

static I220: Item = Item("220", "Met Information", Compound(&[
    Some(Item("WS", "Wind Speed", Fixed(2, &[Field("", 16, Scaled(1.0, 1.0, "kt"))]))),
    Some(Item("WD", "Wind Direction", Fixed(2, &[Field("", 16, Scaled(1.0, 1.0, "°"))]))),
    Some(Item("TMP", "Temperature", Fixed(2, &[Field("", 16, SignedScaled(1.0, 4.0, "°C"))]))),
    Some(Item("TRB", "Turbulence", Fixed(1, &[Field("", 8, Unsigned)]))),
]));

static I230: Item = Item("230", "Roll Angle", Fixed(2, &[
    Field("", 16, SignedScaled(1.0, 100.0, "°")),
]));

static I250: Item = Item("250", "Mode S MB Data", Counted(8, &[Field("", 64, Raw)]));

static I260: Item = Item("260", "ACAS Resolution Advisory Report", Fixed(7, &[
    Field("TYP", 5, Raw), Field("STYP", 3, Raw), Field("ARA", 14, Raw), Field("RAC", 4, Raw), Field("RAT", 1, Raw),
    Field("MTE", 1, Raw), Field("TTI", 2, Raw), Field("TID", 26, Raw),
]));

static I271_SINCE_2_1: Item = Item("271", "Surface Capabilities and Characteristics", Extended(&[
    &[
        Field("", 2, Spare), Field("POA", 1, Code), Field("CDTIS", 1, Code), Field("B2LOW", 1, Code),
        Field("RAS", 1, Code), Field("IDENT", 1, Code),
    ],
    &[Field("", 4, Spare), Field("LW", 4, Raw)],
]));

static I271: Item = Item("271", "Surface Capabilities and Characteristics", Extended(&[
    &[
        Field("", 2, Spare), Field("POA", 1, Code), Field("CDTIS", 1, Code), Field("B2LOW", 1, Code),
        Field("RAS", 1, Code), Field("IDENT", 1, Code),
    ],
    &[Field("LW", 4, Raw), Field("", 3, Spare)],
]));

static I295_SINCE_2_1: Item = Item("295", "Data Ages", Compound(&[
    Some(Item("AOS", "Aircraft Operational Status Age", Fixed(1, &[Field("", 8, Scaled(1.0, 10.0, "s"))]))),
    Some(Item("TRD", "Target Report Descriptor Age", Fixed(1, &[Field("", 8, Scaled(1.0, 10.0, "s"))]))),
    Some(Item("M3A", "Mode 3/A Age", Fixed(1, &[Field("", 8, Scaled(1.0, 10.0, "s"))]))),
    Some(Item("QI", "Quality Indicators Age", Fixed(1, &[Field("", 8, Scaled(1.0, 10.0, "s"))]))),
    Some(Item("TI1", "Trajectory Intent Age", Fixed(1, &[Field("", 8, Scaled(1.0, 10.0, "s"))]))),
    Some(Item("MAM", "Message Amplitude Age", Fixed(1, &[Field("", 8, Scaled(1.0, 10.0, "s"))]))),
    Some(Item("GH", "Geometric Height Age", Fixed(1, &[Field("", 8, Scaled(1.0, 10.0, "s"))]))),
    Some(Item("FL", "Flight Level Age", Fixed(1, &[Field("", 8, Scaled(1.0, 10.0, "s"))]))),
    Some(Item("ISA", "Intermediate State Selected Altitude Age", Fixed(1, &[Field("", 8, Scaled(1.0, 10.0, "s"))]))),
    Some(Item("FSA", "Final State Selected Altitude Age", Fixed(1, &[Field("", 8, Scaled(1.0, 10.0, "s"))]))),
    Some(Item("AS", "Air Speed Age", Fixed(1, &[Field("", 8, Scaled(1.0, 10.0, "s"))]))),
    Some(Item("TAS", "True Air Speed Age", Fixed(1, &[Field("", 8, Scaled(1.0, 10.0, "s"))]))),
    Some(Item("MH", "Magnetic Heading Age", Fixed(1, &[Field("", 8, Scaled(1.0, 10.0, "s"))]))),
    Some(Item("BVR", "Barometric Vertical Rate Age", Fixed(1, &[Field("", 8, Scaled(1.0, 10.0, "s"))]))),
    Some(Item("GVR", "Geometric Vertical Rate Age", Fixed(1, &[Field("", 8, Scaled(1.0, 10.0, "s"))]))),
    Some(Item("GV", "Ground Vector Age", Fixed(1, &[Field("", 8, Scaled(1.0, 10.0, "s"))]))),
    Some(Item("TAR", "Track Angle Rate Age", Fixed(1, &[Field("", 8, Scaled(1.0, 10.0, "s"))]))),
    Some(Item("TI2", "Target Identification Age", Fixed(1, &[Field("", 8, Scaled(1.0, 10.0, "s"))]))),
    Some(Item("TS", "Target Status Age", Fixed(1, &[Field("", 8, Scaled(1.0, 10.0, "s"))]))),
    Some(Item("MET", "Met Information Age", Fixed(1, &[Field("", 8, Scaled(1.0, 10.0, "s"))]))),
    Some(Item("ROA", "Roll Angle Age", Fixed(1, &[Field("", 8, Scaled(1.0, 10.0, "s"))]))),
    Some(Item("ARA", "ACAS Resolution Advisory Age", Fixed(1, &[Field("", 8, Scaled(1.0, 10.0, "s"))]))),
    Some(Item("SCC", "Surface Capabilities and Characteristics Age", Fixed(1, &[
        Field("", 8, Scaled(1.0, 10.0, "s")),
    ]))),
]));

static I295: Item = Item("295", "Data Ages", Compound(&[
    Some(Item("AOS", "Aircraft Operational Status Age", Fixed(1, &[Field("", 8, Scaled(1.0, 10.0, "s"))]))),
    Some(Item("TRD", "Target Report Descriptor Age", Fixed(1, &[Field("", 8, Scaled(1.0, 10.0, "s"))]))),
    Some(Item("M3A", "Mode 3/A Age", Fixed(1, &[Field("", 8, Scaled(1.0, 10.0, "s"))]))),
    Some(Item("QI", "Quality Indicators Age", Fixed(1, &[Field("", 8, Scaled(1.0, 10.0, "s"))]))),
    Some(Item("TI1", "Trajectory Intent Age", Fixed(1, &[Field("", 8, Scaled(1.0, 10.0, "s"))]))),
    Some(Item("MAM", "Message Amplitude Age", Fixed(1, &[Field("", 8, Scaled(1.0, 10.0, "s"))]))),
    Some(Item("GH", "Geometric Height Age", Fixed(1, &[Field("", 8, Scaled(1.0, 10.0, "s"))]))),
    Some(Item("FL", "Flight Level Age", Fixed(1, &[Field("", 8, Scaled(1.0, 10.0, "s"))]))),
    Some(Item("SAL", "Selected Altitude Age", Fixed(1, &[Field("", 8, Scaled(1.0, 10.0, "s"))]))),
    Some(Item("FSA", "Final State Selected Altitude Age", Fixed(1, &[Field("", 8, Scaled(1.0, 10.0, "s"))]))),
    Some(Item("AS", "Air Speed Age", Fixed(1, &[Field("", 8, Scaled(1.0, 10.0, "s"))]))),
    Some(Item("TAS", "True Air Speed Age", Fixed(1, &[Field("", 8, Scaled(1.0, 10.0, "s"))]))),
    Some(Item("MH", "Magnetic Heading Age", Fixed(1, &[Field("", 8, Scaled(1.0, 10.0, "s"))]))),
    Some(Item("BVR", "Barometric Vertical Rate Age", Fixed(1, &[Field("", 8, Scaled(1.0, 10.0, "s"))]))),
    Some(Item("GVR", "Geometric Vertical Rate Age", Fixed(1, &[Field("", 8, Scaled(1.0, 10.0, "s"))]))),
    Some(Item("GV", "Ground Vector Age", Fixed(1, &[Field("", 8, Scaled(1.0, 10.0, "s"))]))),
    Some(Item("TAR", "Track Angle Rate Age", Fixed(1, &[Field("", 8, Scaled(1.0, 10.0, "s"))]))),
    Some(Item("TI2", "Target Identification Age", Fixed(1, &[Field("", 8, Scaled(1.0, 10.0, "s"))]))),
    Some(Item("TS", "Target Status Age", Fixed(1, &[Field("", 8, Scaled(1.0, 10.0, "s"))]))),
    Some(Item("MET", "Met Information Age", Fixed(1, &[Field("", 8, Scaled(1.0, 10.0, "s"))]))),
    Some(Item("ROA", "Roll Angle Age", Fixed(1, &[Field("", 8, Scaled(1.0, 10.0, "s"))]))),
    Some(Item("ARA", "ACAS Resolution Advisory Age", Fixed(1, &[Field("", 8, Scaled(1.0, 10.0, "s"))]))),
    Some(Item("SCC", "Surface Capabilities and Characteristics Age", Fixed(1, &[
        Field("", 8, Scaled(1.0, 10.0, "s")),
    ]))),
]));

static I400: Item = Item("400", "Receiver ID", Fixed(1, &[Field("", 8, Raw)]));

static UAP_0_23: &[Option<&Item>] = &[
    Some(&I010), Some(&I040_SINCE_0_23), Some(&I030), Some(&I130_SINCE_0_23), Some(&I080), Some(&I140),
    Some(&I090_SINCE_0_23), Some(&I210_SINCE_0_23), Some(&I230), Some(&I145), Some(&I150), Some(&I151_SINCE_0_23),
    Some(&I152), Some(&I155_SINCE_0_23), Some(&I157_SINCE_0_23), Some(&I160_SINCE_0_23), Some(&I165_SINCE_0_23),
    Some(&I170), Some(&I095), Some(&I032), Some(&I200_SINCE_0_23), Some(&I020), Some(&I220),
    Some(&I146_SINCE_0_23), Some(&I148), Some(&I110), None, None, None, None, None, None, None, Some(&RE),
    Some(&SP),
];

static UAP_0_24: &[Option<&Item>] = &[
    Some(&I010), Some(&I040_SINCE_0_23), Some(&I030), Some(&I130), Some(&I080), Some(&I140),
    Some(&I090_SINCE_0_23), Some(&I210_SINCE_0_23), Some(&I230), Some(&I145), Some(&I150), Some(&I151_SINCE_0_23),
    Some(&I152), Some(&I155_SINCE_0_23), Some(&I157_SINCE_0_23), Some(&I160_SINCE_0_23), Some(&I165_SINCE_0_23),
    Some(&I170), Some(&I095), Some(&I032), Some(&I200_SINCE_0_23), Some(&I020), Some(&I220),
    Some(&I146_SINCE_0_23), Some(&I148), Some(&I110), None, None, None, None, None, None, None, Some(&RE),
    Some(&SP),
];

static UAP_0_26: &[Option<&Item>] = &[
    Some(&I010), Some(&I040_SINCE_0_23), Some(&I030), Some(&I130), Some(&I080), Some(&I140),
    Some(&I090_SINCE_0_23), Some(&I210_SINCE_0_23), Some(&I230), Some(&I145), Some(&I150), Some(&I151_SINCE_0_23),
    Some(&I152), Some(&I155_SINCE_0_23), Some(&I157_SINCE_0_23), Some(&I160_SINCE_0_23), Some(&I165_SINCE_0_23),
    Some(&I170), Some(&I095), Some(&I032), Some(&I200_SINCE_0_23), Some(&I020), Some(&I220),
    Some(&I146_SINCE_0_23), Some(&I148), Some(&I110), Some(&I070_SINCE_0_26), Some(&I131_SINCE_0_26), None, None,
    None, None, None, Some(&RE), Some(&SP),
];

static UAP_2_1: &[Option<&Item>] = &[
    Some(&I010), Some(&I040_SINCE_2_1), Some(&I161), Some(&I015), Some(&I071), Some(&I130_SINCE_0_23), Some(&I131),
    Some(&I072), Some(&I150), Some(&I151), Some(&I080), Some(&I073), Some(&I074), Some(&I075), Some(&I076),
    Some(&I140), Some(&I090_SINCE_2_1), Some(&I210), Some(&I070), Some(&I230), Some(&I145), Some(&I152),
    Some(&I200_SINCE_2_1), Some(&I155), Some(&I157), Some(&I160), Some(&I165), Some(&I077), Some(&I170),
    Some(&I020), Some(&I220), Some(&I146), Some(&I148), Some(&I110), Some(&I016), Some(&I008),
    Some(&I271_SINCE_2_1), Some(&I132), Some(&I250), Some(&I260), Some(&I400), Some(&I295_SINCE_2_1), None, None,
    None, None, None, Some(&RE), Some(&SP),
];

static UAP_2_2: &[Option<&Item>] = &[
    Some(&I010), Some(&I040_SINCE_2_1), Some(&I161), Some(&I015), Some(&I071), Some(&I130_SINCE_0_23), Some(&I131),
    Some(&I072), Some(&I150), Some(&I151), Some(&I080), Some(&I073), Some(&I074), Some(&I075), Some(&I076),
    Some(&I140), Some(&I090_SINCE_2_1), Some(&I210), Some(&I070), Some(&I230), Some(&I145), Some(&I152),
    Some(&I200), Some(&I155), Some(&I157), Some(&I160), Some(&I165), Some(&I077), Some(&I170), Some(&I020),
    Some(&I220), Some(&I146), Some(&I148), Some(&I110), Some(&I016), Some(&I008), Some(&I271), Some(&I132),
    Some(&I250), Some(&I260), Some(&I400), Some(&I295_SINCE_2_1), None, None, None, None, None, Some(&RE),
    Some(&SP),
];

static UAP_2_3: &[Option<&Item>] = &[
    Some(&I010), Some(&I040_SINCE_2_3), Some(&I161), Some(&I015), Some(&I071), Some(&I130_SINCE_0_23), Some(&I131),
    Some(&I072), Some(&I150), Some(&I151), Some(&I080), Some(&I073), Some(&I074), Some(&I075), Some(&I076),
    Some(&I140), Some(&I090_SINCE_2_1), Some(&I210), Some(&I070), Some(&I230), Some(&I145), Some(&I152),
    Some(&I200), Some(&I155), Some(&I157), Some(&I160), Some(&I165), Some(&I077), Some(&I170), Some(&I020),
    Some(&I220), Some(&I146), Some(&I148), Some(&I110), Some(&I016), Some(&I008), Some(&I271), Some(&I132),
    Some(&I250), Some(&I260), Some(&I400), Some(&I295_SINCE_2_1), None, None, None, None, None, Some(&RE),
    Some(&SP),
];

static UAP_2_6: &[Option<&Item>] = &[
    Some(&I010), Some(&I040), Some(&I161), Some(&I015), Some(&I071), Some(&I130_SINCE_0_23), Some(&I131),
    Some(&I072), Some(&I150), Some(&I151), Some(&I080), Some(&I073), Some(&I074), Some(&I075), Some(&I076),
    Some(&I140), Some(&I090_SINCE_2_1), Some(&I210), Some(&I070), Some(&I230), Some(&I145), Some(&I152),
    Some(&I200), Some(&I155), Some(&I157), Some(&I160), Some(&I165), Some(&I077), Some(&I170), Some(&I020),
    Some(&I220), Some(&I146), Some(&I148), Some(&I110), Some(&I016), Some(&I008), Some(&I271), Some(&I132),
    Some(&I250), Some(&I260), Some(&I400), Some(&I295), None, None, None, None, None, Some(&RE), Some(&SP),
];

static UAP_2_7: &[Option<&Item>] = &[
    Some(&I010), Some(&I040), Some(&I161), Some(&I015), Some(&I071), Some(&I130_SINCE_0_23), Some(&I131),
    Some(&I072), Some(&I150), Some(&I151), Some(&I080), Some(&I073), Some(&I074), Some(&I075), Some(&I076),
    Some(&I140), Some(&I090), Some(&I210), Some(&I070), Some(&I230), Some(&I145), Some(&I152), Some(&I200),
    Some(&I155), Some(&I157), Some(&I160), Some(&I165), Some(&I077), Some(&I170), Some(&I020), Some(&I220),
    Some(&I146), Some(&I148), Some(&I110), Some(&I016), Some(&I008), Some(&I271), Some(&I132), Some(&I250),
    Some(&I260), Some(&I400), Some(&I295), None, None, None, None, None, Some(&RE), Some(&SP),
];
