/** The way to the mounted map for keys and lists that are not inside it. */
import { type Camera, isInside, lonLatToPixel } from "./camera";
import type { MapScene } from "./scene";

/** A frame that takes longer is not waited for: a hidden window draws none, ms. */
const FRAME_MS_MAX = 2_500;

class MapControl {
  scene: MapScene | undefined;
  /** The canvases that make up the map, lowest first; set by the pane. */
  layers: () => HTMLCanvasElement[] = () => [];
  readonly #listeners = new Set<() => void>();

  /** Tells those who list what is in view that the view is another. */
  moved(): void {
    for (const listener of this.#listeners) listener();
  }

  /** The map as it is on the screen, `undefined` when there is none or it does not draw. */
  capture(): Promise<HTMLCanvasElement | undefined> {
    const { scene } = this;
    if (!scene) return Promise.resolve(undefined);
    return new Promise((resolve) => {
      setTimeout(() => resolve(undefined), FRAME_MS_MAX);
      scene.withFrame(() => resolve(this.#copy(scene.camera())));
    });
  }

  #copy({ width, height }: Camera): HTMLCanvasElement | undefined {
    const copy = document.createElement("canvas");
    const ratio = Math.min(2, window.devicePixelRatio);
    copy.width = Math.round(width * ratio);
    copy.height = Math.round(height * ratio);
    const context = copy.getContext("2d");
    if (!context) return undefined;
    for (const layer of this.layers()) context.drawImage(layer, 0, 0, copy.width, copy.height);
    return copy;
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
