import { describe, expect, it } from "vitest";
import { placeText, readPlace } from "../src/kit/coordinates";
import { fromMgrs, mgrs } from "../src/kit/mgrs";

describe("a typed place", () => {
  it.each([
    ["-23.84, 151.27", 151.27, -23.84],
    ["−23.84 151.27", 151.27, -23.84],
    ["23.84S 151.27E", 151.27, -23.84],
    ["S 23.84 E 151.27", 151.27, -23.84],
    ["151.27E, 23.84S", 151.27, -23.84],
    // 23° 50′ 24″ is 23.84°, 151° 16′ 12″ is 151.27°.
    ["23°50'24\"S 151°16'12\"E", 151.27, -23.84],
    ["23° 50′ 24″ S, 151° 16′ 12″ E", 151.27, -23.84],
    ["23 50 24 S 151 16 12 E", 151.27, -23.84],
    ["-23 50.4, 151 16.2", 151.27, -23.84],
    ["0, 0", 0, 0],
  ])("%s is read", (text, lon, lat) => {
    const found = readPlace(text);
    expect(typeof found).toBe("object");
    expect(found[0]).toBeCloseTo(lon, 9);
    expect(found[1]).toBeCloseTo(lat, 9);
  });

  it.each([
    ["", /type a place/i],
    ["somewhere", /write it as/i],
    ["91, 0", /beyond the pole/],
    ["0, 181", /beyond 180/],
    // Minutes and seconds end at sixty; a fraction ends a number.
    ["23°60'S 151°16'E", /write it as/i],
    ["23.5°30'S 151°E", /write it as/i],
    // A sign and a letter contradict or repeat each other.
    ["-23.84S 151.27E", /write it as/i],
    ["23.84S, 24S", /one latitude and one longitude/],
    ["1, 2, 3", /write it as/i],
    ["56K QQ 12", /no MGRS/],
    ["9".repeat(200), /too long/],
  ])("%s is refused with a reason", (text, why) => expect(readPlace(text)).toMatch(why));

  it("is read back from how the page writes it", () => {
    expect(readPlace(placeText([151.2712346, -23.8401234]))).toEqual([151.271235, -23.840123]);
  });
});

describe("MGRS", () => {
  it.each([
    // README of the Python package `mgrs` (GeoTrans inside): 42° N 93° W.
    ["15TWG0000049776", -93, 42, 1e-4],
    // Tests of proj4js/mgrs: the middles of a 10 km and a 100 m square; theirs is that of
    // the box of degrees round the square, 4 m from ours for the larger one.
    ["33UXP04", 16.4145, 48.24949, 1e-4],
    ["24XWT783908", -32.66433, 83.62778, 1e-5],
  ])("%s is at its place", (text, lon, lat, within) => {
    const found = fromMgrs(text);
    expect(Math.abs((found?.[0] ?? 0) - lon)).toBeLessThan(within);
    expect(Math.abs((found?.[1] ?? 0) - lat)).toBeLessThan(within);
  });

  it("comes back to the metre from where it was written, in every band and both halves of the grid", () => {
    for (let lat = -79.3; lat < 84; lat += 3.7) {
      for (let lon = -179.1; lon < 180; lon += 11.3) {
        const text = mgrs(lat, lon) ?? "";
        const [lonBack = 0, latBack = 0] = fromMgrs(text) ?? [];
        const east_m = (lonBack - lon) * 111_320 * Math.cos((lat * Math.PI) / 180);
        expect(Math.hypot(east_m, (latBack - lat) * 111_320), `${lat} ${lon} ${text}`).toBeLessThan(1);
      }
    }
  });

  it.each(["", "61UXP04", "33IXP04", "33UXW04", "33UXP0", "33UXP01234567890"])("%s names no place", (text) => expect(fromMgrs(text)).toBeUndefined());
});
