//! `picket.toml`: every key has a default that is safe and works; an unknown key is an error.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::path::Path;

use picket_link::{Address, FeedSettings};
use picket_model::geo::{Forbidden, parse_hours};
use picket_model::{Area, AreaName, DeviceId, Levels, Line, Position, Site};
use serde::Deserialize;

/// The whole file.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct Settings {
    pub(crate) node: Node,
    pub(crate) doors: Doors,
    pub(crate) tls: Tls,
    pub(crate) log: Log,
    pub(crate) history: History,
    pub(crate) labels: Labels,
    pub(crate) feed: Vec<FeedEntry>,
    pub(crate) area: Vec<AreaEntry>,
    pub(crate) line: Vec<LineEntry>,
    retain: Vec<toml::Table>,
}

/// `[node]`.
#[derive(Debug, Clone, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct Node {
    pub(crate) site: String,
    pub(crate) marking: String,
    pub(crate) host: String,
    pub(crate) home: Home,
    /// Everything that this node brings is marked an exercise.
    pub(crate) exercise: bool,
}

/// `[node] home`: where the map opens.
#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Home {
    pub(crate) lat_deg: f64,
    pub(crate) lon_deg: f64,
    pub(crate) zoom: f64,
}

/// `[doors]`.
#[derive(Debug, Clone, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct Doors {
    pub(crate) people: SocketAddr,
    devices: String,
    tak: String,
    mqtt: String,
    sapient: String,
    link: String,
    metrics: String,
}

/// `[tls]`.
#[derive(Debug, Clone, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct Tls {
    pub(crate) pq: String,
    profile: String,
}

/// `[log]`.
#[derive(Debug, Clone, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct Log {
    sync: String,
    pub(crate) reserve_mib: u64,
}

/// `[history]`.
#[derive(Debug, Clone, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct History {
    keep: String,
}

impl Default for History {
    fn default() -> Self {
        Self { keep: "720h".to_owned() }
    }
}

impl History {
    /// Longest time that history may be kept, hours: ten years.
    const HOURS_MAX: u32 = 87_600;

    /// How long it is kept, seconds; `None` if there shall be none.
    pub(crate) fn keep_s(&self) -> Result<Option<f64>, SettingsError> {
        let hours = match (self.keep.strip_suffix('h'), self.keep.strip_suffix('d')) {
            (Some(hours), _) => hours.parse::<u32>().ok(),
            (_, Some(days)) => days.parse::<u32>().ok().and_then(|days| days.checked_mul(24)),
            (None, None) => None,
        };
        match hours {
            Some(0) => Ok(None),
            Some(hours) if hours <= Self::HOURS_MAX => Ok(Some(f64::from(hours) * 3_600.0)),
            Some(_) | None => wrong(
                "history.keep must be hours or days, such as \"720h\" or \"30d\"; \"0h\" keeps none",
            ),
        }
    }
}

/// `[labels]`.
#[derive(Debug, Clone, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct Labels {
    pub(crate) levels: Vec<String>,
    compartments: Vec<String>,
    partners: Vec<String>,
}

/// `[[feed]]`.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct FeedEntry {
    pub(crate) name: String,
    pub(crate) format: String,
    pub(crate) from: String,
    #[serde(default)]
    pub(crate) label: Option<String>,
    #[serde(default)]
    pub(crate) speed: Option<f64>,
    /// Where the sensor stands, `[lon_deg, lat_deg]` or `[lon_deg, lat_deg, height_m]`.
    #[serde(default)]
    pub(crate) place: Option<Vec<f64>>,
    /// The edition of each category that the source speaks.
    #[serde(default)]
    pub(crate) editions: BTreeMap<String, String>,
    /// Whether sentences without a checksum are refused.
    #[serde(default)]
    pub(crate) checksum_required: bool,
}

/// `[[area]]`.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct AreaEntry {
    pub(crate) name: String,
    pub(crate) kind: String,
    /// Corners as `[lon_deg, lat_deg]`.
    pub(crate) polygon: Vec<[f64; 2]>,
    /// `HH:MM-HH:MM`, UTC.
    #[serde(default)]
    pub(crate) hours: Option<String>,
    #[serde(default)]
    pub(crate) allow: Vec<String>,
    /// Altitudes between which it is watched, metres.
    #[serde(default)]
    pub(crate) floor_m: Option<f64>,
    #[serde(default)]
    pub(crate) ceiling_m: Option<f64>,
}

/// `[[line]]`.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct LineEntry {
    pub(crate) name: String,
    /// Points as `[lon_deg, lat_deg]`.
    pub(crate) points: Vec<[f64; 2]>,
    /// `left`, `right` or `both`, seen along the points.
    pub(crate) forbidden: String,
    /// `HH:MM-HH:MM`, UTC.
    #[serde(default)]
    pub(crate) hours: Option<String>,
}

impl Default for Node {
    fn default() -> Self {
        Self {
            site: "picket".to_owned(),
            marking: "unclassified".to_owned(),
            host: "localhost".to_owned(),
            home: Home { lat_deg: 20.0, lon_deg: 0.0, zoom: 2.0 },
            exercise: false,
        }
    }
}

impl Default for Doors {
    fn default() -> Self {
        let off = || "off".to_owned();
        Self {
            people: SocketAddr::from(([127, 0, 0, 1], 8446)),
            devices: off(),
            tak: off(),
            mqtt: off(),
            sapient: off(),
            link: off(),
            metrics: off(),
        }
    }
}

impl Default for Tls {
    fn default() -> Self {
        Self { pq: "prefer".to_owned(), profile: "default".to_owned() }
    }
}

impl Default for Log {
    fn default() -> Self {
        Self { sync: "always".to_owned(), reserve_mib: 512 }
    }
}

impl Default for Labels {
    fn default() -> Self {
        let levels = Levels::default().names().iter().map(ToString::to_string).collect();
        Self { levels, compartments: Vec::new(), partners: Vec::new() }
    }
}

/// What is wrong with a configuration. The file is at fault.
#[derive(Debug)]
pub(crate) struct SettingsError(pub(crate) String);

impl std::fmt::Display for SettingsError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}
impl std::error::Error for SettingsError {}

fn wrong<T>(what: impl Into<String>) -> Result<T, SettingsError> {
    Err(SettingsError(what.into()))
}

impl Settings {
    /// Reads and checks a file.
    pub(crate) fn read(path: &Path) -> Result<Self, SettingsError> {
        let shown = path.display();
        let text = std::fs::read_to_string(path)
            .or_else(|error| wrong(format!("cannot read {shown}: {error}")))?;
        Self::parse(&text).or_else(|error| wrong(format!("cannot use {shown}: {error}")))
    }

    /// Reads and checks a text.
    pub(crate) fn parse(text: &str) -> Result<Self, SettingsError> {
        let settings: Self =
            toml::from_str(text).or_else(|error| wrong(error.to_string().trim_end().to_owned()))?;
        settings.check()?;
        Ok(settings)
    }

    fn check(&self) -> Result<(), SettingsError> {
        let doors = &self.doors;
        for (door, address) in [
            ("devices", &doors.devices),
            ("tak", &doors.tak),
            ("mqtt", &doors.mqtt),
            ("sapient", &doors.sapient),
            ("link", &doors.link),
            ("metrics", &doors.metrics),
        ] {
            if address != "off" {
                return wrong(format!(
                    "the {door} door is not built yet: set doors.{door} = \"off\""
                ));
            }
        }
        if self.tls.profile != "default" {
            return wrong("tls.profile: only \"default\" is built yet");
        }
        if self.tls.pq != "prefer" {
            return wrong("tls.pq: only \"prefer\" is built yet");
        }
        if self.log.sync != "always" {
            return wrong(
                "log.sync: only \"always\" exists, so that what is acknowledged is durable",
            );
        }
        self.history.keep_s()?;
        if !self.labels.compartments.is_empty() || !self.labels.partners.is_empty() {
            return wrong(
                "labels.compartments and labels.partners are not built yet: labels of feeds may use any plain word",
            );
        }
        if !self.retain.is_empty() {
            return wrong("[[retain]] is not built yet");
        }
        let levels = self.levels()?;
        self.site()?;
        self.feeds(&levels)?;
        Ok(())
    }

    /// The site's levels.
    pub(crate) fn levels(&self) -> Result<Levels, SettingsError> {
        Levels::new(&self.labels.levels).or_else(|error| wrong(format!("[labels]: {error}")))
    }

    /// What views depend on.
    pub(crate) fn site(&self) -> Result<Site, SettingsError> {
        let mut areas: Vec<Area> = Vec::with_capacity(self.area.len());
        for entry in &self.area {
            let area = entry.area()?;
            if areas.iter().any(|other| other.name == area.name) {
                return wrong(format!("two areas are called {:?}", entry.name));
            }
            areas.push(area);
        }
        let mut lines: Vec<Line> = Vec::with_capacity(self.line.len());
        for entry in &self.line {
            let line = entry.line()?;
            if lines.iter().any(|other| other.name == line.name)
                || areas.iter().any(|other| other.name == line.name)
            {
                return wrong(format!("two areas or lines are called {:?}", entry.name));
            }
            lines.push(line);
        }
        Ok(Site { name: self.node.site.clone(), areas, lines })
    }

    /// The feeds.
    pub(crate) fn feeds(&self, levels: &Levels) -> Result<Vec<FeedSettings>, SettingsError> {
        let mut feeds: Vec<FeedSettings> = Vec::with_capacity(self.feed.len());
        for entry in &self.feed {
            let feed = entry.feed(levels, self.node.exercise)?;
            if feeds.iter().any(|other| other.name == feed.name) {
                return wrong(format!("two feeds are called {:?}", entry.name));
            }
            feeds.push(feed);
        }
        Ok(feeds)
    }
}

impl FeedEntry {
    fn feed(&self, levels: &Levels, exercise: bool) -> Result<FeedSettings, SettingsError> {
        let at =
            |what: &dyn std::fmt::Display| SettingsError(format!("feed {:?}: {what}", self.name));
        let format = picket_codec::format(&self.format).ok_or_else(|| {
            let known: Vec<&str> = picket_codec::FORMATS.iter().map(|format| format.name).collect();
            at(&format!("no format {:?} (formats are: {})", self.format, known.join(", ")))
        })?;
        let from: Address = self.from.parse().map_err(|error| at(&error))?;
        let label = match &self.label {
            None => picket_model::Label::lowest(),
            Some(text) => levels.parse(text).map_err(|error| at(&error))?,
        };
        let speed = match (self.speed, &from) {
            (None, _) => 1.0,
            (Some(speed), Address::File(_)) if speed.is_finite() && speed >= 0.0 => speed,
            (Some(speed), Address::File(_)) => {
                return Err(at(&format!("speed {speed} is no number from 0 up")));
            }
            (
                Some(_),
                Address::Udp(_)
                | Address::Multicast(_)
                | Address::Tcp(_)
                | Address::TcpListen(_)
                | Address::Serial(_),
            ) => {
                return Err(at(&"only a file:// source has a speed"));
            }
        };
        let name = DeviceId::new(&self.name).map_err(|error| at(&error))?;
        let place = self.place.as_deref().map(place).transpose().map_err(|error| at(&error))?;
        picket_codec::asterix::table::check(&self.editions).map_err(|error| at(&error))?;
        let decoding = picket_codec::Settings {
            place,
            editions: self.editions.clone(),
            checksum_required: self.checksum_required,
            source: Some(self.name.as_str().into()),
        };
        Ok(FeedSettings { name, format, from, decoding, label, speed, exercise })
    }
}

/// The place of a sensor: longitude and latitude in degrees, perhaps a height in metres.
pub(crate) fn place(numbers: &[f64]) -> Result<Position, &'static str> {
    let (lon_deg, lat_deg, height_m) = match *numbers {
        [lon_deg, lat_deg] => (lon_deg, lat_deg, None),
        [lon_deg, lat_deg, height_m] => (lon_deg, lat_deg, Some(height_m)),
        _ => return Err("place is [lon_deg, lat_deg] or [lon_deg, lat_deg, height_m]"),
    };
    let on_earth = Position::from_degrees(lat_deg, lon_deg);
    on_earth
        .filter(|_| height_m.is_none_or(f64::is_finite))
        .map(|place| Position { height_m, ..place })
        .ok_or("place is no place on earth")
}

impl AreaEntry {
    fn area(&self) -> Result<Area, SettingsError> {
        let at =
            |what: &dyn std::fmt::Display| SettingsError(format!("area {:?}: {what}", self.name));
        let polygon = places(&self.polygon, &at)?;
        let name = AreaName::new(&self.name).map_err(|error| at(&error))?;
        let mut area = Area::new(name, &self.kind, polygon).map_err(|error| at(&error))?;
        area.hours = hours(self.hours.as_deref(), &at)?;
        area.allow.clone_from(&self.allow);
        area.floor_m = self.floor_m;
        area.ceiling_m = self.ceiling_m;
        let heights = [self.floor_m, self.ceiling_m];
        if heights.into_iter().flatten().any(|height_m| !height_m.is_finite())
            || self.floor_m.zip(self.ceiling_m).is_some_and(|(floor, ceiling)| floor >= ceiling)
        {
            return Err(at(&"floor_m and ceiling_m are metres, the floor below the ceiling"));
        }
        Ok(area)
    }
}

impl LineEntry {
    fn line(&self) -> Result<Line, SettingsError> {
        let at =
            |what: &dyn std::fmt::Display| SettingsError(format!("line {:?}: {what}", self.name));
        let points = places(&self.points, &at)?;
        let name = AreaName::new(&self.name).map_err(|error| at(&error))?;
        let forbidden = Forbidden::parse(&self.forbidden)
            .ok_or_else(|| at(&"forbidden is \"left\", \"right\" or \"both\""))?;
        let mut line = Line::new(name, points, forbidden).map_err(|error| at(&error))?;
        line.hours = hours(self.hours.as_deref(), &at)?;
        Ok(line)
    }
}

/// Says where in the file something is wrong.
type At<'a> = dyn Fn(&dyn std::fmt::Display) -> SettingsError + 'a;

fn places(corners: &[[f64; 2]], at: &At<'_>) -> Result<Vec<Position>, SettingsError> {
    let place = |[lon_deg, lat_deg]: &[f64; 2]| {
        Position::from_degrees(*lat_deg, *lon_deg).ok_or_else(|| {
            at(&format!("[{lon_deg}, {lat_deg}] is no [longitude, latitude] in degrees"))
        })
    };
    corners.iter().map(place).collect()
}

fn hours(text: Option<&str>, at: &At<'_>) -> Result<Option<(u16, u16)>, SettingsError> {
    text.map(|text| {
        parse_hours(text).ok_or_else(|| at(&format!("hours {text:?} are no HH:MM-HH:MM")))
    })
    .transpose()
}

/// The effective configuration with a comment for each key, as `picket run --print-config` shows it.
pub(crate) fn print(settings: &Settings) -> String {
    // A JSON string is a TOML basic string.
    let quote = |text: &str| serde_json::Value::from(text).to_string();
    let list = |items: &[String]| {
        let quoted: Vec<String> = items.iter().map(|item| quote(item)).collect();
        format!("[{}]", quoted.join(", "))
    };
    let Settings { node, doors, tls, log, history, labels, feed, area, line: lines, .. } = settings;
    let mut text = format!(
        "\
[node]
# The site's name, shown in the top bar.
site = {site}
# The marking shown on every screen and print.
marking = {marking}
# The host name in printed links; passkeys do not work on a bare address.
host = {host}
# Where the map opens.
home = {{ lat_deg = {lat:?}, lon_deg = {lon:?}, zoom = {zoom:?} }}
# Whether all that comes in here is an exercise.
exercise = {exercise}

[doors]
# The page and its API, TLS 1.3. \":0\" picks a free port.
people = {people}
# Not built yet; \"off\" is the only value.
devices = \"off\"
tak = \"off\"
mqtt = \"off\"
sapient = \"off\"
link = \"off\"
metrics = \"off\"

[tls]
# The hybrid X25519MLKEM768 is chosen whenever the client offers it.
pq = {pq}
profile = \"default\"

[log]
# What is acknowledged is on the disk.
sync = \"always\"
# Disk space kept for alerts, acts and commands when all else is refused, MiB.
reserve_mib = {reserve}

[history]
# How long it can be shown what was where and when; \"0h\" switches it off. The log keeps all.
keep = {keep}

[labels]
# The lowest first.
levels = {levels}
",
        site = quote(&node.site),
        marking = quote(&node.marking),
        host = quote(&node.host),
        keep = quote(&history.keep),
        lat = node.home.lat_deg,
        lon = node.home.lon_deg,
        zoom = node.home.zoom,
        exercise = node.exercise,
        people = quote(&doors.people.to_string()),
        pq = quote(&tls.pq),
        reserve = log.reserve_mib,
        levels = list(&labels.levels),
    );
    if feed.is_empty() {
        text.push_str(
            "
# One-way sources: udp://, udp+multicast://, tcp://, tcp-listen://, serial://, file://.
# [[feed]]
# name = \"ais-north\"
# format = \"ais\"
# from = \"udp://127.0.0.1:10110\"
# label = \"open\"
",
        );
    }
    for entry in feed {
        text.push_str("\n[[feed]]\n");
        let mut line = |key: &str, value: String| text.push_str(&format!("{key} = {value}\n"));
        line("name", quote(&entry.name));
        line("format", quote(&entry.format));
        line("from", quote(&entry.from));
        if let Some(label) = &entry.label {
            line("label", quote(label));
        }
        if let Some(speed) = entry.speed {
            line("speed", format!("{speed:?}"));
        }
        if let Some(place) = &entry.place {
            line("place", format!("{place:?}"));
        }
        if !entry.editions.is_empty() {
            let pairs = entry.editions.iter();
            let pairs: Vec<String> = pairs
                .map(|(category, edition)| format!("{} = {}", quote(category), quote(edition)))
                .collect();
            line("editions", format!("{{ {} }}", pairs.join(", ")));
        }
        if entry.checksum_required {
            line("checksum_required", "true".to_owned());
        }
    }
    if area.is_empty() {
        text.push_str(
            "
# Watched areas; corners are [longitude, latitude] in degrees, hours are UTC.
# [[area]]
# name = \"North Ammo\"
# kind = \"restricted\"
# polygon = [[151.30, -23.80], [151.31, -23.80], [151.31, -23.81]]
# hours = \"22:00-06:00\"
# allow = [\"Team-1\"]
# floor_m = 0.0       # without heights: aircraft and drones above 300 m are not inside
# ceiling_m = 900.0
",
        );
    }
    for entry in area {
        text.push_str("\n[[area]]\n");
        let mut line = |key: &str, value: String| text.push_str(&format!("{key} = {value}\n"));
        line("name", quote(&entry.name));
        line("kind", quote(&entry.kind));
        line("polygon", format!("{:?}", entry.polygon));
        if let Some(hours) = &entry.hours {
            line("hours", quote(hours));
        }
        line("allow", list(&entry.allow));
        for (key, height_m) in [("floor_m", entry.floor_m), ("ceiling_m", entry.ceiling_m)] {
            if let Some(height_m) = height_m {
                line(key, format!("{height_m:?}"));
            }
        }
    }
    if lines.is_empty() {
        text.push_str(
            "
# Watched lines; `forbidden` is the side that may not be entered, seen along the points.
# [[line]]
# name = \"Line 4\"
# points = [[151.30, -23.80], [151.31, -23.81]]
# forbidden = \"both\"
# hours = \"22:00-06:00\"
",
        );
    }
    for entry in lines {
        text.push_str("\n[[line]]\n");
        let mut line = |key: &str, value: String| text.push_str(&format!("{key} = {value}\n"));
        line("name", quote(&entry.name));
        line("points", format!("{:?}", entry.points));
        line("forbidden", quote(&entry.forbidden));
        if let Some(hours) = &entry.hours {
            line("hours", quote(hours));
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_printed_configuration_reads_back() {
        let text = "
            [node]
            site = \"Curtis Point\"
            [history]
            keep = \"30d\"
            [[feed]]
            name = \"ais\"
            format = \"ais\"
            from = \"udp://127.0.0.1:0\"
            label = \"restricted/NORTH\"
            [[area]]
            name = \"A\"
            kind = \"restricted\"
            polygon = [[151.3, -23.8], [151.4, -23.8], [151.4, -23.9]]
            hours = \"22:00-06:00\"
            allow = [\"Team-1\"]
            ceiling_m = 900.0
            [[line]]
            name = \"Line 4\"
            points = [[151.3, -23.8], [151.4, -23.8]]
            forbidden = \"left\"";
        let settings = Settings::parse(text).unwrap();
        let again = Settings::parse(&print(&settings)).unwrap();
        assert_eq!(print(&again), print(&settings));
        assert_eq!(again.site().unwrap(), settings.site().unwrap());
        assert_eq!(again.site().unwrap().areas[0].hours, Some((22 * 60, 6 * 60)));
    }

    #[test]
    fn names_what_is_wrong() {
        let area = "[[area]]\nname = \"A\"\nkind = \"restricted\"\npolygon = ";
        for (text, said) in [
            ("[node]\nsight = 1".to_owned(), "sight"),
            ("[doors]\ntak = \"127.0.0.1:8089\"".to_owned(), "not built yet"),
            (format!("{area}[[0, 0], [1, 1], [1, 0], [0, 1]]"), "cross"),
            (format!("{area}[[0, 0], [1, 1]]"), "3 to"),
            (format!("{area}[[0, 0], [1, 1], [200, 0]]"), "200"),
            (
                format!("{area}[[0, 0], [1, 1], [1, 0]]\nfloor_m = 9.0\nceiling_m = 9.0"),
                "floor below",
            ),
            ("[[feed]]\nname = \"x\"\nformat = \"y\"\nfrom = \"udp://1.2.3.4:5\"".to_owned(), "no format"),
            ("[[feed]]\nname = \"x\"\nformat = \"ais\"\nfrom = \"udp://\"".to_owned(), "names no file"),
            ("[[feed]]\nname = \"x\"\nformat = \"ais\"\nfrom = \"udp://1.2.3.4:5\"\nlabel = \"top\"".to_owned(), "\"top\""),
            ("[labels]\nlevels = []".to_owned(), "levels"),
        ] {
            let error = Settings::parse(&text).unwrap_err().to_string();
            assert!(error.contains(said), "{text}: {error}");
        }
    }
}
