/** What draws here: a graphics card, a processor that plays one, or nothing. */

export type Renderer = "hardware" | "software" | "forced" | "none";

const SOFTWARE = /swiftshader|llvmpipe|softpipe|basic render|software/i;
/** A frame that takes longer, on average, is drawn as software is: twice a second, ms. */
const SLOW_FRAME_MS = 50;
const FRAMES_MEASURED = 12;

/** Asks a throw-away context; for tests `?renderer=none` pretends there is none, `?renderer=gl` that it is quick. */
export function findRenderer(query: string): Renderer {
  const wish = new URLSearchParams(query).get("renderer");
  if (wish === "none") return "none";
  const gl = document.createElement("canvas").getContext("webgl2");
  if (!gl) return "none";
  if (wish === "gl") return "forced";
  const info = gl.getExtension("WEBGL_debug_renderer_info");
  const name = String(gl.getParameter(info ? info.UNMASKED_RENDERER_WEBGL : gl.RENDERER));
  gl.getExtension("WEBGL_lose_context")?.loseContext();
  return SOFTWARE.test(name) ? "software" : "hardware";
}

/** Watches how long frames take and says once that they are slow. */
export class FrameMeter {
  #times: number[] = [];

  /** True when the mean of the last frames is over the bound. */
  add(frame_ms: number): boolean {
    this.#times.push(frame_ms);
    if (this.#times.length < FRAMES_MEASURED) return false;
    if (this.#times.length > FRAMES_MEASURED) this.#times.shift();
    return this.#times.reduce((sum, ms) => sum + ms, 0) / this.#times.length > SLOW_FRAME_MS;
  }
}
