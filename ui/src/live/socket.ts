/**
 * A WebSocket to the node: connects, hands on frames, connects again where it
 * was. Knows nothing of tracks or alerts, nor whether it shows the present.
 */
import { retryDelay_ms } from "./link";

export interface SocketEvents {
  frame(frame: DataView): void;
  opened(): void;
  closed(): void;
  /** Path and query to connect to, asked anew for each attempt. */
  path(): string;
  /** Whether the node may say nothing for long, as while a replay stands still. */
  mayBeQuiet(): boolean;
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

  /** False when there is no open socket; the message is then gone. */
  send(message: object): boolean {
    if (this.#socket?.readyState !== WebSocket.OPEN) return false;
    this.#socket.send(JSON.stringify(message));
    return true;
  }

  #connect(): void {
    const scheme = location.protocol === "https:" ? "wss:" : "ws:";
    const socket = new WebSocket(`${scheme}//${location.host}${this.events.path()}`);
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
      if (this.#socket?.readyState === WebSocket.OPEN && this.events.mayBeQuiet()) return this.#watch();
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
