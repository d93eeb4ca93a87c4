/** What the person looks at: one track or one alert, the view and the lower panel. */
import { picture } from "../live/picture.svelte";
import { alerts, slotOf } from "../views/alerts/alerts.svelte";

export type View = "map" | "alerts";
export type Tab = "detail" | "tracks" | "devices";

class Selection {
  alert = $state<string | undefined>(undefined);
  track = $state<number | undefined>(undefined);
  /** What the detail shows when both are chosen. */
  shows = $state<"alert" | "track">("alert");
  view = $state<View>("map");
  tab = $state<Tab>("detail");
  hovered = $state<number | undefined>(undefined);
  /** Where the map should go next; `at` makes each wish a new one. */
  goTo = $state<{ lon_deg: number; lat_deg: number; area: string | null; at: number } | undefined>(undefined);

  openAlert(id: string): void {
    const alert = alerts.all.get(id);
    if (!alert) return;
    this.alert = id;
    this.shows = "alert";
    this.tab = "detail";
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
