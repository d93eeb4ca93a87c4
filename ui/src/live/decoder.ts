/**
 * Reads the frames of the live stream (`docs/api.md`, "Live stream"):
 * little-endian, a 24-byte header, then records, slots or JSON by kind.
 * Bytes in, values out; a frame that breaks the contract gives `undefined`.
 */

/** The bytes `PCKT`, read little-endian. */
export const MAGIC = 0x544b4350;
export const HEADER_BYTES = 24;
export const RECORD_BYTES = 20;
/** In course and speed: not known. */
const UNKNOWN_U16 = 65_535;

export const KIND = {
  snapshot: 1,
  update: 2,
  remove: 3,
  event: 4,
  heartbeat: 5,
  attributes: 6,
} as const;

/** Bit of a header's flags: the frame shows the past. */
const HEADER_REPLAY = 1;

/** Bits of a record's flags; 0 and 1 are the alert severity. */
export const FLAG = {
  severity: 0b0000_0011,
  coasting: 1 << 2,
  stale: 1 << 3,
  simulated: 1 << 4,
  distrusted: 1 << 5,
  manual: 1 << 6,
} as const;

export interface Header {
  kind: number;
  /** True for a frame of the past, on whatever socket it comes. */
  isReplay: boolean;
  /** Last log sequence number that the frame shows. */
  seq: number;
  /** Seconds since 1970, UTC: now in a live frame, then in a replayed one. */
  serverTime_s: number;
}

/** One track record; the one object handed to `eachRecord`'s visitor is reused. */
export interface RecordView {
  slot: number;
  lon_deg: number;
  lat_deg: number;
  /** NaN when not known. */
  course_deg: number;
  /** NaN when not known. */
  speed_mps: number;
  /** Index in the bootstrap's list of symbols. */
  symbol: number;
  /** 0 to 1. */
  confidence: number;
  flags: number;
}

/** Reads the header, or `undefined` if these bytes are no frame of version 1. */
export function header(frame: DataView): Header | undefined {
  if (frame.byteLength < HEADER_BYTES) return undefined;
  if (frame.getUint32(0, true) !== MAGIC) return undefined;
  if (frame.getUint8(4) !== 1) return undefined;
  return {
    kind: frame.getUint8(5),
    isReplay: (frame.getUint16(6, true) & HEADER_REPLAY) !== 0,
    // Exact up to 2^53, which a log of a million entries a second reaches in 285 years.
    seq: frame.getUint32(8, true) + frame.getUint32(12, true) * 0x1_0000_0000,
    serverTime_s: frame.getFloat64(16, true),
  };
}

/** Visits each whole record after the header; a cut last record is left out. */
export function eachRecord(frame: DataView, visit: (record: RecordView) => void): void {
  const record: RecordView = {
    slot: 0,
    lon_deg: 0,
    lat_deg: 0,
    course_deg: NaN,
    speed_mps: NaN,
    symbol: 0,
    confidence: 0,
    flags: 0,
  };
  const end = frame.byteLength - RECORD_BYTES;
  for (let at = HEADER_BYTES; at <= end; at += RECORD_BYTES) {
    const course = frame.getUint16(at + 12, true);
    const speed = frame.getUint16(at + 14, true);
    record.slot = frame.getUint32(at, true);
    record.lon_deg = frame.getInt32(at + 4, true) / 1e7;
    record.lat_deg = frame.getInt32(at + 8, true) / 1e7;
    record.course_deg = course === UNKNOWN_U16 ? NaN : course / 100;
    record.speed_mps = speed === UNKNOWN_U16 ? NaN : speed / 10;
    record.symbol = frame.getUint16(at + 16, true);
    record.confidence = frame.getUint8(at + 18) / 255;
    record.flags = frame.getUint8(at + 19);
    visit(record);
  }
}

/** The slots of a `remove` frame. */
export function removedSlots(frame: DataView): number[] {
  const slots: number[] = [];
  for (let at = HEADER_BYTES; at + 4 <= frame.byteLength; at += 4) slots.push(frame.getUint32(at, true));
  return slots;
}

/** The JSON of an `event` or `attributes` frame, or `undefined` if it is none. */
export function json(frame: DataView): unknown {
  const bytes = new Uint8Array(frame.buffer, frame.byteOffset + HEADER_BYTES, frame.byteLength - HEADER_BYTES);
  try {
    return JSON.parse(new TextDecoder().decode(bytes));
  } catch {
    return undefined;
  }
}
