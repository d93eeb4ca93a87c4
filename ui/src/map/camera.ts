/** Where the map looks: north up, flat, in Mercator units and CSS pixels. */
import { latitude, longitude, mercatorX, mercatorY } from "../live/instances";

export interface Camera {
  /** Middle of the view, Mercator units. */
  x: number;
  y: number;
  /** Width of the world, CSS pixels. */
  scale: number;
  /** Size of the view, CSS pixels. */
  width: number;
  height: number;
}

/** World width in pixels at zoom 0, as MapLibre counts it. */
const TILE_PX = 512;

export const scaleOf = (zoom: number): number => TILE_PX * 2 ** zoom;
export const zoomOf = (scale: number): number => Math.log2(scale / TILE_PX);

/** Pixel of a Mercator point; the copy of the world nearest the middle. */
export function toPixel(camera: Camera, x: number, y: number): [number, number] {
  let dx = x - camera.x;
  dx -= Math.round(dx);
  return [camera.width / 2 + dx * camera.scale, camera.height / 2 + (y - camera.y) * camera.scale];
}

export const lonLatToPixel = (camera: Camera, lon_deg: number, lat_deg: number): [number, number] =>
  toPixel(camera, mercatorX(lon_deg), mercatorY(lat_deg));

/** Longitude and latitude under a pixel, degrees. */
export function toLonLat(camera: Camera, px: number, py: number): [number, number] {
  const x = camera.x + (px - camera.width / 2) / camera.scale;
  const y = camera.y + (py - camera.height / 2) / camera.scale;
  return [longitude(x - Math.floor(x)), latitude(y)];
}

/** `[west, south, east, north]` of the view grown by `margin` (0.5 = half a view on each side). */
export function boxOf(camera: Camera, margin: number): [number, number, number, number] {
  const w = (camera.width * (0.5 + margin)) / camera.scale;
  const h = (camera.height * (0.5 + margin)) / camera.scale;
  if (w >= 0.5) return [-180, latitude(Math.min(1, camera.y + h)), 180, latitude(Math.max(0, camera.y - h))];
  return [
    longitude(camera.x - w),
    latitude(Math.min(1, camera.y + h)),
    longitude(camera.x + w),
    latitude(Math.max(0, camera.y - h)),
  ];
}

export const isInside = (camera: Camera, px: number, py: number, margin_px: number): boolean =>
  px > -margin_px && py > -margin_px && px < camera.width + margin_px && py < camera.height + margin_px;

/** An area fills this share of the view when the map goes to it. */
const FILL = 0.35;
/** The map goes no nearer by itself. */
const ZOOM_MAX = 17;

/** The zoom at which a polygon fills its share of the view. */
export function zoomFor(camera: Camera, polygon: readonly (readonly [number, number])[]): number {
  const xs = polygon.map(([lon]) => mercatorX(lon));
  const ys = polygon.map(([, lat]) => mercatorY(lat));
  const width = Math.max(1e-9, Math.max(...xs) - Math.min(...xs));
  const height = Math.max(1e-9, Math.max(...ys) - Math.min(...ys));
  return Math.min(ZOOM_MAX, zoomOf(FILL * Math.min(camera.width / width, camera.height / height)));
}
