/** What the map pane needs of a drawn map, whoever draws it. */
import type { Area, Severity } from "../api/types";
import type { Atlas } from "./atlas";
import type { Camera } from "./camera";

export interface SceneEvents {
  /** A frame was drawn; the overlay follows. */
  drawn(): void;
  /** The view came to rest. */
  rested(): void;
  /** A press without a drag, CSS pixels from the top left. */
  pressed(px: number, py: number): void;
  /** The pointer, or `undefined` once it left. */
  pointed(at: { px: number; py: number } | undefined): void;
  /** A hand moves the map. */
  grabbed(): void;
}

export interface MapScene {
  /** True when nothing moves between the two redraws of a second. */
  readonly isSlow: boolean;
  camera(): Camera;
  lookAt(lon_deg: number, lat_deg: number, zoom?: number): void;
  zoomBy(steps: number): void;
  panBy(dx: number, dy: number): void;
  /** `alpha` is 0 to 1; so it is for the base. */
  setAreas(areas: readonly Area[], alerting: ReadonlyMap<string, Severity>, alpha: number): void;
  setBase(alpha: number): void;
  /** Draws in the palette's new values, with symbols drawn in them. */
  retheme(atlas: Atlas): void;
  /** While a tool takes presses, a double press is two and no wish to come nearer. */
  setTool(isDrawing: boolean): void;
  /** Draws soon: something that the frame depends on has changed. */
  redraw(): void;
  /** Calls `use` right after a whole frame, while its pixels can be read. */
  withFrame(use: () => void): void;
  destroy(): void;
}

/** Redraw interval on hardware and on software, ms. */
export const FRAME_MS = 66;
export const SLOW_FRAME_MS = 500;

/** The credit that the base map's licences ask for. */
export const CREDIT = "Natural Earth · GeoNames (CC BY 4.0)";
/** Above this zoom the coast is coarse, and the page says so. */
export const DETAIL_ZOOM_MAX = 10;
