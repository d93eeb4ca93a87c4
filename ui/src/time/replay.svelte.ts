/**
 * The replay: which second of the past the page shows, how fast it goes on,
 * and the alerts as they stood then. Nothing here can act on the present.
 */
import { SvelteMap } from "svelte/reactivity";
import type { Alert } from "../api/types";
import { notices } from "../app/notices.svelte";
import { words } from "../i18n/en";
import { clock } from "../live/clock.svelte";
import type { Header } from "../live/decoder";
import { picture } from "../live/picture.svelte";
import type { StreamEvent } from "../live/stream.svelte";
import { compareAlerts, isQueued } from "../views/alerts/queue";

export const SPEEDS = [1, 2, 4, 8, 16, 32, 64] as const;

export interface Range {
  from_ms: number;
  to_ms: number;
}

/** While the playhead is dragged or a key held down the node is asked this often, ms: it takes twenty words a second. */
const DRAG_MS = 120;
/** A replay this near to the present has arrived, ms. */
const PRESENT_MS = 1_000;
/** Between two frames symbols move on for so long at most, ms of wall time. */
const AHEAD_MS_MAX = 1_000;

class Replay {
  /** The second shown, ms since 1970; the wanted one while it is being fetched. */
  at_ms = $state(0);
  speed = $state<number>(1);
  isPlaying = $state(false);
  loop = $state.raw<Range | undefined>(undefined);
  /** What the node's history holds. */
  held = $state.raw<Range | undefined>(undefined);
  /** True when the node says that records of this time are missing. */
  isIncomplete = $state(false);
  /** True from a seek until the picture of that second is here. */
  isSeeking = $state(false);
  /** When the present was left, ms since 1970. */
  began_ms = $state(0);
  /** Alerts as they stood at that second. */
  readonly alerts = new SvelteMap<string, Alert>();
  readonly queue = $derived([...this.alerts.values()].sort(compareAlerts).filter(isQueued));

  /** True from a seek until a picture begins anew: what comes before that is of the second before. */
  #isAwaiting = false;
  /** True until the node's first word after a snapshot: that one tells what was before it heard us. */
  #isAnswer = false;
  #frame = { at_ms: 0, came_ms: 0 };
  #drag: ReturnType<typeof setTimeout> | undefined;
  #mayRetry: () => Promise<boolean> = async () => true;
  #signedOut: () => void = () => {};

  get isOn(): boolean {
    return picture.isReplay;
  }

  /** Says what to do when the session may be over; to be called once. */
  begin(mayRetry: () => Promise<boolean>, signedOut: () => void): void {
    this.#mayRetry = mayRetry;
    this.#signedOut = signedOut;
    picture.replayTime_s = () => this.#drawTime_ms() / 1000;
  }

  /** Shows the past second `at_ms`, held to what there can be. */
  seek(at_ms: number): void {
    const wanted = this.#hold(at_ms);
    this.at_ms = wanted;
    this.isSeeking = true;
    this.#isAwaiting = true;
    if (!picture.isReplay) return this.#enter();
    clearTimeout(this.#drag);
    this.#drag = undefined;
    picture.replay.send({ seek: iso(wanted) });
  }

  /** As `seek`, for each step of many: the node is asked now and then, and for the last step always. */
  drag(at_ms: number): void {
    if (!picture.isReplay) return this.seek(at_ms);
    this.at_ms = this.#hold(at_ms);
    this.isSeeking = true;
    this.#drag ??= setTimeout(() => this.seek(this.at_ms), DRAG_MS);
  }

  /** Goes by a step; one that reaches the present ends the replay. */
  step(by_ms: number): void {
    const now_ms = clock.read_ms();
    const at_ms = (this.isOn ? this.at_ms : now_ms) + by_ms;
    if (at_ms >= now_ms) this.leave();
    else this.drag(at_ms);
  }

  /** Freezes the present, or lets the past run on. */
  toggle(): void {
    if (!this.isOn) return this.seek(clock.read_ms());
    this.play(!this.isPlaying);
  }

  play(play: boolean): void {
    this.isPlaying = play;
    this.#frame = { at_ms: this.at_ms, came_ms: performance.now() };
    picture.replay.send({ play });
  }

  setSpeed(speed: number): void {
    this.speed = speed;
    picture.replay.send({ speed });
  }

  setLoop(loop: Range | undefined): void {
    this.loop = loop;
    this.#sendLoop();
  }

  /** Back to the present. */
  leave(): void {
    if (!picture.isReplay) return;
    clearTimeout(this.#drag);
    this.#drag = undefined;
    picture.isReplay = false;
    picture.replay.stop();
    this.isPlaying = false;
    this.isSeeking = false;
    this.isIncomplete = false;
    this.loop = undefined;
    this.alerts.clear();
  }

  #enter(): void {
    picture.isReplay = true;
    this.began_ms = clock.read_ms();
    picture.replay.start({
      path: () => `/api/v1/replay?at=${encodeURIComponent(iso(this.at_ms))}&speed=${this.speed}`,
      opened: (send) => {
        // Also after a break: the node knows nothing of the socket before.
        this.isSeeking = true;
        this.#isAwaiting = true;
        if (this.loop) this.#sendLoop();
        if (this.isPlaying) send({ play: true });
      },
      takes: (head) => this.#takes(head),
      snapshot: () => {
        this.alerts.clear();
        this.#isAnswer = true;
      },
      event: (event) => this.#event(event),
      shown: (head) => this.#shown(head),
      mayBeQuiet: () => !this.isPlaying && !this.isSeeking,
      mayRetry: () => this.#mayRetry(),
    });
  }

  /** Frames of before a seek are still under way when it is asked; they are let go by. */
  #takes(head: Header): boolean {
    if (head.kind === SNAPSHOT) this.#isAwaiting = false;
    return !this.#isAwaiting;
  }

  #shown(head: Header): void {
    const at_ms = head.serverTime_s * 1000;
    this.#frame = { at_ms, came_ms: performance.now() };
    // Under a dragged playhead the picture follows; it is not yet the wanted one.
    if (this.#drag !== undefined) return;
    this.isSeeking = false;
    this.at_ms = at_ms;
    if (this.isPlaying && this.loop === undefined && at_ms >= clock.read_ms() - PRESENT_MS) this.#arrive();
  }

  /** A replay that has caught up with the present has nothing more to show. */
  #arrive(): void {
    this.leave();
    notices.say(words.time.arrived);
  }

  #event(event: StreamEvent): void {
    switch (event.type) {
      case "alert": {
        const alert = event.alert as Alert;
        this.alerts.set(alert.id, alert);
        break;
      }
      case "replay":
        this.#learn(event);
        break;
      case "sign_out":
        this.#signedOut();
        break;
      default:
        // Devices and areas are shown as they are now; the page says so.
        break;
    }
  }

  #learn(event: StreamEvent): void {
    const { playing, speed } = event;
    if (this.#isAnswer) {
      this.#isAnswer = false;
      if (playing !== this.isPlaying) picture.replay.send({ play: this.isPlaying });
      if (speed !== this.speed) picture.replay.send({ speed: this.speed });
    } else {
      if (typeof playing === "boolean") this.isPlaying = playing;
      if (typeof speed === "number") this.speed = speed;
    }
    this.isIncomplete = event.incomplete === true;
    const [from_ms, to_ms] = [Date.parse(String(event.from)), Date.parse(String(event.to))];
    if (from_ms <= to_ms) this.held = { from_ms, to_ms };
  }

  /** A loop that has only begun is the page's own business. */
  #sendLoop(): void {
    const { loop } = this;
    picture.replay.send({ loop: loop && loop.to_ms > loop.from_ms ? [iso(loop.from_ms), iso(loop.to_ms)] : null });
  }

  /** Not before what is held, not after now. */
  #hold(at_ms: number): number {
    const least = this.held?.from_ms ?? -Infinity;
    return Math.round(Math.max(least, Math.min(clock.read_ms(), at_ms)));
  }

  #drawTime_ms(): number {
    if (!this.isPlaying || this.isSeeking) return this.#frame.at_ms;
    const since_ms = Math.min(AHEAD_MS_MAX, performance.now() - this.#frame.came_ms);
    return this.#frame.at_ms + since_ms * this.speed;
  }
}

/** A frame's kind that begins a picture anew. */
const SNAPSHOT = 1;

const iso = (at_ms: number): string => new Date(at_ms).toISOString();

export const replay = new Replay();
