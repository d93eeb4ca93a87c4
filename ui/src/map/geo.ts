/**
 * Lengths, bearings and shapes on the round Earth. Angles are degrees, lengths
 * metres. The sphere has the mean radius of WGS 84: at most 0.56 % from the
 * ellipsoid, which is said where a length is shown.
 */
import type { LonLat } from "../api/types";

/** Mean radius of WGS 84, (2a + b) / 3, m. */
export const EARTH_RADIUS_M = 6_371_008.8;
const RAD = Math.PI / 180;

/** Great-circle distance by the haversine formula, m. */
export function distance_m([lonA, latA]: LonLat, [lonB, latB]: LonLat): number {
  const u = Math.sin(((latB - latA) * RAD) / 2) ** 2;
  const v = Math.cos(latA * RAD) * Math.cos(latB * RAD) * Math.sin(((lonB - lonA) * RAD) / 2) ** 2;
  return 2 * EARTH_RADIUS_M * Math.asin(Math.min(1, Math.sqrt(u + v)));
}

/** Bearing at the start of the great circle, degrees from true north, [0, 360). */
export function bearing_deg([lonA, latA]: LonLat, [lonB, latB]: LonLat): number {
  const dLon = (lonB - lonA) * RAD;
  const y = Math.sin(dLon) * Math.cos(latB * RAD);
  const x = Math.cos(latA * RAD) * Math.sin(latB * RAD) - Math.sin(latA * RAD) * Math.cos(latB * RAD) * Math.cos(dLon);
  return ((Math.atan2(y, x) / RAD) % 360 + 360) % 360;
}

/** The place `length_m` along the great circle that leaves at `bearing`. */
export function destination([lon, lat]: LonLat, bearing: number, length_m: number): LonLat {
  const d = length_m / EARTH_RADIUS_M;
  const sinLat = Math.sin(lat * RAD) * Math.cos(d) + Math.cos(lat * RAD) * Math.sin(d) * Math.cos(bearing * RAD);
  const y = Math.sin(bearing * RAD) * Math.sin(d) * Math.cos(lat * RAD);
  const x = Math.cos(d) - Math.sin(lat * RAD) * sinLat;
  return [wrapped(lon + Math.atan2(y, x) / RAD), Math.asin(Math.max(-1, Math.min(1, sinLat))) / RAD];
}

/** Corners of a circle, clockwise from north. */
export function circle(centre: LonLat, radius_m: number, corners = 48): LonLat[] {
  return Array.from({ length: corners }, (_, n) => destination(centre, (n * 360) / corners, radius_m));
}

/**
 * The ground within half of `width_m` of a line, with square ends: down its
 * right side and back along its left. A bend is cut to a point (mitre), at
 * most `MITRE_MAX` half widths away.
 */
export function corridor(points: readonly LonLat[], width_m: number): LonLat[] {
  const half = width_m / 2;
  const right: LonLat[] = [];
  const left: LonLat[] = [];
  points.forEach((point, n) => {
    const before = points[n - 1];
    const after = points[n + 1];
    const arrives = before ? (bearing_deg(point, before) + 180) % 360 : undefined;
    const leaves = after ? bearing_deg(point, after) : undefined;
    const course = arrives === undefined || leaves === undefined ? (arrives ?? leaves ?? 0) : middle(arrives, leaves);
    const bend = arrives === undefined ? 0 : ((course - arrives) * RAD);
    const reach = half * Math.min(MITRE_MAX, 1 / Math.max(1e-6, Math.abs(Math.cos(bend))));
    right.push(destination(point, course + 90, reach));
    left.push(destination(point, course - 90, reach));
  });
  return [...right, ...left.reverse()];
}

const MITRE_MAX = 3;

/** Halfway between two bearings, the short way round. */
function middle(a: number, b: number): number {
  return a + ((((b - a) % 360) + 540) % 360 - 180) / 2;
}

/** Whether a place lies in a ring, by the even-odd rule on longitude and latitude. */
export function isWithin([lon, lat]: LonLat, ring: readonly LonLat[]): boolean {
  let isIn = false;
  for (let i = 0, j = ring.length - 1; i < ring.length; j = i, i += 1) {
    const [xi, yi] = ring[i] as LonLat;
    const [xj, yj] = ring[j] as LonLat;
    if (yi > lat !== yj > lat && lon < ((xj - xi) * (lat - yi)) / (yj - yi) + xi) isIn = !isIn;
  }
  return isIn;
}

/** Whether two sides of a ring cross: such a shape has no clear inside. */
export function crossesItself(ring: readonly LonLat[]): boolean {
  const n = ring.length;
  for (let i = 0; i < n; i += 1) {
    for (let j = i + 1; j < n; j += 1) {
      if (j === i + 1 || (i === 0 && j === n - 1)) continue;
      if (doCross(ring[i] as LonLat, ring[(i + 1) % n] as LonLat, ring[j] as LonLat, ring[(j + 1) % n] as LonLat)) return true;
    }
  }
  return false;
}

function doCross(a: LonLat, b: LonLat, c: LonLat, d: LonLat): boolean {
  return side(a, b, c) * side(a, b, d) < 0 && side(c, d, a) * side(c, d, b) < 0;
}

const side = ([ax, ay]: LonLat, [bx, by]: LonLat, [cx, cy]: LonLat): number => (bx - ax) * (cy - ay) - (by - ay) * (cx - ax);

/** Points along the great circle, close enough to draw; both ends included. */
export function greatCircle(from: LonLat, to: LonLat): LonLat[] {
  const length_m = distance_m(from, to);
  const parts = Math.max(1, Math.min(64, Math.ceil(length_m / 50_000)));
  if (parts === 1) return [from, to];
  const delta = length_m / EARTH_RADIUS_M;
  const points = Array.from({ length: parts + 1 }, (_, n): LonLat => {
    const f = n / parts;
    const [a, b] = [Math.sin((1 - f) * delta) / Math.sin(delta), Math.sin(f * delta) / Math.sin(delta)];
    const [x1, y1, z1] = vector(from);
    const [x2, y2, z2] = vector(to);
    const [x, y, z] = [a * x1 + b * x2, a * y1 + b * y2, a * z1 + b * z2];
    return [Math.atan2(y, x) / RAD, Math.atan2(z, Math.hypot(x, y)) / RAD];
  });
  points[0] = from;
  points[parts] = to;
  return points;
}

const vector = ([lon, lat]: LonLat): [number, number, number] => [
  Math.cos(lat * RAD) * Math.cos(lon * RAD),
  Math.cos(lat * RAD) * Math.sin(lon * RAD),
  Math.sin(lat * RAD),
];

const wrapped = (lon: number): number => ((((lon + 180) % 360) + 360) % 360) - 180;
