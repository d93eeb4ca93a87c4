//! What the sentences say, one reader for each formatter.
//!
//! Standard: IEC 61162-1 (NMEA 0183), §8; old forms where instruments of the field still send them.

use super::date::{Clock, Date, of_day_ns};
use super::field::Fields;
use super::target::{self, Target};

/// What one sentence says, each value as far as it does.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Said {
    /// Latitude of the receiver's own fix, degrees, north positive.
    pub lat_deg: Option<f64>,
    /// Longitude of the receiver's own fix, degrees, east positive.
    pub lon_deg: Option<f64>,
    /// Height of the antenna above mean sea level, metres (GGA, GNS).
    pub alt_m: Option<f64>,
    /// Height of mean sea level above the ellipsoid, metres (GGA, GNS).
    pub geoid_m: Option<f64>,
    /// Speed over ground, knots.
    pub sog_kn: Option<f64>,
    /// Course over ground, degrees true.
    pub cog_deg: Option<f64>,
    /// Heading, degrees true; of HDG only if it tells the variation.
    pub heading_deg: Option<f64>,
    /// Heading, degrees by the compass (HDG) or magnetic (VHW).
    pub heading_mag_deg: Option<f64>,
    /// Speed through the water, along the keel, knots (VHW, VBW, OSD).
    pub water_kn: Option<f64>,
    /// Quality of the fix by GGA's numbers: 0 none, 1 alone, 2 differential, 3 precise, 4 RTK,
    /// 5 RTK float, 6 estimated, 7 manual, 8 simulated; letters of other sentences are turned into them.
    pub fix: Option<u8>,
    /// How many dimensions the fix has, 2 or 3 (GSA).
    pub dimensions: Option<u8>,
    /// Satellites used (GGA, GNS, GSA).
    pub sats: Option<u8>,
    /// Satellites above the horizon (GSV).
    pub sats_in_view: Option<u8>,
    /// Horizontal dilution of precision.
    pub hdop: Option<f64>,
    /// Depth below the transducer, metres (DBT).
    pub depth_m: Option<f64>,
    /// Wind (MWV).
    pub wind: Option<Wind>,
    /// Radar targets (TTM, TLL one, TTD up to four in a sentence).
    pub targets: Vec<Target>,
    /// What a radar's screen shows (RSD).
    pub screen: Option<Box<Screen>>,
    /// An alarm of an instrument (ALR).
    pub alarm: Option<Box<Alarm>>,
}

/// Wind as an instrument measures it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Wind {
    /// Where it comes from, degrees clockwise from the bow.
    pub angle_deg: f64,
    /// As if the craft stood still, by calculation; otherwise as it is felt aboard.
    pub theoretical: bool,
    /// Its speed, m/s.
    pub speed_mps: f64,
}

/// Markers and cursor of a radar's screen; ranges in nautical miles.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Screen {
    /// Range of the cursor.
    pub cursor_range_nm: Option<f64>,
    /// Bearing of the cursor, degrees from where the screen's zero is.
    pub cursor_bearing_deg: Option<f64>,
    /// The two variable range markers.
    pub marker_range_nm: [Option<f64>; 2],
    /// The two bearing lines, degrees from where the screen's zero is.
    pub line_bearing_deg: [Option<f64>; 2],
    /// The range scale in use.
    pub scale_nm: Option<f64>,
    /// What is up on the screen: `C` course, `H` heading, `N` north.
    pub up: Option<char>,
}

/// An alarm's state.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Alarm {
    /// Its number at its source.
    pub number: Option<u32>,
    /// Whether its threshold is exceeded.
    pub raised: Option<bool>,
    /// Whether somebody acknowledged it.
    pub acknowledged: Option<bool>,
    /// In the instrument's words.
    pub text: Box<str>,
}

/// Which sentence tells a craft's own place better than which; only the best in use is claimed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Rank {
    /// GLL: the place alone.
    Place,
    /// GGA, GNS: with height and quality.
    Fix,
    /// RMC: with speed, course and date.
    Motion,
}

/// What a sentence says beside what is shown: when, and whether its place is a valid own fix.
#[derive(Debug, Default)]
pub(super) struct Read {
    pub(super) said: Said,
    pub(super) clock: Clock,
    /// The rank of its own fix, if it has one that its receiver stands by.
    pub(super) own: Option<Rank>,
}

/// Reads the fields of a sentence by its formatter, as `RMC`; of any other nothing is known.
pub(super) fn read(formatter: &[u8], f: Fields<'_>) -> Read {
    let mut read = Read::default();
    let said = &mut read.said;
    match formatter {
        b"RMC" => rmc(f, &mut read),
        b"GGA" => gga(f, &mut read),
        b"GNS" => gns(f, &mut read),
        b"GLL" => gll(f, &mut read),
        b"VTG" => vtg(f, said),
        b"ZDA" => read.clock = zda(f),
        b"HDT" => hdt(f, said),
        b"HDG" => hdg(f, said),
        b"THS" => ths(f, said),
        b"VHW" => vhw(f, said),
        b"VBW" => vbw(f, said),
        b"MWV" => said.wind = mwv(f),
        b"DBT" => said.depth_m = dbt(f),
        b"GSV" => gsv(f, said),
        b"GSA" => gsa(f, said),
        b"OSD" => osd(f, said),
        b"RSD" => said.screen = Some(Box::new(rsd(f))),
        b"ALR" => alr(f, &mut read),
        b"TTM" => {
            let (target, at) = target::ttm(f);
            said.targets.push(target);
            read.clock.of_day_ns = at;
        }
        b"TLL" => {
            let (target, at) = target::tll(f);
            said.targets.push(target);
            read.clock.of_day_ns = at;
        }
        b"TTD" => said.targets = target::ttd(f),
        _ => {}
    }
    read
}

/// `hhmmss.ss,A,llll.ll,a,yyyyy.yy,a,x.x,x.x,ddmmyy,x.x,a,m,s`
fn rmc(mut f: Fields<'_>, read: &mut Read) {
    read.clock.of_day_ns = of_day_ns(f.text());
    let valid = f.letter() == Some(b'A');
    place(&mut f, &mut read.said);
    read.said.sog_kn = f.number().filter(|knots| *knots >= 0.0);
    read.said.cog_deg = f.degrees();
    read.clock.date = Date::short(f.text());
    read.clock.sure = valid;
    f.skip(2);
    let fix = match f.letter() {
        Some(mode) => quality(mode),
        None => Some(u8::from(valid)),
    };
    read.said.fix = if valid { fix } else { Some(0) };
    read.own = own(&read.said, Rank::Motion);
}

/// `hhmmss.ss,llll.ll,a,yyyyy.yy,a,q,ss,h.h,x.x,M,x.x,M,x.x,xxxx`
fn gga(mut f: Fields<'_>, read: &mut Read) {
    read.clock.of_day_ns = of_day_ns(f.text());
    let said = &mut read.said;
    place(&mut f, said);
    said.fix = f.small().filter(|quality| *quality <= 8);
    said.sats = f.small();
    said.hdop = f.number();
    said.alt_m = f.with_unit(b'M');
    said.geoid_m = f.with_unit(b'M');
    read.own = own(said, Rank::Fix);
}

/// `hhmmss.ss,llll.ll,a,yyyyy.yy,a,mm,ss,h.h,x.x,x.x,x.x,xxxx`: a letter of mode for each system.
fn gns(mut f: Fields<'_>, read: &mut Read) {
    read.clock.of_day_ns = of_day_ns(f.text());
    let said = &mut read.said;
    place(&mut f, said);
    let qualities: Vec<u8> = f.text().iter().filter_map(|mode| quality(*mode)).take(8).collect();
    let best = BEST_FIRST.into_iter().find(|best| qualities.contains(best));
    said.fix = best.or_else(|| (!qualities.is_empty()).then_some(0));
    said.sats = f.small();
    said.hdop = f.number();
    said.alt_m = f.number();
    said.geoid_m = f.number();
    read.own = own(said, Rank::Fix);
}

/// `llll.ll,a,yyyyy.yy,a,hhmmss.ss,A,m`; the oldest form ends behind the place.
fn gll(mut f: Fields<'_>, read: &mut Read) {
    place(&mut f, &mut read.said);
    read.clock.of_day_ns = of_day_ns(f.text());
    let (status, mode) = (f.letter(), f.letter());
    let valid = matches!(status, Some(b'A') | None);
    let fix = mode.map_or(Some(1), quality);
    read.said.fix = if valid { fix } else { Some(0) };
    read.own = own(&read.said, Rank::Place);
}

/// `x.x,T,x.x,M,x.x,N,x.x,K,m`; before version 2.3 `x.x,x.x,x.x,x.x` without letters.
fn vtg(mut f: Fields<'_>, said: &mut Said) {
    let mut old = f.clone();
    if let [Some(cog), _, Some(sog), Some(_)] = [(); 4].map(|()| old.number()) {
        said.cog_deg = Some(cog).filter(|cog| (0.0..360.0).contains(cog));
        said.sog_kn = Some(sog).filter(|sog| *sog >= 0.0);
        return;
    }
    said.cog_deg = f.degrees_with(b'T');
    f.skip(2);
    let (knots, kmh) = (f.with_unit(b'N'), f.with_unit(b'K'));
    said.sog_kn = knots.or_else(|| kmh.map(|kmh| kmh / KM_IN_NM)).filter(|knots| *knots >= 0.0);
    said.fix = f.letter().and_then(quality);
}

/// `hhmmss.ss,dd,mm,yyyy,zone hours,zone minutes`
fn zda(mut f: Fields<'_>) -> Clock {
    let of_day_ns = of_day_ns(f.text());
    let (day, month, year) = (f.small(), f.small(), f.whole());
    Clock { of_day_ns, date: Date::long(day, month, year), sure: true }
}

/// `x.x,T`
fn hdt(mut f: Fields<'_>, said: &mut Said) {
    said.heading_deg = f.degrees_with(b'T');
}

/// `x.x,deviation,a,variation,a`: compass, its own error, that of the earth's field.
fn hdg(mut f: Fields<'_>, said: &mut Said) {
    said.heading_mag_deg = f.degrees();
    let deviation = f.east_west().unwrap_or(0.0);
    let variation = f.east_west();
    let sum = said.heading_mag_deg.zip(variation).map(|(compass, east)| compass + deviation + east);
    said.heading_deg = sum.map(turned);
}

/// `x.x,m`: heading and whether it holds.
fn ths(mut f: Fields<'_>, said: &mut Said) {
    let (heading, mode) = (f.degrees(), f.letter());
    said.heading_deg = heading.filter(|_| matches!(mode, Some(b'A' | b'E' | b'M' | b'S')));
}

/// `x.x,T,x.x,M,x.x,N,x.x,K`
fn vhw(mut f: Fields<'_>, said: &mut Said) {
    said.heading_deg = f.degrees_with(b'T');
    said.heading_mag_deg = f.degrees_with(b'M');
    let (knots, kmh) = (f.with_unit(b'N'), f.with_unit(b'K'));
    said.water_kn = knots.or_else(|| kmh.map(|kmh| kmh / KM_IN_NM));
}

/// `water along,across,A,ground along,across,A,...`, knots
fn vbw(mut f: Fields<'_>, said: &mut Said) {
    let (along, _, valid) = (f.number(), f.number(), f.letter());
    said.water_kn = along.filter(|_| valid == Some(b'A'));
    let (along, across, valid) = (f.number(), f.number(), f.letter());
    let ground = along.zip(across).filter(|_| valid == Some(b'A'));
    said.sog_kn = ground.map(|(along, across)| libm::hypot(along, across));
}

/// `angle,R or T,speed,unit,A`
fn mwv(mut f: Fields<'_>) -> Option<Wind> {
    let (angle, reference) = (f.degrees(), f.letter());
    let (speed, unit, valid) = (f.number(), f.letter(), f.letter());
    let speed_mps = match unit? {
        b'K' => speed? / 3.6,
        b'M' => speed?,
        b'N' => speed? * KM_IN_NM / 3.6,
        b'S' => speed? * KM_IN_MILE / 3.6,
        _ => return None,
    };
    let theoretical = match reference? {
        b'T' => true,
        b'R' => false,
        _ => return None,
    };
    let wind = Wind { angle_deg: angle?, theoretical, speed_mps };
    (valid == Some(b'A') && speed_mps >= 0.0).then_some(wind)
}

/// `x.x,f,x.x,M,x.x,F`
fn dbt(mut f: Fields<'_>) -> Option<f64> {
    let (feet, metres, fathoms) = (f.with_unit(b'f'), f.with_unit(b'M'), f.with_unit(b'F'));
    let feet = feet.or_else(|| fathoms.map(|fathoms| fathoms * 6.0));
    metres.or_else(|| feet.map(|feet| feet * 0.304_8))
}

/// `sentences,this,in view,...`; which satellites is in the raw fields.
fn gsv(mut f: Fields<'_>, said: &mut Said) {
    f.skip(2);
    said.sats_in_view = f.small();
}

/// `a,dimensions,twelve satellites,pdop,hdop,vdop`
fn gsa(mut f: Fields<'_>, said: &mut Said) {
    f.skip(1);
    said.dimensions = f.small().filter(|dimensions| matches!(dimensions, 2 | 3));
    let used = (0..12).filter(|_| !f.text().is_empty()).count();
    said.sats = u8::try_from(used).ok();
    f.skip(1);
    said.hdop = f.number();
}

/// `heading,A,course,reference,speed,reference,set,drift,unit`
fn osd(mut f: Fields<'_>, said: &mut Said) {
    let (heading, valid) = (f.degrees(), f.letter());
    said.heading_deg = heading.filter(|_| valid == Some(b'A'));
    let (course, course_by) = (f.degrees(), f.letter());
    let (speed, speed_by) = (f.number(), f.letter());
    f.skip(2);
    let unit = f.letter();
    let knots = speed.zip(unit).and_then(|(speed, unit)| in_nm(speed, unit));
    // B bottom, R radar on a fixed target, P positioning: over ground. W water, M by hand.
    let is_ground = |by| matches!(by, Some(b'B' | b'R' | b'P'));
    said.cog_deg = course.filter(|_| is_ground(course_by));
    said.sog_kn = knots.filter(|knots| is_ground(speed_by) && *knots >= 0.0);
    said.water_kn = knots.filter(|_| speed_by == Some(b'W'));
}

/// `origin 1 range,bearing,marker 1,line 1,origin 2 range,bearing,marker 2,line 2,cursor range,bearing,scale,unit,up`
fn rsd(mut f: Fields<'_>) -> Screen {
    f.skip(2);
    let (marker_1, line_1) = (f.number(), f.degrees());
    f.skip(2);
    let (marker_2, line_2) = (f.number(), f.degrees());
    let (cursor, cursor_bearing_deg) = (f.number(), f.degrees());
    let (scale, unit, up) = (f.number(), f.letter(), f.letter());
    let nm = |range: Option<f64>| in_nm(range?, unit?);
    Screen {
        cursor_range_nm: nm(cursor),
        cursor_bearing_deg,
        marker_range_nm: [nm(marker_1), nm(marker_2)],
        line_bearing_deg: [line_1, line_2],
        scale_nm: nm(scale),
        up: up.filter(|up| matches!(up, b'C' | b'H' | b'N')).map(char::from),
    }
}

/// `hhmmss.ss,number,A raised,A acknowledged,text`
fn alr(mut f: Fields<'_>, read: &mut Read) {
    read.clock.of_day_ns = of_day_ns(f.text());
    let number = f.whole();
    let mut is = || match f.letter()? {
        b'A' => Some(true),
        b'V' => Some(false),
        _ => None,
    };
    let (raised, acknowledged) = (is(), is());
    let text = text(f.text());
    read.said.alarm = Some(Box::new(Alarm { number, raised, acknowledged, text }));
}

/// Words of an instrument, whatever its character set.
pub(super) fn text(bytes: &[u8]) -> Box<str> {
    String::from_utf8_lossy(bytes).into()
}

fn place(f: &mut Fields<'_>, said: &mut Said) {
    if let Some((lat_deg, lon_deg)) = f.place() {
        (said.lat_deg, said.lon_deg) = (Some(lat_deg), Some(lon_deg));
    }
}

fn own(said: &Said, rank: Rank) -> Option<Rank> {
    (said.lat_deg.is_some() && said.fix.is_some_and(|fix| fix > 0)).then_some(rank)
}

/// The mode letter of RMC, GLL, VTG and GNS as GGA's number.
const fn quality(mode: u8) -> Option<u8> {
    match mode {
        b'N' => Some(0),
        b'A' => Some(1),
        b'D' => Some(2),
        b'P' => Some(3),
        b'R' => Some(4),
        b'F' => Some(5),
        b'E' => Some(6),
        b'M' => Some(7),
        b'S' => Some(8),
        _ => None,
    }
}

/// The qualities of a fix, the surest first.
const BEST_FIRST: [u8; 8] = [4, 5, 3, 2, 1, 6, 7, 8];

/// Kilometres in a nautical mile, exact.
const KM_IN_NM: f64 = 1.852;
/// Kilometres in a statute mile, exact.
const KM_IN_MILE: f64 = 1.609_344;

/// A distance or speed in a sentence's unit (`K`, `N`, `S`) in nautical miles or knots.
pub(super) fn in_nm(value: f64, unit: u8) -> Option<f64> {
    match unit {
        b'N' => Some(value),
        b'K' => Some(value / KM_IN_NM),
        b'S' => Some(value * KM_IN_MILE / KM_IN_NM),
        _ => None,
    }
}

/// Degrees brought into 0 to below 360.
pub(super) fn turned(degrees: f64) -> f64 {
    let turned = degrees.rem_euclid(360.0);
    if turned < 360.0 { turned } else { 0.0 }
}
