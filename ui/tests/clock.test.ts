import { beforeEach, describe, expect, it, vi } from "vitest";

const T = Date.parse("2026-01-02T03:04:05Z");

describe("the node's time on the page", () => {
  beforeEach(() => {
    vi.resetModules();
    vi.useFakeTimers({ now: 0, toFake: ["performance", "Date"] });
  });

  const fresh = async () => (await import("../src/live/clock.svelte")).clock;

  it("goes on between frames", async () => {
    const clock = await fresh();
    clock.learn(T);
    vi.advanceTimersByTime(1_500);
    expect(clock.read_ms()).toBe(T + 1_500);
  });

  it("is not turned back by a frame that was held up: that frame is late", async () => {
    const clock = await fresh();
    clock.learn(T);
    vi.advanceTimersByTime(9_000);
    clock.learn(T + 1_000);
    expect(clock.read_ms()).toBe(T + 9_000);
    expect(clock.lag_ms(T + 1_000)).toBe(8_000);
  });

  it("is set forward by a frame that came faster than those before", async () => {
    const clock = await fresh();
    clock.learn(T - 4_000);
    clock.learn(T);
    expect(clock.read_ms()).toBe(T);
    expect(clock.lag_ms(T)).toBe(0);
  });

  it("follows a node whose clock was set back, once an answer shows it", async () => {
    const clock = await fresh();
    clock.learn(T);
    vi.advanceTimersByTime(10_000);
    const sent_ms = performance.now();
    vi.advanceTimersByTime(300);
    // The node was asked at T + 10 s by the old reckoning and answers with a minute before.
    clock.learnAnswer(T - 50_000, sent_ms);
    expect(clock.read_ms()).toBe(T - 50_000);
  });

  it("keeps its reckoning when an answer was merely slow", async () => {
    const clock = await fresh();
    clock.learn(T);
    const sent_ms = performance.now();
    vi.advanceTimersByTime(6_000);
    clock.learnAnswer(T + 200, sent_ms);
    expect(clock.read_ms()).toBe(T + 6_000);
  });
});
