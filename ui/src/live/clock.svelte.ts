/** The page's one clock: the node's time, carried on between frames. */

/** A node's clock that was set back by more than this is followed, ms. */
const STEP_MS = 1_000;

class Clock {
  /**
   * Node time minus this page's monotonic time, ms. A frame can be held up on
   * its way but never come early, so the greatest difference is the best one,
   * and what it lacks later is how late the link is.
   */
  #offset_ms: number | undefined;
  /** Node time now, ms since 1970; moves once a second, for text. */
  now_ms = $state(Date.now());

  constructor() {
    const tick = () => {
      this.now_ms = this.read_ms();
      setTimeout(tick, 1000 - (this.now_ms % 1000) + 5);
    };
    if (typeof window !== "undefined") tick();
  }

  /** Node time at this instant, ms since 1970; for drawing. */
  read_ms(): number {
    return this.#offset_ms === undefined ? Date.now() : performance.now() + this.#offset_ms;
  }

  /** Learns from a word of the node that said `server_ms` when it left. */
  learn(server_ms: number): void {
    const offset = server_ms - performance.now();
    if (this.#offset_ms === undefined || offset > this.#offset_ms) this.#offset_ms = offset;
  }

  /**
   * Learns from an answer to a question sent at `sent_ms` on this page's
   * monotonic clock. The node cannot have answered before it was asked, so an
   * answer from before that shows that the node's clock was set back.
   */
  learnAnswer(server_ms: number, sent_ms: number): void {
    if (this.#offset_ms !== undefined && sent_ms + this.#offset_ms > server_ms + STEP_MS) this.#offset_ms = undefined;
    this.learn(server_ms);
  }

  /** How long ago the node said what it said at `server_ms`, ms. */
  lag_ms(server_ms: number): number {
    return Math.max(0, this.read_ms() - server_ms);
  }
}

export const clock = new Clock();
