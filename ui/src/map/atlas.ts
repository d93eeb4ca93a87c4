/**
 * Every distinct symbol drawn once, by milsymbol, on a software 2D canvas:
 * a filled cell for a live track and a hollow one for a coasting track.
 */
import {
  ms,
  numberactivites,
  numberair,
  numberairmissile,
  numberdismountedindividual,
  numberlandcivilian,
  numberlandequipment,
  numberlandinstallation,
  numberlandunit,
  numberminewarfare,
  numbersea,
  numberspace,
  numbersubsurface,
} from "milsymbol/parts";
import { palette } from "./palette";

for (const icons of [
  numberair,
  numberairmissile,
  numberspace,
  numberlandunit,
  numberlandcivilian,
  numberlandequipment,
  numberlandinstallation,
  numbersea,
  numbersubsurface,
  numberminewarfare,
  numberactivites,
  numberdismountedindividual,
]) {
  ms.addIcons(icons);
}
ms.setBrokenPath2D(false);

/** Edge of a cell, CSS pixels; the frame takes about half of it. */
export const CELL_PX = 48;
export const COLUMNS = 16;
/** Symbols drawn at most; later ones show the unknown frame. */
export const SYMBOLS_MAX = 512;
/** milsymbol's size: the edge of the frame's octagon, CSS pixels. */
const SIZE_PX = 19;
/** The framed "unknown" of APP-6E: pending identity, no entity. */
const UNKNOWN_SIDC = "130110000000000000000000000000";

/** The theme's quiet fills under the names that milsymbol has for them. */
const fills = () => ({
  Civilian: palette.civilian,
  Friend: palette.friend,
  Hostile: palette.hostile,
  Neutral: palette.neutral,
  Unknown: palette.unknown,
  Suspect: palette.suspect,
});

export interface Atlas {
  canvas: HTMLCanvasElement;
  columns: number;
  rows: number;
  /** Device pixels to a CSS pixel. */
  ratio: number;
  /** SIDCs that milsymbol could not draw. */
  unknown: string[];
}

/** Cell of a symbol: two for each, filled then hollow. */
export const cellOf = (symbol: number, hollow: boolean): number =>
  Math.min(symbol, SYMBOLS_MAX - 1) * 2 + (hollow ? 1 : 0);

export function drawAtlas(sidcs: readonly string[], ratio: number): Atlas {
  const list = sidcs.length === 0 ? [UNKNOWN_SIDC] : sidcs.slice(0, SYMBOLS_MAX);
  const rows = Math.max(1, Math.ceil((list.length * 2) / COLUMNS));
  const canvas = document.createElement("canvas");
  canvas.width = COLUMNS * CELL_PX * ratio;
  canvas.height = rows * CELL_PX * ratio;
  const context = canvas.getContext("2d", { willReadFrequently: true });
  const unknown: string[] = [];
  if (!context) return { canvas, columns: COLUMNS, rows, ratio, unknown };
  list.forEach((sidc, index) => {
    const isKnown = drawCell(context, sidc, cellOf(index, false), ratio, true);
    drawCell(context, sidc, cellOf(index, true), ratio, false);
    if (!isKnown) unknown.push(sidc);
  });
  return { canvas, columns: COLUMNS, rows, ratio, unknown };
}

/** A symbol as a picture of its own, for a card's head. */
export function drawSymbol(canvas: HTMLCanvasElement, sidc: string, ratio: number): void {
  canvas.width = CELL_PX * ratio;
  canvas.height = CELL_PX * ratio;
  const context = canvas.getContext("2d", { willReadFrequently: true });
  if (context) drawCell(context, sidc, 0, ratio, true);
}

function drawCell(
  context: CanvasRenderingContext2D,
  sidc: string,
  cell: number,
  ratio: number,
  filled: boolean,
): boolean {
  const options = {
    size: SIZE_PX,
    fill: filled,
    civilianColor: false,
    // A new object for each: milsymbol writes into it, and after a suspect, friends would be orange.
    colorMode: fills(),
    strokeWidth: 6,
    outlineWidth: 10,
    outlineColor: palette.bg0,
    infoFields: false,
    simpleStatusModifier: true,
    ...(filled ? {} : { monoColor: palette.fg2 }),
  };
  let symbol = new ms.Symbol(sidc, options);
  const isKnown = symbol.isValid();
  if (!isKnown) symbol = new ms.Symbol(UNKNOWN_SIDC, options);
  const middle = CELL_PX / 2;
  context.save();
  context.scale(ratio, ratio);
  context.translate((cell % COLUMNS) * CELL_PX + middle, Math.floor(cell / COLUMNS) * CELL_PX + middle);
  context.scale(SIZE_PX / 100, SIZE_PX / 100);
  context.translate(-100, -100);
  const ink = filled ? palette.ink : palette.fg2;
  symbol.canvasDraw(context, symbol.drawInstructions.map((step) => withPlainText(step, ink)));
  context.restore();
  return isKnown;
}

/** An icon of letters ("CIV") in one ink and our face: outlined letters blur at this size. */
function withPlainText(step: unknown, ink: string): unknown {
  if (typeof step !== "object" || step === null || (step as { type?: unknown }).type !== "text") return step;
  return { ...step, fill: ink, stroke: false, fontsize: 44, fontfamily: "Noto Sans", fontweight: "600" };
}
