/**
 * What the page holds of the world: the tracks' rows for drawing, their slow
 * attributes for reading, and the state of the link that brings them.
 */
import type { Affiliation, Alert, Area, Device, Line, TrackKind } from "../api/types";
import { clock } from "./clock.svelte";
import { KIND, eachRecord, header, json, removedSlots } from "./decoder";
import { AT, Instances, latitude, longitude } from "./instances";
import { type LinkState, linkState } from "./link";
import { LiveSocket } from "./socket";

/** What changes seldom of a track. */
export interface Attributes {
  name: string | null;
  kind: TrackKind;
  affiliation: Affiliation;
  height_m: number | null;
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

/** Who hears of the stream's events. */
export interface PictureListener {
  alert(alert: Alert): void;
  device(device: Device): void;
  /** All areas and lines, after a change and after each snapshot. */
  areas(all: { areas?: Area[]; lines?: Line[] }): void;
  signedOut(): void;
  mayRetry(): Promise<boolean>;
  /** A fresh start: what was known of alerts and devices is to be read anew. */
  snapshot(): void;
}

/** Above this many tracks the page asks only for those near the map's box. */
export const SUBSCRIBE_ABOVE = 5_000;
/** Lists follow the stream this often at most, ms. */
const LIST_EVERY_MS = 500;

class Picture {
  readonly tracks = new Instances();
  readonly attributes = new Map<number, Attributes>();
  link = $state<LinkState>({ kind: "connecting" });
  /** Server time of the last frame, ms since 1970; what "last good" means. */
  lastGood_ms = $state<number | undefined>(undefined);
  /** Number of tracks, and a counter that lists depend on. */
  count = $state(0);
  tick = $state(0);
  /** Last log sequence number that the picture shows. */
  seq = $state<number | undefined>(undefined);

  #socket: LiveSocket | undefined;
  #lastFrame_ms: number | undefined;
  #catchingUp = false;
  #wasLost = false;
  #dirty = false;
  #select: number | null = null;
  #timer: ReturnType<typeof setInterval> | undefined;

  start(listener: PictureListener): void {
    this.stop();
    this.#socket = new LiveSocket({
      frame: (frame) => this.#frame(frame, listener),
      opened: () => {
        this.#catchingUp = this.#wasLost;
        if (this.#select !== null) this.#socket?.send({ select: this.#select });
      },
      closed: () => {
        this.#wasLost = true;
        this.#catchingUp = true;
      },
      since: () => this.seq,
      mayRetry: () => listener.mayRetry(),
    });
    this.#socket.open();
    this.#timer = setInterval(() => this.#beat(), LIST_EVERY_MS);
  }

  stop(): void {
    clearInterval(this.#timer);
    this.#socket?.end();
    this.#socket = undefined;
    this.#lastFrame_ms = undefined;
    this.#wasLost = false;
    this.seq = undefined;
    this.tracks.clear();
    this.attributes.clear();
    this.link = { kind: "connecting" };
  }

  /** Asks for the chosen track more often than the rest. */
  select(slot: number | null): void {
    this.#select = slot;
    this.#socket?.send({ select: slot });
  }

  /** Tells the node what is in view, once there is too much to send it all. */
  subscribe(box: [number, number, number, number]): void {
    if (this.tracks.count > SUBSCRIBE_ABOVE) this.#socket?.send({ subscribe: { box } });
  }

  /** Time that symbols are drawn for, s since 1970; stands still once the link is lost. */
  drawTime_s(): number {
    if (this.link.kind === "lost" && this.lastGood_ms !== undefined) return this.lastGood_ms / 1000;
    return clock.read_ms() / 1000;
  }

  line(slot: number): TrackLine | undefined {
    const row = this.tracks.rowOf(slot);
    if (row === undefined) return undefined;
    const at = this.tracks.place(row, this.drawTime_s());
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
    };
  }

  lines(): TrackLine[] {
    return this.linesWhere(() => true);
  }

  /** Lines of the tracks whose place, in Mercator units, the caller wants. */
  linesWhere(isWanted: (x: number, y: number) => boolean): TrackLine[] {
    const lines: TrackLine[] = [];
    const now_s = this.drawTime_s();
    for (let row = 0; row < this.tracks.count; row += 1) {
      const at = this.tracks.place(row, now_s);
      const line = isWanted(at.x, at.y) ? this.line(this.tracks.slotAt(row)) : undefined;
      if (line) lines.push(line);
    }
    return lines;
  }

  #frame(frame: DataView, listener: PictureListener): void {
    const head = header(frame);
    if (!head) return;
    this.#lastFrame_ms = performance.now();
    this.lastGood_ms = head.serverTime_s * 1000;
    clock.learn(head.serverTime_s * 1000);
    this.seq = Math.max(this.seq ?? 0, head.seq);
    switch (head.kind) {
      case KIND.snapshot:
        this.tracks.clear();
        this.seq = head.seq;
        listener.snapshot();
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
      case KIND.event:
        this.#event(json(frame), listener);
        break;
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
    this.#relink();
  }

  #records(frame: DataView, at_s: number): void {
    eachRecord(frame, (record) => this.tracks.put(record, at_s));
    this.#dirty = true;
  }

  #attributes(body: unknown): void {
    const tracks = (body as { tracks?: (Attributes & { slot: number })[] } | undefined)?.tracks;
    if (!Array.isArray(tracks)) return;
    for (const { slot, name, kind, affiliation, height_m } of tracks) {
      this.attributes.set(slot, { name, kind, affiliation, height_m });
    }
    this.#dirty = true;
  }

  #event(body: unknown, listener: PictureListener): void {
    const event = body as { type?: string; alert?: Alert; device?: Device; areas?: Area[]; lines?: Line[] } | undefined;
    if (event?.type === "alert" && event.alert) listener.alert(event.alert);
    if (event?.type === "device" && event.device) listener.device(event.device);
    if (event?.type === "areas") listener.areas(event);
    if (event?.type === "sign_out") listener.signedOut();
  }

  #beat(): void {
    this.#relink();
    if (!this.#dirty) return;
    this.#dirty = false;
    this.count = this.tracks.count;
    this.tick += 1;
  }

  #relink(): void {
    const next = linkState(performance.now(), this.#lastFrame_ms, this.#catchingUp);
    if (JSON.stringify(next) !== JSON.stringify(this.link)) this.link = next;
  }
}

export const picture = new Picture();
