/** Draws the time strip on a 2D canvas: bars, gaps, marks, the loop and the playhead. */
import type { Severity, TimelineAnswer } from "../api/types";
import { clockText, dateText } from "../kit/format";
import { palette, severityTone } from "../map/palette";
import { type Window, marks, shareOf } from "./scale";

export interface StripScene {
  /** CSS pixels. */
  width: number;
  height: number;
  window: Window;
  now_ms: number;
  answer: TimelineAnswer | undefined;
  /** The replayed second, `undefined` in the present. */
  playhead_ms: number | undefined;
  loop: { from_ms: number; to_ms: number } | undefined;
  /** Under the pointer. */
  hover_ms: number | undefined;
}

/** From the top: marks of acts, bars, times. */
const ACTS_PX = 12;
export const TIMES_PX = 16;
/** The scale of the bars never shows fewer alerts than this as full height. */
const FULL_MIN = 4;
/** The gravest lies at the bottom, where bars are compared best. */
const STACK: Severity[] = ["critical", "serious", "caution", "information"];
const FONT = '"Noto Sans", sans-serif';

export function drawStrip(context: CanvasRenderingContext2D, scene: StripScene): void {
  const { width, height } = scene;
  context.clearRect(0, 0, width, height);
  drawTimes(context, scene);
  drawUnknown(context, scene);
  drawBars(context, scene);
  drawTracks(context, scene);
  drawGaps(context, scene);
  drawActs(context, scene);
  drawLoop(context, scene);
  drawHeads(context, scene);
}

const xOf = ({ window, width }: StripScene, at_ms: number): number => shareOf(window, at_ms) * width;
const floorOf = ({ height }: StripScene): number => height - TIMES_PX;

function drawTimes(context: CanvasRenderingContext2D, scene: StripScene): void {
  const floor = floorOf(scene);
  context.font = `11px ${FONT}`;
  context.textAlign = "center";
  context.textBaseline = "alphabetic";
  for (const { at_ms, isDay } of marks(scene.window, Math.max(2, Math.floor(scene.width / 72)))) {
    const x = Math.round(xOf(scene, at_ms)) + 0.5;
    context.strokeStyle = palette.line;
    context.lineWidth = 1;
    context.beginPath();
    context.moveTo(x, isDay ? 0 : ACTS_PX);
    context.lineTo(x, floor);
    context.stroke();
    const text = isDay ? dateText(at_ms).slice(5) : clockText(at_ms).slice(0, 5);
    const half = context.measureText(text).width / 2;
    if (x < half || x > scene.width - half) continue;
    context.fillStyle = isDay ? palette.fg : palette.fg3;
    context.fillText(text, x, scene.height - 4);
  }
  context.strokeStyle = palette.edge;
  context.beginPath();
  context.moveTo(0, floor + 0.5);
  context.lineTo(scene.width, floor + 0.5);
  context.stroke();
}

/** What the history does not hold is hatched: it is not quiet, it is unknown. */
function drawUnknown(context: CanvasRenderingContext2D, scene: StripScene): void {
  const { answer } = scene;
  if (!answer) return;
  const x = xOf(scene, Date.parse(answer.held_from ?? ""));
  if (x > 0) hatch(context, 0, 0, Math.min(x, scene.width), floorOf(scene), palette.line, 7);
}

function drawBars(context: CanvasRenderingContext2D, scene: StripScene): void {
  const bins = scene.answer?.bins ?? [];
  const [first, second] = bins;
  if (!first || !second) return;
  // A light fill on a light ground needs its rim here as on a shape, and room for both.
  const isRimmed = palette.rim === palette.fg;
  const width = Math.max(isRimmed ? 3.5 : 1.5, xOf(scene, Date.parse(second.at)) - xOf(scene, Date.parse(first.at)) - 0.5);
  const floor = floorOf(scene);
  const room = floor - ACTS_PX;
  const most = Math.max(FULL_MIN, ...bins.map((bin) => STACK.reduce((sum, severity) => sum + bin[severity], 0)));
  for (const bin of bins) {
    const x = xOf(scene, Date.parse(bin.at));
    let y = floor;
    for (const severity of STACK) {
      if (bin[severity] === 0) continue;
      const h = Math.max(3, (bin[severity] / most) * room);
      context.fillStyle = severityTone(severity);
      context.fillRect(x, y - h, width, h);
      if (isRimmed) {
        context.fillStyle = palette.fg3;
        context.fillRect(x, y - h, width, 0.75);
        context.fillRect(x, y - h, 0.75, h);
      }
      y -= h;
    }
  }
}

function drawTracks(context: CanvasRenderingContext2D, scene: StripScene): void {
  const bins = scene.answer?.bins ?? [];
  const most = Math.max(1, ...bins.map(({ tracks }) => tracks));
  const floor = floorOf(scene);
  const room = floor - ACTS_PX - 4;
  const held = Date.parse(scene.answer?.held_from ?? "");
  context.beginPath();
  let isDown = false;
  for (const { at, tracks } of bins) {
    const at_ms = Date.parse(at);
    // Before what is held and after now a zero would be a lie.
    if (at_ms > scene.now_ms || at_ms < held - 1) continue;
    const [x, y] = [xOf(scene, at_ms), floor - (tracks / most) * room];
    if (isDown) context.lineTo(x, y);
    else context.moveTo(x, y);
    isDown = true;
  }
  context.strokeStyle = palette.fg3;
  context.lineWidth = 1.25;
  context.lineJoin = "round";
  context.stroke();
}

function drawGaps(context: CanvasRenderingContext2D, scene: StripScene): void {
  const floor = floorOf(scene);
  for (const { from, to } of scene.answer?.gaps ?? []) {
    const x = Math.max(0, xOf(scene, Date.parse(from)));
    const w = Math.max(2, Math.min(scene.width, to === null ? xOf(scene, scene.now_ms) : xOf(scene, Date.parse(to))) - x);
    if (x > scene.width || x + w < 0) continue;
    hatch(context, x, floor - 7, w, 7, palette.crit, 4);
    context.strokeStyle = palette.rim === palette.fg ? palette.fg : palette.crit;
    context.lineWidth = 1;
    context.strokeRect(x + 0.5, floor - 6.5, Math.max(1, w - 1), 6);
  }
}

function drawActs(context: CanvasRenderingContext2D, scene: StripScene): void {
  for (const { at } of scene.answer?.acts ?? []) {
    const x = xOf(scene, Date.parse(at));
    if (x < 0 || x > scene.width) continue;
    context.beginPath();
    context.moveTo(x, 1.5);
    context.lineTo(x + 4.5, 6);
    context.lineTo(x, 10.5);
    context.lineTo(x - 4.5, 6);
    context.closePath();
    context.fillStyle = palette.fg;
    context.fill();
    context.strokeStyle = palette.bg1;
    context.lineWidth = 1;
    context.stroke();
  }
}

function drawLoop(context: CanvasRenderingContext2D, scene: StripScene): void {
  if (!scene.loop) return;
  const [x, end] = [xOf(scene, scene.loop.from_ms), xOf(scene, scene.loop.to_ms)];
  const floor = floorOf(scene);
  context.globalAlpha = 0.16;
  context.fillStyle = palette.act;
  context.fillRect(x, 0, Math.max(2, end - x), floor);
  context.globalAlpha = 1;
  context.fillRect(x - 1, 0, 2, floor);
  context.fillRect(end - 1, 0, 2, floor);
}

function drawHeads(context: CanvasRenderingContext2D, scene: StripScene): void {
  const floor = floorOf(scene);
  if (scene.hover_ms !== undefined) {
    context.fillStyle = palette.fg3;
    context.fillRect(Math.round(xOf(scene, scene.hover_ms)), 0, 1, floor);
  }
  const now = Math.min(scene.width - 1, xOf(scene, scene.now_ms));
  context.fillStyle = palette.norm;
  context.fillRect(now - 1, 0, 2, floor);
  if (scene.playhead_ms === undefined) return;
  const x = Math.max(1, Math.min(scene.width - 1, xOf(scene, scene.playhead_ms)));
  context.fillStyle = palette.bg1;
  context.fillRect(x - 2.5, 0, 5, floor + 2);
  context.fillStyle = palette.act;
  context.fillRect(x - 1.5, 0, 3, floor + 2);
  context.beginPath();
  context.moveTo(x - 6, 0);
  context.lineTo(x + 6, 0);
  context.lineTo(x, 8);
  context.closePath();
  context.fill();
}

function hatch(context: CanvasRenderingContext2D, x: number, y: number, w: number, h: number, ink: string, gap: number): void {
  context.save();
  context.beginPath();
  context.rect(x, y, w, h);
  context.clip();
  context.strokeStyle = ink;
  context.lineWidth = gap > 5 ? 1 : 1.75;
  context.beginPath();
  for (let at = x - h; at < x + w; at += gap) {
    context.moveTo(at, y + h);
    context.lineTo(at + h, y);
  }
  context.stroke();
  context.restore();
}
