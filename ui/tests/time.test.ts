import { describe, expect, it } from "vitest";
import { loopStep } from "../src/time/loop";
import { SPANS, keyStep, liveWindow, marks, readTime, shareOf, timeAt, windowRound } from "../src/time/scale";

const at = (text: string): number => Date.parse(text);
const NOW = at("2026-01-02T09:41:17Z");
const DAY_MS = 86_400_000;

describe("a typed time", () => {
  const HEAD = at("2026-01-02T08:00:00Z");
  it.each([
    ["09:41", "2026-01-02T09:41:00Z"],
    ["09:41:10", "2026-01-02T09:41:10Z"],
    ["9:41:10Z", "2026-01-02T09:41:10Z"],
    ["0941", "2026-01-02T09:41:00Z"],
    ["094110z", "2026-01-02T09:41:10Z"],
    // A time of day that is yet to come was yesterday.
    ["23:30", "2026-01-01T23:30:00Z"],
    ["2026-01-01 23:30", "2026-01-01T23:30:00Z"],
    ["2025-12-31T00:00:05Z", "2025-12-31T00:00:05Z"],
    ["2025-12-31T00:00:05.250Z", "2025-12-31T00:00:05Z"],
    ["-5 m", "2026-01-02T07:55:00Z"],
    ["-90s", "2026-01-02T07:58:30Z"],
    ["+1 h", "2026-01-02T09:00:00Z"],
    [" -2 d ", "2025-12-31T08:00:00Z"],
  ])("%s is %s", (text, expected) => expect(readTime(text, NOW, HEAD)).toBe(at(expected)));

  it.each(["", "later", "24:00", "12:60", "12:00:60", "1234567", "2026-13-01 00:00", "-5", "--5 m", "12"])("“%s” is none", (text) =>
    expect(readTime(text, NOW, HEAD)).toBeUndefined(),
  );
});

describe("the window", () => {
  it("of the present ends with the ten seconds that run", () => {
    expect(liveWindow(NOW, DAY_MS)).toEqual({ from_ms: at("2026-01-01T09:41:20Z"), to_ms: at("2026-01-02T09:41:20Z") });
  });

  it("stays while the playhead is in it", () => {
    const before = liveWindow(NOW, DAY_MS);
    expect(windowRound(at("2026-01-02T03:00:00Z"), DAY_MS, NOW, before)).toBe(before);
  });

  it("has a playhead that left it in its middle, but reaches no further than the present", () => {
    const before = liveWindow(NOW, 3_600_000);
    expect(windowRound(at("2026-01-01T12:00:00Z"), 3_600_000, NOW, before)).toEqual({ from_ms: at("2026-01-01T11:30:00Z"), to_ms: at("2026-01-01T12:30:00Z") });
    expect(windowRound(at("2026-01-02T09:40:00Z"), DAY_MS, NOW, before)).toEqual(liveWindow(NOW, DAY_MS));
  });

  it("has a place for each time and a time for each place, held to its edges", () => {
    const window = { from_ms: 1_000, to_ms: 5_000 };
    expect(shareOf(window, 2_000)).toBe(0.25);
    expect([timeAt(window, 0.25), timeAt(window, -1), timeAt(window, 2)]).toEqual([2_000, 1_000, 5_000]);
  });

  it("is marked at round times, no more of them than there is room for", () => {
    const hours = marks({ from_ms: at("2026-01-01T09:41:20Z"), to_ms: at("2026-01-02T09:41:20Z") }, 9);
    expect(hours.map(({ at_ms }) => new Date(at_ms).getUTCHours())).toEqual([12, 15, 18, 21, 0, 3, 6, 9]);
    expect(hours.filter(({ isDay }) => isDay)).toEqual([{ at_ms: at("2026-01-02T00:00:00Z"), isDay: true }]);
    for (const { span_ms } of SPANS) {
      for (const most of [2, 5, 8, 20]) expect(marks({ from_ms: NOW - span_ms, to_ms: NOW }, most).length).toBeLessThanOrEqual(most + 1);
    }
  });
});

it.each([
  ["ArrowLeft", false, -10_000],
  ["ArrowRight", false, 10_000],
  ["ArrowRight", true, 60_000],
  ["PageUp", false, 900_000],
  ["PageDown", true, -900_000],
  ["a", false, undefined],
] as const)("%s with Shift %s moves by %s ms", (key, shift, by_ms) => expect(keyStep(key, shift)).toBe(by_ms));

describe("the loop button", () => {
  it("marks a beginning, then an end, then loops no more", () => {
    const begun = loopStep(undefined, 5_000);
    expect(begun).toEqual({ from_ms: 5_000, to_ms: 5_000 });
    const whole = loopStep(begun, 65_000);
    expect(whole).toEqual({ from_ms: 5_000, to_ms: 65_000 });
    expect(loopStep(whole, 70_000)).toBeUndefined();
  });
  it("takes an end that lies before the beginning", () => expect(loopStep({ from_ms: 9_000, to_ms: 9_000 }, 2_000)).toEqual({ from_ms: 2_000, to_ms: 9_000 }));
  it("gives up a loop of no length", () => expect(loopStep({ from_ms: 9_000, to_ms: 9_000 }, 9_400)).toBeUndefined());
});
