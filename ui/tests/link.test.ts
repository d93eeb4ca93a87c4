import { describe, expect, it } from "vitest";
import { linkState, retryDelay_ms } from "../src/live/link";

describe("the state of the link", () => {
  it.each([
    [0, false, { kind: "live" }],
    [3_000, false, { kind: "live" }],
    [3_001, false, { kind: "late", late_s: 3 }],
    [10_000, false, { kind: "late", late_s: 10 }],
    [10_001, false, { kind: "lost", silent_s: 10 }],
    [75_500, true, { kind: "lost", silent_s: 75 }],
    [500, true, { kind: "catching-up" }],
    [4_000, true, { kind: "late", late_s: 4 }],
  ] as const)("after %i ms of silence, catching up %s, is %o", (silent_ms, catchingUp, expected) => {
    expect(linkState(1_000_000 + silent_ms, 1_000_000, catchingUp)).toEqual(expected);
  });

  it.each([
    [0, 3_001, { kind: "late", late_s: 3 }],
    [900, 2_200, { kind: "late", late_s: 3 }],
    [500, 2_500, { kind: "live" }],
    // Frames still come: however old, the link is not lost.
    [500, 40_000, { kind: "late", late_s: 40 }],
    [10_001, 40_000, { kind: "lost", silent_s: 10 }],
  ] as const)("on a thin link, %i ms after a frame that took %i ms, is %o", (silent_ms, held_ms, expected) => {
    expect(linkState(1_000_000 + silent_ms, 1_000_000, false, held_ms)).toEqual(expected);
  });

  it("is connecting before the first frame", () => {
    expect(linkState(1_000_000, undefined, false)).toEqual({ kind: "connecting" });
  });
});

it("attempts come half a second apart at first and at most ten seconds later on", () => {
  expect([0, 1, 2, 3, 4, 5, 60].map((attempt) => retryDelay_ms(attempt, 0.5))).toEqual([500, 1000, 2000, 4000, 8000, 8000, 8000]);
  expect(retryDelay_ms(60, 0.999)).toBeLessThan(10_000);
});
