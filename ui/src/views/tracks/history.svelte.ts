/** Where the selected track was, further back than the card's ten minutes; and in a replay, before the replayed second. */
import { api } from "../../api/client";
import type { TrackHistory } from "../../api/types";
import { selection } from "../../app/selection.svelte";
import { clock } from "../../live/clock.svelte";
import { replay } from "../../time/replay.svelte";

const HOUR_MS = 3_600_000;

export const TRAILS = [
  { name: "10 min", back_ms: HOUR_MS / 6 },
  { name: "1 h", back_ms: HOUR_MS },
  { name: "6 h", back_ms: 6 * HOUR_MS },
  { name: "24 h", back_ms: 24 * HOUR_MS },
] as const;

/** Points asked for at most, the node's own limit: a report each 10 s for 27 h; beyond it the newest are left out. */
const POINTS_MAX = 10_000;
/** Points drawn; the map draws them with every frame. */
const DRAWN_MAX = 1_000;
/** In the present a long trail is read again so often, ms. */
const REFRESH_MS = 30_000;
/** A replay that goes on reads it anew for each such step of its time, ms. */
const STEP_MS = 10_000;

class History {
  back_ms = $state<number>(TRAILS[0].back_ms);
  answer = $state.raw<TrackHistory | undefined>(undefined);
  problem = $state<string | undefined>(undefined);
  #asked = 0;

  /** The trail to draw, `[lon_deg, lat_deg, unix seconds]` oldest first; `undefined` where the card's own will do. */
  readonly trail = $derived.by((): [number, number, number][] | undefined => {
    if (this.answer?.id !== `T${selection.track}`) return replay.isOn ? [] : undefined;
    const until_ms = replay.isOn ? replay.at_ms : Infinity;
    const { points } = this.answer;
    const each = Math.max(1, Math.ceil(points.length / DRAWN_MAX));
    return points
      .filter((_, index) => index % each === 0 || index === points.length - 1)
      .map(({ lon_deg, lat_deg, at }): [number, number, number] => [lon_deg, lat_deg, Date.parse(at) / 1000])
      .filter(([, , at_s]) => at_s * 1000 <= until_ms);
  });

  /** Follows the selection and the replayed second; to be called in an effect. */
  follow(): (() => void) | undefined {
    const { track } = selection;
    const { back_ms } = this;
    const until_ms = replay.isOn ? Math.ceil(replay.at_ms / STEP_MS) * STEP_MS : undefined;
    const isWanted = track !== undefined && (until_ms !== undefined || back_ms > TRAILS[0].back_ms);
    if (!isWanted || replay.isSeeking) {
      if (!isWanted) this.#forget();
      return undefined;
    }
    void this.#read(track, back_ms, until_ms);
    if (until_ms !== undefined) return undefined;
    const timer = setInterval(() => void this.#read(track, back_ms, until_ms), REFRESH_MS);
    return () => clearInterval(timer);
  }

  #forget(): void {
    this.#asked += 1;
    this.answer = undefined;
    this.problem = undefined;
  }

  async #read(slot: number, back_ms: number, until_ms: number | undefined): Promise<void> {
    const asked = ++this.#asked;
    const to_ms = until_ms ?? clock.read_ms();
    try {
      const answer = await api.history(`T${slot}`, to_ms - back_ms, to_ms, POINTS_MAX);
      if (asked !== this.#asked) return;
      this.answer = answer;
      this.problem = undefined;
    } catch (error) {
      if (asked === this.#asked) this.problem = error instanceof Error ? error.message : String(error);
    }
  }
}

export const history = new History();
