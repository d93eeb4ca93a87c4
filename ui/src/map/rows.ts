/**
 * Which rows are where on the screen. These run over every track with each
 * frame or each move of the pointer, so they make no objects on the way.
 */
import { FLAG } from "../live/decoder";
import { AT, EXTRAPOLATE_S_MAX, FLAG_HIDDEN, FLAG_QUIET, type Instances, STRIDE } from "../live/instances";
import type { Camera } from "./camera";

export interface RowsInView {
  /** How many shown tracks are in view. */
  count: number;
  /** Rows worth a name: those with an alert first come, then others up to the bound. */
  named: number[];
}

/**
 * Counts the shown rows in view, grown by `margin_px`, and picks those whose
 * names may be written: every one with an alert, and up to `plain_max` others;
 * where there are more than that, quiet ones (dots) get none.
 */
export function rowsInView(tracks: Instances, camera: Camera, now_s: number, margin_px: number, plain_max: number): RowsInView {
  const alerting: number[] = [];
  const plain: number[] = [];
  const quiet: number[] = [];
  let count = 0;
  const { data } = tracks;
  const halfW = camera.width / 2 + margin_px;
  const halfH = camera.height / 2 + margin_px;
  const now = now_s - tracks.epoch_s;
  for (let row = 0, o = 0; row < tracks.count; row += 1, o += STRIDE) {
    const flags = data[o + AT.flags] as number;
    if ((flags & FLAG_HIDDEN) !== 0) continue;
    const dt = age(flags, now - (data[o + AT.t0] as number));
    let dx = (data[o] as number) + (data[o + AT.xLo] as number) + (data[o + AT.vx] as number) * dt - camera.x;
    dx -= Math.round(dx);
    if (Math.abs(dx * camera.scale) > halfW) continue;
    const dy = (data[o + AT.yHi] as number) + (data[o + AT.yLo] as number) + (data[o + AT.vy] as number) * dt - camera.y;
    if (Math.abs(dy * camera.scale) > halfH) continue;
    count += 1;
    if ((flags & FLAG.severity) !== 0) alerting.push(row);
    else if ((flags & FLAG_QUIET) !== 0) quiet.length < plain_max && quiet.push(row);
    else if (plain.length < plain_max) plain.push(row);
  }
  const others = count > plain_max ? plain : plain.concat(quiet);
  return { count, named: alerting.concat(others) };
}

/** The shown row nearest to a pixel, within `reach_px`; -1 for none. */
export function nearestRow(tracks: Instances, camera: Camera, now_s: number, px: number, py: number, reach_px: number): number {
  const { data } = tracks;
  const now = now_s - tracks.epoch_s;
  const x = camera.x + (px - camera.width / 2) / camera.scale;
  const y = camera.y + (py - camera.height / 2) / camera.scale;
  let least = reach_px / camera.scale;
  let best = -1;
  for (let row = 0, o = 0; row < tracks.count; row += 1, o += STRIDE) {
    const flags = data[o + AT.flags] as number;
    if ((flags & FLAG_HIDDEN) !== 0) continue;
    const dt = age(flags, now - (data[o + AT.t0] as number));
    const dy = (data[o + AT.yHi] as number) + (data[o + AT.yLo] as number) + (data[o + AT.vy] as number) * dt - y;
    if (Math.abs(dy) >= least) continue;
    let dx = (data[o] as number) + (data[o + AT.xLo] as number) + (data[o + AT.vx] as number) * dt - x;
    dx -= Math.round(dx);
    const away = Math.hypot(dx, dy);
    if (away >= least) continue;
    least = away;
    best = row;
  }
  return best;
}

/** How far a row is carried on, s; a stale one stands. */
const age = (flags: number, since_s: number): number =>
  (flags & FLAG.stale) !== 0 ? 0 : Math.max(0, Math.min(EXTRAPOLATE_S_MAX, since_s));
