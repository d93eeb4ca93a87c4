import { describe, expect, it } from "vitest";
import { FLAG, type RecordView } from "../src/live/decoder";
import { AT, EXTRAPOLATE_S_MAX, FLAG_WAITING, Instances, latitude, longitude, mercatorX, mercatorY } from "../src/live/instances";

describe("a row", () => {
  it("keeps a place to better than a centimetre", () => {
    const tracks = new Instances();
    tracks.put(record({ lon_deg: 151.3000001, lat_deg: -23.8000001, speed_mps: 0 }), 100);
    const at = tracks.place(0, 100);
    // 1e-7° is 11 mm on the ground.
    expect(longitude(at.x)).toBeCloseTo(151.3000001, 7);
    expect(latitude(at.y)).toBeCloseTo(-23.8000001, 7);
  });

  it("moves east by its speed: 10 m/s for 10 s at the equator is 100 m, 100/111319.49 of a degree", () => {
    const tracks = new Instances();
    tracks.put(record({ lon_deg: 0, lat_deg: 0, course_deg: 90, speed_mps: 10 }), 100);
    expect(longitude(tracks.place(0, 110).x)).toBeCloseTo(100 / 111_319.49, 7);
  });

  it("moves north as far as east at 60° of latitude", () => {
    const tracks = new Instances();
    tracks.put(record({ lon_deg: 10, lat_deg: 60, course_deg: 0, speed_mps: 10 }), 100);
    // Mercator preserves shape: 100 m north there are 100 m of 111319.49 m a degree, to 0.1 %.
    expect((latitude(tracks.place(0, 110).y) - 60) * 111_319.49).toBeCloseTo(100, 0);
  });

  it("stands when stale, and no longer moves after the bound", () => {
    const tracks = new Instances();
    tracks.put(record({ flags: FLAG.stale }), 100);
    expect(tracks.place(0, 110)).toEqual(tracks.place(0, 100));
    tracks.put(record({}), 100);
    expect(tracks.place(0, 100 + EXTRAPOLATE_S_MAX)).toEqual(tracks.place(0, 1_000));
  });

  it("keeps the page's own mark when the wire renews the flags", () => {
    const tracks = new Instances();
    tracks.put(record({ flags: 3 }), 100);
    tracks.markWaiting(new Set([7]));
    tracks.put(record({ flags: 3 | FLAG.coasting }), 101);
    expect(tracks.value(0, AT.flags)).toBe(3 | FLAG.coasting | FLAG_WAITING);
    tracks.markWaiting(new Set());
    expect(tracks.value(0, AT.flags)).toBe(3 | FLAG.coasting);
  });
});

describe("the rows", () => {
  it("stay whole when one is removed: the last takes its place", () => {
    const tracks = new Instances();
    for (const slot of [1, 2, 3]) tracks.put(record({ slot, symbol: slot * 10 }), 100);
    tracks.remove(1);
    expect(tracks.count).toBe(2);
    expect(tracks.rowOf(1)).toBeUndefined();
    expect([2, 3].map((slot) => tracks.value(tracks.rowOf(slot) ?? -1, AT.symbol))).toEqual([20, 30]);
    tracks.remove(3);
    tracks.remove(2);
    tracks.remove(2);
    expect(tracks.count).toBe(0);
  });

  it("grow past their first room", () => {
    const tracks = new Instances();
    for (let slot = 0; slot < 1_000; slot += 1) tracks.put(record({ slot, symbol: slot }), 100);
    expect(tracks.count).toBe(1_000);
    expect(tracks.value(tracks.rowOf(999) ?? -1, AT.symbol)).toBe(999);
    expect(tracks.slotAt(tracks.rowOf(500) ?? -1)).toBe(500);
  });
});

it("Mercator holds the poles at the edge of the map", () => {
  expect(mercatorX(-180)).toBe(0);
  expect(mercatorX(180)).toBe(1);
  expect(mercatorY(0)).toBeCloseTo(0.5, 12);
  expect(mercatorY(90)).toBeCloseTo(0, 6);
});

function record(part: Partial<RecordView>): RecordView {
  return { slot: 7, lon_deg: 1, lat_deg: 1, course_deg: 45, speed_mps: 5, symbol: 0, confidence: 1, flags: 0, ...part };
}
