/**
 * The tracks on a 2D canvas of their own above the base, for a machine without
 * a graphics card: the base, which is what costs, stands still between moves,
 * and the tracks are copies of atlas cells.
 */
import type { Atlas } from "./atlas";
import type { Camera } from "./camera";
import { FlatAtlas, type FlatTracks, drawFlatTracks } from "./flatTracks";

export class TrackCanvas {
  readonly #canvas = document.createElement("canvas");
  #symbols: FlatAtlas;

  constructor(
    readonly container: HTMLElement,
    readonly scene: FlatTracks & { camera(): Camera },
    atlas: Atlas,
  ) {
    this.#symbols = new FlatAtlas(atlas);
    this.#canvas.className = "track-canvas";
    this.#canvas.setAttribute("aria-hidden", "true");
    container.append(this.#canvas);
  }

  draw(): void {
    const [width, height] = [this.container.clientWidth, this.container.clientHeight];
    if (this.#canvas.width !== width) this.#canvas.width = width;
    if (this.#canvas.height !== height) this.#canvas.height = height;
    const context = this.#canvas.getContext("2d");
    if (!context) return;
    context.clearRect(0, 0, width, height);
    drawFlatTracks(context, this.scene.camera(), this.scene, this.#symbols);
  }

  restyle(atlas: Atlas): void {
    this.#symbols = new FlatAtlas(atlas);
  }

  destroy(): void {
    this.#canvas.remove();
  }
}
