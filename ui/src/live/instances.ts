/**
 * The picture as the graphics card wants it: one row of twelve floats for each
 * track, written in place as frames arrive, never copied to be drawn.
 */
import { FLAG, type RecordView } from "./decoder";

/** Floats in a row: x_hi y_hi x_lo y_lo · vx vy t0 course · symbol flags confidence speed. */
export const STRIDE = 12;
export const AT = {
  xHi: 0,
  yHi: 1,
  xLo: 2,
  yLo: 3,
  vx: 4,
  vy: 5,
  t0: 6,
  course: 7,
  symbol: 8,
  flags: 9,
  confidence: 10,
  speed: 11,
} as const;

/** Page's own flag above the wire's eight: an alert on this track waits for a person. */
export const FLAG_WAITING = 1 << 8;
/** Page's own flag: a neutral track, which may shrink to a dot in a dense picture. */
export const FLAG_QUIET = 1 << 9;
/** Page's own flag: the filter hides this track. */
export const FLAG_HIDDEN = 1 << 10;
/** Rows the page holds at most; beyond it new tracks are counted, not drawn. */
export const TRACKS_MAX = 65_536;
/** A track is moved by its last velocity for so long, then it stands, s. */
export const EXTRAPOLATE_S_MAX = 30;
/** WGS 84 equator, m: the width of the Mercator world. */
const EARTH_M = 40_075_016.686;
const RAD = Math.PI / 180;
/** The map's edge, 85.051129°. */
const LAT_RAD_MAX = 85.051129 * RAD;
/** Slots below this find their row in an array; a node counts them from 0. */
const DIRECT_MAX = 1 << 18;

/** Mercator x of a longitude, 0 at 180° W to 1 at 180° E. */
export const mercatorX = (lon_deg: number): number => lon_deg / 360 + 0.5;

/** Mercator y of a latitude, 0 in the north; held to the map's ±85.05°. */
export function mercatorY(lat_deg: number): number {
  const lat = Math.max(-85.051129, Math.min(85.051129, lat_deg));
  const s = Math.sin((lat * Math.PI) / 180);
  return 0.5 - Math.log((1 + s) / (1 - s)) / (4 * Math.PI);
}

export const longitude = (x: number): number => (x - 0.5) * 360;
export const latitude = (y: number): number =>
  (Math.atan(Math.sinh(Math.PI * (1 - 2 * y))) * 180) / Math.PI;

/** Mercator units in a metre on the ground at this latitude. */
export const unitsPerMetre = (lat_deg: number): number =>
  1 / (EARTH_M * Math.max(0.05, Math.cos((lat_deg * Math.PI) / 180)));

export class Instances {
  /** Rows; only the first `count` are tracks. */
  data = new Float32Array(256 * STRIDE);
  count = 0;
  /** Grows with every change, so that a drawer knows when to upload. */
  version = 0;
  /** Grows when something looks different that did not merely move. */
  lookVersion = 0;
  /** Tracks that found no room. */
  overflow = 0;
  /** Time that `t0` counts from, s since 1970: keeps seconds exact in 32 bits. */
  epoch_s = 0;
  /** Symbols of neutral tracks, by index; their rows get `FLAG_QUIET`. */
  quietSymbols: ReadonlySet<number> = new Set();
  readonly #rows = new Map<number, number>();
  /** Row + 1 by slot, 0 for none: the short way for small slots. */
  #direct = new Uint32Array(1_024);
  #slots = new Uint32Array(256);

  /** Writes or renews the row of one record. */
  put(record: RecordView, at_s: number): void {
    if (this.epoch_s === 0) this.epoch_s = Math.floor(at_s);
    const row = this.rowOf(record.slot) ?? this.#newRow(record.slot);
    if (row === undefined) {
      this.overflow += 1;
      return;
    }
    const d = this.data;
    const o = row * STRIDE;
    // Sine of the latitude serves the place and the scale: at 20,000 records a second it counts.
    const sinLat = Math.sin(Math.max(-LAT_RAD_MAX, Math.min(LAT_RAD_MAX, record.lat_deg * RAD)));
    const x = mercatorX(record.lon_deg);
    const y = 0.5 - Math.log((1 + sinLat) / (1 - sinLat)) / (4 * Math.PI);
    const xHi = Math.fround(x);
    const yHi = Math.fround(y);
    const course = record.course_deg * RAD;
    // Not so for NaN.
    const moving = record.speed_mps > 0 && course >= 0;
    const step = moving ? record.speed_mps / (EARTH_M * Math.max(0.05, Math.sqrt(1 - sinLat * sinLat))) : 0;
    d[o + AT.xHi] = xHi;
    d[o + AT.yHi] = yHi;
    d[o + AT.xLo] = x - xHi;
    d[o + AT.yLo] = y - yHi;
    d[o + AT.vx] = moving ? step * Math.sin(course) : 0;
    d[o + AT.vy] = moving ? -step * Math.cos(course) : 0;
    d[o + AT.t0] = at_s - this.epoch_s;
    d[o + AT.course] = Number.isNaN(course) ? -1 : course;
    if (d[o + AT.symbol] !== record.symbol || ((d[o + AT.flags] ?? 0) & 0xff) !== record.flags) this.lookVersion += 1;
    const quiet = this.quietSymbols.has(record.symbol) ? FLAG_QUIET : 0;
    d[o + AT.flags] = record.flags | quiet | ((d[o + AT.flags] ?? 0) & (FLAG_WAITING | FLAG_HIDDEN));
    d[o + AT.symbol] = record.symbol;
    d[o + AT.confidence] = record.confidence;
    d[o + AT.speed] = Number.isNaN(record.speed_mps) ? -1 : record.speed_mps;
    this.version += 1;
  }

  /** Forgets a track; the last row takes its place. */
  remove(slot: number): void {
    const row = this.rowOf(slot);
    if (row === undefined) return;
    const last = this.count - 1;
    const lastSlot = this.#slots[last] ?? 0;
    this.data.copyWithin(row * STRIDE, last * STRIDE, (last + 1) * STRIDE);
    this.#slots[row] = lastSlot;
    this.#setRow(lastSlot, row);
    this.#dropRow(slot);
    this.count = last;
    this.#looksOther();
  }

  clear(): void {
    this.#rows.clear();
    this.#direct.fill(0);
    this.count = 0;
    // The next rows may be of another day; near their epoch 32 bits are enough.
    this.epoch_s = 0;
    this.#looksOther();
  }

  /** The greatest speed of any track, Mercator units a second. */
  fastest(): number {
    let most = 0;
    for (let row = 0; row < this.count; row += 1) {
      most = Math.max(most, Math.abs(this.value(row, AT.vx)), Math.abs(this.value(row, AT.vy)));
    }
    return most;
  }

  /** Which severities any track has: bit 0 for none, 1 to 3 as the wire counts. */
  severities(): number {
    let found = 0;
    for (let row = 0, o = AT.flags; row < this.count && found !== 0b1111; row += 1, o += STRIDE) {
      found |= 1 << ((this.data[o] as number) & FLAG.severity);
    }
    return found;
  }

  rowOf(slot: number): number | undefined {
    if (slot >= DIRECT_MAX) return this.#rows.get(slot);
    const next = this.#direct[slot];
    return next === undefined || next === 0 ? undefined : next - 1;
  }

  #setRow(slot: number, row: number): void {
    this.#rows.set(slot, row);
    if (slot >= DIRECT_MAX) return;
    if (slot >= this.#direct.length) {
      const more = new Uint32Array(Math.min(DIRECT_MAX, Math.max(slot + 1, this.#direct.length * 2)));
      more.set(this.#direct);
      this.#direct = more;
    }
    this.#direct[slot] = row + 1;
  }

  #dropRow(slot: number): void {
    this.#rows.delete(slot);
    if (slot < this.#direct.length) this.#direct[slot] = 0;
  }

  slotAt(row: number): number {
    return this.#slots[row] ?? 0;
  }

  slots(): Iterable<number> {
    return this.#rows.keys();
  }

  value(row: number, field: number): number {
    return this.data[row * STRIDE + field] ?? 0;
  }

  /** Where the row is drawn at `now_s`, in Mercator units. */
  place(row: number, now_s: number): { x: number; y: number } {
    const dt = this.#age(row, now_s);
    return {
      x: this.value(row, AT.xHi) + this.value(row, AT.xLo) + this.value(row, AT.vx) * dt,
      y: this.value(row, AT.yHi) + this.value(row, AT.yLo) + this.value(row, AT.vy) * dt,
    };
  }

  /** Says which tracks carry an alert that nobody has acknowledged. */
  markWaiting(slots: ReadonlySet<number>): void {
    for (const [slot, row] of this.#rows) {
      const o = row * STRIDE + AT.flags;
      const flags = this.data[o] ?? 0;
      this.data[o] = slots.has(slot) ? flags | FLAG_WAITING : flags & ~FLAG_WAITING;
    }
    this.#looksOther();
  }

  /** Says which tracks the filter hides; true if that changed for one. */
  markHidden(isHidden: (slot: number, row: number) => boolean): boolean {
    let isOther = false;
    for (let row = 0; row < this.count; row += 1) {
      const o = row * STRIDE + AT.flags;
      const flags = this.data[o] ?? 0;
      const next = isHidden(this.#slots[row] ?? 0, row) ? flags | FLAG_HIDDEN : flags & ~FLAG_HIDDEN;
      if (next === flags) continue;
      this.data[o] = next;
      isOther = true;
    }
    if (isOther) this.#looksOther();
    return isOther;
  }

  #looksOther(): void {
    this.version += 1;
    this.lookVersion += 1;
  }

  #age(row: number, now_s: number): number {
    const stands = (this.value(row, AT.flags) & FLAG.stale) !== 0;
    if (stands) return 0;
    return Math.max(0, Math.min(EXTRAPOLATE_S_MAX, now_s - this.epoch_s - this.value(row, AT.t0)));
  }

  #newRow(slot: number): number | undefined {
    if (this.count >= TRACKS_MAX) return undefined;
    const row = this.count;
    if ((row + 1) * STRIDE > this.data.length) this.#grow();
    this.data.fill(0, row * STRIDE, (row + 1) * STRIDE);
    this.#slots[row] = slot;
    this.#setRow(slot, row);
    this.count += 1;
    this.lookVersion += 1;
    return row;
  }

  #grow(): void {
    const data = new Float32Array(this.data.length * 2);
    data.set(this.data);
    this.data = data;
    const slots = new Uint32Array(this.#slots.length * 2);
    slots.set(this.#slots);
    this.#slots = slots;
  }
}
