/**
 * The address says what the screen shows, so that a reload or a copied link
 * shows the same: `/?view=alerts&alert=ID&track=T12&at=151.3,-23.8,11`.
 */
import type { Bootstrap } from "../api/types";
import { zoomOf, toLonLat } from "../map/camera";
import { mapControl } from "../map/control";
import { alerts, slotOf } from "../views/alerts/alerts.svelte";
import { selection } from "./selection.svelte";

/** What the address asked for when the page was opened. */
export interface Wish {
  view: "map" | "alerts";
  alert: string | undefined;
  track: number | undefined;
  home: Bootstrap["home"] | undefined;
}

export function readAddress(search: string): Wish {
  const query = new URLSearchParams(search);
  return {
    view: query.get("view") === "alerts" ? "alerts" : "map",
    alert: query.get("alert") ?? undefined,
    track: slotOf(query.get("track")),
    home: homeOf(query.get("at")),
  };
}

/** Applies the wish; to be called once the alerts are known. */
export function followWish(wish: Wish): void {
  selection.view = wish.view;
  if (wish.track !== undefined) selection.openTrack(wish.track);
  if (wish.alert !== undefined && alerts.all.has(wish.alert)) selection.openAlert(wish.alert);
}

/** Writes the address whenever view, selection or map move; to be called in an effect. */
export function keepAddress(site: Bootstrap): () => void {
  const write = () => history.replaceState(null, "", addressNow(site));
  write();
  return mapControl.onMoved(write);
}

function addressNow(site: Bootstrap): string {
  const query = new URLSearchParams();
  if (selection.view !== "map") query.set("view", selection.view);
  if (selection.alert !== undefined) query.set("alert", selection.alert);
  if (selection.track !== undefined) query.set("track", `T${selection.track}`);
  const at = placeNow(site);
  if (at !== undefined) query.set("at", at);
  const renderer = new URLSearchParams(location.search).get("renderer");
  if (renderer !== null) query.set("renderer", renderer);
  const text = query.toString().replaceAll("%2C", ",");
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
