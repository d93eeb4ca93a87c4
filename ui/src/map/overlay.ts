/**
 * Words and thin marks above the map, on a 2D canvas: area names, sensors,
 * the uncertainty of the selected track, and track labels that keep clear of
 * one another.
 */
import type { Area, Device, DeviceState, Severity } from "../api/types";
import type { TrackLine } from "../live/picture.svelte";
import { FLAG } from "../live/decoder";
import { unitsPerMetre } from "../live/instances";
import type { LayerName } from "../views/layers/layers.svelte";
import { type Camera, isInside, lonLatToPixel } from "./camera";
import { palette, severityInk } from "./palette";

/** Labels drawn at most beside those that must be. */
const LABELS_MAX = 80;
/** Half of a symbol's frame, CSS pixels. */
const SYMBOL_RADIUS_PX = 14;
/** World width from which healthy sensors are drawn as pins, and from which they are named, CSS pixels. */
const PINS_SCALE_MIN = 512 * 2 ** 13.5;
const SENSOR_NAMES_SCALE_MIN = 512 * 2 ** 14.5;
/** Symbols that names keep clear of; in a denser picture names are few anyway. */
const SYMBOLS_KEPT_CLEAR = 300;
/** 95 % of a round two-dimensional normal lies within so many sigma. */
const SIGMA_95 = 2.4477;
const FONT = '"Noto Sans", sans-serif';

export interface OverlayScene {
  camera: Camera;
  areas: readonly Area[];
  alerting: ReadonlyMap<string, Severity>;
  devices: readonly Device[];
  lines: readonly TrackLine[];
  selected: number | undefined;
  hovered: number | undefined;
  /** One-sigma of the selected track, m. */
  sigma_m: number | null;
  /** Where the selected track was: `[lon_deg, lat_deg, unix seconds]`, oldest first. */
  trail: readonly (readonly [number, number, number])[];
  /** How strongly a layer is drawn, 0 to 1. */
  alpha(layer: LayerName): number;
}

export function drawOverlay(context: CanvasRenderingContext2D, scene: OverlayScene): void {
  const taken = new Boxes();
  const sensors = scene.alpha("sensors");
  const labels = scene.alpha("labels");
  if (sensors > 0) {
    context.globalAlpha = sensors;
    for (const device of scene.devices) drawSensor(context, scene.camera, device);
    context.globalAlpha = 1;
  }
  if (scene.alpha("trails") > 0) drawTrail(context, scene);
  drawUncertainty(context, scene);
  drawTrackLabels(context, scene, taken);
  if (scene.alpha("areas") > 0) drawAreaNames(context, scene, taken);
  if (sensors > 0 && labels > 0) drawSensorNames(context, scene, taken);
}

function drawAreaNames(context: CanvasRenderingContext2D, scene: OverlayScene, taken: Boxes): void {
  context.font = `600 12px ${FONT}`;
  context.textAlign = "center";
  for (const area of scene.areas) {
    const pixels = area.polygon.map(([lon, lat]) => lonLatToPixel(scene.camera, lon, lat));
    const xs = pixels.map(([x]) => x);
    const ys = pixels.map(([, y]) => y);
    const width = Math.max(...xs) - Math.min(...xs);
    if (width < 40) continue;
    const x = (Math.max(...xs) + Math.min(...xs)) / 2;
    const y = Math.min(...ys) - 8;
    if (!isInside(scene.camera, x, y, 100)) continue;
    const name = area.hours ? `${area.name}  ${area.hours}Z` : area.name;
    const w = context.measureText(name).width;
    if (!taken.take(x - w / 2, y - 12, w, 16)) continue;
    const severity = scene.alerting.get(area.name);
    write(context, name, x, y, severity ? severityInk(severity) : palette.fg2, scene.alpha("areas"));
  }
}

function sensorTone(state: DeviceState): string {
  const tone: Record<DeviceState, string> = { live: palette.norm, late: palette.cau, lost: palette.crit };
  return tone[state];
}

/** A small pin whose filling says the state: full, half, empty with a cross. */
function drawSensor(context: CanvasRenderingContext2D, camera: Camera, device: Device): void {
  if (device.lat_deg === null || device.lon_deg === null) return;
  const [x, y] = lonLatToPixel(camera, device.lon_deg, device.lat_deg);
  if (!isInside(camera, x, y, 12)) return;
  if (device.state === "live" && camera.scale < PINS_SCALE_MIN) {
    // From afar a fence is many sensors in one place: points, so that tracks stay in sight.
    context.fillStyle = palette.norm;
    context.fillRect(x - 1.5, y - 1.5, 3, 3);
    return;
  }
  context.beginPath();
  context.rect(x - 5, y - 5, 10, 10);
  context.fillStyle = palette.bg1;
  context.fill();
  context.lineWidth = 1.25;
  const tone = sensorTone(device.state);
  // A rim parts a light tone from a light ground.
  context.strokeStyle = device.state === "live" ? palette.edge : palette.rim === palette.fg ? palette.fg : tone;
  context.stroke();
  context.fillStyle = tone;
  context.strokeStyle = tone;
  context.beginPath();
  switch (device.state) {
    case "live":
      context.arc(x, y, 2.4, 0, 2 * Math.PI);
      context.fill();
      break;
    case "late":
      context.fillRect(x - 2.5, y - 2.5, 5, 5);
      break;
    case "lost":
      context.moveTo(x - 3, y - 3);
      context.lineTo(x + 3, y + 3);
      context.moveTo(x + 3, y - 3);
      context.lineTo(x - 3, y + 3);
      context.stroke();
      break;
  }
}

function drawSensorNames(context: CanvasRenderingContext2D, scene: OverlayScene, taken: Boxes): void {
  context.font = `11px ${FONT}`;
  context.textAlign = "left";
  // Names of healthy sensors only when there is room for them on the ground.
  const isNear = scene.camera.scale > SENSOR_NAMES_SCALE_MIN;
  for (const device of scene.devices) {
    if (device.lat_deg === null || device.lon_deg === null) continue;
    if (!isNear && device.state === "live") continue;
    const [x, y] = lonLatToPixel(scene.camera, device.lon_deg, device.lat_deg);
    if (!isInside(scene.camera, x, y, 60)) continue;
    const name = device.state === "live" ? device.name : `${device.name} ${device.state}`;
    const w = context.measureText(name).width;
    if (!taken.take(x + 9, y - 8, w, 14)) continue;
    write(context, name, x + 9, y + 4, device.state === "live" ? palette.fg3 : palette.fg, scene.alpha("sensors"));
  }
}

/** Fades with age, and ends where the symbol begins. */
function drawTrail(context: CanvasRenderingContext2D, scene: OverlayScene): void {
  const line = scene.lines.find((track) => track.slot === scene.selected);
  if (!line || scene.trail.length === 0) return;
  const [endX, endY] = lonLatToPixel(scene.camera, line.lon_deg, line.lat_deg);
  const points = [...scene.trail.map(([lon, lat]) => lonLatToPixel(scene.camera, lon, lat)), [endX, endY] as [number, number]];
  context.strokeStyle = palette.act;
  context.lineWidth = 2;
  context.lineCap = "round";
  for (let i = 1; i < points.length; i += 1) {
    const from = points[i - 1];
    const to = clipped(points[i - 1], points[i], endX, endY);
    if (!from || !to) continue;
    context.globalAlpha = (0.1 + 0.8 * (i / points.length)) * scene.alpha("trails");
    context.beginPath();
    context.moveTo(...from);
    context.lineTo(...to);
    context.stroke();
  }
  context.globalAlpha = 1;
}

/** The end of a step that keeps clear of the symbol; `undefined` for one inside it. */
function clipped(
  from: [number, number] | undefined,
  to: [number, number] | undefined,
  x: number,
  y: number,
): [number, number] | undefined {
  if (!from || !to) return undefined;
  const [near, far] = [Math.hypot(to[0] - x, to[1] - y), Math.hypot(from[0] - x, from[1] - y)];
  if (far <= SYMBOL_RADIUS_PX) return undefined;
  if (near >= SYMBOL_RADIUS_PX) return to;
  const share = (far - SYMBOL_RADIUS_PX) / Math.max(1e-6, far - near);
  return [from[0] + (to[0] - from[0]) * share, from[1] + (to[1] - from[1]) * share];
}

function drawUncertainty(context: CanvasRenderingContext2D, scene: OverlayScene): void {
  const line = scene.lines.find((track) => track.slot === scene.selected);
  if (!line || scene.sigma_m === null) return;
  const radius = scene.sigma_m * SIGMA_95 * unitsPerMetre(line.lat_deg) * scene.camera.scale;
  if (radius < 4 || radius > 4_000) return;
  const [x, y] = lonLatToPixel(scene.camera, line.lon_deg, line.lat_deg);
  context.beginPath();
  context.arc(x, y, radius, 0, 2 * Math.PI);
  context.strokeStyle = palette.act;
  context.globalAlpha = 0.7;
  context.lineWidth = 1;
  context.setLineDash([3, 3]);
  context.stroke();
  context.setLineDash([]);
  context.globalAlpha = 1;
}

function drawTrackLabels(context: CanvasRenderingContext2D, scene: OverlayScene, taken: Boxes): void {
  context.textAlign = "left";
  const visible = scene.lines
    .map((line) => ({ line, at: lonLatToPixel(scene.camera, line.lon_deg, line.lat_deg), rank: rankOf(line, scene) }))
    .filter(({ at }) => isInside(scene.camera, at[0], at[1], 40))
    .sort((a, b) => a.rank - b.rank || a.line.slot - b.line.slot);
  // A symbol is ground that no name of another may cover.
  for (const { at } of visible.slice(0, SYMBOLS_KEPT_CLEAR)) taken.take(at[0] - 12, at[1] - 11, 24, 22);
  const labels = scene.alpha("labels");
  let plain = 0;
  for (const { line, at, rank } of visible) {
    const must = rank < MUST;
    if (!must && labels === 0) break;
    if (!must && plain >= LABELS_MAX) break;
    context.font = `${must ? "600 " : ""}12px ${FONT}`;
    const name = line.name ?? line.id;
    const w = context.measureText(name).width;
    const [x, y] = [at[0] + (must ? 26 : 17), at[1] + 4];
    if (!taken.take(x, y - 12, w, 16) && !must) continue;
    if (!must) plain += 1;
    write(context, name, x, y, must ? palette.fg : palette.fg2, must ? 1 : labels);
  }
}

/** Labels that are drawn whatever their number have a rank below this. */
const MUST = 3;

/** Selected, hovered, alerting by severity, then named before numbered. */
function rankOf(line: TrackLine, scene: OverlayScene): number {
  if (line.slot === scene.selected) return 0;
  if (line.slot === scene.hovered) return 1;
  const severity = line.flags & FLAG.severity;
  if (severity > 0) return 2.9 - severity / 4;
  return line.name === null ? 5 : 4;
}

function write(context: CanvasRenderingContext2D, text: string, x: number, y: number, ink: string, alpha = 1): void {
  context.lineJoin = "round";
  context.lineWidth = 3;
  context.strokeStyle = palette.bg0;
  context.globalAlpha = 0.85 * alpha;
  context.strokeText(text, x, y);
  context.globalAlpha = alpha;
  context.fillStyle = ink;
  context.fillText(text, x, y);
  context.globalAlpha = 1;
}

/** Boxes already written in; at most a few hundred, so a plain search. */
class Boxes {
  readonly #boxes: [number, number, number, number][] = [];

  /** Takes the room if nobody has it. */
  take(x: number, y: number, w: number, h: number): boolean {
    for (const [bx, by, bw, bh] of this.#boxes) {
      if (x < bx + bw && bx < x + w && y < by + bh && by < y + h) return false;
    }
    this.#boxes.push([x, y, w, h]);
    return true;
  }
}
