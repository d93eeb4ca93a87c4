/**
 * One stream of frames and what it has built up: the tracks' rows for drawing,
 * their slow attributes for reading, and the state of the link that brings
 * them. A page has two, live and replay; neither takes the other's frames.
 */
import type { Affiliation, TrackKind } from "../api/types";
import { type Header, KIND, eachRecord, header, json, removedSlots } from "./decoder";
import { AT, Instances, latitude, longitude } from "./instances";
import { type LinkState, linkState } from "./link";
import { metered } from "./meter";
import { LiveSocket } from "./socket";

/** What changes seldom of a track. */
export interface Attributes {
  name: string | null;
  kind: TrackKind;
  affiliation: Affiliation;
  height_m: number | null;
  /** Pressure altitude, m. */
  altitude_m: number | null;
  climb_mps: number | null;
  squawk: string | null;
}

/** One track as lists and labels show it. */
export interface TrackLine extends Attributes {
  slot: number;
  id: string;
  lon_deg: number;
  lat_deg: number;
  speed_mps: number | null;
  course_deg: number | null;
  flags: number;
  symbol: number;
}

/** The body of an event frame; what it holds besides `type` is the listener's to read. */
export interface StreamEvent {
  type: string;
  [key: string]: unknown;
}

/** Who hears of the stream, and says where it is to be had. */
export interface StreamListener {
  path(): string;
  /** A socket was opened: what the node must know is to be said again. */
  opened(send: (message: object) => void): void;
  /** Whether a frame of this stream is to be taken in. */
  takes(head: Header): boolean;
  /** A fresh start; comes before the snapshot's tracks are in. */
  snapshot(head: Header): void;
  event(event: StreamEvent): void;
  /** After each frame that was taken in. */
  shown(head: Header): void;
  mayBeQuiet(): boolean;
  mayRetry(): Promise<boolean>;
}

/** Above this many tracks the page asks only for those near the map's box. */
export const SUBSCRIBE_ABOVE = 5_000;
/** Lists follow the stream this often at most, ms. */
const LIST_EVERY_MS = 500;

export class Stream {
  readonly tracks = new Instances();
  readonly attributes = new Map<number, Attributes>();
  link = $state<LinkState>({ kind: "connecting" });
  /** Time that the last frame shows, ms since 1970; in the live stream what "last good" means. */
  lastGood_ms = $state<number | undefined>(undefined);
  /** Number of tracks, and a counter that lists depend on. */
  count = $state(0);
  tick = $state(0);
  /** Last log sequence number that the stream shows. */
  seq = $state<number | undefined>(undefined);

  #socket: LiveSocket | undefined;
  #listener: StreamListener | undefined;
  #lastFrame_ms: number | undefined;
  #held_ms = 0;
  #catchingUp = false;
  #wasLost = false;
  #dirty = false;
  #select: number | null = null;
  #timer: ReturnType<typeof setInterval> | undefined;

  /**
   * `isReplay` is what a frame's header must say. `heldFor_ms` tells how long a
   * frame of that time was under way, 0 where time is not the node's own.
   */
  constructor(
    readonly isReplay: boolean,
    readonly heldFor_ms: (frameTime_ms: number) => number,
  ) {}

  start(listener: StreamListener): void {
    this.stop();
    this.#listener = listener;
    const socket = new LiveSocket({
      frame: (frame) => this.#frame(frame, listener),
      opened: () => {
        this.#catchingUp = this.#wasLost;
        if (this.#select !== null) socket.send({ select: this.#select });
        listener.opened((message) => void socket.send(message));
      },
      closed: () => {
        this.#wasLost = true;
        this.#catchingUp = true;
      },
      path: () => listener.path(),
      mayBeQuiet: () => listener.mayBeQuiet(),
      mayRetry: () => listener.mayRetry(),
    });
    this.#socket = socket;
    socket.open();
    this.#timer = setInterval(() => this.#beat(), LIST_EVERY_MS);
  }

  stop(): void {
    clearInterval(this.#timer);
    this.#socket?.end();
    this.#socket = undefined;
    this.#listener = undefined;
    this.#lastFrame_ms = undefined;
    this.#held_ms = 0;
    this.#wasLost = false;
    this.#catchingUp = false;
    this.seq = undefined;
    this.lastGood_ms = undefined;
    this.tracks.clear();
    this.attributes.clear();
    this.count = 0;
    this.tick += 1;
    this.link = { kind: "connecting" };
  }

  /** False when there is no open socket. */
  send(message: object): boolean {
    return this.#socket?.send(message) ?? false;
  }

  /** Asks for the chosen track more often than the rest. */
  select(slot: number | null): void {
    this.#select = slot;
    this.send({ select: slot });
  }

  /** Tells the node what is in view, once there is too much to send it all. */
  subscribe(box: [number, number, number, number]): void {
    if (this.tracks.count > SUBSCRIBE_ABOVE) this.send({ subscribe: { box } });
  }

  /** A track as it is at `now_s`, the stream's own time. */
  line(slot: number, now_s: number): TrackLine | undefined {
    const row = this.tracks.rowOf(slot);
    if (row === undefined) return undefined;
    const at = this.tracks.place(row, now_s);
    const course = this.tracks.value(row, AT.course);
    const speed = this.tracks.value(row, AT.speed);
    const slow = this.attributes.get(slot);
    return {
      slot,
      id: `T${slot}`,
      lon_deg: longitude(at.x),
      lat_deg: latitude(at.y),
      speed_mps: speed < 0 ? null : speed,
      course_deg: course < 0 ? null : (course * 180) / Math.PI,
      flags: this.tracks.value(row, AT.flags),
      symbol: this.tracks.value(row, AT.symbol),
      name: slow?.name ?? null,
      kind: slow?.kind ?? "unknown",
      affiliation: slow?.affiliation ?? "unknown",
      height_m: slow?.height_m ?? null,
      altitude_m: slow?.altitude_m ?? null,
      climb_mps: slow?.climb_mps ?? null,
      squawk: slow?.squawk ?? null,
    };
  }

  /** Lines of the tracks whose place, in Mercator units, the caller wants. */
  linesWhere(isWanted: (x: number, y: number) => boolean, now_s: number): TrackLine[] {
    const lines: TrackLine[] = [];
    for (let row = 0; row < this.tracks.count; row += 1) {
      const at = this.tracks.place(row, now_s);
      const line = isWanted(at.x, at.y) ? this.line(this.tracks.slotAt(row), now_s) : undefined;
      if (line) lines.push(line);
    }
    return lines;
  }

  #frame(frame: DataView, listener: StreamListener): void {
    const head = header(frame);
    // The past on the live socket, or the present on the other, is never drawn.
    if (!head || head.isReplay !== this.isReplay) return;
    this.#lastFrame_ms = performance.now();
    const frameTime_ms = head.serverTime_s * 1000;
    this.#held_ms = this.heldFor_ms(frameTime_ms);
    if (listener.takes(head)) {
      this.lastGood_ms = frameTime_ms;
      this.seq = Math.max(this.seq ?? 0, head.seq);
      this.#take(frame, head, listener);
      listener.shown(head);
    }
    this.#relink();
  }

  #take(frame: DataView, head: Header, listener: StreamListener): void {
    switch (head.kind) {
      case KIND.snapshot:
        this.tracks.clear();
        this.seq = head.seq;
        listener.snapshot(head);
        this.#records(frame, head.serverTime_s);
        for (const slot of this.attributes.keys()) {
          if (this.tracks.rowOf(slot) === undefined) this.attributes.delete(slot);
        }
        this.#catchingUp = false;
        break;
      case KIND.update:
        this.#records(frame, head.serverTime_s);
        break;
      case KIND.remove:
        for (const slot of removedSlots(frame)) {
          this.tracks.remove(slot);
          this.attributes.delete(slot);
        }
        this.#dirty = true;
        break;
      case KIND.event: {
        const event = json(frame) as StreamEvent | undefined;
        if (typeof event?.type === "string") listener.event(event);
        break;
      }
      case KIND.attributes:
        this.#attributes(json(frame));
        break;
      case KIND.heartbeat:
        this.#catchingUp = false;
        break;
      default:
        // A kind that this page does not know yet carries nothing it shows.
        break;
    }
  }

  #records(frame: DataView, at_s: number): void {
    metered("picket.decode", () => eachRecord(frame, (record) => this.tracks.put(record, at_s)));
    this.#dirty = true;
  }

  #attributes(body: unknown): void {
    const tracks = (body as { tracks?: (Partial<Attributes> & { slot: number })[] } | undefined)?.tracks;
    if (!Array.isArray(tracks)) return;
    for (const { slot, name, kind, affiliation, height_m, altitude_m, climb_mps, squawk } of tracks) {
      this.attributes.set(slot, {
        name: name ?? null,
        kind: kind ?? "unknown",
        affiliation: affiliation ?? "unknown",
        height_m: height_m ?? null,
        altitude_m: altitude_m ?? null,
        climb_mps: climb_mps ?? null,
        squawk: squawk ?? null,
      });
    }
    this.#dirty = true;
  }

  #beat(): void {
    this.#relink();
    if (!this.#dirty) return;
    this.#dirty = false;
    this.count = this.tracks.count;
    this.tick += 1;
  }

  #relink(): void {
    const next = this.#linkNow();
    if (JSON.stringify(next) !== JSON.stringify(this.link)) this.link = next;
  }

  #linkNow(): LinkState {
    const isAtRest = !this.#wasLost && this.#lastFrame_ms !== undefined && (this.#listener?.mayBeQuiet() ?? false);
    if (isAtRest) return { kind: "live" };
    return linkState(performance.now(), this.#lastFrame_ms, this.#catchingUp, this.#held_ms);
  }
}
