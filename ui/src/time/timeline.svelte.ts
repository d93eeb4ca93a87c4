/** What the time strip shows: the node's timeline of the window in view. */
import { api } from "../api/client";
import type { TimelineAnswer, TimelineBin } from "../api/types";
import { clock } from "../live/clock.svelte";
import { replay } from "./replay.svelte";
import { SPANS, type Span, type Window, liveWindow, windowRound } from "./scale";

/** The strip is read again so often, ms. */
const REFRESH_MS = 15_000;

class Timeline {
  span = $state.raw<Span>(SPANS[2]);
  answer = $state.raw<TimelineAnswer | undefined>(undefined);
  /** Why there is nothing to show, in words. */
  problem = $state<string | undefined>(undefined);
  #before: Window | undefined;
  #asked = 0;

  readonly window = $derived.by((): Window => {
    const { span_ms } = this.span;
    const window = replay.isOn ? windowRound(replay.at_ms, span_ms, clock.now_ms, this.#before) : liveWindow(clock.now_ms, span_ms);
    // The same edges must be the same object, or all that hangs on them runs each second.
    const { from_ms, to_ms } = this.#before ?? {};
    if (this.#before === undefined || window.from_ms !== from_ms || window.to_ms !== to_ms) this.#before = window;
    return this.#before;
  });

  /** Keeps the answer fresh; to be called in an effect, which runs anew when the window is another. */
  follow(): () => void {
    const { window, span } = this;
    void this.#read(window, span);
    const timer = setInterval(() => void this.#read(window, span), REFRESH_MS);
    return () => clearInterval(timer);
  }

  binAt(at_ms: number): TimelineBin | undefined {
    const { answer } = this;
    const [first, second] = answer?.bins ?? [];
    if (!answer || !first || !second) return undefined;
    const width = Date.parse(second.at) - Date.parse(first.at);
    return answer.bins[Math.floor((at_ms - Date.parse(first.at)) / width)];
  }

  async #read({ from_ms, to_ms }: Window, { bins }: Span): Promise<void> {
    const asked = ++this.#asked;
    try {
      const answer = await api.timeline(from_ms, to_ms, bins);
      if (asked !== this.#asked) return;
      this.answer = answer;
      this.problem = undefined;
      const held = { from_ms: Date.parse(answer.held_from ?? ""), to_ms: Date.parse(answer.held_to ?? "") };
      if (held.from_ms <= held.to_ms) replay.held = held;
    } catch (error) {
      if (asked !== this.#asked) return;
      this.problem = error instanceof Error ? error.message : String(error);
    }
  }
}

export const timeline = new Timeline();
