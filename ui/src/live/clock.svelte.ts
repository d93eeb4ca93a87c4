/** The page's one clock: server time, carried on between frames. */

class Clock {
  /** Server time minus this machine's, ms; zero until the first frame. */
  #offset_ms = 0;
  /** Server time now, ms since 1970; moves once a second, for text. */
  now_ms = $state(Date.now());

  constructor() {
    const tick = () => {
      this.now_ms = this.read_ms();
      setTimeout(tick, 1000 - (this.now_ms % 1000) + 5);
    };
    if (typeof window !== "undefined") tick();
  }

  /** Server time at this instant, ms since 1970; for drawing. */
  read_ms(): number {
    return Date.now() + this.#offset_ms;
  }

  /** Learns from a frame that was `server_ms` when it left. */
  learn(server_ms: number): void {
    const offset = server_ms - Date.now();
    // A frame that was held up must not turn the clock back.
    if (this.#offset_ms === 0 || offset > this.#offset_ms || this.#offset_ms - offset > 2_000) {
      this.#offset_ms = offset;
    }
  }
}

export const clock = new Clock();
