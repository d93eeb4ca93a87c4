/** Which tracks a filter lets through. Pure. */
import type { Affiliation, LonLat, TrackKind } from "../api/types";
import { isWithin } from "./geo";

export interface Filter {
  /** Empty lists let everything through. */
  kinds: readonly TrackKind[];
  affiliations: readonly Affiliation[];
  /** Authors of reports, or the feeds that brought them. */
  sources: readonly string[];
  /** 0 to 1. */
  confidence_min: number;
  /** m/s; null for no bound. */
  speed_mps_min: number | null;
  speed_mps_max: number | null;
  /** Name of an area that the track must be in. */
  area: string | null;
  alertOnly: boolean;
}

export const EVERYTHING: Filter = {
  kinds: [],
  affiliations: [],
  sources: [],
  confidence_min: 0,
  speed_mps_min: null,
  speed_mps_max: null,
  area: null,
  alertOnly: false,
};

/** What a filter looks at. */
export interface Filtered {
  kind: TrackKind;
  affiliation: Affiliation;
  /** Undefined while the node has not said. */
  sources: readonly string[] | undefined;
  confidence: number;
  speed_mps: number | null;
  /** Read only when an area is asked for. */
  place(): LonLat;
  hasAlert: boolean;
}

export function isEverything(filter: Filter): boolean {
  return (
    filter.kinds.length === 0 &&
    filter.affiliations.length === 0 &&
    filter.sources.length === 0 &&
    filter.confidence_min <= 0 &&
    filter.speed_mps_min === null &&
    filter.speed_mps_max === null &&
    filter.area === null &&
    !filter.alertOnly
  );
}

/**
 * Whether a track is shown. `ring` is the outline of the filter's area.
 *
 * What is not known never hides a track, but for its speed: a bound on speed
 * asks for tracks that are known to keep it.
 */
export function isShown(filter: Filter, track: Filtered, ring: readonly LonLat[] | undefined): boolean {
  if (filter.alertOnly && !track.hasAlert) return false;
  if (filter.kinds.length > 0 && !filter.kinds.includes(track.kind)) return false;
  if (filter.affiliations.length > 0 && !filter.affiliations.includes(track.affiliation)) return false;
  if (track.confidence < filter.confidence_min) return false;
  if (filter.speed_mps_min !== null && !(track.speed_mps !== null && track.speed_mps >= filter.speed_mps_min)) return false;
  if (filter.speed_mps_max !== null && !(track.speed_mps !== null && track.speed_mps <= filter.speed_mps_max)) return false;
  if (filter.sources.length > 0 && track.sources && !track.sources.some((source) => filter.sources.includes(source))) return false;
  if (filter.area !== null && ring && !isWithin(track.place(), ring)) return false;
  return true;
}

/** The filter as one value for an address: `kind:vessel,drone;speed:2.5-;alert`. */
export function filterText(filter: Filter): string {
  const parts: string[] = [];
  if (filter.kinds.length > 0) parts.push(`kind:${filter.kinds.join(",")}`);
  if (filter.affiliations.length > 0) parts.push(`aff:${filter.affiliations.join(",")}`);
  if (filter.sources.length > 0) parts.push(`source:${filter.sources.map(encodeURIComponent).join(",")}`);
  if (filter.confidence_min > 0) parts.push(`conf:${filter.confidence_min}`);
  if (filter.speed_mps_min !== null || filter.speed_mps_max !== null) parts.push(`speed:${filter.speed_mps_min ?? ""}-${filter.speed_mps_max ?? ""}`);
  if (filter.area !== null) parts.push(`area:${encodeURIComponent(filter.area)}`);
  if (filter.alertOnly) parts.push("alert");
  return parts.join(";");
}

const KINDS: readonly string[] = ["vessel", "aircraft", "drone", "vehicle", "person", "unknown"];
const AFFILIATIONS: readonly string[] = ["pending", "unknown", "assumed_friend", "friend", "neutral", "suspect", "hostile"];

/** Reads what `filterText` wrote; parts that make no sense are left out. */
export function readFilter(text: string): Filter {
  const filter: Filter = { ...EVERYTHING };
  for (const part of text.split(";")) {
    const [key = "", value = ""] = part.split(":", 2);
    const list = value.split(",").filter(Boolean);
    if (key === "kind") filter.kinds = list.filter((each) => KINDS.includes(each)) as TrackKind[];
    if (key === "aff") filter.affiliations = list.filter((each) => AFFILIATIONS.includes(each)) as Affiliation[];
    if (key === "source") filter.sources = list.map(decoded).filter(Boolean);
    if (key === "conf") filter.confidence_min = bounded(value, 1) ?? 0;
    if (key === "speed") {
      const [from = "", to = ""] = value.split("-");
      filter.speed_mps_min = bounded(from, 2_000);
      filter.speed_mps_max = bounded(to, 2_000);
    }
    if (key === "area") filter.area = decoded(value) || null;
    if (key === "alert") filter.alertOnly = true;
  }
  return filter;
}

function bounded(text: string, most: number): number | null {
  const value = Number(text);
  return text !== "" && value >= 0 && value <= most ? value : null;
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return "";
  }
}
