/** The area or line that is being drawn: its places, its words, and what is still missing. */
import type { AreaKind, Drawn, LonLat, Side } from "../api/types";
import { circle, corridor, crossesItself, distance_m } from "./geo";
import { Points } from "./points.svelte";

export type Shape = "polygon" | "circle" | "corridor" | "line";

/** Names are for people and fit a label. */
export const NAME_MAX = 60;
const RADIUS_M_MIN = 1;
const RADIUS_M_MAX = 500_000;
const HOURS = /^([01]\d|2[0-3]):[0-5]\d-([01]\d|2[0-3]):[0-5]\d$/;

class Draft {
  readonly points = new Points();
  shape = $state<Shape>("polygon");
  name = $state("");
  kind = $state<AreaKind>("restricted");
  forbidden = $state<Side>("both");
  /** `HH:MM-HH:MM` UTC, or empty for always. */
  hours = $state("");
  /** Of a circle. */
  radius_m = $state(500);
  /** Of a corridor, edge to edge. */
  width_m = $state(200);

  /** The ring that the shape encloses; empty for a line or while places are missing. */
  readonly ring = $derived.by((): LonLat[] => {
    const places = [...this.points.list];
    switch (this.shape) {
      case "polygon":
        return places;
      case "circle":
        return places[0] && this.radius_m > 0 ? circle(places[0], this.radius_m) : [];
      case "corridor":
        return places.length >= 2 && this.width_m > 0 ? corridor(places, this.width_m) : [];
      case "line":
        return [];
    }
  });

  /** What is missing or wrong, in a sentence; undefined when it can be sent. */
  readonly problem = $derived.by((): string | undefined => {
    const count = this.points.list.length;
    if (this.shape === "polygon" && count < 3) return `An area needs three corners; ${count === 0 ? "press the map or type them" : `${3 - count} more`}.`;
    if (this.shape === "circle" && count < 1) return "A circle needs its middle: press the map or type it.";
    if (this.shape === "circle" && !(this.radius_m >= RADIUS_M_MIN && this.radius_m <= RADIUS_M_MAX)) return "The radius is from 1 m to 500 km.";
    if (this.shape === "corridor" && !(this.width_m >= RADIUS_M_MIN && this.width_m <= RADIUS_M_MAX)) return "The width is from 1 m to 500 km.";
    if ((this.shape === "line" || this.shape === "corridor") && count < 2) return `A ${this.shape} needs two places; ${count === 0 ? "press the map or type them" : "one more"}.`;
    if (this.ring.length > 0 && crossesItself(this.ring)) return "Its sides cross. Move a corner so that inside and outside are clear.";
    if (this.name.trim() === "") return "Give it a name that people will say.";
    if (this.hours.trim() !== "" && !HOURS.test(this.hours.trim())) return "Hours are written 22:00-06:00, in UTC.";
    return undefined;
  });

  readonly isEmpty = $derived(this.points.list.length === 0 && this.name === "");

  /** A press on the map: another place, or the edge of a circle that has its middle. */
  press(at: LonLat): void {
    const middle = this.points.list[0];
    if (this.shape === "circle" && middle) this.radius_m = Math.max(1, Math.round(distance_m(middle, at)));
    else this.points.add(at);
  }

  /** Another shape keeps the places that it can use. */
  become(shape: Shape): void {
    if (shape === "circle" && this.points.list.length > 1) this.points.list = this.points.list.slice(0, 1);
    this.shape = shape;
  }

  clear(): void {
    this.points.clear();
    this.name = "";
    this.hours = "";
  }

  /** As it is sent. */
  drawn(): Drawn {
    const hours = this.hours.trim() === "" ? {} : { hours: this.hours.trim() };
    const name = this.name.trim();
    if (this.shape === "line") return { name, line: this.points.list.map(rounded), forbidden: this.forbidden, ...hours };
    return { name, kind: this.kind, polygon: this.ring.map(rounded), ...hours };
  }
}

/** The stream's resolution, 1e-7 of a degree or 11 mm: more digits would say nothing. */
const rounded = ([lon, lat]: LonLat): LonLat => [Math.round(lon * 1e7) / 1e7, Math.round(lat * 1e7) / 1e7];

export const draft = new Draft();
