/**
 * The address says what the screen shows, so that a reload, a copied link or a
 * second screen shows the same:
 * `/?view=alerts&alert=ID&track=T12&t=2026-01-02T09:41:10Z&at=151.3,-23.8,11`.
 *
 * Each part of the page that belongs in the address adds its key here, once,
 * as its module is loaded; nobody else touches `location` or `history`.
 */
import type { Bootstrap } from "../api/types";
import { zoomOf, toLonLat } from "../map/camera";
import { mapControl } from "../map/control";
import { replay } from "../time/replay.svelte";
import { slotOf } from "../views/alerts/alerts.svelte";
import { isView, selection } from "./selection.svelte";

/** One key of the address, and both ways between it and what it stands for. */
export interface AddressKey {
  key: string;
  /** What the address should say, `undefined` for nothing; what it reads is followed. */
  write(): string | undefined;
  /** Does what the address said when the page was opened; called once, and only if the key was there. */
  read(text: string): void;
}

const keys: AddressKey[] = [];

/** Adds a key; they are read and written in the order they came in. */
export function addAddressKey(key: AddressKey): void {
  const at = keys.findIndex((known) => known.key === key.key);
  if (at < 0) keys.push(key);
  else keys[at] = key;
}

addAddressKey({
  key: "view",
  write: () => (selection.view === "map" ? undefined : selection.view),
  read: (text) => {
    if (isView(text)) selection.view = text;
  },
});
addAddressKey({
  key: "t",
  // Tenths would write the address ten times a second.
  write: () => (replay.isOn ? new Date(Math.floor(replay.at_ms / 1000) * 1000).toISOString().replace(".000", "") : undefined),
  read: (text) => {
    const at_ms = Date.parse(text);
    if (!Number.isNaN(at_ms)) replay.seek(at_ms);
  },
});
addAddressKey({
  key: "track",
  write: () => (selection.track === undefined ? undefined : `T${selection.track}`),
  read: (text) => {
    const slot = slotOf(text);
    if (slot !== undefined) selection.openTrack(slot);
  },
});
addAddressKey({
  key: "alert",
  write: () => selection.alert,
  read: (text) => selection.openAlert(text, replay.isOn ? "then" : "live"),
});
addAddressKey({
  key: "show",
  write: () => (selection.alert !== undefined && selection.track !== undefined && selection.shows === "track" ? "track" : undefined),
  read: (text) => {
    if (text === "track" && selection.track !== undefined) selection.shows = "track";
  },
});

/** Where the address wants the map to open. */
export function homeWished(search: string): Bootstrap["home"] | undefined {
  return homeOf(new URLSearchParams(search).get("at"));
}

/** Does what the address says; to be called once, when the alerts are known. */
export function followAddress(search: string): void {
  const query = new URLSearchParams(search);
  for (const { key, read } of keys) {
    const text = query.get(key);
    if (text !== null) read(text);
  }
}

/** A replay writes the address so often at most, ms: browsers refuse more. */
const WRITE_EVERY_MS = 1_000;
let written_ms = -Infinity;
let waiting: ReturnType<typeof setTimeout> | undefined;

/** Writes the address whenever what it says changes or the map moves; to be called in an effect. */
export function keepAddress(site: Bootstrap): () => void {
  const parts = partsNow();
  const write = () => {
    clearTimeout(waiting);
    const wait_ms = written_ms + WRITE_EVERY_MS - performance.now();
    if (replay.isPlaying && wait_ms > 0) {
      waiting = setTimeout(write, wait_ms);
      return;
    }
    written_ms = performance.now();
    history.replaceState(null, "", addressOf(parts, site));
  };
  write();
  return mapControl.onMoved(write);
}

/** The address of what is shown now, with some keys said otherwise: for a window of its own. */
export function addressWith(site: Bootstrap, other: Record<string, string | undefined>): string {
  return addressOf({ ...partsNow(), ...other }, site);
}

function partsNow(): Record<string, string | undefined> {
  return Object.fromEntries(keys.map(({ key, write }) => [key, write()]));
}

function addressOf(parts: Record<string, string | undefined>, site: Bootstrap): string {
  const query = new URLSearchParams();
  for (const [key, text] of Object.entries(parts)) if (text !== undefined) query.set(key, text);
  const at = placeNow(site);
  if (at !== undefined) query.set("at", at);
  const renderer = new URLSearchParams(location.search).get("renderer");
  if (renderer !== null) query.set("renderer", renderer);
  const text = query.toString().replaceAll("%2C", ",").replaceAll("%3A", ":");
  return text === "" ? "/" : `/?${text}`;
}

/** The map's place, unless it is the site's own. */
function placeNow(site: Bootstrap): string | undefined {
  const camera = mapControl.scene?.camera();
  if (!camera) return new URLSearchParams(location.search).get("at") ?? undefined;
  const [lon, lat] = toLonLat(camera, camera.width / 2, camera.height / 2);
  const zoom = zoomOf(camera.scale);
  const { home } = site;
  const isHome = Math.abs(lon - home.lon_deg) < 1e-4 && Math.abs(lat - home.lat_deg) < 1e-4 && Math.abs(zoom - home.zoom) < 0.01;
  return isHome ? undefined : `${lon.toFixed(5)},${lat.toFixed(5)},${zoom.toFixed(2)}`;
}

function homeOf(text: string | null): Bootstrap["home"] | undefined {
  const [lon_deg, lat_deg, zoom] = (text ?? "").split(",").map(Number);
  if (lon_deg === undefined || lat_deg === undefined || zoom === undefined) return undefined;
  if (!(Math.abs(lon_deg) <= 180 && Math.abs(lat_deg) <= 85 && zoom >= 1 && zoom <= 20)) return undefined;
  return { lon_deg, lat_deg, zoom };
}
