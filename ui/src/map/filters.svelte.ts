/** The filter in force: what it hides, and the alerting tracks among that. */
import { untrack } from "svelte";
import { api } from "../api/client";
import { addAddressKey } from "../app/address";
import { selection } from "../app/selection.svelte";
import { AT, latitude, longitude } from "../live/instances";
import { FLAG } from "../live/decoder";
import { picture } from "../live/picture.svelte";
import { areas } from "../views/draw/areas.svelte";
import { mapControl } from "./control";
import { EVERYTHING, type Filter, filterText, isEverything, isShown, readFilter } from "./filter";

/** Sources are read again this often while a filter asks for them, ms. */
const SOURCES_EVERY_MS = 5_000;

class Filters {
  now = $state.raw<Filter>(EVERYTHING);
  /** Alerting tracks are shown although the filter would hide them. */
  sparesAlerting = $state(false);
  hidden = $state(0);
  hiddenAlerting = $state(0);
  /** Sources that the node named lately, for the list to choose from. */
  knownSources = $state.raw<readonly string[]>([]);
  #sources: ReadonlyMap<number, readonly string[]> = new Map();
  #hides = false;

  readonly isOn = $derived(!isEverything(this.now));

  set(part: Partial<Filter>): void {
    this.now = { ...this.now, ...part };
    if (isEverything(this.now)) this.sparesAlerting = false;
    this.apply();
  }

  clear(): void {
    this.set(EVERYTHING);
  }

  spareAlerting(spares: boolean): void {
    this.sparesAlerting = spares;
    this.apply();
  }

  /** Marks the rows anew; called as the picture changes. */
  apply(): void {
    if (!this.isOn && !this.#hides) return;
    const { tracks } = picture;
    const filter = this.now;
    const ring = filter.area === null ? undefined : areas.find(filter.area)?.polygon;
    const now_s = picture.drawTime_s();
    let hidden = 0;
    let alerting = 0;
    const isOther = tracks.markHidden((slot, row) => {
      if (!this.isOn || slot === selection.track) return false;
      const hasAlert = (tracks.value(row, AT.flags) & FLAG.severity) !== 0;
      const speed = tracks.value(row, AT.speed);
      const slow = picture.shown.attributes.get(slot);
      const shown = isShown(
        filter,
        {
          kind: slow?.kind ?? "unknown",
          affiliation: slow?.affiliation ?? "unknown",
          sources: this.#sources.get(slot),
          confidence: tracks.value(row, AT.confidence),
          speed_mps: speed < 0 ? null : speed,
          place: () => {
            const at = tracks.place(row, now_s);
            return [longitude(at.x), latitude(at.y)];
          },
          hasAlert,
        },
        ring,
      );
      if (shown) return false;
      if (hasAlert) {
        alerting += 1;
        if (this.sparesAlerting) return false;
      }
      hidden += 1;
      return true;
    });
    this.#hides = this.isOn;
    this.hidden = hidden;
    this.hiddenAlerting = this.sparesAlerting ? 0 : alerting;
    if (!isOther) return;
    // Who lists what is in view is told, and is no part of what this depends on.
    untrack(() => {
      mapControl.moved();
      mapControl.scene?.redraw();
    });
  }

  /** Reads who reports which track while `isWanted`; to be called in an effect. */
  followSources(isWanted: boolean): () => void {
    if (!isWanted) return () => {};
    const read = () => void this.#readSources().catch(() => {});
    read();
    const timer = setInterval(read, SOURCES_EVERY_MS);
    return () => clearInterval(timer);
  }

  async #readSources(): Promise<void> {
    const { tracks } = await api.tracks();
    const found = new Map<number, readonly string[]>();
    const names = new Set<string>();
    for (const { slot, sources } of tracks) {
      const of = sources.flatMap(({ author, via }) => (via === undefined || via === author ? [author] : [author, via]));
      found.set(slot, of);
      for (const name of of) names.add(name);
    }
    this.#sources = found;
    this.knownSources = [...names].sort((a, b) => a.localeCompare(b));
    this.apply();
  }
}

export const filters = new Filters();

addAddressKey({
  key: "filter",
  write: () => filterText(filters.now) || undefined,
  read: (text) => filters.set(readFilter(text)),
});
