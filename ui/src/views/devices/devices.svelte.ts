/** Feeds and sensors, by name. */
import { SvelteMap } from "svelte/reactivity";
import { api } from "../../api/client";
import type { Device, DeviceState } from "../../api/types";

const RANK: Record<DeviceState, number> = { lost: 0, late: 1, live: 2 };

class Devices {
  readonly all = new SvelteMap<string, Device>();
  /** What needs a look first, then feeds, then by name. */
  readonly sorted = $derived(
    [...this.all.values()].sort(
      (a, b) => RANK[a.state] - RANK[b.state] || a.kind.localeCompare(b.kind) || a.name.localeCompare(b.name),
    ),
  );
  readonly unwell = $derived(this.sorted.filter((device) => device.state !== "live").length);

  take(device: Device): void {
    this.all.set(device.name, device);
  }

  clear(): void {
    this.all.clear();
  }

  async load(): Promise<void> {
    const { devices } = await api.devices();
    for (const device of devices) this.all.set(device.name, device);
  }
}

export const devices = new Devices();
