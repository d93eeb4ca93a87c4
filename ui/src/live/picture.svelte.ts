/**
 * The picture that the page shows: the live stream's or the replay's, exactly
 * one of them. The live stream goes on beneath a replay, so that its alerts
 * come in and the way back takes no time.
 */
import { clock } from "./clock.svelte";
import { Stream, type TrackLine } from "./stream.svelte";

export type { Attributes, StreamEvent, TrackLine } from "./stream.svelte";
export { SUBSCRIBE_ABOVE } from "./stream.svelte";

class Picture {
  readonly live = new Stream(false, (frameTime_ms) => {
    clock.learn(frameTime_ms);
    return clock.lag_ms(frameTime_ms);
  });
  readonly replay = new Stream(true, () => 0);
  /** Whether the page shows the past. */
  isReplay = $state(false);
  /** Replayed time at this instant, s since 1970; set by who steers the replay. */
  replayTime_s: () => number = () => 0;

  get shown(): Stream {
    return this.isReplay ? this.replay : this.live;
  }
  get tracks() {
    return this.shown.tracks;
  }
  get link() {
    return this.shown.link;
  }
  get lastGood_ms() {
    return this.shown.lastGood_ms;
  }
  get count() {
    return this.shown.count;
  }
  get tick() {
    return this.shown.tick;
  }
  get seq() {
    return this.shown.seq;
  }

  stop(): void {
    this.isReplay = false;
    this.replay.stop();
    this.live.stop();
  }

  select(slot: number | null): void {
    this.live.select(slot);
    this.replay.select(slot);
  }

  subscribe(box: [number, number, number, number]): void {
    this.live.subscribe(box);
    this.replay.subscribe(box);
  }

  /** Time that symbols are drawn for, s since 1970; stands still once the link is lost. */
  drawTime_s(): number {
    const { link, lastGood_ms } = this.shown;
    if (link.kind === "lost" && lastGood_ms !== undefined) return lastGood_ms / 1000;
    return this.isReplay ? this.replayTime_s() : clock.read_ms() / 1000;
  }

  line(slot: number): TrackLine | undefined {
    return this.shown.line(slot, this.drawTime_s());
  }

  lines(): TrackLine[] {
    return this.linesWhere(() => true);
  }

  /** Lines of the tracks whose place, in Mercator units, the caller wants. */
  linesWhere(isWanted: (x: number, y: number) => boolean): TrackLine[] {
    return this.shown.linesWhere(isWanted, this.drawTime_s());
  }
}

export const picture = new Picture();
