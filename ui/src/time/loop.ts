/** What the loop button does next: mark a beginning, mark an end, loop no more. Pure. */
import type { Range } from "./replay.svelte";

/** A loop shorter than this is none, ms. */
const LOOP_MS_MIN = 1_000;

/**
 * The loop after a press at `at_ms`. A range whose ends are one instant is a
 * beginning that waits for its end; the end may lie before it.
 */
export function loopStep(loop: Range | undefined, at_ms: number): Range | undefined {
  if (loop === undefined) return { from_ms: at_ms, to_ms: at_ms };
  if (loop.to_ms > loop.from_ms) return undefined;
  if (Math.abs(at_ms - loop.from_ms) < LOOP_MS_MIN) return undefined;
  return { from_ms: Math.min(loop.from_ms, at_ms), to_ms: Math.max(loop.from_ms, at_ms) };
}
