/** The full answer for the selected track, read again while it is selected. */
import { api } from "../../api/client";
import type { Track } from "../../api/types";
import { selection } from "../../app/selection.svelte";

/** How often the card is read again, ms. */
const REFRESH_MS = 2_000;

class Card {
  track = $state.raw<Track | undefined>(undefined);
  /** Why there is nothing to show, in words. */
  problem = $state<string | undefined>(undefined);
  #timer: ReturnType<typeof setTimeout> | undefined;
  #asked = 0;

  /** Follows the selection; to be called in an effect. */
  follow(): () => void {
    const slot = selection.track;
    clearTimeout(this.#timer);
    if (this.track?.slot !== slot) this.track = undefined;
    this.problem = undefined;
    if (slot !== undefined) void this.#read(slot);
    return () => clearTimeout(this.#timer);
  }

  async #read(slot: number): Promise<void> {
    const asked = ++this.#asked;
    try {
      const track = await api.track(`T${slot}`);
      if (asked !== this.#asked || selection.track !== slot) return;
      this.track = track;
      this.problem = undefined;
    } catch (error) {
      if (asked !== this.#asked || selection.track !== slot) return;
      this.problem = error instanceof Error ? error.message : String(error);
    }
    this.#timer = setTimeout(() => void this.#read(slot), REFRESH_MS);
  }
}

export const card = new Card();
