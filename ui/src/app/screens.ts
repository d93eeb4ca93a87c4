/**
 * The other windows of this browser: what is chosen on one is chosen on all,
 * and every view can have a window of its own.
 */
import type { Bootstrap } from "../api/types";
import { addressWith } from "./address";
import { selection } from "./selection.svelte";

const CHANNEL = "picket.selection";

interface Chosen {
  alert: string | undefined;
  track: number | undefined;
  shows: "alert" | "track";
}

/** What was last said or heard: an echo is not said again. */
let known = "";
let channel: BroadcastChannel | undefined;

/** Hears the other windows; the answer stops that. */
export function joinScreens(): () => void {
  const joined = new BroadcastChannel(CHANNEL);
  channel = joined;
  joined.onmessage = ({ data }: MessageEvent<unknown>) => {
    const chosen = read(data);
    if (!chosen) return;
    known = JSON.stringify(chosen);
    selection.follow(chosen);
  };
  return () => {
    joined.close();
    channel = undefined;
  };
}

/** Tells the other windows; to be called in an effect. */
export function shareSelection(): void {
  const { alert, track, shows } = selection;
  const chosen: Chosen = { alert, track, shows };
  const said = JSON.stringify(chosen);
  if (said === known) return;
  // A window that has only just opened says nothing: it follows its address.
  if (known !== "") channel?.postMessage(chosen);
  known = said;
}

export function openWindow(site: Bootstrap): void {
  window.open(addressWith(site, {}), "_blank", "noopener");
}

function read(data: unknown): Chosen | undefined {
  if (typeof data !== "object" || data === null) return undefined;
  const { alert, track, shows } = data as Record<string, unknown>;
  if (alert !== undefined && typeof alert !== "string") return undefined;
  if (track !== undefined && typeof track !== "number") return undefined;
  if (shows !== "alert" && shows !== "track") return undefined;
  return { alert, track, shows };
}
