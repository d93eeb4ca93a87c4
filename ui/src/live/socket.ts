/**
 * The one WebSocket to the node: connects, hands on frames, connects again
 * with the last sequence number seen. Knows nothing of tracks or alerts.
 */
import { retryDelay_ms } from "./link";

export interface SocketEvents {
  frame(frame: DataView): void;
  opened(): void;
  closed(): void;
  /** The log sequence number to ask from, or `undefined` for a fresh start. */
  since(): number | undefined;
  /** Whether the session still stands; a `false` ends the attempts. */
  mayRetry(): Promise<boolean>;
}

/** A link that says nothing for so long is taken down and opened again, ms. */
const DEAD_MS = 12_000;

export class LiveSocket {
  #socket: WebSocket | undefined;
  #attempt = 0;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #watchdog: ReturnType<typeof setTimeout> | undefined;
  #ended = false;

  constructor(readonly events: SocketEvents) {}

  open(): void {
    this.#ended = false;
    this.#connect();
  }

  end(): void {
    this.#ended = true;
    clearTimeout(this.#timer);
    clearTimeout(this.#watchdog);
    this.#drop();
  }

  send(message: object): void {
    if (this.#socket?.readyState === WebSocket.OPEN) this.#socket.send(JSON.stringify(message));
  }

  #connect(): void {
    const since = this.events.since();
    const query = since === undefined ? "" : `?since=${since}`;
    const scheme = location.protocol === "https:" ? "wss:" : "ws:";
    const socket = new WebSocket(`${scheme}//${location.host}/api/v1/live${query}`);
    socket.binaryType = "arraybuffer";
    socket.onopen = () => {
      this.events.opened();
      this.#watch();
    };
    socket.onmessage = (message: MessageEvent<unknown>) => {
      if (!(message.data instanceof ArrayBuffer)) return;
      this.#attempt = 0;
      this.#watch();
      this.events.frame(new DataView(message.data));
    };
    socket.onclose = () => {
      if (socket !== this.#socket) return;
      this.#lose();
    };
    this.#socket = socket;
    this.#watch();
  }

  /** A peer that vanished without a word never closes; silence must. */
  #watch(): void {
    clearTimeout(this.#watchdog);
    this.#watchdog = setTimeout(() => {
      this.#drop();
      this.#lose();
    }, DEAD_MS);
  }

  #drop(): void {
    const socket = this.#socket;
    this.#socket = undefined;
    socket?.close();
  }

  #lose(): void {
    clearTimeout(this.#watchdog);
    this.events.closed();
    if (this.#ended) return;
    const delay = retryDelay_ms(this.#attempt, Math.random());
    this.#attempt += 1;
    this.#timer = setTimeout(() => void this.#retry(), delay);
  }

  async #retry(): Promise<void> {
    if (this.#ended) return;
    if (!(await this.events.mayRetry())) return;
    if (!this.#ended) this.#connect();
  }
}
