/**
 * What goes on paper: one alert whole, or the queue. The sheet is made when
 * printing begins, by a button or by the browser's own command, and is gone
 * afterwards.
 */
import { flushSync, tick } from "svelte";
import { mapControl } from "../map/control";
import { selection } from "../app/selection.svelte";

export type Sheet = "alert" | "queue";

class Printing {
  sheet = $state<Sheet | undefined>(undefined);
  /** The map as it was on the screen. */
  picture = $state.raw<HTMLCanvasElement | undefined>(undefined);

  /** Prints; without a word of what, the open alert or else the queue. */
  async start(sheet: Sheet = printable()): Promise<void> {
    // The map on an alert's sheet is worth a moment; without it the words still count.
    this.picture = sheet === "alert" ? await mapControl.capture() : undefined;
    this.sheet = sheet;
    await tick();
    window.print();
  }

  /** Hears of the browser's own print command; the answer stops that. */
  listen(): () => void {
    const before = () => {
      if (this.sheet !== undefined) return;
      flushSync(() => {
        this.picture = undefined;
        this.sheet = printable();
      });
    };
    const after = () => {
      this.sheet = undefined;
      this.picture = undefined;
    };
    window.addEventListener("beforeprint", before);
    window.addEventListener("afterprint", after);
    return () => {
      window.removeEventListener("beforeprint", before);
      window.removeEventListener("afterprint", after);
    };
  }
}

const printable = (): Sheet => (selection.alertShown !== undefined && selection.shows === "alert" ? "alert" : "queue");

export const printing = new Printing();
