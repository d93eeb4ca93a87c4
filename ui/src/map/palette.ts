/**
 * The tokens that drawing code needs as values; `app/theme.css` holds the same
 * ones. `palette` is one object for the life of the page and takes on the
 * values of the theme in use: read it while drawing, never copy from it at load.
 */
import type { Severity } from "../api/types";

export type ThemeName = "dark" | "day" | "night";

const DARK = {
  bg0: "#0b1016",
  bg1: "#121922",
  bg2: "#1a232e",
  bg3: "#243040",
  fg: "#e3e9f0",
  fg2: "#a9b6c4",
  fg3: "#8795a5",
  edge: "#5e7084",
  line: "#33414f",
  act: "#4da3ff",
  crit: "#ff5757",
  ser: "#ffab2e",
  cau: "#fdf5b0",
  norm: "#1a9a85",
  std: "#52b4ff",
  off: "#adb5be",
  /** Outline of a severity's shape: it parts a light fill from a light ground. */
  rim: "#0b1016",
  /** Letters inside a filled symbol. */
  ink: "#0b1016",
  /** Land, water and the edge between them: near bg0, so that symbols carry the picture. */
  land: "#161f29",
  coast: "#3a4958",
  water: "#0b1016",
  /** Quiet fills by affiliation; full colour is kept for what needs a person. */
  civilian: "#8fb0a8",
  friend: "#7db4d4",
  hostile: "#e88c86",
  neutral: "#8fbf9a",
  unknown: "#cdc48d",
  suspect: "#e0a678",
};

export type Palette = Record<keyof typeof DARK, string>;

const DAY: Palette = {
  bg0: "#e9edf1",
  bg1: "#f7f9fb",
  bg2: "#ffffff",
  bg3: "#dde4eb",
  fg: "#10161d",
  fg2: "#3f4c5a",
  fg3: "#566473",
  edge: "#7b8794",
  line: "#ccd5dd",
  act: "#0b5cad",
  crit: "#ff5757",
  ser: "#ffab2e",
  cau: "#fdf5b0",
  norm: "#1a9a85",
  std: "#52b4ff",
  off: "#adb5be",
  rim: "#10161d",
  ink: "#10161d",
  land: "#f6f5f0",
  coast: "#9fabb6",
  water: "#dbe4ec",
  civilian: "#a9cfc5",
  friend: "#8cc5e8",
  hostile: "#f2a09a",
  neutral: "#a3d6b0",
  unknown: "#e6dc98",
  suspect: "#f0b98a",
};

const NIGHT: Palette = {
  bg0: "#000000",
  bg1: "#040706",
  bg2: "#080d0b",
  bg3: "#0f1815",
  fg: "#7fb09c",
  fg2: "#5d8a79",
  fg3: "#5f8e7c",
  edge: "#4b7164",
  line: "#16231e",
  act: "#63a7b0",
  crit: "#dc7655",
  ser: "#cca546",
  cau: "#d8d6a0",
  norm: "#3f8577",
  std: "#4f86b8",
  off: "#7d8784",
  rim: "#000000",
  ink: "#000000",
  land: "#060b09",
  coast: "#223830",
  water: "#000000",
  civilian: "#4e675f",
  friend: "#456a80",
  hostile: "#8a5450",
  neutral: "#4c6d56",
  unknown: "#77724f",
  suspect: "#856142",
};

export const PALETTES: Readonly<Record<ThemeName, Palette>> = { dark: { ...DARK }, day: DAY, night: NIGHT };

/** The values of the theme in use. */
export const palette: Palette = { ...DARK };

/** Makes `palette` that of a theme; whoever has drawn must draw again. */
export function usePalette(name: ThemeName): void {
  Object.assign(palette, PALETTES[name]);
}

/** The fill of a severity's shape. */
export function severityTone(severity: Severity): string {
  const tone: Record<Severity, string> = { critical: palette.crit, serious: palette.ser, caution: palette.cau, information: palette.std };
  return tone[severity];
}

/** The ink of words about a severity: on a light ground never its colour, which would be too faint to read. */
export function severityInk(severity: Severity): string {
  return palette.rim === palette.fg ? palette.fg : severityTone(severity);
}

/** `#rrggbb` as three numbers from 0 to 1. */
export function rgb(hex: string): [number, number, number] {
  const n = Number.parseInt(hex.slice(1), 16);
  return [((n >> 16) & 255) / 255, ((n >> 8) & 255) / 255, (n & 255) / 255];
}
