/**
 * The track layer on a canvas of its own above the base. Without a graphics
 * card the base is what costs (a hundred draws of full tiles, the tracks are
 * five): so it stands still while the tracks move.
 */
import type { Atlas } from "./atlas";
import type { TrackLayer } from "./trackLayer";

export class TrackCanvas {
  readonly #canvas = document.createElement("canvas");
  readonly #gl: WebGL2RenderingContext;

  /** Throws when this browser gives no second WebGL2 context. */
  constructor(
    readonly container: HTMLElement,
    readonly layer: TrackLayer,
  ) {
    const gl = this.#canvas.getContext("webgl2", { alpha: true, premultipliedAlpha: true, antialias: false, depth: false });
    if (!gl) throw new Error("the browser gave no second WebGL2 context");
    this.#gl = gl;
    this.#canvas.className = "track-canvas";
    this.#canvas.setAttribute("aria-hidden", "true");
    container.append(this.#canvas);
    layer.onAdd(undefined, gl);
  }

  draw(): void {
    const [width, height] = [this.container.clientWidth, this.container.clientHeight];
    if (this.#canvas.width !== width) this.#canvas.width = width;
    if (this.#canvas.height !== height) this.#canvas.height = height;
    this.#gl.viewport(0, 0, width, height);
    this.#gl.clearColor(0, 0, 0, 0);
    this.#gl.clear(this.#gl.COLOR_BUFFER_BIT);
    this.layer.render(this.#gl);
  }

  restyle(atlas: Atlas): void {
    this.layer.restyle(this.#gl, atlas);
  }

  destroy(): void {
    this.layer.onRemove(undefined, this.#gl);
    this.#canvas.remove();
  }
}
