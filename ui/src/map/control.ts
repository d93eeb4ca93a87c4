/** The way to the mounted map for keys and lists that are not inside it. */
import { type Camera, isInside, lonLatToPixel } from "./camera";
import type { MapScene } from "./scene";

class MapControl {
  scene: MapScene | undefined;
  readonly #listeners = new Set<() => void>();

  /** Tells those who list what is in view that the view is another. */
  moved(): void {
    for (const listener of this.#listeners) listener();
  }

  onMoved(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** True for what the map shows now, and for everything while there is no map. */
  shows(lon_deg: number, lat_deg: number): boolean {
    const camera: Camera | undefined = this.scene?.camera();
    if (!camera) return true;
    const [x, y] = lonLatToPixel(camera, lon_deg, lat_deg);
    return isInside(camera, x, y, 0);
  }
}

export const mapControl = new MapControl();
