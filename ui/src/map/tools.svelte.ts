/** What is open beside the map, and the tools that take its presses. */
import type { LonLat } from "../api/types";
import { commands } from "../app/commands";
import { selection } from "../app/selection.svelte";
import { picture } from "../live/picture.svelte";
import { draft, type Shape } from "./draft.svelte";
import { mapControl } from "./control";
import { Points } from "./points.svelte";

export type Panel = "layers" | "filter" | "measure" | "rings" | "draw";

export const RINGS_MAX = 10;

class Rings {
  centre = $state.raw<LonLat | undefined>(undefined);
  /** The track that they move with. */
  slot = $state<number | undefined>(undefined);
  step_m = $state(1_852);
  count = $state(3);

  /** Their middle now. */
  middle(): LonLat | undefined {
    const line = this.slot === undefined ? undefined : picture.line(this.slot);
    return line ? [line.lon_deg, line.lat_deg] : this.centre;
  }

  clear(): void {
    this.centre = undefined;
    this.slot = undefined;
  }
}

class Tools {
  panel = $state<Panel | undefined>(undefined);
  readonly measured = new Points();
  readonly rings = new Rings();
  /** Where the pointer is while a tool takes presses. */
  pointer = $state.raw<LonLat | undefined>(undefined);
  /** The map moves with the selected track. */
  follows = $state(false);

  /** Whether a press on the map belongs to a tool. */
  readonly isDrawing = $derived(this.panel === "measure" || this.panel === "rings" || this.panel === "draw");

  constructor() {
    commands.onEscape(() => {
      if (this.panel === undefined || selection.view !== "map") return false;
      this.close();
      return true;
    });
  }

  open(panel: Panel): boolean {
    selection.view = "map";
    this.panel = panel;
    return true;
  }

  toggle(panel: Panel): boolean {
    if (this.panel === panel && selection.view === "map") this.close();
    else this.open(panel);
    return true;
  }

  openDraw(shape: Shape): boolean {
    draft.become(shape);
    return this.open("draw");
  }

  close(): void {
    this.panel = undefined;
    this.pointer = undefined;
    mapControl.scene?.redraw();
  }

  press(at: LonLat, slot: number | undefined): void {
    if (this.panel === "measure") this.measured.add(at);
    if (this.panel === "draw") draft.press(at);
    if (this.panel === "rings") {
      this.rings.centre = at;
      this.rings.slot = slot;
    }
  }

  /** The places that can be dragged now. */
  handles(): Points | undefined {
    if (this.panel === "measure") return this.measured;
    return this.panel === "draw" ? draft.points : undefined;
  }
}

export const tools = new Tools();
