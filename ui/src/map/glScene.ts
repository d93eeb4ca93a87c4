/** The map on WebGL2: MapLibre draws base, areas and trail, our layer the tracks. */
import maplibregl from "maplibre-gl/dist/maplibre-gl-csp.js";
import type { GeoJSONSource, MapMouseEvent } from "maplibre-gl";
import workerUrl from "maplibre-gl/dist/maplibre-gl-csp-worker.js?url";
import { Protocol } from "pmtiles";
import type { Area, LonLat, Severity } from "../api/types";
import { mercatorX, mercatorY } from "../live/instances";
import type { Atlas } from "./atlas";
import { baseStyle, world } from "./base";
import { type Camera, scaleOf } from "./camera";
import { palette } from "./palette";
import { FrameMeter } from "./renderer";
import { FRAME_MS, type MapScene, SLOW_FRAME_MS, type SceneEvents } from "./scene";
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
const LINE_TONE: Record<Severity, string> = {
  critical: palette.crit,
  serious: palette.ser,
  caution: palette.cau,
  information: palette.std,
};

export interface GlOptions {
  container: HTMLElement;
  home: { lon_deg: number; lat_deg: number; zoom: number };
  isSoftware: boolean;
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
  map.addLayer(new TrackLayer({ ...options.tracks, camera, pulse }, options.atlas));

  const meter = new FrameMeter();
  let asked_ms = 0;
  let timer: ReturnType<typeof setTimeout> | undefined;
  let drawn = { at_ms: 0, look: -1 };
  const { tracks } = options.tracks;
  const isStill = () => {
    const moved_px = ((performance.now() - drawn.at_ms) / 1000) * tracks.fastest() * camera().scale;
    return drawn.look === tracks.lookVersion && moved_px < STILL_PX;
  };
  const ask = () => {
    if (isSlow && isStill()) {
      timer = setTimeout(ask, SLOW_FRAME_MS);
      return;
    }
    asked_ms = performance.now();
    map.triggerRepaint();
  };
  map.on("render", () => {
    events.drawn();
    drawn = { at_ms: performance.now(), look: tracks.lookVersion };
    if (asked_ms === 0) return;
    // A second frame can begin only when the first is done: that gap is its cost.
    const began = asked_ms;
    asked_ms = 0;
    requestAnimationFrame(() => {
      const cost_ms = performance.now() - began;
      if (!document.hidden && meter.add(cost_ms)) isSlow = true;
      // On a busy machine the picture waits, not the person: see DRAW_SHARE.
      const slow_ms = Math.min(REDRAW_MS_MAX, Math.max(SLOW_FRAME_MS, cost_ms / DRAW_SHARE));
      timer = setTimeout(ask, isSlow ? slow_ms : FRAME_MS);
    });
  });
  ask();
  map.on("moveend", () => events.rested());
  map.on("click", (event: MapMouseEvent) => events.pressed(event.point.x, event.point.y));
  map.on("mousemove", (event: MapMouseEvent) => events.pointed({ px: event.point.x, py: event.point.y }));
  map.on("mouseout", () => events.pointed(undefined));
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
    setAreas: (areas, alerting) => source(map, "areas")?.setData(areaFeatures(areas, alerting)),
    setTrail: (points) => source(map, "trail")?.setData(trailFeature(points)),
    redraw: () => map.triggerRepaint(),
    destroy() {
      clearTimeout(timer);
      map.remove();
    },
  };
}

type GlMap = InstanceType<typeof maplibregl.Map>;

const source = (map: GlMap, id: string): GeoJSONSource | undefined => map.getSource<GeoJSONSource>(id);

function addAreas(map: GlMap): void {
  map.addSource("areas", { type: "geojson", data: NOTHING });
  map.addSource("trail", { type: "geojson", data: NOTHING, lineMetrics: true });
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
    paint: { "line-color": ["get", "tone"], "line-width": ["get", "width"], "line-dasharray": [5, 2.5] },
  });
  map.addLayer({
    id: "trail",
    type: "line",
    source: "trail",
    layout: { "line-cap": "round", "line-join": "round" },
    paint: {
      "line-width": 2,
      "line-gradient": ["interpolate", ["linear"], ["line-progress"], 0, "rgba(77,163,255,0)", 1, palette.act],
    },
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
          tone: severity ? LINE_TONE[severity] : palette.fg3,
          fill: severity ? 0.06 : 0.07,
          width: severity ? 2 : 1.2,
        },
        geometry: { type: "Polygon" as const, coordinates: [ring] },
      };
    }),
  };
}

function trailFeature(points: readonly LonLat[]) {
  if (points.length < 2) return NOTHING;
  return {
    type: "Feature" as const,
    properties: {},
    geometry: { type: "LineString" as const, coordinates: [...points] },
  };
}
