/**
 * The map without WebGL2: the same scene on a 2D canvas, twice a second.
 * The base is the land of the bundled map, decoded by `mvt.ts`.
 */
import type { Area, Severity } from "../api/types";
import { mercatorX, mercatorY } from "../live/instances";
import type { Atlas } from "./atlas";
import { world } from "./base";
import { type Camera, lonLatToPixel, scaleOf, zoomOf } from "./camera";
import { FlatAtlas, type FlatTracks, drawFlatTracks } from "./flatTracks";
import { type Ring, polygons } from "./mvt";
import { palette, severityInk } from "./palette";
import { type MapScene, SLOW_FRAME_MS, type SceneEvents } from "./scene";

export interface FlatOptions {
  container: HTMLElement;
  home: { lon_deg: number; lat_deg: number; zoom: number };
  tracks: FlatTracks;
  atlas: Atlas;
  events: SceneEvents;
}

/** The bundled map's last zoom. */
const TILE_ZOOM_MAX = 6;
/** Tiles kept; a view needs at most a dozen. */
const TILES_MAX = 64;

export function openFlatScene(options: FlatOptions): MapScene {
  const { container, events, home } = options;
  const canvas = document.createElement("canvas");
  canvas.className = "flat-map";
  container.append(canvas);
  const camera: Camera = {
    x: mercatorX(home.lon_deg),
    y: mercatorY(home.lat_deg),
    scale: scaleOf(home.zoom),
    width: container.clientWidth,
    height: container.clientHeight,
  };
  let symbols = new FlatAtlas(options.atlas);
  let areas: readonly Area[] = [];
  let areaAlpha = 1;
  let baseAlpha = 1;
  let alerting: ReadonlyMap<string, Severity> = new Map();
  const tiles = new Tiles(() => scene.redraw());
  let isAsked = false;

  const draw = () => {
    isAsked = false;
    camera.width = container.clientWidth;
    camera.height = container.clientHeight;
    if (canvas.width !== camera.width) canvas.width = camera.width;
    if (canvas.height !== camera.height) canvas.height = camera.height;
    const context = canvas.getContext("2d");
    if (!context) return;
    context.fillStyle = palette.water;
    context.fillRect(0, 0, camera.width, camera.height);
    context.globalAlpha = baseAlpha;
    if (baseAlpha > 0) tiles.draw(context, camera);
    context.globalAlpha = areaAlpha;
    if (areaAlpha > 0) drawAreas(context, camera, areas, alerting);
    context.globalAlpha = 1;
    drawFlatTracks(context, camera, options.tracks, symbols);
    events.drawn();
  };
  const timer = setInterval(draw, SLOW_FRAME_MS);
  const scene: MapScene = {
    isSlow: true,
    camera: () => camera,
    lookAt(lon_deg, lat_deg, zoom) {
      camera.x = mercatorX(lon_deg);
      camera.y = mercatorY(lat_deg);
      if (zoom !== undefined) camera.scale = scaleOf(zoom);
      settle();
    },
    zoomBy(steps) {
      camera.scale = scaleOf(Math.max(1, Math.min(20, zoomOf(camera.scale) + steps)));
      settle();
    },
    panBy(dx, dy) {
      camera.x += dx / camera.scale;
      camera.y = Math.max(0, Math.min(1, camera.y + dy / camera.scale));
      settle();
    },
    setAreas(next, severities, alpha) {
      areas = next;
      alerting = severities;
      areaAlpha = alpha;
      scene.redraw();
    },
    retheme(next) {
      symbols = new FlatAtlas(next);
      scene.redraw();
    },
    setBase(alpha) {
      baseAlpha = alpha;
      scene.redraw();
    },
    setTool: () => {},
    redraw() {
      if (isAsked) return;
      isAsked = true;
      requestAnimationFrame(draw);
    },
    withFrame(use) {
      draw();
      use();
    },
    destroy() {
      clearInterval(timer);
      canvas.remove();
    },
  };
  const settle = () => {
    scene.redraw();
    events.rested();
  };
  listen(canvas, scene, events);
  draw();
  return scene;
}

/** Drag to move, wheel to zoom, press to choose. */
function listen(canvas: HTMLCanvasElement, scene: MapScene, events: SceneEvents): void {
  let from: { px: number; py: number; moved: number } | undefined;
  canvas.addEventListener("pointerdown", (event) => {
    from = { px: event.clientX, py: event.clientY, moved: 0 };
    canvas.setPointerCapture(event.pointerId);
  });
  canvas.addEventListener("pointermove", (event) => {
    if (!from) return events.pointed({ px: event.offsetX, py: event.offsetY });
    const [dx, dy] = [event.clientX - from.px, event.clientY - from.py];
    from = { px: event.clientX, py: event.clientY, moved: from.moved + Math.hypot(dx, dy) };
    events.grabbed();
    scene.panBy(-dx, -dy);
  });
  canvas.addEventListener("pointerup", (event) => {
    if (from && from.moved < 4) events.pressed(event.offsetX, event.offsetY);
    from = undefined;
  });
  canvas.addEventListener("pointerleave", () => events.pointed(undefined));
  canvas.addEventListener(
    "wheel",
    (event) => {
      event.preventDefault();
      scene.zoomBy(event.deltaY > 0 ? -0.5 : 0.5);
    },
    { passive: false },
  );
}

function drawAreas(
  context: CanvasRenderingContext2D,
  camera: Camera,
  areas: readonly Area[],
  alerting: ReadonlyMap<string, Severity>,
): void {
  context.setLineDash([6, 3]);
  for (const area of areas) {
    const severity = alerting.get(area.name);
    context.beginPath();
    for (const [lon, lat] of area.polygon) context.lineTo(...lonLatToPixel(camera, lon, lat));
    context.closePath();
    context.strokeStyle = severity ? severityInk(severity) : palette.fg3;
    context.lineWidth = severity ? 2 : 1.2;
    context.stroke();
  }
  context.setLineDash([]);
}

/** Land of the tiles in view, decoded once each. */
class Tiles {
  readonly #land = new Map<string, Ring[] | "asked">();

  constructor(readonly arrived: () => void) {}

  draw(context: CanvasRenderingContext2D, camera: Camera): void {
    const z = Math.max(0, Math.min(TILE_ZOOM_MAX, Math.round(zoomOf(camera.scale))));
    const n = 2 ** z;
    const [w, h] = [camera.width / 2 / camera.scale, camera.height / 2 / camera.scale];
    const size = camera.scale / n;
    for (let ty = Math.max(0, Math.floor((camera.y - h) * n)); ty <= Math.min(n - 1, Math.floor((camera.y + h) * n)); ty += 1) {
      for (let tx = Math.floor((camera.x - w) * n); tx <= Math.floor((camera.x + w) * n); tx += 1) {
        const rings = this.#tile(z, ((tx % n) + n) % n, ty);
        const left = camera.width / 2 + (tx / n - camera.x) * camera.scale;
        const top = camera.height / 2 + (ty / n - camera.y) * camera.scale;
        drawRings(context, rings, left, top, size);
      }
    }
  }

  #tile(z: number, x: number, y: number): Ring[] {
    const key = `${z}/${x}/${y}`;
    const known = this.#land.get(key);
    if (known !== undefined) return known === "asked" ? [] : known;
    if (this.#land.size >= TILES_MAX) this.#land.clear();
    this.#land.set(key, "asked");
    world
      .getZxy(z, x, y)
      .then((tile) => {
        this.#land.set(key, tile ? polygons(new DataView(tile.data), "land") : []);
        this.arrived();
      })
      .catch(() => this.#land.set(key, []));
    return [];
  }
}

function drawRings(context: CanvasRenderingContext2D, rings: Ring[], left: number, top: number, size: number): void {
  context.save();
  context.beginPath();
  context.rect(left, top, size, size);
  context.clip();
  context.beginPath();
  for (const ring of rings) {
    ring.forEach(([x, y], index) => {
      const [px, py] = [left + x * size, top + y * size];
      if (index === 0) context.moveTo(px, py);
      else context.lineTo(px, py);
    });
    context.closePath();
  }
  context.fillStyle = palette.land;
  context.fill("evenodd");
  context.strokeStyle = palette.coast;
  context.lineWidth = 1;
  context.stroke();
  context.restore();
}
