/**
 * The theme as people see it, read from `theme.css` itself: contrast by
 * WCAG 2.2, and the severities by the eyes of colour-blind readers.
 */
import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { PALETTES, type Palette, palette, usePalette } from "../src/map/palette";

const css = readFileSync(new URL("../src/app/theme.css", import.meta.url), "utf8");
const THEMES = ["dark", "day", "night"] as const;
const SEVERITIES = ["crit", "ser", "cau", "norm", "std", "off"];
const GROUNDS = ["bg0", "bg1", "bg2"];

describe.each(THEMES)("in the %s theme", (theme) => {
  const tokens = tokensOf(css, theme);
  const token = (name: string): string => {
    const value = tokens.get(name);
    if (!value) throw new Error(`theme.css has no --${name} in ${theme}`);
    return value;
  };
  /** What words about a severity are written in. */
  const inks = ["crit-ink", "ser-ink", "cau-ink", "std-ink"].map((name) => /var\(--(\w+)\)/.exec(token(name))?.[1] ?? "");

  const pairs = [
    ...[...GROUNDS, "bg3"].flatMap((ground) => ["fg", "fg2"].map((ink) => [ink, ground])),
    ...GROUNDS.flatMap((ground) => ["fg3", "act", ...inks].map((ink) => [ink, ground])),
    ["bg0", "act"], // the primary button
    ["bg0", "fg"], // the count on the rail
  ] as [string, string][];
  it.each(pairs)("the contrast of %s on %s is at least 4.5", (ink, ground) => {
    expect(contrast(token(ink), token(ground))).toBeGreaterThanOrEqual(4.5);
  });

  // WCAG 2.2, 1.4.11: what tells a control or a shape from its ground.
  it.each(GROUNDS)("a control's border on %s has a contrast of at least 3", (ground) => {
    expect(contrast(token("edge"), token(ground))).toBeGreaterThanOrEqual(3);
  });
  it.each(SEVERITIES)("the shape of %s has a contrast of at least 3, by its fill or its rim", (name) => {
    const rim = /var\(--(\w+)\)/.exec(token("rim"))?.[1];
    for (const ground of GROUNDS) expect(contrast(token(rim ?? name), token(ground))).toBeGreaterThanOrEqual(3);
  });

  it("the map draws with the tokens of the theme", () => {
    const colours = [...tokens].filter(([, value]) => value.startsWith("#"));
    expect(colours.length).toBeGreaterThanOrEqual(16);
    for (const [name, value] of colours) expect(PALETTES[theme][name as keyof Palette]).toBe(value);
  });

  // Night is dim on purpose: of the two that ask for nobody, healthy and off, shape and word tell.
  const told = theme === "night" ? ["crit", "ser", "cau", "std"] : SEVERITIES;
  it.each(Object.keys(machado()))("severity colours differ by at least 15 in ΔE76 with %s", (kind) => {
    const matrix = machado()[kind] ?? [];
    const seen = told.map((name) => lab(multiply(matrix, linear(token(name)))));
    const distances = seen.flatMap((a, i) => seen.slice(i + 1).map((b) => Math.hypot(...a.map((v, n) => v - (b[n] ?? 0)))));
    expect(Math.min(...distances)).toBeGreaterThanOrEqual(15);
  });
});

it("the page takes on a theme's values while it runs", () => {
  usePalette("night");
  expect(palette).toEqual(PALETTES.night);
  usePalette("dark");
  expect(palette).toEqual(PALETTES.dark);
});

/** Machado, Oliveira and Fernandes 2009, severity 1.0, on linear RGB. */
function machado(): Record<string, number[][]> {
  return {
    protanopia: [
      [0.152286, 1.052583, -0.204868],
      [0.114503, 0.786281, 0.099216],
      [-0.003882, -0.048116, 1.051998],
    ],
    deuteranopia: [
      [0.367322, 0.860646, -0.227968],
      [0.280085, 0.672501, 0.047413],
      [-0.01182, 0.04294, 0.968881],
    ],
    tritanopia: [
      [1.255528, -0.076749, -0.178779],
      [-0.078411, 0.930809, 0.147602],
      [0.004733, 0.691367, 0.3039],
    ],
  };
}

function tokensOf(css: string, theme: string): Map<string, string> {
  const block = css.split(`[data-theme="${theme}"]`)[1]?.split("}")[0] ?? "";
  return new Map([...block.matchAll(/--([\w-]+):\s*(#[0-9a-f]{6}|var\(--\w+\)|transparent)/g)].map(([, name, value]) => [name ?? "", value ?? ""]));
}

function linear(hex: string): number[] {
  return [1, 3, 5].map((at) => {
    const c = Number.parseInt(hex.slice(at, at + 2), 16) / 255;
    return c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4;
  });
}

function contrast(a: string, b: string): number {
  const [light, dark] = [luminance(a), luminance(b)].sort((x, y) => y - x) as [number, number];
  return (light + 0.05) / (dark + 0.05);
}

function luminance(hex: string): number {
  const [r = 0, g = 0, b = 0] = linear(hex);
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
}

const multiply = (matrix: number[][], v: number[]): number[] =>
  matrix.map((row) => Math.max(0, Math.min(1, row.reduce((sum, m, i) => sum + m * (v[i] ?? 0), 0))));

/** CIE 1976 L*a*b* of linear sRGB, white D65. */
function lab([r = 0, g = 0, b = 0]: number[]): number[] {
  const f = (t: number) => (t > (6 / 29) ** 3 ? Math.cbrt(t) : t / (3 * (6 / 29) ** 2) + 4 / 29);
  const x = f((0.4124564 * r + 0.3575761 * g + 0.1804375 * b) / 0.95047);
  const y = f(0.2126729 * r + 0.7151522 * g + 0.072175 * b);
  const z = f((0.0193339 * r + 0.119192 * g + 0.9503041 * b) / 1.08883);
  return [116 * y - 16, 500 * (x - y), 200 * (y - z)];
}
