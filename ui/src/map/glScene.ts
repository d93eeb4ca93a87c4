/** The map on WebGL2: MapLibre draws base and areas, our layer the tracks. */
import maplibregl from "maplibre-gl/dist/maplibre-gl-csp.js";
import type { GeoJSONSource, MapMouseEvent } from "maplibre-gl";
import workerUrl from "maplibre-gl/dist/maplibre-gl-csp-worker.js?url";
import { Protocol } from "pmtiles";
import type { Area, Severity } from "../api/types";
import { mercatorX, mercatorY } from "../live/instances";
import { metered } from "../live/meter";
import type { Atlas } from "./atlas";
import { baseStyle, world } from "./base";
import { type Camera, scaleOf } from "./camera";
import { palette, severityInk, severityTone } from "./palette";
import { FrameMeter } from "./renderer";
import { FRAME_MS, type MapScene, SLOW_FRAME_MS, type SceneEvents } from "./scene";
import { TrackCanvas } from "./trackCanvas";
import { TrackLayer, type TrackScene } from "./trackLayer";

const protocol = new Protocol();
protocol.add(world);
maplibregl.addProtocol("pmtiles", protocol.tile);
maplibregl.setWorkerUrl(workerUrl);

/** Drawing without a graphics card may take this share of the time; lists and acts have the rest. */
const DRAW_SHARE = 0.1;
/** Without a graphics card a motion smaller than this is not worth a frame, CSS pixels. */
const STILL_PX = 1;
/** However busy the machine is, the picture moves this often, ms. */
const REDRAW_MS_MAX = 3_000;

const NOTHING = { type: "FeatureCollection" as const, features: [] };

export interface GlOptions {
  container: HTMLElement;
  home: { lon_deg: number; lat_deg: number; zoom: number };
  isSoftware: boolean;
  /** Keeps to the graphics card however slow it is: for measuring. */
  isForced: boolean;
  isCalm: boolean;
  tracks: Omit<TrackScene, "camera" | "pulse">;
  atlas: Atlas;
  events: SceneEvents;
}

export async function openGlScene(options: GlOptions): Promise<MapScene> {
  const { container, home, events } = options;
  const map = new maplibregl.Map({
    container,
    style: baseStyle(),
    center: [home.lon_deg, home.lat_deg],
    zoom: home.zoom,
    minZoom: 1,
    maxZoom: 20,
    attributionControl: false,
    dragRotate: false,
    pitchWithRotate: false,
    touchPitch: false,
    rollEnabled: false,
    // Our keys do this, the same on every map.
    keyboard: false,
    fadeDuration: 0,
    pixelRatio: options.isSoftware ? 1 : Math.min(2, window.devicePixelRatio),
  });
  map.touchZoomRotate.disableRotation();

  let isSlow = options.isSoftware;
  const camera = (): Camera => {
    const { lng, lat } = map.getCenter();
    return {
      x: mercatorX(lng),
      y: mercatorY(lat),
      scale: scaleOf(map.getZoom()),
      width: container.clientWidth,
      height: container.clientHeight,
    };
  };
  const pulse = () => (isSlow || options.isCalm ? -1 : (performance.now() % 1000) / 1000);
  await new Promise<void>((resolve) => map.once("style.load", () => resolve()));
  addAreas(map);
  let atlas = options.atlas;
  const newLayer = () => new TrackLayer({ ...options.tracks, camera, pulse }, atlas);
  const newCanvas = () => new TrackCanvas(container, { ...options.tracks, camera }, atlas);
  const layer = newLayer();
  let apart: TrackCanvas | undefined;
  if (isSlow) apart = newCanvas();
  else map.addLayer(layer);
  /** Takes the tracks off the base, which then stands still between moves. */
  const goSlow = () => {
    isSlow = true;
    map.removeLayer("tracks");
    apart = newCanvas();
  };

  const { tracks } = options.tracks;
  let areas: readonly Area[] = [];
  let alerting: ReadonlyMap<string, Severity> = new Map();
  const meter = new FrameMeter();
  let timer: ReturnType<typeof setTimeout> | undefined;
  let drawn = { at_ms: 0, look: -1 };
  const isStill = () => {
    const moved_px = ((performance.now() - drawn.at_ms) / 1000) * tracks().fastest() * camera().scale;
    return drawn.look === tracks().lookVersion && moved_px < STILL_PX;
  };
  const afterFrame = () => {
    if (apart) metered("picket.draw", () => apart?.draw());
    drawn = { at_ms: performance.now(), look: tracks().lookVersion };
    events.drawn();
  };
  const redraw = () => (apart ? afterFrame() : map.triggerRepaint());
  const beat = () => {
    if (isSlow && isStill()) {
      timer = setTimeout(beat, SLOW_FRAME_MS);
      return;
    }
    const began_ms = performance.now();
    redraw();
    // The frame after this one can begin only when this one is done: that gap is its cost.
    requestAnimationFrame(() =>
      requestAnimationFrame(() => {
        const cost_ms = performance.now() - began_ms;
        if (!isSlow && !options.isForced && !document.hidden && meter.add(cost_ms / 2)) goSlow();
        // On a busy machine the picture waits, not the person: see DRAW_SHARE.
        const slow_ms = Math.min(REDRAW_MS_MAX, Math.max(SLOW_FRAME_MS, cost_ms / DRAW_SHARE));
        timer = setTimeout(beat, isSlow ? slow_ms : FRAME_MS);
      }),
    );
  };
  map.on("render", afterFrame);
  beat();
  map.on("moveend", () => events.rested());
  map.on("click", (event: MapMouseEvent) => events.pressed(event.point.x, event.point.y));
  map.on("mousemove", (event: MapMouseEvent) => events.pointed({ px: event.point.x, py: event.point.y }));
  map.on("mouseout", () => events.pointed(undefined));
  map.on("dragstart", () => events.grabbed());
  map.getCanvas().setAttribute("tabindex", "-1");
  map.getCanvas().setAttribute("aria-hidden", "true");

  const glide = () => (isSlow || options.isCalm ? 0 : 400);
  return {
    get isSlow() {
      return isSlow;
    },
    camera,
    lookAt(lon_deg, lat_deg, zoom) {
      map.easeTo({ center: [lon_deg, lat_deg], ...(zoom === undefined ? {} : { zoom }), duration: glide() });
    },
    zoomBy: (steps) => void map.easeTo({ zoom: map.getZoom() + steps, duration: glide() / 2 }),
    panBy: (dx, dy) => void map.panBy([dx, dy], { duration: glide() / 2 }),
    setAreas(next, severities, alpha) {
      areas = alpha > 0 ? next : [];
      alerting = severities;
      source(map, "areas")?.setData(areaFeatures(areas, alerting));
      map.setPaintProperty("area-fill", "fill-opacity", ["*", ["get", "fill"], alpha]);
      map.setPaintProperty("area-line", "line-opacity", alpha);
    },
    setBase(alpha) {
      for (const [layer, property, most] of BASE_OPACITY) map.setPaintProperty(layer, property, most * alpha);
    },
    setTool(isDrawing) {
      if (isDrawing) map.doubleClickZoom.disable();
      else map.doubleClickZoom.enable();
    },
    retheme(next) {
      atlas = next;
      repaint(map);
      source(map, "areas")?.setData(areaFeatures(areas, alerting));
      if (apart) apart.restyle(atlas);
      else layer.restyle(map.painter.context.gl as WebGL2RenderingContext, atlas);
      map.triggerRepaint();
    },
    redraw,
    withFrame(use) {
      // After our own listener, which has drawn the tracks and the overlay.
      map.once("render", () => use());
      map.triggerRepaint();
    },
    destroy() {
      clearTimeout(timer);
      apart?.destroy();
      map.remove();
    },
  };
}

/** What of the base fades, and how strong it is at most. */
const BASE_OPACITY = [
  ["land", "fill-opacity", 1],
  ["coast", "line-opacity", 1],
  ["borders", "line-opacity", 0.7],
  ["places", "text-opacity", 1],
] as const;

type GlMap = InstanceType<typeof maplibregl.Map>;

const source = (map: GlMap, id: string): GeoJSONSource | undefined => map.getSource<GeoJSONSource>(id);

/** Gives the base's layers the colours of the palette as it is now. */
function repaint(map: GlMap): void {
  for (const layer of baseStyle().layers) {
    for (const [name, value] of Object.entries(layer.paint ?? {})) map.setPaintProperty(layer.id, name, value);
  }
}

function addAreas(map: GlMap): void {
  map.addSource("areas", { type: "geojson", data: NOTHING });
  map.addLayer({
    id: "area-fill",
    type: "fill",
    source: "areas",
    paint: { "fill-color": ["get", "tone"], "fill-opacity": ["get", "fill"] },
  });
  map.addLayer({
    id: "area-line",
    type: "line",
    source: "areas",
    paint: { "line-color": ["get", "edge"], "line-width": ["get", "width"], "line-dasharray": [5, 2.5] },
  });
}

function areaFeatures(areas: readonly Area[], alerting: ReadonlyMap<string, Severity>) {
  return {
    type: "FeatureCollection" as const,
    features: areas.map((area) => {
      const severity = alerting.get(area.name);
      const ring = [...area.polygon];
      if (ring[0]) ring.push(ring[0]);
      return {
        type: "Feature" as const,
        properties: {
          tone: severity ? severityTone(severity) : palette.fg3,
          // On a light ground a light colour is a fill only; the outline is as dark as a shape's rim.
          edge: severity ? severityInk(severity) : palette.fg3,
          fill: !severity ? 0.07 : palette.rim === palette.fg ? 0.25 : 0.06,
          width: severity ? 2 : 1.2,
        },
        geometry: { type: "Polygon" as const, coordinates: [ring] },
      };
    }),
  };
}
