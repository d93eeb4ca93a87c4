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

export const words = { severity, alertState, affiliation, kind, trackState, deviceState, didAct, idKind, verdict, areaKind, areaWarns, side };
