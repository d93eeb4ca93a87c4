/** The full answer for the selected track, of now or of the replayed second, read again while that moves. */
import { Problem, api } from "../../api/client";
import type { Track } from "../../api/types";
import { selection } from "../../app/selection.svelte";
import { replay } from "../../time/replay.svelte";

/** How often the card is read again, ms. */
const REFRESH_MS = 2_000;

class Card {
  track = $state.raw<Track | undefined>(undefined);
  /** Why there is nothing to show, in words. */
  problem = $state<string | undefined>(undefined);
  #timer: ReturnType<typeof setTimeout> | undefined;
  #asked = 0;
  /** True for an answer about the past. */
  #isPast = false;

  /** Follows the selection; to be called in an effect. */
  follow(): () => void {
    const slot = selection.track;
    const isPast = replay.isOn;
    clearTimeout(this.#timer);
    // An answer about another time is no answer.
    if (this.track?.slot !== slot || this.#isPast !== isPast) this.track = undefined;
    this.#isPast = isPast;
    this.problem = undefined;
    this.#asked += 1;
    if (slot !== undefined && !(isPast && replay.isSeeking)) void this.#read(slot, isPast);
    return () => clearTimeout(this.#timer);
  }

  async #read(slot: number, isPast: boolean): Promise<void> {
    const asked = ++this.#asked;
    const at_ms = replay.at_ms;
    try {
      const track = await (isPast ? trackAt(slot, at_ms) : api.track(`T${slot}`));
      if (asked !== this.#asked) return;
      this.track = track;
      this.problem = undefined;
    } catch (error) {
      if (asked !== this.#asked) return;
      this.problem = error instanceof Error ? error.message : String(error);
    }
    const again = () => (isPast && replay.at_ms === at_ms ? this.#wait(again) : void this.#read(slot, isPast));
    this.#wait(again);
  }

  #wait(again: () => void): void {
    this.#timer = setTimeout(again, REFRESH_MS);
  }
}

async function trackAt(slot: number, at_ms: number): Promise<Track> {
  const { tracks } = await api.tracksAt(at_ms, `T${slot}`);
  const track = tracks.find((each) => each.slot === slot);
  if (!track) throw new Problem(404, "No such track", `There was no track T${slot} at that second.`);
  return track;
}

export const card = new Card();
