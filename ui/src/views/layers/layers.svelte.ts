/** What the map shows besides the tracks, and how strongly; kept by this browser. */

export const LAYERS = ["base", "graticule", "areas", "lines", "sensors", "trails", "labels"] as const;
export type LayerName = (typeof LAYERS)[number];
export type Grid = "degrees" | "mgrs";

interface Layer {
  visible: boolean;
  /** 0 to 1. */
  opacity: number;
}

const STORE = "picket.layers";
/** A layer that is on can still be seen. */
export const OPACITY_MIN = 0.1;

class Layers {
  #all = $state<Record<LayerName, Layer>>(atFirst());
  grid = $state<Grid>("degrees");

  constructor() {
    this.#read();
  }

  get(name: LayerName): Readonly<Layer> {
    return this.#all[name];
  }

  /** How strongly it is drawn now: 0 for a hidden one. */
  alpha(name: LayerName): number {
    const { visible, opacity } = this.#all[name];
    return visible ? opacity : 0;
  }

  toggle(name: LayerName, visible = !this.#all[name].visible): void {
    this.#all[name].visible = visible;
    this.#keep();
  }

  fade(name: LayerName, opacity: number): void {
    this.#all[name].opacity = Math.max(OPACITY_MIN, Math.min(1, opacity));
    this.#keep();
  }

  setGrid(grid: Grid): void {
    this.grid = grid;
    this.#keep();
  }

  #keep(): void {
    localStorage.setItem(STORE, JSON.stringify({ layers: this.#all, grid: this.grid }));
  }

  #read(): void {
    if (typeof localStorage === "undefined") return;
    try {
      const found = JSON.parse(localStorage.getItem(STORE) ?? "{}") as { layers?: Partial<Record<LayerName, Partial<Layer>>>; grid?: unknown };
      for (const name of LAYERS) {
        const { visible, opacity } = found.layers?.[name] ?? {};
        if (typeof visible === "boolean") this.#all[name].visible = visible;
        if (typeof opacity === "number" && opacity >= OPACITY_MIN && opacity <= 1) this.#all[name].opacity = opacity;
      }
      if (found.grid === "mgrs") this.grid = "mgrs";
    } catch {
      // What another version stored is no reason to show no map.
    }
  }
}

function atFirst(): Record<LayerName, Layer> {
  const each = Object.fromEntries(LAYERS.map((name) => [name, { visible: name !== "graticule", opacity: 1 }]));
  return each as Record<LayerName, Layer>;
}

export const layers = new Layers();
