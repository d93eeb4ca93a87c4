/** Who is at the screen: from a one-time link to a session, and out again. */
import { Problem, api, whenSignedOut } from "../api/client";
import type { Bootstrap } from "../api/types";
import { followWish, readAddress } from "./address";
import { picture } from "../live/picture.svelte";
import { alerts } from "../views/alerts/alerts.svelte";
import { devices } from "../views/devices/devices.svelte";
import { areas } from "../views/draw/areas.svelte";

export type Stage =
  | { kind: "starting" }
  | { kind: "signed-out"; why: string }
  | { kind: "failed"; why: string }
  | { kind: "signed-in"; site: Bootstrap; opensAt: Bootstrap["home"] };

const NO_SESSION = "You are signed out. Open a one-time sign-in link to go on: the node prints one when it starts, and a signed-in screen can make one.";

class Session {
  stage = $state<Stage>({ kind: "starting" });

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
    const site = await api.bootstrap();
    const wish = readAddress(location.search);
    alerts.me = site.me.name;
    areas.take(site);
    picture.tracks.quietSymbols = neutralSymbols(site.symbols);
    this.stage = { kind: "signed-in", site, opensAt: wish.home ?? site.home };
    picture.start({
      alert: (alert) => alerts.take(alert),
      device: (device) => devices.take(device),
      areas: (all) => areas.take(all),
      signedOut: () => this.#leave("This session was ended on the node."),
      mayRetry: () => this.#stillIn(),
      snapshot: () => {
        void alerts.load().catch(() => {});
        void devices.load().catch(() => {});
      },
    });
    await Promise.allSettled([alerts.load(), devices.load()]);
    followWish(wish);
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
