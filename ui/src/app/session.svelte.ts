/** Who is at the screen: from a one-time link to a session, and out again. */
import { Problem, api, whenSignedOut } from "../api/client";
import type { Alert, Area, Bootstrap, Device, Line } from "../api/types";
import { clock } from "../live/clock.svelte";
import { type StreamEvent, picture } from "../live/picture.svelte";
import { replay } from "../time/replay.svelte";
import { alerts } from "../views/alerts/alerts.svelte";
import { devices } from "../views/devices/devices.svelte";
import { areas } from "../views/draw/areas.svelte";
import { followAddress, homeWished } from "./address";

export type Stage =
  | { kind: "starting" }
  | { kind: "signed-out"; why: string }
  | { kind: "failed"; why: string }
  | { kind: "signed-in"; site: Bootstrap; opensAt: Bootstrap["home"] };

const ENDED = "This session was ended on the node.";
/** While the picture is late the node is asked for its time so often, ms. */
const PROBE_MS = 10_000;
const NO_SESSION = "You are signed out. Open a one-time sign-in link to go on: the node prints one when it starts, and a signed-in screen can make one.";

class Session {
  stage = $state<Stage>({ kind: "starting" });
  #probe: ReturnType<typeof setInterval> | undefined;

  async start(): Promise<void> {
    whenSignedOut(() => this.#leave("Your session has ended. Open a new one-time link to sign in again."));
    try {
      if (!(await this.#redeemFragment())) return;
      await this.#enter();
    } catch (error) {
      if (this.stage.kind === "signed-out") return;
      this.stage = { kind: "failed", why: error instanceof Error ? error.message : String(error) };
    }
  }

  async signOut(): Promise<void> {
    await api.signOut().catch(() => {});
    this.#leave("You signed out. Nothing of the picture stays on this screen.");
  }

  /** False if the link was refused; the fragment is taken out of the address in any case. */
  async #redeemFragment(): Promise<boolean> {
    if (location.pathname !== "/enrol") return true;
    const token = location.hash.slice(1);
    history.replaceState(null, "", "/");
    if (token === "") return true;
    try {
      await api.redeem(token);
      return true;
    } catch (error) {
      if (error instanceof Problem && error.status !== 0) {
        const why = `${error.message} A link works once and for a short time; ask for a new one.`;
        this.stage = { kind: "signed-out", why };
        return false;
      }
      throw error;
    }
  }

  async #enter(): Promise<void> {
    try {
      await api.session();
    } catch (error) {
      if (error instanceof Problem && error.status === 401) {
        this.stage = { kind: "signed-out", why: NO_SESSION };
        return;
      }
      throw error;
    }
    const site = await this.#bootstrap();
    const wish = location.search;
    alerts.me = site.me.name;
    areas.take(site);
    for (const { tracks } of [picture.live, picture.replay]) tracks.quietSymbols = neutralSymbols(site.symbols);
    replay.begin(() => this.#stillIn(), () => this.#leave(ENDED));
    this.stage = { kind: "signed-in", site, opensAt: homeWished(wish) ?? site.home };
    picture.live.start({
      path: () => (picture.live.seq === undefined ? "/api/v1/live" : `/api/v1/live?since=${picture.live.seq}`),
      opened: () => {},
      takes: () => true,
      snapshot: () => {
        void alerts.load().catch(() => {});
        void devices.load().catch(() => {});
      },
      event: (event) => this.#event(event),
      shown: () => {},
      mayBeQuiet: () => false,
      mayRetry: () => this.#stillIn(),
    });
    await Promise.allSettled([alerts.load(), devices.load()]);
    followAddress(wish);
    this.#probe = setInterval(() => this.#askWhenLate(), PROBE_MS);
  }

  /** What comes over the live stream beside tracks. */
  #event(event: StreamEvent): void {
    if (event.type === "alert") alerts.take(event.alert as Alert);
    else if (event.type === "device") devices.take(event.device as Device);
    else if (event.type === "areas") areas.take(event as { areas?: Area[]; lines?: Line[] });
    else if (event.type === "sign_out") this.#leave(ENDED);
  }

  /** An answer carries the node's time: a bound on how late the stream is. */
  async #bootstrap(): Promise<Bootstrap> {
    const sent_ms = performance.now();
    const site = await api.bootstrap();
    clock.learnAnswer(Date.parse(site.server_time), sent_ms);
    return site;
  }

  /** Late frames or a node whose clock was set back: a question tells them apart. */
  #askWhenLate(): void {
    if (picture.live.link.kind === "late") void this.#bootstrap().catch(() => {});
  }

  /** Asks before each new attempt, so that an ended session is said in words. */
  async #stillIn(): Promise<boolean> {
    try {
      await api.session();
      return true;
    } catch (error) {
      return !(error instanceof Problem && error.status === 401);
    }
  }

  #leave(why: string): void {
    if (this.stage.kind === "signed-out") return;
    clearInterval(this.#probe);
    replay.leave();
    picture.stop();
    alerts.clear();
    devices.clear();
    areas.clear();
    this.stage = { kind: "signed-out", why };
  }
}

/** Indices of the SIDCs whose standard identity (fourth digit) is neutral. */
function neutralSymbols(sidcs: readonly string[]): Set<number> {
  return new Set(sidcs.flatMap((sidc, index) => (sidc[3] === "4" ? [index] : [])));
}

export const session = new Session();
