/** The tokens that drawing code needs as values; `app/theme.css` holds the same ones. */

export const palette = {
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
  /** Land and its edge: between bg0 and bg2, so that symbols carry the picture. */
  land: "#161f29",
  coast: "#3a4958",
} as const;

/** `#rrggbb` as three numbers from 0 to 1. */
export function rgb(hex: string): [number, number, number] {
  const n = Number.parseInt(hex.slice(1), 16);
  return [((n >> 16) & 255) / 255, ((n >> 8) & 255) / 255, (n & 255) / 255];
}
