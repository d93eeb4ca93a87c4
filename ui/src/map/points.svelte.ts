/** A row of places that a person presses or types, and may move or take out again. */
import type { LonLat } from "../api/types";
import { distance_m } from "./geo";

/** Places that a hand puts into one shape; a file may hold more. */
export const POINTS_MAX = 100;
/** A press so near to the last place is the second half of a double press, m. */
const SAME_M = 0.5;

export class Points {
  list = $state.raw<readonly LonLat[]>([]);

  /** Adds a place at the end, or before the place `before`; false when it is full or was just added. */
  add(at: LonLat, before = this.list.length): boolean {
    const last = this.list[before - 1];
    if (this.list.length >= POINTS_MAX || (last && distance_m(last, at) < SAME_M)) return false;
    this.list = [...this.list.slice(0, before), at, ...this.list.slice(before)];
    return true;
  }

  move(index: number, to: LonLat): void {
    this.list = this.list.map((at, n) => (n === index ? to : at));
  }

  remove(index: number): void {
    this.list = this.list.filter((_, n) => n !== index);
  }

  clear(): void {
    this.list = [];
  }
}
