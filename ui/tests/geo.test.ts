import { describe, expect, it } from "vitest";
import type { LonLat } from "../src/api/types";
import { EARTH_RADIUS_M, bearing_deg, circle, corridor, crossesItself, destination, distance_m, greatCircle, isWithin } from "../src/map/geo";

/** Worked examples of E. Williams, "Aviation Formulary V1.47": LAX to JFK. */
const LAX: LonLat = [-(118 + 24 / 60), 33 + 57 / 60];
const JFK: LonLat = [-(73 + 47 / 60), 40 + 38 / 60];

describe("the great circle from LAX to JFK", () => {
  it("is 0.623585 radians long", () => expect(distance_m(LAX, JFK) / EARTH_RADIUS_M).toBeCloseTo(0.623585, 5));
  it("leaves at 66°", () => expect(bearing_deg(LAX, JFK)).toBeCloseTo(66, 0));
  it("is at 34°37′ N 116°33′ W after 100 NM (a minute of arc each)", () => {
    const [lon, lat] = destination(LAX, 66, EARTH_RADIUS_M * ((100 / 60) * (Math.PI / 180)));
    expect(lat).toBeCloseTo(34 + 37 / 60, 1);
    expect(lon).toBeCloseTo(-(116 + 33 / 60), 1);
  });
  it("passes 38°40.167′ N 101°37.570′ W at four tenths of the way", () => {
    const wanted: LonLat = [-(101 + 37.57 / 60), 38 + 40.167 / 60];
    const nearest = Math.min(...greatCircle(LAX, JFK).map((at) => distance_m(at, wanted)));
    // Points stand 62 km apart at most.
    expect(nearest).toBeLessThan(32_000);
  });
});

describe("shapes", () => {
  it("a circle's corners are its radius away", () => {
    for (const corner of circle([151.3, -23.8], 500)) expect(distance_m([151.3, -23.8], corner)).toBeCloseTo(500, 6);
  });

  it("a corridor holds what is within half its width, ends square", () => {
    // Two legs at the equator: a minute east, then a minute north. A minute is 1,853 m.
    const ring = corridor([[0, 0], [1 / 60, 0], [1 / 60, 1 / 60]], 200);
    const metre = 1 / 111_195;
    const holds = (east_m: number, north_m: number) => isWithin([east_m * metre, north_m * metre], ring);
    expect(holds(900, 95)).toBe(true);
    expect(holds(900, 105)).toBe(false);
    expect(holds(900, -95)).toBe(true);
    expect(holds(-5, 0)).toBe(false);
    // The outer corner of the bend belongs to it, the inner one keeps its width.
    expect(holds(1_853 + 90, -90)).toBe(true);
    expect(holds(1_853 - 105, 105)).toBe(false);
    expect(crossesItself(ring)).toBe(false);
  });

  it("a bow tie crosses itself, a square does not", () => {
    expect(crossesItself([[0, 0], [1, 1], [1, 0], [0, 1]])).toBe(true);
    expect(crossesItself([[0, 0], [1, 0], [1, 1], [0, 1]])).toBe(false);
  });

  it("goes the short way over the 180th meridian", () => {
    const [lon] = destination([179.999, 0], 90, 1_000);
    expect(lon).toBeLessThan(-179.99);
    expect(distance_m([179.999, 0], [-179.999, 0])).toBeCloseTo(222.39, 1);
  });
});
