/** The time strip's arithmetic: windows, bins, marks of hours, and times that people type. Pure. */

const SECOND_MS = 1_000;
const MINUTE_MS = 60 * SECOND_MS;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;

export interface Span {
  name: "1 h" | "6 h" | "24 h" | "7 d";
  span_ms: number;
  /** Bins asked for: a bin is then wide enough to be seen. */
  bins: number;
}

export const SPANS: readonly [Span, Span, Span, Span] = [
  { name: "1 h", span_ms: HOUR_MS, bins: 120 },
  { name: "6 h", span_ms: 6 * HOUR_MS, bins: 180 },
  // Five minutes each.
  { name: "24 h", span_ms: DAY_MS, bins: 288 },
  { name: "7 d", span_ms: 7 * DAY_MS, bins: 336 },
];

export interface Window {
  from_ms: number;
  to_ms: number;
}

/** The live window moves on in steps of this, so that it need not be drawn anew each second, ms. */
const LIVE_STEP_MS = 10 * SECOND_MS;

/** The window that ends now. */
export function liveWindow(now_ms: number, span_ms: number): Window {
  const to_ms = Math.ceil(now_ms / LIVE_STEP_MS) * LIVE_STEP_MS;
  return { from_ms: to_ms - span_ms, to_ms };
}

/** A window of this span that shows `at_ms`: `before` if it does, else one with the playhead in its middle. */
export function windowRound(at_ms: number, span_ms: number, now_ms: number, before: Window | undefined): Window {
  const isKept = before !== undefined && before.to_ms - before.from_ms === span_ms && at_ms >= before.from_ms && at_ms <= before.to_ms;
  if (isKept) return before;
  const { to_ms: last } = liveWindow(now_ms, span_ms);
  const to_ms = Math.min(last, Math.ceil((at_ms + span_ms / 2) / LIVE_STEP_MS) * LIVE_STEP_MS);
  return { from_ms: to_ms - span_ms, to_ms };
}

/** 0 at the window's left edge to 1 at its right one. */
export const shareOf = ({ from_ms, to_ms }: Window, at_ms: number): number => (at_ms - from_ms) / (to_ms - from_ms);

export const timeAt = ({ from_ms, to_ms }: Window, share: number): number =>
  from_ms + Math.max(0, Math.min(1, share)) * (to_ms - from_ms);

/** Steps between labelled marks, ms; the first with few enough of them is taken. */
const STEPS_MS = [1, 2, 5, 10, 15, 30].map((m) => m * MINUTE_MS).concat([1, 2, 3, 6, 12].map((h) => h * HOUR_MS), [DAY_MS, 2 * DAY_MS]);

/** Times to label, at round hours or minutes, at most `most` of them. */
export function marks({ from_ms, to_ms }: Window, most: number): { at_ms: number; isDay: boolean }[] {
  const step = STEPS_MS.find((each) => (to_ms - from_ms) / each <= most) ?? 7 * DAY_MS;
  const found = [];
  for (let at_ms = Math.ceil(from_ms / step) * step; at_ms <= to_ms; at_ms += step) found.push({ at_ms, isDay: at_ms % DAY_MS === 0 });
  return found;
}

/**
 * Reads a time as people type it, UTC: `09:41`, `9:41:10`, `0941`, `094110`,
 * each with or without `Z` and meaning the last such time before now; with a
 * date before it (`2026-01-02 09:41`); or `-5 m`, `-90 s`, `-2 h` from `at_ms`.
 * `undefined` for what is none.
 */
export function readTime(text: string, now_ms: number, at_ms: number): number | undefined {
  const plain = text.trim().toUpperCase().replace(/Z$/, "");
  const back = /^([-+])\s*(\d{1,6})\s*(S|M|MIN|H|D)$/.exec(plain);
  if (back) {
    const unit = { S: SECOND_MS, M: MINUTE_MS, MIN: MINUTE_MS, H: HOUR_MS, D: DAY_MS }[back[3] as "S" | "M" | "MIN" | "H" | "D"];
    return at_ms + (back[1] === "-" ? -1 : 1) * Number(back[2]) * unit;
  }
  const found = /^(?:(\d{4}-\d{2}-\d{2})[T ]\s*)?(\d{1,2}):?(\d{2})(?::?(\d{2})(?:\.\d+)?)?$/.exec(plain);
  if (!found) return undefined;
  const [, date, hour = "", minute = "", second = "0"] = found;
  const [h, m, s] = [Number(hour), Number(minute), Number(second)];
  if (h > 23 || m > 59 || s > 59) return undefined;
  const ofDay = h * HOUR_MS + m * MINUTE_MS + s * SECOND_MS;
  if (date !== undefined) {
    const day = Date.parse(`${date}T00:00:00Z`);
    return Number.isNaN(day) ? undefined : day + ofDay;
  }
  const today = Math.floor(now_ms / DAY_MS) * DAY_MS + ofDay;
  return today <= now_ms ? today : today - DAY_MS;
}

/** What a key on the strip moves the playhead by, ms; `undefined` for another key. */
export function keyStep(key: string, shift: boolean): number | undefined {
  const small = shift ? MINUTE_MS : 10 * SECOND_MS;
  switch (key) {
    case "ArrowLeft":
    case "ArrowDown":
      return -small;
    case "ArrowRight":
    case "ArrowUp":
      return small;
    case "PageDown":
      return -15 * MINUTE_MS;
    case "PageUp":
      return 15 * MINUTE_MS;
    default:
      return undefined;
  }
}
