/**
 * All tracks on a 2D canvas, as the shaders of the track layer draw them. A
 * processor copies cells of the atlas far faster than it plays a graphics
 * card: four thousand symbols take milliseconds here and seconds there.
 */
import { FLAG } from "../live/decoder";
import { AT, FLAG_HIDDEN, FLAG_QUIET, unitsPerMetre, latitude } from "../live/instances";
import { type Atlas, CELL_PX, COLUMNS, cellOf } from "./atlas";
import { type Camera, isInside, toPixel } from "./camera";
import { palette } from "./palette";
import type { TrackScene } from "./trackLayer";

type Context = CanvasRenderingContext2D;
export type FlatTracks = Omit<TrackScene, "camera" | "pulse">;

/** A track's speed leader, as long as it goes in a minute: CSS pixels. */
const LEADER_FROM_PX = 13;
const LEADER_PX_MIN = 20;
const LEADER_PX_MAX = 140;
const LEADER_S = 60;
/** Slower than this a track has no direction worth drawing, m/s. */
const STILL_MPS = 0.3;
/** Distance of the hatch's lines, CSS pixels. */
const HATCH_PX = 5;

/** The atlas and the same symbols hatched, for simulated tracks; made once for each atlas. */
export class FlatAtlas {
  readonly hatched: HTMLCanvasElement;

  constructor(readonly atlas: Atlas) {
    const { canvas, ratio } = atlas;
    this.hatched = document.createElement("canvas");
    this.hatched.width = canvas.width;
    this.hatched.height = canvas.height;
    const context = this.hatched.getContext("2d", { willReadFrequently: true });
    if (!context) return;
    context.drawImage(canvas, 0, 0);
    // Only where there is a symbol already.
    context.globalCompositeOperation = "source-atop";
    context.globalAlpha = 0.22;
    context.strokeStyle = palette.bg0;
    context.lineWidth = (HATCH_PX * ratio) / 2;
    context.beginPath();
    for (let x = -canvas.height; x < canvas.width; x += HATCH_PX * ratio * Math.SQRT2) {
      context.moveTo(x, canvas.height);
      context.lineTo(x + canvas.height, 0);
    }
    context.stroke();
  }
}

export function drawFlatTracks(context: Context, camera: Camera, scene: FlatTracks, symbols: FlatAtlas): void {
  const tracks = scene.tracks();
  const now_s = scene.now_s();
  const dense = scene.isDense();
  const chosen = scene.selectedRow();
  const hovered = scene.hoveredRow();
  const present = tracks.severities();
  for (let severity = 0; severity <= 3; severity += 1) {
    if ((present & (1 << severity)) === 0) continue;
    for (let row = 0; row < tracks.count; row += 1) {
      const flags = tracks.value(row, AT.flags);
      if ((flags & FLAG.severity) !== severity || (flags & FLAG_HIDDEN) !== 0) continue;
      const at = tracks.place(row, now_s);
      const [x, y] = toPixel(camera, at.x, at.y);
      if (!isInside(camera, x, y, CELL_PX)) continue;
      const isMarked = severity > 0 || row === chosen || row === hovered;
      if (dense && !isMarked && (flags & FLAG_QUIET) !== 0) {
        drawDot(context, x, y);
        continue;
      }
      const speed = tracks.value(row, AT.speed);
      const course = tracks.value(row, AT.course);
      if (course >= 0 && speed > STILL_MPS) {
        const long = speed * LEADER_S * unitsPerMetre(latitude(at.y)) * camera.scale;
        drawLeader(context, x, y, course, long, (flags & FLAG.stale) !== 0);
      }
      const index = cellOf(tracks.value(row, AT.symbol), (flags & FLAG.coasting) !== 0);
      drawSymbol(context, x, y, symbols, index, flags);
      if (severity > 0) drawRing(context, x, y, severity);
      if (row === chosen) drawCorners(context, x, y);
      else if (row === hovered) drawHover(context, x, y);
    }
  }
}

/** A neutral track in a dense picture: small, and square as its frame. */
function drawDot(context: Context, x: number, y: number): void {
  context.fillStyle = palette.bg0;
  context.fillRect(x - 4, y - 4, 8, 8);
  context.fillStyle = palette.neutral;
  context.fillRect(x - 3, y - 3, 6, 6);
}

function drawLeader(context: Context, x: number, y: number, course: number, long_px: number, isStale: boolean): void {
  const far = Math.max(LEADER_PX_MIN, Math.min(LEADER_PX_MAX, long_px));
  const [dx, dy] = [Math.sin(course), -Math.cos(course)];
  context.globalAlpha = isStale ? 0.3 : 0.75;
  context.strokeStyle = palette.fg2;
  context.lineWidth = 1.5;
  context.beginPath();
  context.moveTo(x + dx * LEADER_FROM_PX, y + dy * LEADER_FROM_PX);
  context.lineTo(x + dx * far, y + dy * far);
  context.stroke();
  context.globalAlpha = 1;
}

function drawSymbol(context: Context, x: number, y: number, { atlas, hatched }: FlatAtlas, index: number, flags: number): void {
  const cell = CELL_PX * atlas.ratio;
  const left = (index % COLUMNS) * cell;
  const top = Math.floor(index / COLUMNS) * cell;
  const from = (flags & FLAG.simulated) !== 0 ? hatched : atlas.canvas;
  // On whole pixels the copy needs no blending between neighbours, and stays sharp.
  const [px, py] = [Math.round(x - CELL_PX / 2), Math.round(y - CELL_PX / 2)];
  context.globalAlpha = (flags & FLAG.stale) !== 0 ? 0.5 : 1;
  context.drawImage(from, left, top, cell, cell, px, py, CELL_PX, CELL_PX);
  context.globalAlpha = 1;
  if ((flags & FLAG.distrusted) !== 0) drawCross(context, x + 14, y + 12);
}

/** The source is distrusted. */
function drawCross(context: Context, x: number, y: number): void {
  for (const [ink, width] of [[palette.bg0, 5], [palette.fg, 2.4]] as const) {
    context.strokeStyle = ink;
    context.lineWidth = width;
    context.beginPath();
    context.moveTo(x - 4, y - 4);
    context.lineTo(x + 4, y + 4);
    context.moveTo(x + 4, y - 4);
    context.lineTo(x - 4, y + 4);
    context.stroke();
  }
}

/** The severity's ring and shape. */
function drawRing(context: Context, x: number, y: number, severity: number): void {
  const tone = [palette.fg2, palette.cau, palette.ser, palette.crit][severity] ?? palette.fg2;
  context.beginPath();
  context.arc(x, y, 22, 0, 2 * Math.PI);
  context.globalAlpha = 0.1;
  context.fillStyle = tone;
  context.fill();
  context.globalAlpha = 1;
  context.strokeStyle = palette.rim;
  context.lineWidth = 4;
  context.stroke();
  context.strokeStyle = tone;
  context.lineWidth = 2;
  context.stroke();
  const shape = ["", "■", "◆", "▲"][severity] ?? "";
  context.font = '600 14px "Noto Sans", sans-serif';
  context.textAlign = "center";
  context.lineJoin = "round";
  context.lineWidth = 4;
  context.strokeStyle = palette.rim;
  context.strokeText(shape, x + 17, y - 12);
  context.fillStyle = tone;
  context.fillText(shape, x + 17, y - 12);
}

/** The four corners round the selected track. */
function drawCorners(context: Context, x: number, y: number): void {
  context.strokeStyle = palette.act;
  context.lineWidth = 2;
  context.beginPath();
  for (const [sx, sy] of [[-1, -1], [1, -1], [1, 1], [-1, 1]] as const) {
    context.moveTo(x + sx * 20, y + sy * 29);
    context.lineTo(x + sx * 29, y + sy * 29);
    context.lineTo(x + sx * 29, y + sy * 20);
  }
  context.stroke();
}

function drawHover(context: Context, x: number, y: number): void {
  context.beginPath();
  context.arc(x, y, 26, 0, 2 * Math.PI);
  context.globalAlpha = 0.7;
  context.strokeStyle = palette.fg;
  context.lineWidth = 1.2;
  context.stroke();
  context.globalAlpha = 1;
}
