/** The words that stand for the contract's values, in English. */
import type {
  Affiliation,
  AreaKind,
  AlertState,
  DeviceState,
  Severity,
  Side,
  TrackKind,
  TrackState,
  Verdict,
} from "../api/types";

const severity: Record<Severity, string> = {
  critical: "Critical",
  serious: "Serious",
  caution: "Caution",
  information: "Information",
};

const alertState: Record<AlertState, string> = {
  new: "New",
  acknowledged: "Acknowledged",
  acting: "Acting",
  shelved: "Shelved",
  cleared: "Cleared",
  closed: "Closed",
};

const affiliation: Record<Affiliation, string> = {
  pending: "Pending",
  unknown: "Unknown",
  assumed_friend: "Assumed friend",
  friend: "Friend",
  neutral: "Neutral",
  suspect: "Suspect",
  hostile: "Hostile",
};

const kind: Record<TrackKind, string> = {
  vessel: "Vessel",
  aircraft: "Aircraft",
  drone: "Drone",
  vehicle: "Vehicle",
  person: "Person",
  unknown: "Unidentified",
};

const trackState: Record<TrackState, string> = { live: "Live", coasting: "Coasting", lost: "Lost" };
const deviceState: Record<DeviceState, string> = { live: "Live", late: "Late", lost: "Lost" };

/** Past tense of an act, for "officer-2 acknowledged". */
function didAct(act: string): string {
  const past: Record<string, string> = {
    open: "opened",
    raise: "raised",
    acknowledge: "acknowledged",
    close: "closed",
    shelve: "shelved",
    assess: "assessed",
    note: "added a note",
    clear: "cleared",
    escalate: "raised the severity",
  };
  return past[act] ?? act;
}

const verdict: Record<Verdict, string> = {
  true: "real",
  benign: "real, but harmless",
  nuisance: "nothing was there",
  unknown: "cannot be told",
};

const areaKind: Record<AreaKind, string> = { restricted: "Restricted", protected: "Protected", watched: "Watched" };

/** What each kind of area warns of. */
const areaWarns: Record<AreaKind, string> = {
  restricted: "warns when somebody enters",
  protected: "warns when somebody closes in or stays near",
  watched: "warns when somebody stays",
};

const side: Record<Side, string> = { left: "To the left", right: "To the right", both: "Either way" };

/** Ids as people name them. */
function idKind(name: string): string {
  const known: Record<string, string> = { mmsi: "MMSI", icao: "ICAO", imo: "IMO", uid: "UID", callsign: "Call sign" };
  return known[name] ?? name;
}

const count = (n: number, one: string, many = `${one}s`): string => `${n} ${n === 1 ? one : many}`;

/** The strip, the replay and its frame. */
const time = {
  live: "Live",
  replay: "REPLAY",
  play: "Play",
  pause: "Stand still",
  paused: "stands still",
  seeking: "fetching…",
  incomplete: "records of this time are missing",
  speed: "Speed of the replay",
  span: "Hours shown",
  slider: "Time shown",
  typed: "hh:mm:ss",
  typedLong: "Go to a time, UTC: 09:41, 09:41:10, 2026-01-02 09:41, or -5 m",
  unreadable: "That is no time. Type 09:41, 09:41:10, 2026-01-02 09:41, or -5 m; all are UTC.",
  backToLive: "Back to live",
  isLive: "The picture is live",
  notHeld: "the history does not reach back to here",
  loopHint: "Loop: press at its beginning, press at its end; or drag over the strip with Shift",
  loop: (isWhole: boolean, isBegun: boolean): string => (isWhole ? "Loop no more" : isBegun ? "End the loop here" : "Begin a loop here"),
  bin: (bin: Record<Severity, number> & { tracks: number }): string => {
    const found = (Object.keys(severity) as Severity[]).filter((each) => bin[each] > 0).map((each) => `${bin[each]} ${severity[each].toLowerCase()}`);
    return `${found.length === 0 ? "no alert" : found.join(", ")}; ${count(bin.tracks, "track")}`;
  },
  gap: (feed: string, text: string): string => `link out: ${feed}${text ? `, ${text}` : ""}`,
  summary: (span: string, critical: number, serious: number, caution: number, information: number, gaps: number): string =>
    `Last ${span}: ${count(critical + serious + caution + information, "alert")}, of them ${critical} critical, ${serious} serious, ${caution} caution; ${count(gaps, "gap")} in the links.`,
  noTimeline: (why: string): string => `No timeline: ${why}`,
  actsOff: "Acts are off while the page shows the past. Press Esc for live, then act.",
  birth: "Replay how it arose",
  notYet: (at: string, opened: string): string => `At ${at} this alert had not been raised; it was raised at ${opened}.`,
  asAt: (at: string): string => `as at ${at}`,
  alertsThen: (at: string): string => `Alerts at ${at}`,
  openThen: (then: number, now: number): string => `${then} open then; ${now} wait${now === 1 ? "s" : ""} now`,
  arrived: "The replay has reached the present: the picture is live.",
  devicesNow: "Devices are shown as they are now, not as they were at the replayed second.",
  lost: "The replay stands still until the node answers again.",
  late: (s: number): string => `the replay is late ${s} s`,
};

const print = {
  made: (at: string, who: string, seq: number | undefined): string =>
    `Printed ${at} by ${who}; shows the log up to entry ${seq ?? "unknown"}.`,
  then: (at: string): string => `REPLAY: as it stood at ${at}, not as it is now.`,
  map: (at: string): string => `The map as it was on the screen, ${at}.`,
};

/** What became of an alert's condition; nothing while it lasts. */
function condition(state: "active" | "ended" | "withdrawn", isRevised: boolean): string {
  const said = { active: "", ended: ", condition over", withdrawn: ", withdrawn by later data" }[state];
  return isRevised && state !== "withdrawn" ? `${said}, revised by later data` : said;
}

/** Codes that say what is wrong. Standard: ICAO Doc 4444, 8.5.4 and 12.3.4. */
const squawk: Record<string, string> = { "7500": "unlawful interference", "7600": "radio failure", "7700": "emergency" };

export const words = {
  squawk,
  print,
  condition,
  time,
  count,
  severity, alertState, affiliation, kind, trackState, deviceState, didAct, idKind, verdict, areaKind, areaWarns, side };
