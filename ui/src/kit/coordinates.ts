/**
 * Places as people type them: decimal degrees, degrees with minutes and
 * seconds, or MGRS. A place that could be read in two ways is refused.
 */
import type { LonLat } from "../api/types";
import { fromMgrs } from "./mgrs";

/** The longest text that can be a place. */
const TEXT_MAX = 80;

/** Reads a place, or says in a sentence why the text is none. */
export function readPlace(text: string): LonLat | string {
  const raw = text.trim();
  if (raw === "") return "Type a place: latitude and longitude, or MGRS.";
  if (raw.length > TEXT_MAX) return "This is too long to be a place.";
  if (/^\d{1,2}\s*[C-HJ-NP-X]\s*[A-HJ-NP-Z]{2}/i.test(raw)) {
    return fromMgrs(raw) ?? "This is no MGRS reference: two letters of a square that lies in that zone, then an even number of digits.";
  }
  const parts = split(raw);
  if (parts === undefined) return HINT;
  const [first, second] = parts;
  const a = readAngle(first);
  const b = readAngle(second);
  if (a === undefined || b === undefined) return HINT;
  const isSwapped = a.axis === "lon" || b.axis === "lat";
  if (isSwapped && (a.axis === "lat" || b.axis === "lon")) return "Give one latitude and one longitude.";
  const [lat, lon] = isSwapped ? [b.deg, a.deg] : [a.deg, b.deg];
  if (Math.abs(lat) > 90) return `A latitude of ${lat}° is beyond the pole; latitude comes first.`;
  if (Math.abs(lon) > 180) return `A longitude of ${lon}° is beyond 180°.`;
  return [lon, lat];
}

const HINT = "Write it as −23.8401, 151.2712 or 23°50′24″S 151°16′16″E or 56K KU 25345 65432.";

/** Cuts the text in two halves of equal form: at a comma, after a letter, or in the middle. */
function split(raw: string): [string, string] | undefined {
  const clean = raw.replace(/[−–]/g, "-").replace(/[º˚]/g, "°").replace(/[’‘′]/g, "'").replace(/[”“″]/g, '"').replaceAll("''", '"');
  const atMark = clean.split(/\s*[,;]\s*/);
  if (atMark.length === 2) return atMark as [string, string];
  if (atMark.length > 2) return undefined;
  const trailing = /^(.*?[NSEW])\s*(.*[NSEW])$/i.exec(clean);
  if (trailing?.[1] && trailing[2] && /\d/.test(trailing[1])) return [trailing[1], trailing[2]];
  const leading = /^([NSEW].*?)\s*([NSEW].*)$/i.exec(clean);
  if (leading?.[1] && leading[2]) return [leading[1], leading[2]];
  const words = clean.split(/\s+/);
  if (words.length % 2 !== 0 || words.length > 6) return undefined;
  const half = words.length / 2;
  return [words.slice(0, half).join(" "), words.slice(half).join(" ")];
}

interface Angle {
  deg: number;
  axis: "lat" | "lon" | undefined;
}

function readAngle(text: string): Angle | undefined {
  const found = /^([NSEW])?\s*([+-])?\s*(\d{1,3}(?:\.\d+)?)\s*°?\s*(?:(\d{1,2}(?:\.\d+)?)\s*'?\s*)?(?:(\d{1,2}(?:\.\d+)?)\s*"?\s*)?([NSEW])?$/i.exec(text.trim());
  if (!found) return undefined;
  const [, before, sign, degrees = "", minutes, seconds, after] = found;
  if (before && after) return undefined;
  const letter = (before ?? after)?.toUpperCase();
  if (letter && sign === "-") return undefined;
  // Only the last part may have a fraction, and sixty minutes are a degree.
  if (minutes !== undefined && (degrees.includes(".") || Number(minutes) >= 60)) return undefined;
  if (seconds !== undefined && (minutes?.includes(".") || Number(seconds) >= 60)) return undefined;
  const size = Number(degrees) + Number(minutes ?? 0) / 60 + Number(seconds ?? 0) / 3600;
  const deg = sign === "-" || letter === "S" || letter === "W" ? -size : size;
  return { deg, axis: letter === undefined ? undefined : letter === "N" || letter === "S" ? "lat" : "lon" };
}

/** `-23.840100, 151.271200`: a place that `readPlace` reads back; 6 places are 11 cm. */
export const placeText = ([lon, lat]: LonLat): string => `${lat.toFixed(6)}, ${lon.toFixed(6)}`;
