import { describe, expect, it } from "vitest";
import { ageText, agoText, altitudeText, climbText, clockText, courseText, initials, positionText, speedText } from "../src/kit/format";
import { mgrs } from "../src/kit/mgrs";

describe("times", () => {
  const now = Date.parse("2026-01-02T03:04:05Z");
  it("are UTC with Z", () => expect(clockText(now)).toBe("03:04:05Z"));
  it.each([
    ["2026-01-02T03:04:05Z", "00:00"],
    ["2026-01-02T03:02:56Z", "01:09"],
    ["2026-01-02T01:04:04Z", "2:00:01"],
    // A clock that runs ahead must not show a negative age.
    ["2026-01-02T03:04:09Z", "00:00"],
  ])("an alert of %s is %s old", (from, age) => expect(ageText(from, now)).toBe(age));
  it.each([
    ["2026-01-02T03:04:01Z", "4 s"],
    ["2026-01-02T03:01:05Z", "3 min"],
    ["2026-01-02T01:00:00Z", "2 h"],
    [null, "never"],
  ])("a report of %s came %s ago", (from, ago) => expect(agoText(from, now)).toBe(ago));
});

describe("places and motion", () => {
  it.each([
    [-23.8, 151.3, "23° 48.000′ S 151° 18.000′ E"],
    // Just under a whole minute carries over, and never reads 60.000′.
    [0.99999999, -0.5, "01° 00.000′ N 000° 30.000′ W"],
  ])("%f, %f reads %s", (lat, lon, text) => expect(positionText(lat, lon)).toBe(text));
  it("10 m/s is 19.4 kn", () => expect(speedText(10)).toBe("19.4 kn (10.0 m/s)"));
  it("a course has three digits and no 360", () => expect([courseText(8.4), courseText(359.7), courseText(null)]).toEqual(["008°", "000°", "unknown"]));
  it("initials", () => expect([initials("officer-1"), initials("Anna Berg")]).toEqual(["O1", "AB"]));
});

// A foot is 0.3048 m exactly.
describe("altitude and climb", () => {
  it.each([
    [3_657.6, "12,000 ft (3,658 m)"],
    [0, "0 ft (0 m)"],
    [-30.48, "−100 ft (−30 m)"],
    [13_716, "45,000 ft (13,716 m)"],
  ])("%f m is %s", (m, text) => expect(altitudeText(m)).toBe(text));
  it.each([
    [6.096, "+1,200 ft/min (+6.1 m/s)"],
    [-5.08, "−1,000 ft/min (−5.1 m/s)"],
    [0, "0 ft/min (0.0 m/s)"],
  ])("%f m/s is %s", (mps, text) => expect(climbText(mps)).toBe(text));
});

// Expected values: NGA GEOTRANS, through PyPI mgrs 1.5.
describe("MGRS", () => {
  it.each([
    [-23.8, 151.3, "56KLU 26807 66878"],
    [48.24949, 16.4145, "33UXP 05004 44997"],
    [59.9139, 10.7522, "32VNM 97979 43118"],
    [60.39, 5.32, "32VKN 97230 00510"],
    [78.2232, 15.6267, "33XWG 14278 83355"],
    [0.00001, 0.00001, "31NAA 66022 00001"],
    [-33.8568, 151.2153, "56HLH 34900 52288"],
    [38.8895, -77.0353, "18SUJ 23478 06483"],
    [83.9, -40.1, "24XVU 86950 17054"],
    [-79.9, -179.9, "01CDM 43247 28161"],
    [35.6586, 139.7454, "54SUE 86437 46808"],
    [64.1466, -21.9426, "27WVM 54138 13689"],
    [55.99, 3.5, "31UEC 31191 05079"],
  ])("%f, %f is %s", (lat, lon, grid) => expect(mgrs(lat, lon)).toBe(grid));

  it("has no polar grid here", () => {
    expect(mgrs(84.1, 0)).toBeUndefined();
    expect(mgrs(-80.1, 0)).toBeUndefined();
  });
});
