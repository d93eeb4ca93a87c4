/** What the person looks at: one track or one alert, the view and the lower panel. */
import type { Alert } from "../api/types";
import { picture } from "../live/picture.svelte";
import { replay } from "../time/replay.svelte";
import { alerts, slotOf } from "../views/alerts/alerts.svelte";

export const VIEWS = ["map", "alerts"] as const;
export type View = (typeof VIEWS)[number];
export type Tab = "detail" | "tracks" | "devices";
/** Whether an alert is looked at as it is now, or as it stood at the replayed second. */
export type AlertFrom = "live" | "then";

export const isView = (text: string): text is View => (VIEWS as readonly string[]).includes(text);

class Selection {
  alert = $state<string | undefined>(undefined);
  /** Which form of the alert was chosen; outside a replay there is one only. */
  #from = $state<AlertFrom>("live");
  track = $state<number | undefined>(undefined);
  /** What the detail shows when both are chosen. */
  shows = $state<"alert" | "track">("alert");
  view = $state<View>("map");
  tab = $state<Tab>("detail");
  hovered = $state<number | undefined>(undefined);
  /** Where the map should go next; `at` makes each wish a new one. */
  goTo = $state<{ lon_deg: number; lat_deg: number; area: string | null; at: number } | undefined>(undefined);

  get alertFrom(): AlertFrom {
    return replay.isOn ? this.#from : "live";
  }

  /** The chosen alert in the chosen form, `undefined` where there was none yet. */
  get alertShown(): Alert | undefined {
    if (this.alert === undefined) return undefined;
    return this.alertFrom === "then" ? replay.alerts.get(this.alert) : alerts.all.get(this.alert);
  }

  openAlert(id: string, from: AlertFrom = "live"): void {
    const alert = (from === "then" ? replay.alerts.get(id) : undefined) ?? alerts.all.get(id);
    // The past may still be on its way; the present is known.
    if (!alert && from === "live") return;
    this.alert = id;
    this.#from = from;
    this.shows = "alert";
    this.tab = "detail";
    if (!alert) return;
    this.#chooseTrack(slotOf(alert.track));
    if (alert.lat_deg !== null && alert.lon_deg !== null) this.look(alert.lon_deg, alert.lat_deg, alert.area);
  }

  openTrack(slot: number, look = false): void {
    this.shows = "track";
    this.tab = "detail";
    this.#chooseTrack(slot);
    const line = look ? picture.line(slot) : undefined;
    if (line) this.look(line.lon_deg, line.lat_deg);
  }

  /** Brings a place into view, close enough for its area to be told apart. */
  look(lon_deg: number, lat_deg: number, area: string | null = null): void {
    this.goTo = { lon_deg, lat_deg, area, at: performance.now() };
  }

  /** Takes on what another screen of this browser chose. */
  follow(chosen: { alert: string | undefined; track: number | undefined; shows: "alert" | "track" }): void {
    this.alert = chosen.alert;
    this.shows = chosen.shows;
    if (this.alert !== undefined || chosen.track !== undefined) this.tab = "detail";
    this.#chooseTrack(chosen.track);
    const place = (chosen.shows === "alert" ? this.alertShown : undefined) ?? (chosen.track === undefined ? undefined : picture.line(chosen.track));
    if (place && place.lat_deg !== null && place.lon_deg !== null) this.look(place.lon_deg, place.lat_deg);
  }

  clear(): void {
    this.alert = undefined;
    this.#chooseTrack(undefined);
  }

  #chooseTrack(slot: number | undefined): void {
    this.track = slot;
    picture.select(slot ?? null);
  }
}

export const selection = new Selection();
