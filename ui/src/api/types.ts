/**
 * The JSON that a node answers with, named as `docs/api.md` names it.
 * Times are RFC 3339 strings in UTC, angles are degrees, lengths are metres.
 */

export type Severity = "critical" | "serious" | "caution" | "information";
export type AlertState = "new" | "acknowledged" | "acting" | "shelved" | "cleared" | "closed";
export type Affiliation =
  | "pending"
  | "unknown"
  | "assumed_friend"
  | "friend"
  | "neutral"
  | "suspect"
  | "hostile";
export type TrackKind = "vessel" | "aircraft" | "drone" | "vehicle" | "person" | "unknown";
export type TrackState = "live" | "coasting" | "lost";
export type DeviceState = "live" | "late" | "lost";

/** `[lon_deg, lat_deg]`. */
export type LonLat = [number, number];

export interface Area {
  name: string;
  kind: string;
  polygon: LonLat[];
  /** `HH:MM-HH:MM` UTC; absent when the area is watched around the clock. */
  hours?: string | null;
  /** Who drew it and when; absent for one of the node's settings. */
  drawn_by?: string | null;
  drawn_at?: string | null;
}

/** Sides of a line, seen along it, towards which a crossing is forbidden. */
export type Side = "left" | "right" | "both";

export interface Line {
  name: string;
  points: LonLat[];
  forbidden: Side;
  hours?: string | null;
  drawn_by?: string | null;
  drawn_at?: string | null;
}

export type AreaKind = "restricted" | "protected" | "watched";

/** What a person drew, as it is sent. */
export type Drawn =
  | { name: string; kind: AreaKind; polygon: LonLat[]; hours?: string }
  | { name: string; line: LonLat[]; forbidden: Side; hours?: string };

/** What a change of areas answers once it is durable. */
export interface AreaAnswer {
  audit_seq: number;
  audit_hash: string;
}

/** What an assessment says the alert was. */
export type Verdict = "true" | "benign" | "nuisance" | "unknown";

export interface Person {
  name: string;
  roles: string[];
}

export interface Bootstrap {
  site: string;
  marking: string;
  mode: "LIVE" | "EXERCISE";
  me: Person;
  csrf: string;
  server_time: string;
  home: { lon_deg: number; lat_deg: number; zoom: number };
  symbols: string[];
  labels: { levels: string[] };
  close_reasons: string[];
  areas: Area[];
  lines?: Line[];
}

export interface TrackSource {
  author: string;
  /** The feed that brought the reports, where that is another. */
  via?: string;
  sensor: string;
  last_seen: string;
  reports_60s: number;
  residual_m: number | null;
  auth: string;
  record: string;
}

export interface Track {
  id: string;
  slot: number;
  lat_deg: number;
  lon_deg: number;
  height_m: number | null;
  /** Pressure altitude, m. */
  altitude_m?: number | null;
  climb_mps?: number | null;
  squawk?: string | null;
  speed_mps: number | null;
  course_deg: number | null;
  kind: TrackKind;
  affiliation: Affiliation;
  name: string | null;
  state: TrackState;
  ids: { kind: string; value: string; claimed_by: string }[];
  sources: TrackSource[];
  sigma_m: number | null;
  confidence: number;
  class_why: string | null;
  updated_at: string;
  first_seen: string;
  updates: number;
  alerts: string[];
  flags: string[];
  /** Why its sources are distrusted, in words; null or absent when they are not. */
  distrust?: string | null;
  /** `[lon_deg, lat_deg, unix seconds]`, oldest first; only in the single answer. */
  trail?: [number, number, number][];
}

export interface WhyCondition {
  text: string;
  value: string | null;
  threshold: string | null;
  met: boolean | null;
  evidence: string[];
}

export interface AlertAct {
  at: string;
  actor: string;
  act: string;
  reason: string;
  seq: number;
}

export interface Alert {
  id: string;
  detector: string;
  severity: Severity;
  state: AlertState;
  title: string;
  why_text: string;
  why: WhyCondition[];
  subject: string | null;
  track: string | null;
  area: string | null;
  lat_deg: number | null;
  lon_deg: number | null;
  opened_at: string;
  updated_at: string;
  count: number;
  condition: "active" | "ended" | "withdrawn";
  /** True when data that came late changed what the alert says. */
  revised?: boolean;
  /** The line that was crossed. */
  line?: string | null;
  cites: string[];
  assignee: string | null;
  exercise: boolean;
  history: AlertAct[];
  seq: number;
  /** Until when a shelved alert stays aside. */
  shelved_until?: string | null;
}

export interface Device {
  name: string;
  kind: "feed" | "sensor";
  state: DeviceState;
  last_seen: string | null;
  lat_deg: number | null;
  lon_deg: number | null;
  feed: string | null;
  usual_gap_s: number | null;
  observations: number;
  rejects: number;
  dropped: number;
  band: string;
  affiliation: Affiliation;
}

/** What an act answers once it is durable. */
export interface ActAnswer {
  audit_seq: number;
  audit_hash: string;
  alert: Alert;
}

/** Where a track was; `state` is what was known of it then. */
export interface HistoryPoint {
  at: string;
  lat_deg: number;
  lon_deg: number;
  height_m: number | null;
  speed_mps: number | null;
  course_deg: number | null;
  sigma_m: number | null;
  state: TrackState;
}

export interface TrackHistory {
  id: string;
  /** Oldest first. */
  points: HistoryPoint[];
  /** True when there are more than were asked for. */
  more: boolean;
  /** True when records of this time are missing. */
  incomplete: boolean;
}

/** Counts of alerts that opened in a bin, of tracks and of observations. */
export interface TimelineBin extends Record<Severity, number> {
  at: string;
  tracks: number;
  observations: number;
}

export interface TimelineAnswer {
  from: string;
  to: string;
  bins: TimelineBin[];
  /** `to` is null while the link is still out. */
  gaps: { from: string; to: string | null; feed: string; text: string }[];
  acts: { at: string; actor: string; text: string | null; alert: string | null }[];
  /** Null when nothing is held yet. */
  held_from: string | null;
  held_to: string | null;
}
