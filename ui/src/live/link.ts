/**
 * What the page may claim about its link: pure functions of times, so that a
 * late picture can never pass for a live one.
 */

/** Silence after which the picture is called late, ms. */
export const LATE_MS = 3_000;
/** Silence after which the link is called lost, ms. */
export const LOST_MS = 10_000;
/** Pause before the first new attempt, and the longest one, ms. */
const RETRY_MS_MIN = 500;
const RETRY_MS_MAX = 8_000;

export type LinkState =
  | { kind: "connecting" }
  | { kind: "live" }
  | { kind: "catching-up" }
  | { kind: "late"; late_s: number }
  | { kind: "lost"; silent_s: number };

/**
 * Names the state of the link.
 *
 * `lastFrame_ms` is when the last frame came, on the same clock as `now_ms`;
 * `undefined` before the first. `catchingUp` is true from a reconnect to the
 * first frame that shows the present. `held_ms` is how long that last frame was
 * under way: on a thin link frames come without a pause and are old all the same.
 */
export function linkState(now_ms: number, lastFrame_ms: number | undefined, catchingUp: boolean, held_ms = 0): LinkState {
  if (lastFrame_ms === undefined) return { kind: "connecting" };
  const silent_ms = now_ms - lastFrame_ms;
  if (silent_ms > LOST_MS) return { kind: "lost", silent_s: Math.floor(silent_ms / 1000) };
  const late_ms = silent_ms + held_ms;
  if (late_ms > LATE_MS) return { kind: "late", late_s: Math.floor(late_ms / 1000) };
  return catchingUp ? { kind: "catching-up" } : { kind: "live" };
}

/** Pause before attempt `n` (0 first), ms: doubling, bounded, spread by `random` in [0, 1). */
export function retryDelay_ms(attempt: number, random: number): number {
  const base = Math.min(RETRY_MS_MAX, RETRY_MS_MIN * 2 ** Math.min(attempt, 10));
  return base * (0.75 + random * 0.5);
}
