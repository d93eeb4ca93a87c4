/** Lines of latitude and longitude, or of the MGRS grid, and their labels. Places in degrees. */
import type { LonLat } from "../api/types";
import { mgrs, project, unproject } from "../kit/mgrs";
import { type Camera, toLonLat } from "./camera";

export interface GridLine {
  points: LonLat[];
  label: string;
  /** Where the label goes: at the top for what runs north, at the left for what runs east. */
  runs: "north" | "east";
}

/** Lines stand at least so far apart, CSS pixels. */
const APART_PX_MIN = 96;
/** Steps of degrees: whole, then minutes, then seconds. */
const STEPS_DEG = [30, 20, 10, 5, 2, 1, 30 / 60, 20 / 60, 10 / 60, 5 / 60, 2 / 60, 1 / 60, 30 / 3600, 20 / 3600, 10 / 3600, 5 / 3600, 2 / 3600, 1 / 3600];
const STEPS_M = [100_000, 10_000, 1_000, 100, 10];
/** A view of the whole world has no more lines than this. */
const LINES_MAX = 80;
/** Zones whose grid is drawn at once; a wider view gets degrees. */
const ZONES_MAX = 3;
/** Pieces of a grid line, which is bent on this map. */
const PIECES = 12;

/** Lines of the graticule in view. */
export function degreeLines(camera: Camera): GridLine[] {
  const [west, north] = toLonLat(camera, 0, 0);
  const [, south] = toLonLat(camera, 0, camera.height);
  const width_deg = Math.min(360, (camera.width / camera.scale) * 360);
  const perPx = 360 / camera.scale;
  const step = [...STEPS_DEG].reverse().find((deg) => deg / perPx >= APART_PX_MIN) ?? STEPS_DEG[0] ?? 30;
  const lines: GridLine[] = [];
  for (let n = Math.ceil(west / step); n * step <= west + width_deg && lines.length < LINES_MAX; n += 1) {
    const lon = wrapped(n * step);
    lines.push({ points: [[lon, south], [lon, north]], label: angleText(lon, "E", "W", step), runs: "north" });
  }
  for (let n = Math.ceil(south / step); n * step <= north && lines.length < 2 * LINES_MAX; n += 1) {
    const lat = n * step;
    const points = Array.from({ length: 5 }, (_, k): LonLat => [wrapped(west + (width_deg * k) / 4), lat]);
    lines.push({ points, label: angleText(lat, "N", "S", step), runs: "east" });
  }
  return lines;
}

/** Lines of the MGRS grid in view; those of degrees where the view is too wide, polar, or in the odd zones of the far north. */
export function mgrsLines(camera: Camera): GridLine[] {
  const [west, north] = toLonLat(camera, 0, 0);
  const [east, south] = toLonLat(camera, camera.width, camera.height);
  const zones = zonesOf(west, east);
  const isTooWide = zones.length === 0 || zones.length > ZONES_MAX || camera.width / camera.scale > 0.06;
  if (isTooWide || north > 84 || south < -80 || hasOddZones(west, south, east, north)) return degreeLines(camera);
  const lat = Math.max(-80, Math.min(84, (north + south) / 2));
  const perPx_m = (40_075_016.686 / camera.scale) * Math.max(0.1, Math.cos((lat * Math.PI) / 180));
  const step = [...STEPS_M].reverse().find((m) => m / perPx_m >= APART_PX_MIN) ?? 100_000;
  return zones.flatMap((zone) => zoneLines(zone, [west, south, east, north], step));
}

function zoneLines(zone: number, [west, south, east, north]: [number, number, number, number], step: number): GridLine[] {
  const edgeWest = zone * 6 - 186;
  const [w, e] = [Math.max(west, edgeWest), Math.min(east, edgeWest + 6)];
  const corners = [[w, south], [w, north], [e, south], [e, north]].map(([lon = 0, lat = 0]) => project(lat, lon, zone));
  const range = (values: number[]): [number, number] => [Math.floor(Math.min(...values) / step) * step, Math.ceil(Math.max(...values) / step) * step];
  const [x0, x1] = range(corners.map(({ easting_m }) => easting_m));
  const [y0, y1] = range(corners.map(({ northing_m }) => northing_m));
  const lines: GridLine[] = [];
  if (w > west) lines.push({ points: [[w, south], [w, north]], label: `${zone}`, runs: "north" });
  const isInside = ([lon]: LonLat): boolean => lon >= edgeWest - 1e-9 && lon <= edgeWest + 6 + 1e-9;
  for (let x = x0; x <= x1 && lines.length < LINES_MAX; x += step) {
    const points = pieces(y0, y1).map((y) => unproject(x, y, zone)).filter(isInside);
    lines.push({ points, label: gridText(x, step), runs: "north" });
  }
  for (let y = y0; y <= y1 && lines.length < 2 * LINES_MAX; y += step) {
    const points = pieces(x0, x1).map((x) => unproject(x, y, zone)).filter(isInside);
    lines.push({ points, label: gridText(y, step), runs: "east" });
  }
  return lines.filter(({ points }) => points.length > 1);
}

const pieces = (from: number, to: number): number[] => Array.from({ length: PIECES + 1 }, (_, n) => from + ((to - from) * n) / PIECES);

/** `25` for 25 km within its square of 100 km; the metres' digits with finer lines. */
function gridText(metres: number, step: number): string {
  const digits = String(Math.round((((metres % 100_000) + 100_000) % 100_000))).padStart(5, "0");
  return digits.slice(0, Math.max(1, 5 - Math.round(Math.log10(step))));
}

/** The square of 100 km at a place, `56K KU`: grid labels count within it. */
export function squareText([lon, lat]: LonLat): string | undefined {
  return mgrs(lat, lon)?.split(" ")[0]?.replace(/^(\d+[A-Z])/, "$1 ");
}

/** Norway and Svalbard, where zones are wider or missing. */
const hasOddZones = (west: number, south: number, east: number, north: number): boolean =>
  (north >= 72 && east >= 0 && west < 42) || (north >= 56 && south < 64 && east >= 0 && west < 12);

function zonesOf(west: number, east: number): number[] {
  const first = Math.floor((west + 180) / 6) + 1;
  const last = Math.floor((east + 180 - 1e-9) / 6) + 1;
  return last < first ? [] : Array.from({ length: last - first + 1 }, (_, n) => first + n);
}

/** `151°15′E`: no finer than the lines are. */
function angleText(deg: number, positive: string, negative: string, step: number): string {
  const seconds = Math.round(Math.abs(deg) * 3600);
  const letter = seconds === 0 ? "" : deg < 0 ? negative : positive;
  const [d, m, s] = [Math.floor(seconds / 3600), Math.floor((seconds % 3600) / 60), seconds % 60];
  if (step >= 1) return `${d}°${letter}`;
  const minutes = `${d}°${String(m).padStart(2, "0")}′`;
  return step >= 1 / 60 ? `${minutes}${letter}` : `${minutes}${String(s).padStart(2, "0")}″${letter}`;
}

const wrapped = (lon: number): number => ((((lon + 180) % 360) + 360) % 360) - 180;
