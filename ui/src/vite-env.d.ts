/// <reference types="svelte" />
/// <reference types="vite/client" />

/** The CSP build of MapLibre: the same library, its worker in a file of its own. */
declare module "maplibre-gl/dist/maplibre-gl-csp.js" {
  import maplibregl from "maplibre-gl";
  export default maplibregl;
}

/** The parts of milsymbol that the page draws with (see `resolve.alias`). */
declare module "milsymbol/parts" {
  import type { SymbolOptions } from "milsymbol";
  /** A drawn symbol: its vector instructions and where its middle lies. */
  interface MilSymbol {
    isValid(): boolean;
    getAnchor(): { x: number; y: number };
    getSize(): { width: number; height: number };
    asSVG(): string;
    bbox: { x1: number; y1: number; x2: number; y2: number };
    drawInstructions: unknown[];
    canvasDraw(context: CanvasRenderingContext2D, instructions: unknown[]): void;
  }
  export const ms: {
    addIcons(icons: unknown): void;
    setBrokenPath2D(broken: boolean): void;
    Symbol: new (sidc: string, options: SymbolOptions) => MilSymbol;
  };
  export const numberair: unknown;
  export const numberairmissile: unknown;
  export const numberspace: unknown;
  export const numberlandunit: unknown;
  export const numberlandcivilian: unknown;
  export const numberlandequipment: unknown;
  export const numberlandinstallation: unknown;
  export const numbersea: unknown;
  export const numbersubsurface: unknown;
  export const numberminewarfare: unknown;
  export const numberactivites: unknown;
  export const numberdismountedindividual: unknown;
}
