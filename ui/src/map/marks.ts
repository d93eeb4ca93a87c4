/**
 * What tools and layers draw on the canvas above the map: the graticule,
 * lines that may not be crossed, files that a person loaded, the area that is
 * being drawn, measured legs and range rings.
 */
import type { Line, LonLat } from "../api/types";
import { mercatorX, mercatorY } from "../live/instances";
import { type Camera, lonLatToPixel, toLonLat, toPixel } from "./camera";
import { bearing_deg, circle, destination, distance_m, greatCircle } from "./geo";
import { type GridLine, squareText } from "./graticule";
import { palette } from "./palette";

const FONT = '"Noto Sans", sans-serif';
type Context = CanvasRenderingContext2D;
type Pixel = [number, number];

/** A drawable thing of a loaded file. */
export interface Feature {
  kind: "point" | "line" | "polygon";
  name: string;
  places: readonly LonLat[];
}

/** Pixels of places in a row: each step goes the short way round the world. */
export function pixels(camera: Camera, places: readonly LonLat[]): Pixel[] {
  const out: Pixel[] = [];
  let before: { x: number; px: number } | undefined;
  for (const [lon, lat] of places) {
    const [x, y] = [mercatorX(lon), mercatorY(lat)];
    const [firstX, py] = toPixel(camera, x, y);
    let px = firstX;
    if (before) {
      let dx = x - before.x;
      dx -= Math.round(dx);
      px = before.px + dx * camera.scale;
    }
    out.push([px, py]);
    before = { x, px };
  }
  return out;
}

function trace(context: Context, points: readonly Pixel[], isClosed: boolean): void {
  context.beginPath();
  for (const [x, y] of points) context.lineTo(x, y);
  if (isClosed) context.closePath();
}

/** Words with a ground of their own, so that they read over anything. */
export function tag(context: Context, text: string, x: number, y: number, ink: string, align: CanvasTextAlign = "left"): void {
  context.font = `600 12px ${FONT}`;
  context.textAlign = align;
  const w = context.measureText(text).width;
  const left = align === "center" ? x - w / 2 : align === "right" ? x - w : x;
  const alpha = context.globalAlpha;
  context.globalAlpha = alpha * 0.85;
  context.fillStyle = palette.bg1;
  context.fillRect(left - 4, y - 13, w + 8, 18);
  context.globalAlpha = alpha;
  context.fillStyle = ink;
  context.fillText(text, x, y);
}

export function drawGraticule(context: Context, camera: Camera, lines: readonly GridLine[], isMgrs: boolean, alpha: number): void {
  context.globalAlpha = alpha;
  context.lineWidth = 1;
  context.strokeStyle = palette.edge;
  context.setLineDash([1, 3]);
  for (const { points } of lines) {
    trace(context, pixels(camera, points), false);
    context.stroke();
  }
  context.setLineDash([]);
  context.font = `11px ${FONT}`;
  context.fillStyle = palette.fg2;
  // Labels keep clear of the chips above and the tools on the right.
  for (const { points, label, runs } of lines) {
    const path = pixels(camera, points);
    if (runs === "north") {
      const at = crossing(path, 1, camera.height - 34);
      context.textAlign = "left";
      if (at !== undefined && at > 20 && at < camera.width - 60) context.fillText(label, at + 3, camera.height - 34);
    } else {
      const at = crossing(path, 0, 4);
      context.textAlign = "left";
      if (at !== undefined && at > 60 && at < camera.height - 50) context.fillText(label, 4, at - 3);
    }
  }
  if (isMgrs) {
    const square = squareText(toLonLat(camera, camera.width / 2, camera.height / 2));
    if (square) tag(context, square, 12, camera.height - 54, palette.fg2);
  }
  context.globalAlpha = 1;
}

/** Where a path crosses `x = at` (axis 0) or `y = at` (axis 1): the other coordinate. */
function crossing(path: readonly Pixel[], axis: 0 | 1, at: number): number | undefined {
  for (let n = 1; n < path.length; n += 1) {
    const [a, b] = [path[n - 1] as Pixel, path[n] as Pixel];
    if (a[axis] > at === b[axis] > at) continue;
    const share = (at - a[axis]) / (b[axis] - a[axis]);
    const other = axis === 0 ? 1 : 0;
    return a[other] + (b[other] - a[other]) * share;
  }
  return undefined;
}

/** Length of an arrow over a line, CSS pixels; arrows stand this far apart at least. */
const ARROW_PX = 14;
const ARROWS_APART_PX = 90;

/** A line with arrows that point the way that is forbidden. */
export function drawLines(context: Context, camera: Camera, lines: readonly Line[], alpha: number): void {
  for (const line of lines) {
    const path = pixels(camera, line.points);
    context.globalAlpha = alpha;
    drawLine(context, path, line.forbidden, palette.fg2, 1.6, []);
    const middle = path[Math.floor((path.length - 1) / 2)];
    const next = path[Math.floor((path.length - 1) / 2) + 1];
    if (!middle || !next || length(path) < 60) continue;
    const name = line.hours ? `${line.name}  ${line.hours}Z` : line.name;
    tag(context, name, (middle[0] + next[0]) / 2 + 8, (middle[1] + next[1]) / 2, palette.fg2);
  }
  context.globalAlpha = 1;
}

function drawLine(context: Context, path: readonly Pixel[], forbidden: Line["forbidden"], ink: string, width: number, dash: number[]): void {
  context.strokeStyle = ink;
  context.fillStyle = ink;
  context.lineWidth = width;
  context.setLineDash(dash);
  trace(context, path, false);
  context.stroke();
  context.setLineDash([]);
  for (let n = 1; n < path.length; n += 1) {
    const [a, b] = [path[n - 1] as Pixel, path[n] as Pixel];
    const long = Math.hypot(b[0] - a[0], b[1] - a[1]);
    if (long < 24) continue;
    const along: Pixel = [(b[0] - a[0]) / long, (b[1] - a[1]) / long];
    const arrows = Math.max(1, Math.min(40, Math.floor(long / ARROWS_APART_PX)));
    for (let k = 0; k < arrows; k += 1) {
      const at = (long * (k + 0.5)) / arrows;
      const x = a[0] + along[0] * at;
      const y = a[1] + along[1] * at;
      // Pixels grow downward: the left of a line that runs along is (y, -x).
      if (forbidden !== "right") arrow(context, x, y, along[1], -along[0]);
      if (forbidden !== "left") arrow(context, x, y, -along[1], along[0]);
    }
  }
}

function arrow(context: Context, x: number, y: number, dx: number, dy: number): void {
  const [tipX, tipY] = [x + dx * ARROW_PX, y + dy * ARROW_PX];
  context.beginPath();
  context.moveTo(x, y);
  context.lineTo(tipX, tipY);
  context.stroke();
  context.beginPath();
  context.moveTo(tipX, tipY);
  context.lineTo(tipX - dx * 6 - dy * 4, tipY - dy * 6 + dx * 4);
  context.lineTo(tipX - dx * 6 + dy * 4, tipY - dy * 6 - dx * 4);
  context.closePath();
  context.fill();
}

function length(path: readonly Pixel[]): number {
  let sum = 0;
  for (let n = 1; n < path.length; n += 1) sum += Math.hypot((path[n]?.[0] ?? 0) - (path[n - 1]?.[0] ?? 0), (path[n]?.[1] ?? 0) - (path[n - 1]?.[1] ?? 0));
  return sum;
}

/** Names of a loaded file are written up to this number, nearest the first come. */
const NAMES_MAX = 150;

export function drawFeatures(context: Context, camera: Camera, features: readonly Feature[], alpha: number): void {
  let names = 0;
  context.lineWidth = 1.4;
  for (const { kind, name, places } of features) {
    const path = pixels(camera, places);
    const first = path[0];
    if (!first || !touches(camera, path)) continue;
    context.globalAlpha = alpha;
    context.strokeStyle = palette.std;
    context.fillStyle = palette.std;
    if (kind === "point") {
      context.beginPath();
      context.arc(first[0], first[1], 3.5, 0, 2 * Math.PI);
      context.fill();
    } else {
      trace(context, path, kind === "polygon");
      if (kind === "polygon") {
        context.globalAlpha = alpha * 0.08;
        context.fill();
        context.globalAlpha = alpha;
      }
      context.stroke();
    }
    if (name === "" || names >= NAMES_MAX) continue;
    names += 1;
    context.font = `11px ${FONT}`;
    context.textAlign = "left";
    context.fillStyle = palette.fg2;
    context.fillText(name, first[0] + 7, first[1] - 5);
  }
  context.globalAlpha = 1;
}

function touches(camera: Camera, path: readonly Pixel[]): boolean {
  let [left, top, right, bottom] = [Infinity, Infinity, -Infinity, -Infinity];
  for (const [x, y] of path) {
    left = Math.min(left, x);
    right = Math.max(right, x);
    top = Math.min(top, y);
    bottom = Math.max(bottom, y);
  }
  return right > 0 && bottom > 0 && left < camera.width && top < camera.height;
}

/** What is being drawn: its outline, and where the pointer would add to it. */
export interface DraftMarks {
  shape: "polygon" | "circle" | "corridor" | "line";
  places: readonly LonLat[];
  ring: readonly LonLat[];
  forbidden: Line["forbidden"];
  pointer: LonLat | undefined;
}

export function drawDraft(context: Context, camera: Camera, draft: DraftMarks): void {
  const path = pixels(camera, draft.places);
  if (draft.ring.length > 1) {
    trace(context, pixels(camera, draft.ring), true);
    context.fillStyle = palette.act;
    context.globalAlpha = 0.14;
    context.fill();
    context.globalAlpha = 1;
    context.strokeStyle = palette.act;
    context.lineWidth = 2;
    context.stroke();
  }
  if (draft.shape === "line") drawLine(context, path, draft.forbidden, palette.act, 2, []);
  else if (draft.shape === "corridor") drawLeg(context, path);
  const last = path.at(-1);
  const grows = draft.shape !== "circle" || draft.places.length === 0;
  if (draft.pointer && last && grows) {
    const to = lonLatToPixel(camera, ...draft.pointer);
    drawLeg(context, draft.shape === "polygon" && path.length > 1 ? [last, to, path[0] as Pixel] : [last, to]);
  }
  const middle = draft.places[0];
  const edge = draft.ring[Math.floor(draft.ring.length / 4)];
  if (draft.shape === "circle" && middle && edge) {
    const [a, b] = [lonLatToPixel(camera, ...middle), lonLatToPixel(camera, ...edge)];
    drawLeg(context, [a, b]);
    tag(context, lengthText(distance_m(middle, edge)), (a[0] + b[0]) / 2, a[1] - 8, palette.fg, "center");
  }
}

function drawLeg(context: Context, path: readonly Pixel[]): void {
  context.strokeStyle = palette.act;
  context.lineWidth = 1.4;
  context.setLineDash([5, 4]);
  trace(context, path, false);
  context.stroke();
  context.setLineDash([]);
}

/** Legs on the great circle, each with its length and its bearing at the start. */
export function drawMeasured(context: Context, camera: Camera, places: readonly LonLat[], pointer: LonLat | undefined): void {
  const all = pointer && places.length > 0 ? [...places, pointer] : places;
  for (let n = 1; n < all.length; n += 1) {
    const [from, to] = [all[n - 1] as LonLat, all[n] as LonLat];
    const path = pixels(camera, greatCircle(from, to));
    context.strokeStyle = palette.act;
    context.lineWidth = 2;
    context.setLineDash(n === places.length ? [5, 4] : []);
    trace(context, path, false);
    context.stroke();
    context.setLineDash([]);
    const middle = path[Math.floor(path.length / 2)];
    const before = path[Math.floor(path.length / 2) - 1];
    if (!middle || !before || length(path) < 70) continue;
    const at: Pixel = path.length === 2 ? [(middle[0] + before[0]) / 2, (middle[1] + before[1]) / 2] : middle;
    tag(context, `${lengthText(distance_m(from, to))}  ${bearingText(bearing_deg(from, to))}`, at[0], at[1] - 8, palette.fg, "center");
  }
  if (pointer) return;
  for (const place of places) dot(context, lonLatToPixel(camera, ...place));
}

function dot(context: Context, [x, y]: Pixel): void {
  context.beginPath();
  context.arc(x, y, 3, 0, 2 * Math.PI);
  context.fillStyle = palette.act;
  context.fill();
}

export function drawRings(context: Context, camera: Camera, centre: LonLat, step_m: number, count: number): void {
  context.strokeStyle = palette.act;
  context.lineWidth = 1.2;
  for (let n = 1; n <= count; n += 1) {
    context.globalAlpha = 0.8;
    trace(context, pixels(camera, circle(centre, n * step_m, 72)), true);
    context.stroke();
    context.globalAlpha = 1;
    const [x, y] = lonLatToPixel(camera, ...destination(centre, 0, n * step_m));
    tag(context, lengthText(n * step_m), x, y - 4, palette.fg, "center");
  }
  dot(context, lonLatToPixel(camera, ...centre));
}

const NM_M = 1_852;

/** `1.25 km (0.67 NM)`: metres below a kilometre. */
export function lengthText(m: number): string {
  if (m < 1_000) return `${Math.round(m)} m`;
  const km = m / 1000;
  const digits = km < 100 ? 2 : 1;
  return `${km.toFixed(digits)} km (${(m / NM_M).toFixed(digits)} NM)`;
}

/** `083°`, from true north. */
export const bearingText = (deg: number): string => `${String(Math.round(deg) % 360).padStart(3, "0")}°`;
