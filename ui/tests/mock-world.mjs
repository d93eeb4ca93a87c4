/**
 * The scripted world behind the mock node: a base on a shore, its sensors, the
 * traffic before it, and the alerts of one night. Everything follows from the
 * seconds since the start, so that a test sees the same world each time.
 */

const METRES_PER_DEGREE = 111_320;
export const HOME = { lon_deg: 151.3, lat_deg: -23.84, zoom: 12.3 };

/** Number SIDCs (APP-6E) as a node names them: identity 3 friend, 4 neutral, 1 unknown, 5 suspect; then set and entity. */
export const SYMBOLS = [
  "13043000001400000000", // neutral civilian vessel
  "13013000001400000000", // unknown civilian vessel
  "13030100001103000000", // friendly unmanned aircraft
  "13031100001103000000", // friendly person
  "13051100001103000000", // suspect person
  "13040100001200000000", // neutral civilian aircraft
];

const rectangle = (west, south, east, north) => [
  [west, south],
  [east, south],
  [east, north],
  [west, north],
];

export const AREAS = [
  { name: "North Ammo", kind: "restricted", polygon: rectangle(151.262, -23.842, 151.282, -23.828), hours: "22:00-06:00" },
  { name: "Fuel Jetty", kind: "restricted", polygon: [[151.292, -23.862], [151.315, -23.856], [151.318, -23.866], [151.296, -23.872]] },
  { name: "Harbour approach", kind: "watched", polygon: rectangle(151.325, -23.86, 151.39, -23.8) },
];

export const LINES = [
  { name: "Harbour limit", points: [[151.318, -23.8], [151.322, -23.835], [151.322, -23.87]], forbidden: "left", hours: "20:00-05:00" },
];

const VESSELS = [
  "SVITZER WARREGO", "CAPE TRIUMPH", "GLADSTONE STAR", "PACIFIC HARVEST", "ULUNDI", "MS CURTIS", "CORAL EXPEDITION",
  "BULK ORION", "TANGAROA", "NORTHERN LIGHT", "QUEST V", "ISLAND TRADER", "MARIA S", "ANNA MAERSK", "HAYLEE", "WARREN H",
];

/** Tracks at `t` seconds: slot, place, motion, symbol, flags and slow attributes. */
export function tracksAt(t) {
  const tracks = VESSELS.map((name, index) => vessel(name, index, t));
  tracks.push(circling({ slot: 40, name: "Drone Kestrel", kind: "drone", affiliation: "friend", symbol: 2, height_m: 118 }, 151.274, -23.836, 900, 14, t, 16));
  tracks.push(circling({ slot: 41, name: "Team Alpha", kind: "person", affiliation: "friend", symbol: 3 }, 151.286, -23.838, 260, 1.3, t, 16));
  tracks.push(circling({ slot: 42, name: "Team Bravo", kind: "person", affiliation: "friend", symbol: 3 }, 151.3, -23.851, 320, 1.4, t, 16));
  tracks.push(intruder(t));
  tracks.push({ ...circling({ slot: 44, name: null, kind: "unknown", affiliation: "unknown", symbol: 1 }, 151.35, -23.88, 500, 3, t, 0), flags: 4 });
  tracks.push({ ...circling({ slot: 45, name: "OLD BUOY TENDER", kind: "vessel", affiliation: "neutral", symbol: 0 }, 151.41, -23.87, 10, 0, t, 0), flags: 8 });
  tracks.push({ ...circling({ slot: 46, name: "QLK421D", kind: "aircraft", affiliation: "neutral", symbol: 5, height_m: 1_950, altitude_m: 1_905, climb_mps: -4.6, squawk: "3217" }, 151.31, -23.81, 9_000, 82, t, 0), icao: "7c6b2d" });
  return tracks;
}

function vessel(name, index, t) {
  const lane = index % 4;
  const course = [38, 218, 61, 242][lane];
  const speed = 3 + ((index * 7) % 9) * 0.7;
  const along = ((index * 1_733) % 9_000) - 4_500 + speed * t;
  const east = Math.sin((course * Math.PI) / 180) * along;
  const north = Math.cos((course * Math.PI) / 180) * along;
  const place = offset(151.36 + ((index % 5) - 2) * 0.016, -23.822 + ((index % 3) - 1) * 0.021, east, north);
  const isDistress = index === 3;
  return {
    slot: 10 + index,
    ...place,
    course_deg: course,
    speed_mps: isDistress ? 0.4 : speed,
    symbol: 0,
    flags: (isDistress && t > 6 ? 2 : 0) | (index === 8 ? 32 | 1 : 0),
    confidence: 0.96,
    name,
    kind: "vessel",
    affiliation: "neutral",
    height_m: null,
    mmsi: String(503_551_000 + index * 37),
  };
}

function intruder(t) {
  // Walks in from the west; inside the area after eight seconds.
  const walked = 1.5 * t;
  const place = offset(151.2617, -23.835, walked, walked * 0.12);
  return {
    slot: 43, ...place, course_deg: 83, speed_mps: 1.5, symbol: 4, flags: 16 | (t > 3 ? 3 : 0), confidence: 0.93,
    name: null, kind: "person", affiliation: "suspect", height_m: null,
  };
}

function circling(track, lon, lat, radius_m, speed_mps, t, flags) {
  const angle = radius_m === 0 ? 0 : (speed_mps * t) / radius_m + track.slot;
  const place = offset(lon, lat, Math.sin(angle) * radius_m, Math.cos(angle) * radius_m);
  const course_deg = speed_mps === 0 ? null : ((angle * 180) / Math.PI + 90) % 360;
  return { height_m: null, confidence: 0.98, ...track, ...place, course_deg, speed_mps, flags };
}

function offset(lon, lat, east_m, north_m) {
  return {
    lon_deg: lon + east_m / (METRES_PER_DEGREE * Math.cos((lat * Math.PI) / 180)),
    lat_deg: lat + north_m / METRES_PER_DEGREE,
  };
}

export const hex = (seed) => Array.from({ length: 64 }, (_, i) => ((seed * 2_654_435_761 + i * 40_503) >>> (i % 13) & 15).toString(16)).join("");

export function devicesAt(t, iso) {
  const fence = (n, lon, lat, state = "live") => ({
    name: `Fence-0${n}`, kind: "sensor", state, last_seen: iso(state === "live" ? t - (t % 5) : -80), lat_deg: lat, lon_deg: lon,
    feed: "devices", usual_gap_s: 5, observations: 812 + Math.floor(t / 5), rejects: 0, dropped: 0, band: "trusted", affiliation: "friend",
  });
  return [
    { name: "ais-coast", kind: "feed", state: "live", last_seen: iso(t - 0.4), lat_deg: null, lon_deg: null, feed: null, usual_gap_s: 0.5, observations: 48_211 + Math.floor(t * 22), rejects: 17, dropped: 0, band: "trusted", affiliation: "friend" },
    { name: "devices", kind: "feed", state: "live", last_seen: iso(t - 0.2), lat_deg: null, lon_deg: null, feed: null, usual_gap_s: 1, observations: 6_102 + Math.floor(t * 4), rejects: 0, dropped: 0, band: "trusted", affiliation: "friend" },
    fence(1, 151.262, -23.8385), fence(2, 151.262, -23.8315), fence(3, 151.272, -23.828), fence(4, 151.282, -23.832), fence(5, 151.282, -23.839),
    fence(6, 151.272, -23.842, "lost"),
    { ...fence(7, 151.3, -23.857), name: "Motion-Jetty", state: "late", last_seen: iso(t - 21) },
  ];
}

/** What the test lets happen while the page shows the past. */
export const LATER = {
  detector: "area.dwell", severity: "serious", title: "Vessel stays in Harbour approach", track: "T17", area: "Harbour approach",
  why_text: "T17 (BULK ORION) has been inside Harbour approach for 31 min; vessels pass it in 12 min (p95 over 9 days)",
  why: [["time inside", "31 min", "30 min", true], ["speed", "0.3 m/s", "1 m/s", true], ["berth or anchorage", "none here", null, false]], lon_deg: 151.36, lat_deg: -23.83,
};

/** The night's alerts: when each opens, s after the start, and what it says. */
export const SCRIPT = [
  { after_s: -240, detector: "kinematic.impossible", severity: "caution", title: "Impossible movement: TANGAROA, MMSI 503551296, 41 km in 9 s", track: "T18", area: null,
    why_text: "T18 (TANGAROA) reported 41 km from its last place 9 s later: 4,556 m/s, where a vessel makes at most 50 m/s; the position is not used",
    why: [["speed between two reports", "4,556 m/s", "50 m/s", true], ["gap between the reports", "9 s", "600 s", true], ["a second source confirms", "none", "1", false]], lon_deg: 151.352, lat_deg: -23.843 },
  { after_s: -75, detector: "device.silent", severity: "caution", title: "Fence-06 is silent", track: null, area: "North Ammo",
    why_text: "Fence-06 said nothing for 80 s; its usual gap is 5 s (p99.9: 7 s over 812 reports); the feed devices is live, so the sensor itself is down",
    why: [["time since its last report", "80 s", "35 s", true], ["its feed is live", "last frame 0.2 s ago", "5 s", true], ["planned maintenance", "no calendar set up", null, null]], lon_deg: 151.272, lat_deg: -23.842 },
  { after_s: 3, detector: "area.entry", severity: "critical", title: "Person inside North Ammo", track: "T43", area: "North Ammo",
    why_text: "T43 is inside North Ammo since {clock} (97 %); the area is closed from 22:00Z to 06:00Z; no permit matches",
    why: [["chance of being inside", "97 %", "90 %", true], ["time inside", "4 s", "3 s", true], ["area is closed now", "22:00-06:00Z", null, true], ["a permit covers it", "none of 3", "1", false], ["seen by a camera", "no camera here", null, null]], lon_deg: 151.263, lat_deg: -23.835 },
  { after_s: 6, detector: "distress", severity: "serious", title: "PACIFIC HARVEST reports distress", track: "T13", area: "Harbour approach",
    why_text: "T13 (PACIFIC HARVEST) sends navigation status 14 (AIS-SART active) in 3 messages since {clock}; it slowed from 5.1 m/s to 0.4 m/s",
    why: [["messages with status 14", "3", "2", true], ["span of the messages", "41 s", "300 s", true], ["message is a test", "no", null, false]], lon_deg: 151.376, lat_deg: -23.822 },
  { after_s: -1_500, detector: "line.cross", severity: "information", title: "ISLAND TRADER crossed Harbour limit", track: "T21", area: null, line: "Harbour limit", revised: true,
    why_text: "T21 (ISLAND TRADER) crossed Harbour limit to the left at 4.4 m/s; a report that came 40 s late moved the crossing by 9 s",
    why: [["side it came from", "right", null, true], ["side it is on", "left, 85 m beyond", "20 m", true], ["line is watched now", "20:00-05:00Z", null, true]], lon_deg: 151.322, lat_deg: -23.835 },
];
