import { describe, expect, it } from "vitest";
import { EVERYTHING, type Filter, type Filtered, filterText, isEverything, isShown, readFilter } from "../src/map/filter";
import { rank } from "../src/app/palette/rank";

const SQUARE: [number, number][] = [[0, 0], [2, 0], [2, 2], [0, 2]];

describe("a filter", () => {
  it.each<[string, Partial<Filter>, Partial<Filtered>, boolean]>([
    ["nothing asked lets all through", {}, {}, true],
    ["a kind that is asked for", { kinds: ["drone", "vessel"] }, { kind: "vessel" }, true],
    ["a kind that is not", { kinds: ["drone"] }, { kind: "vessel" }, false],
    ["another affiliation", { affiliations: ["hostile"] }, { affiliation: "neutral" }, false],
    ["a source among several", { sources: ["radar"] }, { sources: ["ais", "radar"] }, true],
    ["another source", { sources: ["radar"] }, { sources: ["ais"] }, false],
    ["a source that is not known yet", { sources: ["radar"] }, { sources: undefined }, true],
    ["too little confidence", { confidence_min: 0.9 }, { confidence: 0.89 }, false],
    ["the least speed itself", { speed_mps_min: 5 }, { speed_mps: 5 }, true],
    ["slower than the least", { speed_mps_min: 5 }, { speed_mps: 4.9 }, false],
    ["faster than the most", { speed_mps_max: 5 }, { speed_mps: 5.1 }, false],
    ["no known speed, where one is asked for", { speed_mps_min: 0 }, { speed_mps: null }, false],
    ["inside the area", { area: "A" }, { place: () => [1, 1] }, true],
    ["outside the area", { area: "A" }, { place: () => [3, 1] }, false],
    ["no alert, where one is asked for", { alertOnly: true }, { hasAlert: false }, false],
  ])("%s", (_, filter, track, shown) => {
    expect(isShown({ ...EVERYTHING, ...filter }, { ...ANY, ...track }, SQUARE)).toBe(shown);
  });

  it("comes back from its text", () => {
    const filter: Filter = {
      kinds: ["vessel", "drone"],
      affiliations: ["assumed_friend"],
      sources: ["ais coast; 1", "Fence,01"],
      confidence_min: 0.75,
      speed_mps_min: 2.5,
      speed_mps_max: null,
      area: "North: Ammo;",
      alertOnly: true,
    };
    expect(readFilter(filterText(filter))).toEqual(filter);
    expect(filterText(EVERYTHING)).toBe("");
    expect(isEverything(readFilter(""))).toBe(true);
  });

  it("leaves out what a stranger's link gets wrong", () => {
    expect(readFilter("kind:vessel,spaceship;conf:7;speed:-x;area:%;nonsense")).toEqual({ ...EVERYTHING, kinds: ["vessel"] });
  });
});

describe("the palette's order", () => {
  it("puts a word that begins so before one that holds it", () => {
    expect(rank("draw an area", "ar") ?? 0).toBeGreaterThan(rank("search tracks", "ar") ?? 0);
  });
  it("wants every word", () => {
    expect(rank("draw an area", "draw line")).toBeUndefined();
    expect(rank("draw a line", "li dr")).toBeDefined();
  });
  it("takes signs as they are", () => expect(rank("a (b) c", "(b)")).toBeDefined());
});

const ANY: Filtered = {
  kind: "vessel",
  affiliation: "neutral",
  sources: ["ais"],
  confidence: 1,
  speed_mps: 5,
  place: () => [1, 1],
  hasAlert: false,
};
